/* lwIP's own defaults fit this compiler. */
#ifndef SDK_ARCH_CC_H
#define SDK_ARCH_CC_H
#include <sys/time.h>
#endif
