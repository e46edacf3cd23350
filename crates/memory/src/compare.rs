//! The two equalities and the total order, of values of any depth, in steps of bounded length.
//!
//! - [`Session::identical`]: the same kind and the same bits, through and through. Where values are
//!   in memory, what they share and how a vector was built does not matter.
//! - [`Session::equal`]: as `identical`, but numbers are equal when they are worth the same, whether
//!   integer or float: 1 equals 1.0, 2^53+1 does not equal the float 2^53, 0.0 equals -0.0. NaN
//!   equals itself, so that every value equals itself and any value can be the key of a map.
//! - [`Session::order`]: a total order in which only identical values are equal. By kind first
//!   ([`simple`](crate::simple) has the ranks); numbers by what they are worth (NaN last), then
//!   integers before floats and -0.0 before 0.0; vectors element by element, a vector before its
//!   continuations; records by type, then number of fields, then field by field; sets and maps by
//!   size, then by the hashes of their keys, then key by key and value by value. So the order of two
//!   sets or maps depends on what is in them, not on how it came there.
//!
//! A comparison walks both values with one stack of pairs. Pairs of objects that were found equal
//! become classes of equal objects, so parts that are shared many times are compared once.

use core::cmp::Ordering;

use crate::arena::OutOfMemory;
use crate::memo::{FIRST_PATIENCE, Frames, Memo, PATIENCE};
use crate::object::Kind;
use crate::scratch::Scratch;
use crate::session::{Local, Object, Session, bytes_of};
use crate::simple::Seen;
use crate::value::Value;

/// Bytes of text or bytes that are compared as one unit of work.
const PIECE: usize = 256;

/// A comparison that may be interrupted: plain words that may be kept anywhere, also across
/// collections and in a saved arena. Whoever gives one up before it is done ends it with
/// [`Session::end_comparison`].
#[repr(C)]
#[derive(Debug)]
pub struct Comparison {
    stack: Scratch,
    classes: Memo<2>,
    /// Units of work done.
    spent: u64,
    /// Units of work done when a pair was last noted.
    noted: u64,
}

impl Comparison {
    /// A comparison that has not begun.
    #[must_use]
    pub const fn new() -> Comparison {
        Comparison {
            stack: Scratch::NONE,
            classes: Memo::NONE,
            spent: 0,
            noted: FIRST_PATIENCE,
        }
    }
}

impl Default for Comparison {
    fn default() -> Comparison {
        Comparison::new()
    }
}

/// Two objects of one rank, and how far they have been compared: elements of a vector, words of
/// the payload of another object, bytes of a string.
struct Pair {
    a: Value,
    b: Value,
    index: usize,
}

impl Pair {
    fn words(&self) -> [Value; 3] {
        let index = Value::inline_integer(self.index as i64).unwrap_or(Value::NIL);
        [self.a, self.b, index]
    }

    fn of(words: [Value; 3]) -> Pair {
        Pair {
            a: words[0],
            b: words[1],
            index: words[2].as_inline_integer().unwrap_or(0) as usize,
        }
    }
}

/// How it goes on with a pair.
enum Next {
    /// So compare the two objects.
    Done(Ordering),
    /// First compare these two, which the index is past already.
    Descend(Value, Value),
    /// The units of this step are used up.
    Pause,
}

/// What is to be known of two values.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Question {
    Identical,
    Equal,
    /// The total order, in which only identical values are equal.
    Order,
    /// An order in which equal values are equal.
    WeakOrder,
}

impl Session<'_> {
    /// Whether two values are of the same kind and hold the same bits, however deep.
    ///
    /// # Errors
    /// Deep or large values need scratch blocks; if there is no room for them.
    pub fn identical(&self, a: Local<'_>, b: Local<'_>) -> Result<bool, OutOfMemory> {
        self.compare_at_once(Question::Identical, a, b)
            .map(Ordering::is_eq)
    }

    /// Whether two values are equal: identical but for the kinds of numbers that are worth the same.
    ///
    /// # Errors
    /// As [`Session::identical`].
    pub fn equal(&self, a: Local<'_>, b: Local<'_>) -> Result<bool, OutOfMemory> {
        self.compare_at_once(Question::Equal, a, b)
            .map(Ordering::is_eq)
    }

    /// The place of `a` beside `b` in the total order of all values.
    ///
    /// # Errors
    /// As [`Session::identical`].
    pub fn order(&self, a: Local<'_>, b: Local<'_>) -> Result<Ordering, OutOfMemory> {
        self.compare_at_once(Question::Order, a, b)
    }

    /// Goes on with finding out whether two values are identical, for at most `units` units of
    /// work, from which it takes what it did; none if it is not done. The values are the same at
    /// each step.
    ///
    /// # Errors
    /// As [`Session::identical`]; the comparison then begins anew.
    pub fn identical_step(
        &self,
        comparison: &mut Comparison,
        a: Local<'_>,
        b: Local<'_>,
        units: &mut u64,
    ) -> Result<Option<bool>, OutOfMemory> {
        let order = self.compare_step(Question::Identical, comparison, a.value, b.value, units)?;
        Ok(order.map(Ordering::is_eq))
    }

    /// Goes on with [`Session::equal`], otherwise as [`Session::identical_step`].
    ///
    /// # Errors
    /// As [`Session::identical_step`].
    pub fn equal_step(
        &self,
        comparison: &mut Comparison,
        a: Local<'_>,
        b: Local<'_>,
        units: &mut u64,
    ) -> Result<Option<bool>, OutOfMemory> {
        let order = self.compare_step(Question::Equal, comparison, a.value, b.value, units)?;
        Ok(order.map(Ordering::is_eq))
    }

    /// Goes on with [`Session::order`], otherwise as [`Session::identical_step`].
    ///
    /// # Errors
    /// As [`Session::identical_step`].
    pub fn order_step(
        &self,
        comparison: &mut Comparison,
        a: Local<'_>,
        b: Local<'_>,
        units: &mut u64,
    ) -> Result<Option<Ordering>, OutOfMemory> {
        self.compare_step(Question::Order, comparison, a.value, b.value, units)
    }

    /// Gives a comparison up.
    pub fn end_comparison(&self, comparison: &mut Comparison) {
        self.close_scratch(&mut comparison.stack);
        comparison.classes.close(self);
        *comparison = Comparison::new();
    }

    fn compare_at_once(
        &self,
        question: Question,
        a: Local<'_>,
        b: Local<'_>,
    ) -> Result<Ordering, OutOfMemory> {
        let mut comparison = Comparison::new();
        loop {
            let mut units = u64::MAX;
            let step =
                self.compare_step(question, &mut comparison, a.value, b.value, &mut units)?;
            if let Some(order) = step {
                return Ok(order);
            }
        }
    }

    /// One step of a comparison; where only equality is asked for, any order but equal says no.
    pub(crate) fn compare_step(
        &self,
        question: Question,
        comparison: &mut Comparison,
        a: Value,
        b: Value,
        units: &mut u64,
    ) -> Result<Option<Ordering>, OutOfMemory> {
        let before = *units;
        let result = match question {
            Question::Identical => self.step::<true, false>(comparison, a, b, units),
            Question::Order => self.step::<true, true>(comparison, a, b, units),
            Question::Equal => self.step::<false, false>(comparison, a, b, units),
            Question::WeakOrder => self.step::<false, true>(comparison, a, b, units),
        };
        comparison.spent = comparison.spent.saturating_add(before - *units);
        if !matches!(result, Ok(None)) {
            self.end_comparison(comparison);
        }
        result
    }

    fn step<const TOTAL: bool, const ORDER: bool>(
        &self,
        comparison: &mut Comparison,
        a: Value,
        b: Value,
        units: &mut u64,
    ) -> Result<Option<Ordering>, OutOfMemory> {
        let Comparison {
            stack,
            classes,
            spent,
            noted,
        } = comparison;
        let mut frames = Frames::new();
        let mut pair = if stack.is_none() {
            match self.compare_parts::<TOTAL, ORDER>(a, b) {
                Some(order) => return Ok(Some(order)),
                None => Pair { a, b, index: 0 },
            }
        } else {
            classes.refresh(self)?;
            match frames.pop(self, stack) {
                Some(words) => Pair::of(words),
                None => Pair { a, b, index: 0 },
            }
        };
        let at_start = *units;
        loop {
            match self.advance::<TOTAL, ORDER>(&mut pair, units) {
                Next::Done(Ordering::Equal) => {
                    let done = *spent + (at_start - *units);
                    if done >= *noted + PATIENCE {
                        classes.unite(self, self.bare(pair.a), self.bare(pair.b))?;
                        *noted = done;
                    }
                    match frames.pop(self, stack) {
                        Some(words) => pair = Pair::of(words),
                        None => return Ok(Some(Ordering::Equal)),
                    }
                }
                Next::Done(order) => return Ok(Some(order)),
                Next::Descend(a, b) => {
                    let (a, b) = (self.bare(a), self.bare(b));
                    let known =
                        !classes.is_none() && classes.class(self, a) == classes.class(self, b);
                    if !known {
                        frames.push(self, stack, pair.words())?;
                        pair = Pair { a, b, index: 0 };
                    }
                }
                Next::Pause => {
                    frames.push(self, stack, pair.words())?;
                    frames.park(self, stack)?;
                    return Ok(None);
                }
            }
        }
    }

    /// What a stored key is a key for; any other value itself.
    fn bare(&self, mut value: Value) -> Value {
        while value.is_stored_key() {
            value = self.target(value).value(1);
        }
        value
    }

    /// Compares two values if that takes no more than a step.
    #[inline]
    fn compare_parts<const TOTAL: bool, const ORDER: bool>(
        &self,
        a: Value,
        b: Value,
    ) -> Option<Ordering> {
        if a == b {
            return Some(Ordering::Equal);
        }
        if let (Some(a), Some(b)) = (a.as_inline_integer(), b.as_inline_integer()) {
            return Some(a.cmp(&b));
        }
        self.compare_seen::<TOTAL, ORDER>(a, b)
    }

    fn compare_seen<const TOTAL: bool, const ORDER: bool>(
        &self,
        a: Value,
        b: Value,
    ) -> Option<Ordering> {
        let (seen_a, seen_b) = (self.see(a), self.see(b));
        if let (Seen::Simple(a), Seen::Simple(b)) = (seen_a, seen_b) {
            return Some(a.compare::<TOTAL>(b));
        }
        match seen_a.rank().cmp(&seen_b.rank()) {
            Ordering::Equal if !ORDER && self.hashes_differ(a, b) => Some(Ordering::Less),
            Ordering::Equal => None,
            order => Some(order),
        }
    }

    /// Whether both are stored keys that have different hashes.
    fn hashes_differ(&self, a: Value, b: Value) -> bool {
        a.is_stored_key()
            && b.is_stored_key()
            && self.target(a).payload[0] != self.target(b).payload[0]
    }

    /// Compares two objects from where the pair says.
    fn advance<const TOTAL: bool, const ORDER: bool>(
        &self,
        pair: &mut Pair,
        units: &mut u64,
    ) -> Next {
        let (Some(a), Some(b)) = (
            self.object(self.bare(pair.a)),
            self.object(self.bare(pair.b)),
        ) else {
            return Next::Done(pair.a.word().cmp(&pair.b.word()));
        };
        match a.header.kind() {
            Some(Kind::Vector) if b.header.is(Kind::Vector) => {
                self.advance_vectors::<TOTAL, ORDER>(pair, a, b, units)
            }
            Some(Kind::Text | Kind::Bytes) if a.header.kind() == b.header.kind() => {
                advance_bytes(pair, bytes_of(a), bytes_of(b), units)
            }
            _ => self.advance_words::<TOTAL, ORDER>(pair, a, b, units),
        }
    }

    fn advance_vectors<const TOTAL: bool, const ORDER: bool>(
        &self,
        pair: &mut Pair,
        a: Object<'_>,
        b: Object<'_>,
        units: &mut u64,
    ) -> Next {
        let (a_length, b_length) = (a.header.number(), b.header.number());
        if !ORDER && a_length != b_length {
            return Next::Done(Ordering::Less);
        }
        let both = a_length.min(b_length) as usize;
        while pair.index < both {
            let a_run = self.vector_run(a, pair.index as u64);
            let b_run = self.vector_run(b, pair.index as u64);
            let length = a_run.len().min(b_run.len()).min(both - pair.index);
            if length == 0 {
                break;
            }
            if a_run.as_ptr() == b_run.as_ptr() {
                if *units == 0 {
                    return Next::Pause;
                }
                *units -= 1;
                pair.index += length;
                continue;
            }
            for (a, b) in a_run[..length].iter().zip(b_run) {
                if *units == 0 {
                    return Next::Pause;
                }
                *units -= 1;
                pair.index += 1;
                let (a, b) = (Value::from_word(*a), Value::from_word(*b));
                match self.compare_parts::<TOTAL, ORDER>(a, b) {
                    Some(Ordering::Equal) => {}
                    Some(order) => return Next::Done(order),
                    None => return Next::Descend(a, b),
                }
            }
        }
        Next::Done(a_length.cmp(&b_length))
    }

    fn advance_words<const TOTAL: bool, const ORDER: bool>(
        &self,
        pair: &mut Pair,
        a: Object<'_>,
        b: Object<'_>,
        units: &mut u64,
    ) -> Next {
        let first = a.header.first_value();
        if pair.index < first.max(1) {
            let before = heads(a).cmp(&heads(b));
            if before.is_ne() {
                return Next::Done(before);
            }
            pair.index = pair.index.max(first);
        }
        let words = a.payload.iter().zip(b.payload).skip(pair.index);
        for (a, b) in words {
            if *units == 0 {
                return Next::Pause;
            }
            *units -= 1;
            pair.index += 1;
            if a == b {
                continue;
            }
            let (a, b) = (Value::from_word(*a), Value::from_word(*b));
            match self.compare_parts::<TOTAL, ORDER>(a, b) {
                Some(Ordering::Equal) => {}
                Some(order) => return Next::Done(order),
                None => return Next::Descend(a, b),
            }
        }
        Next::Done(Ordering::Equal)
    }
}

/// What comes before the values of an object: its kind, number, size and raw words.
fn heads<'a>(object: Object<'a>) -> (Option<u8>, u64, usize, &'a [u64]) {
    (
        object.header.kind().map(|kind| kind as u8),
        object.header.number(),
        object.payload.len(),
        &object.payload[..object.header.first_value()],
    )
}

fn advance_bytes(pair: &mut Pair, a: &[u8], b: &[u8], units: &mut u64) -> Next {
    loop {
        let piece =
            |bytes: &'_ [u8]| pair.index.min(bytes.len())..(pair.index + PIECE).min(bytes.len());
        let (a_piece, b_piece) = (&a[piece(a)], &b[piece(b)]);
        let order = a_piece.cmp(b_piece);
        if order.is_ne() || a_piece.len() < PIECE {
            return Next::Done(order);
        }
        if *units == 0 {
            return Next::Pause;
        }
        *units -= 1;
        pair.index += PIECE;
    }
}
