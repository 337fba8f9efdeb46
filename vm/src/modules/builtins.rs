//! `builtins`: the names that every program sees. The table is the index; functions that belong to a type or another
//! module are in its file.
//!
//! Source: Python Library Reference, "Built-in Functions", "Built-in Exceptions".

use super::{exec, import, io};
use crate::object::{
    Args, BinaryOp, BoundMethod, CompareOp, Descriptor, DescriptorKind, IterKind, Iterator, Res,
    RomEntry,
};
use crate::types::exceptions as exc_types;
use crate::types::{
    OBJECT, SUPER, TYPE, array, bool_, bytes, class, class_statement, common, dict, int,
    int_format, iterators, list, memoryview, number_functions, property, range, set, slice, str,
    tuple,
};
use crate::value::names::q;
use crate::value::{Kind, RomValue, Value};
use crate::{Raise, SHORTCUTS, Vm, exc, py_module};

py_module! {
    /// `builtins`.
    pub static BUILTINS: builtins, extensible false;
    entries {
        // Types.
        bool: bool_::BOOL.rom();
        bytearray: array::BYTEARRAY.rom();
        bytes: bytes::BYTES.rom();
        classmethod: property::CLASSMETHOD.rom();
        #[cfg(feature = "complex")]
        complex: crate::types::complex::COMPLEX.rom();
        dict: dict::DICT.rom();
        enumerate: iterators::ENUMERATE.rom();
        filter: iterators::FILTER.rom();
        #[cfg(feature = "float")]
        float: crate::types::float::FLOAT.rom();
        frozenset: set::FROZENSET.rom();
        int: int::INT.rom();
        list: list::LIST.rom();
        map: iterators::MAP.rom();
        memoryview: memoryview::MEMORYVIEW.rom();
        object: OBJECT.rom();
        property: property::PROPERTY.rom();
        range: range::RANGE.rom();
        reversed: iterators::REVERSED.rom();
        set: set::SET.rom();
        slice: slice::SLICE.rom();
        staticmethod: property::STATICMETHOD.rom();
        str: str::STR.rom();
        super_: SUPER.rom();
        tuple: tuple::TUPLE.rom();
        r#type: TYPE.rom();
        zip: iterators::ZIP.rom();
        // Functions.
        __build_class__ = Raw(class_statement::build_class);
        __import__ = Var(1, 5, import::builtin_import);
        #[cfg(feature = "string")]
        __template__ = Var(1, 255, crate::types::template::builtin_template);
        abs = F1(number_functions::abs);
        all = F1(builtin_all);
        any = F1(builtin_any);
        #[cfg(feature = "extra")]
        ascii = F1(str::ascii);
        bin = F1(int_format::bin);
        callable = F1(builtin_callable);
        chr = F1(str::chr);
        compile = Var(3, 6, exec::compile);
        delattr = F2(builtin_delattr);
        dir = Var(0, 1, builtin_dir);
        divmod = F2(number_functions::divmod);
        eval = Var(1, 3, exec::eval);
        exec = Var(1, 3, exec::exec);
        execfile = Var(1, 3, exec::execfile);
        #[cfg(feature = "extra")]
        format = Var(1, 2, builtin_format);
        getattr = Var(2, 3, builtin_getattr);
        globals = F0(exec::globals);
        hasattr = F2(builtin_hasattr);
        hash = F1(common::hash_value);
        help = Var(0, 1, super::help::help);
        hex = F1(int_format::hex);
        id = F1(builtin_id);
        input = Var(0, 1, io::input);
        isinstance = F2(builtin_isinstance);
        issubclass = F2(builtin_issubclass);
        iter = Var(1, 2, builtin_iter);
        len = F1(builtin_len);
        locals = F0(exec::locals);
        max = Raw(builtin_max);
        min = Raw(builtin_min);
        next = Var(1, 2, builtin_next);
        oct = F1(int_format::oct);
        open = Kw(io::open; file, mode?, buffering?, encoding?, errors?, newline?);
        ord = F1(str::ord);
        pow = Var(2, 3, number_functions::pow);
        print = Raw(io::print);
        repr = F1(builtin_repr);
        round = Var(1, 2, number_functions::round);
        setattr = F3(builtin_setattr);
        sorted = Kw(builtin_sorted; _, *, key?, reverse?);
        sum = Kw(builtin_sum; _, start?);
        // Constants.
        Ellipsis: RomValue(Value::ELLIPSIS);
        NotImplemented: RomValue(Value::NOT_IMPLEMENTED);
        // Exceptions.
        ArithmeticError: exc_types::ARITHMETIC_ERROR.rom();
        AssertionError: exc_types::ASSERTION_ERROR.rom();
        AttributeError: exc_types::ATTRIBUTE_ERROR.rom();
        BaseException: exc_types::BASE_EXCEPTION.rom();
        #[cfg(feature = "extra")]
        BaseExceptionGroup: exc_types::BASE_EXCEPTION_GROUP.rom();
        #[cfg(feature = "extra")]
        BufferError: exc_types::BUFFER_ERROR.rom();
        #[cfg(feature = "extra")]
        DeprecationWarning: exc_types::DEPRECATION_WARNING.rom();
        EOFError: exc_types::EOF_ERROR.rom();
        Exception: exc_types::EXCEPTION.rom();
        #[cfg(feature = "extra")]
        ExceptionGroup: exc_types::EXCEPTION_GROUP.rom();
        GeneratorExit: exc_types::GENERATOR_EXIT.rom();
        ImportError: exc_types::IMPORT_ERROR.rom();
        IndentationError: exc_types::INDENTATION_ERROR.rom();
        IndexError: exc_types::INDEX_ERROR.rom();
        KeyError: exc_types::KEY_ERROR.rom();
        KeyboardInterrupt: exc_types::KEYBOARD_INTERRUPT.rom();
        LookupError: exc_types::LOOKUP_ERROR.rom();
        MemoryError: exc_types::MEMORY_ERROR.rom();
        #[cfg(feature = "extra")]
        ModuleNotFoundError: exc_types::MODULE_NOT_FOUND_ERROR.rom();
        NameError: exc_types::NAME_ERROR.rom();
        NotImplementedError: exc_types::NOT_IMPLEMENTED_ERROR.rom();
        OSError: exc_types::OS_ERROR.rom();
        OverflowError: exc_types::OVERFLOW_ERROR.rom();
        #[cfg(feature = "extra")]
        RecursionError: exc_types::RECURSION_ERROR.rom();
        #[cfg(feature = "extra")]
        ReferenceError: exc_types::REFERENCE_ERROR.rom();
        RuntimeError: exc_types::RUNTIME_ERROR.rom();
        StopAsyncIteration: exc_types::STOP_ASYNC_ITERATION.rom();
        StopIteration: exc_types::STOP_ITERATION.rom();
        SyntaxError: exc_types::SYNTAX_ERROR.rom();
        #[cfg(feature = "extra")]
        SystemError: exc_types::SYSTEM_ERROR.rom();
        SystemExit: exc_types::SYSTEM_EXIT.rom();
        #[cfg(feature = "extra")]
        TimeoutError: exc_types::TIMEOUT_ERROR.rom();
        TypeError: exc_types::TYPE_ERROR.rom();
        #[cfg(feature = "extra")]
        UnboundLocalError: exc_types::UNBOUND_LOCAL_ERROR.rom();
        UnicodeError: exc_types::UNICODE_ERROR.rom();
        ValueError: exc_types::VALUE_ERROR.rom();
        ViperTypeError: exc_types::VIPER_TYPE_ERROR.rom();
        #[cfg(feature = "extra")]
        Warning: exc_types::WARNING.rom();
        ZeroDivisionError: exc_types::ZERO_DIVISION_ERROR.rom();
        // The last: a namespace without a name of its own takes this one, as class statements in it do.
        __name__: q::builtins.rom();
    }
}

/// All but the name, which no module takes from here.
pub fn plain_entries() -> &'static [RomEntry] {
    let all = BUILTINS.entries();
    &all[..all.len() - 1]
}

// ---- numbers

/// `sum(iterable, start=0)`
fn builtin_sum(vm: &mut Vm, args: &[Value]) -> Res {
    let mut sum = if args[1].is_undef() { Value::int(0) } else { args[1] };
    let mut items = vm.cursor(args[0])?;
    while let Some(v) = vm.cursor_next(&mut items)? {
        let small = match (sum.as_small_int(), v.as_small_int()) {
            (Some(a), Some(b)) if SHORTCUTS => Value::small_int(a + b),
            _ => None,
        };
        sum = match small {
            Some(n) => n,
            None => vm.binary(BinaryOp::Add, sum, v, false)?,
        };
        vm.tick_shared(5)?;
    }
    Ok(sum)
}

fn builtin_max(vm: &mut Vm, args: Args<'_>) -> Res {
    extreme(vm, args, CompareOp::Gt)
}

fn builtin_min(vm: &mut Vm, args: Args<'_>) -> Res {
    extreme(vm, args, CompareOp::Lt)
}

/// `min` and `max`: of one iterable or of several arguments, by `key`, the first of equals; `default` when empty.
fn extreme(vm: &mut Vm, args: Args<'_>, better: CompareOp) -> Res {
    let key = args.keyword(q::key.value());
    let default = args.keyword(q::default.value());
    if args.names.len() > usize::from(key.is_some()) + usize::from(default.is_some()) {
        return Err(vm.raise(exc::TYPE_ERROR, "extra keyword arguments given"));
    }
    let key = key.unwrap_or(Value::NONE);
    let mut items = match *args.pos {
        [] => return Err(vm.wrong_count(1, 1, 0)),
        [iterable] => Some(vm.cursor(iterable)?),
        _ => None,
    };
    let (mut best, mut best_key) = (Value::UNDEF, Value::UNDEF);
    let mut i = 0;
    loop {
        let next = match &mut items {
            Some(items) => vm.cursor_next(items)?,
            None => args.pos.get(i).copied(),
        };
        let Some(v) = next else { break };
        i += 1;
        let its_key = if key.is_none() { v } else { vm.call(key, &[v])? };
        let mut wins = best.is_undef();
        if !wins {
            let better = vm.compare(better, its_key, best_key)?;
            wins = vm.truth(better)?;
        }
        if wins {
            (best, best_key) = (v, its_key);
        }
        vm.tick_shared(5)?;
    }
    if !best.is_undef() {
        return Ok(best);
    }
    match default {
        Some(default) => Ok(default),
        None => Err(vm.raise(exc::VALUE_ERROR, "arg is an empty sequence")),
    }
}

// ---- iteration

fn builtin_all(vm: &mut Vm, iterable: Value) -> Res {
    is_any(vm, iterable, false).map(|found| Value::bool(!found))
}

fn builtin_any(vm: &mut Vm, iterable: Value) -> Res {
    is_any(vm, iterable, true).map(Value::bool)
}

/// True if an item has this truth value.
fn is_any(vm: &mut Vm, iterable: Value, wanted: bool) -> Result<bool, Raise> {
    let mut items = vm.cursor(iterable)?;
    while let Some(v) = vm.cursor_next(&mut items)? {
        if vm.truth(v)? == wanted {
            return Ok(true);
        }
        vm.tick_shared(5)?;
    }
    Ok(false)
}

/// `iter(iterable)`, `iter(callable, sentinel)`
fn builtin_iter(vm: &mut Vm, args: &[Value]) -> Res {
    match *args {
        [callable, sentinel] => {
            Iterator::new(vm, IterKind::Callable, callable, sentinel, Value::NONE)
        }
        _ => vm.iter(args[0]),
    }
}

/// `next(iterator[, default])`
fn builtin_next(vm: &mut Vm, args: &[Value]) -> Res {
    let it = args[0];
    if let Some(&default) = args.get(1) {
        return Ok(vm.next(it)?.unwrap_or(default));
    }
    vm.next_or_raise(it)
}

fn builtin_len(vm: &mut Vm, v: Value) -> Res {
    let n = vm.len(v)?;
    vm.int_from_u64(n as u64)
}

/// `sorted(iterable, *, key=None, reverse=False)`
fn builtin_sorted(vm: &mut Vm, args: &[Value]) -> Res {
    sorted(vm, args[0], args[1], args[2])
}

fn sorted(vm: &mut Vm, iterable: Value, key: Value, reverse: Value) -> Res {
    let list = vm.collect_list(iterable)?;
    list::sort_by(vm, list, key, reverse, true)?;
    Ok(list.value())
}

// ---- objects and attributes

/// `callable(v)`
fn builtin_callable(vm: &mut Vm, v: Value) -> Res {
    let is_callable = match v.kind() {
        Some(Kind::Function | Kind::RomFn | Kind::RomType | Kind::Class) => true,
        Some(Kind::BoundMethod) => BoundMethod::from_value(v).is_some(),
        Some(Kind::Descriptor) => Descriptor::from_known(v).kind() == DescriptorKind::StaticMethod,
        _ => {
            let class = vm.type_of(v);
            vm.rom_type_of(v).slots.call().is_some()
                || vm.lookup_in_class(class, q::__call__.value()).is_some()
        }
    };
    Ok(Value::bool(is_callable))
}

/// `dir([object])`
fn builtin_dir(vm: &mut Vm, args: &[Value]) -> Res {
    if let Some(&object) = args.first() {
        return match vm.python_method(object, q::__dir__.value())? {
            Some(f) => {
                let names = vm.call(f, &[])?;
                sorted(vm, names, Value::UNDEF, Value::UNDEF)
            }
            None => crate::types::object::dir(vm, object),
        };
    }
    let namespace = vm.current_namespace();
    sorted(vm, namespace, Value::UNDEF, Value::UNDEF)
}

/// `getattr(object, name[, default])`
fn builtin_getattr(vm: &mut Vm, args: &[Value]) -> Res {
    let name = vm.name_arg(args[1])?;
    let Some(&default) = args.get(2) else { return vm.get_attr(args[0], name) };
    Ok(attr_if_any(vm, args[0], name)?.unwrap_or(default))
}

fn builtin_hasattr(vm: &mut Vm, object: Value, name: Value) -> Res {
    let name = vm.name_arg(name)?;
    Ok(Value::bool(attr_if_any(vm, object, name)?.is_some()))
}

/// An attribute; `None` also when looking for it raised `AttributeError`.
fn attr_if_any(vm: &mut Vm, object: Value, name: Value) -> Result<Option<Value>, Raise> {
    match vm.find_attr(object, name) {
        Err(_) if vm.catch(exc::ATTRIBUTE_ERROR) => Ok(None),
        other => other,
    }
}

fn builtin_setattr(vm: &mut Vm, object: Value, name: Value, value: Value) -> Res {
    let name = vm.name_arg(name)?;
    vm.set_attr(object, name, value)?;
    Ok(Value::NONE)
}

fn builtin_delattr(vm: &mut Vm, object: Value, name: Value) -> Res {
    let name = vm.name_arg(name)?;
    vm.delete_attr(object, name)?;
    Ok(Value::NONE)
}

/// `id(v)`: the address of an object; for small ints and singletons a number that is no object's address.
fn builtin_id(vm: &mut Vm, v: Value) -> Res {
    let word = v.bits();
    if word <= Value::SMALL_INT_MAX as usize {
        return Ok(Value::from_len(word));
    }
    let word = word as u64;
    vm.new_big_int(false, &[word as u32, (word >> 32) as u32])
}

fn builtin_isinstance(vm: &mut Vm, v: Value, class: Value) -> Res {
    Ok(Value::bool(class::is_instance_of(vm, v, class)?))
}

fn builtin_issubclass(vm: &mut Vm, class: Value, base: Value) -> Res {
    Ok(Value::bool(class::is_subclass_of(vm, class, base)?))
}

// ---- text

fn builtin_repr(vm: &mut Vm, v: Value) -> Res {
    vm.repr(v)
}

/// `format(value[, spec])`
fn builtin_format(vm: &mut Vm, args: &[Value]) -> Res {
    str::format_value(vm, args[0], args.get(1).copied().unwrap_or(Value::UNDEF), 0)
}
