//! `errno`: error numbers as Linux has them, and their names.
//!
//! Source: Python Library Reference, "errno"; POSIX `errno.h`.

use crate::object::{AttrOp, READ_ONLY, Res, RomEntry, aux, set_aux};
use crate::value::names::q;
use crate::value::{RomValue, Value};
use crate::{Vm, py_module};

macro_rules! errnos {
    ($($name:ident = $number:literal;)*) => {
        py_module! {
            /// `errno`.
            pub static ERRNO: errno, extensible true;
            entries { $($name: RomValue(Value::int($number));)* }
            with with_attr(errno_attr)
        }
    };
}

errnos! {
    EPERM = 1;
    ENOENT = 2;
    EIO = 5;
    EBADF = 9;
    EAGAIN = 11;
    ENOMEM = 12;
    EACCES = 13;
    EBUSY = 16;
    EEXIST = 17;
    EXDEV = 18;
    ENODEV = 19;
    ENOTDIR = 20;
    EISDIR = 21;
    EINVAL = 22;
    ENFILE = 23;
    EMFILE = 24;
    ENOSPC = 28;
    ESPIPE = 29;
    EROFS = 30;
    EPIPE = 32;
    ENAMETOOLONG = 36;
    ENOSYS = 38;
    ENOTEMPTY = 39;
    EOPNOTSUPP = 95;
    ENOTSUP = 95;
    EADDRINUSE = 98;
    ECONNABORTED = 103;
    ECONNRESET = 104;
    ENOBUFS = 105;
    EISCONN = 106;
    ENOTCONN = 107;
    ETIMEDOUT = 110;
    ECONNREFUSED = 111;
    EHOSTUNREACH = 113;
    EALREADY = 114;
    EINPROGRESS = 115;
}

/// The name of an error number, `None` for an unknown one.
pub fn name_of(number: isize) -> Option<Value> {
    let number = Value::small_int(number)?;
    ERRNO.entries().iter().find(|e| e.value() == number).map(RomEntry::name)
}

/// `errorcode`: a dict from number to name, made when it is asked for.
fn errno_attr(vm: &mut Vm, name: Value, op: AttrOp) -> Res {
    if name != q::errorcode.value() || op != AttrOp::Load {
        return Ok(Value::UNDEF);
    }
    let dict = vm.new_dict()?;
    for e in ERRNO.entries() {
        dict.set(vm, e.value(), e.name())?;
    }
    let dict = dict.value();
    set_aux(vm, dict, aux(dict) | READ_ONLY);
    Ok(dict)
}
