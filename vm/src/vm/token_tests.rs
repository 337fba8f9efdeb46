//! The heap token, proved with two tasks: who waits without the GIL keeps its objects, lends its buffers, can be killed.

extern crate std;

use core::sync::atomic::{AtomicBool, Ordering};
use std::{format, vec};

use crate::compiler::Mode;
use crate::heap::Region;
use crate::object::Str;
use crate::testing::TestHost;
use crate::value::Value;
use crate::{Raise, StackBounds, Vm, VmConfig, VmHandle, exc};

/// Memory for a VM, aligned, and the VM in it.
fn create(memory: &mut [u128], host: &'static TestHost) -> VmHandle {
    let regions = [Region { start: memory.as_mut_ptr().cast(), len: size_of_val(memory) }];
    let config = VmConfig { regions: &regions, host, modules: &[], value_stack_limit: 0 };
    // SAFETY: the callers keep the memory for the VM until they have destroyed it.
    unsafe { VmHandle::create(&config) }.expect("enough memory")
}

fn stack() -> StackBounds {
    let here = 0u8;
    StackBounds { limit: (&raw const here).addr() - (1 << 20) }
}

/// Attaches the calling thread.
fn attach<R>(vm: VmHandle, f: impl FnOnce(&mut Vm) -> R) -> R {
    // SAFETY: the VM lives and the thread is not attached; test threads have 2 MiB of stack.
    unsafe { vm.attach(stack(), f) }.expect("enough memory")
}

fn run(vm: &mut Vm, text: &str) -> Result<Value, Raise> {
    let globals = vm.main_globals();
    vm.exec_source(&mut text.as_bytes(), "test", Mode::Module, globals)
}

/// Waits for a flag of another thread.
fn wait_for(flag: &AtomicBool) {
    while !flag.load(Ordering::Acquire) {
        std::thread::yield_now();
    }
}

#[test]
fn a_collection_keeps_what_only_a_waiting_native_stack_refers_to() {
    let host = TestHost::leak_for_threads();
    let mut memory = vec![0u128; 8192];
    let vm = create(&mut memory, host);
    let (waiting, collected) = (AtomicBool::new(false), AtomicBool::new(false));
    std::thread::scope(|s| {
        s.spawn(|| {
            attach(vm, |vm| {
                let text = vm.new_str("only on a native stack").unwrap();
                let list = vm.new_list_from(&[text, Value::int(7)]).unwrap();
                let (waiting, collected) = (&waiting, &collected);
                vm.unlocked(move |_| {
                    waiting.store(true, Ordering::Release);
                    wait_for(collected);
                });
                let text = Str::from_value(list.get(vm, 0).unwrap()).unwrap();
                assert_eq!(text.as_str(), "only on a native stack");
                assert_eq!(list.get(vm, 1), Some(Value::int(7)));
            });
        });
        s.spawn(|| {
            wait_for(&waiting);
            attach(vm, |vm| {
                // Everything that is free is overwritten, so that a lost object would show.
                for _ in 0..3 {
                    vm.collect();
                    run(vm, "l = []\nfor i in range(500):\n    l.append((i, [i]))\nl = None\n")
                        .ok()
                        .unwrap();
                }
                vm.collect();
            });
            collected.store(true, Ordering::Release);
        });
    });
    // SAFETY: nobody is attached any more.
    unsafe { vm.destroy(stack()) };
}

#[test]
fn a_buffer_lent_to_a_blocking_call_stays_in_place_and_is_not_resized() {
    let host = TestHost::leak_for_threads();
    let mut memory = vec![0u128; 8192];
    let vm = create(&mut memory, host);
    let (waiting, tried) = (AtomicBool::new(false), AtomicBool::new(false));
    std::thread::scope(|s| {
        s.spawn(|| {
            attach(vm, |vm| {
                run(vm, "b = bytearray(b'0123456789')\n").ok().unwrap();
                let name = vm.intern("b").unwrap();
                let b = vm.main_globals().get_name(vm, name).unwrap();
                let buffer = vm.expect_writable(b).unwrap();
                let (waiting, tried) = (&waiting, &tried);
                vm.with_bytes_mut(buffer, |vm, bytes| {
                    // The outside world writes while Python runs elsewhere.
                    vm.unlocked(move |_| {
                        waiting.store(true, Ordering::Release);
                        wait_for(tried);
                        bytes[0] = b'x';
                    });
                });
                run(vm, "assert b == b'x123456789'\nb.append(33)\nassert len(b) == 11\n")
                    .ok()
                    .unwrap();
            });
        });
        s.spawn(|| {
            wait_for(&waiting);
            attach(vm, |vm| {
                for change in ["b.append(1)", "b.extend(b'ab')", "b += b'c'", "del b[0:2]"] {
                    assert!(run(vm, change).is_err(), "{change}");
                    assert!(vm.catch(exc::BUFFER_ERROR), "{change}");
                }
                run(vm, "x = [bytes(100) for i in range(50)]\nx = None\n").ok().unwrap();
                vm.collect();
            });
            tried.store(true, Ordering::Release);
        });
    });
    // SAFETY: nobody is attached any more.
    unsafe { vm.destroy(stack()) };
}

#[test]
fn two_threads_share_the_heap_and_none_loses_an_object() {
    let host = TestHost::leak_for_threads();
    let mut memory = vec![0u128; 16384];
    let vm = create(&mut memory, host);
    std::thread::scope(|s| {
        for name in ["a", "b"] {
            s.spawn(move || {
                attach(vm, |vm| {
                    let program = format!(
                        "def f_{name}(n):\n    return [n, (n, n)] if n == 0 else [f_{name}(n - 1), n]\n\
                         for i in range(300):\n    x_{name} = f_{name}(20)\n"
                    );
                    vm.handle().request_gil();
                    run(vm, &program).ok().unwrap();
                    run(vm, &format!("n = 0\ny = x_{name}\nwhile len(y) == 2 and n < 20:\n    y = y[0]\n    n += 1\nok_{name} = n == 20\n"))
                        .ok()
                        .unwrap();
                    let name = vm.intern(&format!("ok_{name}")).ok().unwrap();
                    let globals = vm.main_globals();
                    assert_eq!(globals.get_name(vm, name), Some(Value::TRUE));
                });
            });
        }
    });
    // SAFETY: nobody is attached any more.
    unsafe { vm.destroy(stack()) };
}

#[test]
fn a_kill_ends_a_running_and_a_waiting_thread_and_the_memory_can_be_used_again() {
    let host = TestHost::leak_for_threads();
    let mut memory = vec![0u128; 8192];
    for _ in 0..20 {
        let vm = create(&mut memory, host);
        let running = AtomicBool::new(false);
        std::thread::scope(|s| {
            s.spawn(|| {
                attach(vm, |vm| {
                    running.store(true, Ordering::Release);
                    // Python code cannot hold a kill up, whatever it catches.
                    let r = run(
                        vm,
                        "while True:\n    try:\n        while True:\n            pass\n    except BaseException:\n        pass\n    finally:\n        pass\n",
                    );
                    assert!(r.is_err() && vm.raised(exc::SYSTEM_EXIT));
                });
            });
            s.spawn(|| {
                attach(vm, |vm| {
                    let r = vm.wait_until(None, |_| Ok(false));
                    assert!(r.is_err() && vm.raised(exc::SYSTEM_EXIT));
                });
            });
            wait_for(&running);
            while host.waiters() == 0 && !vm.is_killed() {
                vm.request_gil();
                std::thread::yield_now();
            }
            vm.kill();
        });
        // SAFETY: nobody is attached any more.
        unsafe { vm.destroy(stack()) };
    }
}

#[test]
fn an_interrupt_ends_a_wait_of_the_main_thread() {
    let host = TestHost::leak_for_threads();
    let mut memory = vec![0u128; 8192];
    let vm = create(&mut memory, host);
    std::thread::scope(|s| {
        s.spawn(|| {
            attach(vm, |vm| {
                let r = vm.wait_until(None, |_| Ok(false));
                assert!(r.is_err());
                assert!(vm.catch(exc::KEYBOARD_INTERRUPT));
            });
        });
        while host.waiters() == 0 {
            std::thread::yield_now();
        }
        vm.interrupt();
    });
    // SAFETY: nobody is attached any more.
    unsafe { vm.destroy(stack()) };
}

#[test]
fn too_little_memory_is_refused() {
    let host = TestHost::leak_for_threads();
    let mut memory = [0u128; 64];
    let regions = [Region { start: memory.as_mut_ptr().cast(), len: size_of_val(&memory) }];
    let config = VmConfig { regions: &regions, host, modules: &[], value_stack_limit: 0 };
    // SAFETY: the memory is not used for anything else.
    assert!(unsafe { VmHandle::create(&config) }.is_err());
}
