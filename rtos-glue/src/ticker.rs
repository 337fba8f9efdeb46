//! Software timers that outlive what they are for: a VM gets one, lets go of it, and another gets it.
//!
//! The kernel deletes a timer some time after it was asked to, so none is ever deleted: those that nobody uses wait in a
//! list. What a timer tells, it tells inside [`OneTask`], and whoever lets go of it says so inside one; so nothing that has
//! ended is told of anything.

use crate::rtos::{self, KernelTimer, OneTask};
use core::cell::Cell;
use core::ffi::c_void;
use core::ptr;
use core::sync::atomic::{AtomicU32, Ordering};
use threadsnake_vm::VmHandle;

/// A timer in the kernel's heap, for ever.
#[derive(Debug)]
#[repr(C)]
struct Ticker {
    /// First, for the kernel's timer.
    expired: unsafe extern "C" fn(*mut c_void),
    timer: Cell<Option<KernelTimer>>,
    /// The VM that has it. Inside [`OneTask`].
    vm: Cell<Option<VmHandle>>,
    /// How many times it has expired and nobody has looked.
    fired: AtomicU32,
    /// The list of those that nobody has. Inside [`OneTask`].
    next: Cell<*const Ticker>,
}

struct Unused(Cell<*const Ticker>);

// SAFETY: used inside `OneTask` only.
unsafe impl Sync for Unused {}

static UNUSED: Unused = Unused(Cell::new(ptr::null()));

/// A timer that a VM has. Letting go of it stops it.
#[derive(Debug)]
pub struct TickerRef(&'static Ticker);

impl TickerRef {
    /// A timer that is not started and will tell this VM. `None` without memory in the kernel's heap, or if the kernel
    /// has no timers.
    pub fn new(vm: VmHandle) -> Option<Self> {
        let used = {
            let _alone = OneTask::begin();
            // SAFETY: tickers live for ever.
            let first = unsafe { UNUSED.0.get().as_ref() };
            first.inspect(|ticker| UNUSED.0.set(ticker.next.get()))
        };
        let ticker = match used {
            Some(ticker) => ticker,
            None => make()?,
        };
        ticker.fired.store(0, Ordering::Relaxed);
        let _alone = OneTask::begin();
        ticker.vm.set(Some(vm));
        Some(Self(ticker))
    }

    /// Starts it, or starts it again: it expires after `ticks`, then again and again if `repeat`. False if the kernel's
    /// timer task is not served.
    pub fn start(&self, ticks: u32, repeat: bool) -> bool {
        self.0.timer.get().is_some_and(|timer| timer.start(ticks, repeat))
    }

    /// Stops it.
    pub fn stop(&self) -> bool {
        self.0.timer.get().is_some_and(KernelTimer::stop)
    }

    /// How many times it has expired since this was asked.
    pub fn take_fired(&self) -> u32 {
        self.0.fired.swap(0, Ordering::Relaxed)
    }

    /// Its address, which [`TickerRef::from_address`] takes back.
    #[cfg(feature = "rtos")]
    pub(crate) fn into_address(self) -> usize {
        ptr::from_ref(core::mem::ManuallyDrop::new(self).0).expose_provenance()
    }

    /// # Safety
    /// The address is from [`TickerRef::into_address`], and the result is the only one of it that will be dropped.
    #[cfg(feature = "rtos")]
    pub(crate) unsafe fn from_address(address: usize) -> Self {
        // SAFETY: tickers live for ever.
        Self(unsafe { &*ptr::with_exposed_provenance(address) })
    }
}

impl Drop for TickerRef {
    fn drop(&mut self) {
        self.stop();
        let _alone = OneTask::begin();
        self.0.vm.set(None);
        self.0.next.set(UNUSED.0.get());
        UNUSED.0.set(self.0);
    }
}

/// A new ticker of nobody's.
fn make() -> Option<&'static Ticker> {
    let place = rtos::kernel_malloc(size_of::<Ticker>()).cast::<Ticker>();
    if place.is_null() {
        return None;
    }
    let ticker = Ticker {
        expired,
        timer: Cell::new(None),
        vm: Cell::new(None),
        fired: AtomicU32::new(0),
        next: Cell::new(ptr::null()),
    };
    // SAFETY: the block is fresh, large enough, and as aligned as the kernel's blocks are.
    let ticker: &'static Ticker = unsafe {
        place.write(ticker);
        &*place
    };
    // SAFETY: it lives for ever and begins with `expired`.
    match unsafe { KernelTimer::new(place.cast()) } {
        Some(timer) => {
            ticker.timer.set(Some(timer));
            Some(ticker)
        }
        None => {
            // SAFETY: nobody has seen it.
            unsafe { rtos::kernel_free(place.cast()) };
            None
        }
    }
}

/// Runs in the kernel's timer task.
unsafe extern "C" fn expired(owner: *mut c_void) {
    // SAFETY: `make` passes a ticker, which lives for ever.
    let ticker = unsafe { &*owner.cast::<Ticker>() };
    let _alone = OneTask::begin();
    // A VM lives until it has let go of its timers, which it does inside `OneTask`.
    if let Some(vm) = ticker.vm.get() {
        ticker.fired.fetch_add(1, Ordering::Relaxed);
        vm.notify_posted();
    }
}
