#include "agent/outbox.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

struct parcel {
	struct parcel *next;
	enum msg_type type;
	unsigned nfds;
	int fds[MSG_FDS];
	unsigned char body[];
};

static size_t weight(enum msg_type type)
{
	return sizeof(struct parcel) + msg_size(type);
}

static void drop_first(struct outbox *o)
{
	struct parcel *p = o->first;

	o->first = p->next;
	o->bytes -= weight(p->type);
	for (unsigned i = 0; i < p->nfds; i++)
		closep(&p->fds[i]);
	free(p);
}

int outbox_put(
	struct outbox *o, enum msg_type type, const void *body, const int *fds, unsigned nfds)
{
	struct parcel *p;

	if (nfds > MSG_FDS || !msg_size(type))
		return -EINVAL;
	if (o->bytes + weight(type) > OUTBOX_BYTES) {
		o->dropped++;
		return -ENOBUFS;
	}
	p = malloc(weight(type));
	if (!p)
		return -ENOMEM;
	*p = (struct parcel){.type = type, .nfds = nfds};
	memcpy(p->body, body, msg_size(type));
	for (unsigned i = 0; i < nfds; i++)
		p->fds[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, 3);
	if (!o->first)
		o->last = &o->first;
	*o->last = p;
	o->last = &p->next;
	o->bytes += weight(type);
	return 0;
}

int outbox_flush(struct outbox *o, int fd)
{
	int r = 0;

	while (o->first) {
		r = msg_send(fd, o->first->type, o->first->body, o->first->fds, o->first->nfds);
		if (r == -EAGAIN)
			return r;
		drop_first(o);
		if (r < 0) {
			o->dropped++;
			return r;
		}
	}
	return 0;
}

void outbox_clear(struct outbox *o)
{
	while (o->first) {
		drop_first(o);
		o->dropped++;
	}
}
