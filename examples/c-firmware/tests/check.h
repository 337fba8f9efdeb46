/* Tests of the C API: each case is a function; what does not hold is printed with its line and counted. */
#ifndef CHECK_H
#define CHECK_H

#include "FreeRTOS.h"
#include "board.h"
#include "task.h"
#include "threadsnake.h"

#include <string.h>

/* Counts `condition`, and prints `text` if it does not hold. */
void check(int condition, const char *text, const char *file, int line);
/* The same for a number that is to be another; prints what it is. */
void check_is(int64_t found, int64_t wanted, const char *text, const char *file, int line);
#define CHECK(condition) check((condition) != 0, #condition, __FILE__, __LINE__)
#define IS(expression, status) \
    check_is((int64_t)(expression), (int64_t)(status), #expression " is " #status, __FILE__, __LINE__)

/* Prints how many held and how many did not, and ends the program. */
void check_end(void);

/* Memory for two VMs, and a configuration whose console is `console_text`. */
#define MEMORY_BYTES (384u * 1024u)
extern uint8_t memory_a[MEMORY_BYTES], memory_b[MEMORY_BYTES];
extern char console_text[1024];
ts_config test_config(void);
/* Forgets what was written to the console; true if it contains that text, or does not; else it is shown. */
void console_clear(void);
int console_has(const char *text);
int console_lacks(const char *text);

/* Starts a VM in memory_a with `main`; `vm_a` names it. */
extern ts_vm *vm_a;
void start_a(ts_main main, void *argument);
/* Waits for its end, at most 10 s; returns the result. Then destroys it. */
ts_status end_a(void);
/* Runs `source` in a new VM from beginning to end; returns the result. */
ts_status run_a(const char *source);

/* Calls every function of the group [attached] for `vm`; each must return `status`. */
void check_attached_functions(ts_vm *vm, ts_status status);

/* Before the scheduler starts; in a task. */
void test_before(void);
void test_objects_before(void);
void test_life(void);
void test_attach(void);
void test_values(void);
void test_modules(void);
void test_interrupts(void);
void test_shared(void);
void test_threads(void);
void test_vms(void);
void test_misuse(void);
void test_objects(void);

#endif
