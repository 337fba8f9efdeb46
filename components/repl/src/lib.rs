//! The interactive prompt: friendly, paste, raw and raw-paste modes over any byte console.
//!
//! It exists so that one prompt, tested once, serves a serial line, a pty and a telnet session, and so that
//! host tools (`mpremote`, `pyboard.py`) find the bytes they wait for. What it needs of the interpreter and of the
//! console is [`Console`] and [`Engine`], two traits implemented by one object, because whoever waits for input must
//! let go of the interpreter while it waits; [`VmEngine`] is that object, and only it knows the interpreter.
//!
//! Specification: the MicroPython reference manual, chapter "The MicroPython Interactive Interpreter Mode (aka
//! REPL)", and its section "Raw mode and raw-paste mode".
//!
//! # Invariants
//! - No byte is taken from the console before it is needed: what follows the end of a statement belongs to
//!   the program that the statement starts (`input()`, `sys.stdin`).
//! - All memory is the caller's ([`LineBuffer`]); what does not fit is refused with a message and never run in
//!   part.
//! - Everything the prompt writes itself ends its lines with CR LF; it changes no byte of the program's output.
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

mod completion;
mod continuation;
mod edit;
mod engine;
mod history;
mod keys;
mod line;
mod paste;
mod raw;
mod text;

pub use continuation::needs_more;
pub use engine::{DATE, VERSION, VmEngine};
pub use line::LineBuffer;

use edit::{Editor, Ended};
use line::TextSource;

/// The byte that interrupts a running program, Ctrl-C.
pub const INTERRUPT: u8 = 3;

/// What the owner of the prompt writes when [`Prompt::run`] asked for a soft reset, before it restarts the
/// interpreter. Host tools wait for these bytes.
pub const SOFT_REBOOT: &[u8] = b"MPY: soft reboot\r\n";

/// How many lines the history keeps, if its memory holds them.
pub const HISTORY_ENTRIES: usize = 8;

/// The other end of the console is gone, and every byte it had sent has been read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Closed;

/// The line to the user or to a host tool: bytes in, bytes out, nothing translated.
pub trait Console {
    /// Waits for at least one byte, then moves what has arrived into `buf` (not empty).
    ///
    /// Returns the count, in `1..=buf.len()`. Blocks the calling task without a time limit and without the
    /// GIL; scheduled callbacks may run meanwhile. The queue below must hold 256 bytes, two windows of
    /// raw-paste mode, without loss.
    ///
    /// # Errors
    /// [`Closed`]: nothing will ever come again.
    fn read(&mut self, buf: &mut [u8]) -> Result<usize, Closed>;

    /// Writes all of `bytes`, unchanged. May block. A console that cannot take them drops them; that it is
    /// gone shows at the next [`Console::read`].
    fn write(&mut self, bytes: &[u8]);

    /// From now on the arrival of `byte` raises `KeyboardInterrupt` in the running program, and `byte` is not
    /// queued; `None`: every byte is data. A host terminal may change its mode here.
    fn set_interrupt_char(&mut self, byte: Option<u8>);
}

/// The grammar that a source is compiled under.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Grammar {
    /// One statement as typed at the prompt: the value of an expression statement is printed unless it is
    /// `None`, and kept in `_`.
    Single,
    /// A whole module; the values of expression statements are printed and kept as in [`Grammar::Single`].
    Paste,
    /// A whole module; the values of expression statements are dropped.
    File,
}

/// Why a source stops before its end.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum SourceError {
    /// Ctrl-C: the compilation ends with `KeyboardInterrupt`.
    Interrupted,
    /// The console is gone: the compilation ends with any exception, which nobody will see.
    Closed,
}

/// Source text in UTF-8, handed out in pieces while it arrives. Lines end with LF, CR or CR LF.
pub trait Source {
    /// Moves the next bytes into `buf` (not empty) and returns their count; 0 at the end, and from then on.
    ///
    /// Pieces may end anywhere, also inside a character. May block on `console`, which is the engine that
    /// compiles, or what it uses to reach its console.
    ///
    /// # Errors
    /// See [`SourceError`]; after an error the source is not read again.
    fn read(&mut self, console: &mut dyn Console, buf: &mut [u8]) -> Result<usize, SourceError>;
}

/// An exception was raised; the engine keeps it for [`Engine::print_exception`].
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Raised;

/// How a program ended.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Outcome {
    /// It reached its end.
    Done,
    /// An exception left it; the engine keeps it for [`Engine::print_exception`].
    Raised,
    /// `SystemExit` left it; the engine keeps its argument for the owner of the prompt.
    Exit,
}

/// Which prompt.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Level {
    /// Before a new statement, `sys.ps1`.
    First,
    /// Before the next line of one, `sys.ps2`.
    Continued,
}

/// Where TAB looks for names.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Scope<'a> {
    /// The names of module `__main__`.
    Globals,
    /// The attributes of what a dotted name from `__main__` stands for, e.g. `sys.implementation`.
    Attributes(&'a str),
    /// The modules that can be imported without a file.
    Modules,
}

/// What the prompt asks of the interpreter. The engine is its own [`Console`].
pub trait Engine: Console {
    /// Compiles `source` under the name `<stdin>` and keeps the code for [`Engine::execute`].
    ///
    /// Reads `source` to its end unless it fails. Runs no Python code. The console's interrupt character is
    /// off: Ctrl-C comes as [`SourceError::Interrupted`].
    ///
    /// # Errors
    /// [`Raised`]: `SyntaxError`, `MemoryError`, or `KeyboardInterrupt` for [`SourceError::Interrupted`].
    fn compile(&mut self, grammar: Grammar, source: &mut dyn Source) -> Result<(), Raised>;

    /// Runs what [`Engine::compile`] kept, in module `__main__`. The interrupt character is on.
    fn execute(&mut self) -> Outcome;

    /// Handles what is pending once the interrupt character is off again: scheduled callbacks, and a Ctrl-C
    /// that came between the end of the program and now, which is [`Outcome::Raised`].
    fn settle(&mut self) -> Outcome {
        Outcome::Done
    }

    /// Writes the traceback of the exception that the engine keeps, and forgets it.
    fn print_exception(&mut self);

    /// Called before each friendly prompt: a heap that a program left locked is unlocked here.
    fn begin_prompt(&mut self) {}

    /// Writes the first line of the banner, `MicroPython <tag> on <date>; <machine>`, without a line end.
    fn write_banner(&mut self);

    /// Writes a prompt: `str(sys.ps1)` or `str(sys.ps2)`, where a program has not set them `>>> ` or `... `.
    fn write_prompt(&mut self, level: Level) {
        match level {
            Level::First => self.write(b">>> "),
            Level::Continued => self.write(b"... "),
        }
    }

    /// Hands every name of `scope` to `each`, once, in the order in which they are to be listed.
    ///
    /// The prompt filters, and may ask twice or more for one key press. Runs no Python code (a property is a
    /// name, not a call); a path that leads nowhere has no names.
    fn complete(&mut self, scope: Scope<'_>, each: &mut dyn FnMut(&str));
}

/// The mode in which the prompt talks. It outlives soft resets.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub enum Mode {
    /// For people.
    #[default]
    Friendly,
    /// For programs. `main.py` is not run after a soft reset in this mode.
    Raw,
}

/// Why the prompt came back.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Exit {
    /// Ctrl-D asked for a soft reset.
    Reset,
    /// A program ended with `SystemExit`: a soft reset on a board, the end of the process on a host.
    SystemExit,
    /// The console is gone for good.
    Closed,
}

/// The prompt's state between soft resets: its mode, its input buffer `L` and its history `H`.
pub struct Prompt<L, H> {
    mode: Mode,
    editor: Editor<L, H>,
}

/// What to do after one statement or one command.
enum Next {
    Go(Mode),
    Leave(Exit),
}

impl<L: LineBuffer, H: LineBuffer> Prompt<L, H> {
    /// A friendly prompt. `line` holds one whole statement, or what is pasted or sent in raw mode (raw-paste
    /// mode needs no room); `history` the last lines typed, each with two bytes more, and may be empty.
    pub fn new(line: L, history: H) -> Self {
        Prompt { mode: Mode::Friendly, editor: Editor::new(line, history) }
    }

    /// The present mode: boot code asks before it runs `main.py`.
    pub fn mode(&self) -> Mode {
        self.mode
    }

    /// Talks until a soft reset is wanted or the console is gone; starts with the banner or the raw header and
    /// an empty history. Blocks the calling task, which owns the GIL whenever it is not waiting for input.
    ///
    /// The caller answers [`Exit::Reset`] and [`Exit::SystemExit`] by writing [`SOFT_REBOOT`], restarting the
    /// interpreter and calling again; the cursor is at the start of a line.
    pub fn run(&mut self, engine: &mut dyn Engine) -> Exit {
        self.editor.forget_history();
        loop {
            let next = match self.mode {
                Mode::Friendly => self.friendly(engine),
                Mode::Raw => self.raw(engine),
            };
            match next {
                Ok(Next::Go(mode)) => self.mode = mode,
                Ok(Next::Leave(exit)) => return exit,
                Err(Closed) => return Exit::Closed,
            }
        }
    }

    /// Friendly mode, until it is left.
    fn friendly(&mut self, engine: &mut dyn Engine) -> Result<Next, Closed> {
        banner(engine);
        loop {
            engine.begin_prompt();
            let outcome = match self.editor.read_statement(engine)? {
                Ended::Statement => run(engine, Grammar::Single, self.editor.statement()),
                Ended::Cancelled => continue,
                Ended::Raw => return Ok(Next::Go(Mode::Raw)),
                Ended::Banner => {
                    banner(engine);
                    continue;
                }
                Ended::Reset => return Ok(Next::Leave(Exit::Reset)),
                Ended::Paste => match self.editor.read_paste(engine)? {
                    Ended::Statement => run(engine, Grammar::Paste, self.editor.statement()),
                    _ => continue,
                },
            };
            match outcome {
                Outcome::Done => {}
                Outcome::Raised => engine.print_exception(),
                Outcome::Exit => return Ok(Next::Leave(Exit::SystemExit)),
            }
        }
    }
}

fn banner(engine: &mut dyn Engine) {
    engine.write_banner();
    engine.write(b"\r\nType \"help()\" for more information.\r\n");
}

/// Compiles and runs a text that is in memory.
fn run(engine: &mut dyn Engine, grammar: Grammar, text: &[u8]) -> Outcome {
    let compiled = engine.compile(grammar, &mut TextSource::new(text));
    execute(engine, compiled)
}

/// Runs what was compiled, with the interrupt character on.
fn execute(engine: &mut dyn Engine, compiled: Result<(), Raised>) -> Outcome {
    if compiled.is_err() {
        return Outcome::Raised;
    }
    engine.set_interrupt_char(Some(INTERRUPT));
    let outcome = engine.execute();
    engine.set_interrupt_char(None);
    match (outcome, engine.settle()) {
        (Outcome::Done, late) => late,
        (outcome, _) => outcome,
    }
}

/// Reads one byte and none further.
fn read_byte(console: &mut dyn Console) -> Result<u8, Closed> {
    let mut byte = [0];
    match console.read(&mut byte)? {
        0 => Err(Closed),
        _ => Ok(byte[0]),
    }
}

/// A count in decimal, for messages.
struct Decimal {
    digits: [u8; 20],
    start: usize,
}

impl Decimal {
    fn new(mut count: usize) -> Self {
        let (mut digits, mut start) = ([b'0'; 20], 20);
        loop {
            start -= 1;
            digits[start] = b'0' + (count % 10) as u8;
            count /= 10;
            if count == 0 {
                return Decimal { digits, start };
            }
        }
    }

    fn bytes(&self) -> &[u8] {
        &self.digits[self.start..]
    }
}
