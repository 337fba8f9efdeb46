/*
 * Threadsnake: Python in a FreeRTOS task, for C firmware.
 *
 *     static ts_status run(ts_vm *vm, void *argument)
 *     {
 *         return ts_exec_string(vm, "main.py", "print('hello')", 14);
 *     }
 *     ...
 *     ts_config config = TS_CONFIG_INIT;
 *     config.console_write = write_to_uart;
 *     ts_create(&config, memory, sizeof memory, &vm);      (any time)
 *     ts_start(vm, run, NULL);                              (before or after vTaskStartScheduler)
 *     ts_kill(vm); ts_join(vm, 1000, NULL); ts_destroy(vm); (when C has had enough)
 *
 * A VM is one interpreter: it has its own memory (all of it given by you), its own task, lock, console and modules.
 * There may be several. Nothing is allocated outside the memory you give, except that the kernel makes tasks in it.
 *
 * Files, the network and servers have headers beside this one: threadsnake_storage.h, threadsnake_net.h and
 * threadsnake_servers.h; drivers for `machine` have ts_hal.h.
 *
 * STATUS. Every function returns a ts_status unless its comment says otherwise. On any status but TS_OK nothing has
 * changed and no result was written, except where said. Every function that takes a `ts_vm *` may also return:
 *   TS_BAD_VM          null, never created, or destroyed
 *   TS_WRONG_CONTEXT   called from an interrupt, or not from a task, where the comment does not allow it
 *   TS_BAD_ARGUMENT    a null pointer, a text that is no UTF-8, a number out of range
 *
 * CONTEXT. Three groups, and each function says which it is in:
 *   [any]       any task, attached or not, and any interrupt at or below the kernel's syscall priority. Never blocks.
 *   [task]      any task; [init] also before the scheduler starts. Says if it blocks.
 *   [attached]  a task that runs Python at the moment: the VM's own task inside `ts_main`, a function of a C module
 *               called by Python, a posted function, or any other task between ts_attach and ts_detach. Such a task
 *               has the interpreter lock (GIL). These functions may wait for it and run other Python threads
 *               meanwhile; everywhere else they return TS_NOT_ATTACHED.
 *
 * VALUES. A `ts_value` is one word, owned by the garbage collector. It is valid while it is in a local variable or
 * parameter of an attached task (the collector looks at its stack), or reachable from Python. Do not keep one in a
 * static variable or in allocated memory, nor after ts_detach or the end of the function that Python called: keep a
 * `ts_ref`. Never pass a value to another VM. A `ts_value` of zeros is no value: TS_BAD_ARGUMENT where one is wanted.
 *
 * TEXT. Names and paths are C strings in UTF-8 that are only read during the call. Other text is a pointer and a
 * length, in UTF-8 without an end mark.
 *
 * EXCEPTIONS. A Python exception is TS_RAISED, and stays pending in the calling task: until it is taken, cleared or
 * printed, every [attached] function does nothing and returns TS_RAISED. So a sequence of calls may be checked once,
 * at its end. To let it go on to Python, return TS_RAISED from your function.
 *
 * STACK. Python on a task's stack ends in RecursionError when 8 KiB are left, which are for what the interpreter calls at
 * its deepest. An attached task that calls and converts is content with 12 KiB, one that compiles source (exec, eval,
 * import of a file) wants 20 KiB (TS_MIN_STACK), more for deep nesting. Calls between Python functions use none of it.
 */
#ifndef THREADSNAKE_H
#define THREADSNAKE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/* Goes up when programs must be compiled again. Compare with ts_abi_version() where the library comes separately. */
#define TS_ABI_VERSION 3u

/* The least stack in bytes of the VM's task, and the least heap. ts_create wants in all:
 * config.stack_bytes + TS_MIN_HEAP + TS_OVERHEAD or more, and for each of config.threads
 * config.thread_stack_bytes + TS_THREAD_OVERHEAD; every further byte is heap. */
#define TS_MIN_STACK (20u * 1024u)
#define TS_MIN_HEAP (sizeof(void *) == 8 ? 32u * 1024u : 16u * 1024u)
#define TS_OVERHEAD 2048u
#define TS_MIN_THREAD_STACK (12u * 1024u)
#define TS_THREAD_OVERHEAD 640u

/* A time-out that never ends. */
#define TS_FOREVER 0xffffffffu

typedef struct ts_vm ts_vm;

typedef struct ts_value
{
    const void *word; /* Not for you. */
} ts_value;

typedef int32_t ts_status;
enum
{
    TS_OK = 0,
    TS_RAISED = 1,        /* a Python exception is pending */
    TS_TIMEOUT = 2,       /* the time is over */
    TS_BAD_ARGUMENT = 3,  /* see above */
    TS_BAD_VM = 4,        /* see above */
    TS_WRONG_STATE = 5,   /* not now: see the function */
    TS_WRONG_CONTEXT = 6, /* see above */
    TS_NOT_ATTACHED = 7,  /* see above */
    TS_NO_MEMORY = 8,     /* the memory given is too small */
    TS_FULL = 9,          /* a queue is full */
    TS_DEAD = 10,         /* the VM was lost in a panic */
    TS_KILLED = 11,       /* result of a VM that was killed */
    TS_CLOSED = 12,       /* who made the object has closed it, or was a VM that has ended */
    TS_EXISTS = 13,       /* there is an object of that name */
    TS_NOT_FOUND = 14     /* there is none */
};

/* ---- Configuration ---- */

/* What a VM's task runs, and what ts_post runs. [attached] inside. */
typedef ts_status (*ts_main)(ts_vm *vm, void *argument);

/* A function of a C module. `args` are `n_args` values, valid during the call. Write the result to `*result`, which is
 * None before. Return TS_OK, or what a ts_ function returned; without a pending exception TS_NO_MEMORY becomes
 * MemoryError, TS_TIMEOUT OSError(ETIMEDOUT), any other status RuntimeError. [attached] inside. */
typedef ts_status (*ts_call_function)(ts_vm *vm, const ts_value *args, size_t n_args, ts_value *result);

typedef struct ts_function
{
    const char *name;
    ts_call_function call;
    uint8_t min_args;
    uint8_t max_args; /* 255: any number */
} ts_function;

/* A C module. It may be `static const`, in ROM; it costs RAM when a script imports it first. Scripts find it before
 * files of the same name. */
typedef struct ts_module
{
    const char *name;
    const ts_function *functions;
    size_t n_functions;
    ts_status (*init)(ts_vm *vm, ts_value module); /* at the first import, to add constants; may be NULL */
} ts_module;

/* Files for `import`, `open` (reading) and ts_exec_file, where threadsnake_storage.h is too much, or before its volumes.
 * Called by attached tasks, without the GIL: may block, may not call [attached] functions. Paths are not terminated.
 * Errors are negative error numbers (-2: no such file). */
typedef struct ts_files
{
    int (*stat)(void *context, const char *path, size_t len);               /* 0 nothing, 1 file, 2 directory */
    int32_t (*open)(void *context, const char *path, size_t len);           /* a handle, 0 to 2^30 - 1, or an error */
    int32_t (*read)(void *context, int32_t file, uint8_t *buf, size_t size); /* bytes read, 0 at the end, or an error */
    void (*close)(void *context, int32_t file);
} ts_files;

/* Begin with TS_CONFIG_INIT. The structure is copied; what it points to must live as long as the VM. Callbacks are
 * called by attached tasks, several at a time, without the GIL where not said otherwise. */
typedef struct ts_config
{
    uint32_t size;        /* sizeof(ts_config) */
    uint32_t abi_version; /* TS_ABI_VERSION */
    const char *name;     /* of the task; NULL: "python" */
    uint32_t priority;    /* of the task, below configMAX_PRIORITIES */
    uint32_t stack_bytes; /* of the task, TS_MIN_STACK or more; the port of POSIX gives each task its own stack */
    void *context;        /* passed to every callback */

    /* Writes all of the text; may block. NULL: output is lost. */
    void (*console_write)(void *context, const uint8_t *text, size_t len);
    /* Moves what has arrived into `buf` and returns how many bytes; does not block. Call ts_signal when more arrives.
     * NULL: the input is at its end. */
    size_t (*console_read)(void *context, uint8_t *buf, size_t size);
    const ts_files *files;           /* NULL: none */
    const ts_module *const *modules; /* C modules */
    size_t n_modules;
    /* Fills `buf` with random bytes; does not block; with the GIL. NULL: no source. */
    void (*entropy)(void *context, uint8_t *buf, size_t size);
    /* Nanoseconds since 1970-01-01 00:00 UTC; any context; does not block. NULL: no clock. */
    uint64_t (*unix_time_ns)(void *context);
    const char *platform;      /* sys.platform; NULL: "freertos" */
    const char *machine;       /* in the banner; NULL: "FreeRTOS" */
    uint32_t console_wants_cr; /* 1: a line feed without a carriage return before it gets one */
    uint32_t threads;          /* the most threads that Python may start */
    uint32_t thread_stack_bytes; /* of each of them, TS_MIN_THREAD_STACK or more */
} ts_config;

/* clang-format off */
#define TS_CONFIG_INIT { sizeof(ts_config), TS_ABI_VERSION, NULL, 1, TS_MIN_STACK, NULL, NULL, NULL, NULL, NULL, 0, \
                         NULL, NULL, NULL, NULL, 0, 0, TS_MIN_THREAD_STACK }
/* clang-format on */

/* ---- Once per image ---- */

/* TS_ABI_VERSION of the library. [any] Returns the number. */
uint32_t ts_abi_version(void);

/* Sets the clock of all VMs: microseconds, monotonic, callable in any context. Without one the kernel's ticks are
 * used, and times are as coarse as they. [init] TS_WRONG_STATE once the scheduler has started. */
ts_status ts_set_clock(uint64_t (*now_us)(void));

/* Gives hard handlers in Python a part of the interrupts' stack: `lowest`, called in interrupts, returns the lowest address
 * that they may use. Below it there must be 2 KiB for what they call, and room for interrupts of higher priority; above
 * it, 3 KiB are enough for most. Without this function hard handlers run in tasks, at the next safe point. [init]
 * TS_WRONG_STATE once the scheduler has started. */
ts_status ts_set_interrupt_stack(uintptr_t (*lowest)(void));

/* Turns diagnostics on: level 0 off (as it is at first), 1 errors, 2 warnings, 3 information, 4 and 5 for us. `sink` gets
 * one line at a time, its end included, in any task, not in interrupts; it may be NULL. The last 2 KiB are kept as well:
 * ts_read_log moves the oldest unread bytes into `buf` and returns how many. [init] */
ts_status ts_set_log(int32_t level, void (*sink)(const uint8_t *line, size_t len));
size_t ts_read_log(char *buf, size_t size);

/* Sets what is called when Threadsnake finds one of its own invariants broken: by the task concerned, which never goes on.
 * The VMs it was attached to are TS_DEAD. Other tasks go on unless the hook does not return (resets). [init] */
ts_status ts_set_panic_hook(void (*hook)(const uint8_t *message, size_t len));

/* ---- Life of a VM ---- */

/* Makes a VM in `size` bytes at `memory`, which are its until ts_destroy, and writes its name to `*vm`. Nothing runs
 * yet. TS_NO_MEMORY: too small (see TS_MIN_HEAP). TS_BAD_ARGUMENT: also another ABI version, a priority too high, a
 * stack too small, a module without a name or function. [init] Does not block. */
ts_status ts_create(const ts_config *config, void *memory, size_t size, ts_vm **vm);

/* Starts the VM's task. It calls main(vm, argument) and ends the VM when that returns; an exception that is pending
 * then is printed to the console. With main NULL the VM serves posts and attached tasks until ts_stop. After the end
 * a VM may be started again; nothing of its former state is left. TS_WRONG_STATE: it runs. TS_DEAD. TS_NO_MEMORY: the
 * kernel refuses the stack (less than configMINIMAL_STACK_SIZE). [init] Does not block. */
ts_status ts_start(ts_vm *vm, ts_main main, void *argument);

/* Asks the program to end: raises KeyboardInterrupt in the main thread at its next bytecode or wait; without a main
 * function ends the VM. TS_WRONG_STATE: it does not run. TS_DEAD. [any] Returns at once; see ts_join. */
ts_status ts_stop(ts_vm *vm);

/* Raises KeyboardInterrupt in the main thread; for the interrupt key of a console. As ts_stop otherwise. [any] */
ts_status ts_interrupt(ts_vm *vm);

/* The character of the console that shall interrupt instead of being input: 3 (Ctrl-C), what the program has chosen
 * with micropython.kbd_intr, or -1: none, or no VM. A console's driver that gets it calls ts_interrupt. [any] Returns the
 * number. */
int32_t ts_get_interrupt_char(ts_vm *vm);

/* Ends the VM whatever it does: all its threads unwind at their next bytecode or wait, without running `except`,
 * `finally` or `__del__`. A thread inside C code ends when that returns; a C function that gets TS_RAISED or returns
 * from ts_wait or ts_blocking should return. As ts_stop otherwise. [any] */
ts_status ts_kill(ts_vm *vm);

/* Waits until the VM has ended: its task has left Python, nobody is attached. Writes to `*result` (may be NULL) what
 * main returned, TS_RAISED if an exception ended it (sys.exit() and sys.exit(0) are TS_OK), TS_NO_MEMORY if the heap
 * was too small to begin, TS_KILLED. TS_TIMEOUT: it runs on. TS_WRONG_STATE: never started, or the caller is attached.
 * TS_DEAD. [task] Blocks at most timeout_ms milliseconds; 0 asks, TS_FOREVER. */
ts_status ts_join(ts_vm *vm, uint32_t timeout_ms, ts_status *result);

enum
{
    TS_CREATED = 0,
    TS_RUNNING = 1,
    TS_ENDED = 2,
    TS_LOST = 3 /* see TS_DEAD */
};

/* The VM's state, or -1 for no VM. [any] Returns the number. */
int32_t ts_get_state(ts_vm *vm);

/* Deletes the VM's task and gives the memory back to you. TS_WRONG_STATE: it runs, or a task is in ts_join.
 * TS_DEAD. [task, init] No other task may use the VM meanwhile. Does not block. */
ts_status ts_destroy(ts_vm *vm);

/* ---- Taking part ---- */

/* A task's attachment; a local variable of the function that attaches. */
typedef struct ts_attachment
{
    uint64_t words[9 * sizeof(void *)]; /* Not for you. */
} ts_attachment;

/* Attaches the calling task to a started VM: waits until it is up, then for the GIL. Until ts_detach, `attachment` stays in place, the
 * task does not end, and it should be quick or use ts_wait and ts_blocking: others wait. TS_WRONG_STATE: the VM does not
 * run or is about to end, or the task is attached already. TS_NO_MEMORY: the heap is too small. [task] Blocks. */
ts_status ts_attach(ts_vm *vm, ts_attachment *attachment);

/* Ends it, in the function that attached. A pending exception is printed to the console. TS_NOT_ATTACHED: this
 * attachment is not in use. TS_WRONG_STATE: another task's, or not the last one of several VMs'. [task] */
ts_status ts_detach(ts_attachment *attachment);

/* Runs function(vm, argument) soon, in a task of the VM, at its next bytecode or wait. An exception pending at its end is
 * printed. At most 16 may wait, else TS_FULL; those that wait at the VM's end are dropped. TS_WRONG_STATE: the VM does
 * not run. TS_DEAD. [any] */
ts_status ts_post(ts_vm *vm, ts_main function, void *argument);

/* Makes every task in ts_wait and in console input look again. [any] */
ts_status ts_signal(ts_vm *vm);

/* Waits, without the GIL, until ready(context) returns non-zero, which is called now and after every ts_signal, by this
 * task, and may do the work itself (take from a queue). It may not block, nor call [attached] functions. Posts and other
 * Python threads run meanwhile. TS_TIMEOUT: timeout_ms milliseconds are over (TS_FOREVER: never). TS_RAISED:
 * KeyboardInterrupt, or the VM ends. `ready` may be NULL: sleeps. [attached] Blocks. */
ts_status ts_wait(ts_vm *vm, int (*ready)(void *context), void *context, uint32_t timeout_ms);

/* Calls function(context) without the GIL: for C that computes long or blocks and cannot be told to end. It may not call
 * [attached] functions nor touch memory of Python objects. ts_kill waits for it, so let it have time-outs; where ts_wait
 * can do it, that is better. TS_RAISED: as ts_wait; the function has run nevertheless. [attached] Blocks. */
ts_status ts_blocking(ts_vm *vm, void (*function)(void *context), void *context);

/* ---- Objects that C tasks and Python share ---- */

/* A queue, semaphore, mutex or group of bits, which Python has as rtos.Queue and so on. Made by either side, opened by
 * the other by its name (rtos.open), also by several VMs. It lies in the kernel's heap until the last of those that made
 * or opened it lets go. When a VM ends, the objects that it made are closed: a C task that waits for one gets TS_CLOSED,
 * as does every later call but ts_object_close.
 *
 * These functions take no VM and need no Python. They may return TS_BAD_ARGUMENT (also: not an object, or of another
 * kind), TS_CLOSED. Those with a time-out: TS_TIMEOUT when it is over; with 0 they never block and are [any], else
 * [task], and TS_WRONG_CONTEXT in an interrupt and in a task that has a GIL (see ts_blocking). */
typedef struct ts_object ts_object;

/* Makes an object; `name` has at most 23 bytes, NULL: none. A queue has messages of up to `size` bytes (1 to 512), at most
 * `length` of them; a semaphore counts from `value` up to `most` (to 65535). A mutex is not recursive and does not
 * change priorities. TS_EXISTS. TS_NO_MEMORY: of the kernel's heap. [init] */
ts_status ts_queue_new(const char *name, size_t size, size_t length, ts_object **queue);
ts_status ts_semaphore_new(const char *name, size_t value, size_t most, ts_object **semaphore);
ts_status ts_mutex_new(const char *name, ts_object **mutex);
ts_status ts_group_new(const char *name, ts_object **group);

/* Opens the object of that name. TS_NOT_FOUND. [any] */
ts_status ts_object_open(const char *name, ts_object **object);

/* Lets go of an object that the caller made or opened, once for each time; if `for_all` is not 0 closes it for everybody
 * as well. [init] */
ts_status ts_object_close(ts_object *object, int32_t for_all);

/* Puts a message of `len` bytes behind the others, or before them if `urgent` is not 0. Copies it with interrupts masked
 * up to the kernel's syscall priority, as the kernel's queues do; so does the next. [any] or [task], see above. */
ts_status ts_queue_send(ts_object *queue, const void *message, size_t len, int32_t urgent, uint32_t timeout_ms);

/* Takes the first message into `buf`, whose `size` is at least the queue's; writes its length to `*len` (may be NULL).
 * [any] or [task], see above. */
ts_status ts_queue_receive(ts_object *queue, void *buf, size_t size, size_t *len, uint32_t timeout_ms);

/* Takes one from a semaphore; makes the calling task the owner of a mutex (not in interrupts). [any] or [task]. */
ts_status ts_object_take(ts_object *object, uint32_t timeout_ms);

/* Adds one to a semaphore; frees a mutex (not in interrupts). TS_WRONG_STATE: the count is the highest, or the calling
 * task is not the owner. [any] */
ts_status ts_object_give(ts_object *object);

/* Clears and then sets bits of a group (bits 0 to 29); writes what is set then to `*now` (may be NULL). [any] */
ts_status ts_group_change(ts_object *group, uint32_t clear, uint32_t set, uint32_t *now);

/* Waits until one of the bits is set, or all of them if `all` is not 0; clears them then if `clear` is not 0; writes what
 * was set before to `*before` (may be NULL). [any] or [task], see above. */
ts_status ts_group_wait(ts_object *group, uint32_t bits, int32_t all, int32_t clear, uint32_t timeout_ms,
                        uint32_t *before);

/* ---- Running Python; all [attached], all may raise ---- */

/* Runs source text, or a file (config.files), in the namespace of __main__. `name` is for tracebacks. Source that
 * is no UTF-8 is a SyntaxError. */
ts_status ts_exec_string(ts_vm *vm, const char *name, const char *source, size_t len);
ts_status ts_exec_file(ts_vm *vm, const char *path);

/* The value of an expression in the namespace of __main__. */
ts_status ts_eval(ts_vm *vm, const char *source, size_t len, ts_value *result);

/* The module of that name (with dots: the last one), imported if it is not yet. */
ts_status ts_import(ts_vm *vm, const char *name, ts_value *module);

/* Calls a function, a class or anything callable; a method of an object. `result` may be NULL. */
ts_status ts_call(ts_vm *vm, ts_value function, const ts_value *args, size_t n_args, ts_value *result);
ts_status ts_call_method(ts_vm *vm, ts_value object, const char *name, const ts_value *args, size_t n_args,
                         ts_value *result);

/* Global variables of __main__. */
ts_status ts_get_global(ts_vm *vm, const char *name, ts_value *value);
ts_status ts_set_global(ts_vm *vm, const char *name, ts_value value);

/* Writes text to sys.stdout. */
ts_status ts_print(ts_vm *vm, const char *text, size_t len);

/* Collects garbage now. */
ts_status ts_collect(ts_vm *vm);

/* ---- Values ---- */

/* None; True or False. [any] Return the value. */
ts_value ts_none(void);
ts_value ts_bool(int32_t truth);

enum
{
    TS_TYPE_NONE = 0,
    TS_TYPE_BOOL,
    TS_TYPE_INT,
    TS_TYPE_FLOAT,
    TS_TYPE_STR,
    TS_TYPE_BYTES,
    TS_TYPE_TUPLE,
    TS_TYPE_LIST,
    TS_TYPE_DICT,
    TS_TYPE_OTHER
};

/* Which of these it is, the exact type; -1 for no value. [attached] Returns the number. */
int32_t ts_type_of(ts_value value);

/* New values; all [attached], MemoryError where the heap is full. The items are copied. */
ts_status ts_new_int(ts_vm *vm, int64_t number, ts_value *value);
ts_status ts_new_float(ts_vm *vm, double number, ts_value *value);
ts_status ts_new_str(ts_vm *vm, const char *text, size_t len, ts_value *value);
ts_status ts_new_bytes(ts_vm *vm, const uint8_t *bytes, size_t len, ts_value *value);
ts_status ts_new_list(ts_vm *vm, const ts_value *items, size_t n, ts_value *value);
ts_status ts_new_tuple(ts_vm *vm, const ts_value *items, size_t n, ts_value *value);
ts_status ts_new_dict(ts_vm *vm, ts_value *value);

/* What is in a value; all [attached], TypeError where it is something else. Ints: also bool and __index__, OverflowError
 * beyond 64 bits. Floats: also ints. Bool: the truth of anything, 0 or 1. Text and bytes stay where they are as long as
 * the value is valid, and never change. */
ts_status ts_get_int(ts_vm *vm, ts_value value, int64_t *number);
ts_status ts_get_float(ts_vm *vm, ts_value value, double *number);
ts_status ts_get_bool(ts_vm *vm, ts_value value, int32_t *truth);
ts_status ts_get_str(ts_vm *vm, ts_value value, const char **text, size_t *len);
ts_status ts_get_bytes(ts_vm *vm, ts_value value, const uint8_t **bytes, size_t *len);

/* str(value), or repr(value) if as_repr is not 0. [attached] */
ts_status ts_str(ts_vm *vm, ts_value value, int32_t as_repr, ts_value *text);

/* len(object), object[key], object.name; all [attached], all may run Python and raise. */
ts_status ts_len(ts_vm *vm, ts_value object, size_t *n);
ts_status ts_get_item(ts_vm *vm, ts_value object, ts_value key, ts_value *value);
ts_status ts_set_item(ts_vm *vm, ts_value object, ts_value key, ts_value value);
ts_status ts_get_attr(ts_vm *vm, ts_value object, const char *name, ts_value *value);
ts_status ts_set_attr(ts_vm *vm, ts_value object, const char *name, ts_value value);

/* A value that C keeps: a number, never 0. It may be kept anywhere and used by any attached task of the same VM, until it
 * is freed or the VM ends. TS_BAD_ARGUMENT: not a reference. ts_ref_free works also while an exception is pending.
 * [attached] */
typedef uint32_t ts_ref;
ts_status ts_ref_new(ts_vm *vm, ts_value value, ts_ref *reference);
ts_status ts_ref_get(ts_vm *vm, ts_ref reference, ts_value *value);
ts_status ts_ref_free(ts_vm *vm, ts_ref reference);

/* ---- Exceptions; all [attached] ---- */

enum
{
    TS_BASE_EXCEPTION = 0,
    TS_EXCEPTION,
    TS_SYSTEM_EXIT,
    TS_KEYBOARD_INTERRUPT,
    TS_ATTRIBUTE_ERROR,
    TS_EOF_ERROR,
    TS_IMPORT_ERROR,
    TS_INDEX_ERROR,
    TS_KEY_ERROR,
    TS_MEMORY_ERROR,
    TS_NAME_ERROR,
    TS_NOT_IMPLEMENTED_ERROR,
    TS_OS_ERROR,
    TS_OVERFLOW_ERROR,
    TS_RUNTIME_ERROR,
    TS_STOP_ITERATION,
    TS_TYPE_ERROR,
    TS_VALUE_ERROR
};

/* Raise, and return TS_RAISED: an exception of one of these types with a message (may be empty); OSError(number); an
 * exception object. */
ts_status ts_raise(ts_vm *vm, int32_t type, const char *message, size_t len);
ts_status ts_raise_os_error(ts_vm *vm, int32_t number);
ts_status ts_raise_value(ts_vm *vm, ts_value exception);

/* 1 if an exception of that type, or of one derived from it, is pending; else 0. Returns the number. */
int32_t ts_exception_is(ts_vm *vm, int32_t type);

/* Takes the pending exception as a value (ts_str gives its message, "args" are its arguments). TS_BAD_ARGUMENT: none is
 * pending. An exception that says that the VM ends comes back with the next call. */
ts_status ts_exception_take(ts_vm *vm, ts_value *exception);

/* Drops it, if there is one; prints it to the console with its traceback and drops it (TS_BAD_ARGUMENT: none). */
ts_status ts_exception_clear(ts_vm *vm);
ts_status ts_exception_print(ts_vm *vm);

/* ---- Figures ---- */

typedef struct ts_stats
{
    uint32_t size;            /* sizeof(ts_stats), set by you */
    uint32_t collections;     /* since the start */
    size_t heap_total;        /* bytes */
    size_t heap_used;         /* bytes of objects, garbage included */
    size_t heap_largest_free; /* bytes of the longest free run */
    size_t n_objects;
    uint32_t stack_unused; /* bytes of the VM's task's stack that were never used (meaningless on POSIX) */
    uint32_t n_tasks;      /* attached now */
    uint32_t handlers_at_once; /* hard handlers in Python that ran in their interrupt; wraps */
    uint32_t handlers_later;   /* interrupts that had to leave one to a safe point; wraps */
    uint32_t handler_wait_us;  /* how long one waited for that at most, in microseconds */
} ts_stats;

/* [attached] Walks the heap: takes time in proportion to it. */
ts_status ts_get_stats(ts_vm *vm, ts_stats *stats);

#ifdef __cplusplus
}
#endif

#endif
