//! The files that a board's flash always has: made when they are missing, so that a user who has formatted it, or has
//! removed too much, finds the board as it came.
//!
//! Source: WiPy general documentation, "Local file system and SD card", "Boot modes".

use threadsnake_storage::volume::{Errno, OpenMode, Reply, Request, Volume};

/// The folders.
const FOLDERS: [&str; 3] = ["/sys", "/lib", "/cert"];

/// The programs, with line ends as editors on any system take them.
const PROGRAMS: [(&str, &str); 2] = [
    ("/boot.py", "# boot.py: runs at every start, before main.py\r\n# set up the board here\r\n"),
    ("/main.py", "# main.py: runs after boot.py; put your program here\r\n"),
];

/// Mounts the volume, formats it if it has no file system, and makes what is missing. Without the GIL.
///
/// # Errors
/// Those of the device; `ENOSPC` where it is full, which leaves the files that are there as they are.
pub fn prepare(flash: &dyn Volume) -> Result<(), Errno> {
    match flash.perform(Request::Mount) {
        Err(Errno::ENODEV) => {
            flash.perform(Request::Format)?;
            flash.perform(Request::Mount)?;
        }
        other => drop(other?),
    }
    for path in FOLDERS {
        match flash.perform(Request::MakeDir { path }) {
            Ok(_) | Err(Errno::EEXIST) => {}
            Err(errno) => return Err(errno),
        }
    }
    for (path, text) in PROGRAMS {
        match flash.perform(Request::Stat { path }) {
            Err(Errno::ENOENT) => write(flash, path, text.as_bytes())?,
            other => drop(other?),
        }
    }
    Ok(())
}

fn write(flash: &dyn Volume, path: &str, mut text: &[u8]) -> Result<(), Errno> {
    let mode = OpenMode {
        read: false,
        write: true,
        append: false,
        create: true,
        exclusive: false,
        truncate: true,
    };
    let Reply::File { file, .. } = flash.perform(Request::Open { path, mode })? else {
        return Err(Errno::EIO);
    };
    let mut result = Ok(());
    while !text.is_empty() && result.is_ok() {
        match flash.perform(Request::Write { file, data: text }) {
            Ok(Reply::Count(n)) if n > 0 => text = text.get(n..).unwrap_or_default(),
            Ok(_) => result = Err(Errno::ENOSPC),
            Err(errno) => result = Err(errno),
        }
    }
    let closed = flash.perform(Request::Close { file });
    result.and(closed.map(|_| ()))
}
