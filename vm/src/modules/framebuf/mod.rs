//! `framebuf`: drawing into memory.
//!
//! Coordinates may be any small numbers; what is outside is not drawn.
//!
//! Source: MicroPython library reference, "framebuf".
#![forbid(unsafe_code)]

mod font;
mod pixels;
mod shapes;

use crate::object::{Args, Buffer, Native, Res};
use crate::types::OBJECT;
use crate::types::common::positional;
use crate::types::number::{Text, cannot_convert, text_of};
use crate::types::slice::clamped_index;
use crate::types::typecode::Items;
use crate::value::{Kind, RomValue, Value};
use crate::{Raise, Vm, exc, py_module, py_type};
use pixels::Pixels;
use shapes::Canvas;

macro_rules! formats {
    ($($id:ident)*) => { $(const $id: RomValue = RomValue(Value::int(pixels::$id as i32));)* };
}
formats! { MONO_VLSB RGB565 GS4_HMSB MONO_HLSB MONO_HMSB GS2_HMSB GS8 }

py_module! {
    /// `framebuf`.
    pub static FRAMEBUF: framebuf, extensible false;
    entries {
        FrameBuffer: FRAME_BUFFER.rom();
        FrameBuffer1 = Var(3, 4, frame_buffer1);
        GS2_HMSB: GS2_HMSB;
        GS4_HMSB: GS4_HMSB;
        GS8: GS8;
        MONO_HLSB: MONO_HLSB;
        MONO_HMSB: MONO_HMSB;
        MONO_VLSB: MONO_VLSB;
        MVLSB: MONO_VLSB;
        RGB565: RGB565;
    }
}

py_type! {
    /// `framebuf.FrameBuffer(buffer, width, height, format[, stride])`. Words: the bytes-like object, width, height, stride, format.
    pub static FRAME_BUFFER: FrameBuffer, base OBJECT;
    slots { new: frame_buffer_new, buffer: frame_buffer_buffer, made_by_init: true }
    entries {
        blit = Kw(fb_blit; _, _, _, _, key?, palette?);
        ellipse = Var(6, 8, fb_ellipse);
        fill = F2(fb_fill);
        fill_rect = Var(6, 6, fb_fill_rect);
        hline = Var(5, 5, fb_hline);
        line = Var(6, 6, fb_line);
        pixel = Var(3, 4, fb_pixel);
        poly = Var(5, 6, fb_poly);
        rect = Var(6, 7, fb_rect);
        scroll = F3(fb_scroll);
        text = Var(4, 5, fb_text);
        vline = Var(5, 5, fb_vline);
    }
}

/// Buffer, width, height, format and stride as arguments.
fn canvas_of(vm: &mut Vm, args: &[Value], buffer: Buffer) -> Result<Canvas, Raise> {
    let mut numbers = [0; 4];
    for (number, &arg) in numbers.iter_mut().zip(&args[1..]) {
        *number = clamped_index(vm, arg)?;
    }
    let [width, height, format, stride] = numbers;
    let stride = if args.len() > 4 { stride } else { width };
    if !(pixels::MONO_VLSB..=pixels::GS8).contains(&format) {
        return Err(vm.raise(exc::VALUE_ERROR, "invalid format"));
    }
    match Pixels::new(width, height, stride, format, buffer.len(vm)) {
        Some(pixels) => Ok(Canvas { buffer, pixels }),
        None => Err(vm.raise(exc::VALUE_ERROR, "")),
    }
}

fn new_frame_buffer(vm: &mut Vm, class: Value, args: &[Value]) -> Res {
    let buffer = vm.expect_writable(args[0])?;
    let Pixels { width, height, stride, format } = canvas_of(vm, args, buffer)?.pixels;
    let words = [
        args[0],
        Value::from_len(width),
        Value::from_len(height),
        Value::from_len(stride),
        Value::int(format as i32),
    ];
    Ok(Native::new(vm, class, &words)?.value())
}

fn frame_buffer_new(vm: &mut Vm, class: Value, args: Args<'_>) -> Res {
    let args = positional(vm, args, 4, 5)?;
    new_frame_buffer(vm, class, args)
}

/// `FrameBuffer1(buffer, width, height[, stride])`: the class of old, with one bit a pixel.
fn frame_buffer1(vm: &mut Vm, args: &[Value]) -> Res {
    let stride = args.get(3).copied().unwrap_or(args[1]);
    let args = [args[0], args[1], args[2], MONO_VLSB.0, stride];
    new_frame_buffer(vm, FRAME_BUFFER.value(), &args)
}

fn frame_buffer_buffer(vm: &Vm, v: Value) -> Option<Buffer> {
    Buffer::of(vm, Native::from_known(v).get(vm, 0))
}

/// The canvas that an object is; `None` for other objects.
fn canvas(vm: &Vm, v: Value) -> Option<Canvas> {
    let native = vm.cast::<Native>(v)?;
    if !core::ptr::eq(vm.rom_type_of(native.value()), &FRAME_BUFFER) {
        return None;
    }
    let number = |word| native.get(vm, word).as_small_int().unwrap_or(0);
    let pixels = Pixels {
        width: number(1) as usize,
        height: number(2) as usize,
        stride: number(3) as usize,
        format: number(4),
    };
    Some(Canvas { buffer: Buffer::of(vm, native.get(vm, 0))?, pixels })
}

/// The canvas of a method's first argument.
fn this(vm: &mut Vm, v: Value) -> Result<Canvas, Raise> {
    match canvas(vm, v) {
        Some(canvas) => Ok(canvas),
        None => Err(vm.raise(exc::TYPE_ERROR, "argument has wrong type")),
    }
}

/// The first `N` arguments behind the frame buffer, as numbers.
fn numbers<const N: usize>(vm: &mut Vm, args: &[Value]) -> Result<[isize; N], Raise> {
    let mut numbers = [0; N];
    for (number, &arg) in numbers.iter_mut().zip(&args[1..]) {
        // So that sums of a few of them are numbers as well.
        *number = clamped_index(vm, arg)?.clamp(-(1 << 28), 1 << 28);
    }
    Ok(numbers)
}

/// The argument with a colour.
fn colour(vm: &mut Vm, v: Value) -> Result<u16, Raise> {
    Ok(vm.int_low_u64(v)? as u16)
}

/// An optional flag.
fn flag(vm: &mut Vm, v: Option<&Value>) -> Result<bool, Raise> {
    match v {
        Some(&v) => vm.truth(v),
        None => Ok(false),
    }
}

/// `fill(c)`
fn fb_fill(vm: &mut Vm, v: Value, c: Value) -> Res {
    let canvas = this(vm, v)?;
    let c = colour(vm, c)?;
    let Pixels { width, height, .. } = canvas.pixels;
    canvas.fill(vm, 0, 0, width as isize, height as isize, c)?;
    Ok(Value::NONE)
}

/// `fill_rect(x, y, w, h, c)`
fn fb_fill_rect(vm: &mut Vm, args: &[Value]) -> Res {
    let canvas = this(vm, args[0])?;
    let [x, y, w, h] = numbers(vm, args)?;
    let c = colour(vm, args[5])?;
    canvas.fill(vm, x, y, w, h, c)?;
    Ok(Value::NONE)
}

/// `pixel(x, y[, c])`: the colour, `None` outside; or sets it.
fn fb_pixel(vm: &mut Vm, args: &[Value]) -> Res {
    let canvas = this(vm, args[0])?;
    let [x, y] = numbers(vm, args)?;
    if let Some(&c) = args.get(3) {
        let c = colour(vm, c)?;
        canvas.put(vm, x, y, c);
        return Ok(Value::NONE);
    }
    Ok(canvas.get(vm, x, y).map_or(Value::NONE, |c| Value::int(i32::from(c))))
}

/// `hline(x, y, w, c)`
fn fb_hline(vm: &mut Vm, args: &[Value]) -> Res {
    let canvas = this(vm, args[0])?;
    let [x, y, w] = numbers(vm, args)?;
    let c = colour(vm, args[4])?;
    canvas.fill(vm, x, y, w, 1, c)?;
    Ok(Value::NONE)
}

/// `vline(x, y, h, c)`
fn fb_vline(vm: &mut Vm, args: &[Value]) -> Res {
    let canvas = this(vm, args[0])?;
    let [x, y, h] = numbers(vm, args)?;
    let c = colour(vm, args[4])?;
    canvas.fill(vm, x, y, 1, h, c)?;
    Ok(Value::NONE)
}

/// `rect(x, y, w, h, c[, f])`
fn fb_rect(vm: &mut Vm, args: &[Value]) -> Res {
    let canvas = this(vm, args[0])?;
    let [x, y, w, h] = numbers(vm, args)?;
    let c = colour(vm, args[5])?;
    if flag(vm, args.get(6))? {
        canvas.fill(vm, x, y, w, h, c)?;
    } else {
        canvas.fill(vm, x, y, w, 1, c)?;
        canvas.fill(vm, x, y + h - 1, w, 1, c)?;
        canvas.fill(vm, x, y, 1, h, c)?;
        canvas.fill(vm, x + w - 1, y, 1, h, c)?;
    }
    Ok(Value::NONE)
}

/// `line(x1, y1, x2, y2, c)`
fn fb_line(vm: &mut Vm, args: &[Value]) -> Res {
    let canvas = this(vm, args[0])?;
    let [x1, y1, x2, y2] = numbers(vm, args)?;
    let c = colour(vm, args[5])?;
    shapes::line(vm, &canvas, (x1, y1), (x2, y2), c)?;
    Ok(Value::NONE)
}

/// `ellipse(x, y, xr, yr, c[, f[, m]])`
fn fb_ellipse(vm: &mut Vm, args: &[Value]) -> Res {
    let canvas = this(vm, args[0])?;
    let [x, y, x_radius, y_radius] = numbers(vm, args)?;
    let c = colour(vm, args[5])?;
    let filled = flag(vm, args.get(6))?;
    let quadrants = match args.get(7) {
        Some(&m) => vm.index(m)? as usize & 15,
        None => 15,
    };
    let pen = shapes::Pen { c, filled, quadrants };
    shapes::ellipse(vm, &canvas, (x, y), (x_radius, y_radius), pen)?;
    Ok(Value::NONE)
}

/// `poly(x, y, coords, c[, f])`
fn fb_poly(vm: &mut Vm, args: &[Value]) -> Res {
    let canvas = this(vm, args[0])?;
    let [x, y] = numbers(vm, args)?;
    let c = colour(vm, args[4])?;
    let Some(items) = Items::of(vm, args[3]) else {
        return Err(vm.raise(exc::TYPE_ERROR, "object with buffer protocol required"));
    };
    let filled = flag(vm, args.get(5))?;
    shapes::polygon(vm, &canvas, (x, y), items, c, filled)?;
    Ok(Value::NONE)
}

/// `blit(source, x, y, key=-1, palette=None)`
fn fb_blit(vm: &mut Vm, args: &[Value]) -> Res {
    let to = this(vm, args[0])?;
    let from = source(vm, args[1])?;
    let mut place = [0; 2];
    for (number, &arg) in place.iter_mut().zip(&args[2..]) {
        *number = clamped_index(vm, arg)?.clamp(-(1 << 28), 1 << 28);
    }
    let key = if args[4].is_undef() { -1 } else { vm.index(args[4])? };
    let palette =
        if args[5].is_undef() || args[5].is_none() { None } else { Some(source(vm, args[5])?) };
    shapes::blit(vm, &to, &from, place, key, palette)?;
    Ok(Value::NONE)
}

/// The canvas of a frame buffer, or of a tuple or list like the arguments of the constructor.
fn source(vm: &mut Vm, v: Value) -> Result<Canvas, Raise> {
    if let Some(canvas) = canvas(vm, v) {
        return Ok(canvas);
    }
    if !matches!(vm.native_part(v).kind(), Some(Kind::Tuple | Kind::List)) {
        let name = vm.type_name(v);
        return Err(vm.raise_fmt(
            exc::TYPE_ERROR,
            format_args!("object '{}' isn't a tuple or list", name.as_str()),
        ));
    }
    let list = vm.collect_list(v)?;
    let mut parts = [Value::UNDEF; 5];
    let n = list.len(vm);
    if !(4..=5).contains(&n) {
        return Err(vm.raise(exc::VALUE_ERROR, ""));
    }
    for (i, part) in parts.iter_mut().enumerate() {
        *part = list.get(vm, i).unwrap_or(Value::UNDEF);
    }
    let buffer = vm.expect_buffer(parts[0])?;
    canvas_of(vm, &parts[..n], buffer)
}

/// `scroll(xstep, ystep)`: what nothing moves to keeps its colours.
fn fb_scroll(vm: &mut Vm, v: Value, x: Value, y: Value) -> Res {
    let canvas = this(vm, v)?;
    let [x, y] = numbers(vm, &[v, x, y])?;
    shapes::scroll(vm, &canvas, x, y)?;
    Ok(Value::NONE)
}

/// `text(s, x, y[, c])`
fn fb_text(vm: &mut Vm, args: &[Value]) -> Res {
    let canvas = this(vm, args[0])?;
    let Some(text) = text_of(vm, args[1])? else {
        return Err(cannot_convert(vm, args[1], "str"));
    };
    let [x, y] = numbers(vm, &args[1..])?;
    let c = match args.get(4) {
        Some(&c) => colour(vm, c)?,
        None => 1,
    };
    match Text::of(text) {
        Text::Str(s) => write_text(vm, &canvas, s.as_str().chars(), x, y, c)?,
        other => write_text(vm, &canvas, other.bytes().iter().map(|&b| char::from(b)), x, y, c)?,
    }
    Ok(Value::NONE)
}

fn write_text(
    vm: &mut Vm,
    canvas: &Canvas,
    text: impl Iterator<Item = char>,
    x: isize,
    y: isize,
    c: u16,
) -> Result<(), Raise> {
    let mut x = x;
    for letter in text {
        vm.tick(20)?;
        for i in 0..8 {
            let column = font::column(letter, i);
            for row in (0..8).filter(|row| column >> row & 1 != 0) {
                canvas.put(vm, x, y + row, c);
            }
            x = x.saturating_add(1);
        }
    }
    Ok(())
}
