//! Attributes: reading, writing and deleting them by name.

use super::class::{Mro, is_class};
use super::given;
use crate::object::{
    AttrOp, Class, ClassFlags, Descriptor, DescriptorKind, Dict, Exception, Instance, Module, Res,
    RomEntries, RomEntry, RomModule, Super,
};
use crate::value::names::q;
use crate::value::{Kind, Value};
use crate::{Raise, SHORTCUTS, Vm, exc, types};

impl Vm {
    /// `object.name`; `AttributeError` when there is none.
    pub fn get_attr(&mut self, object: Value, name: Value) -> Res {
        let v = self.attr_or_undef(object, name)?;
        if v.is_undef() { Err(self.no_attribute(object, name)) } else { Ok(v) }
    }

    /// `AttributeError` as MicroPython words it.
    #[cold]
    pub fn no_attribute(&mut self, object: Value, name: Value) -> Raise {
        const OF_MODULE: &str = "module '%' has no attribute '%'";
        let (message, named) = match object.kind() {
            Some(Kind::RomType | Kind::Class) => {
                ("type object '%' has no attribute '%'", self.class_name(object))
            }
            Some(Kind::RomModule) => {
                (OF_MODULE, RomModule::from_value(object).map_or(name, |m| m.name()))
            }
            _ => {
                let globals = Module::from_value(object).map(|m| m.globals(self));
                let named = globals
                    .and_then(|g| Dict::from_known(g).get_name(self, q::__name__.value()))
                    .filter(|name| name.is_kind(Kind::Str));
                match named {
                    Some(named) => (OF_MODULE, named),
                    None => ("'%' object has no attribute '%'", self.type_name(object).value()),
                }
            }
        };
        self.raise_filled(exc::ATTRIBUTE_ERROR, message, &[named, name])
    }

    /// `object.name` if there is one; other errors than its absence are raised. Calls `__getattr__`.
    #[inline(always)]
    pub fn find_attr(&mut self, object: Value, name: Value) -> Result<Option<Value>, Raise> {
        Ok(given(self.attr_or_undef(object, name)?))
    }

    /// As `find_attr`, `UNDEF` for an absent one.
    pub fn attr_or_undef(&mut self, object: Value, name: Value) -> Res {
        let v = match object.kind() {
            Some(Kind::Instance) => {
                let this = Instance::from_known(object);
                if SHORTCUTS
                    && !self.shape(this.shape_id()).loads_specially()
                    && let Some(v) = this.get(self, name)
                {
                    return Ok(v);
                }
                self.find_in_instance(this, name)
            }
            Some(Kind::Class | Kind::RomType) => self.find_class_attr(object, name),
            Some(Kind::Module) => self.find_module_attr(object, name),
            Some(Kind::RomModule) => self.find_rom_module_attr(object, name),
            Some(Kind::Super) => self.find_super_attr(Super::from_known(object), name),
            Some(Kind::Exception) => {
                let e = Exception::from_known(object);
                let v = types::exceptions::get_own_attr(self, e, name)?;
                if v.is_undef() { self.find_in_type(object, name) } else { Ok(v) }
            }
            _ => self.find_in_type(object, name),
        }?;
        if v.is_undef() {
            self.call_or_undef(object, q::__getattr__.value(), &[name])
        } else {
            Ok(v)
        }
    }

    fn find_module_attr(&mut self, module: Value, name: Value) -> Res {
        let globals = Dict::from_known(Module::from_known(module).globals(self));
        if let Some(v) = globals.get_name(self, name) {
            return Ok(v);
        }
        if name == q::__dict__.value() {
            return Ok(globals.value());
        }
        if name == q::__class__.value() {
            return Ok(types::MODULE.value());
        }
        // PEP 562.
        match globals.get_name(self, q::__getattr__.value()) {
            Some(f) => {
                let found = self.call(f, &[name]);
                self.or_undef(found)
            }
            None => Ok(Value::UNDEF),
        }
    }

    /// What was found, `UNDEF` for an `AttributeError`.
    fn or_undef(&mut self, found: Res) -> Res {
        match found {
            Err(_) if self.catch(exc::ATTRIBUTE_ERROR) => Ok(Value::UNDEF),
            found => found,
        }
    }

    /// Through the object's type: its entries, then the attribute hook of the built-in type or of the native part.
    fn find_in_type(&mut self, object: Value, name: Value) -> Res {
        let class = self.type_of(object);
        if let Some(found) = self.lookup_in_class(class, name) {
            return self.bind_to(found, object, class);
        }
        if name == q::__class__.value() {
            return Ok(class);
        }
        if name == q::__dict__.value()
            && let Some(object) = Instance::from_value(object)
            && !object.class(self).has(self, ClassFlags::SLOTS)
        {
            return Ok(object.make_dict(self)?.value());
        }
        self.ask_hooks(self.native_part(object), name, AttrOp::Load)
    }

    /// Asks the attribute hooks of a built-in type and its bases until one knows the name.
    fn ask_hooks(&mut self, object: Value, name: Value, op: AttrOp) -> Res {
        let mut at = Some(self.rom_type_of(object));
        while let Some(t) = at {
            if let Some(hook) = t.slots.attr() {
                let v = hook(self, object, name, op)?;
                if !v.is_undef() {
                    return Ok(v);
                }
            }
            at = t.base;
        }
        Ok(Value::UNDEF)
    }

    /// An attribute of an instance, before `__getattr__` is asked.
    fn find_in_instance(&mut self, object: Instance, name: Value) -> Res {
        let class = object.class(self);
        if cfg!(feature = "extra")
            && class.has(self, ClassFlags::GETATTRIBUTE)
            && let Some(f) = self.lookup_in_class(class.value(), q::__getattribute__.value())
            && f.is_kind(Kind::Function)
        {
            let found = self.call(f, &[object.value(), name]);
            return if class.has(self, ClassFlags::GETATTR) { self.or_undef(found) } else { found };
        }
        self.generic_find(object, name)
    }

    /// `object.__getattribute__`: data descriptors, the instance's own attributes, the class's. `UNDEF` when there is none.
    pub fn generic_find(&mut self, object: Instance, name: Value) -> Res {
        let class = object.class(self);
        if class.has(self, ClassFlags::DATA_DESCRIPTOR)
            && let Some(found) = self.lookup_in_class(class.value(), name)
            && self.is_data_descriptor(found)
        {
            let v = self.bind_to(found, object.value(), class.value());
            // An AttributeError inside a property lets __getattr__ try.
            return if class.has(self, ClassFlags::GETATTR) { self.or_undef(v) } else { v };
        }
        match object.get(self, name) {
            Some(v) => Ok(v),
            None => self.find_in_type(object.value(), name),
        }
    }

    /// True for a property and for instances whose class defines `__set__` or `__delete__`.
    pub(crate) fn is_data_descriptor(&self, v: Value) -> bool {
        match v.kind() {
            Some(Kind::Descriptor) => Descriptor::from_known(v).kind() == DescriptorKind::Property,
            Some(Kind::Instance) => {
                let class = self.type_of(v);
                self.lookup_in_class(class, q::__set__.value()).is_some()
                    || self.lookup_in_class(class, q::__delete__.value()).is_some()
            }
            _ => false,
        }
    }

    fn find_class_attr(&mut self, class: Value, name: Value) -> Res {
        let v = types::class::get_class_attr(self, class, name)?;
        if !v.is_undef() {
            return Ok(v);
        }
        let metaclass = self.type_of(class);
        let by_metaclass = self.lookup_in_class(metaclass, name);
        let is_first = metaclass != types::TYPE.value()
            && by_metaclass.is_some_and(|found| self.is_data_descriptor(found));
        if !is_first && let Some(found) = self.lookup_in_class(class, name) {
            return self.bind_to_class(found, class);
        }
        match by_metaclass {
            Some(found) => self.bind_to(found, class, metaclass),
            None => Ok(Value::UNDEF),
        }
    }

    /// An attribute of a ROM module: what a script set on it, its table, what it computes.
    fn find_rom_module_attr(&mut self, module: Value, name: Value) -> Res {
        if let Some(over) = self.rom_override(module)
            && let Some(v) = over.get_name(self, name)
        {
            return Ok(if v == Value::DELETED { Value::UNDEF } else { v });
        }
        let Some(m) = RomModule::from_value(module) else { return Ok(Value::UNDEF) };
        if let Some(v) = m.own(name) {
            return Ok(v);
        }
        if let Some(attr) = m.attr {
            let v = attr(self, name, AttrOp::Load)?;
            if !v.is_undef() {
                return Ok(v);
            }
        }
        if name == q::__name__.value() {
            return Ok(m.name());
        }
        if name == q::__class__.value() {
            return Ok(types::MODULE.value());
        }
        if name == q::__dict__.value() {
            let dict = self.dict_of_entries(m.entries())?;
            dict.set_name(self, q::__name__.value(), m.name())?;
            return Ok(dict.value());
        }
        Ok(Value::UNDEF)
    }

    /// The entries of a ROM table as a dictionary.
    pub(crate) fn dict_of_entries(&mut self, entries: &'static [RomEntry]) -> Result<Dict, Raise> {
        let dict = self.new_dict()?;
        for e in RomEntries(entries) {
            dict.set_name(self, e.name(), e.value())?;
        }
        Ok(dict)
    }

    /// What a script set on a ROM module.
    pub(crate) fn rom_override(&self, module: Value) -> Option<Dict> {
        if module != crate::modules::builtins::BUILTINS.value() {
            return None;
        }
        Dict::from_value(self.shared().roots.builtin_overrides)
    }

    fn set_rom_module_attr(
        &mut self,
        module: &'static RomModule,
        name: Value,
        value: Value,
    ) -> Result<(), Raise> {
        if let Some(attr) = module.attr {
            let op = if value.is_undef() { AttrOp::Delete } else { AttrOp::Store(value) };
            if !attr(self, name, op)?.is_undef() {
                return Ok(());
            }
        }
        // Only `builtins` takes new names: every module sees them.
        if !core::ptr::eq(module, &crate::modules::builtins::BUILTINS) {
            return Err(self.no_attribute(module.value(), name));
        }
        let over = match Dict::from_value(self.shared().roots.builtin_overrides) {
            Some(over) => over,
            None => {
                let over = self.new_dict()?;
                self.shared_mut().roots.builtin_overrides = over.value();
                over
            }
        };
        let value = if value.is_undef() { Value::DELETED } else { value };
        over.set_name(self, name, value)
    }

    fn find_super_attr(&mut self, s: Super, name: Value) -> Res {
        let (class, object) = (s.class(self), s.object(self));
        let found = self.find_after(class, object, name);
        if found.is_undef() {
            let own = name == q::__class__.value();
            return Ok(if own { types::SUPER.value() } else { found });
        }
        if !object.is_kind(Kind::Class) {
            return self.bind_to(found, object, self.type_of(object));
        }
        if self.is_subclass(self.type_of(object), class) {
            self.bind_to(found, object, object)
        } else {
            self.bind_to_class(found, object)
        }
    }

    /// What `super(class, object)` finds under a name, not bound; `UNDEF` for nothing.
    pub(crate) fn find_after(&mut self, class: Value, object: Value, name: Value) -> Value {
        let own = self.type_of(object);
        // In a class method or __new__ the object is the class itself.
        let start = if is_class(object) && !self.is_subclass(own, class) { object } else { own };
        let mut order = Mro::of(start);
        // Whether `class` was passed, and what was found where.
        let mut passed = false;
        let (mut found, mut at) = (Value::UNDEF, Value::UNDEF);
        while let Some(c) = order.next(self) {
            if !passed {
                passed = c == class;
            } else if let Some(v) = self.own_entry(c, name) {
                (found, at) = (v, c);
                break;
            }
        }
        // A native base has an `__init__` that is not in its table, before that of `object`.
        if passed
            && name == q::__init__.value()
            && object.is_kind(Kind::Instance)
            && let Some(start) = Class::from_value(start)
        {
            if at.is_undef() || at == types::OBJECT.value() {
                at = start.native_base(self);
            }
            if at.is_kind(Kind::RomType) && at != types::OBJECT.value() {
                return types::super_::NATIVE_INIT.rom().0;
            }
        }
        found
    }

    /// `object.name = value`.
    #[inline(always)]
    pub fn set_attr(&mut self, object: Value, name: Value, value: Value) -> Result<(), Raise> {
        self.change_attr(object, name, value)
    }

    /// `del object.name`.
    pub fn delete_attr(&mut self, object: Value, name: Value) -> Result<(), Raise> {
        self.change_attr(object, name, Value::UNDEF)
    }

    /// Calls what stores a value with these arguments, which end with it; what deletes, if that is `UNDEF`, without it.
    pub(crate) fn call_changer(&mut self, f: Value, args: &[Value]) -> Result<(), Raise> {
        let args = match args {
            [before @ .., value] if value.is_undef() => before,
            _ => args,
        };
        self.call(f, args)?;
        Ok(())
    }

    /// `__setattr__` of a class, or `__delattr__` for an `UNDEF` value, if it is defined in Python.
    pub(crate) fn attr_changer(&self, class: Value, value: Value) -> Option<Value> {
        let hook = if value.is_undef() { q::__delattr__.value() } else { q::__setattr__.value() };
        self.lookup_in_class(class, hook).filter(|f| f.is_kind(Kind::Function))
    }

    /// Removes a name from the namespace of an object if it has it.
    pub(crate) fn delete_name(
        &mut self,
        object: Value,
        names: Dict,
        name: Value,
    ) -> Result<(), Raise> {
        if names.remove_name(self, name) { Ok(()) } else { Err(self.no_attribute(object, name)) }
    }

    /// Stores, or deletes when `value` is `UNDEF`.
    fn change_attr(&mut self, object: Value, name: Value, value: Value) -> Result<(), Raise> {
        match object.kind() {
            Some(Kind::Instance) => {
                let this = Instance::from_known(object);
                let reserved = name == q::__class__.value() || name == q::__dict__.value();
                if SHORTCUTS
                    && !self.shape(this.shape_id()).stores_specially()
                    && !value.is_undef()
                    && !reserved
                {
                    return this.put(self, name, value);
                }
                let class = this.class(self);
                if class.has(self, ClassFlags::SETATTR)
                    && let Some(f) = self.attr_changer(class.value(), value)
                {
                    return self.call_changer(f, &[object, name, value]);
                }
                self.generic_change(this, name, value)
            }
            Some(Kind::Class) => {
                types::class::change_class_attr(self, Class::from_known(object), name, value)
            }
            Some(Kind::Module) => {
                let globals = Dict::from_known(Module::from_known(object).globals(self));
                if value.is_undef() {
                    return self.delete_name(object, globals, name);
                }
                globals.set_name(self, name, value)
            }
            Some(Kind::RomModule) => match RomModule::from_value(object) {
                Some(m) => self.set_rom_module_attr(m, name, value),
                None => Ok(()),
            },
            Some(Kind::Exception) => {
                types::exceptions::change_own_attr(self, Exception::from_known(object), name, value)
            }
            _ => {
                let op = if value.is_undef() { AttrOp::Delete } else { AttrOp::Store(value) };
                if self.ask_hooks(object, name, op)?.is_undef() {
                    return Err(self.no_attribute(object, name));
                }
                Ok(())
            }
        }
    }

    /// `object.__setattr__` and `__delattr__`: data descriptors, then the instance.
    pub fn generic_change(
        &mut self,
        object: Instance,
        name: Value,
        value: Value,
    ) -> Result<(), Raise> {
        let class = object.class(self);
        if class.has(self, ClassFlags::DATA_DESCRIPTOR)
            && let Some(found) = self.lookup_in_class(class.value(), name)
            && self.is_data_descriptor(found)
        {
            return self.change_through(found, object.value(), name, value);
        }
        let refused = if value.is_undef() {
            !object.delete(self, name)?
        } else if cfg!(feature = "extra")
            && class.has(self, ClassFlags::SLOTS)
            && !types::class::slots_allow(self, class, name)?
        {
            true
        } else if name == q::__class__.value() || name == q::__dict__.value() {
            if cfg!(feature = "extra") {
                return types::class::set_special(self, object, name, value);
            }
            true
        } else {
            return object.put(self, name, value);
        };
        if refused { Err(self.no_attribute(object.value(), name)) } else { Ok(()) }
    }

    /// Stores or deletes through a data descriptor.
    pub(crate) fn change_through(
        &mut self,
        found: Value,
        object: Value,
        name: Value,
        value: Value,
    ) -> Result<(), Raise> {
        if let Some(d) = Descriptor::from_value(found) {
            let f = if value.is_undef() { d.delete(self) } else { d.set(self) };
            if !f.is_none() {
                return self.call_changer(f, &[object, value]);
            }
        } else {
            let hook = if value.is_undef() { q::__delete__.value() } else { q::__set__.value() };
            if let Some(f) = self.lookup_in_class(self.type_of(found), hook) {
                return self.call_changer(f, &[found, object, value]);
            }
        }
        Err(self.no_attribute(object, name))
    }
}
