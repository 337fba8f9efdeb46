//! What the fuzz targets share: a VM that may run what it is given for a short while.
//!
//! A crash is a panic, a broken invariant of the heap (collections check them in this build), an access that
//! AddressSanitizer refuses, or a run that no kill ends.
#![forbid(unsafe_code)]

use std::sync::{Condvar, Mutex, Once, PoisonError};
use std::time::{Duration, Instant};

use threadsnake_vm::testing::with_vm;
use threadsnake_vm::{Raise, Vm, VmHandle};

/// Memory of each VM: enough for a program of the corpus, and soon full of a hostile one.
const HEAP_BYTES: usize = 256 * 1024;
/// How long a program may run before it is killed.
const LIMIT: Duration = Duration::from_millis(50);

/// How long the watch sleeps when there is nothing to watch and nobody wakes it.
const IDLE: Duration = Duration::from_secs(60);

/// The VM at work and when it is to be killed.
static AT_WORK: Mutex<Option<(Instant, VmHandle)>> = Mutex::new(None);
static CHANGED: Condvar = Condvar::new();

/// Runs `f` in a fresh VM, which is killed if that takes too long; whatever it raises is forgotten.
pub fn run(f: impl FnOnce(&mut Vm) -> Result<(), Raise>) {
    static START: Once = Once::new();
    START.call_once(|| drop(std::thread::spawn(watch)));
    with_vm(HEAP_BYTES, |vm| {
        set(Some((Instant::now() + LIMIT, vm.handle())));
        let result = f(vm);
        // From here on the handle is nobody's: the VM ends.
        set(None);
        if result.is_err() {
            vm.take_exception();
        }
        if !vm.handle().is_killed() {
            vm.collect();
        }
    });
}

fn set(at_work: Option<(Instant, VmHandle)>) {
    *AT_WORK.lock().unwrap_or_else(PoisonError::into_inner) = at_work;
    CHANGED.notify_one();
}

/// Kills what is at work when its time has come.
fn watch() {
    let mut at_work = AT_WORK.lock().unwrap_or_else(PoisonError::into_inner);
    loop {
        let left = at_work.map(|(end, _)| end.saturating_duration_since(Instant::now()));
        if left == Some(Duration::ZERO)
            && let Some((_, handle)) = at_work.take()
        {
            handle.kill();
        }
        let waited = CHANGED.wait_timeout(at_work, left.filter(|l| !l.is_zero()).unwrap_or(IDLE));
        at_work = waited.unwrap_or_else(PoisonError::into_inner).0;
    }
}
