//! OpenSSL's client against a TLS server in Python, and its server against a client in Python: both versions, a good
//! certificate and a bad one for each reason. Without libslirp or `openssl` there is nothing to test.

use std::io::{BufRead, BufReader, Write};
use std::process::{Child, Command, Stdio};

/// The certificates, made by the script there.
const KEYS: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../tests/tls");
const VERSIONS: [&str; 2] = ["-tls1_2", "-tls1_3"];

/// A process, ended with the test.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

fn can_run() -> bool {
    let has_router = threadsnake_sim::net::slirp::is_installed();
    let openssl = Command::new("openssl").arg("version").stdout(Stdio::null()).status();
    let can = has_router && openssl.is_ok_and(|status| status.success());
    if !can {
        println!("skipped: libslirp.so.0 or openssl is not installed");
    }
    can
}

fn python(arguments: &[&str], source: &str) -> Running {
    let child = Command::new(env!("CARGO_BIN_EXE_threadsnake"))
        .current_dir(KEYS)
        .args(arguments)
        .args(["-c", source])
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn();
    Running(child.expect("the interpreter starts"))
}

/// What OpenSSL says of a server with this identity: nothing, or why it is refused.
fn check_client(port: u16, version: &str, fault: Option<&str>) {
    let mut child = Command::new("openssl")
        .current_dir(KEYS)
        .args(["s_client", "-connect", &format!("127.0.0.1:{port}"), version, "-quiet"])
        .args(["-CAfile", "authority.pem", "-verify_return_error"])
        .args(["-servername", "board.test", "-verify_hostname", "board.test"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("openssl starts");
    // A client that refused the server does not read any more.
    let _ = child.stdin.take().expect("piped").write_all(b"hello\n");
    let output = child.wait_with_output().expect("it ends");
    let (out, err) = (
        String::from_utf8_lossy(&output.stdout).into_owned(),
        String::from_utf8_lossy(&output.stderr).into_owned(),
    );
    match fault {
        None => assert_eq!(out, "HELLO\n", "{version}: {err}"),
        Some(fault) => assert!(out.is_empty() && err.contains(fault), "{version}: {err}"),
    }
}

#[test]
fn the_client_of_openssl_accepts_and_refuses_our_servers() {
    if !can_run() {
        return;
    }
    let source = "
import socket, ssl, sys
s = socket.socket()
s.bind(('', 443))
s.listen(4)
print('ready')
for name in ('good', 'rsa', 'expired', 'future', 'host', 'unknown', 'selfsigned'):
  context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
  context.load_cert_chain(name + '.pem', name + '.key')
  for version in range(2):
    c, a = s.accept()
    try:
      t = context.wrap_socket(c, server_side=True)
      t.write(t.readline().upper())
      t.close()
    except OSError:
      c.close()
";
    let mut program = python(&["--forward", "tcp:0:443"], source);
    let mut line = String::new();
    let mut stderr = BufReader::new(program.0.stderr.take().expect("piped"));
    stderr.read_line(&mut line).expect("UTF-8");
    let port = line.split("127.0.0.1:").nth(1).and_then(|rest| rest.split(' ').next());
    let port = port.and_then(|port| port.parse().ok()).expect("it tells the port");
    line.clear();
    let mut stdout = BufReader::new(program.0.stdout.take().expect("piped"));
    stdout.read_line(&mut line).expect("UTF-8");
    for fault in [
        None,
        None,
        Some("certificate has expired"),
        Some("certificate is not yet valid"),
        Some("hostname mismatch"),
        Some("unable to get local issuer certificate"),
        Some("self-signed certificate"),
    ] {
        VERSIONS.iter().for_each(|version| check_client(port, version, fault));
    }
}

/// A server of OpenSSL with this identity, which sends lines back in reverse, and its port.
fn server(name: &str, version: &str) -> (Running, u16) {
    let mut child = Command::new("openssl")
        .current_dir(KEYS)
        .args(["s_server", "-accept", "127.0.0.1:0", "-rev", version])
        .args(["-cert", &format!("{name}.pem"), "-key", &format!("{name}.key")])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .expect("openssl starts");
    let out = BufReader::new(child.stdout.as_mut().expect("piped"));
    let port = out
        .lines()
        .map_while(Result::ok)
        .find_map(|line| line.strip_prefix("ACCEPT ")?.rsplit(':').next()?.parse().ok());
    (Running(child), port.expect("it tells the port"))
}

#[test]
fn our_client_accepts_and_refuses_the_servers_of_openssl() {
    if !can_run() {
        return;
    }
    let name = "The certificate Common Name (CN) does not match with the expected CN";
    let signed = "The certificate is not correctly signed by the trusted CA";
    let cases = [
        ("good", "olleh"),
        ("rsa", "olleh"),
        ("expired", "The certificate validity has expired"),
        ("future", "The certificate validity starts in the future"),
        ("host", name),
        ("purpose", "MBEDTLS_ERR_SSL_BAD_CERTIFICATE"),
        ("unknown", signed),
        ("selfsigned", signed),
    ];
    let mut servers = Vec::new();
    let (mut ports, mut expected) = (Vec::new(), String::new());
    for (identity, answer) in cases {
        for version in VERSIONS {
            let (server, port) = server(identity, version);
            servers.push(server);
            ports.push(port);
            let shown =
                if answer == "olleh" { version.replace("-tls1_", "TLSv1.") } else { String::new() };
            expected += &format!("{answer}{shown}\n");
        }
    }
    let source = format!(
        "
import socket, ssl
context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
context.verify_mode = ssl.CERT_REQUIRED
context.load_verify_locations('authority.pem')
for port in {ports:?}:
  s = socket.socket()
  s.connect(('10.0.2.2', port))
  try:
    t = context.wrap_socket(s, server_hostname='board.test')
    t.write(b'hello\\n')
    print(t.readline().decode().strip() + t.cipher()[1])
    t.close()
  except ValueError as e:
    print(str(e).strip())
    s.close()
  except OSError as e:
    print(e.args[1])
    s.close()
"
    );
    let mut program = python(&[], &source);
    let mut stdout = program.0.stdout.take().expect("piped");
    let mut got = String::new();
    std::io::Read::read_to_string(&mut stdout, &mut got).expect("UTF-8");
    assert_eq!(got, expected);
}
