//! The router at the host's end of a cable, with a guest that is written out frame by frame. Without libslirp there is
//! nothing to test.

use std::net::UdpSocket;
use std::time::{Duration, Instant};
use threadsnake_net::{Driver, FRAME};
use threadsnake_sim::net::slirp::{self, Forward, Network, Router};
use threadsnake_sim::net::wire::Wire;
use threadsnake_sim::posix::Line;

const NETWORK: Network =
    Network { prefix: [10, 0, 2], host: 2, name_server: 3, guest: 15, dhcp: false };
const GUEST_MAC: [u8; 6] = [0x02, 0x54, 0x53, 0, 0, 1];

static WIRE: Wire = Wire::new(Line::new(16), || WIRE.interrupt());

/// The next frame to the guest, of this EtherType.
fn frame(kind: u16, limit: Duration) -> Option<Vec<u8>> {
    let end = Instant::now() + limit;
    let mut frame = [0; FRAME];
    while Instant::now() < end {
        match WIRE.receive(Some(&mut frame)) {
            0 => std::thread::yield_now(),
            n if frame[12..14] == kind.to_be_bytes() => return Some(frame[..n].to_vec()),
            _ => {}
        }
    }
    None
}

/// A guest that has said nothing yet is asked where it is; the datagram waits for the answer, and no longer.
#[test]
fn a_datagram_follows_the_guests_answer_at_once() {
    if !slirp::is_installed() {
        println!("skipped: libslirp.so.0 is not installed");
        return;
    }
    WIRE.make().expect("sockets");
    let forward = Forward { is_udp: true, host_port: 0, guest_port: 9 };
    let forward = forward.choose().expect("a port");
    std::thread::spawn(move || Router::new(&WIRE, NETWORK, &[forward]).expect("a router").run());
    // The datagram may come before the router has the port: then it is sent again.
    let host = UdpSocket::bind("127.0.0.1:0").expect("a port");
    let question = (0..300).find_map(|_| {
        host.send_to(b"hello", ("127.0.0.1", forward.host_port)).expect("sent");
        frame(0x0806, Duration::from_millis(100))
    });
    let question = question.expect("an ARP request");
    let mut answer = question.clone();
    answer[..6].copy_from_slice(&question[6..12]);
    answer[6..12].copy_from_slice(&GUEST_MAC);
    answer[21] = 2;
    answer[22..28].copy_from_slice(&GUEST_MAC);
    answer[28..32].copy_from_slice(&question[38..42]);
    answer[32..42].copy_from_slice(&question[22..32]);
    assert!(WIRE.transmit(&answer));
    let datagram = frame(0x0800, Duration::from_secs(30)).expect("the datagram");
    assert!(datagram.ends_with(b"hello"));
}
