/*
 * A C task above Python that must run every millisecond: how late does it, whatever Python does?
 *
 * A hardware timer expires that often. `isr` is from there to its interrupt, which a masked interrupt delays;
 * `task` from there to the canary, which a suspended scheduler delays as well. Both are read from the timer's own count.
 */
#include "bench.h"

/* Not quite the tick's, so that it comes at every moment between two ticks. */
#define PERIOD_US 999

static TaskHandle_t canary;
static volatile uint32_t expired, runs, isr_ns, task_ns;
static void *volatile isr_pc;
static volatile int watching;

static void timer_interrupt(void)
{
    BaseType_t woken = pdFALSE;
    uint32_t late_ns = board_timer_late_ns();
    if (watching)
    {
        expired++;
        if (late_ns > isr_ns)
        {
            isr_ns = late_ns;
            isr_pc = board_interrupted_pc();
        }
        vTaskNotifyGiveFromISR(canary, &woken);
    }
#ifdef TS_POSIX_PORT
    (void)woken; /* The end of the handler switches. */
#else
    portYIELD_FROM_ISR(woken);
#endif
}

static void sing(void *argument)
{
    (void)argument;
    for (;;)
    {
        uint32_t late_ns;
        ulTaskNotifyTake(pdTRUE, portMAX_DELAY);
        late_ns = board_timer_late_ns();
        runs++;
        if (late_ns > task_ns)
        {
            task_ns = late_ns;
        }
    }
}

void canary_start(void) { xTaskCreate(sing, "canary", 512, NULL, CANARY_PRIORITY, &canary); }

static void watch(void)
{
    sections_clear();
    expired = runs = isr_ns = task_ns = 0;
    isr_pc = NULL;
    watching = 1;
}

static void report(const char *when)
{
    uint32_t numbers[5];
    watching = 0;
    vTaskDelay(2);
    board_write("\n", 1); /* Python may have been in the middle of a line. */
    numbers[0] = runs;
    numbers[1] = expired - runs;
    numbers[2] = isr_ns;
    numbers[3] = task_ns;
    numbers[4] = (uint32_t)(uintptr_t)isr_pc;
    say("canary", when, numbers, 5);
    sections_print(when);
}

static void during(const char *storm)
{
    start(script_storms, storm);
    watch();
    vTaskDelay(pdMS_TO_TICKS(1000));
    report(storm);
    end(0);
}

/* Programs that nobody wrote for this; each has a minute. */
static void during_loads(void)
{
    uint32_t results[1];
    watch();
    for (const struct script *const *load = script_loads; *load != NULL; load++)
    {
        start(*load, NULL);
        results[0] = (uint32_t)end(60000);
        board_write("\n", 1);
        say("load", (*load)->name, results, 1);
    }
    if (script_loads[0] != NULL)
    {
        report("upstream");
    }
}

void measure_canary(void)
{
    board_timer(PERIOD_US, timer_interrupt);
    watch();
    vTaskDelay(pdMS_TO_TICKS(1000));
    report("nothing");
    during("garbage");
    during("threads");
    during("console");
    during("scheduled");
    during("disable_irq");
    during_loads();
    /* The end of a VM, by its program or by a kill, and its next start. */
    watch();
    for (int i = 0; i < 50; i++)
    {
        start(script_storms, i % 2 ? "garbage" : "threads");
        vTaskDelay(pdMS_TO_TICKS(5 + i % 7));
        end(0);
    }
    report("restarts");
}
