//! Pixels in memory: where they are in each format.
//!
//! # Invariants
//! Nothing here goes outside the bytes it is given, whatever the dimensions say: the buffer may have become shorter.

/// One bit, eight rows a byte, the lowest bit on top.
pub const MONO_VLSB: isize = 0;
/// 16 bits, the low byte first.
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

/// Checks width, height, format and stride, of which the last is completed; false for wrong ones, or if `n_bytes` are too few.
/// The format is one of the above.
pub fn check(numbers: &mut [isize; 4], n_bytes: usize) -> bool {
    let [width, height, format, stride] = *numbers;
    // Negative ones are large without their sign.
    let (width, height, stride) = (width as usize, height as usize, stride as usize);
    if width == 0 || height == 0 || stride < width || height > 0xffff || stride > 0xffff {
        return false;
    }
    let (bits, rows) = match format {
        MONO_VLSB => (8, 8),
        _ => (usize::from(BITS[format as usize]), 1),
    };
    // The last row may end where its last pixel does.
    let stride = (stride * bits).div_ceil(8);
    numbers[3] = (stride * 8 / bits) as isize;
    (height.div_ceil(rows) - 1) * stride + (width * bits).div_ceil(8) <= n_bytes
}

/// How the pixels of a frame buffer lie.
#[derive(Clone, Copy)]
pub struct Pixels {
    /// In pixels, and whole bytes.
    stride: usize,
    /// Bits of a pixel.
    bits: usize,
    format: isize,
}

impl Pixels {
    /// With a stride that [`check`] has completed.
    pub fn new(format: isize, stride: usize) -> Pixels {
        let bits = BITS.get(format as usize).copied().unwrap_or(8);
        Pixels { stride, bits: bits.into(), format }
    }

    /// The index of the byte with the pixel, and the lowest of its bits there.
    #[inline(never)]
    fn place(&self, x: usize, y: usize) -> (usize, usize) {
        if self.format == MONO_VLSB {
            return (x + y / 8 * self.stride, y % 8);
        }
        let bit = (x + y * self.stride) * self.bits;
        let is_from_left = matches!(self.format, GS4_HMSB | MONO_HLSB);
        (bit / 8, if is_from_left { 8 - self.bits - bit % 8 } else { bit % 8 })
    }

    fn mask(&self) -> u32 {
        (1 << self.bits) - 1
    }

    /// The byte at `i` and the next one, which a pixel of 16 bits has too.
    fn word(bytes: &[u8], i: usize) -> u32 {
        let byte = |i: usize| bytes.get(i).copied().map_or(0, u32::from);
        byte(i) | byte(i + 1) << 8
    }

    /// The colour at a place inside.
    pub fn get(&self, bytes: &[u8], x: usize, y: usize) -> i32 {
        let (i, shift) = self.place(x, y);
        (Pixels::word(bytes, i) >> shift & self.mask()) as i32
    }

    /// Sets the colour at a place inside.
    pub fn put(&self, bytes: &mut [u8], x: usize, y: usize, colour: u16) {
        let (i, shift) = self.place(x, y);
        let mask = self.mask();
        // Of one bit, any colour but 0 is the other one.
        let colour = if mask == 1 { (colour != 0).into() } else { u32::from(colour) & mask };
        let word = Pixels::word(bytes, i) & !(mask << shift) | colour << shift;
        if let Some(byte) = bytes.get_mut(i) {
            *byte = word as u8;
        }
        if self.bits > 8
            && let Some(byte) = bytes.get_mut(i + 1)
        {
            *byte = (word >> 8) as u8;
        }
    }
}
