/* Drivers in C that serve `machine`: pins, an I2C bus with one device, an alarm on a software timer of the kernel; hard
 * handlers in Python in interrupts of the firmware. */
#include "FreeRTOS.h"
#include "board.h"
#include "task.h"
#include "threadsnake.h"
#include "timers.h"
#include "ts_hal.h"

#include <string.h>

enum
{
    LED,
    KEY, /* interrupts */
    LAMP, /* written by the handler of KEY */
    GO, /* high: interrupts are asked for */
    PINS
};

static uint8_t latches[PINS], mode;
static volatile uint32_t lamp_writes;
static volatile uint64_t lamp_ns;

static int32_t pin_configure(void *context, uint8_t pin, const ts_hal_pin_config *config)
{
    (void)context;
    (void)pin;
    mode = config->mode;
    return TS_HAL_OK;
}

static void pin_config(void *context, uint8_t pin, ts_hal_pin_config *config)
{
    (void)context;
    (void)pin;
    memset(config, 0, sizeof *config);
    config->mode = mode;
    config->drive = 1;
    config->function = -1;
}

static int32_t pin_read(void *context, uint8_t pin)
{
    (void)context;
    return latches[pin];
}

static void pin_write(void *context, uint8_t pin, int32_t level)
{
    (void)context;
    latches[pin] = level != 0;
    if (pin == LED)
    {
        ts_hal_pin_event(pin, level != 0 ? 2 : 1);
    }
    if (pin == LAMP)
    {
        lamp_ns = board_now_ns();
        lamp_writes++;
    }
}

static int32_t pin_trigger(void *context, uint8_t pin, uint8_t trigger)
{
    (void)context;
    (void)pin;
    (void)trigger;
    return TS_HAL_OK;
}

static const ts_hal_pin_info pins[PINS] = {
    {"LED", 7, 0, 0, NULL}, {"KEY", 7, 0, 0, NULL}, {"LAMP", 7, 0, 0, NULL}, {"GO", 7, 0, 0, NULL}};
static const ts_hal_gpio gpio = {NULL, pins, PINS, pin_configure, pin_config, pin_read, pin_write, pin_read, pin_trigger};

static int32_t i2c_configure(void *context, const ts_hal_i2c_config *config)
{
    (void)context;
    (void)config;
    return TS_HAL_OK;
}

static void i2c_release(void *context) { (void)context; }

/* A device at 0x48 that answers with its own bytes plus one. */
static int32_t i2c_transfer(void *context, uint16_t address, const ts_hal_i2c_operation *operations, uint32_t n,
                            int32_t stop)
{
    static uint8_t last;
    (void)context;
    (void)stop;
    if (address != 0x48)
    {
        return TS_HAL_BUS;
    }
    for (uint32_t i = 0; i < n; i++)
    {
        for (size_t at = 0; at < operations[i].len; at++)
        {
            if (operations[i].is_read)
            {
                operations[i].bytes[at] = ++last;
            }
            else
            {
                last = operations[i].bytes[at];
            }
        }
    }
    return TS_HAL_OK;
}

static const ts_hal_i2c i2c = {NULL, i2c_configure, i2c_release, i2c_transfer};

static TimerHandle_t timer;

static uint64_t now_us(void *context)
{
    (void)context;
    return (uint64_t)xTaskGetTickCount() * 1000000u / configTICK_RATE_HZ;
}

/* The alarm may be set in the timer's own task and in others: the kernel's queue takes both. */
static void set_alarm(void *context, uint64_t at_us)
{
    (void)context;
    if (at_us == UINT64_MAX)
    {
        xTimerStop(timer, 0);
        return;
    }
    uint64_t now = now_us(NULL);
    uint64_t ticks = at_us > now ? (at_us - now) * configTICK_RATE_HZ / 1000000u : 0;
    xTimerChangePeriod(timer, (TickType_t)ticks + 1, 0);
}

static void alarm_came(TimerHandle_t which)
{
    (void)which;
    ts_hal_alarm_event();
}

static const ts_hal_alarm alarm = {NULL, now_us, set_alarm};
static uint64_t bus_memory[2048];

static uint8_t memory[160u * 1024u];

static const char program[] =
    "import machine, time\n"
    "from machine import I2C, Pin, Timer\n"
    "log = []\n"
    "led = Pin('LED', Pin.OUT)\n"
    "led.irq(lambda p: log.append(p()), Pin.IRQ_RISING | Pin.IRQ_FALLING)\n"
    "led.on(); led.off()\n"
    "assert log == [1, 0], log\n"
    "i2c = I2C(0)\n"
    "assert i2c.scan() == [0x48]\n"
    "assert i2c.readfrom_mem(0x48, 0x10, 3) == b'\\x11\\x12\\x13'\n"
    "count = 0\n"
    "def tick(t):\n"
    "    global count\n"
    "    count += 1\n"
    "t = Timer(-1, period=5, callback=tick, hard=True)\n"
    "while count < 5: time.sleep_ms(1)\n"
    "t.deinit()\n"
    "key, lamp, go = Pin('KEY', Pin.IN), Pin('LAMP', Pin.OUT), Pin('GO', Pin.OUT)\n"
    "presses = 0\n"
    "def pressed(pin):\n"
    "    global presses\n"
    "    presses += 1\n"
    "    lamp(presses & 1)\n"
    "key.irq(pressed, Pin.IRQ_FALLING, hard=True)\n"
    "go(1)\n"
    "while go(): time.sleep_ms(20)\n"
    "assert presses == 50, presses\n"
    "go(1)\n"
    "while go():\n"
    "    for i in range(100): pass\n"
    "assert presses == 100, presses\n"
    "go(1)\n"
    "while go(): sorted(range(300), key=lambda n: -n)\n"
    "assert presses == 150, presses\n"
    "try:\n"
    "    machine.ADC()\n"
    "except OSError as e:\n"
    "    assert e.errno == 19\n"
    "    print('PASS')\n";

static void console_write(void *context, const uint8_t *text, size_t len)
{
    (void)context;
    board_write((const char *)text, len);
}

static uint32_t at_once;
static uint64_t least_ns, most_ns;

/* The interrupt of the key: whether its handler in Python has run before it returns, and how long that took. */
static void key_interrupt(void)
{
    uint32_t before = lamp_writes;
    uint64_t start_ns = board_now_ns();
    ts_hal_pin_event(KEY, 1);
    if (lamp_writes != before)
    {
        uint64_t taken_ns = lamp_ns - start_ns;
        at_once++;
        least_ns = taken_ns < least_ns ? taken_ns : least_ns;
        most_ns = taken_ns > most_ns ? taken_ns : most_ns;
    }
}

static void say(const char *text) { board_write(text, strlen(text)); }

static void say_number(uint64_t n)
{
    char text[21], *at = text + sizeof text - 1;
    for (*at = '\0'; at == text + sizeof text - 1 || n > 0; n /= 10)
    {
        *--at = (char)('0' + n % 10);
    }
    say(at);
}

/* Interrupts 50 times, wherever Python is; how many handlers have run in their interrupt. */
static uint32_t press(const char *what)
{
    while (!latches[GO])
    {
        vTaskDelay(1);
    }
    at_once = 0;
    least_ns = UINT64_MAX;
    most_ns = 0;
    for (int i = 0; i < 50; i++)
    {
        uint32_t before = lamp_writes;
        vTaskDelay(2);
        board_interrupt(key_interrupt);
        while (lamp_writes == before)
        {
            vTaskDelay(1);
        }
    }
    say(what);
    say_number(at_once);
    say(" of 50 hard handlers in the interrupt, ");
    say_number(at_once ? least_ns : 0);
    say(" to ");
    say_number(most_ns);
    say(" ns to the pin\r\n");
    latches[GO] = 0;
    return at_once;
}

static ts_status run(ts_vm *vm, void *source) { return ts_exec_string(vm, "machine.py", source, strlen(source)); }

static void test_task(void *argument)
{
    ts_config config = TS_CONFIG_INIT;
    ts_status result = -1;
    ts_vm *vm;
    int failed = 1;
    (void)argument;
    config.priority = 2;
    config.stack_bytes = 24 * 1024;
    config.console_write = console_write;
    if (ts_create(&config, memory, sizeof memory, &vm) == TS_OK && ts_start(vm, run, (void *)(uintptr_t)program) == TS_OK)
    {
        uint32_t asleep = press("asleep: "), in_a_loop = press("in a loop: ");
        press("in natives: ");
        failed = asleep == 0 || in_a_loop == 0;
        ts_join(vm, 30000, &result);
    }
    board_exit(failed || result != TS_OK);
}

int main(void)
{
    static ts_hal hal;
    board_init();
    timer = xTimerCreate("alarm", 1, pdFALSE, NULL, alarm_came);
    hal.size = sizeof hal;
    hal.gpio = &gpio;
    hal.alarm = &alarm;
    hal.i2c = &i2c;
    hal.n_i2c = 1;
    hal.bus_priority = 4;
    hal.bus_memory = (uint8_t *)bus_memory;
    hal.bus_memory_len = sizeof bus_memory;
    if (ts_hal_install(&hal) != TS_HAL_OK || ts_set_interrupt_stack(board_interrupt_stack) != TS_OK)
    {
        board_write("no drivers\n", 11);
        board_exit(1);
    }
    xTaskCreate(test_task, "test", configMINIMAL_STACK_SIZE * 4, NULL, 3, NULL);
    vTaskStartScheduler();
    return 1;
}
