/* A Linux process. A task that calls the C library masks all signals: see ts_posix.h. */
#include "board.h"

#include "FreeRTOS.h"
#include "ts_posix.h"

#include <unistd.h>

void board_init(void) {}

void board_write(const char *text, size_t len)
{
    uint64_t saved = ts_posix_mask();
    while (len > 0)
    {
        ssize_t n = write(1, text, len);
        if (n <= 0)
        {
            break;
        }
        text += n;
        len -= (size_t)n;
    }
    ts_posix_unmask(saved);
}

static void (*volatile handler_of_interrupt)(void);

static int32_t interrupt(void *context)
{
    (void)context;
    handler_of_interrupt();
    handler_of_interrupt = NULL;
    return 0;
}

void board_interrupt(void (*handler)(void))
{
    handler_of_interrupt = handler;
    ts_posix_interrupt(0, interrupt, NULL);
    ts_posix_raise(0);
    while (handler_of_interrupt != NULL)
    {
    }
}

void board_exit(int code) { _exit(code); }

/* The kernel's failed assertion. */
void firmware_assert(const char *file, int line)
{
    (void)line;
    size_t len = 0;
    while (file[len] != '\0')
    {
        len++;
    }
    board_write("assertion failed in ", 20);
    board_write(file, len);
    board_write("\n", 1);
    board_exit(70);
}
