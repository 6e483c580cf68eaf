#include "agent/config_parts.h"
#include "agent/runner.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

static char *put(struct runner_env *v, const char *fmt, va_list ap)
	__attribute__((format(printf, 2, 0)));

static char *put(struct runner_env *v, const char *fmt, va_list ap)
{
	char *at = v->bytes + v->used;
	size_t room = sizeof(v->bytes) - v->used;
	int n = vsnprintf(at, room, fmt, ap);

	if (n < 0 || (size_t)n >= room)
		return NULL;
	v->used += (size_t)n + 1;
	return at;
}

static char *put_text(struct runner_env *v, const char *fmt, ...) printf_like(2, 3);

static char *put_text(struct runner_env *v, const char *fmt, ...)
{
	va_list ap;
	char *at;

	va_start(ap, fmt);
	at = put(v, fmt, ap);
	va_end(ap);
	return at;
}

static bool add(struct runner_env *v, const char *fmt, ...) printf_like(2, 3);

static bool add(struct runner_env *v, const char *fmt, ...)
{
	va_list ap;

	if (v->nenv + 1 >= RUNNER_ENV)
		return false;
	va_start(ap, fmt);
	v->envp[v->nenv] = put(v, fmt, ap);
	va_end(ap);
	return v->envp[v->nenv++];
}

static bool add_about_run(struct runner_env *v, const struct verb_order *o, uint64_t left_ms)
{
	static const char *const fenced[] = {"no", "yes", "unknown"};

	return add(v, "BALLAST_API=1") && add(v, "BALLAST_RUN_ID=r%u", o->run) &&
	       add(v, "BALLAST_EPOCH=%llu", (unsigned long long)o->epoch) &&
	       add(v, "BALLAST_MODE=%s", run_mode_text((enum run_mode)o->mode)) &&
	       add(v, "BALLAST_REASON=%.127s", o->reason) &&
	       add(v, "BALLAST_SEVERITY=%s",
		       severity_text(verdict_severity((enum verdict)o->verdict))) &&
	       add(v, "BALLAST_VERDICT=%s", verdict_text((enum verdict)o->verdict)) &&
	       add(v, "BALLAST_DEADLINE_MS=%llu", (unsigned long long)left_ms) &&
	       add(v, "BALLAST_ATTEMPT=%u", o->attempt) &&
	       (o->previous_exit < 0 ? add(v, "BALLAST_PREVIOUS_EXIT=")
				     : add(v, "BALLAST_PREVIOUS_EXIT=%d", o->previous_exit)) &&
	       add(v, "BALLAST_FENCED=%s",
		       o->fenced < ARRAY_SIZE(fenced) ? fenced[o->fenced] : "unknown");
}

static bool add_about_array(struct runner_env *v, const struct config *c, const struct cfg_plan *p,
	const struct verb_order *o)
{
	const struct cfg_array *a = &c->arrays[p->array];

	return add(v, "BALLAST_ARRAY=%s", cfg_str(c, a->name)) &&
	       add(v, "BALLAST_ARRAY_SERIAL=%.39s",
		       o->serial[0] ? o->serial : cfg_str(c, a->serial)) &&
	       add(v, "BALLAST_TARGET=%s", cfg_str(c, p->target)) &&
	       add(v, "BALLAST_HOST=%s", cfg_str(c, c->host));
}

/* A step's own variables never stand in for what Ballast says. */
static bool add_own(struct runner_env *v, const struct config *c, const struct cfg_step *s)
{
	bool path = false;

	for (unsigned i = 0; i < s->nenv; i++) {
		const char *text = cfg_list(c, s->env, i);

		if (!strncmp(text, "BALLAST_", 8) || !strchr(text, '='))
			continue;
		path |= !strncmp(text, "PATH=", 5);
		if (!add(v, "%s", text))
			return false;
	}
	return path || add(v, "PATH=/usr/sbin:/usr/bin:/sbin:/bin");
}

const struct cfg_step *runner_step(const struct config *c, const struct verb_order *o)
{
	const struct cfg_plan *p = o->plan < c->nplans ? &c->plans[o->plan] : NULL;

	if (!p || o->step >= p->nsteps || p->first_step + o->step >= c->nsteps ||
		p->array >= c->narrays)
		return NULL;
	/* for a moment over a reload the engine's numbers are others than ours */
	if (!text_equal(o->plan_name, cfg_str(c, p->name)) ||
		!text_equal(o->step_name, cfg_str(c, c->steps[p->first_step + o->step].name)))
		return NULL;
	/* only what the step lists is ever run */
	return o->verb < VERB_COUNT && (c->steps[p->first_step + o->step].verbs >> o->verb & 1)
		       ? &c->steps[p->first_step + o->step]
		       : NULL;
}

int runner_env_fill(struct runner_env *v, const struct config *config,
	const struct verb_order *order, uint64_t left_ms)
{
	const struct cfg_plan *p = &config->plans[order->plan];
	const struct cfg_step *s = &config->steps[p->first_step + order->step];

	memset(v, 0, sizeof(*v));
	if (!copy_text(v->path, sizeof(v->path), cfg_str(config, s->run)))
		return -E2BIG;
	v->argv[0] = v->path;
	v->argv[1] = put_text(v, "%s", cfg_str(config, p->name));
	v->argv[2] = put_text(v, "%s", cfg_str(config, s->name));
	v->argv[3] = put_text(v, "%s", verb_text((enum verb)order->verb));
	if (!v->argv[1] || !v->argv[2] || !v->argv[3])
		return -E2BIG;
	if (!add_about_run(v, order, left_ms) || !add_about_array(v, config, p, order) ||
		!add_own(v, config, s))
		return -E2BIG;
	return 0;
}

/* What was looked at when it was read in may be another file by now. In the child: a disk may hang. */
int runner_check_script(const char *path)
{
	char why[160];

	if (access(path, X_OK) < 0)
		return -errno;
	if (script_valid(path, why, sizeof(why)))
		return 0;
	(void)!write(RUNNER_STATUS_FD, why, strlen(why));
	return -STEP_REFUSED;
}
