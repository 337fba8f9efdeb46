//! `wipy`: the heartbeat.
//!
//! Source: the WiPy's library reference, "wipy".

use threadsnake_drivers::heartbeat;
use threadsnake_vm::object::Res;
use threadsnake_vm::value::Value;
use threadsnake_vm::{Vm, py_module};

py_module! {
    /// `wipy`.
    pub static WIPY: wipy, extensible false;
    entries { heartbeat = Var(0, 1, wipy_heartbeat); }
}

/// `heartbeat([on])`
fn wipy_heartbeat(vm: &mut Vm, args: &[Value]) -> Res {
    match args.first() {
        None => Ok(Value::bool(heartbeat::is_on())),
        Some(&on) => {
            let on = vm.truth(on)?;
            heartbeat::set(on);
            Ok(Value::NONE)
        }
    }
}
