//! A FAT volume on a disk in memory: files, full, removed, read-only, opened twice.

use threadsnake_arena::Arena;
use threadsnake_fatfs::{Disk, Filesystem, Mode, Result, format};
use threadsnake_test_section as _;

const SECTOR: usize = 512;
const EACCES: i32 = 13;
const ENODEV: i32 = 19;
const ENOSPC: i32 = 28;
const EROFS: i32 = 30;
const NOW: u64 = 1_795_257_600;

#[derive(Clone)]
struct Ram {
    bytes: Vec<u8>,
    present: bool,
    read_only: bool,
}

impl Ram {
    fn new(sectors: usize) -> Self {
        Ram { bytes: vec![0; sectors * SECTOR], present: true, read_only: false }
    }
}

impl Disk for Ram {
    fn sector_size(&mut self) -> u32 {
        SECTOR as u32
    }

    fn sectors(&mut self) -> u32 {
        (self.bytes.len() / SECTOR) as u32
    }

    fn is_read_only(&mut self) -> bool {
        self.read_only
    }

    fn read(&mut self, sector: u32, buf: &mut [u8]) -> Result<()> {
        let at = sector as usize * SECTOR;
        if !self.present {
            return Err(ENODEV);
        }
        buf.copy_from_slice(self.bytes.get(at..at + buf.len()).ok_or(5)?);
        Ok(())
    }

    fn write(&mut self, sector: u32, data: &[u8]) -> Result<()> {
        let at = sector as usize * SECTOR;
        if !self.present {
            return Err(ENODEV);
        }
        self.bytes.get_mut(at..at + data.len()).ok_or(5)?.copy_from_slice(data);
        Ok(())
    }

    fn sync(&mut self) -> Result<()> {
        if self.present { Ok(()) } else { Err(ENODEV) }
    }
}

fn arena() -> &'static Arena {
    let arena: &'static Arena = Box::leak(Box::new(Arena::new()));
    arena.give(Box::leak(vec![0; 1 << 16].into_boxed_slice()));
    arena
}

fn volume(sectors: usize) -> (&'static Arena, Ram, Filesystem) {
    let (arena, mut ram) = (arena(), Ram::new(sectors));
    format(arena, &mut ram).expect("formatted");
    let fs = Filesystem::mount(arena, &mut ram).expect("mounted");
    (arena, ram, fs)
}

fn write() -> Mode {
    Mode { write: true, create: true, truncate: true, ..Mode::default() }
}

fn read() -> Mode {
    Mode { read: true, ..Mode::default() }
}

#[test]
fn files_keep_their_long_names_times_and_contents() {
    let (_, mut ram, mut fs) = volume(256);
    fs.make_dir(&mut ram, "/a folder", NOW).expect("made");
    let path = "/a folder/größe of a long name.text";
    let id = fs.open(&mut ram, path, write(), NOW).expect("opened");
    assert_eq!(fs.write(&mut ram, id, &[b'x'; 3000], NOW), Ok(3000));
    assert_eq!(fs.seek(&mut ram, id, -1, 0), Err(22));
    fs.close(&mut ram, id, NOW).expect("closed");
    let stat = fs.stat(&mut ram, path).expect("is there");
    assert_eq!((stat.is_dir, stat.size, stat.modified_s), (false, 3000, NOW));
    let mut name = [0; 255];
    let dir = fs.open_dir(&mut ram, "/a folder").expect("listed");
    let (len, _) = fs.next_entry(&mut ram, dir, &mut name).expect("read").expect("an entry");
    assert_eq!(core::str::from_utf8(&name[..len]), Ok("größe of a long name.text"));
    assert_eq!(fs.next_entry(&mut ram, dir, &mut name), Ok(None));
    fs.close_dir(&mut ram, dir).expect("closed");
    assert_eq!(fs.remove(&mut ram, "/a folder", true), Err(EACCES));
    fs.rename(&mut ram, path, "/b").expect("renamed");
    fs.remove(&mut ram, "/a folder", true).expect("removed");
    let id = fs.open(&mut ram, "/b", read(), NOW).expect("opened");
    let mut buf = [0; 4000];
    assert_eq!(fs.read(&mut ram, id, &mut buf), Ok(3000));
    fs.close(&mut ram, id, NOW).expect("closed");
}

#[test]
fn a_full_disk_takes_what_fits() {
    let (_, mut ram, mut fs) = volume(64);
    let id = fs.open(&mut ram, "/big", write(), NOW).expect("opened");
    let mut all = 0;
    let error = loop {
        match fs.write(&mut ram, id, &[7; 1000], NOW) {
            Ok(n) => all += n,
            Err(error) => break error,
        }
    };
    assert_eq!(error, ENOSPC);
    fs.close(&mut ram, id, NOW).expect("closed");
    assert_eq!(fs.stat(&mut ram, "/big").map(|stat| stat.size as usize), Ok(all));
    assert_eq!(fs.space(&mut ram).map(|space| space.free), Ok(0));
    fs.remove(&mut ram, "/big", false).expect("removed");
    assert!(fs.space(&mut ram).is_ok_and(|space| space.free > 20));
}

#[test]
fn a_removed_disk_is_named_and_nothing_is_left() {
    let (arena, mut ram, mut fs) = volume(128);
    let id = fs.open(&mut ram, "/f", write(), NOW).expect("opened");
    ram.present = false;
    assert_eq!(fs.sync(&mut ram, id, NOW), Err(ENODEV));
    let _ = fs.close(&mut ram, id, NOW);
    assert_eq!(fs.open_count(), 0);
    drop(fs);
    assert_eq!(Filesystem::mount(arena, &mut ram).map(|_| ()), Err(ENODEV));
    assert_eq!(arena.used(), 0);
}

#[test]
fn a_read_only_disk_is_read() {
    let (arena, mut ram, fs) = volume(128);
    drop(fs);
    ram.read_only = true;
    let mut fs = Filesystem::mount(arena, &mut ram).expect("mounted");
    assert_eq!(fs.open(&mut ram, "/f", write(), NOW), Err(EROFS));
    assert!(fs.stat(&mut ram, "/").is_ok());
}

#[test]
fn who_comes_later_takes_a_file_over_and_nothing_written_is_lost() {
    let (_, mut ram, mut fs) = volume(128);
    let first = fs.open(&mut ram, "/f", write(), NOW).expect("opened");
    fs.write(&mut ram, first, b"first", NOW).expect("written");
    // A reader sees what is written so far.
    let reader = fs.open(&mut ram, "/F", read(), NOW).expect("opened");
    let mut buf = [0; 20];
    assert_eq!(fs.read(&mut ram, reader, &mut buf), Ok(5));
    let append = Mode { write: true, append: true, create: true, ..Mode::default() };
    let second = fs.open(&mut ram, "/f", append, NOW).expect("taken over");
    assert_eq!(fs.write(&mut ram, first, b"late", NOW), Err(9));
    assert_eq!(fs.read(&mut ram, reader, &mut buf), Err(9));
    fs.write(&mut ram, second, b" second", NOW).expect("written");
    fs.rename(&mut ram, "/f", "/g").expect("renamed");
    assert_eq!(fs.close(&mut ram, second, NOW), Err(9));
    let reader = fs.open(&mut ram, "/g", read(), NOW).expect("opened");
    assert_eq!(fs.read(&mut ram, reader, &mut buf), Ok(12));
    assert_eq!(&buf[..12], b"first second");
    fs.remove(&mut ram, "/g", false).expect("removed");
    assert_eq!(fs.close(&mut ram, reader, NOW), Err(9));
    assert_eq!(fs.open_count(), 0);
}

#[test]
fn what_is_no_volume_is_refused_and_drives_run_out_and_come_back() {
    let arena = arena();
    let mut empty = Ram::new(128);
    for _ in 0..20 {
        assert_eq!(Filesystem::mount(arena, &mut empty).map(|_| ()), Err(ENODEV));
    }
    let mut tiny = Ram::new(4);
    assert!(format(arena, &mut tiny).is_err());
    assert_eq!(arena.used(), 0);
}

/// Numbers that look random, the same in every run.
struct Noise(u32);

impl Noise {
    fn next(&mut self, below: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        self.0 as usize % below
    }
}

#[test]
fn a_damaged_volume_is_refused_or_used_without_harm() {
    let (arena, mut sound, mut fs) = volume(256);
    fs.make_dir(&mut sound, "/dir", NOW).expect("made");
    for path in ["/a", "/dir/a long name"] {
        let id = fs.open(&mut sound, path, write(), NOW).expect("opened");
        fs.write(&mut sound, id, &[b'a'; 3000], NOW).expect("written");
        fs.close(&mut sound, id, NOW).expect("closed");
    }
    drop(fs);
    let mut noise = Noise(7);
    let used: Vec<usize> = (0..sound.bytes.len())
        .filter(|&at| sound.bytes[at] != 0 && sound.bytes[at] != b'a')
        .chain(0..64)
        .collect();
    for _ in 0..3000 {
        let mut ram = sound.clone();
        for _ in 0..=noise.next(3) {
            ram.bytes[used[noise.next(used.len())]] = noise.next(256) as u8;
        }
        let Ok(mut fs) = Filesystem::mount(arena, &mut ram) else { continue };
        let mut name = [0; 255];
        for path in ["/", "/dir"] {
            if let Ok(dir) = fs.open_dir(&mut ram, path) {
                let mut count = 0;
                while let Ok(Some(_)) = fs.next_entry(&mut ram, dir, &mut name) {
                    count += 1;
                    assert!(count < 70_000, "no end of entries");
                }
                let _ = fs.close_dir(&mut ram, dir);
            }
        }
        let _ = fs.space(&mut ram);
        for path in ["/a", "/dir/a long name"] {
            if let Ok(id) = fs.open(&mut ram, path, read(), NOW) {
                let mut buf = [0; 5000];
                let _ = fs.read(&mut ram, id, &mut buf);
                let _ = fs.close(&mut ram, id, NOW);
            }
        }
        if let Ok(id) = fs.open(&mut ram, "/new", write(), NOW) {
            let _ = fs.write(&mut ram, id, &[1; 2000], NOW);
            let _ = fs.close(&mut ram, id, NOW);
        }
        let _ = fs.rename(&mut ram, "/a", "/dir/b");
        let _ = fs.remove(&mut ram, "/dir/b", false);
        let _ = fs.make_dir(&mut ram, "/more", NOW);
    }
    assert_eq!(arena.used(), 0);
}
