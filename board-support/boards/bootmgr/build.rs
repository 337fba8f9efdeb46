//! Tells the linker where the boot manager goes, by the target.

use std::path::PathBuf;

fn main() {
    let target = std::env::var("TARGET").expect("cargo sets TARGET");
    let board = match target.as_str() {
        "thumbv7m-none-eabi" => "mps2-an385",
        "thumbv7em-none-eabihf" => "mps2-an500",
        other => panic!("no boot manager is built for {other}; use `cargo xtask firmware`"),
    };
    let here = PathBuf::from(std::env::var("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let linker = here.join("../../../linker");
    println!("cargo:rerun-if-changed={}", linker.display());
    println!("cargo:rustc-link-arg=-nostartfiles");
    println!("cargo:rustc-link-arg=-L{}", linker.display());
    println!("cargo:rustc-link-arg=-Tbootmgr-{board}.ld");
    println!("cargo:rustc-link-arg=-Wl,--gc-sections");
}
