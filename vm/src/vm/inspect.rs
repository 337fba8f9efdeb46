//! Where every thread is: for programs that hang, and for the report when the system has stopped.
//!
//! Nothing here allocates or follows more than it must. A traceback is printed from the innermost call outwards, for
//! that is the order in which the frames are found.

use super::{Shared, Vm, VmHandle};
use crate::Raise;
use crate::interp::Frame;
use crate::object::{Str, StrBuilder, Style};
use crate::value::{Kind, Value};
use core::fmt::{self, Write};

/// The most threads, and the most frames of each, that are written.
const MOST: usize = 64;

/// The place of a thread, or of a caller.
struct Place {
    file: Str,
    line: u32,
    name: Str,
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(
            f,
            "  File \"{}\", line {}, in {}",
            self.file.as_str(),
            self.line,
            self.name.as_str()
        )
    }
}

/// The place of a frame and the frame's caller; `None` for what cannot be a frame.
///
/// # Safety
/// `frame` is null or a live frame, whose innermost instruction may be a little out of date.
unsafe fn place_of(frame: *const Frame) -> Option<(Place, *const Frame)> {
    // SAFETY: the caller's promise; the kinds are checked, in case the memory is damaged.
    let frame = unsafe { frame.as_ref() }.filter(|f| f.function.is_kind(Kind::Function))?;
    let code = frame.code();
    let at = frame.pc.addr().wrapping_sub(code.get().bytecode.addr()).wrapping_sub(1);
    let line = code.line_of(at.min(code.get().code_len as usize));
    let (file, name) = (Str::from_value(code.file())?, Str::from_value(code.name())?);
    Some((Place { file, line, name }, frame.prev))
}

/// The head of a thread's traceback.
fn title(out: &mut dyn Write, thread: &Vm, is_main: bool, is_running: bool) -> fmt::Result {
    let main = if is_main { " (main)" } else { "" };
    let state = if is_running { ", running" } else { "" };
    writeln!(out, "Thread {}{main}{state} (most recent call first):", thread.id)
}

/// Writes where all threads are, the one that has the GIL first if `running` says which that is.
///
/// # Safety
/// The VM lives, and nobody changes it meanwhile: the caller has the GIL, or everything else has stopped.
unsafe fn write_threads(shared: &Shared, running: *const Vm, out: &mut dyn Write) -> fmt::Result {
    let mut at = shared.threads.cast_const();
    for _ in 0..MOST {
        // SAFETY: the caller's promise: listed records are live.
        let Some(thread) = (unsafe { at.as_ref() }) else { break };
        let is_main = core::ptr::eq(thread, shared.main_thread);
        title(out, thread, is_main, core::ptr::eq(thread, running))?;
        let mut frame: *const Frame = thread.frame;
        for _ in 0..MOST {
            // SAFETY: as above.
            let Some((place, caller)) = (unsafe { place_of(frame) }) else { break };
            writeln!(out, "{place}")?;
            frame = caller;
        }
        at = thread.next;
    }
    Ok(())
}

impl VmHandle {
    /// Writes the Python traceback of every thread, for a system that has stopped. Takes no lock and allocates nothing.
    ///
    /// # Safety
    /// The VM has not been destroyed, and no task changes it meanwhile. Its memory may be damaged: then this may fault.
    pub unsafe fn write_stopped_threads(self, out: &mut dyn Write) {
        // SAFETY: the caller's promise.
        let shared = unsafe { self.shared_of_stopped() };
        // SAFETY: as above. What cannot be written is lost.
        let _ = unsafe { write_threads(shared, core::ptr::null(), out) };
    }
}

impl Vm {
    /// The Python traceback of every thread, and what each that waits on an object waits on; a `str`.
    pub fn thread_report(&mut self) -> Result<Value, Raise> {
        let mut out = StrBuilder::new();
        let mut n = 0;
        // Nothing changes between the steps but the heap: this thread has the GIL throughout.
        while let Some(thread) = self.nth_thread(n) {
            n += 1;
            // SAFETY: listed records are live while this thread has the GIL; it does not change this one.
            let (id, mut frame, waits) = unsafe {
                let t = &*thread;
                (t.id, t.frame.cast_const(), t.waiting.object())
            };
            let is_main = id == self.main_thread_id();
            let state = if core::ptr::eq(thread, self) { ", running" } else { "" };
            let main = if is_main { " (main)" } else { "" };
            self.push_fmt(
                &mut out,
                format_args!("Thread {id}{main}{state} (most recent call first):\n"),
            );
            // SAFETY: frames are live while their thread is listed.
            while let Some((place, caller)) = unsafe { place_of(frame) } {
                self.push_fmt(&mut out, format_args!("{place}\n"));
                frame = caller;
            }
            if waits.is_object() {
                out.push_str(self, "  waits for ");
                self.format(waits, &mut out, Style::Repr)?;
                out.push_str(self, "\n");
            }
        }
        out.finish_str(self)
    }
}
