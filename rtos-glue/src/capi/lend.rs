//! The loan: C code of an attached task has the task's hold on its VM, one call at a time.
//!
//! # Invariant
//! A seat's `lent` is (VM, record) exactly while C code of its task runs and may use the record: not inside a
//! function of ours, which has it meanwhile, and not in callbacks that run without the GIL.

use super::Status;
use super::life::TsVm;
use crate::rtos::{self, Task};
use crate::seat::Seat;
use core::ptr;
use threadsnake_vm::Vm;

const NOTHING: (*const (), *mut Vm) = (ptr::null(), ptr::null_mut());

/// Runs `c`, which calls C, with `vm` lent to it. The calling task is attached to `owner` and has the GIL.
pub fn lend<R>(owner: &'static TsVm, vm: &mut Vm, c: impl FnOnce() -> R) -> R {
    let seat = owner.host().crew().my_seat();
    let before = seat.lent.replace((ptr::from_ref(owner).cast(), ptr::from_mut(vm)));
    let result = c();
    seat.lent.set(before);
    result
}

/// The calling task's seat from which `vm` is lent.
fn seat_of(vm: *const TsVm) -> Result<&'static Seat, Status> {
    if rtos::in_isr() {
        return Err(Status::WRONG_CONTEXT);
    }
    let mut seat: *const Seat = match Task::if_any() {
        Some(task) => task.data().cast(),
        None => ptr::null(),
    };
    // SAFETY: the chain holds seats in use of the calling task, which cannot leave while it is here.
    while let Some(found) = unsafe { seat.as_ref() } {
        let (owner, record) = found.lent.get();
        if owner == vm.cast() && !record.is_null() {
            return Ok(found);
        }
        seat = found.outer;
    }
    super::registry::find(vm)?;
    Err(Status::NOT_ATTACHED)
}

/// Takes what is lent to the calling task, for the length of `f`, whatever is parked in it.
pub fn borrow_raising(
    vm: *const TsVm,
    f: impl FnOnce(&'static TsVm, &mut Vm) -> Result<(), Status>,
) -> Status {
    let seat = match seat_of(vm) {
        Ok(seat) => seat,
        Err(status) => return status,
    };
    let lent = seat.lent.replace(NOTHING);
    // SAFETY: the invariant: the record is valid and nobody else's until it is put back; A1 and A2: while it is
    // lent, its VM lives.
    let (owner, record) = unsafe { (&*lent.0.cast::<TsVm>(), &mut *lent.1) };
    let result = f(owner, record);
    seat.lent.set(lent);
    result.into()
}

/// As [`borrow_raising`], for all that must not run while an exception is parked: then it is the answer.
pub fn borrow(
    vm: *const TsVm,
    f: impl FnOnce(&'static TsVm, &mut Vm) -> Result<(), Status>,
) -> Status {
    borrow_raising(vm, |owner, vm| if vm.is_raising() { Err(Status::RAISED) } else { f(owner, vm) })
}
