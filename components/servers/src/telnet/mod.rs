//! Telnet: one session, first its login, then the console.
//!
//! The client edits and shows the user name itself, types the password unseen, and then sends every key at once, while
//! the prompt echoes. What it types joins the one queue of the console; what the console shows goes to all sessions.
//! A client that takes no output for a while loses some of it ([`Shown`]); its input is never lost, because the session
//! reads no more than the console takes.
//!
//! Source: RFC 854, RFC 857 (echo), RFC 858 (suppress go ahead), RFC 1184 (line mode); the dialogue is the WiPy's,
//! which host tools know.

mod parser;
mod shown;

pub use shown::{Shown, View};

use heapless::Vec;

use crate::out::Out;
use crate::{Context, Network, Settings, Step};
use parser::{Input, Parser, code};

/// The port of the server.
pub const PORT: u16 = 23;
/// How often a client may give wrong credentials.
const TRIES: u8 = 3;
/// The longest name or password that is kept; a longer one is wrong.
const LINE_MAX: usize = 32;
/// Bytes read from the connection at a time.
const INPUT_BYTES: usize = 64;
/// Bytes of the console's output taken over at a time.
const SHOWN_BYTES: usize = 32;
/// Room for the longest answer to one byte, that to a login.
const ANSWER_BYTES: usize = 128;
/// Bytes that wait to be sent.
const OUTPUT_BYTES: usize = 512;

const USER_OPTIONS: &[u8] = &[
    code::IAC,
    code::WONT,
    code::ECHO,
    code::IAC,
    code::WONT,
    code::SUPPRESS_GO_AHEAD,
    code::IAC,
    code::WILL,
    code::LINE_MODE,
];
const PASSWORD_OPTIONS: &[u8] = &[
    code::IAC,
    code::WILL,
    code::ECHO,
    code::IAC,
    code::WONT,
    code::SUPPRESS_GO_AHEAD,
    code::IAC,
    code::WILL,
    code::LINE_MODE,
];
const CONSOLE_OPTIONS: &[u8] = &[
    code::IAC,
    code::WILL,
    code::ECHO,
    code::IAC,
    code::WILL,
    code::SUPPRESS_GO_AHEAD,
    code::IAC,
    code::WONT,
    code::LINE_MODE,
];
const FAILURE: &[u8] = b"\r\nInvalid credentials, try again.\r\n";
const SUCCESS: &[u8] = b"\r\nLogin succeeded!\r\nType \"help()\" for more information.\r\n";

/// The console that sessions join. Called by the servers' task.
pub trait Console {
    /// The place of a reader of the console's output that begins now.
    fn view(&self) -> View;

    /// Moves what the console showed since `view` to `buf`, and the place with it; returns how many bytes.
    fn read_shown(&self, view: &mut View, buf: &mut [u8]) -> usize;

    /// Queues what was typed; returns how many bytes there was room for. The interrupt character, while there is one,
    /// interrupts and is not queued.
    fn type_in(&self, bytes: &[u8]) -> usize;

    /// Interrupts the running program, as the interrupt character does.
    fn interrupt(&self);
}

#[derive(Clone, Copy, PartialEq, Eq, Debug)]
enum Stage {
    User,
    Password { is_user: bool },
    Console,
}

/// A client and where it is in the dialogue.
pub struct Session<S> {
    socket: S,
    parser: Parser,
    stage: Stage,
    tries: u8,
    line: Vec<u8, LINE_MAX>,
    is_overlong: bool,
    /// What has arrived and is not taken yet, from `taken` on.
    input: Vec<u8, INPUT_BYTES>,
    taken: usize,
    out: Out<OUTPUT_BYTES>,
    view: View,
    /// It has come to the console and nobody knows yet.
    has_joined: bool,
    heard_ms: u64,
    is_leaving: bool,
}

impl<S> Session<S> {
    /// A session for a connection. `welcome` is the first line, without its end.
    pub fn new(socket: S, welcome: &str, now_ms: u64) -> Self {
        let mut out = Out::new();
        out.push(welcome.as_bytes());
        out.push(b"\r\n");
        let mut session = Session {
            socket,
            parser: Parser::default(),
            stage: Stage::User,
            tries: 0,
            line: Vec::new(),
            is_overlong: false,
            input: Vec::new(),
            taken: 0,
            out,
            view: View::default(),
            has_joined: false,
            heard_ms: now_ms,
            is_leaving: false,
        };
        session.ask_user();
        session
    }

    /// Its connection.
    pub fn socket(&self) -> &S {
        &self.socket
    }

    /// True once the client is at the console.
    pub fn is_at_console(&self) -> bool {
        self.stage == Stage::Console
    }

    /// How far it has shown the console's output; `None` before it is at the console.
    pub fn view(&self) -> Option<&View> {
        self.is_at_console().then_some(&self.view)
    }

    /// Until when there is nothing to do if its socket and the console have no news; `None` where neither tells, because
    /// the console has no room for what was typed.
    pub fn quiet_until_ms(&self, settings: &Settings) -> Option<u64> {
        (self.taken == self.input.len()).then(|| settings.end_ms(self.heard_ms))
    }

    /// True once, when it has come to the console. Who shows something there now first tells the console of
    /// [`Session::view`], or it is shown to nobody.
    pub fn take_joined(&mut self) -> bool {
        core::mem::take(&mut self.has_joined)
    }

    fn ask_user(&mut self) {
        self.stage = Stage::User;
        self.out.push(USER_OPTIONS);
        self.out.push(b"Login as: ");
    }

    /// Does what can be done now.
    pub fn step<W: Network<Socket = S>, F>(
        &mut self,
        network: &mut W,
        context: &Context<'_, F>,
        console: &dyn Console,
    ) -> Step {
        let Ok(mut is_busy) = self.out.flush(network, &mut self.socket) else {
            return Step::Over;
        };
        if context.settings.is_over(self.heard_ms, context.now_ms) {
            return Step::Over;
        }
        if self.is_leaving {
            return if self.out.is_empty() { Step::Over } else { Step::Idle };
        }
        if self.stage == Stage::Console {
            is_busy |= self.show(console);
        }
        while self.out.room() >= ANSWER_BYTES && !self.is_leaving {
            let Some(&byte) = self.input.get(self.taken) else {
                self.input.clear();
                self.taken = 0;
                // Cannot fail: within the capacity.
                let _ = self.input.resize(INPUT_BYTES, 0);
                let received = network.receive(&mut self.socket, &mut self.input);
                self.input.truncate(received.unwrap_or(0));
                match received {
                    Ok(n) if n > 0 => self.heard_ms = context.now_ms,
                    Err(threadsnake_storage::volume::Errno::EAGAIN) => break,
                    _ => return Step::Over,
                }
                continue;
            };
            let mut parser = self.parser;
            if !self.input(parser.take(byte), context, console) {
                break;
            }
            self.parser = parser;
            self.taken += 1;
            is_busy = true;
        }
        if is_busy { Step::Busy } else { Step::Idle }
    }

    /// Acts on one input; false if the console has no room for it.
    fn input<F>(
        &mut self,
        input: Option<Input>,
        context: &Context<'_, F>,
        console: &dyn Console,
    ) -> bool {
        let is_at_console = self.is_at_console();
        match input {
            None => {}
            Some(Input::Data(byte)) if is_at_console => return console.type_in(&[byte]) == 1,
            Some(Input::Data(byte)) => self.type_line(byte, context, console),
            Some(Input::Interrupt) if is_at_console => console.interrupt(),
            Some(Input::Interrupt) => {}
            Some(Input::AreYouThere) => {
                self.out.push(b"\r\n[Yes]\r\n");
            }
            Some(Input::Will(option)) => {
                self.out.push(&[code::IAC, code::DONT, option]);
            }
            // These are answers to what we offered.
            Some(Input::Do(code::ECHO | code::SUPPRESS_GO_AHEAD | code::LINE_MODE)) => {}
            Some(Input::Do(option)) => {
                self.out.push(&[code::IAC, code::WONT, option]);
            }
        }
        true
    }

    /// A byte of the name or password.
    fn type_line<F>(&mut self, byte: u8, context: &Context<'_, F>, console: &dyn Console) {
        match byte {
            b'\r' | b'\n' => {
                let line = core::mem::take(&mut self.line);
                let is_overlong = core::mem::take(&mut self.is_overlong);
                match self.stage {
                    Stage::User => {
                        let is_user = !is_overlong && context.settings.is_user(&line);
                        self.stage = Stage::Password { is_user };
                        self.out.push(b"Password: ");
                        self.out.push(PASSWORD_OPTIONS);
                    }
                    Stage::Password { is_user } => {
                        let is_right = !is_overlong && context.settings.is_password(&line);
                        self.end_login(is_user && is_right, console);
                    }
                    Stage::Console => {}
                }
            }
            0x08 | 0x7f => {
                self.line.pop();
            }
            byte => self.is_overlong |= self.line.push(byte).is_err(),
        }
    }

    fn end_login(&mut self, is_right: bool, console: &dyn Console) {
        if is_right {
            self.out.push(CONSOLE_OPTIONS);
            self.out.push(SUCCESS);
            self.stage = Stage::Console;
            self.view = console.view();
            self.has_joined = true;
            return;
        }
        self.out.push(FAILURE);
        self.tries += 1;
        if self.tries == TRIES {
            self.is_leaving = true;
        } else {
            self.ask_user();
        }
    }

    /// Takes over what the console showed, as much as there is room for.
    fn show(&mut self, console: &dyn Console) -> bool {
        let mut is_busy = false;
        let mut buf = [0; SHOWN_BYTES];
        // Each byte may become two; room for answers stays.
        while self.out.room() >= ANSWER_BYTES + 2 * SHOWN_BYTES {
            let n = console.read_shown(&mut self.view, &mut buf);
            if n == 0 {
                break;
            }
            for &byte in &buf[..n] {
                let doubled = [byte; 2];
                self.out.push(if byte == code::IAC { &doubled } else { &doubled[..1] });
            }
            is_busy = true;
        }
        is_busy
    }
}

impl<S> core::fmt::Debug for Session<S> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.debug_struct("Session").field("stage", &self.stage).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
