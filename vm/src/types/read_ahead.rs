//! Reading a stream byte by byte, for formats that say themselves where they end.
//!
//! Where the stream has a position, several bytes are read at once and those that were not used are given back by moving it;
//! elsewhere no byte is read before it is wanted. Either way the next reader finds what follows.

use super::stream::{Stream, errno};
use crate::object::Whence;
use crate::{Raise, Vm, exc};

/// Bytes that are read together.
const CHUNK: usize = 64;

/// The bytes of a stream, or of a text.
pub struct ReadAhead<'t> {
    stream: Option<Stream>,
    text: &'t [u8],
    chunk: [u8; CHUNK],
    /// What is not used yet: this part of the chunk or, without a stream, of the text.
    at: usize,
    end: usize,
    /// How many bytes are read at once.
    step: usize,
}

impl<'t> ReadAhead<'t> {
    /// The bytes of a text.
    pub fn of_text(text: &'t [u8]) -> ReadAhead<'t> {
        ReadAhead { stream: None, text, chunk: [0; CHUNK], at: 0, end: text.len(), step: 0 }
    }

    /// The bytes of a stream, of which about `n` will be wanted.
    pub fn of_stream(vm: &mut Vm, stream: Stream, n: usize) -> Result<ReadAhead<'t>, Raise> {
        let mut step = 1;
        // Moving the position costs as much as reading a few bytes.
        if n > 8 && !stream.is_python() {
            match stream.seek(vm, 0, Whence::Current) {
                Ok(_) => step = CHUNK.min(n),
                Err(_) if vm.catch(exc::OS_ERROR) => {}
                Err(raise) => return Err(raise),
            }
        }
        let stream = Some(stream);
        Ok(ReadAhead { stream, text: &[], chunk: [0; CHUNK], at: 0, end: 0, step })
    }

    /// What can be had without asking the stream.
    pub fn ready(&self) -> &[u8] {
        match self.stream {
            Some(_) => &self.chunk[self.at..self.end],
            None => &self.text[self.at..],
        }
    }

    /// Steps over `n` of the bytes that are ready.
    pub fn skip(&mut self, n: usize) {
        self.at = (self.at + n).min(self.end);
    }

    /// Takes back the byte that [`ReadAhead::next`] gave last; it can not be read again from a stream without position
    /// by anybody else.
    pub fn unread(&mut self) {
        self.at -= 1;
    }

    /// The next byte; `None` at the end. `OSError(EAGAIN)` where the stream does not block and none is there.
    pub fn next(&mut self, vm: &mut Vm) -> Result<Option<u8>, Raise> {
        if self.at == self.end {
            let Some(stream) = self.stream else { return Ok(None) };
            match stream.read(vm, &mut self.chunk[..self.step])? {
                Some(0) => return Ok(None),
                Some(n) => (self.at, self.end) = (0, n),
                None => return Err(vm.raise_os_error(errno::EAGAIN)),
            }
        }
        let byte = self.ready()[0];
        self.at += 1;
        Ok(Some(byte))
    }

    /// Gives back to the stream what was not used. Nothing may be read afterwards.
    pub fn finish(&mut self, vm: &mut Vm) -> Result<(), Raise> {
        let unused = self.end - self.at;
        self.at = self.end;
        if let Some(stream) = self.stream
            && self.step > 1
            && unused > 0
        {
            stream.seek(vm, -(unused as i64), Whence::Current)?;
        }
        Ok(())
    }
}
