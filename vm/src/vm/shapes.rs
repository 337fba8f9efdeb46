//! The table of shapes: which attribute names the slots of an instance stand for.
//!
//! # Invariants
//! 1. `keys` is an Array (or `UNDEF`) with at least `n` names; shapes that extend one another may share it.
//! 2. A shape's `children` and their `sibling`s are shapes of the same class with one name more.
//! 3. Record 0 is never a shape, so 0 means none.
//! 4. The collector sets `marked` for the shape of every instance it reaches; shapes, their classes and keys live as
//!    long as an instance, a child or the class's `root_shape` refers to them.

use super::Vm;
use crate::Raise;
use crate::object::{Class, ClassFlags, array_items, raw_bytes};
use crate::value::{Kind, Value};

/// Number of a shape.
pub type ShapeId = u16;

/// A record of the table.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct Shape {
    /// Written by the collector; first, so that it needs the stride only.
    pub(crate) marked: u8,
    flags: u8,
    n: u8,
    /// `n`, or 0 when the class wants to be asked before an attribute is read or written.
    plain: u8,
    children: ShapeId,
    sibling: ShapeId,
    /// The class; `UNDEF` in a free record, whose `sibling` is the next free one.
    pub(crate) class: Value,
    /// Array of the names, in slot order.
    pub(crate) keys: Value,
}

/// Instances are in dictionary mode.
const DICT: u8 = 1;
/// The class wants to be asked before an attribute is read.
const SPECIAL_LOAD: u8 = 2;
/// The class wants to be asked before an attribute is written.
const SPECIAL_STORE: u8 = 4;

/// The class has `__slots__`: it wants to be asked before an attribute is added.
const SLOTTED: u8 = 8;

/// The shape flags that follow from a class's flags.
fn special(class_flags: u16) -> u8 {
    let any = |flags: u16, shape: u8| if class_flags & flags != 0 { shape } else { 0 };
    any(ClassFlags::GETATTRIBUTE | ClassFlags::DATA_DESCRIPTOR, SPECIAL_LOAD)
        | any(ClassFlags::SETATTR | ClassFlags::DATA_DESCRIPTOR, SPECIAL_STORE)
        | any(ClassFlags::SLOTS, SLOTTED)
}

impl Shape {
    /// Number of names.
    #[inline(always)]
    pub fn len(&self) -> usize {
        self.n as usize
    }

    /// Number of names that instructions may read and write by their hint.
    #[inline(always)]
    pub fn plain_len(&self) -> usize {
        self.plain as usize
    }

    /// True for the shape of instances in dictionary mode.
    #[inline(always)]
    pub fn is_dict(&self) -> bool {
        self.flags & DICT != 0
    }

    /// True when neither dictionary mode nor the class stands between an instance and its slots and methods.
    #[inline(always)]
    pub fn loads_plainly(&self) -> bool {
        self.flags & (DICT | SPECIAL_LOAD) == 0
    }

    /// True when the class wants to be asked before an attribute is read.
    #[inline(always)]
    pub fn loads_specially(&self) -> bool {
        self.flags & SPECIAL_LOAD != 0
    }

    /// True when the class wants to be asked before an attribute is written.
    #[inline(always)]
    pub fn stores_specially(&self) -> bool {
        self.flags & (SPECIAL_STORE | SLOTTED) != 0
    }

    /// True when an attribute may be stored in a slot without asking the class.
    #[inline(always)]
    pub fn stores_plainly(&self) -> bool {
        self.flags & (DICT | SPECIAL_STORE | SLOTTED) == 0
    }

    /// True when an attribute that other instances of the shape got may be added without asking the class.
    #[inline(always)]
    pub fn grows_plainly(&self) -> bool {
        self.flags & (DICT | SPECIAL_STORE) == 0
    }

    /// The first shape with one name more; its siblings are the others.
    #[inline(always)]
    pub(crate) fn first_child(&self) -> ShapeId {
        self.children
    }

    /// The slot of a name.
    #[inline]
    pub fn find(&self, name: Value) -> Option<usize> {
        array_items(self.keys)[..].iter().take(self.n as usize).position(|&k| k == name)
    }
}

impl Vm {
    #[inline(always)]
    pub(crate) fn shapes_base(&self) -> *mut Shape {
        self.shared().roots.shapes.object_ptr().wrapping_add(8).cast()
    }

    /// The record of a shape.
    #[inline(always)]
    pub(crate) fn shape(&self, id: ShapeId) -> &Shape {
        debug_assert!((id as u32) < self.shared().shape_count);
        // SAFETY: ids come from instances and the table itself; the table holds `shape_count` records from offset 8.
        unsafe { &*self.shapes_base().add(id as usize) }
    }

    pub(crate) fn shape_mut(&mut self, id: ShapeId) -> &mut Shape {
        debug_assert!((id as u32) < self.shared().shape_count);
        // SAFETY: as above; `&mut self` makes the borrow exclusive.
        unsafe { &mut *self.shapes_base().add(id as usize) }
    }

    /// A new record, `None` when there are 65 535 already.
    fn new_shape(&mut self, shape: Shape) -> Result<Option<ShapeId>, Raise> {
        // A freed record is used again.
        for i in 1..self.shared().shape_count {
            if self.shape(i as ShapeId).class.is_undef() {
                *self.shape_mut(i as ShapeId) = shape;
                return Ok(Some(i as ShapeId));
            }
            if i > 8 && !self.shapes_have_holes() {
                break;
            }
        }
        let n = self.shared().shape_count;
        if n > ShapeId::MAX as u32 {
            return Ok(None);
        }
        let table = self.shared().roots.shapes;
        let bytes = (n as usize + 1) * size_of::<Shape>();
        if table.is_undef() || raw_bytes(table).len() < bytes {
            let wanted = (n as usize + n as usize / 2 + 4) * size_of::<Shape>();
            let new = self.alloc_counted(Kind::Raw, 0, wanted, 1)?;
            let to = raw_bytes_uninit(new, wanted);
            let old = raw_bytes(self.shared().roots.shapes);
            to[..old.len()].copy_from_slice(old);
            let old = core::mem::replace(&mut self.shared_mut().roots.shapes, new);
            if !old.is_undef() {
                self.free_raw(old);
            }
        }
        // SAFETY: the table has room for record `n` (invariant of the code above); the shape is plain data.
        unsafe { self.shapes_base().add(n as usize).write(shape) };
        self.shared_mut().shape_count = n + 1;
        Ok(Some(n as ShapeId))
    }

    fn shapes_have_holes(&self) -> bool {
        self.shared().shape_holes
    }

    pub(crate) fn init_shapes(&mut self) -> Result<(), Raise> {
        let none = Shape {
            marked: 0,
            flags: 0,
            n: 0,
            plain: 0,
            children: 0,
            sibling: 0,
            class: Value::NONE,
            keys: Value::UNDEF,
        };
        self.new_shape(none)?;
        Ok(())
    }

    /// The shape of an instance of `class` without attributes.
    pub(crate) fn root_shape(&mut self, class: Class) -> Result<ShapeId, Raise> {
        if let Some(id) = class.root_shape(self).as_small_int() {
            return Ok(id as ShapeId);
        }
        let native = !class.native_base(self).is_undef();
        // With a native base slot 0 has a name that no attribute has.
        let keys = if native { self.new_array(2)? } else { Value::UNDEF };
        let shape = Shape {
            marked: 0,
            flags: special(class.flags(self)),
            n: native as u8,
            plain: 0,
            children: 0,
            sibling: 0,
            class: class.value(),
            keys,
        };
        match self.new_shape(shape)? {
            Some(id) => {
                class.set_root_shape(self, Value::from_len(id as usize));
                Ok(id)
            }
            None => Err(self.raise(crate::exc::RUNTIME_ERROR, "too many classes")),
        }
    }

    /// The shape of instances of `class` in dictionary mode.
    pub(crate) fn dict_shape(&mut self, class: Class) -> Result<ShapeId, Raise> {
        let root = self.root_shape(class)?;
        let mut id = self.shape(root).children;
        while id != 0 {
            if self.shape(id).is_dict() {
                return Ok(id);
            }
            id = self.shape(id).sibling;
        }
        let sibling = self.shape(root).children;
        let shape = Shape {
            marked: 0,
            flags: DICT | special(class.flags(self)),
            n: 0,
            plain: 0,
            children: 0,
            sibling,
            class: class.value(),
            keys: Value::UNDEF,
        };
        match self.new_shape(shape)? {
            Some(id) => {
                self.shape_mut(root).children = id;
                Ok(id)
            }
            None => Err(self.raise(crate::exc::RUNTIME_ERROR, "too many classes")),
        }
    }

    /// The shape with one name more; `None` when the table is full.
    pub(crate) fn shape_with(
        &mut self,
        from: ShapeId,
        name: Value,
    ) -> Result<Option<ShapeId>, Raise> {
        let shape = *self.shape(from);
        let n = shape.len();
        let mut id = shape.children;
        while id != 0 {
            let child = self.shape(id);
            if !child.is_dict() && array_items(child.keys)[n] == name {
                return Ok(Some(id));
            }
            id = child.sibling;
        }
        let capacity = array_items(shape.keys).len();
        let keys = if n < capacity && array_items(shape.keys)[n].is_undef() {
            shape.keys
        } else {
            let new = self.new_array(if n < 3 { 4 } else { n + n / 2 + 1 })?;
            array_items(new)[..n].copy_from_slice(&array_items(shape.keys)[..n]);
            new
        };
        let record = Shape {
            marked: 0,
            flags: shape.flags,
            n: n as u8 + 1,
            plain: if shape.flags & (SPECIAL_LOAD | SPECIAL_STORE) == 0 { n as u8 + 1 } else { 0 },
            children: 0,
            sibling: self.shape(from).children,
            class: shape.class,
            keys,
        };
        let Some(id) = self.new_shape(record)? else { return Ok(None) };
        array_items(keys)[n] = name;
        self.shape_mut(from).children = id;
        Ok(Some(id))
    }

    /// Sets flags on a class and on all that inherit from it, and on their shapes. Walks the heap: for the rare class that
    /// changes what it is after its making.
    pub(crate) fn add_class_flags(&mut self, class: Class, flags: u16) {
        while let Some(other) = self.class_without(class, flags) {
            let all = other.flags(self) | flags;
            other.set_flags(self, all);
        }
        for i in 1..self.shared().shape_count {
            let Some(other) = Class::from_value(self.shape(i as ShapeId).class) else { continue };
            let all = other.flags(self);
            let shape = self.shape_mut(i as ShapeId);
            shape.flags |= special(all);
            if shape.flags & (SPECIAL_LOAD | SPECIAL_STORE) != 0 {
                shape.plain = 0;
            }
        }
    }

    /// A class that is or inherits from `class` and lacks one of the flags.
    fn class_without(&self, class: Class, flags: u16) -> Option<Class> {
        self.shared().heap.objects().find_map(|object| {
            // SAFETY: the heap lists live objects.
            let value = unsafe { Value::from_object(object.cast()) };
            let other = Class::from_value(value)?;
            let lacks = other.flags(self) & flags != flags;
            if lacks && self.is_subclass(value, class.value()) { Some(other) } else { None }
        })
    }

    /// After marking: keeps the classes and keys of reached shapes alive. True when that reached anything new.
    pub(crate) fn mark_shapes(&mut self) -> bool {
        let mut found = false;
        for i in 1..self.shared().shape_count {
            let shape = *self.shape(i as ShapeId);
            if shape.marked == 1 {
                self.shape_mut(i as ShapeId).marked = 2;
                let heap = &mut self.shared_mut().heap;
                heap.mark_value(shape.class);
                heap.mark_value(shape.keys);
                found = true;
            }
        }
        found
    }

    /// After the last round of marking: frees the shapes of classes that died; keeps the keys of the others alive.
    pub(crate) fn prune_shapes(&mut self) {
        let mut holes = false;
        for i in 1..self.shared().shape_count {
            let shape = *self.shape(i as ShapeId);
            if shape.class.is_undef() {
                holes = true;
                continue;
            }
            if self.shared().heap.is_marked(shape.class) {
                self.shape_mut(i as ShapeId).marked = 0;
                self.shared_mut().heap.mark_value(shape.keys);
            } else {
                holes = true;
                *self.shape_mut(i as ShapeId) = Shape {
                    marked: 0,
                    flags: 0,
                    n: 0,
                    plain: 0,
                    children: 0,
                    sibling: 0,
                    class: Value::UNDEF,
                    keys: Value::UNDEF,
                };
            }
        }
        self.shared_mut().shape_holes = holes;
    }
}

/// The bytes of a Raw object that was just allocated, zeroed.
fn raw_bytes_uninit<'a>(raw: Value, n: usize) -> &'a mut [u8] {
    // SAFETY: a fresh Raw object with room for `n` bytes.
    unsafe { core::ptr::write_bytes(raw.object_ptr().add(8), 0, n) };
    raw_bytes(raw)
}
