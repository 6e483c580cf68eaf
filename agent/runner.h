/*
 * Carrying out verbs: one process at a time, with a deadline; what it left is ended with it.
 * It decides nothing and never waits: what cannot be killed is abandoned and said to be stuck.
 */
#pragma once
#include "agent/msg.h"

struct sd_event;
struct runner;

enum { RUNNER_OUTPUT = 64 * 1024, RUNNER_KEPT = 16 };

typedef void runner_done(void *arg, const struct step_result *result);

/**
 * runner_new() - becomes the reaper of what its scripts leave behind (PR_SET_CHILD_SUBREAPER)
 * @event: loop of the calling thread; must outlive the runner
 * @done:  called once per order, from the loop
 *
 * Return: 0, -ENOMEM, or what prctl(2) fails with.
 */
must_check int runner_new(
	struct sd_event *event, runner_done *done, void *arg, struct runner **ret);
void runner_free(struct runner *r);

/**
 * runner_give() - an order; carried out at once or when the one before has ended
 * @config: read now and not kept
 *
 * Return: 0; -EINVAL for a step or verb that the configuration does not list, -ENOBUFS when too
 * many wait: @done is not called then.
 */
must_check int runner_give(
	struct runner *r, const struct config *config, const struct verb_order *order);
/** runner_abort() - end it as if its deadline had passed; unknown numbers are ignored */
void runner_abort(struct runner *r, uint32_t job);
/** runner_output() - what a step's verbs wrote, the last 64 KB; NULL when nothing is kept */
const char *runner_output(const struct runner *r, uint32_t run, unsigned step, size_t *ret_len);

/* ---- runner_env.c ---- */
enum { RUNNER_ENV = 96, RUNNER_ENV_BYTES = 32 * 1024 };

/** runner_step() - the step an order is about; NULL when it or its verb is not listed */
const struct cfg_step *runner_step(const struct config *c, const struct verb_order *o);

/* argv and environment of one verb, self-contained so that an order can wait. */
struct runner_env {
	char *argv[5], *envp[RUNNER_ENV];
	char path[4096];
	size_t used;
	unsigned nenv;
	char bytes[RUNNER_ENV_BYTES];
};
/**
 * runner_env_fill() - exactly CONTRACT "Plan scripts": nothing inherited, the step's own after it
 * @left_ms: until the deadline
 *
 * Return: 0; -E2BIG when it does not fit.
 */
must_check int runner_env_fill(struct runner_env *v, const struct config *config,
	const struct verb_order *order, uint64_t left_ms);

enum { RUNNER_STATUS_FD = 3 };
/**
 * runner_check_script() - may this still be run? In the child, which it may leave hanging
 * @path: of the script; why not goes to RUNNER_STATUS_FD in words
 *
 * Return: 0; -STEP_REFUSED when others could have changed it; what access(2) fails with.
 */
int runner_check_script(const char *path);

/* ---- runner_sweep.c ---- */
/**
 * sweep_children() - kill and reap every child of this process but those to be left alone
 * @skip: pids of the verb itself and of what was abandoned
 * @ret_killed: grows by those that a kill ended
 *
 * Return: how many there were. Who is reaped hands its own children over, so only 0 is the end.
 */
unsigned sweep_children(const pid_t *skip, unsigned nskip, uint32_t *ret_killed);

/* ---- runner_text.c: what a verb writes ---- */
enum { RUNNER_STATUS = 4096 };

struct runner_kept {
	uint32_t run;
	unsigned step;
	size_t len;
	char *text;
};
struct runner_text {
	size_t total, status_len; /* total: of this verb, also what is gone from the ring */
	char ring[RUNNER_OUTPUT];
	char status[RUNNER_STATUS];
	struct runner_kept kept[RUNNER_KEPT];
	unsigned nkept;
};
void text_reset(struct runner_text *t);
/** text_read_*() - one read of a pipe that does not block; false when there was nothing */
bool text_read_output(struct runner_text *t, int fd);
bool text_read_status(struct runner_text *t, int fd);
/** text_result() - length and last lines into a result, printable */
void text_result(const struct runner_text *t, struct step_result *result);
/** text_keep() - add this verb's output to its step's, whose last 64 KB stay */
void text_keep(struct runner_text *t, uint32_t run, unsigned step);
const char *text_kept(const struct runner_text *t, uint32_t run, unsigned step, size_t *ret_len);
void text_free(struct runner_text *t);
