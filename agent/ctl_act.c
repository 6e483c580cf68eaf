#include <json-c/json.h>

#include "agent/ctl.h"

/* Hand a filled command over and say what was done. */
static int act(struct ctl *c, struct command *cmd)
{
	struct reply reply;
	int r = ctl_send(c, cmd, &reply);

	if (r)
		return r;
	if (c->json) {
		struct json_object *o = json_object_new_object();

		json_object_object_add(o, "done", json_object_new_boolean(true));
		json_object_object_add(o, "text", json_object_new_string(reply.text));
		json_object_object_add(o, "record", json_object_new_uint64(reply.sequence));
		return ctl_print_json(c, o);
	}
	ctl_print(c, "%s", reply.text[0] ? reply.text : "Done.");
	return CTL_OK;
}

static int take_id(struct ctl *c, struct command *cmd, const char *id)
{
	if (copy_text(cmd->id, sizeof(cmd->id), id))
		return 0;
	return ctl_usage(c, "%.40s… is too long", id);
}

static int take_why(struct ctl *c, struct command *cmd)
{
	const char *why = c->option[OPT_WHY];

	if (!why || !why[0])
		return ctl_usage(c, "%s needs --why \"TEXT\": it is shown to whoever comes next",
			c->command->name);
	if (copy_text(cmd->why, sizeof(cmd->why), why))
		return 0;
	return ctl_usage(c, "--why has at most %zu bytes", sizeof(cmd->why) - 1);
}

/* One word, one command: unack, adopt, forget, failover arm … */
int ctl_simple(struct ctl *c)
{
	struct command cmd;
	int r;

	ctl_command_init(&cmd, c->command->type);
	r = take_id(c, &cmd, c->words ? c->word[0] : "");
	return r ? r : act(c, &cmd);
}

int ctl_ack(struct ctl *c)
{
	struct command cmd;
	int r;

	ctl_command_init(&cmd, CMD_ACK);
	r = take_id(c, &cmd, c->word[0]);
	if (!r)
		r = take_why(c, &cmd);
	if (!r && !ctl_span(c, OPT_FOR, &cmd.for_ms))
		r = CTL_USAGE;
	return r ? r : act(c, &cmd);
}

/* --allow canister=1 */
static int take_allow(struct ctl *c, struct command *cmd)
{
	const char *allow = c->option[OPT_ALLOW], *equals = allow ? strchr(allow, '=') : NULL;
	char kind[32];
	unsigned long n;
	char *end;

	if (!allow)
		return 0;
	if (!equals)
		return ctl_usage(c, "--allow is KIND=NUMBER, such as canister=1");
	format_text(kind, sizeof(kind), "%.*s", (int)(equals - allow), allow);
	n = strtoul(equals + 1, &end, 10);
	if (kind_from_text(kind) == KIND_NONE || equals[1] < '0' || equals[1] > '9' || *end || !n ||
		n > 1000)
		return ctl_usage(c, "--allow is KIND=NUMBER, such as canister=1, not %s", allow);
	cmd->allow_kind = (uint16_t)kind_from_text(kind);
	cmd->allow_count = (uint32_t)n;
	return 0;
}

int ctl_maintenance(struct ctl *c)
{
	struct command cmd;
	int r;

	ctl_command_init(&cmd, c->command->type);
	r = take_id(c, &cmd, c->word[0]);
	if (r || cmd.type == CMD_MAINTENANCE_STOP)
		return r ? r : act(c, &cmd);
	r = take_why(c, &cmd);
	if (!r && !ctl_span(c, OPT_FOR, &cmd.for_ms))
		r = CTL_USAGE;
	if (!r && !cmd.for_ms)
		r = ctl_usage(c, "maintenance start needs --for DURATION: it ends by itself");
	if (!r)
		r = take_allow(c, &cmd);
	return r ? r : act(c, &cmd);
}

int ctl_failover_run(struct ctl *c)
{
	struct command cmd;
	const char *serial = c->option[OPT_SERIAL];
	int r;

	ctl_command_init(&cmd, CMD_RUN);
	r = take_id(c, &cmd, c->word[0]);
	if (!r)
		r = take_why(c, &cmd);
	if (!r && (!serial || !serial[0]))
		r = ctl_usage(c,
			"failover run needs --serial SERIAL: the array's, typed out, so that it is the right one");
	if (!r && !copy_text(cmd.serial, sizeof(cmd.serial), serial))
		r = ctl_usage(c, "--serial has at most %zu bytes", sizeof(cmd.serial) - 1);
	return r ? r : act(c, &cmd);
}
