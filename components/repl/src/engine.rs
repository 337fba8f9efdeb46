//! The interpreter behind the prompt: [`Engine`] over a [`Vm`].
//!
//! Lives on the native stack of an attached task, where the collector finds the code and exception it keeps.

use crate::{Closed, Console, Engine, Grammar, Level, Outcome, Raised, Scope, Source, SourceError};
use threadsnake_vm::compiler::{Mode, Source as CompilerSource};
use threadsnake_vm::modules::sys;
use threadsnake_vm::object::{List, Str};
use threadsnake_vm::value::Value;
use threadsnake_vm::value::names::q;
use threadsnake_vm::{Raise, Vm, exc};

/// The engine of an attached task.
pub struct VmEngine<'a> {
    vm: &'a mut Vm,
    /// What `compile` made.
    code: Value,
    /// What was raised and not yet printed; `UNDEF` when nothing was.
    exception: Value,
}

impl<'a> VmEngine<'a> {
    /// An engine that runs in module `__main__` of this VM.
    pub fn new(vm: &'a mut Vm) -> VmEngine<'a> {
        VmEngine { vm, code: Value::UNDEF, exception: Value::UNDEF }
    }

    /// The exception that ended the last program, for the owner of the prompt after [`Outcome::Exit`].
    pub fn exception(&self) -> Value {
        self.exception
    }

    fn keep(&mut self) -> Outcome {
        self.exception = self.vm.take_exception();
        if self.vm.exception_is(self.exception, exc::SYSTEM_EXIT) {
            Outcome::Exit
        } else {
            Outcome::Raised
        }
    }
}

impl Console for VmEngine<'_> {
    fn read(&mut self, buf: &mut [u8]) -> Result<usize, Closed> {
        loop {
            match self.vm.read_console(buf) {
                Ok(0) => return Err(Closed),
                Ok(n) => return Ok(n),
                // An interrupt that was on its way when the prompt came; a kill ends the prompt.
                Err(_) => {
                    if !self.vm.catch(exc::KEYBOARD_INTERRUPT) {
                        return Err(Closed);
                    }
                }
            }
        }
    }

    fn write(&mut self, bytes: &[u8]) {
        self.vm.write_console(bytes);
    }

    fn set_interrupt_char(&mut self, byte: Option<u8>) {
        self.vm.host().set_interrupt_char(byte);
    }
}

/// A source of the prompt as the compiler reads it.
struct Reader<'s> {
    source: &'s mut dyn Source,
}

impl CompilerSource for Reader<'_> {
    fn fill(&mut self, vm: &mut Vm, buf: &mut [u8]) -> Result<usize, Raise> {
        let mut console = VmEngine::new(vm);
        match self.source.read(&mut console, buf) {
            Ok(n) => Ok(n),
            Err(SourceError::Interrupted) => Err(vm.raise(exc::KEYBOARD_INTERRUPT, "")),
            Err(SourceError::Closed) => Err(vm.raise(exc::EOF_ERROR, "")),
        }
    }
}

impl Engine for VmEngine<'_> {
    fn compile(&mut self, grammar: Grammar, source: &mut dyn Source) -> Result<(), Raised> {
        let mode = match grammar {
            Grammar::Single => Mode::Single,
            Grammar::Paste => Mode::Paste,
            Grammar::File => Mode::Module,
        };
        match self.vm.compile(&mut Reader { source }, "<stdin>", mode) {
            Ok(code) => {
                self.code = code;
                Ok(())
            }
            Err(_) => {
                self.keep();
                Err(Raised)
            }
        }
    }

    fn execute(&mut self) -> Outcome {
        let code = core::mem::replace(&mut self.code, Value::UNDEF);
        let globals = self.vm.main_globals();
        match self.vm.run_code(code, globals, globals.value()) {
            Ok(_) => Outcome::Done,
            Err(_) => self.keep(),
        }
    }

    fn settle(&mut self) -> Outcome {
        match self.vm.safe_point() {
            Ok(()) => Outcome::Done,
            Err(_) => self.keep(),
        }
    }

    fn print_exception(&mut self) {
        let exception = core::mem::replace(&mut self.exception, Value::UNDEF);
        if !exception.is_undef() {
            self.vm.print_exception(exception);
        }
    }

    fn begin_prompt(&mut self) {
        self.vm.unlock_heap();
    }

    fn write_banner(&mut self) {
        self.write(sys::BANNER.as_bytes());
        let machine = self.vm.host().machine();
        self.write(machine.as_bytes());
    }

    fn write_prompt(&mut self, level: Level) {
        let (name, default) = match level {
            Level::First => (q::ps1.value(), ">>> "),
            Level::Continued => (q::ps2.value(), "... "),
        };
        let set = self.vm.find_attr(sys::SYS.value(), name).unwrap_or(None);
        match set.and_then(|v| self.vm.str(v).ok()).and_then(Str::from_value) {
            Some(text) => self.vm.write_console(text.as_bytes()),
            None => self.write(default.as_bytes()),
        }
    }

    fn complete(&mut self, scope: Scope<'_>, each: &mut dyn FnMut(&str)) {
        let object = match scope {
            Scope::Modules => return self.vm.each_native_module(each),
            Scope::Globals => return names_of_globals(self.vm, each),
            Scope::Attributes(path) => resolve(self.vm, path),
        };
        let Some(object) = object else { return };
        match threadsnake_vm::types::class::dir(self.vm, object) {
            Ok(names) => {
                let Some(list) = List::from_value(names) else { return };
                let mut i = 0;
                while let Some(name) = list.get(self.vm, i) {
                    if let Some(name) = Str::from_value(name) {
                        each(name.as_str());
                    }
                    i += 1;
                }
            }
            Err(_) => {
                self.vm.take_exception();
            }
        }
    }
}

fn names_of_globals(vm: &Vm, each: &mut dyn FnMut(&str)) {
    let globals = vm.main_globals();
    let mut from = 0;
    while let Some((i, name, _)) = globals.entry(vm, from) {
        from = i + 1;
        if let Some(name) = Str::from_value(name) {
            each(name.as_str());
        }
    }
}

/// What a dotted name from `__main__` stands for. Runs no property.
fn resolve(vm: &mut Vm, path: &str) -> Option<Value> {
    let mut parts = path.split('.');
    let first = vm.find_name(parts.next()?)?;
    let mut at = vm.main_globals().get_name(vm, first)?;
    for part in parts {
        let name = vm.find_name(part)?;
        at = vm.plain_attr(at, name)?;
    }
    Some(at)
}
