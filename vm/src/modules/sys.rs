//! `sys`. Source: Python Library Reference, "sys"; MicroPython library reference.

use crate::object::{Args, AttrOp, Res};
use crate::value::Value;
use crate::value::names::q;
use crate::{Vm, exc, py_module};

py_module! {
    /// `sys`.
    pub static SYS: sys, extensible false;
    entries {
        exit = Raw(sys_exit);
        print_exception = Var(1, 2, sys_print_exception);
        exc_info = F0(sys_exc_info);
        intern = F1(sys_intern);
    }
    with with_attr(sys_attr)
}

fn sys_exit(vm: &mut Vm, args: Args<'_>) -> Res {
    Err(vm.raise_with(exc::SYSTEM_EXIT, args.pos))
}

fn sys_print_exception(vm: &mut Vm, args: &[Value]) -> Res {
    let mut out = crate::object::StrBuilder::new();
    vm.format_exception(args[0], &mut out)?;
    let result = match args.get(1) {
        Some(&file) if !file.is_none() => super::io::write_text(vm, file, out.as_bytes()),
        _ => vm.write_stdout(out.as_bytes()),
    };
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

fn sys_attr(vm: &mut Vm, name: Value, op: AttrOp) -> Res {
    let streams = [q::stdin.value(), q::stdout.value(), q::stderr.value()];
    if let Some(number) = streams.iter().position(|&n| n == name) {
        return match op {
            AttrOp::Load => vm.stdio(number),
            AttrOp::Store(v) => {
                vm.set_stdio(number, v);
                Ok(Value::NONE)
            }
            // Deleted, it is the console's again.
            AttrOp::Delete => {
                vm.set_stdio(number, Value::UNDEF);
                Ok(Value::NONE)
            }
        };
    }
    let roots = &mut vm.shared_mut().roots;
    let place = match name {
        n if n == q::path.value() => &mut roots.sys_path,
        n if n == q::argv.value() => &mut roots.sys_argv,
        n if n == q::modules.value() => &mut roots.modules,
        _ => return computed(vm, name, op),
    };
    match op {
        AttrOp::Load => Ok(*place),
        AttrOp::Store(v) if name != q::modules.value() => {
            *place = v;
            Ok(Value::NONE)
        }
        _ => Ok(Value::UNDEF),
    }
}

fn computed(vm: &mut Vm, name: Value, op: AttrOp) -> Res {
    if op != AttrOp::Load {
        return Ok(Value::UNDEF);
    }
    match name {
        n if n == q::platform.value() => vm.intern(vm.host().platform()),
        n if n == q::byteorder.value() => {
            vm.intern(if cfg!(target_endian = "little") { "little" } else { "big" })
        }
        n if n == q::version.value() => {
            vm.intern(concat!("3.4.0; MicroPython v1.29.0 on ", "2026-11-21"))
        }
        n if n == q::version_info.value() => {
            vm.new_tuple(&[Value::int(3), Value::int(4), Value::int(0)])
        }
        n if n == q::maxsize.value() => vm.int_from_i64(isize::MAX as i64),
        n if n == q::implementation.value() => implementation(vm),
        n if n == q::executable.value() => Ok(q::EMPTY.value()),
        n if n == q::tracebacklimit.value() => Ok(Value::UNDEF),
        _ => Ok(Value::UNDEF),
    }
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
