//! Cutting a kernel down to what runs: its segments, and the symbols by which its panics name
//! functions.

use object::Endianness;
use object::elf::{self, FileHeader64};
use object::pod;
use object::read::elf::{FileHeader, ProgramHeader, SectionHeader};

type Header = FileHeader64<Endianness>;

/// The kernel without its debug information, which stays in the build's own file, where gdb looks
/// for it.
///
/// The segments stay where they are. Behind them come the symbols and their names, then the section
/// table with as many entries as before, because symbols refer to sections by number.
///
/// # Errors
/// Says in what way the bytes are no 64-bit ELF file.
pub(crate) fn without_debug(kernel: &[u8]) -> Result<Vec<u8>, String> {
    let header = Header::parse(kernel).map_err(say)?;
    let endian = header.endian().map_err(say)?;
    let mut sections = header
        .section_headers(endian, kernel)
        .map_err(say)?
        .to_vec();
    let mut file = slice(kernel, 0, end_of_segments(kernel, header, endian)?)?.to_vec();

    for section in &mut sections {
        if section.sh_flags(endian).contains(elf::SHF_ALLOC) {
            continue;
        }
        if ![elf::SHT_SYMTAB, elf::SHT_STRTAB].contains(&section.sh_type(endian)) {
            section.sh_type.set(endian, elf::SHT_NULL);
            section.sh_size.set(endian, 0);
            continue;
        }
        let contents = slice(kernel, section.sh_offset(endian), section.sh_size(endian))?;
        align(&mut file);
        section.sh_offset.set(endian, file.len() as u64);
        file.extend_from_slice(contents);
    }
    align(&mut file);

    let mut header = *header;
    header.e_shoff.set(endian, file.len() as u64);
    file.extend_from_slice(pod::bytes_of_slice(&sections));
    let header = pod::bytes_of(&header);
    if let Some(start) = file.get_mut(..header.len()) {
        start.copy_from_slice(header);
    }
    Ok(file)
}

/// Where in the file the last loadable segment ends, or the table of segments.
fn end_of_segments(kernel: &[u8], header: &Header, endian: Endianness) -> Result<u64, String> {
    let segments = header.program_headers(endian, kernel).map_err(say)?;
    let table = header.e_phoff.get(endian) + size_of_val(segments) as u64;
    let loaded = segments
        .iter()
        .filter(|segment| segment.p_type(endian) == elf::PT_LOAD);
    let ends = loaded.map(|segment| {
        let length = segment.p_filesz(endian);
        segment.p_offset(endian).saturating_add(length)
    });
    Ok(ends.fold(table, u64::max))
}

/// A part of the file.
fn slice(kernel: &[u8], offset: u64, length: u64) -> Result<&[u8], String> {
    let start = usize::try_from(offset).ok();
    let part = start
        .zip(usize::try_from(length).ok())
        .and_then(|(start, length)| {
            let end = start.checked_add(length)?;
            kernel.get(start..end)
        });
    part.ok_or_else(|| format!("{length} bytes at {offset} lie outside the file"))
}

fn align(file: &mut Vec<u8>) {
    file.resize(file.len().next_multiple_of(8), 0);
}

fn say(error: object::read::Error) -> String {
    error.to_string()
}

#[cfg(test)]
mod tests {
    use super::*;
    use object::read::elf::ElfFile64;
    use object::{Object, ObjectSegment, ObjectSymbol};

    /// This test program is as good an ELF file as any.
    fn program() -> Vec<u8> {
        std::fs::read(std::env::current_exe().unwrap()).unwrap()
    }

    #[test]
    fn segments_and_symbols_stay_and_debug_information_goes() {
        let whole = program();
        let cut = without_debug(&whole).unwrap();
        let (before, after) = (
            ElfFile64::<Endianness>::parse(&*whole).unwrap(),
            ElfFile64::<Endianness>::parse(&*cut).unwrap(),
        );
        assert!(before.section_by_name(".debug_info").is_some());
        assert!(cut.len() < whole.len() / 2);
        assert_eq!(before.entry(), after.entry());
        for (before, after) in before.segments().zip(after.segments()) {
            assert_eq!(before.address(), after.address());
            // The first segment may hold the header itself, 64 bytes, where the cut shows.
            assert!(before.data().unwrap().get(64..) == after.data().unwrap().get(64..));
        }
        let names = |file: &ElfFile64<'_>| {
            let symbols = file
                .symbols()
                .map(|symbol| (symbol.address(), symbol.name().map(str::to_owned)));
            symbols.collect::<Vec<_>>()
        };
        assert!(before.symbols().count() > 1000);
        assert!(names(&before) == names(&after));
    }

    #[test]
    fn anything_else_is_refused() {
        let whole = program();
        assert!(without_debug(b"").is_err());
        assert!(without_debug(b"\x7fELF").is_err());
        assert!(without_debug(&whole[..1024]).is_err());
        assert!(without_debug(&whole[..whole.len() / 2]).is_err());
    }
}
