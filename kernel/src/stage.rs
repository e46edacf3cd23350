//! The stages of a boot, and the line each prints when it is reached.

use core::fmt;

/// How far the kernel has come. The order is the order of the boot.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[repr(u8)]
pub enum Stage {
    /// The kernel has been entered.
    Booting,
    /// Exceptions are handled.
    Cpu,
    /// Physical memory can be handed out.
    PhysicalMemory,
    /// The kernel owns its page tables.
    VirtualMemory,
    /// The kernel heap works.
    Heap,
    /// Devices, timer and interrupts work.
    Hal,
    /// The arbiter has its memory.
    Arbiter,
    /// VM\[0\] exists.
    RootVm,
    /// The arbiter runs.
    Running,
}

impl Stage {
    /// All stages in order.
    pub const ALL: [Self; 9] = [
        Self::Booting,
        Self::Cpu,
        Self::PhysicalMemory,
        Self::VirtualMemory,
        Self::Heap,
        Self::Hal,
        Self::Arbiter,
        Self::RootVm,
        Self::Running,
    ];

    /// The stage with this number; numbers beyond the last mean the last.
    #[must_use]
    pub fn from_number(number: u8) -> Self {
        Self::ALL
            .get(usize::from(number))
            .copied()
            .unwrap_or(Self::Running)
    }

    /// The line printed when the stage is reached; tests and people wait for exactly this text.
    #[must_use]
    pub const fn marker(self) -> &'static str {
        match self {
            Self::Booting => "Stele booting...",
            Self::Cpu => "CPU initialized",
            Self::PhysicalMemory => "PMM initialized",
            Self::VirtualMemory => "VMM initialized",
            Self::Heap => "Heap initialized",
            Self::Hal => "HAL initialized",
            Self::Arbiter => "VM arbiter initialized",
            Self::RootVm => "VM[0] instantiated",
            Self::Running => "Entering VM arbiter loop...",
        }
    }
}

impl fmt::Display for Stage {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.marker())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_stages_correspond() {
        for (number, stage) in Stage::ALL.into_iter().enumerate() {
            assert_eq!(stage as usize, number);
            assert_eq!(Stage::from_number(stage as u8), stage);
        }
        assert_eq!(Stage::from_number(200), Stage::Running);
    }
}
