//! `ssl` and `tls`: encrypted connections over any stream.
//!
//! `tls` is the plain one: its clients demand a good certificate unless told otherwise. `ssl` is that of the documents:
//! its contexts verify only when asked to. Both have the same contexts and sockets.
//!
//! Dates of certificates are compared with the board's clock: one that is not set makes every certificate one of the
//! future, so set it before you ask for `CERT_REQUIRED`.
//!
//! Source: MicroPython library reference, "ssl"; its release 1.8, "ussl" (`keyfile`, `certfile`, `ca_certs`,
//! `ssl_version`); Python Library Reference, "ssl" (`SSLContext.check_hostname`, `SSLSocket.cipher`, `getpeercert`).

mod context;
mod socket;

use core::cell::Cell;
use core::fmt::Write as _;
use critical_section::Mutex;
use threadsnake_mbedtls::{Error, Name, SessionId, VERSION};
use threadsnake_vm::object::{Res, Str, StrBuilder};
use threadsnake_vm::types::exceptions::OS_ERROR;
use threadsnake_vm::value::names::RomStr;
use threadsnake_vm::value::{RomValue, Value};
use threadsnake_vm::{Raise, Vm, exc, py_module};

use super::address::raise as raise_errno;
use crate::tls;
use context::{Rules, SSL_CONTEXT, TLS_CONTEXT};
use lwip_sys::Errno;

const fn int(n: i32) -> RomValue {
    RomValue(Value::int(n))
}

py_module! {
    /// `tls`.
    pub static TLS: tls, extensible true;
    entries {
        SSLContext: TLS_CONTEXT.rom();
        MBEDTLS_VERSION: VERSION_TEXT.rom();
        PROTOCOL_TLS_CLIENT: int(0);
        PROTOCOL_TLS_SERVER: int(1);
        CERT_NONE: int(0);
        CERT_OPTIONAL: int(1);
        CERT_REQUIRED: int(2);
    }
}

py_module! {
    /// `ssl`.
    pub static SSL: ssl, extensible true;
    entries {
        SSLContext: SSL_CONTEXT.rom();
        SSLError: OS_ERROR.rom();
        wrap_socket = Kw(wrap_socket;
            _, server_side?, key?, cert?, cert_reqs?, cadata?, server_hostname?, do_handshake?,
            *, keyfile?, certfile?, ca_certs?, ssl_version?);
        MBEDTLS_VERSION: VERSION_TEXT.rom();
        PROTOCOL_TLS_CLIENT: int(0);
        PROTOCOL_TLS_SERVER: int(1);
        PROTOCOL_SSLv3: int(0);
        PROTOCOL_TLSv1: int(1);
        PROTOCOL_TLSv1_1: int(2);
        PROTOCOL_TLSv1_2: int(3);
        CERT_NONE: int(0);
        CERT_OPTIONAL: int(1);
        CERT_REQUIRED: int(2);
    }
}

/// What is in the file of that name that no file system shows: bytes, `None` where there is none.
pub type Hidden = fn(&mut Vm, path: Str) -> Res;

static HIDDEN: Mutex<Cell<Option<Hidden>>> = Mutex::new(Cell::new(None));

/// Says where credentials are looked for when there is no file of that name; once, before any VM runs.
pub fn set_hidden(hidden: Hidden) {
    critical_section::with(|cs| HIDDEN.borrow(cs).set(Some(hidden)));
}

fn hidden() -> Option<Hidden> {
    critical_section::with(|cs| HIDDEN.borrow(cs).get())
}

/// The version as a ROM string; no table of names has it.
static VERSION_TEXT: RomStr<{ VERSION.len() }> = RomStr::new(VERSION);

/// `wrap_socket(sock, server_side=False, key=None, cert=None, cert_reqs=CERT_NONE, cadata=None, server_hostname=None,
/// do_handshake=True, *, keyfile=None, certfile=None, ca_certs=None, ssl_version=None)`: an encrypted stream over
/// `sock`. A `str` as key or certificate is the path of a file, bytes
/// are what would be in it; `cadata` is data either way, `ca_certs` a path.
///
/// Release 1.8 knew no `server_hostname`: with `ca_certs` and without a name the certificate is verified, the name in it
/// is not. `ssl_version` is taken and means nothing: the best version that both sides have is used.
///
/// Raises as [`context::SSL_CONTEXT`]'s methods of the same purpose.
fn wrap_socket(vm: &mut Vm, args: &[Value]) -> Res {
    let given = |i: usize| if args[i].is_undef() { Value::NONE } else { args[i] };
    let either = |i: usize, old: usize| if given(i).is_none() { given(old) } else { given(i) };
    let is_server = vm.truth(given(1))?;
    let context = context::new(vm, SSL_CONTEXT.value(), is_server, 0)?;
    let (key, cert) = (either(2, 8), either(3, 9));
    if !key.is_none() || !cert.is_none() {
        context::load_cert_chain(vm, &[context, cert, key])?;
    }
    if !given(5).is_none() {
        context::add_authorities(vm, context, given(5))?;
    }
    if !given(10).is_none() {
        context::load_authorities(vm, context, given(10))?;
    }
    if !given(4).is_none() {
        context::set_verify_mode(vm, context, given(4))?;
    }
    let name = given(6);
    let shakes = given(7).is_none() || vm.truth(given(7))?;
    let check_name = given(10).is_none() || !name.is_none();
    context::wrap(vm, context, args[0], Rules { name, shakes, check_name })
}

/// Raises what a call of the library answered. `session`: whose certificate was refused.
#[cold]
fn raise(vm: &mut Vm, session: Option<SessionId>, error: Error) -> Raise {
    match error {
        Error::Memory => vm.raise(exc::MEMORY_ERROR, "no memory for TLS"),
        Error::BAD_KEY => vm.raise(exc::VALUE_ERROR, "invalid key"),
        Error::BAD_CERTIFICATE => vm.raise(exc::VALUE_ERROR, "invalid cert"),
        Error::TooMany => raise_errno(vm, Errno(23)),
        Error::Gone => raise_errno(vm, Errno::EBADF),
        Error::Errno(errno) => raise_errno(vm, Errno(errno)),
        Error::NOT_VERIFIED => {
            match session.map(|id| vm.unlocked(|_| tls::call(|tls| tls.verdict(id)))) {
                Some(Ok(verdict)) => vm.raise_fmt(exc::VALUE_ERROR, format_args!("\n{verdict}")),
                _ => raise_library(vm, Error::NOT_VERIFIED),
            }
        }
        other => raise_library(vm, other),
    }
}

/// `OSError(number, name)`; without the name where there is no memory for it.
#[cold]
fn raise_library(vm: &mut Vm, error: Error) -> Raise {
    let Error::Library(number) = error else { return raise_errno(vm, Errno::EAGAIN) };
    let mut text = Text { bytes: [0; 128], n: 0 };
    let _ = write!(text, "{}", Name(number));
    let name = core::str::from_utf8(&text.bytes[..text.n]).unwrap_or_default();
    match vm.new_str(name) {
        Ok(name) => vm.raise_with(exc::OS_ERROR, &[Value::int(number), name]),
        Err(raise) => {
            vm.forget(raise);
            vm.raise_os_error(number)
        }
    }
}

/// Text with an end: what does not fit is left out.
struct Text {
    bytes: [u8; 128],
    n: usize,
}

impl core::fmt::Write for Text {
    fn write_str(&mut self, s: &str) -> core::fmt::Result {
        let n = s.len().min(self.bytes.len() - self.n);
        self.bytes[self.n..self.n + n].copy_from_slice(&s.as_bytes()[..n]);
        self.n += n;
        Ok(())
    }
}

/// The bytes of a certificate of which `fill` says how long it is, and which it then writes.
fn certificate(
    vm: &mut Vm,
    mut fill: impl FnMut(&mut Vm, &mut [u8]) -> Result<Option<usize>, Raise>,
) -> Result<Option<Value>, Raise> {
    let Some(n) = fill(vm, &mut [])? else { return Ok(None) };
    let mut out = StrBuilder::new();
    out.push_with(vm, n, |vm, room| {
        let got = fill(vm, room)?.unwrap_or(0);
        Ok((got, ()))
    })?;
    out.finish_bytes(vm).map(Some)
}
