//! The sequence itself.

#[cfg(feature = "flash")]
use crate::files;
use crate::state::{self, ResetCause};
use threadsnake_repl::{Exit, INTERRUPT, LineBuffer, Mode, Prompt, SOFT_REBOOT, VmEngine};
use threadsnake_storage::view;
#[cfg(feature = "flash")]
use threadsnake_storage::volume::{Request, Volume};
use threadsnake_vm::host::PathKind;
use threadsnake_vm::modules::exec::{compile_file, frozen_code};
use threadsnake_vm::modules::sys::SYS;
use threadsnake_vm::value::names::q;
use threadsnake_vm::{CreateError, Raise, Vm, exc};

/// A hook at the beginning of a VM.
pub type Begin = fn(&mut Vm) -> Result<(), Raise>;

/// What a board has to add to the sequence. Hooks run in the order of their list, in the interpreter's task.
#[derive(Clone, Copy)]
pub struct Profile {
    /// After a hard reset, before the first VM, without the GIL (there is none yet): starts what lives as long as the
    /// board, such as the access point and the servers.
    pub power_up: &'static [fn(ResetCause)],
    /// Before a hard reset that a program asked for, without a VM: ends what `power_up` began.
    pub power_down: &'static [fn()],
    /// The volume that has `boot.py`: it is formatted where it has no file system, and gets the files that are missing.
    #[cfg(feature = "flash")]
    pub flash: fn() -> Option<&'static dyn Volume>,
    /// At the beginning of each VM, with the GIL. What one raises is reported, and the next one runs.
    pub begin: &'static [Begin],
    /// At the end of each VM, with the GIL, before its threads end: releases handlers, alarms, sockets.
    pub end: &'static [fn(&mut Vm)],
    /// Asked after each VM: true if that one ended because the board was reset; the cause is set then.
    pub was_reset: fn() -> bool,
    /// `sys.path`.
    pub path: &'static [&'static str],
    /// Tells the user that `boot.py` or `main.py` ended with an exception: the LED. May block; without the GIL.
    pub failed: fn(),
}

/// Why the sequence ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Ended {
    /// The console is gone.
    Closed,
    /// The memory is too small for a VM.
    TooSmall,
}

/// What runs in a VM, as its main thread.
pub type Main<'a> = &'a mut dyn FnMut(&mut Vm);

/// Lives: the calling task becomes the interpreter's main thread of one VM after another, each made by `run_vm`, which
/// calls its argument once in it. Returns when the console is gone for good or there is too little memory.
pub fn run<L: LineBuffer, H: LineBuffer>(
    profile: &Profile,
    prompt: &mut Prompt<L, H>,
    mut run_vm: impl FnMut(Main<'_>) -> Result<(), CreateError>,
) -> Ended {
    let power_up = || profile.power_up.iter().for_each(|hook| hook(state::reset_cause()));
    power_up();
    loop {
        #[cfg(feature = "flash")]
        prepare(profile);
        let mut exit = Exit::Closed;
        let result = run_vm(&mut |vm| exit = live(vm, profile, prompt));
        view::reset();
        match result {
            Err(CreateError::TooSmall) => return Ended::TooSmall,
            Ok(()) if (profile.was_reset)() => {
                profile.power_down.iter().for_each(|hook| hook());
                state::set_safe_boot(false);
                power_up();
            }
            Ok(()) if exit == Exit::Closed => return Ended::Closed,
            Ok(()) => state::set_reset_cause(ResetCause::Soft),
        }
    }
}

/// Sees to the flash; what cannot be done shows when a program wants a file.
#[cfg(feature = "flash")]
fn prepare(profile: &Profile) {
    if let Some(flash) = (profile.flash)()
        && let Err(errno) = files::prepare(flash)
    {
        log::error!("flash: error {}", errno.0);
    }
}

/// The life of one VM.
fn live<L: LineBuffer, H: LineBuffer>(
    vm: &mut Vm,
    profile: &Profile,
    prompt: &mut Prompt<L, H>,
) -> Exit {
    for hook in profile.begin {
        if hook(vm).is_err() {
            report(vm);
        }
    }
    if set_path(vm, profile.path).is_err() {
        report(vm);
    }
    state::set_main("");
    let mut exit = None;
    if !state::is_safe_boot() {
        exit = run_file(vm, profile, "boot.py");
        if exit.is_none() && prompt.mode() == Mode::Friendly {
            exit = state::take_main(|name| run_file(vm, profile, name));
        }
    }
    let exit = exit.unwrap_or_else(|| prompt.run(&mut VmEngine::new(vm)));
    // A VM that was ended from outside says nothing.
    if exit != Exit::Closed && !vm.handle().is_killed() {
        vm.unlocked(|unlocked| unlocked.host.console_write(SOFT_REBOOT));
    }
    for hook in profile.end {
        hook(vm);
    }
    #[cfg(feature = "flash")]
    if let Some(flash) = (profile.flash)() {
        // Files that are still open are closed with the VM; an error shows at the next boot.
        let _ = vm.unlocked(|_| flash.perform(Request::Sync));
    }
    exit
}

/// Sets `sys.path`: the first folder, the frozen modules if the image has any, the other folders.
fn set_path(vm: &mut Vm, folders: &[&str]) -> Result<(), Raise> {
    let path = vm.new_list()?;
    let frozen = vm.frozen().map(|_| ".frozen");
    let (first, rest) = folders.split_at(folders.len().min(1));
    for folder in first.iter().copied().chain(frozen).chain(rest.iter().copied()) {
        let folder = vm.new_str(folder)?;
        path.push(vm, folder)?;
    }
    vm.set_attr(SYS.value(), q::path.value(), path.value())
}

/// Runs a program in `__main__` if there is one of that name, a frozen one rather than a file; the reason to leave if it
/// ends with `SystemExit`.
fn run_file(vm: &mut Vm, profile: &Profile, name: &str) -> Option<Exit> {
    let host = vm.host();
    host.set_interrupt_char(Some(INTERRUPT));
    let result = execute(vm, name);
    host.set_interrupt_char(None);
    // A Ctrl-C or a callback that came too late for the program.
    let result = result.and_then(|()| vm.safe_point());
    let Err(raise) = result else { return None };
    if vm.handle().is_killed() {
        vm.forget(raise);
        return Some(Exit::Reset);
    }
    if vm.raised(exc::SYSTEM_EXIT) {
        vm.forget(raise);
        return Some(Exit::SystemExit);
    }
    report(vm);
    let failed = profile.failed;
    vm.unlocked(|_| failed());
    None
}

fn execute(vm: &mut Vm, name: &str) -> Result<(), Raise> {
    let code = match frozen_code(vm, name)? {
        Some(code) => code,
        None if vm.host().import_stat(vm, name)? == PathKind::File => compile_file(vm, name)?,
        None => return Ok(()),
    };
    let globals = vm.main_globals();
    vm.run_code(code, globals, globals.value()).map(|_| ())
}

/// Prints what was raised.
fn report(vm: &mut Vm) {
    let exception = vm.take_exception();
    vm.print_exception(exception);
}
