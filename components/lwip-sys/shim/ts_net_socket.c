/*
 * Sockets that never block, on lwIP's raw API: see ts_net.h.
 *
 * Source: RFC 9293 (TCP), RFC 768 (UDP); POSIX.1-2017, "Sockets"; lwIP, doc/rawapi.txt.
 */
#include <string.h>

#include "lwip/igmp.h"

#include "lwip/priv/tcp_priv.h"
#include "ts_net_priv.h"

/* Half seconds between two tries of what lacked memory. */
#define RETRY 1

static socket_t sockets[TS_NET_SOCKETS];

static int number_of(const socket_t *s) { return (int)(s - sockets); }

static int32_t handle_of(const socket_t *s)
{
    return (int32_t)((s->generation & 0x7fffff) << 8 | (uint32_t)number_of(s));
}

uint32_t ts_net_socket_limit(void) { return TS_NET_SOCKETS; }

uint32_t ts_net_number(int32_t socket) { return (uint32_t)socket & 0xff; }

socket_t *ts_net_find(int32_t handle)
{
    uint32_t number = ts_net_number(handle);
    if (handle < 0 || number >= TS_NET_SOCKETS)
    {
        return NULL;
    }
    socket_t *s = &sockets[number];
    return s->kind != 0 && s->listener == NONE && handle_of(s) == handle ? s : NULL;
}

void ts_net_changed(const socket_t *s) { ts_net_hook->socket_changed((uint32_t)number_of(s)); }

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
        ts_net_append(s, p);
    }
    ts_net_changed(s);
    return ERR_OK;
}

static err_t on_sent(void *arg, struct tcp_pcb *pcb, u16_t n)
{
    socket_t *s = arg;
    (void)pcb;
    (void)n;
    s->starved = 0;
    ts_net_changed(s);
    return ERR_OK;
}

static err_t on_poll(void *arg, struct tcp_pcb *pcb)
{
    socket_t *s = arg;
    (void)pcb;
    if (s->starved)
    {
        s->starved = 0;
        ts_net_changed(s);
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
    ts_net_drop_queue(s);
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
    ts_net_changed(s);
}

static err_t on_connected(void *arg, struct tcp_pcb *pcb, err_t error)
{
    socket_t *s = arg;
    (void)pcb;
    (void)error;
    s->state = CONNECTED;
    ts_net_changed(s);
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
    ts_net_changed(listener);
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
    ts_net_changed(s);
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
    ts_net_changed(s);
}

static int32_t end_handle(int32_t handle, int is_abort)
{
    LOCK_TCPIP_CORE();
    socket_t *s = ts_net_find(handle);
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
        ts_net_drop_queue(s);
        s->read_closed = 1;
        if (s->write_closed)
        {
            /* Nobody reads any more: lwIP shall drop what comes, and end. */
            close_pcb(s);
        }
    }
    let_go_if_over(s);
    ts_net_changed(s);
    return 0;
}

/* ---- addresses ---- */

/* Whether a socket here may have this address as its own. */
static int is_ours(uint32_t address)
{
    ip4_addr_t ip = {address};
    struct netif *netif;
    if (ip4_addr_isany_val(ip) || ip4_addr_isloopback(&ip) || ip4_addr_ismulticast(&ip) || address == IPADDR_BROADCAST)
    {
        return 1;
    }
    NETIF_FOREACH(netif)
    {
        if (ip4_addr_eq(&ip, netif_ip4_addr(netif)) || ip4_addr_isbroadcast(&ip, netif))
        {
            return 1;
        }
    }
    return 0;
}

static int32_t bind_to(socket_t *s, uint32_t address, uint16_t port)
{
    ip_addr_t ip = IPADDR4_INIT(address);
    if (!is_ours(address))
    {
        return -TS_EADDRNOTAVAIL;
    }
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

void ts_net_name_peer(const socket_t *s, uint32_t *address, uint32_t *port)
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
    ts_net_name_peer(connection, address, port);
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
        ts_net_drop_queue(s);
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

int32_t ts_net_take(socket_t *s)
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
    return s->error != 0 ? -ts_net_take(s) : -TS_ENOTCONN;
}

/* ---- the same, with the core locked ---- */

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

int32_t ts_net_shutdown(int32_t socket, uint32_t how)
{
    if (how > 2)
    {
        return -TS_EINVAL;
    }
    WITH_SOCKET(socket, shut(s, how));
}

int32_t ts_net_take_error(int32_t socket) { WITH_SOCKET(socket, ts_net_take(s)); }
