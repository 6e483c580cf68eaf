#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>

#include "probes/enclosure.h"
#include "tests/unit/ses_pages.h"

static struct ses s;

static void decode(void)
{
	uint8_t p[PAGE_ROOM];

	assert_int_equal(ses_decode_config(p, config_page(p), &s), OUTCOME_OK);
	assert_int_equal(ses_decode_status(p, status_page(p), &s), OUTCOME_OK);
}

static struct reading reading_of(unsigned type, unsigned nth)
{
	struct reading r = {.slot = -1, .outcome = OUTCOME_OK};

	ses_element_reading(&s, element_of(&s, type, nth), &r);
	return r;
}

static double fact(const struct reading *r, unsigned f)
{
	double v = -1;

	return reading_find(r, f, &v) ? v : -1;
}

static void test_who_it_is_and_what_it_has(void **unused)
{
	uint8_t p[PAGE_ROOM];
	struct reading r;

	(void)unused;
	decode();
	assert_string_equal(s.name, "0x50014050face0001");
	assert_string_equal(s.vendor, "ACME");
	assert_string_equal(s.product, "TWO CANISTER BOX");
	assert_string_equal(s.revision, "1.07");
	assert_int_equal(s.process, 1);
	assert_int_equal(s.processes, 2);
	assert_int_equal(s.nelements, ELEMENTS);
	assert_int_equal(s.generation, GENERATION);
	r = reading_of(SES_ELECTRONICS, 1);
	assert_int_equal(r.kind, KIND_CANISTER);
	assert_string_equal(r.name, "0x50014050face0001-iom1");
	assert_string_equal(r.enclosure, "0x50014050face0001");
	assert_int_equal(r.state, STATE_OK);
	assert_true(ses_reports(&s.elements[element_of(&s, SES_ELECTRONICS, 0)]));
	assert_false(ses_reports(&s.elements[element_of(&s, SES_ELECTRONICS, 1)]));
	r = reading_of(SES_TEMPERATURE, 0);
	assert_int_equal((int)fact(&r, FACT_TEMPERATURE), 31);
	r = reading_of(SES_ENCLOSURE, 0);
	assert_int_equal(r.kind, KIND_ENCLOSURE);
	assert_string_equal(r.name, "0x50014050face0001");
	/* what was decoded before does not outlive a page that is not whole */
	assert_int_equal(ses_decode_config(p, config_page(p) - 1, &s), OUTCOME_SHORT);
	assert_int_equal(s.nelements, 0);
}

/* All sixteen codes, and what PRDFAIL and DISABLED make of them. */
static void test_every_status_code(void **unused)
{
	static const struct {
		uint8_t code, state, known_only;
		const char *raw;
	} cases[] = {
		{0, STATE_UNKNOWN, 1, "Unsupported"}, {1, STATE_OK, 0, "OK"},
		{2, STATE_FAILED, 0, "Critical"}, {3, STATE_DEGRADED, 0, "Noncritical"},
		{4, STATE_FAILED, 0, "Unrecoverable"}, {5, STATE_ABSENT, 1, "Not installed"},
		{6, STATE_UNKNOWN, 0, "Unknown"}, {7, STATE_UNKNOWN, 0, "Not available"},
		{8, STATE_UNKNOWN, 0, "No access allowed"}, {9, STATE_UNKNOWN, 0, "reserved"},
		{10, STATE_UNKNOWN, 0, "reserved"}, {11, STATE_UNKNOWN, 0, "reserved"},
		{12, STATE_UNKNOWN, 0, "reserved"}, {13, STATE_UNKNOWN, 0, "reserved"},
		{14, STATE_UNKNOWN, 0, "reserved"}, {15, STATE_UNKNOWN, 0, "reserved"},
		{0x41, STATE_DEGRADED, 0, "OK, failure predicted"}, {0x21, STATE_SERVICE, 0, "OK, disabled"},
		{0x63, STATE_SERVICE, 0, "Noncritical, failure predicted, disabled"},
		{0x42, STATE_FAILED, 0, "Critical, failure predicted"},
		{0x22, STATE_FAILED, 0, "Critical, disabled"}, {0x11, STATE_OK, 0, "OK"},
	};

	(void)unused;
	decode();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct reading r;

		s.elements[element_of(&s, SES_ELECTRONICS, 0)].status[0] = cases[i].code;
		r = reading_of(SES_ELECTRONICS, 0);
		if (r.state != cases[i].state || r.known_only != cases[i].known_only ||
			strcmp(r.raw, cases[i].raw) != 0)
			fail_msg("code %02x: %s '%s'", cases[i].code, state_text((enum state)r.state),
				r.raw);
	}
}

static void test_bits_beside_the_code(void **unused)
{
	static const struct {
		uint8_t type, status[4], state;
		const char *why;
	} cases[] = {
		{SES_POWER_SUPPLY, {1, 0, 0, 0x02}, STATE_DEGRADED, "AC fail under an OK"},
		{SES_POWER_SUPPLY, {2, 0, 0, 0x02}, STATE_FAILED, "a word that is worse stays"},
		{SES_POWER_SUPPLY, {1, 0, 0, 0x20}, STATE_OK, "requested on"},
		{SES_TEMPERATURE, {1, 0, 70, 0x04}, STATE_DEGRADED, "over-temperature warning"},
		{SES_ARRAY_SLOT, {1, 0, 0, 0x20}, STATE_OK, "the fault light was asked for by a host"},
		{SES_ARRAY_SLOT, {1, 0, 0, 0x40}, STATE_DEGRADED, "the enclosure senses a fault"},
		{SES_ELECTRONICS, {1, 0x40, 0, 0}, STATE_DEGRADED, "fail indicator"},
		{SES_ELECTRONICS, {6, 0x40, 0, 0}, STATE_UNKNOWN, "unknown is not made known"},
	};

	(void)unused;
	decode();
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct reading r;

		memcpy(s.elements[element_of(&s, cases[i].type, 0)].status, cases[i].status, 4);
		r = reading_of(cases[i].type, 0);
		if (r.state != cases[i].state)
			fail_msg("%s: %s", cases[i].why, state_text((enum state)r.state));
	}
	s.elements[element_of(&s, SES_POWER_SUPPLY, 0)].status[0] = 5;
	assert_int_equal(reading_of(SES_POWER_SUPPLY, 0).nfacts, 0);
}

/* Cut anywhere, no page is whole; of another generation it says nothing of this configuration. */
static void test_short_and_stale_pages(void **unused)
{
	static const struct {
		enum ses_page page;
		size_t (*make)(uint8_t *p);
		enum outcome (*decode)(const uint8_t *p, size_t n, struct ses *s);
	} pages[] = {{SES_CONFIG, config_page, ses_decode_config},
		{SES_STATUS, status_page, ses_decode_status}};
	uint8_t p[PAGE_ROOM], wrong[PAGE_ROOM];

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(pages); i++) {
		size_t n = pages[i].make(p);

		for (size_t cut = 0; cut < n; cut++) {
			decode();
			assert_int_equal(pages[i].decode(p, cut, &s), OUTCOME_SHORT);
		}
		/* a length that is smaller than what it must hold */
		memcpy(wrong, p, n);
		put16(wrong + 2, n - 4 - 4);
		decode();
		assert_int_equal(pages[i].decode(wrong, n, &s), OUTCOME_SHORT);
		wrong[0] = 0x40;
		assert_int_equal(pages[i].decode(wrong, n, &s), OUTCOME_NONSENSE);
	}
	decode();
	(void)status_page(p);
	p[7]++;
	assert_int_equal(ses_decode_status(p, sizeof(p), &s), OUTCOME_STALE);
}

static void test_slots_by_what_the_index_counts(void **unused)
{
	static const struct {
		uint8_t eiioe, first;
		int16_t slot;
		const char *why;
	} cases[] = {
		{0, 0, 10, "overall elements are left out"}, {1, 1, 10, "overall elements count"},
		{0, 1, 10, "from 1 without saying so"}, {2, 0, -1, "a reserved value means nothing"},
		{3, 0, -1, "nor this one"}, {1, 4, -1, "an index that leads to an expander"},
	};
	uint8_t p[PAGE_ROOM];

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		const struct ses_element *e;

		decode();
		e = &s.elements[element_of(&s, SES_ARRAY_SLOT, 0)];
		assert_int_equal(ses_decode_additional(p, additional_page(p, cases[i].eiioe, cases[i].first),
					 &s), OUTCOME_OK);
		if (e->slot != cases[i].slot || !e->address != (cases[i].slot < 0))
			fail_msg("%s: slot %d", cases[i].why, e->slot);
	}
	for (size_t n = additional_page(p, 1, 1) - 1; n; n--) {
		decode();
		assert_int_equal(ses_decode_additional(p, n, &s), OUTCOME_SHORT);
	}
}

static void test_code_that_waits(void **unused)
{
	uint8_t p[PAGE_ROOM] = {[1] = 1};
	size_t n = end_page(p, SES_MICROCODE, 8 + 32);

	(void)unused;
	decode();
	p[8 + 2] = 0x10;
	p[24 + 2] = 0x13;
	assert_int_equal(ses_decode_microcode(p, n, &s), OUTCOME_OK);
	assert_true(ses_microcode_pending(s.microcode));
	assert_false(ses_microcode_pending(0x10));
	assert_false(ses_microcode_failed(0x13));
	assert_true(ses_microcode_failed(0x83));
	assert_int_equal(ses_decode_microcode(p, n - 1, &s), OUTCOME_SHORT);
	put16(p + 2, 4 + 16);
	assert_int_equal(ses_decode_microcode(p, n, &s), OUTCOME_SHORT);
}

static void test_two_processes_of_one_enclosure(void **unused)
{
	static struct enclosure_memory memory;
	struct enclosure_views *v;
	struct enclosure_view *a, *b;
	uint8_t *fan;

	(void)unused;
	decode();
	assert_null(enclosure_recall(&memory, 0));
	v = enclosure_recall(&memory, s.id);
	assert_ptr_equal(v, enclosure_recall(&memory, s.id));
	fan = s.elements[element_of(&s, SES_POWER_SUPPLY, 0)].status;
	*fan = 2;
	a = enclosure_view_note(v, "ses-a", "/a", &s, 1000);
	assert_int_equal(a->reports, 0);
	*fan = 1;
	b = enclosure_view_note(v, "ses-b", "/b", &s, 2000);
	enclosure_merge(v, b, &s, 2000, 30000);
	assert_int_equal(*fan, 2); /* the worse of two words */
	*fan = 1;
	enclosure_merge(v, b, &s, 31001, 30000);
	assert_int_equal(*fan, 1); /* too old to be believed */
	*fan = 6;
	a->status[element_of(&s, SES_POWER_SUPPLY, 0)] = 1;
	enclosure_merge(v, b, &s, 2000, 30000);
	assert_int_equal(*fan, 1); /* who can tell, before who cannot */
	assert_int_equal(enclosure_partner(a, true, 31000, 30000), PARTNER_ANSWERS);
	assert_int_equal(enclosure_partner(a, true, 31001, 30000), PARTNER_SILENT);
	assert_int_equal(enclosure_partner(a, false, 1001, 30000), PARTNER_GONE);
	assert_int_equal(enclosure_partner(&v->view[3], false, 1001, 30000), PARTNER_NONE);
}

/* ---- a real enclosure, with sg_ses beside ---- */

static size_t read_page(const char *file, unsigned page, uint8_t *p, size_t size)
{
	FILE *f = fopen(file, "r");
	char line[256];
	size_t n = 0;
	bool inside = false;

	while (f && fgets(line, sizeof(line), f)) {
		char *at = line, *end;
		unsigned long byte = strtoul(at, &end, 16);

		if (line[0] == '#' || end == at || end - at != 2) {
			inside = false;
			continue;
		}
		if (!inside && n)
			break;
		if (!inside && byte != page)
			continue;
		/* pages begin behind an empty line */
		inside = true;
		for (; n < size && end - at >= 2; byte = strtoul(at = end, &end, 16)) {
			if (end == at)
				break;
			p[n++] = (uint8_t)byte;
		}
	}
	if (f)
		(void)fclose(f);
	return n;
}

/* sg_ses lists every element in order with "status: WORD"; our words must be the same ones. */
static void compare_with_sg_ses(const char *file)
{
	char command[600], line[256], word[40];
	unsigned i = 0, seen = 0;
	FILE *f;

	format_text(command, sizeof(command), "sg_ses --status --page=es --inhex='%s' 2>/dev/null", file);
	f = popen(command, "r");
	while (f && fgets(line, sizeof(line), f)) {
		char *at = strstr(line, "status: ");

		if (!at || sscanf(at, "status: %39[^\n,]", word) != 1)
			continue;
		assert_true(i < s.nelements);
		assert_string_equal(ses_status_text(s.elements[i++].status[0] & 0xf), word);
		seen++;
	}
	if (f)
		(void)pclose(f);
	if (!seen)
		print_message("sg_ses is not there: not compared\n");
	else
		assert_int_equal(seen, s.nelements);
}

static void test_a_real_enclosure(void **unused)
{
	static uint8_t p[8192];
	const char *data = getenv("BALLAST_DATA");
	unsigned shown = 0;
	char file[512];
	struct reading r;

	(void)unused;
	format_text(file, sizeof(file), "%s/ses/ses_areca_all.hex", data ? data : "");
	if (!read_page(file, SES_CONFIG, p, sizeof(p))) {
		print_message("no data\n");
		skip();
	}
	assert_int_equal(ses_decode_config(p, read_page(file, 1, p, sizeof(p)), &s), OUTCOME_OK);
	assert_int_equal(ses_decode_status(p, read_page(file, 2, p, sizeof(p)), &s), OUTCOME_OK);
	assert_int_equal(ses_decode_names(p, read_page(file, 7, p, sizeof(p)), &s), OUTCOME_OK);
	assert_int_equal(ses_decode_additional(p, read_page(file, 0xa, p, sizeof(p)), &s), OUTCOME_OK);
	assert_int_equal(ses_decode_microcode(p, read_page(file, 0xe, p, sizeof(p)), &s), OUTCOME_OK);
	assert_string_equal(s.name, "0xd5b401503fc0ec16");
	assert_string_equal(s.vendor, "Areca");
	assert_string_equal(s.product, "ARC-802801.33.63");
	assert_int_equal(s.microcode, 0);
	assert_true(s.header & 0x02); /* CRIT, though nothing is critical */
	for (unsigned i = 0; i < s.nelements; i++) {
		r = (struct reading){.slot = -1};
		if (s.elements[i].overall)
			continue;
		ses_element_reading(&s, i, &r);
		assert_int_not_equal(r.state, STATE_FAILED);
		shown += !r.known_only;
	}
	/* a drive, the box, an expander, a fan, 2 temperatures, 2 voltages, 3 connectors, an alarm; of 23 empty slots none */
	assert_int_equal(shown, 12);
	r = reading_of(SES_ARRAY_SLOT, 18);
	assert_int_equal(r.state, STATE_OK);
	assert_int_equal(r.slot, 18);
	assert_string_equal(r.message, "The enclosure calls it 'SLOT 19'.");
	assert_true(s.elements[element_of(&s, SES_ARRAY_SLOT, 18)].address == 0x5000c5003011cb29);
	r = reading_of(SES_TEMPERATURE, 1);
	assert_int_equal((int)fact(&r, FACT_TEMPERATURE), 66);
	compare_with_sg_ses(file);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_who_it_is_and_what_it_has),
		cmocka_unit_test(test_every_status_code),
		cmocka_unit_test(test_bits_beside_the_code),
		cmocka_unit_test(test_short_and_stale_pages),
		cmocka_unit_test(test_slots_by_what_the_index_counts),
		cmocka_unit_test(test_code_that_waits),
		cmocka_unit_test(test_two_processes_of_one_enclosure),
		cmocka_unit_test(test_a_real_enclosure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
