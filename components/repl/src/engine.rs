//! The interpreter as the prompt's [`Engine`].
//!
//! # Invariants
//! - The values kept here are found by the collector on the native stack: a [`VmEngine`] lives in the closure
//!   that the task attached with, and nowhere else.
//! - Whoever waits for the console has let go of the GIL.

use threadsnake_vm::compiler::{self, Mode as Compile};
use threadsnake_vm::modules::{builtins::BUILTINS, sys::SYS};
use threadsnake_vm::object::{List, Str};
use threadsnake_vm::value::Value;
use threadsnake_vm::{Raise, Vm, exc};

use crate::{Closed, Console, Engine, Grammar, Level, Outcome, Raised, Scope, Source, SourceError};

/// The version in the banner.
pub const VERSION: &str = "v1.29.0";
/// The date in the banner: of the build if `THREADSNAKE_DATE` was set then.
pub const DATE: &str = match option_env!("THREADSNAKE_DATE") {
    Some(date) => date,
    None => "2026-11-21",
};

/// The source's name in tracebacks.
const FILE: &str = "<stdin>";

/// A VM that serves a prompt; its console is the host's.
pub struct VmEngine<'vm> {
    vm: &'vm mut Vm,
    /// What was compiled last.
    code: Value,
    /// What was raised last.
    exception: Value,
}

impl<'vm> VmEngine<'vm> {
    /// An engine for the main thread.
    pub fn new(vm: &'vm mut Vm) -> Self {
        VmEngine { vm, code: Value::NONE, exception: Value::NONE }
    }

    /// The exception that ended the last program, `None` where none did; for the argument of `SystemExit`.
    pub fn exception(&self) -> Value {
        self.exception
    }

    /// Keeps what was raised.
    fn keep(&mut self, _: Raise) -> Outcome {
        self.exception = self.vm.take_exception();
        if self.vm.exception_is(self.exception, exc::SYSTEM_EXIT) {
            Outcome::Exit
        } else {
            Outcome::Raised
        }
    }

    /// What a dotted path from `__main__` stands for; `None` if it leads nowhere. A property on the way is read.
    fn resolve(&mut self, path: &str) -> Result<Option<Value>, Raise> {
        let mut found = None;
        let mut rest = path;
        while !rest.is_empty() {
            let end = rest.bytes().position(|byte| byte == b'.').unwrap_or(rest.len());
            let name = &rest[..end];
            rest = rest.get(end + 1..).unwrap_or_default();
            // A name that is not interned is nobody's.
            let Some(name) = self.vm.find_name(name) else { return Ok(None) };
            found = match found {
                None => self.vm.main_globals().get_name(self.vm, name),
                Some(object) => self.vm.find_attr(object, name)?,
            };
            if found.is_none() {
                break;
            }
        }
        Ok(found)
    }

    /// Hands out `dir(object)`.
    fn attributes(&mut self, path: &str, each: &mut dyn FnMut(&str)) -> Result<(), Raise> {
        let Some(object) = self.resolve(path)? else { return Ok(()) };
        let dir = self.vm.intern("dir")?;
        let Some(dir) = self.vm.find_attr(BUILTINS.value(), dir)? else { return Ok(()) };
        let names = self.vm.call(dir, &[object])?;
        let Some(names) = List::from_value(names) else { return Ok(()) };
        for at in 0..names.len(self.vm) {
            if let Some(name) = names.get(self.vm, at).and_then(Str::from_value) {
                each(name.as_str());
            }
        }
        Ok(())
    }

    /// `str(sys.ps1)` or `str(sys.ps2)` of a program that has set it.
    fn own_prompt(&mut self, level: Level) -> Result<Option<Str>, Raise> {
        let name = match level {
            Level::First => "ps1",
            Level::Continued => "ps2",
        };
        let Some(name) = self.vm.find_name(name) else { return Ok(None) };
        let Some(prompt) = self.vm.find_attr(SYS.value(), name)? else { return Ok(None) };
        self.vm.str(prompt).map(Str::from_value)
    }
}

/// The console as the VM reaches it.
struct VmConsole<'a>(&'a mut Vm);

impl Console for VmConsole<'_> {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize, Closed> {
        let VmConsole(vm) = self;
        loop {
            // Pending first: what ended the last wait, and callbacks that came since.
            if vm.safe_point().is_err() {
                if vm.handle().is_killed() {
                    return Err(Closed);
                }
                let exception = vm.take_exception();
                vm.print_exception(exception);
            }
            // `buf` may lie in the heap, where nobody may write without the GIL.
            let mut arrived = [0; 64];
            let most = buf.len().min(arrived.len());
            let part = &mut arrived[..most];
            let (n, eof) = vm.console_input(part);
            if n > 0 {
                buf[..n].copy_from_slice(&arrived[..n]);
                return Ok(n);
            }
            if eof {
                return Err(Closed);
            }
        }
    }

    fn write(&mut self, bytes: &[u8]) {
        self.0.write_console(bytes);
    }

    fn set_interrupt_char(&mut self, byte: Option<u8>) {
        self.0.host().set_interrupt_char(byte);
    }
}

impl Console for VmEngine<'_> {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize, Closed> {
        VmConsole(self.vm).read(buf)
    }

    fn write(&mut self, bytes: &[u8]) {
        VmConsole(self.vm).write(bytes);
    }

    fn set_interrupt_char(&mut self, byte: Option<u8>) {
        VmConsole(self.vm).set_interrupt_char(byte);
    }
}

/// A prompt's source as the compiler reads it.
struct Feed<'a>(&'a mut dyn Source);

impl compiler::Source for Feed<'_> {
    fn fill(&mut self, vm: &mut Vm, buf: &mut [u8]) -> Result<usize, Raise> {
        self.0.read(&mut VmConsole(vm), buf).map_err(|error| match error {
            SourceError::Interrupted => vm.raise(exc::KEYBOARD_INTERRUPT, ""),
            SourceError::Closed => vm.raise(exc::EOF_ERROR, ""),
        })
    }
}

impl Engine for VmEngine<'_> {
    fn compile(&mut self, grammar: Grammar, source: &mut dyn Source) -> Result<(), Raised> {
        let mode = match grammar {
            Grammar::Single => Compile::Single,
            Grammar::Paste => Compile::Paste,
            Grammar::File => Compile::Module,
        };
        match self.vm.compile(&mut Feed(source), FILE, mode) {
            Ok(code) => {
                self.code = code;
                Ok(())
            }
            Err(raise) => {
                self.keep(raise);
                Err(Raised)
            }
        }
    }

    fn execute(&mut self) -> Outcome {
        let globals = self.vm.main_globals();
        let code = core::mem::replace(&mut self.code, Value::NONE);
        match self.vm.run_code(code, globals, globals.value()) {
            Ok(_) => Outcome::Done,
            Err(raise) => self.keep(raise),
        }
    }

    fn settle(&mut self) -> Outcome {
        match self.vm.safe_point() {
            Ok(()) => Outcome::Done,
            Err(raise) => self.keep(raise),
        }
    }

    fn print_exception(&mut self) {
        let exception = core::mem::replace(&mut self.exception, Value::NONE);
        self.vm.print_exception(exception);
    }

    fn begin_prompt(&mut self) {
        self.vm.unlock_heap();
    }

    fn write_banner(&mut self) {
        let machine = self.vm.host().machine();
        for text in ["MicroPython ", VERSION, " on ", DATE, "; ", machine] {
            self.write(text.as_bytes());
        }
    }

    fn write_prompt(&mut self, level: Level) {
        match self.own_prompt(level) {
            Ok(Some(prompt)) => self.write(prompt.as_bytes()),
            Ok(None) => self.write(default_prompt(level)),
            Err(_) => {
                self.exception = self.vm.take_exception();
                self.write(default_prompt(level));
            }
        }
    }

    fn complete(&mut self, scope: Scope<'_>, each: &mut dyn FnMut(&str)) {
        match scope {
            Scope::Globals => {
                let globals = self.vm.main_globals();
                let mut from = 0;
                while let Some((at, name, _)) = globals.entry(self.vm, from) {
                    if let Some(name) = Str::from_value(name) {
                        each(name.as_str());
                    }
                    from = at + 1;
                }
            }
            Scope::Attributes(path) => {
                if self.attributes(path, each).is_err() {
                    // No names, then: a key press is no place for a traceback.
                    self.vm.take_exception();
                }
            }
            Scope::Modules => self.vm.each_native_module(each),
        }
    }
}

fn default_prompt(level: Level) -> &'static [u8] {
    match level {
        Level::First => b">>> ",
        Level::Continued => b"... ",
    }
}
