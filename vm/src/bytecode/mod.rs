//! Bytecode: the opcode table, code objects, the verifier and the disassembler.
pub mod disasm;
pub mod op;
pub mod verify;
