/* The measurements one after the other, and what they share. */
#include "bench.h"

#include "ts_hal.h"

#include "queue.h"
#include "semphr.h"

#include <string.h>

static uint8_t memory[1024 * 1024];
ts_vm *python;
static SemaphoreHandle_t is_ready;
static QueueHandle_t requests, responses;

/* Switches of tasks, those to the idle task and to this one apart. */
void *bench_counted_out[2];
volatile uint32_t bench_turns;

void say(const char *what, const char *detail, const uint32_t *numbers, size_t n)
{
    char text[160];
    size_t len = strlen(what);
    memcpy(text, what, len);
    text[len++] = ' ';
    memcpy(text + len, detail, strlen(detail));
    len += strlen(detail);
    for (size_t i = 0; i < n; i++)
    {
        char digits[12];
        size_t at = sizeof digits;
        uint32_t number = numbers[i];
        do
        {
            digits[--at] = (char)('0' + number % 10);
            number /= 10;
        } while (number > 0);
        text[len++] = ' ';
        memcpy(text + len, digits + at, sizeof digits - at);
        len += sizeof digits - at;
    }
    text[len++] = '\n';
    board_write(text, len);
}

void percentiles(uint32_t *samples, size_t n, uint32_t result[3])
{
    /* A comb sort: short, and in place. */
    for (size_t gap = n, swapped = 1; gap > 1 || swapped;)
    {
        gap = gap * 10 / 13 > 0 ? gap * 10 / 13 : 1;
        swapped = 0;
        for (size_t i = 0; i + gap < n; i++)
        {
            if (samples[i] > samples[i + gap])
            {
                uint32_t other = samples[i];
                samples[i] = samples[i + gap];
                samples[i + gap] = other;
                swapped = 1;
            }
        }
    }
    result[0] = samples[n / 2];
    result[1] = samples[n - 1 - n / 100];
    result[2] = samples[n - 1];
}

/* ---- The module `bench` ---- */

#define MESSAGE 48

static int take_request(void *message) { return xQueueReceive(requests, message, 0) == pdTRUE; }

static ts_status bench_receive(ts_vm *vm, const ts_value *args, size_t n_args, ts_value *result)
{
    char message[MESSAGE];
    ts_status status = ts_wait(vm, take_request, message, TS_FOREVER);
    (void)args, (void)n_args;
    return status == TS_OK ? ts_new_bytes(vm, (const uint8_t *)message, strlen(message), result) : status;
}

static ts_status bench_send(ts_vm *vm, const ts_value *args, size_t n_args, ts_value *result)
{
    const uint8_t *bytes;
    size_t len;
    char message[MESSAGE] = "";
    ts_status status = ts_get_bytes(vm, args[0], &bytes, &len);
    (void)n_args, (void)result;
    if (status != TS_OK)
    {
        return status;
    }
    memcpy(message, bytes, len < MESSAGE ? len : MESSAGE - 1);
    /* The client waits for it: there is room. */
    xQueueSend(responses, message, 0);
    return TS_OK;
}

static ts_status bench_ready(ts_vm *vm, const ts_value *args, size_t n_args, ts_value *result)
{
    (void)vm, (void)args, (void)n_args, (void)result;
    xSemaphoreGive(is_ready);
    return TS_OK;
}

static ts_status bench_stamp(ts_vm *vm, const ts_value *args, size_t n_args, ts_value *result)
{
    int64_t thread;
    ts_status status = ts_get_int(vm, args[0], &thread);
    (void)n_args, (void)result;
    if (status == TS_OK)
    {
        note_stamp((int32_t)thread);
    }
    return status;
}

static const ts_function functions[] = {
    {"receive", bench_receive, 0, 0},
    {"send", bench_send, 1, 1},
    {"ready", bench_ready, 0, 0},
    {"stamp", bench_stamp, 1, 1},
};
static const ts_module bench_module = {"bench", functions, sizeof functions / sizeof functions[0], NULL};

/* ---- The VM ---- */

static const struct script *script_now;
static const char *mode_now;

static void console_write(void *context, const uint8_t *text, size_t len)
{
    (void)context;
    board_write((const char *)text, len);
}

static ts_status run(ts_vm *vm, void *argument)
{
    ts_value mode;
    (void)argument;
    if (mode_now == NULL)
    {
        xSemaphoreGive(is_ready);
    }
    else
    {
        ts_new_str(vm, mode_now, strlen(mode_now), &mode);
        ts_set_global(vm, "MODE", mode);
    }
    return ts_exec_string(vm, script_now->name, script_now->begin, (size_t)(script_now->end - script_now->begin));
}

static uint64_t now_us(void) { return board_now_ns() / 1000; }

void start(const struct script *script, const char *mode)
{
    script_now = script;
    mode_now = mode;
    if (ts_start(python, run, NULL) != TS_OK || xSemaphoreTake(is_ready, pdMS_TO_TICKS(60000)) != pdTRUE)
    {
        say("FAIL", "a program does not start", NULL, 0);
        board_exit(1);
    }
}

ts_status end(uint32_t timeout_ms)
{
    ts_status result;
    if (ts_join(python, timeout_ms, &result) == TS_TIMEOUT)
    {
        ts_kill(python);
        if (ts_join(python, 60000, &result) != TS_OK)
        {
            say("FAIL", "a program does not end", NULL, 0);
            board_exit(1);
        }
    }
    return result;
}

/* Asks for ever, the next thing as soon as it has the answer. */
static void client(void *argument)
{
    char message[MESSAGE] = "GET /sensor/17?scale=3&offset=-4 HTTP/1.0\r\n";
    char answer[MESSAGE];
    (void)argument;
    for (;;)
    {
        xQueueSend(requests, message, portMAX_DELAY);
        ts_signal(python);
        xQueueReceive(responses, answer, portMAX_DELAY);
    }
}

static void measure_idle(void)
{
    uint32_t turns;
    start(script_idle, "");
    vTaskDelay(pdMS_TO_TICKS(1000));
    bench_counted_out[0] = xTaskGetIdleTaskHandle();
    bench_counted_out[1] = xTaskGetCurrentTaskHandle();
    bench_turns = 0;
    vTaskDelay(pdMS_TO_TICKS(60000));
    turns = bench_turns;
    say("idle", "turns", &turns, 1);
    end(0);
}

static void control(void *argument)
{
    const uint32_t outside[] = {THREAD_STACK + TS_THREAD_OVERHEAD};
    size_t kernel_heap = xPortGetFreeHeapSize();
    uint32_t lost;
    (void)argument;
    measure_idle();
    start(script_requests, "all");
    end(600000);
    measure_handover();
    start(script_bytes, "");
    end(60000);
    say("bytes", "stack", outside, 1);
    measure_canary();
    lost = (uint32_t)(kernel_heap - xPortGetFreeHeapSize());
    say("kernel", "heap", &lost, 1);
    say("DONE", "", NULL, 0);
    board_exit(0);
}

/* Nothing, but `machine` is there. */
static const ts_hal hardware = {.size = sizeof hardware};

int main(void)
{
    static const ts_module *const modules[] = {&bench_module};
    ts_config config = TS_CONFIG_INIT;
    board_init();
    ts_set_clock(now_us);
    ts_hal_install(&hardware);
    config.priority = PYTHON_PRIORITY;
    config.stack_bytes = 32 * 1024;
    config.console_write = console_write;
    config.modules = modules;
    config.n_modules = 1;
    config.threads = THREADS;
    config.thread_stack_bytes = THREAD_STACK;
    if (ts_create(&config, memory, sizeof memory, &python) != TS_OK)
    {
        say("FAIL", "no VM", NULL, 0);
        board_exit(1);
    }
    is_ready = xSemaphoreCreateBinary();
    requests = xQueueCreate(1, MESSAGE);
    responses = xQueueCreate(1, MESSAGE);
    xTaskCreate(control, "control", 2048, NULL, CONTROL_PRIORITY, NULL);
    xTaskCreate(client, "client", 1024, NULL, CLIENT_PRIORITY, NULL);
    canary_start();
    vTaskStartScheduler();
    return 1;
}
