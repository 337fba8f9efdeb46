//! `machine.SD`: the card as a block device. The board registers its card's volume under the name `sd`.
//!
//! Source: WiPy library reference, "class SD – secure digital memory card".

use threadsnake_vm::object::{Args, Native, Res};
use threadsnake_vm::types::OBJECT;
use threadsnake_vm::value::Value;
use threadsnake_vm::value::names::q;
use threadsnake_vm::{Vm, exc, py_type};

use crate::blockdev::{ioctl, read_blocks, write_blocks};
use crate::filesystem::raise;
use crate::volume::{Errno, Request, named, registered};

py_type! {
    /// `machine.SD(id=0, pins=('GP10', 'GP11', 'GP15'))`; the pins are the board's affair.
    pub static SD: SD, base OBJECT;
    slots { new: sd_new, is_final: true }
    entries {
        init = Raw(sd_init);
        deinit = F1(sd_deinit);
        readblocks = Var(3, 4, read_blocks);
        writeblocks = Var(3, 4, write_blocks);
        ioctl = F3(ioctl);
    }
}

/// `SD()`: `OSError(ENODEV)` for another id or a board without a slot, `OSError(EIO)` without a card.
fn sd_new(vm: &mut Vm, _class: Value, args: Args<'_>) -> Res {
    if args.pos.len() > 2 {
        return Err(vm.wrong_count(0, 2, args.pos.len()));
    }
    for &name in args.names {
        if name != q::id.value() && name != q::pins.value() {
            return Err(vm.raise(exc::TYPE_ERROR, "extra keyword arguments given"));
        }
    }
    let id = args.pos.first().copied().or(args.keyword(q::id.value()));
    let is_first = match id {
        Some(id) => vm.index(id)? == 0,
        None => true,
    };
    let Some(number) = named("sd").filter(|_| is_first) else {
        return Err(raise(vm, Errno::ENODEV));
    };
    look(vm, number)?;
    Ok(Native::new(vm, SD.value(), &[Value::from_len(number)])?.value())
}

/// `init(id=0, pins=…)`: looks for the card again.
fn sd_init(vm: &mut Vm, args: Args<'_>) -> Res {
    let number = args.pos.first().and_then(|&this| crate::blockdev::number_of(vm, this));
    match number {
        Some(number) => look(vm, number),
        None => Err(raise(vm, Errno::ENODEV)),
    }
}

fn look(vm: &mut Vm, number: usize) -> Res {
    let volume = registered(number).map(|r| r.volume);
    match volume.map(|volume| vm.unlocked(|_| volume.perform(Request::Blocks))) {
        Some(Ok(_)) => Ok(Value::NONE),
        _ => Err(raise(vm, Errno::EIO)),
    }
}

/// `deinit()`: what was written is safe afterwards.
fn sd_deinit(vm: &mut Vm, this: Value) -> Res {
    let volume = crate::blockdev::number_of(vm, this).and_then(registered).map(|r| r.volume);
    match volume.map(|volume| vm.unlocked(|_| volume.perform(Request::Sync))) {
        Some(Err(errno)) if errno != Errno::ENODEV => Err(raise(vm, errno)),
        _ => Ok(Value::NONE),
    }
}
