//! The mounted volumes as the servers see them.

use threadsnake_storage::volume::Volume;

use crate::path::NAME_MAX;

/// Where an absolute path without dots leads.
#[derive(Clone, Copy)]
pub enum Place<'p> {
    /// The directory of the mount points.
    Root,
    /// To a native volume, by the number of its mount, and to this path there (it begins with `/`).
    Volume(usize, &'static dyn Volume, &'p str),
    /// To a file system written in Python, which only Python can ask.
    Foreign,
    /// Nothing is mounted there.
    Nowhere,
}

/// The mount table, readable from any task without the GIL.
pub trait Files {
    /// Where `path` leads.
    fn find<'p>(&self, path: &'p str) -> Place<'p>;

    /// Where an upload to `path` goes, when it does not go there: to a file that nobody lists or reads back.
    fn find_upload<'p>(&self, path: &'p str) -> Option<(&'static dyn Volume, &'p str)>;

    /// Writes the name of mount `i`, without slashes, to `name`; `None`: there are no more. A mount at `/` has none:
    /// an empty name.
    fn mount_name(&self, i: usize, name: &mut heapless::String<NAME_MAX>) -> Option<()>;
}
