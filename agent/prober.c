#include <errno.h>
#include <sys/mman.h>
#include <systemd/sd-event.h>

#include "agent/job_turn.h"
#include "agent/listener.h"
#include "agent/scenario.h"
#include "probes/discover.h"
#include "probes/enclosure.h"

/* A worker: one job at a time, no state that matters. */
struct prober {
	struct job_turn turn;
	struct drive_memories memories;
};

/* One for all workers that are forked from here: a device's next look is another worker's. */
struct shared {
	struct drive_histories histories;
	struct enclosure_memory enclosures;
};
static struct shared *shared;

void role_warm_up(void)
{
	void *memory = mmap(NULL, sizeof(*shared), PROT_READ | PROT_WRITE,
		MAP_SHARED | MAP_ANONYMOUS, -1, 0);

	if (memory != MAP_FAILED)
		shared = memory;
}

static void carry_out(const struct job *j, const struct job_sink *sink, void *arg)
{
	struct prober *p = arg;

	prober_carry_out(j, p->turn.s->config, &p->memories, sink);
}

static int prober_start(struct role_start *s, void **ret_state)
{
	struct prober *p = calloc(1, sizeof(*p));

	if (!p)
		return -ENOMEM;
	p->turn = (struct job_turn){.s = s, .carry_out = carry_out, .arg = p};
	if (!shared)
		shared = calloc(1, sizeof(*shared));
	if (!shared) {
		free(p);
		return -ENOMEM;
	}
	p->memories.histories = &shared->histories;
	p->memories.enclosures = &shared->enclosures;
	*ret_state = p;
	return 0;
}

static int prober_message(void *state, struct msg *m)
{
	struct prober *p = state;

	return job_turn_message(&p->turn, m);
}

static void prober_config(void *state)
{
	struct prober *p = state;

	job_turn_go(&p->turn);
}

static const struct role_ops prober_ops = {
	.start = prober_start, .engine_message = prober_message, .config_changed = prober_config};

struct discoverer {
	struct role_start *s;
	struct discover *discover;
};

static void send_device(const struct device_event *e, void *arg)
{
	struct discoverer *d = arg;

	if (role_send(d->s, MSG_DEVICE, e, NULL, 0) == -ENOBUFS)
		log_line(4, "device dropped, the engine does not take it name='%s'", e->name);
}

static int discoverer_uevent(sd_event_source *io, int fd, uint32_t revents, void *userdata)
{
	struct discoverer *d = userdata;
	int r = discover_receive(d->discover);

	(void)io;
	(void)fd;
	(void)revents;
	if (r < 0)
		log_line(4, "cannot follow hot-plug, ignoring error='%s'", strerror(-r));
	return 0;
}

/* A new engine knows nothing, and a new source nothing of what nobody wanted before: tell everything, as at the start. */
static void discoverer_tell(void *state)
{
	struct discoverer *d = state;
	int r = discover_tell(d->discover);

	if (r < 0)
		log_line(4, "cannot look for drives, ignoring error='%s'", strerror(-r));
}

static int discoverer_start(struct role_start *s, void **ret_state)
{
	struct discoverer *d = calloc(1, sizeof(*d));
	int r;

	if (!d)
		return -ENOMEM;
	d->s = s;
	*ret_state = d;
	r = discover_open(send_device, d, &d->discover);
	if (r == 0)
		r = sd_event_add_io(s->event, NULL, discover_descriptor(d->discover), EPOLLIN,
			discoverer_uevent, d);
	if (r >= 0 && s->engine >= 0)
		discoverer_tell(d);
	return MIN_OF(r, 0);
}

static int discoverer_message(void *state, struct msg *m)
{
	if (m->type == MSG_RELOADED)
		discoverer_tell(state);
	return 0;
}

static const struct role_ops discoverer_ops = {.start = discoverer_start,
	.engine_message = discoverer_message,
	.engine_changed = discoverer_tell};

static const struct role_entry roles[] = {{ROLE_PROBER, &prober_ops},
	{ROLE_DISCOVERER, &discoverer_ops}, {ROLE_SCENARIO, &scenario_role_ops}, {ROLE_LISTENER, &listener_role_ops},
	{ROLE_PROBER, NULL}};

int main(int argc, char **argv)
{
	if (argc == 3 && text_equal(argv[1], "--once"))
		return prober_once(argv[2]);
	if (argc == 2 && text_equal(argv[1], "--list"))
		return prober_list();
	return role_main(argc, argv, roles);
}
