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
    // What does not fit is left out; numbers and names are shorter.
    let _ = line.write_fmt(words);
    let _ = line.write_str("\n");
    machine.write_unrecorded(&line.text[..line.length]);
}

/// `( -- )`: prints who uses what, and what the collector did.
pub(super) fn print(machine: &mut Machine<'_, '_>) -> Result<Step, Trap> {
    let usage = machine.usage();
    let (arena, heap, shared) = (usage.arena, usage.heap, usage.shared);
    line(machine, format_args!("{:<18}{:>12}", "memory", "bytes"));
    let mut row = |name: &str, bytes: u64, note: fmt::Arguments<'_>| {
        line(machine, format_args!("{name:<18}{bytes:>12}  {note}"));
    };
    let (young, old, sealed) = (heap.nursery, heap.old, heap.shared);
    row(
        "values",
        heap.held,
        format_args!("objects: {young} young, {old} old, {sealed} shared"),
    );
    row(
        "shared values",
        shared.held,
        format_args!("objects: {}", shared.used),
    );
    row(
        "atoms",
        shared.atoms_held,
        format_args!("{} of them", shared.atoms),
    );
    row("unfinished work", heap.scratch, format_args!("on values"));
    row(
        "value stack",
        usage.value_stack,
        format_args!("{} values", usage.values),
    );
    row(
        "stacks",
        usage.stacks,
        format_args!("{} and {} cells", usage.cells, usage.return_cells),
    );
    row(
        "data space",
        usage.data,
        format_args!("{} can be used", usage.data_used),
    );
    row(
        "code and the rest",
        usage.rest,
        format_args!("{} functions", usage.functions),
    );
    row(
        "free",
        arena.free,
        format_args!("largest piece {}", arena.largest_free),
    );
    row("reserve", arena.reserve, format_args!("for the collector"));
    row("in all", arena.size, format_args!("of one region"));
    let (own, all) = (heap.collections, shared.collections);
    line(
        machine,
        format_args!("collections: {own} of this instance's values, {all} of shared ones"),
    );
    let pauses = usage.pauses;
    if pauses.count > 0 {
        line(
            machine,
            format_args!(
                "pauses since this start: {}, the longest {} us, together {} us",
                pauses.count,
                pauses.longest_ns / 1000,
                pauses.total_ns / 1000
            ),
        );
    }
    Ok(Step::Done)
}
