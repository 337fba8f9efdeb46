//! The simulated radio and what is on the air: some access points to join, and a station that joins ours.
//!
//! A network that was joined is a router of libslirp's with a DHCP server, 10.0.3.2, which gives 10.0.3.15. At our own
//! access point there is the scripted [`station`](crate::net::station), if the command line wants one; the host's
//! connections are forwarded through whichever of the two is there.
//!
//! Each side has a host thread, which does what was asked for last: [`Side`].

use crate::net::slirp::{Forward, Network, Router, RouterError};
use crate::net::station;
use crate::net::wire::Wire;
use crate::posix::{self, Line, masked};
use core::sync::atomic::{AtomicBool, AtomicI32, AtomicU8, Ordering};
use std::sync::{Condvar, Mutex, OnceLock, PoisonError};
use std::time::Duration;
use threadsnake_net::wlan::{AccessPoint, Found, Join, Key, Link, Radio, Security, Ssid};
use threadsnake_net::{Errno, Interface};

/// The Ethernet address of the board as a station: local, of no maker.
const STATION_MAC: [u8; 6] = [0x02, 0x54, 0x53, 0, 0, 2];
/// That of its access point.
pub const OWN_MAC: [u8; 6] = [0x02, 0x54, 0x53, 0, 0, 3];

/// The network behind every access point on the air.
const NETWORK: Network =
    Network { prefix: [10, 0, 3], host: 2, name_server: 3, guest: 15, dhcp: true };

static STATION: Wire = Wire::new(Line::new(17), || STATION.interrupt());
static OWN: Wire = Wire::new(Line::new(18), || OWN.interrupt());

/// An access point on the air.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OnAir {
    /// Its name.
    pub ssid: Ssid,
    /// Its key; none for an open network.
    pub key: Key,
    /// 1 to 14.
    pub channel: u8,
}

impl OnAir {
    /// `SSID[,KEY[,CHANNEL]]`.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let mut parts = text.splitn(3, |&byte| byte == b',');
        let ssid = Ssid::new(parts.next().filter(|ssid| !ssid.is_empty())?)?;
        let key = Key::new(parts.next().unwrap_or_default())?;
        let channel = match parts.next() {
            None => 6,
            Some(text) => core::str::from_utf8(text).ok()?.parse().ok()?,
        };
        (1..=14).contains(&channel).then_some(Self { ssid, key, channel })
    }

    fn found(&self, i: usize) -> Found {
        let security = match self.key.as_bytes() {
            [] => Security::Open,
            _ => Security::Wpa2,
        };
        Found {
            ssid: self.ssid,
            bssid: [0x02, 0x54, 0x53, 1, 0, i as u8],
            channel: self.channel,
            rssi: -40 - 3 * (i % 16) as i8,
            security,
            is_hidden: false,
        }
    }
}

/// What the command line says of the air.
#[derive(Debug, Default)]
pub struct Air {
    /// The access points.
    pub on_air: Vec<OnAir>,
    /// A station joins ours.
    pub has_station: bool,
    /// Connections of the host, with ports that are chosen.
    pub forwards: Vec<Forward>,
}

static AIR: OnceLock<Air> = OnceLock::new();

/// Says what is on the air; once, before the scheduler starts.
pub fn set_up(air: Air) {
    let _ = AIR.set(air);
}

/// How often, and how long apart, a router tries to get the ports of the host that another one just had.
const TRIES: u32 = 100;
const RETRY: Duration = Duration::from_millis(20);

/// A router with the connections of the host; without them while another one has them.
fn router(wire: &'static Wire, network: Network) -> Result<Router, String> {
    let forwards = AIR.get().map_or(&[][..], |air| &air.forwards);
    for _ in 0..TRIES {
        match Router::new(wire, network, forwards) {
            Err(RouterError::PortTaken(_)) => std::thread::sleep(RETRY),
            other => return other.map_err(|error| error.to_string()),
        }
    }
    Router::new(wire, network, &[]).map_err(|error| error.to_string())
}

/// What one interface's host thread is to do.
struct Side<T> {
    wanted: Mutex<Wanted<T>>,
    changed: Condvar,
    /// Can be read when something else is wanted.
    stop_fd: AtomicI32,
    runs: AtomicBool,
}

struct Wanted<T> {
    what: Option<T>,
    /// Nobody has looked at it yet.
    is_new: bool,
}

impl<T: Clone> Side<T> {
    const fn new() -> Self {
        Self {
            wanted: Mutex::new(Wanted { what: None, is_new: false }),
            changed: Condvar::new(),
            stop_fd: AtomicI32::new(-1),
            runs: AtomicBool::new(false),
        }
    }

    /// Asks for something else; starts the thread the first time. Tasks, masked.
    fn want(&self, what: Option<T>, run: fn()) {
        if !self.runs.swap(true, Ordering::AcqRel) {
            // SAFETY: a plain call; a failure is a descriptor that can never be read.
            let fd = unsafe { libc::eventfd(0, libc::EFD_CLOEXEC | libc::EFD_NONBLOCK) };
            self.stop_fd.store(fd, Ordering::Release);
            if posix::host_thread(run).is_err() {
                return;
            }
        }
        {
            let mut wanted = self.wanted.lock().unwrap_or_else(PoisonError::into_inner);
            *wanted = Wanted { what, is_new: true };
            let one = 1u64.to_ne_bytes();
            // Before anybody sees what is wanted: later it would stop just that.
            // SAFETY: the pointer and the length are of one array.
            unsafe { libc::write(self.stop_fd.load(Ordering::Acquire), one.as_ptr().cast(), 8) };
        }
        self.changed.notify_one();
    }

    /// Waits until something else is wanted. The host thread.
    fn next(&self) -> Option<T> {
        let mut wanted = self.wanted.lock().unwrap_or_else(PoisonError::into_inner);
        while !wanted.is_new {
            wanted = self.changed.wait(wanted).unwrap_or_else(PoisonError::into_inner);
        }
        wanted.is_new = false;
        let mut count = [0; 8];
        // SAFETY: as above. Whoever wants something after this writes again.
        unsafe { libc::read(self.stop_fd.load(Ordering::Acquire), count.as_mut_ptr().cast(), 8) };
        wanted.what.clone()
    }

    fn stop_fd(&self) -> i32 {
        self.stop_fd.load(Ordering::Acquire)
    }
}

static JOINING: Side<Join> = Side::new();
static HOSTING: Side<AccessPoint> = Side::new();

/// The `Link` of the station, as a number.
static LINK: AtomicU8 = AtomicU8::new(0);
/// The scripted station has joined.
static HAS_STATION: AtomicBool = AtomicBool::new(false);

const LINKS: [Link; 6] =
    [Link::Idle, Link::Joining, Link::Joined, Link::WrongKey, Link::NotFound, Link::Failed];

fn set_link(link: Link) {
    let number = LINKS.iter().position(|one| *one == link).unwrap_or(0);
    LINK.store(number as u8, Ordering::Release);
    STATION.set_link(link == Link::Joined);
}

/// The thread of the network that we join.
fn join_on() {
    loop {
        let Some(what) = JOINING.next() else {
            set_link(Link::Idle);
            continue;
        };
        let known = AIR.get().map_or(&[][..], |air| &air.on_air);
        let found = known.iter().enumerate().find(|(i, one)| {
            one.ssid == what.ssid && what.bssid.is_none_or(|bssid| one.found(*i).bssid == bssid)
        });
        match found {
            None => set_link(Link::NotFound),
            Some((_, one)) if one.key != what.key => set_link(Link::WrongKey),
            Some(_) => match router(&STATION, NETWORK) {
                Ok(mut router) => {
                    set_link(Link::Joined);
                    router.run_until(JOINING.stop_fd());
                    set_link(Link::Idle);
                }
                Err(text) => {
                    report(&text);
                    set_link(Link::Failed);
                }
            },
        }
    }
}

/// The thread of our own access point.
fn host_on() {
    loop {
        let Some(_) = HOSTING.next() else {
            OWN.set_link(false);
            continue;
        };
        OWN.set_link(true);
        if !AIR.get().is_some_and(|air| air.has_station) {
            continue;
        }
        set_station(true);
        if let Some(lease) = station::lease(&OWN, HOSTING.stop_fd()) {
            let ([a, b, c, host], [.., board]) = (lease.own.octets(), lease.server.octets());
            let network =
                Network { prefix: [a, b, c], host, name_server: 0, guest: board, dhcp: false };
            match router(&OWN, network) {
                Ok(mut router) => router.run_until(HOSTING.stop_fd()),
                Err(text) => report(&text),
            }
        }
        set_station(false);
    }
}

fn set_station(is_there: bool) {
    HAS_STATION.store(is_there, Ordering::Release);
    OWN.touch();
}

fn report(text: &str) {
    posix::write_all(2, format!("threadsnake: no network: {text}\n").as_bytes());
}

/// The simulated radio.
#[derive(Debug)]
pub struct SimRadio;

/// The one that there is.
pub static RADIO: SimRadio = SimRadio;

static INTERFACES: OnceLock<(Interface, Interface)> = OnceLock::new();

/// Adds the radio's interfaces; in the task that starts the stack.
///
/// # Errors
/// `ENOMEM`; `ENODEV` when the system gives no sockets.
pub fn bring_up() -> Result<(), Errno> {
    masked(|| STATION.make().and_then(|()| OWN.make())).map_err(|_| Errno::ENODEV)?;
    let station = Interface::add(*b"st", STATION_MAC, &STATION)?;
    let own = Interface::add(*b"ap", OWN_MAC, &OWN)?;
    STATION.connect(station);
    OWN.connect(own);
    let _ = masked(|| INTERFACES.set((station, own)));
    Ok(())
}

impl Radio for SimRadio {
    fn interfaces(&self) -> Option<(Interface, Interface)> {
        masked(|| INTERFACES.get().copied())
    }

    fn scan(&self, each: &mut dyn FnMut(&Found)) {
        let known = masked(|| AIR.get()).map_or(&[][..], |air| &air.on_air);
        known.iter().enumerate().for_each(|(i, one)| each(&one.found(i)));
    }

    fn join(&self, what: Option<&Join>) {
        masked(|| {
            if what.is_some() {
                set_link(Link::Joining);
            }
            JOINING.want(what.copied(), join_on);
        });
    }

    fn link(&self) -> Link {
        LINKS[usize::from(LINK.load(Ordering::Acquire)) % LINKS.len()]
    }

    fn rssi(&self) -> Option<i8> {
        (self.link() == Link::Joined).then_some(-40)
    }

    fn host(&self, what: Option<&AccessPoint>) {
        masked(|| HOSTING.want(what.copied(), host_on));
    }

    fn stations(&self, each: &mut dyn FnMut([u8; 6], i8)) {
        if HAS_STATION.load(Ordering::Acquire) {
            each(station::MAC, -45);
        }
    }
}
