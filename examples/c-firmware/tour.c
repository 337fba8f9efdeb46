/*
 * A tour of the C API: what C and Python do to each other, one chapter a function, in the order in which a firmware
 * needs it. Every chapter returns 1 if all was as it says; `main.c` is the shortest whole firmware, this is the rest.
 */
#include "board.h"

#include "FreeRTOS.h"
#include "task.h"
#include "threadsnake.h"
#include "ts_hal.h"

#include <string.h>

/* ---- Chapter 1: Python calls C. A module is a table in ROM; its functions get values and return a status. ---- */

/* motor.turn(angle): the new position. Raises ValueError. */
static ts_status motor_turn(ts_vm *vm, const ts_value *args, size_t n_args, ts_value *result)
{
    static int64_t position; /* of the motor, there is one: whichever VM turns it */
    int64_t angle;
    ts_status status = ts_get_int(vm, args[0], &angle);
    (void)n_args;
    if (status != TS_OK)
    {
        return status; /* TypeError is pending. */
    }
    if (angle < -360 || angle > 360)
    {
        return ts_raise(vm, TS_VALUE_ERROR, "angle", 5);
    }
    position += angle;
    return ts_new_int(vm, position, result);
}

/* Constants, at the first import. */
static ts_status motor_init(ts_vm *vm, ts_value module)
{
    ts_value value;
    ts_status status = ts_new_float(vm, 1.8, &value);
    return status == TS_OK ? ts_set_attr(vm, module, "STEP", value) : status;
}

static const ts_function motor_functions[] = {{"turn", motor_turn, 1, 1}};
static const ts_module motor = {"motor", motor_functions, 1, motor_init};

/* ---- The two VMs. All that a VM ever uses lies in its memory. ---- */

static const ts_module *const modules[] = {&motor};
static uint8_t memory[2][160 * 1024];
static ts_vm *application, *guest;

static void console_write(void *context, const uint8_t *text, size_t len)
{
    const char *prefix = context;
    board_write(prefix, strlen(prefix));
    board_write((const char *)text, len);
}

static const char application_source[] =
    "import motor, rtos, _thread\n"
    "def average(numbers):\n"
    "    return sum(numbers) / len(numbers)\n"
    "def turn(angle):\n"
    "    return motor.turn(angle) * motor.STEP\n"
    "alarms = []\n"
    "answers = rtos.Queue(4, 32, name='answers')\n" /* C opens this one; */
    "questions = rtos.open('questions')\n"          /* this one is C's. */
    "def answer():\n"
    "    while True:\n"
    "        answers.send(bytes(reversed(questions.receive())))\n"
    "_thread.start_new_thread(answer, ())\n"
    "rtos.open('up').release()\n"
    "forever = _thread.allocate_lock()\n"
    "forever.acquire()\n"
    "forever.acquire()\n";

static const char guest_source[] = "import rtos\n"
                                   "rtos.open('up').release()\n"
                                   "rtos.open('answers')\n"
                                   "while True: pass\n";

static ts_object *questions, *up;

/* Runs in the VM's own task; what it returns is what ts_join tells. */
static ts_status run(ts_vm *vm, void *source) { return ts_exec_string(vm, "tour.py", source, strlen(source)); }

static int create(ts_vm **vm, int which, const char *prefix, uint32_t priority)
{
    ts_config config = TS_CONFIG_INIT;
    config.name = which == 0 ? "application" : "guest";
    config.priority = priority;
    config.stack_bytes = 24 * 1024;
    config.threads = which == 0 ? 1 : 0;
    config.thread_stack_bytes = 16 * 1024;
    config.context = (void *)(uintptr_t)prefix;
    config.console_write = console_write;
    config.modules = modules;
    config.n_modules = 1;
    return ts_create(&config, memory[which], sizeof memory[which], vm) == TS_OK;
}

/* Starts a program and waits until it says that it is up. */
static int start(ts_vm *vm, const char *source)
{
    return ts_start(vm, run, (void *)(uintptr_t)source) == TS_OK && ts_object_take(up, 10000) == TS_OK;
}

static int end(ts_vm *vm, ts_status expected)
{
    ts_status result;
    return ts_kill(vm) == TS_OK && ts_join(vm, 10000, &result) == TS_OK && result == expected;
}

/* ---- Chapter 2: C calls Python, from any task, between ts_attach and ts_detach. ---- */

static int c_calls_python(void)
{
    ts_attachment attachment;
    ts_value numbers[3], list, function, result;
    double average = 0, position = 0;
    if (ts_attach(application, &attachment) != TS_OK)
    {
        return 0;
    }
    /* A pending exception makes the calls after it do nothing: one look at the end is enough. */
    ts_new_int(application, 1, &numbers[0]);
    ts_new_int(application, 2, &numbers[1]);
    ts_new_float(application, 6.0, &numbers[2]);
    ts_new_list(application, numbers, 3, &list);
    ts_get_global(application, "average", &function);
    ts_call(application, function, &list, 1, &result);
    ts_get_float(application, result, &average);
    ts_eval(application, "turn(90)", 8, &result);
    ts_get_float(application, result, &position);
    if (ts_exception_is(application, TS_EXCEPTION))
    {
        ts_exception_print(application);
    }
    ts_detach(&attachment);
    return average == 3.0 && position == 90 * 1.8;
}

/* ---- Chapter 3: exceptions cross in both directions. ---- */

static int exceptions_cross(void)
{
    ts_attachment attachment;
    ts_value value, text;
    const char *message = "";
    size_t len = 0;
    int caught;
    if (ts_attach(application, &attachment) != TS_OK)
    {
        return 0;
    }
    /* Python calls C, which raises; Python lets it through to C, which takes it. */
    caught = ts_eval(application, "turn(1000)", 10, &value) == TS_RAISED && ts_exception_is(application, TS_VALUE_ERROR);
    ts_exception_take(application, &value);
    ts_str(application, value, 0, &text);
    ts_get_str(application, text, &message, &len);
    caught = caught && len == 5 && memcmp(message, "angle", 5) == 0;
    ts_detach(&attachment);
    return caught;
}

/* ---- Chapter 4: a queue that C made and one that Python made, each opened by the other by its name. ---- */

static int queues_are_shared(void)
{
    ts_object *answers;
    char answer[32];
    size_t len = 0;
    int right;
    if (ts_object_open("answers", &answers) != TS_OK)
    {
        return 0;
    }
    right = ts_queue_send(questions, "level", 5, 0, 1000) == TS_OK &&
            ts_queue_receive(answers, answer, sizeof answer, &len, 10000) == TS_OK && len == 5 &&
            memcmp(answer, "level", 5) == 0;
    right = right && ts_queue_send(questions, "abc", 3, 0, 1000) == TS_OK &&
            ts_queue_receive(answers, answer, sizeof answer, &len, 10000) == TS_OK && memcmp(answer, "cba", 3) == 0;
    ts_object_close(answers, 0);
    return right;
}

/* ---- Chapter 5: an interrupt reaches Python: it posts a function, or sends to a queue. ---- */

/* In a task of the VM, soon. */
static ts_status alarm(ts_vm *vm, void *argument)
{
    ts_value alarms, text;
    ts_get_global(vm, "alarms", &alarms);
    ts_new_str(vm, argument, strlen(argument), &text);
    return ts_call_method(vm, alarms, "append", &text, 1, NULL);
}

static volatile ts_status posted, sent;

static void interrupt(void)
{
    posted = ts_post(application, alarm, "overheated");
    sent = ts_queue_send(questions, "isr", 3, 0, 0);
}

static int an_interrupt_reaches_python(void)
{
    ts_attachment attachment;
    ts_value value;
    ts_object *answers;
    char answer[32];
    size_t n = 0;
    int right;
    board_interrupt(interrupt);
    /* The queue's answer comes after the post, which was first. */
    right = posted == TS_OK && sent == TS_OK && ts_object_open("answers", &answers) == TS_OK &&
            ts_queue_receive(answers, answer, sizeof answer, NULL, 10000) == TS_OK && memcmp(answer, "rsi", 3) == 0;
    if (!right || ts_attach(application, &attachment) != TS_OK)
    {
        return 0;
    }
    ts_get_global(application, "alarms", &value);
    ts_len(application, value, &n);
    ts_detach(&attachment);
    ts_object_close(answers, 0);
    return n == 1;
}

/* ---- Chapter 6: a reference keeps a value for C; figures tell how the VM does. ---- */

static int values_are_kept(void)
{
    ts_attachment attachment;
    ts_value value;
    ts_ref reference;
    ts_stats stats = {.size = sizeof stats};
    int64_t number = 0;
    if (ts_attach(application, &attachment) != TS_OK)
    {
        return 0;
    }
    ts_eval(application, "[40, 2]", 7, &value);
    ts_ref_new(application, value, &reference);
    ts_detach(&attachment);
    /* Here Python runs on, and collects; the list stays. */
    if (ts_attach(application, &attachment) != TS_OK)
    {
        return 0;
    }
    ts_collect(application);
    ts_ref_get(application, reference, &value);
    ts_set_global(application, "kept", value);
    ts_eval(application, "sum(kept)", 9, &value);
    ts_get_int(application, value, &number);
    ts_ref_free(application, reference);
    ts_get_stats(application, &stats);
    ts_detach(&attachment);
    return number == 42 && stats.heap_used > 0 && stats.heap_used < stats.heap_total && stats.n_tasks == 3;
}

/* ---- Chapter 7: a driver in C serves Python's `machine`: a table of functions, here for the pins. ---- */

static struct
{
    ts_hal_pin_config config;
    int32_t latch;
} lamp;

static int32_t pin_configure(void *context, uint8_t pin, const ts_hal_pin_config *config)
{
    (void)context, (void)pin;
    lamp.config = *config;
    return TS_HAL_OK;
}

static void pin_config(void *context, uint8_t pin, ts_hal_pin_config *config)
{
    (void)context, (void)pin;
    *config = lamp.config;
}

static int32_t pin_read(void *context, uint8_t pin)
{
    (void)context, (void)pin;
    return lamp.latch;
}

static void pin_write(void *context, uint8_t pin, int32_t level)
{
    (void)context, (void)pin;
    lamp.latch = level;
}

static int32_t pin_trigger(void *context, uint8_t pin, uint8_t trigger)
{
    (void)context, (void)pin, (void)trigger;
    return TS_HAL_MISSING; /* This pin interrupts nobody. */
}

static const ts_hal_pin_info pins[] = {{"LAMP", 7, 0, 0, NULL}};
static const ts_hal_gpio gpio = {NULL, pins, 1, pin_configure, pin_config, pin_read, pin_write, pin_read, pin_trigger};
static const ts_hal hardware = {.size = sizeof hardware, .gpio = &gpio};

static int c_serves_machine(void)
{
    static const char source[] = "from machine import Pin\n"
                                 "lamp = Pin('LAMP', Pin.OUT)\n"
                                 "lamp.on()\n"
                                 "seen = lamp.value()\n";
    ts_attachment attachment;
    ts_value value;
    int64_t seen = 0;
    if (ts_attach(application, &attachment) != TS_OK)
    {
        return 0;
    }
    ts_exec_string(application, "lamp.py", source, sizeof source - 1);
    ts_get_global(application, "seen", &value);
    ts_get_int(application, value, &seen);
    ts_detach(&attachment);
    return seen == 1 && lamp.latch == 1 && lamp.config.mode == TS_HAL_PIN_OUT;
}

/* ---- Chapter 8: two VMs that know nothing of each other; one ends, whatever it does; C and the other go on. ---- */

static int one_vm_ends_and_starts_again(void)
{
    ts_object *answers;
    char answer[32];
    if (!create(&guest, 1, "guest: ", 1) || !start(guest, guest_source))
    {
        return 0;
    }
    if (ts_object_open("answers", &answers) != TS_OK || !end(application, TS_KILLED))
    {
        return 0;
    }
    /* What the VM had made is closed; what C made is still there, and so is the other VM. */
    if (ts_queue_receive(answers, answer, sizeof answer, NULL, 1000) != TS_CLOSED ||
        ts_get_state(guest) != TS_RUNNING)
    {
        return 0;
    }
    ts_object_close(answers, 0);
    if (!end(guest, TS_KILLED) || ts_destroy(guest) != TS_OK)
    {
        return 0;
    }
    return start(application, application_source) && queues_are_shared();
}

static void say(const char *text) { board_write(text, strlen(text)); }

static void tour(void *argument)
{
    static const struct
    {
        const char *name;
        int (*run)(void);
    } chapters[] = {
        {"C calls Python, which calls C", c_calls_python},
        {"exceptions cross", exceptions_cross},
        {"queues are shared", queues_are_shared},
        {"an interrupt reaches Python", an_interrupt_reaches_python},
        {"values are kept", values_are_kept},
        {"a driver in C serves machine", c_serves_machine},
        {"one VM ends and starts again", one_vm_ends_and_starts_again},
    };
    const size_t n = sizeof chapters / sizeof chapters[0];
    size_t done = 0;
    (void)argument;
    if (start(application, application_source))
    {
        while (done < n && chapters[done].run())
        {
            say(chapters[done++].name);
            say("\n");
        }
    }
    if (done < n || !end(application, TS_KILLED) || ts_destroy(application) != TS_OK)
    {
        say("FAIL: ");
        say(done < n ? chapters[done].name : "the end");
        say("\n");
        board_exit(1);
    }
    say("PASS\n");
    board_exit(0);
}

static uint64_t now_us(void) { return board_now_ns() / 1000; }

int main(void)
{
    board_init();
    ts_set_clock(now_us);
    if (ts_hal_install(&hardware) != TS_HAL_OK || ts_queue_new("questions", 32, 4, &questions) != TS_OK || ts_semaphore_new("up", 0, 1, &up) != TS_OK ||
        !create(&application, 0, "", 2))
    {
        say("FAIL: no memory\n");
        board_exit(1);
    }
    xTaskCreate(tour, "tour", 4096, NULL, 4, NULL);
    vTaskStartScheduler();
    return 1;
}
