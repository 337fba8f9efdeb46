/*
 * String functions for images without a C library; included before every file of such an image.
 *
 * The compiler's own library has memcpy and its like and strlen, nothing else.
 */
#ifndef TS_STRING_H
#define TS_STRING_H

#include <stddef.h>
#include <string.h>

static inline int ts_has(const char *set, char c)
{
    while (*set != 0 && *set != c) { set++; }
    return *set != 0;
}

static inline size_t ts_strspn(const char *s, const char *set)
{
    size_t n = 0;
    while (s[n] != 0 && ts_has(set, s[n])) { n++; }
    return n;
}

static inline size_t ts_strcspn(const char *s, const char *set)
{
    size_t n = 0;
    while (s[n] != 0 && !ts_has(set, s[n])) { n++; }
    return n;
}

static inline char *ts_strcpy(char *to, const char *from)
{
    return memcpy(to, from, strlen(from) + 1);
}

static inline char *ts_strchr(const char *s, int c)
{
    while (*s != (char)c && *s != 0) { s++; }
    return *s == (char)c ? (char *)s : NULL;
}

#define strspn ts_strspn
#define strcspn ts_strcspn
#define strcpy ts_strcpy
#define strchr ts_strchr

#endif
