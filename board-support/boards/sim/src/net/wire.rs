//! A virtual Ethernet cable: one end is an interface of lwIP, the other a host thread's.
//!
//! Frames to the guest wait in a ring under a lock that tasks take masked and hold for a copy; its arrival is a
//! simulated interrupt. Frames from the guest go through a socket pair that never blocks the task. When the ring or the
//! pair is full, frames are lost, as on a cable.

use crate::posix::{Line, masked};
use core::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::collections::VecDeque;
use std::io;
use std::sync::{Mutex, MutexGuard, OnceLock, PoisonError};
use threadsnake_net::stack::{Happened, interface_event};
use threadsnake_net::{Driver, FRAME, Interface};

/// How many frames wait for the guest.
const RING: usize = 256;
/// No file descriptor.
const NO_FD: i32 = -1;

/// The interfaces of the process have one each.
#[derive(Debug)]
pub struct Wire {
    line: Line,
    /// Its interrupt handler.
    on_interrupt: fn(),
    to_guest: Mutex<VecDeque<Vec<u8>>>,
    /// Where the guest's frames go in, and where the host thread reads them.
    guest_fd: AtomicI32,
    host_fd: AtomicI32,
    interface: OnceLock<Interface>,
    has_link: AtomicBool,
    /// Something besides frames and the link has changed.
    is_touched: AtomicBool,
}

impl Wire {
    /// A cable that interrupts by `line`; `on_interrupt` calls [`Wire::interrupt`] of it.
    pub const fn new(line: Line, on_interrupt: fn()) -> Self {
        Self {
            line,
            on_interrupt,
            to_guest: Mutex::new(VecDeque::new()),
            guest_fd: AtomicI32::new(NO_FD),
            host_fd: AtomicI32::new(NO_FD),
            interface: OnceLock::new(),
            has_link: AtomicBool::new(false),
            is_touched: AtomicBool::new(false),
        }
    }

    /// Makes the cable; once, before anything is sent. From `main` or a task, masked.
    ///
    /// # Errors
    /// What the system says when it has no more sockets.
    pub fn make(&self) -> io::Result<()> {
        let mut pair = [NO_FD; 2];
        // SAFETY: the array has room for two file descriptors.
        let made = unsafe {
            libc::socketpair(
                libc::AF_UNIX,
                libc::SOCK_DGRAM | libc::SOCK_CLOEXEC,
                0,
                pair.as_mut_ptr(),
            )
        };
        if made != 0 {
            return Err(io::Error::last_os_error());
        }
        self.guest_fd.store(pair[0], Ordering::Release);
        self.host_fd.store(pair[1], Ordering::Release);
        Ok(())
    }

    /// Connects the guest's end to its interface. Tasks.
    pub fn connect(&self, interface: Interface) {
        self.line.connect(self.on_interrupt);
        let _ = masked(|| self.interface.set(interface));
        // What came before waits.
        interface.changed();
    }

    /// In the interrupt: tells lwIP, and who waits for the interface.
    pub fn interrupt(&self) {
        // Set before the line was first raised; `get` only reads.
        if let Some(interface) = self.interface.get() {
            interface.changed();
            if self.is_touched.swap(false, Ordering::AcqRel) {
                interface_event(interface.number()).notify();
                super::happened(Happened::Interface);
            }
        }
    }

    /// Connects or cuts the line. Any thread.
    pub fn set_link(&self, is_up: bool) {
        self.has_link.store(is_up, Ordering::Release);
        self.touch();
    }

    /// Makes those who wait for the interface look again. Any thread.
    pub fn touch(&self) {
        self.is_touched.store(true, Ordering::Release);
        if self.interface.get().is_some() {
            self.line.raise();
        }
    }

    /// Moves the guest's next frame into `frame`; its length, 0 if there is none. Host threads.
    pub fn take_from_guest(&self, frame: &mut [u8]) -> usize {
        // SAFETY: the pointer and the length are of one slice.
        let n = unsafe {
            libc::recv(self.host_fd(), frame.as_mut_ptr().cast(), frame.len(), libc::MSG_DONTWAIT)
        };
        usize::try_from(n).unwrap_or(0)
    }

    /// Where the host thread reads the guest's frames, one a datagram.
    pub fn host_fd(&self) -> i32 {
        self.host_fd.load(Ordering::Acquire)
    }

    /// Sends a frame to the guest. Host threads.
    pub fn send_to_guest(&self, frame: &[u8]) {
        {
            let mut ring = self.ring();
            if ring.len() == RING {
                return;
            }
            ring.push_back(frame.to_vec());
        }
        if self.interface.get().is_some() {
            self.line.raise();
        }
    }

    fn ring(&self) -> MutexGuard<'_, VecDeque<Vec<u8>>> {
        self.to_guest.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Driver for Wire {
    fn transmit(&self, frame: &[u8]) -> bool {
        let fd = self.guest_fd.load(Ordering::Acquire);
        // SAFETY: the pointer and the length are of one slice. A cable that was not made answers with an error.
        let sent = masked(|| unsafe {
            libc::send(
                fd,
                frame.as_ptr().cast(),
                frame.len(),
                libc::MSG_DONTWAIT | libc::MSG_NOSIGNAL,
            )
        });
        sent.unsigned_abs() == frame.len()
    }

    fn has_link(&self) -> bool {
        self.has_link.load(Ordering::Acquire)
    }

    fn receive(&self, frame: Option<&mut [u8; FRAME]>) -> usize {
        masked(|| {
            let Some(bytes) = self.ring().pop_front() else { return 0 };
            let n = bytes.len().min(FRAME);
            if let Some(frame) = frame {
                frame[..n].copy_from_slice(&bytes[..n]);
            }
            n
        })
    }
}
