/* What the firmware needs of the machine it runs on. */
#ifndef BOARD_H
#define BOARD_H

#include <stddef.h>
#include <stdint.h>

/* Prepares the console; before everything else. */
void board_init(void);

/* Writes to the console. Any task; also before the scheduler starts. */
void board_write(const char *text, size_t len);

/* Calls `handler` in an interrupt, which is over when this returns. Tasks. */
void board_interrupt(void (*handler)(void));

/* Ends the program, or the emulator, with an exit code. */
void board_exit(int code);

#endif
