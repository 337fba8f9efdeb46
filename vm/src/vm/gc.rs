//! Allocation, collection and the release of the GIL: everything that touches native stacks.

use core::ptr::NonNull;
use core::sync::atomic::{Ordering, fence};

use super::{Raise, Roots, Vm, pending};
use crate::heap::{BLOCK, COUNTED_HEADER, RawMemory, clear_tail};
use crate::host::Host;
use crate::interp::Frame;
use crate::object::{Dict, Res, RomType};
use crate::value::header::WORD;
use crate::value::names::q;
use crate::value::{Header, Kind, Value};

/// Proof that the GIL is released: what a blocking call may use.
pub struct Unlocked<'a> {
    /// The surroundings.
    pub host: &'a dyn Host,
}

/// What is done without the GIL. Not a closure: those come with two functions more each.
trait WithoutGil {
    fn run(&mut self, host: &'static dyn Host);
}

/// A call without the GIL.
struct Once<F, R> {
    f: Option<F>,
    result: Option<R>,
}

impl<R, F: FnOnce(Unlocked<'_>) -> R> WithoutGil for Once<F, R> {
    fn run(&mut self, host: &'static dyn Host) {
        self.result = self.f.take().map(|f| f(Unlocked { host }));
    }
}

impl RawMemory for Vm {
    type Error = Raise;

    fn alloc_raw(&mut self, bytes: usize) -> Result<Value, Raise> {
        self.alloc_counted(Kind::Raw, 0, bytes, 1)
    }

    fn alloc_words(&mut self, n: usize) -> Result<Value, Raise> {
        self.alloc_counted(Kind::Array, 0, n, WORD)
    }

    unsafe fn free_raw(&mut self, raw: Value) {
        Vm::free_raw(self, raw);
    }
}

impl Vm {
    /// Allocates an object that is scanned by words, with its header written; the caller writes the words up to `bytes`, the
    /// header included, before the next allocation. Collects when the heap is full; `MemoryError` when that did not help.
    pub(crate) fn alloc(
        &mut self,
        kind: Kind,
        aux: u16,
        bytes: usize,
    ) -> Result<NonNull<u8>, Raise> {
        let Ok(blocks @ 1..) = u8::try_from(bytes.div_ceil(BLOCK)) else {
            return Err(self.no_memory_for(bytes));
        };
        self.alloc_blocks(Header::new(kind, blocks, aux))
    }

    /// As `alloc`, of the size that the header says.
    #[inline(never)]
    pub(crate) fn alloc_blocks(&mut self, header: Header) -> Result<NonNull<u8>, Raise> {
        let p = self.alloc_here(header)?;
        let end = usize::from(header.blocks) * BLOCK;
        // SAFETY: words of the last block but its first.
        unsafe { clear_tail(p, end - BLOCK + WORD) };
        Ok(p)
    }

    /// An object of a kind without a count and of the size that the header says. The caller writes all that the collector
    /// looks at.
    #[inline(always)]
    pub(crate) fn alloc_here(&mut self, header: Header) -> Result<NonNull<u8>, Raise> {
        let blocks = header.blocks.into();
        let p = self.alloc_run(blocks, blocks * BLOCK)?;
        // SAFETY: a fresh object has room for its header.
        unsafe { p.cast().write(header) };
        Ok(p)
    }

    /// As many blocks, of which the caller makes an object of that many bytes.
    #[inline(always)]
    fn alloc_run(&mut self, blocks: usize, bytes: usize) -> Result<NonNull<u8>, Raise> {
        // SAFETY: the caller writes a header at once.
        match unsafe { self.shared_mut().heap.alloc_here(blocks) } {
            Some(p) => Ok(p),
            None => self.alloc_slow(blocks, bytes),
        }
    }

    /// An object of a counted kind with `count` units of that many bytes; the payload is not initialised.
    #[inline(always)]
    pub(crate) fn alloc_counted(&mut self, kind: Kind, aux: u16, count: usize, unit: usize) -> Res {
        self.alloc_payload(Header::new(kind, 0, aux), count, unit)
    }

    #[inline(never)]
    fn alloc_payload(&mut self, mut header: Header, count: usize, unit: usize) -> Res {
        let Some(bytes) = count.checked_mul(unit).filter(|&n| n < u32::MAX as usize - 64) else {
            return Err(self.no_memory());
        };
        let blocks = (COUNTED_HEADER + bytes).div_ceil(BLOCK);
        header.blocks = if blocks <= 255 { blocks as u8 } else { 0 };
        let p = self.alloc_run(blocks, COUNTED_HEADER + bytes)?;
        // SAFETY: a fresh object has room for header and count.
        unsafe {
            p.cast().write(header);
            p.add(4).cast().write(count as u32);
            Ok(Value::from_object(p.as_ptr().cast()))
        }
    }

    #[cold]
    #[inline(never)]
    fn alloc_slow(&mut self, blocks: usize, bytes: usize) -> Result<NonNull<u8>, Raise> {
        if let Some(p) = self.shared_mut().heap.alloc_slow(blocks) {
            return Ok(p);
        }
        // A hard handler knows nothing of the registers of whoever it interrupted.
        if self.shared().heap.refused() || self.shared().gc_disabled || self.in_hard_handler() {
            return Err(self.no_memory());
        }
        self.drop_spare_chunk();
        self.collect_uncounted();
        match self.shared_mut().heap.alloc_slow(blocks) {
            Some(p) => Ok(p),
            None => Err(self.no_memory_for(bytes)),
        }
    }

    /// Frees an object that nobody refers to any more. A hard handler leaves that to the collector: the instruction that it
    /// interrupted may still read it.
    pub(crate) fn free_raw(&mut self, value: Value) {
        if self.in_hard_handler() {
            return;
        }
        // SAFETY: the callers' promise: nobody refers to the object.
        unsafe { self.shared_mut().heap.free(value.object()) };
    }

    /// Lets the next allocations look for room from the start of the heap: for who makes objects that stay among many
    /// that do not. Cheap enough for every statement.
    pub(crate) fn search_heap_anew(&mut self) {
        self.shared_mut().heap.search_anew();
    }

    /// True when that many bytes are free right now, without a collection.
    pub(crate) fn has_room(&mut self, bytes: usize) -> bool {
        let heap = &mut self.shared_mut().heap;
        match heap.alloc_bytes(bytes) {
            Some(p) => {
                // SAFETY: nobody has seen the object.
                unsafe { heap.free(p) };
                true
            }
            None => false,
        }
    }

    /// Grows a counted object in place to `count` units; false when its neighbour is in the way.
    pub(crate) fn try_grow(&mut self, value: Value, count: usize, unit: usize) -> bool {
        // SAFETY: the callers pass live objects of counted kinds; the heap updates the count.
        unsafe { self.shared_mut().heap.try_grow(value.object(), 8 + count * unit) }
    }

    /// Undoes every `micropython.heap_lock`; for the prompt, after a program that left the heap locked.
    pub fn unlock_heap(&mut self) {
        self.shared_mut().heap.restore_lock(0);
    }

    /// Registers an object whose type has a finaliser (or whose class has `__del__`).
    pub fn register_finaliser(&mut self, object: Value) -> Result<(), Raise> {
        if self.shared_mut().heap.register_finaliser(object).is_ok() {
            return Ok(());
        }
        self.collect();
        match self.shared_mut().heap.register_finaliser(object) {
            Ok(()) => Ok(()),
            Err(_) => Err(self.no_memory()),
        }
    }

    /// A weak reference to an object.
    pub fn new_weak(&mut self, target: Value, callback: Value) -> Result<Value, Raise> {
        if let Some(v) = self.shared_mut().heap.new_weak(target, callback) {
            return Ok(v);
        }
        self.collect();
        match self.shared_mut().heap.new_weak(target, callback) {
            Some(v) => Ok(v),
            None => Err(self.no_memory()),
        }
    }

    /// Figures of the heap, and how many collections there were. Walks the heap.
    pub fn heap_stats(&self) -> (crate::heap::Stats, u32) {
        (self.shared().heap.stats(), self.shared().collections)
    }

    /// Bytes allocated since the VM was made (modulo the word), in use, and in use at most of all times that this was
    /// asked. Walks the heap.
    pub fn heap_totals(&mut self) -> [usize; 3] {
        let s = self.shared_mut();
        let used = s.heap.stats().used;
        s.peak = s.peak.max(used);
        [s.allocated_before.wrapping_add(s.heap.allocated()), used, s.peak]
    }

    /// Bytes that an object has in the heap, with the buffer or table of a container; 0 in ROM.
    pub fn size_of(&self, v: Value) -> usize {
        let heap = &self.shared().heap;
        if !v.is_object() || !heap.contains(v.object_ptr()) {
            return 0;
        }
        // SAFETY: a live object of the heap.
        let own = unsafe { heap.size_of(v.object()) };
        let owns =
            [Kind::List, Kind::Dict, Kind::Set, Kind::ByteArray, Kind::Instance, Kind::Native];
        if !v.kind().is_some_and(|kind| owns.contains(&kind)) {
            return own;
        }
        let words = v.object_ptr().cast::<usize>();
        let part = |i| {
            // SAFETY: the word is inside the object, whose fields are initialised words.
            let word = unsafe { *words.add(i) };
            // What is not an object's address in the heap is none.
            let Some(object) = heap.find_object(word).filter(|p| p.addr().get() == word) else {
                return 0;
            };
            // SAFETY: the heap says that this is a live object.
            let (kind, size) =
                unsafe { (object.cast::<Header>().read().kind(), heap.size_of(object)) };
            if matches!(kind, Kind::Raw | Kind::Array | Kind::Table) { size } else { 0 }
        };
        own + (1..own / WORD).map(part).sum::<usize>()
    }

    /// Runs a full collection, then finalisers at the next safe point. Returns the number of freed runs.
    pub fn collect(&mut self) -> usize {
        if self.shared().heap.lock_depth() > 0 || self.in_hard_handler() {
            return 0;
        }
        self.collect_uncounted();
        self.shared().heap.freed()
    }

    /// As `collect`, with the heap not locked.
    fn collect_uncounted(&mut self) {
        with_spilled_registers(|sp| {
            self.saved_sp = sp;
            self.collect_spilled();
        });
    }

    fn collect_spilled(&mut self) {
        let shapes = self.shapes_base();
        let s = self.shared_mut();
        s.collections += 1;
        s.allocated_before = s.allocated_before.wrapping_add(s.heap.allocated());
        s.heap.begin_mark();
        let roots: *const Roots = &raw const s.roots;
        // SAFETY: the table of shapes has a record for every instance's shape; the roots are words of ours.
        unsafe {
            s.heap.note_instances(shapes.cast(), size_of::<super::shapes::Shape>());
            s.heap.mark_words_conservatively(roots.cast(), size_of::<Roots>() / WORD);
        }
        let mut thread = s.threads;
        while !thread.is_null() {
            // SAFETY: invariant 3 of the module: listed records are live and do not change while we own the GIL; the
            // native stack between `saved_sp` and the record is the thread's own.
            unsafe {
                let t = &*thread;
                let heap = &mut self.shared_mut().heap;
                heap.mark_words_conservatively(thread.cast(), size_of::<Vm>() / WORD);
                let from = t.saved_sp & !(WORD - 1);
                if t.native_base > from {
                    let words = (t.native_base - from) / WORD;
                    heap.mark_words_conservatively(core::ptr::with_exposed_provenance(from), words);
                }
                mark_frames(heap, t);
                thread = t.next;
            }
        }
        while self.mark_shapes() {}
        self.shared_mut().heap.settle();
        while self.mark_shapes() {}
        self.prune_shapes();
        self.prune_interned();
        self.clear_method_cache();
        let s = self.shared_mut();
        s.heap.finish_mark();
        if s.reserve_bytes > 0
            && s.roots.reserve.is_undef()
            && let Some(p) = s.heap.alloc_bytes(s.reserve_bytes as usize)
        {
            // SAFETY: a fresh object, whose bytes mean nothing.
            s.roots.reserve = unsafe { Value::from_object(p.as_ptr().cast()) };
        }
        if s.heap.n_finalisable() > 0 || s.heap.has_weak_callback() {
            self.set_pending(pending::FINALISERS);
        }
    }

    pub(crate) fn clear_method_cache(&mut self) {
        self.shared_mut().method_cache.fill(super::CacheEntry::EMPTY);
    }

    /// Calls the callbacks of weak references whose targets were found unreached, then the finalisers.
    pub(crate) fn run_finalisers(&mut self) {
        while let Some(weak) = self.shared_mut().heap.take_weak_callback() {
            let callback = self.shared().heap.weak_callback(weak);
            let parked = core::mem::replace(&mut self.exception, Value::UNDEF);
            if !self.killed && self.call(callback, &[weak]).is_err() {
                let exception = self.take_exception();
                self.write_text(b"Unhandled exception in weakref callback:\n", true);
                self.print_exception(exception);
            }
            self.exception = parked;
        }
        while let Some(object) = self.shared_mut().heap.take_finalisable() {
            let class = self.type_of(object);
            if let Some(t) = RomType::from_value(class) {
                if let Some(f) = t.slots.finalise() {
                    f(self, object);
                }
                continue;
            }
            let parked = core::mem::replace(&mut self.exception, Value::UNDEF);
            if let Some(del) = self.lookup_in_class(class, q::__del__.value())
                && !self.killed
                && self.call(del, &[object]).is_err()
            {
                let exception = self.take_exception();
                self.print_exception(exception);
            }
            self.exception = parked;
        }
    }

    /// Runs `f` without the GIL, for a call that blocks. `f` may use nothing of the heap: it is `Send`. Natives that hard
    /// handlers may call ask [`Vm::check_may_wait`] first.
    pub fn unlocked<R: Send>(&mut self, f: impl FnOnce(Unlocked<'_>) -> R + Send) -> R {
        debug_assert!(!self.in_hard_handler(), "a native for handlers does not wait");
        let mut once = Once { f: Some(f), result: None };
        self.without_gil(Some(&mut once));
        match once.result {
            Some(r) => r,
            None => unreachable!("the closure ran"),
        }
    }

    /// Hands the GIL over to whoever is next.
    pub(crate) fn hand_over(&mut self) {
        self.without_gil(None);
    }

    /// Runs what gives the GIL away and takes it again, with registers spilled.
    #[inline(never)]
    fn without_gil(&mut self, what: Option<&mut dyn WithoutGil>) {
        let host = self.host();
        with_spilled_registers(|sp| {
            self.saved_sp = sp;
            // The other threads lock the heap for themselves, and leave it unlocked.
            self.heap_lock = self.shared().heap.lock_depth() as u32;
            self.unlock_heap();
            fence(Ordering::Release);
            self.giving_gil();
            match what {
                Some(what) => {
                    host.gil_give();
                    what.run(host);
                    host.gil_take();
                }
                None => host.gil_yield(),
            }
            self.gil_taken();
            fence(Ordering::Acquire);
            let depth = self.heap_lock as usize;
            self.shared_mut().heap.restore_lock(depth);
        });
    }

    /// Waits until `done` says so, `timeout_us` have passed (then returns false) or something pending raises.
    ///
    /// `done` is asked with the GIL held, before each wait.
    pub fn wait_until(
        &mut self,
        timeout_us: Option<u64>,
        mut done: impl FnMut(&mut Vm) -> Result<bool, Raise>,
    ) -> Result<bool, Raise> {
        self.wait_for(timeout_us, &mut done)
    }

    fn wait_for(
        &mut self,
        timeout_us: Option<u64>,
        done: &mut dyn FnMut(&mut Vm) -> Result<bool, Raise>,
    ) -> Result<bool, Raise> {
        self.check_may_wait()?;
        let deadline = timeout_us.map(|t| self.host().ticks_us().saturating_add(t));
        loop {
            self.safe_point()?;
            if done(self)? {
                return Ok(true);
            }
            let left = match deadline {
                None => None,
                Some(deadline) => match deadline.saturating_sub(self.host().ticks_us()) {
                    0 => return Ok(false),
                    left => Some(left),
                },
            };
            if !self.has_callback() {
                self.unlocked(move |u| u.host.wait(left));
            }
        }
    }

    /// The namespace of the running frame's module, or `__main__`'s.
    pub fn current_globals(&self) -> Dict {
        if self.frame.is_null() {
            return self.main_globals();
        }
        // SAFETY: `frame` is the live innermost frame.
        unsafe { Dict::from_known((*self.frame).function().globals()) }
    }
}

/// Marks what the frames of a thread hold: functions and register windows.
fn mark_frames(heap: &mut crate::heap::Heap, t: &Vm) {
    let mut chunk = t.chunk;
    while chunk.is_object() {
        heap.mark_value(chunk);
        // SAFETY: a chunk's first word is the chunk before it (see `interp::frame`).
        chunk = unsafe { *chunk.object_ptr().add(8).cast::<Value>() };
    }
    let mut frame: *const Frame = t.frame;
    while !frame.is_null() {
        // SAFETY: frames are linked and live while their thread is listed.
        let f = unsafe { &*frame };
        heap.mark_value(f.function);
        heap.mark_value(f.generator);
        heap.mark_value(f.extra);
        // SAFETY: a frame's window has that many registers.
        unsafe { heap.mark_words(f.regs, f.function().code().n_regs()) };
        frame = f.prev;
    }
}

/// Calls `f` with every callee-saved register stored above the stack pointer that it is told.
#[inline(never)]
fn with_spilled_registers(f: impl FnOnce(usize)) {
    let mut registers = [0usize; 12];
    let at = registers.as_mut_ptr();
    // SAFETY: only stores the registers that a callee must preserve into the array, which is large enough.
    #[cfg(target_arch = "x86_64")]
    unsafe {
        core::arch::asm!(
            "mov [{0}], rbx", "mov [{0}+8], rbp", "mov [{0}+16], r12", "mov [{0}+24], r13",
            "mov [{0}+32], r14", "mov [{0}+40], r15", in(reg) at, options(nostack, preserves_flags)
        );
    }
    // SAFETY: as above.
    #[cfg(target_arch = "aarch64")]
    unsafe {
        core::arch::asm!(
            "stp x19, x20, [{0}]", "stp x21, x22, [{0}, #16]", "stp x23, x24, [{0}, #32]",
            "stp x25, x26, [{0}, #48]", "stp x27, x28, [{0}, #64]", in(reg) at, options(nostack, preserves_flags)
        );
    }
    // SAFETY: as above.
    #[cfg(target_arch = "arm")]
    unsafe {
        core::arch::asm!("stm {0}, {{r4-r11}}", in(reg) at, options(nostack, preserves_flags));
    }
    let sp = core::hint::black_box(at).expose_provenance();
    f(sp);
    core::hint::black_box(&registers);
}
