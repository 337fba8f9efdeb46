//! Frame objects: what `sys.settrace` shows of a running function.
//!
//! A native object of five words, see the constants. Line and instruction are those of the last event, or of the moment
//! when the object was made.
//!
//! Source: Python data model, "Frame objects"; the attributes are MicroPython's.

use crate::object::{AttrOp, Function, Native, Res, Str, StrBuilder, Style};
use crate::value::Value;
use crate::{Raise, Vm, py_type};

use super::OBJECT;

py_type! {
    /// A frame.
    pub static FRAME: frame, base OBJECT;
    slots { repr: frame_repr, attr: frame_attr, is_final: true }
    entries {}
}

/// The address of its record, as a word.
pub const ADDRESS: usize = 0;
/// The Function.
pub const FUNCTION: usize = 1;
/// Who is told what happens in it.
pub const LOCAL: usize = 2;
/// The line, a small int.
pub const LINE: usize = 3;
/// The instruction, a small int; -1 before the first.
pub const LAST: usize = 4;

fn frame_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, _style: Style) -> Result<(), Raise> {
    let frame = Native::from_known(v);
    let code = Function::from_known(frame.get(vm, FUNCTION)).code();
    let parts = [v, code.file(), frame.get(vm, LINE), code.name()];
    vm.push_parts(out, b"<frame at @, file '%', line %, code %>", &parts)
}

fn frame_attr(vm: &mut Vm, v: Value, name: Value, op: AttrOp) -> Res {
    let frame = Native::from_known(v);
    let function = Function::from_known(frame.get(vm, FUNCTION));
    if op != AttrOp::Load {
        return Ok(Value::UNDEF);
    }
    match Str::from_known(name).as_bytes() {
        b"f_back" => vm.frame_back(frame),
        b"f_code" => Ok(function.code().value()),
        b"f_globals" => Ok(function.globals()),
        b"f_lasti" => {
            let last = frame.get(vm, LAST).as_small_int().unwrap_or(0);
            Ok(Value::from_len(last.max(0).unsigned_abs()))
        }
        b"f_lineno" => Ok(frame.get(vm, LINE)),
        _ => Ok(Value::UNDEF),
    }
}
