//! The data connection: listings, downloads, uploads.

use heapless::String;
use threadsnake_storage::volume::{Errno, FileId, OpenMode, Reply, Request, Volume, Whence};

use super::listing::{LINE_MAX, Listing, Style};
use super::{Answer, Refusal, Session, refused};
use crate::out::Out;
use crate::{Context, Files, Network};

/// Bytes on their way between a file and the network.
pub const BODY_BYTES: usize = 2048;
/// How long a listener waits for its client, an open connection for its command, and an upload for its next byte.
pub const PATIENCE_MS: u64 = 5000;

/// The data connection.
pub enum Data<S> {
    /// There is none.
    Closed,
    /// The client may connect since then.
    Listening(S, u64),
    /// It has; something last moved then.
    Open(S, u64),
}

/// What the data connection is for.
#[allow(clippy::large_enum_variant, reason = "one a session, in its own memory")]
pub enum Job {
    /// Nothing yet.
    None,
    /// A listing to send.
    List(Listing),
    /// A file to send.
    Retrieve(&'static dyn Volume, FileId),
    /// Everything of it is in the body.
    Finish,
    /// A file to receive.
    Store(&'static dyn Volume, FileId),
}

impl<S> Session<S> {
    /// Listens for a data connection; an older one is closed.
    pub(super) fn listen<W: Network<Socket = S>, F>(
        &mut self,
        network: &mut W,
        context: &Context<'_, F>,
    ) -> Result<(), Refusal> {
        self.data = Data::Closed;
        let listener = network.listen(self.data_port).map_err(|_| (425, "No data port"))?;
        self.data = Data::Listening(listener, context.now_ms);
        Ok(())
    }

    /// Begins a transfer, for which there has to be a data connection.
    fn begin(&mut self, job: Result<Job, Refusal>) -> Answer {
        match job {
            Ok(job) => {
                self.job = job;
                self.body.clear();
                Ok((150, "Data follows"))
            }
            Err(reply) => {
                self.data = Data::Closed;
                Err(reply)
            }
        }
    }

    fn expect_data(&self) -> Result<(), Refusal> {
        match self.data {
            Data::Closed => Err((425, "PASV or EPSV first")),
            _ => Ok(()),
        }
    }

    pub(super) fn list<F: Files>(
        &mut self,
        style: Style,
        argument: &str,
        context: &Context<'_, F>,
    ) -> Answer {
        self.expect_data()?;
        let listing = self
            .path(argument)
            .and_then(|path| Listing::open(style, path, context).map_err(refused));
        self.begin(listing.map(Job::List))
    }

    pub(super) fn retrieve<F: Files>(
        &mut self,
        argument: &str,
        offset: u64,
        context: &Context<'_, F>,
    ) -> Answer {
        self.expect_data()?;
        let mode = OpenMode {
            read: true,
            write: false,
            append: false,
            create: false,
            exclusive: false,
            truncate: false,
        };
        let file = self.open(argument, mode, offset, context);
        self.begin(file.map(|(volume, file)| Job::Retrieve(volume, file)))
    }

    /// `offset`: where to write; from 0 on the file is emptied; `None`: at its end.
    pub(super) fn store<F: Files>(
        &mut self,
        argument: &str,
        offset: Option<u64>,
        context: &Context<'_, F>,
    ) -> Answer {
        self.expect_data()?;
        let mode = OpenMode {
            read: false,
            write: true,
            append: offset.is_none(),
            create: true,
            exclusive: false,
            truncate: offset == Some(0),
        };
        let file = self.open(argument, mode, offset.unwrap_or(0), context);
        self.begin(file.map(|(volume, file)| Job::Store(volume, file)))
    }

    fn open<F: Files>(
        &self,
        argument: &str,
        mode: OpenMode,
        offset: u64,
        context: &Context<'_, F>,
    ) -> Result<(&'static dyn Volume, FileId), Refusal> {
        let path = self.path(argument)?;
        let upload = if mode.write { context.files.find_upload(path.as_str()) } else { None };
        let found = match upload {
            None => self.below_root(&path, context)?,
            elsewhere => elsewhere,
        };
        let Some((volume, path)) = found else {
            return Err((550, "A directory"));
        };
        let (file, is_seekable) = match volume.perform(Request::Open { path, mode }) {
            Ok(Reply::File { file, is_seekable }) => (file, is_seekable),
            Ok(_) => return Err(refused(Errno::EIO)),
            Err(error) => return Err(refused(error)),
        };
        if offset > 0 {
            let offset = i64::try_from(offset).unwrap_or(i64::MAX);
            let seek = Request::Seek { file, offset, whence: Whence::Start };
            if !is_seekable || volume.perform(seek).is_err() {
                let _ = volume.perform(Request::Close { file });
                return Err((550, "No such offset"));
            }
        }
        Ok((volume, file))
    }

    /// Ends a transfer, with its connection, its file and its listing.
    pub(super) fn end_transfer(&mut self) {
        self.data = Data::Closed;
        self.body.clear();
        match core::mem::replace(&mut self.job, Job::None) {
            Job::List(mut listing) => listing.close(),
            Job::Retrieve(volume, file) | Job::Store(volume, file) => {
                let _ = volume.perform(Request::Close { file });
            }
            Job::None | Job::Finish => {}
        }
    }

    /// Moves the data connection on; true if anything moved.
    pub(super) fn step_data<W: Network<Socket = S>, F: Files>(
        &mut self,
        network: &mut W,
        context: &Context<'_, F>,
    ) -> bool {
        let now = context.now_ms;
        match &mut self.data {
            Data::Closed => false,
            Data::Listening(listener, since) => match network.accept(listener) {
                Ok(socket) => {
                    self.data = Data::Open(socket, now);
                    true
                }
                Err(Errno::EAGAIN) if now.saturating_sub(*since) < PATIENCE_MS => false,
                Err(_) => {
                    let had_job = !matches!(self.job, Job::None);
                    self.end_transfer();
                    if had_job {
                        self.reply(425, "Nobody connected");
                    }
                    true
                }
            },
            Data::Open(_, since) if matches!(self.job, Job::None) => {
                let is_over = now.saturating_sub(*since) >= PATIENCE_MS;
                if is_over {
                    self.data = Data::Closed;
                }
                is_over
            }
            Data::Open(socket, since) => {
                let moved = move_on(&mut self.job, &mut self.body, socket, network, context);
                let end = match moved {
                    Ok(Moved::Some) => {
                        *since = now;
                        self.heard_ms = now;
                        return true;
                    }
                    Ok(Moved::Nothing) => {
                        let is_upload = matches!(self.job, Job::Store(..));
                        if !is_upload || now.saturating_sub(*since) < PATIENCE_MS {
                            return false;
                        }
                        (426, "Nothing came")
                    }
                    Ok(Moved::All) => (226, "Done"),
                    Err(reply) => reply,
                };
                self.heard_ms = now;
                self.end_transfer();
                self.reply(end.0, end.1);
                true
            }
        }
    }
}

/// What became of a transfer.
enum Moved {
    Nothing,
    Some,
    /// It is complete.
    All,
}

fn move_on<W: Network, F: Files>(
    job: &mut Job,
    body: &mut Out<BODY_BYTES>,
    socket: &mut W::Socket,
    network: &mut W,
    context: &Context<'_, F>,
) -> Result<Moved, Refusal> {
    const BROKEN: Refusal = (426, "Connection broken");
    if let Job::Store(volume, file) = *job {
        return receive(volume, file, body, socket, network, BROKEN);
    }
    let mut moved = body.flush(network, socket).map_err(|_| BROKEN)?;
    if !body.is_empty() {
        return Ok(if moved { Moved::Some } else { Moved::Nothing });
    }
    match job {
        Job::Retrieve(volume, file) => {
            let (volume, file) = (*volume, *file);
            let read = body.fill(|buf| match volume.perform(Request::Read { file, buf })? {
                Reply::Count(n) => Ok(n),
                _ => Err(Errno::EIO),
            });
            match read {
                Ok(0) => {
                    *job = Job::Finish;
                    let _ = volume.perform(Request::Close { file });
                }
                Ok(_) => {}
                Err(Errno::EAGAIN) => return Ok(Moved::Nothing),
                Err(_) => return Err((451, "Cannot read")),
            }
            moved = true;
        }
        Job::List(listing) => {
            let mut line = String::<LINE_MAX>::new();
            while body.room() >= LINE_MAX {
                match listing.next(context, &mut line) {
                    Ok(true) => {
                        body.push(line.as_bytes());
                    }
                    Ok(false) => {
                        *job = Job::Finish;
                        break;
                    }
                    Err(_) => return Err((451, "Cannot list")),
                }
            }
            moved = true;
        }
        Job::Finish => return Ok(Moved::All),
        Job::None | Job::Store(..) => {}
    }
    Ok(if moved { Moved::Some } else { Moved::Nothing })
}

fn receive<W: Network>(
    volume: &'static dyn Volume,
    file: FileId,
    body: &mut Out<BODY_BYTES>,
    socket: &mut W::Socket,
    network: &mut W,
    broken: Refusal,
) -> Result<Moved, Refusal> {
    const FAILED: Refusal = (451, "Cannot write");
    body.clear();
    let mut is_end = false;
    let received = body.fill(|buf| network.receive(socket, buf));
    match received {
        Ok(0) => is_end = true,
        Ok(_) => {}
        Err(Errno::EAGAIN) => return Ok(Moved::Nothing),
        Err(_) => return Err(broken),
    }
    if is_end {
        // What is not safe yet may not fit either.
        return match volume.perform(Request::Flush { file }) {
            Ok(_) => Ok(Moved::All),
            Err(Errno::ENOSPC) => Err(refused(Errno::ENOSPC)),
            Err(_) => Err(FAILED),
        };
    }
    let mut rest = body.waiting();
    while !rest.is_empty() {
        match volume.perform(Request::Write { file, data: rest }) {
            Ok(Reply::Count(n)) if n > 0 => rest = rest.get(n..).unwrap_or_default(),
            Ok(Reply::Count(_)) | Err(Errno::ENOSPC) => return Err(refused(Errno::ENOSPC)),
            _ => return Err(FAILED),
        }
    }
    body.clear();
    Ok(Moved::Some)
}
