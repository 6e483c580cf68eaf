#include "agent/msg.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

/* clang-format off */
static const size_t sizes[MSG_TYPE_COUNT] = {
	[MSG_HELLO] = sizeof(struct msg_hello), [MSG_FORK] = sizeof(struct msg_fork),
	[MSG_FORKED] = sizeof(struct msg_forked), [MSG_CONFIG] = sizeof(struct msg_config),
	[MSG_ENGINE] = sizeof(struct msg_peer), [MSG_PEER] = sizeof(struct msg_peer),
	[MSG_PEER_DIED] = sizeof(struct msg_peer_died), [MSG_CHECKPOINT] = sizeof(struct msg_checkpoint),
	[MSG_LISTEN] = sizeof(struct msg_peer), [MSG_NOTICE] = sizeof(struct notice), [MSG_RELOADED] = sizeof(struct msg_reloaded),
	[MSG_ALIVE] = sizeof(struct msg_alive), [MSG_WANT_PROBER] = sizeof(struct msg_peer),
	[MSG_ABANDON] = sizeof(struct msg_peer), [MSG_JOB] = sizeof(struct job),
	[MSG_READING] = sizeof(struct reading), [MSG_JOB_END] = sizeof(struct job_end),
	[MSG_DEVICE] = sizeof(struct device_event), [MSG_RECORD] = sizeof(struct record),
	[MSG_SNAPSHOT] = sizeof(struct msg_snapshot), [MSG_BEAT] = sizeof(struct msg_beat),
	[MSG_DELIVERY] = sizeof(struct delivery), [MSG_JOURNAL] = sizeof(struct journal_report),
	[MSG_STEP_RESULT] = sizeof(struct step_result), [MSG_VERB] = sizeof(struct verb_order),
	[MSG_ABORT_VERB] = sizeof(struct verb_order), [MSG_COMMAND] = sizeof(struct command),
	[MSG_REPLY] = sizeof(struct reply),
};
/* clang-format on */

struct wire_head {
	uint32_t type, size;
};

size_t msg_size(enum msg_type t)
{
	return t < MSG_TYPE_COUNT ? sizes[t] : 0;
}

int msg_send(int fd, enum msg_type type, const void *body, const int *fds, unsigned nfds)
{
	struct wire_head head = {.type = type, .size = (uint32_t)msg_size(type)};
	struct iovec iov[2] = {{&head, sizeof(head)}, {(void *)(uintptr_t)body, msg_size(type)}};
	union {
		char bytes[CMSG_SPACE(sizeof(int) * MSG_FDS)];
		struct cmsghdr align;
	} control = {};
	struct msghdr h = {.msg_iov = iov, .msg_iovlen = 2};

	if (nfds > MSG_FDS || !msg_size(type))
		return -EINVAL;
	if (nfds) {
		struct cmsghdr *c;

		h.msg_control = control.bytes;
		h.msg_controllen = CMSG_SPACE(sizeof(int) * nfds);
		c = CMSG_FIRSTHDR(&h);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int) * nfds);
		memcpy(CMSG_DATA(c), fds, sizeof(int) * nfds);
	}
	if (sendmsg(fd, &h, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return errno == ENOBUFS || errno == ETOOMANYREFS ? -EAGAIN : -errno;
	return 0;
}

/* Of one type a link may carry several at once. */
static unsigned most_of(uint32_t type)
{
	return type == MSG_RECORD ? MSG_MANY : 1;
}

int msg_send_many(int fd, enum msg_type type, const void *const *bodies, unsigned n)
{
	struct wire_head head = {.type = type, .size = (uint32_t)msg_size(type) * n};
	struct iovec iov[1 + MSG_MANY] = {{&head, sizeof(head)}};
	struct msghdr h = {.msg_iov = iov, .msg_iovlen = 1 + n};

	if (!n || n > most_of(type) || !head.size)
		return -EINVAL;
	for (unsigned i = 0; i < n; i++)
		iov[1 + i] = (struct iovec){(void *)(uintptr_t)bodies[i], msg_size(type)};
	if (sendmsg(fd, &h, MSG_DONTWAIT | MSG_NOSIGNAL) < 0)
		return errno == ENOBUFS ? -EAGAIN : -errno;
	return 0;
}

static void take_fds(struct msg *m, struct msghdr *h)
{
	for (struct cmsghdr *c = CMSG_FIRSTHDR(h); c; c = CMSG_NXTHDR(h, c)) {
		size_t n;

		if (c->cmsg_level != SOL_SOCKET || c->cmsg_type != SCM_RIGHTS)
			continue;
		n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);
		for (size_t i = 0; i < n; i++) {
			int fd;

			memcpy(&fd, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
			if (m->nfds < MSG_FDS)
				m->fds[m->nfds++] = fd;
			else
				close(fd);
		}
	}
}

/* 0: not a whole number of what the type says, or more than fit. */
static uint16_t count_of(const struct wire_head *head)
{
	size_t size = msg_size(head->type);

	return size && head->size % size == 0 && head->size / size <= most_of(head->type) ? (uint16_t)(head->size / size) : 0;
}

int msg_recv(int fd, struct msg *m)
{
	struct wire_head head;
	struct iovec iov[2] = {{&head, sizeof(head)}, {&m->u, sizeof(m->u)}};
	union {
		char bytes[CMSG_SPACE(sizeof(int) * MSG_FDS)];
		struct cmsghdr align;
	} control;
	struct msghdr h = {.msg_iov = iov, .msg_iovlen = 2, .msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes)};
	ssize_t n;

	m->type = MSG_NONE;
	m->nfds = m->count = 0;
	for (unsigned i = 0; i < MSG_FDS; i++)
		m->fds[i] = -1;
	n = recvmsg(fd, &h, MSG_DONTWAIT | MSG_CMSG_CLOEXEC);
	if (n < 0)
		return errno == ECONNRESET ? 0 : -errno;
	take_fds(m, &h);
	if (n == 0) {
		msg_close_fds(m);
		return 0;
	}
	if (!(h.msg_flags & (MSG_TRUNC | MSG_CTRUNC)) && (size_t)n >= sizeof(head) &&
		(size_t)n == sizeof(head) + head.size)
		m->count = count_of(&head);
	if (!m->count) {
		msg_close_fds(m);
		return -EPROTO;
	}
	m->type = (uint16_t)head.type;
	return 1;
}

void msg_close_fds(struct msg *m)
{
	for (unsigned i = 0; i < MSG_FDS; i++) {
		if (m->fds[i] >= 0)
			close(m->fds[i]);
		m->fds[i] = -1;
	}
	m->nfds = 0;
}

#define ALL_SEALS (F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE)

int memfd_sealed(const char *name, const void *data, size_t size)
{
	cleanup_(closep) int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
	size_t done = 0;

	if (fd < 0)
		return -errno;
	while (done < size) {
		ssize_t n = write(fd, (const char *)data + done, size - done);

		if (n < 0)
			return -errno;
		done += (size_t)n;
	}
	if (fcntl(fd, F_ADD_SEALS, ALL_SEALS) < 0)
		return -errno;
	return take_fd(&fd);
}

int memfd_map(int fd, size_t size, const void **ret)
{
	struct stat st;
	void *p;

	if (fcntl(fd, F_GET_SEALS) != ALL_SEALS || fstat(fd, &st) < 0 || (size_t)st.st_size != size || !size)
		return -EPROTO;
	p = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, 0);
	if (p == MAP_FAILED)
		return -errno;
	*ret = p;
	return 0;
}
