//! `io`, and the built-in functions that use streams: `print`, `input`, `open`.
//!
//! Source: Python Library Reference, "io", "Built-in Functions"; MicroPython library reference, "io".

use crate::object::{Args, Res, Str, StrBuilder, Style};
use crate::types::bufferedwriter::BUFFERED_WRITER;
use crate::types::stream::{IOBASE, Stream};
use crate::types::stringio::{BYTESIO, STRINGIO};
use crate::value::names::q;
use crate::value::{RomValue, Value};
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

/// Where `print` prints.
struct Sink {
    /// `UNDEF`: the console.
    file: Value,
    /// What did not go out yet.
    out: StrBuilder,
}

impl Sink {
    fn of(vm: &Vm, file: Option<Value>) -> Sink {
        let file = file.or(vm.replaced_stdout()).unwrap_or(Value::UNDEF);
        Sink { file, out: StrBuilder::new() }
    }

    /// `bytes` are text of an immutable object, or not in the heap. The console gets short ones together.
    #[inline(never)]
    fn put(&mut self, vm: &mut Vm, bytes: &[u8]) -> Result<(), Raise> {
        if self.out.len() + bytes.len() > StrBuilder::FEW {
            self.flush(vm)?;
        }
        if self.file.is_undef() && bytes.len() <= StrBuilder::FEW {
            self.out.push_bytes(vm, bytes);
            return Ok(());
        }
        self.write(vm, bytes)
    }

    /// `bytes` stay in place while others run.
    fn write(&self, vm: &mut Vm, bytes: &[u8]) -> Result<(), Raise> {
        if self.file.is_undef() {
            vm.write_text(bytes, false);
            return Ok(());
        }
        // Beside streams, objects with a method `write` will do.
        if cfg!(feature = "extra") && Stream::of(vm, self.file).is_none() {
            let text = vm.new_str(core::str::from_utf8(bytes).unwrap_or_default())?;
            return match vm.find_attr(self.file, q::write.value())? {
                Some(write) => vm.call(write, &[text]).map(|_| ()),
                None => Stream::expect(vm, self.file).map(|_| ()),
            };
        }
        Stream::expect(vm, self.file)?.write(vm, bytes).map(|_| ())
    }

    fn flush(&mut self, vm: &mut Vm) -> Result<(), Raise> {
        self.out.check(vm)?;
        // The builder's buffer is nobody else's.
        self.write(vm, self.out.as_bytes())?;
        self.out.truncate(0);
        Ok(())
    }

    /// Few bytes need no memory.
    fn put_value(&mut self, vm: &mut Vm, v: Value) -> Result<(), Raise> {
        if let Some(text) = Str::from_value(v) {
            return self.put(vm, text.as_bytes());
        }
        vm.format(v, &mut self.out, Style::Str)?;
        if self.file.is_undef() { Ok(()) } else { self.flush(vm) }
    }

    fn finish(&mut self, vm: &mut Vm) -> Result<(), Raise> {
        if self.file.is_undef() {
            self.flush(vm)?;
            vm.safe_point()?;
        }
        self.out.discard(vm);
        Ok(())
    }
}

/// The names of the keyword arguments of `print`.
static OPTIONS: [RomValue; if cfg!(feature = "extra") { 4 } else { 3 }] = [
    q::sep.rom(),
    q::end.rom(),
    q::file.rom(),
    #[cfg(feature = "extra")]
    q::flush.rom(),
];

/// `print(*objects, sep=' ', end='\n', file=None, flush=False)`.
pub fn print(vm: &mut Vm, args: Args<'_>) -> Res {
    let mut options = [q::SPACE.value(), q::NEWLINE.value(), Value::UNDEF, Value::FALSE];
    for (&name, &v) in args.names.iter().zip(args.values) {
        let Some(i) = OPTIONS.iter().position(|option| option.0 == name) else {
            return Err(vm.raise(exc::TYPE_ERROR, "extra keyword arguments given"));
        };
        if !v.is_none() {
            options[i] = v;
        }
    }
    let [sep, end, file, flush] = options;
    let sep = vm.expect::<Str>(sep, &crate::types::str::STR)?;
    let end = vm.expect::<Str>(end, &crate::types::str::STR)?;
    let mut sink = Sink::of(vm, if file.is_undef() { None } else { Some(file) });
    for (i, &v) in args.pos.iter().enumerate() {
        if i > 0 && sep.byte_len() > 0 {
            sink.put(vm, sep.as_bytes())?;
        }
        sink.put_value(vm, v)?;
    }
    if end.byte_len() > 0 {
        sink.put(vm, end.as_bytes())?;
    }
    sink.finish(vm)?;
    if cfg!(feature = "extra") && !sink.file.is_undef() && vm.truth(flush)? {
        vm.call_method(sink.file, q::flush.value(), &[])?;
    }
    Ok(Value::NONE)
}

/// Writes text to a stream, or to any object with a method `write`; without one to `sys.stdout`. `text` is not in the heap, or stays
/// in place.
pub fn write_text(vm: &mut Vm, file: Option<Value>, text: &[u8]) -> Result<(), Raise> {
    let mut sink = Sink::of(vm, file);
    sink.write(vm, text)?;
    sink.finish(vm)
}

impl Vm {
    /// Writes text to `sys.stdout`: the console, or what the script put in its place.
    pub fn write_stdout(&mut self, text: &[u8]) -> Result<(), Raise> {
        write_text(self, None, text)
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
    let line = vm.expect_bytes(line)?;
    let bytes = line.bytes(vm);
    if bytes.is_empty() {
        return Err(vm.raise(exc::EOF_ERROR, ""));
    }
    let n = bytes.len() - bytes.ends_with(b"\n") as usize;
    line.part(vm, 0, n)
}

/// A line from somebody who sits at a serial console.
fn typed_line(vm: &mut Vm, console: Stream) -> Res {
    let mut line = StrBuilder::new();
    let end = loop {
        let mut byte = [0];
        if console.read(vm, &mut byte)? != Some(1) {
            break exc::EOF_ERROR;
        }
        line.check(vm)?;
        match byte[0] {
            b'\n' => {
                vm.write_text(b"\n", false);
                return line.finish_str(vm);
            }
            0x03 => break exc::KEYBOARD_INTERRUPT,
            0x04 if line.is_empty() => break exc::EOF_ERROR,
            0x08 | 0x7f => {
                let start = line.as_bytes().iter().rposition(|b| b & 0xc0 != 0x80);
                if let Some(start) = start {
                    line.truncate(start);
                    vm.write_console(b"\x08 \x08");
                }
            }
            0..0x20 => {}
            _ => {
                line.push_bytes(vm, &byte);
                vm.write_console(&byte);
            }
        }
    };
    Err(vm.raise(end, ""))
}
