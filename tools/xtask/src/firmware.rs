//! Builds the firmware of an emulated board, and says which room takes how much of it.
//!
//! The toolchain is never downloaded: a Rust target that is installed is used; otherwise Debian's Rust
//! (packages `rustc-web` and `rust-web-src`) builds `core` and `alloc` as well, and everything without frame pointers.
//! `THREADSNAKE_RUSTC=system` forces the second, `THREADSNAKE_HEAP=N` sets the bytes of Python heap.

use std::collections::BTreeMap;
use std::ffi::OsString;
use std::fmt::Write;
use std::path::{Path, PathBuf};
use std::process::Command;

use threadsnake_layout::{ImageHead, crc32};

use crate::process::{cargo, root, run, stdout_of, target_dir};

/// The board's crate.
const CRATE: &str = "board-support/boards/mps2";
/// The boot manager's crate, and the address at which it runs images.
const BOOT_MANAGER: &str = "board-support/boards/bootmgr";
const SLOT_ADDRESS: u32 = 0x10000;
const LINKER: &str = "arm-none-eabi-gcc";
/// The Rust of the distribution, and the oldest release that compiles this tree.
const SYSTEM_RUSTC: &str = "/usr/bin/rustc";
const OLDEST_RUST: u32 = 95;

/// Builds the firmware of `board` and returns its path, `target/firmware/<board>.elf`.
///
/// # Errors
/// One line: the board does not exist, something has to be installed, or the build failed.
pub fn build(board: &str) -> Result<PathBuf, String> {
    build_as(board, None, board)
}

/// The profiles of the firmware's features.
pub const PROFILES: [&str; 4] = ["minimal", "wipy", "upstream", "full"];

/// The same with the features of one of [`PROFILES`]: `target/firmware/<board>-<profile>.elf`.
///
/// # Errors
/// As those of [`build`]; one line for a profile that does not exist.
pub fn build_profile(board: &str, profile: &str) -> Result<PathBuf, String> {
    if !PROFILES.contains(&profile) {
        return Err(format!("no profile {profile:?}: there are {}", PROFILES.join(", ")));
    }
    compile(board, CRATE, "threadsnake-mps2", None, Some(profile), &format!("{board}-{profile}"))
}

/// The firmware with what `cargo xtask bench board` needs: `target/firmware/<board>-bench.elf`.
///
/// # Errors
/// As those of [`build`].
pub fn build_bench(board: &str) -> Result<PathBuf, String> {
    compile(board, CRATE, "threadsnake-mps2", None, Some(BENCH), &format!("{board}-bench"))
}

/// Adds its feature to those of the firmware without a profile.
const BENCH: &str = "bench";

/// The same with all features and floats of single precision: `target/firmware/<board>-single.elf`.
///
/// # Errors
/// As those of [`build`].
pub fn build_single(board: &str) -> Result<PathBuf, String> {
    compile(board, CRATE, "threadsnake-mps2", None, Some(SINGLE), &format!("{board}-single"))
}

/// The features of [`build_single`].
const SINGLE: &str = "full,float-single";

/// What a profile is built with, for size before speed; the firmware without a profile is `-Os` and says where it
/// panics.
const SMALL: [&str; 2] = ["--config", "profile.release.opt-level=\"z\""];
/// Further where the library is compiled as well: a panic is an undefined instruction, which the handler of faults
/// reports with its address. Functions share ends of two instructions (LLVM's own limit is three); values that a loop
/// uses are made in it, which spares registers; nothing is duplicated or reordered for speed.
const SMALL_LIBRARY: [&str; 4] = [
    "-Zpanic-immediate-abort",
    "-Zbuild-std-features=optimize_for_size",
    "--config",
    "profile.release.panic=\"immediate-abort\"",
];
const SMALL_LIBRARY_FLAGS: &str = concat!(
    ",\"-Zlocation-detail=none\",\"-Zfmt-debug=none\",\"-Zmir-enable-passes=-JumpThreading\"",
    ",\"-Cllvm-args=-tail-merge-size=2 -disable-machine-licm -disable-post-ra\"",
);

/// The same with frozen modules, whose source `threadsnake-freeze` made: `target/firmware/<board>-frozen.elf`.
///
/// # Errors
/// As those of [`build`].
pub fn build_frozen(board: &str, frozen: &Path) -> Result<PathBuf, String> {
    build_as(board, Some(frozen), &format!("{board}-frozen"))
}

fn build_as(board: &str, frozen: Option<&Path>, name: &str) -> Result<PathBuf, String> {
    let frozen = frozen.map(|file| ("THREADSNAKE_FROZEN", file.as_os_str().to_owned()));
    compile(board, CRATE, "threadsnake-mps2", frozen, None, name)
}

/// Builds what the flash of `board` begins with: the boot manager, `target/firmware/<board>-boot.elf`, and the firmware
/// as an image for a slot, `target/firmware/<board>-slot.img`.
///
/// # Errors
/// As those of [`build`].
pub fn build_slots(board: &str) -> Result<[PathBuf; 2], String> {
    let manager =
        compile(board, BOOT_MANAGER, "threadsnake-bootmgr", None, None, &format!("{board}-boot"))?;
    let slot = Some(("THREADSNAKE_SLOT", "1".into()));
    let elf = compile(board, CRATE, "threadsnake-mps2", slot, None, &format!("{board}-slot"))?;
    let (binary, image) = (elf.with_extension("bin"), elf.with_extension("img"));
    let mut copy = Command::new("arm-none-eabi-objcopy");
    run(copy.args(["-O", "binary"]).arg(&elf).arg(&binary))?;
    let failed = |e: std::io::Error| format!("cannot make {}: {e}", image.display());
    let program = std::fs::read(&binary).map_err(failed)?;
    let head = ImageHead {
        len: program.len().try_into().map_err(|_| "the image is too large".to_owned())?,
        address: SLOT_ADDRESS,
        crc: crc32(&program),
    };
    std::fs::write(&image, [&head.encode()[..], &program].concat()).map_err(failed)?;
    Ok([manager, image])
}

/// Builds the program `binary` of `crate_dir` for `board`, with the features of a profile or all, as `target/firmware/<name>.elf`.
fn compile(
    board: &str,
    crate_dir: &str,
    binary: &str,
    variable: Option<(&str, OsString)>,
    profile: Option<&str>,
    name: &str,
) -> Result<PathBuf, String> {
    let target = rust_target(board)?;
    if stdout_of(Command::new(LINKER).arg("--version")).is_err() {
        return Err(format!(
            "{LINKER} is missing: apt-get install gcc-arm-none-eabi libnewlib-arm-none-eabi"
        ));
    }
    let build_dir = target_dir().join("mps2");
    let mut command = cargo();
    // The crate's folder has the .cargo/config.toml with the linker and the processor.
    command.current_dir(root().join(crate_dir));
    command.args(["build", "--quiet", "--release", "--target-dir"]).arg(&build_dir);
    let profile = match profile {
        Some(BENCH) => {
            command.args(["--features", BENCH]);
            None
        }
        profile => profile,
    };
    if let Some(profile) = profile {
        // As MicroPython's port to this board has them.
        let single = board == "mps2-an385" && profile == "upstream";
        let features = if single { "upstream,float-single" } else { profile };
        command.args(["--no-default-features", "--features", features]).args(SMALL);
    }
    // Flags meant for the host would replace those of the config file.
    for name in
        ["RUSTFLAGS", "CARGO_ENCODED_RUSTFLAGS", "CARGO_BUILD_RUSTFLAGS", "CARGO_BUILD_TARGET"]
    {
        command.env_remove(name);
    }
    if let Some((name, value)) = variable {
        command.env(name, value);
    }
    let mut flags = path_flags();
    if !target_installed(target) {
        check_system_rust()?;
        command
            .env("RUSTC", SYSTEM_RUSTC)
            .env("RUSTC_BOOTSTRAP", "1")
            .args(["-Zbuild-std=core,alloc", "-Zjson-target-spec", "--target"])
            .arg(own_target(target, &build_dir)?);
        if profile.is_some() {
            command.args(SMALL_LIBRARY);
            flags.push_str(SMALL_LIBRARY_FLAGS);
        }
    } else {
        command.args(["--target", target]);
    }
    command.arg("--config").arg(format!("target.{target}.rustflags=[{flags}]"));
    run(&mut command)?;

    let elf = target_dir().join("firmware").join(format!("{name}.elf"));
    let built = build_dir.join(target).join("release").join(binary);
    let copied = std::fs::create_dir_all(target_dir().join("firmware"))
        .and_then(|()| std::fs::copy(&built, &elf));
    copied.map_err(|e| format!("cannot copy {} to {}: {e}", built.display(), elf.display()))?;
    Ok(elf)
}

/// The Rust target of a board.
fn rust_target(board: &str) -> Result<&'static str, String> {
    match board {
        "mps2-an385" => Ok("thumbv7m-none-eabi"),
        "mps2-an500" => Ok("thumbv7em-none-eabihf"),
        _ => Err(format!("no board {board:?}: there are mps2-an385 and mps2-an500")),
    }
}

/// Writes the description of `target` into `dir`, changed so that functions keep no frame pointer, which rustc's own
/// target always has: it costs a register and 4 % of the image, and nothing here walks frames.
fn own_target(target: &str, dir: &Path) -> Result<PathBuf, String> {
    let mut rustc = Command::new(SYSTEM_RUSTC);
    rustc.env("RUSTC_BOOTSTRAP", "1").args(["-Zunstable-options", "--print", "target-spec-json"]);
    let spec = stdout_of(rustc.args(["--target", target]))?;
    let changed = spec.replace("\"frame-pointer\": \"always\"", "\"frame-pointer\": \"may-omit\"");
    let path = dir.join(format!("{target}.json"));
    let written = std::fs::create_dir_all(dir).and_then(|()| std::fs::write(&path, changed));
    written.map_err(|e| format!("cannot write {}: {e}", path.display()))?;
    Ok(path)
}

/// Flags, as a list in TOML, that keep the folders of this machine out of the image.
fn path_flags() -> String {
    let home = std::env::var("HOME").unwrap_or_default();
    let cargo_home = std::env::var("CARGO_HOME").unwrap_or_else(|_| format!("{home}/.cargo"));
    [
        (format!("{}/", root().display()), ""),
        (cargo_home, "cargo"),
        ("/usr/lib/rustlib/src".into(), ""),
    ]
    .map(|(from, to)| format!("\"--remap-path-prefix={from}={to}\""))
    .join(",")
}

/// Whether the Rust in use has the library for `target`, and may be used.
fn target_installed(target: &str) -> bool {
    let forced = std::env::var("THREADSNAKE_RUSTC").is_ok_and(|which| which == "system");
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let sysroot = stdout_of(Command::new(rustc).args(["--print", "sysroot"]));
    !forced && sysroot.is_ok_and(|dir| Path::new(&dir).join("lib/rustlib").join(target).is_dir())
}

/// Whether the distribution's Rust can build the library.
fn check_system_rust() -> Result<(), String> {
    const ADVICE: &str = "apt-get install rustc-web rust-web-src, or rustup target add \
                          thumbv7m-none-eabi thumbv7em-none-eabihf";
    let version = stdout_of(Command::new(SYSTEM_RUSTC).arg("--version"))
        .map_err(|_| format!("no Rust for the boards: {ADVICE}"))?;
    let minor = version.split(['.', ' ']).nth(2).and_then(|minor| minor.parse::<u32>().ok());
    if minor.is_none_or(|minor| minor < OLDEST_RUST) {
        return Err(format!("{SYSTEM_RUSTC} is {version}, older than 1.{OLDEST_RUST}: {ADVICE}"));
    }
    let sysroot = stdout_of(Command::new(SYSTEM_RUSTC).args(["--print", "sysroot"]))?;
    if !Path::new(&sysroot).join("lib/rustlib/src/rust/library/core").is_dir() {
        return Err(format!("{SYSTEM_RUSTC} has no sources of its library: {ADVICE}"));
    }
    Ok(())
}

/// Bytes of one room.
#[derive(Clone, Copy, Default, PartialEq, Eq, Debug)]
struct Bytes {
    text: u64,
    rodata: u64,
    data: u64,
    bss: u64,
}

/// A table of what each room takes of the image at `elf`, in bytes.
///
/// A function counts for the room that it was written in, whoever uses it. Constants without a name (strings,
/// tables of branches) have a row of their own.
///
/// # Errors
/// The tools of the cross compiler are missing or do not understand the file.
pub fn sizes(elf: &Path) -> Result<String, String> {
    let rooms = all_rooms(elf, &symbols(elf)?)?;
    let mut table = String::from("|     text |   rodata |     data |      bss | room\n");
    let mut total = Bytes::default();
    for (room, bytes) in &rooms {
        row(&mut table, room, bytes);
        total.text += bytes.text;
        total.rodata += bytes.rodata;
        total.data += bytes.data;
        total.bss += bytes.bss;
    }
    row(&mut table, "total", &total);
    let ours = without_kernel(&rooms);
    let _ = writeln!(table, "text and constants without the kernel: {ours}");
    Ok(table)
}

/// What profile `upstream` may have of text and constants without the kernel: 1.25 times the bytes of MicroPython's image.
const UPSTREAM_LIMIT: u64 = 238_275;

/// Checks the size of an image of profile `upstream`, and that nothing in it is formatted by `core::fmt`: the first
/// `format_args!` costs 1500 bytes. False, and nothing is checked, where the Rust in use brings a compiled library, which
/// is larger and formats its panics.
///
/// # Errors
/// What is wrong with it; as those of [`sizes`].
pub fn check_upstream(board: &str, elf: &Path) -> Result<bool, String> {
    if target_installed(rust_target(board)?) {
        return Ok(false);
    }
    let symbols = symbols(elf)?;
    let ours = without_kernel(&all_rooms(elf, &symbols)?);
    if ours > UPSTREAM_LIMIT {
        return Err(format!("{ours} bytes without the kernel, the limit is {UPSTREAM_LIMIT}"));
    }
    // The name of `core::fmt::write` in both manglings.
    if symbols.contains("core3fmt5write") {
        return Err("core::fmt is in the image, for some format_args! or write! is".into());
    }
    Ok(true)
}

/// The output of `nm -S -l`.
fn symbols(elf: &Path) -> Result<String, String> {
    stdout_of(Command::new("arm-none-eabi-nm").args(["-S", "-l", "--defined-only"]).arg(elf))
}

/// The rooms with these symbols, and one of the constants that have none.
fn all_rooms(elf: &Path, symbols: &str) -> Result<BTreeMap<String, Bytes>, String> {
    let sections = stdout_of(Command::new("arm-none-eabi-size").args(["-A", "-d"]).arg(elf))?;
    let mut rooms = rooms(symbols);
    let named: u64 = rooms.values().map(|bytes| bytes.rodata).sum();
    let unnamed = section_bytes(&sections, ".rodata").saturating_sub(named);
    let unnamed = Bytes { rodata: unnamed, ..Bytes::default() };
    rooms.insert("(constants without a name)".into(), unnamed);
    Ok(rooms)
}

/// Text and constants of all rooms but FreeRTOS.
fn without_kernel(rooms: &BTreeMap<String, Bytes>) -> u64 {
    let ours = rooms.iter().filter(|(room, _)| !room.starts_with("FreeRTOS"));
    ours.map(|(_, bytes)| bytes.text + bytes.rodata).sum()
}

fn row(table: &mut String, room: &str, bytes: &Bytes) {
    let Bytes { text, rodata, data, bss } = bytes;
    let _ = writeln!(table, "| {text:8} | {rodata:8} | {data:8} | {bss:8} | {room}");
}

/// The size of a section in the output of `size -A -d`.
fn section_bytes(sections: &str, name: &str) -> u64 {
    let words = |line: &str| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>();
    let found = sections.lines().map(words).find(|words| words.first().is_some_and(|w| w == name));
    found.and_then(|words| words.get(1)?.parse().ok()).unwrap_or(0)
}

/// Adds up the output of `nm -S -l` by room.
fn rooms(symbols: &str) -> BTreeMap<String, Bytes> {
    let mut rooms = BTreeMap::<String, Bytes>::new();
    for line in symbols.lines() {
        let (symbol, place) = line.split_once('\t').unwrap_or((line, ""));
        let [_, size, kind, name] = symbol.split(' ').collect::<Vec<_>>()[..] else { continue };
        let Ok(size) = u64::from_str_radix(size, 16) else { continue };
        let bytes = rooms.entry(rust_room(name).unwrap_or_else(|| c_room(place))).or_default();
        match kind {
            "r" | "R" => bytes.rodata += size,
            "d" | "D" => bytes.data += size,
            "b" | "B" => bytes.bss += size,
            "t" | "T" | "w" | "W" => bytes.text += size,
            _ => {}
        }
    }
    rooms
}

/// The room of a Rust symbol, from the first path in its mangled name; `None` for other symbols.
fn rust_room(symbol: &str) -> Option<String> {
    let (krate, module) = match symbol.strip_prefix("_R") {
        // The first path's root is `C`, an optional `s…_` that tells crates of one name apart, and the name.
        Some(newer) => {
            let root = newer.split_once("Cs").and_then(|(_, rest)| rest.split_once('_'));
            let (krate, rest) = identifier(root?.1)?;
            (krate, identifier(rest).map(|(module, _)| module))
        }
        // `<length><name>…`, where the name may be `_$LT$crate..module..Type…`.
        None => {
            let (first, rest) = identifier(symbol.strip_prefix("_ZN")?)?;
            match first.trim_start_matches('_').strip_prefix("$LT$") {
                Some(path) => {
                    let mut parts = path.trim_start_matches("impl$u20$").split("..");
                    (parts.next()?, parts.next())
                }
                None => (first, identifier(rest).map(|(module, _)| module)),
            }
        }
    };
    Some(match krate {
        "threadsnake_vm" => format!("vm/src/{}", module.unwrap_or_default()),
        "threadsnake_glue" => "rtos-glue".into(),
        "threadsnake_repl" => "components/repl".into(),
        "threadsnake_mps2" => CRATE.into(),
        "core" | "alloc" | "compiler_builtins" => format!("rust {krate}"),
        other => other.into(),
    })
}

/// Splits `<length><name>` off the front.
fn identifier(text: &str) -> Option<(&str, &str)> {
    let name = text.trim_start_matches(|c: char| c.is_ascii_digit());
    let length = text[..text.len() - name.len()].parse().ok()?;
    name.split_at_checked(length)
}

/// The room of a C function or variable, from its source file.
fn c_room(place: &str) -> String {
    let path = place.rsplit_once(':').map_or(place, |(path, _)| path);
    match path.split_once("FreeRTOS-Kernel/") {
        Some((_, file)) if file.contains('/') => "FreeRTOS port and heap".into(),
        Some(_) => "FreeRTOS kernel".into(),
        None if path.contains("rtos-glue/") => "rtos-glue".into(),
        None if path.contains("littlefs") => "components/littlefs".into(),
        None if path.contains("fatfs") => "components/fatfs".into(),
        None if path.contains("freertos-rust") => "freertos_rust".into(),
        None => "(unknown)".into(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_board_that_does_not_exist_is_named() {
        assert!(build("mps3").unwrap_err().contains("mps3"));
    }

    #[test]
    fn a_symbol_tells_its_room_in_both_manglings() {
        let check = |symbol: &str, room| assert_eq!(rust_room(symbol).as_deref(), room);
        check("_RNvNtNtCs7UmPlMUqwDi_14threadsnake_vm5value5names7BY_HASH", Some("vm/src/value"));
        check("_RNvXs_NtCs2ze2Mo9E0Hm_4spin4once3fmt", Some("spin"));
        check("_ZN14threadsnake_vm4heap5Sweep17h0123456789abcdefE", Some("vm/src/heap"));
        let type_and_trait = "_$LT$core..str..Utf8Error$u20$as$u20$core..fmt..Debug$GT$";
        let older = format!("_ZN{}{type_and_trait}3fmt17h01234567E", type_and_trait.len());
        check(&older, Some("rust core"));
        check("xTaskCreate", None);
    }

    #[test]
    fn a_c_file_tells_its_room() {
        assert_eq!(c_room("/k/FreeRTOS-Kernel/tasks.c:1"), "FreeRTOS kernel");
        assert_eq!(c_room("/k/FreeRTOS-Kernel/portable/GCC/port.c:1"), "FreeRTOS port and heap");
        assert_eq!(c_room(""), "(unknown)");
    }

    #[test]
    fn the_bytes_of_a_room_add_up() {
        let symbols = "00000010 00000004 T a\t/k/FreeRTOS-Kernel/tasks.c:1\n\
                       00000014 00000006 t b\t/k/FreeRTOS-Kernel/list.c:1\n\
                       20000000 00000008 b _RNvNtCs8Df5epIIS5x_14threadsnake_vm4heap4RING\n\
                       00000000 a absolute";
        let rooms = rooms(symbols);
        assert_eq!(rooms["FreeRTOS kernel"], Bytes { text: 10, ..Bytes::default() });
        assert_eq!(rooms["vm/src/heap"], Bytes { bss: 8, ..Bytes::default() });
    }
}
