//! Runs a Python file on the bare VM, one thread, no RTOS: for work on the VM itself.

use std::io::{Read, Write};
use threadsnake_vm::heap::Region;
use threadsnake_vm::host::{Host, PathKind};
use threadsnake_vm::value::Value;
use threadsnake_vm::{Raise, StackBounds, Vm, VmConfig, VmHandle, exc};

struct Bare;
impl Host for Bare {
    fn ticks_us(&self) -> u64 {
        0
    }
    fn unix_time_ns(&self) -> Option<u64> {
        None
    }
    fn gil_take(&self) {}
    fn gil_give(&self) {}
    fn gil_yield(&self) {}
    fn wait(&self, _timeout_us: Option<u64>) {}
    fn wake(&self) {}
    fn console_write(&self, bytes: &[u8]) {
        let _ = std::io::stdout().write_all(bytes);
    }
    fn console_read(&self, buf: &mut [u8], _timeout_us: Option<u64>) -> usize {
        std::io::stdin().read(buf).unwrap_or(0)
    }
    fn console_readable(&self) -> bool {
        false
    }
    fn entropy(&self, _buf: &mut [u8]) -> bool {
        false
    }
    fn import_stat(&self, _vm: &mut Vm, _path: &str) -> Result<PathKind, Raise> {
        Ok(PathKind::Missing)
    }
    fn open(&self, vm: &mut Vm, _path: Value, _mode: &str) -> Result<Value, Raise> {
        Err(vm.raise_os_error(2))
    }
    fn platform(&self) -> &'static str {
        "bare"
    }
    fn machine(&self) -> &'static str {
        "bare"
    }
    fn epoch_offset_s(&self) -> u64 {
        0
    }
}

fn main() {
    let path = std::env::args().nth(1).expect("usage: run FILE");
    let text = std::fs::read(&path).expect("readable file");
    let size = 2 << 20;
    let memory = vec![0u128; size / 16].leak();
    let regions = [Region { start: memory.as_mut_ptr().cast(), len: size }];
    let config = VmConfig { regions: &regions, host: &Bare, modules: &[], value_stack_limit: 0 };
    // SAFETY: the memory is leaked, so it is ours for ever.
    let handle = unsafe { VmHandle::create(&config) }.expect("enough memory");
    let here = 0u8;
    let stack = StackBounds { limit: (&raw const here as usize) - (4 << 20) };
    // SAFETY: the VM lives; the main thread has 8 MiB of stack.
    let ok = unsafe {
        handle.attach(stack, |vm| {
            let globals = vm.main_globals();
            let mut source = &text[..];
            match vm.exec_source(
                &mut source,
                &path,
                threadsnake_vm::compiler::Mode::Module,
                globals,
            ) {
                Ok(_) => true,
                Err(_) => {
                    if vm.raised(exc::SYSTEM_EXIT) {
                        return true;
                    }
                    let e = vm.take_exception();
                    vm.print_exception(e);
                    false
                }
            }
        })
    };
    std::process::exit(if ok == Ok(true) { 0 } else { 1 });
}
