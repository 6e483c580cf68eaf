/* What looks at a SANtricity service come to when a part of it does not answer as it should; no network. */
#include "manage_lab.h"
#include "probes/manage_auth.h"
#include "probes/santricity.h"

enum { BASE = sizeof("/devmgr/v2/storage-systems/1/") - 1 };

struct manage {
	struct manage_sink sink;
	struct kept k;
	_Alignas(8) char keep[MANAGE_KEEP];
	bool no_failures, stuck;  /* "/failures" is refused; the log begins anew with each page */
	unsigned first, end, page; /* of the log: number of the first event and after the last, events on a page */
	unsigned pages, postponed;
	char body[8192];
};

static struct manage m;

const struct manage_settings *manage_settings(const struct manage *unused)
{
	(void)unused;
	return NULL;
}

char *manage_login_json(const struct manage_settings *s, const char *user, const char *secret)
{
	(void)s;
	(void)user;
	(void)secret;
	return NULL;
}

void manage_wipe(char *text)
{
	(void)text;
}

void manage_set_basic(struct manage *unused)
{
	(void)unused;
}

enum outcome manage_ask(struct manage *unused, const struct manage_request *rq, struct manage_answer *ret)
{
	(void)unused;
	(void)rq;
	(void)ret;
	return OUTCOME_ERROR;
}

void manage_set_token(struct manage *unused, const char *header)
{
	(void)unused;
	(void)header;
}

void manage_set_session(struct manage *unused, const char *path)
{
	(void)unused;
	(void)path;
}

const char *manage_session(const struct manage *unused)
{
	(void)unused;
	return "";
}

enum outcome manage_identify(struct manage *unused, const char *const *said, unsigned n, const char **ret_own)
{
	(void)unused;
	(void)n;
	*ret_own = said[0];
	return OUTCOME_OK;
}

const struct manage_sink *manage_sink(struct manage *of)
{
	return &of->sink;
}

const char *manage_address(const struct manage *unused)
{
	(void)unused;
	return "192.0.2.7";
}

bool manage_due(struct manage *unused, unsigned part, uint32_t every_ms)
{
	(void)unused;
	return part == 2 && every_ms; /* the log */
}

bool manage_postpone(struct manage *of, unsigned part)
{
	of->postponed |= 1u << part;
	return false;
}

void manage_know(struct manage *unused, unsigned slot, uint64_t value)
{
	(void)unused;
	(void)slot;
	(void)value;
}

uint64_t manage_known(const struct manage *unused, unsigned slot)
{
	(void)unused;
	(void)slot;
	return 0;
}

void *manage_keep(struct manage *of)
{
	return of->keep;
}

void manage_listed(struct manage *unused, enum kind kind)
{
	(void)unused;
	(void)kind;
}

enum outcome manage_fail(struct manage *unused, enum outcome o, const char *fmt, ...)
{
	(void)unused;
	(void)fmt;
	return o;
}

#define CONTROLLER(label) \
	"{\"active\":true,\"controllerRef\":\"07AA" label "\",\"quiesced\":false,\"status\":\"optimal\",\"controllerErrorMode\":\"notInErrorMode\"," \
	"\"physicalLocation\":{\"trayRef\":\"0E00\",\"slot\":1,\"label\":\"" label "\"}}"

static const struct { const char *path, *body; } pages[] = {
	{"", "[{\"id\":\"1\",\"status\":\"needsAttn\"}]"},
	{"controllers", "[" CONTROLLER("A") "," CONTROLLER("B") "]"},
	{"failures", "[{\"failureType\":\"iocDiagFail\",\"objectType\":\"controller\",\"objectRef\":\"07AAB\"}]"},
	{"storage-pools", "[]"},
	{"hardware-inventory", "{\"trays\":[],\"drives\":[],\"powerSupplies\":[],\"fans\":[]}"},
};

static void put_log_page(const char *from)
{
	unsigned first = m.stuck ? m.first : (unsigned)atoi(from), n = m.end > first ? MIN_OF(m.end - first, m.page) : 0;
	size_t at = (size_t)snprintf(m.body, sizeof(m.body), "[");

	m.pages++;
	for (unsigned i = 0; i < n; i++)
		at += (size_t)snprintf(m.body + at, sizeof(m.body) - at, "%s{\"sequenceNumber\":\"%u\",\"eventType\":8812,\"critical\":true}",
			i ? "," : "", first + i);
	snprintf(m.body + at, sizeof(m.body) - at, "]");
}

enum outcome manage_get(struct manage *of, const char *path, struct manage_answer *ret)
{
	static const char page[] = "mel-events?startSequenceNumber=";
	const char *what = strlen(path) > BASE ? path + BASE : "";

	*ret = (struct manage_answer){.status = 200, .body = of->body, .headers = ""};
	if (of->no_failures && !strcmp(what, "failures")) {
		ret->status = 503;
		return OUTCOME_ERROR;
	}
	of->body[0] = '\0';
	if (!strcmp(what, "mel-events/available"))
		snprintf(of->body, sizeof(of->body), "{\"startingSeqNum\":\"%u\",\"endingSeqNum\":\"%u\"}", of->first, of->end);
	else if (!strncmp(what, page, strlen(page)))
		put_log_page(what + strlen(page));
	for (size_t i = 0; i < ARRAY_SIZE(pages); i++)
		if (!strcmp(pages[i].path, what))
			copy_text(of->body, sizeof(of->body), pages[i].body);
	if (!of->body[0])
		fail_msg("asked for %s", path);
	ret->len = strlen(of->body);
	return OUTCOME_OK;
}

static enum outcome look(void)
{
	m.k.n = m.pages = m.postponed = 0;
	m.sink = (struct manage_sink){keep, &m.k};
	return manage_santricity.look(&m);
}

static int begin(void **unused)
{
	(void)unused;
	m = (struct manage){.first = 1, .end = 10, .page = SANTRICITY_PAGE};
	assert_int_equal(look(), OUTCOME_OK);
	return 0;
}

/* The last that was told of it: of one look the canisters may be told twice. */
static double of_canister(const char *name, unsigned fact)
{
	double v = -1;

	for (unsigned i = 0; i < m.k.n; i++)
		if (m.k.r[i].kind == KIND_CANISTER && text_equal(m.k.r[i].name, name))
			v = fact_of(&m.k.r[i], fact);
	return v;
}

/* What was listed once is not told again as if it were known to stand. */
static void test_a_list_that_is_not_had(void **unused)
{
	(void)unused;
	assert_true(of_canister("B", FACT_LISTED_FAULTS) == 1 && of_canister("A", FACT_LISTED_FAULTS) == 0);
	m.no_failures = true;
	assert_int_equal(look(), OUTCOME_ERROR);
	for (unsigned i = 0; i < 3; i++) {
		assert_int_equal(look(), OUTCOME_ERROR);
		assert_state(find(&m.k, KIND_CANISTER, "B"), STATE_OK, "it still says how it is");
		assert_true(of_canister("B", FACT_LISTED_FAULTS) == -1 && of_canister("A", FACT_LISTED_FAULTS) == -1);
	}
	m.no_failures = false;
	assert_int_equal(look(), OUTCOME_OK);
	assert_true(of_canister("B", FACT_LISTED_FAULTS) == 1 && of_canister("A", FACT_LISTED_FAULTS) == 0);
}

static double logged(void)
{
	return fact_of(find(&m.k, KIND_SYSTEM, "system"), FACT_OPEN_ERRORS);
}

static void test_a_log_in_short_pages(void **unused)
{
	(void)unused;
	assert_true(logged() == 0);
	m.page = 2;
	m.end = 16;
	assert_int_equal(look(), OUTCOME_OK);
	assert_true(m.pages == 3 && logged() == 6);
}

static void test_a_log_that_begins_anew_each_time(void **unused)
{
	(void)unused;
	m.stuck = true;
	m.page = 5;
	m.end = 20;
	assert_int_equal(look(), OUTCOME_OK);
	assert_true(m.pages == 1 && m.postponed == 1u << 2 && logged() == -1);
	m.stuck = false;
	assert_int_equal(look(), OUTCOME_OK);
	assert_true(m.pages == 2 && logged() > 0);
}

#define FRESH(test) cmocka_unit_test_setup(test, begin)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FRESH(test_a_list_that_is_not_had), FRESH(test_a_log_in_short_pages), FRESH(test_a_log_that_begins_anew_each_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
