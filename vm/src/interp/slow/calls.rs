//! Calls, functions, generators and coroutines. See the module above for what results mean.

use super::*;
use crate::bytecode::op::Op;
use crate::interp::frame::cont;
use crate::object::{
    Args, BoundMethod, Class, ClassFlags, Code, Function, Generator, Instance, List, NativeFn,
    RomFn, Set, Tuple,
};
use crate::value::names::q;
use crate::value::{Kind, Value};
use crate::{SHORTCUTS, Vm, types};

// ---- calls
/// A call with its arguments in the window: `n` of them from `base + skip`, the last ones named by `names` if that is
/// a tuple. `base[0]` is the callee; the registers between it and the arguments may be overwritten.
#[inline(never)]
pub(in crate::interp) fn call(
    vm: &mut Vm,
    base: *mut Value,
    skip: usize,
    n: usize,
    names: Value,
    dst: *mut Value,
) -> Res {
    // SAFETY: registers of the running frame; the compiler reserved `skip + n` of them from `base`.
    unsafe {
        let mut callee = *base;
        let (mut skip, mut n) = (skip, n);
        let mut to = Target::register(dst);
        if !SHORTCUTS {
        } else if let Some(m) = BoundMethod::from_value(callee) {
            callee = m.function(vm);
            skip -= 1;
            n += 1;
            *base.add(skip) = m.receiver(vm);
        } else if let Some(class) = Class::from_value(callee) {
            // A plain class with an __init__ in Python: the frame of __init__ is the call's.
            let plain = ClassFlags::NEW | ClassFlags::EXCEPTION | ClassFlags::METACLASS;
            if class.flags(vm) & plain == 0
                && class.has(vm, ClassFlags::INIT)
                && class.native_base(vm).is_undef()
                && class.metaclass(vm) == types::TYPE.value()
                && let Some(init) = vm.lookup_in_class(callee, q::__init__.value())
                && init.is_kind(Kind::Function)
            {
                let instance = Instance::new(vm, class, Value::UNDEF)?.value();
                callee = init;
                skip -= 1;
                n += 1;
                *base.add(skip) = instance;
                (to.flags, to.extra) = (cont::INIT, instance);
            }
        }
        if SHORTCUTS
            && names.is_undef()
            && let Some(f) = Function::from_value(callee)
            && f.code().get().plain_args as usize == n
            && vm.push_plain(f, base.add(skip), &to)
        {
            return Ok(Value::STOP);
        }
        // SAFETY (of `range_loop`): the arguments are in registers.
        if names.is_undef()
            && callee == types::range::RANGE.value()
            && range_loop(vm, base.add(skip), n, dst)
        {
            return Ok(Value::STOP);
        }
        if SHORTCUTS && names.is_undef() && n == 1 && collect(vm, callee, base, *base.add(skip))? {
            return Ok(Value::STOP);
        }
        let all = core::slice::from_raw_parts(base.add(skip), n);
        let tuple = Tuple::from_value(names);
        let names = tuple.as_ref().map_or(&[][..], |t| t.items());
        let (pos, values) = all.split_at(n - names.len());
        vm.begin_call(callee, &Args { pos, names, values }, &to)
    }
}

/// `for … in range(…)`: when nothing but the following `GetIter` gets the range of these `n` small ints, its loop begins
/// without a range object. False: call it.
///
/// # Safety
/// `n` registers from `args`; `dst` is the running frame's, whose `pc` is behind the call.
unsafe fn range_loop(vm: &mut Vm, args: *const Value, n: usize, dst: *mut Value) -> bool {
    // SAFETY: the caller's promise, and invariant 1 of the dispatch loop: there is an instruction behind a call.
    unsafe {
        let frame = vm.frame;
        let pc = (*frame).pc;
        // Another instruction may be shorter, and the last.
        if *pc != Op::GetIter as u8 {
            return false;
        }
        let (base, src) = (*pc.add(1) as usize, *pc.add(2) as usize);
        if base != src || dst != (*frame).regs.add(base) {
            return false;
        }
        let (start, stop, step) = match n {
            1 => (Value::int(0), *args, Value::int(1)),
            2 => (*args, *args.add(1), Value::int(1)),
            3 => (*args, *args.add(1), *args.add(2)),
            _ => return false,
        };
        let all_small = start.is_small_int() && stop.is_small_int() && step.is_small_int();
        if !all_small || step == Value::int(0) {
            return false;
        }
        // As `get_iter` does it for a range.
        *dst = step;
        *dst.add(1) = start;
        *dst.add(2) = stop;
        (*frame).pc = pc.add(3);
    }
    true
}

/// `list(generator)`, and so with `tuple` and `set`: what the generator yields goes into the result without leaving the
/// dispatch loop, and the generator need not be suspended. Pushes its frame; false: call the type.
///
/// Meanwhile the call's first two registers hold the type and the list or set.
///
/// # Safety
/// There are two registers of the running frame at `base`, as in every call with an argument that is no bound method's.
unsafe fn collect(vm: &mut Vm, callee: Value, base: *mut Value, arg: Value) -> Result<bool, Raise> {
    let Some(generator) = Generator::from_value(arg) else { return Ok(false) };
    let is_new = generator.aux() & (Generator::STATE | Generator::PENDED) == Generator::CREATED;
    if !is_new || generator.is_coroutine() || vm.is_pending() {
        return Ok(false);
    }
    let into = if callee == types::list::LIST.value() || callee == types::tuple::TUPLE.value() {
        vm.new_list()?.value()
    } else if callee == types::set::SET.value() {
        vm.new_set()?.value()
    } else {
        return Ok(false);
    };
    // SAFETY: the caller's promise.
    unsafe {
        *base = callee;
        *base.add(1) = into;
    }
    vm.push_generator(generator, base, cont::COLLECT)?;
    Ok(true)
}

/// Puts what a generator yields where `dst` of its frame says.
pub(in crate::interp) fn collect_item(
    vm: &mut Vm,
    dst: *mut Value,
    item: Value,
) -> Result<(), Raise> {
    // SAFETY: see `collect`.
    let into = unsafe { *dst.add(1) };
    if into.is_kind(Kind::List) {
        List::from_known(into).push(vm, item)
    } else {
        Set::from_known(into).add(vm, item)
    }
}

/// The generator has ended whose items were collected with `base` for the call that the innermost frame makes: stores the result.
pub(in crate::interp) fn collected(vm: &mut Vm, base: *mut Value) -> Result<(), Raise> {
    // SAFETY: see `collect`; a frame that calls has its `pc` behind that instruction, of which the first operand says where the
    // result goes.
    unsafe {
        let mut result = *base.add(1);
        if *base == types::tuple::TUPLE.value() {
            let list = List::from_known(result);
            result = types::tuple::of_list(vm, list)?;
        }
        let frame = &*vm.frame;
        *frame.regs.add(*frame.pc.sub(3) as usize) = result;
    }
    Ok(())
}

/// A call of a native function with positional arguments.
#[inline(never)]
pub(in crate::interp) fn call_native(
    vm: &mut Vm,
    callee: Value,
    args: *const Value,
    n: usize,
) -> Res {
    // SAFETY: `n` registers of the running frame; the dispatch loop saw that the callee is such an object, in ROM.
    let (args, f) =
        unsafe { (core::slice::from_raw_parts(args, n), &*callee.object_ptr().cast::<RomFn>()) };
    if !SHORTCUTS || vm.in_hard_handler() {
        return vm.call_native(f, Args::positional(args));
    }
    match (f.call(), args) {
        (NativeFn::F1(f), &[a]) => f(vm, a),
        (NativeFn::F2(f), &[a, b]) => f(vm, a, b),
        (NativeFn::F3(f), &[a, b, c]) => f(vm, a, b, c),
        (NativeFn::Var(min, max, f), _) if n >= min as usize && n <= max as usize => f(vm, args),
        _ => vm.call_native(f, Args::positional(args)),
    }
}

pub(in crate::interp) fn call_ex(
    vm: &mut Vm,
    callee: Value,
    pos: Value,
    kwargs: Value,
    dst: *mut Value,
) -> Res {
    vm.begin_call_ex(callee, pos, kwargs, &Target::register(dst))
}

pub(in crate::interp) fn make_function(vm: &mut Vm, code: Value, at: *mut Value) -> Res {
    let code = Code::from_known(code);
    let globals = vm.current_globals();
    // SAFETY: the compiler put defaults and cells there.
    let (defaults, kw_defaults, cells) = unsafe {
        (*at, *at.add(1), core::slice::from_raw_parts(at.add(2), code.get().n_free as usize))
    };
    Function::new(vm, code, globals.value(), defaults, kw_defaults, cells).map(|f| f.value())
}

// ---- generators and coroutines
/// One step of `yield from`: what is yielded, or `STOP` with the value of the end in `stop_argument`.
#[inline(never)]
pub(in crate::interp) fn yield_from(vm: &mut Vm, inner: Value, sent: Value) -> Res {
    if let Some(g) = Generator::from_value(inner) {
        return vm.resume_word(g, sent);
    }
    vm.stop_argument = Value::NONE;
    let yielded = if sent.is_none() {
        vm.next_word(inner)
    } else {
        vm.call_method(inner, q::send.value(), &[sent])
    };
    match yielded {
        Err(raise) => vm.returned_by_stop(raise),
        yielded => yielded,
    }
}

pub(in crate::interp) fn get_yield_iter(vm: &mut Vm, v: Value) -> Res {
    if v.is_kind(Kind::Generator) {
        return Ok(v);
    }
    vm.iter(v)
}

/// Iterables whose `iter()` neither fails nor runs anything stay themselves: the generator begins with a `GetIter`.
pub(in crate::interp) fn get_first_iter(vm: &mut Vm, v: Value) -> Res {
    match v.kind() {
        Some(Kind::Range | Kind::List | Kind::Tuple | Kind::Str) => Ok(v),
        _ => get_yield_iter(vm, v),
    }
}

pub(in crate::interp) fn get_awaitable(vm: &mut Vm, v: Value) -> Res {
    if v.is_kind(Kind::Generator) {
        return Ok(v);
    }
    match vm.find_attr(v, q::__await__.value())? {
        Some(f) => vm.call(f, &[]),
        None => vm.iter(v),
    }
}

pub(in crate::interp) fn get_aiter(vm: &mut Vm, v: Value) -> Res {
    vm.call_method(v, q::__aiter__.value(), &[])
}

pub(in crate::interp) fn get_anext(vm: &mut Vm, v: Value) -> Res {
    let a = vm.call_method(v, q::__anext__.value(), &[])?;
    get_awaitable(vm, a)
}
