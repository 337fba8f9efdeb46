//! A client and a server over pipes in memory.

use super::*;
use std::collections::VecDeque;
use std::sync::{Mutex, MutexGuard, PoisonError};
use threadsnake_test_section as _;

const AUTHORITY: &[u8] = include_bytes!("../../../tests/tls/authority.pem");

/// A chain and its key.
macro_rules! identity {
    ($name:literal) => {
        (
            include_bytes!(concat!("../../../tests/tls/", $name, ".pem")).as_slice(),
            include_bytes!(concat!("../../../tests/tls/", $name, ".key")).as_slice(),
        )
    };
}

/// The library with a clock in 2030, and nothing in it.
fn library() -> MutexGuard<'static, Option<Tls>> {
    static LIBRARY: Mutex<Option<Tls>> = Mutex::new(None);
    let mut library = LIBRARY.lock().unwrap_or_else(PoisonError::into_inner);
    if library.is_none() {
        ARENA.give(Box::leak(vec![0; 192 * 1024].into_boxed_slice()));
        let no_source = Hooks { entropy: |_| false, now: || 0, uptime_ms: || 0 };
        assert_eq!(Tls::start(no_source).err(), Some(Error::NO_ENTROPY));
        let hooks = Hooks {
            entropy: |to| {
                std::fs::File::open("/dev/urandom")
                    .is_ok_and(|mut source| std::io::Read::read_exact(&mut source, to).is_ok())
            },
            now: || 1_893_456_000,
            uptime_ms: || 0,
        };
        *library = Some(Tls::start(hooks).expect("it starts"));
        assert_eq!(Tls::start(hooks).err(), Some(Error::TooMany));
    }
    library
}

/// One end of a connection; `limit` bytes go at a time.
struct End<'a> {
    from: &'a mut VecDeque<u8>,
    to: &'a mut VecDeque<u8>,
    limit: usize,
}

impl Transport for End<'_> {
    fn send(&mut self, bytes: &[u8]) -> Result<usize, Io> {
        let n = bytes.len().min(self.limit);
        self.limit -= n;
        if n == 0 {
            return Err(Io::Wait);
        }
        self.to.extend(&bytes[..n]);
        Ok(n)
    }

    fn receive(&mut self, buf: &mut [u8]) -> Result<usize, Io> {
        let n = buf.len().min(self.from.len());
        if n == 0 {
            return Err(Io::Wait);
        }
        buf.iter_mut().zip(self.from.drain(..n)).for_each(|(to, byte)| *to = byte);
        Ok(n)
    }
}

/// Both ends of a connection, and the bytes on their way.
struct Pair {
    client: SessionId,
    server: SessionId,
    to_server: VecDeque<u8>,
    to_client: VecDeque<u8>,
}

fn passes(result: Result<(), Error>) -> Result<bool, Error> {
    match result {
        Ok(()) => Ok(true),
        Err(Error::WantRead | Error::WantWrite | Error::Seen) => Ok(false),
        Err(error) => Err(error),
    }
}

impl Pair {
    fn new(tls: &mut Tls, client: ContextId, server: ContextId) -> Result<Pair, Error> {
        Ok(Pair {
            client: tls.new_session(client, Some(c"board.test"), true)?,
            server: tls.new_session(server, None, false)?,
            to_server: VecDeque::new(),
            to_client: VecDeque::new(),
        })
    }

    fn at_client(&mut self) -> (SessionId, End<'_>) {
        let end = End { from: &mut self.to_client, to: &mut self.to_server, limit: 4096 };
        (self.client, end)
    }

    fn at_server(&mut self) -> (SessionId, End<'_>) {
        let end = End { from: &mut self.to_server, to: &mut self.to_client, limit: 4096 };
        (self.server, end)
    }

    /// Shakes hands; the error of the client comes first.
    fn connect(&mut self, tls: &mut Tls) -> Result<(), Error> {
        for _ in 0..100 {
            let (client, mut end) = self.at_client();
            let is_done = passes(tls.handshake(client, &mut end))?;
            let (server, mut end) = self.at_server();
            if passes(tls.handshake(server, &mut end))? && is_done {
                return Ok(());
            }
        }
        panic!("the handshake does not end");
    }

    fn free(self, tls: &mut Tls) {
        tls.free_session(self.client);
        tls.free_session(self.server);
    }
}

/// Contexts of a client that trusts our authority, and of a server.
fn contexts(tls: &mut Tls, (chain, key): (&[u8], &[u8])) -> (ContextId, ContextId) {
    let client = tls.new_context(false).expect("room");
    tls.load_authorities(client, AUTHORITY).expect("an authority");
    let server = tls.new_context(true).expect("room");
    tls.load_chain(server, chain, key).expect("a chain and its key");
    (client, server)
}

/// Connects to a server with this identity, only with these suites if any are named; what the client says.
fn check(identity: (&[u8], &[u8]), suites: &[&str], expected: Result<&str, &str>) {
    let mut library = library();
    let tls = library.as_mut().expect("started");
    let used = ARENA.used();
    let (client, server) = contexts(tls, identity);
    let suites: Vec<_> = suites.iter().map(|s| Cipher::named(s.as_bytes()).expect(s)).collect();
    if !suites.is_empty() {
        tls.set_ciphers(client, &suites).expect("room");
    }
    let mut pair = Pair::new(tls, client, server).expect("room");
    tls.free_context(client);
    tls.free_context(server);
    match (pair.connect(tls), expected) {
        (Ok(()), Ok(version)) => {
            assert_eq!(tls.suite(pair.client).map(|suite| suite.1), Ok(version));
            let (id, mut end) = pair.at_server();
            assert_eq!(tls.write(id, &mut end, b"hello"), Ok(5));
            let (id, mut end) = pair.at_client();
            let mut buf = [0; 4];
            assert_eq!(tls.read(id, &mut end, &mut buf), Ok(4));
            assert_eq!((&buf, tls.pending(id)), (b"hell", Ok(1)));
            assert_eq!(tls.read(id, &mut end, &mut buf), Ok(1));
            assert_eq!(tls.read(id, &mut end, &mut buf), Err(Error::WantRead));
            let (id, mut end) = pair.at_server();
            tls.close_notify(id, &mut end).expect("room");
            let (id, mut end) = pair.at_client();
            assert_eq!(tls.read(id, &mut end, &mut buf), Err(Error::CLOSE_NOTIFY));
        }
        (Err(error), Err(fault)) => {
            assert_eq!(error, Error::NOT_VERIFIED);
            assert_eq!(tls.verdict(pair.client).expect("there").to_string(), format!("{fault}\n"));
            let (server, mut end) = pair.at_server();
            let alert = tls.handshake(server, &mut end).expect_err("it was refused");
            // In TLS 1.3 the client's alert comes before its keys do.
            let is_12 = !suites.is_empty();
            assert_eq!(alert, Error::Library(if is_12 { -0x7780 } else { -0x7180 }));
            assert_eq!(tls.failed(pair.server), Ok(Some(alert)));
        }
        (got, expected) => panic!("{got:?} instead of {expected:?}"),
    }
    pair.free(tls);
    assert_eq!(ARENA.used(), used, "everything is given back");
}

#[test]
fn both_versions_connect_with_both_kinds_of_key() {
    let good = identity!("good");
    check(good, &[], Ok("TLSv1.3"));
    check(good, &["TLS1-3-CHACHA20-POLY1305-SHA256"], Ok("TLSv1.3"));
    check(good, &["TLS-ECDHE-ECDSA-WITH-AES-128-GCM-SHA256"], Ok("TLSv1.2"));
    let rsa = identity!("rsa");
    check(rsa, &[], Ok("TLSv1.3"));
    check(rsa, &["TLS-RSA-WITH-AES-128-CBC-SHA256"], Ok("TLSv1.2"));
    check(rsa, &["TLS-ECDHE-RSA-WITH-AES-256-GCM-SHA384"], Ok("TLSv1.2"));
}

#[test]
fn a_bad_certificate_is_refused_for_its_reason() {
    let tls12 = &["TLS-ECDHE-ECDSA-WITH-AES-128-GCM-SHA256"];
    for suites in [&[][..], &tls12[..]] {
        check(identity!("expired"), suites, Err("The certificate validity has expired"));
        check(identity!("future"), suites, Err("The certificate validity starts in the future"));
        let name = "The certificate Common Name (CN) does not match with the expected CN";
        check(identity!("host"), suites, Err(name));
        let signed = "The certificate is not correctly signed by the trusted CA";
        check(identity!("unknown"), suites, Err(signed));
        check(identity!("selfsigned"), suites, Err(signed));
    }
}

#[test]
fn what_makes_no_sense_is_told_by_its_kind() {
    let mut library = library();
    let tls = library.as_mut().expect("started");
    let context = tls.new_context(true).expect("room");
    let (chain, key) = identity!("good");
    assert_eq!(tls.load_chain(context, b"!", key), Err(Error::BAD_CERTIFICATE));
    assert_eq!(tls.load_chain(context, chain, b"!"), Err(Error::BAD_KEY));
    assert_eq!(tls.load_chain(context, b"", b""), Err(Error::BAD_KEY));
    assert_eq!(tls.load_authorities(context, b"-----BEGIN "), Err(Error::BAD_CERTIFICATE));
    tls.free_context(context);
    assert_eq!(tls.load_authorities(context, AUTHORITY), Err(Error::Gone));
    assert_eq!(Name(-24192).to_string(), "MBEDTLS_ERR_SSL_BAD_CONFIG");
    assert_eq!(
        Name(-0x2180 - 0x62).to_string(),
        "MBEDTLS_ERR_X509_INVALID_FORMAT+MBEDTLS_ERR_ASN1_UNEXPECTED_TAG"
    );
}

#[test]
fn certificates_are_seen_before_the_handshake_goes_on() {
    let mut library = library();
    let tls = library.as_mut().expect("started");
    let (client, server) = contexts(tls, identity!("good"));
    tls.set_watch(client, true).expect("there");
    let mut pair = Pair::new(tls, client, server).expect("room");
    let mut depths = vec![];
    loop {
        let (id, mut end) = pair.at_client();
        match tls.handshake(id, &mut end) {
            Ok(()) => break,
            Err(Error::Seen) => {
                while let Some((n, _)) = tls.seen(id, &mut []).expect("there") {
                    let mut der = vec![0; n];
                    let (again, depth) = tls.seen(id, &mut der).expect("there").expect("still");
                    assert!(again == n && der.starts_with(&[0x30, 0x82]));
                    depths.push(depth);
                }
            }
            Err(Error::WantRead) => {}
            Err(error) => panic!("{error:?}"),
        }
        let (id, mut end) = pair.at_server();
        let _ = passes(tls.handshake(id, &mut end)).expect("it goes on");
    }
    assert_eq!(depths, [1, 0]);
    pair.free(tls);
    tls.free_context(client);
    tls.free_context(server);
}

#[test]
fn a_peer_that_goes_away_in_the_handshake_is_an_error() {
    struct Closed;
    impl Transport for Closed {
        fn send(&mut self, bytes: &[u8]) -> Result<usize, Io> {
            Ok(bytes.len())
        }

        fn receive(&mut self, _: &mut [u8]) -> Result<usize, Io> {
            Ok(0)
        }
    }
    struct Broken;
    impl Transport for Broken {
        fn send(&mut self, _: &[u8]) -> Result<usize, Io> {
            Err(Io::Errno(104))
        }

        fn receive(&mut self, _: &mut [u8]) -> Result<usize, Io> {
            Err(Io::Errno(104))
        }
    }
    let mut library = library();
    let tls = library.as_mut().expect("started");
    let (client, server) = contexts(tls, identity!("good"));
    let pair = Pair::new(tls, client, server).expect("room");
    assert_eq!(tls.handshake(pair.client, &mut Closed), Err(Error::Library(-0x7280)));
    assert_eq!(tls.handshake(pair.client, &mut Broken), Err(Error::Library(-0x7280)));
    assert_eq!(tls.handshake(pair.server, &mut Broken), Err(Error::Errno(104)));
    pair.free(tls);
    tls.free_context(client);
    tls.free_context(server);
}

#[test]
fn a_record_that_does_not_fit_is_sent_later_and_counted_once() {
    let mut library = library();
    let tls = library.as_mut().expect("started");
    let (client, server) = contexts(tls, identity!("good"));
    let mut pair = Pair::new(tls, client, server).expect("room");
    pair.connect(tls).expect("a good certificate");
    let (id, mut end) = pair.at_client();
    end.limit = 10;
    assert_eq!(tls.write(id, &mut end, b"first"), Ok(5));
    assert_eq!(tls.write(id, &mut end, b"second"), Err(Error::WantWrite));
    assert_eq!(tls.flush(id, &mut end), Err(Error::WantWrite));
    end.limit = 100;
    assert_eq!(tls.write(id, &mut end, b"third"), Ok(5));
    assert_eq!(tls.flush(id, &mut end), Ok(()));
    let (id, mut end) = pair.at_server();
    let mut buf = [0; 20];
    assert_eq!((tls.read(id, &mut end, &mut buf), &buf[..5]), (Ok(5), &b"first"[..]));
    assert_eq!((tls.read(id, &mut end, &mut buf), &buf[..5]), (Ok(5), &b"third"[..]));
    assert_eq!(tls.read(id, &mut end, &mut buf), Err(Error::WantRead));
    pair.free(tls);
    tls.free_context(client);
    tls.free_context(server);
}

/// The figures stand in docs/benchmarks; `--nocapture` shows them.
#[test]
fn a_connection_takes_no_more_memory_than_promised() {
    let mut library = library();
    let tls = library.as_mut().expect("started");
    let empty = ARENA.used();
    let (client, server) = contexts(tls, identity!("good"));
    let contexts_bytes = ARENA.used() - empty;
    let before = ARENA.used();
    take_peak();
    let mut pair = Pair::new(tls, client, server).expect("room");
    let fresh = ARENA.used() - before;
    pair.connect(tls).expect("a good certificate");
    let (peak, after) = (take_peak() - before, ARENA.used() - before);
    println!("contexts {contexts_bytes}, two handshakes {peak}, two sessions {after} bytes");
    assert!(peak < 2 * 30 * 1024 && after < 2 * 28 * 1024);
    assert!(peak - fresh <= 2 * HANDSHAKE_BYTES, "two sessions had {fresh} bytes before");
    pair.free(tls);
    tls.free_context(client);
    tls.free_context(server);
}

/// Fills the arena up to the last `left` bytes, and shakes hands.
#[test]
fn an_arena_that_runs_out_at_any_point_is_an_error_and_gives_everything_back() {
    let mut library = library();
    let tls = library.as_mut().expect("started");
    let used = ARENA.used();
    let mut refused = 0;
    for left in (0..80).map(|n| n * 1024) {
        let filler = ARENA.block(ARENA.size() - ARENA.used() - left - 256);
        let attempt = |tls: &mut Tls| {
            let client = tls.new_context(false)?;
            let server = tls.new_context(true)?;
            let (chain, key) = identity!("good");
            tls.load_authorities(client, AUTHORITY)?;
            tls.load_chain(server, chain, key)?;
            let mut pair = Pair::new(tls, client, server)?;
            pair.connect(tls)
        };
        if let Err(error) = attempt(tls) {
            assert_eq!(error, Error::Memory);
            refused += 1;
        }
        for number in 0..NUMBERS.min(tls.sessions.next) {
            tls.free_session(SessionId(number));
        }
        for number in 0..NUMBERS.min(tls.contexts.next) {
            tls.free_context(ContextId(number));
        }
        drop(filler);
        assert_eq!(ARENA.used(), used);
    }
    assert!((20..80).contains(&refused), "{refused}");
}

#[test]
fn tables_have_an_end() {
    let mut library = library();
    let tls = library.as_mut().expect("started");
    let all: Vec<_> = core::iter::repeat_with(|| tls.new_context(false)).take(MOST + 1).collect();
    assert_eq!(all.iter().filter(|made| made.is_ok()).count(), MOST);
    assert_eq!(all[MOST], Err(Error::TooMany));
    all.into_iter().flatten().for_each(|id| tls.free_context(id));
}
