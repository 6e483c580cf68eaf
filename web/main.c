#include <errno.h>
#include <sys/eventfd.h>
#include <sys/mman.h>
#include <systemd/sd-event.h>
#include <time.h>
#include <unistd.h>

#include "agent/role.h"
#include "web/web.h"

enum { SWEEP_US = 1000000 };

/* The process around web.c: links in, timers, the sweep of slow connections. */
struct process {
	struct role_start *start;
	struct web web;
	sd_event_source *render, *sweep, *wake;
	int wake_fd;
};

static void arm(struct process *p)
{
	uint64_t next = web_next_ms(&p->web);

	if (next == UINT64_MAX) {
		(void)sd_event_source_set_enabled(p->render, SD_EVENT_OFF);
		return;
	}
	(void)sd_event_source_set_time(p->render, next * 1000);
	(void)sd_event_source_set_enabled(p->render, SD_EVENT_ONESHOT);
}

static int on_render(sd_event_source *s, uint64_t usec, void *userdata)
{
	struct process *p = userdata;

	(void)s;
	(void)usec;
	web_render(&p->web, boot_ms(), wall_ms());
	arm(p);
	return 0;
}

static int on_sweep(sd_event_source *s, uint64_t usec, void *userdata)
{
	struct process *p = userdata;

	(void)usec;
	if (!http_sweep(p->web.http, boot_ms()))
		return sd_event_source_set_enabled(s, SD_EVENT_OFF);
	(void)sd_event_source_set_time_relative(s, SWEEP_US);
	return sd_event_source_set_enabled(s, SD_EVENT_ONESHOT);
}

static int on_wake(sd_event_source *s, int fd, uint32_t revents, void *userdata)
{
	struct process *p = userdata;
	uint64_t n;

	(void)s;
	(void)revents;
	if (read(fd, &n, sizeof(n)) < 0)
		return 0;
	(void)sd_event_source_set_time_relative(p->sweep, SWEEP_US);
	return sd_event_source_set_enabled(p->sweep, SD_EVENT_ONESHOT);
}

static int add_sources(struct process *p)
{
	struct sd_event *e = p->start->event;
	int r;

	p->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (p->wake_fd < 0)
		return -errno;
	r = sd_event_add_io(e, &p->wake, p->wake_fd, EPOLLIN, on_wake, p);
	if (r >= 0) /* accuracy: a render may wait a little, so that wake-ups meet */
		r = sd_event_add_time(e, &p->render, CLOCK_BOOTTIME, 0, 1000, on_render, p);
	if (r >= 0)
		r = sd_event_add_time(e, &p->sweep, CLOCK_BOOTTIME, 0, 250000, on_sweep, p);
	if (r < 0)
		return r;
	(void)sd_event_source_set_enabled(p->render, SD_EVENT_OFF);
	(void)sd_event_source_set_enabled(p->sweep, SD_EVENT_OFF);
	return 0;
}

static int web_start(struct role_start *s, void **ret_state)
{
	struct process *p = calloc(1, sizeof(*p));
	struct http *http = NULL;
	int r;

	if (!p)
		return -ENOMEM;
	tzset(); /* reads a file, which the sandbox will not let it */
	p->start = s;
	r = add_sources(p);
	if (r == 0)
		r = http_start(&http, s->listen, s->nlisten, &p->web.history, p->wake_fd);
	if (r < 0) {
		free(p);
		return r;
	}
	web_begin(&p->web, http, s->config);
	*ret_state = p;
	return 0;
}

static int take_snapshot(struct process *p, const struct msg *m)
{
	const void *block;
	int r;

	if (m->nfds != 1)
		return -EPROTO;
	r = memfd_map(m->fds[0], m->u.snapshot.size, &block);
	if (r < 0)
		return r;
	r = web_snapshot(&p->web, build_id(), block, m->u.snapshot.size, boot_ms());
	(void)munmap((void *)(uintptr_t)block, m->u.snapshot.size);
	return r;
}

static int take_records(struct process *p, const struct msg *m)
{
	int r = 0;

	for (unsigned i = 0; i < m->count && r == 0; i++)
		r = web_record(&p->web, &m->u.records[i], boot_ms(), wall_ms());
	return r;
}

static int web_engine_message(void *state, struct msg *m)
{
	struct process *p = state;
	int r = 0;

	if (m->type == MSG_SNAPSHOT)
		r = take_snapshot(p, m);
	else if (m->type == MSG_RECORD)
		r = take_records(p, m);
	else if (m->type == MSG_BEAT)
		web_beat(&p->web, &m->u.beat, boot_ms());
	if (r == 0)
		arm(p);
	return r;
}

static void web_engine_changed(void *state)
{
	(void)state; /* the old replica is shown, as old, until the snapshot comes */
}

static void web_config_changed(void *state)
{
	struct process *p = state;

	p->web.config = p->start->config;
	p->web.loud_ms = p->web.quiet_ms = boot_ms();
	arm(p);
}

static const struct role_ops web_ops = {
	.start = web_start,
	.engine_message = web_engine_message,
	.engine_changed = web_engine_changed,
	.config_changed = web_config_changed,
};

int main(int argc, char **argv)
{
	static const struct role_entry roles[] = {{ROLE_WEB, &web_ops}, {.ops = NULL}};

	return role_main(argc, argv, roles);
}
