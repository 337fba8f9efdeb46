//! `json`: text from objects and objects from text.
//!
//! Reading needs no native stack, however deep the text nests: the open containers are in a list. A stream is read no further than
//! to the end of the value (one byte more for a number, where there is no going back), so that more values may follow on it.
//!
//! Source: RFC 8259; Python Library Reference, "json"; MicroPython library reference, "json". As there, what JSON has no
//! word for is written as its `repr`, and a key that is no string is put in quotes.

use crate::object::{Dict, List, Res, StrBuilder, Style, Tuple};
use crate::types::int;
use crate::types::number::{Text, text_arg};
use crate::types::read_ahead::{END, ReadAhead};
use crate::types::stream::Stream;
use crate::value::names::q;
use crate::value::{Kind, Scalar, Value};
use crate::{Raise, Vm, exc, num, py_module};

py_module! {
    /// `json`.
    pub static JSON: json, extensible true;
    entries {
        dump = Kw(json_dump; _, _, *, separators?);
        dumps = Kw(json_dumps; _, *, separators?);
        load = F1(json_load);
        loads = F1(json_loads);
    }
}

// ---- writing

/// Bytes that are collected before they go to the stream.
const PART: usize = 256;

/// Where text is written to.
struct Sink {
    out: StrBuilder,
    /// `None`: all stays in `out`.
    stream: Option<Stream>,
    /// Between items, and between key and value.
    separators: [Value; 2],
    /// The first error. Nothing is written any more then.
    result: Result<(), Raise>,
}

impl Sink {
    /// Passes on what has been collected, if it is enough.
    fn flush(&mut self, vm: &mut Vm, enough: usize) -> Result<(), Raise> {
        if let Some(stream) = self.stream
            && self.out.len() >= enough
        {
            // The builder's buffer is nobody else's: it stays in place while others run.
            self.out.check(vm)?;
            stream.write(vm, self.out.as_bytes())?;
            self.out.truncate(0);
        }
        Ok(())
    }

    #[inline(never)]
    fn put(&mut self, vm: &mut Vm, text: &[u8]) {
        if self.result.is_ok() {
            self.result = self.out.push_bytes(vm, text);
        }
    }

    fn separator(&mut self, vm: &mut Vm, which: usize) {
        self.put(vm, Text::of(self.separators[which]).bytes());
    }

    /// Appends a value.
    fn value(&mut self, vm: &mut Vm, v: Value) {
        if self.result.is_ok() {
            self.result = vm.tick(5).and_then(|()| self.flush(vm, PART));
        }
        let part = vm.native_part(v);
        match part.kind() {
            Some(Kind::Str | Kind::Bytes) => self.text(vm, Text::of(part).bytes()),
            Some(Kind::List | Kind::Tuple | Kind::Dict) => self.container(vm, part),
            _ => match WORDS.iter().find(|(_, constant)| *constant == v) {
                Some((word, _)) => self.put(vm, word),
                None if self.result.is_ok() => {
                    self.result = vm.format(v, &mut self.out, Style::Repr);
                }
                None => {}
            },
        }
    }

    /// Appends a list, tuple or dictionary.
    fn container(&mut self, vm: &mut Vm, v: Value) {
        if let Err(raise) = vm.enter_native() {
            self.result = Err(raise);
        }
        let dict = Dict::from_value(v);
        self.put(vm, if dict.is_some() { b"{" } else { b"[" });
        let mut from = 0;
        while self.result.is_ok() {
            let (next, key, item) = if let Some(dict) = dict {
                let Some((i, key, value)) = dict.entry(vm, from) else { break };
                (i + 1, key, value)
            } else {
                let item = match List::from_value(v) {
                    Some(list) => list.get(vm, from),
                    None => Tuple::from_known(v).items().get(from).copied(),
                };
                let Some(item) = item else { break };
                (from + 1, Value::UNDEF, item)
            };
            if from > 0 {
                self.separator(vm, 0);
            }
            from = next;
            if dict.is_some() {
                let is_text = matches!(vm.native_part(key).kind(), Some(Kind::Str | Kind::Bytes));
                let quote: &[u8] = if is_text { b"" } else { b"\"" };
                self.put(vm, quote);
                self.value(vm, key);
                self.put(vm, quote);
                self.separator(vm, 1);
            }
            self.value(vm, item);
        }
        self.put(vm, if dict.is_some() { b"}" } else { b"]" });
    }

    /// Appends a string in quotes. `text` is of an immutable object.
    fn text(&mut self, vm: &mut Vm, text: &[u8]) {
        self.put(vm, b"\"");
        let mut rest = text;
        while !rest.is_empty() && self.result.is_ok() {
            let n = rest.iter().position(|&b| b < b' ' || b == b'"' || b == b'\\');
            let (plain, escaped) = rest.split_at(n.unwrap_or(rest.len()));
            self.put(vm, plain);
            if let Err(raise) = vm.tick(plain.len() / 4 + 1) {
                self.result = Err(raise);
            }
            let [b, after @ ..] = escaped else { break };
            match ESCAPED.iter().rposition(|escaped| escaped == b) {
                Some(i) if i >= 2 => self.put(vm, &[b'\\', ESCAPES[i]]),
                _ => {
                    let digit = b"0123456789abcdef"[usize::from(b & 15)];
                    self.put(vm, &[b'\\', b'u', b'0', b'0', b'0' + (b >> 4), digit]);
                }
            }
            rest = after;
        }
        self.put(vm, b"\"");
    }
}

/// The constants.
const WORDS: [(&[u8], Value); 3] =
    [(b"null", Value::NONE), (b"true", Value::TRUE), (b"false", Value::FALSE)];

/// What has a letter of its own behind a backslash, and these letters. The first two of each are only read.
const ESCAPED: &[u8; 7] = b"\x08\x0c\n\r\t\"\\";
const ESCAPES: &[u8; 7] = b"bfnrt\"\\";

/// `dump(object, stream, *, separators=(', ', ': '))`: writes the text to a stream.
fn json_dump(vm: &mut Vm, args: &[Value]) -> Res {
    let stream = Stream::expect(vm, args[1])?;
    dump(vm, args[0], Some(stream), args[2])
}

/// `dumps(object, *, separators=(', ', ': '))`: the text of an object. `RecursionError` for one that nests too deep.
fn json_dumps(vm: &mut Vm, args: &[Value]) -> Res {
    dump(vm, args[0], None, args[1])
}

fn dump(vm: &mut Vm, v: Value, stream: Option<Stream>, separators: Value) -> Res {
    let mut pair = [q::COMMA_SPACE.value(), q::COLON_SPACE.value()];
    if !separators.is_undef() && !separators.is_none() {
        let items = vm.collect_sequence(separators)?;
        if items.len(vm) != 2 {
            return Err(vm.raise(exc::VALUE_ERROR, "separators must be two"));
        }
        for (i, separator) in pair.iter_mut().enumerate() {
            let item = items.get(vm, i).unwrap_or(Value::NONE);
            *separator = text_arg(vm, item)?;
        }
    }
    let mut sink = Sink { out: StrBuilder::new(), stream, separators: pair, result: Ok(()) };
    sink.value(vm, v);
    core::mem::replace(&mut sink.result, Ok(()))?;
    sink.flush(vm, 1)?;
    if stream.is_none() {
        return sink.out.finish_str(vm);
    }
    sink.out.discard(vm);
    Ok(Value::NONE)
}

// ---- reading

/// Where text is read from.
struct Source<'t>(ReadAhead<'t>);

/// What may come next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// A value, or a key.
    Item,
    /// The same, or the end of the container that has just begun.
    First,
    /// A comma, or the end of the container.
    Next,
}

impl Source<'_> {
    /// The error that ended the source, or `ValueError`.
    #[cold]
    fn syntax_error<T>(&mut self, vm: &mut Vm) -> Result<T, Raise> {
        self.0.take_error()?;
        Err(vm.raise(exc::VALUE_ERROR, "syntax error in JSON"))
    }

    /// The next byte that is no white space, or [`END`].
    fn token(&mut self, vm: &mut Vm) -> u32 {
        loop {
            let b = self.0.next(vm);
            if b > u32::from(b' ') || !b" \t\n\r".contains(&(b as u8)) {
                return b;
            }
            if let Err(raise) = vm.tick_shared(1) {
                self.0.result = Err(raise);
            }
        }
    }

    /// Reads one value.
    fn value(&mut self, vm: &mut Vm) -> Res {
        // The containers that are open around `inner`.
        let outer = vm.new_list()?;
        let mut inner = Value::UNDEF;
        let mut key = Value::UNDEF;
        let mut state = State::Item;
        loop {
            vm.tick_shared(5)?;
            let Ok(token) = u8::try_from(self.token(vm)) else { return self.syntax_error(vm) };
            let is_dict = inner.is_kind(Kind::Dict);
            let closing = if is_dict { b'}' } else { b']' };
            if state != State::Item && token == closing {
                let closed = inner;
                inner = outer.pop(vm).unwrap_or(Value::UNDEF);
                if inner.is_undef() {
                    return Ok(closed);
                }
                state = State::Next;
                continue;
            }
            if state == State::Next {
                if token != b',' {
                    return self.syntax_error(vm);
                }
                state = State::Item;
                continue;
            }
            if is_dict && key.is_undef() {
                if token != b'"' {
                    return self.syntax_error(vm);
                }
                key = self.string(vm, true)?;
                if self.token(vm) != b':'.into() {
                    return self.syntax_error(vm);
                }
                state = State::Item;
                continue;
            }
            let value = self.scalar(vm, token)?;
            if let Some(list) = List::from_value(inner) {
                list.push(vm, value)?;
            } else if let Some(dict) = Dict::from_value(inner) {
                dict.set(vm, key, value)?;
                key = Value::UNDEF;
            }
            if matches!(value.kind(), Some(Kind::List | Kind::Dict)) {
                outer.push(vm, inner)?;
                inner = value;
                state = State::First;
            } else if inner.is_undef() {
                return Ok(value);
            } else {
                state = State::Next;
            }
        }
    }

    /// The value that begins with `token`; of a container only its beginning.
    fn scalar(&mut self, vm: &mut Vm, token: u8) -> Res {
        match token {
            b'[' => return Ok(vm.new_list()?.value()),
            b'{' => return Ok(vm.new_dict()?.value()),
            b'"' => return self.string(vm, false),
            b'-' | b'0'..=b'9' => return self.number(vm, token),
            _ => {}
        }
        for (word, value) in WORDS {
            if word[0] == token {
                for &b in &word[1..] {
                    if self.0.next(vm) != b.into() {
                        return self.syntax_error(vm);
                    }
                }
                return Ok(value);
            }
        }
        self.syntax_error(vm)
    }

    fn number(&mut self, vm: &mut Vm, first: u8) -> Res {
        let mut text = StrBuilder::new();
        let mut next = u32::from(first);
        let mut is_float = false;
        while let Ok(b @ (b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E')) = u8::try_from(next) {
            is_float |= matches!(b, b'.' | b'e' | b'E');
            text.push_bytes(vm, &[b])?;
            next = self.0.next(vm);
        }
        if next != END {
            self.0.unread();
        }
        vm.tick_shared(text.len())?;
        text.check(vm)?;
        let digits = str::from_utf8(text.as_bytes()).unwrap_or_default();
        let value = if is_float && Kind::Float.is_built() {
            match num::float::parse::<Scalar>(digits) {
                Some(f) => vm.new_float(f)?,
                None => return self.syntax_error(vm),
            }
        } else {
            let plain = digits.strip_prefix('-').unwrap_or(digits);
            if plain.is_empty() || !plain.bytes().all(|b| b.is_ascii_digit()) {
                return self.syntax_error(vm);
            }
            match int::from_text(vm, digits.as_bytes(), 10)? {
                Some(n) => n,
                None => return self.syntax_error(vm),
            }
        };
        text.discard(vm);
        Ok(value)
    }

    /// The string whose quote has been read. The strings of keys are shared with equal names of the program.
    fn string(&mut self, vm: &mut Vm, is_key: bool) -> Res {
        let mut out = StrBuilder::new();
        // The first half of a surrogate pair, or 0.
        let mut high = 0;
        loop {
            self.0.fill(vm);
            // As much as is there and needs no look.
            let ready = self.0.ready();
            let n = ready.iter().position(|&b| b == b'"' || b == b'\\').unwrap_or(ready.len());
            if n > 0 {
                let needs_more = n == ready.len();
                push_lone(vm, &mut out, &mut high)?;
                out.push_bytes(vm, &self.0.ready()[..n])?;
                self.0.skip(n);
                if needs_more {
                    vm.tick_shared(n / 4)?;
                    continue;
                }
            }
            let mut c = self.0.next(vm);
            if c == b'\\'.into() {
                c = self.escape(vm)?;
                if high != 0 && (0xdc00..0xe000).contains(&c) {
                    c = 0x10000 + ((high - 0xd800) << 10) + (c - 0xdc00);
                    high = 0;
                }
                push_lone(vm, &mut out, &mut high)?;
                if (0xd800..0xdc00).contains(&c) {
                    high = c;
                } else {
                    out.push_char(vm, char::from_u32(c).unwrap_or(char::REPLACEMENT_CHARACTER))?;
                }
            } else if c == b'"'.into() {
                break;
            } else {
                return self.syntax_error(vm);
            }
            vm.tick_shared(n / 4 + 1)?;
        }
        push_lone(vm, &mut out, &mut high)?;
        out.check(vm)?;
        if is_key
            && let Ok(text) = str::from_utf8(out.as_bytes())
            && let Some(name) = vm.find_name(text)
        {
            out.discard(vm);
            return Ok(name);
        }
        out.finish_str(vm)
    }

    /// The character behind a backslash.
    fn escape(&mut self, vm: &mut Vm) -> Result<u32, Raise> {
        let c = self.0.next(vm);
        if let Some(i) = ESCAPES.iter().position(|&escape| c == escape.into()) {
            return Ok(ESCAPED[i].into());
        }
        if c != b'u'.into() {
            return if c < 0x80 { Ok(c) } else { self.syntax_error(vm) };
        }
        let mut code = 0;
        for _ in 0..4 {
            match char::from_u32(self.0.next(vm)).and_then(|c| c.to_digit(16)) {
                Some(digit) => code = code << 4 | digit,
                None => return self.syntax_error(vm),
            }
        }
        Ok(code)
    }
}

/// Appends a replacement for half of a pair that was left alone: no `str` can hold it.
fn push_lone(vm: &mut Vm, out: &mut StrBuilder, high: &mut u32) -> Result<(), Raise> {
    if core::mem::replace(high, 0) == 0 {
        return Ok(());
    }
    out.push_char(vm, char::REPLACEMENT_CHARACTER)
}

/// `load(stream)`: the next value on a stream.
fn json_load(vm: &mut Vm, stream: Value) -> Res {
    let stream = Stream::expect(vm, stream)?;
    let mut source = Source(ReadAhead::of_stream(vm, stream, usize::MAX));
    let value = source.value(vm)?;
    source.0.finish(vm)?;
    Ok(value)
}

/// `loads(text)`: the value of a `str` or bytes-like object; `ValueError` unless it is all of the text.
fn json_loads(vm: &mut Vm, text: Value) -> Res {
    let text = vm.expect_buffer(text)?;
    vm.with_bytes(text, |vm, text| {
        let mut source = Source(ReadAhead::of_text(text));
        let value = source.value(vm)?;
        if source.token(vm) == END { Ok(value) } else { source.syntax_error(vm) }
    })
}
