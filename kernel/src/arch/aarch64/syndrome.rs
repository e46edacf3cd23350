//! Exception syndromes in words: what `ESR_EL1` and `FAR_EL1` say about a fault.
//!
//! Pure decoding, no register is touched here. Source: Arm ARM (DDI 0487) D24.2.40 `ESR_EL1`.
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
    /// A class that this table does not know.
    Unknown,
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
            _ => Class::Unknown,
        }
    }

    /// What happened, in words.
    pub(super) fn name(self) -> &'static str {
        match self.class() {
            Class::Undefined => "undefined instruction",
            Class::FloatingPointDisabled => "floating-point instruction while the unit is off",
            Class::IllegalState => "illegal execution state",
            Class::Call => "supervisor call",
            Class::SystemRegister => "trapped system register or instruction",
            Class::BranchTarget => "branch to a forbidden target",
            Class::InstructionAbort => "instruction abort",
            Class::ProgramCounterAlignment => "misaligned program counter",
            Class::DataAbort => "data abort",
            Class::StackAlignment => "misaligned stack pointer",
            Class::FloatingPoint => "floating-point exception",
            Class::SystemError => "system error",
            Class::Debug => "breakpoint or other debug event",
            Class::Unknown => "exception of an unknown class",
        }
    }

    /// True if a load or store failed because nothing answers at its physical address.
    pub(super) fn is_external_abort(self) -> bool {
        const BEYOND_PHYSICAL_MEMORY: u64 = 0x03;
        const EXTERNAL: u64 = 0x10;
        let status = self.0 & 0x3F;
        self.class() == Class::DataAbort && (status <= BEYOND_PHYSICAL_MEMORY || status == EXTERNAL)
    }

    /// The access to memory that failed, if that is what happened: what was attempted, and what is
    /// wrong with the address in `FAR_EL1`.
    pub(super) fn failed_access(self) -> Option<FailedAccess> {
        const ADDRESS_NOT_VALID: u64 = 1 << 10;
        const WRITE_NOT_READ: u64 = 1 << 6;
        let attempt = match self.class() {
            Class::InstructionAbort => "execute",
            Class::DataAbort if self.0 & WRITE_NOT_READ != 0 => "write",
            Class::DataAbort => "read",
            _ => return None,
        };
        Some(FailedAccess {
            attempt,
            obstacle: obstacle((self.0 & 0x3F) as u8),
            address_is_known: self.0 & ADDRESS_NOT_VALID == 0,
        })
    }
}

/// An access to memory that failed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct FailedAccess {
    /// "read", "write" or "execute".
    pub(super) attempt: &'static str,
    /// What is wrong with the address, as a relative clause.
    pub(super) obstacle: &'static str,
    /// `FAR_EL1` holds the address.
    pub(super) address_is_known: bool,
}

/// The fault status code, bits 5:0 of an abort's syndrome, in words. Its lowest two bits give the
/// level of the table walk, for most codes.
fn obstacle(status: u8) -> &'static str {
    match status {
        0x00..=0x03 => "whose table entry leads beyond physical memory",
        0x04..=0x07 => "where nothing is mapped",
        0x08..=0x0B => "whose table entry has no access flag",
        0x0C..=0x0F => "that does not allow it",
        0x10 => "where no memory and no device answers",
        0x14..=0x17 => "whose page tables cannot be read",
        0x18 | 0x1C..=0x1F => "where memory is damaged (parity or ECC error)",
        0x21 => "that is not aligned for it",
        0x30 => "for which the processor holds two translations",
        _ => "that the processor refuses for another reason",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_to_nowhere_is_explained() {
        let syndrome = Syndrome(0x9600_0044);
        assert_eq!(syndrome.name(), "data abort");
        assert_eq!(
            syndrome.failed_access(),
            Some(FailedAccess {
                attempt: "write",
                obstacle: "where nothing is mapped",
                address_is_known: true
            })
        );
    }

    #[test]
    fn reads_and_fetches_are_told_from_writes() {
        let attempt = |syndrome| {
            Syndrome(syndrome)
                .failed_access()
                .map(|access| access.attempt)
        };
        assert_eq!(attempt(0x9600_0007), Some("read"));
        assert_eq!(attempt(0x8600_000F), Some("execute"));
        assert_eq!(attempt(0x0200_0000), None);
    }

    #[test]
    fn an_external_abort_may_not_know_its_address() {
        let access = Syndrome(0x9600_0410).failed_access().unwrap();
        assert!(!access.address_is_known);
        assert!(Syndrome(0x9600_0410).is_external_abort());
        assert!(!Syndrome(0x9600_0007).is_external_abort());
        assert!(!Syndrome(0x8600_0010).is_external_abort());
        assert_eq!(access.obstacle, "where no memory and no device answers");
    }

    #[test]
    fn every_syndrome_has_words() {
        for class in 0..64 {
            for status in 0..64 {
                let syndrome = Syndrome(class << 26 | status);
                assert!(!syndrome.name().is_empty());
                if let Some(access) = syndrome.failed_access() {
                    assert!(!access.obstacle.is_empty());
                }
            }
        }
    }
}
