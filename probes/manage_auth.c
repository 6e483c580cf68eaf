#include "probes/manage_auth.h"

#include <json-c/json.h>
#include <openssl/evp.h>

bool manage_digest(const char *hash, const struct manage_settings *s, char *ret, size_t size)
{
	const EVP_MD *md = EVP_get_digestbyname(hash);
	unsigned char bytes[EVP_MAX_MD_SIZE];
	char text[1200];
	unsigned n = 0;
	bool fine = md && format_text(text, sizeof(text), "%s_%s", s->user, s->secret) &&
		    EVP_Digest(text, strlen(text), bytes, &n, md, NULL) == 1 && 2 * n < size;

	explicit_bzero(text, sizeof(text));
	for (unsigned i = 0; fine && i < n; i++)
		format_text(ret + 2 * i, size - 2 * i, "%02x", bytes[i]);
	return fine;
}

void manage_set_basic(struct manage *m)
{
	const struct manage_settings *s = manage_settings(m);
	char text[900], header[MANAGE_TOKEN] = "Authorization: Basic ";
	size_t at = strlen(header);

	if (format_text(text, sizeof(text), "%s:%s", s->user, s->secret)) {
		EVP_EncodeBlock(
			(unsigned char *)header + at, (unsigned char *)text, (int)strlen(text));
		manage_set_token(m, header);
	}
	explicit_bzero(text, sizeof(text));
	explicit_bzero(header, sizeof(header));
}

void manage_wipe(char *text)
{
	if (text)
		explicit_bzero(text, strlen(text));
	free(text);
}

char *manage_login_json(
	const struct manage_settings *s, const char *user_key, const char *secret_key)
{
	json_object *o = json_object_new_object();
	char *text = NULL;

	if (o) {
		json_object_object_add(o, user_key, json_object_new_string(s->user));
		json_object_object_add(o, secret_key, json_object_new_string(s->secret));
		text = strdup(json_object_to_json_string_ext(o, JSON_C_TO_STRING_PLAIN));
	}
	json_object_put(o);
	return text;
}
