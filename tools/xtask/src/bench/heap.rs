//! `cargo xtask bench heap --board BOARD --a IMAGE`: what collecting and allocating cost, on both sides.
//!
//! `programs/heap.py` times them in virtual nanoseconds, one an instruction: the clock of the emulated board counts in
//! thousands of them, so that short things are repeated.

use crate::args::Args;

/// The program that measures; a line `NAME INSTRUCTIONS` for each figure.
const PROGRAM: &str = include_str!("../../programs/heap.py");

/// What we set out to stay within, in instructions.
const LIMITS: &[(&str, u64)] = &[
    // The interpreter, the prompt and the program itself keep 34 objects at least.
    ("collection_of_an_empty_heap", 10_000 + 34 * 75),
    ("chain", 75),
    ("pairs", 75),
    ("floats", 75),
    ("two_blocks_in_holes", 500),
    ("two_blocks_with_collections", 1000),
];

/// Prints the table; green when B is within all limits and both ran.
///
/// # Errors
/// A side or the board is missing, or a program failed.
pub fn main(mut args: Args) -> Result<bool, String> {
    let (board, a, b) = super::sides(&mut args, &[])?;
    args.finish()?;
    if board.is_none() {
        return Err("instructions are counted on an emulated board: --board".to_owned());
    }
    let a = parse(&a.run(&[], &[], PROGRAM)?)?;
    let b = parse(&b.run(&[], &[], PROGRAM)?)?;
    println!("| figure | A (instructions) | B (instructions) | limit |\n|--|--:|--:|--:|");
    let mut green = true;
    for &(name, limit) in LIMITS {
        let find = |side: &[(String, u64)]| {
            side.iter().find(|(other, _)| other == name).map(|&(_, cost)| cost)
        };
        let ours = find(&b).ok_or_else(|| format!("B does not print {name}"))?;
        green &= ours <= limit;
        let theirs = find(&a).map_or("-".to_owned(), |cost| cost.to_string());
        println!("| {} | {theirs} | {ours} | {limit} |", name.replace('_', " "));
    }
    Ok(green)
}

/// The pairs of name and number in the program's output.
fn parse(output: &str) -> Result<Vec<(String, u64)>, String> {
    let pair = |line: &str| {
        let (name, cost) = line.split_once(' ')?;
        Some((name.to_owned(), cost.parse().ok()?))
    };
    output.lines().map(|line| pair(line).ok_or_else(|| format!("unexpected: {line}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_is_of_something_that_the_program_prints() {
        for (name, _) in LIMITS {
            assert!(PROGRAM.contains(&format!("(\"{name}\"")), "{name}");
        }
    }
}
