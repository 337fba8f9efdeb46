/*
 * What Mbed TLS wants of a C library, for images without one; included before every file of such an image.
 *
 * The compiler's own library has memcpy and its like and strlen, nothing else. Nothing that goes into an image
 * formats text: ts_tls_no_snprintf is declared and not defined, so an image that did would not link.
 */
#ifndef TS_STRING_H
#define TS_STRING_H

#include <stddef.h>
#include <string.h>

int ts_tls_no_snprintf(char *to, size_t n, const char *format, ...);

static inline char *ts_strchr(const char *s, int c)
{
    while (*s != (char)c && *s != 0) { s++; }
    return *s == (char)c ? (char *)s : NULL;
}

static inline int ts_strncmp(const char *a, const char *b, size_t n)
{
    for (; n != 0; n--, a++, b++)
    {
        if (*a != *b || *a == 0) { return (unsigned char)*a - (unsigned char)*b; }
    }
    return 0;
}

static inline int ts_strcmp(const char *a, const char *b) { return ts_strncmp(a, b, (size_t)-1); }

static inline char *ts_strstr(const char *s, const char *part)
{
    size_t n = strlen(part);
    for (;; s++)
    {
        if (ts_strncmp(s, part, n) == 0) { return (char *)s; }
        if (*s == 0) { return NULL; }
    }
}

#define strchr ts_strchr
#define strcmp ts_strcmp
#define strncmp ts_strncmp
#define strstr ts_strstr

#endif
