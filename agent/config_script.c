#include "agent/config_parts.h"

#include <errno.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

static bool refused(char *why, size_t size, const char *path, const char *what)
{
	format_text(why, size, "%.90s: %s", path, what);
	return false;
}

/* Somebody else could change what runs: another owner, or a write bit for group or all. */
static bool safe(const struct stat *st)
{
	if (st->st_uid && st->st_uid != geteuid())
		return false;
	/* a sticky folder like /tmp lets nobody replace what is not theirs */
	if (S_ISDIR(st->st_mode) && (st->st_mode & S_ISVTX))
		return true;
	return !(st->st_mode & (S_IWGRP | S_IWOTH));
}

static bool folders_safe(char *path, char *why, size_t size)
{
	struct stat st;
	char *slash;

	while ((slash = strrchr(path, '/'))) {
		slash[slash == path] = '\0';
		if (stat(path, &st) < 0)
			return refused(why, size, path, strerror(errno));
		if (!safe(&st))
			return refused(why, size, path,
				"others can write to this folder above the script");
		if (slash == path)
			break;
	}
	return true;
}

/* A line of its own; "# ballast-plan: 10" is another one. */
static bool has_mark(const char *text)
{
	static const char mark[] = "# ballast-plan: 1";
	const char *at = text;

	while ((at = strstr(at, mark))) {
		const char *end = at + sizeof(mark) - 1;

		if ((at == text || at[-1] == '\n') && (!*end || strchr("\r\n", *end)))
			return true;
		at = end;
	}
	return false;
}

bool script_valid(const char *path, char *why, size_t size)
{
	cleanup_(freep) char *real = realpath(path, NULL), *text = NULL, *named = NULL;
	struct stat st;

	if (!real || stat(real, &st) < 0)
		return refused(why, size, path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return refused(why, size, path, "not a regular file");
	if (!safe(&st))
		return refused(why, size, path, "others than root can write to this script");
	if (access(real, X_OK) < 0)
		return refused(why, size, path, "not executable");
	if (slurp(real, 256 * 1024, &text, NULL) < 0)
		return refused(why, size, path, "cannot be read, or is larger than 256 KiB");
	text[strnlen(text, 1024)] = '\0';
	if (!has_mark(text))
		return refused(
			why, size, path, "its first 1024 bytes lack the line '# ballast-plan: 1'");
	/* where a link lies matters as much as where it leads */
	named = strdup(path);
	return named && folders_safe(named, why, size) && folders_safe(real, why, size);
}
