#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "agent/listen_plan.h"
#include "agent/supervisor.h"

enum { BACKLOG = 1024, CONTROL_BACKLOG = 64 };

union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
};

/* "127.0.0.1:9877" or "[::1]:9877": literal, since resolving a name could wait. */
static int parse_address(const char *text, union address *ret, socklen_t *ret_len)
{
	const char *colon = strrchr(text, ':');
	char host[64], *end;
	unsigned long port;
	size_t n;

	if (!colon || colon[1] < '0' || colon[1] > '9')
		return -EINVAL;
	port = strtoul(colon + 1, &end, 10);
	n = (size_t)(colon - text);
	if (*end || port > 65535 || n >= sizeof(host))
		return -EINVAL;
	format_text(host, sizeof(host), "%.*s", (int)n, text);
	memset(ret, 0, sizeof(*ret));
	if (host[0] == '[' && host[n - 1] == ']') {
		host[n - 1] = '\0';
		ret->v6 = (struct sockaddr_in6){
			.sin6_family = AF_INET6, .sin6_port = htons((uint16_t)port)};
		*ret_len = sizeof(ret->v6);
		return inet_pton(AF_INET6, host + 1, &ret->v6.sin6_addr) == 1 ? 0 : -EINVAL;
	}
	ret->v4 = (struct sockaddr_in){.sin_family = AF_INET, .sin_port = htons((uint16_t)port)};
	*ret_len = sizeof(ret->v4);
	return inet_pton(AF_INET, host, &ret->v4.sin_addr) == 1 ? 0 : -EINVAL;
}

static const char *advice(int error)
{
	if (error == EADDRINUSE)
		return "another program listens there; stop it or choose another port with --listen";
	if (error == EADDRNOTAVAIL)
		return "this host has no such address; choose another with --listen";
	if (error == EACCES)
		return "ports below 1024 need root; choose another with --listen";
	return "give ADDRESS:PORT with a literal address, as in 127.0.0.1:9877 or [::1]:9877";
}

static int listen_tcp(const char *text)
{
	cleanup_(closep) int fd = -1;
	union address a;
	socklen_t len;
	int on = 1, r = parse_address(text, &a, &len);

	if (r < 0)
		return r;
	fd = socket(a.any.sa_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (a.any.sa_family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (bind(fd, &a.any, len) < 0 || listen(fd, BACKLOG) < 0)
		return -errno;
	return take_fd(&fd);
}

static int listen_http(struct supervisor *s)
{
	for (unsigned i = 0; i < s->config->nlisten; i++) {
		const char *text = cfg_str(s->config, s->config->listen[i]);
		int fd = listen_tcp(text);

		if (fd < 0) {
			supervisor_fail(
				s, "cannot listen on %s: %s: %s", text, strerror(-fd), advice(-fd));
			return fd;
		}
		s->listen[s->nlisten++] = fd;
	}
	return 0;
}

static int make_folder(const char *path)
{
	char folder[PATH_MAX], *slash;

	if (!copy_text(folder, sizeof(folder), path))
		return -ENAMETOOLONG;
	slash = strrchr(folder, '/');
	if (!slash || slash == folder)
		return 0;
	*slash = '\0';
	return mkdir(folder, 0755) < 0 && errno != EEXIST ? -errno : 0;
}

/* A socket that nobody answers on is left over by a Ballast that was killed. */
static int clear_way(const struct sockaddr_un *a)
{
	cleanup_(closep) int fd = -1;
	struct stat st;

	if (lstat(a->sun_path, &st) < 0)
		return errno == ENOENT ? 0 : -errno;
	if (!S_ISSOCK(st.st_mode))
		return -EEXIST;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (connect(fd, (const struct sockaddr *)a, sizeof(*a)) == 0 || errno == EAGAIN)
		return -EADDRINUSE;
	if (errno != ECONNREFUSED)
		return -errno;
	return unlink(a->sun_path) < 0 ? -errno : 0;
}

void sup_give_control(const struct supervisor *s, const char *path)
{
	if (!geteuid() && !s->demo && *path && lchown(path, (uid_t)-1, s->config->control_gid) < 0)
		log_line(4, "cannot give the control socket to its group group='%s' error='%m'",
			cfg_str(s->config, s->config->control_group));
}

static int listen_unix(const struct supervisor *s, const char *path)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	cleanup_(closep) int fd = -1;
	mode_t mask;
	int r;

	if (!copy_text(a.sun_path, sizeof(a.sun_path), path))
		return -ENAMETOOLONG;
	r = make_folder(path);
	if (r == 0)
		r = clear_way(&a);
	if (r < 0)
		return r;
	fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	mask = umask(0177);
	r = bind(fd, (const struct sockaddr *)&a, sizeof(a)) < 0 ? -errno : 0;
	umask(mask);
	if (r < 0)
		return r;
	sup_give_control(s, path);
	if (chmod(path, 0660) < 0 || listen(fd, CONTROL_BACKLOG) < 0)
		return -errno;
	return take_fd(&fd);
}

static int listen_control(struct supervisor *s)
{
	const char *path = cfg_str(s->config, s->config->control_path);

	s->control = listen_unix(s, path);
	if (s->control >= 0) {
		copy_text(s->control_path, sizeof(s->control_path), path);
		return 0;
	}
	if (s->control == -EADDRINUSE)
		supervisor_fail(s,
			"another ballastd answers on %s; stop it or choose another path with --control",
			path);
	else
		supervisor_fail(s,
			"cannot make the control socket %s: %s; choose another path with --control",
			path, strerror(-s->control));
	return s->control;
}

int sup_listen_all(struct supervisor *s)
{
	int r = listen_http(s);

	return r < 0 ? r : listen_control(s);
}

static int hear_on(const struct listen_socket *w, const char *text)
{
	int type = w->kind == LISTEN_SYSLOG_TCP ? SOCK_STREAM : SOCK_DGRAM;
	union address a = {.v4 = {.sin_family = AF_INET}};
	socklen_t len = 0;
	int on = 1, r = parse_address(text, &a, &len), fd;

	fd = socket(a.any.sa_family, type | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd < 0)
		return -errno;
	if (type == SOCK_STREAM)
		(void)setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on));
	if (a.any.sa_family == AF_INET6)
		(void)setsockopt(fd, IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof(on));
	if (r < 0 || bind(fd, &a.any, len) < 0 || (type == SOCK_STREAM && listen(fd, BACKLOG) < 0))
		log_line(4, "cannot listen for %s, going on without address='%s' error='%s'",
			listen_kind_text(w->kind), text, strerror(r < 0 ? -r : errno));
	return fd;
}

static void stop_hearing(struct supervisor *s)
{
	for (unsigned i = 0; i < s->nheard; i++)
		closep(&s->heard[i]);
	s->nheard = 0;
}

bool sup_hear(struct supervisor *s)
{
	struct listen_socket plan[CFG_LISTEN];
	int n = listen_plan(s->config, s->config->nsources, plan);
	char on[CFG_LISTEN][sizeof(s->heard_on[0])] = {};
	bool same = n == (int)s->nheard;

	for (int i = 0; i < n; i++) {
		format_text(on[i], sizeof(on[i]), "%u %s", plan[i].kind, cfg_str(s->config, plan[i].address));
		same = same && text_equal(on[i], s->heard_on[i]);
	}
	if (same)
		return false;
	stop_hearing(s);
	memcpy(s->heard_on, on, sizeof(on));
	for (int i = 0; i < n; i++) {
		int fd = hear_on(&plan[i], cfg_str(s->config, plan[i].address));

		if (fd < 0) {
			log_line(3, "cannot make a socket, hearing no array error='%s'", strerror(-fd));
			stop_hearing(s);
			break;
		}
		s->heard[s->nheard++] = fd;
	}
	return true;
}

void sup_listen_close(struct supervisor *s)
{
	stop_hearing(s);
	for (unsigned i = 0; i < s->nlisten; i++)
		closep(&s->listen[i]);
	s->nlisten = 0;
	closep(&s->control);
	s->control = -1;
	if (s->control_path[0])
		(void)unlink(s->control_path);
}
