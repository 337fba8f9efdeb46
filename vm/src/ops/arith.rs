//! Binary and unary operators.

use crate::object::{BinaryOp, Res, UnaryOp};
use crate::value::names::q;
use crate::value::{Kind, Value};
use crate::{Raise, SHORTCUTS, Vm, exc};

/// Names of an operator: plain, reflected, in-place.
const NAMES: [[Value; 3]; 13] = [
    [q::__add__.value(), q::__radd__.value(), q::__iadd__.value()],
    [q::__sub__.value(), q::__rsub__.value(), q::__isub__.value()],
    [q::__mul__.value(), q::__rmul__.value(), q::__imul__.value()],
    [q::__truediv__.value(), q::__rtruediv__.value(), q::__itruediv__.value()],
    [q::__floordiv__.value(), q::__rfloordiv__.value(), q::__ifloordiv__.value()],
    [q::__mod__.value(), q::__rmod__.value(), q::__imod__.value()],
    [q::__pow__.value(), q::__rpow__.value(), q::__ipow__.value()],
    [q::__matmul__.value(), q::__rmatmul__.value(), q::__imatmul__.value()],
    [q::__lshift__.value(), q::__rlshift__.value(), q::__ilshift__.value()],
    [q::__rshift__.value(), q::__rrshift__.value(), q::__irshift__.value()],
    [q::__and__.value(), q::__rand__.value(), q::__iand__.value()],
    [q::__or__.value(), q::__ror__.value(), q::__ior__.value()],
    [q::__xor__.value(), q::__rxor__.value(), q::__ixor__.value()],
];

/// Names of the unary operators.
const UNARY: [Value; 4] =
    [q::__neg__.value(), q::__pos__.value(), q::__invert__.value(), q::__abs__.value()];

impl Vm {
    /// `lhs op rhs`, or `lhs op= rhs` when `inplace`. May run Python.
    pub fn binary(&mut self, op: BinaryOp, lhs: Value, rhs: Value, inplace: bool) -> Res {
        let [name, reflected, inplace_name] = NAMES[op as usize];
        let (mut l, mut r) = (lhs, rhs);
        if self.has_python_class(lhs) || self.has_python_class(rhs) {
            self.enter_native_inline()?;
            if inplace {
                let v = self.try_dunder(lhs, inplace_name, rhs)?;
                if !v.is_undef() {
                    return Ok(v);
                }
            }
            // A subclass's reflected method goes first.
            let mut reflect = self.is_of_subclass(rhs, lhs);
            for _ in 0..2 {
                let v = if reflect {
                    self.try_dunder(rhs, reflected, lhs)?
                } else {
                    self.try_dunder(lhs, name, rhs)?
                };
                if !v.is_undef() {
                    return Ok(v);
                }
                reflect = !reflect;
            }
            l = self.native_part(lhs);
            // What text formats keeps the methods of its class.
            let formats = op == BinaryOp::Mod
                && matches!(l.kind(), Some(Kind::Str | Kind::Bytes | Kind::ByteArray));
            if !formats {
                r = self.native_part(rhs);
            }
        }
        let v = self.binary_native(op, l, r, inplace)?;
        if v != Value::NOT_IMPLEMENTED {
            // What was changed in place is the instance's own part.
            let is_own = inplace
                && v == l
                && l != lhs
                && !matches!(
                    l.kind(),
                    None | Some(Kind::Int | Kind::Str | Kind::Bytes | Kind::Tuple | Kind::Float)
                );
            return Ok(if is_own { lhs } else { v });
        }
        if cfg!(feature = "extra")
            && op == BinaryOp::Mul
            && let Some(v) = self.repeat_by_index(lhs, rhs, inplace)?
        {
            return Ok(v);
        }
        Err(self.unsupported(if inplace { inplace_name } else { name }, lhs, rhs))
    }

    /// `TypeError` for operands that an operator, named by its method, does not take.
    #[cold]
    pub(crate) fn unsupported(&mut self, method: Value, a: Value, b: Value) -> Raise {
        let values = [method, self.type_name(a).value(), self.type_name(b).value()];
        self.raise_filled(exc::TYPE_ERROR, "unsupported types for %: '%', '%'", &values)
    }

    /// True if the class of `v`, made at run time, is derived from that of `other`.
    #[inline]
    pub(super) fn is_of_subclass(&self, v: Value, other: Value) -> bool {
        self.has_python_class(v) && {
            let (class, base) = (self.type_of(v), self.type_of(other));
            class != base && self.is_subclass(class, base)
        }
    }

    /// `sequence * n` and `n * sequence` for an `n` that has `__index__`; `None` where it is no such thing.
    #[cold]
    fn repeat_by_index(
        &mut self,
        lhs: Value,
        rhs: Value,
        inplace: bool,
    ) -> Result<Option<Value>, Raise> {
        let index = |vm: &mut Vm, n: Value, of: Value| {
            let part = vm.native_part(of);
            let repeats = matches!(
                part.kind(),
                Some(Kind::List | Kind::Tuple | Kind::Str | Kind::Bytes | Kind::ByteArray)
            );
            match vm.python_method(n, q::__index__.value())? {
                Some(method) if repeats => vm.call(method, &[]).map(Some),
                _ => Ok(None),
            }
        };
        let result = match index(self, rhs, lhs)? {
            Some(n) => self.binary_native(BinaryOp::Mul, self.native_part(lhs), n, inplace)?,
            None => match index(self, lhs, rhs)? {
                Some(n) => self.binary_native(BinaryOp::Mul, n, self.native_part(rhs), false)?,
                None => return Ok(None),
            },
        };
        Ok(Some(result).filter(|&v| v != Value::NOT_IMPLEMENTED))
    }

    /// The types' own slots: the left one's, then the right one's.
    fn binary_native(&mut self, op: BinaryOp, lhs: Value, rhs: Value, inplace: bool) -> Res {
        let (tl, tr) = (self.rom_type_of(lhs), self.rom_type_of(rhs));
        if let Some(f) = tl.slots.binary() {
            let v = f(self, op, lhs, rhs, inplace)?;
            if v != Value::NOT_IMPLEMENTED {
                return Ok(v);
            }
        }
        match tr.slots.binary() {
            Some(f) if !core::ptr::eq(tl, tr) => f(self, op, lhs, rhs, false),
            _ => Ok(Value::NOT_IMPLEMENTED),
        }
    }

    /// Calls a dunder method of an instance's class with one argument; `UNDEF` when there is none or it declined.
    fn try_dunder(&mut self, object: Value, name: Value, arg: Value) -> Res {
        let Some(f) = self.found_method(object, name).filter(|f| !f.is_none()) else {
            return Ok(Value::UNDEF);
        };
        let v = self.call_found(f, object, &[arg])?;
        Ok(if v == Value::NOT_IMPLEMENTED { Value::UNDEF } else { v })
    }

    /// `-v`, `+v`, `~v`, `abs(v)`.
    pub fn unary(&mut self, op: UnaryOp, v: Value) -> Res {
        let name = UNARY[op as usize];
        let mut part = v;
        // Numbers, mostly.
        if !SHORTCUTS || self.has_python_class(v) {
            let result = self.ask_python(&mut part, name, &[])?;
            if !result.is_undef() {
                return Ok(result);
            }
        }
        if let Some(f) = self.rom_type_of(part).slots.unary() {
            let r = f(self, op, part)?;
            if r != Value::NOT_IMPLEMENTED {
                return Ok(r);
            }
        }
        let values = [name, self.type_name(v).value()];
        Err(self.raise_filled(exc::TYPE_ERROR, "unsupported type for %: '%'", &values))
    }
}
