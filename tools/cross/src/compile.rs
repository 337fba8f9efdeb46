//! One source text to its code, or to the text of what is wrong with it.

use threadsnake_vm::bytecode::save::save;
use threadsnake_vm::compiler::Mode;
use threadsnake_vm::object::{Code, Res, StrBuilder};
use threadsnake_vm::testing::try_with_vm;
use threadsnake_vm::value::Value;
use threadsnake_vm::{Raise, Vm};

/// The heap of a compilation when nothing else is said, in bytes.
pub const DEFAULT_HEAP_BYTES: usize = 64 * 1024 * 1024;

/// How to compile.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct How {
    /// The level of optimisation, 0 to 3.
    pub optimise: u8,
    /// Keep what tracebacks need to tell line numbers.
    pub lines: bool,
    /// The interpreter's heap, in bytes.
    pub heap_bytes: usize,
}

impl Default for How {
    fn default() -> How {
        How { optimise: 0, lines: true, heap_bytes: DEFAULT_HEAP_BYTES }
    }
}

/// The precompiled file of `source`; `name` is what tracebacks call it.
///
/// # Errors
/// The traceback, as Python prints it.
pub fn to_file(source: &[u8], name: &str, how: &How) -> Result<Vec<u8>, String> {
    with_vm(how.heap_bytes, |vm| {
        let code = to_code(vm, source, name, how)?;
        let file = save(vm, code, how.lines)?;
        Ok(vm.str_bytes(file).to_vec())
    })
}

/// Runs `f` in a new interpreter with a heap of so many bytes.
///
/// # Errors
/// The traceback of what `f` raised; that the heap is too small.
pub fn with_vm<R>(
    heap_bytes: usize,
    f: impl FnOnce(&mut Vm) -> Result<R, Raise>,
) -> Result<R, String> {
    let result = try_with_vm(heap_bytes, |vm| match f(vm) {
        Ok(result) => Ok(result),
        Err(raise) => {
            let exception = vm.take_exception();
            let _ = raise;
            Err(traceback(vm, exception))
        }
    });
    result.unwrap_or_else(|| Err(format!("a heap of {heap_bytes} bytes is too small\n")))
}

/// The code object of a module.
///
/// # Errors
/// `SyntaxError` and the like; `MemoryError`.
pub fn to_code(vm: &mut Vm, source: &[u8], name: &str, how: &How) -> Result<Code, Raise> {
    vm.set_opt_level(how.optimise);
    let mut source = source;
    vm.compile(&mut source, name, Mode::Module).map(Code::from_known)
}

fn traceback(vm: &mut Vm, exception: Value) -> String {
    let text: Res = (|| {
        let mut out = StrBuilder::new();
        vm.format_exception(exception, &mut out)?;
        out.finish_str(vm)
    })();
    match text {
        Ok(text) => String::from_utf8_lossy(vm.str_bytes(text)).into_owned(),
        Err(_) => "MemoryError\n".to_owned(),
    }
}
