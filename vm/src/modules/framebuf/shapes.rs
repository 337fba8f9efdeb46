//! What is drawn: lines, ellipses, polygons.
//!
//! Lines are Bresenham's. Ellipses are John Kennedy's ("A Fast Bresenham Type Algorithm for Drawing Ellipses"). Polygons are
//! filled row by row between their edges.

use super::pixels::Pixels;
use crate::object::{Blob, List};
use crate::value::Value;
use crate::{Raise, Vm};

/// Where to draw. Coordinates are so small that sums of a few of them are numbers as well.
#[derive(Clone, Copy)]
pub struct Canvas {
    pub buffer: Blob,
    /// Width and height are below 2^16.
    pub width: isize,
    pub height: isize,
    pub pixels: Pixels,
    /// The colour to draw with.
    pub colour: u16,
}

impl Canvas {
    fn has(&self, x: isize, y: isize) -> bool {
        // Negative ones are large without their sign.
        (x as usize) < self.width as usize && (y as usize) < self.height as usize
    }

    /// The colour at a place; -1 outside.
    #[inline(never)]
    pub fn get(&self, vm: &Vm, x: isize, y: isize) -> i32 {
        let bytes = self.buffer.bytes(vm);
        if self.has(x, y) { self.pixels.get(bytes, x as usize, y as usize) } else { -1 }
    }

    /// Sets the colour at a place, if that is inside.
    #[inline(never)]
    pub fn put(&self, vm: &mut Vm, x: isize, y: isize) {
        if self.has(x, y) {
            let bytes = self.buffer.bytes_mut(vm);
            self.pixels.put(bytes, x as usize, y as usize, self.colour);
        }
    }

    /// Fills a rectangle.
    #[inline(never)]
    pub fn fill(&self, vm: &mut Vm, x: isize, y: isize, w: isize, h: isize) -> Result<(), Raise> {
        let (x_end, y_end) = (self.width.min(x + w), self.height.min(y + h));
        let (x, y) = (x.max(0), y.max(0));
        for y in y..y_end {
            vm.tick((x_end - x).max(0) as usize / 4 + 4)?;
            let bytes = self.buffer.bytes_mut(vm);
            for x in x..x_end {
                self.pixels.put(bytes, x as usize, y as usize, self.colour);
            }
        }
        Ok(())
    }

    /// A line from one place to another, with both its ends.
    pub fn line(&self, vm: &mut Vm, &[x, y, to_x, to_y]: &[isize; 4]) -> Result<(), Raise> {
        let (dx, dy) = (to_x - x, to_y - y);
        let is_steep = dy.abs() > dx.abs();
        // Along the longer side each step is one pixel, across it the error decides.
        let (long, short) = if is_steep { (dy, dx) } else { (dx, dy) };
        let (n, across) = (long.abs(), short.abs());
        let mut error = 2 * across - n;
        let (mut along, mut beside) = (0, 0);
        for _ in 0..=n {
            vm.tick(2)?;
            let (dx, dy) = if is_steep { (beside, along) } else { (along, beside) };
            self.put(vm, x + dx, y + dy);
            if error >= 0 {
                beside += short.signum();
                error -= 2 * n;
            }
            along += long.signum();
            error += 2 * across;
        }
        Ok(())
    }
}

/// An ellipse: its centre and its radii. Of the quadrants, bit 0 is the top right one, then counterclockwise.
#[inline(never)]
pub fn ellipse(
    vm: &mut Vm,
    canvas: &Canvas,
    &[x, y, a, b]: &[isize; 4],
    filled: bool,
    quadrants: isize,
) -> Result<(), Raise> {
    // Beyond these, squares times radii do not fit.
    const MOST: isize = if isize::BITS == 64 { 1 << 15 } else { 700 };
    let (a, b) = (a.clamp(0, MOST), b.clamp(0, MOST));
    if a == 0 && b == 0 {
        if quadrants != 0 {
            canvas.put(vm, x, y);
        }
        return Ok(());
    }
    // First from the sides on, as long as the curve is steep; then from the top and the bottom.
    for is_level in [false, true] {
        // The distances from the centre along both axes, one point for each step of the second; how the error changes with
        // each; and how far their derivatives are, which say where the curve is steep no longer.
        let (a, b) = if is_level { (b, a) } else { (a, b) };
        let (a2, b2) = (2 * a * a, 2 * b * b);
        let (mut along, mut beside) = (a, 0);
        let (mut along_change, mut beside_change) = (b2 / 2 - b2 * a, a2 / 2);
        let (mut along_stop, mut beside_stop) = (b2 * a, 0);
        let mut error = 0;
        while along_stop >= beside_stop {
            let (dx, dy) = if is_level { (beside, along) } else { (along, beside) };
            for quadrant in 0..4 {
                if quadrants >> quadrant & 1 == 0 {
                    continue;
                }
                let is_left = matches!(quadrant, 1 | 2);
                let (left, right) = (if is_left { x - dx } else { x }, x + dx);
                let y = if quadrant < 2 { y - dy } else { y + dy };
                if filled {
                    canvas.fill(vm, left, y, dx + 1, 1)?;
                } else {
                    canvas.put(vm, if is_left { left } else { right }, y);
                }
            }
            vm.tick(8)?;
            beside += 1;
            beside_stop += a2;
            error += beside_change;
            beside_change += a2;
            if 2 * error + along_change > 0 {
                along -= 1;
                along_stop -= b2;
                error += along_change;
                along_change += b2;
            }
        }
    }
    Ok(())
}

/// A closed polygon: `corners` has the coordinates of its points, counted from `x`, `y`.
///
/// It is filled in each row from the first edge to the second, from the third to the fourth, and so on. An edge is crossed from
/// its upper end on to before its lower one; lower ends and level edges, which that leaves out, are drawn themselves.
#[inline(never)]
pub fn polygon(
    vm: &mut Vm,
    canvas: &Canvas,
    x: isize,
    y: isize,
    corners: List,
    filled: bool,
) -> Result<(), Raise> {
    let n = corners.len(vm) / 2;
    let corner =
        |vm: &Vm, i: usize| (number_at(vm, corners, 2 * i), number_at(vm, corners, 2 * i + 1));
    let (mut row, mut last) = (0, 0);
    if filled {
        (row, last) = (isize::MAX, isize::MIN);
        for i in 0..n {
            let (_, y) = corner(vm, i);
            (row, last) = (row.min(y), last.max(y));
        }
        // Only rows that can be seen.
        row = row.max(-y);
        last = last.min(canvas.height - 1 - y);
    }
    let crossings = vm.new_list()?;
    while row <= last && n > 0 {
        crossings.truncate(vm, 0);
        let mut from = corner(vm, 0);
        for i in (0..n).rev() {
            vm.tick(4)?;
            let to = corner(vm, i);
            let (upper, lower) = (from.1.min(to.1), from.1.max(to.1));
            if !filled {
                canvas.line(vm, &[x + from.0, y + from.1, x + to.0, y + to.1])?;
            } else if upper == lower {
                if row == upper {
                    let (left, right) = (from.0.min(to.0), from.0.max(to.0));
                    canvas.fill(vm, x + left, y + row, right - left + 1, 1)?;
                }
            } else if (upper..lower).contains(&row) {
                // Counted in parts of 32 of a pixel and rounded. Far away from any display it is somewhere.
                let (dx, dy) = (to.0 - from.0, to.1 - from.1);
                let at = dx.wrapping_mul(32 * (row - from.1)).wrapping_div(dy);
                let at = from.0.wrapping_mul(32).wrapping_add(at).wrapping_add(16) / 32;
                let mut place = crossings.len(vm);
                while place > 0 && number_at(vm, crossings, place - 1) > at {
                    place -= 1;
                }
                crossings.insert(vm, place, Value::int(at as i32))?;
            } else if row == lower {
                let at = if from.1 == lower { from.0 } else { to.0 };
                canvas.put(vm, x + at, y + row);
            }
            from = to;
        }
        for i in 0..crossings.len(vm) / 2 {
            let left = number_at(vm, crossings, 2 * i);
            let right = number_at(vm, crossings, 2 * i + 1);
            canvas.fill(vm, x + left, y + row, right - left + 1, 1)?;
        }
        row += 1;
    }
    Ok(())
}

/// Number `i` of a list of small numbers.
fn number_at(vm: &Vm, numbers: List, i: usize) -> isize {
    numbers.get(vm, i).map_or(0, Value::known_int)
}
