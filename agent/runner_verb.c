/* One verb from its order to its result: run, be told to end, be killed, be swept up after. */
#include "agent/runner.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <systemd/sd-event.h>
#include <time.h>
#include <unistd.h>

#include "agent/role.h"
#include "agent/spawn.h"

enum { WAITING = 8, ABANDONED = 16, READS = 64 };
enum { TERM_MS = 2000, KILL_MS = 1000, SWEEP_MS = 10, SWEEP_ROUNDS = 200 };

enum phase { PHASE_IDLE, PHASE_SIMULATED, PHASE_RUNNING, PHASE_TERM, PHASE_KILL, PHASE_SWEEP };

struct waiting {
	struct verb_order order;
	bool simulate;
	uint32_t simulate_ms;
	int32_t simulate_exit;
	struct runner_env env;
};

struct runner {
	sd_event *event;
	runner_done *done;
	void *arg;
	struct waiting *queue[WAITING]; /* [0] is being carried out */
	unsigned nqueue;
	enum phase phase;
	uint64_t begun_ms;
	struct spawned child; /* pid 0: reaped */
	struct step_result result;
	sd_event_source *timer, *exited, *output, *status;
	int output_fd, status_fd;
	unsigned rounds;
	pid_t skip[ABANDONED + 1]; /* [0] the verb itself, then what could not be killed */
	unsigned nskip;
	struct runner_text text;
};

static void begin_next(struct runner *r);

static int set_timer(struct runner *r, uint64_t ms, sd_event_time_handler_t handler)
{
	r->timer = sd_event_source_disable_unref(r->timer);
	return sd_event_add_time_relative(
		r->event, &r->timer, CLOCK_BOOTTIME, ms * 1000, 1, handler, r);
}

static void close_ends(struct runner *r)
{
	r->timer = sd_event_source_disable_unref(r->timer);
	r->exited = sd_event_source_disable_unref(r->exited);
	r->output = sd_event_source_disable_unref(r->output);
	r->status = sd_event_source_disable_unref(r->status);
	closep(&r->output_fd);
	closep(&r->status_fd);
	spawn_close(&r->child);
	r->output_fd = r->status_fd = -1;
}

static void finish(struct runner *r)
{
	struct waiting *w = r->queue[0];
	struct step_result result = r->result;

	result.job = w->order.job;
	result.took_ms = (uint32_t)(boot_ms() - r->begun_ms);
	text_result(&r->text, &result);
	if (!w->simulate)
		text_keep(&r->text, w->order.run, w->order.step);
	close_ends(r);
	log_line(result.exit_kind == EXIT_BY_CODE && result.exit_value % 10 == 0 &&
				 result.exit_value <= 10
			 ? 6
			 : 4,
		"run=r%u step=%u verb=%s end='%s' value=%d took=%ums leftovers=%u stuck=%u output='%s'",
		w->order.run, w->order.step + 1u, verb_text((enum verb)w->order.verb),
		exit_kind_text((enum exit_kind)result.exit_kind), result.exit_value, result.took_ms,
		result.leftovers, result.stuck, result.output_tail);
	free(w);
	memmove(r->queue, r->queue + 1, (r->nqueue - 1) * sizeof(r->queue[0]));
	r->nqueue--;
	r->phase = PHASE_IDLE;
	r->done(r->arg, &result);
	begin_next(r);
}

static int on_output(sd_event_source *s, int fd, uint32_t events, void *arg)
{
	struct runner *r = arg;

	(void)fd;
	if (!text_read_output(&r->text, r->output_fd) && (events & (EPOLLHUP | EPOLLERR)))
		(void)sd_event_source_set_enabled(s, SD_EVENT_OFF);
	return 0;
}

static int on_status(sd_event_source *s, int fd, uint32_t events, void *arg)
{
	struct runner *r = arg;

	(void)fd;
	if (!text_read_status(&r->text, r->status_fd) && (events & (EPOLLHUP | EPOLLERR)))
		(void)sd_event_source_set_enabled(s, SD_EVENT_OFF);
	return 0;
}

static void abandon(struct runner *r, pid_t pid)
{
	if (r->nskip <= ABANDONED)
		r->skip[r->nskip++] = pid;
	r->result.stuck = 1;
}

/* What was given up on may have ended meanwhile: take its status and forget it. */
static void forget_abandoned(struct runner *r)
{
	for (unsigned i = 1; i < r->nskip;)
		if (waitpid(r->skip[i], NULL, WNOHANG) != 0)
			r->skip[i] = r->skip[--r->nskip];
		else
			i++;
}

static int on_sweep(sd_event_source *s, uint64_t usec, void *arg)
{
	struct runner *r = arg;
	unsigned left = sweep_children(r->skip, r->nskip, &r->result.leftovers);

	(void)s;
	(void)usec;
	if (left && r->rounds++ < SWEEP_ROUNDS && set_timer(r, SWEEP_MS, on_sweep) >= 0)
		return 0;
	if (left)
		r->result.stuck = 1;
	for (unsigned i = 0;
		r->output_fd >= 0 && i < READS && text_read_output(&r->text, r->output_fd); i++)
		;
	for (unsigned i = 0;
		r->status_fd >= 0 && i < READS && text_read_status(&r->text, r->status_fd); i++)
		;
	finish(r);
	return 0;
}

static void begin_sweep(struct runner *r)
{
	r->phase = PHASE_SWEEP;
	r->rounds = 0;
	r->exited = sd_event_source_disable_unref(r->exited);
	(void)on_sweep(NULL, 0, r);
}

static int on_killed_late(sd_event_source *s, uint64_t usec, void *arg)
{
	struct runner *r = arg;

	(void)s;
	(void)usec;
	abandon(r, r->child.pid);
	begin_sweep(r);
	return 0;
}

static int on_term_late(sd_event_source *s, uint64_t usec, void *arg)
{
	struct runner *r = arg;

	(void)s;
	(void)usec;
	r->phase = PHASE_KILL;
	(void)kill(-r->child.pid, SIGKILL);
	(void)kill(r->child.pid, SIGKILL);
	return set_timer(r, KILL_MS, on_killed_late);
}

static int on_deadline(sd_event_source *s, uint64_t usec, void *arg)
{
	struct runner *r = arg;

	(void)s;
	(void)usec;
	r->phase = PHASE_TERM;
	r->result.exit_kind = EXIT_BY_TIMEOUT;
	(void)kill(-r->child.pid, SIGTERM);
	return set_timer(r, TERM_MS, on_term_late);
}

static void take_status(struct runner *r, const siginfo_t *si)
{
	int error = spawn_error(&r->child);

	if (r->result.exit_kind == EXIT_BY_TIMEOUT)
		return;
	if (error < 0) {
		r->result.exit_kind = EXIT_NO_SPAWN;
		r->result.exit_value = -error;
		return;
	}
	r->result.exit_kind = si->si_code == CLD_EXITED ? EXIT_BY_CODE : EXIT_BY_SIGNAL;
	r->result.exit_value = si->si_status;
}

static int on_exited(sd_event_source *s, int fd, uint32_t events, void *arg)
{
	struct runner *r = arg;
	siginfo_t si = {};

	(void)s;
	(void)events;
	if (waitid((idtype_t)P_PIDFD, (id_t)fd, &si, WEXITED | WNOHANG) < 0 || !si.si_pid)
		return 0;
	take_status(r, &si);
	r->skip[0] = 0;
	begin_sweep(r);
	return 0;
}

static int watch(struct runner *r, uint64_t left_ms)
{
	int e = set_timer(r, left_ms, on_deadline);

	if (e >= 0)
		e = sd_event_add_io(r->event, &r->exited, r->child.pidfd, EPOLLIN, on_exited, r);
	if (e >= 0)
		e = sd_event_add_io(r->event, &r->output, r->output_fd, EPOLLIN, on_output, r);
	if (e >= 0)
		e = sd_event_add_io(r->event, &r->status, r->status_fd, EPOLLIN, on_status, r);
	return e;
}

static int start_script(struct runner *r, struct runner_env *v)
{
	int out[2] = {-1, -1}, status[2] = {-1, -1}, e;
	struct spawn s = {.path = v->path,
		.argv = v->argv,
		.envp = v->envp,
		.nfds = RUNNER_STATUS_FD + 1,
		.die_with_parent = true,
		.check = runner_check_script};

	if (pipe2(out, O_CLOEXEC) < 0)
		return -errno;
	if (pipe2(status, O_CLOEXEC) < 0) {
		e = -errno;
		close(out[0]);
		close(out[1]);
		return e;
	}
	s.fds[0] = -1;
	s.fds[1] = s.fds[2] = out[1];
	s.fds[RUNNER_STATUS_FD] = status[1];
	e = spawn_start(&s, &r->child);
	close(out[1]);
	close(status[1]);
	r->output_fd = out[0];
	r->status_fd = status[0];
	(void)fcntl(out[0], F_SETFL, O_NONBLOCK);
	(void)fcntl(status[0], F_SETFL, O_NONBLOCK);
	return e;
}

static void cannot_start(struct runner *r, int error)
{
	r->result.exit_kind = EXIT_NO_SPAWN;
	r->result.exit_value = -error;
	finish(r);
}

static int on_simulated(sd_event_source *s, uint64_t usec, void *arg)
{
	struct runner *r = arg;

	(void)s;
	(void)usec;
	r->result.exit_kind = EXIT_BY_CODE;
	r->result.exit_value = r->queue[0]->simulate_exit;
	finish(r);
	return 0;
}

static void begin_script(struct runner *r, struct waiting *w)
{
	uint64_t now = boot_ms(), left = w->order.timeout_ms;
	int e;

	if (w->order.deadline_ms)
		left = MIN_OF(left, w->order.deadline_ms > now ? w->order.deadline_ms - now : 0);
	if (!left) {
		cannot_start(r, -ETIME);
		return;
	}
	e = start_script(r, &w->env);
	if (e < 0) {
		cannot_start(r, e);
		return;
	}
	r->phase = PHASE_RUNNING;
	r->skip[0] = r->child.pid;
	if (watch(r, left) < 0)
		(void)on_term_late(NULL, 0, r);
}

static void begin_next(struct runner *r)
{
	struct waiting *w = r->nqueue ? r->queue[0] : NULL;

	if (!w || r->phase != PHASE_IDLE)
		return;
	forget_abandoned(r);
	r->begun_ms = boot_ms();
	r->result = (struct step_result){};
	r->rounds = 0;
	text_reset(&r->text);
	r->phase = PHASE_SIMULATED;
	if (!w->simulate)
		begin_script(r, w);
	else if (set_timer(r, w->simulate_ms, on_simulated) < 0)
		cannot_start(r, -ENOMEM);
}

int runner_give(struct runner *r, const struct config *config, const struct verb_order *order)
{
	const struct cfg_step *s = runner_step(config, order);
	struct waiting *w;
	int e;

	if (!s)
		return -EINVAL;
	if (r->nqueue == WAITING)
		return -ENOBUFS;
	w = calloc(1, sizeof(*w));
	if (!w)
		return -ENOBUFS;
	w->order = *order;
	w->simulate = s->simulate;
	w->simulate_ms = s->simulate_ms / MAX_OF(config->demo_speed, 1u);
	w->simulate_exit = s->simulate_exit;
	e = runner_env_fill(&w->env, config, order, order->timeout_ms);
	if (e < 0) {
		free(w);
		return -EINVAL;
	}
	r->queue[r->nqueue++] = w;
	begin_next(r);
	return 0;
}

void runner_abort(struct runner *r, uint32_t job)
{
	if (!r->nqueue || r->queue[0]->order.job != job)
		return;
	if (r->phase == PHASE_RUNNING)
		(void)on_deadline(NULL, 0, r);
}

const char *runner_output(const struct runner *r, uint32_t run, unsigned step, size_t *ret_len)
{
	return text_kept(&r->text, run, step, ret_len);
}

int runner_new(sd_event *event, runner_done *done, void *arg, struct runner **ret)
{
	struct runner *r = calloc(1, sizeof(*r));

	if (!r)
		return -ENOMEM;
	if (prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) < 0) {
		free(r);
		return -errno;
	}
	r->event = event;
	r->done = done;
	r->arg = arg;
	r->nskip = 1;
	r->output_fd = r->status_fd = r->child.pidfd = r->child.error = -1;
	*ret = r;
	return 0;
}

void runner_free(struct runner *r)
{
	if (!r)
		return;
	if (r->phase >= PHASE_RUNNING && r->child.pid > 0)
		(void)kill(-r->child.pid, SIGKILL);
	close_ends(r);
	for (unsigned i = 0; i < r->nqueue; i++)
		free(r->queue[i]);
	text_free(&r->text);
	free(r);
}
