#include <signal.h>

#include "agent/ctl.h"

enum { REDRAW_MS = 1000, QUIET_MS = 12000 };

static volatile sig_atomic_t stopped;

static void on_signal(int sig)
{
	(void)sig;
	stopped = 1;
}

static void draw(struct ctl *c, uint64_t heard_ms)
{
	struct view v = ctl_now(c);
	char span[32];

	if (c->tty)
		ctl_say(c, "\033[H\033[2J");
	/* what is shown is only as true as the last word from the engine */
	if (v.now_ms > heard_ms + QUIET_MS)
		ctl_print(c, "NOT LIVE: no word from the engine for %s. Everything below is old.",
			span_text(v.now_ms - heard_ms, span, sizeof(span)));
	(void)ctl_draw_status(c, &v);
	if (!c->tty)
		ctl_say(c, "\n");
	(void)fflush(c->out);
}

/* Take what has come without waiting longer than until the next second; > 0 an exit status. */
static int catch_up(struct ctl *c, uint64_t *heard_ms)
{
	uint64_t until = boot_ms() + REDRAW_MS;

	while (!stopped && boot_ms() < until) {
		struct record r;
		uint64_t before = c->beats;
		int n = ctl_next(c, (int)(until - boot_ms()), &r);

		if (n < 0)
			return -n;
		if (n > 0 || c->beats != before)
			*heard_ms = boot_ms();
	}
	return 0;
}

int ctl_watch(struct ctl *c)
{
	struct sigaction act = {.sa_handler = on_signal};
	uint64_t heard = boot_ms();
	int r = ctl_follow(c);

	if (r)
		return r;
	sigaction(SIGINT, &act, NULL);
	sigaction(SIGTERM, &act, NULL);
	while (!stopped && !r) {
		draw(c, heard);
		r = catch_up(c, &heard);
		if (r && !stopped) {
			/* the engine may just be replaced: come back */
			closep(&c->fd);
			c->fd = -1;
			r = ctl_follow(c);
		}
	}
	return stopped ? CTL_OK : r;
}
