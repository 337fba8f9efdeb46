//! FTP: one session.
//!
//! Passive mode only, with as many sessions as the server has memory for; each has a data port of its own. Transfers
//! are binary whatever the type. A session runs in steps ([`Session::step`]), none of which waits for the peer; a file
//! operation does wait for its volume.
//!
//! Source: RFC 959 (FTP), RFC 2389 (`FEAT`), RFC 2428 (`EPSV`), RFC 3659 (`SIZE`, `MDTM`, `REST`, `MLST`, `MLSD`); the
//! WiPy's server where they leave a choice: replies before login are 332, a failed transfer closes the data connection,
//! `MKD` answers 250, and a listener waits five seconds for its client.

mod command;
mod listing;
mod transfer;

use core::fmt::{self, Write};
use threadsnake_storage::volume::{Errno, Request, Volume};

use crate::date::Date;
use crate::out::Out;
use crate::path::Path;
use crate::{Context, Files, Network, Place, Settings, Step};
use command::{Line, Lines, Verb, parse};
use listing::{Style, changed, is_dir, stat, write_facts};
use transfer::{Data, Job};

/// The port of the control connection.
pub const PORT: u16 = 21;
/// The data port of the first session; the next ones follow.
pub const FIRST_DATA_PORT: u16 = 2024;

/// Bytes of replies that can wait. A path may be twice as long with its quotes doubled.
const REPLY_BYTES: usize = 768;
/// Room that there must be before a command is looked at: for the longest reply.
const REPLY_ROOM: usize = 640;

/// A client and what is going on with it.
pub struct Session<S> {
    control: S,
    data_port: u16,
    lines: Lines,
    /// A command that waits for the end of the transfer.
    waiting: Option<Line>,
    replies: Out<REPLY_BYTES>,
    is_user: bool,
    is_in: bool,
    dir: Path,
    /// What `RNTO` is to rename.
    rename: Option<Path>,
    /// Where the next transfer begins (`REST`).
    offset: u64,
    data: Data<S>,
    job: Job,
    body: Out<{ transfer::BODY_BYTES }>,
    /// When the client was last heard, or a transfer last moved.
    heard_ms: u64,
    is_leaving: bool,
}

/// A reply: its code, and words that nobody should parse.
type Refusal = (u16, &'static str);
type Answer = Result<Refusal, Refusal>;
/// A volume and a path in it.
type Inside<'p> = (&'static dyn Volume, &'p str);

const SYNTAX: Refusal = (501, "Bad argument");

impl<S> Session<S> {
    /// A session for the connection `control`; it listens for data on `data_port`.
    pub fn new(control: S, data_port: u16, now_ms: u64) -> Self {
        let mut session = Session {
            control,
            data_port,
            lines: Lines::default(),
            waiting: None,
            replies: Out::new(),
            is_user: false,
            is_in: false,
            dir: Path::root(),
            rename: None,
            offset: 0,
            data: Data::Closed,
            job: Job::None,
            body: Out::new(),
            heard_ms: now_ms,
            is_leaving: false,
        };
        session.reply(220, "MicroPython FTP Server");
        session
    }

    /// The data port, which nobody else may have meanwhile.
    pub fn data_port(&self) -> u16 {
        self.data_port
    }

    /// Until when there is nothing to do if its sockets have no news; `None` during a transfer, which may have to wait
    /// for a volume.
    pub fn quiet_until_ms(&self, settings: &Settings) -> Option<u64> {
        if !matches!(self.job, Job::None) {
            return None;
        }
        let end = settings.end_ms(self.heard_ms);
        Some(match self.data {
            Data::Closed => end,
            Data::Listening(_, since) | Data::Open(_, since) => {
                end.min(since.saturating_add(transfer::PATIENCE_MS))
            }
        })
    }

    /// Calls `f` with each of its sockets.
    pub fn for_each_socket(&self, mut f: impl FnMut(&S)) {
        f(&self.control);
        if let Data::Listening(socket, _) | Data::Open(socket, _) = &self.data {
            f(socket);
        }
    }

    fn reply(&mut self, code: u16, text: &str) {
        self.reply_fmt(code, format_args!("{text}"));
    }

    fn reply_fmt(&mut self, code: u16, text: fmt::Arguments<'_>) {
        // `REPLY_ROOM` keeps the room that this needs.
        let _ = write!(self.replies, "{code} {text}\r\n");
    }

    /// Does what can be done now.
    pub fn step<W: Network<Socket = S>, F: Files>(
        &mut self,
        network: &mut W,
        context: &Context<'_, F>,
    ) -> Step {
        match self.try_step(network, context) {
            Ok(step) => step,
            // The control connection is gone.
            Err(_) => Step::Over,
        }
    }

    fn try_step<W: Network<Socket = S>, F: Files>(
        &mut self,
        network: &mut W,
        context: &Context<'_, F>,
    ) -> Result<Step, Errno> {
        let mut is_busy = self.replies.flush(network, &mut self.control)?;
        let is_over = context.settings.is_over(self.heard_ms, context.now_ms);
        if self.is_leaving {
            return Ok(if self.replies.is_empty() || is_over { Step::Over } else { Step::Idle });
        }
        if is_over {
            self.end_transfer();
            self.reply(221, "Timeout");
            self.is_leaving = true;
            // As long again for the farewell.
            self.heard_ms = context.now_ms;
            return Ok(Step::Busy);
        }
        is_busy |= self.step_data(network, context);
        is_busy |= self.step_control(network, context)?;
        Ok(if is_busy { Step::Busy } else { Step::Idle })
    }

    /// Reads the control connection and runs the commands in it.
    fn step_control<W: Network<Socket = S>, F: Files>(
        &mut self,
        network: &mut W,
        context: &Context<'_, F>,
    ) -> Result<bool, Errno> {
        let mut is_busy = false;
        while self.replies.room() >= REPLY_ROOM && !self.is_leaving {
            if let Some(line) = self.waiting.take() {
                if !matches!(self.job, Job::None) && !is_urgent(&line) {
                    self.waiting = Some(line);
                    return Ok(is_busy);
                }
                self.line(&line, network, context);
                is_busy = true;
                continue;
            }
            // One byte at a time: what follows a command may have to wait in the connection.
            let mut byte = [0];
            match network.receive(&mut self.control, &mut byte) {
                Ok(0) => {
                    // The client has gone; what it sent stays.
                    return Err(Errno::EIO);
                }
                Ok(_) => self.waiting = self.lines.take(byte[0]),
                Err(Errno::EAGAIN) => break,
                Err(gone) => return Err(gone),
            }
            self.heard_ms = context.now_ms;
            is_busy = true;
        }
        Ok(is_busy)
    }

    fn line<W: Network<Socket = S>, F: Files>(
        &mut self,
        line: &Line,
        network: &mut W,
        context: &Context<'_, F>,
    ) {
        let Ok(line) = line else {
            return self.reply(500, "Line too long");
        };
        let (verb, argument) = parse(line);
        let Some(verb) = verb else {
            return self.reply(502, "Not implemented");
        };
        let is_open = matches!(verb, Verb::User | Verb::Pass | Verb::Quit | Verb::Feat);
        if !self.is_in && !is_open {
            return self.reply(332, "Log in first");
        }
        let Ok(argument) = core::str::from_utf8(argument) else {
            return self.reply(SYNTAX.0, SYNTAX.1);
        };
        match self.command(verb, argument, network, context) {
            // Replied already.
            Ok((0, _)) => {}
            Ok((code, text)) | Err((code, text)) => self.reply(code, text),
        }
    }

    fn command<W: Network<Socket = S>, F: Files>(
        &mut self,
        verb: Verb,
        argument: &str,
        network: &mut W,
        context: &Context<'_, F>,
    ) -> Answer {
        const DONE: Refusal = (250, "Done");
        const REPLIED: Refusal = (0, "");
        let renamed = self.rename.take();
        let offset = core::mem::take(&mut self.offset);
        match verb {
            Verb::User => {
                (self.is_user, self.is_in) = (context.settings.is_user(argument.as_bytes()), false);
                Ok((331, "Password"))
            }
            Verb::Pass => {
                let is_right = context.settings.is_password(argument.as_bytes());
                self.is_in = self.is_user && is_right;
                if self.is_in { Ok((230, "Logged in")) } else { Err((530, "Wrong credentials")) }
            }
            Verb::Quit => {
                self.is_leaving = true;
                Ok((221, "Bye"))
            }
            Verb::Feat => {
                let _ = self.replies.write_str(
                    "211-Features:\r\n EPSV\r\n MDTM\r\n MLST type*;size*;modify*;\r\n \
                     REST STREAM\r\n SIZE\r\n TVFS\r\n UTF8\r\n211 End\r\n",
                );
                Ok(REPLIED)
            }
            Verb::Syst => Ok((215, "UNIX Type: L8")),
            Verb::Noop | Verb::Clnt => Ok((200, "OK")),
            Verb::Type | Verb::Opts => Ok((200, "OK")),
            Verb::Mode => only(argument, "S"),
            Verb::Stru => only(argument, "F"),
            Verb::Allo => Ok((202, "Not needed")),
            Verb::Help => Ok((214, "See RFC 959 and RFC 3659")),
            Verb::Stat => Ok((211, "OK")),
            Verb::Pwd => {
                let _ = self.replies.write_str("257 \"");
                for part in self.dir.as_str().split_inclusive('"') {
                    let _ = self.replies.write_str(part);
                    if part.ends_with('"') {
                        let _ = self.replies.write_str("\"");
                    }
                }
                let _ = self.replies.write_str("\"\r\n");
                Ok(REPLIED)
            }
            Verb::Cwd => {
                let path = self.path(argument)?;
                if let Some((volume, inside)) = self.below_root(&path, context)?
                    && !is_dir(&stat(volume, inside).map_err(refused)?)
                {
                    return Err((550, "Not a directory"));
                }
                self.dir = path;
                Ok(DONE)
            }
            Verb::Cdup => {
                self.dir = self.path("..")?;
                Ok(DONE)
            }
            Verb::Size | Verb::Mdtm | Verb::Mlst => {
                let path = self.path(argument)?;
                let found = match (self.below_root(&path, context)?, verb) {
                    (Some((volume, inside)), _) => stat(volume, inside).map_err(refused)?,
                    (None, Verb::Mlst) => threadsnake_storage::volume::Stat {
                        mode: threadsnake_storage::volume::EntryKind::Directory.mode(),
                        ..Default::default()
                    },
                    (None, _) => return Err((550, "Not a file")),
                };
                match verb {
                    Verb::Size => {
                        let size = if is_dir(&found) { 0 } else { found.size };
                        self.reply_fmt(213, format_args!("{size}"));
                    }
                    Verb::Mdtm => {
                        let _ = self.replies.write_str("213 ");
                        let _ = Date::new(changed(&found)).write_digits(&mut self.replies);
                        let _ = self.replies.write_str("\r\n");
                    }
                    _ => {
                        let _ = self.replies.write_str("250-Facts\r\n ");
                        let _ = write_facts(&mut self.replies, &found);
                        let _ = write!(self.replies, "{}\r\n250 End\r\n", path.as_str());
                    }
                }
                Ok(REPLIED)
            }
            Verb::Pasv => {
                self.listen(network, context)?;
                let ([a, b, c, d], port) = network.reached_at(&self.control, self.data_port);
                let (high, low) = (port >> 8, port & 0xff);
                self.reply_fmt(227, format_args!("Passive ({a},{b},{c},{d},{high},{low})"));
                Ok(REPLIED)
            }
            Verb::Epsv => {
                match argument {
                    "" | "1" => {}
                    _ if argument.eq_ignore_ascii_case("ALL") => return Ok((200, "OK")),
                    _ => return Err((522, "Use (1)")),
                }
                self.listen(network, context)?;
                let (_, port) = network.reached_at(&self.control, self.data_port);
                self.reply_fmt(229, format_args!("Extended passive (|||{port}|)"));
                Ok(REPLIED)
            }
            Verb::Rest => {
                self.offset = argument.trim().parse().map_err(|_| SYNTAX)?;
                Ok((350, "Offset set"))
            }
            Verb::Abor => {
                if !matches!(self.job, Job::None) {
                    self.reply(426, "Transfer ended");
                }
                self.end_transfer();
                Ok((226, "Done"))
            }
            Verb::List => self.list(Style::Long, without_options(argument), context),
            Verb::Nlst => self.list(Style::Names, without_options(argument), context),
            Verb::Mlsd => self.list(Style::Facts, argument, context),
            Verb::Retr => self.retrieve(argument, offset, context),
            Verb::Stor => self.store(argument, Some(offset), context),
            Verb::Appe => self.store(argument, None, context),
            Verb::Dele => self.simple(argument, |path| Request::Remove { path }, context),
            Verb::Rmd => self.simple(argument, |path| Request::RemoveDir { path }, context),
            Verb::Mkd => self.simple(argument, |path| Request::MakeDir { path }, context),
            Verb::Rnfr => {
                let path = self.path(argument)?;
                let (volume, inside) =
                    self.below_root(&path, context)?.ok_or((550, "Not a file"))?;
                stat(volume, inside).map_err(refused)?;
                self.rename = Some(path);
                Ok((350, "New name"))
            }
            Verb::Rnto => {
                let from = renamed.ok_or((503, "RNFR first"))?;
                let to = self.path(argument)?;
                match (context.files.find(from.as_str()), context.files.find(to.as_str())) {
                    (Place::Volume(a, volume, from), Place::Volume(b, _, to)) if a == b => {
                        volume.perform(Request::Rename { from, to }).map_err(refused)?;
                        Ok(DONE)
                    }
                    _ => Err((550, "Not on the same volume")),
                }
            }
        }
    }

    /// The path that an argument means.
    fn path(&self, argument: &str) -> Result<Path, Refusal> {
        self.dir.join(argument).map_err(|error| match error {
            Errno::ENAMETOOLONG => (550, "Path too long"),
            _ => SYNTAX,
        })
    }

    /// The volume of a path, and the path there; `None` for the directory of the mount points.
    fn below_root<'p, F: Files>(
        &self,
        path: &'p Path,
        context: &Context<'_, F>,
    ) -> Result<Option<Inside<'p>>, Refusal> {
        match context.files.find(path.as_str()) {
            Place::Root => Ok(None),
            Place::Volume(_, volume, inside) => Ok(Some((volume, inside))),
            Place::Foreign => Err((550, "Only Python can ask this file system")),
            Place::Nowhere => Err(refused(Errno::ENOENT)),
        }
    }

    /// A request that answers nothing, for the path that `argument` means.
    fn simple<F: Files>(
        &mut self,
        argument: &str,
        request: impl FnOnce(&str) -> Request<'_>,
        context: &Context<'_, F>,
    ) -> Answer {
        let path = self.path(argument)?;
        if argument.is_empty() {
            return Err(SYNTAX);
        }
        let Some((volume, inside)) = self.below_root(&path, context)? else {
            return Err((550, "Not here"));
        };
        // The top of a volume is a mount point; it neither goes nor comes.
        if inside == "/" {
            return Err((550, "A volume"));
        }
        volume.perform(request(inside)).map_err(refused)?;
        Ok((250, "Done"))
    }
}

impl<S> Drop for Session<S> {
    /// Closes what is open in a volume.
    fn drop(&mut self) {
        self.end_transfer();
    }
}

impl<S> fmt::Debug for Session<S> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Session").field("dir", &self.dir).finish_non_exhaustive()
    }
}

/// True for what may come while a transfer runs.
fn is_urgent(line: &Line) -> bool {
    match line {
        Ok(line) => matches!(parse(line).0, Some(Verb::Abor | Verb::Stat | Verb::Noop)),
        Err(_) => true,
    }
}

/// 200 for the only value that is known.
fn only(argument: &str, known: &str) -> Answer {
    if argument.eq_ignore_ascii_case(known) { Ok((200, "OK")) } else { Err((504, "Not that one")) }
}

/// The path after the options that clients give to `LIST`, such as `-la`.
fn without_options(argument: &str) -> &str {
    let mut rest = argument.trim_start();
    while rest.starts_with('-') {
        rest = rest.split_once(' ').map_or("", |(_, rest)| rest.trim_start());
    }
    rest
}

/// The reply to what a volume refused.
fn refused(error: Errno) -> Refusal {
    match error {
        Errno::ENOENT | Errno::ENODEV => (550, "No such file or directory"),
        Errno::EEXIST => (550, "Exists already"),
        Errno::ENOTDIR => (550, "Not a directory"),
        Errno::EISDIR => (550, "A directory"),
        Errno::EACCES | Errno::EPERM => (550, "Not allowed"),
        Errno::ENOTEMPTY => (550, "Directory not empty"),
        Errno::EROFS => (550, "Read only"),
        Errno::ENOSPC => (452, "Disk full"),
        Errno::ENAMETOOLONG => (550, "Path too long"),
        Errno::EBUSY => (450, "Busy"),
        Errno::EMFILE | Errno::ENOMEM => (450, "Too many open files"),
        _ => (550, "Failed"),
    }
}

#[cfg(test)]
mod tests;
