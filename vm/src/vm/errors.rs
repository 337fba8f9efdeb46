//! Raising, taking and printing exceptions.

use core::fmt::Write;

use super::{Raise, Vm};
use crate::exc::{self, ExcType};
use crate::object::{Exception, List, RomType, Str, StrBuilder};
use crate::value::Value;
use crate::value::names::q;

/// Text of a bounded length for messages, cut at a character when it is too long.
pub(crate) struct Message {
    bytes: [u8; 200],
    len: usize,
}

impl Message {
    pub(crate) fn new() -> Message {
        Message { bytes: [0; 200], len: 0 }
    }

    /// `text` as of [`Message::fill`].
    pub(crate) fn filled(text: &str, values: &[Value]) -> Message {
        let mut message = Message::new();
        message.fill(text, values);
        message
    }

    /// Appends `text`, in which each `%` stands for the next value: a `str`, a small int, or the address of anything else.
    pub(crate) fn fill(&mut self, text: &str, values: &[Value]) {
        let mut rest = text.as_bytes();
        for &value in values {
            let n = rest.iter().position(|&b| b == b'%').unwrap_or(rest.len());
            self.push(&rest[..n]);
            rest = rest.get(n + 1..).unwrap_or_default();
            if let Some(text) = Str::from_value(value) {
                self.push(text.as_bytes());
            } else if let Some(n) = value.as_small_int() {
                if n < 0 {
                    self.push(b"-");
                }
                self.push_digits(n.unsigned_abs(), 10, 1);
            } else {
                self.push_address(value);
            }
        }
        self.push(rest);
    }

    pub(crate) fn push_address(&mut self, value: Value) {
        self.push(b"0x");
        self.push_digits(value.bits(), 16, 1);
    }

    pub(crate) fn push(&mut self, text: &[u8]) {
        let mut n = text.len().min(self.bytes.len() - self.len);
        while n < text.len() && text[n] & 0xc0 == 0x80 {
            n -= 1;
        }
        self.bytes[self.len..self.len + n].copy_from_slice(&text[..n]);
        self.len += n;
    }

    /// Appends a number in base 10 or 16, with so many digits at least.
    pub(crate) fn push_digits(&mut self, mut n: usize, base: usize, least: usize) {
        let mut digits = [b'0'; 20];
        let mut at = digits.len();
        let end = at - least;
        while n > 0 || at > end {
            at -= 1;
            digits[at] = b"0123456789abcdef"[n % base];
            n /= base;
        }
        self.push(&digits[at..]);
    }

    pub(crate) fn as_str(&self) -> &str {
        core::str::from_utf8(&self.bytes[..self.len]).unwrap_or_default()
    }
}

impl crate::num::Write for Message {
    fn write_str(&mut self, s: &str) -> core::fmt::Result {
        self.push(s.as_bytes());
        Ok(())
    }
}

impl Write for Message {
    fn write_str(&mut self, s: &str) -> core::fmt::Result {
        self.push(s.as_bytes());
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
        let lock = self.begin_emergency();
        let text = self.new_str(message);
        self.end_emergency(lock);
        match text {
            Ok(text) => self.raise_with(class, &[text]),
            // Better the right class without a message than the wrong one.
            Err(_) => self.raise_with(class, &[]),
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

    /// Raises with a message in which each `%` stands for the next of the values, a `str` or a small int: half as much code as
    /// [`Vm::raise_fmt`].
    #[cold]
    #[inline(never)]
    pub fn raise_filled(&mut self, class: ExcType, message: &str, values: &[Value]) -> Raise {
        self.raise(class, Message::filled(message, values).as_str())
    }

    /// The same with one value.
    #[cold]
    #[inline(never)]
    pub fn raise_about(&mut self, class: ExcType, message: &str, what: Value) -> Raise {
        self.raise_filled(class, message, &[what])
    }

    /// Raises with these arguments.
    #[cold]
    #[inline(never)]
    pub fn raise_with(&mut self, class: ExcType, args: &[Value]) -> Raise {
        match self.make_exception(class.value(), args) {
            Ok(e) => self.raise_value(e),
            Err(_) => self.raise_emergency(class),
        }
    }

    /// A new exception of a class with these arguments. A locked heap does not hinder it, but keeps it small: then
    /// more than a few arguments are left out.
    pub fn make_exception(&mut self, class: Value, args: &[Value]) -> Result<Value, Raise> {
        const FEW: usize = 8;
        let locked = self.shared().heap.lock_depth() > 0;
        let args = if locked && args.len() > FEW { &[] } else { args };
        let lock = self.begin_emergency();
        let mut made;
        loop {
            made = self.new_tuple(args).and_then(|args| self.new_exception(class, args));
            if made.is_ok() || !self.give_reserve() {
                break;
            }
            self.exception = Value::UNDEF;
        }
        self.end_emergency(lock);
        made
    }

    /// Sets `bytes` of the heap aside for exceptions (0: none): they are given back to it when an exception finds no
    /// memory, and taken again at the next collection.
    pub(crate) fn set_reserve(&mut self, bytes: usize) -> Result<(), Raise> {
        self.give_reserve();
        self.shared_mut().reserve_bytes = 0;
        if bytes > 0 {
            let raw = self.alloc_counted(crate::value::Kind::Raw, 0, bytes, 1)?;
            let s = self.shared_mut();
            s.roots.reserve = raw;
            s.reserve_bytes = u32::try_from(bytes).unwrap_or(u32::MAX);
        }
        Ok(())
    }

    /// Collects where the reserve has been given away: a locked heap can not get it back.
    pub(crate) fn renew_reserve(&mut self) {
        if self.shared().reserve_bytes > 0 && self.shared().roots.reserve.is_undef() {
            self.collect();
        }
    }

    /// Gives back what was set aside; false when there is nothing.
    fn give_reserve(&mut self) -> bool {
        let reserve = core::mem::replace(&mut self.shared_mut().roots.reserve, Value::UNDEF);
        let there = reserve.is_object();
        if there {
            self.free_raw(reserve);
        }
        there
    }

    /// From here to `end_emergency`, which gets what this returns, the heap is not locked, for who allocates a little and runs
    /// no Python: exceptions tell what went wrong even where a script has forbidden allocation; no collection runs for them.
    #[inline(never)]
    fn begin_emergency(&mut self) -> (usize, bool) {
        let s = self.shared_mut();
        let depth = s.heap.lock_depth();
        let was_disabled = s.gc_disabled;
        if depth > 0 {
            s.heap.restore_lock(0);
            s.gc_disabled = true;
        }
        (depth, was_disabled)
    }

    #[inline(never)]
    fn end_emergency(&mut self, (depth, was_disabled): (usize, bool)) {
        if depth > 0 {
            let s = self.shared_mut();
            s.gc_disabled = was_disabled;
            s.heap.restore_lock(depth);
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
        // MicroPython knows no contexts.
        if cfg!(feature = "extra")
            && let Some(e) = Exception::from_value(exception)
            && self.handled != exception
        {
            // The chain of contexts must not come back to the exception itself.
            if self.handled.is_object() && e.context(self).is_none() {
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
        if bytes > 160 && self.has_room(160) {
            let message = "memory allocation failed, allocating % bytes";
            return self.raise_about(exc::MEMORY_ERROR, message, Value::from_len(bytes));
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
        self.raise(exc::RECURSION_ERROR, "maximum recursion depth exceeded")
    }

    /// What unwinds a killed thread.
    #[cold]
    pub(crate) fn kill_exception(&mut self) -> Raise {
        self.raise_emergency(exc::SYSTEM_EXIT)
    }

    /// True while an exception is parked: it is on its way, or foreign code has not looked at it yet.
    pub fn is_raising(&self) -> bool {
        !self.exception.is_undef()
    }

    /// The exception that is parked goes on its way; without one a `RuntimeError`.
    #[cold]
    pub fn pass_on(&mut self) -> Raise {
        if self.is_raising() {
            return Raise(());
        }
        self.raise(exc::RUNTIME_ERROR, "no exception to pass on")
    }

    /// Takes the parked exception: afterwards none is on its way. An emergency exception becomes an object if it can.
    pub fn take_exception(&mut self) -> Value {
        let exception = core::mem::replace(&mut self.exception, Value::UNDEF);
        debug_assert!(!exception.is_undef(), "a Raise without an exception");
        if RomType::from_value(exception).is_some() {
            let lock = self.begin_emergency();
            let made = if self.has_room(64) {
                self.new_exception(exception, Vm::empty_tuple())
            } else {
                Err(Raise(()))
            };
            self.end_emergency(lock);
            self.exception = Value::UNDEF;
            return made.unwrap_or(exception);
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

    /// As [`Vm::raised`] for any class of exceptions.
    pub fn raised_class(&self, class: Value) -> bool {
        self.is_subclass(self.exception_class(self.exception), class)
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
        let lock = self.begin_emergency();
        self.push_traceback(file, line, function);
        self.end_emergency(lock);
    }

    fn push_traceback(&mut self, file: Value, line: u32, function: Value) {
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
        let written = self.format_exception(exception, &mut out);
        if written.and_then(|()| out.check(self)).is_err() {
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
            if cfg!(feature = "extra") {
                self.format_chain(e, out)?;
            }
            let limit = match cfg!(feature = "extra") {
                true => self.module_state(q::tracebacklimit.value()).and_then(Value::as_small_int),
                false => None,
            };
            let limit = limit.map_or(usize::MAX, |limit| limit.max(0) as usize);
            let places = List::from_value(e.traceback(self)).filter(|_| limit > 0);
            if let Some(list) = places {
                out.push_str(self, "Traceback (most recent call last):");
                let mut at = list.len(self) / 3;
                let end = at.saturating_sub(limit);
                while at > end {
                    at -= 1;
                    let part = |vm: &Vm, i| list.get(vm, at * 3 + i).unwrap_or(Value::NONE);
                    let (file, line, function) = (part(self, 0), part(self, 1), part(self, 2));
                    self.push_parts(out, b"\n  File \"%\", line %", &[file, line])?;
                    if !function.is_none() {
                        self.push_parts(out, b", in %", &[function])?;
                    }
                }
                out.push_byte(self, b'\n');
            }
        }
        self.format_exception_only(exception, out)?;
        out.push_str(self, "\n");
        Ok(())
    }

    /// What the exception came from: its cause. MicroPython prints neither that nor a context, which would double the output
    /// of every nested failure on a serial line.
    fn format_chain(&mut self, e: Exception, out: &mut StrBuilder) -> Result<(), Raise> {
        let cause = e.cause(self);
        if !cause.is_object() {
            return Ok(());
        }
        self.format_exception(cause, out)?;
        let text = "\nThe above exception was the direct cause of the following exception:\n\n";
        out.push_str(self, text);
        Ok(())
    }

    /// `Class: message`, with the colon even where there is no message: host tools look for it.
    pub fn format_exception_only(
        &mut self,
        exception: Value,
        out: &mut StrBuilder,
    ) -> Result<(), Raise> {
        let class = self.exception_class(exception);
        let name = self.class_name(class);
        let text = match exception.is_kind(crate::value::Kind::Exception) {
            true => &b"%: %"[..],
            false => b"%: ",
        };
        self.push_parts(out, text, &[name, exception])
    }
}
