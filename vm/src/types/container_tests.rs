//! Tests of the containers that a program beside its output cannot be: what happens when any allocation fails.

use crate::compiler::Mode;
use crate::testing::with_vm;
use crate::{Raise, Vm, exc};

extern crate std;
use std::string::String;

fn run(vm: &mut Vm, program: &str) -> Result<(), Raise> {
    let globals = vm.main_globals();
    let mut source = program.as_bytes();
    vm.exec_source(&mut source, "test", Mode::Module, globals).map(|_| ())
}

/// The message of the exception on its way.
fn message(vm: &mut Vm) -> String {
    let exception = vm.take_exception();
    let mut out = crate::object::StrBuilder::new();
    match vm.format_exception(exception, &mut out) {
        Ok(()) => String::from_utf8_lossy(out.as_bytes()).into_owned(),
        Err(_) => String::from("no memory for the message"),
    }
}

fn must(vm: &mut Vm, program: &str) {
    if run(vm, program).is_err() {
        panic!("{program}\n{}", message(vm));
    }
}

/// Runs `prepare`, then `f()` of it with the 1st allocation failing, then the 2nd, … until it succeeds. Every failure
/// must be a `MemoryError`, after which `sound()` must be true and the heap whole.
pub(super) fn sweep(prepare: &str) {
    for n in 1..20_000 {
        let done = with_vm(1 << 19, |vm| {
            must(vm, prepare);
            vm.shared_mut().heap.fail_after(n);
            let result = run_function(vm);
            vm.shared_mut().heap.fail_after(0);
            if result.is_err() && !vm.raised(exc::MEMORY_ERROR) {
                panic!("allocation {n}: {}", message(vm));
            }
            let done = result.is_ok();
            if !done {
                vm.take_exception();
            }
            must(vm, "assert sound()");
            vm.collect();
            done
        });
        if done {
            return;
        }
    }
    panic!("no end of allocations");
}

fn run_function(vm: &mut Vm) -> Result<(), Raise> {
    let name = vm.intern("f")?;
    let globals = vm.main_globals();
    match globals.get_name(vm, name) {
        Some(f) => vm.call(f, &[]).map(|_| ()),
        None => panic!("the program defines f"),
    }
}

#[test]
fn a_list_keeps_its_items_when_sorting_fails() {
    sweep(
        "class C:\n def __init__(self, v): self.v = v\n def __lt__(self, other): return (self.v,) < (other.v,)\n\
         l = [C(i * 7 % 31) for i in range(31)]\n\
         def f(): l.sort(key=lambda c: C(c.v), reverse=True)\n\
         def sound(): return sorted([c.v for c in l]) == list(range(31))\n",
    );
}

#[test]
fn a_slice_is_replaced_whole_or_not_at_all() {
    sweep(
        "l = list(range(20))\n\
         def f(): l[5:7] = [x + 100 for x in range(40)]\n\
         def sound(): return l == list(range(20)) or l[5:45] == list(range(100, 140)) and len(l) == 58\n",
    );
}

#[test]
fn a_dictionary_stays_sound_when_it_cannot_grow() {
    sweep(
        "d = {i: str(i) for i in range(30)}\n\
         def f():\n for i in range(30, 70): d[(i, 'x')] = str(i)\n\
         def sound(): return all(d[i] == str(i) for i in range(30)) and all(d[k] == str(k[0]) for k in list(d)[30:])\n",
    );
}

#[test]
fn sets_stay_sound_when_they_cannot_grow() {
    sweep(
        "s = set(range(20))\n\
         def f():\n global s\n s |= set(range(15, 60)); s &= set(range(50)); s ^= {1, 2, 77}\n\
         def sound(): return all(i in s for i in range(3, 20)) and len(s) == len(list(s))\n",
    );
}

#[test]
fn moving_to_an_end_loses_no_entry() {
    sweep(
        "from collections import OrderedDict\nd = OrderedDict((i, i) for i in range(12))\n\
         def f():\n for i in range(12): d.move_to_end(i); d.move_to_end(11 - i, False)\n\
         def sound(): return sorted(d.items()) == [(i, i) for i in range(12)]\n",
    );
}

#[test]
fn a_deque_stays_sound_when_it_cannot_grow() {
    sweep(
        "from collections import deque\nd = deque(range(5))\n\
         def f():\n for i in range(5, 40): d.append(i)\n d.rotate(3); d.rotate(-3)\n d2 = d.copy()\n\
         def sound(): return sorted(d) == list(range(len(d)))\n",
    );
}

#[test]
fn named_tuples_are_made_whole_or_not_at_all() {
    sweep(
        "from collections import namedtuple\nmade = []\n\
         def f():\n P = namedtuple('P', 'x, y', defaults=(5,))\n made.append(P(1)); made.append(P(y=2, x=3)._replace(x=4))\n\
         def sound(): return [tuple(p) for p in made] == [(1, 5), (4, 2)][:len(made)]\n",
    );
}
