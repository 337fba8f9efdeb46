//! `struct`: packing values into bytes. Source: Python Library Reference, "struct".
//!
//! `struct.error` is `ValueError`, as MicroPython raises. Native order is that of the target, with C's alignment.

use crate::object::{Buffer, Bytes, Flavor, List, Pieces, Res, Str, item_size};
use crate::types::slice::clamped_index;
use crate::types::typecode::{self, MAX_SIZE};
use crate::value::Value;
use crate::{Raise, Vm, exc, py_module};

py_module! {
    /// `struct`.
    pub static STRUCT: r#struct, extensible true;
    entries {
        calcsize = F1(struct_calcsize);
        #[cfg(feature = "extra")]
        error: exc::VALUE_ERROR.rom();
        #[cfg(feature = "extra")]
        iter_unpack = F2(struct_iter_unpack);
        pack = Var(1, 255, struct_pack);
        pack_into = Var(3, 255, struct_pack_into);
        unpack = F2(struct_unpack);
        unpack_from = Kw(struct_unpack_from; _, buffer, offset?);
    }
}

/// A format string.
#[derive(Clone, Copy)]
enum Format {
    Str(Str),
    Bytes(Bytes),
}

impl Format {
    fn of(vm: &mut Vm, v: Value) -> Result<Format, Raise> {
        if let Some(b) = vm.cast::<Bytes>(v) {
            return Ok(Format::Bytes(b));
        }
        vm.expect::<Str>(v, &crate::types::str::STR).map(Format::Str)
    }

    fn bytes(&self) -> &[u8] {
        match self {
            Format::Str(s) => s.as_bytes(),
            Format::Bytes(b) => b.as_bytes(),
        }
    }
}

/// Reads a format one item after the other.
struct Layout<'f> {
    rest: &'f [u8],
    big: bool,
    aligned: bool,
    /// Offset behind the items so far.
    offset: usize,
}

/// Some items of one type in a row.
#[derive(Clone, Copy)]
struct Run {
    code: u8,
    /// Items; bytes for `s`.
    count: usize,
    /// Bytes of one item.
    size: usize,
    /// Offset of the first.
    at: usize,
}

impl Run {
    /// How many values it stands for.
    fn n_values(self) -> usize {
        match self.code {
            b'x' => 0,
            b's' => 1,
            _ => self.count,
        }
    }
}

impl<'f> Layout<'f> {
    fn new(format: &'f [u8]) -> Layout<'f> {
        let (rest, big, aligned) = match format {
            [b'<', rest @ ..] => (rest, false, false),
            [b'>' | b'!', rest @ ..] => (rest, true, false),
            [b'=', rest @ ..] => (rest, cfg!(target_endian = "big"), false),
            [b'@', rest @ ..] => (rest, cfg!(target_endian = "big"), true),
            rest => (rest, cfg!(target_endian = "big"), true),
        };
        Layout { rest, big, aligned, offset: 0 }
    }

    /// The next run; `None` at the end.
    fn next(&mut self, vm: &mut Vm) -> Result<Option<Run>, Raise> {
        while let [b' ' | b'\t'..=b'\r', rest @ ..] = self.rest {
            self.rest = rest;
        }
        if self.rest.is_empty() {
            return Ok(None);
        }
        let n = self.rest.iter().position(|b| !b.is_ascii_digit()).unwrap_or(self.rest.len());
        let (digits, rest) = self.rest.split_at(n);
        let mut count: usize = if n == 0 { 1 } else { 0 };
        for d in digits {
            count = count.saturating_mul(10).saturating_add(usize::from(d - b'0'));
        }
        let Some((&code, rest)) = rest.split_first() else {
            return Err(vm.raise(exc::VALUE_ERROR, "bad typecode"));
        };
        self.rest = rest;
        let size = match code {
            b'x' | b's' | b'c' | b'?' => 1,
            b'e' => 2,
            // Without alignment, sizes are the same everywhere.
            b'l' | b'L' if !self.aligned => 4,
            b'n' | b'N' if self.aligned => size_of::<usize>(),
            b'O' | 0 => 0,
            _ => item_size(code),
        };
        if size == 0 {
            return Err(vm.raise(exc::VALUE_ERROR, "bad typecode"));
        }
        let at = if self.aligned { self.offset.next_multiple_of(size) } else { self.offset };
        let end = count
            .checked_mul(size)
            .and_then(|n| n.checked_add(at))
            .filter(|&end| end < isize::MAX as usize / 2);
        let Some(end) = end else { return Err(vm.no_memory()) };
        self.offset = end;
        vm.tick(10)?;
        Ok(Some(Run { code, count, size, at }))
    }
}

/// Bytes and values of a format.
fn measure(vm: &mut Vm, format: &Format) -> Result<(usize, usize), Raise> {
    let mut layout = Layout::new(format.bytes());
    let mut n_values = 0usize;
    while let Some(run) = layout.next(vm)? {
        n_values = n_values.saturating_add(run.n_values());
    }
    Ok((layout.offset, n_values))
}

/// `calcsize(format)`
fn struct_calcsize(vm: &mut Vm, format: Value) -> Res {
    let format = Format::of(vm, format)?;
    Ok(Value::from_len(measure(vm, &format)?.0))
}

/// `unpack(format, buffer)`: the buffer may be longer than the format.
fn struct_unpack(vm: &mut Vm, format: Value, buffer: Value) -> Res {
    let format = Format::of(vm, format)?;
    let (size, n_values) = measure(vm, &format)?;
    let buffer = vm.expect_buffer(buffer)?;
    unpack(vm, &format, size, n_values, buffer, 0)
}

/// `unpack_from(format, buffer, offset=0)`
fn struct_unpack_from(vm: &mut Vm, args: &[Value]) -> Res {
    let format = Format::of(vm, args[0])?;
    let (size, n_values) = measure(vm, &format)?;
    let buffer = vm.expect_buffer(args[1])?;
    let offset = offset_arg(vm, args[2], buffer)?;
    unpack(vm, &format, size, n_values, buffer, offset)
}

/// `iter_unpack(format, buffer)`: an iterator over tuples.
fn struct_iter_unpack(vm: &mut Vm, format: Value, buffer: Value) -> Res {
    let format = Format::of(vm, format)?;
    let (size, n_values) = measure(vm, &format)?;
    let buffer = vm.expect_buffer(buffer)?;
    let len = buffer.len(vm);
    if size == 0 || !len.is_multiple_of(size) {
        return Err(vm.raise(exc::VALUE_ERROR, "buffer size must be a multiple of the format's"));
    }
    let list = vm.new_list()?;
    for i in 0..len / size {
        let row = unpack(vm, &format, size, n_values, buffer, i * size)?;
        list.push(vm, row)?;
    }
    vm.iter(list.value())
}

/// An offset into a buffer; a negative one counts from its end. `UNDEF` is 0.
fn offset_arg(vm: &mut Vm, v: Value, buffer: Buffer) -> Result<usize, Raise> {
    if v.is_undef() {
        return Ok(0);
    }
    let n = clamped_index(vm, v)?;
    let offset =
        if n < 0 { buffer.len(vm).checked_sub(n.unsigned_abs()) } else { Some(n as usize) };
    match offset {
        Some(offset) => Ok(offset),
        None => Err(too_small(vm)),
    }
}

#[cold]
fn too_small(vm: &mut Vm) -> Raise {
    vm.raise(exc::VALUE_ERROR, "buffer too small")
}

fn unpack(
    vm: &mut Vm,
    format: &Format,
    size: usize,
    n_values: usize,
    buffer: Buffer,
    offset: usize,
) -> Res {
    if buffer.len(vm).checked_sub(offset).is_none_or(|n| n < size) {
        return Err(too_small(vm));
    }
    let mut few = [Value::UNDEF; 8];
    if n_values <= few.len() {
        let mut n = 0;
        read(vm, format, buffer, offset, |_, v| {
            few[n.min(7)] = v;
            n += 1;
            Ok(())
        })?;
        return vm.new_tuple(&few[..n_values]);
    }
    let list: List = vm.new_list()?;
    list.reserve(vm, n_values)?;
    read(vm, format, buffer, offset, |vm, v| list.push(vm, v))?;
    crate::types::tuple::of_list(vm, list)
}

/// Gives every value of a buffer to `push`.
fn read(
    vm: &mut Vm,
    format: &Format,
    buffer: Buffer,
    offset: usize,
    mut push: impl FnMut(&mut Vm, Value) -> Result<(), Raise>,
) -> Result<(), Raise> {
    let mut layout = Layout::new(format.bytes());
    while let Some(run) = layout.next(vm)? {
        let at = offset + run.at;
        match run.code {
            b'x' => {}
            b's' => {
                let bytes = buffer.slice(vm, at..at + run.count).copy(vm, Flavor::Bytes)?;
                push(vm, bytes)?;
            }
            _ => {
                for i in 0..run.count {
                    let item = buffer.slice(vm, at + i * run.size..at + (i + 1) * run.size);
                    let mut raw = [0; MAX_SIZE];
                    let bytes = item.bytes(vm);
                    raw[..bytes.len()].copy_from_slice(bytes);
                    let raw = &raw[..run.size];
                    let value = match run.code {
                        b'c' => vm.new_bytes(raw)?,
                        b'?' => Value::bool(raw[0] != 0),
                        b'n' => typecode::load(vm, b'l', raw, layout.big)?,
                        code => typecode::load(vm, code, raw, layout.big)?,
                    };
                    push(vm, value)?;
                    vm.tick(10)?;
                }
            }
        }
    }
    Ok(())
}

/// `pack(format, v1, v2, …)`
fn struct_pack(vm: &mut Vm, args: &[Value]) -> Res {
    let format = Format::of(vm, args[0])?;
    let (size, n_values) = measure(vm, &format)?;
    check_count(vm, n_values, args.len() - 1)?;
    let mut out = Pieces::new(vm, Flavor::Bytes, size)?;
    write(vm, &format, &args[1..], |_, at, bytes| {
        out.skip_to(at);
        out.push(bytes);
    })?;
    out.finish(vm)
}

/// `pack_into(format, buffer, offset, v1, v2, …)`
fn struct_pack_into(vm: &mut Vm, args: &[Value]) -> Res {
    let format = Format::of(vm, args[0])?;
    let (size, n_values) = measure(vm, &format)?;
    let buffer = vm.expect_writable(args[1])?;
    let offset = offset_arg(vm, args[2], buffer)?;
    check_count(vm, n_values, args.len() - 3)?;
    if buffer.len(vm).checked_sub(offset).is_none_or(|n| n < size) {
        return Err(too_small(vm));
    }
    write(vm, &format, &args[3..], |vm, at, bytes| {
        let at = offset + at;
        let place = buffer.bytes_mut(vm).and_then(|b| b.get_mut(at..at + bytes.len()));
        // A buffer that the values' own code made shorter loses what does not fit.
        if let Some(place) = place {
            place.copy_from_slice(bytes);
        }
    })?;
    Ok(Value::NONE)
}

fn check_count(vm: &mut Vm, expected: usize, given: usize) -> Result<(), Raise> {
    if expected == given {
        return Ok(());
    }
    Err(vm.raise_fmt(
        exc::VALUE_ERROR,
        format_args!("pack expected {expected} items for packing (got {given})"),
    ))
}

/// Gives the bytes of every value, in order, to `place`, with their offset. Padding is left out.
fn write(
    vm: &mut Vm,
    format: &Format,
    values: &[Value],
    mut place: impl FnMut(&mut Vm, usize, &[u8]),
) -> Result<(), Raise> {
    let mut layout = Layout::new(format.bytes());
    let mut values = values.iter();
    while let Some(run) = layout.next(vm)? {
        if run.code == b'x' {
            continue;
        }
        if run.code == b's' {
            let value = values.next().copied().unwrap_or(Value::UNDEF);
            let bytes = vm.expect_buffer(value)?.to_bytes(vm)?;
            let bytes = bytes.as_bytes();
            let n = bytes.len().min(run.count);
            place(vm, run.at, &bytes[..n]);
            for at in (n..run.count).step_by(16) {
                place(vm, run.at + at, &[0; 16][..(run.count - at).min(16)]);
                vm.tick(5)?;
            }
            continue;
        }
        for i in 0..run.count {
            let value = values.next().copied().unwrap_or(Value::UNDEF);
            let raw = match run.code {
                b'?' => [u8::from(vm.truth(value)?); MAX_SIZE],
                b'c' => {
                    let buffer = vm.expect_buffer(value)?;
                    match *buffer.bytes(vm) {
                        [b] => [b; MAX_SIZE],
                        _ => {
                            let text = "char format requires a bytes object of length 1";
                            return Err(vm.raise(exc::VALUE_ERROR, text));
                        }
                    }
                }
                code => typecode::store(vm, code, run.size, value, layout.big)?,
            };
            place(vm, run.at + i * run.size, &raw[..run.size]);
            vm.tick(10)?;
        }
    }
    Ok(())
}
