/*
 * Measurements of Python's threads beside C tasks. Everything is printed as lines `what figures...`; times are
 * nanoseconds, which under `qemu -icount shift=0` are instructions.
 */
#ifndef BENCH_H
#define BENCH_H

#include "FreeRTOS.h"
#include "board.h"
#include "task.h"
#include "threadsnake.h"

/* A Python program in ROM. */
struct script
{
    const char *name, *begin, *end;
};
extern const struct script *const script_requests, *const script_busy, *const script_storms, *const script_bytes,
    *const script_idle;
/* Upstream's programs about threads, if the build was given them; NULL is the last. */
extern const struct script *const script_loads[];

/* The tasks' priorities. */
#define PYTHON_PRIORITY 2
#define CLIENT_PRIORITY 4
#define CONTROL_PRIORITY 5
#define CANARY_PRIORITY 7

#define THREADS 17
#define THREAD_STACK (16u * 1024u)

/* Prints a line: a name, then numbers. */
void say(const char *what, const char *detail, const uint32_t *numbers, size_t n);

extern ts_vm *python;

/* Starts `script` with the global variable MODE; waits until it calls bench.ready(), which it does not if `mode` is
 * NULL. */
void start(const struct script *script, const char *mode);
/* Waits for the program's end, at most `timeout_ms`; kills it then. What it came to. */
ts_status end(uint32_t timeout_ms);

/* p50, p99 and the greatest of `n` samples, which are sorted. */
void percentiles(uint32_t *samples, size_t n, uint32_t result[3]);

/* The parts. */
void measure_handover(void);
void note_stamp(int32_t thread);
void canary_start(void);
void measure_canary(void);
void sections_clear(void);
void sections_print(const char *when);

#endif
