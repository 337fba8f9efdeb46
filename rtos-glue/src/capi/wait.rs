//! Waiting without the GIL, and what wakes who waits: signals and posts.

use super::config::Main;
use super::lend::{borrow, lend};
use super::life::TsVm;
use super::{Status, exception, registry};
use crate::rtos;
use core::cell::Cell;
use core::ffi::{c_int, c_void};
use threadsnake_vm::{Raise, Vm};

/// How many posts wait at most.
const POSTS: usize = 16;

/// What tasks and interrupts posted: a ring, used in critical sections only.
pub struct Posts {
    ring: Cell<[Option<Post>; POSTS]>,
    next: Cell<usize>,
    n: Cell<usize>,
}

#[derive(Clone, Copy)]
struct Post {
    function: Main,
    argument: *mut c_void,
}

impl Posts {
    pub fn new() -> Self {
        Self { ring: Cell::new([None; POSTS]), next: Cell::new(0), n: Cell::new(0) }
    }

    fn push(&self, post: Post) -> bool {
        rtos::critical(|| {
            let n = self.n.get();
            if n == POSTS {
                return false;
            }
            self.slot((self.next.get() + n) % POSTS).set(Some(post));
            self.n.set(n + 1);
            true
        })
    }

    fn pop(&self) -> Option<Post> {
        rtos::critical(|| {
            let n = self.n.get().checked_sub(1)?;
            let post = self.slot(self.next.get()).take();
            self.next.set((self.next.get() + 1) % POSTS);
            self.n.set(n);
            post
        })
    }

    fn slot(&self, at: usize) -> &Cell<Option<Post>> {
        &self.ring.as_array_of_cells()[at]
    }

    pub fn is_empty(&self) -> bool {
        self.n.get() == 0
    }

    /// Forgets all.
    pub fn clear(&self) {
        while self.pop().is_some() {}
    }
}

/// Runs what was posted so far; the calling task has the GIL.
pub fn run_posted(vm: &mut Vm, owner: &'static TsVm) -> Result<(), Raise> {
    while let Some(post) = owner.posts.pop() {
        lend(owner, vm, || (post.function)(owner, post.argument));
        exception::report_left(vm);
        vm.safe_point()?;
    }
    Ok(())
}

/// Runs a function in Python's context soon: see the header.
#[unsafe(no_mangle)]
pub extern "C" fn ts_post(
    vm: *const TsVm,
    function: Option<Main>,
    argument: *mut c_void,
) -> Status {
    let post = || {
        let function = function.ok_or(Status::BAD_ARGUMENT)?;
        let vm = super::life::running(vm)?;
        if !vm.posts.push(Post { function, argument }) {
            return Err(Status::FULL);
        }
        vm.host().with_vm(threadsnake_vm::VmHandle::notify_posted);
        Ok(())
    };
    post().into()
}

/// Makes the tasks in `ts_wait` look again: see the header.
#[unsafe(no_mangle)]
pub extern "C" fn ts_signal(vm: *const TsVm) -> Status {
    registry::find(vm).map(|vm| vm.host().input_arrived()).into()
}

/// A pointer of C's that goes where its function goes.
struct Context(*mut c_void);

// SAFETY: the function that it is for runs in the task that gave it.
unsafe impl Send for Context {}

impl Context {
    /// The pointer; a method, so that a closure captures the whole.
    fn get(&self) -> *mut c_void {
        self.0
    }
}

/// Waits until `ready` says so, without the GIL: see the header.
#[unsafe(no_mangle)]
pub extern "C" fn ts_wait(
    vm: *const TsVm,
    ready: Option<extern "C" fn(context: *mut c_void) -> c_int>,
    context: *mut c_void,
    timeout_ms: u32,
) -> Status {
    borrow(vm, |owner, vm| {
        let crew = owner.host().crew();
        let deadline_us = match timeout_ms {
            u32::MAX => None,
            ms => Some(super::image::now_us().saturating_add(u64::from(ms) * 1000)),
        };
        loop {
            vm.safe_point()?;
            let context = Context(context);
            let left_us = deadline_us.map(|at| at.saturating_sub(super::image::now_us()));
            let outcome = vm.unlocked(move |_| match ready {
                Some(ready) => crew.wait_until(left_us, || ready(context.get()) != 0),
                None => crew.wait(left_us),
            });
            match outcome {
                crate::Wait::Ready => return Ok(()),
                crate::Wait::Woken => {}
                crate::Wait::TimedOut => return Err(Status::TIMEOUT),
            }
        }
    })
}

/// Calls a function that may block, without the GIL: see the header.
#[unsafe(no_mangle)]
pub extern "C" fn ts_blocking(
    vm: *const TsVm,
    function: Option<extern "C" fn(context: *mut c_void)>,
    context: *mut c_void,
) -> Status {
    borrow(vm, |_, vm| {
        let function = function.ok_or(Status::BAD_ARGUMENT)?;
        let context = Context(context);
        vm.unlocked(move |_| function(context.get()));
        Ok(vm.safe_point()?)
    })
}
