//! Template strings (PEP 750): `Template` and `Interpolation`.
//!
//! # Invariants
//! A template that a literal or the constructor made holds two tuples, one string more than interpolations. Only
//! `__template__`, which takes what it is given, can break that; readers therefore check what they find.

use crate::object::{
    Args, AttrOp, BinaryOp, List, Native, Res, Str, StrBuilder, Style, Tuple, array_items,
};
use crate::value::names::q;
use crate::value::{Kind, Value};
use crate::{Raise, Vm, exc, py_type};

use super::OBJECT;

py_type! {
    /// `string.templatelib.Template`.
    pub static TEMPLATE: Template, base OBJECT;
    slots {
        new: template_new, repr: template_repr, attr: template_attr, iter: template_iter,
        binary: template_binary, is_final: true,
    }
    entries {}
}

py_type! {
    /// `string.templatelib.Interpolation`.
    pub static INTERPOLATION: Interpolation, base OBJECT;
    slots { new: interpolation_new, repr: interpolation_repr, attr: interpolation_attr, is_final: true }
    entries {}
}

/// A `Template` of tuples of strings and interpolations.
pub fn new_template(vm: &mut Vm, strings: Value, interpolations: Value) -> Res {
    Ok(Native::new(vm, TEMPLATE.value(), &[strings, interpolations])?.value())
}

/// An `Interpolation`; `conv` as in `Op::FormatValue`, `spec` may be `UNDEF`.
pub fn new_interpolation(
    vm: &mut Vm,
    value: Value,
    expression: Value,
    conv: u8,
    spec: Value,
) -> Res {
    let conversion = match conv {
        0 => Value::NONE,
        1 => vm.intern("s")?,
        2 => vm.intern("r")?,
        _ => vm.intern("a")?,
    };
    let spec = if spec.is_undef() { q::EMPTY.value() } else { spec };
    Ok(Native::new(vm, INTERPOLATION.value(), &[value, expression, conversion, spec])?.value())
}

/// A tuple of what a list holds.
fn frozen(vm: &mut Vm, list: List) -> Res {
    let n = list.len(vm);
    let items = array_items(list.array(vm));
    vm.new_tuple(&items[..n])
}

/// The items of one of a template's two fields; none when it is not a tuple.
fn items_of(field: Value) -> Option<Tuple> {
    Tuple::from_value(field)
}

/// The object if it is of that type.
fn of_type(v: Value, class: Value) -> Option<Native> {
    Native::from_value(v).filter(|n| n.class() == class)
}

/// Appends text to the last string of `strings`, or as a new one when as many interpolations as strings came before.
fn add_text(vm: &mut Vm, strings: List, n_interpolations: usize, text: Value) -> Result<(), Raise> {
    let n = strings.len(vm);
    if n <= n_interpolations {
        return strings.push(vm, text);
    }
    let before = strings.get(vm, n - 1).unwrap_or(q::EMPTY.value());
    let (Some(a), Some(b)) = (Str::from_value(before), Str::from_value(text)) else {
        return Err(vm.raise(exc::TYPE_ERROR, "expected str or Interpolation"));
    };
    if b.byte_len() == 0 {
        return Ok(());
    }
    if a.byte_len() == 0 {
        strings.set(vm, n - 1, text);
        return Ok(());
    }
    let mut joined = StrBuilder::new();
    joined.push_str(vm, a.as_str());
    joined.push_str(vm, b.as_str());
    let joined = joined.finish_str(vm)?;
    strings.set(vm, n - 1, joined);
    Ok(())
}

/// `Template(*parts)`: neighbouring strings become one, empty ones stand between interpolations.
fn template_new(vm: &mut Vm, _class: Value, args: Args<'_>) -> Res {
    let parts = super::common::positional(vm, args, 0, usize::MAX)?;
    let (strings, all) = (vm.new_list()?, vm.new_list()?);
    for &part in parts {
        let n = all.len(vm);
        if of_type(part, INTERPOLATION.value()).is_some() {
            add_text(vm, strings, n, q::EMPTY.value())?;
            all.push(vm, part)?;
        } else if let Some(text) = vm.cast::<Str>(part) {
            add_text(vm, strings, n, text.value())?;
        } else {
            return Err(vm.raise(exc::TYPE_ERROR, "expected str or Interpolation"));
        }
    }
    let n = all.len(vm);
    add_text(vm, strings, n, q::EMPTY.value())?;
    let (strings, all) = (frozen(vm, strings)?, frozen(vm, all)?);
    new_template(vm, strings, all)
}

/// `Interpolation(value, expression="", conversion=None, format_spec="")`.
fn interpolation_new(vm: &mut Vm, _class: Value, args: Args<'_>) -> Res {
    let names =
        [q::value.value(), q::expression.value(), q::conversion.value(), q::format_spec.value()];
    let mut words = [Value::UNDEF, q::EMPTY.value(), Value::NONE, q::EMPTY.value()];
    if args.pos.len() > words.len() {
        return Err(vm.raise(exc::TYPE_ERROR, "extra positional arguments given"));
    }
    words[..args.pos.len()].copy_from_slice(args.pos);
    for (&name, &value) in args.names.iter().zip(args.values) {
        match names.iter().position(|&n| n == name) {
            Some(i) if i >= args.pos.len() => words[i] = value,
            _ => return Err(vm.raise(exc::TYPE_ERROR, "extra keyword arguments given")),
        }
    }
    if words[0].is_undef() {
        return Err(vm.raise(exc::TYPE_ERROR, "'value' argument required"));
    }
    Ok(Native::new(vm, INTERPOLATION.value(), &words)?.value())
}

/// `__template__(strings, interpolations)`: the interpolations as one flat tuple or list, or as further arguments,
/// four words each.
pub fn builtin_template(vm: &mut Vm, args: &[Value]) -> Res {
    let all = vm.new_list()?;
    if let [_, flat] = *args {
        let is_sequence = flat.is_kind(Kind::Tuple) || flat.is_kind(Kind::List);
        if !is_sequence {
            let name = vm.type_name(flat);
            return Err(vm.raise_about(
                exc::TYPE_ERROR,
                "object '%' isn't a tuple or list",
                name.value(),
            ));
        }
        vm.extend_list(all, flat)?;
    } else {
        for &v in &args[1..] {
            all.push(vm, v)?;
        }
    }
    let n = all.len(vm) / 4;
    for i in 0..n {
        let words: [Value; 4] =
            core::array::from_fn(|j| all.get(vm, 4 * i + j).unwrap_or(Value::NONE));
        let one = Native::new(vm, INTERPOLATION.value(), &words)?.value();
        all.set(vm, i, one);
    }
    all.truncate(vm, n);
    let all = frozen(vm, all)?;
    new_template(vm, args[0], all)
}

/// `a + b`: the last string of `a` and the first of `b` become one.
fn template_binary(vm: &mut Vm, op: BinaryOp, a: Value, b: Value, _inplace: bool) -> Res {
    let class = TEMPLATE.value();
    let (BinaryOp::Add, Some(a), Some(b)) = (op, of_type(a, class), of_type(b, class)) else {
        return Ok(Value::NOT_IMPLEMENTED);
    };
    let (strings, all) = (vm.new_list()?, vm.new_list()?);
    let (a0, a1, b0, b1) = (a.get(vm, 0), a.get(vm, 1), b.get(vm, 0), b.get(vm, 1));
    vm.extend_list(strings, a0)?;
    vm.extend_list(all, a1)?;
    for (i, &text) in items_of(b0).as_ref().map_or(&[][..], |t| t.items()).iter().enumerate() {
        if i == 0 {
            let n = all.len(vm);
            add_text(vm, strings, n, text)?;
        } else {
            strings.push(vm, text)?;
        }
    }
    vm.extend_list(all, b1)?;
    let (strings, all) = (frozen(vm, strings)?, frozen(vm, all)?);
    new_template(vm, strings, all)
}

fn template_attr(vm: &mut Vm, v: Value, name: Value, op: AttrOp) -> Res {
    let t = Native::from_known(v);
    if op != AttrOp::Load {
        return Ok(Value::UNDEF);
    }
    match name {
        n if n == q::strings.value() => Ok(t.get(vm, 0)),
        n if n == q::interpolations.value() => Ok(t.get(vm, 1)),
        n if n == q::values.value() => {
            let list = vm.new_list()?;
            let all = items_of(t.get(vm, 1));
            for &i in all.as_ref().map_or(&[][..], |t| t.items()) {
                let value = of_type(i, INTERPOLATION.value()).map_or(i, |i| i.get(vm, 0));
                list.push(vm, value)?;
            }
            frozen(vm, list)
        }
        _ => Ok(Value::UNDEF),
    }
}

fn template_iter(vm: &mut Vm, v: Value) -> Res {
    let t = Native::from_known(v);
    let (strings, all) = (items_of(t.get(vm, 0)), items_of(t.get(vm, 1)));
    let all = all.as_ref().map_or(&[][..], |t| t.items());
    let list = vm.new_list()?;
    for (i, &s) in strings.as_ref().map_or(&[][..], |t| t.items()).iter().enumerate() {
        if vm.truth(s)? {
            list.push(vm, s)?;
        }
        if let Some(&x) = all.get(i) {
            list.push(vm, x)?;
        }
    }
    vm.iter(list.value())
}

fn template_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, _style: Style) -> Result<(), Raise> {
    let t = Native::from_known(v);
    let (strings, all) = (t.get(vm, 0), t.get(vm, 1));
    vm.push_parts(out, b"Template(strings=!, interpolations=!)", &[strings, all])
}

fn interpolation_attr(vm: &mut Vm, v: Value, name: Value, op: AttrOp) -> Res {
    let i = Native::from_known(v);
    let at = match name {
        n if n == q::value.value() => 0,
        n if n == q::expression.value() => 1,
        n if n == q::conversion.value() => 2,
        n if n == q::format_spec.value() => 3,
        _ => return Ok(Value::UNDEF),
    };
    Ok(if op == AttrOp::Load { i.get(vm, at) } else { Value::UNDEF })
}

fn interpolation_repr(
    vm: &mut Vm,
    v: Value,
    out: &mut StrBuilder,
    _style: Style,
) -> Result<(), Raise> {
    let i = Native::from_known(v);
    let parts = [0, 1, 2, 3].map(|at| i.get(vm, at));
    vm.push_parts(out, b"Interpolation(!, !, !, !)", &parts)
}
