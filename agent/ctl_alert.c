#include <json-c/json.h>

#include "agent/ctl.h"

/* A sink may need its whole connect and transfer limit, and one retry. */
enum { WAIT_MS = 30000 };

struct trial {
	uint64_t sequence;     /* of the test message */
	struct alert_row last; /* as last seen */
	bool seen, over;
};

static void look(struct ctl *c, struct trial *t, uint64_t after)
{
	bool found = false;

	for (uint32_t i = 0; i < alert_count(&c->model); i++) {
		const struct alert_row *a = alert_at(&c->model, i);

		if (!a->used || a->type != ALERT_TEST || a->sequence <= after ||
			(t->seen && a->sequence != t->sequence))
			continue;
		t->last = *a;
		t->sequence = a->sequence;
		t->seen = found = true;
	}
	/* a row that is gone was delivered everywhere, or given up on: its last state says which */
	t->over = t->seen && (!found || (t->last.wanted & ~(t->last.done | t->last.parked)) == 0);
}

/* What was accepted may be known only from the record that retired the row. */
static void note_record(struct trial *t, const struct record *r)
{
	struct alert_row a;

	if (r->table != TABLE_ALERT)
		return;
	memcpy(&a, r->row, sizeof(a));
	if (!t->seen || a.sequence != t->sequence)
		return;
	t->last.done |= a.done;
	t->last.parked |= a.parked;
}

static bool wants(const struct ctl *c, const struct trial *t, uint32_t sink)
{
	return sink < 32 && sink_at(&c->model, sink)->used && t->last.wanted >> sink & 1;
}

/* One sink's answer; true when it accepted. */
static bool tell_sink(struct ctl *c, const struct trial *t, uint32_t sink, struct json_object *list)
{
	const struct sink_row *s = sink_at(&c->model, sink);
	bool refused = t->last.parked >> sink & 1, accepted = !refused && t->last.done >> sink & 1;

	if (list) {
		struct json_object *o = json_object_new_object();

		json_object_object_add(o, "sink", json_object_new_string(s->name));
		json_object_object_add(o, "type", json_object_new_string(sink_type_text(s->type)));
		json_object_object_add(o, "accepted", json_object_new_boolean(accepted));
		json_object_object_add(o, "error",
			accepted || !s->error[0] ? NULL : json_object_new_string(s->error));
		json_object_array_add(list, o);
	} else {
		ctl_print(c, "%s (%s): %s%s%s", s->name, sink_type_text(s->type),
			accepted  ? "accepted"
			: refused ? "refused"
				  : "not accepted yet, is tried again",
			!accepted && s->error[0] ? ": " : "", accepted ? "" : s->error);
	}
	return accepted;
}

static int told(struct ctl *c, const struct trial *t)
{
	struct json_object *list = c->json ? json_object_new_array() : NULL;
	unsigned wanted = 0, accepted = 0;

	for (uint32_t i = 0; i < sink_count(&c->model); i++) {
		if (!wants(c, t, i))
			continue;
		wanted++;
		accepted += tell_sink(c, t, i, list);
	}
	if (list)
		(void)ctl_print_json(c, list);
	if (!wanted)
		return ctl_error(c, CTL_REFUSED,
			"no sink wanted the message: name one, or add a sink to the configuration");
	return accepted == wanted ? CTL_OK
				  : ctl_error(c, CTL_REFUSED, "%u of %u sinks did not accept it",
					    wanted - accepted, wanted);
}

static int wait_for(struct ctl *c, struct trial *t, uint64_t after)
{
	uint64_t until = boot_ms() + WAIT_MS;

	for (look(c, t, after); !t->over; look(c, t, after)) {
		uint64_t now = boot_ms();
		struct record rec = {};
		int r;

		if (now >= until)
			break;
		r = ctl_next(c, (int)(until - now), &rec);
		if (r < 0)
			return -r;
		if (r)
			note_record(t, &rec);
	}
	return 0;
}

int ctl_test_alert(struct ctl *c)
{
	struct trial t = {};
	struct command cmd;
	struct reply reply;
	uint64_t after;
	int r = ctl_follow(c);

	if (r)
		return r;
	after = c->model.sequence;
	ctl_command_init(&cmd, CMD_TEST_ALERT);
	if (c->words && !copy_text(cmd.id, sizeof(cmd.id), c->word[0]))
		return ctl_usage(c, "%.40s… is too long", c->word[0]);
	r = ctl_send(c, &cmd, &reply);
	if (!r)
		r = wait_for(c, &t, after);
	return r ? r : told(c, &t);
}
