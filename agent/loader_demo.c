/* The demo: a built-in incident as a configuration that a person can follow, and its sample plan's scripts. */
#include "agent/loader_parts.h"
#include "agent/scenario.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#define DEMO_SCENARIO "kolab-2023"
enum { LEAST_MS = 1000 };

static uint32_t faster(uint32_t ms, uint32_t speed)
{
	return ms ? MAX_OF(ms / speed, (uint32_t)LEAST_MS) : 0;
}

/* Everything that a person would wait for goes faster; what really runs keeps its own time, and the runner
 * shortens what is simulated. */
static void speed_up(struct config *c, uint32_t speed)
{
	c->demo_speed = speed;
	for (unsigned i = 0; i < c->narrays; i++) {
		c->arrays[i].clear_canister_ms = faster(c->arrays[i].clear_canister_ms, speed);
		c->arrays[i].clear_path_ms = faster(c->arrays[i].clear_path_ms, speed);
	}
	for (unsigned i = 0; i < c->nsources; i++)
		c->sources[i].interval_ms = faster(c->sources[i].interval_ms, speed);
	for (unsigned i = 0; i < c->nplans; i++) {
		c->plans[i].hold_ms = faster(c->plans[i].hold_ms, speed);
		c->plans[i].approve_timeout_ms = faster(c->plans[i].approve_timeout_ms, speed);
		c->plans[i].block_ms = faster(c->plans[i].block_ms, speed);
	}
}

static int write_file(const char *path, const char *text, size_t len, mode_t mode)
{
	cleanup_(closep) int fd =
		open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, mode);

	if (fd < 0)
		return errno == EEXIST ? 0 : -errno; /* a reload: it is there already */
	while (len) {
		ssize_t n = write(fd, text, len);

		if (n <= 0)
			return n ? -errno : -EIO;
		text += n;
		len -= (size_t)n;
	}
	return 0;
}

static int write_plans(const char *state, struct config_errors *errs)
{
	char path[PATH_MAX];
	int r;

	format_text(path, sizeof(path), "%s/plans", state);
	r = mkdir(path, 0755) < 0 && errno != EEXIST ? -errno : 0;
	for (const struct embedded *e = builtin_plans; r == 0 && e->name; e++) {
		if (!format_text(path, sizeof(path), "%s/plans/%s", state, e->name))
			r = -ENAMETOOLONG;
		else
			r = write_file(path, e->text, e->len, 0555);
	}
	if (r < 0)
		config_error(errs, "%s:1:1: error: cannot write the demo's scripts: %s", state,
			strerror(-r));
	return r;
}

static bool is_builtin(const char *name)
{
	for (const struct embedded *e = builtin_plans; e->name; e++)
		if (!strcmp(e->name, name))
			return true;
	return false;
}

/* A built-in script is really run; any other step of a scenario is only simulated. */
static void use_plans(struct config *c, const char *state, bool *full)
{
	for (unsigned i = 0; i < c->nsteps; i++) {
		struct cfg_step *s = &c->steps[i];
		char path[PATH_MAX];

		s->simulate = !is_builtin(cfg_str(c, s->run));
		if (!s->simulate &&
			format_text(path, sizeof(path), "%s/plans/%s", state, cfg_str(c, s->run)))
			s->run = cfg_put(c, path, full);
		else
			s->run = 0;
	}
}

/* A scenario's receivers do not exist: what they would get is kept in a file. */
static void use_sinks(struct config *c, const char *state, bool *full)
{
	char script[PATH_MAX], file[PATH_MAX];

	format_text(script, sizeof(script), "%s/plans/alert.sh", state);
	for (unsigned i = 0; i < c->nsinks; i++) {
		struct cfg_sink *s = &c->sinks[i];

		if (s->url || s->ncommand)
			continue;
		format_text(file, sizeof(file), "%s/alerts-%s.jsonl", state, cfg_str(c, s->name));
		s->type = SINK_COMMAND;
		s->command = cfg_list_add(c, 0, &s->ncommand, script, full);
		s->command = cfg_list_add(c, s->command, &s->ncommand, file, full);
	}
}

static void name_scenario(struct config *c, const char *name, bool *full)
{
	char real[PATH_MAX];
	cfg_text text = 0;

	for (const struct embedded *e = builtin_scenarios; e->name; e++)
		if (!strcmp(e->name, name))
			text = cfg_put(c, name, full);
	if (!text && realpath(name, real))
		text = cfg_put(c, real, full);
	for (unsigned i = 0; i < c->nsources; i++) {
		c->sources[i].type = SOURCE_SCENARIO; /* also witnesses: nothing is really asked */
		c->sources[i].scenario = text;
	}
}

static int state_directory(
	const struct loader_request *rq, char *state, size_t size, struct config_errors *errs)
{
	const char *tmp = getenv("TMPDIR");

	if (rq->state) {
		copy_text(state, size, rq->state);
		if (mkdir(state, 0755) == 0 || errno == EEXIST)
			return 0;
	} else {
		format_text(
			state, size, "%s/ballast-demo-XXXXXX", tmp && *tmp == '/' ? tmp : "/tmp");
		if (mkdtemp(state) && chmod(state, 0755) == 0)
			return 0;
	}
	config_error(
		errs, "%s:1:1: error: cannot make the demo's folder: %s", state, strerror(errno));
	return -EINVAL;
}

int demo_load(const struct loader_request *rq, struct config *c, struct config_errors *errs)
{
	const char *name = *rq->demo ? rq->demo : DEMO_SCENARIO;
	cleanup_(freep) struct scenario *s = calloc(1, sizeof(*s));
	char state[PATH_MAX - 64], control[PATH_MAX], host[64] = "demo";
	bool full = false;

	if (!s || scenario_load(name, s, errs) < 0)
		return -EINVAL;
	if (state_directory(rq, state, sizeof(state), errs) < 0 || write_plans(state, errs) < 0)
		return -EINVAL;
	*c = s->config;
	speed_up(c, s->demo_speed ? s->demo_speed : 1);
	name_scenario(c, name, &full);
	use_plans(c, state, &full);
	use_sinks(c, state, &full);
	if (gethostname(host, sizeof(host) - 1) < 0)
		copy_text(host, sizeof(host), "demo");
	c->host = cfg_put(c, host, &full);
	c->state_directory = cfg_put(c, state, &full);
	format_text(control, sizeof(control), "%s/control.sock", state);
	c->control_path = cfg_put(c, control, &full);
	c->listen[c->nlisten++] = cfg_put(c, "127.0.0.1:9877", &full);
	if (full)
		config_error(errs, "%s:1:1: error: the texts together are too long", name);
	return full ? -EINVAL : 0;
}
