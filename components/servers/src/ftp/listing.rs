//! Directories as lines for clients.
//!
//! Source: RFC 3659, section 7, for `MLSD`; the form of `LIST` is that of `ls -l`, which clients parse.

use core::fmt::{self, Write};
use heapless::String;
use threadsnake_storage::volume::{
    DirId, EntryKind, Errno, NAME_MAX, Reply, Request, Stat, Volume,
};

use crate::date::{Date, write_listed};
use crate::path::{PATH_MAX, Path};
use crate::{Context, Files, Place};

/// How entries are written.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Style {
    /// As `ls -l` (`LIST`).
    Long,
    /// Names only (`NLST`).
    Names,
    /// Facts (`MLSD`, `MLST`).
    Facts,
}

/// The time of what has none: 2015-01-01.
const NO_TIME: u64 = 1_420_070_400;

/// The longest line: facts, and the longest name.
pub const LINE_MAX: usize = NAME_MAX + 80;

/// A directory, or one file, being listed.
pub struct Listing {
    style: Style,
    source: Source,
}

enum Source {
    /// The mount points, from this one on.
    Mounts(usize),
    /// A directory: its path in the volume is for the times of its entries.
    Dir { volume: &'static dyn Volume, dir: DirId, path: String<PATH_MAX> },
    /// A single file.
    File(Path, Stat),
    /// Nothing more.
    End,
}

impl Listing {
    /// Begins to list `path`.
    ///
    /// # Errors
    /// What the volume says; `EPERM` for a file system written in Python, `ENODEV` where nothing is mounted.
    pub fn open<F: Files>(
        style: Style,
        path: Path,
        context: &Context<'_, F>,
    ) -> Result<Listing, Errno> {
        let (volume, inside) = match context.files.find(path.as_str()) {
            Place::Root => return Ok(Listing { style, source: Source::Mounts(0) }),
            Place::Volume(_, volume, inside) => (volume, inside),
            Place::Foreign => return Err(Errno::EPERM),
            Place::Nowhere => return Err(Errno::ENOENT),
        };
        let stat = stat(volume, inside)?;
        let source = if is_dir(&stat) {
            match volume.perform(Request::OpenDir { path: inside })? {
                Reply::Dir(dir) => {
                    let path = String::try_from(inside).map_err(|_| Errno::ENAMETOOLONG)?;
                    Source::Dir { volume, dir, path }
                }
                _ => return Err(Errno::EIO),
            }
        } else if style == Style::Facts {
            return Err(Errno::ENOTDIR);
        } else {
            Source::File(path, stat)
        };
        Ok(Listing { style, source })
    }

    /// Writes the next line to `out`, whole; false at the end.
    ///
    /// # Errors
    /// What the volume says.
    pub fn next<F: Files>(
        &mut self,
        context: &Context<'_, F>,
        out: &mut String<LINE_MAX>,
    ) -> Result<bool, Errno> {
        out.clear();
        // A line that does not fit is left out: no name is that long.
        match &mut self.source {
            Source::End => return Ok(false),
            Source::Mounts(next) => loop {
                let mut name = String::new();
                let Some(()) = context.files.mount_name(*next, &mut name) else {
                    self.source = Source::End;
                    return Ok(false);
                };
                *next += 1;
                if !name.is_empty() {
                    let stat = Stat { mode: EntryKind::Directory.mode(), ..Stat::default() };
                    let _ = write_line(out, self.style, &name, &stat, context.unix_s);
                    break;
                }
            },
            Source::File(path, stat) => {
                let name = path.as_str().rsplit('/').next().unwrap_or_default();
                let _ = write_line(out, self.style, name, stat, context.unix_s);
                self.source = Source::End;
            }
            Source::Dir { volume, dir, path } => {
                let mut name = [0; NAME_MAX];
                let reply = volume.perform(Request::NextEntry { dir: *dir, name: &mut name })?;
                let Reply::Entry(Some(entry)) = reply else {
                    self.close();
                    return Ok(false);
                };
                // A name that is no UTF-8 could not be asked for again.
                let Ok(name) = core::str::from_utf8(&name[..entry.name_len]) else {
                    return Ok(true);
                };
                let mut stat_of = Stat {
                    mode: entry.kind.mode(),
                    size: entry.size.unwrap_or(0),
                    ..Stat::default()
                };
                if self.style != Style::Names {
                    let mut full = path.clone();
                    let slash = if full.ends_with('/') { "" } else { "/" };
                    if write!(full, "{slash}{name}").is_ok()
                        && let Ok(found) = stat(*volume, &full)
                    {
                        stat_of = found;
                    }
                }
                let _ = write_line(out, self.style, name, &stat_of, context.unix_s);
            }
        }
        Ok(true)
    }

    /// Ends it.
    pub fn close(&mut self) {
        if let Source::Dir { volume, dir, .. } = core::mem::replace(&mut self.source, Source::End) {
            let _ = volume.perform(Request::CloseDir { dir });
        }
    }
}

/// What a volume knows of a path.
pub fn stat(volume: &'static dyn Volume, path: &str) -> Result<Stat, Errno> {
    match volume.perform(Request::Stat { path })? {
        Reply::Stat(stat) => Ok(stat),
        _ => Err(Errno::EIO),
    }
}

/// True for a directory.
pub fn is_dir(stat: &Stat) -> bool {
    stat.mode & 0xf000 == EntryKind::Directory.mode()
}

/// Seconds since 1970 of the last change.
pub fn changed(stat: &Stat) -> u64 {
    if stat.times[1] == 0 { NO_TIME } else { stat.times[1] }
}

/// Writes the facts of an entry, up to the space before its name.
pub fn write_facts(out: &mut impl Write, stat: &Stat) -> fmt::Result {
    let kind = if is_dir(stat) { "dir" } else { "file" };
    write!(out, "type={kind};size={};modify=", stat.size)?;
    Date::new(changed(stat)).write_digits(out)?;
    out.write_str("; ")
}

fn write_line(
    out: &mut impl Write,
    style: Style,
    name: &str,
    stat: &Stat,
    now: u64,
) -> fmt::Result {
    match style {
        Style::Names => {}
        Style::Facts => write_facts(out, stat)?,
        Style::Long => {
            let (kind, size) = if is_dir(stat) { ('d', 0) } else { ('-', stat.size) };
            write!(out, "{kind}rw-rw-r--   1 root  root {size:9} ")?;
            write_listed(out, changed(stat), now)?;
            out.write_char(' ')?;
        }
    }
    write!(out, "{name}\r\n")
}
