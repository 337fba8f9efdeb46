/*
 * The bytes of sockets: what has come and waits, sending, receiving, readiness. See ts_net.h.
 *
 * Source: RFC 9293 (TCP), RFC 768 (UDP); POSIX.1-2017, "Sockets".
 */
#include <string.h>

#include "lwip/pbuf.h"
#include "lwip/stats.h"
#include "lwip/priv/tcp_priv.h"

#include "ts_net_priv.h"

/* Segments up to this size are collected while others wait. */
#define SMALL 512
#define COLLECTOR 1536

/* ---- what has come ---- */

/* Drops all that waits, and opens a stream's window for it. */
void ts_net_drop_queue(socket_t *s)
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
void ts_net_append(socket_t *s, struct pbuf *p)
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

/* ---- bytes ---- */

/* Why a stream cannot be used; 0 if it can. */
static int32_t trouble(socket_t *s)
{
    if (s->error != 0)
    {
        return -ts_net_take(s);
    }
    switch (s->state)
    {
        case CONNECTED: return 0;
        case CONNECTING: return -TS_EAGAIN;
        default: return -TS_ENOTCONN;
    }
}

/* Bytes of lwIP's heap that streams leave to others: to connections that begin or end, to datagrams, to the loopback. */
#define RESERVE (MEM_SIZE / 3)

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
    if (lwip_stats.mem.used + part > MEM_SIZE - RESERVE)
    {
        s->starved = 1; /* `on_sent` or `on_poll` tells when to try again. */
        return -TS_EAGAIN;
    }
    err_t result;
    while ((result = tcp_write(s->pcb.tcp, bytes, (u16_t)part, TCP_WRITE_FLAG_COPY)) == ERR_MEM && part > 64)
    {
        part /= 2;
    }
    if (result == ERR_MEM)
    {
        s->starved = 1;
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
        ts_net_name_peer(s, address, port);
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

uint32_t ts_net_unsent(void)
{
    uint32_t n = 0;
    LOCK_TCPIP_CORE();
    for (const struct tcp_pcb *pcb = tcp_active_pcbs; pcb != NULL; pcb = pcb->next)
    {
        int is_loop = ip_addr_eq(&pcb->local_ip, &pcb->remote_ip) || ip_addr_isloopback(&pcb->remote_ip);
        n += !is_loop && pcb->state >= ESTABLISHED && (pcb->unsent != NULL || pcb->unacked != NULL);
    }
    UNLOCK_TCPIP_CORE();
    return n;
}

/* ---- the same, with the core locked ---- */

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

int32_t ts_net_ready(int32_t socket) { WITH_SOCKET(socket, ready(s)); }
