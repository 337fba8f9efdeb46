//! `cargo xtask bench memory --a CMD`: what an object of each kind takes of the heap, on both sides.
//!
//! `programs/memory.py` makes many of each and divides what `gc.mem_alloc()` grew by.

use crate::args::Args;

/// The program that measures; a line `NAME BYTES` for each kind of object.
const PROGRAM: &str = include_str!("../../programs/memory.py");

/// What we set out to stay within at 32 bits, in bytes.
const LIMITS: &[(&str, u32)] = &[
    ("instance_3_attributes", 16),
    ("list_10", 64),
    ("dict_5", 64),
    ("closure", 32),
    ("bound_method", 16),
    ("float", 16),
    ("string_8", 16),
    ("generator_2_locals", 48),
];

/// Prints the table; green when B is within all limits (on boards) and both ran.
///
/// # Errors
/// A side is missing, or its program failed.
pub fn main(mut args: Args) -> Result<bool, String> {
    let (board, a, b) = super::sides(&mut args, &[])?;
    args.finish()?;
    let a = parse(&a.run(&[], &[], PROGRAM)?)?;
    let b = parse(&b.run(&[], &[], PROGRAM)?)?;
    println!("| object | A (bytes) | B (bytes) | limit at 32 bits |\n|--|--:|--:|--:|");
    let mut green = true;
    for (name, bytes) in &b {
        let theirs = a.iter().find(|(other, _)| other == name);
        let theirs = theirs.map_or("-".to_owned(), |(_, bytes)| bytes.to_string());
        let limit = LIMITS.iter().find(|(other, _)| other == name).map(|&(_, limit)| limit);
        green &= board.is_none() || limit.is_none_or(|limit| *bytes <= limit);
        let limit = limit.map_or(String::new(), |limit| limit.to_string());
        println!("| {} | {theirs} | {bytes} | {limit} |", name.replace('_', " "));
    }
    Ok(green)
}

/// The pairs of name and bytes in the program's output.
fn parse(output: &str) -> Result<Vec<(String, u32)>, String> {
    let pair = |line: &str| {
        let (name, bytes) = line.split_once(' ')?;
        Some((name.to_owned(), bytes.parse().ok()?))
    };
    output.lines().map(|line| pair(line).ok_or_else(|| format!("unexpected: {line}"))).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_limit_is_of_something_that_the_program_measures() {
        for (name, _) in LIMITS {
            assert!(PROGRAM.contains(&format!("measure(\"{name}\"")), "{name}");
        }
    }

    #[test]
    fn the_lines_of_the_program_are_read() {
        assert_eq!(parse("float 16\n"), Ok(vec![("float".to_owned(), 16)]));
        assert!(parse("Traceback\n").is_err());
    }
}
