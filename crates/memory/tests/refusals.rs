//! A program over everything that allocates, with each allocation refused in turn: the first, the
//! second, … the last. Whatever was refused, the heap is sound, every root holds what it held, and
//! the step that failed succeeds when it is done again.
#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helper functions too"
)]

mod support;

use stele_memory::{
    Arena, Comparison, Hashing, Heap, LEAST_PRINT_ROOM, Local, Lookup, MapTransient, OutOfMemory,
    Printing, ReadReason, Reading, Refusal, Root, Session, SetTransient, Sorting, VectorTransient,
};

use support::Model;

/// What the roots hold.
const MAP: usize = 0;
const SET: usize = 1;
const VECTOR: usize = 2;
const DEEP: usize = 3;
const TWIN: usize = 4;
const MISC: usize = 5;
const BUILT: usize = 6;
const ROOTS: usize = 7;

/// Keys of every kind, simple and compound, inline and boxed.
const KEYS: [&str; 22] = [
    "nil",
    "true",
    "0",
    "-1",
    "1152921504606846976",
    "-9223372036854775808",
    "1.5",
    "1e300",
    "##NaN",
    "\\a",
    "\"\"",
    "\"a text of more than one word\"",
    "#stele/bytes \"00ff10\"",
    "#stele/capability 8",
    "[]",
    "[1 [2 [3 \"x\"]]]",
    "{1 2, 3 {4 5}}",
    "#{1 2 #{}}",
    "#stele/record [3 1 [2]]",
    "[1.5 2.5 3.5]",
    "{[1] [2], [3] [4]}",
    "[9223372036854775807]",
];

/// Levels of a deep value, links of a chain.
const DEPTH: u64 = 200;

/// Bytes of the region.
const REGION: u64 = 1 << 20;

/// The program's state: roots, and operations that are under way.
struct Program {
    roots: [Root; ROOTS],
    map: MapTransient,
    set: SetTransient,
    vector: VectorTransient,
    comparison: Comparison,
    hashing: Hashing,
    lookup: Lookup,
    sorting: Sorting,
    printing: Printing,
    reading: Reading,
    printed: Vec<u8>,
}

/// How far a step has come.
#[derive(PartialEq, Debug)]
enum Progress {
    Done,
    /// It is to be called again.
    Again,
}
use Progress::{Again, Done};

type Step = Box<dyn Fn(&mut Program, &mut Session<'_>) -> Result<Progress, Refusal>>;

impl Program {
    fn new() -> Program {
        Program {
            roots: [const { Root::NIL }; ROOTS],
            map: MapTransient::new(),
            set: SetTransient::new(),
            vector: VectorTransient::new(),
            comparison: Comparison::new(),
            hashing: Hashing::new(),
            lookup: Lookup::new(),
            sorting: Sorting::new(),
            printing: Printing::new(),
            reading: Reading::new(),
            printed: Vec::new(),
        }
    }

    fn collect(&mut self, session: &mut Session<'_>, everything: bool) -> Result<(), OutOfMemory> {
        let roots = self.roots.as_mut_slice();
        // SAFETY: these are all the roots there are.
        unsafe {
            if everything {
                session.collect_everything(roots)
            } else {
                session.collect(roots)
            }
        }?;
        Ok(())
    }

    /// What the roots and the collections being built hold.
    fn snapshot(&self, session: &Session<'_>) -> String {
        let models: Vec<Model> = self
            .roots
            .iter()
            .map(|root| Model::read(session, session.load(root)))
            .collect();
        let element = |index| {
            Model::read(
                session,
                session.vector_transient_get(&self.vector, index).unwrap(),
            )
        };
        let growing: Vec<Model> = (0..self.vector.len()).map(element).collect();
        format!(
            "{models:?} {} {} {growing:?}",
            self.map.len(),
            self.set.len()
        )
    }
}

/// Replaces a root.
fn step(
    root: usize,
    change: impl for<'a> Fn(&'a Session<'_>, &'a [Root; ROOTS]) -> Result<Local<'a>, Refusal> + 'static,
) -> Step {
    Box::new(move |program, session| {
        let mut changed = Root::NIL;
        session.store(&mut changed, change(session, &program.roots)?);
        program.roots[root] = changed;
        Ok(Done)
    })
}

/// The value of a text; that there was no room for it is the only refusal there can be.
fn read<'a>(session: &'a Session<'_>, text: &str) -> Result<Local<'a>, Refusal> {
    session
        .read(text.as_bytes())
        .map_err(|error| match error.reason {
            ReadReason::OutOfMemory(error) => error.into(),
            other => panic!("{text}: {other:?}"),
        })
}

/// Something deep in which every second link hangs from another field.
fn deep<'a>(session: &'a Session<'_>, depth: u64) -> Result<Local<'a>, Refusal> {
    let mut chain = session.vector()?;
    for index in 0..depth {
        let side = session.record(2, &[session.integer(i64::MAX - index as i64)?])?;
        let fields = if index % 2 == 0 {
            [chain, side]
        } else {
            [side, chain]
        };
        chain = session.record(1, &fields)?;
    }
    Ok(chain)
}

/// A text with all of the keys, and deep.
fn long_text() -> String {
    let levels = DEPTH as usize / 4;
    format!(
        "{}{}{}",
        "[1 ".repeat(levels),
        KEYS.join(" "),
        "]".repeat(levels)
    )
}

fn steps() -> Vec<Step> {
    let mut steps: Vec<Step> = vec![
        step(MAP, |session, _| Ok(session.map()?)),
        step(SET, |session, _| Ok(session.set()?)),
        step(VECTOR, |session, _| Ok(session.vector()?)),
    ];
    persistent(&mut steps);
    steps.push(step(DEEP, |session, _| deep(session, DEPTH)));
    steps.push(step(TWIN, |session, _| deep(session, DEPTH)));
    steps.push(Box::new(|program, session| {
        program
            .collect(session, true)
            .map(|()| Done)
            .map_err(Refusal::from)
    }));
    in_pieces(&mut steps);
    built_in_place(&mut steps);
    steps
}

/// Operations that make a new value of an old one.
fn persistent(steps: &mut Vec<Step>) {
    for (index, key) in KEYS.into_iter().enumerate() {
        steps.push(step(MAP, move |session, roots| {
            let value = session.integer(i64::MAX - index as i64)?;
            session.map_insert(session.load(&roots[MAP]), read(session, key)?, value)
        }));
        steps.push(step(SET, move |session, roots| {
            session.set_insert(session.load(&roots[SET]), read(session, key)?)
        }));
        steps.push(step(VECTOR, move |session, roots| {
            let mut vector = session.load(&roots[VECTOR]);
            for element in 0..9 {
                vector = session.vector_push(vector, session.float_from_bits(element << 40)?)?;
            }
            session.vector_push(vector, read(session, key)?)
        }));
        if index % 3 == 1 {
            let other = KEYS[index / 2];
            steps.push(step(MAP, move |session, roots| {
                session.map_remove(session.load(&roots[MAP]), read(session, other)?)
            }));
            steps.push(step(SET, move |session, roots| {
                session.set_remove(session.load(&roots[SET]), read(session, other)?)
            }));
            steps.push(step(VECTOR, move |session, roots| {
                let vector = session.load(&roots[VECTOR]);
                let length = session.vector_len(vector).unwrap();
                let slice = session.vector_slice(vector, length - length / 5, length - 1)?;
                let joined = session.vector_concat(vector, slice)?;
                let set = session.vector_set(joined, length / 2, session.load(&roots[MAP]))?;
                session.vector_truncate(set, length + 2)
            }));
            steps.push(step(MISC, move |session, roots| {
                let fields = [
                    session.text("a field of some length")?,
                    session.bytes(&[7; 90])?,
                    session.load(&roots[MISC]),
                ];
                let record = session.record(5, &fields)?;
                session.with_field(record, 1, session.load(&roots[SET]))
            }));
        }
        if index % 5 == 4 {
            let everything = index % 10 == 9;
            steps.push(Box::new(move |program, session| {
                program.collect(session, everything)?;
                Ok(Done)
            }));
        }
    }
}

/// Operations that can be interrupted, all of them under way at once.
fn in_pieces(steps: &mut Vec<Step>) {
    fn progress(done: bool) -> Progress {
        if done { Done } else { Again }
    }
    let text = long_text();
    let pieces: Vec<Step> = vec![
        Box::new(|program, session| {
            let (a, b) = (
                session.load(&program.roots[DEEP]),
                session.load(&program.roots[TWIN]),
            );
            let order = session.order_step(&mut program.comparison, a, b, &mut 60)?;
            assert!(order.is_none_or(std::cmp::Ordering::is_eq));
            Ok(progress(order.is_some()))
        }),
        Box::new(|program, session| {
            let value = session.load(&program.roots[DEEP]);
            let hash = session.hash_step(&mut program.hashing, value, &mut 60)?;
            Ok(progress(hash.is_some()))
        }),
        Box::new(|program, session| {
            let (set, key) = (
                session.load(&program.roots[SET]),
                session.load(&program.roots[TWIN]),
            );
            let done = session.lookup_step(&mut program.lookup, set, key, &mut 60)?;
            Ok(progress(done))
        }),
        Box::new(|program, session| {
            let vector = session.load(&program.roots[VECTOR]);
            let mut sorted = Root::NIL;
            match session.sort_step(&mut program.sorting, vector, &mut 60)? {
                Some(vector) => session.store(&mut sorted, vector),
                None => return Ok(Again),
            }
            program.roots[BUILT] = sorted;
            Ok(Done)
        }),
        Box::new(|program, session| {
            let mut out = [0; LEAST_PRINT_ROOM + 40];
            let value = session.load(&program.roots[DEEP]);
            let step = session.print_step(&mut program.printing, value, &mut out, &mut 30);
            // Printing begins anew when it was refused.
            let (length, done) = step.inspect_err(|_| program.printed.clear())?;
            program.printed.extend_from_slice(&out[..length]);
            Ok(progress(done))
        }),
        Box::new(move |program, session| {
            let step = session.read_step(&mut program.reading, text.as_bytes(), &mut 25);
            let value = step.map_err(|error| match error.reason {
                ReadReason::OutOfMemory(error) => Refusal::from(error),
                other => panic!("{other:?}"),
            })?;
            let mut read = Root::NIL;
            match value {
                Some(value) => session.store(&mut read, value),
                None => return Ok(Again),
            }
            program.roots[MISC] = read;
            Ok(Done)
        }),
    ];
    // They take turns, so that each is interrupted by the others.
    let done: Vec<std::cell::Cell<bool>> = pieces.iter().map(|_| false.into()).collect();
    let turn = std::cell::Cell::new(0);
    steps.push(Box::new(move |program, session| {
        if turn.get() == 0 && done.iter().all(std::cell::Cell::get) {
            // For the next run of the program.
            done.iter().for_each(|done| done.set(false));
            return Ok(Done);
        }
        let index = turn.get();
        if !done[index].get() {
            done[index].set(pieces[index](program, session)? == Done);
        }
        turn.set((index + 1) % pieces.len());
        Ok(Again)
    }));
    steps.push(Box::new(|program, session| {
        let text = std::mem::take(&mut program.printed);
        let value = session.read(&text);
        let value = match value {
            Ok(value) => value,
            Err(error) => {
                program.printed = text;
                match error.reason {
                    ReadReason::OutOfMemory(error) => return Err(error.into()),
                    other => panic!("{other:?}"),
                }
            }
        };
        let same = session.identical(value, session.load(&program.roots[DEEP]));
        if same.is_err() {
            program.printed = text;
        }
        assert!(same?, "what was printed is what is read");
        Ok(Done)
    }));
}

/// Collections built in place.
fn built_in_place(steps: &mut Vec<Step>) {
    for index in 0..90 {
        let key = KEYS[index % KEYS.len()];
        steps.push(Box::new(move |program, session| {
            let key = session.record(index as u16 / 40, &[read(session, key)?])?;
            let value = session.integer(i64::MIN + index as i64)?;
            session.map_transient_insert(&mut program.map, key, value)?;
            Ok(Done)
        }));
        steps.push(Box::new(move |program, session| {
            let member = session.integer(index as i64 * 0x0123_4567_89AB_CDEF)?;
            if !session.transient_reserve_step(&mut program.set, &mut 3)? {
                return Ok(Again);
            }
            session.set_transient_insert(&mut program.set, member)?;
            Ok(Done)
        }));
        steps.push(Box::new(move |program, session| {
            let element = session.text(key)?;
            session.vector_transient_push(&mut program.vector, element)?;
            Ok(Done)
        }));
        if index % 17 == 11 {
            steps.push(Box::new(move |program, session| {
                let key = session.record(index as u16 / 40, &[read(session, key)?])?;
                assert!(session.map_transient_get(&program.map, key)?.is_some());
                assert!(session.transient_remove(&mut program.map, key)?);
                Ok(Done)
            }));
            steps.push(Box::new(|program, session| {
                program.collect(session, true)?;
                Ok(Done)
            }));
        }
    }
    steps.push(Box::new(|program, session| {
        let mut built = Root::NIL;
        match session.freeze_step(&mut program.map, &mut 7)? {
            Some(map) => session.store(&mut built, map),
            None => return Ok(Again),
        }
        program.roots[MAP] = built;
        Ok(Done)
    }));
    steps.push(Box::new(|program, session| {
        let mut built = Root::NIL;
        match session.freeze_step(&mut program.set, &mut 7)? {
            Some(set) => session.store(&mut built, set),
            None => return Ok(Again),
        }
        program.roots[SET] = built;
        Ok(Done)
    }));
    steps.push(Box::new(|program, session| {
        let mut built = Root::NIL;
        session.store(&mut built, session.vector_freeze(&mut program.vector)?);
        program.roots[VECTOR] = built;
        Ok(Done)
    }));
    steps.push(step(BUILT, |session, roots| {
        session.sorted(session.load(&roots[MAP]))
    }));
    for everything in [false, true] {
        steps.push(Box::new(move |program, session| {
            program.collect(session, everything)?;
            Ok(Done)
        }));
    }
}

/// How a run treats its memory.
#[derive(Clone, Copy, PartialEq)]
enum Mode {
    /// Collections where the program asks for them.
    Plain,
    /// A collection of everything before each step; the heap is verified behind it.
    Torture,
}

/// Runs the program. From the allocation `refused` on, every one is refused, until a step fails;
/// from then on none is. `expected` has the snapshot before each attempt at a step, and the one at the
/// end; a run in which nothing is refused fills it.
/// Returns at which step an allocation was refused, if one was.
fn run(
    mode: Mode,
    steps: &[Step],
    refused: Option<u64>,
    expected: &mut Vec<String>,
) -> Option<usize> {
    let mut region = vec![0; (REGION / 8) as usize];
    let mut arena = Arena::new(&mut region).unwrap();
    let empty = arena.statistics();
    arena.poison_freed(true);
    arena.refuse_after(refused);
    let mut heap = Heap::empty();
    let mut program = Program::new();
    let mut failed = None;
    let mut attempts = 0;
    for (index, step) in steps.iter().enumerate() {
        loop {
            // SAFETY: a new heap, one session at a time; every collection was shown the program's
            // roots.
            let mut session = unsafe { Session::new(&mut arena, &mut heap) };
            if refused.is_none() {
                expected.push(program.snapshot(&session));
            }
            let collected = if mode == Mode::Torture {
                program.collect(&mut session, true)
            } else {
                Ok(())
            };
            let result = collected
                .map_err(Refusal::from)
                .and_then(|()| step(&mut program, &mut session));
            if mode == Mode::Torture && refused.is_none() {
                heap.verify(&mut arena, program.roots.as_slice()).unwrap();
            }
            match result {
                Ok(Done) => break,
                Ok(Again) => attempts += 1,
                Err(Refusal::OutOfMemory(_)) => {
                    assert_eq!(failed, None, "step {index} fails again");
                    failed = Some(index);
                    arena.refuse_after(None);
                    heap.verify(&mut arena, program.roots.as_slice()).unwrap();
                    // SAFETY: as above.
                    let after = program.snapshot(&unsafe { Session::new(&mut arena, &mut heap) });
                    assert!(
                        after == expected[attempts],
                        "step {index} left something behind"
                    );
                }
                Err(other) => panic!("step {index}: {other}"),
            }
        }
        attempts += 1;
    }
    // SAFETY: as above.
    let end = program.snapshot(&unsafe { Session::new(&mut arena, &mut heap) });
    if refused.is_none() {
        expected.push(end.clone());
    }
    assert!(Some(&end) == expected.last(), "it ends otherwise");
    heap.verify(&mut arena, program.roots.as_slice()).unwrap();
    // Only the lookup, which ends nowhere, still holds something.
    // SAFETY: as above.
    unsafe { Session::new(&mut arena, &mut heap) }.end_lookup(&mut program.lookup);
    assert_eq!(heap.statistics().scratch, 0, "scratch blocks are left");
    // SAFETY: the roots are not used again.
    unsafe { heap.release(&mut arena) };
    assert_eq!(arena.statistics(), empty);
    failed
}

/// Every `stride`th allocation is refused in a run of its own, beginning with the `first`.
fn refuse_in_turn(mode: Mode, stride: u64) -> Vec<usize> {
    let (steps, mut expected) = (steps(), Vec::new());
    assert_eq!(run(mode, &steps, None, &mut expected), None);
    (0..)
        .step_by(stride as usize)
        .map_while(|nth| run(mode, &steps, Some(nth), &mut expected))
        .collect()
}

#[test]
#[cfg_attr(miri, ignore = "takes too long there; `collector` has a smaller one")]
fn whatever_allocation_is_refused_nothing_is_lost() {
    let failed = refuse_in_turn(Mode::Plain, 1);
    assert!(failed.len() > 200, "{failed:?}");
}

/// Here nearly every step begins with a nursery without chunks, so nearly every step is refused
/// something in some run. All of it takes minutes; with PROPTEST_CASES set, it is done.
#[test]
#[cfg_attr(miri, ignore = "takes too long there; `collector` has a smaller one")]
fn whatever_is_refused_while_everything_is_collected_at_each_step_nothing_is_lost() {
    let stride = match std::env::var_os("PROPTEST_CASES") {
        Some(_) => 1,
        None => 53,
    };
    let failed = refuse_in_turn(Mode::Torture, stride);
    assert!(failed.len() > 40, "{failed:?}");
}
