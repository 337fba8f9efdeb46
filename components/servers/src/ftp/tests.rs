//! A session of FTP against a client, a network and files in memory.

use super::*;
use crate::Settings;
use crate::testing::{Peer, Socket, TestFiles, TestNetwork, TestVolume};

struct Bench {
    network: TestNetwork,
    volume: &'static TestVolume,
    secrets: &'static TestVolume,
    settings: Settings,
    session: Session<Socket>,
    client: Peer,
    now_ms: u64,
    is_over: bool,
}

impl Bench {
    /// A session before its login.
    fn new() -> Bench {
        let network = TestNetwork::default();
        let (near, client) = network.pair();
        let settings = Settings::new("micro", "python").unwrap();
        let (volume, secrets) = (TestVolume::new(), TestVolume::new());
        let session = Session::new(near, 2024, 0);
        let mut bench = Bench {
            network,
            volume,
            secrets,
            settings,
            session,
            client,
            now_ms: 0,
            is_over: false,
        };
        bench.check("", "220 MicroPython FTP Server\r\n");
        bench
    }

    /// A session after its login.
    fn logged_in() -> Bench {
        let mut bench = Bench::new();
        bench.check("USER micro\r\nPASS python\r\n", "331 Password\r\n230 Logged in\r\n");
        bench
    }

    fn run(&mut self) {
        while !self.is_over {
            let files = TestFiles(self.volume, self.secrets);
            let context = Context {
                files: &files,
                settings: &self.settings,
                now_ms: self.now_ms,
                unix_s: 1_600_000_000,
            };
            match self.session.step(&mut self.network, &context) {
                Step::Busy => {}
                Step::Idle => break,
                Step::Over => self.is_over = true,
            }
        }
    }

    /// Sends commands; what comes back.
    fn ask(&mut self, commands: &str) -> String {
        self.client.send(commands.as_bytes());
        self.run();
        String::from_utf8(self.client.received()).unwrap()
    }

    #[track_caller]
    fn check(&mut self, commands: &str, replies: &str) {
        assert_eq!(self.ask(commands), replies, "{commands}");
    }

    /// Checks the codes of the replies only.
    #[track_caller]
    fn check_codes(&mut self, commands: &str, codes: &[&str]) {
        let replies = self.ask(commands);
        let found: Vec<&str> = replies.lines().map(|line| &line[..3]).collect();
        assert_eq!(found, codes, "{commands} {replies}");
    }

    /// Connects for data, then sends a command; what comes back on both.
    fn transfer(&mut self, command: &str) -> (String, Peer) {
        self.check_codes("EPSV\r\n", &["229"]);
        let data = self.network.connect(2024);
        let replies = self.ask(command);
        (replies, data)
    }
}

#[test]
fn nothing_works_before_the_login() {
    let mut bench = Bench::new();
    bench.check_codes("PWD\r\nLIST\r\nRETR x\r\n", &["332"; 3]);
    bench.check_codes("USER micro\r\nPASS wrong\r\nPWD\r\n", &["331", "530", "332"]);
    bench.check_codes("USER other\r\nPASS python\r\nPWD\r\n", &["331", "530", "332"]);
    bench.check_codes("PASS python\r\n", &["530"]);
    bench.check_codes("USER micro\r\nPASS python\r\nPWD\r\n", &["331", "230", "257"]);
}

#[test]
fn commands_may_come_in_pieces_or_together() {
    let mut bench = Bench::logged_in();
    bench.check("SY", "");
    bench.check("ST\r\nNOOP\r\n", "215 UNIX Type: L8\r\n200 OK\r\n");
    bench.check_codes("nonsense\r\n\r\nSTOU\r\nPORT 1,2,3,4,5,6\r\n", &["502"; 4]);
    bench.check_codes("MODE S\r\nMODE B\r\nSTRU F\r\nTYPE I\r\n", &["200", "504", "200", "200"]);
    bench.check_codes(&format!("CWD {}\r\n", "x".repeat(5000)), &["500"]);
    bench.check_codes(&format!("CWD {}\r\n", "x".repeat(270)), &["550"]);
}

#[test]
fn directories_are_walked_without_leaving_the_top() {
    let mut bench = Bench::logged_in();
    bench.check("PWD\r\n", "257 \"/\"\r\n");
    bench.check_codes("CWD flash\r\nMKD a \"b\"\r\nMKD a \"b\"\r\n", &["250", "250", "550"]);
    bench.check("CWD a \"b\"\r\nPWD\r\n", "250 Done\r\n257 \"/flash/a \"\"b\"\"\"\r\n");
    bench.check("CWD ../../../..\r\nPWD\r\n", "250 Done\r\n257 \"/\"\r\n");
    bench.check_codes("CWD /flash/none\r\nCWD /none\r\nCWD /py/x\r\n", &["550"; 3]);
    bench.check("PWD\r\nCDUP\r\n", "257 \"/\"\r\n250 Done\r\n");
    bench.check_codes("RMD /flash\r\nDELE /\r\nMKD\r\n", &["550", "550", "501"]);
    bench.check_codes("RMD /flash/a \"b\"\r\n", &["250"]);
}

#[test]
fn files_are_sent_and_received_whole() {
    let mut bench = Bench::logged_in();
    let contents: Vec<u8> = (0..10_000u32).map(|i| (i % 251) as u8).collect();
    let (replies, data) = bench.transfer("STOR /flash/my file\r\n");
    assert_eq!(replies, "150 Data follows\r\n");
    data.send(&contents);
    drop(data);
    bench.check("", "226 Done\r\n");
    assert_eq!(bench.volume.contents("/my file").unwrap(), contents);
    bench.check("SIZE /flash/my file\r\n", "213 10000\r\n");
    bench.check("MDTM /flash/my file\r\n", "213 20200913122640\r\n");

    // The client is slow: the session waits for it, and for nothing else.
    bench.check_codes("EPSV\r\n", &["229"]);
    let data = bench.network.connect(2024);
    data.set_room(100);
    bench.check_codes("RETR /flash/my file\r\nNOOP\r\n", &["150", "200"]);
    let mut received = Vec::new();
    while !data.is_closed() {
        received.extend(data.received());
        bench.run();
    }
    received.extend(data.received());
    assert_eq!(received, contents);
    bench.check("", "226 Done\r\n");

    let (replies, data) = bench.transfer("REST 9990\r\nRETR /flash/my file\r\n");
    assert!(replies.starts_with("350 ") && replies.ends_with("226 Done\r\n"), "{replies}");
    assert_eq!(data.received(), contents[9990..]);
    let (_, data) = bench.transfer("APPE /flash/my file\r\n");
    data.send(b"end");
    drop(data);
    bench.check("", "226 Done\r\n");
    assert!(bench.volume.contents("/my file").unwrap().ends_with(b"end"));
    assert_eq!(bench.volume.open_count(), 0);
}

#[test]
fn listings_have_the_forms_that_clients_parse() {
    let mut bench = Bench::logged_in();
    bench.volume.write("/main.py", b"print(1)");
    bench.check_codes("MKD /flash/lib\r\n", &["250"]);
    let mut list = |command: &str| {
        let (replies, data) = bench.transfer(command);
        assert_eq!(replies, "150 Data follows\r\n226 Done\r\n", "{command}");
        assert!(data.is_closed());
        String::from_utf8(data.received()).unwrap()
    };
    let long = "drwxrw-r--   1 root  root         0 Sep 13 12:26 lib\r\n\
                -rw-rw-r--   1 root  root         8 Sep 13 12:26 main.py\r\n";
    assert_eq!(list("LIST -la /flash\r\n").replace("drw-rw", "drwxrw"), long);
    assert_eq!(list("NLST\r\n"), "flash\r\npy\r\n");
    assert_eq!(list("NLST /flash\r\n"), "lib\r\nmain.py\r\n");
    let facts = "type=dir;size=0;modify=20200913122640; lib\r\n\
                 type=file;size=8;modify=20200913122640; main.py\r\n";
    assert_eq!(list("MLSD /flash\r\n"), facts);
    assert!(list("LIST\r\n").contains("Jan  1  2015 flash\r\n"));
    assert_eq!(list("LIST /flash/main.py\r\n").lines().count(), 1);
    let facts =
        "250-Facts\r\n type=file;size=8;modify=20200913122640; /flash/main.py\r\n250 End\r\n";
    bench.check("MLST /flash/main.py\r\n", facts);
    assert_eq!(bench.volume.open_count(), 0);
}

#[test]
fn files_are_renamed_and_removed() {
    let mut bench = Bench::logged_in();
    bench.volume.write("/a", b"1");
    bench.check_codes("CWD flash\r\nRNFR a\r\nRNTO b c\r\n", &["250", "350", "250"]);
    assert_eq!(bench.volume.contents("/b c").unwrap(), b"1");
    bench.check_codes("RNTO d\r\nRNFR none\r\n", &["503", "550"]);
    bench.check_codes("RNFR b c\r\nPWD\r\nRNTO d\r\n", &["350", "257", "503"]);
    bench.check_codes("RNFR b c\r\nRNTO /py/d\r\n", &["350", "550"]);
    bench.check_codes("DELE b c\r\nDELE b c\r\n", &["250", "550"]);
}

#[test]
fn a_transfer_needs_a_data_connection_in_time() {
    let mut bench = Bench::logged_in();
    bench.volume.write("/a", b"1");
    bench.check_codes("RETR /flash/a\r\nLIST\r\n", &["425", "425"]);
    assert_eq!(bench.session.quiet_until_ms(&bench.settings), Some(300_000));
    bench.check("PASV\r\n", "227 Passive (192,168,1,1,7,232)\r\n");
    assert_eq!(bench.session.quiet_until_ms(&bench.settings), Some(5000));
    bench.check_codes("RETR /flash/a\r\n", &["150"]);
    assert_eq!(bench.session.quiet_until_ms(&bench.settings), None);
    bench.now_ms += 5000;
    bench.check_codes("", &["425"]);
    assert!(!bench.network.listens(2024));
    assert_eq!(bench.volume.open_count(), 0);
    // Nor does an open connection wait for its command.
    bench.check_codes("EPSV\r\n", &["229"]);
    let data = bench.network.connect(2024);
    bench.run();
    bench.now_ms += 5000;
    bench.run();
    assert!(data.is_closed());
    // A failed command closes it.
    let (replies, data) = bench.transfer("RETR /flash/none\r\n");
    assert!(replies.starts_with("550") && data.is_closed());
}

#[test]
fn uploads_that_fail_say_so() {
    let mut bench = Bench::logged_in();
    bench.volume.set_room(100);
    let (_, data) = bench.transfer("STOR /flash/a\r\n");
    data.send(&[1; 200]);
    bench.check_codes("", &["452"]);
    let (replies, _) = bench.transfer("STOR /py/a\r\n");
    assert!(replies.starts_with("550"), "{replies}");
    let (_, _data) = bench.transfer("STOR /flash/b\r\n");
    bench.now_ms += 5000;
    bench.check_codes("", &["426"]);
    let (_, _data) = bench.transfer("STOR /flash/c\r\n");
    bench.check_codes("ABOR\r\n", &["426", "226"]);
    assert_eq!(bench.volume.open_count(), 0);
}

#[test]
fn secrets_go_where_nobody_finds_them() {
    let mut bench = Bench::logged_in();
    let (_, data) = bench.transfer("STOR /flash/x/../secret\r\n");
    data.send(b"key");
    drop(data);
    bench.check("", "226 Done\r\n");
    assert_eq!(bench.secrets.contents("/secret").unwrap(), b"key");
    let (replies, data) = bench.transfer("NLST /flash\r\n");
    assert_eq!(replies, "150 Data follows\r\n226 Done\r\n");
    assert_eq!(data.received(), b"");
    bench.check_codes("SIZE /flash/secret\r\nDELE /flash/secret\r\n", &["550"; 2]);
    let (replies, _) = bench.transfer("RETR /flash/secret\r\n");
    assert!(replies.starts_with("550"), "{replies}");
    assert_eq!(bench.secrets.open_count(), 0);
}

#[test]
fn a_session_ends_by_quit_by_silence_and_with_its_client() {
    let mut bench = Bench::logged_in();
    bench.check_codes("QUIT\r\nNOOP\r\n", &["221"]);
    assert!(bench.is_over);

    let mut bench = Bench::logged_in();
    bench.now_ms += 300_000;
    bench.check_codes("", &["221"]);
    assert!(bench.is_over);

    // Also where the client does not even take the farewell.
    let mut bench = Bench::logged_in();
    bench.client.set_room(0);
    bench.now_ms += 300_000;
    bench.check("", "");
    assert_eq!(bench.session.quiet_until_ms(&bench.settings), Some(600_000));
    bench.now_ms += 300_000;
    bench.run();
    assert!(bench.is_over);

    let mut bench = Bench::logged_in();
    let (_, _data) = bench.transfer("STOR /flash/a\r\n");
    let (_, other) = bench.network.pair();
    drop(core::mem::replace(&mut bench.client, other));
    bench.run();
    assert!(bench.is_over);
    let volume = bench.volume;
    drop(bench);
    assert_eq!(volume.open_count(), 0);
}
