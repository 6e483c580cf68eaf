#include "web/page_parts.h"

/* clang-format off */
static const struct {
	const char *class, *symbol, *word;
} step_marks[STEP_STATE_COUNT] = {
	[STEP_TODO] = {"todo", "_todo", "to do"}, [STEP_NOW] = {"now", "_run", "now"},
	[STEP_DONE] = {"done", "_ok", "done"}, [STEP_FAILED] = {"bad", "_x", "failed"},
	[STEP_UNKNOWN] = {"bad", "_unk", "outcome unknown"}, [STEP_SKIPPED] = {"todo", "_todo", "skipped"},
};
static const char *const run_words[RUN_STATE_COUNT] = {
	[RUN_IDLE] = "idle", [RUN_REQUESTED] = "asked for", [RUN_WAITING_APPROVAL] = "waits for a person",
	[RUN_FENCING] = "isolating the writers", [RUN_PROMOTING] = "moving the services",
	[RUN_VERIFYING] = "checking what was moved", [RUN_DONE] = "done", [RUN_FAILED] = "failed",
	[RUN_FROZEN] = "frozen: an outcome is unknown, nothing more is done without a person",
	[RUN_ABORTED] = "aborted", [RUN_WITHDRAWN] = "withdrawn",
};
/* clang-format on */

static const char *verb_word(unsigned v)
{
	return v == VERB_FENCE_STATUS ? "fence confirmed" : verb_text((enum verb)v);
}

/* Verbs the step may run, as configured; those done and in flight where there is no configuration. */
static void say_verbs(struct ctx *c, const struct step_row *s, uint32_t verbs)
{
	out_text(c->b, "<p class=\"verbs\">");
	for (unsigned v = VERB_NONE + 1; v < VERB_COUNT; v++) {
		bool now = s->verb == v && s->state == STEP_NOW, done = s->verbs_done & 1u << v;

		if (v == VERB_ROLLBACK || v == VERB_DRILL || v == VERB_NOOP) {
			if (!now && !done)
				continue;
		} else if (!(verbs & 1u << v) && !now && !done) {
			continue;
		}
		if (now)
			out_format(c->b, "<b>%s …</b>", verb_word(v));
		else
			out_format(c->b, "<span>%s%s</span>", verb_word(v), done ? " ✓" : "");
	}
	out_text(c->b, "</p>");
}

static void say_step_time(struct ctx *c, const struct step_row *s, const struct cfg_step *cfg)
{
	char span[40];

	out_text(c->b, "<span class=\"num\">");
	if (s->state == STEP_NOW && s->started_wall_ms) {
		char suffix[48] = "";

		if (cfg && cfg->timeout_ms)
			format_text(suffix, sizeof(suffix), " of %s a verb",
				span_text(cfg->timeout_ms, span, sizeof(span)));
		say_age(c, s->started_wall_ms, suffix, 0);
	} else if (s->started_wall_ms && s->ended_wall_ms) {
		out_text(c->b, span_text((uint64_t)MAX_OF(s->ended_wall_ms - s->started_wall_ms, 0),
				       span, sizeof(span)));
	} else if (cfg && cfg->timeout_ms) {
		out_format(c->b, "limit %s", span_text(cfg->timeout_ms, span, sizeof(span)));
	}
	out_text(c->b, "</span>");
}

static void say_progress(struct ctx *c, const struct step_row *s, unsigned number)
{
	int64_t limit = s->deadline_wall_ms - s->started_wall_ms,
		spent = c->v->wall_ms - s->started_wall_ms;
	char at[40];

	if (limit <= 0)
		return;
	c->b->fleeting++;
	out_format(c->b,
		"<progress max=\"%lld\" value=\"%lld\" data-from=\"%s\" aria-label=\"Step %u, time used\"></progress>",
		(long long)limit / 1000, (long long)MIN_OF(MAX_OF(spent, 0), limit) / 1000,
		time_text(s->started_wall_ms, at, sizeof(at)), number);
	c->b->fleeting--;
}

/* Scripts tell it as JSON with a "status" for people; what has none, or was cut, is shown as it came. */
static void say_status(struct ctx *c, const char *status)
{
	static const char key[] = "\"status\":";
	const char *at = status[0] == '{' ? strstr(status, key) : NULL, *end;

	at = at ? at + sizeof(key) - 1 : NULL;
	at = at ? at + strspn(at, " ") : NULL;
	end = at && *at == '"' ? strpbrk(at + 1, "\"\\") : NULL;
	if (end && *end == '"')
		out_html_bytes(c->b, at + 1, (size_t)(end - at - 1));
	else
		out_html(c->b, status);
}

static void say_step_words(struct ctx *c, const struct step_row *s)
{
	if (s->state == STEP_DONE || s->state == STEP_FAILED || s->state == STEP_UNKNOWN) {
		out_text(c->b, "<p class=\"age\">");
		if (s->started_wall_ms && s->ended_wall_ms) {
			say_clock(c, s->started_wall_ms);
			out_text(c->b, " to ");
			say_clock(c, s->ended_wall_ms);
			out_text(c->b, ", ");
		}
		out_text(c->b, step_marks[s->state].word);
		if (s->state != STEP_DONE && s->exit_kind == EXIT_BY_CODE)
			out_format(c->b, ", exit %d", s->exit_value);
		else if (s->state != STEP_DONE && s->exit_kind != EXIT_NOT_YET)
			out_format(c->b, ", %s", exit_kind_text(s->exit_kind));
		out_text(c->b, "</p>");
	}
	if (s->status[0]) {
		out_text(c->b, "<p class=\"age\">");
		say_status(c, s->status);
		out_text(c->b, "</p>");
	}
}

static void say_step(
	struct ctx *c, const struct step_row *s, const struct cfg_step *cfg, const char *target)
{
	unsigned state = s->state < STEP_STATE_COUNT ? s->state : STEP_UNKNOWN;

	out_format(c->b, "<li class=\"%s\"%s>", step_marks[state].class,
		state == STEP_NOW ? " aria-current=\"step\"" : "");
	glyph(c->b, step_marks[state].symbol,
		state == STEP_FAILED || state == STEP_UNKNOWN ? "crit-t" : "",
		step_marks[state].word);
	out_format(c->b, "<h3>%u ", s->index + 1u);
	out_html(c->b, s->name);
	if (target[0]) {
		out_text(c->b, " to ");
		out_html(c->b, target);
	}
	out_text(c->b, "</h3>");
	say_step_time(c, s, cfg);
	if (state == STEP_NOW) {
		say_progress(c, s, s->index + 1u);
		say_verbs(c, s, cfg ? cfg->verbs : 0);
	}
	say_step_words(c, s);
	out_text(c->b, "</li>");
}

static const struct cfg_plan *plan_config(const struct ctx *c, const struct plan_row *p)
{
	const struct config *cfg = c->in->config;

	return cfg && p->config < cfg->nplans ? &cfg->plans[p->config] : NULL;
}

static const struct step_row *run_step_row(
	const struct model *m, const struct plan_row *p, unsigned index)
{
	for (uint32_t i = 0; i < step_count(m); i++) {
		const struct step_row *s = step_at(m, i);

		if (s->used && s->run == p->run && s->index == index)
			return s;
	}
	return NULL;
}

static unsigned plan_steps(const struct ctx *c, const struct plan_row *p)
{
	const struct cfg_plan *cfg = plan_config(c, p);
	unsigned n = cfg ? cfg->nsteps : 0;

	for (uint32_t i = 0; i < step_count(c->m); i++)
		if (step_at(c->m, i)->used && step_at(c->m, i)->run == p->run)
			n = MAX_OF(n, step_at(c->m, i)->index + 1u);
	return n;
}

static void say_steps(struct ctx *c, const struct plan_row *p)
{
	const struct cfg_plan *cfg = plan_config(c, p);
	unsigned n = plan_steps(c, p);

	if (!n)
		return;
	out_text(c->b, "<ol class=\"steps\">");
	for (unsigned i = 0; i < n; i++) {
		const struct cfg_step *step =
			cfg && i < cfg->nsteps ? &c->in->config->steps[cfg->first_step + i] : NULL;
		const struct step_row *row = run_step_row(c->m, p, i);
		struct step_row todo = {.index = (uint16_t)i, .state = STEP_TODO};

		if (step)
			copy_text(todo.name, sizeof(todo.name), cfg_str(c->in->config, step->name));
		say_step(c, row ? row : &todo, step, p->target);
	}
	out_text(c->b, "</ol>");
}

static void say_run(struct ctx *c, const struct plan_row *p, const struct run_row *r)
{
	unsigned n = plan_steps(c, p);

	out_format(c->b, "<p class=\"run\" id=\"run\">Run r%u%s, <b>%s</b>", r->id,
		r->mode == RUN_MODE_DRILL ? " (a drill)" : "",
		run_words[r->state < RUN_STATE_COUNT ? r->state : RUN_IDLE]);
	if (n && !r->ended_wall_ms && r->state >= RUN_FENCING)
		out_format(c->b, ", step %u of %u", MIN_OF(r->step + 1u, n), n);
	out_text(c->b, ". ");
	if (r->state == RUN_WAITING_APPROVAL && r->approve_until_wall_ms) {
		out_text(c->b, "No answer by ");
		say_clock(c, r->approve_until_wall_ms);
		out_text(c->b, ", and nothing is moved (");
		say_left(c, r->approve_until_wall_ms);
		out_text(c->b, "). ");
	}
	if (r->approved_wall_ms) {
		out_text(c->b, "Approved by ");
		out_html(c->b, r->by);
		out_text(c->b, " at ");
		say_clock(c, r->approved_wall_ms);
		out_text(c->b, ". ");
	}
	if (r->ended_wall_ms) {
		out_text(c->b, "Ended at ");
		say_clock(c, r->ended_wall_ms);
		out_text(c->b, ". ");
	} else if (r->deadline_wall_ms) {
		out_text(c->b, "Must end by ");
		say_clock(c, r->deadline_wall_ms);
		out_text(c->b, ", ");
		say_left(c, r->deadline_wall_ms);
		out_text(c->b, ". ");
	}
	out_html(c->b, r->reason);
	out_text(c->b, "</p>");
}

static void say_refused(struct ctx *c, const struct plan_row *p)
{
	if (!p->refused_wall_ms)
		return;
	out_text(c->b, "<p class=\"quiet\">Last refused at ");
	say_clock(c, p->refused_wall_ms);
	out_text(c->b, " by the gate <b>");
	out_html(c->b, p->refused_gate);
	out_text(c->b, "</b>: ");
	say_commands(c, p->refused_why);
	out_text(c->b, "</p>");
}

static void say_dry_run(struct ctx *c, uint32_t index)
{
	if (!view_dry_run(c->v, index, c->buf, sizeof(c->buf)))
		return;
	out_text(c->b, "<p class=\"quiet\">Dry run ");
	out_html(c->b, c->buf);
	out_text(c->b, ".</p>");
}

static void say_plan(struct ctx *c, uint32_t index, bool headed)
{
	const struct plan_row *p = plan_at(c->m, index);
	const struct run_row *r = plan_run(c->m, p);

	if (headed) {
		out_text(c->b, "<h3 class=\"sub\">");
		out_html(c->b, p->name);
		out_text(c->b, "</h3>");
	}
	if (r && run_is_open(r)) {
		say_run(c, p, r);
		say_steps(c, p);
	} else {
		out_text(c->b, "<p class=\"run\">Watching. The plan is ");
		out_text(c->b, p->armed ? "armed" : "not armed");
		out_text(c->b, p->mode == MODE_AUTO ? " and starts by itself."
						    : " and asks a person before it starts.");
		out_text(c->b, " Drives never start a failover.</p>");
	}
	say_refused(c, p);
	say_dry_run(c, index);
}

static void say_sink(struct ctx *c, const struct sink_row *s)
{
	bool good = s->state == SINK_OK;

	out_format(c->b, "<dt%s>", good ? "" : " class=\"warn-t\"");
	glyph(c->b, good ? "_ok" : "_warn", "", good ? NULL : "Warning");
	out_html(c->b, s->name);
	out_format(c->b, " (%s)<dd>", sink_type_text(s->type));
	if (s->success_wall_ms) {
		out_text(c->b, good ? "accepted " : "last accepted ");
		say_age(c, s->success_wall_ms, " ago", 0);
	} else {
		out_text(c->b, "nothing accepted yet");
	}
	if (s->queued) {
		out_format(c->b, ", %u waiting", s->queued);
		if (s->oldest_wall_ms) {
			out_text(c->b, ", oldest ");
			say_age(c, s->oldest_wall_ms, "", 0);
		}
	} else {
		out_text(c->b, ", none waiting");
	}
	if (!good && s->error[0]) {
		out_text(c->b, "; ");
		out_html(c->b, s->error);
	}
	if (!good && s->next_try_wall_ms > c->v->wall_ms) {
		out_text(c->b, ", next try: ");
		say_left(c, s->next_try_wall_ms);
	}
}

static void say_drill(struct ctx *c, const struct plan_row *p)
{
	uint64_t age = p->drill_wall_ms ? (uint64_t)MAX_OF(c->v->wall_ms - p->drill_wall_ms, 0) : 0;
	bool young = !p->rehearse_every_ms || age < p->rehearse_every_ms;
	bool good = p->drill_wall_ms ? p->drill_ok && young : !p->rehearse_every_ms;
	char span[40];

	out_format(c->b, "<dt%s>", good ? "" : " class=\"warn-t\"");
	glyph(c->b,
		good && p->drill_wall_ms ? "_ok"
		: good                   ? "_todo"
					 : "_warn",
		"", good ? NULL : "Warning");
	out_text(c->b, "last drill<dd>");
	if (!p->drill_wall_ms) {
		out_text(c->b, "never");
		return;
	}
	out_text(c->b, p->drill_ok ? "passed " : "failed ");
	say_age(c, p->drill_wall_ms, " ago", 0);
	out_format(c->b, ", in %s", span_text(p->drill_ms, span, sizeof(span)));
	if (p->rehearse_every_ms)
		out_format(c->b, "; limit %s", span_text(p->rehearse_every_ms, span, sizeof(span)));
}

/* Who was told, and whether what may act was rehearsed. */
void page_standing(struct ctx *c)
{
	out_text(c->b, "<h3 class=\"sub\">Alerts, drill</h3><dl class=\"kv\">");
	for (uint32_t i = 0; i < sink_count(c->m); i++) {
		const struct sink_row *s = sink_at(c->m, i);

		if (!s->used)
			continue;
		say_sink(c, s);
		if (!s->heartbeat_ms)
			continue;
		out_text(c->b, "<dt>");
		glyph(c->b, s->heartbeat_wall_ms ? "_ok" : "_todo", "", NULL);
		out_text(c->b, "heartbeat<dd>");
		if (s->heartbeat_wall_ms)
			say_age(c, s->heartbeat_wall_ms, " ago", (uint64_t)s->heartbeat_ms * 2);
		else
			out_text(c->b, "not accepted yet");
	}
	if (!sink_count(c->m)) {
		out_text(c->b, "<dt class=\"warn-t\">");
		glyph(c->b, "_warn", "", "Warning");
		out_text(c->b, "nobody<dd>no sink is configured: nobody is told");
	}
	for (uint32_t i = 0; i < plan_count(c->m); i++)
		if (plan_at(c->m, i)->used)
			say_drill(c, plan_at(c->m, i));
	out_text(c->b, "</dl>");
}

void page_plan(struct ctx *c)
{
	unsigned plans = 0;

	section_begin(c);
	for (uint32_t i = 0; i < plan_count(c->m); i++)
		plans += plan_at(c->m, i)->used;
	out_text(c->b, "<h2 id=\"h-pl\">What Ballast is doing<small>");
	if (!plans)
		out_text(c->b, "no plan");
	else if (plans > 1)
		out_format(c->b, "%u plans", plans);
	for (uint32_t i = 0; plans == 1 && i < plan_count(c->m); i++)
		if (plan_at(c->m, i)->used) {
			out_text(c->b, "plan ");
			out_html(c->b, plan_at(c->m, i)->name);
		}
	out_text(c->b, "</small></h2>");
	for (uint32_t i = 0; i < plan_count(c->m); i++)
		if (plan_at(c->m, i)->used)
			say_plan(c, i, plans > 1);
	if (!plans)
		out_text(c->b,
			"<p class=\"run\">Watching. No plan is configured: nothing is moved.</p>");
	page_standing(c);
	section_end(c, "plan", "<section aria-labelledby=\"h-pl\"", "</section>");
}
