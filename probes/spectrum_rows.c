#include "probes/spectrum.h"

#include <errno.h>
#include <json-c/json.h>

typedef int row_fn(const struct spectrum_row *row, void *arg);

const char *spectrum_value(const struct spectrum_row *row, const char *name)
{
	for (unsigned i = 0; i < row->columns; i++)
		if (!strcmp(row->name[i], name))
			return row->value[i];
	return "";
}

/* ---- CLI ---- */

static char *trimmed(char *text)
{
	char *end = text + strlen(text);

	while (end > text && strchr(" \t\r", end[-1]))
		*--end = '\0';
	return text + strspn(text, " \t");
}

/* A line up to its end, which has to be there: without it the answer was cut short. */
static char *take_line(char **at)
{
	char *line = *at, *end = strchr(line, '\n');

	if (!end)
		return NULL;
	*end = '\0';
	*at = end + 1;
	return line;
}

static int split(char *line, const char **ret)
{
	int n = 0;

	for (char *next; line; line = next) {
		next = strchr(line, SPECTRUM_DELIM);
		if (next)
			*next++ = '\0';
		if (n == SPECTRUM_COLUMNS)
			return -EBADMSG;
		ret[n++] = trimmed(line);
	}
	return n;
}

static int cli_list(char *text, row_fn *each, void *arg)
{
	struct spectrum_row row = {};
	char *line;
	int n = 0, r;

	if (!*text)
		return 0;
	line = take_line(&text);
	r = line ? split(line, row.name) : -EBADMSG;
	if (r < 2)
		return -EBADMSG;
	row.columns = (unsigned)r;
	for (; *text; n++) {
		line = take_line(&text);
		if (!line || n == SPECTRUM_ROWS || split(line, row.value) != (int)row.columns)
			return -EBADMSG;
		r = each(&row, arg);
		if (r < 0)
			return r;
	}
	return n;
}

/* A name may come again, once for each port; the first one counts. */
static int cli_detail(char *text, row_fn *each, void *arg)
{
	struct spectrum_row row = {};
	int r;

	while (*text) {
		char *line = take_line(&text), *value = line ? strchr(line, SPECTRUM_DELIM) : NULL;

		if (line && !*line)
			continue;
		if (!value)
			return -EBADMSG;
		*value++ = '\0';
		if (row.columns == SPECTRUM_COLUMNS)
			continue;
		row.name[row.columns] = trimmed(line);
		row.value[row.columns++] = trimmed(value);
	}
	r = row.columns ? each(&row, arg) : -EBADMSG;
	return r < 0 ? r : 1;
}

/* ---- REST ---- */

static int json_row(json_object *o, row_fn *each, void *arg)
{
	struct spectrum_row row = {};

	if (!json_object_is_type(o, json_type_object))
		return -EBADMSG;
	json_object_object_foreach(o, key, v)
	{
		if (json_object_is_type(v, json_type_object) || json_object_is_type(v, json_type_array))
			continue;
		if (row.columns == SPECTRUM_COLUMNS)
			break;
		row.name[row.columns] = key;
		row.value[row.columns++] = v ? json_object_get_string(v) : "";
	}
	return each(&row, arg);
}

static int json_rows(const char *text, size_t len, bool detail, row_fn *each, void *arg)
{
	json_object *o = manage_json(text, len);
	size_t n = json_object_is_type(o, json_type_array) ? json_object_array_length(o) : 0;
	int r = json_object_is_type(o, json_type_array) && n <= SPECTRUM_ROWS ? 0 : -EBADMSG;

	if (detail && json_object_is_type(o, json_type_object)) {
		r = json_row(o, each, arg);
		n = 1;
	}
	for (size_t i = 0; r >= 0 && i < n && json_object_is_type(o, json_type_array); i++)
		r = json_row(json_object_array_get_idx(o, i), each, arg);
	json_object_put(o);
	return r < 0 ? r : (int)n;
}

int spectrum_rows(char *text, size_t len, enum spectrum_form form, bool detail, row_fn *each, void *arg)
{
	if (form == SPECTRUM_JSON)
		return json_rows(text, len, detail, each, arg);
	/* what does not end with a line end was cut short */
	if (strlen(text) != len || (len && text[len - 1] != '\n'))
		return -EBADMSG;
	return detail ? cli_detail(text, each, arg) : cli_list(text, each, arg);
}
