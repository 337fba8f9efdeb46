/*
 * Sockets that never block, on lwIP's raw API: see ts_net.h.
 *
 * Invariants, all under the core lock:
 * 1. A socket is in use while `kind` is not 0; its handle is its number and how often its place was used.
 * 2. `pcb` is NULL or lives, and lwIP names us in it; lwIP frees one without asking only in `on_error` and after both
 *    directions have ended, when we have let go of it.
 * 3. What has come waits in at most a window's worth of pool buffers, however small the segments were: small ones are
 *    collected. So no peer and no idle reader takes the buffers of other connections.
 *
 * Source: RFC 9293 (TCP), RFC 768 (UDP); POSIX.1-2017, "Sockets"; lwIP, doc/rawapi.txt.
 */
#include <string.h>

#include "lwip/igmp.h"
#include "lwip/ip.h"
#include "lwip/memp.h"
#include "lwip/priv/tcp_priv.h"
#include "lwip/raw.h"
#include "lwip/tcp.h"
#include "lwip/tcpip.h"
#include "lwip/udp.h"

#include "ts_net.h"
#include "ts_net_priv.h"

/* How many datagrams wait at a socket. */
#define DATAGRAMS 8
/* How many multicast groups a socket may be in. */
#define GROUPS 4
/* Segments up to this size are collected while others wait. */
#define SMALL 512
#define COLLECTOR 1536
/* Half seconds between two tries of what lacked memory. */
#define RETRY 1

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

static socket_t sockets[TS_NET_SOCKETS];

static int number_of(const socket_t *s) { return (int)(s - sockets); }

static int32_t handle_of(const socket_t *s)
{
    return (int32_t)((s->generation & 0x7fffff) << 8 | (uint32_t)number_of(s));
}

uint32_t ts_net_socket_limit(void) { return TS_NET_SOCKETS; }

uint32_t ts_net_number(int32_t socket) { return (uint32_t)socket & 0xff; }

static socket_t *find(int32_t handle)
{
    uint32_t number = ts_net_number(handle);
    if (handle < 0 || number >= TS_NET_SOCKETS)
    {
        return NULL;
    }
    socket_t *s = &sockets[number];
    return s->kind != 0 && s->listener == NONE && handle_of(s) == handle ? s : NULL;
}

static void changed(const socket_t *s) { ts_net_hook->socket_changed((uint32_t)number_of(s)); }

int32_t ts_net_errno(err_t error)
{
    switch (error)
    {
        case ERR_OK: return 0;
        case ERR_MEM: return -TS_ENOMEM;
        case ERR_BUF: return -TS_ENOBUFS;
        case ERR_TIMEOUT: return -TS_ETIMEDOUT;
        case ERR_RTE: return -TS_EHOSTUNREACH;
        case ERR_INPROGRESS: return -TS_EINPROGRESS;
        case ERR_WOULDBLOCK: return -TS_EAGAIN;
        case ERR_USE: return -TS_EADDRINUSE;
        case ERR_ALREADY: return -TS_EALREADY;
        case ERR_ISCONN: return -TS_EISCONN;
        case ERR_CONN:
        case ERR_CLSD: return -TS_ENOTCONN;
        case ERR_IF: return -TS_EIO;
        case ERR_ABRT: return -TS_ECONNABORTED;
        case ERR_RST: return -TS_ECONNRESET;
        default: return -TS_EINVAL;
    }
}

/* ---- what has come ---- */

/* Drops all that waits, and opens a stream's window for it. */
static void drop_queue(socket_t *s)
{
    if (s->kind == TS_NET_STREAM && s->state == CONNECTED && s->pcb.any != NULL && s->queued != 0)
    {
        tcp_recved(s->pcb.tcp, (u16_t)s->queued);
    }
    if (s->first != NULL)
    {
        pbuf_free(s->first);
    }
    s->first = s->last = NULL;
    s->queued = 0;
    s->offset = s->room = 0;
    for (; s->n_datagrams != 0; s->n_datagrams--)
    {
        pbuf_free(s->datagrams[s->first_datagram].bytes);
        s->first_datagram = (uint8_t)((s->first_datagram + 1) % DATAGRAMS);
    }
}

/* Takes over a segment. */
static void append(socket_t *s, struct pbuf *p)
{
    uint16_t n = p->tot_len;
    s->queued += n;
    if (s->first != NULL && n <= SMALL)
    {
        if (s->room < n)
        {
            struct pbuf *collector = pbuf_alloc(PBUF_RAW, COLLECTOR, PBUF_POOL);
            if (collector != NULL && collector->next == NULL)
            {
                s->room = collector->len;
                collector->len = 0;
                s->last->next = collector;
                s->last = collector;
            }
            else if (collector != NULL)
            {
                pbuf_free(collector);
            }
        }
        if (s->room >= n)
        {
            pbuf_copy_partial(p, (uint8_t *)s->last->payload + s->last->len, n, 0);
            s->last->len = (uint16_t)(s->last->len + n);
            s->room = (uint16_t)(s->room - n);
            pbuf_free(p);
            return;
        }
    }
    if (s->first == NULL)
    {
        s->first = p;
    }
    else
    {
        s->last->next = p;
    }
    while (p->next != NULL)
    {
        p = p->next;
    }
    s->last = p;
    s->room = 0;
}

/* Moves up to `n` bytes of a stream; with `peek` they stay. */
static uint32_t take(socket_t *s, uint8_t *to, uint32_t n, uint32_t peek)
{
    uint32_t done = 0;
    struct pbuf *p = s->first;
    uint16_t offset = s->offset;
    while (p != NULL && done < n)
    {
        uint32_t part = LWIP_MIN((uint32_t)p->len - offset, n - done);
        MEMCPY(to + done, (uint8_t *)p->payload + offset, part);
        done += part;
        offset = (uint16_t)(offset + part);
        if (offset == p->len)
        {
            struct pbuf *next = p->next;
            offset = 0;
            if (!peek)
            {
                p->next = NULL;
                pbuf_free(p);
                s->first = next;
            }
            p = next;
        }
    }
    if (!peek)
    {
        s->offset = offset;
        s->queued -= done;
        if (s->first == NULL)
        {
            s->last = NULL;
            s->room = 0;
        }
        if (s->pcb.any != NULL && done != 0)
        {
            tcp_recved(s->pcb.tcp, (u16_t)done);
        }
    }
    return done;
}

/* ---- lwIP calls us ---- */

static err_t on_received(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t error);
static err_t on_sent(void *arg, struct tcp_pcb *pcb, u16_t n);
static err_t on_poll(void *arg, struct tcp_pcb *pcb);
static void on_error(void *arg, err_t error);

static void name_us(socket_t *s)
{
    tcp_arg(s->pcb.tcp, s);
    tcp_recv(s->pcb.tcp, on_received);
    tcp_sent(s->pcb.tcp, on_sent);
    tcp_err(s->pcb.tcp, on_error);
    tcp_poll(s->pcb.tcp, on_poll, RETRY);
}

/* Closes a stream that lacked memory for it before. */
static err_t close_again(void *arg, struct tcp_pcb *pcb)
{
    (void)arg;
    if (tcp_close(pcb) != ERR_OK)
    {
        tcp_abort(pcb);
        return ERR_ABRT;
    }
    return ERR_OK;
}

/* Forgets the stream's pcb, which lwIP then ends by itself: invariant 2. */
static struct tcp_pcb *forget(socket_t *s)
{
    struct tcp_pcb *pcb = s->pcb.tcp;
    s->pcb.any = NULL;
    if (pcb != NULL)
    {
        tcp_arg(pcb, NULL);
        if (s->state == LISTENING)
        {
            tcp_accept(pcb, NULL);
        }
        else
        {
            tcp_recv(pcb, NULL);
            tcp_sent(pcb, NULL);
            tcp_err(pcb, NULL);
            tcp_poll(pcb, NULL, 0);
        }
    }
    s->state = ENDED;
    return pcb;
}

static void close_pcb(socket_t *s)
{
    int is_listener = s->state == LISTENING;
    struct tcp_pcb *pcb = forget(s);
    if (pcb != NULL && tcp_close(pcb) != ERR_OK && !is_listener)
    {
        tcp_poll(pcb, close_again, 4);
    }
}

/* Both directions have ended: lwIP does the rest. */
static void let_go_if_over(socket_t *s)
{
    if (s->read_closed && s->write_closed)
    {
        (void)forget(s);
    }
}

static err_t on_received(void *arg, struct tcp_pcb *pcb, struct pbuf *p, err_t error)
{
    socket_t *s = arg;
    (void)error;
    if (p == NULL)
    {
        s->read_closed = 1;
        let_go_if_over(s);
    }
    else if (s->read_closed)
    {
        tcp_recved(pcb, p->tot_len);
        pbuf_free(p);
    }
    else
    {
        append(s, p);
    }
    changed(s);
    return ERR_OK;
}

static err_t on_sent(void *arg, struct tcp_pcb *pcb, u16_t n)
{
    socket_t *s = arg;
    (void)pcb;
    (void)n;
    s->starved = 0;
    changed(s);
    return ERR_OK;
}

static err_t on_poll(void *arg, struct tcp_pcb *pcb)
{
    socket_t *s = arg;
    (void)pcb;
    if (s->starved)
    {
        s->starved = 0;
        changed(s);
    }
    return ERR_OK;
}

static void unlink_waiting(socket_t *s)
{
    int16_t *link = &sockets[s->listener].waiting;
    while (*link != NONE && *link != number_of(s))
    {
        link = &sockets[*link].next;
    }
    if (*link != NONE)
    {
        *link = s->next;
    }
    s->listener = s->next = NONE;
}

static void free_socket(socket_t *s)
{
    drop_queue(s);
    s->kind = 0;
    s->listener = NONE;
}

/* lwIP has freed the pcb. */
static void on_error(void *arg, err_t error)
{
    socket_t *s = arg;
    if (s == NULL)
    {
        return;
    }
    s->pcb.any = NULL;
    if (s->listener != NONE)
    {
        /* It ended before anybody accepted it. */
        unlink_waiting(s);
        free_socket(s);
        return;
    }
    if (s->state == CONNECTING)
    {
        s->error = error == ERR_RST ? TS_ECONNREFUSED : TS_ETIMEDOUT;
    }
    else if (error != ERR_CLSD)
    {
        s->error = (uint16_t)-ts_net_errno(error);
    }
    s->state = ENDED;
    changed(s);
}

static err_t on_connected(void *arg, struct tcp_pcb *pcb, err_t error)
{
    socket_t *s = arg;
    (void)pcb;
    (void)error;
    s->state = CONNECTED;
    changed(s);
    return ERR_OK;
}

/* ---- making ---- */

/* A free place, cleared. */
static socket_t *make(uint32_t kind)
{
    for (int i = 0; i < TS_NET_SOCKETS; i++)
    {
        socket_t *s = &sockets[i];
        if (s->kind == 0)
        {
            uint32_t generation = s->generation + 1;
            memset(s, 0, sizeof *s);
            s->generation = generation;
            s->kind = (uint8_t)kind;
            s->waiting = s->next = s->listener = NONE;
            return s;
        }
    }
    return NULL;
}

static err_t on_accept(void *arg, struct tcp_pcb *pcb, err_t error)
{
    socket_t *listener = arg;
    if (pcb == NULL || error != ERR_OK || listener == NULL)
    {
        return ERR_VAL;
    }
    socket_t *s = make(TS_NET_STREAM);
    if (s == NULL)
    {
        tcp_abort(pcb);
        return ERR_ABRT;
    }
    s->state = CONNECTED;
    s->pcb.tcp = pcb;
    name_us(s);
    tcp_backlog_delayed(pcb);
    s->listener = (int16_t)number_of(listener);
    int16_t *link = &listener->waiting;
    while (*link != NONE)
    {
        link = &sockets[*link].next;
    }
    *link = (int16_t)number_of(s);
    changed(listener);
    return ERR_OK;
}

static void queue_datagram(socket_t *s, struct pbuf *p, const ip_addr_t *address, u16_t port)
{
    if (s->n_datagrams == DATAGRAMS || s->read_closed)
    {
        pbuf_free(p);
        return;
    }
    int at = (s->first_datagram + s->n_datagrams++) % DATAGRAMS;
    s->datagrams[at].bytes = p;
    s->datagrams[at].address = ip4_addr_get_u32(ip_2_ip4(address));
    s->datagrams[at].port = port;
    changed(s);
}

static void on_datagram(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *address, u16_t port)
{
    (void)pcb;
    queue_datagram(arg, p, address, port);
}

/* A raw socket gets a copy: others, and lwIP itself, want the packet too. */
static u8_t on_raw(void *arg, struct raw_pcb *pcb, struct pbuf *p, const ip_addr_t *address)
{
    struct pbuf *copy = pbuf_clone(PBUF_RAW, PBUF_RAM, p);
    (void)pcb;
    if (copy != NULL)
    {
        queue_datagram(arg, copy, address, 0);
    }
    return 0;
}

static int make_pcb(socket_t *s)
{
    switch (s->kind)
    {
        case TS_NET_STREAM:
            s->pcb.tcp = tcp_new();
            if (s->pcb.tcp != NULL)
            {
                name_us(s);
            }
            break;
        case TS_NET_DATAGRAM:
            s->pcb.udp = udp_new();
            if (s->pcb.udp != NULL)
            {
                udp_recv(s->pcb.udp, on_datagram, s);
            }
            break;
        default:
            s->pcb.raw = raw_new(s->raw_protocol);
            if (s->pcb.raw != NULL)
            {
                raw_recv(s->pcb.raw, on_raw, s);
            }
    }
    return s->pcb.any != NULL;
}

int32_t ts_net_socket(uint32_t kind, uint32_t protocol)
{
    if (kind < TS_NET_STREAM || kind > TS_NET_RAW || protocol > 255)
    {
        return -TS_EPROTONOSUPPORT;
    }
    LOCK_TCPIP_CORE();
    int32_t result = -TS_ENFILE;
    socket_t *s = make(kind);
    if (s != NULL)
    {
        s->raw_protocol = (uint8_t)protocol;
        if (make_pcb(s))
        {
            result = handle_of(s);
        }
        else
        {
            s->kind = 0;
            result = -TS_ENOMEM;
        }
    }
    UNLOCK_TCPIP_CORE();
    return result;
}

/* ---- ending ---- */

static void leave_groups(socket_t *s)
{
    for (int i = 0; i < GROUPS; i++)
    {
        if (s->groups[i].group != 0)
        {
            ip4_addr_t interface = {s->groups[i].interface}, group = {s->groups[i].group};
            (void)igmp_leavegroup(&interface, &group);
            s->groups[i].group = 0;
        }
    }
}

static void end(socket_t *s, int is_abort)
{
    leave_groups(s);
    while (s->waiting != NONE)
    {
        socket_t *orphan = &sockets[s->waiting];
        struct tcp_pcb *pcb = orphan->pcb.tcp;
        unlink_waiting(orphan);
        (void)forget(orphan);
        if (pcb != NULL)
        {
            tcp_abort(pcb);
        }
        free_socket(orphan);
    }
    switch (s->pcb.any == NULL ? 0 : s->kind)
    {
        case TS_NET_STREAM:
            if (is_abort && s->state != LISTENING)
            {
                tcp_abort(forget(s));
            }
            else
            {
                close_pcb(s);
            }
            break;
        case TS_NET_DATAGRAM: udp_remove(s->pcb.udp); break;
        case TS_NET_RAW: raw_remove(s->pcb.raw); break;
        default: break;
    }
    s->pcb.any = NULL;
    free_socket(s);
    changed(s);
}

static int32_t end_handle(int32_t handle, int is_abort)
{
    LOCK_TCPIP_CORE();
    socket_t *s = find(handle);
    if (s != NULL)
    {
        end(s, is_abort);
    }
    UNLOCK_TCPIP_CORE();
    return s != NULL ? 0 : -TS_EBADF;
}

int32_t ts_net_close(int32_t socket) { return end_handle(socket, 0); }

int32_t ts_net_abort(int32_t socket) { return end_handle(socket, 1); }

static int32_t shut(socket_t *s, uint32_t how)
{
    if (s->kind != TS_NET_STREAM || s->state != CONNECTED)
    {
        return -TS_ENOTCONN;
    }
    if (how != 0 && !s->write_closed)
    {
        err_t error = tcp_shutdown(s->pcb.tcp, 0, 1);
        if (error != ERR_OK)
        {
            return ts_net_errno(error);
        }
        s->write_closed = 1;
    }
    if (how != 1)
    {
        drop_queue(s);
        s->read_closed = 1;
        if (s->write_closed)
        {
            /* Nobody reads any more: lwIP shall drop what comes, and end. */
            close_pcb(s);
        }
    }
    let_go_if_over(s);
    changed(s);
    return 0;
}

/* ---- addresses ---- */

static int32_t bind_to(socket_t *s, uint32_t address, uint16_t port)
{
    ip_addr_t ip = IPADDR4_INIT(address);
    switch (s->pcb.any == NULL || s->state != NEW ? 0 : s->kind)
    {
        case TS_NET_STREAM:
            /* lwIP would let it be bound again. */
            return s->pcb.tcp->local_port != 0 ? -TS_EINVAL : ts_net_errno(tcp_bind(s->pcb.tcp, &ip, port));
        case TS_NET_DATAGRAM:
            return s->pcb.udp->local_port != 0 ? -TS_EINVAL : ts_net_errno(udp_bind(s->pcb.udp, &ip, port));
        case TS_NET_RAW: return ts_net_errno(raw_bind(s->pcb.raw, &ip));
        default: return -TS_EINVAL;
    }
}

/* lwIP counts in a byte, and knows no backlog of 0. */
static u8_t limited(uint32_t backlog) { return (u8_t)LWIP_MAX(1, LWIP_MIN(backlog, 255)); }

static int32_t listen_at(socket_t *s, uint32_t backlog)
{
    err_t error = ERR_OK;
    struct tcp_pcb *pcb;
    if (s->kind != TS_NET_STREAM)
    {
        return -TS_EOPNOTSUPP;
    }
    if (s->state == LISTENING)
    {
        tcp_backlog_set(s->pcb.tcp, limited(backlog));
        return 0;
    }
    if (s->state != NEW)
    {
        return -TS_EINVAL;
    }
    pcb = tcp_listen_with_backlog_and_err(s->pcb.tcp, limited(backlog), &error);
    if (pcb == NULL)
    {
        return ts_net_errno(error);
    }
    s->pcb.tcp = pcb;
    s->state = LISTENING;
    tcp_arg(pcb, s);
    tcp_accept(pcb, on_accept);
    return 0;
}

static void name_peer(const socket_t *s, uint32_t *address, uint32_t *port)
{
    if (address != NULL)
    {
        *address = s->pcb.any != NULL ? ip4_addr_get_u32(ip_2_ip4(&s->pcb.tcp->remote_ip)) : 0;
    }
    if (port != NULL)
    {
        *port = s->pcb.any != NULL ? s->pcb.tcp->remote_port : 0;
    }
}

static int32_t accept_from(socket_t *s, uint32_t *address, uint32_t *port)
{
    if (s->kind != TS_NET_STREAM || s->state != LISTENING)
    {
        return s->kind == TS_NET_STREAM ? -TS_EINVAL : -TS_EOPNOTSUPP;
    }
    if (s->waiting == NONE)
    {
        return -TS_EAGAIN;
    }
    socket_t *connection = &sockets[s->waiting];
    unlink_waiting(connection);
    if (connection->pcb.any != NULL)
    {
        tcp_backlog_accepted(connection->pcb.tcp);
    }
    name_peer(connection, address, port);
    return handle_of(connection);
}

static int32_t connect_stream(socket_t *s, uint32_t address, uint16_t port)
{
    ip_addr_t ip = IPADDR4_INIT(address);
    switch (s->state)
    {
        case CONNECTING: return -TS_EALREADY;
        case CONNECTED: return -TS_EISCONN;
        case LISTENING: return -TS_EINVAL;
        default: break;
    }
    if (s->state == ENDED)
    {
        /* Again, with what is left of the last attempt gone. */
        close_pcb(s);
        drop_queue(s);
        s->read_closed = s->write_closed = s->starved = 0;
        s->error = 0;
        s->state = NEW;
        if (!make_pcb(s))
        {
            s->state = ENDED;
            return -TS_ENOMEM;
        }
    }
    err_t error = tcp_connect(s->pcb.tcp, &ip, port, on_connected);
    if (error != ERR_OK)
    {
        return ts_net_errno(error);
    }
    s->state = CONNECTING;
    return -TS_EINPROGRESS;
}

static int32_t connect_to(socket_t *s, uint32_t address, uint16_t port)
{
    ip_addr_t ip = IPADDR4_INIT(address);
    switch (s->kind)
    {
        case TS_NET_STREAM: return connect_stream(s, address, port);
        case TS_NET_DATAGRAM: return ts_net_errno(udp_connect(s->pcb.udp, &ip, port));
        default: return ts_net_errno(raw_connect(s->pcb.raw, &ip));
    }
}

static int32_t take_error(socket_t *s)
{
    int32_t error = s->error;
    s->error = 0;
    return error;
}

static int32_t connected(socket_t *s)
{
    if (s->kind != TS_NET_STREAM || s->state == CONNECTED)
    {
        return 0;
    }
    if (s->state == CONNECTING)
    {
        return -TS_EINPROGRESS;
    }
    return s->error != 0 ? -take_error(s) : -TS_ENOTCONN;
}

/* ---- bytes ---- */

/* Why a stream cannot be used; 0 if it can. */
static int32_t trouble(socket_t *s)
{
    if (s->error != 0)
    {
        return -take_error(s);
    }
    switch (s->state)
    {
        case CONNECTED: return 0;
        case CONNECTING: return -TS_EAGAIN;
        default: return -TS_ENOTCONN;
    }
}

static int32_t send_stream(socket_t *s, const uint8_t *bytes, uint32_t n)
{
    if (s->write_closed && s->error == 0)
    {
        return -TS_EPIPE;
    }
    int32_t error = trouble(s);
    if (error != 0 || n == 0)
    {
        return error;
    }
    uint32_t part = LWIP_MIN(n, (uint32_t)tcp_sndbuf(s->pcb.tcp));
    if (part == 0)
    {
        return -TS_EAGAIN;
    }
    err_t result;
    while ((result = tcp_write(s->pcb.tcp, bytes, (u16_t)part, TCP_WRITE_FLAG_COPY)) == ERR_MEM && part > 64)
    {
        part /= 2;
    }
    if (result == ERR_MEM)
    {
        s->starved = 1; /* `on_sent` or `on_poll` tells when to try again. */
        return -TS_EAGAIN;
    }
    if (result != ERR_OK)
    {
        return ts_net_errno(result);
    }
    (void)tcp_output(s->pcb.tcp);
    return (int32_t)part;
}

static int32_t send_datagram(socket_t *s, const void *bytes, uint32_t n, const uint32_t *address, uint16_t port)
{
    if (n > 65507)
    {
        return -TS_EMSGSIZE;
    }
    struct pbuf *p = pbuf_alloc(s->kind == TS_NET_RAW ? PBUF_IP : PBUF_TRANSPORT, (u16_t)n, PBUF_RAM);
    if (p == NULL)
    {
        return -TS_ENOMEM;
    }
    (void)pbuf_take(p, bytes, (u16_t)n);
    err_t error;
    ip_addr_t ip = IPADDR4_INIT(address != NULL ? *address : 0);
    if (s->kind == TS_NET_RAW)
    {
        error = address != NULL ? raw_sendto(s->pcb.raw, p, &ip) : raw_send(s->pcb.raw, p);
    }
    else if (address != NULL)
    {
        error = udp_sendto(s->pcb.udp, p, &ip, port);
    }
    else
    {
        error = udp_send(s->pcb.udp, p);
    }
    pbuf_free(p);
    return error == ERR_OK ? (int32_t)n : ts_net_errno(error);
}

static int32_t send_to(socket_t *s, const void *bytes, uint32_t n, const uint32_t *address, uint16_t port)
{
    if (s->kind == TS_NET_STREAM)
    {
        return send_stream(s, bytes, n);
    }
    int is_connected = s->kind == TS_NET_DATAGRAM ? (s->pcb.udp->flags & UDP_FLAGS_CONNECTED) != 0
                                                  : (s->pcb.raw->flags & RAW_FLAGS_CONNECTED) != 0;
    if (address == NULL && !is_connected)
    {
        return -TS_ENOTCONN;
    }
    return send_datagram(s, bytes, n, address, port);
}

static int32_t receive_stream(socket_t *s, void *bytes, uint32_t n, uint32_t peek)
{
    if (s->queued != 0)
    {
        return (int32_t)take(s, bytes, n, peek);
    }
    if (s->read_closed && s->error == 0)
    {
        return 0;
    }
    int32_t error = trouble(s);
    return error != 0 ? error : -TS_EAGAIN;
}

static int32_t receive(socket_t *s, void *bytes, uint32_t n, uint32_t peek, uint32_t *address, uint32_t *port)
{
    if (s->kind == TS_NET_STREAM)
    {
        name_peer(s, address, port);
        return receive_stream(s, bytes, n, peek);
    }
    if (s->n_datagrams == 0)
    {
        return -TS_EAGAIN;
    }
    int at = s->first_datagram;
    if (address != NULL)
    {
        *address = s->datagrams[at].address;
    }
    if (port != NULL)
    {
        *port = s->datagrams[at].port;
    }
    struct pbuf *p = s->datagrams[at].bytes;
    uint16_t part = pbuf_copy_partial(p, bytes, (u16_t)LWIP_MIN(n, 0xffff), 0);
    if (!peek)
    {
        pbuf_free(p);
        s->first_datagram = (uint8_t)((at + 1) % DATAGRAMS);
        s->n_datagrams--;
    }
    return part;
}

static int32_t ready(const socket_t *s)
{
    if (s->kind != TS_NET_STREAM)
    {
        return TS_NET_WRITABLE | (s->n_datagrams != 0 ? TS_NET_READABLE : 0);
    }
    int32_t bits = s->queued != 0 || s->read_closed ? TS_NET_READABLE : 0;
    switch (s->state)
    {
        case NEW: bits |= TS_NET_WRITABLE | TS_NET_HANG_UP; break;
        case LISTENING: bits |= s->waiting != NONE ? TS_NET_READABLE : 0; break;
        case CONNECTING: break;
        case CONNECTED:
            /* A byte needs at most two buffers in the queue. */
            if (s->write_closed || (!s->starved && tcp_sndbuf(s->pcb.tcp) != 0 &&
                                    tcp_sndqueuelen(s->pcb.tcp) + 2 <= TCP_SND_QUEUELEN))
            {
                bits |= TS_NET_WRITABLE;
            }
            break;
        default:
            bits |= TS_NET_READABLE | TS_NET_WRITABLE | TS_NET_HANG_UP | (s->error != 0 ? TS_NET_ERROR : 0);
    }
    return bits;
}

/* ---- options ---- */

static struct ip_pcb *ip_of(socket_t *s) { return s->pcb.any; }

static int32_t flag_option(socket_t *s, u8_t bit, uint32_t value)
{
    if (value != 0)
    {
        ip_set_option(ip_of(s), bit);
    }
    else
    {
        ip_reset_option(ip_of(s), bit);
    }
    return 0;
}

static int32_t set_stream_option(socket_t *s, uint32_t option, uint32_t value)
{
    struct tcp_pcb *pcb = s->pcb.tcp;
    if (s->kind != TS_NET_STREAM || s->state == LISTENING)
    {
        return -TS_ENOPROTOOPT;
    }
    switch (option)
    {
        case TS_NET_NO_DELAY:
            if (value != 0)
            {
                tcp_nagle_disable(pcb);
            }
            else
            {
                tcp_nagle_enable(pcb);
            }
            return 0;
        case TS_NET_KEEP_IDLE_S: pcb->keep_idle = value * 1000; return 0;
        case TS_NET_KEEP_INTERVAL_S: pcb->keep_intvl = value * 1000; return 0;
        case TS_NET_KEEP_COUNT: pcb->keep_cnt = value; return 0;
        default: return -TS_ENOPROTOOPT;
    }
}

static int32_t set_datagram_option(socket_t *s, uint32_t option, uint32_t value)
{
    if (s->kind != TS_NET_DATAGRAM)
    {
        return -TS_ENOPROTOOPT;
    }
    switch (option)
    {
        case TS_NET_MULTICAST_TTL: udp_set_multicast_ttl(s->pcb.udp, (u8_t)value); return 0;
        case TS_NET_MULTICAST_LOOP:
            udp_set_flags(s->pcb.udp, value != 0 ? UDP_FLAGS_MULTICAST_LOOP : 0);
            if (value == 0)
            {
                udp_clear_flags(s->pcb.udp, UDP_FLAGS_MULTICAST_LOOP);
            }
            return 0;
        case TS_NET_MULTICAST_INTERFACE:
        {
            ip4_addr_t address = {value};
            udp_set_multicast_netif_addr(s->pcb.udp, &address);
            return 0;
        }
        default: return -TS_ENOPROTOOPT;
    }
}

static int32_t set_option(socket_t *s, uint32_t option, uint32_t value)
{
    if (s->pcb.any == NULL)
    {
        return -TS_EINVAL;
    }
    switch (option)
    {
        case TS_NET_REUSE_ADDRESS: return flag_option(s, SOF_REUSEADDR, value);
        case TS_NET_BROADCAST: return flag_option(s, SOF_BROADCAST, value);
        case TS_NET_KEEP_ALIVE: return flag_option(s, SOF_KEEPALIVE, value);
        case TS_NET_TTL: ip_of(s)->ttl = (u8_t)value; return 0;
        case TS_NET_TOS: ip_of(s)->tos = (u8_t)value; return 0;
        case TS_NET_MULTICAST_TTL:
        case TS_NET_MULTICAST_LOOP:
        case TS_NET_MULTICAST_INTERFACE: return set_datagram_option(s, option, value);
        default: return set_stream_option(s, option, value);
    }
}

static int32_t get_option(socket_t *s, uint32_t option, uint32_t *value)
{
    if (s->pcb.any == NULL)
    {
        return -TS_EINVAL;
    }
    switch (option)
    {
        case TS_NET_REUSE_ADDRESS: *value = ip_get_option(ip_of(s), SOF_REUSEADDR) != 0; return 0;
        case TS_NET_BROADCAST: *value = ip_get_option(ip_of(s), SOF_BROADCAST) != 0; return 0;
        case TS_NET_KEEP_ALIVE: *value = ip_get_option(ip_of(s), SOF_KEEPALIVE) != 0; return 0;
        case TS_NET_TTL: *value = ip_of(s)->ttl; return 0;
        case TS_NET_TOS: *value = ip_of(s)->tos; return 0;
        case TS_NET_NO_DELAY:
            *value = s->kind == TS_NET_STREAM && s->state != LISTENING && tcp_nagle_disabled(s->pcb.tcp);
            return s->kind == TS_NET_STREAM ? 0 : -TS_ENOPROTOOPT;
        default: return -TS_ENOPROTOOPT;
    }
}

static int32_t change_group(socket_t *s, uint32_t join, uint32_t group, uint32_t interface)
{
    ip4_addr_t group_ip = {group}, interface_ip = {interface};
    uint32_t wanted = join ? 0 : group;
    int i = 0;
    if (s->kind != TS_NET_DATAGRAM)
    {
        return -TS_ENOPROTOOPT;
    }
    while (i < GROUPS && (s->groups[i].group != wanted || (!join && s->groups[i].interface != interface)))
    {
        i++;
    }
    if (i == GROUPS)
    {
        return join ? -TS_ENOBUFS : -TS_EADDRNOTAVAIL;
    }
    err_t error = join ? igmp_joingroup(&interface_ip, &group_ip) : igmp_leavegroup(&interface_ip, &group_ip);
    if (error != ERR_OK)
    {
        return error == ERR_VAL ? -TS_EADDRNOTAVAIL : ts_net_errno(error);
    }
    s->groups[i].group = join ? group : 0;
    s->groups[i].interface = interface;
    return 0;
}

static int32_t local(socket_t *s, uint32_t *address, uint32_t *port)
{
    *address = s->pcb.any != NULL ? ip4_addr_get_u32(ip_2_ip4(&ip_of(s)->local_ip)) : 0;
    *port = 0;
    if (s->pcb.any != NULL && s->kind != TS_NET_RAW)
    {
        /* A listener's pcb begins like a connection's. */
        *port = s->kind == TS_NET_STREAM ? s->pcb.tcp->local_port : s->pcb.udp->local_port;
    }
    return 0;
}

static int32_t peer(socket_t *s, uint32_t *address, uint32_t *port)
{
    if (s->kind == TS_NET_STREAM && s->state == CONNECTED)
    {
        name_peer(s, address, port);
        return 0;
    }
    if (s->kind == TS_NET_DATAGRAM && (s->pcb.udp->flags & UDP_FLAGS_CONNECTED) != 0)
    {
        *address = ip4_addr_get_u32(ip_2_ip4(&s->pcb.udp->remote_ip));
        *port = s->pcb.udp->remote_port;
        return 0;
    }
    return -TS_ENOTCONN;
}

/* ---- the same, with the core locked ---- */

#define WITH_SOCKET(handle, call)                \
    LOCK_TCPIP_CORE();                           \
    socket_t *s = find(handle);                  \
    int32_t result = s != NULL ? (call) : -TS_EBADF; \
    UNLOCK_TCPIP_CORE();                         \
    return result

#define WITH_PORT(handle, port, call) \
    if ((port) > 65535)               \
    {                                 \
        return -TS_EINVAL;            \
    }                                 \
    WITH_SOCKET(handle, call)

int32_t ts_net_bind(int32_t socket, uint32_t address, uint32_t port)
{
    WITH_PORT(socket, port, bind_to(s, address, (uint16_t)port));
}

int32_t ts_net_listen(int32_t socket, uint32_t backlog) { WITH_SOCKET(socket, listen_at(s, backlog)); }

int32_t ts_net_accept(int32_t socket, uint32_t *address, uint32_t *port)
{
    WITH_SOCKET(socket, accept_from(s, address, port));
}

int32_t ts_net_connect(int32_t socket, uint32_t address, uint32_t port)
{
    WITH_PORT(socket, port, connect_to(s, address, (uint16_t)port));
}

int32_t ts_net_connected(int32_t socket) { WITH_SOCKET(socket, connected(s)); }

int32_t ts_net_send(int32_t socket, const void *bytes, uint32_t n) { WITH_SOCKET(socket, send_to(s, bytes, n, NULL, 0)); }

int32_t ts_net_send_to(int32_t socket, const void *bytes, uint32_t n, uint32_t address, uint32_t port)
{
    WITH_PORT(socket, port, send_to(s, bytes, n, &address, (uint16_t)port));
}

int32_t ts_net_receive(int32_t socket, void *bytes, uint32_t n, uint32_t peek, uint32_t *address, uint32_t *port)
{
    WITH_SOCKET(socket, receive(s, bytes, n, peek, address, port));
}

int32_t ts_net_available(int32_t socket)
{
    WITH_SOCKET(socket, s->n_datagrams != 0 ? s->datagrams[s->first_datagram].bytes->tot_len : (int32_t)s->queued);
}

int32_t ts_net_shutdown(int32_t socket, uint32_t how)
{
    if (how > 2)
    {
        return -TS_EINVAL;
    }
    WITH_SOCKET(socket, shut(s, how));
}

int32_t ts_net_ready(int32_t socket) { WITH_SOCKET(socket, ready(s)); }

int32_t ts_net_local(int32_t socket, uint32_t *address, uint32_t *port) { WITH_SOCKET(socket, local(s, address, port)); }

int32_t ts_net_peer(int32_t socket, uint32_t *address, uint32_t *port) { WITH_SOCKET(socket, peer(s, address, port)); }

int32_t ts_net_set_option(int32_t socket, uint32_t option, uint32_t value)
{
    WITH_SOCKET(socket, set_option(s, option, value));
}

int32_t ts_net_option(int32_t socket, uint32_t option, uint32_t *value)
{
    WITH_SOCKET(socket, get_option(s, option, value));
}

int32_t ts_net_take_error(int32_t socket) { WITH_SOCKET(socket, take_error(s)); }

int32_t ts_net_group(int32_t socket, uint32_t join, uint32_t group, uint32_t interface_address)
{
    WITH_SOCKET(socket, change_group(s, join, group, interface_address));
}
