//! The exception hierarchy, exception objects' attributes, exception groups.
//!
//! Source: Python Library Reference, "Built-in Exceptions"; PEP 654.

use super::common::place_of;
use crate::object::{
    Args, Dict, Exception, List, Res, RomEntry, RomType, Slots, StrBuilder, Style, Tuple, set_aux,
};
use crate::value::Value;
use crate::value::names::q;
use crate::{Raise, Vm, exc, rom_entries, rom_slots};

macro_rules! exceptions {
    ($($(#[$doc:meta])* $ID:ident = $name:ident: $base:ident;)*) => {
        $(
            $(#[$doc])*
            #[doc = concat!("`", stringify!($name), "`.")]
            pub static $ID: RomType = RomType::new(q::$name, Some(&$base), EXCEPTION_SLOTS, &[]);
        )*
    };
}

/// What the types of exceptions can do; for those that other rooms add.
pub const EXCEPTION_SLOTS: Slots = rom_slots!(new: exception_new, repr: exception_repr);

/// `BaseException`: the root of all.
pub static BASE_EXCEPTION: RomType = RomType::new(
    q::BaseException,
    Some(&super::OBJECT),
    EXCEPTION_SLOTS,
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
        return Err(vm.raise(exc::TYPE_ERROR, "function doesn't take keyword arguments"));
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
    let args = Exception::from_value(v).map_or(Vm::empty_tuple(), |e| e.args(vm));
    let Some(tuple) = Tuple::from_value(args) else { return Ok(()) };
    let items = tuple.items();
    if let (&[message, members], true) = (items, is_group_class(vm, class)) {
        return group_repr(vm, class, message, members, out, style);
    }
    if style == Style::Repr {
        // One argument is written as the tuple that it is, as MicroPython does.
        let name = vm.class_name(class);
        return vm.push_parts(out, b"%!", &[name, args]);
    }
    if vm.is_subclass(class, OS_ERROR.value())
        && let [number, ref rest @ ..] = *items
        && rest.len() < 2
        && let Some(n) = number.as_small_int()
    {
        let Some(name) = crate::modules::errno::name_of(n) else {
            return vm.format(if rest.is_empty() { number } else { args }, out, Style::Repr);
        };
        let (text, details) = match *rest {
            [details] => (&b"[Errno %] %: %"[..], details),
            _ => (&b"[Errno %] %"[..], name),
        };
        return vm.push_parts(out, text, &[number, name, details]);
    }
    let style = if vm.is_subclass(class, KEY_ERROR.value()) { Style::Repr } else { Style::Str };
    match *items {
        [] => Ok(()),
        [one] => vm.format(one, out, style),
        _ => vm.format(args, out, Style::Repr),
    }
}

/// Names that [`get_own_attr`] and [`change_own_attr`] know.
const OWN_NAMES: &[Value] = &[
    q::args.value(),
    q::value.value(),
    q::errno.value(),
    q::__traceback__.value(),
    q::__dict__.value(),
    #[cfg(feature = "extra")]
    q::__context__.value(),
    #[cfg(feature = "extra")]
    q::__cause__.value(),
    #[cfg(feature = "extra")]
    q::__suppress_context__.value(),
    #[cfg(feature = "extra")]
    q::code.value(),
    #[cfg(feature = "extra")]
    q::strerror.value(),
    #[cfg(feature = "extra")]
    q::filename.value(),
];

/// An exception's own attributes: `args`, `value`, `errno`, what a script set. `UNDEF` for other names.
pub fn get_own_attr(vm: &mut Vm, e: Exception, name: Value) -> Res {
    if let Some(d) = Dict::from_value(e.attributes(vm))
        && let Some(v) = d.get_name(vm, name)
    {
        return Ok(v);
    }
    let args = Tuple::from_value(e.args(vm));
    let args = args.as_ref().map_or(&[][..], |t| t.items());
    let arg = |i: usize| args.get(i).copied().unwrap_or(Value::NONE);
    let is = |class| vm.exception_is(e.value(), class);
    Ok(match place_of(name, OWN_NAMES) {
        0 => e.args(vm),
        // MicroPython gives every exception a `value`: its first argument.
        1 => arg(0),
        2 if is(exc::OS_ERROR) => arg(0),
        3 => e.traceback(vm),
        4 => own_dict(vm, e)?.value(),
        _ if !cfg!(feature = "extra") => Value::UNDEF,
        5 => e.context(vm),
        6 => e.cause(vm),
        7 => Value::bool(e.aux() & 1 != 0),
        8 if is(exc::SYSTEM_EXIT) => {
            if args.len() > 1 {
                e.args(vm)
            } else {
                arg(0)
            }
        }
        9 if is(exc::OS_ERROR) => arg(1),
        10 if is(exc::OS_ERROR) => arg(2),
        _ if is_group_class(vm, e.class(vm)) => return group_attr(vm, e, name, args),
        _ => Value::UNDEF,
    })
}

fn group_attr(vm: &mut Vm, group: Exception, name: Value, args: &[Value]) -> Res {
    if let Some(function) = RomEntry::find(GROUP_METHODS, name) {
        return vm.new_bound_method(function, group.value());
    }
    let i = [q::message.value(), q::exceptions.value()].iter().position(|&n| n == name);
    Ok(i.map_or(Value::UNDEF, |i| args.get(i).copied().unwrap_or(Value::NONE)))
}

static GROUP_METHODS: &[RomEntry] = rom_entries!([]
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
        return match Dict::from_value(e.attributes(vm)) {
            Some(own) => vm.delete_name(e.value(), own, name),
            None => Err(vm.no_attribute(e.value(), name)),
        };
    }
    let extra = cfg!(feature = "extra");
    match place_of(name, OWN_NAMES) {
        0 => {
            let list = vm.collect_list(value)?;
            let tuple = super::tuple::of_list(vm, list)?;
            e.set_args(vm, tuple);
        }
        3 => e.set_traceback(vm, value),
        5 if extra => e.set_context(vm, value),
        6 if extra => {
            e.set_cause(vm, value);
            set_aux(vm, e.value(), e.aux() | 1);
        }
        7 if extra => {
            let set = vm.truth(value)? as u16;
            set_aux(vm, e.value(), e.aux() & !1 | set);
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
        return Err(vm.raise(exc::TYPE_ERROR, "argument 1 must be str"));
    }
    let list = vm.collect_list(exceptions)?;
    let n = list.len(vm);
    if n == 0 {
        return Err(
            vm.raise(exc::VALUE_ERROR, "second argument (exceptions) must be a non-empty sequence")
        );
    }
    let mut class = class;
    let mut all_plain = true;
    for i in 0..n {
        let item = list.get(vm, i).unwrap_or(Value::NONE);
        if !item.is_kind(crate::value::Kind::Exception) {
            return Err(vm.raise_fmt(
                exc::VALUE_ERROR,
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
        return Err(vm.raise(exc::TYPE_ERROR, "Cannot nest BaseExceptions in an ExceptionGroup"));
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
        Err(_) if vm.catch(exc::ATTRIBUTE_ERROR) => {
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
        let n = members.len(vm);
        let text = match n {
            1 => &b"% (% sub-exception)"[..],
            _ => b"% (% sub-exceptions)",
        };
        return vm.push_parts(out, text, &[message, Value::from_len(n)]);
    }
    let name = vm.class_name(class);
    vm.push_parts(out, b"%(!, !)", &[name, message, members.value()])
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
