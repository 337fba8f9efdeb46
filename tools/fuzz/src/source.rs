//! Fuzz target: source text, compiled and run.
#![no_main]

use libfuzzer_sys::fuzz_target;
use threadsnake_vm::compiler::Mode;

fuzz_target!(|text: &[u8]| {
    threadsnake_fuzz::run(|vm| {
        let globals = vm.main_globals();
        let mut text = text;
        vm.exec_source(&mut text, "fuzz.py", Mode::Module, globals).map(drop)
    });
});
