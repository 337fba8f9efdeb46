//! The VMs of this image: which pointers from C are one.

use super::Status;
use super::life::TsVm;
use crate::rtos;
use core::cell::Cell;
use core::ptr;

/// All VMs, linked by [`TsVm::next`]; used in critical sections only.
struct Registry(Cell<*const TsVm>);

// SAFETY: used in critical sections only.
unsafe impl Sync for Registry {}

static REGISTRY: Registry = Registry(Cell::new(ptr::null()));

/// The VM behind a pointer from C. Any context.
pub fn find(vm: *const TsVm) -> Result<&'static TsVm, Status> {
    rtos::critical(|| all().find(|&known| ptr::eq(known, vm))).ok_or(Status::BAD_VM)
}

/// Makes a VM known.
pub fn add(vm: &'static TsVm) {
    rtos::critical(|| {
        vm.next.set(REGISTRY.0.get());
        REGISTRY.0.set(vm);
    });
}

/// Forgets a VM; false if it is not known.
pub fn remove(vm: &'static TsVm) -> bool {
    rtos::critical(|| {
        let mut link = &REGISTRY.0;
        // SAFETY: A1.
        while let Some(at) = unsafe { link.get().as_ref() } {
            if ptr::eq(at, vm) {
                link.set(at.next.get());
                return true;
            }
            link = &at.next;
        }
        false
    })
}

/// All of them; only inside one critical section.
pub fn all() -> impl Iterator<Item = &'static TsVm> {
    // SAFETY: A1.
    core::iter::successors(unsafe { REGISTRY.0.get().as_ref() }, |vm| unsafe {
        vm.next.get().as_ref()
    })
}
