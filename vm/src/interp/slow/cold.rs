//! The instructions that take long anyway or come seldom: one function, which finds its operands by itself, so that
//! they cost the dispatch loop nothing.

use super::*;
use crate::bytecode::op::Op;
use crate::object::{Dict, Function};
use crate::value::Value;
use crate::{Raise, Vm};

/// The word of an instruction without a result.
fn done(r: Result<(), Raise>) -> Value {
    if r.is_ok() { Value::DELETED } else { Value::UNDEF }
}

/// Does the instruction at `pc`. The word is its result, or `DELETED` when there is none, or as for all functions here.
///
/// # Safety
/// `pc`, `regs` and `k` are the dispatch loop's, whose invariant 1 holds.
#[inline(never)]
pub(in crate::interp) unsafe fn cold(
    vm: &mut Vm,
    pc: *const u8,
    regs: *mut Value,
    k: *const Value,
) -> Value {
    // SAFETY: the caller's promise: operands are what the opcode says.
    unsafe {
        macro_rules! count {
            ($i:expr) => {
                *pc.add($i) as usize
            };
        }
        /// Where the register that operand byte `$i` names is.
        macro_rules! at {
            ($i:expr) => {
                regs.add(count!($i))
            };
        }
        macro_rules! r {
            ($i:expr) => {
                *at!($i)
            };
        }
        macro_rules! k {
            ($i:expr) => {
                *k.add(pc.add($i).cast::<u16>().read_unaligned() as usize)
            };
        }
        /// The `$n` registers from operand 2 on.
        macro_rules! items {
            ($n:expr) => {
                core::slice::from_raw_parts(at!(2), $n)
            };
        }
        let function = Function::from_known((*vm.frame).function);
        match core::mem::transmute::<u8, Op>(*pc) {
            // ---- names and cells
            Op::DelGlobal => done(delete_in(vm, function.globals(), k!(1))),
            Op::DelName => done(delete_in(vm, *regs, k!(1))),
            Op::LoadClassFree => load_class_free(vm, *regs, function.cell(count!(2)), k!(3)),
            Op::MakeCell => make_cell(vm, r!(1)),
            Op::LoadFreeCell => function.cell(count!(2)),
            // ---- attributes and items
            Op::DelAttr => done(vm.delete_attr(r!(1), k!(2))),
            Op::LoadSpecial => done(load_special(vm, r!(2), k!(3), at!(1))),
            Op::LoadSuper => done(load_super(vm, r!(2), r!(3), k!(4), at!(1))),
            Op::LoadSlice => load_slice(vm, r!(2), at!(3)),
            Op::StoreSlice => done(store_slice(vm, r!(1), at!(2), r!(3))),
            Op::DelItem => done(vm.delete_item(r!(1), r!(2))),
            Op::Neg | Op::Pos | Op::Invert => unary(vm, *pc - Op::Neg as u8, r!(2)),
            // ---- calls and functions
            Op::CallKw => call(vm, at!(2), 1, count!(3), k!(4), at!(1)),
            Op::CallMethodKw => {
                let base = at!(2);
                let bound = !(*base.add(1)).is_undef() as usize;
                call(vm, base, 2 - bound, count!(3) + bound, k!(4), at!(1))
            }
            Op::CallEx => {
                let t = at!(2);
                call_ex(vm, *t, *t.add(1), *t.add(2), at!(1))
            }
            Op::MakeFunction => make_function(vm, k!(2), at!(4)),
            // ---- generators and coroutines
            Op::GetYieldIter => get_yield_iter(vm, r!(2)),
            Op::GetFirstIter => get_first_iter(vm, r!(2)),
            Op::GetAwaitable => get_awaitable(vm, r!(2)),
            Op::GetAIter => get_aiter(vm, r!(2)),
            Op::GetANext => get_anext(vm, r!(2)),
            // ---- building
            Op::BuildList => word(vm.new_list_from(items!(count!(3))).map(|l| l.value())),
            Op::BuildTuple => word(vm.new_tuple(items!(count!(3)))),
            Op::BuildSet => build_set(vm, items!(count!(3))),
            Op::BuildDict => build_dict(vm, items!(count!(3) * 2)),
            Op::BuildSlice => {
                let t = at!(2);
                build_slice(vm, *t, *t.add(1), *t.add(2))
            }
            Op::BuildString => build_string(vm, items!(count!(3))),
            Op::FormatValue => {
                let t = at!(2);
                format_value(vm, *t, *t.add(1), *pc.add(3))
            }
            Op::BuildTemplate => {
                let t = at!(2);
                build_template(vm, *t, *t.add(1))
            }
            Op::BuildInterpolation => {
                let t = at!(2);
                build_interpolation(vm, *t, *t.add(1), *pc.add(3), *t.add(2))
            }
            Op::ListExtend => done(list_extend(vm, r!(1), r!(2))),
            Op::ListToTuple => list_to_tuple(vm, r!(2)),
            Op::SetAdd => done(set_add(vm, r!(1), r!(2))),
            Op::SetUpdate => done(set_update(vm, r!(1), r!(2))),
            Op::DictSet => done(Dict::from_known(r!(1)).set(vm, r!(2), r!(3))),
            Op::DictUpdate => done(dict_update(vm, r!(1), r!(2), false)),
            Op::DictMerge => done(dict_update(vm, r!(1), r!(2), true)),
            Op::UnpackEx => done(unpack_ex(vm, r!(2), at!(1), count!(3), count!(4))),
            // ---- exceptions
            Op::SplitGroup => done(split_group(vm, at!(1))),
            Op::Raise => raise(vm, r!(1), Value::UNDEF),
            Op::RaiseFrom => raise(vm, r!(1), r!(2)),
            Op::Reraise => {
                vm.exception = r!(1);
                vm.reraising = true;
                Value::UNDEF
            }
            Op::RaiseAgain => raise_again(vm),
            Op::ExcInfo => done(exc_info(vm, r!(2), at!(1))),
            Op::RaiseGroup => done(raise_group(vm, at!(1))),
            // ---- imports
            Op::ImportName => {
                let t = at!(2);
                import_name(vm, k!(3), *t, *t.add(1))
            }
            Op::ImportFrom => import_from(vm, r!(2), k!(3)),
            Op::ImportStar => done(import_star(vm, r!(1), *regs)),
            // ---- match
            Op::MatchSequence => Value::bool(is_match_sequence(vm, r!(2))),
            Op::MatchMapping => Value::bool(is_match_mapping(vm, r!(2))),
            Op::Len => len(vm, r!(2)),
            Op::MatchKeys => {
                let t = at!(2);
                match_keys(vm, *t, *t.add(1))
            }
            Op::MatchClass => {
                let t = at!(2);
                match_class(vm, *t, *t.add(1), count!(3), k!(4))
            }
            Op::DictRest => dict_rest(vm, r!(2), r!(3)),
            // ---- rest
            Op::PrintExpr => done(print_expr(vm, r!(1))),
            // The dispatch loop does all others itself.
            _ => word(Err(not_built(vm))),
        }
    }
}
