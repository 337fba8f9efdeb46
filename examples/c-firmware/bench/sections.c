/*
 * A watch around the critical sections (`masked`) and the sections in which no other task runs (`alone`): the longest of
 * each, and who began it. The linker puts these functions in the place of the kernel's (--wrap).
 */
#include "bench.h"

struct section
{
    uint32_t depth, longest_ns;
    uint64_t since_ns;
    void *by, *longest_by;
};

static struct section masked, alone;

static inline void begin(struct section *section, void *by)
{
    if (section->depth++ == 0)
    {
        section->by = by;
        section->since_ns = board_now_ns();
    }
}

static inline void finish(struct section *section)
{
    if (--section->depth == 0)
    {
        uint32_t ns = (uint32_t)(board_now_ns() - section->since_ns);
        if (ns > section->longest_ns)
        {
            section->longest_ns = ns;
            section->longest_by = section->by;
        }
    }
}

extern void __real_vPortEnterCritical(void), __real_vPortExitCritical(void);
extern void __real_ts_rtos_suspend_all(void), __real_ts_rtos_resume_all(void);

void __wrap_vPortEnterCritical(void)
{
    __real_vPortEnterCritical();
    begin(&masked, __builtin_return_address(0));
}

void __wrap_vPortExitCritical(void)
{
    finish(&masked);
    __real_vPortExitCritical();
}

void __wrap_ts_rtos_suspend_all(void)
{
    __real_ts_rtos_suspend_all();
    begin(&alone, __builtin_return_address(0));
}

void __wrap_ts_rtos_resume_all(void)
{
    finish(&alone);
    __real_ts_rtos_resume_all();
}

void sections_clear(void)
{
    taskENTER_CRITICAL();
    masked.longest_ns = alone.longest_ns = 0;
    taskEXIT_CRITICAL();
}

void sections_print(const char *when)
{
    uint32_t numbers[4];
    numbers[0] = masked.longest_ns;
    numbers[1] = (uint32_t)(uintptr_t)masked.longest_by;
    numbers[2] = alone.longest_ns;
    numbers[3] = (uint32_t)(uintptr_t)alone.longest_by;
    say("sections", when, numbers, 4);
}
