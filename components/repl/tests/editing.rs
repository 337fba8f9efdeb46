//! Transcripts of the line editor: cursor, erasing, words, indentation, history, characters beyond ASCII.

mod common;

use common::check;

#[test]
fn backspace_erases_one_character_or_one_step_of_indentation() {
    check("abc\x08\x7f", "abc\x08\x1b[K\x08\x1b[K");
    check("\x08", "");
    check("    \x08", "    \x08\x08\x08\x08\x1b[K");
    check("     \x08\x08", "     \x08\x08\x08\x08\x1b[K\x08\x1b[K");
    check("   \x08", "   \x08\x1b[K");
    check("a    \x08", "a    \x08\x1b[K");
    check(
        "    abcd\x01\x06\x06\x06\x06\x08",
        "    abcd\x1b[8D    \x08\x08\x08\x08\x1b[Kabcd\x08\x08\x08\x08",
    );
    check("     x\x02\x08\x08", "     x\x08\x08\x08\x08\x08\x1b[Kx\x08\x08\x1b[Kx\x08");
}

#[test]
fn typing_in_the_middle_prints_the_rest_again() {
    check("abcdefgh\x02\x02Z", "abcdefgh\x08\x08Zgh\x08\x08");
    check(
        "abcdefgh\x02\x02\x02\x02\x02Z\x08",
        "abcdefgh\x08\x08\x08\x08\x08Zdefgh\x1b[5D\x08\x1b[Kdefgh\x1b[5D",
    );
}

#[test]
fn home_and_end_have_many_names() {
    for (home, end) in [
        ("\x01", "\x05"),
        ("\x1b[H", "\x1b[F"),
        ("\x1bOH", "\x1bOF"),
        ("\x1b[1~", "\x1b[4~"),
        ("\x1b[7~", "\x1b[8~"),
    ] {
        check(format!("abcdefgh{home}{end}{home}"), "abcdefgh\x1b[8Dabcdefgh\x1b[8D");
        check(format!("abc{home}{home}"), "abc\x08\x08\x08");
    }
}

#[test]
fn single_steps() {
    check("abc\x02\x02\x06\x06\x06", "abc\x08\x08bc");
    check("ab\x1b[D\x1b[D\x1b[D\x1b[C", "ab\x08\x08a");
}

#[test]
fn deleting_and_killing() {
    check("abc\x01\x1b[3~\x04", "abc\x08\x08\x08\x1b[Kbc\x08\x08\x1b[Kc\x08");
    check("abc\x1b[3~\x04", "abc");
    check("abcd\x02\x02\x0b\x0b", "abcd\x08\x08\x1b[K");
    check("abcd\x02\x02\x15\x15", "abcd\x08\x08\x08\x08\x1b[Kcd\x08\x08");
    check("abcdefghijklmnop\x02\x02\x15", "abcdefghijklmnop\x08\x08\x1b[14D\x1b[Kop\x08\x08");
    // Control-D is a command again once everything is gone.
    check("a\x02\x04\x03", "a\x08\x1b[K\r\n>>> ");
}

#[test]
fn words() {
    for back in ["\x1bb", "\x1b[1;5D"] {
        check(
            format!("ab cd.ef{back}{back}{back}{back}"),
            "ab cd.ef\x08\x08\x08\x08\x08\x08\x08\x08",
        );
    }
    for on in ["\x1bf", "\x1b[1;5C"] {
        check(format!("ab cd.ef\x01{on}{on}{on}{on}"), "ab cd.ef\x1b[8Dab cd.ef");
    }
    for kill in ["\x17", "\x1b\x7f"] {
        check(format!("ab cd.{kill}{kill}{kill}"), "ab cd.\x08\x08\x08\x1b[K\x08\x08\x08\x1b[K");
    }
    check("ab cd\x01\x1bd\x1bd\x1bd", "ab cd\x1b[5D\x1b[K cd\x08\x08\x08\x1b[K");
    // Words do not reach into the line before.
    check("(ab\r\x1bb\x17c\x1bb\x1bb", "(ab\r\n... c\x08");
}

#[test]
fn unknown_sequences_and_codes_are_ignored() {
    check("ab\x1b[5~\x1b[15~\x1b[Z\x1bOP\x1bx\x00\x07\x0c\x12\x1fc", "abc");
    check("ab\x1b[\x03", "ab\r\n>>> ");
}

#[test]
fn characters_beyond_ascii_are_kept_whole() {
    check("print é日😀\r", "print é日😀\r\né日😀\r\n>>> ");
    check("é日\x02\x02\x04", "é日\x08\x08\x08\x1b[K日\x08\x08");
    check("日本\x08", "日本\x08\x08\x1b[K");
    check("日x\x01", "日x\x08\x08\x08");
    check(b"a\xffb\xc3c\x80", b"a\x07b\x07c\x07");
}

#[test]
fn new_lines_are_indented() {
    check("if 1:\r2\r", "if 1:\r\n...     2\r\n...     ");
    check("if 1:\rif 2:\r3\r", "if 1:\r\n...     if 2:\r\n...         3\r\n...         ");
    check("if 1:  \r", "if 1:  \r\n... ");
    check("[\r   1,\r", "[\r\n...    1,\r\n... ");
    // Two blank lines end it, the third, empty one ends the statement.
    check("if 1:\r2\r\r\r\r", "if 1:\r\n...     2\r\n...     \r\n...     \r\n... \r\n>>> ");
    // So does an indentation that was erased.
    check("if 1:\r2\r\x08\r", "if 1:\r\n...     2\r\n...     \x08\x08\x08\x08\x1b[K\r\n>>> ");
}

#[test]
fn code_that_brings_its_indentation_is_not_indented_twice() {
    check(
        "if 0:\r    print 2\relse:\r    print 3\r\r",
        "if 0:\r\n...     \x08\x08\x08   print 2\r\n... else:\r\n...     print 3\r\n... \r\n>>> ",
    );
    check(
        "if 0:\r\tprint 4\relse:\r\tprint 5\r\r",
        "if 0:\r\n...     print 4\r\n... else:\r\n...     print 5\r\n... \r\n>>> ",
    );
    // Only right after the indentation; and only for this statement.
    check("if 1:\ra\x08 \r", "if 1:\r\n...     a\x08\x1b[K \r\n...     ");
    check(
        "if 1:\r 2\r\rif 1:\r",
        "if 1:\r\n...     \x08\x08\x082\r\n... \r\n>>> if 1:\r\n...     ",
    );
    check("if 1:\r\t\tx\r", "if 1:\r\n...         x\r\n... ");
}

#[test]
fn the_history_is_walked_up_and_down() {
    let typed = "a=1\rbb=2\rbb=2\r\r";
    let shown = "a=1\r\n>>> bb=2\r\n>>> bb=2\r\n>>> \r\n>>> ";
    for (up, down) in [("\x10", "\x0e"), ("\x1b[A", "\x1b[B")] {
        check(
            format!("{typed}{up}{up}{up}{down}{down}{down}"),
            format!("{shown}bb=2\x08\x08\x08\x08\x1b[Ka=1\x08\x08\x08bb=2\x08\x08\x08\x08\x1b[K"),
        );
        check(format!("{typed}{down}"), shown);
    }
    // What is being typed is replaced, wherever the cursor is.
    check("abc=1\rxyz\x02\x10", "abc=1\r\n>>> xyz\x08\x08\x08abc=1");
    check("a=1\rwxyz\x01\x10", "a=1\r\n>>> wxyz\x08\x08\x08\x08\x1b[Ka=1");
}

#[test]
fn eight_lines_are_kept() {
    let typed: String = ('a'..='j').map(|line| format!("{line}\r")).collect();
    let shown: String = ('a'..='j').map(|line| format!("{line}\r\n>>> ")).collect();
    let ups = "\x10".repeat(10);
    check(format!("{typed}{ups}"), format!("{shown}j\x08i\x08h\x08g\x08f\x08e\x08d\x08c"));
}

#[test]
fn each_line_of_a_statement_is_an_entry() {
    check(
        "if 1:\r2\r\x08\r\x10\x10",
        "if 1:\r\n...     2\r\n...     \x08\x08\x08\x08\x1b[K\r\n>>>     2\x1b[5Dif 1:",
    );
    // A recalled line replaces the edited one, the lines before stay.
    check(
        "x=1\rif 1:\r\x10\x10\r",
        "x=1\r\n>>> if 1:\r\n...     \x08\x08\x08\x08if 1:\x1b[5D\x1b[Kx=1\r\n... ",
    );
}
