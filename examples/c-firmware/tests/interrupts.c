/* From an interrupt: what may be called there, and what is refused. */
#include "check.h"

static volatile int in_interrupt, posts;

static ts_status posted(ts_vm *vm, void *argument)
{
    (void)argument;
    posts++;
    return ts_print(vm, "posted\n", 7);
}

static void refused_things(void)
{
    ts_config config = test_config();
    ts_attachment attachment;
    ts_vm *vm = NULL;
    in_interrupt = 1;
    check_attached_functions(vm_a, TS_WRONG_CONTEXT);
    IS(ts_create(&config, memory_b, sizeof memory_b, &vm), TS_WRONG_CONTEXT);
    IS(ts_start(vm_a, NULL, NULL), TS_WRONG_CONTEXT);
    IS(ts_join(vm_a, 0, NULL), TS_WRONG_CONTEXT);
    IS(ts_destroy(vm_a), TS_WRONG_CONTEXT);
    IS(ts_attach(vm_a, &attachment), TS_WRONG_CONTEXT);
    IS(ts_detach(&attachment), TS_WRONG_CONTEXT);
}

static void allowed_things(void)
{
    IS(ts_get_state(vm_a), TS_RUNNING);
    IS(ts_signal(vm_a), TS_OK);
    IS(ts_post(vm_a, posted, NULL), TS_OK);
}

static void kill_it(void) { IS(ts_kill(vm_a), TS_OK); }

void test_interrupts(void)
{
    ts_attachment attachment;
    console_clear();
    start_a(NULL, NULL);
    board_interrupt(refused_things);
    CHECK(in_interrupt);
    /* Also in the middle of an attached task. */
    IS(ts_attach(vm_a, &attachment), TS_OK);
    board_interrupt(refused_things);
    IS(ts_detach(&attachment), TS_OK);
    board_interrupt(allowed_things);
    for (int ms = 0; ms < 10000 && strstr(console_text, "posted\n") == NULL; ms++)
    {
        vTaskDelay(1);
    }
    CHECK(posts == 1);
    CHECK(console_has("posted\n"));
    board_interrupt(kill_it);
    IS(end_a(), TS_KILLED);
}
