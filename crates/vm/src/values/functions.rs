//! Function values and suspended calls: code as a value, and a call that waits as one.
//!
//! Both are records of types that only the system makes ([`stele_memory::SYSTEM_RECORDS`]), so that
//! every operation on values knows them already: they are compared, hashed, printed, collected and
//! saved like other records.
//!
//! - A function value has the function's number, how many arguments it takes, and the values that it
//!   captured.
//! - A suspended call has the value that it was suspended with, the function's number, the word to
//!   go on at, how many cells of the return and of the data stack it has, those cells, the topmost last, and its
//!   values.
//!
//! Nothing is believed of either when it is used: an image may hold any. A function is looked up by its
//! number, and its header, which is verified, must fit the call; the word to go on at must be that behind a
//! `suspend`, which declares, verified, what belongs to the call there. Calling pushes what was
//! captured; that costs as much as it is long.

use crate::dispatch::Calling;
use crate::machine::{Machine, Outcome};
use crate::values::progress::Open;
use crate::{Step, Trap, functions, side_stack, stacks};
use stele_bytecode::analysis::{MAX_CAPTURED, MAX_SUSPENDED};
use stele_bytecode::function::{Delta, Header};
use stele_bytecode::instruction::Op;
use stele_memory::{CodeRef, Local, NeedSpace, Root, SYSTEM_RECORDS, Session};

/// Type of the record of a function value.
pub(crate) const FUNCTION: u16 = SYSTEM_RECORDS.start;
/// Type of the record of a suspended call.
pub(crate) const SUSPENDED: u16 = SYSTEM_RECORDS.start + 1;

/// Fields of a function value before those captured.
const FUNCTION_FIELDS: usize = 2;
/// Fields of a suspended call before those of its stacks.
const SUSPENDED_FIELDS: usize = 5;

/// Words of code that are gone over for one unit of cost.
const WORDS_PER_UNIT: usize = 64;

/// Values that are pushed for one unit of cost.
const VALUES_PER_UNIT: usize = 4;

/// A function that a value names.
struct Named {
    code: CodeRef,
    header: Header,
}

/// A suspended call that has been looked into.
#[derive(Clone, Copy)]
struct Suspended {
    code: CodeRef,
    header: Header,
    /// The word to go on at.
    word: usize,
    returns: usize,
    cells: usize,
    values: usize,
    /// Values that there must be room for, those its function was called with among them.
    room: usize,
    /// Cost of the path that goes on there.
    cost: u32,
}

impl Machine<'_, '_> {
    /// Does `closure`.
    pub(crate) fn make_function_value(&mut self) -> Result<(), Trap> {
        let (function, shape) = (self.instruction_word(1), self.instruction_word(2));
        let (arguments, captured) = (shape & 0xFFFF, (shape >> 16) as usize);
        let header = self.header(CodeRef(function)).ok_or(Trap::INVALID_CODE)?;
        self.spill();
        self.make_room(Session::worst_case_record(FUNCTION_FIELDS + captured))?;
        let Open {
            session, mut stack, ..
        } = self.open_values();
        let mut fields = [session.nil(); FUNCTION_FIELDS + MAX_CAPTURED as usize];
        fields[0] = session.integer(header.id.into()).map_err(full)?;
        fields[1] = session.integer(arguments.into()).map_err(full)?;
        let fields = fields.get_mut(..FUNCTION_FIELDS + captured);
        let fields = fields.ok_or(Trap::INVALID_CODE)?;
        for (index, field) in fields[FUNCTION_FIELDS..].iter_mut().enumerate() {
            *field = session.load(stack.peek(captured - 1 - index)?);
        }
        let value = session.record(FUNCTION, fields).map_err(full)?;
        for _ in 0..captured {
            stack.pop(&session)?;
        }
        stack.push(&session, value)?;
        self.charge((captured / VALUES_PER_UNIT) as u64);
        self.go_on(Op::Closure);
        Ok(())
    }

    /// Does what calls a function value.
    pub(crate) fn call_value(&mut self, calling: Calling) -> Result<Option<Outcome>, Trap> {
        self.spill();
        let spread = calling == Calling::Spread;
        let arguments = match spread {
            true => self.spread_length()?,
            false => self.core.operand as usize,
        };
        let (named, captured) = self.called(arguments)?;
        let header = named.header;
        if calling == Calling::Applied {
            if self.depth() < usize::from(header.need) {
                return Err(Trap::STACK_UNDERFLOW);
            }
        } else if !leaves_one_value(&header, arguments + captured) {
            return Err(self.refuse_unknown_effect());
        }
        let guarded = calling == Calling::Guarded;
        stacks::ensure(self, header.room as usize + if guarded { 2 } else { 0 })?;
        let pushed = captured + if spread { arguments } else { 0 };
        side_stack::ensure::<Root>(self, pushed)?;
        if guarded {
            self.push_handler();
        }
        self.push_called(spread, arguments, captured)?;
        if calling != Calling::Tail {
            self.push_return(1);
        }
        self.go_to(named.code, 0);
        self.charge((pushed / VALUES_PER_UNIT) as u64);
        Ok(self.charge_path(header.entry_cost))
    }

    /// Does `suspend`.
    pub(crate) fn suspend(&mut self) -> Result<(), Trap> {
        let returns = self.core.operand as usize;
        let away = self.instruction_word(1);
        let (cells, values) = ((away & 0xFFFF) as usize, (away >> 16) as usize);
        self.spill();
        let (number, word) = self.place_in_code().ok_or(Trap::INVALID_CODE)?;
        let count = SUSPENDED_FIELDS + returns + cells + values;
        let integers = (SUSPENDED_FIELDS + returns + cells) * Session::worst_case_integer();
        self.make_room(Session::worst_case_record(count) + integers)?;
        let (rp, sp) = (self.core.registers.rp, self.core.registers.sp);
        let Open {
            session, mut stack, ..
        } = self.open_values();
        let mut fields = [session.nil(); SUSPENDED_FIELDS + MAX_SUSPENDED as usize];
        let fields = fields.get_mut(..count).ok_or(Trap::INVALID_CODE)?;
        let integer = |number: i64| session.integer(number).map_err(full);
        fields[0] = session.load(stack.peek(0)?);
        fields[1] = integer(number.into())?;
        fields[2] = integer((word + Op::Suspend.words()) as i64)?;
        fields[3] = integer(returns as i64)?;
        fields[4] = integer(cells as i64)?;
        let (own, valued) = fields[SUSPENDED_FIELDS..].split_at_mut(returns + cells);
        for (index, field) in own.iter_mut().enumerate() {
            // SAFETY: the code is verified: at a `suspend` the function has put so many cells of its
            // own on the return stack and on the data stack, whose top is in memory.
            let cell = unsafe {
                match index.checked_sub(returns) {
                    None => *rp.add(returns - 1 - index),
                    Some(index) => *sp.sub(cells - 1 - index),
                }
            };
            *field = integer(cell.cast_signed())?;
        }
        for (index, field) in valued.iter_mut().enumerate() {
            *field = session.load(stack.peek(values - index)?);
        }
        let suspended = session.record(SUSPENDED, fields).map_err(full)?;
        for _ in 0..=values {
            stack.pop(&session)?;
        }
        stack.push(&session, suspended)?;
        // SAFETY: as above; below its own cells lies the address that the function returns to.
        unsafe {
            let registers = &mut self.core.registers;
            registers.sp = registers.sp.sub(cells);
            let address = *registers.rp.add(returns);
            registers.rp = registers.rp.add(returns + 1);
            registers.ip = self.core.base.add(address as usize).cast();
        }
        self.charge((count / VALUES_PER_UNIT) as u64);
        self.fill();
        Ok(())
    }

    /// Does `resume`.
    pub(crate) fn resume(&mut self) -> Result<Option<Outcome>, Trap> {
        self.spill();
        let call = self.suspended()?;
        stacks::ensure(self, call.header.room as usize)?;
        side_stack::ensure::<Root>(self, call.values.max(call.room))?;
        self.push_return(1);
        for index in 0..call.returns {
            let cell = self.suspended_cell(index)?;
            // SAFETY: the function's room, which was ensured, covers its own cells.
            unsafe {
                self.core.registers.rp = self.core.registers.rp.sub(1);
                *self.core.registers.rp = cell.cast_unsigned();
            }
        }
        for index in 0..call.cells {
            let cell = self.suspended_cell(call.returns + index)?;
            self.push_unchecked(cell);
        }
        let Open {
            session, mut stack, ..
        } = self.open_values();
        let with = stack.pop(&session)?;
        let record = stack.pop(&session)?;
        let first = SUSPENDED_FIELDS + call.returns + call.cells;
        for index in first..first + call.values {
            let value = session.field(record, index).ok_or(Trap::INVALID_CODE)?;
            stack.push(&session, value)?;
        }
        stack.push(&session, with)?;
        self.go_to(call.code, call.word);
        let count = first + call.values;
        let units = count / VALUES_PER_UNIT + call.word / WORDS_PER_UNIT;
        self.charge(units as u64);
        Ok(self.charge_path(call.cost))
    }

    /// The function that the value on top names, if it is one that takes so many arguments; and how
    /// many values it captured.
    fn called(&mut self, arguments: usize) -> Result<(Named, usize), Trap> {
        let Open {
            session,
            stack,
            progress,
            ..
        } = self.open_values();
        let value = session.load(stack.peek(0)?);
        let fields = match session.record_type(value) {
            Some(FUNCTION) => session.record_len(value).unwrap_or(0),
            _ => return Err(progress.wrong_kind(&session, value, "a function")),
        };
        let number = field(&session, value, 0);
        let takes = field(&session, value, 1);
        let captured = fields.checked_sub(FUNCTION_FIELDS);
        let (Some(number), Some(takes), Some(captured)) = (number, takes, captured) else {
            return Err(progress.wrong_kind(&session, value, "a function"));
        };
        if takes != arguments as u64 {
            return Err(progress.fail(
                Trap::WRONG_ARGUMENTS,
                format_args!("a function of {takes} arguments is called with {arguments}"),
            ));
        }
        let named = self.named(number).ok_or(Trap::INVALID_CODE)?;
        Ok((named, captured))
    }

    fn named(&self, number: u64) -> Option<Named> {
        let code = functions::by_number(self.arena, self.system_ref(), number)?;
        let header = self.header(code)?;
        Some(Named { code, header })
    }

    fn refuse_unknown_effect(&mut self) -> Trap {
        let progress = self.open_values().progress;
        progress.fail(
            Trap::NOT_STATIC,
            format_args!("this function may leave anything: apply it instead of calling it"),
        )
    }

    /// How many arguments the vector below the function value on top has.
    fn spread_length(&mut self) -> Result<usize, Trap> {
        let Open {
            session,
            stack,
            progress,
            ..
        } = self.open_values();
        let vector = session.load(stack.peek(1)?);
        match session.vector_len(vector) {
            // No function takes as many as do not fit.
            Some(length) => Ok(usize::try_from(length).unwrap_or(usize::MAX)),
            None => Err(progress.wrong_kind(&session, vector, "a vector")),
        }
    }

    /// Replaces the function value on top by what it captured, and the vector below it, where there is
    /// one, by its elements.
    fn push_called(&mut self, spread: bool, arguments: usize, captured: usize) -> Result<(), Trap> {
        let Open {
            session, mut stack, ..
        } = self.open_values();
        let function = stack.pop(&session)?;
        if spread {
            let vector = stack.pop(&session)?;
            for index in 0..arguments as u64 {
                let value = session.vector_get(vector, index);
                stack.push(&session, value.ok_or(Trap::INVALID_CODE)?)?;
            }
        }
        for index in 0..captured {
            let value = session.field(function, FUNCTION_FIELDS + index);
            stack.push(&session, value.ok_or(Trap::INVALID_CODE)?)?;
        }
        Ok(())
    }

    /// Looks into the suspended call below the value on top.
    fn suspended(&mut self) -> Result<Suspended, Trap> {
        let Open {
            session,
            stack,
            progress,
            ..
        } = self.open_values();
        let value = session.load(stack.peek(1)?);
        let fields = session
            .record_len(value)
            .filter(|_| session.record_type(value) == Some(SUSPENDED));
        let Some(fields) = fields else {
            return Err(progress.wrong_kind(&session, value, "a suspended call"));
        };
        let number = |index| field(&session, value, index).ok_or(Trap::INVALID_CODE);
        let (function, word) = (number(1)?, number(2)? as usize);
        let (returns, cells) = (number(3)? as usize, number(4)? as usize);
        let named = self.named(function).ok_or(Trap::INVALID_CODE)?;
        let call = self.suspended_at(&named, word).ok_or(Trap::INVALID_CODE)?;
        let count = SUSPENDED_FIELDS + call.returns + call.cells + call.values;
        if (call.returns, call.cells, count) != (returns, cells, fields) {
            return Err(Trap::INVALID_CODE);
        }
        Ok(call)
    }

    /// What the `suspend` before a word of a function declares, if one is there.
    fn suspended_at(&self, named: &Named, word: usize) -> Option<Suspended> {
        let code = self.code(named.code)?.as_chunks::<4>().0;
        let read = |at: usize| code.get(at).copied().map(u32::from_le_bytes);
        let suspend = word.checked_sub(Op::Suspend.words())?;
        let mut at = 0;
        while at < suspend {
            at += Op::decode(read(at)?)?.words();
        }
        if at != suspend || Op::decode(read(at)?) != Some(Op::Suspend) {
            return None;
        }
        let (first, away, cost) = (read(at)?, read(at + 1)?, read(at + 2)?);
        // The function begins with the check of the values that it was called with. It may have
        // dropped those, and counts on their places as much as on those above.
        let check = read(1)?;
        let room = (check & 0xFFFF) + (check >> 16);
        Some(Suspended {
            code: named.code,
            header: named.header,
            word,
            returns: (first >> 16) as usize,
            cells: (away & 0xFFFF) as usize,
            values: (away >> 16) as usize,
            room: room as usize,
            cost,
        })
    }

    /// A cell of the suspended call below the value on top.
    fn suspended_cell(&mut self, index: usize) -> Result<i64, Trap> {
        let Open { session, stack, .. } = self.open_values();
        let value = session.load(stack.peek(1)?);
        let cell = session.field(value, SUSPENDED_FIELDS + index);
        let cell = cell.and_then(|cell| session.as_integer(cell));
        cell.ok_or(Trap::INVALID_CODE)
    }

    /// The number of the function that runs, and the word of it that is next.
    fn place_in_code(&self) -> Option<(u32, usize)> {
        // SAFETY: both pointers lie in the arena.
        let address = unsafe {
            let ip = self.core.registers.ip.cast::<u8>();
            ip.offset_from(self.core.base).cast_unsigned()
        };
        let code = self
            .system_ref()
            .code
            .containing(self.arena, address as u64)?;
        let header = self.header(code)?;
        // SAFETY: `code` is a function of the code space, and holds the instruction.
        let word = unsafe { self.core.registers.ip.offset_from(self.code_start(code)) };
        Some((header.id, usize::try_from(word).ok()?))
    }

    /// A word of the instruction that is being done.
    fn instruction_word(&self, index: usize) -> u32 {
        // SAFETY: the instruction is one of verified code, and so whole; `index` is below its length.
        unsafe { *self.core.registers.ip.add(index) }
    }

    /// Sees to it that so many bytes of values can be made.
    fn make_room(&mut self, bytes: usize) -> Result<(), Trap> {
        loop {
            let reserved = self.open_values().session.reserve(bytes);
            match reserved {
                Ok(()) => return Ok(()),
                Err(NeedSpace::Collect) => self.collect()?,
                Err(NeedSpace::OutOfMemory(_)) => return Err(Trap::OUT_OF_MEMORY),
            }
        }
    }

    /// Pushes the address `words` behind the instruction that is being done, for which there is room.
    fn push_return(&mut self, words: usize) {
        // SAFETY: the caller has ensured room for the cell; both pointers lie in the arena.
        unsafe {
            let registers = &mut self.core.registers;
            let behind = registers.ip.add(words).cast::<u8>();
            registers.rp = registers.rp.sub(1);
            *registers.rp = behind.offset_from(self.core.base).cast_unsigned() as u64;
        }
    }

    /// Goes on at a word of a function.
    fn go_to(&mut self, code: CodeRef, word: usize) {
        self.fill();
        // SAFETY: `code` is a function of the code space, and has such a word.
        self.core.registers.ip = unsafe { self.code_start(code).add(word) };
    }

    /// Charges for the path that begins here.
    fn charge_path(&mut self, cost: u32) -> Option<Outcome> {
        self.charge(cost.into());
        (self.core.registers.budget < 0).then_some(Outcome::Preempted)
    }
}

/// Whether a function that is called with so many values leaves one of them, no cells, and the floats
/// as they were; or never returns.
fn leaves_one_value(header: &Header, values: usize) -> bool {
    let one = match header.value_delta {
        Delta::Static(change) => usize::try_from(1 - i32::from(change)) == Ok(values),
        Delta::Dynamic | Delta::Never => false,
    };
    match header.delta {
        Delta::Static(0) => header.need == 0 && one && header.float_delta == Delta::Static(0),
        Delta::Never => header.need == 0,
        Delta::Static(_) | Delta::Dynamic => false,
    }
}

/// A field that is a number not below zero.
fn field(session: &Session<'_>, record: Local<'_>, index: usize) -> Option<u64> {
    let number = session.as_integer(session.field(record, index)?)?;
    u64::try_from(number).ok()
}

fn full(_: stele_memory::OutOfMemory) -> Trap {
    Trap::OUT_OF_MEMORY
}

/// `( V: -- x )`: the value that came with the throw that was caught last; nil if none did. It can be
/// taken once.
pub(super) fn thrown(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    machine.push_thrown();
    Ok(Step::Done)
}

/// `( V: x -- x ) ( -- n )`: how many arguments a function takes; -1 if x is no function.
pub(super) fn arity(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let Open { session, stack, .. } = machine.open_values();
    let value = session.load(stack.peek(0)?);
    let is_function = session.record_type(value) == Some(FUNCTION);
    let takes = field(&session, value, 1).filter(|_| is_function);
    let takes = takes.and_then(|takes| i64::try_from(takes).ok());
    machine.push(takes.unwrap_or(-1))?;
    Ok(Step::Done)
}

/// `( V: x1 -- x1 x2 ) ( -- flag )`: whether x1 is a suspended call; x2 is the value that it was
/// suspended with, nil if it is none.
pub(super) fn yielded(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let Open {
        session, mut stack, ..
    } = machine.open_values();
    let value = session.load(stack.peek(0)?);
    let is_call = session.record_type(value) == Some(SUSPENDED);
    let with = session.field(value, 0).filter(|_| is_call);
    stack.push(&session, with.unwrap_or(session.nil()))?;
    machine.push(-i64::from(is_call))?;
    Ok(Step::Done)
}
