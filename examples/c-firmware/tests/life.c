/* Starting, ending, starting again; two VMs; nothing is lost. */
#include "check.h"

static ts_status run_string(ts_vm *vm, void *source) { return ts_exec_string(vm, "test.py", source, strlen(source)); }

/* A program that never ends by itself, whatever is raised in it. */
static char stubborn[] = "while True:\n"
                         "    try:\n"
                         "        while True:\n"
                         "            pass\n"
                         "    except:\n"
                         "        pass\n";

static void a_program_runs_to_its_end(void)
{
    IS(run_a("print('hello')\n"), TS_OK);
    CHECK(console_has("hello\n"));
    IS(run_a("x = 1\nx.y\n"), TS_RAISED);
    CHECK(console_has("line 2"));
    CHECK(console_has("AttributeError"));
    IS(run_a("def f(:\n"), TS_RAISED);
    CHECK(console_has("SyntaxError"));
    IS(run_a("import sys\nsys.exit()\n"), TS_OK);
    IS(run_a("import sys\nsys.exit(3)\n"), TS_RAISED);
    CHECK(console_text[0] == '\0');
}

static ts_status not_from_inside(ts_vm *vm, void *argument)
{
    (void)argument;
    IS(ts_join(vm, 0, NULL), TS_WRONG_STATE);
    IS(ts_destroy(vm), TS_WRONG_STATE);
    IS(ts_start(vm, NULL, NULL), TS_WRONG_STATE);
    return TS_TIMEOUT;
}

static void states_are_kept(void)
{
    ts_status result = -1;
    start_a(NULL, NULL);
    IS(ts_get_state(vm_a), TS_RUNNING);
    IS(ts_start(vm_a, NULL, NULL), TS_WRONG_STATE);
    IS(ts_destroy(vm_a), TS_WRONG_STATE);
    IS(ts_join(vm_a, 0, &result), TS_TIMEOUT);
    IS(ts_join(vm_a, 5, &result), TS_TIMEOUT);
    CHECK(result == -1);
    IS(ts_set_clock(NULL), TS_WRONG_STATE);
    IS(ts_stop(vm_a), TS_OK);
    IS(ts_join(vm_a, 10000, &result), TS_OK);
    IS(result, TS_OK);
    IS(ts_get_state(vm_a), TS_ENDED);
    IS(ts_stop(vm_a), TS_WRONG_STATE);
    IS(ts_kill(vm_a), TS_WRONG_STATE);
    IS(ts_join(vm_a, 0, NULL), TS_OK);
    IS(ts_start(vm_a, not_from_inside, NULL), TS_OK);
    IS(end_a(), TS_TIMEOUT);
    IS(ts_get_state(vm_a), -1);
}

static void a_kill_ends_every_program(void)
{
    start_a(run_string, stubborn);
    vTaskDelay(10);
    IS(ts_kill(vm_a), TS_OK);
    IS(end_a(), TS_KILLED);
    /* At once, perhaps before it has begun. */
    start_a(run_string, stubborn);
    IS(ts_kill(vm_a), TS_OK);
    IS(end_a(), TS_KILLED);
    /* While it waits. */
    start_a(NULL, NULL);
    vTaskDelay(2);
    IS(ts_kill(vm_a), TS_OK);
    IS(end_a(), TS_KILLED);
}

static void an_interrupt_ends_a_program_that_lets_it(void)
{
    static char busy[] = "while True:\n    pass\n";
    static ts_status (*const ways[])(ts_vm *) = {ts_interrupt, ts_stop};
    for (size_t i = 0; i < 4; i++)
    {
        console_clear();
        start_a(run_string, busy);
        if (i >= 2)
        {
            vTaskDelay(10);
        } /* Otherwise the program has not begun. */
        IS(ways[i % 2](vm_a), TS_OK);
        IS(end_a(), TS_RAISED);
        CHECK(console_has("KeyboardInterrupt"));
    }
    /* Without a program there is nothing to interrupt. */
    start_a(NULL, NULL);
    vTaskDelay(2);
    IS(ts_interrupt(vm_a), TS_OK);
    IS(ts_join(vm_a, 5, NULL), TS_TIMEOUT);
    IS(ts_stop(vm_a), TS_OK);
    IS(end_a(), TS_OK);
}

static void a_vm_started_again_is_new(void)
{
    static char first[] = "kept = 1\n", second[] = "kept\n";
    start_a(run_string, first);
    IS(ts_join(vm_a, 10000, NULL), TS_OK);
    IS(ts_start(vm_a, run_string, second), TS_OK);
    console_clear();
    IS(end_a(), TS_RAISED);
    CHECK(console_has("NameError"));
}

static void the_least_heap_runs_a_small_program(void)
{
    static char text[] = "class A:\n    def f(self): return 42\nprint(A().f())\n";
    ts_config config = test_config();
    ts_vm *vm;
    ts_status result;
    config.stack_bytes = TS_MIN_STACK;
    console_clear();
    IS(ts_create(&config, memory_a, config.stack_bytes + TS_MIN_HEAP + TS_OVERHEAD, &vm), TS_OK);
    IS(ts_start(vm, run_string, text), TS_OK);
    IS(ts_join(vm, 10000, &result), TS_OK);
    IS(result, TS_OK);
    CHECK(console_has("42\n"));
    IS(ts_destroy(vm), TS_OK);
}

static void a_full_heap_is_a_memory_error(void)
{
    IS(run_a("l = []\ntry:\n    while True:\n        l.append([])\nexcept Exception as e:\n    l = None\n    print(type(e).__name__)\n"),
       TS_OK);
    CHECK(console_has("MemoryError\n"));
}

static void two_vms_do_not_know_each_other(void)
{
    static char other[] = "mine = 'b'\nwhile True:\n    pass\n";
    ts_config config = test_config();
    ts_status result;
    ts_vm *vm_b;
    IS(ts_create(&config, memory_b, sizeof memory_b, &vm_b), TS_OK);
    IS(ts_start(vm_b, run_string, other), TS_OK);
    vTaskDelay(5);
    IS(run_a("mine\n"), TS_RAISED);
    CHECK(console_has("NameError"));
    IS(ts_get_state(vm_b), TS_RUNNING);
    IS(ts_kill(vm_b), TS_OK);
    IS(ts_join(vm_b, 10000, &result), TS_OK);
    IS(result, TS_KILLED);
    IS(ts_destroy(vm_b), TS_OK);
}


static void nothing_is_lost_in_many_lives(void)
{
    const UBaseType_t tasks = uxTaskGetNumberOfTasks();
    const size_t heap = xPortGetFreeHeapSize();
    for (int i = 0; i < LIVES; i++)
    {
        start_a(run_string, stubborn);
        if (i % 2 == 0)
        {
            vTaskDelay(1);
        }
        ts_kill(vm_a);
        IS(end_a(), TS_KILLED);
        memset(memory_a, 0x5a, sizeof memory_a);
    }
    CHECK(uxTaskGetNumberOfTasks() == tasks);
    CHECK(xPortGetFreeHeapSize() == heap);
}

void test_life(void)
{
    a_program_runs_to_its_end();
    states_are_kept();
    a_kill_ends_every_program();
    an_interrupt_ends_a_program_that_lets_it();
    a_vm_started_again_is_new();
    the_least_heap_runs_a_small_program();
    a_full_heap_is_a_memory_error();
    two_vms_do_not_know_each_other();
    nothing_is_lost_in_many_lives();
}
