/*
 * lwIP's view of the compiler: GCC or Clang, with the C library's headers but as little as can be of the library.
 *
 * Source: lwIP, doc/sys_arch.txt, "cc.h".
 */
#ifndef TS_LWIP_CC_H
#define TS_LWIP_CC_H

#include <stdint.h>

/* A failed assertion is a fault of the stack or of its caller: the kernel's configASSERT reports it. */
void ts_net_assert_failed(const char *message);
uint32_t ts_net_random(void);

#define LWIP_PLATFORM_ASSERT(message) ts_net_assert_failed(message)
#define LWIP_PLATFORM_DIAG(message) \
    do                              \
    {                               \
    } while (0)
#define LWIP_RAND() ts_net_random()

/* Firmware may be linked without a C library: what the compiler does not bring is here. */
#define LWIP_NO_CTYPE_H 1
#include <string.h>
int ts_net_strcmp(const char *a, const char *b);
#define strcmp ts_net_strcmp

/* Errors of the C socket API, where a C task uses it. */
#define LWIP_ERRNO_STDINCLUDE 1
#define LWIP_TIMEVAL_PRIVATE 0
#include <sys/time.h>

#endif
