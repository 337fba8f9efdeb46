//! `WLAN.irq`: what the radio's events call. The class is `threadsnake-net`'s, which asks this room through a hook.
//!
//! Source: WiPy's library reference, "class WLAN", `irq`.

use threadsnake_drivers::sleep;
use threadsnake_vm::object::{Args, Native, Res, RomFn};
use threadsnake_vm::value::Value;
use threadsnake_vm::value::names::q;
use threadsnake_vm::{Vm, rom_call};

use crate::args::{self, given, int_in, invalid};
use crate::irq::{self, How, Source};
use crate::state::{self, Item};

/// The only trigger: any event.
const ANY_EVENT: i64 = 1;

static IRQ: RomFn =
    RomFn::free(q::irq, rom_call!(Kw(irq_bound; _, trigger?, handler?, wake?, priority?, hard?)));

/// `WLAN.irq(*, trigger=ANY_EVENT, handler=None, wake=SLEEP)`: `handler` is called when the radio joins or leaves, and
/// when a station does; with `wake` those and whatever comes for a socket end a sleep. Without arguments the object
/// that there is.
pub fn wlan_irq(vm: &mut Vm, args: Args<'_>) -> Res {
    args::bind(vm, &IRQ, args)
}

fn irq_bound(vm: &mut Vm, args: &[Value]) -> Res {
    let &[wlan, trigger, handler, wake, priority, hard] = args else { return Err(invalid(vm)) };
    let irq = match Native::from_value(state::get(vm, Item::Network)?) {
        Some(irq) => irq,
        None => {
            let irq = irq::new(vm, wlan, Source::Network)?;
            state::set(vm, Item::Network, irq.value())?;
            irq
        }
    };
    if args[1..].iter().all(|v| v.is_undef()) {
        return Ok(irq.value());
    }
    int_in(vm, trigger, ANY_EVENT, ANY_EVENT..=ANY_EVENT)?;
    let wake = given(wake).unwrap_or(Value::UNDEF);
    let bits = int_in(vm, wake, sleep::when::SLEEP.into(), 0..=7)? as u8;
    let how = How::of(vm, priority, hard)?;
    irq::set(vm, irq, handler, ANY_EVENT, how)?;
    sleep::set_network(bits);
    Ok(irq.value())
}
