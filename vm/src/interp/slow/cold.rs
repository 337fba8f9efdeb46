//! The instructions that take long anyway or come seldom: two functions, which find the operands by themselves, so that
//! they cost the dispatch loop nothing.

use super::*;
use crate::bytecode::op::Op;
use crate::interp::dispatch::op_at;
use crate::object::{Dict, Function};
use crate::value::Value;
use crate::{Raise, Vm};

/// This build has `match` and `except*`.
const MATCHES: bool = cfg!(feature = "extra");

/// What an instruction works on: its own address, the registers and the constants of its frame.
#[derive(Clone, Copy)]
struct Operands {
    pc: *const u8,
    regs: *mut Value,
    k: *const Value,
}

/// All functions take the offset of an operand of that kind. The dispatch loop's invariant 1 holds.
#[allow(clippy::missing_safety_doc, reason = "the same for all")]
impl Operands {
    #[inline(always)]
    unsafe fn count(self, i: usize) -> usize {
        // SAFETY: the caller's promise.
        unsafe { *self.pc.add(i) as usize }
    }

    /// Where a register is.
    #[inline(always)]
    unsafe fn at(self, i: usize) -> *mut Value {
        // SAFETY: the caller's promise.
        unsafe { self.regs.add(self.count(i)) }
    }

    /// What is in a register.
    #[inline(always)]
    unsafe fn r(self, i: usize) -> Value {
        // SAFETY: the caller's promise.
        unsafe { *self.at(i) }
    }

    /// A constant.
    #[inline(always)]
    unsafe fn k(self, i: usize) -> Value {
        // SAFETY: the caller's promise.
        unsafe { *self.k.add(self.pc.add(i).cast::<u16>().read_unaligned() as usize) }
    }

    /// The `n` registers from operand 2 on.
    #[inline(always)]
    unsafe fn items<'a>(self, n: usize) -> &'a [Value] {
        // SAFETY: the caller's promise.
        unsafe { core::slice::from_raw_parts(self.at(2), n) }
    }
}

/// The function that runs.
///
/// # Safety
/// There is a frame.
#[inline(always)]
unsafe fn function(vm: &Vm) -> Function {
    // SAFETY: the caller's promise.
    Function::from_known(unsafe { (*vm.frame).function })
}

/// Does an instruction with a result.
///
/// # Safety
/// `op` is at `pc`; the pointers are the dispatch loop's, whose invariant 1 holds.
#[inline(never)]
pub(in crate::interp) unsafe fn cold_result(
    vm: &mut Vm,
    pc: *const u8,
    regs: *mut Value,
    k: *const Value,
) -> Res {
    let o = Operands { pc, regs, k };
    // SAFETY: the caller's promise: operands are what the opcode says.
    unsafe {
        let op = op_at(pc);
        match op {
            // ---- names and cells
            Op::LoadClassFree => {
                load_class_free(vm, *o.regs, function(vm).cell(o.count(2)), o.k(3))
            }
            Op::MakeCell => make_cell(vm, o.r(1)),
            Op::LoadFreeCell => Ok(function(vm).cell(o.count(2))),
            // ---- attributes and items
            Op::LoadSlice => load_slice(vm, o.r(2), o.at(3)),
            Op::Neg | Op::Pos | Op::Invert => unary(vm, op as u8 - Op::Neg as u8, o.r(2)),
            // ---- calls and functions
            Op::CallKw => call(vm, o.at(2), 1, o.count(3), o.k(4), o.at(1)),
            Op::CallMethodKw => {
                let base = o.at(2);
                let bound = !(*base.add(1)).is_undef() as usize;
                call(vm, base, 2 - bound, o.count(3) + bound, o.k(4), o.at(1))
            }
            Op::CallEx => {
                let t = o.at(2);
                call_ex(vm, *t, *t.add(1), *t.add(2), o.at(1))
            }
            Op::MakeFunction => make_function(vm, o.k(2), o.at(4)),
            // ---- generators and coroutines
            Op::GetYieldIter => get_yield_iter(vm, o.r(2)),
            Op::GetFirstIter => get_first_iter(vm, o.r(2)),
            Op::GetAwaitable => get_awaitable(vm, o.r(2)),
            Op::GetAIter => get_aiter(vm, o.r(2)),
            Op::GetANext => get_anext(vm, o.r(2)),
            // ---- building
            Op::BuildList => vm.new_list_from(o.items(o.count(3))).map(|l| l.value()),
            Op::BuildTuple => vm.new_tuple(o.items(o.count(3))),
            Op::BuildSet => build_set(vm, o.items(o.count(3))),
            Op::BuildDict => build_dict(vm, o.items(o.count(3) * 2)),
            Op::BuildSlice => {
                let t = o.at(2);
                build_slice(vm, *t, *t.add(1), *t.add(2))
            }
            Op::BuildString => build_string(vm, o.items(o.count(3))),
            Op::FormatValue => {
                let t = o.at(2);
                format_value(vm, *t, *t.add(1), o.count(3) as u8)
            }
            Op::BuildTemplate if cfg!(feature = "string") => {
                let t = o.at(2);
                build_template(vm, *t, *t.add(1))
            }
            Op::BuildInterpolation if cfg!(feature = "string") => {
                let t = o.at(2);
                build_interpolation(vm, *t, *t.add(1), o.count(3) as u8, *t.add(2))
            }
            Op::ListToTuple => list_to_tuple(vm, o.r(2)),
            // ---- imports
            Op::ImportName => {
                let t = o.at(2);
                import_name(vm, o.k(3), *t, *t.add(1))
            }
            Op::ImportFrom => import_from(vm, o.r(2), o.k(3)),
            // ---- match
            Op::MatchSequence if MATCHES => Ok(Value::bool(is_match_sequence(vm, o.r(2)))),
            Op::MatchMapping if MATCHES => Ok(Value::bool(is_match_mapping(vm, o.r(2)))),
            Op::Len if MATCHES => len(vm, o.r(2)),
            Op::MatchKeys if MATCHES => {
                let t = o.at(2);
                match_keys(vm, *t, *t.add(1))
            }
            Op::MatchClass if MATCHES => {
                let t = o.at(2);
                match_class(vm, *t, *t.add(1), o.count(3), o.k(4))
            }
            Op::DictRest if MATCHES => dict_rest(vm, o.r(2), o.r(3)),
            // What this build has not; the dispatch loop calls this for no other.
            _ => Err(not_built(vm)),
        }
    }
}

/// Does an instruction without a result.
///
/// # Safety
/// As of `cold_result`.
#[inline(never)]
pub(in crate::interp) unsafe fn cold_effect(
    vm: &mut Vm,
    pc: *const u8,
    regs: *mut Value,
    k: *const Value,
) -> Result<(), Raise> {
    let o = Operands { pc, regs, k };
    // SAFETY: the caller's promise: operands are what the opcode says.
    unsafe {
        match op_at(pc) {
            // ---- names and cells
            Op::DelGlobal => delete_in(vm, function(vm).globals(), o.k(1)),
            Op::DelName => delete_in(vm, *o.regs, o.k(1)),
            // ---- attributes and items
            Op::DelAttr => vm.delete_attr(o.r(1), o.k(2)),
            Op::LoadSpecial => load_special(vm, o.r(2), o.k(3), o.at(1)),
            Op::LoadSuper => load_super(vm, o.r(2), o.r(3), o.k(4), o.at(1)),
            Op::StoreSlice => store_slice(vm, o.r(1), o.at(2), o.r(3)),
            Op::DelItem => vm.delete_item(o.r(1), o.r(2)),
            // ---- building
            Op::ListExtend => list_extend(vm, o.r(1), o.r(2)),
            Op::SetAdd => set_add(vm, o.r(1), o.r(2)),
            Op::SetUpdate => set_update(vm, o.r(1), o.r(2)),
            Op::DictSet => Dict::from_known(o.r(1)).set(vm, o.r(2), o.r(3)),
            Op::DictUpdate => dict_update(vm, o.r(1), o.r(2), false),
            Op::DictMerge => dict_update(vm, o.r(1), o.r(2), true),
            Op::UnpackEx => unpack_ex(vm, o.r(2), o.at(1), o.count(3), o.count(4)),
            // ---- exceptions
            Op::SplitGroup if MATCHES => split_group(vm, o.at(1)),
            Op::Raise => raise(vm, o.r(1), Value::UNDEF),
            Op::RaiseFrom => raise(vm, o.r(1), o.r(2)),
            Op::Reraise => {
                vm.exception = o.r(1);
                vm.reraising = true;
                Err(Raise(()))
            }
            Op::RaiseAgain => raise_again(vm),
            Op::ExcInfo => exc_info(vm, o.r(2), o.at(1)),
            Op::RaiseGroup if MATCHES => raise_group(vm, o.at(1)),
            // ---- imports
            Op::ImportStar => import_star(vm, o.r(1), *o.regs),
            // ---- rest
            Op::PrintExpr => print_expr(vm, o.r(1)),
            // What this build has not; the dispatch loop calls this for no other.
            _ => Err(not_built(vm)),
        }
    }
}
