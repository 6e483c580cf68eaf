/* Files that a configuration names: secrets that must be secret, scripts that must be safe, scenarios that must be there. */
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

#include "agent/config_parts.h"
#include "config_text.h"

static char folder[PATH_MAX / 2];

static const char *write_file(const char *name, const char *text, mode_t mode)
{
	static char path[PATH_MAX];
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", folder, name);
	(void)unlink(path);
	f = fopen(path, "we");
	assert_non_null(f);
	assert_true(fputs(text, f) >= 0);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(path, mode), 0);
	return path;
}

#define SECRET "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"

static void sink_says(const char *key, const char *path, char *says, size_t size)
{
	cleanup_(freep) struct config *c = new_config();
	char yaml[2 * PATH_MAX];

	snprintf(yaml, sizeof(yaml), ARRAY "sinks: [{name: a, type: webhook, %s\n   %s: %s}]\n",
		strcmp(key, "url_file") ? "url: \"https://x\"," : "", key, path);
	(void)load(yaml, true, c, says, size);
}

static void test_secrets_must_be_secret(void **unused)
{
	char says[2048], gone[PATH_MAX];

	(void)unused;
	sink_says("secret_file", write_file("key", SECRET "\n", 0600), says, sizeof(says));
	assert_string_equal(says, "");
	sink_says("secret_file", write_file("key", SECRET "\n", 0640), says, sizeof(says));
	assert_string_equal(says, "");
	sink_says("secret_file", write_file("key", SECRET "\n", 0644), says, sizeof(says));
	assert_non_null(
		strstr(says, "key: a secret that everybody can read or write; chmod o-rw it\n"));
	assert_non_null(strstr(says, "c.yaml:5:17: error: "));
	sink_says("secret_file", write_file("key", "", 0600), says, sizeof(says));
	assert_non_null(strstr(says, "is empty\n"));
	sink_says("secret_file", write_file("key", "hunter2\n", 0600), says, sizeof(says));
	assert_non_null(strstr(says, "not a 'whsec_' secret of 24 to 64 bytes\n"));
	assert_null(strstr(says, "hunter2"));
	sink_says("url_file", write_file("url", "hunter2\n", 0600), says, sizeof(says));
	assert_non_null(strstr(says, "does not hold a URL\n"));
	assert_null(strstr(says, "hunter2"));
	snprintf(gone, sizeof(gone), "%s/gone", folder);
	sink_says("secret_file", gone, says, sizeof(says));
	assert_non_null(strstr(says, "gone: No such file or directory\n"));
	sink_says("ca_file", write_file("ca", "nothing\n", 0644), says, sizeof(says));
	assert_non_null(strstr(says, "not a PEM bundle of certificates\n"));
}

static void test_two_keys_while_one_is_changed(void **unused)
{
	cleanup_(freep) struct config *c = new_config();
	cleanup_(freep) struct secrets *s = calloc(1, sizeof(*s));
	struct config_errors errs = {};
	char yaml[2 * PATH_MAX];

	(void)unused;
	assert_non_null(s);
	snprintf(yaml, sizeof(yaml),
		ARRAY "sinks: [{name: a, type: webhook, url: \"https://x\", secret_file: %s}]\n",
		write_file("two", SECRET "\nwhsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=\n",
			0600));
	assert_int_equal(load(yaml, true, c, NULL, 0), 0);
	assert_int_equal(config_secrets(c, s, &errs), 0);
	assert_int_equal(s->sinks[0].key_len[0], 24);
	assert_int_equal(s->sinks[0].key_len[1], 32);
	assert_int_equal(s->sinks[0].keys[0][0], 0x31);
	write_file("two", SECRET "\nnonsense\n", 0600);
	assert_true(config_secrets(c, s, &errs) < 0);
}

static void test_whsec(void **unused)
{
	uint8_t out[64];

	(void)unused;
	assert_int_equal(whsec_decode("whsec_AAECAw==", out, sizeof(out)), 4);
	assert_int_equal(out[3], 3);
	assert_int_equal(whsec_decode("AAECAw==", out, sizeof(out)), 0);
	assert_int_equal(whsec_decode("whsec_AA!CAw==", out, sizeof(out)), 0);
	assert_int_equal(whsec_decode("whsec_AAECAwQF", out, 5), 0);
	assert_int_equal(whsec_decode("whsec_", out, sizeof(out)), 0);
}

static void test_urls_from_files(void **unused)
{
	static const struct {
		const char *text;
		bool mail, ok;
	} table[] = {
		{"https://hooks.example/T/B/x", false, true},
		{"http://127.0.0.1:80/x", false, true},
		{"smtps://u:p@mail.example", true, true},
		{"smtp://mail.example", true, true},
		{"https://mail.example", true, false},
		{"smtp://mail.example", false, false},
		{"httpx://a", false, false},
		{"https://", false, false},
		{"https:///x", false, false},
		{"https://a b", false, false},
		{"", false, false},
		{"http", false, false},
		{"https", false, false},
	};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		assert_int_equal(url_secret_valid(table[i].text, table[i].mail), table[i].ok);
}

static void script_says(const char *path, char *says, size_t size)
{
	cleanup_(freep) struct config *c = new_config();
	char yaml[2 * PATH_MAX];

	snprintf(yaml, sizeof(yaml),
		ARRAY
		"plans: [{name: p, array: san1, steps: [{name: s, verbs: [check], run: %s}]}]\n",
		path);
	(void)load(yaml, true, c, says, size);
}

#define SCRIPT "#!/bin/sh\n# ballast-plan: 1\nexit 0\n"

static void test_scripts_must_be_there_and_safe(void **unused)
{
	char says[2048], gone[PATH_MAX];

	(void)unused;
	script_says(write_file("good", SCRIPT, 0755), says, sizeof(says));
	assert_string_equal(says, "");
	script_says(write_file("open", SCRIPT, 0777), says, sizeof(says));
	assert_non_null(strstr(says, "c.yaml:4:71: error: "));
	assert_non_null(strstr(says, "write"));
	script_says(write_file("plain", "#!/bin/sh\nexit 0\n", 0755), says, sizeof(says));
	assert_non_null(strstr(says, "# ballast-plan: 1"));
	snprintf(gone, sizeof(gone), "%s/gone", folder);
	script_says(gone, says, sizeof(says));
	assert_non_null(strstr(says, "No such file"));
	assert_int_equal(chmod(folder, 0777), 0);
	script_says(write_file("good", SCRIPT, 0755), says, sizeof(says));
	assert_int_equal(chmod(folder, 0700), 0);
	assert_non_null(strstr(says, "write"));
}

static void test_a_scenario_must_be_there(void **unused)
{
	cleanup_(freep) struct config *c = new_config();
	char says[1024];

	(void)unused;
	(void)load(HEAD "arrays: [{name: a, sources: [{type: scenario, scenario: kolab-2020}]}]\n",
		true, c, says, sizeof(says));
	assert_string_equal(says, "");
	assert_int_equal(c->arrays[0].simulated, 1);
	(void)load(HEAD "arrays: [{name: a, sources: [{type: scenario, scenario: kolab-1999}]}]\n",
		true, c, says, sizeof(says));
	assert_string_equal(says,
		"c.yaml:3:57: error: cannot be played: kolab-1999:1:1: error: neither a built-in "
		"scenario nor a file that can be read (No such file or directory)\n");
}

static int make_folder(void **unused)
{
	const char *tmp = getenv("TMPDIR");

	(void)unused;
	snprintf(folder, sizeof(folder), "%s/ballast-config-XXXXXX", tmp ? tmp : "/tmp");
	return mkdtemp(folder) ? 0 : -1;
}

static int remove_folder(void **unused)
{
	static const char *const names[] = {"key", "url", "ca", "two", "good", "open", "plain"};
	char path[PATH_MAX];

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
		(void)unlink(path);
	}
	return rmdir(folder);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_secrets_must_be_secret),
		cmocka_unit_test(test_two_keys_while_one_is_changed),
		cmocka_unit_test(test_whsec),
		cmocka_unit_test(test_urls_from_files),
		cmocka_unit_test(test_scripts_must_be_there_and_safe),
		cmocka_unit_test(test_a_scenario_must_be_there),
	};

	return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
