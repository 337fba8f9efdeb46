//! The network on a running kernel: native sockets, and Python threads that are interrupted and killed while they wait.
//!
//! As `kernel.rs`: one process, one scheduler, cases in a task, ended by exit code. A task below Python's priority runs
//! only when Python waits: it is how a case knows.

use core::net::{Ipv4Addr, SocketAddrV4};
use core::ptr::null_mut;
use core::sync::atomic::{AtomicUsize, Ordering};
use threadsnake_glue::host::RunConfig;
use threadsnake_glue::kernel::{Duration, Semaphore};
use threadsnake_glue::pool::{Arguments, Job};
use threadsnake_glue::rtos::{self, FOREVER};
use threadsnake_net::{Errno, Kind, Socket, resolve};
use threadsnake_sim::board::{HOST, MODULES};
use threadsnake_sim::posix;
use threadsnake_sim::program::NATIVE_STACK;
use threadsnake_sim::tasks::{POOL, PYTHON_PRIORITY, run};
use threadsnake_vm::compiler::Mode;
use threadsnake_vm::heap::Region;
use threadsnake_vm::{Raise, Vm, exc};

const HEAP_BYTES: usize = 512 * 1024;

fn say(text: &str) {
    posix::write_all(1, text.as_bytes());
}

fn at(port: u16) -> SocketAddrV4 {
    SocketAddrV4::new(Ipv4Addr::LOCALHOST, port)
}

/// Starts `work` as a task of the pool; the semaphore is given when it has ended.
fn task(priority: u32, work: impl FnOnce() + Send + 'static) -> &'static Semaphore {
    type Work = Box<dyn FnOnce() + Send>;
    let over: &'static Semaphore = Box::leak(Box::new(Semaphore::new_binary().expect("memory")));
    let boxed: Box<Work> = Box::new(Box::new(move || {
        work();
        over.give();
    }));
    let run = |[work, ..]: Arguments| {
        // SAFETY: the box given below, opened once.
        let work: Box<Work> = unsafe { Box::from_raw(work.cast()) };
        work();
    };
    let arguments = [Box::into_raw(boxed).cast(), null_mut(), null_mut(), null_mut()];
    POOL.run(Job { run, arguments }, priority, 0).expect("a task of the pool");
    over
}

fn forever(semaphore: &Semaphore) {
    semaphore.take(Duration::infinite()).expect("infinite");
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
    let config = RunConfig {
        regions: &regions,
        modules: MODULES,
        value_stack_limit: 0,
        stack: NATIVE_STACK,
    };
    // SAFETY: cases run one after another, each with one VM.
    unsafe { HOST.run(&config, main) }.expect("memory enough")
}

fn python(vm: &mut Vm, source: &str) -> Result<(), Raise> {
    let globals = vm.main_globals();
    vm.exec_source(&mut source.as_bytes(), "test", Mode::Module, globals).map(drop)
}

fn python_ok(vm: &mut Vm, source: &str) {
    if python(vm, source).is_err() {
        let exception = vm.take_exception();
        vm.print_exception(exception);
        panic!("{source:?} raised");
    }
}

fn native_sockets_echo() {
    let listener = Socket::listener(at(6001), 2).expect("a listener");
    let over = task(PYTHON_PRIORITY, move || {
        let (socket, from) = listener.accept(FOREVER).expect("a connection");
        assert_eq!(*from.ip(), Ipv4Addr::LOCALHOST);
        let mut buf = [0; 1000];
        loop {
            match socket.read(&mut buf).expect("bytes") {
                0 => break,
                n => socket.send_all(&buf[..n], FOREVER).expect("room"),
            }
        }
    });
    let socket = Socket::new(Kind::Stream).expect("a socket");
    socket.connect(at(6001), FOREVER).expect("a server");
    let sent: Vec<u8> = (0..100_000u32).map(|i| (i % 251) as u8).collect();
    let mut got = vec![0; sent.len()];
    for (out, back) in sent.chunks(5000).zip(got.chunks_mut(5000)) {
        socket.send_all(out, FOREVER).expect("room");
        let mut n = 0;
        while n < back.len() {
            n += socket.read(&mut back[n..]).expect("bytes");
        }
    }
    assert!(sent == got);
    socket.handle().shutdown(false, true).expect("connected");
    assert_eq!(socket.read(&mut got), Ok(0));
    forever(over);
}

fn native_waits_have_limits() {
    let socket = Socket::new(Kind::Datagram).expect("a socket");
    socket.handle().bind(at(6002)).expect("a free port");
    let mut buf = [0; 10];
    assert_eq!(socket.receive(&mut buf, 0), Err(Errno::EAGAIN));
    let start = rtos::ticks();
    assert_eq!(socket.receive(&mut buf, 20), Err(Errno::ETIMEDOUT));
    assert!(rtos::ticks().wrapping_sub(start) >= 20);
    assert_eq!(resolve("localhost", FOREVER), Ok(Ipv4Addr::LOCALHOST));
    assert_eq!(resolve("10.1.2.3", 0), Ok(Ipv4Addr::new(10, 1, 2, 3)));
    // There is no name server.
    assert_eq!(resolve("nobody.invalid", FOREVER), Err(Errno::ENOENT));
    assert_eq!(resolve(&"x".repeat(300), FOREVER), Err(Errno::ENOENT));
    let handle = socket.handle();
    assert_eq!(handle.send_to(&vec![0; 65_508], at(6003)), Err(Errno(90)));
    drop(socket);
    assert_eq!(handle.receive(&mut buf, false).map(|(n, _)| n), Err(Errno::EBADF));
}

unsafe extern "C" {
    safe fn ts_bench_listen(port: u32) -> i32;
    safe fn ts_bench_echo(listener: i32, n: u32) -> u64;
}

fn c_tasks_use_the_sockets_of_lwip_beside_ours() {
    let listener = ts_bench_listen(6004);
    assert!(listener >= 0);
    let over = task(PYTHON_PRIORITY, move || assert_eq!(ts_bench_echo(listener, 3), 90_000));
    let mut got = [0; 1000];
    for round in 0..3u8 {
        let socket = Socket::new(Kind::Stream).expect("a socket");
        socket.connect(at(6004), FOREVER).expect("a server");
        for i in 0..30u8 {
            let sent = [round ^ i; 1000];
            socket.send_all(&sent, FOREVER).expect("room");
            let mut n = 0;
            while n < got.len() {
                n += socket.read(&mut got[n..]).expect("bytes");
            }
            assert!(got == sent);
        }
    }
    forever(over);
}

/// What a thread may wait in, with what comes before.
const WAITS: &[(&str, &str)] = &[
    ("accept", "s = socket.socket(); s.bind(('127.0.0.1', 0)); s.listen()|s.accept()"),
    ("recv", "a, b = pair()|a.recv(1)"),
    ("read", "a, b = pair()|a.read(1)"),
    ("readinto", "a, b = pair(); buf = bytearray(9)|a.readinto(buf)"),
    ("readline", "a, b = pair(); b.send(b'no end')|a.readline()"),
    ("recv with a limit", "a, b = pair(); a.settimeout(1000)|a.recv(1)"),
    ("sendall", "a, b = pair()|a.sendall(bytes(100000))"),
    ("write", "a, b = pair()|a.write(bytes(100000))"),
    ("recvfrom", "s = udp()|s.recvfrom(1)"),
    // Nobody answers there: the interface of these tests has no cable.
    ("connect", "s = socket.socket()|s.connect(('10.99.0.9', 80))"),
    ("getaddrinfo", "|socket.getaddrinfo('nobody.invalid', 80)"),
    ("poll", "import select; s = udp(); p = select.poll(); p.register(s, select.POLLIN)|p.poll()"),
];

const PRELUDE: &str = "
import socket
def pair():
  with socket.socket() as s:
    s.bind(('127.0.0.1', 0))
    s.listen()
    a = socket.socket()
    a.connect(s.getsockname())
    return a, s.accept()[0]
def udp():
  s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
  s.bind(('127.0.0.1', 0))
  return s
";

fn ctrl_c_ends_every_wait() {
    for (name, source) in WAITS {
        let (before, wait) = source.split_once('|').expect("two parts");
        with_vm(|vm| {
            python_ok(vm, &format!("{PRELUDE}{before}\n"));
            let over = task(PYTHON_PRIORITY - 1, || HOST.interrupt());
            let ended = python(vm, &format!("{wait}\n"));
            assert!(ended.is_err(), "{name}");
            if !vm.raised(exc::KEYBOARD_INTERRUPT) {
                let exception = vm.take_exception();
                vm.print_exception(exception);
                panic!("{name}");
            }
            vm.take_exception();
            vm.unlocked(|_| forever(over));
        });
    }
}

fn a_kill_ends_every_wait_and_closes_the_sockets() {
    // More rounds than there are sockets: what is not closed is missed.
    for (name, source) in WAITS.iter().cycle().take(80) {
        let (before, wait) = source.split_once('|').expect("two parts");
        with_vm(|vm| {
            python_ok(vm, &format!("{PRELUDE}{before}\n"));
            let over = task(PYTHON_PRIORITY - 1, || HOST.kill());
            let ended = python(
                vm,
                &format!(
                    "try:\n  {wait}\nexcept BaseException:\n  pass\nfinally:\n  survived = 1\n"
                ),
            );
            assert!(ended.is_err(), "{name}");
            let survived = vm.find_name("survived");
            assert!(survived.is_none_or(|s| vm.main_globals().get_name(vm, s).is_none()), "{name}");
            vm.take_exception();
            vm.unlocked(|_| forever(over));
        });
        assert!(HOST.crew().is_empty());
    }
}

/// An interface that nothing ever comes from, and a name server behind it.
fn add_a_dead_interface() {
    struct Dead;
    impl threadsnake_net::Driver for Dead {
        fn transmit(&self, _: &[u8]) -> bool {
            true
        }
        fn has_link(&self) -> bool {
            true
        }
        fn receive(&self, _: Option<&mut [u8; threadsnake_net::FRAME]>) -> usize {
            0
        }
    }
    static DEAD: Dead = Dead;
    let added = threadsnake_net::Interface::add(*b"no", [2, 0, 0, 0, 0, 9], &DEAD).and_then(|i| {
        let [a, mask, gateway] =
            [[10, 99, 0, 1], [255, 255, 0, 0], [10, 99, 0, 2]].map(Ipv4Addr::from);
        i.set_address(a, mask, gateway)?;
        i.set_active(true)
    });
    added.expect("memory");
    threadsnake_net::set_dns(0, Ipv4Addr::new(10, 99, 0, 3));
}

fn main() {
    posix::watchdog(120, "net test: hung\n", 3);
    run(|| {
        let cases: &[(&str, fn())] = &[
            ("native_sockets_echo", native_sockets_echo),
            ("native_waits_have_limits", native_waits_have_limits),
            (
                "c_tasks_use_the_sockets_of_lwip_beside_ours",
                c_tasks_use_the_sockets_of_lwip_beside_ours,
            ),
            ("ctrl_c_ends_every_wait", || {
                add_a_dead_interface();
                ctrl_c_ends_every_wait();
            }),
            (
                "a_kill_ends_every_wait_and_closes_the_sockets",
                a_kill_ends_every_wait_and_closes_the_sockets,
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
