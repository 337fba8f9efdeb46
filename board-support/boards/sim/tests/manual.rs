//! The WiPy manual's chapters of general information, played on a new board with real connections: telnet, FTP, firmware
//! updates, boot modes, factory reset, the tutorial's first lines at the prompt; and those sections of its quick
//! reference that want a whole board (the others are `tests/language/quickref_*.py`).
//!
//! The order is the manual's, the examples are our own of the same shape; numbers in names are its sections.

#[allow(dead_code, reason = "each test uses a part of it")]
mod common;

use common::{Board, until};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::Command;
use std::sync::atomic::{AtomicBool, Ordering};

/// Types a line at a prompt; what the board shows until the next one, without the echo.
fn typed(session: &mut TcpStream, line: &str) -> String {
    session.write_all(format!("{line}\r").as_bytes()).expect("sent");
    until(session, "\r\n");
    let shown = until(session, ">>> ");
    shown[..shown.len() - 4].to_owned()
}

/// Uploads a file with curl.
fn upload(board: &Board, path: &str, contents: &str) {
    std::fs::write(board.dir.join("upload"), contents).expect("written");
    let url = format!("ftp://micro:python@127.0.0.1:{}{path}", board.ftp);
    board.client(Command::new("curl").args(["-sS", "-m", "60", "-T", "upload", &url]));
}

/// The lines that boot shows before the banner.
fn programs(shown: &str) -> &str {
    shown.split("MicroPython v").next().unwrap_or_default()
}

#[test]
fn from_the_first_login_to_the_factory_reset() {
    let mut board = Board::start("manual");
    // 2.3, 2.4: the access point, the dialogue of a telnet client.
    let (mut telnet, welcome) = board.dial(board.telnet, "Login as: ");
    assert!(
        welcome.starts_with("MicroPython v1.29.0 on ") && welcome.contains("\r\n"),
        "{welcome}"
    );
    telnet.write_all(b"micro\r\n").expect("sent");
    until(&mut telnet, "Password: ");
    telnet.write_all(b"python\r\n").expect("sent");
    until(&mut telnet, "\r\nLogin succeeded!\r\nType \"help()\" for more information.\r\n");
    until(&mut telnet, ">>> ");
    let shown = typed(&mut telnet, "import network, os; w = network.WLAN(); w.mode() == w.AP");
    assert_eq!(shown, "True\r\n");
    let shown = typed(&mut telnet, "w.ssid()[:10], w.auth()[1], w.ifconfig()[0]");
    assert_eq!(shown, "('wipy-wlan-', 'www.wipy.io', '192.168.1.1')\r\n");
    // 2.1: the division that always works.
    assert_eq!(typed(&mut telnet, "4 // 2"), "2\r\n");

    // 2.5: the internal drive, from which the board boots.
    assert_eq!(
        typed(&mut telnet, "os.getcwd(), 'main.py' in os.listdir()"),
        "('/flash', True)\r\n"
    );
    upload(&board, "/flash/boot.py", "print('booting')\n");
    upload(
        &board,
        "/flash/main.py",
        "import machine; print('main', machine.reset_cause()); value = 42\n",
    );
    // 3.2.5: a soft reset runs it, and the session stays.
    telnet.write_all(b"\x04").expect("sent");
    let shown = until(&mut telnet, "Type \"help()\" for more information.\r\n>>> ");
    assert!(shown.contains("MPY: soft reboot\r\nbooting\r\nmain 4\r\nMicroPython v"), "{shown}");
    assert_eq!(typed(&mut telnet, "value"), "42\r\n");
    telnet.write_all(b"import sys; sys.exit()\r").expect("sent");
    let shown = until(&mut telnet, "Type \"help()\" for more information.\r\n>>> ");
    assert!(shown.contains("MPY: soft reboot\r\nbooting\r\nmain 4\r\n"), "{shown}");
    // 2.7: the version that an update would raise.
    assert_eq!(typed(&mut telnet, "import os; os.uname().release"), "'1.29.0'\r\n");
    // 2.9: the heartbeat can be overridden.
    assert_eq!(
        typed(&mut telnet, "import wipy; wipy.heartbeat(False); wipy.heartbeat()"),
        "False\r\n"
    );

    // 3.2.5: a hard reset ends the session; both programs run.
    telnet.write_all(b"import machine; machine.reset()\r").expect("sent");
    let mut rest = Vec::new();
    let _ = telnet.read_to_end(&mut rest);
    board.shown("booting\r\nmain 1\r\n");
    board.shown(">>> ");
    let mut telnet = board.log_in();
    assert_eq!(typed(&mut telnet, "value"), "42\r\n");
    let shown = typed(&mut telnet, "import machine; machine.reset_cause() == machine.HARD_RESET");
    assert_eq!(shown, "True\r\n");

    // 2.8, 3.5.1: safe boot runs neither, changes no file, and ends with the next reset.
    let mut board = board.again(&["--safe-boot"]);
    assert_eq!(programs(&board.booted), "");
    let mut telnet = board.log_in();
    assert_eq!(
        typed(&mut telnet, "import os; os.stat('main.py')[6] > 30, 'value' in dir()"),
        "(True, False)\r\n"
    );
    telnet.write_all(b"\x04").expect("sent");
    let shown = until(&mut telnet, "Type \"help()\" for more information.\r\n>>> ");
    assert!(!shown.contains("booting"), "{shown}");
    board.shown("MPY: soft reboot");
    telnet.write_all(b"import machine; machine.reset()\r").expect("sent");
    board.shown("booting\r\nmain 1\r\n");
    board.shown(">>> ");

    // 3.5.2: factory reset: everything is gone, the two programs are back after the next reset.
    let mut telnet = board.log_in();
    assert_eq!(typed(&mut telnet, "import os; os.mkdir('lib/x'); os.mkfs('/flash')"), "");
    assert_eq!(typed(&mut telnet, "os.listdir('/flash')"), "[]\r\n");
    telnet.write_all(b"import machine; machine.reset()\r").expect("sent");
    board.shown("machine.reset()\r\n");
    let shown = board.shown(">>> ");
    assert!(!shown.contains("booting") && !shown.contains("main 1"), "{shown}");
    let mut telnet = board.log_in();
    let shown = typed(
        &mut telnet,
        "import os; os.listdir(), os.listdir('lib'), open('main.py').read()[:9]",
    );
    assert_eq!(shown, "(['boot.py', 'cert', 'lib', 'main.py', 'sys'], [], '# main.py')\r\n");
}

#[test]
fn section_1_11_the_card_is_mounted_and_ftp_sees_it() {
    let board = Board::start("card");
    let mut telnet = board.log_in();
    let mut check = |line: &str, shown: &str| assert_eq!(typed(&mut telnet, line), shown, "{line}");
    check("from machine import SD", "");
    check("import os", "");
    check("sd = SD(pins=('GP10', 'GP11', 'GP15'))", "");
    check("sd = SD()", "");
    check("os.mount(sd, '/sd')", "");
    upload(&board, "/sd/file", "on the card");
    check("open('/sd/file').read()", "'on the card'\r\n");
}

#[test]
fn sections_1_12_and_1_13_a_client_of_the_servers_wakes_the_board() {
    let mut board = Board::start("wake");
    let mut telnet = board.log_in();
    let mut check = |line: &str, shown: &str| assert_eq!(typed(&mut telnet, line), shown, "{line}");
    check("import machine", "");
    check("from network import Server, WLAN", "");
    check("server = Server(login=('user', 'password'), timeout=60)", "");
    check("server.timeout(300)", "");
    check("server.timeout()", "300\r\n");
    check("server.isrunning()", "True\r\n");
    check("wlan = WLAN()", "");
    check("wlan.irq(trigger=WLAN.ANY_EVENT, wake=machine.SLEEP) is None", "False\r\n");
    drop(telnet);
    // From the local console: the telnet session would end the sleep as well.
    board
        .stdin
        .write_all(b"machine.sleep(); print('woken', machine.wake_reason())\r")
        .expect("typed");
    let mut ftp = board.greeted();
    ftp.write_all(b"USER user\r\nPASS password\r\n").expect("sent");
    until(&mut ftp, "230 Logged in\r\n");
    // Until it wakes, for it may fall asleep only now.
    let is_awake = AtomicBool::new(false);
    std::thread::scope(|scope| {
        scope.spawn(|| {
            while !is_awake.load(Ordering::Relaxed) {
                ftp.write_all(b"NOOP\r\n").expect("sent");
                until(&mut ftp, "200 OK\r\n");
            }
        });
        board.shown("\r\nwoken 1\r\n");
        is_awake.store(true, Ordering::Relaxed);
    });
}

#[test]
fn section_3_2_4_the_first_lines_at_the_prompt() {
    let board = Board::start("prompt");
    let mut telnet = board.log_in();
    let mut check = |line: &str, shown: &str| assert_eq!(typed(&mut telnet, line), shown, "{line}");
    check("print(\"hello board!\")", "hello board!\r\n");
    check("from machine import Pin", "");
    check("import wipy", "");
    check("wipy.heartbeat(False)", "");
    check("led = Pin('GP25', mode=Pin.OUT)", "");
    check("led(1)", "");
    check("led()", "1\r\n");
    check("led(0)", "");
    check("led.toggle()", "");
    check("led()", "1\r\n");
    check("1 + 2", "3\r\n");
    check("20 * 'py'", &format!("'{}'\r\n", "py".repeat(20)));
}

#[test]
fn section_2_7_an_update_goes_to_a_slot_and_secrets_to_hidden_files() {
    let board = Board::start("update");
    let image = common::noise(300_001);
    std::fs::write(board.dir.join("mcuimg.bin"), &image).expect("written");
    let url = |path: &str| format!("ftp://micro:python@127.0.0.1:{}{path}", board.ftp);
    let put = |file: &str, path: &str| {
        board.client(Command::new("curl").args(["-sS", "-m", "60", "-T", file, &url(path)]));
    };
    let mut telnet = board.log_in();
    put("mcuimg.bin", "/flash/sys/mcuimg.bin");
    // It is nowhere to be seen.
    let listing = board.client(Command::new("curl").args(["-sS", "-m", "60", &url("/flash/sys/")]));
    assert_eq!(listing, "");
    assert_eq!(typed(&mut telnet, "import os; os.listdir('sys')"), "[]\r\n");
    // But it is in the first slot, and the record says that it is to be tried.
    let flash = std::fs::read(board.dir.join("flash")).expect("the chip");
    let words = |at: usize| {
        flash[at..at + 20].chunks_exact(4).map(|b| u32::from_le_bytes(b.try_into().expect("four")))
    };
    assert_eq!(&flash[4096..4100], b"TSBR");
    assert_eq!(words(4096).skip(1).collect::<Vec<_>>(), [1, 1, 1, 0]);
    let slot = 2 * 4096 + 0x10_0000;
    assert!(flash[slot..slot + image.len()] == image);
    // Python does the same; one that is too long is refused.
    let shown =
        typed(&mut telnet, "f = open('/flash/sys/mcuimg.bin', 'wb'); f.write(b'new'), f.close()");
    assert_eq!(shown, "(3, None)\r\n");
    let flash = std::fs::read(board.dir.join("flash")).expect("the chip");
    assert_eq!(&flash[slot..slot + 4], b"new\xff");
    std::fs::write(board.dir.join("large"), vec![0; 0x10_0001]).expect("written");
    let output = Command::new("curl")
        .args(["-v", "-m", "60", "-T"])
        .arg(board.dir.join("large"))
        .arg(url("/flash/sys/mcuimg.bin"))
        .output()
        .expect("curl is installed");
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && text.contains("452 Disk full"), "{text}");

    // 4.1.11: what identifies the board cannot be read back, and ssl finds it.
    let keys = concat!(env!("CARGO_MANIFEST_DIR"), "/../../../tests/tls");
    let files =
        [("authority.pem", "ca.pem"), ("good.pem", "cert.pem"), ("good.key", "private.key")];
    let missing = "import ssl; ssl.wrap_socket(None, keyfile='/flash/cert/private.key', certfile='/flash/cert/cert.pem')";
    assert!(typed(&mut telnet, missing).ends_with("OSError: [Errno 2] ENOENT\r\n"));
    for (file, name) in files {
        put(&format!("{keys}/{file}"), &format!("/flash/cert/{name}"));
    }
    assert_eq!(typed(&mut telnet, "os.listdir('cert')"), "[]\r\n");
    assert!(typed(&mut telnet, "open('/flash/cert/private.key')").ends_with("ENOENT\r\n"));
    let output =
        Command::new("curl").args(["-sS", "-m", "60", &url("/flash/cert/private.key")]).output();
    assert!(!output.expect("curl is installed").status.success());
    for line in [
        "c = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)",
        "c.load_cert_chain('/flash/cert/cert.pem', '/flash/cert/private.key')",
        "c.load_verify_locations('/flash/cert/ca.pem')",
    ] {
        assert_eq!(typed(&mut telnet, line), "", "{line}");
    }
    // They outlive a factory reset and power.
    assert_eq!(typed(&mut telnet, "os.mkfs('/flash')"), "");
    let board = board.again(&[]);
    let mut telnet = board.log_in();
    let line = "import ssl; ssl.SSLContext(0).load_verify_locations('/flash/cert/ca.pem')";
    assert_eq!(typed(&mut telnet, line), "");
}
