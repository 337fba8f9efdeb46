//! Names and cells: globals, built-in names, namespaces, closures. See the module above for what results mean.

use super::*;
use crate::exc;
use crate::object::{
    Cell, Dict, HASHED, HIDES_NOTHING, HIDES_SOMETHING, MIXED, Res, RomEntry, TableRef,
};
use crate::value::Value;
use crate::{Raise, SHORTCUTS, Vm};

// ---- names
#[cold]
#[inline(never)]
pub(in crate::interp) fn unbound(vm: &mut Vm, name: Value) -> Raise {
    vm.raise_about(
        exc::UNBOUND_LOCAL_ERROR,
        "local variable '%' referenced before assignment",
        name,
    )
}

/// Says of globals whether they may hide a built-in name.
const STATE: u16 = HIDES_NOTHING | HIDES_SOMETHING | MIXED | HASHED;

/// The built-in name that the hint finds, where the globals are known to hide none.
#[inline(always)]
pub(in crate::interp) fn unhidden_builtin(
    vm: &Vm,
    globals: Dict,
    hint: u8,
    name: Value,
) -> Option<Value> {
    if globals.aux() & STATE != HIDES_NOTHING {
        return None;
    }
    hinted_builtin(vm, hint, name).map(|e| e.value())
}

/// The entry of a built-in name whose place is the hint.
#[inline(always)]
fn hinted_builtin(vm: &Vm, hint: u8, name: Value) -> Option<&'static RomEntry> {
    let overridden = !vm.shared().roots.builtin_overrides.is_undef();
    let entry = crate::modules::builtins::plain_entries().get(hint as usize)?;
    (entry.name() == name && !overridden).then_some(entry)
}

/// A global that its hint does not find, or a built-in name. Where the globals are known to hide no built-in name, the
/// hint of one is its place among the built-in ones.
#[inline(never)]
pub(in crate::interp) fn load_global(
    vm: &mut Vm,
    globals: Dict,
    name: Value,
    hint: *const Hint,
) -> Res {
    if !SHORTCUTS {
        return match find_noted(vm, globals, name, hint) {
            Some(v) => Ok(v),
            None => load_builtin(vm, name),
        };
    }
    let builtins = crate::modules::builtins::plain_entries();
    let overridden = !vm.shared().roots.builtin_overrides.is_undef();
    // SAFETY: as in `note`.
    let hinted = hinted_builtin(vm, unsafe { (*hint).load(Relaxed) }, name);
    if let Some(v) = find_noted(vm, globals, name, hint) {
        return Ok(v);
    }
    if let Some(e) = hinted {
        if globals.aux() & STATE == 0 {
            // The second time here: worth a look at all globals.
            note_hidden(vm, globals);
        }
        return Ok(e.value());
    }
    if !overridden && let Some(i) = RomEntry::position(builtins, name) {
        note(hint, i);
        return Ok(builtins[i].value());
    }
    load_builtin(vm, name)
}

/// Finds out whether any key but `__name__` is also the name of something built in.
#[cold]
fn note_hidden(vm: &mut Vm, globals: Dict) {
    let builtins = crate::modules::builtins::plain_entries();
    let mut flag = HIDES_NOTHING;
    let mut from = 0;
    while let Some((i, key, _)) = globals.entry(vm, from) {
        from = i + 1;
        if RomEntry::position(builtins, key).is_some() {
            flag = HIDES_SOMETHING;
        }
    }
    let aux = globals.aux();
    crate::object::set_aux(vm, globals.value(), aux | flag);
}

/// Remembers where a name was found. A hint is only ever believed after a check.
pub(in crate::interp) fn note(hint: *const Hint, i: usize) {
    // SAFETY: the dispatch loop passes the hint byte of a constant of the running code.
    unsafe { (*hint).store(if i < 256 { i as u8 } else { 255 }, Relaxed) }
}

/// What a dictionary has under a name, whose place is remembered.
#[inline(never)]
pub(in crate::interp) fn find_noted(
    vm: &mut Vm,
    dict: Dict,
    name: Value,
    hint: *const Hint,
) -> Option<Value> {
    let t = TableRef::dict(dict);
    let i = t.find_name(vm, name)?;
    note(hint, i);
    Some(t.value(vm, i))
}

fn load_builtin(vm: &mut Vm, name: Value) -> Res {
    if let Some(over) = Dict::from_value(vm.shared().roots.builtin_overrides)
        && let Some(v) = over.get_name(vm, name)
        && v != Value::DELETED
    {
        return Ok(v);
    }
    let found = vm.lookup_builtin(name);
    match found {
        Some(v) => Ok(v),
        None => Err(vm.raise_about(exc::NAME_ERROR, "name '%' isn't defined", name)),
    }
}

#[inline(never)]
pub(in crate::interp) fn load_name(
    vm: &mut Vm,
    space: Value,
    name: Value,
    hint: *const Hint,
) -> Res {
    match Dict::from_value(space) {
        Some(d) => {
            if let Some(v) = find_noted(vm, d, name, hint) {
                return Ok(v);
            }
        }
        None => {
            // A namespace made by __prepare__, or locals that are any mapping.
            match vm.get_item(space, name) {
                Err(_) if vm.catch(exc::KEY_ERROR) => {}
                found => return found,
            }
        }
    }
    let globals = vm.current_globals();
    if let Some(v) = globals.get_name(vm, name) {
        return Ok(v);
    }
    load_builtin(vm, name)
}

#[inline(never)]
pub(in crate::interp) fn store_in(
    vm: &mut Vm,
    dict: Dict,
    name: Value,
    value: Value,
    hint: *const Hint,
) -> Result<(), Raise> {
    let t = TableRef::dict(dict);
    match t.find_name(vm, name) {
        Some(i) => {
            note(hint, i);
            t.set_value(vm, i, value);
            Ok(())
        }
        None => dict.set_name(vm, name, value),
    }
}

#[inline(never)]
pub(in crate::interp) fn store_name(
    vm: &mut Vm,
    space: Value,
    name: Value,
    value: Value,
    hint: *const Hint,
) -> Result<(), Raise> {
    match Dict::from_value(space) {
        Some(d) => store_in(vm, d, name, value, hint),
        None => vm.set_item(space, name, value),
    }
}

pub(in crate::interp) fn delete_in(vm: &mut Vm, space: Value, name: Value) -> Result<(), Raise> {
    let removed = match Dict::from_value(space) {
        Some(d) => d.remove_name(vm, name),
        None => match vm.delete_item(space, name) {
            Ok(()) => true,
            Err(raise) => {
                if vm.catch(exc::KEY_ERROR) {
                    false
                } else {
                    return Err(raise);
                }
            }
        },
    };
    if removed {
        return Ok(());
    }
    Err(vm.raise_about(exc::NAME_ERROR, "name '%' isn't defined", name))
}

pub(in crate::interp) fn load_class_free(
    vm: &mut Vm,
    space: Value,
    cell: Value,
    name: Value,
) -> Res {
    if let Some(d) = Dict::from_value(space)
        && let Some(v) = d.get_name(vm, name)
    {
        return Ok(v);
    }
    let v = cell_content(cell);
    if v.is_undef() { Err(unbound(vm, name)) } else { Ok(v) }
}

// ---- cells
pub(in crate::interp) fn make_cell(vm: &mut Vm, content: Value) -> Res {
    Cell::alloc(vm, 0, content).map(|c| c.value())
}

#[inline(always)]
pub(in crate::interp) fn cell_content(cell: Value) -> Value {
    // SAFETY: the compiler puts cells only where it reads cells.
    unsafe { (*Cell::from_known(cell).raw()).content }
}

#[inline(always)]
pub(in crate::interp) fn set_cell_content(cell: Value, content: Value) {
    // SAFETY: as above; the task owns the GIL.
    unsafe { (*Cell::from_known(cell).raw()).content = content }
}
