/* The words of the lab's script. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>

#include "tests/unit/lab_time.h"

static const struct {
	const char *word;
	enum drive_class class;
} classes[] = {{"hdd", CLASS_ATA_HDD}, {"ssd", CLASS_ATA_SSD}, {"nvme", CLASS_NVME},
	{"sas", CLASS_SCSI_HDD}, {"sassd", CLASS_SCSI_SSD}};

/* Who lists it, when it is not the in-band list of san1. */
static const struct {
	const char *word;
	uint8_t source, array;
} lists[] = {{"/mgmt", LAB_MGMT, 0}, {"/mgmt2", LAB_MGMT2, 2}, {"/san2", LAB_SAN2, 2},
	{"/mgmt3", LAB_MGMT3, 3}, {"/jbod", LAB_JBOD, 4}, {"/witness", LAB_WITNESS, 0}};

static void subject(struct lab *l, const char *word)
{
	char kind[16], name[NAME_MAX_LEN], *by;
	const char *colon = strchr(word, ':');
	struct reading r = {.outcome = OUTCOME_OK, .slot = -1, .plane = PLANE_INBAND};

	format_text(
		kind, sizeof(kind), "%.*s", colon ? (int)(colon - word) : (int)strlen(word), word);
	copy_text(name, sizeof(name), colon ? colon + 1 : kind);
	by = strchr(name, '/');
	for (unsigned i = 0; by && i < ARRAY_SIZE(lists); i++)
		if (!strcmp(lists[i].word, by)) {
			r.source = lists[i].source;
			r.array = lists[i].array;
			r.plane = l->config->sources[r.source].plane;
		}
	assert_true(!by || r.source);
	if (by)
		*by = '\0';
	r.kind = (uint8_t)kind_from_text(kind);
	for (unsigned i = 0; i < ARRAY_SIZE(classes); i++)
		if (!strcmp(classes[i].word, kind)) {
			r.kind = KIND_DRIVE;
			r.drive_class = (uint8_t)classes[i].class;
			r.array = r.source = 1;
		}
	if (!strcmp(kind, "md")) {
		r.kind = KIND_POOL;
		r.array = r.source = 1;
	}
	assert_int_not_equal(r.kind, KIND_NONE);
	for (l->current = 0; l->current < l->nsubjects; l->current++)
		if (l->subject[l->current].kind == r.kind &&
			l->subject[l->current].source == r.source &&
			text_equal(l->subject[l->current].name, name))
			return;
	assert_true(l->nsubjects < LAB_SUBJECTS);
	copy_text(r.name, sizeof(r.name), name);
	if (r.kind != KIND_DRIVE)
		r.state = STATE_OK;
	else
		reading_add(&r, FACT_POWER_CYCLES, 7);
	l->subject[l->nsubjects++] = r;
}

static void set_fact(struct reading *r, const char *name, double value)
{
	unsigned fact = fact_from_name(name);

	for (unsigned i = 0; fact && i < r->nfacts; i++)
		if (r->facts[i].fact == fact) {
			r->facts[i].value = value;
			return;
		}
	assert_true(fact != FACT_NONE);
	reading_add(r, fact, value);
}

static enum outcome outcome_of(const char *word)
{
	for (unsigned i = 0; i < OUTCOME_COUNT; i++)
		if (!strcmp(outcome_text((enum outcome)i), word))
			return (enum outcome)i;
	fail_msg("no outcome %s", word);
	return OUTCOME_NONE;
}

static bool set_text(struct reading *r, const char *key, const char *value)
{
	const struct {
		const char *key;
		char *to;
		size_t size;
	} texts[] = {{"model", r->model, sizeof(r->model)},
		{"raw", r->raw, sizeof(r->raw)}, {"serial", r->serial, sizeof(r->serial)},
		{"fw", r->firmware, sizeof(r->firmware)},
		{"message", r->message, sizeof(r->message)}, {"dev", r->dev, sizeof(r->dev)},
		{"group", r->group, sizeof(r->group)},
		{"enclosure", r->enclosure, sizeof(r->enclosure)}};

	for (unsigned i = 0; i < ARRAY_SIZE(texts); i++)
		if (!strcmp(texts[i].key, key))
			return copy_text(texts[i].to, texts[i].size, value);
	return false;
}

/* Array san1 says it by itself: a listen source joins the first time. */
static void hear(struct lab *l, const char *text)
{
	struct notice n = {.source = 2, .count = 1};

	if (l->config->nsources == 2) {
		l->config->sources[l->config->nsources++] =
			(struct cfg_source){.array = 0, .type = SOURCE_LISTEN, .plane = PLANE_SPOOFABLE};
		engine_set_config(&l->e, l->config, l->now_ms, l->wall_ms);
	}
	copy_text(n.text, sizeof(n.text), text);
	for (char *c = n.text; *c; c++)
		if (*c == '-')
			*c = ' ';
	n.kind = (uint8_t)notice_kind("", n.text);
	engine_notice(&l->e, &n, l->now_ms, l->wall_ms);
}

static void set(struct lab *l, const char *key, const char *value)
{
	struct reading *r = &l->subject[l->current];
	double number = strtod(value, NULL);

	if (!strcmp(key, "wait"))
		lab_wait_ms(l, (uint64_t)(number * 1000));
	else if (!strcmp(key, "keep"))
		lab_keep(l, (uint64_t)number);
	else if (!strcmp(key, "state"))
		r->state = (uint8_t)state_from_text(value);
	else if (!strcmp(key, "outcome"))
		r->outcome = (uint8_t)outcome_of(value);
	else if (!strcmp(key, "slot"))
		r->slot = (int16_t)number;
	else if (!strcmp(key, "limit"))
		r->limit_ms = (uint32_t)(number * 1000);
	else if (!strcmp(key, "need"))
		r->group_need = (uint16_t)number;
	else if (!strcmp(key, "booted"))
		r->booted_wall_ms = l->wall_ms + (int64_t)(number * 1000);
	else if (!strcmp(key, "heard"))
		hear(l, value);
	else if (!strcmp(key, "lag"))
		engine_self(&l->e, true, (uint32_t)number, 0, l->now_ms, l->wall_ms);
	else if (!set_text(r, key, value))
		set_fact(r, key, number);
}

static void device(struct lab *l, bool removed)
{
	const struct reading *r = &l->subject[l->current];
	struct device_event d = {.kind = KIND_DRIVE,
		.removed = removed,
		.drive_class = r->drive_class,
		.initial = !removed};

	copy_text(d.name, sizeof(d.name), r->name);
	copy_text(d.dev, sizeof(d.dev), "/dev/sda");
	engine_device(&l->e, &d, 1, l->now_ms, l->wall_ms);
}

static void on_subject(struct lab *l, enum command_type type)
{
	const struct reading *r = &l->subject[l->current];
	char id[160];

	format_text(id, sizeof(id), "%s/%s/%s", array_at(&l->e.model, r->array)->name,
		kind_text((enum kind)r->kind), r->name);
	lab_command(l, type, id, 0);
}

static void deliver(struct lab *l, enum delivery_result result)
{
	struct delivery d = {.sink = 0, .result = (uint8_t)result};

	copy_text(d.error, sizeof(d.error), result == DELIVERY_ACCEPTED ? "" : "HTTP 404");
	for (uint32_t i = 0; i < alert_count(&l->e.model); i++) {
		const struct alert_row *a = alert_at(&l->e.model, i);

		d.sequence = a->sequence;
		if (a->used && a->wanted & ~a->done & 1)
			engine_delivery(&l->e, &d, l->now_ms, l->wall_ms);
	}
}

static void journal(struct lab *l, enum journal_state state)
{
	struct journal_report j = {.state = (uint8_t)state, .error = "No space left on device",
		.durable_sequence = state == JOURNAL_OK ? l->e.log.head : 0};

	engine_journal(&l->e, &j, l->now_ms, l->wall_ms);
}

/* clang-format off */
static void v_gone(struct lab *l) { device(l, true); }
static void v_there(struct lab *l) { device(l, false); }
static void v_stuck(struct lab *l)
{
	const struct reading *r = &l->subject[l->current];

	engine_stuck(&l->e, model_find_component(&l->e.model, r->array, (enum kind)r->kind, r->name), r->source, l->now_ms,
		l->wall_ms);
}
static void v_hang(struct lab *l) { engine_stuck(&l->e, NONE32, 0, l->now_ms, l->wall_ms); }
static unsigned list_of(const struct lab *l)
{
	unsigned source = l->nsubjects ? l->subject[l->current].source : 0;

	return source == 1 ? 0 : source;
}
static void v_end(struct lab *l) { lab_end_job(l, list_of(l), OUTCOME_OK, true); l->job++; }
static void v_fails(struct lab *l) { l->job++; lab_end_job(l, list_of(l), OUTCOME_ERROR, false); }
static void v_adopt(struct lab *l) { on_subject(l, CMD_ADOPT); }
static void v_forget(struct lab *l) { on_subject(l, CMD_FORGET); }
static void v_silent(struct lab *l) { l->silent[l->current] = true; }
static void v_speaks(struct lab *l) { l->silent[l->current] = false; }
static void v_refused(struct lab *l) { engine_config_refused(&l->e, "line 3: no", l->now_ms, l->wall_ms); }
static void v_reload(struct lab *l) { engine_set_config(&l->e, l->config, l->now_ms, l->wall_ms); }
static void v_forgot(struct lab *l)
{
	bool full = false;

	l->config->marks_lost = cfg_put(l->config, "/state/marks.json: cut off", &full);
}
static void v_knows(struct lab *l) { l->config->marks_lost = 0; }
static void v_disk_full(struct lab *l) { journal(l, JOURNAL_FAILING); }
static void v_disk_ok(struct lab *l) { journal(l, JOURNAL_OK); }
static void v_unlocked(struct lab *l) { engine_self(&l->e, false, 0, 0, l->now_ms, l->wall_ms); }
static void v_locked(struct lab *l) { engine_self(&l->e, true, 0, 0, l->now_ms, l->wall_ms); }
static void v_dies(struct lab *l)
{
	engine_role_died(&l->e, &(struct msg_peer_died){.role = ROLE_COURIER, .exit_kind = EXIT_BY_SIGNAL, .exit_value = 9},
		l->now_ms, l->wall_ms);
}
static void v_page(struct lab *l) { lab_command(l, CMD_TEST_ALERT, "oncall", 0); }
static void v_retry(struct lab *l) { deliver(l, DELIVERY_RETRY); }
static void v_park(struct lab *l) { deliver(l, DELIVERY_PARKED); }
static void v_accept(struct lab *l) { deliver(l, DELIVERY_ACCEPTED); }

static const struct {
	const char *word;
	void (*run)(struct lab *l);
} lab_verbs[] = {
	{"gone", v_gone}, {"there", v_there}, {"stuck", v_stuck}, {"hang", v_hang}, {"end", v_end}, {"fails", v_fails},
	{"adopt", v_adopt}, {"forget", v_forget}, {"silent", v_silent}, {"speaks", v_speaks}, {"refused", v_refused}, {"reload", v_reload},
	{"disk-full", v_disk_full}, {"disk-ok", v_disk_ok}, {"unlocked", v_unlocked}, {"locked", v_locked},
	{"forgot", v_forgot}, {"knows", v_knows}, {"dies", v_dies}, {"page", v_page}, {"retry", v_retry}, {"park", v_park}, {"accept", v_accept},
};
/* clang-format on */

static void word(struct lab *l, char *text)
{
	char *equals = strchr(text, '=');

	if (!strcmp(text, ";")) {
		lab_send(l, l->current);
		lab_wait_ms(l, 1000);
		return;
	}
	if (text[0] == '@') {
		subject(l, text + 1);
		return;
	}
	if (equals) {
		*equals = '\0';
		set(l, text, equals + 1);
		return;
	}
	for (unsigned i = 0; i < ARRAY_SIZE(lab_verbs); i++)
		if (!strcmp(lab_verbs[i].word, text)) {
			lab_verbs[i].run(l);
			return;
		}
	fail_msg("no such word: %s", text);
}

void lab_run(struct lab *l, const char *script)
{
	char *copy = strdup(script), *rest = copy, *text;

	assert_non_null(copy);
	while ((text = strsep(&rest, " ")))
		if (*text)
			word(l, text);
	free(copy);
}
