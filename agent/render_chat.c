#include "agent/render_parts.h"

#include <stdio.h>

static const char *const colours[SEV_COUNT] = {
	[SEV_NONE] = "#6b7280", [SEV_INFO] = "#2563eb", [SEV_WARNING] = "#d97706", [SEV_CRITICAL] = "#dc2626",
};

struct facts {
	unsigned n;
	struct {
		const char *name, *value;
	} fact[8];
};

static void fact_add(struct facts *f, const char *name, const char *value)
{
	if (!*value || f->n == ARRAY_SIZE(f->fact))
		return;
	f->fact[f->n].name = name;
	f->fact[f->n++].value = value;
}

static void facts_of(const struct render_input *in, const struct alert_words *w, struct facts *f)
{
	const struct array_row *array = array_at(in->view->model, in->alert->array);

	*f = (struct facts){};
	fact_add(f, "Component", w->what);
	fact_add(f, "Severity", severity_text(in->alert->severity));
	fact_add(f, "Verdict", w->verdict);
	fact_add(f, "Margin", w->margin);
	fact_add(f, "Carries", array && array->used ? array->services : "");
	fact_add(f, "Host", w->where);
	fact_add(f, "Time", w->since);
}

/* Slack's three control characters (api.slack.com, "Escaping text"). */
static void slack_escape(char *dst, size_t size, const char *src)
{
	size_t at = 0;

	dst[0] = 0;
	for (; *src && at + 6 < size; src++) {
		const char *as = *src == '&' ? "&amp;" : *src == '<' ? "&lt;" : *src == '>' ? "&gt;" : NULL;

		format_text(dst + at, size - at, as ? "%s" : "%.1s", as ? as : src);
		at += strlen(dst + at);
	}
}

struct json_object *render_slack(const struct render_input *in)
{
	struct json_object *o = json_object_new_object(), *list = json_object_new_array(), *a = json_object_new_object();
	struct json_object *fields = json_object_new_array();
	struct alert_words w;
	struct facts f;
	char text[1024];

	alert_words(in, &w);
	facts_of(in, &w, &f);
	slack_escape(text, sizeof(text), w.title);
	put_string(o, "text", text);
	put_string(a, "color", w.resolved ? "#16a34a" : word_in(colours, ARRAY_SIZE(colours), in->alert->severity));
	slack_escape(text, sizeof(text), in->alert->action);
	put_string(a, "text", text);
	put_string(a, "fallback", w.title);
	for (unsigned i = 0; i < f.n; i++) {
		struct json_object *one = json_object_new_object();

		put_string(one, "title", f.fact[i].name);
		slack_escape(text, sizeof(text), f.fact[i].value);
		put_string(one, "value", text);
		json_object_object_add(one, "short", json_object_new_boolean(1));
		json_object_array_add(fields, one);
	}
	json_object_object_add(a, "fields", fields);
	put_string(a, "footer", in->id);
	json_object_array_add(list, a);
	json_object_object_add(o, "attachments", list);
	return o;
}

static struct json_object *teams_block(const char *text, const char *weight, const char *colour)
{
	struct json_object *o = json_object_new_object();

	put_string(o, "type", "TextBlock");
	put_string(o, "text", text);
	put_string(o, "weight", weight);
	put_string(o, "color", colour);
	json_object_object_add(o, "wrap", json_object_new_boolean(1));
	return o;
}

static struct json_object *teams_card(const struct render_input *in)
{
	struct json_object *card = json_object_new_object(), *body = json_object_new_array();
	struct json_object *set = json_object_new_object(), *facts = json_object_new_array();
	struct json_object *width = json_object_new_object();
	struct alert_words w;
	struct facts f;

	alert_words(in, &w);
	facts_of(in, &w, &f);
	json_object_array_add(body, teams_block(w.title, "Bolder",
		w.resolved ? "Good" : in->alert->severity == SEV_CRITICAL ? "Attention" : "Warning"));
	if (*in->alert->action)
		json_object_array_add(body, teams_block(in->alert->action, "Default", "Default"));
	for (unsigned i = 0; i < f.n; i++) {
		struct json_object *one = json_object_new_object();

		put_string(one, "title", f.fact[i].name);
		put_string(one, "value", f.fact[i].value);
		json_object_array_add(facts, one);
	}
	put_string(set, "type", "FactSet");
	json_object_object_add(set, "facts", facts);
	json_object_array_add(body, set);
	put_string(width, "width", "Full");
	put_string(card, "$schema", "http://adaptivecards.io/schemas/adaptive-card.json");
	put_string(card, "type", "AdaptiveCard");
	put_string(card, "version", "1.4");
	json_object_object_add(card, "body", body);
	json_object_object_add(card, "msteams", width);
	return card;
}

/* Workflows webhooks take Adaptive Cards only. */
struct json_object *render_teams(const struct render_input *in)
{
	struct json_object *o = json_object_new_object(), *list = json_object_new_array(), *a = json_object_new_object();

	put_string(a, "contentType", "application/vnd.microsoft.card.adaptive");
	json_object_object_add(a, "contentUrl", NULL);
	json_object_object_add(a, "content", teams_card(in));
	json_object_array_add(list, a);
	put_string(o, "type", "message");
	json_object_object_add(o, "attachments", list);
	return o;
}
