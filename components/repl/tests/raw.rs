//! Transcripts of paste, raw and raw-paste mode, exact to the byte.

mod common;

use common::{BANNER, Toy, check, check_raw, prompt};
use threadsnake_repl::{Exit, Prompt};

const TRACEBACK: &str = "Traceback (most recent call last):\r\nValueError: toy\r\n";
const SYNTAX: &str = "Traceback (most recent call last):\r\nSyntaxError: invalid syntax\r\n";
const PASTE: &str = "\r\npaste mode; Ctrl-C to cancel, Ctrl-D to finish\r\n=== ";
const HEADER: &str = "raw REPL; CTRL-B to exit\r\n>";

/// The answer to a request for raw-paste mode.
const ACCEPTED: &str = "R\x01\u{80}\0\x01";

/// `text` with each character as the byte of its number.
fn latin(text: &str) -> Vec<u8> {
    text.chars().map(|char| u8::try_from(u32::from(char)).expect("a byte")).collect()
}

#[test]
fn pasted_text_is_echoed_and_run_as_a_module() {
    check(
        "\x05print 1\rvalue\r\x04",
        format!("{PASTE}print 1\r\n=== value\r\n=== \r\n1\r\n42\r\n>>> "),
    );
    check("\x05\x04", format!("{PASTE}\r\n>>> "));
    check("\x05raise\r\x04", format!("{PASTE}raise\r\n=== \r\n{TRACEBACK}>>> "));
    check("\x05exit\x04", format!("{PASTE}exit\r\nMPY: soft reboot\r\n{BANNER}>>> "));
}

#[test]
fn every_line_end_is_one_in_paste_mode() {
    check(
        "\x05a\rb\nc\r\nd\n\n\x03",
        format!("{PASTE}a\r\n=== b\r\n=== c\r\n=== d\r\n=== \r\n=== \r\n>>> "),
    );
}

#[test]
fn paste_mode_keeps_all_other_bytes() {
    let bytes = b"\x00\x01\x02\x05\x06\x07\x08\x09\x0b\x0c\x0e\x1b[A\x7f\x80\xff\xc3\xa9";
    let mut toy = Toy::new([b"\x05", &bytes[..], b"\x04"].concat());
    toy.talk(&mut prompt());
    let echo = [BANNER.as_bytes(), b">>> ", PASTE.as_bytes(), bytes, b"\r\n>>> "].concat();
    assert_eq!(toy.shown(), echo.escape_ascii().to_string());
    assert_eq!(toy.compiled[0].1, String::from_utf8_lossy(bytes));
}

#[test]
fn control_c_leaves_paste_mode() {
    check(
        "\x05print 1\r\x03print 2\r",
        format!("{PASTE}print 1\r\n=== \r\n>>> print 2\r\n2\r\n>>> "),
    );
}

#[test]
fn pasted_text_that_does_not_fit_is_not_run() {
    let mut toy = Toy::new("\x05print 12345\r\x04print 1\r");
    toy.talk(&mut Prompt::new([0; 10], [0; 0]));
    let wanted = format!(
        "{BANNER}>>> {PASTE}print 12345\r\n=== \r\ninput too long: more than 10 bytes; nothing was run\r\n>>> print 1\r\n1\r\n>>> "
    );
    assert_eq!(String::from_utf8(toy.output).unwrap(), wanted);
}

#[test]
fn raw_mode_is_entered_and_left() {
    check("\x01\x02", format!("\r\n{HEADER}\r\n{BANNER}>>> "));
    check_raw("xyz\x02", format!("\r\n{BANNER}>>> "));
    // As host tools enter it, from anywhere.
    check("if 1:\r\x03\r\x01", format!("if 1:\r\n...     \r\n>>> \r\n>>> \r\n{HEADER}"));
    check_raw("\r\x03\r\x01", HEADER);
}

#[test]
fn raw_mode_answers_ok_output_and_traceback() {
    check_raw("print 1\x04", "OK1\r\n\x04\x04>");
    check_raw("print 1\r\nprint 2\r\n\x04", "OK1\r\n2\r\n\x04\x04>");
    check_raw("print 1\nraise\x04", format!("OK1\r\n\x04{TRACEBACK}\x04>"));
    check_raw("bad\x04", format!("OK\x04{SYNTAX}\x04>"));
    check_raw(
        "late\x04",
        "OK\x04Traceback (most recent call last):\r\nKeyboardInterrupt: \r\n\x04>",
    );
    // The values of expressions are not printed, and there is no echo.
    check_raw("value\x04", "OK\x04\x04>");
}

#[test]
fn raw_mode_keeps_all_bytes_but_its_own() {
    let mut toy = Toy::new(b"\x01ab\x00\x05A\x06\x07\x08\x09\r\n\x1b[A\x7f\xc3\xa9\x04");
    toy.talk(&mut prompt());
    assert_eq!(toy.compiled[0].1, "ab\0\x05A\x06\x07\x08\x09\r\n\x1b[A\x7fé");
}

#[test]
fn control_c_and_a_drop_the_raw_text() {
    check_raw("print 1\x03print 2\x04", "OK2\r\n\x04\x04>");
    check_raw("print 1\x01print 2\x04", format!("{HEADER}OK2\r\n\x04\x04>"));
}

#[test]
fn raw_mode_resets_and_stays() {
    check_raw("\x04", format!("OK\r\nMPY: soft reboot\r\n{HEADER}"));
    check_raw("print 1\nexit\x04", format!("OK1\r\n\x04\x04MPY: soft reboot\r\n{HEADER}"));
    let mut toy = Toy::new("\x01\x04exit\x04");
    assert_eq!(toy.talk(&mut prompt()), [Exit::Reset, Exit::SystemExit, Exit::Closed]);
}

#[test]
fn raw_text_that_does_not_fit_is_an_error_to_the_host() {
    let mut toy = Toy::new("\x01print 12345\x04print 1\x04");
    toy.talk(&mut Prompt::new([0; 10], [0; 0]));
    let wanted = concat!(
        "OK\x04MemoryError: source is longer than 10 bytes, use raw-paste mode\r\n\x04>",
        "OK1\r\n\x04\x04>"
    );
    assert!(String::from_utf8(toy.output).unwrap().ends_with(&format!("{HEADER}{wanted}")));
}

#[test]
fn bytes_after_a_raw_text_belong_to_the_program() {
    check_raw("input\x04\x01print 1\x04", "OK\x01\x04\x04>OK1\r\n\x04\x04>");
}

#[test]
fn raw_paste_is_negotiated() {
    check_raw("\x05A\x01", latin(ACCEPTED));
    check_raw("\x05B\x01print 1\x04", "R\0>OK1\r\n\x04\x04>");
    check_raw("ab\x05A\x01", HEADER);
    check_raw("\x05A\x02", format!("\r\n{BANNER}>>> "));
    check_raw("\x05\x01\x01", format!("{HEADER}{HEADER}"));
}

#[test]
fn raw_paste_runs_what_was_sent() {
    check_raw(
        "\x05A\x01print 1\nprint 2\x04",
        latin(&format!("{ACCEPTED}\x041\r\n2\r\n\x04\x04>")),
    );
    check_raw("\x05A\x01\x04", latin(&format!("{ACCEPTED}\x04\x04\x04>")));
    check_raw(
        "\x05A\x01print 1\nraise\n\x04",
        latin(&format!("{ACCEPTED}\x041\r\n\x04{TRACEBACK}\x04>")),
    );
    // The plain raw prompt follows.
    check_raw(
        "\x05A\x01\x04print 3\x04",
        latin(&format!("{ACCEPTED}\x04\x04\x04>OK3\r\n\x04\x04>")),
    );
    check_raw(
        "\x05A\x01exit\x04",
        latin(&format!("{ACCEPTED}\x04\x04\x04MPY: soft reboot\r\n{HEADER}")),
    );
    check_raw(
        "\x05A\x01input\x04Xprint 1\x04",
        latin(&format!("{ACCEPTED}\x04X\x04\x04>OK1\r\n\x04\x04>")),
    );
}

#[test]
fn each_window_is_acknowledged_when_it_is_consumed() {
    for (sent, windows) in
        [(0, 0), (1, 0), (127, 0), (128, 1), (129, 1), (255, 1), (256, 2), (1000, 7)]
    {
        let input = format!("\x05A\x01{}\x04", "#".repeat(sent));
        check_raw(input, latin(&format!("{ACCEPTED}{}\x04\x04\x04>", "\x01".repeat(windows))));
    }
    // The count starts anew with each transfer.
    let once = format!("\x05A\x01{}\x04", "#".repeat(100));
    check_raw(once.repeat(2), latin(&format!("{ACCEPTED}\x04\x04\x04>").repeat(2)));
}

#[test]
fn raw_paste_takes_more_than_the_buffer_holds() {
    let text = "print 12345\n".repeat(50);
    let mut toy = Toy::new(format!("\x01\x05A\x01{text}\x04"));
    toy.talk(&mut Prompt::new([0; 2], [0; 0]));
    assert_eq!(toy.compiled[0].1, text);
}

#[test]
fn an_error_ends_the_transfer_at_once_and_drops_the_rest() {
    let rest = "\x05 x\x01".to_owned() + &"#".repeat(600);
    for end in ["\x04", "\x03"] {
        check_raw(
            format!("\x05A\x01bad\n{rest}{end}print 1\x04"),
            latin(&format!("{ACCEPTED}\x04\x04{SYNTAX}\x04>OK1\r\n\x04\x04>")),
        );
    }
    // An error that shows with the end of the text.
    check_raw("\x05A\x01bad\x04", latin(&format!("{ACCEPTED}\x04\x04{SYNTAX}\x04>")));
}

#[test]
fn control_c_breaks_a_transfer_off() {
    let interrupt = "Traceback (most recent call last):\r\nKeyboardInterrupt: \r\n";
    check_raw("\x05A\x01print 1\nab\x03", latin(&format!("{ACCEPTED}\x04\x04{interrupt}\x04>")));
    check_raw(
        "\x05A\x01\x03print 4\x04",
        latin(&format!("{ACCEPTED}\x04\x04{interrupt}\x04>OK4\r\n\x04\x04>")),
    );
}

#[test]
fn a_console_that_goes_away_ends_the_prompt_everywhere() {
    for input in [
        "",
        "ab",
        "if 1:\r",
        "\x1b[",
        "\x05ab",
        "\x01",
        "\x01ab",
        "\x01\x05A",
        "\x01\x05A\x01ab",
        "\x01\x05A\x01bad\nab",
    ] {
        let mut toy = Toy::new(input);
        assert_eq!(toy.talk(&mut prompt()), [Exit::Closed], "{input:?}");
        assert!(toy.unread().is_empty());
        assert!(toy.compiled.is_empty());
    }
}
