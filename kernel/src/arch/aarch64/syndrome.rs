//! Exception syndromes in words: what `ESR_EL1` and `FAR_EL1` say about a fault.
//!
//! Pure decoding, no register is touched here. Source: Arm ARM (DDI 0487) D24.2.40 `ESR_EL1`.
use core::fmt;

/// The value of `ESR_EL1` when an exception was taken.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Syndrome(pub(super) u64);

/// The exception classes that a kernel which never leaves EL1 can meet.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Class {
    /// No better reason: an instruction that this processor does not define.
    Undefined,
    /// A floating-point or vector instruction while the unit is off.
    FloatingPointDisabled,
    /// Execution in an illegal state, as after a bad exception return.
    IllegalState,
    /// `SVC`, `HVC` or `SMC`: nothing in this kernel answers it.
    Call,
    /// A system register or instruction that traps at this level.
    SystemRegister,
    /// A branch to somewhere that `BTI` or pointer authentication forbids.
    BranchTarget,
    /// An instruction could not be fetched.
    InstructionAbort,
    /// The program counter is not a multiple of 4.
    ProgramCounterAlignment,
    /// A load or store failed.
    DataAbort,
    /// The stack pointer is not a multiple of 16.
    StackAlignment,
    /// A trapped floating-point exception.
    FloatingPoint,
    /// An error the memory system reported late.
    SystemError,
    /// `BRK` or a hardware breakpoint, watchpoint or single step.
    Debug,
    /// A class that this table does not know; carries its number.
    Unknown(u8),
}

impl Syndrome {
    /// The exception class, bits 31:26.
    pub(super) fn class(self) -> Class {
        match (self.0 >> 26) as u8 & 0x3F {
            0x00 => Class::Undefined,
            0x07 => Class::FloatingPointDisabled,
            0x0E => Class::IllegalState,
            0x15..=0x17 => Class::Call,
            0x18 | 0x19 | 0x1D => Class::SystemRegister,
            0x0D | 0x1C => Class::BranchTarget,
            0x20 | 0x21 => Class::InstructionAbort,
            0x22 => Class::ProgramCounterAlignment,
            0x24 | 0x25 => Class::DataAbort,
            0x26 => Class::StackAlignment,
            0x2C => Class::FloatingPoint,
            0x2F => Class::SystemError,
            0x30..=0x35 | 0x3C => Class::Debug,
            other => Class::Unknown(other),
        }
    }

    /// True when `FAR_EL1` holds the address that faulted.
    pub(super) fn has_address(self) -> bool {
        const FAR_NOT_VALID: u64 = 1 << 10;
        match self.class() {
            Class::DataAbort | Class::InstructionAbort => self.0 & FAR_NOT_VALID == 0,
            Class::ProgramCounterAlignment => true,
            _ => false,
        }
    }

    /// True when a data abort was caused by a store.
    fn is_write(self) -> bool {
        const WRITE_NOT_READ: u64 = 1 << 6;
        self.0 & WRITE_NOT_READ != 0
    }

    /// Why the memory system refused an access: the fault status code, bits 5:0.
    fn fault_status(self) -> FaultStatus {
        FaultStatus((self.0 & 0x3F) as u8)
    }
}

/// The low six bits of an abort's syndrome.
#[derive(Clone, Copy)]
struct FaultStatus(u8);

impl fmt::Display for FaultStatus {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let level = self.0 & 3;
        match self.0 {
            0x00..=0x03 => write!(f, "address size fault, level {level}"),
            0x04..=0x07 => write!(
                f,
                "nothing is mapped there (translation fault, level {level})"
            ),
            0x08..=0x0B => write!(f, "access flag fault, level {level}"),
            0x0C..=0x0F => write!(
                f,
                "the mapping forbids it (permission fault, level {level})"
            ),
            0x10 => write!(f, "the bus refused it (synchronous external abort)"),
            0x14..=0x17 => write!(f, "the bus refused a page-table walk, level {level}"),
            0x18 | 0x1C..=0x1F => write!(f, "memory parity or ECC error"),
            0x21 => write!(f, "misaligned access"),
            0x30 => write!(f, "conflicting TLB entries"),
            other => write!(f, "fault status {other:#04x}"),
        }
    }
}

impl fmt::Display for Syndrome {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.class() {
            Class::Undefined => write!(f, "undefined instruction"),
            Class::FloatingPointDisabled => {
                write!(f, "floating-point instruction while the unit is off")
            }
            Class::IllegalState => write!(f, "illegal execution state"),
            Class::Call => write!(f, "supervisor call that nothing answers"),
            Class::SystemRegister => write!(f, "trapped system register or instruction"),
            Class::BranchTarget => write!(f, "branch to a forbidden target"),
            Class::InstructionAbort => {
                write!(f, "instruction abort: {}", self.fault_status())
            }
            Class::ProgramCounterAlignment => write!(f, "misaligned program counter"),
            Class::DataAbort if self.is_write() => {
                write!(f, "data abort on a write: {}", self.fault_status())
            }
            Class::DataAbort => write!(f, "data abort on a read: {}", self.fault_status()),
            Class::StackAlignment => write!(f, "misaligned stack pointer"),
            Class::FloatingPoint => write!(f, "floating-point exception"),
            Class::SystemError => write!(f, "system error reported by memory or a device"),
            Class::Debug => write!(f, "breakpoint or debug event with no debugger"),
            Class::Unknown(class) => write!(f, "exception class {class:#04x}"),
        }
    }
}
