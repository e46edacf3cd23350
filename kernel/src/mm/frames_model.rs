//! The frame allocator beside a model of it that is too simple to be wrong: every answer is the same,
//! whatever is asked in whatever order.

use proptest::{collection::vec, prelude::*};
use stele_bootinfo::{Region, RegionKind};

use super::frames::{FRAME_SIZE, FrameAllocator, FrameError, FrameStatistics, storage_words};

/// Frames in the model's world.
const FRAMES: u64 = 300;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    Free,
    Used,
    Reserved,
}

/// What anybody would write who need not be fast: one state a frame.
struct Model(Vec<State>);

impl Model {
    fn run(&self, first: u64, count: u64) -> Option<&[State]> {
        let end = first.checked_add(count)?;
        self.0.get(first as usize..end as usize)
    }

    fn find(&self, count: u64, alignment: u64) -> Option<u64> {
        (0..=FRAMES).step_by(alignment as usize).find(|first| {
            let run = self.run(*first, count);
            run.is_some_and(|run| run.iter().all(|state| *state == State::Free))
        })
    }

    fn fill(&mut self, first: u64, count: u64, state: State) {
        self.0[first as usize..(first + count) as usize].fill(state);
    }

    fn first(&self, first: u64, count: u64, wrong: impl Fn(State) -> bool) -> Option<u64> {
        let run = self.run(first, count)?;
        let at = run.iter().position(|state| wrong(*state))?;
        Some((first + at as u64) * FRAME_SIZE)
    }

    fn statistics(&self) -> FrameStatistics {
        let count = |wanted: fn(State) -> bool| {
            self.0.iter().filter(|state| wanted(**state)).count() as u64
        };
        let runs = self.0.split(|state| *state != State::Free);
        FrameStatistics {
            usable: count(|state| state != State::Reserved),
            free: count(|state| state == State::Free),
            longest: runs.map(<[State]>::len).max().unwrap_or(0) as u64,
        }
    }
}

#[derive(Clone, Copy, Debug)]
enum Action {
    Allocate { count: u64, alignment: u64 },
    Free { first: u64, count: u64 },
    Reserve { first: u64, count: u64 },
    Reclaim { first: u64, count: u64 },
}

fn action() -> impl Strategy<Value = Action> {
    // Beyond the last frame, too, and of no length.
    let range = || (0..FRAMES + 3, prop_oneof![0..4_u64, 0..FRAMES]);
    prop_oneof![
        4 => (prop_oneof![0..10_u64, 0..FRAMES], 0..9_u32).prop_map(|(count, power)| {
            Action::Allocate { count, alignment: 1 << power }
        }),
        4 => range().prop_map(|(first, count)| Action::Free { first, count }),
        1 => range().prop_map(|(first, count)| Action::Reserve { first, count }),
        1 => range().prop_map(|(first, count)| Action::Reclaim { first, count }),
    ]
}

const fn region(first: u64, end: u64, kind: RegionKind) -> Region {
    Region {
        start: first * FRAME_SIZE,
        length: (end - first) * FRAME_SIZE,
        kind,
        reserved: 0,
    }
}

/// Regions of every kind, in order.
fn regions(kinds: &[(u64, u8)]) -> Vec<Region> {
    let mut at = 0;
    let mut regions = Vec::new();
    for (length, kind) in kinds {
        let end = (at + length).min(FRAMES);
        let kind = match kind {
            0 => RegionKind::Kernel,
            1 => RegionKind::Reserved,
            2 => RegionKind::AcpiTables,
            3 => RegionKind::Device,
            4 => RegionKind::FirmwareData,
            _ => RegionKind::Usable,
        };
        if at < end {
            regions.push(region(at, end, kind));
        }
        at = end;
    }
    // The last frame is RAM, so that all frames are within the allocator's sight.
    regions.push(region(at, FRAMES + 1, RegionKind::FirmwareData));
    regions
}

fn range_error(first: u64, count: u64) -> Option<FrameError> {
    let address = first * FRAME_SIZE;
    if count == 0 {
        Some(FrameError::NoFrames)
    } else if first == 0 || first + count > FRAMES + 1 {
        Some(FrameError::OutOfRange(address))
    } else {
        None
    }
}

proptest! {
    #[test]
    fn every_answer_is_the_models(
        kinds in vec((1..80_u64, 0..12_u8), 1..12),
        actions in vec(action(), 1..60),
    ) {
        let regions = regions(&kinds);
        let mut storage = vec![0; storage_words(&regions)];
        let mut frames = FrameAllocator::new(&regions, &mut storage);
        let mut model = Model(vec![State::Reserved; FRAMES as usize + 1]);
        for region in regions.iter().filter(|region| region.kind == RegionKind::Usable) {
            let first = region.start / FRAME_SIZE;
            model.fill(first, region.length / FRAME_SIZE, State::Free);
        }
        model.0[0] = State::Reserved;
        for action in actions {
            match action {
                Action::Allocate { count, alignment } => {
                    let expected = if count == 0 {
                        Err(FrameError::NoFrames)
                    } else if let Some(first) = model.find(count, alignment) {
                        model.fill(first, count, State::Used);
                        Ok(first * FRAME_SIZE)
                    } else {
                        let FrameStatistics { free, longest, .. } = model.statistics();
                        let alignment = alignment * FRAME_SIZE;
                        Err(FrameError::Exhausted { asked: count, alignment, free, longest })
                    };
                    let alignment = alignment * FRAME_SIZE;
                    prop_assert_eq!(frames.allocate(count, alignment), expected);
                }
                Action::Free { first, count } => {
                    let reserved = model.first(first, count, |at| at == State::Reserved);
                    let free = model.first(first, count, |at| at == State::Free);
                    let wrong = range_error(first, count)
                        .or(reserved.map(FrameError::Reserved))
                        .or(free.map(FrameError::AlreadyFree));
                    let answer = frames.free(first * FRAME_SIZE, count);
                    prop_assert_eq!(answer, wrong.map_or(Ok(()), Err));
                    if wrong.is_none() {
                        model.fill(first, count, State::Free);
                    }
                }
                Action::Reserve { first, count } => {
                    let taken = model.first(first, count, |at| at != State::Free);
                    let wrong =
                        range_error(first, count).or(taken.map(FrameError::NotFree));
                    let answer = frames.reserve(first * FRAME_SIZE, count);
                    prop_assert_eq!(answer, wrong.map_or(Ok(()), Err));
                    if wrong.is_none() {
                        model.fill(first, count, State::Reserved);
                    }
                }
                Action::Reclaim { first, count } => {
                    let other = model.first(first, count, |at| at != State::Reserved);
                    let wrong =
                        range_error(first, count).or(other.map(FrameError::NotReserved));
                    let answer = frames.reclaim(first * FRAME_SIZE, count);
                    prop_assert_eq!(answer, wrong.map_or(Ok(()), Err));
                    if wrong.is_none() {
                        model.fill(first, count, State::Free);
                    }
                }
            }
            prop_assert_eq!(frames.statistics(), model.statistics());
        }
    }
}
