/* The Python programs, as texts in ROM. */
#include "bench.h"

#define SCRIPT_IN(folder, name)                                                  \
    extern const char name##_begin[], name##_end[];                              \
    __asm__(".section .rodata\n" #name "_begin: .incbin \"" folder "/" #name     \
            ".py\"\n" #name "_end:\n.byte 0\n.balign 4\n.text\n");               \
    static const struct script name = {#name ".py", name##_begin, name##_end}
#define SCRIPT(name) SCRIPT_IN(SCRIPTS, name)

SCRIPT(requests);
SCRIPT(busy);
SCRIPT(storms);
SCRIPT(bytes);
SCRIPT(idle);

const struct script *const script_requests = &requests, *const script_busy = &busy, *const script_storms = &storms,
                           *const script_bytes = &bytes, *const script_idle = &idle;

/* `loads.inc` names those that the build was given, each LOAD(name). */
#define LOAD(name) SCRIPT_IN(LOADS, name);
#include "loads.inc"
#undef LOAD
#define LOAD(name) &name,
const struct script *const script_loads[] = {
#include "loads.inc"
    NULL,
};
