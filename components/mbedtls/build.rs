//! Compiles Mbed TLS with our configuration and our shim, and makes the table of the names of its errors from its
//! headers.

use std::fmt::Write;
use std::path::Path;
use threadsnake_freertos::crate_dir_below;

/// Needs an operating system, or is never used.
const LEFT_OUT: &[&str] = &["error.c", "net_sockets.c", "timing.c", "psa_its_file.c", "debug.c"];

/// The headers with the errors that a program may meet.
const HEADERS: &[&str] = &[
    "asn1",
    "base64",
    "bignum",
    "ccm",
    "cipher",
    "ctr_drbg",
    "ecp",
    "entropy",
    "error",
    "gcm",
    "md",
    "net_sockets",
    "oid",
    "pem",
    "pk",
    "rsa",
    "ssl",
    "x509",
];

fn main() {
    for path in ["build.rs", "shim"] {
        println!("cargo:rerun-if-changed={path}");
    }
    let source = crate_dir_below("mbedtls", "mbedtls-rs-sys")
        .unwrap_or_else(|error| error.exit())
        .join("mbedtls");
    compile(&source);
    let out = std::env::var_os("OUT_DIR").expect("cargo sets it");
    let table = errors(&source.join("include/mbedtls"));
    std::fs::write(Path::new(&out).join("errors.rs"), table).expect("the folder can be written");
}

fn compile(source: &Path) {
    let library = source.join("library");
    let mut build = cc::Build::new();
    build.std("gnu11").include("shim").include(source.join("include")).include(&library);
    build.define("MBEDTLS_CONFIG_FILE", "\"ts_mbedtls_config.h\"");
    build.opt_level_str("s").warnings(false);
    if std::env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "none") {
        build.flag("-include").flag("ts_string.h");
        build.define("MBEDTLS_PLATFORM_SNPRINTF_MACRO", "ts_tls_no_snprintf");
    } else {
        build.flag("-include").flag("stdio.h");
        build.define("MBEDTLS_PLATFORM_SNPRINTF_MACRO", "snprintf");
    }
    build.flag("-ffunction-sections").flag("-fdata-sections");
    let entries = std::fs::read_dir(&library).expect("the sources have a library");
    let mut files: Vec<_> = entries.flatten().map(|entry| entry.path()).collect();
    files.retain(|file| {
        let name = file.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.ends_with(".c") && !LEFT_OUT.contains(&name)
    });
    files.sort();
    build.files(files).file("shim/ts_tls.c").compile("ts_mbedtls");
}

/// A table of numbers, without their sign, and names, sorted: `#define MBEDTLS_ERR_SSL_TIMEOUT -0x6800`.
fn errors(headers: &Path) -> String {
    let mut found = std::collections::BTreeMap::new();
    for header in HEADERS {
        let text = std::fs::read_to_string(headers.join(format!("{header}.h")))
            .expect("the sources have these headers");
        for line in text.lines() {
            let mut words = line.split_whitespace();
            let (Some("#define"), Some(name), Some(number)) =
                (words.next(), words.next(), words.next())
            else {
                continue;
            };
            let number = number.strip_prefix("-0x").map(|n| u16::from_str_radix(n, 16));
            if let (Some(name), Some(Ok(number))) = (name.strip_prefix("MBEDTLS_ERR_"), number) {
                found.insert(number, name.to_owned());
            }
        }
    }
    let mut table = String::from("&[\n");
    for (number, name) in found {
        let _ = writeln!(table, "    ({number:#x}, {name:?}),");
    }
    table + "]\n"
}
