/*
 * A measuring instrument: C owns the board, Python is the engineer's.
 *
 * C mounts a flash volume, brings the network up, and starts telnet and FTP with the instrument's own credentials. Its
 * task `meter` appends a row to /flash/meter.csv now and then, through the storage service. A VM runs report.py from the
 * same volume, which sums the rows up and answers on port 8080. A second VM has the prompt that telnet sessions join.
 * `instrument.off()` there ends it all.
 */
#include "board.h"
#include "ethernet.h"
#include "ram.h"

#include "FreeRTOS.h"
#include "stream_buffer.h"
#include "task.h"
#include "threadsnake_servers.h"

#include <string.h>

#define USER "engineer"
#define PASSWORD "volt-ampere"
#define ROW_MS 100

static const char report[] = "import rtos, socket\n"
                             "from _thread import start_new_thread\n"
                             "total = 0\n"
                             "def serve():\n"
                             "    s = socket.socket()\n"
                             "    s.bind(socket.getaddrinfo('0.0.0.0', 8080)[0][-1])\n"
                             "    s.listen(1)\n"
                             "    while True:\n"
                             "        c, _ = s.accept()\n"
                             "        c.send(b'%d\\n' % total)\n"
                             "        c.close()\n"
                             "start_new_thread(serve, ())\n"
                             "rows = rtos.open('rows')\n"
                             "while True:\n"
                             "    rows.acquire()\n"
                             "    with open('/flash/meter.csv') as f:\n"
                             "        total = sum(int(row.split(',')[1]) for row in f)\n"
                             "    with open('/flash/total.txt', 'w') as f:\n"
                             "        f.write(str(total))\n";

/* The memory of everything but C: what is in use when it is used up is an error of the one who wants more. */
static uint8_t files_memory[64 * 1024], flash_memory[TS_VOLUME_MEMORY], servers_memory[TS_SERVERS_MEMORY];
static uint8_t report_memory[192 * 1024], prompt_memory[192 * 1024], line_memory[2048];

static ts_volume *flash;
static ts_object *rows;
static ts_vm *report_vm, *prompt_vm;
static StreamBufferHandle_t typed;
static volatile int is_off;
static uint32_t lan;

static void say(const char *text) { board_write(text, strlen(text)); }

static void fail(const char *text)
{
    say("FAIL: ");
    say(text);
    say("\n");
    board_exit(1);
}

/* ---- the console: telnet's, and the board's ---- */

static void console_write(void *context, const uint8_t *text, size_t len)
{
    if (context != NULL)
    {
        ts_servers_show(text, len);
    }
    else
    {
        board_write((const char *)text, len);
    }
}

static size_t console_read(void *context, uint8_t *buf, size_t size)
{
    (void)context;
    size_t n = xStreamBufferReceive(typed, buf, size, 0);
    ts_servers_has_read();
    return n;
}

static size_t type_in(void *context, const uint8_t *bytes, size_t len)
{
    size_t i = 0;
    (void)context;
    for (; i < len; i++)
    {
        if (bytes[i] == ts_get_interrupt_char(prompt_vm))
        {
            ts_interrupt(prompt_vm);
        }
        else if (xStreamBufferSend(typed, &bytes[i], 1, 0) == 0)
        {
            break;
        }
    }
    ts_signal(prompt_vm);
    return i;
}

static void interrupt(void *context)
{
    (void)context;
    ts_interrupt(prompt_vm);
}

/* At the prompt Ctrl-C drops what somebody has begun, and begins a line. */
static void joined(void *context)
{
    static const uint8_t ctrl_c = 3;
    if (ts_get_interrupt_char(prompt_vm) < 0)
    {
        type_in(context, &ctrl_c, 1);
    }
}

/* ---- what Python has of the instrument ---- */

static ts_status instrument_off(ts_vm *vm, const ts_value *args, size_t n_args, ts_value *result)
{
    (void)args, (void)n_args, (void)result;
    is_off = 1;
    return ts_raise(vm, TS_SYSTEM_EXIT, "", 0); /* The prompt ends, and its VM. */
}

static const ts_function functions[] = {{"off", instrument_off, 0, 0}};
static const ts_module instrument = {"instrument", functions, 1, NULL};

/* ---- the VMs ---- */

static ts_status run_report(ts_vm *vm, void *argument)
{
    (void)argument;
    return ts_exec_file(vm, "/flash/report.py");
}

/* Until Ctrl-D; then the VM is made anew. */
static ts_status run_prompt(ts_vm *vm, void *argument)
{
    static const char path[] = "import sys; sys.path.append('/flash')\n";
    (void)argument;
    ts_exec_string(vm, "start", path, sizeof path - 1);
    return ts_prompt(vm, line_memory, sizeof line_memory);
}

static int start_python(void)
{
    static const ts_module *const modules[] = {&instrument};
    ts_config config = TS_CONFIG_INIT;
    config.name = "report";
    config.priority = 2;
    config.stack_bytes = 24 * 1024;
    config.console_write = console_write;
    config.threads = 1;
    config.thread_stack_bytes = 20 * 1024;
    if (ts_create(&config, report_memory, sizeof report_memory, &report_vm) != TS_OK ||
        ts_start(report_vm, run_report, NULL) != TS_OK)
    {
        return 0;
    }
    config.name = "prompt";
    config.context = line_memory;
    config.console_read = console_read;
    config.console_wants_cr = 1;
    config.modules = modules;
    config.n_modules = 1;
    config.threads = 0;
    return ts_create(&config, prompt_memory, sizeof prompt_memory, &prompt_vm) == TS_OK &&
           ts_start(prompt_vm, run_prompt, NULL) == TS_OK;
}

/* ---- C's own work ---- */

/* Writes `text` to a new file unless there is one. */
static int provide(const char *path, const char *text)
{
    ts_file file;
    int32_t result = ts_file_open(flash, path, "x", &file);
    if (result == -17) /* EEXIST */
    {
        return 1;
    }
    return result == 0 && ts_file_write(&file, text, strlen(text)) >= 0 && ts_file_close(&file) == 0;
}

/* Appends rows `n,1` for ever. */
static void meter(void *argument)
{
    (void)argument;
    for (uint32_t n = 0;; n++)
    {
        char row[4] = {(char)('0' + n % 10), ',', '1', '\n'};
        ts_file file;
        if (ts_file_open(flash, "/meter.csv", "a", &file) != 0 || ts_file_write(&file, row, 4) != 4 ||
            ts_file_close(&file) != 0)
        {
            fail("the volume refuses a row");
        }
        (void)ts_object_give(rows); /* A full semaphore: the report is behind. */
        vTaskDelay(pdMS_TO_TICKS(ROW_MS));
    }
}

static void frames_arrived(void) { ts_network_changed(lan); }

static const char *bring_up_network(void)
{
    const ts_ethernet *driver = ethernet_start(frames_arrived);
    int32_t number = driver != NULL ? ts_network_add(driver) : -1;
    if (number < 0)
    {
        return "there is no interface";
    }
    lan = (uint32_t)number;
    ts_network_changed(lan); /* What came before its number was known. */
    if (ts_network_set_active(lan, 1) != 0 || ts_network_set_address(lan, NULL) != 0)
    {
        return "the interface does not come up";
    }
    return ts_network_wait(lan, 20000) == 0 ? NULL : "nobody gives an address";
}

static const char *boot(void)
{
    if (ts_volume_mount(flash, 1) != 0 || !provide("/report.py", report) || !provide("/meter.csv", ""))
    {
        return "no files";
    }
    const char *failure = bring_up_network();
    if (failure != NULL)
    {
        return failure;
    }
    if (!start_python())
    {
        return "python does not start";
    }
    if (xTaskCreate(meter, "meter", 1024, NULL, 4, NULL) != pdPASS || ts_servers_start(USER, PASSWORD, 0) != TS_OK)
    {
        return "no servers";
    }
    return NULL;
}

/* Boots, makes the prompt's VM anew whenever it ends, and ends everything when the instrument is switched off. */
static void supervise(void *argument)
{
    ts_status result;
    const char *failure = boot();
    (void)argument;
    if (failure != NULL)
    {
        fail(failure);
    }
    say("ready\n");
    while (ts_join(prompt_vm, TS_FOREVER, &result) == TS_OK && !is_off)
    {
        ts_start(prompt_vm, run_prompt, NULL);
    }
    ts_servers_stop();
    ts_kill(report_vm);
    if (ts_join(report_vm, 5000, &result) != TS_OK || ts_destroy(report_vm) != TS_OK ||
        ts_destroy(prompt_vm) != TS_OK)
    {
        fail("python does not end");
    }
    if (ts_volume_sync(flash) != 0)
    {
        fail("the volume is not safe");
    }
    say("PASS\n");
    board_exit(0);
}

/* What is there before the scheduler starts; the rest waits for tasks. */
static int prepare(void)
{
    ts_storage_config storage = TS_STORAGE_CONFIG_INIT;
    ts_volume_config volume = TS_VOLUME_CONFIG_INIT;
    ts_network_config network = TS_NETWORK_CONFIG_INIT;
    ts_servers_config servers = TS_SERVERS_CONFIG_INIT;
    storage.memory = files_memory;
    storage.memory_size = sizeof files_memory;
    volume.device = &ram_flash;
    volume.mount_point = "/flash";
    volume.name = "flash";
    volume.priority = 4;
    volume.memory = flash_memory;
    volume.memory_size = sizeof flash_memory;
    servers.priority = 2;
    servers.memory = servers_memory;
    servers.memory_size = sizeof servers_memory;
    servers.welcome = "The instrument's Python";
    servers.type_in = type_in;
    servers.interrupt = interrupt;
    servers.joined = joined;
    typed = xStreamBufferCreate(300, 1); /* Two windows of raw-paste mode fit. */
    return typed != NULL && ts_storage_init(&storage) == TS_OK && ts_volume_new(&volume, &flash) == TS_OK &&
           ts_network_init(&network) == TS_OK && ts_servers_init(&servers) == TS_OK &&
           ts_semaphore_new("rows", 0, 1, &rows) == TS_OK;
}

int main(void)
{
    board_init();
    if (!prepare())
    {
        fail("no memory");
    }
    xTaskCreate(supervise, "supervise", 2048, NULL, 3, NULL);
    vTaskStartScheduler();
    return 1;
}
