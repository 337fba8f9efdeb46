/* The network without a wire: an interface in C whose frames are looked at, sockets over the loopback, misuse. */
#include "rooms.h"

#include "lwip/netif.h"
#include "lwip/tcpip.h"

#define ENODEV_NUMBER -19
#define EINVAL_NUMBER -22
#define EDEADLK_NUMBER -35
#define ETIMEDOUT_NUMBER -110

static volatile uint32_t n_sent, n_statuses;
static volatile int32_t link_is_up;

static int32_t transmit(void *context, const uint8_t *frame, size_t len)
{
    CHECK(context == (void *)&n_sent && frame != NULL && len >= 14 && len <= 1514);
    n_sent++;
    return 1;
}

static int32_t has_link(void *context)
{
    (void)context;
    return link_is_up;
}

static size_t receive(void *context, uint8_t *frame)
{
    (void)context;
    (void)frame;
    return 0;
}

static const ts_ethernet driver = {(void *)&n_sent, {'t', '0'}, {2, 0, 0, 0, 0, 1}, transmit, has_link, receive};

static int32_t entropy(uint8_t *buf, size_t len)
{
    memset(buf, 0x5a, len); /* The tests shake no hands. */
    return 0;
}

void net_before(void)
{
    static uint8_t memory[TS_TLS_MIN_MEMORY], task[TS_TLS_TASK_MEMORY];
    ts_network_config config = TS_NETWORK_CONFIG_INIT;
    ts_tls_config tls = TS_TLS_CONFIG_INIT;
    IS(ts_network_init(NULL), TS_BAD_ARGUMENT);
    config.size = 4;
    IS(ts_network_init(&config), TS_BAD_ARGUMENT);
    config.size = sizeof config;
    IS(ts_network_init(&config), TS_OK);
    IS(ts_network_init(&config), TS_WRONG_STATE);
    IS(ts_network_add(&driver), EDEADLK_NUMBER);
    IS(ts_network_tls(NULL), TS_BAD_ARGUMENT);
    IS(ts_network_tls(&tls), TS_BAD_ARGUMENT);
    tls.entropy = entropy;
    IS(ts_network_tls(&tls), TS_NO_MEMORY);
    tls.memory_size = sizeof memory;
    tls.task_memory_size = sizeof task;
    IS(ts_network_tls(&tls), TS_BAD_ARGUMENT);
    tls.memory = memory;
    tls.task_memory = task;
    tls.priority = configMAX_PRIORITIES;
    IS(ts_network_tls(&tls), TS_BAD_ARGUMENT);
    tls.priority = 2;
    IS(ts_network_tls(&tls), TS_OK);
    IS(ts_network_tls(&tls), TS_WRONG_STATE);
}

static void an_interface_comes_up(uint32_t lan)
{
    static const ts_address fixed = {{192, 168, 7, 2}, {255, 255, 255, 0}, {192, 168, 7, 1}, {0, 0, 0, 0}};
    ts_interface_state state;
    IS(ts_network_get(lan, &state), 0);
    CHECK(state.is_active == 0 && state.has_link == 0 && state.address[0] == 0 && state.mac[0] == 2);
    IS(ts_network_wait(lan, 0), ETIMEDOUT_NUMBER);
    IS(ts_network_set_active(lan, 1), 0);
    IS(ts_network_set_address(lan, &fixed), 0);
    IS(ts_network_wait(lan, 10), ETIMEDOUT_NUMBER); /* The line is cut. */
    link_is_up = 1;
    ts_network_changed(lan);
    IS(ts_network_wait(lan, 10000), 0);
    CHECK(n_sent > 0); /* ARP tells the new address. */
    IS(ts_network_get(lan, &state), 0);
    CHECK(state.is_active == 1 && state.has_link == 1 && memcmp(state.address, fixed.address, 4) == 0);
    IS(ts_network_set_address(lan, NULL), 0);
    IS(ts_network_set_address(lan, &fixed), 0);
}

static void bad_arguments_are_refused(void)
{
    ts_ethernet lacking = driver;
    ts_interface_state state;
    lacking.receive = NULL;
    IS(ts_network_add(NULL), EINVAL_NUMBER);
    IS(ts_network_add(&lacking), EINVAL_NUMBER);
    lacking.receive = receive;
    lacking.transmit = NULL;
    IS(ts_network_add(&lacking), EINVAL_NUMBER);
    IS(ts_network_adopt(NULL), EINVAL_NUMBER);
    IS(ts_network_adopt(&lacking), EINVAL_NUMBER);
    IS(ts_network_get(0, NULL), EINVAL_NUMBER);
    for (uint32_t number = 2; number != 0; number = number < 8 ? number + 1 : number == 8 ? 0xffffffffu : 0)
    {
        IS(ts_network_get(number, &state), ENODEV_NUMBER);
        IS(ts_network_set_active(number, 1), ENODEV_NUMBER);
        IS(ts_network_set_address(number, NULL), ENODEV_NUMBER);
        IS(ts_network_wait(number, 0), ENODEV_NUMBER);
        ts_network_changed(number);
    }
}

static err_t set_up(struct netif *netif)
{
    netif->mtu = 1500;
    return ERR_OK;
}

static err_t output(struct netif *netif, struct pbuf *p, const ip4_addr_t *to)
{
    (void)netif, (void)p, (void)to;
    return ERR_OK;
}

static void status_of_theirs(struct netif *netif)
{
    (void)netif;
    n_statuses++;
}

/* An interface that C has added to lwIP itself. */
static void a_netif_of_theirs_is_adopted(void)
{
    static struct netif theirs;
    ip4_addr_t ip, mask, gateway;
    ts_interface_state state;
    IP4_ADDR(&ip, 10, 9, 8, 7);
    IP4_ADDR(&mask, 255, 0, 0, 0);
    IP4_ADDR(&gateway, 10, 0, 0, 1);
    LOCK_TCPIP_CORE();
    netif_add(&theirs, &ip, &mask, &gateway, NULL, set_up, tcpip_input);
    theirs.output = output;
    netif_set_status_callback(&theirs, status_of_theirs);
    UNLOCK_TCPIP_CORE();
    int32_t number = ts_network_adopt(&theirs);
    CHECK(number == 1);
    IS(ts_network_adopt(&theirs), EINVAL_NUMBER);
    IS(ts_network_set_active((uint32_t)number, 1), 0);
    CHECK(n_statuses == 1);
    LOCK_TCPIP_CORE();
    netif_set_link_up(&theirs);
    UNLOCK_TCPIP_CORE();
    IS(ts_network_wait((uint32_t)number, 10000), 0);
    IS(ts_network_get((uint32_t)number, &state), 0);
    CHECK(state.address[0] == 10 && state.address[3] == 7);
}

static ts_status with_gil(ts_vm *vm, void *argument)
{
    ts_interface_state state;
    (void)argument;
    IS(ts_network_get(0, &state), EDEADLK_NUMBER);
    return ts_exec_string(vm, "t.py", "pass", 4);
}

static void python_has_sockets(void)
{
    start_a(with_gil, NULL);
    IS(end_a(), TS_OK);
    IS(run_a("import socket, network, ssl\n"
             "s = socket.socket(); s.bind(('127.0.0.1', 7007)); s.listen(1)\n"
             "c = socket.socket(); c.connect(('127.0.0.1', 7007)); p, _ = s.accept()\n"
             "c.send(b'over'); print(p.recv(9))\n"
             "print(network.LAN().ifconfig()[0], ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT) is not None)\n"),
       TS_OK);
    CHECK(console_has("b'over'\n192.168.7.2 True\n"));
    /* What a VM leaves open is closed with it. */
    IS(run_a("import socket\ns = socket.socket(); s.bind(('127.0.0.1', 7007)); s.listen(1); print('free')\n"), TS_OK);
    CHECK(console_has("free\n"));
}

void test_net(void)
{
#ifdef STACK_IS_STARTED_BY_US
    tcpip_init(NULL, NULL);
#endif
    int32_t lan = ts_network_add(&driver);
    CHECK(lan == 0);
    an_interface_comes_up((uint32_t)lan);
    bad_arguments_are_refused();
    a_netif_of_theirs_is_adopted();
    python_has_sockets();
}
