/* A look from its beginning to its end: which address next, who owns it, what is told of it. */
#include "probes/manage_look.h"

enum { END_MARGIN_MS = 300, RESERVE_MS = 2500, LEAST_MS = 1500, WAIT_FIRST_MS = 1000, WAIT_MAX_MS = 30000 };

static const uint8_t state_after[OUTCOME_COUNT] = {
	[OUTCOME_OK] = PLACE_ANSWERS,
	[OUTCOME_TIMEOUT] = PLACE_MUTE,
	[OUTCOME_GONE] = PLACE_CLOSED,
	[OUTCOME_REFUSED] = PLACE_DENIED,
};

static const struct {
	uint8_t state; /* enum state */
	const char *raw;
} place_words[] = {
	[PLACE_NEW] = {STATE_UNKNOWN, "not asked yet"},
	[PLACE_ANSWERS] = {STATE_OK, "answers"},
	[PLACE_MUTE] = {STATE_UNREACHABLE, "takes connections and does not answer"},
	[PLACE_CLOSED] = {STATE_UNREACHABLE, "takes no connections"},
	[PLACE_DENIED] = {STATE_DEGRADED, "not trusted, or does not let us in"},
	[PLACE_WRONG] = {STATE_DEGRADED, "answers with something else"},
};

/* ---- components ---- */

static void send(struct manage *m, struct reading *r, enum place_state own)
{
	char said[sizeof(r->raw)];

	if (own == PLACE_MUTE && (r->state == STATE_OK || r->state == STATE_DEGRADED)) {
		copy_text(said, sizeof(said), r->raw);
		r->state = STATE_UNREACHABLE;
		copy_text(r->raw, sizeof(r->raw), place_words[PLACE_MUTE].raw);
		format_text(r->message, sizeof(r->message), "The array says '%s'; its own address does not answer.", said);
	}
	if (r->kind == KIND_CANISTER && r->state != STATE_OK)
		m->lost = true;
	m->look->reading(r, m->look->arg);
	m->end->count++;
}

/* Which of the addresses is meant; -1 none. */
static int place_of(const struct manage *m, const char *address)
{
	const struct manage_settings *s = m->look->settings;
	char host[128];

	for (unsigned i = 0; *address && i < s->naddress; i++) {
		(void)place_host(s->address[i], host, sizeof(host), 0);
		if (!strcmp(host, address) || !strcmp(m->look->memory->places[i].resolved, address))
			return (int)i;
	}
	return -1;
}

static void remember_owner(struct manage *m, const struct reading *r, const char *address)
{
	struct manage_owner *o = m->look->memory->owners, *free_one = NULL;

	for (unsigned i = 0; i < MANAGE_OWNERS; i++, o++) {
		if (o->kind == r->kind && !strcmp(o->name, r->name)) {
			copy_text(o->address, sizeof(o->address), address);
			return;
		}
		if (!o->kind && !free_one)
			free_one = o;
	}
	if (!free_one)
		return;
	free_one->kind = r->kind;
	copy_text(free_one->name, sizeof(free_one->name), r->name);
	copy_text(free_one->address, sizeof(free_one->address), address);
}

static void fill(const struct manage *m, struct reading *r)
{
	const struct job *j = m->look->job;

	r->job = j->id;
	r->source = j->source;
	r->array = j->array;
	r->plane = (uint8_t)m->look->plane;
}

/* Most answers do not say it; one of them once did. */
static const char *known_address(const struct manage *m, const struct reading *r)
{
	for (unsigned i = 0; i < MANAGE_OWNERS; i++) {
		const struct manage_owner *o = &m->look->memory->owners[i];

		if (o->kind == r->kind && !strcmp(o->name, r->name))
			return o->address;
	}
	return "";
}

/* Told again before its address was heard: the later word counts. */
static bool is_held(struct manage *m, const struct reading *r)
{
	for (unsigned i = 0; i < m->nheld; i++)
		if (m->held[i].kind == r->kind && text_equal(m->held[i].name, r->name)) {
			m->held[i] = *r;
			return true;
		}
	return false;
}

static void take_reading(const struct reading *told, const char *address, void *arg)
{
	struct manage *m = arg;
	struct reading r = *told;
	int i;

	if (*address && place_of(m, address) >= 0)
		remember_owner(m, &r, address);
	else if (!*address)
		address = known_address(m, &r);
	i = place_of(m, address);
	fill(m, &r);
	if (i < 0 || i == (int)m->index) {
		send(m, &r, PLACE_NEW);
	} else if (m->heard & 1u << i || m->nheld == MANAGE_OWNERS ||
		   (r.state != STATE_OK && r.state != STATE_DEGRADED)) {
		/* bad news does not wait for an address that is slow to fail */
		send(m, &r, (enum place_state)m->look->memory->places[i].state);
	} else if (!is_held(m, &r)) {
		copy_text(m->held_address[m->nheld], sizeof(m->held_address[0]), address);
		m->held[m->nheld++] = r;
	}
}

static void release_held(struct manage *m)
{
	for (unsigned i = 0; i < m->nheld; i++) {
		int at = place_of(m, m->held_address[i]);

		send(m, &m->held[i], at < 0 ? PLACE_NEW : (enum place_state)m->look->memory->places[at].state);
	}
	m->nheld = 0;
}

/* Nobody could be asked about them: of those whose own address takes connections and no more, that much is known. */
static void tell_mute_owners(struct manage *m)
{
	const struct manage_memory *mem = m->look->memory;

	for (unsigned i = 0; i < MANAGE_OWNERS; i++) {
		const struct manage_owner *o = &mem->owners[i];
		int at = o->kind ? place_of(m, o->address) : -1;
		struct reading r = {.kind = o->kind, .outcome = OUTCOME_OK, .state = STATE_UNREACHABLE, .slot = -1};

		if (at < 0 || mem->places[at].state != PLACE_MUTE)
			continue;
		fill(m, &r);
		copy_text(r.name, sizeof(r.name), o->name);
		copy_text(r.raw, sizeof(r.raw), place_words[PLACE_MUTE].raw);
		send(m, &r, PLACE_NEW);
	}
}

/* Each address is something that can fail, and that an operator has to know of. */
static void tell_places(struct manage *m)
{
	const struct manage_settings *s = m->look->settings;
	static const char *const trust[MANAGE_TLS_COUNT] = {[MANAGE_TLS_INSECURE] =
			"Its certificate is not checked (tls: insecure): anybody in between could answer for it."};

	for (unsigned i = 0; i < s->naddress; i++) {
		unsigned state = m->look->memory->places[i].state;
		struct reading r = {.kind = KIND_TARGET, .outcome = OUTCOME_OK, .slot = -1};

		if (state == PLACE_NEW)
			continue;
		fill(m, &r);
		r.state = place_words[state].state;
		copy_text(r.name, sizeof(r.name), s->address[i]);
		copy_text(r.raw, sizeof(r.raw), place_words[state].raw);
		if (s->transport == MANAGE_REST)
			copy_text(r.message, sizeof(r.message), trust[s->tls]);
		if (state == PLACE_ANSWERS && s->transport == MANAGE_REST && s->tls == MANAGE_TLS_INSECURE)
			copy_text(r.raw, sizeof(r.raw), "answers, certificate not checked");
		send(m, &r, PLACE_NEW);
	}
}

/* ---- addresses ---- */

static void note_place(struct manage *m, enum outcome o)
{
	struct manage_place *p = m->place;
	uint32_t most = m->look->memory->lost ? MIN_OF(m->look->settings->interval_ms, (uint32_t)WAIT_MAX_MS)
					      : WAIT_MAX_MS;

	m->heard |= 1u << m->index;
	p->state = state_after[o] ? state_after[o] : PLACE_WRONG;
	if (o == OUTCOME_OK) {
		p->wait_ms = 0;
		p->retry_ms = 0;
		return;
	}
	p->wait_ms = p->wait_ms ? MIN_OF(2 * p->wait_ms, most) : WAIT_FIRST_MS;
	p->retry_ms = boot_ms() + p->wait_ms;
}

static void turn_to(struct manage *m, unsigned i, unsigned others)
{
	uint64_t now = boot_ms(), reserve = (uint64_t)others * RESERVE_MS;

	m->index = i;
	m->place = &m->look->memory->places[i];
	m->relogged = false;
	m->listed = m->parts = 0;
	m->deadline_ms = m->end_ms > now + reserve + LEAST_MS ? m->end_ms - reserve : now + LEAST_MS;
	m->deadline_ms = MIN_OF(m->deadline_ms, m->end_ms);
}

static enum outcome look_at(struct manage *m, unsigned i, unsigned others)
{
	const struct manage_look *l = m->look;
	enum outcome o;

	turn_to(m, i, others);
	if (place_resolve(m->place, l->settings->address[i]) < 0)
		o = manage_fail(m, OUTCOME_GONE, "%s: the name cannot be resolved", l->settings->address[i]);
	else
		o = l->driver->look(m);
	note_place(m, o);
	return o;
}

static void note_success(struct manage *m)
{
	struct manage_memory *mem = m->look->memory;

	for (unsigned p = 0; p < MANAGE_PARTS; p++)
		if (m->parts & 1u << p)
			mem->done_ms[p] = boot_ms();
	m->end->kinds = m->listed;
	m->end->complete = m->listed != 0;
}

/* Any answer will do: it is alive enough to refuse us. */
static void knock(struct manage *m, unsigned i)
{
	struct manage_request rq = m->look->driver->knock;
	struct manage_answer a;
	enum outcome o;

	turn_to(m, i, 0);
	if (place_resolve(m->place, m->look->settings->address[i]) < 0)
		return;
	rq.anonymous = true;
	if (m->look->driver->hear) {
		note_place(m, m->look->driver->hear(m));
		return;
	}
	if (m->look->settings->transport == MANAGE_SSH)
		o = m->look->driver->knock_command ? manage_command(m, m->look->driver->knock_command, &a) : OUTCOME_NONE;
	else
		o = rq.path ? http_ask(m, &rq, &a) : OUTCOME_NONE;
	if (o != OUTCOME_NONE)
		note_place(m, a.status ? OUTCOME_OK : o);
}

static bool rests(const struct manage *m, unsigned i)
{
	return boot_ms() < m->look->memory->places[i].retry_ms;
}

/* First those that do not rest after a failure, then the others: no second failure is slept through. */
static enum outcome ask_in_turn(struct manage *m)
{
	unsigned n = m->look->settings->naddress;
	enum outcome first = OUTCOME_NONE, o;
	char error[160] = "";

	for (unsigned pass = 0; pass < 2; pass++)
		for (unsigned i = 0; i < n; i++) {
			if (m->heard & 1u << i || (!pass && rests(m, i)))
				continue;
			if (boot_ms() + LEAST_MS / 3 > m->end_ms)
				break;
			o = look_at(m, i, n - (unsigned)__builtin_popcount(m->heard) - 1);
			if (o == OUTCOME_OK)
				return o;
			if (first == OUTCOME_NONE) {
				first = o;
				copy_text(error, sizeof(error), m->error);
			}
		}
	copy_text(m->error, sizeof(m->error), error);
	return first;
}

static void hear_others(struct manage *m)
{
	for (unsigned i = 0; i < m->look->settings->naddress; i++)
		if (!(m->heard & 1u << i) && !rests(m, i) && boot_ms() + LEAST_MS < m->end_ms)
			knock(m, i);
}

void manage_look(const struct manage_look *l, struct job_end *ret)
{
	struct manage *m = calloc(1, sizeof(*m));
	enum outcome o;

	if (!m || !l->settings->naddress) {
		ret->outcome = OUTCOME_REFUSED;
		copy_text(ret->error, sizeof(ret->error), m ? "it has no address" : "no memory");
		free(m);
		return;
	}
	m->look = l;
	m->end = ret;
	m->sink = (struct manage_sink){take_reading, m};
	m->end_ms = boot_ms() + (l->job->timeout_ms > END_MARGIN_MS ? l->job->timeout_ms - END_MARGIN_MS : 1);
	o = ask_in_turn(m);
	ret->outcome = (uint8_t)(o == OUTCOME_NONE ? OUTCOME_TIMEOUT : o);
	if (o == OUTCOME_OK) {
		note_success(m);
		hear_others(m);
	} else {
		copy_text(ret->error, sizeof(ret->error), m->error);
	}
	release_held(m);
	if (o != OUTCOME_OK)
		tell_mute_owners(m);
	tell_places(m);
	l->memory->lost = o == OUTCOME_OK ? m->lost : l->memory->lost || m->lost;
	free(m->body);
	free(m->headers);
	free(m);
}
