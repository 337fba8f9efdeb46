//! `ifconfig()` and `ipconfig()` of an interface, whichever it is.

use core::net::Ipv4Addr;
use lwip_sys::{Errno, Interface, InterfaceState};
use threadsnake_vm::object::{Args, List, Res, Str, StrBuilder, Tuple};
use threadsnake_vm::types::str::STR;
use threadsnake_vm::value::Value;
use threadsnake_vm::{Raise, Vm, exc};

use super::super::address::{address_arg, address_value, items_arg, or_raise};
use super::{invalid, unknown, unlocked};
use crate::stack::interface_event;
use crate::wait::blocking_on;
use crate::{dns, set_dns};

/// How long `ifconfig('dhcp')` waits for a lease.
const LEASE_US: u64 = 10_000_000;

pub fn state(vm: &mut Vm, interface: Interface) -> Result<InterfaceState, Raise> {
    unlocked(vm, || interface.state())
}

/// `ifconfig()`: `(address, mask, gateway, name server)`.
pub fn get(vm: &mut Vm, interface: Interface) -> Res {
    let (state, dns) = unlocked(vm, || Ok((interface.state()?, dns(0))))?;
    let items = [state.address, state.mask, state.gateway, dns];
    let list = vm.new_list()?;
    for address in items {
        let address = address_value(vm, address)?;
        list.push(vm, address)?;
    }
    vm.call(threadsnake_vm::types::tuple::TUPLE.value(), &[list.value()])
}

/// `ifconfig(config)`: those four in a tuple; or `'dhcp'`, which waits for a lease where the line is connected.
pub fn set(vm: &mut Vm, interface: Interface, config: Value) -> Res {
    if let Some(text) = vm.cast::<Str>(config) {
        if text.as_str() != "dhcp" {
            return Err(invalid(vm));
        }
        let state = unlocked(vm, || {
            interface.set_dhcp(true)?;
            interface.state()
        })?;
        if state.is_active && state.has_link {
            let event = interface_event(interface.number());
            let leased = blocking_on(vm, event, Some(LEASE_US), || match interface.state()? {
                state if state.has_lease => Ok(()),
                _ => Err(Errno::EAGAIN),
            })?;
            or_raise(vm, leased)?;
        }
        return Ok(Value::NONE);
    }
    let items: [Value; 4] = items_arg(vm, config)?;
    let mut addresses = [Ipv4Addr::UNSPECIFIED; 4];
    for (address, item) in addresses.iter_mut().zip(items) {
        *address = address_arg(vm, item)?;
    }
    let [address, mask, gateway, server] = addresses;
    unlocked(vm, || {
        set_dns(0, server);
        interface.set_address(address, mask, gateway)
    })?;
    Ok(Value::NONE)
}

/// The mask of a prefix of this length.
fn mask_of(length: u32) -> Ipv4Addr {
    Ipv4Addr::from(u32::MAX.checked_shl(32 - length).unwrap_or(0))
}

/// `(address, mask)` in a tuple, or `'address/length'`, or `'address'` alone with the mask that it has.
fn network_arg(vm: &mut Vm, v: Value, mask: Ipv4Addr) -> Result<(Ipv4Addr, Ipv4Addr), Raise> {
    if vm.cast::<Tuple>(v).is_some() || vm.cast::<List>(v).is_some() {
        let [address, mask] = items_arg(vm, v)?;
        return Ok((address_arg(vm, address)?, address_arg(vm, mask)?));
    }
    let text = vm.expect::<Str>(v, &STR)?;
    let parsed = match text.as_str().split_once('/') {
        Some((address, length)) => {
            let length = length.parse().ok().filter(|length| *length <= 32);
            address.parse().ok().zip(length.map(mask_of))
        }
        None => text.as_str().parse().ok().map(|address| (address, mask)),
    };
    parsed.ok_or_else(|| invalid(vm))
}

/// `ipconfig(name)`, `ipconfig(name=value, …)` of an interface.
pub fn config(vm: &mut Vm, interface: Interface, args: Args<'_>) -> Res {
    if let [name] = args.pos
        && args.names.is_empty()
    {
        let name = vm.expect::<Str>(*name, &STR)?;
        let state = state(vm, interface)?;
        return match name.as_str() {
            "dhcp4" => Ok(Value::bool(state.dhcp)),
            "has_dhcp4" => Ok(Value::bool(state.has_lease)),
            "addr4" => {
                let address = address_value(vm, state.address)?;
                let mask = address_value(vm, state.mask)?;
                vm.new_tuple(&[address, mask])
            }
            "gw4" => address_value(vm, state.gateway),
            _ => Err(unknown(vm)),
        };
    }
    if !args.pos.is_empty() {
        return Err(vm.raise(exc::TYPE_ERROR, "either pos or kw args are allowed"));
    }
    for (&name, &value) in args.names.iter().zip(args.values) {
        match Str::from_known(name).as_str() {
            "dhcp4" => {
                let on = vm.truth(value)?;
                unlocked(vm, || interface.set_dhcp(on))?;
            }
            "addr4" => {
                let now = state(vm, interface)?;
                let (address, mask) = network_arg(vm, value, now.mask)?;
                unlocked(vm, || interface.set_address(address, mask, now.gateway))?;
            }
            "gw4" => {
                let gateway = address_arg(vm, value)?;
                unlocked(vm, || interface.set_gateway(gateway))?;
            }
            _ => return Err(unknown(vm)),
        }
    }
    Ok(Value::NONE)
}

/// Appends the name of a class and how the interface stands.
pub fn push_repr(
    vm: &mut Vm,
    out: &mut StrBuilder,
    class: &str,
    state: Option<InterfaceState>,
) -> Result<(), Raise> {
    match state {
        Some(state) if state.is_active => {
            vm.push_fmt(out, format_args!("<{class} up={} {}>", state.has_link, state.address))
        }
        _ => vm.push_fmt(out, format_args!("<{class} down>")),
    }
    Ok(())
}
