//! A volume keeps its promises on a device that loses power at any moment, is full, or is broken.

use threadsnake_arena::Arena;
use threadsnake_littlefs::{CORRUPT, Filesystem, Flash, Geometry, Mode, Result, Version, format};
use threadsnake_test_section as _;

const BLOCK: usize = 512;
const EIO: i32 = 5;
const ENOSPC: i32 = 28;

/// Flash in memory that checks its rules: what is written was erased; and stops working when its time is over.
#[derive(Clone)]
struct Ram {
    bytes: Vec<u8>,
    /// Which bytes were written since they were erased.
    written: Vec<bool>,
    /// How many more writes and erases there will be.
    left: usize,
    /// Whether writing to what was not erased is a failure of the test.
    is_strict: bool,
}

impl Ram {
    fn new(blocks: usize) -> Self {
        let bytes = vec![0xff; blocks * BLOCK];
        let written = vec![false; bytes.len()];
        Ram { bytes, written, left: usize::MAX, is_strict: true }
    }

    /// True while there is power; the last write is cut in the middle.
    fn power(&mut self) -> Option<bool> {
        match self.left {
            0 => None,
            usize::MAX => Some(true),
            _ => {
                self.left -= 1;
                Some(self.left > 0)
            }
        }
    }
}

impl Flash for Ram {
    fn read(&mut self, block: u32, offset: u32, buf: &mut [u8]) -> Result<()> {
        let at = block as usize * BLOCK + offset as usize;
        buf.copy_from_slice(self.bytes.get(at..at + buf.len()).ok_or(EIO)?);
        Ok(())
    }

    fn prog(&mut self, block: u32, offset: u32, data: &[u8]) -> Result<()> {
        let at = block as usize * BLOCK + offset as usize;
        self.bytes.get(at..at + data.len()).ok_or(EIO)?;
        let n = if self.power().ok_or(EIO)? { data.len() } else { data.len() / 2 };
        for (i, &byte) in data[..n].iter().enumerate() {
            assert!(
                !self.is_strict || !self.written[at + i],
                "written twice: block {block}, byte {offset}"
            );
            self.bytes[at + i] = byte;
            self.written[at + i] = true;
        }
        if n == data.len() { Ok(()) } else { Err(EIO) }
    }

    fn erase(&mut self, block: u32) -> Result<()> {
        self.bytes.get(block as usize * BLOCK..).filter(|rest| rest.len() >= BLOCK).ok_or(EIO)?;
        let whole = self.power().ok_or(EIO)?;
        let (at, n) = (block as usize * BLOCK, if whole { BLOCK } else { BLOCK / 2 });
        self.bytes[at..at + n].fill(0xff);
        self.written[at..at + n].fill(false);
        if whole { Ok(()) } else { Err(EIO) }
    }

    fn sync(&mut self) -> Result<()> {
        if self.left == 0 { Err(EIO) } else { Ok(()) }
    }
}

fn arena() -> &'static Arena {
    let arena: &'static Arena = Box::leak(Box::new(Arena::new()));
    arena.give(Box::leak(vec![0; 1 << 16].into_boxed_slice()));
    arena
}

fn geometry(blocks: usize) -> Geometry {
    Geometry::new(BLOCK as u32, blocks as u32, 32, 32, 16).expect("a geometry")
}

const WRITE: Mode = Mode {
    read: false,
    write: true,
    append: false,
    create: true,
    exclusive: false,
    truncate: true,
};
const READ: Mode = Mode {
    read: true,
    write: false,
    append: false,
    create: false,
    exclusive: false,
    truncate: false,
};

fn put(fs: &mut Filesystem, ram: &mut Ram, path: &str, data: &[u8]) -> Result<()> {
    let file = fs.open(ram, path, WRITE, Some(1))?;
    let written = fs.write(ram, file, data);
    let closed = fs.close(ram, file);
    written.and(closed)
}

fn get(fs: &mut Filesystem, ram: &mut Ram, path: &str) -> Result<Vec<u8>> {
    let file = fs.open(ram, path, READ, None)?;
    let (mut all, mut part) = (Vec::new(), [0; 100]);
    loop {
        match fs.read(ram, file, &mut part)? {
            0 => break,
            n => all.extend_from_slice(&part[..n]),
        }
    }
    fs.close(ram, file)?;
    Ok(all)
}

#[test]
fn a_file_is_old_or_new_after_a_power_cut_at_any_write() {
    let (arena, geometry) = (arena(), geometry(32));
    let mut before = Ram::new(32);
    format(Version::Two, &geometry, arena, &mut before).expect("formatted");
    let (old, new) = (vec![b'o'; 700], vec![b'n'; 1500]);
    {
        let mut fs =
            Filesystem::mount(Version::Two, &geometry, arena, &mut before).expect("mounted");
        put(&mut fs, &mut before, "/config", &old).expect("written");
        fs.make_dir(&mut before, "/lib").expect("made");
    }
    let mut cuts = 0;
    for left in 1.. {
        let mut ram = before.clone();
        ram.left = left;
        let done = {
            let mut fs =
                Filesystem::mount(Version::Two, &geometry, arena, &mut ram).expect("mounted");
            put(&mut fs, &mut ram, "/config", &new)
                .and_then(|()| fs.rename(&mut ram, "/config", "/lib/config"))
        };
        let survived = ram.left > 0;
        ram.left = usize::MAX;
        let mut fs = Filesystem::mount(Version::Two, &geometry, arena, &mut ram)
            .expect("mounted after a cut");
        let here = get(&mut fs, &mut ram, "/config");
        let there = get(&mut fs, &mut ram, "/lib/config");
        match (here, there) {
            (Ok(data), Err(2)) => {
                assert!(data == old || data == new, "cut {left}: {} bytes", data.len())
            }
            (Err(2), Ok(data)) => assert_eq!(data, new, "cut {left}"),
            other => panic!("cut {left}: {other:?}"),
        }
        // The volume works on.
        put(&mut fs, &mut ram, "/after", b"fine").expect("written after a cut");
        if survived {
            done.expect("no cut");
            break;
        }
        cuts += 1;
    }
    assert!(cuts > 15, "{cuts} cuts");
    assert_eq!(arena.used(), 0);
}

#[test]
fn a_full_volume_says_so_and_goes_on_when_there_is_room() {
    let (arena, geometry, mut ram) = (arena(), geometry(16), Ram::new(16));
    format(Version::Two, &geometry, arena, &mut ram).expect("formatted");
    let mut fs = Filesystem::mount(Version::Two, &geometry, arena, &mut ram).expect("mounted");
    put(&mut fs, &mut ram, "/small", b"kept").expect("written");
    assert_eq!(put(&mut fs, &mut ram, "/big", &[7; 16 * BLOCK]), Err(ENOSPC));
    assert_eq!(get(&mut fs, &mut ram, "/small").as_deref(), Ok(&b"kept"[..]));
    fs.remove(&mut ram, "/big").expect("removed");
    put(&mut fs, &mut ram, "/big", &[7; 4 * BLOCK]).expect("written");
    assert_eq!(fs.open_count(), 0);
}

#[test]
fn what_is_no_volume_is_refused() {
    let (arena, geometry) = (arena(), geometry(16));
    for fill in [0u8, 0xff, b'x'] {
        let mut ram = Ram::new(16);
        ram.bytes.fill(fill);
        let error = Filesystem::mount(Version::Two, &geometry, arena, &mut ram).map(|_| ());
        assert_eq!(error, Err(CORRUPT));
    }
    assert_eq!(Geometry::new(512, 16, 0, 32, 16), Err(22));
    assert_eq!(Geometry::new(500, 16, 32, 32, 16), Err(22));
    assert_eq!(Geometry::new(512, 16, 32, 32, 7), Err(22));
    assert_eq!(arena.used(), 0);
}

#[test]
fn without_memory_nothing_is_opened_and_nothing_lost() {
    let arena: &'static Arena = Box::leak(Box::new(Arena::new()));
    arena.give(Box::leak(vec![0; 2048].into_boxed_slice()));
    let (geometry, mut ram) = (geometry(16), Ram::new(16));
    format(Version::Two, &geometry, arena, &mut ram).expect("formatted");
    let mut fs = Filesystem::mount(Version::Two, &geometry, arena, &mut ram).expect("mounted");
    let used = arena.used();
    let mut open = Vec::new();
    let error = loop {
        match fs.open(&mut ram, &format!("/f{}", open.len()), WRITE, None) {
            Ok(id) => open.push(id),
            Err(error) => break error,
        }
    };
    assert_eq!(error, 12, "{} files", open.len());
    for id in open {
        fs.write(&mut ram, id, b"kept").expect("written");
        fs.close(&mut ram, id).expect("closed");
        assert_eq!(fs.close(&mut ram, id), Err(9), "closed twice");
    }
    assert_eq!(arena.used(), used);
    assert_eq!(get(&mut fs, &mut ram, "/f0").as_deref(), Ok(&b"kept"[..]));
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

/// Everything that can be done with a volume; errors are fine, an end must come.
fn use_everything(fs: &mut Filesystem, ram: &mut Ram) {
    let mut name = [0; 255];
    for path in ["/", "/dir"] {
        if let Ok(dir) = fs.open_dir(ram, path) {
            for _ in 0..100 {
                match fs.next_entry(ram, dir, &mut name) {
                    Ok(Some(_)) => {}
                    _ => break,
                }
            }
            let _ = fs.close_dir(ram, dir);
        }
    }
    let _ = fs.used_blocks(ram);
    for path in ["/a", "/dir/b"] {
        let _ = fs.stat(ram, path);
        if let Ok(file) = fs.open(ram, path, READ, None) {
            let _ = fs.seek(ram, file, 900, 0);
            let mut buf = [0; 2000];
            let _ = fs.read(ram, file, &mut buf);
            let _ = fs.close(ram, file);
        }
    }
    let _ = put(fs, ram, "/new", &[1; 700]);
    let _ = fs.rename(ram, "/a", "/dir/c");
    let _ = fs.remove(ram, "/dir/b");
    let _ = fs.make_dir(ram, "/more");
}

#[test]
fn a_damaged_volume_is_refused_or_used_without_harm() {
    let (arena, geometry) = (arena(), geometry(32));
    let mut sound = Ram::new(32);
    format(Version::Two, &geometry, arena, &mut sound).expect("formatted");
    {
        let mut fs =
            Filesystem::mount(Version::Two, &geometry, arena, &mut sound).expect("mounted");
        put(&mut fs, &mut sound, "/a", &[b'a'; 1800]).expect("written");
        fs.make_dir(&mut sound, "/dir").expect("made");
        put(&mut fs, &mut sound, "/dir/b", b"short").expect("written");
    }
    // What a damaged volume writes where is not the device's affair.
    sound.is_strict = false;
    let mut noise = Noise(1);
    let used: Vec<usize> = (0..sound.bytes.len()).filter(|&at| sound.bytes[at] != 0xff).collect();
    for _ in 0..1500 {
        let mut ram = sound.clone();
        for _ in 0..=noise.next(3) {
            let at = used[noise.next(used.len())];
            ram.bytes[at] ^= 1 << noise.next(8);
        }
        // A device that answers nothing but this many calls ends what would not end.
        ram.left = 3000;
        if let Ok(mut fs) = Filesystem::mount(Version::Two, &geometry, arena, &mut ram) {
            use_everything(&mut fs, &mut ram);
        }
        assert_ne!(ram.left, 0, "no end of writing");
    }
    assert_eq!(arena.used(), 0);
}
