//! The registers that a panic prints.

use core::{arch::asm, fmt};

use x86_64::registers::control::{Cr2, Cr3};

use super::entry::TrapFrame;

/// General registers in the order in which [`TrapFrame`] has them.
const NAMES: [&str; 15] = [
    "r15", "r14", "r13", "r12", "r11", "r10", "r9", "r8", "rbp", "rdi", "rsi", "rdx", "rcx", "rbx",
    "rax",
];

/// Index of RBP among them.
const RBP: usize = 8;

/// A processor state.
#[derive(Clone, Copy, Debug)]
pub struct Registers {
    general: [u64; 15],
    rip: u64,
    rsp: u64,
    rflags: u64,
    cs: u64,
    ss: u64,
    cr2: u64,
    cr3: u64,
}

impl Registers {
    /// The interrupted program's.
    pub(super) fn of(frame: &TrapFrame) -> Self {
        Self {
            general: frame.general,
            rip: frame.rip,
            rsp: frame.rsp,
            rflags: frame.rflags,
            cs: frame.cs,
            ss: frame.ss,
            cr2: Cr2::read_raw(),
            cr3: Cr3::read().0.start_address().as_u64(),
        }
    }

    /// Where the chain of stack frames begins.
    pub const fn frame_pointer(&self) -> u64 {
        self.general[RBP]
    }

    /// The instruction that was to be executed.
    pub const fn instruction_pointer(&self) -> u64 {
        self.rip
    }
}

/// The registers as they are in the caller.
#[inline(always)]
pub fn capture_registers() -> Registers {
    let mut general = [0; 15];
    let (rip, rsp, rflags, cs, ss): (u64, u64, u64, u64, u64);
    // SAFETY: only stores registers into the array and reads the instruction pointer, stack pointer,
    // flags (by way of the stack) and selectors.
    unsafe {
        asm!(
            "mov [{general}], r15",
            "mov [{general} + 8], r14",
            "mov [{general} + 16], r13",
            "mov [{general} + 24], r12",
            "mov [{general} + 32], r11",
            "mov [{general} + 40], r10",
            "mov [{general} + 48], r9",
            "mov [{general} + 56], r8",
            "mov [{general} + 64], rbp",
            "mov [{general} + 72], rdi",
            "mov [{general} + 80], rsi",
            "mov [{general} + 88], rdx",
            "mov [{general} + 96], rcx",
            "mov [{general} + 104], rbx",
            "mov [{general} + 112], rax",
            "lea {rip}, [rip]",
            "mov {rsp}, rsp",
            "pushfq",
            "pop {rflags}",
            "mov {cs}, cs",
            "mov {ss}, ss",
            general = in(reg) &mut general,
            rip = out(reg) rip,
            rsp = out(reg) rsp,
            rflags = out(reg) rflags,
            cs = out(reg) cs,
            ss = out(reg) ss,
        );
    }
    Registers {
        general,
        rip,
        rsp,
        rflags,
        cs,
        ss,
        cr2: Cr2::read_raw(),
        cr3: Cr3::read().0.start_address().as_u64(),
    }
}

impl fmt::Display for Registers {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let general = NAMES.iter().copied().zip(self.general).rev();
        let others = [
            ("rip", self.rip),
            ("rsp", self.rsp),
            ("rflags", self.rflags),
            ("cs", self.cs),
            ("ss", self.ss),
            ("cr2", self.cr2),
            ("cr3", self.cr3),
        ];
        for (number, (name, value)) in general.chain(others).enumerate() {
            let end = match number {
                0 => "",
                _ if number % 4 == 0 => "\n",
                _ => " ",
            };
            write!(f, "{end}  {name:<6} {value:016x}")?;
        }
        Ok(())
    }
}
