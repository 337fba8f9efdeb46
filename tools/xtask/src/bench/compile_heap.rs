//! `cargo xtask bench compile-heap CHECKOUT --a CMD`: the smallest heap that compiles a source file.
//!
//! For the longest files of some of upstream's test folders, those that A compiles at all, the heap
//! given with `-X heapsize` is halved in on, to 256 bytes, with `-X compile-only`. On the host,
//! because only a command line has these options.

use std::path::PathBuf;

use crate::args::Args;
use crate::bench::side::Side;
use crate::language;

/// The folders, and how many files of each.
const FOLDERS: [&str; 4] = ["basics", "extmod", "misc", "perf_bench"];
const FILES: usize = 6;
/// A heap in which every file must compile, in bytes.
const LARGEST: u64 = 4 << 20;
/// How exactly the least heap is found, in bytes.
const STEP: u64 = 256;

/// Prints the table; green when B never needs more than A.
///
/// # Errors
/// A side or the checkout is missing.
pub fn main(mut args: Args) -> Result<bool, String> {
    let (board, a, b) = super::sides(&mut args, &[])?;
    let checkout = args.positional().ok_or("usage: cargo xtask bench compile-heap CHECKOUT")?;
    args.finish()?;
    if board.is_some() {
        return Err("a board has no option for the heap's size".to_owned());
    }
    let mut green = true;
    println!("| file | length | A (bytes) | B (bytes) |\n|--|--:|--:|--:|");
    for folder in FOLDERS {
        let mut paths: Vec<(u64, PathBuf)> =
            language::files(&PathBuf::from(&checkout).join("tests").join(folder), "py")
                .into_iter()
                .map(|path| (path.metadata().map_or(0, |data| data.len()), path))
                .collect();
        paths.sort();
        let compiled = paths.into_iter().rev().filter_map(|(length, path)| {
            let heap = least(&a, &path)?;
            Some((length, path, heap))
        });
        for (length, path, theirs) in compiled.take(FILES) {
            let name = path.file_name().unwrap_or_default().display();
            let ours = least(&b, &path);
            green &= ours.is_some_and(|ours| ours <= theirs);
            let ours = ours.map_or("does not compile".to_owned(), |heap| heap.to_string());
            println!("| {folder}/{name} | {length} | {theirs} | {ours} |");
        }
    }
    Ok(green)
}

/// The least heap in which `side` compiles `path`; `None` if it never does.
fn least(side: &Side, path: &std::path::Path) -> Option<u64> {
    let compiles = |heap: u64| {
        let options = ["-X", &format!("heapsize={heap}"), "-X", "compile-only"].map(str::to_owned);
        let mut options = options.to_vec();
        options.push(path.display().to_string());
        side.run(&[], &options, "").is_ok()
    };
    if !compiles(LARGEST) {
        return None;
    }
    let (mut too_small, mut enough) = (0, LARGEST / STEP);
    while enough - too_small > 1 {
        let middle = (too_small + enough) / 2;
        if compiles(middle * STEP) { enough = middle } else { too_small = middle }
    }
    Some(enough * STEP)
}
