//! Truth, equality, order, hashing.

use crate::num::Real;
use crate::object::{Bytes, ClassFlags, CompareOp, Float, Int, List, Str, Tuple};
use crate::value::names::q;
use crate::value::{Kind, Scalar, Value};
use crate::{Raise, SHORTCUTS, Vm, exc};

/// The method of each comparison.
const METHODS: [Value; 6] = [
    q::__lt__.value(),
    q::__le__.value(),
    q::__gt__.value(),
    q::__ge__.value(),
    q::__eq__.value(),
    q::__ne__.value(),
];

impl Vm {
    /// `bool(v)`.
    pub fn truth(&mut self, v: Value) -> Result<bool, Raise> {
        if let Some(n) = v.as_small_int() {
            return Ok(n != 0);
        }
        match v.kind() {
            None => Ok(!(v == Value::FALSE || v.is_none())),
            Some(Kind::Str) if SHORTCUTS => Ok(Str::from_known(v).byte_len() > 0),
            Some(Kind::Tuple) if SHORTCUTS => Ok(!Tuple::from_known(v).is_empty()),
            Some(Kind::List) if SHORTCUTS => Ok(!List::from_known(v).is_empty(self)),
            Some(Kind::Float) if SHORTCUTS && Kind::Float.is_built() => {
                Ok(Float::from_known(v).number(self) != 0.0)
            }
            _ if self.has_python_class(v) => {
                let class = self.type_of(v);
                if let Some(f) = self.lookup_in_class(class, q::__bool__.value()) {
                    let truth = self.call_found(f, v, &[])?;
                    if !truth.is_bool() {
                        return Err(self.raise(exc::TYPE_ERROR, "__bool__ should return bool"));
                    }
                    return Ok(truth == Value::TRUE);
                }
                if let Some(f) = self.lookup_in_class(class, q::__len__.value())
                    && f.is_kind(Kind::Function)
                {
                    let n = self.call(f, &[v])?;
                    return self.truth(n);
                }
                let part = self.native_part(v);
                if part == v { Ok(true) } else { self.truth(part) }
            }
            Some(_) => {
                let slots = &self.rom_type_of(v).slots;
                match (slots.bool(), slots.len()) {
                    (Some(f), _) => f(self, v),
                    (None, Some(f)) => Ok(f(self, v)? != 0),
                    _ => Ok(true),
                }
            }
        }
    }

    /// `a == b`. May run Python.
    pub fn equal(&mut self, a: Value, b: Value) -> Result<bool, Raise> {
        if a == b && !a.is_kind(Kind::Float) {
            return Ok(true);
        }
        if let (Some(a), Some(b)) = (Str::from_value(a), Str::from_value(b)) {
            return Ok(a.equals(b));
        }
        if a.is_small_int() && b.is_small_int() {
            return Ok(false);
        }
        let v = self.compare(CompareOp::Eq, a, b)?;
        self.truth(v)
    }

    /// `a op b`: any object, usually a bool. May run Python.
    pub fn compare(&mut self, op: CompareOp, a: Value, b: Value) -> Result<Value, Raise> {
        if let (Some(x), Some(y)) = (a.as_small_int(), b.as_small_int()) {
            return Ok(Value::bool(op.holds(x.cmp(&y))));
        }
        self.enter_native_inline()?;
        // A subclass's reflected method goes first.
        let mut swap = self.is_of_subclass(b, a);
        for _ in 0..2 {
            let v = if swap {
                self.compare_one(op.swapped(), b, a)?
            } else {
                self.compare_one(op, a, b)?
            };
            if v != Value::NOT_IMPLEMENTED {
                return Ok(v);
            }
            swap = !swap;
        }
        match op {
            CompareOp::Eq => Ok(Value::bool(a == b)),
            CompareOp::Ne => Ok(Value::bool(a != b)),
            _ => Err(self.unsupported(METHODS[op as usize], a, b)),
        }
    }

    /// Asks one side.
    fn compare_one(&mut self, op: CompareOp, a: Value, b: Value) -> Result<Value, Raise> {
        if self.has_python_class(a) {
            if let Some(f) = self.found_method(a, METHODS[op as usize]) {
                if f.is_none() {
                    return Ok(Value::NOT_IMPLEMENTED);
                }
                return self.call_found(f, a, &[b]);
            }
            if op == CompareOp::Ne {
                // Derived from __eq__.
                let v = self.compare_one(CompareOp::Eq, a, b)?;
                return if v == Value::NOT_IMPLEMENTED {
                    Ok(v)
                } else {
                    Ok(Value::bool(!self.truth(v)?))
                };
            }
            let part = self.native_part(a);
            if part == a || part.is_none() {
                return Ok(Value::NOT_IMPLEMENTED);
            }
            return self.compare_one(op, part, b);
        }
        let b = self.native_part(b);
        let Some(f) = self.rom_type_of(a).slots.compare() else {
            return Ok(Value::NOT_IMPLEMENTED);
        };
        if op == CompareOp::Ne {
            let v = f(self, CompareOp::Eq, a, b)?;
            return Ok(if v.is_bool() { Value::bool(v == Value::FALSE) } else { v });
        }
        f(self, op, a, b)
    }

    /// `a < b` as a truth; for sorting.
    pub fn less(&mut self, a: Value, b: Value) -> Result<bool, Raise> {
        let v = self.compare(CompareOp::Lt, a, b)?;
        self.truth(v)
    }

    /// `hash(v)`, at most 30 bits wide on a 32-bit target; `TypeError` for what cannot be hashed. May run Python.
    pub fn hash(&mut self, v: Value) -> Result<usize, Raise> {
        if crate::object::has_cheap_hash(v) {
            return Ok(self.cheap_hash(v));
        }
        self.enter_native()?;
        if self.has_python_class(v) {
            if let Some(f) = self.found_method(v, q::__hash__.value()).filter(|f| !f.is_none()) {
                let h = self.call_found(f, v, &[])?;
                if !crate::types::common::is_int(h) {
                    return Err(
                        self.raise(exc::TYPE_ERROR, "__hash__ method should return an integer")
                    );
                }
                return Ok(self.cheap_hash(h));
            }
            let unhashable = crate::object::Class::from_value(self.type_of(v))
                .is_some_and(|c| c.has(self, ClassFlags::UNHASHABLE));
            if !unhashable {
                let part = self.native_part(v);
                return if part != v && !part.is_none() {
                    self.hash(part)
                } else {
                    Ok(by_address(v))
                };
            }
        } else {
            let slots = &self.rom_type_of(v).slots;
            match (slots.hash(), slots.compare()) {
                (Some(f), _) => return Ok(f(self, v)? & HASH_MASK),
                (None, None) => return Ok(by_address(v)),
                _ => {}
            }
        }
        Err(self.type_error(v, "unsupported type for __hash__: '%'"))
    }

    /// The hash of a value for which `has_cheap_hash` holds. Equal numbers have equal hashes.
    pub(crate) fn cheap_hash(&self, v: Value) -> usize {
        if let Some(n) = v.as_small_int() {
            return n as usize & HASH_MASK;
        }
        match v.kind() {
            Some(Kind::Str) => Str::from_known(v).hash14() as usize,
            Some(Kind::Bytes) => hash_bytes(Bytes::from_known(v).as_bytes()),
            Some(Kind::Int) => {
                let i = Int::from_known(v);
                hash_limbs(i.is_negative(), i.limbs())
            }
            Some(Kind::Float) if Kind::Float.is_built() => {
                hash_float(Float::from_known(v).number(self))
            }
            _ if v == Value::TRUE => 1,
            _ if v == Value::FALSE => 0,
            _ => v.bits() & HASH_MASK,
        }
    }
}

/// Hashes have this many bits, so that they are small ints.
pub(crate) const HASH_MASK: usize = usize::MAX >> 2;

/// The hash of a float; that of the int it equals, if there is one.
pub(crate) fn hash_float(f: Scalar) -> usize {
    if !f.is_finite() || Real::trunc(f) != f {
        let bits = f.to_bits();
        return (bits ^ bits >> 29) as usize & HASH_MASK;
    }
    let limit = -(Value::SMALL_INT_MIN as Scalar);
    if -limit <= f && f < limit {
        return f as isize as usize & HASH_MASK;
    }
    let mut limbs = [0u32; 34];
    let n = crate::types::int::limbs_of_float(f, &mut limbs);
    hash_limbs(f < 0.0, &limbs[..n])
}

fn hash_limbs(negative: bool, limbs: &[u32]) -> usize {
    limbs.iter().fold(negative as usize, |h, &l| h.wrapping_mul(31).wrapping_add(l as usize))
        & HASH_MASK
}

fn by_address(v: Value) -> usize {
    (v.bits() >> 4) & HASH_MASK
}

/// The hash of raw bytes.
pub(crate) fn hash_bytes(bytes: &[u8]) -> usize {
    bytes.iter().fold(0x811c_9dc5usize, |h, &b| (h ^ b as usize).wrapping_mul(0x0100_0193))
        & HASH_MASK
}
