#include <json-c/json.h>
#include <math.h>

#include "agent/ctl.h"
#include "agent/rules.h"
#include "agent/view_words.h"

static void draw_facts(struct ctl *c, const struct view *v, uint32_t component)
{
	static const char *const heads[] = {
		"FACT", "VALUE", "ADOPTED WITH", "BEFORE", "CHANGED", "READ", "SOURCE"};
	struct text_table t;

	text_table_init(&t, heads, ARRAY_SIZE(heads));
	for (uint32_t i = 0; i < fact_count(v->model); i++) {
		const struct fact_row *f = fact_at(v->model, i);
		const struct source_row *src = source_at(v->model, f->source);
		const struct seen_row *s;
		char value[64], when[48];

		if (!f->used || f->component != component)
			continue;
		s = model_seen(v->model, component, f->source);
		text_table_cell(&t, STYLE_PLAIN, "%s",
			f->fact < FACT_CUSTOM ? fact_info(f->fact)->label
					      : model_fact_name(v->model, f->fact));
		view_fact_value(f->fact, f->value, value, sizeof(value));
		text_table_cell(&t, STYLE_PLAIN, "%s", value);
		view_fact_value(f->fact, f->first, value, sizeof(value));
		text_table_cell(&t, STYLE_PLAIN, "%s", value);
		view_fact_value(f->fact, f->was, value, sizeof(value));
		text_table_cell(&t, STYLE_PLAIN, "%s", f->changed_wall_ms > 0 ? value : "");
		text_table_cell(&t, STYLE_PLAIN, "%s",
			f->changed_wall_ms > 0 ? day_text(v, f->changed_wall_ms, when, sizeof(when))
					       : "");
		text_table_cell(
			&t, STYLE_PLAIN, "%s", ctl_ago(v, s ? s->read_ms : 0, when, sizeof(when)));
		text_table_cell(
			&t, STYLE_PLAIN, "%s", src && src->used ? source_type_text(src->type) : "");
	}
	if (t.count) {
		ctl_say(c, "\n");
		text_table_print(&t, c->out, c->colour);
	}
	text_table_free(&t);
}

static void draw_days(struct ctl *c, const struct view *v, uint32_t component, enum daily_kind kind,
	unsigned fact)
{
	double days[DAILY_DAYS];
	char line[DAILY_DAYS * 24] = "", value[64];

	if (!view_daily(v, component, kind, days))
		return;
	for (unsigned i = 0; i < DAILY_DAYS; i++) {
		size_t n = strlen(line);

		copy_text(value, sizeof(value), "-");
		if (!isnan(days[i]))
			view_fact_value(fact, days[i], value, sizeof(value));
		format_text(line + n, sizeof(line) - n, "%s%s", n ? ", " : "", value);
	}
	ctl_print(c, "  %-12s %s", fact == FACT_TEMPERATURE ? "temperature" : "defects", line);
}

static void draw_history(struct ctl *c, const struct view *v, uint32_t component)
{
	if (!model_daily(v->model, component))
		return;
	ctl_say(c, "\nOne value a day, the last is now:\n");
	draw_days(c, v, component, DAILY_TEMPERATURE, FACT_TEMPERATURE);
	draw_days(c, v, component, DAILY_REALLOCATED, FACT_REALLOCATED);
}

static void line_if(struct ctl *c, const char *label, const char *text)
{
	if (text && text[0])
		ctl_print(c, "  %-12s %s", label, text);
}

static void draw_looks(struct ctl *c, const struct view *v, uint32_t component)
{
	for (uint32_t i = 0; i < seen_count(v->model); i++) {
		const struct seen_row *s = seen_at(v->model, i);
		const struct source_row *src = source_at(v->model, s->source);
		char ago[32];

		if (s->used && s->component == component)
			ctl_print(c, "  %-12s %s by %s, last answer %s%s", "looked at",
				outcome_text(s->outcome),
				src && src->used ? source_type_text(src->type) : "?",
				ctl_ago(v, s->read_ms, ago, sizeof(ago)), s->read_ms ? " ago" : "");
	}
}

static void draw_component(struct ctl *c, const struct view *v, uint32_t i)
{
	const struct component_row *k = component_at(v->model, i);
	char id[160], name[128], when[48], text[96];

	view_component_name(v->model, i, name, sizeof(name));
	upper_first(name);
	ctl_print(c, "%s: %s (%s)", component_id(v->model, i, id, sizeof(id)), name,
		health_text(k->health));
	format_text(text, sizeof(text), "%s since %s%s%s%s", state_text(k->state),
		day_text(v, k->state_wall_ms, when, sizeof(when)), k->raw[0] ? " (says: " : "",
		k->raw, k->raw[0] ? ")" : "");
	line_if(c, "state", text);
	line_if(c, "message", k->message);
	line_if(c, "vendor", k->vendor);
	line_if(c, "model", k->model);
	line_if(c, "serial", k->serial);
	line_if(c, "firmware", k->firmware);
	line_if(c, "device", k->dev);
	line_if(c, "class", k->drive_class ? drive_class_text(k->drive_class) : "");
	line_if(c, "enclosure", k->enclosure);
	line_if(c, "unit", k->unit);
	if (k->slot >= 0)
		ctl_print(c, "  %-12s %d", "slot", k->slot);
	line_if(c, "booted",
		k->booted_wall_ms > 0 ? day_text(v, k->booted_wall_ms, when, sizeof(when)) : "");
	line_if(c, "adopted",
		k->adopted_wall_ms > 0 ? day_text(v, k->adopted_wall_ms, when, sizeof(when)) : "");
	draw_looks(c, v, i);
}

static void draw_own_findings(struct ctl *c, const struct view *v, uint32_t component)
{
	bool any = false;

	for (uint32_t i = 0; i < finding_count(v->model); i++) {
		const struct finding_row *f = finding_at(v->model, i);
		char title[192];

		if (!f->used || !f->active || f->component != component)
			continue;
		if (!any)
			ctl_say(c, "\nFindings:\n");
		any = true;
		view_finding_title(v, f, title, sizeof(title));
		ctl_print(c, "  F-%u %s: %s", f->id, severity_text(f->severity), title);
	}
}

int ctl_show(struct ctl *c)
{
	int r = ctl_follow(c);
	struct view v = ctl_now(c);
	uint32_t i;

	if (r)
		return r;
	i = model_parse_id(v.model, c->word[0]);
	if (i == NONE32)
		return ctl_error(c, CTL_REFUSED,
			"there is no component %s: ballastctl components lists them", c->word[0]);
	if (c->json)
		return ctl_print_json(c, json_component(&v, i, true));
	draw_component(c, &v, i);
	draw_facts(c, &v, i);
	draw_history(c, &v, i);
	draw_own_findings(c, &v, i);
	return CTL_OK;
}

static void draw_evidence(struct ctl *c, const struct view *v, const struct finding_row *f)
{
	for (unsigned i = 0; i < f->nevidence && i < ARRAY_SIZE(f->evidence); i++) {
		const struct evidence *e = &f->evidence[i];
		const struct source_row *src = source_at(v->model, e->source);
		char text[96], when[48];

		view_evidence(v, e, text, sizeof(text));
		ctl_print(c, "  %s: %s (%s%s%s)",
			e->fact == FACT_NONE    ? "state"
			: e->fact < FACT_CUSTOM ? fact_info(e->fact)->label
						: model_fact_name(v->model, e->fact),
			text, src && src->used ? source_type_text(src->type) : "derived",
			e->at_wall_ms > 0 ? ", " : "",
			e->at_wall_ms > 0 ? day_text(v, e->at_wall_ms, when, sizeof(when)) : "");
	}
}

static void explain_finding(struct ctl *c, const struct view *v, const struct finding_row *f)
{
	char text[512], id[160], when[48], span[32];
	int64_t lasted = v->wall_ms - f->since_wall_ms;

	view_finding_title(v, f, text, sizeof(text));
	ctl_print(c, "F-%u %s: %s", f->id, severity_text(f->severity), text);
	ctl_print(c, "  rule %s%s%s, since %s, %s%s", f->rule_id,
		f->component != NONE32 ? " on " : "",
		f->component != NONE32 ? component_id(v->model, f->component, id, sizeof(id)) : "",
		day_text(v, f->since_wall_ms, when, sizeof(when)),
		span_text(lasted > 0 ? (uint64_t)lasted : 0, span, sizeof(span)),
		f->active ? "" : " (no longer holds)");
	if (f->tier > f->severity)
		ctl_print(c, "  by itself %s; %s because its group keeps a margin without it",
			severity_text(f->tier), severity_text(f->severity));
	if (f->acked)
		ctl_print(c, "  acknowledged by %s: %s", f->acked_by, f->acked_why);
	view_finding_meaning(v, f, text, sizeof(text));
	if (text[0])
		ctl_say(c, "\n"), ctl_print(c, "%s", text);
	view_finding_action(v, f, text, sizeof(text));
	ctl_print(c, "Do: %s", text);
	if (f->nevidence)
		ctl_say(c, "\nEvidence:\n");
	draw_evidence(c, v, f);
}

/* A test without words here is explained by its texts alone. */
static const char *const condition_words[TEST_COUNT] = {
	[TEST_AT_LEAST] = "is at least",
	[TEST_BELOW_FACT] = "is below",
	[TEST_BITS] = "has one of the bits",
	[TEST_EQUALS] = "is",
	[TEST_GROWN] = "has grown since adoption by",
	[TEST_CAME_WITH] = "was already, when adopted, at least",
	[TEST_FELL] = "is less than when adopted, as of",
	[TEST_RATE] = "has grown",
};

static void explain_states(struct ctl *c, const struct rule *r)
{
	ctl_say(c, "  holds in state");
	for (unsigned s = 0; s < STATE_COUNT; s++)
		if ((unsigned)r->value >> s & 1)
			ctl_say(c, " %s", state_text(s));
	ctl_say(c, "\n");
}

static void explain_condition(struct ctl *c, const struct rule *r)
{
	const char *words = r->test < TEST_COUNT ? condition_words[r->test] : NULL;
	char value[96], span[32];

	view_fact_value(r->fact, r->value, value, sizeof(value));
	if (r->test == TEST_BELOW_FACT)
		copy_text(value, sizeof(value), fact_info(r->other_fact)->label);
	if (r->test == TEST_BITS)
		format_text(value, sizeof(value), "0x%02x", (unsigned)r->value);
	if (r->test == TEST_RATE)
		format_text(value, sizeof(value), "%u times within %s", r->count,
			span_text(r->window_ms, span, sizeof(span)));
	if (r->test == TEST_STATE)
		explain_states(c, r);
	else if (words && r->fact != FACT_NONE)
		ctl_print(c, "  holds when %s %s %s", fact_info(r->fact)->label, words, value);
}

/* A rule's texts are about a component that is not known here. {name} and {Name} come from its kind. */
static const struct {
	const char *name, *instead;
} placeholders[] = {
	{"array", "the array"},
	{"value", "N"},
	{"was", "N"},
	{"first", "N"},
	{"other", "M"},
	{"detail", ""},
	{"subject", "it"},
	{"model", "MODEL"},
	{"serial", "SERIAL"},
	{"firmware", "CODE"},
	{"vendor", "the vendor"},
	{"services", "its services"},
	{"state", "in that state"},
	{"raw", "what it says of itself"},
	{"message", "What it says."},
	{"dev", "its device"},
	{"slot", "its slot"},
	{"code", ""},
	{"Both", "Both canisters"},
	{"id", "ID"},
};

static const char *rule_noun(const struct rule *r)
{
	for (unsigned k = KIND_NONE + 1; k < KIND_COUNT; k++)
		if (r->kinds >> k & 1)
			return kind_noun(k, 1);
	return r->scope == SCOPE_DRIVE       ? "drive"
	       : r->scope == SCOPE_COMPONENT ? "component"
					     : "array";
}

static void plain_placeholder(struct line *l, const struct rule *r, const char *name, size_t len)
{
	if (len == 4 && !strncmp(name, "Name", len)) {
		line_add(l, "The %s", rule_noun(r));
		return;
	}
	if ((len == 4 && !strncmp(name, "name", len)) ||
		(len == 4 && !strncmp(name, "kind", len))) {
		line_add(l, "the %s", rule_noun(r));
		return;
	}
	for (unsigned i = 0; i < ARRAY_SIZE(placeholders); i++)
		if (strlen(placeholders[i].name) == len &&
			!strncmp(placeholders[i].name, name, len)) {
			line_add(l, "%s", placeholders[i].instead);
			return;
		}
	line_add(l, "%.*s", (int)len, name);
}

static void print_template(struct ctl *c, const struct rule *r, const char *lead, const char *t)
{
	char text[768];
	struct line l = line_on(text, sizeof(text));

	while (t && *t) {
		const char *open = strchr(t, '{'), *close = open ? strchr(open, '}') : NULL;

		line_add(&l, "%.*s", close ? (int)(open - t) : (int)strlen(t), t);
		if (!close)
			break;
		plain_placeholder(&l, r, open + 1, (size_t)(close - open - 1));
		t = close + 1;
	}
	ctl_print(c, "%s%s", lead, text);
}

static void explain_rule(struct ctl *c, const struct rule *r)
{
	char span[32];

	ctl_print(c, "%s (%s)", r->id, severity_text(r->severity));
	print_template(c, r, "  ", r->title);
	explain_condition(c, r);
	if (r->capped)
		ctl_print(c, "  at most a warning while its group keeps a margin without it");
	if (r->latched)
		ctl_print(c, "  does not clear by itself: adopt, replace or forget");
	else if (r->clear_ms)
		ctl_print(c, "  clears when it has not held for %s",
			span_text(r->clear_ms, span, sizeof(span)));
	else
		ctl_print(c, "  clears as soon as it no longer holds");
	ctl_say(c, "\n");
	print_template(c, r, "", r->meaning);
	print_template(c, r, "Do: ", r->action);
	print_template(c, r, "Source: ", r->source);
}

int ctl_explain(struct ctl *c)
{
	int rule = rule_index(c->word[0]);
	const struct finding_row *f;
	struct view v;
	int r;

	if (rule >= 0) {
		explain_rule(c, &rules[rule]);
		return CTL_OK;
	}
	if (strncmp(c->word[0], "F-", 2) != 0 &&
		strspn(c->word[0], "0123456789") != strlen(c->word[0]))
		return ctl_error(c, CTL_REFUSED,
			"there is no rule %s; findings are called F-NUMBER", c->word[0]);
	r = ctl_follow(c);
	if (r)
		return r;
	v = ctl_now(c);
	f = ctl_finding(c, c->word[0]);
	if (!f)
		return CTL_REFUSED;
	if (c->json)
		return ctl_print_json(c, json_finding(&v, (uint32_t)(f - finding_at(v.model, 0))));
	explain_finding(c, &v, f);
	return CTL_OK;
}
