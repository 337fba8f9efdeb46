//! Source text to bytecode, in bounded memory.
pub mod arena;
pub mod ast;
pub mod lexer;
mod lexer_string;
mod literals;
pub mod parser;
pub mod token;
