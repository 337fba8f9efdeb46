/*
 * Arm MPS2 with the AN385 image (Cortex-M3) or AN500 (Cortex-M7), as QEMU emulates them: vector table, start-up, UART 0,
 * timers 0 (the clock) and 1, semihosting.
 * Sources: Arm Application Notes AN385 and AN500 (memory map, interrupts); CMSDK technical reference (UART, timer);
 * "Semihosting for AArch32 and AArch64", SYS_EXIT_EXTENDED.
 */
#include "board.h"

#include "FreeRTOS.h"

#define UART_DATA (*(volatile uint32_t *)0x40004000u)
#define UART_STATE (*(volatile uint32_t *)0x40004004u)
#define UART_CTRL (*(volatile uint32_t *)0x40004008u)
#define UART_BAUDDIV (*(volatile uint32_t *)0x40004010u)
#define TIMER0 ((volatile uint32_t *)0x40000000u)
#define TIMER1 ((volatile uint32_t *)0x40001000u)
#define TIMER1_LINE 9
#define ETHERNET_LINE 13
enum
{
    TIMER_CTRL, /* bit 0: counts down; bit 3: interrupts */
    TIMER_VALUE,
    TIMER_RELOAD,
    TIMER_INT /* 1 clears it */
};
#define NS_PER_COUNT 40u /* 25 MHz */
#define CPACR (*(volatile uint32_t *)0xe000ed88u)
#define ICSR (*(volatile uint32_t *)0xe000ed04u)
#define NVIC_ENABLE0 (*(volatile uint32_t *)0xe000e100u)
#define NVIC_PEND0 (*(volatile uint32_t *)0xe000e200u)
#define NVIC_PRIORITY ((volatile uint8_t *)0xe000e400u)

extern uint32_t __data_load[], __data_start[], __data_end[], __bss_start[], __bss_end[], __stack_top[];
extern int main(void);
extern void vPortSVCHandler(void);
extern void xPortPendSVHandler(void);
extern void xPortSysTickHandler(void);

static void reset(void)
{
#ifdef __ARM_FP
    CPACR |= 0xfu << 20; /* The floating-point unit, before its first use. */
#endif
    for (uint32_t *to = __data_start, *from = __data_load; to < __data_end;)
    {
        *to++ = *from++;
    }
    for (uint32_t *to = __bss_start; to < __bss_end;)
    {
        *to++ = 0;
    }
    main();
    board_exit(70);
}

static void stop(void)
{
    static const char text[] = "fault\r\n";
    board_write(text, sizeof text - 1);
    board_exit(71);
}

static void (*volatile handler_of_interrupt)(void);

static void interrupt(void)
{
    handler_of_interrupt();
    handler_of_interrupt = NULL;
}

static void (*handler_of_timer)(void);

static void timer_interrupt(void)
{
    TIMER1[TIMER_INT] = 1;
    handler_of_timer();
}

static void (*handler_of_ethernet)(void);

static void ethernet_interrupt(void) { handler_of_ethernet(); }

__attribute__((used, section(".vectors"))) const void *const vectors[16 + ETHERNET_LINE + 1] = {
    __stack_top, (const void *)reset, (const void *)stop, (const void *)stop, (const void *)stop, (const void *)stop,
    (const void *)stop, 0, 0, 0, 0, (const void *)vPortSVCHandler, (const void *)stop, 0,
    (const void *)xPortPendSVHandler, (const void *)xPortSysTickHandler,
    (const void *)interrupt, [16 + TIMER1_LINE] = (const void *)timer_interrupt,
    [16 + ETHERNET_LINE] = (const void *)ethernet_interrupt,
};

void board_init(void)
{
    UART_BAUDDIV = 16;
    UART_CTRL = 1;
    TIMER0[TIMER_RELOAD] = 0xffffffffu;
    TIMER0[TIMER_VALUE] = 0xffffffffu;
    TIMER0[TIMER_CTRL] = 1;
}

/* Every look counts the times that the 32 bits have wrapped, so there must be one every 171 s. */
uint64_t board_now_ns(void)
{
    static uint32_t last, wraps;
    uint32_t now, mask;
    uint64_t counts;
    __asm volatile("mrs %0, primask\n\tcpsid i" : "=r"(mask)::"memory");
    now = ~TIMER0[TIMER_VALUE];
    wraps += now < last;
    last = now;
    counts = (uint64_t)wraps << 32 | now;
    __asm volatile("msr primask, %0" ::"r"(mask) : "memory");
    return counts * NS_PER_COUNT;
}

void board_timer(uint32_t period_us, void (*handler)(void))
{
    handler_of_timer = handler;
    TIMER1[TIMER_RELOAD] = period_us * (1000 / NS_PER_COUNT) - 1;
    TIMER1[TIMER_VALUE] = period_us * (1000 / NS_PER_COUNT) - 1;
    NVIC_PRIORITY[TIMER1_LINE] = 0x40;
    NVIC_ENABLE0 = 1u << TIMER1_LINE;
    TIMER1[TIMER_CTRL] = 1 | 1 << 3;
}

/* The one controller that there is here is Ethernet's. */
void board_line(int line, void (*handler)(void))
{
    handler_of_ethernet = handler;
    NVIC_PRIORITY[line] = 0x40;
    NVIC_ENABLE0 = 1u << line;
}

/* The count 0 comes with the interrupt. */
uint32_t board_timer_late_ns(void)
{
    uint32_t left = TIMER1[TIMER_VALUE];
    return left == 0 ? 0 : (TIMER1[TIMER_RELOAD] + 1 - left) * NS_PER_COUNT;
}

/* Where the interrupted task was, from the frame that the processor pushed; not if a handler was interrupted. */
void *board_interrupted_pc(void)
{
    uint32_t *frame;
    if ((ICSR & 1u << 11) == 0) /* RETTOBASE */
    {
        return NULL;
    }
    __asm volatile("mrs %0, psp" : "=r"(frame));
    return (void *)(uintptr_t)frame[6];
}

/* The main stack ends where the variables do, far below. */
uintptr_t board_interrupt_stack(void) { return (uintptr_t)__stack_top - 16u * 1024u; }

void board_write(const char *text, size_t len)
{
    while (len-- > 0)
    {
        while (UART_STATE & 1u)
        {
        }
        UART_DATA = (uint8_t)*text++;
    }
}

/* Line 0 has no device here (the receiver of UART 0 is off): software makes it pending. */
void board_interrupt(void (*handler)(void))
{
    handler_of_interrupt = handler;
    NVIC_PRIORITY[0] = 0x40; /* Below the kernel's ceiling. */
    NVIC_ENABLE0 = 1;
    NVIC_PEND0 = 1;
    while (handler_of_interrupt != NULL)
    {
    }
}

void board_exit(int code)
{
    uint32_t block[2] = {0x20026u, (uint32_t)code};
    register uint32_t operation __asm("r0") = 0x20u;
    register uint32_t *argument __asm("r1") = block;
    __asm volatile("bkpt 0xab" : "+r"(operation) : "r"(argument) : "memory");
    for (;;)
    {
    }
}

/* The kernel's failed assertion. */
void firmware_assert(const char *file, int line)
{
    size_t len = 0;
    (void)line;
    while (file[len] != '\0')
    {
        len++;
    }
    board_write(file, len);
    board_write(": assertion failed\r\n", 20);
    board_exit(72);
}
