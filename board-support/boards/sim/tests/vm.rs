//! The interpreter on a running kernel: threads, hand-over, collection during a wait, kill, start again.
//!
//! As `kernel.rs`: one process, one scheduler, cases in a task, ended by exit code.

use core::sync::atomic::{AtomicU32, AtomicUsize, Ordering};
use threadsnake_glue::host::RunConfig;
use threadsnake_glue::kernel::{Duration, Semaphore};
use threadsnake_glue::rtos::Task;
use threadsnake_sim::board::HOST;
use threadsnake_sim::posix;
use threadsnake_sim::program::NATIVE_STACK;
use threadsnake_sim::tasks::{POOL, PYTHON_PRIORITY, run};
use threadsnake_vm::compiler::Mode;
use threadsnake_vm::heap::Region;
use threadsnake_vm::object::RomModule;
use threadsnake_vm::{Raise, Vm, exc};

const HEAP_BYTES: usize = 256 * 1024;

fn say(text: &str) {
    posix::write_all(1, text.as_bytes());
}

static MODULES: &[&[&RomModule]] = &[threadsnake_glue::modules::MODULES];

/// Runs `main` as the main thread of a new VM.
fn with_vm<R>(main: impl FnOnce(&mut Vm) -> R) -> R {
    static MEMORY: AtomicUsize = AtomicUsize::new(0);
    if MEMORY.load(Ordering::Relaxed) == 0 {
        let memory = Box::leak(vec![0u128; HEAP_BYTES / 16].into_boxed_slice());
        MEMORY.store(memory.as_mut_ptr().expose_provenance(), Ordering::Relaxed);
    }
    let start = core::ptr::with_exposed_provenance_mut(MEMORY.load(Ordering::Relaxed));
    let regions = [Region { start, len: HEAP_BYTES }];
    let config = RunConfig {
        regions: &regions,
        modules: MODULES,
        value_stack_limit: 0,
        stack: NATIVE_STACK,
    };
    // SAFETY: cases run one after another, each with one VM.
    unsafe { HOST.run(&config, main) }.expect("memory enough")
}

fn spawn(main: fn(&mut Vm, usize), argument: usize) {
    HOST.spawn(&POOL, PYTHON_PRIORITY, 0, main, argument).expect("a task of the pool");
}

/// Runs Python source in `__main__`.
fn python(vm: &mut Vm, source: &str) -> Result<(), Raise> {
    let globals = vm.main_globals();
    vm.exec_source(&mut source.as_bytes(), "test", Mode::Module, globals).map(drop)
}

/// The same for source that must not raise.
fn python_ok(vm: &mut Vm, source: &str) {
    if python(vm, source).is_err() {
        let exception = vm.take_exception();
        vm.print_exception(exception);
        panic!("{source:?} raised");
    }
}

/// The small int that a global of `__main__` is.
fn global(vm: &mut Vm, name: &str) -> Option<isize> {
    let name = vm.find_name(name)?;
    vm.main_globals().get_name(vm, name)?.as_small_int()
}

fn two_busy_threads_both_finish_and_no_write_is_lost() {
    with_vm(|vm| {
        python_ok(
            vm,
            "total = 0\ndone = 0\ndef work():\n  global total, done\n  i = 0\n  while i < 30000:\n    i += 1\n    total += 1\n  done += 1\n",
        );
        spawn(|vm, _| python_ok(vm, "work()"), 0);
        python_ok(vm, "work()\nwhile done < 2:\n  pass\n");
        // `total += 1` is three opcodes without a safe point between them.
        assert_eq!(global(vm, "total"), Some(60_000));
    });
}

static WAITING: AtomicU32 = AtomicU32::new(0);

fn what_only_a_waiting_threads_stack_holds_survives_collections() {
    with_vm(|vm| {
        WAITING.store(0, Ordering::Relaxed);
        spawn(
            |vm, _| {
                let text = vm.new_str("held by a native stack alone").expect("memory");
                let list = vm.new_list().expect("memory");
                list.push(vm, text).expect("memory");
                WAITING.store(1, Ordering::Relaxed);
                vm.host().wake();
                let woken = vm.wait_until(None, |_| Ok(WAITING.load(Ordering::Relaxed) == 2));
                assert!(matches!(woken, Ok(true)));
                let held = list.get(vm, 0).expect("the item");
                assert_eq!(vm.str_bytes(held), b"held by a native stack alone");
                WAITING.store(3, Ordering::Relaxed);
                vm.host().wake();
            },
            0,
        );
        let wait_for = |vm: &mut Vm, stage| {
            let reached = vm.wait_until(None, |_| Ok(WAITING.load(Ordering::Relaxed) == stage));
            assert!(matches!(reached, Ok(true)));
        };
        wait_for(vm, 1);
        for _ in 0..50 {
            vm.collect();
            python_ok(vm, "x = []\nwhile len(x) < 200:\n  x.append([1])\nx = None\n");
        }
        WAITING.store(2, Ordering::Relaxed);
        vm.host().wake();
        wait_for(vm, 3);
    });
}

fn forever(semaphore: &Semaphore) {
    semaphore.take(Duration::infinite()).expect("infinite");
}

fn a_kill_ends_busy_and_waiting_threads_every_time() {
    static ARRIVED: AtomicU32 = AtomicU32::new(0);
    let before = POOL.usage();
    for round in 0..300u32 {
        ARRIVED.store(0, Ordering::Relaxed);
        with_vm(|vm| {
            // One works, one waits without limit, one waits for the GIL again and again.
            for which in 0..3 {
                let main: fn(&mut Vm, usize) = |vm, which| {
                    ARRIVED.fetch_add(1, Ordering::Relaxed);
                    vm.host().wake();
                    let ended = match which {
                        0 => python(vm, "try:\n  while True: pass\nfinally:\n  survived = 1\n"),
                        1 => vm.wait_until(None, |_| Ok(false)).map(drop),
                        _ => loop {
                            if let Err(raise) = vm.wait_until(Some(50), |_| Ok(false)) {
                                break Err(raise);
                            }
                        },
                    };
                    assert!(ended.is_err());
                    assert_eq!(global(vm, "survived"), None);
                    vm.take_exception();
                };
                spawn(main, which);
            }
            let all = vm.wait_until(None, |_| Ok(ARRIVED.load(Ordering::Relaxed) == 3));
            assert!(matches!(all, Ok(true)));
            if round % 2 == 0 {
                // From outside, at whatever point it is.
                HOST.kill();
                let ended = python(vm, "while True: pass");
                assert!(ended.is_err());
                vm.take_exception();
            }
        });
        assert!(HOST.crew().is_empty());
        assert!(HOST.vm().is_none());
    }
    // The tasks park a moment after they have left the VM.
    Task::current().set_priority(PYTHON_PRIORITY - 1);
    Task::current().set_priority(PYTHON_PRIORITY);
    assert_eq!(POOL.usage(), before);
}

fn an_interrupt_ends_a_wait_of_the_main_thread() {
    with_vm(|vm| {
        HOST.interrupt();
        assert!(vm.wait_until(None, |_| Ok(false)).is_err());
        assert!(vm.raised(exc::KEYBOARD_INTERRUPT));
        vm.take_exception();
        HOST.interrupt();
        assert!(python(vm, "while True: pass").is_err());
        assert!(vm.catch(exc::KEYBOARD_INTERRUPT));
    });
}

/// Every call of this room that blocks, and what it needs.
const BLOCKING: &[(&str, &str)] = &[
    ("import time", "time.sleep(100)"),
    ("import time", "time.sleep_ms(100000)"),
    ("import _thread; a = _thread.allocate_lock(); a.acquire()", "a.acquire()"),
    ("import _thread; a = _thread.allocate_lock(); a.acquire()", "a.acquire(True, 100)"),
    ("import _thread; a = _thread.allocate_lock(); a.acquire()", "with a: pass"),
    (
        "import select, micropython; p = select.poll(); p.register(micropython.RingIO(4), 1)",
        "p.poll()",
    ),
    (
        "import select, micropython; p = select.poll(); p.register(micropython.RingIO(4), 1)",
        "p.ipoll(100000)",
    ),
    ("import select, micropython; r = micropython.RingIO(4)", "select.select([r], [], [])"),
    ("import asyncio", "asyncio.run(asyncio.Event().wait())"),
    ("import asyncio", "asyncio.run(asyncio.ThreadSafeFlag().wait())"),
    ("import asyncio\nasync def f(): await asyncio.sleep(100)", "asyncio.run(f())"),
    ("import rtos; q = rtos.Queue(1)", "q.receive()"),
    ("import rtos; q = rtos.Queue(1, 4, 'q'); q.send(b'x')", "q.send(b'y', timeout=100000)"),
    ("import rtos; s = rtos.Semaphore(0)", "s.acquire()"),
    ("import rtos; m = rtos.Mutex(); m.acquire()", "m.acquire()"),
    ("import rtos; m = rtos.Mutex(); m.acquire()", "with m: pass"),
    ("import rtos; g = rtos.EventGroup()", "g.wait(1)"),
    ("import rtos", "rtos.notified()"),
    ("import rtos, time", "rtos.delay_until(time.ticks_ms(), 100000)"),
    ("import threading; e = threading.Event()", "e.wait()"),
    ("import threading; c = threading.Condition(); c.acquire()", "c.wait()"),
    ("import threading; s = threading.Semaphore(0)", "s.acquire()"),
    ("import threading; b = threading.Barrier(2)", "b.wait()"),
    (
        "import threading; e = threading.Event(); t = threading.Thread(target=e.wait); t.start()",
        "t.join()",
    ),
    ("import queue; q = queue.Queue()", "q.get()"),
    ("import queue; q = queue.Queue(1); q.put(1)", "q.put(2)"),
];

/// Runs a blocking call while a thread of lower priority waits for its chance to end it: which comes when all others
/// block.
fn blocked(setup: &str, call: &str, end: fn(&mut Vm, usize), check: impl FnOnce(&mut Vm)) {
    with_vm(|vm| {
        python_ok(vm, setup);
        HOST.spawn(&POOL, PYTHON_PRIORITY - 1, 0, end, 0).expect("a task");
        let text = format!("try:\n  {call}\nfinally:\n  ended = 1\n");
        assert!(python(vm, &text).is_err(), "{call}");
        check(vm);
    });
    assert!(HOST.crew().is_empty());
}

fn an_interrupt_ends_every_blocking_call() {
    for &(setup, call) in BLOCKING {
        let interrupt: fn(&mut Vm, usize) = |vm, _| vm.handle().interrupt();
        blocked(setup, call, interrupt, |vm| {
            assert!(vm.catch(exc::KEYBOARD_INTERRUPT), "{call}");
            assert_eq!(global(vm, "ended"), Some(1), "{call}");
        });
    }
}

fn a_kill_ends_every_blocking_call() {
    for &(setup, call) in BLOCKING {
        let kill: fn(&mut Vm, usize) = |vm, _| vm.handle().kill();
        blocked(setup, call, kill, |vm| {
            vm.take_exception();
            assert_eq!(global(vm, "ended"), None, "{call}");
        });
    }
}

fn an_idle_event_loop_and_waiting_threads_wake_nobody() {
    with_vm(|vm| {
        python_ok(
            vm,
            "import asyncio, rtos, select, threading, _thread\n\
             ready = rtos.Semaphore(0, 9)\n\
             flag = asyncio.ThreadSafeFlag()\n\
             q = rtos.Queue(1)\n\
             p = select.poll()\n\
             p.register(q, 1)\n\
             e = threading.Event()\n\
             lock = _thread.allocate_lock()\n\
             lock.acquire()\n\
             async def main():\n  ready.release()\n  await flag.wait()\n\
             def start(f, *args):\n  \
               def run():\n    ready.release()\n    f(*args)\n  \
               threading.Thread(target=run).start()\n\
             threading.Thread(target=lambda: asyncio.run(main())).start()\n\
             start(p.poll)\n\
             start(e.wait)\n\
             start(lock.acquire)\n\
             for _ in range(4): ready.acquire()\n",
        );
        // The others run until they wait.
        Task::current().set_priority(1);
        vm.unlocked(|_| threadsnake_glue::rtos::delay(2));
        let before = HOST.crew().wakeups();
        vm.unlocked(|_| threadsnake_glue::rtos::delay(200));
        assert_eq!(HOST.crew().wakeups(), before);
        Task::current().set_priority(PYTHON_PRIORITY);
    });
}

fn a_heap_that_is_too_small_is_refused() {
    let memory = Box::leak(vec![0u128; 64].into_boxed_slice());
    for len in [0, 16, 100, 1024] {
        let regions = [Region { start: memory.as_mut_ptr().cast(), len }];
        let config = RunConfig {
            regions: &regions,
            modules: &[],
            value_stack_limit: 0,
            stack: NATIVE_STACK,
        };
        // SAFETY: the memory is nobody else's.
        assert!(unsafe { HOST.run(&config, |_| ()) }.is_err());
        assert!(HOST.crew().is_empty());
    }
}

fn a_task_outside_waits_for_python() {
    static DONE: AtomicUsize = AtomicUsize::new(0);
    let semaphore: &'static Semaphore =
        Box::leak(Box::new(Semaphore::new_binary().expect("memory")));
    DONE.store(core::ptr::from_ref(semaphore).expose_provenance(), Ordering::Relaxed);
    with_vm(|vm| {
        spawn(
            |_, _| {
                let semaphore =
                    core::ptr::with_exposed_provenance::<Semaphore>(DONE.load(Ordering::Relaxed));
                // SAFETY: it lives for ever.
                unsafe { &*semaphore }.give();
            },
            0,
        );
        vm.unlocked(|_| forever(semaphore));
    });
}

fn main() {
    posix::watchdog(120, "vm test: hung\n", 3);
    run(|| {
        let cases: &[(&str, fn())] = &[
            (
                "two_busy_threads_both_finish_and_no_write_is_lost",
                two_busy_threads_both_finish_and_no_write_is_lost,
            ),
            (
                "what_only_a_waiting_threads_stack_holds_survives_collections",
                what_only_a_waiting_threads_stack_holds_survives_collections,
            ),
            (
                "a_kill_ends_busy_and_waiting_threads_every_time",
                a_kill_ends_busy_and_waiting_threads_every_time,
            ),
            (
                "an_interrupt_ends_a_wait_of_the_main_thread",
                an_interrupt_ends_a_wait_of_the_main_thread,
            ),
            ("an_interrupt_ends_every_blocking_call", an_interrupt_ends_every_blocking_call),
            ("a_kill_ends_every_blocking_call", a_kill_ends_every_blocking_call),
            (
                "an_idle_event_loop_and_waiting_threads_wake_nobody",
                an_idle_event_loop_and_waiting_threads_wake_nobody,
            ),
            ("a_heap_that_is_too_small_is_refused", a_heap_that_is_too_small_is_refused),
            ("a_task_outside_waits_for_python", a_task_outside_waits_for_python),
        ];
        for (name, case) in cases {
            say(&format!("test {name} ... "));
            case();
            say("ok\n");
        }
        posix::exit(0)
    });
}
