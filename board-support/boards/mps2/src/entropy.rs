//! Entropy: the emulated boards have no source; a test may let a file of the host stand for one (`entropy=FILE`).

use core::ffi::CStr;

use crate::options;
use crate::semihost::File;

/// The longest path, with the zero behind it.
const PATH_BYTES: usize = 128;
/// `rb`, as [`File::open`] counts.
const READ: usize = 1;

/// Fills `buf`; false where there is no source. Tasks.
pub fn fill(buf: &mut [u8]) -> bool {
    let Some(path) = options::get().entropy else { return false };
    let mut text = [0; PATH_BYTES];
    let Some(place) = text.get_mut(..path.len()) else { return false };
    place.copy_from_slice(path.as_bytes());
    let Ok(path) = CStr::from_bytes_until_nul(&text) else { return false };
    let Ok(file) = File::open(path, READ) else { return false };
    let n = file.read(buf);
    file.close();
    n == buf.len()
}
