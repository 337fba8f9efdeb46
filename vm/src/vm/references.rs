//! Values that foreign code keeps alive outside native stacks, by number.
//!
//! # Invariant
//! `Roots::references` is a list (or `UNDEF`); a free place in it holds `UNDEF`.

use super::Vm;
use crate::Raise;
use crate::object::List;
use crate::value::Value;

/// The number of a kept value.
pub type Reference = u32;

impl Vm {
    /// Keeps `value` alive until [`Vm::release`]. O(n) in the number of kept values.
    pub fn keep(&mut self, value: Value) -> Result<Reference, Raise> {
        let list = match List::from_value(self.shared().roots.references) {
            Some(list) => list,
            None => {
                let list = self.new_list()?;
                self.shared_mut().roots.references = list.value();
                list
            }
        };
        if let Some(free) = list.items(self).iter().position(|v| v.is_undef()) {
            list.set(self, free, value);
            return Ok(free as Reference);
        }
        let n = list.len(self);
        list.push(self, value)?;
        Ok(n as Reference)
    }

    /// The value kept under a number; `None` if there is none.
    pub fn kept(&self, reference: Reference) -> Option<Value> {
        let list = List::from_value(self.shared().roots.references)?;
        list.get(self, reference as usize).filter(|v| !v.is_undef())
    }

    /// Keeps the value no longer; false if nothing was kept under the number.
    pub fn release(&mut self, reference: Reference) -> bool {
        let known = self.kept(reference).is_some();
        if let (true, Some(list)) = (known, List::from_value(self.shared().roots.references)) {
            list.set(self, reference as usize, Value::UNDEF);
        }
        known
    }
}
