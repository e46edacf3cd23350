//! What the machine tells about itself, line by line.

use core::fmt::{self, Write};

use stele_bootinfo::{Region, RegionKind};

use super::inventory::Item;
use crate::acpi::{Madt, MadtEntry, PhysicalMemory, Signature, Tables};

/// Passes the line of one number on to `out` and counts the others off.
pub struct OneLine<'out> {
    /// Lines still to come before the one that is wanted.
    before: u64,
    out: &'out mut dyn Write,
    found: bool,
}

impl<'out> OneLine<'out> {
    /// Wants line `number`, from 0.
    pub fn new(number: u64, out: &'out mut dyn Write) -> Self {
        Self {
            before: number,
            out,
            found: false,
        }
    }

    /// The next line. True as long as the line wanted is still to come.
    pub fn line(&mut self, line: fmt::Arguments<'_>) -> bool {
        if self.found {
            return false;
        }
        if self.before > 0 {
            self.before -= 1;
            return true;
        }
        // What does not fit the reader's buffer is the reader's to cut.
        let _ = self.out.write_fmt(line);
        self.found = true;
        false
    }

    /// Whether it came.
    #[must_use]
    pub fn found(&self) -> bool {
        self.found
    }
}

/// The names of the firmware's tables, then everything that the system keeps, as `each` finds it.
pub fn devices<M: PhysicalMemory>(
    memory: &M,
    rsdp: u64,
    each: impl FnOnce(&mut dyn FnMut(Item) -> bool),
    lines: &mut OneLine<'_>,
) {
    match Tables::new(memory, rsdp) {
        Ok(tables) => {
            lines.line(format_args!("ACPI tables:{}", Names(&tables)));
        }
        Err(error) => {
            lines.line(format_args!("{error}"));
        }
    }
    each(&mut |item| lines.line(format_args!("{item}")));
}

/// A list of the tables' names.
struct Names<'a, 'memory, M>(&'a Tables<'memory, M>);

impl<M: PhysicalMemory> fmt::Display for Names<'_, '_, M> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.names().try_for_each(|name| write!(f, " {name}"))
    }
}

/// Physical memory, region by region.
pub fn memory_map(map: &[Region], lines: &mut OneLine<'_>) {
    for region in map {
        let use_of = match region.kind {
            RegionKind::Usable => "usable",
            RegionKind::Kernel => "kernel: image, tables, what the loader left",
            RegionKind::AcpiTables => "firmware's tables",
            RegionKind::Reserved => "reserved by firmware",
            RegionKind::Device => "device registers",
            RegionKind::FirmwareData => "firmware's data",
        };
        let last = region.start.saturating_add(region.length).saturating_sub(1);
        let (start, size) = (region.start, region.length / 1024);
        if !lines.line(format_args!(
            "{start:#018x} to {last:#018x}, {size} KiB: {use_of}"
        )) {
            return;
        }
    }
}

/// Processors, as the firmware lists them; `own` is the number of the one that runs the system.
pub fn processors<M: PhysicalMemory>(memory: &M, rsdp: u64, own: u32, lines: &mut OneLine<'_>) {
    let table = Tables::new(memory, rsdp).and_then(|tables| tables.find(Signature::MADT));
    let table = match table {
        Ok(table) => table,
        Err(error) => {
            lines.line(format_args!("processor {own}: runs the system; {error}"));
            return;
        }
    };
    for entry in Madt::new(table).entries() {
        let (number, enabled) = match entry {
            MadtEntry::LocalApic { apic, enabled } => (apic.into(), enabled),
            MadtEntry::LocalX2Apic { apic, enabled } => (apic.into(), enabled),
            MadtEntry::GicCpu {
                affinity, enabled, ..
            } => (affinity, enabled),
            _ => continue,
        };
        let state = match (number == u64::from(own), enabled) {
            (true, _) => "runs the system",
            (false, true) => "present, not started",
            (false, false) => "disabled by firmware",
        };
        if !lines.line(format_args!("processor {number:#x}: {state}")) {
            return;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn line(number: u64, report: impl FnOnce(&mut OneLine<'_>)) -> Option<String> {
        let mut out = String::new();
        let mut lines = OneLine::new(number, &mut out);
        report(&mut lines);
        let found = lines.found();
        assert_eq!(found, !out.is_empty());
        found.then_some(out)
    }

    #[test]
    fn memory_is_told_region_by_region() {
        let map = [
            Region {
                start: 0x1000,
                length: 0x9F000,
                kind: RegionKind::Usable,
                reserved: 0,
            },
            Region {
                start: 0xFFFF_F000,
                length: 0x1000,
                kind: RegionKind::Device,
                reserved: 0,
            },
        ];
        let told = |number| line(number, |lines| memory_map(&map, lines));
        assert_eq!(
            told(0).unwrap(),
            "0x0000000000001000 to 0x000000000009ffff, 636 KiB: usable"
        );
        assert_eq!(
            told(1).unwrap(),
            "0x00000000fffff000 to 0x00000000ffffffff, 4 KiB: device registers"
        );
        assert_eq!(told(2), None);
        assert_eq!(told(u64::MAX), None);
    }

    /// No memory at all.
    struct Nothing;

    impl PhysicalMemory for Nothing {
        fn bytes(&self, _: u64, _: u64) -> Option<&[u8]> {
            None
        }
    }

    #[test]
    fn without_tables_that_is_what_is_told() {
        let told = line(0, |lines| devices(&Nothing, 0, |_| {}, lines)).unwrap();
        assert!(told.contains("offers no"), "{told}");
        let told = line(0, |lines| processors(&Nothing, 0, 3, lines)).unwrap();
        assert!(told.starts_with("processor 3: runs the system"), "{told}");
        assert_eq!(line(1, |lines| processors(&Nothing, 0, 3, lines)), None);
    }
}
