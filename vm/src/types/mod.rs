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
use crate::object::{Generator, Native, RomType, aux};
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
    match kind {
        Kind::Str => &str::STR,
        Kind::Bytes => &bytes::BYTES,
        Kind::Int => &int::INT,
        Kind::Float if Kind::Float.is_built() => &float::FLOAT,
        Kind::Complex if Kind::Complex.is_built() => &complex::COMPLEX,
        Kind::Tuple => &tuple::TUPLE,
        Kind::List => &list::LIST,
        Kind::Dict if aux(v) & crate::object::ORDERED != 0 => &dict::ORDERED_DICT,
        Kind::Dict => &dict::DICT,
        Kind::Set if aux(v) & crate::object::FROZEN != 0 => &set::FROZENSET,
        Kind::Set => &set::SET,
        Kind::Function => &function::FUNCTION,
        Kind::RomFn => &function::BUILTIN_FUNCTION,
        Kind::BoundMethod => &function::BOUND_METHOD,
        Kind::Cell => &function::CELL,
        Kind::Code => &function::CODE,
        Kind::Generator if Generator::from_known(v).is_async_generator() => {
            &async_generator::ASYNC_GENERATOR
        }
        Kind::Generator if Generator::from_known(v).is_coroutine() => &generator::COROUTINE,
        Kind::Generator => &generator::GENERATOR,
        Kind::Module | Kind::RomModule => &MODULE,
        Kind::Range => &range::RANGE,
        Kind::Slice => &slice::SLICE,
        Kind::Iterator => iterators::type_of(v),
        Kind::Descriptor => [&property::PROPERTY, &property::CLASSMETHOD, &property::STATICMETHOD]
            [aux(v) as usize % 3],
        Kind::Super => &SUPER,
        Kind::ByteArray if aux(v) as u8 != 0 => &array::ARRAY,
        Kind::ByteArray => &array::BYTEARRAY,
        Kind::MemoryView => &memoryview::MEMORYVIEW,
        Kind::DictView => &dict::DICT_VIEW,
        Kind::WeakRef => &weakref::REF,
        Kind::RomType | Kind::Class => &TYPE,
        Kind::Exception => &exceptions::BASE_EXCEPTION,
        Kind::Raw | Kind::Array | Kind::Table | Kind::Instance | Kind::Native => &OBJECT,
        // Not in this build.
        Kind::Float | Kind::Complex => &OBJECT,
    }
}

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
