//! Measures sockets, for `cargo xtask bench board`: an echo server in C with lwIP's own socket API, and after it the one in
//! Python that a program at the prompt opens, for the same native client over the loopback.
//!
//! The word `sockets` of [`options`] starts it; it prints a line for each server, `sockets NAME BYTES_PER_S NS_THERE_AND_BACK`,
//! by the board's clock. Part of images with the feature `bench` alone.

use alloc::{format, vec};
use core::ffi::c_void;
use core::net::{Ipv4Addr, SocketAddrV4};
use core::ptr::{NonNull, null_mut};
use core::sync::atomic::AtomicI32;

use threadsnake_glue::rtos::{self, FOREVER, Task};
use threadsnake_net::{Errno, Kind, Socket};

use crate::{memory, options, time, uart};

const C_PORT: u16 = 6001;
const PYTHON_PORT: u16 = 6002;
/// Bytes that go there and back in the test of throughput, and how many of them are on their way at once.
const BYTES: usize = 2 << 20;
const WINDOW: usize = 8192;
/// Messages of the test of latency, and the bytes of each.
const MESSAGES: usize = 1000;
const MESSAGE: usize = 32;

/// As Python's.
const PRIORITY: u32 = 4;
const TASK_BYTES: usize = 16 * 1024;

unsafe extern "C" {
    safe fn ts_bench_listen(port: u32) -> i32;
    safe fn ts_bench_echo(listener: i32, n: u32) -> u64;
}

static ERRNO: AtomicI32 = AtomicI32::new(0);

/// Where lwIP's socket API notes an error. One task in C uses it here, so one place will do.
#[unsafe(no_mangle)]
extern "C" fn __errno() -> *mut i32 {
    ERRNO.as_ptr()
}

/// Makes the tasks, if the word asks for them. Before the scheduler starts.
pub fn start() {
    if !options::get().sockets {
        return;
    }
    for (run, name) in [(serve as extern "C" fn(_), c"echo"), (measure_both, c"client")] {
        let Some(task) = memory::take(TASK_BYTES) else { return };
        // SAFETY: the memory is 16-aligned and nobody else's; both functions take any argument.
        unsafe { Task::spawn(run, null_mut(), name, PRIORITY, NonNull::from(task)) };
    }
}

fn park() -> ! {
    loop {
        rtos::notified(FOREVER);
    }
}

extern "C" fn serve(_: *mut c_void) {
    if threadsnake_net::start().is_ok() {
        ts_bench_echo(ts_bench_listen(C_PORT.into()), 2);
    }
    park()
}

extern "C" fn measure_both(_: *mut c_void) {
    for (name, port) in [("C", C_PORT), ("Python", PYTHON_PORT)] {
        let us = measure(port, BYTES, WINDOW).and_then(|all| {
            let short = measure(port, MESSAGES * MESSAGE, MESSAGE)?;
            Ok((all, short))
        });
        let line = match us {
            Ok((all, short)) => {
                let rate = BYTES as u64 * 1_000_000 / all.max(1);
                format!("sockets {name} {rate} {}\r\n", short * 1000 / MESSAGES as u64)
            }
            Err(Errno(number)) => format!("sockets {name}: error {number}\r\n"),
        };
        uart::write(line.as_bytes());
    }
    park()
}

/// Sends and gets back `total` bytes, at most `window` of them on their way; microseconds.
fn measure(port: u16, total: usize, window: usize) -> Result<u64, Errno> {
    let at = SocketAddrV4::new(Ipv4Addr::LOCALHOST, port);
    let socket = loop {
        let socket = Socket::new(Kind::Stream)?;
        match socket.connect(at, FOREVER) {
            Ok(()) => break socket,
            // The server does not listen yet.
            Err(_) => rtos::delay(1),
        }
    };
    let (out, mut back) = (vec![7; window], vec![0; window]);
    let start = time::ticks_us();
    for _ in 0..total / window {
        socket.send_all(&out, FOREVER)?;
        let mut n = 0;
        while n < window {
            n += match socket.read(&mut back[n..])? {
                0 => return Err(Errno::ENOTCONN),
                came => came,
            };
        }
    }
    Ok(time::ticks_us() - start)
}
