//! How the flash is divided, for the firmware and for the boot manager, which takes this file as it is.

use threadsnake_layout::Layout;

/// Blocks of 4 KiB, images of 2 MiB, 64 KiB of hidden files, 2 MiB for the user.
pub const LAYOUT: Layout = Layout::new(4096, 0x20_0000, 0x1_0000, 0x20_0000);
