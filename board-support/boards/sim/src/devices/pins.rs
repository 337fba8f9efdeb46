//! The pins of the simulated board: those of a WiPy, with their functions.
//!
//! Source: CC3200 data sheet, table "Pin Multiplexing"; the WiPy's library reference, "class Timer", for the waves.

use threadsnake_drivers::hal::{PinFunction, PinId, PinInfo};

/// Shorthand for the table.
macro_rules! pins {
    ($($name:literal $number:literal $($wakes:ident)? { $($function:literal = $index:literal),* };)*) => {
        /// All pins, by their place.
        pub static PINS: &[PinInfo] = &[$(PinInfo {
            name: $name,
            number: $number,
            functions: &[$(PinFunction { name: $function, number: $index }),*],
            wakes: false $(|| stringify!($wakes).len() > 0)?,
        }),*];
    };
}

pins! {
    "GP0" 0 { "UART0_RTS" = 3, "UART0_CTS" = 12 };
    "GP1" 1 { "UART0_TX" = 3, "UART1_TX" = 6 };
    "GP2" 2 wakes { "UART0_RX" = 3, "UART1_RX" = 6 };
    "GP3" 3 { "UART1_TX" = 6 };
    "GP4" 4 wakes { "UART1_RX" = 6 };
    "GP5" 5 {};
    "GP6" 6 { "UART1_CTS" = 3, "UART0_RTS" = 5, "UART0_CTS" = 6 };
    "GP7" 7 { "UART1_RTS" = 3, "UART0_RTS" = 10, "UART0_TX" = 11 };
    "GP8" 8 {};
    "GP9" 9 { "TIM2_PWMB" = 3, "SD0_DAT0" = 6 };
    "GP10" 10 wakes { "I2C0_SCL" = 1, "TIM3_PWMA" = 3, "SD0_CLK" = 6, "UART1_TX" = 7 };
    "GP11" 11 wakes { "I2C0_SDA" = 1, "TIM3_PWMB" = 3, "SD0_CMD" = 6, "UART1_RX" = 7 };
    "GP12" 12 { "I2C0_SCL" = 5, "UART0_TX" = 7 };
    "GP13" 13 wakes { "I2C0_SDA" = 5, "UART0_RX" = 7 };
    "GP14" 14 { "I2C0_SCL" = 5, "SPI0_CLK" = 7 };
    "GP15" 15 { "I2C0_SDA" = 5, "SPI0_MISO" = 7, "SD0_DAT0" = 8 };
    "GP16" 16 { "UART1_TX" = 5, "SPI0_MOSI" = 7, "SD0_CLK" = 8 };
    "GP17" 17 wakes { "UART1_RX" = 5, "SPI0_CS0" = 7, "SD0_CMD" = 8 };
    "GP22" 22 {};
    "GP23" 23 { "UART1_TX" = 2, "I2C0_SCL" = 9 };
    "GP24" 24 wakes { "UART1_RX" = 2, "TIM0_PWMA" = 5, "I2C0_SDA" = 9 };
    "GP25" 25 { "TIM1_PWMA" = 9 };
    "GP28" 28 {};
    "GP30" 30 { "SPI0_MISO" = 7, "UART0_TX" = 9 };
    "GP31" 31 { "UART1_RX" = 2, "SPI0_CLK" = 7, "UART0_RX" = 9 };
}

/// The pin that scripts call `GP<number>`; the first if there is none.
pub fn gp(number: u8) -> PinId {
    PinId(PINS.iter().position(|pin| pin.number == number).unwrap_or(0) as u8)
}

/// Places in the table: GP25, which is the heartbeat's, GP9, GP8, GP5.
pub static LEDS: [PinId; 4] = [PinId(21), PinId(9), PinId(8), PinId(5)];
/// GP28.
pub const BUTTON: PinId = PinId(22);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lights_and_button_are_where_they_are_said_to_be() {
        assert_eq!(LEDS, [gp(25), gp(9), gp(8), gp(5)]);
        assert_eq!(BUTTON, gp(28));
    }
}
