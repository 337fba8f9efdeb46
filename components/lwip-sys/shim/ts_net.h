/*
 * lwIP as Threadsnake needs it: sockets that never block, interfaces, names, in fixed-width types.
 *
 * The sockets stand on lwIP's raw API. A call takes the core lock, does what can be done now and returns: waiting is
 * the caller's, who is told through `changed` when a socket's readiness may have changed. Full duplex follows: any
 * number of tasks may use a socket at once, and any of them may close it.
 *
 * Calls come from tasks, never from an interrupt, unless they say so. They may wait for the core lock, which is held
 * for the time of a call or of a packet. A negative result is a Linux error number with its sign changed; names of
 * errors below mean that. Addresses are IPv4 in network byte order, as they lie in memory; ports in host order.
 */
#ifndef TS_NET_H
#define TS_NET_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Error numbers, as Linux has them. */
#define TS_ENOENT 2
#define TS_EIO 5
#define TS_EBADF 9
#define TS_EAGAIN 11
#define TS_ENOMEM 12
#define TS_EBUSY 16
#define TS_ENODEV 19
#define TS_EINVAL 22
#define TS_ENFILE 23
#define TS_EPIPE 32
#define TS_EMSGSIZE 90
#define TS_ENOPROTOOPT 92
#define TS_EPROTONOSUPPORT 93
#define TS_EOPNOTSUPP 95
#define TS_EADDRINUSE 98
#define TS_EADDRNOTAVAIL 99
#define TS_ECONNABORTED 103
#define TS_ECONNRESET 104
#define TS_ENOBUFS 105
#define TS_EISCONN 106
#define TS_ENOTCONN 107
#define TS_ETIMEDOUT 110
#define TS_ECONNREFUSED 111
#define TS_EHOSTUNREACH 113
#define TS_EALREADY 114
#define TS_EINPROGRESS 115

/* What the stack asks of the image. */
typedef struct
{
    /* A number that nobody can guess, where the machine can make one. Any task. */
    uint32_t (*random)(void);
    /* Socket number `socket` may have become ready; with the core locked: it must only notify. */
    void (*socket_changed)(uint32_t socket);
    /* A query for a name has its answer, or there is room for another one; likewise. */
    void (*name_changed)(void);
    /* Address, link or lease of an interface has changed; likewise. */
    void (*interface_changed)(uint32_t interface);
} ts_net_hooks;

/* Starts the stack and its task; once. The hooks live for ever. 0, or ENOMEM when the kernel's heap is used up. */
int32_t ts_net_start(const ts_net_hooks *hooks);

/* How many streams to other machines have sent what has not arrived there, or have not told their end. */
uint32_t ts_net_unsent(void);

/* How many sockets there may be: their numbers are below it. */
uint32_t ts_net_socket_limit(void);

/* ---- sockets: named by a handle, which is never used again for another ---- */

#define TS_NET_STREAM 1
#define TS_NET_DATAGRAM 2
#define TS_NET_RAW 3

/* The socket's number: the index for `socket_changed`. */
uint32_t ts_net_number(int32_t socket);

/* A new socket's handle; EPROTONOSUPPORT, ENFILE, ENOMEM. `protocol` is for raw sockets. */
int32_t ts_net_socket(uint32_t kind, uint32_t protocol);

/* Closes; what was sent still goes out. EBADF. */
int32_t ts_net_close(int32_t socket);

/* Makes a stream fail at once, at both ends. */
int32_t ts_net_abort(int32_t socket);

int32_t ts_net_bind(int32_t socket, uint32_t address, uint32_t port);
int32_t ts_net_listen(int32_t socket, uint32_t backlog);

/* A connection that has come: its handle; EAGAIN, EINVAL if the socket does not listen. */
int32_t ts_net_accept(int32_t socket, uint32_t *address, uint32_t *port);

/* Begins to connect a stream: EINPROGRESS; EALREADY, EISCONN. Names the peer of the others: 0. */
int32_t ts_net_connect(int32_t socket, uint32_t address, uint32_t port);

/* 0 when connected, EINPROGRESS, or why the last attempt failed (told once). */
int32_t ts_net_connected(int32_t socket);

/* Takes over as many bytes as fit, at least one, or EAGAIN. A datagram goes whole. EPIPE after a shutdown. */
int32_t ts_net_send(int32_t socket, const void *bytes, uint32_t n);
int32_t ts_net_send_to(int32_t socket, const void *bytes, uint32_t n, uint32_t address, uint32_t port);

/*
 * Moves up to `n` bytes that have come; 0 at the end of the stream; EAGAIN. Of a datagram that is longer the rest is
 * lost. With `peek` they stay. `address` and `port` may be NULL.
 */
int32_t ts_net_receive(int32_t socket, void *bytes, uint32_t n, uint32_t peek, uint32_t *address, uint32_t *port);

/* How many bytes ts_net_receive could move now. */
int32_t ts_net_available(int32_t socket);

/* Ends one direction of a stream or both: 0 reading, 1 writing, 2 both. */
int32_t ts_net_shutdown(int32_t socket, uint32_t how);

#define TS_NET_READABLE 1
#define TS_NET_WRITABLE 4
#define TS_NET_ERROR 8
#define TS_NET_HANG_UP 16

/* What the socket is ready for, as these bits; EBADF. */
int32_t ts_net_ready(int32_t socket);

int32_t ts_net_local(int32_t socket, uint32_t *address, uint32_t *port);
int32_t ts_net_peer(int32_t socket, uint32_t *address, uint32_t *port);

#define TS_NET_REUSE_ADDRESS 1
#define TS_NET_BROADCAST 2
#define TS_NET_KEEP_ALIVE 3
#define TS_NET_NO_DELAY 4
#define TS_NET_TTL 5
#define TS_NET_TOS 6
#define TS_NET_MULTICAST_TTL 7
#define TS_NET_MULTICAST_LOOP 8
#define TS_NET_MULTICAST_INTERFACE 9
#define TS_NET_KEEP_IDLE_S 10
#define TS_NET_KEEP_INTERVAL_S 11
#define TS_NET_KEEP_COUNT 12

/* Sets an option; ENOPROTOOPT where the kind of socket has none such. */
int32_t ts_net_set_option(int32_t socket, uint32_t option, uint32_t value);
int32_t ts_net_option(int32_t socket, uint32_t option, uint32_t *value);

/* The error of the last failed connection, 0 if none; told once. */
int32_t ts_net_take_error(int32_t socket);

/* Joins or leaves a multicast group on the interface with this address (0: the default one). */
int32_t ts_net_group(int32_t socket, uint32_t join, uint32_t group, uint32_t interface_address);

/* ---- names ---- */

/* How many queries there may be at once. */
#define TS_NET_QUERIES 4

/* Begins to look `name` up: the query's number; EAGAIN when there are too many, EINVAL for what is no name. */
int32_t ts_net_query(const char *name);
/* 0 and the address; EINPROGRESS; ENOENT when there is no such name. */
int32_t ts_net_query_result(uint32_t query, uint32_t *address);
/* Ends a query, answered or not. */
void ts_net_query_end(uint32_t query);

/* ---- interfaces ---- */

/* How many interfaces there may be, beside the loopback. */
#define TS_NET_INTERFACES 3
/* The most bytes of a frame, without its check sum. */
#define TS_NET_FRAME 1514

/* A driver: Ethernet frames without their check sums. All are called in the task that uses the stack, core locked. */
typedef struct
{
    void *context;
    /* Sends a frame; non-zero on success. Does not wait for more than the frames before it. */
    int32_t (*transmit)(void *context, const uint8_t *frame, uint32_t n);
    /* Whether the line is connected now. */
    int32_t (*has_link)(void *context);
    /* Moves the next frame that has come into `frame` (TS_NET_FRAME bytes; NULL: drops it); its length, 0 if none. */
    uint32_t (*receive)(void *context, uint8_t *frame);
} ts_net_driver;

/* Adds an interface that is down; its number; ENOMEM when there are too many. `name` has two letters. */
int32_t ts_net_interface(const char *name, const uint8_t mac[6], const ts_net_driver *driver);

/* Takes an interface that the firmware has added to lwIP itself, its callbacks included: its number; EINVAL for one that
 * lwIP does not know or we have already; ENOMEM. */
struct netif;
int32_t ts_net_adopt(struct netif *netif);

/* The driver has frames, or the line was connected or cut: the stack's task looks. Any context. */
void ts_net_frames(uint32_t interface);

int32_t ts_net_set_active(uint32_t interface, uint32_t is_active);
int32_t ts_net_set_mac(uint32_t interface, const uint8_t mac[6]);
/* Ends a lease, if there is one, and sets address, mask and gateway. */
int32_t ts_net_set_address(uint32_t interface, uint32_t address, uint32_t mask, uint32_t gateway);
int32_t ts_net_set_gateway(uint32_t interface, uint32_t gateway);
/* Begins or ends to ask for a lease. */
int32_t ts_net_set_dhcp(uint32_t interface, uint32_t is_on);
int32_t ts_net_set_default(uint32_t interface);
/* The name that DHCP tells from now on; EINVAL if it has more than TS_NET_HOSTNAME bytes. */
#define TS_NET_HOSTNAME 32
int32_t ts_net_set_hostname(const char *name);

typedef struct
{
    uint32_t address, mask, gateway;
    uint8_t mac[6];
    uint8_t is_active;
    uint8_t has_link;
    uint8_t dhcp; /* It asks for, or has, a lease. */
    uint8_t has_lease;
} ts_net_interface_state;

int32_t ts_net_interface_get(uint32_t interface, ts_net_interface_state *state);

uint32_t ts_net_dns(uint32_t index);
void ts_net_set_dns(uint32_t index, uint32_t address);

/*
 * Serves a UDP port on one interface with core-locked calls: `serve` gets a datagram and may put an answer of up to
 * `room` bytes into `reply`, which is broadcast to `reply_port`; it returns the answer's length, 0 for none.
 */
typedef uint32_t (*ts_net_serve)(void *context, const uint8_t *request, uint32_t n, uint8_t *reply, uint32_t room);
int32_t ts_net_service(uint32_t interface, uint32_t port, uint32_t reply_port, ts_net_serve serve, void *context);
/* Ends the service of this port; 0, ENOENT. */
int32_t ts_net_service_end(uint32_t interface, uint32_t port);

#ifdef __cplusplus
}
#endif

#endif
