/* The answers of one look at an E-Series array. Oracle: a refused answer tells nothing; only ok's words are ok. */
#include "fuzz_manage.h"
#include "probes/santricity.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	unsigned heard = 0, before;
	const struct manage_sink sink = {hear, &heard};
	static struct santricity s;
	struct santricity_faults faults = {};
	struct santricity_log log = {.read = 1, .end = 1u << 20};
	struct reading system = {};
	size_t len;
	char *text = next_part(&p, &n, &len);
	int r = santricity_systems(text, len, &s);

	free(text);
	if (r < 0)
		return 0;
	promise(s.id[0] && !strpbrk(s.id, "/?#\r\n"));
	s.faults = &faults;
	for (unsigned i = 0; i < 7; i++) {
		text = next_part(&p, &n, &len);
		before = heard;
		switch (i) {
		case 0:
			r = santricity_canisters(text, len, &s, "10.0.0.1");
			if (r == 0)
				santricity_tell_canisters(&s, &faults, &sink);
			break;
		case 1:
			r = santricity_failures(text, len, &s, &faults);
			promise(faults.n <= SANTRICITY_FAULTS && (r < 0 || faults.read));
			if (r == 0)
				santricity_tell_canisters(&s, &faults, &sink);
			break;
		case 2:
			r = santricity_pools(text, len, &s, &sink);
			break;
		case 3:
			r = santricity_volumes(text, len, &s);
			break;
		case 4:
			r = santricity_hardware(text, len, &s, &sink);
			break;
		case 5:
			r = santricity_log_extent(text, len, &log) < 0 ? -1 : 0;
			break;
		default:
			r = santricity_log_events(text, len, &log, 1) < 0 ? -1 : 0;
			promise(log.recent.n <= MANAGE_LOGGED);
			break;
		}
		promise(r == 0 || heard == before);
		free(text);
	}
	santricity_log_tell(&log, 2, &system);
	santricity_tell_system(&s, &faults, &sink);
	return 0;
}
