//! Listings of small programs, errors of bad ones, and the verifier on all of them.
//!
//! A listing lies beside its program in `tests/bytecode`. To write the listings anew: `BLESS=1 cargo test listing`.

extern crate std;

use std::format;
use std::string::{String, ToString};

use super::super::{CompileOptions, Mode, compile};
use crate::bytecode::disasm::disassemble;
use crate::bytecode::verify::{VerifyError, verify};
use crate::heap::buf::Buf;
use crate::object::{Code, CodeParts, Exception, List, Str, Tuple};
use crate::value::Value;
use crate::{Raise, Vm, testing};

const HEAP_BYTES: usize = 4 << 20;

fn compiled(vm: &mut Vm, source: &str, opt_level: u8) -> Result<Code, Raise> {
    let file = vm.intern("test.py")?;
    let options = CompileOptions { mode: Mode::Module, file, opt_level };
    let code = compile(vm, &mut source.as_bytes(), &options)?;
    Ok(Code::from_known(code))
}

/// The message of the parked exception.
fn message(vm: &mut Vm) -> String {
    let parked = vm.take_exception();
    let args = Exception::from_value(parked).and_then(|e| Tuple::from_value(e.args(vm)));
    let first = args.and_then(|args| args.items().first().copied());
    first.and_then(Str::from_value).map_or(String::new(), |s| s.as_str().to_string())
}

/// Applies `f` to the code object and those inside it.
fn each(vm: &mut Vm, code: Code, f: &mut dyn FnMut(&mut Vm, Code)) {
    f(vm, code);
    for inner in code.consts().iter().filter_map(|&v| Code::from_value(v)) {
        each(vm, inner, f);
    }
}

fn check_listing(name: &str, source: &str, expected: &str) {
    let listing = testing::with_vm(HEAP_BYTES, |vm| {
        let code = compiled(vm, source, 0).expect("a correct program");
        let mut listing = String::new();
        disassemble(code, &mut listing).expect("room for text");
        listing
    });
    if std::env::var_os("BLESS").is_some() {
        let path = format!("{}/tests/bytecode/{name}.txt", env!("CARGO_MANIFEST_DIR"));
        std::fs::write(path, listing).expect("a writable tree");
        return;
    }
    for (i, (new, old)) in listing.lines().zip(expected.lines()).enumerate() {
        assert_eq!(new, old, "line {} of the listing of {name}", i + 1);
    }
    assert_eq!(listing.lines().count(), expected.lines().count(), "lines of the listing of {name}");
}

macro_rules! programs {
    ($($test:ident: $name:literal,)*) => {
        $(
            #[test]
            fn $test() {
                check_listing(
                    $name,
                    include_str!(concat!("../../../tests/bytecode/", $name, ".py")),
                    include_str!(concat!("../../../tests/bytecode/", $name, ".txt")),
                );
            }
        )*
        const PROGRAMS: &[&str] =
            &[$(include_str!(concat!("../../../tests/bytecode/", $name, ".py"))),*];
    };
}

programs! {
    listing_of_expressions: "expressions",
    listing_of_conditions: "conditions",
    listing_of_loops: "loops",
    listing_of_functions: "functions",
    listing_of_classes: "classes",
    listing_of_comprehensions: "comprehensions",
    listing_of_handlers: "handlers",
    listing_of_patterns: "patterns",
    listing_of_modules: "modules",
}

#[track_caller]
fn check_refused(source: &str, expected: &str) {
    let outcome = testing::with_vm(HEAP_BYTES, |vm| match compiled(vm, source, 0) {
        Ok(_) => String::from("compiled"),
        Err(_) => message(vm),
    });
    assert_eq!(outcome, expected, "{source:?}");
}

#[test]
fn what_no_scope_allows_is_refused() {
    for source in ["break", "continue", "for x in y:\n def f():\n  break", "class C:\n continue"] {
        check_refused(source, "'break'/'continue' outside loop");
    }
    check_refused("return", "'return' outside function");
    check_refused("class C:\n return 1", "'return' outside function");
    check_refused("yield", "'yield' outside function");
    check_refused("await x", "'await' outside function");
    check_refused("async for x in y: pass", "async for/with outside async function");
    check_refused("def f():\n async with x: pass", "async for/with outside async function");
    check_refused("def f():\n from a import *", "import * not at module level");
}

#[test]
fn global_and_nonlocal_are_checked() {
    check_refused("nonlocal a", "can't declare nonlocal in outer code");
    check_refused("def f():\n def g():\n  nonlocal a", "no binding for nonlocal found");
    check_refused("def f(x):\n global x", "identifier redefined as global");
    check_refused("def f():\n x = 1\n nonlocal x", "identifier redefined as nonlocal");
    check_refused("def f():\n nonlocal x\n global x", "identifier redefined as global");
    check_refused("[i := 0 for i in a]", "identifier redefined as nonlocal");
}

#[test]
fn parameters_and_clauses_are_checked() {
    check_refused("def f(a, a): pass", "argument name reused");
    check_refused("def f(a=1, b): pass", "non-default argument follows default argument");
    check_refused("try:\n a\nexcept:\n b\nexcept c:\n d", "default 'except' must be last");
    check_refused("*a, *b = c", "multiple *x in assignment");
    check_refused("@micropython.asm_thumb\ndef f(): pass", "invalid micropython decorator");
    check_refused("@micropython.native.x\ndef f(): pass", "invalid micropython decorator");
}

#[test]
fn targets_are_checked() {
    let bad = [
        "1 = 2",
        "'' = 1",
        "() = []",
        "None = 1",
        "a, 1 = b",
        "for 1 in a: b",
        "f() = 1",
        "{} = 1",
        "(i for i in a) = 1",
        "f**2 = 1",
        "a + b = 1",
        "[a for a in b] = 1",
        "f'{a}' = 1",
        "a = b() = c",
        "a, b += c",
        "[a] += c",
        "f() += 1",
        "A = const(1); A = const(2)",
        "with a as 1: b",
    ];
    for source in bad {
        check_refused(source, "can't assign to expression");
    }
    check_refused("[*a, (b), *c] = d", "multiple *x in assignment");
    for source in ["del f()", "del f[0]**2", "del (a for a in a)", "del ()", "del *a, b"] {
        check_refused(source, "can't delete expression");
    }
}

#[test]
fn patterns_are_checked() {
    let case = |pattern: &str| format!("match x:\n case {pattern}: pass\n case _: pass");
    check_refused(&case("_"), "wildcard makes remaining patterns unreachable");
    check_refused(&case("y"), "name capture makes remaining patterns unreachable");
    check_refused(&case("[a, a]"), "multiple assignments to name in pattern");
    check_refused(&case("[a] | [b]"), "alternative patterns bind different names");
    check_refused(&case("[*a, *b]"), "multiple starred expressions in sequence pattern");
    check_refused(&case("{'a': 1, 'a': 2}"), "mapping pattern checks duplicate key");
}

#[test]
fn code_that_can_not_be_addressed_is_refused() {
    let statement = "x.y = x.y + x.z\n".repeat(5000);
    check_refused(&statement, "too much code in one function/module");
    let body = "  x.y = x.y + x.z\n".repeat(3000);
    check_refused(&format!("while x:\n{body}"), "too much code in one function/module");
}

#[test]
fn levels_of_optimisation_leave_things_out() {
    testing::with_vm(HEAP_BYTES, |vm| {
        let source = "def f():\n  'doc'\n  assert x\n  if __debug__: y";
        let mut sizes = [0; 4];
        for (level, size) in sizes.iter_mut().enumerate() {
            let module = compiled(vm, source, level as u8).expect("a correct program");
            let inner = module.consts().iter().find_map(|&v| Code::from_value(v));
            let f = inner.expect("the function's code");
            assert_eq!(f.doc().is_none(), level >= 2);
            assert_eq!(f.line_of(100), if level == 3 { 1 } else { f.line_of(100) });
            *size = f.bytecode().len();
        }
        assert!(sizes[0] > 1 && sizes[1..] == [1, 1, 1]);
    });
}

#[test]
fn many_variables_and_items_need_no_limit() {
    let names = |n: usize| (0..n).map(|i| format!("v{i}"));
    let assigned: String = names(300).map(|v| format!("  {v} = a\n")).collect();
    let listed: String = names(300).map(|v| format!("{v}, ")).collect();
    let cells = "  def g(): return v0, v299\n";
    let source =
        format!("def f(a):\n{assigned}{cells}  print([{listed}])\n  a({listed}k=({listed}))\n");
    testing::with_vm(HEAP_BYTES, |vm| {
        let module = compiled(vm, &source, 0).expect("a correct program");
        each(vm, module, &mut |vm, code| verify(vm, code).expect("sound code"));
    });
}

#[test]
fn all_that_is_compiled_is_sound() {
    for source in PROGRAMS {
        testing::with_vm(HEAP_BYTES, |vm| {
            let module = compiled(vm, source, 0).expect("a correct program");
            each(vm, module, &mut |vm, code| verify(vm, code).expect("sound code"));
        });
    }
}

/// A copy of a code object with other bytecode.
fn with_bytecode(vm: &mut Vm, code: Code, bytes: &[u8]) -> Result<Code, Raise> {
    let mut bytecode = Buf::new();
    bytecode.extend(vm, bytes)?;
    let mut handlers = Buf::new();
    handlers.extend(vm, code.handlers())?;
    let consts = vm.new_list_from(code.consts())?;
    let copy = vm.new_code(CodeParts {
        starts: (0, 0),
        name: code.name(),
        qualname: code.qualname(),
        file: code.file(),
        bytecode: &bytecode,
        consts,
        handlers: &handlers,
        lines: &Buf::new(),
        shape: code.shape(),
    })?;
    bytecode.free(vm);
    handlers.free(vm);
    Ok(Code::from_known(copy))
}

/// Numbers that are the same in every run.
fn randomness() -> impl FnMut() -> u32 {
    let mut seed = 0x2545_f491u32;
    move || {
        seed ^= seed << 13;
        seed ^= seed >> 17;
        seed ^= seed << 5;
        seed
    }
}

#[test]
fn the_verifier_survives_any_bytecode() {
    let mut random = randomness();
    for source in PROGRAMS {
        testing::with_vm(HEAP_BYTES, |vm| {
            let module = compiled(vm, source, 0).expect("a correct program");
            let mut refused = 0;
            each(vm, module, &mut |vm, code| {
                for _ in 0..40 {
                    let mut bytes = code.bytecode().to_vec();
                    for _ in 0..random() % 3 + 1 {
                        let at = random() as usize % bytes.len();
                        bytes[at] = random() as u8;
                    }
                    let copy = with_bytecode(vm, code, &bytes).expect("enough memory");
                    refused += matches!(verify(vm, copy), Err(VerifyError::Fault { .. })) as u32;
                }
            });
            assert!(refused > 0, "nothing was refused");
        });
    }
}

#[test]
fn unsound_code_is_refused() {
    use crate::bytecode::op::Op;
    let refused = |bytes: &[u8]| {
        testing::with_vm(HEAP_BYTES, |vm| {
            let module = compiled(vm, "def f(a):\n  a.b", 0).expect("a correct program");
            let inner = module.consts().iter().find_map(|&v| Code::from_value(v));
            let code = with_bytecode(vm, inner.expect("a function"), bytes).expect("enough memory");
            let outcome = verify(vm, code);
            let refused = matches!(outcome, Err(VerifyError::Fault { .. }));
            assert!(refused, "{outcome:?} for {bytes:?}");
        });
    };
    let [ret, jump, get_iter, next] =
        [Op::Return, Op::Jump, Op::GetIter, Op::ForNext].map(|op| op as u8);
    refused(&[255]);
    refused(&[ret]);
    refused(&[]);
    refused(&[Op::Move as u8, 0, 0]);
    refused(&[ret, 1]);
    refused(&[ret, 200]);
    refused(&[Op::Move as u8, 200, 0, ret, 0]);
    refused(&[Op::LoadImm as u8, 0, 0, ret, 0]);
    refused(&[Op::LoadConst as u8, 0, 9, 0, ret, 0]);
    refused(&[jump, 1, 0, ret, 0]);
    refused(&[jump, 0, 128, ret, 0]);
    refused(&[next, 0, 0, 0, 0, ret, 0]);
    refused(&[get_iter, 0, 0, ret, 0]);
    refused(&[Op::LoadCell as u8, 0, 0, 0, 0, ret, 0]);
    refused(&[Op::Yield as u8, 0, 0, ret, 0]);
    refused(&[Op::LoadName as u8, 0, 0, 0, ret, 0]);
}

/// Fails the first allocation, then the second, … until the program compiles.
#[test]
fn compilation_survives_the_loss_of_any_allocation() {
    for source in PROGRAMS {
        let mut n = 1;
        loop {
            let done = testing::with_vm(HEAP_BYTES, |vm| {
                vm.shared_mut().heap.fail_after(n);
                let result = compiled(vm, source, 0);
                vm.shared_mut().heap.fail_after(0);
                match result {
                    Ok(code) => {
                        each(vm, code, &mut |vm, code| verify(vm, code).expect("sound code"));
                        true
                    }
                    Err(_) => {
                        assert!(vm.raised(crate::exc::MEMORY_ERROR), "{}", message(vm));
                        let _ = vm.take_exception();
                        vm.shared_mut().heap.check_invariants();
                        false
                    }
                }
            });
            if done {
                break;
            }
            n += 1;
        }
        assert!(n > 10, "nothing failed");
    }
}

#[test]
fn values_of_constants_are_listed() {
    testing::with_vm(HEAP_BYTES, |vm| {
        let source = "f(1000, 'a\\n', b'\\xff', (None, ...), 1 << 100, 1.5, 2j)";
        let code = compiled(vm, source, 0).expect("a correct program");
        let mut listing = String::new();
        disassemble(code, &mut listing).expect("room for text");
        for text in
            ["1000", "\"a\\n\"", "b\"\\xff\"", "(None, Ellipsis)", "<int>", "<float>", "<complex>"]
        {
            assert!(listing.contains(&format!("c={text}")), "{text} in {listing}");
        }
    });
}

/// Runs a program of assertions.
fn check_program(name: &str, source: &str) {
    let failure = testing::with_vm(HEAP_BYTES, |vm| {
        let globals = vm.main_globals();
        if vm.exec_source(&mut source.as_bytes(), name, Mode::Module, globals).is_ok() {
            return None;
        }
        let parked = vm.take_exception();
        let line = Exception::from_value(parked).and_then(|e| List::from_value(e.traceback(vm)));
        Some(line.and_then(|list| list.get(vm, 1)).and_then(Value::as_small_int))
    });
    assert_eq!(failure, None, "{name}: the line of an exception");
}

macro_rules! running {
    ($($test:ident: $name:literal,)*) => {
        $(
            #[test]
            fn $test() {
                check_program($name, include_str!(concat!("../../../tests/programs/", $name)));
            }
        )*
    };
}

running! {
    ways_out_of_blocks_run_their_exits: "unwinding.py",
    names_mean_what_their_scopes_say: "scopes.py",
    evaluation_and_assignment_keep_their_order: "assignments.py",
    patterns_match_and_groups_are_split: "patterns.py",
    coroutines_suspend_and_go_on: "coroutines.py",
    collected_generators_share_nothing_but_items: "collecting.py",
}

#[test]
fn mangled_programs_compile_or_are_refused() {
    const WORDS: &[&str] = &[
        " yield ",
        "await ",
        " := ",
        "*",
        "lambda: ",
        "[",
        ")",
        "break\n",
        "return\n",
        "finally:\n",
        "global a\n",
        "nonlocal x\n",
        "super().x",
        "for x in ",
        "async ",
        "del x\n",
        "try:\n",
    ];
    let mut random = randomness();
    for source in PROGRAMS {
        for _ in 0..60 {
            let mut text = source.to_string();
            for _ in 0..random() % 3 + 1 {
                let at = random() as usize % text.len();
                let end = at + random() as usize % 8;
                if text.is_char_boundary(at) && text.get(at..end).is_some() {
                    text.replace_range(at..end, WORDS[random() as usize % WORDS.len()]);
                }
            }
            testing::with_vm(HEAP_BYTES, |vm| {
                // Debug builds verify whatever comes out.
                if compiled(vm, &text, 0).is_err() {
                    let _ = vm.take_exception();
                }
            });
        }
    }
}
