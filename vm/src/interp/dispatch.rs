//! The dispatch loop.
//!
//! Local variables hold the machine: `pc`, `regs`, `k` (constants), `hints`, `frame`. Uncommon cases are cold
//! functions of `slow`, whose result is `STOP` when they pushed or popped a frame: then the machine is loaded again.
//!
//! # Invariants
//! 1. The bytecode is what the compiler made or the verifier passed: opcodes, registers, constants and jumps are valid.
//! 2. `frame.pc` is stored before anything that may raise, push a frame or collect.
//! 3. Hard interrupt handlers run between any two machine instructions of `run_frames` itself (see `vm::handlers`). So
//!    whatever it calls that allocates, changes more than a word or looks at more than the dispatch loop does is inside
//!    `apart!`; and what it reads by itself in two steps, a handler leaves readable.

use super::frame::{CONT, ENTRY, FAR, GENERATOR, cont};
use super::slow;
use crate::bytecode::op::Op;
use crate::object::{CompareOp, Dict, Function, Generator, Hint, TableRef};
use crate::value::header::WORD;
use crate::value::{Header, Kind, Value};
use crate::{Raise, SHORTCUTS, Vm};
use core::sync::atomic::Ordering::Relaxed;

/// Runs the innermost frame, which is flagged `ENTRY`, until it returns, yields or raises.
pub(crate) fn run(vm: &mut Vm) -> Result<Value, Raise> {
    vm.leave_structural(core::ptr::null());
    // SAFETY: invariant 1 of the module, and those of `frame`.
    let result = unsafe {
        #[cfg(feature = "settrace")]
        loop {
            let result =
                if vm.is_tracing() { run_frames::<true>(vm) } else { run_frames::<false>(vm) };
            // Tracing began or ended: the frames go on in the other loop.
            if !matches!(result, Ok(v) if v == Value::STOP) {
                break result;
            }
        }
        #[cfg(not(feature = "settrace"))]
        run_frames::<false>(vm)
    };
    vm.enter_structural();
    result
}

#[inline(always)]
unsafe fn kind_of(v: Value) -> u8 {
    // SAFETY: the caller checked that `v` is an object.
    unsafe { *v.object_ptr() }
}

#[inline(always)]
fn is(v: Value, kind: Kind) -> bool {
    // SAFETY: only read for objects.
    v.is_object() && unsafe { kind_of(v) } == kind as u8
}

/// The inlined comparisons of small ints: tagged words compare like their numbers.
#[inline(always)]
fn int_compare(op: CompareOp, a: Value, b: Value) -> bool {
    let (a, b) = (a.bits() as isize, b.bits() as isize);
    match op {
        CompareOp::Lt => a < b,
        CompareOp::Le => a <= b,
        CompareOp::Gt => a > b,
        CompareOp::Ge => a >= b,
        CompareOp::Eq => a == b,
        CompareOp::Ne => a != b,
    }
}

/// The opcode of an instruction.
///
/// # Safety
/// There is one at `pc`.
#[inline(always)]
pub(super) unsafe fn op_at(pc: *const u8) -> Op {
    // SAFETY: the caller's promise, and invariant 1.
    unsafe { core::mem::transmute::<u8, Op>(*pc) }
}

/// Bytes of every instruction.
static LENGTHS: [u8; Op::ALL.len()] = {
    let mut lengths = [0; Op::ALL.len()];
    let mut i = 0;
    while i < lengths.len() {
        lengths[i] = Op::ALL[i].len() as u8;
        i += 1;
    }
    lengths
};

/// Runs frames; with `TRACE` the tracer looks at every instruction. `STOP`: to go on in the loop with the other `TRACE`.
unsafe fn run_frames<const TRACE: bool>(vm: &mut Vm) -> Result<Value, Raise> {
    // SAFETY: invariants 1 and 2 of this module; each pointer below is what `Frame` and `Code` say.
    unsafe {
        let mut regs: *mut Value;
        let mut pc: *const u8;
        let mut k: *const Value;
        let mut hints: *const Hint;

        /// Loads the machine from the innermost frame.
        macro_rules! load {
            () => {{
                let frame = vm.frame;
                regs = (*frame).regs;
                pc = (*frame).pc;
                let code = Function::from_known((*frame).function).code();
                k = code.consts_ptr();
                hints = (*code.raw()).hints;
            }};
        }
        /// As `load!`, where a frame may have been pushed.
        macro_rules! load_pushed {
            () => {{
                #[cfg(feature = "settrace")]
                if !TRACE && vm.is_tracing() {
                    return Ok(Value::STOP);
                }
                load!();
            }};
        }
        /// The register that operand byte `$i` names.
        macro_rules! r {
            ($i:expr) => {
                *regs.add(*pc.add($i) as usize)
            };
        }
        macro_rules! u16_at {
            ($i:expr) => {
                pc.add($i).cast::<u16>().read_unaligned() as usize
            };
        }
        macro_rules! i16_at {
            ($i:expr) => {
                pc.add($i).cast::<i16>().read_unaligned() as isize
            };
        }
        macro_rules! imm {
            ($i:expr) => {
                *pc.add($i).cast::<i8>() as isize
            };
        }
        /// Evaluates an expression with hard interrupt handlers held off.
        macro_rules! apart {
            ($e:expr) => {{
                vm.enter_structural();
                let value = $e;
                vm.leave_structural(pc);
                value
            }};
        }
        /// Stores where the next instruction is; `$len` is this one's length.
        macro_rules! save {
            ($len:expr) => {
                (*vm.frame).pc = pc.add($len)
            };
        }
        macro_rules! next {
            ($len:expr) => {{
                pc = pc.add($len);
                continue;
            }};
        }
        /// An exception is on its way.
        macro_rules! unwind {
            () => {{
                if !apart!(vm.unwind()) {
                    return Err(Raise(()));
                }
                load!();
                continue;
            }};
        }
        /// Ends an instruction with the result of a cold function for register operand `$dst`.
        macro_rules! finish {
            ($len:expr, $dst:expr, $result:expr) => {{
                match apart!($result) {
                    Ok(v) if v == Value::STOP => {
                        load_pushed!();
                        continue;
                    }
                    Ok(v) => {
                        r!($dst) = v;
                        next!($len)
                    }
                    Err(_) => unwind!(),
                }
            }};
        }
        /// Ends an instruction without a result by a cold function.
        macro_rules! done {
            ($len:expr, $result:expr) => {{
                if apart!($result).is_err() {
                    unwind!();
                }
                next!($len)
            }};
        }
        /// Jumps by the offset at `$at`; a backward jump is a safe point.
        macro_rules! jump {
            ($len:expr, $at:expr) => {{
                let offset = i16_at!($at);
                if offset < 0 && vm.is_pending() {
                    save!($len);
                    if apart!(vm.safe_point()).is_err() {
                        unwind!();
                    }
                }
                pc = pc.offset($len + offset);
                continue;
            }};
        }
        /// `r[1] = r[2] op r[3]`, small ints by `$fast`, which gets tagged words and gives one, whatever its tag, or none.
        macro_rules! arith {
            (|$a:ident, $b:ident| $fast:expr) => {{
                let (lhs, rhs) = (r!(2), r!(3));
                if lhs.bits() & rhs.bits() & 1 != 0 {
                    let ($a, $b) = (lhs.bits() as isize, rhs.bits() as isize);
                    let fast: Option<isize> = $fast;
                    if let Some(n) = fast {
                        r!(1) = Value::from_word(n);
                        next!(4)
                    }
                }
                save!(4);
                finish!(4, 1, slow::binary(vm, op_at(pc), lhs, rhs))
            }};
        }
        macro_rules! arith_imm {
            ($checked:ident) => {{
                let lhs = r!(2);
                if lhs.is_small_int() {
                    if let Some(n) = (lhs.bits() as isize).$checked(imm!(3) << 1) {
                        r!(1) = Value::from_word(n);
                        next!(4)
                    }
                }
                save!(4);
                let rhs = Value::int(imm!(3) as i32);
                finish!(4, 1, slow::binary(vm, op_at(pc), lhs, rhs))
            }};
        }
        macro_rules! compare {
            ($op:expr) => {{
                let (lhs, rhs) = (r!(2), r!(3));
                if lhs.bits() & rhs.bits() & 1 != 0 {
                    r!(1) = Value::bool(int_compare($op, lhs, rhs));
                    next!(4)
                }
                save!(4);
                finish!(4, 1, slow::compare(vm, $op, lhs, rhs))
            }};
        }
        /// Compare and jump: registers 1 and 2 (or 1 and an immediate), offset at 3; for small ints the jump is taken where
        /// the comparison holds, which also is where the opposite one does not.
        macro_rules! jump_compare {
            ($op:expr, $rhs:expr) => {{
                let lhs = r!(1);
                let rhs: Value = $rhs;
                if lhs.bits() & rhs.bits() & 1 != 0 {
                    if int_compare($op, lhs, rhs) {
                        jump!(5, 3)
                    }
                    next!(5)
                }
                save!(5);
                match apart!(slow::compare_jumps(vm, *pc, lhs, rhs)) {
                    Ok(true) => jump!(5, 3),
                    Ok(false) => next!(5),
                    Err(_) => unwind!(),
                }
            }};
        }
        macro_rules! truth {
            ($v:expr, $len:expr) => {{
                let v = $v;
                if v == Value::TRUE {
                    true
                } else if v == Value::FALSE || v == Value::NONE {
                    false
                } else if v.is_small_int() {
                    v != Value::int(0)
                } else {
                    save!($len);
                    match apart!(vm.truth(v)) {
                        Ok(t) => t,
                        Err(_) => unwind!(),
                    }
                }
            }};
        }
        /// The hint of constant `$c`.
        macro_rules! hint {
            ($c:expr) => {
                (*hints.add($c)).load(Relaxed)
            };
        }
        /// Word `entries[hint].value` of a dictionary when the hint is right: `entries[hint].key is name`.
        macro_rules! hinted {
            ($dict:expr, $c:expr, $name:expr) => {{ TableRef::hinted($dict, hint!($c), $name) }};
        }

        /// Calls `base[0]` with the `$n` arguments from `base[$skip]`, for register operand 1 of a four-byte instruction.
        /// A plain function's frame is pushed right here.
        macro_rules! call {
            ($base:expr, $skip:expr, $n:expr) => {{
                let (base, skip, n): (*mut Value, usize, usize) = ($base, $skip, $n);
                let callee = *base;
                if is(callee, Kind::Function) {
                    let code = Function::from_known(callee).code();
                    let c = code.raw();
                    if (*c).plain_args as usize == n && (*vm.frame).flags & (GENERATOR | FAR) == 0 {
                        let window = base.add(skip);
                        let frame = vm.frame;
                        let new = frame.sub(1);
                        let top = window.add((*c).n_regs as usize);
                        if top.addr() <= new.addr() && !vm.is_pending() {
                            (*new).prev = frame;
                            (*new).function = callee;
                            (*new).regs = window;
                            (*new).dst = regs.add(*pc.add(1) as usize);
                            (*new).top = top;
                            (*new).flags = 0;
                            (*new).generator = Value::UNDEF;
                            (*new).extra = Value::UNDEF;
                            vm.frame = new;
                            regs = window;
                            pc = (*c).bytecode;
                            k = code.consts_ptr();
                            hints = (*c).hints;
                            continue;
                        }
                    }
                }
                if is(callee, Kind::RomFn) {
                    finish!(4, 1, slow::call_native(vm, callee, base.add(skip), n))
                }
                let dst = regs.add(*pc.add(1) as usize);
                finish!(4, 1, slow::call(vm, base, skip, n, Value::UNDEF, dst))
            }};
        }
        /// Yields a value from the running generator.
        macro_rules! yield_value {
            ($value:expr, $delegating:expr) => {{
                match apart!(vm.yield_value($value, $delegating)) {
                    Ok(v) if v == Value::STOP => load!(),
                    Ok(v) => return Ok(v),
                    Err(_) => unwind!(),
                }
                continue;
            }};
        }

        load!();
        loop {
            #[cfg(feature = "settrace")]
            if TRACE {
                match apart!(vm.trace_instruction(pc)) {
                    Ok(true) => {}
                    Ok(false) => return Ok(Value::STOP),
                    Err(_) => unwind!(),
                }
            }
            match op_at(pc) {
                // ---- moves and constants
                Op::Move => {
                    r!(1) = r!(2);
                    next!(3)
                }
                Op::LoadConst => {
                    r!(1) = *k.add(u16_at!(2));
                    next!(4)
                }
                Op::LoadInt => {
                    r!(1) = Value::int(imm!(2) as i32);
                    next!(3)
                }
                Op::LoadImm => {
                    r!(1) = Value::immediate(*pc.add(2));
                    next!(3)
                }
                Op::LoadFar => {
                    r!(1) = *regs.add(u16_at!(2));
                    next!(4)
                }
                Op::StoreFar => {
                    *regs.add(u16_at!(1)) = r!(3);
                    next!(4)
                }
                Op::CheckBound => {
                    if r!(1).is_undef() {
                        save!(4);
                        let _ = apart!(slow::unbound(vm, *k.add(u16_at!(2))));
                        unwind!()
                    }
                    next!(4)
                }
                // ---- names
                Op::LoadGlobal => {
                    let c = u16_at!(2);
                    let name = *k.add(c);
                    let globals =
                        Dict::from_known(Function::from_known((*vm.frame).function).globals());
                    if let Some(v) = hinted!(globals, c, name) {
                        r!(1) = v;
                        next!(4)
                    }
                    if SHORTCUTS
                        && let Some(v) = slow::unhidden_builtin(vm, globals, hint!(c), name)
                    {
                        r!(1) = v;
                        next!(4)
                    }
                    save!(4);
                    finish!(4, 1, slow::load_global(vm, globals, name, hints.add(c)))
                }
                Op::StoreGlobal => {
                    let c = u16_at!(1);
                    let name = *k.add(c);
                    let globals =
                        Dict::from_known(Function::from_known((*vm.frame).function).globals());
                    save!(4);
                    done!(4, slow::store_in(vm, globals, name, r!(3), hints.add(c)))
                }
                Op::LoadName => {
                    let c = u16_at!(2);
                    let name = *k.add(c);
                    let space = *regs;
                    if SHORTCUTS
                        && is(space, Kind::Dict)
                        && let Some(v) = hinted!(Dict::from_known(space), c, name)
                    {
                        r!(1) = v;
                        next!(4)
                    }
                    save!(4);
                    finish!(4, 1, slow::load_name(vm, space, name, hints.add(c)))
                }
                Op::StoreName => {
                    let c = u16_at!(1);
                    save!(4);
                    done!(4, slow::store_name(vm, *regs, *k.add(c), r!(3), hints.add(c)))
                }
                // ---- cells
                Op::LoadCell => {
                    let v = slow::cell_content(r!(2));
                    if v.is_undef() {
                        save!(5);
                        let _ = apart!(slow::unbound(vm, *k.add(u16_at!(3))));
                        unwind!()
                    }
                    r!(1) = v;
                    next!(5)
                }
                Op::StoreCell => {
                    slow::set_cell_content(r!(1), r!(2));
                    next!(3)
                }
                Op::LoadFree => {
                    let v = slow::cell_content(
                        Function::from_known((*vm.frame).function).cell(*pc.add(2) as usize),
                    );
                    if v.is_undef() {
                        save!(5);
                        let _ = apart!(slow::unbound(vm, *k.add(u16_at!(3))));
                        unwind!()
                    }
                    r!(1) = v;
                    next!(5)
                }
                Op::StoreFree => {
                    slow::set_cell_content(
                        Function::from_known((*vm.frame).function).cell(*pc.add(1) as usize),
                        r!(2),
                    );
                    next!(3)
                }
                // ---- attributes and items
                Op::LoadAttr => {
                    let (obj, c) = (r!(2), u16_at!(3));
                    let name = *k.add(c);
                    if is(obj, Kind::Instance) {
                        let shape = &*vm
                            .shapes_base()
                            .add((*obj.object_ptr().cast::<Header>()).aux as usize);
                        let hint = hint!(c) as usize;
                        if hint < shape.plain_len()
                            && *shape.keys.object_ptr().add(8).cast::<Value>().add(hint) == name
                        {
                            r!(1) = *obj.object_ptr().add(WORD).cast::<Value>().add(hint);
                            next!(5)
                        }
                    }
                    save!(5);
                    finish!(
                        5,
                        1,
                        slow::load_attr(vm, obj, name, hints.add(c), regs.add(*pc.add(1) as usize))
                    )
                }
                Op::StoreAttr => {
                    let (obj, c) = (r!(1), u16_at!(2));
                    let name = *k.add(c);
                    if is(obj, Kind::Instance) {
                        let shape = &*vm
                            .shapes_base()
                            .add((*obj.object_ptr().cast::<Header>()).aux as usize);
                        let hint = hint!(c) as usize;
                        if hint < shape.plain_len()
                            && *shape.keys.object_ptr().add(8).cast::<Value>().add(hint) == name
                        {
                            *obj.object_ptr().add(WORD).cast::<Value>().add(hint) = r!(4);
                            next!(5)
                        }
                    }
                    save!(5);
                    done!(5, slow::store_attr(vm, obj, name, r!(4), hints.add(c)))
                }
                Op::LoadMethod => {
                    let (obj, c) = (r!(2), u16_at!(3));
                    let base = regs.add(*pc.add(1) as usize);
                    if is(obj, Kind::Instance)
                        && let Some(f) =
                            vm.cached_method((*obj.object_ptr().cast::<Header>()).aux, *k.add(c))
                    {
                        *base = f;
                        *base.add(1) = obj;
                        next!(5)
                    }
                    save!(5);
                    done!(
                        5,
                        slow::load_method(
                            vm,
                            obj,
                            *k.add(c),
                            hints.add(c),
                            regs.add(*pc.add(1) as usize)
                        )
                    )
                }
                Op::LoadItem => {
                    let (obj, index) = (r!(2), r!(3));
                    if is(obj, Kind::List) && index.is_small_int() {
                        let v = slow::list_item(obj, index.bits() as isize >> 1);
                        if !v.is_undef() {
                            r!(1) = v;
                            next!(4)
                        }
                    }
                    if SHORTCUTS && is(obj, Kind::Tuple) && index.is_small_int() {
                        let v = slow::tuple_item(obj, index.bits() as isize >> 1);
                        if !v.is_undef() {
                            r!(1) = v;
                            next!(4)
                        }
                    }
                    save!(4);
                    finish!(4, 1, slow::load_item(vm, obj, index, regs.add(*pc.add(1) as usize)))
                }
                Op::LoadItemInt => {
                    let obj = r!(2);
                    if SHORTCUTS && is(obj, Kind::List) {
                        let v = slow::list_item(obj, imm!(3));
                        if !v.is_undef() {
                            r!(1) = v;
                            next!(4)
                        }
                    }
                    save!(4);
                    finish!(
                        4,
                        1,
                        slow::load_item(
                            vm,
                            obj,
                            Value::int(imm!(3) as i32),
                            regs.add(*pc.add(1) as usize)
                        )
                    )
                }
                Op::LoadItemKey => {
                    let (obj, c) = (r!(2), u16_at!(3));
                    let name = *k.add(c);
                    if SHORTCUTS
                        && is(obj, Kind::Dict)
                        && let Some(v) = hinted!(Dict::from_known(obj), c, name)
                    {
                        r!(1) = v;
                        next!(5)
                    }
                    save!(5);
                    finish!(
                        5,
                        1,
                        slow::load_item_key(
                            vm,
                            obj,
                            name,
                            hints.add(c),
                            regs.add(*pc.add(1) as usize)
                        )
                    )
                }
                Op::StoreItem => {
                    let (obj, index) = (r!(1), r!(2));
                    if is(obj, Kind::List)
                        && index.is_small_int()
                        && slow::set_list_item(obj, index.bits() as isize >> 1, r!(3))
                    {
                        next!(4)
                    }
                    save!(4);
                    done!(4, slow::store_item(vm, obj, index, r!(3)))
                }
                Op::StoreItemKey => {
                    let (obj, c) = (r!(1), u16_at!(2));
                    if SHORTCUTS
                        && is(obj, Kind::Dict)
                        && let Some(place) =
                            TableRef::hinted_place(Dict::from_known(obj), hint!(c), *k.add(c))
                    {
                        *place = r!(4);
                        next!(5)
                    }
                    save!(5);
                    done!(5, slow::store_item_key(vm, obj, *k.add(c), r!(4), hints.add(c)))
                }
                // ---- arithmetic
                Op::Add | Op::IAdd => arith!(|a, b| a.checked_add(b - 1)),
                Op::Sub | Op::ISub => arith!(|a, b| a.checked_sub(b - 1)),
                Op::Mul | Op::IMul => arith!(|a, b| (a - 1).checked_mul(b >> 1)),
                Op::FloorDiv | Op::IFloorDiv if SHORTCUTS => {
                    arith!(|a, b| slow::floor_div(a >> 1, b >> 1))
                }
                Op::Mod | Op::IMod if SHORTCUTS => {
                    arith!(|a, b| slow::floor_mod(a >> 1, b >> 1))
                }
                Op::LShift | Op::ILShift if SHORTCUTS => {
                    arith!(|a, b| slow::shift_left(a - 1, b >> 1))
                }
                Op::RShift | Op::IRShift if SHORTCUTS => {
                    arith!(|a, b| slow::shift_right(a, b >> 1))
                }
                Op::And | Op::IAnd => arith!(|a, b| Some(a & b)),
                Op::Or | Op::IOr => arith!(|a, b| Some(a | b)),
                Op::Xor | Op::IXor => arith!(|a, b| Some(a ^ b)),
                Op::TrueDiv
                | Op::ITrueDiv
                | Op::Pow
                | Op::IPow
                | Op::MatMul
                | Op::IMatMul
                | Op::FloorDiv
                | Op::IFloorDiv
                | Op::Mod
                | Op::IMod
                | Op::LShift
                | Op::ILShift
                | Op::RShift
                | Op::IRShift => arith!(|_a, _b| None),
                Op::AddInt | Op::IAddInt => arith_imm!(checked_add),
                Op::SubInt | Op::ISubInt => arith_imm!(checked_sub),
                Op::Not => {
                    let truth = truth!(r!(2), 3);
                    r!(1) = Value::bool(!truth);
                    next!(3)
                }
                // ---- comparison
                Op::Lt => compare!(CompareOp::Lt),
                Op::Le => compare!(CompareOp::Le),
                Op::Gt => compare!(CompareOp::Gt),
                Op::Ge => compare!(CompareOp::Ge),
                Op::Eq => compare!(CompareOp::Eq),
                Op::Ne => compare!(CompareOp::Ne),
                Op::Is => {
                    r!(1) = Value::bool(r!(2) == r!(3));
                    next!(4)
                }
                Op::IsNot => {
                    r!(1) = Value::bool(r!(2) != r!(3));
                    next!(4)
                }
                Op::Contains => {
                    save!(4);
                    match apart!(vm.contains(r!(3), r!(2))) {
                        Ok(b) => r!(1) = Value::bool(b),
                        Err(_) => unwind!(),
                    }
                    next!(4)
                }
                Op::NotContains => {
                    save!(4);
                    match apart!(vm.contains(r!(3), r!(2))) {
                        Ok(b) => r!(1) = Value::bool(!b),
                        Err(_) => unwind!(),
                    }
                    next!(4)
                }
                // ---- jumps
                Op::Jump => jump!(3, 1),
                Op::JumpTrue => {
                    if truth!(r!(1), 4) {
                        jump!(4, 2)
                    }
                    next!(4)
                }
                Op::JumpFalse => {
                    if !truth!(r!(1), 4) {
                        jump!(4, 2)
                    }
                    next!(4)
                }
                Op::JumpNone => {
                    if r!(1).is_none() {
                        jump!(4, 2)
                    }
                    next!(4)
                }
                Op::JumpNotNone => {
                    if !r!(1).is_none() {
                        jump!(4, 2)
                    }
                    next!(4)
                }
                Op::JumpLt | Op::JumpNotGe => jump_compare!(CompareOp::Lt, r!(2)),
                Op::JumpLe | Op::JumpNotGt => jump_compare!(CompareOp::Le, r!(2)),
                Op::JumpGt | Op::JumpNotLe => jump_compare!(CompareOp::Gt, r!(2)),
                Op::JumpGe | Op::JumpNotLt => jump_compare!(CompareOp::Ge, r!(2)),
                Op::JumpEq | Op::JumpNotNe => jump_compare!(CompareOp::Eq, r!(2)),
                Op::JumpNe | Op::JumpNotEq => jump_compare!(CompareOp::Ne, r!(2)),
                Op::JumpLtInt | Op::JumpNotGeInt => {
                    jump_compare!(CompareOp::Lt, Value::int(imm!(2) as i32))
                }
                Op::JumpLeInt | Op::JumpNotGtInt => {
                    jump_compare!(CompareOp::Le, Value::int(imm!(2) as i32))
                }
                Op::JumpGtInt | Op::JumpNotLeInt => {
                    jump_compare!(CompareOp::Gt, Value::int(imm!(2) as i32))
                }
                Op::JumpGeInt | Op::JumpNotLtInt => {
                    jump_compare!(CompareOp::Ge, Value::int(imm!(2) as i32))
                }
                Op::JumpEqInt | Op::JumpNotNeInt => {
                    jump_compare!(CompareOp::Eq, Value::int(imm!(2) as i32))
                }
                Op::JumpNeInt | Op::JumpNotEqInt => {
                    jump_compare!(CompareOp::Ne, Value::int(imm!(2) as i32))
                }
                // ---- iteration
                Op::GetIter => {
                    let src = r!(2);
                    save!(3);
                    done!(3, slow::get_iter(vm, src, regs.add(*pc.add(1) as usize)))
                }
                Op::ForNext => {
                    // The triple: a range counts in it (step, next, stop); a list or tuple keeps its position in the
                    // second word; anything else is the iterator itself, with UNDEF behind it.
                    let t = regs.add(*pc.add(2) as usize);
                    let source = *t;
                    if source.is_small_int() {
                        let (step, at, stop) = (
                            source.bits() as isize,
                            (*t.add(1)).bits() as isize,
                            (*t.add(2)).bits() as isize,
                        );
                        if if step > 0 { at < stop } else { at > stop } {
                            // A step beyond the last value saturates: it only has to be past `stop`.
                            *t.add(1) = Value::from_word(at.saturating_add(step - 1));
                            r!(1) = Value::from_word(at);
                            jump!(5, 3)
                        }
                        next!(5)
                    }
                    if is(source, Kind::List) && (*t.add(1)).is_small_int() {
                        let at = (*t.add(1)).bits() as isize >> 1;
                        let v = slow::list_item(source, at);
                        if !v.is_undef() {
                            *t.add(1) = Value::from_len(at as usize + 1);
                            r!(1) = v;
                            jump!(5, 3)
                        }
                        next!(5)
                    }
                    save!(5);
                    match apart!(slow::for_next(vm, t, regs.add(*pc.add(1) as usize))) {
                        Ok(v) if v == Value::STOP => next!(5),
                        Ok(v) if v == Value::DELETED => {
                            // A generator's frame was pushed.
                            load_pushed!();
                            continue;
                        }
                        Ok(v) => {
                            r!(1) = v;
                            jump!(5, 3)
                        }
                        Err(_) => unwind!(),
                    }
                }
                // ---- calls
                Op::Call => {
                    let base = regs.add(*pc.add(2) as usize);
                    save!(4);
                    call!(base, 1, *pc.add(3) as usize)
                }
                Op::CallMethod => {
                    let base = regs.add(*pc.add(2) as usize);
                    save!(4);
                    // With a receiver the window begins one register earlier.
                    let bound = !(*base.add(1)).is_undef() as usize;
                    call!(base, 2 - bound, *pc.add(3) as usize + bound)
                }
                Op::Return | Op::ReturnNone => {
                    let v = if *pc == Op::Return as u8 { r!(1) } else { Value::NONE };
                    if (*vm.frame).flags == 0 {
                        *(*vm.frame).dst = v;
                        vm.frame = (*vm.frame).prev;
                        load!();
                        continue;
                    }
                    save!(1);
                    let flags = (*vm.frame).flags;
                    if apart!(vm.leave_frame(v)).is_err() {
                        unwind!();
                    }
                    if flags & ENTRY != 0 {
                        return Ok(v);
                    }
                    load!();
                    continue;
                }
                // ---- functions
                // ---- generators and coroutines
                Op::Yield => {
                    let v = r!(2);
                    // What `send` passes in goes to `dst` when the generator is resumed: `Vm::deliver` finds the
                    // register in the last byte but one of the instruction.
                    save!(3);
                    yield_value!(v, false)
                }
                Op::YieldFrom => {
                    let t = regs.add(*pc.add(2) as usize);
                    save!(3);
                    if is(*t, Kind::Generator)
                        && !Generator::from_known(*t).is_pended()
                        && (*vm.frame).flags & CONT != cont::COLLECT
                    {
                        // The inner generator's frame goes on top; what it yields is yielded from here.
                        match apart!(vm.push_resumed(
                            Generator::from_known(*t),
                            *t.add(1),
                            regs.add(*pc.add(1) as usize),
                            cont::YIELD_FROM
                        )) {
                            Ok(true) => {}
                            Ok(false) => {
                                r!(1) = Value::NONE;
                                next!(3)
                            }
                            Err(_) => unwind!(),
                        }
                        load_pushed!();
                        continue;
                    }
                    match apart!(slow::yield_from(vm, *t, *t.add(1))) {
                        Ok(v) if v == Value::STOP => {
                            r!(1) = vm.stop_argument;
                            next!(3)
                        }
                        Ok(v) => {
                            // Suspended in front of this instruction: it runs again with what is sent.
                            (*vm.frame).pc = pc;
                            *t.add(1) = Value::NONE;
                            yield_value!(v, true)
                        }
                        Err(_) => unwind!(),
                    }
                }
                // ---- building
                Op::ListAppend => {
                    save!(3);
                    done!(3, slow::list_append(vm, r!(1), r!(2)))
                }
                Op::UnpackSequence => {
                    let n = *pc.add(3) as usize;
                    save!(4);
                    done!(4, slow::unpack(vm, r!(2), regs.add(*pc.add(1) as usize), n))
                }
                // ---- exceptions
                Op::EnterHandler => {
                    let t = regs.add(*pc.add(1) as usize);
                    *t.add(1) = vm.handled;
                    vm.handled = *t;
                    next!(2)
                }
                Op::LeaveHandler => {
                    vm.handled = *regs.add(*pc.add(1) as usize + 1);
                    next!(2)
                }
                Op::JumpNoMatch => {
                    save!(5);
                    match apart!(slow::matches_exception(vm, r!(1), r!(2))) {
                        Ok(true) => next!(5),
                        Ok(false) => jump!(5, 3),
                        Err(_) => unwind!(),
                    }
                }
                // ---- imports
                // ---- match
                // ---- rest
                // All others. They are named, because a wildcard makes the compiler check the opcode's range.
                Op::LoadClassFree
                | Op::MakeCell
                | Op::LoadFreeCell
                | Op::LoadSlice
                | Op::Neg
                | Op::Pos
                | Op::Invert
                | Op::CallKw
                | Op::CallMethodKw
                | Op::CallEx
                | Op::MakeFunction
                | Op::GetYieldIter
                | Op::GetFirstIter
                | Op::GetAwaitable
                | Op::GetAIter
                | Op::GetANext
                | Op::BuildList
                | Op::BuildTuple
                | Op::BuildSet
                | Op::BuildDict
                | Op::BuildSlice
                | Op::BuildString
                | Op::FormatValue
                | Op::BuildTemplate
                | Op::BuildInterpolation
                | Op::ListToTuple
                | Op::ImportName
                | Op::ImportFrom
                | Op::MatchSequence
                | Op::MatchMapping
                | Op::Len
                | Op::MatchKeys
                | Op::MatchClass
                | Op::DictRest => {
                    let len = LENGTHS[*pc as usize] as usize;
                    save!(len);
                    finish!(len, 1, slow::cold_result(vm, pc, regs, k))
                }
                Op::DelGlobal
                | Op::DelName
                | Op::DelAttr
                | Op::LoadSpecial
                | Op::LoadSuper
                | Op::StoreSlice
                | Op::DelItem
                | Op::ListExtend
                | Op::SetAdd
                | Op::SetUpdate
                | Op::DictSet
                | Op::DictUpdate
                | Op::DictMerge
                | Op::UnpackEx
                | Op::SplitGroup
                | Op::Raise
                | Op::RaiseFrom
                | Op::Reraise
                | Op::RaiseAgain
                | Op::ExcInfo
                | Op::RaiseGroup
                | Op::ImportStar
                | Op::PrintExpr => {
                    let len = LENGTHS[*pc as usize] as usize;
                    save!(len);
                    done!(len, slow::cold_effect(vm, pc, regs, k))
                }
            }
        }
    }
}
