/*
 * lwIP's view of the kernel: the types of port/sys_arch.c. The kernel's headers stay out of lwIP's files.
 *
 * Source: lwIP, doc/sys_arch.txt.
 */
#ifndef TS_LWIP_SYS_ARCH_H
#define TS_LWIP_SYS_ARCH_H

#include "lwip/opt.h"

typedef uint32_t sys_prot_t;

/* Each is a kernel handle in a structure of its own, so that they are not mixed up. */
typedef struct { void *handle; } sys_sem_t;
typedef struct { void *handle; } sys_mutex_t;
typedef struct { void *handle; } sys_mbox_t;
typedef void *sys_thread_t;

#define sys_sem_valid(sem) ((sem) != NULL && (sem)->handle != NULL)
#define sys_sem_valid_val(sem) ((sem).handle != NULL)
#define sys_sem_set_invalid(sem) ((sem)->handle = NULL)
#define sys_mutex_valid(mutex) ((mutex) != NULL && (mutex)->handle != NULL)
#define sys_mutex_set_invalid(mutex) ((mutex)->handle = NULL)
#define sys_mbox_valid(mbox) ((mbox) != NULL && (mbox)->handle != NULL)
#define sys_mbox_valid_val(mbox) ((mbox).handle != NULL)
#define sys_mbox_set_invalid(mbox) ((mbox)->handle = NULL)

void sys_arch_msleep(uint32_t delay_ms);
#define sys_msleep(delay_ms) sys_arch_msleep(delay_ms)

/* The semaphore of each C task that uses lwIP's own socket API: made with its first call. */
sys_sem_t *sys_arch_netconn_sem_get(void);
void sys_arch_netconn_sem_alloc(void);
void sys_arch_netconn_sem_free(void);
#define LWIP_NETCONN_THREAD_SEM_GET() sys_arch_netconn_sem_get()
#define LWIP_NETCONN_THREAD_SEM_ALLOC() sys_arch_netconn_sem_alloc()
#define LWIP_NETCONN_THREAD_SEM_FREE() sys_arch_netconn_sem_free()

/* Debug check that the core lock is held: see port/sys_arch.c. */
void sys_lock_tcpip_core(void);
void sys_unlock_tcpip_core(void);
#define LOCK_TCPIP_CORE() sys_lock_tcpip_core()
#define UNLOCK_TCPIP_CORE() sys_unlock_tcpip_core()

#endif
