/*
 * Plays supervisor and engine for the real ballast-courier or ballast-scribe, told what to do line by
 * line on stdin, and telling on stdout what comes back. It decides nothing that is tested.
 */
#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "agent/caps.h"
#include "agent/config_load.h"
#include "agent/role.h"
#include "agent/spawn.h"

static struct {
	struct config config;
	struct secrets secrets;
	const char *config_file;
	enum role role;
	int zygote, supervisor, engine;
	pid_t pid;
	bool deaf; /* what comes back is lost, as when an engine dies */
	struct model model;
} h = {.zygote = -1, .supervisor = -1, .engine = -1};

static void say(const char *fmt, ...) printf_like(1, 2);
static void say(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	fflush(stdout);
}

static void must(int r, const char *what)
{
	if (r >= 0)
		return;
	say("failed %s: %s", what, strerror(-r));
	exit(1);
}

static void pair(int fds[2])
{
	must(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fds) < 0 ? -errno : 0, "socketpair");
}

/* ---- the log ---- */

static void tell(enum msg_type type, const void *body, const int *fds, unsigned nfds)
{
	int r;

	for (unsigned i = 0; i < 5000; i++) {
		r = h.engine < 0 ? 0 : msg_send(h.engine, type, body, fds, nfds);
		if (r != -EAGAIN)
			return;
		(void)poll(NULL, 0, 1);
	}
	say("follower does not read");
}

static void emit_row(enum table t, uint32_t index, const void *row, enum record_type type, enum severity severity,
	const char *text)
{
	struct record r = {.sequence = h.model.sequence + 1, .at_ms = boot_ms(), .wall_ms = wall_ms(), .type = (uint16_t)type,
		.table = (uint16_t)t, .index = index, .array = 0, .incident = NONE16, .severity = (uint8_t)severity,
		.quiet = !text};

	copy_text(r.text, sizeof(r.text), text);
	memcpy(r.row, row, row_size(t));
	must(model_apply(&h.model, &r), "model_apply");
	tell(MSG_RECORD, &r, NULL, 0);
}

static void snapshot(void)
{
	cleanup_(freep) void *block = NULL;
	struct msg_snapshot s = {.sequence = h.model.sequence};
	size_t size;
	int fd;

	must(model_pack(&h.model, build_id(), &block, &size), "model_pack");
	fd = memfd_sealed("snapshot", block, size);
	must(fd, "memfd");
	s.size = size;
	tell(MSG_SNAPSHOT, &s, &fd, 1);
	close(fd);
}

static void first_rows(void)
{
	struct self_row self = {.used = 1, .host = "test.example"};
	struct array_row array = {.used = 1, .name = "san1", .serial = "78N16G4", .incident = NONE16, .services = "dns, imap"};

	h.model.epoch = (uint64_t)(wall_ms() / 1000);
	h.model.sequence = h.model.epoch << 20;
	emit_row(TABLE_SELF, 0, &self, REC_START, SEV_INFO, "started");
	emit_row(TABLE_ARRAY, 0, &array, REC_ARRAY, SEV_NONE, NULL);
}

static void sink_rows(void)
{
	for (uint32_t i = 0; i < h.config.nsinks; i++) {
		struct sink_row s = {.used = 1, .type = h.config.sinks[i].type};
		const struct sink_row *old = sink_at(&h.model, i);

		copy_text(s.name, sizeof(s.name), cfg_str(&h.config, h.config.sinks[i].name));
		if (old && !strcmp(old->name, s.name))
			copy_text(s.address, sizeof(s.address), old->address);
		emit_row(TABLE_SINK, i, &s, REC_SINK, SEV_NONE, NULL);
	}
}

/* ---- the supervisor ---- */

static void send_config(bool initial)
{
	struct msg_config m = {.config_size = sizeof(h.config), .secrets_size = sizeof(h.secrets), .initial = initial};
	struct config_errors errs = {.err = stderr};
	int fds[2];

	must(config_load(h.config_file, &h.config, &errs), "config");
	must(config_secrets(&h.config, &h.secrets, &errs), "secrets");
	h.config.size = sizeof(h.config);
	fds[0] = memfd_sealed("config", &h.config, sizeof(h.config));
	fds[1] = memfd_sealed("secrets", &h.secrets, sizeof(h.secrets));
	must(msg_send(h.supervisor, MSG_CONFIG, &m, fds, h.role == ROLE_COURIER ? 2 : 1), "config");
	close(fds[0]);
	close(fds[1]);
}

static void connect_engine(void)
{
	struct msg_hello hello = {.build = build_id(), .role = ROLE_ENGINE};
	struct msg_peer p = {.role = ROLE_ENGINE};
	int fds[2];

	closep(&h.engine);
	pair(fds);
	h.engine = fds[0];
	must(msg_send(h.supervisor, MSG_ENGINE, &p, &fds[1], 1), "engine link");
	close(fds[1]);
	tell(MSG_HELLO, &hello, NULL, 0);
	snapshot();
}

static void wait_for(int fd, enum msg_type type, struct msg *m)
{
	struct pollfd p = {.fd = fd, .events = POLLIN};

	for (;;) {
		int r = poll(&p, 1, 60000) > 0 ? msg_recv(fd, m) : -ETIME;

		if (r == -EAGAIN)
			continue;
		must(r > 0 ? 0 : r ? r : -EPIPE, "wait for the executable");
		if (m->type == type)
			return;
		msg_close_fds(m);
	}
}

static void fork_role(void)
{
	struct msg_fork f = {.role = (uint16_t)h.role, .demo = geteuid() != 0};
	struct msg m;
	int fds[2];

	closep(&h.supervisor);
	pair(fds);
	h.supervisor = fds[0];
	must(msg_send(h.zygote, MSG_FORK, &f, &fds[1], 1), "fork");
	close(fds[1]);
	wait_for(h.zygote, MSG_FORKED, &m);
	h.pid = m.u.forked.pid;
	msg_close_fds(&m);
	say("forked %d", (int)h.pid);
	send_config(true);
	connect_engine();
}

static void start_zygote(const char *path)
{
	char option[] = ZYGOTE_OPTION;
	char *argv[] = {(char *)(uintptr_t)path, option, NULL};
	struct spawn s = {.path = path, .argv = argv, .envp = environ, .fds = {-1, 2, 2, -1}, .nfds = 4, .die_with_parent = true};
	struct spawned child;
	struct msg m;
	int fds[2];

	pair(fds);
	s.fds[3] = fds[1];
	must(spawn_start(&s, &child), "spawn");
	close(fds[1]);
	h.zygote = fds[0];
	wait_for(h.zygote, MSG_HELLO, &m);
}

static void end_role(int sig)
{
	siginfo_t si;

	if (h.pid <= 0)
		return;
	(void)kill(h.pid, sig);
	(void)waitid(P_PID, (id_t)h.pid, &si, WEXITED | __WALL);
	h.pid = 0;
}

/* ---- what comes back ---- */

static uint32_t alert_of(uint64_t sequence)
{
	for (uint32_t i = 0; i < alert_count(&h.model); i++)
		if (alert_at(&h.model, i)->used && alert_at(&h.model, i)->sequence == sequence)
			return i;
	return NONE32;
}

static void on_delivery(const struct delivery *d)
{
	static const char *const words[] = {"accepted", "retry", "parked"};
	uint32_t i = alert_of(d->sequence);
	struct alert_row a;

	say("delivery %llu %s %s http=%u attempt=%u in=%lld error=%s", (unsigned long long)d->sequence,
		cfg_str(&h.config, h.config.sinks[d->sink].name), word_in(words, ARRAY_SIZE(words), d->result), d->http,
		d->attempt, d->next_try_wall_ms ? (long long)(d->next_try_wall_ms - wall_ms()) : 0LL, d->error);
	if (*d->address) {
		struct sink_row s = *sink_at(&h.model, d->sink);

		say("address %s %s", s.name, d->address);
		copy_text(s.address, sizeof(s.address), d->address);
		emit_row(TABLE_SINK, d->sink, &s, REC_SINK, SEV_NONE, NULL);
	}
	if (i == NONE32 || d->result == DELIVERY_RETRY)
		return;
	a = *alert_at(&h.model, i);
	if (d->result == DELIVERY_ACCEPTED)
		a.done |= 1u << d->sink;
	else
		a.parked |= 1u << d->sink;
	if (a.done == a.wanted)
		a.used = 0;
	emit_row(TABLE_ALERT, i, &a, REC_ALERT_DELIVERED, SEV_NONE, NULL);
}

static void on_engine_link(void)
{
	struct msg m;
	int r;

	while ((r = msg_recv(h.engine, &m)) > 0) {
		if (h.deaf)
			say("lost %u", m.type);
		else if (m.type == MSG_DELIVERY)
			on_delivery(&m.u.delivery);
		else if (m.type == MSG_JOURNAL)
			say("journal %s durable=%lld waiting=%u error=%s", journal_state_text(m.u.journal.state),
				(long long)(m.u.journal.durable_sequence - (h.model.epoch << 20)), m.u.journal.waiting,
				m.u.journal.error);
		msg_close_fds(&m);
	}
	if (r == -EAGAIN)
		return;
	closep(&h.engine);
	h.engine = -1;
	say("link closed");
}

/* ---- what is asked for ---- */

/* "alert SEVERITY SUBJECT SUMMARY" */
static void cmd_alert(const char *args)
{
	struct alert_row a = {.used = 1, .type = ALERT_FINDING_FIRING, .array = 0, .incident = NONE16, .plan = NONE16,
		.finding = NONE32, .component = NONE32, .epoch = h.model.epoch, .sequence = h.model.sequence + 1,
		.created_wall_ms = wall_ms(), .created_ms = boot_ms(), .rule_id = "canister.service", .margin_known = 1};
	char severity[16];

	if (sscanf(args, "%15s %95s %159[^\n]", severity, a.subject, a.summary) != 3)
		exit(64);
	a.severity = (uint8_t)severity_from_text(severity);
	a.wanted = (1u << h.config.nsinks) - 1;
	say("alert %llu", (unsigned long long)a.sequence);
	emit_row(TABLE_ALERT, model_free_index(&h.model, TABLE_ALERT), &a, REC_ALERT_NEW, a.severity, a.summary);
}

/* "component NAME": adopted, so that it has to be on disk; "event SEVERITY TEXT"; "noise N" quiet records */
static void cmd_component(const char *args)
{
	struct component_row c = {.used = 1, .kind = KIND_CANISTER, .flags = COMPONENT_ADOPTED, .slot = -1};

	copy_text(c.name, sizeof(c.name), args);
	emit_row(TABLE_COMPONENT, component_count(&h.model), &c, REC_ADOPTED, SEV_INFO, "adopted");
}

static void cmd_event(const char *args)
{
	char severity[16], text[TEXT_MAX];

	if (sscanf(args, "%15s %159[^\n]", severity, text) != 2)
		exit(64);
	emit_row(TABLE_ARRAY, 0, array_at(&h.model, 0), REC_VERDICT, severity_from_text(severity), text);
	say("event %lld", (long long)(h.model.sequence - (h.model.epoch << 20)));
}

static void cmd_noise(const char *args)
{
	for (long i = strtol(args, NULL, 10); i > 0; i--)
		emit_row(TABLE_ARRAY, 0, array_at(&h.model, 0), REC_ARRAY, SEV_NONE, NULL);
}

static void cmd_beat(const char *args)
{
	struct msg_beat b = {.at_ms = boot_ms(), .wall_ms = wall_ms(), .sequence = h.model.sequence};

	(void)args;
	tell(MSG_BEAT, &b, NULL, 0);
}

static void cmd_kill(const char *args)
{
	(void)args;
	end_role(SIGKILL);
	fork_role();
}

static void cmd_deaf(const char *args)
{
	(void)args;
	h.deaf = true;
}

static void cmd_engine(const char *args)
{
	(void)args;
	h.deaf = false;
	connect_engine();
}

static void cmd_config(const char *args)
{
	(void)args;
	send_config(false);
	sink_rows();
}

/* orderly end: the supervisor hangs up, and the role may finish */
static void cmd_stop(const char *args)
{
	(void)args;
	closep(&h.supervisor);
	h.supervisor = -1;
	end_role(0);
	say("stopped");
}

static const struct {
	const char *name;
	void (*run)(const char *args);
} commands[] = {
	{"alert", cmd_alert}, {"component", cmd_component}, {"event", cmd_event}, {"noise", cmd_noise}, {"beat", cmd_beat},
	{"kill", cmd_kill}, {"engine", cmd_engine}, {"deaf", cmd_deaf}, {"config", cmd_config}, {"stop", cmd_stop},
};

static void command(char *line)
{
	char *args = line + strcspn(line, " \n");

	if (*args)
		*args++ = 0;
	args[strcspn(args, "\n")] = 0;
	for (size_t i = 0; i < ARRAY_SIZE(commands); i++)
		if (!strcmp(line, commands[i].name))
			commands[i].run(args);
}

int main(int argc, char **argv)
{
	char line[1024];

	if (argc != 4)
		return 64;
	(void)signal(SIGPIPE, SIG_IGN);
	(void)prctl(PR_SET_PDEATHSIG, SIGKILL);
	setvbuf(stdin, NULL, _IONBF, 0);
	h.role = !strcmp(argv[1], "scribe") ? ROLE_SCRIBE : ROLE_COURIER;
	h.config_file = argv[3];
	caps_load_users();
	start_zygote(argv[2]);
	first_rows();
	{
		struct config_errors errs = {.err = stderr};

		must(config_load(h.config_file, &h.config, &errs), "config");
	}
	sink_rows();
	say("uid %d", geteuid() ? (int)geteuid() : (int)caps_uid(h.role, BUS_SCSI));
	fork_role();
	say("ready");
	for (;;) {
		struct pollfd p[2] = {{.fd = 0, .events = POLLIN}, {.fd = h.engine, .events = POLLIN}};

		if (poll(p, 2, -1) < 0)
			return 1;
		if (p[1].revents && h.engine >= 0)
			on_engine_link();
		if (!p[0].revents)
			continue;
		if (!fgets(line, sizeof(line), stdin))
			break;
		command(line);
	}
	end_role(SIGKILL);
	return 0;
}
