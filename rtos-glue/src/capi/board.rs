//! The machine as C describes it: the callbacks of the configuration behind [`Board`].

use super::config::TsConfig;
use super::life::TsVm;
use super::{files, image, module};
use crate::host::{Board, Threads};
use core::cell::Cell;
use core::ffi::{CStr, c_char};
use core::ptr;
use core::sync::atomic::{AtomicI32, Ordering};
use threadsnake_vm::host::PathKind;
use threadsnake_vm::value::Value;
use threadsnake_vm::{Raise, Vm};

/// What interrupts unless a program chooses something else.
const CTRL_C: i32 = 3;

/// The callbacks of one VM.
pub struct CBoard {
    config: TsConfig,
    /// What interrupts, or minus one.
    interrupt_char: AtomicI32,
    /// The VM around this; set once, before anybody else knows it.
    owner: Cell<*const TsVm>,
}

// SAFETY: the header tells C which callbacks come from which tasks; the cell is written once, before it is shared.
unsafe impl Sync for CBoard {}

impl CBoard {
    pub fn new(config: TsConfig) -> Self {
        Self { config, interrupt_char: AtomicI32::new(CTRL_C), owner: Cell::new(ptr::null()) }
    }

    /// What interrupts now, or minus one. Any context.
    pub fn interrupt_char(&self) -> i32 {
        self.interrupt_char.load(Ordering::Relaxed)
    }

    /// A new life: what a program has chosen is forgotten.
    pub fn begin(&self) {
        self.interrupt_char.store(CTRL_C, Ordering::Relaxed);
    }

    pub fn config(&self) -> &TsConfig {
        &self.config
    }

    pub fn set_owner(&self, owner: &'static TsVm) {
        self.owner.set(owner);
    }

    fn owner(&self) -> &'static TsVm {
        // SAFETY: `ts_create` has set it, and no callback comes after the end (A2).
        unsafe { &*self.owner.get() }
    }
}

/// The terminated text, or `default` for none or what is no UTF-8.
fn text_or(text: *const c_char, default: &'static str) -> &'static str {
    if text.is_null() {
        return default;
    }
    // SAFETY: the header asks for terminated strings that live as long as the VM.
    unsafe { CStr::from_ptr(text) }.to_str().unwrap_or(default)
}

impl Board for CBoard {
    fn ticks_us() -> u64 {
        image::now_us()
    }

    fn interrupt_stack_limit() -> Option<usize> {
        image::interrupt_stack_limit()
    }

    fn unix_time_ns(&self) -> Option<u64> {
        self.config.unix_time_ns.map(|now| now(self.config.context))
    }

    fn console_write(&self, bytes: &[u8]) {
        if let Some(write) = self.config.console_write {
            write(self.config.context, bytes.as_ptr(), bytes.len());
        }
    }

    fn console_wants_cr(&self) -> bool {
        self.config.console_wants_cr != 0
    }

    fn console_try_read(&self, buf: &mut [u8]) -> usize {
        match self.config.console_read {
            Some(read) => read(self.config.context, buf.as_mut_ptr(), buf.len()).min(buf.len()),
            None => 0,
        }
    }

    /// Not known without taking a byte.
    fn console_is_readable(&self) -> bool {
        false
    }

    /// Without a way to read there will never be anything.
    fn console_is_at_end(&self) -> bool {
        self.config.console_read.is_none()
    }

    fn set_interrupt_char(&self, byte: Option<u8>) {
        self.interrupt_char.store(byte.map_or(-1, i32::from), Ordering::Relaxed);
    }

    fn entropy(&self, buf: &mut [u8]) -> bool {
        match self.config.entropy {
            Some(fill) => {
                fill(self.config.context, buf.as_mut_ptr(), buf.len());
                true
            }
            None => false,
        }
    }

    fn import_stat(&self, vm: &mut Vm, path: &str) -> Result<PathKind, Raise> {
        files::import_stat(vm, self.owner(), path)
    }

    fn import_module(&self, vm: &mut Vm, name: &str) -> Result<Option<Value>, Raise> {
        module::import(vm, self.owner(), name)
    }

    fn posted(&self, vm: &mut Vm) -> Result<(), Raise> {
        super::wait::run_posted(vm, self.owner())
    }

    fn open(&self, vm: &mut Vm, path: Value, mode: &str) -> Result<Value, Raise> {
        files::open(vm, self.owner(), path, mode)
    }

    fn threads(&self) -> Option<Threads> {
        let stack_bytes = self.config.thread_stack_bytes as usize;
        (self.config.threads > 0).then(|| Threads { pool: self.owner().pool(), stack_bytes })
    }

    fn platform(&self) -> &'static str {
        text_or(self.config.platform, "freertos")
    }

    fn machine(&self) -> &'static str {
        text_or(self.config.machine, "FreeRTOS")
    }
}
