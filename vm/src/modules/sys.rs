//! `sys`. Source: Python Library Reference, "sys"; MicroPython library reference.

use crate::object::{Args, AttrOp, Res};
use crate::value::Value;
use crate::value::names::{Name, RomStr, q};
use crate::{Vm, exc, py_module};

py_module! {
    /// `sys`.
    pub static SYS: sys, extensible false;
    entries {
        exit = Raw(sys_exit);
        #[cfg(feature = "extra")]
        atexit = F1(sys_atexit);
        #[cfg(feature = "extra")]
        getsizeof = F1(sys_getsizeof);
        print_exception = Var(1, 2, sys_print_exception);
        #[cfg(feature = "extra")]
        exc_info = F0(sys_exc_info);
        #[cfg(feature = "extra")]
        intern = F1(sys_intern);
        #[cfg(feature = "settrace")]
        settrace = F1(sys_settrace);
        #[cfg(feature = "extra")]
        executable: q::EMPTY.rom();
        version: VERSION.rom();
    }
    with with_attr(sys_attr)
    with with_computed(COMPUTED.split_at(HIDDEN).1)
}

const VERSION_TEXT: &str = "3.4.0; MicroPython v1.29.0 on 2026-11-21";
static VERSION: RomStr<{ VERSION_TEXT.len() }> = RomStr::new(VERSION_TEXT);
const BYTE_ORDER: &str = if cfg!(target_endian = "little") { "little" } else { "big" };

/// The names of the attributes that are computed; `dir()` does not show the first ones.
static COMPUTED: [Name; 14] = [
    q::stdin,
    q::stdout,
    q::stderr,
    q::tracebacklimit,
    q::path,
    q::argv,
    q::modules,
    q::ps1,
    q::ps2,
    q::platform,
    q::version_info,
    q::maxsize,
    q::implementation,
    q::byteorder,
];
const HIDDEN: usize = 4;

fn sys_exit(vm: &mut Vm, args: Args<'_>) -> Res {
    Err(vm.raise_with(exc::SYSTEM_EXIT, args.pos))
}

/// `sys.atexit(function)`: what is called when the program has ended; returns what was to be called before.
fn sys_atexit(vm: &mut Vm, function: Value) -> Res {
    let before = vm.module_state(q::atexit.value()).unwrap_or(Value::NONE);
    vm.set_module_state(q::atexit.value(), function)?;
    Ok(before)
}

/// Calls what `sys.atexit` was given, and prints what it raises. For embedders, at the end of the main program.
pub fn run_atexit(vm: &mut Vm) {
    let Some(function) = vm.module_state(q::atexit.value()).filter(|f| !f.is_none()) else {
        return;
    };
    let result = vm.set_module_state(q::atexit.value(), Value::NONE);
    if result.and_then(|()| vm.call(function, &[])).is_err() && !vm.killed {
        let exception = vm.take_exception();
        vm.print_exception(exception);
    }
}

/// `sys.getsizeof(object)`: its bytes in the heap, 0 for what is in ROM or no object at all.
fn sys_getsizeof(vm: &mut Vm, object: Value) -> Res {
    Ok(Value::from_len(vm.size_of(object)))
}

fn sys_print_exception(vm: &mut Vm, args: &[Value]) -> Res {
    let mut out = crate::object::StrBuilder::new();
    vm.format_exception(args[0], &mut out)?;
    out.check(vm)?;
    let file = args.get(1).copied().filter(|file| !file.is_none());
    let result = super::io::write_text(vm, file, out.as_bytes());
    out.discard(vm);
    result.map(|()| Value::NONE)
}

fn sys_exc_info(vm: &mut Vm) -> Res {
    let e = vm.handled;
    if e.is_none() {
        return vm.new_tuple(&[Value::NONE; 3]);
    }
    let class = vm.exception_class(e);
    let traceback = crate::types::exceptions::traceback_of(vm, e)?;
    vm.new_tuple(&[class, e, traceback])
}

fn sys_intern(vm: &mut Vm, s: Value) -> Res {
    vm.name_arg(s)
}

/// `sys.settrace(function)`: has this thread tell it of calls, lines, returns and exceptions; `None` ends that.
#[cfg(feature = "settrace")]
fn sys_settrace(vm: &mut Vm, function: Value) -> Res {
    vm.set_trace(function)?;
    Ok(Value::NONE)
}

fn sys_attr(vm: &mut Vm, name: Value, op: AttrOp) -> Res {
    let number = COMPUTED.iter().position(|n| n.value() == name);
    if let Some(stream @ 0..3) = number {
        let new = match op {
            AttrOp::Load => return vm.stdio(stream),
            AttrOp::Store(v) => v,
            // Deleted, it is the console's again.
            AttrOp::Delete => Value::UNDEF,
        };
        vm.set_stdio(stream, new);
        return Ok(Value::NONE);
    }
    let roots = &mut vm.shared_mut().roots;
    let place = match number {
        Some(3) if cfg!(feature = "extra") => return traceback_limit(vm, op),
        Some(4) => &mut roots.sys_path,
        Some(5) => &mut roots.sys_argv,
        Some(6) => &mut roots.modules,
        Some(7) => &mut roots.prompts[0],
        Some(8) => &mut roots.prompts[1],
        None | Some(3) => return Ok(Value::UNDEF),
        _ if op != AttrOp::Load => return Ok(Value::UNDEF),
        Some(9) => return vm.intern(vm.host().platform()),
        Some(10) => return vm.new_tuple(&[Value::int(3), Value::int(4), Value::int(0)]),
        Some(11) => return vm.int_from_i64(isize::MAX as i64),
        Some(12) => return implementation(vm),
        Some(_) => return vm.intern(BYTE_ORDER),
    };
    match op {
        AttrOp::Load => Ok(*place),
        AttrOp::Store(v) if number != Some(6) => {
            *place = v;
            Ok(Value::NONE)
        }
        _ => Ok(Value::UNDEF),
    }
}

/// `sys.tracebacklimit`: how many places a printed traceback has at most; absent until a script sets it.
fn traceback_limit(vm: &mut Vm, op: AttrOp) -> Res {
    let name = q::tracebacklimit.value();
    let before = vm.module_state(name).filter(|v| !v.is_none()).unwrap_or(Value::UNDEF);
    match op {
        AttrOp::Load => return Ok(before),
        AttrOp::Store(limit) => {
            vm.index(limit)?;
            vm.set_module_state(name, limit)?;
        }
        AttrOp::Delete if before.is_undef() => return Ok(before),
        AttrOp::Delete => vm.set_module_state(name, Value::NONE)?,
    }
    Ok(Value::NONE)
}

/// `sys.implementation`: `micropython`, so that tools and scripts know what to expect.
fn implementation(vm: &mut Vm) -> Res {
    let version =
        vm.new_tuple(&[Value::int(1), Value::int(29), Value::int(0), q::EMPTY.value()])?;
    let machine = vm.intern(vm.host().machine())?;
    let items = [
        (q::name.value(), q::micropython.value()),
        (q::version.value(), version),
        (q::_machine.value(), machine),
        (q::_build.value(), vm.intern("threadsnake")?),
        (q::_thread.value(), vm.intern("GIL")?),
    ];
    crate::types::attrtuple::new_attr_tuple(vm, &items)
}
