//! What the memory is used for, and collecting it on demand.

use crate::machine::Machine;
use crate::{Step, Trap};
use core::fmt::{self, Write};

/// `( -- )`: frees all that nothing refers to.
pub(super) fn collect(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    machine.collect_everything()?;
    Ok(Step::Done)
}

/// Longest line of the table.
const LINE: usize = 96;

/// A line of the table.
struct Line {
    text: [u8; LINE],
    length: usize,
}

impl Write for Line {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        let end = self.length + text.len();
        let to = self.text.get_mut(self.length..end).ok_or(fmt::Error)?;
        to.copy_from_slice(text.as_bytes());
        self.length = end;
        Ok(())
    }
}

/// Prints a line. How much memory there is differs from host to host, so none of it is output that a
/// program's results could depend on.
fn line(machine: &mut Machine<'_, '_>, words: fmt::Arguments<'_>) {
    let mut line = Line {
        text: [0; LINE],
        length: 0,
    };
    // A line that did not fit would be cut; numbers and names are shorter.
    let _ = line.write_fmt(words);
    let _ = line.write_str("\n");
    machine.write_unrecorded(&line.text[..line.length]);
}

/// `( -- )`: prints who uses what, and what the collector did.
pub(super) fn print(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let usage = machine.usage();
    let (arena, heap) = (usage.arena, usage.heap);
    let row = |machine: &mut Machine<'_, '_>, name: &str, bytes: u64, note: fmt::Arguments<'_>| {
        line(machine, format_args!("{name:<14}{bytes:>14}  {note}"));
    };
    line(machine, format_args!("{:<14}{:>14}", "memory", "bytes"));
    row(
        machine,
        "values, young",
        heap.nursery,
        format_args!("objects, dead ones included"),
    );
    row(
        machine,
        "values, old",
        heap.old,
        format_args!("objects, dead ones included"),
    );
    row(
        machine,
        "value chunks",
        heap.held,
        format_args!("{} of them", heap.chunks),
    );
    row(
        machine,
        "unfinished",
        heap.scratch,
        format_args!("operations on values"),
    );
    row(
        machine,
        "value stack",
        usage.value_stack,
        format_args!("{} values", usage.values),
    );
    row(
        machine,
        "stacks",
        usage.stacks,
        format_args!("{} and {} cells", usage.cells, usage.return_cells),
    );
    row(
        machine,
        "data space",
        usage.data,
        format_args!("{} in use", usage.data_used),
    );
    row(
        machine,
        "code, rest",
        usage.rest,
        format_args!("{} functions", usage.functions),
    );
    row(
        machine,
        "free",
        arena.free,
        format_args!("largest piece {}", arena.largest_free),
    );
    row(
        machine,
        "reserve",
        arena.reserve,
        format_args!("for the collector"),
    );
    row(machine, "in all", arena.size, format_args!(""));
    let pauses = usage.pauses;
    line(
        machine,
        format_args!("collections: {} of this heap", heap.collections),
    );
    if pauses.count > 0 {
        line(
            machine,
            format_args!(
                "pauses since this start: {}, longest {} us, together {} us",
                pauses.count,
                pauses.longest_ns / 1000,
                pauses.total_ns / 1000
            ),
        );
    }
    Ok(Step::Done)
}
