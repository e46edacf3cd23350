//! The copying collector of the shared space at its edges.
#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helper functions too"
)]

use stele_memory::{Arena, Heap, Local, NeedSpace, Root, Session, Space, VectorTransient};

/// A list of so many links, each with a box, hanging from either of its fields.
fn list<'a>(session: &'a Session<'_>, length: i64) -> Local<'a> {
    (0..length).fold(session.nil(), |list, index| {
        let number = session.integer(i64::MAX - index).unwrap();
        let link = if index % 2 == 0 {
            [number, list]
        } else {
            [list, number]
        };
        session.record(1, &link).unwrap()
    })
}

fn assert_list<'a>(session: &'a Session<'_>, mut list: Local<'a>, length: i64) {
    for index in (0..length).rev() {
        let (number, next) = if index % 2 == 0 { (0, 1) } else { (1, 0) };
        let number = session.field(list, number).unwrap();
        assert_eq!(session.as_integer(number), Some(i64::MAX - index));
        list = session.field(list, next).unwrap();
    }
    assert!(session.is_nil(list));
}

#[test]
fn a_million_deep_list_in_an_atom_is_collected_without_a_stack() {
    let depth = if cfg!(miri) { 200 } else { 1_000_000 };
    let mut region = vec![0; if cfg!(miri) { 1 << 14 } else { 1 << 25 }];
    let mut arena = Arena::new(&mut region).unwrap();
    let (mut heap, space) = (Heap::empty(), Space::empty());
    let mut name = Root::NIL;
    {
        // SAFETY: heap and space are new, one session at a time.
        let mut session = unsafe { Session::with_space(&mut arena, &mut heap, &space) };
        {
            let session = &session;
            let atom = session.atom(list(session, depth)).unwrap();
            session.store(&mut name, session.atom_name(atom));
        }
        for _ in 0..2 {
            // SAFETY: the only root.
            let collected = unsafe { session.collect_everything(&mut [&mut name]) }.unwrap();
            assert_eq!(collected.live, 40 * depth as u64);
        }
        let atom = session.as_atom(session.load(&name)).unwrap();
        assert_list(&session, session.atom_load(atom), depth);
    }
    space.verify(&mut arena, &[&heap], &[&name]).unwrap();
    let statistics = space.statistics();
    assert_eq!(statistics.objects_copied, 4 * depth as u64);
    assert_eq!((statistics.collections, statistics.atoms), (2, 1));
}

#[test]
fn wide_objects_and_large_ones_are_copied_as_they_are() {
    let mut region = vec![0; 1 << 19];
    let mut arena = Arena::new(&mut region).unwrap();
    arena.poison_freed(true);
    let (mut heap, space) = (Heap::empty(), Space::empty());
    let mut root = Root::NIL;
    let fields = if cfg!(miri) { 300 } else { 20_000 };
    // SAFETY: heap and space are new, the only session.
    let mut session = unsafe { Session::with_space(&mut arena, &mut heap, &space) };
    {
        let session = &session;
        let locals: Vec<_> = (0..fields)
            .map(|index| match index % 3 {
                0 => session.integer(index).unwrap(),
                1 => session.bytes(&index.to_le_bytes()).unwrap(),
                _ => list(session, 3),
            })
            .collect();
        let wide = session.record(7, &locals).unwrap();
        session.store(&mut root, session.record(8, &[wide, wide]).unwrap());
    }
    session.seal();
    for _ in 0..3 {
        // SAFETY: the only root.
        unsafe { session.collect_everything(&mut [&mut root]) }.unwrap();
        let pair = session.load(&root);
        let wide = session.field(pair, 1).unwrap();
        for index in 0..fields {
            let field = session.field(wide, index as usize).unwrap();
            match index % 3 {
                0 => assert_eq!(session.as_integer(field), Some(index)),
                1 => assert_eq!(session.as_bytes(field), Some(&index.to_le_bytes()[..])),
                _ => assert_list(&session, field, 3),
            }
        }
    }
}

#[test]
fn a_collection_that_runs_out_of_memory_halfway_leaves_everything_as_it_was() {
    let mut region = vec![0; if cfg!(miri) { 1 << 14 } else { 1 << 20 }];
    let mut arena = Arena::new(&mut region).unwrap();
    let (mut heaps, space) = ([Heap::empty(), Heap::empty()], Space::empty());
    let length = if cfg!(miri) { 20 } else { 6000 };
    let mut roots = [const { Root::NIL }; 3];
    // What one heap shared and the other uses, in an atom and beside it, shared and private.
    for round in 0..4 {
        // SAFETY: heaps and space are new, one session at a time; what is sent is shared.
        let session = unsafe { Session::among_others(&mut arena, &mut heaps[round % 2], &space) };
        let value = session.record(3, &[list(&session, length), session.load(&roots[0])]);
        let atom = session.atom(value.unwrap()).unwrap();
        session.store(&mut roots[0], session.atom_name(atom));
        list(&session, length / 2);
        session.store(&mut roots[1 + round % 2], session.vector().unwrap());
    }
    let check = |arena: &mut Arena<'_>, heaps: &mut [Heap; 2], roots: &[Root; 3]| {
        space.verify(arena, &heaps.each_ref(), &roots[..]).unwrap();
        // SAFETY: as above.
        let session = unsafe { Session::among_others(arena, &mut heaps[0], &space) };
        let mut name = session.load(&roots[0]);
        for _ in 0..4 {
            let held = session.atom_load(session.as_atom(name).unwrap());
            assert_list(&session, session.field(held, 0).unwrap(), length);
            name = session.field(held, 1).unwrap();
        }
        assert!(session.is_nil(name));
    };
    arena.poison_freed(true);
    let mut refused = 0;
    loop {
        let before = arena.statistics();
        arena.refuse_after(Some(refused));
        // SAFETY: these are all heaps and roots.
        let result = unsafe { space.collect(&mut arena, &heaps[..], &mut roots[..]) };
        arena.refuse_after(None);
        check(&mut arena, &mut heaps, &roots);
        if result.is_ok() {
            break;
        }
        assert_eq!(arena.statistics(), before);
        refused += 1;
    }
    assert!(refused > if cfg!(miri) { 1 } else { 8 }, "{refused}");
    assert_eq!(space.statistics().collections, 1);
}

/// Fills an arena with a list in an atom, one link after the other, until there is no room for more.
fn fill(arena: &mut Arena<'_>, heap: &mut Heap, space: &Space, name: &mut Root) -> i64 {
    let mut length = 0;
    loop {
        // SAFETY: one session at a time, one root.
        let mut session = unsafe { Session::with_space(arena, heap, space) };
        let bytes = Session::worst_case_record(2) + Session::worst_case_integer();
        match session.reserve(bytes) {
            Ok(()) => {
                let session = &session;
                let atom = session.as_atom(session.load(name)).unwrap();
                let number = session.integer(i64::MAX - length).unwrap();
                let next = session.atom_load(atom);
                let link = if length % 2 == 0 {
                    [number, next]
                } else {
                    [next, number]
                };
                session.atom_swap(atom, session.record(1, &link).unwrap());
                length += 1;
            }
            // SAFETY: as above.
            Err(NeedSpace::Collect) => _ = unsafe { session.collect(&mut [&mut *name]) }.unwrap(),
            Err(NeedSpace::OutOfMemory(_)) => return length,
        }
    }
}

#[test]
fn in_a_full_arena_everything_shared_can_still_be_collected() {
    for size in if cfg!(miri) { 13..14 } else { 13..18 } {
        let mut region = vec![0; 1 << size];
        let mut arena = Arena::new(&mut region).unwrap();
        arena.poison_freed(true);
        let (mut heap, space) = (Heap::empty(), Space::empty());
        let mut name = Root::NIL;
        {
            // SAFETY: heap and space are new, one session at a time.
            let session = unsafe { Session::with_space(&mut arena, &mut heap, &space) };
            let atom = session.atom(session.nil()).unwrap();
            session.store(&mut name, session.atom_name(atom));
        }
        let length = fill(&mut arena, &mut heap, &space, &mut name);
        assert!(
            length * 40 > (8 << size) / 3,
            "{length} links in {} bytes",
            8 << size
        );
        space.verify(&mut arena, &[&heap], &[&name]).unwrap();
        // SAFETY: the only heap and root.
        let collected = unsafe { space.collect(&mut arena, &heap, &mut [&mut name]) }.unwrap();
        assert_eq!(collected.live, 40 * length as u64);
        // Once the list is dropped, there is as much room as before.
        {
            // SAFETY: as above.
            let session = unsafe { Session::with_space(&mut arena, &mut heap, &space) };
            let atom = session.as_atom(session.load(&name)).unwrap();
            assert_list(&session, session.atom_load(atom), length);
            session.atom_swap(atom, session.nil());
        }
        let again = fill(&mut arena, &mut heap, &space, &mut name);
        assert!(again >= length - 500, "{again} links after {length}");
    }
}

#[test]
fn a_program_that_stores_for_ever_is_collected_when_it_is_due_and_needs_no_more_room() {
    let mut region = vec![0; 1 << 20];
    let mut arena = Arena::new(&mut region).unwrap();
    let (mut heap, space) = (Heap::empty(), Space::empty());
    let mut name = Root::NIL;
    // SAFETY: heap and space are new, the only session.
    let mut session = unsafe { Session::with_space(&mut arena, &mut heap, &space) };
    let atom = session.atom(session.map().unwrap()).unwrap();
    session.store(&mut name, session.atom_name(atom));
    let updates = if cfg!(miri) { 100 } else { 100_000 };
    let mut most = 0;
    for update in 0..updates {
        while let Err(need) = session.reserve(Session::worst_case_map_insert()) {
            assert_eq!(need, NeedSpace::Collect);
            // SAFETY: the only root.
            unsafe { session.collect(&mut [&mut name]) }.unwrap();
        }
        let session = &session;
        let atom = session.as_atom(session.load(&name)).unwrap();
        let key = session.integer(update % 100).unwrap();
        let value = session.integer(update).unwrap();
        session
            .atom_update(atom, |map| session.map_insert(map, key, value))
            .unwrap();
        most = most.max(session.heap_statistics().held + space.statistics().held);
    }
    assert!(most < 3 << 20, "{most} bytes held");
    assert!(cfg!(miri) || space.statistics().collections > 10);
}

/// Reserves as an operation does that reserves several times, from the beginning after each
/// collection; how many collections there were before it was told that there is no room.
fn collections_before_giving_up(
    session: &mut Session<'_>,
    reserve: impl Fn(&mut Session<'_>) -> Result<(), NeedSpace>,
) -> u64 {
    let mut collections = 0;
    loop {
        match reserve(session) {
            Ok(()) => panic!("no arena has room for that"),
            Err(NeedSpace::OutOfMemory(_)) => return collections,
            Err(NeedSpace::Collect) => {
                // SAFETY: there are no roots.
                unsafe { session.collect(&mut [] as &mut [Root; 0]) }.unwrap();
            }
        }
        collections += 1;
        assert!(collections < 10, "it would go on for ever");
    }
}

#[test]
fn an_operation_that_reserves_several_times_is_told_that_there_is_no_room() {
    let mut region = vec![0; 1 << 14];
    let mut arena = Arena::new(&mut region).unwrap();
    let (mut heap, space) = (Heap::empty(), Space::empty());
    // SAFETY: heap and space are new, one session at a time.
    let mut session = unsafe { Session::with_space(&mut arena, &mut heap, &space) };
    for _ in 0..2 {
        let both = collections_before_giving_up(&mut session, |session| {
            session.reserve(64)?;
            session.reserve(1 << 20)
        });
        let atom_first = collections_before_giving_up(&mut session, |session| {
            session.reserve_atom()?;
            session.reserve(1 << 20)
        });
        assert_eq!((both, atom_first), (1, 1));
    }
}

#[test]
fn room_that_was_found_after_all_leaves_no_refusal_behind() {
    let mut region = vec![0; 1 << 13];
    let mut arena = Arena::new(&mut region).unwrap();
    let mut heap = Heap::empty();
    // SAFETY: a new heap, one session at a time.
    let session = unsafe { Session::new(&mut arena, &mut heap) };
    session.share(session.text("sealed").unwrap());
    while arena.allocate(256, "what fills the arena").is_ok() {}
    // SAFETY: as above.
    let mut session = unsafe { Session::new(&mut arena, &mut heap) };
    let mut asked = 0;
    for _ in 0..100 {
        match session.reserve(56) {
            Ok(()) => drop(session.bytes(&[1; 48]).unwrap()),
            Err(need) => {
                assert_eq!(need, NeedSpace::Collect, "all but one object is dead");
                asked += 1;
                // SAFETY: there are no roots.
                unsafe { session.collect(&mut [] as &mut [Root; 0]) }.unwrap();
            }
        }
    }
    assert!(asked > 10);
}

#[test]
fn what_unfinished_operations_take_leaves_the_room_to_collect_a_chunk_that_fills_up_later() {
    let mut region = vec![0; 1 << 15];
    let mut arena = Arena::new(&mut region).unwrap();
    let (mut heap, space) = (Heap::empty(), Space::empty());
    // SAFETY: heap and space are new, and the only session.
    let mut session = unsafe { Session::with_space(&mut arena, &mut heap, &space) };
    let no_roots = &mut [] as &mut [Root; 0];
    while session.heap_statistics().held < 1 << 16 {
        list(&session, 10);
    }
    // SAFETY: there are no roots.
    unsafe { session.collect_everything(no_roots) }.unwrap();
    // As large as chunks become.
    session.reserve(40).unwrap();
    let mut unfinished = Vec::new();
    loop {
        let mut transient = VectorTransient::new();
        let pushed = session.vector_transient_push(&mut transient, session.nil());
        unfinished.push(transient);
        if pushed.is_err() {
            break;
        }
    }
    let mut kept = Root::NIL;
    let mut links = 0;
    while session.heap_statistics().chunks == 1 {
        let Ok(link) = session.record(1, &[session.load(&kept), session.nil()]) else {
            break;
        };
        session.store(&mut kept, link);
        links += 1;
    }
    // SAFETY: the only root.
    let collected = unsafe { session.collect_everything(&mut [&mut kept]) }.unwrap();
    assert_eq!(collected.live, 24 * links);
}
