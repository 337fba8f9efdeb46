//! FreeRTOS to Python: tasks, the GIL, queues, waits.
#![no_std]
