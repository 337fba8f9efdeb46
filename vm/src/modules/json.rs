//! `json`: text from objects and objects from text.
//!
//! Reading needs no native stack, however deep the text nests: the open containers are in a list. A stream is read no further than
//! to the end of the value (one byte more for a number, where there is no going back), so that more values may follow on it.
//!
//! Source: RFC 8259; Python Library Reference, "json"; MicroPython library reference, "json". As there, what JSON has no
//! word for is written as its `repr`, and a key that is no string is put in quotes.

use crate::object::{Dict, List, Res, StrBuilder, Style, Text};
use crate::types::int;
use crate::types::number::text_arg;
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
    separators: [Text; 2],
}

impl Sink {
    /// Passes on what has been collected, if it is enough. The first error, if there was one.
    #[inline(never)]
    fn flush(&mut self, vm: &mut Vm, enough: usize) -> Result<(), Raise> {
        self.out.check(vm)?;
        vm.tick(5)?;
        if let Some(stream) = self.stream
            && self.out.len() >= enough
        {
            // The builder's buffer is nobody else's: it stays in place while others run.
            stream.write(vm, self.out.as_bytes())?;
            self.out.truncate(0);
        }
        Ok(())
    }

    /// Appends a value.
    fn value(&mut self, vm: &mut Vm, v: Value) -> Result<(), Raise> {
        self.flush(vm, PART)?;
        let part = vm.native_part(v);
        match part.kind() {
            Some(Kind::Str | Kind::Bytes) => return self.text(vm, Text::of(part).bytes()),
            Some(Kind::List | Kind::Tuple | Kind::Dict) => {}
            _ => {
                match WORDS.iter().find(|(_, constant)| *constant == v) {
                    Some((word, _)) => self.out.push_bytes(vm, word),
                    None => vm.format(v, &mut self.out, Style::Repr)?,
                }
                return Ok(());
            }
        }
        vm.enter_native()?;
        let dict = Dict::from_value(part);
        let [open, close] = if dict.is_some() { ["{", "}"] } else { ["[", "]"] };
        let [comma, colon] = self.separators;
        self.out.push_bytes(vm, open.as_bytes());
        let mut items = vm.cursor(part)?;
        let mut separator: &[u8] = &[];
        while let Some(mut item) = vm.cursor_next(&mut items)? {
            self.out.push_bytes(vm, separator);
            separator = comma.bytes();
            if let Some(dict) = dict {
                let is_text = matches!(vm.native_part(item).kind(), Some(Kind::Str | Kind::Bytes));
                let quote: &[u8] = if is_text { b"" } else { b"\"" };
                self.out.push_bytes(vm, quote);
                self.value(vm, item)?;
                self.out.push_bytes(vm, quote);
                self.out.push_bytes(vm, colon.bytes());
                item = dict.get(vm, item)?.unwrap_or(Value::NONE);
            }
            self.value(vm, item)?;
        }
        self.out.push_bytes(vm, close.as_bytes());
        Ok(())
    }

    /// Appends a string in quotes. `text` is of an immutable object.
    fn text(&mut self, vm: &mut Vm, text: &[u8]) -> Result<(), Raise> {
        self.out.push_bytes(vm, b"\"");
        vm.tick(text.len() / 2)?;
        let mut rest = text;
        loop {
            let n = rest.iter().position(|&b| b < b' ' || b == b'"' || b == b'\\');
            let (plain, escaped) = rest.split_at(n.unwrap_or(rest.len()));
            self.out.push_bytes(vm, plain);
            let [b, after @ ..] = escaped else { break };
            let mut escape = [b'\\', b'u', b'0', b'0', b'0' + (b >> 4), 0];
            let mut n = 6;
            match ESCAPED.iter().rposition(|escaped| escaped == b) {
                Some(i) if i >= 2 => (escape[1], n) = (ESCAPES[i], 2),
                _ => escape[5] = b"0123456789abcdef"[usize::from(b & 15)],
            }
            self.out.push_bytes(vm, &escape[..n]);
            rest = after;
        }
        self.out.push_bytes(vm, b"\"");
        Ok(())
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
    let mut pair = [q::COMMA_SPACE, q::COLON_SPACE].map(|separator| Text::of(separator.value()));
    if !separators.is_undef() && !separators.is_none() {
        let items = vm.collect_sequence(separators)?;
        if items.len(vm) != 2 {
            return Err(vm.raise(exc::VALUE_ERROR, "separators must be two"));
        }
        for (i, separator) in pair.iter_mut().enumerate() {
            let item = items.get(vm, i).unwrap_or(Value::NONE);
            *separator = Text::of(text_arg(vm, item)?);
        }
    }
    let mut sink = Sink { out: StrBuilder::new(), stream, separators: pair };
    sink.value(vm, v)?;
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

/// As MicroPython's small ports do it, commas and colons are white space, and half of a surrogate pair is a character.
const IS_STRICT: bool = cfg!(feature = "extra");

/// What may come next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// A value, or a key.
    Item,
    /// The same, or the end of the container that has just begun.
    First,
    /// A comma, or the end of the container.
    Next,
    /// A colon.
    Colon,
}

impl Source<'_> {
    /// The error that ended the source, or `ValueError`.
    #[cold]
    #[inline(never)]
    fn syntax_error(&mut self, vm: &mut Vm) -> Raise {
        match self.0.take_error() {
            Err(raise) => raise,
            Ok(()) => vm.raise(exc::VALUE_ERROR, "syntax error in JSON"),
        }
    }

    /// The next byte that is no white space, or [`END`].
    fn token(&mut self, vm: &mut Vm) -> u32 {
        let space: &[u8] = if IS_STRICT { b" \t\n\r" } else { b" \t\n\r,:" };
        loop {
            let b = self.0.next(vm);
            if b == END || !space.contains(&(b as u8)) {
                return b;
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
            let token = self.token(vm);
            let is_dict = inner.is_kind(Kind::Dict);
            let is_end = !inner.is_undef() && token == if is_dict { b'}' } else { b']' }.into();
            if IS_STRICT {
                let wanted = match state {
                    State::Next => b',',
                    State::Colon => b':',
                    _ => 0,
                };
                let may_end = matches!(state, State::First | State::Next);
                if wanted != 0 && token == wanted.into() {
                    state = State::Item;
                    continue;
                }
                if if is_end { !may_end } else { wanted != 0 } {
                    return Err(self.syntax_error(vm));
                }
            }
            state = State::Next;
            let done;
            if is_end {
                done = inner;
                inner = outer.pop(vm).unwrap_or(Value::UNDEF);
                key = Value::UNDEF;
            } else {
                done = self.scalar(vm, token)?;
                if is_dict && key.is_undef() {
                    if IS_STRICT && !done.is_kind(Kind::Str) {
                        return Err(self.syntax_error(vm));
                    }
                    key = done;
                    state = State::Colon;
                    continue;
                }
                if let Some(list) = List::from_value(inner) {
                    list.push(vm, done)?;
                } else if let Some(dict) = Dict::from_value(inner) {
                    dict.set(vm, key, done)?;
                    key = Value::UNDEF;
                }
                if matches!(done.kind(), Some(Kind::List | Kind::Dict)) {
                    outer.push(vm, inner)?;
                    inner = done;
                    state = State::First;
                }
            }
            if inner.is_undef() {
                return Ok(done);
            }
        }
    }

    /// The value that begins with `token`; of a container only its beginning.
    fn scalar(&mut self, vm: &mut Vm, token: u32) -> Res {
        match token as u8 {
            b'[' => return Ok(vm.new_list()?.value()),
            b'{' => return Ok(vm.new_dict()?.value()),
            b'"' => return self.string(vm),
            b'-' | b'0'..=b'9' => return self.number(vm, token),
            _ => {}
        }
        for (word, value) in WORDS {
            if u32::from(word[0]) == token && word[1..].iter().all(|&b| self.0.next(vm) == b.into())
            {
                return Ok(value);
            }
        }
        Err(self.syntax_error(vm))
    }

    fn number(&mut self, vm: &mut Vm, first: u32) -> Res {
        let mut text = StrBuilder::new();
        let mut next = first;
        let mut is_float = false;
        while next != END && b"0123456789+-.eE".contains(&(next as u8)) {
            is_float |= matches!(next as u8, b'.' | b'e' | b'E');
            text.push_bytes(vm, &[next as u8]);
            next = self.0.next(vm);
        }
        if next != END {
            self.0.unread();
        }
        text.check(vm)?;
        let value = if is_float && Kind::Float.is_built() {
            match num::float::parse::<Scalar>(text.as_bytes()) {
                Some(f) => Some(vm.new_float(f)?),
                None => None,
            }
        } else {
            int::from_text(vm, text.as_bytes(), 10)?
        };
        text.discard(vm);
        match value {
            Some(value) => Ok(value),
            None => Err(self.syntax_error(vm)),
        }
    }

    /// The string whose quote has been read: that of the program, if there is an equal name.
    fn string(&mut self, vm: &mut Vm) -> Res {
        let mut out = StrBuilder::new();
        // The first half of a surrogate pair, or 0.
        let mut high = 0;
        loop {
            let mut c = self.0.next(vm);
            let is_escaped = c == b'\\'.into();
            if is_escaped {
                c = self.escape(vm)?;
                if high != 0 && (0xdc00..0xe000).contains(&c) {
                    c = 0x10000 + ((high - 0xd800) << 10) + (c - 0xdc00);
                    high = 0;
                }
            }
            if core::mem::replace(&mut high, 0) != 0 {
                // No `str` can hold half of a pair that was left alone.
                out.push_char(vm, char::REPLACEMENT_CHARACTER);
            }
            if is_escaped {
                if IS_STRICT && (0xd800..0xdc00).contains(&c) {
                    high = c;
                } else {
                    out.push_char(vm, char::from_u32(c).unwrap_or(char::REPLACEMENT_CHARACTER));
                }
            } else if c == b'"'.into() {
                break;
            } else if c == END {
                return Err(self.syntax_error(vm));
            } else {
                out.push_byte(vm, c as u8);
            }
        }
        out.check(vm)?;
        if let Ok(text) = str::from_utf8(out.as_bytes())
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
            return if c < 0x80 { Ok(c) } else { Err(self.syntax_error(vm)) };
        }
        let mut code = 0;
        for _ in 0..4 {
            match (self.0.next(vm) as u8 as char).to_digit(16) {
                Some(digit) => code = code << 4 | digit,
                None => return Err(self.syntax_error(vm)),
            }
        }
        Ok(code)
    }
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
    let text = Text::of(text_arg(vm, text)?);
    let mut source = Source(ReadAhead::of_text(text.bytes()));
    let value = source.value(vm)?;
    if source.token(vm) == END { Ok(value) } else { Err(source.syntax_error(vm)) }
}
