/* C modules, files and the console, as a script sees them. */
#include "check.h"

/* echo(*args): the last argument. */
static ts_status echo(ts_vm *vm, const ts_value *args, size_t n_args, ts_value *result)
{
    (void)vm;
    if (n_args > 0)
    {
        *result = args[n_args - 1];
    }
    return TS_OK;
}

/* status(n): returns the status n. */
static ts_status status(ts_vm *vm, const ts_value *args, size_t n_args, ts_value *result)
{
    int64_t number;
    ts_status outcome = ts_get_int(vm, args[0], &number);
    (void)n_args;
    (void)result;
    return outcome == TS_OK ? (ts_status)number : outcome;
}

/* call(f, x): f(x), through C. */
static ts_status call(ts_vm *vm, const ts_value *args, size_t n_args, ts_value *result)
{
    (void)n_args;
    return ts_call(vm, args[0], args + 1, 1, result);
}

/* caught(f): None if f() raises ValueError, whose exception C takes; else its result. */
static ts_status caught(ts_vm *vm, const ts_value *args, size_t n_args, ts_value *result)
{
    ts_status outcome = ts_call(vm, args[0], NULL, 0, result);
    (void)n_args;
    if (outcome == TS_RAISED && ts_exception_is(vm, TS_VALUE_ERROR))
    {
        *result = ts_none();
        return ts_exception_clear(vm);
    }
    return outcome;
}

/* careless(f): calls f and forgets to look whether that raised. */
static ts_status careless(ts_vm *vm, const ts_value *args, size_t n_args, ts_value *result)
{
    (void)n_args;
    ts_call(vm, args[0], NULL, 0, result);
    return TS_OK;
}

static const ts_function functions[] = {
    {"echo", echo, 0, 255}, {"status", status, 1, 1},     {"call", call, 2, 2},
    {"caught", caught, 1, 1}, {"careless", careless, 1, 1},
};

static ts_status init(ts_vm *vm, ts_value module)
{
    ts_value value;
    ts_status outcome = ts_new_int(vm, 7, &value);
    return outcome == TS_OK ? ts_set_attr(vm, module, "SEVEN", value) : outcome;
}

static ts_status bad_init(ts_vm *vm, ts_value module)
{
    (void)module;
    return ts_raise(vm, TS_RUNTIME_ERROR, "not today", 9);
}

static const ts_module good = {"good", functions, sizeof functions / sizeof functions[0], init};
static const ts_module bad = {"bad", NULL, 0, bad_init};

/* A file system of one file and an empty folder. */
static const char file_text[] = "print('from the file')\nvalue = 99\n";
static size_t file_at;
static int files_open;

static int is(const char *path, size_t len, const char *name) { return len == strlen(name) && memcmp(path, name, len) == 0; }

static int file_stat(void *context, const char *path, size_t len)
{
    (void)context;
    return is(path, len, "lib/found.py") ? 1 : is(path, len, "lib/folder") ? 2 : 0;
}

static int32_t file_open(void *context, const char *path, size_t len)
{
    if (file_stat(context, path, len) != 1)
    {
        return -2;
    }
    file_at = 0;
    files_open++;
    return 5;
}

static int32_t file_read(void *context, int32_t file, uint8_t *buf, size_t size)
{
    size_t left = sizeof file_text - 1 - file_at;
    (void)context;
    if (file != 5)
    {
        return -9;
    }
    if (left > size)
    {
        left = size;
    }
    if (left > 7)
    {
        left = 7;
    }
    memcpy(buf, file_text + file_at, left);
    file_at += left;
    return (int32_t)left;
}

static void file_close(void *context, int32_t file)
{
    (void)context;
    files_open -= file == 5;
}

static const ts_files files = {file_stat, file_open, file_read, file_close};

static const char script[] =
    "import good\n"
    "def raises(what, f, *args):\n"
    "    try:\n"
    "        f(*args)\n"
    "    except Exception as e:\n"
    "        return type(e).__name__ == what\n"
    "    return False\n"
    "def check(name, ok):\n"
    "    if not ok:\n"
    "        print('FAIL', name)\n"
    "check('constant', good.SEVEN == 7)\n"
    "import good as again\n"
    "check('same', again is good)\n"
    "check('none', good.echo() is None)\n"
    "check('many', good.echo(1, 2, 3, 4, 5, 6, 7, 8, 9, 'x') == 'x')\n"
    "check('too few', raises('TypeError', good.status))\n"
    "check('too many', raises('TypeError', good.status, 1, 2))\n"
    "check('type', raises('TypeError', good.status, 'x'))\n"
    "check('ok', good.status(0) is None)\n"
    "check('raised without', raises('RuntimeError', good.status, 1))\n"
    "check('timeout', raises('OSError', good.status, 2))\n"
    "check('memory', raises('MemoryError', good.status, 8))\n"
    "check('unknown', raises('RuntimeError', good.status, 77))\n"
    "def keywords():\n"
    "    good.echo(x=1)\n"
    "check('keywords', raises('TypeError', keywords))\n"
    "check('call', good.call(lambda x: x + 1, 4) == 5)\n"
    "def deep(n):\n"
    "    return 0 if n == 0 else good.call(deep, n - 1) + 1\n"
    "check('nested', deep(5) == 5)\n"
    "def endless(n):\n"
    "    return good.call(endless, n)\n"
    "check('endless', raises('RecursionError', endless, 1))\n"
    "def bad_value():\n"
    "    raise ValueError('x')\n"
    "def bad_key():\n"
    "    return {}['x']\n"
    "check('caught', good.caught(bad_value) is None)\n"
    "check('not caught', raises('KeyError', good.caught, bad_key))\n"
    "check('careless', raises('KeyError', good.careless, bad_key))\n"
    "def import_bad():\n"
    "    import bad\n"
    "check('bad', raises('RuntimeError', import_bad))\n"
    "check('bad again', raises('RuntimeError', import_bad))\n"
    "import sys\n"
    "sys.path.append('lib')\n"
    "import found\n"
    "check('file', found.value == 99)\n"
    "def import_missing():\n"
    "    import missing\n"
    "check('missing', raises('ImportError', import_missing))\n"
    "check('platform', sys.platform == 'testing')\n"
    "print('done')\n";

static ts_status run(ts_vm *vm, void *argument)
{
    ts_value value;
    ts_status outcome = ts_exec_string(vm, "script.py", script, sizeof script - 1);
    (void)argument;
    if (outcome != TS_OK)
    {
        return outcome;
    }
    IS(ts_exec_file(vm, "lib/found.py"), TS_OK);
    IS(ts_eval(vm, "value", 5, &value), TS_OK);
    IS(ts_exec_file(vm, "lib/lost.py"), TS_RAISED);
    CHECK(ts_exception_is(vm, TS_OS_ERROR));
    return ts_exception_clear(vm);
}

void test_modules(void)
{
    static const ts_module *const modules[] = {&good, &bad};
    ts_config config = test_config();
    config.modules = modules;
    config.n_modules = 2;
    config.files = &files;
    config.platform = "testing";
    console_clear();
    IS(ts_create(&config, memory_a, sizeof memory_a, &vm_a), TS_OK);
    IS(ts_start(vm_a, run, NULL), TS_OK);
    IS(end_a(), TS_OK);
    CHECK(console_lacks("FAIL"));
    CHECK(console_has("from the file\n"));
    CHECK(console_has("done\n"));
    CHECK(files_open == 0);
}
