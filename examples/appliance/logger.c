/*
 * The appliance's log: a C task that knows nothing of Python. It takes a record of each sample from the RTOS queue `log`,
 * checks that none is missing, and says so now and then; asked for its totals, it sends them to the queue `log.totals`.
 *
 * Only this task touches the totals. It begins before Python does and goes on when Python ends.
 */
#include "FreeRTOS.h"
#include "task.h"
#include "threadsnake.h"

#include <stdint.h>
#include <stdio.h>

#define SAMPLERS 2
#define RECORDS 64
/* A line for so many samples of each. */
#define EVERY 100
/* Above Python. */
#define PRIORITY 5
/* A record from this sampler asks for the totals. */
#define ASKS 0xff

/* As Python packs it: "<BxxxIi". Numbers count from 0 since the appliance began. */
struct record
{
    uint8_t sampler;
    uint8_t unused[3];
    uint32_t number;
    int32_t value;
};

/* As Python unpacks it: "<IIi" for each sampler. */
struct totals
{
    uint32_t count;   /* Records that came. */
    uint32_t missing; /* Numbers that did not come in their turn. */
    int32_t last;     /* The last value. */
};

static ts_object *records, *answers;
static struct totals totals[SAMPLERS];
static uint32_t next[SAMPLERS];
static void (*write_line)(const char *text, size_t len);

static void take(const struct record *record)
{
    struct totals *t = &totals[record->sampler];
    char line[96];
    int len;
    if (record->number == 0)
    {
        /* Python has begun anew. */
        t->count = t->missing = next[record->sampler] = 0;
    }
    t->missing += record->number != next[record->sampler];
    next[record->sampler] = record->number + 1;
    t->last = record->value;
    if (++t->count % EVERY == 0)
    {
        len = snprintf(line, sizeof line, "log: sampler %u: %lu samples, %lu missing, last %ld\n", record->sampler,
                       (unsigned long)t->count, (unsigned long)t->missing, (long)t->last);
        write_line(line, (size_t)len);
    }
}

static void logger(void *argument)
{
    (void)argument;
    for (;;)
    {
        struct record record;
        size_t len;
        if (ts_queue_receive(records, &record, sizeof record, &len, TS_FOREVER) != TS_OK || len != sizeof record)
        {
            continue; /* Not one of ours. */
        }
        if (record.sampler < SAMPLERS)
        {
            take(&record);
        }
        else if (record.sampler == ASKS)
        {
            /* Without room nobody waits for it. */
            (void)ts_queue_send(answers, totals, sizeof totals, 0, 0);
        }
    }
}

/* Makes the queues and the task, before the scheduler starts; lines of the log go to `write`. 0 when there is no room. */
int32_t appliance_start_logger(void (*write)(const char *text, size_t len))
{
    write_line = write;
    return ts_queue_new("log", sizeof(struct record), RECORDS, &records) == TS_OK &&
           ts_queue_new("log.totals", sizeof totals, 1, &answers) == TS_OK &&
           xTaskCreate(logger, "logger", 1024, NULL, PRIORITY, NULL) == pdPASS;
}
