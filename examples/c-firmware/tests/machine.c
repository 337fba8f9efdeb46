/* Drivers in C that serve `machine`: a pin, an I2C bus with one device, an alarm on a software timer of the kernel. */
#include "FreeRTOS.h"
#include "board.h"
#include "task.h"
#include "threadsnake.h"
#include "timers.h"
#include "ts_hal.h"

#include <string.h>

static uint8_t latch, mode;

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
    (void)pin;
    return latch;
}

static void pin_write(void *context, uint8_t pin, int32_t level)
{
    (void)context;
    latch = level != 0;
    ts_hal_pin_event(pin, latch ? 2 : 1);
}

static int32_t pin_trigger(void *context, uint8_t pin, uint8_t trigger)
{
    (void)context;
    (void)pin;
    (void)trigger;
    return TS_HAL_OK;
}

static const ts_hal_pin_info pins[] = {{"LED", 7, 0, 0, NULL}};
static const ts_hal_gpio gpio = {NULL, pins, 1, pin_configure, pin_config, pin_read, pin_write, pin_read, pin_trigger};

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

static ts_status run(ts_vm *vm, void *source) { return ts_exec_string(vm, "machine.py", source, strlen(source)); }

static void test_task(void *argument)
{
    ts_config config = TS_CONFIG_INIT;
    ts_status result = -1;
    ts_vm *vm;
    (void)argument;
    config.priority = 2;
    config.stack_bytes = 24 * 1024;
    config.console_write = console_write;
    if (ts_create(&config, memory, sizeof memory, &vm) == TS_OK && ts_start(vm, run, (void *)(uintptr_t)program) == TS_OK)
    {
        ts_join(vm, 30000, &result);
    }
    board_exit(result != TS_OK);
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
    if (ts_hal_install(&hal) != TS_HAL_OK)
    {
        board_write("no drivers\n", 11);
        board_exit(1);
    }
    xTaskCreate(test_task, "test", configMINIMAL_STACK_SIZE * 4, NULL, 3, NULL);
    vTaskStartScheduler();
    return 1;
}
