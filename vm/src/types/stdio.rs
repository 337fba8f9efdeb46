//! `sys.stdin`, `sys.stdout`, `sys.stderr`: the console as streams, text and binary.
//!
//! The text streams know the newlines of a serial line; their `buffer` passes bytes as they are. They cannot be
//! closed. An object holds its number (0, 1, 2) and, once asked for, its `buffer`.
//!
//! Source: Python Library Reference, `sys.stdin`; MicroPython library reference, "sys".

use crate::object::{AttrOp, Ioctl, Native, Res, RomType, StrBuilder, StreamSlots, Style, poll};
use crate::value::Value;
use crate::value::names::q;
use crate::{Raise, Vm, py_type};

use super::stream::{IOBASE, errno, itself, next};

py_type! {
    /// The type of `sys.stdin` and the others.
    pub static TEXT_STDIO: TextIOWrapper, base IOBASE;
    slots { repr: stdio_repr, iter: itself, next: next, attr: stdio_attr, stream: &TEXT, is_final: true }
    entries {}
}

py_type! {
    /// The type of `sys.stdin.buffer` and the others.
    pub static BINARY_STDIO: FileIO, base IOBASE;
    slots { repr: stdio_repr, iter: itself, next: next, stream: &BINARY, is_final: true }
    entries {}
}

static TEXT: StreamSlots =
    StreamSlots { read: read_text, write: write_text, seek: None, ioctl, is_text: true };
static BINARY: StreamSlots = StreamSlots { read, write, seek: None, ioctl, is_text: false };

/// Word: the number.
const NUMBER: usize = 0;
/// Word: the binary twin.
const TWIN: usize = 1;

/// Which stream is asked for; 1 is `stdout`.
const STDIN: usize = 0;
const STDERR: usize = 2;

fn new(vm: &mut Vm, class: &'static RomType, number: usize) -> Res {
    Ok(Native::new(vm, class.value(), &[Value::from_len(number), Value::UNDEF])?.value())
}

fn number(vm: &Vm, this: Value) -> usize {
    Native::from_known(this).get(vm, NUMBER).known_int() as usize
}

impl Vm {
    /// `sys.stdin` (0), `sys.stdout` (1), `sys.stderr` (2): the console's, or what the script put in its place.
    pub fn stdio(&mut self, number: usize) -> Res {
        let now = self.shared().roots.streams[number];
        if !now.is_undef() {
            return Ok(now);
        }
        let stream = new(self, &TEXT_STDIO, number)?;
        self.shared_mut().roots.streams[number] = stream;
        Ok(stream)
    }

    /// Puts something in the place of `sys.stdin` (0), `sys.stdout` (1) or `sys.stderr` (2).
    pub fn set_stdio(&mut self, number: usize, stream: Value) {
        self.shared_mut().roots.streams[number] = stream;
    }

    /// What the script put in the place of `sys.stdout`; `None` while that is the console.
    pub(crate) fn replaced_stdout(&self) -> Option<Value> {
        let now = self.shared().roots.streams[1];
        let is_own = Native::from_value(now)
            .is_some_and(|n| n.class() == TEXT_STDIO.value() && number(self, now) == 1);
        if now.is_undef() || is_own { None } else { Some(now) }
    }
}

/// Waits for bytes, or the end of the console's input.
fn read(vm: &mut Vm, this: Value, buf: &mut [u8]) -> Result<Option<usize>, Raise> {
    if number(vm, this) != STDIN {
        return Err(vm.raise_os_error(errno::EBADF));
    }
    vm.check_may_wait()?;
    if buf.is_empty() {
        return Ok(Some(0));
    }
    loop {
        // What is pending ends the wait with its exception, or happens and the wait goes on.
        vm.safe_point()?;
        let (n, at_end) = vm.console_input(buf);
        if n > 0 || at_end {
            return Ok(Some(n));
        }
    }
}

fn read_text(vm: &mut Vm, this: Value, buf: &mut [u8]) -> Result<Option<usize>, Raise> {
    let n = read(vm, this, buf)?;
    if vm.host().console_is_serial() {
        for byte in &mut buf[..n.unwrap_or(0)] {
            *byte = if *byte == b'\r' { b'\n' } else { *byte };
        }
    }
    Ok(n)
}

fn write(vm: &mut Vm, this: Value, bytes: &[u8]) -> Result<Option<usize>, Raise> {
    write_as(vm, this, bytes, false)
}

fn write_text(vm: &mut Vm, this: Value, bytes: &[u8]) -> Result<Option<usize>, Raise> {
    write_as(vm, this, bytes, true)
}

fn write_as(vm: &mut Vm, this: Value, bytes: &[u8], is_text: bool) -> Result<Option<usize>, Raise> {
    vm.check_may_wait()?;
    match number(vm, this) {
        STDIN => return Err(vm.raise_os_error(errno::EBADF)),
        STDERR => vm.write_text(bytes, true),
        _ if is_text => vm.write_text(bytes, false),
        _ => vm.write_console(bytes),
    }
    vm.safe_point()?;
    Ok(Some(bytes.len()))
}

fn ioctl(vm: &mut Vm, this: Value, request: Ioctl, argument: usize) -> Result<usize, Raise> {
    let number = number(vm, this);
    match request {
        Ioctl::Flush | Ioctl::Close => Ok(0),
        Ioctl::GetFileNo => Ok(number),
        Ioctl::Poll if number == STDIN => {
            let host = vm.host();
            let ready = host.console_readable() || host.console_eof();
            Ok(if ready { argument & poll::READ } else { 0 })
        }
        Ioctl::Poll => Ok(argument & poll::WRITE),
        _ => Err(vm.raise_os_error(errno::EINVAL)),
    }
}

/// `buffer`: the same stream in bytes.
fn stdio_attr(vm: &mut Vm, this: Value, name: Value, op: AttrOp) -> Res {
    if name != q::buffer.value() || op != AttrOp::Load {
        return Ok(Value::UNDEF);
    }
    let native = Native::from_known(this);
    let twin = native.get(vm, TWIN);
    if !twin.is_undef() {
        return Ok(twin);
    }
    let number = number(vm, this);
    let twin = new(vm, &BINARY_STDIO, number)?;
    native.set(vm, TWIN, twin);
    Ok(twin)
}

fn stdio_repr(vm: &mut Vm, this: Value, out: &mut StrBuilder, _: Style) -> Result<(), Raise> {
    let (name, number) = (vm.type_name(this).value(), number(vm, this));
    vm.push_parts(out, b"<io.% %>", &[name, Value::from_len(number)])
}
