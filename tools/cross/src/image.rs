//! Code objects and constants to Rust source: the image that `threadsnake-glue` compiles in.
//!
//! Every object becomes a static, which the target's compiler lays out. Names that the interpreter has in ROM anyway
//! are taken from there.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write;

use threadsnake_vm::bytecode::file::FINGERPRINT;
use threadsnake_vm::bytecode::verify::verify;
use threadsnake_vm::object::{Bytes, Code, Complex, Float, Int, Str, Tuple};
use threadsnake_vm::value::Value;
use threadsnake_vm::value::names::{hash_bytes, rom_name};
use threadsnake_vm::{Raise, Vm};

use crate::compile::{How, to_code, with_vm};
use crate::manifest::{File, Manifest};

/// What an image holds, for a person to read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Summary {
    /// Modules.
    pub modules: usize,
    /// Strings that the interpreter has not in ROM anyway.
    pub names: usize,
    /// Bytes of RAM for the hints of the code.
    pub hint_bytes: usize,
}

/// The image's source: the files of a manifest, and names that are to be in ROM. `how` is for files of which the
/// manifest says nothing else. The code's hints take at most `hint_bytes`, or what one code object needs.
///
/// # Errors
/// One line, or the traceback: what is wrong with a file.
pub fn write(
    manifest: &Manifest,
    names: &[String],
    how: &How,
    hint_bytes: usize,
) -> Result<(String, Summary), String> {
    let mut image = Image { most_hint_bytes: hint_bytes, ..Image::default() };
    for name in names {
        image.name(name);
    }
    // The interpreter's search relies on the order.
    for (path, file) in &manifest.files {
        image.module(path, file, how)?;
    }
    Ok(image.finish())
}

#[derive(Default)]
struct Image {
    /// The statics so far.
    text: String,
    n_statics: usize,
    /// From a string to its static.
    names: BTreeMap<String, String>,
    /// Hash, static, text: the image's strings, those that the interpreter has not in ROM anyway.
    own: BTreeSet<(u16, String, String)>,
    /// The table of modules.
    modules: String,
    n_modules: usize,
    most_hint_bytes: usize,
    /// Where the next code object's hints begin, and where those of any end.
    next_hint: usize,
    hint_bytes: usize,
}

impl Image {
    fn module(&mut self, path: &str, file: &File, how: &How) -> Result<(), String> {
        let source = std::fs::read(&file.source)
            .map_err(|error| format!("{}: {error}\n", file.source.display()))?;
        let content = if file.as_text {
            let text = String::from_utf8(source)
                .map_err(|error| format!("{}: {error}\n", file.source.display()))?;
            self.name(&text)
        } else {
            let how = How { optimise: file.optimise.unwrap_or(how.optimise), ..how.clone() };
            with_vm(how.heap_bytes, |vm| {
                let code = to_code(vm, &source, path, &how)?;
                self.code(vm, code, &how)
            })?
        };
        let _ = writeln!(self.modules, "FrozenModule {{ path: {path:?}, content: {content} }},");
        self.n_modules += 1;
        Ok(())
    }

    fn finish(self) -> (String, Summary) {
        let names: String =
            self.own.iter().map(|(_, name, text)| format!("({text:?}, {name}.rom()),\n")).collect();
        let is_new =
            |(hash, _, text): &&(u16, String, String)| rom_name(text.as_bytes(), *hash).is_none();
        let n_names = self.own.iter().filter(is_new).count();
        let Image { text, modules, hint_bytes, .. } = self;
        let image = format!(
            "// Made by threadsnake-freeze: frozen modules.\n\
             use threadsnake_vm::object::frozen::*;\n\
             use threadsnake_vm::object::{{Handler, Hint, RomFloat}};\n\
             use threadsnake_vm::value::names::{{RomStr, count_unlisted, listed_or, unlisted}};\n\
             use threadsnake_vm::value::{{RomValue, Value}};\n\
             static HINTS: [Hint; {hint_bytes}] = [const {{ Hint::new(0) }}; {hint_bytes}];\n\
             {text}\n\
             const OWN: &[(&str, RomValue)] = &[\n{names}];\n\
             static NAMES: &[RomValue] = &unlisted::<{{ count_unlisted(OWN) }}>(OWN);\n\
             static MODULES: &[FrozenModule] = &[\n{modules}];\n\
             pub static IMAGE: FrozenImage = \
             FrozenImage::new(NAMES, MODULES, {FINGERPRINT:#x});\n"
        );
        let summary = Summary { modules: self.n_modules, names: n_names, hint_bytes };
        (image, summary)
    }

    /// A new static of this type and value; its name.
    fn declare(&mut self, of: &str, value: &str) -> String {
        let name = format!("F{}", self.n_statics);
        self.n_statics += 1;
        let _ = writeln!(self.text, "static {name}: {of} = {value};");
        name
    }

    /// A string, interned; the expression for it.
    fn name(&mut self, text: &str) -> String {
        if let Some(known) = self.names.get(text) {
            return known.clone();
        }
        let of = format!("RomStr<{}>", text.len());
        let own = self.declare(&of, &format!("RomStr::new({text:?})"));
        let expression = self.declare("RomValue", &format!("listed_or({text:?}, {own}.rom())"));
        self.own.insert((hash_bytes(text.as_bytes()), own, text.to_owned()));
        self.names.insert(text.to_owned(), expression.clone());
        expression
    }

    fn str(&mut self, value: Value) -> String {
        let text = Str::from_value(value);
        self.name(text.as_ref().map_or("", |text| text.as_str()))
    }

    fn code(&mut self, vm: &mut Vm, code: Code, how: &How) -> Result<String, Raise> {
        // Nothing but what the verifier passes gets into an image.
        if let Err(fault) = verify(vm, code) {
            panic!("generated code: {fault:?}");
        }
        let mut consts = String::new();
        for &value in code.consts() {
            let value = self.constant(vm, value, how)?;
            let _ = write!(consts, "{value}, ");
        }
        let (name, qualname, file) =
            (self.str(code.name()), self.str(code.qualname()), self.str(code.file()));
        let mut handlers = String::new();
        for h in code.handlers() {
            let _ = write!(
                handlers,
                "Handler {{ start: {}, end: {}, target: {}, reg: {} }}, ",
                h.start, h.end, h.target, h.reg
            );
        }
        let lines = if how.lines { code.lines() } else { &[] };
        let bytes = [code.bytecode(), lines].concat();
        let shape = code.shape();
        let first_line = if how.lines { shape.first_line } else { 1 };
        let hints = self.hints(code.consts().len());
        let parts = format!(
            "RomCodeParts {{ name: {name}, qualname: {qualname}, file: {file}, \
             n_lines: {}, n_regs: {}, flags: {}, n_args: {}, \
             n_pos_only: {}, n_kw_only: {}, n_free: {}, first_line: {first_line}, slots: {}, hints: {hints} }}",
            lines.len(),
            shape.n_regs,
            shape.flags,
            shape.n_args,
            shape.n_pos_only,
            shape.n_kw_only,
            shape.n_free,
            shape.slots,
        );
        let of = format!("RomCode<{}>", code.consts().len());
        let body = self.declare(
            &format!("RomBody<{}, {}>", code.handlers().len(), bytes.len()),
            &format!("RomBody {{ handlers: [{handlers}], bytes: *b\"{}\" }}", bytes.escape_ascii()),
        );
        let new = format!("RomCode::new({parts}, &{body}, [{consts}])");
        Ok(format!("{}.rom()", self.declare(&of, &new)))
    }

    /// A place for this many hints; code objects share where there is no more room.
    fn hints(&mut self, n: usize) -> String {
        if self.next_hint + n > self.most_hint_bytes {
            self.next_hint = 0;
        }
        let at = self.next_hint;
        self.next_hint += n;
        self.hint_bytes = self.hint_bytes.max(self.next_hint);
        format!("HINTS.split_at({at}).1")
    }

    fn constant(&mut self, vm: &mut Vm, value: Value, how: &How) -> Result<String, Raise> {
        let simple = match value {
            v if v == Value::NONE => Some("NONE"),
            v if v == Value::FALSE => Some("FALSE"),
            v if v == Value::TRUE => Some("TRUE"),
            v if v == Value::ELLIPSIS => Some("ELLIPSIS"),
            _ => None,
        };
        if let Some(name) = simple {
            return Ok(format!("RomValue(Value::{name})"));
        }
        if let Some(n) = value.as_small_int() {
            return Ok(match i32::try_from(n) {
                Ok(n) if (-1 << 30..1 << 30).contains(&n) => format!("RomValue(Value::int({n}))"),
                _ => {
                    let magnitude = n.unsigned_abs() as u64;
                    self.int(n < 0, &[magnitude as u32, (magnitude >> 32) as u32])
                }
            });
        }
        if Str::from_value(value).is_some() {
            return Ok(self.str(value));
        }
        if let Some(bytes) = Bytes::from_value(value) {
            let bytes = bytes.as_bytes();
            let new = format!("RomBytes::new(*b\"{}\")", bytes.escape_ascii());
            return Ok(format!(
                "{}.rom()",
                self.declare(&format!("RomBytes<{}>", bytes.len()), &new)
            ));
        }
        if let Some(int) = Int::from_value(value) {
            return Ok(self.int(int.is_negative(), int.limbs()));
        }
        if let Some(float) = Float::from_value(value) {
            let new = format!("RomFloat::new({})", float_bits(float.number(vm)));
            return Ok(format!("{}.rom()", self.declare("RomFloat", &new)));
        }
        if let Some(complex) = Complex::from_value(value) {
            let (re, im) = (float_bits(complex.re(vm)), float_bits(complex.im(vm)));
            let new = format!("RomComplex::new({re}, {im})");
            return Ok(format!("{}.rom()", self.declare("RomComplex", &new)));
        }
        if let Some(tuple) = Tuple::from_value(value) {
            let mut items = String::new();
            for &item in tuple.items() {
                let item = self.constant(vm, item, how)?;
                let _ = write!(items, "{item}, ");
            }
            let of = format!("RomTuple<{}>", tuple.len());
            return Ok(format!(
                "{}.rom()",
                self.declare(&of, &format!("RomTuple::new([{items}])"))
            ));
        }
        match Code::from_value(value) {
            Some(code) => self.code(vm, code, how),
            None => panic!("the compiler makes no such constant: {value:?}"),
        }
    }

    fn int(&mut self, negative: bool, limbs: &[u32]) -> String {
        let used = limbs.iter().rposition(|&limb| limb != 0).map_or(0, |last| last + 1);
        let new = format!("RomInt::new({negative}, {:?})", &limbs[..used]);
        format!("{}.rom_or_small()", self.declare(&format!("RomInt<{used}>"), &new))
    }
}

fn float_bits(number: f64) -> String {
    format!("f64::from_bits({:#x})", number.to_bits())
}
