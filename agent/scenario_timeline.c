/* A scenario's timeline and expectations, from nodes to plain structs. */
#include "agent/scenario_parts.h"

#include <stdio.h>

static const char *word(
	const struct scenario_build *sb, int entry, const char *key, const char *otherwise)
{
	return ydoc_text(sb->doc, ydoc_get(sb->doc, entry, key), otherwise);
}

static uint64_t duration(
	const struct scenario_build *sb, int entry, const char *key, uint64_t otherwise_ms)
{
	return ydoc_duration(sb->doc, ydoc_get(sb->doc, entry, key), otherwise_ms);
}

int scenario_array(struct scenario_build *sb, int entry)
{
	int node = ydoc_get(sb->doc, entry, "array");
	const char *name = ydoc_text(sb->doc, node, "");
	int i;

	if (!node && sb->s->config.narrays == 1)
		return 0;
	i = node ? cfg_array_index(&sb->s->config, name) : -1;
	if (i < 0 && node)
		ydoc_complain(sb->doc, node, "unknown array '%.60s'", name);
	else if (i < 0)
		ydoc_complain(sb->doc, entry, "'array' is missing: there are several");
	return i;
}

/* Kept in order of time as they come: stable, and nearly free since authors write in order. */
static void event_insert(struct scenario_build *sb, int node, const struct scenario_event *e)
{
	struct scenario *s = sb->s;
	unsigned i = s->nevents;

	if (i == SCENARIO_EVENTS) {
		if (!sb->too_many)
			ydoc_complain(sb->doc, node,
				"too many: at most %d events with all repetitions",
				SCENARIO_EVENTS);
		sb->too_many = true;
		return;
	}
	for (; i && s->events[i - 1].at_ms > e->at_ms; i--)
		s->events[i] = s->events[i - 1];
	s->events[i] = *e;
	s->nevents++;
	if (e->at_ms > s->length_ms)
		s->length_ms = e->at_ms;
}

static void event_repeat(struct scenario_build *sb, int node, struct scenario_event *e)
{
	uint64_t every = duration(sb, node, "every", 0);
	uint64_t times = ydoc_number(sb->doc, ydoc_get(sb->doc, node, "times"), 1);

	if (!every && times > 1)
		ydoc_complain(sb->doc, node, "'times' without 'every'");
	for (uint64_t i = 0; i < MIN_OF(times, (uint64_t)1000); i++) {
		event_insert(sb, node, e);
		e->at_ms += every;
	}
}

static enum fact find_fact(struct scenario_build *sb, int key)
{
	const char *name = ydoc_text(sb->doc, key, ""), *names[FACT_LAST], *near;
	enum fact f = fact_from_name(name);

	if (f)
		return f;
	for (unsigned i = 0; i < FACT_LAST; i++)
		names[i] = i ? fact_info(i)->name : NULL;
	near = nearest_word(name, names, FACT_LAST);
	if (near)
		ydoc_complain(sb->doc, key, "unknown fact '%.60s', did you mean '%s'?", name, near);
	else
		ydoc_complain(sb->doc, key, "unknown fact '%.60s'", name);
	return FACT_NONE;
}

static void event_facts(struct scenario_build *sb, int map, struct scenario_event *e)
{
	int key, value;
	double v;

	for (unsigned i = 0; ydoc_pair(sb->doc, map, i, &key, &value); i++) {
		enum fact f = find_fact(sb, key);

		if (e->nfacts == SCENARIO_FACTS) {
			ydoc_complain(sb->doc, key, "too many: at most %d facts in one entry",
				SCENARIO_FACTS);
			return;
		}
		if (f && ydoc_real(sb->doc, value, &v))
			e->facts[e->nfacts++] =
				(struct reading_fact){.fact = (uint16_t)f, .value = v};
	}
}

static void event_change(struct scenario_build *sb, int node, struct scenario_event *e)
{
	int facts = ydoc_get(sb->doc, node, "facts"), add = ydoc_get(sb->doc, node, "add");
	uint64_t limit = duration(sb, node, "limit", 0);

	e->has_state = ydoc_get(sb->doc, node, "state") != 0;
	e->state = (uint8_t)state_from_text(word(sb, node, "state", ""));
	e->has_silent = ydoc_get(sb->doc, node, "silent") != 0;
	e->silent = ydoc_bool(sb->doc, ydoc_get(sb->doc, node, "silent"), false);
	e->has_message = ydoc_get(sb->doc, node, "message") != 0;
	e->limit_ms = (uint32_t)MIN_OF(limit, (uint64_t)UINT32_MAX);
	copy_text(e->message, sizeof(e->message), word(sb, node, "message", ""));
	copy_text(e->raw, sizeof(e->raw), word(sb, node, "raw", ""));
	copy_text(e->firmware, sizeof(e->firmware), word(sb, node, "firmware", ""));
	copy_text(e->serial, sizeof(e->serial), word(sb, node, "serial", ""));
	copy_text(e->model, sizeof(e->model), word(sb, node, "model", ""));
	e->has_booted = ydoc_get(sb->doc, node, "uptime") != 0;
	e->uptime_ms = duration(sb, node, "uptime", 0);
	e->adds = add != 0;
	if (facts && add)
		ydoc_complain(sb->doc, ydoc_key(sb->doc, node, "add"),
			"either 'facts' or 'add' in one entry");
	event_facts(sb, facts ? facts : add, e);
}

static void component_event(struct scenario_build *sb, int node, enum kind kind, const char *name,
	struct scenario_event *e)
{
	int array = scenario_array(sb, node), i;
	bool any = false;

	if (array < 0)
		return;
	event_change(sb, node, e);
	for (i = -1;
		(i = scenario_find(sb->s, (unsigned)array, kind, name, (unsigned)(i + 1))) >= 0;
		any = true) {
		struct scenario_event one = *e;

		one.component = (uint32_t)i;
		event_repeat(sb, node, &one);
	}
	if (!any)
		ydoc_complain(sb->doc, ydoc_get(sb->doc, node, kind_text(kind)),
			"unknown %s '%.60s'", kind_text(kind), name);
}

static void maintenance_event(struct scenario_build *sb, int node, struct scenario_event *e)
{
	uint64_t minutes = duration(sb, node, "for", 2 * 3600 * 1000) / 60000;
	const char *allow = word(sb, node, "allow", "");

	e->what = CHANGE_OPERATOR;
	if (!format_text(e->line, sizeof(e->line), "maintenance start %s %llum %s",
		    word(sb, node, "maintenance", ""), (unsigned long long)minutes, allow))
		ydoc_complain(sb->doc, node, "the entry is too long");
	event_repeat(sb, node, e);
}

static void sink_event(struct scenario_build *sb, int node, struct scenario_event *e)
{
	int i = cfg_sink_index(&sb->s->config, word(sb, node, "sink", ""));

	if (i < 0) {
		ydoc_complain(sb->doc, ydoc_get(sb->doc, node, "sink"), "unknown sink '%.60s'",
			word(sb, node, "sink", ""));
		return;
	}
	e->what = CHANGE_SINK;
	e->sink = (uint16_t)i;
	e->down = ydoc_bool(sb->doc, ydoc_get(sb->doc, node, "down"), true);
	event_repeat(sb, node, e);
}

static void operator_event(struct scenario_build *sb, int node, struct scenario_event *e)
{
	struct command ignored;

	e->what = CHANGE_OPERATOR;
	copy_text(e->line, sizeof(e->line), word(sb, node, "operator", ""));
	if (!scenario_command(&sb->s->config, e->line, "r1", &ignored))
		ydoc_complain(sb->doc, ydoc_get(sb->doc, node, "operator"),
			"'%.60s' is not a command a scenario knows", e->line);
	event_repeat(sb, node, e);
}

static const enum kind event_kinds[] = {
	KIND_CANISTER, KIND_DRIVE, KIND_PATH, KIND_ENCLOSURE, KIND_TARGET, KIND_PSU};

static void timeline_entry(struct scenario_build *sb, int node)
{
	static const char *const others[] = {"sink", "operator", "maintenance", "restart"};
	struct scenario_event e = {.at_ms = duration(sb, node, "at", 0)};
	unsigned subjects = 0;

	for (size_t i = 0; i < ARRAY_SIZE(others); i++)
		subjects += ydoc_get(sb->doc, node, others[i]) != 0;
	for (size_t i = 0; i < ARRAY_SIZE(event_kinds); i++)
		subjects += ydoc_get(sb->doc, node, kind_text(event_kinds[i])) != 0;
	if (subjects != 1) {
		ydoc_complain(sb->doc, node,
			"an entry is about exactly one thing, this one is about %u", subjects);
		return;
	}
	for (size_t i = 0; i < ARRAY_SIZE(event_kinds); i++)
		if (ydoc_get(sb->doc, node, kind_text(event_kinds[i])))
			component_event(sb, node, event_kinds[i],
				word(sb, node, kind_text(event_kinds[i]), ""), &e);
	if (ydoc_get(sb->doc, node, "sink"))
		sink_event(sb, node, &e);
	if (ydoc_get(sb->doc, node, "operator"))
		operator_event(sb, node, &e);
	if (ydoc_get(sb->doc, node, "maintenance"))
		maintenance_event(sb, node, &e);
	if (ydoc_get(sb->doc, node, "restart")) {
		e.what = CHANGE_RESTART;
		event_repeat(sb, node, &e);
	}
}

void scenario_timeline(struct scenario_build *sb, int list)
{
	for (unsigned i = 0; i < ydoc_count(sb->doc, list); i++)
		timeline_entry(sb, ydoc_item(sb->doc, list, i));
}

static const char *const expect_keys[EXPECT_COUNT] = {[EXPECT_VERDICT] = "verdict",
	[EXPECT_MARGIN] = "margin",
	[EXPECT_FINDING] = "finding",
	[EXPECT_CLEARED] = "cleared",
	[EXPECT_ALERT] = "alert",
	[EXPECT_STEP] = "step",
	[EXPECT_REFUSED] = "refused",
	[EXPECT_RUN] = "run"};

static void check_component(struct scenario_build *sb, int node, const struct scenario_expect *x)
{
	char kind[32] = "";
	const char *slash = strchr(x->component, '/');
	size_t len = slash ? (size_t)(slash - x->component) : 0;

	if (!x->component[0])
		return;
	if (len && len < sizeof(kind))
		memcpy(kind, x->component, len);
	for (unsigned a = 0; slash && a < sb->s->config.narrays; a++)
		if (scenario_find(sb->s, a, kind_from_text(kind), slash + 1, 0) >= 0)
			return;
	ydoc_complain(sb->doc, ydoc_get(sb->doc, node, "component"),
		"unknown component '%.60s', expected KIND/NAME", x->component);
}

static void expect_entry(struct scenario_build *sb, int node)
{
	struct scenario *s = sb->s;
	struct scenario_expect *x = &s->expects[s->nexpects];
	unsigned subjects = 0;
	double margin = 0;

	if (s->nexpects == SCENARIO_EXPECTS)
		return;
	*x = (struct scenario_expect){.array = NONE16};
	for (unsigned i = 0; i < EXPECT_COUNT; i++) {
		if (!ydoc_get(sb->doc, node, expect_keys[i]))
			continue;
		subjects++;
		x->what = (uint8_t)i;
		copy_text(x->word, sizeof(x->word), word(sb, node, expect_keys[i], ""));
	}
	if (subjects != 1) {
		ydoc_complain(sb->doc, node,
			"an expectation is about exactly one thing, this one is about %u",
			subjects);
		return;
	}
	if (ydoc_get(sb->doc, node, "array"))
		x->array = (uint16_t)scenario_array(sb, node);
	x->verdict = (uint8_t)verdict_from_text(x->word);
	x->severity = (uint8_t)severity_from_text(word(sb, node, "severity", ""));
	x->never = ydoc_bool(sb->doc, ydoc_get(sb->doc, node, "never"), false);
	x->by_ms = duration(sb, node, "by", UINT64_MAX);
	x->not_before_ms = duration(sb, node, "not_before", 0);
	if (ydoc_real(sb->doc, ydoc_get(sb->doc, node, "margin"), &margin) && margin >= -1 &&
		margin < 1000)
		x->margin = (int16_t)margin;
	copy_text(x->component, sizeof(x->component), word(sb, node, "component", ""));
	check_component(sb, node, x);
	if (x->by_ms != UINT64_MAX && x->by_ms > s->length_ms)
		s->length_ms = x->by_ms;
	s->nexpects++;
}

void scenario_expects(struct scenario_build *sb, int list)
{
	for (unsigned i = 0; i < ydoc_count(sb->doc, list); i++)
		expect_entry(sb, ydoc_item(sb->doc, list, i));
}
