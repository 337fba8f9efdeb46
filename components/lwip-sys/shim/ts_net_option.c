/*
 * Options, multicast groups and addresses of sockets: see ts_net.h.
 *
 * Source: POSIX.1-2017, "Sockets"; RFC 3493 (multicast options), RFC 3376 (groups).
 */
#include "lwip/igmp.h"
#include "lwip/ip.h"
#include "lwip/priv/tcp_priv.h"

#include "ts_net_priv.h"

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
        ts_net_name_peer(s, address, port);
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

int32_t ts_net_group(int32_t socket, uint32_t join, uint32_t group, uint32_t interface_address)
{
    WITH_SOCKET(socket, change_group(s, join, group, interface_address));
}
