/*
 * Telnet and FTP, for people at your firmware, and the interactive prompt. CMake: THREADSNAKE_SERVERS, which brings
 * threadsnake_storage.h and threadsnake_net.h along.
 *
 *     ts_servers_config config = TS_SERVERS_CONFIG_INIT;
 *     config.memory = memory; config.memory_size = sizeof memory;
 *     config.type_in = type_in;                                    (to the console of a VM)
 *     ts_servers_init(&config);                                    (once per image)
 *     ts_servers_start("engineer", "secret", 0);                   (now they serve)
 *
 * One task serves two telnet and two FTP sessions, whatever Python does or does not do: FTP clients see the volumes where
 * they are mounted, by the VM that mounted last. Telnet sessions join a console: what they type goes to `type_in`,
 * what you pass to ts_servers_show they see. Nothing is served before ts_servers_start. Scripts have `network.Server`,
 * which starts and ends the same pair; where they name no login it is the one that you have given last, if any.
 *
 * Contexts and statuses are those of threadsnake.h.
 */
#ifndef THREADSNAKE_SERVERS_H
#define THREADSNAKE_SERVERS_H

#include "threadsnake.h"

#ifdef __cplusplus
extern "C" {
#endif

/* Functions are called by the servers' task and do not block. */
typedef struct ts_servers_config
{
    uint32_t size; /* sizeof(ts_servers_config) */
    uint32_t priority;
    void *memory; /* for the task and all sessions, for ever */
    size_t memory_size;  /* TS_SERVERS_MEMORY or more */
    const char *welcome; /* the first line of telnet sessions; lives for ever */
    void *context;       /* passed to the next four */
    /* Takes what was typed into the console; returns how much there was room for, and the rest comes again after
     * ts_servers_has_read. NULL: drops it. See ts_get_interrupt_char. */
    size_t (*type_in)(void *context, const uint8_t *bytes, size_t len);
    void (*interrupt)(void *context); /* A client's own interrupt: as Ctrl-C. NULL: nothing happens. */
    void (*joined)(void *context);    /* Somebody has logged in. NULL: nothing happens. */
    /* Behind a translator of addresses: changes our address and port to what clients reach it by. NULL: no translator. */
    void (*reached_at)(void *context, uint8_t address[4], uint16_t *port);
    uint64_t (*unix_time_s)(void); /* Seconds since 1970. NULL: no clock. */
} ts_servers_config;

#define TS_SERVERS_MEMORY (24u * 1024u)

/* clang-format off */
#define TS_SERVERS_CONFIG_INIT { sizeof(ts_servers_config), 1, NULL, 0, "Threadsnake", NULL, NULL, NULL, NULL, NULL, NULL }
/* clang-format on */

/* Makes the servers' task, once; it serves nobody. TS_NO_MEMORY: too little. TS_WRONG_STATE: called before. [init] */
ts_status ts_servers_init(const ts_servers_config *config);

/* Starts both servers, ports 23 and 21 (data: 2024 and 2025), for this user and password, of at most 32 bytes each; those
 * of running servers change for the next login. A session of which nothing is heard for timeout_s seconds ends (at least
 * 5; 0: 300). TS_WRONG_STATE: before ts_servers_init. [init] */
ts_status ts_servers_start(const char *user, const char *password, uint32_t timeout_s);

/* Ends both, and their sessions. TS_WRONG_STATE: before ts_servers_init. [init] */
ts_status ts_servers_stop(void);

/* The console has read what was typed, so there is room for more: after each read of your console_read. [any] */
void ts_servers_has_read(void);

/* Shows text to the telnet sessions: from the console_write of the VM whose console they join. [task] Blocks at most a
 * second and a half while a session takes none, which then loses some. TS_WRONG_CONTEXT: also with a GIL. */
ts_status ts_servers_show(const uint8_t *text, size_t len);

/* Runs the prompt on the VM's console, with its raw mode for tools such as mpremote, until Ctrl-D, exit() or the console's
 * end. `memory` is for the line, a quarter of it for the history; 256 bytes or more. [attached] Blocks. */
ts_status ts_prompt(ts_vm *vm, void *memory, size_t size);

#ifdef __cplusplus
}
#endif

#endif
