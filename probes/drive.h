/* One look at one drive: job in, reading out. Sends only reads, wakes nothing, judges nothing. */
#pragma once
#include "probes/ata.h"
#include "probes/counters.h"

enum { QUIRKS_REMEMBERED = 64, DRIVES_REMEMBERED = 1024, IDLE_LIMIT_MS = 24 * 3600 * 1000 };

/*
 * What is kept of a drive between looks, in memory that all workers share, since the next look is
 * another's. Plain values only: what one worker writes must not lead another astray. Losing it
 * costs one look.
 */
struct drive_history {
	char name[NAME_MAX_LEN];
	bool have_io, have_errors;
	uint64_t io;          /* kernel's count of I/Os when the drive was last read well */
	uint64_t read_ms;     /* when that was, boot clock; 0 never */
	uint64_t errors_seen; /* kernel's count of failed commands after the last look */
	uint64_t errors_told; /* of those, what was not our own doing, since the history began */
};

struct drive_histories {
	uint32_t next; /* which one a newcomer takes the place of */
	struct drive_history drives[DRIVES_REMEMBERED];
};

/* What one worker keeps. */
struct drive_memory {
	char name[NAME_MAX_LEN];
	struct ata_quirk_memo quirk;
	struct drive_history *history;
};

struct enclosure_memory;
struct drive_memories {
	struct drive_histories *histories;   /* shared; set before the first drive_recall() */
	struct enclosure_memory *enclosures; /* shared as well; set before the first enclosure_look() */
	uint32_t next;
	struct drive_memory drives[QUIRKS_REMEMBERED];
};

/**
 * drive_recall() - the memory of a drive, fresh when there was none; stays @all's. No two workers
 * look at one drive at a time.
 */
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
