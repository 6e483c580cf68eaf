/*
 * Ballast's own path: kernel uevent -> bytes at a webhook receiver, or -> first instruction of a plan's step.
 *   event-latency hook PORT GO-FILE UEVENT-FILE...   each disk is told "remove" and comes back by "add", twice;
 *                                                    the receiver is in here
 *   event-latency step FIFO GO-FILE UEVENT-FILE...   two paths each array: both are told "remove", the second one is
 *                                                    timed; the step writes to the FIFO
 * Starts when GO-FILE exists. Prints every round in microseconds.
 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "bench_clock.h"

static struct bench_receiver receiver;

/* Until nobody has said anything for as long as the bare reference rests. */
static void wait_quiet(void)
{
	unsigned seen;

	do {
		seen = receiver.requests;
		usleep(BENCH_REST_US);
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

/* From the event to the first bytes that follow from it. Who looked for them every millisecond would take from both
 * processors what is measured on them. */
static double hook_event(const char *file, const char *action)
{
	struct timespec limit;
	double start;

	wait_quiet();
	while (sem_trywait(&receiver.answered) == 0)
		;
	receiver.arrived_us = 0;
	clock_gettime(CLOCK_REALTIME, &limit);
	limit.tv_sec += 10;
	start = start_event(file, action);
	while (sem_timedwait(&receiver.answered, &limit) < 0)
		if (errno != EINTR)
			return -1;
	return start < 0 ? -1 : receiver.arrived_us - start;
}

static double step_event(const char *file, int fifo)
{
	struct pollfd p = {fifo, POLLIN, 0};
	char byte[64];
	double start, end;

	usleep(BENCH_REST_US);
	start = start_event(file, "remove");
	if (poll(&p, 1, 10000) <= 0)
		return -1;
	end = now_us();
	return start > 0 && read(fifo, byte, sizeof(byte)) > 0 ? end - start : -1;
}

static bool say(double us)
{
	if (us > 0)
		printf("%.1f\n", us);
	return us > 0;
}

/* No disk more often: what comes back all the time is told of less and less. */
static int hook(char **files)
{
	int n = 0;

	for (int round = 0; round < 2; round++)
		for (char **file = files; *file; file++) {
			n += say(hook_event(*file, "remove"));
			if (hook_event(*file, "add") < 0)
				return 1;
		}
	return n ? 0 : 1;
}

int main(int argc, char **argv)
{
	bool webhook = argc > 1 && !strcmp(argv[1], "hook");
	int fifo = -1;

	if (argc < 5)
		return 2;
	setlinebuf(stdout);
	if (webhook)
		bench_receiver_start(&receiver, atoi(argv[2]));
	else
		fifo = open(argv[2], O_RDWR | O_CLOEXEC);
	while (access(argv[3], F_OK) < 0)
		usleep(100000);
	if (webhook)
		return hook(argv + 4);
	for (int i = 4; i + 1 < argc; i += 2)
		if (start_event(argv[i], "remove") < 0 || !say(step_event(argv[i + 1], fifo)))
			return 1;
	return 0;
}
