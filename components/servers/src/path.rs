//! Absolute paths of bounded length.

use heapless::String;
use threadsnake_storage::path::{Step, resolve};
use threadsnake_storage::volume::Errno;

/// The longest absolute path, in bytes.
pub const PATH_MAX: usize = 256;
/// The longest name of an entry or mount, in bytes.
pub const NAME_MAX: usize = 255;

/// An absolute path without dots, empty for `/`, else beginning with `/` and not ending with it.
#[derive(Clone, Default, PartialEq, Eq, Debug)]
pub struct Path(String<PATH_MAX>);

impl Path {
    /// `/`.
    pub const fn root() -> Path {
        Path(String::new())
    }

    /// The path as users write it.
    pub fn as_str(&self) -> &str {
        if self.0.is_empty() { "/" } else { &self.0 }
    }

    /// What `path` means in this directory; dots never lead above `/`.
    ///
    /// # Errors
    /// `ENAMETOOLONG`; `EINVAL` for a path with a NUL in it.
    pub fn join(&self, path: &str) -> Result<Path, Errno> {
        if path.contains('\0') {
            return Err(Errno::EINVAL);
        }
        let mut joined = String::new();
        resolve(&self.0, path, |step| {
            match step {
                Step::Up => joined.truncate(joined.rfind('/').unwrap_or(0)),
                Step::Down(name) => {
                    joined.push('/').map_err(|_| Errno::ENAMETOOLONG)?;
                    joined.push_str(name).map_err(|_| Errno::ENAMETOOLONG)?;
                }
            }
            Ok(())
        })?;
        Ok(Path(joined))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_joined_and_bounded() {
        let flash = Path::root().join("flash").unwrap();
        assert_eq!(flash.as_str(), "/flash");
        assert_eq!(flash.join("a b/../c").unwrap().as_str(), "/flash/c");
        assert_eq!(flash.join("../../..").unwrap().as_str(), "/");
        assert_eq!(flash.join("/sd/x/").unwrap().as_str(), "/sd/x");
        assert_eq!(flash.join(&"x".repeat(PATH_MAX)), Err(Errno::ENAMETOOLONG));
        assert_eq!(flash.join("a\0b"), Err(Errno::EINVAL));
    }
}
