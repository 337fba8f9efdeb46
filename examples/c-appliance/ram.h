/* Flash and a card that are memory: each boot finds them empty. */
#ifndef RAM_H
#define RAM_H

#include "threadsnake_storage.h"

/* NOR flash: erasing sets a block's bits, writing clears some. */
extern const ts_block_device ram_flash;
/* A card with sectors, which may be taken out. */
extern const ts_block_device ram_card;
extern volatile int32_t ram_card_is_in;

#endif
