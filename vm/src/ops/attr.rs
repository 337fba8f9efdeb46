//! Attributes: reading, writing and deleting them by name.

use crate::object::{
    AttrOp, Class, ClassFlags, Descriptor, DescriptorKind, Dict, Exception, Instance, Module, Res,
    RomModule, RomType, Str, Super,
};
use crate::value::names::q;
use crate::value::{Kind, Value};
use crate::{Raise, Vm, exc, types};

impl Vm {
    /// `object.name`; `AttributeError` when there is none.
    pub fn get_attr(&mut self, object: Value, name: Value) -> Res {
        match self.find_attr(object, name)? {
            Some(v) => Ok(v),
            None => Err(self.no_attribute(object, name)),
        }
    }

    /// `AttributeError` as MicroPython words it.
    #[cold]
    pub fn no_attribute(&mut self, object: Value, name: Value) -> Raise {
        let name = Str::from_known(name);
        if let Some(class) = RomType::from_value(object)
            .map(|t| t.name.0)
            .or_else(|| Class::from_value(object).map(|c| c.name(self)))
        {
            let class = Str::from_known(class);
            return self.raise_fmt(
                exc::ATTRIBUTE_ERROR,
                format_args!(
                    "type object '{}' has no attribute '{}'",
                    class.as_str(),
                    name.as_str()
                ),
            );
        }
        let module = match object.kind() {
            Some(Kind::Module) => {
                let globals = Dict::from_known(Module::from_known(object).globals(self));
                globals.get_name(self, q::__name__.value())
            }
            Some(Kind::RomModule) => RomModule::from_value(object).map(|m| m.name.0),
            _ => None,
        };
        let named = module.and_then(Str::from_value);
        let (before, named, after) = match named {
            Some(named) => ("module ", named, ""),
            None => ("", self.type_name(object), " object"),
        };
        self.raise_fmt(
            exc::ATTRIBUTE_ERROR,
            format_args!(
                "{before}'{}'{after} has no attribute '{}'",
                named.as_str(),
                name.as_str()
            ),
        )
    }

    /// `object.name` if there is one; other errors than its absence are raised. Calls `__getattr__`.
    pub fn find_attr(&mut self, object: Value, name: Value) -> Result<Option<Value>, Raise> {
        match object.kind() {
            Some(Kind::Instance) => {
                let this = Instance::from_known(object);
                if !self.shape(this.shape_id()).loads_specially()
                    && let Some(v) = this.get(self, name)
                {
                    return Ok(Some(v));
                }
                self.find_instance_attr(this, name)
            }
            Some(Kind::Class) => self.find_class_attr(object, name),
            Some(Kind::RomType) => self.find_class_attr(object, name),
            Some(Kind::Module) => {
                let globals = Dict::from_known(Module::from_known(object).globals(self));
                if let Some(v) = globals.get_name(self, name) {
                    return Ok(Some(v));
                }
                if name == q::__dict__.value() {
                    return Ok(Some(globals.value()));
                }
                if name == q::__class__.value() {
                    return Ok(Some(types::MODULE.value()));
                }
                // PEP 562.
                match globals.get_name(self, q::__getattr__.value()) {
                    Some(f) => match self.call(f, &[name]) {
                        Ok(v) => Ok(Some(v)),
                        Err(raise) => {
                            if self.catch(exc::ATTRIBUTE_ERROR) {
                                Ok(None)
                            } else {
                                Err(raise)
                            }
                        }
                    },
                    None => Ok(None),
                }
            }
            Some(Kind::RomModule) => self.find_rom_module_attr(object, name),
            Some(Kind::Super) => self.find_super_attr(Super::from_known(object), name),
            Some(Kind::Exception) => {
                if let Some(v) =
                    types::exceptions::get_own_attr(self, Exception::from_known(object), name)?
                {
                    return Ok(Some(v));
                }
                self.find_in_type(object, name)
            }
            _ => self.find_in_type(object, name),
        }
    }

    /// Through the object's type alone: its entries, then its attribute hook.
    fn find_in_type(&mut self, object: Value, name: Value) -> Result<Option<Value>, Raise> {
        let class = self.type_of(object);
        if let Some(found) = self.lookup_in_class(class, name) {
            return self.bind_to(found, object, class).map(Some);
        }
        let t = self.rom_type_of(object);
        let mut at = Some(t);
        while let Some(t) = at {
            if let Some(hook) = t.slots.attr {
                let v = hook(self, object, name, AttrOp::Load)?;
                if !v.is_undef() {
                    return Ok(Some(v));
                }
            }
            at = t.base;
        }
        if name == q::__class__.value() {
            return Ok(Some(class));
        }
        if let Some(c) = Class::from_value(class)
            && c.has(self, ClassFlags::GETATTR)
        {
            return self.call_getattr(object, class, name);
        }
        Ok(None)
    }

    fn call_getattr(
        &mut self,
        object: Value,
        class: Value,
        name: Value,
    ) -> Result<Option<Value>, Raise> {
        let Some(f) = self.lookup_in_class(class, q::__getattr__.value()) else { return Ok(None) };
        let bound = self.bind_to(f, object, class)?;
        match self.call(bound, &[name]) {
            Ok(v) => Ok(Some(v)),
            Err(raise) => Err(raise),
        }
    }

    fn find_instance_attr(
        &mut self,
        object: Instance,
        name: Value,
    ) -> Result<Option<Value>, Raise> {
        let class = object.class(self);
        if class.has(self, ClassFlags::GETATTRIBUTE)
            && let Some(f) = self.lookup_in_class(class.value(), q::__getattribute__.value())
            && f.is_kind(Kind::Function)
        {
            return match self.call(f, &[object.value(), name]) {
                Ok(v) => Ok(Some(v)),
                Err(raise) => {
                    if class.has(self, ClassFlags::GETATTR) && self.catch(exc::ATTRIBUTE_ERROR) {
                        self.call_getattr(object.value(), class.value(), name)
                    } else {
                        Err(raise)
                    }
                }
            };
        }
        match self.generic_find(object, name)? {
            Some(v) => Ok(Some(v)),
            None if class.has(self, ClassFlags::GETATTR) => {
                self.call_getattr(object.value(), class.value(), name)
            }
            None => Ok(None),
        }
    }

    /// `object.__getattribute__`: data descriptors, the instance's own attributes, the class's.
    pub fn generic_find(&mut self, object: Instance, name: Value) -> Result<Option<Value>, Raise> {
        let class = object.class(self);
        if class.has(self, ClassFlags::DATA_DESCRIPTOR)
            && let Some(found) = self.lookup_in_class(class.value(), name)
            && self.is_data_descriptor(found)
        {
            return match self.bind_to(found, object.value(), class.value()) {
                Ok(v) => Ok(Some(v)),
                // An AttributeError inside a property lets __getattr__ try.
                Err(raise) => {
                    if class.has(self, ClassFlags::GETATTR) && self.catch(exc::ATTRIBUTE_ERROR) {
                        Ok(None)
                    } else {
                        Err(raise)
                    }
                }
            };
        }
        if let Some(v) = object.get(self, name) {
            return Ok(Some(v));
        }
        if let Some(found) = self.lookup_in_class(class.value(), name) {
            return self.bind_to(found, object.value(), class.value()).map(Some);
        }
        if name == q::__class__.value() {
            return Ok(Some(class.value()));
        }
        if name == q::__dict__.value() && !class.has(self, ClassFlags::SLOTS) {
            return Ok(Some(object.make_dict(self)?.value()));
        }
        if let Some(part) = object.native_part(self)
            && !part.is_none()
        {
            let t = self.rom_type_of(part);
            if let Some(hook) = t.slots.attr {
                let v = hook(self, part, name, AttrOp::Load)?;
                return Ok(if v.is_undef() { None } else { Some(v) });
            }
        }
        Ok(None)
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

    fn find_class_attr(&mut self, class: Value, name: Value) -> Result<Option<Value>, Raise> {
        if let Some(v) = types::class::get_class_attr(self, class, name)? {
            return Ok(Some(v));
        }
        let metaclass = self.type_of(class);
        if let Some(found) = self.lookup_in_class(metaclass, name)
            && metaclass != types::TYPE.value()
            && self.is_data_descriptor(found)
        {
            return self.bind_to(found, class, metaclass).map(Some);
        }
        if let Some(found) = self.lookup_in_class(class, name) {
            return self.bind_to_class(found, class).map(Some);
        }
        if let Some(found) = self.lookup_in_class(metaclass, name) {
            return self.bind_to(found, class, metaclass).map(Some);
        }
        if let Some(m) = Class::from_value(metaclass)
            && m.has(self, ClassFlags::GETATTR)
        {
            return self.call_getattr(class, metaclass, name);
        }
        Ok(None)
    }

    /// An attribute of a ROM module: what a script set on it, its table, what it computes.
    pub(crate) fn find_rom_module_attr(
        &mut self,
        module: Value,
        name: Value,
    ) -> Result<Option<Value>, Raise> {
        if let Some(over) = self.rom_override(module)
            && let Some(v) = over.get_name(self, name)
        {
            return Ok(if v == Value::DELETED { None } else { Some(v) });
        }
        let Some(m) = RomModule::from_value(module) else { return Ok(None) };
        if let Some(v) = m.own(name) {
            return Ok(Some(v));
        }
        if let Some(attr) = m.attr {
            let v = attr(self, name, AttrOp::Load)?;
            if !v.is_undef() {
                return Ok(Some(v));
            }
        }
        if name == q::__name__.value() {
            return Ok(Some(m.name.0));
        }
        if name == q::__class__.value() {
            return Ok(Some(types::MODULE.value()));
        }
        if name == q::__dict__.value() {
            let dict = self.new_dict()?;
            dict.set_name(self, q::__name__.value(), m.name.0)?;
            for e in m.entries {
                dict.set_name(self, e.0.0, e.1.0)?;
            }
            return Ok(Some(dict.value()));
        }
        Ok(None)
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

    fn find_super_attr(&mut self, s: Super, name: Value) -> Result<Option<Value>, Raise> {
        let (class, object) = (s.class(self), s.object(self));
        if let Some((found, object, _)) = self.find_after(class, object, name)? {
            let its_class = self.class_of_super(object);
            if object.is_kind(Kind::Class) && !self.is_subclass(self.type_of(object), class) {
                return self.bind_to_class(found, object).map(Some);
            }
            return self.bind_to(found, object, its_class).map(Some);
        }
        if name == q::__class__.value() {
            return Ok(Some(types::SUPER.value()));
        }
        Ok(None)
    }

    /// The class whose order `super` follows for an object or a class.
    fn class_of_super(&self, object: Value) -> Value {
        if object.is_kind(Kind::Class) { object } else { self.type_of(object) }
    }

    /// What `super(class, object)` finds under a name: the value, what it is bound to, where it was found.
    pub(crate) fn find_after(
        &mut self,
        class: Value,
        object: Value,
        name: Value,
    ) -> Result<Option<(Value, Value, Value)>, Raise> {
        let own = self.type_of(object);
        // In a class method or __new__ the object is the class itself.
        let start = if (object.is_kind(Kind::Class) || object.is_kind(Kind::RomType))
            && !self.is_subclass(own, class)
        {
            object
        } else {
            own
        };
        let mut passed = false;
        let found = self.walk_mro(start, |c| {
            if !passed {
                passed = c == class;
                return None;
            }
            self.own_entry(c, name).map(|v| (v, c))
        });
        match found {
            Some((v, c)) => {
                // `object.__init__` stands behind a native base that has none of its own.
                let native = Class::from_value(start).map(|k| k.native_base(self));
                let c = match native.filter(|n| !n.is_undef()) {
                    Some(n) if c == types::OBJECT.value() => n,
                    _ => c,
                };
                if c.is_kind(Kind::RomType)
                    && let Some(v) = types::super_::native_super(self, object, c, name, v)?
                {
                    return Ok(Some((v, object, c)));
                }
                Ok(Some((v, object, c)))
            }
            None => {
                // `__init__` of a native base that has none of its own to find.
                let native =
                    Class::from_value(start).map(|c| c.native_base(self)).filter(|n| !n.is_undef());
                match native {
                    Some(n) if passed => {
                        Ok(types::super_::native_super(self, object, n, name, Value::UNDEF)?
                            .map(|v| (v, object, n)))
                    }
                    _ => Ok(None),
                }
            }
        }
    }

    /// `object.name = value`.
    pub fn set_attr(&mut self, object: Value, name: Value, value: Value) -> Result<(), Raise> {
        self.change_attr(object, name, value)
    }

    /// `del object.name`.
    pub fn delete_attr(&mut self, object: Value, name: Value) -> Result<(), Raise> {
        self.change_attr(object, name, Value::UNDEF)
    }

    /// Stores, or deletes when `value` is `UNDEF`.
    fn change_attr(&mut self, object: Value, name: Value, value: Value) -> Result<(), Raise> {
        match object.kind() {
            Some(Kind::Instance) => {
                let this = Instance::from_known(object);
                let reserved = name == q::__class__.value() || name == q::__dict__.value();
                if !self.shape(this.shape_id()).stores_specially() && !value.is_undef() && !reserved
                {
                    return this.put(self, name, value);
                }
                let class = this.class(self);
                if class.has(self, ClassFlags::SETATTR) {
                    let hook = if value.is_undef() {
                        q::__delattr__.value()
                    } else {
                        q::__setattr__.value()
                    };
                    if let Some(f) = self.lookup_in_class(class.value(), hook)
                        && f.is_kind(Kind::Function)
                    {
                        let args = [object, name, value];
                        self.call(f, if value.is_undef() { &args[..2] } else { &args })?;
                        return Ok(());
                    }
                }
                self.generic_change(this, name, value)
            }
            Some(Kind::Class) => {
                types::class::change_class_attr(self, Class::from_known(object), name, value)
            }
            Some(Kind::Module) => {
                let globals = Dict::from_known(Module::from_known(object).globals(self));
                if value.is_undef() {
                    if !globals.remove_name(self, name) {
                        return Err(self.no_attribute(object, name));
                    }
                    return Ok(());
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
                let mut at = Some(self.rom_type_of(object));
                while let Some(t) = at {
                    if let Some(hook) = t.slots.attr
                        && !hook(self, object, name, op)?.is_undef()
                    {
                        return Ok(());
                    }
                    at = t.base;
                }
                Err(self.no_attribute(object, name))
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
        if value.is_undef() {
            if !object.delete(self, name)? {
                return Err(self.no_attribute(object.value(), name));
            }
            return Ok(());
        }
        if class.has(self, ClassFlags::SLOTS) && !types::class::slots_allow(self, class, name)? {
            return Err(self.no_attribute(object.value(), name));
        }
        if name == q::__class__.value() || name == q::__dict__.value() {
            return types::class::set_special(self, object, name, value);
        }
        object.put(self, name, value)
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
            if f.is_none() {
                return Err(self.no_attribute(object, name));
            }
            let args = [object, value];
            self.call(f, if value.is_undef() { &args[..1] } else { &args })?;
            return Ok(());
        }
        let hook = if value.is_undef() { q::__delete__.value() } else { q::__set__.value() };
        let class = self.type_of(found);
        match self.lookup_in_class(class, hook) {
            Some(f) => {
                let args = [found, object, value];
                self.call(f, if value.is_undef() { &args[..2] } else { &args })?;
                Ok(())
            }
            None => Err(self.no_attribute(object, name)),
        }
    }
}
