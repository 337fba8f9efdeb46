/* The board's Ethernet, as ts_network_add takes it. */
#ifndef ETHERNET_H
#define ETHERNET_H

#include "threadsnake_net.h"

/* Starts the controller; `arrived` is called in an interrupt when frames have come. NULL: there is none. Once, in a task. */
const ts_ethernet *ethernet_start(void (*arrived)(void));

#endif
