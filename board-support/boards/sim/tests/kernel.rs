//! The glue on a running kernel: GIL, waits, pool. One process, one scheduler; ends by exit code.
//!
//! "Interpreters" are Rust loops that test a request bit and yield, as the real one does at safe points. Cases
//! run one after another in a task above the threads they start, and wait for events, never for a time.

use core::hint::black_box;
use core::ptr::null_mut;
use core::sync::atomic::{AtomicBool, AtomicU32, AtomicU64, Ordering};
use threadsnake_glue::kernel::{Duration, Semaphore};
use threadsnake_glue::pool::{Arguments, Job, PoolError};
use threadsnake_glue::rtos::{self, Task};
use threadsnake_glue::{Crew, Wait};
use threadsnake_sim::posix::{self, Line};
use threadsnake_sim::tasks::{POOL, run};

const LOW: u32 = 2;
const MIDDLE: u32 = 4;
const HIGH: u32 = 6;
const DRIVER: u32 = 10;

static REQUEST: AtomicU32 = AtomicU32::new(0);

fn say(text: &str) {
    posix::write_all(1, text.as_bytes());
}

/// A crew that lives for ever, its request bit set up.
fn new_crew() -> &'static Crew {
    crew_with_clock(posix::ticks_us)
}

fn crew_with_clock(clock: fn() -> u64) -> &'static Crew {
    let crew: &'static Crew = Box::leak(Box::new(Crew::new(clock)));
    REQUEST.store(0, Ordering::Relaxed);
    crew.set_request(Some((|_| REQUEST.store(1, Ordering::Relaxed), core::ptr::null())));
    crew
}

fn signal() -> &'static Semaphore {
    Box::leak(Box::new(Semaphore::new_binary().expect("a semaphore")))
}

fn arguments<T>(argument: *mut T) -> Arguments {
    [argument.cast(), null_mut(), null_mut(), null_mut()]
}

/// Starts `work` as a thread of the pool.
fn thread(priority: u32, work: impl FnOnce() + Send + 'static) -> Task {
    type Work = Box<dyn FnOnce() + Send>;
    let boxed: Box<Work> = Box::new(Box::new(work));
    let run = |[work, ..]: Arguments| {
        // SAFETY: the box given below, opened once.
        let work: Box<Work> = unsafe { Box::from_raw(work.cast()) };
        work();
    };
    let job = Job { run, arguments: arguments(Box::into_raw(boxed)) };
    POOL.run(job, priority, 0).expect("a task of the pool")
}

/// As the interpreter does at a safe point.
fn safe_point(crew: &Crew) {
    if REQUEST.load(Ordering::Relaxed) != 0 {
        REQUEST.store(0, Ordering::Relaxed);
        crew.gil_yield();
    }
}

/// Works for `us` microseconds of the processor's time while it holds the GIL, with safe points. The time that the host
/// gives to other processes is nobody's work.
fn work(crew: &Crew, us: u64, counter: &AtomicU64) {
    let mut left = us;
    while left > 0 {
        let begin = posix::cpu_us();
        while posix::cpu_us() - begin < 20 {
            black_box(());
        }
        let held_us = posix::cpu_us() - begin;
        left = left.saturating_sub(held_us);
        counter.fetch_add(held_us, Ordering::Relaxed);
        safe_point(crew);
    }
}

fn forever(semaphore: &Semaphore) {
    semaphore.take(Duration::infinite()).expect("infinite");
}

fn two_busy_threads_share_evenly() {
    let crew = crew_with_clock(posix::cpu_us);
    static DONE: [AtomicU64; 2] = [const { AtomicU64::new(0) }; 2];
    let first_done = signal();
    static SHARES: [AtomicU64; 2] = [const { AtomicU64::new(0) }; 2];
    static OVER: AtomicBool = AtomicBool::new(false);
    let gone = [signal(), signal()];
    for me in 0..2 {
        thread(MIDDLE, move || {
            crew.enter(|| {
                crew.gil_take();
                for _ in 0..100 {
                    if OVER.load(Ordering::Relaxed) {
                        break;
                    }
                    work(crew, 1_000, &DONE[me]);
                }
                if !OVER.swap(true, Ordering::Relaxed) {
                    for (share, done) in SHARES.iter().zip(&DONE) {
                        share.store(done.load(Ordering::Relaxed), Ordering::Relaxed);
                    }
                    first_done.give();
                }
                crew.gil_give();
            });
            gone[me].give();
        });
    }
    forever(first_done);
    let _ = gone.map(forever);
    let [a, b] = [0, 1].map(|me| SHARES[me].load(Ordering::Relaxed));
    // Even on a machine so busy that it takes the processor away in the middle of a turn.
    assert!(a.min(b) * 4 > a.max(b), "shares {a} and {b}");
    assert!(crew.is_empty());
}

fn a_thread_that_waits_often_keeps_its_share() {
    let crew = crew_with_clock(posix::cpu_us);
    static STOP: AtomicBool = AtomicBool::new(false);
    static BUSY: AtomicU64 = AtomicU64::new(0);
    static ASKING: AtomicU64 = AtomicU64::new(0);
    let done = signal();
    let busy_gone = signal();
    thread(MIDDLE, move || {
        crew.enter(|| {
            crew.gil_take();
            while !STOP.load(Ordering::Relaxed) {
                work(crew, 1_000, &BUSY);
            }
            crew.gil_give();
        });
        busy_gone.give();
    });
    thread(MIDDLE, move || {
        crew.enter(|| {
            for _ in 0..200 {
                crew.gil_take();
                work(crew, 200, &ASKING);
                crew.gil_give();
            }
            // Its fair share is half; the limit leaves room for the turns of both ends.
            let [asking, busy] = [&ASKING, &BUSY].map(|us| us.load(Ordering::Relaxed));
            assert!(busy < 3 * asking, "{asking} us of work while the other did {busy} us");
        });
        STOP.store(true, Ordering::Relaxed);
        done.give();
    });
    forever(done);
    forever(busy_gone);
}

fn a_higher_priority_gets_the_gil_at_the_next_safe_point() {
    let crew = new_crew();
    static STOP: AtomicBool = AtomicBool::new(false);
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let (started, high_done, low_gone) = (signal(), signal(), signal());
    thread(LOW, move || {
        crew.enter(|| {
            crew.gil_take();
            started.give();
            while !STOP.load(Ordering::Relaxed) {
                work(crew, 100, &COUNT);
            }
            crew.gil_give();
        });
        low_gone.give();
    });
    forever(started);
    thread(HIGH, move || {
        crew.enter(|| {
            let mut waited_us = 0;
            for _ in 0..50 {
                let before = COUNT.load(Ordering::Relaxed);
                crew.gil_take();
                waited_us += COUNT.load(Ordering::Relaxed) - before;
                crew.gil_give();
                rtos::delay(1);
            }
            // What the other did meanwhile: 50 hand-overs at safe points 20 us apart; slices would be 250 ms.
            assert!(waited_us < 100_000, "{waited_us} us");
        });
        STOP.store(true, Ordering::Relaxed);
        high_done.give();
    });
    forever(high_done);
    forever(low_gone);
}

fn a_holder_inherits_so_a_middle_task_cannot_keep_it_from_giving() {
    let crew = new_crew();
    static STOP: AtomicBool = AtomicBool::new(false);
    let (held, go, high_done, middle_gone, low_gone) =
        (signal(), signal(), signal(), signal(), signal());
    thread(LOW, move || {
        crew.enter(|| {
            crew.gil_take();
            held.give();
            forever(go);
            static COUNT: AtomicU64 = AtomicU64::new(0);
            while REQUEST.load(Ordering::Relaxed) == 0 {
                black_box(COUNT.fetch_add(1, Ordering::Relaxed));
            }
            assert_eq!(Task::current().priority(), HIGH);
            safe_point(crew);
            assert_eq!(Task::current().priority(), LOW);
            crew.gil_give();
        });
        low_gone.give();
    });
    forever(held);
    // A C task that has nothing to do with Python and never blocks.
    thread(MIDDLE, move || {
        while !STOP.load(Ordering::Relaxed) {
            black_box(());
        }
        middle_gone.give();
    });
    go.give();
    thread(HIGH, move || {
        crew.enter(|| {
            crew.gil_take();
            crew.gil_give();
        });
        STOP.store(true, Ordering::Relaxed);
        high_done.give();
    });
    forever(high_done);
    forever(middle_gone);
    forever(low_gone);
}

fn a_low_priority_waiter_is_not_starved() {
    let crew = new_crew();
    static STOP: AtomicBool = AtomicBool::new(false);
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let (held, go, low_done) = (signal(), signal(), signal());
    let high_gone = [signal(), signal()];
    for (number, gone) in high_gone.into_iter().enumerate() {
        thread(HIGH, move || {
            crew.enter(|| {
                crew.gil_take();
                if number == 0 {
                    held.give();
                    forever(go); // Lets the low one come as far as the queue.
                }
                while !STOP.load(Ordering::Relaxed) {
                    work(crew, 100, &COUNT);
                }
                crew.gil_give();
            });
            gone.give();
        });
    }
    forever(held);
    thread(LOW, move || {
        crew.enter(|| {
            crew.gil_take();
            STOP.store(true, Ordering::Relaxed);
            crew.gil_give();
        });
        low_done.give();
    });
    // Below the low thread, this task goes on when that one waits.
    Task::current().set_priority(LOW - 1);
    Task::current().set_priority(DRIVER);
    go.give();
    forever(low_done);
    let _ = high_gone.map(forever);
}

fn sixteen_threads_add_up_and_leave_nothing() {
    let crew = new_crew();
    static TOTAL: AtomicU64 = AtomicU64::new(0);
    let gone: Vec<_> = (0..16).map(|_| signal()).collect();
    for (number, gone) in gone.iter().copied().enumerate() {
        thread(LOW + number as u32 % 3, move || {
            crew.enter(|| {
                for round in 0..300 {
                    crew.gil_take();
                    assert!(crew.gil_is_mine());
                    // Read and write apart: the GIL makes it one.
                    let total = TOTAL.load(Ordering::Relaxed);
                    if round % 7 == 0 {
                        rtos::yield_now();
                    }
                    TOTAL.store(total + 1, Ordering::Relaxed);
                    safe_point(crew);
                    crew.gil_give();
                    if round % 50 == 0 {
                        rtos::delay(1);
                    }
                }
            });
            gone.give();
        });
    }
    gone.into_iter().for_each(forever);
    assert_eq!(TOTAL.load(Ordering::Relaxed), 16 * 300);
    assert!(crew.is_empty());
}

fn a_wake_up_ends_a_wait_without_limit_and_counts_beforehand() {
    let crew = new_crew();
    let (ready, done) = (signal(), signal());
    thread(MIDDLE, move || {
        crew.enter(|| {
            ready.give();
            assert_eq!(crew.wait(None), Wait::Woken);
            crew.wake();
            assert_eq!(crew.wait(None), Wait::Woken);
            assert_eq!(crew.wait(Some(3_000)), Wait::TimedOut);
        });
        done.give();
    });
    forever(ready);
    crew.wake();
    forever(done);
}

static IRQ_CREW: AtomicU64 = AtomicU64::new(0);
const IRQ: Line = Line::new(31);

fn the_last_to_leave_can_be_waited_for() {
    let crew = new_crew();
    let (ready, go) = (signal(), signal());
    for _ in 0..5 {
        thread(MIDDLE, move || {
            crew.enter(|| {
                ready.give();
                forever(go);
                go.give();
            });
        });
        forever(ready);
    }
    crew.enter(|| {
        assert_eq!(crew.len(), 6);
        go.give();
        crew.wait_for_others_to_leave();
        assert_eq!(crew.len(), 1);
    });
    assert!(crew.is_empty());
}

fn an_interrupt_ends_waits() {
    let crew = new_crew();
    IRQ_CREW.store((crew as *const Crew).addr() as u64, Ordering::Relaxed);
    IRQ.connect(|| {
        assert!(rtos::in_isr());
        let crew =
            core::ptr::with_exposed_provenance::<Crew>(IRQ_CREW.load(Ordering::Relaxed) as usize);
        // SAFETY: crews of this file live for ever.
        unsafe { &*crew }.wake();
    });
    (crew as *const Crew).expose_provenance();
    let (ready, done) = (signal(), signal());
    for _ in 0..200 {
        thread(MIDDLE, move || {
            crew.enter(|| {
                ready.give();
                assert_eq!(crew.wait(None), Wait::Woken);
            });
            done.give();
        });
        forever(ready);
        IRQ.raise();
        forever(done);
    }
}

fn a_full_pool_says_so_and_recovers() {
    let (go, count) = (signal(), POOL.usage().1 - POOL.usage().0);
    static RUNNING: AtomicU32 = AtomicU32::new(0);
    let all_done = signal();
    let job = || Job {
        run: |[go, ..]| {
            // SAFETY: `go` points to the pair below, which lives for ever.
            let (go, done) = unsafe { *go.cast::<(&Semaphore, &Semaphore)>() };
            forever(go);
            go.give();
            if RUNNING.fetch_sub(1, Ordering::Relaxed) == 1 {
                done.give();
            }
        },
        arguments: arguments(Box::into_raw(Box::new((go, all_done)))),
    };
    RUNNING.store(count as u32, Ordering::Relaxed);
    for _ in 0..count {
        POOL.run(job(), MIDDLE, 0).expect("a free task");
    }
    assert_eq!(POOL.run(job(), MIDDLE, 0), Err(PoolError::Full));
    assert_eq!(POOL.run(job(), MIDDLE, usize::MAX), Err(PoolError::StackTooBig));
    go.give();
    forever(all_done);
    let (ran, one) = (signal(), signal());
    thread(MIDDLE, move || {
        one.give();
        ran.give();
    });
    forever(ran);
}

fn the_log_is_off_until_it_is_turned_on_and_then_readable() {
    use threadsnake_glue::journal;
    let mut buf = [0; 64];
    log::info!("nobody hears this");
    assert_eq!(journal::read(&mut buf), 0);
    journal::set(log::LevelFilter::Info, None);
    log::info!(target: "kernel", "tick {}", 7);
    log::debug!("too fine");
    let n = journal::read(&mut buf);
    assert_eq!(&buf[..n], b"INFO kernel: tick 7\n");
    log::warn!("{:200}", "x");
    for _ in 0..40 {
        log::warn!("{:60}", "full");
    }
    journal::set(log::LevelFilter::Off, None);
    let mut total = 0;
    while journal::read(&mut buf) > 0 {
        total += 1;
    }
    assert_eq!(total, journal::RING_BYTES / buf.len());
}

fn time_is_kept_and_an_idle_process_sleeps() {
    let begin = (posix::ticks_us(), posix::cpu_us(), rtos::ticks());
    rtos::delay(300);
    let real_us = posix::ticks_us() - begin.0;
    let cpu_us = posix::cpu_us() - begin.1;
    assert!(rtos::ticks() - begin.2 >= 300);
    // On a machine that is busy, ticks that came late are made up for; never more than 100 ms of them.
    assert!((199_000..3_000_000).contains(&real_us), "300 ticks took {real_us} us");
    assert!(cpu_us < 3_000, "{cpu_us} us of processor time in {real_us} us");
}

fn tasks_that_allocate_may_preempt_one_another() {
    static STOP: AtomicBool = AtomicBool::new(false);
    let gone = signal();
    for _ in 0..2 {
        thread(LOW, move || {
            while !STOP.load(Ordering::Relaxed) {
                for size in 1..200 {
                    black_box(vec![0u8; size * 37]);
                }
            }
            gone.give();
        });
    }
    for round in 0..300 {
        // Each tick finds one of them inside the allocator, as likely as not.
        rtos::delay(1);
        black_box(vec![0u8; round * 41]);
    }
    STOP.store(true, Ordering::Relaxed);
    forever(gone);
}

fn main() {
    posix::watchdog(60, "kernel test: hung\n", 3);
    run(|| {
        Task::current().set_priority(DRIVER);
        let cases: &[(&str, fn())] = &[
            ("time_is_kept_and_an_idle_process_sleeps", time_is_kept_and_an_idle_process_sleeps),
            ("two_busy_threads_share_evenly", two_busy_threads_share_evenly),
            (
                "a_thread_that_waits_often_keeps_its_share",
                a_thread_that_waits_often_keeps_its_share,
            ),
            (
                "a_higher_priority_gets_the_gil_at_the_next_safe_point",
                a_higher_priority_gets_the_gil_at_the_next_safe_point,
            ),
            (
                "a_holder_inherits_so_a_middle_task_cannot_keep_it_from_giving",
                a_holder_inherits_so_a_middle_task_cannot_keep_it_from_giving,
            ),
            ("a_low_priority_waiter_is_not_starved", a_low_priority_waiter_is_not_starved),
            ("sixteen_threads_add_up_and_leave_nothing", sixteen_threads_add_up_and_leave_nothing),
            (
                "a_wake_up_ends_a_wait_without_limit_and_counts_beforehand",
                a_wake_up_ends_a_wait_without_limit_and_counts_beforehand,
            ),
            ("the_last_to_leave_can_be_waited_for", the_last_to_leave_can_be_waited_for),
            ("an_interrupt_ends_waits", an_interrupt_ends_waits),
            ("a_full_pool_says_so_and_recovers", a_full_pool_says_so_and_recovers),
            (
                "tasks_that_allocate_may_preempt_one_another",
                tasks_that_allocate_may_preempt_one_another,
            ),
            (
                "the_log_is_off_until_it_is_turned_on_and_then_readable",
                the_log_is_off_until_it_is_turned_on_and_then_readable,
            ),
        ];
        for (name, case) in cases {
            say(&format!("test {name} ... "));
            case();
            say("ok\n");
        }
        posix::exit(0)
    });
}
