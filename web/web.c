#include "web/web.h"

#include <errno.h>
#include <json-c/json.h>

#include "web/assets.h"

enum { CLEAN_EACH = 200 };

static void publish_fixed(struct http *h, enum resource r, const unsigned char *data, size_t len)
{
	struct out o = {};

	out_bytes(&o, data, len);
	http_publish(h, r, &o);
}

void web_begin(struct web *w, struct http *http, const struct config *config)
{
	w->http = http;
	w->config = config;
	publish_fixed(http, RES_STYLE, asset_style, asset_style_len);
	publish_fixed(http, RES_SCRIPT, asset_script, asset_script_len);
}

static void touch(uint64_t *since_ms, uint64_t now_ms)
{
	if (!*since_ms)
		*since_ms = MAX_OF(now_ms, 1u);
}

static void mark_dirty(struct web *w, uint32_t component)
{
	if (component >= w->ndirty) {
		uint32_t n = component + component / 2 + 64;
		uint8_t *grown = realloc(w->dirty, n);

		if (!grown)
			return; /* its turn comes with the clean ones */
		memset(grown + w->ndirty, 1, n - w->ndirty);
		w->dirty = grown;
		w->ndirty = n;
	}
	w->dirty[component] = 1;
}

int web_snapshot(struct web *w, uint64_t build, const void *block, size_t size, uint64_t now_ms)
{
	int r = model_unpack(&w->model, build, block, size);

	if (r < 0)
		return r;
	if (w->dirty)
		memset(w->dirty, 1, w->ndirty);
	touch(&w->loud_ms, now_ms);
	return 0;
}

static char *json_text(struct json_object *o, uint32_t *ret_len)
{
	size_t len = 0;
	const char *s = o ? json_object_to_json_string_length(o,
				    JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &len)
			  : NULL;
	char *copy = s ? strndup(s, len) : NULL;

	if (o)
		json_object_put(o);
	if (ret_len)
		*ret_len = copy ? (uint32_t)len : 0;
	return copy;
}

/* Which component a row speaks of; NONE32 for the others. */
static uint32_t record_component(const struct record *r)
{
	union {
		struct fact_row fact;
		struct seen_row seen;
	} row;

	memcpy(&row, r->row, sizeof(row));
	if (r->table == TABLE_COMPONENT)
		return r->index;
	if (r->table == TABLE_FACT)
		return row.fact.component;
	return r->table == TABLE_SEEN ? row.seen.component : NONE32;
}

static struct view view_of(const struct web *w, uint64_t now_ms, int64_t wall_ms)
{
	return (struct view){.model = &w->model,
		.now_ms = now_ms,
		.wall_ms = wall_ms,
		.control = w->config ? cfg_str(w->config, w->config->control_path) : NULL};
}

int web_record(struct web *w, const struct record *r, uint64_t now_ms, int64_t wall_ms)
{
	struct view v = view_of(w, now_ms, wall_ms);
	uint32_t component;
	bool kept;

	if (r->table >= TABLE_COUNT)
		return -EPROTO;
	if (!r->quiet) {
		char *json = json_text(json_record(&v, r), NULL);

		http_lock(w->http);
		kept = history_add(&w->history, &w->model, r, json);
		http_unlock(w->http);
		if (kept)
			touch(&w->loud_ms, now_ms);
	}
	touch(&w->quiet_ms, now_ms);
	if (r->sequence <= w->model.sequence)
		return 0;
	component = record_component(r);
	if (component != NONE32 && component < component_count(&w->model) + 1)
		mark_dirty(w, component);
	return model_apply(&w->model, r);
}

void web_beat(struct web *w, const struct msg_beat *b, uint64_t now_ms)
{
	w->beat_ms = MIN_OF(b->at_ms, now_ms);
	if (w->silent)
		touch(&w->loud_ms, now_ms);
	if (now_ms - w->rest_ms >= WEB_AGES_MS - WEB_QUIET_MS / 2)
		touch(&w->quiet_ms, now_ms); /* nothing moved, but ages did */
	http_beat(w->http, w->beat_ms, w->model.sequence);
}

static void render_component(struct web *w, const struct view *v, uint32_t i)
{
	const struct component_row *c = component_at(v->model, i);
	const struct array_row *a = c ? array_at(v->model, c->array) : NULL;
	struct piece p = {};

	if (c && c->used && a) {
		p.kind = c->kind;
		p.health = c->health;
		memcpy(p.array, a->name, sizeof(p.array));
		component_id(v->model, i, p.id, sizeof(p.id));
		p.json = json_text(json_component(v, i, true), &p.len);
	}
	http_piece(w->http, PIECE_COMPONENT, i, &p);
	if (i < w->ndirty)
		w->dirty[i] = 0;
}

/* What changed at once; of the rest some each time, so that no age in it is older than a minute or so. */
static void render_components(struct web *w, const struct view *v)
{
	uint32_t n = component_count(v->model);

	if (n)
		mark_dirty(w, n - 1 < w->ndirty ? w->next_clean % n : n - 1);
	for (uint32_t i = 0; i < n && i < w->ndirty; i++)
		if (w->dirty[i])
			render_component(w, v, i);
	for (uint32_t k = 0; n && k < CLEAN_EACH && k < n; k++)
		render_component(w, v, w->next_clean++ % n);
	http_trim(w->http, PIECE_COMPONENT, n);
}

static void render_runs(struct web *w, const struct view *v)
{
	for (uint32_t i = 0; i < run_count(v->model); i++) {
		struct piece p = {.number = run_at(v->model, i)->id};

		if (run_at(v->model, i)->used)
			p.json = json_text(json_run(v, p.number), &p.len);
		http_piece(w->http, PIECE_RUN, i, &p);
	}
	http_trim(w->http, PIECE_RUN, run_count(v->model));
}

static void publish_json(struct web *w, enum resource r, struct json_object *o)
{
	struct out text = {};
	size_t len = 0;
	const char *s = json_object_to_json_string_length(
		o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE, &len);

	out_bytes(&text, s, s ? len : 0);
	out_text(&text, "\n");
	json_object_put(o);
	http_publish(w->http, r, &text);
}

static void render_page(struct web *w, const struct view *v)
{
	const struct self_row *self = self_at(&w->model, 0);
	struct page_input in = {.view = v, .config = w->config, .history = &w->history};
	struct out o = {};

	w->silent = w->beat_ms && v->now_ms - w->beat_ms > HTTP_SILENT_MS;
	if (w->silent)
		in.silent_ms = v->now_ms - w->beat_ms;
	page_render(&w->page, &in, &o);
	http_publish(w->http, RES_PAGE, &o);
	publish_json(w, RES_STATUS, json_status(v));
	publish_json(w, RES_FINDINGS, json_findings(v));
	publish_json(w, RES_FAILOVER, json_failover(v));
	http_set_ready(w->http, self && self->used && self->ready);
}

static void render_rest(struct web *w, const struct view *v)
{
	const struct metrics_options opt = {
		.smart_attributes = w->config && w->config->smart_attributes,
		.compat_smartctl = w->config && w->config->compat_smartctl};
	struct out o = {};

	metrics_render(&w->metrics, v, &opt, &o);
	http_publish(w->http, RES_METRICS, &o);
	render_components(w, v);
	render_runs(w, v);
}

static uint64_t loud_due(const struct web *w)
{
	return w->loud_ms ? MAX_OF(w->loud_ms, w->page_ms + WEB_LOUD_MS) : UINT64_MAX;
}

static uint64_t quiet_due(const struct web *w)
{
	return w->quiet_ms ? MAX_OF(w->quiet_ms, w->rest_ms + WEB_QUIET_MS) : UINT64_MAX;
}

static uint64_t silence_due(const struct web *w)
{
	return w->beat_ms && !w->silent ? w->beat_ms + HTTP_SILENT_MS + 1 : UINT64_MAX;
}

uint64_t web_next_ms(const struct web *w)
{
	uint64_t loud = loud_due(w), quiet = quiet_due(w), silence = silence_due(w);

	return MIN_OF(MIN_OF(loud, quiet), silence);
}

void web_render(struct web *w, uint64_t now_ms, int64_t wall_ms)
{
	struct view v = view_of(w, now_ms, wall_ms);
	bool loud = loud_due(w) <= now_ms, quiet = quiet_due(w) <= now_ms;

	if (loud || quiet || silence_due(w) <= now_ms) {
		render_page(w, &v);
		w->page_ms = now_ms;
	}
	if (loud)
		http_wake_streams(w->http); /* after the page: who is told finds it there */
	if (quiet || (loud && w->rest_ms + WEB_QUIET_MS <= now_ms)) {
		render_rest(w, &v);
		w->rest_ms = now_ms;
		w->quiet_ms = 0;
	} else if (loud) {
		touch(&w->quiet_ms, now_ms);
	}
	if (loud)
		w->loud_ms = 0;
}

void web_free(struct web *w)
{
	http_lock(w->http);
	history_clear(&w->history);
	http_unlock(w->http);
	model_clear(&w->model);
	page_free(&w->page);
	metrics_free(&w->metrics);
	free(w->dirty);
	*w = (struct web){};
}
