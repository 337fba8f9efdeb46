//! Noise on the line: whatever comes in, in whatever little memory, the prompt neither panics nor stops reading.

mod common;

use common::{Names, Toy};
use threadsnake_repl::{Prompt, Scope};

const NAMES: Names =
    &[(Scope::Globals, &["if", "é", "日本", "ab", "abc"]), (Scope::Attributes("ab"), &["x", "y"])];

/// Pieces that lead far into the prompt; all other input is single bytes.
const PIECES: &[&[u8]] = &[
    b"if 1:\r",
    b"if 1:\rif 2:\r",
    b"\x1b[",
    b"\x1b[1;5",
    b"\x05A\x01",
    b"ab.",
    b"import ",
    b"(",
    b"'''",
    b"    ",
    b"\t",
    b" ",
    b"\r",
    b"\n",
    b"\x03",
    b"\x04",
    b"bad\n",
    b"exit\r",
    b"raise\r",
    "é日😀".as_bytes(),
];

/// Marsaglia's xorshift, for the same noise in every run.
fn random(state: &mut u32) -> usize {
    *state ^= *state << 13;
    *state ^= *state >> 17;
    *state ^= *state << 5;
    *state as usize
}

#[test]
fn noise_is_survived() {
    let mut state = 3;
    for round in 0..3000 {
        let mut input = Vec::new();
        for _ in 0..80 {
            match random(&mut state) % 3 {
                0 => input.push(random(&mut state) as u8),
                1 => input.push(random(&mut state) as u8 % 32),
                _ => input.extend_from_slice(PIECES[random(&mut state) % PIECES.len()]),
            }
        }
        let mut toy = Toy::with_names(NAMES, &input);
        let (mut line, mut history) = (vec![0; round % 40], vec![0; round % 23]);
        toy.talk(&mut Prompt::new(&mut line[..], &mut history[..]));
        assert!(toy.unread().is_empty());
    }
}
