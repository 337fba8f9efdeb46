//! What is drawn: lines, ellipses, polygons, other frame buffers.
//!
//! Lines are Bresenham's. Ellipses are John Kennedy's ("A Fast Bresenham Type Algorithm for Drawing Ellipses"). Polygons are
//! filled row by row between their edges.

use super::pixels::Pixels;
use crate::heap::buf::Buf;
use crate::object::Buffer;
use crate::types::typecode::Items;
use crate::value::Value;
use crate::{Raise, Vm};

/// Where to draw.
#[derive(Clone, Copy)]
pub struct Canvas {
    pub buffer: Buffer,
    pub pixels: Pixels,
}

/// A point.
pub type Point = (isize, isize);

impl Canvas {
    fn has(&self, x: isize, y: isize) -> bool {
        let Pixels { width, height, .. } = self.pixels;
        (0..width as isize).contains(&x) && (0..height as isize).contains(&y)
    }

    /// The colour at a place; `None` outside.
    pub fn get(&self, vm: &Vm, x: isize, y: isize) -> Option<u16> {
        let bytes = self.buffer.bytes(vm);
        if self.has(x, y) { Some(self.pixels.get(bytes, x as usize, y as usize)) } else { None }
    }

    /// Sets the colour at a place, if that is inside.
    pub fn put(&self, vm: &mut Vm, x: isize, y: isize, c: u16) {
        if self.has(x, y)
            && let Some(bytes) = self.buffer.bytes_mut(vm)
        {
            self.pixels.put(bytes, x as usize, y as usize, c);
        }
    }

    /// Fills a rectangle.
    pub fn fill(
        &self,
        vm: &mut Vm,
        x: isize,
        y: isize,
        w: isize,
        h: isize,
        c: u16,
    ) -> Result<(), Raise> {
        let Pixels { width, height, .. } = self.pixels;
        let n = w.clamp(0, width as isize) * h.clamp(0, height as isize);
        vm.tick(n as usize / 4 + 4)?;
        if let Some(bytes) = self.buffer.bytes_mut(vm) {
            self.pixels.fill(bytes, x, y, w, h, c);
        }
        Ok(())
    }
}

/// A line with both its ends.
pub fn line(vm: &mut Vm, canvas: &Canvas, from: Point, to: Point, c: u16) -> Result<(), Raise> {
    let (dx, dy) = (to.0 - from.0, to.1 - from.1);
    let is_steep = dy.abs() > dx.abs();
    // Along the longer side each step is one pixel, across it the error decides.
    let (long, short) = if is_steep { (dy, dx) } else { (dx, dy) };
    let (n, across) = (long.unsigned_abs() as i64, short.unsigned_abs() as i64);
    let mut error = 2 * across - n;
    let (mut along, mut beside) = (0, 0);
    for _ in 0..=n {
        vm.tick(2)?;
        let (x, y) = if is_steep { (beside, along) } else { (along, beside) };
        canvas.put(vm, from.0 + x, from.1 + y, c);
        if error >= 0 {
            beside += short.signum();
            error -= 2 * n;
        }
        along += long.signum();
        error += 2 * across;
    }
    Ok(())
}

/// How an ellipse is drawn.
#[derive(Clone, Copy)]
pub struct Pen {
    pub c: u16,
    pub filled: bool,
    /// Bit 0 the top right quadrant, then counterclockwise.
    pub quadrants: usize,
}

/// The four points of an ellipse with these distances from its centre, or the rows between them.
fn symmetric(
    vm: &mut Vm,
    canvas: &Canvas,
    centre: Point,
    x: isize,
    y: isize,
    pen: Pen,
) -> Result<(), Raise> {
    for (quadrant, (right, up)) in
        [(true, true), (false, true), (false, false), (true, false)].into_iter().enumerate()
    {
        if pen.quadrants >> quadrant & 1 == 0 {
            continue;
        }
        let y = if up { centre.1 - y } else { centre.1 + y };
        let left = if right { centre.0 } else { centre.0 - x };
        if pen.filled {
            canvas.fill(vm, left, y, x + 1, 1, pen.c)?;
        } else {
            canvas.put(vm, if right { centre.0 + x } else { left }, y, pen.c);
        }
    }
    vm.tick(8)
}

/// An ellipse.
pub fn ellipse(
    vm: &mut Vm,
    canvas: &Canvas,
    centre: Point,
    radii: Point,
    pen: Pen,
) -> Result<(), Raise> {
    // Beyond these, squares times radii do not fit.
    let (a, b) = (radii.0.clamp(0, 1 << 15), radii.1.clamp(0, 1 << 15));
    if a == 0 && b == 0 {
        if pen.quadrants != 0 {
            canvas.put(vm, centre.0, centre.1, pen.c);
        }
        return Ok(());
    }
    // First from the sides on, as long as the curve is steep; then from the top and the bottom.
    arc(vm, a, b, &mut |vm, x, y| symmetric(vm, canvas, centre, x, y, pen))?;
    arc(vm, b, a, &mut |vm, y, x| symmetric(vm, canvas, centre, x, y, pen))
}

/// The steep part of a quarter of an ellipse with radius `a` along the first axis: one point for each step along the other.
fn arc(
    vm: &mut Vm,
    a: isize,
    b: isize,
    draw: &mut dyn FnMut(&mut Vm, isize, isize) -> Result<(), Raise>,
) -> Result<(), Raise> {
    let (a2, b2) = (a as i64 * a as i64, b as i64 * b as i64);
    let (mut x, mut y) = (a, 0);
    let (mut x_change, mut y_change) = (b2 * (1 - 2 * a as i64), a2);
    let mut error = 0;
    let (mut x_stop, mut y_stop) = (2 * b2 * a as i64, 0);
    while x_stop >= y_stop {
        draw(vm, x, y)?;
        y += 1;
        y_stop += 2 * a2;
        error += y_change;
        y_change += 2 * a2;
        if 2 * error + x_change > 0 {
            x -= 1;
            x_stop -= 2 * b2;
            error += x_change;
            x_change += 2 * b2;
        }
    }
    Ok(())
}

/// Point `i` of a polygon.
fn corner(vm: &mut Vm, items: Items, i: usize) -> Result<Point, Raise> {
    let mut numbers = [0; 2];
    for (k, number) in numbers.iter_mut().enumerate() {
        let v = items.load(vm, 2 * i + k)?.unwrap_or(Value::int(0));
        *number =
            crate::types::int::int_of(vm, v).and_then(|v| vm.index(v))?.clamp(-(1 << 28), 1 << 28);
    }
    Ok((numbers[0], numbers[1]))
}

/// A closed polygon.
pub fn polygon(
    vm: &mut Vm,
    canvas: &Canvas,
    origin: Point,
    items: Items,
    c: u16,
    filled: bool,
) -> Result<(), Raise> {
    let n = items.len(vm) / 2;
    if n == 0 {
        return Ok(());
    }
    if filled {
        return fill_polygon(vm, canvas, origin, items, c);
    }
    let mut from = corner(vm, items, 0)?;
    for i in (0..n).rev() {
        let to = corner(vm, items, i)?;
        let moved = |p: Point| (p.0 + origin.0, p.1 + origin.1);
        line(vm, canvas, moved(from), moved(to), c)?;
        from = to;
    }
    Ok(())
}

/// Fills a polygon: in each row from the first edge to the second, from the third to the fourth, and so on. An edge is
/// crossed from its upper end on to before its lower one; lower ends and level edges, which that leaves out, are drawn themselves.
fn fill_polygon(
    vm: &mut Vm,
    canvas: &Canvas,
    origin: Point,
    items: Items,
    c: u16,
) -> Result<(), Raise> {
    let n = items.len(vm) / 2;
    let (mut top, mut bottom) = (isize::MAX, isize::MIN);
    for i in 0..n {
        let (_, y) = corner(vm, items, i)?;
        (top, bottom) = (top.min(y), bottom.max(y));
    }
    // Only rows that can be seen.
    let first = top.max(-origin.1);
    let last = bottom.min(canvas.pixels.height as isize - 1 - origin.1);
    let mut crossings: Buf<i32> = Buf::new();
    for row in first..=last {
        crossings.truncate(0);
        let mut from = corner(vm, items, 0)?;
        for i in (0..n).rev() {
            vm.tick(4)?;
            let to = corner(vm, items, i)?;
            let (upper, lower) = (from.1.min(to.1), from.1.max(to.1));
            if upper == lower {
                if row == upper {
                    let (left, right) = (from.0.min(to.0), from.0.max(to.0));
                    canvas.fill(vm, origin.0 + left, origin.1 + row, right - left + 1, 1, c)?;
                }
            } else if (upper..lower).contains(&row) {
                // Counted in parts of 32 of a pixel and rounded.
                let (dx, dy) = ((to.0 - from.0) as i64, (to.1 - from.1) as i64);
                let x = 32 * from.0 as i64 + 32 * dx * (row - from.1) as i64 / dy;
                insert_sorted(vm, &mut crossings, ((x + 16) / 32) as i32)?;
            } else if row == lower {
                let x = if from.1 == lower { from.0 } else { to.0 };
                canvas.put(vm, origin.0 + x, origin.1 + row, c);
            }
            from = to;
        }
        let mut i = 0;
        while i + 1 < crossings.len() {
            let left = crossings.get(vm, i) as isize;
            let right = crossings.get(vm, i + 1) as isize;
            canvas.fill(vm, origin.0 + left, origin.1 + row, right - left + 1, 1, c)?;
            i += 2;
        }
    }
    crossings.free(vm);
    Ok(())
}

fn insert_sorted(vm: &mut Vm, numbers: &mut Buf<i32>, new: i32) -> Result<(), Raise> {
    let mut i = numbers.push(vm, new)?;
    while i > 0 && numbers.get(vm, i - 1) > new {
        let greater = numbers.get(vm, i - 1);
        numbers.set(vm, i, greater);
        i -= 1;
    }
    numbers.set(vm, i, new);
    Ok(())
}

/// Draws another frame buffer with its upper left corner at `place`, but for the pixels with the colour `key`. A palette has the
/// colour for each colour of the source.
pub fn blit(
    vm: &mut Vm,
    to: &Canvas,
    from: &Canvas,
    place: [isize; 2],
    key: isize,
    palette: Option<Canvas>,
) -> Result<(), Raise> {
    let [left, top] = place;
    // The part of the source that is seen.
    let seen = |start: isize, n: usize, most: usize| {
        (-start).max(0)..(n as isize).min(most as isize - start)
    };
    for y in seen(top, from.pixels.height, to.pixels.height) {
        for x in seen(left, from.pixels.width, to.pixels.width) {
            vm.tick(4)?;
            let mut c = from.get(vm, x, y).unwrap_or(0);
            if let Some(palette) = palette {
                c = palette.get(vm, isize::try_from(c).unwrap_or(0), 0).unwrap_or(0);
            }
            if c as isize != key {
                to.put(vm, left + x, top + y, c);
            }
        }
    }
    Ok(())
}

/// Moves the contents.
pub fn scroll(vm: &mut Vm, canvas: &Canvas, x_step: isize, y_step: isize) -> Result<(), Raise> {
    let Pixels { width, height, .. } = canvas.pixels;
    let (width, height) = (width as isize, height as isize);
    if x_step.abs() >= width || y_step.abs() >= height {
        return Ok(());
    }
    // Against the direction of the movement, so that nothing is overwritten before it is moved.
    for i in 0..height - y_step.abs() {
        let y = if y_step < 0 { i } else { height - 1 - i };
        for k in 0..width - x_step.abs() {
            vm.tick(4)?;
            let x = if x_step < 0 { k } else { width - 1 - k };
            if let Some(c) = canvas.get(vm, x - x_step, y - y_step) {
                canvas.put(vm, x, y, c);
            }
        }
    }
    Ok(())
}
