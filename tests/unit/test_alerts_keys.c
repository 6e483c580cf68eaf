/* A key that a receiver saw fire is over for it when, and only when, it is over here. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>

#include "engine_lab.h"

enum { ALL = 2, KEYS = 64 };

/* What a receiver that goes by keys believes. */
struct receiver {
	struct {
		char key[200];
		bool open;
	} of[KEYS];
	unsigned n, firing;
	uint64_t seen;
};

static void take(struct receiver *r, const struct lab *l, const struct alert_row *a)
{
	char key[200];
	unsigned i = 0;

	alert_key(&l->e.model, a, key, sizeof(key));
	while (i < r->n && strcmp(r->of[i].key, key) != 0)
		i++;
	if (i == r->n) {
		assert_true(r->n < KEYS);
		copy_text(r->of[r->n++].key, sizeof(r->of[0].key), key);
	}
	r->of[i].open = a->type == ALERT_FINDING_FIRING;
	r->firing += a->type == ALERT_FINDING_FIRING;
}

/* What waits for a minute would be a finding of its own. */
static void accept_all(struct lab *l)
{
	for (uint32_t i = 0; i < alert_count(&l->e.model); i++)
		for (uint8_t sink = 0; sink < l->config->nsinks; sink++) {
			const struct alert_row *a = alert_at(&l->e.model, i);
			struct delivery d = {.sequence = a->sequence, .sink = sink, .result = DELIVERY_ACCEPTED};

			if (a->used && a->wanted & ~a->done & 1u << sink)
				engine_delivery(&l->e, &d, l->now_ms, l->wall_ms);
		}
}

static void receive(struct receiver *r, struct lab *l)
{
	for (uint64_t s = MAX_OF(r->seen + 1, l->e.log.tail); s <= l->e.log.head; s++) {
		const struct record *record = log_at(&l->e.log, s);
		struct alert_row a;

		if (!record || record->type != REC_ALERT_NEW)
			continue;
		memcpy(&a, record->row, sizeof(a));
		if (a.sequence == s && a.wanted & ALL && (a.type == ALERT_FINDING_FIRING || a.type == ALERT_FINDING_RESOLVED))
			take(r, l, &a);
	}
	r->seen = l->e.log.head;
	accept_all(l);
}

static bool is_open(const struct receiver *r, const char *key)
{
	for (unsigned i = 0; i < r->n; i++)
		if (!strcmp(r->of[i].key, key))
			return r->of[i].open;
	return false;
}

static void nothing_is_open(const struct receiver *r)
{
	for (unsigned i = 0; i < r->n; i++)
		if (r->of[i].open)
			fail_msg("%s is open for ever", r->of[i].key);
}

static void run(struct receiver *r, struct lab *l, const char *words)
{
	lab_run(l, words);
	receive(r, l);
}

static void wait_seconds(struct receiver *r, struct lab *l, unsigned seconds)
{
	for (; seconds; seconds -= MIN_OF(seconds, 5u))
		run(r, l, "keep=5");
}

static void each_psu(struct receiver *r, struct lab *l, unsigned from, unsigned to, const char *state)
{
	for (unsigned i = from; i < to; i++) {
		char words[64];

		format_text(words, sizeof(words), "@psu:%u state=%s ;", i + 1, state);
		run(r, l, words);
	}
}

static void test_what_flaps_is_not_over_while_it_is_down(void **unused)
{
	static const char key[] = "78N16G4/canister.failed/canister/B";
	struct receiver *r = test_calloc(1, sizeof(*r));
	struct config *c = lab_config();
	struct lab l;

	(void)unused;
	c->arrays[0].clear_canister_ms = 1000;
	lab_start(&l, c);
	run(r, &l, PAIR);
	for (unsigned i = 0; i < 6; i++) {
		run(r, &l, "@canister:B state=failed ; keep=1");
		run(r, &l, "@canister:B state=ok ; keep=2");
	}
	run(r, &l, "@canister:B state=failed ; keep=1");
	assert_true(is_open(r, key));
	wait_seconds(r, &l, 200);
	assert_non_null(lab_finding(&l, "canister.failed"));
	assert_true(is_open(r, key));
	run(r, &l, "@canister:B state=ok ; keep=1");
	wait_seconds(r, &l, 900);
	assert_false(is_open(r, key));
	lab_stop(&l);
	test_free(r);
}

static void test_what_was_told_singly_is_over_singly(void **unused)
{
	struct receiver *r = test_calloc(1, sizeof(*r));
	struct lab l;

	(void)unused;
	lab_start(&l, NULL);
	run(r, &l, PAIR);
	for (unsigned i = 0; i < 12; i += 4) {
		each_psu(r, &l, i, i + 4, "failed");
		wait_seconds(r, &l, 65);
	}
	assert_int_equal(r->firing, 12);
	each_psu(r, &l, 0, 12, "ok");
	wait_seconds(r, &l, 900);
	nothing_is_open(r);
	lab_stop(&l);
	test_free(r);
}

static void test_what_was_told_as_one_is_over_with_the_last(void **unused)
{
	static const char key[] = "78N16G4/alert.grouped";
	struct receiver *r = test_calloc(1, sizeof(*r));
	const struct finding_row *last = NULL;
	struct lab l;

	(void)unused;
	lab_start(&l, NULL);
	run(r, &l, PAIR);
	each_psu(r, &l, 0, 12, "failed");
	wait_seconds(r, &l, 130);
	assert_true(is_open(r, key));
	for (uint32_t i = 0; i < finding_count(&l.e.model); i++)
		if (finding_at(&l.e.model, i)->active && finding_at(&l.e.model, i)->told & ~finding_at(&l.e.model, i)->open & ALL)
			last = finding_at(&l.e.model, i);
	assert_non_null(last);
	for (unsigned i = 0; i < 12; i++) {
		char name[16];

		format_text(name, sizeof(name), "%u", i + 1);
		if (strcmp(component_at(&l.e.model, last->component)->name, name) != 0)
			each_psu(r, &l, i, i + 1, "ok");
	}
	wait_seconds(r, &l, 900);
	assert_true(last->active && is_open(r, key));
	each_psu(r, &l, 0, 12, "ok");
	wait_seconds(r, &l, 900);
	nothing_is_open(r);
	lab_stop(&l);
	test_free(r);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_flaps_is_not_over_while_it_is_down),
		cmocka_unit_test(test_what_was_told_singly_is_over_singly),
		cmocka_unit_test(test_what_was_told_as_one_is_over_with_the_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
