//! Binary and unary operators.

use crate::object::{BinaryOp, Res, UnaryOp};
use crate::value::names::q;
use crate::value::{Kind, Value};
use crate::{Raise, Vm, exc};

/// Names of an operator: plain, reflected, in-place, sign.
const NAMES: [(Value, Value, Value, &str); 13] = [
    (q::__add__.value(), q::__radd__.value(), q::__iadd__.value(), "__add__"),
    (q::__sub__.value(), q::__rsub__.value(), q::__isub__.value(), "__sub__"),
    (q::__mul__.value(), q::__rmul__.value(), q::__imul__.value(), "__mul__"),
    (q::__truediv__.value(), q::__rtruediv__.value(), q::__itruediv__.value(), "__truediv__"),
    (q::__floordiv__.value(), q::__rfloordiv__.value(), q::__ifloordiv__.value(), "__floordiv__"),
    (q::__mod__.value(), q::__rmod__.value(), q::__imod__.value(), "__mod__"),
    (q::__pow__.value(), q::__rpow__.value(), q::__ipow__.value(), "__pow__"),
    (q::__matmul__.value(), q::__rmatmul__.value(), q::__imatmul__.value(), "__matmul__"),
    (q::__lshift__.value(), q::__rlshift__.value(), q::__ilshift__.value(), "__lshift__"),
    (q::__rshift__.value(), q::__rrshift__.value(), q::__irshift__.value(), "__rshift__"),
    (q::__and__.value(), q::__rand__.value(), q::__iand__.value(), "__and__"),
    (q::__or__.value(), q::__ror__.value(), q::__ior__.value(), "__or__"),
    (q::__xor__.value(), q::__rxor__.value(), q::__ixor__.value(), "__xor__"),
];

impl Vm {
    /// `lhs op rhs`, or `lhs op= rhs` when `inplace`. May run Python.
    pub fn binary(&mut self, op: BinaryOp, lhs: Value, rhs: Value, inplace: bool) -> Res {
        let (name, reflected, inplace_name, text) = NAMES[op as usize];
        if self.has_python_class(lhs) || self.has_python_class(rhs) {
            self.enter_native()?;
            if inplace && let Some(v) = self.try_dunder(lhs, inplace_name, rhs)? {
                return Ok(v);
            }
            let (tl, tr) = (self.type_of(lhs), self.type_of(rhs));
            let reflected_first =
                tl != tr && self.has_python_class(rhs) && self.is_subclass(tr, tl);
            if reflected_first && let Some(v) = self.try_dunder(rhs, reflected, lhs)? {
                return Ok(v);
            }
            if let Some(v) = self.try_dunder(lhs, name, rhs)? {
                return Ok(v);
            }
            if !reflected_first && let Some(v) = self.try_dunder(rhs, reflected, lhs)? {
                return Ok(v);
            }
            let l = self.native_part(lhs);
            // What text formats keeps the methods of its class.
            let formats = op == BinaryOp::Mod
                && matches!(l.kind(), Some(Kind::Str | Kind::Bytes | Kind::ByteArray));
            let r = if formats { rhs } else { self.native_part(rhs) };
            let v = self.binary_native(op, l, r, inplace)?;
            if v != Value::NOT_IMPLEMENTED {
                // What was changed in place is the instance's own part.
                let is_mutable = !matches!(
                    l.kind(),
                    None | Some(Kind::Int | Kind::Str | Kind::Bytes | Kind::Tuple | Kind::Float)
                );
                return Ok(if inplace && v == l && is_mutable { lhs } else { v });
            }
        } else {
            let v = self.binary_native(op, lhs, rhs, inplace)?;
            if v != Value::NOT_IMPLEMENTED {
                return Ok(v);
            }
        }
        if op == BinaryOp::Mul
            && let Some(v) = self.repeat_by_index(lhs, rhs, inplace)?
        {
            return Ok(v);
        }
        let (l, r) = (self.type_name(lhs), self.type_name(rhs));
        let text = if inplace { INPLACE_TEXT[op as usize] } else { text };
        Err(self.raise_fmt(
            exc::TYPE_ERROR,
            format_args!("unsupported types for {text}: '{}', '{}'", l.as_str(), r.as_str()),
        ))
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
        if let Some(f) = tl.slots.binary {
            let v = f(self, op, lhs, rhs, inplace)?;
            if v != Value::NOT_IMPLEMENTED {
                return Ok(v);
            }
        }
        match tr.slots.binary {
            Some(f) if !core::ptr::eq(tl, tr) => f(self, op, lhs, rhs, false),
            _ => Ok(Value::NOT_IMPLEMENTED),
        }
    }

    /// Calls a dunder method of an instance's class with one argument; `None` when there is none or it declined.
    fn try_dunder(
        &mut self,
        object: Value,
        name: Value,
        arg: Value,
    ) -> Result<Option<Value>, Raise> {
        if !self.has_python_class(object) {
            return Ok(None);
        }
        let class = self.type_of(object);
        let Some(f) = self.lookup_in_class(class, name) else { return Ok(None) };
        if f.is_kind(Kind::RomFn) || f.is_none() {
            return Ok(None);
        }
        let v = self.call_found(f, object, class, &[arg])?;
        Ok(if v == Value::NOT_IMPLEMENTED { None } else { Some(v) })
    }

    /// `-v`, `+v`, `~v`, `abs(v)`.
    pub fn unary(&mut self, op: UnaryOp, v: Value) -> Res {
        let (name, text) = match op {
            UnaryOp::Neg => (q::__neg__.value(), "__neg__"),
            UnaryOp::Pos => (q::__pos__.value(), "__pos__"),
            UnaryOp::Invert => (q::__invert__.value(), "__invert__"),
            UnaryOp::Abs => (q::__abs__.value(), "__abs__"),
        };
        if self.has_python_class(v) {
            let class = self.type_of(v);
            if let Some(f) = self.lookup_in_class(class, name)
                && !f.is_kind(Kind::RomFn)
            {
                return self.call_found(f, v, class, &[]);
            }
        }
        let part = self.native_part(v);
        if let Some(f) = self.rom_type_of(part).slots.unary {
            let r = f(self, op, part)?;
            if r != Value::NOT_IMPLEMENTED {
                return Ok(r);
            }
        }
        let t = self.type_name(v);
        Err(self.raise_fmt(
            exc::TYPE_ERROR,
            format_args!("unsupported type for {text}: '{}'", t.as_str()),
        ))
    }
}

const INPLACE_TEXT: [&str; 13] = [
    "__iadd__",
    "__isub__",
    "__imul__",
    "__itruediv__",
    "__ifloordiv__",
    "__imod__",
    "__ipow__",
    "__imatmul__",
    "__ilshift__",
    "__irshift__",
    "__iand__",
    "__ior__",
    "__ixor__",
];
