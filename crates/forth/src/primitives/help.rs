//! Help, and names looked at for the line editor and for lists of words.

use super::dictionary::{self, Folded, name_at};
use crate::help;
use crate::layout::NAME_LIMIT;
use stele_vm::{Machine, Step, Trap};

/// `( c-addr u -- n1 n2 )`: number of the first page of help on what has this name, and how many there
/// are.
pub(super) fn find(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let name = name_at(machine, machine.peek(1)?, machine.peek(0)?)?;
    let pages = name.map_or(0..0, |name| help::find(name.as_bytes()));
    let cell = |number| i64::try_from(number).unwrap_or(0);
    machine.poke(1, cell(pages.start))?;
    machine.poke(0, cell(pages.len()))?;
    Ok(Step::Done)
}

/// `( n1 n2 -- n1 n3 )`: shows the line at n2 of page n1; n3 is where the next one is, or -1.
pub(super) fn show_line(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let (page, at) = (machine.peek(1)?, machine.peek(0)?);
    let line = match (usize::try_from(page), usize::try_from(at)) {
        (Ok(page), Ok(at)) => help::line(page, at),
        _ => &[],
    };
    machine.write(line);
    machine.charge(line.len() as u64 / 4);
    let next = i64::try_from(line.len()).ok().filter(|length| *length > 0);
    machine.poke(0, next.map_or(-1, |length| at + length))?;
    Ok(Step::Done)
}

/// Pairs of bytes compared for one unit of cost.
const BYTES_PER_UNIT: usize = 16;

/// Cost of looking at a name, beside comparing it.
const LOOK: usize = 16;

/// Cost after which a run ends, to go on in the next.
const ENOUGH: usize = 1024;

/// `( c-addr u flag xt1 -- c-addr u flag xt2 )`: the latest word older than xt1 whose name has the
/// string in it, or begins with it if the flag says so; the case of letters does not matter. 0 if
/// there is none.
pub(super) fn older_like(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let (address, length) = (machine.peek(3)?, machine.peek(2)?);
    let beginning = machine.peek(1)? != 0;
    let mut token = machine.peek(0)?.min(dictionary::count(machine));
    let Some(part) = name_at(machine, address, length)? else {
        machine.poke(0, 0)?;
        return Ok(Step::Done);
    };
    let part = part.as_bytes();
    let mut cost = 0;
    let mut found = false;
    while token > 1 && !found && cost < ENOUGH {
        token -= 1;
        let mut buffer = [0; NAME_LIMIT as usize];
        let name = Folded::new(dictionary::name_of(machine, token, &mut buffer)?);
        let name = name.as_ref().map_or(&[][..], Folded::as_bytes);
        let places = if beginning { 0 } else { name.len() };
        found = (0..=places).any(|at| name[at..].starts_with(part));
        cost += LOOK + part.len() * (places + 1) / BYTES_PER_UNIT;
    }
    machine.charge(cost as u64);
    if !found && token > 1 {
        machine.poke(0, token)?;
        return Ok(Step::Again);
    }
    machine.poke(0, if found { token } else { 0 })?;
    Ok(Step::Done)
}

/// `( xt1 xt2 -- u )`: how many bytes the names of two words have in common at their beginnings; the
/// case of letters does not matter.
pub(super) fn common(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let (first, second) = (machine.peek(1)?, machine.peek(0)?);
    let mut buffer = [0; NAME_LIMIT as usize];
    let first = Folded::new(dictionary::name_of(machine, first, &mut buffer)?);
    let second = Folded::new(dictionary::name_of(machine, second, &mut buffer)?);
    let common = match (&first, &second) {
        (Some(first), Some(second)) => {
            let pairs = first.as_bytes().iter().zip(second.as_bytes());
            pairs.take_while(|(a, b)| a == b).count()
        }
        _ => 0,
    };
    machine.pop()?;
    machine.poke(0, i64::try_from(common).unwrap_or(0))?;
    Ok(Step::Done)
}
