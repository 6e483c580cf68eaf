/* What the latency benchmarks share: a clock, a median, and a receiver that notes when bytes arrive. */
#pragma once

#include <semaphore.h>

struct bench_receiver {
	volatile double arrived_us; /* first bytes since it was set to 0 */
	volatile unsigned requests;
	sem_t answered;             /* posted once a request */
	char last[16384];           /* its text */
	int listener;
};

/* Both sides rest as long before each event: an idle machine wakes up slower than a busy one. */
enum { BENCH_REST_US = 300000 };

double now_us(void);
double median_us(double *times, int n);
/** bench_receiver_start() - a thread that answers 204 to everything on 127.0.0.1:@port */
void bench_receiver_start(struct bench_receiver *r, int port);
