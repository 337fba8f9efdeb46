//! The radio: what a board offers, and how its two interfaces are switched.
//!
//! A board's [`Radio`] joins an access point, or is one; its interfaces are those of lwIP like any other. Here is what
//! does not depend on Python: the settings, the address and the DHCP server of our own access point. A board's start
//! calls it, and `network.WLAN`.
//!
//! Invariant: settings change in critical sections; the radio is told afterwards, so it may be told a thing twice, and
//! last what holds.

use core::cell::Cell;
use core::net::Ipv4Addr;
use critical_section::Mutex;
use lwip_sys::{Errno, Interface};

use crate::dhcp_server::{CLIENT_PORT, DhcpServer, SERVER_PORT};
use crate::stack;

/// Text of at most `N` bytes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct Text<const N: usize> {
    bytes: [u8; N],
    len: u8,
}

impl<const N: usize> Text<N> {
    /// No text.
    pub const EMPTY: Self = Self { bytes: [0; N], len: 0 };

    /// These bytes, `None` if they are too many.
    pub const fn new(text: &[u8]) -> Option<Self> {
        assert!(N < 256);
        if text.len() > N {
            return None;
        }
        let mut bytes = [0; N];
        let mut i = 0;
        while i < text.len() {
            bytes[i] = text[i];
            i += 1;
        }
        Some(Self { bytes, len: text.len() as u8 })
    }

    /// The bytes.
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes[..usize::from(self.len)]
    }
}

impl<const N: usize> core::fmt::Debug for Text<N> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        self.as_bytes().escape_ascii().fmt(f)
    }
}

/// The name of a network.
pub type Ssid = Text<32>;
/// Its key.
pub type Key = Text<64>;

/// How a network is secured; the numbers are those of `scan()`.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
#[allow(missing_docs, reason = "the names of the standards")]
pub enum Security {
    Open = 0,
    Wep = 1,
    Wpa = 2,
    Wpa2 = 3,
    WpaWpa2 = 4,
}

/// A network that was heard.
#[derive(Clone, Copy, Debug)]
pub struct Found {
    /// Its name.
    pub ssid: Ssid,
    /// The Ethernet address of its access point.
    pub bssid: [u8; 6],
    /// 1 to 14.
    pub channel: u8,
    /// Strength in dBm.
    pub rssi: i8,
    /// How it is secured.
    pub security: Security,
    /// It does not tell its name.
    pub is_hidden: bool,
}

/// What to join.
#[derive(Clone, Copy, Debug)]
pub struct Join {
    /// The network's name.
    pub ssid: Ssid,
    /// Its key; none for an open network.
    pub key: Key,
    /// Only this access point.
    pub bssid: Option<[u8; 6]>,
}

/// The settings of our own access point.
#[derive(Clone, Copy, Debug)]
pub struct AccessPoint {
    /// Its name.
    pub ssid: Ssid,
    /// Its key; none for an open network.
    pub key: Key,
    /// How it is secured.
    pub security: Security,
    /// 1 to 14.
    pub channel: u8,
    /// It does not tell its name.
    pub is_hidden: bool,
}

/// How joining stands.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Link {
    /// Nothing was asked for.
    Idle,
    /// It goes on.
    Joining,
    /// Joined.
    Joined,
    /// The key is wrong.
    WrongKey,
    /// There is no such network.
    NotFound,
    /// Something else.
    Failed,
}

/// A radio. Called from tasks; no call waits for the air. When [`Radio::link`] or the stations change, the board calls
/// [`Interface::changed`] and notifies the interface's [event](stack::interface_event).
pub trait Radio: Sync {
    /// The interface as a station, and the one of our own access point. After the board's `bring_up`.
    fn interfaces(&self) -> Option<(Interface, Interface)>;

    /// Calls `each` with the networks that are heard, at most 20 of them.
    fn scan(&self, each: &mut dyn FnMut(&Found));

    /// Begins to join, `None`: leaves.
    fn join(&self, what: Option<&Join>);

    /// How joining stands.
    fn link(&self) -> Link;

    /// The strength of what was joined, in dBm.
    fn rssi(&self) -> Option<i8>;

    /// Begins to be an access point with these settings, `None`: ends.
    fn host(&self, what: Option<&AccessPoint>);

    /// Calls `each` with the stations at our access point: Ethernet address and strength.
    fn stations(&self, each: &mut dyn FnMut([u8; 6], i8));
}

/// The address of our own access point.
pub const OWN_ADDRESS: Ipv4Addr = Ipv4Addr::new(192, 168, 1, 1);
const MASK: Ipv4Addr = Ipv4Addr::new(255, 255, 255, 0);

/// What does not depend on what is on the air.
#[derive(Clone, Copy, Debug)]
pub struct Settings {
    /// Our own access point's.
    pub access_point: AccessPoint,
    /// We are a station.
    pub is_station: bool,
    /// We are an access point.
    pub is_access_point: bool,
    /// What we joined, or try to.
    pub joined: Option<Join>,
    /// 0: the internal antenna, 1: the external one.
    pub antenna: u8,
    /// Two letters.
    pub country: [u8; 2],
}

static SETTINGS: Mutex<Cell<Settings>> = Mutex::new(Cell::new(Settings {
    access_point: AccessPoint {
        ssid: match Ssid::new(b"wipy-wlan") {
            Some(ssid) => ssid,
            None => Ssid::EMPTY,
        },
        key: match Key::new(b"www.wipy.io") {
            Some(key) => key,
            None => Key::EMPTY,
        },
        security: Security::Wpa2,
        channel: 5,
        is_hidden: false,
    },
    is_station: false,
    is_access_point: false,
    joined: None,
    antenna: 0,
    country: *b"XX",
}));

static DHCP: DhcpServer = DhcpServer::new();

/// The settings as they are.
pub fn settings() -> Settings {
    critical_section::with(|cs| SETTINGS.borrow(cs).get())
}

/// Changes the settings; what is on the air stays as it is until it is switched.
pub fn change(how: impl FnOnce(&mut Settings)) {
    critical_section::with(|cs| {
        let mut settings = SETTINGS.borrow(cs).get();
        how(&mut settings);
        SETTINGS.borrow(cs).set(settings);
    });
}

/// True if the board has a radio.
pub fn is_there() -> bool {
    stack::config().is_some_and(|config| config.radio.is_some())
}

/// The radio and its interfaces; starts the stack. Tasks, without the GIL.
///
/// # Errors
/// `ENODEV`: the board has none; those of [`stack::start`].
pub fn radio() -> Result<(&'static dyn Radio, Interface, Interface), Errno> {
    stack::start()?;
    let radio = stack::config().and_then(|config| config.radio).ok_or(Errno::ENODEV)?;
    let (station, access_point) = radio.interfaces().ok_or(Errno::ENODEV)?;
    Ok((radio, station, access_point))
}

/// Switches the station on or off.
///
/// # Errors
/// Those of [`radio`].
pub fn set_station(is_on: bool) -> Result<(), Errno> {
    let (radio, station, _) = radio()?;
    if !is_on {
        leave()?;
        radio.join(None);
    }
    change(|settings| settings.is_station = is_on);
    station.set_active(is_on)
}

/// Switches our access point on, with the settings as they are, or off.
///
/// # Errors
/// Those of [`radio`]; `ENOMEM`.
pub fn set_access_point(is_on: bool) -> Result<(), Errno> {
    let (radio, _, interface) = radio()?;
    change(|settings| settings.is_access_point = is_on);
    if is_on {
        if interface.state()?.address.is_unspecified() {
            interface.set_address(OWN_ADDRESS, MASK, OWN_ADDRESS)?;
        }
        DHCP.set_own(interface.state()?.address);
        interface.set_active(true)?;
        // Served already if it was on.
        let _ = interface.end_service(SERVER_PORT);
        interface.serve(SERVER_PORT, CLIENT_PORT, &DHCP)?;
        radio.host(Some(&settings().access_point));
    } else {
        radio.host(None);
        let _ = interface.end_service(SERVER_PORT);
        interface.set_active(false)?;
    }
    Ok(())
}

/// Begins to join a network, and to ask for a lease there unless the interface has an address of its own.
///
/// # Errors
/// Those of [`radio`]; `ENOMEM`.
pub fn join(what: &Join) -> Result<(), Errno> {
    let (radio, station, _) = radio()?;
    change(|settings| settings.joined = Some(*what));
    radio.join(Some(what));
    station.set_default()?;
    let state = station.state()?;
    match state.dhcp || !state.address.is_unspecified() {
        true => Ok(()),
        false => station.set_dhcp(true),
    }
}

/// Leaves the network that was joined; a lease ends with it.
///
/// # Errors
/// Those of [`radio`].
pub fn leave() -> Result<(), Errno> {
    let (radio, station, _) = radio()?;
    change(|settings| settings.joined = None);
    let state = station.state()?;
    if state.dhcp {
        station.set_dhcp(false)?;
        let none = Ipv4Addr::UNSPECIFIED;
        station.set_address(none, none, none)?;
    }
    radio.join(None);
    Ok(())
}

/// The address that our DHCP server gave to a station.
pub fn lease_of(mac: [u8; 6]) -> Option<Ipv4Addr> {
    DHCP.address_of(mac)
}

/// The name of the access point as the WiPy has it: with the last two bytes of the Ethernet address.
pub fn default_ssid(mac: [u8; 6]) -> Ssid {
    let digit = |n: u8| b"0123456789abcdef"[usize::from(n & 15)];
    let mut text = *b"wipy-wlan-xxxx";
    for (i, byte) in mac[4..].iter().enumerate() {
        text[10 + 2 * i] = digit(byte >> 4);
        text[11 + 2 * i] = digit(*byte);
    }
    Ssid::new(&text).unwrap_or(Ssid::EMPTY)
}
