/* One command by the system's ssh: the key from memory, the host key known beforehand, one deadline. */
#include "probes/manage_look.h"

#include <errno.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SSH_ARGS = 80, SSH_TEXT = 4096, SSH_OWN_STATUS = 255, SSH_PORT = 22, COMMAND_MS = 10000 };

struct arguments {
	char text[SSH_TEXT], *end;
	char *argv[SSH_ARGS];
	unsigned n;
};

static bool push(struct arguments *a, const char *prefix, const char *text)
{
	size_t left = (size_t)(a->text + sizeof(a->text) - a->end);

	if (a->n == SSH_ARGS - 1 || !format_text(a->end, left, "%s%s", prefix, text))
		return false;
	a->argv[a->n++] = a->end;
	a->end += strlen(a->end) + 1;
	return true;
}

static bool push_option(struct arguments *a, const char *option, const char *value)
{
	return push(a, "", "-o") && push(a, option, value);
}

/* Old code knows no other algorithms; the host's key itself has to be the known one all the same. */
static const char *const fixed_options[] = {"BatchMode=yes", "StrictHostKeyChecking=yes",
	"GlobalKnownHostsFile=/dev/null", "UpdateHostKeys=no", "CheckHostIP=no", "IdentitiesOnly=yes", "IdentityAgent=none",
	"PreferredAuthentications=publickey", "ForwardAgent=no", "ForwardX11=no", "ClearAllForwardings=yes",
	"PermitLocalCommand=no", "RequestTTY=no", "EscapeChar=none", "LogLevel=ERROR", "ConnectTimeout=4",
	"HostKeyAlgorithms=+ssh-rsa", "PubkeyAcceptedAlgorithms=+ssh-rsa",
	"KexAlgorithms=+diffie-hellman-group14-sha1"};

static bool make_arguments(const struct manage *m, const char *command, struct arguments *a)
{
	const struct manage_settings *s = m->look->settings;
	char host[128], port[8];
	bool ok;

	format_text(port, sizeof(port), "%u", place_host(s->address[m->index], host, sizeof(host), SSH_PORT));
	a->end = a->text;
	/* standard input: each opening of it begins anew, while what ssh itself reads of it is at its end */
	ok = push(a, "", "/usr/bin/ssh") && push(a, "", "-F") && push(a, "", "none") && push(a, "", "-i") &&
	     push(a, "", "/proc/self/fd/0");
	for (size_t i = 0; ok && i < ARRAY_SIZE(fixed_options); i++)
		ok = push_option(a, "", fixed_options[i]);
	ok = ok && push_option(a, "UserKnownHostsFile=", s->known_hosts) && push_option(a, "HostName=", m->place->resolved);
	if (ok && strcmp(host, m->place->resolved) != 0)
		ok = push_option(a, "HostKeyAlias=", host);
	return ok && push(a, "", "-p") && push(a, "", port) && push(a, "", "-l") && push(a, "", s->user) &&
	       push(a, "", "--") && push(a, "", host) && push(a, "", command);
}

/* Ours alone to read: ssh takes no key that others could. */
static int key_descriptor(const char *text)
{
	cleanup_(closep) int fd = memfd_create("ballast-key", MFD_CLOEXEC);
	size_t len = strlen(text);

	if (fd < 0 || fchmod(fd, 0600) < 0)
		return -errno;
	return write(fd, text, len) == (ssize_t)len ? take_fd(&fd) : -EIO;
}

static enum outcome judge(struct manage *m, enum outcome o, const struct manage_ran *ran)
{
	const char *address = m->look->settings->address[m->index];

	if (o == OUTCOME_OK)
		return o;
	if (ran->status != SSH_OWN_STATUS)
		return manage_fail(m, o == OUTCOME_STUCK ? OUTCOME_TIMEOUT : o, "%s: %s", address, ran->error);
	if (strstr(ran->error, "Permission denied") || strstr(ran->error, "Host key") || strstr(ran->error, "host key"))
		return manage_fail(m, OUTCOME_REFUSED, "%s: %s", address, ran->error);
	/* the greeting that does not come is not a connection that does not */
	if (strstr(ran->error, "banner exchange"))
		return manage_fail(m, OUTCOME_TIMEOUT, "%s: takes connections, but does not greet", address);
	return manage_fail(m, OUTCOME_GONE, "%s: %s", address, ran->error);
}

enum outcome manage_command(struct manage *m, const char *command, struct manage_answer *ret)
{
	cleanup_(closep) int key = key_descriptor(m->look->settings->identity);
	struct arguments a = {};
	struct manage_ran ran = {};
	uint64_t now = boot_ms(), left = m->deadline_ms > now ? m->deadline_ms - now : 1;
	enum outcome o;

	*ret = (struct manage_answer){};
	if (!m->look->run || key < 0 || !make_arguments(m, command, &a))
		return manage_fail(m, OUTCOME_REFUSED, "ssh cannot be started for it");
	o = m->look->run(a.argv, key, (uint32_t)MIN_OF(left, (uint64_t)COMMAND_MS), &ran);
	free(m->body);
	m->body = ran.output ? ran.output : calloc(1, 1);
	m->len = ran.output ? ran.len : 0;
	o = judge(m, m->body ? o : OUTCOME_ERROR, &ran);
	*ret = (struct manage_answer){.status = ran.status >= 0 && ran.status != SSH_OWN_STATUS ? 200 : 0,
		.body = m->body, .len = m->len, .headers = ""};
	return o;
}
