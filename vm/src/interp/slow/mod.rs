//! The uncommon cases of instructions: out of line, so that the dispatch loop stays small.
//!
//! A result of `STOP` says that a frame was pushed whose result goes where the instruction wants it. One file for each
//! subject.

mod arith;
mod attrs;
mod building;
mod calls;
mod cold;
mod exceptions;
mod items;
mod iteration;
mod matching;
mod names;

pub(super) use arith::*;
pub(super) use attrs::*;
pub(super) use building::*;
pub(super) use calls::*;
pub(super) use cold::*;
pub(super) use exceptions::*;
pub(super) use items::*;
pub(super) use iteration::*;
pub(super) use matching::*;
pub(super) use names::*;

use super::call::Target;
use crate::object::{Hint, Res};
use crate::{Raise, Vm, exc};
use core::sync::atomic::Ordering::Relaxed;

/// For an instruction of a precompiled file whose feature this build has not.
#[cold]
#[inline(never)]
fn not_built(vm: &mut Vm) -> Raise {
    vm.raise(exc::NOT_IMPLEMENTED_ERROR, "opcode")
}
