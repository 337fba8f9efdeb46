//! RTOS objects that Python and C tasks share: queues of messages, semaphores, mutexes, groups of event bits.
//!
//! They are ours, not the kernel's, because a wait on one must be able to end for more reasons than the kernel knows: a VM
//! is killed, `select.poll` waits for several, the side that made it has gone. The waits themselves are the kernel's
//! ([`crate::select`]). An object lies in the kernel's heap and counts its users; it may have a name, by which others open it.
//!
//! Whoever made an object and ends (a VM that is killed, a C task that closes it) *closes* it: those that wait, and
//! later calls, get [`Closed`]. The memory is free when the last user has let go.
//!
//! # Invariants
//! - S1. An object's memory is valid while its count of users is above zero; a [`Shared`] is one user.
//! - S2. The state, the count and the list of objects change in critical sections only; so messages are copied in one, and
//!   are at most [`MOST_MESSAGE`] bytes.

use crate::rtos::{self, Task};
use crate::select::Event;
use core::cell::Cell;
use core::ptr::{self, NonNull};

/// The longest message, in bytes.
pub const MOST_MESSAGE: usize = 512;
/// The longest name, in bytes.
pub const MOST_NAME: usize = 23;
/// The most messages in a queue, and the highest count of a semaphore.
pub const MOST: usize = 65_535;

/// Whoever made the object has gone.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Closed;

/// Why there is no object.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MakeError {
    /// A number or the name is out of range.
    Invalid,
    /// There is an object of that name.
    Exists,
    /// The kernel's heap is used up.
    NoMemory,
}

/// What kind of object it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// Messages of at most `message` bytes, at most `capacity` of them.
    Queue {
        /// Bytes of the longest message; 0: messages without content.
        message: usize,
        /// The most messages.
        capacity: usize,
    },
    /// A count up to `most`.
    Semaphore {
        /// The highest count.
        most: usize,
    },
    /// Owned by one task at a time.
    Mutex,
    /// 32 bits.
    EventGroup,
}

/// An object; see [`Shared`].
#[derive(Debug)]
struct Object {
    kind: Kind,
    name: [u8; MOST_NAME + 1],
    users: Cell<usize>,
    closed: Cell<bool>,
    /// The list of all.
    next: Cell<*const Object>,
    /// Messages in a queue, the count of a semaphore, the bits of a group; of a mutex 1 while it is free.
    count: Cell<usize>,
    /// The place of a queue's oldest message.
    head: Cell<usize>,
    /// The task that owns the mutex.
    owner: Cell<Option<Task>>,
    /// Told of every change.
    event: Event,
}

/// All objects; in critical sections.
struct All(Cell<*const Object>);

// SAFETY: S2.
unsafe impl Sync for All {}

static ALL: All = All(Cell::new(ptr::null()));

/// A use of an object. Dropping it lets go.
#[derive(Debug)]
pub struct Shared(NonNull<Object>);

// SAFETY: S1 and S2: an object belongs to no task.
unsafe impl Send for Shared {}
// SAFETY: as above.
unsafe impl Sync for Shared {}

/// In front of each message in a queue's memory: its length.
const LENGTH: usize = size_of::<u16>();

impl Shared {
    /// Makes an object with `count` as its first value (of a semaphore). The name may be empty: then nobody can open
    /// it. Takes memory from the kernel's heap. Tasks, or before the scheduler starts.
    ///
    /// # Errors
    /// [`MakeError`].
    pub fn make(kind: Kind, name: &str, count: usize) -> Result<Self, MakeError> {
        let room = match kind {
            Kind::Queue { message, capacity } => {
                let is_valid = message <= MOST_MESSAGE && (1..=MOST).contains(&capacity);
                let room = if message == 0 { 0 } else { (LENGTH + message) * capacity };
                is_valid.then_some(room)
            }
            Kind::Semaphore { most } => ((1..=MOST).contains(&most) && count <= most).then_some(0),
            Kind::Mutex | Kind::EventGroup => Some(0),
        };
        let room = room.filter(|_| name.len() <= MOST_NAME && !name.contains('\0'));
        let room = room.ok_or(MakeError::Invalid)?;
        let place = rtos::kernel_malloc(size_of::<Object>() + room).cast::<Object>();
        let place = NonNull::new(place).ok_or(MakeError::NoMemory)?;
        let mut bytes = [0; MOST_NAME + 1];
        bytes[..name.len()].copy_from_slice(name.as_bytes());
        let object = Object {
            kind,
            name: bytes,
            users: Cell::new(1),
            closed: Cell::new(false),
            next: Cell::new(ptr::null()),
            count: Cell::new(if kind == Kind::Mutex { 1 } else { count }),
            head: Cell::new(0),
            owner: Cell::new(None),
            event: Event::new(),
        };
        // SAFETY: the block is fresh, large enough, and as aligned as the kernel's blocks are.
        unsafe { place.write(object) };
        let is_new = rtos::critical(|| {
            let is_new = find(name).is_none();
            if is_new {
                // SAFETY: nobody else has the object yet.
                unsafe { place.as_ref() }.next.set(ALL.0.get());
                ALL.0.set(place.as_ptr());
            }
            is_new
        });
        if is_new {
            return Ok(Self(place));
        }
        // SAFETY: nobody has seen the object.
        unsafe { rtos::kernel_free(place.as_ptr().cast()) };
        Err(MakeError::Exists)
    }

    /// True if this is the address of an object. Any context.
    pub fn is_live(raw: NonNull<()>) -> bool {
        rtos::critical(|| all().any(|object| ptr::eq(object, raw.as_ptr().cast())))
    }

    /// Opens the object of that name. Any context.
    pub fn open(name: &str) -> Option<Self> {
        rtos::critical(|| {
            let object = find(name)?;
            object.users.set(object.users.get() + 1);
            Some(Self(NonNull::from(object)))
        })
    }

    fn object(&self) -> &Object {
        // SAFETY: S1.
        unsafe { self.0.as_ref() }
    }

    /// The object's address, for as long as this use; [`Shared::from_raw`] takes it back.
    pub fn into_raw(self) -> NonNull<()> {
        core::mem::ManuallyDrop::new(self).0.cast()
    }

    /// A use that was given up to an address.
    ///
    /// # Safety
    /// `raw` is from [`Shared::into_raw`], and comes back once.
    pub unsafe fn from_raw(raw: NonNull<()>) -> Self {
        Self(raw.cast())
    }

    /// The kind.
    pub fn kind(&self) -> Kind {
        self.object().kind
    }

    /// The name, empty for none.
    pub fn name(&self) -> &str {
        let name = &self.object().name;
        let end = name.iter().position(|&b| b == 0).unwrap_or(MOST_NAME);
        core::str::from_utf8(&name[..end]).unwrap_or_default()
    }

    /// Told of every change, the end too.
    pub fn event(&self) -> &Event {
        &self.object().event
    }

    /// Ends the use of the object for everybody; its name is free. Any context.
    pub fn close(&self) {
        let object = self.object();
        object.closed.set(true);
        object.event.notify();
    }

    /// True after [`Shared::close`].
    pub fn is_closed(&self) -> bool {
        self.object().closed.get()
    }

    /// Messages in a queue, the count of a semaphore, the bits of a group, 1 for a free mutex.
    pub fn count(&self) -> usize {
        self.object().count.get()
    }

    /// How much may still be put in: of a queue, or a semaphore.
    pub fn room(&self) -> usize {
        match self.object().kind {
            Kind::Queue { capacity: most, .. } | Kind::Semaphore { most } => most - self.count(),
            _ => 0,
        }
    }

    fn changed<R>(&self, change: impl FnOnce(&Object) -> R) -> Result<R, Closed> {
        rtos::critical(|| {
            let object = self.object();
            if object.closed.get() { Err(Closed) } else { Ok(change(object)) }
        })
    }

    /// Puts a message, not longer than the queue says, behind the others, or before them if it is `urgent`; false if
    /// there is no room. Any context.
    ///
    /// # Errors
    /// [`Closed`].
    pub fn try_send(&self, message: &[u8], urgent: bool) -> Result<bool, Closed> {
        let sent = self.changed(|object| {
            let Kind::Queue { message: size, capacity } = object.kind else { return false };
            let count = object.count.get();
            if count == capacity || message.len() > size {
                return false;
            }
            let at = if urgent {
                object.head.set((object.head.get() + capacity - 1) % capacity);
                object.head.get()
            } else {
                (object.head.get() + count) % capacity
            };
            if size > 0 {
                let place = object.place(at);
                let length = (message.len() as u16).to_ne_bytes();
                // SAFETY: the place has `LENGTH + size` bytes, in a critical section (S2).
                unsafe {
                    ptr::copy_nonoverlapping(length.as_ptr(), place, LENGTH);
                    ptr::copy_nonoverlapping(message.as_ptr(), place.add(LENGTH), message.len());
                }
            }
            object.count.set(count + 1);
            true
        })?;
        if sent {
            self.event().notify();
        }
        Ok(sent)
    }

    /// Takes the oldest message; its length, of which at most `buf` is moved. `None` if there is none. With `keep` it
    /// stays in the queue. Any context.
    ///
    /// # Errors
    /// [`Closed`].
    pub fn try_receive(&self, buf: &mut [u8], keep: bool) -> Result<Option<usize>, Closed> {
        let received = self.changed(|object| {
            let Kind::Queue { message: size, capacity } = object.kind else { return None };
            let count = object.count.get().checked_sub(1)?;
            let at = object.head.get();
            let mut length = 0;
            if size > 0 {
                let place = object.place(at);
                let mut bytes = [0; LENGTH];
                // SAFETY: as in `try_send`.
                unsafe {
                    ptr::copy_nonoverlapping(place, bytes.as_mut_ptr(), LENGTH);
                    length = usize::from(u16::from_ne_bytes(bytes));
                    let n = length.min(buf.len());
                    ptr::copy_nonoverlapping(place.add(LENGTH), buf.as_mut_ptr(), n);
                }
            }
            if !keep {
                object.head.set((at + 1) % capacity);
                object.count.set(count);
            }
            Some(length)
        })?;
        if received.is_some() && !keep {
            self.event().notify();
        }
        Ok(received)
    }

    /// Takes one from a semaphore's count, or a free mutex (tasks only); false if there is nothing to take. Any context.
    ///
    /// # Errors
    /// [`Closed`].
    pub fn try_take(&self) -> Result<bool, Closed> {
        let taken = self.changed(|object| {
            let Some(count) = object.count.get().checked_sub(1) else { return false };
            object.count.set(count);
            if object.kind == Kind::Mutex {
                object.owner.set(Some(Task::current()));
            }
            true
        })?;
        if taken {
            self.event().notify();
        }
        Ok(taken)
    }

    /// Adds one to a semaphore's count, any context; frees a mutex that the calling task owns. False if the count is
    /// the highest, or another task owns the mutex.
    ///
    /// # Errors
    /// [`Closed`].
    pub fn give(&self) -> Result<bool, Closed> {
        let given = self.changed(|object| {
            let count = object.count.get();
            match object.kind {
                Kind::Semaphore { most } if count < most => {}
                Kind::Mutex if object.owner.get() == Some(Task::current()) => {
                    object.owner.set(None)
                }
                _ => return false,
            }
            object.count.set(count + 1);
            true
        })?;
        if given {
            self.event().notify();
        }
        Ok(given)
    }

    /// Clears and then sets bits of a group; the bits then. Any context.
    ///
    /// # Errors
    /// [`Closed`].
    pub fn change_bits(&self, clear: usize, set: usize) -> Result<usize, Closed> {
        let bits = self.changed(|object| {
            object.count.set(object.count.get() & !clear | set);
            object.count.get()
        })?;
        if set != 0 {
            self.event().notify();
        }
        Ok(bits)
    }

    /// The bits of a group, if any of `wanted` is set, or all of them; cleared then if `clear`. Any context.
    ///
    /// # Errors
    /// [`Closed`].
    pub fn try_bits(&self, wanted: usize, all: bool, clear: bool) -> Result<Option<usize>, Closed> {
        self.changed(|object| {
            let bits = object.count.get();
            let is_met = if all { bits & wanted == wanted } else { bits & wanted != 0 };
            if is_met && clear {
                object.count.set(bits & !wanted);
            }
            is_met.then_some(bits)
        })
    }
}

impl Object {
    /// Where a queue has its `at`th message, behind the object.
    fn place(&self, at: usize) -> *mut u8 {
        let Kind::Queue { message, .. } = self.kind else { return ptr::null_mut() };
        let base = ptr::from_ref(self).expose_provenance() + size_of::<Self>();
        ptr::with_exposed_provenance_mut(base + at * (LENGTH + message))
    }
}

/// All objects; in a critical section.
fn all() -> impl Iterator<Item = &'static Object> {
    // SAFETY: S1 and S2: listed objects have users, and leave the list before their last one goes.
    core::iter::successors(unsafe { ALL.0.get().as_ref() }, |object| unsafe {
        object.next.get().as_ref()
    })
}

/// The object of that name that is not closed; in a critical section.
fn find(name: &str) -> Option<&'static Object> {
    let is_meant = |object: &&Object| {
        let text = &object.name[..name.len().min(MOST_NAME)];
        !object.closed.get() && text == name.as_bytes() && object.name[name.len()] == 0
    };
    if name.is_empty() { None } else { all().find(is_meant) }
}

/// Takes an object out of the list; in a critical section.
fn forget(object: &Object) {
    let mut link = &ALL.0;
    // SAFETY: as in `all`.
    while let Some(at) = unsafe { link.get().as_ref() } {
        if ptr::eq(at, object) {
            link.set(object.next.get());
            return;
        }
        link = &at.next;
    }
}

impl Clone for Shared {
    fn clone(&self) -> Self {
        let users = &self.object().users;
        rtos::critical(|| users.set(users.get() + 1));
        Self(self.0)
    }
}

impl Drop for Shared {
    fn drop(&mut self) {
        let is_last = rtos::critical(|| {
            let object = self.object();
            object.users.set(object.users.get() - 1);
            if object.users.get() > 0 {
                return false;
            }
            forget(object);
            true
        });
        if is_last {
            // SAFETY: S1: nobody has the object any more; the block is the one from `make`.
            unsafe {
                self.0.drop_in_place();
                rtos::kernel_free(self.0.as_ptr().cast());
            }
        }
    }
}
