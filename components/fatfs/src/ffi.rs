//! The functions of `shim/ts_fat.c`.

use core::ffi::{c_char, c_void};

/// As in the shim.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct Entry {
    pub is_dir: u32,
    pub read_only: u32,
    pub size: u32,
    pub date_time: u32,
}

/// As in the shim.
#[derive(Clone, Copy, Debug, Default)]
#[repr(C)]
pub struct Space {
    pub cluster_bytes: u32,
    pub clusters: u32,
    pub free: u32,
}

type Block = *mut c_void;
type Path = *const c_char;

unsafe extern "C" {
    pub safe fn ts_fat_drives() -> u32;
    pub safe fn ts_fat_volume_bytes() -> u32;
    pub safe fn ts_fat_file_bytes() -> u32;
    pub safe fn ts_fat_dir_bytes() -> u32;
    pub fn ts_fat_lend(drive: u32, device: *mut c_void, date_time: u32);
    pub fn ts_fat_mkfs(drive: u32, fat32: u32, work: Block, bytes: u32) -> u32;
    pub fn ts_fat_mount(drive: u32, volume: Block) -> u32;
    pub fn ts_fat_unmount(drive: u32);
    pub fn ts_fat_stat(drive: u32, path: Path, out: *mut Entry) -> u32;
    pub fn ts_fat_space(drive: u32, out: *mut Space) -> u32;
    pub fn ts_fat_unlink(drive: u32, path: Path) -> u32;
    pub fn ts_fat_mkdir(drive: u32, path: Path) -> u32;
    pub fn ts_fat_rename(drive: u32, from: Path, to: Path) -> u32;
    pub fn ts_fat_open(drive: u32, file: Block, path: Path, mode: u32) -> u32;
    pub fn ts_fat_file_entry(file: Block) -> u64;
    pub fn ts_fat_close(file: Block) -> u32;
    pub fn ts_fat_sync_file(file: Block) -> u32;
    pub fn ts_fat_read_file(file: Block, buffer: *mut u8, bytes: u32, done: *mut u32) -> u32;
    pub fn ts_fat_write_file(file: Block, buffer: *const u8, bytes: u32, done: *mut u32) -> u32;
    pub fn ts_fat_seek(file: Block, position: u32) -> u32;
    pub fn ts_fat_tell(file: Block) -> u32;
    pub fn ts_fat_size(file: Block) -> u32;
    pub fn ts_fat_open_dir(drive: u32, dir: Block, path: Path) -> u32;
    pub fn ts_fat_read_dir(dir: Block, name: *mut c_char, out: *mut Entry) -> u32;
    pub fn ts_fat_close_dir(dir: Block) -> u32;
}
