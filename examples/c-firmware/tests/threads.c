/* Threads that Python starts, in memory of the VM's; and the end of a VM in the middle of everything. */
#include "check.h"

#define THREADS 3

/* A C task above Python that counts milliseconds. */
static volatile uint32_t songs, late_songs;
static volatile int canary_ends;

static void canary(void *argument)
{
    TickType_t next = xTaskGetTickCount();
    (void)argument;
    while (!canary_ends)
    {
        vTaskDelayUntil(&next, 1);
        songs++;
        /* A host that is busy may lose ticks; a kernel in virtual time does not. */
        late_songs += xTaskGetTickCount() - next > 1;
    }
    vTaskDelete(NULL);
}

static int never(void *context)
{
    (void)context;
    return 0;
}

static void for_a_while(void *context)
{
    (void)context;
    vTaskDelay(3);
}

/* wait(): in ts_wait for ever. */
static ts_status wait_function(ts_vm *vm, const ts_value *args, size_t n_args, ts_value *result)
{
    (void)args, (void)n_args, (void)result;
    return ts_wait(vm, never, NULL, TS_FOREVER);
}

/* block(): in ts_blocking again and again. */
static ts_status block(ts_vm *vm, const ts_value *args, size_t n_args, ts_value *result)
{
    ts_status status;
    (void)args, (void)n_args, (void)result;
    do
    {
        status = ts_blocking(vm, for_a_while, NULL);
    } while (status == TS_OK);
    return status;
}

static const ts_function functions[] = {{"wait", wait_function, 0, 0}, {"block", block, 0, 0}};
static const ts_module waiting = {"waiting", functions, 2, NULL};
static const ts_module *const modules[] = {&waiting};

static size_t console_read(void *context, uint8_t *buf, size_t size)
{
    (void)context, (void)buf, (void)size;
    return 0;
}

static ts_config with_threads(void)
{
    ts_config config = test_config();
    config.console_read = console_read;
    config.modules = modules;
    config.n_modules = 1;
    config.threads = THREADS;
    return config;
}

static ts_status run_string(ts_vm *vm, void *source) { return ts_exec_string(vm, "test.py", source, strlen(source)); }

static void start_with_threads(const char *source)
{
    ts_config config = with_threads();
    console_clear();
    IS(ts_create(&config, memory_a, sizeof memory_a, &vm_a), TS_OK);
    IS(ts_start(vm_a, run_string, (void *)(uintptr_t)source), TS_OK);
}

static void threads_start_and_end(void)
{
    static const char source[] = "import _thread, time\n"
                                 "gate, done = _thread.allocate_lock(), []\n"
                                 "def f(i):\n"
                                 "    with gate: done.append(i)\n"
                                 "for again in range(20):\n"
                                 "    gate.acquire()\n"
                                 "    for i in range(3): _thread.start_new_thread(f, (i,))\n"
                                 "    try:\n"
                                 "        _thread.start_new_thread(f, (3,))\n"
                                 "    except OSError:\n"
                                 "        done.append('full')\n"
                                 "    gate.release()\n"
                                 "    while len(done) < 4: time.sleep_ms(1)\n"
                                 "    time.sleep_ms(2)\n"
                                 "    if sorted(map(str, done)) != ['0', '1', '2', 'full']: print(done)\n"
                                 "    done.clear()\n"
                                 "print('ended')\n";
    const UBaseType_t tasks = uxTaskGetNumberOfTasks();
    start_with_threads(source);
    IS(end_a(), TS_OK);
    CHECK(console_has("ended\n"));
    CHECK(uxTaskGetNumberOfTasks() == tasks);
    /* Without memory for them there are none. */
    IS(run_a("import _thread\ntry:\n    _thread.start_new_thread(print, ())\nexcept OSError:\n    print('none')\n"), TS_OK);
    CHECK(console_has("none\n"));
}

/* The console has nothing to read: the thread waits, and its buffer is pinned. */
static void a_buffer_lent_to_the_console_is_pinned(void)
{
    static const char source[] = "import _thread, sys\n"
                                 "buf = bytearray(4)\n"
                                 "_thread.start_new_thread(sys.stdin.buffer.readinto, (buf,))\n"
                                 "_thread.priority(_thread.priority() - 1)\n"
                                 "try:\n"
                                 "    while True: buf.append(0)\n"
                                 "except BufferError:\n"
                                 "    print('pinned')\n"
                                 "while True: pass\n";
    start_with_threads(source);
    for (int ms = 0; ms < 10000 && strstr(console_text, "\n") == NULL; ms++)
    {
        vTaskDelay(1);
    }
    CHECK(console_has("pinned\n"));
    IS(ts_kill(vm_a), TS_OK);
    IS(end_a(), TS_KILLED);
}

static void configurations_of_threads_are_checked(void)
{
    ts_config config = with_threads();
    const size_t enough =
        config.stack_bytes + TS_MIN_HEAP + TS_OVERHEAD + THREADS * (TS_MIN_THREAD_STACK + TS_THREAD_OVERHEAD);
    ts_vm *vm = NULL;
    config.thread_stack_bytes = TS_MIN_THREAD_STACK - 1;
    IS(ts_create(&config, memory_a, sizeof memory_a, &vm), TS_BAD_ARGUMENT);
    config.stack_bytes = UINT32_MAX;
    config.thread_stack_bytes = TS_MIN_THREAD_STACK;
    IS(ts_create(&config, memory_a, sizeof memory_a, &vm), TS_NO_MEMORY);
    config.stack_bytes = test_config().stack_bytes;
    config.thread_stack_bytes = UINT32_MAX;
    IS(ts_create(&config, memory_a, sizeof memory_a, &vm), TS_NO_MEMORY);
    config.thread_stack_bytes = TS_MIN_THREAD_STACK;
    config.threads = UINT32_MAX;
    IS(ts_create(&config, memory_a, sizeof memory_a, &vm), TS_NO_MEMORY);
    config.threads = THREADS;
    IS(ts_create(&config, memory_a, enough - THREADS * TS_MIN_THREAD_STACK, &vm), TS_NO_MEMORY);
    CHECK(vm == NULL);
    IS(ts_create(&config, memory_a, enough, &vm), TS_OK);
    IS(ts_destroy(vm), TS_OK);
}

/* Every call that blocks, in three threads at a time. */
static const struct
{
    const char *needs, *call;
} blocking_calls[] = {
    {"", "time.sleep(1000)"},
    {"", "gate.acquire()"},
    {"", "gate.acquire(True, 1000)"},
    {"", "input()"},
    {"", "sys.stdin.read(1)"},
    {"", "rtos.Queue(1).receive()"},
    {"", "rtos.Queue(4, 8).receive(timeout=1000000)"},
    {"", "full.send(1)"},
    {"", "rtos.Semaphore(0, 1).acquire()"},
    {"", "mutex.acquire()"},
    {"", "rtos.EventGroup().wait(1)"},
    {"", "rtos.delay_until(time.ticks_ms(), 1000000)"},
    {"", "poller().poll()"},
    {"", "poller().poll(1000000)"},
    {"import asyncio\n", "asyncio.run(asyncio.wait_for(asyncio.Event().wait(), 1000))"},
    {"import asyncio\n", "asyncio.run(asyncio.Event().wait())"},
    {"import threading\n", "threading.Event().wait()"},
    {"import threading\n", "threading.Barrier(9).wait()"},
    {"import queue\n", "queue.Queue().get()"},
    {"", "waiting.wait()"},
    {"", "waiting.block()"},
    {"", "spin()"},
};

static void a_kill_ends_every_blocking_call(void)
{
    static const char head[] = "import _thread, rtos, select, sys, time, waiting\n"
                               "gate, mutex, full = _thread.allocate_lock(), rtos.Mutex(), rtos.Queue(1)\n"
                               "gate.acquire()\n"
                               "mutex.acquire()\n"
                               "full.send(0)\n"
                               "def poller():\n"
                               "    poll = select.poll()\n"
                               "    poll.register(rtos.Queue(1), select.POLLIN)\n"
                               "    return poll\n"
                               "def spin():\n"
                               "    while True: pass\n"
                               "def block():\n"
                               "    try:\n"
                               "        ";
    static const char tail[] = "\n"
                               "        print('came back')\n"
                               "    finally:\n"
                               "        print('ran on')\n"
                               "_thread.start_new_thread(block, ())\n"
                               "_thread.start_new_thread(block, ())\n"
                               "print('in')\n"
                               "block()\n";
    const UBaseType_t tasks = uxTaskGetNumberOfTasks();
    const size_t heap = xPortGetFreeHeapSize();
    static char source[2048];
    for (size_t i = 0; i < sizeof blocking_calls / sizeof blocking_calls[0]; i++)
    {
        strcpy(source, blocking_calls[i].needs);
        strcat(source, head);
        strcat(source, blocking_calls[i].call);
        strcat(source, tail);
        start_with_threads(source);
        for (int ms = 0; ms < 10000 && strstr(console_text, "in\n") == NULL && ts_get_state(vm_a) == TS_RUNNING; ms++)
        {
            vTaskDelay(1);
        }
        CHECK(console_has("in\n"));
        vTaskDelay(20); /* The others are there as well; where they are not yet, the kill comes as well. */
        IS(ts_get_state(vm_a), TS_RUNNING);
        IS(ts_kill(vm_a), TS_OK);
        check(end_a() == TS_KILLED, blocking_calls[i].call, __FILE__, __LINE__);
        if (strcmp(console_text, "in\n") != 0)
        {
            check(console_has("it alone"), blocking_calls[i].call, __FILE__, __LINE__);
        }
        memset(memory_a, 0x5a, sizeof memory_a);
    }
    CHECK(uxTaskGetNumberOfTasks() == tasks);
    CHECK(xPortGetFreeHeapSize() == heap);
}

#define KILLS (LIVES / 10)

static void a_kill_comes_at_any_moment(void)
{
    static const char source[] = "import _thread, rtos\n"
                                 "lock, queue = _thread.allocate_lock(), rtos.Queue(2)\n"
                                 "def work(n):\n"
                                 "    while True:\n"
                                 "        try:\n"
                                 "            with lock:\n"
                                 "                x = {n: [str(i) for i in range(n)]}\n"
                                 "            queue.try_send(x) or queue.receive()\n"
                                 "            if n == 3: _thread.start_new_thread(lambda: None, ())\n"
                                 "        except Exception:\n"
                                 "            pass\n"
                                 "for n in range(2, 4): _thread.start_new_thread(work, (n,))\n"
                                 "work(20)\n";
    const UBaseType_t tasks = uxTaskGetNumberOfTasks();
    const size_t heap = xPortGetFreeHeapSize();
    uint32_t chance = 1;
    for (int i = 0; i < KILLS; i++)
    {
        start_with_threads(source);
        chance = chance * 1664525u + 1013904223u;
        vTaskDelay(chance >> 29);
        for (volatile uint32_t spin = chance >> 8 & 0x3fff; spin > 0; spin--)
        {
        }
        IS(ts_kill(vm_a), TS_OK);
        IS(end_a(), TS_KILLED);
        memset(memory_a, 0x5a, sizeof memory_a);
    }
    CHECK(uxTaskGetNumberOfTasks() == tasks);
    CHECK(xPortGetFreeHeapSize() == heap);
}

void test_threads(void)
{
    const UBaseType_t tasks = uxTaskGetNumberOfTasks();
    TickType_t since;
    configurations_of_threads_are_checked();
    threads_start_and_end();
    a_buffer_lent_to_the_console_is_pinned();
    xTaskCreate(canary, "canary", 2048, NULL, 6, NULL);
    since = xTaskGetTickCount();
    a_kill_ends_every_blocking_call();
    a_kill_comes_at_any_moment();
    since = xTaskGetTickCount() - since;
#ifndef TS_POSIX_PORT
    CHECK(late_songs == 0);
    CHECK(songs + 1 >= since);
#endif
    CHECK(songs > 0);
    canary_ends = 1;
    while (uxTaskGetNumberOfTasks() != tasks)
    {
        vTaskDelay(2); /* The idle task buries it. */
    }
}
