//! What the number types share: integers as operands, results as objects, the built-in functions on numbers.
//!
//! Small ints and bools are integers like any other here: [`Integer`] lends the limbs of all three. Results of up to
//! [`STACK_LIMBS`] limbs are calculated on the native stack, larger ones in the heap object that they become; memory
//! that a failed calculation leaves behind is the collector's. Long calculations pass safe points (`Meter`).
#![forbid(unsafe_code)]

use crate::num::Write;
use core::fmt;

use crate::num::int::SmallInt;
use crate::num::meter::Interrupted;
use crate::num::{self, Meter, Shape, limbs};
pub use crate::object::Text;
use crate::object::{Buffer, Int, Limbs, Res, StrBuilder};
use crate::value::names::q;
use crate::value::{Kind, Value};
use crate::{Raise, Vm, exc};

/// Results of at most this many limbs need no memory but their own.
pub const STACK_LIMBS: usize = 8;

/// Small ints have no more.
const SMALL_LIMBS: usize = usize::BITS as usize / limbs::LIMB_BITS;

/// An integer operand: a small int, a bool or a big int.
#[derive(Clone, Copy)]
pub enum Integer {
    /// A small int or bool.
    Small(SmallInt),
    /// A big one.
    Big(Int),
}

impl Integer {
    /// The operand behind a value; `None` for anything but `int` and `bool` objects themselves.
    #[inline]
    pub fn of(v: Value) -> Option<Integer> {
        match small(v) {
            Some(n) => Some(Integer::Small(SmallInt::new(n as i64))),
            None => Int::from_value(v).map(Integer::Big),
        }
    }

    /// The number.
    #[inline]
    pub fn get(&self) -> num::Int<'_> {
        match self {
            Integer::Small(n) => n.get(),
            Integer::Big(n) => num::Int::of_trimmed(n.is_negative(), n.limbs()),
        }
    }
}

/// The number of a small int or bool.
#[inline]
pub fn small(v: Value) -> Option<isize> {
    if v.is_bool() { Some((v == Value::TRUE) as isize) } else { v.as_small_int() }
}

/// The 64-bit number of an `int` or `bool` object; `None` for larger ones and other values.
#[inline(never)]
pub fn to_i64(v: Value) -> Option<i64> {
    Integer::of(v)?.get().to_i64()
}

/// The number of an `int` or `bool` object that fits a machine word.
#[inline(never)]
pub fn word(v: Value) -> Option<isize> {
    isize::try_from(to_i64(v)?).ok()
}

/// Writes an integer to the start of limbs that may hold anything, with a meter that passes safe points: ints do not change, and
/// nobody has the result yet.
pub type Calculation<'c> = dyn FnMut(&mut [u32], &mut Meter<'_>) -> Result<Shape, Interrupted> + 'c;

/// The `int` that `f` calculates in `n` limbs.
#[inline(never)]
pub fn compute(vm: &mut Vm, n: usize, f: &mut Calculation<'_>) -> Res {
    if n <= STACK_LIMBS {
        let mut limbs = [0; STACK_LIMBS];
        let shape = metered(vm, &mut limbs, f)?;
        return new_int(vm, shape.of(&limbs));
    }
    let mut limbs = Limbs::new(vm, n)?;
    let shape = metered(vm, limbs.get(), f)?;
    finish(vm, limbs, shape)
}

/// Has `f` calculate in `limbs`.
fn metered(vm: &mut Vm, limbs: &mut [u32], f: &mut Calculation<'_>) -> Result<Shape, Raise> {
    f(limbs, &mut Meter::new(&mut |instructions| tick(vm, instructions))).map_err(interrupted)
}

/// Passes safe points for what a [`Meter`] has counted. A step of the VM's `tick` is worth a few instructions.
pub fn tick(vm: &mut Vm, instructions: usize) -> Result<(), Interrupted> {
    vm.tick_shared(instructions / 4).map_err(|_| Interrupted)
}

/// The exception that [`tick`] met.
pub fn interrupted(_: Interrupted) -> Raise {
    Raise(())
}

/// The `int` that lies at the start of `limbs`.
pub fn finish(vm: &mut Vm, limbs: Limbs, shape: Shape) -> Res {
    match small_of(shape.of(limbs.as_slice())) {
        Some(v) => {
            limbs.free(vm);
            Ok(v)
        }
        None => Ok(limbs.finish(vm, shape.negative, shape.len).value()),
    }
}

fn small_of(n: num::Int<'_>) -> Option<Value> {
    if n.len() > SMALL_LIMBS {
        return None;
    }
    isize::try_from(n.to_i64()?).ok().and_then(Value::small_int)
}

/// An `int` object equal to `n`.
pub fn new_int(vm: &mut Vm, n: num::Int<'_>) -> Res {
    match small_of(n) {
        Some(v) => Ok(v),
        None => vm.new_big_int(n.is_negative(), n.magnitude()),
    }
}

impl Vm {
    /// An `int`.
    #[inline]
    pub fn int_from_i64(&mut self, n: i64) -> Res {
        match isize::try_from(n).ok().and_then(Value::small_int) {
            Some(v) => Ok(v),
            None => new_int(self, SmallInt::new(n).get()),
        }
    }

    /// An `int`.
    #[inline]
    pub fn int_from_u64(&mut self, n: u64) -> Res {
        match isize::try_from(n).ok().and_then(Value::small_int) {
            Some(v) => Ok(v),
            None => new_int(self, SmallInt::from_unsigned(n).get()),
        }
    }

    /// An `int`.
    pub fn int_from_i128(&mut self, n: i128) -> Res {
        let m = n.unsigned_abs();
        let limbs = [m as u32, (m >> 32) as u32, (m >> 64) as u32, (m >> 96) as u32];
        new_int(self, num::Int::new(n < 0, &limbs))
    }

    /// The 64-bit number of an `int`, `bool` or an object with `__index__`; `OverflowError` beyond.
    pub fn int_to_i64(&mut self, v: Value) -> Result<i64, Raise> {
        let v = self.integer_arg(v)?;
        to_i64(v).ok_or_else(|| too_large(self))
    }

    /// The low 64 bits in two's complement of an `int`, `bool` or an object with `__index__`.
    pub fn int_low_u64(&mut self, v: Value) -> Result<u64, Raise> {
        let v = self.integer_arg(v)?;
        Ok(Integer::of(v).map_or(0, |n| n.get().low_u64()))
    }

    /// The `int` or `bool` object behind an argument that must be an integer: itself, a subclass instance's native
    /// part, or what `__index__` gives. `TypeError` otherwise.
    pub fn integer_arg(&mut self, v: Value) -> Res {
        if Integer::of(v).is_some() {
            return Ok(v);
        }
        if v.is_kind(Kind::Instance) {
            let part = self.native_part(v);
            if cfg!(feature = "extra")
                && let Some(n) = self.call_dunder(v, q::__index__.value())?
            {
                if Integer::of(n).is_some() {
                    return Ok(n);
                }
                return Err(self.raise(exc::TYPE_ERROR, "__index__ should return an int"));
            }
            if Integer::of(part).is_some() {
                return Ok(part);
            }
        }
        Err(self.type_error(v, "can't convert % to int"))
    }

    /// What a method of that name of an instance's Python class returns; `None` when there is none.
    pub(crate) fn call_dunder(&mut self, v: Value, name: Value) -> Result<Option<Value>, Raise> {
        match self.python_method(v, name)? {
            Some(f) => self.call(f, &[]).map(Some),
            None => Ok(None),
        }
    }

    /// Appends what `write` writes.
    pub fn push_with(
        &mut self,
        out: &mut StrBuilder,
        write: &mut dyn FnMut(&mut dyn Write) -> fmt::Result,
    ) -> Result<(), Raise> {
        let mut sink = Sink { vm: self, out, pushed: Ok(()) };
        let _ = write(&mut sink);
        sink.pushed
    }
}

/// Passes text on to a [`StrBuilder`]; the first failure ends it.
struct Sink<'a> {
    vm: &'a mut Vm,
    out: &'a mut StrBuilder,
    pushed: Result<(), Raise>,
}

impl Write for Sink<'_> {
    fn write_str(&mut self, text: &str) -> fmt::Result {
        self.out.push_str(self.vm, text);
        self.pushed = self.vm.tick(text.len());
        if self.pushed.is_ok() { Ok(()) } else { Err(fmt::Error) }
    }
}

/// A `str`, or a `bytes` equal to a bytes-like object; `None` for other objects.
pub fn text_of(vm: &mut Vm, v: Value) -> Result<Option<Value>, Raise> {
    let part = vm.native_part(v);
    match part.kind() {
        Some(Kind::Str | Kind::Bytes) => Ok(Some(part)),
        _ => match Buffer::of(vm, part) {
            Some(buffer) => Ok(Some(buffer.to_bytes(vm)?.value())),
            None => Ok(None),
        },
    }
}

/// A `str`, or a `bytes` equal to a bytes-like object; `TypeError` for other objects.
pub fn text_arg(vm: &mut Vm, v: Value) -> Res {
    match text_of(vm, v)? {
        Some(text) => Ok(text),
        None => Err(vm.type_error(v, "can't convert % to str")),
    }
}

/// `OverflowError`: the integer is none that a machine can hold.
#[cold]
pub fn too_large(vm: &mut Vm) -> Raise {
    vm.raise(exc::OVERFLOW_ERROR, "overflow converting long int to machine word")
}

/// `ZeroDivisionError`.
#[cold]
pub fn zero_division(vm: &mut Vm) -> Raise {
    vm.raise(exc::ZERO_DIVISION_ERROR, "divide by zero")
}
