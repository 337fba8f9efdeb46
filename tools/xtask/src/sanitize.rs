//! `cargo xtask sanitize`: the VM's own tests under AddressSanitizer, where the compiler came with its runtime, and the
//! heap's under Miri, where that is installed.
//!
//! The heap tells AddressSanitizer which blocks are free (`vm/src/heap/poison.rs`), so that the use of a dead object is
//! found like that of freed memory.

use std::path::{Path, PathBuf};
use std::process::Command;

use crate::args::Args;
use crate::language::files;
use crate::packages::{self, Work};
use crate::process;
use crate::tally::Tally;

/// AddressSanitizer, without the part that forbids the collector to read the stack.
pub const FLAGS: &[&str] =
    &["-Zsanitizer=address", "-Cllvm-args=-asan-stack=0", "--cfg=threadsnake_asan"];
/// The same when it runs: locals stay on the stack, and what a test leaks is no fault.
pub const OPTIONS: &str = "detect_stack_use_after_return=0:detect_leaks=0";

/// The command of its own.
///
/// # Errors
/// An argument is unknown, or something is missing.
pub fn main(mut args: Args) -> Result<bool, String> {
    let yes = args.flag("--yes");
    args.finish()?;
    packages::ensure(&[Work::Simulator], yes)?;
    let mut tally = Tally::default();
    test(&mut tally);
    Ok(tally.finish())
}

/// Runs what there is; says what there is not.
pub fn test(tally: &mut Tally) {
    match host().and_then(|host| Ok((has_runtime(&host)?, host))) {
        Err(why) => tally.check("the VM's tests under AddressSanitizer", Err(why)),
        Ok((false, _)) => println!("skipped: AddressSanitizer (the compiler has no runtime)"),
        Ok((true, host)) => {
            let folder = process::target_dir().join("sanitize");
            let mut command = cargo(&host, FLAGS, &folder, "test");
            command.args(["--package", "threadsnake-vm", "--lib"]).env("ASAN_OPTIONS", OPTIONS);
            tally.check("the VM's tests under AddressSanitizer", process::run(&mut command));
        }
    }
    if process::stdout_of(Command::new("cargo").args(["miri", "--version"])).is_err() {
        println!("skipped: Miri (not installed)");
        return;
    }
    let mut command = process::cargo();
    // Regions are exposed and pointers made from addresses (invariant 1 of the heap).
    command.env("MIRIFLAGS", "-Zmiri-permissive-provenance");
    command.args(["miri", "test", "--quiet", "--package", "threadsnake-vm", "--lib", "heap::"]);
    tally.check("the heap's tests under Miri", process::run(&mut command));
}

/// The machine that the compiler runs on.
pub fn host() -> Result<String, String> {
    let about = process::stdout_of(rustc().arg("-vV"))?;
    let host = about.lines().find_map(|line| line.strip_prefix("host: "));
    Ok(host.ok_or("rustc -vV names no host")?.to_owned())
}

/// Whether the compiler came with the runtime of AddressSanitizer.
pub fn has_runtime(host: &str) -> Result<bool, String> {
    let sysroot = process::stdout_of(rustc().args(["--print", "sysroot"]))?;
    let libraries = Path::new(&sysroot).join("lib/rustlib").join(host).join("lib");
    let is_runtime = |file: &PathBuf| file.to_string_lossy().contains("_rt.asan");
    Ok(files(&libraries, "a").iter().any(is_runtime))
}

/// `cargo ACTION` for `host` with these flags of the compiler, which build scripts do not see, in a folder of its own.
pub fn cargo(host: &str, flags: &[&str], folder: &Path, action: &str) -> Command {
    let mut command = process::cargo();
    for name in ["CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_RUSTFLAGS", "CARGO_BUILD_TARGET"] {
        command.env_remove(name);
    }
    if flags.iter().any(|flag| flag.starts_with("-Z")) {
        command.env("RUSTC_BOOTSTRAP", "1");
    }
    // Named, the target keeps these flags from build scripts.
    command.env("RUSTFLAGS", flags.join(" ")).args([action, "--quiet", "--target", host]);
    command.arg("--target-dir").arg(folder);
    command
}

fn rustc() -> Command {
    Command::new(std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into()))
}
