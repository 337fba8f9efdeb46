//! The small objects: layout and accessors, nothing else. What they mean is in `types` and `interp`.

use super::RomFn;
use super::{blocks_of, object};
use crate::value::{Header, Kind, RomValue, Scalar, Value};
use crate::{Raise, Vm, exc};

object!(

    /// `float`.
    Float, FloatObj, Float {
        /// The number.
        number, set_number: Scalar;
    }
);
object!(
    /// `complex`.
    Complex, ComplexObj, Complex {
        /// Real part.
        re, set_re: Scalar;
        /// Imaginary part.
        im, set_im: Scalar;
    }
);
object!(

    /// A function bound to its first argument.
    BoundMethod, BoundMethodObj, BoundMethod {
        /// The callable.
        function, set_function: Value;
        /// The first argument.
        receiver, set_receiver: Value;
    }
);
object!(

    /// A variable shared by a function and its closures; `UNDEF` while unbound.
    Cell, CellObj, Cell {
        /// The variable's value.
        content, set_content: Value;
    }
);
object!(
    /// `range`.
    Range, RangeObj, Range {
        /// First number.
        start, set_start: Value;
        /// Exclusive bound.
        stop, set_stop: Value;
        /// Step, not zero.
        step, set_step: Value;
    }
);
object!(
    /// `slice`.
    Slice, SliceObj, Slice {
        /// Start or `None`.
        start, set_start: Value;
        /// Stop or `None`.
        stop, set_stop: Value;
        /// Step or `None`.
        step, set_step: Value;
    }
);
/// A slice on the native stack, for a subscription that keeps no hold of it.
///
/// The collector does not look into it: its parts are alive by other means as long as it is used.
pub(crate) struct PassingSlice(SliceObj);

impl PassingSlice {
    /// A slice of these parts.
    pub fn new([start, stop, step]: [Value; 3]) -> PassingSlice {
        PassingSlice(SliceObj { header: Header::new(Kind::Slice, 0, 0), start, stop, step })
    }

    /// The slice as a value, which does not outlive it.
    pub fn value(&self) -> Value {
        // SAFETY: an object with its header; the type's users keep the value no longer than this borrow.
        unsafe { Value::from_object((&raw const self.0).cast()) }
    }
}

object!(

    /// A built-in iterator. aux: the discriminant of [`IterKind`].
    Iterator, IteratorObj, Iterator {
        /// By kind, usually what is iterated.
        a, set_a: Value;
        /// By kind, usually the position.
        b, set_b: Value;
        /// By kind.
        c, set_c: Value;
    }
);
object!(
    /// `property`, `classmethod`, `staticmethod`. aux: the discriminant of [`DescriptorKind`].
    Descriptor, DescriptorObj, Descriptor {
        /// Getter, or the wrapped function.
        get, set_get: Value;
        /// Setter or `None`.
        set, set_set: Value;
        /// Deleter or `None`.
        delete, set_delete: Value;
        /// Docstring or `None`.
        doc, set_doc: Value;
    }
);
object!(
    /// `super`.
    Super, SuperObj, Super {
        /// The class after which the search begins.
        class, set_class: Value;
        /// The object or class that is searched.
        object, set_object: Value;
    }
);
object!(
    /// `bytearray` and `array.array`. aux: the type code's character, 0 for a `bytearray`.
    ByteArray, ByteArrayObj, ByteArray {
        /// Length in bytes.
        length, set_length: u32;
        /// The Raw buffer, `UNDEF` while nothing was stored.
        buffer, set_buffer: Value;
        /// How many `memoryview`s and lent buffers forbid resizing.
        exports, set_exports: u32;
    }
);
object!(
    /// `memoryview`. aux: the type code's character, plus [`MemoryView::WRITABLE`].
    MemoryView, MemoryViewObj, MemoryView {
        /// First byte in the base object's buffer.
        offset, set_offset: u32;
        /// The object that owns the bytes.
        base, set_base: Value;
        /// Length in items.
        length, set_length: u32;
        /// Step between items, in items; negative for reversed views.
        step, set_step: i32;
    }
);
impl MemoryView {
    /// aux bit of a view that may be written.
    pub const WRITABLE: u16 = 1 << 8;
}
object!(
    /// `dict.keys()`, `.values()`, `.items()`. aux: 0, 1, 2.
    DictView, DictViewObj, DictView {
        /// The dictionary.
        dict, set_dict: Value;
    }
);
object!(
    /// An exception. aux bit 0: `__suppress_context__`.
    Exception, ExceptionObj, Exception {
        /// A built-in exception type or a `Class` derived from one.
        class, set_class: Value;
        /// Tuple of the arguments.
        args, set_args: Value;
        /// List with file, line, function in turn, innermost first; or `None`.
        traceback, set_traceback: Value;
        /// `__cause__` or `None`.
        cause, set_cause: Value;
        /// `__context__` or `None`.
        context, set_context: Value;
        /// Dictionary of other attributes, or `UNDEF`.
        attributes, set_attributes: Value;
    }
);
object!(
    /// A module made at run time.
    Module, ModuleObj, Module {
        /// Its namespace, a dict.
        globals, set_globals: Value;
    }
);
/// What a built-in iterator iterates over. The comments name the fields a, b, c.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u16)]
pub enum IterKind {
    /// The three words of a `Cursor`.
    Walk,
    /// A range of big ints: current, stop, step.
    Range,
    /// `__getitem__` of an instance, next index.
    GetItem,
    /// `iter(callable, sentinel)`.
    Callable,
    /// Reversed sequence, next index.
    Reversed,
    /// `enumerate`: iterator, count.
    Enumerate,
    /// `zip`: tuple of iterators, strict flag.
    Zip,
    /// `map`: function, tuple of iterators.
    Map,
    /// `filter`: function or None, iterator.
    Filter,
}

impl Iterator {
    /// Which iterator it is.
    #[inline]
    pub fn kind(self) -> IterKind {
        // SAFETY: `new` made the object, with a kind in its header.
        unsafe { core::mem::transmute::<u16, IterKind>(self.aux()) }
    }

    /// A new one.
    #[allow(clippy::new_ret_no_self, reason = "iterators are passed on as values")]
    pub fn new(vm: &mut Vm, kind: IterKind, a: Value, b: Value, c: Value) -> Result<Value, Raise> {
        Ok(Iterator::alloc(vm, kind as u16, a, b, c)?.value())
    }
}

/// Which descriptor a [`Descriptor`] is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u16)]
pub enum DescriptorKind {
    /// `property`.
    Property,
    /// `classmethod`.
    ClassMethod,
    /// `staticmethod`.
    StaticMethod,
}

impl Descriptor {
    /// Which descriptor it is.
    pub fn kind(self) -> DescriptorKind {
        match self.aux() {
            0 => DescriptorKind::Property,
            1 => DescriptorKind::ClassMethod,
            _ => DescriptorKind::StaticMethod,
        }
    }

    /// A new one.
    #[allow(clippy::new_ret_no_self, reason = "descriptors are passed on as values")]
    pub fn new(
        vm: &mut Vm,
        kind: DescriptorKind,
        get: Value,
        set: Value,
        delete: Value,
        doc: Value,
    ) -> Result<Value, Raise> {
        Ok(Descriptor::alloc(vm, kind as u16, get, set, delete, doc)?.value())
    }
}

/// A class or static method of a built-in type, in ROM. Its `get` is the native function.
#[repr(transparent)]
pub struct RomDescriptor(DescriptorObj);

// SAFETY: immutable; refers to ROM only.
unsafe impl Sync for RomDescriptor {}

impl RomDescriptor {
    const fn new(kind: DescriptorKind, function: &'static RomFn) -> RomDescriptor {
        let none = Value::NONE;
        let header = Header::new(Kind::Descriptor, 0, kind as u16);
        RomDescriptor(DescriptorObj {
            header,
            get: function.rom().0,
            set: none,
            delete: none,
            doc: none,
        })
    }

    /// A class method: the function gets the class first, whether it is called through it or an instance.
    pub const fn class_method(function: &'static RomFn) -> RomDescriptor {
        RomDescriptor::new(DescriptorKind::ClassMethod, function)
    }

    /// A static method.
    pub const fn static_method(function: &'static RomFn) -> RomDescriptor {
        RomDescriptor::new(DescriptorKind::StaticMethod, function)
    }

    /// The descriptor as an entry of a ROM table.
    pub const fn rom(&'static self) -> RomValue {
        // SAFETY: a static object is live for ever.
        RomValue(unsafe { Value::from_object((&raw const *self).cast()) })
    }
}

impl Vm {
    /// A `float`; `TypeError` in a build without floats.
    pub fn new_float(&mut self, number: Scalar) -> Result<Value, Raise> {
        if !Kind::Float.is_built() {
            return Err(self.raise(exc::TYPE_ERROR, "no floats in this build"));
        }
        let p = self.alloc_here(Header::new(Kind::Float, blocks_of::<FloatObj>(), 0))?;
        // SAFETY: a fresh object of that size, whose kind has no values.
        unsafe {
            (&raw mut (*p.cast::<FloatObj>().as_ptr()).number).write(number);
            Ok(Value::from_object(p.as_ptr().cast()))
        }
    }

    /// A `complex`; `TypeError` in a build without them.
    pub fn new_complex(&mut self, re: Scalar, im: Scalar) -> Result<Value, Raise> {
        if !Kind::Complex.is_built() {
            return Err(self.raise(exc::TYPE_ERROR, "no complex numbers in this build"));
        }
        let p = self.alloc_here(Header::new(Kind::Complex, blocks_of::<ComplexObj>(), 0))?;
        // SAFETY: as in `new_float`.
        unsafe {
            let object = p.cast::<ComplexObj>().as_ptr();
            (&raw mut (*object).re).write(re);
            (&raw mut (*object).im).write(im);
            Ok(Value::from_object(object.cast()))
        }
    }

    /// A bound method.
    pub fn new_bound_method(&mut self, function: Value, receiver: Value) -> Result<Value, Raise> {
        Ok(BoundMethod::alloc(self, 0, function, receiver)?.value())
    }
}
