//! `re`: regular expressions.
//!
//! Positions in a `str` are counted in characters, as everywhere in Python; the matcher's own are in bytes.
//!
//! Source: MicroPython library reference, "re"; Python Library Reference, "re", for what goes beyond it: counted repetitions,
//! `groups`, `start`, `end`, `span`, and the flags.

mod code;
mod run;

use crate::object::{Blob, Native, Res, StrBuilder, Style, Text, Tuple, array_items};
use crate::types::number::{text_arg, text_of};
use crate::types::slice::clamped_index;
use crate::types::text::{self, push_part};
#[cfg(feature = "extra")]
use crate::value::RomValue;
use crate::value::{Kind, Value};
use crate::{Raise, Vm, exc, py_module, py_type};
use run::Machine;

py_module! {
    /// `re`.
    pub static RE: re, extensible true;
    entries {
        #[cfg(feature = "extra")]
        I: IGNORE_CASE;
        #[cfg(feature = "extra")]
        IGNORECASE: IGNORE_CASE;
        #[cfg(feature = "extra")]
        M: MULTILINE;
        #[cfg(feature = "extra")]
        MULTILINE: MULTILINE;
        #[cfg(feature = "extra")]
        compile = Kw(re_compile; _, flags?);
        #[cfg(not(feature = "extra"))]
        compile = Var(1, 2, re_compile);
        #[cfg(feature = "extra")]
        r#match = Var(2, 3, re_match);
        #[cfg(not(feature = "extra"))]
        r#match = Var(2, 4, regex_match);
        #[cfg(feature = "extra")]
        search = Var(2, 3, re_search);
        #[cfg(not(feature = "extra"))]
        search = Var(2, 4, regex_search);
        #[cfg(feature = "extra")]
        split = Kw(regex_split; _, _, maxsplit?, flags?);
        #[cfg(feature = "extra")]
        sub = Kw(pieces; _, _, _, count?, flags?);
        #[cfg(not(feature = "extra"))]
        sub = Kw(pieces; _, _, _, count?);
    }
}

#[cfg(feature = "extra")]
const IGNORE_CASE: RomValue = RomValue(Value::int(code::IGNORE_CASE as i32));
#[cfg(feature = "extra")]
const MULTILINE: RomValue = RomValue(Value::int(code::MULTILINE as i32));

py_type! {
    /// A compiled expression. Words: the code, a `bytes`; numbers of groups and of loops.
    pub static REGEX: re, base crate::types::OBJECT;
    slots { is_final: true }
    entries {
        r#match = Var(2, 4, regex_match);
        search = Var(2, 4, regex_search);
        split = Var(2, 3, regex_split);
        sub = Kw(pieces; _, _, _, count?);
    }
}

py_type! {
    /// What was found. Words: the text, and a tuple with start and end of each group in bytes, -1 where it took no part.
    pub static MATCH: r#match, base crate::types::OBJECT;
    slots { repr: match_repr, is_final: true }
    entries {
        #[cfg(feature = "extra")]
        end = Var(1, 2, match_end);
        group = Var(1, if code::HAS_MORE { 255 } else { 2 }, match_group);
        #[cfg(feature = "extra")]
        groups = Var(1, 2, match_groups);
        #[cfg(feature = "extra")]
        span = Var(1, 2, match_span);
        #[cfg(feature = "extra")]
        start = Var(1, 2, match_start);
    }
}

// ---- compiling

/// An argument that may be absent.
fn optional(args: &[Value], i: usize) -> Value {
    args.get(i).copied().unwrap_or(Value::UNDEF)
}

/// The expression of an argument: one that is compiled already, or a pattern. Flags are `UNDEF` if they are absent.
fn regex_of(vm: &mut Vm, v: Value, flags: Value) -> Result<Native, Raise> {
    if let Some(regex) = vm.cast::<Native>(v).filter(|n| n.class() == REGEX.value()) {
        return Ok(regex);
    }
    let mut number = 0;
    if code::HAS_MORE && !flags.is_undef() {
        number = vm.index(flags)?;
    }
    let text = text_arg(vm, v)?;
    let is_text = text.is_kind(Kind::Str);
    let words = code::compile(vm, Text::of(text).bytes(), is_text, number as usize)?;
    Native::new(vm, REGEX.value(), &words)
}

/// `compile(pattern, flags=0)`
fn re_compile(vm: &mut Vm, args: &[Value]) -> Res {
    Ok(regex_of(vm, args[0], optional(args, 1))?.value())
}

// ---- searching

/// A machine for an expression or a pattern, with its flags, and a text.
#[inline(always)]
fn machine(vm: &mut Vm, regex: Value, flags: Value, text: Value) -> Result<Machine, Raise> {
    let regex = regex_of(vm, regex, flags)?;
    let text = text_arg(vm, text)?;
    Ok(Machine::new(vm, regex, text))
}

/// The object for what a machine has found.
#[inline(never)]
fn match_object(vm: &mut Vm, machine: &Machine) -> Res {
    let n = 2 * machine.n_groups;
    let spans = vm.new_tuple_of(n)?;
    for i in 0..n {
        vm.init_tuple_item(spans, i, Value::int(machine.slot(i) as i32));
    }
    Ok(Native::new(vm, MATCH.value(), &[machine.text.value(), spans])?.value())
}

/// `match` and `search`, with optional bounds in characters behind the text.
#[inline(never)]
fn find(vm: &mut Vm, args: &[Value], flags: Value, is_anchored: bool) -> Res {
    let mut machine = machine(vm, args[0], flags, args[1])?;
    let mut bounds = [Value::UNDEF; 2];
    for (bound, &arg) in bounds.iter_mut().zip(&args[2..]) {
        *bound = Value::from_len(clamped_index(vm, arg)?.max(0) as usize);
    }
    let mut span = [0; 2];
    text::span(vm, machine.blob(), bounds[0], bounds[1], &mut span)?;
    machine.end = span[1];
    let mut found = Value::NONE;
    if span[0] <= span[1] && machine.find(vm, span[0], is_anchored)? {
        found = match_object(vm, &machine)?;
    }
    machine.free(vm);
    Ok(found)
}

/// `match(pattern, text, flags=0)`: only at the beginning.
#[cfg(feature = "extra")]
fn re_match(vm: &mut Vm, args: &[Value]) -> Res {
    find(vm, &args[..2], optional(args, 2), true)
}

/// `search(pattern, text, flags=0)`: the first place where the pattern matches.
#[cfg(feature = "extra")]
fn re_search(vm: &mut Vm, args: &[Value]) -> Res {
    find(vm, &args[..2], optional(args, 2), false)
}

/// `regex.match(text[, start[, end]])`
fn regex_match(vm: &mut Vm, args: &[Value]) -> Res {
    find(vm, args, Value::UNDEF, true)
}

/// `regex.search(text[, start[, end]])`
fn regex_search(vm: &mut Vm, args: &[Value]) -> Res {
    find(vm, args, Value::UNDEF, false)
}

// ---- split, sub

/// `split(pattern, text, maxsplit=0, flags=0)`
fn regex_split(vm: &mut Vm, args: &[Value]) -> Res {
    let [most, flags] = [optional(args, 2), optional(args, 3)];
    pieces(vm, &[args[0], Value::UNDEF, args[1], most, flags])
}

/// `sub(pattern, replacement, text, count=0, flags=0)`
///
/// The text with its matches replaced or, with the replacement `UNDEF`, the list of the parts between them. At most as many matches
/// are taken as the count says if that is positive; the first empty one ends it.
///
/// The replacement is a text, in which `\1` and `\g<1>` stand for a group, or a function that is called with the match.
/// `NotImplementedError` for splitting by a pattern with groups.
fn pieces(vm: &mut Vm, args: &[Value]) -> Res {
    let mut machine = machine(vm, args[0], optional(args, 4), args[2])?;
    let (replacement, most) = (args[1], args[3]);
    let is_split = replacement.is_undef();
    if is_split && machine.n_groups > 1 {
        return Err(vm.raise(exc::NOT_IMPLEMENTED_ERROR, "splitting with sub-captures"));
    }
    let mut left = if most.is_undef() { 0 } else { clamped_index(vm, most)? };
    let template = if is_split { None } else { text_of(vm, replacement)? };
    let (blob, text) = (machine.blob(), machine.text);
    let text = text.bytes();
    let parts = vm.new_list()?;
    let mut out = StrBuilder::new();
    let mut from = 0;
    loop {
        let (mut start, mut end) = (text.len(), text.len());
        if machine.find(vm, from, false)? {
            (start, end) = (machine.slot(0) as usize, machine.slot(1) as usize);
        }
        if start == end {
            break;
        }
        if is_split {
            push_part(vm, parts, blob, from, start)?;
        } else {
            out.push_bytes(vm, &text[from..start]);
            if let Some(template) = template {
                expand(vm, &mut out, Text::of(template).bytes(), text, &machine)?;
            } else {
                let found = match_object(vm, &machine)?;
                let new = vm.call(replacement, &[found])?;
                let new = text_arg(vm, new)?;
                out.push_bytes(vm, Text::of(new).bytes());
            }
        }
        from = end;
        left -= 1;
        if left == 0 {
            break;
        }
    }
    machine.free(vm);
    if is_split {
        push_part(vm, parts, blob, from, text.len())?;
        return Ok(parts.value());
    }
    out.push_bytes(vm, &text[from..]);
    out.finish(vm, blob.flavor())
}

/// Appends a replacement text. `IndexError` for a group that is not there.
fn expand(
    vm: &mut Vm,
    out: &mut StrBuilder,
    template: &[u8],
    text: &[u8],
    machine: &Machine,
) -> Result<(), Raise> {
    vm.tick(template.len())?;
    let mut rest = template;
    while let [first, after @ ..] = rest {
        let mut piece = core::slice::from_ref(first);
        rest = after;
        if *first == b'\\' {
            // Any other character stands for itself.
            (piece, rest) = after.split_at(after.len().min(1));
            let bracket = after.strip_prefix(b"g<");
            let digits = bracket.unwrap_or(after);
            let n = digits.iter().take_while(|b| b.is_ascii_digit()).count();
            let (digits, mut behind) = digits.split_at(n);
            let is_group = n > 0 && bracket.is_none_or(|_| behind.starts_with(b">"));
            if is_group {
                if bracket.is_some() {
                    behind = &behind[1..];
                }
                let number = |n: usize, d: &u8| (n * 10 + usize::from(d - b'0')).min(999);
                let group = digits.iter().fold(0, number);
                if group >= machine.n_groups {
                    return Err(vm.raise(exc::INDEX_ERROR, "invalid group reference"));
                }
                // A slot without position is beyond the text.
                let (start, end) = (machine.slot(2 * group), machine.slot(2 * group + 1));
                piece = text.get(start as usize..end as usize).unwrap_or_default();
                rest = behind;
            }
        }
        out.push_bytes(vm, piece);
    }
    Ok(())
}

// ---- matches

fn this(vm: &mut Vm, v: Value) -> Result<Native, Raise> {
    match vm.cast::<Native>(v).filter(|n| n.class() == MATCH.value()) {
        Some(native) => Ok(native),
        None => Err(vm.raise(exc::TYPE_ERROR, "argument has wrong type")),
    }
}

/// The bounds of a group in bytes; both are -1 if it took no part. `IndexError` for a number that no group has.
fn bounds(vm: &mut Vm, found: Native, group: Value) -> Result<[isize; 2], Raise> {
    let spans = Tuple::from_known(found.get(vm, 1));
    let number = clamped_index(vm, group)?;
    let spans = spans.items();
    if number >= 0
        && let Some(&[start, end]) = spans.chunks_exact(2).nth(number as usize)
    {
        let (start, end) = (start.known_int(), end.known_int());
        return Ok(if start <= end { [start, end] } else { [-1, -1] });
    }
    Err(vm.raise_with(exc::INDEX_ERROR, &[group]))
}

fn group(vm: &mut Vm, found: Native, number: Value, absent: Value) -> Res {
    let [start, end] = bounds(vm, found, number)?;
    if start < 0 {
        return Ok(absent);
    }
    Blob::from_known(found.get(vm, 0)).part(vm, start as usize, end as usize)
}

/// `match.group(number=0, …)`: the text of a group, or a tuple of several.
fn match_group(vm: &mut Vm, args: &[Value]) -> Res {
    let found = this(vm, args[0])?;
    let numbers = &args[1..];
    if !code::HAS_MORE || numbers.len() < 2 {
        let number = numbers.first().copied().unwrap_or(Value::int(0));
        return group(vm, found, number, Value::NONE);
    }
    let groups = vm.new_array(numbers.len())?;
    for (place, &number) in array_items(groups).iter_mut().zip(numbers) {
        *place = group(vm, found, number, Value::NONE)?;
    }
    vm.new_tuple(array_items(groups))
}

/// `match.groups(default=None)`
fn match_groups(vm: &mut Vm, args: &[Value]) -> Res {
    let found = this(vm, args[0])?;
    let absent = args.get(1).copied().unwrap_or(Value::NONE);
    let n = Tuple::from_known(found.get(vm, 1)).len() / 2;
    let list = vm.new_list()?;
    for number in 1..n {
        let text = group(vm, found, Value::from_len(number), absent)?;
        list.push(vm, text)?;
    }
    crate::types::tuple::of_list(vm, list)
}

/// Start and end of a group in characters, -1 if it took no part.
fn span(vm: &mut Vm, args: &[Value]) -> Result<[Value; 2], Raise> {
    let found = this(vm, args[0])?;
    let number = args.get(1).copied().unwrap_or(Value::int(0));
    let text = Blob::from_known(found.get(vm, 0));
    Ok(bounds(vm, found, number)?.map(|at| match usize::try_from(at) {
        Ok(at) => Value::from_len(text.char_at(vm, at)),
        Err(_) => Value::int(-1),
    }))
}

fn match_start(vm: &mut Vm, args: &[Value]) -> Res {
    Ok(span(vm, args)?[0])
}

fn match_end(vm: &mut Vm, args: &[Value]) -> Res {
    Ok(span(vm, args)?[1])
}

fn match_span(vm: &mut Vm, args: &[Value]) -> Res {
    let span = span(vm, args)?;
    vm.new_tuple(&span)
}

fn match_repr(vm: &mut Vm, v: Value, out: &mut StrBuilder, _: Style) -> Result<(), Raise> {
    let spans = Tuple::from_known(Native::from_known(v).get(vm, 1));
    vm.push_parts(out, b"<match num=%>", &[Value::from_len(spans.len() / 2)])
}
