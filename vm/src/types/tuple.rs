//! `tuple`.
//!
//! Source: Python Library Reference, "Immutable Sequence Types".

use super::{common, sequence};
use crate::object::{Args, List, Res, Tuple};
use crate::value::Value;
use crate::{Raise, Vm, py_type};

py_type! {
    /// `tuple`.
    pub static TUPLE: tuple, base super::OBJECT;
    slots {
        new: tuple_new, repr: sequence::repr, len: sequence::len, hash: tuple_hash, binary: sequence::binary,
        compare: sequence::compare, contains: common::contains, get_item: sequence::get_item,
    }
    entries {
        count = F2(sequence::count);
        index = Var(2, 4, sequence::index);
        #[cfg(feature = "extra")]
        __len__: common::LEN.rom();
        #[cfg(feature = "extra")]
        __getitem__: common::GETITEM.rom();
        #[cfg(feature = "extra")]
        __contains__: common::CONTAINS.rom();
        #[cfg(feature = "extra")]
        __iter__: common::ITER.rom();
        #[cfg(feature = "extra")]
        __hash__: common::HASH.rom();
    }
}

/// A tuple of all that an iterable gives; a tuple itself as it is.
pub fn collect_tuple(vm: &mut Vm, iterable: Value) -> Res {
    if Tuple::from_value(iterable).is_some() {
        return Ok(iterable);
    }
    let list = match List::from_value(iterable) {
        Some(list) => list,
        None => vm.collect_list(iterable)?,
    };
    of_list(vm, list)
}

/// A tuple of a list's items.
pub fn of_list(vm: &mut Vm, list: List) -> Res {
    // Making a tuple runs no Python, so the list stays what it is meanwhile.
    vm.new_tuple(list.held_items(vm))
}

fn tuple_new(vm: &mut Vm, _class: Value, args: Args<'_>) -> Res {
    let iterable = common::optional(vm, args)?;
    collect_tuple(vm, iterable)
}

fn tuple_hash(vm: &mut Vm, v: Value) -> Result<usize, Raise> {
    let tuple = Tuple::from_known(v);
    let mut hash = tuple.len();
    for &item in tuple.items() {
        hash = hash.wrapping_mul(1_000_003) ^ vm.hash(item)?;
        vm.tick(2)?;
    }
    Ok(hash)
}
