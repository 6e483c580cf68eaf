#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>

#include "agent/model.h"

static struct record component_record(uint64_t sequence, uint32_t index, const char *name)
{
	struct record r = {.sequence = sequence, .table = TABLE_COMPONENT, .index = index};
	struct component_row c = {.used = 1, .kind = KIND_CANISTER};

	copy_text(c.name, sizeof(c.name), name);
	memcpy(r.row, &c, sizeof(c));
	return r;
}

static void test_apply_refuses_what_does_not_follow(void **unused)
{
	struct model m = {};
	struct record a = component_record(1, 0, "A"), gap = component_record(2, 2, "C");
	struct record old = component_record(1, 1, "B"), table = {.sequence = 2, .table = TABLE_COUNT};
	struct record skips_one = component_record(3, 1, "B");

	(void)unused;
	assert_int_equal(model_apply(&m, &a), 0);
	assert_int_equal(model_apply(&m, &gap), -EPROTO);
	assert_int_equal(model_apply(&m, &old), -EPROTO);
	assert_int_equal(model_apply(&m, &skips_one), -EPROTO);
	assert_int_equal(model_apply(&m, &table), -EPROTO);
	assert_int_equal(component_count(&m), 1);
	assert_string_equal(component_at(&m, 0)->name, "A");
	model_clear(&m);
}

static void test_replica_of_packed_model_is_equal(void **unused)
{
	struct model m = {.epoch = 9}, copy = {};
	cleanup_(freep) void *block = NULL;
	size_t size;

	(void)unused;
	for (uint32_t i = 0; i < 100; i++) {
		struct record r = component_record(i + 1, i, "X");

		assert_int_equal(model_apply(&m, &r), 0);
	}
	assert_int_equal(model_pack(&m, 1, &block, &size), 0);
	assert_int_equal(model_unpack(&copy, 2, block, size), -EPROTO);
	assert_int_equal(model_unpack(&copy, 1, block, size - 1), -EPROTO);
	assert_int_equal(model_unpack(&copy, 1, block, size), 0);
	assert_true(model_hash(&m) == model_hash(&copy));
	assert_int_equal(copy.epoch, 9);
	model_clear(&m);
	model_clear(&copy);
}

static struct record fact_record(uint64_t sequence, uint32_t index, uint32_t component, unsigned fact, uint8_t used)
{
	struct record r = {.sequence = sequence, .table = TABLE_FACT, .index = index};
	struct fact_row f = {.used = used, .component = component, .fact = (uint16_t)fact};

	memcpy(r.row, &f, sizeof(f));
	return r;
}

static unsigned facts_by_scan(const struct model *m, uint32_t component)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < fact_count(m); i++)
		n += fact_at(m, i)->used && fact_at(m, i)->component == component;
	return n;
}

static unsigned facts_by_chain(const struct model *m, uint32_t component)
{
	unsigned n = 0;

	for (uint32_t i = model_first_fact(m, component); i != NONE32; i = model_next_fact(m, i)) {
		assert_true(fact_at(m, i)->used && fact_at(m, i)->component == component);
		n++;
	}
	return n;
}

static void test_chains_follow_random_rewrites(void **unused)
{
	struct model m = {}, copy = {};
	cleanup_(freep) void *block = NULL;
	size_t size;
	unsigned seed = 1;

	(void)unused;
	for (uint64_t s = 1; s < 5000; s++) {
		uint32_t index = (uint32_t)rand_r(&seed) % (fact_count(&m) + 1) % 200;
		struct record r = fact_record(s, index, (uint32_t)rand_r(&seed) % 20, 1, rand_r(&seed) % 4 > 0);

		assert_int_equal(model_apply(&m, &r), 0);
	}
	assert_int_equal(model_pack(&m, 1, &block, &size), 0);
	assert_int_equal(model_unpack(&copy, 1, block, size), 0);
	for (uint32_t c = 0; c < 25; c++) {
		assert_int_equal(facts_by_chain(&m, c), facts_by_scan(&m, c));
		assert_int_equal(facts_by_chain(&copy, c), facts_by_scan(&m, c));
	}
	model_clear(&m);
	model_clear(&copy);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_apply_refuses_what_does_not_follow),
		cmocka_unit_test(test_chains_follow_random_rewrites),
		cmocka_unit_test(test_replica_of_packed_model_is_equal),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
