//! A seat: what the glue knows of one task while it is attached to a VM.
//!
//! It lies on the stack of the attached task and is linked, by address, into the crew and the task. Each field
//! says who may touch it.

use crate::crew::Crew;
#[cfg(feature = "gil")]
use crate::gil::turn::Claim;
use crate::rtos::Task;
use core::cell::Cell;
use core::marker::PhantomPinned;
use core::ptr;
use core::sync::atomic::AtomicU32;
#[cfg(feature = "gil")]
use threadsnake_vm::Vm;

/// A task's place in a [`Crew`].
#[derive(Debug)]
pub struct Seat {
    pub(crate) task: Task,
    /// The GIL's: the priority the task runs at. Inside `OneTask`.
    #[cfg(feature = "gil")]
    pub(crate) effective: Cell<u32>,
    /// The GIL's: inside `OneTask`, and by the task itself while it neither holds nor waits.
    #[cfg(feature = "gil")]
    pub(crate) claim: Cell<Claim>,
    /// The GIL's: as `claim`.
    #[cfg(feature = "gil")]
    pub(crate) since_us: Cell<u64>,
    /// The GIL's queue: inside `OneTask`.
    #[cfg(feature = "gil")]
    pub(crate) next: Cell<*const Seat>,
    /// What has happened since the task last looked. Any context.
    pub(crate) events: AtomicU32,
    /// The crew's list: written inside critical sections.
    pub(crate) sibling: Cell<*const Seat>,
    /// The seat that the task used before this one, in another crew. The task itself.
    pub(crate) outer: *const Seat,
    /// What `capi` lends to C: whose VM, and the task's hold on it. The task itself.
    #[cfg(feature = "gil")]
    pub(crate) lent: Cell<(*const (), *mut Vm)>,
    /// The crew. Lives as long as the seat is in use.
    pub(crate) crew: *const Crew,
    _pinned: PhantomPinned,
}

impl Seat {
    /// A seat of the calling task, not yet in use.
    pub(crate) fn new(crew: &Crew) -> Self {
        let task = Task::current();
        Self {
            task,
            #[cfg(feature = "gil")]
            effective: Cell::new(task.priority()),
            #[cfg(feature = "gil")]
            claim: Cell::new(Self::claim_of(task)),
            #[cfg(feature = "gil")]
            since_us: Cell::new(0),
            #[cfg(feature = "gil")]
            next: Cell::new(ptr::null()),
            events: AtomicU32::new(0),
            sibling: Cell::new(ptr::null()),
            outer: task.data().cast(),
            #[cfg(feature = "gil")]
            lent: Cell::new((ptr::null(), ptr::null_mut())),
            crew,
            _pinned: PhantomPinned,
        }
    }

    /// The task.
    pub fn task(&self) -> Task {
        self.task
    }
}
