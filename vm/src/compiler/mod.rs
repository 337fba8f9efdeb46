//! Source text to bytecode, in bounded memory.
//!
//! One top-level statement at a time is parsed ([`parser`]), its names are resolved (`scope`), its code is appended
//! to the module's (`codegen`), and its tree is freed; and so it is with the statements of a class of the module. The
//! module is complete before its first instruction runs.
#![forbid(unsafe_code)]

mod analyse;
pub mod arena;
#[allow(missing_docs, reason = "the fields of a node are named by what they hold")]
pub mod ast;
mod codegen;
#[cfg(test)]
mod dump;
pub mod lexer;
mod lexer_string;
mod literals;
pub mod parser;
mod scope;
pub mod token;

use crate::value::Value;
use crate::{Raise, Vm};
use codegen::Gen;
pub use lexer::Source;
pub use parser::Mode;

/// How to compile.
#[derive(Clone, Copy, Debug)]
pub struct CompileOptions {
    /// What the source is.
    pub mode: Mode,
    /// Name of the source in tracebacks, an interned string.
    pub file: Value,
    /// 0: everything; from 1 on no assertions and `__debug__` is false; from 2 on no docstrings; from 3 on no lines.
    pub opt_level: u8,
}

/// Compiles a whole source; returns the code object of the module or expression.
///
/// # Errors
/// `SyntaxError`, `IndentationError`; `RuntimeError` for too deep nesting; `MemoryError`; what the source raises.
pub fn compile(
    vm: &mut Vm,
    source: &mut dyn Source,
    options: &CompileOptions,
) -> Result<Value, Raise> {
    let mut this = Gen::new(vm, source, options)?;
    if options.mode == Mode::Eval {
        this.eval_expression();
    } else {
        this.namespace();
    }
    this.complete()
}
