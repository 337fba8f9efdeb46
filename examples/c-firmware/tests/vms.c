/* Several VMs in one image: each has its own heap, lock, priority, console, modules and threads. */
#include "check.h"

/* A VM and what it wrote. */
struct guest
{
    ts_vm *vm;
    const char *source;
    char console[256];
    size_t len;
    UBaseType_t priority;
    int inits;
};

static struct guest guests[2];

static void console_write(void *context, const uint8_t *text, size_t len)
{
    struct guest *guest = context;
    for (size_t i = 0; i < len && guest->len < sizeof guest->console - 1; i++)
    {
        guest->console[guest->len++] = (char)text[i];
    }
}

static struct guest *guest_of(ts_vm *vm) { return vm == guests[0].vm ? &guests[0] : &guests[1]; }

/* priority(): of the task that asks. */
static ts_status priority(ts_vm *vm, const ts_value *args, size_t n_args, ts_value *result)
{
    (void)args, (void)n_args;
    return ts_new_int(vm, (int64_t)uxTaskPriorityGet(NULL), result);
}

static ts_status init(ts_vm *vm, ts_value module)
{
    ts_value none = ts_none();
    guest_of(vm)->inits++;
    return ts_set_attr(vm, module, "state", none);
}

static const ts_function functions[] = {{"priority", priority, 0, 0}};
static const ts_module guest_module = {"guest", functions, 1, init};
static const ts_module *const modules[] = {&guest_module};

static ts_status run_guest(ts_vm *vm, void *argument)
{
    const struct guest *guest = argument;
    return ts_exec_string(vm, "guest.py", guest->source, strlen(guest->source));
}

static void start_guest(struct guest *guest, uint8_t *memory, size_t size, uint32_t at_priority, const char *source)
{
    ts_config config = test_config();
    memset(guest, 0, sizeof *guest);
    guest->source = source;
    config.priority = at_priority;
    config.context = guest;
    config.console_write = console_write;
    config.modules = modules;
    config.n_modules = 1;
    config.threads = 2;
    IS(ts_create(&config, memory, size, &guest->vm), TS_OK);
    IS(ts_start(guest->vm, run_guest, guest), TS_OK);
}

static ts_status end_guest(struct guest *guest)
{
    ts_status result = -1;
    IS(ts_join(guest->vm, 10000, &result), TS_OK);
    IS(ts_destroy(guest->vm), TS_OK);
    return result;
}

static int said(const struct guest *guest, const char *text)
{
    if (strcmp(guest->console, text) == 0)
    {
        return 1;
    }
    board_write(guest->console, guest->len);
    return 0;
}

static void each_has_its_own(void)
{
    static const char first[] = "import _thread, gc, guest, rtos, time\n"
                                "guest.state, mine = 'first', 1\n"
                                "full = rtos.EventGroup('first is full')\n"
                                "kept = []\n"
                                "try:\n"
                                "    while True: kept.append(bytearray(500))\n"
                                "except MemoryError:\n"
                                "    n = len(kept)\n"
                                "    kept.clear()\n"
                                "over = _thread.allocate_lock()\n"
                                "over.acquire()\n"
                                "_thread.start_new_thread(lambda: (print('a thread'), over.release()), ())\n"
                                "over.acquire()\n"
                                "print(guest.priority(), guest.state, n > 20)\n"
                                "full.set(1)\n"
                                "time.sleep(1000)\n";
    static const char second[] = "import guest, rtos, time, sys\n"
                                 "while True:\n"
                                 "    try:\n"
                                 "        full = rtos.open('first is full')\n"
                                 "        break\n"
                                 "    except OSError:\n"
                                 "        time.sleep_ms(1)\n"
                                 "full.wait(1)\n"
                                 "print(guest.priority(), guest.state, 'mine' in globals(), '_thread' in sys.modules)\n"
                                 "kept = bytearray(40000)\n"
                                 "try:\n"
                                 "    full.wait(2)\n"
                                 "except OSError as e:\n"
                                 "    print(e.errno)\n"
                                 "print('lives on')\n";
    start_guest(&guests[0], memory_a, sizeof memory_a, 1, first);
    start_guest(&guests[1], memory_b, sizeof memory_b, 3, second);
    for (int ms = 0; ms < 10000 && guests[1].len == 0; ms++)
    {
        vTaskDelay(1);
    }
    IS(ts_kill(guests[0].vm), TS_OK);
    IS(end_guest(&guests[0]), TS_KILLED);
    memset(memory_a, 0xa5, sizeof memory_a);
    /* What the first one made is closed by its end: EPIPE for the other. */
    IS(end_guest(&guests[1]), TS_OK);
    CHECK(said(&guests[0], "a thread\n1 first True\n"));
    CHECK(said(&guests[1], "3 None False False\n32\nlives on\n"));
    CHECK(guests[0].inits == 1 && guests[1].inits == 1);
}

/* The lock of one is not the lock of the other: a task may be attached to both. */
static void one_task_uses_both(void)
{
    ts_attachment first, second;
    ts_value value;
    int64_t number = 0;
    start_guest(&guests[0], memory_a, sizeof memory_a, 1, "import time\ntime.sleep(1000)\n");
    start_guest(&guests[1], memory_b, sizeof memory_b, 1, "while True: pass\n");
    IS(ts_attach(guests[0].vm, &first), TS_OK);
    IS(ts_attach(guests[1].vm, &second), TS_OK);
    IS(ts_eval(guests[1].vm, "40 + 2", 6, &value), TS_OK);
    IS(ts_get_int(guests[1].vm, value, &number), TS_OK);
    CHECK(number == 42);
    IS(ts_detach(&first), TS_WRONG_STATE);
    IS(ts_detach(&second), TS_OK);
    IS(ts_eval(guests[0].vm, "1 + 1", 5, &value), TS_OK);
    IS(ts_detach(&first), TS_OK);
    for (int i = 0; i < 2; i++)
    {
        IS(ts_kill(guests[i].vm), TS_OK);
        IS(end_guest(&guests[i]), TS_KILLED);
    }
}

void test_vms(void)
{
    each_has_its_own();
    one_task_uses_both();
}
