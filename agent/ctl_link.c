#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "agent/ctl.h"

enum { ANSWER_MS = 5000 };

static const char *control_path(const struct ctl *c)
{
	const char *env = getenv("BALLAST_CONTROL");

	if (c->option[OPT_CONTROL])
		return c->option[OPT_CONTROL];
	return env && env[0] ? env : CONTROL_DEFAULT;
}

static int cannot_connect(struct ctl *c, int error)
{
	const char *path = control_path(c);

	switch (error) {
	case ENOENT:
	case ECONNREFUSED:
		return ctl_error(c, CTL_UNKNOWN,
			"nothing answers at %s: is ballastd running? Start it, or name its "
			"socket with --control or BALLAST_CONTROL",
			path);
	case EACCES:
	case EPERM:
		return ctl_error(c, CTL_UNKNOWN,
			"not allowed to use %s: call it as root or as a member of the "
			"control_group of the configuration",
			path);
	case ENAMETOOLONG:
		return ctl_error(
			c, CTL_UNKNOWN, "the path of a socket has at most 107 bytes: %s", path);
	default:
		return ctl_error(c, CTL_UNKNOWN, "%s: %s", path, strerror(error));
	}
}

static int gone(struct ctl *c)
{
	return ctl_error(c, CTL_UNKNOWN,
		"the engine closed the connection: it is being replaced or has too many clients, try again");
}

/* The next message within @timeout_ms: 1, 0 none, or an exit status negated. */
static int receive(struct ctl *c, struct msg *m, int timeout_ms)
{
	struct pollfd p = {.fd = c->fd, .events = POLLIN};
	int r = msg_recv(c->fd, m);

	if (r == -EAGAIN) {
		r = poll(&p, 1, timeout_ms);
		if (r == 0 || (r < 0 && errno == EINTR))
			return 0;
		r = msg_recv(c->fd, m);
		if (r == -EAGAIN)
			return 0;
	}
	if (r == 1)
		return 1;
	if (r == -EPROTO)
		return -ctl_error(c, CTL_UNKNOWN,
			"%s speaks something else than this build of ballastctl: use the one "
			"that belongs to the running ballastd",
			control_path(c));
	return -gone(c);
}

static int expect(struct ctl *c, struct msg *m, enum msg_type type)
{
	int64_t left = ANSWER_MS;

	while (left > 0) {
		uint64_t start = boot_ms();
		int r = receive(c, m, (int)left);

		left -= (int64_t)(boot_ms() - start);
		if (r < 0)
			return -r;
		if (r && m->type == type)
			return 0;
		if (r)
			msg_close_fds(m);
	}
	return ctl_error(c, CTL_UNKNOWN,
		"the engine has not answered for %d s: look at the log of ballastd",
		ANSWER_MS / 1000);
}

static int say_hello(struct ctl *c)
{
	struct msg_hello hello = {
		.build = build_id(), .role = ROLE_COUNT, .pid = (uint32_t)getpid()};
	struct msg m;
	int r = msg_send(c->fd, MSG_HELLO, &hello, NULL, 0);

	if (r < 0)
		return gone(c);
	r = expect(c, &m, MSG_HELLO);
	if (r)
		return r;
	if (m.u.hello.build != build_id())
		return ctl_error(c, CTL_UNKNOWN,
			"ballastd is of another build (%016llx, this is %016llx): restart it, or "
			"use the ballastctl it came with",
			(unsigned long long)m.u.hello.build, (unsigned long long)build_id());
	return 0;
}

int ctl_connect(struct ctl *c)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};

	if (c->fd >= 0)
		return 0;
	if (!copy_text(a.sun_path, sizeof(a.sun_path), control_path(c)))
		return cannot_connect(c, ENAMETOOLONG);
	c->fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	if (c->fd < 0)
		return cannot_connect(c, errno);
	if (connect(c->fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		return cannot_connect(c, errno);
	return say_hello(c);
}

static int take_snapshot(struct ctl *c, struct msg *m)
{
	const void *block = NULL;
	int r = -EPROTO;

	if (m->nfds == 1)
		r = memfd_map(m->fds[0], m->u.snapshot.size, &block);
	if (r == 0) {
		r = model_unpack(&c->model, build_id(), block, m->u.snapshot.size);
		munmap((void *)(uintptr_t)block, m->u.snapshot.size);
	}
	msg_close_fds(m);
	return r < 0 ? ctl_error(c, CTL_UNKNOWN,
			       "the engine sent a snapshot that cannot be read: %s", strerror(-r))
		     : 0;
}

void ctl_command_init(struct command *cmd, enum command_type type)
{
	struct passwd pw, *who = NULL;
	char buf[1024];

	*cmd = (struct command){.type = (uint16_t)type};
	if (getpwuid_r(getuid(), &pw, buf, sizeof(buf), &who) == 0 && who)
		copy_text(cmd->by, sizeof(cmd->by), who->pw_name);
}

int ctl_follow(struct ctl *c)
{
	struct command cmd;
	struct msg m;
	int r = ctl_connect(c);

	if (r)
		return r;
	ctl_command_init(&cmd, CMD_FOLLOW);
	if (msg_send(c->fd, MSG_COMMAND, &cmd, NULL, 0) < 0)
		return gone(c);
	r = expect(c, &m, MSG_SNAPSHOT);
	return r ? r : take_snapshot(c, &m);
}

/* What the log says meanwhile. */
static int aside(struct ctl *c, struct msg *m)
{
	if (m->type == MSG_SNAPSHOT)
		return take_snapshot(c, m);
	msg_close_fds(m);
	if (m->type == MSG_RECORD && model_apply(&c->model, &m->u.record) < 0)
		return ctl_error(
			c, CTL_UNKNOWN, "a record of the log does not follow: call it again");
	return 0;
}

int ctl_next(struct ctl *c, int timeout_ms, struct record *ret)
{
	struct msg m;
	int r = receive(c, &m, timeout_ms);

	if (r <= 0)
		return r;
	c->beats++;
	r = aside(c, &m);
	if (r || m.type != MSG_RECORD)
		return -r;
	if (ret)
		*ret = m.u.record;
	return 1;
}

static int no_answer(struct ctl *c)
{
	return ctl_error(c, CTL_UNKNOWN,
		"no answer for %d s: whether it was done is unknown, look with ballastctl status",
		ANSWER_MS / 1000);
}

int ctl_send(struct ctl *c, struct command *cmd, struct reply *ret)
{
	struct msg m = {};
	uint64_t until;
	int r = ctl_connect(c);

	if (r)
		return r;
	if (msg_send(c->fd, MSG_COMMAND, cmd, NULL, 0) < 0)
		return gone(c);
	until = boot_ms() + ANSWER_MS;
	do {
		uint64_t now = boot_ms();

		r = now < until ? receive(c, &m, (int)(until - now)) : 0;
		if (r < 0)
			return -r;
		if (r == 0 && now >= until)
			return no_answer(c);
		r = r ? aside(c, &m) : 0;
		if (r)
			return r;
	} while (m.type != MSG_REPLY);
	*ret = m.u.reply;
	ret->text[sizeof(ret->text) - 1] = '\0';
	if (ret->code)
		return ctl_error(
			c, CTL_REFUSED, "%s", ret->text[0] ? ret->text : strerror(abs(ret->code)));
	return 0;
}
