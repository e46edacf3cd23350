//! The registers that a panic prints.
use core::arch::asm;
use core::fmt;

use super::vectors::Frame;

/// A copy of the processor's registers at one moment.
#[derive(Clone, Copy, Debug)]
pub struct Registers {
    frame: Frame,
    /// The frame was saved by an exception, so syndrome and fault address mean something.
    from_exception: bool,
    /// Where a backtrace begins.
    instruction_pointer: u64,
}

impl Registers {
    /// The registers that an exception saved. `instruction_pointer` is where the kernel was: the
    /// frame's program counter, unless that is in the vectors.
    pub(super) fn of_exception(frame: &Frame, instruction_pointer: u64) -> Self {
        Self {
            frame: *frame,
            from_exception: true,
            instruction_pointer,
        }
    }

    /// `x29`, where the chain of stack frames begins.
    #[must_use]
    pub fn frame_pointer(&self) -> u64 {
        self.frame.general[29]
    }

    /// Address of the instruction that was being executed.
    #[must_use]
    pub fn instruction_pointer(&self) -> u64 {
        self.instruction_pointer
    }
}

impl fmt::Display for Registers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let frame = &self.frame;
        writeln!(
            f,
            " pc {:016x}   sp {:016x} spsr {:016x}",
            frame.program_counter, frame.stack_pointer, frame.state
        )?;
        if self.from_exception {
            writeln!(
                f,
                "esr {:016x}  far {:016x}",
                frame.syndrome, frame.fault_address
            )?;
        }
        let mut separator = "";
        for (number, value) in frame.general.iter().enumerate() {
            write!(f, "{separator}{:>3} {value:016x}", Name(number))?;
            separator = if number % 4 == 3 { "\n" } else { "  " };
        }
        Ok(())
    }
}

/// A general register's name, three characters wide.
struct Name(usize);

impl fmt::Display for Name {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            number @ 0..=9 => write!(f, " x{number}"),
            29 => f.write_str(" fp"),
            30 => f.write_str(" lr"),
            number => write!(f, "x{number}"),
        }
    }
}

/// Copies the caller's registers as they are now.
#[must_use]
#[inline(always)]
pub fn capture_registers() -> Registers {
    let mut frame = Frame::EMPTY;
    // SAFETY: stores registers into `frame`, whose layout has `x0` to `x30` in order at its start;
    // the address register and the scratch register are the only ones changed.
    unsafe {
        asm!(
            "stp x0, x1, [{frame}]",
            "stp x2, x3, [{frame}, #16]",
            "stp x4, x5, [{frame}, #32]",
            "stp x6, x7, [{frame}, #48]",
            "stp x8, x9, [{frame}, #64]",
            "stp x10, x11, [{frame}, #80]",
            "stp x12, x13, [{frame}, #96]",
            "stp x14, x15, [{frame}, #112]",
            "stp x16, x17, [{frame}, #128]",
            "stp x18, x19, [{frame}, #144]",
            "stp x20, x21, [{frame}, #160]",
            "stp x22, x23, [{frame}, #176]",
            "stp x24, x25, [{frame}, #192]",
            "stp x26, x27, [{frame}, #208]",
            "stp x28, x29, [{frame}, #224]",
            "str x30, [{frame}, #240]",
            "mov {scratch}, sp",
            "str {scratch}, [{frame}, #248]",
            "adr {scratch}, .",
            "str {scratch}, [{frame}, #256]",
            "mrs {scratch}, daif",
            "str {scratch}, [{frame}, #264]",
            frame = in(reg) &raw mut frame,
            scratch = out(reg) _,
            options(nostack, preserves_flags),
        );
    }
    Registers {
        frame,
        from_exception: false,
        instruction_pointer: frame.program_counter,
    }
}
