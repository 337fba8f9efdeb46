//! Bytecode: the opcode table, the verifier, the disassembler, and the precompiled file.
pub mod disasm;
mod effects;
pub mod file;
#[cfg(test)]
mod file_tests;
pub mod load;
pub mod op;
pub mod save;
pub mod verify;
