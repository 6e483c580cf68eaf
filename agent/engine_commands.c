/* What people ask for over the control socket; who they are was checked before it came here. */
#include "agent/engine_parts.h"

#include <stdarg.h>
#include <stdio.h>

void reply_set(struct reply *ret, int code, const char *fmt, ...)
{
	va_list ap;

	ret->code = code < 0 ? -code : code;
	memset(ret->text, 0, sizeof(ret->text));
	va_start(ap, fmt);
	(void)vsnprintf(ret->text, sizeof(ret->text), fmt, ap);
	va_end(ap);
}

static void adopt_component(struct engine *e, uint32_t i, unsigned *adopted, unsigned *dropped)
{
	const struct component_row *c = component_at(&e->model, i);
	char id[160], text[TEXT_MAX];

	if (c->state == STATE_ABSENT) {
		format_text(text, sizeof(text), "%.120s is no longer expected",
			component_id(&e->model, i, id, sizeof(id)));
		component_forget(e, i, text);
		(*dropped)++;
		return;
	}
	component_rebaseline(e, i);
	(*adopted)++;
}

/* Another array may stand there and be meant, unless its management just answered as the one: its serial is learned anew. */
static void forget_serial(struct engine *e, unsigned array)
{
	struct array_row a = *array_at(&e->model, array);

	for (uint32_t i = 0; i < source_count(&e->model); i++) {
		const struct source_row *s = source_at(&e->model, i);

		if (s->used && s->array == array && s->outcome == OUTCOME_OK &&
			source_is_management((enum source_type)s->type))
			return;
	}
	if (!a.used || !a.serial[0] || e->config->arrays[array].serial)
		return;
	memset(a.serial, 0, sizeof(a.serial));
	emit(e, REC_ARRAY, TABLE_ARRAY, array, &a, SEV_NONE, NULL);
}

static void adopt(struct engine *e, const struct command *c, struct reply *ret)
{
	uint32_t component = model_parse_id(&e->model, c->id);
	int array = c->id[0] ? cfg_array_index(e->config, c->id) : -1;
	unsigned adopted = 0, dropped = 0;
	struct self_row self = engine_self_row(e);
	char text[TEXT_MAX];

	if (c->id[0] && component == NONE32 && array < 0) {
		reply_set(ret, -ENOENT,
			"There is no array or component \"%.100s\"; see: ballastctl components",
			c->id);
		return;
	}
	for (uint32_t i = 0; i < component_count(&e->model); i++) {
		const struct component_row *row = component_at(&e->model, i);

		if (!row->used ||
			(component != NONE32 ? i != component : array >= 0 && row->array != array))
			continue;
		adopt_component(e, i, &adopted, &dropped);
	}
	for (unsigned a = 0; component == NONE32 && a < array_count(&e->model); a++)
		if (array < 0 || (unsigned)array == a)
			groups_adopt(e, a);
	if (component == NONE32 && array >= 0)
		forget_serial(e, (unsigned)array);
	format_text(text, sizeof(text), "%.60s adopted by %s: %u expected as they are, %u dropped",
		c->id[0] ? c->id : "Everything", c->by, adopted, dropped);
	emit(e, REC_ADOPTED, TABLE_SELF, 0, &self, SEV_INFO, text);
	reply_set(ret, 0, "%s", text);
}

static void forget(struct engine *e, const struct command *c, struct reply *ret)
{
	uint32_t component = model_parse_id(&e->model, c->id);
	char text[TEXT_MAX];

	if (component == NONE32) {
		reply_set(ret, -ENOENT,
			"There is no component \"%.100s\"; see: ballastctl components", c->id);
		return;
	}
	if (component_present(e, component)) {
		reply_set(ret, -EBUSY,
			"%.90s is still there; to take it as it is now: ballastctl adopt %.90s",
			c->id, c->id);
		return;
	}
	format_text(text, sizeof(text), "%.90s forgotten by %s", c->id, c->by);
	component_forget(e, component, text);
	reply_set(ret, 0, "%s", text);
}

static void test_alert(struct engine *e, const struct command *c, struct reply *ret)
{
	struct alert_row a = {.type = ALERT_TEST,
		.severity = SEV_INFO,
		.array = NONE16,
		.incident = NONE16,
		.plan = NONE16,
		.finding = NONE32,
		.component = NONE32};
	int sink = c->id[0] ? cfg_sink_index(e->config, c->id) : -1;

	if (c->id[0] && sink < 0) {
		reply_set(ret, -ENOENT, "There is no sink \"%.60s\" in the configuration", c->id);
		return;
	}
	if (!e->config->nsinks) {
		reply_set(ret, -ENOENT, "No sinks are configured: alerts go nowhere");
		return;
	}
	a.wanted = sink >= 0 ? 1u << sink : (uint32_t)((UINT64_C(1) << e->config->nsinks) - 1);
	copy_text(a.rule_id, sizeof(a.rule_id), "alert.test");
	format_text(a.summary, sizeof(a.summary), "Test by %s: alerts from Ballast arrive", c->by);
	copy_text(a.action, sizeof(a.action),
		"Nothing. Somebody asked Ballast to prove that alerts reach you.");
	alert_raise(e, &a);
	ret->sequence = a.sequence;
	reply_set(ret, 0, "A test alert is on its way to %s", sink >= 0 ? c->id : "every sink");
}

static void command_clean(struct command *c)
{
	c->id[sizeof(c->id) - 1] = '\0';
	c->serial[sizeof(c->serial) - 1] = '\0';
	c->why[sizeof(c->why) - 1] = '\0';
	c->by[sizeof(c->by) - 1] = '\0';
}

static void dispatch(struct engine *e, const struct command *c, struct reply *ret)
{
	switch ((enum command_type)c->type) {
	case CMD_ACK:
	case CMD_UNACK:
	case CMD_MAINTENANCE_START:
	case CMD_MAINTENANCE_STOP:
		mark_command(e, c, ret);
		break;
	case CMD_ADOPT:
		adopt(e, c, ret);
		break;
	case CMD_FORGET:
		forget(e, c, ret);
		break;
	case CMD_TEST_ALERT:
		test_alert(e, c, ret);
		break;
	case CMD_ARM:
	case CMD_DISARM:
	case CMD_DRY_RUN:
	case CMD_DRILL:
	case CMD_RUN:
	case CMD_APPROVE:
	case CMD_DENY:
	case CMD_ABORT:
	case CMD_RESUME:
	case CMD_CLEAR:
		run_command(e, c, ret);
		break;
	case CMD_FOLLOW:
	case CMD_RELOAD:
	case CMD_TYPE_COUNT:
		reply_set(ret, -EINVAL, "Not a command for the engine");
		break;
	}
}

void engine_command(struct engine *e, const struct command *command, struct reply *ret,
	uint64_t now_ms, int64_t wall_ms)
{
	struct command c = *command;
	uint64_t before = e->log.head;

	engine_enter(e, now_ms, wall_ms);
	command_clean(&c);
	*ret = (struct reply){.code = EINVAL};
	if (c.type >= CMD_TYPE_COUNT) {
		reply_set(ret, -EINVAL, "Not a command for the engine");
		return;
	}
	dispatch(e, &c, ret);
	if (!ret->sequence && e->log.head != before)
		ret->sequence = e->log.head;
	if (e->dirty || e->touched)
		settle(e);
}
