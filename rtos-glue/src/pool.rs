//! Tasks for Python threads, from memory given once; no task is ever deleted.
//!
//! The memory is cut into blocks of one size. A block becomes a task the first time it is needed; when its job
//! ends, the task parks and waits for the next one. So a thread costs no allocation, nothing leaks, and the idle
//! task has nothing to clean up.
//!
//! Invariants:
//! - P1. A slot, once linked, stays linked and in place for ever; the list and the states change only inside
//!   [`OneTask`].
//! - P2. A slot's job is written by whoever takes the slot from `Parked` to `Busy`, and read by its task only
//!   after that.

use crate::rtos::{self, FOREVER, OneTask, Task};
use core::cell::Cell;
use core::ffi::{CStr, c_void};
use core::ptr::{self, NonNull};

/// A job: a function that returns, and its arguments.
#[derive(Debug, Clone, Copy)]
pub struct Job {
    /// Runs in the pool's task.
    pub run: fn(Arguments),
    /// What it is called with; whoever wants these to point to something sees that they do until the job has ended.
    pub arguments: Arguments,
}

/// The arguments of a job.
pub type Arguments = [*mut c_void; 4];

/// Why there is no task for a job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PoolError {
    /// All tasks are busy.
    Full,
    /// The pool's stacks are smaller than that.
    StackTooBig,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum State {
    /// No task yet.
    Raw,
    Parked,
    Busy,
}

/// At the beginning of each block; the rest is the task's control block and stack.
#[repr(C, align(16))]
struct Slot {
    next: *const Slot,
    state: Cell<State>,
    task: Cell<Option<Task>>,
    job: Cell<Option<Job>>,
    bytes: usize,
}

/// A pool of tasks.
#[derive(Debug)]
pub struct Pool {
    slots: Cell<*const Slot>,
    stack_bytes: Cell<usize>,
}

// SAFETY: P1.
unsafe impl Sync for Pool {}
// SAFETY: P1; a pool with slots is borrowed for ever.
unsafe impl Send for Pool {}

/// What a block has besides the stack: the slot and, generously, the kernel's control block.
const OVERHEAD: usize = size_of::<Slot>() + 512;

impl Default for Pool {
    fn default() -> Self {
        Self::new()
    }
}

impl Pool {
    /// An empty pool.
    pub const fn new() -> Self {
        Self { slots: Cell::new(ptr::null()), stack_bytes: Cell::new(0) }
    }

    /// Cuts `memory` into as many blocks with stacks of `stack_bytes` as fit, and returns how many. Once per pool,
    /// before its first use; a second call does nothing and returns 0.
    pub fn add_memory(&'static self, memory: &'static mut [u8], stack_bytes: usize) -> usize {
        if !self.slots.get().is_null() {
            return 0;
        }
        let Some(block) = Self::block_bytes(stack_bytes) else { return 0 };
        let skip = memory.as_ptr().align_offset(align_of::<Slot>()).min(memory.len());
        let mut made = 0;
        for chunk in memory[skip..].chunks_exact_mut(block) {
            let slot = chunk.as_mut_ptr().cast::<Slot>();
            // SAFETY: the chunk is ours for ever, aligned, and larger than a slot.
            unsafe {
                slot.write(Slot {
                    next: self.slots.get(),
                    state: Cell::new(State::Raw),
                    task: Cell::new(None),
                    job: Cell::new(None),
                    bytes: block,
                });
            }
            self.slots.set(slot);
            made += 1;
        }
        self.stack_bytes.set(stack_bytes);
        made
    }

    /// What a task with a stack of `stack_bytes` takes of the memory; `None` if no number says it.
    pub(crate) const fn block_bytes(stack_bytes: usize) -> Option<usize> {
        match stack_bytes.checked_add(OVERHEAD) {
            Some(bytes) => bytes.checked_next_multiple_of(align_of::<Slot>()),
            None => None,
        }
    }

    /// Ends all tasks: the memory is free again, and the pool must not be used any more.
    ///
    /// # Safety
    /// No job runs, nor will, and the calling task is not one of the pool's.
    #[cfg(feature = "gil")]
    pub(crate) unsafe fn delete_tasks(&self) {
        for slot in self.slots() {
            if let Some(task) = slot.task.take() {
                // SAFETY: the task is parked or about to be, and nobody else names it.
                unsafe { task.delete() };
            }
        }
    }

    /// The stack of each task in bytes.
    pub fn stack_bytes(&self) -> usize {
        self.stack_bytes.get()
    }

    /// How many tasks are busy, and how many there are.
    pub fn usage(&self) -> (usize, usize) {
        let _alone = OneTask::begin();
        let busy = self.slots().filter(|slot| slot.state.get() == State::Busy).count();
        (busy, self.slots().count())
    }

    /// Runs `job` in a task of priority `priority` with at least `stack_bytes` of stack; returns the task, which
    /// may have begun.
    ///
    /// # Errors
    /// [`PoolError::StackTooBig`], [`PoolError::Full`].
    pub fn run(&self, job: Job, priority: u32, stack_bytes: usize) -> Result<Task, PoolError> {
        if stack_bytes > self.stack_bytes.get() {
            return Err(PoolError::StackTooBig);
        }
        let priority = priority.min(rtos::priorities() - 1);
        let slot = {
            let _alone = OneTask::begin();
            // A parked task first: its stack has been touched already.
            let by_state = |state| self.slots().find(|slot| slot.state.get() == state);
            let slot =
                by_state(State::Parked).or_else(|| by_state(State::Raw)).ok_or(PoolError::Full)?;
            slot.state.set(State::Busy);
            slot.job.set(Some(job));
            slot
        };
        if let Some(task) = slot.task.get() {
            task.set_priority(priority);
            task.notify();
            return Ok(task);
        }
        match slot.make_task(priority) {
            Some(task) => Ok(task),
            None => {
                let _alone = OneTask::begin();
                slot.job.set(None);
                slot.state.set(State::Raw);
                Err(PoolError::Full)
            }
        }
    }

    fn slots(&self) -> impl Iterator<Item = &Slot> {
        // SAFETY: P1.
        core::iter::successors(unsafe { self.slots.get().as_ref() }, |slot| unsafe {
            slot.next.as_ref()
        })
    }
}

impl Slot {
    fn make_task(&self, priority: u32) -> Option<Task> {
        let block = NonNull::from(self).cast::<u8>();
        let memory = NonNull::slice_from_raw_parts(
            NonNull::new(block.as_ptr().wrapping_add(size_of::<Self>()))?,
            self.bytes - size_of::<Self>(),
        );
        const NAME: &CStr = c"python";
        let argument = ptr::from_ref(self).cast_mut().cast();
        // SAFETY: the rest of the block is aligned as the slot is, and nobody's until now; `work` takes a slot.
        unsafe { Task::spawn(work, argument, NAME, priority, memory) }
    }
}

/// The life of a pool's task.
unsafe extern "C" fn work(slot: *mut c_void) {
    // SAFETY: `make_task` passes a slot, which stays (P1).
    let slot = unsafe { &*slot.cast::<Slot>() };
    slot.task.set(Some(Task::current()));
    loop {
        if let Some(job) = slot.job.take() {
            (job.run)(job.arguments);
            let _alone = OneTask::begin();
            slot.state.set(State::Parked);
        }
        while slot.job_is_missing() {
            rtos::notified(FOREVER);
        }
    }
}

impl Slot {
    fn job_is_missing(&self) -> bool {
        let _alone = OneTask::begin();
        self.state.get() != State::Busy
    }
}
