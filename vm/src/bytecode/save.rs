//! Code objects to a precompiled file: what the cross-compiler writes. The bytes are described in [`super::file`].
#![forbid(unsafe_code)]

use super::file::{Tag, header};
use crate::object::{Bytes, Code, Complex, Dict, Float, Int, List, Res, Str, StrBuilder, Tuple};
use crate::value::Value;
use crate::{Raise, Vm, exc};

/// The precompiled file of a module's code, as a `bytes` object. Without `lines` tracebacks tell no line numbers.
///
/// # Errors
/// `MemoryError`; `ValueError` for a constant that no file can hold (the compiler makes none).
pub fn save(vm: &mut Vm, code: Code, lines: bool) -> Res {
    let names = Names { list: vm.new_list()?, places: vm.new_dict()? };
    collect_names(vm, &names, code)?;
    let mut writer = Writer { out: StrBuilder::new(), names, lines };
    writer.out.push_bytes(vm, &header());
    writer.number(vm, names.list.len(vm));
    for i in 0..names.list.len(vm) {
        let name = names.list.get(vm, i).and_then(Str::from_value);
        if let Some(name) = name {
            writer.text(vm, name.as_bytes());
        }
    }
    writer.name(vm, code.file());
    writer.code(vm, code)?;
    writer.out.finish_bytes(vm)
}

/// The names of a file, in the order of their first use.
#[derive(Clone, Copy)]
struct Names {
    list: List,
    /// From a name to its index.
    places: Dict,
}

impl Names {
    fn add(self, vm: &mut Vm, name: Value) -> Result<(), Raise> {
        if self.places.get_name(vm, name).is_some() {
            return Ok(());
        }
        let index = Value::from_len(self.list.len(vm));
        self.places.set_name(vm, name, index)?;
        self.list.push(vm, name)
    }
}

fn collect_names(vm: &mut Vm, names: &Names, code: Code) -> Result<(), Raise> {
    vm.enter_native()?;
    for name in [code.name(), code.qualname(), code.file()] {
        names.add(vm, name)?;
    }
    for &value in code.consts() {
        collect_names_of(vm, names, value)?;
    }
    Ok(())
}

fn collect_names_of(vm: &mut Vm, names: &Names, value: Value) -> Result<(), Raise> {
    if let Some(code) = Code::from_value(value) {
        collect_names(vm, names, code)?;
    } else if Str::from_value(value).is_some_and(Str::is_interned) {
        names.add(vm, value)?;
    } else if let Some(tuple) = Tuple::from_value(value) {
        vm.enter_native()?;
        for &item in tuple.items() {
            collect_names_of(vm, names, item)?;
        }
    }
    Ok(())
}

struct Writer {
    out: StrBuilder,
    names: Names,
    lines: bool,
}

impl Writer {
    fn byte(&mut self, vm: &mut Vm, byte: u8) {
        self.out.push_byte(vm, byte);
    }

    fn number(&mut self, vm: &mut Vm, mut n: usize) {
        while n >= 0x80 {
            self.byte(vm, n as u8 | 0x80);
            n >>= 7;
        }
        self.byte(vm, n as u8);
    }

    fn text(&mut self, vm: &mut Vm, text: &[u8]) {
        self.number(vm, text.len());
        self.out.push_bytes(vm, text);
    }

    fn name(&mut self, vm: &mut Vm, name: Value) {
        let place = self.names.places.get_name(vm, name).and_then(Value::as_small_int);
        self.number(vm, place.unwrap_or_default() as usize);
    }

    fn code(&mut self, vm: &mut Vm, code: Code) -> Result<(), Raise> {
        vm.enter_native()?;
        self.name(vm, code.name());
        self.name(vm, code.qualname());
        let c = code.get();
        let first_line = if self.lines { code.first_line() as usize } else { 1 };
        let [flags, n_regs] = [code.flags(), c.n_regs].map(usize::from);
        let counts = [c.n_args, c.n_pos_only, c.n_kw_only, c.n_free, c.slots].map(usize::from);
        let lines = if self.lines { code.lines() } else { &[] };
        let lengths =
            [code.consts().len(), code.handlers().len(), code.bytecode().len(), lines.len()];
        let numbers = [flags, n_regs].into_iter().chain(counts).chain([first_line]);
        for n in numbers.chain(lengths) {
            self.number(vm, n);
        }
        for &value in code.consts() {
            self.constant(vm, value)?;
        }
        for handler in code.handlers() {
            for n in [handler.start, handler.end, handler.target, handler.reg] {
                self.out.push_bytes(vm, &n.to_le_bytes());
            }
        }
        self.out.push_bytes(vm, code.bytecode());
        self.out.push_bytes(vm, lines);
        Ok(())
    }

    fn constant(&mut self, vm: &mut Vm, value: Value) -> Result<(), Raise> {
        const SIMPLE: [(Value, Tag); 4] = [
            (Value::NONE, Tag::None),
            (Value::FALSE, Tag::False),
            (Value::TRUE, Tag::True),
            (Value::ELLIPSIS, Tag::Ellipsis),
        ];
        if let Some((_, tag)) = SIMPLE.iter().find(|(simple, _)| *simple == value) {
            self.byte(vm, *tag as u8);
        } else if let Some(text) = Str::from_value(value) {
            if text.is_interned() {
                self.byte(vm, Tag::Name as u8);
                self.name(vm, value);
            } else {
                self.byte(vm, Tag::Str as u8);
                self.text(vm, text.as_bytes());
            }
        } else if let Some(bytes) = Bytes::from_value(value) {
            self.byte(vm, Tag::Bytes as u8);
            self.text(vm, bytes.as_bytes());
        } else if value.is_small_int() || Int::from_value(value).is_some() {
            self.byte(vm, Tag::Int as u8);
            self.repr(vm, value)?;
        } else if Float::from_value(value).is_some() {
            self.byte(vm, Tag::Float as u8);
            self.repr(vm, value)?;
        } else if let Some(complex) = Complex::from_value(value) {
            self.byte(vm, Tag::Complex as u8);
            for part in [complex.re(vm), complex.im(vm)] {
                let part = vm.new_float(part)?;
                self.repr(vm, part)?;
            }
        } else if let Some(tuple) = Tuple::from_value(value) {
            vm.enter_native()?;
            self.byte(vm, Tag::Tuple as u8);
            self.number(vm, tuple.len());
            for &item in tuple.items() {
                self.constant(vm, item)?;
            }
        } else if let Some(code) = Code::from_value(value) {
            self.byte(vm, Tag::Code as u8);
            self.code(vm, code)?;
        } else {
            return Err(vm.raise(exc::VALUE_ERROR, "constant not for a file"));
        }
        Ok(())
    }

    /// The text of a number that is read back as the same one.
    fn repr(&mut self, vm: &mut Vm, number: Value) -> Result<(), Raise> {
        let text = vm.repr(number)?;
        self.text(vm, Str::from_known(text).as_bytes());
        Ok(())
    }
}
