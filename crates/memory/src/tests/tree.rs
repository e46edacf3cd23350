//! The buddy tree against a model that knows nothing but which units belong to which block.

use std::collections::HashMap;
use std::collections::hash_map::Entry;
use std::vec;
use std::vec::Vec;

use super::std;
use crate::tree::{CODE, OPEN, SEALED, Tree};

/// Allocated blocks as (unit, order), in order of unit.
type Blocks = Vec<(u32, u32)>;

struct Model {
    units: u32,
    first: u32,
    end: u32,
    reserve: Option<(u32, u32)>,
}

impl Model {
    fn build(&self) -> (Tree, Vec<u8>) {
        let mut tree = Tree::new(self.units);
        // The bytes of nodes that are never reached hold anything.
        let mut map = vec![0xA5; tree.map_bytes()];
        tree.clear(&mut map, self.first, self.end);
        if let Some((unit, order)) = self.reserve {
            tree.set_reserve(&mut map, unit, order);
        }
        (tree, map)
    }

    fn in_reserve(&self, unit: u32) -> bool {
        self.reserve
            .is_some_and(|(start, order)| (start..start + (1 << order)).contains(&unit))
    }

    fn is_free(&self, blocks: &Blocks, unit: u32, order: u32) -> bool {
        let units = unit..unit + (1 << order);
        units.start >= self.first
            && units.end <= self.end
            && units
                .clone()
                .all(|unit| self.in_reserve(unit) == self.in_reserve(units.start))
            && blocks
                .iter()
                .all(|(start, order)| start + (1 << order) <= units.start || units.end <= *start)
    }

    /// The lowest place of a block of `order`.
    fn place(&self, blocks: &Blocks, order: u32, reserve: bool) -> Option<u32> {
        (0..self.units)
            .step_by(1 << order)
            .find(|unit| self.in_reserve(*unit) == reserve && self.is_free(blocks, *unit, order))
    }

    /// The largest free order outside the reserve, plus one.
    fn largest(&self, blocks: &Blocks) -> u8 {
        (0..6)
            .rev()
            .find(|order| self.place(blocks, *order, false).is_some())
            .map_or(0, |order| order as u8 + 1)
    }
}

/// Visits every state that allocating and freeing can reach, tries every step from each, and
/// returns how many states there are.
fn explore(model: &Model) -> usize {
    let (mut tree, map) = model.build();
    let top = tree.span().trailing_zeros();
    let mut seen: HashMap<Blocks, Vec<u8>> = HashMap::from([(Vec::new(), map)]);
    let mut pending: Vec<Blocks> = vec![Vec::new()];
    while let Some(blocks) = pending.pop() {
        let map = seen[&blocks].clone();
        assert_eq!(tree.largest(&map), model.largest(&blocks), "{blocks:?}");
        let mut reached = Vec::new();
        for order in 0..=top {
            for reserve in [false, true] {
                let mut after = map.clone();
                let unit = tree.allocate(&mut after, order, reserve, OPEN);
                assert_eq!(
                    unit,
                    model.place(&blocks, order, reserve),
                    "order {order} in {blocks:?}"
                );
                if let Some(unit) = unit {
                    reached.push((with(&blocks, unit, order), after));
                }
            }
            for unit in (0..tree.span()).step_by(1 << order) {
                let mut after = map.clone();
                let claimed = tree.claim(&mut after, unit, order, SEALED);
                assert_eq!(
                    claimed,
                    model.is_free(&blocks, unit, order),
                    "order {order} at {unit} in {blocks:?}"
                );
                if claimed {
                    tree.set_state(&mut after, unit, order, OPEN);
                    reached.push((with(&blocks, unit, order), after));
                }
            }
        }
        for (index, (unit, order)) in blocks.iter().enumerate() {
            for inside in *unit..unit + (1 << order) {
                let found = tree.find(&map, inside);
                assert_eq!(
                    (found.unit, found.order, found.state),
                    (*unit, *order, OPEN)
                );
            }
            let mut after = map.clone();
            tree.release(&mut after, *unit, *order);
            let mut left = blocks.clone();
            left.remove(index);
            reached.push((left, after));
        }
        for (blocks, map) in reached {
            match seen.entry(blocks) {
                Entry::Vacant(place) => {
                    pending.push(place.key().clone());
                    place.insert(map);
                }
                // However a state was reached, the nodes that can be reached in it are the same.
                Entry::Occupied(known) => {
                    assert_eq!(nodes(&mut tree, known.get()), nodes(&mut tree, &map))
                }
            }
        }
    }
    seen.len()
}

fn with(blocks: &Blocks, unit: u32, order: u32) -> Blocks {
    let mut blocks = blocks.clone();
    blocks.push((unit, order));
    blocks.sort_unstable();
    blocks
}

fn nodes(tree: &mut Tree, map: &[u8]) -> Vec<(u32, u32, u8)> {
    (0..tree.span())
        .map(|unit| {
            let node = tree.find(map, unit);
            (node.unit, node.order, node.state)
        })
        .collect()
}

#[test]
#[cfg_attr(miri, ignore = "safe code, and too many states")]
fn every_state_of_a_tree_of_eight_units_is_as_the_model_says() {
    assert_eq!(
        explore(&Model {
            units: 8,
            first: 0,
            end: 8,
            reserve: None
        }),
        677
    );
}

#[test]
#[cfg_attr(miri, ignore = "safe code, and too many states")]
fn a_tree_with_a_header_a_map_and_a_reserve_is_as_the_model_says() {
    explore(&Model {
        units: 7,
        first: 1,
        end: 6,
        reserve: Some((4, 1)),
    });
    explore(&Model {
        units: 9,
        first: 1,
        end: 9,
        reserve: Some((6, 1)),
    });
    explore(&Model {
        units: 5,
        first: 1,
        end: 5,
        reserve: Some((4, 0)),
    });
    explore(&Model {
        units: 13,
        first: 1,
        end: 12,
        reserve: Some((8, 2)),
    });
    explore(&Model {
        units: 12,
        first: 2,
        end: 11,
        reserve: Some((10, 0)),
    });
}

#[test]
fn states_other_than_free_are_never_taken_for_room() {
    let tree = Tree::new(2);
    let mut map = vec![0; tree.map_bytes()];
    tree.clear(&mut map, 0, 2);
    assert_eq!(tree.allocate(&mut map, 0, false, CODE), Some(0));
    assert_eq!(tree.allocate(&mut map, 0, false, SEALED), Some(1));
    assert_eq!(tree.largest(&map), 0);
    assert_eq!(tree.allocate(&mut map, 0, false, OPEN), None);
}
