//! The cross-compiler as a program: what it writes where, what it says, how it ends.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use threadsnake_vm::bytecode::file::header;

fn cross(folder: &Path, arguments: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_threadsnake-cross"));
    command.args(arguments).current_dir(folder).stdin(Stdio::piped());
    let mut child = command.stdout(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(input.as_bytes()).unwrap();
    child.wait_with_output().unwrap()
}

/// A new folder for the test of this name, with the file `a.py`.
fn folder(test: &str, source: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(test);
    std::fs::remove_dir_all(&folder).ok();
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("a.py"), source).unwrap();
    folder
}

#[test]
fn the_file_goes_beside_the_source_or_where_o_says() {
    let folder = folder("outputs", "print(1)\n");
    assert!(cross(&folder, &["a.py"], "").status.success());
    assert!(cross(&folder, &["-o", "b", "a.py"], "").status.success());
    let to_stdout = cross(&folder, &["-o", "-", "a.py"], "");
    let from_stdin = cross(&folder, &["-s", "a.py", "-"], "print(1)\n");
    let file = std::fs::read(folder.join("a.mpy")).unwrap();
    assert!(file.starts_with(&header()));
    assert_eq!(std::fs::read(folder.join("b")).unwrap(), file);
    assert_eq!(to_stdout.stdout, file);
    assert_eq!(from_stdin.stdout, file);
}

#[test]
fn an_error_in_the_source_is_a_traceback_and_exit_code_1() {
    let folder = folder("errors", "x = 1\nx = = 2\n");
    let outcome = cross(&folder, &["a.py"], "");
    let text = String::from_utf8(outcome.stderr).unwrap();
    assert_eq!(outcome.status.code(), Some(1));
    assert_eq!(
        text,
        "Traceback (most recent call last):\n  File \"a.py\", line 2\nSyntaxError: invalid syntax\n"
    );
    assert!(!folder.join("a.mpy").exists());
    let missing = cross(&folder, &["no.py"], "");
    assert_eq!(missing.status.code(), Some(1));
    assert!(missing.stderr.starts_with(b"threadsnake-cross: no.py: "));
}

#[test]
fn levels_of_optimisation_leave_out_assertions_and_lines() {
    let folder = folder("levels", "assert x\nprint('a')\n");
    let sizes = [&["-O0"][..], &["-O"], &["-O3"], &["-X", "no-source-lines"]].map(|options| {
        let outcome = cross(&folder, &[options, &["-o", "-", "a.py"]].concat(), "");
        assert!(outcome.status.success());
        outcome.stdout.len()
    });
    assert!(sizes[0] > sizes[1] && sizes[1] > sizes[2] && sizes[0] > sizes[3], "{sizes:?}");
}

#[test]
fn help_and_version_are_told() {
    let folder = folder("help", "");
    assert!(cross(&folder, &["--help"], "").stdout.starts_with(b"usage: "));
    assert!(cross(&folder, &["--version"], "").stdout.starts_with(b"Threadsnake "));
    let mistake = cross(&folder, &["-q"], "");
    assert_eq!(mistake.status.code(), Some(1));
    assert!(mistake.stderr.starts_with(b"threadsnake-cross: unknown option: -q\nusage: "));
}
