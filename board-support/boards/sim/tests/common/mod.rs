//! A simulated board in a process of its own, with its console, its flash chip and the ports that lead to its servers.

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};

// Links what the link options of this package ask for.
use threadsnake_sim as _;

/// How long anything may take before the test fails.
const LIMIT: Duration = Duration::from_secs(60);

/// A board that has booted, ended with the test.
pub struct Board {
    child: Child,
    pub stdin: ChildStdin,
    stdout: ChildStdout,
    /// The host's ports that lead to the servers.
    pub telnet: u16,
    pub ftp: u16,
    /// A folder of the test's own; the chip is the file `flash` in it.
    pub dir: PathBuf,
    /// What the console showed up to its first prompt.
    pub booted: String,
    /// What the process says on standard error from then on.
    errors: Arc<Mutex<String>>,
}

impl Drop for Board {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
        if !self.dir.as_os_str().is_empty() {
            let _ = std::fs::remove_dir_all(&self.dir);
        }
    }
}

impl Board {
    /// A new board; `name` is that of its folder.
    pub fn start(name: &str) -> Board {
        let dir = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("servers-{name}"));
        let _ = std::fs::remove_dir_all(&dir);
        std::fs::create_dir_all(&dir).expect("a folder");
        Board::power_up(dir, &[])
    }

    /// The same board switched off and on again, with these options.
    pub fn again(mut self, options: &[&str]) -> Board {
        let _ = self.child.kill();
        let _ = self.child.wait();
        Board::power_up(std::mem::take(&mut self.dir), options)
    }

    fn power_up(dir: PathBuf, options: &[&str]) -> Board {
        let mut child = Command::new(env!("CARGO_BIN_EXE_threadsnake"))
            .args(["--board", "--flash"])
            .arg(dir.join("flash"))
            .args(options)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("the interpreter starts");
        let mut stderr = BufReader::new(child.stderr.take().expect("piped"));
        let (mut telnet, mut ftp, mut line) = (0, 0, String::new());
        while telnet == 0 || ftp == 0 {
            line.clear();
            assert_ne!(
                stderr.read_line(&mut line).expect("UTF-8"),
                0,
                "libslirp0 is not installed"
            );
            let words: Vec<&str> = line.split_whitespace().collect();
            if let ["forwarding", "tcp", host, "to", guest] = words[..] {
                let port = host.rsplit(':').next().and_then(|port| port.parse().ok());
                match guest {
                    "23" => telnet = port.expect("a port"),
                    "21" => ftp = port.expect("a port"),
                    _ => {}
                }
            }
        }
        let stdin = child.stdin.take().expect("piped");
        let stdout = child.stdout.take().expect("piped");
        let errors = Arc::new(Mutex::new(String::new()));
        let said = errors.clone();
        std::thread::spawn(move || {
            for line in stderr.lines().map_while(Result::ok) {
                *said.lock().expect("no panic") += &line;
            }
        });
        let booted = String::new();
        let mut board = Board { child, stdin, stdout, telnet, ftp, dir, booted, errors };
        board.booted = board.shown(">>> ");
        board
    }

    /// What the console shows up to and with `end`.
    pub fn shown(&mut self, end: &str) -> String {
        until(&mut self.stdout, end)
    }

    /// The forwarded connection to a server, and its first words up to and with `end`. The router takes a connection
    /// also while the board is about to start; it closes it then, and the next one is tried.
    pub fn dial(&self, port: u16, end: &str) -> (TcpStream, String) {
        let deadline = Instant::now() + LIMIT;
        loop {
            let why = match TcpStream::connect(("127.0.0.1", port)) {
                Ok(mut stream) => {
                    stream.set_read_timeout(Some(LIMIT)).expect("a time-out");
                    match try_until(&mut stream, end) {
                        Ok(words) => return (stream, words),
                        Err(why) => why,
                    }
                }
                Err(error) => error.to_string(),
            };
            let errors = self.errors.lock().expect("no panic");
            assert!(Instant::now() < deadline, "no server: {why}; the board: {errors}");
            drop(errors);
            std::thread::sleep(Duration::from_millis(50));
        }
    }

    /// A telnet session that has logged in and sees the prompt.
    pub fn log_in(&self) -> TcpStream {
        let (mut stream, _) = self.dial(self.telnet, "Login as: ");
        stream.write_all(b"micro\r\n").expect("sent");
        until(&mut stream, "Password: ");
        stream.write_all(b"python\r\n").expect("sent");
        until(&mut stream, "Type \"help()\" for more information.\r\n");
        until(&mut stream, ">>> ");
        stream
    }

    /// An FTP control connection before its login.
    pub fn greeted(&self) -> TcpStream {
        self.dial(self.ftp, "220 MicroPython FTP Server\r\n").0
    }

    /// An FTP control connection that has logged in.
    pub fn ftp(&self) -> TcpStream {
        let mut stream = self.greeted();
        stream.write_all(b"USER micro\r\nPASS python\r\n").expect("sent");
        until(&mut stream, "230 Logged in\r\n");
        stream
    }

    /// Waits until FTP answers, then runs a client and returns what it printed; it must succeed.
    pub fn client(&self, command: &mut Command) -> String {
        drop(self.ftp());
        let output = command.current_dir(&self.dir).stdin(Stdio::null()).output();
        let output = output.unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let [out, err] = [&output.stdout, &output.stderr].map(|b| String::from_utf8_lossy(b));
        assert!(output.status.success(), "{command:?}\n{out}{err}");
        out.into_owned()
    }
}

/// Reads up to and with `end`; Telnet's own bytes come as they are.
pub fn until(stream: &mut impl Read, end: &str) -> String {
    try_until(stream, end).unwrap_or_else(|why| panic!("{why}"))
}

fn try_until(stream: &mut impl Read, end: &str) -> Result<String, String> {
    let mut bytes = Vec::new();
    while !bytes.ends_with(end.as_bytes()) {
        let mut byte = [0];
        match stream.read(&mut byte) {
            Ok(1) => bytes.push(byte[0]),
            other => {
                let came = String::from_utf8_lossy(&bytes);
                return Err(format!("{other:?} before {end:?}: {came}"));
            }
        }
    }
    Ok(String::from_utf8_lossy(&bytes).into_owned())
}

/// Bytes of every value in no simple order.
pub fn noise(n: u32) -> Vec<u8> {
    (0..n).map(|i| (i.wrapping_mul(2_654_435_761) >> 24) as u8).collect()
}
