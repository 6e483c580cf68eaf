/* ballastd: the supervisor, or, as its own zygote, the engine and the runner. */
#include <getopt.h>
#include <stdio.h>

#include "agent/log.h"
#include "agent/notify.h"
#include "agent/supervisor.h"

enum { OPT_DEMO = 256, OPT_CHECK, OPT_LISTEN, OPT_CONTROL, OPT_STATE, OPT_VERSION, OPT_HELP };

static const char usage[] =
	"usage: ballastd [-c FILE] [--demo[=SCENARIO]] [--check] [--listen ADDR:PORT]\n"
	"                [--control PATH] [--state DIR] [--version] [--help]\n"
	"\n"
	"  -c FILE            configuration, default " CONFIG_FILE "\n"
	"  --demo[=SCENARIO]  play a simulated array: no root, no files but in a temporary directory\n"
	"  --check            tell every mistake in the configuration, start nothing\n"
	"  --listen ADDR:PORT page, API and metrics, default 127.0.0.1:9877\n"
	"  --control PATH     control socket, default /run/ballast/control.sock\n"
	"  --state DIR        journal and history, default /var/lib/ballast\n"
	"\n"
	"Stays in the foreground and logs to stderr. SIGHUP reads the configuration again.\n";

static const struct option options[] = {
	{"config", required_argument, NULL, 'c'},
	{"demo", optional_argument, NULL, OPT_DEMO},
	{"check", no_argument, NULL, OPT_CHECK},
	{"listen", required_argument, NULL, OPT_LISTEN},
	{"control", required_argument, NULL, OPT_CONTROL},
	{"state", required_argument, NULL, OPT_STATE},
	{"version", no_argument, NULL, OPT_VERSION},
	{"help", no_argument, NULL, OPT_HELP},
	{},
};

/* Return: -1 go on, else the exit status. */
static int parse(int argc, char **argv, struct loader_request *rq, bool *check)
{
	int o;

	while ((o = getopt_long(argc, argv, "c:", options, NULL)) != -1) {
		if (o == 'c')
			rq->file = optarg;
		else if (o == OPT_DEMO)
			rq->demo = optarg ? optarg : "";
		else if (o == OPT_CHECK)
			*check = true;
		else if (o == OPT_LISTEN)
			rq->listen = optarg;
		else if (o == OPT_CONTROL)
			rq->control = optarg;
		else if (o == OPT_STATE)
			rq->state = optarg;
		else if (o == OPT_VERSION)
			return printf("ballastd %s (build %016llx)\n", BALLAST_VERSION,
				       (unsigned long long)build_id()) < 0;
		else
			return fputs(usage, o == OPT_HELP ? stdout : stderr) < 0 || o != OPT_HELP
				       ? 64
				       : 0;
	}
	if (optind < argc)
		fprintf(stderr,
			"ballastd: does not know what to do with '%s'; see ballastd --help\n",
			argv[optind]);
	return optind < argc ? 64 : -1;
}

int main(int argc, char **argv)
{
	static const struct role_entry roles[] = {{ROLE_ENGINE, &engine_role_ops},
		{ROLE_RUNNER, &runner_role_ops}, {ROLE_SUPERVISOR, NULL}};
	struct loader_request rq = {};
	bool check = false;
	int status;

	if (argc == 2 && !strcmp(argv[1], ZYGOTE_OPTION))
		return role_main(argc, argv, roles);
	status = parse(argc, argv, &rq, &check);
	if (status >= 0)
		return status;
	if (check)
		return config_check(rq.file ? rq.file : CONFIG_FILE, stderr);
	log_own_stderr();
	log_set_name("ballastd");
	notify_init();
	status = supervisor_run(&rq);
	log_finish();
	return status;
}
