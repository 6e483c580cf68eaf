#include "agent/runner.h"

#include <unistd.h>

enum { CHUNK = 4096, TAIL = 1024 };

void text_reset(struct runner_text *t)
{
	t->total = t->status_len = 0;
}

static size_t ring_tail(const struct runner_text *t, char *buf, size_t size)
{
	size_t have = MIN_OF(t->total, (size_t)RUNNER_OUTPUT), n = MIN_OF(have, size);

	for (size_t i = 0; i < n; i++)
		buf[i] = t->ring[(t->total - n + i) % RUNNER_OUTPUT];
	return n;
}

bool text_read_output(struct runner_text *t, int fd)
{
	char buf[CHUNK];
	ssize_t n = read(fd, buf, sizeof(buf));

	for (ssize_t i = 0; i < n; i++)
		t->ring[t->total++ % RUNNER_OUTPUT] = buf[i];
	return n > 0;
}

/* Of a flood only the end is kept. */
bool text_read_status(struct runner_text *t, int fd)
{
	ssize_t n;

	if (t->status_len == RUNNER_STATUS) {
		memmove(t->status, t->status + RUNNER_STATUS / 2, RUNNER_STATUS / 2);
		t->status_len = RUNNER_STATUS / 2;
	}
	n = read(fd, t->status + t->status_len, RUNNER_STATUS - t->status_len);
	if (n > 0)
		t->status_len += (size_t)n;
	return n > 0;
}

static void last_line(const char *text, size_t len, char *buf, size_t size)
{
	const char *from;

	while (len && (text[len - 1] == '\n' || text[len - 1] == '\r'))
		len--;
	from = len ? memrchr(text, '\n', len) : NULL;
	from = from ? from + 1 : text;
	copy_device_text(buf, size, from, (size_t)(text + len - from));
}

void text_result(const struct runner_text *t, struct step_result *result)
{
	char tail[TAIL];
	size_t n = ring_tail(t, tail, sizeof(tail));

	result->output_len = (uint32_t)MIN_OF(t->total, (size_t)UINT32_MAX);
	last_line(t->status, t->status_len, result->status, sizeof(result->status));
	last_line(tail, n, result->output_tail, sizeof(result->output_tail));
}

static struct runner_kept *kept_of(struct runner_text *t, uint32_t run, unsigned step)
{
	for (unsigned i = 0; i < t->nkept; i++)
		if (t->kept[i].run == run && t->kept[i].step == step)
			return &t->kept[i];
	if (t->nkept == RUNNER_KEPT) {
		free(t->kept[0].text);
		memmove(t->kept, t->kept + 1, sizeof(t->kept) - sizeof(t->kept[0]));
		t->nkept--;
	}
	t->kept[t->nkept] = (struct runner_kept){.run = run, .step = step};
	return &t->kept[t->nkept++];
}

void text_keep(struct runner_text *t, uint32_t run, unsigned step)
{
	struct runner_kept *k = kept_of(t, run, step);
	size_t add = MIN_OF(t->total, (size_t)RUNNER_OUTPUT),
	       old = MIN_OF(k->len, RUNNER_OUTPUT - add);
	char *text = malloc(old + add + 1);

	if (!text)
		return; /* what was there stays */
	if (old)
		memcpy(text, k->text + k->len - old, old);
	(void)ring_tail(t, text + old, add);
	text[old + add] = '\0';
	free(k->text);
	k->text = text;
	k->len = old + add;
}

const char *text_kept(const struct runner_text *t, uint32_t run, unsigned step, size_t *ret_len)
{
	for (unsigned i = 0; i < t->nkept; i++)
		if (t->kept[i].run == run && t->kept[i].step == step && t->kept[i].text) {
			*ret_len = t->kept[i].len;
			return t->kept[i].text;
		}
	return NULL;
}

void text_free(struct runner_text *t)
{
	for (unsigned i = 0; i < t->nkept; i++)
		free(t->kept[i].text);
	t->nkept = 0;
}
