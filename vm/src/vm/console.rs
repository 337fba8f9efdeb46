//! The console, and a second terminal beside it, which `os.dupterm` sets: it gets what is written there, and what it says
//! is read there.
//!
//! Of the second terminal the VM knows two functions only, for a stream is a matter of the rooms above. While one of them
//! runs there is no second terminal, so that what it prints itself does not come back to it.

use super::Vm;

/// How long the console is waited for before the second terminal is looked at again: a stream written in Python tells
/// nobody that it has something.
const LOOK_US: u64 = 10_000;

/// The second terminal.
#[derive(Clone, Copy, Debug)]
pub struct Tap {
    /// Writes bytes, as far as it can without waiting. They are not in the heap, or pinned.
    pub write: fn(&mut Vm, &[u8]),
    /// Reads what is there into `buf`; 0 if nothing is. Does not wait. `buf` is not in the heap, or pinned.
    pub read: fn(&mut Vm, &mut [u8]) -> usize,
}

/// Where and how something is written.
#[derive(Clone, Copy)]
enum Output {
    Bytes,
    Text,
    Errors,
}

impl Vm {
    /// Writes to the console without the GIL; the bytes go out as they are.
    pub fn write_console(&mut self, bytes: &[u8]) {
        self.write_as(bytes, Output::Bytes);
    }

    /// Writes text to the console, or to where diagnostics go, without the GIL; newlines as the console needs them.
    pub fn write_text(&mut self, bytes: &[u8], is_error: bool) {
        self.write_as(bytes, if is_error { Output::Errors } else { Output::Text });
    }

    #[inline(never)]
    fn write_as(&mut self, bytes: &[u8], output: Output) {
        if self.in_hard_handler() {
            return self.say_later(bytes);
        }
        // The bytes may be in the heap: they are copied piece by piece, because no slice of the heap may
        // be used without the GIL.
        for piece in bytes.chunks(128) {
            let mut buffer = [0; 128];
            let buffer = &mut buffer[..piece.len()];
            buffer.copy_from_slice(piece);
            let bytes = &*buffer;
            self.unlocked(|u| match output {
                Output::Bytes => u.host.console_write(bytes),
                Output::Text => u.host.console_write_text(bytes),
                Output::Errors => u.host.console_write_error(bytes),
            });
            match output {
                Output::Bytes => self.tap_write(bytes),
                _ => self.tap_write_text(bytes),
            }
        }
    }

    /// Sets the second terminal, or takes it away.
    pub fn set_tap(&mut self, tap: Option<Tap>) {
        let shared = self.shared_mut();
        shared.tap = tap;
        shared.tap_changed = true;
        // Whoever waits for the console alone looks again.
        self.host().wake();
    }

    fn with_tap<R>(&mut self, f: impl FnOnce(&mut Vm, Tap) -> R) -> Option<R> {
        if !cfg!(feature = "dupterm") {
            return None;
        }
        let shared = self.shared_mut();
        let tap = shared.tap.take()?;
        shared.tap_changed = false;
        let result = f(self, tap);
        let shared = self.shared_mut();
        // It may have been set or taken away meanwhile: then it says so itself.
        if !shared.tap_changed {
            shared.tap = Some(tap);
        }
        Some(result)
    }

    /// Passes on what was written to the console.
    pub(crate) fn tap_write(&mut self, bytes: &[u8]) {
        self.with_tap(|vm, tap| (tap.write)(vm, bytes));
    }

    /// As [`Vm::tap_write`] for text: lines end with CR LF, as on a serial line.
    pub(crate) fn tap_write_text(&mut self, bytes: &[u8]) {
        if !cfg!(feature = "dupterm") || self.shared().tap.is_none() {
            return;
        }
        let mut lines = bytes.split(|&byte| byte == b'\n');
        if let Some(first) = lines.next() {
            self.tap_write(first);
        }
        for line in lines {
            self.tap_write(b"\r\n");
            self.tap_write(line);
        }
    }

    /// Waits for input of the console or the second terminal: how many bytes are in `buf` (not in the heap, or pinned),
    /// and whether nothing will ever come again. Returns without any also when the wait was ended.
    pub fn console_input(&mut self, buf: &mut [u8]) -> (usize, bool) {
        let timeout_us = match self.with_tap(|vm, tap| (tap.read)(vm, buf)) {
            Some(0) => Some(LOOK_US),
            Some(n) => return (n, false),
            None => None,
        };
        self.unlocked(move |u| {
            let n = u.host.console_read(buf, timeout_us);
            (n, n == 0 && u.host.console_eof())
        })
    }
}
