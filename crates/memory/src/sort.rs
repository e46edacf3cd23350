//! Ordered traversal: the elements of a vector, the members of a set or the keys of a map in the
//! [total order](Session::order).
//!
//! A merge sort from the bottom up over a scratch block with room for everything twice, so equal
//! elements keep their order and every step, comparisons included, can be interrupted.

use core::cmp::Ordering;

use crate::arena::OutOfMemory;
use crate::compare::{Comparison, Question};
use crate::scratch::{Scratch, View};
use crate::session::{Local, Refusal, Session};
use crate::trie::TrieCursor;
use crate::value::Value;

/// Sorting that may be interrupted, as a [`Comparison`] may be. Whoever gives it up before it is
/// done ends it with [`Session::end_sorting`].
#[repr(C)]
#[derive(Debug)]
pub struct Sorting {
    /// All values, then room for as many.
    values: Scratch,
    comparison: Comparison,
    phase: u64,
    /// How many values there are.
    count: u64,
    cursor: TrieCursor,
    /// Values in each sorted run.
    width: u64,
    /// Where the two runs that are being merged begin.
    from: u64,
    /// How many values of the first and of the second have been taken.
    taken: [u64; 2],
    /// Whether the values are now in the second half.
    second: u64,
    /// How many elements the result has so far.
    made: u64,
}

/// The values are being collected.
const COLLECT: u64 = 0;
/// Runs are being merged.
const MERGE: u64 = 1;
/// The vector is being made.
const MAKE: u64 = 2;

impl Sorting {
    /// Nothing has been sorted yet.
    #[must_use]
    pub const fn new() -> Sorting {
        Sorting {
            values: Scratch::NONE,
            comparison: Comparison::new(),
            phase: COLLECT,
            count: 0,
            cursor: TrieCursor { words: [0; 2] },
            width: 1,
            from: 0,
            taken: [0; 2],
            second: 0,
            made: 0,
        }
    }
}

impl Default for Sorting {
    fn default() -> Sorting {
        Sorting::new()
    }
}

impl Session<'_> {
    /// The elements of a vector, the members of a set or the keys of a map as a vector in the total
    /// order.
    ///
    /// # Errors
    /// If there is no room for it, or if this is no collection.
    pub fn sorted<'a>(&'a self, collection: Local<'a>) -> Result<Local<'a>, Refusal> {
        let mut sorting = Sorting::new();
        loop {
            if let Some(sorted) = self.sort_step(&mut sorting, collection, &mut { u64::MAX })? {
                return Ok(sorted);
            }
        }
    }

    /// Goes on with [`Session::sorted`], for at most `units` units of work, from which it takes what
    /// it did; none if it is not done. The collection is the same at each step.
    ///
    /// # Errors
    /// As [`Session::sorted`]; it then begins anew.
    pub fn sort_step<'a>(
        &'a self,
        sorting: &mut Sorting,
        collection: Local<'a>,
        units: &mut u64,
    ) -> Result<Option<Local<'a>>, Refusal> {
        let result = self.sort_pieces(sorting, collection, units);
        if !matches!(result, Ok(None)) {
            self.end_sorting(sorting);
        }
        result
    }

    /// Gives sorting up.
    pub fn end_sorting(&self, sorting: &mut Sorting) {
        self.close_scratch(&mut sorting.values);
        self.end_comparison(&mut sorting.comparison);
        *sorting = Sorting::new();
    }

    fn sort_pieces<'a>(
        &'a self,
        sorting: &mut Sorting,
        collection: Local<'a>,
        units: &mut u64,
    ) -> Result<Option<Local<'a>>, Refusal> {
        if sorting.phase == COLLECT {
            if sorting.values.is_none() {
                sorting.count = self.collection_len(collection)?;
                sorting.values = self.open_scratch(0, 2 * sorting.count as usize + 1)?;
            }
            if !self.collect_values(sorting, collection, units) {
                return Ok(None);
            }
            sorting.phase = MERGE;
        }
        if sorting.phase == MERGE {
            while sorting.width < sorting.count {
                if !self.merge_runs(sorting, units)? {
                    return Ok(None);
                }
            }
            sorting.phase = MAKE;
            if let Some(view) = self.view(&sorting.values) {
                // The place of the result, which is a root like the values.
                view.set(2 * sorting.count as usize, self.vector()?.value);
            }
        }
        let Some(view) = self.view(&sorting.values) else {
            return Ok(Some(self.vector()?));
        };
        let count = sorting.count as usize;
        let first = if sorting.second == 0 { 0 } else { count };
        let mut made = Local::new(view.get(2 * count));
        while (sorting.made as usize) < count {
            if *units == 0 {
                return Ok(None);
            }
            *units -= 1;
            let element = Local::new(view.get(first + sorting.made as usize));
            made = self.vector_push(made, element)?;
            view.set(2 * count, made.value);
            sorting.made += 1;
        }
        Ok(Some(Local::new(made.value)))
    }

    fn collection_len(&self, collection: Local<'_>) -> Result<u64, Refusal> {
        self.vector_len(collection)
            .or_else(|| self.set_len(collection))
            .or_else(|| self.map_len(collection))
            .ok_or(Refusal::WrongKind("a vector, a set or a map"))
    }

    /// Collects values; whether all have been.
    fn collect_values(
        &self,
        sorting: &mut Sorting,
        collection: Local<'_>,
        units: &mut u64,
    ) -> bool {
        let Some(view) = self.view(&sorting.values) else {
            return true;
        };
        while (view.count() as u64) < sorting.count {
            if *units == 0 {
                return false;
            }
            *units -= 1;
            let index = view.count() as u64;
            let next = if let Some(element) = self.vector_get(collection, index) {
                Some((element, sorting.cursor))
            } else if let Some(found) = self.set_next(collection, sorting.cursor) {
                Some(found)
            } else {
                self.map_next(collection, sorting.cursor)
                    .map(|(key, _, cursor)| (key, cursor))
            };
            let Some((value, cursor)) = next else {
                break;
            };
            view.push(value.value);
            sorting.cursor = cursor;
        }
        // Room for as many again, and for the result.
        sorting.count = view.count() as u64;
        while view.push(Value::NIL) {}
        true
    }

    /// Merges the runs of one width; whether all of that width have been.
    fn merge_runs(&self, sorting: &mut Sorting, units: &mut u64) -> Result<bool, OutOfMemory> {
        while sorting.from < sorting.count {
            // Charged at the end, so that a comparison always gets on.
            if *units == 0 {
                return Ok(false);
            }
            let left = sorting.width.min(sorting.count - sorting.from);
            let right = sorting.width.min(sorting.count - sorting.from - left);
            let [a, b] = sorting.taken;
            if a + b >= left + right {
                sorting.from += left + right;
                sorting.taken = [0; 2];
                continue;
            }
            let Some(view) = self.view(&sorting.values) else {
                return Ok(true);
            };
            let places = Places {
                count: sorting.count as usize,
                second: sorting.second != 0,
            };
            let first = places.get(&view, sorting.from + a);
            let second = places.get(&view, sorting.from + left + b);
            let take_second = if a == left {
                true
            } else if b == right {
                false
            } else {
                let comparison = &mut sorting.comparison;
                match self.compare_step(Question::Order, comparison, first, second, units)? {
                    Some(order) => order == Ordering::Greater,
                    None => return Ok(false),
                }
            };
            let value = if take_second { second } else { first };
            places.put(&view, sorting.from + a + b, value);
            sorting.taken[usize::from(take_second)] += 1;
            *units = units.saturating_sub(1);
        }
        sorting.from = 0;
        sorting.width = sorting.width.saturating_mul(2);
        sorting.second = u64::from(sorting.second == 0);
        Ok(true)
    }
}

/// Which half is read, and which is written.
struct Places {
    count: usize,
    second: bool,
}

impl Places {
    fn get(&self, view: &View<'_>, index: u64) -> Value {
        let half = if self.second { self.count } else { 0 };
        view.get(half + index as usize)
    }

    fn put(&self, view: &View<'_>, index: u64, value: Value) {
        let half = if self.second { 0 } else { self.count };
        view.set(half + index as usize, value);
    }
}
