/*
 * A firmware that had its kernel, its lwIP and its linker script before Python came: a C task serves a port over lwIP's
 * loopback and asks Python for the answers; the clients are Python itself, over the same lwIP, and another C task. Then
 * Python is ended, and the port goes on.
 */
#include "board.h"
#include "threadsnake.h"
#include "threadsnake_net.h"

#include "FreeRTOS.h"
#include "task.h"

#include "lwip/sockets.h"
#include "lwip/tcpip.h"

#include <string.h>

#define PORT 7007
#define QUESTIONS 50

/* In the memory that the linker script has for it. */
static uint8_t python_memory[256 * 1024] __attribute__((section(".threadsnake_memory"), aligned(16)));
static ts_vm *python;

static const char script[] = "import socket\n"
                             "def answer(text):\n"
                             "    return ' '.join(reversed(text.split()))\n"
                             "with socket.socket() as s:\n"
                             "    s.connect(('127.0.0.1', 7007))\n"
                             "    for i in range(50):\n"
                             "        s.send('question %d' % i)\n"
                             "        if s.recv(64) != b'%d question' % i: raise ValueError(i)\n";
static volatile ts_status script_ended;

static void fail(const char *why)
{
    board_write(why, strlen(why));
    board_write("\n", 1);
    board_exit(1);
}

static void must(int condition, const char *why)
{
    if (!condition)
    {
        fail(why);
    }
}

/* Asks Python; without it the answer is the question. */
static size_t answer(const char *question, size_t len, char *text, size_t size)
{
    ts_attachment attachment;
    ts_value function, argument, result;
    const char *bytes = question;
    if (ts_attach(python, &attachment) != TS_OK)
    {
        memcpy(text, question, len);
        return len;
    }
    must(ts_get_global(python, "answer", &function) == TS_OK, "no function");
    must(ts_new_str(python, question, len, &argument) == TS_OK, "no argument");
    must(ts_call(python, function, &argument, 1, &result) == TS_OK, "no call");
    must(ts_get_str(python, result, &bytes, &len) == TS_OK && len <= size, "no result");
    memcpy(text, bytes, len);
    must(ts_detach(&attachment) == TS_OK, "no end");
    return len;
}

static int listener(void)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = PP_HTONS(PORT)};
    int s = lwip_socket(AF_INET, SOCK_STREAM, 0);
    at.sin_addr.s_addr = PP_HTONL(INADDR_ANY);
    must(s >= 0 && lwip_bind(s, (struct sockaddr *)&at, sizeof at) == 0 && lwip_listen(s, 2) == 0, "no port");
    return s;
}

static void server(void *argument)
{
    int port = *(int *)argument;
    lwip_socket_thread_init();
    for (;;)
    {
        char question[64], text[64];
        int s = lwip_accept(port, NULL, NULL);
        ssize_t n;
        must(s >= 0, "nobody comes");
        while ((n = lwip_recv(s, question, sizeof question, 0)) > 0)
        {
            size_t len = answer(question, (size_t)n, text, sizeof text);
            must(lwip_send(s, text, len, 0) == (ssize_t)len, "no answer goes");
        }
        lwip_close(s);
    }
}

/* Two digits of `number` between two texts; the length. */
static size_t numbered(char *text, const char *before, int number, const char *after)
{
    size_t len = strlen(before);
    memcpy(text, before, len);
    text[len++] = (char)('0' + number / 10);
    text[len++] = (char)('0' + number % 10);
    memcpy(text + len, after, strlen(after));
    return len + strlen(after);
}

/* As many questions as there are; each answer must be its number between these. */
static void ask(const char *before, const char *after)
{
    struct sockaddr_in at = {.sin_family = AF_INET, .sin_port = PP_HTONS(PORT)};
    int s = lwip_socket(AF_INET, SOCK_STREAM, 0);
    at.sin_addr.s_addr = PP_HTONL(INADDR_LOOPBACK);
    must(s >= 0 && lwip_connect(s, (struct sockaddr *)&at, sizeof at) == 0, "no connection");
    for (int i = 0; i < QUESTIONS; i++)
    {
        char question[64], expected[64], text[64];
        size_t len = numbered(question, "question ", i, "");
        must(lwip_send(s, question, len, 0) == (ssize_t)len, "no question goes");
        len = numbered(expected, before, i, after);
        must(lwip_recv(s, text, sizeof text, 0) == (ssize_t)len, "no answer");
        must(memcmp(text, expected, len) == 0, "a wrong answer");
    }
    lwip_close(s);
}

static void console_write(void *context, const uint8_t *text, size_t len)
{
    (void)context;
    board_write((const char *)text, len);
}

/* Defines the function and asks for itself, then serves whoever calls. */
static ts_status run(ts_vm *vm, void *argument)
{
    script_ended = ts_exec_string(vm, "script.py", script, sizeof script - 1);
    xTaskNotifyGive(argument);
    return script_ended == TS_OK ? ts_wait(vm, NULL, NULL, TS_FOREVER) : script_ended;
}

static void network_is_up(void *task) { xTaskNotifyGive(task); }

static void control(void *argument)
{
    static const ts_network_config network = TS_NETWORK_CONFIG_INIT;
    ts_config config = TS_CONFIG_INIT;
    ts_status result;
    int port;
    (void)argument;
    tcpip_init(network_is_up, xTaskGetCurrentTaskHandle());
    ulTaskNotifyTake(pdTRUE, portMAX_DELAY);
    lwip_socket_thread_init();
    port = listener();
    xTaskCreate(server, "server", 4096, &port, 4, NULL);

    must(ts_network_init(&network) == TS_OK, "no network for Python");
    config.priority = 3;
    config.stack_bytes = 24 * 1024;
    config.console_write = console_write;
    must(ts_create(&config, python_memory, sizeof python_memory, &python) == TS_OK, "no VM");
    must(ts_start(python, run, xTaskGetCurrentTaskHandle()) == TS_OK, "no start");
    ulTaskNotifyTake(pdTRUE, portMAX_DELAY);
    must(script_ended == TS_OK, "Python's own questions");

    ask("", " question");
    must(ts_kill(python) == TS_OK && ts_join(python, 5000, &result) == TS_OK && result == TS_KILLED, "no end");
    ask("question ", "");
    board_write("PASS\n", 5);
    board_exit(0);
}

int main(void)
{
    board_init();
    xTaskCreate(control, "control", 2048, NULL, 5, NULL);
    vTaskStartScheduler();
    return 1;
}
