/* The six answers of one look at an E-Series array. Oracle: a refused answer tells nothing; only ok's words are ok. */
#include "fuzz_manage.h"
#include "probes/santricity.h"

int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	unsigned heard = 0, before;
	const struct manage_sink sink = {hear, &heard};
	static struct santricity s;
	size_t len;
	char *text = next_part(&p, &n, &len);
	int r = santricity_systems(text, len, &s);

	free(text);
	if (r < 0)
		return 0;
	promise(s.id[0] && !strpbrk(s.id, "/?#\r\n"));
	for (unsigned i = 0; i < 5; i++) {
		text = next_part(&p, &n, &len);
		before = heard;
		switch (i) {
		case 0:
			r = santricity_canisters(text, len, &s, "10.0.0.1", &sink);
			break;
		case 1:
			r = santricity_failures(text, len, &s, &sink);
			break;
		case 2:
			r = santricity_pools(text, len, &s, &sink);
			break;
		case 3:
			r = santricity_volumes(text, len, &s);
			break;
		default:
			r = santricity_hardware(text, len, &s, &sink);
			break;
		}
		promise(r == 0 || heard == before);
		free(text);
	}
	return 0;
}
