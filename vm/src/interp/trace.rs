//! `sys.settrace`: a thread tells a Python function of its calls, lines, returns and exceptions.
//!
//! While a thread traces, [`pending::TRACE`] is set: no call takes a shortcut, and `dispatch::run` chooses the loop that
//! looks here before each instruction. Without a tracer nothing of this runs.
//!
//! The function gets a frame object ([`FRAME`]), the event and its argument. For the event `call` it returns the function
//! for the other events of that frame, or `None` when it does not want them; what that one returns, unless `None`, takes
//! its place. An exception that it lets out ends the tracing. Nothing is told while the heap is locked.
//!
//! # Invariants
//! 1. `Tracer::frames` is `UNDEF` or the list of the objects of this thread's frames flagged `TRACED`, innermost last.
//! 2. A frame object names a frame record by its address and is believed only while that record is in the thread's chain.
//!
//! Source: Python Library Reference, "sys.settrace"; Python data model, "Frame objects". Differs from CPython in what
//! MicroPython leaves out: `f_locals`, `f_trace`, opcode events.

use super::frame::{Frame, GENERATOR, SEEN, TRACED};
use crate::bytecode::op::Op;
use crate::object::{Function, List, Native, Res};
use crate::types::frame::{ADDRESS, FRAME, FUNCTION, LAST, LINE, LOCAL};
use crate::value::Value;
use crate::vm::pending;
use crate::{Raise, Vm};
use core::sync::atomic::Ordering::Relaxed;

/// What a thread traces with.
pub(crate) struct Tracer {
    /// What `sys.settrace` was given; `UNDEF` for none.
    function: Value,
    /// See invariant 1.
    frames: Value,
    /// The function runs: it is not traced itself.
    is_busy: bool,
}

impl Tracer {
    pub(crate) const NOTHING: Tracer =
        Tracer { function: Value::UNDEF, frames: Value::UNDEF, is_busy: false };
}

impl Vm {
    /// `sys.settrace(function)` for this thread; `None` ends the tracing.
    pub(crate) fn set_trace(&mut self, function: Value) -> Result<(), Raise> {
        if function.is_none() {
            self.end_trace();
            return Ok(());
        }
        if self.tracer.frames.is_undef() {
            self.tracer.frames = self.new_list()?.value();
        }
        let mut frame = self.frame;
        while !frame.is_null() {
            // SAFETY: the frames of a thread are linked and live.
            unsafe {
                (*frame).flags |= SEEN;
                frame = (*frame).prev;
            }
        }
        self.tracer.function = function;
        self.set_pending(pending::TRACE);
        Ok(())
    }

    /// This thread traces no more.
    pub(crate) fn end_trace(&mut self) {
        self.tracer.function = Value::UNDEF;
        let others = (0..).map_while(|n| self.nth_thread(n));
        // SAFETY: listed records are live and do not change while we own the GIL.
        if others.into_iter().all(|thread| unsafe { (*thread).tracer.function.is_undef() }) {
            self.clear_pending(pending::TRACE);
        }
    }

    /// True when this thread is to run in the loop that traces.
    #[inline(always)]
    pub(crate) fn is_tracing(&self) -> bool {
        self.shared().pending.load(Relaxed) & pending::TRACE != 0
            && !self.tracer.function.is_undef()
            && !self.tracer.is_busy
            && !self.in_hard_handler()
    }

    /// True while the tracer is called: it needs the heap.
    fn is_telling(&self) -> bool {
        self.is_tracing() && self.shared().heap.lock_depth() == 0
    }

    /// Looks at the instruction at `pc` of the innermost frame, which is about to run. False when the tracing has ended;
    /// the frame's `pc` is stored then.
    #[cold]
    pub(super) fn trace_instruction(&mut self, pc: *const u8) -> Result<bool, Raise> {
        // SAFETY: `frame` is live; one byte behind the opcode is where a stored `pc` may be.
        let (seen, start) = unsafe {
            let f = &mut *self.frame;
            f.pc = pc;
            if !self.is_tracing() {
                return Ok(false);
            }
            f.pc = pc.add(1);
            let seen = f.flags & SEEN != 0;
            f.flags |= SEEN;
            (seen, f.code().get().bytecode)
        };
        let at = pc.addr() - start.addr();
        if !seen && self.is_telling() {
            self.trace_call(at)?;
        }
        let Some(object) = self.traced_frame() else { return Ok(true) };
        // SAFETY: `frame` is live, as it was.
        let code = unsafe { (*self.frame).code() };
        // SAFETY: an instruction of the code.
        if unsafe { *pc } == Op::MakeCell as u8 {
            // A parameter moves to where a closure finds it, before the first line.
            return Ok(true);
        }
        let line = Value::from_len(code.line_of(at) as usize);
        let was = object.get(self, LAST).as_small_int().unwrap_or(-1);
        let is_news = line != object.get(self, LINE) || (at as isize) < was || was < 0;
        object.set(self, LAST, Value::from_len(at));
        if is_news {
            object.set(self, LINE, line);
            self.trace_event(object, "line", Value::NONE)?;
        }
        // SAFETY: an instruction of the code, whose operands name registers of the frame (see `dispatch`).
        let value = unsafe {
            let register = |i: usize| *(*self.frame).regs.add(*pc.add(i) as usize);
            match *pc {
                op if op == Op::Return as u8 => register(1),
                op if op == Op::ReturnNone as u8 => Value::NONE,
                op if op == Op::Yield as u8 => register(2),
                _ => return Ok(true),
            }
        };
        self.trace_event(object, "return", value)?;
        Ok(true)
    }

    /// The event `call` of the innermost frame, which goes on at `at`.
    fn trace_call(&mut self, at: usize) -> Result<(), Raise> {
        let frame = self.frame;
        let object = self.new_frame_object(frame)?;
        // SAFETY: `frame` is live.
        let (code, is_generator) = unsafe { ((*frame).code(), (*frame).flags & GENERATOR != 0) };
        // A generator that goes on is still in the line of its `yield`, which is told already.
        let resumed = is_generator && at > 0;
        let line = if resumed { code.line_of(at - 1) } else { code.first_line() };
        object.set(self, LINE, Value::from_len(line as usize));
        object.set(self, LAST, if resumed { Value::from_len(at) } else { Value::int(-1) });
        let event = self.intern("call")?;
        let function = self.tracer.function;
        let local = self.call_tracer(function, object, event, Value::NONE)?;
        let Some(frames) = List::from_value(self.tracer.frames).filter(|_| !local.is_none()) else {
            return Ok(());
        };
        object.set(self, LOCAL, local);
        frames.push(self, object.value())?;
        // SAFETY: `frame` is the innermost one again.
        unsafe { (*frame).flags |= TRACED };
        Ok(())
    }

    /// The object of the innermost frame, if that is traced and tracing goes on.
    fn traced_frame(&self) -> Option<Native> {
        // SAFETY: `frame` is live.
        if unsafe { (*self.frame).flags } & TRACED == 0 || !self.is_telling() {
            return None;
        }
        Native::from_value(*List::from_value(self.tracer.frames)?.items(self).last()?)
    }

    /// Tells the frame's own function; what it returns takes its place.
    fn trace_event(&mut self, object: Native, event: &str, arg: Value) -> Result<(), Raise> {
        let event = self.intern(event)?;
        let local = object.get(self, LOCAL);
        let local = self.call_tracer(local, object, event, arg)?;
        if !local.is_none() {
            object.set(self, LOCAL, local);
        }
        Ok(())
    }

    fn call_tracer(&mut self, function: Value, object: Native, event: Value, arg: Value) -> Res {
        self.tracer.is_busy = true;
        let result = self.call(function, &[object.value(), event, arg]);
        self.tracer.is_busy = false;
        if result.is_err() {
            self.end_trace();
        }
        result
    }

    /// The event `return` of a generator that passes on what another one yields.
    #[cold]
    pub(super) fn trace_yield(&mut self, value: Value) -> Result<(), Raise> {
        match self.traced_frame() {
            Some(object) => self.trace_event(object, "return", value),
            None => Ok(()),
        }
    }

    /// The event `exception` for the parked exception, which was raised or has arrived in a line of the innermost frame.
    /// One that the tracer lets out takes its place.
    pub(super) fn trace_exception(&mut self, line: u32) {
        let Some(object) = self.traced_frame() else { return };
        object.set(self, LINE, Value::from_len(line as usize));
        let exception = self.take_exception();
        let class = self.exception_class(exception);
        let told = crate::types::exceptions::traceback_of(self, exception)
            .and_then(|traceback| self.new_tuple(&[class, exception, traceback]))
            .and_then(|arg| self.trace_event(object, "exception", arg));
        if told.is_ok() {
            self.exception = exception;
        }
    }

    /// The event `return` of the innermost frame, which an exception leaves.
    pub(super) fn trace_unwound(&mut self) {
        let Some(object) = self.traced_frame().filter(|_| !self.killed) else { return };
        let exception = self.take_exception();
        if self.trace_event(object, "return", Value::NONE).is_ok() {
            self.exception = exception;
        }
    }

    /// A frame with these flags has gone.
    pub(super) fn trace_left(&mut self, flags: u32) {
        if flags & TRACED != 0
            && let Some(frames) = List::from_value(self.tracer.frames)
        {
            frames.pop(self);
        }
    }

    fn new_frame_object(&mut self, frame: *mut Frame) -> Result<Native, Raise> {
        // SAFETY: the callers' frame is live; a frame whose code runs has a `pc` behind an instruction's opcode.
        let (function, at) = unsafe { ((*frame).function, (*frame).pc_offset()) };
        let line = Function::from_known(function).code().line_of(at);
        let (line, at) = (Value::from_len(line as usize), Value::from_len(at));
        let address = Value::from_even(frame.addr());
        Native::new(self, FRAME.value(), &[address, function, Value::NONE, line, at])
    }

    /// `f_back`: the object of the frame that called; `None` for the outermost one, and for a frame that has ended.
    pub(crate) fn frame_back(&mut self, object: Native) -> Res {
        let mut frame = self.frame;
        // SAFETY: the frames of a thread are linked and live, and so are their functions.
        unsafe {
            while !frame.is_null() && frame.addr() != object.get(self, ADDRESS).as_even() {
                frame = (*frame).prev;
            }
            if frame.is_null()
                || (*frame).function != object.get(self, FUNCTION)
                || (*frame).prev.is_null()
            {
                return Ok(Value::NONE);
            }
            frame = (*frame).prev;
            if (*frame).flags & TRACED != 0
                && let Some(frames) = List::from_value(self.tracer.frames)
                && let Some(&known) = frames.items(self).iter().find(|o| {
                    Native::from_value(**o)
                        .is_some_and(|o| o.get(self, ADDRESS).as_even() == frame.addr())
                })
            {
                return Ok(known);
            }
        }
        Ok(self.new_frame_object(frame)?.value())
    }
}
