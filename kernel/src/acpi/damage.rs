//! Tests: firmware tables damaged in every way give an answer, never a panic, and are named.

use super::tests::{Ram, table_bytes, with_checksum};
use super::*;

const BASE: u64 = 0x1000;

/// Where each table lies in [`firmware`], after the root pointer.
struct Place {
    name: Signature,
    at: usize,
    length: usize,
}

/// A whole machine's tables, both architectures' at once, as QEMU has them but short.
fn firmware() -> (Ram, Vec<Place>) {
    let mut fadt = vec![0; 276 - HEADER];
    let mut put =
        |at: usize, field: &[u8]| fadt[at - HEADER..][..field.len()].copy_from_slice(field);
    put(48, &0xB2_u32.to_le_bytes());
    put(52, &[2]);
    put(64, &0x604_u32.to_le_bytes());
    put(76, &0x608_u32.to_le_bytes());
    put(112, &(1_u32 << 10 | 1 << 8).to_le_bytes());
    put(116, &[1, 8, 0, 1, 0xF9, 0x0C, 0, 0, 0, 0, 0, 0, 0x0F]);
    put(129, &3_u16.to_le_bytes());
    let mut gic = vec![11, 80];
    gic.resize(80, 0);
    let mut distributor = vec![12, 24];
    distributor.resize(24, 0);
    let madt = [
        &[0; 8][..],
        &[0, 8, 0, 0, 1, 0, 0, 0],
        &[1, 12, 0, 0, 0, 0, 0xC0, 0xFE, 0, 0, 0, 0],
        &[2, 10, 0, 9, 9, 0, 0, 0, 0x0D, 0],
        &gic,
        &distributor,
        &[14, 16, 0, 0, 0, 0, 0x0A, 8, 0, 0, 0, 0, 0, 0, 0xF6, 0],
    ]
    .concat();
    let mut spcr = vec![0; 80 - HEADER];
    spcr[0] = 3;
    spcr[8 + 3] = 9;
    spcr[16] = 8;
    spcr[18] = 33;
    let mut gtdt = vec![0; 104 - HEADER];
    gtdt[64 - HEADER] = 27;
    let mut dbg2 = vec![44, 0, 0, 0, 1, 0, 0, 0];
    dbg2.extend([
        0, 34, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0x80, 3, 0, 0, 0, 22, 0, 0, 0,
    ]);
    dbg2.extend([0, 32, 0, 4, 0, 0, 0, 9, 0, 0, 0, 0]);
    let program = b"\x10\x05\\_SB_\x08_S5_\x12\x06\x04\x00\x00\x00\x00".to_vec();

    let bodies = [
        (Signature::FADT, fadt),
        (Signature::MADT, madt),
        (Signature::GTDT, gtdt),
        (Signature::SPCR, spcr),
        (Signature::DBG2, dbg2),
        (Signature::SSDT, program.clone()),
        (Signature::DSDT, program),
    ];
    let listed = bodies.len() - 1;
    let roots = 0x40;
    let mut at = roots + 2 * (HEADER + 8 * listed).next_multiple_of(16);
    let mut places = Vec::new();
    for (name, body) in &bodies {
        let length = HEADER + body.len();
        places.push(Place {
            name: *name,
            at,
            length,
        });
        at += length.next_multiple_of(16);
    }
    let mut memory = vec![0; at];
    let addresses: Vec<u64> = places
        .iter()
        .take(listed)
        .map(|it| BASE + it.at as u64)
        .collect();
    let wide: Vec<u8> = addresses.iter().flat_map(|it| it.to_le_bytes()).collect();
    let narrow: Vec<u8> = addresses
        .iter()
        .flat_map(|it| (*it as u32).to_le_bytes())
        .collect();
    let narrow_at = roots + (HEADER + 8 * listed).next_multiple_of(16);
    let mut all = vec![
        (roots, table_bytes(b"XSDT", &wide)),
        (narrow_at, table_bytes(b"RSDT", &narrow)),
    ];
    let dsdt = BASE + places[listed].at as u64;
    for (place, (name, body)) in places.iter().zip(&bodies) {
        let mut body = body.clone();
        if *name == Signature::FADT {
            body[40 - HEADER..44 - HEADER].copy_from_slice(&(dsdt as u32).to_le_bytes());
        }
        all.push((place.at, table_bytes(&name.0, &body)));
    }
    for (at, bytes) in &all {
        memory[*at..*at + bytes.len()].copy_from_slice(bytes);
    }
    let mut pointer = vec![0; 36];
    pointer[..8].copy_from_slice(b"RSD PTR ");
    pointer[15] = 2;
    pointer[16..20].copy_from_slice(&((BASE as usize + narrow_at) as u32).to_le_bytes());
    pointer[20] = 36;
    pointer[24..32].copy_from_slice(&(BASE + roots as u64).to_le_bytes());
    let first = with_checksum(pointer[..20].to_vec(), 8);
    pointer[..20].copy_from_slice(&first);
    memory[..36].copy_from_slice(&with_checksum(pointer, 32));
    for (place, root) in [(roots, Signature::XSDT), (narrow_at, Signature::RSDT)] {
        let width = if root == Signature::XSDT { 8 } else { 4 };
        places.push(Place {
            name: root,
            at: place,
            length: HEADER + width * listed,
        });
    }
    (Ram(memory), places)
}

/// Reads everything the kernel ever reads; the answers do not matter, only that there are some.
fn read_all(ram: &Ram) -> usize {
    let mut answers = damage(ram, BASE).count();
    let Ok(tables) = Tables::new(ram, BASE) else {
        return answers;
    };
    if let Ok(table) = tables.find(Signature::FADT) {
        let fadt = Fadt::new(table);
        let _ = (
            fadt.pm_timer_port(),
            fadt.pm_timer_mask(),
            fadt.psci_conduit(),
        );
        let _ = (
            fadt.control(),
            fadt.sleep_control(),
            fadt.reset(),
            fadt.enable_acpi(),
        );
        if let Some(Ok(dsdt)) = fadt.dsdt().map(|at| tables.at(at, Signature::DSDT)) {
            answers += usize::from(soft_off(dsdt.bytes).is_some());
        }
    }
    for program in tables.all(Signature::SSDT).flatten() {
        answers += usize::from(soft_off(program.bytes).is_some());
    }
    if let Ok(table) = tables.find(Signature::MADT) {
        answers += Madt::new(table).entries().count();
    }
    let _ = tables
        .find(Signature::GTDT)
        .map(|table| Gtdt::new(table).virtual_timer());
    let _ = tables
        .find(Signature::SPCR)
        .map(|table| Spcr::new(table).pl011());
    let _ = tables
        .find(Signature::DBG2)
        .map(|table| Dbg2::new(table).pl011());
    answers
}

/// Makes the checksum of the table at `at`, `length` bytes long, right again.
fn repair(ram: &mut Ram, at: usize, length: usize) {
    let bytes = with_checksum(ram.0[at..at + length].to_vec(), 9);
    ram.0[at..at + length].copy_from_slice(&bytes);
}

#[test]
fn the_whole_tables_are_read_without_complaint() {
    let (ram, _) = firmware();
    assert_eq!(damage(&ram, BASE).collect::<Vec<_>>(), []);
    let tables = Tables::new(&ram, BASE).unwrap();
    let fadt = Fadt::new(tables.find(Signature::FADT).unwrap());
    let dsdt = tables.at(fadt.dsdt().unwrap(), Signature::DSDT).unwrap();
    assert_eq!(soft_off(dsdt.bytes), Some(SleepTypes { a: 0, b: 0 }));
    assert_eq!(
        Madt::new(tables.find(Signature::MADT).unwrap())
            .entries()
            .count(),
        6
    );
    let dbg2 = Dbg2::new(tables.find(Signature::DBG2).unwrap());
    let spcr = Spcr::new(tables.find(Signature::SPCR).unwrap());
    let address = |port: Option<Pl011>| port.map(|port| port.address);
    assert_eq!(address(dbg2.pl011()), Some(0x0900_0000));
    assert_eq!(address(spcr.pl011()), Some(0x0900_0000));
}

#[test]
fn a_wrong_checksum_is_reported_under_the_tables_name() {
    let (whole, places) = firmware();
    for Place { name, at, length } in places {
        for offset in HEADER..length {
            let mut ram = Ram(whole.0.clone());
            ram.0[at + offset] ^= 0x10;
            let said: Vec<_> = damage(&ram, BASE).collect();
            let expected = match name {
                // Nobody looks at the old root table while the new one is sound.
                Signature::RSDT => vec![],
                _ => vec![AcpiError::BadChecksum(name)],
            };
            assert_eq!(said, expected, "{name} byte {offset}");
        }
    }
}

#[test]
fn every_byte_of_every_table_may_be_anything() {
    let (whole, places) = firmware();
    let values = [0x00, 0x01, 0x7F, 0x80, 0xFF];
    for place in places {
        for offset in 0..place.length {
            for value in values {
                let mut ram = Ram(whole.0.clone());
                ram.0[place.at + offset] = value;
                read_all(&ram);
                repair(&mut ram, place.at, place.length);
                read_all(&ram);
            }
        }
    }
    for at in 0..36 {
        for value in values {
            let mut ram = Ram(whole.0.clone());
            ram.0[at] = value;
            read_all(&ram);
            let first = with_checksum(ram.0[..20].to_vec(), 8);
            ram.0[..20].copy_from_slice(&first);
            let whole = with_checksum(ram.0[..36].to_vec(), 32);
            ram.0[..36].copy_from_slice(&whole);
            read_all(&ram);
        }
    }
}

#[test]
fn every_table_may_be_of_any_length() {
    let (whole, places) = firmware();
    for place in places {
        for length in (0..=place.length + 64).chain([0xFFFF, 0x7FFF_FFFF, 0xFFFF_FFFF]) {
            let mut ram = Ram(whole.0.clone());
            ram.0[place.at + 4..place.at + 8].copy_from_slice(&(length as u32).to_le_bytes());
            read_all(&ram);
            if (HEADER..ram.0.len() - place.at).contains(&length) {
                repair(&mut ram, place.at, length);
                read_all(&ram);
            }
        }
    }
}

#[test]
fn a_length_beyond_reason_is_not_read_even_if_it_is_all_there() {
    /// A machine of 256 MiB that holds nothing but a table's head again and again.
    struct Endless(Vec<u8>);
    impl PhysicalMemory for Endless {
        fn bytes(&self, _: u64, length: u64) -> Option<&[u8]> {
            self.0.get(..usize::try_from(length).ok()?)
        }
    }
    let mut memory = vec![0; 256 << 20];
    for (length, expected) in [
        (LONGEST, Ok(())),
        (LONGEST + 1, Err(AcpiError::BadLength(Signature::XSDT))),
        (256 << 20, Err(AcpiError::BadLength(Signature::XSDT))),
    ] {
        memory[..4].copy_from_slice(b"XSDT");
        memory[4..8].copy_from_slice(&(length as u32).to_le_bytes());
        let fixed = with_checksum(memory[..HEADER].to_vec(), 9);
        memory[..HEADER].copy_from_slice(&fixed);
        let ram = Endless(memory);
        assert_eq!(table(&ram, BASE).map(drop), expected);
        memory = ram.0;
    }
}

#[test]
fn memory_may_end_anywhere() {
    let (whole, _) = firmware();
    for length in 0..whole.0.len() {
        read_all(&Ram(whole.0[..length].to_vec()));
    }
}

#[test]
fn a_damaged_root_table_is_replaced_by_the_one_of_old() {
    let (mut ram, places) = firmware();
    let root = places
        .iter()
        .find(|place| place.name == Signature::XSDT)
        .unwrap();
    ram.0[root.at + HEADER] ^= 1;
    let said: Vec<_> = damage(&ram, BASE).map(|error| error.to_string()).collect();
    assert_eq!(said, ["ACPI table XSDT: its checksum is wrong"]);
    assert!(
        Tables::new(&ram, BASE)
            .unwrap()
            .find(Signature::MADT)
            .is_ok()
    );
}

#[test]
fn without_a_root_table_that_is_all_there_is_to_say() {
    let (mut ram, places) = firmware();
    for root in places
        .iter()
        .filter(|place| [Signature::XSDT, Signature::RSDT].contains(&place.name))
    {
        ram.0[root.at + HEADER] ^= 1;
    }
    assert_eq!(
        damage(&ram, BASE).collect::<Vec<_>>(),
        [AcpiError::BadChecksum(Signature::XSDT)]
    );
    assert_eq!(
        damage(&ram, 0).collect::<Vec<_>>(),
        [AcpiError::NoRootPointer]
    );
}
