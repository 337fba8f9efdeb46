//! `platform`: what the interpreter was made for and with.
//!
//! Source: MicroPython library reference, "platform".
#![forbid(unsafe_code)]

use crate::object::Res;
use crate::value::Value;
use crate::value::names::q;
use crate::{Vm, py_module};

py_module! {
    /// `platform`.
    pub static PLATFORM: platform, extensible true;
    entries {
        libc_ver = Var(0, 4, libc_ver);
        platform = F0(platform);
        #[cfg(feature = "extra")]
        processor = F0(processor);
        python_compiler = F0(python_compiler);
    }
}

/// The architecture's name, as Rust has it.
const ARCHITECTURE: &str = if cfg!(target_arch = "x86_64") {
    "x86_64"
} else if cfg!(target_arch = "aarch64") {
    "aarch64"
} else if cfg!(target_arch = "arm") {
    "arm"
} else if cfg!(target_arch = "riscv32") {
    "riscv32"
} else {
    "unknown"
};

/// `platform()`: system, version and architecture, separated by dashes.
fn platform(vm: &mut Vm) -> Res {
    let mut out = crate::object::StrBuilder::new();
    for part in ["MicroPython-1.29.0-", ARCHITECTURE, "-FreeRTOS"] {
        out.push_str(vm, part);
    }
    out.finish_str(vm)
}

/// `python_compiler()`
fn python_compiler(vm: &mut Vm) -> Res {
    vm.new_str(concat!("Rust ", env!("CARGO_PKG_RUST_VERSION")))
}

/// `libc_ver()`: two empty strings, as the interpreter uses none.
fn libc_ver(vm: &mut Vm, _: &[Value]) -> Res {
    vm.new_tuple(&[q::EMPTY.value(); 2])
}

/// `processor()`: not known.
fn processor(_: &mut Vm) -> Res {
    Ok(q::EMPTY.value())
}
