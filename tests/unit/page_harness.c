/*
 * page-harness FIXTURE > page.html             draw a made-up situation
 * page-harness --serve PORT FIXTURE            serve it, with the engine's beats; one command a line on stdin:
 *                                              loud, quiet, mute (no more beats), talk, end
 */
#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "model_fixture.h"
#include "web/web.h"

enum { BEAT_MS = 1000 };

struct harness {
	struct fixture f;
	struct web web;
	uint64_t beat_ms;
	bool mute;
};

static int draw(const char *name)
{
	struct fixture f;
	struct page page = {};
	struct out o = {};
	struct page_input in;

	if (!fixture_build(&f, name))
		return 64;
	in = (struct page_input){.view = &f.view, .config = f.config, .history = &f.history};
	page_render(&page, &in, &o);
	(void)fwrite(o.data, 1, o.len, stdout);
	out_free(&o);
	page_free(&page);
	fixture_free(&f);
	return 0;
}

static int listen_on(unsigned port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port), .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0), one = 1;
	socklen_t len = sizeof(a);

	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) < 0 ||
		bind(fd, (struct sockaddr *)&a, sizeof(a)) < 0 || listen(fd, 1024) < 0 ||
		getsockname(fd, (struct sockaddr *)&a, &len) < 0)
		return -errno;
	printf("%u\n", ntohs(a.sin_port));
	(void)fflush(stdout);
	return fd;
}

static void step(struct harness *h, bool loud)
{
	struct record r;

	h->f.view.now_ms = boot_ms();
	h->f.view.wall_ms = wall_ms();
	fixture_step(&h->f, loud, &r);
	if (web_record(&h->web, &r, h->f.view.now_ms, h->f.view.wall_ms) < 0)
		abort();
}

static bool command(struct harness *h)
{
	char line[64];

	if (!fgets(line, sizeof(line), stdin))
		return false;
	line[strcspn(line, "\n")] = '\0';
	if (!strcmp(line, "loud") || !strcmp(line, "quiet"))
		step(h, !strcmp(line, "loud"));
	else if (!strcmp(line, "mute") || !strcmp(line, "talk"))
		h->mute = !strcmp(line, "mute");
	return strcmp(line, "end");
}

/* The situation as if it were now, so that its ages go on from there. */
static int begin(struct harness *h, const char *name)
{
	void *block = NULL;
	size_t size;
	int r;

	if (!fixture_build_at(&h->f, name, boot_ms(), wall_ms()))
		return -EINVAL;
	r = model_pack(&h->f.model, 1, &block, &size);
	if (r == 0)
		r = web_snapshot(&h->web, 1, block, size, boot_ms());
	free(block);
	for (uint64_t i = HISTORY_EVENTS; i-- > 0;) {
		const struct history_event *e = history_at(&h->f.history, i);

		if (e) {
			h->web.history.event[h->web.history.count] = *e;
			h->web.history.event[h->web.history.count++].json = strdup(e->json);
		}
	}
	return r;
}

static void beat(struct harness *h)
{
	struct msg_beat b = {.at_ms = boot_ms(), .wall_ms = wall_ms(), .sequence = h->web.model.sequence};

	if (h->mute || b.at_ms - h->beat_ms < BEAT_MS)
		return;
	h->beat_ms = b.at_ms;
	web_beat(&h->web, &b, b.at_ms);
}

static int serve(unsigned port, const char *name)
{
	struct harness *h = calloc(1, sizeof(*h));
	int fd = listen_on(port), wake = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	struct http *http;
	unsigned turn = 0;
	bool on = true;

	if (!h || fd < 0 || wake < 0 || http_start(&http, &fd, 1, &h->web.history, wake) < 0)
		return 1;
	web_begin(&h->web, http, NULL);
	if (begin(h, name) < 0)
		return 64;
	h->web.config = h->f.config;
	while (on) {
		struct pollfd p = {.fd = STDIN_FILENO, .events = POLLIN};

		beat(h);
		if (web_next_ms(&h->web) <= boot_ms())
			web_render(&h->web, boot_ms(), wall_ms());
		if (!(turn++ % 20)) /* once a second, as web/main.c */
			(void)http_sweep(http, boot_ms());
		if (poll(&p, 1, 50) > 0)
			on = command(h);
	}
	web_free(&h->web);
	http_stop(http);
	fixture_free(&h->f);
	free(h);
	close(fd);
	close(wake);
	return 0;
}

int main(int argc, char **argv)
{
	if (argc == 2)
		return draw(argv[1]);
	if (argc == 4 && !strcmp(argv[1], "--serve"))
		return serve((unsigned)strtoul(argv[2], NULL, 10), argv[3]);
	(void)fputs("usage: page-harness FIXTURE | --serve PORT FIXTURE\n", stderr);
	return 64;
}
