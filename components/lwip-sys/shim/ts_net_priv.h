/* What the files of the shim share: see ts_net.h. */
#ifndef TS_NET_PRIV_H
#define TS_NET_PRIV_H

#include "lwip/err.h"

#include "ts_net.h"

/* Set by ts_net_start, for ever. */
extern const ts_net_hooks *ts_net_hook;

/* lwIP's error as a negative error number, 0 for none. */
int32_t ts_net_errno(err_t error);

#endif
