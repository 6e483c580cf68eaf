/* Syslog over TCP: a few senders at a time, each with one unfinished message. */
#include "agent/listener.h"

#include <errno.h>
#include <sys/socket.h>
#include <unistd.h>

static void hang_up(struct connection *c)
{
	c->io = sd_event_source_disable_unref(c->io);
	closep(&c->fd);
	c->fd = -1;
	c->source = -1;
	c->len = 0;
}

void listener_hang_up(struct listener *l)
{
	for (unsigned i = 0; i < LISTENER_CONNECTIONS; i++)
		if (l->connections[i].source >= 0)
			hang_up(&l->connections[i]);
}

/* -1: what it sends is no syslog. */
static int take_frames(struct connection *c)
{
	size_t start, len;
	long n;

	while ((n = syslog_frame(c->bytes, c->len, &start, &len)) > 0) {
		if (len)
			(void)listener_syslog(c->listener, c->source, c->bytes + start, len);
		c->len -= (size_t)n;
		memmove(c->bytes, c->bytes + n, c->len);
	}
	return n < 0 || c->len == sizeof(c->bytes) ? -1 : 0;
}

static int on_bytes(sd_event_source *io, int fd, uint32_t revents, void *userdata)
{
	struct connection *c = userdata;
	ssize_t n = recv(fd, c->bytes + c->len, sizeof(c->bytes) - c->len, MSG_DONTWAIT);

	(void)io;
	(void)revents;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n > 0) {
		c->len += (size_t)n;
		c->heard_ms = boot_ms();
	} else if (c->len) {
		(void)listener_syslog(c->listener, c->source, c->bytes, c->len); /* the last one had no end */
	}
	if (n <= 0 || take_frames(c) < 0)
		hang_up(c);
	return 0;
}

/* A free place, or that of the one who has been silent for longest. */
static struct connection *place(struct listener *l)
{
	struct connection *oldest = &l->connections[0];

	for (unsigned i = 0; i < LISTENER_CONNECTIONS; i++) {
		struct connection *c = &l->connections[i];

		if (c->source < 0)
			return c;
		if (c->heard_ms < oldest->heard_ms)
			oldest = c;
	}
	hang_up(oldest);
	return oldest;
}

void listener_accept(struct listener *l, int fd)
{
	struct sockaddr_storage from = {};
	socklen_t len = sizeof(from);
	int sender = accept4(fd, (struct sockaddr *)&from, &len, SOCK_CLOEXEC | SOCK_NONBLOCK);
	int source = sender < 0 ? -1 : listener_source(l, &from, LISTEN_SYSLOG_TCP);
	struct connection *c;

	if (source < 0) {
		closep(&sender);
		return;
	}
	c = place(l);
	c->fd = sender;
	c->source = source;
	c->heard_ms = boot_ms();
	c->len = 0;
	if (sd_event_add_io(l->s->event, &c->io, sender, EPOLLIN, on_bytes, c) < 0)
		hang_up(c);
}
