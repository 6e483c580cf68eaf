/*
 * Ballast's own path: kernel uevent -> bytes at a webhook receiver, or -> first instruction of a plan's step.
 *   event-latency hook PORT GO-FILE UEVENT-FILE...   each file is told "remove" once; the receiver is in here
 *   event-latency step FIFO GO-FILE UEVENT-FILE...   each file is told "change"; the step writes to the FIFO;
 *                                                    before that the file $LOST + the disk's name is made
 * Starts when GO-FILE exists. Prints the median in microseconds and how many rounds it is of.
 */
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "bench_clock.h"

static struct bench_receiver receiver;

static void wait_quiet(void)
{
	unsigned seen;

	do {
		seen = receiver.requests;
		usleep(500000);
	} while (seen != receiver.requests);
}

static double start_event(const char *file, const char *action)
{
	int fd = open(file, O_WRONLY | O_CLOEXEC);
	double start = now_us();

	if (fd < 0 || write(fd, action, strlen(action)) < 0)
		start = -1;
	if (fd >= 0)
		close(fd);
	return start;
}

static double hook_round(const char *file)
{
	unsigned before;
	double start;

	wait_quiet();
	before = receiver.requests;
	receiver.arrived_us = 0;
	start = start_event(file, "remove");
	for (int ms = 0; ms < 10000 && receiver.requests == before; ms++)
		usleep(1000);
	start = start < 0 || receiver.requests == before ? -1 : receiver.arrived_us - start;
	return start;
}

/* /sys/block/sda/uevent: from now on the array of sda says that it is lost. */
static void lose_array(const char *file)
{
	const char *end = strrchr(file, '/'), *name = end;
	char path[256];

	while (name > file && name[-1] != '/')
		name--;
	snprintf(path, sizeof(path), "%s%.*s", getenv("LOST"), (int)(end - name), name);
	close(open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0644));
}

static double step_round(const char *file, int fifo)
{
	struct pollfd p = {fifo, POLLIN, 0};
	char byte[64];
	double start, end;

	usleep(500000);
	lose_array(file);
	start = start_event(file, "change");
	if (poll(&p, 1, 10000) <= 0)
		return -1;
	end = now_us();
	return start > 0 && read(fifo, byte, sizeof(byte)) > 0 ? end - start : -1;
}

int main(int argc, char **argv)
{
	double times[256];
	bool hook;
	int n = 0, fifo = -1;

	if (argc < 5)
		return 2;
	hook = !strcmp(argv[1], "hook");
	if (hook)
		bench_receiver_start(&receiver, atoi(argv[2]));
	else
		fifo = open(argv[2], O_RDWR | O_CLOEXEC);
	while (access(argv[3], F_OK) < 0)
		usleep(100000);
	for (int i = 4; i < argc && n < 256; i++) {
		double t = hook ? hook_round(argv[i]) : step_round(argv[i], fifo);

		if (t > 0)
			times[n++] = t;
		if (getenv("VERBOSE"))
			fprintf(stderr, "%.0f\n", t);
	}
	printf("%.1f %d\n", n ? median_us(times, n) : -1.0, n);
	return n ? 0 : 1;
}
