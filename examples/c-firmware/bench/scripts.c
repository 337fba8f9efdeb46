/* The Python programs, as texts in ROM. */
#include "bench.h"

#define SCRIPT(name)                                                             \
    extern const char name##_begin[], name##_end[];                              \
    __asm__(".section .rodata\n" #name "_begin: .incbin \"" SCRIPTS "/" #name    \
            ".py\"\n" #name "_end:\n.byte 0\n.balign 4\n.text\n");               \
    static const struct script name = {#name ".py", name##_begin, name##_end}

SCRIPT(requests);
SCRIPT(busy);
SCRIPT(storms);
SCRIPT(bytes);
SCRIPT(idle);

const struct script *const script_requests = &requests, *const script_busy = &busy, *const script_storms = &storms,
                           *const script_bytes = &bytes, *const script_idle = &idle;
