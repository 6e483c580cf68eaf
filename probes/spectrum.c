/* Canisters: the words of nodes and of the enclosure's canisters, put together so that the worse one counts. */
#include "probes/spectrum.h"

#include <errno.h>

enum { SECOND = 1000, MINUTE = 60 * SECOND };

/* "Node status", IBM documentation of 8.1.3 and 8.2.1; times are those that the page gives, or generous ones. */
static const struct manage_word node_words[] = {
	{"online", STATE_OK, 0},
	{"active", STATE_OK, 0},
	{"service", STATE_SERVICE, 0},
	{"candidate", STATE_SERVICE, 0},
	{"offline", STATE_FAILED, 0},
	{"deleted", STATE_ABSENT, 0},
	{"adding", STATE_TRANSITION, 30 * MINUTE},
	{"deleting", STATE_TRANSITION, 10 * MINUTE},
	{"pending", STATE_TRANSITION, 30 * SECOND},
	{"flushing", STATE_TRANSITION, 10 * MINUTE},
	{"starting", STATE_TRANSITION, 10 * MINUTE},
};

/* A spare stands by; where it has taken the place of another, that other is missing. */
static const struct manage_word spare_words[] = {
	{"spare", STATE_OK, 0},
	{"online_spare", STATE_DEGRADED, 0},
	{"online spare", STATE_DEGRADED, 0},
};

static const struct manage_word canister_words[] = {
	{"online", STATE_OK, 0}, {"degraded", STATE_DEGRADED, 0}, {"offline", STATE_FAILED, 0}};

static void take_text(char *dst, size_t size, const char *src)
{
	if (*src)
		copy_device_text(dst, size, src, strlen(src));
}

static bool is_spare(const char *word)
{
	for (size_t i = 0; i < ARRAY_SIZE(spare_words); i++)
		if (!strcmp(spare_words[i].word, word))
			return true;
	return false;
}

static void node_state(struct reading *r, const char *word)
{
	if (is_spare(word))
		manage_state(r, spare_words, ARRAY_SIZE(spare_words), word);
	else
		manage_state(r, node_words, ARRAY_SIZE(node_words), word);
}

/* By position, where there is one: "1-2" is canister 2 of enclosure 1. An SVC's nodes stand alone. */
static bool make_name(const struct spectrum_row *row, char *ret, size_t size)
{
	const char *enclosure = spectrum_value(row, "enclosure_id"), *canister = spectrum_value(row, "canister_id");
	const char *name = spectrum_value(row, "name");
	char text[64];

	if (*enclosure && *canister)
		format_text(text, sizeof(text), "%.20s-%.20s", enclosure, canister);
	else
		copy_text(text, sizeof(text), name);
	copy_device_text(ret, size, text, strlen(text));
	return ret[0];
}

static int find(const struct spectrum_canisters *c, const char *name)
{
	for (unsigned i = 0; i < c->n; i++)
		if (!strcmp(c->r[i].name, name))
			return (int)i;
	return -1;
}

static int add(struct spectrum_canisters *c, const char *name)
{
	if (c->n == SPECTRUM_CANISTERS)
		return -EBADMSG;
	c->r[c->n] = (struct reading){.kind = KIND_CANISTER, .outcome = OUTCOME_OK, .slot = -1};
	copy_text(c->r[c->n].name, sizeof(c->r[c->n].name), name);
	return (int)c->n++;
}

static int take_node(const struct spectrum_row *row, void *arg)
{
	struct spectrum_canisters *c = arg;
	const char *status = spectrum_value(row, "status"), *id = spectrum_value(row, "id");
	char name[NAME_MAX_LEN];
	int i;

	if (!*status || !*id || !make_name(row, name, sizeof(name)) || find(c, name) >= 0)
		return -EBADMSG;
	i = add(c, name);
	if (i < 0)
		return i;
	node_state(&c->r[i], status);
	take_text(c->node[i], sizeof(c->node[i]), id);
	take_text(c->node_name[i], sizeof(c->node_name[i]), spectrum_value(row, "name"));
	take_text(c->housing[i], sizeof(c->housing[i]), spectrum_value(row, "enclosure_serial_number"));
	c->housed = c->housed || *spectrum_value(row, "enclosure_id");
	return 0;
}

int spectrum_nodes(char *text, size_t len, enum spectrum_form f, struct spectrum_canisters *c)
{
	int r = spectrum_rows(text, len, f, false, take_node, c);

	/* who answers is itself one of them */
	return r == 0 ? -EBADMSG : r;
}

/* "7.8.1.11 (build 135.9.1912100725000)" */
static void take_level(struct reading *r, const char *level)
{
	char text[64];

	copy_text(text, sizeof(text), level);
	text[strcspn(text, " (")] = '\0';
	take_text(r->firmware, sizeof(r->firmware), text);
}

static int take_detail(const struct spectrum_row *row, void *arg)
{
	struct spectrum_canisters *c = arg;
	const char *failover = spectrum_value(row, "failover_active");
	char name[NAME_MAX_LEN];
	struct reading *r;
	int i = make_name(row, name, sizeof(name)) ? find(c, name) : -1;

	/* it may have left between the two questions: the list says how things are */
	if (i < 0)
		return *spectrum_value(row, "status") ? 0 : -EBADMSG;
	r = &c->r[i];
	take_level(r, spectrum_value(row, "code_level"));
	take_text(r->model, sizeof(r->model), spectrum_value(row, "product_mtm"));
	take_text(r->serial, sizeof(r->serial), spectrum_value(row, "serial_number"));
	copy_text(r->vendor, sizeof(r->vendor), "IBM");
	take_text(c->address[i], sizeof(c->address[i]), spectrum_value(row, "service_IP_address"));
	if (!strcmp(failover, "yes") || !strcmp(failover, "no"))
		reading_add(r, FACT_FAILED_OVER, failover[0] == 'y');
	return 0;
}

int spectrum_node(char *text, size_t len, enum spectrum_form f, struct spectrum_canisters *c)
{
	return spectrum_rows(text, len, f, true, take_detail, c);
}

struct housed {
	struct spectrum_canisters *c;
	const struct manage_sink *sink;
};

static int take_expansion(const struct spectrum_row *row, const char *name, const struct manage_sink *sink)
{
	struct reading r = {.kind = KIND_EXPANDER, .outcome = OUTCOME_OK, .slot = -1};

	copy_text(r.name, sizeof(r.name), name);
	take_text(r.enclosure, sizeof(r.enclosure), spectrum_value(row, "enclosure_id"));
	manage_state(&r, canister_words, ARRAY_SIZE(canister_words), spectrum_value(row, "status"));
	sink->reading(&r, "", sink->arg);
	return 0;
}

/* Powered and in place, but no node of the system: it is held out of service, or waits to be added. */
static void note_no_node(struct reading *r)
{
	if (r->state != STATE_OK && r->state != STATE_DEGRADED)
		return;
	r->state = STATE_SERVICE;
	copy_text(r->raw, sizeof(r->raw), "online, but no node of the system");
}

static int take_canister(const struct spectrum_row *row, void *arg)
{
	const struct housed *h = arg;
	const char *status = spectrum_value(row, "status");
	char name[NAME_MAX_LEN];
	int i;

	if (!*status || !*spectrum_value(row, "enclosure_id") || !*spectrum_value(row, "canister_id") ||
		!make_name(row, name, sizeof(name)))
		return -EBADMSG;
	if (!strcmp(spectrum_value(row, "type"), "expansion"))
		return take_expansion(row, name, h->sink);
	i = find(h->c, name);
	if (i >= 0) {
		manage_worse(&h->c->r[i], canister_words, ARRAY_SIZE(canister_words), status);
		return 0;
	}
	i = add(h->c, name);
	if (i < 0)
		return i;
	manage_state(&h->c->r[i], canister_words, ARRAY_SIZE(canister_words), status);
	note_no_node(&h->c->r[i]);
	return 0;
}

int spectrum_enclosure_canisters(char *text, size_t len, enum spectrum_form f, struct spectrum_canisters *c,
	const struct manage_sink *sink)
{
	struct housed h = {c, sink};
	int r = spectrum_rows(text, len, f, false, take_canister, &h);

	return r == 0 ? -EBADMSG : r;
}

