/* Servers that are asked for wrongly, and a prompt on a console in memory. What they serve, test.py asks. */
#include "rooms.h"

static char input[64];

void servers_before(void)
{
    static uint8_t memory[TS_SERVERS_MEMORY];
    ts_servers_config config = TS_SERVERS_CONFIG_INIT;
    IS(ts_servers_start("a", "b", 0), TS_WRONG_STATE);
    IS(ts_servers_stop(), TS_WRONG_STATE);
    IS(ts_servers_init(NULL), TS_BAD_ARGUMENT);
    config.memory_size = sizeof memory;
    IS(ts_servers_init(&config), TS_BAD_ARGUMENT);
    config.memory = memory;
    config.memory_size = sizeof memory - 1;
    IS(ts_servers_init(&config), TS_NO_MEMORY);
    config.memory_size = sizeof memory;
    config.welcome = NULL;
    IS(ts_servers_init(&config), TS_BAD_ARGUMENT);
    config.welcome = "\xff";
    IS(ts_servers_init(&config), TS_BAD_ARGUMENT);
    config.welcome = "welcome";
    config.priority = configMAX_PRIORITIES;
    IS(ts_servers_init(&config), TS_BAD_ARGUMENT);
    config.priority = 2;
    IS(ts_servers_init(&config), TS_OK);
    IS(ts_servers_init(&config), TS_WRONG_STATE);
    IS(ts_servers_show((const uint8_t *)"x", 1), TS_WRONG_CONTEXT);
}

static void credentials_are_checked(void)
{
    static const char long_one[] = "a-name-that-has-more-than-32-bytes";
    IS(ts_servers_start(NULL, "b", 0), TS_BAD_ARGUMENT);
    IS(ts_servers_start("a", NULL, 0), TS_BAD_ARGUMENT);
    IS(ts_servers_start("\xff", "b", 0), TS_BAD_ARGUMENT);
    IS(ts_servers_start(long_one, "b", 0), TS_BAD_ARGUMENT);
    IS(ts_servers_start("a", long_one, 0), TS_BAD_ARGUMENT);
    /* A script that names no login gets the firmware's, of which there is none yet. */
    IS(run_a("import network\ntry: network.Server()\nexcept ValueError: print('no login')\n"), TS_OK);
    CHECK(console_has("no login\n"));
    IS(ts_servers_start("a", "b", 1), TS_OK);
    IS(ts_servers_start("c", "d", 60), TS_OK);
    IS(ts_servers_stop(), TS_OK);
    IS(ts_servers_stop(), TS_OK);
    IS(run_a("import network\ns = network.Server()\nprint(s.isrunning())\ns.deinit()\nprint(s.isrunning())\n"),
       TS_OK);
    CHECK(console_has("True\nFalse\n"));
    ts_servers_has_read(); /* Nobody had too much. */
    IS(ts_servers_show((const uint8_t *)"x", 1), TS_OK); /* Nobody looks. */
    IS(ts_servers_show(NULL, 0), TS_OK);
    IS(ts_servers_show(NULL, 1), TS_BAD_ARGUMENT);
}

static size_t console_read(void *context, uint8_t *buf, size_t size)
{
    size_t n = strlen(input);
    (void)context;
    n = n < size ? n : size;
    memcpy(buf, input, n);
    memmove(input, input + n, strlen(input + n) + 1);
    return n;
}

static ts_status prompt(ts_vm *vm, void *argument)
{
    static uint8_t line[1024];
    (void)argument;
    IS(ts_get_interrupt_char(vm), 3);
    IS(ts_prompt(vm, line, 16), TS_NO_MEMORY);
    IS(ts_prompt(vm, NULL, sizeof line), TS_BAD_ARGUMENT);
    ts_status status = ts_prompt(vm, line, sizeof line);
    IS(ts_get_interrupt_char(vm), 3);
    return status;
}

static void a_prompt_answers(void)
{
    ts_config config = test_config();
    ts_status result = -1;
    ts_vm *none = NULL;
    config.console_read = console_read;
    console_clear();
    strcpy(input, "6 * 7\r\x04"); /* Ctrl-D ends it. */
    IS(ts_create(&config, memory_a, sizeof memory_a, &vm_a), TS_OK);
    IS(ts_prompt(vm_a, memory_b, 1024), TS_NOT_ATTACHED);
    IS(ts_prompt(none, memory_b, 1024), TS_BAD_VM);
    IS(ts_get_interrupt_char(none), -1);
    IS(ts_start(vm_a, prompt, NULL), TS_OK);
    IS(ts_join(vm_a, 10000, &result), TS_OK);
    IS(result, TS_OK);
    CHECK(console_has("42"));
    /* A kill ends one that waits. */
    IS(ts_start(vm_a, prompt, NULL), TS_OK);
    IS(ts_kill(vm_a), TS_OK);
    IS(ts_join(vm_a, 10000, &result), TS_OK);
    IS(result, TS_KILLED);
    IS(ts_destroy(vm_a), TS_OK);
}

void test_servers(void)
{
    credentials_are_checked();
    a_prompt_answers();
}
