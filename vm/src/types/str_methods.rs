//! Methods of `str`, `bytes` and `bytearray`; one function serves all three.
//!
//! Source: Python Library Reference, "String Methods" and "Bytes and Bytearray Operations". Error messages are
//! MicroPython's. A receiver that is a `bytearray` may change at every safe point; parts are cut to what is there.

use super::str_case::*;
use super::text::{self, ByteSet, LINE_ENDS, NO_SPACE, SPACE, Text, count_arg, is_absent};
use crate::object::{Buffer, Flavor, List, Pieces, Res, RomEntry, Str, StrBuilder, Tuple};
use crate::rom_entries;
use crate::value::{Kind, Value};
use crate::{Raise, Vm, exc};
use core::ops::Range;

/// The methods that all three types have.
pub(super) const METHODS: &[RomEntry] = rom_entries!([]
    #[cfg(feature = "extra")]
    capitalize = F1(text_capitalize);
    center = Var(2, 3, text_center);
    count = Var(2, 4, text_count);
    endswith = Var(2, 4, text_endswith);
    #[cfg(feature = "extra")]
    expandtabs = Kw(text_expandtabs; _, tabsize?);
    find = Var(2, 4, text_find);
    index = Var(2, 4, text_index);
    #[cfg(feature = "extra")]
    isalnum = F1(text_isalnum);
    isalpha = F1(text_isalpha);
    #[cfg(feature = "extra")]
    isascii = F1(text_isascii);
    isdigit = F1(text_isdigit);
    islower = F1(text_islower);
    isspace = F1(text_isspace);
    #[cfg(feature = "extra")]
    istitle = F1(text_istitle);
    isupper = F1(text_isupper);
    join = F2(text_join);
    #[cfg(feature = "extra")]
    ljust = Var(2, 3, text_ljust);
    lower = F1(text_lower);
    lstrip = Var(1, 2, text_lstrip);
    partition = F2(text_partition);
    #[cfg(feature = "extra")]
    removeprefix = F2(text_removeprefix);
    #[cfg(feature = "extra")]
    removesuffix = F2(text_removesuffix);
    replace = Kw(text_replace; _, _, _, count?);
    rfind = Var(2, 4, text_rfind);
    rindex = Var(2, 4, text_rindex);
    #[cfg(feature = "extra")]
    rjust = Var(2, 3, text_rjust);
    rpartition = F2(text_rpartition);
    rsplit = Kw(text_rsplit; _, sep?, maxsplit?);
    rstrip = Var(1, 2, text_rstrip);
    split = Kw(text_split; _, sep?, maxsplit?);
    splitlines = Kw(text_splitlines; _, keepends?);
    startswith = Var(2, 4, text_startswith);
    strip = Var(1, 2, text_strip);
    #[cfg(feature = "extra")]
    swapcase = F1(text_swapcase);
    #[cfg(feature = "extra")]
    title = F1(text_title);
    upper = F1(text_upper);
    #[cfg(feature = "extra")]
    zfill = F2(text_zfill);
);

/// The optional argument `i`.
fn opt(args: &[Value], i: usize) -> Value {
    args.get(i).copied().unwrap_or(Value::UNDEF)
}

// Searching.

/// Where the argument is found, as a character number. `args`: receiver, needle, start, end.
fn search(vm: &mut Vm, args: &[Value], backwards: bool) -> Result<Option<usize>, Raise> {
    let text = Text::this(vm, args[0])?;
    let needle = text.needle(vm, args[1])?;
    let Some(range) = text.span(vm, opt(args, 2), opt(args, 3))? else { return Ok(None) };
    let found = if backwards {
        text::rfind(vm, text.buffer, range, needle)?
    } else {
        text::find(vm, text.buffer, range, needle)?
    };
    Ok(found.map(|at| text.char_at(vm, at)))
}

fn position_or_minus_one(found: Option<usize>) -> Res {
    Ok(found.map_or(Value::int(-1), Value::from_len))
}

fn position_or_error(vm: &mut Vm, found: Option<usize>) -> Res {
    match found {
        Some(at) => Ok(Value::from_len(at)),
        None => Err(vm.raise(exc::VALUE_ERROR, "substring not found")),
    }
}

/// `find(sub[, start[, end]])`
pub(super) fn text_find(vm: &mut Vm, args: &[Value]) -> Res {
    position_or_minus_one(search(vm, args, false)?)
}

/// `rfind(sub[, start[, end]])`
pub(super) fn text_rfind(vm: &mut Vm, args: &[Value]) -> Res {
    position_or_minus_one(search(vm, args, true)?)
}

/// `index(sub[, start[, end]])`
pub(super) fn text_index(vm: &mut Vm, args: &[Value]) -> Res {
    let found = search(vm, args, false)?;
    position_or_error(vm, found)
}

/// `rindex(sub[, start[, end]])`
pub(super) fn text_rindex(vm: &mut Vm, args: &[Value]) -> Res {
    let found = search(vm, args, true)?;
    position_or_error(vm, found)
}

/// `count(sub[, start[, end]])`: without overlap.
pub(super) fn text_count(vm: &mut Vm, args: &[Value]) -> Res {
    let text = Text::this(vm, args[0])?;
    let needle = text.needle(vm, args[1])?;
    let Some(range) = text.span(vm, opt(args, 2), opt(args, 3))? else { return Ok(Value::int(0)) };
    if needle.is_empty(vm) {
        let between = text.char_at(vm, range.end) - text.char_at(vm, range.start);
        return Ok(Value::from_len(between + 1));
    }
    Ok(Value::from_len(count(vm, text, range, needle, usize::MAX)?))
}

/// How often a needle that is not empty occurs, at most `limit`.
fn count(
    vm: &mut Vm,
    text: Text,
    range: Range<usize>,
    needle: Buffer,
    limit: usize,
) -> Result<usize, Raise> {
    let (mut n, mut at) = (0, range.start);
    while n < limit
        && at < range.end
        && let Some(found) = text::find(vm, text.buffer, at..range.end, needle)?
    {
        n += 1;
        at = found + needle.len(vm).max(1);
        vm.tick(5)?;
    }
    Ok(n)
}

/// `startswith(prefix[, start[, end]])`; the prefix may be a tuple of several.
pub(super) fn text_startswith(vm: &mut Vm, args: &[Value]) -> Res {
    affix(vm, args, |part, what| part.starts_with(what))
}

/// `endswith(suffix[, start[, end]])`; the suffix may be a tuple of several.
pub(super) fn text_endswith(vm: &mut Vm, args: &[Value]) -> Res {
    affix(vm, args, |part, what| part.ends_with(what))
}

fn affix(vm: &mut Vm, args: &[Value], test: fn(&[u8], &[u8]) -> bool) -> Res {
    let text = Text::this(vm, args[0])?;
    let span = text.span(vm, opt(args, 2), opt(args, 3))?;
    let one = [args[1]];
    let several = vm.cast::<Tuple>(args[1]);
    for &what in several.as_ref().map_or(&one[..], |t| t.items()) {
        let what = text.arg(vm, what)?;
        if let Some(range) = &span {
            let part = text.buffer.slice(vm, range.clone());
            if test(part.bytes(vm), what.bytes(vm)) {
                return Ok(Value::TRUE);
            }
        }
        vm.tick(10)?;
    }
    Ok(Value::FALSE)
}

/// `removeprefix(prefix)`
pub(super) fn text_removeprefix(vm: &mut Vm, this: Value, prefix: Value) -> Res {
    let text = Text::this(vm, this)?;
    let prefix = text.arg(vm, prefix)?;
    let len = text.len(vm);
    let has = text.bytes(vm).starts_with(prefix.bytes(vm));
    text.part(vm, if has { prefix.len(vm) } else { 0 }..len)
}

/// `removesuffix(suffix)`
pub(super) fn text_removesuffix(vm: &mut Vm, this: Value, suffix: Value) -> Res {
    let text = Text::this(vm, this)?;
    let suffix = text.arg(vm, suffix)?;
    let len = text.len(vm);
    let has = text.bytes(vm).ends_with(suffix.bytes(vm));
    text.part(vm, 0..if has { len - suffix.len(vm) } else { len })
}

// Cutting into pieces.

fn separator(vm: &mut Vm, text: Text, sep: Value) -> Result<Buffer, Raise> {
    let sep = text.arg(vm, sep)?;
    if sep.is_empty(vm) { Err(vm.raise(exc::VALUE_ERROR, "empty separator")) } else { Ok(sep) }
}

/// `split(sep=None, maxsplit=-1)`
pub(super) fn text_split(vm: &mut Vm, args: &[Value]) -> Res {
    let text = Text::this(vm, args[0])?;
    let limit = usize::try_from(count_arg(vm, opt(args, 2))?).unwrap_or(usize::MAX);
    let len = text.len(vm);
    let list = vm.new_list()?;
    if is_absent(opt(args, 1)) {
        let mut at = text::scan(vm, text.buffer, 0..len, &NO_SPACE)?;
        while at < len {
            let last = list.len(vm) == limit;
            let end = if last { len } else { text::scan(vm, text.buffer, at..len, &SPACE)? };
            text::push_part(vm, list, text, at..end)?;
            at = text::scan(vm, text.buffer, end..len, &NO_SPACE)?;
            vm.tick(20)?;
        }
        return Ok(list.value());
    }
    let sep = separator(vm, text, args[1])?;
    // The list's size at once, where that is quickly known.
    if let &[one] = sep.bytes(vm) {
        let bytes = text.bytes(vm);
        if bytes.len() <= text::STRIDE {
            let n = bytes.iter().filter(|&&b| b == one).count();
            list.reserve(vm, n.min(limit) + 1)?;
        }
    }
    let mut at = 0;
    while list.len(vm) < limit
        && let Some(found) = text::find(vm, text.buffer, at..len, sep)?
    {
        text::push_part(vm, list, text, at..found)?;
        at = found + sep.len(vm).max(1);
        vm.tick(20)?;
    }
    text::push_part(vm, list, text, at..len)?;
    Ok(list.value())
}

/// `rsplit(sep=None, maxsplit=-1)`
pub(super) fn text_rsplit(vm: &mut Vm, args: &[Value]) -> Res {
    let text = Text::this(vm, args[0])?;
    let limit = usize::try_from(count_arg(vm, opt(args, 2))?).unwrap_or(usize::MAX);
    let list = vm.new_list()?;
    let mut end = text.len(vm);
    if is_absent(opt(args, 1)) {
        end = text::rscan(vm, text.buffer, 0..end, &NO_SPACE)?;
        while end > 0 {
            let last = list.len(vm) == limit;
            let at = if last { 0 } else { text::rscan(vm, text.buffer, 0..end, &SPACE)? };
            text::push_part(vm, list, text, at..end)?;
            end = text::rscan(vm, text.buffer, 0..at, &NO_SPACE)?;
            vm.tick(20)?;
        }
    } else {
        let sep = separator(vm, text, args[1])?;
        while list.len(vm) < limit
            && let Some(found) = text::rfind(vm, text.buffer, 0..end, sep)?
        {
            text::push_part(vm, list, text, found + sep.len(vm)..end)?;
            end = found;
            vm.tick(20)?;
        }
        text::push_part(vm, list, text, 0..end)?;
    }
    list.items_mut(vm).reverse();
    Ok(list.value())
}

/// `splitlines(keepends=False)`: at `\n`, `\r` and `\r\n`.
pub(super) fn text_splitlines(vm: &mut Vm, args: &[Value]) -> Res {
    let text = Text::this(vm, args[0])?;
    let keep = opt(args, 1);
    let keep = !keep.is_undef() && vm.truth(keep)?;
    let len = text.len(vm);
    let list = vm.new_list()?;
    let mut at = 0;
    while at < len {
        let end = text::scan(vm, text.buffer, at..len, &LINE_ENDS)?;
        let rest = text.buffer.slice(vm, end..len);
        let next = end
            + match rest.bytes(vm) {
                [b'\r', b'\n', ..] => 2,
                [] => 0,
                _ => 1,
            };
        text::push_part(vm, list, text, at..if keep { next } else { end })?;
        at = next.max(at + 1);
        vm.tick(20)?;
    }
    Ok(list.value())
}

/// `partition(sep)`
pub(super) fn text_partition(vm: &mut Vm, this: Value, sep: Value) -> Res {
    partition(vm, this, sep, false)
}

/// `rpartition(sep)`
pub(super) fn text_rpartition(vm: &mut Vm, this: Value, sep: Value) -> Res {
    partition(vm, this, sep, true)
}

fn partition(vm: &mut Vm, this: Value, sep: Value, backwards: bool) -> Res {
    let text = Text::this(vm, this)?;
    let what = separator(vm, text, sep)?;
    let len = text.len(vm);
    let found = if backwards {
        text::rfind(vm, text.buffer, 0..len, what)?
    } else {
        text::find(vm, text.buffer, 0..len, what)?
    };
    let parts = match found {
        Some(at) => [0..at, at..at + what.len(vm), at + what.len(vm)..len],
        None if backwards => [0..0, 0..0, 0..len],
        None => [0..len, len..len, len..len],
    };
    let [a, b, c] = parts;
    let items = [text.part(vm, a)?, text.part(vm, b)?, text.part(vm, c)?];
    vm.new_tuple(&items)
}

/// `strip([chars])`
pub(super) fn text_strip(vm: &mut Vm, args: &[Value]) -> Res {
    strip(vm, args, true, true)
}

/// `lstrip([chars])`
pub(super) fn text_lstrip(vm: &mut Vm, args: &[Value]) -> Res {
    strip(vm, args, true, false)
}

/// `rstrip([chars])`
pub(super) fn text_rstrip(vm: &mut Vm, args: &[Value]) -> Res {
    strip(vm, args, false, true)
}

fn strip(vm: &mut Vm, args: &[Value], left: bool, right: bool) -> Res {
    let text = Text::this(vm, args[0])?;
    let mut range = 0..text.len(vm);
    if is_absent(opt(args, 1)) {
        if left {
            range.start = text::scan(vm, text.buffer, range.clone(), &NO_SPACE)?;
        }
        if right {
            range.end = text::rscan(vm, text.buffer, range.clone(), &NO_SPACE)?;
        }
        return text.part(vm, range);
    }
    let chars = text.arg(vm, args[1])?;
    if let (Some(s), Some(chars)) = (text.str(), Str::from_value(chars.owner()))
        && !chars.is_ascii()
    {
        let is_one = |c: char| chars.as_str().contains(c);
        let s = s.as_str();
        let start = if left { s.len() - s.trim_start_matches(is_one).len() } else { 0 };
        let end = if right { start + s[start..].trim_end_matches(is_one).len() } else { s.len() };
        return text.part(vm, start..end);
    }
    // Bytes of characters that are not ASCII are not in the set.
    let others = ByteSet::of(chars.bytes(vm)).others();
    if left {
        range.start = text::scan(vm, text.buffer, range.clone(), &others)?;
    }
    if right {
        range.end = text::rscan(vm, text.buffer, range.clone(), &others)?;
    }
    text.part(vm, range)
}

// Putting together.

/// `join(iterable)`
pub(super) fn text_join(vm: &mut Vm, this: Value, iterable: Value) -> Res {
    let text = Text::this(vm, this)?;
    let items = match vm.native_part(iterable) {
        v if iterable.is_kind(Kind::List) || iterable.is_kind(Kind::Tuple) => v,
        _ => vm.collect_list(iterable)?.value(),
    };
    // Nothing below runs Python, so that a list keeps its items.
    let n = item_count(vm, items);
    let mut len = text.len(vm).checked_mul(n.saturating_sub(1));
    for i in 0..n {
        let item = item(vm, items, i);
        let Some(piece) =
            Buffer::of(vm, item).filter(|p| p.is_text() == (text.flavor == Flavor::Str))
        else {
            return Err(vm.raise(
                exc::TYPE_ERROR,
                "join expects a list of str/bytes objects consistent with self object",
            ));
        };
        if n == 1 && text.flavor == Flavor::Str {
            return Ok(piece.owner());
        }
        len = len.and_then(|len| len.checked_add(piece.len(vm)));
    }
    let Some(len) = len else { return Err(vm.no_memory()) };
    let mut out = Pieces::new(vm, text.flavor, len)?;
    for i in 0..n {
        if i > 0 {
            out.push(vm, text.bytes(vm));
        }
        let item = item(vm, items, i);
        if let Some(piece) = Buffer::of(vm, item) {
            out.push(vm, piece.bytes(vm));
        }
    }
    out.finish(vm)
}

fn item_count(vm: &Vm, items: Value) -> usize {
    match (List::from_value(items), Tuple::from_value(items)) {
        (Some(list), _) => list.len(vm),
        (_, Some(tuple)) => tuple.len(),
        _ => 0,
    }
}

fn item(vm: &Vm, items: Value, i: usize) -> Value {
    let found = match (List::from_value(items), Tuple::from_value(items)) {
        (Some(list), _) => list.get(vm, i),
        (_, Some(tuple)) => tuple.items().get(i).copied(),
        _ => None,
    };
    found.unwrap_or(Value::UNDEF)
}

/// `replace(old, new, count=-1)`
pub(super) fn text_replace(vm: &mut Vm, args: &[Value]) -> Res {
    let text = Text::this(vm, args[0])?;
    let (old, new) = (text.arg(vm, args[1])?, text.arg(vm, args[2])?);
    let limit = usize::try_from(count_arg(vm, args[3])?).unwrap_or(usize::MAX);
    let len = text.len(vm);
    if old.is_empty(vm) {
        return interleave(vm, text, new, limit);
    }
    let n = count(vm, text, 0..len, old, limit)?;
    if n == 0 {
        return text.part(vm, 0..len);
    }
    let (old_len, new_len) = (old.len(vm), new.len(vm));
    let Some(total) =
        new_len.checked_mul(n).and_then(|added| (len - (n * old_len).min(len)).checked_add(added))
    else {
        return Err(vm.no_memory());
    };
    let mut out = Pieces::new(vm, text.flavor, total)?;
    let mut at = 0;
    for _ in 0..n {
        let Some(found) = text::find(vm, text.buffer, at..len, old)? else { break };
        out.push(vm, text.buffer.slice(vm, at..found).bytes(vm));
        out.push(vm, new.bytes(vm));
        at = found + old_len;
        vm.tick(10)?;
    }
    out.push(vm, text.buffer.slice(vm, at..len).bytes(vm));
    out.finish(vm)
}

/// Puts `new` before each of the first characters and, if the limit allows, after the last.
fn interleave(vm: &mut Vm, text: Text, new: Buffer, limit: usize) -> Res {
    let mut out = StrBuilder::new();
    let (len, mut at) = (text.len(vm), 0);
    for _ in 0..limit {
        out.push_buffer(vm, new)?;
        if at >= len {
            break;
        }
        let width = if text.is_single() { 1 } else { text::char_width(text.bytes(vm), at) };
        let one = text.buffer.slice(vm, at..at + width);
        out.push_buffer(vm, one)?;
        at += width;
        vm.tick(10)?;
    }
    let rest = text.buffer.slice(vm, at..len);
    out.push_buffer(vm, rest)?;
    text.finish(vm, out)
}

/// The space left and right of a text of `len` characters in a field of `width`.
type Margins = fn(usize, usize) -> (usize, usize);

fn pad(vm: &mut Vm, args: &[Value], margins: Margins) -> Res {
    let text = Text::this(vm, args[0])?;
    let width = usize::try_from(vm.index(args[1])?).unwrap_or(0);
    let fill = match opt(args, 2) {
        v if v.is_undef() => None,
        v => {
            let fill = text.arg(vm, v)?;
            let one = Text { buffer: fill, value: fill.owner(), ..text };
            if one.char_len(vm) != 1 {
                return Err(vm.raise(
                    exc::TYPE_ERROR,
                    "the fill character must be exactly one character long",
                ));
            }
            Some(fill)
        }
    };
    let n_chars = text.char_len(vm);
    let len = text.len(vm);
    if width <= n_chars {
        return text.part(vm, 0..len);
    }
    let (left, right) = margins(n_chars, width - n_chars);
    let fill_len = fill.map_or(1, |f| f.len(vm));
    let Some(total) = (width - n_chars).checked_mul(fill_len).and_then(|n| n.checked_add(len))
    else {
        return Err(vm.no_memory());
    };
    let mut out = Pieces::new(vm, text.flavor, total)?;
    let side = |vm: &Vm, out: &mut Pieces, n: usize| match fill {
        Some(f) if fill_len > 1 => (0..n).for_each(|_| out.push(vm, f.bytes(vm))),
        Some(f) => out.fill(vm, f.bytes(vm).first().copied().unwrap_or(b' '), n),
        None => out.fill(vm, b' ', n),
    };
    side(vm, &mut out, left);
    out.push(vm, text.bytes(vm));
    side(vm, &mut out, right);
    out.finish(vm)
}

/// `center(width[, fillchar])`
pub(super) fn text_center(vm: &mut Vm, args: &[Value]) -> Res {
    pad(vm, args, |n_chars, space| {
        // CPython's choice of the side that gets one more.
        let left = space / 2 + (space & (n_chars + space) & 1);
        (left, space - left)
    })
}

/// `ljust(width[, fillchar])`
pub(super) fn text_ljust(vm: &mut Vm, args: &[Value]) -> Res {
    pad(vm, args, |_, space| (0, space))
}

/// `rjust(width[, fillchar])`
pub(super) fn text_rjust(vm: &mut Vm, args: &[Value]) -> Res {
    pad(vm, args, |_, space| (space, 0))
}

/// `zfill(width)`: zeros after the sign.
pub(super) fn text_zfill(vm: &mut Vm, this: Value, width: Value) -> Res {
    let text = Text::this(vm, this)?;
    let width = usize::try_from(vm.index(width)?).unwrap_or(0);
    let (len, n_chars) = (text.len(vm), text.char_len(vm));
    let zeros = width.saturating_sub(n_chars);
    if zeros == 0 {
        return text.part(vm, 0..len);
    }
    let Some(total) = len.checked_add(zeros) else { return Err(vm.no_memory()) };
    let mut out = Pieces::new(vm, text.flavor, total)?;
    let bytes = text.bytes(vm);
    let sign = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    out.push(vm, &bytes[..sign]);
    out.fill(vm, b'0', zeros);
    out.push(vm, &bytes[sign..]);
    out.finish(vm)
}

static TAB_OR_LINE_END: ByteSet = ByteSet::ranges(&[(b'\t', b'\n'), (b'\r', b'\r')]);

/// `expandtabs(tabsize=8)`
pub(super) fn text_expandtabs(vm: &mut Vm, args: &[Value]) -> Res {
    let text = Text::this(vm, args[0])?;
    let size = match args[1] {
        v if v.is_undef() => 8,
        v => usize::try_from(vm.index(v)?).unwrap_or(0),
    };
    let mut out = StrBuilder::new();
    let (mut at, len, mut column) = (0, text.len(vm), 0);
    while at < len {
        let end = text::scan(vm, text.buffer, at..len, &TAB_OR_LINE_END)?;
        let part = text.buffer.slice(vm, at..end);
        column += if text.is_single() { end - at } else { text::count_chars(part.bytes(vm)) };
        out.push_buffer(vm, part)?;
        match text.bytes(vm).get(end).copied() {
            Some(b'\t') => {
                let n = if size == 0 { 0 } else { size - column % size };
                out.push_repeated(vm, b' ', n)?;
                column += n;
            }
            Some(b) => {
                out.push_bytes(vm, &[b])?;
                column = 0;
            }
            None => {}
        }
        at = end + 1;
        vm.tick(20)?;
    }
    text.finish(vm, out)
}
