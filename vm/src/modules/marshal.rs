//! `marshal`: code objects as bytes and back. The bytes are those of a precompiled file (`bytecode::file`), which is
//! verified when it is loaded.
//!
//! Source: Python Library Reference, "marshal"; MicroPython library reference, "marshal": of all types only code objects.

use crate::bytecode::{load, save};
use crate::object::{Code, Res};
use crate::value::Value;
use crate::{Vm, exc, py_module};

py_module! {
    /// `marshal`.
    pub static MARSHAL: marshal, extensible true;
    entries {
        dumps = F1(dumps);
        loads = F1(loads);
    }
}

/// `dumps(code)`: bytes that only this version of the interpreter takes; `ValueError` for anything but code.
fn dumps(vm: &mut Vm, value: Value) -> Res {
    match Code::from_value(value) {
        Some(code) => save::save(vm, code, true),
        None => Err(vm.raise(exc::VALUE_ERROR, "unmarshallable object")),
    }
}

/// `loads(bytes)`: the code object; `ValueError` for bytes that `dumps` has not made.
fn loads(vm: &mut Vm, data: Value) -> Res {
    let data = vm.expect_buffer(data)?;
    let mut at = 0;
    let code = load::load_code(vm, &mut |vm, buf| {
        let rest = data.bytes(vm).get(at..).unwrap_or_default();
        let n = rest.len().min(buf.len());
        buf[..n].copy_from_slice(&rest[..n]);
        at += n;
        Ok(n)
    })?;
    Ok(code.value())
}
