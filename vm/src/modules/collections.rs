//! `collections`: the containers beyond the built-in ones. `deque` is in its own file, `OrderedDict` beside `dict`.
//!
//! Source: Python Library Reference, "collections".

use super::namedtuple::namedtuple;
use crate::py_module;
use crate::types::dict::ORDERED_DICT;

pub use super::deque::DEQUE;

py_module! {
    /// `collections`.
    pub static COLLECTIONS: collections, extensible true;
    entries {
        OrderedDict: ORDERED_DICT.rom();
        deque: DEQUE.rom();
        #[cfg(not(feature = "extra"))]
        namedtuple = Var(2, 2, namedtuple);
        #[cfg(feature = "extra")]
        namedtuple = Kw(namedtuple; typename, field_names, *, rename?, defaults?, module?);
    }
}
