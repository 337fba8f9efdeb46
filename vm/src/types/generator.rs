//! Generators and coroutines as Python sees them.

use crate::object::{AttrOp, Generator, Res, StrBuilder, Style};
use crate::value::names::q;
use crate::value::{Kind, Value};
use crate::{Raise, Vm, py_type};

use super::OBJECT;

py_type! {
    /// A generator.
    pub static GENERATOR: generator, base OBJECT;
    slots { repr: generator_repr, iter: generator_itself, next: generator_next, attr: generator_attr, is_final: true }
    entries {
        send = F2(generator_send);
        throw = Var(2, 4, generator_throw);
        pend_throw = F2(generator_pend_throw);
        close = F1(generator_close);
        __next__ = F1(generator_dunder_next);
        __iter__ = F1(generator_itself);
    }
}

py_type! {
    /// A coroutine, made by calling an `async def`.
    pub static COROUTINE: coroutine, base OBJECT;
    slots { repr: generator_repr, next: generator_next, attr: generator_attr, is_final: true }
    entries {
        send = F2(generator_send);
        throw = Var(2, 4, generator_throw);
        pend_throw = F2(generator_pend_throw);
        close = F1(generator_close);
        __next__ = F1(generator_dunder_next);
        __await__ = F1(generator_itself);
    }
}

fn of(vm: &mut Vm, v: Value) -> Result<Generator, Raise> {
    vm.expect::<Generator>(v, &GENERATOR)
}

pub(super) fn generator_itself(_vm: &mut Vm, v: Value) -> Res {
    Ok(v)
}

pub(super) fn generator_repr(
    vm: &mut Vm,
    v: Value,
    out: &mut StrBuilder,
    _style: Style,
) -> Result<(), Raise> {
    let g = Generator::from_known(v);
    let parts = [vm.type_name(v).value(), g.function().code().name(), v];
    vm.push_parts(out, b"<% object '%' at @>", &parts)
}

pub(crate) fn generator_next(vm: &mut Vm, v: Value) -> Res {
    vm.resume_word(Generator::from_known(v), Value::NONE)
}

pub(super) fn generator_dunder_next(vm: &mut Vm, v: Value) -> Res {
    let g = of(vm, v)?;
    vm.send(g, Value::NONE)
}

pub(super) fn generator_send(vm: &mut Vm, v: Value, value: Value) -> Res {
    let g = of(vm, v)?;
    vm.send(g, value)
}

/// `generator.throw(type_or_value[, value[, traceback]])`.
pub(super) fn generator_throw(vm: &mut Vm, args: &[Value]) -> Res {
    let g = of(vm, args[0])?;
    let exception = thrown(vm, args)?;
    let word = vm.throw_word(g, exception)?;
    vm.yielded(word)
}

/// What `throw(type_or_value[, value[, traceback]])` is to raise; `args` begin with the generator.
pub(super) fn thrown(vm: &mut Vm, args: &[Value]) -> Res {
    // A class stays one: what `yield from` drives sees what was thrown.
    match args.get(2) {
        Some(&v) if v.is_kind(Kind::Exception) => Ok(v),
        Some(&v) if !v.is_none() => vm.call(args[1], &[v]),
        _ => Ok(args[1]),
    }
}

/// `generator.pend_throw(exception)`: what resuming raises next, `None` for nothing; returns what it was before.
pub(super) fn generator_pend_throw(vm: &mut Vm, v: Value, exception: Value) -> Res {
    let g = of(vm, v)?;
    vm.pend_exception(g, exception)
}

pub(super) fn generator_close(vm: &mut Vm, v: Value) -> Res {
    let g = of(vm, v)?;
    vm.close_generator(g)?;
    Ok(Value::NONE)
}

pub(super) fn generator_attr(_vm: &mut Vm, v: Value, name: Value, op: AttrOp) -> Res {
    let g = Generator::from_known(v);
    Ok(match name {
        _ if op != AttrOp::Load || !cfg!(feature = "extra") => Value::UNDEF,
        n if n == q::__name__.value() => g.function().code().name(),
        n if n == q::__qualname__.value() => g.function().code().qualname(),
        n if n == q::gi_running.value() => Value::bool(g.state() == Generator::RUNNING),
        n if n == q::gi_code.value() => g.function().code().value(),
        _ => Value::UNDEF,
    })
}
