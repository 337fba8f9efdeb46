//! The simulated board: one Linux process.
fn main() {}
