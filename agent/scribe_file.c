#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "agent/scribe_db.h"

void disk_error(int error, const char *what, const char *directory, char *buf, size_t size)
{
	if (error == -ENOSPC || error == -EDQUOT)
		format_text(buf, size, "no space for %s: free space under %s", what, directory);
	else if (error == -EFBIG)
		format_text(buf, size, "%s may not grow (limit on file size): raise it or free %s", what, directory);
	else if (error == -EROFS)
		format_text(buf, size, "%s cannot be written: %s is read-only", what, directory);
	else if (error == -EIO)
		format_text(buf, size, "the disk under %s fails (%s: I/O error)", directory, what);
	else
		format_text(buf, size, "%s under %s: %s", what, directory, strerror(-error));
}

static int write_whole(int fd, const char *text)
{
	size_t len = strlen(text), done = 0;

	while (done < len) {
		ssize_t n = write(fd, text + done, len - done);

		if (n < 0 && errno != EINTR)
			return -errno;
		done += n > 0 ? (size_t)n : 0;
	}
	return fsync(fd) < 0 ? -errno : 0;
}

static int replace_at(int dir, const char *name, const char *temporary, const char *text)
{
	cleanup_(closep) int fd = openat(dir, temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
	int r;

	if (fd < 0)
		return -errno;
	r = write_whole(fd, text);
	if (r == 0 && renameat(dir, temporary, dir, name) < 0)
		r = -errno;
	if (r == 0 && fsync(dir) < 0)
		r = -errno;
	if (r < 0)
		(void)unlinkat(dir, temporary, 0); /* a full disk must not stay full of half a file */
	return r;
}

int file_replace(const char *directory, const char *name, const char *text, char *error, size_t size)
{
	cleanup_(closep) int dir = open(directory, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	char temporary[64];
	int r = dir < 0 ? -errno : 0;

	format_text(temporary, sizeof(temporary), "%s.new", name);
	if (r == 0)
		r = replace_at(dir, name, temporary, text);
	if (r < 0)
		disk_error(r, name, directory, error, size);
	return r;
}
