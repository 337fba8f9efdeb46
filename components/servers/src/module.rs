//! `network.Server`: the servers as Python sees them. There is one pair; every object is it.
//!
//! Source: MicroPython 1.8.3 for the WiPy, "class Server"; its behaviour where that is silent: without an argument the
//! defaults hold again.

use core::cell::Cell;
use critical_section::Mutex;
use threadsnake_vm::object::{Args, Native, Res, RomFn, Str};
use threadsnake_vm::types::OBJECT;
use threadsnake_vm::types::str::STR;
use threadsnake_vm::value::Value;
use threadsnake_vm::value::names::q;
use threadsnake_vm::{Raise, Vm, exc, py_type, rom_call};

use crate::{Settings, configure, settings, stop};

/// The user name and password that a new board has, and those after `init()` without an argument; of boards that
/// [`set_own_login`] says nothing about.
pub const DEFAULT_LOGIN: (&str, &str) = ("micro", "python");

/// Who may log in where a script does not say; `None`: a script has to.
pub type OwnLogin = fn() -> Option<Settings>;

static OWN_LOGIN: Mutex<Cell<Option<OwnLogin>>> = Mutex::new(Cell::new(None));

/// Gives the image credentials of its own instead of [`DEFAULT_LOGIN`]. Any context.
pub fn set_own_login(login: OwnLogin) {
    critical_section::with(|cs| OWN_LOGIN.borrow(cs).set(Some(login)));
}

/// The credentials that hold where a script names none.
fn default_login() -> Option<Settings> {
    match critical_section::with(|cs| OWN_LOGIN.borrow(cs).get()) {
        Some(login) => login(),
        None => Settings::new(DEFAULT_LOGIN.0, DEFAULT_LOGIN.1).ok(),
    }
}

/// `ENODEV`.
const NO_DEVICE: i32 = 19;

py_type! {
    /// `network.Server`.
    pub static SERVER: Server, base OBJECT;
    slots { new: server_new, is_final: true }
    entries {
        init = Kw(init; _, *, login?, timeout?);
        deinit = F1(deinit);
        timeout = Var(1, 2, timeout);
        isrunning = F1(isrunning);
    }
}

static NEW: RomFn = RomFn::free(q::Server, rom_call!(Kw(new_bound; id?, *, login?, timeout?)));

/// What this room adds to the module `network`; for `threadsnake_net::modules::network::extend`.
pub fn extension(_: &mut Vm, name: Value) -> Res {
    Ok(if name == q::Server.value() { SERVER.value() } else { Value::UNDEF })
}

fn server_new(vm: &mut Vm, _: Value, args: Args<'_>) -> Res {
    vm.call_args(NEW.rom().0, args)
}

/// `Server(id=0, *, login=('micro', 'python'), timeout=300)`: starts them.
fn new_bound(vm: &mut Vm, args: &[Value]) -> Res {
    if !args[0].is_undef() && vm.index(args[0])? != 0 {
        return Err(vm.raise_os_error(NO_DEVICE));
    }
    begin(vm, args[1], args[2])?;
    Ok(Native::new(vm, SERVER.value(), &[])?.value())
}

/// `init(*, login=('micro', 'python'), timeout=300)`: starts them; running ones take both for the next login.
fn init(vm: &mut Vm, args: &[Value]) -> Res {
    begin(vm, args[1], args[2])?;
    Ok(Value::NONE)
}

fn begin(vm: &mut Vm, login: Value, timeout: Value) -> Result<(), Raise> {
    let settings = if login.is_undef() {
        default_login()
    } else {
        let pair = vm.collect_list(login)?;
        let (Some(user), Some(password), 2) = (pair.get(vm, 0), pair.get(vm, 1), pair.len(vm))
        else {
            return Err(invalid(vm));
        };
        let user = vm.expect::<Str>(user, &STR)?;
        let password = vm.expect::<Str>(password, &STR)?;
        Settings::new(user.as_str(), password.as_str()).ok()
    };
    let Some(mut settings) = settings else { return Err(invalid(vm)) };
    if !timeout.is_undef() {
        settings = settings.with_timeout(seconds(vm, timeout)?);
    }
    configure(settings);
    Ok(())
}

fn seconds(vm: &mut Vm, v: Value) -> Result<u32, Raise> {
    match u32::try_from(vm.index(v)?) {
        Ok(seconds) if seconds >= Settings::MIN_TIMEOUT_S => Ok(seconds),
        _ => Err(invalid(vm)),
    }
}

#[cold]
fn invalid(vm: &mut Vm) -> Raise {
    vm.raise(exc::VALUE_ERROR, "invalid argument(s) value")
}

/// `deinit()`: ends them, and their sessions.
fn deinit(_: &mut Vm, _: Value) -> Res {
    stop();
    Ok(Value::NONE)
}

/// `timeout([seconds])`: seconds until a session of which nothing is heard ends.
fn timeout(vm: &mut Vm, args: &[Value]) -> Res {
    let now = settings();
    match (args.get(1), now) {
        (None, now) => {
            let seconds = now.map_or(Settings::DEFAULT_TIMEOUT_S, |now| now.timeout_s());
            Ok(Value::int(seconds as i32))
        }
        (Some(&v), now) => {
            let seconds = seconds(vm, v)?;
            if let Some(now) = now {
                configure(now.with_timeout(seconds));
            }
            Ok(Value::NONE)
        }
    }
}

/// `isrunning()`
fn isrunning(_: &mut Vm, _: Value) -> Res {
    Ok(Value::bool(settings().is_some()))
}
