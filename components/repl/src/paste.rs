//! Paste mode: lines are taken as they come, without indentation, completion or editing.

use crate::edit::{Editor, Ended};
use crate::line::LineBuffer;
use crate::{Closed, Engine, read_byte};

const HEADER: &[u8] = b"paste mode; Ctrl-C to cancel, Ctrl-D to finish\r\n";
const PROMPT: &[u8] = b"=== ";

impl<L: LineBuffer, H: LineBuffer> Editor<L, H> {
    /// Reads a text until Ctrl-D ([`Ended::Statement`]) or Ctrl-C ([`Ended::Cancelled`]).
    ///
    /// Each line end (CR, LF or CR LF) becomes LF and is echoed as CR LF and a new prompt; every other byte is
    /// kept and echoed unchanged. Of a text that is too long nothing is run.
    pub fn read_paste(&mut self, engine: &mut dyn Engine) -> Result<Ended, Closed> {
        engine.write(HEADER);
        engine.write(PROMPT);
        self.clear();
        loop {
            let byte = read_byte(engine)?;
            if self.keys.is_second_of_line_end(byte) {
                continue;
            }
            let kept = match byte {
                3 => {
                    engine.write(b"\r\n");
                    return Ok(Ended::Cancelled);
                }
                4 => {
                    engine.write(b"\r\n");
                    if self.overflow {
                        self.refuse(engine);
                        return Ok(Ended::Cancelled);
                    }
                    return Ok(Ended::Statement);
                }
                b'\r' | b'\n' => {
                    engine.write(b"\r\n");
                    engine.write(PROMPT);
                    b'\n'
                }
                _ => {
                    engine.write(&[byte]);
                    byte
                }
            };
            if self.line.push(&[kept]).is_err() {
                self.overflow = true;
            }
        }
    }
}
