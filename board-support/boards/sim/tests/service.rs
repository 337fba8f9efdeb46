//! Services on a running kernel: calls from several tasks, one at a time, each with its own answer.
//!
//! One process, one scheduler; ends by exit code. Cases wait for events, never for a time.

use core::ffi::{CStr, c_void};
use core::ptr::NonNull;
use std::sync::atomic::{AtomicU32, Ordering};
use threadsnake_glue::kernel::{Duration, Semaphore};
use threadsnake_glue::rtos::{self, FOREVER, Task};
use threadsnake_glue::service::Service;
use threadsnake_sim::posix;
use threadsnake_sim::tasks::run;

const LOW: u32 = 2;
const HIGH: u32 = 6;
const DRIVER: u32 = 4;

fn say(text: &str) {
    posix::write_all(1, text.as_bytes());
}

fn memory() -> &'static mut [u8] {
    Box::leak(vec![0u8; 8192].into_boxed_slice())
}

fn signal() -> &'static Semaphore {
    Box::leak(Box::new(Semaphore::new_binary().expect("a semaphore")))
}

fn forever(semaphore: &Semaphore) {
    semaphore.take(Duration::infinite()).expect("infinite");
}

/// A task that runs `work` and parks.
fn task(priority: u32, name: &CStr, work: impl FnOnce() + Send + 'static) -> Task {
    type Work = Box<dyn FnOnce() + Send>;
    unsafe extern "C" fn enter(argument: *mut c_void) {
        // SAFETY: the box given below, opened once.
        let work: Box<Work> = unsafe { Box::from_raw(argument.cast()) };
        work();
        loop {
            rtos::notified(FOREVER);
        }
    }
    let boxed: Box<Work> = Box::new(Box::new(work));
    let memory: &'static mut [u128] = Box::leak(vec![0u128; 512].into_boxed_slice());
    let bytes = size_of_val(memory);
    let memory = NonNull::slice_from_raw_parts(NonNull::from(memory).cast::<u8>(), bytes);
    // SAFETY: the memory is aligned and leaked; `enter` takes the box.
    unsafe { Task::spawn(enter, Box::into_raw(boxed).cast(), name, priority, memory) }
        .expect("a task")
}

fn a_call_borrows_from_its_callers_stack_and_brings_an_answer() {
    let service = Service::start(vec![1u8, 2, 3], c"bytes", HIGH, memory()).expect("a service");
    let mut copy = [0; 3];
    let text = String::from("moved");
    let len = service.call(|bytes| {
        copy.copy_from_slice(bytes);
        bytes.push(4);
        (bytes.len(), text)
    });
    assert_eq!((copy, len), ([1, 2, 3], (4, "moved".to_owned())));
    assert_eq!(service.call(|bytes| bytes.clone()), [1, 2, 3, 4]);
    assert!(service.call(|_| Task::current()) == service.task().expect("its task"));
}

fn calls_of_many_tasks_run_one_at_a_time_and_none_is_lost() {
    const CALLERS: usize = 12;
    const CALLS: u32 = 200;
    // Below its callers, so that the queue is full most of the time.
    let service = Service::start((0u32, false), c"count", LOW, memory()).expect("a service");
    let gone: Vec<_> = (0..CALLERS).map(|_| signal()).collect();
    for (i, &gone) in gone.iter().enumerate() {
        task(LOW + (i as u32 % 3), c"caller", move || {
            for _ in 0..CALLS {
                let before = service.call(|(count, busy)| {
                    assert!(!core::mem::replace(busy, true), "two at once");
                    *count += 1;
                    rtos::yield_now();
                    *busy = false;
                    *count
                });
                assert!(before > 0);
            }
            gone.give();
        });
    }
    gone.into_iter().for_each(forever);
    assert_eq!(service.call(|(count, _)| *count), CALLERS as u32 * CALLS);
}

fn a_notification_for_something_else_does_not_end_a_call() {
    static PHASE: AtomicU32 = AtomicU32::new(0);
    let service = Service::start((), c"slow", HIGH, memory()).expect("a service");
    let (go, done, begun) = (signal(), signal(), signal());
    let caller = task(DRIVER, c"caller", move || {
        service.call(|()| {
            begun.give();
            forever(go);
            PHASE.store(1, Ordering::Relaxed);
        });
        assert_eq!(PHASE.load(Ordering::Relaxed), 1, "the call ended early");
        done.give();
    });
    forever(begun);
    for _ in 0..3 {
        caller.notify();
        rtos::delay(1);
    }
    go.give();
    forever(done);
}

fn a_place_that_is_too_small_is_refused() {
    let memory = Box::leak(vec![0u8; 64].into_boxed_slice());
    assert!(Service::start([0u8; 256], c"big", HIGH, memory).is_none());
    let memory = Box::leak(vec![0u8; 512].into_boxed_slice());
    assert!(Service::start([0u8; 256], c"big", HIGH, memory).is_none());
}

fn main() {
    posix::watchdog(60, "service test: hung\n", 3);
    run(|| {
        let cases: &[(&str, fn())] = &[
            (
                "a_call_borrows_from_its_callers_stack_and_brings_an_answer",
                a_call_borrows_from_its_callers_stack_and_brings_an_answer,
            ),
            (
                "calls_of_many_tasks_run_one_at_a_time_and_none_is_lost",
                calls_of_many_tasks_run_one_at_a_time_and_none_is_lost,
            ),
            (
                "a_notification_for_something_else_does_not_end_a_call",
                a_notification_for_something_else_does_not_end_a_call,
            ),
            ("a_place_that_is_too_small_is_refused", a_place_that_is_too_small_is_refused),
        ];
        for (name, case) in cases {
            say(&format!("test {name} ... "));
            case();
            say("ok\n");
        }
        posix::exit(0)
    });
}
