//! Telnet and FTP for C, and the prompt: what `threadsnake_servers.h` declares.

use core::cell::{Cell, RefCell};
use core::ffi::{c_char, c_void};
use core::net::{Ipv4Addr, SocketAddrV4};
use critical_section::Mutex;
use threadsnake_glue::capi::{self, Status, TsVm};
use threadsnake_glue::rtos;
use threadsnake_repl::{INTERRUPT, Prompt, VmEngine};
use threadsnake_servers::{Board, Line, Settings, configure, has_read, set_own_login, start, stop};

use crate::given;

type Context = *mut c_void;

/// `ts_servers_config`.
#[repr(C)]
#[derive(Clone, Copy)]
pub struct ServersConfig {
    size: u32,
    priority: u32,
    memory: *mut c_void,
    memory_size: usize,
    welcome: *const c_char,
    context: Context,
    type_in: Option<extern "C" fn(Context, *const u8, usize) -> usize>,
    interrupt: Option<extern "C" fn(Context)>,
    joined: Option<extern "C" fn(Context)>,
    reached_at: Option<extern "C" fn(Context, *mut u8, *mut u16)>,
    unix_time_s: Option<extern "C" fn() -> u64>,
}

// SAFETY: the header tells C that the servers' task calls its functions; the texts are only read.
unsafe impl Send for ServersConfig {}

/// Set once, before the task runs.
static CONFIG: Mutex<Cell<Option<ServersConfig>>> = Mutex::new(Cell::new(None));

/// Who may log in, as C said last.
static LOGIN: Mutex<RefCell<Option<Settings>>> = Mutex::new(RefCell::new(None));

/// `TS_SERVERS_MEMORY`: control block, stack and all sessions.
const MIN_MEMORY: usize = 24 * 1024;
/// The least line and history of a prompt.
const MIN_PROMPT: usize = 256;

fn config() -> Option<ServersConfig> {
    critical_section::with(|cs| CONFIG.borrow(cs).get())
}

/// The console as C has it.
struct Console;

impl Line for Console {
    fn type_in(&self, bytes: &[u8]) -> usize {
        let Some(config) = config() else { return bytes.len() };
        // Without a console what is typed goes nowhere.
        config.type_in.map_or(bytes.len(), |type_in| {
            type_in(config.context, bytes.as_ptr(), bytes.len()).min(bytes.len())
        })
    }

    fn interrupt(&self) {
        if let Some(config) = config()
            && let Some(interrupt) = config.interrupt
        {
            interrupt(config.context);
        }
    }

    fn joined(&self) {
        if let Some(config) = config()
            && let Some(joined) = config.joined
        {
            joined(config.context);
        }
    }
}

fn unix_s() -> u64 {
    config().and_then(|config| config.unix_time_s).map_or(0, |clock| clock())
}

/// What clients see of an address, behind C's translator.
fn reached_at(own: SocketAddrV4) -> SocketAddrV4 {
    let Some(config) = config() else { return own };
    let Some(reached_at) = config.reached_at else { return own };
    let (mut address, mut port) = (own.ip().octets(), own.port());
    reached_at(config.context, address.as_mut_ptr(), &mut port);
    SocketAddrV4::new(Ipv4Addr::from(address), port)
}

/// Makes the servers' task, which serves nobody yet: see the header.
///
/// # Safety
/// As the header says of the structure.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_servers_init(given_config: *const ServersConfig) -> Status {
    let init = || {
        if rtos::in_isr() {
            return Err(Status::WRONG_CONTEXT);
        }
        // SAFETY: the caller's promise.
        let new = unsafe { given::structure(given_config) }?;
        // SAFETY: the caller's promise: it lives for ever.
        let welcome: &'static str = unsafe { given::text(new.welcome) }?;
        if new.priority >= rtos::priorities() || new.memory.is_null() {
            return Err(Status::BAD_ARGUMENT);
        }
        if new.memory_size < MIN_MEMORY {
            return Err(Status::NO_MEMORY);
        }
        let is_first = critical_section::with(|cs| {
            let place = CONFIG.borrow(cs);
            place.get().is_none().then(|| place.set(Some(new))).is_some()
        });
        if !is_first {
            return Err(Status::WRONG_STATE);
        }
        // SAFETY: the caller's promise.
        let memory = unsafe { given::memory(new.memory.cast(), new.memory_size) }?;
        let board = Board { line: &Console, welcome, unix_s, reached_at };
        threadsnake_net::modules::network::extend(threadsnake_servers::extension);
        set_own_login(|| critical_section::with(|cs| LOGIN.borrow_ref(cs).clone()));
        crate::rooms::join();
        match start(board, c"servers", new.priority, memory) {
            true => Ok(()),
            false => Err(Status::NO_MEMORY),
        }
    };
    init().into()
}

/// Starts both servers, or changes who may log in: see the header.
///
/// # Safety
/// Both texts are null or terminated.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_servers_start(
    user: *const c_char,
    password: *const c_char,
    timeout_s: u32,
) -> Status {
    let begin = || {
        if rtos::in_isr() {
            return Err(Status::WRONG_CONTEXT);
        }
        // SAFETY: the caller's promise.
        let (user, password) = unsafe { (given::text(user)?, given::text(password)?) };
        let settings = Settings::new(user, password).map_err(|_| Status::BAD_ARGUMENT)?;
        if config().is_none() {
            return Err(Status::WRONG_STATE);
        }
        let settings = match timeout_s {
            0 => settings,
            seconds => settings.with_timeout(seconds),
        };
        critical_section::with(|cs| LOGIN.borrow(cs).replace(Some(settings.clone())));
        configure(settings);
        Ok(())
    };
    begin().into()
}

/// Ends both servers and their sessions: see the header.
#[unsafe(no_mangle)]
pub extern "C" fn ts_servers_stop() -> Status {
    if rtos::in_isr() {
        return Status::WRONG_CONTEXT;
    }
    if config().is_none() {
        return Status::WRONG_STATE;
    }
    stop();
    Status::OK
}

/// The console has room again: see the header.
#[unsafe(no_mangle)]
pub extern "C" fn ts_servers_has_read() {
    has_read();
}

/// Shows the console's output to telnet sessions: see the header.
///
/// # Safety
/// `len` bytes at `text`.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_servers_show(text: *const u8, len: usize) -> Status {
    if !rtos::may_block() || capi::holds_gil() {
        return Status::WRONG_CONTEXT;
    }
    if text.is_null() || len > isize::MAX as usize {
        return if len == 0 { Status::OK } else { Status::BAD_ARGUMENT };
    }
    // SAFETY: the caller's promise.
    threadsnake_servers::show(unsafe { core::slice::from_raw_parts(text, len) });
    Status::OK
}

/// Runs the prompt on the VM's console: see the header.
///
/// # Safety
/// `size` bytes at `memory`, nobody else's during the call.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn ts_prompt(vm: *const TsVm, memory: *mut c_void, size: usize) -> Status {
    capi::borrow(vm, |_, vm| {
        if size < MIN_PROMPT {
            return Err(Status::NO_MEMORY);
        }
        // SAFETY: the caller's promise; the slice ends with the call.
        let memory = unsafe { given::memory(memory.cast(), size) }?;
        let (line, history) = memory.split_at_mut(size / 4 * 3);
        // At the prompt every byte is input, also Ctrl-C.
        vm.host().set_interrupt_char(None);
        // However it ends: the VM's task looks whether that is for good.
        Prompt::new(line, history).run(&mut VmEngine::new(vm));
        vm.host().set_interrupt_char(Some(INTERRUPT));
        Ok(())
    })
}
