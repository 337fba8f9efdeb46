//! Build support: finds and compiles the FreeRTOS kernel.
