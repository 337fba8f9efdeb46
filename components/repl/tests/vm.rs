//! The prompt with the real interpreter behind it, over a console that is a script.

use std::sync::Mutex;

use threadsnake_repl::{Exit, Prompt, VmEngine};
use threadsnake_vm::heap::Region;
use threadsnake_vm::host::{Host, PathKind};
use threadsnake_vm::value::Value;
use threadsnake_vm::{Raise, StackBounds, Vm, VmConfig, VmHandle, exc};

/// One task, no clock, no files; the console ends when the script does.
#[derive(Default)]
struct Script {
    input: Mutex<Vec<u8>>,
    output: Mutex<Vec<u8>>,
}

impl Host for Script {
    fn ticks_us(&self) -> u64 {
        0
    }
    fn unix_time_ns(&self) -> Option<u64> {
        None
    }
    fn gil_take(&self) {}
    fn gil_give(&self) {}
    fn gil_yield(&self) {}
    fn wait(&self, _: Option<u64>) {}
    fn wake(&self) {}
    fn console_write(&self, bytes: &[u8]) {
        self.output.lock().expect("one thread").extend(bytes);
    }
    fn console_read(&self, buf: &mut [u8], _: Option<u64>) -> usize {
        let mut input = self.input.lock().expect("one thread");
        let n = buf.len().min(input.len());
        for (to, from) in buf.iter_mut().zip(input.drain(..n)) {
            *to = from;
        }
        n
    }
    fn console_eof(&self) -> bool {
        !self.console_readable()
    }
    fn console_readable(&self) -> bool {
        !self.input.lock().expect("one thread").is_empty()
    }
    fn entropy(&self, _: &mut [u8]) -> bool {
        false
    }
    fn import_stat(&self, _: &mut Vm, _: &str) -> Result<PathKind, Raise> {
        Ok(PathKind::Missing)
    }
    fn open(&self, vm: &mut Vm, _: Value, _: &str) -> Result<Value, Raise> {
        Err(vm.raise(exc::OS_ERROR, "no files"))
    }
    fn platform(&self) -> &'static str {
        "test"
    }
    fn machine(&self) -> &'static str {
        "a script"
    }
    fn epoch_offset_s(&self) -> u64 {
        0
    }
}

/// Types `input`; returns what came after the banner, bytes that are no text as `?`, and why the prompt ended.
fn talk(input: &str) -> (String, Exit) {
    let host: &'static Script = Box::leak(Box::default());
    *host.input.lock().expect("one thread") = input.as_bytes().to_vec();
    let memory = Box::leak(vec![0u128; 16 * 1024].into_boxed_slice());
    let regions = [Region { start: memory.as_mut_ptr().cast(), len: size_of_val(memory) }];
    let config = VmConfig { regions: &regions, host, modules: &[], value_stack_limit: 0 };
    // SAFETY: the memory is leaked, and nobody else has it.
    let vm = unsafe { VmHandle::create(&config) }.expect("256 KiB are enough");
    let here = 0u8;
    let stack = StackBounds { limit: (&raw const here).addr() - 512 * 1024 };
    // SAFETY: the VM is never destroyed; the bound lies in this thread's stack of 2 MiB.
    let exit = unsafe {
        vm.attach(stack, |vm| Prompt::new([0; 1000], [0; 100]).run(&mut VmEngine::new(vm)))
    };
    let output = host.output.lock().expect("one thread");
    let output = String::from_utf8_lossy(&output).replace('\u{fffd}', "?");
    let (banner, rest) = output.split_once(">>> ").expect("a prompt");
    assert!(banner.starts_with("MicroPython v1.29.0 on "), "{banner:?}");
    assert!(
        banner.ends_with("; a script\r\nType \"help()\" for more information.\r\n"),
        "{banner:?}"
    );
    (rest.to_owned(), exit.expect("256 KiB are enough"))
}

fn check(input: &str, output: &str) {
    assert_eq!(talk(input), (output.to_owned(), Exit::Closed));
}

#[test]
fn the_value_of_an_expression_is_printed_and_kept() {
    check("6 * 7\r_ + 1\r", "6 * 7\r\n42\n>>> _ + 1\r\n43\n>>> ");
}

#[test]
fn an_exception_shows_where_it_came_from() {
    check(
        "nothing\r",
        "nothing\r\nTraceback (most recent call last):\n  File \"<stdin>\", line 1, in <module>\n\
         NameError: name 'nothing' isn't defined\n>>> ",
    );
}

#[test]
fn a_pasted_text_prints_the_values_of_its_statements() {
    let (output, _) = talk("\x05x = 5\rx\rx + 1\r\x04");
    assert!(output.ends_with("\r\n5\n6\n>>> "), "{output:?}");
}

#[test]
fn raw_mode_separates_output_and_traceback() {
    let (output, _) = talk("\x01print(1)\nnothing\n\x04");
    let end = "raw REPL; CTRL-B to exit\r\n>OK1\n\x04Traceback (most recent call last):\n  \
               File \"<stdin>\", line 2, in <module>\nNameError: name 'nothing' isn't defined\n\x04>";
    assert!(output.ends_with(end), "{output:?}");
}

#[test]
fn raw_paste_compiles_while_it_receives_and_stops_at_an_error() {
    let (output, _) = talk("\x01\x05A\x01for i in range(3):\n print(i)\n\x04");
    assert!(output.ends_with("R\x01?\0\x01\x040\n1\n2\n\x04\x04>"), "{output:?}");
}

#[test]
fn system_exit_leaves_the_prompt() {
    assert_eq!(talk("import sys\rsys.exit(3)\r1\r").1, Exit::SystemExit);
}

#[test]
fn tab_lists_names_and_modules() {
    let (output, _) = talk("apple = apricot = 1\rap\t\x03import err\t\x03");
    assert!(output.contains("apple           apricot"), "{output:?}");
    assert!(output.contains("import errno"), "{output:?}");
}
