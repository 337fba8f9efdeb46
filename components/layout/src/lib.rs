//! How a board's flash is divided, the boot record, and images: what the boot manager and the firmware agree on.
//!
//! From the beginning: two blocks with a boot record each, the factory image, two slots for updates, the hidden files
//! (certificates and their like, never listed), and last the volume of the user. The boot manager, a program of its own,
//! reads the record, chooses an image, copies it to where it runs, and starts it.
//!
//! An image in its slot: magic, bytes of the program, the address where it runs, CRC-32 of the program (a word each,
//! little-endian), then the program, which begins with its vector table.
//!
//! A record is written to the block that does not hold the newer valid one, so that a power cut leaves the old one; the
//! newer has the higher number. Layout on flash, little-endian: magic, sequence number, active image, status, previous
//! image (a word each), CRC-32 of these.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

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

    /// The record that comes after this one.
    pub fn next(self, active: Image, status: Status, previous: Image) -> Record {
        Record { sequence: self.sequence.wrapping_add(1), active, status, previous }
    }
}

impl Record {
    /// What to boot, `is_sound` telling which images are; and the record to keep if it is not this one.
    ///
    /// A new image that is damaged gives way to the one before it, once and for all; one that was sound before and is
    /// damaged now, and any other way out, ends at the factory image. `None`: nothing can be booted.
    pub fn choose(self, is_sound: impl Fn(Image) -> bool) -> (Option<Image>, Record) {
        let next = |active, previous| self.next(active, Status::Ready, previous);
        let sound = |image| is_sound(image).then_some(image);
        match (sound(self.active), self.status) {
            (Some(image), Status::Ready) => (Some(image), self),
            (Some(image), Status::Check) => (Some(image), next(image, self.previous)),
            (None, _) => match sound(self.previous).or_else(|| sound(Image::Factory)) {
                Some(image) => (Some(image), next(image, Image::Factory)),
                None => (None, self),
            },
        }
    }

    /// The block (0 or 1) that the record is written to.
    pub fn place(&self) -> u32 {
        self.sequence & 1
    }
}

/// The head of an image in its slot.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ImageHead {
    /// Bytes of the program behind the head.
    pub len: u32,
    /// Where it runs.
    pub address: u32,
    /// CRC-32 of the program.
    pub crc: u32,
}

/// Bytes of an image's head.
pub const HEAD_BYTES: usize = 16;
const IMAGE_MAGIC: u32 = u32::from_le_bytes(*b"TSIM");

impl ImageHead {
    /// As it is on flash.
    pub fn encode(&self) -> [u8; HEAD_BYTES] {
        let mut bytes = [0; HEAD_BYTES];
        let words = [IMAGE_MAGIC, self.len, self.address, self.crc];
        for (place, word) in bytes.chunks_exact_mut(4).zip(words) {
            place.copy_from_slice(&word.to_le_bytes());
        }
        bytes
    }

    /// The head and the program of what is in a slot; `None` where it is damaged or there is none.
    pub fn check(slot: &[u8]) -> Option<(ImageHead, &[u8])> {
        let (head, rest) = slot.split_first_chunk::<HEAD_BYTES>()?;
        let word =
            |at: usize| u32::from_le_bytes([head[at], head[at + 1], head[at + 2], head[at + 3]]);
        let head = ImageHead { len: word(4), address: word(8), crc: word(12) };
        let program = rest.get(..head.len as usize)?;
        (word(0) == IMAGE_MAGIC && !program.is_empty() && crc32(program) == head.crc)
            .then_some((head, program))
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
        let second = Record::FIRST.next(Image::First, Status::Check, Image::Factory);
        assert_eq!((Record::FIRST.place(), second.place()), (0, 1));
        let first = Record::FIRST.encode();
        assert_eq!(Record::newest([&first, &second.encode()]), second);
        let mut torn = second.encode();
        torn[9] ^= 1;
        assert_eq!(Record::newest([&first, &torn]), Record::FIRST);
        let old = Record { sequence: u32::MAX, ..Record::FIRST };
        assert_eq!(Record::newest([&old.encode(), &first]), Record::FIRST);
    }
    #[test]
    fn a_damaged_update_gives_way_to_the_image_before_it() {
        use Image::*;
        let update = Record::FIRST.next(First, Status::Check, Factory);
        let check = |record: Record, sound: &[Image], image, active, status, previous| {
            let (booted, kept) = record.choose(|image| sound.contains(&image));
            assert_eq!(booted, image);
            assert_eq!((kept.active, kept.status, kept.previous), (active, status, previous));
            assert_eq!(kept == record, kept.sequence == record.sequence);
        };
        check(update, &[Factory, First], Some(First), First, Status::Ready, Factory);
        check(update, &[Factory], Some(Factory), Factory, Status::Ready, Factory);
        let ready = update.next(Second, Status::Ready, First);
        check(ready, &[Factory, First, Second], Some(Second), Second, Status::Ready, First);
        check(ready, &[Factory, First], Some(First), First, Status::Ready, Factory);
        check(ready, &[Factory], Some(Factory), Factory, Status::Ready, Factory);
        check(ready, &[], None, Second, Status::Ready, First);
    }

    #[test]
    fn an_image_is_sound_whole() {
        let program = b"vectors and code";
        let head = ImageHead { len: 16, address: 0x10000, crc: crc32(program) };
        let mut slot = [&head.encode()[..], program, &[0xff; 8]].concat();
        assert_eq!(ImageHead::check(&slot), Some((head, &program[..])));
        slot[HEAD_BYTES] ^= 1;
        assert_eq!(ImageHead::check(&slot), None);
        assert_eq!(ImageHead::check(&[0xff; 64]), None);
        assert_eq!(ImageHead::check(&slot[..20]), None);
        assert_eq!(ImageHead::check(&[]), None);
    }
}
