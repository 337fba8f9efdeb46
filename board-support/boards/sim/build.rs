//! Compiles the kernel for this process and puts signal masks around every `malloc` in it.

use threadsnake_freertos::{Heap, Kernel, Port};

/// How many sockets there may be at once.
const SOCKETS: u32 = 64;

fn main() {
    Kernel::new(Port::Posix, "config")
        .heap(Heap::Four)
        .file("benches/echo.c")
        .include("../../../rtos-glue/include")
        .file("../../../examples/appliance/logger.c")
        .lwip(SOCKETS)
        .and_then(|kernel| kernel.compile())
        .unwrap_or_else(|error| error.exit());
    println!("cargo:rerun-if-changed=build.rs");
    // A task that is switched out inside the C library's malloc would keep its lock: components/freertos/posix.
    for name in ["malloc", "calloc", "realloc", "free"] {
        println!("cargo:rustc-link-arg=-Wl,--wrap={name}");
    }
}
