/* The tests in their order. */
#include "check.h"

static void test_task(void *argument)
{
    (void)argument;
    test_life();
    test_attach();
    test_values();
    test_modules();
    test_interrupts();
    test_shared();
    test_threads();
    test_vms();
    test_misuse();
    test_objects();
    check_end();
}

int main(void)
{
    board_init();
    test_before();
    test_objects_before();
    xTaskCreate(test_task, "test", 16 * 1024 / sizeof(StackType_t), NULL, 4, NULL);
    vTaskStartScheduler();
    return 1;
}
