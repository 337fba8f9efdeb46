/* What no function may be called with: null where something belongs, no UTF-8, after the end, from an interrupt. */
#include "check.h"
#include "ts_hal.h"

/* In an attached task: each is refused, writes nothing, and leaves no exception behind. */
static void nulls_are_refused(ts_vm *vm)
{
    static const char bad[] = "\xff";
    const ts_value marker = ts_bool(1);
    ts_value value = marker;
    size_t n = 77;
    const uint8_t *bytes = (const uint8_t *)bad;
    ts_stats stats = {.size = sizeof stats - 1, .n_tasks = 77};
    IS(ts_exec_string(vm, NULL, "", 0), TS_BAD_ARGUMENT);
    IS(ts_exec_string(vm, "x", NULL, 1), TS_BAD_ARGUMENT);
    IS(ts_exec_string(vm, bad, "", 0), TS_BAD_ARGUMENT);
    IS(ts_exec_string(vm, "x", bad, 1), TS_RAISED); /* SyntaxError */
    IS(ts_exception_clear(vm), TS_OK);
    IS(ts_exec_file(vm, NULL), TS_BAD_ARGUMENT);
    IS(ts_exec_file(vm, bad), TS_BAD_ARGUMENT);
    IS(ts_eval(vm, NULL, 1, &value), TS_BAD_ARGUMENT);
    IS(ts_eval(vm, "1", 1, NULL), TS_BAD_ARGUMENT);
    IS(ts_eval(vm, bad, 1, &value), TS_RAISED);
    IS(ts_exception_clear(vm), TS_OK);
    IS(ts_import(vm, NULL, &value), TS_BAD_ARGUMENT);
    IS(ts_import(vm, "sys", NULL), TS_BAD_ARGUMENT);
    IS(ts_import(vm, bad, &value), TS_BAD_ARGUMENT);
    IS(ts_call(vm, marker, NULL, 1, &value), TS_BAD_ARGUMENT);
    IS(ts_call_method(vm, marker, NULL, NULL, 0, &value), TS_BAD_ARGUMENT);
    IS(ts_call_method(vm, marker, "x", NULL, 1, &value), TS_BAD_ARGUMENT);
    IS(ts_get_global(vm, NULL, &value), TS_BAD_ARGUMENT);
    IS(ts_get_global(vm, "x", NULL), TS_BAD_ARGUMENT);
    IS(ts_set_global(vm, NULL, marker), TS_BAD_ARGUMENT);
    IS(ts_set_global(vm, bad, marker), TS_BAD_ARGUMENT);
    IS(ts_print(vm, NULL, 1), TS_BAD_ARGUMENT);
    IS(ts_new_float(vm, 1, NULL), TS_BAD_ARGUMENT);
    IS(ts_new_str(vm, "", 0, NULL), TS_BAD_ARGUMENT);
    IS(ts_new_bytes(vm, bytes, 1, NULL), TS_BAD_ARGUMENT);
    IS(ts_new_bytes(vm, NULL, 1, &value), TS_BAD_ARGUMENT);
    IS(ts_new_list(vm, NULL, 1, &value), TS_BAD_ARGUMENT);
    IS(ts_new_list(vm, &value, 1, NULL), TS_BAD_ARGUMENT);
    IS(ts_new_tuple(vm, &value, 1, NULL), TS_BAD_ARGUMENT);
    IS(ts_new_dict(vm, NULL), TS_BAD_ARGUMENT);
    IS(ts_get_float(vm, marker, NULL), TS_BAD_ARGUMENT);
    IS(ts_get_bool(vm, marker, NULL), TS_BAD_ARGUMENT);
    IS(ts_get_bytes(vm, marker, NULL, &n), TS_BAD_ARGUMENT);
    IS(ts_get_bytes(vm, marker, &bytes, NULL), TS_BAD_ARGUMENT);
    IS(ts_str(vm, marker, 0, NULL), TS_BAD_ARGUMENT);
    IS(ts_len(vm, marker, NULL), TS_BAD_ARGUMENT);
    IS(ts_get_item(vm, marker, marker, NULL), TS_BAD_ARGUMENT);
    IS(ts_get_attr(vm, marker, "x", NULL), TS_BAD_ARGUMENT);
    IS(ts_get_attr(vm, marker, bad, &value), TS_BAD_ARGUMENT);
    IS(ts_set_attr(vm, marker, NULL, marker), TS_BAD_ARGUMENT);
    IS(ts_ref_get(vm, 1, NULL), TS_BAD_ARGUMENT);
    IS(ts_exception_take(vm, NULL), TS_BAD_ARGUMENT);
    IS(ts_raise(vm, TS_VALUE_ERROR, NULL, 1), TS_BAD_ARGUMENT);
    IS(ts_blocking(vm, NULL, NULL), TS_BAD_ARGUMENT);
    IS(ts_get_stats(vm, NULL), TS_BAD_ARGUMENT);
    IS(ts_get_stats(vm, &stats), TS_BAD_ARGUMENT);
    CHECK(value.word == marker.word && n == 77 && stats.n_tasks == 77);
    CHECK((const char *)bytes == bad);
    IS(ts_exception_is(vm, TS_BASE_EXCEPTION), 0);
    IS(ts_exec_string(vm, "x", "1", 1), TS_OK);
}

/* A task that holds a GIL may not block in functions that do not let go of it. */
static void attached_tasks_do_not_block_on_objects(void)
{
    ts_object *queue;
    char text[4];
    IS(ts_queue_new(NULL, 4, 1, &queue), TS_OK);
    IS(ts_queue_receive(queue, text, sizeof text, NULL, 1), TS_WRONG_CONTEXT);
    IS(ts_queue_receive(queue, text, sizeof text, NULL, 0), TS_TIMEOUT);
    IS(ts_object_close(queue, 0), TS_OK);
}

static ts_object *semaphore;

static void in_an_interrupt(void)
{
    ts_object *object = NULL;
    IS(ts_object_take(semaphore, 1), TS_WRONG_CONTEXT);
    IS(ts_object_take(semaphore, 0), TS_TIMEOUT);
    IS(ts_queue_new("x", 4, 1, &object), TS_WRONG_CONTEXT);
    IS(ts_semaphore_new("x", 0, 1, &object), TS_WRONG_CONTEXT);
    IS(ts_mutex_new("x", &object), TS_WRONG_CONTEXT);
    IS(ts_group_new("x", &object), TS_WRONG_CONTEXT);
    IS(ts_object_close(semaphore, 0), TS_WRONG_CONTEXT);
    CHECK(object == NULL);
    IS(ts_object_give(semaphore), TS_OK);
}

static void after_the_end_nothing_goes(void)
{
    ts_vm *ended = vm_a;
    IS(ts_get_state(ended), TS_ENDED);
    IS(ts_post(ended, (ts_main)(void *)in_an_interrupt, NULL), TS_WRONG_STATE);
    IS(ts_stop(ended), TS_WRONG_STATE);
    IS(ts_interrupt(ended), TS_WRONG_STATE);
    IS(ts_kill(ended), TS_WRONG_STATE);
    check_attached_functions(ended, TS_NOT_ATTACHED);
    IS(ts_destroy(ended), TS_OK);
    IS(ts_join(ended, 0, NULL), TS_BAD_VM);
    IS(ts_start(ended, NULL, NULL), TS_BAD_VM);
    IS(ts_signal(ended), TS_BAD_VM);
    check_attached_functions(ended, TS_BAD_VM);
}

static void hardware_is_checked(void)
{
    static const ts_hal_gpio no_functions;
    ts_hal hal = {.size = sizeof hal - 1};
    IS(ts_hal_install(NULL), TS_HAL_INVALID);
    IS(ts_hal_install(&hal), TS_HAL_INVALID);
    hal.size = sizeof hal;
    hal.gpio = &no_functions;
    IS(ts_hal_install(&hal), TS_HAL_INVALID);
    hal.gpio = NULL;
    hal.n_uarts = 5;
    IS(ts_hal_install(&hal), TS_HAL_INVALID);
    /* Events of what is not there. */
    ts_hal_pin_event(200, 3);
    ts_hal_alarm_event();
    ts_hal_uart_event(9, 1);
}

void test_misuse(void)
{
    ts_attachment attachment;
    start_a(NULL, NULL);
    IS(ts_attach(vm_a, &attachment), TS_OK);
    nulls_are_refused(vm_a);
    attached_tasks_do_not_block_on_objects();
    IS(ts_detach(&attachment), TS_OK);
    IS(ts_semaphore_new(NULL, 0, 1, &semaphore), TS_OK);
    board_interrupt(in_an_interrupt);
    IS(ts_object_take(semaphore, 0), TS_OK);
    IS(ts_object_close(semaphore, 0), TS_OK);
    IS(ts_stop(vm_a), TS_OK);
    IS(ts_join(vm_a, 10000, NULL), TS_OK);
    after_the_end_nothing_goes();
    hardware_is_checked();
}
