/* ROLE_SCENARIO: plays a timeline live, on a loop, as readings of simulated sources. It judges nothing. */
#include <errno.h>
#include <stdio.h>
#include <systemd/sd-event.h>

#include "agent/role.h"
#include "agent/scenario.h"

enum { AFTER_LOOP_MS = 1 };

/* One scenario that some sources of the configuration play. */
struct player {
	struct role_start *start;
	struct scenario scenario;
	struct world world;
	cfg_text name;
	uint64_t started_ms;           /* boot clock of the timeline's second 0 */
	uint64_t poll_ms[CFG_SOURCES]; /* of the scenario's sources */
	int live[CFG_SOURCES];         /* scenario's source -> the configuration's; -1 none */
	sd_event_source *timer;
	unsigned source; /* being polled */
};

static uint32_t speed(const struct player *p)
{
	return MAX_OF(p->start->config->demo_speed, 1u);
}

static uint64_t timeline_ms(const struct player *p, uint64_t now)
{
	return (now - p->started_ms) * speed(p);
}

/* The scenario's k-th source of an array is the configuration's k-th of the array of that name. */
static int live_source(const struct player *p, unsigned source)
{
	const struct config *theirs = &p->scenario.config, *ours = p->start->config;
	const char *array = cfg_str(theirs, theirs->arrays[theirs->sources[source].array].name);
	int k = 0, found = -1;

	for (unsigned i = 0; i < source; i++)
		k += theirs->sources[i].array == theirs->sources[source].array;
	for (int i = 0; i < ours->nsources && k >= 0; i++) {
		const struct cfg_source *s = &ours->sources[i];

		if (s->type != SOURCE_SCENARIO ||
			!text_equal(cfg_str(ours, s->scenario), cfg_str(ours, p->name)))
			continue;
		if (theirs->narrays > 1 &&
			!text_equal(cfg_str(ours, ours->arrays[s->array].name), array))
			continue;
		found = i;
		k--;
	}
	return found;
}

static void on_reading(void *ctx, const struct reading *reading)
{
	struct player *p = ctx;
	const struct cfg_source *live = &p->start->config->sources[p->live[p->source]];
	struct reading r = *reading;

	r.source = (uint16_t)p->live[p->source];
	r.array = live->array;
	(void)role_send(p->start, MSG_READING, &r, NULL, 0);
}

/* One look: everything that this source stands for, and one end, since what is not listed is absent. */
static void poll_source(struct player *p, int live, uint64_t now)
{
	struct job_end end = {.source = (uint16_t)live, .complete = 1, .took_ms = 20};

	end.outcome = OUTCOME_TIMEOUT;
	p->poll_ms[live] = now + MAX_OF(p->start->config->sources[live].interval_ms, 100u);
	for (unsigned i = 0; i < p->scenario.config.nsources; i++) {
		struct job_end part;

		if (p->live[i] != live)
			continue;
		p->source = i;
		world_poll(&p->world, i, on_reading, p, &part);
		end.count += part.count;
		end.complete &= part.complete;
		if (part.outcome == OUTCOME_OK)
			end.outcome = OUTCOME_OK;
	}
	if (end.outcome != OUTCOME_OK)
		copy_text(end.error, sizeof(end.error), "no answer");
	(void)role_send(p->start, MSG_JOB_END, &end, NULL, 0);
}

/* Whatever is asked for, somebody at the keyboard may have been faster: then it is refused, and that is fine. */
static void operate(const struct player *p, const char *line)
{
	const struct config *c = p->start->config;
	struct command cmd;

	if (!scenario_command(c, line, c->nplans ? cfg_str(c, c->plans[0].name) : "", &cmd))
		return;
	copy_text(cmd.by, sizeof(cmd.by), "scenario");
	(void)role_send(p->start, MSG_COMMAND, &cmd, NULL, 0);
}

static void poll_soon(struct player *p, int live, uint64_t now)
{
	if (live >= 0)
		p->poll_ms[live] = now;
}

/* What changed shows at once: a real source would be asked again as soon as anything happens. */
static void happen(struct player *p, const struct scenario_event *e, uint64_t now)
{
	if (e->what == CHANGE_OPERATOR)
		operate(p, e->line);
	if (e->what == CHANGE_COMPONENT)
		poll_soon(p, p->live[p->scenario.components[e->component].source], now);
}

static void poll_all(struct player *p, uint64_t now)
{
	for (unsigned i = 0; i < p->scenario.config.nsources; i++)
		poll_soon(p, p->live[i], now);
}

static uint64_t next_ms(const struct player *p, uint64_t now)
{
	uint64_t event = world_next_ms(&p->world);
	uint64_t next =
		p->started_ms + MIN_OF(event, p->scenario.length_ms) / speed(p) + AFTER_LOOP_MS;

	for (unsigned i = 0; i < p->scenario.config.nsources; i++)
		if (p->live[i] >= 0)
			next = MIN_OF(next, p->poll_ms[p->live[i]]);
	return MAX_OF(next, now + 1);
}

static int on_timer(sd_event_source *timer, uint64_t usec, void *userdata)
{
	struct player *p = userdata;
	uint64_t now = boot_ms();
	const struct scenario_event *e;

	(void)usec;
	if (timeline_ms(p, now) >= p->scenario.length_ms) {
		world_restart(&p->world);
		p->world.wall_ms = wall_ms();
		p->started_ms = now;
		poll_all(p, now);
	}
	while ((e = world_step(&p->world, timeline_ms(p, now))))
		happen(p, e, now);
	for (unsigned i = 0; i < p->scenario.config.nsources; i++)
		if (p->live[i] >= 0 && p->poll_ms[p->live[i]] <= now)
			poll_source(p, p->live[i], now);
	(void)sd_event_source_set_time(timer, next_ms(p, now) * 1000);
	return sd_event_source_set_enabled(timer, SD_EVENT_ONESHOT);
}

static const struct cfg_source *first_source(const struct config *c)
{
	for (unsigned i = 0; i < c->nsources; i++)
		if (c->sources[i].type == SOURCE_SCENARIO)
			return &c->sources[i];
	return NULL;
}

static int begin(struct player *p)
{
	const struct cfg_source *s = first_source(p->start->config);
	struct config_errors errs = {};
	uint64_t now = boot_ms();

	if (!s)
		return 0;
	p->name = s->scenario;
	if (scenario_load(cfg_str(p->start->config, s->scenario), &p->scenario, &errs) < 0) {
		log_line(3, "cannot play the scenario error='%s'", errs.first);
		return -EINVAL;
	}
	world_init(&p->world, &p->scenario);
	p->world.wall_ms = wall_ms();
	for (unsigned i = 0; i < p->scenario.config.nsources; i++)
		p->live[i] = live_source(p, i);
	p->started_ms = now;
	poll_all(p, now);
	return 0;
}

static int player_start(struct role_start *s, void **ret_state)
{
	struct player *p = calloc(1, sizeof(*p));
	int r;

	if (!p)
		return -ENOMEM;
	p->start = s;
	r = begin(p);
	if (r == 0)
		r = sd_event_add_time(s->event, &p->timer, CLOCK_BOOTTIME, 0, 1000, on_timer, p);
	if (r < 0) {
		free(p);
		return r;
	}
	*ret_state = p;
	return 0;
}

/* A new engine has to be told everything again. */
static void player_engine_changed(void *state)
{
	struct player *p = state;

	poll_all(p, boot_ms());
	(void)sd_event_source_set_time(p->timer, 0);
	(void)sd_event_source_set_enabled(p->timer, SD_EVENT_ONESHOT);
}

static void player_config_changed(void *state)
{
	struct player *p = state;

	if (begin(p) < 0)
		log_line(4, "keeping on with the old scenario");
	player_engine_changed(p);
}

const struct role_ops scenario_role_ops = {.start = player_start,
	.engine_changed = player_engine_changed,
	.config_changed = player_config_changed};
