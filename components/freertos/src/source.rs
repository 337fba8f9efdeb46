//! Where third-party C sources are: a folder the user names, or a crate that bundles them.
//!
//! The crates are pinned by `components/deps/Cargo.lock`. `cargo metadata --locked` downloads and unpacks
//! what is missing and says where it is; it never compiles anything. It may run inside a build script.

use std::fmt;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The folder of the side manifest that pins the crates; what does not go together with them has a manifest in a
/// folder below.
const SIDE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../deps");

/// Why a source tree cannot be used.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum SourceError {
    /// `cargo metadata` could not be started or failed; its words.
    Cargo(String),
    /// The side manifest has no such package.
    NotListed(String),
    /// A folder that lacks a file it must have.
    NotASource {
        /// What the folder should have been, such as "a FreeRTOS kernel".
        what: &'static str,
        /// The folder.
        dir: PathBuf,
        /// Who named the folder: an environment variable or a package.
        origin: String,
        /// The file that is missing, relative to `dir`.
        missing: PathBuf,
    },
    /// A build step needs an environment variable that Cargo has not set; what to do about it.
    Environment(&'static str),
    /// The C compiler failed; its words.
    Compiler(String),
}

impl fmt::Display for SourceError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Cargo(words) => write!(f, "cargo metadata failed: {words}"),
            Self::NotListed(name) => {
                write!(f, "package {name} is not in components/deps/Cargo.toml")
            }
            Self::NotASource { what, dir, origin, missing } => write!(
                f,
                "{} ({origin}) is not {what}: it has no {}",
                dir.display(),
                missing.display()
            ),
            Self::Environment(advice) => f.write_str(advice),
            Self::Compiler(words) => write!(f, "C compiler: {words}"),
        }
    }
}

impl std::error::Error for SourceError {}

impl SourceError {
    /// Prints the error as Cargo shows it best and ends the build script with a failure.
    pub fn exit(&self) -> ! {
        println!("cargo:warning={}", self.to_string().replace('\n', " "));
        eprintln!("error: {self}");
        std::process::exit(1)
    }
}

/// The FreeRTOS kernel: the folder in `FREERTOS_KERNEL_PATH`, else the pinned crate's.
///
/// # Errors
/// [`SourceError::NotASource`] if `tasks.c` or `include/FreeRTOS.h` is missing there, or the errors of
/// [`crate_dir`].
pub fn kernel_dir() -> Result<PathBuf, SourceError> {
    source_dir(
        "a FreeRTOS kernel",
        "FREERTOS_KERNEL_PATH",
        "freertos-next",
        "FreeRTOS-Kernel",
        &["tasks.c", "include/FreeRTOS.h"],
    )
}

/// lwIP: the folder in `LWIP_PATH` (it holds `src/Filelists.cmake`), else the pinned crate's.
///
/// # Errors
/// As [`kernel_dir`].
pub fn lwip_dir() -> Result<PathBuf, SourceError> {
    source_dir(
        "lwIP",
        "LWIP_PATH",
        "lwip",
        ".",
        &["src/Filelists.cmake", "src/include/lwip/init.h"],
    )
}

/// A source tree: the folder in the environment variable `variable` if it is set and not empty, else
/// `sub_dir` of the pinned crate `package`; checked to have the files in `must_have`.
fn source_dir(
    what: &'static str,
    variable: &str,
    package: &str,
    sub_dir: &str,
    must_have: &[&str],
) -> Result<PathBuf, SourceError> {
    println!("cargo:rerun-if-env-changed={variable}");
    let (dir, origin) = match std::env::var_os(variable).filter(|value| !value.is_empty()) {
        Some(path) => (PathBuf::from(path), variable.to_owned()),
        None => (crate_dir(package)?.join(sub_dir), format!("package {package}")),
    };
    check_source(what, dir, origin, must_have)
}

/// Returns `dir` if it has all files in `must_have`.
fn check_source(
    what: &'static str,
    dir: PathBuf,
    origin: String,
    must_have: &[&str],
) -> Result<PathBuf, SourceError> {
    match must_have.iter().find(|file| !dir.join(file).is_file()) {
        Some(missing) => {
            Err(SourceError::NotASource { what, dir, origin, missing: PathBuf::from(missing) })
        }
        None => Ok(dir),
    }
}

/// The folder of a crate that the side manifest pins, downloaded and unpacked if need be.
///
/// Takes about 0.1 s when the crate is there already.
///
/// # Errors
/// [`SourceError::Cargo`] and [`SourceError::NotListed`].
pub fn crate_dir(package: &str) -> Result<PathBuf, SourceError> {
    crate_dir_below("", package)
}

/// As [`crate_dir`], for the side manifest in the folder `side` of `components/deps`.
///
/// # Errors
/// As [`crate_dir`].
pub fn crate_dir_below(side: &str, package: &str) -> Result<PathBuf, SourceError> {
    let folder = Path::new(SIDE).join(side);
    println!("cargo:rerun-if-changed={}", folder.join("Cargo.lock").display());
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args(["metadata", "--locked", "--format-version", "1", "--manifest-path"])
        .arg(folder.join("Cargo.toml"))
        .output()
        .map_err(|error| SourceError::Cargo(error.to_string()))?;
    if !output.status.success() {
        return Err(SourceError::Cargo(String::from_utf8_lossy(&output.stderr).into_owned()));
    }
    find_package(&String::from_utf8_lossy(&output.stdout), package)
        .ok_or_else(|| SourceError::NotListed(package.to_owned()))
}

/// Finds the folder of `package` in the JSON of `cargo metadata`.
///
/// A manifest path ends in `/<package>-<version>/Cargo.toml`, or `/<package>/Cargo.toml` when vendored; that
/// is all that is needed of a document of 0.8 MB, so no JSON parser is a dependency of the build.
fn find_package(metadata: &str, package: &str) -> Option<PathBuf> {
    metadata.split("\"manifest_path\":\"").skip(1).find_map(|rest| {
        let dir = Path::new(rest.split_once('"')?.0).parent()?;
        let version = dir.file_name()?.to_str()?.strip_prefix(package)?;
        let is_it = match version.strip_prefix('-') {
            Some(number) => number.starts_with(|c: char| c.is_ascii_digit()),
            None => version.is_empty(),
        };
        is_it.then(|| dir.to_owned())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_package_is_found_by_its_whole_name() {
        let metadata = r#"[{"manifest_path":"/r/lwip-sys-0.1.0/Cargo.toml"},{"manifest_path":"/r/lwip-0.4.0/Cargo.toml"}]"#;
        assert_eq!(find_package(metadata, "lwip"), Some(PathBuf::from("/r/lwip-0.4.0")));
        assert_eq!(find_package(metadata, "lw"), None);
    }

    #[test]
    fn a_vendored_package_is_found() {
        let metadata = r#"{"manifest_path":"/vendor/lwip/Cargo.toml"}"#;
        assert_eq!(find_package(metadata, "lwip"), Some(PathBuf::from("/vendor/lwip")));
    }

    #[test]
    fn a_folder_that_is_no_kernel_is_named_with_what_it_lacks() {
        let dir = PathBuf::from(env!("CARGO_MANIFEST_DIR"));
        let error =
            check_source("a FreeRTOS kernel", dir, "FREERTOS_KERNEL_PATH".into(), &["tasks.c"])
                .unwrap_err();
        let text = error.to_string();
        assert!(text.contains("(FREERTOS_KERNEL_PATH) is not a FreeRTOS kernel"), "{text}");
        assert!(text.contains("it has no tasks.c"), "{text}");
    }
}
