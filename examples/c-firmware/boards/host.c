/* A Linux process. A task that calls the C library masks all signals: see ts_posix.h. */
#include "board.h"

#include "FreeRTOS.h"
#include "ts_posix.h"

#include <time.h>
#include <unistd.h>

void board_init(void) {}

void board_write(const char *text, size_t len)
{
    uint64_t saved = ts_posix_mask();
    while (len > 0)
    {
        ssize_t n = write(1, text, len);
        if (n <= 0)
        {
            break;
        }
        text += n;
        len -= (size_t)n;
    }
    ts_posix_unmask(saved);
}

static void (*volatile handler_of_interrupt)(void);

static int32_t interrupt(void *context)
{
    (void)context;
    handler_of_interrupt();
    handler_of_interrupt = NULL;
    return 0;
}

void board_interrupt(void (*handler)(void))
{
    handler_of_interrupt = handler;
    ts_posix_interrupt(0, interrupt, NULL);
    ts_posix_raise(0);
    while (handler_of_interrupt != NULL)
    {
    }
}

uint64_t board_now_ns(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now); /* takes no lock */
    return (uint64_t)now.tv_sec * 1000000000u + (uint64_t)now.tv_nsec;
}

static void (*handler_of_timer)(void);
static volatile uint64_t timer_expired_ns;
static uint32_t timer_period_us;

static int32_t timer_interrupt(void *context)
{
    (void)context;
    handler_of_timer();
    return 1;
}

static void *timer_thread(void *context)
{
    uint64_t at_ns = board_now_ns();
    for (;;)
    {
        struct timespec at;
        at_ns += timer_period_us * 1000u;
        at.tv_sec = (time_t)(at_ns / 1000000000u);
        at.tv_nsec = (long)(at_ns % 1000000000u);
        clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &at, NULL);
        timer_expired_ns = at_ns;
        ts_posix_raise(1);
    }
    return context;
}

void board_timer(uint32_t period_us, void (*handler)(void))
{
    handler_of_timer = handler;
    timer_period_us = period_us;
    timer_expired_ns = board_now_ns();
    ts_posix_interrupt(1, timer_interrupt, NULL);
    ts_posix_thread(timer_thread, NULL);
}

uint32_t board_timer_late_ns(void) { return (uint32_t)(board_now_ns() - timer_expired_ns); }

void *board_interrupted_pc(void) { return NULL; }

/* Interrupts run on the stack of the thread that they interrupt, which has megabytes. */
uintptr_t board_interrupt_stack(void)
{
    int here;
    return (uintptr_t)&here - 256u * 1024u;
}

void board_exit(int code) { _exit(code); }

/* The kernel's failed assertion. */
void firmware_assert(const char *file, int line)
{
    (void)line;
    size_t len = 0;
    while (file[len] != '\0')
    {
        len++;
    }
    board_write("assertion failed in ", 20);
    board_write(file, len);
    board_write("\n", 1);
    board_exit(70);
}
