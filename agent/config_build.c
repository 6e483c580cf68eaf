/* Nodes of the configuration into rows of struct config. Mistakes of form have been told by the walker. */
#include "agent/config_parts.h"

enum { SECOND = 1000, MINUTE = 60 * SECOND, HOUR = 60 * MINUTE };

void build_defaults(struct config *c)
{
	bool full = false;

	c->size = sizeof(*c);
	c->demo_speed = 1;
	c->state_directory = cfg_put(c, "/var/lib/ballast", &full);
	c->control_path = cfg_put(c, CONTROL_DEFAULT, &full);
}

static uint32_t duration(const struct build *b, int map, const char *key, uint32_t otherwise_ms)
{
	uint64_t ms = ydoc_duration(b->doc, ydoc_get(b->doc, map, key), otherwise_ms);

	return ms > UINT32_MAX ? UINT32_MAX : (uint32_t)ms;
}

static uint16_t small_number(const struct build *b, int map, const char *key)
{
	uint64_t n = ydoc_number(b->doc, ydoc_get(b->doc, map, key), 0);

	return n > UINT16_MAX ? UINT16_MAX : (uint16_t)n;
}

static const char *word(const struct build *b, int map, const char *key, const char *otherwise)
{
	return ydoc_text(b->doc, ydoc_get(b->doc, map, key), otherwise);
}

cfg_text build_text(struct build *b, int map, const char *key)
{
	return cfg_put(b->c, word(b, map, key, ""), &b->full);
}

cfg_text build_list(struct build *b, int list, uint32_t *count)
{
	cfg_text at = 0;

	*count = 0;
	for (unsigned i = 0; i < ydoc_count(b->doc, list); i++)
		at = cfg_list_add(b->c, at, count,
			ydoc_text(b->doc, ydoc_item(b->doc, list, i), ""), &b->full);
	return at;
}

/* A map of free keys as a list of "KEY=VALUE". */
static cfg_text build_pairs(struct build *b, int map, uint32_t *count)
{
	cfg_text at = 0;
	int key, value;

	*count = 0;
	for (unsigned i = 0; ydoc_pair(b->doc, map, i, &key, &value); i++) {
		char pair[2100];

		if (format_text(pair, sizeof(pair), "%s=%s", ydoc_text(b->doc, key, ""),
			    ydoc_text(b->doc, value, "")))
			at = cfg_list_add(b->c, at, count, pair, &b->full);
	}
	return at;
}

struct source_default {
	uint8_t plane;
	uint32_t interval_ms, timeout_ms;
};

/* CONTRACT: SMART every 10 minutes, canister sources every 5 to 10 s. */
static const struct source_default source_defaults[SOURCE_TYPE_COUNT] = {
	[SOURCE_DRIVES] = {PLANE_INBAND, 10 * MINUTE, 10 * SECOND},
	[SOURCE_PATHS] = {PLANE_INBAND, 2 * SECOND, 5 * SECOND},
	[SOURCE_LAYOUT] = {PLANE_INBAND, 10 * SECOND, 8 * SECOND},
	[SOURCE_ENCLOSURE] = {PLANE_INBAND, 10 * SECOND, 8 * SECOND},
	[SOURCE_EXEC] = {PLANE_MANAGEMENT, 5 * SECOND, 3 * SECOND},
	[SOURCE_SMARTCTL] = {PLANE_INBAND, 10 * MINUTE, 2 * MINUTE},
	[SOURCE_NAGIOS] = {PLANE_MANAGEMENT, MINUTE, 10 * SECOND},
	[SOURCE_LISTEN] = {PLANE_SPOOFABLE, 0, 0}, /* it is never asked, and never too old */
	[SOURCE_SCENARIO] = {PLANE_MANAGEMENT, 5 * SECOND, 3 * SECOND},
	[SOURCE_SPECTRUM] = {PLANE_MANAGEMENT, 10 * SECOND, 10 * SECOND},
	[SOURCE_MC] = {PLANE_MANAGEMENT, 10 * SECOND, 10 * SECOND},
	[SOURCE_SANTRICITY] = {PLANE_MANAGEMENT, 10 * SECOND, 10 * SECOND},
	[SOURCE_REDFISH] = {PLANE_MANAGEMENT, 10 * SECOND, 10 * SECOND},
};

/* What a plugin speaks for: "san1/canister/B", or nothing but itself, by the name of its program. */
static void build_component(struct build *b, int node, struct cfg_source *s)
{
	const char *id = strchr(word(b, node, "asserts", ""), '/');
	const char *program = strrchr(cfg_str(b->c, s->argv), '/');
	char kind[16];

	if (!id) {
		s->component_kind = KIND_CHECK;
		s->component = cfg_put(b->c, word(b, node, "name", program ? program + 1 : "plugin"), &b->full);
		return;
	}
	id++;
	format_text(kind, sizeof(kind), "%.*s", (int)strcspn(id, "/"), id);
	s->component_kind = (uint8_t)kind_from_text(kind);
	s->component = cfg_put(b->c, id + strcspn(id, "/") + 1, &b->full);
}

/* Both of the usual ports, unless one is named. */
static void build_listen(struct build *b, int node, struct cfg_source *s)
{
	bool named = ydoc_get(b->doc, node, "syslog") || ydoc_get(b->doc, node, "traps");

	s->from = build_list(b, ydoc_get(b->doc, node, "from"), &s->nfrom);
	s->syslog = cfg_put(b->c, word(b, node, "syslog", named ? "" : "0.0.0.0:514"), &b->full);
	s->traps = cfg_put(b->c, word(b, node, "traps", named ? "" : "0.0.0.0:162"), &b->full);
}

/* NULL: no room; said once, of those too that nobody wrote down. */
static struct cfg_source *new_source(struct build *b, int node, const struct cfg_source *is)
{
	struct config *c = b->c;

	if (c->nsources == CFG_SOURCES) {
		if (!b->sources_full)
			ydoc_complain(b->doc, node,
				"too many: at most %d sources over all arrays; 'layout', a plan's 'witness' and the host's own drives take one more each",
				CFG_SOURCES);
		b->sources_full = true;
		return NULL;
	}
	c->sources[c->nsources] = *is;
	return &c->sources[c->nsources++];
}

/* LVM's volumes are asked of the device mapper, by a worker that may: what runs programs may not. */
static void add_lvm_source(struct build *b, const struct cfg_source *layout, int node)
{
	struct cfg_source lvm = *layout;

	lvm.type = SOURCE_LVM;
	if (new_source(b, node, &lvm))
		b->source_node[b->c->nsources - 1] = node;
}

static void build_source(struct build *b, unsigned array, int node)
{
	struct config *c = b->c;
	enum source_type type = source_type_from_text(word(b, node, "type", ""));
	const struct source_default *d = &source_defaults[type];
	int match = ydoc_get(b->doc, node, "match");
	struct cfg_source *s;

	s = new_source(b, node,
		&(struct cfg_source){.array = (uint16_t)array, .type = (uint8_t)type, .plane = d->plane});
	if (!s)
		return;
	b->source_node[c->nsources - 1] = node;
	if (ydoc_get(b->doc, node, "plane"))
		s->plane = text_equal(word(b, node, "plane", ""), "inband") ? PLANE_INBAND
									    : PLANE_MANAGEMENT;
	s->interval_ms = duration(b, node, "interval", d->interval_ms);
	s->timeout_ms = duration(b, node, "timeout", d->timeout_ms);
	s->argv = build_list(b, ydoc_get(b->doc, node, "command"), &s->argc);
	s->match_vendor = build_text(b, match, "vendor");
	s->match_model = build_text(b, match, "model");
	s->match_serial = build_text(b, match, "serial");
	s->match_transport = build_text(b, match, "transport");
	s->scenario = build_text(b, node, "scenario");
	s->canisters = build_pairs(b, ydoc_get(b->doc, node, "canisters"), &s->ncanisters);
	if (type == SOURCE_NAGIOS)
		build_component(b, node, s);
	build_manage(b, s, node);
	if (type == SOURCE_SMARTCTL)
		s->program = cfg_put(c, word(b, node, "program", "/usr/sbin/smartctl"), &b->full);
	if (type == SOURCE_LISTEN)
		build_listen(b, node, s);
	if (type == SOURCE_SCENARIO)
		c->arrays[array].simulated = 1;
	if (type == SOURCE_LAYOUT)
		add_lvm_source(b, s, node);
}

void build_array(struct build *b, int node)
{
	struct config *c = b->c;
	int expect = ydoc_get(b->doc, node, "expect"), clear = ydoc_get(b->doc, node, "clear");
	int sources = ydoc_get(b->doc, node, "sources");
	struct cfg_array *a;
	unsigned i = c->narrays;

	if (i == CFG_ARRAYS)
		return;
	b->array_node[i] = node;
	a = &c->arrays[i];
	*a = (struct cfg_array){};
	a->name = build_text(b, node, "name");
	a->serial = build_text(b, node, "serial");
	a->local = text_equal(cfg_str(c, a->name), "local");
	a->expect_canisters = small_number(b, expect, "canisters");
	a->expect_paths = small_number(b, expect, "paths");
	a->clear_canister_ms = duration(b, clear, "canister", 5 * MINUTE);
	a->clear_path_ms = duration(b, clear, "path", MINUTE);
	a->services = build_list(b, ydoc_get(b->doc, node, "services"), &a->nservices);
	c->narrays++;
	for (unsigned s = 0; s < ydoc_count(b->doc, sources); s++)
		build_source(b, i, ydoc_item(b->doc, sources, s));
}

void build_local(struct build *b, int node)
{
	const struct source_default *d = &source_defaults[SOURCE_DRIVES];
	struct config *c = b->c;
	struct cfg_array *a = &c->arrays[c->narrays];

	if (c->narrays == CFG_ARRAYS || cfg_array_index(c, "local") >= 0 ||
		!new_source(b, node,
			&(struct cfg_source){.array = c->narrays,
				.type = SOURCE_DRIVES,
				.plane = d->plane,
				.interval_ms = d->interval_ms,
				.timeout_ms = d->timeout_ms}))
		return;
	*a = (struct cfg_array){
		.local = 1, .clear_canister_ms = 5 * MINUTE, .clear_path_ms = MINUTE};
	a->name = cfg_put(c, "local", &b->full);
	c->narrays++;
}

/* Where a message goes when no URL is given: the one address the service has. */
static const char *const sink_urls[SINK_TYPE_COUNT] = {
	[SINK_PAGERDUTY] = "https://events.pagerduty.com/v2/enqueue"};

static enum sink_type sink_type_of(const char *text)
{
	for (unsigned t = 0; t < SINK_TYPE_COUNT; t++)
		if (!strcmp(sink_type_text((enum sink_type)t), text))
			return (enum sink_type)t;
	return SINK_WEBHOOK;
}

/* An e-mail's sender and receivers travel as the sink's list: sender first. */
static cfg_text build_mail(struct build *b, int node, uint32_t *count)
{
	int to = ydoc_get(b->doc, node, "to");
	cfg_text at;

	*count = 0;
	at = cfg_list_add(b->c, 0, count, word(b, node, "from", ""), &b->full);
	for (unsigned i = 0; i < ydoc_count(b->doc, to); i++)
		at = cfg_list_add(
			b->c, at, count, ydoc_text(b->doc, ydoc_item(b->doc, to, i), ""), &b->full);
	return at;
}

void build_sink(struct build *b, int node)
{
	struct config *c = b->c;
	struct cfg_sink *s = &c->sinks[c->nsinks];
	enum severity least;

	if (c->nsinks == CFG_SINKS)
		return;
	b->sink_node[c->nsinks++] = node;
	*s = (struct cfg_sink){};
	s->type = (uint8_t)sink_type_of(word(b, node, "type", ""));
	least = severity_from_text(word(b, node, "min_severity", "warning"));
	s->min_severity = (uint8_t)(least ? least : SEV_WARNING);
	s->name = build_text(b, node, "name");
	s->url = cfg_put(
		c, word(b, node, "url", sink_urls[s->type] ? sink_urls[s->type] : ""), &b->full);
	s->address = build_text(b, node, "address");
	s->secret_file = build_text(b, node, "secret_file");
	s->url_file = build_text(b, node, "url_file");
	s->ca_file = build_text(b, node, "ca_file");
	s->command = s->type == SINK_EMAIL
			     ? build_mail(b, node, &s->ncommand)
			     : build_list(b, ydoc_get(b->doc, node, "command"), &s->ncommand);
	s->arrays = build_list(b, ydoc_get(b->doc, node, "arrays"), &s->narrays);
	s->insecure = ydoc_bool(b->doc, ydoc_get(b->doc, node, "insecure"), false);
	s->repeat_ms = duration(b, node, "repeat", HOUR);
	s->timeout_ms = duration(b, node, "timeout", 10 * SECOND);
	s->heartbeat_ms = duration(b, node, "heartbeat", 0);
}

static uint32_t verb_bits(const struct build *b, int list)
{
	uint32_t bits = 0;

	for (unsigned i = 0; i < ydoc_count(b->doc, list); i++)
		bits |= 1u << verb_from_text(ydoc_text(b->doc, ydoc_item(b->doc, list, i), ""));
	return bits & ~(1u << VERB_NONE);
}

static void build_step(struct build *b, int node)
{
	struct config *c = b->c;
	int simulate = ydoc_get(b->doc, node, "simulate");
	struct cfg_step *s = &c->steps[c->nsteps];

	b->step_node[c->nsteps++] = node;
	*s = (struct cfg_step){};
	s->name = build_text(b, node, "name");
	s->run = build_text(b, node, "run");
	s->verbs = verb_bits(b, ydoc_get(b->doc, node, "verbs"));
	s->env = build_pairs(b, ydoc_get(b->doc, node, "env"), &s->nenv);
	s->operations = build_operations(b->doc, ydoc_get(b->doc, node, "operations"));
	s->timeout_ms = duration(b, node, "timeout", 30 * SECOND);
	s->retries = small_number(b, node, "retries");
	s->rollback_on_failure = text_equal(word(b, node, "on_failure", "stop"), "rollback");
	s->adds_load = ydoc_bool(b->doc, ydoc_get(b->doc, node, "adds_load"), false);
	s->simulate = simulate != 0;
	s->simulate_ms = duration(b, simulate, "takes", SECOND);
	s->simulate_exit = small_number(b, simulate, "exit");
}

static uint32_t when_bits(const struct build *b, int list)
{
	uint32_t bits = 0;

	for (unsigned i = 0; i < ydoc_count(b->doc, list); i++)
		bits |= 1u << verdict_from_text(ydoc_text(b->doc, ydoc_item(b->doc, list, i), ""));
	return list ? bits & ~(1u << VERDICT_NONE)
		    : 1u << VERDICT_ACCESS_LOST | 1u << VERDICT_IMPENDING_LOSS;
}

/* A plan's witnesses are asked all the time, so that the answer is there when it is needed. */
static void add_witness_source(struct build *b, const struct cfg_plan *p, int node)
{
	if (p->nwitness)
		(void)new_source(b, node,
			&(struct cfg_source){.array = p->array,
				.type = SOURCE_WITNESS,
				.plane = PLANE_INBAND,
				.interval_ms = 10 * SECOND,
				.timeout_ms = 3 * SECOND,
				.argv = p->witness,
				.argc = p->nwitness});
}

void build_plan(struct build *b, int node)
{
	struct config *c = b->c;
	struct cfg_plan *p = &c->plans[c->nplans];
	int steps = ydoc_get(b->doc, node, "steps"), array;

	if (c->nplans == CFG_PLANS)
		return;
	b->plan_node[c->nplans++] = node;
	*p = (struct cfg_plan){.first_step = c->nsteps};
	array = cfg_array_index(c, word(b, node, "array", ""));
	p->array = (uint16_t)(array < 0 ? 0 : array);
	p->name = build_text(b, node, "name");
	p->target = build_text(b, node, "target");
	p->mode = text_equal(word(b, node, "mode", "approve"), "auto") ? MODE_AUTO : MODE_APPROVE;
	p->armed = ydoc_bool(b->doc, ydoc_get(b->doc, node, "armed"), p->mode == MODE_APPROVE);
	p->armed_said = ydoc_get(b->doc, node, "armed") != 0;
	p->when = when_bits(b, ydoc_get(b->doc, node, "when"));
	p->hold_ms = duration(b, node, "hold", 10 * MINUTE);
	p->approve_timeout_ms = duration(b, node, "approve_timeout", 2 * HOUR);
	p->block_ms = duration(b, node, "block_for", HOUR);
	p->rehearse_every_ms = duration(b, node, "rehearse_every", 0);
	p->rehearse_at = build_text(b, node, "rehearse_at");
	p->witness = build_list(b, ydoc_get(b->doc, node, "witness"), &p->nwitness);
	add_witness_source(b, p, node);
	for (unsigned i = 0; i < ydoc_count(b->doc, steps); i++) {
		if (c->nsteps == CFG_STEPS) {
			if (!b->steps_full)
				ydoc_complain(b->doc, ydoc_item(b->doc, steps, i),
					"too many: at most %d steps over all plans", CFG_STEPS);
			b->steps_full = true;
			return;
		}
		build_step(b, ydoc_item(b->doc, steps, i));
		p->nsteps++;
	}
}
