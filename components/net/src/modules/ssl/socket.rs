//! `SSLSocket`: an encrypted stream over another stream.
//!
//! Over a socket the bytes go between lwIP and Mbed TLS in the task of TLS, and whoever waits, waits for the socket, without
//! the GIL: two threads may read and write at the same time. Over any other stream the calling thread moves the bytes, as
//! much as Mbed TLS asks for; there a second thread waits until the first has done.
//!
//! What a socket has and this has not is the socket's: `setblocking`, `settimeout`, `getpeername` and so on.

use lwip_sys::{Errno, Handle, SocketOption};
use threadsnake_mbedtls::{Error, Io, SessionId, Tls, Transport};
use threadsnake_vm::object::{
    AttrOp, Buffer, Ioctl, Native, Res, StrBuilder, StreamSlots, Style, Tuple, poll,
};
use threadsnake_vm::types::stream::{IOBASE, Stream, itself, next};
use threadsnake_vm::value::Value;
use threadsnake_vm::value::names::q;
use threadsnake_vm::{Raise, Vm, exc, py_type};

use super::{certificate, context, raise};
use crate::modules::address::raise as raise_errno;
use crate::modules::socket as plain;
use crate::tls::{self, Net};
use crate::wait::blocking;

py_type! {
    /// `SSLSocket`
    pub static TYPE: SSLSocket, base IOBASE;
    slots {
        repr: repr, iter: itself, next: next, stream: &STREAM, event: event, attr: attr, finalise: finalise,
    }
    entries {
        __del__ = F1(delete);
        accept = F1(accept);
        cipher = F1(cipher);
        connect = F2(connect);
        do_handshake = F1(do_handshake);
        getpeercert = Var(1, 2, getpeercert);
        makefile = Var(1, 3, makefile);
        readall = F1(readall);
        recv = Var(2, 3, recv);
        recv_into = Var(2, 4, recv_into);
        send = Var(2, 3, send);
        sendall = Var(2, 3, sendall);
    }
}

static STREAM: StreamSlots = StreamSlots { read, write, seek: None, ioctl, is_text: false };

/// Word: the number of the session, -1 when closed.
const NUMBER: usize = 0;
/// Word: the stream below.
const BELOW: usize = 1;
/// Word: the context.
const CONTEXT: usize = 2;
/// Word: what the stream below must be ready for, whatever one wants to do with this one; 0: for that.
const WANTS: usize = 3;
/// Word: the thread that moves bytes for Mbed TLS; `None`.
const MOVER: usize = 4;
/// Word: bytes that a stream below has not taken yet, or `None`.
const UNSENT: usize = 5;

/// Makes the stream; shakes hands if it shall and there is a connection. `session` makes the session.
pub fn new(
    vm: &mut Vm,
    context: Value,
    below: Value,
    shakes: bool,
    session: &dyn Fn(&mut Vm) -> Result<SessionId, Raise>,
) -> Res {
    Stream::expect(vm, below)?;
    let words = [Value::int(-1), below, context, Value::int(0), Value::NONE, Value::NONE];
    let this = Native::new(vm, TYPE.value(), &words)?;
    vm.register_finaliser(this.value())?;
    let id = session(vm)?;
    this.set(vm, NUMBER, Value::from_len(id.number() as usize));
    let is_connected = match socket_below(vm, this.value()) {
        Some(handle) => vm.unlocked(|_| {
            // A handshake is many small records, each of which would wait until the one before has arrived. What is no
            // stream will tell so when it is used.
            let _ = handle.set_option(SocketOption::NoDelay, 1);
            handle.peer().is_ok()
        }),
        None => true,
    };
    if shakes
        && is_connected
        && let Err(raise) = do_handshake(vm, this.value())
    {
        // Nobody will ever have the stream: its 30 KiB need not wait for a collection.
        finalise(vm, this.value());
        return Err(raise);
    }
    Ok(this.value())
}

fn object(vm: &Vm, this: Value) -> Native {
    Native::from_known(vm.native_part(this))
}

fn below(vm: &Vm, this: Value) -> Value {
    object(vm, this).get(vm, BELOW)
}

fn session(vm: &Vm, this: Value) -> Option<SessionId> {
    let number = object(vm, this).get(vm, NUMBER).as_small_int()?;
    u32::try_from(number).ok().map(SessionId::from_number)
}

fn open_session(vm: &mut Vm, this: Value) -> Result<SessionId, Raise> {
    match session(vm, this) {
        Some(id) => Ok(id),
        None => Err(raise_errno(vm, Errno::EBADF)),
    }
}

/// The socket below, if it is one, and not of a class that may have changed how it reads and writes.
fn socket_below(vm: &Vm, this: Value) -> Option<Handle> {
    plain::open_handle(vm, below(vm, this))
}

/// What a call does with the session; it may be asked to do it several times.
trait Work<R>: FnMut(&mut Tls, SessionId, &mut dyn Transport) -> Result<R, Error> + Send {}

impl<R, F: FnMut(&mut Tls, SessionId, &mut dyn Transport) -> Result<R, Error> + Send> Work<R>
    for F
{
}

/// Works until it is done, as far as the stream below allows; `Err(Errno::EAGAIN)` inside where that does not block, and
/// cannot go on now. `own` is what the stream below has to be ready for in the simple case.
fn perform<R: Send>(
    vm: &mut Vm,
    this: Value,
    own: usize,
    mut work: impl Work<R>,
) -> Result<Result<R, Error>, Raise> {
    object(vm, this).set(vm, WANTS, Value::int(0));
    loop {
        let id = open_session(vm, this)?;
        let answer = match socket_below(vm, this) {
            Some(handle) => over_socket(vm, this, id, handle, &mut work)?,
            None => over_stream(vm, this, id, &mut work)?,
        };
        let wants = match answer {
            Err(Error::Seen) => {
                show(vm, this, id)?;
                continue;
            }
            Err(Error::WantRead) => poll::READ,
            Err(Error::WantWrite) => poll::WRITE,
            Ok(_) | Err(Error::CLOSE_NOTIFY) if object(vm, this).get(vm, UNSENT).is_none() => own,
            Ok(_) | Err(Error::CLOSE_NOTIFY) => poll::WRITE,
            Err(error) => return Err(raise(vm, Some(id), error)),
        };
        if wants != own {
            object(vm, this).set(vm, WANTS, Value::from_len(wants));
        }
        return Ok(answer);
    }
}

/// Lets Mbed TLS read and write the socket; waits for it.
fn over_socket<R: Send>(
    vm: &mut Vm,
    this: Value,
    id: SessionId,
    handle: Handle,
    work: &mut impl Work<R>,
) -> Result<Result<R, Error>, Raise> {
    let timeout = plain::timeout_us(vm, below(vm, this));
    let mut last = Error::WantRead;
    let answer =
        blocking(vm, handle, timeout, || match tls::call(|tls| work(tls, id, &mut Net(handle))) {
            Err(error @ (Error::WantRead | Error::WantWrite)) => {
                last = error;
                Err(Errno::EAGAIN)
            }
            other => Ok(other),
        })?;
    match answer {
        Ok(answer) => Ok(answer),
        Err(Errno::EAGAIN) => Ok(Err(last)),
        Err(errno) => Err(raise_errno(vm, errno)),
    }
}

/// How many bytes go through the calling thread's stack at a time.
const CHUNK: usize = 512;

/// A stream that the calling thread reads and writes between the steps of Mbed TLS.
struct Pipe {
    /// Read and not taken yet.
    input: [u8; CHUNK],
    n_input: usize,
    is_end: bool,
    /// To be written.
    output: [u8; CHUNK],
    n_output: usize,
    /// How many bytes it would read.
    n_wanted: usize,
}

impl Transport for Pipe {
    fn send(&mut self, bytes: &[u8]) -> Result<usize, Io> {
        let room = &mut self.output[self.n_output..];
        let n = bytes.len().min(room.len());
        if n == 0 {
            return Err(Io::Wait);
        }
        room[..n].copy_from_slice(&bytes[..n]);
        self.n_output += n;
        Ok(n)
    }

    fn receive(&mut self, buf: &mut [u8]) -> Result<usize, Io> {
        let n = self.n_input.min(buf.len());
        if n == 0 && !self.is_end {
            self.n_wanted = buf.len().min(CHUNK);
            return Err(Io::Wait);
        }
        buf[..n].copy_from_slice(&self.input[..n]);
        // It is never given more than it wanted.
        self.n_input = 0;
        Ok(n)
    }
}

/// Reads and writes the stream for Mbed TLS, alone.
fn over_stream<R: Send>(
    vm: &mut Vm,
    this: Value,
    id: SessionId,
    work: &mut impl Work<R>,
) -> Result<Result<R, Error>, Raise> {
    let me = Value::from_len(vm.thread_id() as usize);
    if object(vm, this).get(vm, MOVER) == me {
        return Err(raise_errno(vm, Errno::EBUSY));
    }
    vm.wait_until(None, |vm| {
        let is_free = object(vm, this).get(vm, MOVER).is_none();
        if is_free {
            object(vm, this).set(vm, MOVER, me);
        }
        Ok(is_free)
    })?;
    let answer = move_bytes(vm, this, id, work);
    object(vm, this).set(vm, MOVER, Value::NONE);
    vm.host().wake();
    answer
}

fn move_bytes<R: Send>(
    vm: &mut Vm,
    this: Value,
    id: SessionId,
    work: &mut impl Work<R>,
) -> Result<Result<R, Error>, Raise> {
    let stream = Stream::expect(vm, below(vm, this))?;
    if let Some(unsent) = Buffer::of(vm, object(vm, this).get(vm, UNSENT)) {
        let is_sent = vm.with_bytes(unsent, |vm, bytes| push(vm, this, stream, bytes))?;
        if !is_sent {
            return Ok(Err(Error::WantWrite));
        }
    }
    let mut pipe = Pipe {
        input: [0; CHUNK],
        n_input: 0,
        is_end: false,
        output: [0; CHUNK],
        n_output: 0,
        n_wanted: 0,
    };
    loop {
        let answer = vm.unlocked(|_| tls::call(|tls| work(tls, id, &mut pipe)));
        let n = core::mem::take(&mut pipe.n_output);
        let is_sent = n == 0 || push(vm, this, stream, &pipe.output[..n])?;
        match answer {
            Err(Error::WantRead | Error::WantWrite) if !is_sent => {
                return Ok(Err(Error::WantWrite));
            }
            Err(Error::WantWrite) => {}
            Err(Error::WantRead) => {
                let n = core::mem::take(&mut pipe.n_wanted);
                match stream.read(vm, &mut pipe.input[..n])? {
                    None => return Ok(answer),
                    Some(0) => pipe.is_end = true,
                    Some(n) => pipe.n_input = n,
                }
            }
            other => return Ok(other),
        }
    }
}

/// Writes bytes that Mbed TLS has let go of; what the stream does not take is kept for the next call, whatever that is.
/// Whether it has taken all.
fn push(vm: &mut Vm, this: Value, stream: Stream, bytes: &[u8]) -> Result<bool, Raise> {
    let n = stream.write(vm, bytes)?.unwrap_or(0);
    let rest = bytes.get(n..).unwrap_or_default();
    let unsent = if rest.is_empty() { Value::NONE } else { vm.new_bytes(rest)? };
    object(vm, this).set(vm, UNSENT, unsent);
    Ok(rest.is_empty())
}

/// Shows the certificates at which the handshake stopped to the context's `verify_callback`.
fn show(vm: &mut Vm, this: Value, id: SessionId) -> Result<(), Raise> {
    let context = object(vm, this).get(vm, CONTEXT);
    loop {
        let mut depth = 0;
        let der = certificate(vm, |vm, room| {
            let seen = vm.unlocked(|_| tls::call(|tls| tls.seen(id, room)));
            match seen {
                Ok(seen) => Ok(seen.map(|(n, at)| {
                    depth = at;
                    n
                })),
                Err(error) => Err(raise(vm, None, error)),
            }
        })?;
        let Some(der) = der else { return Ok(()) };
        let callback = context::verify_callback(vm, context);
        if callback.is_none() {
            continue;
        }
        let verdict = vm.call(callback, &[der, Value::from_len(depth as usize)]);
        let verdict = match verdict {
            Ok(verdict) => vm.index(verdict),
            Err(raise) => Err(raise),
        };
        // Whatever it is that says no: the handshake does not go on.
        let number = match verdict {
            Ok(0) => continue,
            Ok(number) => number as i32,
            Err(raise) => {
                let _ = vm.unlocked(|_| end(id, Error::NOT_VERIFIED));
                return Err(raise);
            }
        };
        let error = Error::Library(number);
        let _ = vm.unlocked(|_| end(id, error));
        return Err(raise(vm, None, error));
    }
}

/// Ends a session with an error.
fn end(id: SessionId, error: Error) -> Result<(), Error> {
    tls::call(|tls| {
        tls.fail(id, error);
        Ok(())
    })
}

/// `do_handshake()`: shakes hands if that is still to be done. Where the stream below does not block, it goes as far as it
/// can; reading and writing go on with it.
fn do_handshake(vm: &mut Vm, this: Value) -> Res {
    let shake = |tls: &mut Tls, id, transport: &mut dyn Transport| tls.handshake(id, transport);
    match perform(vm, this, poll::READ, shake)? {
        Err(Error::CLOSE_NOTIFY) => Err(raise(vm, None, Error::CLOSE_NOTIFY)),
        _ => Ok(Value::NONE),
    }
}

/// Some bytes, 0 at the end; `None` where the stream below does not block.
fn read(vm: &mut Vm, this: Value, buf: &mut [u8]) -> Result<Option<usize>, Raise> {
    let read = |tls: &mut Tls, id, transport: &mut dyn Transport| tls.read(id, transport, buf);
    Ok(match perform(vm, this, poll::READ, read)? {
        Ok(n) => Some(n),
        Err(Error::CLOSE_NOTIFY) => Some(0),
        Err(_) => None,
    })
}

/// As `read`: some bytes, at least one. Returns when they are sent; where the stream below does not block, the rest is
/// sent by later calls.
fn write(vm: &mut Vm, this: Value, bytes: &[u8]) -> Result<Option<usize>, Raise> {
    let write = |tls: &mut Tls, id, transport: &mut dyn Transport| tls.write(id, transport, bytes);
    match perform(vm, this, poll::WRITE, write)? {
        Ok(n) => {
            let flush = |tls: &mut Tls, id, transport: &mut dyn Transport| tls.flush(id, transport);
            // Whatever one waits for from now on, the rest goes first.
            let _ = perform(vm, this, poll::READ, flush)?;
            Ok(Some(n))
        }
        Err(Error::CLOSE_NOTIFY) => Err(raise(vm, None, Error::CLOSE_NOTIFY)),
        Err(_) => Ok(None),
    }
}

fn ioctl(vm: &mut Vm, this: Value, request: Ioctl, argument: usize) -> Result<usize, Raise> {
    match request {
        Ioctl::Close => close(vm, this).map(|()| 0),
        Ioctl::Flush => Ok(0),
        Ioctl::Poll => ready(vm, this, argument),
        Ioctl::GetFileNo if socket_below(vm, this).is_some() => {
            Stream::expect(vm, below(vm, this))?.ioctl(vm, request, argument)
        }
        _ => Err(raise_errno(vm, Errno::EINVAL)),
    }
}

/// What it is ready for, of what is asked for.
fn ready(vm: &mut Vm, this: Value, asked: usize) -> Result<usize, Raise> {
    let Some(id) = session(vm, this) else { return Ok(poll::CLOSED) };
    let state = vm.unlocked(|_| tls::call(|tls| Ok((tls.failed(id)?, tls.pending(id)?))));
    let n = match state {
        Ok((None, n)) => n,
        Ok((Some(_), _)) | Err(_) => return Ok(poll::CLOSED),
    };
    let mut is = 0;
    if n > 0 {
        is = asked & poll::READ;
        if is == asked {
            return Ok(is);
        }
    }
    let wants = object(vm, this).get(vm, WANTS).as_small_int().unwrap_or(0) as usize;
    let stream = Stream::expect(vm, below(vm, this))?;
    let below = stream.ioctl(vm, Ioctl::Poll, if wants == 0 { asked } else { wants })?;
    Ok(is | if wants != 0 && below & wants != 0 { below & !wants | asked } else { below })
}

/// Says good-bye, where that is possible at once, and closes the stream below.
fn close(vm: &mut Vm, this: Value) -> Result<(), Raise> {
    let Some(id) = session(vm, this) else { return Ok(()) };
    let bye = match socket_below(vm, this) {
        Some(handle) => {
            // Who does not listen any more need not be told.
            let _ = vm.unlocked(|_| tls::call(|tls| tls.close_notify(id, &mut Net(handle))));
            Ok(())
        }
        None => {
            let mut bye =
                |tls: &mut Tls, id, transport: &mut dyn Transport| tls.close_notify(id, transport);
            over_stream(vm, this, id, &mut bye).map(drop)
        }
    };
    if bye.is_err() && !vm.catch(exc::OS_ERROR) {
        return bye;
    }
    let stream = Stream::expect(vm, below(vm, this))?;
    finalise(vm, this);
    stream.ioctl(vm, Ioctl::Close, 0)?;
    Ok(())
}

fn finalise(vm: &mut Vm, this: Value) {
    if let Some(id) = session(vm, this) {
        object(vm, this).set(vm, NUMBER, Value::int(-1));
        let _ = vm.unlocked(|_| {
            tls::call(|tls| {
                tls.free_session(id);
                Ok(())
            })
        });
    }
}

fn delete(vm: &mut Vm, this: Value) -> Res {
    close(vm, this)?;
    Ok(Value::NONE)
}

fn repr(vm: &mut Vm, _: Value, out: &mut StrBuilder, _: Style) -> Result<(), Raise> {
    out.push_str(vm, "<SSLSocket>");
    Ok(())
}

/// The event of the socket below.
fn event(vm: &mut Vm, this: Value) -> usize {
    let part = vm.native_part(below(vm, this));
    match vm.rom_type_of(part).slots.event() {
        Some(event) => event(vm, part),
        None => 0,
    }
}

/// What is not here is an attribute of the stream below.
fn attr(vm: &mut Vm, this: Value, name: Value, op: AttrOp) -> Res {
    match op {
        AttrOp::Load => {
            let below = below(vm, this);
            match vm.get_attr(below, name) {
                Err(_) if vm.catch(exc::ATTRIBUTE_ERROR) => Ok(Value::UNDEF),
                found => found,
            }
        }
        _ => Ok(Value::UNDEF),
    }
}

/// `connect(address)`: connects the socket below and shakes hands.
fn connect(vm: &mut Vm, this: Value, address: Value) -> Res {
    let below = below(vm, this);
    vm.call_method(below, q::connect.value(), &[address])?;
    do_handshake(vm, this)
}

/// `accept()`: a connection of the socket below, with a session of the same context whose hands are shaken, and its
/// address.
fn accept(vm: &mut Vm, this: Value) -> Res {
    let (sock, context) = (below(vm, this), object(vm, this).get(vm, CONTEXT));
    let accepted = vm.call_method(sock, q::accept.value(), &[])?;
    let pair = Tuple::from_value(accepted);
    let Some(&[connection, from]) = pair.as_ref().map(|pair| pair.items()) else {
        return Err(vm.raise(exc::TYPE_ERROR, "accept returned no pair"));
    };
    let stream =
        new(vm, context, connection, true, &|vm| context::session_for_accepted(vm, context))?;
    vm.new_tuple(&[stream, from])
}

/// `cipher()`: the suite and the version of TLS.
fn cipher(vm: &mut Vm, this: Value) -> Res {
    let id = open_session(vm, this)?;
    match vm.unlocked(|_| tls::call(|tls| tls.suite(id))) {
        Ok((suite, version)) => {
            let (suite, version) = (vm.new_str(suite)?, vm.new_str(version)?);
            vm.new_tuple(&[suite, version])
        }
        Err(error) => Err(raise(vm, None, error)),
    }
}

/// `getpeercert(binary_form=False)`: the peer's certificate as DER, `None` if it has shown none. Raises
/// `NotImplementedError` unless `binary_form`.
fn getpeercert(vm: &mut Vm, args: &[Value]) -> Res {
    let id = open_session(vm, args[0])?;
    let is_binary = match args.get(1) {
        Some(&flag) => vm.truth(flag)?,
        None => false,
    };
    if !is_binary {
        return Err(vm.raise(exc::NOT_IMPLEMENTED_ERROR, ""));
    }
    let der = certificate(vm, |vm, room| {
        let got = vm.unlocked(|_| tls::call(|tls| tls.peer(id, room)));
        got.map_err(|error| raise(vm, None, error))
    })?;
    Ok(der.unwrap_or(Value::NONE))
}

/// `makefile([mode])`: the stream itself.
fn makefile(vm: &mut Vm, args: &[Value]) -> Res {
    open_session(vm, args[0])?;
    Ok(args[0])
}

/// `readall()`: everything up to the end.
fn readall(vm: &mut Vm, this: Value) -> Res {
    vm.call_method(this, q::read.value(), &[])
}

/// The most bytes of a record, and so of one `recv`. Source: RFC 8446, 5.1.
const RECORD: usize = 16_384;

/// `recv(n[, flags])`: up to `n` bytes, none at the end; `None` where the stream below does not block.
fn recv(vm: &mut Vm, args: &[Value]) -> Res {
    let n = match usize::try_from(vm.index(args[1])?) {
        Ok(n) => n.min(RECORD),
        Err(_) => return Err(vm.raise(exc::VALUE_ERROR, "negative size")),
    };
    let mut out = StrBuilder::new();
    let got = out.push_with(vm, n, |vm, room| {
        let got = read(vm, args[0], room)?;
        Ok((got.unwrap_or(0), got))
    })?;
    if got.is_none() { Ok(Value::NONE) } else { out.finish_bytes(vm) }
}

/// `recv_into(buffer[, n[, flags]])`: how many bytes came into it; `None` as [`recv`].
fn recv_into(vm: &mut Vm, args: &[Value]) -> Res {
    let buffer = vm.expect_writable(args[1])?;
    let n = match args.get(2) {
        Some(&n) => match usize::try_from(vm.index(n)?) {
            Ok(0) | Err(_) => usize::MAX,
            Ok(n) => n,
        },
        None => usize::MAX,
    };
    let room = buffer.slice(vm, 0..n);
    let got = vm.with_bytes_mut(room, |vm, room| read(vm, args[0], room))?;
    Ok(got.map_or(Value::NONE, Value::from_len))
}

/// `send(bytes[, flags])`: how many bytes were taken over; `None` as [`recv`].
fn send(vm: &mut Vm, args: &[Value]) -> Res {
    let buffer = vm.expect_buffer(args[1])?;
    let sent = vm.with_bytes(buffer, |vm, bytes| write(vm, args[0], bytes))?;
    Ok(sent.map_or(Value::NONE, Value::from_len))
}

/// `sendall(bytes)`: all of them. Raises `OSError(EAGAIN)` where the stream below does not block and takes no more.
fn sendall(vm: &mut Vm, args: &[Value]) -> Res {
    let buffer = vm.expect_buffer(args[1])?;
    vm.with_bytes(buffer, |vm, bytes| {
        let mut rest = bytes;
        while !rest.is_empty() {
            match write(vm, args[0], rest)? {
                Some(n) => rest = &rest[n.min(rest.len())..],
                None => return Err(raise_errno(vm, Errno::EAGAIN)),
            }
        }
        Ok(Value::NONE)
    })
}
