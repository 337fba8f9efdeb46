//! Pixels in memory: where they are in each format.
//!
//! # Invariants
//! Nothing here goes outside the bytes it is given, whatever the dimensions say: the buffer may have become shorter.

/// One bit, eight rows a byte, the lowest bit on top.
pub const MONO_VLSB: isize = 0;
/// 16 bits in the byte order of the machine.
pub const RGB565: isize = 1;
/// Four bits, the left pixel in the high half.
pub const GS4_HMSB: isize = 2;
/// One bit, eight columns a byte, the highest bit on the left.
pub const MONO_HLSB: isize = 3;
/// One bit, eight columns a byte, the lowest bit on the left.
pub const MONO_HMSB: isize = 4;
/// Two bits, the leftmost pixel in the lowest.
pub const GS2_HMSB: isize = 5;
/// Eight bits.
pub const GS8: isize = 6;

/// Bits of a pixel by format.
const BITS: [u8; 7] = [1, 16, 4, 1, 1, 2, 8];

/// The dimensions of a frame buffer, in pixels, all but `stride` below 2^16; `stride` is that of whole bytes.
#[derive(Clone, Copy)]
pub struct Pixels {
    pub width: isize,
    pub height: isize,
    pub stride: usize,
    pub format: isize,
}

/// Checks width, height, format and stride, of which the last is completed; false for wrong ones, or if `n_bytes` are too few.
/// The format is one of the above.
pub fn check(numbers: &mut [isize; 4], n_bytes: usize) -> bool {
    let [width, height, format, stride] = *numbers;
    let sizes = 1..0x10000;
    if !(sizes.contains(&width) && sizes.contains(&height) && sizes.contains(&stride))
        || stride < width
    {
        return false;
    }
    let (width, height, stride) = (width as usize, height as usize, stride as usize);
    let (bits, rows) = match format {
        MONO_VLSB => (8, 8),
        _ => (usize::from(BITS[format as usize]), 1),
    };
    // The last row may end where its last pixel does.
    let stride = (stride * bits).div_ceil(8);
    numbers[3] = (stride * 8 / bits) as isize;
    (height.div_ceil(rows) - 1) * stride + (width * bits).div_ceil(8) <= n_bytes
}

impl Pixels {
    fn bits(&self) -> u8 {
        BITS.get(self.format as usize).copied().unwrap_or(8)
    }

    /// The index of the byte with the pixel, and the lowest of its bits there.
    #[inline(never)]
    fn place(&self, x: usize, y: usize) -> (usize, usize) {
        if self.format == MONO_VLSB {
            return (x + y / 8 * self.stride, y % 8);
        }
        let bits = usize::from(self.bits());
        let bit = (x + y * self.stride) * bits;
        let is_from_left = matches!(self.format, GS4_HMSB | MONO_HLSB);
        (bit / 8, if is_from_left { 8 - bits - bit % 8 } else { bit % 8 })
    }

    /// The colour at a place inside.
    pub fn get(&self, bytes: &[u8], x: usize, y: usize) -> u16 {
        let (i, shift) = self.place(x, y);
        match bytes.get(i..) {
            Some(&[low, high, ..]) if self.format == RGB565 => u16::from_ne_bytes([low, high]),
            Some(&[byte, ..]) => u16::from(byte) >> shift & ((1 << self.bits()) - 1),
            _ => 0,
        }
    }

    /// Sets the colour at a place inside.
    pub fn put(&self, bytes: &mut [u8], x: usize, y: usize, colour: u16) {
        let (i, shift) = self.place(x, y);
        let bits = self.bits();
        match bytes.get_mut(i..) {
            Some([low, high, ..]) if bits == 16 => [*low, *high] = colour.to_ne_bytes(),
            Some([byte, ..]) => {
                // Of one bit, any colour but 0 is the other one.
                let colour = if bits == 1 { (colour != 0) as u16 } else { colour };
                let mask = (1u16 << (bits & 15)) - 1;
                *byte = (u16::from(*byte) & !(mask << shift) | (colour & mask) << shift) as u8;
            }
            _ => {}
        }
    }

    /// Fills what of a rectangle is inside.
    pub fn fill(&self, bytes: &mut [u8], x: isize, y: isize, w: isize, h: isize, colour: u16) {
        let (x_end, y_end) = (self.width.min(x + w), self.height.min(y + h));
        for y in y.max(0)..y_end {
            if self.format == GS8 {
                let row = y as usize * self.stride;
                let (x, x_end) = (row + x.max(0) as usize, row + x_end.max(0) as usize);
                if let Some(row) = bytes.get_mut(x..x_end) {
                    row.fill(colour as u8);
                }
                continue;
            }
            for x in x.max(0)..x_end {
                self.put(bytes, x as usize, y as usize, colour);
            }
        }
    }
}
