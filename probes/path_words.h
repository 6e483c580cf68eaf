/*
 * What the kernel, a target and multipathd call the states of a path, as closed tables. Pure: a word
 * in, a state out; a word outside the tables is unknown, never ok.
 */
#pragma once
#include "probes/reading.h"

enum { PATH_TRANSITION_MS = 60000, PATH_RAW = 48 };

enum path_vocabulary {
	PATH_SCSI_DEVICE,   /* scsi_device "state" (Linux drivers/scsi/scsi_sysfs.c) */
	PATH_ISCSI_SESSION, /* iscsi_session "state" (scsi_transport_iscsi.c) */
	PATH_FC_PORT,       /* fc_host and fc_remote_ports "port_state" (scsi_transport_fc.c) */
	PATH_NVME,          /* nvme controller "state" (drivers/nvme/host/sysfs.c) */
	PATH_ANA,     /* "ana_state" (drivers/nvme/host/multipath.c; NVMe Base 2.0, figure 222) */
	PATH_CHECKER, /* multipathd "chk_st" (libmultipath/checkers.c) */
	PATH_VOCABULARY_COUNT
};

/* A state as a source gives it. @raw is what the other side said. */
struct path_state {
	uint8_t state;     /* enum state */
	uint32_t limit_ms; /* STATE_TRANSITION: how long it may last */
	char raw[PATH_RAW];
};

/** path_state_set() - all of it at once */
void path_state_set(struct path_state *s, enum state state, const char *raw);

/** path_word() - a word of one of the vocabularies; blanks around it do not count */
void path_word(enum path_vocabulary v, const char *word, struct path_state *ret);

/* The namespaces of one controller, each with its ANA state. Zero before the first. */
struct ana_sum {
	unsigned serving, lost, unknown;
	struct path_state worst; /* of those that do not serve */
};

/** ana_add() - one more namespace's word */
void ana_add(struct ana_sum *s, const char *word);

/**
 * ana_total() - what it means for the controller as a path
 *
 * All serve: ok. Some do: degraded. None: what the worst says. Nothing added: ok, "live", since
 * a controller without ANA serves whatever it has.
 */
void ana_total(const struct ana_sum *s, struct path_state *ret);

/**
 * path_name() - what a path is called: readable, the same after a restart, at most NAME_MAX_LEN - 1
 * @parts: put together with ':', empty ones left out; what is too long loses its beginning
 */
void path_name(const char *const *parts, size_t n, char *ret, size_t size);

/** path_field() - the value of "key=" in "a=b,c=d" as NVMe writes addresses; false when it has none */
bool path_field(const char *text, const char *key, char *ret, size_t size);

/** path_part() - the part of a sysfs path that begins with @prefix and a digit or '-': "session" -> "session3" */
bool path_part(const char *sysfs, const char *prefix, char *ret, size_t size);
