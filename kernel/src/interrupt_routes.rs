//! How device interrupts reach the I/O APICs: which controller serves a number, and what its signal is
//! like, as the firmware's table (MADT) says.
//!
//! Nothing here touches a device; `arch/x86_64/io_apic.rs` does what comes of it.

use crate::acpi::{MadtEntry, Polarity, Trigger};

/// I/O APICs that can be used; each serves 24 interrupts or more.
pub const MAX_CONTROLLERS: usize = 16;

/// Interrupts of the ISA bus. Their numbers are global numbers too, unless the firmware overrides.
const ISA_INTERRUPTS: u8 = 16;

/// An I/O APIC as the firmware names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Controller {
    /// Physical address of its registers.
    pub address: u64,
    /// The first global interrupt number it serves.
    pub first: u32,
    /// How many it serves; the controller itself has to be asked.
    pub count: u32,
}

/// Where an interrupt arrives and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Route {
    /// The controller.
    pub controller: Controller,
    /// Its input.
    pub input: u32,
    /// The level that means "interrupt" is low.
    pub active_low: bool,
    /// The level counts as long as it lasts, rather than a change to it.
    pub level: bool,
}

/// All routes of a machine.
#[derive(Debug)]
pub struct Routes {
    controllers: [Option<Controller>; MAX_CONTROLLERS],
    /// What the firmware says about an ISA interrupt: global number, active low, level.
    isa: [Option<(u32, bool, bool)>; ISA_INTERRUPTS as usize],
}

impl Routes {
    /// No controllers, and ISA interrupts as on the bus.
    #[must_use]
    #[expect(
        clippy::new_without_default,
        reason = "a machine without routes is no sensible default"
    )]
    pub const fn new() -> Self {
        Self {
            controllers: [None; MAX_CONTROLLERS],
            isa: [None; ISA_INTERRUPTS as usize],
        }
    }

    /// A machine whose firmware says nothing: one controller at the usual place, the interval timer at
    /// its third input (MultiProcessor specification 1.4, chapter 5: every default configuration).
    pub fn assume_the_usual(&mut self, count: impl FnOnce(u64) -> Option<u32>) {
        const USUAL_ADDRESS: u64 = 0xFEC0_0000;
        self.add(USUAL_ADDRESS, 0, count);
        self.isa[0] = Some((2, false, false));
    }

    /// What an entry of the table says. `count` asks the controller at an address how many interrupts
    /// it serves, and answers nothing if there is none.
    pub fn learn(&mut self, entry: MadtEntry, count: impl FnOnce(u64) -> Option<u32>) {
        match entry {
            MadtEntry::IoApic { address, first } => self.add(u64::from(address), first, count),
            MadtEntry::Override {
                isa,
                global,
                polarity,
                trigger,
            } => {
                if let Some(place) = self.isa.get_mut(usize::from(isa)) {
                    let low = polarity == Polarity::Low;
                    *place = Some((global, low, trigger == Trigger::Level));
                }
            }
            _ => {}
        }
    }

    /// The global number of ISA interrupt `isa`.
    #[must_use]
    pub fn isa_interrupt(&self, isa: u8) -> u32 {
        let overridden = self.isa.get(usize::from(isa)).copied().flatten();
        overridden.map_or(u32::from(isa), |(global, ..)| global)
    }

    /// Where interrupt `number` arrives and how: as the firmware says; otherwise as on the ISA bus
    /// (edge, high) for its interrupts, and as on PCI (level, low) for all others. Nothing if no
    /// controller serves it.
    #[must_use]
    pub fn of(&self, number: u32) -> Option<Route> {
        let (controller, input) = self.controllers.iter().flatten().find_map(|controller| {
            let input = number.checked_sub(controller.first)?;
            (input < controller.count).then_some((*controller, input))
        })?;
        let mut stated = self.isa.iter().flatten();
        let (active_low, level) = match stated.find(|(global, ..)| *global == number) {
            Some((_, active_low, level)) => (*active_low, *level),
            None => {
                let is_pci = number >= u32::from(ISA_INTERRUPTS);
                (is_pci, is_pci)
            }
        };
        Some(Route {
            controller,
            input,
            active_low,
            level,
        })
    }

    /// Beyond [`MAX_CONTROLLERS`] a controller is left out, and with it its interrupts.
    fn add(&mut self, address: u64, first: u32, count: impl FnOnce(u64) -> Option<u32>) {
        if let Some(place) = self.controllers.iter_mut().find(|place| place.is_none()) {
            *place = count(address).map(|count| Controller {
                address,
                first,
                count,
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn io_apic(address: u32, first: u32) -> MadtEntry {
        MadtEntry::IoApic { address, first }
    }

    fn exception(isa: u8, global: u32, polarity: Polarity, trigger: Trigger) -> MadtEntry {
        MadtEntry::Override {
            isa,
            global,
            polarity,
            trigger,
        }
    }

    fn routes(entries: &[MadtEntry]) -> Routes {
        let mut routes = Routes::new();
        for entry in entries {
            routes.learn(*entry, |_| Some(24));
        }
        routes
    }

    /// Where interrupt `number` arrives: controller's address, input, active low, level.
    fn arrives(routes: &Routes, number: u32) -> Option<(u64, u32, bool, bool)> {
        let route = routes.of(number)?;
        let Route {
            controller,
            input,
            active_low,
            level,
        } = route;
        Some((controller.address, input, active_low, level))
    }

    #[test]
    fn isa_interrupts_are_edges_and_all_others_levels() {
        let routes = routes(&[io_apic(0x1000, 0)]);
        assert_eq!(arrives(&routes, 4), Some((0x1000, 4, false, false)));
        assert_eq!(arrives(&routes, 15), Some((0x1000, 15, false, false)));
        assert_eq!(arrives(&routes, 16), Some((0x1000, 16, true, true)));
        assert_eq!(arrives(&routes, 23), Some((0x1000, 23, true, true)));
        assert_eq!(arrives(&routes, 24), None);
    }

    #[test]
    fn each_of_several_controllers_serves_its_own_numbers() {
        let routes = routes(&[
            io_apic(0x1000, 0),
            io_apic(0x2000, 24),
            io_apic(0x3000, 100),
        ]);
        assert_eq!(arrives(&routes, 23), Some((0x1000, 23, true, true)));
        assert_eq!(arrives(&routes, 24), Some((0x2000, 0, true, true)));
        assert_eq!(arrives(&routes, 47), Some((0x2000, 23, true, true)));
        assert_eq!(arrives(&routes, 48), None);
        assert_eq!(arrives(&routes, 123), Some((0x3000, 23, true, true)));
        assert_eq!(arrives(&routes, u32::MAX), None);
    }

    #[test]
    fn the_firmware_moves_an_isa_interrupt_and_changes_its_signal() {
        let routes = routes(&[
            io_apic(0x1000, 0),
            exception(0, 2, Polarity::Bus, Trigger::Bus),
            exception(9, 9, Polarity::Low, Trigger::Level),
            exception(200, 3, Polarity::Low, Trigger::Level),
        ]);
        assert_eq!(routes.isa_interrupt(0), 2);
        assert_eq!(routes.isa_interrupt(9), 9);
        assert_eq!(routes.isa_interrupt(4), 4);
        assert_eq!(arrives(&routes, 2), Some((0x1000, 2, false, false)));
        assert_eq!(arrives(&routes, 9), Some((0x1000, 9, true, true)));
        assert_eq!(arrives(&routes, 3), Some((0x1000, 3, false, false)));
    }

    #[test]
    fn without_a_table_everything_is_where_it_usually_is() {
        let mut routes = Routes::new();
        routes.assume_the_usual(|_| Some(24));
        assert_eq!(routes.isa_interrupt(0), 2);
        assert_eq!(arrives(&routes, 4), Some((0xFEC0_0000, 4, false, false)));
    }

    #[test]
    fn a_controller_that_is_not_there_serves_nothing() {
        let mut routes = Routes::new();
        routes.learn(io_apic(0x1000, 0), |_| None);
        assert_eq!(routes.of(4), None);
        routes.learn(io_apic(0x2000, 0), |_| Some(24));
        assert_eq!(arrives(&routes, 4), Some((0x2000, 4, false, false)));
    }

    #[test]
    fn controllers_past_the_limit_are_left_out() {
        let numbers = 0..=MAX_CONTROLLERS as u32;
        let all: Vec<MadtEntry> = numbers.map(|n| io_apic(n << 12, n * 24)).collect();
        let routes = routes(&all);
        let last = MAX_CONTROLLERS as u32 * 24 - 1;
        assert!(routes.of(last).is_some());
        assert_eq!(routes.of(last + 1), None);
    }

    #[test]
    fn numbers_at_the_end_of_their_range_do_not_overflow() {
        let routes = routes(&[io_apic(0x1000, u32::MAX - 3)]);
        assert_eq!(arrives(&routes, u32::MAX), Some((0x1000, 3, true, true)));
    }
}
