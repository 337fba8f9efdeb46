//! Hard interrupt handlers, with interrupts at chosen moments: while nobody has the GIL, and inside a native.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use threadsnake_vm::compiler::Mode;
use threadsnake_vm::heap::Region;
use threadsnake_vm::host::{Host, PathKind};
use threadsnake_vm::value::Value;
use threadsnake_vm::{HandlerId, HandlerStats, Raise, StackBounds, Vm, VmConfig, VmHandle};

/// A board whose interrupt comes in every wait and whenever the clock is read.
#[derive(Default)]
struct Board {
    in_interrupt: AtomicBool,
    line: OnceLock<(VmHandle, HandlerId)>,
    /// What had run when the first interrupt returned, plus one.
    seen: AtomicU32,
    wakes: AtomicU32,
}

impl Board {
    fn interrupt(&self) {
        let Some(&(vm, handler)) = self.line.get() else { return };
        if self.in_interrupt.swap(true, Ordering::SeqCst) {
            return;
        }
        vm.fire(handler);
        let at_once = vm.handler_stats().at_once;
        let _ = self.seen.compare_exchange(0, at_once + 1, Ordering::SeqCst, Ordering::SeqCst);
        self.in_interrupt.store(false, Ordering::SeqCst);
    }
}

fn stack() -> StackBounds {
    let here = 0u8;
    StackBounds { limit: (&raw const here).addr() - (1 << 19) }
}

impl Host for Board {
    fn ticks_us(&self) -> u64 {
        self.interrupt();
        1000
    }
    fn interrupt_stack(&self) -> Option<StackBounds> {
        self.in_interrupt.load(Ordering::SeqCst).then(stack)
    }
    fn handler_budget(&self) -> u32 {
        100
    }
    fn unix_time_ns(&self) -> Option<u64> {
        None
    }
    fn gil_take(&self) {}
    fn gil_give(&self) {}
    fn gil_yield(&self) {}
    fn wait(&self, _timeout_us: Option<u64>) {
        self.interrupt();
    }
    fn wake(&self) {
        self.wakes.fetch_add(1, Ordering::SeqCst);
    }
    fn console_write(&self, _bytes: &[u8]) {}
    fn console_read(&self, _buf: &mut [u8], _timeout_us: Option<u64>) -> usize {
        0
    }
    fn console_readable(&self) -> bool {
        false
    }
    fn entropy(&self, _buf: &mut [u8]) -> bool {
        false
    }
    fn import_stat(&self, _vm: &mut Vm, _path: &str) -> Result<PathKind, Raise> {
        Ok(PathKind::Missing)
    }
    fn open(&self, vm: &mut Vm, _path: Value, _mode: &str) -> Result<Value, Raise> {
        Err(vm.raise_os_error(2))
    }
    fn platform(&self) -> &'static str {
        "test"
    }
    fn machine(&self) -> &'static str {
        "test"
    }
    fn epoch_offset_s(&self) -> u64 {
        0
    }
}

fn run(vm: &mut Vm, text: &str) {
    let globals = vm.main_globals();
    let result = vm.exec_source(&mut text.as_bytes(), "test", Mode::Module, globals);
    if result.is_err() {
        let exception = vm.take_exception();
        let class = vm.exception_class(exception);
        panic!("{}: {}", text, vm.type_name(class).as_str());
    }
}

/// Runs `setup`, which defines `handler`, then connects that and runs `program`; what the board saw, and what became of
/// the handler.
fn check(setup: &str, program: impl FnOnce(&mut Vm)) -> (&'static Board, HandlerStats) {
    let board: &'static Board = Box::leak(Box::default());
    let mut memory = vec![0u128; 4096];
    let regions = [Region { start: memory.as_mut_ptr().cast(), len: size_of_val(&memory[..]) }];
    let config = VmConfig { regions: &regions, host: board, modules: &[], value_stack_limit: 0 };
    // SAFETY: the memory is the VM's until it is destroyed below.
    let handle = unsafe { VmHandle::create(&config) }.expect("enough memory");
    // SAFETY: the VM lives, this thread is not attached, and has 2 MiB of stack.
    let stats = unsafe {
        handle.attach(stack(), |vm| {
            run(vm, setup);
            let name = vm.intern("handler").unwrap();
            let function = vm.main_globals().get_name(vm, name).unwrap();
            let id = vm.new_handler(function, Value::int(7), 1, true).unwrap();
            board.line.set((vm.handle(), id)).unwrap();
            program(vm);
            vm.handle().handler_stats()
        })
    };
    // SAFETY: nobody is attached any more.
    unsafe { handle.destroy(stack()) };
    (board, stats.expect("enough memory"))
}

/// Waits once.
fn wait(vm: &mut Vm) {
    assert!(!vm.wait_until(Some(0), |_| Ok(false)).unwrap());
    vm.unlocked(|u| u.host.wait(None));
}

#[test]
fn while_everybody_waits_a_handler_runs_in_the_interrupt() {
    let setup = "n = [0]\ndef handler(x):\n    n[0] += x\n";
    let (board, stats) = check(setup, |vm| {
        vm.unlocked(|u| u.host.wait(None));
        run(vm, "assert n == [7]");
    });
    assert_eq!(board.seen.load(Ordering::SeqCst), 2);
    assert_eq!((stats.at_once, stats.later), (1, 0));
    // Nobody has anything to do.
    assert_eq!(board.wakes.load(Ordering::SeqCst), 0);
}

#[test]
fn inside_a_native_it_waits_for_the_next_safe_point() {
    let setup = "import time\nn = [0]\ndef handler(x):\n    n[0] += x\n";
    let (board, stats) = check(setup, |vm| {
        run(vm, "time.ticks_us()\nfor i in range(2):\n    pass\nassert n[0] >= 7");
    });
    assert_eq!(board.seen.load(Ordering::SeqCst), 1);
    assert_eq!((stats.at_once, stats.later > 0), (0, true));
}

#[test]
fn callbacks_and_text_of_a_handler_wake_a_thread() {
    let setup =
        "import micropython\nn = []\ndef handler(x):\n    micropython.schedule(n.append, x)\n";
    let setup = setup.replace("n.append", "append").replace("def", "append = n.append\ndef");
    let (board, stats) = check(&setup, |vm| {
        vm.unlocked(|u| u.host.wait(None));
        wait(vm);
        run(vm, "assert n[0] == 7");
    });
    assert!(stats.at_once > 0);
    assert!(board.wakes.load(Ordering::SeqCst) > 0);
}

#[test]
fn what_is_forbidden_removes_the_handler_and_leaves_a_sound_heap() {
    for bad in [
        "[x, x]",
        "while True: pass",
        "time.sleep_ms(1)",
        "open('x')",
        "d['new%d' % x] = 1",
        "micropython.heap_unlock(); gc.collect(); [0] * 1000000",
        "handler(x)",
        "import nothing",
        "sorted(l)",
    ] {
        let setup = format!(
            "import gc, micropython, time\nd = {{'a': 1}}\nl = [3, 1, 2]\nran = [0]\n\
             def handler(x):\n    ran[0] += 1 \n    {bad}\n"
        );
        let (_, stats) = check(&setup, |vm| {
            vm.unlocked(|u| u.host.wait(None));
            vm.unlocked(|u| u.host.wait(None));
            vm.collect();
            run(
                vm,
                "assert ran[0] == 1 or ran[0] > 5, ran\nassert d == {'a': 1} and l == [3, 1, 2]",
            );
            run(vm, "for i in range(3): l.append([i])\nassert len(l) == 6");
        });
        assert_eq!(stats.at_once, 1, "{bad}");
    }
}

#[test]
fn what_is_allowed_changes_what_is_there() {
    let setup = "import array\nd = {'a': 1, 'b': 2}\nl = [3, 1, 2]\nb = bytearray(2)\na = array.array('i', [0])\n\
        class C: pass\nc = C()\nc.x = 0\ng = 0\ns = {1, 2}\n\
        def handler(x):\n    global g\n    g = x\n    d['a'] = x\n    del d['b']\n    l.append(l.pop(0))\n    b[1] = x\n    \
        a[0] = x\n    c.x = x\n    s.clear()\n";
    let (_, stats) = check(setup, |vm| {
        vm.unlocked(|u| u.host.wait(None));
        run(
            vm,
            "assert (g, d, l, b, a[0], c.x, s) == (7, {'a': 7}, [1, 2, 3], b'\\0\\x07', 7, 7, set())",
        );
        run(vm, "d['b'] = 3\ns.add(5)\nassert d == {'a': 7, 'b': 3} and s == {5} and len(s) == 1");
        vm.collect();
    });
    assert_eq!(stats.at_once, 1);
}
