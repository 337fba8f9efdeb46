//! Whether a statement wants more lines: a lexical look at what was typed, without a parser.

/// The statements that go on until an empty line.
const COMPOUND: [&[u8]; 8] = [b"if", b"while", b"for", b"try", b"with", b"def", b"class", b"async"];

/// True when `text`, lines with LF between them, is not a whole statement yet: a bracket or a triple quote is
/// open, it ends with a backslash, or it starts a compound statement and its last line is not empty. O(len).
///
/// Nonsense (a closing bracket too many, a string that the line end cuts) is whole, for it to be reported; but
/// inside a compound statement only at its empty line, or else the rest of a pasted block would be run.
pub fn needs_more(text: &[u8]) -> bool {
    let block_goes_on = starts_compound(text) && text.last() != Some(&b'\n');
    let mut open = [0isize; 3];
    let mut at = 0;
    while let Some(&byte) = text.get(at) {
        at += 1;
        match byte {
            b'(' => open[0] += 1,
            b')' => open[0] -= 1,
            b'[' => open[1] += 1,
            b']' => open[1] -= 1,
            b'{' => open[2] += 1,
            b'}' => open[2] -= 1,
            b'#' => at = line_end(text, at),
            b'\\' if at == text.len() => return true,
            b'\'' | b'"' => {
                let triple = text.get(at..at + 2) == Some(&[byte, byte]);
                match string_end(text, if triple { at + 2 } else { at }, byte, triple) {
                    StringEnd::At(end) => at = end,
                    StringEnd::Wants => return true,
                    StringEnd::Broken => return block_goes_on,
                }
            }
            _ => {}
        }
    }
    block_goes_on || open.iter().any(|&count| count > 0)
}

enum StringEnd {
    /// Closed; the index of what follows.
    At(usize),
    /// Open, and allowed to go on in the next line.
    Wants,
    /// Cut by a line end.
    Broken,
}

/// Looks for the end of a string whose inside begins at `at`.
fn string_end(text: &[u8], mut at: usize, quote: u8, triple: bool) -> StringEnd {
    while let Some(&byte) = text.get(at) {
        at += 1;
        match byte {
            b'\\' if at == text.len() => return StringEnd::Wants,
            b'\\' => at += 1,
            b'\n' if !triple => return StringEnd::Broken,
            _ if byte == quote && !triple => return StringEnd::At(at),
            _ if byte == quote && text.get(at..at + 2) == Some(&[quote, quote]) => {
                return StringEnd::At(at + 2);
            }
            _ => {}
        }
    }
    if triple { StringEnd::Wants } else { StringEnd::Broken }
}

fn line_end(text: &[u8], at: usize) -> usize {
    text[at..].iter().position(|&byte| byte == b'\n').map_or(text.len(), |n| at + n)
}

fn starts_compound(text: &[u8]) -> bool {
    let word = |&byte: &u8| crate::text::in_identifier(byte);
    text.first() == Some(&b'@')
        || COMPOUND.iter().any(|keyword| {
            text.strip_prefix(*keyword).is_some_and(|rest| !rest.first().is_some_and(word))
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whole_statements() {
        for text in [
            "",
            "1",
            "# (",
            "x = 1 # [",
            "'('",
            "\"(\"",
            "'\"'",
            "'\\''",
            "'\\'('",
            "print(\"\\\"(\")",
            "'''a\nb'''",
            "print(\n1)",
            "if1 = 2",
            "iffy",
            "whilex",
            "'#' + (\n'a') # )",
            ")(",
            "()",
            "\"(",
            "f'{(",
            "else:",
            " if 1:",
            "if 1:\n    1\n",
            "@x\ndef f(): pass\n",
            "d = {1:'one',\n2:'two'}",
            "''",
            "'' # '''",
            "1 # \\",
            "\"a\\\nb\"",
            "if 1:\n  )\n",
        ] {
            assert!(!needs_more(text.as_bytes()), "{text:?}");
        }
    }

    #[test]
    fn unfinished_statements() {
        for text in [
            "(",
            "x = [1,",
            "{",
            "()(",
            "'''",
            "\"\"\"a\n",
            "'''\\'''",
            "'''a\\",
            "\"\\",
            "1 + \\",
            "if 1:",
            "if",
            "if(x):",
            "while 1:\n  1",
            "for x in y:",
            "try:",
            "with x:",
            "def f():",
            "class A: pass",
            "async def f():",
            "@x",
            "@x\ndef f(): pass",
            "if 1: '''\n",
            "(\n\n",
            "if 1:\n    1\n    ",
            "'\"' + (",
            "(#)",
            "if 1:\n  )",
            "if 1: 'a",
        ] {
            assert!(needs_more(text.as_bytes()), "{text:?}");
        }
    }
}
