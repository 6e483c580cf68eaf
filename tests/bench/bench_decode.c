/* One drive's pages decoded again and again, to be counted by callgrind: bench-decode ROUNDS */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "probes/ata.h"

/* Thirty attributes, as many as a page holds: no drive costs more. */
static void make_pages(uint8_t *data, uint8_t *thresholds)
{
	static const uint8_t ids[30] = {1, 2, 3, 4, 5, 7, 8, 9, 10, 12, 183, 184, 187, 188, 189, 190, 191, 192, 193,
		194, 195, 196, 197, 198, 199, 200, 220, 222, 240, 241};
	uint8_t sum_data = 0, sum_thresholds = 0;

	data[0] = thresholds[0] = 16;
	for (int i = 0; i < 30; i++) {
		uint8_t *d = data + 2 + 12 * i, *t = thresholds + 2 + 12 * i;

		d[0] = t[0] = ids[i];
		d[1] = 0x33;
		d[3] = d[4] = 100;
		d[5] = ids[i] == 194 || ids[i] == 190 ? 31 : 0;
		t[1] = 10;
	}
	for (int i = 0; i < 511; i++) {
		sum_data = (uint8_t)(sum_data + data[i]);
		sum_thresholds = (uint8_t)(sum_thresholds + thresholds[i]);
	}
	data[511] = (uint8_t)-sum_data;
	thresholds[511] = (uint8_t)-sum_thresholds;
}

__attribute__((noinline)) enum outcome bench_decode_once(const struct ata_blob *b, struct ata_quirk_memo *memo,
	struct reading *r);
enum outcome bench_decode_once(const struct ata_blob *b, struct ata_quirk_memo *memo, struct reading *r)
{
	return ata_decode_pages(b, memo, r);
}

int main(int argc, char **argv)
{
	static uint8_t identify[512], data[512], thresholds[512];
	struct ata_quirk_memo memo = {};
	struct ata_blob blob = {};
	int rounds = argc > 1 ? atoi(argv[1]) : 1;
	struct reading r;

	make_pages(data, thresholds);
	blob.identify = identify;
	blob.data = data;
	blob.thresholds = thresholds;
	blob.passed = 1;
	memcpy(identify + 54, "ETTSID KS         ", 18); /* words 27-46, bytes swapped */
	identify[85 * 2] = 1; /* SMART enabled, ACS-3 7.12.7.43 */
	identify[82 * 2] = 1;
	for (int i = 0; i < rounds; i++) {
		enum outcome o;

		r = (struct reading){.drive_class = CLASS_ATA_HDD};
		o = bench_decode_once(&blob, &memo, &r);

		if (o != OUTCOME_OK) {
			fprintf(stderr, "the pages were not decoded: %s\n", outcome_text(o));
			return 1;
		}
	}
	printf("%u facts\n", r.nfacts);
	return r.nfacts ? 0 : 1;
}
