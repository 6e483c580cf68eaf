#include "agent/rules.h"
#include "agent/view_words.h"

/* A finding of a rule that this build does not know still says its id and where. */
enum text_of { TITLE, MEANING, ACTION };

static const char *template_of(const struct finding_row *f, enum text_of what)
{
	int i = rule_index(f->rule_id);
	const struct rule *r = i >= 0 ? &rules[i] : NULL;

	if (!r)
		return NULL;
	return what == TITLE ? r->title : what == MEANING ? r->meaning : r->action;
}

static bool expand(const struct view *v, const struct finding_row *f, enum text_of what, char *buf,
	size_t size)
{
	const char *template = template_of(f, what);

	if (!template || !template[0])
		return false;
	rule_expand(v->model, f, template, buf, size);
	return buf[0];
}

static void where(const struct view *v, const struct finding_row *f, char *buf, size_t size)
{
	const struct array_row *a = array_at(v->model, f->array);

	if (f->component != NONE32)
		view_component_name(v->model, f->component, buf, size);
	else
		copy_text(buf, size, a && a->used ? a->name : "Ballast");
}

void view_finding_title(const struct view *v, const struct finding_row *f, char *buf, size_t size)
{
	char name[128];

	if (expand(v, f, TITLE, buf, size))
		return;
	where(v, f, name, sizeof(name));
	format_text(buf, size, "%s: %s", name, f->rule_id);
	upper_first(buf);
}

void view_finding_meaning(const struct view *v, const struct finding_row *f, char *buf, size_t size)
{
	if (!expand(v, f, MEANING, buf, size))
		copy_text(buf, size, f->detail);
}

void view_finding_action(const struct view *v, const struct finding_row *f, char *buf, size_t size)
{
	char text[512];

	if (!expand(v, f, ACTION, text, sizeof(text)))
		format_text(text, sizeof(text), "Look at it: ballastctl explain F-%u.", f->id);
	view_commands(v, text, buf, size);
}

void view_evidence(const struct view *v, const struct evidence *e, char *buf, size_t size)
{
	struct line l = line_on(buf, size);
	char value[64];

	(void)v;
	if (e->fact == FACT_NONE) {
		line_add(&l, "%s", state_text(e->state));
		if (e->has_was)
			line_add(&l, ", was %s", state_text(e->was_state));
		return;
	}
	view_fact_value(e->fact, e->value, value, sizeof(value));
	line_add(&l, "%s", value);
	if (e->has_was) {
		view_fact_value(e->fact, e->was, value, sizeof(value));
		line_add(&l, ", was %s", value);
	}
}
