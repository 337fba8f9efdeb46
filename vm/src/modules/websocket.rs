//! `websocket`: the frames of a WebSocket connection on any stream.
//!
//! Reading gives the contents of the data frames one after the other; control frames are passed over, a close frame is answered and
//! ends the reading. Each `write` is one frame. The hand-shake is the script's business.
//!
//! Source: RFC 6455, section 5. A frame has less than 64 KiB. `ioctl(8)` tells the type of the frame read last, `ioctl(9, type)` sets
//! that of the frames written (1 text, 2 binary) and returns the old one.
#![forbid(unsafe_code)]

use crate::object::{Args, Ioctl, Native, Res, StreamSlots};
use crate::types::common::positional;
use crate::types::stream::{IOBASE, Stream, errno};
use crate::value::Value;
use crate::value::names::q;
use crate::{Raise, Vm, py_module, py_type};

py_module! {
    /// `websocket`.
    pub static WEBSOCKET: websocket, extensible true;
    entries { websocket: SOCKET.rom(); }
}

py_type! {
    /// `websocket.websocket(stream[, blocking])`. Words: see the constants.
    pub static SOCKET: websocket, base IOBASE;
    slots { new: socket_new, made_by_init: true, stream: &SLOTS }
    entries {}
}

static SLOTS: StreamSlots = StreamSlots { read, write, seek: None, ioctl, is_text: false };

/// Word: the stream behind.
const STREAM: usize = 0;
/// Word: whether writing makes the stream block meanwhile.
const BLOCKING: usize = 1;
/// Word: the type of the frames written.
const SENDS: usize = 2;
/// Word: the type of the data frame read last.
const RECEIVED: usize = 3;
/// Word: bytes of the payload that remain; -1 while the header is read, [`CLOSED`] at the end.
const LEFT: usize = 4;
/// Word: bytes of the header read so far; at most eight follow, the last four of them the mask.
const N_HEADER: usize = 5;
const HEADER: usize = 6;
/// Word: which byte of the mask is next; -1 for a frame without mask.
const MASK_AT: usize = HEADER + MAX_HEADER;

const MAX_HEADER: usize = 8;
const IN_HEADER: isize = -1;
const CLOSED: isize = -2;
/// Frames are no longer than this.
const LONGEST: usize = 0xffff;
/// `errno` of a frame that is too long to be sent.
const ENOBUFS: i32 = 105;
/// Bytes of frames that are passed over together.
const PART: usize = 32;

fn socket_new(vm: &mut Vm, class: Value, args: Args<'_>) -> Res {
    let args = positional(vm, args, 1, 2)?;
    Stream::expect(vm, args[0])?;
    let blocking = match args.get(1) {
        Some(&v) => vm.truth(v)?,
        None => false,
    };
    let mut words = [Value::int(0); MASK_AT + 1];
    words[STREAM] = args[0];
    words[BLOCKING] = Value::bool(blocking);
    words[SENDS] = Value::int(1);
    words[LEFT] = Value::int(IN_HEADER as i32);
    Ok(Native::new(vm, class, &words)?.value())
}

fn number(vm: &Vm, this: Native, word: usize) -> isize {
    this.get(vm, word).as_small_int().unwrap_or(0)
}

fn set(vm: &mut Vm, this: Native, word: usize, n: isize) {
    this.set(vm, word, Value::small_int(n).unwrap_or(Value::int(0)));
}

fn header(vm: &Vm, this: Native, i: usize) -> u8 {
    number(vm, this, HEADER + i) as u8
}

/// Reads on in the header; false if the stream has ended, `None` if it would have to wait.
fn read_header(vm: &mut Vm, this: Native, stream: Stream) -> Result<Option<bool>, Raise> {
    loop {
        let n = number(vm, this, N_HEADER) as usize;
        let second = header(vm, this, 1);
        let n_length = match second & 0x7f {
            126 => 2,
            127 => return Err(vm.raise_os_error(errno::EIO)),
            _ => 0,
        };
        let n_mask = if second & 0x80 != 0 { 4 } else { 0 };
        if n >= 2 && n == 2 + n_length + n_mask {
            let length = match n_length {
                0 => u16::from(second & 0x7f),
                _ => u16::from_be_bytes([header(vm, this, 2), header(vm, this, 3)]),
            };
            let kind = header(vm, this, 0) & 15;
            if matches!(kind, 1..8) {
                set(vm, this, RECEIVED, isize::from(kind));
            }
            set(vm, this, MASK_AT, if n_mask > 0 { (2 + n_length) as isize } else { -1 });
            set(vm, this, LEFT, length as isize);
            return Ok(Some(true));
        }
        let mut byte = [0];
        match stream.read(vm, &mut byte)? {
            Some(1) => {}
            none => return Ok(none.map(|_| false)),
        }
        set(vm, this, HEADER + n, isize::from(byte[0]));
        set(vm, this, N_HEADER, n as isize + 1);
    }
}

/// Reads up to `buf.len()` bytes of the payload.
fn read_payload(
    vm: &mut Vm,
    this: Native,
    stream: Stream,
    buf: &mut [u8],
) -> Result<Option<usize>, Raise> {
    let left = number(vm, this, LEFT).max(0) as usize;
    let n = buf.len().min(left);
    let got = stream.read(vm, &mut buf[..n])?;
    let Some(got) = got.filter(|&got| got > 0) else { return Ok(got) };
    let first = number(vm, this, MASK_AT);
    if first >= 0 {
        // The mask is the end of the header; its place goes round in it.
        let start = number(vm, this, N_HEADER) - 4;
        let mut at = first - start;
        for b in &mut buf[..got] {
            *b ^= header(vm, this, (start + at) as usize);
            at = (at + 1) & 3;
        }
        set(vm, this, MASK_AT, start + at);
    }
    set(vm, this, LEFT, (left - got) as isize);
    Ok(Some(got))
}

fn next_frame(vm: &mut Vm, this: Native) {
    set(vm, this, LEFT, IN_HEADER);
    set(vm, this, N_HEADER, 0);
    // A header that is not there yet must not look like one of a long frame.
    set(vm, this, HEADER + 1, 0);
}

fn read(vm: &mut Vm, this: Value, buf: &mut [u8]) -> Result<Option<usize>, Raise> {
    let this = Native::from_known(this);
    let stream = Stream::expect(vm, this.get(vm, STREAM))?;
    loop {
        vm.tick(4)?;
        match number(vm, this, LEFT) {
            CLOSED => return Ok(Some(0)),
            IN_HEADER => match read_header(vm, this, stream)? {
                Some(true) => {}
                Some(false) => return Ok(Some(0)),
                None => return Ok(None),
            },
            left => match header(vm, this, 0) & 15 {
                0..8 if left > 0 => return read_payload(vm, this, stream, buf),
                8 if left == 0 => {
                    set(vm, this, LEFT, CLOSED);
                    stream.write(vm, b"\x88\x00")?;
                }
                _ if left == 0 => next_frame(vm, this),
                _ => {
                    let mut skipped = [0; PART];
                    match read_payload(vm, this, stream, &mut skipped)? {
                        Some(n) if n > 0 => {}
                        none => return Ok(none),
                    }
                }
            },
        }
    }
}

fn write(vm: &mut Vm, this: Value, bytes: &[u8]) -> Result<Option<usize>, Raise> {
    let this = Native::from_known(this);
    let behind = this.get(vm, STREAM);
    let stream = Stream::expect(vm, behind)?;
    if bytes.len() > LONGEST {
        return Err(vm.raise_os_error(ENOBUFS));
    }
    let blocking = this.get(vm, BLOCKING) == Value::TRUE;
    if blocking {
        vm.call_method(behind, q::setblocking.value(), &[Value::TRUE])?;
    }
    let kind = 0x80 | number(vm, this, SENDS) as u8 & 15;
    let [high, low] = (bytes.len() as u16).to_be_bytes();
    let written = match bytes.len() {
        0..126 => stream.write(vm, &[kind, low]),
        _ => stream.write(vm, &[kind, 126, high, low]),
    };
    let written = match written {
        Ok(None) => Ok(None),
        Ok(Some(_)) => stream.write(vm, bytes),
        Err(raise) => Err(raise),
    };
    if blocking && written.is_ok() {
        vm.call_method(behind, q::setblocking.value(), &[Value::FALSE])?;
    }
    written
}

fn ioctl(vm: &mut Vm, this: Value, request: Ioctl, argument: usize) -> Result<usize, Raise> {
    let this = Native::from_known(this);
    match request {
        Ioctl::GetDataOpts => Ok(number(vm, this, RECEIVED) as usize),
        Ioctl::SetDataOpts => {
            let old = number(vm, this, SENDS);
            set(vm, this, SENDS, (argument & 15) as isize);
            Ok(old as usize)
        }
        _ => {
            let stream = Stream::expect(vm, this.get(vm, STREAM))?;
            stream.ioctl(vm, request, argument)
        }
    }
}
