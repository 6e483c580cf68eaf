/*
 * The bare reference: kernel uevent -> libudev monitor -> a spawned program, and -> a POST by libcurl.
 * What a program with nothing but these libraries needs; Ballast's own path is divided by it.
 *   bare-event spawn UEVENT-FILE ROUNDS PROGRAM   PROGRAM gets a pipe's descriptor as its argument
 *   bare-event post  UEVENT-FILE ROUNDS PORT      a receiver in this process answers 204
 * Prints every round in microseconds.
 */
#include <arpa/inet.h>
#include <curl/curl.h>
#include <fcntl.h>
#include <libudev.h>
#include <poll.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "bench_clock.h"

extern char **environ;

static struct udev_monitor *monitor;

static int wait_uevent(void)
{
	struct pollfd p = {udev_monitor_get_fd(monitor), POLLIN, 0};
	struct udev_device *d;

	if (poll(&p, 1, 5000) <= 0)
		return -1;
	d = udev_monitor_receive_device(monitor);
	if (!d)
		return -1;
	udev_device_unref(d);
	return 0;
}

static double spawn_round(const char *program, int pipe_fd[2])
{
	char arg[16], byte;
	char *argv[] = {strdup(program), arg, NULL};
	double end = -1;
	pid_t pid;

	snprintf(arg, sizeof(arg), "%d", pipe_fd[1]);
	if (posix_spawn(&pid, program, NULL, NULL, argv, environ) == 0) {
		if (read(pipe_fd[0], &byte, 1) == 1)
			end = now_us();
		waitpid(pid, NULL, 0);
	}
	free(argv[0]);
	return end;
}

static size_t swallow(char *p, size_t size, size_t n, void *ctx)
{
	(void)p;
	(void)ctx;
	return size * n;
}

static double post_round(CURL *curl, struct bench_receiver *receiver)
{
	receiver->arrived_us = 0;
	if (curl_easy_perform(curl) != CURLE_OK)
		return -1;
	return receiver->arrived_us;
}

static CURL *post_handle(int port)
{
	static const char body[] = "{\"v\":1,\"severity\":\"critical\",\"msg\":\"needs service\"}";
	CURL *curl = curl_easy_init();
	char url[64];

	snprintf(url, sizeof(url), "http://127.0.0.1:%d/", port);
	curl_easy_setopt(curl, CURLOPT_URL, url);
	curl_easy_setopt(curl, CURLOPT_POSTFIELDS, body);
	curl_easy_setopt(curl, CURLOPT_WRITEFUNCTION, swallow);
	curl_easy_setopt(curl, CURLOPT_NOSIGNAL, 1L);
	return curl;
}

int main(int argc, char **argv)
{
	struct udev *udev = udev_new();
	struct bench_receiver receiver;
	int rounds, fd, pipe_fd[2], n = 0;
	CURL *curl = NULL;

	if (argc != 5 || pipe(pipe_fd) < 0)
		return 2;
	rounds = atoi(argv[3]);
	fd = open(argv[2], O_WRONLY | O_CLOEXEC);
	monitor = udev_monitor_new_from_netlink(udev, "kernel");
	if (fd < 0 || !monitor || udev_monitor_enable_receiving(monitor) < 0)
		return 1;
	if (!strcmp(argv[1], "post")) {
		bench_receiver_start(&receiver, atoi(argv[4]));
		curl = post_handle(atoi(argv[4]));
	}
	for (int i = 0; i < rounds; i++) {
		double start, end;

		usleep(BENCH_REST_US);
		start = now_us();
		if (write(fd, "change", 6) < 0 || wait_uevent() < 0)
			return 1;
		end = curl ? post_round(curl, &receiver) : spawn_round(argv[4], pipe_fd);
		if (end > 0)
			printf("%.1f\n", end - start), n++;
	}
	return n ? 0 : 1;
}
