//! A session of telnet against a client and a console in memory.

use super::*;
use crate::Settings;
use crate::testing::{Peer, Socket, TestNetwork};
use std::cell::{Cell, RefCell};

#[derive(Default)]
struct TestConsole {
    typed: RefCell<Vec<u8, 4096>>,
    room: Cell<usize>,
    interrupts: Cell<usize>,
    shown: RefCell<Shown<64>>,
}

impl Console for TestConsole {
    fn view(&self) -> View {
        self.shown.borrow().view()
    }

    fn read_shown(&self, view: &mut View, buf: &mut [u8]) -> usize {
        self.shown.borrow().read(view, buf)
    }

    fn type_in(&self, bytes: &[u8]) -> usize {
        let n = bytes.len().min(self.room.get());
        self.room.set(self.room.get() - n);
        self.typed.borrow_mut().extend_from_slice(&bytes[..n]).unwrap();
        n
    }

    fn interrupt(&self) {
        self.interrupts.set(self.interrupts.get() + 1);
    }
}

struct Bench {
    network: TestNetwork,
    settings: Settings,
    session: Session<Socket>,
    client: Peer,
    console: TestConsole,
    now_ms: u64,
    is_over: bool,
}

impl Bench {
    fn new() -> Bench {
        let network = TestNetwork::default();
        let (near, client) = network.pair();
        let console = TestConsole::default();
        console.room.set(1000);
        Bench {
            network,
            settings: Settings::new("micro", "python").unwrap(),
            session: Session::new(near, "MicroPython", 0),
            client,
            console,
            now_ms: 0,
            is_over: false,
        }
    }

    fn ask(&mut self, bytes: &[u8]) -> std::vec::Vec<u8> {
        self.client.send(bytes);
        self.run();
        self.client.received()
    }

    fn run(&mut self) {
        while !self.is_over {
            let context =
                Context { files: &(), settings: &self.settings, now_ms: self.now_ms, unix_s: 0 };
            let (session, network) = (&mut self.session, &mut self.network);
            match session.step(network, &context, &self.console) {
                Step::Busy => {}
                Step::Idle => break,
                Step::Over => self.is_over = true,
            }
        }
    }

    fn log_in(&mut self) {
        self.ask(b"micro\r\npython\r\n");
        assert!(self.session.is_at_console());
    }
}

#[test]
fn the_dialogue_is_byte_exact() {
    let mut bench = Bench::new();
    assert_eq!(bench.ask(b""), b"MicroPython\r\n\xff\xfc\x01\xff\xfc\x03\xff\xfb\x22Login as: ",);
    assert_eq!(bench.ask(b"micro\r\n"), b"Password: \xff\xfb\x01\xff\xfc\x03\xff\xfb\x22");
    assert_eq!(
        bench.ask(b"python\r\n"),
        b"\xff\xfb\x01\xff\xfb\x03\xff\xfc\x22\r\nLogin succeeded!\r\n\
          Type \"help()\" for more information.\r\n",
    );
    assert!(bench.session.view().is_some());
    assert!(bench.session.take_joined() && !bench.session.take_joined());
    assert!(bench.console.typed.borrow().is_empty());
}

#[test]
fn a_client_has_three_tries() {
    let mut bench = Bench::new();
    bench.run();
    bench.client.received();
    for user in ["micro", "nobody", &"x".repeat(40)] {
        let again = bench.ask(format!("{user}\r\0wrong\r\0").as_bytes());
        let text = String::from_utf8_lossy(&again);
        assert!(text.contains("\r\nInvalid credentials, try again.\r\n"), "{text}");
        assert_eq!(text.contains("Login as: "), user.len() < 40, "{text}");
    }
    assert!(bench.is_over);
}

#[test]
fn names_can_be_corrected() {
    let mut bench = Bench::new();
    bench.ask(b"micx\x7fro\npythonn\x08\n");
    assert!(bench.session.is_at_console());
}

#[test]
fn what_is_typed_reaches_the_console_unless_it_is_telnet() {
    let mut bench = Bench::new();
    bench.log_in();
    let answer =
        bench.ask(b"print('\xc3\xa9')\r\n\xff\xf4\xff\xfb\x18\xff\xfd\x1f\xff\xfd\x01\xff\xf6");
    assert_eq!(bench.console.typed.borrow().as_slice(), "print('é')\r".as_bytes());
    assert_eq!(bench.console.interrupts.get(), 1);
    assert_eq!(answer, b"\xff\xfe\x18\xff\xfc\x1f\r\n[Yes]\r\n");
}

#[test]
fn input_waits_for_room_in_the_console() {
    let mut bench = Bench::new();
    bench.log_in();
    bench.console.room.set(10);
    let text = b"0123456789".repeat(30);
    bench.ask(&text);
    assert_eq!(bench.console.typed.borrow().as_slice(), b"0123456789");
    // Nobody tells when the console has room again.
    assert_eq!(bench.session.quiet_until_ms(&bench.settings), None);
    while bench.console.typed.borrow().len() < text.len() {
        bench.console.room.set(7);
        bench.run();
    }
    assert_eq!(bench.console.typed.borrow().as_slice(), text);
}

#[test]
fn output_is_escaped_and_waits_for_the_client() {
    let mut bench = Bench::new();
    bench.console.shown.borrow_mut().add(b"before the login");
    bench.log_in();
    bench.client.received();
    bench.console.shown.borrow_mut().add(b">>> \xff\xc3\xa9");
    bench.run();
    assert_eq!(bench.client.received(), b">>> \xff\xff\xc3\xa9");
    bench.client.set_room(0);
    for _ in 0..10 {
        bench.console.shown.borrow_mut().add(&[b'x'; 60]);
        bench.run();
    }
    // The session keeps some; the rest is the writer's to wait for.
    assert!(bench.console.shown.borrow().room(bench.session.view().into_iter()) < 64);
    bench.client.set_room(1 << 20);
    bench.run();
    assert_eq!(bench.console.shown.borrow().room(bench.session.view().into_iter()), 64);
}

#[test]
fn silence_ends_a_session_even_while_output_streams() {
    let mut bench = Bench::new();
    bench.log_in();
    assert_eq!(bench.session.quiet_until_ms(&bench.settings), Some(300_000));
    bench.now_ms = 299_999;
    bench.console.shown.borrow_mut().add(b"x");
    bench.run();
    assert!(!bench.is_over);
    bench.now_ms = 300_000;
    bench.run();
    assert!(bench.is_over);
}
