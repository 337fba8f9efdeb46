//! The simulated board's network: an Ethernet interface on a cable to a router that the host runs, and a radio.
//!
//! The router is libslirp's: 10.0.2.2, name server 10.0.2.3, the guest 10.0.2.15, the same world that QEMU's `-nic
//! user` has. A program of the host has that address as soon as it uses the network; on the board it is for
//! `network.LAN`. The host's connections are forwarded through it to programs, and through the radio to the board.

pub mod radio;
pub mod slirp;
pub mod station;
pub mod tls;
pub mod wire;

use crate::board::Personality;
use crate::options::Options;
use crate::posix::{self, Line, masked};
use crate::servers;
use core::net::Ipv4Addr;
use core::sync::atomic::{AtomicBool, Ordering};
use radio::{Air, OnAir, RADIO};
use slirp::{Forward, Network, Router};
use std::sync::OnceLock;
use threadsnake_drivers::hal::WakeReason;
use threadsnake_drivers::{irq, sleep};
use threadsnake_net::modules::network;
use threadsnake_net::stack::Happened;
use threadsnake_net::{Config, Errno, Interface, lan, set_dns, stack, wait, wlan};
use wire::Wire;

/// The router's network.
const NETWORK: Network =
    Network { prefix: [10, 0, 2], host: 2, name_server: 3, guest: 15, dhcp: true };
/// The guest's Ethernet address: local, of no maker.
const MAC: [u8; 6] = [0x02, 0x54, 0x53, 0, 0, 1];

static LAN: Wire = Wire::new(Line::new(16), || LAN.interrupt());

/// What the command line says.
#[derive(Debug)]
pub struct Settings {
    /// What the process is.
    pub personality: Personality,
    /// Connections of the host, see [`Forward::choose`].
    pub forwards: Vec<Forward>,
    /// Access points on the air.
    pub on_air: Vec<OnAir>,
    /// A station joins the board's access point.
    pub has_station: bool,
}

static SETTINGS: OnceLock<Settings> = OnceLock::new();
static ROUTER_RUNS: AtomicBool = AtomicBool::new(false);
static ROUTER_FAILED: AtomicBool = AtomicBool::new(false);

/// As [`set_up`], by the command line; tells the ports that it chooses, in `options` and on standard error.
///
/// # Errors
/// A line of text: a port is taken, or as [`set_up`].
pub fn prepare(personality: Personality, options: &mut Options) -> Result<(), String> {
    let mut forwards = Vec::new();
    let own = servers::default_forwards().filter(|own| {
        personality == Personality::Board && slirp::is_installed() && !options.has(own)
    });
    for forward in options.forwards.iter().copied().chain(own) {
        let at = forward.choose().map_err(|error| error.to_string())?;
        let protocol = if at.is_udp { "udp" } else { "tcp" };
        eprintln!("forwarding {protocol} 127.0.0.1:{} to {}", at.host_port, at.guest_port);
        forwards.push(at);
    }
    options.forwards.clone_from(&forwards);
    let (on_air, has_station) = (options.on_air.clone(), options.has_station);
    set_up(Settings { personality, forwards, on_air, has_station })
}

/// Before the scheduler starts, once.
///
/// # Errors
/// A line of text: there is no router to forward connections.
pub fn set_up(mut settings: Settings) -> Result<(), String> {
    let is_host = settings.personality == Personality::Host;
    let (mut own, mut board) = (Vec::new(), core::mem::take(&mut settings.forwards));
    if is_host {
        core::mem::swap(&mut own, &mut board);
    }
    let at_once = !own.is_empty();
    radio::set_up(Air {
        on_air: core::mem::take(&mut settings.on_air),
        has_station: settings.has_station || !board.is_empty(),
        forwards: board,
    });
    let _ = SETTINGS.set(Settings { forwards: own, ..settings });
    threadsnake_net::configure(Config {
        random: Some(random),
        bring_up,
        has_lan: true,
        radio: Some(&RADIO),
        happened,
    });
    network::set_irq(threadsnake_machine::wlan_irq);
    tls::start()?;
    if at_once { start_router() } else { Ok(()) }
}

/// Tells those who wait for interrupts of the radio, and who sleep.
pub(crate) fn happened(what: Happened) {
    if what == Happened::Interface {
        irq::NETWORK.fire(1);
    }
    sleep::wake(WakeReason::Network);
}

fn random() -> u32 {
    let mut bytes = [0; 4];
    posix::entropy(&mut bytes);
    u32::from_ne_bytes(bytes)
}

/// Starts the router's thread, the first time. From `main`, or from a task, masked.
fn start_router() -> Result<(), String> {
    if ROUTER_RUNS.swap(true, Ordering::AcqRel) {
        return Ok(());
    }
    LAN.make().map_err(|error| error.to_string())?;
    posix::host_thread(route).map_err(|error| error.to_string())
}

/// The router's thread.
fn route() {
    let forwards = SETTINGS.get().map_or(&[][..], |settings| &settings.forwards);
    match Router::new(&LAN, NETWORK, forwards) {
        Ok(mut router) => {
            LAN.set_link(true);
            router.run();
        }
        Err(error) => {
            ROUTER_FAILED.store(true, Ordering::Release);
            if !forwards.is_empty() {
                posix::write_all(2, format!("threadsnake: no network: {error}\n").as_bytes());
            }
            LAN.touch();
        }
    }
}

/// Adds the interfaces; in the task that starts the stack. A program of the host has its address at once.
fn bring_up() {
    let is_host = masked(|| SETTINGS.get().is_some_and(|s| s.personality == Personality::Host));
    if let Err(text) = masked(start_router) {
        log::warn!("no network: {text}");
    }
    let outcome = Interface::add(*b"en", MAC, &LAN).and_then(|interface| {
        lan::set_interface(interface);
        LAN.connect(interface);
        if is_host { connect_host(interface) } else { Ok(()) }
    });
    if let Err(errno) = outcome.and_then(|()| radio::bring_up()) {
        log::warn!("no network: {errno:?}");
    }
}

/// How long a program waits for the router, in milliseconds; then it has the loopback only.
const ROUTER_MS: u64 = 2000;

/// Gives the interface its address, and waits until the router is there.
fn connect_host(interface: Interface) -> Result<(), Errno> {
    let at = |last| Ipv4Addr::new(10, 0, 2, last);
    interface.set_address(at(15), Ipv4Addr::new(255, 255, 255, 0), at(2))?;
    set_dns(0, at(3));
    interface.set_active(true)?;
    let event = stack::interface_event(interface.number());
    let _ = wait::until(event, wait::ticks_for_ms(ROUTER_MS), || {
        match interface.state()?.has_link || ROUTER_FAILED.load(Ordering::Acquire) {
            true => Ok(()),
            false => Err(Errno::EAGAIN),
        }
    });
    Ok(())
}

/// How long a program that ends waits for what it sent, in milliseconds.
const LINGER_MS: u64 = 2000;

/// The end of a program of the host: what its sockets sent goes out, as it would from a process that has the host's
/// sockets. Tasks.
pub fn linger() {
    stack::drain(wait::ticks_for_ms(LINGER_MS));
}

/// The board's start: its access point, with the name that the WiPy would give it. Tasks.
pub fn power_up() {
    wlan::change(|settings| settings.access_point.ssid = wlan::default_ssid(radio::OWN_MAC));
    if let Err(errno) = wlan::set_access_point(true) {
        log::error!("no access point: {errno:?}");
    }
}
