/* One look at one drive: job in, reading out. Sends only reads, wakes nothing, judges nothing. */
#pragma once
#include "probes/ata.h"
#include "probes/counters.h"

enum { DRIVES_REMEMBERED = 256, IDLE_LIMIT_MS = 24 * 3600 * 1000 };

/* What a worker keeps of a drive between looks. Losing it costs one look, nothing else. */
struct drive_memory {
	char name[NAME_MAX_LEN];
	struct ata_quirk_memo quirk;
	bool have_io;
	uint64_t io;      /* kernel's count of I/Os when it was last read well */
	uint64_t read_ms; /* when that was, boot clock; 0 never */
};

struct drive_memories {
	struct drive_memory drives[DRIVES_REMEMBERED];
	unsigned next; /* which one a newcomer takes the place of */
};

/** drive_recall() - the memory of a drive, fresh when there was none; stays @all's */
struct drive_memory *drive_recall(struct drive_memories *all, const char *name);

/**
 * drive_look() - carry out one job on a drive
 * @m: the drive's memory
 * @now_ms: boot clock
 * @ret: the whole reading; with another outcome than OUTCOME_OK its message says why. Identity
 * comes from the job until the drive names itself
 *
 * May block for as long as the drive does: only for processes that can be abandoned.
 */
void drive_look(const struct job *j, struct drive_memory *m, uint64_t now_ms, struct reading *ret);

/* The three kinds, for drive.c: add identity and facts to @r, set its message when not OUTCOME_OK.
 */
must_check enum outcome drive_ata_look(
	const struct job *j, struct drive_memory *m, struct reading *r);
must_check enum outcome drive_nvme_look(
	const struct job *j, struct drive_memory *m, struct reading *r);
must_check enum outcome drive_scsi_look(
	const struct job *j, struct drive_memory *m, struct reading *r);

/** drive_say() - the outcome back, with the reading's message set to @what */
enum outcome drive_say(struct reading *r, enum outcome o, const char *what);

/** drive_same_serial() - do two serial numbers mean one drive? Blanks, '_' and leading zeros apart;
 * empty: cannot tell, yes */
bool drive_same_serial(const char *a, const char *b);
