/*
 * A cable to a router in this process: libslirp, in a host thread. The firmware is 10.0.2.15 behind it; the environment
 * variable FORWARDS, such as "10021:21,10023:23", leads ports of this machine's loopback to ports of the firmware.
 * Frames cross in two rings, which tasks and the thread lock; a task masks signals meanwhile, see ts_posix.h.
 * Source: libslirp, `libslirp.h`.
 */
#include "ethernet.h"

#include "FreeRTOS.h"
#include "ts_posix.h"

#include <slirp/libslirp.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define LINE 2
#define FRAME 1514
#define FRAMES 64
#define TIMERS 4
#define POLLS 64

typedef struct
{
    uint16_t len[FRAMES];
    uint8_t bytes[FRAMES][FRAME];
    unsigned first, n;
} ring;

static ring to_guest, to_router;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static int wake[2]; /* a pipe: the guest has sent something */
static Slirp *router;
static struct pollfd polls[POLLS];
static int n_polls;
static struct
{
    SlirpTimerCb callback;
    void *argument;
    int64_t due_ms; /* -1: not */
} timers[TIMERS];
static int n_timers;
static void (*told)(void);

/* Drops what has no room, as a cable does. Locked. */
static int put(ring *r, const void *bytes, size_t len)
{
    if (r->n == FRAMES || len > FRAME)
    {
        return 0;
    }
    unsigned at = (r->first + r->n++) % FRAMES;
    memcpy(r->bytes[at], bytes, len);
    r->len[at] = (uint16_t)len;
    return 1;
}

/* The length of the first frame, 0: there is none. Locked. */
static size_t take(ring *r, uint8_t *bytes)
{
    if (r->n == 0)
    {
        return 0;
    }
    unsigned at = r->first;
    size_t len = r->len[at];
    r->first = (at + 1) % FRAMES;
    r->n--;
    if (bytes != NULL)
    {
        memcpy(bytes, r->bytes[at], len);
    }
    return len;
}

/* ---- the firmware's side ---- */

static int32_t transmit(void *context, const uint8_t *frame, size_t len)
{
    uint64_t saved = ts_posix_mask();
    (void)context;
    pthread_mutex_lock(&lock);
    int is_sent = put(&to_router, frame, len);
    pthread_mutex_unlock(&lock);
    is_sent = is_sent && write(wake[1], "", 1) == 1;
    ts_posix_unmask(saved);
    return is_sent;
}

static size_t receive(void *context, uint8_t *frame)
{
    uint64_t saved = ts_posix_mask();
    (void)context;
    pthread_mutex_lock(&lock);
    size_t len = take(&to_guest, frame);
    pthread_mutex_unlock(&lock);
    ts_posix_unmask(saved);
    return len;
}

static int32_t interrupt(void *context)
{
    (void)context;
    told();
    return 1;
}

/* ---- the router's side: one host thread ---- */

static int64_t now_ns(void *opaque)
{
    struct timespec now;
    (void)opaque;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000000000ll + now.tv_nsec;
}

static ssize_t send_packet(const void *bytes, size_t len, void *opaque)
{
    (void)opaque;
    pthread_mutex_lock(&lock);
    put(&to_guest, bytes, len);
    pthread_mutex_unlock(&lock);
    ts_posix_raise(LINE);
    return (ssize_t)len;
}

static void guest_error(const char *text, void *opaque)
{
    (void)text;
    (void)opaque;
}

static void *timer_new(SlirpTimerCb callback, void *argument, void *opaque)
{
    (void)opaque;
    if (n_timers == TIMERS)
    {
        return NULL;
    }
    timers[n_timers].callback = callback;
    timers[n_timers].argument = argument;
    timers[n_timers].due_ms = -1;
    return &timers[n_timers++];
}

static void timer_free(void *timer, void *opaque) { (void)timer, (void)opaque; }

static void timer_mod(void *timer, int64_t due_ms, void *opaque)
{
    (void)opaque;
    for (int i = 0; i < n_timers; i++)
    {
        if (timer == &timers[i])
        {
            timers[i].due_ms = due_ms;
        }
    }
}

static void poll_fd(int fd, void *opaque) { (void)fd, (void)opaque; }
static void notify(void *opaque) { (void)opaque; }

static const SlirpCb callbacks = {
    .send_packet = send_packet,
    .guest_error = guest_error,
    .clock_get_ns = now_ns,
    .timer_new = timer_new,
    .timer_free = timer_free,
    .timer_mod = timer_mod,
    .register_poll_fd = poll_fd,
    .unregister_poll_fd = poll_fd,
    .notify = notify,
};

static const short events_of[][2] = {{SLIRP_POLL_IN, POLLIN},
                                     {SLIRP_POLL_OUT, POLLOUT},
                                     {SLIRP_POLL_PRI, POLLPRI},
                                     {SLIRP_POLL_ERR, POLLERR},
                                     {SLIRP_POLL_HUP, POLLHUP}};

static int add_poll(int fd, int events, void *opaque)
{
    short wanted = 0;
    (void)opaque;
    for (int i = 0; i < 5; i++)
    {
        wanted |= (short)((events & events_of[i][0]) != 0 ? events_of[i][1] : 0);
    }
    if (n_polls == POLLS)
    {
        return -1;
    }
    polls[n_polls] = (struct pollfd){fd, wanted, 0};
    return n_polls++;
}

static int found(int index, void *opaque)
{
    int events = 0;
    (void)opaque;
    for (int i = 0; i < 5 && index >= 0; i++)
    {
        events |= (polls[index].revents & events_of[i][1]) != 0 ? events_of[i][0] : 0;
    }
    return events;
}

static void *run(void *context)
{
    for (;;)
    {
        uint32_t timeout_ms = 100;
        char dropped[256];
        uint8_t frame[FRAME];
        size_t len;
        n_polls = 0;
        add_poll(wake[0], SLIRP_POLL_IN, NULL);
        slirp_pollfds_fill(router, &timeout_ms, add_poll, NULL);
        int n = poll(polls, (nfds_t)n_polls, (int)(timeout_ms < 100 ? timeout_ms : 100));
        slirp_pollfds_poll(router, n < 0, found, NULL);
        if (polls[0].revents != 0 && read(wake[0], dropped, sizeof dropped) < 0)
        {
            return context;
        }
        do
        {
            pthread_mutex_lock(&lock);
            len = take(&to_router, frame);
            pthread_mutex_unlock(&lock);
            if (len > 0)
            {
                slirp_input(router, frame, (int)len);
            }
        } while (len > 0);
        for (int i = 0; i < n_timers; i++)
        {
            if (timers[i].due_ms >= 0 && timers[i].due_ms <= now_ns(NULL) / 1000000)
            {
                timers[i].due_ms = -1;
                timers[i].callback(timers[i].argument);
            }
        }
    }
}

static struct in_addr address(uint32_t number) { return (struct in_addr){htonl(number)}; }

/* Forwards the ports that FORWARDS names; 0 if one is taken. */
static int forward(void)
{
    const char *text = getenv("FORWARDS");
    while (text != NULL && *text != '\0')
    {
        char *end;
        long host = strtol(text, &end, 10);
        long guest = *end == ':' ? strtol(end + 1, &end, 10) : 0;
        if (slirp_add_hostfwd(router, 0, address(0x7f000001), (int)host, address(0x0a00020f), (int)guest) != 0)
        {
            return 0;
        }
        text = *end == ',' ? end + 1 : end;
    }
    return 1;
}

const ts_ethernet *ethernet_start(void (*arrived)(void))
{
    static const ts_ethernet driver = {NULL, {'e', 'n'}, {0x02, 0x54, 0x53, 0, 0, 2}, transmit, NULL, receive};
    SlirpConfig config = {
        .version = 1,
        .in_enabled = true,
        .vnetwork = address(0x0a000200),
        .vnetmask = address(0xffffff00),
        .vhost = address(0x0a000202),
        .vdhcp_start = address(0x0a00020f),
        .vnameserver = address(0x0a000203),
    };
    uint64_t saved = ts_posix_mask();
    told = arrived;
    ts_posix_interrupt(LINE, interrupt, NULL);
    int is_up = pipe(wake) == 0 && (router = slirp_new(&config, &callbacks, NULL)) != NULL && forward() &&
                ts_posix_thread(run, NULL) == 0;
    ts_posix_unmask(saved);
    return is_up ? &driver : NULL;
}
