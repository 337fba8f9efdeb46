//! Calls: binding arguments, pushing frames, calling natives, making instances.

use super::frame::{ENTRY, Frame, cont};
use crate::exc;
use crate::object::{
    Args, BoundMethod, Class, ClassFlags, Code, CodeFlags, Dict, Function, Generator, Instance,
    List, NativeFn, Res, RomFn, RomType, Str, Tuple,
};
use crate::value::names::q;
use crate::value::{Kind, Value};
use crate::{Raise, SHORTCUTS, Vm};

/// What becomes of the result of a call that pushes a frame.
#[derive(Clone, Copy)]
pub(crate) struct Target {
    /// A register of the caller.
    pub dst: *mut Value,
    /// The frame's flags and `cont`, and what `extra` that wants.
    pub flags: u32,
    pub extra: Value,
}

/// Says that a function, by its name, gets another number of positional arguments than it takes.
pub(crate) const WRONG_COUNT: &str = "%() takes % positional arguments but % were given";

impl Target {
    /// It ends the run of the frame.
    pub const NATIVE: Target =
        Target { dst: core::ptr::null_mut(), flags: ENTRY, extra: Value::UNDEF };

    /// It is stored there.
    pub fn register(dst: *mut Value) -> Target {
        Target { dst, flags: 0, extra: Value::UNDEF }
    }
}

impl Vm {
    /// Calls anything with positional arguments, on the native stack.
    pub fn call(&mut self, callee: Value, args: &[Value]) -> Res {
        self.call_args(callee, Args::positional(args))
    }

    /// Calls a method of an object.
    pub fn call_method(&mut self, object: Value, name: Value, args: &[Value]) -> Res {
        let method = self.get_attr(object, name)?;
        self.call(method, args)
    }

    /// Calls anything, on the native stack.
    pub fn call_args(&mut self, callee: Value, args: Args<'_>) -> Res {
        self.call_with(Value::UNDEF, callee, &args)
    }

    /// Calls anything, on the native stack, with `first`, unless that is `UNDEF`, in front of the positional arguments.
    #[inline(never)]
    pub(crate) fn call_with(&mut self, first: Value, callee: Value, args: &Args<'_>) -> Res {
        self.enter_native()?;
        let v = if first.is_undef() {
            self.begin_call(callee, args, &Target::NATIVE)?
        } else {
            self.begin_call_with(first, callee, args, &Target::NATIVE)?
        };
        if v == Value::STOP { super::dispatch::run(self) } else { Ok(v) }
    }

    /// Calls anything: natives at once, for Python functions pushes a frame for `to`, and gives `STOP`.
    /// The arguments may lie in the caller's window or anywhere else.
    #[inline(never)]
    pub(crate) fn begin_call(&mut self, callee: Value, args: &Args<'_>, to: &Target) -> Res {
        match callee.kind() {
            Some(Kind::Function) => self.begin_function(Function::from_known(callee), args, to),
            Some(Kind::RomFn) => match RomFn::from_value(callee) {
                Some(f) => self.call_native(f, *args),
                None => unreachable!("the kind was checked"),
            },
            Some(Kind::BoundMethod) => {
                let m = BoundMethod::from_known(callee);
                let (function, receiver) = (m.function(self), m.receiver(self));
                self.begin_call_with(receiver, function, args, to)
            }
            Some(Kind::RomType) => match RomType::from_value(callee) {
                Some(t) => self.call_type(t, *args),
                None => unreachable!("the kind was checked"),
            },
            Some(Kind::Class) => self.begin_class(Class::from_known(callee), args, to),
            Some(Kind::Descriptor) if crate::object::aux(callee) != 0 => {
                // A static method called by its own name inside the class body.
                let inner = crate::object::Descriptor::from_known(callee).get(self);
                self.begin_call(inner, args, to)
            }
            _ => {
                let class = self.type_of(callee);
                if let Some(t) = RomType::from_value(class) {
                    return match t.slots.call() {
                        Some(_) if self.in_hard_handler() && !t.serves_handlers() => {
                            Err(self.not_in_handler())
                        }
                        Some(call) => call(self, callee, *args),
                        None => Err(self.not_callable(callee)),
                    };
                }
                match self.lookup_in_class(class, q::__call__.value()) {
                    Some(call) if call.is_kind(Kind::Function) => {
                        self.begin_call_with(callee, call, args, to)
                    }
                    Some(call) => {
                        let bound = self.bind_to(call, callee, class)?;
                        self.begin_call(bound, args, to)
                    }
                    // An instance of a class that is derived from a built-in type can what its native part can.
                    None => match self.native_part(callee) {
                        part if part != callee => self.begin_call(part, args, to),
                        _ => Err(self.not_callable(callee)),
                    },
                }
            }
        }
    }

    #[cold]
    fn not_callable(&mut self, callee: Value) -> Raise {
        let class = self.type_of(callee);
        let name = self.class_name(class);
        self.raise_about(exc::TYPE_ERROR, "'%' object isn't callable", name)
    }

    /// As `begin_call` with `first` in front of the positional arguments.
    #[inline(never)]
    pub(crate) fn begin_call_with(
        &mut self,
        first: Value,
        callee: Value,
        args: &Args<'_>,
        to: &Target,
    ) -> Res {
        let mut few = [Value::UNDEF; 8];
        let items = self.places(args.pos.len() + 1, &mut few)?;
        items[0] = first;
        items[1..].copy_from_slice(args.pos);
        self.begin_call(callee, &Args { pos: items, ..*args }, to)
    }

    /// Calls a native function.
    pub(crate) fn call_native(&mut self, f: &'static RomFn, args: Args<'_>) -> Res {
        if self.in_hard_handler() && !f.serves_handlers() {
            return Err(self.not_in_handler());
        }
        let pos = args.pos;
        if !args.names.is_empty() && !matches!(f.call(), NativeFn::Kw(..) | NativeFn::Raw(_)) {
            return Err(self.raise(exc::TYPE_ERROR, "function doesn't take keyword arguments"));
        }
        match (f.call(), pos) {
            (NativeFn::F0(f), []) => f(self),
            (NativeFn::F1(f), &[a]) => f(self, a),
            (NativeFn::F2(f), &[a, b]) => f(self, a, b),
            (NativeFn::F3(f), &[a, b, c]) => f(self, a, b, c),
            (NativeFn::Var(min, max, f), _)
                if pos.len() >= min as usize && (max == 255 || pos.len() <= max as usize) =>
            {
                f(self, pos)
            }
            (NativeFn::Raw(f), _) => f(self, args),
            (NativeFn::Kw(f), _) => self.call_bound(f.params, f.call, args),
            (NativeFn::F0(_), _) => Err(self.wrong_native_count(f, 0, pos)),
            (NativeFn::F1(_), _) => Err(self.wrong_native_count(f, 1, pos)),
            (NativeFn::F2(_), _) => Err(self.wrong_native_count(f, 2, pos)),
            (NativeFn::F3(_), _) => Err(self.wrong_native_count(f, 3, pos)),
            (NativeFn::Var(min, max, _), _) => {
                Err(self.wrong_count(min as usize, max as usize, pos.len()))
            }
        }
    }

    /// `TypeError` for a wrong number of arguments of a native function, worded as CPython does. The receiver of a
    /// method does not count.
    #[cfg(feature = "extra")]
    #[cold]
    fn wrong_native_count(&mut self, f: &'static RomFn, n: usize, pos: &[Value]) -> Raise {
        let name = Str::from_known(f.name());
        let name = name.as_str();
        let class = pos
            .first()
            .map(|&v| self.type_of(v))
            .filter(|&class| self.lookup_in_class(class, f.name()) == Some(f.rom().0));
        let method = class.is_some() as usize;
        let class = class.map(|class| Str::from_known(self.class_name(class)));
        let (class, dot) = class.as_ref().map_or(("", ""), |class| (class.as_str(), "."));
        let (n, given) = (n.saturating_sub(method), pos.len() - method);
        let text = match n {
            0 => format_args!("{class}{dot}{name}() takes no arguments ({given} given)"),
            1 => format_args!("{class}{dot}{name}() takes exactly one argument ({given} given)"),
            _ => format_args!("{name} expected {n} arguments, got {given}"),
        };
        self.raise_fmt(exc::TYPE_ERROR, text)
    }

    /// The same, worded as MicroPython does.
    #[cfg(not(feature = "extra"))]
    fn wrong_native_count(&mut self, _: &'static RomFn, n: usize, pos: &[Value]) -> Raise {
        self.wrong_count(n, n, pos.len())
    }

    /// `TypeError` for a wrong number of positional arguments.
    #[cold]
    pub fn wrong_count(&mut self, min: usize, max: usize, given: usize) -> Raise {
        if min == max {
            let values = [min, given].map(Value::from_len);
            let message = "function takes % positional arguments but % were given";
            self.raise_filled(exc::TYPE_ERROR, message, &values)
        } else if given < min {
            let missing = min - given;
            self.raise_about(
                exc::TYPE_ERROR,
                "function missing % required positional arguments",
                Value::from_len(missing),
            )
        } else {
            let values = [max, given].map(Value::from_len);
            let message = "function expected at most % arguments, got %";
            self.raise_filled(exc::TYPE_ERROR, message, &values)
        }
    }

    #[cold]
    #[inline(never)]
    fn unexpected_keyword(&mut self, name: Value) -> Raise {
        self.raise_about(exc::TYPE_ERROR, "unexpected keyword argument '%'", name)
    }

    #[cold]
    #[inline(never)]
    pub(crate) fn repeated_keyword(&mut self, name: Value) -> Raise {
        self.raise_about(exc::TYPE_ERROR, "function got multiple values for argument '%'", name)
    }

    #[cold]
    #[inline(never)]
    fn missing_argument(&mut self, i: usize) -> Raise {
        let message = "function missing required positional argument #%";
        self.raise_about(exc::TYPE_ERROR, message, Value::from_len(i + 1))
    }

    /// Calls a native function with a value for each of its parameters.
    pub(crate) fn call_bound(
        &mut self,
        params: &'static [crate::object::Param],
        f: fn(&mut Vm, &[Value]) -> Res,
        args: Args<'_>,
    ) -> Res {
        const MOST: usize = 12;
        debug_assert!(params.len() <= MOST);
        let mut bound = [Value::UNDEF; MOST];
        let bound = &mut bound[..params.len()];
        let n_pos = params.iter().take_while(|p| !p.is_keyword_only()).count();
        if args.pos.len() > n_pos {
            return Err(self.wrong_count(n_pos, n_pos, args.pos.len()));
        }
        bound[..args.pos.len()].copy_from_slice(args.pos);
        for (&name, &value) in args.names.iter().zip(args.values) {
            let Some(i) = params.iter().position(|p| p.name() == name) else {
                return Err(self.unexpected_keyword(name));
            };
            if !bound[i].is_undef() {
                return Err(self.repeated_keyword(name));
            }
            bound[i] = value;
        }
        for (i, p) in params.iter().enumerate() {
            if p.is_required() && bound[i].is_undef() {
                let name = Str::from_known(p.name());
                return Err(if name.byte_len() == 0 {
                    self.missing_argument(i)
                } else {
                    self.raise_about(exc::TYPE_ERROR, "'%' argument required", p.name())
                });
            }
        }
        f(self, bound)
    }

    /// `Type(…)` of a built-in type.
    pub(crate) fn call_type(&mut self, t: &'static RomType, args: Args<'_>) -> Res {
        if self.in_hard_handler() && !t.serves_handlers() {
            return Err(self.not_in_handler());
        }
        match t.slots.new() {
            Some(new) => new(self, t.value(), args),
            None => Err(crate::types::common::no_instances(self, t.value())),
        }
    }

    fn begin_function(&mut self, function: Function, args: &Args<'_>, to: &Target) -> Res {
        let code = function.code();
        if code.flags() & (CodeFlags::GENERATOR | CodeFlags::COROUTINE) != 0 {
            let generator = Generator::new(self, function)?;
            self.bind(function, generator.regs(), args)?;
            return Ok(generator.value());
        }
        if self.is_pending() {
            self.safe_point()?;
        }
        // Arguments right above the caller's registers are the new window already.
        let at = args.pos.as_ptr().cast_mut();
        let in_window = self.is_window(at);
        let base = if in_window { at } else { self.window_top() };
        let frame = self.push_frame(base, code.n_regs(), to)?;
        frame.function = function.value();
        frame.pc = code.get().bytecode;
        if code.n_regs() > Code::NEAR_REGS.into() {
            frame.flags |= super::frame::FAR;
        }
        let window = frame.regs;
        if let Err(raise) = self.bind(function, window, args) {
            self.pop_frame();
            return Err(raise);
        }
        if code.flags() & CodeFlags::NAMESPACE != 0 {
            // A module's code or a class body that somebody calls by hand stores into its globals.
            // SAFETY: code with a namespace has at least the register for it.
            unsafe { window.write(function.globals()) };
        }
        Ok(Value::STOP)
    }

    /// Pushes the frame of a function whose arguments are in place right above the innermost frame's registers; false
    /// when that needs more than the plain case: a safe point, a generator below, another chunk.
    pub(crate) fn push_plain(
        &mut self,
        function: Function,
        window: *mut Value,
        to: &Target,
    ) -> bool {
        let frame = self.frame;
        let next = frame.wrapping_sub(1);
        let top = window.wrapping_add(function.code().n_regs());
        // SAFETY: `frame` is live; the window is in its chunk unless it is a generator's.
        unsafe {
            if (*frame).flags & (super::frame::GENERATOR | super::frame::FAR) != 0
                || top.addr() > next.addr()
                || self.is_pending()
            {
                return false;
            }
            next.write(Frame {
                prev: frame,
                function: function.value(),
                regs: window,
                pc: function.code().get().bytecode,
                dst: to.dst,
                top,
                flags: to.flags,
                generator: Value::UNDEF,
                extra: to.extra,
            });
        }
        self.frame = next;
        true
    }

    /// True when `at` lies in the innermost frame's window, so that a new window may overlap it.
    fn is_window(&self, at: *mut Value) -> bool {
        if self.frame.is_null() {
            return false;
        }
        // SAFETY: `frame` is live.
        unsafe {
            let f = &*self.frame;
            f.flags & (super::frame::GENERATOR | super::frame::FAR) == 0
                && at >= f.regs
                && at <= f.top
        }
    }

    /// Puts the arguments where the function's parameters are: `window[0..n_params]`. `args.pos` may be `window` itself.
    pub(crate) fn bind(
        &mut self,
        function: Function,
        window: *mut Value,
        args: &Args<'_>,
    ) -> Result<(), Raise> {
        let code = function.code();
        let c = code.get();
        let n_args = c.n_args as usize;
        let n_named = n_args + c.n_kw_only as usize;
        let flags = code.flags();
        let given = args.pos.len();
        if given > n_args && flags & CodeFlags::VARARGS == 0 {
            return Err(self.wrong_python_count(code, given));
        }
        let more_than_args = CodeFlags::VARARGS | CodeFlags::VARKEYWORDS;
        if SHORTCUTS && given == n_named && flags & more_than_args == 0 && args.names.is_empty() {
            // SAFETY: the window has a register for each parameter, and the arguments may be there.
            unsafe { core::ptr::copy(args.pos.as_ptr(), window, given) };
            return Ok(());
        }
        // Keyword values may lie where parameters go.
        let mut few = [Value::UNDEF; 8];
        let mut values = args.values;
        if !values.is_empty() {
            let copy = self.places(values.len(), &mut few)?;
            copy.copy_from_slice(values);
            values = copy;
        }
        let n_pos = given.min(n_args);
        let mut more = n_named;
        let rest = if flags & CodeFlags::VARARGS != 0 {
            more += 1;
            self.new_tuple(&args.pos[n_pos..])?
        } else {
            Value::UNDEF
        };
        let kwargs =
            if flags & CodeFlags::VARKEYWORDS != 0 { Some(self.new_dict()?) } else { None };
        // SAFETY: the window has a register for each parameter, of which all are written here; those given may be there.
        unsafe {
            core::ptr::copy(args.pos.as_ptr(), window, n_pos);
            for i in n_pos..n_named {
                window.add(i).write(Value::UNDEF);
            }
            if more > n_named {
                window.add(n_named).write(rest);
            }
            if let Some(kwargs) = kwargs {
                window.add(more).write(kwargs.value());
            }
        }
        let names = &code.consts()[..n_named];
        for (&name, &value) in args.names.iter().zip(values) {
            match (names.iter().position(|&n| n == name), kwargs) {
                (Some(at), _) if !cfg!(feature = "extra") || at >= c.n_pos_only as usize => {
                    // SAFETY: `at` is the number of a parameter.
                    let place = unsafe { &mut *window.add(at) };
                    if !place.is_undef() {
                        return Err(self.repeated_keyword(name));
                    }
                    *place = value;
                }
                (_, Some(kwargs)) => kwargs.set_name(self, name, value)?,
                _ => return Err(self.unexpected_keyword(name)),
            }
        }
        let defaults = Tuple::from_value(function.defaults());
        let defaults = defaults.as_ref().map_or(&[][..], |t| t.items());
        let first_default = n_args - defaults.len().min(n_args);
        for (i, &name) in names.iter().enumerate().skip(n_pos) {
            // SAFETY: `i` is the number of a parameter.
            let place = unsafe { &mut *window.add(i) };
            if !place.is_undef() {
                continue;
            }
            let default = if i < n_args {
                defaults.get(i.wrapping_sub(first_default)).copied()
            } else {
                Dict::from_value(function.kw_defaults()).and_then(|d| d.get_name(self, name))
            };
            match default {
                Some(v) => *place = v,
                None if i < n_args => {
                    return Err(self.missing(code, i, given, args.names.is_empty()));
                }
                None => {
                    let text = "function missing required keyword argument '%'";
                    return Err(self.raise_about(exc::TYPE_ERROR, text, name));
                }
            }
        }
        Ok(())
    }

    /// Places for `n` values: in `few` if they are enough, else in a new Array, which lives as long as they are referred to.
    #[inline(never)]
    pub(crate) fn places<'a>(
        &mut self,
        n: usize,
        few: &'a mut [Value],
    ) -> Result<&'a mut [Value], Raise> {
        match few.get_mut(..n) {
            Some(places) => Ok(places),
            None => Ok(crate::object::array_items(self.new_array(n)?)),
        }
    }

    #[cold]
    #[inline(never)]
    fn wrong_python_count(&mut self, code: Code, given: usize) -> Raise {
        let n = Value::from_len(code.get().n_args.into());
        let values = [code.name(), n, Value::from_len(given)];
        self.raise_filled(exc::TYPE_ERROR, WRONG_COUNT, &values)
    }

    #[cold]
    fn missing(&mut self, code: Code, i: usize, given: usize, positional: bool) -> Raise {
        if positional && code.get().n_kw_only == 0 {
            return self.wrong_python_count(code, given);
        }
        self.missing_argument(i)
    }

    fn begin_class(&mut self, class: Class, args: &Args<'_>, to: &Target) -> Res {
        let metaclass = class.metaclass(self);
        if cfg!(feature = "extra")
            && let Some(m) = Class::from_value(metaclass)
            && let Some(call) = self.lookup_in_class(m.value(), q::__call__.value())
            && RomFn::from_value(call).is_none()
        {
            return self.begin_call_with(class.value(), call, args, to);
        }
        self.begin_instance(class, args, to)
    }

    /// Makes an instance of a class: `__new__`, then `__init__`.
    pub(crate) fn begin_instance(&mut self, class: Class, args: &Args<'_>, to: &Target) -> Res {
        let instance = if class.has(self, ClassFlags::NEW) {
            let new = match self.lookup_in_class(class.value(), q::__new__.value()) {
                Some(new) => self.bind_static(new),
                None => Value::UNDEF,
            };
            let made = self.call_with(class.value(), new, args)?;
            let made_class = self.type_of(made);
            if !self.is_subclass(made_class, class.value()) {
                return Ok(made);
            }
            made
        } else {
            self.allocate_instance(class, args)?
        };
        if cfg!(feature = "extra") && class.has(self, ClassFlags::METACLASS) {
            // type.__new__ made it; __init__ of a metaclass is optional.
            if let Some(init) = self.lookup_in_class(class.value(), q::__init__.value())
                && RomFn::from_value(init).is_none()
            {
                self.call_with(instance, init, args)?;
            }
            return Ok(instance);
        }
        let init = if class.has(self, ClassFlags::INIT) {
            self.lookup_in_class(class.value(), q::__init__.value())
        } else {
            None
        };
        let Some(init) = init else {
            let plain = class.native_base(self).is_undef() && !class.has(self, ClassFlags::NEW);
            if plain && !(args.pos.is_empty() && args.names.is_empty()) {
                return Err(self.wrong_count(0, 0, args.pos.len()));
            }
            return Ok(instance);
        };
        let called = if init.is_kind(Kind::Function) && to.flags & ENTRY == 0 {
            let to = Target { flags: to.flags | cont::INIT, extra: instance, ..*to };
            self.begin_call_with(instance, init, args, &to)?
        } else {
            let bound = self.bind_to(init, instance, class.value())?;
            self.call_with(Value::UNDEF, bound, args)?
        };
        if called == Value::STOP {
            Ok(called)
        } else if called.is_none() {
            Ok(instance)
        } else {
            Err(self.raise(exc::TYPE_ERROR, "__init__() should return None"))
        }
    }

    /// The object that `object.__new__(class)` or the native base's makes.
    pub(crate) fn allocate_instance(&mut self, class: Class, args: &Args<'_>) -> Res {
        let native = class.native_base(self);
        let Some(t) = RomType::from_value(native) else {
            return Ok(Instance::new(self, class, Value::UNDEF)?.value());
        };
        if class.has(self, ClassFlags::EXCEPTION) {
            return self.make_exception(class.value(), args.pos);
        }
        let Some(new) = t.slots.new() else {
            return Ok(Instance::new(self, class, Value::NONE)?.value());
        };
        if class.has(self, ClassFlags::METACLASS) {
            return new(self, class.value(), *args);
        }
        // A mutable base is filled by its own __init__, which a Python __init__ may call with other arguments.
        let own_init = class.has(self, ClassFlags::INIT);
        let part = if own_init && t.slots.made_by_init() {
            Value::NONE
        } else if own_init && t.slots.filled_by_init() {
            new(self, native, Args::positional(&[]))?
        } else {
            new(self, native, *args)?
        };
        Ok(Instance::new(self, class, part)?.value())
    }

    /// Calls with the contents of a list or tuple and a dict: `f(*args, **kwargs)`.
    pub(crate) fn begin_call_ex(
        &mut self,
        callee: Value,
        pos: Value,
        kwargs: Value,
        to: &Target,
    ) -> Res {
        // A list's array may be replaced while its items are arguments: they are taken as a tuple.
        let pos = match List::from_value(pos) {
            Some(list) => {
                let items = crate::object::array_items(list.array(self));
                let n = list.len(self);
                self.new_tuple(&items[..n])?
            }
            None => pos,
        };
        let tuple = Tuple::from_value(pos);
        let pos = tuple.as_ref().map_or(&[][..], |t| t.items());
        let Some(kwargs) = Dict::from_value(kwargs).filter(|d| !d.is_empty(self)) else {
            return self.begin_call(callee, &Args::positional(pos), to);
        };
        let n = kwargs.len(self);
        let (names, values) = self.places(n * 2, &mut [])?.split_at_mut(n);
        let (mut from, mut i) = (0, 0);
        while let Some((at, name, value)) = kwargs.entry(self, from) {
            from = at + 1;
            let Some(name) = Str::from_value(name) else {
                return Err(self.raise(exc::TYPE_ERROR, "keywords must be strings"));
            };
            names[i] = self.intern_str(name)?;
            values[i] = value;
            i += 1;
        }
        self.begin_call(callee, &Args { pos, names, values }, to)
    }
}

impl Vm {
    /// Runs a function whose first register is its namespace: a module's, an `exec`'s, a class body's.
    pub(crate) fn run_namespace_frame(&mut self, function: Function, namespace: Value) -> Res {
        self.enter_native()?;
        self.begin_function(function, &Args::positional(&[]), &Target::NATIVE)?;
        // SAFETY: the frame just pushed has a register for the namespace.
        unsafe { *(*self.frame).regs = namespace };
        super::dispatch::run(self)
    }

    /// The namespace of the running code: of a module, `exec` or class body its own, else its globals.
    pub(crate) fn current_namespace(&self) -> Value {
        if self.frame.is_null() {
            return self.main_globals().value();
        }
        // SAFETY: `frame` is live; code with NAMESPACE has its namespace in the first register.
        unsafe {
            let f = &*self.frame;
            if f.code().flags() & CodeFlags::NAMESPACE != 0 {
                *f.regs
            } else {
                f.function().globals()
            }
        }
    }
}
