/*
 * The bare reference for scrapes: libmicrohttpd serving one file from memory, nothing else.
 *   bare-mhd PORT FILE
 */
#include <arpa/inet.h>
#include <microhttpd.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static enum MHD_Result answer(void *cls, struct MHD_Connection *c, const char *url, const char *method,
	const char *version, const char *body, size_t *size, void **state)
{
	static int seen;

	(void)url;
	(void)method;
	(void)version;
	(void)body;
	(void)size;
	if (!*state) {
		*state = &seen;
		return MHD_YES;
	}
	return MHD_queue_response(c, 200, cls);
}

int main(int argc, char **argv)
{
	struct sockaddr_in a = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
	static char text[32 << 20];
	struct MHD_Response *response;
	FILE *f;
	size_t n;

	if (argc != 3 || !(f = fopen(argv[2], "rb")))
		return 2;
	n = fread(text, 1, sizeof(text), f);
	fclose(f);
	a.sin_port = htons((uint16_t)atoi(argv[1]));
	response = MHD_create_response_from_buffer(n, text, MHD_RESPMEM_PERSISTENT);
	if (!MHD_start_daemon(MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL, answer, response, MHD_OPTION_SOCK_ADDR,
		    (struct sockaddr *)&a, MHD_OPTION_END))
		return 1;
	for (;;)
		pause();
}
