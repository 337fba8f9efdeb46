/*
 * How long the interpreter's lock takes from one task to another.
 *
 * `asked`: a C task of higher priority than all Python threads comes back from a call that did not need the lock and
 * wants it again, while so many threads compute: until it has it. With 0 threads that is the cost of letting go and
 * taking again, both halves.
 * `slice`: threads of one priority mark time in a loop; between the last mark of one and the first of the next.
 */
#include "bench.h"

#define SAMPLES 500

static uint32_t samples[SAMPLES];
static volatile size_t n_samples;
static uint64_t asked_ns;
static uint32_t chance = 1;

/* A number below `limit`, the same ones in every run. */
static uint32_t chosen(uint32_t limit)
{
    chance = chance * 1664525u + 1013904223u;
    return (chance >> 8) % limit;
}

/* Anywhere between two ticks. */
static void pause(void *context)
{
    uint64_t until_ns;
    (void)context;
    vTaskDelay(1);
    until_ns = board_now_ns() + chosen(1000) * 1000;
    while ((asked_ns = board_now_ns()) < until_ns)
    {
    }
}

static void nothing(void *context) { (void)context; }

static int32_t last_thread;
static uint64_t last_ns;

void note_stamp(int32_t thread)
{
    uint64_t now_ns = board_now_ns();
    if (thread != last_thread && last_thread >= 0 && n_samples < SAMPLES)
    {
        samples[n_samples++] = (uint32_t)(now_ns - last_ns);
    }
    last_thread = thread;
    last_ns = now_ns;
}

static void asked(const char *threads)
{
    ts_attachment attachment;
    uint32_t result[3];
    start(script_busy, threads);
    ts_attach(python, &attachment);
    for (size_t i = 0; i < SAMPLES; i++)
    {
        ts_blocking(python, pause, NULL);
        samples[i] = (uint32_t)(board_now_ns() - asked_ns);
    }
    ts_detach(&attachment);
    end(0);
    percentiles(samples, SAMPLES, result);
    say("asked", threads, result, 3);
}

static void slice(const char *threads, const char *mode)
{
    uint32_t result[3];
    n_samples = 0;
    last_thread = -1;
    start(script_busy, mode);
    /* A slice has 5 ms. */
    for (int i = 0; i < 30 && n_samples < SAMPLES; i++)
    {
        vTaskDelay(pdMS_TO_TICKS(100));
    }
    end(0);
    percentiles(samples, n_samples, result);
    say("slice", threads, result, 3);
}

static void release_and_take(const char *threads)
{
    ts_attachment attachment;
    uint64_t before_ns;
    uint32_t each;
    start(script_busy, threads);
    ts_attach(python, &attachment);
    before_ns = board_now_ns();
    for (int i = 0; i < SAMPLES; i++)
    {
        ts_blocking(python, nothing, NULL);
    }
    each = (uint32_t)((board_now_ns() - before_ns) / SAMPLES);
    ts_detach(&attachment);
    end(0);
    say("release", threads, &each, 1);
}

void measure_handover(void)
{
    release_and_take("0");
    start(script_busy, "count");
    end(60000);
    asked("2");
    asked("4");
    asked("8");
    asked("16");
    slice("2", "stamp 2");
    slice("4", "stamp 4");
    slice("8", "stamp 8");
    slice("16", "stamp 16");
}
