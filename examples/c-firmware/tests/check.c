/* What the tests share: see check.h. */
#include "check.h"

uint8_t memory_a[MEMORY_BYTES], memory_b[MEMORY_BYTES];
char console_text[1024];
ts_vm *vm_a;

static size_t console_len;
static int passed, failed;

static void say(const char *text) { board_write(text, strlen(text)); }

static void say_number(int number)
{
    char digits[12];
    char *at = digits + sizeof digits;
    *--at = '\0';
    do
    {
        *--at = (char)('0' + number % 10);
        number /= 10;
    } while (number > 0);
    say(at);
}

void check(int condition, const char *text, const char *file, int line)
{
    if (condition)
    {
        passed++;
        return;
    }
    failed++;
    say("FAIL ");
    say(file);
    say(":");
    say_number(line);
    say(": ");
    say(text);
    say("\n");
}

void check_is(int64_t found, int64_t wanted, const char *text, const char *file, int line)
{
    check(found == wanted, text, file, line);
    if (found != wanted)
    {
        say(found < 0 ? "  it is -" : "  it is ");
        say_number((int)(found < 0 ? -found : found));
        say("\n");
    }
}

static void console_write(void *context, const uint8_t *text, size_t len)
{
    (void)context;
    for (size_t i = 0; i < len && console_len < sizeof console_text - 1; i++)
    {
        console_text[console_len++] = (char)text[i];
    }
    console_text[console_len] = '\0';
}

void console_clear(void)
{
    console_len = 0;
    console_text[0] = '\0';
}

static int console_shows(const char *text, int wanted)
{
    if ((strstr(console_text, text) != NULL) == wanted)
    {
        return 1;
    }
    say("the console has: ");
    say(console_text);
    say("\n");
    return 0;
}

int console_has(const char *text)
{
    return console_shows(text, 1);
}

int console_lacks(const char *text)
{
    return console_shows(text, 0);
}

ts_config test_config(void)
{
    ts_config config = TS_CONFIG_INIT;
    config.priority = 2;
    config.stack_bytes = 24 * 1024;
    config.console_write = console_write;
    return config;
}

void start_a(ts_main main, void *argument)
{
    ts_config config = test_config();
    IS(ts_create(&config, memory_a, sizeof memory_a, &vm_a), TS_OK);
    IS(ts_start(vm_a, main, argument), TS_OK);
}

ts_status end_a(void)
{
    ts_status result = -1;
    IS(ts_join(vm_a, 10000, &result), TS_OK);
    IS(ts_destroy(vm_a), TS_OK);
    return result;
}

static ts_status run_source(ts_vm *vm, void *source) { return ts_exec_string(vm, "test.py", source, strlen(source)); }

ts_status run_a(const char *source)
{
    console_clear();
    start_a(run_source, (void *)(uintptr_t)source);
    return end_a();
}

void check_end(void)
{
    say_number(passed);
    say(" passed, ");
    say_number(failed);
    say(" failed\n");
    board_exit(failed != 0);
}
