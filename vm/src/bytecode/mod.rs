//! Bytecode: the opcode table, code objects, the verifier and the disassembler.
pub mod op;
