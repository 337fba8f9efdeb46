//! The mount table as tasks without a VM see it: servers and C look up absolute paths here, without the GIL.
//!
//! It follows the table of the VM that changed its own last; before the first one, and from the end of one VM to the
//! first look of the next, it is that of the registered volumes. A file system that runs Python is there, but of no use.
//!
//! Invariant: an entry's mount point is `/`, or begins with `/` and does not end with it; one at `/` is the last.

use core::cell::RefCell;
use critical_section::Mutex;

use crate::path::{Place, find as find_mount};
use crate::volume::{Volume, registered};

/// The longest mount point that is seen from outside, in bytes.
pub const POINT_MAX: usize = 31;
/// How many mounts are seen from outside.
const MOUNTS: usize = 12;

/// Where an absolute path without dots leads.
#[derive(Clone, Copy)]
pub enum Found<'p> {
    /// The directory of the mount points.
    Root,
    /// To a native volume, by the number of its mount, and to this path there (it begins with `/`).
    Volume(usize, &'static dyn Volume, &'p str),
    /// To a file system written in Python, or on a device that is.
    Foreign,
    /// Nothing is mounted there.
    Nowhere,
}

#[derive(Clone, Copy)]
struct Mount {
    point: [u8; POINT_MAX],
    len: u8,
    /// The registered volume; `None` for a foreign file system.
    volume: Option<usize>,
}

impl Mount {
    fn new(point: &str, volume: Option<usize>) -> Option<Mount> {
        let mut mount = Mount { point: [0; POINT_MAX], len: point.len() as u8, volume };
        mount.point.get_mut(..point.len())?.copy_from_slice(point.as_bytes());
        Some(mount)
    }

    fn point(&self) -> &str {
        core::str::from_utf8(&self.point[..usize::from(self.len)]).unwrap_or_default()
    }
}

#[derive(Clone, Copy)]
struct View {
    /// False until a VM has a table.
    is_known: bool,
    mounts: [Option<Mount>; MOUNTS],
}

static VIEW: Mutex<RefCell<View>> =
    Mutex::new(RefCell::new(View { is_known: false, mounts: [None; MOUNTS] }));

fn view() -> View {
    let view = critical_section::with(|cs| *VIEW.borrow_ref(cs));
    if view.is_known {
        return view;
    }
    let points = (0..).map_while(registered).enumerate();
    of_mounts(
        points.filter_map(|(i, r)| (!r.mount_point.is_empty()).then_some((r.mount_point, Some(i)))),
    )
}

fn of_mounts<'a>(mounts: impl Iterator<Item = (&'a str, Option<usize>)>) -> View {
    let mut view = View { is_known: true, mounts: [None; MOUNTS] };
    let seen = mounts.filter_map(|(point, volume)| Mount::new(point, volume));
    for (place, mount) in view.mounts.iter_mut().zip(seen) {
        *place = Some(mount);
    }
    view
}

/// Sets what is seen: mount points and registered volumes in the order of the table.
#[cfg(feature = "volumes")]
pub(crate) fn set<'a>(mounts: impl Iterator<Item = (&'a str, Option<usize>)>) {
    let view = of_mounts(mounts);
    critical_section::with(|cs| *VIEW.borrow_ref_mut(cs) = view);
}

/// Shows the registered volumes again: the board, at the end of a VM.
pub fn reset() {
    critical_section::with(|cs| VIEW.borrow_ref_mut(cs).is_known = false);
}

/// Where an absolute path leads. Tasks.
pub fn find(path: &str) -> Found<'_> {
    let view = view();
    let points = || view.mounts.iter().flatten();
    match find_mount(path, true, points(), |mount| mount.point()) {
        Place::Root => Found::Root,
        Place::Nowhere | Place::Relative(_) => Found::Nowhere,
        Place::Mount(i, rest) => {
            let number = points().nth(i).and_then(|mount| mount.volume);
            match number.and_then(registered) {
                Some(r) => Found::Volume(i, r.volume, rest),
                None => Found::Foreign,
            }
        }
    }
}

/// Calls `f` with the mount point of mount `i`; `None`: there are no more. Tasks.
pub fn with_point<R>(i: usize, f: impl FnOnce(&str) -> R) -> Option<R> {
    view().mounts.iter().flatten().nth(i).map(|mount| f(mount.point()))
}
