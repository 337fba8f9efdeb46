//! The host personality as a user sees it: command lines in, output and exit codes out.

use std::io::{BufRead, Read, Write};
use std::process::{Command, Output, Stdio};

// Links what the link options of this package ask for.
use threadsnake_sim as _;

fn threadsnake(arguments: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_threadsnake"));
    command
        .args(arguments)
        .env_remove("MICROPYINSPECT")
        .env_remove("MICROPYPATH")
        .stdin(Stdio::null());
    command
}

fn output(mut command: Command) -> (i32, String, String) {
    let Output { status, stdout, stderr } = command.output().expect("the program starts");
    let text = |bytes: Vec<u8>| String::from_utf8_lossy(&bytes).into_owned();
    (status.code().unwrap_or(-1), text(stdout), text(stderr))
}

/// Runs a command line and compares all of its output and its exit code.
fn check(arguments: &[&str], expected_output: &str, expected_code: i32) {
    let (code, stdout, stderr) = output(threadsnake(arguments));
    assert_eq!((code, stdout.as_str(), stderr.as_str()), (expected_code, expected_output, ""));
}

/// Runs a command line that must fail, with this in what it says.
fn check_failure(arguments: &[&str], expected_words: &[&str], expected_code: i32) {
    let (code, stdout, stderr) = output(threadsnake(arguments));
    let said = stdout + &stderr;
    assert_eq!(code, expected_code, "{said}");
    for words in expected_words {
        assert!(said.contains(words), "{words:?} is not in {said:?}");
    }
}

/// Runs a command line with this on standard input.
fn check_input(arguments: &[&str], input: &str, expected_output: &str, expected_code: i32) {
    let mut command = threadsnake(arguments);
    let mut child =
        command.stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().expect("the program starts");
    let mut stdin = child.stdin.take().expect("a pipe");
    stdin.write_all(input.as_bytes()).expect("it reads");
    drop(stdin);
    let result = child.wait_with_output().expect("it ends");
    assert_eq!(String::from_utf8_lossy(&result.stdout), expected_output);
    assert_eq!(result.status.code(), Some(expected_code));
}

/// A file in a folder of its own, removed at the end.
struct Scratch(std::path::PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let dir = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(&dir).expect("a folder");
        Self(dir)
    }

    fn file(&self, name: &str, text: &str) -> String {
        let path = self.0.join(name);
        std::fs::write(&path, text).expect("a file");
        path.to_str().expect("a name in UTF-8").to_owned()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

#[test]
fn help_and_version_are_printed() {
    let (code, stdout, _) = output(threadsnake(&["-h"]));
    assert_eq!(code, 0);
    assert!(stdout.starts_with("usage: threadsnake "));
    let (code, stdout, _) = output(threadsnake(&["--version"]));
    assert_eq!(code, 0);
    assert!(stdout.contains("1.29.0"));
}

#[test]
fn the_log_is_off_unless_asked_for() {
    let (code, stdout, stderr) = output(threadsnake(&["-v", "-c", "print(1)"]));
    assert_eq!((code, stdout.as_str()), (0, "1\n"));
    assert!(stderr.starts_with("INFO "), "{stderr}");
    check(&["-c", "print(1)"], "1\n", 0);
}

#[test]
fn mistakes_in_the_command_line_end_with_1() {
    check_failure(&["--turbo"], &["unknown option: --turbo", "usage:"], 1);
    check_failure(&["-X", "heapsize=12q"], &["not a heap size", "usage:"], 1);
    check_failure(&["-X", "heapsize=100"], &["heap too small"], 1);
    check_failure(&["-X", "heapsize=1k", "-c", "1"], &["heap too small"], 1);
    check_failure(&["-X", "emit=native", "-c", "1"], &["bytecode only"], 1);
    check_failure(&["no/such/file.py"], &["can't open file 'no/such/file.py'"], 1);
}

#[test]
fn a_command_runs() {
    check(&["-c", "print(sum(i*i for i in range(10)))"], "285\n", 0);
    check(&["-X", "emit=bytecode", "-O2", "-c", "print(__debug__)"], "False\n", 0);
}

#[test]
fn the_exit_code_is_that_of_the_program() {
    check(&["-c", "raise SystemExit"], "", 0);
    check(&["-c", "raise SystemExit(3)"], "", 3);
    check_failure(&["-c", "raise SystemExit('why')"], &["why"], 1);
    check(&["-c", "import sys; sys.exit(7)"], "", 7);
    check_failure(&["-c", "1/0"], &["Traceback", "line 1", "ZeroDivisionError"], 1);
}

#[test]
fn a_script_has_its_arguments_and_its_folder() {
    let scratch = Scratch::new("script");
    let script = scratch.file("script.py", "import sys, other\nprint(sys.argv[1:], other.x)\n");
    scratch.file("other.py", "x = 42\n");
    check(&[&script, "-c", "b"], "['-c', 'b'] 42\n", 0);
}

#[test]
fn a_module_is_found_on_the_search_path() {
    let scratch = Scratch::new("module");
    scratch.file("found.py", "print('found', __name__)\n");
    let mut command = threadsnake(&["-c", "import found"]);
    command.env("MICROPYPATH", &scratch.0);
    assert_eq!(output(command).1, "found found\n");
    let mut command = threadsnake(&["-m", "found"]);
    command.env("MICROPYPATH", &scratch.0);
    assert_eq!(output(command).1, "found __main__\n");
}

#[test]
fn standard_input_is_a_script_when_it_is_no_terminal() {
    check_input(&[], "for i in range(2):\n  print(i)\n", "0\n1\n", 0);
    check_input(&["-"], "print('dash')", "dash\n", 0);
}

#[test]
fn a_syntax_error_names_file_and_line() {
    let scratch = Scratch::new("syntax");
    let script = scratch.file("wrong.py", "x = 1\ny = = 2\n");
    check_failure(&[&script], &[&script, "line 2", "SyntaxError"], 1);
}

#[test]
fn compile_only_runs_nothing() {
    check(&["-X", "compile-only", "-c", "print('never')"], "", 0);
    check_failure(&["-X", "compile-only", "-c", "x = = 1"], &["SyntaxError"], 1);
}

/// Starts a program, interrupts it when it has written `ready`, and checks that this ends it.
fn check_interrupt(program: &str) {
    let mut child = threadsnake(&["-c", program])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdout = child.stdout.take().expect("a pipe");
    let mut ready = [0; 6];
    stdout.read_exact(&mut ready).expect("it writes");
    // SAFETY: a signal to our own child, which has not been waited for.
    unsafe { libc::kill(child.id() as i32, libc::SIGINT) };
    let mut said = String::new();
    stdout.read_to_string(&mut said).expect("text");
    let result = child.wait_with_output().expect("it ends");
    said += &String::from_utf8_lossy(&result.stderr);
    assert!(said.contains("KeyboardInterrupt"), "{said}");
    assert_eq!(result.status.code(), Some(1));
}

#[test]
fn an_interrupt_ends_a_busy_loop_and_a_sleep() {
    check_interrupt("print('ready')\nwhile True: pass");
    check_interrupt("import time\nprint('ready')\ntime.sleep(1000)");
}

#[test]
fn the_board_talks_on_a_pty() {
    let mut child = threadsnake(&["--board", "--pty"])
        .stdout(Stdio::piped())
        .spawn()
        .expect("the program starts");
    let mut stdout = std::io::BufReader::new(child.stdout.take().expect("a pipe"));
    let mut name = String::new();
    stdout.read_line(&mut name).expect("it prints the name");
    let mut line =
        std::fs::OpenOptions::new().read(true).write(true).open(name.trim()).expect("the pty");
    let mut said = Vec::new();
    let mut read_until = |line: &mut std::fs::File, words: &[u8]| {
        while !said.ends_with(words) {
            let mut byte = [0];
            line.read_exact(&mut byte).expect("it talks");
            said.push(byte[0]);
        }
        core::mem::take(&mut said)
    };
    read_until(&mut line, b">>> ");
    line.write_all(b"6 * 7\r").expect("it listens");
    assert_eq!(read_until(&mut line, b">>> "), b"6 * 7\r\n42\r\n>>> ");
    line.write_all(b"while print('on') is None: pass\r\r").expect("it listens");
    read_until(&mut line, b"on\r\non\r\n");
    line.write_all(b"\x03").expect("it listens");
    let traceback = String::from_utf8(read_until(&mut line, b">>> ")).expect("text");
    assert!(traceback.contains("KeyboardInterrupt"), "{traceback}");
    line.write_all(b"\x04").expect("it listens");
    read_until(&mut line, b"MPY: soft reboot\r\n");
    read_until(&mut line, b">>> ");
    child.kill().expect("it lives");
    child.wait().expect("it ends");
}
