/* What one look at a Redfish service comes to when a part of it does not answer as it should; no network. */
#include "manage_lab.h"
#include "probes/redfish_session.h"

enum { ASKED = 512 };

struct manage {
	struct manage_sink sink;
	struct kept k;
	unsigned asked, listed;
	unsigned shelf;     /* so many drives more stand in /Shelf */
	uint64_t left_ms;
	unsigned late;      /* so many answers come, then there is no time left; 0 there always is */
	bool postponed;
	_Alignas(8) char keep[MANAGE_KEEP];
	const char *broken; /* what a path begins with that does not answer well */
	enum outcome outcome;
	char body[128 * 1024];
};

enum outcome redfish_login(struct manage *m)
{
	(void)m;
	return OUTCOME_ERROR;
}

void redfish_logout(struct manage *m)
{
	(void)m;
}

const struct manage_sink *manage_sink(struct manage *m)
{
	return &m->sink;
}

const char *manage_address(const struct manage *m)
{
	(void)m;
	return "192.0.2.7";
}

bool manage_due(struct manage *m, unsigned part, uint32_t every_ms)
{
	(void)m;
	return !part && every_ms;
}

bool manage_postpone(struct manage *m, unsigned part)
{
	(void)part;
	m->postponed = true;
	return false;
}

void *manage_keep(struct manage *m)
{
	return m->keep;
}

uint64_t manage_left_ms(const struct manage *m)
{
	return m->left_ms;
}

void manage_listed(struct manage *m, enum kind kind)
{
	m->listed |= 1u << kind;
}

enum outcome manage_fail(struct manage *m, enum outcome o, const char *fmt, ...)
{
	(void)m;
	(void)fmt;
	return o;
}

#define R "/redfish/v1"
#define LINK(p) "{\"@odata.id\":\"" R p "\"}"
#define STATUS "\"Status\":{\"State\":\"Enabled\",\"Health\":\"OK\"}"
#define PAIR \
	"\"Redundancy\":[{\"MinNumNeeded\":1,\"Mode\":\"Sharing\",\"RedundancySet\":[" LINK("/Storage/a") "," LINK("/Storage/b") "]," STATUS "}]"

static const struct { const char *path, *body; } pages[] = {
	{R, "\"Storage\":" LINK("/Storage") ",\"Systems\":" LINK("/Systems") ",\"UpdateService\":" LINK("/UpdateService")},
	{R "/Storage", "\"Members\":[" LINK("/Storage/a") "," LINK("/Storage/b") "]"},
	{R "/Storage/a", STATUS "," PAIR ",\"Volumes\":" LINK("/Storage/a/Volumes") ",\"StoragePools\":" LINK("/Storage/a/StoragePools") ",\"Drives\":[" LINK("/Drives/1") "," LINK("/Drives/2") "]"},
	{R "/Storage/b", STATUS "," PAIR},
	{R "/Storage/a/Volumes", "\"Members\":[" LINK("/Storage/a/Volumes/1") "]"},
	{R "/Storage/a/Volumes/1", STATUS ",\"RAIDType\":\"RAID1\",\"Links\":{\"Drives\":[" LINK("/Drives/1") "," LINK("/Drives/2") "]}"},
	{R "/Storage/a/StoragePools", "\"Members\":[" LINK("/Storage/a/StoragePools/P") "]"},
	{R "/Storage/a/StoragePools/P", STATUS ",\"SupportedRAIDTypes\":[\"RAID1\"],\"CapacitySources\":[{\"ProvidingDrives\":" LINK("/Pooled") "}]"},
	{R "/Pooled", "\"Members\":[" LINK("/Drives/1") "," LINK("/Drives/2") "]"},
	{R "/Drives/1", STATUS ",\"SerialNumber\":\"ZS1\""},
	{R "/Drives/2", STATUS ",\"SerialNumber\":\"ZS2\""},
	{R "/Systems", "\"Members\":[]"},
	{R "/UpdateService", "\"FirmwareInventory\":" LINK("/UpdateService/FirmwareInventory")},
	{R "/UpdateService/FirmwareInventory", "\"Members\":[" LINK("/UpdateService/FirmwareInventory/1") "]"},
	{R "/UpdateService/FirmwareInventory/1", "\"Version\":\"2\",\"Active\":false,\"Staged\":true,\"RelatedItem\":[" LINK("/Storage/b") "," LINK("/Drives/2") "," LINK("/Shelf/899") "]"},
};

static const char shelf[] = R "/Shelf/", images[] = R "/UpdateService/FirmwareInventory";
static unsigned nimages; /* so many more are there, of no device */

static bool put_images(struct manage *m, const char *path)
{
	size_t n = (size_t)snprintf(m->body, sizeof(m->body), "{\"@odata.id\":\"%s\",\"Members\":[" LINK("/UpdateService/FirmwareInventory/1"), path);

	if (!nimages || strncmp(path, images, strlen(images)) != 0 || !strcmp(path + strlen(images), "/1"))
		return false;
	for (unsigned i = 0; i < nimages; i++)
		n += (size_t)snprintf(m->body + n, sizeof(m->body) - n, ",{\"@odata.id\":\"%s/x%u\"}", images, i);
	snprintf(m->body + n, sizeof(m->body) - n, "]}");
	return true;
}

/* Storage a with all that is in the shelf, and each of that. */
static bool put_shelf(struct manage *m, const char *path)
{
	size_t n = 0;

	if (!strncmp(path, shelf, strlen(shelf))) {
		format_text(m->body, sizeof(m->body), "{\"@odata.id\":\"%s\"," STATUS ",\"SerialNumber\":\"SH%s\"}", path, path + strlen(shelf));
		return true;
	}
	/* one of the pool's drives is read in the same look as the pool, the other long before */
	if (m->shelf >= 900 && !strcmp(path, R "/Pooled")) {
		format_text(m->body, sizeof(m->body), "{\"@odata.id\":\"%s\",\"Members\":[" LINK("/Drives/1") "," LINK("/Shelf/899") "]}", path);
		return true;
	}
	if (!m->shelf || strcmp(path, R "/Storage/a") != 0)
		return false;
	n += (size_t)snprintf(m->body, sizeof(m->body), "{\"@odata.id\":\"%s\"," STATUS "," PAIR ",\"StoragePools\":" LINK("/Storage/a/StoragePools")
		",\"Drives\":[" LINK("/Drives/1") "," LINK("/Drives/2"), path);
	for (unsigned i = 0; i < m->shelf; i++)
		n += (size_t)snprintf(m->body + n, sizeof(m->body) - n, ",{\"@odata.id\":\"%s%u\"}", shelf, i);
	snprintf(m->body + n, sizeof(m->body) - n, "]}");
	return true;
}

enum outcome manage_get(struct manage *m, const char *path, struct manage_answer *ret)
{
	*ret = (struct manage_answer){.status = 200, .body = m->body, .headers = ""};
	assert_true(m->asked++ < ASKED);
	if (m->broken && !strncmp(path, m->broken, strlen(m->broken))) {
		ret->status = m->outcome == OUTCOME_ERROR ? 503 : 0;
		return m->outcome;
	}
	if (m->late && m->asked >= m->late)
		m->left_ms = 500;
	else if (m->left_ms < 1000)
		fail_msg("asked for %s, and there was no time left", path);
	if (put_images(m, path) || put_shelf(m, path)) {
		ret->len = strlen(m->body);
		return OUTCOME_OK;
	}
	for (size_t i = 0; i < ARRAY_SIZE(pages); i++)
		if (!strcmp(pages[i].path, path)) {
			format_text(m->body, sizeof(m->body), "{\"@odata.id\":\"%s\",%s}", path, pages[i].body);
			ret->len = strlen(m->body);
			return OUTCOME_OK;
		}
	fail_msg("asked for %s", path);
	return OUTCOME_ERROR;
}

static enum outcome look(struct manage *m, const char *broken, enum outcome outcome)
{
	*m = (struct manage){.broken = broken, .outcome = outcome, .left_ms = 9000};
	m->sink = (struct manage_sink){keep, &m->k};
	return manage_redfish.look(m);
}

static struct manage m;
static char kept_turn[MANAGE_KEEP];

static void assert_rest(const char *why)
{
	static const enum kind kinds[] = {KIND_CANISTER, KIND_DRIVE, KIND_SYSTEM};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++)
		if (!(m.listed & 1u << kinds[i]))
			fail_msg("%s: no %s listed", why, kind_text(kinds[i]));
	assert_state(find(&m.k, KIND_CANISTER, "a"), STATE_OK, why);
	assert_state(find(&m.k, KIND_CANISTER, "b"), STATE_OK, why);
	assert_state(find(&m.k, KIND_DRIVE, "serial-ZS1"), STATE_OK, why);
}

static bool staged(void)
{
	for (unsigned i = 0; i < m.k.n; i++)
		if (text_equal(m.k.r[i].name, "b") && fact_of(&m.k.r[i], FACT_MICROCODE_PENDING) == 1)
			return true;
	return false;
}

static unsigned in_group(const char *name)
{
	unsigned n = 0;

	for (unsigned i = 0; i < m.k.n; i++)
		n += m.k.r[i].kind == KIND_DRIVE && text_equal(m.k.r[i].group, name);
	return n;
}

static void test_whole(void **unused)
{
	(void)unused;
	assert_int_equal(look(&m, NULL, OUTCOME_OK), OUTCOME_OK);
	assert_rest("whole");
	assert_true(m.listed & 1u << KIND_POOL && has(&m.k, KIND_POOL, "a.1") && staged());
	assert_true(has(&m.k, KIND_POOL, "a.P") && !m.postponed && !has(&m.k, KIND_CHECK, "inventory"));
	assert_true(fact_of(find(&m.k, KIND_DRIVE, "serial-ZS2"), FACT_MICROCODE_PENDING) == 1);
	assert_true(fact_of(find(&m.k, KIND_DRIVE, "serial-ZS1"), FACT_MICROCODE_PENDING) == -1);
	assert_int_equal(in_group("a.P"), 2);
}

/* However they fail, what answered counts; and what was not had is neither listed nor told. */
static void test_optional_parts(void **unused)
{
	static const enum outcome outcomes[] = {OUTCOME_ERROR, OUTCOME_TIMEOUT, OUTCOME_NONSENSE, OUTCOME_SHORT, OUTCOME_GONE, OUTCOME_REFUSED};
	static const struct { const char *path; bool pool, software; } parts[] = {
		{R "/Storage/a/Volumes", false, true}, {R "/Storage/a/Volumes/1", false, true}, {R "/UpdateService", true, false},
		{R "/Storage/a/StoragePools", false, true}, {R "/Storage/a/StoragePools/P", false, true}, {R "/Pooled", false, true},
		{R "/UpdateService/FirmwareInventory", true, false}, {R "/UpdateService/FirmwareInventory/1", true, false},
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(outcomes); i++)
		for (size_t p = 0; p < ARRAY_SIZE(parts); p++) {
			if (look(&m, parts[p].path, outcomes[i]) != OUTCOME_OK)
				fail_msg("%s ends in %s: the look fails", parts[p].path, outcome_text(outcomes[i]));
			assert_rest(parts[p].path);
			if (!(m.listed & 1u << KIND_POOL) == parts[p].pool || staged() != parts[p].software)
				fail_msg("%s ends in %s: pools %s, code %s", parts[p].path, outcome_text(outcomes[i]),
					m.listed & 1u << KIND_POOL ? "listed" : "not listed", staged() ? "told" : "not told");
		}
}

static void test_what_has_to_answer(void **unused)
{
	static const char *const parts[] = {R "/Systems", R "/Drives/2", R};

	(void)unused;
	for (size_t p = 0; p < ARRAY_SIZE(parts); p++) {
		assert_int_equal(look(&m, parts[p], OUTCOME_TIMEOUT), OUTCOME_TIMEOUT);
		assert_false(m.listed & 1u << KIND_DRIVE);
	}
}

/* What only it shows is not known to be gone. */
static void test_a_silent_storage(void **unused)
{
	(void)unused;
	assert_int_equal(look(&m, R "/Storage/b", OUTCOME_ERROR), OUTCOME_OK);
	assert_state(find(&m.k, KIND_CANISTER, "b"), STATE_UNREACHABLE, "HTTP 503");
	assert_true(has(&m.k, KIND_DRIVE, "serial-ZS2") && has(&m.k, KIND_POOL, "a.P") && in_group("a.P") == 2);
	assert_true(m.listed & 1u << KIND_CANISTER && !(m.listed & (1u << KIND_DRIVE | 1u << KIND_POOL)));
}

static struct {
	unsigned looks, drives, seen[2000], pools, grouped, listed, waits;
	bool in_turns;
} sweep;

static void count_reading(const struct reading *r, const char *address, void *arg)
{
	(void)address;
	(void)arg;
	if (r->kind == KIND_DRIVE && !r->beside && !strncmp(r->name, "serial-SH", 9)) {
		sweep.drives += !sweep.seen[atoi(r->name + 9)];
		sweep.seen[atoi(r->name + 9)]++;
	}
	sweep.waits += r->kind == KIND_DRIVE && !r->beside && fact_of(r, FACT_MICROCODE_PENDING) == 1;
	sweep.pools += r->kind == KIND_POOL && !r->beside;
	sweep.grouped += r->kind == KIND_DRIVE && r->beside;
	if (r->kind == KIND_CHECK)
		sweep.in_turns = fact_of(r, FACT_READ_IN_TURNS) == 1;
}

/* One inventory, in as many looks as it takes. */
static void read_shelf(unsigned drives)
{
	memset(&sweep, 0, sizeof(sweep));
	do {
		m = (struct manage){.shelf = drives, .left_ms = 9000, .sink = {count_reading, NULL}};
		memcpy(m.keep, kept_turn, sizeof(m.keep));
		assert_int_equal(manage_redfish.look(&m), OUTCOME_OK);
		memcpy(kept_turn, m.keep, sizeof(m.keep));
		if (m.asked > 400)
			fail_msg("%u requests in one look", m.asked);
		assert_true(m.listed & 1u << KIND_CANISTER);
		sweep.listed |= m.listed;
		assert_true(++sweep.looks < 12);
	} while (m.postponed);
}

/* However much there is: no look fails, all is read in turn, and what was not read whole is not said to be all. */
static void test_more_than_one_look_can_read(void **unused)
{
	(void)unused;
	read_shelf(300);
	assert_true(sweep.looks == 1 && sweep.drives == 300 && !sweep.in_turns);
	assert_true(sweep.listed & 1u << KIND_DRIVE && sweep.listed & 1u << KIND_POOL && sweep.grouped == 2);
	read_shelf(900);
	assert_int_equal(sweep.drives, 900);
	assert_true(sweep.looks > 2 && sweep.in_turns && sweep.pools == 1);
	assert_int_equal(sweep.waits, 2); /* of the first look and of the last */
	assert_false(sweep.listed & 1u << KIND_DRIVE || sweep.grouped);
	for (unsigned i = 0; i < 900; i++)
		assert_int_equal(sweep.seen[i], 1);
	/* more than can be told apart: the rest is not known */
	read_shelf(1500);
	assert_int_equal(sweep.drives, REDFISH_LINKS - 2);
	assert_true(sweep.in_turns && !(sweep.listed & 1u << KIND_DRIVE));
	/* it fits again, and that is told */
	sweep.in_turns = true;
	read_shelf(10);
	assert_true(sweep.looks == 1 && !sweep.in_turns && sweep.grouped == 2);
	/* pools need their drives in the same look: they and what comes before them fill one */
	read_shelf(389);
	assert_true(sweep.looks > 1 && sweep.in_turns && sweep.drives == 389 && sweep.grouped == 2);
}

/* Software that leaves no room for parts: they are read all the same. */
static void test_more_software_than_one_look_can_read(void **unused)
{
	static const unsigned many[] = {100, 389, 390, 391, 392, 393, 394, 395, 500};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(many); i++) {
		nimages = many[i];
		read_shelf(500);
		if (sweep.drives != 500 || sweep.pools != 1)
			fail_msg("%u images: %u drives, %u pools", nimages, sweep.drives, sweep.pools);
	}
	nimages = 0;
}

static void test_no_time_left(void **unused)
{
	(void)unused;
	m = (struct manage){.left_ms = 9000, .sink = {keep, &m.k}};
	m.late = 5;
	assert_int_equal(manage_redfish.look(&m), OUTCOME_OK);
	assert_true(m.postponed && m.listed == 1u << KIND_CANISTER);
	assert_true(fact_of(find(&m.k, KIND_CHECK, "inventory"), FACT_READ_IN_TURNS) == 1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole), cmocka_unit_test(test_optional_parts), cmocka_unit_test(test_what_has_to_answer), cmocka_unit_test(test_a_silent_storage),
		cmocka_unit_test(test_more_than_one_look_can_read), cmocka_unit_test(test_more_software_than_one_look_can_read),
		cmocka_unit_test(test_no_time_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
