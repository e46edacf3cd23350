//! Ordered traversal, against the sort of the standard library.
#![expect(
    clippy::unwrap_used,
    reason = "a test fails by panicking, in its helper functions too"
)]

mod support;

use proptest::prelude::*;
use stele_memory::{Arena, Heap, Root, Session, Sorting};

use support::{Model, config, models};

proptest! {
    #![proptest_config(config(100))]

    #[test]
    fn collections_are_walked_in_order(elements in prop::collection::vec(models(), 0..if cfg!(miri) { 4 } else { 30 }), units in prop_oneof![Just(if cfg!(miri) { 60u64 } else { 1 }), 2u64..100]) {
        let mut region = vec![0; if cfg!(miri) { 1 << 15 } else { 1 << 18 }];
        let mut arena = Arena::new(&mut region).unwrap();
        arena.poison_freed(true);
        let mut heap = Heap::empty();
        {
            // SAFETY: a new heap, one session.
            let mut session = unsafe { Session::new(&mut arena, &mut heap) };
            let pairs = elements.iter().map(|element| (element.clone(), Model::Nil)).collect();
            for model in [
                Model::Vector(elements.clone()),
                Model::Set(elements.clone()),
                Model::Map(pairs),
            ] {
                let mut root = Root::NIL;
                let made = model.make(&session);
                session.store(&mut root, made);
                let mut sorting = Sorting::new();
                loop {
                    let mut left = units;
                    let collection = session.load(&root);
                    if let Some(sorted) = session.sort_step(&mut sorting, collection, &mut left).unwrap() {
                        let mut expected: Vec<_> = match &model {
                            Model::Vector(_) => session.vector_elements(collection).collect(),
                            Model::Set(_) => session.set_members(collection).collect(),
                            _ => session.map_entries(collection).map(|(key, _)| key).collect(),
                        };
                        expected.sort_by(|a, b| session.order(*a, *b).unwrap());
                        let found: Vec<_> = session.vector_elements(sorted).collect();
                        prop_assert_eq!(found.len(), expected.len());
                        for (a, b) in found.iter().zip(&expected) {
                            prop_assert!(session.identical(*a, *b).unwrap());
                        }
                        break;
                    }
                    // SAFETY: this is the only root.
                    unsafe { session.collect_everything(&mut [&mut root]) }.unwrap();
                }
            }
            prop_assert_eq!(session.heap_statistics().scratch, 0);
        }
        heap.verify(&mut arena, &[] as &[&Root; 0]).unwrap();
    }
}

#[test]
fn what_is_no_collection_is_not_sorted() {
    let mut region = vec![0; 1 << 14];
    let mut arena = Arena::new(&mut region).unwrap();
    let mut heap = Heap::empty();
    // SAFETY: a new heap, one session.
    let session = unsafe { Session::new(&mut arena, &mut heap) };
    let error = session.sorted(session.nil()).unwrap_err();
    assert_eq!(
        error.to_string(),
        "the value is not a vector, a set or a map"
    );
    let empty = session.sorted(session.set().unwrap()).unwrap();
    assert_eq!(session.vector_len(empty), Some(0));
}
