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
use threadsnake_vm::{Raise, Vm, exc};

const HEAP_BYTES: usize = 256 * 1024;

fn say(text: &str) {
    posix::write_all(1, text.as_bytes());
}

/// Runs `main` as the main thread of a new VM.
fn with_vm<R>(main: impl FnOnce(&mut Vm) -> R) -> R {
    static MEMORY: AtomicUsize = AtomicUsize::new(0);
    if MEMORY.load(Ordering::Relaxed) == 0 {
        let memory = Box::leak(vec![0u128; HEAP_BYTES / 16].into_boxed_slice());
        MEMORY.store(memory.as_mut_ptr().expose_provenance(), Ordering::Relaxed);
    }
    let start = core::ptr::with_exposed_provenance_mut(MEMORY.load(Ordering::Relaxed));
    let regions = [Region { start, len: HEAP_BYTES }];
    let config =
        RunConfig { regions: &regions, modules: &[], value_stack_limit: 0, stack: NATIVE_STACK };
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
