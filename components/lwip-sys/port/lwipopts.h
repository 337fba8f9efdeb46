/*
 * lwIP's settings. An SDK that brings its own lwIP uses its own; shim/ts_net.c then stops the compilation at each
 * setting that must be as here.
 *
 * One number scales the memory: TS_NET_SOCKETS, how many sockets there are. All memory is static: lwIP's pools, its
 * heap (MEM_SIZE) and the task's stack; the kernel's heap serves mailboxes and semaphores.
 *
 * Source: lwIP, src/include/lwip/opt.h.
 */
#ifndef TS_LWIPOPTS_H
#define TS_LWIPOPTS_H

#ifndef TS_NET_SOCKETS
#define TS_NET_SOCKETS 16
#endif

/* An RTOS below; the core is locked by a mutex, so that a call runs in the task that makes it. */
#define NO_SYS 0
#define SYS_LIGHTWEIGHT_PROT 1
#define LWIP_TCPIP_CORE_LOCKING 1
#define LWIP_TCPIP_CORE_LOCKING_INPUT 0
#define LWIP_COMPAT_MUTEX 0
#define LWIP_MPU_COMPATIBLE 0

/* The task "tcpip". */
#ifndef TCPIP_THREAD_PRIO
#define TCPIP_THREAD_PRIO 10
#endif
#define TCPIP_THREAD_NAME "tcpip"
#define TCPIP_THREAD_STACKSIZE 4096
#define TCPIP_MBOX_SIZE 32

/* C tasks may use lwIP's own APIs beside ours, reading and writing a socket at once. */
#define LWIP_NETCONN 1
#define LWIP_SOCKET 1
#define LWIP_NETCONN_FULLDUPLEX 1
#define LWIP_NETCONN_SEM_PER_THREAD 1
#define LWIP_COMPAT_SOCKETS 0
#define LWIP_POSIX_SOCKETS_IO_NAMES 0
#define LWIP_SO_RCVTIMEO 1
#define LWIP_SO_SNDTIMEO 1
#define DEFAULT_TCP_RECVMBOX_SIZE 16
#define DEFAULT_UDP_RECVMBOX_SIZE 8
#define DEFAULT_RAW_RECVMBOX_SIZE 8
#define DEFAULT_ACCEPTMBOX_SIZE 4
#define SO_REUSE 1
#define SO_REUSE_RXTOALL 1

/* Protocols. */
#define LWIP_IPV4 1
#define LWIP_IPV6 0
#define LWIP_ARP 1
#define LWIP_ETHERNET 1
#define LWIP_ICMP 1
#define LWIP_RAW 1
#define LWIP_UDP 1
#define LWIP_TCP 1
#define LWIP_IGMP 1
#define LWIP_MULTICAST_TX_OPTIONS 1
#define LWIP_DNS 1
#define LWIP_DHCP 1
/* Else a lease is used only after seconds of asking whether the address is somebody's. */
#define LWIP_DHCP_DOES_ACD_CHECK 0
#define LWIP_ACD 0
#define IP_REASSEMBLY 1
#define IP_FRAG 1
#define LWIP_BROADCAST_PING 0

/* Interfaces. */
#define LWIP_NETIF_HOSTNAME 1
#define LWIP_NETIF_STATUS_CALLBACK 1
#define LWIP_NETIF_LINK_CALLBACK 1
#define LWIP_HAVE_LOOPIF 1
#define LWIP_NETIF_LOOPBACK 1
#define LWIP_LOOPBACK_MAX_PBUFS 64

/* TCP. */
#define TCP_MSS 1460
#define TCP_WND (8 * TCP_MSS)
#define TCP_SND_BUF (8 * TCP_MSS)
#define TCP_SND_QUEUELEN 32
#define TCP_QUEUE_OOSEQ 1
#define TCP_LISTEN_BACKLOG 1
#define LWIP_TCP_KEEPALIVE 1
#define LWIP_TCP_SACK_OUT 0

/* Memory. */
#if __SIZEOF_POINTER__ == 8
#define MEM_ALIGNMENT 8
#else
#define MEM_ALIGNMENT 4
#endif
#define MEM_LIBC_MALLOC 0
#define MEMP_MEM_MALLOC 0
#ifndef MEM_SIZE
#define MEM_SIZE (TS_NET_SOCKETS * 4096)
#endif
#define MEMP_NUM_TCP_PCB TS_NET_SOCKETS
#define MEMP_NUM_TCP_PCB_LISTEN (TS_NET_SOCKETS / 2)
#define MEMP_NUM_UDP_PCB (TS_NET_SOCKETS + 6)
#define MEMP_NUM_RAW_PCB 4
#define MEMP_NUM_TCP_SEG (TS_NET_SOCKETS * 8)
#define MEMP_NUM_PBUF (TS_NET_SOCKETS * 2)
#define MEMP_NUM_NETCONN 8
#define MEMP_NUM_NETBUF 8
#define MEMP_NUM_SELECT_CB 4
#define MEMP_NUM_TCPIP_MSG_API 8
#define MEMP_NUM_TCPIP_MSG_INPKT 32
#define MEMP_NUM_SYS_TIMEOUT (LWIP_NUM_SYS_TIMEOUT_INTERNAL + 2)
#define MEMP_NUM_IGMP_GROUP 16
#define MEMP_NUM_REASSDATA 4
#define IP_REASS_MAX_PBUFS 12
/* A window of full segments, or a queue of datagrams, for every socket, and some on their way. */
#define PBUF_POOL_SIZE (16 + TS_NET_SOCKETS * 8)
/* A whole Ethernet frame, so that a driver fills one buffer. */
#define PBUF_POOL_BUFSIZE 1600
#define DNS_TABLE_SIZE 4
#define DNS_MAX_NAME_LENGTH 256
#define ARP_QUEUEING 1
#define ETHARP_SUPPORT_STATIC_ENTRIES 0

/* How full the heap is, and nothing else, is counted: shim/ts_net_bytes.c. */
#define LWIP_STATS 1
#define MEM_STATS 1
#define LINK_STATS 0
#define ETHARP_STATS 0
#define IP_STATS 0
#define IPFRAG_STATS 0
#define ICMP_STATS 0
#define IGMP_STATS 0
#define UDP_STATS 0
#define TCP_STATS 0
#define MEMP_STATS 0
#define SYS_STATS 0
#define LWIP_CHECKSUM_ON_COPY 1

#ifndef NDEBUG
void sys_check_core_locking(void);
void sys_mark_tcpip_thread(void);
#define LWIP_ASSERT_CORE_LOCKED() sys_check_core_locking()
#define LWIP_MARK_TCPIP_THREAD() sys_mark_tcpip_thread()
#endif

#endif
