//! The simulated board: one Linux process.
use threadsnake_sim as _;

fn main() {}
