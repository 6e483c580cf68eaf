#include "agent/replay.h"
#include "agent/replay_parts.h"

#include <errno.h>
#include <stdio.h>

/* As the courier does it for critical messages. */
static const uint32_t retry_ms[] = {1000, 2000, 5000, 10000, 30000, 60000};
enum { SEND_MS = 200, QUICK_VERB_MS = 200, SILENT_VERB_MS = 1000 };

static void on_reading(void *ctx, const struct reading *reading)
{
	struct replay *r = ctx;

	engine_reading(&r->engine, reading, r->now_ms, replay_wall(r));
	replay_see(r);
}

static void poll_sources(struct replay *r)
{
	for (unsigned i = 0; i < r->s->config.nsources; i++) {
		struct job_end end;

		if (r->poll_ms[i] > r->now_ms)
			continue;
		r->poll_ms[i] = r->now_ms + r->s->config.sources[i].interval_ms;
		world_poll(&r->world, i, on_reading, r, &end);
		engine_job_end(&r->engine, &end, r->now_ms, replay_wall(r));
		replay_see(r);
	}
}

static const char *open_run(const struct replay *r, char *buf, size_t size)
{
	buf[0] = '\0';
	for (uint32_t i = 0; i < run_count(&r->engine.model); i++)
		if (run_at(&r->engine.model, i)->used && !run_at(&r->engine.model, i)->cleared)
			format_text(buf, size, "r%u", run_at(&r->engine.model, i)->id);
	return buf;
}

/* A scenario names rules, since it cannot know the number a finding will get. */
static void name_finding(const struct replay *r, struct command *c)
{
	for (uint32_t i = 0; i < finding_count(&r->engine.model); i++) {
		const struct finding_row *f = finding_at(&r->engine.model, i);

		if (!f->used || !f->active || strcmp(f->rule_id, c->id))
			continue;
		format_text(c->id, sizeof(c->id), "F-%u", f->id);
		return;
	}
}

static void operate(struct replay *r, const char *line)
{
	struct command c;
	struct reply reply = {};
	char run[16];

	replay_say(r, "operator", line);
	if (!scenario_command(&r->s->config, line, open_run(r, run, sizeof(run)), &c))
		return;
	copy_text(c.by, sizeof(c.by), "operator");
	if (c.type == CMD_ACK || c.type == CMD_UNACK)
		name_finding(r, &c);
	engine_command(&r->engine, &c, &reply, r->now_ms, replay_wall(r));
	replay_see(r);
	if (reply.code)
		replay_say(r, "refused", reply.text);
}

/* The engine dies and comes back from its checkpoint; a verb in flight is lost with it. */
static int restart(struct replay *r)
{
	cleanup_(freep) void *block = NULL;
	size_t size = 0;
	int rc = model_pack(&r->engine.model, build_id(), &block, &size);

	if (rc < 0)
		return rc;
	replay_say(r, "restart", "the engine is ended and starts from its checkpoint");
	engine_free(&r->engine);
	r->engine = (struct engine){};
	r->verb.job = 0;
	rc = engine_init(&r->engine, &r->s->config, block, size, 1, r->now_ms, replay_wall(r));
	r->seen = r->engine.log.tail ? r->engine.log.tail - 1 : r->engine.log.head;
	replay_see(r);
	return rc;
}

static int happen(struct replay *r, const struct scenario_event *e)
{
	if (e->what == CHANGE_OPERATOR)
		operate(r, e->line);
	if (e->what == CHANGE_SINK)
		r->sink_down[e->sink] = e->down;
	return e->what == CHANGE_RESTART ? restart(r) : 0;
}

static int run_events(struct replay *r)
{
	const struct scenario_event *e;
	int rc = 0;

	while (rc == 0 && (e = world_step(&r->world, r->now_ms - REPLAY_BASE_MS))) {
		rc = happen(r, e);
		/* what has changed shows at the next look, as it does with a real array */
	}
	return rc;
}

static const struct alert_row *alert_of(const struct replay *r, uint64_t sequence)
{
	for (uint32_t i = 0; i < alert_count(&r->engine.model); i++)
		if (alert_at(&r->engine.model, i)->used &&
			alert_at(&r->engine.model, i)->sequence == sequence)
			return alert_at(&r->engine.model, i);
	return NULL;
}

static void send_one(struct replay *r, struct replay_send *m)
{
	struct delivery d = {.sequence = m->sequence, .sink = m->sink, .attempt = ++m->attempt};
	const struct alert_row *a = alert_of(r, m->sequence);
	struct alert_row copy;

	if (!a) {
		m->used = false;
		return;
	}
	copy = *a;
	d.result = r->sink_down[m->sink] ? DELIVERY_RETRY : DELIVERY_ACCEPTED;
	if (d.result == DELIVERY_RETRY) {
		m->due_ms = r->now_ms + retry_ms[MIN_OF(m->attempt - 1, ARRAY_SIZE(retry_ms) - 1)];
		d.next_try_wall_ms = replay_wall(r) + (int64_t)(m->due_ms - r->now_ms);
		copy_text(d.error, sizeof(d.error), "connection refused");
	} else {
		m->used = false;
		d.http = 204;
	}
	engine_delivery(&r->engine, &d, r->now_ms, replay_wall(r));
	if (d.result == DELIVERY_ACCEPTED)
		replay_accepted(r, &copy);
	replay_see(r);
}

static void queue_alert(struct replay *r, const struct alert_row *a, unsigned sink)
{
	struct replay_send *free_one = NULL;

	for (unsigned i = 0; i < REPLAY_SENDS; i++) {
		if (r->sends[i].used && r->sends[i].sequence == a->sequence &&
			r->sends[i].sink == sink)
			return;
		if (!r->sends[i].used && !free_one)
			free_one = &r->sends[i];
	}
	if (free_one)
		*free_one = (struct replay_send){.used = true,
			.sink = (uint8_t)sink,
			.sequence = a->sequence,
			.due_ms = r->now_ms + SEND_MS};
}

static void queue_alerts(struct replay *r)
{
	for (uint32_t i = 0; i < alert_count(&r->engine.model); i++) {
		const struct alert_row *a = alert_at(&r->engine.model, i);
		uint32_t open = a->wanted & ~a->done & ~a->parked;

		for (unsigned s = 0; a->used && s < r->s->config.nsinks; s++)
			if (open >> s & 1)
				queue_alert(r, a, s);
	}
}

static void run_sends(struct replay *r)
{
	queue_alerts(r);
	for (unsigned i = 0; i < REPLAY_SENDS; i++)
		if (r->sends[i].used && r->sends[i].due_ms <= r->now_ms)
			send_one(r, &r->sends[i]);
}

static const struct cfg_step *step_of(const struct replay *r, const struct verb_order *v)
{
	const struct cfg_plan *p = &r->s->config.plans[v->plan];

	return &r->s->config.steps[p->first_step + v->step];
}

/* Only what acts takes the step's time and gives its exit code; looking is quick and goes well. */
static bool acts(enum verb v)
{
	return v == VERB_FENCE || v == VERB_PROMOTE || v == VERB_ROLLBACK || v == VERB_DRILL;
}

static void end_verb(struct replay *r, enum exit_kind kind)
{
	const struct cfg_step *s = step_of(r, &r->verb);
	struct step_result result = {.job = r->verb.job, .exit_kind = (uint8_t)kind};

	result.exit_value =
		kind == EXIT_BY_CODE && acts((enum verb)r->verb.verb) ? s->simulate_exit : 0;
	copy_text(result.status, sizeof(result.status), "simulated");
	r->verb.job = 0;
	engine_step_result(&r->engine, &result, r->now_ms, replay_wall(r));
	replay_see(r);
}

static void run_verbs(struct replay *r)
{
	uint32_t aborted = engine_aborted_verb(&r->engine);
	uint32_t takes;

	if (aborted && aborted == r->verb.job)
		end_verb(r, EXIT_BY_SIGNAL);
	if (r->verb.job && r->verb_due_ms <= r->now_ms)
		end_verb(r, r->verb_overruns ? EXIT_BY_TIMEOUT : EXIT_BY_CODE);
	if (r->verb.job || !engine_next_verb(&r->engine, &r->verb))
		return;
	replay_see(r);
	takes = step_of(r, &r->verb)->simulate ? step_of(r, &r->verb)->simulate_ms : SILENT_VERB_MS;
	if (!acts((enum verb)r->verb.verb))
		takes = QUICK_VERB_MS;
	r->verb_overruns = r->verb.timeout_ms && takes > r->verb.timeout_ms;
	r->verb_due_ms = r->now_ms + (r->verb_overruns ? r->verb.timeout_ms : takes);
}

static uint64_t next_ms(const struct replay *r)
{
	uint64_t next = engine_next_ms(&r->engine), event = world_next_ms(&r->world);

	if (event != UINT64_MAX)
		next = MIN_OF(next, event + REPLAY_BASE_MS);
	for (unsigned i = 0; i < r->s->config.nsources; i++)
		next = MIN_OF(next, r->poll_ms[i]);
	for (unsigned i = 0; i < REPLAY_SENDS; i++)
		if (r->sends[i].used)
			next = MIN_OF(next, r->sends[i].due_ms);
	if (r->verb.job)
		next = MIN_OF(next, r->verb_due_ms);
	return next;
}

int replay_run(struct replay *r)
{
	uint64_t end = REPLAY_BASE_MS + r->s->length_ms;
	int rc;

	r->now_ms = REPLAY_BASE_MS;
	world_init(&r->world, r->s);
	r->world.wall_ms = replay_wall(r);
	for (unsigned i = 0; i < r->s->config.nsteps; i++)
		r->s->config.steps[i].simulate = 1;
	rc = engine_init(&r->engine, &r->s->config, NULL, 0, 1, r->now_ms, replay_wall(r));
	replay_see(r);
	for (unsigned i = 0; i < r->s->config.nsources; i++)
		r->poll_ms[i] = r->now_ms;
	while (rc == 0 && r->now_ms <= end) {
		uint64_t next;

		rc = run_events(r);
		poll_sources(r);
		if (engine_next_ms(&r->engine) <= r->now_ms)
			engine_tick(&r->engine, r->now_ms, replay_wall(r));
		replay_see(r);
		run_verbs(r);
		run_sends(r);
		next = next_ms(r);
		r->now_ms = MAX_OF(next, r->now_ms + 1);
	}
	r->now_ms = MIN_OF(r->now_ms, end);
	return rc;
}

static int replay_one(const char *name)
{
	cleanup_(freep) struct replay *r = calloc(1, sizeof(*r));
	cleanup_(freep) struct scenario *s = calloc(1, sizeof(*s));
	struct config_errors errs = {.err = stderr};
	unsigned failed;
	int rc;

	if (!r || !s || scenario_load(name, s, &errs) < 0)
		return 1;
	r->s = s;
	r->out = stdout;
	printf("%s: %s\n", s->name, s->about);
	if (s->source[0])
		printf("source: %s\n", s->source);
	rc = replay_run(r);
	if (rc < 0)
		fprintf(stderr, "ballastctl: replay of %s: %s\n", s->name, strerror(-rc));
	failed = replay_judge(r);
	engine_free(&r->engine);
	return rc < 0 || failed;
}

int replay_main(int argc, char **argv)
{
	int status = 0;

	if (argc < 2) {
		fprintf(stderr,
			"ballastctl: replay needs the name of a scenario or a file. Built in:");
		for (const struct embedded *e = builtin_scenarios; e->name; e++)
			fprintf(stderr, " %s", e->name);
		fprintf(stderr, "\n");
		return 64;
	}
	for (int i = 1; i < argc; i++) {
		status |= replay_one(argv[i]);
		if (i + 1 < argc)
			printf("\n");
	}
	return status;
}
