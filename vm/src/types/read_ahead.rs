//! Reading a stream byte by byte, for formats that say themselves where they end.
//!
//! Where the stream has a position, several bytes are read at once and those that were not used are given back by moving it;
//! elsewhere no byte is read before it is wanted. Either way the next reader finds what follows.

use super::stream::{Stream, errno};
use crate::object::Whence;
use crate::{Raise, Vm, exc};

/// Bytes that are read together.
const CHUNK: usize = 64;

/// What [`ReadAhead::next`] gives at the end.
pub const END: u32 = 0x100;

/// The bytes of a stream, or of a text.
pub struct ReadAhead<'t> {
    stream: Option<Stream>,
    /// What is left of the text.
    text: &'t [u8],
    chunk: [u8; CHUNK],
    /// What is not used yet: this part of the chunk.
    at: usize,
    end: usize,
    /// How many bytes are read at once.
    step: usize,
    /// The first error, of the stream or of its reader. It seems to end here then.
    pub result: Result<(), Raise>,
}

impl<'t> ReadAhead<'t> {
    /// The bytes of a text.
    pub fn of_text(text: &'t [u8]) -> ReadAhead<'t> {
        let chunk = [0; CHUNK];
        ReadAhead { stream: None, text, chunk, at: 0, end: 0, step: 1, result: Ok(()) }
    }

    /// The bytes of a stream, of which about `n` will be wanted.
    pub fn of_stream(vm: &mut Vm, stream: Stream, n: usize) -> ReadAhead<'t> {
        let mut source = ReadAhead::of_text(&[]);
        source.stream = Some(stream);
        // Moving the position costs as much as reading a few bytes.
        if n > 8 && !stream.is_python() {
            match stream.seek(vm, 0, Whence::Current) {
                Ok(_) => source.step = CHUNK.min(n),
                Err(_) if vm.catch(exc::OS_ERROR) => {}
                Err(raise) => source.result = Err(raise),
            }
        }
        source
    }

    /// Fills the chunk; false at the end. `OSError(EAGAIN)` where the stream does not block and none is there. Whoever reads to
    /// the end ends by it, too, when the thread is stopped.
    #[inline(never)]
    fn read(&mut self, vm: &mut Vm) -> bool {
        (self.at, self.end) = (0, 0);
        if self.result.is_ok() {
            self.result = self.read_chunk(vm);
        }
        self.end > 0
    }

    fn read_chunk(&mut self, vm: &mut Vm) -> Result<(), Raise> {
        vm.tick_shared(CHUNK)?;
        let Some(stream) = self.stream else {
            let (now, later) = self.text.split_at(self.text.len().min(CHUNK));
            self.chunk[..now.len()].copy_from_slice(now);
            (self.text, self.end) = (later, now.len());
            return Ok(());
        };
        match stream.read(vm, &mut self.chunk[..self.step])? {
            Some(n) => {
                self.end = n;
                Ok(())
            }
            None => Err(vm.raise_os_error(errno::EAGAIN)),
        }
    }

    /// Takes back the byte that [`ReadAhead::next`] gave last; it can not be read again from a stream without position
    /// by anybody else.
    pub fn unread(&mut self) {
        self.at -= 1;
    }

    /// The next byte, or [`END`].
    pub fn next(&mut self, vm: &mut Vm) -> u32 {
        if self.at >= self.end && !self.read(vm) {
            return END;
        }
        self.at += 1;
        self.chunk.get(self.at - 1).map_or(END, |&b| b.into())
    }

    /// The first error, if there was one.
    pub fn take_error(&mut self) -> Result<(), Raise> {
        core::mem::replace(&mut self.result, Ok(()))
    }

    /// Gives back to the stream what was not used; nothing may be read afterwards. The first error, if there was one.
    pub fn finish(&mut self, vm: &mut Vm) -> Result<(), Raise> {
        self.take_error()?;
        let unused = self.end - self.at;
        if let Some(stream) = self.stream
            && self.step > 1
            && unused > 0
        {
            stream.seek(vm, -(unused as i64), Whence::Current)?;
        }
        Ok(())
    }
}
