/* See ts_rtos.h. A setting that is missing from FreeRTOSConfig.h stops the compilation by name. */
#include "FreeRTOS.h"
#include "task.h"
#if (configUSE_TIMERS == 1)
    #include "timers.h"
#endif

#include "ts_rtos.h"

#if (configSUPPORT_STATIC_ALLOCATION != 1)
    #error "FreeRTOSConfig.h: Threadsnake needs configSUPPORT_STATIC_ALLOCATION 1 (its tasks live in memory you give)"
#endif
#if (configUSE_PREEMPTION != 1)
    #error "FreeRTOSConfig.h: Threadsnake needs configUSE_PREEMPTION 1"
#endif
#if (configUSE_TASK_NOTIFICATIONS != 1) || (configTASK_NOTIFICATION_ARRAY_ENTRIES < 2)
    #error "FreeRTOSConfig.h: Threadsnake needs configTASK_NOTIFICATION_ARRAY_ENTRIES 2 or more (it uses the last)"
#endif
#if (configNUM_THREAD_LOCAL_STORAGE_POINTERS < 1)
    #error "FreeRTOSConfig.h: Threadsnake needs configNUM_THREAD_LOCAL_STORAGE_POINTERS 1 or more (it uses the last)"
#endif
#if (configUSE_MUTEXES != 1)
    #error "FreeRTOSConfig.h: Threadsnake needs configUSE_MUTEXES 1"
#endif
#if (configUSE_TRACE_FACILITY != 1) || (configRECORD_STACK_HIGH_ADDRESS != 1)
    #error "FreeRTOSConfig.h: Threadsnake needs configUSE_TRACE_FACILITY 1 and configRECORD_STACK_HIGH_ADDRESS 1 (bounds of stacks)"
#endif
#if (configTICK_RATE_HZ > 1000000)
    #error "FreeRTOSConfig.h: Threadsnake needs configTICK_RATE_HZ of at most 1000000"
#endif
#if (INCLUDE_vTaskDelay != 1)
    #error "FreeRTOSConfig.h: Threadsnake needs INCLUDE_vTaskDelay 1"
#endif
#if (INCLUDE_vTaskDelete != 1)
    #error "FreeRTOSConfig.h: Threadsnake needs INCLUDE_vTaskDelete 1 (to give back the memory of a VM's task)"
#endif
#if (INCLUDE_vTaskSuspend != 1)
    #error "FreeRTOSConfig.h: Threadsnake needs INCLUDE_vTaskSuspend 1 (else portMAX_DELAY ends)"
#endif
#if (INCLUDE_vTaskPrioritySet != 1) || (INCLUDE_uxTaskPriorityGet != 1)
    #error "FreeRTOSConfig.h: Threadsnake needs INCLUDE_vTaskPrioritySet 1 and INCLUDE_uxTaskPriorityGet 1"
#endif
#if (INCLUDE_uxTaskGetStackHighWaterMark != 1)
    #error "FreeRTOSConfig.h: Threadsnake needs INCLUDE_uxTaskGetStackHighWaterMark 1"
#endif

/* The last of each array, so that other components keep the usual first ones. */
#define NOTIFY_INDEX (configTASK_NOTIFICATION_ARRAY_ENTRIES - 1)
#define DATA_INDEX (configNUM_THREAD_LOCAL_STORAGE_POINTERS - 1)

#ifdef TS_POSIX_PORT
extern void ts_posix_stack_bounds(uintptr_t *low, uintptr_t *high);
#endif

static TickType_t to_ticks(uint32_t ticks)
{
    return ticks == TS_RTOS_FOREVER ? portMAX_DELAY : (TickType_t)ticks;
}

void ts_rtos_start(void) { vTaskStartScheduler(); }

void ts_rtos_end(void) { vTaskEndScheduler(); }

uint32_t ts_rtos_state(void)
{
    switch (xTaskGetSchedulerState())
    {
        case taskSCHEDULER_NOT_STARTED: return 0;
        case taskSCHEDULER_RUNNING: return 1;
        default: return 2;
    }
}

uint32_t ts_rtos_in_isr(void) { return xPortIsInsideInterrupt() != pdFALSE; }

uint32_t ts_rtos_priorities(void) { return configMAX_PRIORITIES; }

uint32_t ts_rtos_tick_hz(void) { return configTICK_RATE_HZ; }

uint32_t ts_rtos_ticks(void)
{
    return (uint32_t)(xPortIsInsideInterrupt() != pdFALSE ? xTaskGetTickCountFromISR() : xTaskGetTickCount());
}

uint64_t ts_rtos_uptime_us(void)
{
    TimeOut_t now;
    uint64_t ticks;
    uint32_t saved = ts_rtos_lock();
    vTaskInternalSetTimeOutState(&now);
    ts_rtos_unlock(saved);
    ticks = (uint64_t)now.xTimeOnEntering;
    if (sizeof(TickType_t) < sizeof(uint64_t))
    {
        ticks += (uint64_t)(uint32_t)now.xOverflowCount << (8u * (sizeof(TickType_t) % sizeof(uint64_t)));
    }
    return ticks * (1000000u / configTICK_RATE_HZ) + ticks * (1000000u % configTICK_RATE_HZ) / configTICK_RATE_HZ;
}

void *ts_rtos_task_new(void (*entry)(void *), void *argument, const char *name, uint32_t priority, void *memory,
                       uint32_t bytes)
{
    const uint32_t control = (sizeof(StaticTask_t) + 15u) & ~15u;
    uint32_t words;
    if (memory == NULL || bytes < control)
    {
        return NULL;
    }
    words = (bytes - control) / sizeof(StackType_t);
    if (words < configMINIMAL_STACK_SIZE)
    {
        return NULL;
    }
    return xTaskCreateStatic(entry, name, words, argument, priority, (StackType_t *)((uint8_t *)memory + control),
                             (StaticTask_t *)memory);
}

void ts_rtos_task_delete(void *task) { vTaskDelete(task); }

void *ts_rtos_task_current(void) { return xTaskGetCurrentTaskHandle(); }

void ts_rtos_stack_bounds(uintptr_t *low, uintptr_t *high)
{
#ifdef TS_POSIX_PORT
    ts_posix_stack_bounds(low, high);
#else
    TaskStatus_t status;
    vTaskGetInfo(NULL, &status, pdFALSE, eRunning);
    *low = (uintptr_t)status.pxStackBase;
    *high = (uintptr_t)(status.pxEndOfStack + 1);
#endif
}

uint32_t ts_rtos_stack_unused(void *task) { return (uint32_t)(uxTaskGetStackHighWaterMark(task) * sizeof(StackType_t)); }

const char *ts_rtos_task_name(void *task) { return pcTaskGetName(task); }

uint32_t ts_rtos_priority(void *task) { return (uint32_t)uxTaskPriorityGet(task); }

void ts_rtos_set_priority(void *task, uint32_t priority) { vTaskPrioritySet(task, priority); }

void *ts_rtos_task_data(void *task) { return pvTaskGetThreadLocalStoragePointer(task, DATA_INDEX); }

void ts_rtos_set_task_data(void *task, void *data) { vTaskSetThreadLocalStoragePointer(task, DATA_INDEX, data); }

void ts_rtos_delay(uint32_t ticks) { vTaskDelay(to_ticks(ticks)); }

void ts_rtos_yield(void) { taskYIELD(); }

void ts_rtos_notify(void *task)
{
    if (xPortIsInsideInterrupt() != pdFALSE)
    {
        BaseType_t woken = pdFALSE;
        (void)xTaskNotifyIndexedFromISR(task, NOTIFY_INDEX, 1, eSetValueWithOverwrite, &woken);
        #ifdef TS_POSIX_PORT
        /* On POSIX a yield is a switch at once, inside the handler: the handler's end does it. */
        extern volatile int ts_posix_woken;
        ts_posix_woken |= woken;
        #else
        portYIELD_FROM_ISR(woken);
        #endif
    }
    else
    {
        (void)xTaskNotifyIndexed(task, NOTIFY_INDEX, 1, eSetValueWithOverwrite);
    }
}

uint32_t ts_rtos_notified(uint32_t ticks) { return ulTaskNotifyTakeIndexed(NOTIFY_INDEX, pdTRUE, to_ticks(ticks)); }

void ts_rtos_suspend_all(void) { vTaskSuspendAll(); }

void ts_rtos_resume_all(void) { (void)xTaskResumeAll(); }

uint32_t ts_rtos_lock(void)
{
    if (xPortIsInsideInterrupt() != pdFALSE)
    {
        return (uint32_t)taskENTER_CRITICAL_FROM_ISR();
    }
    taskENTER_CRITICAL();
    return 0;
}

void ts_rtos_unlock(uint32_t saved)
{
    if (xPortIsInsideInterrupt() != pdFALSE)
    {
        taskEXIT_CRITICAL_FROM_ISR(saved);
    }
    else
    {
        taskEXIT_CRITICAL();
    }
}

uint32_t ts_rtos_tasks(ts_rtos_task_info *tasks, uint32_t most, uint64_t *run_time)
{
    configRUN_TIME_COUNTER_TYPE now = 0;
    UBaseType_t n = uxTaskGetNumberOfTasks() + 2u; /* Some may come meanwhile. */
    UBaseType_t i;
    TaskStatus_t *all = pvPortMalloc(n * sizeof(TaskStatus_t));
    if (all == NULL)
    {
        return 0;
    }
    n = uxTaskGetSystemState(all, n, &now);
    for (i = 0; i < n && i < most; i++)
    {
        uint32_t c;
        tasks[i].task = all[i].xHandle;
        for (c = 0; c < sizeof tasks[i].name - 1u && all[i].pcTaskName[c] != '\0'; c++)
        {
            tasks[i].name[c] = all[i].pcTaskName[c];
        }
        tasks[i].name[c] = '\0';
        tasks[i].state = (uint32_t)all[i].eCurrentState;
        tasks[i].priority = (uint32_t)all[i].uxCurrentPriority;
        tasks[i].stack_unused = (uint32_t)(all[i].usStackHighWaterMark * sizeof(StackType_t));
        tasks[i].run_time = (uint64_t)all[i].ulRunTimeCounter;
    }
    vPortFree(all);
    *run_time = (uint64_t)now;
    return (uint32_t)n;
}

/* Not every heap of the kernel has these. */
extern size_t xPortGetFreeHeapSize(void) __attribute__((weak));
extern size_t xPortGetMinimumEverFreeHeapSize(void) __attribute__((weak));

void ts_rtos_heap(uint32_t *free_bytes, uint32_t *least_bytes)
{
    *free_bytes = xPortGetFreeHeapSize != NULL ? (uint32_t)xPortGetFreeHeapSize() : 0;
    *least_bytes = xPortGetMinimumEverFreeHeapSize != NULL ? (uint32_t)xPortGetMinimumEverFreeHeapSize() : 0;
}

#if (configUSE_TIMERS == 1)

/* How long a command may wait for room in the timer task's queue. */
#define COMMAND_TICKS 100u

static void expired(TimerHandle_t timer)
{
    void (**owner)(void *) = pvTimerGetTimerID(timer);
    (*owner)(owner);
}

void *ts_rtos_timer_new(void *owner) { return xTimerCreate("python", 1, pdFALSE, owner, expired); }

uint32_t ts_rtos_timer_start(void *timer, uint32_t ticks, uint32_t repeat)
{
    vTimerSetReloadMode(timer, repeat != 0 ? pdTRUE : pdFALSE);
    return xTimerChangePeriod(timer, (TickType_t)ticks, COMMAND_TICKS) == pdPASS;
}

uint32_t ts_rtos_timer_stop(void *timer) { return xTimerStop(timer, COMMAND_TICKS) == pdPASS; }

#else

void *ts_rtos_timer_new(void *owner)
{
    (void)owner;
    return NULL;
}

uint32_t ts_rtos_timer_start(void *timer, uint32_t ticks, uint32_t repeat)
{
    (void)timer, (void)ticks, (void)repeat;
    return 0;
}

uint32_t ts_rtos_timer_stop(void *timer)
{
    (void)timer;
    return 0;
}

#endif

void *ts_rtos_malloc(uint32_t bytes) { return pvPortMalloc(bytes); }

void ts_rtos_free(void *block) { vPortFree(block); }
