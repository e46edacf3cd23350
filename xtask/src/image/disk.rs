//! The disk itself: a GPT with one EFI system partition that holds a FAT file system.

use std::fs::File;
use std::io;

use gpt::disk::LogicalBlockSize;
use gpt::mbr::ProtectiveMBR;
use gpt::{GptConfig, partition_types};

use super::fat::{self, Entry};

const SECTOR: u64 = 512;
const MIB: u64 = 1 << 20;

/// Room for systems to come; nothing but the used sectors takes any, the file is sparse.
const SIZE: u64 = 64 * MIB;

/// The partition: one MiB at either end is for the table and its copy.
const START: u64 = MIB;
const LENGTH: u64 = SIZE - 2 * MIB;

/// Fills the empty `file` with a disk that holds `files`.
pub(super) fn write(file: &mut File, files: &[Entry]) -> io::Result<()> {
    file.set_len(SIZE)?;
    partition(file)?;
    fat::write(file, START, (LENGTH / SECTOR) as u32, files)
}

fn partition(file: &mut File) -> io::Result<()> {
    let sectors = (SIZE / SECTOR - 1) as u32;
    ProtectiveMBR::with_lb_size(sectors)
        .overwrite_lba0(file)
        .map_err(io::Error::other)?;
    let mut table = GptConfig::new()
        .writable(true)
        .logical_block_size(LogicalBlockSize::Lb512)
        .create_from_device(file, None)
        .map_err(io::Error::other)?;
    let (first, count) = (START / SECTOR, LENGTH / SECTOR);
    table
        .add_partition_at("EFI System", 1, first, count, partition_types::EFI, 0)
        .map_err(io::Error::other)?;
    table.write().map_err(io::Error::other)?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_disk_has_one_efi_system_partition_in_both_tables() {
        let mut file = tempfile::tempfile().unwrap();
        write(&mut file, &[]).unwrap();
        let table = GptConfig::new()
            .only_valid_headers(true)
            .open_from_device(file)
            .unwrap();
        let partitions: Vec<_> = table.partitions().values().collect();
        assert_eq!(partitions.len(), 1);
        let efi = partitions[0];
        assert_eq!(efi.part_type_guid, partition_types::EFI);
        assert_eq!((efi.first_lba, efi.last_lba), (2048, 64 * 2048 - 2048 - 1));
    }
}
