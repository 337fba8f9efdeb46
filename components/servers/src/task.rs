//! The task that serves all sessions, and what others tell it.
//!
//! It sleeps on the events of its sockets, of the console's output and of [`configure`]; with no session it wakes up
//! for a connection only. Settings and the console's output are shared under critical sections of a few bytes' copying.

use core::cell::{Cell, RefCell};
use core::ffi::CStr;
use core::net::{Ipv4Addr, SocketAddrV4};
use core::sync::atomic::{AtomicBool, Ordering};
use critical_section::Mutex;
use heapless::Vec;
use threadsnake_glue::rtos::{self, FOREVER, Task};
use threadsnake_glue::select::{Event, wait_any};
use threadsnake_net::Socket;
use threadsnake_storage::volume::{Errno, Volume};
use threadsnake_storage::{chip, view};

use crate::path::NAME_MAX;
use crate::telnet::{self, Shown, View};
use crate::{Context, Files, Network, Place, Settings, Step, ftp};

/// How many telnet sessions there are at most.
const TELNET_SESSIONS: usize = 2;
/// How many FTP sessions there are at most; each has a data port of its own, from [`ftp::FIRST_DATA_PORT`] on.
pub const FTP_SESSIONS: usize = 2;
/// The console's output that waits for the slowest session, in bytes.
const SHOWN_BYTES: usize = 1024;
/// How long the console waits for a session that takes no output, in milliseconds.
const PATIENCE_MS: u64 = 1500;
/// Sockets that the task waits for at most: listeners, and two for each FTP session.
const SOCKETS: usize = 2 + TELNET_SESSIONS + 2 * FTP_SESSIONS;
/// How often a session is looked at that waits for what has no event, in milliseconds.
const LOOK_MS: u64 = 500;

/// The board's side of the console that telnet sessions join. Called by the servers' task.
pub trait Line: Sync {
    /// Queues what was typed; returns how many bytes there was room for, and calls [`has_read`] when there is room again.
    /// The interrupt character, while there is one, interrupts and is not queued.
    fn type_in(&self, bytes: &[u8]) -> usize;

    /// Interrupts the running program, as the interrupt character does.
    fn interrupt(&self);

    /// Somebody has logged in: where a prompt waits, it shows itself again.
    fn joined(&self);
}

/// What the servers need of the board.
#[derive(Clone, Copy)]
pub struct Board {
    /// The console.
    pub line: &'static dyn Line,
    /// The first line that a telnet client sees, without its end.
    pub welcome: &'static str,
    /// Seconds since 1970; 0 without a clock.
    pub unix_s: fn() -> u64,
    /// The address and port by which clients reach a port of ours, given our own address: the same, unless a translator
    /// stands between.
    pub reached_at: fn(SocketAddrV4) -> SocketAddrV4,
}

/// Who is told what.
struct Shared {
    settings: RefCell<Option<Settings>>,
    /// Counts the ends of the servers: sessions end with them.
    ends: Cell<u32>,
    shown: RefCell<Shown<SHOWN_BYTES>>,
    /// How far each session at the console is.
    views: RefCell<[Option<View>; TELNET_SESSIONS]>,
    board: Cell<Option<Board>>,
}

static SHARED: Mutex<Shared> = Mutex::new(Shared {
    settings: RefCell::new(None),
    ends: Cell::new(0),
    shown: RefCell::new(Shown::new()),
    views: RefCell::new([None; TELNET_SESSIONS]),
    board: Cell::new(None),
});
/// Settings have changed, or the console has shown something.
static CHANGED: Event = Event::new();
/// A session has keys for which the console had no room.
static IS_HELD: AtomicBool = AtomicBool::new(false);
/// A session has taken some of the console's output.
static TAKEN: Event = Event::new();

fn shared<R>(f: impl FnOnce(&Shared) -> R) -> R {
    critical_section::with(|cs| f(SHARED.borrow(cs)))
}

/// Makes the servers' task, once; it serves nobody until [`configure`]. `memory` is for the task, at least 24 KiB:
/// control block, stack and all sessions. Tasks, or before the scheduler starts. False if there is too little memory.
pub fn start(board: Board, name: &CStr, priority: u32, memory: &'static mut [u8]) -> bool {
    shared(|shared| shared.board.set(Some(board)));
    Task::start(serve, name, priority, memory).is_some()
}

/// Starts the servers, or changes the settings of running ones for the next login. Any task.
pub fn configure(settings: Settings) {
    shared(|shared| shared.settings.replace(Some(settings)));
    CHANGED.notify();
}

/// Ends the servers, and their sessions with them. Any task.
pub fn stop() {
    shared(|shared| {
        shared.settings.replace(None);
        shared.ends.set(shared.ends.get().wrapping_add(1));
    });
    CHANGED.notify();
}

/// Ends all sessions of running servers: the network has changed. Any task.
pub fn reset() {
    shared(|shared| shared.ends.set(shared.ends.get().wrapping_add(1)));
    CHANGED.notify();
}

/// The settings of running servers. Any task.
pub fn settings() -> Option<Settings> {
    shared(|shared| shared.settings.borrow().clone())
}

/// Shows `bytes`, which the console shows, to all telnet sessions. Waits a second and a half at most for one that takes
/// none, which then loses some. Tasks, without the GIL.
pub fn show(bytes: &[u8]) {
    let mut rest = bytes;
    let mut is_patient = true;
    while !rest.is_empty() {
        let n = shared(|shared| {
            let views = shared.views.borrow();
            if views.iter().flatten().next().is_none() {
                return rest.len(); // Nobody looks.
            }
            let mut shown = shared.shown.borrow_mut();
            let room = if is_patient { shown.room(views.iter().flatten()) } else { SHOWN_BYTES };
            let n = rest.len().min(room).min(64);
            shown.add(&rest[..n]);
            n
        });
        rest = &rest[n..];
        if n > 0 {
            CHANGED.notify();
        } else {
            is_patient = TAKEN.wait(rtos::ticks_for_us(PATIENCE_MS * 1000), has_room);
        }
    }
}

/// The console has read what was typed: a session may go on that has more. Any context.
pub fn has_read() {
    if IS_HELD.swap(false, Ordering::AcqRel) {
        CHANGED.notify();
    }
}

fn has_room() -> bool {
    shared(|shared| shared.shown.borrow().room(shared.views.borrow().iter().flatten()) > 0)
}

/// lwIP's sockets.
struct Lwip(Board);

fn errno(error: threadsnake_net::Errno) -> Errno {
    Errno(error.0)
}

impl Network for Lwip {
    type Socket = Socket;

    fn listen(&mut self, port: u16) -> Result<Socket, Errno> {
        Socket::listener(SocketAddrV4::new(Ipv4Addr::UNSPECIFIED, port), 2).map_err(errno)
    }

    fn accept(&mut self, listener: &mut Socket) -> Result<Socket, Errno> {
        listener.accept(0).map(|(socket, _)| socket).map_err(errno)
    }

    fn receive(&mut self, socket: &mut Socket, buf: &mut [u8]) -> Result<usize, Errno> {
        socket.receive(buf, 0).map_err(errno)
    }

    fn send(&mut self, socket: &mut Socket, bytes: &[u8]) -> Result<usize, Errno> {
        socket.send(bytes, 0).map_err(errno)
    }

    fn reached_at(&self, socket: &Socket, port: u16) -> ([u8; 4], u16) {
        let own = socket.handle().local().map_or(Ipv4Addr::UNSPECIFIED, |own| *own.ip());
        let reached = (self.0.reached_at)(SocketAddrV4::new(own, port));
        (reached.ip().octets(), reached.port())
    }
}

/// The mount table.
struct Mounts;

impl Files for Mounts {
    fn find<'p>(&self, path: &'p str) -> Place<'p> {
        match view::find(path) {
            view::Found::Root => Place::Root,
            view::Found::Volume(i, volume, inside) => Place::Volume(i, volume, inside),
            view::Found::Foreign => Place::Foreign,
            view::Found::Nowhere => Place::Nowhere,
        }
    }

    fn find_upload<'p>(&self, path: &'p str) -> Option<(&'static dyn Volume, &'p str)> {
        chip::upload(path)
    }

    fn mount_name(&self, i: usize, name: &mut heapless::String<NAME_MAX>) -> Option<()> {
        view::with_point(i, |point| {
            name.clear();
            // A mount point is shorter than the longest name.
            let _ = name.push_str(point.strip_prefix('/').unwrap_or(point));
        })
    }
}

/// The console as a session sees it.
struct Attached(Board);

impl telnet::Console for Attached {
    fn view(&self) -> View {
        shared(|shared| shared.shown.borrow().view())
    }

    fn read_shown(&self, view: &mut View, buf: &mut [u8]) -> usize {
        shared(|shared| shared.shown.borrow().read(view, buf))
    }

    fn type_in(&self, bytes: &[u8]) -> usize {
        // Said first: the console may read between the two.
        IS_HELD.store(true, Ordering::Release);
        let n = self.0.line.type_in(bytes);
        if n == bytes.len() {
            IS_HELD.store(false, Ordering::Release);
        }
        n
    }

    fn interrupt(&self) {
        self.0.line.interrupt();
    }
}

/// Listeners and sessions.
struct Sessions {
    listeners: [Option<Socket>; 2],
    telnet: [Option<telnet::Session<Socket>>; TELNET_SESSIONS],
    ftp: [Option<ftp::Session<Socket>>; FTP_SESSIONS],
}

impl Sessions {
    const NONE: Sessions = Sessions {
        listeners: [const { None }; 2],
        telnet: [const { None }; TELNET_SESSIONS],
        ftp: [const { None }; FTP_SESSIONS],
    };

    /// How many ticks it may take until something is to be done without an event.
    fn limit(&self, settings: &Settings) -> u32 {
        let telnet = self.telnet.iter().flatten().map(|session| session.quiet_until_ms(settings));
        let ftp = self.ftp.iter().flatten().map(|session| session.quiet_until_ms(settings));
        let listeners = self.listeners.iter().map(|l| l.is_some().then_some(u64::MAX));
        let mut all = telnet.chain(ftp).chain(listeners);
        let until = all.try_fold(u64::MAX, |first, end| end.map(|end| first.min(end)));
        match until {
            Some(u64::MAX) => FOREVER,
            Some(end_ms) => {
                let left_us = end_ms.saturating_mul(1000).saturating_sub(rtos::uptime_us());
                rtos::ticks_for_us(left_us).max(1)
            }
            None => rtos::ticks_for_us(LOOK_MS * 1000),
        }
    }

    /// Listens where it does not yet.
    fn listen(&mut self, network: &mut Lwip) {
        for (listener, port) in self.listeners.iter_mut().zip([telnet::PORT, ftp::PORT]) {
            if listener.is_none() {
                *listener = network.listen(port).ok();
            }
        }
    }

    /// Takes new connections while there is room for their sessions; the others wait in line.
    fn accept(&mut self, network: &mut Lwip, board: &Board, now_ms: u64) -> bool {
        let [telnet, ftp] = &mut self.listeners;
        let mut is_busy = false;
        if let Some(listener) = telnet
            && let Some(place) = self.telnet.iter_mut().find(|place| place.is_none())
            && let Ok(socket) = network.accept(listener)
        {
            *place = Some(telnet::Session::new(socket, board.welcome, now_ms));
            is_busy = true;
        }
        if let Some(listener) = ftp
            && let Some((i, place)) = self.ftp.iter_mut().enumerate().find(|(_, p)| p.is_none())
            && let Ok(socket) = network.accept(listener)
        {
            let data_port = ftp::FIRST_DATA_PORT + i as u16;
            *place = Some(ftp::Session::new(socket, data_port, now_ms));
            is_busy = true;
        }
        is_busy
    }

    /// Lets every session do what it can; true if any did something.
    fn step(&mut self, network: &mut Lwip, board: Board, context: &Context<'_, Mounts>) -> bool {
        let mut is_busy = false;
        let console = Attached(board);
        for place in &mut self.telnet {
            let Some(session) = place else { continue };
            match session.step(network, context, &console) {
                Step::Idle => {}
                Step::Busy => is_busy = true,
                Step::Over => {
                    *place = None;
                    is_busy = true;
                }
            }
        }
        self.tell_views();
        // Only now, for what the prompt shows would have been for nobody before.
        for session in self.telnet.iter_mut().flatten() {
            if session.take_joined() {
                board.line.joined();
            }
        }
        for place in &mut self.ftp {
            let Some(session) = place else { continue };
            match session.step(network, context) {
                Step::Idle => {}
                Step::Busy => is_busy = true,
                Step::Over => {
                    *place = None;
                    is_busy = true;
                }
            }
        }
        is_busy
    }

    /// Says how far each session is, and wakes up who waits for them.
    fn tell_views(&self) {
        let mut views = [None; TELNET_SESSIONS];
        for (view, session) in views.iter_mut().zip(&self.telnet) {
            *view = session.as_ref().and_then(|session| session.view().copied());
        }
        if shared(|shared| shared.views.replace(views)) != views {
            TAKEN.notify();
        }
    }

    /// The events to wait for.
    fn events(&self) -> Vec<&'static Event, { SOCKETS + 1 }> {
        let mut events = Vec::new();
        // There is room for all of them.
        let _ = events.push(&CHANGED);
        let mut add = |socket: &Socket| {
            let _ = events.push(socket.event());
        };
        self.listeners.iter().flatten().for_each(&mut add);
        self.telnet.iter().flatten().for_each(|session| add(session.socket()));
        self.ftp.iter().flatten().for_each(|session| session.for_each_socket(&mut add));
        events
    }
}

/// The task.
fn serve() -> ! {
    let mut sessions = Sessions::NONE;
    let mut ends = 0;
    loop {
        let (settings, ends_now, board) = shared(|shared| {
            (shared.settings.borrow().clone(), shared.ends.get(), shared.board.get())
        });
        if ends != ends_now {
            ends = ends_now;
            sessions = Sessions::NONE;
            sessions.tell_views();
        }
        let (Some(settings), Some(board)) = (settings, board) else {
            CHANGED.wait(FOREVER, || shared(|shared| shared.settings.borrow().is_some()));
            continue;
        };
        let mut network = Lwip(board);
        sessions.listen(&mut network);
        let events = sessions.events();
        let limit = sessions.limit(&settings);
        wait_any(&events, limit, &mut || {
            let now_ms = rtos::uptime_us() / 1000;
            let unix_s = (board.unix_s)();
            let context = Context { files: &Mounts, settings: &settings, now_ms, unix_s };
            let is_busy = sessions.accept(&mut network, &board, now_ms);
            let is_busy = sessions.step(&mut network, board, &context) | is_busy;
            is_busy || shared(|shared| shared.ends.get()) != ends || !is_current(&settings)
        });
    }
}

/// True while the settings are these.
fn is_current(settings: &Settings) -> bool {
    shared(|shared| shared.settings.borrow().as_ref() == Some(settings))
}
