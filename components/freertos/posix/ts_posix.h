/*
 * Simulated interrupts and libc calls for a program on the POSIX port.
 *
 * The port runs each task in a pthread of its own, one at a time; an interrupt is a signal to the process,
 * which only the running task has unblocked. Hence three rules:
 *
 * 1. A task calls libc only between ts_posix_mask and ts_posix_unmask: a task that is switched out inside
 *    malloc or printf keeps its lock, and the next one that wants it hangs the process.
 * 2. A call that may block belongs into a host thread (ts_posix_thread), which calls nothing of FreeRTOS
 *    and tells the tasks with ts_posix_raise.
 * 3. An interrupt handler calls only functions whose names end in FromISR.
 */
#ifndef TS_POSIX_H
#define TS_POSIX_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How many interrupt lines there are. */
#define TS_POSIX_LINES 32

/* An interrupt handler; returns non-zero if a task of higher priority was woken. */
typedef int32_t (*ts_posix_handler)(void *context);

/* Sets the handler of `line` (0 to TS_POSIX_LINES - 1). Call before the first ts_posix_raise of that line. */
void ts_posix_interrupt(uint32_t line, ts_posix_handler handler, void *context);

/* Raises `line`; from any thread, task or signal handler. Raised twice before it is served, it is served once. */
void ts_posix_raise(uint32_t line);

/* Starts a host thread with every signal blocked, detached. Returns 0 or an errno. */
int ts_posix_thread(void *(*function)(void *), void *context);

/*
 * Blocks every signal for the calling thread and returns what ts_posix_unmask needs. Sections may nest. Between
 * the two, a task calls nothing of FreeRTOS: its critical sections unblock the signals when they end.
 */
uint64_t ts_posix_mask(void);
void ts_posix_unmask(uint64_t saved);

/* The bounds of the calling thread's stack: lowest address, and the address after the highest. */
void ts_posix_stack_bounds(uintptr_t *low, uintptr_t *high);

#ifdef __cplusplus
}
#endif

#endif
