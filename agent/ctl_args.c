#include "agent/ctl.h"

#include <stdarg.h>

#include "agent/yaml_schema.h"

static const struct {
	const char *name;
	bool value;
} options[OPT_COUNT] = {
	[OPT_HELP] = {"help", false},
	[OPT_JSON] = {"json", false},
	[OPT_CONTROL] = {"control", true},
	[OPT_NAGIOS] = {"nagios", false},
	[OPT_ARRAY] = {"array", true},
	[OPT_KIND] = {"kind", true},
	[OPT_HEALTH] = {"health", true},
	[OPT_FOLLOW] = {"follow", false},
	[OPT_SINCE] = {"since", true},
	[OPT_WHY] = {"why", true},
	[OPT_FOR] = {"for", true},
	[OPT_ALLOW] = {"allow", true},
	[OPT_SERIAL] = {"serial", true},
	[OPT_STATE] = {"state", true},
};
enum { GLOBAL = 1u << OPT_HELP | 1u << OPT_JSON | 1u << OPT_CONTROL };

int ctl_error(struct ctl *c, int status, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	if (vsnprintf(text, sizeof(text), fmt, ap) < 0)
		text[0] = '\0';
	va_end(ap);
	text_clean(text);
	if (!c->quiet)
		(void)fprintf(c->err, "ballastctl: %s\n", text);
	return status;
}

int ctl_usage(struct ctl *c, const char *fmt, ...)
{
	char text[256];
	va_list ap;

	va_start(ap, fmt);
	if (vsnprintf(text, sizeof(text), fmt, ap) < 0)
		text[0] = '\0';
	va_end(ap);
	return ctl_error(c, CTL_USAGE, "%s; try: ballastctl %s%s--help", text,
		c->command ? c->command->name : "", c->command ? " " : "");
}

static int option_find(const char *arg, size_t len)
{
	for (int i = 0; i < OPT_COUNT; i++)
		if (strlen(options[i].name) == len && !strncmp(options[i].name, arg, len))
			return i;
	return -1;
}

/* One "--name[=value]"; returns how many arguments it took, negative after an error. */
static int option_take(struct ctl *c, int left, char **argv)
{
	const char *name = argv[0] + 2, *equals = strchr(name, '=');
	int o = option_find(name, equals ? (size_t)(equals - name) : strlen(name));

	if (o < 0)
		return -ctl_usage(c, "unknown option %s", argv[0]);
	if (options[o].value && !equals && left < 2)
		return -ctl_usage(c, "%s needs a value", argv[0]);
	if (!options[o].value && equals)
		return -ctl_usage(c, "--%s takes no value", options[o].name);
	c->option[o] = !options[o].value ? "" : equals ? equals + 1 : argv[1];
	return options[o].value && !equals ? 2 : 1;
}

/* The longest name that the words begin with: "failover arm" before "failover". */
static const struct ctl_command *command_find(struct ctl *c, unsigned *ret_taken)
{
	char two[64];

	for (unsigned n = MIN_OF(c->words, 2u); n; n--) {
		format_text(two, sizeof(two), n == 2 ? "%s %s" : "%s", c->word[0],
			n == 2 ? c->word[1] : "");
		for (unsigned i = 0; i < ctl_commands_count; i++)
			if (!strcmp(ctl_commands[i].name, two)) {
				*ret_taken = n;
				return &ctl_commands[i];
			}
	}
	return NULL;
}

static bool is_family(const char *word)
{
	size_t n = strlen(word);

	for (unsigned i = 0; i < ctl_commands_count; i++)
		if (!strncmp(ctl_commands[i].name, word, n) && ctl_commands[i].name[n] == ' ')
			return true;
	return false;
}

static void help_all(struct ctl *c, const char *family)
{
	ctl_say(c, "usage: ballastctl [--control PATH] [--json] COMMAND\n\n");
	for (unsigned i = 0; i < ctl_commands_count; i++) {
		const struct ctl_command *k = &ctl_commands[i];
		char left[80];

		if (family && strncmp(k->name, family, strlen(family)) != 0)
			continue;
		format_text(
			left, sizeof(left), "%s%s%s", k->name, k->words[0] ? " " : "", k->words);
		if (strlen(left) > 36)
			ctl_say(c, "  %s\n  %-36s %s\n", left, "", k->does);
		else
			ctl_say(c, "  %-36s %s\n", left, k->does);
	}
	ctl_say(c, "\nballastctl COMMAND --help says more; so does man ballastctl.\n");
}

static void help_one(struct ctl *c)
{
	const struct ctl_command *k = c->command;

	ctl_say(c, "usage: ballastctl %s%s%s\n\n%s.\n", k->name, k->words[0] ? " " : "", k->words,
		k->does);
	if (k->more)
		ctl_say(c, "\n%s\n", k->more);
}

static int parse(struct ctl *c, int argc, char **argv)
{
	bool only_words = false;

	for (int i = 1; i < argc;) {
		int n = 1;

		if (!only_words && !strcmp(argv[i], "--")) {
			only_words = true;
		} else if (!only_words && !strcmp(argv[i], "-h")) {
			c->option[OPT_HELP] = "";
		} else if (!only_words && !strncmp(argv[i], "--", 2)) {
			n = option_take(c, argc - i, argv + i);
			if (n < 0)
				return -n;
		} else if (!only_words && argv[i][0] == '-' && argv[i][1]) {
			return ctl_usage(c, "unknown option %s", argv[i]);
		} else if (c->words == CTL_WORDS) {
			return ctl_usage(c, "too many words");
		} else {
			c->word[c->words++] = argv[i];
		}
		i += n;
	}
	return 0;
}

static int choose(struct ctl *c)
{
	unsigned taken = 0;

	if (!c->words) {
		if (c->option[OPT_HELP])
			help_all(c, NULL);
		return c->option[OPT_HELP] ? CTL_OK : ctl_usage(c, "no command");
	}
	c->command = command_find(c, &taken);
	if (!c->command && is_family(c->word[0]) && c->option[OPT_HELP]) {
		help_all(c, c->word[0]);
		return CTL_OK;
	}
	if (!c->command)
		return ctl_usage(
			c, is_family(c->word[0]) ? "%s what?" : "unknown command %s", c->word[0]);
	c->words -= taken;
	memmove(c->word, c->word + taken, c->words * sizeof(*c->word));
	return -1;
}

static int check(struct ctl *c)
{
	const struct ctl_command *k = c->command;

	for (int i = 0; i < OPT_COUNT; i++)
		if (c->option[i] && !((k->options | GLOBAL) >> i & 1))
			return ctl_usage(c, "%s has no --%s", k->name, options[i].name);
	if (c->words < k->min)
		return ctl_usage(c, "%s needs %s", k->name, k->words);
	if (c->words > k->max)
		return ctl_usage(c, "%s takes no %s", k->name, c->word[k->max]);
	return 0;
}

int ctl_run(struct ctl *c, int argc, char **argv)
{
	int r = parse(c, argc, argv);

	if (!r)
		r = choose(c);
	if (r >= 0)
		return r;
	if (c->option[OPT_HELP]) {
		help_one(c);
		return CTL_OK;
	}
	c->json = c->option[OPT_JSON];
	r = check(c);
	if (!r)
		r = c->command->run(c);
	closep(&c->fd);
	c->fd = -1;
	model_clear(&c->model);
	return r;
}

bool ctl_span(struct ctl *c, enum ctl_option o, uint64_t *ret_ms)
{
	if (!c->option[o]) {
		*ret_ms = 0;
		return true;
	}
	if (duration_parse(c->option[o], ret_ms) && *ret_ms)
		return true;
	(void)ctl_usage(c, "--%s %s is no duration such as 5s, 2m, 1h or 30d", options[o].name,
		c->option[o]);
	return false;
}

struct view ctl_now(struct ctl *c)
{
	if (!c->fixed_clock) {
		c->now_ms = boot_ms();
		c->wall_ms = wall_ms();
	}
	/* the environment is that of the next command too */
	return (struct view){.model = &c->model,
		.now_ms = c->now_ms,
		.wall_ms = c->wall_ms,
		.control = c->option[OPT_CONTROL]};
}
