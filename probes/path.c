#include "probes/path.h"

#include "probes/alua.h"
#include "probes/device.h"
#include "probes/path_port.h"

#include <stdalign.h>
#include <time.h>

enum {
	TEST_UNIT_READY = 0x00,
	INQUIRY = 0x12,
	READ_10 = 0x28,
	MAINTENANCE_IN = 0xa3,
	REPORT_PORT_GROUPS = 0x0a,
	PAGE_LEN = 4096,
	EVPD = 1,
	PAGE_IDENTIFICATION = 0x83,
	SYSFS_MAX = 64,
	TRIES = 3 /* one event may leave several unit attentions */
};

static alignas(DEVICE_ALIGN) uint8_t buffer[PAGE_LEN];

struct look {
	int fd;
	const struct job *j;
	const struct path_sink *sink;
	struct reading *r;
	struct path_port port;
	struct path_state state;
	struct alua_group groups[ALUA_GROUPS];
	size_t ngroups, got;
};

/* OUTCOME_OK: the device's answer is in the buffer, or state says what the lack of one means. */
static enum outcome send(struct look *l, const uint8_t *cdb, size_t cdb_len, size_t len)
{
	const struct scsi_command c = {cdb, cdb_len, len ? buffer : NULL, len, l->j->command_ms};
	struct scsi_reply reply;
	enum outcome o;
	unsigned tries = 0;

	do
		o = device_scsi(l->fd, &c, &reply);
	while (o == OUTCOME_ERROR && scsi_sense_again(reply.status, &reply.sense) &&
		++tries < TRIES);
	l->got = reply.got;
	if (o != OUTCOME_REFUSED)
		alua_answer(o, reply.status, &reply.sense, &l->state);
	return o;
}

static void put_unit(struct look *l, const char *unit)
{
	const char *canister = l->sink->canister(unit, l->sink->arg);

	if (canister)
		copy_text(l->r->enclosure, sizeof(l->r->enclosure), canister);
	else if (!l->r->enclosure[0])
		copy_text(l->r->enclosure, sizeof(l->r->enclosure), unit);
}

static void group_name(const struct look *l, size_t i, enum kind *kind, char *ret, size_t size)
{
	char unit[16];
	const char *canister;

	format_text(unit, sizeof(unit), "tpg%u", l->groups[i].group);
	canister = l->sink->canister(unit, l->sink->arg);
	*kind = canister ? KIND_CANISTER : KIND_PORT;
	copy_text(ret, size, canister ? canister : unit);
}

/* Several groups of one canister: it serves while one of them does. */
static void join_states(struct path_state *a, const struct path_state *b)
{
	bool serves = a->state == STATE_OK || a->state == STATE_DEGRADED;

	if (a->state == b->state)
		return;
	if (!serves)
		copy_text(a->raw, sizeof(a->raw), b->state == STATE_OK ? a->raw : b->raw);
	else
		copy_text(a->raw, sizeof(a->raw), b->raw);
	if (serves || b->state == STATE_OK)
		a->state = STATE_DEGRADED;
	else
		a->state = STATE_UNKNOWN;
}

/* Of something else that the look at this path shows. */
static struct reading other_reading(const struct look *l)
{
	return (struct reading){.job = l->j->id,
		.source = l->j->source,
		.array = l->j->array,
		.plane = PLANE_INBAND,
		.slot = -1,
		.outcome = OUTCOME_OK};
}

static void say_other(
	const struct look *l, struct reading *r, enum kind kind, const struct path_state *s)
{
	r->kind = (uint8_t)kind;
	r->state = s->state;
	r->limit_ms = s->limit_ms;
	copy_text(r->raw, sizeof(r->raw), s->raw);
	l->sink->reading(r, l->sink->arg);
}

/* What a group's ports are: the canister when the configuration says which, else a port of the target. */
static void tell_groups(struct look *l)
{
	for (size_t i = 0; i < l->ngroups; i++) {
		struct reading r = other_reading(l);
		struct path_state s, other;
		char name[NAME_MAX_LEN];
		bool told = !l->groups[i].ports;
		enum kind kind, other_kind;

		group_name(l, i, &kind, r.name, sizeof(r.name));
		alua_state(&l->groups[i], &s);
		for (size_t k = 0; k < l->ngroups; k++) {
			group_name(l, k, &other_kind, name, sizeof(name));
			if (k == i || !l->groups[k].ports || !text_equal(name, r.name))
				continue;
			told |= k < i;
			alua_state(&l->groups[k], &other);
			join_states(&s, &other);
		}
		if (told)
			continue;
		say_other(l, &r, kind, &s);
	}
}

static void tell_way(const struct nvme_way *w, void *arg)
{
	const struct look *l = arg;
	struct reading r = other_reading(l);
	char nsid[16];
	const char *parts[] = {l->j->name, nsid};

	format_text(nsid, sizeof(nsid), "ns%u", w->nsid);
	path_name(parts, ARRAY_SIZE(parts), r.name, sizeof(r.name));
	copy_text(r.dev, sizeof(r.dev), l->j->dev);
	copy_text(r.serial, sizeof(r.serial), w->unit);
	copy_text(r.enclosure, sizeof(r.enclosure), l->r->enclosure);
	say_other(l, &r, KIND_NAMESPACE, &w->state);
}

static const struct alua_group *own_group(const struct look *l, const struct alua_port *port)
{
	for (size_t i = 0; i < l->ngroups; i++)
		if (port->have_group && l->groups[i].group == port->group)
			return &l->groups[i];
	return NULL;
}

static enum outcome find_port(struct look *l, struct alua_port *port)
{
	static const uint8_t cdb[6] = {INQUIRY, EVPD, PAGE_IDENTIFICATION, PAGE_LEN >> 8, 0};
	enum outcome o = send(l, cdb, sizeof(cdb), PAGE_LEN);
	char unit[16];

	*port = (struct alua_port){};
	if (o != OUTCOME_OK)
		return o;
	o = alua_decode_port(buffer, l->got, port);
	if (o == OUTCOME_OK && port->have_group) {
		format_text(unit, sizeof(unit), "tpg%u", port->group);
		put_unit(l, unit);
	}
	return o;
}

static enum outcome find_groups(struct look *l)
{
	static const uint8_t cdb[12] = {
		MAINTENANCE_IN, REPORT_PORT_GROUPS, [8] = PAGE_LEN >> 8, [9] = 0};
	enum outcome o = send(l, cdb, sizeof(cdb), PAGE_LEN);

	if (o == OUTCOME_OK)
		o = alua_decode_groups(buffer, l->got, l->groups, ALUA_GROUPS, &l->ngroups);
	return o;
}

static unsigned block_size(const char *sysfs)
{
	cleanup_(freep) char *text = NULL;
	char path[320];

	if (!format_text(path, sizeof(path), "%s/queue/logical_block_size", sysfs) ||
		slurp(path, SYSFS_MAX, &text, NULL) < 0)
		return 0;
	return (unsigned)strtoul(text, NULL, 10);
}

/* In steps of 1-2-5, upwards: jitter is no news, and 200 ms more is. */
static double rounded_ms(double ms)
{
	static const double factors[] = {2, 2.5, 2};
	double step = 1;

	for (unsigned i = 0; step < ms && step < 1e6; i++)
		step *= factors[i % ARRAY_SIZE(factors)];
	return step;
}

static double now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e3 + (double)t.tv_nsec / 1e6;
}

static enum outcome read_block(struct look *l)
{
	static const uint8_t cdb[10] = {READ_10, [8] = 1};
	unsigned len = block_size(l->j->sysfs);
	double began = now_ms();
	enum outcome o;

	if (!len || len > PAGE_LEN)
		return OUTCOME_UNSUPPORTED;
	o = send(l, cdb, sizeof(cdb), len);
	if (o == OUTCOME_OK && l->got < len)
		return OUTCOME_SHORT;
	if (o == OUTCOME_OK)
		reading_add(l->r, FACT_READ_MS, rounded_ms(now_ms() - began));
	return o;
}

static enum outcome test_ready(struct look *l)
{
	static const uint8_t cdb[6] = {TEST_UNIT_READY};

	return send(l, cdb, sizeof(cdb), 0);
}

/* Does what was asked for come through? With @g the group's word stays the path's when it does. */
static enum outcome try_path(struct look *l, const struct alua_group *g)
{
	struct path_state said;
	enum outcome o;

	if (g) {
		alua_state(g, &said);
		reading_add(l->r, FACT_ACCESS_STATE, g->access);
		if (said.state != STATE_OK) {
			l->state = said;
			return OUTCOME_OK;
		}
	}
	o = g && alua_serves(g) ? read_block(l) : OUTCOME_UNSUPPORTED;
	if (o == OUTCOME_UNSUPPORTED)
		o = test_ready(l);
	if (g && o == OUTCOME_OK && l->state.state == STATE_OK)
		l->state = said;
	return o;
}

/* A device that refuses a page or a command has no port groups; anything else is an answer about the path. */
static bool is_last_word(enum outcome o)
{
	return o != OUTCOME_OK && o != OUTCOME_UNSUPPORTED;
}

static enum outcome ask(struct look *l)
{
	const struct alua_group *g;
	struct alua_port port;
	enum outcome o = find_port(l, &port);

	if (!is_last_word(o))
		o = port.have_group ? find_groups(l) : OUTCOME_UNSUPPORTED;
	if (is_last_word(o))
		return o;
	if (o == OUTCOME_UNSUPPORTED)
		return try_path(l, NULL);
	tell_groups(l);
	g = own_group(l, &port);
	if (g)
		return try_path(l, g);
	path_state_set(&l->state, STATE_UNKNOWN, "its port group is not in the list");
	return OUTCOME_OK;
}

/* What a look that ended in a state still proves, and what did not even begin. */
static bool says_nothing(enum outcome o)
{
	return o == OUTCOME_REFUSED || o == OUTCOME_SHORT || o == OUTCOME_NONSENSE;
}

static enum outcome look_scsi(struct look *l)
{
	enum outcome o;

	path_port_state(l->j->sysfs, &l->state);
	if (l->state.state != STATE_OK && l->state.state != STATE_DEGRADED)
		return OUTCOME_OK;
	l->fd = device_open(l->j->sg[0] ? l->j->sg : l->j->dev);
	if (l->fd < 0) {
		o = device_errno_outcome(-l->fd);
		path_state_set(&l->state, STATE_FAILED, "the device cannot be opened");
		return o == OUTCOME_REFUSED ? o : OUTCOME_OK;
	}
	o = ask(l);
	return says_nothing(o) ? o : OUTCOME_OK;
}

static void count_timeouts(struct look *l)
{
	cleanup_(freep) char *text = NULL;
	char path[320];

	if (format_text(path, sizeof(path), "%s/device/iotmo_cnt", l->j->sysfs) &&
		!slurp(path, SYSFS_MAX, &text, NULL))
		reading_add(l->r, FACT_PATH_ERRORS, (double)strtoull(text, NULL, 0));
}

static void start_reading(const struct job *j, struct reading *r)
{
	*r = (struct reading){.job = j->id,
		.source = j->source,
		.array = j->array,
		.kind = KIND_PATH,
		.plane = PLANE_INBAND,
		.slot = -1};
	copy_text(r->name, sizeof(r->name), j->name);
	copy_text(r->dev, sizeof(r->dev), j->dev);
	copy_text(r->model, sizeof(r->model), j->model);
	copy_text(r->firmware, sizeof(r->firmware), j->firmware);
	copy_text(r->serial, sizeof(r->serial), j->serial);
}

static bool is_nvme(const struct job *j)
{
	return !strncmp(j->dev, "/dev/nvme", strlen("/dev/nvme"));
}

void path_look(const struct job *j, const struct path_sink *sink, struct reading *ret)
{
	struct look l = {.fd = -1, .j = j, .sink = sink, .r = ret};
	enum outcome o = OUTCOME_OK;

	start_reading(j, ret);
	if (is_nvme(j)) {
		path_port_nvme(j->sysfs, &l.port);
		path_nvme_state(j->sysfs, &l.state);
	} else {
		path_port_scsi(j->sysfs, &l.port);
		o = look_scsi(&l);
		count_timeouts(&l);
	}
	if (l.port.target[0])
		put_unit(&l, l.port.target);
	if (is_nvme(j) && !path_nvme_ways(j->sysfs, tell_way, &l) && o == OUTCOME_OK)
		o = OUTCOME_ERROR;
	closep(&l.fd);
	ret->outcome = (uint8_t)o;
	ret->state = o == OUTCOME_OK ? l.state.state : STATE_UNKNOWN;
	ret->limit_ms = l.state.limit_ms;
	copy_text(ret->raw, sizeof(ret->raw), l.state.raw);
	if (o != OUTCOME_OK) {
		ret->nfacts = 0;
		copy_text(ret->message, sizeof(ret->message), outcome_text(o));
	}
}
