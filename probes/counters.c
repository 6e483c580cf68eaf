#include "probes/counters.h"

enum { SYSFS_MAX = 4096 };

static bool read_text(const char *dir, const char *name, char *buf, size_t size)
{
	cleanup_(freep) char *text = NULL;
	char path[320];

	if (!format_text(path, sizeof(path), "%s/%s", dir, name) ||
		slurp(path, SYSFS_MAX, &text, NULL) < 0)
		return false;
	copy_text(buf, size, text);
	return buf[0] != '\0';
}

/* SCSI's counters are hexadecimal with 0x, the block layer's decimal. */
static bool read_number(const char *dir, const char *name, uint64_t *ret)
{
	char text[64], *end;

	if (!read_text(dir, name, text, sizeof(text)))
		return false;
	*ret = strtoull(text, &end, 0);
	return end != text;
}

/* Documentation/block/stat.rst: fields 1, 5, 12 and 16 are the I/Os that ended; 9 those in flight.
 */
static void read_stat(const char *sysfs, struct kernel_counters *c)
{
	uint64_t field[17] = {};
	char text[512], *at = text, *end;
	unsigned n = 0;

	if (!read_text(sysfs, "stat", text, sizeof(text)))
		return;
	while (n < ARRAY_SIZE(field)) {
		field[n] = strtoull(at, &end, 10);
		if (end == at)
			break;
		at = end;
		n++;
	}
	if (n < 11)
		return;
	c->have_io = true;
	c->io = field[0] + field[4] + field[11] + field[15];
	c->have_pending = true;
	c->pending = field[8];
}

/* Offline, blocked, transport-offline …: nothing gets through any more. */
static bool read_given_up(const char *sysfs)
{
	char word[32];

	return read_text(sysfs, "device/state", word, sizeof(word)) &&
	       strncmp(word, "running", strlen("running")) != 0;
}

void counters_read(const char *sysfs, struct kernel_counters *ret)
{
	uint64_t asked, done;

	*ret = (struct kernel_counters){};
	if (!sysfs[0])
		return;
	read_stat(sysfs, ret);
	ret->have_errors = read_number(sysfs, "device/ioerr_cnt", &ret->errors);
	ret->given_up = read_given_up(sysfs);
	/* a command that was queued again leaves the SCSI pair apart for ever: only where there is
	 * nothing better */
	if (!ret->have_pending && read_number(sysfs, "device/iorequest_cnt", &asked) &&
		read_number(sysfs, "device/iodone_cnt", &done)) {
		ret->have_pending = true;
		ret->pending = asked > done ? asked - done : 0;
	}
}
