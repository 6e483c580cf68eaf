/*
 * Between the driver's own files: one look at a Redfish service. Each look asks for the canisters; the inventory is read
 * within what is left of its requests and its time, and goes on in the next one where it stopped. What was not asked is
 * not told, and a kind that was not read whole in one look is not listed: nothing of it is absent.
 */
#pragma once
#include <json-c/json.h>

#include "probes/redfish.h"

enum { REDFISH_PART_INVENTORY, REDFISH_INVENTORY_MS = 5 * 60000 };

/* What is remembered from look to look: where an inventory goes on that one look was not enough for. */
struct redfish_turn {
	uint32_t section, at;
	uint32_t was_cut, told; /* 1: one look was not enough the last time; 1: that was told once */
	uint32_t no_software;   /* 1: with it little else fits a look: this inventory is read on without */
};

struct redfish_look {
	struct manage *m;
	struct redfish_turn *turn;
	bool inventory, cut;    /* it is being read; it has to go on in the next look */
	bool software;          /* what waits on parts was read before them in this look, and takes of its room */
	bool alone;             /* the section in hand is the first of this look: it will not get more room than now */
	struct redfish rf;
	struct redfish_links drives, volumes, pools; /* of volumes and pools the collections, of each storage */
	uint32_t every_ms;      /* of the readings that are told */
	unsigned asked;
	char why[32];           /* of the last answer that was none */
};

typedef enum outcome redfish_each_fn(struct redfish_look *l, json_object *o, const char *path);
typedef enum outcome redfish_links_fn(struct redfish_look *l, const struct redfish_links *links, redfish_each_fn *fn);

/** redfish_tell() - for a struct manage_sink whose arg is the look */
void redfish_tell(const struct reading *told, const char *address, void *arg);
enum outcome redfish_nonsense(struct redfish_look *l, const char *path);
/** redfish_ask() - a resource; caller: json_object_put(). Out of room in the inventory: .cut, OUTCOME_TIMEOUT */
enum outcome redfish_ask(struct redfish_look *l, const char *path, json_object **ret);
/** redfish_ask_members() - all pages of a collection */
enum outcome redfish_ask_members(struct redfish_look *l, const char *path, struct redfish_links *ret);
/** redfish_for_each() - ask each from number @from on; where it was cut is noted as .turn->at.
 * @lenient: a member that answers with an error is left out, its neighbours count all the same */
enum outcome redfish_for_each(struct redfish_look *l, const struct redfish_links *links, unsigned from,
	redfish_each_fn *fn, bool lenient);
/** redfish_take_each() / redfish_take_who_answers() - all of them, not lenient and lenient */
redfish_links_fn redfish_take_each, redfish_take_who_answers;
/** redfish_follow_by() - all members of the collection that @o links to, to @take; nothing when it links to none */
enum outcome redfish_follow_by(struct redfish_look *l, json_object *o, enum redfish_link_kind kind, redfish_links_fn *take,
	redfish_each_fn *fn);

/** redfish_inventory() - on from where it stopped; what it could not finish is no failure */
enum outcome redfish_inventory(struct redfish_look *l, json_object *root);
/** redfish_tell_turn() - that one look is not enough for it, while that is so and once more when it is no longer */
void redfish_tell_turn(struct redfish_look *l);
