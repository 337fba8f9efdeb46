//! `re`: regular expressions.
//!
//! Positions in a `str` are counted in characters, as everywhere in Python; the matcher's own are in bytes.
//!
//! Source: MicroPython library reference, "re"; Python Library Reference, "re", for what goes beyond it: counted repetitions,
//! `groups`, `start`, `end`, `span`, and the flags.

mod code;
mod run;

use crate::object::{Bytes, Native, Res, StrBuilder, Style, Tuple, array_items};
use crate::types::number::{Text, text_arg, text_of};
use crate::types::slice::clamped_index;
use crate::types::text::{byte_offset, count_chars};
use crate::value::{Kind, RomValue, Value};
use crate::{Raise, Vm, exc, py_module, py_type};
use run::{Machine, NONE};

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
        compile = Kw(re_compile; _, flags?);
        r#match = Var(2, 3, re_match);
        search = Var(2, 3, re_search);
        #[cfg(feature = "extra")]
        split = Kw(re_split; _, _, maxsplit?, flags?);
        sub = Kw(re_sub; _, _, _, count?, flags?);
    }
}

const IGNORE_CASE: RomValue = RomValue(Value::int(code::IGNORE_CASE as i32));
const MULTILINE: RomValue = RomValue(Value::int(code::MULTILINE as i32));

py_type! {
    /// A compiled expression. Words: the code, a `bytes`; numbers of groups and of loops.
    pub static REGEX: re, base crate::types::OBJECT;
    slots { is_final: true }
    entries {
        r#match = Var(2, 4, regex_match);
        search = Var(2, 4, regex_search);
        split = Var(2, 3, regex_split);
        sub = Kw(regex_sub; _, _, _, count?);
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

/// The expression of an argument: one that is compiled already, or a pattern. Flags are `UNDEF` if they are absent.
#[inline(never)]
fn regex_of(vm: &mut Vm, v: Value, flags: Value) -> Result<Native, Raise> {
    if let Some(regex) = vm.cast::<Native>(v).filter(|n| n.class() == REGEX.value()) {
        return Ok(regex);
    }
    let flags = if flags.is_undef() { 0 } else { vm.index(flags)? };
    let text = text_arg(vm, v)?;
    let pattern = Text::of(text);
    let words = code::compile(vm, pattern.bytes(), is_text(text), flags as usize)?;
    Native::new(vm, REGEX.value(), &words)
}

fn is_text(v: Value) -> bool {
    v.is_kind(Kind::Str)
}

/// `compile(pattern, flags=0)`
fn re_compile(vm: &mut Vm, args: &[Value]) -> Res {
    Ok(regex_of(vm, args[0], args[1])?.value())
}

// ---- searching

/// A text in which an expression is looked for.
struct Subject {
    value: Value,
    text: Text,
    code: Bytes,
    n_groups: usize,
    n_loops: usize,
}

impl Subject {
    fn new(vm: &mut Vm, regex: Native, text: Value) -> Result<Subject, Raise> {
        let value = text_arg(vm, text)?;
        let number = |word| regex.get(vm, word).as_small_int().unwrap_or(0) as usize;
        let (n_groups, n_loops) = (number(1), number(2));
        let code = Bytes::from_known(regex.get(vm, 0));
        Ok(Subject { value, text: Text::of(value), code, n_groups, n_loops })
    }

    /// A machine for the part of the text before `end`.
    fn machine(&self, end: usize) -> Machine<'_> {
        let text = &self.text.bytes()[..end];
        Machine::new(self.code.as_bytes(), self.n_groups, text, is_text(self.value))
    }

    /// The object for what the machine has found.
    fn match_object(&self, vm: &mut Vm, machine: &Machine<'_>) -> Res {
        let spans = vm.new_array(2 * (self.n_groups + 1))?;
        for (i, item) in array_items(spans).iter_mut().enumerate() {
            *item = match machine.slot(vm, i) {
                NONE => Value::int(-1),
                at => Value::from_len(at as usize),
            };
        }
        let spans = vm.new_tuple(array_items(spans))?;
        Ok(Native::new(vm, MATCH.value(), &[self.value, spans])?.value())
    }
}

fn part_of(vm: &mut Vm, text: Value, start: usize, end: usize) -> Res {
    match crate::types::text::of(vm, text) {
        Some(text) => text.part(vm, start, end),
        None => Ok(Value::NONE),
    }
}

/// `match` and `search`: the functions with flags, the methods with optional bounds in characters.
fn find(vm: &mut Vm, args: &[Value], is_method: bool, is_anchored: bool) -> Res {
    let more = args.get(2..).unwrap_or_default();
    let (flags, bounds) = if is_method { (&[][..], more) } else { (more, &[][..]) };
    let regex = regex_of(vm, args[0], flags.first().copied().unwrap_or(Value::UNDEF))?;
    let subject = Subject::new(vm, regex, args[1])?;
    let whole = subject.text.bytes();
    let (mut start, mut end) = (0, whole.len());
    for (i, &arg) in bounds.iter().enumerate() {
        let n = clamped_index(vm, arg)?.max(0) as usize;
        let is_text = is_text(subject.value);
        let at = if is_text { byte_offset(whole, n) } else { n.min(whole.len()) };
        if i > 0 {
            end = at;
        } else {
            let length = if is_text { count_chars(whole) } else { whole.len() };
            start = if n > length { usize::MAX } else { at };
        }
    }
    if start > end {
        return Ok(Value::NONE);
    }
    let mut machine = subject.machine(end);
    let found = match machine.find(vm, subject.n_loops, start, is_anchored)? {
        true => subject.match_object(vm, &machine)?,
        false => Value::NONE,
    };
    machine.free(vm);
    Ok(found)
}

/// `match(pattern, text, flags=0)`: only at the beginning.
fn re_match(vm: &mut Vm, args: &[Value]) -> Res {
    find(vm, args, false, true)
}

/// `search(pattern, text, flags=0)`: the first place where the pattern matches.
fn re_search(vm: &mut Vm, args: &[Value]) -> Res {
    find(vm, args, false, false)
}

/// `regex.match(text[, start[, end]])`
fn regex_match(vm: &mut Vm, args: &[Value]) -> Res {
    find(vm, args, true, true)
}

/// `regex.search(text[, start[, end]])`
fn regex_search(vm: &mut Vm, args: &[Value]) -> Res {
    find(vm, args, true, false)
}

// ---- split, sub

/// `split(pattern, text, maxsplit=0, flags=0)`
fn re_split(vm: &mut Vm, args: &[Value]) -> Res {
    let regex = regex_of(vm, args[0], args[3])?;
    pieces(vm, regex, Value::UNDEF, args[1], args[2])
}

/// `regex.split(text[, maxsplit])`
fn regex_split(vm: &mut Vm, args: &[Value]) -> Res {
    let regex = regex_of(vm, args[0], Value::UNDEF)?;
    pieces(vm, regex, Value::UNDEF, args[1], args.get(2).copied().unwrap_or(Value::UNDEF))
}

/// `sub(pattern, replacement, text, count=0, flags=0)`
fn re_sub(vm: &mut Vm, args: &[Value]) -> Res {
    let regex = regex_of(vm, args[0], args[4])?;
    pieces(vm, regex, args[1], args[2], args[3])
}

/// `regex.sub(replacement, text, count=0)`
fn regex_sub(vm: &mut Vm, args: &[Value]) -> Res {
    let regex = regex_of(vm, args[0], Value::UNDEF)?;
    pieces(vm, regex, args[1], args[2], args[3])
}

/// The text with its matches replaced or, with the replacement `UNDEF`, the list of the parts between them. At most `most` matches
/// are taken if that is positive; the first empty one ends it.
///
/// The replacement is a text, in which `\1` and `\g<1>` stand for a group, or a function that is called with the match.
/// `NotImplementedError` for splitting by a pattern with groups.
fn pieces(vm: &mut Vm, regex: Native, replacement: Value, text: Value, most: Value) -> Res {
    let subject = Subject::new(vm, regex, text)?;
    let is_split = replacement.is_undef();
    if is_split && subject.n_groups > 0 {
        return Err(vm.raise(exc::NOT_IMPLEMENTED_ERROR, "splitting with sub-captures"));
    }
    let mut left = if most.is_undef() { 0 } else { clamped_index(vm, most)? };
    if left <= 0 {
        left = isize::MAX;
    }
    let template = if is_split { None } else { text_of(vm, replacement)? };
    let text = subject.text.bytes();
    let mut machine = subject.machine(text.len());
    let parts = vm.new_list()?;
    let mut out = StrBuilder::new();
    let mut from = 0;
    loop {
        let (mut start, mut end) = (text.len(), text.len());
        if left > 0 && machine.find(vm, subject.n_loops, from, false)? {
            (start, end) = (machine.slot(vm, 0) as usize, machine.slot(vm, 1) as usize);
        }
        let is_last = start == end;
        let part = from..if is_last { text.len() } else { start };
        if is_split {
            let part = part_of(vm, subject.value, part.start, part.end)?;
            parts.push(vm, part)?;
        } else {
            out.push_bytes(vm, &text[part])?;
        }
        if is_last {
            break;
        }
        if let Some(template) = template {
            expand(vm, &mut out, Text::of(template).bytes(), &subject, &machine)?;
        } else if !is_split {
            let found = subject.match_object(vm, &machine)?;
            let new = vm.call(replacement, &[found])?;
            let new = text_arg(vm, new)?;
            out.push_bytes(vm, Text::of(new).bytes())?;
        }
        from = end;
        left -= 1;
    }
    machine.free(vm);
    match subject.text {
        _ if is_split => Ok(parts.value()),
        Text::Str(_) => out.finish_str(vm),
        _ => out.finish_bytes(vm),
    }
}

/// Appends a replacement text. `IndexError` for a group that is not there.
fn expand(
    vm: &mut Vm,
    out: &mut StrBuilder,
    template: &[u8],
    subject: &Subject,
    machine: &Machine<'_>,
) -> Result<(), Raise> {
    let mut rest = template;
    while let [first, after @ ..] = rest {
        rest = after;
        if *first != b'\\' {
            out.push_bytes(vm, &[*first])?;
            continue;
        }
        vm.tick(4)?;
        let in_brackets = after.starts_with(b"g<");
        let mut digits = if in_brackets { &after[2..] } else { after };
        let mut number = None;
        while let [digit @ b'0'..=b'9', more @ ..] = digits {
            number = Some(number.unwrap_or(0).min(999) * 10 + usize::from(digit - b'0'));
            digits = more;
        }
        if in_brackets {
            match digits {
                [b'>', more @ ..] => digits = more,
                _ => number = None,
            }
        }
        let Some(number) = number else {
            // Any other character stands for itself.
            if let [c, more @ ..] = after {
                out.push_bytes(vm, &[*c])?;
                rest = more;
            }
            continue;
        };
        rest = digits;
        if number > subject.n_groups {
            return Err(vm.raise(exc::INDEX_ERROR, "invalid group reference"));
        }
        // A slot without position is beyond the text.
        let (start, end) = (machine.slot(vm, 2 * number), machine.slot(vm, 2 * number + 1));
        let group = subject.text.bytes().get(start as usize..end as usize);
        out.push_bytes(vm, group.unwrap_or_default())?;
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
        let (start, end) = (start.as_small_int().unwrap_or(-1), end.as_small_int().unwrap_or(-1));
        return Ok(if start <= end { [start, end] } else { [-1, -1] });
    }
    Err(vm.raise_with(exc::INDEX_ERROR, &[group]))
}

fn group(vm: &mut Vm, found: Native, number: Value, absent: Value) -> Res {
    let [start, end] = bounds(vm, found, number)?;
    if start < 0 {
        return Ok(absent);
    }
    let text = found.get(vm, 0);
    part_of(vm, text, start as usize, end as usize)
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
    let text = Text::of(found.get(vm, 0));
    Ok(bounds(vm, found, number)?.map(|at| match (&text, usize::try_from(at)) {
        (_, Err(_)) => Value::int(-1),
        (Text::Str(s), Ok(at)) if !s.is_ascii() => {
            Value::from_len(count_chars(s.as_bytes().get(..at).unwrap_or_default()))
        }
        (_, Ok(at)) => Value::from_len(at),
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
    vm.push_filled(out, "<match num=%>", &[Value::from_len(spans.len() / 2)])
}
