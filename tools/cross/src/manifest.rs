//! Manifests: Python programs that say which modules are frozen.
//!
//! A manifest runs in our own interpreter, which has no files here: its calls are noted and done afterwards
//! (`manifest.py` holds the functions it sees). An `include` is therefore read after the file that asks for it, which
//! no manifest can tell, as the functions return nothing.
//!
//! Source: MicroPython documentation, "MicroPython manifest files".

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use threadsnake_vm::compiler::Mode;
use threadsnake_vm::object::{List, Str, Tuple};
use threadsnake_vm::{Raise, Vm};

use crate::compile::{DEFAULT_HEAP_BYTES, with_vm};

/// The functions that a manifest sees.
const FUNCTIONS: &[u8] = include_bytes!("manifest.py");

/// How deep manifests may include each other.
const MAX_DEPTH: usize = 32;

/// A file to freeze.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct File {
    /// Where its source is.
    pub source: PathBuf,
    /// The level of optimisation, if the manifest gives one.
    pub optimise: Option<u8>,
    /// Keep the text, compile on the device.
    pub as_text: bool,
}

/// What manifests name, by the path that it gets in the image.
#[derive(Debug, Clone, Default)]
pub struct Manifest {
    /// What `$(NAME)` in a path stands for.
    pub variables: BTreeMap<String, PathBuf>,
    /// Folders that `require` searches, with their names.
    pub libraries: Vec<(String, PathBuf)>,
    /// What is frozen.
    pub files: BTreeMap<String, File>,
}

/// One call of a manifest: function, path, selection, base, level.
type Request = [String; 5];

impl Manifest {
    /// Reads a manifest and all that it includes.
    ///
    /// # Errors
    /// One line, or the traceback of the manifest: what is wrong with it.
    pub fn read(&mut self, file: &Path) -> Result<(), String> {
        self.include(file, "{}", 0)
    }

    fn include(&mut self, file: &Path, options: &str, depth: usize) -> Result<(), String> {
        if depth > MAX_DEPTH {
            return Err(format!("{}: manifests include each other\n", file.display()));
        }
        let text = std::fs::read(file).map_err(|e| format!("{}: {e}\n", file.display()))?;
        let folder = file.parent().unwrap_or(Path::new("."));
        for request in requests(&text, &file.display().to_string(), options)? {
            self.perform(&request, folder, depth).map_err(|why| {
                if why.ends_with('\n') { why } else { format!("{}: {why}\n", file.display()) }
            })?;
        }
        Ok(())
    }

    fn perform(&mut self, request: &Request, folder: &Path, depth: usize) -> Result<(), String> {
        let [kind, path, which, base, level] = request;
        let optimise = match level.as_str() {
            "" => None,
            level => Some(level.parse().map_err(|_| format!("opt={level} is no level"))?),
        };
        match kind.as_str() {
            "include" => {
                let file = self.path(folder, path)?;
                let file = if file.is_dir() { file.join("manifest.py") } else { file };
                self.include(&file, which, depth + 1)
            }
            "require" => {
                let file = self.required(path, base)?;
                self.include(&file, which, depth + 1)
            }
            "library" => {
                let entry = (path.clone(), self.path(folder, which)?);
                let at = if base.is_empty() { self.libraries.len() } else { 0 };
                self.libraries.insert(at, entry);
                Ok(())
            }
            "module" => self.add(&self.path(folder, base)?, path, optimise, false),
            "package" if which.is_empty() => {
                self.add_all(&self.path(folder, base)?, path, optimise, false)
            }
            "package" => {
                self.add(&self.path(folder, base)?, &format!("{path}/{which}"), optimise, false)
            }
            "freeze" | "text" => {
                let (base, as_text) = (self.path(folder, path)?, kind == "text");
                if which.is_empty() || base.join(which).is_dir() {
                    self.add_all(&base, which, optimise, as_text)
                } else {
                    self.add(&base, which, optimise, as_text)
                }
            }
            other => Err(format!("no function {other}")),
        }
    }

    /// A path in a manifest: relative to its folder, with variables.
    fn path(&self, folder: &Path, text: &str) -> Result<PathBuf, String> {
        let Some(rest) = text.strip_prefix("$(") else { return Ok(folder.join(text)) };
        let (name, rest) = rest.split_once(')').ok_or(format!("{text}: no end of the variable"))?;
        let start = self.variables.get(name).ok_or(format!("{text}: {name} is not set"))?;
        Ok(start.join(rest.trim_start_matches('/')))
    }

    /// The manifest of a package in the libraries, or in the one that `library` names.
    fn required(&self, name: &str, library: &str) -> Result<PathBuf, String> {
        let libraries =
            self.libraries.iter().filter(|(own, _)| library.is_empty() || own == library);
        for (_, root) in libraries {
            if let Some(file) = find_package(root, name, 0) {
                return Ok(file);
            }
        }
        Err(format!("require({name:?}): no library has it (--library FOLDER names one)"))
    }

    /// Every Python file below `base/within`.
    fn add_all(
        &mut self,
        base: &Path,
        within: &str,
        optimise: Option<u8>,
        as_text: bool,
    ) -> Result<(), String> {
        let folder = base.join(within);
        let entries =
            std::fs::read_dir(&folder).map_err(|e| format!("{}: {e}", folder.display()))?;
        let mut names: Vec<_> = entries.flatten().map(|entry| entry.file_name()).collect();
        names.sort();
        for name in names {
            let name = name.to_string_lossy();
            let inner =
                if within.is_empty() { name.to_string() } else { format!("{within}/{name}") };
            if base.join(&inner).is_dir() {
                self.add_all(base, &inner, optimise, as_text)?;
            } else if name.ends_with(".py") {
                self.add(base, &inner, optimise, as_text)?;
            }
        }
        Ok(())
    }

    fn add(
        &mut self,
        base: &Path,
        target: &str,
        optimise: Option<u8>,
        as_text: bool,
    ) -> Result<(), String> {
        if !target.ends_with(".py") {
            return Err(format!("{target}: only .py files are frozen"));
        }
        let source = base.join(target);
        let source = source.canonicalize().map_err(|e| format!("{}: {e}", source.display()))?;
        let file = File { source, optimise, as_text };
        match self.files.insert(target.to_owned(), file.clone()) {
            Some(before) if before.source != file.source => {
                let [a, b] = [before.source, file.source].map(|path| path.display().to_string());
                Err(format!("{target} is frozen twice: {a} and {b}"))
            }
            _ => Ok(()),
        }
    }
}

/// The folder called `name` with a manifest, at most three folders below `root`.
fn find_package(root: &Path, name: &str, depth: usize) -> Option<PathBuf> {
    let file = root.join(name).join("manifest.py");
    if file.is_file() {
        return Some(file);
    }
    let mut folders: Vec<_> = std::fs::read_dir(root).ok()?.flatten().map(|e| e.path()).collect();
    folders.retain(|path| depth < 2 && path.is_dir());
    folders.sort();
    folders.iter().find_map(|folder| find_package(folder, name, depth + 1))
}

/// Runs a manifest; what it called.
fn requests(text: &[u8], name: &str, options: &str) -> Result<Vec<Request>, String> {
    with_vm(DEFAULT_HEAP_BYTES, |vm| {
        let globals = vm.main_globals();
        let given = vm.intern("_given")?;
        let code = vm.compile(&mut options.as_bytes(), "<options>", Mode::Eval)?;
        let options = vm.run_code(code, globals, globals.value())?;
        globals.set_name(vm, given, options)?;
        vm.exec_source(&mut &FUNCTIONS[..], "manifest.py", Mode::Module, globals)?;
        vm.exec_source(&mut &text[..], name, Mode::Module, globals)?;
        let list = vm.intern("_requests")?;
        let list = globals.get_name(vm, list).and_then(List::from_value);
        list.map_or(Ok(Vec::new()), |list| strings(vm, list))
    })
}

fn strings(vm: &mut Vm, list: List) -> Result<Vec<Request>, Raise> {
    let mut out = Vec::new();
    for i in 0..list.len(vm) {
        let mut request = Request::default();
        let tuple = list.get(vm, i).and_then(Tuple::from_value);
        for (to, &from) in request.iter_mut().zip(tuple.iter().flat_map(|tuple| tuple.items())) {
            // A path may be any object; what it prints is meant.
            let text = vm.str(from)?;
            *to = Str::from_known(text).as_str().to_owned();
        }
        out.push(request);
    }
    Ok(out)
}
