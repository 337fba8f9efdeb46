//! What the library was built with beside the interpreter: the one place below the boards that knows the rooms above
//! it, because a final artefact joins what it is made of.

use threadsnake_glue::capi::{self, Rooms};
use threadsnake_glue::modules;
use threadsnake_vm::object::RomModule;

static MODULES: &[&[&RomModule]] = &[
    modules::MODULES,
    #[cfg(feature = "machine")]
    threadsnake_machine::MODULES,
    #[cfg(feature = "net")]
    threadsnake_net::MODULES,
    #[cfg(feature = "storage")]
    threadsnake_storage::MODULES,
];

/// Gives VMs that are started from now on all of it. The functions that begin with one of the rooms call this, so a
/// firmware that uses none of them has none of their modules.
pub fn join() {
    capi::set_rooms(Rooms {
        modules: MODULES,
        #[cfg(feature = "storage")]
        import_stat: Some(threadsnake_storage::import_stat),
        #[cfg(not(feature = "storage"))]
        import_stat: None,
        #[cfg(feature = "storage")]
        open: Some(threadsnake_storage::open),
        #[cfg(not(feature = "storage"))]
        open: None,
        #[cfg(feature = "storage")]
        ended: threadsnake_storage::view::reset,
        #[cfg(not(feature = "storage"))]
        ended: || {},
    });
}
