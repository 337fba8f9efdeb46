//! A scripted station at the simulated access point: it joins, asks for a lease as any DHCP client does, frame by frame,
//! and from then on is a router on the board's own network, so that the host's connections come from its address.
//!
//! Source: RFC 2131 (DHCP), RFC 791 (IPv4), RFC 768 (UDP).

use crate::net::wire::Wire;
use core::net::Ipv4Addr;
use std::time::Duration;

/// The station's Ethernet address: local, of no maker.
pub const MAC: [u8; 6] = [0x02, 0x54, 0x53, 0, 0, 0x20];

/// How long it waits for an answer.
const PATIENCE: Duration = Duration::from_secs(1);

const DISCOVER: u8 = 1;
const OFFER: u8 = 2;
const REQUEST: u8 = 3;
const ACK: u8 = 5;
const COOKIE: [u8; 4] = [99, 130, 83, 99];
/// Bytes before DHCP's: Ethernet, IP, UDP.
const HEADERS: usize = 14 + 20 + 8;

/// A lease, or why there is none.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lease {
    /// The station's address.
    pub own: Ipv4Addr,
    /// The board's.
    pub server: Ipv4Addr,
}

/// Asks for a lease until there is one; `None` when `stop_fd` can be read first. Host threads.
pub fn lease(wire: &Wire, stop_fd: i32) -> Option<Lease> {
    loop {
        wire.send_to_guest(&message(DISCOVER, None));
        let offer = match answer(wire, stop_fd, OFFER) {
            Heard::Stop => return None,
            Heard::Nothing => continue,
            Heard::Lease(offer) => offer,
        };
        wire.send_to_guest(&message(REQUEST, Some(offer)));
        match answer(wire, stop_fd, ACK) {
            Heard::Stop => return None,
            Heard::Lease(lease) => return Some(lease),
            Heard::Nothing => {}
        }
    }
}

enum Heard {
    Lease(Lease),
    Nothing,
    Stop,
}

/// Waits for an answer of this kind.
fn answer(wire: &Wire, stop_fd: i32, kind: u8) -> Heard {
    let started = std::time::Instant::now();
    loop {
        let left = PATIENCE.saturating_sub(started.elapsed()).as_millis() as libc::c_int;
        let mut fds = [stop_fd, wire.host_fd()].map(|fd| libc::pollfd {
            fd,
            events: libc::POLLIN,
            revents: 0,
        });
        // SAFETY: the pointer and the count are of one array.
        let n = unsafe { libc::poll(fds.as_mut_ptr(), 2, left) };
        if fds[0].revents != 0 {
            return Heard::Stop;
        }
        if n <= 0 {
            return Heard::Nothing;
        }
        let mut frame = [0; 2048];
        let n = wire.take_from_guest(&mut frame);
        if let Some(lease) = lease_in(&frame[..n], kind) {
            return Heard::Lease(lease);
        }
    }
}

/// The lease in a frame of the board's, if it is such an answer to us.
fn lease_in(frame: &[u8], kind: u8) -> Option<Lease> {
    let is_udp = frame.get(12..14)? == [8, 0] && *frame.get(23)? == 17;
    let is_for_client = frame.get(36..38)? == 68u16.to_be_bytes();
    let dhcp = frame.get(HEADERS..).filter(|_| is_udp && is_for_client)?;
    if dhcp.get(28..34)? != MAC || dhcp.get(236..240)? != COOKIE {
        return None;
    }
    let (mut rest, mut found, mut server) = (&dhcp[240..], 0, None);
    while let [code, n, tail @ ..] = rest
        && *code != 255
    {
        let value = tail.get(..usize::from(*n))?;
        match (*code, value) {
            (53, [kind]) => found = *kind,
            (54, &[a, b, c, d]) => server = Some(Ipv4Addr::new(a, b, c, d)),
            _ => {}
        }
        rest = &tail[value.len()..];
    }
    let own: [u8; 4] = dhcp.get(16..20)?.try_into().ok()?;
    (found == kind).then_some(Lease { own: own.into(), server: server? })
}

/// A broadcast of the station's.
fn message(kind: u8, offer: Option<Lease>) -> Vec<u8> {
    let mut dhcp = vec![0; 240];
    dhcp[..3].copy_from_slice(&[1, 1, 6]);
    dhcp[4..8].copy_from_slice(b"snak");
    dhcp[10] = 0x80;
    dhcp[28..34].copy_from_slice(&MAC);
    dhcp[236..].copy_from_slice(&COOKIE);
    dhcp.extend([53, 1, kind]);
    if let Some(offer) = offer {
        dhcp.extend([50, 4]);
        dhcp.extend(offer.own.octets());
        dhcp.extend([54, 4]);
        dhcp.extend(offer.server.octets());
    }
    dhcp.push(255);

    let mut frame = vec![0xff; 6];
    frame.extend(MAC);
    frame.extend([8, 0]);
    let mut ip = [0; 20];
    ip[0] = 0x45;
    ip[2..4].copy_from_slice(&((28 + dhcp.len()) as u16).to_be_bytes());
    ip[8] = 64;
    ip[9] = 17;
    ip[16..].fill(255);
    let sum: u32 = ip.chunks(2).map(|pair| u32::from(pair[0]) << 8 | u32::from(pair[1])).sum();
    let folded = (sum >> 16) + (sum & 0xffff);
    ip[10..12].copy_from_slice(&(!(folded as u16)).to_be_bytes());
    frame.extend(ip);
    // From the client's port to the server's; without a check sum.
    for field in [68, 67, (8 + dhcp.len()) as u16, 0] {
        frame.extend(field.to_be_bytes());
    }
    frame.extend(dhcp);
    frame
}
