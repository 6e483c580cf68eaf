#include <json-c/json.h>

#include "agent/ctl.h"
#include "agent/view_words.h"

/* CONTRACT: exit 0 ok, 1 warning, 2 critical, 3 unknown */
static int exit_of(enum health worst)
{
	switch (worst) {
	case HEALTH_OK:
		return CTL_OK;
	case HEALTH_WARNING:
		return CTL_WARNING;
	case HEALTH_CRITICAL:
	case HEALTH_FAILED:
	case HEALTH_ABSENT:
		return CTL_CRITICAL;
	case HEALTH_UNKNOWN:
	case HEALTH_COUNT:
		break;
	}
	return CTL_UNKNOWN;
}

static void margin_text(const struct array_row *a, char *buf, size_t size)
{
	if (!a->margin_known)
		copy_text(buf, size, "?");
	else if (a->margin < 0)
		copy_text(buf, size, "lost");
	else
		format_text(buf, size, "%d", a->margin);
}

/* What the page leads with too: one sentence an array. */
static void draw_sentences(struct ctl *c, const struct view *v)
{
	for (uint32_t i = 0; i < array_count(v->model); i++) {
		const struct array_row *a = array_at(v->model, i);
		char text[512];

		if (!a->used)
			continue;
		view_sentence(v, i, text, sizeof(text), NULL);
		ctl_say(c, "%s", text_style_on(style_of_health(view_array_worst(v, i)), c->colour));
		ctl_print(c, "%s%s — %s", a->name, a->simulated ? " (simulated)" : "", text);
		ctl_say(c, "%s",
			text_style_off(style_of_health(view_array_worst(v, i)), c->colour));
	}
}

static void draw_arrays(struct ctl *c, const struct view *v)
{
	static const char *const heads[] = {
		"ARRAY", "VERDICT", "MARGIN", "SEEN", "SINCE", "CARRIES"};
	struct text_table t;

	text_table_init(&t, heads, ARRAY_SIZE(heads));
	for (uint32_t i = 0; i < array_count(v->model); i++) {
		const struct array_row *a = array_at(v->model, i);
		char margin[24], when[48];

		if (!a->used)
			continue;
		margin_text(a, margin, sizeof(margin));
		text_table_cell(
			&t, STYLE_PLAIN, "%s%s", a->name, a->simulated ? " (simulated)" : "");
		text_table_cell(&t, style_of_health(view_array_worst(v, i)), "%s",
			a->verdict == VERDICT_NONE ? "?" : verdict_text(a->verdict));
		text_table_cell(&t, STYLE_PLAIN, "%s", margin);
		text_table_cell(&t, STYLE_PLAIN, "%s",
			a->visibility == VISIBILITY_NONE ? "?" : visibility_text(a->visibility));
		text_table_cell(
			&t, STYLE_PLAIN, "%s", day_text(v, a->since_wall_ms, when, sizeof(when)));
		text_table_cell(&t, STYLE_PLAIN, "%s%s",
			model_moved(v->model, i, NULL) ? "moved: " : "", a->services);
	}
	if (t.count)
		text_table_print(&t, c->out, c->colour);
	else
		ctl_say(c, "No array is known.\n");
	text_table_free(&t);
}

static const char *run_text(const struct view *v, const struct plan_row *p, char *buf, size_t size)
{
	const struct run_row *r = run_at(v->model, p->run);

	if (!r || !r->used || r->cleared)
		return "-";
	format_text(buf, size, "r%u", r->id);
	return buf;
}

/* Its column says "armed" already. */
static const char *armed_cell(const char *word)
{
	return !strcmp(word, "armed") ? "yes" : !strcmp(word, "disarmed") ? "no" : "when cleared";
}

static void draw_plans(struct ctl *c, const struct view *v)
{
	static const char *const heads[] = {
		"PLAN", "ARRAY", "MODE", "ARMED", "STATE", "RUN", "LAST REFUSAL"};
	struct text_table t;
	char run[16], why[256];

	text_table_init(&t, heads, ARRAY_SIZE(heads));
	for (uint32_t i = 0; i < plan_count(v->model); i++) {
		const struct plan_row *p = plan_at(v->model, i);
		const struct array_row *a = p->used ? array_at(v->model, p->array) : NULL;

		if (!p->used)
			continue;
		text_table_cell(&t, STYLE_PLAIN, "%s", p->name);
		text_table_cell(&t, STYLE_PLAIN, "%s", a ? a->name : "");
		text_table_cell(&t, STYLE_PLAIN, "%s", p->mode == MODE_AUTO ? "auto" : "approve");
		text_table_cell(&t, STYLE_PLAIN, "%s", armed_cell(view_armed(v, p)));
		text_table_cell(&t,
			p->state == RUN_IDLE || p->state == RUN_DONE ? STYLE_PLAIN : STYLE_WARNING,
			"%s", run_state_text(p->state));
		text_table_cell(&t, STYLE_PLAIN, "%s", run_text(v, p, run, sizeof(run)));
		view_commands(v, p->refused_why, why, sizeof(why));
		text_table_cell(&t, STYLE_PLAIN, "%s%s%s", p->refused_gate,
			p->refused_gate[0] ? ": " : "", why);
	}
	if (t.count) {
		ctl_say(c, "\n");
		text_table_print(&t, c->out, c->colour);
	}
	text_table_free(&t);
}

static void draw_sinks(struct ctl *c, const struct view *v)
{
	static const char *const heads[] = {
		"SINK", "TYPE", "STATE", "WAITING", "LAST ACCEPTED", "LAST ERROR"};
	struct text_table t;

	text_table_init(&t, heads, ARRAY_SIZE(heads));
	for (uint32_t i = 0; i < sink_count(v->model); i++) {
		const struct sink_row *s = sink_at(v->model, i);
		char when[48];

		if (!s->used)
			continue;
		text_table_cell(&t, STYLE_PLAIN, "%s", s->name);
		text_table_cell(&t, STYLE_PLAIN, "%s", sink_type_text(s->type));
		text_table_cell(&t, s->state == SINK_OK ? STYLE_PLAIN : STYLE_WARNING, "%s",
			sink_state_text(s->state));
		text_table_cell(&t, STYLE_PLAIN, "%u", s->queued);
		text_table_cell(
			&t, STYLE_PLAIN, "%s", day_text(v, s->success_wall_ms, when, sizeof(when)));
		text_table_cell(&t, STYLE_PLAIN, "%s", s->error);
	}
	if (t.count) {
		ctl_say(c, "\n");
		text_table_print(&t, c->out, c->colour);
	}
	text_table_free(&t);
}

static void draw_self(struct ctl *c, const struct view *v)
{
	const struct self_row *s = self_at(v->model, 0);

	if (!s || !s->used)
		return;
	if (!s->config_ok)
		ctl_print(c,
			"Ballast: the last reload was refused, the configuration before it is in use: %s",
			s->config_error);
	if (s->journal == JOURNAL_FAILING)
		ctl_print(c, "Ballast: the journal cannot be written; %u records wait in memory.",
			s->journal_waiting);
	if (!s->locked_memory && !view_only_simulated(v->model))
		ctl_print(c,
			"Ballast: its memory is not locked; it may not outlive the disks under this host.");
	if (s->abandoned)
		ctl_print(c, "Ballast: %u probe%s given up on, stuck in the kernel.", s->abandoned,
			s->abandoned == 1 ? "" : "s");
}

static void draw_todo(struct ctl *c, const struct view *v)
{
	struct todo todo[12];
	unsigned n = view_todo(v, todo, ARRAY_SIZE(todo));
	char when[48];

	if (n)
		ctl_say(c, "\nWhat you must do:\n");
	for (unsigned i = 0; i < n; i++) {
		ctl_print(c, "%2u. %s%s%s%s", i + 1, todo[i].text,
			todo[i].before_wall_ms ? ", before " : "",
			todo[i].before_wall_ms
				? day_text(v, todo[i].before_wall_ms, when, sizeof(when))
				: "",
			todo[i].before_wall_ms ? " UTC" : "");
		if (todo[i].detail[0])
			ctl_print(c, "    %s", todo[i].detail);
		if (todo[i].command[0])
			ctl_print(c, "    $ %s", todo[i].command);
	}
}

static unsigned count_findings(const struct model *m, enum severity s)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < finding_count(m); i++) {
		const struct finding_row *f = finding_at(m, i);

		n += f->used && f->active && f->folded == NONE16 && f->severity == s;
	}
	return n;
}

int ctl_draw_status(struct ctl *c, const struct view *v)
{
	const struct self_row *s = self_at(v->model, 0);
	enum text_style style = style_of_health(view_worst(v));
	char when[48];

	ctl_say(c, "Can I sleep? %s%s%s\n", text_style_on(style, c->colour), view_answer(v),
		text_style_off(style, c->colour));
	draw_sentences(c, v);
	ctl_print(c, "%s, %s UTC, record %llu", s ? s->host : "?",
		clock_text(v->wall_ms, when, sizeof(when)), (unsigned long long)v->model->sequence);
	ctl_say(c, "\n");
	draw_arrays(c, v);
	if (count_findings(v->model, SEV_CRITICAL) + count_findings(v->model, SEV_WARNING) +
		count_findings(v->model, SEV_INFO)) {
		ctl_say(c, "\n");
		ctl_draw_findings(c, v);
	}
	draw_plans(c, v);
	draw_sinks(c, v);
	draw_self(c, v);
	draw_todo(c, v);
	return exit_of(view_real_worst(v));
}

/* Perfdata and the status line are parted by '|': none may come from a name. */
static void nagios_text(struct ctl *c, const char *text)
{
	for (; *text; text++)
		(void)fputc(*text == '|' || (unsigned char)*text < 0x20 ? ' ' : *text, c->out);
}

static void nagios_label(struct ctl *c, const char *name)
{
	for (; *name; name++)
		(void)fputc(
			*name == '|' || *name == '\'' || *name == '=' || *name == ' ' ? '_' : *name,
			c->out);
}

static void nagios_perfdata(struct ctl *c, const struct view *v)
{
	unsigned queued = 0;

	for (uint32_t i = 0; i < sink_count(v->model); i++)
		queued += sink_at(v->model, i)->used ? sink_at(v->model, i)->queued : 0;
	ctl_say(c, " | findings_critical=%u;;1;0 findings_warning=%u;1;;0 alerts_queued=%u;;;0",
		count_findings(v->model, SEV_CRITICAL), count_findings(v->model, SEV_WARNING),
		queued);
	for (uint32_t i = 0; i < array_count(v->model); i++) {
		const struct array_row *a = array_at(v->model, i);

		if (!a->used)
			continue;
		ctl_say(c, " '");
		nagios_label(c, a->name);
		if (a->margin_known)
			ctl_say(c, "_margin'=%d;;;-1;%d", a->margin, a->expected);
		else
			ctl_say(c, "_margin'=U");
	}
	ctl_say(c, "\n");
}

static int draw_nagios(struct ctl *c, const struct view *v)
{
	static const char *const words[] = {"OK", "WARNING", "CRITICAL", "UNKNOWN"};
	int status = exit_of(view_real_worst(v)), told = 0;

	ctl_say(c, "BALLAST %s -", words[status]);
	for (uint32_t i = 0; i < array_count(v->model); i++) {
		const struct array_row *a = array_at(v->model, i);
		char text[512];

		if (!a->used || a->simulated)
			continue;
		view_sentence(v, i, text, sizeof(text), NULL);
		ctl_say(c, " ");
		nagios_text(c, a->name);
		ctl_say(c, ": ");
		nagios_text(c, text);
		told++;
	}
	if (!told)
		ctl_say(c, array_count(v->model) ? " no array is known but simulated ones."
						 : " no array is known.");
	nagios_perfdata(c, v);
	return status;
}

int ctl_status(struct ctl *c)
{
	int r = ctl_follow(c);
	struct view v;

	if (r && c->option[OPT_NAGIOS])
		ctl_say(c, "BALLAST UNKNOWN - ballastd does not answer\n");
	if (r)
		return r;
	v = ctl_now(c);
	if (c->option[OPT_NAGIOS])
		return draw_nagios(c, &v);
	if (!c->json)
		return ctl_draw_status(c, &v);
	(void)ctl_print_json(c, json_status(&v));
	return exit_of(view_real_worst(&v));
}
