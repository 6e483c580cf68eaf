/* SES pages, one after the other. Oracle: short input decodes to nothing, and no unlisted code is ever OK. */
#include "fuzz.h"
#include "probes/bytes.h"
#include "probes/ses.h"

typedef enum outcome decode_fn(const uint8_t *p, size_t n, struct ses *s);

static decode_fn *const decoders[] = {
	ses_decode_status, ses_decode_names, ses_decode_additional, ses_decode_microcode};

static void check_elements(const struct ses *s)
{
	for (unsigned i = 0; i < s->nelements; i++) {
		struct reading r = {.slot = -1};

		ses_element_reading(s, i, &r);
		check_reading(&r, OUTCOME_OK);
		promise(r.name[0] && r.kind && r.kind < KIND_COUNT && r.state < STATE_COUNT);
		promise(r.state != STATE_OK || (s->elements[i].status[0] & 0xf) == 1);
		promise(s->have_status || r.state == STATE_UNKNOWN);
	}
}

/* Pages follow each other, each as long as it says. */
int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)
{
	static struct ses s;
	size_t len = n >= 4 ? MIN_OF(n, (size_t)be16(p + 2) + 4) : n;
	uint64_t bits;

	promise(ses_decode_supported(p, n, &bits) != OUTCOME_OK || n >= 4);
	if (ses_decode_config(p, n, &s) != OUTCOME_OK)
		return 0;
	promise(n >= 48 && s.nelements <= SES_ELEMENTS && memchr(s.name, 0, sizeof(s.name)));
	for (p += len, n -= len; n >= 4; p += len, n -= len) {
		len = MIN_OF(n, (size_t)be16(p + 2) + 4);
		for (size_t i = 0; i < ARRAY_SIZE(decoders); i++)
			promise(decoders[i](p, n, &s) != OUTCOME_OK || len == (size_t)be16(p + 2) + 4);
	}
	check_elements(&s);
	return 0;
}
