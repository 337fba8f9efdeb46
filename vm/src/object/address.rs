//! Memory by its address, for `uctypes` and for registers.
//!
//! A script gets at the bytes of `bytes`, `str` and `bytearray` objects of its own VM and at the regions that the host lists,
//! and at nothing else: an address is looked up before it is used, and what is found is kept as a [`Buffer`], whose
//! bounds are checked at every access.
//!
//! # Invariants
//! 1. A `bytearray` with [`ByteArray::SHARED`] has no bytes of its own. Its buffer is a `memoryview` of another one, which
//!    can not be resized any more, or the address of a region, by [`Value::from_even`].
//! 2. It counts as exported for ever and is therefore never resized, and its buffer is never freed.

use core::ptr;

use super::{Blob, Buffer, ByteArray, MemoryView};
use crate::value::{Kind, Value};
use crate::{Raise, Vm};

/// Memory outside the VM that scripts may use by its address: registers, a frame buffer, flash.
#[derive(Clone, Copy, Debug)]
pub struct MemoryRegion {
    start: usize,
    len: usize,
    writable: bool,
}

impl MemoryRegion {
    /// A region of `len` bytes from the address `start`, which is even.
    ///
    /// # Safety
    /// For as long as the VM is used, every aligned access of 1, 2, 4 or 8 bytes in it does what the integrator wants a
    /// script to be able to do: the memory is there, Rust code does not count on it, and if it is `writable`, nothing depends on
    /// what is in it.
    pub const unsafe fn new(start: usize, len: usize, writable: bool) -> MemoryRegion {
        assert!(start.is_multiple_of(2));
        MemoryRegion { start, len, writable }
    }
}

impl ByteArray {
    /// aux bit of one whose bytes are elsewhere. What looks at bytes without asking for their place must refuse it.
    pub const SHARED: u16 = 1 << 8;
    /// aux bit of a region that can only be read.
    pub(super) const READ_ONLY: u16 = 1 << 9;

    /// Where the bytes of a shared one are.
    #[cold]
    #[inline(never)]
    pub(super) fn locate_shared(self, vm: &Vm) -> (*mut u8, usize) {
        let (buffer, len) = (self.buffer(vm), self.length(vm) as usize);
        if let Some(view) = MemoryView::from_value(buffer)
            && let Some(base) = ByteArray::from_value(view.base(vm))
        {
            let (p, n) = base.locate(vm);
            let start = (view.offset(vm) as usize).min(n);
            return (p.wrapping_add(start), len.min(n - start));
        }
        if buffer.is_small_int() {
            return (ptr::with_exposed_provenance_mut(buffer.as_even()), len);
        }
        (ptr::dangling_mut(), 0)
    }
}

impl Blob {
    /// The address of the first byte. It stays right until the object is resized or freed.
    pub fn address(self, vm: &Vm) -> usize {
        self.locate(vm).0.expose_provenance()
    }

    /// The number that the `size` bytes (1, 2, 4 or 8) at `at` are to the machine, read in one access if they are aligned; `None`
    /// outside.
    pub fn load_word(self, vm: &Vm, at: usize, size: usize) -> Option<u64> {
        let p = self.place_of(vm, at, size)?;
        // SAFETY: `place_of` made sure that there are `size` bytes to read at `p`; a typed access is aligned.
        unsafe {
            Some(match size {
                _ if !p.addr().is_multiple_of(size) => {
                    let mut word = 0;
                    ptr::copy_nonoverlapping(p, low_bytes(&raw mut word, size), size);
                    word
                }
                1 => p.read_volatile().into(),
                2 => p.cast::<u16>().read_volatile().into(),
                4 => p.cast::<u32>().read_volatile().into(),
                _ => p.cast::<u64>().read_volatile(),
            })
        }
    }

    /// Writes likewise; false outside or where the memory is read-only.
    pub fn store_word(self, vm: &mut Vm, at: usize, size: usize, word: u64) -> bool {
        let Some(p) = self.place_of(vm, at, size).filter(|_| self.is_writable(vm)) else {
            return false;
        };
        // SAFETY: as in `load_word`, and the bytes are writable.
        unsafe {
            match size {
                _ if !p.addr().is_multiple_of(size) => {
                    let mut word = word;
                    ptr::copy_nonoverlapping(low_bytes(&raw mut word, size), p, size);
                }
                1 => p.write_volatile(word as u8),
                2 => p.cast::<u16>().write_volatile(word as u16),
                4 => p.cast::<u32>().write_volatile(word as u32),
                _ => p.cast::<u64>().write_volatile(word),
            }
        }
        true
    }

    fn place_of(self, vm: &Vm, at: usize, size: usize) -> Option<*mut u8> {
        let (p, n) = self.locate(vm);
        let fits = matches!(size, 1 | 2 | 4 | 8) && at.checked_add(size)? <= n;
        if fits { Some(p.wrapping_add(at)) } else { None }
    }
}

impl Buffer {
    /// A `bytearray` of these very bytes; a copy of them where they can only be read. The object that owns them can not
    /// be resized afterwards.
    pub fn share(self, vm: &mut Vm) -> Result<Value, Raise> {
        let n = self.len(vm);
        let owner = match ByteArray::from_value(self.owner) {
            Some(owner) if self.is_writable() => owner,
            _ => {
                let copy = ByteArray::new(vm, 0, n)?;
                copy.write(vm, 0, self);
                return Ok(copy.value());
            }
        };
        let view = MemoryView::alloc(vm, 0, self.start, self.owner, n as u32, 1)?;
        let exports = owner.exports(vm);
        owner.set_exports(vm, exports.saturating_add(1));
        shared(vm, 0, n as u32, view.value())
    }
}

/// Where the low `size` bytes of a number are.
fn low_bytes(word: *mut u64, size: usize) -> *mut u8 {
    let first = if cfg!(target_endian = "big") { 8 - size } else { 0 };
    word.cast::<u8>().wrapping_add(first)
}

fn shared(vm: &mut Vm, flags: u16, len: u32, buffer: Value) -> Result<Value, Raise> {
    Ok(ByteArray::alloc(vm, ByteArray::SHARED | flags, len, buffer, 1)?.value())
}

impl Vm {
    /// What has the byte at an address, and where there; `None` for an address that is neither in a bytes-like object nor in a
    /// region of the host's.
    pub fn memory_at(&mut self, address: usize) -> Result<Option<(Blob, usize)>, Raise> {
        for region in self.host().memory_regions() {
            let MemoryRegion { start, len, writable, .. } = *region;
            let offset = address.wrapping_sub(start);
            if offset >= len {
                continue;
            }
            let flags = if writable { 0 } else { ByteArray::READ_ONLY };
            let len = u32::try_from(len).unwrap_or(u32::MAX >> 1);
            let whole = shared(self, flags, len, Value::from_even(start))?;
            return Ok(Some((Blob::from_known(whole), offset)));
        }
        // The bytes-like object that has a byte there.
        Ok(self.shared().heap.objects().find_map(|object| {
            // SAFETY: the heap lists live objects.
            let owner = unsafe { Value::from_object(object.cast()) };
            let has_bytes = match owner.kind()? {
                Kind::Str | Kind::Bytes => true,
                Kind::ByteArray => ByteArray::from_known(owner).code() != b'O',
                _ => false,
            };
            let whole = if has_bytes { Blob::from_known(owner) } else { return None };
            let offset = address.wrapping_sub(whole.address(self));
            if offset < whole.len(self) { Some((whole, offset)) } else { None }
        }))
    }
}

#[cfg(test)]
mod tests {
    extern crate std;

    use crate::compiler::Mode;
    use crate::testing::{registers, with_vm};

    #[test]
    fn a_script_reaches_the_regions_of_the_host_and_nothing_beside_them() {
        let program = std::format!(
            "import uctypes as u\n\
             r = {}\n\
             FIELDS = {{'a': 0 | u.UINT32, 'b': 4 | u.UINT16, 'c': 6 | u.BFUINT8 | 4 << u.BF_LEN, 'd': (8 | u.ARRAY, 8 | u.UINT8)}}\n\
             s = u.struct(r, FIELDS, u.LITTLE_ENDIAN)\n\
             s.a = 0x12345678\n\
             s.b = 0xabcd\n\
             s.c = 7\n\
             s.d[1] = 9\n\
             assert u.bytes_at(r, 10) == bytes([0x78, 0x56, 0x34, 0x12, 0xcd, 0xab, 7, 0, 0, 9])\n\
             assert s.a == 0x12345678 and s.c == 7 and u.addressof(s) == r\n\
             view = u.bytearray_at(r + 4, 4)\n\
             view[:] = b'1234'\n\
             assert s.b == 0x3231 and bytes(s)[4:8] == b'1234'\n\
             def fails(f):\n    \
                 try: f()\n    \
                 except (ValueError, TypeError, BufferError): return\n    \
                 assert False\n\
             fails(lambda: view.append(1))\n\
             fails(lambda: u.bytes_at(r, 17))\n\
             fails(lambda: u.bytes_at(r - 1, 1))\n\
             fails(lambda: u.bytes_at(r + 32, 1))\n\
             t = u.struct(r + 16, FIELDS)\n\
             assert t.a == 0\n\
             fails(lambda: setattr(t, 'a', 1))\n\
             u.bytearray_at(r + 16, 4)[0] = 1\n\
             fails(lambda: u.struct(r + 14, FIELDS).a)\n\
             assert t.a == 0\n",
            registers()
        );
        with_vm(1 << 18, |vm| {
            let Ok(globals) = vm.new_dict() else { panic!("no memory") };
            let mut source = program.as_bytes();
            if vm.exec_source(&mut source, "test", Mode::Module, globals).is_err() {
                let exception = vm.take_exception();
                let mut out = crate::object::StrBuilder::new();
                let _ = vm.format_exception(exception, &mut out);
                panic!("{}", std::string::String::from_utf8_lossy(out.as_bytes()));
            }
        });
    }
}
