//! The disk itself: a GPT with one EFI system partition that holds a FAT file system.
//!
//! The crates: `gpt` for the table; `fatfs` 0.3 for the file system, which is finished rather than
//! maintained, and serves because it makes and fills volumes in pure Rust; nothing of it ships in
//! the system.

use std::fs::File;
use std::io::{self, Write};

use fatfs::{FatType, FileSystem, FormatVolumeOptions, FsOptions};
use gpt::disk::LogicalBlockSize;
use gpt::mbr::ProtectiveMBR;
use gpt::{GptConfig, partition_types};

use super::window::Window;

const SECTOR: u64 = 512;
const MIB: u64 = 1 << 20;

/// FAT32 needs 65,525 clusters: with the smallest clusters, some 33 MiB. Nothing but the used
/// sectors takes room, the file is sparse.
const SIZE: u64 = 64 * MIB;

/// A file for the disk: its path, with slashes, and its bytes.
pub(crate) type Entry = (String, Vec<u8>);

/// Fills the empty `file` with a disk that holds `entries`.
pub(super) fn write(file: &mut File, entries: &[Entry]) -> io::Result<()> {
    file.set_len(SIZE)?;
    let (start, length) = partition(file)?;
    let mut volume = Window::new(file, start, length);
    let options = FormatVolumeOptions::new()
        .fat_type(FatType::Fat32)
        .bytes_per_cluster(512)
        .volume_label(*b"STELE      ");
    fatfs::format_volume(&mut volume, options)?;
    let volume = FileSystem::new(volume, FsOptions::new())?;
    for (path, bytes) in entries {
        let mut directory = volume.root_dir();
        let mut names = path.split('/').peekable();
        while let Some(name) = names.next() {
            if names.peek().is_some() {
                directory = directory.create_dir(name)?;
            } else {
                directory.create_file(name)?.write_all(bytes)?;
            }
        }
    }
    volume.unmount()
}

/// Writes the partition table; gives the partition's first byte and its length.
fn partition(file: &mut File) -> io::Result<(u64, u64)> {
    let sectors = u32::try_from(SIZE / SECTOR - 1).unwrap_or(u32::MAX);
    ProtectiveMBR::with_lb_size(sectors)
        .overwrite_lba0(file)
        .map_err(io::Error::other)?;
    let mut table = GptConfig::new()
        .writable(true)
        .logical_block_size(LogicalBlockSize::Lb512)
        .create_from_device(file, None)
        .map_err(io::Error::other)?;
    // One MiB at either end is for the table and its copy.
    let length = SIZE - 2 * MIB;
    let first = MIB / SECTOR;
    table
        .add_partition_at(
            "EFI System",
            1,
            first,
            length / SECTOR,
            partition_types::EFI,
            0,
        )
        .map_err(io::Error::other)?;
    table.write().map_err(io::Error::other)?;
    Ok((MIB, length))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read;

    fn disk(entries: &[Entry]) -> File {
        let mut file = tempfile::tempfile().unwrap();
        write(&mut file, entries).unwrap();
        file
    }

    #[test]
    fn the_disk_has_one_efi_system_partition_in_both_tables() {
        let file = disk(&[]);
        let table = GptConfig::new()
            .only_valid_headers(true)
            .open_from_device(file)
            .unwrap();
        let partitions: Vec<_> = table.partitions().values().collect();
        assert_eq!(partitions.len(), 1);
        let efi = partitions[0];
        assert_eq!(efi.part_type_guid, partition_types::EFI);
        assert_eq!(
            (efi.first_lba, efi.last_lba),
            (2048, SIZE / SECTOR - 2048 - 1)
        );
    }

    #[test]
    fn every_file_reads_back_as_it_was_written() {
        let big: Vec<u8> = (0..3_000_000u32).map(|n| (n % 251) as u8).collect();
        let entries = [
            ("EFI/BOOT/BOOTX64.EFI".to_owned(), big),
            ("EFI/BOOT/BOOTAA64.EFI".to_owned(), b"arm".to_vec()),
            ("stele/boot.4th".to_owned(), Vec::new()),
        ];
        let mut file = disk(&entries);
        let volume = Window::new(&mut file, MIB, SIZE - 2 * MIB);
        let volume = FileSystem::new(volume, FsOptions::new()).unwrap();
        assert_eq!(volume.fat_type(), FatType::Fat32);
        for (path, bytes) in &entries {
            let mut read = Vec::new();
            let mut opened = volume.root_dir().open_file(path).unwrap();
            opened.read_to_end(&mut read).unwrap();
            assert!(read == *bytes, "{path}");
        }
    }
}
