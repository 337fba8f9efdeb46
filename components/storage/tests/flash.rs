//! A native volume that is no host's: paths reach it absolute and without dots, whatever the script wrote; the current
//! directory is Python's; errors come out as they are.
//!
//! The volume keeps files in memory and answers as a real one would. One VM a program; programs are assertions.

use std::collections::BTreeMap;
use std::sync::Mutex;
use threadsnake_storage::volume::{
    DirId, Entry, EntryKind, Errno, FileId, Reply, Request, Stat, Volume, VolumeStat, register,
};
use threadsnake_storage::{MODULES, VFS_POSIX, import_stat, open};
use threadsnake_test_section as _;
use threadsnake_vm::compiler::Mode;
use threadsnake_vm::heap::Region;
use threadsnake_vm::host::{Host, PathKind};
use threadsnake_vm::object::{RomType, StrBuilder, Whence};
use threadsnake_vm::value::Value;
use threadsnake_vm::{Raise, StackBounds, Vm, VmConfig, VmHandle};

/// What the volume knows; directories have no contents.
#[derive(Default)]
struct State {
    entries: BTreeMap<String, Option<Vec<u8>>>,
    /// Path and position of each open file.
    files: Vec<Option<(String, usize)>>,
    dirs: Vec<Option<Vec<Child>>>,
}

/// Name, kind and size.
type Child = (String, EntryKind, usize);

struct Flash(Mutex<Option<State>>);

static FLASH: Flash = Flash(Mutex::new(None));

fn parent(path: &str) -> &str {
    &path[..path.rfind('/').unwrap_or(0)]
}

impl State {
    fn is_dir(&self, path: &str) -> bool {
        matches!(path, "/" | "") || self.entries.get(path) == Some(&None)
    }

    fn children(&self, path: &str) -> Vec<Child> {
        let top = if path == "/" { "" } else { path };
        let below = |name: &String| parent(name) == top;
        let entries = self.entries.iter().filter(|(name, _)| below(name));
        entries
            .map(|(name, data)| {
                let kind = if data.is_some() { EntryKind::File } else { EntryKind::Directory };
                (name[top.len() + 1..].to_owned(), kind, data.as_ref().map_or(0, Vec::len))
            })
            .rev()
            .collect()
    }

    fn file(&mut self, id: FileId) -> Result<(&mut Vec<u8>, &mut usize), Errno> {
        let Some(Some((path, at))) = self.files.get_mut(id.0 as usize) else {
            return Err(Errno::EBADF);
        };
        match self.entries.get_mut(path) {
            Some(Some(data)) => Ok((data, at)),
            _ => Err(Errno::EIO),
        }
    }

    fn perform(&mut self, request: Request<'_>) -> Result<Reply, Errno> {
        if let Request::Open { path, .. } | Request::Stat { path } | Request::MakeDir { path } =
            &request
        {
            assert!(path.starts_with('/'), "{path}");
            let is_clean = |part: &str| !matches!(part, "" | "." | "..");
            assert!(*path == "/" || path[1..].split('/').all(is_clean), "{path}");
        }
        match request {
            Request::Open { path, mode } => {
                if self.is_dir(path) {
                    return Err(Errno::EISDIR);
                }
                if !self.is_dir(parent(path)) {
                    return Err(Errno::ENOENT);
                }
                match self.entries.get(path) {
                    Some(_) if mode.exclusive => return Err(Errno::EEXIST),
                    None if !mode.create => return Err(Errno::ENOENT),
                    Some(_) if !mode.truncate => {}
                    _ => drop(self.entries.insert(path.to_owned(), Some(Vec::new()))),
                }
                let at = self.entries[path].as_ref().map_or(0, Vec::len);
                self.files.push(Some((path.to_owned(), if mode.append { at } else { 0 })));
                let file = FileId(self.files.len() as u32 - 1);
                Ok(Reply::File { file, is_seekable: true })
            }
            Request::Read { file, buf } => {
                let (data, at) = self.file(file)?;
                let rest = data.get(*at..).unwrap_or_default();
                // As a slow device: never all at once.
                let n = rest.len().min(buf.len()).min(7);
                buf[..n].copy_from_slice(&rest[..n]);
                *at += n;
                Ok(Reply::Count(n))
            }
            Request::Write { file, data: new } => {
                let (data, at) = self.file(file)?;
                let n = new.len().min(5);
                if data.len() + n > 4096 {
                    return Err(Errno::ENOSPC);
                }
                data.resize(data.len().max(*at + n), 0);
                data[*at..*at + n].copy_from_slice(&new[..n]);
                *at += n;
                Ok(Reply::Count(n))
            }
            Request::Seek { file, offset, whence } => {
                let (data, at) = self.file(file)?;
                let base = match whence {
                    Whence::Start => 0,
                    Whence::Current => *at,
                    Whence::End => data.len(),
                };
                *at = usize::try_from(base as i64 + offset).map_err(|_| Errno::EINVAL)?;
                Ok(Reply::Position(*at as u64))
            }
            Request::Flush { file } => self.file(file).map(|_| Reply::Done),
            Request::Close { file } => {
                match self.files.get_mut(file.0 as usize).map(Option::take) {
                    Some(Some(_)) => Ok(Reply::Done),
                    _ => Err(Errno::EBADF),
                }
            }
            Request::OpenDir { path } => {
                if !self.is_dir(path) {
                    return Err(Errno::ENOENT);
                }
                let children = self.children(path);
                self.dirs.push(Some(children));
                Ok(Reply::Dir(DirId(self.dirs.len() as u32 - 1)))
            }
            Request::NextEntry { dir, name } => {
                let Some(Some(left)) = self.dirs.get_mut(dir.0 as usize) else {
                    return Err(Errno::EBADF);
                };
                let Some((text, kind, size)) = left.pop() else { return Ok(Reply::Entry(None)) };
                name[..text.len()].copy_from_slice(text.as_bytes());
                let size = Some(size as u64);
                Ok(Reply::Entry(Some(Entry { name_len: text.len(), kind, inode: 0, size })))
            }
            Request::CloseDir { dir } => {
                match self.dirs.get_mut(dir.0 as usize).map(Option::take) {
                    Some(Some(_)) => Ok(Reply::Done),
                    _ => Err(Errno::EBADF),
                }
            }
            Request::Stat { path } => {
                let (mode, size) = match self.entries.get(path) {
                    _ if self.is_dir(path) => (0x4000, 0),
                    Some(Some(data)) => (0x8000, data.len() as u64),
                    _ => return Err(Errno::ENOENT),
                };
                let times = [0, 946_684_800 + 5, 7];
                Ok(Reply::Stat(Stat { mode, size, times, ..Stat::default() }))
            }
            Request::VolumeStat { .. } => {
                Ok(Reply::VolumeStat(VolumeStat { block_size: 4096, ..VolumeStat::default() }))
            }
            Request::MakeDir { path } => {
                if self.entries.contains_key(path) {
                    return Err(Errno::EEXIST);
                }
                if !self.is_dir(parent(path)) {
                    return Err(Errno::ENOENT);
                }
                self.entries.insert(path.to_owned(), None);
                Ok(Reply::Done)
            }
            Request::RemoveDir { path } if !self.children(path).is_empty() => Err(Errno::ENOTEMPTY),
            Request::RemoveDir { path } | Request::Remove { path } => {
                self.entries.remove(path).map(|_| Reply::Done).ok_or(Errno::ENOENT)
            }
            Request::Rename { from, to } => {
                let entry = self.entries.remove(from).ok_or(Errno::ENOENT)?;
                self.entries.insert(to.to_owned(), entry);
                Ok(Reply::Done)
            }
            Request::Sync => Ok(Reply::Done),
            _ => Err(Errno::ENOSYS),
        }
    }
}

impl Volume for Flash {
    fn perform(&self, request: Request<'_>) -> Result<Reply, Errno> {
        self.0.lock().expect("no panic").get_or_insert_default().perform(request)
    }

    fn filesystem_type(&self) -> &'static RomType {
        &VFS_POSIX
    }
}

struct Bare;

impl Host for Bare {
    fn ticks_us(&self) -> u64 {
        0
    }
    fn unix_time_ns(&self) -> Option<u64> {
        None
    }
    fn gil_take(&self) {}
    fn gil_give(&self) {}
    fn gil_yield(&self) {}
    fn wait(&self, _: Option<u64>) {}
    fn wake(&self) {}
    fn console_write(&self, bytes: &[u8]) {
        print!("{}", String::from_utf8_lossy(bytes));
    }
    fn console_read(&self, _: &mut [u8], _: Option<u64>) -> usize {
        0
    }
    fn console_eof(&self) -> bool {
        true
    }
    fn console_readable(&self) -> bool {
        false
    }
    fn entropy(&self, _: &mut [u8]) -> bool {
        false
    }
    fn import_stat(&self, vm: &mut Vm, path: &str) -> Result<PathKind, Raise> {
        import_stat(vm, path)
    }
    fn open(&self, vm: &mut Vm, path: Value, mode: &str) -> Result<Value, Raise> {
        open(vm, path, mode)
    }
    fn platform(&self) -> &'static str {
        "test"
    }
    fn machine(&self) -> &'static str {
        "test"
    }
    fn epoch_offset_s(&self) -> u64 {
        946_684_800
    }
}

/// Runs a program in a new VM over an empty volume; returns how many files and directories it left open.
fn run(program: &str) -> (usize, usize) {
    static MODULE_LISTS: &[&[&threadsnake_vm::object::RomModule]] = &[MODULES];
    *FLASH.0.lock().expect("no panic") = None;
    let size = 1 << 18;
    let mut memory = vec![0u128; size / 16];
    let regions = [Region { start: memory.as_mut_ptr().cast(), len: size }];
    let config =
        VmConfig { regions: &regions, host: &Bare, modules: MODULE_LISTS, value_stack_limit: 0 };
    // SAFETY: nobody else uses the memory while the VM exists, which is until this function returns.
    let handle = unsafe { VmHandle::create(&config) }.expect("enough memory");
    let here = 0u8;
    let stack = StackBounds { limit: (&raw const here).addr() - (1 << 20) };
    // SAFETY: the VM lives, this thread is not attached, and the limit lies in its stack of 2 MiB.
    let error = unsafe {
        handle.attach(stack, |vm| {
            let globals = vm.main_globals();
            match vm.exec_source(&mut program.as_bytes(), "test", Mode::Module, globals) {
                Ok(_) => None,
                Err(_) => {
                    let exception = vm.take_exception();
                    let mut out = StrBuilder::new();
                    vm.format_exception(exception, &mut out).expect("memory");
                    Some(String::from_utf8_lossy(out.as_bytes()).into_owned())
                }
            }
        })
    };
    assert_eq!(error, Ok(None), "{program}");
    // SAFETY: nobody is attached, and the handle is not used again.
    unsafe { handle.destroy(stack) };
    let mut state = FLASH.0.lock().expect("no panic");
    let state = state.get_or_insert_default();
    (state.files.iter().flatten().count(), state.dirs.iter().flatten().count())
}

const PRELUDE: &str = "\
import os, vfs, sys
def error(f, *args):
    try:
        f(*args)
    except OSError as e:
        return e.errno
";

/// The programs share a volume, so they run one after another.
fn check(program: &str) {
    static ONE: Mutex<bool> = Mutex::new(false);
    let mut registered = ONE.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if !*registered {
        *registered = register(&FLASH, "/flash");
    }
    let left = run(&format!("{PRELUDE}{program}"));
    assert_eq!(left, (0, 0), "left open: {program}");
}

#[test]
fn the_first_volume_is_where_a_script_begins() {
    check(
        "assert os.getcwd() == '/flash' and os.listdir() == [] and os.listdir('/') == ['flash']\n\
         assert vfs.mount()[0][1] == '/flash' and os.stat('/')[0] == 0x4000 and error(os.mkdir, '/flash') == 17\n\
         assert error(os.stat, '/other') == 19 and error(open, '/other/x') == 2 and error(os.urandom, 4) == 19\n\
         assert not hasattr(os, 'getenv') and not hasattr(os, 'system')\n",
    );
}

#[test]
fn dots_are_resolved_before_the_volume_sees_them_and_never_lead_out() {
    check(
        "os.mkdir('a'); os.mkdir('a/b'); os.mkdir('./a/./c')\n\
         with open('a/b/../x', 'w') as f: f.write('text')\n\
         assert open('/flash//a//x').read() == 'text'\n\
         os.chdir('a/b'); assert os.getcwd() == '/flash/a/b' and open('../x').read() == 'text'\n\
         os.chdir('../../../../..'); assert os.getcwd() == '/flash', os.getcwd()\n\
         assert open('../../../a/x').read() == 'text' and error(open, '../etc/passwd') == 2\n\
         os.chdir('/flash/a/c/..'); assert os.getcwd() == '/flash/a' and os.listdir('..') == ['a']\n\
         assert error(os.chdir, 'x') == 20 and error(os.chdir, 'nowhere') == 2 and os.getcwd() == '/flash/a'\n\
         assert [e for e in os.ilistdir()] == [('b', 0x4000, 0, 0), ('c', 0x4000, 0, 0), ('x', 0x8000, 0, 4)]\n\
         os.chdir('/'); assert os.getcwd() == '/' and open('flash/a/x').read() == 'text' and error(open, 'a/x') == 2\n",
    );
}

#[test]
fn files_read_and_write_whole_on_a_volume_that_does_a_little_at_a_time() {
    check(
        "text = ''.join('%03d é\\n' % i for i in range(90))\n\
         with open('t', 'w') as f: assert f.write(text) == 630 and f.tell() == 630\n\
         f = open('t'); assert f.read() == text; f.seek(0); assert f.readlines()[89] == '089 é\\n'\n\
         f.seek(7); assert f.readline() == '001 é\\n' and f.tell() == 14 and f.read(4) == '002 '; f.close()\n\
         f = open('t', 'r+b'); f.read(3); f.write(b'#'); assert f.read(3) == b'\\xc3\\xa9\\n' and f.tell() == 7\n\
         b = bytearray(600); assert f.readinto(b) == 600 and f.readinto(b) == 23; f.close()\n\
         with open('t', 'a') as f: f.write('end')\n\
         assert open('t').read()[-4:] == '\\nend' and error(open, 't', 'x') == 17 and error(open, 'no/t', 'w') == 2\n\
         assert error(lambda: open('big', 'w').write('x' * 5000)) == 28 and os.stat('big')[6] == 4095\n\
         assert os.stat('t')[7:] == (0, 5, 0) and os.statvfs('/flash')[0] == 4096\n",
    );
}

#[test]
fn directories_change_and_refuse_as_the_volume_says() {
    check(
        "os.mkdir('d'); open('d/f', 'w').close(); assert error(os.mkdir, 'd') == 17 and error(os.rmdir, 'd') == 39\n\
         os.rename('d/f', 'g'); os.rmdir('d'); assert os.listdir() == ['g'] and error(open, 'd') == 2\n\
         os.remove('g'); assert error(os.remove, 'g') == 2 and os.listdir(b'') == []\n\
         fs = vfs.mount()[0][0]; os.mkdir('s'); vfs.umount(fs); vfs.mount(fs, '/ro', readonly=True)\n\
         assert os.getcwd() == '/' and error(os.rmdir, '/ro/s') == 30 and error(open, '/ro/x', 'a') == 30\n\
         assert error(os.rename, '/ro/s', '/ro/t') == 30 and os.listdir('/ro') == ['s']; os.sync()\n",
    );
}

#[test]
fn import_finds_modules_and_packages_and_closes_their_files() {
    check(
        "os.mkdir('p')\n\
         for name, text in ('m.py', 'import p.q\\nx = 1'), ('p/__init__.py', ''), ('p/q.py', 'y = 2'), ('bad.py', 'x = ='):\n\
         \x20with open(name, 'w') as f: f.write(text)\n\
         sys.path[:] = ['']; import m; assert m.x == 1 and m.p.q.y == 2 and m.__file__ == 'm.py'\n\
         try: import bad\n\
         except SyntaxError: pass\n\
         try: import missing\n\
         except ImportError: pass\n",
    );
}

#[test]
fn what_nobody_closed_is_closed_with_the_vm() {
    check(
        "keep = [open('f%d' % i, 'w') for i in range(9)]; d = os.ilistdir(); next(d); keep[0].close()",
    );
}
