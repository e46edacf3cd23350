//! The collector and running out of memory.
#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helper functions too"
)]

use std::collections::BTreeMap;

use stele_memory::{Arena, Heap, Local, NeedSpace, OutOfMemory, Refusal, Root, Session};

/// A little program over all kinds of values, one operation to a step, with a model beside it.
struct Program {
    names: Root,
    numbers: Root,
    chain: Root,
    model: BTreeMap<String, i64>,
    length: u64,
    collections: u64,
}

/// Most bytes that one step allocates.
const STEP: usize = Session::worst_case_map_insert()
    + Session::worst_case_vector_push()
    + Session::worst_case_bytes(16)
    + Session::worst_case_record(2)
    + Session::worst_case_integer();

impl Program {
    fn new(session: &Session<'_>) -> Result<Program, OutOfMemory> {
        let mut program = Program {
            names: Root::NIL,
            numbers: Root::NIL,
            chain: Root::NIL,
            model: BTreeMap::new(),
            length: 0,
            collections: 0,
        };
        let (map, vector) = (session.map()?, session.vector()?);
        session.store(&mut program.names, map);
        session.store(&mut program.numbers, vector);
        Ok(program)
    }

    /// Does the step, or nothing at all.
    fn step(&mut self, session: &Session<'_>, index: u64) -> Result<(), Refusal> {
        let name = format!("name {}", index * 7 % 50);
        let number = i64::MAX / 2 + index as i64;
        let key = session.bytes(name.as_bytes())?;
        let value = session.integer(number)?;
        let removes = index % 5 == 4;
        let names = session.load(&self.names);
        let names = if removes {
            session.map_remove(names, key)?
        } else {
            session.map_insert(names, key, value)?
        };
        let numbers = session.load(&self.numbers);
        let shortens = index % 90 == 89;
        let numbers = if shortens {
            session.vector_truncate(numbers, 3)?
        } else {
            session.vector_push(numbers, value)?
        };
        let chain = session.record(1, &[value, session.load(&self.chain)])?;
        session.store(&mut self.names, names);
        session.store(&mut self.numbers, numbers);
        session.store(&mut self.chain, chain);
        if removes {
            self.model.remove(&name);
        } else {
            self.model.insert(name, number);
        }
        self.length = if shortens { 3 } else { self.length + 1 };
        Ok(())
    }

    fn check(&self, session: &Session<'_>, steps: u64) {
        let names = session.load(&self.names);
        assert_eq!(session.map_len(names), Some(self.model.len() as u64));
        for (name, number) in &self.model {
            let found = session.map_get_bytes(names, name.as_bytes());
            assert_eq!(
                found.and_then(|value| session.as_integer(value)),
                Some(*number)
            );
        }
        assert_eq!(
            session.vector_len(session.load(&self.numbers)),
            Some(self.length)
        );
        let mut link = session.load(&self.chain);
        for index in (0..steps).rev() {
            let number = session
                .field(link, 0)
                .and_then(|value| session.as_integer(value));
            assert_eq!(number, Some(i64::MAX / 2 + index as i64));
            link = session.field(link, 1).unwrap();
        }
        assert!(session.is_nil(link));
    }

    /// Collects what is due; every third time, everything.
    fn collect(&mut self, session: &mut Session<'_>) -> Result<(), OutOfMemory> {
        self.collections += 1;
        let everything = self.collections.is_multiple_of(3);
        let roots = &mut [&mut self.names, &mut self.numbers, &mut self.chain];
        // SAFETY: these are all the roots.
        unsafe {
            if everything {
                session.collect_everything(roots)
            } else {
                session.collect(roots)
            }
        }?;
        Ok(())
    }

    fn verify(&self, heap: &Heap, arena: &mut Arena<'_>) {
        heap.verify(arena, &[&self.names, &self.numbers, &self.chain])
            .unwrap();
    }
}

const STEPS: u64 = if cfg!(miri) { 12 } else { 400 };

fn region() -> Vec<u64> {
    vec![0; if cfg!(miri) { 1 << 14 } else { 1 << 17 }]
}

#[test]
fn collecting_before_every_step_with_freed_memory_poisoned_changes_nothing() {
    let mut region = region();
    let mut arena = Arena::new(&mut region).unwrap();
    arena.poison_freed(true);
    let empty = arena.statistics();
    let mut heap = Heap::empty();
    // SAFETY: a new heap, one session at a time.
    let mut program = Program::new(&unsafe { Session::new(&mut arena, &mut heap) }).unwrap();
    for index in 0..STEPS {
        // SAFETY: as above; the roots of the program went through every collection.
        let mut session = unsafe { Session::new(&mut arena, &mut heap) };
        program.collect(&mut session).unwrap();
        program.step(&session, index).unwrap();
        program.check(&session, index + 1);
        program.verify(&heap, &mut arena);
    }
    // SAFETY: the roots are not used again.
    unsafe { heap.release(&mut arena) };
    assert_eq!(arena.statistics(), empty);
}

#[test]
fn after_a_reservation_a_step_cannot_fail() {
    let mut region = region();
    let mut arena = Arena::new(&mut region).unwrap();
    let mut heap = Heap::empty();
    // SAFETY: a new heap, one session at a time.
    let mut program = Program::new(&unsafe { Session::new(&mut arena, &mut heap) }).unwrap();
    for index in 0..STEPS {
        // SAFETY: as above.
        let mut session = unsafe { Session::new(&mut arena, &mut heap) };
        while let Err(need) = session.reserve(STEP) {
            assert_eq!(need, NeedSpace::Collect);
            program.collect(&mut session).unwrap();
        }
        arena.refuse_after(Some(0));
        // SAFETY: as above.
        program
            .step(&unsafe { Session::new(&mut arena, &mut heap) }, index)
            .unwrap();
        arena.refuse_after(None);
    }
    // SAFETY: as above.
    program.check(&unsafe { Session::new(&mut arena, &mut heap) }, STEPS);
}

/// Runs the program with the `nth` allocation and all that follow it refused, until the program
/// gives up; then lets it go on. Says whether an allocation was refused.
fn run_with_refusal(nth: u64) -> bool {
    let mut region = region();
    let mut arena = Arena::new(&mut region).unwrap();
    arena.poison_freed(true);
    arena.refuse_after(Some(nth));
    let mut heap = Heap::empty();
    let mut refused = 0;
    // SAFETY: a new heap, one session at a time.
    let program = Program::new(&unsafe { Session::new(&mut arena, &mut heap) });
    let mut program = program.unwrap_or_else(|_| {
        refused += 1;
        arena.refuse_after(None);
        // SAFETY: as above.
        Program::new(&unsafe { Session::new(&mut arena, &mut heap) }).unwrap()
    });
    let mut index = 0;
    while index < STEPS {
        // SAFETY: as above.
        let mut session = unsafe { Session::new(&mut arena, &mut heap) };
        let result = if session.safepoint() || index % 16 == 15 {
            program.collect(&mut session)
        } else {
            Ok(())
        };
        let result = result
            .map_err(Refusal::from)
            .and_then(|()| program.step(&session, index));
        match result {
            Ok(()) => index += 1,
            Err(Refusal::OutOfMemory(_)) => {
                refused += 1;
                program.check(&session, index);
                program.verify(&heap, &mut arena);
                arena.refuse_after(None);
            }
            Err(other) => panic!("{other}"),
        }
    }
    // SAFETY: as above.
    program.check(&unsafe { Session::new(&mut arena, &mut heap) }, STEPS);
    program.verify(&heap, &mut arena);
    assert!(refused <= 1);
    refused == 1
}

#[test]
fn refusing_the_first_the_second_and_every_other_allocation_loses_nothing() {
    let mut nth = 0;
    while run_with_refusal(nth) {
        nth += 1;
    }
    assert!(
        nth > if cfg!(miri) { 2 } else { 30 },
        "only {nth} allocations"
    );
}

#[test]
fn a_collection_that_runs_out_of_memory_halfway_leaves_everything_as_it_was() {
    let mut region = vec![0; 1 << 19];
    let mut arena = Arena::new(&mut region).unwrap();
    let mut heap = Heap::empty();
    // SAFETY: a new heap, one session at a time.
    let mut program = Program::new(&unsafe { Session::new(&mut arena, &mut heap) }).unwrap();
    let steps = if cfg!(miri) { 20 } else { 10_000 };
    for index in 0..steps {
        // SAFETY: as above.
        let mut session = unsafe { Session::new(&mut arena, &mut heap) };
        program.step(&session, index).unwrap();
        if session.safepoint() {
            program.collect(&mut session).unwrap();
        }
    }
    arena.poison_freed(true);
    let mut refused = 0;
    loop {
        let before = arena.statistics();
        arena.refuse_after(Some(refused));
        let roots = &mut [&mut program.names, &mut program.numbers, &mut program.chain];
        // SAFETY: these are all the roots.
        let result = unsafe { heap.collect_everything(&mut arena, roots) };
        // SAFETY: as above.
        program.check(&unsafe { Session::new(&mut arena, &mut heap) }, steps);
        program.verify(&heap, &mut arena);
        if result.is_ok() {
            break;
        }
        assert_eq!(arena.statistics(), before);
        refused += 1;
    }
    assert!(
        refused > if cfg!(miri) { 0 } else { 3 },
        "copies went into {refused} chunks"
    );
}

#[test]
fn in_a_full_arena_the_heap_stops_growing_where_it_can_still_be_collected() {
    let mut region = vec![0; 8192];
    let mut arena = Arena::new(&mut region).unwrap();
    let mut heap = Heap::empty();
    let mut list = Root::NIL;
    let mut length = 0;
    let error = loop {
        // SAFETY: a new heap, one session at a time, one root.
        let mut session = unsafe { Session::new(&mut arena, &mut heap) };
        match session.reserve(Session::worst_case_record(2)) {
            Ok(()) => {
                let link = session
                    .record(1, &[session.integer(length).unwrap(), session.load(&list)])
                    .unwrap();
                session.store(&mut list, link);
                length += 1;
            }
            // SAFETY: as above.
            Err(NeedSpace::Collect) => _ = unsafe { session.collect(&mut [&mut list]) }.unwrap(),
            Err(NeedSpace::OutOfMemory(error)) => break error,
        }
    };
    assert_eq!(error.what, "a heap chunk");
    assert!(
        length * 24 > 20_000,
        "{length} records of 24 bytes in 64 KiB"
    );
    // SAFETY: as above.
    unsafe { heap.collect_everything(&mut arena, &mut [&mut list]) }.unwrap();
    heap.verify(&mut arena, &[&list]).unwrap();
    // Once the list is dropped all of it can be used again.
    list = Root::NIL;
    // SAFETY: as above.
    let collected = unsafe { heap.collect_everything(&mut arena, &mut [&mut list]) }.unwrap();
    assert_eq!(collected.live, 0);
    assert_eq!(heap.statistics().chunks, 0);
    assert_eq!(arena.statistics().allocated_blocks, 0);
}

#[test]
fn a_million_deep_chain_is_collected_verified_and_compared() {
    let depth = if cfg!(miri) { 300 } else { 1_000_000 };
    let mut region = vec![0; if cfg!(miri) { 1 << 15 } else { 1 << 26 }];
    let mut arena = Arena::new(&mut region).unwrap();
    let mut heap = Heap::empty();
    let (mut one, mut two) = (Root::NIL, Root::NIL);
    {
        // SAFETY: a new heap, one session at a time.
        let session = unsafe { Session::new(&mut arena, &mut heap) };
        // Every second link hangs from the first field, so that comparing has to remember.
        let link = |chain: Local<'_>, index: i64, end: i64| {
            let number = session
                .integer(if index == 0 { end } else { index })
                .unwrap();
            let side = session.record(2, &[number]).unwrap();
            let fields = if index % 2 == 0 {
                [chain, side]
            } else {
                [side, chain]
            };
            let mut root = Root::NIL;
            session.store(&mut root, session.record(1, &fields).unwrap());
            root
        };
        for index in 0..depth {
            one = link(session.load(&one), index, 0);
            two = link(session.load(&two), index, 0);
        }
        assert!(
            session
                .identical(session.load(&one), session.load(&two))
                .unwrap()
        );
        let mut other = Root::NIL;
        for index in 0..depth {
            other = link(session.load(&other), index, 1);
        }
        assert!(
            !session
                .identical(session.load(&one), session.load(&other))
                .unwrap()
        );
    }
    heap.verify(&mut arena, &[&one, &two]).unwrap();
    // SAFETY: these are all the roots that are used again.
    let collected =
        unsafe { heap.collect_everything(&mut arena, &mut [&mut one, &mut two]) }.unwrap();
    assert_eq!(collected.live, depth as u64 * 2 * 40);
    heap.verify(&mut arena, &[&one, &two]).unwrap();
}

#[test]
fn what_was_shared_is_shared_after_a_collection() {
    let mut region = region();
    let mut arena = Arena::new(&mut region).unwrap();
    let mut heap = Heap::empty();
    let mut root = Root::NIL;
    {
        // SAFETY: a new heap, one session at a time.
        let session = unsafe { Session::new(&mut arena, &mut heap) };
        let mut value = session.bytes(b"shared by very many").unwrap();
        for _ in 0..60 {
            // Without sharing this would be a tree of 2^60 leaves.
            value = session.record(0, &[value, value]).unwrap();
        }
        session.store(&mut root, value);
    }
    // SAFETY: the only root.
    let collected = unsafe { heap.collect_everything(&mut arena, &mut [&mut root]) }.unwrap();
    assert_eq!(
        collected,
        stele_memory::Collected {
            everything: true,
            live: 60 * 24 + 32,
            freed: 0
        }
    );
    heap.verify(&mut arena, &[&root]).unwrap();
}

#[test]
fn a_first_chunk_is_small_and_the_next_ones_double() {
    let mut region = vec![0; 1 << 17];
    let mut arena = Arena::new(&mut region).unwrap();
    let mut heap = Heap::empty();
    assert_eq!(arena.statistics().allocated_blocks, 0);
    let mut held = Vec::new();
    for _ in 0..if cfg!(miri) { 1000 } else { 20_000 } {
        // SAFETY: a new heap, one session at a time, no roots.
        let session = unsafe { Session::new(&mut arena, &mut heap) };
        session.record(0, &[session.nil()]).unwrap();
        if held.last() != Some(&heap.statistics().held) {
            held.push(heap.statistics().held);
        }
    }
    let expected = [
        512, 1536, 3584, 7680, 15_872, 32_256, 65_024, 130_560, 196_096,
    ];
    let seen = if cfg!(miri) { 5 } else { 9 };
    assert_eq!(held[..seen], expected[..seen]);
}

#[test]
fn an_object_larger_than_any_chunk_gets_one_that_is_large_enough() {
    let mut region = vec![0; 1 << 17];
    let mut arena = Arena::new(&mut region).unwrap();
    let mut heap = Heap::empty();
    let mut root = Root::NIL;
    let bytes: Vec<u8> = (0..if cfg!(miri) { 66_000 } else { 200_000u32 })
        .map(|index| index as u8)
        .collect();
    {
        // SAFETY: a new heap, one session at a time.
        let session = unsafe { Session::new(&mut arena, &mut heap) };
        let pair = [
            session.bytes(b"small").unwrap(),
            session.bytes(&bytes).unwrap(),
        ];
        session.store(&mut root, session.record(0, &pair).unwrap());
    }
    // SAFETY: the only root.
    unsafe { heap.collect_everything(&mut arena, &mut [&mut root]) }.unwrap();
    heap.verify(&mut arena, &[&root]).unwrap();
    // SAFETY: as above.
    let session = unsafe { Session::new(&mut arena, &mut heap) };
    let large = session.field(session.load(&root), 1).unwrap();
    assert_eq!(session.as_bytes(large), Some(bytes.as_slice()));
    assert!(
        session.bytes(&vec![0; 1 << 20]).is_err(),
        "it is larger than the arena"
    );
}
