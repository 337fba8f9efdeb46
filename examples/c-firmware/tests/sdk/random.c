/* What lwIP numbers its connections with: anybody may guess it here. */
#include "lwipopts.h"

uint32_t sdk_random(void)
{
    static uint32_t state = 1;
    state = state * 1664525u + 1013904223u;
    return state;
}
