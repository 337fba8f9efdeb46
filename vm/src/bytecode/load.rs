//! A precompiled file to code objects. Nothing in the file is trusted: what the format does not allow, and code that
//! the verifier refuses, is a `ValueError`.
//!
//! The file is read once, from its start, through a small buffer; memory beyond the code itself is that of the code
//! object at work.
#![forbid(unsafe_code)]

use super::file::{HEADER_BYTES, MAX_CODE, Tag, header};
use super::verify::{VerifyError, verify};
use crate::heap::Buf;
use crate::object::{Code, CodeFlags, CodeParts, Handler, List, Res, StrBuilder, array_items};
use crate::types::int;
use crate::value::{Scalar, Value};
use crate::{Raise, Vm, exc, num};

/// Where the bytes come from: fills the buffer, which is not empty, from its start; returns how many bytes, 0 at the
/// end. May run Python and raise anything.
pub type Fill<'a> = &'a mut dyn FnMut(&mut Vm, &mut [u8]) -> Result<usize, Raise>;

/// Loads a file; returns the code object of the module.
///
/// # Errors
/// `ValueError` beginning `incompatible .mpy file` for a file of another kind, version or interpreter, beginning
/// `corrupt .mpy file` for one that breaks the format or whose code breaks a rule of the verifier; `MemoryError`;
/// `RuntimeError` for code nested too deep; what `fill` raises.
pub fn load(vm: &mut Vm, fill: Fill<'_>) -> Res {
    let code = load_code(vm, fill)?;
    // A module has a namespace, and there is no function around it.
    if code.flags() & CodeFlags::NAMESPACE == 0 || code.get().n_free > 0 {
        return Err(corrupt(vm, "a file holds a module"));
    }
    Ok(code.value())
}

/// As [`load`], whatever code the file holds: a module's or a function's.
///
/// # Errors
/// As of [`load`].
pub fn load_code(vm: &mut Vm, fill: Fill<'_>) -> Result<Code, Raise> {
    let mut reader = Reader { fill, buf: [0; BUFFER], at: 0, len: 0 };
    for wanted in header() {
        // A file that ends early is no file of ours either.
        if reader.next(vm)? != Some(wanted) {
            return Err(vm.raise(exc::VALUE_ERROR, "incompatible .mpy file"));
        }
    }
    const { assert!(HEADER_BYTES == 9) };
    let names = vm.new_list()?;
    for _ in 0..reader.number(vm)? {
        let name = reader.interned(vm)?;
        names.push(vm, name)?;
    }
    let file = reader.name(vm, names)?;
    Loader { reader, names, file }.code(vm)
}

fn corrupt(vm: &mut Vm, rule: &str) -> Raise {
    vm.raise_fmt(exc::VALUE_ERROR, format_args!("corrupt .mpy file: {rule}"))
}

/// Bytes read ahead.
const BUFFER: usize = 64;

struct Reader<'a> {
    fill: Fill<'a>,
    buf: [u8; BUFFER],
    at: usize,
    len: usize,
}

impl Reader<'_> {
    /// What is buffered, at least one byte unless the file is at its end.
    fn buffered(&mut self, vm: &mut Vm) -> Result<usize, Raise> {
        if self.at == self.len {
            self.len = (self.fill)(vm, &mut self.buf)?.min(BUFFER);
            self.at = 0;
        }
        Ok(self.len - self.at)
    }

    fn next(&mut self, vm: &mut Vm) -> Result<Option<u8>, Raise> {
        if self.buffered(vm)? == 0 {
            return Ok(None);
        }
        self.at += 1;
        Ok(Some(self.buf[self.at - 1]))
    }

    fn byte(&mut self, vm: &mut Vm) -> Result<u8, Raise> {
        match self.next(vm)? {
            Some(byte) => Ok(byte),
            None => Err(corrupt(vm, "the file is complete")),
        }
    }

    fn number(&mut self, vm: &mut Vm) -> Result<u32, Raise> {
        let mut n = 0u32;
        let mut shift = 0;
        loop {
            let byte = self.byte(vm)?;
            let part = u32::from(byte & 0x7f);
            if shift >= 32 || part.checked_shl(shift).is_none_or(|p| p >> shift != part) {
                return Err(corrupt(vm, "numbers have 32 bits"));
            }
            n |= part << shift;
            if byte < 0x80 {
                return Ok(n);
            }
            shift += 7;
        }
    }

    /// A number that is at most `most`.
    fn number_to(&mut self, vm: &mut Vm, most: u32) -> Result<u32, Raise> {
        match self.number(vm)? {
            n if n <= most => Ok(n),
            _ => Err(corrupt(vm, "counts are in range")),
        }
    }

    /// A length and so many bytes.
    fn bytes(&mut self, vm: &mut Vm, out: &mut StrBuilder) -> Result<(), Raise> {
        let mut left = self.number(vm)? as usize;
        while left > 0 {
            let n = self.buffered(vm)?.min(left);
            if n == 0 {
                return Err(corrupt(vm, "the file is complete"));
            }
            out.push_bytes(vm, &self.buf[self.at..self.at + n])?;
            self.at += n;
            left -= n;
        }
        Ok(())
    }

    /// As `bytes`, at most `most`, into a buffer.
    fn buffer(&mut self, vm: &mut Vm, most: u32, out: &mut Buf<u8>) -> Result<(), Raise> {
        let mut left = self.number_to(vm, most)? as usize;
        while left > 0 {
            let n = self.buffered(vm)?.min(left);
            if n == 0 {
                return Err(corrupt(vm, "the file is complete"));
            }
            out.extend(vm, &self.buf[self.at..self.at + n])?;
            self.at += n;
            left -= n;
        }
        Ok(())
    }

    /// A text, by what `f` makes of it.
    fn text<R>(
        &mut self,
        vm: &mut Vm,
        f: impl FnOnce(&mut Vm, &str) -> Result<Option<R>, Raise>,
    ) -> Result<R, Raise> {
        let mut text = StrBuilder::new();
        self.bytes(vm, &mut text)?;
        let made = match core::str::from_utf8(text.as_bytes()) {
            Ok(text) => f(vm, text),
            Err(_) => Ok(None),
        };
        text.discard(vm);
        match made? {
            Some(made) => Ok(made),
            None => Err(corrupt(vm, "texts are what they stand for")),
        }
    }

    fn interned(&mut self, vm: &mut Vm) -> Res {
        self.text(vm, |vm, text| vm.intern(text).map(Some))
    }

    fn name(&mut self, vm: &mut Vm, names: List) -> Res {
        let index = self.number(vm)? as usize;
        match names.get(vm, index) {
            Some(name) => Ok(name),
            None => Err(corrupt(vm, "names exist")),
        }
    }

    fn float(&mut self, vm: &mut Vm) -> Result<Scalar, Raise> {
        if !crate::value::Kind::Float.is_built() {
            return Err(corrupt(vm, "this build has its numbers"));
        }
        self.text(vm, |_, text| Ok(num::float::parse::<Scalar>(text)))
    }
}

struct Loader<'a> {
    reader: Reader<'a>,
    names: List,
    /// Name of the source file.
    file: Value,
}

impl Loader<'_> {
    fn code(&mut self, vm: &mut Vm) -> Result<Code, Raise> {
        vm.enter_native()?;
        let name = self.reader.name(vm, self.names)?;
        let qualname = self.reader.name(vm, self.names)?;
        let flags = self.reader.number_to(vm, CodeFlags::ALL.into())? as u16;
        let n_regs = self.reader.number_to(vm, u16::MAX.into())? as u16;
        let mut counts = [0; 5];
        for count in &mut counts {
            *count = self.reader.number_to(vm, u8::MAX.into())? as u8;
        }
        let [n_args, n_pos_only, n_kw_only, n_free, slots] = counts;
        let first_line = self.reader.number(vm)?;
        let consts = vm.new_list()?;
        for _ in 0..self.reader.number_to(vm, Code::MAX_CONSTS)? {
            let value = self.constant(vm)?;
            consts.push(vm, value)?;
        }
        let mut bytecode = Buf::new();
        self.reader.buffer(vm, MAX_CODE, &mut bytecode)?;
        let mut handlers = Buf::new();
        for _ in 0..self.reader.number_to(vm, bytecode.len())? {
            let mut words = [0; 4];
            for word in &mut words {
                *word = u16::from_le_bytes([self.reader.byte(vm)?, self.reader.byte(vm)?]);
            }
            let [start, end, target, reg] = words;
            handlers.push(vm, Handler { start, end, target, reg })?;
        }
        let mut lines = Buf::new();
        self.reader.buffer(vm, u16::MAX.into(), &mut lines)?;
        let code = vm.new_code(CodeParts {
            name,
            qualname,
            file: self.file,
            bytecode: &bytecode,
            consts,
            handlers: &handlers,
            lines: &lines,
            n_regs,
            n_pos_only,
            n_args,
            n_kw_only,
            flags,
            n_free,
            first_line,
            slots,
        })?;
        bytecode.free(vm);
        handlers.free(vm);
        lines.free(vm);
        let code = Code::from_known(code);
        match verify(vm, code) {
            Ok(()) => Ok(code),
            Err(VerifyError::Raise(raise)) => Err(raise),
            Err(VerifyError::Fault { rule, .. }) => Err(corrupt(vm, rule)),
        }
    }

    fn constant(&mut self, vm: &mut Vm) -> Res {
        let byte = self.reader.byte(vm)?;
        let Some(tag) = Tag::from_byte(byte) else {
            return Err(corrupt(vm, "constants are of known kinds"));
        };
        let reader = &mut self.reader;
        match tag {
            Tag::None => Ok(Value::NONE),
            Tag::False => Ok(Value::FALSE),
            Tag::True => Ok(Value::TRUE),
            Tag::Ellipsis => Ok(Value::ELLIPSIS),
            Tag::Name => reader.name(vm, self.names),
            Tag::Str => reader.text(vm, |vm, text| vm.new_str(text).map(Some)),
            Tag::Bytes => {
                let mut bytes = StrBuilder::new();
                reader.bytes(vm, &mut bytes)?;
                bytes.finish_bytes(vm)
            }
            Tag::Int => reader.text(vm, |vm, text| int::from_text(vm, text.as_bytes(), 10)),
            Tag::Float => {
                let number = reader.float(vm)?;
                vm.new_float(number)
            }
            Tag::Complex => {
                let (re, im) = (reader.float(vm)?, reader.float(vm)?);
                vm.new_complex(re, im)
            }
            Tag::Tuple => {
                vm.enter_native()?;
                let items = vm.new_list()?;
                for _ in 0..self.reader.number(vm)? {
                    let item = self.constant(vm)?;
                    items.push(vm, item)?;
                }
                vm.new_tuple(array_items(items.array(vm)).get(..items.len(vm)).unwrap_or_default())
            }
            Tag::Code => self.code(vm).map(Code::value),
        }
    }
}
