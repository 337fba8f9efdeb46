//! A precompiled file to code objects. Nothing in the file is trusted: what the format does not allow, and code that
//! the verifier refuses, is a `ValueError`.
//!
//! The file is read once, from its start, through a small buffer; memory beyond the code itself is that of the code
//! object at work.
//!
//! Errors stick: after the first one the rest of the file is zeros, which end every loop, and nothing more is refused.
#![forbid(unsafe_code)]

use core::ops::Range;

use super::file::{HEADER_BYTES, MAX_CODE, Tag, header};
use super::verify::{VerifyError, verify};
use crate::num::float;
use crate::object::{Code, CodeFlags, CodeRoom, CodeShape, Float, Res, StrBuilder, Tuple};
use crate::types::int;
use crate::value::{Kind, Value};
use crate::{Raise, Vm, exc};

/// Where the bytes come from: fills the buffer, which is not empty, from its start; returns how many bytes, 0 at the
/// end. May run Python and raise anything.
pub type Fill<'a> = &'a mut dyn FnMut(&mut Vm, &mut [u8]) -> Result<usize, Raise>;

/// Loads a file; returns the code object of the module.
///
/// # Errors
/// `ValueError`: `incompatible .mpy file` for a file of another kind, version or interpreter, `corrupt .mpy file` for
/// one that breaks the format or whose code breaks a rule of the verifier; `MemoryError`; `RuntimeError` for code nested
/// too deep; what `fill` raises.
pub fn load(vm: &mut Vm, fill: Fill<'_>) -> Res {
    let code = load_code(vm, fill)?;
    // A module has a namespace, and there is no function around it.
    if code.flags() & CodeFlags::NAMESPACE == 0 || code.get().n_free > 0 {
        return Err(vm.raise(exc::VALUE_ERROR, CORRUPT));
    }
    Ok(code.value())
}

/// As [`load`], whatever code the file holds: a module's or a function's.
///
/// # Errors
/// As of [`load`].
pub fn load_code(vm: &mut Vm, fill: Fill<'_>) -> Result<Code, Raise> {
    let names = Tuple::from_known(Vm::empty_tuple());
    let file = Value::UNDEF;
    let mut loader = Loader { vm, fill, buf: [0; BUFFER], at: 0, len: 0, error: None, names, file };
    let code = loader.file();
    match loader.error {
        Some(raise) => Err(raise),
        None => Ok(Code::from_known(code)),
    }
}

const CORRUPT: &str = "corrupt .mpy file";

/// Bytes read ahead.
const BUFFER: usize = 256;

struct Loader<'a> {
    vm: &'a mut Vm,
    fill: Fill<'a>,
    buf: [u8; BUFFER],
    at: usize,
    len: usize,
    /// The first error.
    error: Option<Raise>,
    names: Tuple,
    /// Name of the source file.
    file: Value,
}

impl Loader<'_> {
    // ---- errors

    #[cold]
    fn fail(&mut self, raise: Raise) {
        self.error = Some(raise);
        (self.at, self.len) = (0, 0);
    }

    #[cold]
    fn refuse(&mut self, message: &str) {
        if self.error.is_none() {
            let raise = self.vm.raise(exc::VALUE_ERROR, message);
            self.fail(raise);
        }
    }

    fn corrupt(&mut self) -> Value {
        self.refuse(CORRUPT);
        Value::UNDEF
    }

    fn check(&mut self, result: Result<(), Raise>) {
        if let Err(raise) = result {
            self.fail(raise);
        }
    }

    /// A value, `UNDEF` where there is an error instead.
    fn checked(&mut self, result: Res) -> Value {
        match result {
            Ok(value) => value,
            Err(raise) => {
                self.fail(raise);
                Value::UNDEF
            }
        }
    }

    // ---- bytes

    /// True when there is a further byte.
    fn has_more(&mut self) -> bool {
        if self.at == self.len && self.error.is_none() {
            self.at = 0;
            match (self.fill)(self.vm, &mut self.buf) {
                Ok(n) => self.len = n.min(BUFFER),
                Err(raise) => self.fail(raise),
            }
        }
        self.at < self.len
    }

    fn byte(&mut self) -> u8 {
        if self.at == self.len && !self.has_more() {
            self.corrupt();
            return 0;
        }
        self.at += 1;
        self.buf[(self.at - 1) % BUFFER]
    }

    fn number(&mut self) -> u32 {
        let mut n = 0u32;
        let mut shift = 0;
        loop {
            let byte = self.byte();
            let part = u32::from(byte & 0x7f);
            if shift > 28 || part << shift >> shift != part {
                self.corrupt();
                return 0;
            }
            n |= part << shift;
            if byte < 0x80 {
                return n;
            }
            shift += 7;
        }
    }

    /// A number that is at most `most`.
    fn number_to(&mut self, most: u32) -> u32 {
        let n = self.number();
        if n > most {
            self.corrupt();
            return 0;
        }
        n
    }

    /// Counts down; false at 0 and after an error.
    fn next(&self, left: &mut u32) -> bool {
        let more = *left > 0 && self.error.is_none();
        *left = left.wrapping_sub(1);
        more
    }

    /// The next bytes of `left`, as many as are in the buffer, as a part of it; none when there are none left.
    fn run(&mut self, left: &mut usize) -> Range<usize> {
        if *left > 0 && !self.has_more() {
            self.corrupt();
        }
        let n = (*left).min(self.len - self.at);
        *left -= n;
        self.at += n;
        self.at - n..self.at
    }

    /// The constant of which only the text is left to read.
    fn text(&mut self, tag: Tag) -> Value {
        let mut text = StrBuilder::new();
        let mut left = self.number() as usize;
        while let run = self.run(&mut left)
            && !run.is_empty()
        {
            text.push_bytes(self.vm, &self.buf[run]);
        }
        if tag == Tag::Bytes {
            let bytes = text.finish_bytes(self.vm);
            return self.checked(bytes);
        }
        let kept = text.check(self.vm);
        self.check(kept);
        let vm = &mut *self.vm;
        let made = match (core::str::from_utf8(text.as_bytes()), tag) {
            (Ok(text), Tag::Name) => vm.intern(text).map(Some),
            (Ok(text), Tag::Str) => vm.new_str(text).map(Some),
            (Ok(text), Tag::Int) => int::from_text(vm, text.as_bytes(), 10),
            (Ok(text), Tag::Float) if Kind::Float.is_built() => {
                float::parse(text).map(|number| vm.new_float(number)).transpose()
            }
            _ => Ok(None),
        };
        text.discard(vm);
        match made {
            Ok(Some(made)) => made,
            Ok(None) => self.corrupt(),
            Err(raise) => self.checked(Err(raise)),
        }
    }

    fn name(&mut self) -> Value {
        let index = self.number() as usize;
        match self.names.items().get(index) {
            Some(&name) => name,
            None => self.corrupt(),
        }
    }

    // ---- objects

    fn file(&mut self) -> Value {
        const { assert!(HEADER_BYTES == 9) };
        for wanted in header() {
            // A file that ends early is no file of ours either.
            if !self.has_more() || self.byte() != wanted {
                self.refuse("incompatible .mpy file");
                return Value::UNDEF;
            }
        }
        let n = self.number();
        let names = self.tuple(n, |loader| loader.text(Tag::Name));
        self.names = Tuple::from_value(names).unwrap_or(self.names);
        self.file = self.name();
        self.code()
    }

    fn enter(&mut self) {
        let result = self.vm.enter_native();
        self.check(result);
    }

    /// A tuple of so many items.
    fn tuple(&mut self, mut n: u32, item: fn(&mut Self) -> Value) -> Value {
        let tuple = self.vm.new_tuple_of(n as usize);
        let tuple = self.checked(tuple);
        let mut i = 0;
        while self.next(&mut n) {
            let item = item(self);
            self.vm.init_tuple_item(tuple, i, item);
            i += 1;
        }
        tuple
    }

    fn constant(&mut self) -> Value {
        let tag = self.byte();
        match Tag::from_byte(tag) {
            Some(Tag::None) => Value::NONE,
            Some(Tag::False) => Value::FALSE,
            Some(Tag::True) => Value::TRUE,
            Some(Tag::Ellipsis) => Value::ELLIPSIS,
            Some(Tag::Name) => self.name(),
            Some(tag @ (Tag::Str | Tag::Bytes | Tag::Int | Tag::Float)) => self.text(tag),
            Some(Tag::Complex) => {
                let parts = [self.text(Tag::Float), self.text(Tag::Float)];
                match parts.map(Float::from_value) {
                    [Some(re), Some(im)] => {
                        let (re, im) = (re.number(self.vm), im.number(self.vm));
                        let complex = self.vm.new_complex(re, im);
                        self.checked(complex)
                    }
                    _ => self.corrupt(),
                }
            }
            Some(Tag::Tuple) => {
                self.enter();
                let n = self.number();
                self.tuple(n, Self::constant)
            }
            Some(Tag::Code) => self.code(),
            None => self.corrupt(),
        }
    }

    fn code(&mut self) -> Value {
        self.enter();
        let (name, qualname) = (self.name(), self.name());
        const BYTE: u32 = u8::MAX as u32;
        const WORD: u32 = u16::MAX as u32;
        let mut numbers = [
            CodeFlags::ALL as u32,
            WORD,
            BYTE,
            BYTE,
            BYTE,
            BYTE,
            BYTE,
            u32::MAX,
            Code::MAX_CONSTS,
            WORD,
            MAX_CODE,
            WORD,
        ];
        for number in &mut numbers {
            *number = self.number_to(*number);
        }
        let [flags, n_regs, n_args, n_pos_only, n_kw_only, n_free, slots, first_line, ..] = numbers;
        let [.., consts, handlers, bytecode, lines] = numbers.map(|n| n as usize);
        if self.error.is_some() {
            return Value::UNDEF;
        }
        let shape = CodeShape {
            n_regs: n_regs as u16,
            flags: flags as u16,
            n_args: n_args as u8,
            n_pos_only: n_pos_only as u8,
            n_kw_only: n_kw_only as u8,
            n_free: n_free as u8,
            slots: slots as u8,
            first_line,
        };
        let room = CodeRoom { consts, handlers, bytecode, lines };
        let code = match self.vm.blank_code([name, qualname, self.file], &shape, &room) {
            Ok(code) => code,
            Err(raise) => return self.checked(Err(raise)),
        };
        for i in 0..consts {
            let value = self.constant();
            code.init_const(self.vm, i, value);
            if self.error.is_some() {
                return Value::UNDEF;
            }
        }
        let (mut at, mut left) = (0, room.body());
        while let run = self.run(&mut left)
            && !run.is_empty()
        {
            let n = run.len();
            code.init_body(self.vm, at, &self.buf[run]);
            at += n;
        }
        if self.error.is_some() {
            return Value::UNDEF;
        }
        match verify(self.vm, code) {
            Ok(()) => {}
            Err(VerifyError::Raise(raise)) => self.fail(raise),
            Err(VerifyError::Fault { .. }) => {
                self.corrupt();
            }
        }
        code.value()
    }
}
