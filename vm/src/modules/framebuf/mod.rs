//! `framebuf`: drawing into memory.
//!
//! Coordinates may be any small numbers; what is outside is not drawn.
//!
//! Source: MicroPython library reference, "framebuf".
#![forbid(unsafe_code)]

mod font;
mod pixels;
mod shapes;

use crate::object::{Args, Blob, Buffer, List, Native, Res, Text, array_items};
use crate::types::OBJECT;
use crate::types::common::positional;
use crate::types::number::text_arg;
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
    /// `framebuf.FrameBuffer(buffer, width, height, format[, stride])`. Words: the arguments.
    pub static FRAME_BUFFER: FrameBuffer, base OBJECT;
    slots { new: frame_buffer_new, buffer: frame_buffer_buffer, made_by_init: true }
    entries {
        blit = Kw(|vm, args| draw(vm, args, Shape::Blit); _, _, _, _, key?, palette?);
        ellipse = Var(6, 8, |vm, args| draw(vm, args, Shape::Ellipse));
        fill = Var(2, 2, |vm, args| draw(vm, args, Shape::All));
        fill_rect = Var(6, 6, |vm, args| draw(vm, args, Shape::Filled));
        hline = Var(5, 5, |vm, args| draw(vm, args, Shape::Level));
        line = Var(6, 6, |vm, args| draw(vm, args, Shape::Line));
        pixel = Var(3, 4, |vm, args| draw(vm, args, Shape::Pixel));
        poly = Var(5, 6, |vm, args| draw(vm, args, Shape::Polygon));
        rect = Var(6, 7, |vm, args| draw(vm, args, Shape::Rectangle));
        scroll = Var(3, 3, |vm, args| draw(vm, args, Shape::Scroll));
        text = Var(4, 5, |vm, args| draw(vm, args, Shape::Text));
        vline = Var(5, 5, |vm, args| draw(vm, args, Shape::Upright));
    }
}

// The words.
const BUFFER: usize = 0;
const WIDTH: usize = 1;
const HEIGHT: usize = 2;
const FORMAT: usize = 3;
const STRIDE: usize = 4;

/// Makes a frame buffer of arguments like those of its class.
fn make(vm: &mut Vm, class: Value, args: &[Value], is_written: bool) -> Res {
    let buffer = vm.expect_bytes(args[0])?;
    if is_written && !buffer.is_writable(vm) {
        return Err(vm.no_bytes());
    }
    let n_bytes = buffer.len(vm);
    let mut words = [args[0]; 5];
    let mut numbers = [0; 4];
    for (number, &arg) in numbers.iter_mut().zip(&args[1..]) {
        *number = clamped_index(vm, arg)?;
    }
    if args.len() == 4 {
        numbers[STRIDE - 1] = numbers[0];
    }
    let format = numbers[FORMAT - 1];
    if format as usize > pixels::GS8 as usize {
        return Err(vm.raise(exc::VALUE_ERROR, "invalid format"));
    }
    if !pixels::check(&mut numbers, n_bytes) {
        return Err(vm.raise(exc::VALUE_ERROR, ""));
    }
    for (word, &n) in words[1..].iter_mut().zip(&numbers) {
        *word = Value::int(n as i32);
    }
    Ok(Native::new(vm, class, &words)?.value())
}

fn frame_buffer_new(vm: &mut Vm, class: Value, args: Args<'_>) -> Res {
    let args = positional(vm, args, 4, 5)?;
    make(vm, class, args, true)
}

/// `FrameBuffer1(buffer, width, height[, stride])`: the class of old, with one bit a pixel.
fn frame_buffer1(vm: &mut Vm, args: &[Value]) -> Res {
    let stride = args.get(3).copied().unwrap_or(args[1]);
    let args = [args[0], args[1], args[2], MONO_VLSB.0, stride];
    make(vm, FRAME_BUFFER.value(), &args, true)
}

fn frame_buffer_buffer(vm: &Vm, v: Value) -> Option<Buffer> {
    Buffer::of(vm, Native::from_known(v).get(vm, BUFFER))
}

/// The canvas that an object is; `None` for other objects.
fn canvas(vm: &Vm, v: Value) -> Option<Canvas> {
    let native = vm.cast::<Native>(v)?;
    if !core::ptr::eq(vm.rom_type_of(native.value()), &FRAME_BUFFER) {
        return None;
    }
    let number = |word| native.get(vm, word).known_int();
    let buffer = Blob::of(vm, native.get(vm, BUFFER))?;
    let (width, height) = (number(WIDTH), number(HEIGHT));
    let pixels = Pixels::new(number(FORMAT), number(STRIDE) as usize);
    Some(Canvas { buffer, width, height, pixels, colour: 1 })
}

/// What a method draws, by the arguments of which it has: where its coordinates begin, how many there are, and the colour, if
/// there is one. A flag may follow.
#[derive(Clone, Copy)]
enum Shape {
    /// `fill(c)`
    All,
    /// `fill_rect(x, y, w, h, c)`
    Filled,
    /// `hline(x, y, w, c)`
    Level,
    /// `vline(x, y, h, c)`
    Upright,
    /// `rect(x, y, w, h, c[, f])`
    Rectangle,
    /// `line(x1, y1, x2, y2, c)`
    Line,
    /// `ellipse(x, y, xr, yr, c[, f[, m]])`
    Ellipse,
    /// `pixel(x, y[, c])`: the colour, `None` outside; or sets it.
    Pixel,
    /// `scroll(xstep, ystep)`
    Scroll,
    /// `poly(x, y, coords, c[, f])`
    Polygon,
    /// `text(s, x, y[, c])`
    Text,
    /// `blit(source, x, y, key=-1, palette=None)`
    Blit,
}

static ARGUMENTS: [[u8; 3]; 12] = [
    [1, 0, 1],
    [1, 4, 5],
    [1, 3, 4],
    [1, 3, 4],
    [1, 4, 5],
    [1, 4, 5],
    [1, 4, 5],
    [1, 2, 3],
    [1, 2, u8::MAX],
    [1, 2, 4],
    [2, 2, 4],
    [2, 2, u8::MAX],
];

#[inline(never)]
fn draw(vm: &mut Vm, args: &[Value], shape: Shape) -> Res {
    let Some(mut canvas) = canvas(vm, args[0]) else {
        return Err(vm.raise(exc::TYPE_ERROR, "argument has wrong type"));
    };
    let [first, n_numbers, colour] = ARGUMENTS[shape as usize].map(usize::from);
    let mut n = [0; 4];
    for (number, &arg) in n.iter_mut().zip(&args[first..]).take(n_numbers) {
        *number = number_arg(vm, arg)?;
    }
    if let Some(&c) = args.get(colour) {
        canvas.colour = vm.int_low_u64(c)? as u16;
    }
    let is_filled = match args.get(colour + 1) {
        Some(&flag) => vm.truth(flag)?,
        None => false,
    };
    let [x, y, w, h] = n;
    match shape {
        Shape::All => canvas.fill(vm, 0, 0, canvas.width, canvas.height)?,
        Shape::Filled => canvas.fill(vm, x, y, w, h)?,
        Shape::Level => canvas.fill(vm, x, y, w, 1)?,
        Shape::Upright => canvas.fill(vm, x, y, 1, w)?,
        Shape::Rectangle if is_filled => canvas.fill(vm, x, y, w, h)?,
        Shape::Rectangle => {
            canvas.fill(vm, x, y, w, 1)?;
            canvas.fill(vm, x, y + h - 1, w, 1)?;
            canvas.fill(vm, x, y, 1, h)?;
            canvas.fill(vm, x + w - 1, y, 1, h)?;
        }
        Shape::Line => canvas.line(vm, &n)?,
        Shape::Ellipse => {
            let quadrants = match args.get(7) {
                Some(&m) => vm.index(m)? & 15,
                None => 15,
            };
            shapes::ellipse(vm, &canvas, &n, is_filled, quadrants)?;
        }
        Shape::Pixel if args.len() > 3 => canvas.put(vm, x, y),
        Shape::Pixel => {
            let c = canvas.get(vm, x, y);
            return Ok(if c < 0 { Value::NONE } else { Value::int(c) });
        }
        Shape::Scroll => scroll(vm, &mut canvas, x, y)?,
        Shape::Polygon => {
            let corners = corners(vm, args[3])?;
            shapes::polygon(vm, &canvas, x, y, corners, is_filled)?;
        }
        Shape::Text => text(vm, &canvas, args[1], x, y)?,
        Shape::Blit => blit(vm, &mut canvas, args, x, y)?,
    }
    Ok(Value::NONE)
}

/// A number so small that sums of a few of them are numbers as well.
fn number_arg(vm: &mut Vm, v: Value) -> Result<isize, Raise> {
    Ok(clamped_index(vm, v)?.clamp(-(1 << 28), 1 << 28))
}

/// The coordinates of a polygon.
fn corners(vm: &mut Vm, v: Value) -> Result<List, Raise> {
    let items = Items::expect(vm, v)?;
    let corners = vm.new_list()?;
    for i in 0..items.len(vm) {
        let v = items.load(vm, i)?;
        let v = if v.is_undef() { Value::int(0) } else { v };
        let v = crate::types::int::int_of(vm, v)?;
        let n = number_arg(vm, v)?;
        corners.push(vm, Value::int(n as i32))?;
    }
    Ok(corners)
}

/// Draws another frame buffer, but for the pixels with the colour `key`. A palette has the colour for each colour of the source.
#[inline(never)]
fn blit(
    vm: &mut Vm,
    to: &mut Canvas,
    args: &[Value],
    left: isize,
    top: isize,
) -> Result<(), Raise> {
    let from = source(vm, args[1])?;
    let (key, palette) = (args[4], args[5]);
    let key = if key.is_undef() { -1 } else { vm.index(key)? };
    let has_palette = !palette.is_undef() && !palette.is_none();
    let palette = source(vm, if has_palette { palette } else { args[1] })?;
    // Only the part of the source that is seen.
    for y in (-top).max(0)..from.height.min(to.height - top) {
        for x in (-left).max(0)..from.width.min(to.width - left) {
            vm.tick(4)?;
            let mut c = from.get(vm, x, y);
            if has_palette {
                c = palette.get(vm, c as isize, 0).max(0);
            }
            if c as isize != key {
                to.colour = c as u16;
                to.put(vm, left + x, top + y);
            }
        }
    }
    Ok(())
}

/// The canvas of a frame buffer, or of a tuple or list like the arguments of the constructor.
fn source(vm: &mut Vm, v: Value) -> Result<Canvas, Raise> {
    let mut of = v;
    if canvas(vm, v).is_none() {
        let list = vm.collect_sequence(v)?;
        let n = list.len(vm);
        if n != 4 && n != 5 {
            return Err(vm.raise(exc::VALUE_ERROR, ""));
        }
        let args = &array_items(list.array(vm))[..n];
        of = make(vm, FRAME_BUFFER.value(), args, false)?;
    }
    match canvas(vm, of) {
        Some(canvas) => Ok(canvas),
        // The buffer of a source has been taken away.
        None => Err(vm.raise(exc::VALUE_ERROR, "")),
    }
}

/// What nothing moves to keeps its colours.
#[inline(never)]
fn scroll(vm: &mut Vm, canvas: &mut Canvas, x_step: isize, y_step: isize) -> Result<(), Raise> {
    let Canvas { width, height, .. } = *canvas;
    // Against the direction of the movement, so that nothing is overwritten before it is moved.
    for i in 0..height {
        let y = if y_step < 0 { i } else { height - 1 - i };
        for k in 0..width {
            vm.tick(4)?;
            let x = if x_step < 0 { k } else { width - 1 - k };
            let c = canvas.get(vm, x - x_step, y - y_step);
            if c >= 0 {
                canvas.colour = c as u16;
                canvas.put(vm, x, y);
            }
        }
    }
    Ok(())
}

#[inline(never)]
fn text(vm: &mut Vm, canvas: &Canvas, text: Value, x: isize, y: isize) -> Result<(), Raise> {
    let text = text_arg(vm, text)?;
    let is_str = text.is_kind(Kind::Str);
    let mut x = x;
    for &letter in Text::of(text).bytes() {
        // One cell for each character.
        if is_str && letter & 0xc0 == 0x80 {
            continue;
        }
        vm.tick(20)?;
        for i in 0..8 {
            let column = font::column(letter, i);
            for row in 0..8 {
                if column >> row & 1 != 0 {
                    canvas.put(vm, x, y + row);
                }
            }
            x = x.saturating_add(1);
        }
    }
    Ok(())
}
