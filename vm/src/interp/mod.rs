//! Running bytecode: frames, calls, the dispatch loop, exceptions, generators.

pub(crate) mod call;
mod dispatch;
mod frame;
mod generator;
mod slow;
#[cfg(feature = "settrace")]
mod trace;
mod unwind;

pub(crate) use call::Target;
pub(crate) use frame::Frame;
pub use generator::Resumed;
#[cfg(feature = "settrace")]
pub(crate) use trace::Tracer;
