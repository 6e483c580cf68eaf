#include "web/page_parts.h"

#include <stdio.h>

enum { LOG_SHOWN = 16, LANES = 8, SPANS = 24 };

/* clang-format off */
static const char *const state_span[STATE_COUNT] = {
	[STATE_UNKNOWN] = "z", [STATE_OK] = "", [STATE_DEGRADED] = "w", [STATE_SERVICE] = "x", [STATE_FAILED] = "x",
	[STATE_ABSENT] = "x", [STATE_TRANSITION] = "w", [STATE_UNREACHABLE] = "z",
};
static const char *const verdict_span[VERDICT_COUNT] = {
	[VERDICT_NONE] = "z", [VERDICT_REDUNDANT] = "", [VERDICT_SINGLE] = "", [VERDICT_AT_RISK] = "w",
	[VERDICT_DEGRADED] = "w", [VERDICT_BLIND] = "z", [VERDICT_NOT_REDUNDANT] = "x",
	[VERDICT_IMPENDING_LOSS] = "x", [VERDICT_ACCESS_LOST] = "x",
};
static const char *const run_span[RUN_STATE_COUNT] = {
	[RUN_IDLE] = "", [RUN_REQUESTED] = "", [RUN_WAITING_APPROVAL] = "w", [RUN_FENCING] = "k", [RUN_PROMOTING] = "k",
	[RUN_VERIFYING] = "k", [RUN_DONE] = "k", [RUN_FAILED] = "x", [RUN_FROZEN] = "x", [RUN_ABORTED] = "w",
	[RUN_WITHDRAWN] = "",
};
static const struct {
	const char *symbol, *class, *word;
} record_marks[SEV_COUNT] = {
	[SEV_NONE] = {"_todo", "", ""}, [SEV_INFO] = {"_todo", "", ""},
	[SEV_WARNING] = {"_warn", "warn-t", "Warning"}, [SEV_CRITICAL] = {"_crit", "crit-t", "Critical"},
};
/* clang-format on */

struct lane {
	char name[48];
	uint16_t table;
	uint32_t index;
};

struct span {
	int64_t from_ms;
	uint8_t state;
	bool known; /* false: before anything was written about it */
};

static const char *span_class(const struct lane *l, const struct span *s)
{
	if (!s->known)
		return l->table == TABLE_RUN ? "" : "z";
	if (l->table == TABLE_COMPONENT)
		return state_span[s->state < STATE_COUNT ? s->state : STATE_UNKNOWN];
	if (l->table == TABLE_ARRAY)
		return verdict_span[s->state < VERDICT_COUNT ? s->state : VERDICT_NONE];
	return run_span[s->state < RUN_STATE_COUNT ? s->state : RUN_IDLE];
}

static void span_word(const struct lane *l, const struct span *s, char *buf, size_t size)
{
	const char *word = l->table == TABLE_COMPONENT ? state_text((enum state)s->state)
			   : l->table == TABLE_ARRAY   ? verdict_text((enum verdict)s->state)
						       : run_state_text((enum run_state)s->state);

	copy_text(buf, size,
		s->known && !(l->table == TABLE_RUN && s->state == RUN_IDLE) ? word : "");
	for (char *p = buf; *p; p++)
		if (*p == '_')
			*p = ' ';
}

static uint8_t state_now(const struct model *m, const struct lane *l)
{
	if (l->table == TABLE_COMPONENT)
		return component_at(m, l->index)->state;
	return l->table == TABLE_ARRAY ? array_at(m, l->index)->verdict
				       : run_at(m, l->index)->state;
}

static unsigned lane_spans(
	const struct ctx *c, const struct lane *l, int64_t begin_ms, struct span *ret)
{
	const struct history *h = c->in->history;
	unsigned n = 1;

	ret[0] = (struct span){.from_ms = begin_ms};
	for (uint64_t i = MIN_OF(h->count, (uint64_t)HISTORY_EVENTS); i-- > 0;) {
		const struct history_event *e = history_at(h, i);

		if (e->table != l->table || e->index != l->index || e->from == e->to)
			continue;
		if (!ret[0].known && n == 1) {
			ret[0].state = e->from;
			ret[0].known = true;
		}
		if (e->wall_ms <= begin_ms)
			ret[0].state = e->to;
		else if (n < SPANS)
			ret[n++] =
				(struct span){.from_ms = e->wall_ms, .state = e->to, .known = true};
	}
	if (n == 1 && !ret[0].known && l->table == TABLE_RUN &&
		run_at(c->m, l->index)->since_wall_ms > begin_ms)
		ret[n++].from_ms = run_at(c->m, l->index)->since_wall_ms;
	if (!ret[0].known && n <= 2) {
		ret[n - 1].state = state_now(c->m, l);
		ret[n - 1].known = true;
	}
	return n;
}

static void draw_lane(struct ctx *c, const struct lane *l, int64_t begin_ms)
{
	struct span span[SPANS];
	unsigned n = lane_spans(c, l, begin_ms, span);
	int64_t whole = MAX_OF(c->v->wall_ms - begin_ms, 1000);
	char word[40];

	out_text(c->b, "<div class=\"lane\"><b>");
	out_html(c->b, l->name);
	out_text(c->b, "</b><div>");
	for (unsigned i = 0; i < n; i++) {
		int64_t to = i + 1 < n ? span[i + 1].from_ms : c->v->wall_ms;
		int64_t share = (MAX_OF(to - span[i].from_ms, 0) * 1000) / whole;

		c->b->fleeting++; /* the newest span grows all the time */
		out_format(c->b, "<span style=\"flex:%lld\"", (long long)MAX_OF(share, 6));
		c->b->fleeting--;
		span_word(l, &span[i], word, sizeof(word));
		out_format(c->b, " class=\"%s\" title=\"%s\">%s</span>", span_class(l, &span[i]),
			word, share > 60 || (i + 1 == n && share > 40) ? word : "");
	}
	out_text(c->b, "</div></div>");
}

static unsigned lanes_choose(
	const struct ctx *c, unsigned array, int64_t begin_ms, struct lane *ret)
{
	unsigned n = 0;

	copy_text(ret[n].name, sizeof(ret[n].name), array_at(c->m, array)->name);
	ret[n].table = TABLE_ARRAY;
	ret[n++].index = array;
	for (uint32_t i = 0; i < component_count(c->m) && n < LANES - 1; i++) {
		const struct component_row *r = component_at(c->m, i);

		if (!r->used || r->array != array || r->kind != KIND_CANISTER)
			continue;
		format_text(ret[n].name, sizeof(ret[n].name), "canister %.30s", r->name);
		ret[n].table = TABLE_COMPONENT;
		ret[n++].index = i;
	}
	for (uint32_t i = 0; i < plan_count(c->m) && n < LANES; i++) {
		const struct plan_row *p = plan_at(c->m, i);
		const struct run_row *run = p->used && p->array == array ? plan_run(c->m, p) : NULL;

		/* one that ended before belongs to another incident */
		if (!run || (run->ended_wall_ms && run->ended_wall_ms < begin_ms))
			continue;
		copy_text(ret[n].name, sizeof(ret[n].name), "plan");
		ret[n].table = TABLE_RUN;
		ret[n++].index = p->run;
	}
	return n;
}

static void draw_lanes(struct ctx *c, unsigned array, int64_t begin_ms)
{
	struct lane lane[LANES];
	unsigned n = lanes_choose(c, array, begin_ms, lane);
	char at[40];

	out_text(c->b, "<div class=\"lanes\">");
	for (unsigned i = 0; i < n; i++)
		draw_lane(c, &lane[i], begin_ms);
	out_format(c->b,
		"<div class=\"lane axis\"><b></b><div><span style=\"flex:1\">%s</span><span class=\"r\">now</span></div></div></div>",
		clock_text(begin_ms, at, sizeof(at)));
}

/* A step says that it is done; its verbs, when all is well, and a first inventory are left to the API. */
static bool worth_a_line(const struct history_event *e)
{
	return e->severity >= SEV_WARNING ||
	       (e->type != REC_VERB_STARTED && e->type != REC_VERB_FINISHED &&
		       e->type != REC_COMPONENT_NEW);
}

static void say_record(struct ctx *c, const struct history_event *e)
{
	enum severity s = e->severity < SEV_COUNT ? e->severity : SEV_NONE;

	out_text(c->b, "<li><span>");
	say_clock(c, e->wall_ms);
	out_format(c->b, "</span><span class=\"%s\">", record_marks[s].class);
	glyph(c->b, record_marks[s].symbol, "",
		record_marks[s].word[0] ? record_marks[s].word : NULL);
	out_text(c->b, "</span><span>");
	if (e->table == TABLE_ARRAY)
		out_text(c->b, "<b>");
	out_html(c->b, e->text);
	if (e->table == TABLE_ARRAY)
		out_text(c->b, "</b>");
	out_text(c->b, "</span></li>");
}

/* The open incident of the first array that has one. */
static const struct incident_row *incident_of(const struct ctx *c, unsigned *ret_array)
{
	for (unsigned k = 0; k < c->narrays; k++) {
		const struct array_row *a = array_at(c->m, c->order[k]);
		const struct incident_row *i =
			a->incident != NONE16 ? incident_at(c->m, a->incident) : NULL;

		*ret_array = c->order[k];
		if (i && i->used && i->open)
			return i;
	}
	return NULL;
}

void page_log(struct ctx *c)
{
	unsigned array = 0, n = 0;
	const struct incident_row *incident = incident_of(c, &array);
	char span[40];

	section_begin(c);
	out_text(c->b, "<h2 id=\"h-lo\">What happened<small>");
	if (incident) {
		uint64_t age = (uint64_t)MAX_OF(c->v->wall_ms - incident->since_wall_ms, 0);

		out_format(c->b, "incident i-%u, ", incident->id);
		c->b->fleeting++;
		out_format(c->b, "<span data-fresh>%s</span>", span_text(age, span, sizeof(span)));
		c->b->fleeting--;
	}
	out_text(c->b, "</small></h2>");
	if (incident && c->in->history)
		draw_lanes(c, array, incident->since_wall_ms);
	out_text(c->b, "<ol class=\"log\" reversed>");
	for (uint64_t i = 0; c->in->history && n < LOG_SHOWN && history_at(c->in->history, i); i++)
		if (worth_a_line(history_at(c->in->history, i))) {
			say_record(c, history_at(c->in->history, i));
			n++;
		}
	out_text(c->b, "</ol>");
	if (!n) {
		out_text(c->b,
			"<p class=\"quiet run\">Nothing since this page’s process started. The journal has the rest: ");
		say_command(c, "ballastctl events");
		out_text(c->b, ".</p>");
	}
	section_end(c, "log", "<section aria-labelledby=\"h-lo\"", "</section>");
}

static void say_forecast(struct ctx *c, const struct forecast_row *f)
{
	const struct array_row *a = array_at(c->m, f->array);
	const char *scheme = strstr(f->source, "://");
	char day[40];

	out_text(c->b, "<li><b>");
	capital(c->b, f->text);
	out_text(c->b, "</b><p class=\"quiet\">");
	out_html(c->b, a ? a->name : "?");
	if (f->first_wall_ms) {
		time_text(f->first_wall_ms, day, sizeof(day));
		out_format(c->b, ", %.10s, ", day);
		say_left(c, f->first_wall_ms);
	}
	if (f->margin_known && f->cohort > 1 && f->margin < 0)
		out_text(c->b, ": access would be lost");
	else if (f->margin_known && f->cohort > 1)
		out_format(c->b, ": %d %s to spare would remain", f->margin,
			plural((uint64_t)f->margin, "failure", "failures"));
	out_text(c->b, ". ");
	out_html(c->b, f->action);
	/* the page leads nowhere else: the source is to be read, not followed */
	out_text(c->b, " <small>");
	out_html(c->b, f->advisory);
	out_text(c->b, ", ");
	out_html(c->b, scheme ? scheme + 3 : f->source);
	out_text(c->b, "</small></p>");
}

static void say_maintenance(struct ctx *c, const struct maintenance_row *r)
{
	const struct array_row *a = array_at(c->m, r->array);

	out_text(c->b, "<li><b>Maintenance of ");
	if (r->component == NONE32) {
		out_html(c->b, a ? a->name : "?");
	} else {
		view_component_name(c->m, r->component, c->buf, sizeof(c->buf));
		out_html(c->b, c->buf);
		out_text(c->b, ", ");
		out_html(c->b, a ? a->name : "?");
	}
	out_text(c->b, "</b><p class=\"quiet\">By ");
	out_html(c->b, r->by);
	out_text(c->b, ", ends by itself at ");
	say_clock(c, r->until_wall_ms);
	out_text(c->b, ", ");
	say_left(c, r->until_wall_ms);
	out_text(c->b, ": ");
	out_html(c->b, r->why);
	out_text(c->b, "</p>");
}

static unsigned say_due_drills(struct ctx *c)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < plan_count(c->m); i++) {
		const struct plan_row *p = plan_at(c->m, i);
		int64_t due = p->drill_wall_ms + (int64_t)p->rehearse_every_ms;

		if (!p->used || !p->rehearse_every_ms || !p->drill_wall_ms)
			continue;
		n++;
		out_text(c->b, "<li><b>Next drill of ");
		out_html(c->b, p->name);
		out_text(c->b, "</b><p class=\"quiet\">");
		if (due > c->v->wall_ms) {
			out_text(c->b, "Due: ");
			say_left(c, due);
		} else {
			out_text(c->b, "Overdue");
		}
		out_text(c->b, ".</p>");
	}
	return n;
}

void page_coming(struct ctx *c)
{
	unsigned n = 0;

	section_begin(c);
	out_text(c->b,
		"<h2 id=\"h-co\">What is coming<small>forecasts, dates</small></h2><ul class=\"fore\">");
	for (uint32_t i = 0; i < forecast_count(c->m); i++)
		if (forecast_at(c->m, i)->used) {
			say_forecast(c, forecast_at(c->m, i));
			n++;
		}
	for (uint32_t i = 0; i < maintenance_count(c->m); i++)
		if (maintenance_at(c->m, i)->used) {
			say_maintenance(c, maintenance_at(c->m, i));
			n++;
		}
	n += say_due_drills(c);
	out_text(c->b, "</ul>");
	if (!n)
		out_text(c->b,
			"<p class=\"quiet run\">No date is known on which something would stop.</p>");
	section_end(c, "coming", "<section aria-labelledby=\"h-co\"", "</section>");
}
