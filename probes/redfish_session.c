/* Sessions of a Redfish service: the one thing that is made there, and deleted again. */
#include "probes/redfish_session.h"

#include "probes/manage_auth.h"

/* "Location" of a new session, with or without its origin (DSP0266, Redfish session login authentication). */
static void keep_session(struct manage *m, const struct manage_answer *a)
{
	char location[512], path[REDFISH_PATH];
	const char *at = location;

	if (!manage_header(a, "Location", location, sizeof(location)))
		return;
	if (!strncmp(at, "https://", 8))
		at += 8 + strcspn(at + 8, "/");
	if (redfish_path(at, path) && strstr(path, "/Sessions/"))
		manage_set_session(m, path);
}

void redfish_logout(struct manage *m)
{
	struct manage_request rq = {.path = manage_session(m), .leave = true};
	struct manage_answer a;

	if (*rq.path)
		(void)manage_ask(m, &rq, &a);
}

enum outcome redfish_login(struct manage *m)
{
	char *body = manage_login_json(manage_settings(m), "UserName", "Password"), token[1024],
	     header[MANAGE_TOKEN];
	struct manage_request rq = {.path = REDFISH_ROOT "/SessionService/Sessions",
		.body = body ? body : "",
		.anonymous = true};
	struct manage_answer a;
	enum outcome o = manage_ask(m, &rq, &a);

	manage_wipe(body);
	if (o == OUTCOME_OK && manage_header(&a, "X-Auth-Token", token, sizeof(token))) {
		format_text(header, sizeof(header), "X-Auth-Token: %s", token);
		manage_set_token(m, header);
		keep_session(m, &a);
	} else if (o == OUTCOME_OK || a.status == 404 || a.status == 405 || a.status == 501) {
		manage_set_basic(m);
		return OUTCOME_OK;
	}
	return o;
}
