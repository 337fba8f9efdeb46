//! The C API: what `include/threadsnake.h` declares. The header is the manual; here is how it is kept.
//!
//! A [`TsVm`] lies at the beginning of the memory that C gives to `ts_create`, and is known by its address. C code
//! that an attached task runs *borrows* the task's hold on its VM ([`lend`]); every function that takes a value
//! looks for that loan first, so a call from the wrong task, without attachment or after the end finds none.
//!
//! # Invariants
//! - A1. A `TsVm` is in the registry from `ts_create` until `ts_destroy`; its memory is not given back before. A
//!   pointer from C is compared with the registry or with the calling task's loans before it is followed.
//! - A2. `&'static TsVm` lives no longer than A1 says: destroying needs a VM that does not run, so that neither its
//!   task nor an attachment is left. That no C task calls while another destroys is the caller's duty.
//! - A3. No function unwinds; none allocates outside the memory that the VM was given.

mod attach;
mod board;
mod config;
mod exception;
mod files;
mod image;
mod lend;
mod life;
mod module;
mod object;
mod registry;
mod run;
mod shared;
mod text;
mod value;
mod wait;

pub use config::{Files, Function, Main, Module, Stats, TsConfig};
pub use image::panicked;
pub use lend::borrow;
pub use life::{TsVm, set_rooms};
pub use shared::holds_gil;

use threadsnake_vm::host::PathKind;
use threadsnake_vm::object::RomModule;
use threadsnake_vm::value::Value;
use threadsnake_vm::{Raise, Vm};

/// What `import` asks about a path.
pub type ImportStat = fn(&mut Vm, &str) -> Result<PathKind, Raise>;
/// `open(path, mode)`.
pub type Open = fn(&mut Vm, Value, &str) -> Result<Value, Raise>;

/// What rooms above this one add to VMs that C starts.
#[derive(Clone, Copy)]
pub struct Rooms {
    /// Tables of native modules; those of this room are to be among them.
    pub modules: &'static [&'static [&'static RomModule]],
    /// Asked where the VM's own functions for files know nothing.
    pub import_stat: Option<ImportStat>,
    /// Likewise.
    pub open: Option<Open>,
    /// Called after the end of each VM, by its task.
    pub ended: fn(),
}

/// What a function answers: the `TS_…` statuses of the header.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[repr(transparent)]
pub struct Status(i32);

#[allow(missing_docs, reason = "the header says what each means")]
impl Status {
    pub const OK: Self = Self(0);
    pub const RAISED: Self = Self(1);
    pub const TIMEOUT: Self = Self(2);
    pub const BAD_ARGUMENT: Self = Self(3);
    pub const BAD_VM: Self = Self(4);
    pub const WRONG_STATE: Self = Self(5);
    pub const WRONG_CONTEXT: Self = Self(6);
    pub const NOT_ATTACHED: Self = Self(7);
    pub const NO_MEMORY: Self = Self(8);
    pub const FULL: Self = Self(9);
    pub const DEAD: Self = Self(10);
    pub const KILLED: Self = Self(11);
    pub const CLOSED: Self = Self(12);
    pub const EXISTS: Self = Self(13);
    pub const NOT_FOUND: Self = Self(14);
}

/// An exception that is parked in the VM.
impl From<Raise> for Status {
    fn from(_: Raise) -> Self {
        Self::RAISED
    }
}

impl From<Result<(), Status>> for Status {
    fn from(result: Result<(), Status>) -> Self {
        match result {
            Ok(()) => Self::OK,
            Err(status) => status,
        }
    }
}

/// `Err(BAD_ARGUMENT)` unless `condition` holds.
fn require(condition: bool) -> Result<(), Status> {
    if condition { Ok(()) } else { Err(Status::BAD_ARGUMENT) }
}
