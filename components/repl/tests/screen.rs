//! Random key presses against a model of a terminal: what the screen shows when Enter is pressed is what runs.

mod common;

use common::{Names, Toy, prompt};
use threadsnake_repl::{LineBuffer, Prompt, Scope};

const NAMES: Names = &[(Scope::Globals, &["a", "ab", "abc", "日本"])];

/// One press each.
const KEYS: &[&str] = &[
    "a",
    "b",
    "ab",
    " ",
    "    ",
    "é",
    "日",
    "😀",
    ".",
    "a\u{301}",
    "\x01",
    "\x02",
    "\x05",
    "\x06",
    "\x04",
    "\x08",
    "\x0b",
    "\x0e",
    "\x10",
    "\x15",
    "\x17",
    "\t",
    "\x1bb",
    "\x1bf",
    "\x1bd",
    "\x1b\x7f",
    "\x1b[A",
    "\x1b[B",
    "\x1b[3~",
    "\x1b[1;5D",
    "\x1b[6~",
    "\r",
];

/// The last row of a terminal that has only the abilities that the prompt counts on.
#[derive(Default)]
struct Row {
    cells: Vec<char>,
    cursor: usize,
}

/// Fills the second cell of a wide character.
const SECOND: char = '\0';

impl Row {
    fn show(&mut self, output: &str) {
        let mut chars = output.chars();
        while let Some(char) = chars.next() {
            match char {
                '\r' => self.cursor = 0,
                '\n' => self.cells.clear(),
                '\x07' | '\u{301}' => {}
                '\x08' => self.cursor = self.cursor.checked_sub(1).expect("room to go back"),
                '\x1b' => {
                    assert_eq!(chars.next(), Some('['));
                    let mut number = 0;
                    loop {
                        match chars.next().expect("a whole sequence") {
                            'D' => {
                                break self.cursor =
                                    self.cursor.checked_sub(number).expect("room to go back");
                            }
                            'K' => break self.cells.truncate(self.cursor),
                            digit => {
                                number = number * 10 + digit.to_digit(10).expect("a digit") as usize
                            }
                        }
                    }
                }
                _ => {
                    self.put(char);
                    if "日本😀".contains(char) {
                        self.put(SECOND);
                    }
                }
            }
        }
    }

    fn put(&mut self, char: char) {
        self.cells.resize(self.cells.len().max(self.cursor + 1), ' ');
        self.cells[self.cursor] = char;
        self.cursor += 1;
    }

    fn text(&self) -> String {
        self.cells.iter().filter(|&&char| char != SECOND).collect()
    }
}

/// Marsaglia's xorshift, for the same keys in every run.
fn random(state: &mut u32) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    *state as usize
}

fn check_rounds<L: LineBuffer, H: LineBuffer>(
    mut new: impl FnMut() -> Prompt<L, H>,
    mut state: u32,
) {
    for _ in 0..1000 {
        // The first letter keeps the commands of an empty line away; the last line is what counts.
        let mut input = String::from("a");
        for _ in 0..40 {
            let key = KEYS[random(&mut state) % KEYS.len()];
            input += if key == "\x04" {
                "ab\x02\x02\x04"
            } else if key <= "\x06" {
                "b"
            } else {
                ""
            };
            input += if key == "\x04" { "" } else { key };
        }
        let mut toy = Toy::with_names(NAMES, &input);
        toy.talk(&mut new());
        let mut shown = Row::default();
        shown.show(core::str::from_utf8(&toy.output).expect("UTF-8"));

        let before = toy.compiled.len();
        let mut again = Toy::with_names(NAMES, input.clone() + "\r");
        again.talk(&mut new());
        if again.compiled.len() == before {
            assert!(String::from_utf8_lossy(&again.output).contains("input too long"));
            continue;
        }
        let ran = again.compiled[before].1.replace('\u{301}', "");
        assert_eq!(shown.text().trim_end(), format!(">>> {ran}").trim_end(), "{input:?}");
    }
}

#[test]
fn the_screen_shows_what_will_run() {
    check_rounds(prompt, 1);
}

#[test]
fn the_screen_shows_what_will_run_in_little_memory() {
    check_rounds(|| Prompt::new([0; 24], [0; 40]), 2);
}
