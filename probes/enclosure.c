#include "probes/enclosure.h"

#include "probes/device.h"

#include <stdalign.h>
#include <unistd.h>

enum {
	RECEIVE_DIAGNOSTIC = 0x1c,
	PAGE_CODE_VALID = 0x01,
	PAGE_MAX = 65532, /* as sg_ses asks: some hosts refuse the last few bytes of 64 KiB */
	INTERVALS_HELD = 3
};

static alignas(DEVICE_ALIGN) uint8_t buffer[65536];

struct look {
	int fd;
	const struct job *j;
	struct ses ses;
	struct reading base; /* what all readings of this look share */
	enclosure_fn *fn;
	void *arg;
	struct job_end *end;
	uint64_t fresh_ms, now_ms;
};

static const char *const outcome_reasons[OUTCOME_COUNT] = {
	[OUTCOME_SHORT] = "A page is shorter than it says.",
	[OUTCOME_NONSENSE] = "It answered with another page than was asked for.",
	[OUTCOME_STALE] = "Its configuration changes faster than it can be read.",
	[OUTCOME_UNSUPPORTED] = "It has no enclosure status that we can read.",
	[OUTCOME_REFUSED] = "We may not ask it.",
	[OUTCOME_TIMEOUT] = "It did not answer in time.",
	[OUTCOME_GONE] = "It is gone.",
	[OUTCOME_ERROR] = "It answered with an error.",
};

static enum outcome receive(struct look *l, enum ses_page page, size_t *ret_got)
{
	const uint8_t cdb[6] = {RECEIVE_DIAGNOSTIC, PAGE_CODE_VALID, (uint8_t)page, PAGE_MAX >> 8,
		PAGE_MAX & 0xff, 0};
	const struct scsi_command c = {cdb, sizeof(cdb), buffer, PAGE_MAX, l->j->command_ms};
	struct scsi_reply reply;
	enum outcome o = device_scsi(l->fd, &c, &reply);

	*ret_got = reply.got;
	return o;
}

static enum outcome read_status(struct look *l)
{
	size_t got;
	enum outcome o = receive(l, SES_CONFIG, &got);

	if (o == OUTCOME_OK)
		o = ses_decode_config(buffer, got, &l->ses);
	if (o == OUTCOME_OK)
		o = receive(l, SES_STATUS, &got);
	return o == OUTCOME_OK ? ses_decode_status(buffer, got, &l->ses) : o;
}

typedef enum outcome decode_fn(const uint8_t *p, size_t n, struct ses *s);

static const struct {
	enum ses_page page;
	decode_fn *decode;
} extras[] = {
	{SES_NAMES, ses_decode_names},
	{SES_ADDITIONAL, ses_decode_additional},
	{SES_MICROCODE, ses_decode_microcode},
};

/* What only adds to the status: a page that is refused or garbled is left out, a device that hangs ends it. */
static enum outcome read_extras(struct look *l, uint64_t supported)
{
	for (size_t i = 0; i < ARRAY_SIZE(extras); i++) {
		size_t got;
		enum outcome o;

		if (!(supported >> extras[i].page & 1))
			continue;
		o = receive(l, extras[i].page, &got);
		if (o == OUTCOME_OK)
			o = extras[i].decode(buffer, got, &l->ses);
		if (o == OUTCOME_TIMEOUT || o == OUTCOME_GONE || o == OUTCOME_REFUSED)
			return o;
	}
	return OUTCOME_OK;
}

static enum outcome read_pages(struct look *l)
{
	uint64_t supported = 0;
	size_t got;
	enum outcome o = receive(l, SES_SUPPORTED, &got);

	if (o == OUTCOME_OK)
		o = ses_decode_supported(buffer, got, &supported);
	if (o != OUTCOME_OK)
		return o;
	if (!(supported >> SES_CONFIG & 1) || !(supported >> SES_STATUS & 1))
		return OUTCOME_UNSUPPORTED;
	o = read_status(l);
	/* a part came or went between the two pages */
	if (o == OUTCOME_STALE)
		o = read_status(l);
	return o == OUTCOME_OK ? read_extras(l, supported) : o;
}

static void say(struct look *l, const struct reading *r)
{
	l->fn(r, l->arg);
	l->end->count++;
}

/* The services process itself: that it answers is all it says of itself. */
static void say_process(struct look *l, enum outcome o)
{
	struct reading r = l->base;

	r.kind = KIND_ENCLOSURE;
	r.outcome = (uint8_t)o;
	copy_text(r.name, sizeof(r.name), l->j->name);
	copy_text(r.serial, sizeof(r.serial), l->j->serial);
	if (o != OUTCOME_OK) {
		copy_text(r.message, sizeof(r.message), outcome_reasons[o] ? outcome_reasons[o] : "");
		say(l, &r);
		return;
	}
	r.state = STATE_OK;
	copy_text(r.raw, sizeof(r.raw), "answers");
	copy_text(r.enclosure, sizeof(r.enclosure), l->ses.name);
	copy_text(r.vendor, sizeof(r.vendor), l->ses.vendor);
	copy_text(r.model, sizeof(r.model), l->ses.product);
	copy_text(r.firmware, sizeof(r.firmware), l->ses.revision);
	format_text(r.message, sizeof(r.message), "It answers for enclosure %s.", l->ses.name);
	reading_add(&r, FACT_MICROCODE_PENDING, ses_microcode_pending(l->ses.microcode));
	reading_add(&r, FACT_MICROCODE_FAILED, ses_microcode_failed(l->ses.microcode));
	say(l, &r);
}

/* Its partner may have a word on a canister; that it cannot be asked itself weighs more. */
static void doubt(struct reading *r, enum partner p)
{
	if (p != PARTNER_SILENT && p != PARTNER_GONE)
		return;
	/* what the partner calls lost is lost */
	if (r->state == STATE_FAILED || r->state == STATE_SERVICE || r->state == STATE_ABSENT)
		return;
	r->state = p == PARTNER_GONE ? STATE_ABSENT : STATE_UNREACHABLE;
	r->known_only = 1;
	copy_text(r->raw, sizeof(r->raw), p == PARTNER_GONE ? "gone from the bus" : "does not answer");
	copy_text(r->message, sizeof(r->message), "Its own services process is no longer heard.");
}

static enum partner partner_state(const struct look *l, const struct enclosure_view *v)
{
	return enclosure_partner(
		v, v->sysfs[0] && !access(v->sysfs, F_OK), l->now_ms, l->fresh_ms);
}

static void say_elements(
	struct look *l, const struct enclosure_views *all, const struct enclosure_view *own)
{
	for (unsigned i = 0; i < l->ses.nelements; i++) {
		const struct ses_element *e = &l->ses.elements[i];
		struct reading r = l->base;

		if (e->overall)
			continue;
		ses_element_reading(&l->ses, i, &r);
		for (unsigned k = 0; all && e->type == SES_ELECTRONICS && k < ENCLOSURE_VIEWS; k++)
			if (&all->view[k] != own && all->view[k].reports == (int)e->index)
				doubt(&r, partner_state(l, &all->view[k]));
		if (ses_reports(e)) {
			copy_text(r.vendor, sizeof(r.vendor), l->ses.vendor);
			copy_text(r.model, sizeof(r.model), l->ses.product);
			copy_text(r.firmware, sizeof(r.firmware), l->ses.revision);
		}
		else
			memset(r.dev, 0, sizeof(r.dev));
		say(l, &r);
	}
}

static bool has_electronics(const struct ses *s)
{
	for (unsigned i = 0; i < s->nelements; i++)
		if (s->elements[i].type == SES_ELECTRONICS && !s->elements[i].overall &&
			ses_element_state(s->elements[i].status) != STATE_ABSENT)
			return true;
	return false;
}

static void name_canister(const struct look *l, const char *node, struct reading *r)
{
	r->kind = KIND_CANISTER;
	format_text(r->name, sizeof(r->name), "%.24s-%.38s",
		l->ses.name[0] ? l->ses.name : "enclosure", node);
	copy_text(r->enclosure, sizeof(r->enclosure), l->ses.name);
}

/* An enclosure that lists no electronics: each services process stands for the IOM it runs in. */
static void say_processes(
	struct look *l, const struct enclosure_views *all, const struct enclosure_view *own)
{
	struct reading r = l->base;

	name_canister(l, l->j->name, &r);
	r.state = STATE_OK;
	copy_text(r.raw, sizeof(r.raw), "answers");
	copy_text(r.vendor, sizeof(r.vendor), l->ses.vendor);
	copy_text(r.model, sizeof(r.model), l->ses.product);
	copy_text(r.firmware, sizeof(r.firmware), l->ses.revision);
	say(l, &r);
	for (unsigned k = 0; all && k < ENCLOSURE_VIEWS; k++) {
		const struct enclosure_view *v = &all->view[k];
		enum partner p = v == own ? PARTNER_NONE : partner_state(l, v);

		if (p != PARTNER_SILENT && p != PARTNER_GONE)
			continue;
		r = l->base;
		memset(r.dev, 0, sizeof(r.dev));
		name_canister(l, v->node, &r);
		doubt(&r, p);
		say(l, &r);
	}
}

static void say_all(struct look *l, struct enclosure_memory *m)
{
	struct enclosure_views *all = enclosure_recall(m, l->ses.id);
	struct enclosure_view *own =
		all ? enclosure_view_note(all, l->j->name, l->j->sysfs, &l->ses, l->now_ms) : NULL;

	if (all)
		enclosure_merge(all, own, &l->ses, l->now_ms, l->fresh_ms);
	say_process(l, OUTCOME_OK);
	say_elements(l, all, own);
	if (!has_electronics(&l->ses))
		say_processes(l, all, own);
	enclosure_places(&l->ses, "/sys", &l->base, l->fn, l->arg);
}

void enclosure_look(const struct job *j, struct enclosure_memory *m, uint32_t interval_ms,
	enclosure_fn *fn, void *arg, struct job_end *ret)
{
	static struct look l; /* its elements are too many for a stack */
	enum outcome o;

	l = (struct look){.fd = device_open(j->sg[0] ? j->sg : j->dev),
		.j = j,
		.base = {.job = j->id,
			.source = j->source,
			.array = j->array,
			.plane = PLANE_INBAND,
			.outcome = OUTCOME_OK,
			.slot = -1},
		.fn = fn,
		.arg = arg,
		.end = ret,
		.fresh_ms = (uint64_t)interval_ms * INTERVALS_HELD,
		.now_ms = boot_ms()};
	copy_text(l.base.dev, sizeof(l.base.dev), j->dev);
	o = l.fd < 0 ? device_errno_outcome(-l.fd) : read_pages(&l);
	closep(&l.fd);
	ret->outcome = (uint8_t)o;
	if (o == OUTCOME_OK) {
		say_all(&l, m);
		return;
	}
	say_process(&l, o);
	copy_text(ret->error, sizeof(ret->error), outcome_reasons[o] ? outcome_reasons[o] : "");
}
