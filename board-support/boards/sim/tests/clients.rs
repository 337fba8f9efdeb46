//! Clients of the host against a server in Python through a forwarded port, and a client in Python against a server of
//! the host: each a process of its own, as a user would run it. Without libslirp there is nothing to test.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream, UdpSocket};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

/// How long anything may take before the test fails.
const LIMIT: Duration = Duration::from_secs(30);

/// A running program, ended with the test.
struct Program {
    child: Child,
    stdout: BufReader<std::process::ChildStdout>,
    stderr: BufReader<std::process::ChildStderr>,
}

impl Drop for Program {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Program {
    fn start(arguments: &[&str], source: &str) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_threadsnake"))
            .args(arguments)
            .args(["-c", source])
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the interpreter starts");
        let stdout = BufReader::new(child.stdout.take().expect("piped"));
        let stderr = BufReader::new(child.stderr.take().expect("piped"));
        Self { child, stdout, stderr }
    }

    fn line(&mut self) -> String {
        let mut line = String::new();
        self.stdout.read_line(&mut line).expect("UTF-8");
        line.trim_end().to_owned()
    }

    /// The port that it tells for the next forward.
    fn port(&mut self) -> u16 {
        let mut line = String::new();
        self.stderr.read_line(&mut line).expect("UTF-8");
        let port = line.split("127.0.0.1:").nth(1).and_then(|rest| rest.split(' ').next());
        port.and_then(|port| port.parse().ok()).unwrap_or_else(|| panic!("no port in {line:?}"))
    }
}

fn has_router() -> bool {
    let has = threadsnake_sim::net::slirp::is_installed();
    if !has {
        println!("skipped: libslirp.so.0 is not installed");
    }
    has
}

/// A connection to a forwarded port, as soon as there is a router.
fn connect(port: u16) -> TcpStream {
    let deadline = Instant::now() + LIMIT;
    let stream = loop {
        match TcpStream::connect(("127.0.0.1", port)) {
            Ok(stream) => break stream,
            Err(error) => assert!(Instant::now() < deadline, "{error}"),
        }
        std::thread::yield_now();
    };
    stream.set_read_timeout(Some(LIMIT)).expect("a time-out");
    stream
}

const ECHO: &str = "
import socket, _thread
s = socket.socket()
s.bind(('', 7))
s.listen(4)
def serve(c):
  while True:
    d = c.recv(1000)
    if not d: break
    c.sendall(d)
  c.close()
print('ready')
while True:
  c, a = s.accept()
  _thread.start_new_thread(serve, (c,))
";

#[test]
fn clients_reach_a_server_in_python_and_get_their_bytes_back() {
    if !has_router() {
        return;
    }
    let mut program = Program::start(&["--forward", "tcp:0:7"], ECHO);
    let port = program.port();
    assert_eq!(program.line(), "ready");
    let clients: Vec<_> = (0..4u8)
        .map(|client| {
            std::thread::spawn(move || {
                for round in 0..5u8 {
                    let mut stream = connect(port);
                    let sent: Vec<u8> =
                        (0..50_000u32).map(|i| (i / 7) as u8 ^ client ^ round).collect();
                    let mut out = stream.try_clone().expect("a second handle");
                    let copy = sent.clone();
                    let writer = std::thread::spawn(move || {
                        out.write_all(&copy).expect("the server reads");
                        out.shutdown(Shutdown::Write).expect("connected");
                    });
                    let mut got = Vec::new();
                    stream.read_to_end(&mut got).expect("all of it in time");
                    assert!(got == sent, "{} of {} bytes", got.len(), sent.len());
                    writer.join().expect("no panic");
                }
            })
        })
        .collect();
    for client in clients {
        client.join().expect("no panic");
    }
}

#[test]
fn datagrams_are_forwarded_and_answered() {
    if !has_router() {
        return;
    }
    let source = "
import socket
s = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
s.bind(('', 9))
print('ready')
while True:
  d, a = s.recvfrom(2000)
  s.sendto(b'<' + d + b'>', a)
";
    let mut program = Program::start(&["--forward", "udp:0:9"], source);
    let port = program.port();
    assert_eq!(program.line(), "ready");
    let socket = UdpSocket::bind("127.0.0.1:0").expect("a port");
    socket.set_read_timeout(Some(LIMIT)).expect("a time-out");
    socket.send_to(b"hello", ("127.0.0.1", port)).expect("sent");
    let mut buf = [0; 100];
    let n = socket.recv(&mut buf).expect("an answer");
    assert_eq!(&buf[..n], b"<hello>");
}

#[test]
fn a_client_in_python_reaches_a_server_of_the_host() {
    if !has_router() {
        return;
    }
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("bound").port();
    let server = std::thread::spawn(move || {
        let (mut stream, _) = listener.accept().expect("a client");
        stream.set_read_timeout(Some(LIMIT)).expect("a time-out");
        let mut got = Vec::new();
        stream.read_to_end(&mut got).expect("all of it in time");
        stream.write_all(&got[..10]).expect("it reads");
        got.len()
    });
    let source = format!(
        "
import socket
s = socket.socket()
s.connect(('10.0.2.2', {port}))
s.write(b'0123456789' * 30000)
s.shutdown(1)
print(s.read())
try:
  t = socket.socket()
  t.connect(('10.0.2.2', 1))
except OSError as e:
  print(e)
"
    );
    let mut program = Program::start(&[], &source);
    assert_eq!(program.line(), "b'0123456789'");
    assert_eq!(program.line(), "[Errno 111] ECONNREFUSED");
    assert_eq!(server.join().expect("no panic"), 300_000);
}

#[test]
fn curl_gets_a_page() {
    if !has_router() {
        return;
    }
    let source = "
import socket
s = socket.socket()
s.bind(('', 80))
s.listen(1)
print('ready')
c, a = s.accept()
with c:
  print(c.readline())
  while c.readline() != b'\\r\\n':
    pass
  c.write(b'HTTP/1.0 200 OK\\r\\n\\r\\n' + b'a page ' * 20000)
";
    let mut program = Program::start(&["--forward", "tcp:0:80"], source);
    let port = program.port();
    assert_eq!(program.line(), "ready");
    let url = format!("http://127.0.0.1:{port}/x");
    let Ok(out) = Command::new("curl").args(["-s", "-m", "30", &url]).output() else {
        println!("skipped: curl is not installed");
        return;
    };
    assert_eq!(program.line(), "b'GET /x HTTP/1.1\\r\\n'");
    assert!(out.stdout == b"a page ".repeat(20_000), "{} bytes", out.stdout.len());
}

#[test]
fn the_board_is_reached_through_a_station_at_its_access_point() {
    if !has_router() {
        return;
    }
    let mut child = Command::new(env!("CARGO_BIN_EXE_threadsnake"))
        .args(["--board", "--forward", "tcp:0:80", "--air", "home,secret12"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the board starts");
    let mut stdin = child.stdin.take().expect("piped");
    let stdout = BufReader::new(child.stdout.take().expect("piped"));
    let stderr = BufReader::new(child.stderr.take().expect("piped"));
    let mut board = Program { child, stdout, stderr };
    let port = board.port();
    // The raw prompt runs what ends with Ctrl-D.
    let source = "
import network, socket, time
w = network.WLAN()
print('mode', w.mode() == w.AP, w.ssid()[:10], w.ifconfig()[0])
while not w.isconnected():
  time.sleep_ms(1)
s = socket.socket()
s.bind(('', 80))
s.listen(1)
print('ready')
c, a = s.accept()
print('from', a[0], c.recv(100))
c.send(b'from the board')
c.close()
w.mode(w.STA)
w.connect('home', auth=(w.WPA2, 'secret12'), timeout=10000)
while not w.isconnected():
  time.sleep_ms(1)
print('joined', w.ifconfig()[0])
";
    stdin.write_all(format!("\x01{source}\x04").as_bytes()).expect("it reads");
    let mut until = |words: &str| loop {
        let line = board.line();
        assert!(!line.contains("Traceback"), "{line} instead of {words}");
        if let Some(at) = line.find(words) {
            return line[at..].to_owned();
        }
    };
    assert_eq!(until("mode"), "mode True wipy-wlan- 192.168.1.1");
    until("ready");
    let mut stream = connect(port);
    stream.write_all(b"hello").expect("it reads");
    let mut got = String::new();
    stream.read_to_string(&mut got).expect("an answer");
    assert_eq!(got, "from the board");
    assert_eq!(until("from"), "from 192.168.1.2 b'hello'");
    assert_eq!(until("joined"), "joined 10.0.3.15");
}
