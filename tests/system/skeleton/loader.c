/* A loader without files, and a runner without plans. "bad" as the configuration's name is refused. */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "agent/loader.h"
#include "agent/roles.h"
#include "follower.h"

/* The runner leaves a process behind in a session of its own, as a careless script does. */
static int runner_start(struct role_start *s, void **ret_state)
{
	*ret_state = s;
	if (getenv("SKELETON_LEFTOVER") && !fork()) {
		(void)setsid();
		for (int i = 0; i < 2 && !fork(); i++)
			(void)setsid();
		for (;;)
			(void)pause();
	}
	return 0;
}

static int runner_message(void *state, struct msg *m)
{
	return follower_ops.engine_message(state, m);
}

const struct role_ops runner_role_ops = {.start = runner_start, .engine_message = runner_message};

static int refuse(int reply, const char *why)
{
	struct msg_reloaded r = {.errors = 1};

	copy_text(r.first_error, sizeof(r.first_error), why);
	msg_offer(reply, MSG_RELOADED, &r);
	return 1;
}

int loader_run(const struct loader_request *rq, int reply)
{
	static struct config c;
	static struct secrets secrets;
	struct msg_config m = {.config_size = sizeof(c), .secrets_size = sizeof(secrets)};
	struct msg_reloaded done = {.ok = 1};
	bool full = false;
	int fds[2];

	if (rq->file && access(rq->file, F_OK) < 0)
		return refuse(reply, "no such file");
	c.size = sizeof(c);
	c.pool_used = 1;
	c.generation = rq->generation;
	c.nlisten = 1;
	c.listen[0] = cfg_put(&c, rq->listen ? rq->listen : "127.0.0.1:0", &full);
	c.control_path = cfg_put(&c, rq->control, &full);
	c.state_directory = cfg_put(&c, rq->state, &full);
	c.narrays = 1;
	c.nsources = 2;
	c.sources[0].type = SOURCE_DRIVES;
	c.sources[1].type = SOURCE_SCENARIO;
	fds[0] = memfd_sealed("config", &c, sizeof(c));
	fds[1] = memfd_sealed("secrets", &secrets, sizeof(secrets));
	if (fds[0] < 0 || fds[1] < 0 || full || msg_send(reply, MSG_CONFIG, &m, fds, 2) < 0)
		return refuse(reply, "no memory");
	return msg_send(reply, MSG_RELOADED, &done, NULL, 0) < 0;
}

int config_check(const char *file, FILE *err)
{
	return fprintf(err, "%s: not looked at\n", file) < 0;
}
