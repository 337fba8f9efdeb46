//! `ts_attach` and `ts_detach`: any task takes part in a VM for a while.

use super::life::{NATIVE_STACK, TsVm};
use super::{Status, registry, require};
use crate::rtos;
use crate::seat::Seat;
use core::mem::MaybeUninit;
use core::pin::Pin;
use core::ptr::{self, NonNull};
use threadsnake_vm::Vm;

/// `ts_attachment`: on the stack of the attached task, which leaves it alone.
pub struct Attachment {
    /// Set while attached.
    owner: *const TsVm,
    seat: MaybeUninit<Seat>,
    record: MaybeUninit<Vm>,
}

/// What the header reserves, in words.
const WORDS: usize = 72;
const _: () = assert!(size_of::<Attachment>() <= WORDS * size_of::<usize>());
const _: () = assert!(align_of::<Attachment>() <= 8);

/// Attaches the calling task: see the header.
///
/// # Safety
/// `attachment` is null or a `ts_attachment` that stays in place, and is not written by others, until `ts_detach`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_attach(vm: *const TsVm, attachment: *mut Attachment) -> Status {
    let attach = || {
        if !rtos::may_block() {
            return Err(Status::WRONG_CONTEXT);
        }
        require(!attachment.is_null() && attachment.is_aligned())?;
        let owner = registry::find(vm)?;
        let crew = owner.host().crew();
        if crew.is_attached() {
            return Err(Status::WRONG_STATE);
        }
        let handle = owner.expect_attachment().ok_or(Status::WRONG_STATE)?;
        // SAFETY: the caller's promise: room for all three, nobody else's until `ts_detach`.
        let (seat, record) = unsafe {
            (&raw mut (*attachment).owner).write(owner);
            let seat = (&raw mut (*attachment).seat).cast::<Seat>();
            seat.write(Seat::new(crew));
            // `Seat` is pinned because `attachment` stays in place.
            let seat: &'static Seat = &*seat;
            (seat, NonNull::new_unchecked((&raw mut (*attachment).record).cast::<Vm>()))
        };
        // SAFETY: as above.
        crew.sit(unsafe { Pin::new_unchecked(seat) });
        crew.unexpect();
        let (_, base) = rtos::stack_bounds();
        // SAFETY: the VM lives while a task is in its crew; the record stays in place; the bounds are this task's.
        let attached = unsafe { handle.attach_record(record, NATIVE_STACK.bounds(), base) };
        if attached.is_err() {
            // SAFETY: as above.
            crew.stand_up(unsafe { Pin::new_unchecked(seat) });
            return Err(Status::NO_MEMORY);
        }
        seat.lent.set((vm.cast(), record.as_ptr()));
        Ok(())
    };
    attach().into()
}

/// Ends what `ts_attach` began: see the header.
///
/// # Safety
/// `attachment` is null or was given to `ts_attach`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_detach(attachment: *mut Attachment) -> Status {
    let detach = || {
        if rtos::in_isr() {
            return Err(Status::WRONG_CONTEXT);
        }
        require(!attachment.is_null() && attachment.is_aligned())?;
        // SAFETY: the caller's promise: `ts_attach` has written the owner, or it is not in use and not one.
        let owner = registry::find(unsafe { (&raw const (*attachment).owner).read() })
            .map_err(|_| Status::NOT_ATTACHED)?;
        // SAFETY: in use, the seat is valid; its address is compared before it is read.
        let seat = unsafe { &raw mut (*attachment).seat }.cast::<Seat>();
        let mine = owner.host().crew().seat().ok_or(Status::NOT_ATTACHED)?;
        // Only the innermost attachment may end, and not while a function of ours has the record.
        let innermost = rtos::Task::current().data().cast::<Seat>().cast_const();
        let (_, record) = mine.lent.get();
        let Some(record) = NonNull::new(record) else { return Err(Status::WRONG_STATE) };
        if !ptr::eq(mine, seat) || !ptr::eq(innermost, seat) {
            return Err(Status::WRONG_STATE);
        }
        // SAFETY: this attachment's own record, which nothing refers to.
        unsafe {
            (&raw mut (*attachment).owner).write(ptr::null());
            super::exception::report_left(&mut *record.as_ptr());
            Vm::detach(record);
        }
        // SAFETY: the seat is the one that sat down, still in place.
        owner.host().crew().stand_up(unsafe { Pin::new_unchecked(mine) });
        Ok(())
    };
    detach().into()
}
