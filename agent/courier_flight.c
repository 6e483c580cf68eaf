#include <errno.h>
#include <json-c/json.h>
#include <stdio.h>
#include <unistd.h>

#include "agent/courier.h"
#include "agent/findings.h"
#include "agent/render.h"

/* What to do, as it is to be typed on this host; cut short it would be no command at all. */
static void runnable(const struct view *v, struct alert_row *a)
{
	char text[sizeof(a->action) + 256];

	view_commands(v, a->action, text, sizeof(text));
	if (strlen(text) < sizeof(a->action))
		copy_text(a->action, sizeof(a->action), text);
}

static int write_body(struct sink *s, const struct alert_row *a, int64_t wall_ms, uint64_t now_ms)
{
	const struct config *c = s->c->start->config;
	struct view view = {.model = &s->c->model, .now_ms = now_ms, .wall_ms = wall_ms,
		.control = cfg_str(c, c->control_path)};
	struct alert_row told = *a;
	char to[512] = "";
	struct render_input in = {.view = &view, .alert = &told, .id = s->flight.id, .token = s->secret ? s->secret->token : "",
		.from = "", .to = to, .repeat_ms = s->cfg->repeat_ms};

	runnable(&view, &told);
	if (s->cfg->type == SINK_EMAIL) {
		in.from = cfg_list(c, s->cfg->command, 0);
		for (unsigned i = 1; i < s->cfg->ncommand; i++) {
			size_t at = strlen(to);

			format_text(to + at, sizeof(to) - at, i > 1 ? ", %s" : "%s", cfg_list(c, s->cfg->command, i));
		}
	}
	return render_alert(s->cfg->type, &in, &s->flight.body, &s->flight.len);
}

static int run_command(struct sink *s)
{
	struct helper_request rq = {.kind = HELPER_RUN, .sink = s->index,
		.timeout_ms = s->cfg->timeout_ms ? s->cfg->timeout_ms : 10000, .argc = s->cfg->ncommand};
	cleanup_(closep) int fd = memfd_sealed("ballast-alert", s->flight.body, s->flight.len);
	size_t at = 0;
	int r;

	if (fd < 0)
		return fd;
	for (unsigned i = 0; i < s->cfg->ncommand; i++) {
		const char *word = cfg_list(s->c->start->config, s->cfg->command, i);

		if (!copy_text(rq.argv + at, sizeof(rq.argv) - at, word))
			return -E2BIG;
		at += strlen(word) + 1;
		if (at >= sizeof(rq.argv))
			return -E2BIG;
	}
	r = helper_ask(&s->c->helper, &rq, fd);
	s->flight.number = rq.number;
	return r;
}

static int launch(struct sink *s, const struct alert_row *a, uint64_t now_ms, int64_t wall_ms)
{
	int r = write_body(s, a, wall_ms, now_ms);

	s->flight.on = true;
	s->flight.started_ms = now_ms;
	s->flight.run = sink_is_command(s);
	if (r == 0)
		r = s->flight.run ? run_command(s) : http_send(s, wall_ms);
	if (r < 0)
		flight_end(s);
	return r;
}

int flight_start(struct sink *s, const struct alert_row *a, uint64_t now_ms, int64_t wall_ms)
{
	s->flight = (struct flight){.epoch = a->epoch, .sequence = a->sequence, .urgent = a->severity == SEV_CRITICAL};
	alert_id(a, s->flight.id, sizeof(s->flight.id));
	return launch(s, a, now_ms, wall_ms);
}

/* Its id is of the moment, not of a record: a heartbeat that was missed is never sent later. */
int flight_beat(struct sink *s, uint64_t now_ms, int64_t wall_ms)
{
	const struct model *m = &s->c->model;
	struct alert_row a = {.used = 1, .type = ALERT_HEARTBEAT, .severity = SEV_INFO, .array = NONE16, .incident = NONE16,
		.plan = NONE16, .finding = NONE32, .component = NONE32, .epoch = m->epoch, .sequence = m->sequence,
		.created_wall_ms = wall_ms, .created_ms = now_ms};

	copy_text(a.summary, sizeof(a.summary), "Ballast is running and decides");
	s->flight = (struct flight){.heartbeat = true};
	format_text(s->flight.id, sizeof(s->flight.id), "beat_%llu_%lld_%u", (unsigned long long)m->epoch,
		(long long)wall_ms, s->index);
	return launch(s, &a, now_ms, wall_ms);
}

void flight_end(struct sink *s)
{
	if (s->flight.on && !s->flight.run)
		http_cancel(s);
	free(s->flight.body);
	s->flight = (struct flight){};
}
