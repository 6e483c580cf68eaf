#include <locale.h>
#include <unistd.h>

#include "agent/ctl.h"

int main(int argc, char **argv)
{
	const char *plain = getenv("NO_COLOR");
	struct ctl c = {.out = stdout, .err = stderr, .fd = -1, .tty = isatty(STDOUT_FILENO)};
	int status;

	c.colour = c.tty && !(plain && plain[0]);
	status = ctl_run(&c, argc, argv);
	if (fflush(stdout) != 0 && status == CTL_OK)
		return CTL_UNKNOWN;
	return status;
}
