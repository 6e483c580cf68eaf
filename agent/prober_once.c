#include <json-c/json.h>
#include <stdio.h>

#include "agent/prober_jobs.h"
#include "probes/discover.h"

enum { ONCE_COMMAND_MS = 5000 };

static void put_text(json_object *o, const char *key, const char *text)
{
	json_object_object_add(o, key, text[0] ? json_object_new_string(text) : NULL);
}

static void put_facts(json_object *o, const struct reading *r)
{
	json_object *facts = json_object_new_object();

	for (unsigned i = 0; i < r->nfacts; i++) {
		double v = r->facts[i].value;
		json_object *n = v >= 0 && v < 9e15 && v == (double)(int64_t)v
					 ? json_object_new_int64((int64_t)v)
					 : json_object_new_double(v);

		json_object_object_add(facts, fact_info(r->facts[i].fact)->name, n);
	}
	json_object_object_add(o, "facts", facts);
}

static void print_reading(const struct reading *r)
{
	json_object *o = json_object_new_object();

	put_text(o, "name", r->name);
	put_text(o, "dev", r->dev);
	put_text(o, "class", drive_class_text((enum drive_class)r->drive_class));
	put_text(o, "outcome", outcome_text((enum outcome)r->outcome));
	put_text(o, "message", r->message);
	put_text(o, "raw", r->raw);
	put_text(o, "vendor", r->vendor);
	put_text(o, "model", r->model);
	put_text(o, "serial", r->serial);
	put_text(o, "firmware", r->firmware);
	json_object_object_add(
		o, "capacity_bytes", json_object_new_int64((int64_t)r->capacity_bytes));
	put_facts(o, r);
	puts(json_object_to_json_string_ext(
		o, JSON_C_TO_STRING_PRETTY | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
}

static void fill_job(const struct device_event *d, struct job *j)
{
	*j = (struct job){.bus = d->bus,
		.type = SOURCE_DRIVES,
		.drive_class = d->drive_class,
		.command_ms = ONCE_COMMAND_MS};
	copy_text(j->name, sizeof(j->name), d->name);
	copy_text(j->dev, sizeof(j->dev), d->dev);
	copy_text(j->sg, sizeof(j->sg), d->sg);
	copy_text(j->sysfs, sizeof(j->sysfs), d->sysfs);
	copy_text(j->model, sizeof(j->model), d->model);
	copy_text(j->firmware, sizeof(j->firmware), d->firmware);
	copy_text(j->serial, sizeof(j->serial), d->serial);
}

int prober_once(const char *dev)
{
	struct drive_history history = {};
	struct drive_memory memory = {.history = &history};
	struct device_event d;
	struct reading r;
	struct job j;

	if (discover_one(dev, &d) < 0) {
		(void)fprintf(stderr,
			"ballast-probe: %s is not a drive: name a whole disk or an NVMe controller\n",
			dev);
		return 1;
	}
	fill_job(&d, &j);
	drive_look(&j, &memory, boot_ms(), &r);
	if (!r.capacity_bytes)
		r.capacity_bytes = d.capacity_bytes;
	print_reading(&r);
	return r.outcome == OUTCOME_OK ? 0 : 2;
}

static void print_device(const struct device_event *d, void *arg)
{
	unsigned *n = arg;
	json_object *o;

	if (!d->dev[0] || d->kind != KIND_DRIVE)
		return;
	++*n;
	o = json_object_new_object();
	put_text(o, "name", d->name);
	put_text(o, "dev", d->dev);
	put_text(o, "sg", d->sg);
	put_text(o, "class", drive_class_text((enum drive_class)d->drive_class));
	put_text(o, "transport", d->transport);
	put_text(o, "vendor", d->vendor);
	put_text(o, "model", d->model);
	put_text(o, "serial", d->serial);
	put_text(o, "firmware", d->firmware);
	json_object_object_add(
		o, "capacity_bytes", json_object_new_int64((int64_t)d->capacity_bytes));
	puts(json_object_to_json_string_ext(
		o, JSON_C_TO_STRING_PLAIN | JSON_C_TO_STRING_NOSLASHESCAPE));
	json_object_put(o);
}

int prober_list(void)
{
	struct discover *d = NULL;
	unsigned n = 0;
	int r = discover_open(print_device, &n, &d);

	if (r == 0)
		r = discover_tell(d);
	discover_free(d);
	if (r < 0)
		(void)fprintf(stderr, "ballast-probe: cannot look for drives: %s\n", strerror(-r));
	else if (!n)
		(void)fprintf(stderr, "ballast-probe: no drives\n");
	return r < 0;
}
