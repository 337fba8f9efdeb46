/*
 * What the POSIX port of the kernel needs to be dependable: see ts_posix.h for the rules.
 *
 * The port's files are compiled with -Dname=ts_posix_name for the libc functions below, so that
 *  - no libc lock is held by a task that is switched out (pthread_join of a deleted task against
 *    pthread_create of a new one hung the process),
 *  - the tick keeps time: an absolute clock instead of usleep, and it stops while no task is due,
 *  - the tick's signal restarts system calls instead of breaking them off, and makes up for signals that
 *    were merged because the process had no CPU,
 *  - a task has a stack of known size, and SIGINT never lands on a task.
 */
#include "FreeRTOS.h"
#include "task.h"

#include "ts_posix.h"

#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#if (configUSE_TICKLESS_IDLE == 0)
    #error "FreeRTOSConfig.h: the POSIX port needs configUSE_TICKLESS_IDLE 1, else an idle process burns a core"
#endif

/* The stack of a task's thread in bytes; virtual, touched as it is used. */
#define STACK_BYTES (8u * 1024 * 1024)
/* The signal that stands for all interrupts but the tick (SIGALRM). SIGUSR1 is the port's. */
#define SIG_INTERRUPT SIGUSR2

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static struct timespec to_timespec(uint64_t ns)
{
    return (struct timespec){.tv_sec = (time_t)(ns / 1000000000u), .tv_nsec = (long)(ns % 1000000000u)};
}

/* ---- libc without locks held across a switch ---- */

uint64_t ts_posix_mask(void)
{
    sigset_t all, old;
    uint64_t saved = 0;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    memcpy(&saved, &old, sizeof saved); /* The kernel's 64 signals are the first word of a sigset_t. */
    return saved;
}

void ts_posix_unmask(uint64_t saved)
{
    sigset_t old;
    sigemptyset(&old);
    memcpy(&old, &saved, sizeof saved);
    pthread_sigmask(SIG_SETMASK, &old, NULL);
}

#define MASKED(type, call)             \
    uint64_t saved = ts_posix_mask();  \
    type result = (call);              \
    ts_posix_unmask(saved);            \
    return result

void *ts_posix_malloc(size_t size) { MASKED(void *, malloc(size)); }

void ts_posix_free(void *block)
{
    uint64_t saved = ts_posix_mask();
    free(block);
    ts_posix_unmask(saved);
}

int ts_posix_pthread_join(pthread_t thread, void **value) { MASKED(int, pthread_join(thread, value)); }

int ts_posix_pthread_cancel(pthread_t thread) { MASKED(int, pthread_cancel(thread)); }

/* A program that links with -Wl,--wrap=malloc and so on has these for every object file in it. */
void *__real_malloc(size_t size) __attribute__((weak));
void *__real_calloc(size_t n, size_t size) __attribute__((weak));
void *__real_realloc(void *block, size_t size) __attribute__((weak));
void __real_free(void *block) __attribute__((weak));
void *__wrap_malloc(size_t size) { MASKED(void *, __real_malloc(size)); }
void *__wrap_calloc(size_t n, size_t size) { MASKED(void *, __real_calloc(n, size)); }
void *__wrap_realloc(void *block, size_t size) { MASKED(void *, __real_realloc(block, size)); }

void __wrap_free(void *block)
{
    uint64_t saved = ts_posix_mask();
    __real_free(block);
    ts_posix_unmask(saved);
}

/* ---- threads ---- */

static atomic_ullong tick_count; /* Ticks that were due since tick 0. */
static uint64_t ticks_served;    /* Ticks given to the kernel: by the running task, signals masked. */
static void (*serve_tick)(int);  /* The port's. */

/* One signal may stand for several ticks. A tick may switch tasks, so the counters are read anew each time. */
static void serve_ticks(int signal_number)
{
    while (ticks_served < atomic_load(&tick_count))
    {
        ticks_served++;
        serve_tick(signal_number);
    }
}

/* Puts ours around the port's handler. */
static void cure_tick_handler(void)
{
    struct sigaction action;
    if (sigaction(SIGALRM, NULL, &action) == 0)
    {
        serve_tick = action.sa_handler;
        action.sa_handler = serve_ticks;
        action.sa_flags |= SA_RESTART;
        sigaction(SIGALRM, &action, NULL);
    }
}

/* For the port: it has installed its tick handler when it makes its first thread. */
int ts_posix_pthread_create(pthread_t *thread, const pthread_attr_t *attr, void *(*function)(void *), void *argument)
{
    static bool tick_is_cured = false;
    pthread_attr_t own;
    uint64_t saved = ts_posix_mask();
    (void)attr;
    if (!tick_is_cured)
    {
        tick_is_cured = true;
        cure_tick_handler();
    }
    pthread_attr_init(&own);
    pthread_attr_setstacksize(&own, STACK_BYTES);
    int result = pthread_create(thread, &own, function, argument);
    pthread_attr_destroy(&own);
    ts_posix_unmask(saved);
    return result;
}

int ts_posix_thread(void *(*function)(void *), void *context)
{
    pthread_t thread;
    uint64_t saved = ts_posix_mask();
    int result = pthread_create(&thread, NULL, function, context);
    if (result == 0)
    {
        pthread_detach(thread);
    }
    ts_posix_unmask(saved);
    return result;
}

/* The bounds of the calling task's stack: the shim asks, because the kernel does not know. */
void ts_posix_stack_bounds(uintptr_t *low, uintptr_t *high)
{
    pthread_attr_t attr;
    void *base = NULL;
    size_t size = 0;
    uint64_t saved = ts_posix_mask();
    if (pthread_getattr_np(pthread_self(), &attr) == 0)
    {
        pthread_attr_getstack(&attr, &base, &size);
        pthread_attr_destroy(&attr);
    }
    ts_posix_unmask(saved);
    *low = (uintptr_t)base;
    *high = (uintptr_t)base + size;
}

/* ---- the tick ---- */

/* Shared by the tick thread and the idle task, which masks all signals while it holds the lock. */
static pthread_mutex_t tick_lock = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t tick_changed;
static pthread_once_t tick_once = PTHREAD_ONCE_INIT;
static bool tick_stopped;
static uint64_t tick_zero_ns;  /* When tick 0 was. */
static uint64_t tick_period_ns;

static void tick_init(void)
{
    pthread_condattr_t attr;
    pthread_condattr_init(&attr);
    pthread_condattr_setclock(&attr, CLOCK_MONOTONIC);
    pthread_cond_init(&tick_changed, &attr);
    pthread_condattr_destroy(&attr);
    tick_period_ns = 1000000000u / configTICK_RATE_HZ;
    tick_zero_ns = now_ns();
}

/* For the port's tick thread: returns when the next tick is due. */
int ts_posix_usleep(unsigned microseconds)
{
    (void)microseconds;
    pthread_once(&tick_once, tick_init);
    pthread_mutex_lock(&tick_lock);
    for (;;)
    {
        if (tick_stopped)
        {
            pthread_cond_wait(&tick_changed, &tick_lock);
            continue;
        }
        uint64_t due = tick_zero_ns + (tick_count + 1) * tick_period_ns;
        uint64_t now = now_ns();
        if (now >= due)
        {
            if (now - due > 100000000u)
            {
                tick_zero_ns += now - due; /* The process was stopped: go on from here, no burst. */
            }
            tick_count++;
            break;
        }
        struct timespec until = to_timespec(due);
        pthread_cond_timedwait(&tick_changed, &tick_lock, &until);
    }
    pthread_mutex_unlock(&tick_lock);
    return 0;
}

void ts_posix_sleep(TickType_t ticks)
{
    taskENTER_CRITICAL(); /* Masks all signals but SIGINT, which no task has unblocked. */
    eSleepModeStatus status = eTaskConfirmSleepModeStatus();
    if (status != eAbortSleep)
    {
        struct timespec span;
        struct timespec *timeout = &span;
        sigset_t waiting;

        pthread_once(&tick_once, tick_init);
        pthread_mutex_lock(&tick_lock);
        tick_stopped = true;
        uint64_t wake = tick_zero_ns + (ticks_served + ticks) * tick_period_ns;
        pthread_mutex_unlock(&tick_lock);

        uint64_t now = now_ns();
        span = to_timespec(wake > now ? wake - now : 0);
        #if (INCLUDE_vTaskSuspend == 1)
        if (status == eNoTasksWaitingTimeout)
        {
            timeout = NULL;
        }
        #endif
        sigemptyset(&waiting);
        sigaddset(&waiting, SIGALRM);
        sigaddset(&waiting, SIGINT);
        ppoll(NULL, 0, timeout, &waiting); /* Ends early when an interrupt has been served. */

        pthread_mutex_lock(&tick_lock);
        uint64_t passed = (now_ns() - tick_zero_ns) / tick_period_ns;
        uint64_t step = passed > ticks_served ? passed - ticks_served : 0;
        step = step < ticks ? step : ticks;
        ticks_served += step;
        if (passed > tick_count)
        {
            tick_count = passed;
        }
        tick_stopped = false;
        pthread_cond_signal(&tick_changed);
        pthread_mutex_unlock(&tick_lock);
        vTaskStepTick((TickType_t)step);
    }
    taskEXIT_CRITICAL();
}

uint32_t ts_posix_run_time(void)
{
    return (uint32_t)(now_ns() / 1000u);
}

/* ---- simulated interrupts ---- */

volatile int ts_posix_in_interrupt;
/* Set by ts_rtos_notify in a handler that has woken a task of higher priority. */
volatile int ts_posix_woken;
static struct
{
    ts_posix_handler handler;
    void *context;
} lines[TS_POSIX_LINES];
static atomic_uint raised;
static pthread_once_t interrupt_once = PTHREAD_ONCE_INIT;

static void serve_interrupts(int signal_number)
{
    BaseType_t woken;
    int saved_errno = errno;
    (void)signal_number;
    ts_posix_in_interrupt = 1;
    unsigned bits = atomic_exchange(&raised, 0);
    while (bits != 0)
    {
        unsigned line = (unsigned)__builtin_ctz(bits);
        bits &= bits - 1;
        if (lines[line].handler(lines[line].context))
        {
            ts_posix_woken = 1;
        }
    }
    woken = ts_posix_woken ? pdTRUE : pdFALSE;
    ts_posix_woken = 0;
    ts_posix_in_interrupt = 0;
    errno = saved_errno;
    portYIELD_FROM_ISR(woken);
}

static void interrupt_init(void)
{
    struct sigaction action = {.sa_handler = serve_interrupts, .sa_flags = SA_RESTART};
    sigfillset(&action.sa_mask);
    sigaction(SIG_INTERRUPT, &action, NULL);
}

void ts_posix_interrupt(uint32_t line, ts_posix_handler handler, void *context)
{
    if (line < TS_POSIX_LINES)
    {
        uint64_t saved = ts_posix_mask();
        pthread_once(&interrupt_once, interrupt_init);
        lines[line].context = context;
        lines[line].handler = handler;
        ts_posix_unmask(saved);
    }
}

void ts_posix_raise(uint32_t line)
{
    if (line < TS_POSIX_LINES && lines[line].handler != NULL)
    {
        atomic_fetch_or(&raised, 1u << line);
        kill(getpid(), SIG_INTERRUPT);
    }
}
