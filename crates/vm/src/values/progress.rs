//! What an operation on values keeps between two of its steps.
//!
//! A primitive that may take long (a comparison, a hash, a text being read) does a bounded piece of
//! its work and asks to be run again. Its operands stay on the stacks; how far it is lies here, in
//! plain words of the control block, and in scratch blocks that the heap knows. So an instance that
//! is stopped in the middle is saved, verified and continued like any other. There is one operation
//! at a time: the primitive that the instance stands at. Whatever ends the primitive otherwise (a
//! throw, an interrupt) ends its operation.
//!
//! An operation is paid for by what it is about: lengths, not by what it takes to do, which depends
//! on what values share. What it takes only wears down the turn ([`Machine::tire`]).

use crate::machine::Machine;
use crate::primitive::SLICE;
use crate::value_stack::ValueStack;
use crate::values::fault::Fault;
use crate::{Step, Trap};
use core::slice;
use stele_memory::{
    Comparison, ExactHashing, Exchange, Hashing, Local, Lookup, OutOfMemory, Printing, Reading,
    Root, Session, Sorting, Transaction, TrieCursor, ValueKind, VectorTransient,
};

/// Number of values that these operations keep for an instance.
pub(crate) const VALUE_ROOTS: usize = 3;

/// The vector of values that compiled code refers to by number.
pub(crate) const CONSTANTS: usize = 0;
/// What the operation in progress has found and not yet handed over.
pub(crate) const RESULT: usize = 1;
/// What the open transaction has seen and changed; nil if none is open.
pub(crate) const LOG: usize = 2;

/// Units of work in one step.
pub(crate) const WORK: u64 = SLICE;

/// The operation in progress, and what the last one that failed said.
#[repr(C)]
pub(crate) struct Progress {
    /// Number of the primitive whose operation this is, plus one; 0 if there is none.
    pub(crate) active: u64,
    /// Cost units that it has been charged, since it last began to pay anew.
    paid: u64,
    /// Whether it ran out of memory and so wants everything collected (1), or has had that (2).
    collected: u64,
    /// How far it is, as it likes to count.
    pub(crate) place: u64,
    /// How far it is in a map or a set.
    pub(crate) cursor: TrieCursor,
    pub(crate) comparison: Comparison,
    pub(crate) hashing: Hashing,
    pub(crate) exact: ExactHashing,
    pub(crate) lookup: Lookup,
    pub(crate) printing: Printing,
    pub(crate) reading: Reading,
    pub(crate) sorting: Sorting,
    pub(crate) growing: VectorTransient,
    pub(crate) exchange: Exchange,
    pub(crate) transaction: Transaction,
    /// Why the last operation that failed did.
    pub(crate) fault: Fault,
}

impl Progress {
    /// Nothing in progress.
    pub(crate) const fn new() -> Self {
        Self {
            active: 0,
            paid: 0,
            collected: 0,
            place: 0,
            cursor: TrieCursor { words: [0; 2] },
            comparison: Comparison::new(),
            hashing: Hashing::new(),
            exact: ExactHashing::new(),
            lookup: Lookup::new(),
            printing: Printing::new(),
            reading: Reading::new(),
            sorting: Sorting::new(),
            growing: VectorTransient::new(),
            exchange: Exchange::new(),
            transaction: Transaction::new(),
            fault: Fault::NONE,
        }
    }

    /// Begins anew, if nothing is in progress, whatever the words are; why the last operation failed
    /// stays known.
    pub(crate) fn settle(&mut self) {
        if self.active == 0 {
            let fault = core::mem::replace(&mut self.fault, Fault::NONE);
            *self = Self {
                fault,
                ..Self::new()
            };
        }
    }

    /// What is due from here on is not paid for by what was charged so far.
    pub(crate) fn pay_anew(&mut self) {
        self.paid = 0;
    }

    fn end(&mut self, session: &Session<'_>) {
        session.end_comparison(&mut self.comparison);
        session.end_hashing(&mut self.hashing);
        session.end_exact_hashing(&mut self.exact);
        session.end_lookup(&mut self.lookup);
        session.end_printing(&mut self.printing);
        session.end_reading(&mut self.reading);
        session.end_sorting(&mut self.sorting);
        session.end_vector_transient(&mut self.growing);
        session.end_exchange(&mut self.exchange);
        session.end_transaction(&mut self.transaction);
        self.active = 0;
        self.paid = 0;
        self.collected = 0;
        self.place = 0;
        self.cursor = TrieCursor::default();
    }
}

/// All that a primitive on values works with.
pub(crate) struct Open<'m> {
    pub(crate) session: Session<'m>,
    pub(crate) stack: ValueStack<'m>,
    pub(crate) progress: &'m mut Progress,
    pub(crate) roots: &'m mut [Root; VALUE_ROOTS],
}

impl Machine<'_, '_> {
    /// Begins, or goes on with, the operation of the primitive that is being run.
    pub(crate) fn begin_operation(&mut self) {
        let number = self.core.operand.wrapping_add(1);
        if self.block().progress.active != number {
            self.end_operation();
            self.block_mut().progress.active = number;
        }
    }

    /// Ends the operation in progress, if there is one, and frees what it holds.
    pub(crate) fn end_operation(&mut self) {
        if self.block().progress.active != 0 {
            let Open {
                session,
                progress,
                roots,
                ..
            } = self.open_values();
            progress.end(&session);
            session.store(&mut roots[RESULT], session.nil());
        }
    }

    /// The value stack with its session, and what operations keep.
    pub(crate) fn open_values(&mut self) -> Open<'_> {
        let block = self.block_pointer();
        let (session, stack) = self.values();
        // SAFETY: the control block is reached only through this machine; the session and the stack
        // hold its heap and its language's roots, which are other fields.
        let (progress, roots) = unsafe { (&mut (*block).progress, &mut (*block).value_roots) };
        Open {
            session,
            stack,
            progress,
            roots,
        }
    }

    /// As [`Machine::open_values`], with bytes of data space.
    ///
    /// # Errors
    /// [`Trap::INVALID_ADDRESS`] unless all of them lie in data space.
    pub(crate) fn open_with_bytes(
        &mut self,
        address: i64,
        length: i64,
    ) -> Result<(Open<'_>, &[u8]), Trap> {
        let bytes = self.bytes(address, length)?;
        // SAFETY: the data space is a sealed block of its own, which no session writes, moves or
        // frees; who holds the slice has borrowed the machine.
        let bytes = unsafe { slice::from_raw_parts(bytes.as_ptr(), bytes.len()) };
        Ok((self.open_values(), bytes))
    }

    /// As [`Machine::open_with_bytes`], to write them.
    ///
    /// # Errors
    /// As [`Machine::bytes_mut`].
    pub(crate) fn open_with_bytes_mut(
        &mut self,
        address: i64,
        length: i64,
    ) -> Result<(Open<'_>, &mut [u8]), Trap> {
        let bytes = self.bytes_mut(address, length)?;
        // SAFETY: as in `open_with_bytes`, and nobody else refers to them.
        let bytes = unsafe { slice::from_raw_parts_mut(bytes.as_mut_ptr(), bytes.len()) };
        Ok((self.open_values(), bytes))
    }

    /// Collects the heap because a primitive has asked for it.
    pub(crate) fn collect_for_primitive(&mut self) -> Result<(), Trap> {
        let progress = &mut self.block_mut().progress;
        if progress.collected == 1 {
            progress.collected = 2;
            self.collect_everything()
        } else {
            self.collect()
        }
    }

    /// Charges the operation `units` in all, or since it pays anew, a slice at a time; false if more is to be charged when
    /// the primitive is run again, before it does anything.
    pub(crate) fn pay(&mut self, units: u64) -> bool {
        let progress = &mut self.block_mut().progress;
        let left = units.saturating_sub(progress.paid);
        let piece = left.min(SLICE);
        progress.paid += piece;
        self.charge(piece);
        piece == left
    }

    /// Takes the `work` of a step off the turn, but not off what the program may use: another instance gets
    /// its turn in the middle of long work, and its cost says nothing of how values are stored.
    pub(crate) fn tire(&mut self, work: u64) -> Step {
        self.shorten_slice(work);
        Step::Again
    }
}

/// What a step that ran out of memory does: it has everything collected, once.
///
/// # Errors
/// [`Trap::OUT_OF_MEMORY`], saying what for, if that was done already.
pub(crate) fn out_of_memory(progress: &mut Progress, error: &OutOfMemory) -> Result<Step, Trap> {
    if progress.collected == 0 {
        progress.collected = 1;
        return Ok(Step::Collect);
    }
    let OutOfMemory {
        what, asked, free, ..
    } = error;
    Err(progress.fail(
        Trap::OUT_OF_MEMORY,
        format_args!("{what} needs {asked} bytes, and {free} are free"),
    ))
}

/// Makes sure of room in the heap, or leaves the primitive to have it collected first.
macro_rules! reserve {
    ($session:expr, $bytes:expr) => {
        if let Err(need) = $session.reserve($bytes) {
            return crate::words::needs_space(&need);
        }
    };
}
pub(crate) use reserve;

/// How many elements, entries, fields or bytes a value has; none if it has no parts.
pub(crate) fn size(session: &Session<'_>, value: Local<'_>) -> Option<u64> {
    match session.kind(value) {
        ValueKind::Text => session.as_text(value).map(|text| text.len() as u64),
        ValueKind::Bytes => session.as_bytes(value).map(|bytes| bytes.len() as u64),
        ValueKind::Vector => session.vector_len(value),
        ValueKind::Set => session.set_len(value),
        ValueKind::Map => session.map_len(value),
        ValueKind::Record => session.record_len(value).map(|length| length as u64),
        _ => None,
    }
}

/// Cost units for going over a value: one for four parts, or for 64 bytes.
pub(crate) fn weight(session: &Session<'_>, value: Local<'_>) -> u64 {
    let size = size(session, value).unwrap_or(0);
    match session.kind(value) {
        ValueKind::Text | ValueKind::Bytes => size / 64,
        _ => size / 4,
    }
}
