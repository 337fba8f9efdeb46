//! The structures of `ts_hal.h` have the layout that the drivers expect, as a C compiler sees them.

use std::fmt::Write;
use std::mem::{align_of, offset_of, size_of};
use std::process::Command;
use threadsnake_drivers::c::*;

#[test]
fn the_header_and_the_drivers_agree_on_every_structure() {
    let mut text = String::from("#include <stddef.h>\n#include \"ts_hal.h\"\n");
    macro_rules! check {
        ($($c:literal = $rust:ident { $($field:ident),* };)*) => {$(
            let (size, align) = (size_of::<$rust>(), align_of::<$rust>());
            let _ = writeln!(text, "_Static_assert(sizeof({}) == {size}, \"size\");", $c);
            let _ = writeln!(text, "_Static_assert(_Alignof({}) == {align}, \"alignment\");", $c);
            $(
                let (field, at) = (stringify!($field), offset_of!($rust, $field));
                let _ = writeln!(text, "_Static_assert(offsetof({}, {field}) == {at}, \"{field}\");", $c);
            )*
        )*};
    }
    check! {
        "ts_hal_pin_function" = CPinFunction { name, number };
        "ts_hal_pin_info" = CPinInfo { name, number, wakes, n_functions, functions };
        "ts_hal_pin_config" = CPinConfig { mode, pull, drive, function };
        "ts_hal_gpio" = CGpio { context, pins, n_pins, configure, config, read, write, latch, set_trigger };
        "ts_hal_adc" = CAdc { context, channels, n_channels, bits, reference_uv, read };
        "ts_hal_pwm" = CPwm { context, start, stop };
        "ts_hal_alarm" = CAlarm { context, now_us, set };
        "ts_hal_rtc" = CRtc { context, now_us, set_us };
        "ts_hal_watchdog" = CWatchdog { context, start, feed };
        "ts_hal_power" = CPower { context, freq_hz, unique_id, reset, sleep_begins, sleep_ends };
        "ts_hal_entropy" = CEntropy { context, fill };
        "ts_hal_uart_config" = CUartConfig { baud, bits, parity, stop, assign_pins, pins };
        "ts_hal_uart" = CUart { context, configure, release, try_write, try_read, available, sent_at_us, send_break };
        "ts_hal_i2c_config" = CI2cConfig { freq_hz, timeout_us, pins };
        "ts_hal_i2c_operation" = CI2cOperation { is_read, bytes, len };
        "ts_hal_i2c" = CI2c { context, configure, release, transfer };
        "ts_hal_spi_config" = CSpiConfig { freq_hz, bits, polarity, phase, lsb_first, pins };
        "ts_hal_spi" = CSpi { context, configure, release, exchange };
        "ts_hal" = CHal {
            size, gpio, adc, pwm, alarm, rtc, watchdog, power, entropy, uarts, i2c, spi, n_uarts, n_i2c, n_spi,
            bus_priority, bus_memory, bus_memory_len
        };
    }
    let folder = std::env::temp_dir().join(format!("ts_hal_{}", std::process::id()));
    std::fs::create_dir_all(&folder).expect("a folder for the test");
    let file = folder.join("layout.c");
    std::fs::write(&file, text).expect("a file for the test");
    let include = concat!(env!("CARGO_MANIFEST_DIR"), "/../hal/include");
    let compiled = Command::new("cc")
        .args([
            "-std=c11",
            "-Wall",
            "-Wextra",
            "-pedantic",
            "-Werror",
            "-fsyntax-only",
            "-I",
            include,
        ])
        .arg(&file)
        .output()
        .expect("a C compiler");
    let _ = std::fs::remove_dir_all(&folder);
    assert!(compiled.status.success(), "{}", String::from_utf8_lossy(&compiled.stderr));
}
