//! Python compiled ahead of time, on the host: to files that a board imports (`threadsnake-cross`) and to modules
//! inside its image (`threadsnake-freeze`). The compiler is the interpreter's own.
#![forbid(unsafe_code)]

pub mod compile;
pub mod image;
pub mod manifest;
pub mod names;
pub mod options;
