#include "agent/ctl.h"

#define BIT(o) (1u << (o))
enum {
	FILTERS = BIT(OPT_ARRAY) | BIT(OPT_HEALTH),
	HISTORY = BIT(OPT_SINCE) | BIT(OPT_STATE),
};

/* clang-format off */
const struct ctl_command ctl_commands[] = {
	{"status", "[--nagios]", BIT(OPT_NAGIOS), 0, 0, ctl_status, 0,
		"verdict and margin per array, findings, failover, alerts",
		"Exit 0 ok, 1 warning, 2 critical, 3 unknown or unreachable: the worst of the verdicts and of the findings\n"
		"that nobody has acknowledged. Simulated arrays count only where there is nothing else.\n"
		"--nagios prints one line with performance data."},
	{"watch", "", 0, 0, 0, ctl_watch, 0, "the same, live; says so when it is not", NULL},
	{"drives", "[--array A] [--health H]", FILTERS, 0, 0, ctl_drives, 0, "the drives, needs attention first", NULL},
	{"components", "[--array A] [--kind K] [--health H]", FILTERS | BIT(OPT_KIND), 0, 0, ctl_components, 0,
		"every component", NULL},
	{"show", "ID", 0, 1, 1, ctl_show, 0, "one component: facts, ages, findings",
		"ID is ARRAY/KIND/NAME as ballastctl components prints it, such as san1/canister/B."},
	{"findings", "", 0, 0, 0, ctl_findings, 0, "what holds", NULL},
	{"explain", "RULE|FINDING", 0, 1, 1, ctl_explain, 0, "a finding's evidence, what it means, what to do; or a rule", NULL},
	{"events", "[--follow] [--since 12h] [--array A]", HISTORY | BIT(OPT_FOLLOW) | BIT(OPT_ARRAY), 0, 0, ctl_events, 0,
		"the record log, oldest first",
		"Without --since the last hour. What is older than this call is read from the journal in the state\n"
		"directory (--state DIR, default /var/lib/ballast), so it needs leave to read that."},
	{"report", "[--since 12h]", HISTORY, 0, 0, ctl_report, 0,
		"a hand-over: open, acknowledged by whom, refused, drills, what happened", NULL},
	{"ack", "FINDING --why TEXT [--for 2h]", BIT(OPT_WHY) | BIT(OPT_FOR), 1, 1, ctl_ack, CMD_ACK,
		"quiet until it gets worse",
		"Kept over a restart. Without --for until it clears. Who did it is the uid of the caller."},
	{"unack", "FINDING", 0, 1, 1, ctl_simple, CMD_UNACK, "take an acknowledgement back", NULL},
	{"maintenance start", "ID --for 2h --why TEXT [--allow canister=1]", BIT(OPT_FOR) | BIT(OPT_WHY) | BIT(OPT_ALLOW), 1, 1,
		ctl_maintenance, CMD_MAINTENANCE_START, "quiet for what is worked on",
		"ID is an array or a component. The verdict stays truthful; what --allow permits to be missing stays quiet,\n"
		"the loss of the other half is critical at once. It ends by itself after --for."},
	{"maintenance stop", "ID", 0, 1, 1, ctl_maintenance, CMD_MAINTENANCE_STOP, "end it early", NULL},
	{"adopt", "[ARRAY]", 0, 0, 1, ctl_simple, CMD_ADOPT, "what is there now becomes what is expected", NULL},
	{"forget", "ID", 0, 1, 1, ctl_simple, CMD_FORGET, "a component that is gone for good", NULL},
	{"failover list", "", 0, 0, 0, ctl_failover_list, 0, "plans, their runs and steps", NULL},
	{"failover arm", "PLAN", 0, 1, 1, ctl_simple, CMD_ARM, "let an automatic plan act", NULL},
	{"failover disarm", "PLAN", 0, 1, 1, ctl_simple, CMD_DISARM, "keep an automatic plan from acting", NULL},
	{"failover dry-run", "PLAN", 0, 1, 1, ctl_simple, CMD_DRY_RUN, "gates and check verbs only", NULL},
	{"failover drill", "PLAN", 0, 1, 1, ctl_simple, CMD_DRILL, "rehearse it with the drill verbs", NULL},
	{"failover run", "PLAN --serial SERIAL --why TEXT", BIT(OPT_SERIAL) | BIT(OPT_WHY), 1, 1, ctl_failover_run, CMD_RUN,
		"run it now, by a person",
		"The array's serial is typed out so that it is the right array. The gates hold for people too, but for\n"
		"\"armed\" and \"not in maintenance\"."},
	{"failover approve", "RUN", 0, 1, 1, ctl_simple, CMD_APPROVE, "yes to a run that waits", NULL},
	{"failover deny", "RUN", 0, 1, 1, ctl_simple, CMD_DENY, "no to a run that waits", NULL},
	{"failover abort", "RUN", 0, 1, 1, ctl_simple, CMD_ABORT, "stop after the current verb; then it is frozen", NULL},
	{"failover resume", "RUN", 0, 1, 1, ctl_simple, CMD_RESUME, "go on with a frozen run", NULL},
	{"failover clear", "RUN", 0, 1, 1, ctl_simple, CMD_CLEAR, "acknowledge a run that ended, and re-arm", NULL},
	{"test-alert", "[SINK]", 0, 0, 1, ctl_test_alert, CMD_TEST_ALERT, "a real message through every sink, or one",
		"Waits for the receivers; exit 1 when any refused it, or has not accepted it after 30 s."},
	{"replay", "FILE|NAME...", 0, 1, CTL_WORDS, ctl_replay, 0, "a scenario on virtual time",
		"Prints the timeline of findings, alerts and steps. Exit 0 when its expectations hold, 1 when one does not."},
	{"audit", "", 0, 0, 0, ctl_audit, 0, "what of this host, and of Ballast itself, lives on a watched array",
		"Follows every mount and swap area down to its disks. Exit 0 nothing, 1 something, 3 cannot tell."},
	{"check-config", "FILE", 0, 1, 1, ctl_check_config, 0, "every error of a configuration at once", NULL},
	{"version", "", 0, 0, 0, ctl_version, 0, "this build", NULL},
};
/* clang-format on */
const unsigned ctl_commands_count = ARRAY_SIZE(ctl_commands);
