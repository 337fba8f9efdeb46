//! Build support: finds the third-party C sources and compiles the FreeRTOS kernel.
//!
//! For `build.rs` of a board crate; nothing of this crate ends up in an image. A board calls
//!
//! ```no_run
//! use threadsnake_freertos::{Heap, Kernel, Port};
//! Kernel::new(Port::ArmCm3, "config")
//!     .heap(Heap::Four)
//!     .compile()
//!     .unwrap_or_else(|error| error.exit());
//! ```
//!
//! and gets a static library `freertos`, linked into itself: the kernel, its port, `shim.c` of the crate
//! `freertos-rust` and the shim of `rtos-glue`, all compiled against the board's `FreeRTOSConfig.h`. C files
//! of the board that include `FreeRTOS.h` are added with [`Kernel::file`], or compiled with [`Kernel::cc`].
//!
//! Invariants: nothing below the registry or an SDK's folder is changed; every C file that sees the kernel
//! is compiled with the same definitions, so that its types have one size.

mod kernel;
mod lwip;
mod source;

pub use kernel::{Heap, Kernel, Port};
pub use source::{SourceError, crate_dir, crate_dir_below, kernel_dir, lwip_dir};
