//! Leaving, and what the system tells about itself.

use super::dictionary;
use super::listing::{self, Line};
use crate::boot::{COLOUR, MODE};
use crate::layout::{NAME_BUFFER, NUMBER_LIMIT, ORDER_LIMIT, PAD_LIMIT};
use core::fmt::Write;
use core::ops::ControlFlow;
use stele_bytecode::builder::MAX_LOCALS;
use stele_vm::float_stack::MAX_FLOATS;
use stele_vm::stacks::MAX_CELLS;
use stele_vm::{Capability, Machine, Step, Trap};

/// Leaves a short string in the name buffer.
pub(super) fn leave_string(machine: &mut Machine<'_, '_>, text: &[u8]) -> Result<Step, Trap> {
    let length = i64::try_from(text.len()).unwrap_or(0);
    machine
        .bytes_mut(NAME_BUFFER, length)?
        .copy_from_slice(text);
    machine.push(NAME_BUFFER)?;
    machine.push(length)?;
    Ok(Step::Done)
}

/// `( n -- )`: ends the system with exit code n.
pub(super) fn bye(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let code = machine.pop()?;
    Ok(Step::Bye(u8::try_from(code).unwrap_or(1)))
}

/// `( -- )`: begins the system anew.
pub(super) fn cold(_: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    Ok(Step::Cold)
}

/// `( c-addr u -- )`: ends the system as one that cannot go on, for this reason.
pub(super) fn panic(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    machine.require(Capability::Kill)?;
    let (address, length) = (machine.peek(1)?, machine.peek(0)?);
    machine.bytes(address, length)?;
    Ok(Step::Panic { address, length })
}

/// Word sets that are complete.
const WORD_SETS: &[&[u8]] = &[
    b"BLOCK",
    b"BLOCK-EXT",
    b"CORE",
    b"CORE-EXT",
    b"DOUBLE",
    b"DOUBLE-EXT",
    b"EXCEPTION",
    b"EXCEPTION-EXT",
    b"FACILITY",
    b"FACILITY-EXT",
    b"FILE",
    b"FILE-EXT",
    b"FLOATING",
    b"FLOATING-EXT",
    b"LOCALS",
    b"LOCALS-EXT",
    b"MEMORY-ALLOC",
    b"MEMORY-ALLOC-EXT",
    b"SEARCH-ORDER",
    b"SEARCH-ORDER-EXT",
    b"STRING",
    b"STRING-EXT",
    b"TOOLS",
    b"TOOLS-EXT",
    b"XCHAR",
    b"XCHAR-EXT",
];

/// `( c-addr u -- false | i*x true | x 2 )` (Forth-2012, 3.2.6); in the last case x are the bits of
/// a float.
pub(super) fn environment(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let (address, length) = (machine.peek(1)?, machine.peek(0)?);
    let query = machine.bytes(address, length)?;
    let cells = i64::try_from(MAX_CELLS).unwrap_or(i64::MAX);
    let answer: Option<&[i64]> = match query {
        b"#LOCALS" => Some(&[MAX_LOCALS as i64]),
        b"/COUNTED-STRING" => Some(&[255]),
        b"/HOLD" => Some(&[NUMBER_LIMIT]),
        b"/PAD" => Some(&[PAD_LIMIT]),
        b"ADDRESS-UNIT-BITS" => Some(&[8]),
        b"FLOORED" => Some(&[-1]),
        b"MAX-CHAR" => Some(&[255]),
        b"MAX-D" => Some(&[-1, i64::MAX]),
        b"MAX-N" => Some(&[i64::MAX]),
        b"MAX-U" => Some(&[-1]),
        b"MAX-XCHAR" => Some(&[char::MAX as i64]),
        b"MAX-UD" => Some(&[-1, -1]),
        b"RETURN-STACK-CELLS" | b"STACK-CELLS" => Some(&[cells]),
        b"FLOATING-STACK" => Some(&[MAX_FLOATS as i64]),
        b"MAX-FLOAT" => return largest_float(machine),
        b"XCHAR-ENCODING" => return answer_string(machine, b"UTF-8"),
        b"XCHAR-MAXMEM" => Some(&[4]),
        b"WORDLISTS" => Some(&[ORDER_LIMIT]),
        set if WORD_SETS.contains(&set) => Some(&[-1]),
        _ => None,
    };
    let mut cells = [0; 2];
    let count = answer.map(|answer| {
        cells[..answer.len()].copy_from_slice(answer);
        answer.len()
    });
    machine.pop()?;
    machine.pop()?;
    for cell in &cells[..count.unwrap_or(0)] {
        machine.push(*cell)?;
    }
    machine.push(-i64::from(count.is_some()))?;
    Ok(Step::Done)
}

/// Answers for the largest float.
fn largest_float(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    machine.poke(1, f64::MAX.to_bits().cast_signed())?;
    machine.poke(0, 2)?;
    Ok(Step::Done)
}

/// Answers a query, in place of which stand the two top cells, with a string.
fn answer_string(machine: &mut Machine<'_, '_>, text: &[u8]) -> Result<Step, Trap> {
    machine.pop()?;
    machine.pop()?;
    leave_string(machine, text)?;
    machine.push(-1)?;
    Ok(Step::Done)
}

/// `( n -- )`: says what a throw code means.
pub(super) fn print_trap(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let trap = Trap(machine.pop()?);
    let mut line = Line::new();
    // Writing into a line cannot fail: what does not fit is cut.
    let _ = write!(
        line,
        "{} ({})",
        trap.meaning().unwrap_or("uncaught throw"),
        trap.0
    );
    if let Some(words) = machine.explanation(trap) {
        let _ = write!(line, ": {words}");
    }
    machine.write(line.as_bytes());
    Ok(Step::Done)
}

/// `( xt n1 -- xt n2 )`: lists the instruction at code word n1; n2 is the next one's place, or -1.
pub(super) fn see_line(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let (token, at) = (machine.peek(1)?, machine.peek(0)?);
    let (flags, code, body) = dictionary::look(machine, token)?;
    let mut line = Line::new();
    if at == 0 && flags & stele_vm::words::flags::BODY != 0 {
        let _ = write!(line, "       body {body}");
        line.push(if code.is_some() { b"\n" } else { b"" });
    }
    let next = match code {
        None => None,
        Some(code) => {
            let at = usize::try_from(at).map_err(|_| Trap::NUMERIC_ARGUMENT)?;
            listing::instruction(machine, code, at, &mut line)?
        }
    };
    machine.write(line.as_bytes());
    machine.poke(
        0,
        next.and_then(|next| i64::try_from(next).ok()).unwrap_or(-1),
    )?;
    Ok(Step::Done)
}

/// `( -- u )`: cost units used so far, up to the last safepoint.
pub(super) fn cost(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let cost = machine.cost();
    machine.push(cost.cast_signed())?;
    Ok(Step::Done)
}

/// `( u -- )`: lets the program use u more cost units before it is stopped; 0 lifts the bound.
pub(super) fn set_budget(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let units = machine.pop()?.cast_unsigned();
    machine.set_allowance((units != 0).then_some(units));
    Ok(Step::Done)
}

/// `( hash stage -- hash stage )`: takes the next piece into the parity hash; both are 0 at first,
/// the stage is -1 at the end.
pub(super) fn parity(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let (hash, stage) = (machine.peek(1)?.cast_unsigned(), machine.peek(0)?);
    let hash = if stage == 0 {
        crate::parity::START_VALUE
    } else {
        hash
    };
    let (hash, stage) = match crate::parity::step(machine, hash, stage, 2)? {
        ControlFlow::Continue(next) => next,
        ControlFlow::Break(step) => return Ok(step),
    };
    machine.poke(1, hash.cast_signed())?;
    machine.poke(0, stage)?;
    Ok(Step::Done)
}

/// `( -- u )`: how the instance deals with its host: 1 it leaves after the texts, 2 it is quiet.
pub(super) fn mode(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let mode = machine.user(MODE) & !COLOUR;
    machine.push(mode.cast_signed())?;
    Ok(Step::Done)
}

/// `( -- u )`: first address that HERE can never have.
pub(super) fn limit(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let limit = super::pool::dictionary_limit(machine);
    machine.push(limit)?;
    Ok(Step::Done)
}

/// `( -- c-addr u )`: the version of the system.
pub(super) fn version(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    leave_string(machine, env!("CARGO_PKG_VERSION").as_bytes())
}
