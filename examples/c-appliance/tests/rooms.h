/* The tests of the rooms beside the interpreter; what they share is check.h. */
#ifndef ROOMS_H
#define ROOMS_H

#include "check.h"
#include "threadsnake_net.h"
#include "threadsnake_servers.h"
#include "threadsnake_storage.h"

/* Volumes that live for ever: littlefs at /flash, a card for scripts. */
extern ts_volume *flash, *card;

/* Before the scheduler starts; in a task. */
void storage_before(void);
void test_storage(void);
void net_before(void);
void test_net(void);
void servers_before(void);
void test_servers(void);

#endif
