//! Compiles littlefs 2, and with the feature `v1` littlefs 1 beside it, each with our shim.

use std::path::{Path, PathBuf};
use threadsnake_freertos::crate_dir_below;

/// What littlefs 1 defines and littlefs 2 as well: renamed, so that both go into one image.
const RENAMED: &[&str] = &[
    "crc",
    "deorphan",
    "dir_close",
    "dir_open",
    "dir_read",
    "dir_rewind",
    "dir_seek",
    "dir_tell",
    "file_close",
    "file_open",
    "file_opencfg",
    "file_read",
    "file_rewind",
    "file_seek",
    "file_size",
    "file_sync",
    "file_tell",
    "file_truncate",
    "file_write",
    "format",
    "mkdir",
    "mount",
    "remove",
    "rename",
    "stat",
    "traverse",
    "unmount",
];

fn main() {
    for path in ["build.rs", "shim"] {
        println!("cargo:rerun-if-changed={path}");
    }
    compile(2, &source("", "littlefs2-sys"));
    if std::env::var_os("CARGO_FEATURE_V1").is_some() {
        compile(1, &source("littlefs1", "littlefs-sys"));
    }
}

fn source(side: &str, package: &str) -> PathBuf {
    crate_dir_below(side, package).unwrap_or_else(|error| error.exit()).join("littlefs")
}

fn compile(version: u32, source: &Path) {
    let mut build = cc::Build::new();
    build.std("gnu11").include(source).include("shim").opt_level_str("s").warnings(false);
    build.define("TS_LFS_VERSION", version.to_string().as_str());
    for quiet in ["MALLOC", "ASSERT", "DEBUG", "WARN", "ERROR"] {
        build.define(&format!("LFS_NO_{quiet}"), None);
    }
    if version == 1 {
        for name in RENAMED {
            build.define(&format!("lfs_{name}"), Some(format!("lfs1_{name}").as_str()));
        }
    }
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "none") {
        build.flag("-include").flag("ts_string.h");
        // Without a library of the compiler's there is nobody to count bits for it.
        build.define("LFS_NO_INTRINSICS", None);
    }
    build.flag("-ffunction-sections").flag("-fdata-sections");
    build.files(["lfs.c", "lfs_util.c"].map(|file| source.join(file)));
    build.file("shim/ts_lfs.c").compile(&format!("ts_lfs{version}"));
}
