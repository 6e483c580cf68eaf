#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <ctype.h>
#include <stdio.h>

#include "model_fixture.h"
#include "web/page.h"

/* A situation and the page drawn of it. */
struct drawn {
	struct fixture f;
	struct page page;
	struct out o;
};

static void redraw(struct drawn *d)
{
	struct page_input in = {.view = &d->f.view, .config = d->f.config, .history = &d->f.history};

	out_clear(&d->o);
	page_render(&d->page, &in, &d->o);
	assert_false(d->o.failed);
	out_bytes(&d->o, "", 1);
}

static void draw(struct drawn *d, const char *name)
{
	*d = (struct drawn){};
	assert_true(fixture_build(&d->f, name));
	redraw(d);
}

static void drawn_free(struct drawn *d)
{
	page_free(&d->page);
	out_free(&d->o);
	fixture_free(&d->f);
}

/* The record in data-live of the element with this id; -1 when there is none. */
static long long live_of(const struct drawn *d, const char *id)
{
	char look[64];
	const char *at;

	snprintf(look, sizeof(look), " id=\"%s\" data-live=\"", id);
	at = strstr(d->o.data, look);
	return at ? strtoll(at + strlen(look), NULL, 10) : -1;
}

static bool in_list(const char *name, size_t n, const char *const *list)
{
	for (; *list; list++)
		if (strlen(*list) == n && !strncmp(*list, name, n))
			return true;
	return false;
}

/* Every element that must be closed is, in order; the few that need no end tag may lack it. */
static const char *badly_nested(const char *html)
{
	static const char *const empty[] = {"meta", "link", "!doctype", NULL};
	static const char *const loose[] = {"td", "th", "tr", "li", "dt", "dd", NULL};
	struct {
		const char *name;
		size_t n;
	} open[128];
	unsigned depth = 0;

	for (const char *p = strchr(html, '<'); p; p = strchr(p, '<')) {
		bool close = p[1] == '/';
		const char *name = p + 1 + close, *end = name, *stop;

		while (isalnum((unsigned char)*end) || *end == '!' || *end == '-')
			end++;
		for (stop = end; *stop && *stop != '>'; stop++)
			if (*stop == '"') {
				stop = strchr(stop + 1, '"');
				if (!stop)
					return p;
			}
		if (!*stop || end == name)
			return p;
		if (close) {
			while (depth && (open[depth - 1].n != (size_t)(end - name) ||
						strncmp(open[depth - 1].name, name, open[depth - 1].n))) {
				depth--;
				if (!in_list(open[depth].name, open[depth].n, loose))
					return p;
			}
			if (!depth--)
				return p;
		} else if (stop[-1] != '/' && !in_list(name, (size_t)(end - name), empty)) {
			if (in_list(name, (size_t)(end - name), loose)) /* ends its like before it */
				while (depth && in_list(open[depth - 1].name, open[depth - 1].n, loose) &&
					!(*name == 't' && name[1] != 'r' && !strncmp(open[depth - 1].name, "tr", 2)))
					depth--;
			if (depth == 128)
				return p;
			open[depth].name = name;
			open[depth++].n = (size_t)(end - name);
		}
		p = stop;
	}
	return depth ? "the end" : NULL;
}

static const char *repeated_id(const char *html)
{
	for (const char *p = strstr(html, " id=\""); p; p = strstr(p + 1, " id=\"")) {
		size_t n = strcspn(p + 5, "\"") + 6;

		for (const char *q = strstr(p + 1, " id=\""); q; q = strstr(q + 1, " id=\""))
			if (!strncmp(p, q, n))
				return p;
	}
	return NULL;
}

static void test_every_situation_is_drawn_well(void **unused)
{
	struct drawn d;

	(void)unused;
	for (unsigned i = 0; fixture_names[i]; i++) {
		const char *bad;

		draw(&d, fixture_names[i]);
		bad = badly_nested(d.o.data);
		if (bad)
			fail_msg("%s: badly nested at: %.80s", fixture_names[i], bad);
		bad = repeated_id(d.o.data);
		if (bad)
			fail_msg("%s: twice: %.40s", fixture_names[i], bad);
		if (d.o.len > 120000)
			fail_msg("%s: %zu bytes", fixture_names[i], d.o.len);
		drawn_free(&d);
	}
}

/* Nothing is fetched from anywhere else; the name of SVG's namespace is no address. */
static void test_nothing_comes_from_outside(void **unused)
{
	struct drawn d;

	(void)unused;
	for (unsigned i = 0; fixture_names[i]; i++) {
		draw(&d, fixture_names[i]);
		for (const char *p = strstr(d.o.data, "://"); p; p = strstr(p + 1, "://"))
			assert_memory_equal(p, "://www.w3.org/2000/svg", 22);
		assert_null(strstr(d.o.data, "src=\"//"));
		drawn_free(&d);
	}
}

static void test_device_texts_are_escaped(void **unused)
{
	struct drawn d;

	(void)unused;
	draw(&d, "hostile");
	assert_null(strstr(d.o.data, "<script>"));
	assert_null(strstr(d.o.data, "\"'&"));
	assert_non_null(strstr(d.o.data, "&lt;script&gt;alert(1)&lt;/script&gt;&quot;&#39;&amp;"));
	drawn_free(&d);
}

static void test_sections_stand_in_order(void **unused)
{
	static const char *const order[] = {"id=\"doubt\"", "id=\"sleep\"", "id=\"self\"", "id=\"broken\"", "id=\"plan\"",
		"id=\"todo\"", "id=\"picture-0\"", "id=\"picture-1\"", "id=\"log\"", "id=\"coming\"", "id=\"drives-0\"",
		"id=\"drives-1\""};
	const char *at;
	struct drawn d;

	(void)unused;
	draw(&d, "incident");
	at = d.o.data;
	for (size_t i = 0; i < ARRAY_SIZE(order); i++) {
		at = strstr(at, order[i]);
		if (!at)
			fail_msg("%s is missing or out of order", order[i]);
	}
	drawn_free(&d);
}

static void test_only_what_changed_is_marked_changed(void **unused)
{
	struct drawn d;
	struct record r;
	long long picture, drives, sleep;

	(void)unused;
	draw(&d, "incident");
	picture = live_of(&d, "picture-0");
	drives = live_of(&d, "drives-0");
	sleep = live_of(&d, "sleep");
	assert_true(picture > 0 && drives > 0 && sleep > 0);

	fixture_step(&d.f, false, &r); /* a reading: fresher, not different */
	d.f.view.now_ms += 9000;
	d.f.view.wall_ms += 9000;
	redraw(&d);
	assert_int_equal(live_of(&d, "picture-0"), picture);
	assert_int_equal(live_of(&d, "drives-0"), drives);
	assert_int_equal(live_of(&d, "sleep"), sleep);
	assert_int_equal(live_of(&d, "broken"), live_of(&d, "plan"));

	fixture_step(&d.f, true, &r); /* canister A goes into service */
	redraw(&d);
	assert_int_equal(live_of(&d, "picture-0"), d.f.model.sequence);
	assert_true(live_of(&d, "picture-0") > picture);
	assert_int_equal(live_of(&d, "drives-0"), drives);
	assert_int_equal(live_of(&d, "picture-1"), picture);
	drawn_free(&d);
}

/* What a situation must and must not say, in the reader's words. */
static void test_what_is_said(void **unused)
{
	static const struct {
		const char *fixture, *says, *says_not, *why;
	} cases[] = {
		{"incident", "</span>No.</h1>", NULL, "the answer is the first thing"},
		{"incident", "class=\"sleep crit\"", NULL, "critical is a full band"},
		{"incident", NULL, "class=\"stale\"", "nothing here is older than two polls"},
		{"incident", "<b>promote …</b>", NULL, "the verb in flight"},
		{"incident", ">three names resolve</p>", "{&quot;status", "what a script said, without its JSON"},
		{"incident", NULL, "fence confirmed, promote started", "verbs that went well are no news"},
		{"incident", "Ballast’s journal cannot be written", NULL, "Ballast's own trouble is told"},
		{"incident", "Acknowledged by jonas", NULL, "who took it"},
		{"incident", "6 resets", NULL, "the shaky path says why"},
		{"incident", "Path host0-B: lost", NULL, "the picture in words"},
		{"incident", NULL, "simulated", "nothing simulated here"},
		{"asking", "Your turn: ", NULL, "a pending approval is a link in the answer"},
		{"asking", "ballastctl failover approve r147", NULL, "with its command"},
		{"incident", NULL, "id=\"turn\"", "nothing to approve any more"},
		{"healthy", "</span>Yes.</h1>", NULL, "peace"},
		{"healthy", "class=\"sleep\"", NULL, "ok has no band"},
		{"healthy", NULL, "id=\"broken\"", "quiet is earned: no section about faults"},
		{"healthy", "Alerts reach you", NULL, "why it can be trusted"},
		{"healthy", "Both canisters reach 208 days of uptime", "No date is known", "what is coming"},
		{"healthy", "san1, 2023-09-04, ", NULL, "its date"},
		{"healthy", "ibm-s1004038, example.net/?a=1&amp;b=2<", NULL, "and who says so"},
		{"local", "no canister, no path", NULL, "the host's own drives"},
		{"local", NULL, "class=\"hw can", "no canister is drawn"},
		{"local", "sdd ok, asleep", NULL, "a sleeping drive is marked"},
		{"local", "+40</small>", NULL, "growth since it was adopted"},
		{"big", "16 of 16 paths ok", NULL, "many paths are a bundle"},
		{"big", "slot 37 failed", NULL, "the shelf says which"},
		{"big", "2 of 600 need attention", NULL, "the table lists what is not ok"},
		{"dense", "15 of 16 paths ok", NULL, "a bundle that lacks one"},
		{"dense", "7 of 8", NULL, "and whose"},
		{"dense", "<span class=\"badend\">power supply 1 failed</span></p></div>", NULL, "in its shelf"},
		{"dense", "fan 7 of Controller shelf warning", NULL, "a shelf without drives is told all the same"},
		{"dense", "slot 60 unknown", NULL, "unknown is not ok"},
		{"managed", "2 PSU ok", NULL, "power"},
		{"managed", "fan 2 failed", NULL, "cooling"},
		{"managed", "38 °C</span>", NULL, "the warmest sensor"},
		{"managed", "Nobody checks who answers</b> at the mc management of msa1", NULL, "insecure is said"},
		{"incident", NULL, "Nobody checks", "and only where it is"},
		{"blind", "</span>Unknown.</h1>", NULL, "no data is not health"},
		{"blind", "Blind on san1 since", NULL, "blindness stands above the answer"},
		{"blind", "class=\"sleep unk\"", NULL, "unknown is a hatch"},
		{"blind", "<p class=\"n\">?<small>", NULL, "a margin nobody knows"},
		{"simulated", "<span class=\"badge\">simulated</span>", NULL, "a badge"},
		{"simulated", "Simulated.", NULL, "and in words"},
		{"empty", "Nothing is watched yet", NULL, "the first second"},
		{"empty", NULL, ">Yes", "nothing known is never yes"},
		{"two-drives", "2 drives", NULL, "the smallest host"},
		{"guest", ">virtio<", NULL, "a virtio disk is no SATA drive"},
		{"guest", ">SATA<", NULL, "the one that is stays apart"},
		{"guest", ">Other<", NULL, "what it is attached to is not known"},
	};
	struct drawn d;

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		draw(&d, cases[i].fixture);
		if (cases[i].says && !strstr(d.o.data, cases[i].says))
			fail_msg("%s: '%s': %s", cases[i].fixture, cases[i].says, cases[i].why);
		if (cases[i].says_not && strstr(d.o.data, cases[i].says_not))
			fail_msg("%s must not say '%s': %s", cases[i].fixture, cases[i].says_not, cases[i].why);
		drawn_free(&d);
	}
}

/* A line only for the drive whose counter moved; 23 others have the same eight days. */
static void test_a_line_only_where_there_is_a_story(void **unused)
{
	unsigned lines = 0;
	struct drawn d;
	const char *p;

	(void)unused;
	draw(&d, "incident");
	p = strstr(d.o.data, "+28</small><svg class=\"sp\"");
	assert_non_null(p);
	assert_non_null(strstr(p, "d=\"M0 13"));
	for (p = d.o.data; (p = strstr(p, "class=\"sp\"")); p++)
		lines++;
	assert_int_equal(lines, 1);
	drawn_free(&d);
}

/* A run that ended before this incident began is no part of its story. */
static void test_an_incident_shows_its_own_run(void **unused)
{
	struct run_row *run;
	struct drawn d;

	(void)unused;
	draw(&d, "incident");
	assert_non_null(strstr(d.o.data, "<b>plan</b>"));
	run = run_at(d.f.view.model, 0);
	run->state = RUN_DONE;
	run->ended_wall_ms = incident_at(d.f.view.model, 0)->since_wall_ms - 1000;
	redraw(&d);
	assert_null(strstr(d.o.data, "<b>plan</b>"));
	drawn_free(&d);
}

/* Most are made in peace; one that is under way in an incident must not pass for the real thing. */
static void test_a_dry_run_is_called_so(void **unused)
{
	static const char *const fixtures[] = {"incident", "healthy"};
	static const char *const says[] = {
		"Dry run r150 runs its checks; nothing is isolated or moved.", "; dry run r150 runs its checks;"};

	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(fixtures); i++) {
		struct run_row dry = {.used = 1, .id = 150, .mode = RUN_MODE_DRY, .state = RUN_FENCING};
		struct record r = {.table = TABLE_RUN};
		struct drawn d;

		draw(&d, fixtures[i]);
		assert_null(strstr(d.o.data, "r150"));
		r.sequence = d.f.model.sequence + 1;
		r.index = model_free_index(&d.f.model, TABLE_RUN);
		memcpy(r.row, &dry, sizeof(dry));
		assert_int_equal(model_apply(&d.f.model, &r), 0);
		redraw(&d);
		assert_non_null(strstr(d.o.data, says[i]));
		drawn_free(&d);
	}
}

/* Every command of every situation; "ballastctl" alone, in a sentence, is none. */
static void test_every_command_reaches_its_daemon(void **unused)
{
	static const char name[] = "ballastctl ", option[] = "--control /tmp/demo/c.sock ";
	unsigned seen = 0;

	(void)unused;
	for (unsigned i = 0; fixture_names[i]; i++) {
		struct drawn d;

		draw(&d, fixture_names[i]);
		assert_null(strstr(d.o.data, "--control"));
		d.f.view.control = "/tmp/demo/c.sock";
		redraw(&d);
		for (const char *p = strstr(d.o.data, name); p; p = strstr(p + 1, name), seen++)
			if (strncmp(p + strlen(name), option, strlen(option)))
				fail_msg("%s: %.60s", fixture_names[i], p);
		drawn_free(&d);
	}
	assert_true(seen > 10);
}

static void test_old_values_are_called_stale(void **unused)
{
	struct drawn d;

	(void)unused;
	draw(&d, "healthy");
	assert_null(strstr(d.o.data, "class=\"stale\""));
	d.f.view.now_ms += 25000; /* canisters are read every 5 s */
	d.f.view.wall_ms += 25000;
	redraw(&d);
	assert_non_null(strstr(d.o.data, "class=\"stale\""));
	drawn_free(&d);
}

static void test_a_silent_engine_is_not_believed(void **unused)
{
	struct drawn d;
	struct page_input in;

	(void)unused;
	draw(&d, "healthy");
	in = (struct page_input){.view = &d.f.view, .config = d.f.config, .history = &d.f.history, .silent_ms = 12000};
	out_clear(&d.o);
	page_render(&d.page, &in, &d.o);
	out_bytes(&d.o, "", 1);
	assert_non_null(strstr(d.o.data, "</span>Unknown.</h1>"));
	assert_non_null(strstr(d.o.data, "engine has not answered since 02:51:22"));
	assert_non_null(strstr(d.o.data, "data-worst=\"unknown\""));
	drawn_free(&d);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_every_situation_is_drawn_well),
		cmocka_unit_test(test_nothing_comes_from_outside),
		cmocka_unit_test(test_device_texts_are_escaped),
		cmocka_unit_test(test_sections_stand_in_order),
		cmocka_unit_test(test_only_what_changed_is_marked_changed),
		cmocka_unit_test(test_what_is_said),
		cmocka_unit_test(test_a_line_only_where_there_is_a_story),
		cmocka_unit_test(test_an_incident_shows_its_own_run),
		cmocka_unit_test(test_a_dry_run_is_called_so),
		cmocka_unit_test(test_every_command_reaches_its_daemon),
		cmocka_unit_test(test_old_values_are_called_stale),
		cmocka_unit_test(test_a_silent_engine_is_not_believed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
