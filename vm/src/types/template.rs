//! Template strings (PEP 750): `Template` and `Interpolation`.

use crate::object::{AttrOp, Native, Res, StrBuilder, Style, Tuple};
use crate::value::Value;
use crate::value::names::q;
use crate::{Raise, Vm, py_type};

use super::OBJECT;

py_type! {
    /// `string.templatelib.Template`.
    pub static TEMPLATE: Template, base OBJECT;
    slots { repr: template_repr, attr: template_attr, iter: template_iter }
    entries {}
}

py_type! {
    /// `string.templatelib.Interpolation`.
    pub static INTERPOLATION: Interpolation, base OBJECT;
    slots { repr: interpolation_repr, attr: interpolation_attr }
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

fn template_attr(vm: &mut Vm, v: Value, name: Value, op: AttrOp) -> Res {
    let t = Native::from_known(v);
    match name {
        n if op == AttrOp::Load && n == q::strings.value() => Ok(t.get(vm, 0)),
        n if op == AttrOp::Load && n == q::interpolations.value() => Ok(t.get(vm, 1)),
        n if op == AttrOp::Load && n == q::values.value() => {
            let list = vm.new_list()?;
            let all = Tuple::from_known(t.get(vm, 1));
            for &i in all.items() {
                let value = Native::from_known(i).get(vm, 0);
                list.push(vm, value)?;
            }
            let items = crate::object::array_items(list.array(vm));
            let n = list.len(vm);
            vm.new_tuple(&items[..n])
        }
        _ => Ok(Value::UNDEF),
    }
}

fn template_iter(vm: &mut Vm, v: Value) -> Res {
    let t = Native::from_known(v);
    let (strings, all) = (Tuple::from_known(t.get(vm, 0)), Tuple::from_known(t.get(vm, 1)));
    let list = vm.new_list()?;
    for (i, &s) in strings.items().iter().enumerate() {
        if vm.truth(s)? {
            list.push(vm, s)?;
        }
        if let Some(&x) = all.items().get(i) {
            list.push(vm, x)?;
        }
    }
    vm.iter(list.value())
}

fn template_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, _style: Style) -> Result<(), Raise> {
    let t = Native::from_known(v);
    let (strings, all) = (t.get(vm, 0), t.get(vm, 1));
    out.push_str(vm, "Template(strings=")?;
    vm.format(strings, out, Style::Repr)?;
    out.push_str(vm, ", interpolations=")?;
    vm.format(all, out, Style::Repr)?;
    out.push_str(vm, ")")
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
    out.push_str(vm, "Interpolation(")?;
    for at in 0..4 {
        if at > 0 {
            out.push_str(vm, ", ")?;
        }
        let part = i.get(vm, at);
        vm.format(part, out, Style::Repr)?;
    }
    out.push_str(vm, ")")
}
