/* What the firmware needs of the machine it runs on. */
#ifndef BOARD_H
#define BOARD_H

#include <stddef.h>
#include <stdint.h>

/* Prepares the console; before everything else. */
void board_init(void);

/* Writes to the console. Any task; also before the scheduler starts. */
void board_write(const char *text, size_t len);

/* Calls `handler` in an interrupt, which is over when this returns. Tasks. */
void board_interrupt(void (*handler)(void));

/* Nanoseconds since some start; any context, also before board_init. */
uint64_t board_now_ns(void);

/* Calls `handler` in an interrupt every `period_us` microseconds from now on. Once; before the scheduler starts. */
void board_timer(uint32_t period_us, void (*handler)(void));

/* Calls `handler` in the interrupts of a line of the machine's, which is a controller's. Once for each; not on the host. */
void board_line(int line, void (*handler)(void));

/* How long ago the timer expired last. Any context. */
uint32_t board_timer_late_ns(void);

/* In an interrupt: where the task is that it interrupted, or NULL if that is not known. */
void *board_interrupted_pc(void);

/* In an interrupt: the lowest address of its stack that hard handlers in Python may use. */
uintptr_t board_interrupt_stack(void);

/* Ends the program, or the emulator, with an exit code. */
void board_exit(int code);

#endif
