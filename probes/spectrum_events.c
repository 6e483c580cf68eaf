/* The event log: which errors are not fixed, and of which component they are. */
#include "probes/spectrum.h"

#include <errno.h>

/* Object types of events that are components here: "Object types" and lseventlog, IBM documentation. */
static const struct {
	const char *word;
	enum spectrum_object object;
} objects[] = {{"node", OBJECT_NODE}, {"enclosure_canister", OBJECT_CANISTER}, {"enclosure", OBJECT_ENCLOSURE},
	{"drive", OBJECT_DRIVE}, {"mdisk", OBJECT_MDISK}};

/* Error codes after which canisters were lost: 550 a cluster that cannot form, 564 too many crashes, 578 state not
 * saved at power off, 690 held in service state, 1194 recovery of an offline node gave up, 1114 and 1195 its causes. */
static const uint16_t service_codes[] = {550, 564, 578, 690, 1114, 1194, 1195};

static bool to_number(const char *text, uint64_t most, uint64_t *ret)
{
	uint64_t n = 0;

	if (!*text || strlen(text) > 18)
		return false;
	for (; *text; text++) {
		if (*text < '0' || *text > '9')
			return false;
		n = n * 10 + (uint64_t)(*text - '0');
	}
	*ret = n;
	return n <= most;
}

static enum spectrum_object object_of(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(objects); i++)
		if (!strcmp(objects[i].word, word))
			return objects[i].object;
	return OBJECT_OTHER;
}

static bool asks_for_service(uint64_t code)
{
	for (size_t i = 0; i < ARRAY_SIZE(service_codes); i++)
		if (service_codes[i] == code)
			return true;
	return false;
}

static void take_text(char *dst, size_t size, const char *src)
{
	copy_device_text(dst, size, src, strlen(src));
}

/* Of the same object as those before it, or the first of one; where there is no room for another, of none. */
static struct spectrum_fault *fault_of(struct spectrum_events *e, const struct spectrum_row *row)
{
	struct spectrum_fault f = {.object = (uint8_t)object_of(spectrum_value(row, "object_type"))};

	if (f.object != OBJECT_OTHER) {
		take_text(f.id, sizeof(f.id), spectrum_value(row, "object_id"));
		take_text(f.name, sizeof(f.name), spectrum_value(row, "object_name"));
	}
	if (!f.id[0] && !f.name[0])
		f.object = OBJECT_OTHER;
	for (unsigned i = 0; i < e->n; i++)
		if (e->fault[i].object == f.object && text_equal(e->fault[i].id, f.id) &&
			text_equal(e->fault[i].name, f.name))
			return &e->fault[i];
	/* the last place is for what is of no component */
	if (f.object != OBJECT_OTHER && e->n >= SPECTRUM_FAULTS - 1)
		f = (struct spectrum_fault){.object = OBJECT_OTHER};
	for (unsigned i = 0; f.object == OBJECT_OTHER && i < e->n; i++)
		if (e->fault[i].object == OBJECT_OTHER)
			return &e->fault[i];
	e->fault[e->n] = f;
	return &e->fault[e->n++];
}

static int take_event(const struct spectrum_row *row, void *arg)
{
	uint64_t code = 0, number = 0;
	bool coded = to_number(spectrum_value(row, "error_code"), UINT16_MAX, &code);
	struct spectrum_fault *f;

	if (!*spectrum_value(row, "sequence_number"))
		return -EBADMSG;
	if (!strcmp(spectrum_value(row, "fixed"), "yes") || !coded || !code)
		return 0;
	f = fault_of(arg, row);
	f->count++;
	f->service = f->service || asks_for_service(code);
	if (to_number(spectrum_value(row, "sequence_number"), UINT64_MAX, &number) && number > f->newest)
		f->newest = number;
	if (f->code && f->code <= code)
		return 0;
	f->code = (uint32_t)code;
	take_text(f->text, sizeof(f->text), spectrum_value(row, "description"));
	return 0;
}

int spectrum_eventlog(char *text, size_t len, enum spectrum_form f, struct spectrum_events *ret)
{
	struct spectrum_events e = {.read = 1};
	int r = spectrum_rows(text, len, f, false, take_event, &e);

	if (r >= 0)
		*ret = e;
	return r;
}

bool spectrum_same_events(const struct spectrum_events *a, const struct spectrum_events *b)
{
	if (a->read != b->read || a->n != b->n)
		return false;
	for (unsigned i = 0; i < a->n && i < SPECTRUM_FAULTS; i++) {
		const struct spectrum_fault *x = &a->fault[i], *y = &b->fault[i];

		if (x->object != y->object || x->count != y->count || x->code != y->code || x->newest != y->newest ||
			!text_equal(x->id, y->id) || !text_equal(x->name, y->name))
			return false;
	}
	return true;
}

/* ---- whose they are ---- */

struct blame {
	unsigned count, code;
	bool service;
	const char *text;
};

static void add_to(struct blame *b, const struct spectrum_fault *f)
{
	b->count += f->count;
	b->service = b->service || f->service;
	if (b->code && b->code <= f->code)
		return;
	b->code = f->code;
	b->text = f->text;
}

/* A reading may be told again with what a newer log says. */
static void set_fact(struct reading *r, unsigned fact, double value)
{
	for (unsigned i = 0; i < r->nfacts; i++)
		if (r->facts[i].fact == fact) {
			r->facts[i].value = value;
			return;
		}
	reading_add(r, fact, value);
}

static void tell_blame(const struct blame *b, struct reading *r)
{
	set_fact(r, FACT_ERROR_CODE, b->code);
	set_fact(r, FACT_OPEN_ERRORS, b->count);
	if (r->kind == KIND_CANISTER || r->kind == KIND_ENCLOSURE || r->kind == KIND_SYSTEM)
		set_fact(r, FACT_NEEDS_SERVICE, b->service);
	r->message[0] = '\0';
	if (b->count)
		format_text(r->message, sizeof(r->message), "%u not fixed, first %u: %.80s", b->count, b->code, b->text);
}

static bool is_about(const struct spectrum_fault *f, enum spectrum_object object, const char *id, const char *name)
{
	return f->object == object && ((id && *id && text_equal(f->id, id)) || (name && *name && text_equal(f->name, name)));
}

void spectrum_blame(struct spectrum_events *e, enum spectrum_object object, const char *id, const char *name,
	struct reading *r)
{
	struct blame b = {.text = ""};

	if (!e || !e->read)
		return;
	for (unsigned i = 0; i < e->n && i < SPECTRUM_FAULTS; i++)
		if (is_about(&e->fault[i], object, id, name)) {
			add_to(&b, &e->fault[i]);
			e->fault[i].placed = 1;
		}
	tell_blame(&b, r);
}

void spectrum_displace(struct spectrum_events *e, enum spectrum_object first, enum spectrum_object last)
{
	for (unsigned i = 0; i < e->n && i < SPECTRUM_FAULTS; i++)
		if (e->fault[i].object >= first && e->fault[i].object <= last)
			e->fault[i].placed = 0;
}

/*
 * A node by its id or name. What number an enclosure's canister has in the log is not documented: it is told of the
 * canister whose node it names, else of the system, since a wrong canister would be worse than none.
 */
void spectrum_canister_faults(struct spectrum_events *e, struct spectrum_canisters *c)
{
	spectrum_displace(e, OBJECT_NODE, OBJECT_CANISTER);
	for (unsigned i = 0; e->read && i < c->n; i++) {
		struct blame b = {.text = ""};

		for (unsigned k = 0; k < e->n && k < SPECTRUM_FAULTS; k++) {
			struct spectrum_fault *f = &e->fault[k];

			if (!is_about(f, OBJECT_NODE, c->node[i], c->node_name[i]) &&
				!is_about(f, OBJECT_CANISTER, NULL, c->node_name[i]))
				continue;
			add_to(&b, f);
			f->placed = 1;
		}
		tell_blame(&b, &c->r[i]);
	}
}

void spectrum_system_faults(const struct spectrum_events *e, struct reading *system)
{
	struct blame b = {.text = ""};

	for (unsigned i = 0; i < e->n && i < SPECTRUM_FAULTS; i++)
		if (!e->fault[i].placed && (e->sought || e->fault[i].object < OBJECT_ENCLOSURE))
			add_to(&b, &e->fault[i]);
	tell_blame(&b, system);
}
