#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/courier.h"
#include "agent/spawn.h"

enum { HELPER_FD = 3 };

static int recv_request(int fd, struct helper_request *rq, int *ret_fd)
{
	struct iovec iov = {rq, sizeof(*rq)};
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = {};
	struct msghdr h = {.msg_iov = &iov, .msg_iovlen = 1, .msg_control = control.bytes,
		.msg_controllen = sizeof(control.bytes)};
	struct cmsghdr *c;
	ssize_t n = recvmsg(fd, &h, MSG_CMSG_CLOEXEC);

	if (n < 0)
		return errno == EINTR ? -EAGAIN : -errno;
	*ret_fd = -1;
	c = CMSG_FIRSTHDR(&h);
	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
		memcpy(ret_fd, CMSG_DATA(c), sizeof(int));
	return n == (ssize_t)sizeof(*rq) ? 0 : -EPIPE;
}

/* One request, in a child of the helper: answers itself, so that nobody has to wait for it. */
static void work(int fd, const struct helper_request *rq, int stdin_fd)
{
	struct helper_answer a = {.kind = rq->kind, .sink = rq->sink, .number = rq->number};

	(void)signal(SIGCHLD, SIG_DFL);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (rq->kind == HELPER_RESOLVE) {
		(void)alarm(rq->timeout_ms / 1000 + 1);
		work_resolve(rq, &a);
	} else {
		work_run(rq, stdin_fd, &a);
	}
	(void)!send(fd, &a, sizeof(a), MSG_NOSIGNAL);
	_exit(0);
}

static void serve(int fd)
{
	struct helper_request rq;
	int stdin_fd = -1, r, pidfd;

	while ((r = recv_request(fd, &rq, &stdin_fd)) == 0 || r == -EAGAIN) {
		if (r < 0)
			continue;
		if (spawn_fork(0, &pidfd) == 0)
			work(fd, &rq, stdin_fd);
		closep(&pidfd);
		closep(&stdin_fd);
	}
	_exit(0);
}

int helper_start(struct helper *h)
{
	int fds[2], pidfd = -1;
	sigset_t none;
	pid_t pid;

	sigemptyset(&none);
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0)
		return -errno;
	pid = spawn_fork(0, &pidfd);
	if (pid == 0) {
		(void)prctl(PR_SET_NAME, "ballast-courier+");
		(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
		(void)signal(SIGCHLD, SIG_IGN); /* children end by themselves */
		(void)sigprocmask(SIG_SETMASK, &none, NULL);
		if (dup2(fds[1], HELPER_FD) < 0 || close_range(HELPER_FD + 1, ~0U, 0) < 0)
			_exit(1);
		serve(HELPER_FD);
	}
	close(fds[1]);
	closep(&pidfd);
	h->fd = fds[0];
	if (pid < 0)
		close(take_fd(&h->fd));
	return MIN_OF((int)pid, 0);
}

static int on_answer(sd_event_source *io, int fd, uint32_t revents, void *userdata)
{
	struct courier *c = userdata;
	struct helper_answer a;
	ssize_t n = recv(fd, &a, sizeof(a), MSG_DONTWAIT);

	(void)revents;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n != (ssize_t)sizeof(a)) {
		/* a courier without it cannot resolve or run; a fresh one can, and loses nothing */
		log_line(3, "the helper has ended, starting anew");
		return sd_event_exit(sd_event_source_get_event(io), 1);
	}
	a.text[sizeof(a.text) - 1] = 0;
	for (unsigned i = 0; i < HELPER_ADDRESSES; i++)
		a.address[i][sizeof(a.address[i]) - 1] = 0;
	courier_answer(c, &a);
	return 0;
}

int helper_watch(struct helper *h, sd_event *event, struct courier *c)
{
	int r = sd_event_add_io(event, &h->io, h->fd, EPOLLIN, on_answer, c);

	return MIN_OF(r, 0);
}

int helper_ask(struct helper *h, struct helper_request *rq, int stdin_fd)
{
	struct iovec iov = {rq, sizeof(*rq)};
	union {
		char bytes[CMSG_SPACE(sizeof(int))];
		struct cmsghdr align;
	} control = {};
	struct msghdr m = {.msg_iov = &iov, .msg_iovlen = 1};
	struct cmsghdr *c;

	rq->number = ++h->number;
	if (stdin_fd >= 0) {
		m.msg_control = control.bytes;
		m.msg_controllen = sizeof(control.bytes);
		c = CMSG_FIRSTHDR(&m);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &stdin_fd, sizeof(int));
	}
	return sendmsg(h->fd, &m, MSG_DONTWAIT | MSG_NOSIGNAL) < 0 ? -errno : 0;
}
