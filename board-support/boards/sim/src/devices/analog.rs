//! The converter: what it measures is a function of time, or what `simboard.adc` says.

use core::cell::RefCell;
use critical_section::Mutex;
use threadsnake_drivers::hal::{Adc, HalError, PinId};

use super::alarm::now_us;

/// How many samples a channel can be given.
pub const SAMPLES: usize = 64;
const CHANNELS: usize = 4;

/// What a channel measures.
#[derive(Clone, Copy)]
struct Feed {
    samples: [u16; SAMPLES],
    /// 0: the function of time.
    n: usize,
    next: usize,
}

const EMPTY: Feed = Feed { samples: [0; SAMPLES], n: 0, next: 0 };

static FEEDS: Mutex<RefCell<[Feed; CHANNELS]>> = Mutex::new(RefCell::new([EMPTY; CHANNELS]));

/// From now on a channel gives these values, one after the other and over again; none: the function of time. False for
/// a channel that is none, or too many values.
pub fn feed(channel: usize, values: &[u16]) -> bool {
    critical_section::with(|cs| {
        let mut feeds = FEEDS.borrow_ref_mut(cs);
        let Some(feed) = feeds.get_mut(channel).filter(|_| values.len() <= SAMPLES) else {
            return false;
        };
        *feed = EMPTY;
        feed.samples[..values.len()].copy_from_slice(values);
        feed.n = values.len();
        true
    })
}

/// A triangle between a quarter and three quarters, each channel with a period of its own.
fn triangle(channel: usize, now_us: u64) -> u16 {
    let period = 1_000_000 * (channel as u64 + 1);
    let phase = now_us % period * 4096 / period;
    1024 + (if phase < 2048 { phase } else { 4095 - phase }) as u16
}

/// The converter: GP2 to GP5, 12 bits, 1.4 V.
pub struct SimAdc;

impl Adc for SimAdc {
    fn channels(&self) -> &'static [PinId] {
        // GP2 to GP5 stand at these places of the table.
        &[PinId(2), PinId(3), PinId(4), PinId(5)]
    }

    fn bits(&self) -> u8 {
        12
    }

    fn read(&self, channel: usize) -> Result<u16, HalError> {
        critical_section::with(|cs| {
            let mut feeds = FEEDS.borrow_ref_mut(cs);
            let feed = feeds.get_mut(channel).ok_or(HalError::Missing)?;
            if feed.n == 0 {
                return Ok(triangle(channel, now_us()));
            }
            let value = feed.samples[feed.next % feed.n];
            feed.next = (feed.next + 1) % feed.n;
            Ok(value.min(4095))
        })
    }

    fn reference_uv(&self) -> u32 {
        1_400_000
    }
}
