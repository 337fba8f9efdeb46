//! `struct`: packing values into bytes. Source: Python Library Reference, "struct".
//!
//! `struct.error` is `ValueError`, as MicroPython raises. Native order is that of the target, with C's alignment.

use crate::object::{Blob, ByteArray, Bytes, Flavor, Pieces, Res, Str, item_size};
use crate::types::slice::clamped_index;
use crate::types::typecode::{self, NATIVE_BIG};
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

/// Reads a format one item after the other.
struct Layout {
    /// A `str` or `bytes`.
    format: Value,
    /// What comes next in it.
    next: usize,
    big: bool,
    aligned: bool,
    /// Offset behind the items so far.
    end: usize,
    /// Some items of one type in a row: their type code.
    code: u8,
    /// How many; bytes for `s`.
    count: usize,
    /// Bytes of one.
    size: usize,
    /// Offset of the first.
    at: usize,
    /// Values that the items so far stand for.
    n_values: usize,
}

/// More items than fit memory, and few enough to be multiplied with their size.
const MOST: usize = 1 << 27;

impl Layout {
    const fn new() -> Layout {
        Layout {
            format: Value::UNDEF,
            next: 0,
            big: false,
            aligned: false,
            end: 0,
            code: 0,
            count: 0,
            size: 0,
            at: 0,
            n_values: 0,
        }
    }

    /// Reads a format once: `end` and `n_values` are then those of all of it.
    fn measure(&mut self, vm: &mut Vm, format: Value) -> Result<(), Raise> {
        self.format = match vm.cast::<Bytes>(format) {
            Some(b) => b.value(),
            None => vm.expect::<Str>(format, &crate::types::str::STR)?.value(),
        };
        self.restart(vm);
        while self.advance(vm)? {}
        Ok(())
    }

    /// Begins to read.
    fn restart(&mut self, vm: &Vm) {
        let order = vm.str_bytes(self.format).first().copied().unwrap_or(0);
        self.big = NATIVE_BIG;
        self.aligned = false;
        match order {
            b'<' => self.big = false,
            b'>' | b'!' => self.big = true,
            b'=' => {}
            _ => self.aligned = true,
        }
        self.next = usize::from(!self.aligned || order == b'@');
        (self.end, self.n_values) = (0, 0);
    }

    /// The next character; 0 at the end.
    fn peek(&self, vm: &Vm) -> char {
        vm.str_bytes(self.format).get(self.next).copied().map_or('\0', char::from)
    }

    /// Goes on to the next items; false at the end.
    fn advance(&mut self, vm: &mut Vm) -> Result<bool, Raise> {
        while matches!(self.peek(vm), ' ' | '\t'..='\r') {
            self.next += 1;
        }
        if self.next >= vm.str_bytes(self.format).len() {
            return Ok(false);
        }
        self.count = usize::from(!self.peek(vm).is_ascii_digit());
        while let digit @ '0'..='9' = self.peek(vm) {
            self.count = (self.count * 10 + digit as usize - '0' as usize).min(MOST);
            self.next += 1;
        }
        self.code = self.peek(vm) as u8;
        self.next += 1;
        self.size = match self.code {
            b'x' | b's' | b'c' | b'?' => 1,
            b'e' => 2,
            // Without alignment, sizes are the same everywhere.
            b'l' | b'L' if !self.aligned => 4,
            b'n' | b'N' if self.aligned => size_of::<usize>(),
            b'O' | 0 => 0,
            code => item_size(code),
        };
        if self.size == 0 {
            return Err(vm.raise(exc::VALUE_ERROR, "bad typecode"));
        }
        let padding = if self.aligned { self.end.wrapping_neg() & (self.size - 1) } else { 0 };
        self.at = self.end + padding;
        self.end = self.at + self.count * self.size;
        if self.count == MOST || self.end > isize::MAX as usize / 2 {
            return Err(vm.no_memory());
        }
        self.n_values += match self.code {
            b'x' => 0,
            b's' => 1,
            _ => self.count,
        };
        vm.tick(10)?;
        Ok(true)
    }
}

/// `calcsize(format)`
fn struct_calcsize(vm: &mut Vm, format: Value) -> Res {
    let mut layout = Layout::new();
    layout.measure(vm, format)?;
    Ok(Value::from_len(layout.end))
}

/// `unpack(format, buffer)`: the buffer may be longer than the format.
fn struct_unpack(vm: &mut Vm, format: Value, buffer: Value) -> Res {
    struct_unpack_from(vm, &[format, buffer, Value::UNDEF])
}

/// `unpack_from(format, buffer, offset=0)`
fn struct_unpack_from(vm: &mut Vm, args: &[Value]) -> Res {
    let mut layout = Layout::new();
    layout.measure(vm, args[0])?;
    let bytes = vm.expect_bytes(args[1])?;
    let offset = offset_arg(vm, args[2], bytes, layout.end)?;
    unpack(vm, &mut layout, bytes, offset)
}

/// `iter_unpack(format, buffer)`: an iterator over tuples.
fn struct_iter_unpack(vm: &mut Vm, format: Value, buffer: Value) -> Res {
    let mut layout = Layout::new();
    layout.measure(vm, format)?;
    let size = layout.end;
    let bytes = vm.expect_bytes(buffer)?;
    let len = bytes.len(vm);
    if size == 0 || !len.is_multiple_of(size) {
        return Err(vm.raise(exc::VALUE_ERROR, "buffer size must be a multiple of the format's"));
    }
    let list = vm.new_list()?;
    for i in 0..len / size {
        let row = unpack(vm, &mut layout, bytes, i * size)?;
        list.push(vm, row)?;
    }
    vm.iter(list.value())
}

/// An offset into a buffer, behind which there must be `size` bytes; a negative one counts from its end. `UNDEF` is 0.
fn offset_arg(vm: &mut Vm, v: Value, bytes: Blob, size: usize) -> Result<usize, Raise> {
    let n = if v.is_undef() { 0 } else { clamped_index(vm, v)? };
    let len = bytes.len(vm);
    let offset = if n < 0 { len.wrapping_add_signed(n) } else { n as usize };
    if offset > len || len - offset < size {
        return Err(vm.raise(exc::VALUE_ERROR, "buffer too small"));
    }
    Ok(offset)
}

/// The values of a layout that was read, as a tuple.
fn unpack(vm: &mut Vm, layout: &mut Layout, bytes: Blob, offset: usize) -> Res {
    let tuple = vm.new_tuple_of(layout.n_values)?;
    layout.restart(vm);
    let mut n = 0;
    while layout.advance(vm)? {
        let (mut at, size) = (offset + layout.at, layout.size);
        if layout.code == b's' {
            let part = bytes.copy(vm, Flavor::Bytes, at, at + layout.count)?;
            vm.init_tuple_item(tuple, n, part);
        }
        while n < layout.n_values {
            if layout.code != b's' {
                let word = typecode::word_of(bytes.between(vm, at, at + size), layout.big);
                let value = typecode::load(vm, layout.code, size, word)?;
                vm.init_tuple_item(tuple, n, value);
            }
            at += size;
            n += 1;
            vm.tick(10)?;
        }
    }
    Ok(tuple)
}

/// Where packed bytes go.
enum Out {
    New(Pieces),
    Into(ByteArray, usize),
}

impl Out {
    /// Bytes of an object at an offset. A buffer that the values' own code made shorter loses what does not fit.
    fn put(&mut self, vm: &mut Vm, at: usize, from: &[u8]) {
        match self {
            Out::New(pieces) => {
                pieces.skip_to(at);
                pieces.push(from);
            }
            Out::Into(array, offset) => {
                let at = *offset + at;
                let place = array.bytes_mut(vm).get_mut(at..at + from.len());
                if let Some(place) = place {
                    place.copy_from_slice(from);
                }
            }
        }
    }
}

/// `pack(format, v1, v2, …)`
fn struct_pack(vm: &mut Vm, args: &[Value]) -> Res {
    let mut layout = Layout::new();
    layout.measure(vm, args[0])?;
    let out = Pieces::new(vm, Flavor::Bytes, layout.end)?;
    let mut out = Out::New(out);
    pack(vm, &mut layout, &args[1..], &mut out)?;
    match out {
        Out::New(pieces) => pieces.finish(vm),
        Out::Into(..) => Ok(Value::NONE),
    }
}

/// `pack_into(format, buffer, offset, v1, v2, …)`
fn struct_pack_into(vm: &mut Vm, args: &[Value]) -> Res {
    let mut layout = Layout::new();
    layout.measure(vm, args[0])?;
    let place = vm.expect_writable(args[1])?;
    let bytes = vm.expect_bytes(args[1])?;
    let offset = offset_arg(vm, args[2], bytes, layout.end)?;
    if let Some(array) = ByteArray::from_value(place.owner()) {
        let mut out = Out::Into(array, place.start() + offset);
        pack(vm, &mut layout, &args[3..], &mut out)?;
    }
    Ok(Value::NONE)
}

/// Puts the bytes of all values of a layout that was read where they belong. Padding is left out.
fn pack(vm: &mut Vm, layout: &mut Layout, values: &[Value], out: &mut Out) -> Result<(), Raise> {
    let (expected, given) = (layout.n_values, values.len());
    if expected != given {
        let counts = [expected, given].map(Value::from_len);
        let message = "pack expected % items for packing (got %)";
        return Err(vm.raise_filled(exc::VALUE_ERROR, message, &counts));
    }
    layout.restart(vm);
    let mut n = 0;
    while layout.advance(vm)? {
        let (mut at, size) = (layout.at, layout.size);
        while n < layout.n_values {
            let value = values.get(n).copied().unwrap_or(Value::NONE);
            if layout.code == b's' {
                let bytes = vm.expect_bytes(value)?.to_bytes(vm)?;
                let mut rest = bytes.as_bytes();
                for i in 0..layout.count {
                    let (byte, after) = rest.split_first().unwrap_or((&0, &[]));
                    out.put(vm, at + i, &[*byte]);
                    rest = after;
                    vm.tick(1)?;
                }
            } else {
                let (mut word, mut raw) = (0, [0; 8]);
                typecode::store(vm, layout.code, value, &mut word)?;
                let raw = &mut raw[..size];
                typecode::put_word(raw, word, layout.big);
                out.put(vm, at, raw);
            }
            at += size;
            n += 1;
            vm.tick(10)?;
        }
    }
    Ok(())
}
