//! `network.WLAN`: the radio, in the form of the WiPy and in today's.
//!
//! Which form it is shows where an object is made: `WLAN(IF_STA)` and `WLAN(IF_AP)` are today's two interfaces;
//! `WLAN()`, `WLAN(mode=…)` and whatever else has the WiPy's arguments is the one object that is either a station or an
//! access point. The methods of both are there in both; `connect` waits in the WiPy's form only.
//!
//! Source: MicroPython library reference, "class WLAN", and that of 1.8.3 for the WiPy.

use lwip_sys::Errno;
use threadsnake_vm::object::{Args, Native, Res, RomFn, Str, StrBuilder, Style};
use threadsnake_vm::types::OBJECT;
use threadsnake_vm::types::attrtuple::new_attr_tuple;
use threadsnake_vm::types::str::STR;
use threadsnake_vm::value::Value;
use threadsnake_vm::value::names::q;
use threadsnake_vm::{Raise, Vm, exc, py_type, rom_call, rom_static};

use super::super::address::{items_arg, or_raise, raise};
use super::lan::mac_arg;
use super::{int, invalid, ip, unknown, unlocked};
use crate::Interface;
use crate::stack::interface_event;
use crate::wait::blocking_on;
use crate::wlan::{self, Found, Join, Key, Link, Security, Settings, Ssid};

py_type! {
    /// `network.WLAN`.
    pub static WLAN: WLAN, base OBJECT;
    slots { new: wlan_new, repr: wlan_repr, is_final: true }
    entries {
        active = Var(1, 2, active);
        antenna = Var(1, 2, antenna);
        auth = Var(1, 2, auth);
        channel = Var(1, 2, channel);
        config = Raw(config);
        connect = Kw(connect; _, ssid?, key?, *, auth?, bssid?, timeout?);
        disconnect = F1(disconnect);
        ifconfig = Raw(ifconfig);
        init = Raw(init);
        ipconfig = Raw(ipconfig);
        irq = Raw(irq);
        isconnected = F1(isconnected);
        mac = Var(1, 2, mac);
        mode = Var(1, 2, mode);
        print_ver: rom_static!(print_ver, F0(print_ver));
        scan = F1(scan);
        ssid = Var(1, 2, ssid);
        status = Var(1, 2, status);
        STA: int(STATION);
        AP: int(WIPY_ACCESS_POINT);
        IF_STA: int(STATION);
        IF_AP: int(ACCESS_POINT);
        WEP: int(1);
        WPA: int(2);
        WPA2: int(2);
        INT_ANT: int(0);
        EXT_ANT: int(1);
        ANY_EVENT: int(1);
        PM_NONE: int(0);
        PM_PERFORMANCE: int(1);
        PM_POWERSAVE: int(2);
    }
}

/// The interfaces, as today's form numbers them.
pub const STATION: i32 = 0;
pub const ACCESS_POINT: i32 = 1;
/// The mode, as the WiPy numbers it; a station is 0 there, too.
const WIPY_ACCESS_POINT: i32 = 2;
/// The role of the WiPy's object.
const WIPY: i32 = 2;

pub const STAT_IDLE: i32 = 0;
pub const STAT_CONNECTING: i32 = 1;
pub const STAT_GOT_IP: i32 = 3;
pub const STAT_CONNECT_FAIL: i32 = -1;
pub const STAT_NO_AP_FOUND: i32 = -2;
pub const STAT_WRONG_PASSWORD: i32 = -3;

/// Word: the role.
const ROLE: usize = 0;

const EPERM: Errno = Errno(1);

fn role(vm: &Vm, this: Value) -> i32 {
    Native::from_known(this).get(vm, ROLE).as_small_int().map_or(WIPY, |role| role as i32)
}

/// The arguments of the WiPy's constructor and of `init`.
static INIT: RomFn = RomFn::free(
    q::init,
    rom_call!(Kw(init_bound; mode?, *, id?, ssid?, auth?, channel?, antenna?)),
);

/// `WLAN([id])`, `WLAN([id, ]mode=STA, *, ssid, auth, channel, antenna)`.
fn wlan_new(vm: &mut Vm, class: Value, args: Args<'_>) -> Res {
    let (id, rest) = match args.pos.split_first() {
        Some((&id, rest)) => (vm.index(id)?, Args { pos: rest, ..args }),
        None => (0, args),
    };
    let is_plain = rest.pos.is_empty() && rest.names.is_empty();
    let role = match id {
        0 | 1 if is_plain && !args.pos.is_empty() => id as i32,
        0 => WIPY,
        _ => return Err(raise(vm, Errno::ENODEV)),
    };
    unlocked(vm, || wlan::radio().map(drop))?;
    if !is_plain {
        vm.call_args(INIT.rom().0, rest)?;
    } else if role == WIPY {
        let settings = wlan::settings();
        if !settings.is_station && !settings.is_access_point {
            set_mode(vm, STATION)?;
        }
    }
    Ok(Native::new(vm, class, &[Value::int(role)])?.value())
}

/// `init(mode=STA, *, ssid, auth, channel, antenna)`: what is not given stays.
fn init(vm: &mut Vm, args: Args<'_>) -> Res {
    let pos = args.pos.get(1..).unwrap_or_default();
    vm.call_args(INIT.rom().0, Args { pos, ..args })
}

fn init_bound(vm: &mut Vm, args: &[Value]) -> Res {
    let &[mode, id, ssid, auth, channel, antenna] = args else { return Err(invalid(vm)) };
    if !id.is_undef() && vm.index(id)? != 0 {
        return Err(raise(vm, Errno::ENODEV));
    }
    let mode = match mode {
        v if v.is_undef() => STATION,
        mode => mode_arg(vm, mode)?,
    };
    if !ssid.is_undef() {
        set_ssid(vm, ssid)?;
    }
    if !auth.is_undef() {
        set_auth(vm, auth)?;
    }
    if !channel.is_undef() {
        set_channel(vm, channel)?;
    }
    if !antenna.is_undef() {
        set_antenna(vm, antenna)?;
    }
    set_mode(vm, mode)?;
    Ok(Value::NONE)
}

fn mode_arg(vm: &mut Vm, v: Value) -> Result<i32, Raise> {
    match vm.index(v)? as i32 {
        mode @ (STATION | WIPY_ACCESS_POINT) => Ok(mode),
        _ => Err(invalid(vm)),
    }
}

/// Makes the radio a station or an access point, and not the other.
fn set_mode(vm: &mut Vm, mode: i32) -> Result<(), Raise> {
    let is_station = mode == STATION;
    unlocked(vm, || {
        if is_station {
            wlan::set_access_point(false)?;
            wlan::set_station(true)
        } else {
            wlan::set_station(false)?;
            wlan::set_access_point(true)
        }
    })
}

/// Tells the radio of changed settings of our access point.
fn host_again(vm: &mut Vm) -> Result<(), Raise> {
    match wlan::settings().is_access_point {
        true => unlocked(vm, || wlan::set_access_point(true)),
        false => Ok(()),
    }
}

fn mode_of(settings: &Settings) -> i32 {
    match settings.is_access_point && !settings.is_station {
        true => WIPY_ACCESS_POINT,
        false => STATION,
    }
}

/// True if the object speaks of our access point now.
fn is_access_point(vm: &Vm, this: Value) -> bool {
    match role(vm, this) {
        WIPY => mode_of(&wlan::settings()) == WIPY_ACCESS_POINT,
        role => role == ACCESS_POINT,
    }
}

fn interface(vm: &mut Vm, this: Value) -> Result<Interface, Raise> {
    let is_access_point = is_access_point(vm, this);
    let (_, station, access_point) = unlocked(vm, wlan::radio)?;
    Ok(if is_access_point { access_point } else { station })
}

/// `active([on])`
fn active(vm: &mut Vm, args: &[Value]) -> Res {
    let (settings, role) = (wlan::settings(), role(vm, args[0]));
    let Some(&on) = args.get(1) else {
        return Ok(Value::bool(match role {
            STATION => settings.is_station,
            ACCESS_POINT => settings.is_access_point,
            _ => settings.is_station || settings.is_access_point,
        }));
    };
    let on = vm.truth(on)?;
    let is_access_point = is_access_point(vm, args[0]);
    unlocked(vm, || match is_access_point {
        true => wlan::set_access_point(on),
        false => wlan::set_station(on),
    })?;
    Ok(Value::NONE)
}

fn text_arg<const N: usize>(vm: &mut Vm, v: Value) -> Result<wlan::Text<N>, Raise> {
    let text = match vm.cast::<Str>(v) {
        Some(text) => wlan::Text::new(text.as_bytes()),
        None => {
            let buffer = vm.expect_buffer(v)?;
            wlan::Text::new(buffer.bytes(vm))
        }
    };
    text.ok_or_else(|| invalid(vm))
}

/// `None`, or `(security, key)`.
fn auth_arg(vm: &mut Vm, v: Value) -> Result<(Security, Key), Raise> {
    if v.is_none() {
        return Ok((Security::Open, Key::EMPTY));
    }
    let [security, key] = items_arg(vm, v)?;
    // What `scan` calls an open network.
    if security.is_none() || (vm.index(security)? == 0 && !vm.truth(key)?) {
        return Ok((Security::Open, Key::EMPTY));
    }
    let key: Key = text_arg(vm, key)?;
    match vm.index(security)? {
        1 if key.as_bytes().iter().all(u8::is_ascii_hexdigit) => Ok((Security::Wep, key)),
        2..=4 => Ok((Security::Wpa2, key)),
        _ => Err(invalid(vm)),
    }
}

/// `connect([ssid[, key]], *, auth, bssid, timeout)`: begins to join a network, by default the last one. In the WiPy's
/// form (`auth`, `timeout` in milliseconds) waits until it has joined; raises `OSError(ETIMEDOUT)`, and `OSError(EPERM)`
/// while it is an access point.
fn connect(vm: &mut Vm, args: &[Value]) -> Res {
    let &[this, ssid, key, auth, bssid, timeout] = args else { return Err(invalid(vm)) };
    if is_access_point(vm, this) {
        return Err(raise(vm, EPERM));
    }
    let given = |v: Value| (!v.is_undef() && !v.is_none()).then_some(v);
    let is_wipy = role(vm, this) == WIPY || given(auth).is_some() || !timeout.is_undef();
    let join = match given(ssid) {
        None => match wlan::settings().joined {
            Some(last) => last,
            None => return Err(invalid(vm)),
        },
        Some(ssid) => {
            let key = match (given(auth), given(key)) {
                (Some(auth), _) => auth_arg(vm, auth)?.1,
                (None, Some(key)) if vm.cast::<Str>(key).is_none() => auth_arg(vm, key)?.1,
                (None, Some(key)) => text_arg(vm, key)?,
                (None, None) => Key::EMPTY,
            };
            let bssid = match given(bssid) {
                Some(bssid) => Some(mac_arg(vm, bssid)?),
                None => None,
            };
            Join { ssid: text_arg::<32>(vm, ssid)?, key, bssid }
        }
    };
    let timeout_us = match given(timeout) {
        Some(ms) => Some(u64::try_from(vm.index(ms)?).unwrap_or(0) * 1000),
        None => None,
    };
    let (radio, station) = unlocked(vm, || {
        if !wlan::settings().is_station {
            wlan::set_station(true)?;
        }
        wlan::join(&join)?;
        wlan::radio().map(|(radio, station, _)| (radio, station))
    })?;
    if is_wipy && timeout_us != Some(0) {
        let event = interface_event(station.number());
        let joined = blocking_on(vm, event, timeout_us, || match radio.link() {
            Link::Joined => Ok(()),
            _ => Err(Errno::EAGAIN),
        })?;
        or_raise(vm, joined)?;
    }
    Ok(Value::NONE)
}

fn disconnect(vm: &mut Vm, _: Value) -> Res {
    unlocked(vm, wlan::leave)?;
    Ok(Value::NONE)
}

/// How many networks `scan` tells at most.
const SCAN_MOST: usize = 20;

/// `scan()`: what is heard. In the WiPy's form tuples with names, `(ssid, bssid, sec, channel, rssi)`; in today's
/// `(ssid, bssid, channel, rssi, security, hidden)`.
fn scan(vm: &mut Vm, this: Value) -> Res {
    if is_access_point(vm, this) {
        return Err(raise(vm, EPERM));
    }
    let is_wipy = role(vm, this) == WIPY;
    let (found, n) = unlocked(vm, || {
        let (radio, ..) = wlan::radio()?;
        let (mut found, mut n) = ([None::<Found>; SCAN_MOST], 0);
        radio.scan(&mut |one| {
            if let Some(place) = found.get_mut(n) {
                *place = Some(*one);
                n += 1;
            }
        });
        Ok((found, n))
    })?;
    let list = vm.new_list()?;
    for one in found.iter().take(n).flatten() {
        let bssid = vm.new_bytes(&one.bssid)?;
        let (channel, rssi) = (Value::int(one.channel.into()), Value::int(one.rssi.into()));
        let entry = if is_wipy {
            let ssid = vm.new_str(&String32::from(one.ssid.as_bytes()))?;
            let security = match one.security {
                Security::Open => 0,
                Security::Wep => 1,
                _ => 2,
            };
            new_attr_tuple(
                vm,
                &[
                    (q::ssid.value(), ssid),
                    (q::bssid.value(), bssid),
                    (q::sec.value(), Value::int(security)),
                    (q::channel.value(), Value::NONE),
                    (q::rssi.value(), rssi),
                ],
            )?
        } else {
            let ssid = vm.new_bytes(one.ssid.as_bytes())?;
            let security = Value::int(one.security as i32);
            let hidden = Value::int(one.is_hidden.into());
            vm.new_tuple(&[ssid, bssid, channel, rssi, security, hidden])?
        };
        list.push(vm, entry)?;
    }
    Ok(list.value())
}

/// A network's name as text: its longest part that is UTF-8.
struct String32<'a>(&'a str);

impl<'a> From<&'a [u8]> for String32<'a> {
    fn from(bytes: &'a [u8]) -> Self {
        let good = match core::str::from_utf8(bytes) {
            Ok(text) => text,
            Err(error) => core::str::from_utf8(&bytes[..error.valid_up_to()]).unwrap_or_default(),
        };
        Self(good)
    }
}

impl core::ops::Deref for String32<'_> {
    type Target = str;

    fn deref(&self) -> &str {
        self.0
    }
}

/// `isconnected()`: a station has joined and has an address; an access point has a station.
fn isconnected(vm: &mut Vm, this: Value) -> Res {
    let is_access_point = is_access_point(vm, this);
    let is = unlocked(vm, || {
        let (radio, station, _) = wlan::radio()?;
        if is_access_point {
            let mut any = false;
            radio.stations(&mut |_, _| any = true);
            return Ok(any);
        }
        Ok(radio.link() == Link::Joined && !station.state()?.address.is_unspecified())
    })?;
    Ok(Value::bool(is))
}

/// `status()`, `status('rssi')`, `status('stations')`.
fn status(vm: &mut Vm, args: &[Value]) -> Res {
    let is_access_point = is_access_point(vm, args[0]);
    let (radio, station, access_point) = unlocked(vm, wlan::radio)?;
    let Some(&name) = args.get(1) else {
        let status = unlocked(vm, || {
            if is_access_point {
                let is_active = access_point.state()?.is_active;
                return Ok(if is_active { STAT_GOT_IP } else { STAT_IDLE });
            }
            let has_address = !station.state()?.address.is_unspecified();
            Ok(match radio.link() {
                Link::Idle => STAT_IDLE,
                Link::Joined if has_address => STAT_GOT_IP,
                Link::Joined | Link::Joining => STAT_CONNECTING,
                Link::WrongKey => STAT_WRONG_PASSWORD,
                Link::NotFound => STAT_NO_AP_FOUND,
                Link::Failed => STAT_CONNECT_FAIL,
            })
        })?;
        return Ok(Value::int(status));
    };
    let name = vm.expect::<Str>(name, &STR)?;
    match (name.as_str(), is_access_point) {
        ("rssi", false) => match vm.unlocked(|_| radio.rssi()) {
            Some(rssi) => Ok(Value::int(rssi.into())),
            None => Err(raise(vm, Errno::ENOTCONN)),
        },
        ("stations", true) => {
            const MOST: usize = 16;
            let (found, n) = vm.unlocked(|_| {
                let (mut found, mut n) = ([([0; 6], 0); MOST], 0);
                radio.stations(&mut |mac, rssi| {
                    if let Some(place) = found.get_mut(n) {
                        *place = (mac, rssi);
                        n += 1;
                    }
                });
                (found, n)
            });
            let list = vm.new_list()?;
            for (mac, rssi) in &found[..n] {
                let mac = vm.new_bytes(mac)?;
                let entry = vm.new_tuple(&[mac, Value::int((*rssi).into())])?;
                list.push(vm, entry)?;
            }
            Ok(list.value())
        }
        _ => Err(unknown(vm)),
    }
}

/// The arguments of the WiPy's `ifconfig`.
static IFCONFIG: RomFn =
    RomFn::free(q::ifconfig, rom_call!(Kw(ifconfig_bound; _, first?, config?, *, id?, if_id?)));

/// `ifconfig()`, `ifconfig(config)`, `ifconfig(id=0, config=…)`.
fn ifconfig(vm: &mut Vm, args: Args<'_>) -> Res {
    vm.call_args(IFCONFIG.rom().0, args)
}

fn ifconfig_bound(vm: &mut Vm, args: &[Value]) -> Res {
    let &[this, first, config, id, if_id] = args else { return Err(invalid(vm)) };
    let mut config = config;
    for id in [first, id, if_id] {
        match id.as_small_int() {
            _ if id.is_undef() || id.is_none() => {}
            Some(0) => {}
            Some(_) => return Err(raise(vm, EPERM)),
            None => config = id,
        }
    }
    let interface = interface(vm, this)?;
    if config.is_undef() || config.is_none() {
        return ip::get(vm, interface);
    }
    ip::set(vm, interface, config)?;
    if is_access_point(vm, this) {
        host_again(vm)?;
    }
    Ok(Value::NONE)
}

fn ipconfig(vm: &mut Vm, args: Args<'_>) -> Res {
    let Some((&this, rest)) = args.pos.split_first() else { return Err(invalid(vm)) };
    let interface = interface(vm, this)?;
    let answer = ip::config(vm, interface, Args { pos: rest, ..args })?;
    if rest.is_empty() && is_access_point(vm, this) {
        host_again(vm)?;
    }
    Ok(answer)
}

/// `mode([mode])`
fn mode(vm: &mut Vm, args: &[Value]) -> Res {
    match args.get(1) {
        None => Ok(Value::int(mode_of(&wlan::settings()))),
        Some(&mode) => {
            let mode = mode_arg(vm, mode)?;
            set_mode(vm, mode)?;
            Ok(Value::NONE)
        }
    }
}

fn set_ssid(vm: &mut Vm, v: Value) -> Result<(), Raise> {
    let ssid: Ssid = text_arg(vm, v)?;
    wlan::change(|settings| settings.access_point.ssid = ssid);
    Ok(())
}

fn set_auth(vm: &mut Vm, v: Value) -> Result<(), Raise> {
    let (security, key) = auth_arg(vm, v)?;
    wlan::change(|settings| {
        settings.access_point.security = security;
        settings.access_point.key = key;
    });
    Ok(())
}

fn set_channel(vm: &mut Vm, v: Value) -> Result<(), Raise> {
    let channel = match vm.index(v)? {
        channel @ 1..=11 => channel as u8,
        _ => return Err(invalid(vm)),
    };
    wlan::change(|settings| settings.access_point.channel = channel);
    Ok(())
}

fn set_antenna(vm: &mut Vm, v: Value) -> Result<(), Raise> {
    let antenna = match vm.index(v)? {
        antenna @ 0..=1 => antenna as u8,
        _ => return Err(invalid(vm)),
    };
    wlan::change(|settings| settings.antenna = antenna);
    Ok(())
}

/// `ssid([ssid])` of our access point.
fn ssid(vm: &mut Vm, args: &[Value]) -> Res {
    match args.get(1) {
        None => {
            let ssid = wlan::settings().access_point.ssid;
            vm.new_str(&String32::from(ssid.as_bytes()))
        }
        Some(&ssid) => {
            set_ssid(vm, ssid)?;
            host_again(vm)?;
            Ok(Value::NONE)
        }
    }
}

/// `auth([auth])` of our access point: `None` or `(security, key)`.
fn auth(vm: &mut Vm, args: &[Value]) -> Res {
    let Some(&auth) = args.get(1) else {
        let access_point = wlan::settings().access_point;
        let security = match access_point.security {
            Security::Open => return Ok(Value::NONE),
            Security::Wep => 1,
            _ => 2,
        };
        let key = vm.new_str(&String32::from(access_point.key.as_bytes()))?;
        return vm.new_tuple(&[Value::int(security), key]);
    };
    set_auth(vm, auth)?;
    host_again(vm)?;
    Ok(Value::NONE)
}

/// `channel([channel])` of our access point.
fn channel(vm: &mut Vm, args: &[Value]) -> Res {
    match args.get(1) {
        None => Ok(Value::int(wlan::settings().access_point.channel.into())),
        Some(&channel) => {
            set_channel(vm, channel)?;
            host_again(vm)?;
            Ok(Value::NONE)
        }
    }
}

/// `antenna([antenna])`
fn antenna(vm: &mut Vm, args: &[Value]) -> Res {
    match args.get(1) {
        None => Ok(Value::int(wlan::settings().antenna.into())),
        Some(&antenna) => set_antenna(vm, antenna).map(|()| Value::NONE),
    }
}

/// `mac([mac])`
fn mac(vm: &mut Vm, args: &[Value]) -> Res {
    let interface = interface(vm, args[0])?;
    match args.get(1) {
        None => {
            let state = ip::state(vm, interface)?;
            vm.new_bytes(&state.mac)
        }
        Some(&mac) => {
            let mac = mac_arg(vm, mac)?;
            unlocked(vm, || interface.set_mac(mac))?;
            Ok(Value::NONE)
        }
    }
}

/// `config(name)`, `config(name=value, …)`.
fn config(vm: &mut Vm, args: Args<'_>) -> Res {
    let Some((&this, rest)) = args.pos.split_first() else { return Err(invalid(vm)) };
    if let [name] = rest
        && args.names.is_empty()
    {
        let name = vm.expect::<Str>(*name, &STR)?;
        return config_get(vm, this, name.as_str());
    }
    if !rest.is_empty() {
        return Err(vm.raise(exc::TYPE_ERROR, "either pos or kw args are allowed"));
    }
    for (&name, &value) in args.names.iter().zip(args.values) {
        config_set(vm, this, Str::from_known(name).as_str(), value)?;
    }
    if is_access_point(vm, this) {
        host_again(vm)?;
    }
    Ok(Value::NONE)
}

fn config_get(vm: &mut Vm, this: Value, name: &str) -> Res {
    let (settings, is_access_point) = (wlan::settings(), is_access_point(vm, this));
    match name {
        "mac" => mac(vm, &[this]),
        "ssid" | "essid" => {
            let joined = settings.joined.map_or(Ssid::EMPTY, |join| join.ssid);
            let ssid = if is_access_point { settings.access_point.ssid } else { joined };
            vm.new_str(&String32::from(ssid.as_bytes()))
        }
        "channel" => Ok(Value::int(settings.access_point.channel.into())),
        "hidden" if is_access_point => Ok(Value::bool(settings.access_point.is_hidden)),
        "security" | "authmode" if is_access_point => {
            Ok(Value::int(settings.access_point.security as i32))
        }
        "hostname" | "dhcp_hostname" => super::hostname(vm, &[]),
        "antenna" => Ok(Value::int(settings.antenna.into())),
        // The radio does what it can, always.
        "reconnects" => Ok(Value::int(-1)),
        "pm" => Ok(Value::int(0)),
        _ => Err(unknown(vm)),
    }
}

fn config_set(vm: &mut Vm, this: Value, name: &str, value: Value) -> Result<(), Raise> {
    let is_access_point = is_access_point(vm, this);
    match name {
        "mac" => mac(vm, &[this, value]).map(drop),
        "ssid" | "essid" if is_access_point => set_ssid(vm, value),
        "channel" if is_access_point => set_channel(vm, value),
        "key" | "password" if is_access_point => {
            let key: Key = text_arg(vm, value)?;
            wlan::change(|settings| {
                let access_point = &mut settings.access_point;
                access_point.key = key;
                if access_point.security == Security::Open && !key.as_bytes().is_empty() {
                    access_point.security = Security::Wpa2;
                }
            });
            Ok(())
        }
        "security" | "authmode" if is_access_point => {
            let security = match vm.index(value)? {
                0 => Security::Open,
                1 => Security::Wep,
                2 => Security::Wpa,
                3 => Security::Wpa2,
                4 => Security::WpaWpa2,
                _ => return Err(invalid(vm)),
            };
            wlan::change(|settings| settings.access_point.security = security);
            Ok(())
        }
        "hidden" if is_access_point => {
            let is_hidden = vm.truth(value)?;
            wlan::change(|settings| settings.access_point.is_hidden = is_hidden);
            Ok(())
        }
        "hostname" | "dhcp_hostname" => super::hostname(vm, &[value]).map(drop),
        "antenna" => set_antenna(vm, value),
        "reconnects" | "pm" | "txpower" => vm.index(value).map(drop),
        _ => Err(unknown(vm)),
    }
}

/// `irq(…)`: what the room of interrupts makes of it; `OSError(ENODEV)` in an image without one.
fn irq(vm: &mut Vm, args: Args<'_>) -> Res {
    match super::irq() {
        Some(irq) => irq(vm, args),
        None => Err(raise(vm, Errno::ENODEV)),
    }
}

/// `print_ver()`: the version of the network stack.
fn print_ver(vm: &mut Vm) -> Res {
    vm.write_text(b"lwIP 2.2\n", false);
    Ok(Value::NONE)
}

fn wlan_repr(vm: &mut Vm, this: Value, out: &mut StrBuilder, _: Style) -> Result<(), Raise> {
    let state = interface(vm, this).and_then(|interface| ip::state(vm, interface))?;
    let name = match role(vm, this) {
        STATION => "WLAN STA",
        ACCESS_POINT => "WLAN AP",
        _ => "WLAN",
    };
    ip::push_repr(vm, out, name, Some(state))
}
