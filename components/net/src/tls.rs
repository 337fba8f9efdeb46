//! TLS for everybody: a task that owns Mbed TLS.
//!
//! Its task does the arithmetic of all sessions, one step at a time, so no other needs the stack for it, and nothing is
//! locked. It never waits for the network: a step that would comes back, and the caller waits, as for any socket.
//!
//! The board gives memory and entropy with [`start`]. Where it does not, [`call`] answers `ENODEV`.

use core::cell::Cell;
use critical_section::Mutex;
use lwip_sys::{Errno, Handle};
use threadsnake_glue::service::Service;
use threadsnake_mbedtls::{ARENA, Error, Hooks, Io, Tls, Transport};

/// What the service's task owns.
struct Engine {
    hooks: Hooks,
    tls: Option<Tls>,
}

static SERVICE: Mutex<Cell<Option<&'static Service<Engine>>>> = Mutex::new(Cell::new(None));

/// Starts the service, once: `arena` for certificates and sessions (a session takes 30 KiB while it shakes hands, 28
/// afterwards), `task` for a stack of 8 KiB at least. Tasks, or before the scheduler starts. False: there is no room.
pub fn start(
    hooks: Hooks,
    arena: &'static mut [u8],
    task: &'static mut [u8],
    priority: u32,
) -> bool {
    ARENA.give(arena);
    let service = Service::start(Engine { hooks, tls: None }, c"tls", priority, task);
    critical_section::with(|cs| SERVICE.borrow(cs).set(service));
    service.is_some()
}

const ENODEV: i32 = 19;

/// Does something with the library, in its task; it starts with the first call. Without the GIL.
///
/// # Errors
/// Those of `work`; `ENODEV`: the board has no TLS, or no entropy for it.
pub fn call<R: Send>(work: impl FnOnce(&mut Tls) -> Result<R, Error> + Send) -> Result<R, Error> {
    let service = critical_section::with(|cs| SERVICE.borrow(cs).get());
    let Some(service) = service else { return Err(Error::Errno(ENODEV)) };
    service.call(|engine| {
        let tls = match &mut engine.tls {
            Some(tls) => tls,
            none => none.insert(Tls::start(engine.hooks).map_err(|error| match error {
                Error::NO_ENTROPY => Error::Errno(ENODEV),
                other => other,
            })?),
        };
        work(tls)
    })
}

/// A connected socket as the transport of a session.
#[derive(Clone, Copy, Debug)]
pub struct Net(pub Handle);

fn io(errno: Errno) -> Io {
    match errno {
        Errno::EAGAIN => Io::Wait,
        Errno(errno) => Io::Errno(errno),
    }
}

impl Transport for Net {
    fn send(&mut self, bytes: &[u8]) -> Result<usize, Io> {
        self.0.send(bytes).map_err(io)
    }

    fn receive(&mut self, buf: &mut [u8]) -> Result<usize, Io> {
        self.0.receive(buf, false).map(|(n, _)| n).map_err(io)
    }
}
