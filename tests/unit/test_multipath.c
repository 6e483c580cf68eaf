/* multipathd's maps, and how it is asked: the frame of multipath-tools 0.9.4, texts written for this test. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "probes/multipath.h"

#include <stdio.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

/* clang-format off */
#define PATH(dev, word) "{\"dev\":\"" dev "\",\"dev_t\":\"8:0\",\"dm_st\":\"active\",\"dev_st\":\"running\",\"chk_st\":\"" word "\",\"pri\":50}"
#define GROUP(paths) "{\"selector\":\"service-time 0\",\"pri\":50,\"dm_st\":\"active\",\"group\":1,\"paths\":[" paths "]}"
#define MAP(name, queueing, features, groups) "{\"name\":\"" name "\",\"uuid\":\"36001405aa\",\"sysfs\":\"dm-0\",\"failback\":\"immediate\"," \
	"\"queueing\":\"" queueing "\",\"paths\":2,\"dm_st\":\"active\",\"features\":\"" features "\",\"path_faults\":3," \
	"\"vend\":\"LIO-ORG\",\"prod\":\"FILEIO\",\"rev\":\"4.0\",\"q_timeouts\":0,\"path_groups\":[" groups "]}"
#define MAPS(maps) "{\"major_version\":0,\"minor_version\":1,\"maps\":[" maps "]}\n"
#define QUEUE "1 queue_if_no_path"
/* clang-format on */

struct told {
	struct reading last;
	unsigned n;
};

static void take(const struct reading *r, void *arg)
{
	struct told *t = arg;

	t->last = *r;
	t->n++;
}

static enum outcome parse(const char *text, size_t len, struct told *t)
{
	const struct reading base = {.job = 7, .source = 1, .array = 2, .plane = PLANE_INBAND};
	uint32_t n;
	enum outcome o;

	*t = (struct told){};
	o = multipath_parse(text, len, &base, take, t, &n);
	assert_int_equal(n, t->n);
	return o;
}

static double fact(const struct told *t, unsigned f)
{
	double v = -1;

	return reading_find(&t->last, f, &v) ? v : -1;
}

static void test_what_a_map_says(void **unused)
{
	static const struct {
		const char *why, *text;
		enum state want;
		int up, forever, waits;
	} cases[] = {
		/* clang-format off */
		{"all ready", MAPS(MAP("a", "12 chk", QUEUE, GROUP(PATH("sda", "ready")) "," GROUP(PATH("sdb", "ghost")))), STATE_OK, 2, 0, 0},
		{"one of two", MAPS(MAP("a", "12 chk", QUEUE, GROUP(PATH("sda", "ready") "," PATH("sdb", "faulty")))), STATE_DEGRADED, 1, 0, 0},
		{"one is shaky", MAPS(MAP("a", "off", "0", GROUP(PATH("sda", "shaky") "," PATH("sdb", "i/o timeout")))), STATE_DEGRADED, 1, 0, 0},
		{"all gone, waits for a while", MAPS(MAP("a", "12 sec", QUEUE, GROUP(PATH("sda", "faulty")))), STATE_FAILED, 0, 0, 1},
		{"all gone, waits for ever", MAPS(MAP("a", "on", QUEUE, GROUP(PATH("sda", "disconnected")))), STATE_FAILED, 0, 1, 1},
		{"all gone, fails", MAPS(MAP("a", "off", "0", GROUP(PATH("sda", "faulty")))), STATE_FAILED, 0, 0, 0},
		{"the live map decides", MAPS(MAP("a", "off", QUEUE, GROUP(PATH("sda", "ready")))), STATE_OK, 1, 1, 0},
		{"by its features alone", MAPS(MAP("a", "-", "2 queue_if_no_path retain_attached_hw_handler", GROUP(PATH("sda", "ready")))), STATE_OK, 1, 1, 0},
		{"a word nobody knows", MAPS(MAP("a", "off", "0", GROUP(PATH("sda", "splendid")))), STATE_UNKNOWN, 0, 0, 0},
		{"undef is none that serves", MAPS(MAP("a", "off", "0", GROUP(PATH("sda", "ready") "," PATH("sdb", "undef")))), STATE_DEGRADED, 1, 0, 0},
		{"pending", MAPS(MAP("a", "off", "0", GROUP(PATH("sda", "i/o pending") "," PATH("sdb", "delayed")))), STATE_DEGRADED, 1, 0, 0},
		{"no path at all", MAPS(MAP("a", "on", QUEUE, "")), STATE_FAILED, 0, 1, 1},
		/* clang-format on */
	};
	struct told t;

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		if (parse(cases[i].text, strlen(cases[i].text), &t) != OUTCOME_OK || t.n != 1)
			fail_msg("%s", cases[i].why);
		if (t.last.state != cases[i].want || (int)fact(&t, FACT_PATHS_UP) != cases[i].up ||
			(int)fact(&t, FACT_QUEUES_FOREVER) != cases[i].forever ||
			(int)fact(&t, FACT_IO_WAITS) != cases[i].waits)
			fail_msg("%s: %s %.0f %.0f %.0f", cases[i].why,
				state_text((enum state)t.last.state), fact(&t, FACT_PATHS_UP),
				fact(&t, FACT_QUEUES_FOREVER), fact(&t, FACT_IO_WAITS));
	}
}

static void test_who_a_map_is(void **unused)
{
	static const char text[] = MAPS(MAP("mpath a/b", "off", "0", GROUP(PATH("sda", "ready"))));
	struct told t;

	(void)unused;
	assert_int_equal(parse(text, sizeof(text) - 1, &t), OUTCOME_OK);
	assert_int_equal(t.last.kind, KIND_MAP);
	assert_int_equal(t.last.job, 7);
	assert_string_equal(t.last.name, "mpath_a_b");
	assert_string_equal(t.last.serial, "36001405aa");
	assert_string_equal(t.last.vendor, "LIO-ORG");
	assert_string_equal(t.last.dev, "/dev/dm-0");
	assert_int_equal((int)fact(&t, FACT_PATH_ERRORS), 3);
}

static void test_what_is_not_whole_says_nothing(void **unused)
{
	static const char good[] = MAPS(MAP("a", "off", "0", GROUP(PATH("sda", "ready")))),
			  broken[] = MAPS("{\"name\":\"a\"}," MAP(
				  "b", "off", "0", GROUP(PATH("sda", "ready")))),
			  unchecked[] =
				  MAPS(MAP("a", "off", "0", "{\"paths\":[{\"dev\":\"sda\"}]}")),
			  number[] = MAPS("3"), none[] = MAPS("");
	struct told t;

	(void)unused;
	for (size_t len = 0; len < sizeof(good) - 2; len++) {
		assert_int_equal(parse(good, len, &t), OUTCOME_NONSENSE);
		assert_int_equal(t.n, 0);
	}
	assert_int_equal(parse(broken, sizeof(broken) - 1, &t), OUTCOME_NONSENSE);
	assert_int_equal(t.n, 1);
	assert_string_equal(t.last.name, "b");
	assert_int_equal(parse(unchecked, sizeof(unchecked) - 1, &t), OUTCOME_NONSENSE);
	assert_int_equal(t.n, 0);
	assert_int_equal(parse(number, sizeof(number) - 1, &t), OUTCOME_NONSENSE);
	assert_int_equal(parse("timeout\n", 8, &t), OUTCOME_NONSENSE);
	assert_int_equal(parse(none, sizeof(none) - 1, &t), OUTCOME_OK);
	assert_int_equal(t.n, 0);
}

/* A multipathd that answers one client: @promise bytes are promised, @text is sent. */
static pid_t serve(char *name, size_t size, size_t promise, const char *text, size_t len)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	int fd = socket(AF_UNIX, SOCK_STREAM, 0);
	pid_t child;

	format_text(name, size, "/ballast/test/%d", (int)getpid());
	memcpy(a.sun_path + 1, name, strlen(name));
	assert_int_equal(
		bind(fd, (struct sockaddr *)&a,
			(socklen_t)(offsetof(struct sockaddr_un, sun_path) + 1 + strlen(name))),
		0);
	assert_int_equal(listen(fd, 1), 0);
	child = fork();
	assert_true(child >= 0);
	if (!child) {
		char asked[64] = "";
		size_t n = 0;
		int c;

		alarm(60);
		c = accept(fd, NULL, NULL);
		if (recv(c, &n, sizeof(n), MSG_WAITALL) != sizeof(n) || n > sizeof(asked) ||
			recv(c, asked, n, MSG_WAITALL) != (ssize_t)n ||
			strcmp(asked, "show maps json") != 0)
			_exit(1);
		if (promise)
			(void)!send(c, &promise, sizeof(promise), MSG_NOSIGNAL);
		(void)!send(c, text, len, MSG_NOSIGNAL);
		if (!promise)
			(void)!read(c, asked, 1);
		_exit(0);
	}
	close(fd);
	return child;
}

static void test_asking(void **unused)
{
	static const struct {
		const char *why;
		size_t promise, len;
		enum outcome want;
	} cases[] = {
		{"whole", 6, 6, OUTCOME_OK},
		{"cut off", 60, 6, OUTCOME_SHORT},
		{"beyond belief", (size_t)1 << 40, 6, OUTCOME_NONSENSE},
		{"silence", 0, 0, OUTCOME_TIMEOUT},
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char name[64], *reply = NULL;
		size_t len = 0;
		pid_t child = serve(name, sizeof(name), cases[i].promise, "{\"a\":1", cases[i].len);
		enum outcome o = multipathd_ask(name, "show maps json",
			cases[i].want == OUTCOME_TIMEOUT ? 50 : 30000, &reply, &len);
		int status = -1;

		if (o != cases[i].want)
			fail_msg("%s: %s", cases[i].why, outcome_text(o));
		assert_int_equal(reply != NULL, o == OUTCOME_OK);
		if (reply)
			assert_string_equal(reply, "{\"a\":1");
		free(reply);
		assert_int_equal(waitpid(child, &status, 0), child);
		assert_int_equal(status, 0);
	}
}

static void test_nobody_there(void **unused)
{
	char *reply = NULL;
	size_t len;

	(void)unused;
	assert_int_equal(
		multipathd_ask("/ballast/test/nobody", "show maps json", 1000, &reply, &len),
		OUTCOME_GONE);
	assert_int_equal(multipathd_ask("/ballast/test/nobody", "reconfigure", 1000, &reply, &len),
		OUTCOME_REFUSED);
	assert_null(reply);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_a_map_says),
		cmocka_unit_test(test_who_a_map_is),
		cmocka_unit_test(test_what_is_not_whole_says_nothing),
		cmocka_unit_test(test_asking),
		cmocka_unit_test(test_nobody_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
