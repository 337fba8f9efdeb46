//! The C twins of the hardware traits: structures of function pointers, as `hal/include/ts_hal.h` describes them.
//!
//! # Invariants
//! 1. A twin that [`install_twins`] has taken over lives for ever, all of its pointers are those that the header asks
//!    for (functions are checked), and its functions may be called from any task.
//! 2. `Option<extern "C" fn>` is a nullable pointer; [`Twin`] holds only structures whose functions are all there.

#![allow(missing_docs, reason = "the header documents these structures")]

use core::ffi::{CStr, c_char, c_void};
use core::ptr;
use spin::Once;
use threadsnake_hal::{
    Adc, Alarm, Drive, Entropy, Gpio, HalError, Hardware, I2c, I2cConfig, Level, NoPort, Operation,
    PinConfig, PinFunction, PinId, PinInfo, PinListener, PinMode, Power, Pull, Pwm, PwmConfig, Rtc,
    SerialConfig, SerialEvent, SerialListener, Sleep, Spi, SpiConfig, Trigger, Uart, WakeReason,
    Watchdog,
};

use crate::{bus, irq, timers};

type Context = *mut c_void;
type Status = i32;

fn result(status: Status) -> Result<(), HalError> {
    HalError::from_code(status).map_or(Ok(()), Err)
}

#[repr(C)]
pub struct CPinFunction {
    pub name: *const c_char,
    pub number: u8,
}

#[repr(C)]
pub struct CPinInfo {
    pub name: *const c_char,
    pub number: u8,
    pub wakes: u8,
    pub n_functions: u16,
    pub functions: *const CPinFunction,
}

#[repr(C)]
#[derive(Clone, Copy, Default)]
pub struct CPinConfig {
    pub mode: u8,
    pub pull: u8,
    pub drive: u8,
    pub function: i8,
}

/// Declares a structure of the header: a context, plain fields, functions.
macro_rules! twin {
    ($name:ident { $($field:ident: $ty:ty,)* ; $($function:ident: fn($($arg:ty),*) $(-> $ret:ty)?,)* }) => {
        #[repr(C)]
        pub struct $name {
            pub context: Context,
            $(pub $field: $ty,)*
            $(pub $function: Option<unsafe extern "C" fn(Context $(, $arg)*) $(-> $ret)?>,)*
        }

        impl $name {
            /// All functions are there (invariant 2).
            fn is_complete(&self) -> bool {
                true $(&& self.$function.is_some())*
            }
        }

        // SAFETY: invariant 1.
        unsafe impl Sync for $name {}
        // SAFETY: as above.
        unsafe impl Send for $name {}
    };
}

twin!(CGpio {
    pins: *const CPinInfo, n_pins: u32,;
    configure: fn(u8, *const CPinConfig) -> Status,
    config: fn(u8, *mut CPinConfig),
    read: fn(u8) -> i32,
    write: fn(u8, i32),
    latch: fn(u8) -> i32,
    set_trigger: fn(u8, u8) -> Status,
});
twin!(CAdc {
    channels: *const u8, n_channels: u32, bits: u8, reference_uv: u32,;
    read: fn(u32, *mut u16) -> Status,
});
twin!(CPwm {
    ;
    start: fn(u8, u32, u32, i32) -> Status,
    stop: fn(u8),
});
twin!(CAlarm { ; now_us: fn() -> u64, set: fn(u64), });
twin!(CRtc { ; now_us: fn() -> u64, set_us: fn(u64) -> Status, });
twin!(CWatchdog { ; start: fn(u32) -> Status, feed: fn(), });
twin!(CPower {
    freq_hz: u32, unique_id: [u8; 6],;
    reset: fn() -> Status,
    sleep_begins: fn(i32) -> Status,
    sleep_ends: fn(i32, i32),
});
twin!(CEntropy { ; fill: fn(*mut u8, usize) -> Status, });
twin!(CUart {
    ;
    configure: fn(*const CUartConfig) -> Status,
    release: fn(),
    try_write: fn(*const u8, usize) -> usize,
    try_read: fn(*mut u8, usize) -> usize,
    available: fn() -> usize,
    sent_at_us: fn() -> u64,
    send_break: fn(u32),
});
twin!(CI2c {
    ;
    configure: fn(*const CI2cConfig) -> Status,
    release: fn(),
    transfer: fn(u16, *const CI2cOperation, u32, i32) -> Status,
});
twin!(CSpi {
    ;
    configure: fn(*const CSpiConfig) -> Status,
    release: fn(),
    exchange: fn(*mut u8, usize) -> Status,
});

#[repr(C)]
pub struct CUartConfig {
    pub baud: u32,
    pub bits: u8,
    pub parity: u8,
    pub stop: u8,
    pub assign_pins: u8,
    pub pins: [i16; 4],
}

#[repr(C)]
pub struct CI2cConfig {
    pub freq_hz: u32,
    pub timeout_us: u32,
    pub pins: [i16; 2],
}

#[repr(C)]
pub struct CI2cOperation {
    pub is_read: u8,
    pub bytes: *mut u8,
    pub len: usize,
}

#[repr(C)]
pub struct CSpiConfig {
    pub freq_hz: u32,
    pub bits: u8,
    pub polarity: u8,
    pub phase: u8,
    pub lsb_first: u8,
    pub pins: [i16; 3],
}

/// `ts_hal`.
#[repr(C)]
pub struct CHal {
    pub size: u32,
    pub gpio: *const CGpio,
    pub adc: *const CAdc,
    pub pwm: *const CPwm,
    pub alarm: *const CAlarm,
    pub rtc: *const CRtc,
    pub watchdog: *const CWatchdog,
    pub power: *const CPower,
    pub entropy: *const CEntropy,
    pub uarts: *const CUart,
    pub i2c: *const CI2c,
    pub spi: *const CSpi,
    pub n_uarts: u32,
    pub n_i2c: u32,
    pub n_spi: u32,
    pub bus_priority: u32,
    pub bus_memory: *mut u8,
    pub bus_memory_len: usize,
}

/// A structure that is complete and lives for ever (invariants 1 and 2).
struct Twin<T: 'static>(&'static T);

/// Calls a function of a twin with its context.
macro_rules! call {
    ($twin:expr, $function:ident $(, $arg:expr)*) => {
        match $twin.0.$function {
            // SAFETY: invariant 1; what the arguments point to lives during the call.
            Some(function) => unsafe { function($twin.0.context $(, $arg)*) },
            None => unreachable!("a twin is complete"),
        }
    };
}

const MOST_PINS: usize = 64;
const MOST_FUNCTIONS: usize = 256;
const MOST_CHANNELS: usize = 32;
/// As the drivers have them.
const MOST_BUSES: usize = 4;

/// The tables of pins and functions, as Rust wants them.
struct Tables {
    pins: [PinInfo; MOST_PINS],
    n_pins: usize,
    channels: [PinId; MOST_CHANNELS],
    n_channels: usize,
}

static FUNCTIONS: Once<[PinFunction; MOST_FUNCTIONS]> = Once::new();
static TABLES: Once<Tables> = Once::new();

impl Gpio for Twin<CGpio> {
    fn pins(&self) -> &'static [PinInfo] {
        TABLES.get().map_or(&[], |tables| &tables.pins[..tables.n_pins])
    }

    fn configure(&self, pin: PinId, config: PinConfig) -> Result<(), HalError> {
        let config = CPinConfig {
            mode: config.mode as u8,
            pull: config.pull as u8,
            drive: config.drive as u8,
            function: config.function,
        };
        result(call!(self, configure, pin.0, &config))
    }

    fn config(&self, pin: PinId) -> PinConfig {
        let mut config = CPinConfig::default();
        call!(self, config, pin.0, &mut config);
        PinConfig {
            mode: match config.mode {
                1 => PinMode::Out,
                2 => PinMode::Alt,
                3 => PinMode::AltOpenDrain,
                0x10 => PinMode::OpenDrain,
                _ => PinMode::In,
            },
            pull: match config.pull {
                1 => Pull::Up,
                2 => Pull::Down,
                _ => Pull::None,
            },
            drive: match config.drive {
                0 => Drive::Low,
                2 => Drive::High,
                _ => Drive::Medium,
            },
            function: config.function,
        }
    }

    fn read(&self, pin: PinId) -> Level {
        call!(self, read, pin.0) != 0
    }

    fn write(&self, pin: PinId, level: Level) {
        call!(self, write, pin.0, level.into());
    }

    fn latch(&self, pin: PinId) -> Level {
        call!(self, latch, pin.0) != 0
    }

    fn set_trigger(&self, pin: PinId, trigger: Option<Trigger>) -> Result<(), HalError> {
        result(call!(self, set_trigger, pin.0, trigger.map_or(0, |trigger| trigger.0)))
    }

    /// C calls [`ts_hal_pin_event`].
    fn listen(&self, _: PinListener) {}
}

impl Adc for Twin<CAdc> {
    fn channels(&self) -> &'static [PinId] {
        TABLES.get().map_or(&[], |tables| &tables.channels[..tables.n_channels])
    }

    fn bits(&self) -> u8 {
        self.0.bits
    }

    fn read(&self, channel: usize) -> Result<u16, HalError> {
        let mut value = 0;
        let channel = u32::try_from(channel).map_err(|_| HalError::Missing)?;
        result(call!(self, read, channel, &mut value)).map(|()| value)
    }

    fn reference_uv(&self) -> u32 {
        self.0.reference_uv
    }
}

impl Pwm for Twin<CPwm> {
    fn start(&self, pin: PinId, config: PwmConfig) -> Result<(), HalError> {
        let PwmConfig { freq_hz, duty, inverted } = config;
        result(call!(self, start, pin.0, freq_hz, duty, inverted.into()))
    }

    fn stop(&self, pin: PinId) {
        call!(self, stop, pin.0);
    }
}

impl Alarm for Twin<CAlarm> {
    fn now_us(&self) -> u64 {
        call!(self, now_us)
    }

    fn set(&self, at_us: Option<u64>) {
        call!(self, set, at_us.unwrap_or(u64::MAX));
    }

    /// C calls [`ts_hal_alarm_event`].
    fn listen(&self, _: fn()) {}
}

impl Rtc for Twin<CRtc> {
    fn now_us(&self) -> Option<u64> {
        Some(call!(self, now_us)).filter(|&us| us != 0)
    }

    fn set_us(&self, us: u64) -> Result<(), HalError> {
        result(call!(self, set_us, us))
    }
}

impl Watchdog for Twin<CWatchdog> {
    fn start(&self, timeout_ms: u32) -> Result<(), HalError> {
        result(call!(self, start, timeout_ms))
    }

    fn feed(&self) {
        call!(self, feed);
    }
}

impl Power for Twin<CPower> {
    fn reset(&self) -> Result<(), HalError> {
        result(call!(self, reset))
    }

    fn sleep_begins(&self, sleep: Sleep) -> Result<(), HalError> {
        result(call!(self, sleep_begins, (sleep == Sleep::Deep).into()))
    }

    fn sleep_ends(&self, sleep: Sleep, reason: WakeReason) {
        call!(self, sleep_ends, (sleep == Sleep::Deep).into(), reason as i32);
    }

    fn freq_hz(&self) -> u32 {
        self.0.freq_hz
    }

    fn unique_id(&self) -> [u8; 6] {
        self.0.unique_id
    }
}

impl Entropy for Twin<CEntropy> {
    fn fill(&self, buf: &mut [u8]) -> Result<(), HalError> {
        result(call!(self, fill, buf.as_mut_ptr(), buf.len()))
    }
}

/// A pin for C; -1: none.
fn number(pin: Option<PinId>) -> i16 {
    pin.map_or(-1, |pin| pin.0.into())
}

impl Uart for Twin<CUart> {
    fn configure(&self, config: &SerialConfig) -> Result<(), HalError> {
        let config = CUartConfig {
            baud: config.baud,
            bits: config.bits,
            parity: config.parity as u8,
            stop: config.stop,
            assign_pins: config.assign_pins.into(),
            pins: config.pins.map(number),
        };
        result(call!(self, configure, &config))
    }

    fn release(&self) {
        call!(self, release);
    }

    fn try_write(&self, bytes: &[u8]) -> usize {
        call!(self, try_write, bytes.as_ptr(), bytes.len()).min(bytes.len())
    }

    fn try_read(&self, buf: &mut [u8]) -> usize {
        call!(self, try_read, buf.as_mut_ptr(), buf.len()).min(buf.len())
    }

    fn available(&self) -> usize {
        call!(self, available)
    }

    fn sent_at_us(&self) -> u64 {
        call!(self, sent_at_us)
    }

    fn send_break(&self, bits: u32) {
        call!(self, send_break, bits);
    }

    /// C calls [`ts_hal_uart_event`].
    fn listen(&self, _: usize, _: SerialListener) {}
}

impl I2c for Twin<CI2c> {
    fn configure(&mut self, config: &I2cConfig) -> Result<(), HalError> {
        let config = CI2cConfig {
            freq_hz: config.freq_hz,
            timeout_us: config.timeout_us,
            pins: config.pins.map_or([-1; 2], |pins| pins.map(|pin| number(Some(pin)))),
        };
        result(call!(self, configure, &config))
    }

    fn release(&mut self) {
        call!(self, release);
    }

    fn transfer(
        &mut self,
        address: u16,
        operations: &mut [Operation<'_>],
        stop: bool,
    ) -> Result<(), HalError> {
        const MOST: usize = 4;
        let nothing = || CI2cOperation { is_read: 0, bytes: ptr::null_mut(), len: 0 };
        let mut described = [nothing(), nothing(), nothing(), nothing()];
        if operations.len() > MOST {
            return Err(HalError::Invalid);
        }
        for (c, operation) in described.iter_mut().zip(operations.iter_mut()) {
            *c = match operation {
                Operation::Read(buf) => {
                    CI2cOperation { is_read: 1, bytes: buf.as_mut_ptr(), len: buf.len() }
                }
                Operation::Write(bytes) => {
                    CI2cOperation { is_read: 0, bytes: bytes.as_ptr().cast_mut(), len: bytes.len() }
                }
            };
        }
        let n = operations.len() as u32;
        result(call!(self, transfer, address, described.as_ptr(), n, stop.into()))
    }
}

impl Spi for Twin<CSpi> {
    fn configure(&mut self, config: &SpiConfig) -> Result<(), HalError> {
        let config = CSpiConfig {
            freq_hz: config.freq_hz,
            bits: config.bits,
            polarity: config.polarity.into(),
            phase: config.phase.into(),
            lsb_first: config.lsb_first.into(),
            pins: config.pins.map_or([-1; 3], |pins| pins.map(|pin| number(Some(pin)))),
        };
        result(call!(self, configure, &config))
    }

    fn release(&mut self) {
        call!(self, release);
    }

    fn exchange(&mut self, bytes: &mut [u8]) -> Result<(), HalError> {
        result(call!(self, exchange, bytes.as_mut_ptr(), bytes.len()))
    }
}

/// The twins in use.
#[derive(Default)]
struct Twins {
    gpio: Option<Twin<CGpio>>,
    adc: Option<Twin<CAdc>>,
    pwm: Option<Twin<CPwm>>,
    alarm: Option<Twin<CAlarm>>,
    rtc: Option<Twin<CRtc>>,
    watchdog: Option<Twin<CWatchdog>>,
    power: Option<Twin<CPower>>,
    entropy: Option<Twin<CEntropy>>,
    uarts: [Option<Twin<CUart>>; MOST_BUSES],
}

static TWINS: Once<Twins> = Once::new();
static UARTS: Once<[&'static dyn Uart; MOST_BUSES]> = Once::new();

/// The structure behind a pointer, if there is one and it is complete.
macro_rules! twin_of {
    ($pointer:expr) => {{
        // SAFETY: the caller of `install_twins` promises null or a structure that lives for ever.
        match unsafe { $pointer.as_ref() } {
            None => None,
            Some(twin) if twin.is_complete() => Some(Twin(twin)),
            Some(_) => return Err(HalError::Invalid),
        }
    }};
}

/// The name behind a pointer; it lives for ever.
///
/// # Safety
/// A terminated string that lives for ever.
unsafe fn name(text: *const c_char) -> Result<&'static str, HalError> {
    if text.is_null() {
        return Err(HalError::Invalid);
    }
    // SAFETY: the caller's promise.
    unsafe { CStr::from_ptr(text) }.to_str().map_err(|_| HalError::Invalid)
}

/// The items of a table; none for a null pointer.
///
/// # Safety
/// Null, or `n` items that live for ever.
unsafe fn items<T>(first: *const T, n: usize) -> &'static [T] {
    if first.is_null() {
        return &[];
    }
    // SAFETY: the caller's promise.
    unsafe { core::slice::from_raw_parts(first, n) }
}

/// Copies the tables of pins and channels.
///
/// # Safety
/// As for [`install_twins`].
unsafe fn copy_tables(gpio: Option<&CGpio>, adc: Option<&CAdc>) -> Result<(), HalError> {
    // SAFETY: the caller's promise.
    let pins = gpio.map_or(&[][..], |gpio| unsafe { items(gpio.pins, gpio.n_pins as usize) });
    // SAFETY: as above.
    let channels =
        adc.map_or(&[][..], |adc| unsafe { items(adc.channels, adc.n_channels as usize) });
    if pins.len() > MOST_PINS || channels.len() > MOST_CHANNELS {
        return Err(HalError::Invalid);
    }
    let mut functions = [PinFunction { name: "", number: 0 }; MOST_FUNCTIONS];
    let mut n = 0;
    for pin in pins {
        // SAFETY: as above.
        for function in unsafe { items(pin.functions, pin.n_functions.into()) } {
            let place = functions.get_mut(n).ok_or(HalError::Invalid)?;
            // SAFETY: as above.
            *place = PinFunction { name: unsafe { name(function.name) }?, number: function.number };
            n += 1;
        }
    }
    let functions = FUNCTIONS.call_once(|| functions);
    let nothing = PinInfo { name: "", number: 0, functions: &[], wakes: false };
    let mut tables = Tables {
        pins: [nothing; MOST_PINS],
        n_pins: pins.len(),
        channels: [PinId(0); MOST_CHANNELS],
        n_channels: channels.len(),
    };
    let mut from = 0;
    for (place, pin) in tables.pins.iter_mut().zip(pins) {
        let to = from + usize::from(pin.n_functions) * usize::from(!pin.functions.is_null());
        *place = PinInfo {
            // SAFETY: as above.
            name: unsafe { name(pin.name) }?,
            number: pin.number,
            functions: &functions[from..to],
            wakes: pin.wakes != 0,
        };
        from = to;
    }
    for (place, &pin) in tables.channels.iter_mut().zip(channels) {
        *place = PinId(pin);
    }
    TABLES.call_once(|| tables);
    Ok(())
}

/// A bus that a service owns: its twin, at the beginning of its part of the memory.
///
/// # Safety
/// `memory` is writable, 8-aligned, and nobody else's from now on.
unsafe fn place_twin<T>(
    twin: Twin<T>,
    memory: &'static mut [u8],
) -> Option<(&'static mut Twin<T>, &'static mut [u8])> {
    let (place, rest) = memory.split_at_mut_checked(size_of::<Twin<T>>())?;
    let place = place.as_mut_ptr().cast::<Twin<T>>();
    if !place.is_aligned() {
        return None;
    }
    // SAFETY: aligned, large enough, ours.
    unsafe {
        place.write(twin);
        Some((&mut *place, rest))
    }
}

/// # Safety
/// As for [`install_twins`].
unsafe fn install(hal: &CHal) -> Result<(), HalError> {
    if (hal.size as usize) < size_of::<CHal>() {
        return Err(HalError::Invalid);
    }
    if TWINS.is_completed() {
        return Err(HalError::Busy);
    }
    let counts = [hal.n_uarts, hal.n_i2c, hal.n_spi];
    if counts.iter().any(|&n| n as usize > MOST_BUSES) {
        return Err(HalError::Invalid);
    }
    let mut twins = Twins {
        gpio: twin_of!(hal.gpio),
        adc: twin_of!(hal.adc),
        pwm: twin_of!(hal.pwm),
        alarm: twin_of!(hal.alarm),
        rtc: twin_of!(hal.rtc),
        watchdog: twin_of!(hal.watchdog),
        power: twin_of!(hal.power),
        entropy: twin_of!(hal.entropy),
        uarts: Default::default(),
    };
    for (i, place) in twins.uarts.iter_mut().enumerate().take(hal.n_uarts as usize) {
        *place = twin_of!(hal.uarts.wrapping_add(i));
    }
    // SAFETY: the caller's promise.
    unsafe {
        copy_tables(twins.gpio.as_ref().map(|twin| twin.0), twins.adc.as_ref().map(|twin| twin.0))?
    };
    let twins = TWINS.call_once(|| twins);
    let mut n_uarts = 0;
    let uarts = UARTS.call_once(|| {
        let mut uarts: [&'static dyn Uart; MOST_BUSES] = [&NoPort(HalError::Missing); MOST_BUSES];
        for (place, twin) in uarts.iter_mut().zip(twins.uarts.iter().flatten()) {
            *place = twin;
            n_uarts += 1;
        }
        uarts
    });
    crate::install(Hardware {
        gpio: twins.gpio.as_ref().map(|twin| twin as &dyn Gpio),
        alarm: twins.alarm.as_ref().map(|twin| twin as &dyn Alarm),
        adc: twins.adc.as_ref().map(|twin| twin as &dyn Adc),
        pwm: twins.pwm.as_ref().map(|twin| twin as &dyn Pwm),
        rtc: twins.rtc.as_ref().map(|twin| twin as &dyn Rtc),
        watchdog: twins.watchdog.as_ref().map(|twin| twin as &dyn Watchdog),
        power: twins.power.as_ref().map(|twin| twin as &dyn Power),
        entropy: twins.entropy.as_ref().map(|twin| twin as &dyn Entropy),
        uarts: &uarts[..n_uarts],
        ..Hardware::NONE
    });
    let n_buses = (hal.n_i2c + hal.n_spi) as usize;
    if n_buses == 0 {
        return Ok(());
    }
    if hal.bus_memory.is_null() {
        return Err(HalError::Missing);
    }
    // SAFETY: the caller's promise.
    let memory = unsafe { core::slice::from_raw_parts_mut(hal.bus_memory, hal.bus_memory_len) };
    let each = (memory.len() / n_buses) & !7;
    let mut parts = memory.chunks_exact_mut(each.max(1));
    for i in 0..hal.n_i2c as usize {
        let twin = twin_of!(hal.i2c.wrapping_add(i)).ok_or(HalError::Invalid)?;
        // SAFETY: the caller's promise; the parts do not overlap.
        let placed = parts.next().and_then(|part| unsafe { place_twin(twin, part) });
        let (twin, rest) = placed.ok_or(HalError::Missing)?;
        bus::add_i2c(i, twin, hal.bus_priority, rest)?;
    }
    for i in 0..hal.n_spi as usize {
        let twin = twin_of!(hal.spi.wrapping_add(i)).ok_or(HalError::Invalid)?;
        // SAFETY: as above.
        let placed = parts.next().and_then(|part| unsafe { place_twin(twin, part) });
        let (twin, rest) = placed.ok_or(HalError::Missing)?;
        bus::add_spi(i, twin, hal.bus_priority, rest)?;
    }
    Ok(())
}

/// Tells the drivers what the board has: `ts_hal_install` of the header, which the static library for C exports. 0, or the
/// number of the error.
///
/// # Safety
/// `hal` is null or a structure as the header describes it; what it points to lives for ever.
pub unsafe fn install_twins(hal: *const CHal) -> i32 {
    // SAFETY: the caller's promise.
    let installed = match unsafe { hal.as_ref() } {
        // SAFETY: as above.
        Some(hal) => unsafe { install(hal) },
        None => Err(HalError::Invalid),
    };
    installed.err().map_or(0, |error| error as i32)
}

/// A pin's trigger has come: see the header. Any context.
#[unsafe(no_mangle)]
pub extern "C" fn ts_hal_pin_event(pin: u8, trigger: u8) {
    irq::pin_event(PinId(pin), Trigger(trigger));
}

/// The alarm's time has come: see the header. Any context.
#[unsafe(no_mangle)]
pub extern "C" fn ts_hal_alarm_event() {
    timers::on_alarm();
}

/// Something happened at a serial port: see the header. Any context.
#[unsafe(no_mangle)]
pub extern "C" fn ts_hal_uart_event(number: u32, event: u8) {
    irq::serial_event(number as usize, SerialEvent(event));
}
