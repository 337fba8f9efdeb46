//! `re`: regular expressions.
//!
//! Positions in a `str` are counted in characters, as everywhere in Python; the matcher's own are in bytes.
//!
//! Source: MicroPython library reference, "re"; Python Library Reference, "re", for what goes beyond it: counted repetitions,
//! `groups`, `start`, `end`, `span`, and the flags.

mod code;
mod run;

use crate::object::{Buffer, ByteArray, List, Native, Res, StrBuilder, Style, Tuple};
use crate::types::number::{Text, text_of};
use crate::types::slice::clamped_index;
use crate::types::text::{byte_offset, count_chars};
use crate::value::{RomValue, Value};
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
    /// A compiled expression. Words: the code, a `bytearray` that nobody else knows; numbers of groups and of loops.
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
        group = Var(1, 255, match_group);
        #[cfg(feature = "extra")]
        groups = Var(1, 2, match_groups);
        #[cfg(feature = "extra")]
        span = Var(1, 2, match_span);
        #[cfg(feature = "extra")]
        start = Var(1, 2, match_start);
    }
}

// ---- compiling

fn flags_arg(vm: &mut Vm, flags: Option<Value>) -> Result<usize, Raise> {
    match flags {
        Some(v) if !v.is_undef() => Ok(vm.index(v)? as usize),
        _ => Ok(0),
    }
}

/// The expression of an argument: one that is compiled already, or a pattern.
fn regex_of(vm: &mut Vm, v: Value, flags: Option<Value>) -> Result<Native, Raise> {
    if let Some(regex) = vm.cast::<Native>(v).filter(|n| n.class() == REGEX.value()) {
        return Ok(regex);
    }
    let flags = flags_arg(vm, flags)?;
    let (text, is_text) = text_arg(vm, v)?;
    let pattern = Text::of(text);
    let program = code::compile(vm, pattern.bytes(), is_text, flags)?;
    let words =
        [program.code.value(), Value::from_len(program.n_groups), Value::from_len(program.n_loops)];
    Native::new(vm, REGEX.value(), &words)
}

/// A `str`, or a `bytes` with what a bytes-like object has; and whether it is a `str`.
fn text_arg(vm: &mut Vm, v: Value) -> Result<(Value, bool), Raise> {
    match text_of(vm, v)? {
        Some(text) => Ok((text, matches!(Text::of(text), Text::Str(_)))),
        None => Err(crate::types::number::cannot_convert(vm, v, "str")),
    }
}

/// `compile(pattern, flags=0)`
fn re_compile(vm: &mut Vm, args: &[Value]) -> Res {
    Ok(regex_of(vm, args[0], Some(args[1]))?.value())
}

// ---- searching

/// A text in which an expression is looked for.
struct Subject {
    value: Value,
    is_text: bool,
    regex: Native,
}

impl Subject {
    fn new(vm: &mut Vm, regex: Native, text: Value) -> Result<Subject, Raise> {
        let (value, is_text) = text_arg(vm, text)?;
        Ok(Subject { value, is_text, regex })
    }

    fn text(&self) -> Text {
        Text::of(self.value)
    }

    fn n_groups(&self, vm: &Vm) -> usize {
        self.regex.get(vm, 1).as_small_int().unwrap_or(0) as usize
    }

    /// Calls `f` with a machine for the part of `text` before `end`.
    fn with_machine<R>(
        &self,
        vm: &mut Vm,
        text: &[u8],
        f: impl FnOnce(&mut Vm, &mut Machine<'_>) -> Result<R, Raise>,
    ) -> Result<R, Raise> {
        let code = Buffer::of_array(ByteArray::from_known(self.regex.get(vm, 0)));
        let n_loops = self.regex.get(vm, 2).as_small_int().unwrap_or(0) as usize;
        let n_groups = self.n_groups(vm);
        let is_text = self.is_text;
        vm.with_bytes(code, |vm, code| {
            let mut machine = Machine::new(vm, code, n_groups, n_loops, text, is_text)?;
            let result = f(vm, &mut machine);
            machine.free(vm);
            result
        })
    }

    /// The object for what the machine has found.
    fn match_object(&self, vm: &mut Vm, machine: &Machine<'_>) -> Res {
        let n = 2 * (self.n_groups(vm) + 1);
        let list = vm.new_list()?;
        for i in 0..n {
            let slot = match machine.slot(vm, i) {
                NONE => Value::int(-1),
                at => Value::from_len(at as usize),
            };
            list.push(vm, slot)?;
        }
        let spans = crate::types::tuple::of_list(vm, list)?;
        Ok(Native::new(vm, MATCH.value(), &[self.value, spans])?.value())
    }

    /// A part of the text, as an object of its type.
    fn part(&self, vm: &mut Vm, start: usize, end: usize) -> Res {
        part_of(vm, self.value, start, end)
    }
}

fn part_of(vm: &mut Vm, text: Value, start: usize, end: usize) -> Res {
    match crate::types::text::of(vm, text) {
        Some(text) => text.part(vm, start, end),
        None => Ok(Value::NONE),
    }
}

/// `match` and `search` with optional bounds in characters.
fn find(vm: &mut Vm, regex: Native, args: &[Value], is_anchored: bool) -> Res {
    let subject = Subject::new(vm, regex, args[0])?;
    let whole = subject.text();
    let mut bounds = [0, whole.bytes().len()];
    for (bound, &arg) in bounds.iter_mut().zip(args.get(1..).unwrap_or_default()) {
        let n = clamped_index(vm, arg)?.max(0) as usize;
        *bound = match subject.is_text {
            true => byte_offset(whole.bytes(), n),
            false => n.min(whole.bytes().len()),
        };
    }
    let [start, end] = bounds;
    if start > end || args.len() > 1 && is_beyond(vm, &subject, args[1])? {
        return Ok(Value::NONE);
    }
    subject.with_machine(vm, &whole.bytes()[..end], |vm, machine| {
        if machine.find(vm, start, is_anchored)? {
            subject.match_object(vm, machine)
        } else {
            Ok(Value::NONE)
        }
    })
}

/// True for a start behind the end of the text.
fn is_beyond(vm: &mut Vm, subject: &Subject, start: Value) -> Result<bool, Raise> {
    let start = clamped_index(vm, start)?.max(0) as usize;
    let text = subject.text();
    let n = if subject.is_text { count_chars(text.bytes()) } else { text.bytes().len() };
    Ok(start > n)
}

/// `match(pattern, text, flags=0)`: only at the beginning.
fn re_match(vm: &mut Vm, args: &[Value]) -> Res {
    let regex = regex_of(vm, args[0], args.get(2).copied())?;
    find(vm, regex, &args[1..2], true)
}

/// `search(pattern, text, flags=0)`: the first place where the pattern matches.
fn re_search(vm: &mut Vm, args: &[Value]) -> Res {
    let regex = regex_of(vm, args[0], args.get(2).copied())?;
    find(vm, regex, &args[1..2], false)
}

/// `regex.match(text[, start[, end]])`
fn regex_match(vm: &mut Vm, args: &[Value]) -> Res {
    let regex = this(vm, args[0], &REGEX)?;
    find(vm, regex, &args[1..], true)
}

/// `regex.search(text[, start[, end]])`
fn regex_search(vm: &mut Vm, args: &[Value]) -> Res {
    let regex = this(vm, args[0], &REGEX)?;
    find(vm, regex, &args[1..], false)
}

fn this(vm: &mut Vm, v: Value, class: &'static crate::object::RomType) -> Result<Native, Raise> {
    match vm.cast::<Native>(v).filter(|n| n.class() == class.value()) {
        Some(native) => Ok(native),
        None => Err(vm.raise(exc::TYPE_ERROR, "argument has wrong type")),
    }
}

// ---- split, sub

/// `split(pattern, text, maxsplit=0, flags=0)`
fn re_split(vm: &mut Vm, args: &[Value]) -> Res {
    let regex = regex_of(vm, args[0], Some(args[3]))?;
    split(vm, regex, args[1], args[2])
}

/// `regex.split(text[, maxsplit])`
fn regex_split(vm: &mut Vm, args: &[Value]) -> Res {
    let regex = this(vm, args[0], &REGEX)?;
    split(vm, regex, args[1], args.get(2).copied().unwrap_or(Value::UNDEF))
}

/// The parts between the matches, of which at most `most` are taken if that is positive. The first empty match ends it.
/// `NotImplementedError` for a pattern with groups.
fn split(vm: &mut Vm, regex: Native, text: Value, most: Value) -> Res {
    let subject = Subject::new(vm, regex, text)?;
    if subject.n_groups(vm) > 0 {
        return Err(vm.raise(exc::NOT_IMPLEMENTED_ERROR, "splitting with sub-captures"));
    }
    let mut left = count_arg(vm, most)?;
    let parts = vm.new_list()?;
    let text = subject.text();
    subject.with_machine(vm, text.bytes(), |vm, machine| {
        let mut from = 0;
        while left > 0 && machine.find(vm, from, false)? {
            let (start, end) = (machine.slot(vm, 0) as usize, machine.slot(vm, 1) as usize);
            if start == end {
                break;
            }
            push_part(vm, parts, &subject, from, start)?;
            from = end;
            left -= 1;
        }
        push_part(vm, parts, &subject, from, text.bytes().len())
    })?;
    Ok(parts.value())
}

fn push_part(
    vm: &mut Vm,
    parts: List,
    subject: &Subject,
    start: usize,
    end: usize,
) -> Result<(), Raise> {
    let part = subject.part(vm, start, end)?;
    parts.push(vm, part)
}

/// An optional count; not positive: no limit.
fn count_arg(vm: &mut Vm, v: Value) -> Result<usize, Raise> {
    match v {
        v if v.is_undef() => Ok(usize::MAX),
        v => Ok(match clamped_index(vm, v)? {
            n @ 1.. => n as usize,
            _ => usize::MAX,
        }),
    }
}

/// `sub(pattern, replacement, text, count=0, flags=0)`
fn re_sub(vm: &mut Vm, args: &[Value]) -> Res {
    let regex = regex_of(vm, args[0], Some(args[4]))?;
    sub(vm, regex, args[1], args[2], args[3])
}

/// `regex.sub(replacement, text, count=0)`
fn regex_sub(vm: &mut Vm, args: &[Value]) -> Res {
    let regex = this(vm, args[0], &REGEX)?;
    sub(vm, regex, args[1], args[2], args[3])
}

/// The text with its matches replaced, at most `count` of them if that is positive. The first empty match ends it. The
/// replacement is a text, in which `\1` and `\g<1>` stand for a group, or a function that is called with the match.
fn sub(vm: &mut Vm, regex: Native, replacement: Value, text: Value, count: Value) -> Res {
    let subject = Subject::new(vm, regex, text)?;
    let mut left = count_arg(vm, count)?;
    let template = text_of(vm, replacement)?;
    let text = subject.text();
    let mut out = StrBuilder::new();
    subject.with_machine(vm, text.bytes(), |vm, machine| {
        let mut from = 0;
        while left > 0 && machine.find(vm, from, false)? {
            let (start, end) = (machine.slot(vm, 0) as usize, machine.slot(vm, 1) as usize);
            if start == end {
                break;
            }
            out.push_bytes(vm, &text.bytes()[from..start])?;
            match template {
                Some(template) => {
                    let template = Text::of(template);
                    expand(vm, &mut out, template.bytes(), &subject, machine)?;
                }
                None => {
                    let found = subject.match_object(vm, machine)?;
                    let new = vm.call(replacement, &[found])?;
                    let (new, _) = text_arg(vm, new)?;
                    out.push_bytes(vm, Text::of(new).bytes())?;
                }
            }
            from = end;
            left -= 1;
        }
        out.push_bytes(vm, &text.bytes()[from..])
    })?;
    if subject.is_text { out.finish_str(vm) } else { out.finish_bytes(vm) }
}

/// Appends a replacement text. `IndexError` for a group that is not there.
fn expand(
    vm: &mut Vm,
    out: &mut StrBuilder,
    template: &[u8],
    subject: &Subject,
    machine: &Machine<'_>,
) -> Result<(), Raise> {
    let text = subject.text();
    let mut rest = template;
    while let Some(at) = rest.iter().position(|&b| b == b'\\') {
        out.push_bytes(vm, &rest[..at])?;
        vm.tick(at / 8 + 4)?;
        let escape = &rest[at + 1..];
        let in_brackets = escape.strip_prefix(b"g<");
        let digits = in_brackets.unwrap_or(escape);
        let n = digits.iter().position(|b| !b.is_ascii_digit()).unwrap_or(digits.len());
        let closed = in_brackets.is_none() || digits.get(n) == Some(&b'>');
        if n == 0 || !closed {
            // Any other character stands for itself.
            let n = escape.len().min(1);
            out.push_bytes(vm, &escape[..n])?;
            rest = &escape[n..];
            continue;
        }
        let number = digits[..n].iter().fold(0usize, |number, d| {
            number.saturating_mul(10).saturating_add(usize::from(d - b'0'))
        });
        if number > subject.n_groups(vm) {
            return Err(vm.raise(exc::INDEX_ERROR, "invalid group reference"));
        }
        let (start, end) = (machine.slot(vm, 2 * number), machine.slot(vm, 2 * number + 1));
        if start != NONE && end != NONE {
            let group = text.bytes().get(start as usize..end as usize);
            out.push_bytes(vm, group.unwrap_or_default())?;
        }
        rest = &digits[n + in_brackets.is_some() as usize..];
    }
    out.push_bytes(vm, rest)
}

// ---- matches

/// The bounds of a group in bytes; `None` if it took no part. `IndexError` for a number that no group has.
fn bounds(vm: &mut Vm, found: Native, group: Value) -> Result<Option<(usize, usize)>, Raise> {
    let spans = Tuple::from_known(found.get(vm, 1));
    let number = clamped_index(vm, group)?;
    let at = usize::try_from(number).unwrap_or(usize::MAX).saturating_mul(2);
    match spans.items().get(at..at.saturating_add(2)) {
        Some(&[start, end]) => {
            let (start, end) = (start.as_small_int(), end.as_small_int());
            let both = start.zip(end).filter(|&(start, end)| start >= 0 && end >= start);
            Ok(both.map(|(start, end)| (start as usize, end as usize)))
        }
        _ => Err(vm.raise_with(exc::INDEX_ERROR, &[group])),
    }
}

fn group(vm: &mut Vm, found: Native, number: Value, absent: Value) -> Res {
    match bounds(vm, found, number)? {
        Some((start, end)) => {
            let text = found.get(vm, 0);
            part_of(vm, text, start, end)
        }
        None => Ok(absent),
    }
}

/// `match.group(number=0, …)`: the text of a group, or a tuple of several.
fn match_group(vm: &mut Vm, args: &[Value]) -> Res {
    let found = this(vm, args[0], &MATCH)?;
    match args[1..] {
        [] => group(vm, found, Value::int(0), Value::NONE),
        [number] => group(vm, found, number, Value::NONE),
        ref numbers => {
            let list = vm.new_list()?;
            for &number in numbers {
                let text = group(vm, found, number, Value::NONE)?;
                list.push(vm, text)?;
            }
            crate::types::tuple::of_list(vm, list)
        }
    }
}

/// `match.groups(default=None)`
fn match_groups(vm: &mut Vm, args: &[Value]) -> Res {
    let found = this(vm, args[0], &MATCH)?;
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
    let found = this(vm, args[0], &MATCH)?;
    let number = args.get(1).copied().unwrap_or(Value::int(0));
    let Some((start, end)) = bounds(vm, found, number)? else { return Ok([Value::int(-1); 2]) };
    let text = Text::of(found.get(vm, 0));
    let chars = |at: usize| match &text {
        Text::Str(s) if !s.is_ascii() => count_chars(s.as_bytes().get(..at).unwrap_or_default()),
        _ => at,
    };
    Ok([Value::from_len(chars(start)), Value::from_len(chars(end))])
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
    vm.push_fmt(out, format_args!("<match num={}>", spans.len() / 2))
}
