//! `vfs.VfsRom`: the read-only file system that lies in memory as one image, and its files.
//!
//! An image is a record: a kind and a length, both numbers of 7 bits a byte with the highest first, and that many bytes.
//! Directories and files are records in records. Everything is looked up in the image when it is asked for; an image that
//! is damaged, or changes while it is mounted, has fewer files, and nothing is read outside it.
//!
//! A file gives its bytes where they lie (`memoryview(file)`), so that what is in flash needs no heap.
//!
//! Source: MicroPython documentation, "ROMFS", "vfs.VfsRom".

use core::ops::Range;

use threadsnake_vm::object::{Args, Buffer, Ioctl, Native, Res, RomType, StreamSlots, Whence};
use threadsnake_vm::types::OBJECT;
use threadsnake_vm::types::stream::{IOBASE, itself, next};
use threadsnake_vm::value::names::q;
use threadsnake_vm::value::{Kind, Value};
use threadsnake_vm::{Raise, Vm, py_type};

use crate::filesystem::raise;
use crate::table::path_arg;
use crate::volume::{EntryKind, Errno};

py_type! {
    /// `vfs.VfsRom(buffer)`: the file system whose image `buffer` begins with; `OSError(ENODEV)` for another thing.
    pub static VFS_ROM: VfsRom, base OBJECT;
    slots { new: rom_new, is_final: true }
    entries {
        mount = F3(rom_mount);
        umount = F1(rom_umount);
        open = F3(rom_open);
        ilistdir = Var(1, 2, rom_ilistdir);
        chdir = F2(rom_chdir);
        getcwd = F1(rom_getcwd);
        mkdir = F2(read_only);
        rmdir = F2(read_only);
        remove = F2(read_only);
        rename = F3(rom_rename);
        stat = F2(rom_stat);
        statvfs = F2(rom_statvfs);
    }
}

py_type! {
    /// A binary file of it, with the buffer protocol.
    pub static FILE: FileIO, base IOBASE;
    slots { iter: itself, next: next, stream: &BINARY, buffer: window, is_final: true }
    entries {}
}

py_type! {
    /// A text file of it.
    pub static TEXT_FILE: TextIOWrapper, base IOBASE;
    slots { iter: itself, next: next, stream: &TEXT, is_final: true }
    entries {}
}

static BINARY: StreamSlots = slots(false);
static TEXT: StreamSlots = slots(true);

const fn slots(is_text: bool) -> StreamSlots {
    StreamSlots { read, write, seek: Some(seek), ioctl, is_text }
}

/// Word: the bytes-like object with the image, or with the image that a file is in; `None` for a closed file.
const OWNER: usize = 0;
/// Words: where in its bytes the image's records or the file begin, and how many bytes they are.
const START: usize = 1;
const LEN: usize = 2;
/// Word of a file: the position.
const POSITION: usize = 3;

/// The kind of the record that is an image.
const IMAGE: usize = 0x14_a6b1;
/// Kinds of the records in it; what has another one is skipped.
mod kind {
    pub const UNUSED: usize = 0;
    pub const DATA: usize = 2;
    pub const DATA_ELSEWHERE: usize = 3;
    pub const DIRECTORY: usize = 4;
    pub const FILE: usize = 5;
}

/// A file or directory: its name, and the file's bytes or the directory's records.
struct Entry<'a> {
    name: &'a [u8],
    is_dir: bool,
    body: &'a [u8],
}

/// Takes a number from the front. Where there is none nothing is left, and it is more than can be taken.
fn take_number(rest: &mut &[u8]) -> usize {
    let mut n: u32 = 0;
    while let Some((&byte, after)) = rest.split_first() {
        *rest = after;
        n = n << 7 | u32::from(byte & 127);
        if byte < 128 {
            return n as usize;
        }
    }
    usize::MAX
}

/// Takes so many bytes; of what is not all there nothing, and nothing is left.
fn take<'a>(rest: &mut &'a [u8], len: usize) -> Option<&'a [u8]> {
    let (taken, after) = rest.split_at_checked(len).unwrap_or_default();
    *rest = after;
    if taken.len() == len { Some(taken) } else { None }
}

/// Takes a record: its kind and its bytes; nothing unused at the end, and where the image makes no sense.
fn take_record<'a>(rest: &mut &'a [u8]) -> (usize, &'a [u8]) {
    let kind = take_number(rest);
    let len = take_number(rest);
    match take(rest, len) {
        Some(bytes) => (kind, bytes),
        None => (kind::UNUSED, &[]),
    }
}

/// Takes the next file or directory; `None` at the end, and where the image makes no sense.
fn take_entry<'a>(image: &'a [u8], rest: &mut &'a [u8]) -> Option<Entry<'a>> {
    loop {
        let (kind, mut body) = take_record(rest);
        let is_dir = kind == kind::DIRECTORY;
        if is_dir || kind == kind::FILE {
            let len = take_number(&mut body);
            let name = take(&mut body, len)?;
            let body = if is_dir { body } else { contents(image, body)? };
            return Some(Entry { name, is_dir, body });
        }
        if kind == kind::UNUSED {
            return None;
        }
    }
}

/// The bytes of a file with these records.
fn contents<'a>(image: &'a [u8], mut records: &'a [u8]) -> Option<&'a [u8]> {
    loop {
        let (kind, mut data) = take_record(&mut records);
        match kind {
            kind::UNUSED => return None,
            kind::DATA => return Some(data),
            kind::DATA_ELSEWHERE => {
                let len = take_number(&mut data);
                let start = take_number(&mut data);
                return take(&mut image.get(start..)?, len);
            }
            _ => {}
        }
    }
}

/// The directory or file at a path from the root: whether it is a directory, and what it has.
fn find<'a>(image: &'a [u8], path: &[u8]) -> Option<(bool, &'a [u8])> {
    let mut found = (true, image);
    for name in path.split(|&byte| byte == b'/').filter(|name| !name.is_empty()) {
        let (is_dir, mut rest) = found;
        if !is_dir {
            return None;
        }
        found = loop {
            let entry = take_entry(image, &mut rest)?;
            if entry.name == name {
                break (entry.is_dir, entry.body);
            }
        };
    }
    Some(found)
}

/// Where a part of an image is in it.
fn place(image: &[u8], part: &[u8]) -> Range<usize> {
    let start = part.as_ptr().addr().wrapping_sub(image.as_ptr().addr());
    start..start + part.len()
}

/// The bytes of an image's records, or of an open file.
fn window(vm: &Vm, this: Value) -> Option<Buffer> {
    let native = Native::from_known(this);
    let [start, len] =
        [START, LEN].map(|word| native.get(vm, word).as_small_int().unwrap_or(0) as usize);
    Some(Buffer::of(vm, native.get(vm, OWNER))?.slice(vm, start..start + len))
}

/// The records of the image that `self` is.
fn image(vm: &mut Vm, this: Value) -> Result<Buffer, Raise> {
    if !this.is_kind(Kind::Native) || Native::from_known(this).class() != VFS_ROM.value() {
        return Err(raise(vm, Errno::EINVAL));
    }
    match window(vm, this) {
        Some(records) => Ok(records),
        None => Err(raise(vm, Errno::ENODEV)),
    }
}

/// What a path names in an image: whether that is a directory, and its part of the image, which is first.
fn look(vm: &mut Vm, this: Value, path: Value) -> Result<(Buffer, bool, Range<usize>), Raise> {
    let image = image(vm, this)?;
    let path = path_arg(vm, path)?;
    let bytes = image.bytes(vm);
    match find(bytes, path.as_bytes()) {
        Some((is_dir, part)) => Ok((image, is_dir, place(bytes, part))),
        None => Err(raise(vm, Errno::ENOENT)),
    }
}

/// An object for a part of a buffer.
fn part_of(vm: &mut Vm, class: &'static RomType, whole: Buffer, part: Range<usize>) -> Res {
    let start = whole.start() + part.start;
    let words = [whole.owner(), Value::from_len(start), Value::from_len(part.len()), Value::int(0)];
    Ok(Native::new(vm, class.value(), &words)?.value())
}

fn rom_new(vm: &mut Vm, _class: Value, args: Args<'_>) -> Res {
    let &[object] = args.pos else { return Err(vm.wrong_count(1, 1, args.pos.len())) };
    let buffer = vm.expect_buffer(object)?;
    let bytes = buffer.bytes(vm);
    match take_record(&mut &*bytes) {
        (IMAGE, records) => {
            let records = place(bytes, records);
            part_of(vm, &VFS_ROM, buffer, records)
        }
        _ => Err(raise(vm, Errno::ENODEV)),
    }
}

/// `mount(readonly, mkfs)`
fn rom_mount(vm: &mut Vm, this: Value, _read_only: Value, mkfs: Value) -> Res {
    image(vm, this)?;
    if vm.truth(mkfs)? { Err(raise(vm, Errno::EPERM)) } else { Ok(Value::NONE) }
}

fn rom_umount(_vm: &mut Vm, _this: Value) -> Res {
    Ok(Value::NONE)
}

fn rom_open(vm: &mut Vm, this: Value, path: Value, mode: Value) -> Res {
    let mode = path_arg(vm, mode)?;
    if mode.as_bytes().iter().any(|letter| !b"rbt".contains(letter)) {
        return Err(raise(vm, Errno::EROFS));
    }
    let is_text = !mode.as_bytes().contains(&b'b');
    let (image, is_dir, part) = look(vm, this, path)?;
    if is_dir {
        return Err(raise(vm, Errno::EISDIR));
    }
    part_of(vm, if is_text { &TEXT_FILE } else { &FILE }, image, part)
}

/// `ilistdir([path])`: an iterator of `(name, type, 0, size)`; names are bytes where the path is.
fn rom_ilistdir(vm: &mut Vm, args: &[Value]) -> Res {
    let path = args.get(1).copied().unwrap_or(q::EMPTY.value());
    let (image, is_dir, mut left) = look(vm, args[0], path)?;
    if !is_dir {
        return Err(raise(vm, Errno::ENOTDIR));
    }
    let out = vm.new_list()?;
    loop {
        // The image may change while objects are made; what was taken from it does not.
        let bytes = image.bytes(vm);
        let mut rest = bytes.get(left.clone()).unwrap_or_default();
        let Some(Entry { name, is_dir, body }) = take_entry(bytes, &mut rest) else { break };
        left.start = left.end - rest.len();
        let (name, size) = (place(bytes, name), Value::from_len(body.len()));
        let name = image.slice(vm, name).to_bytes(vm)?;
        let name = if path.is_kind(Kind::Str) {
            vm.new_str(core::str::from_utf8(name.as_bytes()).unwrap_or("\u{fffd}"))?
        } else {
            name.value()
        };
        let items = [name, mode_of(is_dir), Value::int(0), size];
        let tuple = vm.new_tuple(&items)?;
        out.push(vm, tuple)?;
    }
    vm.iter(out.value())
}

fn mode_of(is_dir: bool) -> Value {
    let kind = if is_dir { EntryKind::Directory } else { EntryKind::File };
    Value::int(kind.mode() as i32)
}

/// `chdir(path)`: there is only the root to go to.
fn rom_chdir(vm: &mut Vm, this: Value, path: Value) -> Res {
    image(vm, this)?;
    match path_arg(vm, path)?.as_bytes() {
        b"" | b"/" => Ok(Value::NONE),
        _ => Err(raise(vm, Errno::EOPNOTSUPP)),
    }
}

fn rom_getcwd(_vm: &mut Vm, _this: Value) -> Res {
    Ok(q::SLASH.value())
}

fn read_only(vm: &mut Vm, _this: Value, _path: Value) -> Res {
    Err(raise(vm, Errno::EROFS))
}

fn rom_rename(vm: &mut Vm, this: Value, from: Value, _to: Value) -> Res {
    read_only(vm, this, from)
}

fn rom_stat(vm: &mut Vm, this: Value, path: Value) -> Res {
    let (_, is_dir, part) = look(vm, this, path)?;
    let mut items = [Value::int(0); 10];
    items[0] = mode_of(is_dir);
    items[6] = Value::from_len(part.len());
    vm.new_tuple(&items)
}

/// `statvfs(path)`: blocks of one byte, as many as the image has.
fn rom_statvfs(vm: &mut Vm, this: Value, _path: Value) -> Res {
    let mut items = [Value::int(0); 10];
    items[0] = Value::int(1);
    items[2] = Value::from_len(image(vm, this)?.len(vm));
    items[9] = Value::int(i16::MAX.into());
    vm.new_tuple(&items)
}

/// The bytes and the position of an open file.
fn open_file(vm: &mut Vm, this: Value) -> Result<(Buffer, usize), Raise> {
    match window(vm, this) {
        Some(bytes) => {
            let position = Native::from_known(this).get(vm, POSITION).as_small_int();
            Ok((bytes, position.unwrap_or(0) as usize))
        }
        None => Err(raise(vm, Errno::EINVAL)),
    }
}

fn read(vm: &mut Vm, this: Value, buf: &mut [u8]) -> Result<Option<usize>, Raise> {
    let (bytes, position) = open_file(vm, this)?;
    let rest = bytes.bytes(vm).get(position..).unwrap_or_default();
    let n = rest.len().min(buf.len());
    buf[..n].copy_from_slice(&rest[..n]);
    Native::from_known(this).set(vm, POSITION, Value::from_len(position + n));
    Ok(Some(n))
}

fn write(vm: &mut Vm, _this: Value, _bytes: &[u8]) -> Result<Option<usize>, Raise> {
    Err(raise(vm, Errno::EROFS))
}

/// `EINVAL` before the start; what is beyond the end is the end.
fn seek(vm: &mut Vm, this: Value, offset: i64, whence: Whence) -> Result<u64, Raise> {
    let (bytes, position) = open_file(vm, this)?;
    let len = bytes.len(vm);
    let from = match whence {
        Whence::Start => 0,
        Whence::Current => position,
        Whence::End => len,
    };
    let Some(position) = (from as u64).checked_add_signed(offset) else {
        return Err(raise(vm, Errno::EINVAL));
    };
    let position = position.min(len as u64);
    Native::from_known(this).set(vm, POSITION, Value::from_len(position as usize));
    Ok(position)
}

fn ioctl(vm: &mut Vm, this: Value, request: Ioctl, _argument: usize) -> Result<usize, Raise> {
    match request {
        Ioctl::Close => Native::from_known(this).set(vm, OWNER, Value::NONE),
        Ioctl::Flush => {}
        _ => return Err(raise(vm, Errno::EINVAL)),
    }
    Ok(0)
}
