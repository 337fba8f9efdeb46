//! `micropython`. Source: MicroPython library reference, "micropython".

use crate::heap::BLOCK;
use crate::object::{NativeFn, Res, RomFn};
use crate::types::ringio::RINGIO;
use crate::value::Value;
use crate::value::names::q;
use crate::{Raise, Vm, exc, py_module};

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

static KBD_INTR: RomFn = RomFn::free(q::kbd_intr, NativeFn::F1(kbd_intr)).in_room(module_path!());

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

/// Prints to the console: no allocation, no Python, so that the heap stays as it is described. The numbers replace `#` in decimal
/// and `@` in hexadecimal.
fn say(vm: &mut Vm, text: &str, numbers: &[usize]) {
    let mut numbers = numbers.iter();
    let mut rest = text;
    while !rest.is_empty() {
        let n = rest.bytes().position(|b| matches!(b, b'#' | b'@')).unwrap_or(rest.len());
        let (plain, more) = rest.split_at(n);
        vm.write_text(plain.as_bytes(), false);
        if let Some(n) = numbers.next().copied() {
            let mut digits = crate::vm::Message::new();
            match more.starts_with('#') {
                true => digits.push_digits(n, 10, 1),
                false => digits.push_digits(n, 16, 8),
            }
            vm.write_text(digits.as_str().as_bytes(), false);
        }
        rest = more.get(1..).unwrap_or_default();
    }
}

/// `mem_info([verbose])`: figures of stack and heap; with an argument a map of the heap.
fn mem_info(vm: &mut Vm, args: &[Value]) -> Res {
    let totals = vm.heap_totals();
    say(vm, "mem: total=#, current=#, peak=#\n", &totals);
    let (used, most) = vm.stack_use();
    say(vm, "stack: # out of #\n", &[used, most]);
    let s = vm.shared().heap.stats();
    say(
        vm,
        "GC: total: #, used: #, free: #\n No. of 1-blocks: #, 2-blocks: #, max blk sz: #, max free sz: #\n",
        &[
            s.total,
            s.used,
            s.free,
            s.n_1block,
            s.n_2block,
            s.max_object_blocks,
            s.max_free_run_blocks,
        ],
    );
    if !args.is_empty() {
        let mut region = 0;
        while let Some((from, n)) = { vm.shared().heap.block_ranges().nth(region) } {
            say(vm, "GC memory layout; from @:\n", &[from]);
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
fn map(vm: &mut Vm, region: usize, n: usize) -> Result<(), Raise> {
    // Every look at the heap begins at its start, hence some lines at a time.
    const PIECE: usize = 32 * LINE;
    let mut letters = [0; PIECE];
    let mut n_free = 0;
    let mut at = 0;
    while at < n {
        let start = at % PIECE;
        if start == 0 {
            vm.tick(PIECE)?;
            // Where another thread made the heap longer meanwhile.
            letters.fill(b'.');
            vm.shared().heap.map(region, at, &mut letters);
        }
        let line = &letters[start..start + LINE.min(n - at)];
        if line.iter().all(|&c| c == b'.') {
            n_free += 1;
        } else {
            free_lines(vm, n_free);
            n_free = 0;
            say(vm, "@: ", &[at * BLOCK]);
            vm.write_text(line, false);
            vm.write_text(b"\n", false);
        }
        at += LINE;
    }
    free_lines(vm, n_free);
    Ok(())
}

fn free_lines(vm: &mut Vm, n: usize) {
    if n > 0 {
        say(vm, "       (# lines all free)\n", &[n]);
    }
}

/// `qstr_info([verbose])`: how many names the heap holds; with an argument the names.
fn qstr_info(vm: &mut Vm, args: &[Value]) -> Res {
    let (mut n, mut data) = (0, 0);
    for pass in 0..=args.len() {
        let mut i = 0;
        while let Some(place) = vm.interned_at(i) {
            i += 1;
            let Some(name) = place else { continue };
            if pass == 0 {
                n += 1;
                data += name.byte_len();
            } else {
                vm.write_text(b"Q(", false);
                vm.write_text(name.as_bytes(), false);
                vm.write_text(b")\n", false);
            }
        }
        if pass == 0 {
            let total = data + n * (8 + size_of::<usize>());
            let text = "qstr pool: n_pool=1, n_qstr=#, n_str_data_bytes=#, n_total_bytes=#\n";
            say(vm, text, &[n, data, total]);
        }
    }
    Ok(Value::NONE)
}

/// `stack_use()`: bytes of stack in use, native and Python.
fn stack_use(vm: &mut Vm) -> Res {
    Ok(Value::from_len(vm.stack_use().0))
}
