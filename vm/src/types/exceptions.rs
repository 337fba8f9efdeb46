//! The exception hierarchy, exception objects' attributes, exception groups.
//!
//! Source: Python Library Reference, "Built-in Exceptions"; PEP 654.

use crate::object::{
    Args, Dict, Exception, List, Res, RomType, Slots, Str, StrBuilder, Style, Tuple, aux, set_aux,
};
use crate::value::Value;
use crate::value::names::q;
use crate::{Raise, Vm, rom_entries};

macro_rules! exceptions {
    ($($(#[$doc:meta])* $ID:ident = $name:ident: $base:ident;)*) => {
        $(
            $(#[$doc])*
            #[doc = concat!("`", stringify!($name), "`.")]
            pub static $ID: RomType = RomType::new(q::$name.rom(), Some(&$base), &EXCEPTION_SLOTS, &[]);
        )*
        /// Every built-in exception, for `builtins`.
        pub static ALL: &[(crate::value::RomValue, crate::value::RomValue)] =
            &[(q::BaseException.rom(), BASE_EXCEPTION.rom()), $((q::$name.rom(), $ID.rom())),*];
    };
}

/// What the types of exceptions can do; for those that other rooms add.
pub static EXCEPTION_SLOTS: Slots =
    Slots { new: Some(exception_new), repr: Some(exception_repr), ..Slots::NONE };

/// `BaseException`: the root of all.
pub static BASE_EXCEPTION: RomType = RomType::new(
    q::BaseException.rom(),
    Some(&super::OBJECT),
    &EXCEPTION_SLOTS,
    rom_entries!([]
        __init__ = Raw(exception_init);
        #[cfg(feature = "extra")]
        with_traceback = F2(exception_with_traceback);
        #[cfg(feature = "extra")]
        add_note = F2(exception_add_note);
    ),
);

exceptions! {
    SYSTEM_EXIT = SystemExit: BASE_EXCEPTION;
    KEYBOARD_INTERRUPT = KeyboardInterrupt: BASE_EXCEPTION;
    GENERATOR_EXIT = GeneratorExit: BASE_EXCEPTION;
    EXCEPTION = Exception: BASE_EXCEPTION;
    STOP_ITERATION = StopIteration: EXCEPTION;
    STOP_ASYNC_ITERATION = StopAsyncIteration: EXCEPTION;
    ARITHMETIC_ERROR = ArithmeticError: EXCEPTION;
    OVERFLOW_ERROR = OverflowError: ARITHMETIC_ERROR;
    ZERO_DIVISION_ERROR = ZeroDivisionError: ARITHMETIC_ERROR;
    ASSERTION_ERROR = AssertionError: EXCEPTION;
    ATTRIBUTE_ERROR = AttributeError: EXCEPTION;
    BUFFER_ERROR = BufferError: EXCEPTION;
    EOF_ERROR = EOFError: EXCEPTION;
    IMPORT_ERROR = ImportError: EXCEPTION;
    MODULE_NOT_FOUND_ERROR = ModuleNotFoundError: IMPORT_ERROR;
    LOOKUP_ERROR = LookupError: EXCEPTION;
    INDEX_ERROR = IndexError: LOOKUP_ERROR;
    KEY_ERROR = KeyError: LOOKUP_ERROR;
    MEMORY_ERROR = MemoryError: EXCEPTION;
    NAME_ERROR = NameError: EXCEPTION;
    UNBOUND_LOCAL_ERROR = UnboundLocalError: NAME_ERROR;
    OS_ERROR = OSError: EXCEPTION;
    TIMEOUT_ERROR = TimeoutError: OS_ERROR;
    REFERENCE_ERROR = ReferenceError: EXCEPTION;
    RUNTIME_ERROR = RuntimeError: EXCEPTION;
    NOT_IMPLEMENTED_ERROR = NotImplementedError: RUNTIME_ERROR;
    RECURSION_ERROR = RecursionError: RUNTIME_ERROR;
    SYNTAX_ERROR = SyntaxError: EXCEPTION;
    INDENTATION_ERROR = IndentationError: SYNTAX_ERROR;
    SYSTEM_ERROR = SystemError: EXCEPTION;
    TYPE_ERROR = TypeError: EXCEPTION;
    VALUE_ERROR = ValueError: EXCEPTION;
    UNICODE_ERROR = UnicodeError: VALUE_ERROR;
    VIPER_TYPE_ERROR = ViperTypeError: TYPE_ERROR;
    WARNING = Warning: EXCEPTION;
    DEPRECATION_WARNING = DeprecationWarning: WARNING;
    BASE_EXCEPTION_GROUP = BaseExceptionGroup: BASE_EXCEPTION;
    EXCEPTION_GROUP = ExceptionGroup: EXCEPTION;
}

fn exception_new(vm: &mut Vm, class: Value, args: Args<'_>) -> Res {
    if !args.names.is_empty() {
        return Err(vm.raise(&TYPE_ERROR, "function doesn't take keyword arguments"));
    }
    if is_group_class(vm, class) {
        return new_group(vm, class, args);
    }
    vm.make_exception(class, args.pos)
}

/// `BaseException.__init__(self, *args)`: replaces the arguments.
fn exception_init(vm: &mut Vm, args: Args<'_>) -> Res {
    if let Some((&this, rest)) = args.pos.split_first()
        && let Some(e) = Exception::from_value(this)
    {
        let tuple = vm.new_tuple(rest)?;
        e.set_args(vm, tuple);
    }
    Ok(Value::NONE)
}

fn exception_with_traceback(vm: &mut Vm, this: Value, traceback: Value) -> Res {
    if let Some(e) = Exception::from_value(this) {
        e.set_traceback(vm, traceback);
    }
    Ok(this)
}

fn exception_add_note(vm: &mut Vm, this: Value, note: Value) -> Res {
    let notes = match vm.find_attr(this, q::__notes__.value())? {
        Some(notes) => notes,
        None => {
            let notes = vm.new_list()?.value();
            vm.set_attr(this, q::__notes__.value(), notes)?;
            notes
        }
    };
    if let Some(list) = List::from_value(notes) {
        list.push(vm, note)?;
    }
    Ok(Value::NONE)
}

fn exception_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, style: Style) -> Result<(), Raise> {
    let class = vm.exception_class(v);
    let args = match Exception::from_value(v) {
        Some(e) => e.args(vm),
        None => Vm::empty_tuple(),
    };
    let args = Tuple::from_value(args);
    let items = args.as_ref().map_or(&[][..], |t| t.items());
    if let (&[message, members], true) = (items, is_group_class(vm, class)) {
        return group_repr(vm, class, message, members, out, style);
    }
    if style == Style::Str {
        if vm.is_subclass(class, OS_ERROR.value())
            && let [first, rest @ ..] = items
            && rest.len() < 2
            && let Some(number) = first.as_small_int()
        {
            let name = crate::modules::errno::name_of(number);
            match (name, rest) {
                (None, []) => return vm.push_fmt(out, format_args!("{number}")),
                (None, _) => {
                    return vm.format(args.map_or(Value::NONE, |t| t.value()), out, Style::Repr);
                }
                _ => {}
            }
            vm.push_fmt(out, format_args!("[Errno {number}]"))?;
            if let Some(name) = name {
                out.push_str(vm, " ")?;
                out.push_str(vm, Str::from_known(name).as_str())?;
            }
            if let [details] = rest {
                out.push_str(vm, ": ")?;
                vm.format(*details, out, Style::Str)?;
            }
            return Ok(());
        }
        return match items {
            [] => Ok(()),
            &[one] => {
                let style =
                    if vm.is_subclass(class, KEY_ERROR.value()) { Style::Repr } else { Style::Str };
                vm.format(one, out, style)
            }
            _ => match args {
                Some(t) => vm.format(t.value(), out, Style::Repr),
                None => Ok(()),
            },
        };
    }
    let name = Str::from_known(vm.class_name(class));
    out.push_str(vm, name.as_str())?;
    out.push_str(vm, "(")?;
    for (i, &v) in items.iter().enumerate() {
        if i > 0 {
            out.push_str(vm, ", ")?;
        }
        vm.format(v, out, Style::Repr)?;
    }
    // One argument is written as the tuple that it is, as MicroPython does.
    out.push_str(vm, if items.len() == 1 { ",)" } else { ")" })
}

/// An exception's own attributes: `args`, `value`, `errno`, what a script set.
pub fn get_own_attr(vm: &mut Vm, e: Exception, name: Value) -> Result<Option<Value>, Raise> {
    let args = Tuple::from_value(e.args(vm));
    let first = args.as_ref().and_then(|t| t.items().first().copied());
    let is = |vm: &Vm, class: &'static RomType| vm.exception_is(e.value(), class);
    if let Some(d) = Dict::from_value(e.attributes(vm))
        && let Some(v) = d.get_name(vm, name)
    {
        return Ok(Some(v));
    }
    let v = match name {
        n if n == q::args.value() => e.args(vm),
        n if n == q::__cause__.value() => e.cause(vm),
        n if n == q::__context__.value() => e.context(vm),
        n if n == q::__suppress_context__.value() => Value::bool(aux(e.value()) & 1 != 0),
        n if n == q::__traceback__.value() => traceback_of(vm, e.value())?,
        n if n == q::__class__.value() => e.class(vm),
        // MicroPython gives every exception a `value`: its first argument.
        n if n == q::value.value() => first.unwrap_or(Value::NONE),
        n if n == q::code.value() && is(vm, &SYSTEM_EXIT) => {
            match args.as_ref().map_or(0, |t| t.len()) {
                0 => Value::NONE,
                1 => first.unwrap_or(Value::NONE),
                _ => e.args(vm),
            }
        }
        n if n == q::errno.value() && is(vm, &OS_ERROR) => first.unwrap_or(Value::NONE),
        n if n == q::strerror.value() && is(vm, &OS_ERROR) => {
            args.as_ref().and_then(|t| t.items().get(1).copied()).unwrap_or(Value::NONE)
        }
        n if n == q::filename.value() && is(vm, &OS_ERROR) => {
            args.as_ref().and_then(|t| t.items().get(2).copied()).unwrap_or(Value::NONE)
        }
        n if n == q::message.value() && is_group_class(vm, e.class(vm)) => {
            first.unwrap_or(Value::NONE)
        }
        n if n == q::exceptions.value() && is_group_class(vm, e.class(vm)) => {
            args.as_ref().and_then(|t| t.items().get(1).copied()).unwrap_or(Value::NONE)
        }
        n if is_group_class(vm, e.class(vm)) => {
            for (method, function) in GROUP_METHODS {
                if method.0 == n {
                    return vm.new_bound_method(function.0, e.value()).map(Some);
                }
            }
            return Ok(None);
        }
        n if n == q::__dict__.value() => own_dict(vm, e)?.value(),
        _ => return Ok(None),
    };
    Ok(Some(v))
}

static GROUP_METHODS: &[crate::object::RomEntry] = rom_entries!([]
    split = F2(group_split);
    subgroup = F2(group_subgroup);
    derive = F2(group_derive);
);

fn own_dict(vm: &mut Vm, e: Exception) -> Result<Dict, Raise> {
    if let Some(d) = Dict::from_value(e.attributes(vm)) {
        return Ok(d);
    }
    let d = vm.new_dict()?;
    e.set_attributes(vm, d.value());
    Ok(d)
}

/// Stores or deletes (`UNDEF`) an attribute of an exception.
pub fn change_own_attr(vm: &mut Vm, e: Exception, name: Value, value: Value) -> Result<(), Raise> {
    let class = e.class(vm);
    if let Some(found) = vm.lookup_in_class(class, name)
        && vm.is_data_descriptor(found)
    {
        return vm.change_through(found, e.value(), name, value);
    }
    if value.is_undef() {
        let removed = Dict::from_value(e.attributes(vm)).is_some_and(|d| d.remove_name(vm, name));
        return if removed { Ok(()) } else { Err(vm.no_attribute(e.value(), name)) };
    }
    match name {
        n if n == q::args.value() => {
            let list = vm.collect_list(value)?;
            let items = crate::object::array_items(list.array(vm));
            let len = list.len(vm);
            let tuple = vm.new_tuple(&items[..len])?;
            e.set_args(vm, tuple);
        }
        n if n == q::__cause__.value() => {
            e.set_cause(vm, value);
            set_aux(vm, e.value(), aux(e.value()) | 1);
        }
        n if n == q::__context__.value() => e.set_context(vm, value),
        n if n == q::__traceback__.value() => e.set_traceback(vm, value),
        n if n == q::__suppress_context__.value() => {
            let set = vm.truth(value)? as u16;
            set_aux(vm, e.value(), aux(e.value()) & !1 | set);
        }
        _ => own_dict(vm, e)?.set_name(vm, name, value)?,
    }
    Ok(())
}

/// The traceback object of an exception: its list of places, or `None`.
pub fn traceback_of(vm: &mut Vm, exception: Value) -> Res {
    Ok(Exception::from_value(exception).map_or(Value::NONE, |e| e.traceback(vm)))
}

fn is_group_class(vm: &Vm, class: Value) -> bool {
    cfg!(feature = "extra")
        && (vm.is_subclass(class, BASE_EXCEPTION_GROUP.value())
            || vm.is_subclass(class, EXCEPTION_GROUP.value()))
}

fn new_group(vm: &mut Vm, class: Value, args: Args<'_>) -> Res {
    let &[message, exceptions] = args.pos else { return Err(vm.wrong_count(2, 2, args.pos.len())) };
    if !message.is_kind(crate::value::Kind::Str) {
        return Err(vm.raise(&TYPE_ERROR, "argument 1 must be str"));
    }
    let list = vm.collect_list(exceptions)?;
    let n = list.len(vm);
    if n == 0 {
        return Err(
            vm.raise(&VALUE_ERROR, "second argument (exceptions) must be a non-empty sequence")
        );
    }
    let mut class = class;
    let mut all_plain = true;
    for i in 0..n {
        let item = list.get(vm, i).unwrap_or(Value::NONE);
        if !item.is_kind(crate::value::Kind::Exception) {
            return Err(vm.raise_fmt(
                &VALUE_ERROR,
                format_args!("Item {i} of second argument (exceptions) is not an exception"),
            ));
        }
        let c = vm.exception_class(item);
        all_plain &= vm.is_subclass(c, EXCEPTION.value());
    }
    if class == BASE_EXCEPTION_GROUP.value() && all_plain {
        class = EXCEPTION_GROUP.value();
    }
    if class == EXCEPTION_GROUP.value() && !all_plain {
        return Err(vm.raise(&TYPE_ERROR, "Cannot nest BaseExceptions in an ExceptionGroup"));
    }
    let items = crate::object::array_items(list.array(vm));
    let inner = vm.new_tuple(&items[..n])?;
    let tuple = vm.new_tuple(&[message, inner])?;
    vm.new_exception(class, tuple)
}

/// A group of the same message, cause and context with other exceptions; `None` when there are none.
fn derive(vm: &mut Vm, group: Exception, members: List) -> Res {
    if members.is_empty(vm) {
        return Ok(Value::NONE);
    }
    let args = Tuple::from_known(group.args(vm));
    let message = args.items().first().copied().unwrap_or(q::EMPTY.value());
    let derived = vm.call_method(group.value(), q::derive.value(), &[members.value()]);
    let derived = match derived {
        Ok(d) => d,
        Err(_) if vm.catch(&ATTRIBUTE_ERROR) => {
            vm.call(BASE_EXCEPTION_GROUP.value(), &[message, members.value()])?
        }
        Err(raise) => return Err(raise),
    };
    if let Some(e) = Exception::from_value(derived) {
        let (cause, context, traceback) = (group.cause(vm), group.context(vm), group.traceback(vm));
        e.set_cause(vm, cause);
        e.set_context(vm, context);
        e.set_traceback(vm, traceback);
    }
    Ok(derived)
}

/// Splits an exception (usually a group) by classes: the matching part and the rest, each `None` where empty.
pub fn split_group(vm: &mut Vm, exception: Value, classes: Value) -> Result<(Value, Value), Raise> {
    vm.enter_native()?;
    if exception.is_none() {
        return Ok((Value::NONE, Value::NONE));
    }
    let matches = matches_any(vm, exception, classes)?;
    let group = Exception::from_value(exception).filter(|e| is_group_class(vm, e.class(vm)));
    let Some(group) = group else {
        // A bare exception is wrapped in a group when it matches.
        if !matches {
            return Ok((Value::NONE, exception));
        }
        let members = vm.new_list_from(&[exception])?;
        let wrapped =
            vm.call(BASE_EXCEPTION_GROUP.value(), &[q::EMPTY.value(), members.value()])?;
        return Ok((wrapped, Value::NONE));
    };
    if matches {
        return Ok((exception, Value::NONE));
    }
    let args = Tuple::from_known(group.args(vm));
    let members = args.items().get(1).copied().and_then(Tuple::from_value);
    let (yes, no) = (vm.new_list()?, vm.new_list()?);
    for &member in members.as_ref().map_or(&[][..], |t| t.items()) {
        let nested = Exception::from_value(member).is_some_and(|e| is_group_class(vm, e.class(vm)));
        if nested {
            let (a, b) = split_group(vm, member, classes)?;
            if !a.is_none() {
                yes.push(vm, a)?;
            }
            if !b.is_none() {
                no.push(vm, b)?;
            }
        } else if matches_any(vm, member, classes)? {
            yes.push(vm, member)?;
        } else {
            no.push(vm, member)?;
        }
    }
    if yes.is_empty(vm) {
        return Ok((Value::NONE, exception));
    }
    let matching = derive(vm, group, yes)?;
    let rest = derive(vm, group, no)?;
    Ok((matching, rest))
}

fn matches_any(vm: &mut Vm, exception: Value, classes: Value) -> Result<bool, Raise> {
    if let Some(t) = Tuple::from_value(classes) {
        for &c in t.items() {
            if matches_any(vm, exception, c)? {
                return Ok(true);
            }
        }
        return Ok(false);
    }
    if !matches!(classes.kind(), Some(crate::value::Kind::RomType | crate::value::Kind::Class)) {
        let wanted = vm.call(classes, &[exception])?;
        return vm.truth(wanted);
    }
    Ok(vm.is_subclass(vm.exception_class(exception), classes))
}

/// Ends `except*`: raises what its clauses raised together with what no clause matched.
pub fn raise_group(vm: &mut Vm, raised: Value, rest: Value, original: Value) -> Result<(), Raise> {
    let Some(raised) = List::from_value(raised) else { return Ok(()) };
    if raised.is_empty(vm) {
        if rest.is_none() {
            return Ok(());
        }
        vm.exception =
            if is_group_class(vm, vm.exception_class(original)) { rest } else { original };
        return Err(Raise(()));
    }
    if !rest.is_none() {
        raised.push(vm, rest)?;
    }
    if raised.len(vm) == 1
        && let Some(one) = raised.get(vm, 0)
    {
        vm.exception = one;
        return Err(Raise(()));
    }
    let group = vm.call(BASE_EXCEPTION_GROUP.value(), &[q::EMPTY.value(), raised.value()])?;
    Err(vm.raise_value(group))
}

/// `message (n sub-exceptions)`, or the call that makes the group.
fn group_repr(
    vm: &mut Vm,
    class: Value,
    message: Value,
    members: Value,
    out: &mut StrBuilder,
    style: Style,
) -> Result<(), Raise> {
    let members = vm.collect_list(members)?;
    if style == Style::Str {
        vm.format(message, out, Style::Str)?;
        let n = members.len(vm);
        let plural = if n == 1 { "" } else { "s" };
        return vm.push_fmt(out, format_args!(" ({n} sub-exception{plural})"));
    }
    let name = Str::from_known(vm.class_name(class));
    out.push_str(vm, name.as_str())?;
    out.push_str(vm, "(")?;
    vm.format(message, out, Style::Repr)?;
    out.push_str(vm, ", ")?;
    vm.format(members.value(), out, Style::Repr)?;
    out.push_str(vm, ")")
}

fn group_split(vm: &mut Vm, this: Value, condition: Value) -> Res {
    let (matching, rest) = split_group(vm, this, condition)?;
    vm.new_tuple(&[matching, rest])
}

fn group_subgroup(vm: &mut Vm, this: Value, condition: Value) -> Res {
    Ok(split_group(vm, this, condition)?.0)
}

fn group_derive(vm: &mut Vm, this: Value, members: Value) -> Res {
    let message = vm.get_attr(this, q::message.value())?;
    vm.call(BASE_EXCEPTION_GROUP.value(), &[message, members])
}
