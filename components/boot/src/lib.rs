//! The life of a board's interpreter: from reset to prompt, and round again after each soft reset.
//!
//! The same on every board; what differs is a [`Profile`], a list of hooks that the board fills: drivers, network and
//! servers each have theirs there. What outlives a VM (why the board was reset, safe boot, `machine.main`) is in
//! [`state`].
//!
//! Order after a hard reset: [`Profile::power_up`] (access point and servers start here), then, for each VM: the files
//! that must be there ([`files::prepare`]), [`Profile::begin`], `sys.path`, `boot.py`, `main.py` or what `machine.main`
//! named, the prompt; when that ends, [`Profile::end`], the end of the VM, and the next one. Safe boot leaves both files
//! out until the next hard reset; a prompt in raw mode leaves `main.py` out. When [`Profile::was_reset`] says that the VM
//! ended by a hard reset, [`Profile::power_down`] follows, then all from the top.
//!
//! Source: WiPy general documentation, "Boot modes"; MicroPython reference, "Reset and boot sequence".
#![cfg_attr(not(test), no_std)]
#![forbid(unsafe_code)]

#[cfg(feature = "flash")]
pub mod files;
mod life;
pub mod state;

pub use threadsnake_layout as layout;

pub use life::{Ended, Main, Profile, run};
