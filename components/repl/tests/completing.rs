//! Transcripts of TAB.

mod common;

use common::{Names, check, check_names};
use threadsnake_repl::Scope;

const NAMES: Names = &[
    (Scope::Globals, &["zed", "_private", "zeppelin", "imag", "a", "obj"]),
    (Scope::Modules, &["os", "struct", "sys"]),
    (
        Scope::Attributes("obj"),
        &["_hidden", "public_attr", "public_method", "public_property", "__dict__"],
    ),
    (Scope::Attributes("obj.sub"), &["only"]),
    (
        Scope::Attributes("a"),
        &["a", "b", "c", "dddddddddddddddd", "eeeeeeeeeeeeeeeee", "f", "gggggggggggggg", "h"],
    ),
];

#[test]
fn a_certain_name_is_inserted() {
    check_names(NAMES, "zep\t", "zeppelin");
    check_names(NAMES, "zed+zep\t+1", "zed+zeppelin+1");
    check_names(NAMES, "obj.sub.\t", "obj.sub.only");
    check_names(NAMES, "_\t", "_private");
    // Before the rest of the line.
    check_names(NAMES, "(zep)\x02\t", "(zep)\x08pelin)\x08");
}

#[test]
fn what_the_names_have_in_common_is_inserted() {
    check_names(NAMES, "z\t", "ze");
    check_names(NAMES, "obj.\t", "obj.public_");
    check_names(
        NAMES,
        "obj._\t\x08_\t",
        "obj._\r\n_hidden         __dict__\r\n>>> obj._\x08\x1b[K_\r\n_hidden         __dict__\r\n>>> obj._",
    );
}

#[test]
fn several_names_are_listed_in_slots() {
    check_names(NAMES, "ze\t", "ze\r\nzed             zeppelin\r\n>>> ze");
    check_names(
        NAMES,
        "obj.public_\ta\t",
        concat!(
            "obj.public_\r\npublic_attr     public_method   public_property\r\n",
            ">>> obj.public_attr"
        ),
    );
    check_names(
        NAMES,
        "a.\t",
        concat!(
            "a.\r\na               b               c               dddddddddddddddd\r\n",
            "eeeeeeeeeeeeeeeee               f               gggggggggggggg\r\nh\r\n>>> a."
        ),
    );
    // The cursor stays where it was, and a later line has its own prompt.
    check_names(
        NAMES,
        "if 1:\rze+1\x02\x02\t",
        "if 1:\r\n...     ze+1\u{8}\u{8}\r\nzed             zeppelin\r\n...     ze+1\u{8}\u{8}",
    );
    check_names(
        NAMES,
        "\t",
        "\r\nzed             zeppelin        imag            a\r\nobj\r\n>>> ",
    );
}

#[test]
fn a_long_list_is_complete() {
    const MANY: Names = &[(
        Scope::Globals,
        &[
            "n00_______________________________________________________",
            "n01__________________________________________________",
            "n02_______________________________________________________",
            "n03__________________________________________________",
            "n04",
            "n05",
            "n06",
            "n07",
            "n08",
            "n09",
            "n10",
            "n11",
            "n12",
            "n13",
            "n14",
            "n15",
            "n16",
            "n17",
            "n18",
            "n19",
        ],
    )];
    let names = MANY[0].1;
    let mut wanted = String::from("n\r\n");
    for name in &names[..4] {
        wanted += &format!("{name}\r\n");
    }
    for row in names[4..].chunks(4) {
        wanted += &row.iter().map(|name| format!("{name:16}")).collect::<String>();
        wanted.truncate(wanted.trim_end().len());
        wanted += "\r\n";
    }
    check_names(MANY, "n\t", wanted + ">>> n");
}

#[test]
fn modules_are_completed_after_import() {
    check_names(NAMES, "import s\t", "import s\r\nstruct          sys\r\n>>> import s");
    check_names(NAMES, "import sy\t, o\t", "import sys, os");
    check_names(NAMES, "from st\t", "from struct");
    check_names(NAMES, "from sys import zep\t", "from sys import zeppelin");
    check_names(NAMES, "import a.sy\t", "import a.sy");
}

#[test]
fn import_is_completed_when_nothing_else_matches() {
    check("im\t", "import ");
    check("i\t\t", "import     ");
    check("if 1:\rimpo\t", "if 1:\r\n...     import ");
    check_names(NAMES, "im\t", "imag");
    check_names(NAMES, "imp\t", "import ");
    check("x=1;imp\t", "x=1;imp");
    check("imx\timport\t", "imximport");
}

#[test]
fn nothing_is_certain_about_other_text() {
    check_names(NAMES, "not_exist.\tqqq\t1.\t\"abc\".\tobj..\t", "not_exist.qqq1.\"abc\".obj..");
    check("\t", "");
}

#[test]
fn tab_after_a_space_indents() {
    check_names(NAMES, "import \t", "import     ");
    check_names(NAMES, "[\r\tz\t", "[\r\n...     ze");
}
