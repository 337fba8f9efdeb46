//! Paths as text.

/// Where a path leads in a table of mounts.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Place<'a> {
    /// The directory above all mount points.
    Root,
    /// Nowhere: nothing is mounted there.
    Nowhere,
    /// To a mount, by its number, and to this path there.
    Mount(usize, &'a str),
    /// To a path relative to the current directory.
    Relative(&'a str),
}

/// Finds the mount of a path. `at_root`: the current directory is the directory above all mount points.
///
/// A mount point is `/` or begins with `/`; the first that fits is taken, one at `/` only where no other fits.
pub fn find<P>(
    path: &str,
    at_root: bool,
    mount_points: impl Iterator<Item = P>,
    text: impl Fn(&P) -> &str,
) -> Place<'_> {
    let below = match path.strip_prefix('/') {
        Some(below) => below,
        None if at_root => path,
        None => return Place::Relative(path),
    };
    if below.is_empty() {
        return Place::Root;
    }
    let mut at_slash = None;
    for (i, point) in mount_points.enumerate() {
        let point = text(&point);
        let name = point.strip_prefix('/').unwrap_or(point);
        if name.is_empty() {
            at_slash = Some(i);
            continue;
        }
        match below.strip_prefix(name) {
            Some("") => return Place::Mount(i, "/"),
            Some(rest) if rest.starts_with('/') => return Place::Mount(i, rest),
            _ => {}
        }
    }
    match at_slash {
        Some(i) => Place::Mount(i, path),
        None => Place::Nowhere,
    }
}

/// A mount point without slashes at its end; `/` stays.
pub fn without_end_slashes(point: &str) -> &str {
    let mut end = point.len();
    while end > 1 && point.as_bytes()[end - 1] == b'/' {
        end -= 1;
    }
    &point[..end]
}

/// Visits the steps from the top to `path`, which is below the absolute directory `dir` unless it is absolute itself;
/// `.` and empty parts are no steps. A step up at the top stays there.
pub fn resolve<E>(
    dir: &str,
    path: &str,
    mut step: impl FnMut(Step<'_>) -> Result<(), E>,
) -> Result<(), E> {
    let dir = if path.starts_with('/') { "" } else { dir };
    for part in dir.split('/').chain(path.split('/')) {
        match part {
            "" | "." => {}
            ".." => step(Step::Up)?,
            name => step(Step::Down(name))?,
        }
    }
    Ok(())
}

/// A step of a path.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub enum Step<'a> {
    /// To the directory above.
    Up,
    /// Into this entry.
    Down(&'a str),
}

#[cfg(test)]
mod tests {
    extern crate std;
    use super::*;
    use core::convert::Infallible;
    use std::string::String;

    fn check(path: &str, at_root: bool, expected: Place<'_>) {
        let points = ["/flash", "/", "/flash2"];
        assert_eq!(find(path, at_root, points.into_iter(), |p| p), expected, "{path}");
    }

    #[test]
    fn the_longest_way_to_a_mount_is_its_own_name() {
        check("/flash", false, Place::Mount(0, "/"));
        check("/flash/a/b", false, Place::Mount(0, "/a/b"));
        check("/flash2/a", false, Place::Mount(2, "/a"));
        check("/flash3", false, Place::Mount(1, "/flash3"));
        check("flash/x", true, Place::Mount(0, "/x"));
        check("x", true, Place::Mount(1, "x"));
        check("x", false, Place::Relative("x"));
        check("", false, Place::Relative(""));
        check("", true, Place::Root);
        check("/", false, Place::Root);
    }

    #[test]
    fn without_a_mount_at_the_root_other_paths_lead_nowhere() {
        assert_eq!(find("/x", false, ["/flash"].into_iter(), |p| p), Place::Nowhere);
        assert_eq!(find("x", true, core::iter::empty::<&str>(), |p| p), Place::Nowhere);
    }

    fn check_resolved(dir: &str, path: &str, expected: &str) {
        let mut out = String::new();
        let done: Result<(), Infallible> = resolve(dir, path, |step| {
            match step {
                Step::Up => out.truncate(out.rfind('/').unwrap_or(0)),
                Step::Down(name) => {
                    out.push('/');
                    out.push_str(name);
                }
            }
            Ok(())
        });
        assert!(done.is_ok());
        assert_eq!(out, expected, "{dir} {path}");
    }

    #[test]
    fn dots_never_lead_above_the_top() {
        check_resolved("/a/b", "c", "/a/b/c");
        check_resolved("/a/b", "../c/./d//e", "/a/c/d/e");
        check_resolved("/a", "../../../x", "/x");
        check_resolved("/a", "/y/..", "");
        check_resolved("", "..", "");
    }
}
