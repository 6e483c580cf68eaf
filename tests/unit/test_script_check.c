#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/config_parts.h"

#define MARKED "#!/bin/sh\n# ballast-plan: 1\nexit 0\n"

static char dir[] = "/tmp/ballast-script-XXXXXX";
static char path[128], why[160];

static const char *in_dir(const char *name)
{
	format_text(path, sizeof(path), "%s/%s", dir, name);
	return path;
}

static void write_script(const char *name, const char *text, size_t blanks, mode_t mode)
{
	FILE *f = fopen(in_dir(name), "we");

	assert_non_null(f);
	(void)fputs("#!/bin/sh\n", f);
	for (size_t i = 0; i < blanks; i++)
		(void)fputc('\n', f);
	(void)fputs(text, f);
	assert_int_equal(fchmod(fileno(f), mode), 0);
	assert_int_equal(fclose(f), 0);
}

static void expect(const char *what, const char *name, bool want)
{
	if (script_valid(in_dir(name), why, sizeof(why)) != want)
		fail_msg("%s: %s", what, want ? why : "was taken");
}

static void test_the_mark(void **unused)
{
	(void)unused;
	write_script("a", MARKED, 0, 0755);
	expect("marked", "a", true);
	write_script("a", "exit 0\n", 0, 0755);
	expect("not marked", "a", false);
	write_script("a", MARKED, 2000, 0755);
	expect("marked behind the first KB", "a", false);
	write_script("a", "# ballast-plan: 10\n", 0, 0755);
	expect("another version", "a", false);
	write_script("a", "echo '# ballast-plan: 1'\n", 0, 0755);
	expect("not a line of its own", "a", false);
	write_script("a", "# ballast-plan: 1", 0, 0755);
	expect("last line without its end", "a", true);
}

static void test_who_may_write(void **unused)
{
	(void)unused;
	write_script("a", MARKED, 0, 0775);
	expect("its group", "a", false);
	write_script("a", MARKED, 0, 0757);
	expect("everybody", "a", false);
	write_script("a", MARKED, 0, 0644);
	expect("not executable", "a", false);
	write_script("a", MARKED, 0, 0700);
	expect("the owner", "a", true);
	if (geteuid() == 0) {
		assert_int_equal(chown(in_dir("a"), 65534, 65534), 0);
		expect("owned by somebody else", "a", false);
	}
	expect("not there", "b", false);
	expect("a folder", ".", false);
}

static void test_folders_above(void **unused)
{
	(void)unused;
	assert_int_equal(mkdir(in_dir("open"), 0755), 0);
	assert_int_equal(mkdir(in_dir("open/plans"), 0755), 0);
	write_script("open/plans/a", MARKED, 0, 0755);
	expect("closed all the way", "open/plans/a", true);
	assert_int_equal(chmod(in_dir("open"), 0777), 0);
	expect("somebody can put another folder there", "open/plans/a", false);
	assert_int_equal(chmod(in_dir("open"), 01777), 0);
	expect("sticky: nobody can", "open/plans/a", true);
	assert_int_equal(chmod(in_dir("open"), 0775), 0);
	expect("the group can", "open/plans/a", false);
}

static void test_links(void **unused)
{
	char target[128];

	(void)unused;
	write_script("real", MARKED, 0, 0755);
	copy_text(target, sizeof(target), in_dir("real"));
	assert_int_equal(mkdir(in_dir("links"), 0755), 0);
	assert_int_equal(symlink(target, in_dir("links/a")), 0);
	expect("a link in a closed folder", "links/a", true);
	assert_int_equal(chmod(in_dir("links"), 0777), 0);
	expect("somebody can point it elsewhere", "links/a", false);
}

static int setup(void **unused)
{
	(void)unused;
	return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **unused)
{
	char cmd[128];

	(void)unused;
	format_text(cmd, sizeof(cmd), "rm -r %s", dir);
	return system(cmd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_the_mark),
		cmocka_unit_test(test_who_may_write),
		cmocka_unit_test(test_folders_above),
		cmocka_unit_test(test_links),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
