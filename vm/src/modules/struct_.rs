//! `struct`: packing values into bytes. Source: Python Library Reference, "struct".
//!
//! `struct.error` is `ValueError`, as MicroPython raises. Native order is that of the target, with C's alignment.

use crate::num::spec::Rest;
use crate::object::{Blob, Flavor, Res, StrBuilder, item_size};
use crate::types::number::{Text, text_of};
use crate::types::slice::clamped_index;
use crate::types::typecode::{self, NATIVE_BIG, is_signed};
use crate::value::Value;
use crate::{Raise, Vm, exc, py_module};

py_module! {
    /// `struct`.
    pub static STRUCT: r#struct, extensible true;
    entries {
        calcsize = F1(struct_calcsize);
        #[cfg(feature = "extra")]
        error: crate::types::exceptions::VALUE_ERROR.rom();
        #[cfg(feature = "extra")]
        iter_unpack = F2(struct_iter_unpack);
        pack = Var(1, 255, struct_pack);
        pack_into = Var(3, 255, struct_pack_into);
        unpack = F2(struct_unpack);
        unpack_from = Kw(struct_unpack_from; _, buffer, offset?);
    }
}

/// An item of a format.
struct Item {
    /// The type code.
    code: u8,
    /// Bytes of it; all of them for `s`.
    size: usize,
    /// Where it begins.
    at: usize,
    big: bool,
}

/// Bytes of an item, or one of those that a number stands before; 0 for what is no type code.
fn size_of_code(code: u8, aligned: bool) -> usize {
    match code {
        b'x' | b's' => 1,
        // MicroPython has neither.
        b'c' | b'?' if cfg!(feature = "extra") => 1,
        b'n' | b'N' if cfg!(feature = "extra") && aligned => size_of::<usize>(),
        // Without alignment, sizes are the same everywhere.
        b'l' | b'L' if size_of::<usize>() != 4 && !aligned => 4,
        b'O' | 0 => 0,
        code => item_size(code),
    }
}

/// Calls a function for each item of a format that stands for a value. The size of all.
fn walk(
    vm: &mut Vm,
    format: Value,
    each: &mut dyn FnMut(&mut Vm, &Item) -> Result<(), Raise>,
) -> Result<usize, Raise> {
    let Some(format) = text_of(vm, format)? else { return Err(vm.no_bytes()) };
    let held = Text::of(format);
    let mut rest = Rest { text: held.bytes(), at: 0 };
    let order = rest.peek();
    let aligned = !matches!(order, b'<' | b'>' | b'!' | b'=');
    let big = match order {
        b'<' => false,
        b'>' | b'!' => true,
        _ => NATIVE_BIG,
    };
    if !aligned || order == b'@' {
        rest.at = 1;
    }
    let mut end: usize = 0;
    while rest.at < rest.text.len() {
        // MicroPython knows no spaces.
        if cfg!(feature = "extra") && rest.peek().is_ascii_whitespace() {
            rest.at += 1;
            continue;
        }
        let count = rest.number().unwrap_or(1);
        let code = rest.peek();
        rest.at += 1;
        let unit = size_of_code(code, aligned);
        if unit == 0 {
            return Err(vm.raise(exc::VALUE_ERROR, "bad typecode"));
        }
        if aligned {
            end += end.wrapping_neg() & (unit - 1);
        }
        let mut item = Item { code, size: unit, at: end, big };
        let mut n = count;
        if let b'x' | b's' = code {
            item.size = count;
            n = usize::from(code == b's');
        }
        end = count.saturating_mul(unit).saturating_add(end);
        if end > isize::MAX as usize / 2 {
            return Err(vm.no_memory());
        }
        for _ in 0..n {
            each(vm, &item)?;
            item.at += unit;
            vm.tick(10)?;
        }
    }
    Ok(end)
}

/// `calcsize(format)`
fn struct_calcsize(vm: &mut Vm, format: Value) -> Res {
    Ok(Value::from_len(walk(vm, format, &mut |_, _| Ok(()))?))
}

/// `unpack(format, buffer)`: the buffer may be longer than the format.
fn struct_unpack(vm: &mut Vm, format: Value, buffer: Value) -> Res {
    struct_unpack_from(vm, &[format, buffer, Value::UNDEF])
}

/// `unpack_from(format, buffer, offset=0)`
fn struct_unpack_from(vm: &mut Vm, args: &[Value]) -> Res {
    let (n_values, size) = measure(vm, args[0])?;
    let bytes = vm.expect_bytes(args[1])?;
    let offset = offset_arg(vm, args[2], bytes, size)?;
    unpack(vm, args[0], n_values, bytes, offset)
}

/// `iter_unpack(format, buffer)`: an iterator over tuples.
fn struct_iter_unpack(vm: &mut Vm, format: Value, buffer: Value) -> Res {
    let (n_values, size) = measure(vm, format)?;
    let bytes = vm.expect_bytes(buffer)?;
    let len = bytes.len(vm);
    if size == 0 || !len.is_multiple_of(size) {
        return Err(vm.raise(exc::VALUE_ERROR, "buffer size must be a multiple of the format's"));
    }
    let list = vm.new_list()?;
    for i in 0..len / size {
        let row = unpack(vm, format, n_values, bytes, i * size)?;
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

/// The number of the values of a format, and its size.
fn measure(vm: &mut Vm, format: Value) -> Result<(usize, usize), Raise> {
    let mut n_values = 0;
    let size = walk(vm, format, &mut |_, _| {
        n_values += 1;
        Ok(())
    })?;
    Ok((n_values, size))
}

/// The values of a format, as a tuple.
fn unpack(vm: &mut Vm, format: Value, n_values: usize, bytes: Blob, offset: usize) -> Res {
    let tuple = vm.new_tuple_of(n_values)?;
    let mut n = 0;
    walk(vm, format, &mut |vm, item| {
        let (start, end) = (offset + item.at, offset + item.at + item.size);
        let value = if item.code == b's' {
            bytes.copy(vm, Flavor::Bytes, start, end)?
        } else {
            let word =
                typecode::word_of(bytes.between(vm, start, end), item.big, is_signed(item.code));
            typecode::load(vm, item.code, word)?
        };
        vm.init_tuple_item(tuple, n, value);
        n += 1;
        Ok(())
    })?;
    Ok(tuple)
}

/// `pack(format, v1, v2, …)`
fn struct_pack(vm: &mut Vm, args: &[Value]) -> Res {
    let mut out = StrBuilder::new();
    pack(vm, args[0], &args[1..], &mut out)?;
    out.finish_bytes(vm)
}

/// `pack_into(format, buffer, offset, v1, v2, …)`
fn struct_pack_into(vm: &mut Vm, args: &[Value]) -> Res {
    let mut out = StrBuilder::new();
    pack(vm, args[0], &args[3..], &mut out)?;
    out.check(vm)?;
    let bytes = vm.expect_bytes(args[1])?;
    let at = offset_arg(vm, args[2], bytes, out.len())?;
    match bytes.bytes_mut(vm).get_mut(at..at + out.len()) {
        Some(place) => place.copy_from_slice(out.as_bytes()),
        None => return Err(vm.no_bytes()),
    }
    out.discard(vm);
    Ok(Value::NONE)
}

/// Appends the bytes of all values. Of what there is no value for, zeros.
fn pack(vm: &mut Vm, format: Value, values: &[Value], out: &mut StrBuilder) -> Result<(), Raise> {
    let mut left = values.iter();
    let mut n = 0;
    let size = walk(vm, format, &mut |vm, item| {
        n += 1;
        let Some(&value) = left.next() else { return Ok(()) };
        fill_to(vm, out, item.at)?;
        if item.code == b's' {
            let bytes = vm.expect_bytes(value)?;
            out.push_part(vm, bytes, 0, item.size);
            return Ok(());
        }
        let (mut word, mut raw) = (0, [0; 8]);
        typecode::store(vm, item.code, value, &mut word)?;
        let raw = &mut raw[..item.size];
        typecode::put_word(raw, word, item.big);
        out.push_bytes(vm, raw);
        Ok(())
    })?;
    // MicroPython leaves out what is missing and passes over what is too much.
    let given = values.len();
    if cfg!(feature = "extra") && n != given {
        return Err(vm.raise_fmt(
            exc::VALUE_ERROR,
            format_args!("pack expected {n} items for packing (got {given})"),
        ));
    }
    fill_to(vm, out, size)
}

/// Appends zeros up to a length.
fn fill_to(vm: &mut Vm, out: &mut StrBuilder, len: usize) -> Result<(), Raise> {
    let missing = len.saturating_sub(out.len());
    out.push_with(vm, missing, |_, _| Ok((missing, ())))
}
