/* The two controllers of an E-Series array: their words, and what its Recovery Guru lists of each. */
#include "probes/santricity_parts.h"

#include <errno.h>

/* clang-format off */
static const struct manage_word controller_words[] = {
	{"optimal", STATE_OK}, {"degraded", STATE_DEGRADED}, {"serviceMode", STATE_SERVICE},
	{"suspended", STATE_SERVICE}, {"failed", STATE_FAILED}, {"rpaParErr", STATE_FAILED},
	{"removed", STATE_ABSENT}, {"unknown", STATE_UNKNOWN},
};
static const struct manage_word error_mode_words[] = {
	{"notInErrorMode", STATE_OK}, {"t10PiServiceMode", STATE_SERVICE}, {"t10PiLockdown", STATE_FAILED},
	{"unknown", STATE_UNKNOWN},
};
/* clang-format on */

static bool name_canister(struct reading *r, json_object *o)
{
	json_object *at = santricity_inside(o, "physicalLocation");
	const char *label = manage_text(at, "label"), *slot = manage_text(at, "slot");

	if (text_equal(label, "A") || (!*label && text_equal(slot, "1")))
		return copy_text(r->name, sizeof(r->name), "A");
	if (text_equal(label, "B") || (!*label && text_equal(slot, "2")))
		return copy_text(r->name, sizeof(r->name), "B");
	return false;
}

static void judge_canister(struct reading *r, json_object *o, const struct santricity *s)
{
	const char *status = manage_text(o, "status"),
		   *mode = manage_text(o, "controllerErrorMode");

	if (!*status)
		return;
	manage_state(r, controller_words, ARRAY_SIZE(controller_words), status);
	if (*mode)
		manage_worse(r, error_mode_words, ARRAY_SIZE(error_mode_words), mode);
	if (santricity_true(o, "quiesced"))
		santricity_worse(r, STATE_DEGRADED, "quiesced");
	if (text_equal(manage_text(o, "active"), "false"))
		santricity_worse(r, STATE_DEGRADED, "passive");
	/* the array as a whole serves nothing, or is not seen at all */
	if (s->system.state == STATE_FAILED || s->system.state == STATE_UNREACHABLE)
		santricity_worse(r, (enum state)s->system.state, s->system.raw);
}

static void describe_canister(struct reading *r, json_object *o)
{
	double booted;

	SANTRICITY_TAKE(r->firmware, o, "appVersion");
	SANTRICITY_TAKE(r->serial, o, "serialNumber");
	SANTRICITY_TAKE(r->model, o, "productID");
	SANTRICITY_TAKE(r->vendor, o, "manufacturer");
	if (manage_number(o, "bootTime", &booted) && booted > 0 && booted < 1e11)
		r->booted_wall_ms = (int64_t)booted * 1000;
}

/* The first management port that has an address. */
static const char *address_of(json_object *o)
{
	size_t n;
	json_object *l = santricity_list(o, "netInterfaces", &n);

	for (size_t i = 0; i < n; i++) {
		json_object *net = santricity_inside(json_object_array_get_idx(l, i), "ethernet");
		const char *address = manage_text(net, "ipv4Address");

		if (*address && !text_equal(address, "0.0.0.0"))
			return address;
	}
	return "";
}

static bool take_canister(struct santricity *s, json_object *o, const char *by)
{
	struct reading r = {.kind = KIND_CANISTER, .outcome = OUTCOME_OK, .slot = -1};
	struct santricity_canister *c;

	if (!name_canister(&r, o))
		return false;
	c = &s->canister[r.name[0] == 'B'];
	if (c->told)
		return false;
	judge_canister(&r, o, s);
	describe_canister(&r, o);
	*c = (struct santricity_canister){.told = true, .r = r};
	santricity_take(c->ref, sizeof(c->ref), o, "controllerRef");
	copy_text(c->address, sizeof(c->address), address_of(o));
	if (text_equal(c->address, by))
		s->speaker = r.name[0];
	return true;
}

int santricity_canisters(const char *text, size_t len, struct santricity *s, const char *by)
{
	json_object *answer = manage_json(text, len);
	size_t n;
	json_object *l = santricity_list(answer, NULL, &n);
	bool fine = n > 0;

	memset(s->canister, 0, sizeof(s->canister));
	s->speaker = 0;
	for (size_t i = 0; i < n && fine; i++)
		fine = take_canister(s, json_object_array_get_idx(l, i), by);
	copy_text(s->by, sizeof(s->by), by);
	json_object_put(answer);
	return fine ? 0 : -EBADMSG;
}

static bool is_lost(const struct reading *r)
{
	return r->state == STATE_FAILED || r->state == STATE_ABSENT || r->state == STATE_SERVICE;
}

static void add_reporter(struct reading *r, const struct santricity *s)
{
	char listed[sizeof(r->message)];

	if (!s->by[0])
		return;
	copy_text(listed, sizeof(listed), r->message);
	format_text(r->message, sizeof(r->message), "%.70s%sreported by %s%.40s", listed, listed[0] ? ", " : "",
		s->speaker == 'A'   ? "A at "
		: s->speaker == 'B' ? "B at "
				    : "",
		s->by);
}

void santricity_tell_canisters(const struct santricity *s, struct santricity_faults *f, const struct manage_sink *sink)
{
	santricity_displace(f, true);
	for (unsigned i = 0; i < SANTRICITY_CANISTERS; i++) {
		const struct santricity_canister *c = &s->canister[i], *other = &s->canister[1 - i];
		struct reading r = c->r;

		if (!c->told)
			continue;
		if (other->told && !is_lost(&r))
			reading_add(&r, FACT_PARTNER_MISSING, is_lost(&other->r));
		santricity_blame(f, c->ref, &r);
		add_reporter(&r, s);
		santricity_tell(&r, c->address, sink);
	}
}
