//! `network`: the interfaces of the board and what they have in common.
//!
//! `LAN` and `WLAN` are there where the board has such a thing. Rooms after this one add names of their own
//! ([`extend`]): the servers, interrupts of the radio.
//!
//! Source: MicroPython library reference, "network"; its release 1.8.3 for the WiPy, "network".

mod ip;
mod lan;
mod wlan;

use core::cell::Cell;
use critical_section::Mutex;
use lwip_sys::{Errno, HOSTNAME_MAX};
use threadsnake_vm::object::{Args, AttrOp, Res, Str};
use threadsnake_vm::types::str::STR;
use threadsnake_vm::value::names::q;
use threadsnake_vm::value::{RomValue, Value};
use threadsnake_vm::{Raise, Vm, exc, py_module};

use super::address::{address_arg, address_value, or_raise};
use crate::wlan as radio;
use crate::{dns, set_dns, set_hostname, stack};

const fn int(n: i32) -> RomValue {
    RomValue(Value::int(n))
}

py_module! {
    /// `network`.
    pub static NETWORK: network, extensible false;
    entries {
        country = Var(0, 1, country);
        hostname = Var(0, 1, hostname);
        ipconfig = Raw(ipconfig);
        STA_IF: int(wlan::STATION);
        AP_IF: int(wlan::ACCESS_POINT);
        STAT_IDLE: int(wlan::STAT_IDLE);
        STAT_CONNECTING: int(wlan::STAT_CONNECTING);
        STAT_GOT_IP: int(wlan::STAT_GOT_IP);
        STAT_CONNECT_FAIL: int(wlan::STAT_CONNECT_FAIL);
        STAT_NO_AP_FOUND: int(wlan::STAT_NO_AP_FOUND);
        STAT_WRONG_PASSWORD: int(wlan::STAT_WRONG_PASSWORD);
        AUTH_OPEN: int(0);
        AUTH_WEP: int(1);
        AUTH_WPA_PSK: int(2);
        AUTH_WPA2_PSK: int(3);
        AUTH_WPA_WPA2_PSK: int(4);
    }
    with with_attr(network_attr)
    with with_computed(&[q::LAN, q::WLAN])
}

/// What another room answers for a name of this module; `UNDEF` for names that are not its.
pub type Extension = fn(&mut Vm, name: Value) -> Res;

static EXTENSION: Mutex<Cell<Option<Extension>>> = Mutex::new(Cell::new(None));

/// Adds names to the module; once, before any VM runs.
pub fn extend(extension: Extension) {
    critical_section::with(|cs| EXTENSION.borrow(cs).set(Some(extension)));
}

/// What another room does for `WLAN.irq`: its arguments, the object first.
pub type Irq = fn(&mut Vm, Args<'_>) -> Res;

static IRQ: Mutex<Cell<Option<Irq>>> = Mutex::new(Cell::new(None));

/// Gives `WLAN.irq` its meaning; once, before any VM runs.
pub fn set_irq(irq: Irq) {
    critical_section::with(|cs| IRQ.borrow(cs).set(Some(irq)));
}

fn irq() -> Option<Irq> {
    critical_section::with(|cs| IRQ.borrow(cs).get())
}

/// What depends on the image.
fn network_attr(vm: &mut Vm, name: Value, op: AttrOp) -> Res {
    if op != AttrOp::Load {
        return Ok(Value::UNDEF);
    }
    if name == q::LAN.value() && stack::config().is_some_and(|config| config.has_lan) {
        return Ok(lan::LAN.value());
    }
    if name == q::WLAN.value() && radio::is_there() {
        return Ok(wlan::WLAN.value());
    }
    match critical_section::with(|cs| EXTENSION.borrow(cs).get()) {
        Some(extension) => extension(vm, name),
        None => Ok(Value::UNDEF),
    }
}

/// Runs a call of the network without the GIL.
fn unlocked<R: Send>(
    vm: &mut Vm,
    call: impl FnOnce() -> Result<R, Errno> + Send,
) -> Result<R, Raise> {
    let answer = vm.unlocked(|_| call());
    or_raise(vm, answer)
}

/// `ValueError` for an argument that is out of its range, in the words of the WiPy.
#[cold]
fn invalid(vm: &mut Vm) -> Raise {
    vm.raise(exc::VALUE_ERROR, "invalid argument(s) value")
}

/// `ValueError` for a parameter that there is not.
#[cold]
fn unknown(vm: &mut Vm) -> Raise {
    vm.raise(exc::VALUE_ERROR, "unexpected key")
}

/// `country([code])`: two letters, `XX` for the whole world.
fn country(vm: &mut Vm, args: &[Value]) -> Res {
    let Some(&code) = args.first() else {
        let country = radio::settings().country;
        return vm.new_str(core::str::from_utf8(&country).unwrap_or("XX"));
    };
    let code = vm.expect::<Str>(code, &STR)?;
    match <[u8; 2]>::try_from(code.as_bytes()) {
        Ok(letters) if letters.is_ascii() => radio::change(|settings| settings.country = letters),
        _ => return Err(invalid(vm)),
    }
    Ok(Value::NONE)
}

/// The host name, with a terminator.
type Name = [u8; HOSTNAME_MAX + 1];

static HOSTNAME: Mutex<Cell<Option<Name>>> = Mutex::new(Cell::new(None));

/// `hostname([name])`: what DHCP tells; of at most 32 bytes. At first that of the board.
fn hostname(vm: &mut Vm, args: &[Value]) -> Res {
    let Some(&given) = args.first() else {
        return match critical_section::with(|cs| HOSTNAME.borrow(cs).get()) {
            Some(name) => {
                let n = name.iter().position(|&byte| byte == 0).unwrap_or(HOSTNAME_MAX);
                vm.new_str(core::str::from_utf8(&name[..n]).unwrap_or_default())
            }
            None => {
                let platform = vm.host().platform();
                vm.new_str(platform)
            }
        };
    };
    let text = vm.expect::<Str>(given, &STR)?;
    let bytes = text.as_bytes();
    if bytes.len() > HOSTNAME_MAX || bytes.contains(&0) {
        return Err(vm.raise(exc::VALUE_ERROR, ""));
    }
    let mut name: Name = [0; HOSTNAME_MAX + 1];
    name[..bytes.len()].copy_from_slice(bytes);
    critical_section::with(|cs| HOSTNAME.borrow(cs).set(Some(name)));
    unlocked(vm, || {
        stack::start()?;
        let name = core::ffi::CStr::from_bytes_until_nul(&name).map_err(|_| Errno::EINVAL)?;
        set_hostname(name)
    })?;
    Ok(Value::NONE)
}

/// `ipconfig(name)`, `ipconfig(name=value, …)`: `dns`, the name server; `prefer`, the version of IP, always 4.
fn ipconfig(vm: &mut Vm, args: Args<'_>) -> Res {
    if let [name] = args.pos
        && args.names.is_empty()
    {
        let name = vm.expect::<Str>(*name, &STR)?;
        return match name.as_str() {
            "dns" => {
                let address = vm.unlocked(|_| dns(0));
                address_value(vm, address)
            }
            "prefer" => Ok(Value::int(4)),
            _ => Err(unknown(vm)),
        };
    }
    if !args.pos.is_empty() {
        return Err(vm.raise(exc::TYPE_ERROR, "either pos or kw args are allowed"));
    }
    for (&name, &value) in args.names.iter().zip(args.values) {
        match Str::from_known(name).as_str() {
            "dns" => {
                let address = address_arg(vm, value)?;
                unlocked(vm, || {
                    stack::start()?;
                    set_dns(0, address);
                    Ok(())
                })?;
            }
            "prefer" => {
                if vm.index(value)? != 4 {
                    return Err(invalid(vm));
                }
            }
            _ => return Err(unknown(vm)),
        }
    }
    Ok(Value::NONE)
}
