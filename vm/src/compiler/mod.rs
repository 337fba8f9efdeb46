//! Source text to bytecode, in bounded memory.
//!
//! One top-level statement at a time is parsed ([`parser`]), its names are resolved (`scope`), its code is appended
//! to the module's (`codegen`), and its tree is freed. The module is complete before its first instruction runs.
#![forbid(unsafe_code)]

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
mod scope_walk;
pub mod token;

use crate::value::Value;
use crate::value::names::q;
use crate::{Raise, Vm};
use arena::Ast;
use ast::{Id, Kind, Seq};
use codegen::{Gen, Unit, UnitParts, Work};
pub use lexer::Source;
pub use parser::Mode;
use parser::Parser;
use scope::{ScopeKind, Scopes};

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
    let mut scopes = Scopes::new(vm)?;
    let mut work = Work::new();
    let name = q::MODULE.value();
    let mut unit = Unit::new(vm, ScopeKind::Module, name, name, 1)?;
    unit.reserve_namespace();
    let mut parser = Parser::new(vm, source, options.mode, options.opt_level == 0)?;
    let mut first = true;
    loop {
        let root = if options.mode == Mode::Eval {
            Some(parser.parse_eval()?)
        } else {
            parser.next_statement()?
        };
        let ast = &parser.ast;
        let vm = &mut *parser.lexer.vm;
        if let Some(id) = root {
            scope_walk::analyse(vm, ast, &mut scopes, id)?;
        }
        let mut at_work =
            Gen { vm, ast, scopes: &mut scopes, options, work: &mut work, unit: &mut unit };
        match root {
            Some(id) if options.mode == Mode::Eval => at_work.return_value(id)?,
            Some(id) => {
                if first {
                    at_work.module_docstring(id)?;
                }
                at_work.top_level(id)?;
                first = false;
                continue;
            }
            None => {}
        }
        let code = at_work.finish(UnitParts::default())?;
        let vm = &mut *parser.lexer.vm;
        unit.free(vm);
        work.free(vm);
        scopes.free(vm);
        parser.ast.reset(vm);
        return Ok(code);
    }
}

/// The line and the parts of the `if` that an `elif` is.
fn elif(vm: &Vm, ast: &Ast, orelse: Id) -> Option<(u32, Seq)> {
    if orelse.is_none() {
        return None;
    }
    let node = ast.node(vm, orelse);
    if let Kind::If(parts) = node.kind { Some((node.line, parts)) } else { None }
}
