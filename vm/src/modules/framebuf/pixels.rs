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

/// The dimensions of a frame buffer, in pixels, all but `stride` below 2^16; `stride` is that of whole bytes.
#[derive(Clone, Copy)]
pub struct Pixels {
    pub width: usize,
    pub height: usize,
    pub stride: usize,
    pub format: isize,
}

impl Pixels {
    /// Checks dimensions; `None` for wrong ones, or if `n_bytes` are too few.
    pub fn new(
        width: isize,
        height: isize,
        stride: isize,
        format: isize,
        n_bytes: usize,
    ) -> Option<Pixels> {
        const SIZES: core::ops::RangeInclusive<isize> = 1..=0xffff;
        if !SIZES.contains(&width)
            || !SIZES.contains(&height)
            || !(width..=0xffff).contains(&stride)
        {
            return None;
        }
        let (width, height, stride) = (width as usize, height as usize, stride as usize);
        let (bits, rows) = match format {
            MONO_VLSB => (8, 8),
            RGB565 => (16, 1),
            GS4_HMSB => (4, 1),
            MONO_HLSB | MONO_HMSB => (1, 1),
            GS2_HMSB => (2, 1),
            GS8 => (8, 1),
            _ => return None,
        };
        let stride = match bits {
            8.. => stride,
            _ => stride.next_multiple_of(8 / bits),
        };
        // The last row may end where its last pixel does.
        let last = (width * bits).div_ceil(8);
        let needed = (height.div_ceil(rows) - 1) * (stride * bits / 8) + last;
        if needed > n_bytes { None } else { Some(Pixels { width, height, stride, format }) }
    }

    /// The index of the byte with the pixel, the lowest of its bits there, and how many bits it has (16: two bytes).
    fn place(&self, x: usize, y: usize) -> (usize, usize, usize) {
        let at = x + y * self.stride;
        match self.format {
            MONO_VLSB => (x + y / 8 * self.stride, y % 8, 1),
            RGB565 => (at * 2, 0, 16),
            GS4_HMSB => (at / 2, 4 - at % 2 * 4, 4),
            MONO_HLSB => (at / 8, 7 - at % 8, 1),
            MONO_HMSB => (at / 8, at % 8, 1),
            GS2_HMSB => (at / 4, at % 4 * 2, 2),
            _ => (at, 0, 8),
        }
    }

    /// The colour at a place inside.
    pub fn get(&self, bytes: &[u8], x: usize, y: usize) -> u16 {
        let (i, shift, bits) = self.place(x, y);
        match (bytes.get(i), bits) {
            (Some(&low), 16) => {
                let high = bytes.get(i + 1).copied().unwrap_or(0);
                u16::from_ne_bytes([low, high])
            }
            (Some(&byte), _) => u16::from(byte) >> shift & ((1 << bits) - 1),
            (None, _) => 0,
        }
    }

    /// Sets the colour at a place inside.
    pub fn put(&self, bytes: &mut [u8], x: usize, y: usize, colour: u16) {
        let (i, shift, bits) = self.place(x, y);
        if bits == 16 {
            if let Some(pair) = bytes.get_mut(i..i + 2) {
                pair.copy_from_slice(&colour.to_ne_bytes());
            }
        } else if let Some(byte) = bytes.get_mut(i) {
            // Of one bit, any colour but 0 is the other one.
            let colour = if bits == 1 { (colour != 0) as u16 } else { colour };
            let mask = (1u16 << bits) - 1;
            *byte = (u16::from(*byte) & !(mask << shift) | (colour & mask) << shift) as u8;
        }
    }

    /// Fills what of a rectangle is inside.
    pub fn fill(&self, bytes: &mut [u8], x: isize, y: isize, w: isize, h: isize, colour: u16) {
        let clip = |start: isize, n: isize, most: usize| {
            let end = start.saturating_add(n).clamp(0, most as isize) as usize;
            (start.clamp(0, most as isize) as usize, end)
        };
        let ((x, x_end), (y, y_end)) = (clip(x, w, self.width), clip(y, h, self.height));
        for y in y..y_end {
            if self.format == GS8 {
                let row = y * self.stride;
                if let Some(row) = bytes.get_mut(row + x..row + x_end.max(x)) {
                    row.fill(colour as u8);
                }
                continue;
            }
            for x in x..x_end {
                self.put(bytes, x, y, colour);
            }
        }
    }
}
