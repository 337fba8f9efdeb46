//! `micropython`. Source: MicroPython library reference, "micropython".

use crate::heap::BLOCK;
use crate::object::{NativeFn, Res, RomFn};
use crate::types::ringio::RINGIO;
use crate::value::Value;
use crate::value::names::q;
use crate::{Vm, exc, py_module};

py_module! {
    /// `micropython`.
    pub static MICROPYTHON: micropython, extensible false;
    entries {
        r#const = F1(itself);
        opt_level = Var(0, 1, opt_level);
        heap_lock = F0(heap_lock);
        heap_unlock = F0(heap_unlock);
        #[cfg(feature = "extra")]
        heap_locked = F0(heap_locked);
        schedule = F2(schedule);
        native = F1(itself);
        viper = F1(itself);
        bytecode = F1(itself);
        kbd_intr: KBD_INTR.rom();
        mem_info = Var(0, 1, mem_info);
        mem_total = F0(mem_total);
        mem_current = F0(mem_current);
        mem_peak = F0(mem_peak);
        qstr_info = Var(0, 1, qstr_info);
        stack_use = F0(stack_use);
        RingIO: RINGIO.rom();
        alloc_emergency_exception_buf = F1(emergency);
    }
}

fn itself(_vm: &mut Vm, v: Value) -> Res {
    Ok(v)
}

fn opt_level(vm: &mut Vm, args: &[Value]) -> Res {
    match args.first() {
        None => Ok(Value::int(vm.opt_level() as i32)),
        Some(&n) => {
            let n = vm.index(n)?;
            vm.set_opt_level(n.clamp(0, 3) as u8);
            Ok(Value::NONE)
        }
    }
}

fn heap_lock(vm: &mut Vm) -> Res {
    vm.renew_reserve();
    vm.shared_mut().heap.lock();
    Ok(Value::NONE)
}

fn heap_unlock(vm: &mut Vm) -> Res {
    Ok(Value::from_len(vm.shared_mut().heap.unlock()))
}

fn heap_locked(vm: &mut Vm) -> Res {
    Ok(Value::from_len(vm.shared().heap.lock_depth()))
}

fn schedule(vm: &mut Vm, callback: Value, argument: Value) -> Res {
    if argument.is_none() && vm.shared().schedule_lock == 0 && callback == KBD_INTR.rom().0 {
        // The interrupt needs no place in the queue; out of a callback it waits until that has ended.
        vm.handle().interrupt();
        return Ok(Value::NONE);
    }
    if vm.schedule(callback, argument) {
        Ok(Value::NONE)
    } else {
        Err(vm.raise(exc::RUNTIME_ERROR, "schedule queue full"))
    }
}

static KBD_INTR: RomFn =
    RomFn::free(q::kbd_intr.rom(), NativeFn::F1(kbd_intr)).in_room(module_path!());

/// `kbd_intr(c)`; with `None`, which is what a scheduled call gives it: the interrupt itself.
fn kbd_intr(vm: &mut Vm, c: Value) -> Res {
    if c.is_none() {
        vm.handle().interrupt();
        return Ok(Value::NONE);
    }
    let c = vm.index(c)?;
    vm.host().set_interrupt_char(u8::try_from(c).ok());
    Ok(Value::NONE)
}

/// `alloc_emergency_exception_buf(n)`: memory for an exception that is raised when the heap is full.
fn emergency(vm: &mut Vm, n: Value) -> Res {
    let n = vm.index(n)?;
    match usize::try_from(n) {
        Ok(n) => vm.set_reserve(n)?,
        Err(_) => return Err(vm.raise(exc::VALUE_ERROR, "size must be >= 0")),
    }
    Ok(Value::NONE)
}

/// Letters in a line of the map.
const LINE: usize = 64;

/// Prints one line to the console: no allocation, no Python, so that the heap stays as it is described.
fn say(vm: &mut Vm, line: core::fmt::Arguments<'_>) {
    let mut text = crate::vm::Message::new();
    let _ = core::fmt::Write::write_fmt(&mut text, line);
    vm.write_text(text.as_str().as_bytes(), false);
    vm.write_text(b"\n", false);
}

/// `mem_info([verbose])`: figures of stack and heap; with an argument a map of the heap.
fn mem_info(vm: &mut Vm, args: &[Value]) -> Res {
    let [total, current, peak] = vm.heap_totals();
    say(vm, format_args!("mem: total={total}, current={current}, peak={peak}"));
    let (used, most) = vm.stack_use();
    say(vm, format_args!("stack: {used} out of {most}"));
    let s = vm.shared().heap.stats();
    say(vm, format_args!("GC: total: {}, used: {}, free: {}", s.total, s.used, s.free));
    say(
        vm,
        format_args!(
            " No. of 1-blocks: {}, 2-blocks: {}, max blk sz: {}, max free sz: {}",
            s.n_1block, s.n_2block, s.max_object_blocks, s.max_free_run_blocks
        ),
    );
    if !args.is_empty() {
        let mut region = 0;
        while let Some((from, n)) = { vm.shared().heap.block_ranges().nth(region) } {
            say(vm, format_args!("GC memory layout; from {from:x}:"));
            map(vm, region, n)?;
            region += 1;
        }
    }
    Ok(Value::NONE)
}

/// `mem_total()`: bytes allocated since the VM began, those that are free again included.
fn mem_total(vm: &mut Vm) -> Res {
    let [total, ..] = vm.heap_totals();
    Ok(Value::from_len(total & (usize::MAX >> 2)))
}

/// `mem_current()`: bytes in use.
fn mem_current(vm: &mut Vm) -> Res {
    Ok(Value::from_len(vm.heap_totals()[1]))
}

/// `mem_peak()`: the most bytes in use at any call of these functions or of `mem_info()`.
fn mem_peak(vm: &mut Vm) -> Res {
    Ok(Value::from_len(vm.heap_totals()[2]))
}

/// Prints the map of a region of `n` blocks; lines of free blocks only are counted instead.
fn map(vm: &mut Vm, region: usize, n: usize) -> Result<(), crate::Raise> {
    // Every look at the heap begins at its start, hence some lines at a time.
    const PIECE: usize = 32 * LINE;
    let mut letters = [b'.'; PIECE];
    let mut n_free = 0;
    for start in (0..n).step_by(PIECE) {
        let here = &mut letters[..PIECE.min(n - start)];
        for (place, letter) in here.iter_mut().zip(vm.shared().heap.map(region).skip(start)) {
            *place = letter;
        }
        for (i, line) in here.chunks(LINE).enumerate() {
            if line.iter().all(|&c| c == b'.') {
                n_free += 1;
                continue;
            }
            free_lines(vm, n_free);
            n_free = 0;
            let at = (start + i * LINE) * BLOCK;
            let line = core::str::from_utf8(line).unwrap_or_default();
            say(vm, format_args!("{at:08x}: {line}"));
        }
        vm.tick(PIECE)?;
    }
    free_lines(vm, n_free);
    Ok(())
}

fn free_lines(vm: &mut Vm, n: usize) {
    if n > 0 {
        say(vm, format_args!("       ({n} lines all free)"));
    }
}

/// `qstr_info([verbose])`: how many names the heap holds; with an argument the names.
fn qstr_info(vm: &mut Vm, args: &[Value]) -> Res {
    let (mut n, mut data) = (0, 0);
    vm.each_interned(|s| {
        n += 1;
        data += s.byte_len();
    });
    let total = data + n * (8 + core::mem::size_of::<usize>());
    say(
        vm,
        format_args!(
            "qstr pool: n_pool=1, n_qstr={n}, n_str_data_bytes={data}, n_total_bytes={total}"
        ),
    );
    for i in 0..if args.is_empty() { 0 } else { n } {
        let mut at = 0;
        let mut name = None;
        vm.each_interned(|s| {
            if at == i {
                name = Some(s);
            }
            at += 1;
        });
        if let Some(name) = name {
            say(vm, format_args!("Q({})", name.as_str()));
        }
    }
    Ok(Value::NONE)
}

/// `stack_use()`: bytes of stack in use, native and Python.
fn stack_use(vm: &mut Vm) -> Res {
    Ok(Value::from_len(vm.stack_use().0))
}
