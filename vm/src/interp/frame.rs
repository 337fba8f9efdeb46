//! Frames and the value stack.
//!
//! The value stack of a thread is a list of chunks (Raw objects). In a chunk, register windows grow up from the
//! bottom, each overlapping the end of its caller's, and frame records grow down from the top. A frame whose window
//! does not fit begins a new chunk. A generator's registers are in the generator itself; its frame record is on the
//! stack while it runs.
//!
//! # Invariants
//! 1. `Vm::frame` is the lowest record of the current chunk, unless the chunk has none.
//! 2. `top` of a frame is where free window space begins in the current chunk while that frame is innermost.
//! 3. `pc` is valid whenever the frame is not innermost or a native or cold function runs: the next instruction.

use super::call::Target;
use crate::object::{Code, Function, Generator};
use crate::value::header::WORD;
use crate::value::{Kind, Value};
use crate::{Raise, SHORTCUTS, Vm, exc};

/// A frame record.
#[repr(C)]
pub(crate) struct Frame {
    /// The caller's frame; null below the first.
    pub prev: *mut Frame,
    /// The Function that runs.
    pub function: Value,
    /// First register.
    pub regs: *mut Value,
    /// The next instruction; see invariant 3.
    pub pc: *const u8,
    /// Where the result goes: a register of the caller.
    pub dst: *mut Value,
    /// Free space in the current chunk above this frame's window.
    pub top: *mut Value,
    /// What happens on return (`cont`) and how the frame came about (flags).
    pub flags: u32,
    /// The generator that runs, `UNDEF` for an ordinary frame.
    pub generator: Value,
    /// By `cont`; for generators the handled exception of whoever resumed it.
    pub extra: Value,
}

/// Return of the frame returns from `run`.
pub(crate) const ENTRY: u32 = 0x100;
/// The frame began a new chunk.
pub(crate) const NEW_CHUNK: u32 = 0x200;
/// The frame is a generator's.
pub(crate) const GENERATOR: u32 = 0x400;
/// The code has far registers, which lie where windows of callees would otherwise begin: those begin above `top`.
pub(crate) const FAR: u32 = 0x1000;
/// The frame's generator is the innermost of a chain that delegate to one another, of which only the first is on the
/// stack: right below, its `pc` behind its YieldFrom.
pub(crate) const TIP: u32 = 0x800;
/// The tracer has met the frame, or it was there before: its call is no news. See `trace`.
#[cfg(feature = "settrace")]
pub(crate) const SEEN: u32 = 0x2000;
/// The tracer wants to know what happens in the frame, which has an object for that.
#[cfg(feature = "settrace")]
pub(crate) const TRACED: u32 = 0x4000;
/// Bytes of a YieldFrom.
pub(crate) const DELEGATION: usize = 3;
/// Mask of `cont`.
pub(crate) const CONT: u32 = 0xFF;

/// What to do with a frame's result; 0 stores it in `dst`.
pub(crate) mod cont {
    /// `__init__`: must be `None`; `dst` gets `extra`, the instance.
    pub const INIT: u32 = 1;
    /// A generator that a `for` loop drives: a yield stores and jumps back, a return goes on.
    pub const FOR_NEXT: u32 = 2;
    /// A generator that `yield from` drives: a yield is passed on, a return stored.
    pub const YIELD_FROM: u32 = 4;
    /// The result is dropped.
    pub const DISCARD: u32 = 3;
    /// A generator that a native type collects: what it yields goes there and it goes on, its end makes the result of the
    /// call (see `slow::collect`). `dst` is the call's first register.
    pub const COLLECT: u32 = 5;
}

impl Frame {
    /// The Function.
    #[inline(always)]
    pub fn function(&self) -> Function {
        Function::from_known(self.function)
    }

    /// Its code.
    #[inline(always)]
    pub fn code(&self) -> Code {
        self.function().code()
    }

    /// Offset of the instruction that runs (one of its bytes).
    pub fn pc_offset(&self) -> usize {
        self.pc.addr() - self.code().get().bytecode.addr() - 1
    }
}

/// Words of the first chunk of a thread, and of further ones unless a window needs more.
const FIRST_CHUNK: usize = if WORD == 4 { 192 } else { 1024 };
const CHUNK: usize = if WORD == 4 { 512 } else { 2048 };

/// Words of a frame record.
const FRAME_WORDS: usize = size_of::<Frame>() / WORD;

impl Vm {
    /// Pushes the record of a frame whose window begins at `base`, the free space above the innermost frame or what lies right
    /// above its registers; in a new chunk when there is no room. The caller says at once which function it runs, and where.
    #[inline]
    pub(crate) fn push_frame(
        &mut self,
        base: *mut Value,
        n_regs: usize,
        to: &Target,
    ) -> Result<&'static mut Frame, Raise> {
        let above = if self.frame_in_chunk() { self.frame } else { self.chunk_end.cast() };
        let mut next = above.wrapping_sub(1);
        let (mut base, mut flags) = (base, to.flags);
        if self.chunk_base.is_null() || base.wrapping_add(n_regs).addr() > next.addr() {
            self.add_chunk(n_regs)?;
            // Frame records are aligned down from the end.
            next = self.chunk_end.cast::<Frame>().wrapping_sub(1);
            base = self.chunk_base;
            flags |= NEW_CHUNK;
        }
        // SAFETY: there is room for record and window, for nobody else.
        let frame = unsafe {
            next.write(Frame {
                prev: self.frame,
                function: Value::UNDEF,
                regs: base,
                pc: core::ptr::null(),
                dst: to.dst,
                top: base.wrapping_add(n_regs),
                flags,
                generator: Value::UNDEF,
                extra: to.extra,
            });
            &mut *next
        };
        self.frame = next;
        Ok(frame)
    }

    fn frame_in_chunk(&self) -> bool {
        let at = self.frame.addr();
        at >= self.chunk_base.addr() && at < self.chunk_end.addr()
    }

    /// Makes a new chunk the current one.
    #[cold]
    #[inline(never)]
    fn add_chunk(&mut self, n_regs: usize) -> Result<(), Raise> {
        let need = n_regs + FRAME_WORDS * 4 + 1;
        let mut words = need.max(if self.chunk.is_undef() { FIRST_CHUNK } else { CHUNK });
        let left =
            (self.shared().value_stack_limit as usize).saturating_sub(self.stack_bytes as usize);
        if words * WORD > left {
            // Near the limit, as in a small heap, a chunk holds what is needed and no more.
            words = need;
        }
        let spare = core::mem::replace(&mut self.spare_chunk, Value::UNDEF);
        let chunk = if !spare.is_undef() && crate::object::raw_bytes(spare).len() >= words * WORD {
            spare
        } else {
            if self.shared().heap.lock_depth() > 0 {
                let why = "no room for a call while the heap is locked";
                return Err(self.raise(exc::RUNTIME_ERROR, why));
            }
            let limit = self.shared().value_stack_limit as usize;
            if self.stack_bytes as usize + words * WORD > limit {
                return Err(self.recursion_error());
            }
            let chunk = self.alloc_counted(Kind::Raw, 0, words * WORD, 1)?;
            self.stack_bytes += (words * WORD) as u32;
            chunk
        };
        let words = crate::object::raw_bytes(chunk).len() / WORD;
        let base = chunk.object_ptr().wrapping_add(8).cast::<Value>();
        // SAFETY: the chunk holds `words` words from there.
        unsafe { base.write(self.chunk) };
        self.chunk = chunk;
        self.chunk_base = base.wrapping_add(1);
        self.chunk_end = base.wrapping_add(words);
        Ok(())
    }

    /// Leaves the current chunk with the frame that began it.
    #[cold]
    pub(crate) fn pop_chunk(&mut self) {
        let chunk = self.chunk;
        // SAFETY: the current chunk's first word is the chunk before it.
        let before = unsafe { *chunk.object_ptr().wrapping_add(8).cast::<Value>() };
        self.chunk = before;
        if before.is_undef() {
            // The first chunk stays: most calls from native code fit it again.
            self.chunk_base = core::ptr::null_mut();
            self.chunk_end = core::ptr::null_mut();
        } else {
            let words = crate::object::raw_bytes(before).len() / WORD;
            let base = before.object_ptr().wrapping_add(8).cast::<Value>();
            self.chunk_base = base.wrapping_add(1);
            self.chunk_end = base.wrapping_add(words);
        }
        if self.spare_chunk.is_undef() {
            self.spare_chunk = chunk;
        } else {
            self.stack_bytes -= crate::object::raw_bytes(chunk).len() as u32;
            self.free_raw(chunk);
        }
    }

    /// Drops the spare chunk, when the collector needs memory.
    pub(crate) fn drop_spare_chunk(&mut self) {
        if !self.spare_chunk.is_undef() {
            let chunk = core::mem::replace(&mut self.spare_chunk, Value::UNDEF);
            self.stack_bytes -= crate::object::raw_bytes(chunk).len() as u32;
            self.free_raw(chunk);
        }
    }

    /// Free window space above the innermost frame, for calls from native code.
    pub(crate) fn window_top(&self) -> *mut Value {
        if self.frame.is_null() {
            self.chunk_base
        } else {
            // SAFETY: `frame` is live (invariant 1).
            unsafe { (*self.frame).top }
        }
    }

    /// As `push_generator` for the usual case: suspended, no exception pended, sent `None`, room in the chunk, nothing pending. False when it
    /// is not that. Of a chain of generators that delegate to one another, the first and the innermost go on the stack.
    #[inline(never)]
    pub(crate) fn push_suspended(
        &mut self,
        generator: Generator,
        dst: *mut Value,
        flags: u32,
    ) -> bool {
        const MASK: u16 = Generator::STATE | Generator::DELEGATING | Generator::PENDED;
        let aux = generator.aux() & MASK;
        let frame = self.frame;
        // SAFETY: `frame` is live if there is one; the saved pc is behind a Yield or in front of a YieldFrom, whose
        // registers are the generator's.
        unsafe {
            let plain = if SHORTCUTS { aux & !Generator::DELEGATING } else { aux };
            if plain != Generator::SUSPENDED
                || frame.is_null()
                || self.is_pending()
                || (*frame).top.addr() > frame.wrapping_sub(2).addr()
            {
                return false;
            }
            if !SHORTCUTS || aux & Generator::DELEGATING == 0 {
                self.push_at_yield(generator, dst, flags | GENERATOR);
                return true;
            }
            let pc = generator.saved_pc();
            let sent = generator.regs().add(*pc.add(2) as usize + 1);
            let tip = *sent;
            *sent = Value::NONE;
            if let Some(tip) = Generator::from_value(tip) {
                let state = tip.aux() & MASK;
                if state == Generator::RUNNING {
                    *sent = tip.value();
                    return false;
                }
                if state == Generator::SUSPENDED {
                    self.push_record(generator, pc.add(DELEGATION), dst, flags | GENERATOR);
                    let null = core::ptr::null_mut();
                    self.push_at_yield(tip, null, cont::YIELD_FROM | GENERATOR | TIP);
                    return true;
                }
            }
            self.push_record(generator, pc, dst, flags | GENERATOR);
        }
        true
    }

    /// Resumes a generator at its `Yield`, which gets `None`.
    ///
    /// # Safety
    /// As of `push_record`; it is suspended and not delegating.
    #[inline(always)]
    unsafe fn push_at_yield(&mut self, generator: Generator, dst: *mut Value, flags: u32) {
        // SAFETY: the saved pc is behind a Yield, whose register is the generator's.
        unsafe {
            let pc = generator.saved_pc();
            *generator.regs().add(*pc.sub(2) as usize) = Value::NONE;
            self.push_record(generator, pc, dst, flags);
        }
    }

    /// Writes the next frame record for a generator, which is running then.
    ///
    /// # Safety
    /// There is an innermost frame, and room below it.
    #[inline(always)]
    unsafe fn push_record(
        &mut self,
        generator: Generator,
        pc: *const u8,
        dst: *mut Value,
        flags: u32,
    ) {
        let frame = self.frame;
        let next = frame.wrapping_sub(1);
        // SAFETY: the caller's promise.
        unsafe {
            next.write(Frame {
                prev: frame,
                function: (*generator.raw()).function,
                regs: generator.regs(),
                pc,
                dst,
                top: (*frame).top,
                flags,
                generator: generator.value(),
                extra: self.handled,
            });
            self.handled = (*generator.raw()).handled;
        }
        self.frame = next;
        crate::object::set_aux(self, generator.value(), Generator::RUNNING);
    }

    /// After the frame of `tip` with its `TIP` flag is gone: pushes the frames of the generators between the innermost
    /// frame and `tip`. Returns where the last of them wants the result; `None` when somebody has changed the chain.
    #[cold]
    #[inline(never)]
    pub(crate) fn restore_chain(&mut self, tip: Value) -> Result<Option<*mut Value>, Raise> {
        loop {
            // SAFETY: `frame` is live, a generator's, and its `pc` behind a YieldFrom.
            let (dst, inner) = unsafe {
                let f = &*self.frame;
                let at = f.pc.sub(DELEGATION);
                (f.regs.add(*at.add(1) as usize), *f.regs.add(*at.add(2) as usize))
            };
            if inner == tip {
                return Ok(Some(dst));
            }
            let delegating = Generator::SUSPENDED | Generator::DELEGATING;
            let Some(g) = Generator::from_value(inner).filter(|g| g.aux() & 7 == delegating) else {
                return Ok(None);
            };
            self.push_generator(g, dst, cont::YIELD_FROM)?;
            // SAFETY: the frame just pushed, in front of its YieldFrom.
            unsafe { (*self.frame).pc = (*self.frame).pc.add(DELEGATION) };
        }
    }

    /// Pushes the frame of a suspended generator.
    pub(crate) fn push_generator(
        &mut self,
        generator: Generator,
        dst: *mut Value,
        flags: u32,
    ) -> Result<(), Raise> {
        let to = Target { dst, flags: flags | GENERATOR, extra: self.handled };
        let frame = self.push_frame(self.window_top(), 0, &to)?;
        frame.function = generator.function().value();
        frame.regs = generator.regs();
        frame.pc = generator.saved_pc();
        frame.generator = generator.value();
        // SAFETY: the generator is live.
        self.handled = unsafe { (*generator.raw()).handled };
        crate::object::set_aux(self, generator.value(), Generator::RUNNING);
        Ok(())
    }
}
