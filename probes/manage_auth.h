/* How drivers say who they are: hashes and headers. Never keeps a secret. */
#pragma once
#include "probes/manage.h"

/** manage_digest() - hex of a hash ("sha256", "md5") of "USER_PASSWORD"; false when it is not to be had */
bool manage_digest(const char *hash, const struct manage_settings *s, char *ret, size_t size);
/** manage_set_basic() - HTTP Basic as the token of this address */
void manage_set_basic(struct manage *m);
/** manage_login_json() - {"@user_key":"…","@secret_key":"…"}, quoted; free() it, wiped; NULL */
char *manage_login_json(const struct manage_settings *s, const char *user_key, const char *secret_key);
/** manage_wipe() - free what holds a secret */
void manage_wipe(char *text);
