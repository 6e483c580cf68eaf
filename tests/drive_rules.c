/*
 * drive-rules FILE.csv[.xz]: replays drive histories through exactly the engine's rules and says how
 * well they call failing drives. With --assert it fails when they do worse than what is promised.
 */
#include <errno.h>
#include <stdio.h>
#include <unistd.h>

#include "agent/rules.h"

enum { COLUMNS = 32, SKIP = 77 };
#define DOMINATING "ST3000DM001"
#define YEAR_HOURS 8766.0

enum column {
	COL_DRIVE,
	COL_MODEL,
	COL_FROM,
	COL_TO,
	COL_FAILED,
	COL_5,
	COL_187,
	COL_197,
	COL_198,
	COL_COUNT
};
static const char *const column_names[COL_COUNT] = {"drive", "model", "from_hours", "to_hours",
	"failed", "smart_5", "smart_187", "smart_197", "smart_198"};

static const struct {
	enum column column;
	unsigned fact;
} drive_facts[] = {{COL_5, FACT_REALLOCATED}, {COL_187, FACT_REPORTED_UNCORRECTABLE},
	{COL_197, FACT_PENDING}, {COL_198, FACT_OFFLINE_UNCORRECTABLE}};
enum { FACTS = ARRAY_SIZE(drive_facts) };

/* What one tier has done so far over all drives. */
struct score {
	unsigned failed, detected, false_alarms, followed, followed_failed;
	double healthy_hours;
};

struct history {
	long drive;
	bool failed, dominating;
	double begin, end;
	double alarm[SEV_COUNT]; /* hours of the first alarm at this tier or above; < 0 none */
	struct rule_input facts[FACTS];
};

static struct rule_input lookup(void *ctx, unsigned fact)
{
	const struct history *h = ctx;

	for (unsigned i = 0; i < FACTS; i++)
		if (drive_facts[i].fact == fact)
			return h->facts[i];
	return (struct rule_input){};
}

static void score_drive(struct score *s, const struct history *h, enum severity tier)
{
	double alarm = h->alarm[tier];
	bool within_year = h->failed && alarm >= 0 && h->end - alarm <= YEAR_HOURS;

	s->failed += h->failed;
	if (!h->failed)
		s->healthy_hours += h->end - h->begin;
	if (alarm < 0)
		return;
	s->detected += h->failed && h->end - alarm >= 24;
	s->false_alarms += !h->failed;
	s->followed += within_year || h->end - alarm >= YEAR_HOURS;
	s->followed_failed += within_year;
}

static void history_end(const struct history *h, struct score scores[2][SEV_COUNT])
{
	if (h->drive < 0)
		return;
	for (enum severity tier = SEV_WARNING; tier <= SEV_CRITICAL; tier++) {
		score_drive(&scores[0][tier], h, tier);
		if (!h->dominating)
			score_drive(&scores[1][tier], h, tier);
	}
}

static bool column_number(char *const *cells, const int *columns, enum column c, double *ret)
{
	const char *text = cells[columns[c]];
	char *end;

	*ret = strtod(text, &end);
	return end != text;
}

static void history_row(struct history *h, char *const *cells, const int *columns)
{
	enum severity tier;
	double from = 0, failed = 0, value;

	(void)column_number(cells, columns, COL_FROM, &from);
	(void)column_number(cells, columns, COL_TO, &h->end);
	h->failed = column_number(cells, columns, COL_FAILED, &failed) && failed > 0;
	for (unsigned i = 0; i < FACTS; i++) {
		struct rule_input *in = &h->facts[i];

		if (!column_number(cells, columns, drive_facts[i].column, &value))
			continue;
		in->was = in->known ? in->value : value;
		in->first = in->known ? in->first : value;
		in->value = value;
		in->known = true;
	}
	tier = drive_tier(CLASS_ATA_HDD, lookup, h);
	for (enum severity s = SEV_WARNING; s <= tier; s++)
		if (h->alarm[s] < 0)
			h->alarm[s] = from;
}

static unsigned split(char *line, char **cells)
{
	unsigned n = 0;

	line[strcspn(line, "\r\n")] = '\0';
	while (n < COLUMNS && line)
		cells[n++] = strsep(&line, ",");
	return n;
}

static bool header_read(char *line, int *columns, unsigned *ret_n)
{
	char *cells[COLUMNS];

	*ret_n = split(line, cells);
	for (unsigned c = 0; c < COL_COUNT; c++) {
		columns[c] = -1;
		for (unsigned i = 0; i < *ret_n; i++)
			if (!strcmp(cells[i], column_names[c]))
				columns[c] = (int)i;
		if (columns[c] < 0) {
			(void)fprintf(stderr, "drive-rules: the file has no column %s\n",
				column_names[c]);
			return false;
		}
	}
	return true;
}

static bool replay(FILE *in, struct score scores[2][SEV_COUNT])
{
	struct history h = {.drive = -1};
	char line[1024], *cells[COLUMNS];
	int columns[COL_COUNT];
	unsigned n;
	double drive = 0, from = 0;

	if (!fgets(line, sizeof(line), in) || !header_read(line, columns, &n))
		return false;
	while (fgets(line, sizeof(line), in)) {
		if (split(line, cells) != n || !column_number(cells, columns, COL_DRIVE, &drive))
			return false;
		if ((long)drive != h.drive) {
			history_end(&h, scores);
			(void)column_number(cells, columns, COL_FROM, &from);
			h = (struct history){.drive = (long)drive,
				.begin = from,
				.dominating = !strcmp(cells[columns[COL_MODEL]], DOMINATING),
				.alarm = {-1, -1, -1, -1}};
		}
		history_row(&h, cells, columns);
	}
	history_end(&h, scores);
	return h.drive >= 0;
}

static double ratio(double a, double b)
{
	return b > 0 ? a / b : 0;
}

static void print_scores(const struct score *scores)
{
	static const char *const names[SEV_COUNT] = {
		[SEV_WARNING] = "WARN", [SEV_CRITICAL] = "CRITICAL"};

	for (enum severity t = SEV_WARNING; t <= SEV_CRITICAL; t++) {
		const struct score *s = &scores[t];

		printf("%s detected %.1f %% at %.2f false/100dy p365 %.2f\n", names[t],
			100 * ratio(s->detected, s->failed),
			100 * ratio(s->false_alarms, s->healthy_hours / YEAR_HOURS),
			ratio(s->followed_failed, s->followed));
	}
}

/* What the product promises of its rules on these histories. */
static int check_scores(const struct score *s)
{
	static const struct {
		enum severity tier;
		double detected, false_alarms, p365;
	} limits[] = {{SEV_WARNING, 0.61, 2.05, 0}, {SEV_CRITICAL, 0.32, 0.45, 0.90}};
	int bad = 0;

	for (unsigned i = 0; i < ARRAY_SIZE(limits); i++) {
		const struct score *t = &s[limits[i].tier];

		bad |= ratio(t->detected, t->failed) < limits[i].detected;
		bad |= 100 * ratio(t->false_alarms, t->healthy_hours / YEAR_HOURS) >
		       limits[i].false_alarms;
		bad |= ratio(t->followed_failed, t->followed) < limits[i].p365;
	}
	if (bad)
		(void)fprintf(stderr, "drive-rules: worse than promised\n");
	return bad;
}

static FILE *open_histories(const char *path, bool *ret_pipe)
{
	size_t len = strlen(path);
	char command[600];

	*ret_pipe = len > 3 && !strcmp(path + len - 3, ".xz");
	if (!*ret_pipe)
		return fopen(path, "re");
	if (access(path, R_OK) || strchr(path, '\'') ||
		!format_text(command, sizeof(command), "exec xz -dc '%s'", path))
		return NULL;
	return popen(command, "re");
}

int main(int argc, char **argv)
{
	struct score scores[2][SEV_COUNT] = {};
	bool assert_limits = argc > 2 && !strcmp(argv[1], "--assert"), piped, ok;
	const char *path = argc > 1 ? argv[argc - 1] : NULL;
	FILE *in;

	if (!path || argc > 2 + assert_limits) {
		(void)fprintf(stderr, "usage: drive-rules [--assert] FILE.csv[.xz]\n");
		return 64;
	}
	in = open_histories(path, &piped);
	if (!in) {
		(void)fprintf(stderr, "drive-rules: no data: %s: %s\n", path, strerror(errno));
		return assert_limits ? SKIP : 1;
	}
	ok = replay(in, scores);
	if (piped ? pclose(in) : fclose(in))
		ok = false;
	if (!ok) {
		(void)fprintf(stderr, "drive-rules: %s cannot be read as drive histories\n", path);
		return 1;
	}
	printf("all models\n");
	print_scores(scores[0]);
	printf("without " DOMINATING "\n");
	print_scores(scores[1]);
	return assert_limits ? check_scores(scores[0]) : 0;
}
