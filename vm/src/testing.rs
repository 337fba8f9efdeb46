//! A VM without an RTOS, for unit tests and for the tools of the host (feature `hosted`): one thread or several, no
//! files, silent console.

extern crate std;

use core::sync::atomic::{AtomicU64, AtomicUsize, Ordering};
use core::time::Duration;
use std::boxed::Box;
use std::sync::{Condvar, Mutex, OnceLock};
use std::time::Instant;

use crate::heap::Region;
use crate::host::{Host, PathKind};
use crate::object::MemoryRegion;
use crate::value::Value;
use crate::{Raise, StackBounds, Vm, VmConfig, VmHandle};

/// Native stack that the VM may use; a thread of a test has twice as much.
const STACK_BYTES: usize = 1 << 20;

/// The address of memory that scripts may use: 16 bytes that they may write, and 16 that they may only read.
pub fn registers() -> usize {
    static REGISTERS: [AtomicU64; 4] = [const { AtomicU64::new(0) }; 4];
    REGISTERS.as_ptr().expose_provenance()
}

/// The surroundings of a test's VM.
pub struct TestHost {
    /// What several threads need; with one alone no call of the host waits, and no time passes.
    tasks: Option<Tasks>,
}

/// A GIL and a wake-up for every wait, of the standard library's parts.
struct Tasks {
    owned: Mutex<bool>,
    free: Condvar,
    wakes: Mutex<usize>,
    woken: Condvar,
    waiters: AtomicUsize,
    started: Instant,
}

impl TestHost {
    /// For several threads; never freed.
    pub fn leak_for_threads() -> &'static TestHost {
        Box::leak(Box::new(TestHost {
            tasks: Some(Tasks {
                owned: Mutex::new(false),
                free: Condvar::new(),
                wakes: Mutex::new(0),
                woken: Condvar::new(),
                waiters: AtomicUsize::new(0),
                started: Instant::now(),
            }),
        }))
    }

    /// How many threads wait.
    pub fn waiters(&self) -> usize {
        self.tasks.as_ref().map_or(0, |t| t.waiters.load(Ordering::SeqCst))
    }
}

impl Host for TestHost {
    fn ticks_us(&self) -> u64 {
        self.tasks.as_ref().map_or(0, |t| t.started.elapsed().as_micros() as u64)
    }
    fn unix_time_ns(&self) -> Option<u64> {
        None
    }
    fn gil_take(&self) {
        let Some(t) = &self.tasks else { return };
        let mut owned = t.owned.lock().unwrap();
        while *owned {
            owned = t.free.wait(owned).unwrap();
        }
        *owned = true;
    }
    fn gil_give(&self) {
        let Some(t) = &self.tasks else { return };
        *t.owned.lock().unwrap() = false;
        t.free.notify_one();
    }
    fn gil_yield(&self) {
        self.gil_give();
        std::thread::yield_now();
        self.gil_take();
    }
    fn wait(&self, timeout_us: Option<u64>) {
        let Some(t) = &self.tasks else { return };
        let before = *t.wakes.lock().unwrap();
        t.waiters.fetch_add(1, Ordering::SeqCst);
        let wakes = t.wakes.lock().unwrap();
        let limit = Duration::from_micros(timeout_us.unwrap_or(10_000_000));
        drop(t.woken.wait_timeout_while(wakes, limit, |w| *w == before).unwrap());
        t.waiters.fetch_sub(1, Ordering::SeqCst);
    }
    fn wake(&self) {
        let Some(t) = &self.tasks else { return };
        *t.wakes.lock().unwrap() += 1;
        t.woken.notify_all();
    }
    fn console_write(&self, _bytes: &[u8]) {}
    fn console_read(&self, _buf: &mut [u8], _timeout_us: Option<u64>) -> usize {
        0
    }
    fn console_readable(&self) -> bool {
        false
    }
    fn entropy(&self, _buf: &mut [u8]) -> bool {
        false
    }
    fn import_stat(&self, _vm: &mut Vm, _path: &str) -> Result<PathKind, Raise> {
        Ok(PathKind::Missing)
    }
    fn open(&self, vm: &mut Vm, _path: Value, _mode: &str) -> Result<Value, Raise> {
        Err(vm.raise_os_error(2))
    }
    fn memory_regions(&self) -> &[MemoryRegion] {
        static REGIONS: OnceLock<[MemoryRegion; 2]> = OnceLock::new();
        REGIONS.get_or_init(|| {
            // SAFETY: the memory is there for ever, its parts may be written at any time, and no other code depends on them.
            unsafe {
                [
                    MemoryRegion::new(registers(), 16, true),
                    MemoryRegion::new(registers() + 16, 16, false),
                ]
            }
        })
    }
    fn platform(&self) -> &'static str {
        "test"
    }
    fn machine(&self) -> &'static str {
        "test"
    }
    fn epoch_offset_s(&self) -> u64 {
        0
    }
}

/// Runs `f` with a fresh VM of `bytes` of memory.
///
/// # Panics
/// They are too few for any VM (see [`try_with_vm`]).
pub fn with_vm<R>(bytes: usize, f: impl FnOnce(&mut Vm) -> R) -> R {
    try_with_vm(bytes, f).expect("enough memory")
}

/// Runs `f` with a fresh VM of `bytes` of memory; `None` where that is too little for a VM.
pub fn try_with_vm<R>(bytes: usize, f: impl FnOnce(&mut Vm) -> R) -> Option<R> {
    let mut memory = std::vec![0u128; bytes / 16];
    let regions = [Region { start: memory.as_mut_ptr().cast(), len: bytes / 16 * 16 }];
    static ALONE: TestHost = TestHost { tasks: None };
    let config = VmConfig { regions: &regions, host: &ALONE, modules: &[], value_stack_limit: 0 };
    // SAFETY: nobody else uses the memory while the VM exists, which is until this function returns.
    let handle = unsafe { VmHandle::create(&config) }.ok()?;
    let here = 0u8;
    let stack = StackBounds { limit: (&raw const here).addr() - STACK_BYTES };
    // SAFETY: the VM lives, this thread is not attached to it, and the limit lies in its stack.
    unsafe { handle.attach(stack, f) }.ok()
}
