/*
 * mockfleet SPEC… -- PROGRAM ARGS - run a program among simulated drives, under umockdev-wrapper
 *
 * MOCK_CONTROL=IN,OUT: descriptors for lines `add SPEC`, `remove DEV`, `fault DEV FAULT`, `io DEV READS`, `set DEV
 * NAME VALUE`, `report`; each is answered, the last line being "ok" or "no". When IN ends the
 * program is ended.
 */
#include "fleet.h"

#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

static struct fleet fleet;

static void report_drive(FILE *out, const struct sim_drive *d)
{
	fprintf(out, "drive %s serial=%s commands=%u block=%u errors=%" PRIu64 " power=%02x asked",
		d->dev, d->serial, d->commands, d->on_block, d->nvme_errors, d->power);
	for (unsigned i = 0; i < 256; i++)
		if (d->asked[i])
			fprintf(out, " %02x*%u", i, d->asked[i]);
	fprintf(out, " inside");
	for (unsigned i = 0; i < 256; i++)
		if (d->inside[i])
			fprintf(out, " %02x*%u", i, d->inside[i]);
	fprintf(out, "\n");
}

static bool report(FILE *out)
{
	g_mutex_lock(&fleet.lock);
	for (unsigned i = 0; i < fleet.n; i++)
		if (fleet.members[i].drive &&
			text_equal(fleet.members[i].dev, fleet.members[i].drive->dev))
			report_drive(out, fleet.members[i].drive);
	g_mutex_unlock(&fleet.lock);
	return true;
}

static bool change(const char *dev, const char *what, const char *value)
{
	struct sim_drive *d;
	bool ok;

	g_mutex_lock(&fleet.lock);
	d = fleet_find(&fleet, dev);
	if (!d)
		ok = false;
	else if (value[0])
		ok = sim_set(d, what, strtoul(value, NULL, 0));
	else
		ok = sim_parse_fault(what, &d->fault);
	g_mutex_unlock(&fleet.lock);
	return ok;
}

static bool obey(const char *line, FILE *out)
{
	char verb[16] = "", a[512] = "", b[64] = "", c[64] = "";
	int n = sscanf(line, "%15s %511s %63s %63s", verb, a, b, c);

	if (text_equal(verb, "report"))
		return report(out);
	if (text_equal(verb, "add") && n == 2)
		return fleet_add(&fleet, a);
	if (text_equal(verb, "remove") && n == 2)
		return fleet_remove(&fleet, a);
	if (text_equal(verb, "io") && n == 3)
		return fleet_io(&fleet, a, strtoul(b, NULL, 10));
	if (text_equal(verb, "fault") && n == 3)
		return change(a, b, "");
	return text_equal(verb, "set") && n == 4 && change(a, b, c);
}

static void take_orders(FILE *in, FILE *out)
{
	char line[1024];

	while (fgets(line, sizeof(line), in)) {
		fprintf(out, "%s\n", obey(line, out) ? "ok" : "no");
		fflush(out);
	}
}

static pid_t start(char **argv)
{
	pid_t pid = fork();

	if (pid)
		return pid;
	execvp(argv[0], argv);
	perror(argv[0]);
	_exit(127);
}

static int status_of(pid_t pid)
{
	int status = 0;

	if (waitpid(pid, &status, 0) < 0)
		return 127;
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static int run(char **argv)
{
	const char *control = getenv("MOCK_CONTROL");
	int in = -1, out = -1, status;
	FILE *orders, *answers;
	pid_t pid;

	if (control && sscanf(control, "%d,%d", &in, &out) == 2) {
		orders = fdopen(in, "r");
		answers = fdopen(out, "w");
		(void)fcntl(in, F_SETFD, FD_CLOEXEC);
		(void)fcntl(out, F_SETFD, FD_CLOEXEC);
		pid = start(argv);
		take_orders(orders, answers);
		(void)kill(pid, SIGTERM);
		status = status_of(pid);
	} else {
		status = status_of(start(argv));
		report(stderr);
	}
	return status;
}

int main(int argc, char **argv)
{
	int i, status;

	fleet.verbose = getenv("MOCK_VERBOSE") != NULL;
	fleet_open(&fleet);
	/* asked before the first testbed exists it would be false for ever */
	if (!umockdev_in_mock_environment()) {
		fprintf(stderr, "mockfleet: run me under umockdev-wrapper\n");
		return 2;
	}
	for (i = 1; i < argc && !text_equal(argv[i], "--"); i++)
		if (!fleet_add(&fleet, argv[i])) {
			fprintf(stderr, "mockfleet: what is '%s'?\n", argv[i]);
			return 2;
		}
	if (i + 1 >= argc) {
		fprintf(stderr, "mockfleet: SPEC... -- PROGRAM\n");
		return 2;
	}
	fleet_let_in(&fleet);
	status = run(argv + i + 1);
	g_object_unref(fleet.testbed);
	return status;
}
