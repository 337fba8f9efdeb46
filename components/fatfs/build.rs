//! Compiles ChaN's FatFs with our configuration and shim.
//!
//! FatFs takes its configuration from the folder of its own header, so the files are copied to the output folder,
//! unchanged, beside ours.

use std::path::PathBuf;
use threadsnake_freertos::crate_dir;

fn main() {
    for path in ["build.rs", "shim", "../littlefs/shim/ts_string.h"] {
        println!("cargo:rerun-if-changed={path}");
    }
    let crate_dir = crate_dir("fatfs-embedded").unwrap_or_else(|error| error.exit());
    let source = crate_dir.join("fatfs/source");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").unwrap_or_default()).join("fatfs");
    let copy = |from: PathBuf, name: &str| {
        if let Err(error) = std::fs::copy(&from, out.join(name)) {
            eprintln!("error: cannot copy {}: {error}", from.display());
            std::process::exit(1)
        }
    };
    if let Err(error) = std::fs::create_dir_all(&out) {
        eprintln!("error: cannot make {}: {error}", out.display());
        std::process::exit(1)
    }
    for name in ["ff.c", "ff.h", "ffunicode.c", "diskio.h"] {
        copy(source.join(name), name);
    }
    copy("shim/ffconf.h".into(), "ffconf.h");

    let mut build = cc::Build::new();
    build.std("gnu11").include(&out).opt_level_str("s").warnings(false);
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "none") {
        build.include("../littlefs/shim").flag("-include").flag("ts_string.h");
    }
    build.flag("-ffunction-sections").flag("-fdata-sections");
    build.files(["ff.c", "ffunicode.c"].map(|file| out.join(file)));
    build.file("shim/ts_fat.c").compile("ts_fat");
}
