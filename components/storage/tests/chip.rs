//! A whole flash chip: images written to update slots while power may fail at any moment, and hidden files.
//!
//! What the boot manager does with the chip is done here with the same functions: read the record, look which images are
//! sound, choose, keep the choice.

use std::sync::Once;
use threadsnake_layout::{
    HEAD_BYTES, Image, ImageHead, Layout, RECORD_BYTES, Record, Status, crc32,
};
use threadsnake_storage::chip::{Chip, IMAGE};
use threadsnake_storage::device::BlockDevice;
use threadsnake_storage::engine::{ARENA, Options};
use threadsnake_storage::volume::{DirId, Errno, FileId, NAME_MAX, OpenMode, Reply, Request};
use threadsnake_test_section as _;

const BLOCK: u32 = 4096;
const SLOT: u32 = 4 * BLOCK;
const LAYOUT: Layout = Layout::new(BLOCK, SLOT, 16 * BLOCK, 16 * BLOCK);

/// NOR flash that loses power: from some step on nothing happens any more, and that step only begins.
#[derive(Clone)]
struct Flash {
    bytes: Vec<u8>,
    steps_left: usize,
}

impl Flash {
    fn step(
        &mut self,
        at: usize,
        len: usize,
        change: impl Fn(usize, &mut u8),
    ) -> Result<(), Errno> {
        let done = match self.steps_left {
            0 => return Err(Errno::EIO),
            1 => len.min(12),
            _ => len,
        };
        self.steps_left -= 1;
        self.bytes[at..at + done].iter_mut().enumerate().for_each(|(i, byte)| change(i, byte));
        if done == len { Ok(()) } else { Err(Errno::EIO) }
    }
}

impl BlockDevice for Flash {
    fn block_size(&mut self) -> Result<u32, Errno> {
        Ok(BLOCK)
    }

    fn block_count(&mut self) -> Result<u32, Errno> {
        Ok(LAYOUT.len() / BLOCK)
    }

    fn read(&mut self, block: u32, offset: u32, buf: &mut [u8]) -> Result<(), Errno> {
        let at = (block * BLOCK + offset) as usize;
        buf.copy_from_slice(&self.bytes[at..at + buf.len()]);
        Ok(())
    }

    fn write(&mut self, block: u32, offset: u32, data: &[u8]) -> Result<(), Errno> {
        let at = (block * BLOCK + offset) as usize;
        self.step(at, data.len(), |i, byte| *byte &= data[i])
    }

    fn erase(&mut self, block: u32) -> Result<(), Errno> {
        self.step((block * BLOCK) as usize, BLOCK as usize, |_, byte| *byte = 0xff)
    }

    fn sync(&mut self) -> Result<(), Errno> {
        Ok(())
    }
}

/// An image whose program is `len` times this byte.
fn image(byte: u8, len: usize) -> Vec<u8> {
    let program = vec![byte; len];
    let head = ImageHead { len: len as u32, address: 0x1000, crc: crc32(&program) };
    [&head.encode()[..], &program].concat()
}

/// A chip as it leaves the factory: its image is of zeros.
fn new_chip() -> Chip<Flash> {
    static MEMORY: Once = Once::new();
    MEMORY.call_once(|| ARENA.give(Box::leak(vec![0; 1 << 18].into_boxed_slice())));
    let mut bytes = vec![0xff; LAYOUT.len() as usize];
    let factory = image(0, 100);
    bytes[LAYOUT.factory.start as usize..][..factory.len()].copy_from_slice(&factory);
    chip_with(Flash { bytes, steps_left: usize::MAX })
}

fn chip_with(flash: Flash) -> Chip<Flash> {
    let options = Options { read_size: 64, write_size: 64, lookahead: 16, keeps_times: true };
    Chip::new(flash, LAYOUT, options, || Some(1))
}

const WRITE: OpenMode = OpenMode {
    read: false,
    write: true,
    append: false,
    create: true,
    exclusive: false,
    truncate: true,
};
const READ: OpenMode =
    OpenMode { read: true, write: false, create: false, truncate: false, ..WRITE };

type Perform = fn(&mut Chip<Flash>, Request<'_>) -> Result<Reply, Errno>;

fn open(chip: &mut Chip<Flash>, f: Perform, path: &str, mode: OpenMode) -> Result<FileId, Errno> {
    match f(chip, Request::Open { path, mode })? {
        Reply::File { file, .. } => Ok(file),
        other => panic!("{other:?}"),
    }
}

/// Writes a file in pieces of odd sizes.
fn write(chip: &mut Chip<Flash>, f: Perform, path: &str, data: &[u8]) -> Result<(), Errno> {
    let file = open(chip, f, path, WRITE)?;
    let mut result = Ok(());
    for mut piece in data.chunks(777) {
        while !piece.is_empty() && result.is_ok() {
            match f(chip, Request::Write { file, data: piece }) {
                Ok(Reply::Count(n)) => piece = &piece[n..],
                Ok(other) => panic!("{other:?}"),
                Err(errno) => result = Err(errno),
            }
        }
    }
    f(chip, Request::Close { file }).and(result)
}

/// The first byte of the program that the boot manager starts now; keeps what it decides.
fn boot(chip: &mut Chip<Flash>) -> Option<u8> {
    let flash = chip.device();
    let slot = |image| {
        let range = LAYOUT.image(image);
        &flash.bytes[range.start as usize..][..range.len as usize]
    };
    let records = [0, 1].map(|i| {
        flash.bytes[i * BLOCK as usize..].first_chunk::<RECORD_BYTES>().expect("long enough")
    });
    let before = Record::newest(records);
    let (image, after) = before.choose(|image| ImageHead::check(slot(image)).is_some());
    let first = image.map(|image| slot(image)[HEAD_BYTES]);
    if after != before {
        let at = (after.place() * BLOCK) as usize;
        flash.bytes[at..at + BLOCK as usize].fill(0xff);
        flash.bytes[at..at + RECORD_BYTES].copy_from_slice(&after.encode());
    }
    first
}

fn record(chip: &mut Chip<Flash>) -> Record {
    let bytes = &chip.device().bytes;
    let at = |i: usize| bytes[i * BLOCK as usize..].first_chunk().expect("long enough");
    Record::newest([at(0), at(1)])
}

#[test]
fn an_image_is_tried_and_the_one_before_it_comes_back() {
    let mut chip = new_chip();
    assert_eq!(boot(&mut chip), Some(0));
    write(&mut chip, Chip::perform, IMAGE, &image(1, 9000)).expect("written");
    let now = record(&mut chip);
    let expected = (Image::First, Status::Check, Image::Factory);
    assert_eq!((now.active, now.status, now.previous), expected);
    assert_eq!((boot(&mut chip), boot(&mut chip)), (Some(1), Some(1)));
    // The next goes to the other slot; before its first start it is overwritten there.
    write(&mut chip, Chip::perform, IMAGE, &image(2, 9000)).expect("written");
    write(&mut chip, Chip::perform, IMAGE, &image(3, 500)).expect("written");
    let now = record(&mut chip);
    let expected = (Image::Second, Status::Check, Image::First);
    assert_eq!((now.active, now.status, now.previous), expected);
    assert_eq!((boot(&mut chip), boot(&mut chip)), (Some(3), Some(3)));
    // A broken one gives way for good.
    let mut bad = image(4, 9000);
    bad[5000] ^= 1;
    write(&mut chip, Chip::perform, IMAGE, &bad).expect("written");
    assert_eq!((boot(&mut chip), boot(&mut chip)), (Some(3), Some(3)));
    // So does one that did not come to its end.
    write(&mut chip, Chip::perform, IMAGE, &image(5, 9000)[..6000]).expect("written");
    assert_eq!((boot(&mut chip), boot(&mut chip)), (Some(3), Some(3)));
    write(&mut chip, Chip::perform, IMAGE, &image(6, 9000)).expect("written");
    assert_eq!(boot(&mut chip), Some(6));
}

#[test]
fn whenever_power_fails_something_boots() {
    let new = image(2, 9000);
    let mut ready = new_chip();
    write(&mut ready, Chip::perform, IMAGE, &image(1, 9000)).expect("written");
    assert_eq!(boot(&mut ready), Some(1));
    for steps in 0.. {
        let mut chip = chip_with(Flash { steps_left: steps, ..ready.device().clone() });
        let result = write(&mut chip, Chip::perform, IMAGE, &new);
        chip.device().steps_left = usize::MAX;
        let booted = boot(&mut chip);
        assert_eq!(booted, boot(&mut chip), "{steps}");
        if result.is_ok() {
            assert_eq!(booted, Some(2));
            assert!(steps > 30, "{steps}");
            break;
        }
        assert_eq!(booted, Some(1), "{steps}");
        // And the update can be done again.
        write(&mut chip, Chip::perform, IMAGE, &new).expect("written");
        assert_eq!(boot(&mut chip), Some(2), "{steps}");
    }
}

#[test]
fn the_image_is_no_file_to_anybody_else() {
    let mut chip = new_chip();
    chip.perform(Request::Format).expect("formatted");
    chip.perform(Request::MakeDir { path: "/sys" }).expect("made");
    let before = record(&mut chip);
    let too_long = vec![7; SLOT as usize + 1];
    assert_eq!(write(&mut chip, Chip::perform, IMAGE, &too_long), Err(Errno::ENOSPC));
    assert_eq!(boot(&mut chip), Some(0));
    // Nothing written, nothing to try.
    let before_empty = record(&mut chip);
    assert_ne!(before_empty, before);
    write(&mut chip, Chip::perform, IMAGE, &[]).expect("written");
    assert_eq!(record(&mut chip), before_empty);

    let file = open(&mut chip, Chip::perform, IMAGE, WRITE).expect("opened");
    assert_eq!(open(&mut chip, Chip::perform, IMAGE, WRITE), Err(Errno::EBUSY));
    assert_eq!(open(&mut chip, Chip::perform, IMAGE, READ), Err(Errno::ENOENT));
    for mode in [OpenMode { read: true, ..WRITE }, OpenMode { append: true, ..WRITE }] {
        assert_eq!(open(&mut chip, Chip::perform, IMAGE, mode), Err(Errno::EINVAL));
    }
    assert_eq!(chip.perform(Request::Read { file, buf: &mut [0] }), Err(Errno::EINVAL));
    assert_eq!(chip.perform(Request::Stat { path: IMAGE }), Err(Errno::ENOENT));
    assert_eq!(chip.perform(Request::Remove { path: IMAGE }), Err(Errno::ENOENT));
    let dir = chip.perform(Request::OpenDir { path: "/sys" });
    let Ok(Reply::Dir(dir @ DirId(_))) = dir else { panic!("{dir:?}") };
    let entry = chip.perform(Request::NextEntry { dir, name: &mut [0; NAME_MAX] });
    assert_eq!(entry, Ok(Reply::Entry(None)));
    chip.perform(Request::CloseDir { dir }).expect("closed");
    chip.perform(Request::Close { file }).expect("closed");
    assert_eq!(chip.perform(Request::Close { file }), Err(Errno::EBADF));
    assert_eq!(chip.perform(Request::Write { file, data: b"x" }), Err(Errno::EBADF));
}

#[test]
fn hidden_files_survive_a_power_cut_and_a_format() {
    let f = Chip::perform_hidden;
    let mut chip = new_chip();
    assert_eq!(f(&mut chip, Request::Stat { path: "/ca.pem" }), Err(Errno::ENODEV));
    write(&mut chip, f, "/ca.pem", b"old").expect("written");
    let full = write(&mut chip, f, "/cert.pem", &vec![1; 17 * BLOCK as usize]);
    assert_eq!(full, Err(Errno::ENOSPC));
    chip.perform(Request::Format).expect("formatted");
    assert_eq!(chip.perform(Request::Stat { path: "/ca.pem" }), Err(Errno::ENOENT));
    write(&mut chip, f, "/cert.pem", b"").expect("written");
    let flash = chip.device().clone();
    for steps in 0.. {
        let mut chip = chip_with(Flash { steps_left: steps, ..flash.clone() });
        let result = write(&mut chip, f, "/ca.pem", b"new");
        let mut chip = chip_with(Flash { steps_left: usize::MAX, ..chip.device().clone() });
        let file = open(&mut chip, f, "/ca.pem", READ).expect("it is there");
        let mut buf = [0; 8];
        let n = f(&mut chip, Request::Read { file, buf: &mut buf });
        assert_eq!(n, Ok(Reply::Count(3)));
        match result {
            Ok(()) => return assert_eq!(&buf[..3], b"new"),
            Err(_) => assert!([&b"old"[..], b"new"].contains(&&buf[..3]), "{steps}"),
        }
    }
}
