/*
 * The durable part of the model as text: what a cold start must not lose. Pure: model and clocks in,
 * JSON out, and back. It judges nothing and opens no file.
 */
#pragma once
#include "agent/model.h"

enum { MARKS_VERSION = 1 };

/* Both clocks at one instant. Boot-clock times are written as wall time, since a boot ends that clock. */
struct marks_time {
	uint64_t now_ms;
	int64_t wall_ms;
};

/**
 * marks_durable() - must this change be on disk?
 * @table: of the row
 * @old:   row_size(@table) bytes, NULL for a new row
 * @row:   what it becomes
 *
 * Values, ages and derived fields are not durable: a record that changes nothing else is not written.
 */
bool marks_durable(enum table table, const void *old, const void *row);

/**
 * marks_write() - the durable rows as JSON text
 * @m:   the model, stays the caller's
 * @t:   now, on both clocks
 * @ret: NUL-terminated, caller frees; set only on success
 *
 * Return: 0, -ENOMEM.
 */
must_check int marks_write(const struct model *m, const struct marks_time *t, char **ret);

/**
 * marks_read() - a model to start from
 * @text: @len bytes, need not be NUL-terminated; hostile
 * @c:    what is configured now: arrays, sources, sinks and plans get its numbers, by name; rows of
 *        those that are gone are left out, but for plans, whose runs may be unfinished. NULL: numbers stay as they were
 * @t:    now, on both clocks
 * @m:    replaced on success, else untouched; the caller gives it model_clear()
 * @why:  one line for people when it fails; at least 160 bytes
 *
 * Up to a second of a run's story may not have reached the disk: one that was under way comes back as
 * RUN_FROZEN, since an unknown outcome is a stop, one that waited as RUN_REQUESTED, for people to approve,
 * and a rehearsal as RUN_ABORTED. The epoch is the one that was written: the caller raises it.
 *
 * Return: 0; -EBADMSG not JSON or not marks; -EPROTO another version; -EINVAL a row that cannot be; -ENOMEM.
 */
must_check int marks_read(const char *text, size_t len, const struct config *c, const struct marks_time *t,
	struct model *m, char *why, size_t size);
