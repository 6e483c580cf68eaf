#include "agent/manage_jobs.h"

#include "agent/prober_exec.h"

static const struct manage_driver *const drivers[SOURCE_TYPE_COUNT] = {
	[SOURCE_SPECTRUM] = &manage_spectrum,
	[SOURCE_MC] = &manage_mc,
	[SOURCE_SANTRICITY] = &manage_santricity,
	[SOURCE_REDFISH] = &manage_redfish,
};

static const char *text_at(const struct credentials *c, size_t size, uint32_t at)
{
	return c && at && at < size - offsetof(struct credentials, pool) ? c->pool + at : "";
}

static void fill_settings(const struct config *c, unsigned source, const struct credentials *k, size_t size,
	struct manage_settings *ret)
{
	const struct cfg_source *s = &c->sources[source];

	*ret = (struct manage_settings){.transport = s->transport,
		.tls = s->tls,
		.naddress = (uint8_t)MIN_OF(s->naddress, (uint32_t)MANAGE_ADDRESSES),
		.user = cfg_str(c, s->user),
		.secret = text_at(k, size, k ? k->secret[source] : 0),
		.identity = text_at(k, size, k ? k->identity[source] : 0),
		.ca = text_at(k, size, k ? k->ca[source] : 0),
		.ca_len = k ? k->ca_len[source] : 0,
		.known_hosts = cfg_str(c, s->known_hosts),
		.interval_ms = s->interval_ms};
	for (unsigned i = 0; i < ret->naddress; i++)
		ret->address[i] = cfg_list(c, s->address, i);
	for (unsigned i = 0; i < s->npin && ret->npins < MANAGE_PINS; i++)
		ret->pin[ret->npins++] = cfg_list(c, s->pin, i);
	if (strlen(ret->ca) < ret->ca_len)
		ret->ca_len = 0;
}

enum outcome manage_run(char *const *argv, int stdin_fd, uint32_t timeout_ms, struct manage_ran *ret)
{
	struct exec_result r;

	exec_run_fed(argv, stdin_fd, timeout_ms, &r);
	*ret = (struct manage_ran){.output = realloc(r.output, r.len + 1), .len = r.len, .status = r.status};
	if (ret->output)
		ret->output[r.len] = '\0';
	else
		free(r.output);
	copy_text(ret->error, sizeof(ret->error), r.error);
	return r.outcome;
}

void manage_carry_out(const struct job *j, const struct config *c, const struct credentials *credentials,
	size_t size, struct manage_memories *memories, const struct job_sink *sink)
{
	struct job_end e = {.job = j->id, .source = j->source, .outcome = OUTCOME_UNSUPPORTED};
	const struct manage_driver *d = j->type < SOURCE_TYPE_COUNT && j->source < c->nsources ? drivers[j->type] : NULL;
	uint64_t started_ms = boot_ms();
	struct manage_settings s;

	if (d) {
		fill_settings(c, j->source, credentials, size, &s);
		manage_look(&(struct manage_look){.job = j,
				    .plane = (enum plane)c->sources[j->source].plane,
				    .settings = &s,
				    .driver = d,
				    .memory = manage_recall(memories, &s, (enum source_type)j->type, started_ms),
				    .run = manage_run,
				    .reading = sink->reading,
				    .arg = sink->arg},
			&e);
	} else {
		copy_text(e.error, sizeof(e.error), "this worker does not know that kind of source");
	}
	e.took_ms = (uint32_t)(boot_ms() - started_ms);
	sink->end(&e, sink->arg);
}

void manage_end(const struct config *c, const struct credentials *credentials, size_t size,
	struct manage_memories *memories, uint32_t limit_ms)
{
	uint64_t end_ms = boot_ms() + limit_ms;

	for (unsigned i = 0; i < c->nsources; i++) {
		enum source_type type = (enum source_type)c->sources[i].type;
		const struct manage_driver *d = type < SOURCE_TYPE_COUNT ? drivers[type] : NULL;
		struct manage_settings s;

		if (!d || c->sources[i].transport != MANAGE_REST)
			continue;
		fill_settings(c, i, credentials, size, &s);
		manage_leave(&s, d, manage_recall(memories, &s, type, boot_ms()), end_ms);
	}
}
