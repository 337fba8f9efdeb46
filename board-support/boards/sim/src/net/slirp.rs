//! libslirp: a router with a name server, a DHCP server and the host's connections behind it, in a host thread.
//!
//! The library is looked for when it is needed, so that a program without a network does not load it; without it there
//! is the loopback only. The structures are those of version 4 of its configuration (release 4.7), whose layout a
//! later release keeps.
//!
//! Source: libslirp, `libslirp.h`.

use crate::net::wire::Wire;
use core::ffi::{CStr, c_char, c_int, c_void};
use core::net::{Ipv4Addr, SocketAddrV4};
use socket2::{Domain, Socket, Type};
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Instant;

/// Whether the library is there.
pub fn is_installed() -> bool {
    Library::load().is_some()
}

/// Why there is no router.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RouterError {
    /// The library is not installed.
    NoLibrary,
    /// The library refuses the configuration.
    Refused,
    /// A port of the host that is to be forwarded is somebody's.
    PortTaken(u16),
}

impl core::fmt::Display for RouterError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        match self {
            Self::NoLibrary => f.write_str("libslirp.so.0 is not installed"),
            Self::Refused => f.write_str("libslirp refuses its configuration"),
            Self::PortTaken(port) => write!(f, "port {port} is taken"),
        }
    }
}

/// One connection from the host's loopback to the guest.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Forward {
    /// UDP, else TCP.
    pub is_udp: bool,
    /// The port on 127.0.0.1; 0: any, see [`Forward::choose`].
    pub host_port: u16,
    /// The guest's port.
    pub guest_port: u16,
}

impl Forward {
    /// The same with a port that is free, if any will do; nobody else gets it before a router does.
    ///
    /// # Errors
    /// What the system says when it has none.
    pub fn choose(mut self) -> std::io::Result<Self> {
        if self.host_port == 0 {
            // It does not listen: until there is a router, connections are refused.
            let kind = if self.is_udp { Type::DGRAM } else { Type::STREAM };
            let socket = Socket::new(Domain::IPV4, kind, None)?;
            socket.bind(&SocketAddrV4::new(Ipv4Addr::LOCALHOST, 0).into())?;
            let at = socket.local_addr()?.as_socket_ipv4();
            self.host_port = at.map_or(0, |at| at.port());
            chosen().push((self, socket));
        }
        Ok(self)
    }
}

/// Ports that were chosen, each with the socket that keeps it. Host threads, and `main`.
static CHOSEN: Mutex<Vec<(Forward, Socket)>> = Mutex::new(Vec::new());

fn chosen() -> MutexGuard<'static, Vec<(Forward, Socket)>> {
    CHOSEN.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A network of 256 addresses with a router.
#[derive(Debug, Clone, Copy)]
pub struct Network {
    /// Its first three numbers.
    pub prefix: [u8; 3],
    /// The router's last number.
    pub host: u8,
    /// The name server's.
    pub name_server: u8,
    /// The guest's: what the DHCP server gives out, and where forwarded connections go.
    pub guest: u8,
    /// It has a DHCP server.
    pub dhcp: bool,
}

impl Network {
    fn address(&self, last: u8) -> Ipv4Addr {
        Ipv4Addr::new(self.prefix[0], self.prefix[1], self.prefix[2], last)
    }
}

/// An address in C's `struct in_addr`, in network byte order.
#[repr(C)]
#[derive(Clone, Copy)]
struct InAddr(u32);

impl From<Ipv4Addr> for InAddr {
    fn from(address: Ipv4Addr) -> Self {
        Self(u32::from_ne_bytes(address.octets()))
    }
}

/// C's `struct in6_addr`.
#[repr(C)]
#[derive(Clone, Copy)]
struct In6Addr([u32; 4]);

type Opaque = *mut c_void;
type TimerCallback = extern "C" fn(Opaque);

#[repr(C)]
struct Callbacks {
    send_packet: extern "C" fn(*const u8, usize, Opaque) -> isize,
    guest_error: extern "C" fn(*const c_char, Opaque),
    clock_get_ns: extern "C" fn(Opaque) -> i64,
    timer_new: extern "C" fn(TimerCallback, Opaque, Opaque) -> Opaque,
    timer_free: extern "C" fn(Opaque, Opaque),
    timer_mod: extern "C" fn(Opaque, i64, Opaque),
    register_poll_fd: extern "C" fn(c_int, Opaque),
    unregister_poll_fd: extern "C" fn(c_int, Opaque),
    notify: extern "C" fn(Opaque),
    init_completed: Option<extern "C" fn(Opaque, Opaque)>,
    timer_new_opaque: Option<extern "C" fn(c_int, Opaque, Opaque) -> Opaque>,
}

#[repr(C)]
struct Config {
    version: u32,
    restricted: c_int,
    in_enabled: bool,
    vnetwork: InAddr,
    vnetmask: InAddr,
    vhost: InAddr,
    in6_enabled: bool,
    vprefix_addr6: In6Addr,
    vprefix_len: u8,
    vhost6: In6Addr,
    vhostname: *const c_char,
    tftp_server_name: *const c_char,
    tftp_path: *const c_char,
    bootfile: *const c_char,
    vdhcp_start: InAddr,
    vnameserver: InAddr,
    vnameserver6: In6Addr,
    vdnssearch: *const *const c_char,
    vdomainname: *const c_char,
    if_mtu: usize,
    if_mru: usize,
    disable_host_loopback: bool,
    enable_emu: bool,
    outbound_addr: *const c_void,
    outbound_addr6: *const c_void,
    disable_dns: bool,
    disable_dhcp: bool,
}

type New = unsafe extern "C" fn(*const Config, *const Callbacks, Opaque) -> Opaque;
type Cleanup = unsafe extern "C" fn(Opaque);
type Input = unsafe extern "C" fn(Opaque, *const u8, c_int);
type Fill =
    unsafe extern "C" fn(Opaque, *mut u32, extern "C" fn(c_int, c_int, Opaque) -> c_int, Opaque);
type Poll = unsafe extern "C" fn(Opaque, c_int, extern "C" fn(c_int, Opaque) -> c_int, Opaque);
type AddForward = unsafe extern "C" fn(Opaque, c_int, InAddr, c_int, InAddr, c_int) -> c_int;

/// The functions of the library.
#[derive(Clone, Copy)]
struct Library {
    new: New,
    cleanup: Cleanup,
    input: Input,
    fill: Fill,
    poll: Poll,
    add_forward: AddForward,
}

impl Library {
    /// Loads the library; `None` where it is not installed. Host threads.
    fn load() -> Option<Self> {
        // SAFETY: a terminated name; the library's initialisation has no demands.
        let handle = unsafe { libc::dlopen(c"libslirp.so.0".as_ptr(), libc::RTLD_NOW) };
        if handle.is_null() {
            return None;
        }
        let symbol = |name: &CStr| {
            // SAFETY: the handle is open and the name terminated.
            let address = unsafe { libc::dlsym(handle, name.as_ptr()) };
            (!address.is_null()).then_some(address)
        };
        // SAFETY: the symbols are functions of these types (libslirp.h).
        unsafe {
            Some(Self {
                new: core::mem::transmute::<Opaque, New>(symbol(c"slirp_new")?),
                cleanup: core::mem::transmute::<Opaque, Cleanup>(symbol(c"slirp_cleanup")?),
                input: core::mem::transmute::<Opaque, Input>(symbol(c"slirp_input")?),
                fill: core::mem::transmute::<Opaque, Fill>(symbol(c"slirp_pollfds_fill")?),
                poll: core::mem::transmute::<Opaque, Poll>(symbol(c"slirp_pollfds_poll")?),
                add_forward: core::mem::transmute::<Opaque, AddForward>(symbol(
                    c"slirp_add_hostfwd",
                )?),
            })
        }
    }
}

/// A timer that the library has asked for.
struct Timer {
    /// What the library calls it by: a number, not 0.
    name: usize,
    callback: TimerCallback,
    argument: Opaque,
    /// In milliseconds of the router's clock.
    due_ms: Option<i64>,
}

/// A router at the host's end of a cable. Lives in one host thread.
pub struct Router {
    library: Library,
    slirp: Opaque,
    /// What the library's calls back see: pinned, because it keeps the address.
    state: Box<State>,
}

struct State {
    wire: &'static Wire,
    started: Instant,
    timers: Vec<Timer>,
    poll: Vec<libc::pollfd>,
    callbacks: Callbacks,
}

impl State {
    fn now_ns(&self) -> i64 {
        i64::try_from(self.started.elapsed().as_nanos()).unwrap_or(i64::MAX)
    }

    /// The state behind the pointer that [`Router::new`] gave to the library.
    ///
    /// # Safety
    /// The router lives, and the library calls from within one of the router's calls: nobody else uses the state.
    unsafe fn of<'a>(opaque: Opaque) -> &'a mut Self {
        // SAFETY: the caller's promise.
        unsafe { &mut *opaque.cast::<Self>() }
    }
}

impl Router {
    /// A router of `network`, with these connections to its guest. Host threads.
    ///
    /// # Errors
    /// [`RouterError`].
    pub fn new(
        wire: &'static Wire,
        network: Network,
        forwards: &[Forward],
    ) -> Result<Self, RouterError> {
        let library = Library::load().ok_or(RouterError::NoLibrary)?;
        let mut state = Box::new(State {
            wire,
            started: Instant::now(),
            timers: Vec::new(),
            poll: Vec::new(),
            callbacks: CALLBACKS,
        });
        let none = core::ptr::null();
        let config = Config {
            version: 4,
            restricted: 0,
            in_enabled: true,
            vnetwork: network.address(0).into(),
            vnetmask: Ipv4Addr::new(255, 255, 255, 0).into(),
            vhost: network.address(network.host).into(),
            in6_enabled: false,
            vprefix_addr6: In6Addr([0; 4]),
            vprefix_len: 64,
            vhost6: In6Addr([0; 4]),
            vhostname: none,
            tftp_server_name: none,
            tftp_path: none,
            bootfile: none,
            vdhcp_start: network.address(network.guest).into(),
            vnameserver: network.address(network.name_server).into(),
            vnameserver6: In6Addr([0; 4]),
            vdnssearch: core::ptr::null(),
            vdomainname: none,
            if_mtu: 0,
            if_mru: 0,
            disable_host_loopback: false,
            enable_emu: false,
            outbound_addr: core::ptr::null(),
            outbound_addr6: core::ptr::null(),
            disable_dns: false,
            disable_dhcp: !network.dhcp,
        };
        let opaque: Opaque = core::ptr::from_mut(&mut *state).cast();
        // SAFETY: the configuration is complete and copied; callbacks and state live in the box as long as the router.
        let slirp = unsafe { (library.new)(&config, &raw const state.callbacks, opaque) };
        if slirp.is_null() {
            return Err(RouterError::Refused);
        }
        let router = Self { library, slirp, state };
        for forward in forwards {
            chosen().retain(|(at, _)| at != forward);
            // SAFETY: the router lives.
            let failed = unsafe {
                (router.library.add_forward)(
                    slirp,
                    forward.is_udp.into(),
                    Ipv4Addr::LOCALHOST.into(),
                    forward.host_port.into(),
                    network.address(network.guest).into(),
                    forward.guest_port.into(),
                )
            };
            if failed != 0 {
                return Err(RouterError::PortTaken(forward.host_port));
            }
        }
        Ok(router)
    }

    /// Moves what there is to move, for ever.
    pub fn run(&mut self) {
        self.run_until(-1);
    }

    /// Moves what there is to move until `stop_fd` can be read.
    pub fn run_until(&mut self, stop_fd: c_int) {
        let guest_fd = self.state.wire.host_fd();
        loop {
            let mut timeout_ms = 1000;
            self.state.poll.clear();
            for fd in [stop_fd, guest_fd] {
                self.state.poll.push(libc::pollfd { fd, events: libc::POLLIN, revents: 0 });
            }
            let opaque: Opaque = core::ptr::from_mut(&mut *self.state).cast();
            // SAFETY: the router lives; `add_poll` takes the state.
            unsafe { (self.library.fill)(self.slirp, &mut timeout_ms, add_poll, opaque) };
            let timeout_ms = self.until_timer().min(timeout_ms);
            let fds = &mut self.state.poll;
            // SAFETY: the pointer and the count are of one vector.
            let n = unsafe {
                libc::poll(fds.as_mut_ptr(), fds.len() as libc::nfds_t, timeout_ms as c_int)
            };
            let stop = fds[0].revents != 0;
            let from_guest = fds[1].revents != 0;
            // First the guest's frames: `poll` sends what waited for their answers to ARP, which the library forgets after
            // a second.
            if from_guest {
                self.take_frames();
            }
            // SAFETY: as above; `returned` reads the state.
            unsafe { (self.library.poll)(self.slirp, (n < 0).into(), returned, opaque) };
            self.run_timers();
            if stop {
                return;
            }
        }
    }

    /// Gives the router what the guest has sent.
    fn take_frames(&mut self) {
        let mut frame = [0u8; 2048];
        for _ in 0..64 {
            let n = self.state.wire.take_from_guest(&mut frame);
            match c_int::try_from(n) {
                // SAFETY: the router lives, and that many bytes were received.
                Ok(n @ 1..) => unsafe { (self.library.input)(self.slirp, frame.as_ptr(), n) },
                _ => return,
            }
        }
    }

    /// Milliseconds until the next timer is due.
    fn until_timer(&self) -> u32 {
        let now_ms = self.state.now_ns() / 1_000_000;
        let next = self.state.timers.iter().filter_map(|timer| timer.due_ms).min();
        next.map_or(u32::MAX, |due_ms| u32::try_from(due_ms - now_ms).unwrap_or(0))
    }

    fn run_timers(&mut self) {
        let now_ms = self.state.now_ns() / 1_000_000;
        let due: Vec<(TimerCallback, Opaque)> = self
            .state
            .timers
            .iter_mut()
            .filter(|timer| timer.due_ms.is_some_and(|due_ms| due_ms <= now_ms))
            .map(|timer| {
                timer.due_ms = None;
                (timer.callback, timer.argument)
            })
            .collect();
        for (callback, argument) in due {
            callback(argument);
        }
    }
}

impl Drop for Router {
    fn drop(&mut self) {
        // SAFETY: made by `new`, ended once; the state is still there for the calls back.
        unsafe { (self.library.cleanup)(self.slirp) };
    }
}

const CALLBACKS: Callbacks = Callbacks {
    send_packet,
    guest_error,
    clock_get_ns,
    timer_new,
    timer_free,
    timer_mod,
    register_poll_fd: nothing_with_fd,
    unregister_poll_fd: nothing_with_fd,
    notify: nothing,
    init_completed: None,
    timer_new_opaque: None,
};

extern "C" fn send_packet(frame: *const u8, n: usize, opaque: Opaque) -> isize {
    // SAFETY: the library passes a frame of `n` bytes, and the state.
    let (frame, state) = unsafe { (core::slice::from_raw_parts(frame, n), State::of(opaque)) };
    state.wire.send_to_guest(frame);
    n as isize
}

extern "C" fn guest_error(_: *const c_char, _: Opaque) {}

extern "C" fn clock_get_ns(opaque: Opaque) -> i64 {
    // SAFETY: the library passes the state.
    unsafe { State::of(opaque) }.now_ns()
}

extern "C" fn timer_new(callback: TimerCallback, argument: Opaque, opaque: Opaque) -> Opaque {
    // SAFETY: the library passes the state.
    let timers = &mut unsafe { State::of(opaque) }.timers;
    let name = timers.iter().map(|timer| timer.name).max().unwrap_or(0) + 1;
    timers.push(Timer { name, callback, argument, due_ms: None });
    core::ptr::without_provenance_mut(name)
}

extern "C" fn timer_free(timer: Opaque, opaque: Opaque) {
    // SAFETY: the library passes the state.
    let timers = &mut unsafe { State::of(opaque) }.timers;
    timers.retain(|other| other.name != timer.addr());
}

extern "C" fn timer_mod(timer: Opaque, due_ms: i64, opaque: Opaque) {
    // SAFETY: the library passes the state.
    let timers = &mut unsafe { State::of(opaque) }.timers;
    if let Some(timer) = timers.iter_mut().find(|other| other.name == timer.addr()) {
        timer.due_ms = Some(due_ms);
    }
}

extern "C" fn nothing_with_fd(_: c_int, _: Opaque) {}

extern "C" fn nothing(_: Opaque) {}

/// The library's bits for readiness, and those of `poll`.
const BITS: [(c_int, i16); 5] = [
    (1, libc::POLLIN),
    (2, libc::POLLOUT),
    (4, libc::POLLPRI),
    (8, libc::POLLERR),
    (16, libc::POLLHUP),
];

extern "C" fn add_poll(fd: c_int, events: c_int, opaque: Opaque) -> c_int {
    let events =
        BITS.iter().filter(|(bit, _)| events & bit != 0).fold(0, |all, (_, event)| all | event);
    // SAFETY: `run_until` passes the state.
    let poll = &mut unsafe { State::of(opaque) }.poll;
    poll.push(libc::pollfd { fd, events, revents: 0 });
    (poll.len() - 1) as c_int
}

extern "C" fn returned(index: c_int, opaque: Opaque) -> c_int {
    // SAFETY: `run_until` passes the state.
    let poll = &unsafe { State::of(opaque) }.poll;
    let is = usize::try_from(index).ok().and_then(|i| poll.get(i)).map_or(0, |fd| fd.revents);
    BITS.iter().filter(|(_, event)| is & event != 0).fold(0, |all, (bit, _)| all | bit)
}
