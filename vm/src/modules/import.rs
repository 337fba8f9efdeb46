//! `import`: finding, loading and caching modules.
//!
//! Order of a top-level name, as the users' documents have it: with an empty `sys.path` the built-in modules; what is
//! loaded; built-in modules that files cannot override, and every built-in under its name with a `u` in front; the
//! embedder's; the entries of `sys.path`, where a directory is a package, then `.py`, then `.mpy`; then the built-in
//! modules that files may override. The entry `.frozen` stands for the modules in the image.

use crate::host::PathKind;
use crate::object::frozen::FrozenPath;
use crate::object::{Blob, Dict, Exception, List, Module, Res, RomModule, Str, StrBuilder, Tuple};
use crate::value::names::q;
use crate::value::{Kind, Value};
use crate::{Raise, Vm, exc};

impl Vm {
    /// Native module number `i`, of whatever room.
    pub(crate) fn native_module_at(&self, i: usize) -> Option<&'static RomModule> {
        let mut i = i;
        let mut list = super::MODULES;
        let mut more = self.shared().modules.iter();
        while i >= list.len() {
            i -= list.len();
            list = more.next()?;
        }
        list.get(i).copied()
    }

    /// The native module of that name.
    pub(crate) fn native_module(&self, name: &[u8]) -> Option<&'static RomModule> {
        let mut i = 0;
        loop {
            let module = self.native_module_at(i)?;
            if Str::from_known(module.name()).as_bytes() == name {
                return Some(module);
            }
            i += 1;
        }
    }

    /// Imports a module by its full name (an interned `str`); the result is the last part's module.
    pub fn import(&mut self, name: Value) -> Res {
        let from = self.new_tuple(&[name])?;
        let globals = self.current_globals();
        import(self, name, 0, from, globals)
    }

    /// Calls `f` with the name of every native module.
    pub fn each_native_module(&self, mut f: impl FnMut(&str)) {
        let mut i = 0;
        while let Some(module) = self.native_module_at(i) {
            f(Str::from_known(module.name()).as_str());
            i += 1;
        }
    }

    /// What `builtins` has under a name.
    pub(crate) fn lookup_builtin(&self, name: Value) -> Option<Value> {
        // Cached like a method of an imaginary class.
        let class = super::builtins::BUILTINS.value();
        let slot = crate::vm::method_slot(class, name);
        let e = self.shared().method_cache[slot];
        if e.class == Some(class) && e.name == Some(name) {
            return e.found;
        }
        let found = super::builtins::BUILTINS.own(name);
        self.cache(slot, crate::vm::CacheEntry { class: Some(class), name: Some(name), found });
        found
    }
}

/// The absolute name for a relative one, which goes up `level` packages from that of `globals`.
fn absolute_name(vm: &mut Vm, name: Str, level: usize, globals: Dict) -> Res {
    let this = globals.get_name(vm, q::__name__.value()).and_then(Str::from_value);
    let this = this.unwrap_or(Str::from_known(q::EMPTY.value()));
    let this = this.as_str();
    if this == "__main__" {
        return Err(vm.raise(exc::IMPORT_ERROR, "no parent for relative import"));
    }
    let mut out = StrBuilder::new();
    out.push_str(vm, this);
    let is_package = globals.get_name(vm, q::__path__.value()).is_some();
    for _ in is_package as usize..level {
        let dot = out.as_bytes().iter().rposition(|&b| b == b'.');
        out.truncate(dot.unwrap_or(0));
    }
    if out.is_empty() {
        return Err(vm.raise(exc::IMPORT_ERROR, "can't perform relative import"));
    }
    if name.byte_len() > 0 {
        out.push_byte(vm, b'.');
    }
    out.push_str(vm, name.as_str());
    out.finish_str(vm)
}

/// `__import__(name, globals, fromlist, level)`: the module that an import statement binds. `globals` are those that a
/// relative name starts from.
pub fn import(vm: &mut Vm, name: Value, level: usize, from: Value, globals: Dict) -> Res {
    vm.enter_native()?;
    let mut full = name;
    if level > 0 {
        full = absolute_name(vm, Str::from_known(name), level, globals)?;
    }
    let full = Str::from_known(vm.intern_str(Str::from_known(full))?);
    let text = full.as_str();
    if text.is_empty() {
        return Err(vm.raise(exc::VALUE_ERROR, "Empty module name"));
    }
    let mut outer = Value::NONE;
    let mut top = Value::NONE;
    let mut at = 0;
    while at <= text.len() {
        let rest = &text.as_bytes()[at..];
        let end = at + rest.iter().position(|&b| b == b'.').unwrap_or(rest.len());
        let part = part_of_name(vm, full, 0, end)?;
        let short = part_of_name(vm, full, at, end)?;
        outer = load(vm, part, short, outer)?;
        if at == 0 {
            top = outer;
        }
        at = end + 1;
    }
    let wants_names = vm.truth(from)?;
    Ok(if wants_names || level > 0 && from.is_object() { outer } else { top })
}

/// A part of a name, interned; the whole is the name itself.
#[inline(never)]
fn part_of_name(vm: &mut Vm, name: Str, start: usize, end: usize) -> Result<Str, Raise> {
    let part = Blob::of_str(name).part(vm, start, end)?;
    vm.intern_str(Str::from_known(part)).map(Str::from_known)
}

/// Loads the module with this full name, whose last component is `short` and whose parent is `outer`.
fn load(vm: &mut Vm, full: Str, short: Str, outer: Value) -> Res {
    let modules = vm.modules();
    let is_top = short == full;
    // A native module may be a namespace for others (`string.templatelib`).
    let native = vm.native_module(full.as_bytes());
    if let Some(m) = modules.get_name(vm, full.value()) {
        // A file that extends the built-in module of its own name empties `sys.path` to import it.
        return Ok(match native {
            Some(native) if is_top && path_is_empty(vm) => native.value(),
            _ => m,
        });
    }
    let mut first = native.filter(|m| !is_top || !m.is_extensible());
    if let (None, true, [b'u', rest @ ..]) = (first, is_top, full.as_bytes()) {
        first = vm.native_module(rest);
    }
    if let Some(m) = first {
        return load_native(vm, full, m);
    }
    let mut dirs = None;
    if is_top {
        vm.check_may_wait()?;
        let host = vm.host();
        if let Some(m) = host.import_module(vm, full.as_str())? {
            modules.set_name(vm, full.value(), m)?;
            return Ok(m);
        }
        dirs = Some(vm.shared().roots.sys_path);
    } else if let Some(parent) = Module::from_value(outer) {
        dirs = Dict::from_known(parent.globals(vm)).get_name(vm, q::__path__.value());
    }
    let mut i = 0;
    while let Some(mut dir) = dirs {
        match List::from_value(dir).map(|list| list.get(vm, i)) {
            None => dirs = None,
            Some(Some(entry)) => dir = entry,
            Some(None) => break,
        }
        i += 1;
        if let Some(dir) = Str::from_value(dir)
            && let Some(m) = load_from(vm, dir, full, short, outer)?
        {
            return Ok(m);
        }
    }
    if let Some(m) = native {
        return load_native(vm, full, m);
    }
    if !is_top
        && !outer.is_kind(Kind::Module)
        && let Some(v) = vm.find_attr(outer, short.value())?
    {
        return Ok(v);
    }
    Err(vm.raise_about(exc::IMPORT_ERROR, "no module named '%'", full.value()))
}

fn path_is_empty(vm: &Vm) -> bool {
    let path = vm.shared().roots.sys_path;
    List::from_value(path).is_some_and(|list| list.is_empty(vm))
        || Tuple::from_value(path).is_some_and(|tuple| tuple.is_empty())
}

fn load_native(vm: &mut Vm, name: Str, module: &'static RomModule) -> Res {
    let modules = vm.modules();
    let own = module.name();
    if let Some(m) = modules.get_name(vm, own)
        && m.is_kind(Kind::RomModule)
    {
        modules.set_name(vm, name.value(), m)?;
        return Ok(m);
    }
    modules.set_name(vm, name.value(), module.value())?;
    if let Some(init) = module.init {
        init(vm)?;
    }
    Ok(module.value())
}

/// What the paths of frozen files begin with.
const FROZEN: &str = ".frozen/";

fn stat(vm: &mut Vm, path: &StrBuilder) -> Result<PathKind, Raise> {
    path.check(vm)?;
    let host = vm.host();
    let Ok(path) = core::str::from_utf8(path.as_bytes()) else {
        return Ok(PathKind::Missing);
    };
    let Some(path) = path.strip_prefix(FROZEN) else {
        vm.check_may_wait()?;
        return host.import_stat(vm, path);
    };
    Ok(match vm.frozen().and_then(|image| image.find(path)) {
        None => PathKind::Missing,
        Some(FrozenPath::File(_)) => PathKind::File,
        Some(FrozenPath::Dir) => PathKind::Dir,
    })
}

/// Tries one directory: a package, then a file. `None` when there is neither.
fn load_from(
    vm: &mut Vm,
    dir: Str,
    full: Str,
    short: Str,
    outer: Value,
) -> Result<Option<Value>, Raise> {
    let mut path = StrBuilder::new();
    path.push_bytes(vm, dir.as_bytes());
    if !matches!(dir.as_bytes(), [] | [.., b'/']) {
        path.push_bytes(vm, b"/");
    }
    path.push_bytes(vm, short.as_bytes());
    let n_dir = path.len();
    let is_package = stat(vm, &path)? == PathKind::Dir;
    if is_package {
        path.push_bytes(vm, b"/__init__");
    }
    // Source text first.
    let n_base = path.len();
    let mut has_file = false;
    for ending in &[".py", ".mpy"] {
        path.truncate(n_base);
        path.push_bytes(vm, ending.as_bytes());
        has_file = stat(vm, &path)? == PathKind::File;
        if has_file {
            break;
        }
    }
    if !is_package && !has_file {
        path.discard(vm);
        return Ok(None);
    }
    let file = path.finish_str(vm)?;
    let modules = vm.modules();
    let globals = vm.new_dict()?;
    globals.set_name(vm, q::__name__.value(), full.value())?;
    let module = vm.new_module(globals)?;
    modules.set_name(vm, full.value(), module)?;
    if is_package {
        let dir = Blob::from_known(file).part(vm, 0, n_dir)?;
        let dirs = vm.new_list_from(&[dir])?.value();
        globals.set_name(vm, q::__path__.value(), dirs)?;
    }
    if has_file {
        run_module(vm, full, globals, Str::from_known(file))?;
    }
    if let Some(parent) = Module::from_value(outer) {
        Dict::from_known(parent.globals(vm)).set_name(vm, short.value(), module)?;
    }
    // A module may have put something else in its own place.
    Ok(modules.get_name(vm, full.value()).or(Some(module)))
}

fn run_module(vm: &mut Vm, full: Str, globals: Dict, file: Str) -> Result<(), Raise> {
    let result = code_of_file(vm, globals, file)
        .and_then(|code| vm.run_code(code, globals, globals.value()));
    if let Err(raise) = result {
        // A failed import leaves nothing behind.
        let modules = vm.modules();
        modules.remove_name(vm, full.value());
        return Err(raise);
    }
    Ok(())
}

/// The code of a module's file, whose name becomes `__file__`: of a frozen one that below `.frozen`.
fn code_of_file(vm: &mut Vm, globals: Dict, file: Str) -> Res {
    if let Some(path) = file.as_str().strip_prefix(FROZEN) {
        let name = vm.new_str(path)?;
        globals.set_name(vm, q::__file__.value(), name)?;
        if let Some(code) = super::exec::frozen_code(vm, path)? {
            return Ok(code);
        }
    }
    globals.set_name(vm, q::__file__.value(), file.value())?;
    super::exec::compile_file(vm, file.as_str())
}

/// `from module import name`.
pub fn import_from(vm: &mut Vm, module: Value, name: Value) -> Res {
    if let Some(v) = vm.find_attr(module, name)? {
        return Ok(v);
    }
    // A submodule that is not loaded yet.
    if let Some(m) = Module::from_value(module) {
        let globals = Dict::from_known(m.globals(vm));
        if globals.get_name(vm, q::__path__.value()).is_some()
            && let Some(package) =
                globals.get_name(vm, q::__name__.value()).and_then(Str::from_value)
        {
            let mut full = StrBuilder::new();
            full.push_bytes(vm, package.as_bytes());
            full.push_bytes(vm, b".");
            full.push_bytes(vm, Str::from_known(name).as_bytes());
            let full = full.finish_str(vm)?;
            let full = vm.intern_str(Str::from_known(full))?;
            match load(vm, Str::from_known(full), Str::from_known(name), module) {
                Ok(v) => return Ok(v),
                Err(raise) => {
                    // Only its own absence becomes the message below.
                    let own = Exception::from_value(vm.exception)
                        .is_some_and(|e| e.traceback(vm).is_none());
                    if !(own && vm.catch(exc::IMPORT_ERROR)) {
                        return Err(raise);
                    }
                }
            }
        }
    }
    let name = Str::from_known(name);
    Err(vm.raise_about(exc::IMPORT_ERROR, "can't import name %", name.value()))
}

/// `from module import *`: the names in `__all__`, else those without a leading underscore.
pub fn import_star(vm: &mut Vm, module: Value, space: Value) -> Result<(), Raise> {
    let target = Dict::from_value(space).unwrap_or(vm.current_globals());
    if let Some(all) = vm.find_attr(module, q::__all__.value())? {
        let it = vm.iter(all)?;
        while let Some(name) = vm.next(it)? {
            let name = vm.name_arg(name)?;
            let v = match import_from(vm, module, name) {
                Ok(v) => v,
                Err(_) if vm.catch(exc::IMPORT_ERROR) => return Err(vm.no_attribute(module, name)),
                Err(raise) => return Err(raise),
            };
            target.set_name(vm, name, v)?;
        }
        return Ok(());
    }
    // Whatever a script put into `sys.modules` may be no module at all.
    if vm.find_attr(module, q::__dict__.value())?.is_none() {
        return Err(vm.no_attribute(module, q::__dict__.value()));
    }
    let names = crate::types::object::dir(vm, module)?;
    let it = vm.iter(names)?;
    while let Some(name) = vm.next(it)? {
        let name = vm.name_arg(name)?;
        if !Str::from_known(name).as_bytes().starts_with(b"_")
            && let Some(v) = vm.find_attr(module, name)?
        {
            target.set_name(vm, name, v)?;
        }
    }
    Ok(())
}

/// `__import__(name, globals=None, locals=None, fromlist=(), level=0)`.
pub fn builtin_import(vm: &mut Vm, args: &[Value]) -> Res {
    let name = vm.name_arg(args[0])?;
    let from = args.get(3).copied().unwrap_or(Value::NONE);
    let level = match args.get(4) {
        Some(&l) => vm.index(l)?,
        None => 0,
    };
    if level < 0 {
        return Err(vm.raise(exc::VALUE_ERROR, "level must be >= 0"));
    }
    let globals = match args.get(1).copied().filter(|g| level > 0 && !g.is_none()) {
        None => vm.current_globals(),
        Some(g) => vm.expect::<Dict>(g, &crate::types::dict::DICT)?,
    };
    import(vm, name, level as usize, from, globals)
}
