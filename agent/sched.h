/*
 * Who is to be looked at when, and by which worker. Pure: a clock comes in, jobs go out. One job in
 * flight per target; a worker that overruns is given up and counted against its target.
 */
#pragma once
#include "agent/model.h"

enum { SCHED_WORKERS = 64, SCHED_ABANDONED_MAX = 2, SCHED_GRACE_MS = 1000, SCHED_STAGGER_MS = 250 };

/* One thing that is looked at: a device of a drives source, or a whole exec source. */
struct target {
	bool used, in_flight, event; /* event: something happened to it, look before its interval is over */
	uint8_t bus, drive_class, abandoned;
	uint16_t source;
	uint64_t due_ms;             /* next look */
	uint64_t odd_ms;             /* a management plane: when its array was last not as expected; 0 never */
	uint64_t started_ms;         /* of the job in flight */
	struct device_event device;  /* drives only; .name empty otherwise */
};

struct worker {
	bool used, ready;            /* ready: its link is up and no job is out */
	bool outdated;               /* its job's indexes are those of an older configuration */
	uint8_t bus;
	uint16_t index;              /* the supervisor's number for it */
	int fd;                      /* its link; owned by the process around */
	uint32_t job, target;        /* NONE32: idle */
	uint64_t deadline_ms;
};

struct sched {
	const struct config *config;
	struct target *targets;
	uint32_t ntargets, next_job;
	struct worker workers[SCHED_WORKERS];
	uint8_t wanted[BUS_COUNT];   /* workers asked for and not there yet */
};

/** sched_init() / sched_reconfigure() - exec sources become targets; devices come by sched_device() */
void sched_init(struct sched *s, const struct config *config);
/** sched_reconfigure() - 0 or -ENOMEM; keeps devices whose source still takes them */
must_check int sched_reconfigure(struct sched *s, const struct config *config, uint64_t now_ms);
void sched_free(struct sched *s);

/**
 * sched_device() - a device found, changed or gone
 * @ret_source: the drives source that takes it; -1 none does
 *
 * Return: 0 or -ENOMEM.
 */
must_check int sched_device(struct sched *s, const struct device_event *d, uint64_t now_ms, int *ret_source);

/**
 * sched_next() - the next job that is due and has a free worker
 * @hurry: targets whose component has an open finding are looked at each minute instead
 * @ret_worker: which worker gets it
 *
 * Return: true when *@ret and *@ret_worker were filled; the job then counts as started.
 */
bool sched_next(struct sched *s, const struct model *m, uint64_t now_ms, struct job *ret, uint32_t *ret_worker);
/** sched_want() - a bus that has due work, no idle worker and room for one more; -1 none. Counts as asked for */
int sched_want(struct sched *s, uint64_t now_ms);

/** sched_done() - a job ended: its worker is free, its target due again. False for a job nobody waits for */
bool sched_done(struct sched *s, uint32_t job, const struct model *m, uint64_t now_ms);
/** sched_counts() - is @worker at work on @job, and does what it says fit the present configuration? */
bool sched_counts(const struct sched *s, uint32_t worker, uint32_t job);
/** sched_overrun() - a worker past its deadline: taken out, target counted; index into workers or -1 */
int sched_overrun(struct sched *s, uint64_t now_ms, uint32_t *ret_target);
/** sched_worker_add() / sched_worker_gone() - links come and go; gone returns the target it was busy with or NONE32 */
int sched_worker_add(struct sched *s, unsigned bus, unsigned index, int fd);
uint32_t sched_worker_gone(struct sched *s, uint32_t worker, uint64_t now_ms);
/** sched_released() - an abandoned worker of this target has died after all */
void sched_released(struct sched *s, uint32_t target);
/** sched_hurry_array() - something happened to the array: its sources are due now */
void sched_hurry_array(struct sched *s, unsigned array, uint64_t now_ms);
/** sched_next_ms() - when the next target falls due or the next worker overruns; UINT64_MAX never */
uint64_t sched_next_ms(const struct sched *s, uint64_t now_ms);

/** source_takes() - does this drives source match the device */
bool source_takes(const struct config *c, const struct cfg_source *s, const struct device_event *d);
