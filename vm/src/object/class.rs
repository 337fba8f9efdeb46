//! Classes made at run time, their instances, and the shapes that instances share.
//!
//! An instance's header names a *shape*: the list of its attribute names, whose values fill its slots in the same
//! order. Adding an attribute moves it to a further shape. Shapes live in one table of the VM. An instance whose
//! attributes cannot be a plain list any more (one was deleted, `__dict__` was taken, too many) is in *dictionary
//! mode*: its shape has no names and its first free slot holds a dict.
//!
//! # Invariants
//! 1. An instance's shape exists in the table and belongs to the instance's class.
//! 2. An instance has at least as many slots as its shape has names; the first `n` hold values, never `UNDEF`.
//! 3. An instance of a class with a native base holds the native object in slot 0, whose name in `keys` is `UNDEF`.

use super::strings::Str;
use super::{Dict, Tuple, array_items, handle, object};
use crate::value::header::{BLOCK, WORD};
use crate::value::{Header, Kind, Value};
use crate::vm::shapes::{Shape, ShapeId};
use crate::{Raise, Vm};

object!(
    /// A class made at run time.
    Class, ClassObj, Class {
        /// [`ClassFlags`].
        flags, set_flags: u16;
        /// Slots that a new instance gets room for; grows as instances outgrow it.
        slots, set_slots: u8;
        /// `__name__`.
        name, set_name: Value;
        /// Tuple of the bases; `()` for `object` alone.
        bases, set_bases: Value;
        /// Tuple of the linearised classes, itself first, without `object`; `UNDEF` when every base is alone (then follow `bases`).
        mro, set_mro: Value;
        /// Its namespace.
        dict, set_dict: Value;
        /// The built-in type whose value each instance carries, or `UNDEF`. For exceptions the built-in exception type.
        native_base, set_native_base: Value;
        /// The metaclass: `type` or a class.
        metaclass, set_metaclass: Value;
        /// The shape of an instance without attributes, as a small int; `UNDEF` before the first instance.
        root_shape, set_root_shape: Value;
    }
);

/// What instances of a class need to be asked. Inherited by subclasses.
#[derive(Clone, Copy)]
pub struct ClassFlags;
impl ClassFlags {
    /// Defines `__getattr__`.
    pub const GETATTR: u16 = 1;
    /// Defines `__setattr__` or `__delattr__`.
    pub const SETATTR: u16 = 2;
    /// Defines `__getattribute__`.
    pub const GETATTRIBUTE: u16 = 4;
    /// Defines `__del__`.
    pub const DEL: u16 = 8;
    /// Has a property or another data descriptor.
    pub const DATA_DESCRIPTOR: u16 = 16;
    /// Derived from `BaseException`: instances are of kind Exception.
    pub const EXCEPTION: u16 = 32;
    /// Derived from `type`: a metaclass.
    pub const METACLASS: u16 = 64;
    /// `__slots__` names all attributes there may be.
    pub const SLOTS: u16 = 128;
    /// Defines `__eq__` without `__hash__`: not hashable.
    pub const UNHASHABLE: u16 = 256;
    /// Defines `__init__` in Python or inherits one.
    pub const INIT: u16 = 512;
    /// Defines `__new__`.
    pub const NEW: u16 = 1024;
}

/// The most slots an instance has before it goes to dictionary mode.
pub const MAX_SLOTS: usize = 64;

handle!(
    /// An instance of a class made at run time.
    Instance, Instance
);

impl Class {
    /// The class before this one, when it has one base or none: the chain that `mro` is `UNDEF` for.
    #[inline]
    pub fn single_base(self, vm: &Vm) -> Option<Value> {
        Tuple::from_known(self.bases(vm)).items().first().copied()
    }

    /// The namespace.
    #[inline(always)]
    pub fn namespace(self, vm: &Vm) -> Dict {
        Dict::from_known(self.dict(vm))
    }

    /// True when a flag is set here or was inherited.
    #[inline(always)]
    pub fn has(self, vm: &Vm, flag: u16) -> bool {
        self.flags(vm) & flag != 0
    }
}

impl Instance {
    /// The instance's shape number.
    #[inline(always)]
    pub fn shape_id(self) -> ShapeId {
        self.aux()
    }

    /// The first slot.
    #[inline(always)]
    pub(crate) fn slots_ptr(self) -> *mut Value {
        self.value().object_ptr().wrapping_add(WORD).cast()
    }

    /// How many slots there is room for.
    #[inline(always)]
    pub fn capacity(self) -> usize {
        // SAFETY: an instance begins with its header.
        let blocks = unsafe { (*self.value().object_ptr().cast::<Header>()).blocks } as usize;
        blocks * BLOCK / WORD - 1
    }

    /// Slot `i`, which exists.
    #[inline(always)]
    pub fn slot(self, _vm: &Vm, i: usize) -> Value {
        debug_assert!(i < self.capacity());
        // SAFETY: invariant 2.
        unsafe { *self.slots_ptr().add(i) }
    }

    /// Sets slot `i`, which exists.
    #[inline(always)]
    pub fn set_slot(self, _vm: &mut Vm, i: usize, value: Value) {
        debug_assert!(i < self.capacity());
        // SAFETY: invariant 2.
        unsafe { *self.slots_ptr().add(i) = value }
    }

    /// Its class.
    #[inline]
    pub fn class(self, vm: &Vm) -> Class {
        Class::from_known(vm.shape(self.shape_id()).class)
    }

    /// The native object that an instance of a class with a native base carries.
    pub fn native_part(self, vm: &Vm) -> Option<Value> {
        let class = self.class(vm);
        if class.native_base(vm).is_undef() { None } else { Some(self.slot(vm, 0)) }
    }

    /// A new instance without attributes; `native` is what it carries of its native base.
    pub fn new(vm: &mut Vm, class: Class, native: Value) -> Result<Instance, Raise> {
        let shape = vm.root_shape(class)?;
        let fixed = !native.is_undef() as usize;
        let slots = (class.slots(vm) as usize).max(fixed + 1);
        let blocks = (WORD * (1 + slots)).div_ceil(BLOCK) as u8;
        let p = vm.alloc_here(Header::new(Kind::Instance, blocks, shape))?;
        let this = Instance::from_known({
            // SAFETY: a fresh object.
            unsafe { Value::from_object(p.as_ptr().cast()) }
        });
        for i in 0..this.capacity() {
            this.set_slot(vm, i, Value::UNDEF);
        }
        if fixed == 1 {
            this.set_slot(vm, 0, native);
        }
        if class.has(vm, ClassFlags::DEL) {
            vm.register_finaliser(this.value())?;
        }
        Ok(this)
    }

    /// The attribute `name` of the instance itself.
    #[inline]
    pub fn get(self, vm: &Vm, name: Value) -> Option<Value> {
        let shape = vm.shape(self.shape_id());
        if shape.is_dict() {
            return self.dict(vm)?.get_name(vm, name);
        }
        shape.find(name).map(|i| self.slot(vm, i))
    }

    #[inline(always)]
    fn dict_slot(self, vm: &Vm) -> usize {
        !self.class(vm).native_base(vm).is_undef() as usize
    }

    /// The dictionary of an instance in dictionary mode.
    pub fn dict(self, vm: &Vm) -> Option<Dict> {
        if vm.shape(self.shape_id()).is_dict() {
            Dict::from_value(self.slot(vm, self.dict_slot(vm)))
        } else {
            None
        }
    }

    /// Sets the attribute `name` of the instance itself.
    pub fn put(self, vm: &mut Vm, name: Value, value: Value) -> Result<(), Raise> {
        if let Some(dict) = self.dict(vm) {
            return dict.set_name(vm, name, value);
        }
        let shape = *vm.shape(self.shape_id());
        if let Some(i) = shape.find(name) {
            self.set_slot(vm, i, value);
            return Ok(());
        }
        let n = shape.len();
        if n < self.capacity()
            && n < MAX_SLOTS
            && let Some(next) = vm.shape_with(self.shape_id(), name)?
        {
            self.set_slot(vm, n, value);
            super::set_aux(vm, self.value(), next);
            return Ok(());
        }
        // Later instances of the class get more room.
        let class = self.class(vm);
        if n >= self.capacity() && n < MAX_SLOTS {
            class.set_slots(vm, (n + 1) as u8);
        }
        let dict = self.make_dict(vm)?;
        dict.set_name(vm, name, value)
    }

    /// Goes to dictionary mode, where attributes live in a dict, and returns it.
    pub fn make_dict(self, vm: &mut Vm) -> Result<Dict, Raise> {
        if let Some(dict) = self.dict(vm) {
            return Ok(dict);
        }
        let shape: Shape = *vm.shape(self.shape_id());
        let dict = vm.new_dict()?;
        for i in 0..shape.len() {
            let name = array_items(shape.keys)[i];
            if !name.is_undef() {
                dict.set_name(vm, name, self.slot(vm, i))?;
            }
        }
        let class = self.class(vm);
        let id = vm.dict_shape(class)?;
        let at = self.dict_slot(vm);
        for i in at..self.capacity() {
            self.set_slot(vm, i, Value::UNDEF);
        }
        self.set_slot(vm, at, dict.value());
        super::set_aux(vm, self.value(), id);
        Ok(dict)
    }

    /// Deletes the attribute `name` of the instance itself; false when there is none.
    pub fn delete(self, vm: &mut Vm, name: Value) -> Result<bool, Raise> {
        if self.get(vm, name).is_none() {
            return Ok(false);
        }
        let dict = self.make_dict(vm)?;
        Ok(dict.remove_name(vm, name))
    }

    /// Attribute `i` in order of creation: its name and value.
    pub fn attribute(self, vm: &Vm, i: usize) -> Option<(Str, Value)> {
        let shape = vm.shape(self.shape_id());
        let name = *array_items(shape.keys).get(i).filter(|_| i < shape.len())?;
        Some((Str::from_value(name)?, self.slot(vm, i)))
    }
}
