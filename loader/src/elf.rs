//! Which kernel files are accepted, and where their parts go.
//!
//! The file is untrusted: it may be truncated, damaged or something else entirely. [`Plan::new`]
//! checks everything the rest of the loader relies on, and says what is wrong in a sentence.

use core::fmt;

use object::{
    LittleEndian,
    elf::{ELFCLASS64, ELFDATA2LSB, ELFMAG, EM_AARCH64, EM_X86_64, ET_EXEC, PF_W, PF_X, PT_LOAD},
    read::elf::{FileHeader, ProgramHeader},
};
use stele_bootinfo::KERNEL_BASE;
use stele_paging::{Access, PAGE_SIZE};

/// The processor family that an ELF file is for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Machine(u16);

impl Machine {
    /// 64-bit x86.
    pub const X86_64: Self = Self(EM_X86_64.0);
    /// 64-bit ARM.
    pub const AARCH64: Self = Self(EM_AARCH64.0);
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match *self {
            Self::X86_64 => f.write_str("x86-64"),
            Self::AARCH64 => f.write_str("arm64"),
            Self(other) => write!(f, "ELF machine {other}"),
        }
    }
}

/// More segments than any kernel of ours has.
pub const MAX_SEGMENTS: usize = 8;

/// Largest image accepted, so that a damaged length is not taken for a wish.
pub const MAX_IMAGE: u64 = 64 << 20;

/// One part of the image, with rights of its own.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Segment<'file> {
    /// Distance of its first byte from the image's first, a multiple of the page size.
    pub offset: u64,
    /// Length in memory, in whole pages; what the file does not fill is zero.
    pub length: u64,
    /// What the file holds of it.
    pub content: &'file [u8],
    /// Its rights.
    pub access: Access,
}

/// Where everything goes.
#[derive(Clone, Copy, Debug)]
pub struct Plan<'file> {
    segments: [Segment<'file>; MAX_SEGMENTS],
    count: usize,
    /// Virtual address of the first instruction.
    pub entry: u64,
    /// Length of the whole image from [`KERNEL_BASE`], in whole pages.
    pub length: u64,
}

/// What is wrong with a kernel file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ElfError {
    /// The file ends within its headers or within a segment.
    Truncated,
    /// The file is no ELF file.
    NotElf,
    /// It is an ELF file, but not a 64-bit little-endian one.
    NotElf64,
    /// It is for another processor.
    OtherMachine {
        /// The file's.
        file: Machine,
        /// This computer's.
        here: Machine,
    },
    /// It is a library or an object file.
    NotExecutable,
    /// A header contradicts itself or lies outside the file.
    DamagedHeaders,
    /// There is nothing to load.
    NoSegments,
    /// More segments than [`MAX_SEGMENTS`].
    TooManySegments,
    /// The segment with this number is not placed on whole pages in order above [`KERNEL_BASE`].
    MisplacedSegment(usize),
    /// The segment with this number is writable and executable at once.
    WritableCode(usize),
    /// The entry point does not lie in executable content.
    BadEntry(u64),
}

impl fmt::Display for ElfError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Truncated => f.write_str("the file is cut short"),
            Self::NotElf => f.write_str("the file is not an ELF file"),
            Self::NotElf64 => f.write_str("the file is not a 64-bit little-endian ELF file"),
            Self::OtherMachine { file, here } => {
                write!(f, "the file is for {file}, but this computer is {here}")
            }
            Self::NotExecutable => f.write_str("the ELF file is not an executable"),
            Self::DamagedHeaders => f.write_str("the ELF headers are damaged"),
            Self::NoSegments => f.write_str("the ELF file has nothing to load"),
            Self::TooManySegments => {
                write!(
                    f,
                    "the ELF file has more than {MAX_SEGMENTS} segments to load"
                )
            }
            Self::MisplacedSegment(number) => {
                write!(f, "segment {number} of the ELF file is misplaced")
            }
            Self::WritableCode(number) => {
                write!(
                    f,
                    "segment {number} of the ELF file is writable and executable at once"
                )
            }
            Self::BadEntry(entry) => {
                write!(
                    f,
                    "the ELF file's entry point {entry:#x} is not in its code"
                )
            }
        }
    }
}

impl<'file> Plan<'file> {
    /// Checks `file` and places its segments.
    ///
    /// # Errors
    /// The first thing found wrong.
    pub fn new(file: &'file [u8], here: Machine) -> Result<Self, ElfError> {
        let header = check_header(file, here)?;
        let headers = header
            .program_headers(LittleEndian, file)
            .map_err(|_| ElfError::DamagedHeaders)?;

        let empty = Segment {
            offset: 0,
            length: 0,
            content: &[],
            access: Access::Read,
        };
        let mut plan = Self {
            segments: [empty; MAX_SEGMENTS],
            count: 0,
            entry: header.e_entry(LittleEndian),
            length: 0,
        };
        for (number, header) in headers.iter().enumerate() {
            if header.p_type(LittleEndian) == PT_LOAD && header.p_memsz(LittleEndian) != 0 {
                let segment = place(file, header, number)?;
                if segment.offset < plan.length {
                    return Err(ElfError::MisplacedSegment(number));
                }
                let free = plan
                    .segments
                    .get_mut(plan.count)
                    .ok_or(ElfError::TooManySegments)?;
                *free = segment;
                plan.count += 1;
                plan.length = segment.offset + segment.length;
            }
        }
        if plan.count == 0 {
            return Err(ElfError::NoSegments);
        }
        plan.check_entry()?;
        Ok(plan)
    }

    /// The segments in order of address; they do not overlap.
    #[must_use]
    pub fn segments(&self) -> &[Segment<'file>] {
        &self.segments[..self.count]
    }

    fn check_entry(&self) -> Result<(), ElfError> {
        let in_code = |segment: &Segment<'_>| {
            let start = KERNEL_BASE + segment.offset;
            let end = start + segment.content.len() as u64;
            segment.access == Access::ReadExecute && (start..end).contains(&self.entry)
        };
        if self.segments().iter().any(in_code) {
            Ok(())
        } else {
            Err(ElfError::BadEntry(self.entry))
        }
    }
}

/// True if the file begins as ELF files do, as far as it goes.
#[must_use]
pub fn is_elf(file: &[u8]) -> bool {
    let magic = file.get(..ELFMAG.len()).unwrap_or(file);
    !magic.is_empty() && ELFMAG.starts_with(magic)
}

type Header = object::elf::FileHeader64<LittleEndian>;
type Program = object::elf::ProgramHeader64<LittleEndian>;

fn check_header(file: &[u8], here: Machine) -> Result<&Header, ElfError> {
    if !is_elf(file) {
        return Err(ElfError::NotElf);
    }
    let [class, encoding] = *file
        .get(ELFMAG.len()..ELFMAG.len() + 2)
        .and_then(|bytes| bytes.first_chunk())
        .ok_or(ElfError::Truncated)?;
    if class != ELFCLASS64.0 || encoding != ELFDATA2LSB.0 {
        return Err(ElfError::NotElf64);
    }
    if file.len() < size_of::<Header>() {
        return Err(ElfError::Truncated);
    }
    let header = Header::parse(file).map_err(|_| ElfError::DamagedHeaders)?;
    let machine = Machine(header.e_machine(LittleEndian).0);
    if machine != here {
        return Err(ElfError::OtherMachine {
            file: machine,
            here,
        });
    }
    if header.e_type(LittleEndian) != ET_EXEC {
        return Err(ElfError::NotExecutable);
    }
    if tables_end(header) > file.len() as u64 {
        return Err(ElfError::Truncated);
    }
    Ok(header)
}

/// One past the last byte of the program headers and the section headers. Linkers put the latter at
/// the end of the file, so a file that holds them has not lost its tail.
fn tables_end(header: &Header) -> u64 {
    let end = |offset: u64, count: u16, size: u16| {
        offset.saturating_add(u64::from(count) * u64::from(size))
    };
    let programs = end(
        header.e_phoff(LittleEndian),
        header.e_phnum(LittleEndian),
        header.e_phentsize(LittleEndian),
    );
    let sections = end(
        header.e_shoff(LittleEndian),
        header.e_shnum(LittleEndian),
        header.e_shentsize(LittleEndian),
    );
    programs.max(sections)
}

fn place<'file>(
    file: &'file [u8],
    header: &Program,
    number: usize,
) -> Result<Segment<'file>, ElfError> {
    let misplaced = ElfError::MisplacedSegment(number);
    let offset = header
        .p_vaddr(LittleEndian)
        .checked_sub(KERNEL_BASE)
        .ok_or(misplaced)?;
    let memory = header.p_memsz(LittleEndian);
    if !offset.is_multiple_of(PAGE_SIZE) || offset > MAX_IMAGE || memory > MAX_IMAGE {
        return Err(misplaced);
    }
    let length = memory.next_multiple_of(PAGE_SIZE);
    if offset + length > MAX_IMAGE || header.p_filesz(LittleEndian) > memory {
        return Err(misplaced);
    }
    let content = header
        .data(LittleEndian, file)
        .map_err(|()| ElfError::Truncated)?;
    let flags = header.p_flags(LittleEndian);
    let access = Access::from_rights(flags.contains(PF_W), flags.contains(PF_X))
        .ok_or(ElfError::WritableCode(number))?;
    Ok(Segment {
        offset,
        length,
        content,
        access,
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    const HEADER_SIZE: usize = 64;
    const PROGRAM_SIZE: usize = 56;

    const READ: u32 = 4;
    const WRITE: u32 = 2;
    const EXECUTE: u32 = 1;

    /// Virtual address, size in memory, rights, content.
    pub(crate) type Part = (u64, u64, u32, &'static [u8]);

    /// Code with an entry at its second byte, and data that is longer in memory than in the file.
    pub(crate) const PARTS: [Part; 2] = [
        (KERNEL_BASE, 0x1800, READ | EXECUTE, b"code"),
        (KERNEL_BASE + 0x3000, 0x2000, READ | WRITE, b"data"),
    ];

    fn elf(parts: &[Part], entry: u64) -> Vec<u8> {
        let mut file = vec![0x7F, b'E', b'L', b'F', 2, 1, 1];
        file.resize(16, 0);
        file.extend(2_u16.to_le_bytes());
        file.extend(62_u16.to_le_bytes());
        file.extend(1_u32.to_le_bytes());
        file.extend(entry.to_le_bytes());
        file.extend((HEADER_SIZE as u64).to_le_bytes());
        file.extend([0; 12]);
        file.extend((HEADER_SIZE as u16).to_le_bytes());
        file.extend((PROGRAM_SIZE as u16).to_le_bytes());
        file.extend((parts.len() as u16).to_le_bytes());
        file.extend([0; 6]);
        let mut content_at = HEADER_SIZE + PROGRAM_SIZE * parts.len();
        for (address, memory, flags, content) in parts {
            file.extend(1_u32.to_le_bytes());
            file.extend(flags.to_le_bytes());
            file.extend((content_at as u64).to_le_bytes());
            file.extend(address.to_le_bytes());
            file.extend(address.to_le_bytes());
            file.extend((content.len() as u64).to_le_bytes());
            file.extend(memory.to_le_bytes());
            file.extend(0x1000_u64.to_le_bytes());
            content_at += content.len();
        }
        for (_, _, _, content) in parts {
            file.extend(*content);
        }
        file
    }

    /// A sound file for x86-64 with these parts, entered in the first.
    pub(crate) fn file_of(parts: &[Part]) -> Vec<u8> {
        elf(parts, KERNEL_BASE + 1)
    }

    fn plan(file: &[u8]) -> Result<Plan<'_>, ElfError> {
        Plan::new(file, Machine::X86_64)
    }

    fn refusal(parts: &[Part]) -> ElfError {
        plan(&elf(parts, KERNEL_BASE + 1)).unwrap_err()
    }

    #[test]
    fn segments_are_placed_in_whole_pages_with_their_rights() {
        let file = elf(&PARTS, KERNEL_BASE + 1);
        let plan = plan(&file).unwrap();
        assert_eq!(plan.entry, KERNEL_BASE + 1);
        assert_eq!(plan.length, 0x5000);
        assert_eq!(
            plan.segments(),
            [
                Segment {
                    offset: 0,
                    length: 0x2000,
                    content: b"code",
                    access: Access::ReadExecute
                },
                Segment {
                    offset: 0x3000,
                    length: 0x2000,
                    content: b"data",
                    access: Access::ReadWrite
                },
            ]
        );
    }

    #[test]
    fn a_file_cut_short_anywhere_is_refused() {
        let file = elf(&PARTS, KERNEL_BASE + 1);
        assert_eq!(plan(&[]).unwrap_err(), ElfError::NotElf);
        for length in 1..file.len() {
            assert_eq!(
                plan(&file[..length]).unwrap_err(),
                ElfError::Truncated,
                "{length} bytes"
            );
        }
    }

    #[test]
    fn a_file_that_has_lost_its_section_headers_is_refused() {
        let mut file = elf(&PARTS, KERNEL_BASE + 1);
        let end = file.len() as u64;
        file[40..48].copy_from_slice(&end.to_le_bytes());
        file[58..60].copy_from_slice(&64_u16.to_le_bytes());
        file[60..62].copy_from_slice(&1_u16.to_le_bytes());
        assert_eq!(plan(&file).unwrap_err(), ElfError::Truncated);
        file.extend([0; 64]);
        assert!(plan(&file).is_ok());
    }

    #[test]
    fn foreign_files_are_told_apart() {
        let with = |at: usize, bytes: &[u8]| {
            let mut file = elf(&PARTS, KERNEL_BASE + 1);
            file[at..at + bytes.len()].copy_from_slice(bytes);
            plan(&file).unwrap_err()
        };
        assert_eq!(plan(b"#!/bin/sh\n").unwrap_err(), ElfError::NotElf);
        assert_eq!(with(0, b"MZ"), ElfError::NotElf);
        assert_eq!(with(4, &[1]), ElfError::NotElf64);
        assert_eq!(with(5, &[2]), ElfError::NotElf64);
        assert_eq!(with(6, &[9]), ElfError::DamagedHeaders);
        assert_eq!(with(16, &[3]), ElfError::NotExecutable);
        let error = with(18, &[183]);
        assert_eq!(
            error,
            ElfError::OtherMachine {
                file: Machine::AARCH64,
                here: Machine::X86_64
            }
        );
        assert_eq!(
            error.to_string(),
            "the file is for arm64, but this computer is x86-64"
        );
    }

    #[test]
    fn segments_out_of_place_are_refused() {
        let code = PARTS[0];
        let at = |address, memory| refusal(&[code, (address, memory, READ, b"x")]);
        assert_eq!(at(0x1000, 1), ElfError::MisplacedSegment(1));
        assert_eq!(at(KERNEL_BASE + 0x2001, 1), ElfError::MisplacedSegment(1));
        assert_eq!(at(KERNEL_BASE + 0x1000, 1), ElfError::MisplacedSegment(1));
        assert_eq!(
            at(KERNEL_BASE + MAX_IMAGE, 1),
            ElfError::MisplacedSegment(1)
        );
        assert_eq!(
            at(KERNEL_BASE + 0x2000, u64::MAX),
            ElfError::MisplacedSegment(1)
        );
        assert_eq!(at(u64::MAX - 0xFFF, 1), ElfError::MisplacedSegment(1));
    }

    #[test]
    fn content_longer_than_its_memory_is_refused() {
        let part = (KERNEL_BASE, 3, READ | EXECUTE, &b"code"[..]);
        assert_eq!(refusal(&[part]), ElfError::MisplacedSegment(0));
    }

    #[test]
    fn writable_code_is_refused() {
        let part = (KERNEL_BASE, 4, READ | WRITE | EXECUTE, &b"code"[..]);
        assert_eq!(refusal(&[part]), ElfError::WritableCode(0));
    }

    #[test]
    fn the_entry_must_be_in_code() {
        let code_end = KERNEL_BASE + 4;
        for entry in [0, KERNEL_BASE - 1, code_end, KERNEL_BASE + 0x3000] {
            assert_eq!(
                plan(&elf(&PARTS, entry)).unwrap_err(),
                ElfError::BadEntry(entry)
            );
        }
        assert!(plan(&elf(&PARTS, code_end - 1)).is_ok());
    }

    #[test]
    fn the_number_of_segments_is_limited() {
        assert_eq!(refusal(&[]), ElfError::NoSegments);
        let part = |number: u64| {
            (
                KERNEL_BASE + number * 0x1000,
                4,
                READ | EXECUTE,
                &b"code"[..],
            )
        };
        let parts: Vec<Part> = (0..=MAX_SEGMENTS as u64).map(part).collect();
        assert_eq!(refusal(&parts), ElfError::TooManySegments);
        assert!(plan(&elf(&parts[1..], KERNEL_BASE + 0x1001)).is_ok());
    }

    #[test]
    fn any_damaged_byte_is_refused_or_leaves_a_sound_plan() {
        let sound = elf(&PARTS, KERNEL_BASE + 1);
        for at in 0..sound.len() {
            for bit in 0..8 {
                let mut file = sound.clone();
                file[at] ^= 1 << bit;
                let Ok(plan) = plan(&file) else { continue };
                let mut free = 0;
                for segment in plan.segments() {
                    assert!(segment.offset >= free && segment.offset % PAGE_SIZE == 0);
                    assert!(segment.content.len() as u64 <= segment.length);
                    free = segment.offset + segment.length;
                }
                assert_eq!(free, plan.length);
                assert!(plan.length <= MAX_IMAGE);
            }
        }
    }
}
