//! The functions of `shim/ts_tls.h`.

use core::ffi::{c_char, c_void};

/// A context, in the shim's hands.
#[repr(C)]
pub struct RawContext([u8; 0]);

/// A session, in the shim's hands.
#[repr(C)]
pub struct RawSession([u8; 0]);

unsafe extern "C" {
    pub fn ts_tls_start() -> i32;
    pub fn ts_tls_context_new(is_server: u32) -> *mut RawContext;
    pub fn ts_tls_context_release(context: *mut RawContext);
    pub fn ts_tls_load_chain(
        context: *mut RawContext,
        certificate: *const u8,
        n: u32,
        key: *const u8,
        key_n: u32,
    ) -> i32;
    pub fn ts_tls_load_authorities(context: *mut RawContext, from: *const u8, n: u32) -> i32;
    pub fn ts_tls_set_verify(context: *mut RawContext, mode: u32);
    pub fn ts_tls_set_watch(context: *mut RawContext, on: u32);
    pub safe fn ts_tls_cipher(index: u32) -> u32;
    pub safe fn ts_tls_cipher_name(cipher: u32) -> *const c_char;
    pub fn ts_tls_set_ciphers(context: *mut RawContext, ciphers: *const u32, n: u32) -> i32;
    pub fn ts_tls_session_new(
        context: *mut RawContext,
        name: *const c_char,
        check_name: u32,
        out: *mut *mut RawSession,
    ) -> i32;
    pub fn ts_tls_session_free(session: *mut RawSession);
    pub fn ts_tls_handshake(session: *mut RawSession, transport: *mut c_void) -> i32;
    pub fn ts_tls_read(s: *mut RawSession, transport: *mut c_void, to: *mut u8, n: u32) -> i32;
    pub fn ts_tls_write(s: *mut RawSession, transport: *mut c_void, from: *const u8, n: u32)
    -> i32;
    pub fn ts_tls_flush(session: *mut RawSession, transport: *mut c_void) -> i32;
    pub fn ts_tls_close_notify(session: *mut RawSession, transport: *mut c_void) -> i32;
    pub fn ts_tls_pending(session: *const RawSession) -> u32;
    pub fn ts_tls_seen(
        session: *const RawSession,
        der: *mut *const u8,
        n: *mut u32,
        depth: *mut u32,
    ) -> u32;
    pub fn ts_tls_seen_drop(session: *mut RawSession);
    pub fn ts_tls_peer(session: *const RawSession, der: *mut *const u8, n: *mut u32) -> u32;
    pub fn ts_tls_suite(session: *const RawSession) -> *const c_char;
    pub fn ts_tls_version(session: *const RawSession) -> *const c_char;
    pub fn ts_tls_verdict(session: *const RawSession) -> u32;
    pub safe fn ts_tls_verdict_text(bit: u32) -> *const c_char;
}
