/*
 * A C module, as tables in ROM. Both functions wait without the interpreter's lock: other Python threads run, and the
 * VM can be interrupted or killed meanwhile. Whoever puts something into `link_requests`, or takes something from
 * `link_answers`, calls ts_signal afterwards.
 */
#include "link.h"

QueueHandle_t link_requests, link_answers;

/* Called until it returns non-zero. */
static int receive(void *item) { return xQueueReceive(link_requests, item, 0) == pdTRUE; }

static int answer(void *item) { return xQueueSend(link_answers, item, 0) == pdTRUE; }

static ts_status link_recv(ts_vm *vm, const ts_value *args, size_t n_args, ts_value *result)
{
    int64_t timeout_ms = TS_FOREVER;
    int32_t item;
    ts_status status;
    if (n_args == 1 && ts_type_of(args[0]) != TS_TYPE_NONE)
    {
        status = ts_get_int(vm, args[0], &timeout_ms);
        if (status != TS_OK)
        {
            return status;
        }
        if (timeout_ms < 0 || timeout_ms >= (int64_t)TS_FOREVER)
        {
            return ts_raise(vm, TS_VALUE_ERROR, "timeout", 7);
        }
    }
    status = ts_wait(vm, receive, &item, (uint32_t)timeout_ms);
    return status == TS_OK ? ts_new_int(vm, item, result) : status;
}

static ts_status link_send(ts_vm *vm, const ts_value *args, size_t n_args, ts_value *result)
{
    int64_t number;
    int32_t item;
    ts_status status = ts_get_int(vm, args[0], &number);
    (void)n_args;
    (void)result;
    if (status != TS_OK)
    {
        return status;
    }
    item = (int32_t)number;
    return ts_wait(vm, answer, &item, TS_FOREVER);
}

static const ts_function functions[] = {
    {"recv", link_recv, 0, 1},
    {"send", link_send, 1, 1},
};

const ts_module link_module = {"link", functions, sizeof functions / sizeof functions[0], NULL};
