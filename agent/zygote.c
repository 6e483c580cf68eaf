#include <errno.h>
#include <malloc.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <unistd.h>

#include "agent/caps.h"
#include "agent/instance.h"
#include "agent/log.h"
#include "agent/sandbox.h"
#include "agent/spawn.h"

/*
 * The zygote uses no libsystemd: it remembers getpid() and clone3 tells it nothing. It waits on its
 * link and forks; everything that needs a disk happens before it says hello.
 */

enum { THREAD_STACK = 128 * 1024 };

struct zygote {
	const struct role_entry *roles;
	int link;
	pid_t supervisor;
};

static const struct role_ops *ops_of(const struct role_entry *roles, enum role r)
{
	for (; roles->ops; roles++)
		if (roles->role == r)
			return roles->ops;
	return NULL;
}

/* A locked thread stack costs what it could use, one arena costs what it does use. */
static void keep_small(void)
{
	pthread_attr_t attr;

	(void)mallopt(M_ARENA_MAX, 1);
	if (pthread_attr_init(&attr))
		return;
	if (!pthread_attr_setstacksize(&attr, THREAD_STACK))
		(void)pthread_setattr_default_np(&attr);
	(void)pthread_attr_destroy(&attr);
}

static int prepare_filters(const struct role_entry *roles)
{
	int r = 0;

	for (; roles->ops && r == 0; roles++)
		for (unsigned bus = 0; bus < BUS_COUNT && r == 0; bus++)
			r = sandbox_prepare(roles->role, (enum bus)bus);
	return r;
}

static void lock_pages(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_MEMLOCK, &limit) == 0 && limit.rlim_cur == RLIM_INFINITY)
		(void)mlockall(MCL_CURRENT | MCL_FUTURE);
}

static void answer(const struct zygote *z, pid_t pid, int pidfd)
{
	struct msg_forked forked = {.pid = pid > 0 ? pid : 0, .error = pid < 0 ? -pid : 0};

	if (msg_send(z->link, MSG_FORKED, &forked, &pidfd, pidfd >= 0 ? 1 : 0) < 0)
		_exit(1); /* the supervisor finds the child by itself and starts over */
}

static void fork_instance(const struct zygote *z, struct msg *m)
{
	struct instance_start start = {
		.who = m->u.fork, .parent = z->supervisor, .zygote_link = z->link};
	int pidfd = -1;
	pid_t pid = -EPROTO;

	start.ops = ops_of(z->roles, m->u.fork.role);
	if (start.ops && m->nfds == 1 && m->u.fork.bus < BUS_COUNT) {
		start.supervisor = m->fds[0];
		pid = spawn_fork(CLONE_PARENT, &pidfd);
	}
	if (!pid)
		instance_run(&start);
	answer(z, pid, pidfd);
	closep(&pidfd);
}

static int serve(const struct zygote *z)
{
	struct pollfd p = {.fd = z->link, .events = POLLIN};
	struct msg m;
	int r;

	for (;;) {
		r = msg_recv(z->link, &m);
		if (r == -EAGAIN && poll(&p, 1, -1) < 0 && errno != EINTR)
			return 1;
		if (r == -EAGAIN)
			continue;
		if (r <= 0)
			return r < 0;
		if (m.type == MSG_FORK)
			fork_instance(z, &m);
		msg_close_fds(&m);
	}
}

int role_main(int argc, char **argv, const struct role_entry *roles)
{
	struct zygote z = {.roles = roles, .link = ZYGOTE_FD, .supervisor = getppid()};
	struct msg_hello hello = {
		.build = build_id(), .role = (uint16_t)roles->role, .pid = (uint32_t)getpid()};
	char name[32];
	int r;

	if (argc != 2 || strcmp(argv[1], ZYGOTE_OPTION)) {
		fprintf(stderr, "%s: started by ballastd, not by hand\n", argv[0]);
		return 64;
	}
	format_text(name, sizeof(name), "zygote-%s", role_text(roles->role));
	(void)prctl(PR_SET_NAME, name);
	(void)signal(SIGPIPE, SIG_IGN);
	log_set_name(name);
	keep_small();
	caps_load_users();
	r = prepare_filters(roles);
	if (r < 0) {
		log_line(3, "cannot prepare the lists of system calls: %s", strerror(-r));
		return 1;
	}
	if (role_warm_up)
		role_warm_up();
	lock_pages();
	if (msg_send(z.link, MSG_HELLO, &hello, NULL, 0) < 0)
		return 1;
	return serve(&z);
}
