//! How this machine is switched off and restarted: what the firmware's tables say, and the writes
//! that follow from it.
//!
//! The tables are read once, at the boot, while the person can still be told what is wrong with them.
//! What no table describes (firmware calls, a PC's old reset lines) is the architecture's:
//! `arch::power_off` and `arch::restart`.

use core::fmt;

use crate::acpi::{
    AcpiError, Conduit, Fadt, PhysicalMemory, Register, Signature, SleepTypes, Space, Tables,
    soft_off,
};

/// How often a register is read while waiting for what it was told: at a register's pace, about a
/// microsecond, some tenths of a second.
const PATIENCE: usize = 1 << 18;

/// What the firmware says about power.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Power {
    /// How the machine is switched off.
    off: Result<SoftOff, PowerError>,
    /// The register that resets the machine, and the value that does it.
    reset: Option<(Register, u8)>,
    /// How the firmware is called on arm64.
    conduit: Option<Conduit>,
}

/// The registers that switch a machine off (ACPI 6.5, 4.8.3.2 and 4.8.3.7).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum SoftOff {
    /// The control registers of one or two power-management blocks.
    Control {
        first: Register,
        second: Option<Register>,
        types: SleepTypes,
        /// Port and value that take the registers from the firmware.
        enable: Option<(u16, u8)>,
    },
    /// The sleep control register.
    Sleep { register: Register, kind: u8 },
}

/// Why the tables give no way to switch the machine off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PowerError {
    /// A table that is needed is missing or damaged.
    Tables(AcpiError),
    /// The tables name no register for it, or one that cannot be reached.
    NoRegister,
    /// The firmware's program does not say which sleep type means "off".
    NoSleepType,
}

impl fmt::Display for PowerError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tables(error) => error.fmt(f),
            Self::NoRegister => {
                f.write_str("ACPI table FADT names no register for it that can be reached")
            }
            Self::NoSleepType => {
                f.write_str("ACPI tables DSDT and SSDT define no package _S5 for it")
            }
        }
    }
}

impl From<AcpiError> for PowerError {
    fn from(error: AcpiError) -> Self {
        Self::Tables(error)
    }
}

/// Access to registers, without side effects of its own.
pub trait Registers {
    /// Writes 8 bits.
    fn write_8(&mut self, register: Register, value: u8);
    /// Reads 16 bits.
    fn read_16(&mut self, register: Register) -> u16;
    /// Writes 16 bits.
    fn write_16(&mut self, register: Register, value: u16);
}

impl Power {
    /// What the tables say that the root pointer at `rsdp` leads to.
    pub fn read<M: PhysicalMemory>(memory: &M, rsdp: u64) -> Self {
        let tables = Tables::new(memory, rsdp);
        let fadt = tables.as_ref().map_err(|error| *error);
        let fadt = fadt
            .and_then(|tables| tables.find(Signature::FADT))
            .map(Fadt::new);
        let off = tables
            .map_err(PowerError::from)
            .and_then(|tables| read_off(&tables, fadt?));
        Self {
            off,
            reset: fadt.ok().and_then(|fadt| fadt.reset()),
            conduit: fadt.ok().and_then(|fadt| fadt.psci_conduit()),
        }
    }

    /// Brings the registers in physical memory within reach, by `map`, which is told the address of
    /// each; those that it cannot map, or that are not aligned, are not used.
    #[must_use]
    pub fn reached_by(self, mut map: impl FnMut(u64) -> bool) -> Self {
        let mut reach = |register: Register, width: usize| {
            register.space != Space::Memory || register.memory(width).is_some_and(&mut map)
        };
        let off = self.off.and_then(|off| {
            let reached = match off {
                SoftOff::Control { first, second, .. } => {
                    reach(first, 2) && second.is_none_or(|second| reach(second, 2))
                }
                SoftOff::Sleep { register, .. } => reach(register, 1),
            };
            if reached {
                Ok(off)
            } else {
                Err(PowerError::NoRegister)
            }
        });
        let reset = self.reset.filter(|(register, _)| reach(*register, 1));
        Self { off, reset, ..self }
    }

    /// How the firmware's power functions are called on arm64, if it has any.
    #[must_use]
    pub fn conduit(&self) -> Option<Conduit> {
        self.conduit
    }

    /// Why the tables give no way to switch the machine off, if they do not.
    #[must_use]
    pub fn obstacle(&self) -> Option<PowerError> {
        self.off.err()
    }

    /// Does what the tables say switches the machine off; comes back if that has no effect.
    pub fn switch_off(&self, registers: &mut impl Registers) {
        match self.off {
            Ok(SoftOff::Control {
                first,
                second,
                types,
                enable,
            }) => {
                take_over(registers, first, enable);
                let mut write = |sleep| {
                    let blocks = [(Some(first), types.a), (second, types.b)];
                    for (block, kind) in blocks {
                        if let Some(block) = block {
                            let kept = registers.read_16(block) & !(SLEEP_TYPE | SLEEP);
                            let kind = u16::from(kind) << SLEEP_TYPE.trailing_zeros();
                            registers.write_16(block, kept | kind | sleep);
                        }
                    }
                };
                // The type first, then the word to go: some chipsets want it in this order.
                write(0);
                write(SLEEP);
                for _ in 0..PATIENCE {
                    registers.read_16(first);
                }
            }
            Ok(SoftOff::Sleep { register, kind }) => {
                const ENABLE: u8 = 1 << 5;
                registers.write_8(register, kind << 2 | ENABLE);
                for _ in 0..PATIENCE {
                    core::hint::spin_loop();
                }
            }
            Err(_) => {}
        }
    }

    /// Writes to the reset register, if there is one; comes back if that has no effect.
    pub fn reset(&self, registers: &mut impl Registers) {
        if let Some((register, value)) = self.reset {
            registers.write_8(register, value);
            for _ in 0..PATIENCE {
                core::hint::spin_loop();
            }
        }
    }
}

/// Control register: the registers are the operating system's.
const OURS: u16 = 1 << 0;
/// Control register: the sleep type.
const SLEEP_TYPE: u16 = 7 << 10;
/// Control register: sleep now.
const SLEEP: u16 = 1 << 13;

/// Asks the firmware for the registers where they are still its own (ACPI 6.5, 4.8.2.5).
fn take_over(registers: &mut impl Registers, control: Register, enable: Option<(u16, u8)>) {
    let Some((port, value)) = enable else { return };
    if registers.read_16(control) & OURS == 0 {
        let command = Register {
            space: Space::Port,
            address: port.into(),
        };
        registers.write_8(command, value);
        // Firmware that never answers may still obey.
        let _ = (0..PATIENCE).find(|_| registers.read_16(control) & OURS != 0);
    }
}

fn read_off<M: PhysicalMemory>(
    tables: &Tables<'_, M>,
    fadt: Fadt<'_>,
) -> Result<SoftOff, PowerError> {
    let control = fadt.control();
    let sleep = fadt.sleep_control();
    if control.is_none() && sleep.is_none() {
        return Err(PowerError::NoRegister);
    }
    let types = sleep_types(tables)?;
    match (control, sleep) {
        (Some((first, second)), _) => Ok(SoftOff::Control {
            first,
            second,
            types,
            enable: fadt.enable_acpi(),
        }),
        (None, Some(register)) => Ok(SoftOff::Sleep {
            register,
            kind: types.a,
        }),
        (None, None) => Err(PowerError::NoRegister),
    }
}

/// Looks through the firmware's program, all tables of it.
fn sleep_types<M: PhysicalMemory>(tables: &Tables<'_, M>) -> Result<SleepTypes, PowerError> {
    let mut obstacle = None;
    let types = tables.programs().find_map(|table| match table {
        Ok(table) => soft_off(table.bytes),
        Err(error) => {
            obstacle = obstacle.or(Some(error));
            None
        }
    });
    // Without an answer, a program that cannot be read is the reason.
    types.ok_or(obstacle.map_or(PowerError::NoSleepType, PowerError::Tables))
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTROL: Register = Register {
        space: Space::Port,
        address: 0x604,
    };
    const SECOND: Register = Register {
        space: Space::Memory,
        address: 0xFE00,
    };

    /// Registers that remember what was written, and whose first is the firmware's until it is asked.
    #[derive(Default)]
    struct Recorder {
        written: Vec<(u64, u16)>,
        ours: bool,
    }

    impl Registers for Recorder {
        fn write_8(&mut self, register: Register, value: u8) {
            self.written.push((register.address, value.into()));
            self.ours = true;
        }

        fn read_16(&mut self, _: Register) -> u16 {
            0x0400 | u16::from(self.ours)
        }

        fn write_16(&mut self, register: Register, value: u16) {
            self.written.push((register.address, value));
        }
    }

    fn power(off: SoftOff) -> Power {
        Power {
            off: Ok(off),
            reset: Some((CONTROL, 6)),
            conduit: None,
        }
    }

    #[test]
    fn both_blocks_get_their_type_and_then_the_word_to_go() {
        let mut registers = Recorder::default();
        let off = SoftOff::Control {
            first: CONTROL,
            second: Some(SECOND),
            types: SleepTypes { a: 5, b: 2 },
            enable: Some((0xB2, 3)),
        };
        power(off).switch_off(&mut registers);
        assert_eq!(
            registers.written,
            [
                (0xB2, 3),
                (0x604, 0x1401),
                (0xFE00, 0x0801),
                (0x604, 0x3401),
                (0xFE00, 0x2801)
            ]
        );
    }

    #[test]
    fn registers_in_memory_are_mapped_or_not_used() {
        let off = SoftOff::Sleep {
            register: SECOND,
            kind: 5,
        };
        let mut asked = Vec::new();
        let reached = power(off).reached_by(|address| {
            asked.push(address);
            true
        });
        assert_eq!((reached, asked), (power(off), vec![0xFE00]));
        let unreached = power(off).reached_by(|_| false);
        assert_eq!(unreached.obstacle(), Some(PowerError::NoRegister));
        assert_eq!(unreached.reset, Some((CONTROL, 6)));
        let odd = SoftOff::Control {
            first: Register {
                address: SECOND.address + 1,
                ..SECOND
            },
            second: None,
            types: SleepTypes { a: 0, b: 0 },
            enable: None,
        };
        let unaligned = power(odd).reached_by(|_| true);
        assert_eq!(unaligned.obstacle(), Some(PowerError::NoRegister));
    }

    #[test]
    fn registers_that_are_ours_already_are_not_asked_for() {
        for (ours, enable) in [(true, Some((0xB2, 3))), (false, None)] {
            let mut registers = Recorder {
                ours,
                ..Recorder::default()
            };
            let types = SleepTypes { a: 0, b: 0 };
            let off = SoftOff::Control {
                first: CONTROL,
                second: None,
                types,
                enable,
            };
            power(off).switch_off(&mut registers);
            assert_eq!(registers.written.first().map(|write| write.0), Some(0x604));
        }
    }

    #[test]
    fn a_sleep_control_register_takes_type_and_word_at_once() {
        let mut registers = Recorder::default();
        power(SoftOff::Sleep {
            register: SECOND,
            kind: 5,
        })
        .switch_off(&mut registers);
        power(SoftOff::Sleep {
            register: SECOND,
            kind: 5,
        })
        .reset(&mut registers);
        assert_eq!(registers.written, [(0xFE00, 0x34), (0x604, 6)]);
    }

    #[test]
    fn a_machine_that_cannot_be_switched_off_is_explained() {
        struct Nothing;
        impl PhysicalMemory for Nothing {
            fn bytes(&self, _: u64, _: u64) -> Option<&[u8]> {
                None
            }
        }
        let power = Power::read(&Nothing, 0);
        let mut registers = Recorder::default();
        power.switch_off(&mut registers);
        power.reset(&mut registers);
        assert_eq!(registers.written, []);
        assert_eq!(
            power.obstacle().map(|error| error.to_string()),
            Some("ACPI: the firmware offers no tables".to_owned())
        );
    }
}
