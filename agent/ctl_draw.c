#include <json-c/json.h>
#include <stdarg.h>

#include "agent/ctl.h"

enum text_style style_of_severity(enum severity s)
{
	return s >= SEV_CRITICAL ? STYLE_CRITICAL : s == SEV_WARNING ? STYLE_WARNING : STYLE_PLAIN;
}

enum text_style style_of_health(enum health h)
{
	switch (h) {
	case HEALTH_OK:
		return STYLE_PLAIN;
	case HEALTH_WARNING:
		return STYLE_WARNING;
	case HEALTH_CRITICAL:
	case HEALTH_FAILED:
	case HEALTH_ABSENT:
		return STYLE_CRITICAL;
	case HEALTH_UNKNOWN:
	case HEALTH_COUNT:
		break;
	}
	return STYLE_WARNING;
}

void ctl_say(struct ctl *c, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	(void)vfprintf(c->out, fmt, ap);
	va_end(ap);
}

void ctl_print(struct ctl *c, const char *fmt, ...)
{
	char *text = NULL;
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vasprintf(&text, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	text_clean(text);
	ctl_say(c, "%s\n", text);
	free(text);
}

int ctl_print_json(struct ctl *c, struct json_object *o)
{
	ctl_say(c, "%s\n",
		json_object_to_json_string_ext(
			o, (c->tty ? JSON_C_TO_STRING_PRETTY : JSON_C_TO_STRING_PLAIN) |
				   JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
	return CTL_OK;
}

const char *ctl_ago(const struct view *v, uint64_t at_ms, char *buf, size_t size)
{
	if (!at_ms)
		copy_text(buf, size, "never");
	else
		span_text(v->now_ms > at_ms ? v->now_ms - at_ms : 0, buf, size);
	return buf;
}

const struct finding_row *ctl_finding(struct ctl *c, const char *id)
{
	const char *digits = !strncmp(id, "F-", 2) || !strncmp(id, "f-", 2) ? id + 2 : id;
	const struct finding_row *f = NULL;
	char *end;
	unsigned long n = strtoul(digits, &end, 10);

	if (digits[0] >= '0' && digits[0] <= '9' && !*end && n && n < NONE32)
		f = model_finding_by_id(&c->model, (uint32_t)n, NULL);
	if (!f)
		(void)ctl_error(c, CTL_REFUSED,
			"there is no finding %s: ballastctl findings lists them", id);
	return f;
}
