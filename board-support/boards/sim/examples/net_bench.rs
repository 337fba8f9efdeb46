//! Measures sockets: an echo server in Python beside the same one in C with lwIP's own socket API, in one image, over the
//! loopback; the client is native.
//!
//! `cargo run --release -p threadsnake --example net_bench`

use core::net::{Ipv4Addr, SocketAddrV4};
use core::ptr::null_mut;
use threadsnake_glue::host::RunConfig;
use threadsnake_glue::pool::{Arguments, Job};
use threadsnake_glue::rtos::FOREVER;
use threadsnake_net::{Kind, Socket};
use threadsnake_sim::board::{HOST, MODULES};
use threadsnake_sim::posix;
use threadsnake_sim::program::NATIVE_STACK;
use threadsnake_sim::tasks::{POOL, PYTHON_PRIORITY, run};
use threadsnake_vm::compiler::Mode;
use threadsnake_vm::heap::Region;

const C_PORT: u16 = 6001;
const PYTHON_PORT: u16 = 6002;
const HEAP_BYTES: usize = 1024 * 1024;
/// Bytes that go there and back in the test of throughput.
const BYTES: usize = 64 * 1024 * 1024;
/// Messages of the test of latency, and the bytes of each.
const MESSAGES: usize = 20_000;
const MESSAGE: usize = 32;

unsafe extern "C" {
    safe fn ts_bench_listen(port: u32) -> i32;
    safe fn ts_bench_echo(listener: i32, n: u32) -> u64;
}

const SERVER: &str = "
import socket
s = socket.socket()
s.bind(('127.0.0.1', 6002))
s.listen(2)
buf = bytearray(4096)
view = memoryview(buf)
for i in range(2):
  c, a = s.accept()
  while True:
    n = c.recv_into(buf)
    if not n: break
    c.sendall(view[:n])
  c.close()
";

fn task(priority: u32, work: fn()) {
    let run = |[work, ..]: Arguments| {
        // SAFETY: the `fn()` given below.
        let work: fn() = unsafe { core::mem::transmute(work) };
        work();
    };
    let arguments = [work as *mut _, null_mut(), null_mut(), null_mut()];
    POOL.run(Job { run, arguments }, priority, 0).expect("a task of the pool");
}

fn connect(port: u16) -> Socket {
    let socket = Socket::new(Kind::Stream).expect("a socket");
    let at = SocketAddrV4::new(Ipv4Addr::LOCALHOST, port);
    // The server in Python may not listen yet.
    while socket.connect(at, FOREVER).is_err() {
        threadsnake_glue::rtos::delay(1);
    }
    socket
}

/// Sends and gets back `total` bytes, at most `window` of them on their way; microseconds.
fn measure(port: u16, total: usize, window: usize) -> u64 {
    let socket = connect(port);
    let (out, mut back) = (vec![7; window], vec![0; window]);
    let start = posix::ticks_us();
    for _ in 0..total / window {
        socket.send_all(&out, FOREVER).expect("room");
        let mut n = 0;
        while n < window {
            n += socket.read(&mut back[n..]).expect("bytes");
        }
    }
    posix::ticks_us() - start
}

fn report(name: &str, port: u16) {
    let us = measure(port, BYTES, 8192);
    let latency = measure(port, MESSAGES * MESSAGE, MESSAGE);
    let text = format!(
        "{name:8} {:6.1} MB/s each way, {:6.1} us there and back\n",
        BYTES as f64 / us as f64,
        latency as f64 / MESSAGES as f64
    );
    posix::write_all(1, text.as_bytes());
}

fn python() {
    let memory = Box::leak(vec![0u128; HEAP_BYTES / 16].into_boxed_slice());
    let regions = [Region { start: memory.as_mut_ptr().cast(), len: HEAP_BYTES }];
    let config = RunConfig {
        regions: &regions,
        modules: MODULES,
        value_stack_limit: 0,
        stack: NATIVE_STACK,
    };
    // SAFETY: the only VM; the memory is nobody else's.
    let ended = unsafe {
        HOST.run(&config, |vm| {
            let globals = vm.main_globals();
            vm.exec_source(&mut SERVER.as_bytes(), "bench", Mode::Module, globals).is_ok()
        })
    };
    assert!(ended == Ok(true));
}

fn main() {
    posix::watchdog(120, "net_bench: hung\n", 3);
    run(|| {
        threadsnake_net::start().expect("the stack");
        task(PYTHON_PRIORITY, || {
            ts_bench_echo(ts_bench_listen(C_PORT.into()), 2);
        });
        report("C", C_PORT);
        task(PYTHON_PRIORITY, python);
        report("Python", PYTHON_PORT);
        posix::exit(0)
    });
}
