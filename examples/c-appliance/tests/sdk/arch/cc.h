/* lwIP's view of the SDK's compiler. */
#ifndef SDK_CC_H
#define SDK_CC_H

#include <stdint.h>
#include <sys/time.h>

void firmware_assert(const char *file, int line);

#define LWIP_PLATFORM_ASSERT(message) firmware_assert(message, __LINE__)
#define LWIP_PLATFORM_DIAG(message) \
    do                              \
    {                               \
    } while (0)
#define LWIP_RAND() 4u
#define LWIP_ERRNO_STDINCLUDE 1

#endif
