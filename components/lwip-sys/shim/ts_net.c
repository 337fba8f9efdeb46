/*
 * The stack's start, its interfaces and its names: see ts_net.h.
 *
 * A setting of lwipopts.h that must be as here stops the compilation by name.
 *
 * Source: lwIP, doc/rawapi.txt and doc/sys_arch.txt; RFC 894 (IP over Ethernet).
 */
#include <string.h>

#include "lwip/dhcp.h"
#include "lwip/dns.h"
#include "lwip/etharp.h"
#include "lwip/ethip6.h"
#include "lwip/igmp.h"
#include "lwip/netif.h"
#include "lwip/pbuf.h"
#include "lwip/tcpip.h"
#include "lwip/udp.h"
#include "netif/ethernet.h"

#include "FreeRTOS.h"
#include "task.h"

#include "ts_net.h"
#include "ts_net_priv.h"

#if NO_SYS || !SYS_LIGHTWEIGHT_PROT
    #error "lwipopts.h: Threadsnake needs NO_SYS 0 and SYS_LIGHTWEIGHT_PROT 1"
#endif
#if !LWIP_TCPIP_CORE_LOCKING
    #error "lwipopts.h: Threadsnake needs LWIP_TCPIP_CORE_LOCKING 1 (its calls run in the task that makes them)"
#endif
#if !LWIP_IPV4 || !LWIP_TCP || !LWIP_UDP || !LWIP_RAW || !LWIP_DNS || !LWIP_DHCP || !LWIP_IGMP
    #error "lwipopts.h: Threadsnake needs LWIP_IPV4, LWIP_TCP, LWIP_UDP, LWIP_RAW, LWIP_DNS, LWIP_DHCP and LWIP_IGMP"
#endif
#if LWIP_IPV6
    #error "lwipopts.h: Threadsnake's sockets know LWIP_IPV6 0 only"
#endif
#if !LWIP_NETIF_LOOPBACK || !LWIP_HAVE_LOOPIF
    #error "lwipopts.h: Threadsnake needs LWIP_HAVE_LOOPIF 1 and LWIP_NETIF_LOOPBACK 1"
#endif
#if !LWIP_NETIF_HOSTNAME || !LWIP_NETIF_STATUS_CALLBACK || !LWIP_NETIF_LINK_CALLBACK
    #error "lwipopts.h: Threadsnake needs LWIP_NETIF_HOSTNAME, LWIP_NETIF_STATUS_CALLBACK, LWIP_NETIF_LINK_CALLBACK"
#endif
#if !TCP_LISTEN_BACKLOG
    #error "lwipopts.h: Threadsnake needs TCP_LISTEN_BACKLOG 1"
#endif
#if !SO_REUSE
    #error "lwipopts.h: Threadsnake needs SO_REUSE 1"
#endif
#if !LWIP_MULTICAST_TX_OPTIONS || !LWIP_TCP_KEEPALIVE
    #error "lwipopts.h: Threadsnake needs LWIP_MULTICAST_TX_OPTIONS 1 and LWIP_TCP_KEEPALIVE 1"
#endif
#if LWIP_NETCONN && !(LWIP_NETCONN_FULLDUPLEX && LWIP_NETCONN_SEM_PER_THREAD)
    #error "lwipopts.h: C tasks need LWIP_NETCONN_FULLDUPLEX 1 and LWIP_NETCONN_SEM_PER_THREAD 1"
#endif
#if (PBUF_POOL_BUFSIZE < TS_NET_FRAME + ETH_PAD_SIZE)
    #error "lwipopts.h: Threadsnake needs a PBUF_POOL_BUFSIZE that holds a whole frame (1514)"
#endif
#if (TCP_WND > 0xffff) || (TCP_SND_BUF > 0xffff)
    #error "lwipopts.h: Threadsnake needs TCP_WND and TCP_SND_BUF of at most 65535"
#endif
#if !LWIP_STATS || !MEM_STATS
    #error "lwipopts.h: Threadsnake needs LWIP_STATS 1 and MEM_STATS 1 (one connection shall not take all memory)"
#endif
#if !defined(TS_NET_SOCKETS)
    #error "lwipopts.h: Threadsnake needs TS_NET_SOCKETS, the number of its sockets"
#endif

const ts_net_hooks *ts_net_hook;

uint32_t ts_net_random(void) { return ts_net_hook->random(); }

int ts_net_strcmp(const char *a, const char *b)
{
    while (*a != 0 && *a == *b)
    {
        a++;
        b++;
    }
    return (unsigned char)*a - (unsigned char)*b;
}

int32_t ts_net_start(const ts_net_hooks *hooks)
{
    ts_net_hook = hooks;
    /* A stack that the firmware has started is used as it is. */
    if (!sys_mutex_valid(&lock_tcpip_core))
    {
        tcpip_init(NULL, NULL);
    }
    return 0;
}

/* ---- interfaces ---- */

/* How many frames are taken before other work of the task gets its turn. */
#define BURST 16

typedef struct
{
    struct netif *netif; /* Ours, or one that the firmware has added. */
    struct netif ours;
    ts_net_driver driver;
    /* What the firmware is told of its own. */
    netif_status_callback_fn status_of_theirs, link_of_theirs;
    uint8_t mac[6];
    volatile uint8_t is_posted;
    struct tcpip_callback_msg *message;
} interface_t;

static interface_t interfaces[TS_NET_INTERFACES];
/* What DHCP tells. Core locked. */
static char hostname[TS_NET_HOSTNAME + 1];
/* A frame on its way out, in one piece. Core locked. */
static uint8_t outgoing[TS_NET_FRAME];

static err_t transmit(struct netif *netif, struct pbuf *p)
{
    const interface_t *i = netif->state;
    if (p->tot_len > sizeof outgoing)
    {
        return ERR_BUF;
    }
    uint16_t n = pbuf_copy_partial(p, outgoing, p->tot_len, 0);
    return i->driver.transmit(i->driver.context, outgoing, n) ? ERR_OK : ERR_IF;
}

/* Tells lwIP when the line was connected or cut. Core locked. */
static void follow_link(interface_t *i)
{
    int is_up = i->driver.has_link(i->driver.context) != 0;
    if (is_up && !netif_is_link_up(i->netif))
    {
        netif_set_link_up(i->netif);
    }
    else if (!is_up && netif_is_link_up(i->netif))
    {
        netif_set_link_down(i->netif);
    }
}

/* In the stack's task, core locked. */
static void receive(void *arg)
{
    interface_t *i = arg;
    i->is_posted = 0;
    follow_link(i);
    for (int n = 0; n < BURST; n++)
    {
        struct pbuf *p = pbuf_alloc(PBUF_RAW, TS_NET_FRAME, PBUF_POOL);
        uint32_t length = i->driver.receive(i->driver.context, p != NULL ? p->payload : NULL);
        if (length == 0 || p == NULL)
        {
            if (p != NULL)
            {
                pbuf_free(p);
            }
            if (length == 0)
            {
                return;
            }
            continue;
        }
        pbuf_realloc(p, (u16_t)length);
        if (i->netif->input(p, i->netif) != ERR_OK)
        {
            pbuf_free(p);
        }
    }
    ts_net_frames((uint32_t)(i - interfaces));
}

void ts_net_frames(uint32_t interface)
{
    if (interface >= TS_NET_INTERFACES || interfaces[interface].message == NULL)
    {
        return;
    }
    interface_t *i = &interfaces[interface];
    if (i->is_posted)
    {
        return; /* It will look after this. */
    }
    i->is_posted = 1;
    err_t error = xPortIsInsideInterrupt() != pdFALSE ? tcpip_callbackmsg_trycallback_fromisr(i->message)
                                                      : tcpip_callbackmsg_trycallback(i->message);
    if (error != ERR_OK)
    {
        i->is_posted = 0;
    }
}

static interface_t *find(const struct netif *netif)
{
    uint32_t number = 0;
    while (number < TS_NET_INTERFACES && interfaces[number].netif != netif)
    {
        number++;
    }
    return number < TS_NET_INTERFACES ? &interfaces[number] : NULL;
}

static void tell(struct netif *netif, int is_link)
{
    const interface_t *i = find(netif);
    if (i != NULL)
    {
        netif_status_callback_fn theirs = is_link ? i->link_of_theirs : i->status_of_theirs;
        if (theirs != NULL)
        {
            theirs(netif);
        }
        ts_net_hook->interface_changed((uint32_t)(i - interfaces));
    }
}

static void tell_status(struct netif *netif) { tell(netif, 0); }
static void tell_link(struct netif *netif) { tell(netif, 1); }

static err_t set_up(struct netif *netif)
{
    interface_t *i = netif->state;
    netif->output = etharp_output;
    netif->linkoutput = transmit;
    netif->mtu = TS_NET_FRAME - 14;
    netif->hwaddr_len = 6;
    memcpy(netif->hwaddr, i->mac, 6);
    netif->flags = NETIF_FLAG_BROADCAST | NETIF_FLAG_ETHARP | NETIF_FLAG_ETHERNET | NETIF_FLAG_IGMP;
    return ERR_OK;
}

int32_t ts_net_interface(const char *name, const uint8_t mac[6], const ts_net_driver *driver)
{
    LOCK_TCPIP_CORE();
    interface_t *i = find(NULL);
    struct tcpip_callback_msg *message = i != NULL ? tcpip_callbackmsg_new(receive, i) : NULL;
    if (message == NULL)
    {
        UNLOCK_TCPIP_CORE();
        return -TS_ENOMEM;
    }
    i->driver = *driver;
    memcpy(i->mac, mac, 6);
    i->netif = &i->ours;
    (void)netif_add(i->netif, NULL, NULL, NULL, i, set_up, ethernet_input);
    i->netif->name[0] = name[0];
    i->netif->name[1] = name[1];
    netif_set_status_callback(i->netif, tell_status);
    netif_set_link_callback(i->netif, tell_link);
    netif_set_hostname(i->netif, hostname);
    follow_link(i);
    i->message = message;
    UNLOCK_TCPIP_CORE();
    return (int32_t)(i - interfaces);
}

int32_t ts_net_adopt(struct netif *netif)
{
    int32_t result = -TS_EINVAL;
    const struct netif *known;
    LOCK_TCPIP_CORE();
    NETIF_FOREACH(known)
    {
        if (known == netif && find(netif) == NULL)
        {
            interface_t *i = find(NULL);
            result = -TS_ENOMEM;
            if (i != NULL)
            {
                i->netif = netif;
                i->status_of_theirs = netif->status_callback;
                i->link_of_theirs = netif->link_callback;
                netif_set_status_callback(netif, tell_status);
                netif_set_link_callback(netif, tell_link);
                result = (int32_t)(i - interfaces);
            }
            break;
        }
    }
    UNLOCK_TCPIP_CORE();
    return result;
}

static interface_t *interface_of(uint32_t number)
{
    return number < TS_NET_INTERFACES && interfaces[number].netif != NULL ? &interfaces[number] : NULL;
}

#define WITH_INTERFACE(number, statements)       \
    int32_t result = -TS_ENODEV;                 \
    LOCK_TCPIP_CORE();                           \
    interface_t *i = interface_of(number);       \
    if (i != NULL)                               \
    {                                            \
        result = 0;                              \
        statements                               \
    }                                            \
    UNLOCK_TCPIP_CORE();                         \
    return result

int32_t ts_net_set_active(uint32_t interface, uint32_t is_active)
{
    WITH_INTERFACE(interface, {
        if (is_active != 0)
        {
            netif_set_up(i->netif);
            if (netif_default == NULL)
            {
                netif_set_default(i->netif);
            }
        }
        else
        {
            netif_set_down(i->netif);
        }
    });
}

int32_t ts_net_set_mac(uint32_t interface, const uint8_t mac[6])
{
    WITH_INTERFACE(interface, {
        memcpy(i->mac, mac, 6);
        memcpy(i->netif->hwaddr, mac, 6);
    });
}

int32_t ts_net_set_address(uint32_t interface, uint32_t address, uint32_t mask, uint32_t gateway)
{
    ip4_addr_t ip = {address}, netmask = {mask}, gw = {gateway};
    WITH_INTERFACE(interface, {
        dhcp_release_and_stop(i->netif);
        netif_set_addr(i->netif, &ip, &netmask, &gw);
    });
}

int32_t ts_net_set_gateway(uint32_t interface, uint32_t gateway)
{
    ip4_addr_t gw = {gateway};
    WITH_INTERFACE(interface, { netif_set_gw(i->netif, &gw); });
}

int32_t ts_net_set_dhcp(uint32_t interface, uint32_t is_on)
{
    WITH_INTERFACE(interface, {
        if (is_on != 0)
        {
            result = ts_net_errno(dhcp_start(i->netif));
        }
        else
        {
            dhcp_release_and_stop(i->netif);
        }
    });
}

int32_t ts_net_set_default(uint32_t interface)
{
    WITH_INTERFACE(interface, { netif_set_default(i->netif); });
}

int32_t ts_net_set_hostname(const char *name)
{
    size_t n = strlen(name);
    if (n >= sizeof hostname)
    {
        return -TS_EINVAL;
    }
    LOCK_TCPIP_CORE();
    memcpy(hostname, name, n + 1);
    UNLOCK_TCPIP_CORE();
    return 0;
}

int32_t ts_net_interface_get(uint32_t interface, ts_net_interface_state *state)
{
    WITH_INTERFACE(interface, {
        const struct dhcp *dhcp = netif_dhcp_data(i->netif);
        state->address = ip4_addr_get_u32(netif_ip4_addr(i->netif));
        state->mask = ip4_addr_get_u32(netif_ip4_netmask(i->netif));
        state->gateway = ip4_addr_get_u32(netif_ip4_gw(i->netif));
        memcpy(state->mac, i->netif->hwaddr, 6);
        state->is_active = netif_is_up(i->netif) != 0;
        state->has_link = netif_is_link_up(i->netif) != 0;
        state->dhcp = dhcp != NULL && dhcp->state != 0;
        state->has_lease = dhcp_supplied_address(i->netif) != 0;
    });
}

uint32_t ts_net_dns(uint32_t index)
{
    LOCK_TCPIP_CORE();
    uint32_t address = index < DNS_MAX_SERVERS ? ip4_addr_get_u32(ip_2_ip4(dns_getserver((u8_t)index))) : 0;
    UNLOCK_TCPIP_CORE();
    return address;
}

void ts_net_set_dns(uint32_t index, uint32_t address)
{
    ip_addr_t ip = IPADDR4_INIT(address);
    if (index < DNS_MAX_SERVERS)
    {
        LOCK_TCPIP_CORE();
        dns_setserver((u8_t)index, &ip);
        UNLOCK_TCPIP_CORE();
    }
}

/* ---- names ---- */

typedef enum
{
    FREE,
    ASKED,
    ABANDONED, /* Nobody waits, but lwIP will still call. */
    ANSWERED
} query_state_t;

static struct
{
    uint8_t state;
    uint32_t address; /* 0: there is no such name. */
} queries[TS_NET_QUERIES];

static void on_answer(const char *name, const ip_addr_t *address, void *arg)
{
    uint32_t query = (uint32_t)(uintptr_t)arg;
    (void)name;
    queries[query].address = address != NULL ? ip4_addr_get_u32(ip_2_ip4(address)) : 0;
    queries[query].state = queries[query].state == ABANDONED ? FREE : ANSWERED;
    ts_net_hook->name_changed();
}

int32_t ts_net_query(const char *name)
{
    int32_t result = -TS_EAGAIN;
    LOCK_TCPIP_CORE();
    for (uint32_t query = 0; query < TS_NET_QUERIES && result == -TS_EAGAIN; query++)
    {
        ip_addr_t address;
        if (queries[query].state != FREE)
        {
            continue;
        }
        result = (int32_t)query;
        switch (dns_gethostbyname(name, &address, on_answer, (void *)(uintptr_t)query))
        {
            case ERR_OK:
                queries[query].address = ip4_addr_get_u32(ip_2_ip4(&address));
                queries[query].state = ANSWERED;
                break;
            case ERR_INPROGRESS: queries[query].state = ASKED; break;
            case ERR_VAL: /* There is no server to ask. */
                queries[query].address = 0;
                queries[query].state = ANSWERED;
                break;
            case ERR_MEM: result = -TS_ENOMEM; break;
            default: result = -TS_EINVAL;
        }
    }
    UNLOCK_TCPIP_CORE();
    return result;
}

int32_t ts_net_query_result(uint32_t query, uint32_t *address)
{
    int32_t result = -TS_EINVAL;
    LOCK_TCPIP_CORE();
    if (query < TS_NET_QUERIES && queries[query].state == ASKED)
    {
        result = -TS_EINPROGRESS;
    }
    else if (query < TS_NET_QUERIES && queries[query].state == ANSWERED)
    {
        *address = queries[query].address;
        result = *address != 0 ? 0 : -TS_ENOENT;
    }
    UNLOCK_TCPIP_CORE();
    return result;
}

void ts_net_query_end(uint32_t query)
{
    LOCK_TCPIP_CORE();
    if (query < TS_NET_QUERIES)
    {
        queries[query].state = queries[query].state == ASKED ? ABANDONED : FREE;
    }
    ts_net_hook->name_changed();
    UNLOCK_TCPIP_CORE();
}

/* ---- services ---- */

#define SERVICES 2
/* The longest answer. */
#define REPLY 576

static struct
{
    struct udp_pcb *pcb;
    uint32_t interface;
    uint16_t port, reply_port;
    ts_net_serve serve;
    void *context;
} services[SERVICES];

static void on_request(void *arg, struct udp_pcb *pcb, struct pbuf *p, const ip_addr_t *address, u16_t port)
{
    uintptr_t number = (uintptr_t)arg;
    static uint8_t request[REPLY];
    (void)address;
    (void)port;
    uint16_t n = pbuf_copy_partial(p, request, sizeof request, 0);
    pbuf_free(p);
    struct pbuf *reply = pbuf_alloc(PBUF_TRANSPORT, REPLY, PBUF_RAM);
    if (reply == NULL)
    {
        return; /* Who asked asks again. */
    }
    uint32_t length = services[number].serve(services[number].context, request, n, reply->payload, REPLY);
    if (length != 0)
    {
        pbuf_realloc(reply, (u16_t)LWIP_MIN(length, REPLY));
        (void)udp_sendto_if(pcb, reply, IP_ADDR_BROADCAST, services[number].reply_port,
                            interfaces[services[number].interface].netif);
    }
    pbuf_free(reply);
}

int32_t ts_net_service(uint32_t interface, uint32_t port, uint32_t reply_port, ts_net_serve serve, void *context)
{
    WITH_INTERFACE(interface, {
        uint32_t number = 0;
        while (number < SERVICES && services[number].pcb != NULL)
        {
            number++;
        }
        struct udp_pcb *pcb = number < SERVICES ? udp_new() : NULL;
        result = pcb != NULL ? ts_net_errno(udp_bind(pcb, IP_ADDR_ANY, (u16_t)port)) : -TS_ENOMEM;
        if (result == 0)
        {
            udp_bind_netif(pcb, i->netif);
            ip_set_option(pcb, SOF_BROADCAST);
            services[number].pcb = pcb;
            services[number].interface = interface;
            services[number].port = (uint16_t)port;
            services[number].reply_port = (uint16_t)reply_port;
            services[number].serve = serve;
            services[number].context = context;
            udp_recv(pcb, on_request, (void *)(uintptr_t)number);
        }
        else if (pcb != NULL)
        {
            udp_remove(pcb);
        }
    });
}

int32_t ts_net_service_end(uint32_t interface, uint32_t port)
{
    WITH_INTERFACE(interface, {
        result = -TS_ENOENT;
        for (uint32_t number = 0; number < SERVICES; number++)
        {
            if (services[number].pcb != NULL && services[number].interface == interface && services[number].port == port)
            {
                udp_remove(services[number].pcb);
                services[number].pcb = NULL;
                result = 0;
            }
        }
        (void)i;
    });
}
