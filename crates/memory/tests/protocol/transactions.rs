//! Transactions beside transactions.

use loom::model;
use loom::thread::spawn;
use stele_memory::protocol::commit::Failure;

use crate::words::{Atoms, IMPATIENT, PATIENT, explore};

#[test]
fn of_two_overlapping_commits_the_second_finds_what_the_first_left() {
    explore(3, || {
        let atoms = Atoms::<PATIENT>::new(&[1, 1, 1], 2);
        let other = spawn({
            let atoms = atoms.clone();
            move || atoms.commit(0, &[(0, 1, 2), (1, 1, 2)])
        });
        let here = atoms.commit(1, &[(1, 1, 3), (2, 1, 3)]);
        let there = other.join().unwrap();
        let now = [0, 1, 2].map(|index| atoms.load(index));
        match (here, there) {
            (Ok(()), Err(Failure::Changed { change: 1, .. })) => assert_eq!(now, [1, 3, 3]),
            (Err(Failure::Changed { change: 0, .. }), Ok(())) => assert_eq!(now, [2, 2, 1]),
            other => panic!("{other:?}"),
        }
        assert!(atoms.is_settled());
    });
}

#[test]
fn commits_of_the_same_atoms_never_wait_for_each_other_in_a_circle() {
    explore(3, || {
        let atoms = Atoms::<PATIENT>::new(&[1, 1], 2);
        let other = spawn({
            let atoms = atoms.clone();
            move || atoms.commit(0, &[(0, 1, 2), (1, 1, 2)])
        });
        let here = atoms.commit(1, &[(0, 1, 3), (1, 1, 3)]);
        let there = other.join().unwrap();
        let now = (atoms.load(0), atoms.load(1));
        assert!(here.is_ok() != there.is_ok());
        assert_eq!(now, if here.is_ok() { (3, 3) } else { (2, 2) });
        assert!(atoms.is_settled());
    });
}

#[test]
fn commits_without_patience_call_each_other_off_and_nothing_is_half_done() {
    explore(3, || {
        let atoms = Atoms::<IMPATIENT>::new(&[1, 1], 2);
        let other = spawn({
            let atoms = atoms.clone();
            move || atoms.commit(0, &[(0, 1, 2), (1, 1, 2)])
        });
        let here = atoms.commit(1, &[(0, 1, 3), (1, 1, 3)]);
        let there = other.join().unwrap();
        let now = (atoms.load(0), atoms.load(1));
        match (here.is_ok(), there.is_ok()) {
            (true, false) => assert_eq!(now, (3, 3)),
            (false, true) => assert_eq!(now, (2, 2)),
            (false, false) => assert_eq!(now, (1, 1)),
            (true, true) => panic!("both committed from the same old values"),
        }
        assert!(atoms.is_settled());
    });
}

#[test]
fn a_read_only_transaction_never_sees_a_sum_broken() {
    explore(3, || {
        let atoms = Atoms::<PATIENT>::new(&[5, 5], 2);
        let writer = spawn({
            let atoms = atoms.clone();
            move || atoms.commit(0, &[(0, 5, 3), (1, 5, 7)]).is_ok()
        });
        let seen = (atoms.load(0), atoms.load(1));
        let snapshot = atoms.commit(1, &[(0, seen.0, seen.0), (1, seen.1, seen.1)]);
        if snapshot.is_ok() {
            assert_eq!(seen.0 + seen.1, 10);
        }
        // Nothing it could be called off by, and the other's values are changed by nobody.
        assert!(writer.join().unwrap());
        assert_eq!((atoms.load(0), atoms.load(1)), (3, 7));
    });
}

#[test]
fn transfers_of_two_threads_keep_the_sum_that_a_third_reads() {
    explore(2, || {
        let atoms = Atoms::<IMPATIENT>::new(&[4, 4, 4], 3);
        let others = [(0, 1), (1, 2)].map(|(from, to)| {
            let atoms = atoms.clone();
            spawn(move || {
                let (has, gets) = (atoms.load(from), atoms.load(to));
                let change = [(from, has, has - 1), (to, gets, gets + 1)];
                let _ = atoms.commit(from, &change);
            })
        });
        let seen = [0, 1, 2].map(|index| atoms.load(index));
        let snapshot = [0, 1, 2].map(|index| (index, seen[index], seen[index]));
        if atoms.commit(2, &snapshot).is_ok() {
            assert_eq!(seen.iter().sum::<u64>(), 12);
        }
        for other in others {
            other.join().unwrap();
        }
        let end: u64 = (0..3).map(|index| atoms.load(index)).sum();
        assert_eq!(end, 12);
        assert!(atoms.is_settled());
    });
}

#[test]
fn a_commit_fails_at_the_first_atom_that_differs_and_leaves_the_others() {
    model(|| {
        let atoms = Atoms::<PATIENT>::new(&[1, 2, 3], 1);
        let failed = atoms.commit(0, &[(0, 1, 10), (1, 9, 11), (2, 3, 12)]);
        match failed {
            Err(Failure::Changed { change: 1, found }) => assert_eq!(found >> 3, 2),
            other => panic!("{other:?}"),
        }
        assert_eq!([0, 1, 2].map(|index| atoms.load(index)), [1, 2, 3]);
    });
}

#[test]
fn a_stop_settles_what_is_left() {
    model(|| {
        let atoms = Atoms::<PATIENT>::new(&[1, 1], 1);
        let writer = spawn({
            let atoms = atoms.clone();
            move || atoms.commit(0, &[(0, 1, 2), (1, 1, 2)])
        });
        let settled = atoms.settle(1);
        let committed = writer.join().unwrap();
        let now = if committed.is_ok() { 2 } else { 1 };
        assert_eq!((atoms.load(0), atoms.load(1)), (now, now));
        assert!(settled == 1 || settled == now);
    });
}
