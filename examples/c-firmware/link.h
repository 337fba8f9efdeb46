/* The module `link`: two of the firmware's queues for Python. */
#ifndef LINK_H
#define LINK_H

#include "FreeRTOS.h"
#include "queue.h"
#include "threadsnake.h"

/* Numbers for Python, and from it; each item an int32_t. Set before the VM starts. */
extern QueueHandle_t link_requests, link_answers;

/* link.recv(timeout_ms=None) -> int: waits for a request; OSError(ETIMEDOUT).
 * link.send(number): waits until there is room for an answer. */
extern const ts_module link_module;

#endif
