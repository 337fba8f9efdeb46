/* Attaching, waiting, posting, from this task and another. */
#include "check.h"

void check_attached_functions(ts_vm *vm, ts_status status)
{
    const ts_value none = ts_none();
    ts_value value = none;
    ts_ref reference;
    ts_stats stats = {.size = sizeof stats};
    const char *text;
    const uint8_t *bytes;
    size_t len;
    int64_t number;
    double real;
    int32_t truth;
    IS(ts_exec_string(vm, "x", "", 0), status);
    IS(ts_exec_file(vm, "x"), status);
    IS(ts_eval(vm, "1", 1, &value), status);
    IS(ts_import(vm, "sys", &value), status);
    IS(ts_call(vm, none, NULL, 0, &value), status);
    IS(ts_call_method(vm, none, "x", NULL, 0, &value), status);
    IS(ts_get_global(vm, "x", &value), status);
    IS(ts_set_global(vm, "x", none), status);
    IS(ts_print(vm, "x", 1), status);
    IS(ts_collect(vm), status);
    IS(ts_new_int(vm, 1, &value), status);
    IS(ts_new_float(vm, 1, &value), status);
    IS(ts_new_str(vm, "x", 1, &value), status);
    IS(ts_new_bytes(vm, (const uint8_t *)"x", 1, &value), status);
    IS(ts_new_list(vm, NULL, 0, &value), status);
    IS(ts_new_tuple(vm, NULL, 0, &value), status);
    IS(ts_new_dict(vm, &value), status);
    IS(ts_get_int(vm, none, &number), status);
    IS(ts_get_float(vm, none, &real), status);
    IS(ts_get_bool(vm, none, &truth), status);
    IS(ts_get_str(vm, none, &text, &len), status);
    IS(ts_get_bytes(vm, none, &bytes, &len), status);
    IS(ts_str(vm, none, 0, &value), status);
    IS(ts_len(vm, none, &len), status);
    IS(ts_get_item(vm, none, none, &value), status);
    IS(ts_set_item(vm, none, none, none), status);
    IS(ts_get_attr(vm, none, "x", &value), status);
    IS(ts_set_attr(vm, none, "x", none), status);
    IS(ts_ref_new(vm, none, &reference), status);
    IS(ts_ref_get(vm, 1, &value), status);
    IS(ts_raise(vm, TS_VALUE_ERROR, "", 0), status);
    IS(ts_raise_os_error(vm, 1), status);
    IS(ts_raise_value(vm, none), status);
    IS(ts_wait(vm, NULL, NULL, 0), status);
    IS(ts_blocking(vm, NULL, NULL), status);
    IS(ts_get_stats(vm, &stats), status);
    CHECK(value.word == none.word);
    if (status != TS_RAISED)
    {
        /* These are for pending exceptions. */
        IS(ts_ref_free(vm, 1), status);
        IS(ts_exception_take(vm, &value), status);
        IS(ts_exception_clear(vm), status);
        IS(ts_exception_print(vm), status);
        IS(ts_exception_is(vm, TS_EXCEPTION), 0);
    }
}

static void attachments_are_checked(void)
{
    ts_attachment attachment, other;
    memset(&attachment, 0, sizeof attachment);
    memset(&other, 0xff, sizeof other);
    start_a(NULL, NULL);
    check_attached_functions(vm_a, TS_NOT_ATTACHED);
    IS(ts_detach(NULL), TS_BAD_ARGUMENT);
    IS(ts_detach(&attachment), TS_NOT_ATTACHED);
    IS(ts_detach(&other), TS_NOT_ATTACHED);
    IS(ts_attach(vm_a, NULL), TS_BAD_ARGUMENT);
    IS(ts_attach(NULL, &attachment), TS_BAD_VM);
    IS(ts_attach(vm_a, &attachment), TS_OK);
    IS(ts_attach(vm_a, &other), TS_WRONG_STATE);
    IS(ts_detach(&other), TS_NOT_ATTACHED);
    IS(ts_join(vm_a, 0, NULL), TS_WRONG_STATE);
    IS(ts_exec_string(vm_a, "test.py", "x = 20 + 2", 10), TS_OK);
    IS(ts_detach(&attachment), TS_OK);
    IS(ts_detach(&attachment), TS_NOT_ATTACHED);
    check_attached_functions(vm_a, TS_NOT_ATTACHED);

    /* An exception that C leaves behind is printed. */
    console_clear();
    IS(ts_attach(vm_a, &attachment), TS_OK);
    IS(ts_exec_string(vm_a, "test.py", "y", 1), TS_RAISED);
    check_attached_functions(vm_a, TS_RAISED);
    IS(ts_detach(&attachment), TS_OK);
    CHECK(console_has("NameError"));

    IS(ts_stop(vm_a), TS_OK);
    IS(ts_join(vm_a, 10000, NULL), TS_OK);
    IS(ts_attach(vm_a, &attachment), TS_WRONG_STATE);
    IS(end_a(), TS_OK);
    IS(ts_attach(vm_a, &attachment), TS_BAD_VM);
}

/* Another task, which does one thing for the test and says when it is done. */
static ts_attachment *volatile other_attachment;
static volatile ts_status other_status;
static TaskHandle_t tester;

static void other_task(void *argument)
{
    (void)argument;
    ulTaskNotifyTake(pdTRUE, portMAX_DELAY);
    other_status = ts_detach(other_attachment);
    check_attached_functions(vm_a, TS_NOT_ATTACHED);
    xTaskNotifyGive(tester);
    vTaskSuspend(NULL);
}

static void another_task_can_not_use_an_attachment(void)
{
    ts_attachment attachment;
    TaskHandle_t other;
    tester = xTaskGetCurrentTaskHandle();
    start_a(NULL, NULL);
    xTaskCreate(other_task, "other", 2048, NULL, 4, &other);
    IS(ts_attach(vm_a, &attachment), TS_OK);
    other_attachment = &attachment;
    xTaskNotifyGive(other);
    ulTaskNotifyTake(pdTRUE, portMAX_DELAY);
    IS(other_status, TS_NOT_ATTACHED);
    vTaskDelete(other);
    IS(ts_detach(&attachment), TS_OK);
    ts_stop(vm_a);
    IS(end_a(), TS_OK);
}

/* A kill while this task is attached: the VM waits for it. */
static void a_kill_waits_for_who_is_attached(void)
{
    ts_attachment attachment;
    ts_value value;
    start_a(NULL, NULL);
    IS(ts_attach(vm_a, &attachment), TS_OK);
    IS(ts_kill(vm_a), TS_OK);
    IS(ts_exec_string(vm_a, "test.py", "while True: pass", 16), TS_RAISED);
    IS(ts_exception_take(vm_a, &value), TS_OK);
    IS(ts_wait(vm_a, NULL, NULL, TS_FOREVER), TS_RAISED);
    IS(ts_get_state(vm_a), TS_RUNNING);
    IS(ts_detach(&attachment), TS_OK);
    IS(end_a(), TS_KILLED);
}

/* How many more looks it takes until the wait is over. */
static volatile int looks_left;

static int look(void *context)
{
    (void)context;
    return --looks_left <= 0;
}

static void block(void *flag)
{
    *(volatile int *)flag = 1;
    vTaskDelay(2);
}

static ts_status waiting(ts_vm *vm, void *argument)
{
    volatile int flag = 0;
    (void)argument;
    looks_left = 1;
    IS(ts_wait(vm, look, NULL, TS_FOREVER), TS_OK);
    IS(ts_wait(vm, NULL, NULL, 0), TS_TIMEOUT);
    IS(ts_wait(vm, NULL, NULL, 3), TS_TIMEOUT);
    IS(ts_blocking(vm, NULL, NULL), TS_BAD_ARGUMENT);
    IS(ts_blocking(vm, block, (void *)&flag), TS_OK);
    CHECK(flag);
    /* Looks once, then after each of two signals. */
    looks_left = 3;
    xTaskNotifyGive(tester);
    IS(ts_wait(vm, look, NULL, TS_FOREVER), TS_OK);
    xTaskNotifyGive(tester);
    IS(ts_wait(vm, NULL, NULL, TS_FOREVER), TS_RAISED);
    CHECK(ts_exception_is(vm, TS_KEYBOARD_INTERRUPT));
    IS(ts_exception_clear(vm), TS_OK);
    return TS_OK;
}

static void waits_end_as_they_should(void)
{
    tester = xTaskGetCurrentTaskHandle();
    start_a(waiting, NULL);
    ulTaskNotifyTake(pdTRUE, portMAX_DELAY);
    for (int left = 2; left > 0; left--)
    {
        /* Two signals in a row may be one. */
        while (looks_left > left)
        {
            vTaskDelay(1);
        }
        IS(ts_signal(vm_a), TS_OK);
    }
    ulTaskNotifyTake(pdTRUE, portMAX_DELAY);
    vTaskDelay(2);
    IS(ts_interrupt(vm_a), TS_OK);
    IS(end_a(), TS_OK);
}

static ts_status posted(ts_vm *vm, void *argument)
{
    ts_value value;
    if (ts_get_global(vm, "n", &value) == TS_OK)
    {
        int64_t n = 0;
        ts_get_int(vm, value, &n);
        ts_new_int(vm, n + 1, &value);
        ts_set_global(vm, "n", value);
    }
    *(volatile int *)argument += 1;
    return ts_raise(vm, TS_VALUE_ERROR, "from a post", 11);
}

static int nevers;

/* Only the last of the posts is for this VM's life. */
static ts_status never(ts_vm *vm, void *argument)
{
    CHECK(argument == vm);
    nevers++;
    return TS_OK;
}

static ts_status wait_for_posts(ts_vm *vm, void *argument)
{
    ts_status status = ts_exec_string(vm, "test.py", "n = 0", 5);
    if (status == TS_OK)
    {
        xTaskNotifyGive(tester);
        status = ts_exec_string(vm, "test.py", "while n < 3:\n    pass\nprint('n is', n)\n", 38);
    }
    (void)argument;
    return status;
}

static void posts_run_in_python(void)
{
    volatile int count = 0;
    int n = 0;
    tester = xTaskGetCurrentTaskHandle();
    console_clear();
    start_a(wait_for_posts, NULL);
    ulTaskNotifyTake(pdTRUE, portMAX_DELAY);
    IS(ts_post(vm_a, NULL, NULL), TS_BAD_ARGUMENT);
    for (int i = 0; i < 3; i++)
    {
        IS(ts_post(vm_a, posted, (void *)&count), TS_OK);
    }
    IS(end_a(), TS_OK);
    CHECK(count == 3);
    CHECK(console_has("n is 3\n"));
    CHECK(console_has("ValueError: from a post"));

    /* This task goes before the VM's, so nothing is taken from the queue; what is left goes with the VM. */
    start_a(NULL, NULL);
    while (n < 100 && ts_post(vm_a, never, NULL) == TS_OK)
    {
        n++;
    }
    CHECK(n == 16);
    IS(ts_post(vm_a, never, NULL), TS_FULL);
    IS(ts_kill(vm_a), TS_OK);
    IS(ts_join(vm_a, 10000, NULL), TS_OK);
    IS(ts_start(vm_a, NULL, NULL), TS_OK);
    IS(ts_post(vm_a, never, vm_a), TS_OK);
    vTaskDelay(2);
    IS(ts_stop(vm_a), TS_OK);
    IS(end_a(), TS_OK);
    CHECK(nevers == 1);
}

void test_attach(void)
{
    attachments_are_checked();
    another_task_can_not_use_an_attachment();
    a_kill_waits_for_who_is_attached();
    waits_end_as_they_should();
    posts_run_in_python();
}
