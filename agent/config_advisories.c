/* Published firmware faults, from YAML into rows of struct config: those compiled in and a local file. */
#include "agent/config_load.h"
#include "agent/config_parts.h"

#include "agent/advise_match.h"
#include "agent/scenario.h"

#include <errno.h>

enum { HOURS_A_DAY = 24 };

static const char *const kinds[] = {
	"drive", "canister", "enclosure", "expander", "psu", "battery", "port", "system"};
static const char *const triggers[] = {"always", "power_on_hours",
	"power_on_hours_then_power_cycle", "idle_hours", "uptime", "power_cycle", "operation",
	"polling"};
static const char *const operations[] = {"reboot_canister", "power_cycle", "replace_drive",
	"update_firmware", "change_raid", "delete_volume", "set_clock"};

#define WORDS(w)            .kind = YAML_WORD, .words = (w), .nwords = ARRAY_SIZE(w)
#define LIST_OF(i, n, what) .kind = YAML_LIST, .item = (i), .max = (n), .too_many = "at most " what
#define MAP_OF(f)           .kind = YAML_MAP, .fields = (f)

static bool date_valid(const char *text, char *why, size_t size)
{
	static const char form[] = "dddd-dd-dd";
	bool good = strlen(text) == strlen(form);

	for (size_t i = 0; good && form[i]; i++)
		good = form[i] == 'd' ? text[i] >= '0' && text[i] <= '9' : text[i] == form[i];
	if (!good)
		format_text(why, size, "'%.60s' is not a date like 2026-01-31", text);
	return good;
}

/* clang-format off */
static const struct yaml_schema version_number = {.kind = YAML_NUMBER, .min = 1, .max = 1};
static const struct yaml_schema id = {.kind = YAML_TEXT, .max = 39, .valid = name_valid};
static const struct yaml_schema kind = {WORDS(kinds)};
static const struct yaml_schema pattern = {.kind = YAML_TEXT, .max = 47};
static const struct yaml_schema pattern_list = {LIST_OF(&pattern, 64, "64 patterns")};
static const struct yaml_schema firmware = {.kind = YAML_TEXT, .max = 63, .valid = firmware_entry_valid};
static const struct yaml_schema firmware_list = {LIST_OF(&firmware, 32, "32 versions")};
static const struct yaml_schema trigger = {WORDS(triggers)};
static const struct yaml_schema hours = {.kind = YAML_NUMBER, .min = 1, .max = 1000000};
static const struct yaml_schema days = {.kind = YAML_NUMBER, .min = 1, .max = 40000};
static const struct yaml_schema effect = {.kind = YAML_TEXT, .max = 95};
static const struct yaml_schema action = {.kind = YAML_TEXT, .max = 127};
static const struct yaml_schema source = {.kind = YAML_TEXT, .max = 143, .valid = url_valid};
static const struct yaml_schema checked = {.kind = YAML_TEXT, .max = 10, .valid = date_valid};
static const struct yaml_schema operation = {WORDS(operations)};
const struct yaml_schema operations_schema = {LIST_OF(&operation, OPERATION_COUNT, "8 operations")};

static const struct yaml_field advisory_fields[] = {
	{"id", &id, true}, {"kind", &kind, true}, {"vendors", &pattern_list}, {"models", &pattern_list, true},
	{"firmware", &firmware_list, true}, {"fixed", &pattern_list}, {"trigger", &trigger, true}, {"hours", &hours},
	{"days", &days}, {"repeat_hours", &hours}, {"effect", &effect, true}, {"data_lost", &bool_schema},
	{"action", &action}, {"guard", &operations_schema}, {"guard_after", &operations_schema},
	{"source", &source, true}, {"checked", &checked, true}, {}};
static const struct yaml_schema advisory = {MAP_OF(advisory_fields)};
static const struct yaml_schema advisory_list = {LIST_OF(&advisory, CFG_ADVISORIES, "128 advisories")};
static const struct yaml_field file_fields[] = {
	{"version", &version_number, true}, {"advisories", &advisory_list, true}, {}};
static const struct yaml_schema file_schema = {MAP_OF(file_fields)};
/* clang-format on */

uint32_t build_operations(const struct ydoc *d, int list)
{
	uint32_t bits = 0;

	for (unsigned i = 0; i < ydoc_count(d, list); i++)
		bits |= 1u << operation_from_text(ydoc_text(d, ydoc_item(d, list, i), ""));
	return bits & ~(1u << OPERATION_NONE);
}

static const char *word(const struct ydoc *d, int node, const char *key)
{
	return ydoc_text(d, ydoc_get(d, node, key), "");
}

static uint32_t number(const struct ydoc *d, int node, const char *key)
{
	uint64_t n = ydoc_number(d, ydoc_get(d, node, key), 0);

	return n > 1000000 ? 1000000 : (uint32_t)n;
}

/* The row of its id, else the next free one; NULL: full. */
static struct cfg_advisory *row_for(struct config *c, const char *name)
{
	for (unsigned i = 0; i < c->nadvisories; i++)
		if (text_equal(cfg_str(c, c->advisories[i].id), name))
			return &c->advisories[i];
	return c->nadvisories < CFG_ADVISORIES ? &c->advisories[c->nadvisories++] : NULL;
}

static void check_trigger(struct ydoc *d, int node, const struct cfg_advisory *a)
{
	bool uptime = a->trigger == ADVISORY_UPTIME,
	     dated = advisory_dated((enum advisory_trigger)a->trigger);
	const char *wanted = uptime ? "days" : "hours", *other = uptime ? "hours" : "days";

	if (!a->trigger)
		return; /* told by the walker */
	if (dated && !ydoc_get(d, node, wanted))
		ydoc_complain(d, node, "'%s' is missing: when is the trigger reached?", wanted);
	if (ydoc_get(d, node, other) ||
		(!dated && a->trigger != ADVISORY_IDLE_HOURS && ydoc_get(d, node, "hours")))
		ydoc_complain(d, ydoc_key(d, node, ydoc_get(d, node, other) ? other : "hours"),
			"a trigger '%s' has none", word(d, node, "trigger"));
	if (!ydoc_count(d, ydoc_get(d, node, "models")) && ydoc_get(d, node, "models"))
		ydoc_complain(d, ydoc_get(d, node, "models"), "an advisory that concerns nothing");
	if (!ydoc_count(d, ydoc_get(d, node, "firmware")) && ydoc_get(d, node, "firmware"))
		ydoc_complain(d, ydoc_get(d, node, "firmware"),
			"an advisory that concerns no firmware; [\"*\"] for all");
}

static void build_one(struct build *b, int node)
{
	const struct ydoc *d = b->doc;
	struct config *c = b->c;
	struct cfg_advisory *a = row_for(c, word(d, node, "id"));

	if (!a) {
		ydoc_complain(
			b->doc, node, "too many: at most %d advisories in all", CFG_ADVISORIES);
		return;
	}
	*a = (struct cfg_advisory){.id = build_text(b, node, "id"),
		.effect = build_text(b, node, "effect"),
		.action = build_text(b, node, "action"),
		.source = build_text(b, node, "source"),
		.checked = build_text(b, node, "checked"),
		.kind = (uint8_t)kind_from_text(word(d, node, "kind")),
		.trigger = (uint8_t)advisory_trigger_from_text(word(d, node, "trigger")),
		.data_lost = ydoc_bool(d, ydoc_get(d, node, "data_lost"), false),
		.hours = number(d, node, "hours") + number(d, node, "days") * HOURS_A_DAY,
		.repeat_hours = number(d, node, "repeat_hours"),
		.guard = build_operations(d, ydoc_get(d, node, "guard")),
		.guard_after = build_operations(d, ydoc_get(d, node, "guard_after"))};
	a->vendors = build_list(b, ydoc_get(d, node, "vendors"), &a->nvendors);
	a->models = build_list(b, ydoc_get(d, node, "models"), &a->nmodels);
	a->firmware = build_list(b, ydoc_get(d, node, "firmware"), &a->nfirmware);
	a->fixed = build_list(b, ydoc_get(d, node, "fixed"), &a->nfixed);
	check_trigger(b->doc, node, a);
}

static bool same_id_before(const struct ydoc *d, int list, unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		if (text_equal(word(d, ydoc_item(d, list, i), "id"),
			    word(d, ydoc_item(d, list, n), "id")))
			return true;
	return false;
}

static void build_all(struct build *b)
{
	int list = ydoc_get(b->doc, ydoc_root(b->doc), "advisories");

	for (unsigned i = 0; i < ydoc_count(b->doc, list) && i < CFG_ADVISORIES; i++) {
		if (same_id_before(b->doc, list, i))
			ydoc_complain(b->doc, ydoc_item(b->doc, list, i),
				"there are two advisories '%.60s'",
				word(b->doc, ydoc_item(b->doc, list, i), "id"));
		build_one(b, ydoc_item(b->doc, list, i));
	}
	if (b->full)
		ydoc_complain(b->doc, 0, "the texts together are longer than %d bytes", CFG_POOL);
}

int advisories_load(const char *file, const char *text, size_t len, struct config *c,
	struct config_errors *errs)
{
	cleanup_(ydoc_freep) struct ydoc *d = NULL;
	cleanup_(freep) struct build *b = calloc(1, sizeof(*b));
	int r = ydoc_load(text, len, &file_schema, &d);

	if (r < 0 || !b) {
		config_error(errs, "%s:1:1: error: out of memory", file);
		return -EINVAL;
	}
	b->doc = d;
	b->c = c;
	if (ydoc_root(d))
		build_all(b);
	if (!ydoc_mistakes(d))
		return 0;
	ydoc_print(d, file, errs->err, errs->count ? NULL : errs->first, sizeof(errs->first));
	errs->count += ydoc_mistakes(d);
	return -EINVAL;
}

static int load_local(const char *path, struct config *c, struct config_errors *errs)
{
	cleanup_(freep) char *text = NULL;
	char why[160];
	size_t len = 0;
	int r;

	if (!path_valid(path, why, sizeof(why)))
		return 0; /* told by the walker */
	if (!regular_path_valid(path, why, sizeof(why))) {
		config_error(errs, "%s:1:1: error: advisories: %s", path, why);
		return -EINVAL;
	}
	r = slurp(path, YAML_BYTES_MAX, &text, &len);
	if (r < 0) {
		config_error(errs, "%s:1:1: error: advisories: %s", path,
			r == -EFBIG ? "larger than 1 MiB" : strerror(-r));
		return -EINVAL;
	}
	return advisories_load(path, text, len, c, errs);
}

int advisories_load_all(const char *local, struct config *c, struct config_errors *errs)
{
	int r = 0;

	for (const struct embedded *e = builtin_advisories; e->name && r == 0 && !errs->count; e++)
		r = advisories_load(e->name, e->text, e->len, c, errs);
	if (local && *local && load_local(local, c, errs) < 0)
		r = -EINVAL;
	return r;
}
