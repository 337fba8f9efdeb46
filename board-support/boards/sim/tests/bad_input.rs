//! What people, clients and media do wrong, to a whole board: each time the documented error, and the board goes on.
//!
//! One test a part. What is tried without a board stands beside the part itself; `tests/README.md` has the list.

#[allow(dead_code, reason = "each test uses a part of it")]
mod common;

use common::{Board, noise, until};
use std::io::{Read, Write};
use std::net::{Shutdown, TcpStream};
use std::process::Command;

/// Types a line at a prompt; the last line that the board answers.
fn typed(session: &mut TcpStream, line: &str) -> String {
    session.write_all(format!("{line}\r").as_bytes()).expect("sent");
    until(session, "\r\n");
    let shown = until(session, ">>> ");
    shown[..shown.len() - 4].lines().last().unwrap_or_default().to_owned()
}

/// Sends an FTP command; the first line of the reply.
fn command(session: &mut TcpStream, line: &str) -> String {
    session.write_all(format!("{line}\r\n").as_bytes()).expect("sent");
    until(session, "\r\n")
}

/// Asks for a data connection and makes it.
fn passive(session: &mut TcpStream) -> TcpStream {
    let reply = command(session, "EPSV");
    let port = reply.split('|').nth(3).and_then(|port| port.parse().ok());
    TcpStream::connect(("127.0.0.1", port.unwrap_or_else(|| panic!("{reply}"))))
        .expect("a listener")
}

/// The board answers on both servers and runs programs.
fn check_alive(board: &Board) {
    assert_eq!(typed(&mut board.log_in(), "6 * 7"), "42");
    assert_eq!(command(&mut board.ftp(), "PWD"), "257 \"/\"\r\n");
}

#[test]
fn telnet_refuses_wrong_names_and_endless_lines() {
    let board = Board::start("bad-telnet");
    let (mut session, _) = board.dial(board.telnet, "Login as: ");
    for (user, password) in [("micro", "Python"), ("root", "python"), ("", "")] {
        session.write_all(format!("{user}\r\n").as_bytes()).expect("sent");
        until(&mut session, "Password: ");
        session.write_all(format!("{password}\r\n").as_bytes()).expect("sent");
        until(&mut session, "\r\nInvalid credentials, try again.\r\n");
    }
    let mut rest = Vec::new();
    session.read_to_end(&mut rest).expect("the third time it hangs up");
    for nonsense in
        [vec![b'x'; 100_000], noise(50_000), vec![0xff; 10_000], b"\xff\xfa\x18".repeat(99)]
    {
        let (mut session, _) = board.dial(board.telnet, "Login as: ");
        // It may hang up meanwhile.
        let _ = session.write_all(&nonsense);
    }
    check_alive(&board);
}

#[test]
fn ftp_refuses_wrong_names_unknown_commands_and_endless_lines() {
    let board = Board::start("bad-ftp");
    let mut session = board.greeted();
    for line in ["PWD", "LIST", "STOR /flash/x", "DELE /flash/main.py", "PASV", "SITE x", "\u{1}"] {
        let reply = command(&mut session, line);
        assert!(reply.starts_with("332 ") || reply.starts_with("502 "), "{line}: {reply}");
    }
    for (user, password) in [("micro", "Python"), ("root", "python"), ("", ""), ("micro", "")] {
        assert!(command(&mut session, &format!("USER {user}")).starts_with("331 "));
        assert!(command(&mut session, &format!("PASS {password}")).starts_with("530 "));
    }
    assert!(command(&mut session, &"x".repeat(200_000)).starts_with("500 "));
    assert!(command(&mut session, "USER micro").starts_with("331 "));
    assert!(command(&mut session, "PASS python").starts_with("230 "));
    for line in [
        "STOU",
        "PORT 1,2,3,4,5,6",
        "EPRT |1|1.2.3.4|5|",
        "SITE CHMOD 777 x",
        "AUTH TLS",
        "FEATURE",
        "",
    ] {
        assert!(command(&mut session, line).starts_with("502 "), "{line}");
    }
    for line in ["REST -1", "REST x", "MKD", "DELE", "EPSV 2", "TYPE", "RNTO x"] {
        let reply = command(&mut session, line);
        assert!(["200", "501", "503", "522"].contains(&&reply[..3]), "{line}: {reply}");
    }
    session.write_all(b"CWD /\xc3(\r\n").expect("sent");
    assert!(until(&mut session, "\r\n").starts_with("501 "));
    check_alive(&board);
}

#[test]
fn no_path_leads_out_of_the_board() {
    let board = Board::start("bad-paths");
    let mut ftp = board.ftp();
    let long = format!("/flash/{}", "x".repeat(240));
    for path in
        ["../../../etc/passwd", "/etc/passwd", "/flash/../../etc/passwd", "/nowhere/x", &long]
    {
        for verb in ["SIZE", "DELE", "RMD", "CWD", "RNFR"] {
            let reply = command(&mut ftp, &format!("{verb} {path}"));
            assert!(reply.starts_with("550 "), "{verb} {path}: {reply}");
        }
        let _data = passive(&mut ftp);
        let reply = command(&mut ftp, &format!("RETR {path}"));
        assert!(reply.starts_with("550 "), "RETR {path}: {reply}");
    }
    for line in
        ["MKD /x", "DELE /", "RMD /flash", "MKD /flash", "DELE /flash/lib", "RMD /flash/main.py"]
    {
        assert!(command(&mut ftp, line).starts_with("550 "), "{line}");
    }
    assert!(command(&mut ftp, "CWD ../../..").starts_with("250 "));
    assert_eq!(command(&mut ftp, "PWD"), "257 \"/\"\r\n");

    let mut telnet = board.log_in();
    let mut check = |line: &str, last: &str| assert_eq!(typed(&mut telnet, line), last, "{line}");
    check("import os", "");
    for path in ["../../../etc/passwd", "/etc/passwd", "/flash/../../etc/passwd"] {
        check(&format!("open('{path}')"), "OSError: [Errno 2] ENOENT");
    }
    check("os.chdir('/flash/..'); os.getcwd()", "'/flash'");
    check("os.stat('/nowhere')", "OSError: [Errno 19] ENODEV");
    check("os.mkdir('/x')", "OSError: [Errno 19] ENODEV");
    check("open('x' * 300, 'w')", "OSError: [Errno 36] ENAMETOOLONG");
    check("open('x\\0y', 'w')", "OSError: [Errno 22] EINVAL");
    check("os.rmdir('main.py')", "OSError: [Errno 20] ENOTDIR");
    check("os.remove('lib')", "OSError: [Errno 21] EISDIR");
    check_alive(&board);
}

#[test]
fn a_full_flash_is_told_to_python_and_has_room_again() {
    let board = Board::start("bad-full");
    let mut telnet = board.log_in();
    let fill = "exec('f = open(\"big\", \"wb\")\\nwhile True: f.write(bytes(65536))')";
    assert_eq!(typed(&mut telnet, fill), "OSError: [Errno 28] ENOSPC");
    assert_eq!(
        typed(&mut telnet, "import os; open('more', 'wb').write(bytes(99999))"),
        "OSError: [Errno 28] ENOSPC"
    );
    // Programs still run, and FTP says it in its own words.
    let mut ftp = board.ftp();
    let mut data = passive(&mut ftp);
    assert!(command(&mut ftp, "STOR /flash/x").starts_with("150 "));
    let _ = data.write_all(&noise(200_000));
    drop(data);
    assert!(until(&mut ftp, "\r\n").starts_with("452 "));
    assert_eq!(typed(&mut telnet, "f.close(); os.remove('big')"), "");
    assert_eq!(typed(&mut telnet, "open('small', 'w').write('fits')"), "4");
    check_alive(&board);
}

#[test]
fn a_card_that_is_taken_out_is_told_and_comes_back() {
    let board = Board::start("bad-card");
    let mut telnet = board.log_in();
    let mut check = |line: &str, last: &str| assert_eq!(typed(&mut telnet, line), last, "{line}");
    let mut ftp = board.ftp();
    check("import machine, os, simboard; os.mount(machine.SD(), '/sd')", "");
    check("f = open('/sd/kept', 'w'); f.write('kept'), f.close()", "(4, None)");
    check("f = open('/sd/open', 'w'); f.write('half')", "4");
    let mut data = passive(&mut ftp);
    assert!(command(&mut ftp, "STOR /sd/upload").starts_with("150 "));
    check("simboard.insert(False)", "");
    let _ = data.write_all(&noise(20_000));
    drop(data);
    assert!(until(&mut ftp, "\r\n").starts_with("451 "));
    assert!(command(&mut ftp, "SIZE /sd/kept").starts_with("550 "));
    check("f.write('x' * 5000)", "OSError: [Errno 9] EBADF");
    check("open('/sd/kept')", "OSError: [Errno 19] ENODEV");
    check("os.listdir('/sd')", "OSError: [Errno 19] ENODEV");
    check("os.listdir('/')", "['flash', 'sd']");
    check("simboard.insert(True)", "");
    check("open('/sd/kept').read()", "'kept'");
    assert_eq!(command(&mut ftp, "SIZE /sd/kept"), "213 4\r\n");
    check_alive(&board);
}

#[test]
fn clients_that_go_away_leave_nothing_open() {
    let board = Board::start("bad-clients");
    for round in 0..20 {
        let mut ftp = board.ftp();
        let mut data = passive(&mut ftp);
        assert!(command(&mut ftp, "STOR /flash/half").starts_with("150 "));
        data.write_all(&noise(5000)).expect("sent");
        // In turns: the data first, the control first, both at once.
        match round % 3 {
            0 => drop(ftp),
            1 => drop(data),
            _ => {
                let _ = ftp.shutdown(Shutdown::Both);
                let _ = data.shutdown(Shutdown::Both);
            }
        }
        drop(board.dial(board.telnet, "Login as: "));
    }
    // All sixteen files that can be open are there for Python.
    let mut telnet = board.log_in();
    let line = "len([open('f%d' % i, 'w') for i in range(16)])";
    assert_eq!(typed(&mut telnet, line), "16");
    check_alive(&board);
}

#[test]
fn numbers_and_names_that_do_not_exist_are_told() {
    let board = Board::start("bad-ids");
    let mut telnet = board.log_in();
    let mut check = |line: &str, last: &str| assert_eq!(typed(&mut telnet, line), last, "{line}");
    check("from machine import *; import network", "");
    for (line, last) in [
        ("Pin('GP99')", "ValueError: invalid pin"),
        ("Pin(-1)", "ValueError: invalid pin"),
        ("Pin('GP2', mode=77)", "ValueError: invalid argument(s) value"),
        ("UART(9)", "OSError: [Errno 19] ENODEV"),
        ("I2C(9)", "OSError: [Errno 19] ENODEV"),
        ("SPI(9)", "OSError: [Errno 19] ENODEV"),
        ("ADC(9)", "OSError: [Errno 19] ENODEV"),
        ("ADC().channel(9)", "ValueError: invalid argument(s) value"),
        ("Timer(9)", "OSError: [Errno 19] ENODEV"),
        ("RTC(9)", "OSError: [Errno 19] ENODEV"),
        ("WDT(9)", "OSError: [Errno 19] ENODEV"),
        ("SD(9)", "OSError: [Errno 19] ENODEV"),
        ("network.WLAN(9)", "OSError: [Errno 19] ENODEV"),
        ("network.LAN(9)", "OSError: [Errno 19] ENODEV"),
        ("network.Server(9)", "OSError: [Errno 19] ENODEV"),
    ] {
        check(line, last);
    }
    check_alive(&board);
}

#[test]
fn programs_and_chips_that_are_garbage_do_not_keep_the_board_from_its_prompt() {
    let board = Board::start("bad-boot");
    let put = |name: &str, contents: &[u8]| {
        std::fs::write(board.dir.join("upload"), contents).expect("written");
        let url = format!("ftp://micro:python@127.0.0.1:{}/flash/{name}", board.ftp);
        board.client(Command::new("curl").args(["-sS", "-m", "60", "-T", "upload", &url]));
    };
    put("boot.py", &noise(5000));
    put("main.py", b"def f(:\n");
    put("other.mpy", &noise(100));
    let board = board.again(&[]);
    assert!(board.booted.contains("SyntaxError"), "{:?}", board.booted);
    let mut telnet = board.log_in();
    let last = typed(&mut telnet, "import other");
    assert!(last.starts_with("ValueError: incompatible .mpy file"), "{last}");
    drop(telnet);
    check_alive(&board);
    std::fs::write(board.dir.join("flash"), noise(1 << 23)).expect("written");
    let board = board.again(&[]);
    let mut telnet = board.log_in();
    assert_eq!(typed(&mut telnet, "import os; 'main.py' in os.listdir()"), "True");
    check_alive(&board);
}
