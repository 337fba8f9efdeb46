//! How a board's flash is divided, and the boot record.
//!
//! From the beginning: two blocks with a boot record each, the factory image, two slots for updates, the hidden files
//! (certificates and their like, never listed), and last the volume of the user. Images are run where they are; the boot
//! manager, a program of its own, reads the record and chooses one.
//!
//! A record is written to the block that does not hold the newer valid one, so that a power cut leaves the old one; the
//! newer has the higher number. Layout on flash, little-endian: magic, sequence number, active image, status, previous
//! image (a word each), CRC-32 of these.

/// A range of flash in bytes, from the beginning of the chip.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Range {
    /// The first byte.
    pub start: u32,
    /// How many.
    pub len: u32,
}

/// How a chip is divided; all ranges are whole blocks.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Layout {
    /// Bytes of an erasable block.
    pub block: u32,
    /// The two boot records, a block each.
    pub record: Range,
    /// The image that the board came with.
    pub factory: Range,
    /// Two slots for updates.
    pub updates: [Range; 2],
    /// Files that nobody lists.
    pub hidden: Range,
    /// The user's volume, `/flash`.
    pub user: Range,
}

impl Layout {
    /// Divides a chip: images of `image` bytes, `hidden` bytes of hidden files, `user` bytes of the user's.
    pub const fn new(block: u32, image: u32, hidden: u32, user: u32) -> Layout {
        assert!(image.is_multiple_of(block));
        assert!(hidden.is_multiple_of(block) && user.is_multiple_of(block));
        let record = Range { start: 0, len: 2 * block };
        let factory = record.followed_by(image);
        let first = factory.followed_by(image);
        let second = first.followed_by(image);
        let hidden = second.followed_by(hidden);
        let user = hidden.followed_by(user);
        Layout { block, record, factory, updates: [first, second], hidden, user }
    }

    /// Bytes of the whole chip.
    pub const fn len(&self) -> u32 {
        self.user.start + self.user.len
    }

    /// Never.
    pub const fn is_empty(&self) -> bool {
        false
    }

    /// Where an image is.
    pub const fn image(&self, image: Image) -> Range {
        match image {
            Image::Factory => self.factory,
            Image::First => self.updates[0],
            Image::Second => self.updates[1],
        }
    }
}

impl Range {
    const fn followed_by(self, len: u32) -> Range {
        Range { start: self.start + self.len, len }
    }
}

/// An image that can be booted.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub enum Image {
    /// The one that the board came with.
    Factory = 0,
    /// The first update slot.
    First = 1,
    /// The second update slot.
    Second = 2,
}

/// What the boot manager has to do with the active image.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub enum Status {
    /// Boot it.
    Ready = 0,
    /// It is new: check it first, and go back to the previous one if it is damaged.
    Check = 1,
}

/// The boot record.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Record {
    /// Counts the records that were written.
    pub sequence: u32,
    /// What is booted.
    pub active: Image,
    /// How sure that is.
    pub status: Status,
    /// What is booted if the active one is damaged.
    pub previous: Image,
}

/// Bytes of a record.
pub const RECORD_BYTES: usize = 24;
const MAGIC: u32 = u32::from_le_bytes(*b"TSBR");

impl Record {
    /// The record of a board at its first boot.
    pub const FIRST: Record = Record {
        sequence: 0,
        active: Image::Factory,
        status: Status::Ready,
        previous: Image::Factory,
    };

    /// As it is on flash.
    pub fn encode(&self) -> [u8; RECORD_BYTES] {
        let words =
            [MAGIC, self.sequence, self.active as u32, self.status as u32, self.previous as u32];
        let mut bytes = [0; RECORD_BYTES];
        for (place, word) in bytes.chunks_exact_mut(4).zip(words) {
            place.copy_from_slice(&word.to_le_bytes());
        }
        let crc = crc32(&bytes[..RECORD_BYTES - 4]);
        bytes[RECORD_BYTES - 4..].copy_from_slice(&crc.to_le_bytes());
        bytes
    }

    /// From flash; `None` for what is no record.
    pub fn decode(bytes: &[u8; RECORD_BYTES]) -> Option<Record> {
        let mut words = [0; RECORD_BYTES / 4];
        for (word, place) in words.iter_mut().zip(bytes.chunks_exact(4)) {
            *word = u32::from_le_bytes([place[0], place[1], place[2], place[3]]);
        }
        let [magic, sequence, active, status, previous, crc] = words;
        if magic != MAGIC || crc != crc32(&bytes[..RECORD_BYTES - 4]) {
            return None;
        }
        let image = |number| {
            [Image::Factory, Image::First, Image::Second]
                .into_iter()
                .find(|&image| image as u32 == number)
        };
        let status = [Status::Ready, Status::Check].into_iter().find(|&s| s as u32 == status)?;
        Some(Record { sequence, active: image(active)?, status, previous: image(previous)? })
    }

    /// The newer of the two records on flash; [`Record::FIRST`] where there is none.
    pub fn newest(records: [&[u8; RECORD_BYTES]; 2]) -> Record {
        let [first, second] = records.map(Record::decode);
        match (first, second) {
            (Some(a), Some(b)) if b.sequence.wrapping_sub(a.sequence) as i32 > 0 => b,
            (Some(a), _) => a,
            (None, Some(b)) => b,
            (None, None) => Record::FIRST,
        }
    }

    /// The record that comes after this one, and the block (0 or 1) that it is written to.
    pub fn next(self, active: Image, status: Status, previous: Image) -> (Record, u32) {
        let sequence = self.sequence.wrapping_add(1);
        (Record { sequence, active, status, previous }, sequence & 1)
    }
}

/// CRC-32 as in IEEE 802.3.
pub fn crc32(bytes: &[u8]) -> u32 {
    let step = |crc: u32, _| (crc >> 1) ^ if crc & 1 != 0 { 0xedb8_8320 } else { 0 };
    !bytes.iter().fold(!0, |crc, &byte| (0..8).fold(crc ^ u32::from(byte), step))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_follow_one_another() {
        let layout = Layout::new(4096, 65536, 8192, 131_072);
        assert_eq!(layout.record, Range { start: 0, len: 8192 });
        assert_eq!(layout.factory.start, 8192);
        assert_eq!(layout.image(Image::Second), Range { start: 139_264, len: 65536 });
        assert_eq!(layout.user, Range { start: 212_992, len: 131_072 });
        assert_eq!(layout.len(), 344_064);
    }

    #[test]
    fn the_newer_valid_record_counts() {
        assert_eq!(crc32(b"123456789"), 0xcbf4_3926);
        let empty = [0xff; RECORD_BYTES];
        assert_eq!(Record::newest([&empty, &empty]), Record::FIRST);
        let (second, block) = Record::FIRST.next(Image::First, Status::Check, Image::Factory);
        assert_eq!(block, 1);
        let first = Record::FIRST.encode();
        assert_eq!(Record::newest([&first, &second.encode()]), second);
        let mut torn = second.encode();
        torn[9] ^= 1;
        assert_eq!(Record::newest([&first, &torn]), Record::FIRST);
        let old = Record { sequence: u32::MAX, ..Record::FIRST };
        assert_eq!(Record::newest([&old.encode(), &first]), Record::FIRST);
    }
}
