//! `framebuf`: drawing into memory.
//!
//! Coordinates may be any small numbers; what is outside is not drawn.
//!
//! Source: MicroPython library reference, "framebuf".
#![forbid(unsafe_code)]

mod font;
mod pixels;
mod shapes;

use crate::object::{Args, Buffer, Native, Res, array_items};
use crate::types::OBJECT;
use crate::types::common::positional;
use crate::types::number::{Text, text_arg};
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
        blit = Kw(fb_blit; _, _, _, _, key?, palette?);
        ellipse = Var(6, 8, fb_ellipse);
        fill = Var(2, 2, fb_fill);
        fill_rect = Var(6, 6, fb_fill_rect);
        hline = Var(5, 5, fb_hline);
        line = Var(6, 6, fb_line);
        pixel = Var(3, 4, fb_pixel);
        poly = Var(5, 6, fb_poly);
        rect = Var(6, 7, fb_rect);
        scroll = Var(3, 3, fb_scroll);
        text = Var(4, 5, fb_text);
        vline = Var(5, 5, fb_vline);
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
    let buffer = if is_written { vm.expect_writable(args[0]) } else { vm.expect_buffer(args[0]) };
    let n_bytes = buffer?.len(vm);
    let mut words = [args[0]; 5];
    let mut numbers = [0; 4];
    for (number, &arg) in numbers.iter_mut().zip(&args[1..]) {
        *number = clamped_index(vm, arg)?;
    }
    if args.len() == 4 {
        numbers[STRIDE - 1] = numbers[0];
    }
    let format = numbers[FORMAT - 1];
    if !(pixels::MONO_VLSB..=pixels::GS8).contains(&format) {
        return Err(vm.raise(exc::VALUE_ERROR, "invalid format"));
    }
    if !pixels::check(&mut numbers, n_bytes) {
        return Err(vm.raise(exc::VALUE_ERROR, ""));
    }
    for (word, n) in words[1..].iter_mut().zip(numbers) {
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
    let number = |word| native.get(vm, word).as_small_int().unwrap_or(0);
    let pixels = Pixels {
        width: number(WIDTH),
        height: number(HEIGHT),
        stride: number(STRIDE) as usize,
        format: number(FORMAT),
    };
    let buffer = Buffer::of(vm, native.get(vm, BUFFER))?;
    Some(Canvas { buffer, pixels, colour: 1 })
}

/// What a method was called with.
struct Call<'a> {
    canvas: Canvas,
    /// Coordinates.
    n: [isize; 4],
    /// All arguments.
    args: &'a [Value],
}

impl Call<'_> {
    /// An optional argument that is a flag.
    fn flag(&self, vm: &mut Vm, i: usize) -> Result<bool, Raise> {
        match self.args.get(i) {
            Some(&v) => vm.truth(v),
            None => Ok(false),
        }
    }
}

/// Which arguments are what.
struct Shape {
    /// The first coordinate.
    first: u8,
    /// How many coordinates there are.
    n: u8,
    /// The colour, if there is one.
    colour: u8,
}

/// Coordinates from the first argument on, then the colour.
const fn numbers(n: u8) -> Shape {
    Shape { first: 1, n, colour: n + 1 }
}

fn read<'a>(vm: &mut Vm, args: &'a [Value], shape: Shape) -> Result<Call<'a>, Raise> {
    let Some(canvas) = canvas(vm, args[0]) else {
        return Err(vm.raise(exc::TYPE_ERROR, "argument has wrong type"));
    };
    let mut call = Call { canvas, n: [0; 4], args };
    for (number, &arg) in call.n[..shape.n.into()].iter_mut().zip(&args[shape.first.into()..]) {
        // So that sums of a few of them are numbers as well.
        *number = clamped_index(vm, arg)?.clamp(-(1 << 28), 1 << 28);
    }
    if let Some(&c) = args.get(usize::from(shape.colour)) {
        call.canvas.colour = vm.int_low_u64(c)? as u16;
    }
    Ok(call)
}

#[inline(never)]
fn draw(
    vm: &mut Vm,
    args: &[Value],
    shape: Shape,
    f: fn(&mut Vm, &mut Call) -> Result<(), Raise>,
) -> Res {
    let mut call = read(vm, args, shape)?;
    f(vm, &mut call)?;
    Ok(Value::NONE)
}

/// `fill(c)`
fn fb_fill(vm: &mut Vm, args: &[Value]) -> Res {
    draw(vm, args, numbers(0), |vm, call| {
        let Pixels { width, height, .. } = call.canvas.pixels;
        call.canvas.fill(vm, 0, 0, width, height)
    })
}

/// `fill_rect(x, y, w, h, c)`
fn fb_fill_rect(vm: &mut Vm, args: &[Value]) -> Res {
    draw(vm, args, numbers(4), |vm, call| {
        let [x, y, w, h] = call.n;
        call.canvas.fill(vm, x, y, w, h)
    })
}

/// `pixel(x, y[, c])`: the colour, `None` outside; or sets it.
fn fb_pixel(vm: &mut Vm, args: &[Value]) -> Res {
    let Call { canvas, n: [x, y, ..], .. } = read(vm, args, numbers(2))?;
    if args.len() > 3 {
        canvas.put(vm, x, y);
        return Ok(Value::NONE);
    }
    Ok(canvas.get(vm, x, y).map_or(Value::NONE, |c| Value::int(i32::from(c))))
}

/// `hline(x, y, w, c)`
fn fb_hline(vm: &mut Vm, args: &[Value]) -> Res {
    draw(vm, args, numbers(3), |vm, call| {
        let [x, y, w, _] = call.n;
        call.canvas.fill(vm, x, y, w, 1)
    })
}

/// `vline(x, y, h, c)`
fn fb_vline(vm: &mut Vm, args: &[Value]) -> Res {
    draw(vm, args, numbers(3), |vm, call| {
        let [x, y, h, _] = call.n;
        call.canvas.fill(vm, x, y, 1, h)
    })
}

/// `rect(x, y, w, h, c[, f])`
fn fb_rect(vm: &mut Vm, args: &[Value]) -> Res {
    draw(vm, args, numbers(4), |vm, call| {
        let ([x, y, w, h], canvas) = (call.n, &call.canvas);
        if call.flag(vm, 6)? {
            return canvas.fill(vm, x, y, w, h);
        }
        canvas.fill(vm, x, y, w, 1)?;
        canvas.fill(vm, x, y + h - 1, w, 1)?;
        canvas.fill(vm, x, y, 1, h)?;
        canvas.fill(vm, x + w - 1, y, 1, h)
    })
}

/// `line(x1, y1, x2, y2, c)`
fn fb_line(vm: &mut Vm, args: &[Value]) -> Res {
    draw(vm, args, numbers(4), |vm, call| call.canvas.line(vm, &call.n))
}

/// `ellipse(x, y, xr, yr, c[, f[, m]])`
fn fb_ellipse(vm: &mut Vm, args: &[Value]) -> Res {
    draw(vm, args, numbers(4), |vm, call| {
        let filled = call.flag(vm, 6)?;
        let quadrants = match call.args.get(7) {
            Some(&m) => vm.index(m)? & 15,
            None => 15,
        };
        shapes::ellipse(vm, &call.canvas, &call.n, filled, quadrants)
    })
}

/// `poly(x, y, coords, c[, f])`
fn fb_poly(vm: &mut Vm, args: &[Value]) -> Res {
    draw(vm, args, Shape { first: 1, n: 2, colour: 4 }, |vm, call| {
        let filled = call.flag(vm, 5)?;
        let Some(items) = Items::of(vm, call.args[3]) else {
            return Err(vm.raise(exc::TYPE_ERROR, "object with buffer protocol required"));
        };
        let corners = vm.new_list()?;
        for i in 0..items.len(vm) {
            let v = items.load(vm, i)?;
            let v = if v.is_undef() { Value::int(0) } else { v };
            let v = crate::types::int::int_of(vm, v)?;
            let n = vm.index(v)?.clamp(-(1 << 28), 1 << 28);
            corners.push(vm, Value::int(n as i32))?;
        }
        let [x, y, ..] = call.n;
        shapes::polygon(vm, &call.canvas, x, y, corners, filled)
    })
}

/// `blit(source, x, y, key=-1, palette=None)`: draws another frame buffer, but for the pixels with the colour `key`. A palette has
/// the colour for each colour of the source.
fn fb_blit(vm: &mut Vm, args: &[Value]) -> Res {
    draw(vm, args, Shape { first: 2, n: 2, colour: u8::MAX }, |vm, call| {
        let from = source(vm, call.args[1])?;
        let (key, palette) = (call.args[4], call.args[5]);
        let key = if key.is_undef() { -1 } else { vm.index(key)? };
        let palette = match palette.is_undef() || palette.is_none() {
            true => None,
            false => Some(source(vm, palette)?),
        };
        let ([left, top, ..], to) = (call.n, &mut call.canvas);
        // Only the part of the source that is seen.
        for y in (-top).max(0)..from.pixels.height.min(to.pixels.height - top) {
            for x in (-left).max(0)..from.pixels.width.min(to.pixels.width - left) {
                vm.tick(4)?;
                let mut c = from.get(vm, x, y).unwrap_or(0);
                if let Some(palette) = &palette {
                    c = palette.get(vm, c as isize, 0).unwrap_or(0);
                }
                if c as isize != key {
                    to.colour = c;
                    to.put(vm, left + x, top + y);
                }
            }
        }
        Ok(())
    })
}

/// The canvas of a frame buffer, or of a tuple or list like the arguments of the constructor.
fn source(vm: &mut Vm, v: Value) -> Result<Canvas, Raise> {
    let mut of = v;
    if canvas(vm, v).is_none() {
        let list = vm.collect_sequence(v)?;
        let n = list.len(vm);
        if !(4..=5).contains(&n) {
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

/// `scroll(xstep, ystep)`: what nothing moves to keeps its colours.
fn fb_scroll(vm: &mut Vm, args: &[Value]) -> Res {
    draw(vm, args, numbers(2), |vm, call| {
        let ([x_step, y_step, ..], canvas) = (call.n, &mut call.canvas);
        let Pixels { width, height, .. } = canvas.pixels;
        // Against the direction of the movement, so that nothing is overwritten before it is moved.
        for i in 0..height {
            let y = if y_step < 0 { i } else { height - 1 - i };
            for k in 0..width {
                vm.tick(4)?;
                let x = if x_step < 0 { k } else { width - 1 - k };
                if let Some(c) = canvas.get(vm, x - x_step, y - y_step) {
                    canvas.colour = c;
                    canvas.put(vm, x, y);
                }
            }
        }
        Ok(())
    })
}

/// `text(s, x, y[, c])`
fn fb_text(vm: &mut Vm, args: &[Value]) -> Res {
    draw(vm, args, Shape { first: 2, n: 2, colour: 4 }, |vm, call| {
        let text = text_arg(vm, call.args[1])?;
        let is_str = text.is_kind(Kind::Str);
        let [mut x, y, ..] = call.n;
        for &letter in Text::of(text).bytes() {
            // One cell for each character.
            if is_str && letter & 0xc0 == 0x80 {
                continue;
            }
            vm.tick(20)?;
            for i in 0..8 {
                let column = font::column(letter, i);
                for row in (0..8).filter(|row| column >> row & 1 != 0) {
                    call.canvas.put(vm, x, y + row);
                }
                x = x.saturating_add(1);
            }
        }
        Ok(())
    })
}
