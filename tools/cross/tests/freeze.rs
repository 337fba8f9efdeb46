//! The freezing tool as a program: what a manifest chooses, and what is wrong with one. That images work is for
//! `cargo xtask frozen`.

use std::path::{Path, PathBuf};
use std::process::Command;

/// A new folder for the test of this name, with these files.
fn folder(test: &str, files: &[(&str, &str)]) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("freeze").join(test);
    std::fs::remove_dir_all(&folder).ok();
    for (name, text) in files {
        let path = folder.join(name);
        std::fs::create_dir_all(path.parent().unwrap()).unwrap();
        std::fs::write(path, text).unwrap();
    }
    folder
}

/// Freezes by `manifest.py`; the source of the image, or what the tool said instead.
fn freeze(folder: &Path, options: &[&str]) -> Result<String, String> {
    let mut command = Command::new(env!("CARGO_BIN_EXE_threadsnake-freeze"));
    command.args(options).args(["-o", "image.rs", "manifest.py"]).current_dir(folder);
    let outcome = command.output().unwrap();
    if outcome.status.success() {
        return Ok(std::fs::read_to_string(folder.join("image.rs")).unwrap());
    }
    assert_eq!(outcome.status.code(), Some(1));
    Err(String::from_utf8(outcome.stderr).unwrap())
}

/// The paths that the image has, in order.
fn paths(image: &str) -> Vec<&str> {
    let entries = image.lines().filter_map(|line| line.strip_prefix("FrozenModule { path: \""));
    entries.filter_map(|entry| entry.split('"').next()).collect()
}

#[test]
fn every_function_of_a_manifest_chooses_its_files() {
    let manifest = r#"
metadata(version="1")
freeze("all")
freeze("some", ("a.py", "b/c.py"), opt=2)
module("m.py", base_path="$(HERE)/mods")
package("p", files=["one.py"])
package("q")
include("other")
require("needed")
"#;
    let folder = folder(
        "functions",
        &[
            ("manifest.py", manifest),
            ("all/x.py", ""),
            ("all/deep/y.py", ""),
            ("all/z.txt", ""),
            ("some/a.py", ""),
            ("some/b/c.py", ""),
            ("some/not.py", ""),
            ("mods/m.py", ""),
            ("p/one.py", ""),
            ("p/two.py", ""),
            ("q/__init__.py", ""),
            ("q/r/s.py", ""),
            ("other/manifest.py", "module('o.py')"),
            ("other/o.py", ""),
            ("lib/kind/needed/manifest.py", "module('needed.py')\nrequire('needed')"),
            ("lib/kind/needed/needed.py", ""),
        ],
    );
    // A package that needs itself is an error of its own; without that all is well.
    let options = ["-D", "HERE=.", "--library", "lib"];
    assert!(freeze(&folder, &options).unwrap_err().contains("include each other"));
    std::fs::write(folder.join("lib/kind/needed/manifest.py"), "module('needed.py')").unwrap();
    let image = freeze(&folder, &options).unwrap();
    let expected = [
        "a.py",
        "b/c.py",
        "deep/y.py",
        "m.py",
        "needed.py",
        "o.py",
        "p/one.py",
        "q/__init__.py",
        "q/r/s.py",
        "x.py",
    ];
    assert_eq!(paths(&image), expected);
}

#[test]
fn names_of_a_list_are_in_the_image_once() {
    let folder = folder(
        "names",
        &[
            ("manifest.py", "module('m.py')"),
            ("m.py", "my_own_name = 1\n"),
            ("names.txt", "# qstr_info(1)\nQ(my_own_name)\nQ(another_name)\nQ(append)\n"),
        ],
    );
    let image = freeze(&folder, &["--names", "names.txt"]).unwrap();
    for name in ["my_own_name", "another_name", "append"] {
        let text = format!("RomStr::new({name:?})");
        assert_eq!(image.matches(&text).count(), 1, "{text}");
    }
}

#[test]
fn what_is_wrong_is_named() {
    let check = |manifest: &str, said: &str| {
        let files = [("manifest.py", manifest), ("a.py", "x = = 1\n"), ("b/a.py", "")];
        let text = freeze(&folder("mistakes", &files), &[]).unwrap_err();
        assert!(text.contains(said), "{said:?} is not in {text:?}");
    };
    check("module('no.py')", "no.py: No such file");
    check("module('a.py')", "File \"a.py\", line 1\nSyntaxError");
    check("module('a.py')\nmodule('a.py', 'b')", "a.py is frozen twice");
    check("freeze('.', 'a.txt')", "only .py files are frozen");
    check("package('p')", "p: No such file");
    check("require('x')", "require(\"x\"): no library has it");
    check("module('$(X)/a.py', '$(X)')", "X is not set");
    check("modul('a.py')", "line 1, in <module>\nNameError");
    check("module('a.py', opt='high')", "opt=high is no level");
}
