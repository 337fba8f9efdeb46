/*
 * What the files of the shim share: see ts_net.h.
 *
 * Invariants, all under the core lock:
 * 1. A socket is in use while `kind` is not 0; its handle is its number and how often its place was used.
 * 2. `pcb` is NULL or lives, and lwIP names us in it; lwIP frees one without asking only in `on_error` and after both
 *    directions have ended, when we have let go of it.
 * 3. What has come waits in at most a window's worth of pool buffers, however small the segments were: small ones are
 *    collected. So no peer and no idle reader takes the buffers of other connections.
 */
#ifndef TS_NET_PRIV_H
#define TS_NET_PRIV_H

#include "lwip/raw.h"
#include "lwip/tcp.h"
#include "lwip/tcpip.h"
#include "lwip/udp.h"

#include "ts_net.h"

/* Set by ts_net_start, for ever. */
extern const ts_net_hooks *ts_net_hook;

/* lwIP's error as a negative error number, 0 for none. */
int32_t ts_net_errno(err_t error);

/* How many datagrams wait at a socket. */
#define DATAGRAMS 8
/* How many multicast groups a socket may be in. */
#define GROUPS 4

/* No socket. */
#define NONE (-1)

#if (TS_NET_SOCKETS > 256)
    #error "TS_NET_SOCKETS: at most 256"
#endif

typedef enum
{
    NEW,
    LISTENING,
    CONNECTING,
    CONNECTED,
    ENDED
} state_t;

typedef struct
{
    uint8_t kind; /* TS_NET_STREAM and so on; 0: free. */
    uint8_t state;
    uint8_t read_closed;
    uint8_t write_closed;
    uint8_t starved; /* The last send found no memory. */
    uint8_t raw_protocol;
    uint8_t first_datagram, n_datagrams;
    uint16_t error; /* Why the connection failed; told once. */
    uint32_t generation;
    union
    {
        void *any;
        struct tcp_pcb *tcp;
        struct udp_pcb *udp;
        struct raw_pcb *raw;
    } pcb;
    /* A stream: the bytes that have come, in a chain of buffers, the first one from `offset`. */
    struct pbuf *first, *last;
    uint32_t queued;
    uint16_t offset;
    uint16_t room; /* Free bytes at the end of the last one. */
    /* A listener: its connections that nobody has accepted, linked by `next`. */
    int16_t waiting, next, listener;
    struct
    {
        struct pbuf *bytes;
        uint32_t address;
        uint16_t port;
    } datagrams[DATAGRAMS];
    struct
    {
        uint32_t group, interface;
    } groups[GROUPS];
} socket_t;

/* The open socket of a handle, NULL if there is none. */
socket_t *ts_net_find(int32_t handle);

/* Tells that the readiness may have changed. */
void ts_net_changed(const socket_t *s);

/* The error of the last failed connection, 0 if none; told once. */
int32_t ts_net_take(socket_t *s);

/* The other end of a stream. */
void ts_net_name_peer(const socket_t *s, uint32_t *address, uint32_t *port);

/* A stream takes over a segment that has come. */
void ts_net_append(socket_t *s, struct pbuf *p);

/* Drops all that waits, and opens a stream's window for it. */
void ts_net_drop_queue(socket_t *s);

/* Answers with `call` on the socket `s` of a handle, the core locked. */
#define WITH_SOCKET(handle, call)                    \
    LOCK_TCPIP_CORE();                               \
    socket_t *s = ts_net_find(handle);               \
    int32_t result = s != NULL ? (call) : -TS_EBADF; \
    UNLOCK_TCPIP_CORE();                             \
    return result

/* The same, with a port number that is checked first. */
#define WITH_PORT(handle, port, call) \
    if ((port) > 65535)               \
    {                                 \
        return -TS_EINVAL;            \
    }                                 \
    WITH_SOCKET(handle, call)

#endif
