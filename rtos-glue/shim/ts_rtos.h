/*
 * The kernel's API as Threadsnake needs it, in fixed-width types.
 *
 * Compiled against the kernel's own headers and the board's FreeRTOSConfig.h, so it is right for every kernel,
 * also one whose BaseType_t is not 32 bits. It has what the crate freertos-rust lacks: static tasks, priorities,
 * notifications by index, per-task data, calls that are right in tasks and interrupts alike.
 *
 * A task is named by its kernel handle (`void *`, never NULL unless said). Times are in ticks; TS_RTOS_FOREVER
 * waits without limit. "Any context" means task or interrupt at or below the kernel's syscall priority.
 */
#ifndef TS_RTOS_H
#define TS_RTOS_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define TS_RTOS_FOREVER 0xffffffffu

/* Starts the scheduler. Returns when a task has called ts_rtos_end (POSIX), else never. */
void ts_rtos_start(void);
void ts_rtos_end(void);

/* 0: not started, 1: running, 2: suspended. */
uint32_t ts_rtos_state(void);

/* Non-zero in an interrupt handler. Any context. */
uint32_t ts_rtos_in_isr(void);

/* configMAX_PRIORITIES, configTICK_RATE_HZ and the ticks since the start (any context). */
uint32_t ts_rtos_priorities(void);
uint32_t ts_rtos_tick_hz(void);
uint32_t ts_rtos_ticks(void);

/* Microseconds since the start in steps of a tick; does not wrap. Any context. */
uint64_t ts_rtos_uptime_us(void);

/*
 * Makes a task in `bytes` bytes at `memory` (16-byte aligned): its control block, then its stack. The memory is
 * the kernel's until the task is deleted, which only another task may do. NULL if `memory` is too small.
 */
void *ts_rtos_task_new(void (*entry)(void *), void *argument, const char *name, uint32_t priority, void *memory,
                       uint32_t bytes);

/* Ends a task that is not the calling one; its memory is the caller's again when this returns. */
void ts_rtos_task_delete(void *task);

/* The calling task; NULL before the first one was made. */
void *ts_rtos_task_current(void);

/* The stack of the calling task: lowest address, and the address after the highest. */
void ts_rtos_stack_bounds(uintptr_t *low, uintptr_t *high);

/* Bytes of the task's stack that were never used (meaningless on POSIX, where it counts the wrong stack). */
uint32_t ts_rtos_stack_unused(void *task);

const char *ts_rtos_task_name(void *task);
uint32_t ts_rtos_priority(void *task);
void ts_rtos_set_priority(void *task, uint32_t priority);

/* One pointer per task; NULL in a new task. */
void *ts_rtos_task_data(void *task);
void ts_rtos_set_task_data(void *task, void *data);

void ts_rtos_delay(uint32_t ticks);
void ts_rtos_yield(void);

/* Wakes `task` from ts_rtos_notified, now or the next time it calls it. Any context. */
void ts_rtos_notify(void *task);

/* Waits until the calling task is notified, at most `ticks`; returns 0 on time-out. Notifications do not add up. */
uint32_t ts_rtos_notified(uint32_t ticks);

/* Keeps other tasks, but not interrupts, from running. May nest; no call in between may block. */
void ts_rtos_suspend_all(void);
void ts_rtos_resume_all(void);

/* Keeps other tasks and interrupts from running; any context; may nest. Pass on what the first returned. */
uint32_t ts_rtos_lock(void);
void ts_rtos_unlock(uint32_t saved);

/* What the kernel knows of a task. */
typedef struct ts_rtos_task_info
{
    void *task;
    char name[16];         /* cut, terminated */
    uint32_t state;        /* 0 running, 1 ready, 2 blocked, 3 suspended, 4 deleted */
    uint32_t priority;     /* now */
    uint32_t stack_unused; /* bytes that were never used */
    uint64_t run_time;     /* in units of the kernel's counter; 0 where it keeps none */
} ts_rtos_task_info;

/* Describes at most `most` tasks; returns how many there are, 0 if there is no memory for the list. Takes time in
 * proportion to the tasks' unused stacks. `run_time` is the counter now, 0 where the kernel keeps none. */
uint32_t ts_rtos_tasks(ts_rtos_task_info *tasks, uint32_t most, uint64_t *run_time);

/* Bytes of the kernel's heap that are free, and that were free at the worst moment; 0 where the heap does not know. */
void ts_rtos_heap(uint32_t *free_bytes, uint32_t *least_bytes);

/* A software timer that calls `*owner` with `owner`, in the kernel's timer task; owner begins with the function. NULL
 * without memory or timers. Made once and never deleted. */
void *ts_rtos_timer_new(void *owner);
/* Starts it: first after `ticks` (not 0), then again and again if `repeat` is not 0; stops it. Return 0 if the kernel's
 * queue of commands stays full. */
uint32_t ts_rtos_timer_start(void *timer, uint32_t ticks, uint32_t repeat);
uint32_t ts_rtos_timer_stop(void *timer);

/* The kernel's own memory, for RTOS objects; aligned to portBYTE_ALIGNMENT (at least 8). NULL when used up. */
void *ts_rtos_malloc(uint32_t bytes);
void ts_rtos_free(void *block);

#ifdef __cplusplus
}
#endif

#endif
