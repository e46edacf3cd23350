//! Profiles and traces: what the machine recorded, as words and numbers.

use super::dictionary;
use super::system::leave_string;
use crate::layout::NAME_LIMIT;
use crate::primitives::names;
use crate::texts::Text;
use stele_memory::CodeRef;
use stele_vm::backtrace::Frame;
use stele_vm::watch::{EventKind, Watching};
use stele_vm::{Machine, Step, Trap};

/// Which of the instance's words holds how many functions are the system's own.
pub(crate) const OWN_FUNCTIONS: usize = 5;

/// `( n -- )`: records from here on a profile (1), calls (2) or instructions (3), or nothing (0).
pub(super) fn watch(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let watching = match machine.pop()? {
        0 => Watching::Off,
        1 => Watching::Profile,
        2 => Watching::Calls,
        3 => Watching::Steps,
        _ => return Err(Trap::NUMERIC_ARGUMENT),
    };
    let first = u32::try_from(machine.user(OWN_FUNCTIONS)).unwrap_or(0);
    machine.set_watching(watching, first)?;
    Ok(Step::Done)
}

/// The word that a function belongs to, 0 if there is none.
fn word_of(machine: &mut Machine<'_, '_>, function: CodeRef) -> i64 {
    let Some(header) = machine.header(function) else {
        return 0;
    };
    let frame = Frame {
        function,
        id: header.id,
        words: header.length,
        word: 0,
    };
    machine.charge(4);
    dictionary::place_of(machine, &frame).0
}

fn count(number: u64) -> i64 {
    i64::try_from(number).unwrap_or(i64::MAX)
}

/// `( cost1 id1 -- cost2 id2 calls executions xt )`: the function that comes next in a profile, by cost
/// from the highest down, then by number; the first if id1 is -1. The xt is -1 after the last.
pub(super) fn profile_next(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let (cost, id) = (machine.peek(1)?, machine.peek(0)?);
    let after = u32::try_from(id).ok().map(|id| (cost.unsigned_abs(), id));
    let (cost, id, calls, executions, token) = match machine.profile_after(after) {
        None => (0, 0, 0, 0, -1),
        Some(found) => {
            let token = word_of(machine, found.function);
            let (cost, calls) = (count(found.cost), count(found.calls));
            (cost, found.id.into(), calls, count(found.executions), token)
        }
    };
    machine.poke(1, cost)?;
    machine.poke(0, id)?;
    for cell in [calls, executions, token] {
        machine.push(cell)?;
    }
    Ok(Step::Done)
}

/// `( -- executions cost )`: all of the profile.
pub(super) fn profile_total(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    for number in machine.profile_total() {
        machine.push(count(number))?;
    }
    Ok(Step::Done)
}

/// `( xt n -- executions cost )`: what the profile says of the instruction at code word n.
pub(super) fn profile_at(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let (token, at) = (machine.peek(1)?, machine.peek(0)?);
    let (_, code, _) = dictionary::look(machine, token)?;
    let at = u64::try_from(at).map_err(|_| Trap::NUMERIC_ARGUMENT)?;
    let [executions, cost] = code.map_or([0; 2], |code| machine.profile_of(code, at));
    machine.poke(1, count(executions))?;
    machine.poke(0, count(cost))?;
    Ok(Step::Done)
}

/// `( xt n -- source line )`: where the instruction at code word n came from; 0 0 if nobody knows.
pub(super) fn line_at(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let (token, at) = (machine.peek(1)?, machine.peek(0)?);
    let (_, code, _) = dictionary::look(machine, token)?;
    let header = code.and_then(|code| Some((code, machine.header(code)?)));
    let position = header.map_or_else(Default::default, |(function, header)| {
        let frame = Frame {
            function,
            id: header.id,
            words: header.length,
            word: u32::try_from(at).unwrap_or(0),
        };
        dictionary::place_of(machine, &frame).1
    });
    machine.poke(1, position.source.into())?;
    machine.poke(0, position.line.into())?;
    Ok(Step::Done)
}

/// `( -- n )`: events there were in the trace.
pub(super) fn events(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let events = count(machine.events());
    machine.push(events)?;
    Ok(Step::Done)
}

/// `( n -- x3 x2 x1 depth other xt kind )`: the event of that number: what happened (1 called by name, 2
/// called by token, 3 returned, 4 thrown, 5 an instruction; 0 if it is not kept), to which word, called
/// from or returned to which other (the code that was thrown, the instruction's place), how many cells
/// were on the stack, and the topmost.
pub(super) fn event(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let number = machine.peek(0)?;
    let event = u64::try_from(number)
        .ok()
        .and_then(|number| machine.event(number));
    let cells = match event {
        None => [0; 7],
        Some(event) => {
            let other = match event.kind {
                EventKind::Thrown | EventKind::Step => event.other.cast_signed(),
                _ => {
                    let other = u32::try_from(event.other).unwrap_or(0);
                    word_of(machine, CodeRef(other))
                }
            };
            let token = word_of(machine, event.function);
            let [a, b, c] = event.cells;
            let depth = count(event.depth);
            [c, b, a, depth, other, token, event.kind as i64]
        }
    };
    machine.pop()?;
    for cell in cells {
        machine.push(cell)?;
    }
    Ok(Step::Done)
}

/// `( source offset1 -- c-addr u offset2 )`: the line of a text given at start that begins there, and where
/// the next one begins, -1 if there is no such line. Long lines are cut.
pub(super) fn source_line(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let (source, offset) = (machine.peek(1)?, machine.peek(0)?);
    let mut name = [0; NAME_LIMIT as usize];
    let name = names::name_of(machine, source, &mut name);
    let mut line = [0; NAME_LIMIT as usize];
    let found = find_text(machine.texts(), name).and_then(|text| {
        let rest = text.contents.get(usize::try_from(offset).ok()?..)?;
        let whole = rest.split_inclusive(|byte| *byte == b'\n').next()?;
        let shown = whole.strip_suffix(b"\n").unwrap_or(whole);
        let kept = shown.len().min(line.len());
        line[..kept].copy_from_slice(&shown[..kept]);
        Some((kept, whole.len()))
    });
    let (kept, next) = found.map_or((0, -1), |(kept, whole)| {
        (kept, offset.saturating_add(count(whole as u64)))
    });
    machine.charge(found.map_or(0, |(_, whole)| whole as u64 / 16));
    machine.pop()?;
    machine.pop()?;
    leave_string(machine, &line[..kept])?;
    machine.push(next)?;
    Ok(Step::Done)
}

/// The text given at start of that name.
fn find_text<'a>(texts: &'a [u8], name: &[u8]) -> Option<Text<'a>> {
    let mut at = 0;
    loop {
        let text = Text::read(texts, at)?;
        if &text.name[..text.name.len().min(NAME_LIMIT as usize)] == name {
            return Some(text);
        }
        at = text.end;
    }
}
