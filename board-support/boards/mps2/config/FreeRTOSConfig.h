/* The kernel's configuration on both MPS2 boards. */
#ifndef FREERTOS_CONFIG_H
#define FREERTOS_CONFIG_H

#include <stdint.h>

/* Time: SYSCLK, and a tick of a millisecond. */
#define configCPU_CLOCK_HZ 25000000UL
#define configTICK_RATE_HZ 1000
#define configTICK_TYPE_WIDTH_IN_BITS TICK_TYPE_WIDTH_32_BITS

/* Scheduling. */
#define configUSE_PREEMPTION 1
#define configUSE_TIME_SLICING 1
#define configUSE_PORT_OPTIMISED_TASK_SELECTION 1
#define configMAX_PRIORITIES 16
#define configMAX_TASK_NAME_LEN 16
#define configIDLE_SHOULD_YIELD 1
#define configUSE_IDLE_HOOK 0
/* An idle system sleeps (WFI) until the next timeout or interrupt, with the tick off. */
#define configUSE_TICKLESS_IDLE 1
#define configUSE_TICK_HOOK 0
#define configUSE_TASK_NOTIFICATIONS 1
#define configTASK_NOTIFICATION_ARRAY_ENTRIES 3
#define configNUM_THREAD_LOCAL_STORAGE_POINTERS 2

/* Memory: what the kernel allocates holds RTOS objects only. Stack depths are in words. */
#define configSUPPORT_STATIC_ALLOCATION 1
#define configSUPPORT_DYNAMIC_ALLOCATION 1
#define configKERNEL_PROVIDED_STATIC_MEMORY 1
#define configTOTAL_HEAP_SIZE (256 * 1024)
#define configSTACK_DEPTH_TYPE uint32_t
#define configMINIMAL_STACK_SIZE 256
#define configUSE_MALLOC_FAILED_HOOK 0

/* Objects. */
#define configUSE_MUTEXES 1
#define configUSE_RECURSIVE_MUTEXES 1
#define configUSE_COUNTING_SEMAPHORES 1
#define configUSE_QUEUE_SETS 0
#define configQUEUE_REGISTRY_SIZE 0
#define configUSE_EVENT_GROUPS 1
#define configUSE_STREAM_BUFFERS 1
#define configUSE_TIMERS 1
#define configTIMER_TASK_PRIORITY (configMAX_PRIORITIES - 2)
#define configTIMER_QUEUE_LENGTH 16
#define configTIMER_TASK_STACK_DEPTH 512
#define configUSE_TRACE_FACILITY 1
#define configRECORD_STACK_HIGH_ADDRESS 1
#define configUSE_APPLICATION_TASK_TAG 0
/* The processor's time of each task, in cycles of its clock (src/time.rs). */
#define configGENERATE_RUN_TIME_STATS 1
#define configRUN_TIME_COUNTER_TYPE uint64_t
#define portCONFIGURE_TIMER_FOR_RUN_TIME_STATS()
#define portGET_RUN_TIME_COUNTER_VALUE() threadsnake_cycles()
#ifndef __ASSEMBLER__
uint64_t threadsnake_cycles(void);
#endif
#define configUSE_CO_ROUTINES 0

#define INCLUDE_vTaskDelay 1
#define INCLUDE_vTaskDelayUntil 1
#define INCLUDE_vTaskDelete 1
#define INCLUDE_vTaskSuspend 1
#define INCLUDE_vTaskPrioritySet 1
#define INCLUDE_uxTaskPriorityGet 1
#define INCLUDE_xTaskAbortDelay 1
#define INCLUDE_xTaskGetSchedulerState 1
#define INCLUDE_xTaskGetCurrentTaskHandle 1
#define INCLUDE_xTaskGetIdleTaskHandle 1
#define INCLUDE_xTaskGetHandle 1
#define INCLUDE_uxTaskGetStackHighWaterMark 1
#define INCLUDE_eTaskGetState 1
#define INCLUDE_xTimerPendFunctionCall 1

/* Interrupts. The NVIC implements all eight priority bits; the smaller number is the more urgent.
 * Handlers between the syscall ceiling and the kernel's level may call the kernel. */
#define configKERNEL_INTERRUPT_PRIORITY 0xff
#define configMAX_SYSCALL_INTERRUPT_PRIORITY 0x20

/* The vector table names the port's handlers by these. */
#define configCHECK_HANDLER_INSTALLATION 1

/* Checks. Both end in board-support/boards/mps2/src/fault.rs. */
#define configCHECK_FOR_STACK_OVERFLOW 2
#ifndef __ASSEMBLER__
void threadsnake_assert_failed(const char *file, uint32_t line) __attribute__((noreturn));
#define configASSERT(condition) \
    do { \
        if (!(condition)) { \
            threadsnake_assert_failed(__FILE_NAME__, __LINE__); \
        } \
    } while (0)
#endif

/* MPU region 0 makes the lowest whole 128 bytes of the running task's stack read-only (fault.rs sets the
 * rest of it up). Address: MPU_RBAR; 0x10: the region number in the low bits, 0, is valid. */
#define configGUARD_BYTES 128u
#define traceTASK_SWITCHED_IN() \
    (*(volatile uint32_t *)0xE000ED9Cu = \
         (((uint32_t)pxCurrentTCB->pxStack + configGUARD_BYTES - 1u) & ~(configGUARD_BYTES - 1u)) | 0x10u)

#endif
