/* What the tests of the runner share: a plan of one step, a script for it, an order carried out. */
#pragma once
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <stdio.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <systemd/sd-event.h>
#include <unistd.h>

#include "agent/runner.h"

enum { NEVER_MS = 60000 };

static sd_event *event;
static struct runner *runner;
static struct config *config;
static struct step_result got;
static unsigned ngot;
static char dir[] = "/tmp/ballast-runner-XXXXXX";

static inline void on_done(void *arg, const struct step_result *r)
{
	(void)arg;
	got = *r;
	ngot++;
	(void)sd_event_exit(event, 0);
}

static inline int setup(void **unused)
{
	bool full = false;
	struct config *c = config = calloc(1, sizeof(*config));

	(void)unused;
	c->narrays = c->nplans = c->nsteps = 1;
	c->host = cfg_put(c, "stor1", &full);
	c->arrays[0].name = cfg_put(c, "san1", &full);
	c->arrays[0].serial = cfg_put(c, "from-config", &full);
	c->plans[0] = (struct cfg_plan){.name = cfg_put(c, "move", &full),
		.target = cfg_put(c, "standby", &full),
		.nsteps = 1};
	c->steps[0].name = cfg_put(c, "dns", &full);
	c->steps[0].verbs = 1u << VERB_CHECK | 1u << VERB_PROMOTE;
	c->steps[0].env = cfg_list_add(c, 0, &c->steps[0].nenv, "ZONE=example.net", &full);
	(void)cfg_list_add(c, c->steps[0].env, &c->steps[0].nenv, "BALLAST_FENCED=yes", &full);
	return mkdtemp(dir) ? 0 : -1;
}

static inline int teardown(void **unused)
{
	char cmd[128];

	(void)unused;
	free(config);
	format_text(cmd, sizeof(cmd), "rm -r %s", dir);
	return system(cmd);
}

static inline const char *in_dir(const char *name)
{
	static char path[128];

	format_text(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static inline void write_script(const char *text)
{
	const char *path = in_dir("script");
	bool full = false;
	FILE *f = fopen(path, "we");

	assert_non_null(f);
	(void)fprintf(f, "%s\n# ballast-plan: 1\n", text);
	assert_int_equal(fchmod(fileno(f), 0755), 0);
	assert_int_equal(fclose(f), 0);
	config->steps[0].run = cfg_put(config, path, &full);
}

static inline struct verb_order order(uint32_t timeout_ms)
{
	struct verb_order o = {.job = ++got.job,
		.run = 7,
		.verb = VERB_PROMOTE,
		.mode = RUN_MODE_APPROVED,
		.fenced = 2,
		.verdict = VERDICT_ACCESS_LOST,
		.timeout_ms = timeout_ms,
		.attempt = 1,
		.previous_exit = -1,
		.epoch = 42};

	copy_text(o.reason, sizeof(o.reason), "san1 access_lost: canister A failed");
	copy_text(o.serial, sizeof(o.serial), "78N16G4");
	copy_text(o.plan_name, sizeof(o.plan_name), "move");
	copy_text(o.step_name, sizeof(o.step_name), "dns");
	return o;
}

/* Give it one order and wait for its answer. */
static inline void carry_out(uint32_t timeout_ms)
{
	struct verb_order o = order(timeout_ms);

	assert_true(sd_event_new(&event) >= 0);
	assert_int_equal(runner_new(event, on_done, NULL, &runner), 0);
	ngot = 0;
	assert_int_equal(runner_give(runner, config, &o), 0);
	if (!ngot)
		assert_true(sd_event_loop(event) >= 0);
	assert_int_equal(ngot, 1);
	assert_int_equal(got.job, o.job);
}

static inline void end(void)
{
	runner_free(runner);
	event = sd_event_unref(event);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* nobody is left */
	assert_int_equal(errno, ECHILD);
}
