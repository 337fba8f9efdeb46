/*
 * The network: sockets, `network` and names for Python over lwIP, beside your C tasks'. CMake: THREADSNAKE_NET, and
 * THREADSNAKE_TLS for `ssl` and `tls`.
 *
 *     ts_network_config config = TS_NETWORK_CONFIG_INIT;
 *     ts_network_init(&config);                                    (once per image)
 *     int32_t lan = ts_network_add(&driver);                       (in a task)
 *     ts_network_set_active((uint32_t)lan, 1);
 *     ts_network_set_address((uint32_t)lan, NULL);                 (asks for a lease)
 *     ts_network_wait((uint32_t)lan, 10000);
 *
 * VMs that are started after ts_network_init have `socket`, `network` and their fellows. lwIP is yours if your project has
 * it as a target (see CMakeLists.txt), else it is built here; it starts with the first use, by C or by Python, unless you
 * have called tcpip_init before. C tasks use lwIP's own socket API, or its raw one with the core locked, as ever.
 *
 * Contexts and statuses are those of threadsnake.h. Functions that return int32_t return 0 or more, or a negative error
 * number, Linux's: -12 no memory left, -19 no such interface, or before ts_network_init, -22 not an argument for this,
 * -35 (EDEADLK) from an interrupt, before the scheduler runs, or with a GIL; -110 the time is over.
 */
#ifndef THREADSNAKE_NET_H
#define THREADSNAKE_NET_H

#include "threadsnake.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct ts_network_config
{
    uint32_t size; /* sizeof(ts_network_config) */
    /* A number that nobody can guess: for ports and sequence numbers. Any task. NULL: one that somebody may guess. */
    uint32_t (*random)(void);
} ts_network_config;

/* An Ethernet interface's driver. It lives for ever. Its functions are called by any task that uses the network, one at a
 * time, with lwIP's core locked: they do not wait for long and use no socket. Frames have no check sums. */
typedef struct ts_ethernet
{
    void *context;
    char name[2]; /* for lwIP: "en" */
    uint8_t mac[6];
    /* Sends a frame of 14 to 1514 bytes; 0 if it is lost. */
    int32_t (*transmit)(void *context, const uint8_t *frame, size_t len);
    /* Non-zero while the line is connected. NULL: always. */
    int32_t (*has_link)(void *context);
    /* Moves the next frame that has come into `frame` (1514 bytes), or drops it if that is NULL. Its length, 0: none. */
    size_t (*receive)(void *context, uint8_t *frame);
} ts_ethernet;

/* Each number as it is written: {10, 0, 2, 15}. */
typedef struct ts_address
{
    uint8_t address[4];
    uint8_t mask[4];
    uint8_t gateway[4];
    uint8_t dns[4]; /* zeros: as it is */
} ts_address;

typedef struct ts_interface_state
{
    uint8_t address[4]; /* zeros: none */
    uint8_t mask[4];
    uint8_t gateway[4];
    uint8_t mac[6];
    uint8_t is_active;
    uint8_t has_link;
} ts_interface_state;

#define TS_NETWORK_CONFIG_INIT { sizeof(ts_network_config), NULL }

/* Says that there is a network, once. Nothing is started. TS_WRONG_STATE: called before. [init] */
ts_status ts_network_init(const ts_network_config *config);

/* Adds an interface, not active, and returns its number; starts lwIP. The first one is Python's network.LAN. At most 3,
 * for ever. [task] Blocks while lwIP starts; so do the others while another task has the core. */
int32_t ts_network_add(const ts_ethernet *driver);

/* The same for a `struct netif` that you have added to lwIP with your own driver, and that stays. Status and link callbacks
 * that it has are still called; set none afterwards. -22: lwIP has no such interface, or it is here already. [task] */
int32_t ts_network_adopt(void *netif);

/* Frames have come, or the line was connected or cut: lwIP's task asks the driver. [any] */
void ts_network_changed(uint32_t interface);

/* Switches it on or off. [task] */
int32_t ts_network_set_active(uint32_t interface, int32_t is_on);

/* Sets a fixed address; NULL: asks for a lease. [task] */
int32_t ts_network_set_address(uint32_t interface, const ts_address *address);

/* Where it stands. [task] */
int32_t ts_network_get(uint32_t interface, ts_interface_state *state);

/* Waits until it is active, has a link and an address. [task] Blocks at most timeout_ms, or TS_FOREVER. */
int32_t ts_network_wait(uint32_t interface, uint32_t timeout_ms);

/* ---- TLS ---- */

typedef struct ts_tls_config
{
    uint32_t size;      /* sizeof(ts_tls_config) */
    uint32_t priority;  /* of the task that does the arithmetic of all sessions */
    void *memory;       /* for certificates and sessions, for ever: about 30 KiB each while it shakes hands */
    size_t memory_size; /* TS_TLS_MIN_MEMORY or more */
    void *task_memory;  /* for ever */
    size_t task_memory_size;
    /* Fills `buf` from an entropy source; 0, or not if there is none now. The task of TLS. */
    int32_t (*entropy)(uint8_t *buf, size_t len);
    /* Seconds since 1970, for the dates of certificates; the task of TLS. NULL: they are all of the future. */
    uint64_t (*unix_time_s)(void);
} ts_tls_config;

#define TS_TLS_MIN_MEMORY (48u * 1024u)
#define TS_TLS_TASK_MEMORY (16u * 1024u) /* the least for the task */

/* clang-format off */
#define TS_TLS_CONFIG_INIT { sizeof(ts_tls_config), 1, NULL, 0, NULL, 0, NULL, NULL }
/* clang-format on */

/* Starts the task of TLS, once; without it there is `ssl`, but no session. TS_BAD_ARGUMENT: also without entropy.
 * TS_NO_MEMORY: too little. TS_WRONG_STATE: called before. [init] */
ts_status ts_network_tls(const ts_tls_config *config);

#ifdef __cplusplus
}
#endif

#endif
