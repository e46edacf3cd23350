//! The hash of values of any depth, in steps of bounded length.
//!
//! Equal values have equal hashes. The hash of a compound value is a chain of SipHash over its kind,
//! its size and the hashes of its parts, which for a set or a map come in the order of its trie:
//! that depends on what is in it alone. Objects that were hashed once are remembered for a while, so
//! parts that are shared many times are hashed once.
//!
//! The exact hash is another one: it tells apart what is equal and not identical, such as 1 and 1.0.
//! It serves records of what a program did, not maps, and goes on to what atoms hold: see
//! [`exact`](crate::exact).

use crate::arena::OutOfMemory;
use crate::hash;
use crate::memo::{FIRST_PATIENCE, Frames, Memo, PATIENCE};
use crate::number::Number;
use crate::object::Kind;
use crate::scratch::Scratch;
use crate::session::{Local, Session, bytes_of};
use crate::simple::{SIMPLE_BYTES, Seen, Simple, see_word};
use crate::value::Value;

/// A hash that may be interrupted, as a [`Comparison`](crate::Comparison) may be. Whoever gives one
/// up before it is done ends it with [`Session::end_hashing`].
#[repr(C)]
#[derive(Debug)]
pub struct Hashing {
    stack: Scratch,
    known: Memo<3>,
    /// Units of work done.
    spent: u64,
    /// Units of work done when an object was last noted.
    noted: u64,
}

impl Hashing {
    /// A hash that has not begun.
    #[must_use]
    pub const fn new() -> Hashing {
        Hashing {
            stack: Scratch::NONE,
            known: Memo::NONE,
            spent: 0,
            noted: FIRST_PATIENCE,
        }
    }
}

impl Default for Hashing {
    fn default() -> Hashing {
        Hashing::new()
    }
}

/// An object, how far it has been hashed, and the chain so far.
struct Part {
    object: Value,
    index: usize,
    chain: u64,
}

impl Part {
    fn words(&self) -> [Value; 4] {
        let [low, high] = halves(self.chain);
        let index = Value::inline_integer(self.index as i64).unwrap_or(Value::NIL);
        [self.object, index, low, high]
    }

    fn of(words: [Value; 4]) -> Part {
        Part {
            object: words[0],
            index: words[1].as_inline_integer().unwrap_or(0) as usize,
            chain: whole([words[2], words[3]]),
        }
    }
}

/// A word as two values.
fn halves(word: u64) -> [Value; 2] {
    [word & 0xFFFF_FFFF, word >> 32]
        .map(|half| Value::inline_integer(half as i64).unwrap_or(Value::NIL))
}

fn whole(halves: [Value; 2]) -> u64 {
    let [low, high] = halves.map(|half| half.as_inline_integer().unwrap_or(0) as u64);
    low | high << 32
}

enum Next {
    Done(u64),
    /// First hash this object, which the index is past already.
    Descend(Value),
    /// This name of an atom has been hashed and is to be told.
    Met(Value),
    Pause,
}

impl Session<'_> {
    /// The hash of a value: equal values have equal hashes, on every machine.
    ///
    /// # Errors
    /// Deep or large values need scratch blocks; if there is no room for them.
    pub fn hash(&self, value: Local<'_>) -> Result<u64, OutOfMemory> {
        let mut hashing = Hashing::new();
        loop {
            if let Some(hash) = self.hash_step(&mut hashing, value, &mut { u64::MAX })? {
                return Ok(hash);
            }
        }
    }

    /// Goes on with hashing a value, for at most `units` units of work, from which it takes what it
    /// did; none if it is not done. The value is the same at each step.
    ///
    /// # Errors
    /// As [`Session::hash`]; the hash then begins anew.
    pub fn hash_step(
        &self,
        hashing: &mut Hashing,
        value: Local<'_>,
        units: &mut u64,
    ) -> Result<Option<u64>, OutOfMemory> {
        let result = self.hash_for::<false>(hashing, value.value, units, |_| Ok(()));
        if !matches!(result, Ok(None)) {
            self.end_hashing(hashing);
        }
        result
    }

    /// As [`Session::hash_step`], for the exact hash of the value of which `known` may have parts:
    /// hashes of objects stay in it when it is done. Each name of an atom that is met goes to `meet`,
    /// be it for the first time or not, but those in objects that are known.
    pub(crate) fn exact_hash_for(
        &self,
        hashing: &mut Hashing,
        value: Local<'_>,
        units: &mut u64,
        meet: impl FnMut(Value) -> Result<(), OutOfMemory>,
    ) -> Result<Option<u64>, OutOfMemory> {
        let result = self.exact_hash_of(hashing, self.without_key(value.value), units, meet);
        match result {
            Ok(None) => {}
            Ok(Some(_)) => self.close_scratch(&mut hashing.stack),
            Err(_) => self.end_hashing(hashing),
        }
        result
    }

    fn exact_hash_of(
        &self,
        hashing: &mut Hashing,
        value: Value,
        units: &mut u64,
        meet: impl FnMut(Value) -> Result<(), OutOfMemory>,
    ) -> Result<Option<u64>, OutOfMemory> {
        if hashing.stack.is_none() && value.is_reference() {
            hashing.known.refresh(self)?;
            if let Some([_, low, high]) = hashing.known.get(self, value) {
                return Ok(Some(whole([low, high])));
            }
        }
        self.hash_for::<true>(hashing, value, units, meet)
    }

    /// Gives a hash up.
    pub fn end_hashing(&self, hashing: &mut Hashing) {
        self.close_scratch(&mut hashing.stack);
        hashing.known.close(self);
        *hashing = Hashing::new();
    }

    /// The hash of a value for which that takes no more than a step.
    #[inline]
    pub(crate) fn hash_at_once(&self, value: Value) -> Option<u64> {
        if let Some(integer) = value.as_inline_integer() {
            return Some(hash::hash_inline(integer));
        }
        let Some(object) = self.object(value) else {
            return Some(hash::hash(see_word(self.visible(value))));
        };
        match object.header.kind()? {
            Kind::Key => Some(object.payload[0]),
            Kind::Integer => Some(hash::hash_inline(object.payload[0] as i64)),
            Kind::Float => Some(hash::hash(Simple::Number(Number::Float(object.payload[0])))),
            Kind::Text if object.payload.len() <= SIMPLE_BYTES / 8 => {
                Some(hash::hash(Simple::Text(bytes_of(object))))
            }
            Kind::Bytes if object.payload.len() <= SIMPLE_BYTES / 8 => {
                Some(hash::hash(Simple::Bytes(bytes_of(object))))
            }
            _ => None,
        }
    }

    /// As [`Session::hash_at_once`], or the exact hash; not of a stored key, which an exact hash
    /// does not know.
    #[inline]
    fn part_at_once<const EXACT: bool>(&self, value: Value) -> Option<u64> {
        if !EXACT {
            return self.hash_at_once(value);
        }
        if let Some(bits) = value.as_inline_float() {
            return Some(hash::hash_exactly(bits));
        }
        match self
            .object(value)
            .and_then(|object| Some((object, object.header.kind()?)))
        {
            Some((object, Kind::Float)) => Some(hash::hash_exactly(object.payload[0])),
            Some((_, Kind::Key)) => None,
            _ => self.hash_at_once(value),
        }
    }

    /// Whether this is to be told: the exact hash tells the names of atoms that it meets.
    #[inline]
    fn is_met<const EXACT: bool>(value: Value) -> bool {
        EXACT && matches!(value.as_name(), Some((_, false)))
    }

    /// The key itself, if the value is a stored one.
    fn without_key(&self, mut value: Value) -> Value {
        // A key is never the key of a key, so this comes to its end.
        while let Some(key) = self
            .object(value)
            .filter(|object| object.header.is(Kind::Key))
        {
            value = key.value(1);
        }
        value
    }

    fn hash_for<const EXACT: bool>(
        &self,
        hashing: &mut Hashing,
        value: Value,
        units: &mut u64,
        mut meet: impl FnMut(Value) -> Result<(), OutOfMemory>,
    ) -> Result<Option<u64>, OutOfMemory> {
        let Hashing {
            stack,
            known,
            spent,
            noted,
        } = hashing;
        let mut frames = Frames::new();
        let mut part = if stack.is_none() {
            match self.part_at_once::<EXACT>(value) {
                Some(hash) => {
                    if Self::is_met::<EXACT>(value) {
                        meet(value)?;
                    }
                    return Ok(Some(hash));
                }
                None => self.begin(value),
            }
        } else {
            known.refresh(self)?;
            match frames.pop(self, stack) {
                Some(words) => Part::of(words),
                None => self.begin(value),
            }
        };
        let at_start = *units;
        loop {
            match self.hash_parts::<EXACT>(&mut part, units) {
                Next::Done(hash) => {
                    let done = spent.saturating_add(at_start - *units);
                    if done >= noted.saturating_add(PATIENCE) {
                        let [low, high] = halves(hash);
                        known.put(self, [part.object, low, high])?;
                        *noted = done;
                    }
                    match frames.pop(self, stack) {
                        Some(words) => part = Part::of(words),
                        None => {
                            *spent = spent.saturating_add(at_start - *units);
                            return Ok(Some(hash));
                        }
                    }
                    part.chain = hash::link(part.chain, hash);
                }
                Next::Descend(object) => match known.get(self, object) {
                    Some([_, low, high]) => part.chain = hash::link(part.chain, whole([low, high])),
                    None => {
                        frames.push(self, stack, part.words())?;
                        part = self.begin(object);
                    }
                },
                Next::Met(name) => meet(name)?,
                Next::Pause => {
                    *spent = spent.saturating_add(at_start - *units);
                    frames.push(self, stack, part.words())?;
                    frames.park(self, stack)?;
                    return Ok(None);
                }
            }
        }
    }

    /// The start of the hash of a compound value.
    fn begin(&self, value: Value) -> Part {
        let chain = self.object(value).map_or(0, |object| {
            let kind = object.header.kind().map_or(0, |kind| kind as u8);
            let number = match self.see(value) {
                Seen::Compound(rank, _)
                    if object.header.is(Kind::Text) || object.header.is(Kind::Bytes) =>
                {
                    return hash::start(rank, bytes_of(object).len() as u64);
                }
                _ if object.header.is(Kind::Vector) => object.header.number(),
                _ => object.header.number() << 32 | object.payload.len() as u64,
            };
            let chain = hash::start(kind, number);
            let raw = &object.payload[..object.header.first_value()];
            raw.iter()
                .fold(chain, |chain, word| hash::link(chain, *word))
        });
        Part {
            object: value,
            index: 0,
            chain,
        }
    }

    fn hash_parts<const EXACT: bool>(&self, part: &mut Part, units: &mut u64) -> Next {
        let Some(object) = self.object(part.object) else {
            return Next::Done(hash::finish(part.chain));
        };
        match object.header.kind() {
            Some(Kind::Vector) => {
                while (part.index as u64) < object.header.number() {
                    let run = self.vector_run(object, part.index as u64);
                    if run.is_empty() {
                        break;
                    }
                    if let Some(next) = self.hash_words::<EXACT>(part, run, units) {
                        return next;
                    }
                }
            }
            Some(Kind::Text | Kind::Bytes) => {
                let bytes = bytes_of(object);
                while part.index < bytes.len() {
                    if *units == 0 {
                        return Next::Pause;
                    }
                    *units = units.saturating_sub(SIMPLE_BYTES as u64 / 64);
                    let end = (part.index + SIMPLE_BYTES).min(bytes.len());
                    part.chain = hash::link(part.chain, hash::hash_piece(&bytes[part.index..end]));
                    part.index = end;
                }
            }
            _ => {
                let values = &object.payload[object.header.first_value()..];
                let rest = values.get(part.index..).unwrap_or_default();
                if let Some(next) = self.hash_words::<EXACT>(part, rest, units) {
                    return next;
                }
            }
        }
        Next::Done(hash::finish(part.chain))
    }

    /// Adds the hashes of the values; none if it came to their end.
    fn hash_words<const EXACT: bool>(
        &self,
        part: &mut Part,
        words: &[u64],
        units: &mut u64,
    ) -> Option<Next> {
        for word in words {
            if *units == 0 {
                return Some(Next::Pause);
            }
            *units -= 1;
            part.index += 1;
            let value = Value::from_word(*word);
            let value = if EXACT {
                self.without_key(value)
            } else {
                value
            };
            match self.part_at_once::<EXACT>(value) {
                Some(hash) => {
                    part.chain = hash::link(part.chain, hash);
                    if Self::is_met::<EXACT>(value) {
                        return Some(Next::Met(value));
                    }
                }
                None => return Some(Next::Descend(value)),
            }
        }
        None
    }
}
