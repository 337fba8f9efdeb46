//! Functions, methods, cells, code objects as Python sees them.

use super::common::place_of;
use crate::object::{
    Args, AttrOp, BoundMethod, Code, CodeFlags, Dict, Function, Res, RomFn, Str, StrBuilder, Style,
};
use crate::value::names::q;
use crate::value::{Kind, Value};
use crate::{Raise, Vm, exc, py_type};

use super::OBJECT;

py_type! {
    /// A function made by `def` or `lambda`.
    pub static FUNCTION: function, base OBJECT;
    slots { new: function_new, repr: function_repr, attr: function_attr, is_final: true }
    entries {}
}

py_type! {
    /// A native function.
    pub static BUILTIN_FUNCTION: function, base OBJECT;
    slots { repr: function_repr, attr: builtin_attr, is_final: true }
    entries {}
}

py_type! {
    /// A function bound to its first argument.
    pub static BOUND_METHOD: bound_method, base OBJECT;
    slots { repr: bound_repr, attr: bound_attr, compare: bound_compare, hash: bound_hash, is_final: true }
    entries {}
}

py_type! {
    /// A variable shared with a closure.
    pub static CELL: cell, base OBJECT;
    slots { is_final: true }
    entries {}
}

py_type! {
    /// A code object.
    pub static CODE: code, base OBJECT;
    slots { repr: code_repr, attr: code_attr, is_final: true }
    entries {
        #[cfg(feature = "extra")]
        co_lines = F1(code_lines);
    }
}

/// `type(f)(code, globals)`: a function of code that needs no variables of other functions, a module's too.
fn function_new(vm: &mut Vm, class: Value, args: Args<'_>) -> Res {
    if !has_extras() {
        return Err(super::common::no_instances(vm, class));
    }
    let args = super::common::positional(vm, args, 2, 2)?;
    let code = vm.expect::<Code>(args[0], &CODE)?;
    let globals = vm.expect::<Dict>(args[1], &super::dict::DICT)?;
    if code.get().n_free > 0 {
        return Err(vm.raise(exc::TYPE_ERROR, "code object has free variables"));
    }
    Ok(Function::new(vm, code, globals.value(), Value::UNDEF, Value::UNDEF, &[])?.value())
}

/// `co_lines()`: an iterator of `(start, end, line)` over the bytecode.
fn code_lines(vm: &mut Vm, v: Value) -> Res {
    let code = vm.expect::<Code>(v, &CODE)?;
    let list = vm.new_list()?;
    let len = code.bytecode().len();
    let mut start = 0;
    while start < len {
        let line = code.line_of(start);
        let mut end = start + 1;
        while end < len && code.line_of(end) == line {
            end += 1;
            vm.tick(5)?;
        }
        let parts = [start, end, line as usize].map(Value::from_len);
        let entry = vm.new_tuple(&parts)?;
        list.push(vm, entry)?;
        start = end;
    }
    vm.iter(list.value())
}

/// Those of a code object's constants that are names, or that are not: these begin with the docstring of a function,
/// `None` without one.
fn names_or_others(vm: &mut Vm, code: Code, names: bool) -> Res {
    let list = vm.new_list()?;
    if !names && code.flags() & CodeFlags::NAMESPACE == 0 {
        list.push(vm, code.doc())?;
    }
    let has_doc = code.flags() & CodeFlags::DOC != 0;
    for &v in code.consts().iter().skip(code.n_params() + has_doc as usize) {
        if Str::from_value(v).is_some_and(|s| s.is_interned()) == names {
            list.push(vm, v)?;
        }
    }
    super::tuple::of_list(vm, list)
}

fn function_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, _style: Style) -> Result<(), Raise> {
    // Of native functions it is known that they are.
    match Function::from_value(v) {
        Some(f) => vm.push_parts(out, b"<function % at @>", &[f.code().name(), v]),
        None => vm.push_parts(out, b"<function>", &[]),
    }
}

/// The dictionary of what a script set on a function.
fn own_attributes(vm: &Vm, function: Value) -> Option<Dict> {
    let all = Dict::from_value(vm.shared().roots.function_attributes)?;
    let t = crate::object::TableRef::dict(all);
    let mut i = t.next(vm, 0)?;
    // Keyed by identity; few functions have attributes.
    loop {
        if t.key(vm, i) == Some(function) {
            return Dict::from_value(t.value(vm, i));
        }
        i = t.next(vm, i + 1)?;
    }
}

fn function_attr(vm: &mut Vm, v: Value, name: Value, op: AttrOp) -> Res {
    let f = Function::from_known(v);
    if !has_extras() {
        return Ok(match name {
            _ if op != AttrOp::Load => Value::UNDEF,
            n if n == q::__name__.value() => f.code().name(),
            n if n == q::__globals__.value() => f.globals(),
            _ => Value::UNDEF,
        });
    }
    let own = own_attributes(vm, v);
    match op {
        AttrOp::Load => {
            if let Some(found) = own.and_then(|d| d.get_name(vm, name)) {
                return Ok(found);
            }
            computed_attr(vm, f, name, own)
        }
        AttrOp::Delete => {
            let removed = own.is_some_and(|d| d.remove_name(vm, name));
            Ok(if removed { Value::NONE } else { Value::UNDEF })
        }
        AttrOp::Store(_) if [q::__globals__.value(), q::__code__.value()].contains(&name) => {
            Ok(Value::UNDEF)
        }
        AttrOp::Store(value) => {
            let d = match own {
                Some(d) => d,
                None => {
                    if vm.shared().roots.function_attributes.is_undef() {
                        let all = vm.new_dict()?;
                        vm.shared_mut().roots.function_attributes = all.value();
                    }
                    let d = vm.new_dict()?;
                    let all = Dict::from_known(vm.shared().roots.function_attributes);
                    all.set(vm, v, d.value())?;
                    d
                }
            };
            d.set_name(vm, name, value)?;
            Ok(Value::NONE)
        }
    }
}

/// Whether functions have more than their name and globals, and their code attributes: MicroPython's builds of this size do not.
fn has_extras() -> bool {
    cfg!(feature = "extra")
}

/// What a function answers by itself.
fn computed_attr(vm: &mut Vm, f: Function, name: Value, own: Option<Dict>) -> Res {
    const NAMES: [Value; 8] = [
        q::__name__.value(),
        q::__qualname__.value(),
        q::__doc__.value(),
        q::__globals__.value(),
        q::__code__.value(),
        q::__defaults__.value(),
        q::__module__.value(),
        q::__dict__.value(),
    ];
    Ok(match place_of(name, &NAMES) {
        0 => f.code().name(),
        1 => f.code().qualname(),
        2 => f.code().doc(),
        3 => f.globals(),
        4 => f.code().value(),
        5 => {
            let d = f.defaults();
            if d.is_undef() { Value::NONE } else { d }
        }
        6 => {
            let globals = Dict::from_known(f.globals());
            globals.get_name(vm, q::__name__.value()).unwrap_or(Value::NONE)
        }
        7 => match own {
            Some(d) => d.value(),
            None => vm.new_dict()?.value(),
        },
        _ => Value::UNDEF,
    })
}

/// `__name__`, which MicroPython's functions in ROM have not.
fn builtin_attr(_vm: &mut Vm, v: Value, name: Value, op: AttrOp) -> Res {
    #[cfg(feature = "extra")]
    if let Some(f) = RomFn::from_value(v)
        && op == AttrOp::Load
        && (name == q::__name__.value() || name == q::__qualname__.value())
    {
        return Ok(f.name());
    }
    let _ = (v, name, op);
    Ok(Value::UNDEF)
}

fn bound_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, _style: Style) -> Result<(), Raise> {
    let m = BoundMethod::from_known(v);
    let parts = [v, m.receiver(vm), m.function(vm)];
    vm.push_parts(out, b"<bound_method @ !.!>", &parts)
}

fn bound_attr(vm: &mut Vm, v: Value, name: Value, op: AttrOp) -> Res {
    let m = BoundMethod::from_known(v);
    if op != AttrOp::Load {
        return Ok(Value::UNDEF);
    }
    if has_extras() && name == q::__self__.value() {
        return Ok(m.receiver(vm));
    }
    let f = m.function(vm);
    if has_extras() && name == q::__func__.value() {
        return Ok(f);
    }
    vm.attr_or_undef(f, name)
}

fn bound_compare(vm: &mut Vm, op: crate::object::CompareOp, a: Value, b: Value) -> Res {
    let (Some(x), Some(y)) = (BoundMethod::from_value(a), BoundMethod::from_value(b)) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    Ok(match op {
        crate::object::CompareOp::Eq => {
            Value::bool(x.function(vm) == y.function(vm) && x.receiver(vm) == y.receiver(vm))
        }
        _ => Value::NOT_IMPLEMENTED,
    })
}

fn bound_hash(vm: &mut Vm, v: Value) -> Result<usize, Raise> {
    let m = BoundMethod::from_known(v);
    Ok((m.function(vm).bits() >> 4) ^ (m.receiver(vm).bits() >> 2))
}

fn code_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, _style: Style) -> Result<(), Raise> {
    if !has_extras() {
        return vm.push_default_repr(out, Str::from_known(q::code.value()), v);
    }
    let code = Code::from_known(v);
    let parts = [code.name(), v, code.file(), Value::from_len(code.first_line() as usize)];
    vm.push_parts(out, b"<code object % at @, file \"%\", line %>", &parts)
}

fn code_attr(vm: &mut Vm, v: Value, name: Value, op: AttrOp) -> Res {
    if op != AttrOp::Load || !has_extras() {
        return Ok(Value::UNDEF);
    }
    const NAMES: [Value; 10] = [
        q::co_name.value(),
        q::co_filename.value(),
        q::co_firstlineno.value(),
        q::co_consts.value(),
        q::co_names.value(),
        q::co_varnames.value(),
        q::co_argcount.value(),
        q::co_posonlyargcount.value(),
        q::co_kwonlyargcount.value(),
        q::co_code.value(),
    ];
    let code = Code::from_known(v);
    let number = match place_of(name, &NAMES) {
        0 => return Ok(code.name()),
        1 => return Ok(code.file()),
        2 => code.first_line() as usize,
        3 => return names_or_others(vm, code, false),
        4 => return names_or_others(vm, code, true),
        5 => return vm.new_tuple(&code.consts()[..code.n_params()]),
        6 => code.get().n_args as usize,
        7 => code.get().n_pos_only as usize,
        8 => code.get().n_kw_only as usize,
        9 => return vm.new_bytes(code.bytecode()),
        // Pairs of offset and line, each the difference to those before: the line table as it is.
        _ if Str::from_known(name).as_bytes() == b"co_lnotab" => return vm.new_bytes(code.lines()),
        _ => return Ok(Value::UNDEF),
    };
    Ok(Value::from_len(number))
}

/// True for anything that can be called.
pub fn is_callable(vm: &mut Vm, v: Value) -> bool {
    match v.kind() {
        Some(Kind::Function | Kind::RomFn | Kind::BoundMethod | Kind::Class | Kind::RomType) => {
            true
        }
        Some(Kind::Instance) => {
            let class = vm.type_of(v);
            vm.lookup_in_class(class, q::__call__.value()).is_some()
        }
        _ => vm.rom_type_of(v).slots.call().is_some(),
    }
}
