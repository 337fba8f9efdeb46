//! Modules of this room that are Python text: compiled when they are imported first, unless the image has them frozen
//! (`manifest.py` beside this file).

use threadsnake_vm::compiler::{Mode, Source};
use threadsnake_vm::modules::exec::frozen_code;
use threadsnake_vm::value::Value;
use threadsnake_vm::value::names::q;
use threadsnake_vm::{Raise, Vm};

/// Name, file name for tracebacks, text.
static TEXTS: &[(&str, &str, &str)] = &[
    #[cfg(feature = "asyncio")]
    ("asyncio", "asyncio.py", super::asyncio::TEXT),
    #[cfg(feature = "asyncio")]
    ("_asyncio_streams", "_asyncio_streams.py", super::asyncio::STREAMS),
    #[cfg(feature = "thread")]
    ("threading", "threading.py", include_str!("threading/threading.py")),
    #[cfg(feature = "thread")]
    ("queue", "queue.py", include_str!("threading/queue.py")),
];

/// Text in ROM.
struct Text(&'static [u8]);

impl Source for Text {
    fn fill(&mut self, _: &mut Vm, buf: &mut [u8]) -> Result<usize, Raise> {
        let n = buf.len().min(self.0.len());
        let (now, later) = self.0.split_at(n);
        buf[..n].copy_from_slice(now);
        self.0 = later;
        Ok(n)
    }
}

/// Makes the module of that name, if it is one of these. With the GIL; runs Python.
///
/// # Errors
/// What making it raises, `MemoryError` above all.
pub fn import(vm: &mut Vm, name: &str) -> Result<Option<Value>, Raise> {
    let name = name.strip_prefix('u').unwrap_or(name);
    let Some(&(name, file, text)) = TEXTS.iter().find(|text| text.0 == name) else {
        return Ok(None);
    };
    let own = vm.intern(name)?;
    if let Some(module) = vm.modules().get_name(vm, own) {
        return Ok(Some(module)); // Under its other name.
    }
    let globals = vm.new_dict()?;
    globals.set_name(vm, q::__name__.value(), own)?;
    match frozen_code(vm, file)? {
        Some(code) => vm.run_code(code, globals, globals.value())?,
        None => vm.exec_source(&mut Text(text.as_bytes()), file, Mode::Module, globals)?,
    };
    let module = vm.new_module(globals)?;
    vm.modules().set_name(vm, own, module)?;
    Ok(Some(module))
}

/// At the end of a program: waits for the threads of `threading` that are not daemons.
///
/// # Errors
/// What is pending, `KeyboardInterrupt` for instance.
pub fn join_threads(vm: &mut Vm) -> Result<(), Raise> {
    if let Some(threading) = vm.modules().get_name(vm, q::threading.value())
        && let Some(shutdown) = vm.find_attr(threading, q::_shutdown.value())?
    {
        vm.call(shutdown, &[])?;
    }
    Ok(())
}
