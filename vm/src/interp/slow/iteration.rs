//! Loops: beginning an iteration, and its next item. See the module above for what results mean.

use super::*;
use crate::interp::frame::cont;
use crate::object::{Generator, IterKind, Iterator, Range, Tuple};
use crate::ops::iter::Cursor;
use crate::value::{Kind, Value};
use crate::{Raise, SHORTCUTS, Vm};

#[inline(never)]
pub(in crate::interp) fn get_iter(vm: &mut Vm, src: Value, at: *mut Value) -> Result<(), Raise> {
    let put = |a: Value, b: Value, c: Value| {
        // SAFETY: three registers of the running frame.
        unsafe {
            *at = a;
            *at.add(1) = b;
            *at.add(2) = c;
        }
    };
    match src.kind() {
        Some(Kind::Range) if SHORTCUTS => {
            let r = Range::from_known(src);
            let (start, stop, step) = (r.start(vm), r.stop(vm), r.step(vm));
            if start.is_small_int() && stop.is_small_int() && step.is_small_int() {
                put(step, start, stop);
                return Ok(());
            }
        }
        Some(Kind::List | Kind::Tuple) if SHORTCUTS => {
            put(src, Value::int(0), Value::UNDEF);
            return Ok(());
        }
        _ => {}
    }
    let [a, b, c] = vm.cursor(src)?.0;
    put(a, b, c);
    Ok(())
}

/// The next item of a loop that is not over a range or list. `STOP` at the end, `DELETED` when the
/// generator's frame was pushed.
#[inline(never)]
pub(in crate::interp) fn for_next(vm: &mut Vm, t: *mut Value, dst: *mut Value) -> Res {
    // SAFETY: three registers of the running frame.
    let (source, at) = unsafe { (*t, *t.add(1)) };
    match source.kind() {
        Some(Kind::Tuple) if SHORTCUTS => {
            let i = at.as_small_int().unwrap_or(0) as usize;
            match Tuple::from_known(source).items().get(i) {
                Some(&v) => {
                    // SAFETY: as above.
                    unsafe { *t.add(1) = Value::from_len(i + 1) };
                    Ok(v)
                }
                None => Ok(Value::STOP),
            }
        }
        Some(Kind::Generator) if !Generator::from_known(source).is_pended() => {
            let g = Generator::from_known(source);
            let goes_on = vm.push_resumed(g, Value::NONE, dst, cont::FOR_NEXT)?;
            Ok(if goes_on { Value::DELETED } else { Value::STOP })
        }
        Some(Kind::Iterator) if SHORTCUTS => {
            let it = Iterator::from_known(source);
            if it.kind() == IterKind::Walk && it.a(vm).is_kind(Kind::List) {
                let i = it.b(vm).as_small_int().unwrap_or(0);
                let v = list_item(it.a(vm), i);
                if !v.is_undef() {
                    it.set_b(vm, Value::from_len(i as usize + 1));
                    return Ok(v);
                }
            }
            vm.builtin_next(it)
        }
        _ => {
            // SAFETY: as above; the cursor works on a copy.
            unsafe {
                let mut c = Cursor([source, at, *t.add(2)]);
                let item = vm.cursor_word(&mut c);
                *t.add(1) = c.0[1];
                item
            }
        }
    }
}
