//! The simulated board's network: an Ethernet interface on a cable to a router that the host runs.
//!
//! The router is libslirp's: 10.0.2.2, name server 10.0.2.3, the guest 10.0.2.15, the same world that QEMU's `-nic
//! user` has. It starts with the stack, that is with the first use of the network, or at once when there are
//! connections to forward.

pub mod slirp;
pub mod wire;

use crate::board::Personality;
use crate::posix::{self, Line, masked};
use core::net::Ipv4Addr;
use core::sync::atomic::{AtomicBool, Ordering};
use slirp::{Forward, Network, Router};
use std::sync::OnceLock;
use threadsnake_net::{Config, Interface, set_dns};
use wire::Wire;

/// The router's network.
const NETWORK: Network =
    Network { prefix: [10, 0, 2], host: 2, name_server: 3, guest: 15, dhcp: true };
/// The guest's Ethernet address: local, of no maker.
const MAC: [u8; 6] = [0x02, 0x54, 0x53, 0, 0, 1];

static LAN: Wire = Wire::new(Line::new(8), || LAN.interrupt());

/// What the command line says.
#[derive(Debug)]
struct Settings {
    forwards: Vec<Forward>,
    personality: Personality,
}

static SETTINGS: OnceLock<Settings> = OnceLock::new();
static ROUTER_RUNS: AtomicBool = AtomicBool::new(false);

/// Before the scheduler starts, once: with ports that are chosen, see [`Forward::choose`].
///
/// # Errors
/// A line of text: there is no router to forward connections.
pub fn set_up(personality: Personality, forwards: Vec<Forward>) -> Result<(), String> {
    let at_once = !forwards.is_empty();
    let _ = SETTINGS.set(Settings { forwards, personality });
    threadsnake_net::configure(Config { random: Some(random), bring_up });
    if at_once { start_router() } else { Ok(()) }
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
    slirp::check()?;
    LAN.make().map_err(|error| error.to_string())?;
    posix::host_thread(route).map_err(|error| error.to_string())
}

/// The router's thread.
fn route() {
    let forwards = SETTINGS.get().map_or(&[][..], |settings| &settings.forwards);
    match Router::new(&LAN, NETWORK, forwards) {
        Ok(mut router) => router.run(),
        Err(text) => {
            posix::write_all(2, format!("threadsnake: no network: {text}\n").as_bytes());
        }
    }
}

/// Adds the interface; in the task that starts the stack. A program of the host has its address at once.
fn bring_up() {
    let Ok(interface) = Interface::add(*b"en", MAC, &LAN) else { return };
    let has_link = match masked(start_router) {
        Ok(()) => true,
        Err(text) => {
            log::warn!("no network: {text}");
            false
        }
    };
    LAN.connect(interface);
    let at = |last| Ipv4Addr::new(10, 0, 2, last);
    let is_host = masked(|| SETTINGS.get().is_some_and(|s| s.personality == Personality::Host));
    let outcome = interface.set_link(has_link).and_then(|()| {
        if is_host {
            interface.set_address(at(15), Ipv4Addr::new(255, 255, 255, 0), at(2))?;
            set_dns(0, at(3));
            interface.set_active(true)?;
        }
        Ok(())
    });
    if let Err(errno) = outcome {
        log::warn!("no network: {errno:?}");
    }
}
