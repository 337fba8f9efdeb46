//! `network.LAN`: the board's Ethernet interface. There is one; every object is it.
//!
//! Source: MicroPython library reference, "class LAN".

use threadsnake_vm::object::{Args, Native, Res, Str, StrBuilder, Style};
use threadsnake_vm::types::OBJECT;
use threadsnake_vm::types::str::STR;
use threadsnake_vm::value::Value;
use threadsnake_vm::{Raise, Vm, exc, py_type};

use super::{invalid, ip, unknown, unlocked};
use crate::{Errno, Interface, lan};

py_type! {
    /// `network.LAN`.
    pub static LAN: LAN, base OBJECT;
    slots { new: lan_new, repr: lan_repr, is_final: true }
    entries {
        active = Var(1, 2, active);
        config = Raw(config);
        ifconfig = Var(1, 2, ifconfig);
        ipconfig = Raw(ipconfig);
        isconnected = F1(isconnected);
        status = F1(status);
    }
}

/// `LAN([id], …)`: keywords about the PHY are for other boards.
fn lan_new(vm: &mut Vm, class: Value, args: Args<'_>) -> Res {
    if let Some(&id) = args.pos.first()
        && vm.index(id)? != 0
    {
        return Err(super::super::address::raise(vm, Errno::ENODEV));
    }
    interface(vm)?;
    Ok(Native::new(vm, class, &[])?.value())
}

fn interface(vm: &mut Vm) -> Result<Interface, Raise> {
    unlocked(vm, lan::interface)
}

/// `active([on])`: switched on without an address, it asks for a lease.
fn active(vm: &mut Vm, args: &[Value]) -> Res {
    let interface = interface(vm)?;
    match args.get(1) {
        None => Ok(Value::bool(ip::state(vm, interface)?.is_active)),
        Some(&on) => {
            let on = vm.truth(on)?;
            unlocked(vm, || lan::set_active(on))?;
            Ok(Value::NONE)
        }
    }
}

/// `isconnected()`: the line is connected, and the interface active.
fn isconnected(vm: &mut Vm, _: Value) -> Res {
    let interface = interface(vm)?;
    let state = ip::state(vm, interface)?;
    Ok(Value::bool(state.is_active && state.has_link))
}

/// `status()`: 0 without a link, 2 without an address, 3 ready.
fn status(vm: &mut Vm, _: Value) -> Res {
    let interface = interface(vm)?;
    let state = ip::state(vm, interface)?;
    Ok(Value::int(match state.is_active && state.has_link {
        false => 0,
        true if state.address.is_unspecified() => 2,
        true => 3,
    }))
}

fn ifconfig(vm: &mut Vm, args: &[Value]) -> Res {
    let interface = interface(vm)?;
    match args.get(1) {
        None => ip::get(vm, interface),
        Some(&config) => ip::set(vm, interface, config),
    }
}

fn ipconfig(vm: &mut Vm, args: Args<'_>) -> Res {
    let interface = interface(vm)?;
    ip::config(vm, interface, Args { pos: args.pos.get(1..).unwrap_or_default(), ..args })
}

/// `config('mac')`, `config(mac=bytes)`.
fn config(vm: &mut Vm, args: Args<'_>) -> Res {
    let interface = interface(vm)?;
    if let [_, name] = args.pos
        && args.names.is_empty()
    {
        let name = vm.expect::<Str>(*name, &STR)?;
        return match name.as_str() {
            "mac" => {
                let state = ip::state(vm, interface)?;
                vm.new_bytes(&state.mac)
            }
            _ => Err(unknown(vm)),
        };
    }
    if args.pos.len() > 1 {
        return Err(vm.raise(exc::TYPE_ERROR, "either pos or kw args are allowed"));
    }
    for (&name, &value) in args.names.iter().zip(args.values) {
        match Str::from_known(name).as_str() {
            "mac" => {
                let mac = mac_arg(vm, value)?;
                unlocked(vm, || interface.set_mac(mac))?;
            }
            // About hardware that this one has not.
            "trace" | "low_power" => {}
            _ => return Err(unknown(vm)),
        }
    }
    Ok(Value::NONE)
}

/// An Ethernet address: six bytes, else `ValueError`.
pub fn mac_arg(vm: &mut Vm, v: Value) -> Result<[u8; 6], Raise> {
    let buffer = vm.expect_buffer(v)?;
    match <[u8; 6]>::try_from(buffer.bytes(vm)) {
        Ok(mac) => Ok(mac),
        Err(_) => Err(invalid(vm)),
    }
}

fn lan_repr(vm: &mut Vm, _: Value, out: &mut StrBuilder, _: Style) -> Result<(), Raise> {
    let state = vm.unlocked(|_| lan::interface().and_then(|interface| interface.state()));
    ip::push_repr(vm, out, "LAN", state.ok())
}
