//! `dict`.
use super::OBJECT;
use crate::object::*;
use crate::value::Value;
use crate::{Raise, Vm, py_type};

py_type! {
    /// `dict`.
    pub static DICT: dict, base OBJECT;
    slots { set_item: dict_set_item }
    entries {}
}

py_type! {
    /// `OrderedDict`.
    pub static ORDERED_DICT: OrderedDict, base DICT;
    slots { }
    entries {}
}

py_type! {
    /// `dict_view`.
    pub static DICT_VIEW: dict_view, base OBJECT;
    slots {  }
    entries {}
}

fn dict_set_item(vm: &mut Vm, d: Value, k: Value, v: Value) -> Result<(), Raise> {
    Dict::from_known(d).set(vm, k, v)
}
