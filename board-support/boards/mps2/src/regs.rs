//! The device registers this firmware uses, on both boards at the same addresses.
//!
//! Sources: Arm Application Notes AN385 and AN500 (memory map, interrupts), CMSDK Technical
//! Reference Manual (APB UART, APB timer), ARMv7-M Architecture Reference Manual, B3 (system
//! control space).
//!
//! Invariants:
//! 1. A [`Reg`] is only made in this file, from the address of a 32-bit register that exists on
//!    both boards.
//! 2. None of these registers starts a transfer to or from memory, so no access to one of them
//!    can break Rust's rules about memory.

/// One 32-bit device register.
#[derive(Clone, Copy)]
pub struct Reg(usize);

impl Reg {
    /// Reads the register. Some registers change by being read; see the manual named above.
    pub fn read(self) -> u32 {
        // SAFETY: invariant 1: the address is a readable, aligned device register.
        unsafe { (self.0 as *const u32).read_volatile() }
    }

    /// Writes the register.
    pub fn write(self, value: u32) {
        // SAFETY: invariants 1 and 2.
        unsafe { (self.0 as *mut u32).write_volatile(value) }
    }
}

/// The clock of the processor, the SysTick and the peripherals, in Hz.
pub const CLOCK_HZ: u32 = 25_000_000;

/// UART0, the console.
pub mod uart0 {
    use super::Reg;

    /// The received byte; the byte to send.
    pub const DATA: Reg = Reg(0x4000_4000);
    /// [`TX_FULL`], [`RX_FULL`].
    pub const STATE: Reg = Reg(0x4000_4004);
    /// [`TX_ENABLE`] and its neighbours.
    pub const CTRL: Reg = Reg(0x4000_4008);
    /// Read: pending interrupts; write: clears them. [`INT_TX`], [`INT_RX`].
    pub const INT: Reg = Reg(0x4000_400C);
    /// The clock divider, at least 16.
    pub const BAUDDIV: Reg = Reg(0x4000_4010);

    /// `STATE`: the transmitter has a byte that waits.
    pub const TX_FULL: u32 = 1;
    /// `STATE`: a received byte waits.
    pub const RX_FULL: u32 = 2;
    /// `CTRL`: the transmitter works.
    pub const TX_ENABLE: u32 = 1;
    /// `CTRL`: the receiver works.
    pub const RX_ENABLE: u32 = 2;
    /// `CTRL`: an interrupt when a byte has left.
    pub const TX_INT_ENABLE: u32 = 4;
    /// `CTRL`: an interrupt when a byte has come.
    pub const RX_INT_ENABLE: u32 = 8;
    /// `INT`: a byte has left.
    pub const INT_TX: u32 = 1;
    /// `INT`: a byte has come.
    pub const INT_RX: u32 = 2;
}

/// Timer 0, which counts the system clock down to zero and starts again.
pub mod timer0 {
    use super::Reg;

    /// [`ENABLE`], [`INT_ENABLE`].
    pub const CTRL: Reg = Reg(0x4000_0000);
    /// The present count.
    pub const VALUE: Reg = Reg(0x4000_0004);
    /// What the count starts from after zero.
    pub const RELOAD: Reg = Reg(0x4000_0008);
    /// Read: bit 0 when the count has passed zero; write 1: clears it.
    pub const INT: Reg = Reg(0x4000_000C);

    /// `CTRL`: the timer counts.
    pub const ENABLE: u32 = 1;
    /// `CTRL`: an interrupt at zero.
    pub const INT_ENABLE: u32 = 8;
}

/// Interrupt numbers (bit and vector index behind the 16 system exceptions).
pub mod irq {
    /// UART0 has received a byte.
    pub const UART0_RX: usize = 0;
    /// UART0 has sent a byte.
    pub const UART0_TX: usize = 1;
    /// Timer 0 has passed zero.
    pub const TIMER0: usize = 8;
    /// How many lines the vector table serves.
    pub const COUNT: usize = 32;
}

/// The system control space of the processor.
pub mod scs {
    use super::Reg;

    /// SysTick control; zero stops it.
    pub const SYST_CSR: Reg = Reg(0xE000_E010);
    /// Interrupt enable bits of lines 0 to 31: writing a one enables.
    pub const NVIC_ISER: Reg = Reg(0xE000_E100);
    /// Writing a one disables.
    pub const NVIC_ICER: Reg = Reg(0xE000_E180);
    /// Interrupt pending bits: writing a one raises the line.
    pub const NVIC_ISPR: Reg = Reg(0xE000_E200);
    /// Writing a one makes a raised line forget it.
    pub const NVIC_ICPR: Reg = Reg(0xE000_E280);
    /// Interrupt control and state; the low nine bits are the active exception.
    pub const ICSR: Reg = Reg(0xE000_ED04);
    /// System handler control: enables the separate fault handlers.
    pub const SHCSR: Reg = Reg(0xE000_ED24);
    /// Configurable fault status: usage, bus and memory-management faults.
    pub const CFSR: Reg = Reg(0xE000_ED28);
    /// Hard fault status.
    pub const HFSR: Reg = Reg(0xE000_ED2C);
    /// The address of a memory-management fault, valid if `CFSR` bit 7 is set.
    pub const MMFAR: Reg = Reg(0xE000_ED34);
    /// The address of a bus fault, valid if `CFSR` bit 15 is set.
    pub const BFAR: Reg = Reg(0xE000_ED38);
    /// Configuration and control: [`DIV_0_TRP`].
    pub const CCR: Reg = Reg(0xE000_ED14);

    /// MPU control: [`MPU_ON`].
    pub const MPU_CTRL: Reg = Reg(0xE000_ED94);
    /// MPU region number, for `MPU_RBAR` and `MPU_RASR`.
    pub const MPU_RNR: Reg = Reg(0xE000_ED98);
    /// MPU region base address; the kernel sets it at every task switch.
    pub const MPU_RBAR: Reg = Reg(0xE000_ED9C);
    /// MPU region attributes and size.
    pub const MPU_RASR: Reg = Reg(0xE000_EDA0);

    /// `MPU_CTRL`: on, with the default memory map behind the regions.
    pub const MPU_ON: u32 = 0b101;
    /// `ICSR`: SysTick and PendSV are no longer pending.
    pub const CLEAR_PENDING: u32 = 1 << 25 | 1 << 27;
    /// `CCR`: an integer division by zero faults.
    pub const DIV_0_TRP: u32 = 1 << 4;
    /// `SHCSR`: memory-management, bus and usage faults have handlers of their own.
    pub const FAULTS_ENABLE: u32 = 7 << 16;

    /// The priority register (eight bits) of interrupt line `n`, as part of its word.
    pub const fn nvic_ipr_word(n: usize) -> Reg {
        assert!(n < super::irq::COUNT, "no such line");
        Reg(0xE000_E400 + (n & !3))
    }
}
