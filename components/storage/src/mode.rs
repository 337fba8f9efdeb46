//! The mode that a file is opened with, for all file systems.

use threadsnake_vm::{Raise, Vm, exc};

use crate::volume::OpenMode;

/// What a mode means, and whether the file is text.
///
/// # Errors
/// `ValueError` for a mode that is none.
pub fn parse_mode(vm: &mut Vm, mode: &str) -> Result<(OpenMode, bool), Raise> {
    let mut open = OpenMode {
        read: false,
        write: false,
        append: false,
        create: false,
        exclusive: false,
        truncate: false,
    };
    let (mut is_text, mut plus, mut kinds) = (true, false, 0);
    for letter in mode.bytes() {
        match letter {
            b'r' => open.read = true,
            b'w' => (open.write, open.create, open.truncate) = (true, true, true),
            b'a' => (open.write, open.create, open.append) = (true, true, true),
            b'x' => (open.write, open.create, open.exclusive) = (true, true, true),
            b'b' => is_text = false,
            b't' => is_text = true,
            b'+' => plus = true,
            _ => kinds = 2,
        }
        kinds += matches!(letter, b'r' | b'w' | b'a' | b'x') as u32;
    }
    if kinds > 1 {
        return Err(vm.raise_fmt(exc::VALUE_ERROR, format_args!("invalid mode: '{mode}'")));
    }
    // Reading is what is meant when nothing is said.
    open.read |= plus || !open.write;
    open.write |= plus;
    Ok((open, is_text))
}
