//! Numbers without objects: the arithmetic, conversion and formatting that `int`, `float`,
//! `complex`, `math` and `cmath` are built on.
//!
//! It exists apart from the object model so that it can be tested alone and read alone. Invariants:
//! nothing here allocates, blocks or holds state; every result goes into memory of the caller,
//! whose size a `*_len` function states beforehand; every loop that grows with its operands reports
//! to a [`Meter`], so that the interpreter stays interruptible.
//!
//! The parts, each using only earlier ones:
//! - [`meter`], `word`, `kernel`: accounting and the inner loops;
//! - [`limbs`], [`divide`]: unsigned big integers; [`int`], [`bits`]: signed ones;
//! - [`radix`], [`text`]: integers as digits, as source text;
//! - [`real`], [`convert`]: the float types, and integers to and from them;
//! - [`spec`], [`intfmt`]: the format mini-language;
//! - `decimal`, `parse`, [`float`]: floats as text, and their arithmetic in Python;
//! - [`soft`], `wide`, `single`: single precision for boards without it, and its functions;
//! - [`math`], [`complex`]: the functions of Python's `math` and `cmath`.

pub mod bits;
pub mod complex;
pub mod convert;
mod decimal;
pub mod divide;
pub mod float;
pub mod int;
pub mod intfmt;
mod kernel;
pub mod limbs;
pub mod math;
pub mod meter;
mod parse;
pub mod radix;
pub mod real;
mod single;
pub mod soft;
pub mod spec;
pub mod text;
mod wide;
mod word;

pub use complex::Complex;
pub use int::{Int, Shape};
pub use meter::Meter;
pub use real::Real;
pub use spec::FormatSpec;

use core::fmt;

/// Where text goes. That of `core` would bring its formatting along, a kilobyte and a half of code.
pub trait Write {
    /// Takes some text.
    fn write_str(&mut self, text: &str) -> fmt::Result;

    /// Takes a character.
    fn write_char(&mut self, c: char) -> fmt::Result {
        self.write_str(c.encode_utf8(&mut [0; 4]))
    }
}

#[cfg(test)]
mod tests;
