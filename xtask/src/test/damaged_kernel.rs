//! A kernel file damaged by one bit, wherever that is: the loader notices and says so, and the
//! firmware goes on to its next disk.
//!
//! One machine tries all places: it has a disk for each, and behind them one that is sound.

use std::ops::Range;

use object::Endianness;
use object::elf::FileHeader64;
use object::read::elf::{ElfFile64, FileHeader};
use object::{Object, ObjectSection, ObjectSegment};
use stele_loader::checksum;

use super::boot;
use super::check::Outcome;
use super::rig::{ANSWER, Booted, FIRMWARE, Rig};
use crate::error::{Error, Result};
use crate::qemu::machine::Machine;

/// How many places are damaged.
pub(super) const PLACES: usize = 50;

/// One bit of a kernel file.
struct Place {
    /// What part of the file it is in.
    part: String,
    /// The byte.
    byte: usize,
    /// The bit in it.
    bit: u8,
}

/// Boots from each damaged disk in turn, and then from the sound one.
pub(super) fn check(rig: &Rig) -> Result<Outcome> {
    let whole = &rig.system.kernel;
    let parts = parts(whole)
        .map_err(|wrong| Error::Failed(format!("the kernel just built cannot be read: {wrong}")))?;
    let places: Vec<Place> = places(&parts).collect();
    let directory = tempfile::Builder::new()
        .prefix("stele-disks-")
        .tempdir()
        .map_err(Error::file("create a directory in", &std::env::temp_dir()))?;
    let mut disks = Vec::new();
    for (number, place) in places.iter().enumerate() {
        let mut damaged = whole.clone();
        if let Some(byte) = damaged.get_mut(place.byte) {
            *byte ^= 1 << place.bit;
        }
        let path = directory.path().join(format!("{number}.img"));
        let contents = rig.contents().kernel(rig.arch, Some(&damaged));
        contents.write(&path)?;
        disks.push(path);
    }
    disks.push(rig.prompt.clone());

    let mut machine = Machine::headless(rig.arch, &disks.remove(0));
    machine.further_disks = disks;
    let mut booted = rig.start(&machine, "kernel-damaged")?;
    Ok(Outcome::of(talk(&mut booted, &places, &parts)))
}

fn talk(
    booted: &mut Booted<'_>,
    places: &[Place],
    parts: &[(String, Range<usize>)],
) -> std::result::Result<String, String> {
    for place in places {
        let Place { part, byte, bit } = place;
        let refused = booted
            .expect("Stele cannot start", FIRMWARE)
            .and_then(|()| booted.expect("is damaged: ", ANSWER))
            .and_then(|()| booted.expect("Install it again: ", ANSWER))
            .and_then(|()| booted.expect("Press any key", ANSWER))
            .and_then(|()| booted.send(" "));
        refused.map_err(|story| format!("bit {bit} of byte {byte}, in {part}: {story}"))?;
    }
    boot::to_prompt(booted)?;
    let names: Vec<&str> = parts.iter().map(|(name, _)| name.as_str()).collect();
    Ok(format!(
        "{} places in {}; the sound disk behind them booted",
        places.len(),
        names.join(", ")
    ))
}

/// [`PLACES`] places, as many in each part, from its first byte to its last.
fn places(parts: &[(String, Range<usize>)]) -> impl Iterator<Item = Place> + '_ {
    let rounds = PLACES.div_ceil(parts.len().max(1));
    (0..PLACES).filter_map(move |number| {
        let (name, span) = parts.get(number % parts.len())?;
        let round = number / parts.len();
        Some(Place {
            part: name.clone(),
            byte: span.start + (span.len() - 1) * round / (rounds - 1).max(1),
            bit: (number % 8) as u8,
        })
    })
}

/// The parts of a kernel file that are not empty, with their names.
fn parts(file: &[u8]) -> object::read::Result<Vec<(String, Range<usize>)>> {
    let end = file.len() - checksum::LENGTH;
    let elf = ElfFile64::<Endianness>::parse(file)?;
    let header = elf.elf_header();
    let endian = header.endian()?;
    let programs = header.e_phoff(endian) as usize;
    let programs_length =
        usize::from(header.e_phnum(endian)) * usize::from(header.e_phentsize(endian));
    let mut parts = vec![
        (
            "the header".to_owned(),
            0..size_of::<FileHeader64<Endianness>>(),
        ),
        (
            "the segment table".to_owned(),
            programs..programs + programs_length,
        ),
    ];
    for (number, segment) in elf.segments().enumerate() {
        let (start, length) = segment.file_range();
        parts.push((format!("segment {number}"), span(start, length)));
    }
    for name in [".symtab", ".strtab"] {
        let range = elf
            .section_by_name(name)
            .and_then(|section| section.file_range());
        let (start, length) = range.unwrap_or_default();
        parts.push((name.to_owned(), span(start, length)));
    }
    let sections = header.e_shoff(endian) as usize;
    parts.push(("the section table".to_owned(), sections..end));
    parts.push(("the checksum".to_owned(), end..file.len()));
    parts.retain(|(_, span)| !span.is_empty());
    Ok(parts)
}

fn span(start: u64, length: u64) -> Range<usize> {
    start as usize..(start + length) as usize
}
