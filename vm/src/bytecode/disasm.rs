//! The disassembler: a code object and those inside it as text.
//!
//! Everything is printed by index, never by address, so that one golden file serves every target.
#![forbid(unsafe_code)]

use core::fmt::{Result, Write};

use super::op::{Op, Operand};
use crate::object::{Bytes, Code, CodeFlags, Str, Tuple};
use crate::value::{Kind, Value};

/// How deep nested code objects and tuples are followed.
const MAX_DEPTH: u32 = 16;

/// The most operands of an instruction.
const MAX_OPERANDS: usize = 4;

/// One decoded instruction.
#[derive(Clone, Copy, Debug)]
pub struct Instruction {
    /// Where it begins.
    pub pc: usize,
    /// Where the next one begins.
    pub end: usize,
    /// The opcode.
    pub op: Op,
    /// The operands, in encoding order; jumps and immediates with their sign, places without one 0.
    pub operands: [i32; MAX_OPERANDS],
    /// Where the jump leads to, of an instruction with a jump; may lie outside the code.
    pub target: Option<i32>,
}

impl Instruction {
    /// None yet; the first one follows.
    pub const START: Instruction =
        Instruction { pc: 0, end: 0, op: Op::Move, operands: [0; MAX_OPERANDS], target: None };

    /// Decodes the instruction at `pc`; `None` if there is none.
    pub fn decode(bytecode: &[u8], pc: usize) -> Option<Instruction> {
        let mut i = Instruction { end: pc, ..Instruction::START };
        i.advance(bytecode).then_some(i)
    }

    /// Goes on to the next instruction; false, and anything, if there is none.
    pub fn advance(&mut self, bytecode: &[u8]) -> bool {
        let next = |i: &mut Instruction| {
            let byte = bytecode.get(i.end).copied();
            i.end += 1;
            byte
        };
        self.pc = self.end;
        self.target = None;
        let Some(op) = next(self).and_then(Op::from_byte) else { return false };
        self.op = op;
        for n in 0..MAX_OPERANDS {
            self.operands[n] = 0;
            let Some(kind) = op.operand(n) else { continue };
            let Some(low) = next(self) else { return false };
            let mut value = i32::from(low);
            if kind.size() == 2 {
                let Some(high) = next(self) else { return false };
                value |= i32::from(high) << 8;
            }
            match kind {
                Operand::Imm => value = i32::from(low as i8),
                Operand::Jump => {
                    value = i32::from(value as i16);
                    self.target = Some(self.end as i32 + value);
                }
                _ => {}
            }
            self.operands[n] = value;
        }
        true
    }
}

/// Writes the code object and those among its constants.
pub fn disassemble(code: Code, out: &mut dyn Write) -> Result {
    write_code(code, out, 0)
}

fn write_code(code: Code, out: &mut dyn Write, depth: u32) -> Result {
    write_text(code.qualname(), out)?;
    write!(out, "(")?;
    for (i, &name) in code.consts().iter().take(code.n_params()).enumerate() {
        if i > 0 {
            write!(out, ", ")?;
        }
        write_text(name, out)?;
    }
    write!(out, ") registers {}", code.n_regs())?;
    let names = [
        (CodeFlags::VARARGS, "varargs"),
        (CodeFlags::VARKEYWORDS, "varkeywords"),
        (CodeFlags::GENERATOR, "generator"),
        (CodeFlags::COROUTINE, "coroutine"),
        (CodeFlags::NAMESPACE, "namespace"),
        (CodeFlags::DOC, "doc"),
    ];
    for (flag, name) in names {
        if code.flags() & flag != 0 {
            write!(out, " {name}")?;
        }
    }
    writeln!(out)?;
    let bytecode = code.bytecode();
    let (mut pc, mut line) = (0, 0);
    while let Some(i) = Instruction::decode(bytecode, pc) {
        if code.line_of(pc) != line {
            line = code.line_of(pc);
            writeln!(out, "line {line}")?;
        }
        write!(out, "{pc:5} {}", i.op.name())?;
        for ((kind, name), value) in i.op.operands().zip(i.op.operand_names()).zip(i.operands) {
            write!(out, " ")?;
            match kind {
                Operand::Jump => write!(out, "-> {}", i.target.unwrap_or(0))?,
                Operand::Out | Operand::In | Operand::InOut | Operand::Base => {
                    write!(out, "{name}=r{value}")?;
                }
                Operand::Far => write!(out, "{name}=r{value}")?,
                Operand::Imm | Operand::Count => write!(out, "{name}={value}")?,
                Operand::Const | Operand::Name => {
                    write!(out, "{name}=")?;
                    match code.consts().get(value as usize) {
                        Some(&v) if kind == Operand::Name => write_text(v, out)?,
                        Some(&v) => write_value(v, out, 0)?,
                        None => write!(out, "k{value}")?,
                    }
                }
            }
        }
        writeln!(out)?;
        pc = i.end;
    }
    for h in code.handlers() {
        writeln!(out, "handler {}..{} -> {} r{}", h.start, h.end, h.target, h.reg)?;
    }
    if depth < MAX_DEPTH {
        for inner in code.consts().iter().filter_map(|&v| Code::from_value(v)) {
            writeln!(out)?;
            write_code(inner, out, depth + 1)?;
        }
    }
    Ok(())
}

fn write_text(value: Value, out: &mut dyn Write) -> Result {
    match Str::from_value(value) {
        Some(text) => out.write_str(text.as_str()),
        None => out.write_str("?"),
    }
}

/// A constant, short: what tells it from other constants.
fn write_value(value: Value, out: &mut dyn Write, depth: u32) -> Result {
    if let Some(n) = value.as_small_int() {
        return write!(out, "{n}");
    }
    if let Some(text) = Str::from_value(value) {
        return write!(out, "{:?}", text.as_str());
    }
    if let Some(bytes) = Bytes::from_value(value) {
        return write!(out, "b\"{}\"", bytes.as_bytes().escape_ascii());
    }
    if let Some(tuple) = Tuple::from_value(value) {
        write!(out, "(")?;
        for (i, &item) in tuple.items().iter().enumerate() {
            if i > 0 {
                write!(out, ", ")?;
            }
            if depth < MAX_DEPTH {
                write_value(item, out, depth + 1)?;
            }
        }
        return write!(out, ")");
    }
    if let Some(code) = Code::from_value(value) {
        write!(out, "<code ")?;
        write_text(code.name(), out)?;
        return write!(out, ">");
    }
    match value.kind() {
        Some(Kind::Int) => write!(out, "<int>"),
        Some(Kind::Float) => write!(out, "<float>"),
        Some(Kind::Complex) => write!(out, "<complex>"),
        Some(_) => write!(out, "<object>"),
        None => {
            let names = [
                (Value::NONE, "None"),
                (Value::TRUE, "True"),
                (Value::FALSE, "False"),
                (Value::ELLIPSIS, "Ellipsis"),
            ];
            let name =
                names.iter().find(|(v, _)| *v == value).map_or("<immediate>", |(_, name)| name);
            write!(out, "{name}")
        }
    }
}
