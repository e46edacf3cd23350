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
        let headers = header.program_headers(LittleEndian, file).map_err(|_| {
            if table_end(header) > file.len() as u64 {
                ElfError::Truncated
            } else {
                ElfError::DamagedHeaders
            }
        })?;

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

type Header = object::elf::FileHeader64<LittleEndian>;
type Program = object::elf::ProgramHeader64<LittleEndian>;

fn check_header(file: &[u8], here: Machine) -> Result<&Header, ElfError> {
    let magic = file.get(..ELFMAG.len()).unwrap_or(file);
    if magic.is_empty() || !ELFMAG.starts_with(magic) {
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
    Ok(header)
}

/// One past the last byte of the program headers.
fn table_end(header: &Header) -> u64 {
    let count = u64::from(header.e_phnum(LittleEndian));
    let size = u64::from(header.e_phentsize(LittleEndian));
    header.e_phoff(LittleEndian).saturating_add(count * size)
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
