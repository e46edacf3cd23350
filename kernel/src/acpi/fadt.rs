//! The fixed description table: the registers that every ACPI machine has.

use super::{Register, Space, Table, u16_at, u32_at, u64_at};

const DSDT: usize = 40;
const COMMAND_PORT: usize = 48;
const ENABLE_ACPI: usize = 52;
const CONTROL_BLOCKS: [usize; 2] = [64, 68];
const PM_TIMER_BLOCK: usize = 76;
const FLAGS: usize = 112;
const RESET_REGISTER: usize = 116;
const RESET_VALUE: usize = 128;
const ARM_BOOT_FLAGS: usize = 129;
const EXTENDED_DSDT: usize = 140;
const EXTENDED_CONTROL_BLOCKS: [usize; 2] = [172, 184];
const EXTENDED_PM_TIMER_BLOCK: usize = 208;
const SLEEP_CONTROL: usize = 244;

/// Where the first port of each block is said, and where its length, or 0 for a single port: the SMI
/// command, events, controls, timer, general-purpose events.
const PORT_BLOCKS: [(usize, usize); 9] = [
    (48, 0),
    (56, 88),
    (60, 88),
    (64, 89),
    (68, 89),
    (72, 90),
    (76, 91),
    (80, 92),
    (84, 93),
];

/// Flag: the power-management timer counts in 32 bits rather than 24.
const WIDE_TIMER: u32 = 1 << 8;
/// Flag: the reset register works.
const RESET_WORKS: u32 = 1 << 10;
/// Flag: there are no power-management blocks, and the sleep control register takes their place.
const HARDWARE_REDUCED: u32 = 1 << 20;

/// Arm boot flag: firmware answers PSCI calls.
const PSCI: u16 = 1 << 0;
/// Arm boot flag: it does so through `HVC` rather than `SMC`.
const PSCI_BY_HVC: u16 = 1 << 1;

/// How firmware is called on arm64 (PSCI, DEN 0022).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Conduit {
    /// By `HVC`: a hypervisor answers.
    Hypervisor,
    /// By `SMC`: secure firmware answers.
    SecureMonitor,
}

/// The fixed description table (ACPI 6.5, 5.2.9).
#[derive(Clone, Copy, Debug)]
pub struct Fadt<'memory> {
    table: Table<'memory>,
}

impl<'memory> Fadt<'memory> {
    /// Reads the table as a fixed description.
    #[must_use]
    pub const fn new(table: Table<'memory>) -> Self {
        Self { table }
    }

    /// The I/O port of the power-management timer, if the machine has one there.
    #[must_use]
    pub fn pm_timer_port(&self) -> Option<u16> {
        self.block(EXTENDED_PM_TIMER_BLOCK, PM_TIMER_BLOCK)?.port()
    }

    /// Physical address of the DSDT, the firmware's program.
    #[must_use]
    pub fn dsdt(&self) -> Option<u64> {
        let bytes = self.table.bytes;
        let narrow = u32_at(bytes, DSDT).map(u64::from);
        let found = [u64_at(bytes, EXTENDED_DSDT), narrow];
        found.into_iter().flatten().find(|address| *address != 0)
    }

    /// The power-management control registers, 16 bits wide, of which the second is optional.
    /// Nothing on a machine without such hardware.
    #[must_use]
    pub fn control(&self) -> Option<(Register, Option<Register>)> {
        let [first, second] = [0, 1]
            .map(|number| self.block(EXTENDED_CONTROL_BLOCKS[number], CONTROL_BLOCKS[number]));
        let first = first.filter(|_| !self.has(HARDWARE_REDUCED))?;
        Some((first, second))
    }

    /// The sleep control register, 8 bits wide, of a machine that has it in place of
    /// [`Fadt::control`].
    #[must_use]
    pub fn sleep_control(&self) -> Option<Register> {
        Register::at(self.table.bytes, SLEEP_CONTROL).filter(|_| self.has(HARDWARE_REDUCED))
    }

    /// The I/O port and the value written there that let the operating system have the
    /// power-management registers; nothing where they are the system's from the start.
    #[must_use]
    pub fn enable_acpi(&self) -> Option<(u16, u8)> {
        let port = u32_at(self.table.bytes, COMMAND_PORT)?;
        let value = *self.table.bytes.get(ENABLE_ACPI)?;
        (port != 0 && value != 0).then_some((u16::try_from(port).ok()?, value))
    }

    /// The register that resets the machine, 8 bits wide, and the value that does it.
    #[must_use]
    pub fn reset(&self) -> Option<(Register, u8)> {
        let register = Register::at(self.table.bytes, RESET_REGISTER)?;
        let value = *self.table.bytes.get(RESET_VALUE)?;
        self.has(RESET_WORKS).then_some((register, value))
    }

    /// A register block, named by a generic address or, where that is empty, by a port number.
    fn block(&self, extended: usize, port: usize) -> Option<Register> {
        Register::at(self.table.bytes, extended).or_else(|| {
            let address = u32_at(self.table.bytes, port).filter(|port| *port != 0)?;
            Some(Register {
                space: Space::Port,
                address: address.into(),
            })
        })
    }

    fn has(&self, flag: u32) -> bool {
        u32_at(self.table.bytes, FLAGS).is_some_and(|flags| flags & flag != 0)
    }

    /// The bits that the power-management timer counts in, as a mask.
    #[must_use]
    pub fn pm_timer_mask(&self) -> u32 {
        if self.has(WIDE_TIMER) {
            u32::MAX
        } else {
            0x00FF_FFFF
        }
    }

    /// The runs of I/O ports, first and number, that power management and its events use.
    pub fn port_blocks(&self) -> impl Iterator<Item = (u16, u8)> + use<'memory> {
        let bytes = self.table.bytes;
        let lengths = PORT_BLOCKS.iter().map(move |(block, length)| {
            let length = match length {
                0 => 1,
                at => bytes.get(*at).copied().unwrap_or(0),
            };
            (u32_at(bytes, *block).unwrap_or(0), length)
        });
        lengths
            .filter_map(|(port, length)| Some((u16::try_from(port).ok()?, length)))
            .filter(|(port, length)| *port != 0 && *length != 0)
    }

    /// How firmware's power functions are called on arm64, if it has any.
    #[must_use]
    pub fn psci_conduit(&self) -> Option<Conduit> {
        let flags = u16_at(self.table.bytes, ARM_BOOT_FLAGS)?;
        match (flags & PSCI != 0, flags & PSCI_BY_HVC != 0) {
            (false, _) => None,
            (true, true) => Some(Conduit::Hypervisor),
            (true, false) => Some(Conduit::SecureMonitor),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::acpi::Signature;

    fn fadt(bytes: &[u8]) -> Fadt<'_> {
        Fadt::new(Table {
            name: Signature::FADT,
            bytes,
        })
    }

    #[test]
    fn the_timer_is_found_in_either_place() {
        let mut bytes = vec![0; 244];
        assert_eq!(fadt(&bytes).pm_timer_port(), None);
        bytes[PM_TIMER_BLOCK..PM_TIMER_BLOCK + 4].copy_from_slice(&0x608_u32.to_le_bytes());
        assert_eq!(fadt(&bytes).pm_timer_port(), Some(0x608));
        bytes[EXTENDED_PM_TIMER_BLOCK] = 1;
        bytes[EXTENDED_PM_TIMER_BLOCK + 4..EXTENDED_PM_TIMER_BLOCK + 12]
            .copy_from_slice(&0xB008_u64.to_le_bytes());
        assert_eq!(fadt(&bytes).pm_timer_port(), Some(0xB008));
        assert_eq!(fadt(&bytes[..80]).pm_timer_port(), Some(0x608));
        assert_eq!(fadt(&bytes[..36]).pm_timer_port(), None);
    }

    #[test]
    fn blocks_of_ports_have_their_lengths() {
        let mut bytes = vec![0; 244];
        assert_eq!(fadt(&bytes).port_blocks().count(), 0);
        bytes[48] = 0xB2;
        bytes[56..58].copy_from_slice(&0x600_u16.to_le_bytes());
        bytes[88] = 4;
        bytes[80..82].copy_from_slice(&0x620_u16.to_le_bytes());
        let blocks: Vec<_> = fadt(&bytes).port_blocks().collect();
        assert_eq!(blocks, [(0xB2, 1), (0x600, 4)]);
        assert_eq!(fadt(&bytes[..60]).port_blocks().count(), 1);
    }

    #[test]
    fn firmware_says_how_it_is_called() {
        let mut bytes = vec![0; 276];
        assert_eq!(fadt(&bytes).psci_conduit(), None);
        bytes[ARM_BOOT_FLAGS] = 1;
        assert_eq!(fadt(&bytes).psci_conduit(), Some(Conduit::SecureMonitor));
        bytes[ARM_BOOT_FLAGS] = 3;
        assert_eq!(fadt(&bytes).psci_conduit(), Some(Conduit::Hypervisor));
        assert_eq!(fadt(&bytes[..130]).psci_conduit(), None);
    }

    #[test]
    fn the_timer_is_narrow_unless_the_flag_says_otherwise() {
        let mut bytes = vec![0; 244];
        assert_eq!(fadt(&bytes).pm_timer_mask(), 0x00FF_FFFF);
        bytes[FLAGS + 1] = 1;
        assert_eq!(fadt(&bytes).pm_timer_mask(), u32::MAX);
    }

    fn put(bytes: &mut [u8], at: usize, field: &[u8]) {
        bytes[at..at + field.len()].copy_from_slice(field);
    }

    /// A generic address in I/O space.
    fn port(number: u8) -> [u8; 12] {
        [1, 16, 0, 0, number, 6, 0, 0, 0, 0, 0, 0]
    }

    #[test]
    fn control_registers_are_found_in_either_place() {
        let mut bytes = vec![0; 276];
        assert_eq!(fadt(&bytes).control(), None);
        put(&mut bytes, CONTROL_BLOCKS[0], &0x604_u32.to_le_bytes());
        let (first, second) = fadt(&bytes).control().unwrap();
        assert_eq!((first.port(), second), (Some(0x604), None));
        put(&mut bytes, EXTENDED_CONTROL_BLOCKS[0], &port(0x14));
        put(&mut bytes, EXTENDED_CONTROL_BLOCKS[1], &port(0x24));
        let (first, second) = fadt(&bytes).control().unwrap();
        assert_eq!(first.port(), Some(0x614));
        assert_eq!(second.and_then(Register::port), Some(0x624));
        assert_eq!(fadt(&bytes).sleep_control(), None);
    }

    #[test]
    fn a_machine_without_that_hardware_has_a_sleep_register() {
        let mut bytes = vec![0; 276];
        put(&mut bytes, CONTROL_BLOCKS[0], &0x604_u32.to_le_bytes());
        put(&mut bytes, SLEEP_CONTROL, &port(0x30));
        put(&mut bytes, FLAGS, &HARDWARE_REDUCED.to_le_bytes());
        assert_eq!(fadt(&bytes).control(), None);
        let register = fadt(&bytes).sleep_control().unwrap();
        assert_eq!(register.port(), Some(0x630));
        assert_eq!(fadt(&bytes[..250]).sleep_control(), None);
    }

    #[test]
    fn the_reset_register_counts_only_if_the_flag_says_so() {
        let mut bytes = vec![0; 276];
        put(&mut bytes, RESET_REGISTER, &port(0xF9));
        bytes[RESET_VALUE] = 0x0F;
        assert_eq!(fadt(&bytes).reset(), None);
        put(&mut bytes, FLAGS, &RESET_WORKS.to_le_bytes());
        let (register, value) = fadt(&bytes).reset().unwrap();
        assert_eq!((register.port(), value), (Some(0x6F9), 0x0F));
    }

    #[test]
    fn the_program_is_found_in_either_place() {
        let mut bytes = vec![0; 276];
        assert_eq!(fadt(&bytes).dsdt(), None);
        put(&mut bytes, DSDT, &0x1000_u32.to_le_bytes());
        assert_eq!(fadt(&bytes).dsdt(), Some(0x1000));
        put(&mut bytes, EXTENDED_DSDT, &0x1_0000_0000_u64.to_le_bytes());
        assert_eq!(fadt(&bytes).dsdt(), Some(0x1_0000_0000));
    }

    #[test]
    fn firmware_may_have_to_be_asked_for_the_registers() {
        let mut bytes = vec![0; 276];
        assert_eq!(fadt(&bytes).enable_acpi(), None);
        put(&mut bytes, COMMAND_PORT, &0xB2_u32.to_le_bytes());
        assert_eq!(fadt(&bytes).enable_acpi(), None);
        bytes[ENABLE_ACPI] = 2;
        assert_eq!(fadt(&bytes).enable_acpi(), Some((0xB2, 2)));
    }
}
