//! Resuming generators from native code: `next`, `send`, `throw`, `close`.

use super::frame::ENTRY;
use crate::exc;
use crate::object::{Generator, Res, Tuple, set_aux};
use crate::value::Value;
use crate::value::names::q;
use crate::{Raise, Vm};

/// What a resumed generator did.
#[derive(Clone, Copy, Debug)]
pub enum Resumed {
    /// It yielded.
    Yielded(Value),
    /// It returned.
    Returned(Value),
}

impl Vm {
    /// Prepares a suspended generator for `send(value)`: the value goes where its `yield` wants it.
    pub(crate) fn deliver(&mut self, generator: Generator, value: Value) -> Result<(), Raise> {
        let aux = generator.aux();
        match aux & Generator::STATE {
            Generator::CREATED if !value.is_none() => {
                return Err(self.raise(
                    exc::TYPE_ERROR,
                    "can't send non-None value to a just-started generator",
                ));
            }
            Generator::SUSPENDED => {
                // SAFETY: the saved pc is behind a Yield, or in front of a YieldFrom; registers are the generator's.
                let place = unsafe {
                    let pc = generator.saved_pc();
                    let reg = if aux & Generator::DELEGATING != 0 {
                        *pc.add(2) as usize + 1
                    } else {
                        *pc.sub(2) as usize
                    };
                    &mut *generator.regs().add(reg)
                };
                // A generator that delegates keeps there the innermost of its chain, which may be running.
                if aux & Generator::DELEGATING != 0
                    && Generator::from_value(*place)
                        .is_some_and(|g| g.state() == Generator::RUNNING)
                {
                    return Err(self.already_executing());
                }
                *place = value;
            }
            Generator::RUNNING => return Err(self.already_executing()),
            _ => {}
        }
        Ok(())
    }

    #[cold]
    fn already_executing(&mut self) -> Raise {
        self.raise(exc::VALUE_ERROR, "generator already executing")
    }

    /// Pushes the frame of a generator that is to go on with a value. False when it has ended already.
    #[inline(never)]
    pub(crate) fn push_resumed(
        &mut self,
        generator: Generator,
        sent: Value,
        dst: *mut Value,
        flags: u32,
    ) -> Result<bool, Raise> {
        if sent.is_none() && self.push_suspended(generator, dst, flags) {
            return Ok(true);
        }
        self.safe_point()?;
        if generator.state() == Generator::DONE {
            return Ok(false);
        }
        self.deliver(generator, sent)?;
        self.push_generator(generator, dst, flags)?;
        Ok(true)
    }

    /// Resumes a generator with a value.
    pub fn resume(&mut self, generator: Generator, value: Value) -> Result<Resumed, Raise> {
        let word = self.resume_word(generator, value)?;
        Ok(self.resumed(word))
    }

    /// Raises an exception inside a generator, where it is suspended.
    pub fn resume_with_exception(
        &mut self,
        generator: Generator,
        exception: Value,
    ) -> Result<Resumed, Raise> {
        let word = self.throw_word(generator, exception)?;
        Ok(self.resumed(word))
    }

    /// What the word says that the functions below give: what a generator yielded, or `STOP`, with what it returned in
    /// `stop_argument`.
    fn resumed(&mut self, word: Value) -> Resumed {
        if word == Value::STOP {
            Resumed::Returned(self.stop_argument)
        } else {
            Resumed::Yielded(word)
        }
    }

    /// As [`Vm::resume`].
    pub(crate) fn resume_word(&mut self, generator: Generator, value: Value) -> Res {
        self.enter_native()?;
        if generator.is_pended() && generator.state() != Generator::DONE {
            let exception = self.pend_exception(generator, Value::NONE)?;
            return self.throw_word(generator, exception);
        }
        if !self.push_resumed(generator, value, core::ptr::null_mut(), ENTRY)? {
            return Ok(self.stop_with(Value::NONE));
        }
        self.run_resumed(generator)
    }

    /// As [`Vm::resume_with_exception`].
    pub(crate) fn throw_word(&mut self, generator: Generator, exception: Value) -> Res {
        self.enter_native()?;
        if generator.is_pended() {
            self.pend_exception(generator, Value::NONE)?;
        }
        match generator.state() {
            Generator::RUNNING => {
                return Err(self.already_executing());
            }
            Generator::CREATED | Generator::DONE => {
                set_aux(self, generator.value(), Generator::DONE);
                return Err(self.raise_object(exception));
            }
            _ => {}
        }
        let aux = generator.aux();
        if aux & Generator::DELEGATING != 0 {
            // The exception goes to the iterator that `yield from` drives, if it takes exceptions.
            let code = generator.function().code();
            // SAFETY: as in `deliver`.
            let (base, pc) = unsafe {
                let pc = code.get().bytecode.add((*generator.raw()).pc as usize);
                (generator.regs().add(*pc.add(2) as usize), (*generator.raw()).pc)
            };
            // SAFETY: registers of the generator; what it delegates to will have moved on.
            let inner = unsafe {
                *base.add(1) = Value::NONE;
                *base
            };
            set_aux(self, generator.value(), Generator::RUNNING);
            let result = self.throw_into(inner, exception);
            set_aux(self, generator.value(), aux);
            match result {
                Ok(v) if v != Value::STOP => return Ok(v),
                Ok(_) => {
                    // The delegation is over: its value is the result of the YieldFrom, which is skipped.
                    // SAFETY: `dst` and length of the instruction at `pc`.
                    unsafe {
                        let at = code.get().bytecode.add(pc as usize);
                        *generator.regs().add(*at.add(1) as usize) = self.stop_argument;
                        (*generator.raw()).pc = pc + 3;
                    }
                    self.push_generator(generator, core::ptr::null_mut(), ENTRY)?;
                    return self.run_resumed(generator);
                }
                Err(raise) => {
                    let _ = raise;
                    let parked = core::mem::replace(&mut self.exception, Value::UNDEF);
                    // SAFETY: the YieldFrom raises what came out: the pc goes behind it for the handler lookup.
                    unsafe { (*generator.raw()).pc = pc + 3 };
                    return self.raise_inside(generator, parked);
                }
            }
        }
        let _ = self.raise_object(exception);
        let parked = core::mem::replace(&mut self.exception, Value::UNDEF);
        self.raise_inside(generator, parked)
    }

    /// Sets the exception that resuming the generator raises, `None` for none; returns the one that was set before.
    ///
    /// # Errors
    /// `ValueError`: the generator is running. `MemoryError`.
    pub fn pend_exception(&mut self, generator: Generator, exception: Value) -> Res {
        let aux = generator.aux();
        if aux & Generator::STATE == Generator::RUNNING {
            return Err(self.raise(exc::VALUE_ERROR, "generator already executing"));
        }
        // SAFETY: the generator is live and not running.
        let handled = unsafe { (*generator.raw()).handled };
        let (before, handled) = match Tuple::from_value(handled) {
            Some(pair) if generator.is_pended() => (pair.items()[0], pair.items()[1]),
            _ => (Value::NONE, handled),
        };
        let (word, bit) = if exception.is_none() {
            (handled, 0)
        } else {
            (self.new_tuple(&[exception, handled])?, Generator::PENDED)
        };
        // SAFETY: as above.
        unsafe { (*generator.raw()).handled = word };
        set_aux(self, generator.value(), aux & !Generator::PENDED | bit);
        Ok(before)
    }

    fn raise_inside(&mut self, generator: Generator, exception: Value) -> Res {
        self.push_generator(generator, core::ptr::null_mut(), ENTRY)?;
        self.exception = exception;
        if !self.unwind() {
            return Err(Raise(()));
        }
        self.run_resumed(generator)
    }

    fn run_resumed(&mut self, generator: Generator) -> Res {
        let result = super::dispatch::run(self)?;
        let done = generator.state() == Generator::DONE;
        Ok(if done { self.stop_with(result) } else { result })
    }

    /// `inner.throw(exception)` for what `yield from` drives.
    fn throw_into(&mut self, inner: Value, exception: Value) -> Res {
        if let Some(g) = Generator::from_value(inner) {
            if self.exception_is(exception, exc::GENERATOR_EXIT) {
                self.close_generator(g)?;
                return Err(self.raise_value(exception));
            }
            return self.throw_word(g, exception);
        }
        if self.exception_is(exception, exc::GENERATOR_EXIT) {
            if let Some(close) = self.find_attr(inner, q::close.value())? {
                self.call(close, &[])?;
            }
            return Err(self.raise_value(exception));
        }
        match self.find_attr(inner, q::throw.value())? {
            Some(throw) => match self.call(throw, &[exception]) {
                Err(raise) => self.returned_by_stop(raise),
                yielded => yielded,
            },
            None => Err(self.raise_object(exception)),
        }
    }

    /// A `StopIteration` is the end of an iterator, with its value: `STOP`.
    pub(crate) fn returned_by_stop(&mut self, raise: Raise) -> Res {
        if !self.killed && self.raised(exc::STOP_ITERATION) {
            let e = self.take_exception();
            let value = self.stop_value(e);
            return Ok(self.stop_with(value));
        }
        Err(raise)
    }

    /// Raises whatever `throw` was given; `TypeError` for what is no exception.
    fn raise_object(&mut self, exception: Value) -> Raise {
        let _ = super::slow::raise(self, exception, Value::UNDEF);
        Raise(())
    }

    /// The value that a `StopIteration` carries.
    pub(crate) fn stop_value(&mut self, exception: Value) -> Value {
        crate::object::Exception::from_value(exception)
            .and_then(|e| crate::object::Tuple::from_value(e.args(self)))
            .and_then(|t| t.items().first().copied())
            .unwrap_or(Value::NONE)
    }

    /// Raises `GeneratorExit` inside a generator, which must end.
    pub fn close_generator(&mut self, generator: Generator) -> Result<Value, Raise> {
        match generator.state() {
            Generator::DONE => return Ok(Value::NONE),
            Generator::CREATED => {
                set_aux(self, generator.value(), Generator::DONE);
                return Ok(Value::NONE);
            }
            _ => {}
        }
        let exit = self.new_exception(exc::GENERATOR_EXIT.value(), Vm::empty_tuple())?;
        match self.throw_word(generator, exit) {
            Ok(v) if v == Value::STOP => Ok(self.stop_argument),
            Ok(_) => Err(self.raise(exc::RUNTIME_ERROR, "generator ignored GeneratorExit")),
            Err(raise) => {
                if self.catch(exc::GENERATOR_EXIT) || self.catch(exc::STOP_ITERATION) {
                    Ok(Value::NONE)
                } else {
                    Err(raise)
                }
            }
        }
    }

    /// `generator.send(value)` as Python sees it: `StopIteration` at the end.
    pub fn send(&mut self, generator: Generator, value: Value) -> Res {
        let word = self.resume_word(generator, value)?;
        self.yielded(word)
    }

    /// What was yielded; `StopIteration` for `STOP`, with the value that came with it.
    #[inline(never)]
    pub(crate) fn yielded(&mut self, word: Value) -> Res {
        if word == Value::STOP { Err(self.raise_stop(self.stop_argument)) } else { Ok(word) }
    }

    /// `STOP` for an end that comes with a value.
    pub(crate) fn stop_with(&mut self, value: Value) -> Value {
        self.stop_argument = value;
        Value::STOP
    }

    /// Raises `StopIteration(value)`; `MemoryError` where there is no memory for that.
    #[cold]
    pub fn raise_stop(&mut self, value: Value) -> Raise {
        if value.is_none() {
            self.raise(exc::STOP_ITERATION, "")
        } else {
            // Without memory for the exception the value would be lost.
            match self.make_exception(exc::STOP_ITERATION.value(), &[value]) {
                Ok(e) => self.raise_value(e),
                Err(raise) => raise,
            }
        }
    }
}
