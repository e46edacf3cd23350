//! Locals: what their names stand for while the definition is compiled that has them.
//!
//! The names are a vector in a root of the instance, in the order in which they were given. It is
//! kept until the next definition that has locals, so that who shows a definition can name them; what counts
//! is the number in [`NAMES`], which ends with the definition.

use super::dictionary::{Folded, name_at};
use stele_bytecode::builder::MAX_LOCALS;
use stele_bytecode::instruction::Op;
use stele_memory::Session;
use stele_vm::words::needs_space;
use stele_vm::{Machine, Step, Trap};

/// Which root holds the names.
const NAMES_ROOT: usize = 7;

/// Which of the instance's words holds the number of names of the open part of the definition.
const NAMES: usize = 20;

/// Which of the instance's words says that they are declared: 0 while they are not, then one more
/// than how many names, from the first, stand for locals in reverse order.
const ORDER: usize = 21;

/// Worst case of keeping a name.
const ADD_BYTES: usize = Session::worst_case_bytes(crate::layout::NAME_LIMIT as usize)
    + Session::worst_case_vector_push();

/// Forgets the names: what they were declared in has come to its end.
pub(super) fn forget(machine: &mut Machine<'_, '_>) {
    machine.set_user(NAMES, 0);
    machine.set_user(ORDER, 0);
}

/// `( c-addr u -- )`: the next local of the definition has that name.
pub(super) fn add(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    if !machine.is_defining() {
        return Err(Trap::COMPILER_NESTING);
    }
    if machine.user(ORDER) != 0 {
        return Err(Trap::LOCALS_PLACE);
    }
    let count = machine.user(NAMES);
    if count >= MAX_LOCALS.into() {
        return Err(Trap::TOO_MANY_LOCALS);
    }
    let (address, length) = (machine.peek(1)?, machine.peek(0)?);
    let name = name_at(machine, address, length)?.ok_or(Trap::NAME_TOO_LONG)?;
    let (mut session, roots) = machine.session();
    if let Err(need) = session.reserve(ADD_BYTES) {
        return needs_space(&need);
    }
    let full = |_| Trap::OUT_OF_MEMORY;
    let names = match count {
        0 => session.vector().map_err(full)?,
        _ => session.load(&roots[NAMES_ROOT]),
    };
    let name = session.bytes(name.as_bytes()).map_err(full)?;
    let names = session.vector_push(names, name);
    let names = names.map_err(|_| Trap::OUT_OF_MEMORY)?;
    session.store(&mut roots[NAMES_ROOT], names);
    machine.set_user(NAMES, count + 1);
    machine.pop()?;
    machine.pop()?;
    Ok(Step::Done)
}

/// `( u flag -- )`: declares the locals that have been named, the last u of which begin as zero; the
/// first of the others takes the top of the stack if the flag is true, else the last does.
pub(super) fn declare(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let (others, from_top) = (machine.peek(1)?, machine.peek(0)? != 0);
    let count = machine.user(NAMES);
    let others = u64::try_from(others).ok().filter(|others| *others <= count);
    let others = others.ok_or(Trap::NUMERIC_ARGUMENT)?;
    let arguments = count - others;
    let cells = |count| u16::try_from(count).map_err(|_| Trap::TOO_MANY_LOCALS);
    let (first, last) = (cells(arguments)?, cells(others)?);
    machine.build(|builder| builder.declare_locals(first, last))?;
    let reversed = if from_top { arguments } else { 0 };
    machine.set_user(ORDER, reversed + 1);
    machine.pop()?;
    machine.pop()?;
    Ok(Step::Done)
}

/// `( c-addr u -- c-addr u flag )`: true if that is a local's name.
pub(super) fn is_local(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let found = named(machine)?;
    answer(machine, found.is_some())
}

/// `( c-addr u -- c-addr u flag )`: if that is a local's name, adds what leaves it.
pub(super) fn get(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    compile(machine, Op::LocalFetch)
}

/// `( c-addr u -- c-addr u flag )`: if that is a local's name, adds what sets it.
pub(super) fn set(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    compile(machine, Op::LocalStore)
}

fn compile(machine: &mut Machine<'_, '_>, op: Op) -> Result<Step, Trap> {
    let found = named(machine)?;
    if let Some(position) = found {
        machine.build(|builder| builder.local(op, position))?;
    }
    answer(machine, found.is_some())
}

fn answer(machine: &mut Machine<'_, '_>, flag: bool) -> Result<Step, Trap> {
    machine.push(-i64::from(flag))?;
    Ok(Step::Done)
}

/// The position of the local whose name the two top cells give, if there is one.
fn named(machine: &mut Machine<'_, '_>) -> Result<Option<u16>, Trap> {
    let (address, length) = (machine.peek(1)?, machine.peek(0)?);
    let Some(reversed) = machine.user(ORDER).checked_sub(1) else {
        return Ok(None);
    };
    let Some(name) = name_at(machine, address, length)? else {
        return Ok(None);
    };
    let Some(index) = index_of(machine, &name) else {
        return Ok(None);
    };
    // An image may say anything of how many there are.
    let turned = reversed.checked_sub(u64::from(index) + 1);
    Ok(turned.map_or(Some(index), |turned| u16::try_from(turned).ok()))
}

/// The place among the names; the last if several are the same.
fn index_of(machine: &mut Machine<'_, '_>, name: &Folded) -> Option<u16> {
    let count = machine.user(NAMES).min(MAX_LOCALS.into()) as u16;
    let (session, roots) = machine.session();
    let names = session.load(&roots[NAMES_ROOT]);
    (0..count).rev().find(|index| {
        let known = session.vector_get(names, u64::from(*index));
        known.and_then(|known| session.as_bytes(known)) == Some(name.as_bytes())
    })
}
