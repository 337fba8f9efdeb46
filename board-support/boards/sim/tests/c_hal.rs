//! Drivers in the shape of C behind `machine`: each twin of `ts_hal.h` is called, and what it answers arrives in Python.
//!
//! One process, one scheduler, as `kernel.rs`; ends by exit code. The structures are those that C would fill in; their
//! layout is checked against the header by `board-support/drivers/tests/header.rs`.

use core::ffi::{c_char, c_void};
use core::ptr::null_mut;
use std::sync::atomic::{AtomicI64, AtomicU8, AtomicU32, Ordering::Relaxed};
use threadsnake_drivers::c::*;
use threadsnake_glue::host::RunConfig;
use threadsnake_sim::board::HOST;
use threadsnake_sim::posix;
use threadsnake_sim::program::NATIVE_STACK;
use threadsnake_sim::tasks::run;
use threadsnake_vm::compiler::Mode;
use threadsnake_vm::heap::Region;
use threadsnake_vm::object::RomModule;

static LATCHES: AtomicU8 = AtomicU8::new(0);
static MODES: [AtomicU8; 2] = [AtomicU8::new(0), AtomicU8::new(0)];
static TRIGGER: AtomicU8 = AtomicU8::new(0);
static WAVE: AtomicI64 = AtomicI64::new(-1);
static SENT: AtomicU32 = AtomicU32::new(0);

unsafe extern "C" fn pin_configure(_: *mut c_void, pin: u8, config: *const CPinConfig) -> i32 {
    // SAFETY: the drivers pass a structure.
    MODES[usize::from(pin)].store(unsafe { (*config).mode }, Relaxed);
    0
}

unsafe extern "C" fn pin_config(_: *mut c_void, pin: u8, config: *mut CPinConfig) {
    let mode = MODES[usize::from(pin)].load(Relaxed);
    // SAFETY: the drivers pass a variable.
    unsafe { *config = CPinConfig { mode, pull: 1, drive: 2, function: -1 } };
}

/// Pin 1 is wired to pin 0.
unsafe extern "C" fn pin_read(_: *mut c_void, _: u8) -> i32 {
    (LATCHES.load(Relaxed) & 1).into()
}

unsafe extern "C" fn pin_write(_: *mut c_void, pin: u8, level: i32) {
    let before = LATCHES.load(Relaxed);
    if level != 0 {
        LATCHES.fetch_or(1 << pin, Relaxed);
    } else {
        LATCHES.fetch_and(!(1 << pin), Relaxed);
    }
    let falls = pin == 0 && before & 1 != 0 && level == 0;
    if falls && TRIGGER.load(Relaxed) & 1 != 0 {
        ts_hal_pin_event(1, 1);
    }
}

unsafe extern "C" fn pin_latch(_: *mut c_void, pin: u8) -> i32 {
    (LATCHES.load(Relaxed) >> pin & 1).into()
}

unsafe extern "C" fn pin_trigger(_: *mut c_void, pin: u8, trigger: u8) -> i32 {
    if pin == 0 && trigger != 0 {
        return 1;
    }
    TRIGGER.store(trigger, Relaxed);
    0
}

unsafe extern "C" fn adc_read(_: *mut c_void, channel: u32, value: *mut u16) -> i32 {
    // SAFETY: the drivers pass a variable.
    unsafe { *value = 0x100 + channel as u16 };
    0
}

unsafe extern "C" fn pwm_start(_: *mut c_void, _: u8, freq: u32, duty: u32, _: i32) -> i32 {
    if freq > 1000 {
        return 2;
    }
    WAVE.store(i64::from(duty), Relaxed);
    0
}

unsafe extern "C" fn pwm_stop(_: *mut c_void, _: u8) {
    WAVE.store(-1, Relaxed);
}

unsafe extern "C" fn nothing(_: *mut c_void) {}

unsafe extern "C" fn i2c_configure(_: *mut c_void, config: *const CI2cConfig) -> i32 {
    // SAFETY: the drivers pass a structure.
    if unsafe { (*config).freq_hz } == 400_000 { 0 } else { 2 }
}

/// A device at 0x20 that answers with numbers.
unsafe extern "C" fn i2c_transfer(
    _: *mut c_void,
    address: u16,
    operations: *const CI2cOperation,
    n: u32,
    _: i32,
) -> i32 {
    if address != 0x20 {
        return 4;
    }
    for i in 0..n as usize {
        // SAFETY: the drivers pass as many operations, each with its bytes.
        unsafe {
            let operation = &*operations.add(i);
            for at in 0..operation.len * usize::from(operation.is_read) {
                *operation.bytes.add(at) = at as u8;
            }
        }
    }
    0
}

unsafe extern "C" fn spi_configure(_: *mut c_void, _: *const CSpiConfig) -> i32 {
    0
}

unsafe extern "C" fn spi_exchange(_: *mut c_void, bytes: *mut u8, len: usize) -> i32 {
    for at in 0..len {
        // SAFETY: the drivers pass as many bytes.
        unsafe { *bytes.add(at) = !*bytes.add(at) };
    }
    0
}

unsafe extern "C" fn uart_configure(_: *mut c_void, _: *const CUartConfig) -> i32 {
    0
}

/// What is sent can be read, counted only.
unsafe extern "C" fn uart_write(_: *mut c_void, _: *const u8, len: usize) -> usize {
    SENT.fetch_add(len as u32, Relaxed);
    ts_hal_uart_event(0, 1);
    len
}

unsafe extern "C" fn uart_read(_: *mut c_void, bytes: *mut u8, len: usize) -> usize {
    let n = len.min(SENT.load(Relaxed) as usize);
    SENT.fetch_sub(n as u32, Relaxed);
    for at in 0..n {
        // SAFETY: the drivers pass as many bytes.
        unsafe { *bytes.add(at) = b'x' };
    }
    n
}

unsafe extern "C" fn uart_available(_: *mut c_void) -> usize {
    SENT.load(Relaxed) as usize
}

unsafe extern "C" fn uart_sent_at(_: *mut c_void) -> u64 {
    0
}

unsafe extern "C" fn uart_break(_: *mut c_void, _: u32) {}

fn leak<T>(value: T) -> *const T {
    Box::leak(Box::new(value))
}

fn install() {
    let context = null_mut();
    let name = |text: &'static core::ffi::CStr| text.as_ptr().cast::<c_char>();
    let functions = leak([CPinFunction { name: name(c"UART0_TX"), number: 3 }]);
    let pin = |text, number, functions, n| CPinInfo {
        name: name(text),
        number,
        wakes: 0,
        n_functions: n,
        functions,
    };
    let pins = leak([pin(c"OUT", 10, functions.cast(), 1), pin(c"IN", 11, core::ptr::null(), 0)]);
    let gpio = CGpio {
        context,
        pins: pins.cast(),
        n_pins: 2,
        configure: Some(pin_configure),
        config: Some(pin_config),
        read: Some(pin_read),
        write: Some(pin_write),
        latch: Some(pin_latch),
        set_trigger: Some(pin_trigger),
    };
    let adc = CAdc {
        context,
        channels: leak([1u8, 0]).cast(),
        n_channels: 2,
        bits: 10,
        reference_uv: 3_300_000,
        read: Some(adc_read),
    };
    let uart = CUart {
        context,
        configure: Some(uart_configure),
        release: Some(nothing),
        try_write: Some(uart_write),
        try_read: Some(uart_read),
        available: Some(uart_available),
        sent_at_us: Some(uart_sent_at),
        send_break: Some(uart_break),
    };
    let i2c = CI2c {
        context,
        configure: Some(i2c_configure),
        release: Some(nothing),
        transfer: Some(i2c_transfer),
    };
    let spi = CSpi {
        context,
        configure: Some(spi_configure),
        release: Some(nothing),
        exchange: Some(spi_exchange),
    };
    let memory: &'static mut [u128] = Box::leak(vec![0u128; 2048].into_boxed_slice());
    let mut hal = CHal {
        size: size_of::<CHal>() as u32,
        gpio: leak(gpio),
        adc: leak(adc),
        pwm: leak(CPwm { context, start: Some(pwm_start), stop: Some(pwm_stop) }),
        alarm: core::ptr::null(),
        rtc: core::ptr::null(),
        watchdog: core::ptr::null(),
        power: core::ptr::null(),
        entropy: core::ptr::null(),
        uarts: leak(uart),
        i2c: leak(i2c),
        spi: leak(spi),
        n_uarts: 1,
        n_i2c: 1,
        n_spi: 1,
        bus_priority: 6,
        bus_memory: memory.as_mut_ptr().cast(),
        bus_memory_len: size_of_val(memory),
    };
    // SAFETY: the structures are complete, or are refused, and are leaked.
    unsafe {
        assert_eq!(install_twins(core::ptr::null()), 2);
        hal.size = 8;
        assert_eq!(install_twins(&hal), 2, "too short");
        hal.size = size_of::<CHal>() as u32;
        let pwm = hal.pwm;
        hal.pwm = leak(CPwm { context, start: None, stop: Some(pwm_stop) });
        assert_eq!(install_twins(&hal), 2, "a function is missing");
        hal.pwm = pwm;
        assert_eq!(install_twins(&hal), 0);
        assert_eq!(install_twins(&hal), 6, "twice");
    }
}

const PROGRAM: &str = r#"
import machine
from machine import ADC, I2C, PWM, Pin, SPI, UART

def fails(f, *args, **kwargs):
    try:
        f(*args, **kwargs)
    except (OSError, ValueError) as e:
        return e.args[0]
    return "no error"

out, inp = Pin("OUT", Pin.OUT), Pin(11)
assert repr(out) == "Pin('OUT', mode=Pin.OUT, pull=Pin.PULL_UP, drive=Pin.HIGH_POWER, alt=-1)", out
assert out.alt_list() == [("UART0_TX", 3)] and inp.alt_list() == []
log = []
inp.irq(lambda p: log.append(p is inp), Pin.IRQ_FALLING)
for level in (1, 0, 1, 0):
    out(level)
    assert inp() == level
assert log == [True, True], log
assert fails(out.irq, print, Pin.IRQ_RISING) == 19
assert ADC().channel(1)() == 0x101 and ADC("IN").read_u16() == 0x100 << 6 | 0x100 >> 4
pwm = PWM("OUT", freq=100, duty_u16=0x4000)
assert fails(pwm.freq, 5000) == "invalid argument(s) value"
pwm.deinit()
i2c = I2C(0, freq=400000)
assert i2c.scan() == [0x20] and i2c.readfrom_mem(0x20, 1, 3) == b"\0\1\2"
assert fails(i2c.writeto, 0x21, b"") == 5
assert fails(I2C, 0, freq=100000) == "invalid argument(s) value"
assert fails(I2C, 1) == 19
spi = SPI(0)
assert spi.read(2, 0x0f) == b"\xf0\xf0"
uart = UART(0, 9600, pins=None)
assert uart.write(b"abc") == 3 and uart.any() == 3 and uart.read() == b"xxx"
assert fails(UART, 1) == 19
assert fails(machine.Timer) == 19 and fails(machine.RTC) == 19 and fails(machine.WDT) == 19
assert fails(machine.reset) == 19 and fails(machine.unique_id) == 19
"#;

static MODULES: &[&[&RomModule]] = &[threadsnake_machine::MODULES];

fn case() {
    install();
    let memory = Box::leak(vec![0u128; 16 * 1024].into_boxed_slice());
    let regions = [Region { start: memory.as_mut_ptr().cast(), len: size_of_val(memory) }];
    let config = RunConfig {
        regions: &regions,
        modules: MODULES,
        value_stack_limit: 0,
        stack: NATIVE_STACK,
    };
    // SAFETY: the memory is nobody else's, and this task is not attached.
    let ended = unsafe {
        HOST.run(&config, |vm| {
            let globals = vm.main_globals();
            let source = &mut PROGRAM.as_bytes();
            if vm.exec_source(source, "test", Mode::Module, globals).is_err() {
                let exception = vm.take_exception();
                vm.print_exception(exception);
                return false;
            }
            true
        })
    };
    let passed = ended == Ok(true) && WAVE.load(Relaxed) == -1;
    posix::write_all(1, if passed { b"ok\n" } else { b"failed\n" });
    posix::exit(if passed { 0 } else { 1 })
}

fn main() {
    posix::watchdog(60, "c_hal: no end\n", 2);
    run(case)
}
