//! Precompiled files: what is saved and loaded is the same code, and no file harms.

use super::file::{HEADER_BYTES, header};
use super::load::load;
use super::save::save;
use crate::compiler::{CompileOptions, Mode, compile};
use crate::object::{Code, Str};
use crate::testing::with_vm;
use crate::value::Value;
use crate::{Raise, Vm, exc};

extern crate std;
use std::string::{String, ToString};
use std::vec::Vec;

const HEAP_BYTES: usize = 1 << 21;

/// Every kind of constant, of parameter and of code.
const PROGRAM: &str = r#"
"doc"
import sys
class A:
    "doc of A"
    x = (1, -2.5, 1e999, 3j, b'bytes', 'not a name', None, True, (..., ()))
    big = 123456789012345678901234567890, -1 << 40
    def f(self, a, /, b=2, *c, d, e=5, **g):
        def inner():
            nonlocal b
            b += 1
            return a, b, c, d, e, g
        self.y = 'ünïcode', ''
        return inner()
    async def w(self):
        async with self as s:
            yield [t async for t in s]
def gen(n):
    try:
        for i in range(n):
            yield i
    except* ValueError:
        pass
    finally:
        yield from ()
match A().f(1, d=4):
    case (1, 3, (), 4, 5, {}): ok = 'yes'
    case _: ok = 'no'
"#;

fn compiled(vm: &mut Vm) -> Result<Code, Raise> {
    let file = vm.intern("name.py")?;
    let options = CompileOptions { mode: Mode::Module, file, opt_level: 0 };
    compile(vm, &mut PROGRAM.as_bytes(), &options).map(Code::from_known)
}

fn saved(vm: &mut Vm, lines: bool) -> Vec<u8> {
    let code = compiled(vm).expect("a correct program");
    let file = save(vm, code, lines).expect("enough memory");
    vm.str_bytes(file).to_vec()
}

fn loaded(vm: &mut Vm, bytes: &[u8]) -> Result<Code, Raise> {
    // Odd pieces, so that every part is torn once.
    let mut rest = bytes;
    let code = load(vm, &mut |_, buf| {
        let n = rest.len().min(buf.len()).min(7);
        buf[..n].copy_from_slice(&rest[..n]);
        rest = &rest[n..];
        Ok(n)
    })?;
    Ok(Code::from_known(code))
}

/// The message of the parked exception, which must be a `ValueError`.
fn message(vm: &mut Vm) -> String {
    let exception = vm.take_exception();
    assert!(vm.exception_is(exception, exc::VALUE_ERROR));
    let text = vm.str(exception).expect("enough memory");
    Str::from_known(text).as_str().to_string()
}

fn listing(code: Code) -> String {
    let mut text = String::new();
    super::disasm::disassemble(code, &mut text).expect("strings take anything");
    text
}

#[test]
fn what_is_loaded_is_what_was_saved() {
    with_vm(HEAP_BYTES, |vm| {
        let file = saved(vm, true);
        let (before, after) = (compiled(vm).unwrap(), loaded(vm, &file).unwrap());
        assert_eq!(listing(before), listing(after));
        assert_eq!(after.file(), vm.find_name("name.py").unwrap());
        assert_eq!(before.lines(), after.lines());
        // And what was loaded is saved as the same bytes.
        let again = save(vm, after, true).unwrap();
        assert_eq!(vm.str_bytes(again), file);
        let globals = vm.new_dict().unwrap();
        vm.run_code(after.value(), globals, globals.value()).expect("the program runs");
        let ok = vm.find_name("ok").and_then(|name| globals.get_name(vm, name));
        assert_eq!(ok, vm.find_name("yes"));
    });
}

#[test]
fn without_lines_the_file_is_smaller_and_runs_alike() {
    with_vm(HEAP_BYTES, |vm| {
        let (with, without) = (saved(vm, true), saved(vm, false));
        assert!(without.len() < with.len());
        let code = loaded(vm, &without).unwrap();
        assert_eq!((code.lines(), code.line_of(10)), (&[][..], 1));
    });
}

#[test]
fn files_of_others_are_incompatible() {
    with_vm(HEAP_BYTES, |vm| {
        let mut other = header();
        other[HEADER_BYTES - 1] ^= 1;
        for file in [&b""[..], b"M", b"M\x06\x00\x1f\x00\x00", b"TSPY", b"TSPY\x7f....", &other] {
            assert!(loaded(vm, file).is_err());
            assert_eq!(message(vm), "incompatible .mpy file", "{file:?}");
        }
    });
}

#[test]
fn a_file_that_ends_early_is_corrupt() {
    with_vm(HEAP_BYTES, |vm| {
        let file = saved(vm, true);
        for len in HEADER_BYTES..file.len() {
            assert!(loaded(vm, &file[..len]).is_err());
            assert_eq!(message(vm), "corrupt .mpy file", "{len} bytes");
        }
    });
}

#[test]
fn no_change_of_a_file_harms() {
    let mut seed = 0x2545_f491u32;
    let mut random = || {
        seed ^= seed << 13;
        seed ^= seed >> 17;
        seed ^= seed << 5;
        seed as usize
    };
    with_vm(HEAP_BYTES, |vm| {
        let file = saved(vm, true);
        let mut refused = 0;
        for _ in 0..4000 {
            let mut bytes = file.clone();
            for _ in 0..random() % 3 + 1 {
                let at = random() % bytes.len();
                bytes[at] = random() as u8;
            }
            if loaded(vm, &bytes).is_err() {
                refused += 1;
                vm.take_exception();
            }
        }
        assert!(refused > 1000, "{refused} of 4000 were refused");
    });
}

#[test]
fn every_lost_allocation_is_a_memory_error() {
    with_vm(HEAP_BYTES, |vm| {
        let file = saved(vm, true);
        for n in 1..100_000 {
            vm.shared_mut().heap.fail_after(n);
            let result = loaded(vm, &file);
            let failed = !vm.shared().heap.fails_later();
            vm.shared_mut().heap.fail_after(0);
            match result {
                Ok(_) if !failed => return,
                Ok(_) => {}
                Err(_) => assert!(vm.catch(exc::MEMORY_ERROR), "allocation {n}"),
            }
            vm.collect();
        }
        panic!("no end of allocations");
    });
}

#[test]
fn nesting_without_end_is_refused() {
    with_vm(1 << 24, |vm| {
        // No names but one, the file's; then a code object whose first constant is a tuple of one tuple of …
        let mut file = header().to_vec();
        file.extend([1, 1, b'a', 0, 0, 0, 16, 1, 0, 0, 0, 0, 0, 1, 1, 0, 0, 0]);
        file.extend([10, 1].repeat(1 << 20));
        assert!(loaded(vm, &file).is_err());
        let exception = vm.take_exception();
        assert!(vm.exception_is(exception, exc::RUNTIME_ERROR));
        let _: Value = exception;
    });
}
