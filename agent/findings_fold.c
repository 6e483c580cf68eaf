/* Symptoms of one cause fold into the finding of the cause. */
#include "agent/engine_parts.h"

enum { LINGER_MS = 60000 };

/* On the same component: the first tells no more than the second. Earlier rows win. */
static const struct {
	const char *symptom, *cause;
} pairs[] = {
	{"canister.failed", "canister.service"},
	{"canister.after-service-request", "canister.service"},
	{"canister.after-service-request", "canister.failed"},
	{"canister.after-service-request", "canister.absent"},
	{"canister.degraded", "canister.after-service-request"},
	{"canister.transition", "canister.after-service-request"},
	{"canister.unreachable", "canister.after-service-request"},
	{"canister.error-code", "canister.service"},
	{"canister.error-code", "canister.failed"},
	{"canister.error-code", "canister.after-service-request"},
	{"canister.error-code", "canister.degraded"},
	{"component.error-code", "component.failed"},
	{"component.error-code", "component.degraded"},
	{"component.listed-fault", "canister.service"},
	{"component.listed-fault", "canister.failed"},
	{"component.listed-fault", "canister.absent"},
	{"component.listed-fault", "canister.degraded"},
	{"component.listed-fault", "component.failed"},
	{"component.listed-fault", "component.degraded"},
	{"canister.flapping", "canister.restarted"},
	{"path.degraded", "path.flapping"},
	{"path.degraded", "path.trespassing"},
	{"drive.spare-low", "drive.nvme-spare"},
	{"drive.attribute-failing", "drive.smart-failing"},
	{"drive.wear", "drive.wear/used-up"},
	{"drive.scsi-warning", "drive.predictive-failure"},
	{"drive.smart-failing", "drive.predictive-failure"},
	{"drive.too-hot", "drive.nvme-temperature"},
	{"drive.stale", "drive.untrusted"},
	{"drive.stale", "drive.counter-fell"},
};

/* Active findings by component, and those of arrays and of Ballast itself. */
struct fold {
	const struct engine *e;
	uint32_t *head, *next; /* NONE32 ends a list; head[ncomponents]: without component */
	uint32_t ncomponents;
};

static uint32_t first_on(const struct fold *f, uint32_t component)
{
	return f->head[MIN_OF(component, f->ncomponents)];
}

static const struct finding_row *at(const struct fold *f, uint32_t i)
{
	return finding_at(&f->e->model, i);
}

static bool is_rule(const struct finding_row *f, const char *id)
{
	return !strcmp(f->rule_id, id);
}

/* "x" and "x/growth" are folded into "x/critical": same words up to the slash, and not less severe. */
static bool is_stage_of(const struct finding_row *less, const struct finding_row *more)
{
	size_t a = strcspn(less->rule_id, "/"), b = strcspn(more->rule_id, "/");

	if (a != b || memcmp(less->rule_id, more->rule_id, a) != 0 || less->rule == more->rule)
		return false;
	return more->tier > less->tier ||
	       (more->tier == less->tier && !less->rule_id[a] && more->rule_id[b]);
}

static uint32_t same_place(const struct fold *f, uint32_t finding)
{
	const struct finding_row *s = at(f, finding);

	for (uint32_t i = first_on(f, s->component); i != NONE32; i = f->next[i]) {
		const struct finding_row *c = at(f, i);

		if (i == finding || c->array != s->array || c->component != s->component)
			continue;
		if (is_stage_of(s, c))
			return i;
		for (unsigned p = 0; p < ARRAY_SIZE(pairs); p++)
			if (is_rule(s, pairs[p].symptom) && is_rule(c, pairs[p].cause))
				return i;
	}
	return NONE32;
}

/* The finding that says that this canister does not serve. */
static uint32_t loss_of(const struct fold *f, uint32_t component)
{
	const struct component_row *c = component_at(&f->e->model, component);

	if (!c || !c->used || member_of_state((enum state)c->state) == MEMBER_SERVING)
		return NONE32;
	for (uint32_t i = first_on(f, component); i != NONE32; i = f->next[i])
		if (rules[at(f, i)->rule].test == TEST_STATE)
			return i;
	return NONE32;
}

/* A path is explained only when every canister it leads through is lost. */
static uint32_t lost_via(const struct fold *f, uint32_t component)
{
	const struct model *m = &f->e->model;
	uint32_t cause = NONE32;

	for (uint32_t i = 0; i < via_count(m); i++) {
		if (!via_at(m, i)->used || via_at(m, i)->component != component)
			continue;
		cause = loss_of(f, via_at(m, i)->via);
		if (cause == NONE32)
			return NONE32;
	}
	return cause;
}

/* A namespace by a controller that does not serve at all: that is what is told. */
static uint32_t lost_controller(const struct fold *f, const struct component_row *c)
{
	const struct model *m = &f->e->model;

	for (uint32_t i = 0; c->kind == KIND_NAMESPACE && i < component_count(m); i++) {
		const struct component_row *o = component_at(m, i);

		/* a controller that comes later gets the number of one that is gone */
		if (o->used && o->kind == KIND_PATH && o->array == c->array && text_equal(o->dev, c->dev) &&
			!((o->flags ^ c->flags) & COMPONENT_REMOVED))
			return loss_of(f, i);
	}
	return NONE32;
}

static uint32_t lost_partner(const struct fold *f, const struct finding_row *s)
{
	const struct model *m = &f->e->model;

	for (uint32_t i = 0; i < component_count(m); i++) {
		const struct component_row *c = component_at(m, i);
		uint32_t cause = c->used && c->kind == KIND_CANISTER && c->array == s->array &&
						 i != s->component
					 ? loss_of(f, i)
					 : NONE32;

		if (cause != NONE32)
			return cause;
	}
	return NONE32;
}

/* Said of the array, this says more. */
static const struct {
	const char *symptom, *cause;
} whole_pairs[] = {
	{"canister.code-differs-from-system", "array.different-code"},
	{"canister.booted-together", "firmware.uptime-cliff"},
};

static uint32_t said_of_array(const struct fold *f, const struct finding_row *s)
{
	for (unsigned p = 0; p < ARRAY_SIZE(whole_pairs); p++) {
		if (!is_rule(s, whole_pairs[p].symptom))
			continue;
		for (uint32_t i = first_on(f, NONE32); i != NONE32; i = f->next[i])
			if (at(f, i)->array == s->array && is_rule(at(f, i), whole_pairs[p].cause))
				return i;
	}
	return NONE32;
}

static bool is_stale(const struct finding_row *f)
{
	return is_rule(f, "drive.stale") || is_rule(f, "canister.stale") ||
	       is_rule(f, "component.stale");
}

static uint32_t silent_source(const struct fold *f, const struct finding_row *s)
{
	char name[40];

	source_name(
		f->e->config, component_at(&f->e->model, s->component)->source, name, sizeof(name));
	for (uint32_t i = first_on(f, NONE32); i != NONE32; i = f->next[i])
		if (at(f, i)->array == s->array && text_equal(at(f, i)->subject, name) &&
			(is_rule(at(f, i), "source.failing") || is_rule(at(f, i), "source.stuck")))
			return i;
	return NONE32;
}

/* What is read through an enclosure's services process is silent with it. */
static uint32_t silent_enclosure(const struct fold *f, const struct finding_row *s)
{
	const struct model *m = &f->e->model;
	const struct component_row *c = component_at(m, s->component);

	for (uint32_t i = 0; c->enclosure[0] && i < component_count(m); i++) {
		const struct component_row *o = component_at(m, i);

		if (i == s->component || !o->used || o->kind != KIND_ENCLOSURE || !o->dev[0] ||
			o->array != c->array || !text_equal(o->enclosure, c->enclosure))
			continue;
		for (uint32_t k = first_on(f, i); k != NONE32; k = f->next[k])
			if (is_rule(at(f, k), "component.stuck") ||
				is_rule(at(f, k), "component.stale") ||
				is_rule(at(f, k), "component.failed"))
				return k;
	}
	return NONE32;
}

/* Paths that come and go for one reason: the one that began is told, with its rate. */
static uint32_t began_it(const struct fold *f, uint32_t finding)
{
	const struct finding_row *s = at(f, finding);
	uint32_t first = finding;

	if (!is_rule(s, "path.flapping") && !is_rule(s, "path.trespassing"))
		return NONE32;
	for (uint32_t i = 0; i < finding_count(&f->e->model); i++) {
		const struct finding_row *o = at(f, i);

		if (o->used && o->active && o->rule == s->rule && o->array == s->array &&
			(o->since_ms < at(f, first)->since_ms ||
				(o->since_ms == at(f, first)->since_ms && i < first)))
			first = i;
	}
	return first == finding ? NONE32 : first;
}

static uint32_t cause_of(const struct fold *f, uint32_t finding)
{
	const struct finding_row *s = at(f, finding);
	const struct component_row *c =
		s->component == NONE32 ? NULL : component_at(&f->e->model, s->component);
	uint32_t cause = same_place(f, finding);

	if (cause == NONE32)
		cause = said_of_array(f, s);
	if (cause == NONE32 && !c)
		cause = together_cause(f->e, s);
	if (cause != NONE32 || !c)
		return cause;
	if (kind_is_path(c->kind))
		cause = lost_via(f, s->component);
	if (cause == NONE32)
		cause = lost_controller(f, c);
	if (cause == NONE32 && c->kind == KIND_PATH)
		cause = began_it(f, finding);
	if (cause == NONE32 && rules[s->rule].consequence)
		cause = lost_partner(f, s);
	if (cause == NONE32 && is_stale(s))
		cause = silent_source(f, s);
	if (cause == NONE32 && is_stale(s) && !c->dev[0])
		cause = silent_enclosure(f, s);
	return cause;
}

static uint16_t root_of(const struct fold *f, uint32_t finding)
{
	uint32_t cause = cause_of(f, finding), further;

	for (unsigned depth = 0; cause != NONE32 && depth < 4; depth++) {
		further = cause_of(f, cause);
		if (further == NONE32 || further == finding)
			break;
		cause = further;
	}
	return cause < NONE16 ? (uint16_t)cause : NONE16;
}

/* What the cause took along comes back a little after it: no news for anybody in between. */
static bool lingers(const struct engine *e, const struct finding_row *row)
{
	const struct finding_row *cause =
		row->folded == NONE16 ? NULL : finding_at(&e->model, row->folded);

	return cause && cause->used && !cause->active &&
	       e->wall_ms - cause->cleared_wall_ms < LINGER_MS;
}

uint64_t fold_next_ms(const struct engine *e)
{
	uint64_t next = UINT64_MAX;

	for (uint32_t i = 0; i < finding_count(&e->model); i++) {
		const struct finding_row *f = finding_at(&e->model, i);

		if (f->used && f->active && lingers(e, f))
			next = MIN_OF(next,
				e->now_ms + LINGER_MS -
					(uint64_t)(e->wall_ms - finding_at(&e->model, f->folded)
									->cleared_wall_ms));
	}
	return next;
}

static void fold_all(struct engine *e, const struct fold *f)
{
	for (uint32_t i = 0; i < finding_count(&e->model); i++) {
		struct finding_row row = *finding_at(&e->model, i);

		if (!row.used || !row.active)
			continue;
		row.folded = root_of(f, i);
		if (row.folded == finding_at(&e->model, i)->folded)
			continue;
		if (row.folded == NONE16 && lingers(e, finding_at(&e->model, i))) {
			e->refold = true;
			continue;
		}
		emit(e, REC_FINDING_CHANGED, TABLE_FINDING, i, &row, SEV_NONE, NULL);
	}
}

void findings_fold(struct engine *e)
{
	uint32_t findings = finding_count(&e->model), components = component_count(&e->model);
	uint32_t *lists;
	struct fold f;

	if (!e->refold || !findings)
		return;
	lists = malloc((components + 1 + findings) * sizeof(*lists));
	if (!lists)
		return;
	f = (struct fold){
		.e = e, .head = lists, .next = lists + components + 1, .ncomponents = components};
	memset(lists, 0xff, (components + 1 + findings) * sizeof(*lists));
	for (uint32_t i = findings; i-- > 0;) {
		const struct finding_row *r = finding_at(&e->model, i);
		uint32_t on = MIN_OF(r->component, components);

		if (!r->used || !r->active || r->rule >= rules_count)
			continue;
		f.next[i] = f.head[on];
		f.head[on] = i;
	}
	e->refold = false;
	fold_all(e, &f);
	free(lists);
}
