/*
 * The courier's helper: a process forked before the sandbox that resolves names and runs `command` sinks,
 * each request in a child of its own with a deadline, so that a resolver or a program that hangs holds up
 * nobody. It carries the courier's user, no capability and no list of system calls (a program would
 * inherit it), and dies with the courier.
 */
#pragma once
#include <stdint.h>
#include <systemd/sd-event.h>

#include "probes/util.h"

enum { HELPER_ADDRESSES = 4, HELPER_ARGUMENTS = 2048 };

enum helper_kind { HELPER_RESOLVE, HELPER_RUN };

struct helper_request {
	uint32_t kind, sink;    /* enum helper_kind */
	uint32_t timeout_ms, argc;
	uint64_t number;        /* comes back with the answer */
	char host[256];         /* HELPER_RESOLVE */
	char argv[HELPER_ARGUMENTS]; /* HELPER_RUN: NUL-separated; stdin is the descriptor passed along */
};

struct helper_answer {
	uint32_t kind, sink;
	uint64_t number;
	int32_t error;          /* 0; RESOLVE: EAI_*; RUN: exit code, 128 + signal, -ETIME, or -errno when it could not start */
	uint32_t count;
	char address[HELPER_ADDRESSES][48];
	char text[128];         /* why, for people; no secret in it */
};

struct courier;
struct helper {
	int fd;
	sd_event_source *io;
	uint64_t number;
};

/** helper_start() - fork it; before any thread and before the sandbox */
must_check int helper_start(struct helper *h);
/** helper_watch() - answers go to courier_answer(); when it ends the loop ends */
must_check int helper_watch(struct helper *h, sd_event *event, struct courier *c);
/** helper_ask() - @stdin_fd -1 none, stays the caller's; -EAGAIN when it is busy. Sets rq->number */
must_check int helper_ask(struct helper *h, struct helper_request *rq, int stdin_fd);

/* courier_work.c: in the helper's children */
void work_resolve(const struct helper_request *rq, struct helper_answer *a);
void work_run(const struct helper_request *rq, int stdin_fd, struct helper_answer *a);
