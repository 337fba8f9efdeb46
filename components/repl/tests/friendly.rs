//! Transcripts of the friendly prompt: every byte that goes back for the bytes that come in.

mod common;

use common::{BANNER, Toy, check, prompt};
use threadsnake_repl::{Exit, Grammar, Mode, Prompt};

#[test]
fn a_statement_is_echoed_run_and_followed_by_a_prompt() {
    check("print 1\r", "print 1\r\n1\r\n>>> ");
    check("value\r", "value\r\n42\r\n>>> ");
    check("\r", "\r\n>>> ");
    check("   \r", "   \r\n>>> ");
}

#[test]
fn exceptions_are_shown_and_the_prompt_goes_on() {
    check("raise\r", "raise\r\nTraceback (most recent call last):\r\nValueError: toy\r\n>>> ");
    check(
        "bad\rprint 1\r",
        "bad\r\nTraceback (most recent call last):\r\nSyntaxError: invalid syntax\r\n>>> print 1\r\n1\r\n>>> ",
    );
}

#[test]
fn a_late_interrupt_is_shown() {
    check("late\r", "late\r\nTraceback (most recent call last):\r\nKeyboardInterrupt: \r\n>>> ");
}

#[test]
fn cr_lf_and_both_are_one_enter() {
    check(
        "print 1\nprint 2\r\nprint 3\n\n",
        "print 1\r\n1\r\n>>> print 2\r\n2\r\n>>> print 3\r\n3\r\n>>> \r\n>>> ",
    );
    check("\r\r", "\r\n>>> \r\n>>> ");
    check("if 1:\r\n2\r\n", "if 1:\r\n...     2\r\n...     ");
}

#[test]
fn commands_of_the_empty_line() {
    check("\x01", "\r\nraw REPL; CTRL-B to exit\r\n>");
    check("\x02", format!("\r\n{BANNER}>>> "));
    check("\x03", "\r\n>>> ");
    check("\x04", format!("\r\nMPY: soft reboot\r\n{BANNER}>>> "));
    check("\x05", "\r\npaste mode; Ctrl-C to cancel, Ctrl-D to finish\r\n=== ");
}

#[test]
fn control_c_drops_the_whole_statement() {
    check("ab\x03", "ab\r\n>>> ");
    check("ab\x02\x02\x03", "ab\x08\x08\r\n>>> ");
    check("if 1:\rabc\x03print 1\r", "if 1:\r\n...     abc\r\n>>> print 1\r\n1\r\n>>> ");
}

#[test]
fn control_d_in_an_empty_later_line_ends_the_statement() {
    check("(\r\x04", "(\r\n... >>> ");
    check(
        "if 1:\rprint 3\r\x08\x04",
        "if 1:\r\n...     print 3\r\n...     \x08\x08\x08\x08\x1b[K>>> ",
    );
    // The other commands belong to an empty statement only.
    check("(\r\x01\x02\x05\x03", "(\r\n... \r\n>>> ");
    // An indented line is not empty.
    check("if 1:\r\x04", "if 1:\r\n...     ");
}

#[test]
fn the_statement_is_compiled_as_typed() {
    let mut toy = Toy::new("if 1:\r  2\r\rx = '''é\r\x1b[A\x08+'日'\r\x05a\r\nb\x04\x01c\r\nd\x04");
    toy.talk(&mut prompt());
    let compiled: Vec<_> =
        toy.compiled.iter().map(|(grammar, text)| (*grammar, &text[..])).collect();
    assert_eq!(
        compiled,
        [
            (Grammar::Single, "if 1:\n  2\n"),
            (Grammar::Single, "x = '''é\nx = '''+'日'"),
            (Grammar::Paste, "a\nb"),
            (Grammar::File, "c\r\nd"),
        ]
    );
    assert_eq!(toy.interrupt, [Some(3), None].repeat(4));
    assert_eq!(toy.prompts_begun, 4);
}

#[test]
fn bytes_after_the_statement_belong_to_the_program() {
    check("input\rXprint 1\r", "input\r\nX>>> print 1\r\n1\r\n>>> ");
    check(
        "\x05input\r\x04Xprint 1\r",
        concat!(
            "\r\npaste mode; Ctrl-C to cancel, Ctrl-D to finish\r\n=== input\r\n=== \r\nX",
            ">>> print 1\r\n1\r\n>>> "
        ),
    );
}

#[test]
fn exits_are_told_apart() {
    let mut toy = Toy::new("\x04exit\r");
    assert_eq!(toy.talk(&mut prompt()), [Exit::Reset, Exit::SystemExit, Exit::Closed]);
    check("exit\r", format!("exit\r\nMPY: soft reboot\r\n{BANNER}>>> "));
}

#[test]
fn the_mode_outlives_a_soft_reset_and_the_history_does_not() {
    let mut prompt = prompt();
    let mut toy = Toy::new("1\r\x04\x10\x01\x04");
    toy.talk(&mut prompt);
    assert_eq!(prompt.mode(), Mode::Raw);
    let raw =
        "\r\nraw REPL; CTRL-B to exit\r\n>OK\r\nMPY: soft reboot\r\nraw REPL; CTRL-B to exit\r\n>";
    let wanted = format!("{BANNER}>>> 1\r\n>>> \r\nMPY: soft reboot\r\n{BANNER}>>> {raw}");
    assert_eq!(String::from_utf8(toy.output).unwrap(), wanted);
}

#[test]
fn what_does_not_fit_is_refused_and_not_run() {
    let refusal = "input too long: more than 10 bytes; nothing was run\r\n>>> ";
    for (input, echo) in [
        ("print 4567890\rprint 1\r", "print 4567\x07\r\n"),
        // Also after some of it was taken back.
        ("print 45678\x08\x08\rprint 1\r", "print 4567\x07\x08\x1b[K\x08\x1b[K\r\n"),
        ("if 1:\r2345\r\rprint 1\r", "if 1:\r\n...     \x07\r\n"),
    ] {
        let mut toy = Toy::new(input);
        toy.talk(&mut Prompt::new([0; 10], [0; 0]));
        let rest = if input.contains("\r\r") {
            "\r\n>>> print 1\r\n1\r\n>>> "
        } else {
            "print 1\r\n1\r\n>>> "
        };
        let wanted = format!("{BANNER}>>> {echo}{refusal}{rest}");
        assert_eq!(toy.shown(), wanted.as_bytes().escape_ascii().to_string());
    }
}

#[test]
fn a_line_end_that_does_not_fit_is_refused() {
    let mut toy = Toy::new("(234567890\r\x03");
    toy.talk(&mut Prompt::new([0; 10], [0; 0]));
    let wanted =
        "(234567890\r\ninput too long: more than 10 bytes; nothing was run\r\n>>> \r\n>>> ";
    assert_eq!(String::from_utf8(toy.output).unwrap(), format!("{BANNER}>>> {wanted}"));
    assert!(toy.compiled.is_empty());
}

#[test]
fn a_buffer_of_a_slice_works_too() {
    let (mut line, mut history) = ([0; 64], [0; 64]);
    let mut toy = Toy::new("print 1\r\x10\r");
    toy.talk(&mut Prompt::new(&mut line[..], &mut history[..]));
    assert!(toy.shown().ends_with(r"print 1\r\n1\r\n>>> print 1\r\n1\r\n>>> "));
}
