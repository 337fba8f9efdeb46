//! The structures that C fills in: the same layout as in the header.

use super::Status;
use super::life::TsVm;
use super::value::Given;
use core::ffi::{c_char, c_int, c_void};
use threadsnake_vm::value::Value;

/// `TS_ABI_VERSION`: changes when the header does in a way that old programs notice.
pub const ABI_VERSION: u32 = 3;

/// `ts_main`, and what `ts_post` takes.
pub type Main = extern "C" fn(vm: *const TsVm, argument: *mut c_void) -> Status;
/// `ts_call`: a function of a C module.
pub type Call =
    extern "C" fn(vm: *const TsVm, args: *const Value, n_args: usize, result: *mut Given) -> Status;
/// The initialiser of a C module.
pub type Init = extern "C" fn(vm: *const TsVm, module: Value) -> Status;

/// `ts_function`.
#[repr(C)]
#[derive(Debug)]
pub struct Function {
    /// Terminated UTF-8.
    pub name: *const c_char,
    /// What it does.
    pub call: Option<Call>,
    /// The fewest arguments.
    pub min_args: u8,
    /// The most arguments; 255: any number.
    pub max_args: u8,
}

/// `ts_module`.
#[repr(C)]
#[derive(Debug)]
pub struct Module {
    /// Terminated UTF-8.
    pub name: *const c_char,
    /// The functions.
    pub functions: *const Function,
    /// How many.
    pub n_functions: usize,
    /// Runs at the first import; may be null.
    pub init: Option<Init>,
}

/// `ts_files`: read access to files, for `import`, `open` and `ts_exec_file`.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Files {
    /// 0 nothing, 1 file, 2 directory.
    pub stat: Option<extern "C" fn(context: *mut c_void, path: *const c_char, len: usize) -> c_int>,
    /// A handle from 0 to 2^30 - 1, or a negative error number.
    pub open: Option<extern "C" fn(context: *mut c_void, path: *const c_char, len: usize) -> i32>,
    /// How many bytes were read, 0 at the end, or a negative error number.
    pub read:
        Option<extern "C" fn(context: *mut c_void, file: i32, buf: *mut u8, size: usize) -> i32>,
    /// Ends the use of a handle.
    pub close: Option<extern "C" fn(context: *mut c_void, file: i32)>,
}

/// `ts_config`.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct TsConfig {
    /// `sizeof(ts_config)` as the caller knows it.
    pub size: u32,
    /// `TS_ABI_VERSION` as the caller knows it.
    pub abi_version: u32,
    /// The task's name; null: "python".
    pub name: *const c_char,
    /// The task's priority.
    pub priority: u32,
    /// The task's stack.
    pub stack_bytes: u32,
    /// Passed to every callback below.
    pub context: *mut c_void,
    /// Writes to the console; null: output is lost.
    pub console_write: Option<extern "C" fn(context: *mut c_void, text: *const u8, len: usize)>,
    /// Moves what has arrived into `buf`; null: nothing ever arrives.
    pub console_read:
        Option<extern "C" fn(context: *mut c_void, buf: *mut u8, size: usize) -> usize>,
    /// Files; null: there are none.
    pub files: *const Files,
    /// The C modules; null if there are none.
    pub modules: *const *const Module,
    /// How many.
    pub n_modules: usize,
    /// Fills `buf` with random bytes; null: there is no source.
    pub entropy: Option<extern "C" fn(context: *mut c_void, buf: *mut u8, size: usize)>,
    /// Nanoseconds since 1970-01-01 00:00 UTC; null: there is no clock.
    pub unix_time_ns: Option<extern "C" fn(context: *mut c_void) -> u64>,
    /// `sys.platform`; null: "freertos".
    pub platform: *const c_char,
    /// The machine in the banner; null: "FreeRTOS".
    pub machine: *const c_char,
    /// 1: a line feed without a carriage return gets one.
    pub console_wants_cr: u32,
    /// The most threads that Python may start.
    pub threads: u32,
    /// The stack of each.
    pub thread_stack_bytes: u32,
}

/// `ts_stats`.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Stats {
    /// `sizeof(ts_stats)` as the caller knows it.
    pub size: u32,
    /// Collections since the start.
    pub collections: u32,
    /// Bytes of the heap.
    pub heap_total: usize,
    /// Bytes that objects have.
    pub heap_used: usize,
    /// Bytes of the longest free run.
    pub heap_largest_free: usize,
    /// Objects.
    pub n_objects: usize,
    /// Bytes of the VM's own task's stack that were never used.
    pub stack_unused: u32,
    /// Tasks that are attached, the VM's own among them.
    pub n_tasks: u32,
    /// As `HandlerStats`.
    pub handlers_at_once: u32,
    /// As above.
    pub handlers_later: u32,
    /// As above.
    pub handler_wait_us: u32,
}
