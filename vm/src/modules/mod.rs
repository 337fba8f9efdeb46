//! The Python modules that need no operating system: one file each, its table first.
//!
//! Each has a build feature of its name; without it the module is not in [`MODULES`], and the linker leaves out what
//! nobody else uses of it.

pub mod array;
pub mod binascii;
pub mod builtins;
pub mod cmath;
pub mod collections;
#[cfg(feature = "cryptolib")]
pub mod cryptolib;
pub mod deflate;
pub mod deque;
pub mod errno;
pub mod exec;
pub mod framebuf;
pub mod gc;
pub mod hashlib;
pub mod heapq;
pub mod help;
pub mod import;
pub mod io;
pub mod json;
#[cfg(feature = "marshal")]
pub mod marshal;
pub mod math;
pub mod micropython;
pub mod namedtuple;
pub mod platform;
pub mod random;
pub mod re;
#[cfg(feature = "string")]
pub mod string_;
pub mod struct_;
pub mod sys;
pub mod time;
pub mod uctypes;
#[cfg(feature = "weakref")]
pub mod weakref;
#[cfg(feature = "websocket")]
pub mod websocket;

use crate::object::RomModule;

/// The VM's own modules; other rooms add theirs in `VmConfig::modules`.
pub static MODULES: &[&RomModule] = &[
    #[cfg(feature = "array")]
    &array::ARRAY,
    #[cfg(feature = "binascii")]
    &binascii::BINASCII,
    &builtins::BUILTINS,
    #[cfg(feature = "cmath")]
    &cmath::CMATH,
    #[cfg(feature = "collections")]
    &collections::COLLECTIONS,
    #[cfg(feature = "cryptolib")]
    &cryptolib::CRYPTOLIB,
    #[cfg(feature = "deflate")]
    &deflate::DEFLATE,
    #[cfg(all(feature = "deflate", feature = "extra"))]
    &deflate::ZLIB_MODULE,
    #[cfg(feature = "errno")]
    &errno::ERRNO,
    #[cfg(feature = "framebuf")]
    &framebuf::FRAMEBUF,
    &gc::GC,
    #[cfg(feature = "hashlib")]
    &hashlib::HASHLIB,
    #[cfg(feature = "heapq")]
    &heapq::HEAPQ,
    #[cfg(feature = "io")]
    &io::IO,
    #[cfg(feature = "json")]
    &json::JSON,
    #[cfg(feature = "marshal")]
    &marshal::MARSHAL,
    #[cfg(feature = "math")]
    &math::MATH,
    &micropython::MICROPYTHON,
    #[cfg(feature = "platform")]
    &platform::PLATFORM,
    #[cfg(feature = "random")]
    &random::RANDOM,
    #[cfg(feature = "re")]
    &re::RE,
    #[cfg(feature = "string")]
    &string_::STRING,
    #[cfg(feature = "string")]
    &string_::TEMPLATELIB,
    #[cfg(feature = "struct")]
    &struct_::STRUCT,
    &sys::SYS,
    #[cfg(feature = "time")]
    &time::TIME,
    #[cfg(feature = "uctypes")]
    &uctypes::UCTYPES,
    #[cfg(feature = "weakref")]
    &weakref::WEAKREF,
    #[cfg(feature = "websocket")]
    &websocket::WEBSOCKET,
];
