/* The settings of a project that has lwIP for itself: small, with its own task and pools. */
#ifndef SDK_LWIPOPTS_H
#define SDK_LWIPOPTS_H

#define NO_SYS 0
#define SYS_LIGHTWEIGHT_PROT 1
#define LWIP_TCPIP_CORE_LOCKING 1

#define TCPIP_THREAD_NAME "sdk net"
#define TCPIP_THREAD_STACKSIZE 3072
#define TCPIP_THREAD_PRIO 9
#define TCPIP_MBOX_SIZE 16
#define DEFAULT_THREAD_STACKSIZE 2048
#define DEFAULT_TCP_RECVMBOX_SIZE 8
#define DEFAULT_UDP_RECVMBOX_SIZE 8
#define DEFAULT_RAW_RECVMBOX_SIZE 4
#define DEFAULT_ACCEPTMBOX_SIZE 4

#define LWIP_NETCONN 1
#define LWIP_SOCKET 1
#define LWIP_NETCONN_FULLDUPLEX 1
#define LWIP_NETCONN_SEM_PER_THREAD 1
#define LWIP_COMPAT_SOCKETS 0
#define LWIP_TIMEVAL_PRIVATE 0
#define LWIP_PROVIDE_ERRNO 0
#define LWIP_ERRNO_STDINCLUDE 1
#define SO_REUSE 1
#define LWIP_SO_RCVTIMEO 1

#define LWIP_IPV6 0
#define LWIP_RAW 1
#define LWIP_DNS 1
#define LWIP_DHCP 1
#define LWIP_DHCP_DOES_ACD_CHECK 0
#define LWIP_ACD 0
#define LWIP_IGMP 1
#define LWIP_MULTICAST_TX_OPTIONS 1
#define LWIP_HAVE_LOOPIF 1
#define LWIP_NETIF_LOOPBACK 1
#define LWIP_NETIF_HOSTNAME 1
#define LWIP_NETIF_STATUS_CALLBACK 1
#define LWIP_NETIF_LINK_CALLBACK 1
#define LWIP_TCP_KEEPALIVE 1
#define TCP_LISTEN_BACKLOG 1

#define MEM_ALIGNMENT 4
#define MEM_SIZE (32 * 1024)
#define MEMP_NUM_TCP_PCB 10
#define MEMP_NUM_NETCONN 10
#define PBUF_POOL_SIZE 24
#define PBUF_POOL_BUFSIZE 1600
#define TCP_MSS 1460
#define TCP_WND (4 * TCP_MSS)
#define TCP_SND_BUF (4 * TCP_MSS)
#define LWIP_STATS 1
#define MEM_STATS 1

#include <stdint.h>
uint32_t sdk_random(void);
#define LWIP_RAND() sdk_random()
void firmware_assert(const char *file, int line);
#define LWIP_PLATFORM_ASSERT(message) firmware_assert(message, __LINE__)
#define LWIP_PLATFORM_DIAG(message) \
    do                              \
    {                               \
    } while (0)

#endif
