//! A session: the only way to make and read values.
//!
//! A session borrows an arena and a heap. The values it hands out, [`Local`]s, borrow the session,
//! and whatever may move objects takes the session exclusively: a local that is still in use then
//! does not compile. To keep a value longer, store it in a [`Root`].
//!
//! ```compile_fail,E0502
//! # use stele_memory::{Arena, Heap, Session};
//! # let mut region = vec![0u64; 8192];
//! # let mut arena = Arena::new(&mut region).unwrap();
//! # let mut heap = Heap::empty();
//! # // SAFETY: the heap is new, and there is no other session.
//! # let mut session = unsafe { Session::new(&mut arena, &mut heap) };
//! let name = session.bytes(b"held too long").unwrap();
//! session.safepoint();
//! session.as_bytes(name);
//! ```

use core::fmt;
use core::marker::PhantomData;
use core::ops::Range;
use core::ptr::NonNull;
use core::sync::atomic::AtomicU64;

use crate::arena::{Arena, Core, OutOfMemory};
use crate::code::CodeRef;
use crate::collect::Collected;
use crate::heap::{AN_ATOM, Heap, HeapStatistics};
use crate::object::{Header, Kind, LIMIT, size_of_object};
use crate::protocol::lock::Lock;
use crate::root::{Root, RootsMut};
use crate::space::Space;
use crate::value::{Residence, Value};

/// Types of records that only the system makes: function values, suspended calls. They have a text
/// form like others, but are not read from it.
pub const SYSTEM_RECORDS: Range<u16> = 0xFF00..0xFF10;

/// A value, good until the next safepoint of its session.
#[derive(Clone, Copy, Debug)]
pub struct Local<'a> {
    pub(crate) value: Value,
    session: PhantomData<&'a ()>,
}

impl Local<'_> {
    #[inline]
    pub(crate) fn new(value: Value) -> Self {
        Local {
            value,
            session: PhantomData,
        }
    }
}

/// Why [`Session::reserve`] found no room.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum NeedSpace {
    /// The heap is due for collection: collect it, then reserve again.
    Collect,
    /// A collection would not help.
    OutOfMemory(OutOfMemory),
}

/// Why an operation on a value was refused.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Refusal {
    /// The arena is out of memory; the values are as before.
    OutOfMemory(OutOfMemory),
    /// The value is of another kind; says which kind is needed.
    WrongKind(&'static str),
    /// The session was opened without a shared space, so it has no atoms.
    NoSpace,
    /// A transaction changes an atom twice.
    SameAtomTwice,
    /// There is no such place in the value.
    OutOfRange {
        /// The place asked for.
        index: u64,
        /// The number of places there are.
        length: u64,
    },
}

impl fmt::Display for Refusal {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Refusal::OutOfMemory(error) => error.fmt(f),
            Refusal::WrongKind(needed) => write!(f, "the value is not {needed}"),
            Refusal::NoSpace => f.write_str("there is no shared space for atoms here"),
            Refusal::SameAtomTwice => {
                f.write_str("a transaction changes the same atom twice; name each atom once")
            }
            Refusal::OutOfRange { index, length } => {
                write!(
                    f,
                    "there is no place {index} in a value with {length} places, counted from 0"
                )
            }
        }
    }
}

impl core::error::Error for Refusal {}

impl From<OutOfMemory> for Refusal {
    fn from(error: OutOfMemory) -> Refusal {
        Refusal::OutOfMemory(error)
    }
}

/// A mutator's access to the values of one heap.
pub struct Session<'s> {
    base: NonNull<u8>,
    core: NonNull<Core>,
    access: Access<'s>,
    pub(crate) heap: &'s Heap,
    pub(crate) space: Option<&'s Space>,
    /// Whether no other heap shares through the space.
    alone: bool,
    arena: PhantomData<&'s mut Core>,
}

/// Who else uses the arena's block allocator.
#[derive(Clone, Copy)]
pub(crate) enum Access<'s> {
    /// Nobody: the session has borrowed it.
    Exclusive,
    /// Other threads, each while it holds the lock.
    Locked {
        lock: &'s Lock<AtomicU64>,
        pause: fn(u32),
    },
}

/// An object, seen through its session.
#[derive(Clone, Copy)]
pub(crate) struct Object<'a> {
    pub(crate) header: Header,
    pub(crate) payload: &'a [u64],
}

impl<'a> Object<'a> {
    #[inline]
    pub(crate) fn value(self, index: usize) -> Value {
        Value::from_word(self.payload[index])
    }

    /// The word at `index` of the payload.
    ///
    /// # Safety
    /// The payload has such a word.
    #[inline]
    pub(crate) unsafe fn word_at(self, index: usize) -> u64 {
        debug_assert!(index < self.payload.len());
        // SAFETY: the caller's promise.
        unsafe { *self.payload.get_unchecked(index) }
    }
}

impl<'s> Session<'s> {
    /// Opens a session.
    ///
    /// # Safety
    /// - `arena` is the one `heap` has its chunks from; a heap from an image has been
    ///   [adopted](Heap::adopt).
    /// - Every root that will be loaded holds a value that was stored through a session of this
    ///   very heap (or was adopted with it) and has since been passed to every collection of it.
    /// - Locals of another session are not passed to this one.
    pub unsafe fn new(arena: &'s mut Arena<'_>, heap: &'s mut Heap) -> Session<'s> {
        let base = arena.base();
        Session {
            base,
            core: NonNull::from(&mut arena.core),
            access: Access::Exclusive,
            heap,
            space: None,
            alone: true,
            arena: PhantomData,
        }
    }

    /// Opens a session of a thread that shares the arena with others.
    ///
    /// # Safety
    /// As for [`Session::new`]; and `core` is that of the arena at `base`, stays where it is as long
    /// as the session lives, and is used by others only as `access` says.
    pub(crate) unsafe fn shared(
        base: NonNull<u8>,
        core: NonNull<Core>,
        heap: &'s Heap,
        space: &'s Space,
        access: Access<'s>,
    ) -> Session<'s> {
        Session {
            base,
            core,
            access,
            heap,
            space: Some(space),
            alone: false,
            arena: PhantomData,
        }
    }

    /// Opens a session that has atoms, those of `space`, for the only heap that shares through it.
    /// Collections then collect the shared space when that is due.
    ///
    /// # Safety
    /// As for [`Session::new`]. The space belongs to this arena, and no other heap shares through
    /// it; if they are from an image, they have been [adopted](Space::adopt) together.
    pub unsafe fn with_space(
        arena: &'s mut Arena<'_>,
        heap: &'s mut Heap,
        space: &'s Space,
    ) -> Session<'s> {
        // SAFETY: the caller's promise.
        let session = unsafe { Session::new(arena, heap) };
        Session {
            space: Some(space),
            ..session
        }
    }

    /// As [`Session::with_space`], for one of several heaps that share through the space. This heap
    /// may be used with all that others have sealed, and with what atoms hold. The shared space is
    /// collected only by [`Space::collect`], with all heaps: when
    /// [`Session::shared_collection_due`] says so.
    ///
    /// # Safety
    /// As for [`Session::new`]. All heaps of the arena that share anything share through `space`. If
    /// several are from an image, the space has been [collected](Space::collect) since they were
    /// [adopted](Space::adopt).
    pub unsafe fn among_others(
        arena: &'s mut Arena<'_>,
        heap: &'s mut Heap,
        space: &'s Space,
    ) -> Session<'s> {
        // SAFETY: the caller's promise.
        let session = unsafe { Session::new(arena, heap) };
        Session {
            space: Some(space),
            alone: false,
            ..session
        }
    }

    /// Ends every local. Says whether a collection is due.
    pub fn safepoint(&mut self) -> bool {
        self.heap.collection_due() || self.shared_collection_due()
    }

    /// Whether the shared space is due for collection, with all heaps that share through it.
    #[must_use]
    pub fn shared_collection_due(&self) -> bool {
        self.space.is_some_and(|space| {
            // Others change the space under the lock too.
            self.with_core(|_| space.collection_due(self.heap))
        })
    }

    /// How full the heap is.
    #[must_use]
    pub fn heap_statistics(&self) -> HeapStatistics {
        self.heap.statistics()
    }

    /// Collects what is due, as [`Heap::collect`]; if this is the only heap that shares, also the
    /// shared space.
    ///
    /// # Errors
    /// As [`Heap::collect`].
    ///
    /// # Safety
    /// `roots` presents every root that will be used again with this heap, the same ones each time
    /// it is asked, and none of another heap.
    pub unsafe fn collect<R: RootsMut + ?Sized>(
        &mut self,
        roots: &mut R,
    ) -> Result<Collected, OutOfMemory> {
        let due = self
            .space
            .filter(|_| self.alone && self.shared_collection_due());
        // SAFETY: the caller's promise about the roots is the one asked for; with what is shared, a
        // heap that is alone has all the roots there are.
        self.with_core(|core| unsafe {
            match due {
                Some(space) => space.collect_alone(core, self.heap, roots),
                None => self.heap.collect_due(core, roots),
            }
        })
    }

    /// Frees everything that no root reaches, as [`Heap::collect_everything`]; if this is the only
    /// heap that shares, in the shared space as well.
    ///
    /// # Errors
    /// As [`Heap::collect`].
    ///
    /// # Safety
    /// As for [`Session::collect`].
    pub unsafe fn collect_everything<R: RootsMut + ?Sized>(
        &mut self,
        roots: &mut R,
    ) -> Result<Collected, OutOfMemory> {
        // SAFETY: as in `collect`.
        self.with_core(|core| unsafe {
            match self.space.filter(|_| self.alone) {
                Some(space) => space.collect_alone(core, self.heap, roots),
                None => self.heap.collect_everything_in(core, roots),
            }
        })
    }

    /// Makes sure that operations which need at most `bytes` in all will find room. The
    /// `worst_case_…` functions tell how much each operation can need.
    ///
    /// # Errors
    /// [`NeedSpace::Collect`] if a collection is due or would help; after one, ask again.
    pub fn reserve(&mut self, bytes: usize) -> Result<(), NeedSpace> {
        let room = self.heap.nursery.limit.get() - self.heap.nursery.bump.get();
        if room >= bytes as u64 {
            if self.heap.asked.get() != 0 {
                self.found_out(bytes as u64);
            }
            return Ok(());
        }
        if self.heap.collection_due() {
            return Err(NeedSpace::Collect);
        }
        if self.shared_collection_due() {
            return Err(NeedSpace::Collect);
        }
        self.answer(bytes as u64, self.grow(bytes as u64))
    }

    /// Makes sure that one more atom will find room.
    ///
    /// # Errors
    /// As [`Session::reserve`]; out of memory also if the session has no shared space.
    pub fn reserve_atom(&mut self) -> Result<(), NeedSpace> {
        let Some(space) = self.space else {
            return Err(NeedSpace::OutOfMemory(
                self.refuse("an atom without a shared space", 0),
            ));
        };
        if self.with_core(|_| space.free.get() != 0) {
            return self.answer(AN_ATOM, Ok(()));
        }
        if self.shared_collection_due() {
            return Err(NeedSpace::Collect);
        }
        let added = self.with_core(|core| space.add_block(core, self.heap));
        self.answer(AN_ATOM, added)
    }

    /// What to do about a reservation: if there was no room, a collection of everything may make it,
    /// but only one: what roots have dropped since the last does not show.
    ///
    /// An operation may reserve several times, and does so from the beginning after a collection. So
    /// what has been asked for is forgotten only when there is room for as much.
    #[cold]
    fn answer(&self, wanted: u64, reserved: Result<(), OutOfMemory>) -> Result<(), NeedSpace> {
        let Err(error) = reserved else {
            self.found_out(wanted);
            return Ok(());
        };
        if self.found_out(wanted) {
            return Err(NeedSpace::OutOfMemory(error));
        }
        self.heap.asked.set(wanted);
        self.heap.everything_next.set(1);
        if let Some(space) = self.space {
            self.with_core(|_| space.collect_next.set(1));
        }
        Err(NeedSpace::Collect)
    }

    /// Forgets what has been asked for, if whether there is room for what is wanted tells whether there
    /// is for that; says whether so.
    #[cold]
    fn found_out(&self, wanted: u64) -> bool {
        let asked = self.heap.asked.get();
        let told = asked == wanted || (asked < wanted && wanted != AN_ATOM);
        let told = told && asked != 0;
        if told {
            self.heap.asked.set(0);
        }
        told
    }

    /// The value that `root` holds.
    #[inline]
    #[must_use]
    pub fn load(&self, root: &Root) -> Local<'_> {
        Local::new(root.0)
    }

    /// Makes `root` hold `local`.
    #[inline]
    pub fn store(&self, root: &mut Root, local: Local<'_>) {
        root.0 = local.value;
    }

    /// Nil.
    #[inline]
    #[must_use]
    pub fn nil(&self) -> Local<'_> {
        Local::new(Value::NIL)
    }

    /// Whether this is nil.
    #[inline]
    #[must_use]
    pub fn is_nil(&self, local: Local<'_>) -> bool {
        local.value == Value::NIL
    }

    /// True or false.
    #[inline]
    #[must_use]
    pub fn boolean(&self, boolean: bool) -> Local<'_> {
        Local::new(if boolean { Value::TRUE } else { Value::FALSE })
    }

    /// The boolean; none if this is something else.
    #[inline]
    #[must_use]
    pub fn as_boolean(&self, local: Local<'_>) -> Option<bool> {
        match local.value {
            Value::TRUE => Some(true),
            Value::FALSE => Some(false),
            _ => None,
        }
    }

    /// An integer: inline if it fits in 61 bits, else boxed.
    ///
    /// # Errors
    /// If there is no room for the box.
    #[inline]
    pub fn integer(&self, integer: i64) -> Result<Local<'_>, OutOfMemory> {
        match Value::inline_integer(integer) {
            Some(value) => Ok(Local::new(value)),
            None => {
                let (local, payload) = self.make(Kind::Integer, 0, 1)?;
                payload[0] = integer as u64;
                Ok(local)
            }
        }
    }

    /// The integer; none if this is something else.
    #[inline]
    #[must_use]
    pub fn as_integer(&self, local: Local<'_>) -> Option<i64> {
        local.value.as_inline_integer().or_else(|| {
            let object = self
                .object(local.value)
                .filter(|object| object.header.is(Kind::Integer))?;
            Some(object.payload[0] as i64)
        })
    }

    /// A reference to a code object.
    #[inline]
    #[must_use]
    pub fn code(&self, code: CodeRef) -> Local<'_> {
        Local::new(Value::code(code.0))
    }

    /// The reference to a code object; none if this is something else. Whether there is a code
    /// object at that place, [`CodeSpace`](crate::CodeSpace) checks.
    #[inline]
    #[must_use]
    pub fn as_code(&self, local: Local<'_>) -> Option<CodeRef> {
        local.value.as_code().map(CodeRef)
    }

    /// A string of bytes.
    ///
    /// # Errors
    /// If there is no room for it.
    pub fn bytes(&self, bytes: &[u8]) -> Result<Local<'_>, OutOfMemory> {
        self.make_bytes(Kind::Bytes, bytes)
    }

    /// Text (which the bytes must be) or bytes, from the `length` bytes that come one by one.
    pub(crate) fn bytes_of_length(
        &self,
        length: usize,
        mut bytes: impl Iterator<Item = u8>,
        text: bool,
    ) -> Result<Local<'_>, OutOfMemory> {
        let kind = if text { Kind::Text } else { Kind::Bytes };
        let words = length.div_ceil(8);
        let (local, payload) = self.make(kind, (words * 8 - length) as u64, words)?;
        for word in payload {
            let mut eight = [0; 8];
            eight.fill_with(|| bytes.next().unwrap_or(0));
            *word = u64::from_le_bytes(eight);
        }
        Ok(local)
    }

    /// A record from fields that come one by one.
    pub(crate) fn record_of<'a>(
        &'a self,
        kind: u16,
        fields: impl ExactSizeIterator<Item = Local<'a>>,
    ) -> Result<Local<'a>, OutOfMemory> {
        let (local, payload) = self.make(Kind::Record, u64::from(kind), fields.len())?;
        payload.fill(Value::NIL.word());
        for (word, field) in payload.iter_mut().zip(fields) {
            *word = field.value.word();
        }
        Ok(local)
    }

    /// A new object of a kind that is a string of bytes.
    pub(crate) fn make_bytes(&self, kind: Kind, bytes: &[u8]) -> Result<Local<'_>, OutOfMemory> {
        let words = bytes.len().div_ceil(8);
        let padding = words * 8 - bytes.len();
        let (local, payload) = self.make(kind, padding as u64, words)?;
        let (whole, rest) = bytes.as_chunks::<8>();
        for (word, eight) in payload.iter_mut().zip(whole) {
            *word = u64::from_le_bytes(*eight);
        }
        if padding > 0 {
            let mut last = [0; 8];
            last[..rest.len()].copy_from_slice(rest);
            payload[words - 1] = u64::from_le_bytes(last);
        }
        Ok(local)
    }

    /// The bytes; none if this is something else.
    #[must_use]
    pub fn as_bytes<'a>(&'a self, local: Local<'a>) -> Option<&'a [u8]> {
        let object = self
            .object(local.value)
            .filter(|object| object.header.is(Kind::Bytes))?;
        Some(bytes_of(object))
    }

    /// A record: some values under a type. Types are whatever their users agree on, but
    /// for [`SYSTEM_RECORDS`].
    ///
    /// # Errors
    /// If there is no room for it.
    pub fn record(&self, kind: u16, fields: &[Local<'_>]) -> Result<Local<'_>, OutOfMemory> {
        let (local, payload) = self.make(Kind::Record, u64::from(kind), fields.len())?;
        for (word, field) in payload.iter_mut().zip(fields) {
            *word = field.value.word();
        }
        Ok(local)
    }

    /// The type of a record; none if this is something else.
    #[must_use]
    pub fn record_type(&self, record: Local<'_>) -> Option<u16> {
        self.as_record(record)
            .map(|object| object.header.number() as u16)
    }

    /// How many fields a record has; none if this is something else.
    #[must_use]
    pub fn record_len(&self, record: Local<'_>) -> Option<usize> {
        self.as_record(record).map(|object| object.payload.len())
    }

    /// A field of a record; none if this is something else or has no such field.
    #[inline]
    #[must_use]
    pub fn field<'a>(&'a self, record: Local<'a>, index: usize) -> Option<Local<'a>> {
        let word = *self.as_record(record)?.payload.get(index)?;
        Some(Local::new(Value::from_word(word)))
    }

    /// The record with another value in one field.
    ///
    /// # Errors
    /// If there is no room for it, if this is no record, or if it has no such field.
    pub fn with_field<'a>(
        &'a self,
        record: Local<'a>,
        index: usize,
        value: Local<'a>,
    ) -> Result<Local<'a>, Refusal> {
        let object = self
            .as_record(record)
            .ok_or(Refusal::WrongKind("a record"))?;
        let length = object.payload.len();
        if index >= length {
            return Err(Refusal::OutOfRange {
                index: index as u64,
                length: length as u64,
            });
        }
        let (local, payload) = self.copy(object)?;
        payload[index] = value.value.word();
        Ok(local)
    }

    #[inline]
    fn as_record<'a>(&'a self, local: Local<'a>) -> Option<Object<'a>> {
        self.object(local.value)
            .filter(|object| object.header.is(Kind::Record))
    }
}

/// What operations can need at most, in bytes, for [`Session::reserve`].
impl Session<'_> {
    /// An integer.
    #[must_use]
    pub const fn worst_case_integer() -> usize {
        size_of_object(1)
    }

    /// A string of `length` bytes, or text of so many.
    #[must_use]
    pub const fn worst_case_bytes(length: usize) -> usize {
        size_of_object(length.div_ceil(8))
    }

    /// A record of `fields` fields, new or with one changed.
    #[must_use]
    pub const fn worst_case_record(fields: usize) -> usize {
        size_of_object(fields)
    }
}

/// For the collections: objects as slices.
impl Session<'_> {
    /// The object that `value` refers to; none if it is no reference.
    #[inline]
    pub(crate) fn object(&self, value: Value) -> Option<Object<'_>> {
        if value.is_reference() {
            Some(self.target(value))
        } else {
            None
        }
    }

    /// The object that `reference`, which must be a reference, refers to.
    #[inline]
    pub(crate) fn target(&self, reference: Value) -> Object<'_> {
        debug_assert!(reference.is_reference());
        // SAFETY: values come from this session's heap and are up to date (see `new`), so the
        // offset is that of an object, whose payload is as long as its header says. Objects are
        // not written after they were made, and stay until the session is borrowed exclusively.
        unsafe {
            let at = self
                .base
                .as_ptr()
                .add(reference.offset() as usize)
                .cast::<u64>();
            let header = Header::from_word(at.read());
            Object {
                header,
                payload: core::slice::from_raw_parts(at.add(1), header.words()),
            }
        }
    }

    /// A new object, whose payload the caller fills before anybody sees it.
    #[inline]
    pub(crate) fn make(
        &self,
        kind: Kind,
        number: u64,
        words: usize,
    ) -> Result<(Local<'_>, &mut [u64]), OutOfMemory> {
        if words as u64 >= LIMIT {
            return Err(self.refuse("an object of 4 GiB or more", size_of_object(words) as u64));
        }
        self.make_as(Header::new(kind, words, number))
    }

    /// A new object with the same header and payload, for the caller to change.
    #[inline]
    pub(crate) fn copy(&self, object: Object<'_>) -> Result<(Local<'_>, &mut [u64]), OutOfMemory> {
        let (local, payload) = self.make_as(object.header)?;
        payload.copy_from_slice(object.payload);
        Ok((local, payload))
    }

    #[inline]
    #[expect(clippy::mut_from_ref, reason = "each call hands out other memory")]
    fn make_as(&self, header: Header) -> Result<(Local<'_>, &mut [u64]), OutOfMemory> {
        let nursery = &self.heap.nursery;
        let at = match nursery.take(header.size()) {
            Some(at) => at,
            None => {
                self.grow(header.size())?;
                nursery.bump.replace(nursery.bump.get() + header.size())
            }
        };
        // SAFETY: the heap gave out these bytes of its youngest chunk just now, so they belong to
        // nobody else; a chunk is initialised from the start.
        let payload = unsafe {
            let to = self.base.as_ptr().add(at as usize).cast::<u64>();
            to.write(header.word());
            core::slice::from_raw_parts_mut(to.add(1), header.words())
        };
        Ok((
            Local::new(nursery.reference(at, header, Residence::Nursery)),
            payload,
        ))
    }

    /// The error for something that no arena has room for.
    #[cold]
    pub(crate) fn refuse(&self, what: &'static str, asked: u64) -> OutOfMemory {
        self.with_core(|core| core.refuse(what, asked))
    }

    #[cold]
    fn grow(&self, bytes: u64) -> Result<(), OutOfMemory> {
        self.with_core(|core| self.heap.grow(core, bytes))
    }

    /// The first byte of the arena.
    #[inline]
    pub(crate) fn base(&self) -> *mut u8 {
        self.base.as_ptr()
    }

    /// As [`Session::base`].
    #[inline(always)]
    pub(crate) fn base_pointer(&self) -> NonNull<u8> {
        self.base
    }

    /// How to wait for another thread.
    #[inline]
    pub(crate) fn pause(&self) -> fn(u32) {
        match self.access {
            Access::Exclusive => |_| {},
            Access::Locked { pause, .. } => pause,
        }
    }

    /// Calls `use_core` with the arena; it must not call methods of the session that do so too.
    pub(crate) fn with_core<T>(&self, use_core: impl FnOnce(&mut Core) -> T) -> T {
        let _held = match self.access {
            Access::Exclusive => None,
            Access::Locked { lock, pause } => Some(lock.take(pause)),
        };
        // SAFETY: the session borrowed the core exclusively, or holds the lock that all take who
        // use it; it belongs to one thread, and `use_core` does not come back here.
        use_core(unsafe { &mut *self.core.as_ptr() })
    }
}

/// The bytes of an object of kind [`Kind::Bytes`] or [`Kind::Text`].
#[inline]
pub(crate) fn bytes_of(object: Object<'_>) -> &[u8] {
    let length = object.payload.len() * 8 - (object.header.number() as usize & 7);
    // SAFETY: the payload is that many words, of which all bytes but the padding are looked at.
    unsafe { core::slice::from_raw_parts(object.payload.as_ptr().cast(), length) }
}
