//! The Python modules that need no operating system: one file each, its table first.

pub mod array;
pub mod binascii;
pub mod builtins;
pub mod cmath;
pub mod collections;
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
pub mod math;
pub mod micropython;
pub mod namedtuple;
pub mod platform;
pub mod random;
pub mod re;
pub mod string_;
pub mod struct_;
pub mod sys;
pub mod time;
pub mod uctypes;
pub mod weakref;
pub mod websocket;

use crate::object::RomModule;

/// The VM's own modules; other rooms add theirs in `VmConfig::modules`.
pub static MODULES: &[&RomModule] = &[
    &array::ARRAY,
    &binascii::BINASCII,
    &builtins::BUILTINS,
    &cmath::CMATH,
    &collections::COLLECTIONS,
    &cryptolib::CRYPTOLIB,
    &deflate::DEFLATE,
    &deflate::ZLIB_MODULE,
    &errno::ERRNO,
    &framebuf::FRAMEBUF,
    &gc::GC,
    &hashlib::HASHLIB,
    &heapq::HEAPQ,
    &io::IO,
    &json::JSON,
    &math::MATH,
    &micropython::MICROPYTHON,
    &platform::PLATFORM,
    &random::RANDOM,
    &re::RE,
    &string_::STRING,
    &string_::TEMPLATELIB,
    &struct_::STRUCT,
    &sys::SYS,
    &time::TIME,
    &uctypes::UCTYPES,
    &weakref::WEAKREF,
    &websocket::WEBSOCKET,
];
