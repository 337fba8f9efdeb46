/*
 * Arm MPS2 with the AN385 image (Cortex-M3), as QEMU emulates it: vector table, start-up, UART 0, semihosting.
 * Sources: Arm Application Note AN385 (memory map); CMSDK technical reference (UART); "Semihosting for AArch32 and
 * AArch64", SYS_EXIT_EXTENDED.
 */
#include "board.h"

#include "FreeRTOS.h"

#define UART_DATA (*(volatile uint32_t *)0x40004000u)
#define UART_STATE (*(volatile uint32_t *)0x40004004u)
#define UART_CTRL (*(volatile uint32_t *)0x40004008u)
#define UART_BAUDDIV (*(volatile uint32_t *)0x40004010u)
#define NVIC_ENABLE0 (*(volatile uint32_t *)0xe000e100u)
#define NVIC_PEND0 (*(volatile uint32_t *)0xe000e200u)
#define NVIC_PRIORITY0 (*(volatile uint8_t *)0xe000e400u)

extern uint32_t __data_load[], __data_start[], __data_end[], __bss_start[], __bss_end[], __stack_top[];
extern int main(void);
extern void vPortSVCHandler(void);
extern void xPortPendSVHandler(void);
extern void xPortSysTickHandler(void);

static void reset(void)
{
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

__attribute__((used, section(".vectors"))) const void *const vectors[17] = {
    __stack_top, (const void *)reset, (const void *)stop, (const void *)stop, (const void *)stop, (const void *)stop,
    (const void *)stop, 0, 0, 0, 0, (const void *)vPortSVCHandler, (const void *)stop, 0,
    (const void *)xPortPendSVHandler, (const void *)xPortSysTickHandler,
    (const void *)interrupt,
};

void board_init(void)
{
    UART_BAUDDIV = 16;
    UART_CTRL = 1;
}

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
    NVIC_PRIORITY0 = 0x40; /* Below the kernel's ceiling. */
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
