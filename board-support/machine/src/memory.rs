//! `machine.mem8`, `mem16`, `mem32`: memory by address, as far as the board opens it.
//!
//! Source: MicroPython library reference, "machine".

use threadsnake_drivers::hardware;
use threadsnake_hal::{HalError, Width};
use threadsnake_vm::object::{Native, Res, Slice, StrBuilder, Style};
use threadsnake_vm::types::OBJECT;
use threadsnake_vm::value::Value;
use threadsnake_vm::value::names::q;
use threadsnake_vm::{Raise, Vm, exc, py_type};

use crate::args;
use crate::state::{self, Item};

py_type! {
    /// The type of the three. Word 0: bytes of an access.
    pub static MEM: mem, base OBJECT;
    slots { repr: mem_repr, get_item: mem_get, set_item: mem_set, is_final: true }
    entries {}
}

/// The object of that name, made at the first call; `UNDEF` for another name.
pub fn object(vm: &mut Vm, name: Value) -> Res {
    let (item, bytes) = if name == q::mem8.value() {
        (Item::Mem8, 1)
    } else if name == q::mem16.value() {
        (Item::Mem16, 2)
    } else if name == q::mem32.value() {
        (Item::Mem32, 4)
    } else {
        return Ok(Value::UNDEF);
    };
    let there = state::get(vm, item)?;
    if !there.is_undef() {
        return Ok(there);
    }
    let object = Native::new(vm, MEM.value(), &[Value::int(bytes)])?.value();
    state::set(vm, item, object)?;
    Ok(object)
}

fn bytes(vm: &Vm, v: Value) -> usize {
    Native::from_known(v).get(vm, 0).as_small_int().unwrap_or(1) as usize
}

fn mem_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, _: Style) -> Result<(), Raise> {
    let bits = 8 * bytes(vm, v);
    vm.push_fmt(out, format_args!("<{bits}-bit memory>"));
    Ok(())
}

/// The address and the width of an access.
fn place(vm: &mut Vm, v: Value, index: Value) -> Result<(usize, Width), Raise> {
    if Slice::from_value(index).is_some() {
        return Err(vm.raise(exc::TYPE_ERROR, "memory has no slices"));
    }
    let address = vm.int_low_u64(index)? as usize;
    let width = match bytes(vm, v) {
        1 => Width::Byte,
        2 => Width::Half,
        _ => Width::Word,
    };
    if !address.is_multiple_of(width as usize) {
        let n = width as usize;
        return Err(vm.raise_fmt(
            exc::VALUE_ERROR,
            format_args!("address {address:08x} is not aligned to {n} bytes"),
        ));
    }
    Ok((address, width))
}

fn mem_get(vm: &mut Vm, v: Value, index: Value) -> Res {
    let (address, width) = place(vm, v, index)?;
    let read = hardware().memory.ok_or(HalError::Invalid).and_then(|m| m.read(address, width));
    let value = args::check(vm, read)?;
    vm.int_from_u64(value.into())
}

fn mem_set(vm: &mut Vm, v: Value, index: Value, value: Value) -> Result<(), Raise> {
    if value.is_undef() {
        return Err(vm.raise(exc::TYPE_ERROR, "memory can't be deleted"));
    }
    let (address, width) = place(vm, v, index)?;
    let value = vm.int_low_u64(value)? as u32;
    let written =
        hardware().memory.ok_or(HalError::Invalid).and_then(|m| m.write(address, width, value));
    args::check(vm, written)
}
