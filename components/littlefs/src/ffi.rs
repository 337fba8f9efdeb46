//! The functions of `shim/ts_lfs.c`, as a table for each version of littlefs.

use core::ffi::{c_char, c_void};

/// The shape of a volume's device, and how much memory its buffers take.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(C)]
#[allow(missing_docs, reason = "the names are those of littlefs' configuration")]
pub struct Geometry {
    pub read_size: u32,
    pub prog_size: u32,
    pub block_size: u32,
    pub block_count: u32,
    pub cache_size: u32,
    pub lookahead_size: u32,
    pub block_cycles: i32,
}

/// As in the shim.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct Info {
    pub is_dir: u32,
    pub size: u32,
}

type Block = *mut c_void;
type Path = *const c_char;

/// Declares the table's type and makes a table of the functions with a prefix.
macro_rules! api {
    ($($name:ident: fn($($arg:ty),*) $(-> $ret:ty)?;)*) => {
        /// One version of littlefs.
        pub struct Api {
            $(pub $name: unsafe extern "C" fn($($arg),*) $(-> $ret)?,)*
        }

        pub static V2: Api = {
            unsafe extern "C" {
                $(#[link_name = concat!("ts_lfs2_", stringify!($name))]
                fn $name($(_: $arg),*) $(-> $ret)?;)*
            }
            Api { $($name,)* }
        };

        #[cfg(feature = "v1")]
        pub static V1: Api = {
            unsafe extern "C" {
                $(#[link_name = concat!("ts_lfs1_", stringify!($name))]
                fn $name($(_: $arg),*) $(-> $ret)?;)*
            }
            Api { $($name,)* }
        };
    };
}

api! {
    volume_bytes: fn(*const Geometry) -> u32;
    file_bytes: fn(*const Geometry) -> u32;
    dir_bytes: fn() -> u32;
    lend: fn(Block, *mut c_void);
    format: fn(Block, *const Geometry, *mut c_void) -> i32;
    mount: fn(Block, *const Geometry, *mut c_void) -> i32;
    unmount: fn(Block) -> i32;
    remove: fn(Block, Path) -> i32;
    rename: fn(Block, Path, Path) -> i32;
    mkdir: fn(Block, Path) -> i32;
    stat: fn(Block, Path, *mut Info) -> i32;
    get_mtime: fn(Block, Path, *mut u8) -> i32;
    used_blocks: fn(Block) -> i32;
    file_open: fn(Block, Block, Path, i32, u32) -> i32;
    file_mtime: fn(Block, *const u8);
    file_close: fn(Block, Block) -> i32;
    file_sync: fn(Block, Block) -> i32;
    file_read: fn(Block, Block, *mut u8, u32) -> i32;
    file_write: fn(Block, Block, *const u8, u32) -> i32;
    file_seek: fn(Block, Block, i32, i32) -> i32;
    dir_open: fn(Block, Block, Path) -> i32;
    dir_read: fn(Block, Block, *mut c_char, *mut Info) -> i32;
    dir_close: fn(Block, Block) -> i32;
}
