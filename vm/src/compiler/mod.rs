//! Source text to bytecode, in bounded memory.
pub mod ast;
