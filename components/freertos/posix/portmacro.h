/*
 * The types and macros of the POSIX port, in 32 bits.
 *
 * Included before everything else (`-include`), with the include guard of the port's own portmacro.h, which
 * it replaces. The reason: there BaseType_t and TickType_t are `long`, 8 bytes on a 64-bit host, while the
 * firmware world and the crate freertos-rust count on 32 bits (it lets C write a BaseType_t through a pointer
 * to a 32-bit variable). Same types here as on Cortex-M, so one set of sources is right on both.
 *
 * It also has what the port lacks: a sleep that stops the tick, and a test for interrupt context.
 */
#ifndef PORTMACRO_H
#define PORTMACRO_H

#include <limits.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Lets C tell this port from the others. */
#define TS_POSIX_PORT 1

#define portCHAR char
#define portFLOAT float
#define portDOUBLE double
#define portLONG int
#define portSHORT short
#define portSTACK_TYPE unsigned long
#define portBASE_TYPE int
#define portPOINTER_SIZE_TYPE intptr_t

typedef portSTACK_TYPE StackType_t;
typedef int32_t BaseType_t;
typedef uint32_t UBaseType_t;
typedef uint32_t TickType_t;
#define portMAX_DELAY ((TickType_t)0xffffffffUL)
#define portTICK_TYPE_IS_ATOMIC 1

#define portSTACK_GROWTH (-1)
#define portHAS_STACK_OVERFLOW_CHECKING 1
#define portTICK_PERIOD_MS ((TickType_t)1000 / configTICK_RATE_HZ)
#define portTICK_RATE_MICROSECONDS ((TickType_t)1000000 / configTICK_RATE_HZ)
#define portBYTE_ALIGNMENT 16

extern void vPortYield(void);
#define portYIELD() vPortYield()
#define portEND_SWITCHING_ISR(woken)     \
    do                                   \
    {                                    \
        if ((woken) != pdFALSE)          \
        {                                \
            traceISR_EXIT_TO_SCHEDULER(); \
            vPortYield();                \
        }                                \
        else                             \
        {                                \
            traceISR_EXIT();             \
        }                                \
    } while (0)
#define portYIELD_FROM_ISR(woken) portEND_SWITCHING_ISR(woken)

extern void vPortDisableInterrupts(void);
extern void vPortEnableInterrupts(void);
extern UBaseType_t xPortSetInterruptMask(void);
extern void vPortClearInterruptMask(UBaseType_t mask);
extern void vPortEnterCritical(void);
extern void vPortExitCritical(void);
#define portSET_INTERRUPT_MASK() vPortDisableInterrupts()
#define portCLEAR_INTERRUPT_MASK() vPortEnableInterrupts()
#define portSET_INTERRUPT_MASK_FROM_ISR() xPortSetInterruptMask()
#define portCLEAR_INTERRUPT_MASK_FROM_ISR(mask) vPortClearInterruptMask(mask)
#define portDISABLE_INTERRUPTS() portSET_INTERRUPT_MASK()
#define portENABLE_INTERRUPTS() portCLEAR_INTERRUPT_MASK()
#define portENTER_CRITICAL() vPortEnterCritical()
#define portEXIT_CRITICAL() vPortExitCritical()

extern void vPortThreadDying(void *task, volatile BaseType_t *pend_yield);
extern void vPortCancelThread(void *task);
#define portPRE_TASK_DELETE_HOOK(task, pend_yield) vPortThreadDying((task), (pend_yield))
#define portCLEAN_UP_TCB(tcb) vPortCancelThread(tcb)

#define portTASK_FUNCTION_PROTO(function, parameters) void function(void *parameters) __attribute__((noreturn))
#define portTASK_FUNCTION(function, parameters) void function(void *parameters)

/* A switch of tasks is a full barrier (pthreads), an interrupt too (signals): the compiler's is enough. */
#define portMEMORY_BARRIER() __asm volatile("" ::: "memory")

/* Microseconds of real time, for the run-time statistics. */
extern uint32_t ts_posix_run_time(void);
#define portCONFIGURE_TIMER_FOR_RUN_TIME_STATS()
#define portGET_RUN_TIME_COUNTER_VALUE() ts_posix_run_time()

/* Called by the idle task, the scheduler suspended, when no task is due for `ticks` ticks. */
extern void ts_posix_sleep(TickType_t ticks);
#define portSUPPRESS_TICKS_AND_SLEEP(ticks) ts_posix_sleep(ticks)

/* Non-zero inside a handler of ts_posix_interrupt. */
extern volatile int ts_posix_in_interrupt;
#define xPortIsInsideInterrupt() ((BaseType_t)ts_posix_in_interrupt)

#ifdef __cplusplus
}
#endif

#endif
