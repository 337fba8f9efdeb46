//! Mbed TLS 3.6 behind a safe face: TLS 1.2 and 1.3, client and server.
//!
//! [`Tls`] is the library, once in an image; contexts and sessions are in it, by number, so that whoever has lost one
//! finds out and nobody can free another's. It has one owner, who works for everybody: Mbed TLS never runs twice at
//! once. Nothing waits: a session moves its bytes through a [`Transport`] that is lent for each call, and answers
//! [`Error::WantRead`] or [`Error::WantWrite`] when that has none or takes none.
//!
//! Memory comes from [`ARENA`]; what does not fit is [`Error::Memory`].
//!
//! Invariants:
//! - T1. The shim is called with `&mut Tls` in hand, so one call at a time.
//! - T2. A raw context or session is in its table from its creation to its release; a session holds its context.
//!
//! Source: Mbed TLS 3.6, `ssl.h`; RFC 5246 (TLS 1.2), RFC 8446 (TLS 1.3), RFC 5280 (certificates).
#![cfg_attr(not(test), no_std)]

mod error;
mod ffi;
mod hooks;

use core::ffi::{CStr, c_char, c_void};
use core::marker::PhantomData;
use core::ptr::NonNull;
use core::sync::atomic::{AtomicBool, Ordering};

pub use error::{Error, Name};
use ffi::{RawContext, RawSession};
pub use hooks::{ARENA, Hooks, take_peak};
use hooks::{Lent, take_refused};

/// The version of the library, as programs see it.
pub const VERSION: &str = "Mbed TLS 3.6.5";

/// What must be free beside a new session's own memory: a handshake takes it in passing. Who is refused here may still
/// give something back, by a collection; a handshake that runs out has failed.
const HANDSHAKE_BYTES: usize = 8 * 1024;

/// How many contexts, and how many sessions, there may be at once.
pub const MOST: usize = 64;

/// The longest host name, in bytes. Source: RFC 1035, 2.3.4.
pub const NAME_MAX: usize = 255;

/// Why a transport moved nothing.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Io {
    /// Nothing now.
    Wait,
    /// It failed, with an errno number.
    Errno(i32),
}

/// Where the bytes of a session go to and come from.
pub trait Transport {
    /// Takes over some of the bytes, at least one; how many. After [`Io::Wait`] the same bytes are offered again.
    ///
    /// # Errors
    /// [`Io`].
    fn send(&mut self, bytes: &[u8]) -> Result<usize, Io>;

    /// Moves what has come into `buf`; how many, 0 at the end.
    ///
    /// # Errors
    /// [`Io`].
    fn receive(&mut self, buf: &mut [u8]) -> Result<usize, Io>;
}

/// Whether the peer's certificate matters.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u32)]
pub enum Verify {
    /// No.
    None = 0,
    /// It is looked at; a bad one does no harm.
    Optional = 1,
    /// A session without a good one fails.
    Required = 2,
}

/// A context: a role, keys, authorities and rules.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct ContextId(u32);

/// A session: one connection.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct SessionId(u32);

/// Numbers that stay below this are small ints on every target.
const NUMBERS: u32 = 1 << 29;

macro_rules! number {
    ($($id:ident),*) => {$(
        impl $id {
            /// As a number below 2²⁹.
            pub fn number(self) -> u32 {
                self.0
            }

            /// The inverse; any number does, for numbers are looked up.
            pub fn from_number(number: u32) -> Self {
                Self(number)
            }
        }
    )*};
}
number!(ContextId, SessionId);

/// Things by number; a number comes again after 2²⁹ others.
struct Table<T> {
    next: u32,
    items: [Option<(u32, T)>; MOST],
}

impl<T> Table<T> {
    const fn new() -> Self {
        Self { next: 0, items: [const { None }; MOST] }
    }

    fn add(&mut self, item: T) -> Result<u32, T> {
        let Some(place) = self.items.iter_mut().find(|place| place.is_none()) else {
            return Err(item);
        };
        let number = self.next;
        self.next = (number + 1) % NUMBERS;
        *place = Some((number, item));
        Ok(number)
    }

    fn get(&mut self, number: u32) -> Result<&mut T, Error> {
        let mut items = self.items.iter_mut().flatten();
        items.find(|item| item.0 == number).map(|item| &mut item.1).ok_or(Error::Gone)
    }

    fn take(&mut self, number: u32) -> Option<T> {
        let place = self.items.iter_mut().find(|p| p.as_ref().is_some_and(|i| i.0 == number))?;
        place.take().map(|item| item.1)
    }
}

struct Session {
    raw: NonNull<RawSession>,
    /// What ended it.
    failed: Option<Error>,
}

/// The library.
pub struct Tls {
    contexts: Table<NonNull<RawContext>>,
    sessions: Table<Session>,
    /// Everything in here belongs to the one owner.
    _owner: PhantomData<*mut ()>,
}

// SAFETY: the structures of Mbed TLS belong to no task (T1, T2).
unsafe impl Send for Tls {}

impl core::fmt::Debug for Tls {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str("Tls")
    }
}

fn length(n: usize) -> u32 {
    u32::try_from(n).unwrap_or(u32::MAX)
}

/// What the shim returned, as a result.
fn checked(result: i32) -> Result<u32, Error> {
    const WANT_READ: i32 = -0x6900;
    const WANT_WRITE: i32 = -0x6880;
    let refused = take_refused();
    match u32::try_from(result) {
        Ok(n) => Ok(n),
        Err(_) => Err(match result {
            WANT_READ => Error::WantRead,
            WANT_WRITE => Error::WantWrite,
            _ if refused => Error::Memory,
            other => Error::Library(other),
        }),
    }
}

/// Copies all, or nothing where there is no room.
fn copy(from: &[u8], to: &mut [u8]) -> bool {
    let place = to.get_mut(..from.len());
    place.map(|place| place.copy_from_slice(from)).is_some()
}

/// Text of the shim's; `None` for null.
fn text(from: *const c_char) -> Option<&'static str> {
    if from.is_null() {
        return None;
    }
    // SAFETY: the shim's texts are literals.
    unsafe { CStr::from_ptr(from) }.to_str().ok()
}

impl Tls {
    /// Starts the library, once; give [`ARENA`] its memory before.
    ///
    /// # Errors
    /// [`Error::NO_ENTROPY`], [`Error::Memory`]; it may be tried again. [`Error::TooMany`]: it is started.
    pub fn start(hooks: Hooks) -> Result<Tls, Error> {
        static STARTED: AtomicBool = AtomicBool::new(false);
        if STARTED.swap(true, Ordering::Acquire) {
            return Err(Error::TooMany);
        }
        hooks::set(hooks);
        take_refused();
        // SAFETY: T1: nobody else has it.
        if let Err(error) = checked(unsafe { ffi::ts_tls_start() }) {
            STARTED.store(false, Ordering::Release);
            return Err(error);
        }
        Ok(Tls { contexts: Table::new(), sessions: Table::new(), _owner: PhantomData })
    }

    /// A new context, without keys and authorities; [`Verify`] as is usual for the role: a client requires a good
    /// certificate, a server none.
    ///
    /// # Errors
    /// [`Error::Memory`], [`Error::TooMany`].
    pub fn new_context(&mut self, is_server: bool) -> Result<ContextId, Error> {
        take_refused();
        // SAFETY: T1.
        let raw = NonNull::new(unsafe { ffi::ts_tls_context_new(is_server.into()) });
        self.contexts.add(raw.ok_or(Error::Memory)?).map(ContextId).map_err(|raw| {
            // SAFETY: T1; the context is ours.
            unsafe { ffi::ts_tls_context_release(raw.as_ptr()) };
            Error::TooMany
        })
    }

    /// Lets go of a context; its sessions keep what they need.
    pub fn free_context(&mut self, id: ContextId) {
        if let Some(raw) = self.contexts.take(id.0) {
            // SAFETY: T1, T2.
            unsafe { ffi::ts_tls_context_release(raw.as_ptr()) };
        }
    }

    /// Does something with a context.
    fn with_context(
        &mut self,
        id: ContextId,
        f: impl FnOnce(*mut RawContext) -> i32,
    ) -> Result<u32, Error> {
        let raw = self.contexts.get(id.0)?.as_ptr();
        take_refused();
        checked(f(raw))
    }

    /// Adds a chain of certificates, DER or PEM, with the key of its first.
    ///
    /// # Errors
    /// [`Error::BAD_CERTIFICATE`], [`Error::BAD_KEY`], [`Error::Memory`], [`Error::Gone`].
    pub fn load_chain(&mut self, id: ContextId, chain: &[u8], key: &[u8]) -> Result<(), Error> {
        self.with_context(id, |raw| {
            let (n, key_n) = (length(chain.len()), length(key.len()));
            // SAFETY: T1, T2; pointers and lengths are of slices.
            unsafe { ffi::ts_tls_load_chain(raw, chain.as_ptr(), n, key.as_ptr(), key_n) }
        })
        .map(drop)
    }

    /// Adds certificates of authorities, one DER or any number of PEM.
    ///
    /// # Errors
    /// As [`Tls::load_chain`].
    pub fn load_authorities(&mut self, id: ContextId, certificates: &[u8]) -> Result<(), Error> {
        self.with_context(id, |raw| {
            let n = length(certificates.len());
            // SAFETY: as above.
            unsafe { ffi::ts_tls_load_authorities(raw, certificates.as_ptr(), n) }
        })
        .map(drop)
    }

    /// Sets how the peer's certificate is looked at, in sessions whose handshake is still to come.
    ///
    /// # Errors
    /// [`Error::Gone`].
    pub fn set_verify(&mut self, id: ContextId, verify: Verify) -> Result<(), Error> {
        self.with_context(id, |raw| {
            // SAFETY: T1, T2.
            unsafe { ffi::ts_tls_set_verify(raw, verify as u32) };
            0
        })
        .map(drop)
    }

    /// Sets whether handshakes stop with [`Error::Seen`] at the peer's certificates, for [`Tls::seen`].
    ///
    /// # Errors
    /// [`Error::Gone`].
    pub fn set_watch(&mut self, id: ContextId, on: bool) -> Result<(), Error> {
        self.with_context(id, |raw| {
            // SAFETY: T1, T2.
            unsafe { ffi::ts_tls_set_watch(raw, on.into()) };
            0
        })
        .map(drop)
    }

    /// Limits the context to these suites, and to the versions of TLS that have them.
    ///
    /// # Errors
    /// [`Error::Memory`], [`Error::Gone`].
    pub fn set_ciphers(&mut self, id: ContextId, ciphers: &[Cipher]) -> Result<(), Error> {
        self.with_context(id, |raw| {
            // SAFETY: T1, T2; a `Cipher` is a number.
            unsafe { ffi::ts_tls_set_ciphers(raw, ciphers.as_ptr().cast(), length(ciphers.len())) }
        })
        .map(drop)
    }

    /// A new session, which has not said anything yet. `name` is that of the server; it is told to it, and compared
    /// with its certificate if `check_name`.
    ///
    /// # Errors
    /// [`Error::Memory`], also where a handshake would find too little; [`Error::TooMany`], [`Error::Gone`]; names that
    /// are too long.
    pub fn new_session(
        &mut self,
        context: ContextId,
        name: Option<&CStr>,
        check_name: bool,
    ) -> Result<SessionId, Error> {
        let mut raw = core::ptr::null_mut();
        let name = name.map_or(core::ptr::null(), CStr::as_ptr);
        self.with_context(context, |context| {
            // SAFETY: T1, T2; the name is null or text, the result a variable.
            unsafe { ffi::ts_tls_session_new(context, name, check_name.into(), &mut raw) }
        })?;
        let raw = NonNull::new(raw).ok_or(Error::Memory)?;
        let added = if ARENA.block(HANDSHAKE_BYTES).is_some() {
            self.sessions.add(Session { raw, failed: None }).map_err(|_| Error::TooMany)
        } else {
            Err(Error::Memory)
        };
        added.map(SessionId).inspect_err(|_| {
            // SAFETY: T1; the session is ours and in no table.
            unsafe { ffi::ts_tls_session_free(raw.as_ptr()) }
        })
    }

    /// Forgets a session, without a word to the peer.
    pub fn free_session(&mut self, id: SessionId) {
        if let Some(session) = self.sessions.take(id.0) {
            // SAFETY: T1, T2.
            unsafe { ffi::ts_tls_session_free(session.raw.as_ptr()) };
        }
    }

    /// Does something with a session that has not failed; an error that is not passing ends it.
    fn with_session(
        &mut self,
        id: SessionId,
        transport: &mut dyn Transport,
        f: impl Fn(*mut RawSession, *mut c_void) -> i32,
    ) -> Result<u32, Error> {
        let session = self.sessions.get(id.0)?;
        if let Some(failed) = session.failed {
            return Err(failed);
        }
        let mut lent = Lent { transport, errno: None };
        take_refused();
        let error = loop {
            match checked(f(session.raw.as_ptr(), (&raw mut lent).cast())) {
                Ok(n) => return Ok(n),
                Err(Error::TICKET) => {}
                Err(error) => break error,
            }
        };
        let error = lent.errno.map_or(error, Error::Errno);
        if !matches!(error, Error::WantRead | Error::WantWrite | Error::CLOSE_NOTIFY) {
            session.failed = Some(error);
        }
        Err(error)
    }

    /// Goes on with the handshake until it is over; does nothing when it is.
    ///
    /// # Errors
    /// [`Error`]; [`Error::Seen`] only where the context watches.
    pub fn handshake(&mut self, id: SessionId, transport: &mut dyn Transport) -> Result<(), Error> {
        // SAFETY: T1, T2; the transport is lent.
        let step = |raw, lent| unsafe { ffi::ts_tls_handshake(raw, lent) };
        match self.with_session(id, transport, step)? {
            0 => Ok(()),
            _ => Err(Error::Seen),
        }
    }

    /// Reads some bytes, at least one; 0 at the end. The handshake comes first.
    ///
    /// # Errors
    /// As [`Tls::handshake`]; [`Error::CLOSE_NOTIFY`] is the end, said properly.
    pub fn read(
        &mut self,
        id: SessionId,
        transport: &mut dyn Transport,
        buf: &mut [u8],
    ) -> Result<usize, Error> {
        self.handshake(id, transport)?;
        if buf.is_empty() {
            return Ok(0);
        }
        let (to, n) = (buf.as_mut_ptr(), length(buf.len()));
        // SAFETY: as above; pointer and length are of one slice.
        self.with_session(id, transport, |raw, lent| unsafe { ffi::ts_tls_read(raw, lent, to, n) })
            .map(|n| n as usize)
    }

    /// Takes some bytes over, at least one, and sends what can be sent at once; the rest with [`Tls::flush`], or with any
    /// later call. The handshake comes first.
    ///
    /// # Errors
    /// As [`Tls::handshake`]; then nothing was taken over.
    pub fn write(
        &mut self,
        id: SessionId,
        transport: &mut dyn Transport,
        bytes: &[u8],
    ) -> Result<usize, Error> {
        self.handshake(id, transport)?;
        if bytes.is_empty() {
            return Ok(0);
        }
        let (from, n) = (bytes.as_ptr(), length(bytes.len()));
        // SAFETY: as above.
        self.with_session(id, transport, |raw, lent| unsafe {
            ffi::ts_tls_write(raw, lent, from, n)
        })
        .map(|n| n as usize)
    }

    /// Sends what [`Tls::write`] has left.
    ///
    /// # Errors
    /// As [`Tls::handshake`].
    pub fn flush(&mut self, id: SessionId, transport: &mut dyn Transport) -> Result<(), Error> {
        // SAFETY: T1, T2; the transport is lent.
        let flush = |raw, lent| unsafe { ffi::ts_tls_flush(raw, lent) };
        self.with_session(id, transport, flush).map(drop)
    }

    /// Says that nothing more will come; before the handshake is over there is nobody to tell it to.
    ///
    /// # Errors
    /// As [`Tls::handshake`].
    pub fn close_notify(
        &mut self,
        id: SessionId,
        transport: &mut dyn Transport,
    ) -> Result<(), Error> {
        // SAFETY: as above.
        let close = |raw, lent| unsafe { ffi::ts_tls_close_notify(raw, lent) };
        self.with_session(id, transport, close).map(drop)
    }

    /// Ends a session with an error, which its later calls answer.
    pub fn fail(&mut self, id: SessionId, error: Error) {
        if let Ok(session) = self.sessions.get(id.0) {
            session.failed = Some(error);
        }
    }

    /// What ended the session, if anything did.
    ///
    /// # Errors
    /// [`Error::Gone`].
    pub fn failed(&mut self, id: SessionId) -> Result<Option<Error>, Error> {
        self.sessions.get(id.0).map(|session| session.failed)
    }

    fn raw_session(&mut self, id: SessionId) -> Result<*mut RawSession, Error> {
        self.sessions.get(id.0).map(|session| session.raw.as_ptr())
    }

    /// How many bytes can be read without the transport.
    ///
    /// # Errors
    /// [`Error::Gone`].
    pub fn pending(&mut self, id: SessionId) -> Result<usize, Error> {
        let raw = self.raw_session(id)?;
        // SAFETY: T1, T2.
        Ok(unsafe { ffi::ts_tls_pending(raw) } as usize)
    }

    /// The next certificate that a handshake stopped at: the length of its DER, and its distance from the peer's own.
    /// Where `buf` has room the DER goes into it and the certificate is done with; otherwise it is the next one still.
    ///
    /// # Errors
    /// [`Error::Gone`].
    pub fn seen(&mut self, id: SessionId, buf: &mut [u8]) -> Result<Option<(usize, u32)>, Error> {
        let raw = self.raw_session(id)?;
        let (mut der, mut n, mut depth) = (core::ptr::null(), 0, 0);
        // SAFETY: T1, T2; the others point to variables.
        if unsafe { ffi::ts_tls_seen(raw, &mut der, &mut n, &mut depth) } == 0 {
            return Ok(None);
        }
        // SAFETY: the bytes are there until the certificate is dropped.
        if copy(unsafe { core::slice::from_raw_parts(der, n as usize) }, buf) {
            // SAFETY: T1, T2.
            unsafe { ffi::ts_tls_seen_drop(raw) };
        }
        Ok(Some((n as usize, depth)))
    }

    /// The length of the DER of the peer's certificate, which goes into `buf` where that has room; `None` if the peer
    /// has shown none.
    ///
    /// # Errors
    /// [`Error::Gone`].
    pub fn peer(&mut self, id: SessionId, buf: &mut [u8]) -> Result<Option<usize>, Error> {
        let raw = self.raw_session(id)?;
        let (mut der, mut n) = (core::ptr::null(), 0);
        // SAFETY: as in `seen`.
        if unsafe { ffi::ts_tls_peer(raw, &mut der, &mut n) } == 0 {
            return Ok(None);
        }
        // SAFETY: the bytes are there as long as the session is not used.
        copy(unsafe { core::slice::from_raw_parts(der, n as usize) }, buf);
        Ok(Some(n as usize))
    }

    /// The suite and the version of TLS.
    ///
    /// # Errors
    /// [`Error::Gone`].
    pub fn suite(&mut self, id: SessionId) -> Result<(&'static str, &'static str), Error> {
        let raw = self.raw_session(id)?;
        // SAFETY: T1, T2.
        let (suite, version) = unsafe { (ffi::ts_tls_suite(raw), ffi::ts_tls_version(raw)) };
        Ok((text(suite).unwrap_or("unknown"), text(version).unwrap_or("unknown")))
    }

    /// What was found wrong with the peer's certificate.
    ///
    /// # Errors
    /// [`Error::Gone`].
    pub fn verdict(&mut self, id: SessionId) -> Result<Verdict, Error> {
        let raw = self.raw_session(id)?;
        // SAFETY: T1, T2.
        Ok(Verdict(unsafe { ffi::ts_tls_verdict(raw) }))
    }
}

/// What is wrong with a certificate; shown as a line for each fault.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Verdict(u32);

impl core::fmt::Display for Verdict {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let bits = (0..u32::BITS).map(|bit| 1 << bit).filter(|bit| self.0 & bit != 0);
        bits.filter_map(|bit| text(ffi::ts_tls_verdict_text(bit)))
            .try_for_each(|fault| writeln!(f, "{fault}"))
    }
}

/// A suite of ciphers; by default none.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
#[repr(transparent)]
pub struct Cipher(u32);

impl Cipher {
    /// Every suite that there is, the best first.
    pub fn all() -> impl Iterator<Item = Cipher> {
        let numbers = (0..).map(|index| ffi::ts_tls_cipher(index));
        numbers.take_while(|number| *number != 0).map(Cipher)
    }

    /// The suite of that name.
    pub fn named(name: &[u8]) -> Option<Cipher> {
        Cipher::all().find(|cipher| cipher.name().as_bytes() == name)
    }

    /// Its name.
    pub fn name(self) -> &'static str {
        text(ffi::ts_tls_cipher_name(self.0)).unwrap_or("unknown")
    }
}

#[cfg(test)]
mod tests;
