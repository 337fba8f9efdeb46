//! Replies as the engines make them.

use threadsnake_vm::object::{Whence, poll as events_of};

use crate::volume::{Entry, EntryKind, Errno, NAME_MAX, Reply, Stat, VolumeStat};

/// The number of `ENOSYS`, as the libraries pass errors on.
pub const ENOSYS: i32 = Errno::ENOSYS.0;

/// As both libraries number it.
pub fn whence_number(whence: Whence) -> i32 {
    match whence {
        Whence::Start => 0,
        Whence::Current => 1,
        Whence::End => 2,
    }
}

fn kind_of(is_dir: bool) -> EntryKind {
    if is_dir { EntryKind::Directory } else { EntryKind::File }
}

/// What is at a path.
pub fn stat(is_dir: bool, size: u32, modified_s: u64) -> Reply {
    let times = [modified_s; 3];
    Reply::Stat(Stat { mode: kind_of(is_dir).mode(), size: size.into(), times, ..Stat::default() })
}

/// The space of a volume.
pub fn space(block: u32, blocks: u32, free: u32) -> Reply {
    Reply::VolumeStat(VolumeStat {
        block_size: block.into(),
        fragment_size: block.into(),
        blocks: [blocks.into(), free.into(), free.into()],
        name_max: NAME_MAX as u64,
        ..VolumeStat::default()
    })
}

/// An entry of a directory: the length of its name, whether it is a directory, its size.
pub fn entry(found: Option<(usize, bool, u32)>) -> Reply {
    Reply::Entry(found.map(|(name_len, is_dir, size)| Entry {
        name_len,
        kind: kind_of(is_dir),
        inode: 0,
        size: Some(size.into()),
    }))
}

/// A file of a device is always ready.
pub fn poll(events: usize) -> Reply {
    Reply::Count(events & (events_of::READ | events_of::WRITE))
}
