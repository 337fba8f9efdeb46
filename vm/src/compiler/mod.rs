//! Source text to bytecode, in bounded memory.
pub mod arena;
pub mod ast;
