/* The runner's role: orders from the engine in, results out. */
#include "agent/runner.h"

#include <errno.h>

#include "agent/roles.h"
#include "agent/spawn.h"

struct runner_role {
	struct role_start *start;
	struct runner *runner;
};

static void on_done(void *arg, const struct step_result *result)
{
	struct runner_role *role = arg;

	(void)role_send(role->start, MSG_STEP_RESULT, result, NULL, 0);
}

static int runner_start(struct role_start *s, void **ret_state)
{
	struct runner_role *role = calloc(1, sizeof(*role));
	int r;

	if (!role)
		return -ENOMEM;
	role->start = s;
	spawn_warm_up();
	r = runner_new(s->event, on_done, role, &role->runner);
	if (r < 0) {
		free(role);
		return r;
	}
	*ret_state = role;
	return 0;
}

/* An order that cannot be carried out is answered like one whose script could not be started. */
static void give(struct runner_role *role, const struct verb_order *order)
{
	struct step_result refused = {.job = order->job, .exit_kind = EXIT_NO_SPAWN};
	int r = runner_give(role->runner, role->start->config, order);

	if (r >= 0)
		return;
	refused.exit_value = -r;
	log_line(3, "refusing verb=%s run=r%u error=%d", verb_text((enum verb)order->verb),
		order->run, -r);
	on_done(role, &refused);
}

static int runner_message(void *state, struct msg *m)
{
	struct runner_role *role = state;

	if (m->type == MSG_VERB)
		give(role, &m->u.verb);
	else if (m->type == MSG_ABORT_VERB)
		runner_abort(role->runner, m->u.verb.job);
	return 0;
}

/* A verb that still runs goes on: the new engine has frozen its run and a person decides. */
static void runner_unchanged(void *state)
{
	(void)state;
}

const struct role_ops runner_role_ops = {
	.start = runner_start,
	.engine_message = runner_message,
	.engine_changed = runner_unchanged,
	.config_changed = runner_unchanged,
};
