#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <ftw.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/loader.h"
#include "agent/marks.h"

static char folder[PATH_MAX / 2];

/* What a supervisor would hold afterwards. */
struct got {
	const struct config *config;
	const struct secrets *secrets;
	void *marks;
	size_t marks_size;
	struct msg_reloaded end;
	bool ended;
};

static void take(struct got *g, struct msg *m)
{
	const void *map;

	if (m->type == MSG_CONFIG) {
		assert_int_equal(m->nfds, 2);
		assert_int_equal(memfd_map(m->fds[0], m->u.config.config_size, &map), 0);
		g->config = map;
		assert_int_equal(memfd_map(m->fds[1], m->u.config.secrets_size, &map), 0);
		g->secrets = map;
	} else if (m->type == MSG_CHECKPOINT) {
		assert_int_equal(m->nfds, 1);
		assert_int_equal(memfd_map(m->fds[0], m->u.checkpoint.size, &map), 0);
		g->marks_size = m->u.checkpoint.size;
		g->marks = malloc(g->marks_size);
		assert_non_null(g->marks);
		memcpy(g->marks, map, g->marks_size);
	} else {
		assert_int_equal(m->type, MSG_RELOADED);
		g->end = m->u.reloaded;
		g->ended = true;
	}
	msg_close_fds(m);
}

static int run(const struct loader_request *rq, struct got *g)
{
	int pair[2], r, n;
	struct msg m;

	*g = (struct got){};
	assert_int_equal(
		socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC | SOCK_NONBLOCK, 0, pair), 0);
	r = loader_run(rq, pair[0]);
	close(pair[0]);
	while ((n = msg_recv(pair[1], &m)) == 1)
		take(g, &m);
	close(pair[1]);
	assert_true(g->ended);
	return r;
}

static void drop(struct got *g)
{
	if (g->config)
		munmap((void *)(uintptr_t)g->config, sizeof(*g->config));
	if (g->secrets)
		munmap((void *)(uintptr_t)g->secrets, sizeof(*g->secrets));
	free(g->marks);
}

static const char *write_file(const char *name, const char *text)
{
	static char path[PATH_MAX];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	f = fopen(path, "we");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
	return path;
}

static void test_a_right_file_arrives_whole(void **unused)
{
	struct loader_request rq = {.listen = "127.0.0.1:7",
		.control = "/x.sock",
		.state = folder,
		.generation = 4,
		.initial = true};
	struct got g;

	(void)unused;
	rq.file = write_file("c.yaml", "version: 1\nlisten: [\"10.0.0.1:1\", \"10.0.0.1:2\"]\n");
	assert_int_equal(run(&rq, &g), 0);
	assert_int_equal(g.end.ok, 1);
	assert_non_null(g.config);
	assert_null(g.marks);
	assert_true(g.config->size == sizeof(*g.config));
	assert_int_equal(g.config->generation, 4);
	assert_int_equal(g.config->nlisten, 1);
	assert_string_equal(cfg_str(g.config, g.config->listen[0]), "127.0.0.1:7");
	assert_string_equal(cfg_str(g.config, g.config->control_path), "/x.sock");
	assert_string_equal(cfg_str(g.config, g.config->state_directory), folder);
	drop(&g);
}

/* A socket that is open stays where it is: people are told of that one. */
static void test_a_reload_does_not_move_the_control_socket(void **unused)
{
	static const struct {
		const char *bound, *path;
	} rows[] = {{NULL, "/new.sock"}, {"/old.sock", "/old.sock"}, {"/new.sock", "/new.sock"}};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct loader_request rq = {.bound = rows[i].bound, .generation = 2};
		struct got g;

		rq.file = write_file("c.yaml", "version: 1\ncontrol: /new.sock\n");
		assert_int_equal(run(&rq, &g), 0);
		assert_string_equal(cfg_str(g.config, g.config->control_path), rows[i].path);
		drop(&g);
	}
}

static void test_a_wrong_one_does_not_arrive(void **unused)
{
	struct loader_request rq = {.generation = 2};
	struct got g;

	(void)unused;
	rq.file = write_file("c.yaml", "version: 1\nlisten: [x]\nloca: 1\n");
	assert_int_equal(run(&rq, &g), 1);
	assert_null(g.config);
	assert_int_equal(g.end.ok, 0);
	assert_int_equal(g.end.errors, 2);
	assert_non_null(strstr(g.end.first_error, "c.yaml:2:10: error: 'x' is not ADDRESS:PORT"));
	rq.file = write_file("c.yaml", "version: 1\n");
	rq.listen = "localhost";
	assert_int_equal(run(&rq, &g), 1);
	assert_null(g.config);
	assert_string_equal(g.end.first_error,
		"--listen: error: 'localhost' is not ADDRESS:PORT, like 127.0.0.1:9877 or [::1]:9877");
	rq = (struct loader_request){.file = "/nonexistent/ballast.yaml"};
	assert_int_equal(run(&rq, &g), 1);
	assert_string_equal(g.end.first_error,
		"/nonexistent/ballast.yaml:1:1: error: No such file or directory");
}

static void write_marks(void)
{
	struct model m = {.epoch = 77};
	struct record r = {.sequence = 1, .table = TABLE_SELF};
	struct self_row self = {.used = 1, .next_finding = 9};
	struct marks_time t = {.now_ms = boot_ms(), .wall_ms = wall_ms()};
	cleanup_(freep) char *text = NULL;

	memcpy(r.row, &self, sizeof(self));
	assert_int_equal(model_apply(&m, &r), 0);
	assert_int_equal(marks_write(&m, &t, &text), 0);
	write_file("marks.json", text);
	model_clear(&m);
}

static void test_marks_start_the_model_and_raise_the_epoch(void **unused)
{
	struct loader_request rq = {.state = folder, .generation = 1, .initial = true};
	struct model m = {};
	struct got g;

	(void)unused;
	write_marks();
	rq.file = write_file("c.yaml", "version: 1\n");
	assert_int_equal(run(&rq, &g), 0);
	assert_non_null(g.marks);
	assert_int_equal(model_unpack(&m, build_id(), g.marks, g.marks_size), 0);
	assert_true(m.epoch > 77);
	assert_int_equal(self_at(&m, 0)->next_finding, 9);
	model_clear(&m);
	drop(&g);
	rq.initial = false; /* a reload: the model lives on */
	assert_int_equal(run(&rq, &g), 0);
	assert_null(g.marks);
	drop(&g);
}

static bool set_aside_seen;

static int look_for_aside(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	set_aside_seen |= strstr(path, "marks.json.unreadable-") != NULL;
	return 0;
}

static void test_marks_that_cannot_be_read_are_kept_aside(void **unused)
{
	struct loader_request rq = {.state = folder, .generation = 1, .initial = true};
	char path[PATH_MAX];
	struct got g;

	(void)unused;
	write_file("marks.json", "{\"nonsense\": ");
	rq.file = write_file("c.yaml", "version: 1\n");
	assert_int_equal(run(&rq, &g), 0);
	assert_null(g.marks);
	assert_non_null(strstr(cfg_str(g.config, g.config->marks_lost), ": not JSON"));
	drop(&g);
	rq.initial = false; /* a reload asks for no marks and misses none */
	assert_int_equal(run(&rq, &g), 0);
	assert_int_equal(g.config->marks_lost, 0);
	drop(&g);
	snprintf(path, sizeof(path), "%s/marks.json", folder);
	assert_int_equal(access(path, F_OK), -1);
	assert_int_equal(nftw(folder, look_for_aside, 8, FTW_PHYS), 0);
	assert_true(set_aside_seen);
}

static void test_the_demo_has_everything_in_one_folder(void **unused)
{
	char state[PATH_MAX];
	struct loader_request rq = {.demo = "", .generation = 1, .initial = true};
	const struct config *c;
	struct got g;

	(void)unused;
	snprintf(state, sizeof(state), "%s/demo", folder);
	rq.state = state;
	for (unsigned round = 0; round < 2; round++) { /* a reload finds its scripts there */
		assert_int_equal(run(&rq, &g), 0);
		c = g.config;
		assert_int_equal(c->demo, 1);
		assert_int_equal(c->demo_speed, 12);
		assert_string_equal(cfg_str(c, c->state_directory), state);
		assert_true(!strncmp(cfg_str(c, c->control_path), state, strlen(state)));
		assert_true(c->nsteps > 0);
		for (unsigned i = 0; i < c->nsteps; i++) {
			assert_int_equal(c->steps[i].simulate, 0);
			assert_int_equal(access(cfg_str(c, c->steps[i].run), X_OK), 0);
		}
		for (unsigned i = 0; i < c->narrays; i++)
			assert_int_equal(c->arrays[i].simulated, 1);
		for (unsigned i = 0; i < c->nsources; i++)
			assert_int_equal(c->sources[i].type, SOURCE_SCENARIO);
		assert_int_equal(c->arrays[0].clear_canister_ms, 300000 / 12);
		drop(&g);
	}
	rq.demo = "kolab-2019";
	assert_int_equal(run(&rq, &g), 1);
	assert_non_null(strstr(g.end.first_error, "neither a built-in scenario nor a file"));
}

static int make_folder(void **unused)
{
	const char *tmp = getenv("TMPDIR");

	(void)unused;
	snprintf(folder, sizeof(folder), "%s/ballast-loader-XXXXXX", tmp ? tmp : "/tmp");
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *at)
{
	(void)st;
	(void)type;
	(void)at;
	return remove(path);
}

static int remove_folder(void **unused)
{
	(void)unused;
	return nftw(folder, remove_one, 8, FTW_DEPTH | FTW_PHYS);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_right_file_arrives_whole),
		cmocka_unit_test(test_a_reload_does_not_move_the_control_socket),
		cmocka_unit_test(test_a_wrong_one_does_not_arrive),
		cmocka_unit_test(test_marks_start_the_model_and_raise_the_epoch),
		cmocka_unit_test(test_marks_that_cannot_be_read_are_kept_aside),
		cmocka_unit_test(test_the_demo_has_everything_in_one_folder),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
