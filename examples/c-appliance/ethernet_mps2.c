/*
 * The LAN9118 of the MPS2 boards: interrupts say that frames have come and switch themselves off, until all are taken.
 * Source: SMSC LAN9118 datasheet, chapters 3 and 5; Application Notes AN385 and AN500 (where it is).
 */
#include "ethernet.h"

#include "board.h"

#include <string.h>

#ifdef __ARM_FP
#define BASE 0xa0000000u /* AN500 */
#else
#define BASE 0x40200000u /* AN385 */
#endif
#define REG(offset) (*(volatile uint32_t *)(BASE + (offset)))
#define RX_DATA REG(0x00)
#define TX_DATA REG(0x20)
#define RX_STATUS REG(0x40)
#define TX_STATUS REG(0x48)
#define IRQ_CFG REG(0x54)
#define INT_STS REG(0x58)
#define INT_EN REG(0x5c)
#define BYTE_TEST REG(0x64)
#define FIFO_INT REG(0x68)
#define RX_CFG REG(0x6c)
#define TX_CFG REG(0x70)
#define HW_CFG REG(0x74)
#define RX_FIFO_INF REG(0x7c)
#define TX_FIFO_INF REG(0x80)
#define MAC_CSR_CMD REG(0xa4)
#define MAC_CSR_DATA REG(0xa8)

#define LINE 13
#define RX_STATUS_LEVEL (1u << 3)
#define MAC_BUSY (1u << 31)
#define MAC_READ (1u << 30)
#define FRAME 1514u

static void (*told)(void);

static void interrupt(void)
{
    INT_EN = 0;
    told();
}

static int cleared(volatile uint32_t *reg, uint32_t bit)
{
    for (int i = 0; i < 100000; i++)
    {
        if ((*reg & bit) == 0)
        {
            return 1;
        }
    }
    return 0;
}

static uint32_t mac_read(uint32_t index)
{
    MAC_CSR_CMD = MAC_BUSY | MAC_READ | index;
    cleared(&MAC_CSR_CMD, MAC_BUSY);
    return MAC_CSR_DATA;
}

static void mac_write(uint32_t index, uint32_t value)
{
    MAC_CSR_DATA = value;
    MAC_CSR_CMD = MAC_BUSY | index;
    cleared(&MAC_CSR_CMD, MAC_BUSY);
}

static uint32_t waiting(void) { return RX_FIFO_INF >> 16 & 0xffu; }

static int32_t transmit(void *context, const uint8_t *frame, size_t len)
{
    uint32_t n = (uint32_t)len;
    (void)context;
    if ((TX_FIFO_INF & 0xffffu) < n + 11)
    {
        return 0;
    }
    TX_DATA = 1u << 13 | 1u << 12 | n;
    TX_DATA = n << 16 | n;
    for (uint32_t i = 0; i < n; i += 4)
    {
        uint32_t word = 0;
        memcpy(&word, frame + i, n - i < 4 ? n - i : 4);
        TX_DATA = word;
    }
    while ((TX_FIFO_INF >> 16 & 0xffu) != 0)
    {
        (void)TX_STATUS;
    }
    return 1;
}

static size_t receive(void *context, uint8_t *frame)
{
    (void)context;
    for (;;)
    {
        if (waiting() == 0)
        {
            INT_STS = RX_STATUS_LEVEL;
            INT_EN = RX_STATUS_LEVEL;
            if (waiting() == 0)
            {
                return 0;
            }
            INT_EN = 0; /* One came before the interrupt was on. */
        }
        uint32_t status = RX_STATUS;
        uint32_t whole = status >> 16 & 0x3fffu, n = whole < 4 ? 0 : whole - 4; /* without the check sum */
        int is_good = (status & 1u << 15) == 0 && n <= FRAME;
        for (uint32_t i = 0; i < whole; i += 4)
        {
            uint32_t word = RX_DATA;
            if (frame != NULL && is_good && i < n)
            {
                memcpy(frame + i, &word, n - i < 4 ? n - i : 4);
            }
        }
        if (is_good && n > 0)
        {
            return n;
        }
    }
}

static ts_ethernet driver = {NULL, {'e', 'n'}, {0}, transmit, NULL, receive};

const ts_ethernet *ethernet_start(void (*arrived)(void))
{
    if (BYTE_TEST != 0x87654321u)
    {
        return NULL;
    }
    told = arrived;
    HW_CFG = 1;
    if (!cleared(&HW_CFG, 1))
    {
        return NULL;
    }
    HW_CFG = 5u << 16 | 1u << 20;
    uint32_t low = mac_read(3), high = mac_read(2);
    memcpy(driver.mac, &low, 4);
    memcpy(driver.mac + 4, &high, 2);
    mac_write(1, 1u << 20 | 1u << 19 | 1u << 3 | 1u << 2); /* full duplex, multicast, on */
    TX_CFG = 2;
    RX_CFG = 0;
    FIFO_INT = 0;
    INT_STS = 0xffffffffu;
    IRQ_CFG = 1u << 8 | 1u << 4 | 1u;
    board_line(LINE, interrupt);
    INT_EN = RX_STATUS_LEVEL;
    return &driver;
}
