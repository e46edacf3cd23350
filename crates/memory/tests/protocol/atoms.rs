//! Single atoms, and single atoms beside a transaction.

use loom::model;
use loom::thread::spawn;
use stele_memory::protocol::commit::Failure;

use crate::words::{Atoms, IMPATIENT, PATIENT, explore};

#[test]
fn of_two_comparisons_with_the_same_value_one_succeeds() {
    model(|| {
        let atoms = Atoms::<PATIENT>::new(&[1], 0);
        let other = spawn({
            let atoms = atoms.clone();
            move || atoms.exchange(0, 1, 2)
        });
        let here = atoms.exchange(0, 1, 3);
        let there = other.join().unwrap();
        match (here, there) {
            (Ok(()), Err(3)) => assert_eq!(atoms.load(0), 3),
            (Err(2), Ok(())) => assert_eq!(atoms.load(0), 2),
            other => panic!("{other:?}"),
        }
    });
}

#[test]
fn every_value_that_is_swapped_in_is_swapped_out_once_or_stays() {
    model(|| {
        let atoms = Atoms::<PATIENT>::new(&[0], 0);
        let others = [1, 2].map(|value| {
            let atoms = atoms.clone();
            spawn(move || atoms.swap(0, value))
        });
        let mut seen = others.map(|other| other.join().unwrap()).to_vec();
        seen.push(atoms.load(0));
        seen.sort_unstable();
        assert_eq!(seen, [0, 1, 2]);
    });
}

#[test]
fn what_was_written_before_a_swap_is_seen_by_whoever_loads_its_value() {
    model(|| {
        let atoms = Atoms::<PATIENT>::new(&[0], 0);
        let object = loom::sync::Arc::new(loom::cell::UnsafeCell::new(0));
        let writer = spawn({
            let (atoms, object) = (atoms.clone(), object.clone());
            move || {
                // SAFETY: nobody reads the object before the swap below; loom checks that.
                object.with_mut(|object| unsafe { *object = 7 });
                atoms.swap(0, 1);
            }
        });
        if atoms.load(0) == 1 {
            // SAFETY: nobody writes the object after the swap.
            object.with(|object| assert_eq!(unsafe { *object }, 7));
        }
        writer.join().unwrap();
    });
}

#[test]
fn what_was_written_before_a_commit_is_seen_by_whoever_reads_through_it() {
    model(|| {
        let atoms = Atoms::<PATIENT>::new(&[0, 0], 1);
        let object = loom::sync::Arc::new(loom::cell::UnsafeCell::new(0));
        let writer = spawn({
            let (atoms, object) = (atoms.clone(), object.clone());
            move || {
                // SAFETY: nobody reads the object before the commit below; loom checks that.
                object.with_mut(|object| unsafe { *object = 7 });
                atoms.commit(0, &[(0, 0, 1), (1, 0, 1)]).unwrap();
            }
        });
        if atoms.load(1) == 1 {
            // SAFETY: nobody writes the object after the commit.
            object.with(|object| assert_eq!(unsafe { *object }, 7));
        }
        writer.join().unwrap();
    });
}

#[test]
fn loads_see_a_commit_in_all_atoms_once_they_see_it_in_one() {
    model(|| {
        let atoms = Atoms::<PATIENT>::new(&[1, 1], 1);
        let writer = spawn({
            let atoms = atoms.clone();
            move || atoms.commit(0, &[(0, 1, 2), (1, 1, 2)]).unwrap()
        });
        let (first, second) = (atoms.load(0), atoms.load(1));
        let again = atoms.load(0);
        writer.join().unwrap();
        assert!(
            first <= second,
            "{first} in one atom, then {second} in the other"
        );
        assert!(
            second <= again,
            "{second} in one atom, then {again} in the other"
        );
        assert_eq!((atoms.load(0), atoms.load(1)), (2, 2));
        assert!(atoms.is_settled());
    });
}

#[test]
fn two_readers_and_a_commit_agree_on_its_moment() {
    explore(3, || {
        let atoms = Atoms::<PATIENT>::new(&[1, 1], 1);
        let writer = spawn({
            let atoms = atoms.clone();
            move || atoms.commit(0, &[(0, 1, 2), (1, 1, 2)]).unwrap()
        });
        let reader = spawn({
            let atoms = atoms.clone();
            move || (atoms.load(1), atoms.load(0))
        });
        let (first, second) = (atoms.load(0), atoms.load(1));
        let (third, fourth) = reader.join().unwrap();
        assert!(first <= second && third <= fourth);
        writer.join().unwrap();
    });
}

#[test]
fn a_swap_comes_before_a_commit_or_after_it() {
    model(|| {
        let atoms = Atoms::<PATIENT>::new(&[1, 1], 1);
        let writer = spawn({
            let atoms = atoms.clone();
            move || atoms.commit(0, &[(0, 1, 2), (1, 1, 2)])
        });
        let had = atoms.swap(1, 9);
        let committed = writer.join().unwrap();
        match (committed, had) {
            (Ok(()), 2) => assert_eq!((atoms.load(0), atoms.load(1)), (2, 9)),
            (Err(Failure::Changed { change: 1, found }), 1) => {
                assert_eq!(found >> 3, 9);
                assert_eq!((atoms.load(0), atoms.load(1)), (1, 9));
            }
            other => panic!("{other:?}"),
        }
        assert!(atoms.is_settled());
    });
}

#[test]
fn a_swap_without_patience_calls_a_commit_off_and_nothing_of_it_remains() {
    model(|| {
        let atoms = Atoms::<IMPATIENT>::new(&[1, 1], 1);
        let writer = spawn({
            let atoms = atoms.clone();
            move || atoms.commit(0, &[(0, 1, 2), (1, 1, 2)])
        });
        let had = atoms.swap(0, 9);
        let committed = writer.join().unwrap();
        let now = (atoms.load(0), atoms.load(1));
        match (committed, had) {
            (Ok(()), 2) => assert_eq!(now, (9, 2)),
            (Err(_), 1) => assert_eq!(now, (9, 1)),
            other => panic!("{other:?}"),
        }
        assert!(atoms.is_settled());
    });
}

#[test]
fn a_comparison_beside_a_commit_finds_the_value_before_or_after_it() {
    model(|| {
        let atoms = Atoms::<PATIENT>::new(&[1, 1], 1);
        let writer = spawn({
            let atoms = atoms.clone();
            move || atoms.commit(0, &[(0, 1, 2), (1, 1, 2)])
        });
        let exchanged = atoms.exchange(0, 1, 9);
        let committed = writer.join().unwrap();
        let now = (atoms.load(0), atoms.load(1));
        match (committed, exchanged) {
            (Ok(()), Err(2)) => assert_eq!(now, (2, 2)),
            (Err(Failure::Changed { change: 0, .. }), Ok(())) => assert_eq!(now, (9, 1)),
            other => panic!("{other:?}"),
        }
        assert!(atoms.is_settled());
    });
}

#[test]
fn a_comparison_that_must_fail_waits_for_nobody() {
    model(|| {
        let atoms = Atoms::<IMPATIENT>::new(&[1, 1], 1);
        let writer = spawn({
            let atoms = atoms.clone();
            move || atoms.commit(0, &[(0, 1, 2), (1, 1, 2)])
        });
        let found = atoms.exchange(0, 7, 9).unwrap_err();
        assert!(found == 1 || found == 2);
        writer.join().unwrap().unwrap();
        assert_eq!((atoms.load(0), atoms.load(1)), (2, 2));
    });
}
