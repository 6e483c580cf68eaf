/* A configuration: defaults, mistakes, limits, what contradicts itself, and the sample. */
#include <limits.h>

#include "config_text.h"
#include "probes/manage.h"

static void test_ten_mistakes_are_ten_errors(void **unused)
{
	static const char yaml[] =
		"version: 2\n"
		"listen: [\"127.0.0.1:98x7\"]\n"
		"arays: []\n"
		"arrays:\n"
		"  - name: san1\n"
		"    sources:\n"
		"      - {type: drives, interval: 10 min}\n"
		"      - {type: exec, comand: [/bin/true], command: [/bin/true]}\n"
		"sinks:\n"
		"  - {name: a, type: webhok, url: \"https://x.example\"}\n"
		"  - {name: b, type: webhook, url: \"ftp://x.example\"}\n"
		"  - {name: c, type: webhook, url: \"https://x.example\", fallback_for: oncal}\n"
		"plans:\n"
		"  - name: p\n"
		"    array: sam1\n"
		"    steps:\n"
		"      - {name: dns, run: /x, verbs: [promot]}\n";
	static const char expected[] =
		"c.yaml:1:10: error: 2 is out of range, expected 1 to 1\n"
		"c.yaml:2:10: error: '127.0.0.1:98x7' is without a port from 1 to 65535\n"
		"c.yaml:3:1: error: unknown key 'arays', did you mean 'arrays'?\n"
		"c.yaml:7:34: error: '10 min' is not a duration, expected one like 250ms 5s 2m 1h 30d\n"
		"c.yaml:8:22: error: unknown key 'comand', did you mean 'command'?\n"
		"c.yaml:10:21: error: unknown type 'webhok', did you mean 'webhook'?\n"
		"c.yaml:11:35: error: 'ftp://x.example' does not start with https:// or http://\n"
		"c.yaml:12:70: error: unknown sink 'oncal'\n"
		"c.yaml:15:12: error: unknown array 'sam1', did you mean 'san1'?\n"
		"c.yaml:17:38: error: unknown word 'promot', did you mean 'promote'?\n";
	cleanup_(freep) struct config *c = new_config();
	char says[4096];

	(void)unused;
	assert_true(load(yaml, false, c, says, sizeof(says)) < 0);
	assert_string_equal(says, expected);
}

static void test_defaults_are_those_of_the_contract(void **unused)
{
	static const char yaml[] =
		"version: 1\n"
		"arrays: [{name: san1, sources: [{type: drives}, {type: exec, command: [/x]}]}]\n"
		"sinks: [{name: s, type: webhook, url: \"https://x.example/y\"}]\n"
		"plans:\n"
		"  - {name: p, array: san1, steps: [{name: a, run: /x, verbs: [check, promote]}]}\n"
		"  - {name: q, array: san1, mode: auto, witness: [192.0.2.1], steps: [{name: a, run: /x, verbs: [check]}]}\n"
		"  - {name: r, array: san1, armed: false, steps: [{name: a, run: /x, verbs: [check]}]}\n";
	cleanup_(freep) struct config *c = new_config();
	char says[1024];

	(void)unused;
	assert_int_equal(load(yaml, false, c, says, sizeof(says)), 0);
	assert_string_equal(says, "");
	assert_true(c->size == sizeof(*c));
	assert_string_equal(cfg_str(c, c->listen[0]), "127.0.0.1:9877");
	assert_string_equal(cfg_str(c, c->state_directory), "/var/lib/ballast");
	assert_string_equal(cfg_str(c, c->control_path), "/run/ballast/control.sock");
	assert_int_equal(c->narrays, 2);
	assert_string_equal(cfg_str(c, c->arrays[1].name), "local");
	assert_int_equal(c->arrays[1].local, 1);
	assert_int_equal(c->arrays[0].clear_canister_ms, 300000);
	assert_int_equal(c->arrays[0].clear_path_ms, 60000);
	assert_int_equal(c->sources[0].interval_ms, 600000);
	assert_int_equal(c->sources[0].plane, PLANE_INBAND);
	assert_int_equal(c->sources[1].interval_ms, 5000);
	assert_int_equal(c->sources[1].plane, PLANE_MANAGEMENT);
	assert_int_equal(c->sinks[0].min_severity, SEV_WARNING);
	assert_int_equal(c->plans[0].mode, MODE_APPROVE);
	assert_int_equal(c->plans[0].armed, 1);
	assert_int_equal(c->plans[0].armed_said, 0);
	assert_int_equal(c->plans[1].armed, 0);
	assert_int_equal(c->plans[1].armed_said, 0);
	assert_int_equal(c->plans[2].armed, 0);
	assert_int_equal(c->plans[2].armed_said, 1);
	assert_int_equal(c->plans[0].hold_ms, 600000);
	assert_int_equal(c->plans[0].when, 1 << VERDICT_ACCESS_LOST | 1 << VERDICT_IMPENDING_LOSS);
	assert_int_equal(c->steps[0].verbs, 1 << VERB_CHECK | 1 << VERB_PROMOTE);
	assert_int_equal(c->steps[0].timeout_ms, 30000);
	assert_int_equal(c->demo_speed, 1);
}

struct cross_case {
	const char *yaml, *says, *why;
};

/* clang-format off */
static const struct cross_case cross_cases[] = {
	{HEAD "arrays: [{name: a, sources: []}]\n", "c.yaml:3:29: error: an array without a source is never seen\n", "blind"},
	{HEAD "arrays: [{name: a, sources: [{type: drives}]}, {name: a, sources: [{type: drives}]}]\n",
	 "c.yaml:3:55: error: there are two arrays named 'a'\n", "names are what everything else refers to"},
	{HEAD "arrays: [{name: \"a b\", sources: [{type: drives}]}]\n",
	 "c.yaml:3:17: error: 'a b' is not a name: letters, digits and . _ - behind the first\n", "ids contain it"},
	{ARRAY "sinks: [{name: a, type: webhook, url: \"https://x\", fallback_for: a}]\n",
	 "c.yaml:4:66: error: the fallbacks of 'a' go in a circle\n", "itself"},
	{ARRAY "sinks: [{name: a, type: webhook, url: \"https://x\", fallback_for: b}, {name: b, type: webhook, url: \"https://x\", fallback_for: a}]\n",
	 "c.yaml:4:66: error: the fallbacks of 'a' go in a circle\nc.yaml:4:127: error: the fallbacks of 'b' go in a circle\n", "each other"},
	{ARRAY "sinks: [{name: a, type: webhook}]\n", "c.yaml:4:9: error: 'url' or 'url_file' is missing\n", "nowhere to send"},
	{ARRAY "sinks: [{name: a, type: webhook, url: \"https://u:p@x/\"}]\n",
	 "c.yaml:4:39: error: 'this URL' is one with a user or password in it; put it into url_file\n", "no secrets here, nor in errors"},
	{ARRAY "sinks: [{name: a, type: webhook, url: \"https://x:99999/\"}]\n",
	 "c.yaml:4:39: error: 'https://x:99999/' is a URL whose port is not one from 1 to 65535\n", "port"},
	{ARRAY "sinks: [{name: a, type: webhook, url: \"https://x/\", arrays: [san2]}]\n",
	 "c.yaml:4:62: error: unknown array 'san2', did you mean 'san1'?\n", "a filter that matches nothing"},
	{ARRAY "plans: [{name: p, array: san1, mode: auto, steps: [{name: s, run: /x, verbs: [promote]}]}]\n",
	 "c.yaml:4:38: error: 'auto' needs a 'witness' that proves this host can see; without one only 'approve' is possible\n", "gate"},
	{ARRAY "plans: [{name: p, array: san1, steps: [{name: s, run: /x, verbs: [fence, promote]}]}]\n",
	 "c.yaml:4:66: error: 'fence' without 'fence-status': isolation could not be confirmed\n", "unknown is a stop"},
	{ARRAY "plans: [{name: p, array: san1, steps: [{name: s, verbs: [promote]}]}]\n", "c.yaml:4:40: error: 'run' is missing\n", "nothing to run"},
	{ARRAY "plans: [{name: p, array: san1, steps: [{name: s, run: x, verbs: [promote]}]}]\n",
	 "c.yaml:4:55: error: 'x' is not an absolute path\n", "found from where?"},
	{ARRAY "plans: [{name: p, array: san1, steps: [{name: s, run: /x, verbs: [check], env: {PATH: /tmp, LD_PRELOAD: x}}]}]\n",
	 "c.yaml:4:81: error: 'PATH' cannot be set by a step\nc.yaml:4:93: error: 'LD_PRELOAD' cannot be set by a step\n", "what decides what runs"},
	{HEAD "arrays: [{name: san1, sources: [{type: nagios, command: [/x/check_a]}, {type: nagios, command: [/y/check_a, -v]}]}]\n",
	 "c.yaml:3:72: error: two plugins are called 'check_a': give one a 'name'\n", "they would take turns"},
	{HEAD "arrays: [{name: san1, sources: [{type: nagios, command: [/x], asserts: san2/canister/B}]}]\n",
	 "c.yaml:3:72: error: 'san2/canister/B' is not of array 'san1', whose source it is\n", "nobody would see it"},
	{HEAD "arrays: [{name: san1, sources: [{type: nagios, command: [/x], asserts: san1/node/B}]}]\n",
	 "c.yaml:3:72: error: 'san1/node/B' is not of a known kind: canister, drive, path, psu, ...\n", "a word of ours"},
	{HEAD "arrays: [{name: a, sources: [{type: listen, from: [192.0.2.1]}]}, {name: b, sources: [{type: listen, from: [192.0.2.1]}]}]\n",
	 "c.yaml:3:109: error: '192.0.2.1' is heard already: by what comes from it one array is known\n", "whose message would it be?"},
	{HEAD "arrays: [{name: a, sources: [{type: listen, from: []}]}]\n", "c.yaml:3:51: error: a source that hears nobody\n", "deaf"},
	{HEAD "listen: [\"127.0.0.1:80\", \"127.0.0.1:81\", \"127.0.0.1:80\"]\n", "c.yaml:3:42: error: '127.0.0.1:80' is there twice\n",
		"an address twice"},
	{HEAD "control: /ttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt.sock\n",
		"c.yaml:3:10: error: '/ttttttttttttttttttttttttttttttttttttttttttttttttttttttttttt…' is longer than 107 bytes\n", "a socket's path that is too long"},
	{HEAD "listen: [\"localhost:80\", \":80\", \"[::1]:80\", \"10.0.0.1:0\"]\n",
	 "c.yaml:3:10: error: 'localhost:80' is not on an IPv4 or IPv6 address; names are not resolved here\n"
	 "c.yaml:3:26: error: ':80' is not on an IPv4 or IPv6 address; names are not resolved here\n"
	 "c.yaml:3:45: error: '10.0.0.1:0' is without a port from 1 to 65535\n", "addresses"},
};
/* clang-format on */

static void test_cross_checks(void **unused)
{
	cleanup_(freep) struct config *c = new_config();
	char says[2048];

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(cross_cases); i++) {
		(void)load(cross_cases[i].yaml, false, c, says, sizeof(says));
		if (strcmp(says, cross_cases[i].says))
			print_message("%s:\n%s", cross_cases[i].why, cross_cases[i].yaml);
		assert_string_equal(says, cross_cases[i].says);
	}
}

static void test_limits_are_said_plainly(void **unused)
{
	cleanup_(freep) char *yaml = calloc(1, 65536);
	cleanup_(freep) struct config *c = new_config();
	char says[4096];
	size_t at;

	(void)unused;
	assert_non_null(yaml);
	at = (size_t)snprintf(yaml, 65536, "version: 1\narrays:\n");
	for (unsigned i = 0; i <= CFG_ARRAYS; i++)
		at += (size_t)snprintf(
			yaml + at, 65536 - at, "  - {name: a%u, sources: [{type: drives}]}\n", i);
	assert_true(load(yaml, false, c, says, sizeof(says)) < 0);
	assert_string_equal(says, "c.yaml:67:5: error: too many: at most 64 arrays\n");
	assert_int_equal(c->narrays, CFG_ARRAYS);
	at = (size_t)snprintf(yaml, 65536,
		"version: 1\nlocal: false\narrays: [{name: a, sources: [{type: drives}]}]\nplans:\n");
	for (unsigned p = 0; p < 3; p++) {
		at += (size_t)snprintf(
			yaml + at, 65536 - at, "  - name: p%u\n    array: a\n    steps:\n", p);
		for (unsigned i = 0; i < 50; i++)
			at += (size_t)snprintf(yaml + at, 65536 - at,
				"    - {name: s%u, run: /x, verbs: [check]}\n", i);
	}
	assert_true(load(yaml, false, c, says, sizeof(says)) < 0);
	assert_string_equal(
		says, "c.yaml:142:7: error: too many: at most 128 steps over all plans\n");
	assert_int_equal(c->nsteps, CFG_STEPS);
}

/* Two arrays of @n and @rest sources; the hidden ones are told like those that are written. */
static void many_sources(unsigned n, const char *rest, char *says, size_t size)
{
	cleanup_(freep) char *yaml = calloc(1, 65536);
	cleanup_(freep) struct config *c = new_config();
	size_t at;

	assert_non_null(yaml);
	at = (size_t)snprintf(yaml, 65536, "version: 1\narrays:\n");
	for (unsigned a = 0; a < 2; a++) {
		at += (size_t)snprintf(yaml + at, 65536 - at, "  - name: a%u\n    sources:\n", a);
		for (unsigned i = 0; i < (a ? n - n / 2 : n / 2); i++)
			at += (size_t)snprintf(yaml + at, 65536 - at, "      - {type: enclosure}\n");
	}
	snprintf(yaml + at, 65536 - at, "%s", rest);
	(void)load(yaml, false, c, says, size);
	assert_true(c->nsources <= CFG_SOURCES);
}

static void test_no_source_is_dropped_in_silence(void **unused)
{
	static const struct {
		unsigned n;
		const char *rest, *says;
	} t[] = {
		{127, "", ""},
		{128, "local: false\n", ""},
		{128, "", "c.yaml:3:3: error: too many: at most 128 sources over all arrays"},
		{129, "local: false\n", "c.yaml:135:9: error: too many: at most 128 sources over all arrays"},
		{126, "      - {type: layout}\nlocal: false\n", ""},
		{127, "      - {type: layout}\nlocal: false\n", "c.yaml:134:9: error: too many: at most 128 sources over all arrays"},
		{128, "local: false\nplans: [{name: p, array: a0, witness: [192.0.2.1], steps: [{name: s, run: /x, verbs: [check]}]}]\n",
			"c.yaml:136:9: error: too many: at most 128 sources over all arrays"},
	};
	char says[4096];

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(t); i++) {
		many_sources(t[i].n, t[i].rest, says, sizeof(says));
		if (strncmp(says, t[i].says, *t[i].says ? strlen(t[i].says) : 1) != 0 || (*says && strchr(says, '\n')[1]))
			fail_msg("%u and %s%s", t[i].n, t[i].rest, says);
	}
}

/* Examples are comments whose '#' has no single blank behind it. */
static void uncomment(char *text)
{
	char *out = text;

	for (char *line = text; *line;) {
		size_t len = strcspn(line, "\n") + 1;
		bool example =
			line[0] == '#' && line[1] != '\n' && (line[1] != ' ' || line[2] == ' ');

		if (line[len - 1] == '\0')
			len--;
		memmove(out, line + example, len - example);
		out += len - example;
		line += len;
	}
	*out = '\0';
}

static void test_the_sample_is_right_and_so_are_its_examples(void **unused)
{
	const char *source = getenv("BALLAST_SOURCE");
	cleanup_(freep) struct config *c = new_config();
	cleanup_(freep) char *text = NULL;
	char path[PATH_MAX], says[4096];

	(void)unused;
	if (!source)
		skip();
	snprintf(path, sizeof(path), "%s/packaging/ballast.yaml", source);
	assert_int_equal(config_check(path, stderr), 0);
	assert_int_equal(slurp(path, 65536, &text, NULL), 0);
	uncomment(text);
	(void)load(text, false, c, says, sizeof(says));
	assert_string_equal(says, "");
	assert_int_equal(c->nsinks, 5);
	assert_int_equal(c->nplans, 1);
	assert_int_equal(c->nsteps, 2);
	assert_int_equal(c->compat_smartctl, 1);
}

static void test_management_planes(void **unused)
{
	static const struct {
		const char *keys, *says, *why;
	} rows[] = {
		{"address: [192.0.2.1], password_file: /x", "", "ca is the default"},
		{"address: [\"san1.example.net:7443\", \"[2001:db8::1]:7443\", \"2001:db8::2\"], password_file: /x", "", "forms"},
		{"address: [192.0.2.1, 192.0.2.2], password_file: /x, tls: insecure", "", "spelled out"},
		{"address: [192.0.2.1], transport: ssh, identity_file: /x, known_hosts: /y", "", "old arrays"},
		{"address: [192.0.2.1], tls: pin, password_file: /x, pin: [\"sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\"]", "", "a pin"},
		{"address: [\"https://192.0.2.1\"], password_file: /x", "3:43: error: 'https://192.0.2.1' is not HOST, HOST:PORT or [IPV6]:PORT", "a URL"},
		{"address: [\"-oProxyCommand=x\"], password_file: /x", "error: '-oProxyCommand=x' is not HOST", "an option of ssh"},
		{"address: [192.0.2.1]", "error: 'password_file' is missing: the user's password, in a file that others cannot read", "no secret"},
		{"address: [192.0.2.1], password_file: /x, tls: pin", "error: 'pin' is missing: 'tls: pin' trusts nothing else", "pin of nothing"},
		{"address: [192.0.2.1], password_file: /x, tls: pin, pin: [abc]", "error: 'abc' is not a pin", "no pin"},
		{"address: [192.0.2.1], password_file: /x, pin: [\"sha256//47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=\"]", "'pin' has a meaning only with 'tls: pin'", "a pin that is not used"},
		{"address: [192.0.2.1], transport: ssh, identity_file: /x", "'known_hosts' is missing", "whom to trust"},
		{"address: [192.0.2.1], transport: ssh, identity_file: /x, known_hosts: /y, password_file: /z", "'password_file' has no meaning", "no passwords by ssh"},
		{"address: [192.0.2.1], password_file: /x, pasword: y", "unknown key 'pasword'", "a typo"},
	};
	cleanup_(freep) struct config *c = new_config();
	char yaml[1024], says[2048];

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		snprintf(yaml, sizeof(yaml), "version: 1\narrays: [{name: san1, sources: [\n{type: spectrum, user: monitor, %s}]}]\n", rows[i].keys);
		(void)load(yaml, false, c, says, sizeof(says));
		if (*rows[i].says ? !strstr(says, rows[i].says) : *says)
			fail_msg("%s: says '%s'", rows[i].why, says);
	}
	assert_int_equal(load("version: 1\narrays: [{name: a, sources: [{type: spectrum, user: m, address: [h, i], "
			      "password_file: /x, tls: insecure}]}]\n", false, c, says, sizeof(says)), 0);
	assert_int_equal(c->sources[0].naddress, 2);
	assert_string_equal(cfg_list(c, c->sources[0].address, 1), "i");
	assert_int_equal(c->sources[0].tls, MANAGE_TLS_INSECURE);
	assert_int_equal(c->sources[0].plane, PLANE_MANAGEMENT);
	assert_int_equal(c->sources[0].interval_ms, 10000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_ten_mistakes_are_ten_errors),
		cmocka_unit_test(test_defaults_are_those_of_the_contract),
		cmocka_unit_test(test_cross_checks),
		cmocka_unit_test(test_limits_are_said_plainly),
		cmocka_unit_test(test_no_source_is_dropped_in_silence),
		cmocka_unit_test(test_management_planes),
		cmocka_unit_test(test_the_sample_is_right_and_so_are_its_examples),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
