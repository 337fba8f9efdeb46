//! The board's telnet and FTP servers, with the clients that people use: `telnet`, `curl`, `lftp`, `ftp`, Python's
//! `ftplib`. Each test has a board of its own behind forwarded ports.

#[allow(dead_code, reason = "each test uses a part of it")]
mod common;

use common::{Board, noise, until};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::process::{Command, Stdio};

#[test]
fn a_megabyte_goes_up_and_comes_back_with_curl() {
    let board = Board::start("curl");
    let contents = noise(1 << 20);
    std::fs::write(board.dir.join("up"), &contents).expect("written");
    let url = format!("ftp://micro:python@127.0.0.1:{}/sd/a%20file", board.ftp);
    let mut telnet = board.log_in();
    telnet.write_all(b"import os, machine; os.mount(machine.SD(), '/sd')\r").expect("sent");
    until(&mut telnet, ">>> ");
    board.client(Command::new("curl").args(["-sS", "-m", "60", "-T", "up", &url]));
    board.client(Command::new("curl").args(["-sS", "-m", "60", "-o", "down", &url]));
    assert!(std::fs::read(board.dir.join("down")).expect("a file") == contents);
    let list = format!("ftp://micro:python@127.0.0.1:{}/sd/", board.ftp);
    let shown = board.client(Command::new("curl").args(["-sS", "-m", "60", &list]));
    assert!(shown.contains(" 1048576 ") && shown.contains(" a file"), "{shown}");
}

#[test]
fn lftp_and_ftp_do_what_people_do_with_them() {
    let board = Board::start("lftp");
    std::fs::write(board.dir.join("x.py"), "print('x')\n").expect("written");
    let script = format!(
        "set net:timeout 20; set net:max-retries 2; set cmd:fail-exit yes; \
         open -u micro,python -p {} 127.0.0.1; cd /flash; put x.py; mkdir d; mv x.py d/y.py; \
         cls d; get d/y.py -o y.py; rm d/y.py; rmdir d; cls; bye",
        board.ftp
    );
    let shown = board.client(Command::new("lftp").args(["-c", &script]));
    assert!(shown.contains("y.py") && shown.contains("boot.py"), "{shown}");
    let got = std::fs::read_to_string(board.dir.join("y.py")).expect("a file");
    assert_eq!(got, "print('x')\n");

    let script = format!(
        "open 127.0.0.1 {}\nuser micro python\nbinary\ncd /flash\nput x.py\nrename x.py z.py\n\
         size z.py\nget z.py\ndelete z.py\nquit\n",
        board.ftp
    );
    std::fs::write(board.dir.join("script"), script).expect("written");
    let shown = board.client(Command::new("sh").args(["-c", "ftp -n -v -p < script"]));
    assert!(shown.contains("z.py\t11") && shown.contains("221 "), "{shown}");
    assert!(board.dir.join("z.py").exists(), "{shown}");
}

#[test]
fn a_megabyte_is_the_same_after_each_client() {
    let board = Board::start("megabyte");
    let contents = noise(1 << 20);
    std::fs::write(board.dir.join("up"), &contents).expect("written");
    let check = |name: &str, client: &mut Command| {
        board.client(client);
        let down = board.dir.join("down");
        assert!(std::fs::read(&down).expect("a file") == contents, "{name}");
        std::fs::remove_file(down).expect("removed");
    };
    let script = format!(
        "set net:timeout 20; set net:max-retries 2; set cmd:fail-exit yes; open -u micro,python -p {} 127.0.0.1; \
         cd /flash; put up; get up -o down; rm up; bye",
        board.ftp
    );
    check("lftp", Command::new("lftp").args(["-c", &script]));
    let script = format!(
        "open 127.0.0.1 {}\nuser micro python\nbinary\ncd /flash\nput up\nget up down\ndelete up\nquit\n",
        board.ftp
    );
    std::fs::write(board.dir.join("script"), script).expect("written");
    check("ftp", Command::new("sh").args(["-c", "ftp -n -v -p < script"]));
    let script = format!(
        "import ftplib\nf = ftplib.FTP(); f.connect('127.0.0.1', {}, timeout=30); f.login('micro', 'python')\n\
         f.storbinary('STOR /flash/up', open('up', 'rb'))\n\
         f.retrbinary('RETR /flash/up', open('down', 'wb').write); f.quit()\n",
        board.ftp
    );
    check("ftplib", Command::new("python3").args(["-c", &script]));
}

/// Reads a reply, all its lines, and checks its code.
fn reply(control: &mut TcpStream, code: &str) -> String {
    let (mut line, mut all) = (String::new(), String::new());
    // The last line has digits and a space.
    while !matches!(line.as_bytes(), [b'0'..=b'9', _, _, b' ', ..]) {
        line = until(control, "\r\n");
        all += &line;
    }
    assert!(line.starts_with(code), "{code}: {all}");
    all
}

#[test]
fn filezilla_finds_what_it_asks_for() {
    let board = Board::start("filezilla");
    let mut control = board.greeted();
    let ask = |control: &mut TcpStream, line: &str, code: &str| {
        control.write_all(format!("{line}\r\n").as_bytes()).expect("sent");
        reply(control, code)
    };
    let passive = |control: &mut TcpStream| {
        let text = ask(control, "PASV", "227");
        let inside = text.split(['(', ')']).nth(1).expect("numbers");
        let numbers: Vec<u16> = inside.split(',').map(|n| n.parse().expect("a number")).collect();
        let [127, 0, 0, 1, high, low] = numbers[..] else { panic!("{text}") };
        TcpStream::connect(("127.0.0.1", 256 * high + low)).expect("a listener")
    };
    // It tries encryption first, and goes on without.
    for (line, code) in [
        ("AUTH TLS", "502"),
        ("AUTH SSL", "502"),
        ("USER micro", "331"),
        ("PASS python", "230"),
        ("SYST", "215 UNIX"),
        ("FEAT", "211"),
        ("CLNT FileZilla", "200"),
        ("OPTS UTF8 ON", "200"),
        ("PWD", "257 \"/\""),
        ("TYPE I", "200"),
    ] {
        ask(&mut control, line, code);
    }
    let list = |control: &mut TcpStream| {
        let (mut data, mut listed) = (passive(control), String::new());
        ask(control, "MLSD", "150");
        data.read_to_string(&mut listed).expect("UTF-8");
        reply(control, "226");
        listed
    };
    let listed = list(&mut control);
    assert!(listed.contains("type=dir;") && listed.ends_with(" flash\r\n"), "{listed}");
    ask(&mut control, "CWD /flash", "250");
    // An upload that is broken off, and its rest.
    for (before, code, part) in [("TYPE I", "200", "first "), ("REST 6", "350", "second")] {
        let mut data = passive(&mut control);
        ask(&mut control, before, code);
        ask(&mut control, "STOR été.txt", "150");
        data.write_all(part.as_bytes()).expect("sent");
        drop(data);
        reply(&mut control, "226");
    }
    let (mut data, mut text) = (passive(&mut control), String::new());
    ask(&mut control, "RETR été.txt", "150");
    data.read_to_string(&mut text).expect("UTF-8");
    reply(&mut control, "226");
    assert_eq!(text, "first second");
    for (line, code) in [
        ("SIZE été.txt", "213 12"),
        ("MDTM été.txt", "213 20"),
        ("MFMT 20200101000000 été.txt", "502"),
        ("MKD a folder", "250"),
        ("RNFR été.txt", "350"),
        ("RNTO a folder/x", "250"),
        ("CWD a folder", "250"),
        ("CDUP", "250"),
        ("DELE a folder/x", "250"),
        ("RMD a folder", "250"),
    ] {
        ask(&mut control, line, code);
    }
    assert!(!list(&mut control).contains("folder"));
    ask(&mut control, "QUIT", "221");
}

#[test]
fn ftplib_walks_and_a_bad_client_hurts_nobody() {
    let board = Board::start("ftplib");
    let script = format!(
        "import ftplib, io\n\
         f = ftplib.FTP(); f.connect('127.0.0.1', {0}, timeout=30); f.login('micro', 'python')\n\
         g = ftplib.FTP(); g.connect('127.0.0.1', {0}, timeout=30); g.login('micro', 'python')\n\
         f.cwd('/flash/lib'); data = bytes(range(256)) * 400\n\
         f.storbinary('STOR a', io.BytesIO(data)); out = io.BytesIO()\n\
         g.retrbinary('RETR /flash/lib/a', out.write); assert out.getvalue() == data\n\
         assert [n for n, facts in f.mlsd()] == ['a'] and g.nlst('/flash/lib') == ['a']\n\
         f.rename('a', 'b'); assert f.size('b') == len(data); f.delete('b'); f.quit(); g.quit()\n",
        board.ftp
    );
    board.client(Command::new("python3").args(["-c", &script]));

    let mut bad = board.ftp();
    let mut check = |line: &str, reply: &str| {
        bad.write_all(line.as_bytes()).expect("sent");
        let shown = until(&mut bad, "\r\n");
        assert!(shown.starts_with(reply), "{line}: {shown}");
    };
    check("NONSENSE\r\n", "502 ");
    check(&format!("CWD {}\r\n", "x".repeat(10_000)), "500 ");
    check("CWD ../../../../etc\r\n", "550 ");
    check("RETR ../../../etc/passwd\r\n", "425 ");
    check("DELE /flash\r\n", "550 ");
    check("SIZE /flash/none\r\n", "550 ");
    check("MKD \r\n", "501 ");
    check("USER micro\r\n", "331 ");
    check("PASS wrong\r\n", "530 ");
    check("LIST\r\n", "332 ");
    check("QUIT\r\n", "221 ");
    drop(board.ftp());
}

#[test]
fn a_full_disk_is_told_and_the_board_goes_on() {
    let board = Board::start("full");
    std::fs::write(board.dir.join("big"), noise(4 << 20)).expect("written");
    let url = format!("ftp://micro:python@127.0.0.1:{}/flash/", board.ftp);
    drop(board.ftp());
    let output = Command::new("curl")
        .current_dir(&board.dir)
        .args(["-v", "-m", "60", "-T", "big", &url])
        .output()
        .expect("curl is installed");
    let text = String::from_utf8_lossy(&output.stderr);
    assert!(!output.status.success() && text.contains("452 Disk full"), "{text}");
    let mut session = board.ftp();
    session.write_all(b"DELE /flash/big\r\n").expect("sent");
    assert!(until(&mut session, "\r\n").starts_with("250 "));
}

#[test]
fn telnet_is_the_console_of_the_board_and_stays_over_a_soft_reset() {
    let mut board = Board::start("telnet");
    // The program that people have.
    drop(board.dial(board.telnet, "Login as: "));
    let mut client = Command::new("telnet")
        .args(["127.0.0.1", &board.telnet.to_string()])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("telnet is installed");
    let mut typed = client.stdin.take().expect("piped");
    let mut shown = client.stdout.take().expect("piped");
    let dialogue = [
        ("Login as: ", "micro\r"),
        ("Password: ", "python\r"),
        ("Login succeeded!\r\nType \"help()\" for more information.\r\n\r\n>>> ", "print('é')\r"),
        ("\r\né\r\n>>> ", "x = input('? ')\r"),
        ("\r\n? ", "text\r"),
        (">>> ", "x\r"),
        ("'text'\r\n>>> ", ""),
    ];
    for (question, answer) in dialogue {
        until(&mut shown, question);
        typed.write_all(answer.as_bytes()).expect("typed");
    }
    drop(typed);
    client.wait().expect("it ends");

    // Upload a program, reset: it runs, and the session sees it.
    std::fs::write(board.dir.join("main.py"), "print('main runs')\n").expect("written");
    let url = format!("ftp://micro:python@127.0.0.1:{}/flash/", board.ftp);
    board.client(Command::new("curl").args(["-sS", "-m", "60", "-T", "main.py", &url]));
    let mut session = board.log_in();
    let mut other = board.log_in();
    session.write_all(b"\x04").expect("sent");
    let shown = until(&mut session, "Type \"help()\" for more information.\r\n>>> ");
    assert!(shown.contains("MPY: soft reboot") && shown.contains("main runs"), "{shown}");
    until(&mut other, "main runs");
    board.shown("main runs");

    const LOOP: &[u8] = b"exec('print(\"begun\")\\nwhile True: pass')\r";
    // Ctrl-C ends a loop, from any of the consoles; so does Telnet's own interrupt.
    session.write_all(LOOP).expect("sent");
    until(&mut session, "begun\r\n");
    other.write_all(b"\x03").expect("sent");
    until(&mut session, "KeyboardInterrupt: \r\n>>> ");
    session.write_all(LOOP).expect("sent");
    until(&mut session, "begun\r\n");
    session.write_all(b"\xff\xf4").expect("sent");
    until(&mut session, "KeyboardInterrupt: \r\n>>> ");
    board.stdin.write_all(b"print('local')\r").expect("typed");
    until(&mut session, "local\r\n>>> ");
}

#[test]
fn a_deadlock_is_inspected_from_another_session() {
    const PROGRAM: &str = "import _thread, rtos, time
locks = [_thread.allocate_lock() for i in range(2)]
ended = rtos.Semaphore(0)
def embrace(mine, other):
  with locks[mine]:
    while not locks[other].locked(): time.sleep_ms(1)
    locks[other].acquire()
for i in range(2): _thread.start_new_thread(embrace, (i, 1 - i))
while rtos.tracebacks().count('waits for <lock') < 2: time.sleep_ms(1)
print('dead' + 'locked')
ended.acquire()
";
    let board = Board::start("deadlock");
    let (mut hung, mut other) = (board.log_in(), board.log_in());
    let program = format!("exec({PROGRAM:?})\r");
    hung.write_all(program.as_bytes()).expect("sent");
    until(&mut hung, "deadlocked\r\n");
    // The main thread waits for threads that wait for each other: it is called away, they stay.
    other.write_all(b"\x03").expect("sent");
    until(&mut other, "KeyboardInterrupt: \r\n>>> ");
    other.write_all(b"print(rtos.tracebacks() + 'all')\r").expect("sent");
    let report = until(&mut other, "\r\nall");
    assert_eq!(report.matches(", in embrace").count(), 2, "{report}");
    assert_eq!(report.matches("waits for <lock").count(), 2, "{report}");
    assert!(report.contains("(main), running"), "{report}");
}

#[test]
fn the_servers_are_set_up_from_python() {
    let board = Board::start("python");
    let mut session = board.log_in();
    let mut check = |line: &str, shown: &str| {
        session.write_all(format!("{line}\r").as_bytes()).expect("sent");
        until(&mut session, "\r\n");
        let text = until(&mut session, ">>> ");
        assert_eq!(text, format!("{shown}>>> "), "{line}");
    };
    check("from network import Server", "");
    check("s = Server(login=('user', 'secret'), timeout=60)", "");
    check("s.timeout(), s.isrunning()", "(60, True)\r\n");
    let error = "Traceback (most recent call last):\r\n  File \"<stdin>\", line 1, in <module>\r\n";
    check("s.timeout(4)", &format!("{error}ValueError: invalid argument(s) value\r\n"));
    check("Server(1)", &format!("{error}OSError: [Errno 19] ENODEV\r\n"));
    check("s.init(login='abc')", &format!("{error}ValueError: invalid argument(s) value\r\n"));
    let mut ftp = board.greeted();
    ftp.write_all(b"USER user\r\nPASS secret\r\n").expect("sent");
    until(&mut ftp, "230 Logged in\r\n");
    session.write_all(b"s.deinit()\r").expect("sent");
    // Both sessions end with the servers.
    let mut rest = Vec::new();
    let _ = session.read_to_end(&mut rest);
    let _ = ftp.read_to_end(&mut rest);
}
