/*
 * The bare reference: kernel uevent -> libudev monitor -> a spawned program, and -> a POST by libcurl.
 * What a program with nothing but these libraries needs; Ballast's own path is divided by it.
 *   bare-event spawn UEVENT-FILE ROUNDS PROGRAM FIFO   PROGRAM writes one byte to FIFO
 *   bare-event post  UEVENT-FILE ROUNDS PORT      a receiver in this process answers 204
 * Prints every round in microseconds.
 */
#include <arpa/inet.h>
#include <curl/curl.h>
#include <fcntl.h>
#include <libudev.h>
#include <poll.h>
#include <spawn.h>
#include <stdbool.h>
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

static double spawn_round(char *program, int fifo)
{
	char *argv[] = {program, NULL}, byte;
	double end = -1;
	pid_t pid;

	if (posix_spawn(&pid, program, NULL, NULL, argv, environ) != 0)
		return -1;
	if (read(fifo, &byte, 1) == 1)
		end = now_us();
	waitpid(pid, NULL, 0);
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
	bool spawns = argc == 6 && !strcmp(argv[1], "spawn");
	struct udev *udev = udev_new();
	struct bench_receiver receiver;
	CURL *curl = NULL;
	int rounds, fd, fifo = -1, n = 0;

	if (!spawns && (argc != 5 || strcmp(argv[1], "post") != 0))
		return 2;
	rounds = atoi(argv[3]);
	fd = open(argv[2], O_WRONLY | O_CLOEXEC);
	monitor = udev_monitor_new_from_netlink(udev, "kernel");
	if (fd < 0 || !monitor || udev_monitor_enable_receiving(monitor) < 0)
		return 1;
	if (spawns) {
		fifo = open(argv[5], O_RDWR | O_CLOEXEC);
	} else {
		bench_receiver_start(&receiver, atoi(argv[4]));
		curl = post_handle(atoi(argv[4]));
	}
	for (int i = 0; i < rounds; i++) {
		double start, end;

		usleep(BENCH_REST_US);
		start = now_us();
		if (write(fd, "change", 6) < 0 || wait_uevent() < 0)
			return 1;
		end = spawns ? spawn_round(argv[4], fifo) : post_round(curl, &receiver);
		if (end > 0)
			printf("%.1f\n", end - start), n++;
	}
	return n == rounds ? 0 : 1;
}
