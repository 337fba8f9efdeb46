//! TAB: what is being typed, which names go on from there, and the list of them.
//!
//! # Invariants
//! - The engine is never asked to write while it enumerates, so that it may enumerate under the GIL.

use crate::edit::Editor;
use crate::line::LineBuffer;
use crate::text::{columns, in_identifier};
use crate::{Engine, Level, Scope};

/// Columns of a slot of the list, and of the whole list.
const SLOT: usize = 16;
const WIDTH: usize = 64;

/// The least gap between two names.
const GAP: usize = 2;

/// Bytes of a name that are carried from the engine to the screen. A longer name is cut.
const CARRY: usize = 128;

/// The only keyword that is completed, since nothing can be done at a prompt without it.
const IMPORT: &[u8] = b"import ";

/// What the text before the cursor asks for.
struct Request<'t> {
    scope: Scope<'t>,
    /// The part of the name that is there already.
    partial: &'t [u8],
    /// The name stands at the beginning of the line.
    first: bool,
}

impl<'t> Request<'t> {
    /// `line` is the edited line up to the cursor. `None` where no name can stand.
    fn find(line: &'t [u8]) -> Option<Self> {
        let in_path = |byte: &u8| in_identifier(*byte) || *byte == b'.';
        let word = line.iter().rposition(|byte| !in_path(byte)).map_or(0, |before| before + 1);
        let (before, path) = line.split_at(word);
        let before = before.trim_ascii_start();
        let dot = path.iter().rposition(|&byte| byte == b'.');
        let partial = &path[dot.map_or(0, |dot| dot + 1)..];
        let scope = match dot {
            Some(dot) if !path[..dot].split(|&byte| byte == b'.').all(is_name) => return None,
            Some(dot) => Scope::Attributes(core::str::from_utf8(&path[..dot]).ok()?),
            None if before.starts_with(IMPORT) => Scope::Modules,
            None if before.starts_with(b"from ") && !contains(before, b" import ") => {
                Scope::Modules
            }
            None => Scope::Globals,
        };
        let can_stand = partial.is_empty() || is_name(partial);
        can_stand.then_some(Request { scope, partial, first: before.is_empty() })
    }

    /// Whether `name` goes on from what is there. Private names are for those who ask for them.
    fn takes(&self, name: &[u8]) -> bool {
        name.starts_with(self.partial) && !(self.partial.is_empty() && name.starts_with(b"_"))
    }
}

fn is_name(text: &[u8]) -> bool {
    text.first().is_some_and(|first| !first.is_ascii_digit())
}

fn contains(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

/// The whole characters of a name that may have been cut.
fn whole(name: &[u8]) -> &[u8] {
    match core::str::from_utf8(name) {
        Ok(_) => name,
        Err(error) => &name[..error.valid_up_to()],
    }
}

/// What all matching names have in common.
struct Common {
    matches: usize,
    bytes: [u8; CARRY],
    len: usize,
}

impl Common {
    fn add(&mut self, name: &[u8]) {
        self.matches += 1;
        if self.matches == 1 {
            self.len = name.len().min(CARRY);
            self.bytes[..self.len].copy_from_slice(&name[..self.len]);
        }
        let same = self.bytes[..self.len].iter().zip(name).take_while(|(a, b)| a == b);
        self.len = same.count();
    }
}

impl<L: LineBuffer, H: LineBuffer> Editor<L, H> {
    /// Completes the name before the cursor as far as it is certain, or lists what it may become.
    pub fn complete(&mut self, engine: &mut dyn Engine) {
        let Some(request) = Request::find(&self.line.text()[self.start..self.cursor]) else {
            return;
        };
        let mut common = Common { matches: 0, bytes: [0; CARRY], len: 0 };
        engine.complete(request.scope, &mut |name| {
            if request.takes(name.as_bytes()) {
                common.add(name.as_bytes());
            }
        });
        let partial = request.partial;
        let is_keyword = request.first && request.scope == Scope::Globals && !partial.is_empty();
        let sure = match common.matches {
            0 if is_keyword && IMPORT.starts_with(partial) => IMPORT,
            _ => whole(&common.bytes[..common.len]),
        };
        let more = sure.get(partial.len()..).unwrap_or_default();
        if !more.is_empty() {
            self.insert(engine, Some(more));
        } else if common.matches > 1 {
            list(engine, &request);
            let level = if self.start == 0 { Level::First } else { Level::Continued };
            engine.write_prompt(level);
            engine.write(&self.line.text()[self.start..]);
            self.step_back(engine, self.cursor..self.line.len());
        }
    }
}

/// Writes all names that `request` takes, in slots, on lines of their own.
fn list(engine: &mut dyn Engine, request: &Request<'_>) {
    engine.write(b"\r\n");
    let mut column = 0;
    for wanted in 0.. {
        // One name at a time, for nothing is written while they are enumerated.
        let mut carry = [0; CARRY];
        let (mut seen, mut len) = (0, None);
        engine.complete(request.scope, &mut |name| {
            let name = name.as_bytes();
            if request.takes(name) {
                if seen == wanted {
                    let n = name.len().min(CARRY);
                    carry[..n].copy_from_slice(&name[..n]);
                    len = Some(n);
                }
                seen += 1;
            }
        });
        let Some(len) = len else { break };
        write_in_slot(engine, &carry[..len], &mut column);
    }
    engine.write(b"\r\n");
}

fn write_in_slot(engine: &mut dyn Engine, name: &[u8], column: &mut usize) {
    let name = whole(name);
    let width = columns(name);
    let slot = if *column == 0 { 0 } else { (*column + GAP).next_multiple_of(SLOT) };
    if slot > 0 && slot + width > WIDTH {
        engine.write(b"\r\n");
        *column = 0;
    } else {
        for _ in *column..slot {
            engine.write(b" ");
        }
        *column = slot;
    }
    engine.write(name);
    *column += width;
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_name_before_the_cursor_is_found() {
        use Scope::{Attributes, Globals, Modules};
        for (line, scope, partial) in [
            ("", Globals, ""),
            ("1, x.isdi", Attributes("x"), "isdi"),
            ("zed+zep", Globals, "zep"),
            ("(a.b.", Attributes("a.b"), ""),
            ("import ", Modules, ""),
            ("import a, sy", Modules, "sy"),
            ("  from sy", Modules, "sy"),
            ("import a.sy", Attributes("a"), "sy"),
            ("from sys import v", Globals, "v"),
            ("importsy", Globals, "importsy"),
            ("é.ñ", Attributes("é"), "ñ"),
        ] {
            let request = Request::find(line.as_bytes()).unwrap();
            assert_eq!((request.scope, request.partial), (scope, partial.as_bytes()), "{line:?}");
        }
        for line in ["1.", "1", "\"abc\".", "f().x", "a..b", "a.1.b", "a.0"] {
            assert!(Request::find(line.as_bytes()).is_none(), "{line:?}");
        }
    }
}
