//! The device registers this firmware uses, on both boards at the same addresses but for the Ethernet controller's.
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
#![cfg_attr(
    not(feature = "machine"),
    allow(dead_code, reason = "what only the devices of `machine` have")
)]

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

/// Timer 1, which counts down like timer 0.
pub mod timer1 {
    use super::Reg;

    /// [`ENABLE`](super::timer0::ENABLE), [`INT_ENABLE`](super::timer0::INT_ENABLE).
    pub const CTRL: Reg = Reg(0x4000_1000);
    /// The present count.
    pub const VALUE: Reg = Reg(0x4000_1004);
    /// What the count starts from after zero.
    pub const RELOAD: Reg = Reg(0x4000_1008);
    /// Write 1: clears the interrupt.
    pub const INT: Reg = Reg(0x4000_100C);
}

/// The watchdog: at zero it asks for an NMI, and a second time resets.
pub mod watchdog {
    use super::Reg;

    /// What the count starts from, in cycles.
    pub const LOAD: Reg = Reg(0x4000_8000);
    /// [`INT_ENABLE`], [`RESET_ENABLE`].
    pub const CTRL: Reg = Reg(0x4000_8008);
    /// Any write: clears the NMI and starts the count anew.
    pub const INTCLR: Reg = Reg(0x4000_800C);
    /// [`UNLOCK`] allows writing to the others.
    pub const LOCK: Reg = Reg(0x4000_8C00);

    /// `CTRL`: it counts.
    pub const INT_ENABLE: u32 = 1;
    /// `CTRL`: it resets.
    pub const RESET_ENABLE: u32 = 2;
    /// `LOCK`.
    pub const UNLOCK: u32 = 0x1ACC_E551;
}

/// The lights and buttons of the board (Application Note AN385, "FPGA system control and I/O").
pub mod fpgaio {
    use super::Reg;

    /// Two lights.
    pub const LED: Reg = Reg(0x4002_8000);
    /// Two buttons.
    pub const BUTTON: Reg = Reg(0x4002_8008);
    /// The first address of the block, and how many bytes of registers it has.
    pub const START: usize = 0x4002_8000;
    /// See [`START`].
    pub const BYTES: usize = 0x50;

    /// The register at an offset that is a multiple of 4 below [`BYTES`].
    pub fn at(offset: usize) -> Option<Reg> {
        (offset < BYTES && offset.is_multiple_of(4)).then_some(Reg(START + offset))
    }
}

/// The last words of the PSRAM, which nobody uses: they keep their contents over a reset.
pub mod kept {
    use super::Reg;

    const PSRAM: usize = if cfg!(board = "mps2-an500") { 0x6000_0000 } else { 0x2100_0000 };
    /// [`VALID`] if the others mean something.
    pub const MAGIC: Reg = Reg(PSRAM + 0xFF_FFF0);
    /// Why the system is reset, and what ended its sleep.
    pub const CAUSE: Reg = Reg(PSRAM + 0xFF_FFF4);

    /// `MAGIC`.
    pub const VALID: u32 = 0x5453_4E4B;
}

/// The registers of a UART: as [`uart0`], whose constants serve all.
#[derive(Clone, Copy)]
pub struct UartRegs {
    /// The received byte; the byte to send.
    pub data: Reg,
    /// Full or empty.
    pub state: Reg,
    /// Switches.
    pub ctrl: Reg,
    /// Interrupts.
    pub int: Reg,
    /// The clock divider.
    pub bauddiv: Reg,
}

impl UartRegs {
    const fn new(base: usize) -> UartRegs {
        UartRegs {
            data: Reg(base),
            state: Reg(base + 4),
            ctrl: Reg(base + 8),
            int: Reg(base + 12),
            bauddiv: Reg(base + 16),
        }
    }
}

/// UART1 and UART2, which are for programs.
pub const UARTS: [UartRegs; 2] = [UartRegs::new(0x4000_5000), UartRegs::new(0x4000_6000)];

/// Interrupt numbers (bit and vector index behind the 16 system exceptions).
pub mod irq {
    /// UART0 has received a byte.
    pub const UART0_RX: usize = 0;
    /// UART0 has sent a byte.
    pub const UART0_TX: usize = 1;
    /// UART1 has received a byte.
    pub const UART1_RX: usize = 2;
    /// UART2 has received a byte.
    pub const UART2_RX: usize = 4;
    /// Timer 0 has passed zero.
    pub const TIMER0: usize = 8;
    /// Timer 1 has passed zero.
    pub const TIMER1: usize = 9;
    /// The Ethernet controller wants something.
    #[cfg(feature = "net")]
    pub const ETHERNET: usize = 13;
    /// How many lines the vector table serves.
    pub const COUNT: usize = 32;
}

/// The Ethernet controller LAN9118 (SMSC, datasheet chapter 5), the one device at another address on each board.
#[cfg(feature = "net")]
pub mod lan9118 {
    use super::Reg;

    const BASE: usize = if cfg!(board = "mps2-an500") { 0xA000_0000 } else { 0x4020_0000 };

    /// Received data, a word at a time.
    pub const RX_DATA: Reg = Reg(BASE);
    /// Data to send, a word at a time, after two command words.
    pub const TX_DATA: Reg = Reg(BASE + 0x20);
    /// The length of the next received frame in bits 16 to 29, [`RX_ERROR`].
    pub const RX_STATUS: Reg = Reg(BASE + 0x40);
    /// What became of a sent frame.
    pub const TX_STATUS: Reg = Reg(BASE + 0x48);
    /// [`IRQ_ENABLE`] and its neighbours.
    pub const IRQ_CFG: Reg = Reg(BASE + 0x54);
    /// Pending interrupts; writing a one clears.
    pub const INT_STS: Reg = Reg(BASE + 0x58);
    /// Which of them interrupt: [`RX_STATUS_LEVEL`].
    pub const INT_EN: Reg = Reg(BASE + 0x5C);
    /// Reads as [`BYTE_ORDER`].
    pub const BYTE_TEST: Reg = Reg(BASE + 0x64);
    /// Levels at which the FIFOs interrupt.
    pub const FIFO_INT: Reg = Reg(BASE + 0x68);
    /// Alignment of received data.
    pub const RX_CFG: Reg = Reg(BASE + 0x6C);
    /// [`TX_ON`].
    pub const TX_CFG: Reg = Reg(BASE + 0x70);
    /// [`SOFT_RESET`], [`TX_5_KIB`], [`MUST_BE_ONE`].
    pub const HW_CFG: Reg = Reg(BASE + 0x74);
    /// Received frames that wait, in bits 16 to 23.
    pub const RX_FIFO_INF: Reg = Reg(BASE + 0x7C);
    /// Free bytes for data in bits 0 to 15, statuses that wait in bits 16 to 23.
    pub const TX_FIFO_INF: Reg = Reg(BASE + 0x80);
    /// A register of the MAC: its index, [`MAC_READ`], [`MAC_BUSY`].
    pub const MAC_CSR_CMD: Reg = Reg(BASE + 0xA4);
    /// Its value.
    pub const MAC_CSR_DATA: Reg = Reg(BASE + 0xA8);

    /// `BYTE_TEST`: bytes come in our order.
    pub const BYTE_ORDER: u32 = 0x8765_4321;
    /// `RX_STATUS`: the frame is damaged.
    pub const RX_ERROR: u32 = 1 << 15;
    /// `IRQ_CFG`: interrupts go out.
    pub const IRQ_ENABLE: u32 = 1 << 8;
    /// `IRQ_CFG`: the line is high while one is pending.
    pub const IRQ_ACTIVE_HIGH: u32 = 1 << 4;
    /// `IRQ_CFG`: the line is driven both ways.
    pub const IRQ_PUSH_PULL: u32 = 1;
    /// `INT_STS`, `INT_EN`: more received frames wait than `FIFO_INT` says.
    pub const RX_STATUS_LEVEL: u32 = 1 << 3;
    /// `TX_CFG`: the transmitter works.
    pub const TX_ON: u32 = 2;
    /// `HW_CFG`: resets all but the address of the bus; clears itself.
    pub const SOFT_RESET: u32 = 1;
    /// `HW_CFG`: 5 KiB of memory are for sending.
    pub const TX_5_KIB: u32 = 5 << 16;
    /// `HW_CFG`: reads and is written as one.
    pub const MUST_BE_ONE: u32 = 1 << 20;
    /// `TX_DATA`, first command: first and last part of a frame.
    pub const TX_FIRST: u32 = 1 << 13;
    /// See [`TX_FIRST`].
    pub const TX_LAST: u32 = 1 << 12;
    /// `MAC_CSR_CMD`: an access goes on.
    pub const MAC_BUSY: u32 = 1 << 31;
    /// `MAC_CSR_CMD`: it reads.
    pub const MAC_READ: u32 = 1 << 30;

    /// MAC: control.
    pub const MAC_CR: u32 = 1;
    /// MAC: the last two bytes of the Ethernet address.
    pub const MAC_ADDRH: u32 = 2;
    /// MAC: the first four.
    pub const MAC_ADDRL: u32 = 3;
    /// `MAC_CR`: sends and receives at once.
    pub const FULL_DUPLEX: u32 = 1 << 20;
    /// `MAC_CR`: takes every multicast frame.
    pub const PASS_ALL_MULTICAST: u32 = 1 << 19;
    /// `MAC_CR`: the transmitter works.
    pub const MAC_TX_ENABLE: u32 = 1 << 3;
    /// `MAC_CR`: the receiver works.
    pub const MAC_RX_ENABLE: u32 = 1 << 2;
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
    /// Application interrupt and reset control: [`RESET`].
    pub const AIRCR: Reg = Reg(0xE000_ED0C);
    /// `AIRCR`: resets the system.
    pub const RESET: u32 = 0x05FA_0004;
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
