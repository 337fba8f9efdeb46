//! Fuzz target: a precompiled file without its header, loaded and run: what the verifier passes must do no harm.
#![no_main]

use libfuzzer_sys::fuzz_target;
use threadsnake_vm::bytecode::file::header;
use threadsnake_vm::bytecode::load::load;

fuzz_target!(|body: &[u8]| {
    threadsnake_fuzz::run(|vm| {
        let file = [&header(), body].concat();
        let mut rest = &file[..];
        let code = load(vm, &mut |_, buf| {
            let (now, later) = rest.split_at(rest.len().min(buf.len()));
            buf[..now.len()].copy_from_slice(now);
            rest = later;
            Ok(now.len())
        })?;
        let globals = vm.main_globals();
        vm.run_code(code, globals, globals.value()).map(drop)
    });
});
