//! The line editor of the friendly prompt: one statement, typed over one or more lines.
//!
//! Keys are those of GNU Readline's Emacs mode. The terminal is only ever told to go back (BS or ESC [ n D), to
//! erase to the end of the line (ESC [ K), and to print; it is assumed not to wrap.
//!
//! # Invariants
//! - The statement is `line`, its lines joined by LF; the line being edited begins at `start`, and the cursor
//!   is at a character's edge in `start..=line.len()`.
//! - What the screen shows of the line equals the text, and the terminal's cursor is the editor's.

use core::ops::Range;

use crate::continuation::needs_more;
use crate::history::History;
use crate::keys::{Key, Keys};
use crate::line::{Line, LineBuffer};
use crate::text::{char_after, char_before, columns};
#[cfg(feature = "extra")]
use crate::text::{word_after, word_before};
use crate::{Closed, Console, Decimal, Engine, Level, read_byte};

/// How the reading of a statement ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Ended {
    /// [`Editor::statement`] is to be run.
    Statement,
    /// Nothing is to be run: Ctrl-C, or it was too long.
    Cancelled,
    /// The commands of an empty line: Ctrl-A, Ctrl-B, Ctrl-D and Ctrl-E.
    Raw,
    Banner,
    Reset,
    Paste,
}

/// Columns of one step of indentation.
const INDENT: usize = 4;

/// Distances up to this many columns are cheaper in BS than as an escape sequence.
const FEW_COLUMNS: usize = 4;

const BELL: &[u8] = b"\x07";

/// The editor and what it remembers from statement to statement.
pub(crate) struct Editor<L, H> {
    pub(crate) line: Line<L>,
    pub(crate) keys: Keys,
    pub(crate) start: usize,
    pub(crate) cursor: usize,
    history: History<H>,
    /// The line of the history that is shown, 0 the newest.
    back: Option<usize>,
    /// New lines are indented. Off for the rest of a statement that brings its own indentation.
    auto_indent: bool,
    /// The indentation was written just now, and no key has come since.
    indented: bool,
    /// Something did not fit: the statement is not the one that was typed.
    pub(crate) overflow: bool,
}

impl<L: LineBuffer, H: LineBuffer> Editor<L, H> {
    pub fn new(line: L, history: H) -> Self {
        Editor {
            line: Line::new(line),
            keys: Keys::new(),
            start: 0,
            cursor: 0,
            history: History::new(history),
            back: None,
            auto_indent: true,
            indented: false,
            overflow: false,
        }
    }

    pub fn forget_history(&mut self) {
        self.history.clear();
    }

    /// The text that [`Ended::Statement`] is about.
    pub fn statement(&self) -> &[u8] {
        self.line.text()
    }

    /// Empties the buffer for a new statement.
    pub fn clear(&mut self) {
        self.line.clear();
        self.auto_indent = true;
        self.overflow = false;
    }

    /// Prompts for a statement and reads it.
    pub fn read_statement(&mut self, engine: &mut dyn Engine) -> Result<Ended, Closed> {
        self.clear();
        self.begin_line(engine, Level::First);
        loop {
            let byte = read_byte(engine)?;
            let (lost, key) = self.keys.push(byte);
            if lost {
                engine.write(BELL);
            }
            if let Some(ended) = key.and_then(|key| self.press(engine, key)) {
                return Ok(ended);
            }
        }
    }

    /// Says that the input did not fit.
    pub fn refuse(&self, console: &mut dyn Console) {
        console.write(b"input too long: more than ");
        console.write(Decimal::new(self.line.capacity()).bytes());
        console.write(b" bytes; nothing was run\r\n");
    }

    fn begin_line(&mut self, engine: &mut dyn Engine, level: Level) {
        self.start = self.line.len();
        self.cursor = self.start;
        self.back = None;
        engine.write_prompt(level);
        let indent = if self.auto_indent { indent_after(self.line.text()) } else { 0 };
        for _ in 0..indent / INDENT {
            self.insert(engine, Some(b"    "));
        }
        self.indented = self.cursor > self.start;
    }

    fn press(&mut self, engine: &mut dyn Engine, key: Key) -> Option<Ended> {
        let indented = core::mem::take(&mut self.indented);
        let key = match key {
            Key::Control(code) => match self.control(engine, code) {
                Ok(key) => key,
                Err(ended) => return ended,
            },
            key => key,
        };
        let (end, cursor) = (self.line.len(), self.cursor);
        let text = self.line.text();
        // Most keys only go somewhere, or erase what is on the way.
        let (to, erases) = match key {
            Key::Char if indented && self.keys.char() == b" " => {
                // Pasted code is coming: this space is the first of its own indentation.
                self.auto_indent = false;
                self.line.remove(end - (INDENT - 1)..end);
                self.cursor = self.line.len();
                engine.write(b"\x08\x08\x08");
                return None;
            }
            Key::Char => {
                self.insert(engine, None);
                return None;
            }
            Key::Tab => {
                if indented {
                    self.auto_indent = false;
                } else if self.tab_indents() {
                    self.insert(engine, Some(b"    "));
                } else {
                    self.complete(engine);
                }
                return None;
            }
            Key::Enter => return self.enter(engine),
            Key::Up | Key::Down => {
                match (key == Key::Up, self.back) {
                    (true, back) => self.recall(engine, Some(back.map_or(0, |back| back + 1))),
                    (false, Some(back)) => self.recall(engine, back.checked_sub(1)),
                    (false, None) => {}
                }
                return None;
            }
            Key::Control(_) => return None,
            Key::Invalid => {
                engine.write(BELL);
                return None;
            }
            Key::Backspace => {
                let before = &text[self.start..cursor];
                let spaces = before.len() >= INDENT && before.iter().all(|&byte| byte == b' ');
                (if spaces { cursor - INDENT } else { char_before(text, cursor) }, true)
            }
            Key::Delete => (char_after(text, cursor), true),
            Key::Left => (char_before(text, cursor), false),
            Key::Right => (char_after(text, cursor), false),
            Key::Home => (self.start, false),
            Key::End => (end, false),
            Key::KillLeft => (self.start, true),
            Key::KillRight => (end, true),
            #[cfg(feature = "extra")]
            Key::WordLeft => (word_before(text, cursor), false),
            #[cfg(feature = "extra")]
            Key::WordRight => (word_after(text, cursor), false),
            #[cfg(feature = "extra")]
            Key::KillWordLeft => (word_before(text, cursor), true),
            #[cfg(feature = "extra")]
            Key::KillWordRight => (word_after(text, cursor), true),
        };
        let to = to.max(self.start);
        if erases {
            self.erase(engine, to.min(cursor)..to.max(cursor));
        } else if to < cursor {
            self.step_back(engine, to..cursor);
            self.cursor = to;
        } else {
            engine.write(&self.line.text()[cursor..to]);
            self.cursor = to;
        }
        None
    }

    /// What a control code does: the key that it is another name of, or how it ends the statement.
    fn control(&mut self, engine: &mut dyn Engine, code: u8) -> Result<Key, Option<Ended>> {
        let is_empty = self.line.len() == 0;
        let letter = code + b'@';
        let command = match letter {
            b'C' => Ended::Cancelled,
            b'A' if is_empty => Ended::Raw,
            b'B' if is_empty => Ended::Banner,
            b'D' if is_empty => Ended::Reset,
            b'E' if is_empty => Ended::Paste,
            b'D' if self.line.len() == self.start => return Err(Some(self.finish(engine))),
            b'A' => return Ok(Key::Home),
            b'B' => return Ok(Key::Left),
            b'D' => return Ok(Key::Delete),
            b'E' => return Ok(Key::End),
            b'F' => return Ok(Key::Right),
            b'K' => return Ok(Key::KillRight),
            b'N' => return Ok(Key::Down),
            b'P' => return Ok(Key::Up),
            b'U' => return Ok(Key::KillLeft),
            #[cfg(feature = "extra")]
            b'W' => return Ok(Key::KillWordLeft),
            _ => return Err(None),
        };
        engine.write(b"\r\n");
        Err(Some(command))
    }

    fn enter(&mut self, engine: &mut dyn Engine) -> Option<Ended> {
        engine.write(b"\r\n");
        self.history.add(&self.line.text()[self.start..]);
        if self.overflow || !needs_more(self.line.text()) {
            return Some(self.finish(engine));
        }
        if self.line.push(b"\n").is_err() {
            self.overflow = true;
            return Some(self.finish(engine));
        }
        self.begin_line(engine, Level::Continued);
        None
    }

    fn finish(&mut self, engine: &mut dyn Engine) -> Ended {
        if !self.overflow {
            return Ended::Statement;
        }
        self.refuse(engine);
        Ended::Cancelled
    }

    /// TAB writes spaces where there is no name to complete: after a space, and where a later line begins.
    fn tab_indents(&self) -> bool {
        match self.line.text()[self.start..self.cursor].last() {
            Some(&byte) => byte == b' ',
            None => self.start > 0,
        }
    }

    /// Writes `text`, or the character that was typed, at the cursor.
    pub fn insert(&mut self, engine: &mut dyn Engine, text: Option<&[u8]>) {
        let text = text.unwrap_or(self.keys.char());
        if self.line.insert(self.cursor, text).is_err() {
            if !self.overflow {
                engine.write(BELL);
            }
            self.overflow = true;
            return;
        }
        engine.write(&self.line.text()[self.cursor..]);
        self.cursor += text.len();
        self.step_back(engine, self.cursor..self.line.len());
    }

    /// Erases `range`, which the cursor lies in or at the edge of.
    fn erase(&mut self, engine: &mut dyn Engine, range: Range<usize>) {
        if range.is_empty() {
            return;
        }
        self.step_back(engine, range.start..self.cursor);
        self.cursor = range.start;
        self.line.remove(range);
        engine.write(b"\x1b[K");
        engine.write(&self.line.text()[self.cursor..]);
        self.step_back(engine, self.cursor..self.line.len());
    }

    /// Shows a line of the history, or with `None` an empty line, instead of what is being edited.
    fn recall(&mut self, engine: &mut dyn Engine, back: Option<usize>) {
        let entry = match back.map(|back| self.history.get(back)) {
            Some(Some(entry)) => entry,
            Some(None) => return,
            None => b"",
        };
        let old = &self.line.text()[self.start..];
        if self.line.capacity() - self.start < entry.len()
            && self.line.reserve(entry.len() - old.len()).is_err()
        {
            engine.write(BELL);
            return;
        }
        let shrinks = columns(entry) < columns(&self.line.text()[self.start..]);
        step_back(engine, columns(&self.line.text()[self.start..self.cursor]));
        if shrinks {
            engine.write(b"\x1b[K");
        }
        self.line.remove(self.start..self.line.len());
        let shown = self.line.push(entry);
        debug_assert!(shown.is_ok());
        self.back = back;
        self.cursor = self.line.len();
        engine.write(&self.line.text()[self.start..]);
    }

    /// Moves the terminal's cursor from the end of `range` to its start.
    pub fn step_back(&self, engine: &mut dyn Engine, range: Range<usize>) {
        step_back(engine, columns(&self.line.text()[range]));
    }
}

fn step_back(console: &mut dyn Console, columns: usize) {
    if columns <= FEW_COLUMNS {
        console.write(&b"\x08\x08\x08\x08"[..columns]);
    } else {
        console.write(b"\x1b[");
        console.write(Decimal::new(columns).bytes());
        console.write(b"D");
    }
}

/// The indentation of the line that follows `text`, which is empty or ends with LF: that of the line before, in
/// whole steps, and one more after a colon; none after two blank lines, which say that the block is over.
fn indent_after(text: &[u8]) -> usize {
    let Some((before, last)) = last_line(text) else { return 0 };
    let blank = |line: &[u8]| line.iter().all(|&byte| byte == b' ');
    if blank(last) && last_line(before).is_some_and(|(_, line)| blank(line)) {
        return 0;
    }
    let spaces = last.iter().take_while(|&&byte| byte == b' ').count();
    let deeper = if last.last() == Some(&b':') { INDENT } else { 0 };
    spaces / INDENT * INDENT + deeper
}

/// What is before the last line, and that line without its LF; `None` for no line.
fn last_line(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let (_, lines) = text.split_last()?;
    let start = lines.iter().rposition(|&byte| byte == b'\n').map_or(0, |end| end + 1);
    Some(lines.split_at(start))
}

#[cfg(test)]
mod tests {
    use super::indent_after;

    #[test]
    fn a_new_line_is_indented_like_the_last_one() {
        for (text, indent) in [
            ("", 0),
            ("x = [\n", 0),
            ("if 1:\n", 4),
            ("if 1:  \n", 0),
            ("if 1:\n    2\n", 4),
            ("if 1:\n    if 2:\n", 8),
            ("if 1:\n      2\n", 4),
            ("if 1:\n   2\n", 0),
            ("if 1:\n    2\n    \n", 4),
            ("if 1:\n    2\n    \n    \n", 0),
            ("if 1:\n    2\n    \n    3\n", 4),
        ] {
            assert_eq!(indent_after(text.as_bytes()), indent, "{text:?}");
        }
    }
}
