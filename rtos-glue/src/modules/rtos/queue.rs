//! `rtos.Queue`: messages in their order, between threads, VMs and C tasks.
//!
//! A queue of bytes has messages up to a size and lies in the kernel's heap; C and other VMs may open it by its name. A
//! queue of objects stays in its VM: the kernel's object counts, a list holds the objects.

use super::handle::{self, OBJECTS, STREAM, closed, timeout_us, wait_for};
use crate::shared::{Closed, Kind, MOST_MESSAGE, Shared};
use threadsnake_vm::object::{Args, Bytes, List, Native, Res};
use threadsnake_vm::types::bytes::BYTES;
use threadsnake_vm::types::stream::IOBASE;
use threadsnake_vm::value::Value;
use threadsnake_vm::value::names::q;
use threadsnake_vm::{Raise, Vm, exc, py_type};

py_type! {
    /// `rtos.Queue(length[, size, name])`: of objects, or of bytes with at most `size` of them a message.
    pub static QUEUE: Queue, base IOBASE;
    slots { new: queue_new, len: queue_len, stream: &STREAM, event: handle::event, finalise: handle::finalise, is_final: true }
    entries {
        close = F1(handle::close);
        peek = Var(1, 2, queue_peek);
        receive = Kw(queue_receive; _, timeout?);
        send = Kw(queue_send; _, _, timeout?, urgent?);
        try_receive = Var(1, 2, queue_try_receive);
        try_send = F2(queue_try_send);
    }
}

fn queue_new(vm: &mut Vm, _class: Value, args: Args<'_>) -> Res {
    let names = [q::length.value(), q::size.value(), q::name.value()];
    let [length, size, name] = handle::parameters(vm, args, names)?;
    let capacity = if length.is_undef() { 0 } else { vm.index(length)?.max(0) as usize };
    let name = handle::name_arg(vm, name)?;
    if size.is_undef() || size.is_none() {
        if name.byte_len() > 0 {
            return Err(vm.raise(exc::VALUE_ERROR, "a queue with a name needs a size"));
        }
        let objects = vm.new_list()?.value();
        let kind = Kind::Queue { message: 0, capacity };
        return handle::make(vm, &QUEUE, kind, name, 0, objects);
    }
    let message = vm.index(size)?;
    if !(1..=MOST_MESSAGE as isize).contains(&message) {
        return Err(vm.raise(exc::VALUE_ERROR, "size or name out of range"));
    }
    let kind = Kind::Queue { message: message as usize, capacity };
    handle::make(vm, &QUEUE, kind, name, 0, Value::NONE)
}

/// A queue that is open, and its objects if it has such.
struct Queue {
    shared: Shared,
    objects: Option<List>,
    size: usize,
}

fn this(vm: &mut Vm, v: Value) -> Result<Queue, Raise> {
    let shared = handle::this(vm, v, &QUEUE)?;
    let objects = List::from_value(Native::from_known(v).get(vm, OBJECTS));
    let Kind::Queue { message: size, .. } = shared.kind() else {
        return Err(vm.raise(exc::TYPE_ERROR, "wrong type of RTOS object"));
    };
    Ok(Queue { shared, objects, size })
}

/// `len(queue)`: how many messages are in it.
fn queue_len(vm: &mut Vm, v: Value) -> Result<usize, Raise> {
    Ok(this(vm, v)?.shared.count())
}

impl Queue {
    /// What goes into the queue for an argument: the object, or bytes that do not change.
    fn message(&self, vm: &mut Vm, item: Value) -> Res {
        if self.objects.is_some() {
            return Ok(item);
        }
        let buffer = vm.expect_buffer(item)?;
        if buffer.len(vm) > self.size {
            return Err(vm.raise(exc::VALUE_ERROR, "message too long"));
        }
        match Bytes::from_value(item) {
            Some(bytes) => Ok(bytes.value()),
            None => vm.call(BYTES.value(), &[item]),
        }
    }

    fn try_send(&self, vm: &mut Vm, message: Value, urgent: bool) -> Result<bool, Raise> {
        let sent = match self.objects {
            None => self.shared.try_send(Bytes::from_known(message).as_bytes(), urgent),
            Some(objects) if self.shared.room() > 0 && !self.shared.is_closed() => {
                // The list first, which may fail; only holders of the GIL take from it.
                let at = if urgent { 0 } else { objects.len(vm) };
                objects.insert(vm, at, message)?;
                self.shared.try_send(&[], false)
            }
            Some(_) if self.shared.is_closed() => Err(Closed),
            Some(_) => Ok(false),
        };
        sent.map_err(|end| closed(vm, end))
    }

    fn try_receive(&self, vm: &mut Vm, keep: bool) -> Result<Option<Value>, Raise> {
        let mut buf = [0; MOST_MESSAGE];
        let n = match self.shared.try_receive(&mut buf, keep) {
            Ok(Some(n)) => n,
            Ok(None) => return Ok(None),
            Err(end) => return Err(closed(vm, end)),
        };
        Ok(match self.objects {
            None => Some(vm.new_bytes(&buf[..n])?),
            Some(objects) if keep => objects.get(vm, 0),
            Some(objects) => objects.remove(vm, 0),
        })
    }
}

/// `queue.send(item, timeout=-1, urgent=False)`: puts an object, or a bytes-like object, behind the others, or before
/// them; waits for room.
///
/// Raises `OSError(ETIMEDOUT)`, `OSError(EPIPE)`, `ValueError` for what is too long.
fn queue_send(vm: &mut Vm, args: &[Value]) -> Res {
    let queue = this(vm, args[0])?;
    let message = queue.message(vm, args[1])?;
    let timeout_us = timeout_us(vm, args[2])?;
    let urgent = !args[3].is_undef() && vm.truth(args[3])?;
    wait_for(vm, &queue.shared, timeout_us, |vm| {
        Ok(queue.try_send(vm, message, urgent)?.then_some(Value::NONE))
    })
}

/// `queue.try_send(item)`: the same without waiting; whether there was room.
fn queue_try_send(vm: &mut Vm, v: Value, item: Value) -> Res {
    let queue = this(vm, v)?;
    let message = queue.message(vm, item)?;
    Ok(Value::bool(queue.try_send(vm, message, false)?))
}

/// `queue.receive(timeout=-1)`: takes the first message; waits for one.
///
/// Raises `OSError(ETIMEDOUT)`, `OSError(EPIPE)`.
fn queue_receive(vm: &mut Vm, args: &[Value]) -> Res {
    let queue = this(vm, args[0])?;
    let timeout_us = timeout_us(vm, args[1])?;
    wait_for(vm, &queue.shared, timeout_us, |vm| queue.try_receive(vm, false))
}

/// `queue.try_receive([default])`: the first message, or `default` if there is none.
fn queue_try_receive(vm: &mut Vm, args: &[Value]) -> Res {
    let queue = this(vm, args[0])?;
    let default = args.get(1).copied().unwrap_or(Value::NONE);
    Ok(queue.try_receive(vm, false)?.unwrap_or(default))
}

/// `queue.peek([default])`: as `try_receive`; the message stays.
fn queue_peek(vm: &mut Vm, args: &[Value]) -> Res {
    let queue = this(vm, args[0])?;
    let default = args.get(1).copied().unwrap_or(Value::NONE);
    Ok(queue.try_receive(vm, true)?.unwrap_or(default))
}
