/*
 * A firmware of two C tasks and a queue, with Python for a guest.
 *
 * The task `sensor` sends numbers; Python doubles them; the task `control` checks the answers. When it has seen enough
 * it ends the VM, takes the memory back, and does the work itself: the other C task does not notice.
 */
#include "board.h"
#include "link.h"
#include "task.h"

#include <string.h>

#define ANSWERS 200

static const char script[] = "import link\n"
                             "print('python: ready')\n"
                             "while True:\n"
                             "    link.send(link.recv() * 2 + 1)\n";

/* All that Python ever uses: its task's stack, its objects. */
static uint8_t python_memory[128 * 1024];
static ts_vm *python;
static volatile int python_is_up;

static void say(const char *text) { board_write(text, strlen(text)); }

static void console_write(void *context, const uint8_t *text, size_t len)
{
    (void)context;
    board_write((const char *)text, len);
}

static ts_status python_main(ts_vm *vm, void *argument)
{
    (void)argument;
    return ts_exec_string(vm, "main.py", script, sizeof script - 1);
}

static int start_python(void)
{
    static const ts_module *const modules[] = {&link_module};
    ts_config config = TS_CONFIG_INIT;
    config.priority = 2;
    config.stack_bytes = 24 * 1024;
    config.console_write = console_write;
    config.modules = modules;
    config.n_modules = 1;
    if (ts_create(&config, python_memory, sizeof python_memory, &python) != TS_OK)
    {
        return 0;
    }
    python_is_up = 1;
    return ts_start(python, python_main, NULL) == TS_OK;
}

/* Sends 0, 1, 2, ... for ever. */
static void sensor(void *argument)
{
    (void)argument;
    for (int32_t number = 0;; number++)
    {
        xQueueSend(link_requests, &number, portMAX_DELAY);
        if (python_is_up)
        {
            ts_signal(python);
        }
    }
}

/* Checks the answers of Python; then goes on without it. Returns what went wrong, or NULL. */
static const char *check(void)
{
    ts_status result = TS_OK;
    int32_t number;
    for (int32_t i = 0; i < ANSWERS; i++)
    {
        xQueueReceive(link_answers, &number, portMAX_DELAY);
        ts_signal(python); /* There is room for the next. */
        if (number != 2 * i + 1)
        {
            return "a wrong answer";
        }
    }
    python_is_up = 0;
    if (ts_kill(python) != TS_OK || ts_join(python, 5000, &result) != TS_OK || result != TS_KILLED)
    {
        return "python does not end";
    }
    if (ts_destroy(python) != TS_OK)
    {
        return "the memory does not come back";
    }
    memset(python_memory, 0xa5, sizeof python_memory);
    xQueueReceive(link_requests, &number, portMAX_DELAY);
    for (int32_t i = 1; i <= ANSWERS; i++)
    {
        int32_t next;
        xQueueReceive(link_requests, &next, portMAX_DELAY);
        if (next != number + i)
        {
            return "a number is missing";
        }
    }
    return NULL;
}

static void control(void *argument)
{
    const char *failure = check();
    (void)argument;
    if (failure == NULL)
    {
        say("PASS\n");
        board_exit(0);
    }
    say("FAIL: ");
    say(failure);
    say("\n");
    board_exit(1);
}

int main(void)
{
    board_init();
    link_requests = xQueueCreate(4, sizeof(int32_t));
    link_answers = xQueueCreate(4, sizeof(int32_t));
    if (!start_python())
    {
        say("FAIL: python does not start\n");
        board_exit(1);
    }
    xTaskCreate(sensor, "sensor", 1024, NULL, 3, NULL);
    xTaskCreate(control, "control", 1024, NULL, 4, NULL);
    vTaskStartScheduler();
    return 1;
}
