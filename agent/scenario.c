#include "agent/scenario.h"
#include "agent/scenario_parts.h"

#include <errno.h>
#include <stdio.h>

/* Plans and sinks say the same as in a configuration; scripts and receivers need not exist. */
static void build_config(struct scenario_build *sb, const char *file)
{
	struct build *b = &sb->b;
	struct config *c = b->c;
	int root = ydoc_root(sb->doc), sinks = ydoc_get(sb->doc, root, "sinks"),
	    plans = ydoc_get(sb->doc, root, "plans");

	build_defaults(c);
	c->demo = 1;
	c->file = cfg_put(c, file, &b->full);
	c->host = cfg_put(c, "replay", &b->full);
	scenario_arrays(sb, ydoc_get(sb->doc, root, "arrays"));
	for (unsigned i = 0; i < c->nsources; i++)
		c->sources[i].scenario = cfg_put(c, sb->s->name, &b->full);
	for (unsigned i = 0; i < ydoc_count(sb->doc, sinks); i++)
		build_sink(b, ydoc_item(sb->doc, sinks, i));
	for (unsigned i = 0; i < ydoc_count(sb->doc, plans); i++)
		build_plan(b, ydoc_item(sb->doc, plans, i));
	scenario_witnesses(sb);
	check_names(b);
}

static void build_scenario(struct scenario_build *sb, const char *file)
{
	struct scenario *s = sb->s;
	struct ydoc *d = sb->doc;
	int root = ydoc_root(d);
	uint64_t length;

	copy_text(s->name, sizeof(s->name), ydoc_text(d, ydoc_get(d, root, "name"), ""));
	copy_text(s->about, sizeof(s->about), ydoc_text(d, ydoc_get(d, root, "about"), ""));
	copy_text(s->source, sizeof(s->source), ydoc_text(d, ydoc_get(d, root, "source"), ""));
	s->demo_speed = (uint32_t)MIN_OF(
		ydoc_number(d, ydoc_get(d, root, "demo_speed"), 1), (uint64_t)10000);
	build_config(sb, file);
	scenario_timeline(sb, ydoc_get(d, root, "timeline"));
	scenario_expects(sb, ydoc_get(d, root, "expect"));
	length = ydoc_duration(d, ydoc_get(d, root, "length"), 0);
	if (length && length < s->length_ms)
		ydoc_complain(d, ydoc_get(d, root, "length"),
			"shorter than its timeline and expectations");
	s->length_ms = MAX_OF(s->length_ms, length);
}

int scenario_parse(const char *file, const char *text, size_t len, struct scenario *s,
	struct config_errors *errs)
{
	cleanup_(ydoc_freep) struct ydoc *d = NULL;
	cleanup_(freep) struct scenario_build *sb = calloc(1, sizeof(*sb));
	int r = ydoc_load(text, len, &scenario_schema, &d);

	if (r < 0 || !sb) {
		config_error(errs, "%s:1:1: error: out of memory", file);
		return -EINVAL;
	}
	memset(s, 0, sizeof(*s));
	*sb = (struct scenario_build){.s = s, .doc = d};
	sb->b = (struct build){.doc = d, .c = &s->config, .scenario = true};
	if (ydoc_root(d))
		build_scenario(sb, file);
	if (!ydoc_mistakes(d))
		return advisories_load_all(NULL, &s->config, errs);
	ydoc_print(d, file, errs->err, errs->count ? NULL : errs->first, sizeof(errs->first));
	errs->count += ydoc_mistakes(d);
	return -EINVAL;
}

int scenario_load(const char *name_or_file, struct scenario *s, struct config_errors *errs)
{
	cleanup_(freep) char *text = NULL;
	size_t len = 0;
	int r;

	for (const struct embedded *e = builtin_scenarios; e->name; e++)
		if (!strcmp(e->name, name_or_file))
			return scenario_parse(e->name, e->text, e->len, s, errs);
	r = slurp(name_or_file, YAML_BYTES_MAX, &text, &len);
	if (r == 0)
		return scenario_parse(name_or_file, text, len, s, errs);
	config_error(errs,
		"%s:1:1: error: neither a built-in scenario nor a file that can be read (%s)",
		name_or_file, strerror(-r));
	if (errs->err && !strchr(name_or_file, '/')) {
		fprintf(errs->err, "built in:");
		for (const struct embedded *e = builtin_scenarios; e->name; e++)
			fprintf(errs->err, " %s", e->name);
		fprintf(errs->err, "\n");
	}
	return -EINVAL;
}

enum argument { ARGUMENT_NONE, ARGUMENT_RUN, ARGUMENT_PLAN, ARGUMENT_ANY };

static const struct {
	const char *words;
	enum command_type type;
	enum argument argument;
} operator_lines[] = {
	{"failover approve", CMD_APPROVE, ARGUMENT_RUN},
	{"failover deny", CMD_DENY, ARGUMENT_RUN},
	{"failover abort", CMD_ABORT, ARGUMENT_RUN},
	{"failover resume", CMD_RESUME, ARGUMENT_RUN},
	{"failover clear", CMD_CLEAR, ARGUMENT_RUN},
	{"failover arm", CMD_ARM, ARGUMENT_PLAN},
	{"failover disarm", CMD_DISARM, ARGUMENT_PLAN},
	{"failover run", CMD_RUN, ARGUMENT_PLAN},
	{"failover dry-run", CMD_DRY_RUN, ARGUMENT_PLAN},
	{"adopt", CMD_ADOPT, ARGUMENT_ANY},
	{"forget", CMD_FORGET, ARGUMENT_ANY},
	{"ack", CMD_ACK, ARGUMENT_ANY},
	{"unack", CMD_UNACK, ARGUMENT_ANY},
	{"maintenance start", CMD_MAINTENANCE_START, ARGUMENT_ANY},
	{"maintenance stop", CMD_MAINTENANCE_STOP, ARGUMENT_ANY},
	{"test-alert", CMD_TEST_ALERT, ARGUMENT_ANY},
};

/* "2h" and "canister=1" behind a maintenance. */
static bool more_words(const char *rest, struct command *c)
{
	char word[64], more[64] = "", kind[32];
	unsigned count;
	uint64_t ms;
	int n = sscanf(rest, "%63s %63s", word, more);

	for (int i = 0; i < n; i++) {
		const char *w = i ? more : word;

		if (duration_parse(w, &ms))
			c->for_ms = ms;
		else if (sscanf(w, "%31[a-z]=%u", kind, &count) == 2 && kind_from_text(kind)) {
			c->allow_kind = (uint16_t)kind_from_text(kind);
			c->allow_count = count;
		} else
			return false;
	}
	return true;
}

/* What the line leaves out is taken where there is one only. */
static void argument_default(
	const struct config *c, enum argument a, const char *run, struct command *ret)
{
	if (ret->id[0])
		return;
	if (a == ARGUMENT_RUN)
		copy_text(ret->id, sizeof(ret->id), run);
	else if (a == ARGUMENT_PLAN && c->nplans == 1)
		copy_text(ret->id, sizeof(ret->id), cfg_str(c, c->plans[0].name));
	else if (ret->type == CMD_ADOPT && c->narrays == 1)
		copy_text(ret->id, sizeof(ret->id), cfg_str(c, c->arrays[0].name));
}

bool scenario_command(
	const struct config *c, const char *line, const char *run, struct command *ret)
{
	for (size_t i = 0; i < ARRAY_SIZE(operator_lines); i++) {
		size_t len = strlen(operator_lines[i].words);
		const char *rest = line + len;
		size_t word;
		int plan;

		if (strncmp(line, operator_lines[i].words, len) || (*rest && *rest != ' '))
			continue;
		rest += strspn(rest, " ");
		word = strcspn(rest, " ");
		*ret = (struct command){.type = (uint16_t)operator_lines[i].type};
		copy_text(ret->why, sizeof(ret->why), "the scenario's operator");
		if (word >= sizeof(ret->id))
			return false;
		memcpy(ret->id, rest, word);
		argument_default(c, operator_lines[i].argument, run, ret);
		plan = operator_lines[i].type == CMD_RUN ? cfg_plan_index(c, ret->id) : -1;
		if (plan >= 0)
			copy_text(ret->serial, sizeof(ret->serial),
				cfg_str(c, c->arrays[c->plans[plan].array].serial));
		return more_words(rest + word, ret);
	}
	return false;
}
