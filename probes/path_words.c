#include "probes/path_words.h"

#include <ctype.h>

struct word {
	const char *text;
	uint8_t state;
};

/* clang-format off */
static const struct word scsi_words[] = {
	{"running", STATE_OK}, {"created", STATE_TRANSITION}, {"blocked", STATE_TRANSITION},
	{"created-blocked", STATE_TRANSITION}, {"quiesce", STATE_TRANSITION}, {"offline", STATE_FAILED},
	{"transport-offline", STATE_FAILED}, {"cancel", STATE_ABSENT}, {"deleted", STATE_ABSENT}, {}};
static const struct word iscsi_words[] = {
	{"LOGGED_IN", STATE_OK}, {"FAILED", STATE_FAILED}, {"FREE", STATE_FAILED}, {}};
static const struct word fc_words[] = {
	{"Online", STATE_OK}, {"Marginal", STATE_DEGRADED}, {"Blocked", STATE_TRANSITION}, {"Bypassed", STATE_FAILED},
	{"Diagnostics", STATE_FAILED}, {"Linkdown", STATE_FAILED}, {"Error", STATE_FAILED}, {"Loopback", STATE_FAILED},
	{"Offline", STATE_FAILED}, {"Not Present", STATE_FAILED}, {"Deleted", STATE_ABSENT}, {}};
/* a controller that connects again has lost its connection: nothing passes until it is live */
static const struct word nvme_words[] = {
	{"live", STATE_OK}, {"new", STATE_TRANSITION}, {"resetting", STATE_TRANSITION}, {"connecting", STATE_FAILED},
	{"deleting", STATE_FAILED}, {"deleting (no IO)", STATE_FAILED}, {"dead", STATE_FAILED}, {}};
static const struct word ana_words[] = {
	{"optimized", STATE_OK}, {"non-optimized", STATE_OK}, {"inaccessible", STATE_TRANSITION},
	{"change", STATE_TRANSITION}, {"persistent-loss", STATE_FAILED}, {}};
/* ghost: the passive side of an active/passive array, as it should be */
static const struct word checker_words[] = {
	{"ready", STATE_OK}, {"ghost", STATE_OK}, {"shaky", STATE_DEGRADED}, {"delayed", STATE_DEGRADED},
	{"i/o pending", STATE_TRANSITION}, {"faulty", STATE_FAILED}, {"i/o timeout", STATE_FAILED},
	{"disconnected", STATE_FAILED}, {}};
static const struct word *const vocabularies[PATH_VOCABULARY_COUNT] = {
	[PATH_SCSI_DEVICE] = scsi_words, [PATH_ISCSI_SESSION] = iscsi_words, [PATH_FC_PORT] = fc_words,
	[PATH_NVME] = nvme_words, [PATH_ANA] = ana_words, [PATH_CHECKER] = checker_words,
};
/* How bad, where several count as one. */
static const uint8_t weight[STATE_COUNT] = {
	[STATE_OK] = 0, [STATE_DEGRADED] = 1, [STATE_TRANSITION] = 2, [STATE_UNREACHABLE] = 3, [STATE_SERVICE] = 4,
	[STATE_ABSENT] = 5, [STATE_FAILED] = 6, [STATE_UNKNOWN] = 7,
};
/* clang-format on */

void path_state_set(struct path_state *s, enum state state, const char *raw)
{
	*s = (struct path_state){.state = (uint8_t)state,
		.limit_ms = state == STATE_TRANSITION ? PATH_TRANSITION_MS : 0};
	copy_text(s->raw, sizeof(s->raw), raw);
}

void path_word(enum path_vocabulary v, const char *word, struct path_state *ret)
{
	const struct word *w = v < PATH_VOCABULARY_COUNT ? vocabularies[v] : NULL;
	char text[PATH_RAW];

	copy_device_text(text, sizeof(text), word, strcspn(word, "\n"));
	while (w && w->text && strcmp(w->text, text) != 0)
		w++;
	path_state_set(ret, w && w->text ? (enum state)w->state : STATE_UNKNOWN, text);
}

void ana_add(struct ana_sum *s, const char *word)
{
	struct path_state one;

	path_word(PATH_ANA, word, &one);
	if (one.state == STATE_OK) {
		s->serving++;
		return;
	}
	s->unknown += one.state == STATE_UNKNOWN;
	s->lost += one.state != STATE_UNKNOWN;
	if (!s->worst.raw[0] || weight[one.state] > weight[s->worst.state])
		s->worst = one;
}

void ana_total(const struct ana_sum *s, struct path_state *ret)
{
	char raw[PATH_RAW];

	if (!s->lost && !s->unknown) {
		path_state_set(ret, STATE_OK, "live");
	} else if (s->serving && !s->unknown) {
		format_text(raw, sizeof(raw), "%u of %u namespaces %.15s", s->lost,
			s->lost + s->serving, s->worst.raw);
		path_state_set(ret, STATE_DEGRADED, raw);
	} else {
		*ret = s->worst;
	}
}

void path_name(const char *const *parts, size_t n, char *ret, size_t size)
{
	char text[512] = "";
	size_t len;

	for (size_t i = 0; i < n; i++) {
		len = strlen(text);
		if (parts[i] && parts[i][0])
			format_text(
				text + len, sizeof(text) - len, "%s%s", len ? ":" : "", parts[i]);
	}
	len = strlen(text);
	copy_device_text(ret, size, text + (len < size ? 0 : len - size + 1), size);
	for (char *p = ret; *p; p++)
		if (*p == ' ' || *p == '/')
			*p = '_';
}

bool path_field(const char *text, const char *key, char *ret, size_t size)
{
	size_t len = strlen(key);

	for (; *text; text += strcspn(text, ","), text += *text == ',') {
		if (strncmp(text, key, len) != 0 || text[len] != '=')
			continue;
		copy_device_text(ret, size, text + len + 1, strcspn(text + len + 1, ",\n"));
		return ret[0] != '\0';
	}
	return false;
}

bool path_part(const char *sysfs, const char *prefix, char *ret, size_t size)
{
	size_t len = strlen(prefix);

	for (; (sysfs = strchr(sysfs, '/'));) {
		sysfs++;
		if (strncmp(sysfs, prefix, len) != 0 ||
			!(isdigit((unsigned char)sysfs[len]) || sysfs[len] == '-'))
			continue;
		copy_device_text(ret, size, sysfs, strcspn(sysfs, "/"));
		return true;
	}
	return false;
}
