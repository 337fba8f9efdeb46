//! Raising, taking and printing exceptions.

use core::fmt::Write;

use super::{Raise, Vm};
use crate::exc;
use crate::host::Host;
use crate::object::{Exception, List, RomType, Str, StrBuilder};
use crate::value::Value;

/// A built-in exception type.
pub type ExcType = &'static RomType;

/// Text of a bounded length for messages, cut at a character when it is too long.
pub(crate) struct Message {
    bytes: [u8; 200],
    len: usize,
}

impl Message {
    pub(crate) fn new() -> Message {
        Message { bytes: [0; 200], len: 0 }
    }

    pub(crate) fn as_str(&self) -> &str {
        core::str::from_utf8(&self.bytes[..self.len]).unwrap_or_default()
    }
}

impl Write for Message {
    fn write_str(&mut self, s: &str) -> core::fmt::Result {
        let mut n = s.len().min(self.bytes.len() - self.len);
        while !s.is_char_boundary(n) {
            n -= 1;
        }
        self.bytes[self.len..self.len + n].copy_from_slice(&s.as_bytes()[..n]);
        self.len += n;
        Ok(())
    }
}

impl Vm {
    /// Raises a built-in exception with a message; without arguments for an empty one.
    #[cold]
    #[inline(never)]
    pub fn raise(&mut self, class: ExcType, message: &str) -> Raise {
        if message.is_empty() {
            return self.raise_with(class, &[]);
        }
        match self.new_str(message) {
            Ok(text) => self.raise_with(class, &[text]),
            // The allocation failed: its MemoryError is parked already unless memory was not the point.
            Err(raise) => raise,
        }
    }

    /// Raises with a formatted message of at most 200 bytes.
    #[cold]
    #[inline(never)]
    pub fn raise_fmt(&mut self, class: ExcType, message: core::fmt::Arguments<'_>) -> Raise {
        let mut text = Message::new();
        let _ = text.write_fmt(message);
        self.raise(class, text.as_str())
    }

    /// Raises with these arguments.
    #[cold]
    #[inline(never)]
    pub fn raise_with(&mut self, class: ExcType, args: &[Value]) -> Raise {
        let exception = match self.new_tuple(args) {
            Ok(args) => self.new_exception(class.value(), args),
            Err(raise) => return raise,
        };
        match exception {
            Ok(e) => self.raise_value(e),
            Err(raise) => raise,
        }
    }

    /// `OSError(errno)`.
    #[cold]
    pub fn raise_os_error(&mut self, errno: i32) -> Raise {
        self.raise_with(exc::OS_ERROR, &[Value::int(errno)])
    }

    /// Raises an exception object.
    #[cold]
    pub fn raise_value(&mut self, exception: Value) -> Raise {
        if let (Some(e), true) = (Exception::from_value(exception), self.handled != exception) {
            // The chain of contexts must not come back to the exception itself.
            if self.handled.is_object() && e.context(self).is_none() && e.cause(self).is_none() {
                let mut at = self.handled;
                while let Some(next) = Exception::from_value(at) {
                    if next.context(self) == exception {
                        next.set_context(self, Value::NONE);
                        break;
                    }
                    at = next.context(self);
                }
                let handled = self.handled;
                e.set_context(self, handled);
            }
        }
        self.exception = exception;
        Raise(())
    }

    /// A new exception of a class, with a tuple of arguments.
    pub fn new_exception(&mut self, class: Value, args: Value) -> Result<Value, Raise> {
        Ok(Exception::alloc(
            self,
            0,
            class,
            args,
            Value::NONE,
            Value::NONE,
            Value::NONE,
            Value::UNDEF,
        )?
        .value())
    }

    /// `MemoryError`; needs no allocation.
    #[cold]
    pub fn no_memory(&mut self) -> Raise {
        self.raise_emergency(exc::MEMORY_ERROR)
    }

    /// `MemoryError` naming the request, when there is still room for the message.
    #[cold]
    pub(crate) fn no_memory_for(&mut self, bytes: usize) -> Raise {
        let mut text = Message::new();
        let _ = write!(text, "memory allocation failed, allocating {bytes} bytes");
        if bytes > 160 && self.has_room(160) {
            return self.raise(exc::MEMORY_ERROR, text.as_str());
        }
        self.no_memory()
    }

    /// Parks a ROM exception type itself: it stands for an exception without arguments and traceback.
    #[cold]
    pub(crate) fn raise_emergency(&mut self, class: ExcType) -> Raise {
        self.exception = class.value();
        Raise(())
    }

    #[cold]
    pub(crate) fn recursion_error(&mut self) -> Raise {
        self.raise(exc::RUNTIME_ERROR, "maximum recursion depth exceeded")
    }

    /// What unwinds a killed thread.
    #[cold]
    pub(crate) fn kill_exception(&mut self) -> Raise {
        self.raise_emergency(exc::SYSTEM_EXIT)
    }

    /// Takes the parked exception: afterwards none is on its way. An emergency exception becomes an object if it can.
    pub fn take_exception(&mut self) -> Value {
        let exception = core::mem::replace(&mut self.exception, Value::UNDEF);
        debug_assert!(!exception.is_undef(), "a Raise without an exception");
        if RomType::from_value(exception).is_some() {
            if self.has_room(64)
                && let Ok(e) = self.new_exception(exception, Vm::empty_tuple())
            {
                return e;
            }
            self.exception = Value::UNDEF;
        }
        exception
    }

    /// The class of an exception object, or the type that stands for one.
    pub fn exception_class(&self, exception: Value) -> Value {
        match Exception::from_value(exception) {
            Some(e) => e.class(self),
            None => exception,
        }
    }

    /// True when an exception is of a built-in type or derived from it.
    pub fn exception_is(&self, exception: Value, class: ExcType) -> bool {
        self.is_subclass(self.exception_class(exception), class.value())
    }

    /// True when the parked exception is of that type.
    pub fn raised(&self, class: ExcType) -> bool {
        self.exception_is(self.exception, class)
    }

    /// True when the parked exception is of that type; then it is dropped.
    pub fn catch(&mut self, class: ExcType) -> bool {
        let caught = !self.killed && self.raised(class);
        if caught {
            self.exception = Value::UNDEF;
        }
        caught
    }

    /// Drops what was raised, unless the thread is being killed: then the next safe point raises again.
    pub fn forget(&mut self, _: Raise) {
        self.exception = Value::UNDEF;
    }

    /// `SyntaxError` with the file being compiled and a line in its traceback.
    #[cold]
    pub fn raise_syntax(&mut self, message: &str, line: u32) -> Raise {
        self.raise_at(exc::SYNTAX_ERROR, message, line)
    }

    /// As `raise_syntax` for `IndentationError` and its like.
    #[cold]
    pub fn raise_at(&mut self, class: ExcType, message: &str, line: u32) -> Raise {
        let raise = self.raise(class, message);
        let file = self.shared().roots.compiling;
        if file.is_object() {
            self.add_traceback(file, line, Value::NONE);
        }
        raise
    }

    /// Adds a place to the parked exception's traceback; silently does not when memory is short.
    pub(crate) fn add_traceback(&mut self, file: Value, line: u32, function: Value) {
        let Some(e) = Exception::from_value(self.exception) else { return };
        let exception = self.exception;
        let list = match List::from_value(e.traceback(self)) {
            Some(list) => list,
            None => match self.new_list() {
                Ok(list) => {
                    e.set_traceback(self, list.value());
                    list
                }
                Err(_) => {
                    self.exception = exception;
                    return;
                }
            },
        };
        for v in [file, Value::from_len(line as usize), function] {
            if list.push(self, v).is_err() {
                let whole = list.len(self) / 3 * 3;
                list.truncate(self, whole);
                self.exception = exception;
                return;
            }
        }
    }

    /// Prints an exception with its traceback, and what it came from, to where diagnostics go.
    pub fn print_exception(&mut self, exception: Value) {
        let mut out = StrBuilder::new();
        let parked = core::mem::replace(&mut self.exception, Value::UNDEF);
        if self.format_exception(exception, &mut out).is_err() {
            self.exception = Value::UNDEF;
            // Memory is short: at least the class, which needs none.
            let class = self.exception_class(exception);
            let name = self.class_name(class);
            self.write_text(Str::from_known(name).as_bytes(), true);
            self.write_text(b"\n", true);
        } else {
            self.write_text(out.as_bytes(), true);
        }
        out.discard(self);
        self.exception = parked;
    }

    /// The text that `print_exception` prints.
    pub fn format_exception(
        &mut self,
        exception: Value,
        out: &mut StrBuilder,
    ) -> Result<(), Raise> {
        self.enter_native()?;
        if let Some(e) = Exception::from_value(exception) {
            let (cause, context) = (e.cause(self), e.context(self));
            if cause.is_object() {
                self.format_exception(cause, out)?;
                out.push_str(
                    self,
                    "\nThe above exception was the direct cause of the following exception:\n\n",
                )?;
            } else if context.is_object()
                && crate::object::aux(exception) & 1 == 0
                && self.chains_contexts()
            {
                self.format_exception(context, out)?;
                out.push_str(
                    self,
                    "\nDuring handling of the above exception, another exception occurred:\n\n",
                )?;
            }
            if let Some(list) = List::from_value(e.traceback(self)) {
                out.push_str(self, "Traceback (most recent call last):\n")?;
                let mut at = list.len(self) / 3;
                while at > 0 {
                    at -= 1;
                    let part = |vm: &Vm, i| list.get(vm, at * 3 + i).unwrap_or(Value::NONE);
                    let (file, line, function) = (part(self, 0), part(self, 1), part(self, 2));
                    out.push_str(self, "  File \"")?;
                    if let Some(file) = Str::from_value(file) {
                        out.push_str(self, file.as_str())?;
                    }
                    let mut text = Message::new();
                    let _ = write!(text, "\", line {}", line.as_small_int().unwrap_or(0));
                    out.push_str(self, text.as_str())?;
                    if let Some(function) = Str::from_value(function) {
                        out.push_str(self, ", in ")?;
                        out.push_str(self, function.as_str())?;
                    }
                    out.push_str(self, "\n")?;
                }
            }
        }
        self.format_exception_only(exception, out)?;
        out.push_str(self, "\n")
    }

    /// MicroPython prints no context; it would double the output of every nested failure on a serial line.
    fn chains_contexts(&self) -> bool {
        false
    }

    /// `Class: message`; nothing follows the colon when there is no message.
    pub fn format_exception_only(
        &mut self,
        exception: Value,
        out: &mut StrBuilder,
    ) -> Result<(), Raise> {
        let class = self.exception_class(exception);
        let name = self.class_name(class);
        out.push_str(self, Str::from_known(name).as_str())?;
        out.push_str(self, ": ")?;
        match Exception::from_value(exception) {
            Some(_) => self.format(exception, out, crate::object::Style::Str),
            None => Ok(()),
        }
    }

    /// Waits for console input without the GIL: 1 to `buf.len()` bytes, 0 at its end. `buf` is not heap memory.
    ///
    /// Callbacks, `KeyboardInterrupt` and a kill are served meanwhile.
    pub fn read_console(&mut self, buf: &mut [u8]) -> Result<usize, Raise> {
        loop {
            self.safe_point()?;
            let buf = &mut *buf;
            let (n, end) = self.unlocked(move |u| {
                let n = u.host.console_read(buf, None);
                (n, n == 0 && u.host.console_eof())
            });
            if n > 0 || end {
                return Ok(n);
            }
        }
    }

    /// Writes to the console without the GIL; the bytes go out as they are.
    pub fn write_console(&mut self, bytes: &[u8]) {
        self.write_with(bytes, |host, bytes| host.console_write(bytes));
    }

    /// Writes text to the console, or to where diagnostics go, without the GIL; newlines as the console needs them.
    pub fn write_text(&mut self, bytes: &[u8], is_error: bool) {
        self.write_with(bytes, |host, bytes| match is_error {
            true => host.console_write_error(bytes),
            false => host.console_write_text(bytes),
        });
    }

    fn write_with(&mut self, bytes: &[u8], write: impl Fn(&dyn Host, &[u8]) + Copy + Send) {
        // The bytes may be in the heap: they are copied piece by piece, because no slice of the heap may
        // be used without the GIL.
        for piece in bytes.chunks(128) {
            let mut buffer = [0; 128];
            buffer[..piece.len()].copy_from_slice(piece);
            let n = piece.len();
            self.unlocked(move |u| write(u.host, &buffer[..n]));
        }
    }
}
