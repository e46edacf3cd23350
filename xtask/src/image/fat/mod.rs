//! Writing a FAT32 volume, once, from beginning to end.
//!
//! Our own because the crate for it, `fatfs` 0.3, gives `.` and `..` long names, which fsck calls
//! damage. All files are known beforehand, so each is one run of clusters and nothing is ever freed
//! or searched. Format: Microsoft's "FAT: General Overview of On-Disk Format" (fatgen103), whose
//! field names the comments use.
//!
//! Read [`tree`] (what is to be written), this page (where it goes), [`entry`] (how a directory names
//! it).

mod entry;
mod tree;

use std::io::{self, Seek, SeekFrom, Write};

use tree::{Directory, Node};

/// Bytes of a sector, and of a cluster: FAT32 is what a volume is by its number of clusters, and a
/// small one has enough only of the smallest.
const SECTOR: usize = 512;

/// Sectors before the first file allocation table.
const RESERVED: u32 = 32;
const INFORMATION: u16 = 1;
const BACKUP: u16 = 6;

const TABLES: u32 = 2;
const ENTRIES_PER_SECTOR: u32 = (SECTOR / 4) as u32;

/// The first cluster there is; the root directory's.
const FIRST: u32 = 2;

/// The fewest clusters that make a volume FAT32.
const FEWEST: u32 = 65_525;

const END_OF_CHAIN: u32 = 0x0FFF_FFFF;
const MEDIA: u8 = 0xF8;
const LABEL: [u8; 11] = *b"STELE      ";

/// A file: its path, with slashes, and its bytes.
pub(crate) type Entry = (String, Vec<u8>);

/// A volume's measures.
struct Shape {
    sectors: u32,
    /// Sectors of the disk before the volume.
    hidden: u32,
    table_sectors: u32,
    clusters: u32,
}

impl Shape {
    fn new(sectors: u32, hidden: u32) -> io::Result<Shape> {
        let usable = sectors.saturating_sub(RESERVED);
        // Each sector of a table serves so many clusters, and there are as many tables as that.
        let table_sectors = usable.div_ceil(ENTRIES_PER_SECTOR);
        let clusters = usable.saturating_sub(TABLES * table_sectors);
        if clusters < FEWEST {
            let message = format!("a FAT32 volume needs more than {sectors} sectors");
            return Err(io::Error::new(io::ErrorKind::InvalidInput, message));
        }
        Ok(Shape {
            sectors,
            hidden,
            table_sectors,
            clusters,
        })
    }

    /// The volume's byte at which a cluster begins.
    fn offset(&self, cluster: u32) -> u64 {
        let sector = RESERVED + TABLES * self.table_sectors + (cluster - FIRST);
        u64::from(sector) * SECTOR as u64
    }
}

/// Writes a volume of `sectors` sectors that holds `files`, from byte `start` of `disk` on, which
/// must be zero there.
///
/// # Errors
/// The files do not fit, two have one name, or the disk cannot be written.
pub(super) fn write(
    disk: &mut (impl Write + Seek),
    start: u64,
    sectors: u32,
    files: &[Entry],
) -> io::Result<()> {
    let hidden = u32::try_from(start / SECTOR as u64).map_err(io::Error::other)?;
    let shape = Shape::new(sectors, hidden)?;
    let mut volume = Volume {
        disk,
        start,
        shape,
        chains: vec![0x0FFF_FF00 | u32::from(MEDIA), END_OF_CHAIN],
    };
    let root = Directory::of(files)?;
    let first = volume.allocate(entry::size(&root, true))?;
    volume.directory(&root, first, None)?;
    volume.finish()
}

/// A volume that is being written.
struct Volume<'a, D> {
    disk: &'a mut D,
    start: u64,
    shape: Shape,
    /// The file allocation table as far as it is used.
    chains: Vec<u32>,
}

impl<D: Write + Seek> Volume<'_, D> {
    /// Takes the next clusters for so many bytes, at least one; gives the first.
    fn allocate(&mut self, bytes: usize) -> io::Result<u32> {
        let first = self.chains.len();
        let end = first + bytes.div_ceil(SECTOR).max(1);
        if end - FIRST as usize > self.shape.clusters as usize {
            let room = u64::from(self.shape.clusters) * SECTOR as u64 / (1 << 20);
            let message = format!("the files do not fit into {room} MiB");
            return Err(io::Error::new(io::ErrorKind::StorageFull, message));
        }
        let next = (first + 1..end).map(|cluster| cluster as u32);
        self.chains.extend(next);
        self.chains.push(END_OF_CHAIN);
        Ok(first as u32)
    }

    /// Writes a directory, whose clusters are allocated, and everything in it.
    fn directory(
        &mut self,
        directory: &Directory,
        first: u32,
        parent: Option<u32>,
    ) -> io::Result<()> {
        let mut entries = match parent {
            None => entry::label(LABEL),
            Some(parent) => entry::dots(first, parent),
        };
        for (number, (name, node)) in directory.nodes.iter().enumerate() {
            let (cluster, length) = match node {
                Node::File(bytes) if bytes.is_empty() => (0, 0),
                Node::File(bytes) => {
                    let cluster = self.allocate(bytes.len())?;
                    self.put(self.shape.offset(cluster), bytes)?;
                    (cluster, bytes.len())
                }
                Node::Directory(inner) => {
                    let cluster = self.allocate(entry::size(inner, false))?;
                    self.directory(
                        inner,
                        cluster,
                        Some(if parent.is_none() { 0 } else { first }),
                    )?;
                    (cluster, 0)
                }
            };
            let is_directory = matches!(node, Node::Directory(_));
            entries.extend(entry::file(
                name,
                number,
                is_directory,
                cluster,
                length as u32,
            ));
        }
        self.put(self.shape.offset(first), &entries)
    }

    /// Writes what describes the volume: tables, boot sector, information sector, their copies.
    fn finish(mut self) -> io::Result<()> {
        let table: Vec<u8> = self
            .chains
            .iter()
            .flat_map(|next| next.to_le_bytes())
            .collect();
        for number in 0..TABLES {
            let sector = RESERVED + number * self.shape.table_sectors;
            self.put(u64::from(sector) * SECTOR as u64, &table)?;
        }
        let (boot, information) = (self.boot_sector(), self.information_sector());
        for base in [0, u64::from(BACKUP)] {
            self.put(base * SECTOR as u64, &boot)?;
            self.put(
                (base + u64::from(INFORMATION)) * SECTOR as u64,
                &information,
            )?;
        }
        self.disk.flush()
    }

    /// `BS_` and `BPB_` fields, fatgen103 section "Boot Sector and BPB".
    fn boot_sector(&self) -> Vec<u8> {
        let mut sector = Vec::with_capacity(SECTOR);
        sector.extend([0xEB, 0x58, 0x90]); // jmpBoot
        sector.extend(b"MSWIN4.1"); // OEMName: the one fatgen103 recommends
        sector.extend((SECTOR as u16).to_le_bytes()); // BytsPerSec
        sector.push(1); // SecPerClus
        sector.extend((RESERVED as u16).to_le_bytes()); // RsvdSecCnt
        sector.push(TABLES as u8); // NumFATs
        sector.extend([0; 4]); // RootEntCnt, TotSec16: none on FAT32
        sector.push(MEDIA); // Media
        sector.extend([0; 2]); // FATSz16: none on FAT32
        sector.extend([32, 0, 64, 0]); // SecPerTrk, NumHeads
        sector.extend(self.shape.hidden.to_le_bytes()); // HiddSec
        sector.extend(self.shape.sectors.to_le_bytes()); // TotSec32
        sector.extend(self.shape.table_sectors.to_le_bytes()); // FATSz32
        sector.extend([0; 4]); // ExtFlags, FSVer
        sector.extend(FIRST.to_le_bytes()); // RootClus
        sector.extend(INFORMATION.to_le_bytes()); // FSInfo
        sector.extend(BACKUP.to_le_bytes()); // BkBootSec
        sector.extend([0; 12]); // Reserved
        sector.extend([0x80, 0, 0x29]); // DrvNum, Reserved1, BootSig
        sector.extend(0x5354_454C_u32.to_le_bytes()); // VolID
        sector.extend(LABEL); // VolLab
        sector.extend(b"FAT32   "); // FilSysType
        sector.resize(SECTOR - 2, 0);
        sector.extend([0x55, 0xAA]);
        sector
    }

    /// `FSI_` fields, fatgen103 section "FAT32 FSInfo Sector Structure".
    fn information_sector(&self) -> Vec<u8> {
        let used = self.chains.len() as u32;
        let mut sector = b"RRaA".to_vec(); // LeadSig
        sector.resize(484, 0);
        sector.extend(b"rrAa"); // StrucSig
        sector.extend((self.shape.clusters - (used - FIRST)).to_le_bytes()); // Free_Count
        sector.extend(used.to_le_bytes()); // Nxt_Free
        sector.resize(SECTOR - 2, 0);
        sector.extend([0x55, 0xAA]);
        sector
    }

    fn put(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.disk.seek(SeekFrom::Start(self.start + offset))?;
        self.disk.write_all(bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use fatfs::{FatType, FileSystem, FsOptions};
    use std::io::{Cursor, Read};
    use std::process::Command;

    const SECTORS: u32 = 80_000;

    fn volume(files: &[Entry]) -> io::Result<Vec<u8>> {
        let mut disk = Cursor::new(vec![0; SECTORS as usize * SECTOR]);
        write(&mut disk, 0, SECTORS, files)?;
        Ok(disk.into_inner())
    }

    fn files() -> Vec<Entry> {
        let file = |path: &str, bytes: &[u8]| (path.to_owned(), bytes.to_owned());
        let big: Vec<u8> = (0..3_000_000_u32).map(|n| (n % 251) as u8).collect();
        let mut files = vec![
            file("EFI/BOOT/BOOTX64.EFI", &big),
            file("EFI/BOOT/BOOTAA64.EFI", b"arm"),
            file("stele/kernel-x86_64.elf", &[7; SECTOR]),
            file("stele/kernel-aarch64.elf", &[8; SECTOR + 1]),
            file("stele/boot.4th", b""),
            file("stele/a name of exactly 26 chars", b"x"),
        ];
        // More than one cluster of a directory holds.
        files.extend((0..40).map(|n| file(&format!("many/file number {n}.text"), &[n])));
        files
    }

    #[test]
    fn another_implementation_reads_every_file() {
        let bytes = volume(&files()).unwrap();
        let volume = FileSystem::new(Cursor::new(bytes), FsOptions::new()).unwrap();
        assert_eq!(volume.fat_type(), FatType::Fat32);
        for (path, contents) in files() {
            let mut read = Vec::new();
            let mut opened = volume.root_dir().open_file(&path).unwrap();
            opened.read_to_end(&mut read).unwrap();
            assert!(read == contents, "{path}");
        }
        let names: Vec<String> = volume
            .root_dir()
            .iter()
            .map(|entry| entry.unwrap().file_name())
            .collect();
        assert_eq!(names, ["EFI", "stele", "many"]);
    }

    #[test]
    fn fsck_finds_nothing_wrong() {
        if crate::command::find("fsck.fat").is_none() {
            // Not every machine has dosfstools; the reader above is there always.
            return;
        }
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("volume");
        std::fs::write(&path, volume(&files()).unwrap()).unwrap();
        let output = Command::new("fsck.fat")
            .arg("-n")
            .arg(&path)
            .output()
            .unwrap();
        let said = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{said}");
    }

    #[test]
    fn what_does_not_fit_is_refused() {
        let room = Shape::new(SECTORS, 0).unwrap().clusters as usize;
        // The root directory takes one cluster.
        let file = |clusters: usize| vec![("f".to_owned(), vec![1; clusters * SECTOR])];
        assert!(volume(&file(room - 1)).is_ok());
        assert!(
            volume(&file(room))
                .unwrap_err()
                .to_string()
                .contains("do not fit")
        );
    }

    #[test]
    fn a_volume_too_small_for_fat32_is_refused() {
        let fewest = (RESERVED..)
            .find(|&sectors| Shape::new(sectors, 0).is_ok())
            .unwrap();
        assert!(Shape::new(fewest, 0).unwrap().clusters >= FEWEST);
        assert!(Shape::new(fewest - 1, 0).is_err());
    }
}
