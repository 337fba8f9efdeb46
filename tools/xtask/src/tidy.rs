//! `cargo xtask tidy`: the house rules that no compiler checks.
//!
//! - Every Rust file opens with `//!`; every C file and header with a comment.
//! - `unsafe` code stands only in the rooms that docs and lints allow it.
//! - No file mentions a folder of the machine it was written on.
//! - Files longer than 800 lines are pointed out, without failing: tables may be long.

use std::path::Path;
use std::process::Command;

use crate::args::Args;
use crate::process;

/// Folders in which `unsafe` code may stand.
const UNSAFE_ROOMS: &[&str] = &[
    "vm/src/heap",
    "vm/src/value",
    "vm/src/interp",
    "vm/src/native",
    "vm/src/object",
    "vm/src/vm",
    // What makes a VM for tests.
    "vm/src/testing.rs",
    "vm/tests",
    "components/repl/tests",
    "components/storage/tests",
    "tools/test-section",
    "rtos-glue",
    "components/arena",
    "components/fatfs",
    "components/freertos",
    "components/littlefs",
    // What it exports for C, beside what the glue does.
    "components/capi",
    "components/lwip-sys",
    "components/mbedtls",
    "board-support/boards",
    "board-support/drivers",
    "examples",
];

/// Longest file that passes without remark, in lines.
const LONG: usize = 800;

/// Checks every file that is, or could be, committed.
///
/// # Errors
/// The list of files could not be had.
pub fn main(args: Args) -> Result<bool, String> {
    args.finish()?;
    match check() {
        Ok(()) => Ok(true),
        Err(faults) => {
            eprintln!("{faults}");
            Ok(false)
        }
    }
}

/// As [`main`], for the test command.
///
/// # Errors
/// One line for every fault found.
pub fn check() -> Result<(), String> {
    let mut git = Command::new("git");
    git.current_dir(process::root());
    git.args(["ls-files", "--cached", "--others", "--exclude-standard"]);
    let mut faults = Vec::new();
    for name in process::stdout_of(&mut git)?.lines() {
        // A file may be listed and gone, or not be text.
        let Ok(text) = std::fs::read_to_string(process::root().join(name)) else { continue };
        if text.lines().count() > LONG && !name.ends_with(".lock") && !name.ends_with(".exp") {
            println!("note: {name} has {} lines", text.lines().count());
        }
        faults.extend(faults_of(name, &text));
    }
    if faults.is_empty() { Ok(()) } else { Err(faults.join("\n")) }
}

/// What is wrong with the file `name`, one line each.
fn faults_of(name: &str, text: &str) -> Vec<String> {
    let mut faults = Vec::new();
    let extension = Path::new(name).extension().and_then(|e| e.to_str()).unwrap_or_default();
    let first = text.lines().next().unwrap_or_default();
    match extension {
        "rs" if !first.starts_with("//!") => {
            faults.push(format!("{name}:1: a Rust file opens with //!, saying why it exists"));
        }
        "c" | "h" | "ld" | "S" if !(first.starts_with("/*") || first.starts_with("//")) => {
            faults.push(format!("{name}:1: a file opens with a comment saying why it exists"));
        }
        _ => {}
    }
    let may_be_unsafe = UNSAFE_ROOMS.iter().any(|room| name.starts_with(room));
    for (number, line) in (1..).zip(text.lines()) {
        if extension == "rs" && !may_be_unsafe && has_unsafe(line) {
            faults.push(format!("{name}:{number}: unsafe code outside the rooms that may have it"));
        }
        if let Some(folder) = machine_folder(line) {
            faults.push(format!("{name}:{number}: mentions {folder}, a folder of one machine"));
        }
    }
    faults
}

/// True when a line of Rust has the keyword followed by what makes it unsafe code.
fn has_unsafe(line: &str) -> bool {
    let code = line.split("//").next().unwrap_or_default();
    let mut words = code.split_whitespace().skip_while(|word| !word.ends_with("unsafe"));
    words.next().is_some()
        && words.next().is_some_and(|next| {
            ["{", "fn", "impl", "extern", "trait"].iter().any(|start| next.starts_with(start))
        })
}

/// The first home or work folder that a line names with something below it.
fn machine_folder(line: &str) -> Option<&'static str> {
    // Spelt in halves, or this file would not pass its own check.
    let folders = [concat!("/wo", "rk/"), concat!("/ro", "ot/"), concat!("/ho", "me/")];
    folders.into_iter().find(|folder| {
        line.match_indices(folder).any(|(at, _)| {
            // `foo/work/bar` is somebody's relative folder, and `/home/` in quotes is no path.
            let before = line[..at].chars().next_back();
            let after = line[at + folder.len()..].chars().next();
            let joined = |c: char| c.is_alphanumeric() || matches!(c, '.' | '_' | '-' | '/' | '*');
            !before.is_some_and(joined) && after.is_some_and(|c| c.is_alphanumeric())
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(name: &str, text: &str, faults: usize) {
        let found = faults_of(name, text);
        assert_eq!(found.len(), faults, "{name}: {found:?}");
    }

    #[test]
    fn files_open_by_saying_why_they_exist() {
        check("vm/src/lib.rs", "//! Why.\n", 0);
        check("vm/src/lib.rs", "use core::fmt;\n", 1);
        check("examples/c/main.c", "/* Why. */\n", 0);
        check("examples/c/main.c", "#include <stdio.h>\n", 1);
        check("README.md", "# Title\n", 0);
    }

    #[test]
    fn unsafe_code_has_its_rooms() {
        let code = "//! Why.\nfn f() { unsafe { g() } }\nunsafe impl Send for X {}\n";
        check("components/repl/src/lib.rs", code, 2);
        check("vm/src/heap/mark.rs", code, 0);
        let words = "//! Why.\n// unsafe { }\n#![forbid(unsafe_code)]\n//! not unsafe at all\n";
        check("components/repl/src/lib.rs", words, 0);
    }

    #[test]
    fn folders_of_a_machine_are_refused() {
        check("a.md", concat!("see /wo", "rk/notes\n"), 1);
        check("a.md", concat!("`/ro", "ot/x`\n"), 1);
        check("a.md", concat!("docs/wo", "rk/notes and http://x/ho", "me/\n"), 0);
    }
}
