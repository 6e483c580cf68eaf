#include "agent/loader_parts.h"

#include <errno.h>
#include <grp.h>
#include <limits.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/config_parts.h"
#include "agent/marks.h"

enum { MARKS_MAX = 64 * 1024 * 1024 };

/* What one load makes; all of it is handed over as memfds. */
struct loaded {
	struct config config;
	struct secrets secrets;
	struct credentials credentials;
};

static void override(struct config *c, const char *option, const char *text, cfg_text *at,
	bool (*valid)(const char *, char *, size_t), struct config_errors *errs)
{
	char why[160];
	bool full = false;

	if (!text)
		return;
	if (!valid(text, why, sizeof(why))) {
		config_error(errs, "%s: error: %s", option, why);
		return;
	}
	*at = cfg_put(c, text, &full);
	if (full)
		config_error(errs, "%s: error: the texts together are too long", option);
}

/* The configuration says where the socket is, for everybody who tells people: not where it will be one day. */
static void keep_control(const struct loader_request *rq, struct config *c, struct config_errors *errs)
{
	if (!rq->bound || text_equal(cfg_str(c, c->control_path), rq->bound))
		return;
	fprintf(stderr, "<4>the control socket moves at the next start, keeping it path='%s'\n",
		rq->bound);
	override(c, "control", rq->bound, &c->control_path, path_valid, errs);
}

static int load(const struct loader_request *rq, struct config *c, struct config_errors *errs)
{
	int r = rq->demo ? demo_load(rq, c, errs)
			 : config_load(rq->file ? rq->file : CONFIG_FILE, c, errs);

	if (r < 0)
		return r;
	override(c, "--listen", rq->listen, &c->listen[0], listen_valid, errs);
	if (rq->listen)
		c->nlisten = 1;
	override(c, "--control", rq->control, &c->control_path, path_valid, errs);
	keep_control(rq, c, errs);
	if (!rq->demo)
		override(c, "--state", rq->state, &c->state_directory, path_valid, errs);
	c->generation = rq->generation;
	return errs->count ? -EINVAL : 0;
}

static void forgotten(struct config *c, const char *path, const char *why)
{
	char text[256];
	bool full = false;

	fprintf(stderr, "<4>cannot use what was remembered, starting without path='%s' error='%s'\n", path, why);
	format_text(text, sizeof(text), "%s: %s", path, why);
	c->marks_lost = cfg_put(c, text, &full);
}

/* Kept, since it may be all that is left of what people said; but out of the way of the next one. */
static void set_aside(struct config *c, const char *path, const char *why)
{
	char aside[PATH_MAX];

	format_text(aside, sizeof(aside), "%s.unreadable-%lld", path, (long long)wall_ms() / 1000);
	forgotten(c, rename(path, aside) < 0 ? path : aside, why);
}

/* Return: 1 @m is filled, 0 there are no marks. */
static int read_marks(struct config *c, struct model *m)
{
	struct marks_time now = {.now_ms = boot_ms(), .wall_ms = wall_ms()};
	cleanup_(freep) char *text = NULL;
	char path[PATH_MAX], why[160] = "";
	size_t len = 0;
	struct stat st;
	int r;

	format_text(path, sizeof(path), "%s/marks.json", cfg_str(c, c->state_directory));
	/* the folder is the scribe's, we are root: no link is followed and no pipe waited for */
	if (lstat(path, &st) == 0 && !S_ISREG(st.st_mode)) {
		set_aside(c, path, "not a regular file");
		return 0;
	}
	r = slurp(path, MARKS_MAX, &text, &len);
	if (r == -ENOENT)
		return 0;
	if (r < 0) {
		forgotten(c, path, strerror(-r));
		return 0;
	}
	r = marks_read(text, len, c, &now, m, why, sizeof(why));
	if (r < 0) {
		set_aside(c, path, why);
		return 0;
	}
	/* a cold start: ids of alerts must not repeat */
	m->epoch = MAX_OF(m->epoch + 1, (uint64_t)now.wall_ms / 1000);
	return 1;
}

/* /etc/group only: a name service may ask the network. Read here: the supervisor waits for no disk. */
static void find_group(struct config *c)
{
	const char *name = cfg_str(c, c->control_group);
	FILE *f = *name ? fopen("/etc/group", "re") : NULL;
	struct group *g = NULL;

	if (!*name)
		return;
	while (f && (g = fgetgrent(f)) && strcmp(g->gr_name, name) != 0)
		;
	if (g)
		c->control_gid = g->gr_gid;
	else
		fprintf(stderr, "<4>no such group in /etc/group, only root may use the control socket group='%s'\n", name);
	if (!g)
		c->control_group = 0;
	if (f)
		(void)fclose(f);
}

static int send_memfd(
	int socket, enum msg_type type, const void *body, const int *fds, unsigned nfds)
{
	int r = msg_send(socket, type, body, fds, nfds);

	if (r < 0)
		fprintf(stderr, "<3>cannot hand the configuration over error='%s'\n", strerror(-r));
	return r;
}

static int send_marks(const struct model *m, int socket)
{
	struct msg_checkpoint body;
	cleanup_(freep) void *block = NULL;
	cleanup_(closep) int fd = -1;
	size_t size = 0;
	int r = model_pack(m, build_id(), &block, &size);

	body = (struct msg_checkpoint){.size = size, .sequence = m->sequence};
	if (r < 0)
		return r;
	fd = memfd_sealed("ballast-marks", block, size);
	return fd < 0 ? fd : send_memfd(socket, MSG_CHECKPOINT, &body, &fd, 1);
}

static int send_config(const struct loader_request *rq, const struct loaded *l, int socket)
{
	struct msg_config body = {.config_size = sizeof(l->config),
		.secrets_size = sizeof(l->secrets),
		.generation = rq->generation,
		.initial = rq->initial};
	cleanup_(closep) int config = memfd_sealed("ballast-config", &l->config, sizeof(l->config));
	cleanup_(closep) int secrets =
		memfd_sealed("ballast-secrets", &l->secrets, sizeof(l->secrets));

	cleanup_(closep) int credentials = -1;

	if (config < 0 || secrets < 0)
		return MIN_OF(config, secrets);
	if (l->credentials.used) {
		body.credentials_size = offsetof(struct credentials, pool) + l->credentials.used;
		credentials = memfd_sealed("ballast-credentials", &l->credentials, body.credentials_size);
		if (credentials < 0)
			return credentials;
	}
	return send_memfd(socket, MSG_CONFIG, &body, (int[]){config, secrets, credentials}, credentials < 0 ? 2 : 3);
}

/* The marks are read first: that they cannot be used is in the configuration that goes before them. */
static int send_all(const struct loader_request *rq, struct loaded *l, int socket)
{
	struct model marks = {};
	bool known = rq->initial && !rq->demo && read_marks(&l->config, &marks);
	int r = send_config(rq, l, socket);

	if (r == 0 && known)
		r = send_marks(&marks, socket);
	model_clear(&marks);
	return r;
}

int loader_run(const struct loader_request *rq, int reply_socket)
{
	struct loaded *l = calloc(1, sizeof(*l));
	struct config_errors errs = {.err = stderr};
	struct msg_reloaded end = {};
	int r = l ? load(rq, &l->config, &errs) : -ENOMEM;

	if (r == 0)
		r = config_secrets(&l->config, &l->secrets, &errs);
	if (r == 0)
		r = config_credentials(&l->config, &l->credentials, &errs);
	if (r == 0) {
		find_group(&l->config);
		r = send_all(rq, l, reply_socket);
	}
	if (l) {
		explicit_bzero(&l->secrets, sizeof(l->secrets));
		explicit_bzero(&l->credentials, sizeof(l->credentials));
	}
	free(l);
	if (r < 0 && !errs.count)
		config_error(&errs, "%s", strerror(-r));
	end.ok = r == 0;
	end.errors = errs.count;
	copy_text(end.first_error, sizeof(end.first_error), errs.first);
	if (send_memfd(reply_socket, MSG_RELOADED, &end, NULL, 0) < 0)
		return 1;
	return r < 0;
}
