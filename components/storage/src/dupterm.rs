//! `os.dupterm`: a stream that shows what the console shows and types what the console types.
//!
//! There is one place. A stream that ends, or raises something, is taken away with a message on the console. Newlines
//! reach it as CR LF. A stream that is native says by `poll` whether it has something; one written in Python must not
//! wait in `readinto`. An object that is no stream but has `read` and `write` (an old driver's) is taken as well.
//!
//! Source: MicroPython library reference, "os", `dupterm`; of 1.8.4 for the call without arguments.

use threadsnake_vm::object::{Ioctl, List, Res, StrBuilder, poll};
use threadsnake_vm::types::stream::Stream;
use threadsnake_vm::value::Value;
use threadsnake_vm::value::names::q;
use threadsnake_vm::{Raise, Tap, Vm, exc};

static TAP: Tap = Tap { write, read };

/// The stream, `None` without.
fn current(vm: &Vm) -> Value {
    let state = vm.module_state(q::dupterm.value()).and_then(List::from_value);
    state.and_then(|list| list.get(vm, 0)).unwrap_or(Value::NONE)
}

fn set(vm: &mut Vm, stream: Value) -> Result<(), Raise> {
    match vm.module_state(q::dupterm.value()).and_then(List::from_value) {
        Some(list) => {
            list.set(vm, 0, stream);
        }
        None => {
            let list = vm.new_list_from(&[stream])?;
            vm.set_module_state(q::dupterm.value(), list.value())?;
        }
    }
    vm.set_tap((!stream.is_none()).then_some(TAP));
    Ok(())
}

/// `dupterm([stream[, index]])`: sets the stream, takes it away with `None`, and returns the one before; without
/// arguments it only returns it. `ValueError` for an index other than 0.
pub fn dupterm(vm: &mut Vm, args: &[Value]) -> Res {
    if let Some(&index) = args.get(1)
        && vm.index(index)? != 0
    {
        return Err(vm.raise(exc::VALUE_ERROR, "invalid dupterm index"));
    }
    let before = current(vm);
    if let Some(&stream) = args.first() {
        let is_pair = |vm: &mut Vm| -> Result<bool, Raise> {
            Ok(vm.find_attr(stream, q::read.value())?.is_some()
                && vm.find_attr(stream, q::write.value())?.is_some())
        };
        if !stream.is_none() && Stream::of(vm, stream).is_none() && !is_pair(vm)? {
            Stream::expect(vm, stream)?;
        }
        set(vm, stream)?;
    }
    Ok(before)
}

/// Writes to the stream; what it raises ends its use.
fn write(vm: &mut Vm, bytes: &[u8]) {
    let stream = current(vm);
    let result = match Stream::of(vm, stream) {
        Some(stream) => stream.write(vm, bytes).map(|_| ()),
        None => vm
            .new_bytes(bytes)
            .and_then(|bytes| vm.call_method(stream, q::write.value(), &[bytes]))
            .map(|_| ()),
    };
    if let Err(raise) = result {
        failed(vm, raise, "dupterm: Exception in write() method, deactivating: ");
    }
}

/// What a stream has for us.
enum Got {
    Bytes(usize),
    Nothing,
    End,
}

fn read(vm: &mut Vm, buf: &mut [u8]) -> usize {
    match try_read(vm, buf) {
        Ok(Got::Bytes(n)) => n,
        Ok(Got::Nothing) => 0,
        Ok(Got::End) => {
            take_away(vm, b"dupterm: EOF received, deactivating\n");
            0
        }
        Err(raise) => {
            failed(vm, raise, "dupterm: Exception in read() method, deactivating: ");
            0
        }
    }
}

fn try_read(vm: &mut Vm, buf: &mut [u8]) -> Result<Got, Raise> {
    let object = current(vm);
    let Some(stream) = Stream::of(vm, object) else {
        let got = vm.call_method(object, q::read.value(), &[Value::int(1)])?;
        let Some(bytes) = vm.cast::<threadsnake_vm::object::Bytes>(got) else {
            return Ok(Got::Nothing);
        };
        let n = bytes.as_bytes().len().min(buf.len());
        buf[..n].copy_from_slice(&bytes.as_bytes()[..n]);
        return Ok(if n == 0 { Got::Nothing } else { Got::Bytes(n) });
    };
    if !stream.is_python() && stream.ioctl(vm, Ioctl::Poll, poll::READ)? & poll::READ == 0 {
        return Ok(Got::Nothing);
    }
    Ok(match stream.read(vm, buf)? {
        None => Got::Nothing,
        Some(0) => Got::End,
        Some(n) => Got::Bytes(n),
    })
}

/// Takes the stream away for what it raised; the end of the VM stays for the next safe point to tell.
fn failed(vm: &mut Vm, raise: Raise, message: &str) {
    if vm.handle().is_killed() {
        vm.forget(raise);
        return;
    }
    let exception = vm.take_exception();
    take_away(vm, message.as_bytes());
    let mut out = StrBuilder::new();
    if vm.format_exception(exception, &mut out).is_ok() {
        let text = out.finish_str(vm);
        if let Ok(text) = text.and_then(|text| vm.expect_buffer(text)) {
            vm.with_bytes(text, |vm, text| vm.write_text(text, false));
        }
    }
}

fn take_away(vm: &mut Vm, message: &[u8]) {
    if let Err(raise) = set(vm, Value::NONE) {
        vm.forget(raise);
        vm.set_tap(None);
    }
    vm.write_text(message, false);
}
