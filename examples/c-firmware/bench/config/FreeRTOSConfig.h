/* The example's configuration, and a count of the tasks' turns. */
#ifndef BENCH_FREERTOS_CONFIG_H
#define BENCH_FREERTOS_CONFIG_H

#include "../../config/FreeRTOSConfig.h"

#define INCLUDE_xTaskGetIdleTaskHandle 1

extern void *bench_counted_out[2];
extern volatile uint32_t bench_turns;
#define traceTASK_SWITCHED_IN()                                                             \
    do                                                                                      \
    {                                                                                       \
        if ((void *)pxCurrentTCB != bench_counted_out[0] && (void *)pxCurrentTCB != bench_counted_out[1]) \
        {                                                                                   \
            bench_turns++;                                                                  \
        }                                                                                   \
    } while (0)

#endif
