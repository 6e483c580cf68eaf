/* Whom a sink's connection trusts: certificates from memory, and why one was not trusted. */
#pragma once
#include <curl/curl.h>

#include "agent/config.h"

struct x509_store_st;

struct courier_tls {
	struct x509_store_st *store; /* counted reference; NULL: no TLS, or nothing to trust */
	int64_t expired_s;           /* unix seconds: when the peer's certificate, refused just now, ended; 0 */
	bool not_yet;                /* it begins only at that time */
};

/** tls_warm_up() - load what TLS needs before the disk may go */
void tls_warm_up(void);
/**
 * tls_open() - the certificates for sink @index, parsed once: a handshake must not parse 140 of them
 * Return: 0; -ENOENT none given; -EBADMSG not one of them could be read; -ENOMEM.
 */
must_check int tls_open(struct courier_tls *t, const struct secrets *s, unsigned index);
void tls_close(struct courier_tls *t);
/** tls_system_close() - after a reload: the system's certificates are read from the new secrets */
void tls_system_close(void);
/** tls_attach() - make a handle trust them and nothing else */
void tls_attach(struct courier_tls *t, CURL *easy, bool insecure);
