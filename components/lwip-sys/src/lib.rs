//! lwIP behind safe functions: sockets that never block, interfaces, names. A face of `shim/ts_net.h`.
//!
//! The C sources (lwIP from the pinned package, `port/`, `shim/`) are compiled by the board's build script with
//! `threadsnake_freertos::Kernel::lwip`, or by CMake, against the board's `FreeRTOSConfig.h`; this crate declares them. What the
//! functions do, and their errors, is said once, in `shim/ts_net.h`.
//!
//! Invariants:
//! 1. [`start`] comes first: every other function answers `ENODEV` before.
//! 2. Addresses are IPv4; [`Ipv4Addr`] outside, network byte order in a `u32` in C.
//! 3. Calls come from tasks, without the GIL: they wait for lwIP's core lock.
#![no_std]

use core::ffi::{CStr, c_char, c_void};
use core::net::{Ipv4Addr, SocketAddrV4};
use core::sync::atomic::{AtomicBool, Ordering};

/// An error number, as Linux has them.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Errno(pub i32);

#[allow(missing_docs, reason = "the names are those of errno.h")]
impl Errno {
    pub const ENOENT: Errno = Errno(2);
    pub const EBADF: Errno = Errno(9);
    pub const EAGAIN: Errno = Errno(11);
    pub const ENOMEM: Errno = Errno(12);
    pub const EBUSY: Errno = Errno(16);
    pub const ENODEV: Errno = Errno(19);
    pub const EINVAL: Errno = Errno(22);
    pub const ENOTCONN: Errno = Errno(107);
    pub const ETIMEDOUT: Errno = Errno(110);
    pub const EINPROGRESS: Errno = Errno(115);
}

/// What the stack asks of the image; `shim/ts_net.h` says more. All but `random` are called with the core locked, so
/// they only notify.
#[repr(C)]
pub struct Hooks {
    /// A number that nobody can guess, where the machine can make one. Any task.
    pub random: extern "C" fn() -> u32,
    /// The socket of this number may have become ready.
    pub socket_changed: extern "C" fn(u32),
    /// A query has its answer, or there is room for another one.
    pub name_changed: extern "C" fn(),
    /// Address, link or lease of this interface has changed.
    pub interface_changed: extern "C" fn(u32),
}

#[repr(C)]
struct RawDriver {
    context: *mut c_void,
    transmit: extern "C" fn(*mut c_void, *const u8, u32) -> i32,
    has_link: extern "C" fn(*mut c_void) -> i32,
    receive: extern "C" fn(*mut c_void, *mut u8) -> u32,
}

#[repr(C)]
#[derive(Default)]
struct RawState {
    address: u32,
    mask: u32,
    gateway: u32,
    mac: [u8; 6],
    is_active: u8,
    has_link: u8,
    dhcp: u8,
    has_lease: u8,
}

type RawServe = extern "C" fn(*mut c_void, *const u8, u32, *mut u8, u32) -> u32;

mod ffi {
    use super::{Hooks, RawDriver, RawServe, RawState, c_char, c_void};
    unsafe extern "C" {
        pub fn ts_net_start(hooks: *const Hooks) -> i32;
        pub safe fn ts_net_unsent() -> u32;
        pub safe fn ts_net_socket_limit() -> u32;
        pub safe fn ts_net_number(socket: i32) -> u32;
        pub safe fn ts_net_socket(kind: u32, protocol: u32) -> i32;
        pub safe fn ts_net_close(socket: i32) -> i32;
        pub safe fn ts_net_abort(socket: i32) -> i32;
        pub safe fn ts_net_bind(socket: i32, address: u32, port: u32) -> i32;
        pub safe fn ts_net_listen(socket: i32, backlog: u32) -> i32;
        pub fn ts_net_accept(socket: i32, address: *mut u32, port: *mut u32) -> i32;
        pub safe fn ts_net_connect(socket: i32, address: u32, port: u32) -> i32;
        pub safe fn ts_net_connected(socket: i32) -> i32;
        pub fn ts_net_send(socket: i32, bytes: *const u8, n: u32) -> i32;
        pub fn ts_net_send_to(
            socket: i32,
            bytes: *const u8,
            n: u32,
            address: u32,
            port: u32,
        ) -> i32;
        pub fn ts_net_receive(
            socket: i32,
            bytes: *mut u8,
            n: u32,
            peek: u32,
            address: *mut u32,
            port: *mut u32,
        ) -> i32;
        pub safe fn ts_net_available(socket: i32) -> i32;
        pub safe fn ts_net_shutdown(socket: i32, how: u32) -> i32;
        pub safe fn ts_net_ready(socket: i32) -> i32;
        pub fn ts_net_local(socket: i32, address: *mut u32, port: *mut u32) -> i32;
        pub fn ts_net_peer(socket: i32, address: *mut u32, port: *mut u32) -> i32;
        pub safe fn ts_net_set_option(socket: i32, option: u32, value: u32) -> i32;
        pub fn ts_net_option(socket: i32, option: u32, value: *mut u32) -> i32;
        pub safe fn ts_net_take_error(socket: i32) -> i32;
        pub safe fn ts_net_group(socket: i32, join: u32, group: u32, interface_address: u32)
        -> i32;
        pub fn ts_net_query(name: *const c_char) -> i32;
        pub fn ts_net_query_result(query: u32, address: *mut u32) -> i32;
        pub safe fn ts_net_query_end(query: u32);
        pub fn ts_net_interface(name: *const u8, mac: *const u8, driver: *const RawDriver) -> i32;
        pub fn ts_net_adopt(netif: *mut c_void) -> i32;
        pub safe fn ts_net_frames(interface: u32);
        pub safe fn ts_net_set_active(interface: u32, is_active: u32) -> i32;
        pub fn ts_net_set_mac(interface: u32, mac: *const u8) -> i32;
        pub safe fn ts_net_set_address(
            interface: u32,
            address: u32,
            mask: u32,
            gateway: u32,
        ) -> i32;
        pub safe fn ts_net_set_gateway(interface: u32, gateway: u32) -> i32;
        pub safe fn ts_net_set_dhcp(interface: u32, is_on: u32) -> i32;
        pub safe fn ts_net_set_default(interface: u32) -> i32;
        pub fn ts_net_set_hostname(name: *const c_char) -> i32;
        pub fn ts_net_interface_get(interface: u32, state: *mut RawState) -> i32;
        pub safe fn ts_net_dns(index: u32) -> u32;
        pub safe fn ts_net_set_dns(index: u32, address: u32);
        pub fn ts_net_service(
            interface: u32,
            port: u32,
            reply_port: u32,
            serve: RawServe,
            context: *mut c_void,
        ) -> i32;
        pub safe fn ts_net_service_end(interface: u32, port: u32) -> i32;
    }
}

/// True once lwIP is initialised (invariant 1).
static STARTED: AtomicBool = AtomicBool::new(false);

fn count(result: i32) -> Result<usize, Errno> {
    usize::try_from(result).map_err(|_| Errno(-result))
}

fn done(result: i32) -> Result<(), Errno> {
    count(result).map(drop)
}

fn checked(call: impl FnOnce() -> i32) -> Result<usize, Errno> {
    if !STARTED.load(Ordering::Acquire) {
        return Err(Errno::ENODEV);
    }
    count(call())
}

/// Bytes of a call: more than this are moved in several.
fn length(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX).min(i32::MAX as u32)
}

fn to_c(address: Ipv4Addr) -> u32 {
    u32::from_ne_bytes(address.octets())
}

fn from_c(address: u32) -> Ipv4Addr {
    Ipv4Addr::from(address.to_ne_bytes())
}

fn end_point(address: u32, port: u32) -> SocketAddrV4 {
    SocketAddrV4::new(from_c(address), port as u16)
}

/// Starts the stack and its task. The caller sees to it that this happens once and ends before anything else here.
///
/// # Errors
/// `ENOMEM`: the kernel's heap is used up.
pub fn start(hooks: &'static Hooks) -> Result<(), Errno> {
    // SAFETY: the hooks live for ever.
    done(unsafe { ffi::ts_net_start(hooks) })?;
    STARTED.store(true, Ordering::Release);
    Ok(())
}

/// What a socket carries.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Kind {
    /// TCP.
    Stream,
    /// UDP.
    Datagram,
    /// IP packets of this protocol; received ones with their header.
    Raw(u8),
}

/// An option of a socket; a value is 0 or 1 unless said.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
#[allow(missing_docs, reason = "the names are those of POSIX and RFC 3493, without their prefixes")]
pub enum SocketOption {
    ReuseAddress = 1,
    Broadcast = 2,
    KeepAlive = 3,
    NoDelay = 4,
    /// 0 to 255.
    Ttl = 5,
    /// 0 to 255.
    Tos = 6,
    /// 0 to 255.
    MulticastTtl = 7,
    MulticastLoop = 8,
    /// Seconds.
    KeepIdle = 10,
    /// Seconds.
    KeepInterval = 11,
    KeepCount = 12,
}

/// Bits of [`ready`].
pub mod ready {
    /// Bytes, a connection or the end have come.
    pub const READABLE: u32 = 1;
    /// Bytes can be sent.
    pub const WRITABLE: u32 = 4;
    /// The connection failed.
    pub const ERROR: u32 = 8;
    /// There is no connection.
    pub const HANG_UP: u32 = 16;
}

/// Names a socket; copies may outlive it and then answer `EBADF`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Handle(i32);

impl Handle {
    /// The handle as a number, not negative.
    pub fn raw(self) -> i32 {
        self.0
    }

    /// The handle that a number was made of; of any other number one that answers `EBADF`.
    pub fn from_raw(raw: i32) -> Handle {
        Handle(raw)
    }

    /// Its place: below [`socket_limit`], the argument of [`Hooks::socket_changed`].
    pub fn number(self) -> usize {
        ffi::ts_net_number(self.0) as usize
    }
}

/// How many streams to other machines have sent what has not arrived there.
pub fn unsent() -> usize {
    if STARTED.load(Ordering::Acquire) { ffi::ts_net_unsent() as usize } else { 0 }
}

/// How many sockets there may be at once.
pub fn socket_limit() -> usize {
    ffi::ts_net_socket_limit() as usize
}

/// A new socket.
///
/// # Errors
/// `ENFILE`: there are as many as there may be; `ENOMEM`.
pub fn socket(kind: Kind) -> Result<Handle, Errno> {
    let (kind, protocol) = match kind {
        Kind::Stream => (1, 0),
        Kind::Datagram => (2, 0),
        Kind::Raw(protocol) => (3, u32::from(protocol)),
    };
    checked(|| ffi::ts_net_socket(kind, protocol)).map(|raw| Handle(raw as i32))
}

#[allow(missing_docs, clippy::missing_errors_doc, reason = "see shim/ts_net.h")]
impl Handle {
    pub fn close(self) -> Result<(), Errno> {
        done(ffi::ts_net_close(self.0))
    }

    pub fn abort(self) -> Result<(), Errno> {
        done(ffi::ts_net_abort(self.0))
    }

    pub fn bind(self, address: SocketAddrV4) -> Result<(), Errno> {
        done(ffi::ts_net_bind(self.0, to_c(*address.ip()), address.port().into()))
    }

    pub fn listen(self, backlog: u32) -> Result<(), Errno> {
        done(ffi::ts_net_listen(self.0, backlog))
    }

    pub fn accept(self) -> Result<(Handle, SocketAddrV4), Errno> {
        let (mut address, mut port) = (0, 0);
        // SAFETY: both point to variables.
        let result = unsafe { ffi::ts_net_accept(self.0, &mut address, &mut port) };
        count(result).map(|raw| (Handle(raw as i32), end_point(address, port)))
    }

    pub fn connect(self, address: SocketAddrV4) -> Result<(), Errno> {
        done(ffi::ts_net_connect(self.0, to_c(*address.ip()), address.port().into()))
    }

    pub fn connected(self) -> Result<(), Errno> {
        done(ffi::ts_net_connected(self.0))
    }

    pub fn send(self, bytes: &[u8]) -> Result<usize, Errno> {
        // SAFETY: the pointer and the length are of one slice.
        count(unsafe { ffi::ts_net_send(self.0, bytes.as_ptr(), length(bytes.len())) })
    }

    pub fn send_to(self, bytes: &[u8], to: SocketAddrV4) -> Result<usize, Errno> {
        let (ip, port) = (to_c(*to.ip()), to.port().into());
        // SAFETY: the pointer and the length are of one slice.
        count(unsafe { ffi::ts_net_send_to(self.0, bytes.as_ptr(), length(bytes.len()), ip, port) })
    }

    /// Moves bytes into `buf` and says whose they are; with `peek` they stay.
    pub fn receive(self, buf: &mut [u8], peek: bool) -> Result<(usize, SocketAddrV4), Errno> {
        let (mut address, mut port) = (0, 0);
        // SAFETY: the pointer and the length are of one slice; the others point to variables.
        let result = unsafe {
            ffi::ts_net_receive(
                self.0,
                buf.as_mut_ptr(),
                length(buf.len()),
                peek.into(),
                &mut address,
                &mut port,
            )
        };
        count(result).map(|n| (n, end_point(address, port)))
    }

    pub fn available(self) -> Result<usize, Errno> {
        count(ffi::ts_net_available(self.0))
    }

    /// Ends reading, writing or both.
    pub fn shutdown(self, reading: bool, writing: bool) -> Result<(), Errno> {
        match (reading, writing) {
            (true, true) => done(ffi::ts_net_shutdown(self.0, 2)),
            (false, true) => done(ffi::ts_net_shutdown(self.0, 1)),
            (true, false) => done(ffi::ts_net_shutdown(self.0, 0)),
            (false, false) => Ok(()),
        }
    }

    /// The bits of [`ready`].
    pub fn ready(self) -> Result<u32, Errno> {
        count(ffi::ts_net_ready(self.0)).map(|bits| bits as u32)
    }

    pub fn local(self) -> Result<SocketAddrV4, Errno> {
        let (mut address, mut port) = (0, 0);
        // SAFETY: both point to variables.
        done(unsafe { ffi::ts_net_local(self.0, &mut address, &mut port) })?;
        Ok(end_point(address, port))
    }

    pub fn peer(self) -> Result<SocketAddrV4, Errno> {
        let (mut address, mut port) = (0, 0);
        // SAFETY: both point to variables.
        done(unsafe { ffi::ts_net_peer(self.0, &mut address, &mut port) })?;
        Ok(end_point(address, port))
    }

    pub fn set_option(self, option: SocketOption, value: u32) -> Result<(), Errno> {
        done(ffi::ts_net_set_option(self.0, option as u32, value))
    }

    pub fn option(self, option: SocketOption) -> Result<u32, Errno> {
        let mut value = 0;
        // SAFETY: points to a variable.
        done(unsafe { ffi::ts_net_option(self.0, option as u32, &mut value) })?;
        Ok(value)
    }

    /// The interface that multicast datagrams leave by.
    pub fn set_multicast_interface(self, address: Ipv4Addr) -> Result<(), Errno> {
        done(ffi::ts_net_set_option(self.0, 9, to_c(address)))
    }

    /// The error of the last failed connection, told once.
    pub fn take_error(self) -> Result<Option<Errno>, Errno> {
        match count(ffi::ts_net_take_error(self.0))? {
            0 => Ok(None),
            errno => Ok(Some(Errno(errno as i32))),
        }
    }

    pub fn join_group(self, group: Ipv4Addr, interface: Ipv4Addr) -> Result<(), Errno> {
        done(ffi::ts_net_group(self.0, 1, to_c(group), to_c(interface)))
    }

    pub fn leave_group(self, group: Ipv4Addr, interface: Ipv4Addr) -> Result<(), Errno> {
        done(ffi::ts_net_group(self.0, 0, to_c(group), to_c(interface)))
    }
}

/// A query for the address of a name; its end ends it.
#[derive(Debug)]
pub struct Query(u32);

impl Query {
    /// Asks for `name`, at most 255 bytes.
    ///
    /// # Errors
    /// `EAGAIN`: there are too many already; `EINVAL`: no name; `ENOMEM`.
    pub fn new(name: &CStr) -> Result<Query, Errno> {
        // SAFETY: a terminated string; lwIP copies it.
        checked(|| unsafe { ffi::ts_net_query(name.as_ptr()) }).map(|query| Query(query as u32))
    }

    /// The answer.
    ///
    /// # Errors
    /// `EINPROGRESS`: not yet; `ENOENT`: there is no such name, or nobody to ask.
    pub fn result(&self) -> Result<Ipv4Addr, Errno> {
        let mut address = 0;
        // SAFETY: points to a variable.
        done(unsafe { ffi::ts_net_query_result(self.0, &mut address) })?;
        Ok(from_c(address))
    }
}

impl Drop for Query {
    fn drop(&mut self) {
        ffi::ts_net_query_end(self.0);
    }
}

/// How many interfaces there may be, beside the loopback.
pub const INTERFACES: usize = 3;
/// The most bytes of a frame, without its check sum.
pub const FRAME: usize = 1514;

/// A driver of an Ethernet interface; frames have no check sums. Called in a task that uses the stack, one call at a
/// time, with the core locked: it neither waits for long nor uses a socket.
pub trait Driver: Sync + 'static {
    /// Sends a frame of 14 to [`FRAME`] bytes; false if it is lost.
    fn transmit(&self, frame: &[u8]) -> bool;

    /// Whether the line is connected now.
    fn has_link(&self) -> bool;

    /// Moves the next frame that has come into `frame`, or drops it when there is no room for it (`None`). Its length,
    /// 0 if none has come.
    fn receive(&self, frame: Option<&mut [u8; FRAME]>) -> usize;
}

/// Where an interface stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct InterfaceState {
    /// Its address; 0.0.0.0 for none.
    pub address: Ipv4Addr,
    /// The mask of its network.
    pub mask: Ipv4Addr,
    /// Where other networks are reached.
    pub gateway: Ipv4Addr,
    /// Its Ethernet address.
    pub mac: [u8; 6],
    /// It is up, as far as the user wants.
    pub is_active: bool,
    /// The line is connected.
    pub has_link: bool,
    /// It asks for, or has, a lease.
    pub dhcp: bool,
    /// Its address is a lease.
    pub has_lease: bool,
}

/// An interface, by its number.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Interface(u32);

#[allow(missing_docs, clippy::missing_errors_doc, reason = "see shim/ts_net.h")]
impl Interface {
    /// Adds an interface, not active.
    pub fn add<D: Driver>(name: [u8; 2], mac: [u8; 6], driver: &'static D) -> Result<Self, Errno> {
        extern "C" fn transmit<D: Driver>(context: *mut c_void, frame: *const u8, n: u32) -> i32 {
            // SAFETY: `context` is the driver that `add` passed; the frame is the shim's, of `n` bytes.
            let (driver, frame) =
                unsafe { (&*context.cast::<D>(), core::slice::from_raw_parts(frame, n as usize)) };
            driver.transmit(frame).into()
        }
        extern "C" fn has_link<D: Driver>(context: *mut c_void) -> i32 {
            // SAFETY: as above.
            unsafe { &*context.cast::<D>() }.has_link().into()
        }
        extern "C" fn receive<D: Driver>(context: *mut c_void, frame: *mut u8) -> u32 {
            // SAFETY: as above; a frame that is not null has room for FRAME bytes, and is nobody else's.
            let (driver, frame) =
                unsafe { (&*context.cast::<D>(), frame.cast::<[u8; FRAME]>().as_mut()) };
            driver.receive(frame).min(FRAME) as u32
        }
        let raw = RawDriver {
            context: core::ptr::from_ref(driver).cast_mut().cast(),
            transmit: transmit::<D>,
            has_link: has_link::<D>,
            receive: receive::<D>,
        };
        // SAFETY: the shim copies all three; the driver lives for ever.
        checked(|| unsafe { ffi::ts_net_interface(name.as_ptr(), mac.as_ptr(), &raw) })
            .map(|number| Interface(number as u32))
    }

    /// Takes an interface that the firmware has added to lwIP itself.
    ///
    /// # Safety
    /// `netif` is a `struct netif` of lwIP's list, which stays there, or anything that is in no such list.
    pub unsafe fn adopt(netif: *mut c_void) -> Result<Self, Errno> {
        // SAFETY: the caller's promise; what is not in the list is not followed.
        checked(|| unsafe { ffi::ts_net_adopt(netif) }).map(|number| Interface(number as u32))
    }

    /// Its number, below [`INTERFACES`]: the argument of [`Hooks::interface_changed`].
    pub fn number(self) -> usize {
        self.0 as usize
    }

    /// Frames have come, or the line was connected or cut: lwIP's task looks. Any context.
    pub fn changed(self) {
        ffi::ts_net_frames(self.0);
    }

    pub fn set_active(self, is_active: bool) -> Result<(), Errno> {
        done(ffi::ts_net_set_active(self.0, is_active.into()))
    }

    pub fn set_mac(self, mac: [u8; 6]) -> Result<(), Errno> {
        // SAFETY: six bytes, which the shim copies.
        done(unsafe { ffi::ts_net_set_mac(self.0, mac.as_ptr()) })
    }

    pub fn set_address(
        self,
        address: Ipv4Addr,
        mask: Ipv4Addr,
        gateway: Ipv4Addr,
    ) -> Result<(), Errno> {
        done(ffi::ts_net_set_address(self.0, to_c(address), to_c(mask), to_c(gateway)))
    }

    pub fn set_gateway(self, gateway: Ipv4Addr) -> Result<(), Errno> {
        done(ffi::ts_net_set_gateway(self.0, to_c(gateway)))
    }

    pub fn set_dhcp(self, is_on: bool) -> Result<(), Errno> {
        done(ffi::ts_net_set_dhcp(self.0, is_on.into()))
    }

    pub fn set_default(self) -> Result<(), Errno> {
        done(ffi::ts_net_set_default(self.0))
    }

    pub fn state(self) -> Result<InterfaceState, Errno> {
        let mut raw = RawState::default();
        // SAFETY: points to a variable of that layout.
        done(unsafe { ffi::ts_net_interface_get(self.0, &mut raw) })?;
        Ok(InterfaceState {
            address: from_c(raw.address),
            mask: from_c(raw.mask),
            gateway: from_c(raw.gateway),
            mac: raw.mac,
            is_active: raw.is_active != 0,
            has_link: raw.has_link != 0,
            dhcp: raw.dhcp != 0,
            has_lease: raw.has_lease != 0,
        })
    }

    /// Answers the datagrams to `port` of this interface; answers are broadcast to `reply_port`. [`Service`].
    pub fn serve<S: Service>(
        self,
        port: u16,
        reply_port: u16,
        service: &'static S,
    ) -> Result<(), Errno> {
        extern "C" fn call<S: Service>(
            context: *mut c_void,
            request: *const u8,
            n: u32,
            reply: *mut u8,
            room: u32,
        ) -> u32 {
            // SAFETY: `context` is the service that `serve` passed; the buffers are the shim's, of these lengths.
            let (service, request, reply) = unsafe {
                (
                    &*context.cast::<S>(),
                    core::slice::from_raw_parts(request, n as usize),
                    core::slice::from_raw_parts_mut(reply, room as usize),
                )
            };
            service.serve(request, reply) as u32
        }
        let context = core::ptr::from_ref(service).cast_mut().cast();
        // SAFETY: the service lives for ever, and `call` takes it.
        done(unsafe {
            ffi::ts_net_service(self.0, port.into(), reply_port.into(), call::<S>, context)
        })
    }

    /// Ends what [`Interface::serve`] began.
    pub fn end_service(self, port: u16) -> Result<(), Errno> {
        done(ffi::ts_net_service_end(self.0, port.into()))
    }
}

/// Answers datagrams in lwIP's task, one at a time, with the core locked: it uses no socket and does not wait.
pub trait Service: Sync + 'static {
    /// Writes the answer to `request` into `reply` and returns its length, 0 for none.
    fn serve(&self, request: &[u8], reply: &mut [u8]) -> usize;
}

/// The most bytes of a host name.
pub const HOSTNAME_MAX: usize = 32;

/// Sets the name that DHCP tells from now on.
///
/// # Errors
/// `EINVAL`: it has more than [`HOSTNAME_MAX`] bytes; `ENODEV`.
pub fn set_hostname(name: &CStr) -> Result<(), Errno> {
    // SAFETY: a terminated string, which the shim copies.
    checked(|| unsafe { ffi::ts_net_set_hostname(name.as_ptr()) }).map(drop)
}

/// The name server of this rank (0 is asked first); 0.0.0.0 for none.
pub fn dns(index: usize) -> Ipv4Addr {
    if !STARTED.load(Ordering::Acquire) {
        return Ipv4Addr::UNSPECIFIED;
    }
    from_c(ffi::ts_net_dns(index as u32))
}

/// Sets the name server of this rank.
pub fn set_dns(index: usize, address: Ipv4Addr) {
    if STARTED.load(Ordering::Acquire) {
        ffi::ts_net_set_dns(index as u32, to_c(address));
    }
}
