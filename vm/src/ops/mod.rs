//! What Python does with any object: operators, attributes, iteration, printing. Everything that more than
//! one type or opcode needs is here, and asks the type's slots or the class's dunder methods.

mod arith;
mod attr;
mod class;
mod compare;
mod item;
pub(crate) mod iter;
mod print;

pub(crate) use class::{Mro, is_class};
pub(crate) use compare::hash_float;

use crate::value::Value;

/// What a look-up gave that has `UNDEF` for nothing.
#[inline(always)]
fn given(found: Value) -> Option<Value> {
    if found.is_undef() { None } else { Some(found) }
}
