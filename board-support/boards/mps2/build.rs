//! Chooses the board by the target, and tells the linker where everything goes.
use std::path::PathBuf;

use threadsnake_freertos::{Kernel, Port};

/// How many sockets there may be at once.
const SOCKETS: u32 = 16;

fn main() {
    let target = std::env::var("TARGET").expect("cargo sets TARGET");
    let (board, port) = match target.as_str() {
        "thumbv7m-none-eabi" => ("mps2-an385", Port::ArmCm3),
        "thumbv7em-none-eabihf" => ("mps2-an500", Port::ArmCm7),
        other => panic!("no mps2 board is built for {other}; use `cargo xtask firmware <board>`"),
    };
    println!("cargo:rustc-cfg=board=\"{board}\"");
    println!("cargo:rustc-env=THREADSNAKE_BOARD={board}");

    let here = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let linker = here.join("../../../linker");
    println!("cargo:rerun-if-changed={}", linker.display());
    println!("cargo:rustc-link-arg=-nostartfiles");
    println!("cargo:rustc-link-arg=-L{}", linker.display());
    // An image for a slot of the flash runs behind the boot manager.
    println!("cargo:rerun-if-env-changed=THREADSNAKE_SLOT");
    let slot = if std::env::var_os("THREADSNAKE_SLOT").is_some() { "-slot" } else { "" };
    println!("cargo:rustc-link-arg=-T{board}{slot}.ld");
    println!("cargo:rustc-link-arg=-Wl,--gc-sections");

    let kernel = Kernel::new(port, "config");
    let has_net = std::env::var_os("CARGO_FEATURE_NET").is_some();
    let kernel = if has_net { kernel.lwip(SOCKETS) } else { Ok(kernel) };
    let is_bench = std::env::var_os("CARGO_FEATURE_BENCH").is_some();
    let kernel = kernel.map(|k| if is_bench { k.file("../sim/benches/echo.c") } else { k });
    kernel.and_then(|kernel| kernel.compile()).unwrap_or_else(|error| error.exit());

    // The size of the Python heap, in bytes. The default is what upstream's port to the same
    // boards uses, so that figures compare.
    println!("cargo:rerun-if-env-changed=THREADSNAKE_HEAP");
    let heap = std::env::var("THREADSNAKE_HEAP").unwrap_or_else(|_| "143360".into());
    let bytes: u32 =
        heap.parse().unwrap_or_else(|_| panic!("THREADSNAKE_HEAP={heap}: not a number of bytes"));
    println!("cargo:rustc-env=THREADSNAKE_HEAP={bytes}");
}
