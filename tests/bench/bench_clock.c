#include "bench_clock.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static int compare(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double median_us(double *times, int n)
{
	qsort(times, (size_t)n, sizeof(*times), compare);
	return times[n / 2];
}

struct connection {
	struct bench_receiver *receiver;
	int fd;
};

static size_t content_length(const char *head)
{
	const char *at = strcasestr(head, "content-length:");

	return at ? strtoul(at + 15, NULL, 10) : 0;
}

static void *serve(void *arg)
{
	static const char ok[] = "HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n";
	struct connection c = *(struct connection *)arg;
	char buf[sizeof(c.receiver->last)];
	size_t have = 0;
	ssize_t n;

	free(arg);
	while ((n = read(c.fd, buf + have, sizeof(buf) - 1 - have)) > 0) {
		double at = now_us();
		char *end;

		if (!have && c.receiver->arrived_us == 0)
			c.receiver->arrived_us = at; /* the first since somebody reset it */
		have += (size_t)n;
		buf[have] = '\0';
		end = strstr(buf, "\r\n\r\n");
		if (!end || have < (size_t)(end + 4 - buf) + content_length(buf))
			continue;
		memcpy(c.receiver->last, buf, have + 1);
		have = 0;
		if (write(c.fd, ok, sizeof(ok) - 1) < 0)
			break;
		c.receiver->requests++;
		sem_post(&c.receiver->answered);
	}
	close(c.fd);
	return NULL;
}

static void *accept_all(void *arg)
{
	struct bench_receiver *r = arg;

	for (;;) {
		struct connection *c = malloc(sizeof(*c));
		pthread_t t;
		int one = 1;

		if (!c)
			return NULL;
		*c = (struct connection){r, accept(r->listener, NULL, NULL)};
		setsockopt(c->fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof(one));
		if (pthread_create(&t, NULL, serve, c) == 0)
			pthread_detach(t);
	}
}

void bench_receiver_start(struct bench_receiver *r, int port)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_port = htons((uint16_t)port),
		.sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	pthread_t t;
	int one = 1;

	memset(r, 0, sizeof(*r));
	sem_init(&r->answered, 0, 0);
	r->listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	setsockopt(r->listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(r->listener, (struct sockaddr *)&a, sizeof(a)) < 0 || listen(r->listener, 64) < 0) {
		perror("receiver");
		exit(1);
	}
	if (pthread_create(&t, NULL, accept_all, r) == 0)
		pthread_detach(t);
}
