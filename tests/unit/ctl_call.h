/* What the tests of ballastctl share: one call of it, with a fake engine or none, and what it printed. */
#pragma once
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "agent/ctl.h"
#include "build_model.h"
#include "fake_engine.h"

/* One call of ballastctl against a fake engine. */
struct call {
	struct model model;
	struct fake fake;
	struct command command;
	bool commanded;
	char *out, *err;
	int status;
};

static inline void call_run(struct call *k, const char *line, bool engine)
{
	char words[512], *argv[24] = {(char[]){"ballastctl"}}, *save = NULL;
	size_t out_len, err_len;
	int argc = 1;
	struct ctl c = {.fd = -1, .fixed_clock = true, .now_ms = BUILD_NOW, .wall_ms = BUILD_WALL};

	k->fake.model = &k->model;
	copy_text(words, sizeof(words), line);
	for (char *w = strtok_r(words, " ", &save); w; w = strtok_r(NULL, " ", &save))
		argv[argc++] = w;
	if (engine) {
		fake_start(&k->fake);
		setenv("BALLAST_CONTROL", k->fake.path, 1);
		for (int i = 1; i < argc; i++) /* where it is is known only now */
			argv[i] = strcmp(argv[i], "@SOCKET@") ? argv[i] : k->fake.path;
	} else {
		setenv("BALLAST_CONTROL", "/nonexistent/control.sock", 1);
	}
	c.out = open_memstream(&k->out, &out_len);
	c.err = open_memstream(&k->err, &err_len);
	k->status = ctl_run(&c, argc, argv);
	fclose(c.out);
	fclose(c.err);
	if (engine)
		k->commanded = fake_stop(&k->fake, &k->command);
}

static inline void call_end(struct call *k)
{
	free(k->out);
	free(k->err);
	model_clear(&k->model);
	*k = (struct call){};
}

static inline void healthy(struct model *m)
{
	build_self(m);
	build_array(m, "san1", VERDICT_REDUNDANT, 1, 1);
	build_canisters(m, 0, STATE_OK, STATE_OK);
}
