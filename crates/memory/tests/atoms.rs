//! Atoms in one thread: what they hold, what they are called, how long they live.
#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helper functions too"
)]

use std::cmp::Ordering;

use stele_memory::{
    Arena, AtomChange, Exchange, Heap, Local, MapTransient, Printing, ReadReason, Refusal, Root,
    Session, Space, Transaction, ValueKind, VectorTransient,
};

/// Runs `test` with the only session of a new heap and a new space.
fn with_session(test: impl FnOnce(&mut Session<'_>)) {
    let mut region = vec![0; if cfg!(miri) { 1 << 14 } else { 1 << 17 }];
    let mut arena = Arena::new(&mut region).unwrap();
    arena.poison_freed(true);
    let (mut heap, space) = (Heap::empty(), Space::empty());
    // SAFETY: heap and space are new.
    test(&mut unsafe { Session::with_space(&mut arena, &mut heap, &space) });
}

fn int(session: &Session<'_>, local: Local<'_>) -> i64 {
    session.as_integer(local).unwrap()
}

/// Units of work in a step of an operation that is to be interrupted.
const UNITS: u64 = if cfg!(miri) { 3 } else { 20 };

/// A vector of so many vectors of one integer: large enough to take many steps to compare.
fn large<'a>(session: &'a Session<'_>, length: i64) -> Local<'a> {
    (0..length).fold(session.vector().unwrap(), |vector, index| {
        let element =
            session.vector_push(session.vector().unwrap(), session.integer(index).unwrap());
        session.vector_push(vector, element.unwrap()).unwrap()
    })
}

#[test]
fn an_atom_holds_what_was_stored_last() {
    with_session(|session| {
        let session = &*session;
        let atom = session.atom(session.integer(1).unwrap()).unwrap();
        assert_eq!(int(session, session.atom_load(atom)), 1);
        let text = session.text("two").unwrap();
        assert!(!session.is_shared(text));
        assert_eq!(int(session, session.atom_swap(atom, text)), 1);
        assert!(session.is_shared(text));
        assert_eq!(session.as_text(session.atom_load(atom)), Some("two"));
        let old = session.atom_swap(atom, session.nil());
        assert_eq!(session.as_text(old), Some("two"));
    });
}

#[test]
fn names_are_ordered_hashed_and_printed_by_number_and_cannot_be_read() {
    with_session(|session| {
        let session = &*session;
        let atoms: Vec<_> = (0..3)
            .map(|_| session.atom(session.nil()).unwrap())
            .collect();
        let names: Vec<_> = atoms.iter().map(|atom| session.atom_name(*atom)).collect();
        for (index, (atom, name)) in atoms.iter().zip(&names).enumerate() {
            assert_eq!(session.kind(*name), ValueKind::Atom);
            assert_eq!(session.as_atom(*name), Some(*atom));
            assert_eq!(session.atom_number(*atom), index as u64 + 1);
            assert!(session.identical(*name, session.atom_name(*atom)).unwrap());
        }
        assert_eq!(session.order(names[0], names[1]).unwrap(), Ordering::Less);
        assert!(!session.equal(names[0], names[2]).unwrap());
        assert_ne!(
            session.hash(names[0]).unwrap(),
            session.hash(names[1]).unwrap()
        );
        let mut text = [0; 100];
        let (length, _) = session
            .print_step(&mut Printing::new(), names[1], &mut text, &mut 100)
            .unwrap();
        assert_eq!(&text[..length], b"#stele/atom 2");
        let error = session.read(&text[..length]).unwrap_err();
        assert_eq!(error.reason, ReadReason::NameOfAtom);
        assert!(session.as_atom(session.capability(1).unwrap()).is_none());
        assert!(session.as_atom(session.integer(1).unwrap()).is_none());
    });
}

#[test]
fn names_are_keys_of_maps() {
    with_session(|session| {
        let session = &*session;
        let mut map = session.map().unwrap();
        let atoms: Vec<_> = (0..100)
            .map(|_| session.atom(session.nil()).unwrap())
            .collect();
        for (index, atom) in (0..).zip(&atoms) {
            let value = session.integer(index).unwrap();
            map = session
                .map_insert(map, session.atom_name(*atom), value)
                .unwrap();
        }
        for (index, atom) in (0..).zip(&atoms) {
            let found = session
                .map_get(map, session.atom_name(*atom))
                .unwrap()
                .unwrap();
            assert_eq!(int(session, found), index);
        }
    });
}

#[test]
fn update_applies_a_function_and_leaves_the_atom_alone_when_that_fails() {
    with_session(|session| {
        let session = &*session;
        let atom = session.atom(session.integer(41).unwrap()).unwrap();
        let new = session.atom_update(atom, |old| session.integer(int(session, old) + 1));
        assert_eq!(int(session, new.unwrap()), 42);
        let error = session.atom_update(atom, |_| Err(Refusal::WrongKind("a number")));
        assert_eq!(error.unwrap_err(), Refusal::WrongKind("a number"));
        assert_eq!(int(session, session.atom_load(atom)), 42);
        // Somebody else is faster the first time.
        let mut tries = 0;
        let new = session.atom_update(atom, |old| {
            tries += 1;
            if tries == 1 {
                session.atom_swap(atom, session.integer(100).unwrap());
            }
            session.integer(int(session, old) + 1)
        });
        assert_eq!((int(session, new.unwrap()), tries), (101, 2));
    });
}

#[test]
fn compare_and_swap_asks_for_identity_and_not_for_the_same_place() {
    with_session(|session| {
        let session = &*session;
        let atom = session.atom(large(session, 50)).unwrap();
        let same = large(session, 50);
        let other = large(session, 51);
        let swap = |expected, new| session.atom_compare_and_swap(atom, expected, new).unwrap();
        assert!(!swap(other, session.nil()));
        assert!(swap(same, session.integer(5).unwrap()));
        assert!(!swap(same, session.nil()));
        assert!(!swap(session.float(5.0).unwrap(), session.nil()));
        assert!(swap(session.integer(5).unwrap(), same));
    });
}

#[test]
fn an_exchange_may_be_interrupted_and_notices_what_others_store_meanwhile() {
    with_session(|session| {
        let length = if cfg!(miri) { 20 } else { 500 };
        let (mut name, mut same) = (Root::NIL, Root::NIL);
        let atom = session.atom(large(session, length)).unwrap();
        session.store(&mut name, session.atom_name(atom));
        session.store(&mut same, large(session, length));
        for interfere in [false, true] {
            let mut exchange = Exchange::new();
            let mut steps = 0;
            let swapped = loop {
                {
                    let session = &*session;
                    let atom = session.as_atom(session.load(&name)).unwrap();
                    if interfere && steps == 5 {
                        session.atom_swap(atom, session.integer(0).unwrap());
                    }
                    let (expected, new) = (session.load(&same), session.load(&same));
                    let step = session
                        .atom_compare_and_swap_step(&mut exchange, atom, expected, new, &mut {
                            UNITS
                        })
                        .unwrap();
                    if let Some(swapped) = step {
                        break swapped;
                    }
                }
                steps += 1;
                // SAFETY: these are all the roots.
                unsafe { session.collect_everything(&mut [&mut name, &mut same]) }.unwrap();
            };
            assert_eq!(swapped, !interfere);
            assert!(steps > 2);
            assert_eq!(session.heap_statistics().scratch, 0);
            let atom = session.as_atom(session.load(&name)).unwrap();
            session.atom_swap(atom, large(session, length));
        }
    });
}

#[test]
fn a_transaction_changes_all_its_atoms_or_none() {
    with_session(|session| {
        let session = &*session;
        let integer = |integer| session.integer(integer).unwrap();
        let atoms: Vec<_> = (0..5)
            .map(|index| session.atom(integer(index)).unwrap())
            .collect();
        let change = |index: usize, expected, new| AtomChange {
            atom: atoms[index],
            expected: integer(expected),
            new: integer(new),
        };
        let now = || -> Vec<_> {
            let held = atoms.iter().map(|atom| session.atom_load(*atom));
            held.map(|value| int(session, value)).collect()
        };
        // In any order.
        let changes = [change(3, 3, 30), change(0, 0, 10), change(4, 4, 4)];
        assert_eq!(session.atoms_transact(&changes), Ok(true));
        assert_eq!(now(), [10, 1, 2, 30, 4]);
        let changes = [change(0, 10, 11), change(1, 7, 8), change(2, 2, 3)];
        assert_eq!(session.atoms_transact(&changes), Ok(false));
        assert_eq!(now(), [10, 1, 2, 30, 4]);
        assert_eq!(session.atoms_transact(&[]), Ok(true));
        assert_eq!(session.atoms_transact(&[change(1, 1, 2)]), Ok(true));
        let twice = [change(2, 2, 3), change(1, 2, 3), change(2, 2, 4)];
        assert_eq!(session.atoms_transact(&twice), Err(Refusal::SameAtomTwice));
        assert_eq!(now(), [10, 2, 2, 30, 4]);
    });
}

#[test]
fn a_transaction_may_be_interrupted_and_compares_anew_what_others_store_meanwhile() {
    with_session(|session| {
        let length = if cfg!(miri) { 15 } else { 300 };
        let mut roots = [const { Root::NIL }; 4];
        {
            let session = &*session;
            for root in &mut roots[..2] {
                let atom = session.atom(large(session, length)).unwrap();
                session.store(root, session.atom_name(atom));
            }
            session.store(&mut roots[2], large(session, length));
            let value = session.text("the new value").unwrap();
            session.store(&mut roots[3], value);
        }
        let mut transaction = Transaction::new();
        let mut steps = 0;
        loop {
            {
                let session = &*session;
                let load = |index: usize| session.load(&roots[index]);
                let change = |index: usize| AtomChange {
                    atom: session.as_atom(load(index)).unwrap(),
                    expected: load(2),
                    new: load(3),
                };
                if steps == 8 {
                    // Identical, but another object.
                    session.atom_swap(change(0).atom, large(session, length));
                }
                let step = session.atoms_transact_step(&mut transaction, 2, change, &mut { UNITS });
                if let Some(done) = step.unwrap() {
                    assert!(done);
                    for index in 0..2 {
                        let held = session.atom_load(change(index).atom);
                        assert_eq!(session.as_text(held), Some("the new value"));
                    }
                    break;
                }
            }
            steps += 1;
            // SAFETY: these are all the roots.
            unsafe { session.collect_everything(&mut roots[..]) }.unwrap();
        }
        assert!(steps > 8, "{steps} steps");
        assert_eq!(session.heap_statistics().scratch, 0);
    });
}

#[test]
fn atoms_that_nobody_can_name_are_freed_and_their_numbers_are_not_given_again() {
    let mut region = vec![0; 1 << 15];
    let mut arena = Arena::new(&mut region).unwrap();
    arena.poison_freed(true);
    let (mut heap, space) = (Heap::empty(), Space::empty());
    let mut kept = Root::NIL;
    for round in 0..20 {
        // SAFETY: heap and space are new, one session at a time.
        let mut session = unsafe { Session::with_space(&mut arena, &mut heap, &space) };
        {
            let session = &session;
            // Each atom holds the name of the next; of the last list only the first is kept.
            let mut name = session.text("the last of the list").unwrap();
            for _ in 0..10 {
                name = session.atom_name(session.atom(name).unwrap());
            }
            assert_eq!(
                session.atom_number(session.as_atom(name).unwrap()),
                10 * (round + 1)
            );
            session.store(&mut kept, name);
        }
        // SAFETY: the only root.
        unsafe { session.collect_everything(&mut [&mut kept]) }.unwrap();
        assert_eq!(space.statistics().atoms, 10);
        assert_eq!(space.statistics().atoms_freed, 10 * round);
        let mut name = session.load(&kept);
        for _ in 0..10 {
            name = session.atom_load(session.as_atom(name).unwrap());
        }
        assert_eq!(session.as_text(name), Some("the last of the list"));
        space.verify(&mut arena, &[&heap], &[&kept]).unwrap();
    }
    assert_eq!(space.statistics().atoms_held, 256 + 256 + 512);
}

#[test]
fn an_atom_outlives_the_heap_that_made_it_as_long_as_anybody_can_name_it() {
    let mut region = vec![0; 1 << 15];
    let mut arena = Arena::new(&mut region).unwrap();
    arena.poison_freed(true);
    let (mut owner, mut other, space) = (Heap::empty(), Heap::empty(), Space::empty());
    let mut name = Root::NIL;
    {
        // SAFETY: heaps and space are new, one session at a time.
        let session = unsafe { Session::among_others(&mut arena, &mut owner, &space) };
        let atom = session.atom(session.text("of the dead").unwrap()).unwrap();
        session.store(&mut name, session.atom_name(atom));
        session.text("private").unwrap();
    }
    // SAFETY: what the root holds is shared.
    unsafe { space.inherit(&mut arena, &mut owner) };
    space.verify(&mut arena, &[&other], &[&name]).unwrap();
    let check = |session: &Session<'_>, name: &Root| {
        let atom = session.as_atom(session.load(name)).unwrap();
        assert_eq!(
            session.as_text(session.atom_load(atom)),
            Some("of the dead")
        );
    };
    // SAFETY: as above.
    check(
        &unsafe { Session::among_others(&mut arena, &mut other, &space) },
        &name,
    );
    // SAFETY: these are all heaps and roots.
    let collected = unsafe { space.collect(&mut arena, &other, &mut [&mut name]) }.unwrap();
    assert_eq!((collected.objects, collected.atoms), (1, 1));
    // SAFETY: as above.
    check(
        &unsafe { Session::among_others(&mut arena, &mut other, &space) },
        &name,
    );
    name = Root::NIL;
    // SAFETY: as above.
    let collected = unsafe { space.collect(&mut arena, &other, &mut [&mut name]) }.unwrap();
    assert_eq!((collected.objects, collected.atoms_freed), (0, 1));
}

#[test]
fn a_session_without_a_space_has_no_atoms() {
    let mut region = vec![0; 1 << 15];
    let mut arena = Arena::new(&mut region).unwrap();
    let mut heap = Heap::empty();
    // SAFETY: a new heap.
    let session = unsafe { Session::new(&mut arena, &mut heap) };
    assert_eq!(session.atom(session.nil()), Err(Refusal::NoSpace));
}

#[test]
fn an_atom_lives_while_only_an_unfinished_operation_holds_its_name() {
    with_session(|session| {
        let (mut map, mut vector) = (MapTransient::new(), VectorTransient::new());
        {
            let session = &*session;
            let name = |integer| {
                let atom = session.atom(session.integer(integer).unwrap()).unwrap();
                session.atom_name(atom)
            };
            let (key, value) = (name(1), name(2));
            session.map_transient_insert(&mut map, key, value).unwrap();
            session.vector_transient_push(&mut vector, name(3)).unwrap();
        }
        // SAFETY: there are no roots.
        unsafe { session.collect_everything(&mut [] as &mut [Root; 0]) }.unwrap();
        // New atoms do not take their places.
        session.atom(session.nil()).unwrap();
        let held = |name: Local<'_>| {
            let atom = session.as_atom(name).unwrap();
            int(session, session.atom_load(atom))
        };
        let vector = session.vector_freeze(&mut vector).unwrap();
        assert_eq!(held(session.vector_get(vector, 0).unwrap()), 3);
        let map = session.freeze(&mut map).unwrap();
        let (key, value) = session.map_entries(map).next().unwrap();
        assert_eq!((held(key), held(value)), (1, 2));
    });
}

#[test]
fn a_step_of_a_transaction_needs_no_more_room_than_its_worst_case_however_often_others_store() {
    with_session(|session| {
        let session = &*session;
        let text = || session.text("the same").unwrap();
        let (expected, twins) = (text(), [text(), text(), text()]);
        let atom = session.atom(twins[0]).unwrap();
        session.seal();
        let turn = std::cell::Cell::new(0);
        // Whenever it looks, somebody else has stored another object that is identical.
        let change = |_| {
            turn.set(turn.get() + 1);
            session.atom_swap(atom, twins[turn.get() % 3]);
            AtomChange {
                atom,
                expected,
                new: expected,
            }
        };
        let used = || {
            let statistics = session.heap_statistics();
            statistics.nursery + statistics.shared
        };
        let mut transaction = Transaction::new();
        for _ in 0..10 {
            let before = used();
            let step = session.atoms_transact_step(&mut transaction, 1, change, &mut 1000);
            assert!(step.is_ok());
            assert!(used() - before <= Session::worst_case_transaction(1) as u64);
            if step.unwrap().is_some() {
                return;
            }
        }
        session.end_transaction(&mut transaction);
    });
}
