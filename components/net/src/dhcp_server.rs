//! A DHCP server for the board's access point: gives out the addresses .2 to .254 of its network.
//!
//! It remembers the last [`LEASES`] clients, so that each gets its address again; the one that was longest not heard
//! of gives its place to a new one.
//!
//! Source: RFC 2131 (the protocol), RFC 2132 (its options).

use core::cell::Cell;
use core::net::Ipv4Addr;
use critical_section::Mutex;
use lwip_sys::Service;

/// Where the server listens.
pub const SERVER_PORT: u16 = 67;
/// Where clients do.
pub const CLIENT_PORT: u16 = 68;

/// How many clients are remembered.
const LEASES: usize = 16;
/// How long an address is theirs, in seconds.
const LEASE_S: u32 = 4096;

/// What a client has.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
struct Lease {
    mac: [u8; 6],
    /// The last number of its address.
    last: u8,
    /// When it was heard of: counts messages.
    heard: u32,
}

#[derive(Clone, Copy, Debug)]
struct State {
    /// The board's own address, in a network of 256.
    own: Ipv4Addr,
    leases: [Option<Lease>; LEASES],
    messages: u32,
}

/// The server of one interface.
#[derive(Debug)]
pub struct DhcpServer(Mutex<Cell<State>>);

const DISCOVER: u8 = 1;
const OFFER: u8 = 2;
const REQUEST: u8 = 3;
const DECLINE: u8 = 4;
const ACK: u8 = 5;
const NAK: u8 = 6;
const RELEASE: u8 = 7;
const INFORM: u8 = 8;

const COOKIE: [u8; 4] = [99, 130, 83, 99];
/// Where the options begin.
const OPTIONS: usize = 240;

impl Default for DhcpServer {
    fn default() -> Self {
        Self::new()
    }
}

impl DhcpServer {
    /// A server that gives nothing yet.
    pub const fn new() -> Self {
        Self(Mutex::new(Cell::new(State::new(Ipv4Addr::UNSPECIFIED))))
    }

    /// From now on it serves the network of 256 addresses in which the board has this one; earlier leases end.
    pub fn set_own(&self, own: Ipv4Addr) {
        critical_section::with(|cs| self.0.borrow(cs).set(State::new(own)));
    }

    /// The address that the client with this Ethernet address has.
    pub fn address_of(&self, mac: [u8; 6]) -> Option<Ipv4Addr> {
        let state = critical_section::with(|cs| self.0.borrow(cs).get());
        state.address_of(mac)
    }
}

impl Service for DhcpServer {
    fn serve(&self, request: &[u8], reply: &mut [u8]) -> usize {
        // lwIP calls one at a time; nobody but `set_own` changes the state meanwhile.
        let mut state = critical_section::with(|cs| self.0.borrow(cs).get());
        let n = answer(&mut state, request, reply).unwrap_or(0);
        critical_section::with(|cs| self.0.borrow(cs).set(state));
        n
    }
}

impl State {
    const fn new(own: Ipv4Addr) -> Self {
        Self { own, leases: [None; LEASES], messages: 0 }
    }

    fn address_of(&self, mac: [u8; 6]) -> Option<Ipv4Addr> {
        let lease = self.leases.iter().flatten().find(|lease| lease.mac == mac)?;
        Some(self.address(lease.last))
    }

    fn address(&self, last: u8) -> Ipv4Addr {
        let [a, b, c, _] = self.own.octets();
        Ipv4Addr::new(a, b, c, last)
    }

    /// The last number for a client: what it has, else what it asks for if that is free, else a free one.
    fn choose(&mut self, mac: [u8; 6], wish: Option<Ipv4Addr>) -> Option<u8> {
        self.messages += 1;
        let heard = self.messages;
        if let Some(lease) = self.leases.iter_mut().flatten().find(|lease| lease.mac == mac) {
            lease.heard = heard;
            return Some(lease.last);
        }
        let own = self.own.octets()[3];
        let is_free = |last: u8, leases: &[Option<Lease>; LEASES]| {
            (2..255).contains(&last)
                && last != own
                && !leases.iter().flatten().any(|lease| lease.last == last)
        };
        let oldest = |slot: &&mut Option<Lease>| slot.map_or(0, |lease| lease.heard);
        // Its place is free before an address is looked for.
        let leases = &mut self.leases;
        *leases.iter_mut().min_by_key(oldest)? = None;
        let wish = wish.filter(|wish| wish.octets()[..3] == self.own.octets()[..3]);
        let last = wish
            .map(|wish| wish.octets()[3])
            .into_iter()
            .chain(2..255)
            .find(|&last| is_free(last, &self.leases))?;
        *self.leases.iter_mut().find(|slot| slot.is_none())? = Some(Lease { mac, last, heard });
        Some(last)
    }

    fn forget(&mut self, mac: [u8; 6]) {
        for slot in &mut self.leases {
            if slot.is_some_and(|lease| lease.mac == mac) {
                *slot = None;
            }
        }
    }
}

/// The value of an option of a message.
fn option(message: &[u8], wanted: u8) -> Option<&[u8]> {
    let mut rest = message.get(OPTIONS..)?;
    loop {
        match *rest {
            [0, ref tail @ ..] => rest = tail,
            [255, ..] | [] | [_] => return None,
            [code, n, ref tail @ ..] => {
                let value = tail.get(..usize::from(n))?;
                if code == wanted {
                    return Some(value);
                }
                rest = &tail[value.len()..];
            }
        }
    }
}

fn address_option(message: &[u8], wanted: u8) -> Option<Ipv4Addr> {
    let bytes: [u8; 4] = option(message, wanted)?.try_into().ok()?;
    Some(bytes.into())
}

/// The address in a field of the header, unless it is 0.
fn field(message: &[u8], at: usize) -> Option<Ipv4Addr> {
    let bytes: [u8; 4] = message.get(at..at + 4)?.try_into().ok()?;
    Some(Ipv4Addr::from(bytes)).filter(|address| !address.is_unspecified())
}

/// Writes the answer to a message into `reply`; its length, `None` for no answer.
fn answer(state: &mut State, message: &[u8], reply: &mut [u8]) -> Option<usize> {
    // A request over Ethernet, with the cookie.
    if state.own.is_unspecified()
        || !message.starts_with(&[1, 1, 6])
        || message.get(236..OPTIONS)? != COOKIE
    {
        return None;
    }
    let mac: [u8; 6] = message.get(28..34)?.try_into().ok()?;
    let wish = address_option(message, 50).or_else(|| field(message, 12));
    let server = address_option(message, 54);
    let (kind, given) = match *option(message, 53)? {
        [DISCOVER] => (OFFER, Some(state.choose(mac, wish)?)),
        [REQUEST] if server.is_some_and(|server| server != state.own) => {
            // It has chosen another server.
            state.forget(mac);
            return None;
        }
        [REQUEST] => {
            let last = state.choose(mac, wish)?;
            if wish == Some(state.address(last)) { (ACK, Some(last)) } else { (NAK, None) }
        }
        [INFORM] => (ACK, None),
        [RELEASE] | [DECLINE] => {
            state.forget(mac);
            return None;
        }
        _ => return None,
    };
    let body = reply.get_mut(..300)?;
    body.fill(0);
    body[..3].copy_from_slice(&[2, 1, 6]);
    body[4..8].copy_from_slice(&message[4..8]);
    body[10..12].copy_from_slice(&message[10..12]);
    if let Some(last) = given {
        body[16..20].copy_from_slice(&state.address(last).octets());
    }
    body[20..24].copy_from_slice(&state.own.octets());
    body[28..44].copy_from_slice(&message[28..44]);
    body[236..OPTIONS].copy_from_slice(&COOKIE);
    let own = state.own.octets();
    let mut at = OPTIONS;
    let mut put = |code: u8, value: &[u8]| {
        body[at] = code;
        body[at + 1] = value.len() as u8;
        body[at + 2..at + 2 + value.len()].copy_from_slice(value);
        at += 2 + value.len();
    };
    put(53, &[kind]);
    put(54, &own);
    if kind != NAK {
        if given.is_some() {
            put(51, &LEASE_S.to_be_bytes());
        }
        put(1, &[255, 255, 255, 0]);
        put(3, &own);
        put(6, &own);
    }
    body[at] = 255;
    Some(300)
}

#[cfg(test)]
mod tests {
    use super::*;

    const OWN: Ipv4Addr = Ipv4Addr::new(192, 168, 1, 1);

    fn message(kind: u8, mac: u8, options: &[u8]) -> std::vec::Vec<u8> {
        let mut message = std::vec![0; OPTIONS];
        message[..3].copy_from_slice(&[1, 1, 6]);
        message[4..8].copy_from_slice(&[1, 2, 3, 4]);
        message[28..34].copy_from_slice(&[2, 0, 0, 0, 0, mac]);
        message[236..].copy_from_slice(&COOKIE);
        message.extend([53, 1, kind]);
        message.extend(options);
        message.push(255);
        message
    }

    fn server() -> State {
        State::new(OWN)
    }

    /// The kind of the answer and the address in it.
    fn check(server: &mut State, message: &[u8], expected: Option<(u8, [u8; 4])>) {
        let mut reply = [0xAA; 576];
        let n = answer(server, message, &mut reply).unwrap_or(0);
        let got = (n > 0).then(|| {
            assert_eq!(reply[4..8], [1, 2, 3, 4]);
            let kind = option(&reply[..n], 53).expect("a kind")[0];
            (kind, reply[16..20].try_into().expect("four"))
        });
        assert_eq!(got, expected);
    }

    #[test]
    fn a_client_gets_the_address_that_it_was_offered() {
        let mut server = server();
        check(&mut server, &message(DISCOVER, 1, &[]), Some((OFFER, [192, 168, 1, 2])));
        check(&mut server, &message(DISCOVER, 2, &[]), Some((OFFER, [192, 168, 1, 3])));
        let wish = [54, 4, 192, 168, 1, 1, 50, 4, 192, 168, 1, 2];
        check(&mut server, &message(REQUEST, 1, &wish), Some((ACK, [192, 168, 1, 2])));
        assert_eq!(server.address_of([2, 0, 0, 0, 0, 1]), Some([192, 168, 1, 2].into()));
    }

    #[test]
    fn another_address_than_its_own_is_refused() {
        let mut server = server();
        check(&mut server, &message(DISCOVER, 1, &[]), Some((OFFER, [192, 168, 1, 2])));
        check(&mut server, &message(REQUEST, 1, &[50, 4, 192, 168, 1, 9]), Some((NAK, [0; 4])));
        check(&mut server, &message(REQUEST, 3, &[50, 4, 10, 0, 0, 9]), Some((NAK, [0; 4])));
    }

    #[test]
    fn a_wish_that_is_free_is_granted() {
        let mut server = server();
        check(
            &mut server,
            &message(REQUEST, 1, &[50, 4, 192, 168, 1, 77]),
            Some((ACK, [192, 168, 1, 77])),
        );
        check(
            &mut server,
            &message(DISCOVER, 2, &[50, 4, 192, 168, 1, 77]),
            Some((OFFER, [192, 168, 1, 2])),
        );
        check(
            &mut server,
            &message(DISCOVER, 3, &[50, 4, 192, 168, 1, 1]),
            Some((OFFER, [192, 168, 1, 3])),
        );
    }

    #[test]
    fn old_clients_give_place_to_new_ones() {
        let mut server = server();
        for mac in 0..100 {
            let mut reply = [0; 576];
            assert!(answer(&mut server, &message(DISCOVER, mac, &[]), &mut reply).is_some());
        }
        assert_eq!(server.address_of([2, 0, 0, 0, 0, 1]), None);
        assert!(server.address_of([2, 0, 0, 0, 0, 99]).is_some());
    }

    #[test]
    fn a_released_address_is_free_again() {
        let mut server = server();
        check(&mut server, &message(DISCOVER, 1, &[]), Some((OFFER, [192, 168, 1, 2])));
        check(&mut server, &message(RELEASE, 1, &[]), None);
        check(&mut server, &message(DISCOVER, 2, &[]), Some((OFFER, [192, 168, 1, 2])));
    }

    #[test]
    fn nonsense_is_not_answered() {
        let mut server = server();
        check(&mut server, &[], None);
        check(&mut server, &[1, 1, 6], None);
        check(&mut server, &message(99, 1, &[]), None);
        check(&mut server, &message(OFFER, 1, &[]), None);
        let whole = message(DISCOVER, 1, &[50, 4, 1, 2, 3, 4]);
        for n in 0..whole.len() - 8 {
            check(&mut server, &whole[..n.min(242)], None);
        }
        let mut cut = message(DISCOVER, 1, &[]);
        cut.truncate(OPTIONS);
        cut.extend([50, 200, 1]);
        check(&mut server, &cut, None);
        check(&mut State::new(Ipv4Addr::UNSPECIFIED), &message(DISCOVER, 1, &[]), None);
    }
}
