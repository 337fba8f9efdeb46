/*
 * lwIP on FreeRTOS: semaphores, mutexes, mailboxes, its one task in static memory, its clock.
 *
 * Semaphores, mutexes and mailboxes are the kernel's, from the kernel's heap; running out is ERR_MEM. A time-out of 0
 * means none, as lwIP has it.
 *
 * Source: lwIP, doc/sys_arch.txt.
 */
#include "FreeRTOS.h"
#include "queue.h"
#include "semphr.h"
#include "task.h"

#include "lwip/mem.h"
#include "lwip/sys.h"
#include "lwip/tcpip.h"

#ifndef TS_NET_TASK_STACK
/* Bytes of the task's stack. On POSIX the real one is the thread's. */
#define TS_NET_TASK_STACK TCPIP_THREAD_STACKSIZE
#endif

/* The kernel's per-task pointer that holds a C task's semaphore; the glue uses the last one. */
#ifndef TS_NET_TASK_POINTER
#define TS_NET_TASK_POINTER 0
#endif

#if (configNUM_THREAD_LOCAL_STORAGE_POINTERS < 2)
    #error "FreeRTOSConfig.h: lwIP needs configNUM_THREAD_LOCAL_STORAGE_POINTERS 2 or more (it uses the first)"
#endif
#if (configSUPPORT_STATIC_ALLOCATION != 1) || (configSUPPORT_DYNAMIC_ALLOCATION != 1)
    #error "FreeRTOSConfig.h: lwIP needs configSUPPORT_STATIC_ALLOCATION 1 and configSUPPORT_DYNAMIC_ALLOCATION 1"
#endif
#if (configUSE_MUTEXES != 1)
    #error "FreeRTOSConfig.h: lwIP needs configUSE_MUTEXES 1"
#endif
#if (INCLUDE_vTaskSuspend != 1) || (INCLUDE_vTaskDelay != 1)
    #error "FreeRTOSConfig.h: lwIP needs INCLUDE_vTaskSuspend 1 and INCLUDE_vTaskDelay 1"
#endif

void ts_net_assert_failed(const char *message)
{
    (void)message;
    configASSERT(message == NULL);
}

static TickType_t ticks_of(u32_t ms)
{
    uint64_t ticks = ((uint64_t)ms * configTICK_RATE_HZ + 999u) / 1000u;
    return ms == 0 ? portMAX_DELAY : (ticks < portMAX_DELAY ? (TickType_t)ticks : portMAX_DELAY - 1u);
}

void sys_init(void) {}

u32_t sys_now(void)
{
    return (u32_t)((uint64_t)xTaskGetTickCount() * 1000u / configTICK_RATE_HZ);
}

u32_t sys_jiffies(void) { return (u32_t)xTaskGetTickCount(); }

void sys_arch_msleep(u32_t ms)
{
    if (ms != 0)
    {
        vTaskDelay(ticks_of(ms));
    }
}

sys_prot_t sys_arch_protect(void)
{
    taskENTER_CRITICAL();
    return 0;
}

void sys_arch_unprotect(sys_prot_t saved)
{
    (void)saved;
    taskEXIT_CRITICAL();
}

/* ---- mutexes ---- */

err_t sys_mutex_new(sys_mutex_t *mutex)
{
    mutex->handle = xSemaphoreCreateMutex();
    return mutex->handle == NULL ? ERR_MEM : ERR_OK;
}

void sys_mutex_lock(sys_mutex_t *mutex) { (void)xSemaphoreTake(mutex->handle, portMAX_DELAY); }

void sys_mutex_unlock(sys_mutex_t *mutex) { (void)xSemaphoreGive(mutex->handle); }

void sys_mutex_free(sys_mutex_t *mutex)
{
    vSemaphoreDelete(mutex->handle);
    mutex->handle = NULL;
}

/* ---- semaphores ---- */

err_t sys_sem_new(sys_sem_t *sem, u8_t count)
{
    sem->handle = xSemaphoreCreateBinary();
    if (sem->handle == NULL)
    {
        return ERR_MEM;
    }
    if (count != 0)
    {
        (void)xSemaphoreGive(sem->handle);
    }
    return ERR_OK;
}

void sys_sem_signal(sys_sem_t *sem) { (void)xSemaphoreGive(sem->handle); }

u32_t sys_arch_sem_wait(sys_sem_t *sem, u32_t timeout_ms)
{
    return xSemaphoreTake(sem->handle, ticks_of(timeout_ms)) == pdTRUE ? 0 : SYS_ARCH_TIMEOUT;
}

void sys_sem_free(sys_sem_t *sem)
{
    vSemaphoreDelete(sem->handle);
    sem->handle = NULL;
}

/* ---- mailboxes ---- */

err_t sys_mbox_new(sys_mbox_t *mbox, int size)
{
    mbox->handle = xQueueCreate((UBaseType_t)size, sizeof(void *));
    return mbox->handle == NULL ? ERR_MEM : ERR_OK;
}

void sys_mbox_post(sys_mbox_t *mbox, void *message)
{
    (void)xQueueSendToBack(mbox->handle, &message, portMAX_DELAY);
}

err_t sys_mbox_trypost(sys_mbox_t *mbox, void *message)
{
    return xQueueSendToBack(mbox->handle, &message, 0) == pdTRUE ? ERR_OK : ERR_MEM;
}

err_t sys_mbox_trypost_fromisr(sys_mbox_t *mbox, void *message)
{
    BaseType_t woken = pdFALSE;
    if (xQueueSendToBackFromISR(mbox->handle, &message, &woken) != pdTRUE)
    {
        return ERR_MEM;
    }
    #ifdef TS_POSIX_PORT
    /* On POSIX a yield is a switch at once, inside the handler: the handler's end does it. */
    extern volatile int ts_posix_woken;
    ts_posix_woken |= woken;
    #else
    portYIELD_FROM_ISR(woken);
    #endif
    return ERR_OK;
}

u32_t sys_arch_mbox_fetch(sys_mbox_t *mbox, void **message, u32_t timeout_ms)
{
    void *dropped;
    return xQueueReceive(mbox->handle, message != NULL ? message : &dropped, ticks_of(timeout_ms)) == pdTRUE
               ? 0
               : SYS_ARCH_TIMEOUT;
}

u32_t sys_arch_mbox_tryfetch(sys_mbox_t *mbox, void **message)
{
    void *dropped;
    return xQueueReceive(mbox->handle, message != NULL ? message : &dropped, 0) == pdTRUE ? 0 : SYS_MBOX_EMPTY;
}

void sys_mbox_free(sys_mbox_t *mbox)
{
    vQueueDelete(mbox->handle);
    mbox->handle = NULL;
}

/* ---- the task ---- */

sys_thread_t sys_thread_new(const char *name, lwip_thread_fn thread, void *argument, int stack_bytes, int priority)
{
    static StaticTask_t control;
    static StackType_t stack[TS_NET_TASK_STACK / sizeof(StackType_t)];
    static uint8_t is_taken;
    (void)stack_bytes;
    configASSERT(!is_taken); /* lwIP has one task. */
    is_taken = 1;
    return xTaskCreateStatic(thread, name, sizeof stack / sizeof stack[0], argument, (UBaseType_t)priority, stack,
                             &control);
}

/* ---- a semaphore for each task that uses lwIP's own blocking APIs ---- */

sys_sem_t *sys_arch_netconn_sem_get(void)
{
    TaskHandle_t task = xTaskGetCurrentTaskHandle();
    sys_sem_t *sem = pvTaskGetThreadLocalStoragePointer(task, TS_NET_TASK_POINTER);
    if (sem == NULL)
    {
        sys_arch_netconn_sem_alloc();
        sem = pvTaskGetThreadLocalStoragePointer(task, TS_NET_TASK_POINTER);
    }
    return sem;
}

void sys_arch_netconn_sem_alloc(void)
{
    TaskHandle_t task = xTaskGetCurrentTaskHandle();
    if (pvTaskGetThreadLocalStoragePointer(task, TS_NET_TASK_POINTER) == NULL)
    {
        sys_sem_t *sem = pvPortMalloc(sizeof *sem);
        if (sem != NULL && sys_sem_new(sem, 0) != ERR_OK)
        {
            vPortFree(sem);
            sem = NULL;
        }
        configASSERT(sem != NULL); /* lwIP has no error for a task without a semaphore. */
        vTaskSetThreadLocalStoragePointer(task, TS_NET_TASK_POINTER, sem);
    }
}

void sys_arch_netconn_sem_free(void)
{
    TaskHandle_t task = xTaskGetCurrentTaskHandle();
    sys_sem_t *sem = pvTaskGetThreadLocalStoragePointer(task, TS_NET_TASK_POINTER);
    if (sem != NULL)
    {
        vTaskSetThreadLocalStoragePointer(task, TS_NET_TASK_POINTER, NULL);
        sys_sem_free(sem);
        vPortFree(sem);
    }
}

/* ---- the core lock, and who holds it ---- */

static TaskHandle_t core_holder;
static TaskHandle_t tcpip_task;

void sys_lock_tcpip_core(void)
{
    sys_mutex_lock(&lock_tcpip_core);
    core_holder = xTaskGetCurrentTaskHandle();
}

void sys_unlock_tcpip_core(void)
{
    core_holder = NULL;
    sys_mutex_unlock(&lock_tcpip_core);
}

void sys_mark_tcpip_thread(void) { tcpip_task = xTaskGetCurrentTaskHandle(); }

/* Before the task runs, whoever initialises is alone. */
void sys_check_core_locking(void)
{
    configASSERT(tcpip_task == NULL || core_holder == xTaskGetCurrentTaskHandle());
}
