//! `super`, and what it finds in a built-in base.
//!
//! Source: Python Library Reference, "super"; Python Language Reference, "Data model".

use super::OBJECT;
use crate::object::{Args, Instance, Res, RomFn, RomType, StrBuilder, Style, Super};
use crate::ops::is_class;
use crate::value::Value;
use crate::value::names::q;
use crate::{Raise, Vm, exc, py_type};
py_type! {
    /// `super`.
    pub static SUPER: super_, base OBJECT;
    slots { new: super_new, repr: super_repr }
    entries {}
}

/// `__init__` of every native base, as `super()` finds it.
pub static NATIVE_INIT: RomFn =
    RomFn::new(q::__init__, crate::object::NativeFn::Raw(native_init)).for_handlers();

/// `Base.__init__(self, …)` of a subclass of a built-in type: makes the native part anew.
fn native_init(vm: &mut Vm, args: Args<'_>) -> Res {
    let Some((&this, rest)) = args.pos.split_first() else { return Err(vm.wrong_count(1, 1, 0)) };
    let Some(i) = Instance::from_value(this) else { return Ok(Value::NONE) };
    let class = i.class(vm);
    if let Some(t) = RomType::from_value(class.native_base(vm))
        && (t.slots.filled_by_init() || t.slots.made_by_init())
        && let Some(new) = t.slots.new()
    {
        let part = new(vm, t.value(), Args { pos: rest, ..args })?;
        i.set_slot(vm, 0, part);
    }
    Ok(Value::NONE)
}

fn super_new(vm: &mut Vm, _class: Value, args: Args<'_>) -> Res {
    let &[class, object] = args.pos else { return Err(vm.wrong_count(2, 2, args.pos.len())) };
    if !is_class(class) {
        return Err(vm.raise(exc::TYPE_ERROR, "first argument to super() must be type"));
    }
    if !(vm.is_instance(object, class) || is_class(object) && vm.is_subclass(object, class)) {
        return Err(vm.raise(exc::TYPE_ERROR, "obj must be an instance or subtype of type"));
    }
    Ok(Super::alloc(vm, 0, class, object)?.value())
}

fn super_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, _style: Style) -> Result<(), Raise> {
    let s = Super::from_known(v);
    let parts = [s.class(vm), s.object(vm)];
    vm.push_parts(out, b"<super: !, !>", &parts)
}
