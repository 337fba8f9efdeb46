//! The developer commands of this repository.
fn main() {}
