//! `SSLContext`: a role, keys, authorities and rules, for any number of connections.

use core::ffi::CStr;
use threadsnake_mbedtls::{Cipher, ContextId, Error, NAME_MAX, SessionId, Tls, Verify};
use threadsnake_vm::object::{
    Args, AttrOp, List, Native, Res, RomEntry, Str, StrBuilder, Style, Tuple,
};
use threadsnake_vm::types::{OBJECT, common};
use threadsnake_vm::value::Value;
use threadsnake_vm::value::names::q;
use threadsnake_vm::{Raise, Vm, exc, py_type, rom_entries};

use super::{raise, socket};
use crate::tls;

const METHODS: &[RomEntry] = rom_entries!([]
    get_ciphers = F1(get_ciphers);
    load_cert_chain = Var(2, 3, load_cert_chain);
    load_verify_locations = Kw(load_verify_locations; _, cafile?, cadata?);
    set_ciphers = F2(set_ciphers);
    wrap_socket = Kw(wrap_socket;
        _, _, server_side?, do_handshake_on_connect?, server_hostname?, *, client_id?);
);

py_type! {
    /// `tls.SSLContext`: its clients demand a good certificate.
    pub static TLS_CONTEXT: SSLContext, base OBJECT;
    slots { new: tls_new, repr: repr, attr: attr, finalise: finalise }
    entries { __del__ = F1(delete); } shared METHODS
}

py_type! {
    /// `ssl.SSLContext`: verifies only when asked to.
    pub static SSL_CONTEXT: SSLContext, base OBJECT;
    slots { new: ssl_new, repr: repr, attr: attr, finalise: finalise }
    entries { __del__ = F1(delete); } shared METHODS
}

/// Word: the number of the context, -1 when it is given back.
const NUMBER: usize = 0;
/// Word: whether it is for servers.
const IS_SERVER: usize = 1;
/// Word: one of the `CERT_` constants.
const VERIFY_MODE: usize = 2;
/// Word: what is called with each of the peer's certificates, or `None`.
const VERIFY_CALLBACK: usize = 3;
/// Word: whether the name in the certificate is compared.
const CHECK_NAME: usize = 4;

/// How a connection begins.
pub struct Rules {
    /// Of the server, or `None`.
    pub name: Value,
    /// At once, where there is a connection.
    pub shakes: bool,
    /// Whether the name in the certificate matters.
    pub check_name: bool,
}

fn object(vm: &Vm, this: Value) -> Native {
    Native::from_known(vm.native_part(this))
}

fn id(vm: &Vm, this: Value) -> ContextId {
    let number = object(vm, this).get(vm, NUMBER).as_small_int();
    ContextId::from_number(number.and_then(|n| u32::try_from(n).ok()).unwrap_or(u32::MAX))
}

/// Whether connections of this context are a server's.
pub fn is_server(vm: &Vm, this: Value) -> bool {
    object(vm, this).get(vm, IS_SERVER) == Value::TRUE
}

/// What wants to see the peer's certificates, or `None`.
pub fn verify_callback(vm: &Vm, this: Value) -> Value {
    object(vm, this).get(vm, VERIFY_CALLBACK)
}

/// Does something with the library, in its task and without the GIL. When there is no room, once more after a
/// collection: contexts and sessions that nobody reaches any more are given back by it.
pub fn ask<R: Send>(
    vm: &mut Vm,
    mut work: impl FnMut(&mut Tls) -> Result<R, Error> + Send,
) -> Result<R, Raise> {
    match vm.unlocked(|_| tls::call(&mut work)) {
        Ok(result) => return Ok(result),
        Err(Error::Memory | Error::TooMany) => {
            vm.collect();
            vm.safe_point()?;
        }
        Err(error) => return Err(raise(vm, None, error)),
    }
    vm.unlocked(|_| tls::call(&mut work)).map_err(|error| raise(vm, None, error))
}

fn tls_new(vm: &mut Vm, class: Value, args: Args<'_>) -> Res {
    let is_server = protocol(vm, args)?;
    new(vm, class, is_server, if is_server { 0 } else { 2 })
}

fn ssl_new(vm: &mut Vm, class: Value, args: Args<'_>) -> Res {
    let is_server = protocol(vm, args)?;
    new(vm, class, is_server, 0)
}

fn protocol(vm: &mut Vm, args: Args<'_>) -> Result<bool, Raise> {
    let args = common::positional(vm, args, 1, 1)?;
    match vm.index(args[0])? {
        0 => Ok(false),
        1 => Ok(true),
        _ => Err(vm.raise(exc::VALUE_ERROR, "unknown protocol")),
    }
}

/// A new context without keys and authorities. Raises `MemoryError`, `OSError`: `ENFILE` when there are as many as there
/// may be, `ENODEV` where the board has no TLS or no entropy source.
pub fn new(vm: &mut Vm, class: Value, is_server: bool, verify_mode: i32) -> Res {
    let verify = verify_of(verify_mode as isize).unwrap_or(Verify::Required);
    let words =
        [Value::int(-1), Value::bool(is_server), Value::int(verify_mode), Value::NONE, Value::TRUE];
    let this = Native::new(vm, class, &words)?.value();
    vm.register_finaliser(this)?;
    let id = ask(vm, |tls| {
        let id = tls.new_context(is_server)?;
        tls.set_verify(id, verify)?;
        Ok(id)
    })?;
    Native::from_known(this).set(vm, NUMBER, Value::from_len(id.number() as usize));
    Ok(this)
}

fn finalise(vm: &mut Vm, this: Value) {
    let id = id(vm, this);
    object(vm, this).set(vm, NUMBER, Value::int(-1));
    // Without TLS there is nothing to give back.
    let _ = vm.unlocked(|_| {
        tls::call(|tls| {
            tls.free_context(id);
            Ok(())
        })
    });
}

/// `__del__()`: gives back what the context has; it cannot be used afterwards, its connections can.
fn delete(vm: &mut Vm, this: Value) -> Res {
    finalise(vm, this);
    Ok(Value::NONE)
}

fn repr(vm: &mut Vm, _: Value, out: &mut StrBuilder, _: Style) -> Result<(), Raise> {
    out.push_str(vm, "<SSLContext>");
    Ok(())
}

fn verify_of(mode: isize) -> Option<Verify> {
    Some(match mode {
        0 => Verify::None,
        1 => Verify::Optional,
        2 => Verify::Required,
        _ => return None,
    })
}

/// Sets whether the peer's certificate matters; `ValueError` for what is no `CERT_` constant.
pub fn set_verify_mode(vm: &mut Vm, this: Value, mode: Value) -> Result<(), Raise> {
    let number = vm.index(mode)?;
    let Some(verify) = verify_of(number) else {
        return Err(vm.raise(exc::VALUE_ERROR, "invalid verify_mode"));
    };
    let id = id(vm, this);
    ask(vm, |tls| tls.set_verify(id, verify))?;
    object(vm, this).set(vm, VERIFY_MODE, Value::int(number as i32));
    Ok(())
}

/// `verify_mode`; `verify_callback`, called as `f(der, depth)` with each certificate of the peer, the authority's first,
/// where the handshake stands still: a result other than 0 ends it with `OSError`; `check_hostname`.
fn attr(vm: &mut Vm, this: Value, name: Value, op: AttrOp) -> Res {
    let word = if name == q::verify_mode.value() {
        VERIFY_MODE
    } else if name == q::verify_callback.value() {
        VERIFY_CALLBACK
    } else if name == q::check_hostname.value() {
        CHECK_NAME
    } else {
        return Ok(Value::UNDEF);
    };
    match op {
        AttrOp::Load => return Ok(object(vm, this).get(vm, word)),
        AttrOp::Delete => return Ok(Value::UNDEF),
        AttrOp::Store(mode) if word == VERIFY_MODE => set_verify_mode(vm, this, mode)?,
        AttrOp::Store(callback) if word == VERIFY_CALLBACK => {
            let (id, on) = (id(vm, this), !callback.is_none());
            ask(vm, |tls| tls.set_watch(id, on))?;
            object(vm, this).set(vm, VERIFY_CALLBACK, callback);
        }
        AttrOp::Store(flag) => {
            let flag = Value::bool(vm.truth(flag)?);
            object(vm, this).set(vm, CHECK_NAME, flag);
        }
    }
    Ok(Value::NONE)
}

/// The contents of the file that a `str` names, a hidden one where there is no other; everything else is what it is.
fn contents(vm: &mut Vm, v: Value) -> Res {
    let Some(path) = Str::from_value(v) else { return Ok(v) };
    let host = vm.host();
    let file = match host.open(vm, v, "rb") {
        Ok(file) => file,
        Err(raise) if vm.raised(exc::OS_ERROR) => {
            let Some(hidden) = super::hidden() else { return Err(raise) };
            let why = vm.take_exception();
            let found = hidden(vm, path)?;
            return if found.is_none() { Err(vm.raise_value(why)) } else { Ok(found) };
        }
        Err(raise) => return Err(raise),
    };
    let read = vm.call_method(file, q::read.value(), &[]);
    match read {
        Ok(bytes) => {
            vm.call_method(file, q::close.value(), &[])?;
            Ok(bytes)
        }
        // The file is closed by its finaliser.
        Err(raise) => Err(raise),
    }
}

/// `load_cert_chain(certfile, keyfile)`: adds a chain of certificates and the key of its first, each the path of a file
/// or its contents, DER or PEM. Keys of several kinds may be added; a server chooses by what the client can do, and of one
/// kind the first: for new ones make a new context.
///
/// Raises `ValueError`: "invalid key", "invalid cert"; `MemoryError`; what opening files raises.
pub fn load_cert_chain(vm: &mut Vm, args: &[Value]) -> Res {
    let id = id(vm, args[0]);
    let key = contents(vm, args.get(2).copied().unwrap_or(args[1]))?;
    let cert = contents(vm, args[1])?;
    let key = vm.expect_buffer(key)?;
    if cert.is_none() {
        // A bad key is worse than no certificate.
        return vm.with_bytes(key, |vm, key| {
            match vm.unlocked(|_| tls::call(|tls| tls.load_chain(id, &[], key))) {
                Err(Error::BAD_CERTIFICATE) | Ok(()) => {
                    Err(vm.raise(exc::TYPE_ERROR, "object with buffer protocol required"))
                }
                Err(error) => Err(raise(vm, None, error)),
            }
        });
    }
    let cert = vm.expect_buffer(cert)?;
    vm.with_bytes(key, |vm, key| {
        vm.with_bytes(cert, |vm, cert| ask(vm, |tls| tls.load_chain(id, cert, key)))
    })?;
    Ok(Value::NONE)
}

/// `load_verify_locations(cafile=None, cadata=None)`: adds certificates of authorities, from a file, from bytes, or both.
///
/// Raises as [`load_cert_chain`].
fn load_verify_locations(vm: &mut Vm, args: &[Value]) -> Res {
    let (file, data) = (args[1], args[2]);
    if !file.is_undef() && !file.is_none() {
        load_authorities(vm, args[0], file)?;
    }
    if !data.is_undef() && !data.is_none() {
        add_authorities(vm, args[0], data)?;
    }
    Ok(Value::NONE)
}

/// Adds authorities: a `str` is the path of a file.
pub fn load_authorities(vm: &mut Vm, this: Value, from: Value) -> Result<(), Raise> {
    let bytes = contents(vm, from)?;
    add_authorities(vm, this, bytes)
}

/// Adds authorities: PEM or DER.
pub fn add_authorities(vm: &mut Vm, this: Value, from: Value) -> Result<(), Raise> {
    let id = id(vm, this);
    let buffer = vm.expect_buffer(from)?;
    vm.with_bytes(buffer, |vm, bytes| ask(vm, |tls| tls.load_authorities(id, bytes)))
}

/// `get_ciphers()`: the names of the suites that there are, the best first.
fn get_ciphers(vm: &mut Vm, _: Value) -> Res {
    let list = vm.new_list()?;
    for cipher in Cipher::all() {
        let name = vm.new_str(cipher.name())?;
        list.push(vm, name)?;
    }
    Ok(list.value())
}

/// The most suites that one call takes.
const MOST_CIPHERS: usize = 64;

/// `set_ciphers(names)`: limits the context to these suites, and to the versions of TLS that have them. `names` is a list
/// or tuple. Raises `OSError` for a name that there is not.
fn set_ciphers(vm: &mut Vm, this: Value, names: Value) -> Res {
    let list = List::from_value(names);
    let tuple = Tuple::from_value(names);
    let names = match (&list, &tuple) {
        (Some(list), _) => list.items(vm),
        (_, Some(tuple)) => tuple.items(),
        _ => return Err(vm.raise(exc::TYPE_ERROR, "list or tuple required")),
    };
    let mut ciphers = [Cipher::default(); MOST_CIPHERS];
    let n = names.len();
    let mut known = n > 0 && n <= MOST_CIPHERS;
    for (place, name) in ciphers.iter_mut().zip(names) {
        match Str::from_value(*name).and_then(|name| Cipher::named(name.as_bytes())) {
            Some(cipher) => *place = cipher,
            None => known = false,
        }
    }
    if !known {
        return Err(raise(vm, None, Error::BAD_CONFIG));
    }
    let (id, ciphers) = (id(vm, this), &ciphers[..n]);
    ask(vm, |tls| tls.set_ciphers(id, ciphers))?;
    Ok(Value::NONE)
}

/// `wrap_socket(sock, server_side=False, do_handshake_on_connect=True, server_hostname=None)`: an encrypted stream over
/// `sock`. The role is the context's. A socket without a connection shakes hands when it gets one.
///
/// Raises `ValueError` for a certificate that does not pass, with a line for each fault, and where `CERT_REQUIRED` is
/// asked for without the name to compare; `OSError`, `MemoryError`.
fn wrap_socket(vm: &mut Vm, args: &[Value]) -> Res {
    let shakes = args[3].is_undef() || vm.truth(args[3])?;
    let name = if args[4].is_undef() { Value::NONE } else { args[4] };
    wrap(vm, args[0], args[1], Rules { name, shakes, check_name: true })
}

/// As [`wrap_socket`].
pub fn wrap(vm: &mut Vm, this: Value, sock: Value, rules: Rules) -> Res {
    let context = object(vm, this);
    let check_name = rules.check_name && context.get(vm, CHECK_NAME) == Value::TRUE;
    let is_required = context.get(vm, VERIFY_MODE) == Value::int(2);
    if is_required && check_name && rules.name.is_none() && !is_server(vm, this) {
        return Err(vm.raise(exc::VALUE_ERROR, "CERT_REQUIRED requires server_hostname"));
    }
    let mut room = [0; NAME_MAX + 1];
    let name = name_arg(vm, rules.name, &mut room)?;
    socket::new(vm, this, sock, rules.shakes, &|vm| {
        let id = id(vm, this);
        ask(vm, |tls| tls.new_session(id, name, check_name))
    })
}

/// A host name as C has it.
fn name_arg<'r>(
    vm: &mut Vm,
    name: Value,
    room: &'r mut [u8; NAME_MAX + 1],
) -> Result<Option<&'r CStr>, Raise> {
    if name.is_none() {
        return Ok(None);
    }
    let name = vm.expect::<Str>(name, &threadsnake_vm::types::str::STR)?;
    let bytes = name.as_bytes();
    if bytes.len() <= NAME_MAX {
        room[..bytes.len()].copy_from_slice(bytes);
        if let Ok(name) = CStr::from_bytes_with_nul(&room[..=bytes.len()]) {
            return Ok(Some(name));
        }
    }
    Err(vm.raise(exc::VALUE_ERROR, "invalid server_hostname"))
}

/// A session of the same context as another's, for a connection that a server accepted.
pub fn session_for_accepted(vm: &mut Vm, this: Value) -> Result<SessionId, Raise> {
    let id = id(vm, this);
    ask(vm, |tls| tls.new_session(id, None, false))
}
