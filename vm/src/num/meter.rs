//! Work accounting, so that a long calculation can be interrupted.
//!
//! The interpreter promises a safe point at least every 10 000 instructions. The loops of this
//! library say what they spent; the meter passes it on when enough has come together.
//! Invariant: at most [`LIMIT`] plus the largest single `spend` lies between two calls of the tick
//! function, and no loop spends more than 5000 at once. Copying, comparing and clearing, of one or
//! two instructions per limb, are not counted.

/// Instructions, roughly, that may collect before the tick function hears of them.
pub const LIMIT: usize = 5_000;

/// The limbs that a loop handles between two `spend`s. Even, so that a block ends on a whole word.
pub(super) const BLOCK: usize = 256;

/// The tick function has ended the calculation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Interrupted;

/// Counts instructions and calls a tick function now and then; an error of that function ends the
/// calculation and is passed to the caller, whose result memory then holds nothing of use.
pub struct Meter<'t> {
    spent: usize,
    tick: &'t mut dyn FnMut(usize) -> Result<(), Interrupted>,
}

impl<'t> Meter<'t> {
    /// A meter that reports to `tick`, which is given the approximate number of instructions since
    /// its last call.
    pub fn new(tick: &'t mut dyn FnMut(usize) -> Result<(), Interrupted>) -> Self {
        Meter { spent: 0, tick }
    }

    /// Notes that about `instructions` have been executed.
    ///
    /// # Errors
    /// Whatever the tick function returned, if it was called.
    #[inline]
    pub fn spend(&mut self, instructions: usize) -> Result<(), Interrupted> {
        self.spent += instructions;
        if self.spent < LIMIT { Ok(()) } else { self.report() }
    }

    #[cold]
    fn report(&mut self) -> Result<(), Interrupted> {
        (self.tick)(core::mem::take(&mut self.spent))
    }
}

/// Runs `work` with a meter that never interrupts, for callers whose operands are known to be small.
pub fn unmetered<R>(work: impl FnOnce(&mut Meter<'_>) -> Result<R, Interrupted>) -> Option<R> {
    work(&mut Meter::new(&mut |_| Ok(()))).ok()
}
