/*
 * What a firmware's own C drivers offer to Python's `machine`: one structure of function pointers for each kind of
 * device, the twins of the traits in board-support/hal. What a firmware does not have stays null, and is a clear
 * error in Python.
 *
 * The structures and what they point to live for ever. `context` is passed back to every function. A function may
 * be called by several tasks; where it may also be called by interrupts, or one task at a time, it says so. No caller
 * holds a lock or the GIL. Results are 0 or one of TS_HAL_….
 */
#ifndef TS_HAL_H
#define TS_HAL_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Results. */
#define TS_HAL_OK 0
#define TS_HAL_MISSING 1 /* No such device, pin or function: OSError(ENODEV). */
#define TS_HAL_INVALID 2 /* A parameter that the device cannot do: ValueError. */
#define TS_HAL_REFUSED 3 /* Switched off, or the system refuses: OSError(EPERM). */
#define TS_HAL_BUS 4     /* Nobody acknowledged: OSError(EIO). */
#define TS_HAL_TIMEOUT 5 /* OSError(ETIMEDOUT). */
#define TS_HAL_BUSY 6    /* Somebody else uses it: OSError(EBUSY). */

/* A function that a pin can be given to: "UART0_TX" and the number that selects it, 0 to 15. */
typedef struct
{
    const char *name;
    uint8_t number;
} ts_hal_pin_function;

/* A pin of the board's table. A pin's number, below, is its place in the table. */
typedef struct
{
    const char *name; /* As scripts write it, "GP2". */
    uint8_t number;   /* What scripts may write instead. */
    uint8_t wakes;    /* Can end a sleep. */
    uint16_t n_functions;
    const ts_hal_pin_function *functions;
} ts_hal_pin_info;

#define TS_HAL_PIN_IN 0
#define TS_HAL_PIN_OUT 1
#define TS_HAL_PIN_ALT 2
#define TS_HAL_PIN_ALT_OPEN_DRAIN 3
#define TS_HAL_PIN_OPEN_DRAIN 0x10

typedef struct
{
    uint8_t mode;    /* TS_HAL_PIN_… */
    uint8_t pull;    /* 0 none, 1 up, 2 down. */
    uint8_t drive;   /* 0 low, 1 medium, 2 high. */
    int8_t function; /* With the ALT modes; -1: none. */
} ts_hal_pin_config;

/* Pins; all functions in any context, none blocks. At most 64 pins and 256 functions. */
typedef struct
{
    void *context;
    const ts_hal_pin_info *pins;
    uint32_t n_pins;
    int32_t (*configure)(void *context, uint8_t pin, const ts_hal_pin_config *config);
    void (*config)(void *context, uint8_t pin, ts_hal_pin_config *config);
    int32_t (*read)(void *context, uint8_t pin); /* 0 or 1, whoever drives it. */
    void (*write)(void *context, uint8_t pin, int32_t level); /* The latch. */
    int32_t (*latch)(void *context, uint8_t pin);
    /* 1 falling, 2 rising, 3 both, 4 low, 8 high, 0 nothing: what is reported with ts_hal_pin_event. */
    int32_t (*set_trigger)(void *context, uint8_t pin, uint8_t trigger);
} ts_hal_gpio;

/* Converters. Tasks; a conversion takes microseconds. At most 32 channels. */
typedef struct
{
    void *context;
    const uint8_t *channels; /* The pin of each. */
    uint32_t n_channels;
    uint8_t bits; /* 8 to 16. */
    uint32_t reference_uv;
    int32_t (*read)(void *context, uint32_t channel, uint16_t *result);
} ts_hal_adc;

/* Square waves. Tasks; do not block. `duty` of 65 536 is always high. */
typedef struct
{
    void *context;
    int32_t (*start)(void *context, uint8_t pin, uint32_t freq_hz, uint32_t duty, int32_t inverted);
    void (*stop)(void *context, uint8_t pin);
} ts_hal_pwm;

/* One interrupt at one time; all timers of Python are made of it. Any context; does not block. */
typedef struct
{
    void *context;
    uint64_t (*now_us)(void *context); /* Monotonic. */
    void (*set)(void *context, uint64_t at_us); /* Then, or soon if past: ts_hal_alarm_event. UINT64_MAX: never. */
} ts_hal_alarm;

/* The calendar. Any context; does not block. */
typedef struct
{
    void *context;
    uint64_t (*now_us)(void *context); /* Since 1970-01-01; 0: never set. */
    int32_t (*set_us)(void *context, uint64_t us);
} ts_hal_rtc;

/* The watchdog. Tasks; `feed` in any context. */
typedef struct
{
    void *context;
    int32_t (*start)(void *context, uint32_t timeout_ms);
    void (*feed)(void *context);
} ts_hal_watchdog;

/* Reset and sleep: hooks that may refuse. Tasks. */
typedef struct
{
    void *context;
    uint32_t freq_hz;
    uint8_t unique_id[6];
    int32_t (*reset)(void *context);
    int32_t (*sleep_begins)(void *context, int32_t deep);
    void (*sleep_ends)(void *context, int32_t deep, int32_t reason); /* 0 time, 1 network, 2 pin, 3 calendar. */
} ts_hal_power;

/* True random numbers. Tasks; may block for milliseconds. */
typedef struct
{
    void *context;
    int32_t (*fill)(void *context, uint8_t *bytes, size_t len);
} ts_hal_entropy;

typedef struct
{
    uint32_t baud;
    uint8_t bits;
    uint8_t parity; /* 0 none, 1 even, 2 odd. */
    uint8_t stop;
    uint8_t assign_pins;
    int16_t pins[4]; /* TX, RX, RTS, CTS; -1: none. */
} ts_hal_uart_config;

/* A serial port with buffers. Tasks; nothing blocks. */
typedef struct
{
    void *context;
    int32_t (*configure)(void *context, const ts_hal_uart_config *config);
    void (*release)(void *context);
    size_t (*try_write)(void *context, const uint8_t *bytes, size_t len);
    size_t (*try_read)(void *context, uint8_t *bytes, size_t len);
    size_t (*available)(void *context);
    uint64_t (*sent_at_us)(void *context); /* On the alarm's clock, when the last byte will have left; 0: long ago. */
    void (*send_break)(void *context, uint32_t bits);
} ts_hal_uart;

typedef struct
{
    uint32_t freq_hz;
    uint32_t timeout_us;
    int16_t pins[2]; /* SCL, SDA; -1: the usual ones. */
} ts_hal_i2c_config;

typedef struct
{
    uint8_t is_read;
    uint8_t *bytes; /* Not written unless is_read. */
    size_t len;
} ts_hal_i2c_operation;

/* An I2C controller. One task at a time; may block as long as the transfer takes. */
typedef struct
{
    void *context;
    int32_t (*configure)(void *context, const ts_hal_i2c_config *config);
    void (*release)(void *context);
    /* Start, the operations with repeated starts where the direction changes, and a stop if `stop`. */
    int32_t (*transfer)(void *context, uint16_t address, const ts_hal_i2c_operation *operations,
                        uint32_t n_operations, int32_t stop);
} ts_hal_i2c;

typedef struct
{
    uint32_t freq_hz;
    uint8_t bits; /* 8, 16, 32. */
    uint8_t polarity;
    uint8_t phase;
    uint8_t lsb_first;
    int16_t pins[3]; /* SCK, MOSI, MISO; -1: the usual ones. */
} ts_hal_spi_config;

/* An SPI controller. One task at a time; may block as long as the transfer takes. */
typedef struct
{
    void *context;
    int32_t (*configure)(void *context, const ts_hal_spi_config *config);
    void (*release)(void *context);
    int32_t (*exchange)(void *context, uint8_t *bytes, size_t len); /* In place. */
} ts_hal_spi;

/* All devices of a board. At most 4 serial ports, 4 I2C and 4 SPI buses. */
typedef struct
{
    uint32_t size; /* sizeof(ts_hal) */
    const ts_hal_gpio *gpio;
    const ts_hal_adc *adc;
    const ts_hal_pwm *pwm;
    const ts_hal_alarm *alarm;
    const ts_hal_rtc *rtc;
    const ts_hal_watchdog *watchdog;
    const ts_hal_power *power;
    const ts_hal_entropy *entropy;
    const ts_hal_uart *uarts;
    const ts_hal_i2c *i2c;
    const ts_hal_spi *spi;
    uint32_t n_uarts;
    uint32_t n_i2c;
    uint32_t n_spi;
    uint32_t bus_priority;  /* Of the tasks that own the buses; above Python's. */
    uint8_t *bus_memory;    /* For these tasks, for ever; divided among them. 8-aligned. */
    size_t bus_memory_len;
} ts_hal;

/* Tells the drivers what the board has. Once, before the scheduler starts. TS_HAL_INVALID: a table is too large, or
 * a function is missing; TS_HAL_MISSING: too little memory for the buses; TS_HAL_BUSY: it was done already. */
int32_t ts_hal_install(const ts_hal *hal);

/* What interrupt handlers of the firmware call. Any context, ISR included (below the kernel's ceiling). */
void ts_hal_pin_event(uint8_t pin, uint8_t trigger);
void ts_hal_alarm_event(void);
void ts_hal_uart_event(uint32_t number, uint8_t event); /* 1 received, 2 sent. */

#ifdef __cplusplus
}
#endif

#endif
