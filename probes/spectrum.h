/*
 * IBM Storwize, Spectrum Virtualize, FlashSystem, SVC: what their views say, by SSH with -delim or by REST, as
 * readings. Pure; parsed by the names of columns, never by their order.
 */
#pragma once
#include "probes/manage.h"

enum spectrum_form { SPECTRUM_JSON, SPECTRUM_CLI };

#define SPECTRUM_DELIM '|' /* iSCSI names hold colons */

enum { SPECTRUM_CANISTERS = 16, SPECTRUM_COLUMNS = 160, SPECTRUM_ROWS = 20000 };

/* One row: names and values as pairs of texts, @columns of them. */
struct spectrum_row {
	const char *name[SPECTRUM_COLUMNS], *value[SPECTRUM_COLUMNS];
	unsigned columns;
};

/* Canisters as two views tell of them, put together. */
struct spectrum_canisters {
	struct reading r[SPECTRUM_CANISTERS];
	char address[SPECTRUM_CANISTERS][48]; /* of service, where it was told */
	char node[SPECTRUM_CANISTERS][16];    /* id of the node in it; empty: none */
	unsigned n;
	bool housed;                          /* a node stands in an enclosure: there is a view of its canisters */
};

/* What is told of the system as a whole. */
struct spectrum_events {
	unsigned count, first_code;           /* errors that are not fixed; the lowest error code, the most severe */
	bool needs_service;                   /* one of the codes that ask for service is among them */
	char text[128];                       /* of that first one */
	char last[24];                        /* its sequence number */
};

/**
 * spectrum_rows() - take a whole view apart: a list, or one object in detail
 * @text: changed in place when @form is SPECTRUM_CLI; @len bytes and a NUL
 * @detail: one object, a name and a value each line, or one JSON object
 * @each: called for each row; < 0 ends it with that
 *
 * Return: how many rows; -EBADMSG cut short, not of this form, or too large.
 */
int spectrum_rows(char *text, size_t len, enum spectrum_form form, bool detail,
	int (*each)(const struct spectrum_row *row, void *arg), void *arg);
/** spectrum_value() - of a column; "" when there is none */
const char *spectrum_value(const struct spectrum_row *row, const char *name);

/** spectrum_*() - one view each. Return: rows; -EBADMSG: then it is not all there is */
must_check int spectrum_nodes(char *text, size_t len, enum spectrum_form f, struct spectrum_canisters *c);
must_check int spectrum_node(char *text, size_t len, enum spectrum_form f, struct spectrum_canisters *c);
/* @sink: canisters of expansion enclosures, which are told as expanders */
must_check int spectrum_enclosure_canisters(char *text, size_t len, enum spectrum_form f, struct spectrum_canisters *c,
	const struct manage_sink *sink);
must_check int spectrum_enclosures(char *text, size_t len, enum spectrum_form f, const struct manage_sink *sink);
must_check int spectrum_psus(char *text, size_t len, enum spectrum_form f, const struct manage_sink *sink);
must_check int spectrum_batteries(char *text, size_t len, enum spectrum_form f, const struct manage_sink *sink);
must_check int spectrum_drives(char *text, size_t len, enum spectrum_form f, const struct manage_sink *sink);
must_check int spectrum_mdisks(char *text, size_t len, enum spectrum_form f, const struct manage_sink *sink);
must_check int spectrum_eventlog(char *text, size_t len, enum spectrum_form f, struct spectrum_events *ret);
must_check int spectrum_callhome(char *text, size_t len, enum spectrum_form f, struct reading *system);
/** spectrum_system() - name, code level and settings of lssystem into a reading of the system */
must_check int spectrum_system(char *text, size_t len, enum spectrum_form f, struct reading *system);
/**
 * spectrum_protection() - is call-home on, by mail or cloud, as a fact; after both views
 *
 * Not told while the cloud may do it and did not answer. There is no cloud before 8.2.
 * Source: IBM documentation of lssystem (email_state) and lscloudcallhome (status).
 */
void spectrum_protection(struct reading *system);
