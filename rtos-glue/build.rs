//! Takes in the frozen modules: the file that the environment variable `THREADSNAKE_FROZEN` names, as an absolute path,
//! which `threadsnake-freeze` wrote; without it none are frozen.
use std::path::{Path, PathBuf};

const NONE: &str = "use threadsnake_vm::bytecode::file::FINGERPRINT;
pub static IMAGE: FrozenImage = FrozenImage::new(&[], &[], FINGERPRINT);
use threadsnake_vm::object::frozen::FrozenImage;
";

fn main() {
    println!("cargo:rerun-if-env-changed=THREADSNAKE_FROZEN");
    let out = PathBuf::from(std::env::var_os("OUT_DIR").expect("cargo sets OUT_DIR"));
    let text = match std::env::var("THREADSNAKE_FROZEN") {
        Ok(file) if !file.is_empty() => {
            assert!(Path::new(&file).is_absolute(), "THREADSNAKE_FROZEN={file}: not absolute");
            let is_built = std::env::var_os("CARGO_FEATURE_FROZEN").is_some();
            assert!(
                is_built,
                "THREADSNAKE_FROZEN={file}: threadsnake-glue needs the feature `frozen`"
            );
            println!("cargo:rerun-if-changed={file}");
            std::fs::read_to_string(&file)
                .unwrap_or_else(|error| panic!("THREADSNAKE_FROZEN={file}: {error}"))
        }
        _ => NONE.to_owned(),
    };
    std::fs::write(out.join("frozen.rs"), text).expect("the build folder can be written");
}
