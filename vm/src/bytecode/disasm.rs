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
    /// Decodes the instruction at `pc`; `None` if there is none.
    pub fn decode(bytecode: &[u8], pc: usize) -> Option<Instruction> {
        let op = Op::from_byte(*bytecode.get(pc)?)?;
        let end = pc + op.len();
        let (mut operands, mut target) = ([0; MAX_OPERANDS], None);
        let mut at = pc + 1;
        for (operand, kind) in operands.iter_mut().zip(op.operands().iter().copied()) {
            let bytes = bytecode.get(at..at + kind.size())?;
            let word = match *bytes {
                [low, high] => u16::from_le_bytes([low, high]),
                _ => bytes[0].into(),
            };
            *operand = match kind {
                Operand::Imm => i32::from(word as i8),
                Operand::Jump => i32::from(word as i16),
                _ => word.into(),
            };
            if kind == Operand::Jump {
                target = Some(end as i32 + *operand);
            }
            at += kind.size();
        }
        Some(Instruction { pc, end, op, operands, target })
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
        for ((kind, name), value) in
            i.op.operands().iter().copied().zip(i.op.operand_names()).zip(i.operands)
        {
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
