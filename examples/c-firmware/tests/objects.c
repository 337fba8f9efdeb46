/* Shared objects, each call in each wrong way: no object, one of another kind, a closed one; with a time-out before the
 * scheduler starts, in an interrupt, and in a task that has a GIL. */
#include "check.h"

static char buffer[8];
static uint32_t bits;

static ts_status send(ts_object *queue, uint32_t timeout_ms) { return ts_queue_send(queue, "x", 1, 0, timeout_ms); }

static ts_status receive(ts_object *queue, uint32_t timeout_ms)
{
    return ts_queue_receive(queue, buffer, sizeof buffer, NULL, timeout_ms);
}

static ts_status wait_for_bits(ts_object *group, uint32_t timeout_ms)
{
    return ts_group_wait(group, 1, 0, 0, timeout_ms, &bits);
}

static ts_status give(ts_object *object, uint32_t timeout_ms)
{
    (void)timeout_ms;
    return ts_object_give(object);
}

static ts_status change_bits(ts_object *group, uint32_t timeout_ms)
{
    (void)timeout_ms;
    return ts_group_change(group, 1, 0, &bits);
}

enum
{
    QUEUE,
    FULL,
    SEMAPHORE,
    GROUP,
    KINDS
};
static ts_object *objects[KINDS];

static const struct
{
    ts_status (*call)(ts_object *object, uint32_t timeout_ms);
    int of;           /* the object that it waits on for ever */
    int other;        /* one of another kind */
    ts_status at_once; /* without a time-out, in any context */
    int waits;
} calls[] = {
    {send, FULL, SEMAPHORE, TS_TIMEOUT, 1},
    {receive, QUEUE, GROUP, TS_TIMEOUT, 1},
    {ts_object_take, SEMAPHORE, QUEUE, TS_TIMEOUT, 1},
    {wait_for_bits, GROUP, SEMAPHORE, TS_TIMEOUT, 1},
    {give, SEMAPHORE, GROUP, TS_OK, 0},
    {change_bits, GROUP, QUEUE, TS_OK, 0},
};
#define CALLS (sizeof calls / sizeof calls[0])

static void make_objects(void)
{
    IS(ts_queue_new(NULL, sizeof buffer, 1, &objects[QUEUE]), TS_OK);
    IS(ts_queue_new(NULL, sizeof buffer, 1, &objects[FULL]), TS_OK);
    IS(ts_queue_send(objects[FULL], "full", 4, 0, 0), TS_OK);
    IS(ts_semaphore_new(NULL, 0, 1, &objects[SEMAPHORE]), TS_OK);
    IS(ts_group_new(NULL, &objects[GROUP]), TS_OK);
}

/* Where nobody may wait: a time-out is refused, and nothing has changed. */
static void nobody_waits_here(void)
{
    for (size_t i = 0; i < CALLS; i++)
    {
        ts_object *object = objects[calls[i].of];
        IS(calls[i].call(NULL, 0), TS_BAD_ARGUMENT);
        IS(calls[i].call((ts_object *)buffer, 0), TS_BAD_ARGUMENT);
        IS(calls[i].call(objects[calls[i].other], 0), TS_BAD_ARGUMENT);
        IS(calls[i].call(object, 0), calls[i].at_once);
        if (calls[i].waits)
        {
            IS(calls[i].call(object, 1), TS_WRONG_CONTEXT);
            IS(calls[i].call(object, TS_FOREVER), TS_WRONG_CONTEXT);
        }
        if (calls[i].call == give)
        {
            IS(give(object, 0), TS_WRONG_STATE);
            IS(ts_object_take(object, 0), TS_OK);
        }
    }
}

static void close_objects(void)
{
    for (size_t i = 0; i < KINDS; i++)
    {
        IS(ts_object_close(objects[i], 0), TS_OK);
        IS(ts_object_close(objects[i], 0), TS_BAD_ARGUMENT);
    }
}

/* What another user has closed says so, whatever is asked. */
static void closed_ones_say_so(void)
{
    static const char *const names[KINDS] = {"q", "f", "s", "g"};
    ts_object *other[KINDS];
    IS(ts_queue_new(names[QUEUE], sizeof buffer, 1, &objects[QUEUE]), TS_OK);
    IS(ts_queue_new(names[FULL], sizeof buffer, 1, &objects[FULL]), TS_OK);
    IS(ts_semaphore_new(names[SEMAPHORE], 0, 1, &objects[SEMAPHORE]), TS_OK);
    IS(ts_group_new(names[GROUP], &objects[GROUP]), TS_OK);
    for (size_t i = 0; i < KINDS; i++)
    {
        IS(ts_object_open(names[i], &other[i]), TS_OK);
        IS(ts_object_close(other[i], 1), TS_OK);
        IS(ts_object_open(names[i], &other[i]), TS_NOT_FOUND);
    }
    for (size_t i = 0; i < CALLS; i++)
    {
        IS(calls[i].call(objects[calls[i].of], 0), TS_CLOSED);
        IS(calls[i].call(objects[calls[i].of], TS_FOREVER), TS_CLOSED);
    }
    close_objects();
}

static uintptr_t no_stack(void) { return 0; }

static void it_is_too_late_for_some(void)
{
    IS(ts_set_clock(NULL), TS_WRONG_STATE);
    IS(ts_set_interrupt_stack(no_stack), TS_WRONG_STATE);
}

void test_objects_before(void)
{
    make_objects();
    nobody_waits_here();
    close_objects();
    IS(ts_set_interrupt_stack(NULL), TS_OK);
}

void test_objects(void)
{
    ts_attachment attachment;
    make_objects();
    board_interrupt(nobody_waits_here);
    start_a(NULL, NULL);
    IS(ts_attach(vm_a, &attachment), TS_OK);
    nobody_waits_here();
    IS(ts_detach(&attachment), TS_OK);
    IS(ts_stop(vm_a), TS_OK);
    IS(end_a(), TS_OK);
    close_objects();
    closed_ones_say_so();
    it_is_too_late_for_some();
}
