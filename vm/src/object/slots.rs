//! What the VM asks of a built-in type: one table names the slots, and types keep those that they have.

#![allow(clippy::type_complexity, reason = "a slot's type is its documentation")]

use super::rom::{Args, AttrOp, BinaryOp, CompareOp, Res, StreamSlots, Style, UnaryOp};
use super::{Buffer, StrBuilder};
use crate::value::Value;
use crate::{Raise, Vm};

macro_rules! slots {
    (slots { $($(#[$doc:meta])* $name:ident: $of:ty;)* } flags { $($(#[$flag_doc:meta])* $flag:ident;)* }) => {
        #[allow(non_camel_case_types, reason = "a slot is spelt as its method")]
        #[repr(u8)]
        enum Slot { $($name),* }

        const SLOTS: usize = [$(Slot::$name),*].len();

        #[allow(non_camel_case_types, reason = "as above")]
        #[repr(u8)]
        enum Flag { $($flag),* }

        #[allow(
            clippy::new_ret_no_self,
            clippy::transmute_ptr_to_ref,
            reason = "`new` makes objects of the type; functions are no references"
        )]
        impl Slots {
            $($(#[$doc])*
            #[inline(always)]
            pub fn $name(self) -> Option<$of> {
                let code = self.code(Slot::$name)?;
                // SAFETY: `SlotList` made it of such a function or reference.
                Some(unsafe { core::mem::transmute::<*const (), $of>(code) })
            })*
            $($(#[$flag_doc])*
            #[inline(always)]
            pub fn $flag(self) -> bool {
                self.flags() & 1 << Flag::$flag as u8 != 0
            })*
        }

        #[allow(
            missing_docs,
            clippy::transmutes_expressible_as_ptr_casts,
            clippy::useless_transmute,
            reason = "as those of `Slots`; references are no functions"
        )]
        impl SlotList {
            $(pub const fn $name(mut self, value: $of) -> SlotList {
                // SAFETY: functions and references are as long as a pointer.
                let code = unsafe { core::mem::transmute::<$of, *const ()>(value) };
                self.code[Slot::$name as usize] = code;
                self
            })*
            $(pub const fn $flag(mut self, value: bool) -> SlotList {
                self.flags |= (value as u8) << Flag::$flag as u8;
                self
            })*
        }
    };
}

slots! {
    slots {
        /// `Type(…)`: makes an instance. `class` is the type or, for the base part of a subclass instance, the subclass.
        new: fn(&mut Vm, class: Value, Args<'_>) -> Res;
        /// `object(…)`
        call: fn(&mut Vm, Value, Args<'_>) -> Res;
        /// Appends `repr` or `str`.
        repr: fn(&mut Vm, Value, &mut StrBuilder, Style) -> Result<(), Raise>;
        /// Truth; absent: by `len`, else true.
        bool: fn(&mut Vm, Value) -> Result<bool, Raise>;
        /// `len()`
        len: fn(&mut Vm, Value) -> Result<usize, Raise>;
        /// `hash()`; absent: not hashable if `compare` is there, else by identity.
        hash: fn(&mut Vm, Value) -> Result<usize, Raise>;
        /// `-x` …
        unary: fn(&mut Vm, UnaryOp, Value) -> Res;
        /// `x op y` where either is of this type (`lhs` always is the left one); `NOT_IMPLEMENTED` when it does not know the other. In-place when `inplace`.
        binary: fn(&mut Vm, BinaryOp, lhs: Value, rhs: Value, inplace: bool) -> Res;
        /// `x < y` …; x is of this type; `NOT_IMPLEMENTED` when it does not know the other. `Ne` is derived from `Eq` by the caller.
        compare: fn(&mut Vm, CompareOp, Value, Value) -> Res;
        /// `item in x`; absent: by iteration.
        contains: fn(&mut Vm, Value, Value) -> Result<bool, Raise>;
        /// `x[i]`
        get_item: fn(&mut Vm, Value, Value) -> Res;
        /// `x[i] = v`; `UNDEF` deletes.
        set_item: fn(&mut Vm, Value, Value, Value) -> Result<(), Raise>;
        /// `iter(x)`
        iter: fn(&mut Vm, Value) -> Res;
        /// The next item, `STOP` at the end.
        next: fn(&mut Vm, Value) -> Res;
        /// Attributes that are not in the table of methods; `UNDEF` when there is none of that name (stores return anything else when done).
        attr: fn(&mut Vm, Value, name: Value, AttrOp) -> Res;
        /// The bytes of an object, for what takes bytes-like objects.
        buffer: fn(&Vm, Value) -> Option<Buffer>;
        /// The stream protocol.
        stream: &'static StreamSlots;
        /// Where one may wait for an object's readiness ([`Ioctl::Poll`], or whatever its type is ready for): the address
        /// of an event of the host's room, 0 for none. The event lives while the object is open, and who ends it has the
        /// GIL. Without this slot the object tells of changes with [`crate::host::Host::stream_changed`].
        event: fn(&mut Vm, Value) -> usize;
        /// The finaliser, called when the collector finds the object unreached (registered by `Vm::register_finaliser`) or the VM ends.
        finalise: fn(&mut Vm, Value);
    }
    flags {
        /// `x.__get__(instance, class)` semantic when found in a class: bound as a method.
        binds;
        /// May not be subclassed.
        is_final;
        /// Instances of subclasses carry no native part: its methods get the instances themselves.
        is_abstract;
        /// An instance of a subclass that has its own `__init__` gets its native part when that calls this type's.
        made_by_init;
        /// `__init__` fills an object that `__new__` made empty: subclasses may give theirs other arguments.
        filled_by_init;
    }
}

/// The slots of a type as they are written down: see `rom_slots!`.
#[derive(Clone, Copy)]
pub struct SlotList {
    code: [*const (); SLOTS],
    flags: u8,
}

impl SlotList {
    /// No slot at all.
    pub const NONE: SlotList = SlotList { code: [core::ptr::null(); SLOTS], flags: 0 };

    /// How many slots there are.
    pub const fn count(&self) -> usize {
        let (mut n, mut i) = (0, 0);
        while i < SLOTS {
            n += !self.code[i].is_null() as usize;
            i += 1;
        }
        n
    }

    /// The list without holes. `N` is what `count` says.
    pub const fn pack<const N: usize>(&self) -> PackedSlots<N> {
        let mut packed = PackedSlots {
            places: [0; SLOTS.div_ceil(2)],
            flags: self.flags,
            code: [core::ptr::null(); N],
        };
        let (mut n, mut i) = (0, 0);
        while i < SLOTS {
            if !self.code[i].is_null() {
                let place = size_of::<PackedSlots<0>>() / size_of::<*const ()>() + n;
                assert!(place < 16);
                packed.places[i / 2] |= (place as u8) << (4 * (i % 2));
                packed.code[n] = self.code[i];
                n += 1;
            }
            i += 1;
        }
        packed
    }
}

/// Slots in ROM. Most types have few of them, so there is a table of their places, in words from the beginning, half a byte
/// each; 0: absent.
#[repr(C)]
pub struct PackedSlots<const N: usize> {
    places: [u8; SLOTS.div_ceil(2)],
    flags: u8,
    code: [*const (); N],
}

impl<const N: usize> PackedSlots<N> {
    /// For a type's table.
    pub const fn slots(&'static self) -> Slots {
        Slots((&raw const *self).cast())
    }
}

/// What the VM asks of a type. Absent slots mean that the type cannot do it.
#[derive(Clone, Copy)]
pub struct Slots(*const PackedSlots<0>);

// SAFETY: what it points to is immutable and refers to ROM and code only.
unsafe impl Sync for Slots {}

impl Slots {
    #[inline(always)]
    fn code(self, slot: Slot) -> Option<*const ()> {
        let slot = slot as usize;
        // SAFETY: `PackedSlots::slots` made the pointer, of a static.
        let pair = unsafe { (&raw const (*self.0).places).cast::<u8>().add(slot / 2).read() };
        let place = pair >> (4 * (slot % 2)) & 15;
        if place == 0 {
            return None;
        }
        // SAFETY: `SlotList::pack` put the slot there.
        Some(unsafe { self.0.cast::<*const ()>().add(place as usize).read() })
    }

    #[inline(always)]
    fn flags(self) -> u8 {
        // SAFETY: as in `code`.
        unsafe { (*self.0).flags }
    }
}
