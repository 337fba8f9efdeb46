//! A service: a task that owns a state – a volume, a peripheral – and works on it for everybody.
//!
//! A call is a closure on the caller's stack. A pointer to it goes through an RTOS queue, the service's task runs it,
//! notifies the caller, and the caller returns with the result. So the state needs no lock, calls are served one at a
//! time in the order of arrival (those of more urgent tasks first where the queue is full), and a task that waits
//! costs nothing.
//!
//! Invariants:
//! - V1. Only the service's task touches the state, between two receptions.
//! - V2. A caller's frame stays until its call is marked as done, whatever notifies the task meanwhile; after the mark
//!   the service does not touch the frame.

use crate::kernel::{Duration, Queue};
use crate::rtos::{self, FOREVER, OneTask, Task};
use core::cell::{Cell, UnsafeCell};
use core::ffi::{CStr, c_void};
use core::ptr::{self, NonNull};
use core::sync::atomic::{AtomicBool, Ordering};

/// How many calls wait in the queue; the tasks of further ones wait for room.
const DEPTH: usize = 4;

/// A task and the state that it owns.
pub struct Service<S> {
    queue: Queue<Call<S>>,
    task: Cell<Option<Task>>,
    state: UnsafeCell<S>,
}

// SAFETY: V1; `task` is written before anybody else has the service. `S` is `Send`, for it moves to the task.
unsafe impl<S: Send> Sync for Service<S> {}

impl<S> core::fmt::Debug for Service<S> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Service").field("task", &self.task.get()).finish_non_exhaustive()
    }
}

/// What goes through the queue.
struct Call<S> {
    /// Does the work of the frame, once.
    run: unsafe fn(*mut c_void, &mut S),
    frame: *mut c_void,
}

// SAFETY: the frame holds what `Service::call` checks to be `Send`.
unsafe impl<S> Send for Call<S> {}

/// What a caller keeps on its stack.
struct Frame<F, R> {
    work: Option<F>,
    result: Option<R>,
    done: AtomicBool,
    caller: Task,
}

impl<S: Send + 'static> Service<S> {
    /// Starts a service in `memory`, for ever: the service itself with its state, then its task's control block and
    /// stack (16 bytes are lost where `memory` is not aligned). The task runs as soon as the scheduler does; give it
    /// a priority above its callers'. Takes one queue from the kernel's heap.
    ///
    /// `None` if the memory is too small, the kernel has none for the queue, or the priority is none. Tasks, or before
    /// the scheduler starts.
    pub fn start(
        state: S,
        name: &CStr,
        priority: u32,
        memory: &'static mut [u8],
    ) -> Option<&'static Service<S>> {
        const { assert!(align_of::<Service<S>>() <= 16) };
        let skip = memory.as_ptr().align_offset(16);
        let own = size_of::<Service<S>>().next_multiple_of(16);
        let memory = memory.get_mut(skip..)?;
        let (place, stack) = memory.split_at_mut_checked(own)?;
        let queue = Queue::new(DEPTH).ok()?;
        let place = place.as_mut_ptr().cast::<Service<S>>();
        // SAFETY: the place is aligned, large enough, and ours for ever.
        let service: &'static Service<S> = unsafe {
            place.write(Service { queue, task: Cell::new(None), state: UnsafeCell::new(state) });
            &*place
        };
        let argument = ptr::from_ref(service).cast_mut().cast();
        // The field is set before the task can run.
        let _alone = rtos::is_started().then(OneTask::begin);
        // SAFETY: the rest of the memory is aligned and nobody else's; `serve` takes a service of this type.
        let task =
            unsafe { Task::spawn(Self::serve, argument, name, priority, NonNull::from(stack)) };
        service.task.set(task);
        if task.is_none() {
            // SAFETY: nobody else has the service; the queue and the state end here.
            unsafe { ptr::drop_in_place(place) };
        }
        task.map(|_| service)
    }

    /// The life of the service's task.
    unsafe extern "C" fn serve(service: *mut c_void) {
        // SAFETY: `start` passes a service that lives for ever.
        let service = unsafe { &*service.cast::<Self>() };
        loop {
            let Ok(call) = service.queue.receive(Duration::infinite()) else { continue };
            // SAFETY: V1: this is the service's task, and no other reference to the state lives here. V2: the caller
            // waits with the frame in place.
            unsafe { (call.run)(call.frame, &mut *service.state.get()) };
        }
    }

    /// Runs `work` on the state, in the service's task, and returns its result; always waits for it. Without the GIL:
    /// the caller may be any task except the service's own, which would wait for itself. The scheduler runs.
    ///
    /// What `work` borrows may lie on the caller's stack.
    pub fn call<R: Send>(&self, work: impl FnOnce(&mut S) -> R + Send) -> R {
        fn run<S, F: FnOnce(&mut S) -> R, R>(frame: *mut c_void, state: &mut S) {
            // SAFETY: V2: a frame of this type, of a caller that waits.
            let frame = unsafe { &mut *frame.cast::<Frame<F, R>>() };
            frame.result = frame.work.take().map(|work| work(state));
            let caller = frame.caller;
            // The caller may be gone, with its task, as soon as it sees the mark; so it does not run in between.
            let _alone = OneTask::begin();
            frame.done.store(true, Ordering::Release);
            caller.notify();
        }
        fn runner<S, F: FnOnce(&mut S) -> R, R>(_: &F) -> unsafe fn(*mut c_void, &mut S) {
            run::<S, F, R>
        }
        let caller = Task::current();
        debug_assert!(self.task.get() != Some(caller), "a service calls itself");
        let run = runner(&work);
        let mut frame =
            Frame { work: Some(work), result: None, done: AtomicBool::new(false), caller };
        let frame = &raw mut frame;
        let mut call = Call { run, frame: frame.cast() };
        while let Err(full) = self.queue.send(call, Duration::infinite()) {
            call = full.into_item();
        }
        // SAFETY: the frame is above; only `done` is looked at while the service may be at work.
        let done = unsafe { &(*frame).done };
        while !done.load(Ordering::Acquire) {
            rtos::notified(FOREVER);
        }
        // SAFETY: V2: the service has let go of the frame.
        match unsafe { (*frame).result.take() } {
            Some(result) => result,
            // INVARIANT: V2: the mark comes after the result.
            None => unreachable!("a call is done when it has its result"),
        }
    }

    /// The service's task.
    pub fn task(&self) -> Option<Task> {
        self.task.get()
    }
}
