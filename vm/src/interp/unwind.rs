//! Leaving frames: by returning, by yielding, by an exception.

#[cfg(feature = "settrace")]
use super::frame::TRACED;
use super::frame::{CONT, DELEGATION, ENTRY, GENERATOR, NEW_CHUNK, TIP, cont};
use crate::exc;
use crate::object::{Generator, Res, set_aux};
use crate::value::Value;
use crate::{Raise, SHORTCUTS, Vm};

/// No frame is flagged so.
#[cfg(not(feature = "settrace"))]
const TRACED: u32 = 0;

impl Vm {
    /// Takes the innermost frame off the stack.
    #[cfg_attr(feature = "shortcuts", inline(always))]
    #[cfg_attr(not(feature = "shortcuts"), inline(never))]
    pub(super) fn pop_frame(&mut self) {
        // SAFETY: `frame` is live.
        let f = unsafe { &*self.frame };
        let flags = f.flags;
        if flags & GENERATOR != 0 {
            // SAFETY: the frame's generator is live.
            unsafe { (*Generator::from_known(f.generator).raw()).handled = self.handled };
            self.handled = f.extra;
        }
        self.frame = f.prev;
        if flags & (NEW_CHUNK | TRACED) != 0 {
            #[cfg(feature = "settrace")]
            self.trace_left(flags);
            if flags & NEW_CHUNK != 0 {
                self.pop_chunk();
            }
        }
    }

    /// Returns `value` from the innermost frame, one with flags.
    #[inline(never)]
    pub(crate) fn leave_frame(&mut self, value: Value) -> Result<(), Raise> {
        // SAFETY: `frame` is live.
        let (flags, dst, extra, generator) = unsafe {
            let f = &*self.frame;
            (f.flags, f.dst, f.extra, f.generator)
        };
        if flags & CONT == cont::INIT && !value.is_none() {
            return Err(self.raise(exc::TYPE_ERROR, "__init__() should return None"));
        }
        self.pop_frame();
        if flags & GENERATOR != 0 {
            set_aux(self, generator, Generator::DONE);
        }
        if SHORTCUTS && flags & TIP != 0 {
            match self.restore_chain(generator)? {
                // SAFETY: a register of the generator whose frame is innermost now.
                Some(dst) => unsafe { *dst = value },
                // SAFETY: its YieldFrom runs again, with nothing sent.
                None => unsafe {
                    let f = &mut *self.frame;
                    f.pc = f.pc.sub(DELEGATION);
                    *f.regs.add(*f.pc.add(2) as usize + 1) = Value::NONE;
                },
            }
        } else if flags & ENTRY == 0 {
            match flags & CONT {
                // SAFETY: `dst` is a register of the caller's live window.
                cont::INIT => unsafe { *dst = extra },
                cont::FOR_NEXT | cont::DISCARD => {}
                cont::COLLECT if SHORTCUTS => super::slow::collected(self, dst)?,
                // SAFETY: as above.
                _ => unsafe { *dst = value },
            }
        }
        Ok(())
    }

    /// Yields a value from the innermost frame, a generator's: one that is collected goes on, any other is suspended, and so
    /// is every generator that delegates to it. The value when that ends the run, else `STOP`.
    /// `delegating`: in front of a `YieldFrom`, which runs again.
    #[inline(never)]
    pub(super) fn yield_value(&mut self, value: Value, delegating: bool) -> Res {
        // SAFETY: `frame` is live, and a Yield or YieldFrom is in front of its `pc` or behind it; the same goes for those
        // below it that delegate, whose `pc` is behind.
        unsafe {
            let f = &*self.frame;
            let (mut flags, mut dst, tip) = (f.flags, f.dst, f.generator);
            if SHORTCUTS && flags & CONT == cont::COLLECT {
                let mut taken = super::slow::collect_item(self, dst, value);
                if !delegating {
                    *f.regs.add(*f.pc.sub(2) as usize) = Value::NONE;
                } else if taken.is_ok() {
                    // No other instruction that runs again and again is without a safe point.
                    taken = self.safe_point();
                }
                if taken.is_err() {
                    // It is the caller's exception.
                    self.suspend(delegating);
                }
                return taken.map(|()| Value::STOP);
            }
            self.suspend(delegating);
            while flags & (CONT | ENTRY) == cont::YIELD_FROM {
                #[cfg(feature = "settrace")]
                self.trace_yield(value)?;
                // The one that delegates waits in front of its YieldFrom, and remembers who yielded.
                let f = &mut *self.frame;
                f.pc = f.pc.sub(DELEGATION);
                *f.regs.add(*f.pc.add(2) as usize + 1) = tip;
                (flags, dst) = (f.flags, f.dst);
                self.suspend(true);
            }
            if flags & ENTRY != 0 {
                return Ok(value);
            }
            *dst = value;
            if flags & CONT == cont::FOR_NEXT {
                // The caller's `pc` is behind its ForNext, whose jump goes back to the body.
                self.safe_point()?;
                let f = &mut *self.frame;
                f.pc = f.pc.offset(f.pc.sub(2).cast::<i16>().read_unaligned() as isize);
            }
            Ok(Value::STOP)
        }
    }

    /// Suspends the innermost frame, a generator's; see `yield_value`.
    fn suspend(&mut self, delegating: bool) {
        // SAFETY: `frame` is live and its generator too.
        unsafe {
            let f = &*self.frame;
            let generator = Generator::from_known(f.generator);
            let at = f.pc.addr() - f.code().get().bytecode.addr();
            (*generator.raw()).pc = at as u32;
            let state = Generator::SUSPENDED | if delegating { Generator::DELEGATING } else { 0 };
            set_aux(self, f.generator, state);
            self.pop_frame();
        }
    }

    /// Finds the handler of the parked exception and goes there: true. Without one in this run: its frames are gone, false.
    #[cold]
    #[inline(never)]
    pub(crate) fn unwind(&mut self) -> bool {
        loop {
            debug_assert!(!self.exception.is_undef());
            let frame = self.frame;
            // SAFETY: `frame` is live.
            let f = unsafe { &mut *frame };
            let code = f.code();
            let at = f.pc_offset();
            if !core::mem::take(&mut self.reraising) && !self.killed {
                let line = code.line_of(at);
                self.add_traceback(code.file(), line, code.name());
                #[cfg(feature = "settrace")]
                self.trace_exception(line);
            }
            if !self.killed {
                let handler = code
                    .handlers()
                    .iter()
                    .find(|h| h.start as usize <= at && at < h.end as usize)
                    .copied();
                if let Some(h) = handler {
                    let exception = self.take_exception();
                    // SAFETY: the verifier or compiler proved register and target.
                    unsafe {
                        *f.regs.add(h.reg as usize) = exception;
                        f.pc = code.get().bytecode.add(h.target as usize);
                    }
                    return true;
                }
            }
            let (flags, generator) = (f.flags, f.generator);
            #[cfg(feature = "settrace")]
            self.trace_unwound();
            self.pop_frame();
            if flags & GENERATOR != 0 {
                set_aux(self, generator, Generator::DONE);
                self.stop_iteration_is_an_error(Generator::from_known(generator));
                if SHORTCUTS && flags & TIP != 0 {
                    // A lack of memory for the frames takes the place of the exception.
                    let _ = self.restore_chain(generator);
                }
            }
            if flags & ENTRY != 0 {
                return false;
            }
        }
    }

    /// A `StopIteration` that leaves a generator would look like its end: it becomes a `RuntimeError`.
    fn stop_iteration_is_an_error(&mut self, generator: Generator) {
        let class = if self.raised(exc::STOP_ITERATION) {
            "generator raised StopIteration"
        } else if cfg!(feature = "extra")
            && generator.is_async_generator()
            && self.raised(exc::STOP_ASYNC_ITERATION)
        {
            "async generator raised StopAsyncIteration"
        } else {
            return;
        };
        let cause = self.take_exception();
        let _ = self.raise(exc::RUNTIME_ERROR, class);
        if cfg!(feature = "extra")
            && let Some(e) = crate::object::Exception::from_value(self.exception)
        {
            e.set_context(self, cause);
        }
    }
}
