//! The built-in types: one file each, its table first.

pub mod array;
pub mod async_generator;
pub mod attrtuple;
pub mod bool_;
pub mod bufferedwriter;
pub mod bytes;
pub mod class;
pub mod class_statement;
mod codec;
pub mod common;
pub mod complex;
#[cfg(test)]
mod container_tests;
pub mod dict;
pub mod dict_view;
pub mod exceptions;
pub mod float;
#[cfg(feature = "settrace")]
pub mod frame;
pub mod function;
pub mod generator;
pub mod int;
pub mod int_format;
pub mod int_methods;
pub mod iterators;
pub mod list;
pub mod memoryview;
pub mod module;
pub mod number;
pub mod number_functions;
#[cfg(test)]
mod number_tests;
pub mod object;
pub mod property;
pub mod range;
pub mod read_ahead;
pub mod ringio;
pub mod sequence;
pub mod set;
pub mod singletons;
pub mod slice;
pub mod sort;
pub mod stdio;
pub mod str;
mod str_case;
mod str_format;
mod str_methods;
mod str_modulo;
pub mod stream;
#[cfg(test)]
mod stream_tests;
pub mod stringio;
pub mod super_;
pub mod template;
pub(crate) mod text;
#[cfg(test)]
mod text_tests;
pub mod tuple;
pub mod typecode;
pub mod weakref;

pub use class::TYPE;
pub use module::MODULE;
pub use object::OBJECT;
pub use super_::SUPER;

use crate::Vm;
use crate::object::{DescriptorKind, Generator, Native, RomType};
use crate::value::{Kind, Value};

/// The type of a value that is no object.
#[inline]
pub fn immediate_type(v: Value) -> &'static RomType {
    if v.is_small_int() {
        &int::INT
    } else if v.is_bool() {
        &bool_::BOOL
    } else if v == Value::ELLIPSIS {
        &singletons::ELLIPSIS_TYPE
    } else if v == Value::NOT_IMPLEMENTED {
        &singletons::NOT_IMPLEMENTED_TYPE
    } else {
        &singletons::NONE_TYPE
    }
}

/// The built-in type of the objects of a kind that do not name their class themselves.
pub fn kind_type(kind: Kind, v: Value) -> &'static RomType {
    let aux = v.header().map_or(0, |h| h.aux);
    match kind {
        Kind::Dict if aux & crate::object::ORDERED != 0 => &dict::ORDERED_DICT,
        Kind::Set if aux & crate::object::FROZEN != 0 => &set::FROZENSET,
        Kind::Generator if Generator::from_known(v).is_async_generator() => {
            &async_generator::ASYNC_GENERATOR
        }
        Kind::Generator if cfg!(feature = "extra") && Generator::from_known(v).is_coroutine() => {
            &generator::COROUTINE
        }
        Kind::Iterator => iterators::type_of(v),
        Kind::Descriptor if aux == DescriptorKind::ClassMethod as u16 => &property::CLASSMETHOD,
        Kind::Descriptor if aux == DescriptorKind::StaticMethod as u16 => &property::STATICMETHOD,
        Kind::ByteArray if aux as u8 != 0 => &array::ARRAY,
        kind => PLAIN[kind as usize],
    }
}

/// The type of each kind, of those with several the usual one.
static PLAIN: [&RomType; Kind::RomModule as usize + 1] = {
    let mut types = [&OBJECT; Kind::RomModule as usize + 1];
    types[Kind::Str as usize] = &str::STR;
    types[Kind::Bytes as usize] = &bytes::BYTES;
    types[Kind::Int as usize] = &int::INT;
    if Kind::Float.is_built() {
        types[Kind::Float as usize] = &float::FLOAT;
    }
    if Kind::Complex.is_built() {
        types[Kind::Complex as usize] = &complex::COMPLEX;
    }
    types[Kind::Tuple as usize] = &tuple::TUPLE;
    types[Kind::List as usize] = &list::LIST;
    types[Kind::Dict as usize] = &dict::DICT;
    types[Kind::Set as usize] = &set::SET;
    types[Kind::Function as usize] = &function::FUNCTION;
    types[Kind::RomFn as usize] = &function::BUILTIN_FUNCTION;
    types[Kind::BoundMethod as usize] = &function::BOUND_METHOD;
    types[Kind::Cell as usize] = &function::CELL;
    types[Kind::Code as usize] = &function::CODE;
    types[Kind::Generator as usize] = &generator::GENERATOR;
    types[Kind::Module as usize] = &MODULE;
    types[Kind::RomModule as usize] = &MODULE;
    types[Kind::Range as usize] = &range::RANGE;
    types[Kind::Slice as usize] = &slice::SLICE;
    types[Kind::Descriptor as usize] = &property::PROPERTY;
    types[Kind::Super as usize] = &SUPER;
    types[Kind::ByteArray as usize] = &array::BYTEARRAY;
    types[Kind::MemoryView as usize] = &memoryview::MEMORYVIEW;
    types[Kind::DictView as usize] = &dict::DICT_VIEW;
    if cfg!(feature = "weakref") {
        types[Kind::WeakRef as usize] = &weakref::REF;
    }
    types[Kind::RomType as usize] = &TYPE;
    types[Kind::Class as usize] = &TYPE;
    types[Kind::Exception as usize] = &exceptions::BASE_EXCEPTION;
    types
};

/// Types whose `__init__` fills an object that `__new__` made empty: subclasses may give theirs other arguments.
pub fn is_filled_by_init(t: &'static RomType) -> bool {
    [&list::LIST, &dict::DICT, &dict::ORDERED_DICT, &set::SET, &array::BYTEARRAY]
        .iter()
        .any(|&f| core::ptr::eq(f, t))
        || cfg!(feature = "collections") && core::ptr::eq(&crate::modules::collections::DEQUE, t)
}

/// True for a `collections.deque`.
pub fn is_deque(_vm: &Vm, v: Value) -> bool {
    cfg!(feature = "collections")
        && Native::from_value(v)
            .is_some_and(|n| n.class() == crate::modules::collections::DEQUE.value())
}

/// Types for which one positional class pattern matches the whole subject.
pub fn matches_itself(vm: &Vm, class: Value) -> bool {
    if cfg!(feature = "float") && vm.is_subclass(class, float::FLOAT.value()) {
        return true;
    }
    [
        &bool_::BOOL,
        &array::BYTEARRAY,
        &bytes::BYTES,
        &dict::DICT,
        &set::FROZENSET,
        &int::INT,
        &list::LIST,
        &set::SET,
        &str::STR,
        &tuple::TUPLE,
    ]
    .iter()
    .any(|t| vm.is_subclass(class, t.value()))
}
