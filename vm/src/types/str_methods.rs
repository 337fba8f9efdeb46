//! Methods of `str`, `bytes` and `bytearray`; one function serves all three.
//!
//! Source: Python Library Reference, "String Methods" and "Bytes and Bytearray Operations". Error messages are
//! MicroPython's. A receiver that is a `bytearray` may change at every safe point; parts are cut to what is there.

use super::str_case::*;
use super::text::{self, ByteSet, LINE_ENDS, NO_SPACE, SPACE, count_arg, is_absent};
use crate::object::{Blob, Flavor, List, Pieces, Res, RomEntry, StrBuilder, Tuple};
use crate::rom_entries;
use crate::value::{Kind, Value};
use crate::{Raise, Vm, exc};

/// The methods that all three types have.
pub(super) const METHODS: &[RomEntry] = rom_entries!([]
    #[cfg(feature = "extra")]
    capitalize = F1(text_capitalize);
    #[cfg(feature = "extra")]
    center = Var(2, 3, text_center);
    #[cfg(not(feature = "extra"))]
    center = Var(2, 2, text_center);
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

/// The receiver of a method with the arguments `what[, start[, end]]`, and its part between the two positions.
fn receiver(vm: &mut Vm, args: &[Value], span: &mut [usize; 2]) -> Result<Blob, Raise> {
    let text = text::this(vm, args[0])?;
    text::span(vm, text, opt(args, 2), opt(args, 3), span)?;
    Ok(text)
}

/// Where the argument is found, as a character number; -1 if nowhere.
fn search(vm: &mut Vm, args: &[Value], backwards: bool) -> Res {
    let mut span = [0; 2];
    let text = receiver(vm, args, &mut span)?;
    let needle = text::needle(vm, text, args[1])?;
    Ok(match text::find(vm, text, &span, needle, backwards)? {
        Some(at) => Value::from_len(text.char_at(vm, at)),
        None => Value::int(-1),
    })
}

/// As [`search`]; `ValueError` if nowhere.
fn index(vm: &mut Vm, args: &[Value], backwards: bool) -> Res {
    let found = search(vm, args, backwards)?;
    if found == Value::int(-1) {
        return Err(vm.raise(exc::VALUE_ERROR, "substring not found"));
    }
    Ok(found)
}

/// `find(sub[, start[, end]])`
pub(super) fn text_find(vm: &mut Vm, args: &[Value]) -> Res {
    search(vm, args, false)
}

/// `rfind(sub[, start[, end]])`
pub(super) fn text_rfind(vm: &mut Vm, args: &[Value]) -> Res {
    search(vm, args, true)
}

/// `index(sub[, start[, end]])`
pub(super) fn text_index(vm: &mut Vm, args: &[Value]) -> Res {
    index(vm, args, false)
}

/// `rindex(sub[, start[, end]])`
pub(super) fn text_rindex(vm: &mut Vm, args: &[Value]) -> Res {
    index(vm, args, true)
}

/// `count(sub[, start[, end]])`: without overlap.
pub(super) fn text_count(vm: &mut Vm, args: &[Value]) -> Res {
    let mut span = [0; 2];
    let text = receiver(vm, args, &mut span)?;
    let needle = text::needle(vm, text, args[1])?;
    let len = needle.len(vm);
    let mut n = 0;
    if len == 0 {
        if span[0] <= span[1] {
            n = text.char_at(vm, span[1]) - text.char_at(vm, span[0]) + 1;
        }
        return Ok(Value::from_len(n));
    }
    while let Some(found) = text::find(vm, text, &span, needle, false)? {
        n += 1;
        span[0] = found + len;
        vm.tick(5)?;
    }
    Ok(Value::from_len(n))
}

/// `startswith(prefix[, start[, end]])`; the prefix may be a tuple of several.
pub(super) fn text_startswith(vm: &mut Vm, args: &[Value]) -> Res {
    affix(vm, args, false)
}

/// `endswith(suffix[, start[, end]])`; the suffix may be a tuple of several.
pub(super) fn text_endswith(vm: &mut Vm, args: &[Value]) -> Res {
    affix(vm, args, true)
}

fn affix(vm: &mut Vm, args: &[Value], at_end: bool) -> Res {
    let mut span = [0; 2];
    let text = receiver(vm, args, &mut span)?;
    let [start, end] = span;
    let one = [args[1]];
    let several = vm.cast::<Tuple>(args[1]);
    for &what in several.as_ref().map_or(&one[..], |t| t.items()) {
        let what = text::arg(vm, text, what)?;
        let (part, what) = (text.between(vm, start, end), what.bytes(vm));
        if start <= end && if at_end { part.ends_with(what) } else { part.starts_with(what) } {
            return Ok(Value::TRUE);
        }
        vm.tick(10)?;
    }
    Ok(Value::FALSE)
}

/// `removeprefix(prefix)`
pub(super) fn text_removeprefix(vm: &mut Vm, this: Value, prefix: Value) -> Res {
    let text = text::this(vm, this)?;
    let prefix = text::arg(vm, text, prefix)?;
    let len = text.len(vm);
    let has = text.bytes(vm).starts_with(prefix.bytes(vm));
    text.part(vm, if has { prefix.len(vm) } else { 0 }, len)
}

/// `removesuffix(suffix)`
pub(super) fn text_removesuffix(vm: &mut Vm, this: Value, suffix: Value) -> Res {
    let text = text::this(vm, this)?;
    let suffix = text::arg(vm, text, suffix)?;
    let len = text.len(vm);
    let has = text.bytes(vm).ends_with(suffix.bytes(vm));
    text.part(vm, 0, if has { len - suffix.len(vm) } else { len })
}

// Cutting into pieces.

fn separator(vm: &mut Vm, text: Blob, sep: Value) -> Result<Blob, Raise> {
    let sep = text::arg(vm, text, sep)?;
    if sep.is_empty(vm) { Err(vm.raise(exc::VALUE_ERROR, "empty separator")) } else { Ok(sep) }
}

/// `split(sep=None, maxsplit=-1)`
pub(super) fn text_split(vm: &mut Vm, args: &[Value]) -> Res {
    split(vm, args, false)
}

/// `rsplit(sep=None, maxsplit=-1)`
pub(super) fn text_rsplit(vm: &mut Vm, args: &[Value]) -> Res {
    split(vm, args, true)
}

fn split(vm: &mut Vm, args: &[Value], backwards: bool) -> Res {
    let text = text::this(vm, args[0])?;
    let limit = count_arg(vm, opt(args, 2))?;
    let list = vm.new_list()?;
    let len = text.len(vm);
    // From one end to the other.
    let (mut at, goal) = if backwards { (len, 0) } else { (0, len) };
    if is_absent(opt(args, 1)) {
        loop {
            at = text::scan(vm, text, at, goal, &NO_SPACE)?;
            if at == goal {
                break;
            }
            let last = list.len(vm) == limit;
            let end = if last { goal } else { text::scan(vm, text, at, goal, &SPACE)? };
            text::push_part(vm, list, text, at, end)?;
            at = end;
        }
    } else {
        let sep = separator(vm, text, args[1])?;
        let sep_len = sep.len(vm);
        while list.len(vm) < limit {
            let span = [at.min(goal), at.max(goal)];
            let Some(found) = text::find(vm, text, &span, sep, backwards)? else { break };
            let after = found + sep_len;
            let (near, far) = if backwards { (after, found) } else { (found, after) };
            text::push_part(vm, list, text, at, near)?;
            at = far;
        }
        text::push_part(vm, list, text, at, goal)?;
    }
    if backwards {
        list.items_mut(vm).reverse();
    }
    Ok(list.value())
}

/// `splitlines(keepends=False)`: at `\n`, `\r` and `\r\n`.
pub(super) fn text_splitlines(vm: &mut Vm, args: &[Value]) -> Res {
    let text = text::this(vm, args[0])?;
    let keep = opt(args, 1);
    let keep = !keep.is_undef() && vm.truth(keep)?;
    let len = text.len(vm);
    let list = vm.new_list()?;
    let mut at = 0;
    while at < len {
        let end = text::scan(vm, text, at, len, &LINE_ENDS)?;
        let width = if text.between(vm, end, end + 2) == b"\r\n" { 2 } else { 1 };
        let next = (end + width).min(len);
        text::push_part(vm, list, text, at, if keep { next } else { end })?;
        at = next;
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
    let text = text::this(vm, this)?;
    let sep = separator(vm, text, sep)?;
    let len = text.len(vm);
    let (a, b) = match text::find(vm, text, &[0, len], sep, backwards)? {
        Some(at) => (at, at + sep.len(vm)),
        None if backwards => (0, 0),
        None => (len, len),
    };
    let items = [text.part(vm, 0, a)?, text.part(vm, a, b)?, text.part(vm, b, len)?];
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
    let text = text::this(vm, args[0])?;
    let (mut start, mut end) = (0, text.len(vm));
    let mut kept = &NO_SPACE;
    let others;
    if !is_absent(opt(args, 1)) {
        let chars = text::arg(vm, text, args[1])?;
        if cfg!(feature = "extra") && text.flavor() == Flavor::Str && !chars.is_single() {
            return strip_wide(vm, text, chars, left, right);
        }
        others = ByteSet::not_in(chars.bytes(vm));
        kept = &others;
    }
    if left {
        start = text::scan(vm, text, start, end, kept)?;
    }
    if right {
        end = text::scan(vm, text, end, start, kept)?;
    }
    if cfg!(feature = "extra") && !text.is_single() && start < end {
        // Other characters may have some of the bytes; they stay whole. One that has them all goes, as in MicroPython.
        start = text.byte_at(vm, text.char_at(vm, start + 1) - 1);
        end = text.byte_at(vm, text.char_at(vm, end));
    }
    text.part(vm, start, end)
}

/// As `strip`, of any characters.
fn strip_wide(vm: &mut Vm, text: Blob, chars: Blob, left: bool, right: bool) -> Res {
    let (mut start, mut end) = (0, text.len(vm));
    while left && start < end {
        let next = start + text.width_at(vm, start);
        if !is_one_of(vm, text, start, next, chars)? {
            break;
        }
        start = next;
    }
    while right && start < end {
        let bytes = text.bytes(vm);
        let last = text::last_char(&bytes[..end]);
        if !is_one_of(vm, text, last, end, chars)? {
            break;
        }
        end = last;
    }
    text.part(vm, start, end)
}

/// True when a part of a text occurs among the characters.
fn is_one_of(
    vm: &mut Vm,
    text: Blob,
    start: usize,
    end: usize,
    chars: Blob,
) -> Result<bool, Raise> {
    let one = text.part(vm, start, end)?;
    let one = vm.expect_bytes(one)?;
    text::contains(vm, chars, one)
}

// Putting together.

/// `join(iterable)`
pub(super) fn text_join(vm: &mut Vm, this: Value, iterable: Value) -> Res {
    let text = text::this(vm, this)?;
    let is_str = text.flavor() == Flavor::Str;
    let items = match vm.native_part(iterable) {
        v if iterable.is_kind(Kind::List) || iterable.is_kind(Kind::Tuple) => v,
        _ => vm.collect_list(iterable)?.value(),
    };
    // Nothing below runs Python, so that a list keeps its items.
    let n = items_of(vm, items).len();
    let mut len = text.len(vm).checked_mul(n.saturating_sub(1));
    for i in 0..n {
        let piece = match items_of(vm, items).get(i) {
            Some(&item) => Blob::of(vm, item).filter(|p| p.is_text(vm) == is_str),
            None => None,
        };
        let Some(piece) = piece else {
            return Err(vm.raise(
                exc::TYPE_ERROR,
                "join expects a list of str/bytes objects consistent with self object",
            ));
        };
        if n == 1 && piece.str().is_some() {
            return Ok(piece.value());
        }
        len = len.and_then(|len| len.checked_add(piece.len(vm)));
    }
    let Some(len) = len else { return Err(vm.no_memory()) };
    let mut out = Pieces::new(vm, text.flavor(), len)?;
    for (i, &item) in items_of(vm, items).iter().enumerate() {
        if i > 0 {
            out.push(text.bytes(vm));
        }
        if let Some(piece) = Blob::of(vm, item) {
            out.push(piece.bytes(vm));
        }
    }
    out.finish(vm)
}

/// The items of a list or tuple.
fn items_of(vm: &Vm, items: Value) -> &[Value] {
    match List::from_value(items) {
        Some(list) => list.items(vm),
        None => vm.tuple_items(items),
    }
}

/// `replace(old, new, count=-1)`. Nothing is found before each character and, if the limit allows, behind the last.
pub(super) fn text_replace(vm: &mut Vm, args: &[Value]) -> Res {
    let text = text::this(vm, args[0])?;
    let (old, new) = (text::arg(vm, text, args[1])?, text::arg(vm, text, args[2])?);
    let limit = count_arg(vm, args[3])?;
    let (len, old_len) = (text.len(vm), old.len(vm));
    let mut out = StrBuilder::new();
    let (mut at, mut n) = (0, 0);
    while n < limit {
        let found = match old_len {
            0 if n == 0 => Some(0),
            0 if at == len => None,
            0 => Some(at + text.width_at(vm, at)),
            _ => text::find(vm, text, &[at, len], old, false)?,
        };
        let Some(found) = found else { break };
        if n == 0 {
            // Mostly that is enough.
            out.reserve(vm, len);
        }
        out.push_part(vm, text, at, found);
        out.push_part(vm, new, 0, usize::MAX);
        at = found + old_len;
        n += 1;
        vm.tick(10)?;
    }
    if n == 0 {
        return text.part(vm, 0, len);
    }
    out.push_part(vm, text, at, len);
    out.finish(vm, text.flavor())
}

/// The space left of a text of `len` characters that gets some more.
type Margin = fn(usize, usize) -> usize;

fn pad(vm: &mut Vm, args: &[Value], margin: Margin) -> Res {
    let text = text::this(vm, args[0])?;
    let width = vm.index(args[1])?.max(0) as usize;
    let mut fill = None;
    // MicroPython's `center` fills with spaces only.
    if cfg!(feature = "extra")
        && let Some(&v) = args.get(2)
    {
        let one = text::arg(vm, text, v)?;
        if one.char_len(vm) != 1 {
            return Err(
                vm.raise(exc::TYPE_ERROR, "the fill character must be exactly one character long")
            );
        }
        fill = Some(one);
    }
    let n_chars = text.char_len(vm);
    let len = text.len(vm);
    if width <= n_chars {
        return text.part(vm, 0, len);
    }
    let space = width - n_chars;
    let fill_len = fill.map_or(1, |f| f.len(vm));
    let Some(total) = space.checked_mul(fill_len).and_then(|n| n.checked_add(len)) else {
        return Err(vm.no_memory());
    };
    let mut out = Pieces::new(vm, text.flavor(), total)?;
    let side = |out: &mut Pieces, n: usize| match fill {
        Some(fill) => (0..n).for_each(|_| out.push(fill.bytes(vm))),
        None => out.fill(b' ', n),
    };
    let left = margin(n_chars, space);
    side(&mut out, left);
    out.push(text.bytes(vm));
    side(&mut out, space - left);
    out.finish(vm)
}

/// `center(width[, fillchar])`
pub(super) fn text_center(vm: &mut Vm, args: &[Value]) -> Res {
    // CPython's choice of the side that gets one more.
    pad(vm, args, |n_chars, space| space / 2 + (space & (n_chars + space) & 1))
}

/// `ljust(width[, fillchar])`
pub(super) fn text_ljust(vm: &mut Vm, args: &[Value]) -> Res {
    pad(vm, args, |_, _| 0)
}

/// `rjust(width[, fillchar])`
pub(super) fn text_rjust(vm: &mut Vm, args: &[Value]) -> Res {
    pad(vm, args, |_, space| space)
}

/// `zfill(width)`: zeros after the sign.
pub(super) fn text_zfill(vm: &mut Vm, this: Value, width: Value) -> Res {
    let text = text::this(vm, this)?;
    let width = vm.index(width)?.max(0) as usize;
    let len = text.len(vm);
    let zeros = width.saturating_sub(text.char_len(vm));
    if zeros == 0 {
        return text.part(vm, 0, len);
    }
    let Some(total) = len.checked_add(zeros) else { return Err(vm.no_memory()) };
    let mut out = Pieces::new(vm, text.flavor(), total)?;
    let bytes = text.bytes(vm);
    let sign = usize::from(matches!(bytes.first(), Some(b'+' | b'-')));
    out.push(&bytes[..sign]);
    out.fill(b'0', zeros);
    out.push(&bytes[sign..]);
    out.finish(vm)
}

static TAB_OR_LINE_END: ByteSet = ByteSet::ranges(&[(b'\t', b'\n'), (b'\r', b'\r')]);

/// `expandtabs(tabsize=8)`
pub(super) fn text_expandtabs(vm: &mut Vm, args: &[Value]) -> Res {
    let text = text::this(vm, args[0])?;
    let size = match args[1] {
        v if v.is_undef() => 8,
        v => usize::try_from(vm.index(v)?).unwrap_or(0),
    };
    let mut out = StrBuilder::new();
    let (mut at, len, mut column) = (0, text.len(vm), 0);
    while at < len {
        let end = text::scan(vm, text, at, len, &TAB_OR_LINE_END)?;
        column += text.char_at(vm, end) - text.char_at(vm, at);
        out.push_part(vm, text, at, end);
        match text.bytes(vm).get(end).copied() {
            Some(b'\t') => {
                let n = if size == 0 { 0 } else { size - column % size };
                out.push_repeated(vm, b' ', n)?;
                column += n;
            }
            Some(b) => {
                out.push_byte(vm, b);
                column = 0;
            }
            None => {}
        }
        at = end + 1;
        vm.tick(20)?;
    }
    out.finish(vm, text.flavor())
}
