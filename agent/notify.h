/* Telling systemd: sd_notify without its wait when nobody reads. */
#pragma once
#include "probes/util.h"

/** notify_init() - take NOTIFY_SOCKET and the watchdog's variables out of the environment */
void notify_init(void);
/** notify_send() - one datagram, dropped when it cannot be sent at once */
void notify_send(const char *fmt, ...) printf_like(1, 2);
