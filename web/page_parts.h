/* What the page_*.c and drawing*.c files share: the context of one render and small marks. */
#pragma once
#include "web/page.h"

enum { FACTS_SHOWN = 9 };

struct ctx {
	struct out *o; /* the document */
	struct out *b; /* the section being written: same as page->body */
	struct page *page;
	const struct page_input *in;
	const struct view *v;
	const struct model *m;
	uint64_t live; /* newest live number of this render */
	enum health worst;
	unsigned order[CFG_ARRAYS]; /* arrays, worst first */
	unsigned narrays;
	char buf[512];
};

/** section_begin() / section_end() - a part that the script may swap: writes to c->b, hashed */
void section_begin(struct ctx *c);
/** @open: the tag up to but without the closing bracket, e.g. `<section id="sleep" class="sleep crit"` */
void section_end(struct ctx *c, const char *id, const char *open, const char *close);

/** glyph() - one of the symbols at the top of the page; @label for screen readers, NULL: decoration */
void glyph(struct out *o, const char *symbol, const char *class, const char *label);
/** say_clock() - time of day, with its day when that is another one */
void say_clock(struct ctx *c, int64_t wall_ms);
/**
 * say_age() - how long ago, kept up to date by the script
 * @suffix: behind the span: " ago" or ""
 * @max_ms: stale beyond this; 0 never
 */
void say_age(struct ctx *c, int64_t wall_ms, const char *suffix, uint64_t max_ms);
void say_left(struct ctx *c, int64_t wall_ms);
/** boot_to_wall() - a boot clock time as wall time; 0 stays 0 */
int64_t boot_to_wall(const struct view *v, uint64_t at_ms);
/** say_commands() - text with commands in it, as they are to be run on this host; say_command() - one to be copied */
void say_commands(struct ctx *c, const char *text);
void say_command(struct ctx *c, const char *command);
/** fresh_text() - text that may hold ages: no change by itself, replaced by the script all the same */
void fresh_text(struct ctx *c, const char *tag, const char *class, const char *text);
const char *plural(uint64_t n, const char *one, const char *many);
/** capital() - escaped text, its first letter a capital one */
void capital(struct out *o, const char *s);
/** stale_after_ms() - two polls: older is stale; 0 where the interval is not known */
uint64_t stale_after_ms(uint32_t interval_ms);
/** component_limit_ms() - the same for the fastest that reads it */
uint64_t component_limit_ms(const struct model *m, uint32_t component);

bool finding_shown(const struct finding_row *f);
bool anything_broken(const struct model *m);
const struct run_row *plan_run(const struct model *m, const struct plan_row *p);
bool run_is_open(const struct run_row *r);

void page_answer(struct ctx *c);
void page_doubts(struct ctx *c);
void page_impaired(struct ctx *c);
void page_assured(struct ctx *c);
void page_broken(struct ctx *c);
void page_plan(struct ctx *c);
void page_standing(struct ctx *c);
void page_todo(struct ctx *c);
void page_picture(struct ctx *c, unsigned array);
void page_log(struct ctx *c);
void page_coming(struct ctx *c);
void page_drives(struct ctx *c, unsigned array);

/* drawing */
enum { RIG_CANISTERS = 8, RIG_PATHS = 64, RIG_WIRES = 8, RIG_SHELVES = 64, RIG_BAYS = 32 };

struct shelf {
	char name[NAME_MAX_LEN];  /* as components call it */
	char title[NAME_MAX_LEN]; /* as people do */
	const uint32_t *drive;    /* component indexes by slot, then name */
	unsigned ndrives;
};

/* One array's parts, gathered for drawing. */
struct rig {
	const struct array_row *array;
	unsigned index;
	uint32_t canister[RIG_CANISTERS], path[RIG_PATHS];
	unsigned ncanisters, npaths, npaths_all;
	struct shelf shelf[RIG_SHELVES];
	unsigned nshelves;
	uint32_t *drives; /* all, in shelf order */
	unsigned ndrives, drives_ok;
};

/** rig_gather() - false when memory ran out; rig_free() in any case */
bool rig_gather(struct rig *r, const struct model *m, unsigned array);
void rig_free(struct rig *r);
void draw_wires(struct ctx *c, const struct rig *r);
void draw_canisters(struct ctx *c, const struct rig *r);
void draw_shelves(struct ctx *c, const struct rig *r);
/** draw_ends() - shelf @at in a few words: power and cooling, each that is not ok by name; its warmest sensor */
void draw_ends(struct ctx *c, const struct rig *r, unsigned at);
/** draw_bad_ends() - only what is not ok; @at nshelves: of what is in no shelf that is drawn. Nothing when all is ok */
void draw_bad_ends(struct ctx *c, const struct rig *r, unsigned at);
/** bay_class() - CSS class and the word for a drive's health */
const char *bay_class(const struct component_row *c);
const char *health_word(const struct component_row *c);
/** drive_label() - slot number, else a short name */
void drive_label(const struct component_row *c, char *buf, size_t size);
