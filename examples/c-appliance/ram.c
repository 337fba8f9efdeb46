/* Memory for storage: see ram.h. */
#include "ram.h"

#include <string.h>

#define FLASH_BLOCK 4096u
#define FLASH_BLOCKS 64u
#define SECTOR 512u
#define SECTORS 256u

static uint8_t flash[FLASH_BLOCKS * FLASH_BLOCK], card[SECTORS * SECTOR];
volatile int32_t ram_card_is_in = 1;

static int32_t flash_read(void *context, uint32_t block, uint32_t offset, uint8_t *buf, size_t len)
{
    (void)context;
    memcpy(buf, flash + block * FLASH_BLOCK + offset, len);
    return 0;
}

static int32_t flash_write(void *context, uint32_t block, uint32_t offset, const uint8_t *data, size_t len)
{
    uint8_t *to = flash + block * FLASH_BLOCK + offset;
    (void)context;
    while (len-- > 0)
    {
        *to++ &= *data++;
    }
    return 0;
}

static int32_t flash_erase(void *context, uint32_t block)
{
    (void)context;
    memset(flash + block * FLASH_BLOCK, 0xff, FLASH_BLOCK);
    return 0;
}

const ts_block_device ram_flash = {
    .block_size = FLASH_BLOCK,
    .block_count = FLASH_BLOCKS,
    .read_size = 64,
    .write_size = 64,
    .read = flash_read,
    .write = flash_write,
    .erase = flash_erase,
};

static int32_t card_is_there(void *context)
{
    (void)context;
    return ram_card_is_in;
}

static int32_t card_read(void *context, uint32_t block, uint32_t offset, uint8_t *buf, size_t len)
{
    (void)context;
    memcpy(buf, card + block * SECTOR + offset, len);
    return 0;
}

static int32_t card_write(void *context, uint32_t block, uint32_t offset, const uint8_t *data, size_t len)
{
    (void)context;
    memcpy(card + block * SECTOR + offset, data, len);
    return 0;
}

const ts_block_device ram_card = {
    .block_size = SECTOR,
    .block_count = SECTORS,
    .is_there = card_is_there,
    .read = card_read,
    .write = card_write,
};
