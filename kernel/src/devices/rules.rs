//! What a program may take for a device, as far as memory goes.

use stele_bootinfo::{Region, RegionKind};
use stele_hal::{AddressSpace, DeviceError, DeviceRegion};

/// Refuses a region that has a byte in common with memory: usable memory, the kernel, firmware's
/// tables and data, and what firmware reserved. What the map does not mention is no memory.
///
/// # Errors
/// [`DeviceError::NotADevice`].
pub fn refuse_memory(region: DeviceRegion, map: &[Region]) -> Result<(), DeviceError> {
    let is_memory = map
        .iter()
        .filter(|own| own.kind != RegionKind::Device)
        .any(|own| {
            region.overlaps(DeviceRegion {
                space: AddressSpace::Memory,
                start: own.start,
                length: own.length,
            })
        });
    if is_memory {
        Err(DeviceError::NotADevice)
    } else {
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PAGE: u64 = 4096;

    fn region(start: u64, length: u64, kind: RegionKind) -> Region {
        Region {
            start,
            length,
            kind,
            reserved: 0,
        }
    }

    fn refused(start: u64, length: u64) -> bool {
        let map = [
            region(0x1000, PAGE, RegionKind::Usable),
            region(0x2000, PAGE, RegionKind::Kernel),
            region(0x3000, PAGE, RegionKind::AcpiTables),
            region(0x4000, PAGE, RegionKind::FirmwareData),
            region(0x5000, PAGE, RegionKind::Reserved),
            region(0x6000, PAGE, RegionKind::Device),
        ];
        let region = DeviceRegion {
            space: AddressSpace::Memory,
            start,
            length,
        };
        refuse_memory(region, &map).is_err()
    }

    #[test]
    fn memory_of_every_kind_is_refused_to_its_last_byte() {
        for page in 1..=5 {
            let start = page * 0x1000;
            assert!(refused(start, 1), "{start:#x}");
            assert!(refused(start + PAGE - 1, 1), "{start:#x}");
            assert!(refused(start, PAGE), "{start:#x}");
        }
        assert!(refused(0xFFF, 2));
        assert!(refused(0x5FFF, 2));
        assert!(refused(0, u64::MAX));
    }

    #[test]
    fn devices_and_what_the_map_does_not_mention_are_allowed() {
        assert!(!refused(0x6000, PAGE));
        assert!(!refused(0x7000, PAGE));
        assert!(!refused(0, 0x1000));
    }

    #[test]
    fn ports_are_not_memory() {
        let map = [region(0, 0x10_0000, RegionKind::Usable)];
        let ports = DeviceRegion {
            space: AddressSpace::Ports,
            start: 0x70,
            length: 2,
        };
        assert_eq!(refuse_memory(ports, &map), Ok(()));
    }
}
