//! Uses of shared objects in the words of Python objects: an address and a bit, as a small int.

use crate::shared::Shared;
use crate::ticker::TickerRef;
use core::mem::ManuallyDrop;
use core::ptr::{self, NonNull};
use threadsnake_vm::value::Value;

/// Addresses of the kernel's blocks are multiples of this; so one fits a small int with a bit to spare.
const UNIT: usize = 8;

/// Gives a use up to a word. `is_own` comes back with it.
pub fn give_back(shared: Shared, is_own: bool) -> Value {
    let address = shared.into_raw().as_ptr().expose_provenance();
    Value::from_len(address / UNIT * 2 + usize::from(is_own))
}

/// Takes back what [`give_back`] gave, once; `None` for `None`.
pub fn take(word: Value) -> Option<(Shared, bool)> {
    let bits = word.as_small_int()? as usize;
    let raw = NonNull::new(ptr::with_exposed_provenance_mut(bits / 2 * UNIT))?;
    // SAFETY: only `give_back` makes such words, and callers overwrite the word that they take from.
    Some((unsafe { Shared::from_raw(raw) }, bits % 2 == 1))
}

/// Another use of the object in a word, which keeps its own.
pub fn lend(word: Value) -> Option<Shared> {
    let (shared, _) = take(word)?;
    let shared = ManuallyDrop::new(shared);
    Some(Shared::clone(&shared))
}

/// Gives a timer up to a word.
pub fn give_back_ticker(ticker: TickerRef) -> Value {
    Value::from_len(ticker.into_address() / UNIT)
}

/// Takes back what [`give_back_ticker`] gave, once; `None` for `None`.
pub fn take_ticker(word: Value) -> Option<TickerRef> {
    let address = word.as_small_int()? as usize * UNIT;
    // SAFETY: only `give_back_ticker` makes such words, and callers overwrite the word that they take from.
    Some(unsafe { TickerRef::from_address(address) })
}

/// The timer in a word, which keeps it.
pub fn with_ticker<R>(word: Value, f: impl FnOnce(&TickerRef) -> R) -> Option<R> {
    let ticker = ManuallyDrop::new(take_ticker(word)?);
    Some(f(&ticker))
}
