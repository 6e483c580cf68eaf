#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "probes/witness.h"

static void test_only_literals_are_addresses(void **unused)
{
	static const struct {
		const char *text, *host, *why;
		unsigned port;
	} good[] = {
		{"192.0.2.1", "192.0.2.1", "v4", 0},
		{"192.0.2.1:443", "192.0.2.1", "v4 with port", 443},
		{"2001:db8::1", "2001:db8::1", "v6 without port keeps its colons", 0},
		{"[2001:db8::1]:443", "2001:db8::1", "v6 with port", 443},
	};
	static const char *const bad[] = {"", "router", "router.example.net:80", "192.0.2.1:", "192.0.2.1:0",
		"192.0.2.1:65536", "192.0.2.1:80x", "[2001:db8::1", "[2001:db8::1]x", "1.2.3"};
	struct witness_address a;

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		if (!witness_parse(good[i].text, &a))
			fail_msg("%s: refused", good[i].why);
		assert_string_equal(a.host, good[i].host);
		assert_int_equal(a.port, good[i].port);
	}
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (witness_parse(bad[i], &a))
			fail_msg("'%s' was accepted", bad[i]);
}

static void test_refusal_is_an_answer_and_silence_is_not(void **unused)
{
	struct sockaddr_in in = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	socklen_t len = sizeof(in);
	struct witness_address a = {.host = "127.0.0.1"};
	int fd = socket(AF_INET, SOCK_STREAM, 0);
	int full[8];

	(void)unused;
	assert_int_equal(bind(fd, (struct sockaddr *)&in, sizeof(in)), 0);
	assert_int_equal(getsockname(fd, (struct sockaddr *)&in, &len), 0);
	a.port = ntohs(in.sin_port);
	assert_int_equal(witness_ask(&a, 2000), OUTCOME_OK); /* bound but not listening: refused */
	assert_int_equal(listen(fd, 0), 0);
	assert_int_equal(witness_ask(&a, 2000), OUTCOME_OK);
	/* a listener whose queue is full answers nothing more */
	for (size_t i = 0; i < ARRAY_SIZE(full); i++) {
		full[i] = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
		if (connect(full[i], (struct sockaddr *)&in, sizeof(in)) == 0)
			continue;
	}
	assert_int_equal(witness_ask(&a, 50), OUTCOME_TIMEOUT);
	for (size_t i = 0; i < ARRAY_SIZE(full); i++)
		close(full[i]);
	close(fd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_only_literals_are_addresses),
		cmocka_unit_test(test_refusal_is_an_answer_and_silence_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
