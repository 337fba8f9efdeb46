//! Raw and raw-paste mode: the prompt for programs, exact to the byte.
//!
//! Raw mode says `>` when it is ready, takes a text without echo until Ctrl-D, and answers `OK`, the output, 04,
//! the traceback, 04. Raw-paste mode has flow control instead of a buffer: the host may send a window of bytes
//! for each 01 that it gets, and the text is compiled while it arrives.

use crate::line::LineBuffer;
use crate::{
    Closed, Console, Decimal, Engine, Exit, Grammar, Mode, Next, Outcome, Prompt, Source,
    SourceError, TextSource, execute, read_byte,
};

const CTRL_A: u8 = 1;
const CTRL_B: u8 = 2;
const CTRL_C: u8 = 3;
const CTRL_D: u8 = 4;
const CTRL_E: u8 = 5;

const HEADER: &[u8] = b"raw REPL; CTRL-B to exit\r\n";

/// Ends each of the three parts of an answer.
const END: &[u8] = &[CTRL_D];

/// What the host may send ahead, in bytes: it may have two windows in flight, and the console queues 256.
const WINDOW: u16 = 128;

/// Tells the host that it may send one window more.
const GO_ON: &[u8] = &[1];

impl<L: LineBuffer, H: LineBuffer> Prompt<L, H> {
    /// Raw mode, until it is left.
    pub(crate) fn raw(&mut self, engine: &mut dyn Engine) -> Result<Next, Closed> {
        engine.write(HEADER);
        loop {
            engine.write(b">");
            self.editor.clear();
            let outcome = loop {
                let line = &mut self.editor.line;
                match read_byte(engine)? {
                    CTRL_A => match *line.text() {
                        [CTRL_E, b'A'] => break raw_paste(engine)?,
                        // A way of sending that this prompt does not know.
                        [CTRL_E, _] => {
                            engine.write(b"R\0");
                            break Outcome::Done;
                        }
                        _ => {
                            engine.write(HEADER);
                            break Outcome::Done;
                        }
                    },
                    CTRL_B => {
                        engine.write(b"\r\n");
                        return Ok(Next::Go(Mode::Friendly));
                    }
                    CTRL_C => self.editor.clear(),
                    CTRL_D => {
                        engine.write(b"OK");
                        if line.text().is_empty() && !self.editor.overflow {
                            engine.write(b"\r\n");
                            return Ok(Next::Leave(Exit::Reset));
                        }
                        break self.run_raw(engine);
                    }
                    byte => self.editor.overflow |= line.push(&[byte]).is_err(),
                }
            };
            if outcome == Outcome::Exit {
                return Ok(Next::Leave(Exit::SystemExit));
            }
        }
    }

    /// Runs what has been sent; if not all of it fitted, says so where a traceback is expected.
    fn run_raw(&mut self, engine: &mut dyn Engine) -> Outcome {
        if self.editor.overflow {
            engine.write(END);
            engine.write(b"MemoryError: source is longer than ");
            engine.write(Decimal::new(self.editor.line.capacity()).bytes());
            engine.write(b" bytes, use raw-paste mode\r\n");
            engine.write(END);
            return Outcome::Done;
        }
        let compiled = engine.compile(Grammar::File, &mut TextSource::new(self.editor.statement()));
        let outcome = execute(engine, compiled);
        answer(engine, outcome)
    }
}

/// Ends the output, and adds the traceback if there is one.
fn answer(engine: &mut dyn Engine, outcome: Outcome) -> Outcome {
    engine.write(END);
    if outcome == Outcome::Raised {
        engine.print_exception();
    }
    engine.write(END);
    outcome
}

/// Receives a text in raw-paste mode and runs it.
fn raw_paste(engine: &mut dyn Engine) -> Result<Outcome, Closed> {
    engine.write(b"R\x01");
    engine.write(&WINDOW.to_le_bytes());
    engine.write(GO_ON);
    let mut source = RawPaste { window: WINDOW, state: Receiving::Open };
    let compiled = engine.compile(Grammar::File, &mut source);
    if source.state == Receiving::Open {
        // The compiler gave up: end the transfer, drop what is still on its way.
        engine.write(END);
        while !matches!(read_byte(engine)?, CTRL_C | CTRL_D) {}
    }
    if source.state == Receiving::Ended(Some(SourceError::Closed)) {
        return Err(Closed);
    }
    let outcome = execute(engine, compiled);
    Ok(answer(engine, outcome))
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Receiving {
    Open,
    /// Closed by the host, or broken off.
    Ended(Option<SourceError>),
}

/// The text that the host sends in raw-paste mode.
struct RawPaste {
    /// Bytes until the host is owed the next go-ahead.
    window: u16,
    state: Receiving,
}

impl RawPaste {
    fn end(&mut self, error: Option<SourceError>) -> Result<(), SourceError> {
        self.state = Receiving::Ended(error);
        error.map_or(Ok(()), Err)
    }
}

impl Source for RawPaste {
    /// Waits for a whole line, a full `buf` or the end, whichever is first.
    fn read(&mut self, console: &mut dyn Console, buf: &mut [u8]) -> Result<usize, SourceError> {
        let mut count = 0;
        while count < buf.len() && self.state == Receiving::Open {
            let byte = match read_byte(console) {
                Ok(byte) => byte,
                Err(Closed) => {
                    self.end(Some(SourceError::Closed))?;
                    break;
                }
            };
            match byte {
                CTRL_C => {
                    console.write(END);
                    self.end(Some(SourceError::Interrupted))?;
                }
                CTRL_D => {
                    console.write(END);
                    self.end(None)?;
                }
                _ => {
                    buf[count] = byte;
                    count += 1;
                    self.window -= 1;
                    if self.window == 0 {
                        self.window = WINDOW;
                        console.write(GO_ON);
                    }
                    if byte == b'\n' {
                        break;
                    }
                }
            }
        }
        Ok(count)
    }
}
