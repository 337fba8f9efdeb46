//! The boot manager of the emulated boards: reads the boot record on flash, chooses an image, copies it to where it runs
//! and starts it. A program of its own, because it must outlive every update.
//!
//! It checks every image before it boots it. What it decides it writes down before the image runs: a new image that is
//! damaged is tried once. It says what it does on the console; without a sound image it stops.
//!
//! # Invariants
//! 1. It has no variables (the linker script sees to that), so that nothing need be prepared before `main`.
//! 2. An image runs behind the boot manager in the code memory, and nowhere else.
//!
//! Source: ARMv7-M Architecture Reference Manual, B1.5 (vector table), B3.2.5 (VTOR); Application Note AN385, UART.
#![no_std]
#![no_main]

#[path = "../../mps2/src/layout.rs"]
mod layout;

use core::arch::{asm, naked_asm};
use layout::LAYOUT;
use threadsnake_layout::{Image, ImageHead, RECORD_BYTES, Range, Record};

/// Vector table offset register.
const VTOR: usize = 0xe000_ed08;
/// UART0: data, state (bit 0: transmitter full), control (bit 0: transmitter on), baud rate divider.
const UART: usize = 0x4000_4000;

unsafe extern "C" {
    /// Places in memory (linker script); only their addresses mean anything.
    static __stack_top: u32;
    static __flash_start: u8;
    static __run_start: u8;
    static __run_end: u8;
}

/// The first two words of the vector table; no interrupt is ever on.
#[repr(C)]
struct Vectors {
    stack: *const u32,
    reset: unsafe extern "C" fn(),
}

// SAFETY: the table is never written.
unsafe impl Sync for Vectors {}

#[used]
#[unsafe(link_section = ".vectors")]
static VECTORS: Vectors = Vectors { stack: &raw const __stack_top, reset };

/// The first instruction after reset.
#[unsafe(naked)]
#[unsafe(no_mangle)]
unsafe extern "C" fn reset() {
    naked_asm!("bl {main}", "udf #0", main = sym main)
}

extern "C" fn main() -> ! {
    write(UART + 16, 16);
    write(UART + 8, 1);
    let record = |block| {
        let mut bytes = [0; RECORD_BYTES];
        bytes.copy_from_slice(
            &flash(LAYOUT.record)[block * LAYOUT.block as usize..][..RECORD_BYTES],
        );
        bytes
    };
    let before = Record::newest([&record(0), &record(1)]);
    let is_sound = |image| runnable(image).is_some();
    let (image, after) = before.choose(is_sound);
    if after != before {
        keep(&after);
    }
    if let Some(image) = image
        && let Some((head, program)) = runnable(image)
    {
        say(match image {
            Image::Factory => "boot: factory image\r\n",
            Image::First => "boot: first update\r\n",
            Image::Second => "boot: second update\r\n",
        });
        start(head, program)
    }
    say("boot: no sound image\r\n");
    stop()
}

/// A range of the flash.
fn flash(range: Range) -> &'static [u8] {
    let start = (&raw const __flash_start).expose_provenance() + range.start as usize;
    // SAFETY: the flash is there, any bytes in it are valid, and they change in `keep` only, while nobody has a slice.
    unsafe {
        core::slice::from_raw_parts(core::ptr::with_exposed_provenance(start), range.len as usize)
    }
}

/// An image that is sound and fits where images run.
fn runnable(image: Image) -> Option<(ImageHead, &'static [u8])> {
    let (start, end) =
        ((&raw const __run_start).expose_provenance(), (&raw const __run_end).expose_provenance());
    ImageHead::check(flash(LAYOUT.image(image))).filter(|(head, program)| {
        head.address as usize == start && program.len() >= 8 && program.len() <= end - start
    })
}

/// Writes a record: erases its block first. The other block keeps the one before it.
fn keep(record: &Record) {
    let at = LAYOUT.record.start + record.place() * LAYOUT.block;
    let start = (&raw const __flash_start).expose_provenance() + at as usize;
    let start = core::ptr::with_exposed_provenance_mut::<u8>(start);
    let bytes = record.encode();
    // SAFETY: the block is in the flash, and nobody has a slice of it.
    unsafe {
        start.write_bytes(0xff, LAYOUT.block as usize);
        start.copy_from_nonoverlapping(bytes.as_ptr(), bytes.len());
    }
}

/// Copies an image to its place and starts it.
fn start(head: ImageHead, program: &[u8]) -> ! {
    let place = core::ptr::with_exposed_provenance_mut::<u8>(head.address as usize);
    // SAFETY: invariant 2: the place is behind this program and large enough.
    unsafe { place.copy_from_nonoverlapping(program.as_ptr(), program.len()) };
    write(VTOR, head.address);
    // SAFETY: the image begins with its vector table: stack and first instruction. Nothing of this program is used
    // afterwards.
    unsafe {
        asm!(
            "dsb",
            "isb",
            "ldr r1, [r0]",
            "ldr r2, [r0, #4]",
            "msr msp, r1",
            "bx r2",
            in("r0") head.address,
            options(noreturn)
        )
    }
}

fn write(register: usize, value: u32) {
    // SAFETY: the registers named above take any value.
    unsafe { core::ptr::with_exposed_provenance_mut::<u32>(register).write_volatile(value) };
}

fn say(text: &str) {
    for byte in text.bytes() {
        // SAFETY: reading the state has no effect.
        while unsafe { core::ptr::with_exposed_provenance::<u32>(UART + 4).read_volatile() } & 1
            != 0
        {}
        write(UART, byte.into());
    }
}

/// For ever; only the reset line helps.
fn stop() -> ! {
    loop {
        // SAFETY: waits for an interrupt, of which there is none.
        unsafe { asm!("wfi") };
    }
}

#[panic_handler]
fn panic(_: &core::panic::PanicInfo<'_>) -> ! {
    say("boot: panic\r\n");
    stop()
}
