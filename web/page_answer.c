#include "web/page_parts.h"

#include "probes/manage.h"

#include <stdio.h>

/* clang-format off */
static const char *const sleep_class[HEALTH_COUNT] = {
	[HEALTH_OK] = "", [HEALTH_WARNING] = " warn", [HEALTH_CRITICAL] = " crit", [HEALTH_UNKNOWN] = " unk",
	[HEALTH_FAILED] = " crit", [HEALTH_ABSENT] = " crit",
};
/* clang-format on */

static void margin_number(struct ctx *c, const struct array_row *a)
{
	const char *word = !a->margin_known ? "?" : a->margin < 0 ? "lost" : NULL;

	out_format(c->b, "<p class=\"n%s\">", word && word[1] ? " word" : "");
	if (word)
		out_text(c->b, word);
	else
		out_signed(c->b, a->margin);
	out_text(c->b, "<small>");
	if (!word)
		out_text(
			c->b, plural((uint64_t)a->margin, "failure to spare", "failures to spare"));
	else
		out_text(c->b, a->margin_known ? "no margin" : "margin unknown");
	out_text(c->b, "</small></p>");
}

/* A pending decision is a link right here: on a phone it must be seen without scrolling. */
static void turn_link(struct ctx *c, unsigned array)
{
	struct todo todo[1];
	char at[40];

	if (!view_todo(c->v, todo, 1) || !todo[0].approval || todo[0].array != array)
		return;
	out_text(c->b, "<a class=\"turn\" id=\"turn\" href=\"#todo\">Your turn: ");
	out_html(c->b, todo[0].text);
	if (todo[0].before_wall_ms) {
		out_format(c->b, " by %s <span class=\"num\">(",
			clock_text(todo[0].before_wall_ms, at, sizeof(at)));
		say_left(c, todo[0].before_wall_ms);
		out_text(c->b, ")</span>");
	}
	out_text(c->b, "</a>");
}

static void answer_array(struct ctx *c, unsigned array, bool worst, bool beside)
{
	const struct array_row *a = array_at(c->m, array);
	size_t bold = 0, len;

	out_format(
		c->b, "<div class=\"array %s%s\">", worst ? "worst" : "calm", beside ? " sim" : "");
	margin_number(c, a);
	view_sentence(c->v, array, c->buf, sizeof(c->buf), &bold);
	len = strlen(c->buf);
	bold = MIN_OF(bold, len);
	out_text(c->b, "<div><p class=\"say\"><b>");
	out_html(c->b, a->name);
	if (a->simulated)
		out_text(c->b, "</b> <span class=\"badge\">simulated</span><b>");
	if (bold)
		out_text(c->b, worst ? " — " : " ");
	out_html_bytes(c->b, c->buf, bold);
	out_text(c->b, "</b>");
	if (!bold || (bold < len && !strchr(" .,;:", c->buf[bold])))
		out_text(c->b, " ");
	out_html_bytes(c->b, c->buf + bold, len - bold);
	out_text(c->b, "</p>");
	view_meta(c->v, array, c->buf, sizeof(c->buf));
	fresh_text(c, "p", "meta", c->buf);
	turn_link(c, array);
	out_text(c->b, "</div></div>");
}

void page_answer(struct ctx *c)
{
	const char *answer = c->in->silent_ms ? "Unknown." : view_answer(c->v);
	char open[64];

	section_begin(c);
	out_text(c->b,
		"<p class=\"ask\" aria-hidden=\"true\">Can I sleep?</p><h1 id=\"h1\"><span class=\"vh\">Can I sleep? </span>");
	out_html(c->b, answer);
	out_text(c->b, "</h1><div class=\"arrays\">");
	for (unsigned i = 0; i < c->narrays; i++) {
		const struct array_row *a = array_at(c->m, c->order[i]);
		bool loud = a->verdict != VERDICT_REDUNDANT && a->verdict != VERDICT_SINGLE;

		answer_array(c, c->order[i],
			(i == 0 || a->simulated) && (loud || a->worst >= SEV_WARNING),
			a->simulated && !array_at(c->m, c->order[0])->simulated);
	}
	if (!c->narrays)
		out_text(c->b,
			"<div class=\"array calm\"><p class=\"n\">?</p><div><p class=\"say\">Nothing is watched yet.</p></div></div>");
	out_text(c->b, "</div>");
	snprintf(open, sizeof(open), "<section class=\"sleep%s\" aria-labelledby=\"h1\"",
		sleep_class[c->worst]);
	section_end(c, "sleep", open, "</section>\n");
}

static void bar_begin(struct ctx *c, const char *symbol)
{
	out_text(c->b, "<div class=\"bar warn\"><p>");
	glyph(c->b, symbol, "", NULL);
	out_text(c->b, "<span>");
}

static void bar_end(struct ctx *c)
{
	out_text(c->b, "</span></p></div>");
}

static int64_t blind_since(const struct ctx *c, unsigned array)
{
	int64_t newest = 0;

	for (uint32_t i = 0; i < source_count(c->m); i++) {
		const struct source_row *s = source_at(c->m, i);

		if (s->used && s->array == array)
			newest = MAX_OF(newest, s->success_wall_ms);
	}
	return newest;
}

static void bar_blind(struct ctx *c, unsigned array)
{
	int64_t since = blind_since(c, array);

	bar_begin(c, "_unk");
	out_text(c->b, "<b>Blind on ");
	out_html(c->b, array_at(c->m, array)->name);
	if (since) {
		out_text(c->b, " since ");
		say_clock(c, since);
	}
	out_text(c->b,
		".</b> No source answers. Its state is unknown, not ok. Ballast pages people and moves nothing.");
	bar_end(c);
}

/* What puts the answer itself in doubt stands above it. */
void page_doubts(struct ctx *c)
{
	const struct self_row *s = self_at(c->m, 0);

	section_begin(c);
	if (c->in->silent_ms) {
		bar_begin(c, "_unk");
		out_text(c->b, "<b>Ballast’s engine has not answered since ");
		say_clock(c, c->v->wall_ms - (int64_t)c->in->silent_ms);
		out_text(c->b,
			".</b> Everything below is what was known then, not what is true now. On the host: ");
		say_command(c, "ballastctl status");
		out_text(c->b, ".");
		bar_end(c);
	}
	for (unsigned i = 0; i < c->narrays; i++)
		if (array_at(c->m, c->order[i])->visibility == VISIBILITY_BLIND)
			bar_blind(c, c->order[i]);
	if (s && s->used && !s->ready) {
		bar_begin(c, "_unk");
		out_text(c->b,
			"<b>Ballast has just started.</b> Not every source has answered yet.");
		bar_end(c);
	}
	section_end(c, "doubt", "<div", "</div>\n");
}

static void bar_sinks(struct ctx *c)
{
	unsigned down = 0;

	for (uint32_t i = 0; i < sink_count(c->m); i++)
		down += sink_at(c->m, i)->used && sink_at(c->m, i)->state != SINK_OK;
	if (!down)
		return;
	bar_begin(c, "_warn");
	out_format(c->b, "<b>%u of the ways to reach people %s not accept alerts:</b>", down,
		plural(down, "does", "do"));
	for (uint32_t i = 0, n = 0; i < sink_count(c->m); i++) {
		const struct sink_row *s = sink_at(c->m, i);

		if (!s->used || s->state == SINK_OK)
			continue;
		out_text(c->b, n++ ? ", " : " ");
		out_html(c->b, s->name);
	}
	out_text(c->b, ". What waits is kept and tried again.");
	bar_end(c);
}

static void bar_journal(struct ctx *c, const struct self_row *s)
{
	bar_begin(c, "_warn");
	out_text(c->b, "<b>Ballast’s journal cannot be written</b>");
	if (s->journal_since_wall_ms) {
		out_text(c->b, " since ");
		say_clock(c, s->journal_since_wall_ms);
	}
	out_text(c->b, ". ");
	c->b->fleeting++;
	out_format(c->b, "<span data-fresh>%u</span>", s->journal_waiting);
	c->b->fleeting--;
	out_text(c->b, " records wait in memory; watching, alerts and the plan go on.");
	bar_end(c);
}

/* Who answers there could be anybody: its word is shown, and so is that. */
static void bar_insecure(struct ctx *c)
{
	const struct config *cfg = c->in->config;
	unsigned n = 0;

	for (unsigned i = 0; cfg && i < cfg->nsources + cfg->nsinks; i++) {
		const struct cfg_source *src = i < cfg->nsources ? &cfg->sources[i] : NULL;
		const struct cfg_sink *sink = src ? NULL : &cfg->sinks[i - cfg->nsources];

		if (src ? src->tls != MANAGE_TLS_INSECURE : !sink->insecure)
			continue;
		if (!n++) {
			bar_begin(c, "_warn");
			out_text(c->b, "<b>Nobody checks who answers</b> at ");
		} else {
			out_text(c->b, ", ");
		}
		if (src)
			out_format(c->b, "the %s management of ", source_type_text(src->type));
		out_html(c->b, cfg_str(cfg, src ? cfg->arrays[src->array].name : sink->name));
	}
	if (!n)
		return;
	out_text(c->b, ": it is configured as insecure. Name a ca_file or a pin instead.");
	bar_end(c);
}

/* What Ballast itself lacks, where the answer still holds, stands below it. */
void page_impaired(struct ctx *c)
{
	const struct self_row *s = self_at(c->m, 0);

	section_begin(c);
	if (s && s->used) {
		if (s->journal == JOURNAL_FAILING)
			bar_journal(c, s);
		if (!s->locked_memory && !s->simulated && !(c->in->config && c->in->config->demo)) {
			bar_begin(c, "_warn");
			out_text(c->b,
				"<b>Ballast is not locked in memory.</b> If the disk it was started from goes, it may go too. See ");
			say_command(c, "ballastctl audit");
			out_text(c->b, ".");
			bar_end(c);
		}
		if (!s->config_ok) {
			bar_begin(c, "_warn");
			out_text(c->b,
				"<b>The new configuration was refused;</b> the old one is still used. ");
			out_html(c->b, s->config_error);
			bar_end(c);
		}
	}
	bar_insecure(c);
	bar_sinks(c);
	section_end(c, "self", "<div", "</div>\n");
}

static void assured_line(struct ctx *c, bool good, const char *what)
{
	out_format(c->b, "<dt%s>", good ? "" : " class=\"warn-t\"");
	glyph(c->b, good ? "_ok" : "_warn", "", good ? NULL : "Warning");
	out_format(c->b, "%s<dd>", what);
}

static void assured_alerts(struct ctx *c)
{
	unsigned sinks = 0, queued = 0, bad = 0;
	int64_t newest = 0;

	for (uint32_t i = 0; i < sink_count(c->m); i++) {
		const struct sink_row *s = sink_at(c->m, i);

		if (!s->used)
			continue;
		sinks++;
		queued += s->queued;
		bad += s->state != SINK_OK;
		newest = MAX_OF(newest, MAX_OF(s->success_wall_ms, s->heartbeat_wall_ms));
	}
	if (!sinks) {
		assured_line(c, false, "Nobody would be told");
		out_text(c->b, "no sink is configured");
		return;
	}
	assured_line(c, newest && !bad,
		newest && !bad ? "Alerts reach you" : "Alerts may not reach you");
	if (newest) {
		out_text(c->b, "last accepted ");
		say_age(c, newest, " ago", 0);
	} else {
		out_text(c->b, "none was accepted yet: try ");
		say_command(c, "ballastctl test-alert");
	}
	out_format(c->b, "; %u %s, ", sinks, plural(sinks, "sink", "sinks"));
	if (queued)
		out_format(c->b, "%u waiting", queued);
	else
		out_text(c->b, "none waiting");
}

static void assured_plan(struct ctx *c, uint32_t index)
{
	const struct plan_row *p = plan_at(c->m, index);

	assured_line(c, p->drill_wall_ms && p->drill_ok,
		!p->drill_wall_ms ? "The plan was never rehearsed"
		: p->drill_ok     ? "The plan works"
				  : "The plan’s last drill failed");
	out_html(c->b, p->name);
	out_format(c->b, ", %s", view_armed(c->v, p));
	if (p->drill_wall_ms) {
		char span[40];

		out_format(c->b, "; drill %s ", p->drill_ok ? "passed" : "failed");
		say_age(c, p->drill_wall_ms, " ago", p->rehearse_every_ms);
		out_format(c->b, " in %s", span_text(p->drill_ms, span, sizeof(span)));
	} else {
		char drill[96];

		format_text(drill, sizeof(drill), "ballastctl failover drill %s", p->name);
		out_text(c->b, ": try ");
		say_command(c, drill);
	}
	if (view_dry_run(c->v, index, c->buf, sizeof(c->buf))) {
		out_text(c->b, "; dry run ");
		out_html(c->b, c->buf);
	}
}

/* In peace: why the answer can be trusted. */
void page_assured(struct ctx *c)
{
	const struct self_row *s = self_at(c->m, 0);

	section_begin(c);
	out_text(c->b, "<h2 id=\"h-so\" class=\"vh\">Ballast</h2><dl class=\"kv\">");
	assured_alerts(c);
	for (uint32_t i = 0; i < plan_count(c->m); i++)
		if (plan_at(c->m, i)->used)
			assured_plan(c, i);
	if (s && s->used) {
		bool demo = s->simulated || (c->in->config && c->in->config->demo);

		assured_line(c, s->locked_memory,
			s->locked_memory ? "Ballast survives the array"
					 : "Ballast may not survive the array");
		out_text(c->b, s->locked_memory ? "locked in memory; what lives on an array: "
			       : demo           ? "not locked in memory, as is normal in the demo"
						: "not locked in memory: see ");
		if (s->locked_memory || !demo)
			say_command(c, "ballastctl audit");
	}
	out_text(c->b, "</dl>");
	section_end(c, "self-ok", "<section aria-labelledby=\"h-so\"", "</section>\n");
}
