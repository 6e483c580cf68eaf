/* What the Recovery Guru of an E-Series array lists, and of which component. */
#include "probes/santricity_parts.h"

#include <errno.h>

/* clang-format off */
/* Object types of FailureData that are components here; of any other it is told of the array. */
static const struct { const char *word; enum kind kind; } object_types[] = {
	{"controller", KIND_CANISTER}, {"drive", KIND_DRIVE}, {"tray", KIND_ENCLOSURE}, {"esm", KIND_EXPANDER},
	{"powerSupply", KIND_PSU}, {"fan", KIND_FAN}, {"battery", KIND_BATTERY}, {"pool", KIND_POOL},
};
/* Of some 350 failure types those that are about canisters and their caches: the array asks for service. */
static const char *const canister_failures[] = {
	"offlineCtl", "passiveCtl", "rpaErrCtl", "ctlMismatch", "ctlMiswire", "removedController", "offlineCtlIocFail",
	"baseControllerDiagFailed", "altCtlrBoardIdUnreadable", "ctlFailedCacheBackupDev", "cacheNotFlushedOnOnlyCtlr",
	"cacheDataLoss", "iocDiagFail", "excessiveRebootsDetected", "piErrorServiceMode", "piErrorLockdown",
};
/* What the loss of one canister brings to all that had two ways: told of the array, no new cause on anything. */
static const char *const consequences[] = {
	"nonPreferredPath", "lostRedundancyDrive", "lostRedundancyTray", "lostRedundancyEsm", "pathDegraded", "channelDegraded",
	"hostRedundancyLost", "multipathConfigurationError", "writebackCachingDisabled", "wbCachingForciblyDisabled",
	"dedicatedMirrorChannelFailed",
};
/* clang-format on */

static bool is_one_of(const char *word, const char *const *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (text_equal(words[i], word))
			return true;
	return false;
}

static enum kind kind_of(const char *type)
{
	for (size_t i = 0; i < ARRAY_SIZE(object_types); i++)
		if (text_equal(object_types[i].word, type))
			return object_types[i].kind;
	return KIND_NONE;
}

static bool is_ref(const char *ref)
{
	return *ref && strspn(ref, "0") < strlen(ref);
}

/* The number of the object's own place, or of the next free one. */
static unsigned place_of(const struct santricity_faults *f, const struct santricity_fault *x)
{
	unsigned i = 0;

	while (i < f->n && !(f->of[i].kind == x->kind && text_equal(f->of[i].ref, x->ref)))
		i++;
	return i;
}

/* One place is kept for what is of no component, and some for canisters. */
static bool has_room(const struct santricity_faults *f, enum kind kind)
{
	unsigned components = 0;

	for (unsigned i = 0; i < f->n; i++)
		components += f->of[i].ref[0] != '\0';
	return components < SANTRICITY_FAULTS - 1 - (kind == KIND_CANISTER ? 0 : SANTRICITY_CANISTERS);
}

/* Of the same object as those before it, or the first of one; where there is no room for another, of none. */
static struct santricity_fault *fault_of(struct santricity_faults *f, json_object *o, const char *word)
{
	struct santricity_fault x = {};
	unsigned place;

	if (!is_one_of(word, consequences, ARRAY_SIZE(consequences)) && is_ref(manage_text(o, "objectRef"))) {
		santricity_take(x.ref, sizeof(x.ref), o, "objectRef");
		x.kind = (uint8_t)kind_of(manage_text(o, "objectType"));
	}
	place = place_of(f, &x);
	if (x.ref[0] && place == f->n && !has_room(f, x.kind)) {
		x = (struct santricity_fault){};
		place = place_of(f, &x);
		f->overflowed = 1;
	}
	if (place == f->n)
		f->of[f->n++] = x;
	return &f->of[place];
}

static void take_fault(struct santricity_faults *f, json_object *o, const char *word)
{
	struct santricity_fault *x = fault_of(f, o, word);
	char so_far[sizeof(x->words)];

	x->count++;
	x->service = x->service || is_one_of(word, canister_failures, ARRAY_SIZE(canister_failures));
	copy_text(so_far, sizeof(so_far), x->words);
	format_text(x->words, sizeof(x->words), "%s%s%s", so_far, so_far[0] ? ", " : "", word);
}

static void name_on_system(struct reading *r, const char *word, size_t i)
{
	char so_far[sizeof(r->message)];

	santricity_worse(r, STATE_DEGRADED, word);
	copy_text(so_far, sizeof(so_far), r->message);
	if (i < 3)
		format_text(r->message, sizeof(r->message), "%.80s%s%.40s", so_far, i ? ", " : "", word);
}

int santricity_failures(const char *text, size_t len, struct santricity *s, struct santricity_faults *ret)
{
	json_object *answer = manage_json(text, len);
	struct santricity_faults f = {.read = 1};
	size_t n;
	json_object *l = santricity_list(answer, NULL, &n);

	for (size_t i = 0; i < n; i++) {
		json_object *o = json_object_array_get_idx(l, i);
		const char *type = manage_text(o, "failureType");
		char word[48];

		if (!*type)
			type = "unnamed failure";
		copy_device_text(word, sizeof(word), type, strlen(type));
		name_on_system(&s->system, word, i);
		take_fault(&f, o, word);
	}
	if (l)
		*ret = f;
	json_object_put(answer);
	return l ? 0 : -EBADMSG;
}

bool santricity_same_faults(const struct santricity_faults *a, const struct santricity_faults *b)
{
	if (a->read != b->read || a->overflowed != b->overflowed || a->n != b->n)
		return false;
	for (unsigned i = 0; i < a->n && i < SANTRICITY_FAULTS; i++)
		if (a->of[i].kind != b->of[i].kind || a->of[i].count != b->of[i].count ||
			!text_equal(a->of[i].ref, b->of[i].ref) || !text_equal(a->of[i].words, b->of[i].words))
			return false;
	return true;
}

void santricity_displace(struct santricity_faults *f, bool canisters)
{
	for (unsigned i = 0; f && i < f->n && i < SANTRICITY_FAULTS; i++)
		if ((f->of[i].placed == KIND_CANISTER) == canisters)
			f->of[i].placed = KIND_NONE;
}

void santricity_blame(struct santricity_faults *f, const char *ref, struct reading *r)
{
	unsigned count = 0;
	bool service = false;

	if (!f || !f->read)
		return;
	for (unsigned i = 0; *ref && i < f->n && i < SANTRICITY_FAULTS; i++) {
		struct santricity_fault *x = &f->of[i];

		if (!text_equal(x->ref, ref) || (x->kind != KIND_NONE && x->kind != r->kind))
			continue;
		count += x->count;
		service = service || x->service;
		x->placed = r->kind;
		format_text(r->message, sizeof(r->message), "it lists: %s", x->words);
	}
	/* none is known only where each has its component */
	if (count || !f->overflowed)
		reading_add(r, FACT_LISTED_FAULTS, count);
	if ((service || !f->overflowed) && (r->kind == KIND_CANISTER || r->kind == KIND_ENCLOSURE))
		reading_add(r, FACT_NEEDS_SERVICE, service);
}

void santricity_tell_system(struct santricity *s, const struct santricity_faults *f, const struct manage_sink *sink)
{
	bool service = false;

	for (unsigned i = 0; i < f->n && i < SANTRICITY_FAULTS; i++) {
		const struct santricity_fault *x = &f->of[i];
		bool found_by_now = f->sought || x->kind == KIND_CANISTER || !x->ref[0];

		service = service || (x->service && !x->placed && found_by_now);
	}
	if (f->read)
		reading_add(&s->system, FACT_NEEDS_SERVICE, service);
	santricity_tell(&s->system, "", sink);
}
