//! The colon compiler: each word of it adds to, or closes, the definition under construction.

use super::dictionary::{
    self, NewWord, PENDING, add, copy_name, look, position_of, reveal, truncate,
};
use super::{locals, places};
use crate::layout::{NAME_LIMIT, user};
use stele_bytecode::builder::{BuildError, Builder, MAX_INLINE_CODE, Mark};
use stele_bytecode::function::{Delta, MAX_WORDS};
use stele_bytecode::instruction::Op;
use stele_bytecode::places::Place;
use stele_memory::CodeRef;
use stele_vm::origin::{FIXED_BYTES, ORIGIN_LIMIT, OriginWriter};
use stele_vm::words::flags;
use stele_vm::{Machine, SLICE, Step, Trap};

/// Words of code that verifying handles for one unit of cost, so that the longest definition takes
/// no more than a primitive may.
const WORDS_PER_UNIT: u64 = MAX_WORDS as u64 / SLICE;

/// `( c-addr u -- )`: begins a definition of that name, or of none if u is 0.
pub(super) fn begin_definition(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let (address, length) = (machine.peek(1)?, machine.peek(0)?);
    let mut name = [0; NAME_LIMIT as usize];
    let name = copy_name(machine, address, length, &mut name)?;
    let step = discard(machine)?;
    if step != Step::Done {
        return Ok(step);
    }
    let mut origin = [0; FIXED_BYTES];
    let origin = places::origin(machine, &mut origin)?;
    let place = Place::new(places::current(machine)?);
    let new = NewWord {
        name,
        list: machine.cell(user::CURRENT)?,
        flags: flags::HIDDEN,
        code: None,
        body: 0,
        here: machine.cell(user::HERE)?,
        origin: origin.bytes(),
    };
    match add(machine, &new)? {
        Err(step) => Ok(step),
        Ok(token) => {
            machine.begin_definition()?;
            machine.set_place(place);
            locals::forget(machine);
            machine.set_user(PENDING, token.cast_unsigned() + 1);
            machine.set_cell(user::LATEST, token)?;
            machine.pop()?;
            machine.pop()?;
            Ok(Step::Done)
        }
    }
}

/// `( -- flag )`: whether a definition is open.
pub(super) fn defining(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let open = machine.user(PENDING) != 0;
    machine.push(-i64::from(open))?;
    Ok(Step::Done)
}

/// `( -- xt )`: makes the definition final and its name known.
pub(super) fn finish_definition(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let token = machine
        .user(PENDING)
        .checked_sub(1)
        .ok_or(Trap::COMPILER_NESTING)?
        .cast_signed();
    // Room in the heap first: once the code is final this must not have to begin again.
    let step = dictionary::prepare(machine, token)?;
    if step != Step::Done {
        return Ok(step);
    }
    machine.charge(machine.definition_length() / WORDS_PER_UNIT);
    let mut origin = [0; ORIGIN_LIMIT];
    let position = position_of(machine, token)?;
    let mut origin = OriginWriter::new(machine.functions(), position, &mut origin);
    let code = machine.finish_definition_from(true, &mut origin)?;
    locals::forget(machine);
    reveal(machine, token, code, origin.bytes())?;
    machine.set_user(PENDING, 0);
    machine.push(token)?;
    Ok(Step::Done)
}

/// `( -- xt )`: the word whose definition is not finished; 0 if there is none.
pub(super) fn open_definition(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let token = machine.user(PENDING).saturating_sub(1);
    machine.push(token.cast_signed())?;
    Ok(Step::Done)
}

/// `( -- )`: gives up the definition, if there is one.
pub(super) fn discard_definition(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    discard(machine)
}

/// Gives up the definition, if there is one, and its place among the words.
pub(super) fn discard(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    if let Some(token) = machine.user(PENDING).checked_sub(1) {
        let step = truncate(machine, token.cast_signed())?;
        if step != Step::Done {
            return Ok(step);
        }
        machine.set_user(PENDING, 0);
    }
    machine.discard_definition();
    locals::forget(machine);
    Ok(Step::Done)
}

/// `( xt -- )`: adds what the word does.
pub(super) fn compile(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let token = machine.peek(0)?;
    let (word_flags, code, body) = look(machine, token)?;
    if word_flags & flags::DEFERRED != 0 || machine.is_controlled(token) {
        let token = u32::try_from(token).map_err(|_| Trap::STALE_TOKEN)?;
        machine.build(|builder| builder.with_operand(Op::CallWord, token))?;
    } else {
        if word_flags & flags::BODY != 0 {
            machine.build(|builder| builder.literal(body))?;
        }
        if let Some(code) = code {
            compile_call(machine, code)?;
        }
    }
    machine.pop()?;
    Ok(Step::Done)
}

/// Adds a call, or a copy of what would be called if that is as short.
fn compile_call(machine: &mut Machine<'_, '_>, code: CodeRef) -> Result<(), Trap> {
    let header = machine.header(code).ok_or(Trap::INVALID_CODE)?;
    if !header.inline {
        return machine.build(|builder| builder.call(code.0, header.delta));
    }
    let mut words = [0; MAX_INLINE_CODE];
    let bytes = machine.code(code).ok_or(Trap::INVALID_CODE)?;
    let mut length = 0;
    for (word, bytes) in words.iter_mut().zip(bytes.chunks_exact(4)) {
        *word = u32::from_le_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
        length += 1;
    }
    machine.build(|builder| builder.inline(&words[..length]))
}

/// `( x -- )`: adds what leaves x.
pub(super) fn literal(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let x = machine.peek(0)?;
    machine.build(|builder| builder.literal(x))?;
    machine.pop()?;
    Ok(Step::Done)
}

/// `( n -- )`: adds the instruction of that number, which needs no operand.
pub(super) fn op(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let number = machine.pop()?;
    let word = u32::try_from(number).map_err(|_| Trap::INVALID_CODE)?;
    let op = Op::decode(word).filter(|op| op.stands_alone());
    let op = op.ok_or(Trap::INVALID_CODE)?;
    machine.build(|builder| builder.emit(op))?;
    Ok(Step::Done)
}

/// Adds something that leaves a mark for what is to close it.
fn open(
    machine: &mut Machine<'_, '_>,
    add: impl Fn(&mut Builder<'_>) -> Result<Mark, BuildError>,
) -> Result<Step, Trap> {
    let mark = machine.build(add)?;
    machine.push(mark.to_cell())?;
    Ok(Step::Done)
}

/// Takes a mark and closes what it stands for.
fn close(
    machine: &mut Machine<'_, '_>,
    add: impl Fn(&mut Builder<'_>, Mark) -> Result<(), BuildError>,
) -> Result<Step, Trap> {
    let mark = Mark::from_cell(machine.peek(0)?).ok_or(Trap::CONTROL_MISMATCH)?;
    machine.build(|builder| add(builder, mark))?;
    machine.pop()?;
    Ok(Step::Done)
}

/// `( -- orig )`
pub(super) fn begin_if(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    open(machine, |builder| builder.forward(Op::JumpIfZero))
}

/// `( -- orig )`
pub(super) fn ahead(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    open(machine, |builder| builder.forward(Op::Jump))
}

/// `( orig -- )`
pub(super) fn then(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    close(machine, |builder, mark| builder.resolve(mark))
}

/// `( -- dest )`
pub(super) fn begin(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    open(machine, |builder| Ok(builder.begin()))
}

/// `( dest -- )`
pub(super) fn again(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    close(machine, |builder, mark| builder.back(Op::Jump, mark))
}

/// `( dest -- )`
pub(super) fn until(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    close(machine, |builder, mark| builder.back(Op::JumpIfZero, mark))
}

/// `( -- do-sys )`, two cells
pub(super) fn begin_do(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    open_loop(machine, false)
}

/// `( -- do-sys )`
pub(super) fn begin_question_do(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    open_loop(machine, true)
}

fn open_loop(machine: &mut Machine<'_, '_>, checked: bool) -> Result<Step, Trap> {
    let marks = machine.build(|builder| builder.loop_begin(checked))?;
    for mark in marks {
        machine.push(mark.to_cell())?;
    }
    Ok(Step::Done)
}

/// `( do-sys -- )`
pub(super) fn end_loop(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    close_loop(machine, Op::Loop)
}

/// `( do-sys -- )`
pub(super) fn end_plus_loop(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    close_loop(machine, Op::PlusLoop)
}

fn close_loop(machine: &mut Machine<'_, '_>, op: Op) -> Result<Step, Trap> {
    let outer = Mark::from_cell(machine.peek(1)?).ok_or(Trap::CONTROL_MISMATCH)?;
    let body = Mark::from_cell(machine.peek(0)?).ok_or(Trap::CONTROL_MISMATCH)?;
    machine.build(|builder| builder.loop_end(op, [outer, body]))?;
    machine.pop()?;
    machine.pop()?;
    Ok(Step::Done)
}

/// `( -- )`
pub(super) fn leave(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    machine.build(|builder| builder.leave())?;
    Ok(Step::Done)
}

/// `( -- )`
pub(super) fn exit(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    machine.build(|builder| builder.exit())?;
    Ok(Step::Done)
}

/// `( -- )`
pub(super) fn recurse(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    machine.build(|builder| builder.recurse())?;
    Ok(Step::Done)
}

/// `( -- )`: what follows becomes the code of the word that CREATE made last.
pub(super) fn does(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let number = super::PRIMITIVES
        .iter()
        .position(|primitive| primitive.name == "(does)");
    let number = number
        .and_then(|number| u16::try_from(number).ok())
        .ok_or(Trap::INVALID_CODE)?;
    machine.build(|builder| {
        builder.drop_locals()?;
        builder.with_operand(Op::Function, 0)?;
        builder.primitive(number, Delta::Static(-1))?;
        builder.next_segment()
    })?;
    locals::forget(machine);
    Ok(Step::Done)
}
