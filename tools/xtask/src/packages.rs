//! What must be installed on the machine, and how it gets there.
//!
//! A need is probed by what it provides, not by asking a package manager, so that any
//! distribution can satisfy it; only the installing is Debian's.

use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::Command;

/// A Debian package and the file or command by which its presence is known.
struct Need {
    package: &'static str,
    probe: Probe,
}

enum Probe {
    Command(&'static str),
    File(&'static str),
    /// In one of the folders where the loader looks, the machine's own included.
    Library(&'static str),
}

const fn need(package: &'static str, probe: Probe) -> Need {
    Need { package, probe }
}

/// What one kind of work needs.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Work {
    /// Building and running the simulator.
    Simulator,
    /// Building the boards' firmware and running it under QEMU.
    Boards,
    /// Test scripts and the C firmware example.
    Tests,
    /// Upstream's test runner.
    Upstream,
    /// Counting instructions on the host.
    Counting,
    /// Building the fuzzer.
    Fuzzing,
}

impl Work {
    fn needs(self) -> &'static [Need] {
        const SIMULATOR: &[Need] = &[
            need("gcc", Probe::Command("cc")),
            need("libc6-dev", Probe::File("/usr/include/stdlib.h")),
            need("libslirp0", Probe::Library("libslirp.so.0")),
        ];
        const BOARDS: &[Need] = &[
            need("qemu-system-arm", Probe::Command("qemu-system-arm")),
            need("gcc-arm-none-eabi", Probe::Command("arm-none-eabi-gcc")),
            need("libnewlib-arm-none-eabi", Probe::File("/usr/include/newlib/stdint.h")),
        ];
        const TESTS: &[Need] = &[
            need("git", Probe::Command("git")),
            need("cmake", Probe::Command("cmake")),
            need("make", Probe::Command("make")),
            need("python3", Probe::Command("python3")),
            need("python3-venv", Probe::File("/usr/share/doc/python3-venv")),
            need("curl", Probe::Command("curl")),
            need("lftp", Probe::Command("lftp")),
            need("ftp", Probe::Command("ftp")),
            need("telnet", Probe::Command("telnet")),
            need("libslirp0", Probe::File("/usr/share/doc/libslirp0")),
            need("libslirp-dev", Probe::File("/usr/include/slirp/libslirp.h")),
        ];
        const UPSTREAM: &[Need] = &[
            need("python3", Probe::Command("python3")),
            need("python3-serial", Probe::File("/usr/lib/python3/dist-packages/serial")),
        ];
        const COUNTING: &[Need] = &[need("valgrind", Probe::Command("valgrind"))];
        const FUZZING: &[Need] = &[need("g++", Probe::Command("c++"))];
        match self {
            Work::Simulator => SIMULATOR,
            Work::Boards => BOARDS,
            Work::Tests => TESTS,
            Work::Upstream => UPSTREAM,
            Work::Counting => COUNTING,
            Work::Fuzzing => FUZZING,
        }
    }
}

/// Debian's own Rust with the sources of its library, from which `core` is built for the boards.
const SYSTEM_RUST: &[Need] = &[
    need("rustc-web", Probe::File("/usr/share/doc/rustc-web")),
    need("cargo-web", Probe::File("/usr/share/doc/cargo-web")),
    need("rust-web-src", Probe::File("/usr/share/doc/rust-web-src")),
];

/// Makes sure that everything for `works` is installed.
///
/// Installs with apt when running as root; asks first, unless `yes` or `CI=true` says not to.
///
/// # Errors
/// Something is missing and cannot be installed here; the text is one line that says what to do.
pub fn ensure(works: &[Work], yes: bool) -> Result<(), String> {
    let mut missing: Vec<&str> = Vec::new();
    let system_rust = works.contains(&Work::Boards) && boards_use_system_rust();
    let extra = if system_rust { SYSTEM_RUST } else { &[] };
    for need in works.iter().flat_map(|work| work.needs()).chain(extra) {
        if !present(&need.probe) && !missing.contains(&need.package) {
            missing.push(need.package);
        }
    }
    if missing.is_empty() {
        return Ok(());
    }
    let line = missing.join(" ");
    if !in_path("apt-get") {
        return Err(format!("please install what these Debian packages contain: {line}"));
    }
    if !is_root() {
        return Err(format!("please install first: sudo apt-get install {line}"));
    }
    let told = yes || std::env::var("CI").is_ok_and(|ci| ci == "true");
    if !told && !agreed(&line)? {
        return Err(format!("please install first: apt-get install {line}"));
    }
    apt(&["update", "-q"])?;
    apt(&[&["install", "-y", "-q", "--no-install-recommends"], missing.as_slice()].concat())
}

/// True when the boards are built by Debian's Rust, because `THREADSNAKE_RUSTC=system` asks for it
/// or because the Rust in use has no library for them.
fn boards_use_system_rust() -> bool {
    if std::env::var("THREADSNAKE_RUSTC").is_ok_and(|which| which == "system") {
        return true;
    }
    let sysroot = crate::process::stdout_of(Command::new("rustc").args(["--print", "sysroot"]));
    let installed = |target: &str| {
        sysroot.as_ref().is_ok_and(|dir| Path::new(dir).join("lib/rustlib").join(target).is_dir())
    };
    !(installed("thumbv7m-none-eabi") && installed("thumbv7em-none-eabihf"))
}

fn present(probe: &Probe) -> bool {
    match probe {
        Probe::Command(name) => in_path(name),
        Probe::File(path) => Path::new(path).exists(),
        Probe::Library(name) => {
            let machine = format!("/usr/lib/{}-linux-gnu", std::env::consts::ARCH);
            ["/usr/lib", "/usr/local/lib", &machine]
                .iter()
                .any(|dir| Path::new(dir).join(name).exists())
        }
    }
}

fn in_path(name: &str) -> bool {
    let path = std::env::var_os("PATH").unwrap_or_default();
    std::env::split_paths(&path).any(|dir| dir.join(name).is_file())
}

fn is_root() -> bool {
    Command::new("id").arg("-u").output().is_ok_and(|out| out.stdout.trim_ascii() == b"0")
}

/// Asks on the terminal; without one the answer is no.
fn agreed(line: &str) -> Result<bool, String> {
    if !std::io::stdin().is_terminal() {
        return Ok(false);
    }
    print!("apt-get install {line}? [y/N] ");
    std::io::stdout().flush().map_err(|e| e.to_string())?;
    let mut answer = String::new();
    std::io::stdin().read_line(&mut answer).map_err(|e| e.to_string())?;
    Ok(matches!(answer.trim(), "y" | "Y" | "yes"))
}

fn apt(args: &[&str]) -> Result<(), String> {
    let mut command = Command::new("apt-get");
    crate::process::run(command.env("DEBIAN_FRONTEND", "noninteractive").args(args))
}

/// The releases of the tools for hosts that are tested against. Of Thonny only its process that talks to the board runs,
/// which needs none of what its windows and assistants depend on.
const HOST_TOOLS: [&[&str]; 2] =
    [&["mpremote==1.29.0"], &["--no-deps", "thonny==5.0.1", "asttokens==3.0.2"]];

/// The folder of the commands of [`HOST_TOOLS`] and of their `python`, in an environment of their own below the target
/// folder; installs it there the first time, and again when the releases have changed.
///
/// # Errors
/// It cannot be installed; the text is one line that says why.
pub fn host_tools() -> Result<std::path::PathBuf, String> {
    let folder = crate::process::target_dir().join("host-tools");
    let wanted = format!("{HOST_TOOLS:?}");
    let installed = folder.join("installed");
    if std::fs::read_to_string(&installed).is_ok_and(|text| text == wanted) {
        return Ok(folder.join("bin"));
    }
    crate::process::run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
    for requirements in HOST_TOOLS {
        let mut pip = Command::new(folder.join("bin/pip"));
        crate::process::run(pip.args(["install", "--quiet"]).args(requirements))?;
    }
    std::fs::write(&installed, wanted).map_err(|why| format!("{}: {why}", installed.display()))?;
    Ok(folder.join("bin"))
}
