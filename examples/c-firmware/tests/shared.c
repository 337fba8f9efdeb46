/* Objects that C and Python share: both ways, from interrupts, when a VM is killed, and what is refused. */
#include "check.h"

static ts_object *queue;
static volatile ts_status waited;

static void c_makes_and_python_opens(void)
{
    char text[8];
    size_t len = 0;
    ts_object *same = NULL, *semaphore, *group, *mutex;
    uint32_t bits = 0;
    IS(ts_queue_new("requests", 8, 2, &queue), TS_OK);
    IS(ts_queue_new("requests", 8, 2, &same), TS_EXISTS);
    IS(ts_object_open("requests", &same), TS_OK);
    CHECK(same == queue);
    IS(ts_object_close(same, 0), TS_OK);
    IS(ts_semaphore_new("count", 0, 3, &semaphore), TS_OK);
    IS(ts_group_new("bits", &group), TS_OK);
    IS(ts_mutex_new("mutex", &mutex), TS_OK);
    IS(ts_queue_send(queue, "abc", 3, 0, 0), TS_OK);
    IS(ts_queue_send(queue, "now", 3, 1, 10), TS_OK);
    IS(ts_queue_send(queue, "full", 4, 0, 0), TS_TIMEOUT);
    IS(ts_queue_send(queue, "full", 4, 0, 5), TS_TIMEOUT);
    IS(run_a("import rtos\n"
             "q = rtos.open('requests')\n"
             "print(q.receive(), q.receive())\n"
             "q.send(b'answer')\n"
             "rtos.open('count').release()\n"
             "rtos.open('bits').set(6)\n"
             "with rtos.open('mutex') as m: pass\n"),
       TS_OK);
    CHECK(console_has("b'now' b'abc'\n"));
    IS(ts_queue_receive(queue, text, sizeof text, &len, 0), TS_OK);
    CHECK(len == 6 && memcmp(text, "answer", 6) == 0);
    IS(ts_queue_receive(queue, text, sizeof text, &len, 5), TS_TIMEOUT);
    IS(ts_object_take(semaphore, 0), TS_OK);
    IS(ts_object_take(semaphore, 5), TS_TIMEOUT);
    IS(ts_group_wait(group, 3, 1, 0, 5, &bits), TS_TIMEOUT);
    IS(ts_group_wait(group, 3, 0, 1, 0, &bits), TS_OK);
    CHECK(bits == 6);
    IS(ts_group_change(group, 0, 1, &bits), TS_OK);
    CHECK(bits == 5);
    IS(ts_object_take(mutex, 0), TS_OK);
    IS(ts_object_take(mutex, 5), TS_TIMEOUT);
    IS(ts_object_give(mutex), TS_OK);
    IS(ts_object_give(mutex), TS_WRONG_STATE);
    IS(ts_object_close(semaphore, 0), TS_OK);
    IS(ts_object_close(group, 1), TS_OK);
    IS(ts_object_close(mutex, 0), TS_OK);
    IS(ts_object_open("bits", &group), TS_NOT_FOUND);
}

static void what_is_wrong_is_refused(void)
{
    char text[8];
    ts_object *object = NULL;
    IS(ts_queue_new("requests", 8, 2, NULL), TS_BAD_ARGUMENT);
    IS(ts_queue_new(NULL, 0, 2, &object), TS_BAD_ARGUMENT);
    IS(ts_queue_new(NULL, 513, 2, &object), TS_BAD_ARGUMENT);
    IS(ts_queue_new(NULL, 8, 0, &object), TS_BAD_ARGUMENT);
    IS(ts_queue_new("a name of more than 23 bytes", 8, 2, &object), TS_BAD_ARGUMENT);
    IS(ts_semaphore_new(NULL, 4, 3, &object), TS_BAD_ARGUMENT);
    IS(ts_queue_new(NULL, 512, 65535, &object), TS_NO_MEMORY);
    CHECK(object == NULL);
    IS(ts_object_open(NULL, &object), TS_BAD_ARGUMENT);
    IS(ts_object_open("nothing", &object), TS_NOT_FOUND);
    IS(ts_object_open("", &object), TS_NOT_FOUND);
    IS(ts_object_close(NULL, 0), TS_BAD_ARGUMENT);
    IS(ts_object_close((ts_object *)text, 0), TS_BAD_ARGUMENT);
    IS(ts_queue_send(NULL, "x", 1, 0, 0), TS_BAD_ARGUMENT);
    IS(ts_queue_send(queue, NULL, 1, 0, 0), TS_BAD_ARGUMENT);
    IS(ts_queue_send(queue, "123456789", 9, 0, 0), TS_BAD_ARGUMENT);
    IS(ts_queue_receive(queue, text, 7, NULL, 0), TS_BAD_ARGUMENT);
    IS(ts_queue_receive(queue, NULL, 8, NULL, 0), TS_BAD_ARGUMENT);
    IS(ts_object_take(queue, 0), TS_BAD_ARGUMENT);
    IS(ts_object_give(queue), TS_BAD_ARGUMENT);
    IS(ts_group_change(queue, 0, 1, NULL), TS_BAD_ARGUMENT);
    IS(ts_group_wait(queue, 1, 0, 0, 0, NULL), TS_BAD_ARGUMENT);
}

static void in_interrupt(void)
{
    char text[8];
    ts_object *object;
    IS(ts_queue_send(queue, "isr", 3, 0, 0), TS_OK);
    IS(ts_queue_send(queue, "isr", 3, 0, 0), TS_OK);
    IS(ts_queue_send(queue, "isr", 3, 0, 0), TS_TIMEOUT);
    IS(ts_queue_send(queue, "isr", 3, 0, 1), TS_WRONG_CONTEXT);
    IS(ts_queue_receive(queue, text, sizeof text, NULL, 0), TS_OK);
    IS(ts_queue_new(NULL, 8, 2, &object), TS_WRONG_CONTEXT);
    IS(ts_object_close(queue, 0), TS_WRONG_CONTEXT);
}

static ts_status waits_for_interrupt(ts_vm *vm, void *argument)
{
    static const char source[] = "import rtos, select\n"
                                 "q = rtos.open('requests')\n"
                                 "p = select.poll()\n"
                                 "p.register(q, select.POLLIN)\n"
                                 "rtos.Semaphore(1, name='up')\n"
                                 "up = rtos.open('up')\n"
                                 "print(len(p.poll()), q.receive())\n";
    (void)argument;
    return ts_exec_string(vm, "test.py", source, sizeof source - 1);
}

static void an_interrupt_wakes_python(void)
{
    ts_object *up = NULL;
    console_clear();
    start_a(waits_for_interrupt, NULL);
    while (ts_object_open("up", &up) != TS_OK)
    {
        vTaskDelay(1);
    }
    board_interrupt(in_interrupt);
    IS(end_a(), TS_OK);
    CHECK(console_has("1 b'isr'\n"));
    IS(ts_object_take(up, 0), TS_CLOSED);
    IS(ts_object_close(up, 0), TS_OK);
    IS(ts_object_open("up", &up), TS_NOT_FOUND);
}

static ts_status waits_for_ever(ts_vm *vm, void *argument)
{
    static const char source[] = "import rtos\n"
                                 "q = rtos.Queue(1, 8, 'mine')\n"
                                 "rtos.open('requests').receive()\n";
    (void)argument;
    return ts_exec_string(vm, "test.py", source, sizeof source - 1);
}

static void waiter(void *mine)
{
    char text[8];
    waited = ts_queue_receive(mine, text, sizeof text, NULL, TS_FOREVER);
    vTaskSuspend(NULL);
}

static void a_kill_wakes_a_c_task(void)
{
    TaskHandle_t task;
    ts_object *mine = NULL;
    uint8_t rest[8];
    while (ts_queue_receive(queue, rest, sizeof rest, NULL, 0) == TS_OK)
    {
    }
    start_a(waits_for_ever, NULL);
    while (ts_object_open("mine", &mine) != TS_OK)
    {
        vTaskDelay(1);
    }
    waited = -1;
    xTaskCreate(waiter, "waiter", 8 * 1024 / sizeof(StackType_t), mine, 5, &task);
    CHECK(waited == -1);
    IS(ts_kill(vm_a), TS_OK);
    IS(end_a(), TS_KILLED);
    IS(waited, TS_CLOSED);
    vTaskDelete(task);
    IS(ts_object_close(mine, 0), TS_OK);
    IS(ts_object_close(mine, 0), TS_BAD_ARGUMENT);
}

static ts_status with_the_gil(ts_vm *vm, void *argument)
{
    char text[8];
    (void)vm, (void)argument;
    IS(ts_queue_receive(queue, text, sizeof text, NULL, 0), TS_TIMEOUT);
    IS(ts_queue_receive(queue, text, sizeof text, NULL, 5), TS_WRONG_CONTEXT);
    return TS_OK;
}

void test_shared(void)
{
    c_makes_and_python_opens();
    what_is_wrong_is_refused();
    an_interrupt_wakes_python();
    a_kill_wakes_a_c_task();
    start_a(with_the_gil, NULL);
    IS(end_a(), TS_OK);
    IS(ts_object_close(queue, 0), TS_OK);
}
