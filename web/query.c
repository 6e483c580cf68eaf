#include <errno.h>

#include "web/http_parts.h"
#include "web/metrics.h"

enum { EVENTS_LIMIT = HISTORY_EVENTS };

static bool piece_fits(
	const struct piece *p, const char *array, const char *kind, const char *health)
{
	return p->json && (!array || !strcmp(p->array, array)) &&
	       (!kind || !strcmp(kind_text(p->kind), kind)) &&
	       (!health || !strcmp(health_text(p->health), health));
}

enum MHD_Result answer_components(struct http *h, struct MHD_Connection *c)
{
	const char *array = argument(c, "array"), *kind = argument(c, "kind"),
		   *health = argument(c, "health");
	const struct pieces *all = &h->pieces[PIECE_COMPONENT];
	struct out o = {};

	if (kind && kind_from_text(kind) == KIND_NONE)
		return answer_text(c, MHD_HTTP_BAD_REQUEST, "application/json",
			"{\"error\":\"no such kind\"}\n");
	if (health && health_from_text(health) == HEALTH_UNKNOWN &&
		strcmp(health, health_text(HEALTH_UNKNOWN)))
		return answer_text(c, MHD_HTTP_BAD_REQUEST, "application/json",
			"{\"error\":\"no such health\"}\n");
	out_text(&o, "[");
	for (uint32_t i = 0, n = 0; i < all->count; i++) {
		if (!piece_fits(&all->piece[i], array, kind, health))
			continue;
		out_bytes(&o, ",\n", n++ ? 2 : 0);
		out_bytes(&o, all->piece[i].json, all->piece[i].len);
	}
	out_text(&o, "]\n");
	return answer_out(c, "application/json", &o);
}

static enum MHD_Result answer_piece(struct MHD_Connection *c, const struct piece *p)
{
	struct out o = {};

	out_bytes(&o, p->json, p->len);
	out_text(&o, "\n");
	return answer_out(c, "application/json", &o);
}

enum MHD_Result answer_component(struct http *h, struct MHD_Connection *c, const char *id)
{
	const struct pieces *all = &h->pieces[PIECE_COMPONENT];

	for (uint32_t i = 0; i < all->count; i++)
		if (all->piece[i].json && !strcmp(all->piece[i].id, id))
			return answer_piece(c, &all->piece[i]);
	return answer_text(
		c, MHD_HTTP_NOT_FOUND, "application/json", "{\"error\":\"no such component\"}\n");
}

enum MHD_Result answer_run(struct http *h, struct MHD_Connection *c, const char *id)
{
	const struct pieces *all = &h->pieces[PIECE_RUN];
	const char *digits = *id == 'r' ? id + 1 : id;
	char *end;
	unsigned long n;

	errno = 0;
	n = strtoul(digits, &end, 10);
	for (uint32_t i = 0; end != digits && !*end && !errno && i < all->count; i++)
		if (all->piece[i].json && all->piece[i].number == n)
			return answer_piece(c, &all->piece[i]);
	return answer_text(
		c, MHD_HTTP_NOT_FOUND, "application/json", "{\"error\":\"no such run\"}\n");
}

/* A whole number argument: @missing when it is not given, false when it is none. */
static bool number_argument(
	struct MHD_Connection *c, const char *name, uint64_t missing, uint64_t *ret)
{
	const char *s = argument(c, name);
	char *end;

	*ret = missing;
	if (!s)
		return true;
	errno = 0;
	*ret = strtoull(s, &end, 10);
	return *s >= '0' && *s <= '9' && !*end && !errno;
}

static bool incident_argument(struct MHD_Connection *c, char *buf, size_t size)
{
	const char *s = argument(c, "incident");

	buf[0] = '\0';
	if (!s)
		return true;
	if (!strncmp(s, "i-", 2))
		s += 2;
	return *s && strspn(s, "0123456789") == strlen(s) &&
	       format_text(buf, size, "\"incident\":\"i-%s\"", s);
}

enum MHD_Result answer_events(struct http *h, struct MHD_Connection *c)
{
	uint64_t after, limit, n = 0;
	char incident[48];
	struct out o = {};
	const struct history_event *e;

	if (!number_argument(c, "after", 0, &after) || !number_argument(c, "limit", 100, &limit) ||
		!incident_argument(c, incident, sizeof(incident)))
		return answer_text(c, MHD_HTTP_BAD_REQUEST, "application/json",
			"{\"error\":\"not a number\"}\n");
	limit = MIN_OF(limit, (uint64_t)EVENTS_LIMIT);
	out_text(&o, "[");
	for (e = history_after(h->history, after); e && n < limit;
		e = history_after(h->history, e->sequence)) {
		if (!e->json || (incident[0] && !strstr(e->json, incident)))
			continue;
		out_bytes(&o, ",\n", n++ ? 2 : 0);
		out_bytes(&o, e->json, e->json_len);
	}
	out_text(&o, "]\n");
	return answer_out(c, "application/json", &o);
}

enum MHD_Result answer_metrics(struct http *h, struct MHD_Connection *c)
{
	const char *array = argument(c, "array");
	const struct body *b = &h->body[RES_METRICS];
	struct out o = {};

	if (!array || !b->plain)
		return answer_body(h, c, RES_METRICS);
	metrics_of_array(b->text, b->len, array, &o);
	if (!o.len) {
		out_free(&o);
		return answer_text(c, MHD_HTTP_NOT_FOUND, "text/plain", "No such array.\n");
	}
	return answer_out(c, "text/plain; version=0.0.4; charset=utf-8", &o);
}
