//! Volumes of fewer than 128 sectors, which FatFs neither makes nor mounts: FAT12, one table, 512 entries at the top,
//! clusters of one sector, as FatFs makes larger ones.
//!
//! Source: Microsoft, "FAT32 File System Specification" 1.03, "Boot Sector and BPB Structure".

use crate::{Disk, EIO, Result};

/// Devices from this size on are FatFs' affair.
pub const LARGE: u32 = 128;
/// Entries of the top directory.
const ENTRIES: u32 = 512;

/// Makes FatFs take a boot sector that it has just read for one of a small volume: it looks at the number of sectors
/// only where the sector does not say FAT32, and finds out the real kind by counting clusters. Sectors of another kind
/// stay as they are.
pub fn accept(sector: &mut [u8]) {
    let is_one = sector.len() >= 512
        && sector[510..512] == [0x55, 0xaa]
        && matches!(sector[0], 0xeb | 0xe9)
        && sector[54..57] == *b"FAT"
        && sector[20] == 0
        && (1..LARGE as u8).contains(&sector[19]);
    if is_one {
        sector[82..90].copy_from_slice(b"FAT32   ");
    }
}

/// Makes the volume; `sector` is a buffer of one sector.
///
/// # Errors
/// `EIO` where there is no room for a file; what the device answers.
pub fn format(disk: &mut dyn Disk, sector: &mut [u8]) -> Result<()> {
    let (sectors, size) = (disk.sectors(), sector.len() as u32);
    let top = ENTRIES * 32 / size;
    if sectors < 2 + top + 1 {
        return Err(EIO);
    }
    let mut write = |at: u32, bytes: &[(usize, &[u8])]| {
        sector.fill(0);
        for &(place, bytes) in bytes {
            sector[place..place + bytes.len()].copy_from_slice(bytes);
        }
        disk.write(at, sector)
    };
    write(
        0,
        &[
            // A jump that goes nowhere, and who made it.
            (0, b"\xeb\xfe\x90MSDOS5.0"),
            (11, &(size as u16).to_le_bytes()),
            // Sectors of a cluster, reserved sectors, tables.
            (13, &[1, 1, 0, 1]),
            (17, &(ENTRIES as u16).to_le_bytes()),
            (19, &(sectors as u16).to_le_bytes()),
            (21, &[0xf8]),
            // Sectors of a table.
            (22, &[1, 0]),
            // Geometry of a medium that has none.
            (24, &[63, 0, 255, 0]),
            // Drive, signature, number, label, kind.
            (36, &[0x80, 0, 0x29]),
            (43, b"NO NAME    FAT12   "),
            (510, &[0x55, 0xaa]),
        ],
    )?;
    write(1, &[(0, &[0xf8, 0xff, 0xff])])?;
    for at in 2..2 + top {
        write(at, &[])?;
    }
    disk.sync()
}
