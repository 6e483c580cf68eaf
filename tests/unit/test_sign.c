#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <errno.h>
#include <string.h>

#include "agent/sign.h"

/* The vector that the Standard Webhooks reference libraries test with. */
static const char secret[] = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw";
static const char id[] = "msg_p5jXN8AQM9LWM0D4loKWxJek";
static const char body[] = "{\"test\": 2432232314}";
static const char want[] = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=";

static void test_reference_vector(void **unused)
{
	struct sign_key keys[SIGN_KEYS] = {};
	uint8_t key[SIGN_KEY_MAX];
	char buf[SIGN_HEADER];
	int n = sign_decode_key(secret, key);

	(void)unused;
	assert_int_equal(n, 24);
	keys[0] = (struct sign_key){key, (size_t)n};
	assert_int_equal(sign_webhook(keys, id, 1614265330, body, strlen(body), buf, sizeof(buf)), 1);
	assert_string_equal(buf, want);
	assert_int_equal(sign_webhook(keys, id, 1614265331, body, strlen(body), buf, sizeof(buf)), 1);
	assert_string_not_equal(buf, want);
}

static void test_two_keys_while_one_is_rotated_out(void **unused)
{
	static const uint8_t newer[64] = {1, 2, 3};
	struct sign_key keys[SIGN_KEYS] = {{newer, sizeof(newer)}};
	uint8_t key[SIGN_KEY_MAX];
	char buf[SIGN_HEADER];
	int n = sign_decode_key(secret, key);

	(void)unused;
	assert_int_equal(n, 24);
	keys[1] = (struct sign_key){key, (size_t)n};
	assert_int_equal(sign_webhook(keys, id, 1614265330, body, strlen(body), buf, sizeof(buf)), 2);
	assert_ptr_equal(strchr(buf, ' '), buf + 47);
	assert_string_equal(strchr(buf, ' ') + 1, want);
	keys[0].len = 0;
	assert_int_equal(sign_webhook(keys, id, 1614265330, body, strlen(body), buf, sizeof(buf)), 1);
	assert_string_equal(buf, want);
	keys[1].len = 0;
	assert_int_equal(sign_webhook(keys, id, 1614265330, body, strlen(body), buf, sizeof(buf)), 0);
	assert_string_equal(buf, "");
	assert_int_equal(sign_webhook(keys, "a.b", 1, body, strlen(body), buf, sizeof(buf)), -EINVAL);
}

static void test_keys(void **unused)
{
	static const struct {
		const char *text;
		int want;
		const char *why;
	} cases[] = {
		{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n", 24, "a file ends with a newline"},
		{"  MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", 24, "without the prefix"},
		{"whsec_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA=", 32, "padding"},
		{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaS", -EINVAL, "cut off"},
		{"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2La LaSw", -EINVAL, "two words"},
		{"whsec_MfKQ9r8GKYqr!wjUPD8ILPZIo2LaLaSw", -EINVAL, "not base64"},
		{"whsec_MfKQ==8GKYqrTwjUPD8ILPZIo2LaLaSw", -EINVAL, "padding inside"},
		{"whsec_c2hvcnQ=", -ERANGE, "short keys are guessed"},
		{"whsec_", -ERANGE, "nothing"},
		{"", -ERANGE, "an empty file"},
		{"AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA", -ERANGE,
			"66 bytes"},
	};
	uint8_t key[SIGN_KEY_MAX];

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		if (sign_decode_key(cases[i].text, key) != cases[i].want)
			fail_msg("%s: %d", cases[i].why, sign_decode_key(cases[i].text, key));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_reference_vector),
		cmocka_unit_test(test_two_keys_while_one_is_rotated_out),
		cmocka_unit_test(test_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
