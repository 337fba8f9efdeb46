//! `io`, and the built-in functions that use streams: `print`, `input`, `open`.
//!
//! Source: Python Library Reference, "io", "Built-in Functions"; MicroPython library reference, "io".

use crate::object::{Args, Ioctl, Res, Str, StrBuilder, Style};
use crate::types::bufferedwriter::BUFFERED_WRITER;
use crate::types::stream::{IOBASE, Stream};
use crate::types::stringio::{BYTESIO, STRINGIO};
use crate::value::Value;
use crate::value::names::q;
use crate::{Raise, Vm, exc, py_module};

py_module! {
    /// `io`.
    pub static IO: io, extensible true;
    entries {
        open = Kw(open; file, mode?, buffering?, encoding?, errors?, newline?);
        IOBase: IOBASE.rom();
        StringIO: STRINGIO.rom();
        BytesIO: BYTESIO.rom();
        #[cfg(feature = "extra")]
        BufferedWriter: BUFFERED_WRITER.rom();
    }
}

/// `open(file, mode='r', …)`: a stream of the file system. Buffering, encoding and newlines are as they are.
pub fn open(vm: &mut Vm, args: &[Value]) -> Res {
    let mode = match args[1] {
        v if v.is_undef() => q::r.value(),
        v => vm.expect::<Str>(v, &crate::types::str::STR)?.value(),
    };
    let mode = Str::from_known(mode);
    vm.check_may_wait()?;
    let host = vm.host();
    host.open(vm, args[0], mode.as_str())
}

/// Bytes that are collected before they go to the console together.
const LINE: usize = 128;

/// Where `print` prints.
enum Sink {
    /// The console; text that did not go out yet.
    Console([u8; LINE], usize),
    /// A stream.
    Stream(Stream),
    /// Any other object with a method `write`.
    Object(Value),
}

impl Sink {
    fn of(vm: &Vm, file: Option<Value>) -> Sink {
        match file.or(vm.replaced_stdout()) {
            None => Sink::Console([0; LINE], 0),
            Some(file) => match Stream::of(vm, file) {
                Some(stream) => Sink::Stream(stream),
                None => Sink::Object(file),
            },
        }
    }

    fn put_str(&mut self, vm: &mut Vm, text: Str) -> Result<(), Raise> {
        match *self {
            Sink::Object(file) => write_to_object(vm, file, text.value()),
            _ => self.put(vm, text.as_bytes()),
        }
    }

    /// `bytes` are text of an immutable object, or not in the heap.
    fn put(&mut self, vm: &mut Vm, bytes: &[u8]) -> Result<(), Raise> {
        match self {
            Sink::Console(line, used) => {
                if used.saturating_add(bytes.len()) > LINE {
                    vm.write_text(&line[..*used], false);
                    *used = 0;
                }
                if bytes.len() > LINE {
                    vm.write_text(bytes, false);
                } else {
                    line[*used..*used + bytes.len()].copy_from_slice(bytes);
                    *used += bytes.len();
                }
                Ok(())
            }
            Sink::Stream(stream) => stream.write(vm, bytes).map(|_| ()),
            Sink::Object(file) => {
                let file = *file;
                let text = vm.new_str(core::str::from_utf8(bytes).unwrap_or_default())?;
                write_to_object(vm, file, text)
            }
        }
    }

    /// Small ints need no memory; everything else is made a string first.
    fn put_value(&mut self, vm: &mut Vm, v: Value) -> Result<(), Raise> {
        if let Some(text) = Str::from_value(v) {
            return self.put_str(vm, text);
        }
        if v.is_small_int() {
            let text = crate::vm::Message::filled("%", &[v]);
            return self.put(vm, text.as_str().as_bytes());
        }
        let mut out = StrBuilder::new();
        vm.format(v, &mut out, Style::Str)?;
        out.check(vm)?;
        // The builder's buffer is nobody else's: it stays in place while others run.
        let result = self.put(vm, out.as_bytes());
        out.discard(vm);
        result
    }

    fn finish(self, vm: &mut Vm, flush: bool) -> Result<(), Raise> {
        match self {
            Sink::Console(line, used) => {
                vm.write_text(&line[..used], false);
                vm.safe_point()
            }
            Sink::Stream(stream) if flush => stream.ioctl(vm, Ioctl::Flush, 0).map(|_| ()),
            Sink::Object(file) if flush => vm.call_method(file, q::flush.value(), &[]).map(|_| ()),
            _ => Ok(()),
        }
    }
}

fn write_to_object(vm: &mut Vm, file: Value, text: Value) -> Result<(), Raise> {
    match vm.find_attr(file, q::write.value())? {
        Some(write) => vm.call(write, &[text]).map(|_| ()),
        None => Err(vm.raise(exc::OS_ERROR, "stream operation not supported")),
    }
}

/// `print(*objects, sep=' ', end='\n', file=None, flush=False)`.
pub fn print(vm: &mut Vm, args: Args<'_>) -> Res {
    let (mut sep, mut end) = (q::SPACE.value(), q::NEWLINE.value());
    let (mut file, mut flush) = (None, false);
    for (&name, &v) in args.names.iter().zip(args.values) {
        match name {
            n if n == q::file.value() => file = if v.is_none() { None } else { Some(v) },
            n if n == q::flush.value() => flush = vm.truth(v)?,
            n if n == q::sep.value() || n == q::end.value() => {
                let place = if n == q::sep.value() { &mut sep } else { &mut end };
                if !v.is_none() {
                    *place = vm.expect::<Str>(v, &crate::types::str::STR)?.value();
                }
            }
            _ => return Err(vm.raise(exc::TYPE_ERROR, "extra keyword arguments given")),
        }
    }
    let (sep, end) = (Str::from_known(sep), Str::from_known(end));
    let mut sink = Sink::of(vm, file);
    for (i, &v) in args.pos.iter().enumerate() {
        if i > 0 && sep.byte_len() > 0 {
            sink.put_str(vm, sep)?;
        }
        sink.put_value(vm, v)?;
    }
    if end.byte_len() > 0 {
        sink.put_str(vm, end)?;
    }
    sink.finish(vm, flush)?;
    Ok(Value::NONE)
}

/// Writes text to a stream, or to any object with a method `write`. `text` is not in the heap, or stays in place.
pub fn write_text(vm: &mut Vm, file: Value, text: &[u8]) -> Result<(), Raise> {
    Sink::of(vm, Some(file)).put(vm, text)
}

impl Vm {
    /// Writes text to `sys.stdout`: the console, or what the script put in its place.
    pub fn write_stdout(&mut self, text: &[u8]) -> Result<(), Raise> {
        let mut sink = Sink::of(self, None);
        sink.put(self, text)?;
        sink.finish(self, false)
    }
}

/// `input([prompt])`: a line without its newline. `EOFError` at the end of the input, `KeyboardInterrupt` for Ctrl-C.
///
/// On a serial console it echoes what is typed, and the backspace key works; Ctrl-D on an empty line is the end.
pub fn input(vm: &mut Vm, args: &[Value]) -> Res {
    if let Some(&prompt) = args.first() {
        let prompt = vm.str(prompt)?;
        vm.write_stdout(Str::from_known(prompt).as_bytes())?;
    }
    let stdin = vm.stdio(0)?;
    if let Some(stream) = Stream::of(vm, stdin)
        && stream.is_console()
        && vm.host().console_is_serial()
    {
        return typed_line(vm, stream);
    }
    let line = vm.call_method(stdin, q::readline.value(), &[])?;
    let line = vm.expect::<Str>(line, &crate::types::str::STR)?;
    match line.as_bytes() {
        [] => Err(vm.raise(exc::EOF_ERROR, "")),
        [.., b'\n'] => vm.new_str(&line.as_str()[..line.byte_len() - 1]),
        _ => Ok(line.value()),
    }
}

/// A line from somebody who sits at a serial console.
fn typed_line(vm: &mut Vm, console: Stream) -> Res {
    let mut line = StrBuilder::new();
    loop {
        let mut byte = [0];
        if console.read(vm, &mut byte)? != Some(1) {
            return Err(vm.raise(exc::EOF_ERROR, ""));
        }
        line.check(vm)?;
        match byte[0] {
            b'\n' => {
                vm.write_text(b"\n", false);
                return line.finish_str(vm);
            }
            0x03 => return Err(vm.raise(exc::KEYBOARD_INTERRUPT, "")),
            0x04 if line.is_empty() => return Err(vm.raise(exc::EOF_ERROR, "")),
            0x08 | 0x7f => {
                let start = line.as_bytes().iter().rposition(|b| b & 0xc0 != 0x80);
                if let Some(start) = start {
                    line.truncate(start);
                    vm.write_console(b"\x08 \x08");
                }
            }
            0..0x20 => {}
            _ => {
                line.push_bytes(vm, &byte)?;
                vm.write_console(&byte);
            }
        }
    }
}
