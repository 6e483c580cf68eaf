/* Whatever names an array, a source or a sink by its number follows when a reload numbers them anew: all tables. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "agent/engine_parts.h"
#include "agent/marks_fields.h"
#include "tests/unit/engine_lab.h"

/* Derived again from the configuration after every reload. */
#define DERIVED (1u << TABLE_DEADLINE | 1u << TABLE_FORECAST)
/* Their rows are the numbers. */
#define NUMBERED (1u << TABLE_ARRAY | 1u << TABLE_SOURCE | 1u << TABLE_SINK)

static uint64_t number_at(const struct model *m, enum table t, uint32_t i, size_t offset, size_t size)
{
	return mark_get_uint((const char *)model_row(m, t, i) + offset, size);
}

/* Rows of @t that say @number at @offset; a set of bits says all of its numbers. */
static unsigned saying(const struct model *m, enum table t, size_t offset, size_t size, unsigned number, bool bits)
{
	unsigned n = 0;

	for (uint32_t i = 0; i < m->tables[t].count; i++) {
		uint64_t v = number_at(m, t, i, offset, size);

		if (*(const uint8_t *)model_row(m, t, i))
			n += (bits ? v >> number & 1 : v == number) ? 1u : 0;
	}
	return n;
}

/* One more row in every table: of the first array, told by the first source to the first sink. */
static void fill(struct engine *e)
{
	for (enum table t = 0; t < TABLE_COUNT; t++) {
		unsigned char row[ROW_MAX] __attribute__((aligned(8))) = {1};

		if (NUMBERED >> t & 1 || t == TABLE_SELF)
			continue;
		for (unsigned i = 0; i < mark_tables[t].nfields; i++) {
			const struct mark_field *f = &mark_tables[t].fields[i];

			if (f->type == MARK_SINKS)
				row[f->offset] = 1;
		}
		emit(e, REC_SELF, t, model_free_index(&e->model, t), row, SEV_NONE, NULL);
	}
}

/* One array, source and sink are put first; what was first is second. */
static struct config *one_first(const struct config *old)
{
	struct config *c = calloc(1, sizeof(*c));
	bool full = false;

	assert_non_null(c);
	*c = *old;
	memmove(c->arrays + 1, c->arrays, c->narrays++ * sizeof(c->arrays[0]));
	memmove(c->sources + 1, c->sources, c->nsources++ * sizeof(c->sources[0]));
	memmove(c->sinks + 1, c->sinks, c->nsinks++ * sizeof(c->sinks[0]));
	for (unsigned i = 1; i < c->nsources; i++)
		c->sources[i].array++;
	c->arrays[0].name = cfg_put(c, "aaa", &full);
	c->sources[0].argv = cfg_list_add(c, 0, &c->sources[0].argc, "/usr/lib/aaa-status", &full);
	c->sinks[0].name = cfg_put(c, "aaa", &full);
	assert_false(full);
	return c;
}

static void assert_follows(const struct model *was, const struct model *is, enum table t, size_t offset, size_t size,
	bool bits, const char *what)
{
	unsigned before = saying(was, t, offset, size, 0, bits);

	assert_true(before > 0);
	if (DERIVED >> t & 1) {
		assert_int_equal(saying(is, t, offset, size, 0, bits), 0);
		return;
	}
	if (saying(is, t, offset, size, 1, bits) < before || saying(is, t, offset, size, 0, bits))
		fail_msg("table %s: %s did not follow its name", mark_table_name(t), what);
}

static void test_every_table_follows(void **unused)
{
	cleanup_(freep) void *block = NULL;
	struct model was = {};
	struct config *c;
	struct lab l;
	size_t size;

	(void)unused;
	lab_start(&l, NULL);
	lab_run(&l, PAIR "@canister:B state=service ;");
	fill(&l.e);
	assert_int_equal(model_pack(&l.e.model, build_id(), &block, &size), 0);
	assert_int_equal(model_unpack(&was, build_id(), block, size), 0);
	c = one_first(l.config);
	l.e.config = c;
	config_remap(&l.e, l.config);
	assert_follows(&was, &l.e.model, TABLE_SEEN, offsetof(struct seen_row, source), 2, false, "source");
	for (enum table t = 0; t < TABLE_COUNT; t++) {
		size_t array = row_names_array(t);

		assert_int_not_equal(array, 0); /* a table that engine.c's row_owner[] does not know */
		if (array != ROW_NAMES_NONE && t != TABLE_SOURCE)
			assert_follows(&was, &l.e.model, t, array, 2, false, "array");
		for (unsigned i = 0; i < mark_tables[t].nfields && t != TABLE_SOURCE; i++) {
			const struct mark_field *f = &mark_tables[t].fields[i];

			if (f->type == MARK_ARRAY || f->type == MARK_ANY_ARRAY)
				assert_int_equal(f->offset, array);
			if (t == TABLE_ALERT && f->offset == offsetof(struct alert_row, parked))
				continue; /* a reload tries them again */
			if (f->type == MARK_SOURCE || f->type == MARK_SINKS)
				assert_follows(&was, &l.e.model, t, f->offset, f->size, f->type == MARK_SINKS, f->name);
		}
	}
	model_clear(&was);
	free(l.config);
	l.config = c;
	lab_stop(&l);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_table_follows),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
