/*
 * The parts of the configuration loader that scenarios share: schema tables of sinks and plans, and what
 * turns their nodes into rows of struct config. Inside of the loader only.
 */
#pragma once
#include "agent/config.h"
#include "agent/yaml_schema.h"

extern const struct yaml_schema config_schema;

/* For scenario_schema.c: the same words mean the same there. */
extern const struct yaml_schema name_schema, text_schema, prose_schema, bool_schema, services_schema, plans_schema,
	sinks_schema, duration_schema, number_schema, real_schema, severity_schema, clear_schema, verdict_schema,
	operations_schema;

/* Where each row came from, so that a cross check can point at it. */
struct build {
	struct ydoc *doc;
	struct config *c;
	bool full;              /* the pool did not take a text */
	bool steps_full, sources_full;
	bool scenario;          /* scripts and receivers need not exist */
	int array_node[CFG_ARRAYS], source_node[CFG_SOURCES], sink_node[CFG_SINKS], plan_node[CFG_PLANS];
	int step_node[CFG_STEPS];
};

void build_defaults(struct config *c);
/** build_*() - one node of a list into the next free row; quietly full, since the schema told it */
void build_array(struct build *b, int node);
void build_sink(struct build *b, int node);
void build_plan(struct build *b, int node);
/** build_list() - texts of a list node into the pool */
cfg_text build_list(struct build *b, int list, uint32_t *count);
cfg_text build_text(struct build *b, int map, const char *key);
/** build_local() - the implicit array of the host's own drives; @node: where it is said when there is no room */
void build_local(struct build *b, int node);

enum { CA_BUNDLES = 3 };
enum { MANAGE_SECRET_MAX = 1024, MANAGE_IDENTITY_MAX = 16 * 1024, MANAGE_CA_MAX = 256 * 1024 };
extern const char *const ca_bundles[CA_BUNDLES];
/** build_manage() - the keys that all management planes share */
void build_manage(struct build *b, struct cfg_source *s, int node);
/** check_manage() / check_manage_files() - what goes with what; and what they name on disk */
void check_manage(struct build *b);
void check_manage_files(struct build *b);
/** check_names() - what must be known or unique: arrays, sinks, plans, steps, fallbacks without a circle */
void check_names(struct build *b);
/** check_files() - what is named must be there and safe: scripts, programs, secrets */
void check_files(struct build *b);

/** build_operations() - words of a list to a bit per enum operation */
uint32_t build_operations(const struct ydoc *d, int list);

/** *_valid() - looks at one text; false and @why (at least 160 bytes) in words */
bool name_valid(const char *text, char *why, size_t size);
bool path_valid(const char *text, char *why, size_t size);
bool listen_valid(const char *text, char *why, size_t size);
bool address_valid(const char *text, char *why, size_t size);
bool component_id_valid(const char *text, char *why, size_t size);
bool witness_valid(const char *text, char *why, size_t size);
bool url_valid(const char *text, char *why, size_t size);
bool mail_url_valid(const char *text, char *why, size_t size);
bool url_secret_valid(const char *text, bool mail);
/** manage_address_valid() - HOST, HOST:PORT or [V6]:PORT; a name is resolved once and kept */
bool manage_address_valid(const char *text, char *why, size_t size);
bool user_valid(const char *text, char *why, size_t size);
bool pin_valid(const char *text, char *why, size_t size);
bool weekly_valid(const char *text, char *why, size_t size);

/** regular_path_valid() - is there a regular file at @path? */
bool regular_path_valid(const char *path, char *why, size_t size);
/**
 * secret_read() - a secret's file: present, regular, not readable by others, not empty
 * @ret: its text without trailing white space; caller frees
 *
 * Return: 0; -EINVAL and @why in words.
 */
must_check int secret_read(const char *path, size_t max, char **ret, char *why, size_t size);
/** script_valid() - a plan's script: there, marked as one, and nobody else can write to it or above it */
bool script_valid(const char *path, char *why, size_t size);
/** pin_decode() - "sha256//" and base64, or 64 hex digits (colons allowed), of a SubjectPublicKeyInfo; false */
bool pin_decode(const char *text, uint8_t *ret);
/** base64_decode() - standard alphabet, no line breaks; bytes, 0 when it is none or does not fit */
unsigned base64_decode(const char *text, uint8_t *ret, size_t size);
/** whsec_decode() - one "whsec_…" line; bytes, 0 when it is none */
unsigned whsec_decode(const char *text, uint8_t *ret, size_t size);
