/* What did not fit into a full link: kept in order, bounded, sent when there is room. It never blocks. */
#pragma once
#include "agent/msg.h"

enum { OUTBOX_BYTES = 8 * 1024 * 1024 };

struct parcel;

struct outbox {
	struct parcel *first, **last;
	size_t bytes; /* 0: empty */
	uint32_t dropped;
};

/**
 * outbox_put() - keep one message; descriptors are duplicated
 *
 * Return: 0; -ENOBUFS (counted) beyond OUTBOX_BYTES; -ENOMEM.
 */
must_check int outbox_put(
	struct outbox *o, enum msg_type type, const void *body, const int *fds, unsigned nfds);
/** outbox_flush() - send what fits; 0 all gone, -EAGAIN more is waiting, others: what was next is dropped */
int outbox_flush(struct outbox *o, int fd);
/** outbox_clear() - the receiver is gone: drop everything, counted */
void outbox_clear(struct outbox *o);
