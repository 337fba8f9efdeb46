//! `socket`: what a program does with the network.
//!
//! A socket is a stream: besides `recv` and `send` it has `read`, `readinto`, `readline` and `write`. No call holds the
//! GIL while it waits, and Ctrl-C ends each.
//!
//! Source: MicroPython library reference, "socket"; its release 1.8, "usocket" (`error`, `timeout`, `IPPROTO_SEC`,
//! `readall`); Python Library Reference, "socket" (`shutdown`, `getsockopt`, `getsockname`, `getpeername`,
//! `gettimeout`).

use core::net::{Ipv4Addr, SocketAddrV4};
use lwip_sys::{Errno, Handle, Kind, SocketOption, ready};
use threadsnake_vm::object::{
    Args, Buffer, Ioctl, Native, Res, Str, StrBuilder, StreamSlots, Style, poll,
};
use threadsnake_vm::types::exceptions::{OS_ERROR, TIMEOUT_ERROR};
use threadsnake_vm::types::stream::{IOBASE, itself, next};
use threadsnake_vm::types::{common, float};
use threadsnake_vm::value::names::q;
use threadsnake_vm::value::{RomValue, Scalar, Value};
use threadsnake_vm::{Raise, Vm, exc, py_module, py_type};

use super::address::{
    address_arg, address_value, end_point_arg, end_point_value, or_raise, port_arg, raise,
};
use crate::name::{self, Question};
use crate::socket::connected;
use crate::stack::{self, NAMES, socket_event};
use crate::wait::{blocking, blocking_on};

const fn int(n: i32) -> RomValue {
    RomValue(Value::int(n))
}

py_module! {
    /// `socket`.
    pub static SOCKET: socket, extensible true;
    entries {
        socket: TYPE.rom();
        getaddrinfo = Var(2, 6, getaddrinfo);
        inet_ntop = F2(inet_ntop);
        inet_pton = F2(inet_pton);
        error: OS_ERROR.rom();
        timeout: TIMEOUT_ERROR.rom();
        AF_INET: int(AF_INET);
        SOCK_STREAM: int(SOCK_STREAM);
        SOCK_DGRAM: int(SOCK_DGRAM);
        SOCK_RAW: int(SOCK_RAW);
        IPPROTO_IP: int(IPPROTO_IP);
        IPPROTO_ICMP: int(IPPROTO_ICMP);
        IPPROTO_TCP: int(IPPROTO_TCP);
        IPPROTO_UDP: int(IPPROTO_UDP);
        IPPROTO_SEC: int(IPPROTO_SEC);
        SOL_SOCKET: int(SOL_SOCKET);
        SO_REUSEADDR: int(4);
        SO_KEEPALIVE: int(8);
        SO_BROADCAST: int(32);
        SO_ERROR: int(SO_ERROR);
        IP_TOS: int(1);
        IP_TTL: int(2);
        IP_MULTICAST_TTL: int(5);
        IP_MULTICAST_IF: int(IP_MULTICAST_IF);
        IP_MULTICAST_LOOP: int(7);
        IP_ADD_MEMBERSHIP: int(IP_ADD_MEMBERSHIP);
        IP_DROP_MEMBERSHIP: int(IP_DROP_MEMBERSHIP);
        TCP_NODELAY: int(1);
        TCP_KEEPIDLE: int(3);
        TCP_KEEPINTVL: int(4);
        TCP_KEEPCNT: int(5);
        MSG_PEEK: int(MSG_PEEK);
        MSG_DONTWAIT: int(MSG_DONTWAIT);
    }
}

const AF_INET: i32 = 2;
const SOCK_STREAM: i32 = 1;
const SOCK_DGRAM: i32 = 2;
const SOCK_RAW: i32 = 3;
const IPPROTO_IP: i32 = 0;
const IPPROTO_ICMP: i32 = 1;
const IPPROTO_TCP: i32 = 6;
const IPPROTO_UDP: i32 = 17;
/// A stream that is meant for TLS; the wrapping does the work.
const IPPROTO_SEC: i32 = 100;
const SOL_SOCKET: i32 = 1;
const SO_ERROR: i32 = 0x1007;
const IP_MULTICAST_IF: i32 = 6;
const IP_ADD_MEMBERSHIP: i32 = 0x400;
const IP_DROP_MEMBERSHIP: i32 = 0x401;
const MSG_PEEK: i32 = 1;
const MSG_DONTWAIT: i32 = 8;

/// `getaddrinfo` found no such name: its own numbers are negative.
const EAI_NONAME: i32 = -2;

py_type! {
    /// `socket.socket`.
    pub static TYPE: socket, base IOBASE;
    slots {
        new: socket_new, repr: socket_repr, iter: itself, next: next, stream: &STREAM, event: socket_event_of,
        finalise: finalise,
    }
    entries {
        accept = F1(accept);
        bind = F2(bind);
        connect = F2(connect);
        getpeername = F1(getpeername);
        getsockname = F1(getsockname);
        getsockopt = Var(3, 4, getsockopt);
        gettimeout = F1(gettimeout);
        listen = Var(1, 2, listen);
        makefile = Kw(makefile; _, mode?, buffering?);
        readall = F1(readall);
        recv = Var(2, 3, recv);
        recv_into = Var(2, 4, recv_into);
        recvfrom = Var(2, 3, recvfrom);
        send = Var(2, 3, send);
        sendall = Var(2, 3, sendall);
        sendto = Var(3, 4, sendto);
        setblocking = F2(setblocking);
        setsockopt = Var(4, 4, setsockopt);
        settimeout = F2(settimeout);
        shutdown = F2(shutdown);
    }
}

static STREAM: StreamSlots = StreamSlots { read, write, seek: None, ioctl, is_text: false };

/// Word: the handle, -1 when closed.
const HANDLE: usize = 0;
/// Word: the limit of waits in milliseconds, `None` for no limit.
const TIMEOUT_MS: usize = 1;

/// `socket(af=AF_INET, type=SOCK_STREAM, proto=0)`.
///
/// Raises `OSError`: `EAFNOSUPPORT`, `EPROTONOSUPPORT`, `ENFILE` when there are as many sockets as there may be,
/// `ENOMEM`.
fn socket_new(vm: &mut Vm, class: Value, args: Args<'_>) -> Res {
    let args = common::positional(vm, args, 0, 4)?;
    let mut numbers = [AF_INET as isize, SOCK_STREAM as isize, 0];
    for (number, &arg) in numbers.iter_mut().zip(args) {
        *number = vm.index(arg)?;
    }
    const EAFNOSUPPORT: i32 = 97;
    const EPROTONOSUPPORT: i32 = 93;
    if numbers[0] != AF_INET as isize {
        return Err(vm.raise_os_error(EAFNOSUPPORT));
    }
    let kind = match (numbers[1] as i32, u8::try_from(numbers[2])) {
        (SOCK_STREAM, _) => Kind::Stream,
        (SOCK_DGRAM, _) => Kind::Datagram,
        (SOCK_RAW, Ok(protocol)) => Kind::Raw(protocol),
        _ => return Err(vm.raise_os_error(EPROTONOSUPPORT)),
    };
    let made = vm.unlocked(|_| stack::start().and_then(|()| lwip_sys::socket(kind)));
    let made = match made {
        Err(Errno(ENFILE)) => {
            // Sockets that nobody reaches any more are closed by the collector.
            vm.collect();
            vm.safe_point()?;
            vm.unlocked(|_| lwip_sys::socket(kind))
        }
        other => other,
    };
    let handle = or_raise(vm, made)?;
    new_object(vm, class, handle)
}

const ENFILE: i32 = 23;

/// The object for an open socket, which it closes when there is no memory.
pub(super) fn new_object(vm: &mut Vm, class: Value, handle: Handle) -> Res {
    let made = match Native::new(vm, class, &[Value::int(handle.raw()), Value::NONE]) {
        Ok(object) => vm.register_finaliser(object.value()).map(|()| object.value()),
        Err(raise) => Err(raise),
    };
    if made.is_err() {
        // The MemoryError is what is told.
        let _ = vm.unlocked(|_| handle.close());
    }
    made
}

/// The handle of an open socket; `OSError(EBADF)` for a closed one.
fn handle_of(vm: &mut Vm, this: Value) -> Result<Handle, Raise> {
    match raw_handle(vm, this) {
        Some(handle) => Ok(handle),
        None => Err(raise(vm, Errno::EBADF)),
    }
}

/// The handle of an object that is an open socket, and not of a class that may have changed what its methods do: for
/// what wraps streams.
#[cfg(feature = "tls")]
pub(super) fn open_handle(vm: &Vm, v: Value) -> Option<Handle> {
    if core::ptr::eq(vm.rom_type_of(v), &TYPE) { raw_handle(vm, v) } else { None }
}

fn raw_handle(vm: &Vm, this: Value) -> Option<Handle> {
    let raw = Native::from_known(vm.native_part(this)).get(vm, HANDLE).as_small_int()?;
    i32::try_from(raw).ok().filter(|raw| *raw >= 0).map(Handle::from_raw)
}

/// How long a call waits, in microseconds: 0 does not, `None` has no limit.
pub(super) fn timeout_us(vm: &Vm, this: Value) -> Option<u64> {
    let ms = Native::from_known(vm.native_part(this)).get(vm, TIMEOUT_MS).as_small_int()?;
    Some(ms as u64 * 1000)
}

/// The limit of a call with these flags.
fn timeout_for(vm: &Vm, this: Value, flags: i32) -> Option<u64> {
    if flags & MSG_DONTWAIT != 0 { Some(0) } else { timeout_us(vm, this) }
}

fn flags_arg(vm: &mut Vm, arg: Option<&Value>) -> Result<i32, Raise> {
    match arg {
        Some(&flags) => Ok(vm.index(flags)? as i32),
        None => Ok(0),
    }
}

/// Runs a call that does not wait.
fn at_once<R: Send>(
    vm: &mut Vm,
    this: Value,
    call: impl FnOnce(Handle) -> Result<R, Errno> + Send,
) -> Result<R, Raise> {
    let handle = handle_of(vm, this)?;
    let answer = vm.unlocked(|_| call(handle));
    or_raise(vm, answer)
}

/// Runs a call until it need not wait.
fn in_time<R: Send>(
    vm: &mut Vm,
    this: Value,
    flags: i32,
    mut call: impl FnMut(Handle) -> Result<R, Errno> + Send,
) -> Result<R, Raise> {
    let handle = handle_of(vm, this)?;
    let timeout = timeout_for(vm, this, flags);
    let answer = blocking(vm, handle, timeout, || call(handle))?;
    or_raise(vm, answer)
}

fn accept(vm: &mut Vm, this: Value) -> Res {
    let (handle, from) = in_time(vm, this, 0, |socket| socket.accept())?;
    let connection = new_object(vm, TYPE.value(), handle)?;
    let from = end_point_value(vm, from)?;
    vm.new_tuple(&[connection, from])
}

fn bind(vm: &mut Vm, this: Value, address: Value) -> Res {
    let address = end_point_arg(vm, address)?;
    at_once(vm, this, |socket| socket.bind(address))?;
    Ok(Value::NONE)
}

/// `connect((address, port))`. After a time-out the attempt goes on, and another `connect` waits for it.
fn connect(vm: &mut Vm, this: Value, address: Value) -> Res {
    let address = end_point_arg(vm, address)?;
    let handle = handle_of(vm, this)?;
    let timeout = timeout_us(vm, this);
    let answer = match vm.unlocked(|_| handle.connect(address)) {
        Err(Errno::EINPROGRESS) if timeout != Some(0) => {
            blocking(vm, handle, timeout, || connected(handle))?
        }
        other => other,
    };
    or_raise(vm, answer)?;
    Ok(Value::NONE)
}

/// `listen([backlog=2])`
fn listen(vm: &mut Vm, args: &[Value]) -> Res {
    let backlog = match args.get(1) {
        Some(&backlog) => vm.index(backlog)?,
        None => 2,
    };
    let backlog = u32::try_from(backlog).unwrap_or(0);
    at_once(vm, args[0], |socket| socket.listen(backlog))?;
    Ok(Value::NONE)
}

/// The most bytes that one `recv` makes room for.
const RECV_MOST: usize = 65_535;

/// Waits until something has come, and makes room for it; calls `finish` with what `receive` moved into it.
fn receive(vm: &mut Vm, args: &[Value]) -> Result<(Value, SocketAddrV4), Raise> {
    let this = args[0];
    let n = match usize::try_from(vm.index(args[1])?) {
        Ok(n) => n.min(RECV_MOST),
        Err(_) => return Err(vm.raise(exc::VALUE_ERROR, "negative size")),
    };
    let flags = flags_arg(vm, args.get(2))?;
    loop {
        let (ready, from) = in_time(vm, this, flags, |socket| {
            let (_, from) = socket.receive(&mut [], true)?;
            Ok((socket.available()?, from))
        })?;
        let mut out = StrBuilder::new();
        let handle = handle_of(vm, this)?;
        let got = out.push_with(vm, ready.min(n), |vm, room| {
            let got = vm.unlocked(|_| handle.receive(room, flags & MSG_PEEK != 0));
            Ok((got.map_or(0, |(n, _)| n), got))
        })?;
        match got {
            Ok((_, from)) => return Ok((out.finish_bytes(vm)?, from)),
            // Another thread was faster.
            Err(Errno::EAGAIN) => out.discard(vm),
            Err(errno) => {
                let _ = from;
                return Err(raise(vm, errno));
            }
        }
    }
}

/// `recv(n[, flags])`: up to `n` bytes, none at the end.
fn recv(vm: &mut Vm, args: &[Value]) -> Res {
    receive(vm, args).map(|(bytes, _)| bytes)
}

/// `recvfrom(n[, flags])`: the bytes, and whose they are.
fn recvfrom(vm: &mut Vm, args: &[Value]) -> Res {
    let (bytes, from) = receive(vm, args)?;
    let from = end_point_value(vm, from)?;
    vm.new_tuple(&[bytes, from])
}

/// `recv_into(buffer[, n[, flags]])`: how many bytes came into it.
fn recv_into(vm: &mut Vm, args: &[Value]) -> Res {
    let buffer = vm.expect_writable(args[1])?;
    let n = match args.get(2) {
        Some(&n) => match usize::try_from(vm.index(n)?) {
            Ok(0) | Err(_) => usize::MAX,
            Ok(n) => n,
        },
        None => usize::MAX,
    };
    let flags = flags_arg(vm, args.get(3))?;
    let room = buffer.slice(vm, 0..n);
    let n = vm.with_bytes_mut(room, |vm, room| {
        in_time(vm, args[0], flags, |socket| socket.receive(room, flags & MSG_PEEK != 0))
    })?;
    Ok(Value::from_len(n.0))
}

/// `send(bytes[, flags])`: how many bytes were taken over, at least one.
fn send(vm: &mut Vm, args: &[Value]) -> Res {
    let buffer = vm.expect_buffer(args[1])?;
    let flags = flags_arg(vm, args.get(2))?;
    let n = vm
        .with_bytes(buffer, |vm, bytes| in_time(vm, args[0], flags, |socket| socket.send(bytes)))?;
    Ok(Value::from_len(n))
}

/// `sendall(bytes)`: all of them.
fn sendall(vm: &mut Vm, args: &[Value]) -> Res {
    let buffer = vm.expect_buffer(args[1])?;
    let flags = flags_arg(vm, args.get(2))?;
    vm.with_bytes(buffer, |vm, bytes| {
        let mut rest = bytes;
        while !rest.is_empty() {
            let n = in_time(vm, args[0], flags, |socket| socket.send(rest))?;
            rest = &rest[n.min(rest.len())..];
        }
        Ok(Value::NONE)
    })
}

/// `sendto(bytes[, flags], address)`
fn sendto(vm: &mut Vm, args: &[Value]) -> Res {
    let buffer = vm.expect_buffer(args[1])?;
    let to = end_point_arg(vm, args[args.len() - 1])?;
    let n = vm.with_bytes(buffer, |vm, bytes| {
        in_time(vm, args[0], 0, |socket| socket.send_to(bytes, to))
    })?;
    Ok(Value::from_len(n))
}

/// `shutdown(how)`: 0 ends reading, 1 writing, 2 both.
fn shutdown(vm: &mut Vm, this: Value, how: Value) -> Res {
    let (reading, writing) = match vm.index(how)? {
        0 => (true, false),
        1 => (false, true),
        2 => (true, true),
        _ => return Err(raise(vm, Errno::EINVAL)),
    };
    at_once(vm, this, |socket| socket.shutdown(reading, writing))?;
    Ok(Value::NONE)
}

fn getsockname(vm: &mut Vm, this: Value) -> Res {
    let address = at_once(vm, this, |socket| socket.local())?;
    end_point_value(vm, address)
}

fn getpeername(vm: &mut Vm, this: Value) -> Res {
    let address = at_once(vm, this, |socket| socket.peer())?;
    end_point_value(vm, address)
}

/// `settimeout(seconds)`: `None` waits without limit, 0 does not wait.
fn settimeout(vm: &mut Vm, this: Value, seconds: Value) -> Res {
    let timeout = if seconds.is_none() {
        Value::NONE
    } else {
        let ms = match seconds.as_small_int() {
            Some(s) => s as f64 * 1e3,
            None => float::to_f64(vm, seconds)? * 1e3,
        };
        if ms.is_nan() || ms < 0.0 {
            return Err(vm.raise(exc::VALUE_ERROR, "timeout value out of range"));
        }
        // Saturates; up to twelve days fit a small int on every target. A little is not nothing.
        let whole = ms as u64 + u64::from((ms as u64 as f64) < ms);
        Value::from_len(whole.min(1 << 29) as usize)
    };
    handle_of(vm, this)?;
    Native::from_known(vm.native_part(this)).set(vm, TIMEOUT_MS, timeout);
    Ok(Value::NONE)
}

fn gettimeout(vm: &mut Vm, this: Value) -> Res {
    match timeout_us(vm, this) {
        None => Ok(Value::NONE),
        Some(us) => vm.new_float((us as f64 / 1e6) as Scalar),
    }
}

fn setblocking(vm: &mut Vm, this: Value, flag: Value) -> Res {
    let timeout = if vm.truth(flag)? { Value::NONE } else { Value::int(0) };
    settimeout(vm, this, timeout)
}

/// An option's number here as lwIP's.
fn option_of(level: i32, option: i32) -> Option<SocketOption> {
    Some(match (level, option) {
        (SOL_SOCKET, 4) => SocketOption::ReuseAddress,
        (SOL_SOCKET, 8) => SocketOption::KeepAlive,
        (SOL_SOCKET, 32) => SocketOption::Broadcast,
        (IPPROTO_IP, 1) => SocketOption::Tos,
        (IPPROTO_IP, 2) => SocketOption::Ttl,
        (IPPROTO_IP, 5) => SocketOption::MulticastTtl,
        (IPPROTO_IP, 7) => SocketOption::MulticastLoop,
        (IPPROTO_TCP, 1) => SocketOption::NoDelay,
        (IPPROTO_TCP, 3) => SocketOption::KeepIdle,
        (IPPROTO_TCP, 4) => SocketOption::KeepInterval,
        (IPPROTO_TCP, 5) => SocketOption::KeepCount,
        _ => return None,
    })
}

/// The four bytes at `at` of a buffer as an address.
fn address_in(bytes: &[u8], at: usize) -> Option<Ipv4Addr> {
    let bytes: [u8; 4] = bytes.get(at..at + 4)?.try_into().ok()?;
    Some(Ipv4Addr::from(bytes))
}

/// `setsockopt(level, option, value)`: an int, or a buffer with one in the machine's order. Membership of a multicast
/// group: the addresses of the group and of the interface, 4 bytes each. An option that there is not is reported, not
/// raised.
fn setsockopt(vm: &mut Vm, args: &[Value]) -> Res {
    let (level, option) = (vm.index(args[1])? as i32, vm.index(args[2])? as i32);
    let mut bytes = [0; 8];
    let n = match Buffer::of(vm, args[3]) {
        Some(buffer) => {
            let given = buffer.bytes(vm);
            let n = given.len().min(bytes.len());
            bytes[..n].copy_from_slice(&given[..n]);
            n
        }
        None => {
            let value = vm.index(args[3])? as i32;
            bytes[..4].copy_from_slice(&value.to_ne_bytes());
            4
        }
    };
    let value = i32::from_ne_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]);
    let interface = address_in(&bytes[..n], 4).unwrap_or(Ipv4Addr::UNSPECIFIED);
    match (level, option, address_in(&bytes[..n], 0)) {
        (IPPROTO_IP, IP_ADD_MEMBERSHIP, Some(group)) => {
            at_once(vm, args[0], |socket| socket.join_group(group, interface))?;
        }
        (IPPROTO_IP, IP_DROP_MEMBERSHIP, Some(group)) => {
            at_once(vm, args[0], |socket| socket.leave_group(group, interface))?;
        }
        (IPPROTO_IP, IP_MULTICAST_IF, Some(address)) => {
            at_once(vm, args[0], |socket| socket.set_multicast_interface(address))?;
        }
        (IPPROTO_IP, IP_ADD_MEMBERSHIP | IP_DROP_MEMBERSHIP | IP_MULTICAST_IF, None) => {
            return Err(raise(vm, Errno::EINVAL));
        }
        _ => match option_of(level, option) {
            Some(known) => {
                at_once(vm, args[0], |socket| socket.set_option(known, value as u32))?;
            }
            None => {
                handle_of(vm, args[0])?;
                vm.write_text(b"Warning: socket.setsockopt() option not implemented\n", true);
            }
        },
    }
    Ok(Value::NONE)
}

/// `getsockopt(level, option)`
fn getsockopt(vm: &mut Vm, args: &[Value]) -> Res {
    const ENOPROTOOPT: i32 = 92;
    let (level, option) = (vm.index(args[1])? as i32, vm.index(args[2])? as i32);
    if (level, option) == (SOL_SOCKET, SO_ERROR) {
        let error = at_once(vm, args[0], |socket| socket.take_error())?;
        return Ok(Value::int(error.map_or(0, |errno| errno.0)));
    }
    match option_of(level, option) {
        Some(known) => {
            let value = at_once(vm, args[0], |socket| socket.option(known))?;
            Ok(Value::from_len(value as usize))
        }
        None => Err(raise(vm, Errno(ENOPROTOOPT))),
    }
}

/// `makefile(mode='rb', buffering=0)`: the socket itself, which is a stream; closing it closes the socket.
fn makefile(vm: &mut Vm, args: &[Value]) -> Res {
    handle_of(vm, args[0])?;
    Ok(args[0])
}

/// `readall()`: everything up to the end.
fn readall(vm: &mut Vm, this: Value) -> Res {
    vm.call_method(this, q::read.value(), &[])
}

/// As `recv`, for the stream's methods; nothing there and no wait is `None`.
fn read(vm: &mut Vm, this: Value, buf: &mut [u8]) -> Result<Option<usize>, Raise> {
    let handle = handle_of(vm, this)?;
    let timeout = timeout_us(vm, this);
    match blocking(vm, handle, timeout, || handle.receive(buf, false))? {
        Ok((n, _)) => Ok(Some(n)),
        Err(Errno::EAGAIN) => Ok(None),
        Err(errno) => Err(raise(vm, errno)),
    }
}

fn write(vm: &mut Vm, this: Value, bytes: &[u8]) -> Result<Option<usize>, Raise> {
    let handle = handle_of(vm, this)?;
    let timeout = timeout_us(vm, this);
    match blocking(vm, handle, timeout, || handle.send(bytes))? {
        Ok(n) => Ok(Some(n)),
        Err(Errno::EAGAIN) => Ok(None),
        Err(errno) => Err(raise(vm, errno)),
    }
}

fn ioctl(vm: &mut Vm, this: Value, request: Ioctl, argument: usize) -> Result<usize, Raise> {
    match request {
        Ioctl::Close => {
            finalise(vm, this);
            Ok(0)
        }
        Ioctl::Flush => Ok(0),
        Ioctl::Poll => {
            let Some(handle) = raw_handle(vm, this) else { return Ok(poll::CLOSED) };
            match vm.unlocked(|_| handle.ready()) {
                Ok(is) => {
                    let always = (ready::ERROR | ready::HANG_UP) as usize;
                    Ok(is as usize & (argument | always))
                }
                Err(_) => Ok(poll::CLOSED),
            }
        }
        Ioctl::GetFileNo => {
            // A closed socket has the number -1.
            Ok(raw_handle(vm, this).map_or(usize::MAX, Handle::number))
        }
        _ => Err(raise(vm, Errno::EINVAL)),
    }
}

/// Closes the socket if it is open; an error has nobody to be told to.
fn finalise(vm: &mut Vm, this: Value) {
    if let Some(handle) = raw_handle(vm, this) {
        Native::from_known(this).set(vm, HANDLE, Value::int(-1));
        let _ = vm.unlocked(|_| handle.close());
    }
}

fn socket_event_of(vm: &mut Vm, this: Value) -> usize {
    raw_handle(vm, this).map_or(0, |handle| socket_event(handle.number()).address())
}

fn socket_repr(vm: &mut Vm, this: Value, out: &mut StrBuilder, _: Style) -> Result<(), Raise> {
    let state = match raw_handle(vm, this) {
        Some(handle) => vm.unlocked(|_| (handle.local(), handle.peer())),
        None => (Err(Errno::EBADF), Err(Errno::EBADF)),
    };
    match state {
        (Ok(local), Ok(peer)) => vm.push_fmt(out, format_args!("<socket {local} to {peer}>")),
        (Ok(local), Err(_)) => vm.push_fmt(out, format_args!("<socket {local}>")),
        _ => vm.push_fmt(out, format_args!("<socket closed>")),
    }
    Ok(())
}

/// `getaddrinfo(host, port[, af[, type[, proto[, flags]]]])`: one address, as `[(AF_INET, type, proto, '', (ip, port))]`.
///
/// Raises `OSError(-2)`, a number of its own, when there is no such name.
fn getaddrinfo(vm: &mut Vm, args: &[Value]) -> Res {
    let port = port_arg(vm, args[1])?;
    let mut filter = [0; 3];
    for (number, &arg) in filter.iter_mut().zip(args.get(2..).unwrap_or_default()) {
        *number = vm.index(arg)? as i32;
    }
    let [family, kind, protocol] = filter;
    if family != 0 && family != AF_INET {
        return Err(vm.raise_os_error(EAI_NONAME));
    }
    let host = vm.expect::<Str>(args[0], &threadsnake_vm::types::str::STR)?;
    let address = match name::without_query(host.as_str()) {
        Some(address) => address,
        None => match resolve(vm, host)? {
            Ok(address) => address,
            Err(Errno::ENOENT) => return Err(vm.raise_os_error(EAI_NONAME)),
            Err(errno) => return Err(raise(vm, errno)),
        },
    };
    let end_point = end_point_value(vm, SocketAddrV4::new(address, port))?;
    let kind = if kind == 0 { SOCK_STREAM } else { kind };
    let entry = vm.new_tuple(&[
        Value::int(AF_INET),
        Value::int(kind),
        Value::int(protocol),
        q::EMPTY.value(),
        end_point,
    ])?;
    Ok(vm.new_list_from(&[entry])?.value())
}

/// Asks the name servers.
fn resolve(vm: &mut Vm, host: Str) -> Result<Result<Ipv4Addr, Errno>, Raise> {
    match Question::new(host.as_str()) {
        Ok(mut question) => blocking_on(vm, &NAMES, None, || question.answer()),
        Err(errno) => Ok(Err(errno)),
    }
}

fn family_arg(vm: &mut Vm, family: Value) -> Result<(), Raise> {
    match vm.index(family)? == AF_INET as isize {
        true => Ok(()),
        false => Err(vm.raise(exc::VALUE_ERROR, "unknown address family")),
    }
}

/// `inet_ntop(af, bytes)`: an address as text.
fn inet_ntop(vm: &mut Vm, family: Value, bytes: Value) -> Res {
    family_arg(vm, family)?;
    let buffer = vm.expect_buffer(bytes)?;
    let given = buffer.bytes(vm);
    match address_in(given, 0).filter(|_| given.len() == 4) {
        Some(address) => address_value(vm, address),
        None => Err(vm.raise(exc::VALUE_ERROR, "invalid length of packed IP address")),
    }
}

/// `inet_pton(af, text)`: an address as 4 bytes.
fn inet_pton(vm: &mut Vm, family: Value, text: Value) -> Res {
    family_arg(vm, family)?;
    let address = address_arg(vm, text)?;
    vm.new_bytes(&address.octets())
}
