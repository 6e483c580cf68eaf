/* A view by SSH or by REST. Oracle: only the words of the tables are ok, and a CLI answer without its last line end is none. */
#include "fuzz_manage.h"
#include "probes/spectrum.h"

static void hear_spectrum(const struct reading *r, const char *address, void *arg)
{
	static const char *const words[] = {"online", "active", "spare"};
	bool known = r->state != STATE_OK;

	++*(unsigned *)arg;
	promise(r->kind && r->kind < KIND_COUNT && r->state < STATE_COUNT && r->name[0] && address);
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		known = known || !strcmp(r->raw, words[i]);
	promise(known);
}

/* Of arrays alone nothing is ok, and no group needs more than it has. */
static void hear_groups(const struct reading *r, const char *address, void *arg)
{
	promise(r->beside && r->name[0] && r->state == STATE_UNKNOWN && *address == 0 && arg == NULL);
	promise(r->group_members >= r->group_need);
}

static int arrays(unsigned view, char *text, size_t n, enum spectrum_form f)
{
	int (*const views[])(char *, size_t, enum spectrum_form, struct spectrum_arrays *) = {
		spectrum_arrays, spectrum_array_members, spectrum_array_progress, spectrum_array_drives};
	static struct spectrum_arrays a;
	int r;

	a = (struct spectrum_arrays){.n = 1, .nmembers = 2, .at[0] = {.id = "0", .name = "mdisk0", .status = "degraded", .parity = 1},
		.member = {{.id = "0", .drive_id = "0"}, {.id = "1", .drive_id = "1"}}};
	r = views[view](text, n, f, &a);
	spectrum_array_groups(&a, &(const struct manage_sink){hear_groups, NULL});
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	int (*const views[])(char *, size_t, enum spectrum_form, struct spectrum_events *,
		const struct manage_sink *) = {
		spectrum_enclosures, spectrum_psus, spectrum_batteries, spectrum_drives, spectrum_mdisks};
	unsigned heard = 0, view = n ? p[0] % 16 : 0;
	const struct manage_sink sink = {hear_spectrum, &heard};
	enum spectrum_form f = n && p[0] & 0x80 ? SPECTRUM_JSON : SPECTRUM_CLI;
	static struct spectrum_canisters c;
	struct reading system = {.kind = KIND_SYSTEM, .state = STATE_OK, .raw = "online", .name = "system"};
	struct spectrum_events e = {.read = 1};
	char *text = n ? malloc(n) : NULL;
	int r = 0;

	if (!text)
		return 0;
	memcpy(text, p + 1, n - 1);
	text[n - 1] = 0;
	c = (struct spectrum_canisters){};
	r = view < 5	? views[view](text, n - 1, f, &e, &sink)
	    : view == 5 ? spectrum_nodes(text, n - 1, f, &c)
	    : view == 6 ? spectrum_enclosure_canisters(text, n - 1, f, &c, &sink)
	    : view == 7 ? spectrum_eventlog(text, n - 1, f, &e)
	    : view == 8 ? spectrum_system(text, n - 1, f, &system)
	    : view == 9 ? spectrum_callhome(text, n - 1, f, &system)
	    : view == 15 ? spectrum_quorum(text, n - 1, f, &system)
	    : view > 10 ? arrays(view - 11, text, n - 1, f)
			: spectrum_node(text, n - 1, f, &c);
	if (view == 10) {
		char id[24];

		memcpy(text, p + 1, n - 1);
		promise(spectrum_system_id(text, n - 1, f, id) < 0 || id[0]);
	}
	promise(e.n <= SPECTRUM_FAULTS);
	spectrum_canister_faults(&e, &c);
	spectrum_system_faults(&e, &system);
	promise(f == SPECTRUM_JSON || r <= 0 || p[n - 1] == '\n');
	for (unsigned i = 0; i < c.n; i++)
		hear_spectrum(&c.r[i], c.address[i], &heard);
	free(text);
	return 0;
}
