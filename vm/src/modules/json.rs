//! `json`: text from objects and objects from text.
//!
//! Reading needs no native stack, however deep the text nests: the open containers are in a list. A stream is read no further than
//! to the end of the value (one byte more for a number, where there is no going back), so that more values may follow on it.
//!
//! Source: RFC 8259; Python Library Reference, "json"; MicroPython library reference, "json". As there, what JSON has no
//! word for is written as its `repr`, and a key that is no string is put in quotes.

use crate::object::{Bytes, Dict, List, Res, Str, StrBuilder, Style, Tuple};
use crate::types::number::{Text, text_of};
use crate::types::read_ahead::ReadAhead;
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
    /// A sink with the separators of an argument.
    fn new(vm: &mut Vm, stream: Option<Stream>, separators: Value) -> Result<Sink, Raise> {
        let separators = match separators {
            Value::UNDEF | Value::NONE => {
                [Text::Str(Str::from_known(COMMA)), Text::Str(Str::from_known(COLON))]
            }
            v => separator_pair(vm, v)?,
        };
        Ok(Sink { out: StrBuilder::new(), stream, separators })
    }

    /// Passes on what has been collected, if it is enough.
    fn flush(&mut self, vm: &mut Vm, enough: usize) -> Result<(), Raise> {
        if let Some(stream) = self.stream
            && self.out.len() >= enough
        {
            // The builder's buffer is nobody else's: it stays in place while others run.
            stream.write(vm, self.out.as_bytes())?;
            self.out.truncate(0);
        }
        Ok(())
    }

    fn separator(&mut self, vm: &mut Vm, which: usize) -> Result<(), Raise> {
        self.out.push_bytes(vm, self.separators[which].bytes())
    }

    /// Appends a value.
    fn value(&mut self, vm: &mut Vm, v: Value) -> Result<(), Raise> {
        vm.tick(5)?;
        self.flush(vm, PART)?;
        match v {
            Value::NONE => return self.out.push_str(vm, "null"),
            Value::TRUE => return self.out.push_str(vm, "true"),
            Value::FALSE => return self.out.push_str(vm, "false"),
            _ => {}
        }
        let part = vm.native_part(v);
        match part.kind() {
            Some(Kind::Str) => self.text(vm, Str::from_known(part).as_bytes()),
            Some(Kind::Bytes) => self.text(vm, Bytes::from_known(part).as_bytes()),
            Some(Kind::List) => self.array(vm, part, |vm, v, i| List::from_known(v).get(vm, i)),
            Some(Kind::Tuple) => {
                self.array(vm, part, |_, v, i| Tuple::from_known(v).items().get(i).copied())
            }
            Some(Kind::Dict) => self.object(vm, Dict::from_known(part)),
            _ => vm.format(v, &mut self.out, Style::Repr),
        }
    }

    fn array(
        &mut self,
        vm: &mut Vm,
        v: Value,
        at: fn(&Vm, Value, usize) -> Option<Value>,
    ) -> Result<(), Raise> {
        vm.enter_native()?;
        self.out.push_str(vm, "[")?;
        let mut i = 0;
        while let Some(item) = at(vm, v, i) {
            if i > 0 {
                self.separator(vm, 0)?;
            }
            self.value(vm, item)?;
            i += 1;
        }
        self.out.push_str(vm, "]")
    }

    fn object(&mut self, vm: &mut Vm, dict: Dict) -> Result<(), Raise> {
        vm.enter_native()?;
        self.out.push_str(vm, "{")?;
        let mut from = 0;
        while let Some((i, key, value)) = dict.entry(vm, from) {
            if from > 0 {
                self.separator(vm, 0)?;
            }
            from = i + 1;
            let is_text = matches!(vm.native_part(key).kind(), Some(Kind::Str | Kind::Bytes));
            let quote = if is_text { "" } else { "\"" };
            self.out.push_str(vm, quote)?;
            self.value(vm, key)?;
            self.out.push_str(vm, quote)?;
            self.separator(vm, 1)?;
            self.value(vm, value)?;
        }
        self.out.push_str(vm, "}")
    }

    /// Appends a string in quotes. `text` is of an immutable object.
    fn text(&mut self, vm: &mut Vm, text: &[u8]) -> Result<(), Raise> {
        self.out.push_bytes(vm, b"\"")?;
        let mut rest = text;
        loop {
            let plain = rest.iter().position(|&b| b < b' ' || b == b'"' || b == b'\\');
            self.out.push_bytes(vm, &rest[..plain.unwrap_or(rest.len())])?;
            vm.tick(plain.unwrap_or(rest.len()) / 4 + 1)?;
            let Some(n) = plain else { break };
            match rest[n] {
                b'\n' => self.out.push_str(vm, "\\n")?,
                b'\r' => self.out.push_str(vm, "\\r")?,
                b'\t' => self.out.push_str(vm, "\\t")?,
                b @ (b'"' | b'\\') => self.out.push_bytes(vm, &[b'\\', b])?,
                b => vm.push_fmt(&mut self.out, format_args!("\\u{b:04x}"))?,
            }
            rest = &rest[n + 1..];
        }
        self.out.push_bytes(vm, b"\"")
    }
}

const COMMA: Value = q::COMMA_SPACE.value();
const COLON: Value = q::COLON_SPACE.value();

/// The two texts of the argument `separators`, a tuple or list.
fn separator_pair(vm: &mut Vm, v: Value) -> Result<[Text; 2], Raise> {
    let items = vm.collect_sequence(v)?;
    let (2, Some(item), Some(key)) = (items.len(vm), items.get(vm, 0), items.get(vm, 1)) else {
        return Err(vm.raise(exc::VALUE_ERROR, "separators must be two"));
    };
    Ok([separator(vm, item)?, separator(vm, key)?])
}

fn separator(vm: &mut Vm, v: Value) -> Result<Text, Raise> {
    match text_of(vm, v)? {
        Some(text) => Ok(Text::of(text)),
        None => Err(crate::types::number::cannot_convert(vm, v, "str")),
    }
}

/// `dump(object, stream, *, separators=(', ', ': '))`: writes the text to a stream.
fn json_dump(vm: &mut Vm, args: &[Value]) -> Res {
    let stream = Stream::expect(vm, args[1])?;
    let mut sink = Sink::new(vm, Some(stream), args[2])?;
    sink.value(vm, args[0])?;
    sink.flush(vm, 1)?;
    sink.out.discard(vm);
    Ok(Value::NONE)
}

/// `dumps(object, *, separators=(', ', ': '))`: the text of an object. `RecursionError` for one that nests too deep.
fn json_dumps(vm: &mut Vm, args: &[Value]) -> Res {
    let mut sink = Sink::new(vm, None, args[1])?;
    sink.value(vm, args[0])?;
    sink.out.finish_str(vm)
}

// ---- reading

/// Where text is read from.
struct Source<'t>(ReadAhead<'t>);

/// What may come next.
#[derive(Clone, Copy, PartialEq, Eq)]
enum State {
    /// A value.
    Value,
    /// A value, or the end of the array that has just begun.
    FirstValue,
    /// A key.
    Key,
    /// A key, or the end of the object that has just begun.
    FirstKey,
    /// The colon behind a key.
    Colon,
    /// A comma, or the end of the container.
    Next,
}

#[cold]
fn syntax_error(vm: &mut Vm) -> Raise {
    vm.raise(exc::VALUE_ERROR, "syntax error in JSON")
}

impl Source<'_> {
    /// The next byte; `ValueError` at the end.
    fn need(&mut self, vm: &mut Vm) -> Result<u8, Raise> {
        match self.0.next(vm)? {
            Some(b) => Ok(b),
            None => Err(syntax_error(vm)),
        }
    }

    /// The next byte that is no white space.
    fn token(&mut self, vm: &mut Vm) -> Result<Option<u8>, Raise> {
        loop {
            match self.0.next(vm)? {
                Some(b' ' | b'\t' | b'\n' | b'\r') => vm.tick_shared(1)?,
                other => return Ok(other),
            }
        }
    }

    /// Reads one value.
    fn value(&mut self, vm: &mut Vm) -> Res {
        // The containers that are open around `inner`.
        let outer = vm.new_list()?;
        let mut inner = Value::UNDEF;
        let mut key = Value::UNDEF;
        let mut state = State::Value;
        loop {
            vm.tick_shared(5)?;
            let Some(token) = self.token(vm)? else { return Err(syntax_error(vm)) };
            let value = match (token, state) {
                (b',', State::Next) => {
                    let is_list = inner.is_kind(Kind::List);
                    state = if is_list { State::Value } else { State::Key };
                    continue;
                }
                (b':', State::Colon) => {
                    state = State::Value;
                    continue;
                }
                (b'"', State::Key | State::FirstKey) => {
                    key = self.string(vm, true)?;
                    state = State::Colon;
                    continue;
                }
                (b']', State::FirstValue | State::Next) if inner.is_kind(Kind::List) => {
                    match close(vm, outer, &mut inner) {
                        Some(whole) => return Ok(whole),
                        None => state = State::Next,
                    }
                    continue;
                }
                (b'}', State::FirstKey | State::Next) if inner.is_kind(Kind::Dict) => {
                    match close(vm, outer, &mut inner) {
                        Some(whole) => return Ok(whole),
                        None => state = State::Next,
                    }
                    continue;
                }
                (_, State::Value | State::FirstValue) => self.scalar(vm, token)?,
                _ => return Err(syntax_error(vm)),
            };
            if let Some(list) = List::from_value(inner) {
                list.push(vm, value)?;
            } else if let Some(dict) = Dict::from_value(inner) {
                dict.set(vm, key, value)?;
            }
            state = match value.kind() {
                Some(Kind::List) => State::FirstValue,
                Some(Kind::Dict) => State::FirstKey,
                _ if inner.is_undef() => return Ok(value),
                _ => State::Next,
            };
            if state != State::Next {
                outer.push(vm, inner)?;
                inner = value;
            }
        }
    }

    /// The value that begins with `token`; of a container only its beginning.
    fn scalar(&mut self, vm: &mut Vm, token: u8) -> Res {
        match token {
            b'[' => Ok(vm.new_list()?.value()),
            b'{' => Ok(vm.new_dict()?.value()),
            b'"' => self.string(vm, false),
            b'n' => self.word(vm, b"ull", Value::NONE),
            b't' => self.word(vm, b"rue", Value::TRUE),
            b'f' => self.word(vm, b"alse", Value::FALSE),
            b'-' | b'0'..=b'9' => self.number(vm, token),
            _ => Err(syntax_error(vm)),
        }
    }

    fn word(&mut self, vm: &mut Vm, rest: &[u8], value: Value) -> Res {
        for &expected in rest {
            if self.0.next(vm)? != Some(expected) {
                return Err(syntax_error(vm));
            }
        }
        Ok(value)
    }

    fn number(&mut self, vm: &mut Vm, first: u8) -> Res {
        let mut text = StrBuilder::new();
        let mut next = Some(first);
        let mut is_float = false;
        while let Some(b @ (b'0'..=b'9' | b'+' | b'-' | b'.' | b'e' | b'E')) = next {
            is_float |= matches!(b, b'.' | b'e' | b'E');
            text.push_bytes(vm, &[b])?;
            next = self.0.next(vm)?;
        }
        if next.is_some() {
            self.0.unread();
        }
        vm.tick_shared(text.len())?;
        let digits = str::from_utf8(text.as_bytes()).unwrap_or_default();
        let value = if is_float && Kind::Float.is_built() {
            match num::float::parse::<Scalar>(digits) {
                Some(f) => vm.new_float(f)?,
                None => return Err(syntax_error(vm)),
            }
        } else {
            let plain = digits.strip_prefix('-').unwrap_or(digits);
            if plain.is_empty() || !plain.bytes().all(|b| b.is_ascii_digit()) {
                return Err(syntax_error(vm));
            }
            let n = vm.int_from_digits(plain, 10)?;
            if plain.len() == digits.len() { n } else { vm.unary(crate::object::UnaryOp::Neg, n)? }
        };
        text.discard(vm);
        Ok(value)
    }

    /// The string whose quote has been read. The strings of keys are shared with equal names of the program.
    fn string(&mut self, vm: &mut Vm, is_key: bool) -> Res {
        let mut out = StrBuilder::new();
        // The first half of a surrogate pair.
        let mut high = None;
        loop {
            // As much as is there and needs no look.
            let ready = self.0.ready();
            let n = ready.iter().position(|&b| b == b'"' || b == b'\\').unwrap_or(ready.len());
            if n > 0 {
                push_lone(vm, &mut out, &mut high)?;
                out.push_bytes(vm, &ready[..n])?;
                self.0.skip(n);
                vm.tick_shared(n / 4)?;
            }
            let end = match self.need(vm)? {
                end @ (b'"' | b'\\') => end,
                _ => {
                    self.0.unread();
                    continue;
                }
            };
            if end == b'"' {
                break;
            }
            let c = match self.need(vm)? {
                b'b' => '\x08',
                b'f' => '\x0c',
                b'n' => '\n',
                b'r' => '\r',
                b't' => '\t',
                b'u' => match (self.hex4(vm)?, high) {
                    (low @ 0xdc00..0xe000, Some(first)) => {
                        high = None;
                        char::from_u32(0x10000 + ((first - 0xd800) << 10) + (low - 0xdc00))
                            .unwrap_or(char::REPLACEMENT_CHARACTER)
                    }
                    (first @ 0xd800..0xdc00, _) => {
                        push_lone(vm, &mut out, &mut high)?;
                        high = Some(first);
                        continue;
                    }
                    (code, _) => char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER),
                },
                b if b.is_ascii() => char::from(b),
                _ => return Err(syntax_error(vm)),
            };
            push_lone(vm, &mut out, &mut high)?;
            out.push_char(vm, c)?;
            vm.tick_shared(1)?;
        }
        push_lone(vm, &mut out, &mut high)?;
        if is_key
            && let Ok(text) = str::from_utf8(out.as_bytes())
            && let Some(name) = vm.find_name(text)
        {
            out.discard(vm);
            return Ok(name);
        }
        out.finish_str(vm)
    }

    fn hex4(&mut self, vm: &mut Vm) -> Result<u32, Raise> {
        let mut code = 0;
        for _ in 0..4 {
            let b = self.need(vm)?;
            let Some(digit) = char::from(b).to_digit(16) else { return Err(syntax_error(vm)) };
            code = code << 4 | digit;
        }
        Ok(code)
    }
}

/// Appends a replacement for half of a pair that was left alone: no `str` can hold it.
fn push_lone(vm: &mut Vm, out: &mut StrBuilder, high: &mut Option<u32>) -> Result<(), Raise> {
    match high.take() {
        Some(_) => out.push_char(vm, char::REPLACEMENT_CHARACTER),
        None => Ok(()),
    }
}

/// Ends the innermost container; returns it if it was the outermost.
fn close(vm: &mut Vm, outer: List, inner: &mut Value) -> Option<Value> {
    let closed = core::mem::replace(inner, outer.pop(vm).unwrap_or(Value::UNDEF));
    if inner.is_undef() { Some(closed) } else { None }
}

/// `load(stream)`: the next value on a stream.
fn json_load(vm: &mut Vm, stream: Value) -> Res {
    let stream = Stream::expect(vm, stream)?;
    let mut source = Source(ReadAhead::of_stream(vm, stream, usize::MAX)?);
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
        match source.token(vm)? {
            None => Ok(value),
            Some(_) => Err(syntax_error(vm)),
        }
    })
}
