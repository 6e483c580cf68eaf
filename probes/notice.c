#include "probes/notice.h"

#include <ctype.h>
#include <strings.h>

enum { WORDS_MAX = 3 };

#define IBM_CODES "IBM Documentation, Storwize V7000 8.2.1: node error codes, error code 1194"
#define IBM_TRAPS "IBM-SVC trap MIB, 1.3.6.1.4.1.2.6.190; github.com/sodafoundation/delfin, storwize_svc"
#define DOT_HILL                                                                                   \
	"https://studylib.net/doc/18184321/hpe-msa-event-descriptions-reference-guide"
#define SANTRICITY                                                                                 \
	"https://systemcenter.wiki/?GetElement=NetAppESeries.FailureID_0394_Monitor"
#define KOLAB_2023 "Kolab Now incident report of 2023-09-01"

struct row {
	enum notice_kind kind;
	const char *oid;              /* the trap is this or below it; NULL: log lines and all traps */
	const char *words[WORDS_MAX]; /* each must be there, as a word or words of its own; NULL ends */
	const char *source;
};

/* First fit wins; "failed over" comes before "failed". */
/* clang-format off */
static const struct row rows[] = {
	{NOTICE_NEEDS_SERVICE, NULL, {"needs service"}, KOLAB_2023},
	{NOTICE_NEEDS_SERVICE, NULL, {"service required"}, KOLAB_2023},
	{NOTICE_NEEDS_SERVICE, NULL, {"requires service"}, KOLAB_2023},
	{NOTICE_NEEDS_SERVICE, NULL, {"service action required"}, SANTRICITY},
	{NOTICE_NEEDS_SERVICE, NULL, {"needs attention", "storage array"}, SANTRICITY},

	/* 550: no quorum; 564: crashed too often; 578: state not saved; 690: held in service; 1194: recovery given up */
	{NOTICE_NODE_ERROR, NULL, {"error code", "550"}, IBM_CODES},
	{NOTICE_NODE_ERROR, NULL, {"error code", "564"}, IBM_CODES},
	{NOTICE_NODE_ERROR, NULL, {"error code", "578"}, IBM_CODES},
	{NOTICE_NODE_ERROR, NULL, {"error code", "690"}, IBM_CODES},
	{NOTICE_NODE_ERROR, NULL, {"error code", "1194"}, IBM_CODES},
	{NOTICE_NODE_ERROR, NULL, {"node error"}, IBM_CODES},
	{NOTICE_NODE_ERROR, NULL, {"node", "service state"}, IBM_CODES},

	{NOTICE_FAILED_OVER, NULL, {"failing over"}, DOT_HILL},
	{NOTICE_FAILED_OVER, NULL, {"failed over"}, DOT_HILL},
	{NOTICE_FAILED_OVER, NULL, {"fail over"}, DOT_HILL},
	{NOTICE_FAILED_OVER, NULL, {"failover", "controller"}, DOT_HILL},
	{NOTICE_FAILED_OVER, NULL, {"not on preferred path"}, SANTRICITY},

	{NOTICE_CANISTER_FAILED, NULL, {"node", "offline"}, IBM_TRAPS},
	{NOTICE_CANISTER_FAILED, NULL, {"canister", "offline"}, IBM_TRAPS},
	{NOTICE_CANISTER_FAILED, NULL, {"canister", "failed"}, IBM_TRAPS},
	{NOTICE_CANISTER_FAILED, NULL, {"canister", "fault"}, IBM_TRAPS},
	{NOTICE_CANISTER_FAILED, NULL, {"controller", "failed"}, DOT_HILL},
	{NOTICE_CANISTER_FAILED, NULL, {"controller", "failure"}, DOT_HILL},
	{NOTICE_CANISTER_FAILED, NULL, {"controller", "killed"}, DOT_HILL},
	{NOTICE_CANISTER_FAILED, NULL, {"controller", "crashed"}, DOT_HILL},
	{NOTICE_CANISTER_FAILED, NULL, {"controller", "shut down"}, DOT_HILL},
	{NOTICE_CANISTER_FAILED, NULL, {"controller", "offline"}, SANTRICITY},
	{NOTICE_CANISTER_FAILED, NULL, {"controller", "lockdown"}, SANTRICITY},
	{NOTICE_CANISTER_FAILED, NULL, {"iom", "fault"}, DOT_HILL},

	{NOTICE_BATTERY, NULL, {"battery", "fault"}, IBM_TRAPS},
	{NOTICE_BATTERY, NULL, {"battery", "failed"}, DOT_HILL},
	{NOTICE_BATTERY, NULL, {"battery", "end of life"}, IBM_TRAPS},
	{NOTICE_BATTERY, NULL, {"battery", "missing"}, IBM_TRAPS},
	{NOTICE_BATTERY, NULL, {"supercapacitor", "failed"}, DOT_HILL},

	{NOTICE_POWER, NULL, {"power supply", "fault"}, DOT_HILL},
	{NOTICE_POWER, NULL, {"power supply", "failed"}, DOT_HILL},
	{NOTICE_POWER, NULL, {"power supply", "failure"}, DOT_HILL},
	{NOTICE_POWER, NULL, {"psu", "fault"}, IBM_TRAPS},
	{NOTICE_POWER, NULL, {"psu", "failed"}, IBM_TRAPS},
	{NOTICE_POWER, NULL, {"psu", "input"}, IBM_TRAPS},
	{NOTICE_POWER, NULL, {"psu", "hardware failure"}, DOT_HILL},

	{NOTICE_PATH, NULL, {"host", "path", "lost"}, DOT_HILL},
	{NOTICE_PATH, NULL, {"path", "failed"}, SANTRICITY},
	{NOTICE_PATH, NULL, {"port", "link down"}, DOT_HILL},
	{NOTICE_PATH, NULL, {"port", "offline"}, IBM_TRAPS},
	{NOTICE_PATH, NULL, {"redundant path", "lost"}, SANTRICITY},

	/* 190.1 is the trap for errors; what it says was not known to any row above */
	{NOTICE_NEEDS_SERVICE, "1.3.6.1.4.1.2.6.190.1", {NULL}, IBM_TRAPS},
};

/* Good news is no finding, and nothing is believed to be well because a message says so. */
static const char *const good_news[] = {
	"recovered", "restored", "resolved", "cleared", "returned to normal", "back online", "now online", "is online",
	"failback", "fail back", "was fixed", "fixed yes",
};
/* clang-format on */

static bool is_word_byte(char c)
{
	return isalnum((unsigned char)c);
}

/* @word with nothing of a word before and behind it: "550" is in "code = 550", not in "15500". */
static bool has_word(const char *text, const char *word)
{
	size_t n = strlen(word);

	for (const char *at = text; *at; at++)
		if ((at == text || !is_word_byte(at[-1])) && !strncasecmp(at, word, n) && !is_word_byte(at[n]))
			return true;
	return false;
}

static bool below(const char *oid, const char *root)
{
	size_t n = strlen(root);

	return !strncmp(oid, root, n) && (!oid[n] || oid[n] == '.');
}

static bool fits(const struct row *r, const char *oid, const char *text)
{
	if (r->oid && !below(oid, r->oid))
		return false;
	for (unsigned i = 0; i < WORDS_MAX && r->words[i]; i++)
		if (!has_word(text, r->words[i]))
			return false;
	return true;
}

static const struct row *find_row(const char *oid, const char *text)
{
	for (size_t i = 0; i < ARRAY_SIZE(good_news); i++)
		if (has_word(text, good_news[i]))
			return NULL;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (fits(&rows[i], oid, text))
			return &rows[i];
	return NULL;
}

enum notice_kind notice_kind(const char *oid, const char *text)
{
	const struct row *r = find_row(oid, text);

	return r ? r->kind : NOTICE_OTHER;
}

const char *notice_source(const char *oid, const char *text)
{
	const struct row *r = find_row(oid, text);

	return r ? r->source : "";
}
