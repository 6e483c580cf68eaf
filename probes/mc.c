#include "probes/mc_parts.h"

#include "probes/mc_xml.h"

#include <errno.h>

/* clang-format off */
/* Each scale holds the words of "status" and the numbers of "status-numeric": no text is a number. */
static const struct manage_word health_words[] = {
	{"OK", STATE_OK}, {"0", STATE_OK}, {"Degraded", STATE_DEGRADED}, {"1", STATE_DEGRADED},
	{"Fault", STATE_FAILED}, {"2", STATE_FAILED}, {"Unknown", STATE_UNKNOWN}, {"3", STATE_UNKNOWN},
	{"N/A", STATE_UNKNOWN}, {"4", STATE_UNKNOWN},
};
/* An array whose health is Fault still answers: it is not gone. What is at fault is told by itself. */
static const struct manage_word system_words[] = {
	{"OK", STATE_OK}, {"0", STATE_OK}, {"Degraded", STATE_DEGRADED}, {"1", STATE_DEGRADED},
	{"Fault", STATE_DEGRADED}, {"2", STATE_DEGRADED}, {"Unknown", STATE_UNKNOWN}, {"3", STATE_UNKNOWN},
	{"N/A", STATE_UNKNOWN}, {"4", STATE_UNKNOWN},
};
static const struct manage_word redundancy_words[] = {
	{"Redundant", STATE_OK}, {"Operational but not redundant", STATE_DEGRADED}, {"Down", STATE_DEGRADED},
	{"Unknown", STATE_UNKNOWN},
};
static const struct manage_word ready_words[] = {{"Yes", STATE_OK}, {"No", STATE_DEGRADED}};
static const struct manage_word enclosure_words[] = {
	{"OK", STATE_OK}, {"Up", STATE_OK}, {"Warning", STATE_DEGRADED}, {"Critical", STATE_DEGRADED},
	{"Error", STATE_DEGRADED}, {"Unrecoverable", STATE_FAILED}, {"Not Installed", STATE_ABSENT},
	{"Not installed", STATE_ABSENT}, {"Unknown", STATE_UNKNOWN}, {"Unavailable", STATE_UNKNOWN},
	{"Unsupported", STATE_UNKNOWN},
};
static const struct manage_word part_words[] = {
	{"Up", STATE_OK}, {"OK", STATE_OK}, {"Warning", STATE_DEGRADED}, {"Error", STATE_FAILED},
	{"Critical", STATE_FAILED}, {"Fault", STATE_FAILED}, {"Unrecoverable", STATE_FAILED}, {"Off", STATE_FAILED},
	{"Not Present", STATE_ABSENT}, {"Not present", STATE_ABSENT}, {"Missing", STATE_ABSENT},
	{"Not Installed", STATE_ABSENT}, {"Unknown", STATE_UNKNOWN}, {"Unavailable", STATE_UNKNOWN},
	{"Unsupported", STATE_UNKNOWN},
};
/* clang-format on */

void mc_judge(struct reading *r, json_object *o, const char *key, const struct manage_word *words,
	size_t n)
{
	const char *word = manage_text(o, key);

	if (!*word)
		return;
	if (r->raw[0])
		manage_worse(r, words, n, word);
	else
		manage_state(r, words, n, word);
}

void mc_judge_health(struct reading *r, json_object *o)
{
	MC_JUDGE(r, o, "health", health_words);
	MC_JUDGE(r, o, "health-numeric", health_words);
}

/* An empty .raw would make a drive that has facts pass for one whose source has no word for states. */
void mc_tell(struct reading *r, const char *address, const struct manage_sink *sink)
{
	if (!r->name[0])
		return;
	if (!r->raw[0]) {
		r->state = STATE_UNKNOWN;
		copy_text(r->raw, sizeof(r->raw), "no status");
	}
	sink->reading(r, address, sink->arg);
}

void mc_take(char *dst, size_t size, json_object *o, const char *key)
{
	const char *text = manage_text(o, key);

	if (*text && !text_equal(text, "N/A"))
		copy_device_text(dst, size, text, strlen(text));
}

void mc_begin(struct reading *r, enum kind kind, json_object *o, const char *key)
{
	const char *name = manage_text(o, key), *plain = strchr(name, '_');

	*r = (struct reading){.kind = (uint8_t)kind, .outcome = OUTCOME_OK, .slot = -1};
	name = plain ? plain + 1 : name;
	copy_device_text(r->name, sizeof(r->name), name, strlen(name));
	MC_TAKE(r->message, o, "health-reason");
	MC_TAKE(r->serial, o, "serial-number");
	MC_TAKE(r->vendor, o, "vendor");
	MC_TAKE(r->model, o, "model");
}

json_object *mc_list(json_object *answer, const char *name, size_t *ret_n)
{
	json_object *l = NULL;

	*ret_n = 0;
	if (!json_object_object_get_ex(answer, name, &l) ||
		!json_object_is_type(l, json_type_array))
		return NULL;
	*ret_n = json_object_array_length(l);
	return l;
}

json_object *mc_first(json_object *answer, const char *name)
{
	size_t n;
	json_object *l = mc_list(answer, name, &n);

	return n ? json_object_array_get_idx(l, 0) : NULL;
}

static bool too_many(json_object *answer)
{
	size_t n = 0;

	json_object_object_foreach(answer, key, value)
	{
		(void)key;
		n += json_object_is_type(value, json_type_array) ? json_object_array_length(value)
								 : 1;
	}
	return n > MC_OBJECTS;
}

static int parse(const char *text, size_t len, json_object **ret)
{
	size_t at = 0;

	while (at < len && text[at] && strchr(" \t\r\n", text[at]))
		at++;
	if (at < len && text[at] == '<')
		return mc_xml(text + at, len - at, ret);
	*ret = manage_json(text, len);
	if (*ret && json_object_is_type(*ret, json_type_object) && !too_many(*ret))
		return 0;
	json_object_put(*ret);
	*ret = NULL;
	return -EBADMSG;
}

/* Every answer ends with one or more of them; what is only for information has no code of its own. */
static bool status_fine(json_object *answer, char *why, size_t size)
{
	size_t n;
	json_object *l = mc_list(answer, "status", &n);

	for (size_t i = 0; i < n; i++) {
		json_object *o = json_object_array_get_idx(l, i);
		double code = 0;

		if (text_equal(manage_text(o, "response-type"), "Info"))
			continue;
		if (manage_number(o, "return-code", &code) && !(code < 0) && !(code > 0) &&
			!text_equal(manage_text(o, "response-type"), "Error"))
			continue;
		copy_device_text(
			why, size, manage_text(o, "response"), strlen(manage_text(o, "response")));
		return false;
	}
	return true;
}

int mc_answer(const char *text, size_t len, json_object **ret, char *why, size_t size)
{
	json_object *answer = NULL;
	int r = parse(text, len, &answer);

	if (r < 0)
		return r;
	if (status_fine(answer, why, size)) {
		*ret = answer;
		return 0;
	}
	json_object_put(answer);
	return -EREMOTEIO;
}

static bool is_key(const char *key)
{
	return *key && strspn(key, "0123456789abcdefABCDEF-") == strlen(key);
}

int mc_login(const char *text, size_t len, char *key, size_t size)
{
	json_object *answer = NULL, *status;
	double code = 0;
	int r = parse(text, len, &answer);

	if (r < 0)
		return r;
	status = mc_first(answer, "status");
	r = status && manage_number(status, "return-code", &code) ? -EACCES : -EBADMSG;
	if (status && !(code < 1) && !(code > 1) && is_key(manage_text(status, "response")) &&
		copy_text(key, size, manage_text(status, "response")))
		r = 0;
	json_object_put(answer);
	return r;
}

/*
 * Settings, as far as the mode tells them: "Failed Over" and "Down" say how things are and not how they are set.
 * HP 481600-002 says of independent cache performance mode that it neither fails over nor mirrors. That the
 * active-active modes do both is the reverse of that, and not a sentence of it; that each volume's cache is really
 * mirrored is said nowhere. Whoever switches that mode on is heard, and no more is claimed.
 */
static void take_protection(struct reading *r, json_object *redundancy)
{
	const char *mode = redundancy ? manage_text(redundancy, "redundancy-mode") : "";
	bool apart = !strncasecmp(mode, "Independent Cache", 17);

	if (!apart && strncasecmp(mode, "Active-Active", 13) != 0)
		return;
	reading_add(r, FACT_TAKEOVER_ENABLED, !apart);
	reading_add(r, FACT_CACHE_MIRRORED, !apart);
}

const char *mc_serial(json_object *system)
{
	json_object *o = mc_first(system, "system");

	return o ? manage_text(o, "midplane-serial-number") : "";
}

int mc_system(json_object *system, json_object *versions, const struct manage_sink *sink)
{
	json_object *o = mc_first(system, "system"),
		    *v = versions ? mc_first(versions, "versions") : NULL;
	json_object *redundancy = mc_redundancy(system);
	struct reading r;

	if (!o)
		return -EBADMSG;
	mc_begin(&r, KIND_SYSTEM, o, "");
	copy_text(r.name, sizeof(r.name), "system");
	MC_JUDGE(&r, o, "health", system_words);
	MC_JUDGE(&r, o, "health-numeric", system_words);
	if (redundancy &&
		!text_equal(manage_text(redundancy, "redundancy-mode"), "Single Controller")) {
		MC_JUDGE(&r, redundancy, "redundancy-status", redundancy_words);
		MC_JUDGE(&r, redundancy, "system-ready", ready_words);
	}
	take_protection(&r, redundancy);
	MC_TAKE(r.serial, o, "midplane-serial-number");
	MC_TAKE(r.vendor, o, "vendor-name");
	MC_TAKE(r.model, o, "product-id");
	if (v)
		MC_TAKE(r.firmware, v, "bundle-version");
	mc_tell(&r, "", sink);
	return 0;
}

int mc_enclosures(json_object *answer, const struct manage_sink *sink)
{
	size_t n;
	json_object *l = mc_list(answer, "enclosures", &n);

	for (size_t i = 0; i < n; i++) {
		json_object *o = json_object_array_get_idx(l, i);
		struct reading r;

		mc_begin(&r, KIND_ENCLOSURE, o, "enclosure-id");
		MC_JUDGE(&r, o, "status", enclosure_words);
		mc_judge_health(&r, o);
		MC_TAKE(r.serial, o, "midplane-serial-number");
		mc_tell(&r, "", sink);
	}
	return l ? 0 : -EBADMSG;
}

/* Power supplies and fans: named by position, "1.2" is the second of the first enclosure. */
static int parts(
	json_object *answer, const char *basetype, enum kind kind, const struct manage_sink *sink)
{
	size_t n;
	json_object *l = mc_list(answer, basetype, &n);

	for (size_t i = 0; i < n; i++) {
		json_object *o = json_object_array_get_idx(l, i);
		struct reading r;

		mc_begin(&r, kind, o, "durable-id");
		MC_JUDGE(&r, o, "status", part_words);
		mc_judge_health(&r, o);
		MC_TAKE(r.enclosure, o, "enclosure-id");
		MC_TAKE(r.firmware, o, "fw-revision");
		mc_tell(&r, "", sink);
	}
	return l ? 0 : -EBADMSG;
}

int mc_power_supplies(json_object *answer, const struct manage_sink *sink)
{
	return parts(answer, "power-supplies", KIND_PSU, sink);
}

int mc_fans(json_object *answer, const struct manage_sink *sink)
{
	return parts(answer, "fan", KIND_FAN, sink);
}
