/* Before the scheduler starts: creating, and everything that is too early. */
#include "check.h"

static ts_status function(ts_vm *vm, const ts_value *args, size_t n_args, ts_value *result)
{
    (void)vm;
    (void)args;
    (void)n_args;
    (void)result;
    return TS_OK;
}

static ts_status refuse(ts_config config)
{
    ts_vm *vm = NULL;
    ts_status status = ts_create(&config, memory_a, sizeof memory_a, &vm);
    CHECK(vm == NULL);
    return status;
}

static void bad_configurations_are_refused(void)
{
    const ts_config good = test_config();
    ts_config config = good;
    ts_vm *vm = NULL;
    IS(ts_create(NULL, memory_a, sizeof memory_a, &vm), TS_BAD_ARGUMENT);
    IS(ts_create(&good, NULL, sizeof memory_a, &vm), TS_BAD_ARGUMENT);
    IS(ts_create(&good, memory_a, sizeof memory_a, NULL), TS_BAD_ARGUMENT);
    CHECK(vm == NULL);
    config.size = 8;
    IS(refuse(config), TS_BAD_ARGUMENT);
    config = good;
    config.abi_version++;
    IS(refuse(config), TS_BAD_ARGUMENT);
    config = good;
    config.priority = configMAX_PRIORITIES;
    IS(refuse(config), TS_BAD_ARGUMENT);
    config = good;
    config.stack_bytes = TS_MIN_STACK - 1;
    IS(refuse(config), TS_BAD_ARGUMENT);
    config = good;
    config.n_modules = 1;
    IS(refuse(config), TS_BAD_ARGUMENT);
}

static ts_status with_module(const ts_module *module)
{
    ts_config config = test_config();
    config.modules = &module;
    config.n_modules = 1;
    return refuse(config);
}

static void bad_modules_are_refused(void)
{
    static const ts_function no_name = {NULL, function, 0, 0}, no_code = {"f", NULL, 0, 0};
    static const ts_function bad_name = {"\xff", function, 0, 0}, bad_bounds = {"f", function, 2, 1};
    IS(with_module(NULL), TS_BAD_ARGUMENT);
    IS(with_module(&(ts_module){NULL, NULL, 0, NULL}), TS_BAD_ARGUMENT);
    IS(with_module(&(ts_module){"m", NULL, 1, NULL}), TS_BAD_ARGUMENT);
    IS(with_module(&(ts_module){"m", &no_name, 1, NULL}), TS_BAD_ARGUMENT);
    IS(with_module(&(ts_module){"m", &no_code, 1, NULL}), TS_BAD_ARGUMENT);
    IS(with_module(&(ts_module){"m", &bad_name, 1, NULL}), TS_BAD_ARGUMENT);
    IS(with_module(&(ts_module){"m", &bad_bounds, 1, NULL}), TS_BAD_ARGUMENT);
}

static void too_little_memory_is_refused(void)
{
    ts_config config = test_config();
    const size_t enough = config.stack_bytes + TS_MIN_HEAP + TS_OVERHEAD;
    ts_vm *vm = NULL;
    IS(ts_create(&config, memory_a, 0, &vm), TS_NO_MEMORY);
    IS(ts_create(&config, memory_a, config.stack_bytes + TS_MIN_HEAP - 1, &vm), TS_NO_MEMORY);
    CHECK(vm == NULL);
    /* Any alignment will do. */
    IS(ts_create(&config, memory_a + 1, enough, &vm), TS_OK);
    IS(ts_destroy(vm), TS_OK);
}

static void what_is_no_vm_is_named(void)
{
    static uintptr_t garbage[64];
    ts_vm *no_vms[] = {NULL, (ts_vm *)garbage, (ts_vm *)(uintptr_t)0x20};
    for (size_t i = 0; i < sizeof no_vms / sizeof no_vms[0]; i++)
    {
        ts_vm *vm = no_vms[i];
        IS(ts_start(vm, NULL, NULL), TS_BAD_VM);
        IS(ts_stop(vm), TS_BAD_VM);
        IS(ts_interrupt(vm), TS_BAD_VM);
        IS(ts_kill(vm), TS_BAD_VM);
        IS(ts_signal(vm), TS_BAD_VM);
        IS(ts_post(vm, NULL, NULL), TS_BAD_ARGUMENT);
        IS(ts_destroy(vm), TS_BAD_VM);
        IS(ts_get_state(vm), -1);
        check_attached_functions(vm, TS_BAD_VM);
    }
}

static void what_is_too_early_is_refused(void)
{
    ts_config config = test_config();
    ts_attachment attachment;
    ts_vm *vm = NULL;
    IS(ts_create(&config, memory_a, sizeof memory_a, &vm), TS_OK);
    IS(ts_get_state(vm), TS_CREATED);
    IS(ts_stop(vm), TS_WRONG_STATE);
    IS(ts_interrupt(vm), TS_WRONG_STATE);
    IS(ts_kill(vm), TS_WRONG_STATE);
    IS(ts_post(vm, (ts_main)(void *)function, NULL), TS_WRONG_STATE);
    IS(ts_signal(vm), TS_OK);
    IS(ts_join(vm, 0, NULL), TS_WRONG_CONTEXT);
    IS(ts_attach(vm, &attachment), TS_WRONG_CONTEXT);
    check_attached_functions(vm, TS_NOT_ATTACHED);
    IS(ts_destroy(vm), TS_OK);
    IS(ts_destroy(vm), TS_BAD_VM);
}

void test_before(void)
{
    IS(ts_abi_version(), TS_ABI_VERSION);
    IS(ts_set_log(6, NULL), TS_BAD_ARGUMENT);
    IS(ts_set_log(-1, NULL), TS_BAD_ARGUMENT);
    IS(ts_set_log(1, NULL), TS_OK);
    IS(ts_read_log(NULL, 10), 0);
    IS(ts_set_clock(NULL), TS_OK);
    IS(ts_set_panic_hook(NULL), TS_OK);
    bad_configurations_are_refused();
    bad_modules_are_refused();
    too_little_memory_is_refused();
    what_is_no_vm_is_named();
    what_is_too_early_is_refused();
}
