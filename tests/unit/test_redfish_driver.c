/* What one look at a Redfish service comes to when a part of it does not answer as it should; no network. */
#include "manage_lab.h"
#include "probes/redfish_session.h"

enum { ASKED = 512 };

struct manage {
	struct manage_sink sink;
	struct kept k;
	unsigned asked, listed;
	const char *broken; /* what a path begins with that does not answer well */
	enum outcome outcome;
	char body[1024];
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
	(void)m;
	(void)part;
	fail_msg("the inventory stays due for ever");
	return false;
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
	{R "/UpdateService/FirmwareInventory/1", "\"Version\":\"2\",\"Active\":false,\"Staged\":true,\"RelatedItem\":[" LINK("/Storage/b") "]"},
};

enum outcome manage_get(struct manage *m, const char *path, struct manage_answer *ret)
{
	*ret = (struct manage_answer){.status = 200, .body = m->body, .headers = ""};
	assert_true(m->asked++ < ASKED);
	if (m->broken && !strncmp(path, m->broken, strlen(m->broken))) {
		ret->status = m->outcome == OUTCOME_ERROR ? 503 : 0;
		return m->outcome;
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
	*m = (struct manage){.broken = broken, .outcome = outcome};
	m->sink = (struct manage_sink){keep, &m->k};
	return manage_redfish.look(m);
}

static struct manage m;

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
	assert_true(has(&m.k, KIND_POOL, "a.P"));
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_whole), cmocka_unit_test(test_optional_parts), cmocka_unit_test(test_what_has_to_answer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
