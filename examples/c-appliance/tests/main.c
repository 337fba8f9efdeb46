/* The tests in their order. */
#include "rooms.h"

static void test_task(void *argument)
{
    (void)argument;
    test_storage();
    test_net();
    test_servers();
    check_end();
}

int main(void)
{
    board_init();
    storage_before();
    net_before();
    servers_before();
    xTaskCreate(test_task, "test", 16 * 1024 / sizeof(StackType_t), NULL, 4, NULL);
    vTaskStartScheduler();
    return 1;
}
