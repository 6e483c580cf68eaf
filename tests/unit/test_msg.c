#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "agent/outbox.h"

struct pair {
	int a, b;
};

static struct pair make_pair(void)
{
	int fd[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, fd), 0);
	return (struct pair){fd[0], fd[1]};
}

static void drop_pair(struct pair *p)
{
	close(p->a);
	close(p->b);
}

static unsigned count_fds(void)
{
	DIR *d = opendir("/proc/self/fd");
	unsigned n = 0;

	assert_non_null(d);
	while (readdir(d))
		n++;
	closedir(d);
	return n;
}

enum { BEAT = sizeof(struct msg_beat), RECORD = sizeof(struct record), ANY = sizeof(((struct msg *)0)->u) };

static void send_raw(int to, uint32_t type, uint32_t said, size_t bytes, unsigned nfds)
{
	unsigned char body[8 + ANY + RECORD] = {0};
	int fds[8] = {0, 0, 0, 0, 0, 0, 0, 0};
	union {
		char bytes[CMSG_SPACE(sizeof(fds))];
		struct cmsghdr align;
	} control = {};
	struct iovec iov = {body, bytes};
	struct msghdr h = {.msg_iov = &iov, .msg_iovlen = 1};

	memcpy(body, &type, sizeof(type));
	memcpy(body + 4, &said, sizeof(said));
	if (nfds) {
		struct cmsghdr *c;

		h.msg_control = control.bytes;
		h.msg_controllen = CMSG_SPACE(sizeof(int) * nfds);
		c = CMSG_FIRSTHDR(&h);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int) * nfds);
		memcpy(CMSG_DATA(c), fds, sizeof(int) * nfds);
	}
	assert_int_equal(sendmsg(to, &h, 0), bytes);
}

static const struct {
	const char *why;
	uint32_t type, said;
	size_t bytes;
	unsigned nfds;
	int want;
} rows[] = {
	{"what is right is taken", MSG_BEAT, BEAT, 8 + BEAT, 0, 1},
	{"with as many descriptors as there is room for", MSG_BEAT, BEAT, 8 + BEAT, MSG_FDS, 1},
	{"one byte short", MSG_BEAT, BEAT, 8 + BEAT - 1, 0, -EPROTO},
	{"one byte more", MSG_BEAT, BEAT, 8 + BEAT + 1, 0, -EPROTO},
	{"says another length than it has", MSG_BEAT, BEAT + 1, 8 + BEAT, 0, -EPROTO},
	{"says and has another length than its type", MSG_BEAT, BEAT + 8, 8 + BEAT + 8, 0, -EPROTO},
	{"the length of another type", MSG_ALIVE, BEAT, 8 + BEAT, 0, -EPROTO},
	{"no type", MSG_NONE, 0, 8, 0, -EPROTO},
	{"a type beyond the last", MSG_TYPE_COUNT, 0, 8, 0, -EPROTO},
	{"a type far beyond", UINT32_MAX, 0, 8, 0, -EPROTO},
	{"less than a head", MSG_BEAT, BEAT, 7, 0, -EPROTO},
	{"a head alone", MSG_BEAT, BEAT, 8, 0, -EPROTO},
	{"longer than any message", MSG_BEAT, BEAT, 8 + ANY + 1, 0, -EPROTO},
	{"of records as many as fit", MSG_RECORD, MSG_MANY * RECORD, 8 + MSG_MANY * RECORD, 0, 1},
	{"of records one more", MSG_RECORD, (MSG_MANY + 1) * RECORD, 8 + (MSG_MANY + 1) * RECORD, 0, -EPROTO},
	{"of records one and a half", MSG_RECORD, RECORD * 3 / 2, 8 + RECORD * 3 / 2, 0, -EPROTO},
	{"of records none", MSG_RECORD, 0, 8, 0, -EPROTO},
	{"of others never two", MSG_BEAT, 2 * BEAT, 8 + 2 * BEAT, 0, -EPROTO},
	{"more descriptors than fit are cut off, so the message is refused", MSG_BEAT, BEAT,
		8 + BEAT, MSG_FDS + 2, -EPROTO},
	{"descriptors of a refused message are closed", MSG_BEAT, BEAT, 8 + BEAT - 1, 2, -EPROTO},
	{"nothing reads as the end", 0, 0, 0, 0, 0},
	{"nothing with a descriptor is the end too, and leaks none", 0, 0, 0, 1, 0},
};

static void test_refuses_what_does_not_fit(void **unused)
{
	(void)unused;
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct pair p = make_pair();
		unsigned before = count_fds(), taken = rows[i].want == 1 ? rows[i].nfds : 0;
		struct msg m;
		int r;

		send_raw(p.a, rows[i].type, rows[i].said, rows[i].bytes, rows[i].nfds);
		r = msg_recv(p.b, &m);
		if (r != rows[i].want || m.nfds != taken || count_fds() != before + taken)
			fail_msg("%s: %d, descriptors %u of %u, open %u after %u", rows[i].why, r,
				m.nfds, taken, count_fds(), before);
		msg_close_fds(&m);
		assert_int_equal(count_fds(), before);
		drop_pair(&p);
	}
}

static void test_every_type_has_a_size_that_fits(void **unused)
{
	(void)unused;
	for (unsigned t = MSG_NONE + 1; t < MSG_TYPE_COUNT; t++) {
		struct pair p = make_pair();
		unsigned char body[MSG_BYTES] = {0};
		struct msg m;

		if (!msg_size((enum msg_type)t) || msg_size((enum msg_type)t) > MSG_BYTES)
			fail_msg("type %u has size %zu", t, msg_size((enum msg_type)t));
		assert_int_equal(msg_send(p.a, (enum msg_type)t, body, NULL, 0), 0);
		assert_int_equal(msg_recv(p.b, &m), 1);
		assert_int_equal(m.type, t);
		drop_pair(&p);
	}
	assert_int_equal(msg_size(MSG_NONE), 0);
	assert_int_equal(msg_size(MSG_TYPE_COUNT), 0);
}

static void test_full_link_says_so_and_an_empty_one(void **unused)
{
	struct pair p = make_pair();
	struct msg_beat b = {.sequence = 1};
	struct msg m;
	unsigned sent = 0;
	int r;

	(void)unused;
	assert_int_equal(msg_recv(p.b, &m), -EAGAIN);
	while ((r = msg_send(p.a, MSG_BEAT, &b, NULL, 0)) == 0)
		sent++;
	assert_int_equal(r, -EAGAIN);
	assert_true(sent > 10);
	close(p.b);
	/* first that what was sent has not been read, then that there is nobody */
	assert_int_equal(msg_send(p.a, MSG_BEAT, &b, NULL, 0), -ECONNRESET);
	assert_int_equal(msg_send(p.a, MSG_BEAT, &b, NULL, 0), -EPIPE);
	close(p.a);
}

static void test_many_at_once_keep_their_order_and_stop_where_it_is_full(void **unused)
{
	struct pair p = make_pair();
	struct record records[MSG_MANY];
	const void *bodies[MSG_MANY];
	uint64_t told = 0, heard = 0;
	struct msg m;
	int r;

	(void)unused;
	do {
		for (unsigned i = 0; i < MSG_MANY; i++) {
			records[i] = (struct record){.sequence = told + i + 1};
			bodies[i] = &records[i];
		}
		r = msg_send_many(p.a, MSG_RECORD, bodies, MSG_MANY);
		told += r == 0 ? MSG_MANY : 0;
	} while (r == 0);
	assert_int_equal(r, -EAGAIN);
	assert_true(told > MSG_MANY);
	while (msg_recv(p.b, &m) == 1)
		for (unsigned i = 0; i < m.count; i++)
			assert_int_equal(m.u.records[i].sequence, ++heard);
	assert_int_equal(heard, told);
	assert_int_equal(msg_send_many(p.a, MSG_RECORD, bodies, 0), -EINVAL);
	assert_int_equal(msg_send_many(p.a, MSG_RECORD, bodies, MSG_MANY + 1), -EINVAL);
	assert_int_equal(msg_send_many(p.a, MSG_BEAT, bodies, 2), -EINVAL);
	drop_pair(&p);
}

static void test_memfd_must_be_sealed_and_whole(void **unused)
{
	int fd = memfd_sealed("t", "ballast", 8),
	    loose = memfd_create("t", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	const void *p = NULL;

	(void)unused;
	assert_true(fd >= 0 && loose >= 0);
	assert_int_equal(memfd_map(fd, 8, &p), 0);
	assert_memory_equal(p, "ballast", 8);
	munmap((void *)(uintptr_t)p, 8);
	assert_int_equal(memfd_map(fd, 7, &p), -EPROTO);
	assert_int_equal(memfd_map(fd, 9, &p), -EPROTO);
	assert_int_equal(memfd_map(fd, 0, &p), -EPROTO);
	assert_true(write(fd, "x", 1) < 0);
	assert_int_equal(write(loose, "ballast", 8), 8);
	assert_int_equal(memfd_map(loose, 8, &p), -EPROTO);
	assert_int_equal(fcntl(loose, F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_WRITE), 0);
	assert_int_equal(memfd_map(loose, 8, &p), -EPROTO);
	close(fd);
	close(loose);
}

static void test_outbox_keeps_order_descriptors_and_its_bound(void **unused)
{
	struct pair p = make_pair();
	struct outbox o = {};
	struct msg_beat b = {};
	unsigned before = count_fds();
	uint64_t kept = 0, next = 0;
	struct msg m;
	int r, fd = memfd_sealed("t", "x", 1);

	(void)unused;
	while (msg_send(p.a, MSG_BEAT, &b, NULL, 0) == 0)
		next++;
	for (; kept < 100; kept++) {
		b.sequence = kept;
		assert_int_equal(outbox_put(&o, MSG_BEAT, &b, &fd, 1), 0);
	}
	close(fd);
	assert_int_equal(outbox_flush(&o, p.a), -EAGAIN);
	while (next--)
		assert_int_equal(msg_recv(p.b, &m), 1);
	assert_int_equal(outbox_flush(&o, p.a), 0);
	assert_int_equal(o.bytes, 0);
	for (uint64_t i = 0; i < kept; i++) {
		assert_int_equal(msg_recv(p.b, &m), 1);
		assert_int_equal(m.u.beat.sequence, i);
		assert_int_equal(m.nfds, 1);
		msg_close_fds(&m);
	}
	assert_int_equal(count_fds(), before);
	while ((r = outbox_put(&o, MSG_BEAT, &b, NULL, 0)) == 0)
		kept++;
	assert_int_equal(r, -ENOBUFS);
	assert_true(o.bytes <= OUTBOX_BYTES);
	assert_int_equal(o.dropped, 1);
	outbox_clear(&o);
	assert_null(o.first);
	assert_int_equal(o.bytes, 0);
	drop_pair(&p);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_refuses_what_does_not_fit),
		cmocka_unit_test(test_every_type_has_a_size_that_fits),
		cmocka_unit_test(test_full_link_says_so_and_an_empty_one),
		cmocka_unit_test(test_many_at_once_keep_their_order_and_stop_where_it_is_full),
		cmocka_unit_test(test_memfd_must_be_sealed_and_whole),
		cmocka_unit_test(test_outbox_keeps_order_descriptors_and_its_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
