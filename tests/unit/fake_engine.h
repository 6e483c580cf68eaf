/* An engine that only talks: hello, snapshot, answers from a list. In a child, so that a client's waits are real. */
#pragma once
#include <signal.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/msg.h"

struct fake {
	const struct model *model;
	uint64_t build; /* what it says in its hello; 0: ours */
	int32_t code;   /* answer to commands */
	const char *text;
	bool tail;                    /* send the records after the snapshot, then close */
	const struct record *records; /* sent after the answer, numbered on */
	unsigned nrecords;
	/* set by fake_start() */
	pid_t pid;
	char dir[64], path[96];
	int seen[2]; /* commands come out here */
};

static inline void fake_wait_input(int fd, struct msg *m)
{
	int flags = 0;
	char peek;

	/* msg_recv() never blocks: wait here */
	if (recv(fd, &peek, 1, MSG_PEEK | flags) <= 0 || msg_recv(fd, m) != 1)
		_exit(0);
}

static inline void fake_snapshot(const struct fake *f, int fd)
{
	struct msg_snapshot s = {.sequence = f->model->sequence};
	void *block = NULL;
	size_t size = 0;
	int memfd;

	if (model_pack(f->model, build_id(), &block, &size) < 0)
		_exit(1);
	memfd = memfd_sealed("fake-snapshot", block, size);
	s.size = size;
	if (memfd < 0 || msg_send(fd, MSG_SNAPSHOT, &s, &memfd, 1) < 0)
		_exit(1);
	close(memfd);
	free(block);
	for (unsigned i = 0; f->tail && i < f->nrecords; i++)
		if (msg_send(fd, MSG_RECORD, &f->records[i], NULL, 0) < 0)
			_exit(1);
	if (f->tail)
		_exit(0);
}

static inline void fake_answer(const struct fake *f, int fd, const struct command *c)
{
	struct reply reply = {.code = f->code, .sequence = f->model->sequence};

	if (write(f->seen[1], c, sizeof(*c)) != sizeof(*c))
		_exit(1);
	copy_text(reply.text, sizeof(reply.text), f->text);
	if (msg_send(fd, MSG_REPLY, &reply, NULL, 0) < 0)
		_exit(1);
	for (unsigned i = 0; i < f->nrecords; i++)
		if (msg_send(fd, MSG_RECORD, &f->records[i], NULL, 0) < 0)
			_exit(1);
}

static inline void fake_serve(const struct fake *f, int fd)
{
	struct msg_hello hello = {.build = f->build ? f->build : build_id(), .role = ROLE_ENGINE};
	struct msg m;

	if (msg_send(fd, MSG_HELLO, &hello, NULL, 0) < 0)
		_exit(1);
	for (;;) {
		fake_wait_input(fd, &m);
		if (m.type != MSG_COMMAND)
			continue;
		if (m.u.command.type == CMD_FOLLOW)
			fake_snapshot(f, fd);
		else
			fake_answer(f, fd, &m.u.command);
	}
}

/* One connection, then the child ends. */
static inline void fake_start(struct fake *f)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	copy_text(f->dir, sizeof(f->dir), "/tmp/ballast-ctl-XXXXXX");
	if (!mkdtemp(f->dir) || pipe(f->seen) < 0)
		abort();
	format_text(f->path, sizeof(f->path), "%s/s", f->dir);
	copy_text(a.sun_path, sizeof(a.sun_path), f->path);
	if (bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 || listen(fd, 1) < 0)
		abort();
	f->pid = fork();
	if (f->pid == 0)
		fake_serve(f, accept(fd, NULL, NULL));
	close(fd);
	close(f->seen[1]);
}

/* Ends the child; *@ret_command the command it was given, if any. */
static inline bool fake_stop(struct fake *f, struct command *ret_command)
{
	bool any;

	kill(f->pid, SIGKILL);
	waitpid(f->pid, NULL, 0);
	any = read(f->seen[0], ret_command, sizeof(*ret_command)) == sizeof(*ret_command);
	close(f->seen[0]);
	unlink(f->path);
	rmdir(f->dir);
	return any;
}
