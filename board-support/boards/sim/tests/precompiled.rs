//! Precompiled files as a user meets them: imported, run, and refused.

use std::path::{Path, PathBuf};
use std::process::Command;

use threadsnake_cross::compile::{How, to_file};
// Links what the link options of this package ask for.
use threadsnake_sim as _;

/// An empty folder for the test of this name.
fn folder(test: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("precompiled").join(test);
    std::fs::remove_dir_all(&folder).ok();
    std::fs::create_dir_all(&folder).unwrap();
    folder
}

fn write(path: impl AsRef<Path>, bytes: &[u8]) {
    std::fs::create_dir_all(path.as_ref().parent().unwrap()).unwrap();
    std::fs::write(path, bytes).unwrap();
}

fn precompiled(source: &str) -> Vec<u8> {
    to_file(source.as_bytes(), "src.py", &How::default()).unwrap()
}

/// Runs the arguments in the folder; what it printed on both outputs.
fn run(folder: &Path, arguments: &[&str]) -> String {
    let mut command = Command::new(env!("CARGO_BIN_EXE_threadsnake"));
    command.args(arguments).current_dir(folder).env_remove("MICROPYPATH");
    let outcome = command.output().unwrap();
    String::from_utf8([outcome.stdout, outcome.stderr].concat()).unwrap()
}

#[test]
fn import_takes_source_before_a_precompiled_file_before_the_next_folder() {
    let folder = folder("order");
    write(folder.join("a.py"), b"print('a.py')");
    write(folder.join("a.mpy"), &precompiled("print('a.mpy')"));
    write(folder.join("b.mpy"), &precompiled("print('b.mpy', __name__, __file__)"));
    write(folder.join("next/b.py"), b"print('next/b.py')");
    write(folder.join("p/__init__.mpy"), &precompiled("from . import q; print(__path__)"));
    write(folder.join("p/q.mpy"), &precompiled("print(__name__)"));
    let text = run(&folder, &["-c", "import sys; sys.path.append('next'); import a, b, p"]);
    assert_eq!(text, "a.py\nb.mpy b b.mpy\np.q\n['p']\n");
}

#[test]
fn a_traceback_names_the_source() {
    let folder = folder("traceback");
    write(folder.join("m.mpy"), &precompiled("def f():\n    raise OSError(5)\nf()\n"));
    let expected = "Traceback (most recent call last):\n  File \"src.py\", line 3, in <module>\n  \
                    File \"src.py\", line 2, in f\nOSError: [Errno 5] EIO\n";
    assert_eq!(run(&folder, &["m.mpy"]), expected);
    assert_eq!(run(&folder, &["-m", "m"]), expected);
}

#[test]
fn files_of_others_and_broken_files_leave_nothing_behind() {
    let folder = folder("refused");
    let file = precompiled("print('never')");
    write(folder.join("upstream.mpy"), b"M\x06\x00\x1f\x00\x00");
    write(folder.join("short.mpy"), &file[..file.len() - 1]);
    let program = "import sys\nfor name in 'upstream', 'short':\n    try:\n        __import__(name)\n    \
                   except ValueError as e:\n        print(e, name in sys.modules)";
    let expected = "incompatible .mpy file False\ncorrupt .mpy file False\n";
    assert_eq!(run(&folder, &["-c", program]), expected);
}

#[test]
fn tools_are_told_to_send_source() {
    let folder = folder("tools");
    assert_eq!(
        run(&folder, &["-c", "import sys; print(hasattr(sys.implementation, '_mpy'))"]),
        "False\n"
    );
}
