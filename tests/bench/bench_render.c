/* /metrics of 600 drives rendered again and again, to be counted by callgrind: bench-render ROUNDS */
#include <stdio.h>
#include <stdlib.h>

#include "tests/unit/model_fixture.h"
#include "web/metrics.h"

__attribute__((noinline)) void bench_render_once(struct metrics *m, const struct view *v, struct out *o);
void bench_render_once(struct metrics *m, const struct view *v, struct out *o)
{
	static const struct metrics_options options;

	metrics_render(m, v, &options, o);
}

static unsigned count_samples(const struct out *o)
{
	unsigned n = 0;
	bool start = true;

	for (size_t i = 0; i < o->len; i++) {
		n += start && o->data[i] != '#';
		start = o->data[i] == '\n';
	}
	return n;
}

int main(int argc, char **argv)
{
	struct metrics metrics = {};
	struct fixture f;
	struct out o = {};
	int rounds = argc > 1 ? atoi(argv[1]) : 1;
	unsigned samples = 0;

	if (!fixture_build(&f, "big"))
		return 1;
	for (int i = 0; i < rounds; i++) {
		out_clear(&o);
		bench_render_once(&metrics, &f.view, &o);
		samples = count_samples(&o);
	}
	printf("%u samples, %zu bytes\n", samples, o.len);
	return samples > 600 ? 0 : 1;
}
