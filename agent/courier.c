#include "agent/courier.h"
#include "agent/sign.h"

#include <errno.h>
#include <stdio.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <time.h>

enum { OVERTAKE_MS = 250, BEAT_FRESH_MS = 15000, BEAT_AGAIN_MS = 60000, HELPER_GRACE_MS = 5000 };

static const char *sink_name(const struct sink *s)
{
	return cfg_str(s->c->start->config, s->cfg->name);
}

/* ---- telling the engine ---- */

static void report(const struct sink *s, const struct letter *l, unsigned http, const char *error, uint64_t next_ms,
	uint64_t now_ms)
{
	struct delivery d = {.sequence = l->sequence, .sink = (uint8_t)s->index, .http = (uint16_t)http,
		.attempt = l->attempts};

	d.result = l->accepted ? DELIVERY_ACCEPTED : l->parked ? DELIVERY_PARKED : DELIVERY_RETRY;
	if (next_ms > now_ms)
		d.next_try_wall_ms = wall_ms() + (int64_t)(next_ms - now_ms);
	copy_text(d.error, sizeof(d.error), error);
	copy_text(d.name, sizeof(d.name), sink_name(s));
	if (!s->place.literal && s->place.known)
		copy_text(d.address, sizeof(d.address), s->place.address[s->place.at]);
	(void)role_send(s->c->start, MSG_DELIVERY, &d, NULL, 0);
}

/* One line per change of the sink, not per attempt. */
static void log_change(struct sink *s, bool accepted, bool parked, const char *error)
{
	if (parked)
		log_line(3, "sink '%s' refused a message, it is kept and tried hourly: %s", sink_name(s), error);
	else if (accepted && s->failing)
		log_line(5, "sink '%s' accepts again", sink_name(s));
	else if (!accepted && !s->failing)
		log_line(4, "sink '%s' fails, trying again: %s", sink_name(s), error);
	s->failing = !accepted;
}

static void finish_beat(struct sink *s, const struct attempt *a, unsigned http, const char *error, uint64_t now_ms)
{
	bool ok = a->class == RETRY_ACCEPTED;
	struct letter l = {.accepted = ok, .attempts = ok ? 1 : ++s->beats};
	uint32_t wait = ok ? s->cfg->heartbeat_ms : MIN_OF(s->cfg->heartbeat_ms, (uint32_t)BEAT_AGAIN_MS);

	if (ok)
		s->beats = 0;
	s->heartbeat_ms = now_ms + MAX_OF((uint64_t)wait, a->after_ms);
	log_change(s, ok, false, error);
	report(s, &l, http, error, s->heartbeat_ms, now_ms);
}

void courier_finish(struct sink *s, const struct attempt *attempt, unsigned http, const char *error)
{
	uint64_t epoch = s->flight.epoch, sequence = s->flight.sequence, now_ms = boot_ms(), next_ms;
	bool heartbeat = s->flight.heartbeat, parked;
	struct attempt a = *attempt;
	struct letter *l;

	flight_end(s);
	if (a.class != RETRY_ACCEPTED && !a.answered && s->place.count > 1)
		s->place.at = (s->place.at + 1) % s->place.count;
	if (heartbeat) {
		finish_beat(s, &a, http, error, now_ms);
		return;
	}
	l = queue_find(&s->queue, epoch, sequence);
	if (!l)
		return; /* nobody wants it any more */
	parked = l->parked;
	s->c->random = s->c->random * 1664525 + 1013904223;
	a.random = s->c->random;
	next_ms = queue_done(&s->queue, &s->c->model, l, &a, now_ms);
	log_change(s, l->accepted, l->parked && !parked, error);
	report(s, l, http, error, next_ms, now_ms);
}

/* ---- sending ---- */

/* After a reload the engine's numbers of the sinks must be the configuration's before any bit means anything. */
static bool sink_ready(const struct sink *s)
{
	const struct sink_row *row = sink_at(&s->c->model, s->index);

	return row && row->used && !strncmp(row->name, sink_name(s), sizeof(row->name) - 1);
}

static uint64_t keep_flying(struct sink *s, uint64_t now_ms, bool *again)
{
	uint64_t when, limit = s->flight.started_ms + s->cfg->timeout_ms + HELPER_GRACE_MS;
	const struct letter *l;

	if (s->flight.run) {
		if (now_ms < limit)
			return limit;
		courier_finish(s, &(struct attempt){.class = RETRY_LATER, .answered = true}, 0, "the command gave no answer");
		*again = true;
		return UINT64_MAX;
	}
	l = s->flight.urgent ? NULL : queue_next(&s->queue, &s->c->model, now_ms, &when);
	if (!l || l->severity != SEV_CRITICAL)
		return UINT64_MAX;
	/* a receiver that lets a calm message wait must not let the urgent one wait behind it */
	if (now_ms < s->flight.started_ms + OVERTAKE_MS)
		return s->flight.started_ms + OVERTAKE_MS;
	flight_end(s);
	*again = true;
	return UINT64_MAX;
}

static void send_letter(struct sink *s, struct letter *l, uint64_t now_ms, bool *again)
{
	int r = flight_start(s, alert_at(&s->c->model, l->row), now_ms, wall_ms());
	struct attempt a = {.class = r == -ENOMSG ? RETRY_ACCEPTED : RETRY_LATER};
	uint64_t next_ms;

	if (r == 0)
		return;
	next_ms = queue_done(&s->queue, &s->c->model, l, &a, now_ms);
	report(s, l, 0, r == -ENOMSG ? "" : strerror(-r), next_ms, now_ms);
	*again = true;
}

static uint64_t send_beat(struct sink *s, uint64_t now_ms)
{
	int r;

	if (!s->heartbeat_ms)
		return UINT64_MAX;
	if (s->heartbeat_ms > now_ms)
		return s->heartbeat_ms;
	/* it says that the engine decides: without the engine's word silence is the right thing to send */
	if (!s->c->beat_ms || now_ms - s->c->beat_ms > BEAT_FRESH_MS)
		return UINT64_MAX;
	r = flight_beat(s, now_ms, wall_ms());
	if (r < 0)
		s->heartbeat_ms = r == -ENOMSG ? 0 : now_ms + BEAT_AGAIN_MS;
	return r < 0 && s->heartbeat_ms ? s->heartbeat_ms : UINT64_MAX;
}

static uint64_t sink_pump(struct sink *s, uint64_t now_ms, bool *again)
{
	uint64_t when, beat, resolve = sink_resolve(s, now_ms);
	struct letter *l;

	if (!sink_ready(s) || (!s->flight.on && !s->place.known))
		return resolve;
	if (s->flight.on) {
		when = keep_flying(s, now_ms, again);
		return MIN_OF(when, resolve);
	}
	l = queue_next(&s->queue, &s->c->model, now_ms, &when);
	if (l) {
		send_letter(s, l, now_ms, again);
	} else {
		beat = send_beat(s, now_ms);
		when = MIN_OF(when, beat);
	}
	return MIN_OF(when, resolve);
}

void courier_pump(struct courier *c)
{
	uint64_t now_ms = boot_ms(), when;
	bool again;

	if (!c->loaded)
		return;
	do {
		again = false;
		when = UINT64_MAX;
		for (unsigned i = 0; i < c->nsinks; i++) {
			uint64_t next = sink_pump(&c->sinks[i], now_ms, &again);

			when = MIN_OF(when, next);
		}
		again |= http_reap(c);
	} while (again);
	(void)sd_event_source_set_time(c->due, when == UINT64_MAX ? UINT64_MAX : when * 1000);
	(void)sd_event_source_set_enabled(c->due, when == UINT64_MAX ? SD_EVENT_OFF : SD_EVENT_ONESHOT);
}

static int on_due(sd_event_source *timer, uint64_t usec, void *userdata)
{
	(void)timer;
	(void)usec;
	courier_pump(userdata);
	return 0;
}

void courier_answer(struct courier *c, const struct helper_answer *a)
{
	struct sink *s = a->sink < c->nsinks ? &c->sinks[a->sink] : NULL;
	struct attempt attempt = {.class = a->error ? RETRY_LATER : RETRY_ACCEPTED, .answered = true};
	char error[160] = "";

	if (!s)
		return;
	if (a->kind == HELPER_RESOLVE) {
		sink_resolved(s, a, boot_ms());
	} else if (s->flight.on && s->flight.run && s->flight.number == a->number) {
		if (a->error)
			format_text(error, sizeof(error), "%s: %s", s->place.host, a->text);
		courier_finish(s, &attempt, 0, error);
	}
	courier_pump(c);
}

/* ---- following ---- */

static int follow_row(struct courier *c, uint32_t row, uint64_t now_ms)
{
	for (unsigned i = 0; i < c->nsinks; i++) {
		const struct alert_row *a = alert_at(&c->model, row);
		int r = queue_row(&c->sinks[i].queue, &c->model, row, now_ms);

		if (r < 0)
			return r;
		if (r > 0)
			report(&c->sinks[i], queue_find(&c->sinks[i].queue, a->epoch, a->sequence), 0, "", 0, now_ms);
	}
	return 0;
}

static int on_snapshot(struct courier *c, struct msg *m)
{
	const void *block = NULL;
	uint64_t now_ms = boot_ms();
	int r = m->nfds == 1 ? memfd_map(m->fds[0], m->u.snapshot.size, &block) : -EPROTO;

	if (r < 0)
		return r;
	r = model_unpack(&c->model, build_id(), block, m->u.snapshot.size);
	munmap((void *)(uintptr_t)block, m->u.snapshot.size);
	for (unsigned i = 0; i < c->nsinks && r == 0; i++) {
		sink_restore_address(&c->sinks[i]);
		r = queue_sync(&c->sinks[i].queue, &c->model, now_ms);
	}
	/* what was accepted while the engine was away is said again */
	for (uint32_t row = 0; row < alert_count(&c->model) && r == 0; row++)
		r = follow_row(c, row, now_ms);
	c->loaded = r == 0;
	courier_pump(c);
	return r;
}

static int on_record(struct courier *c, const struct record *rec)
{
	int r = model_apply(&c->model, rec);

	if (r < 0)
		return r;
	return rec->table == TABLE_ALERT ? follow_row(c, rec->index, boot_ms()) : 0;
}

static int on_records(struct courier *c, const struct msg *m)
{
	bool due = false;
	int r = 0;

	for (unsigned i = 0; i < m->count && r == 0; i++) {
		const struct record *rec = &m->u.records[i];

		r = on_record(c, rec);
		due |= rec->table == TABLE_ALERT || rec->table == TABLE_SINK;
	}
	if (r == 0 && due)
		courier_pump(c);
	return r;
}

static int courier_engine_message(void *state, struct msg *m)
{
	struct courier *c = state;

	if (m->type == MSG_SNAPSHOT)
		return on_snapshot(c, m);
	if (m->type == MSG_RECORD)
		return c->loaded ? on_records(c, m) : 0;
	if (m->type == MSG_BEAT) {
		bool due = false;

		c->beat_ms = boot_ms();
		for (unsigned i = 0; i < c->nsinks; i++)
			due |= c->sinks[i].heartbeat_ms && c->sinks[i].heartbeat_ms <= c->beat_ms;
		if (due)
			courier_pump(c);
	}
	return 0;
}

static void open_sinks(struct courier *c)
{
	c->nsinks = MIN_OF(c->start->config->nsinks, (uint16_t)CFG_SINKS);
	for (unsigned i = 0; i < c->nsinks; i++)
		sink_open(c, i);
}

static void courier_config_changed(void *state)
{
	struct courier *c = state;

	for (unsigned i = 0; i < c->nsinks; i++)
		sink_close(&c->sinks[i]);
	tls_system_close();
	open_sinks(c);
	for (unsigned i = 0; i < c->nsinks && c->loaded; i++) {
		sink_restore_address(&c->sinks[i]);
		if (queue_sync(&c->sinks[i].queue, &c->model, boot_ms()) < 0)
			c->loaded = false; /* out of memory: the next snapshot tries again */
	}
	courier_pump(c);
}

static int courier_start(struct role_start *start, void **ret_state)
{
	static struct courier c;
	int r;

	c = (struct courier){.start = start, .helper.fd = -1};
	if (getrandom(&c.random, sizeof(c.random), GRND_NONBLOCK) < 0)
		c.random = (uint32_t)boot_ms();
	r = helper_start(&c.helper);
	if (r == 0)
		r = helper_watch(&c.helper, start->event, &c);
	if (r == 0)
		r = http_init(&c);
	if (r == 0)
		r = sd_event_add_time(start->event, &c.due, CLOCK_BOOTTIME, UINT64_MAX, 1, on_due, &c);
	if (r < 0)
		return r;
	open_sinks(&c);
	for (unsigned i = 0; i < c.nsinks; i++)
		(void)sink_resolve(&c.sinks[i], boot_ms());
	*ret_state = &c;
	return 0;
}

static const struct role_ops ops = {
	.start = courier_start,
	.engine_message = courier_engine_message,
	.config_changed = courier_config_changed,
};
static const struct role_entry roles[] = {{ROLE_COURIER, &ops}, {}};

void role_warm_up(void)
{
	tzset(); /* gmtime_r() opens the time zone's file when nobody has */
	(void)curl_global_init(CURL_GLOBAL_DEFAULT);
	tls_warm_up();
	sign_warm_up();
}

int main(int argc, char **argv)
{
	return role_main(argc, argv, roles);
}
