//! Running source text and files: `compile`, `eval`, `exec`, `execfile`, and what embedders run scripts with.

use crate::bytecode::load::load;
use crate::compiler::{CompileOptions, Mode, Source};
use crate::object::frozen::FrozenPath;
use crate::object::{Code, CodeFlags, Dict, Function, Ioctl, Res, Str};
use crate::types::str::STR;
use crate::types::stream::Stream;
use crate::value::names::q;
use crate::value::{Kind, Value};
use crate::{Raise, Vm, exc};

impl Vm {
    /// Compiles source text. `file` is for tracebacks.
    pub fn compile(&mut self, source: &mut dyn Source, file: &str, mode: Mode) -> Res {
        let file = self.intern(file)?;
        let before = core::mem::replace(&mut self.shared_mut().roots.compiling, file);
        let options = CompileOptions { mode, file, opt_level: self.opt_level() };
        let result = crate::compiler::compile(self, source, &options);
        self.shared_mut().roots.compiling = before;
        result
    }

    /// Runs a code object of a module, `exec` or `eval` with these namespaces.
    ///
    /// # Errors
    /// `TypeError` for code that needs variables of a function around it; what it raises.
    pub fn run_code(&mut self, code: Value, globals: Dict, locals: Value) -> Res {
        let code = Code::from_known(code);
        if code.shape().n_free > 0 {
            return Err(self.raise(exc::TYPE_ERROR, "code object has free variables"));
        }
        let function = Function::new(self, code, globals.value(), Value::UNDEF, Value::UNDEF, &[])?;
        self.run_with_namespace(function, locals)
    }

    /// Runs a function whose first register is its namespace.
    pub(crate) fn run_with_namespace(&mut self, function: Function, namespace: Value) -> Res {
        if function.code().flags() & CodeFlags::NAMESPACE == 0 {
            return self.call(function.value(), &[]);
        }
        self.run_namespace_frame(function, namespace)
    }

    /// Compiles and runs source text in a namespace.
    pub fn exec_source(
        &mut self,
        source: &mut dyn Source,
        file: &str,
        mode: Mode,
        globals: Dict,
    ) -> Res {
        let code = self.compile(source, file, mode)?;
        self.run_code(code, globals, globals.value())
    }
}

/// Source text in a `str` or bytes-like object.
struct TextSource {
    text: Value,
    at: usize,
}

impl Source for TextSource {
    fn fill(&mut self, vm: &mut Vm, buf: &mut [u8]) -> Result<usize, Raise> {
        let rest = vm.str_bytes(self.text).get(self.at..).unwrap_or_default();
        let n = rest.len().min(buf.len());
        buf[..n].copy_from_slice(&rest[..n]);
        self.at += n;
        Ok(n)
    }
}

fn source_of(vm: &mut Vm, v: Value) -> Result<TextSource, Raise> {
    let part = vm.native_part(v);
    match part.kind() {
        Some(Kind::Str | Kind::Bytes) => Ok(TextSource { text: part, at: 0 }),
        Some(Kind::ByteArray | Kind::MemoryView) => {
            let text = vm.call(crate::types::bytes::BYTES.value(), &[part])?;
            Ok(TextSource { text, at: 0 })
        }
        _ => Err(no_source(vm)),
    }
}

#[cold]
fn no_source(vm: &mut Vm) -> Raise {
    vm.raise(exc::TYPE_ERROR, "object with buffer protocol required")
}

/// `compile(source, filename, mode[, flags])`.
pub fn compile(vm: &mut Vm, args: &[Value]) -> Res {
    let &[source, file, mode, ..] = args else { return Ok(Value::NONE) };
    let mode = match vm.expect::<Str>(mode, &STR)?.as_str() {
        "exec" => Mode::Module,
        "eval" => Mode::Eval,
        "single" => Mode::Single,
        _ => return Err(vm.raise(exc::VALUE_ERROR, "bad compile mode")),
    };
    let file = vm.expect::<Str>(file, &STR)?;
    let mut source = source_of(vm, source)?;
    vm.compile(&mut source, file.as_str(), mode)
}

/// Runs code or source text in the namespaces that are given.
fn run(vm: &mut Vm, args: &[Value], mode: Mode) -> Res {
    let given = |i: usize| args.get(i).copied().filter(|v| !v.is_none() && !v.is_undef());
    let globals = match given(1) {
        Some(globals) => vm.expect::<Dict>(globals, &crate::types::dict::DICT)?,
        None => vm.current_globals(),
    };
    let locals = given(2).unwrap_or(globals.value());
    let Some(mut code) = given(0) else { return Err(no_source(vm)) };
    if !code.is_kind(Kind::Code) {
        let mut source = source_of(vm, code)?;
        code = vm.compile(&mut source, "<string>", mode)?;
    }
    vm.run_code(code, globals, locals)
}

/// `eval(source[, globals[, locals]])`.
pub fn eval(vm: &mut Vm, args: &[Value]) -> Res {
    run(vm, args, Mode::Eval)
}

/// `exec(source[, globals[, locals]])`.
pub fn exec(vm: &mut Vm, args: &[Value]) -> Res {
    run(vm, args, Mode::Module)?;
    Ok(Value::NONE)
}

/// `execfile(name[, globals[, locals]])`.
pub fn execfile(vm: &mut Vm, args: &[Value]) -> Res {
    let mut args = [0, 1, 2].map(|i| args.get(i).copied().unwrap_or(Value::NONE));
    let name = vm.expect::<Str>(args[0], &STR)?;
    args[0] = compile_file(vm, name.as_str())?;
    exec(vm, &args)
}

/// Files written in Python need not be an `io.IOBase`.
const HAS_PLAIN_FILES: bool = cfg!(feature = "extra");

/// Source text in an open file.
struct FileSource {
    file: Value,
    /// The most bytes to ask for at once.
    most: usize,
}

impl Source for FileSource {
    fn fill(&mut self, vm: &mut Vm, buf: &mut [u8]) -> Result<usize, Raise> {
        let most = buf.len().min(self.most);
        if let Some(stream) = Stream::of(vm, self.file) {
            return Ok(stream.read(vm, &mut buf[..most])?.unwrap_or(0));
        }
        if !HAS_PLAIN_FILES {
            return Ok(0);
        }
        let chunk = vm.call_method(self.file, q::read.value(), &[Value::from_len(most)])?;
        let bytes = vm.str_bytes(chunk);
        let n = bytes.len().min(most);
        buf[..n].copy_from_slice(&bytes[..n]);
        Ok(n)
    }
}

/// The code of a file: compiles a source file, loads a precompiled one (`.mpy`).
pub fn compile_file(vm: &mut Vm, path: &str) -> Res {
    vm.check_may_wait()?;
    let name = vm.new_str(path)?;
    let host = vm.host();
    let file = host.open(vm, name, "rb")?;
    let stream = Stream::of(vm, file);
    if stream.is_none() && (!HAS_PLAIN_FILES || vm.find_attr(file, q::read.value())?.is_none()) {
        return Err(vm.raise(exc::OS_ERROR, "stream operation not supported"));
    }
    let most = match stream {
        // A stream written in Python may say how much it likes to be asked for.
        Some(s) if s.is_python() => s.ioctl(vm, Ioctl::GetBufferSize, 0).unwrap_or_else(|raise| {
            vm.forget(raise);
            0
        }),
        _ => 0,
    };
    let most = if most == 0 { usize::MAX } else { most };
    let mut source = FileSource { file, most };
    let code = if path.ends_with(".mpy") {
        load(vm, &mut |vm, buf| source.fill(vm, buf))
    } else {
        vm.compile(&mut source, path, Mode::Module)
    };
    if let Some(s) = stream {
        let parked = core::mem::replace(&mut vm.exception, Value::UNDEF);
        let _ = s.ioctl(vm, Ioctl::Close, 0);
        vm.exception = parked;
    } else if HAS_PLAIN_FILES && code.is_ok() {
        vm.call_method(file, q::close.value(), &[])?;
    }
    code
}

/// The code of the frozen file at `path` (`boot.py`, `package/module.py`), if there is one.
///
/// # Errors
/// `MemoryError`; what compiling it raises, if it was frozen as text.
pub fn frozen_code(vm: &mut Vm, path: &str) -> Result<Option<Value>, Raise> {
    let Some(FrozenPath::File(file)) = vm.frozen().and_then(|image| image.find(path)) else {
        return Ok(None);
    };
    let content = file.content.0;
    if Str::from_value(content).is_none() {
        return Ok(Some(content));
    }
    let mut source = TextSource { text: content, at: 0 };
    vm.compile(&mut source, path, Mode::Module).map(Some)
}

/// `globals()`.
pub fn globals(vm: &mut Vm) -> Res {
    Ok(vm.current_globals().value())
}

/// `locals()`: the namespace of the running module, `exec` or class body; in a function its globals.
pub fn locals(vm: &mut Vm) -> Res {
    Ok(vm.current_namespace())
}
