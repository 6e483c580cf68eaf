#include "agent/courier_tls.h"

#include <errno.h>
#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/ssl.h>
#include <time.h>

/* Of all sinks that name no bundle of their own: some 140 certificates, held once. */
static X509_STORE *system_store;
static int tls_index = -1;

void tls_warm_up(void)
{
	SSL_CTX *ctx;

	(void)OPENSSL_init_ssl(OPENSSL_INIT_LOAD_SSL_STRINGS | OPENSSL_INIT_LOAD_CRYPTO_STRINGS, NULL);
	ctx = SSL_CTX_new(TLS_client_method());
	SSL_CTX_free(ctx);
	tls_index = SSL_CTX_get_ex_new_index(0, NULL, NULL, NULL, NULL);
}

static X509_STORE *store_parse(const char *pem, size_t len)
{
	BIO *bio = BIO_new_mem_buf(pem, (int)len);
	X509_STORE *store = X509_STORE_new();
	unsigned n = 0;
	X509 *cert;

	while (bio && store && (cert = PEM_read_bio_X509_AUX(bio, NULL, NULL, NULL))) {
		n += X509_STORE_add_cert(store, cert) == 1;
		X509_free(cert);
	}
	ERR_clear_error(); /* the end of the text is an error to PEM_read_bio() */
	BIO_free(bio);
	if (!n) {
		X509_STORE_free(store);
		return NULL;
	}
	return store;
}

static size_t ca_offset(const struct secrets *s, unsigned index)
{
	size_t at = s->ca_system_len;

	for (unsigned i = 0; i < index; i++)
		at += s->ca_len[i];
	return at;
}

int tls_open(struct courier_tls *t, const struct secrets *s, unsigned index)
{
	size_t at = s ? ca_offset(s, index) : 0;

	tls_close(t);
	if (!s || at + s->ca_len[index] > sizeof(s->ca) || (!s->ca_len[index] && !s->ca_system_len))
		return -ENOENT;
	if (s->ca_len[index]) {
		t->store = store_parse(s->ca + at, s->ca_len[index]);
		return t->store ? 0 : -EBADMSG;
	}
	if (!system_store)
		system_store = store_parse(s->ca, s->ca_system_len);
	if (!system_store)
		return -EBADMSG;
	if (X509_STORE_up_ref(system_store))
		t->store = system_store;
	return t->store ? 0 : -ENOMEM;
}

void tls_close(struct courier_tls *t)
{
	X509_STORE_free(t->store);
	*t = (struct courier_tls){};
}

void tls_system_close(void)
{
	X509_STORE_free(system_store);
	system_store = NULL;
}

static int64_t unix_seconds(const ASN1_TIME *when)
{
	struct tm tm;

	return ASN1_TIME_to_tm(when, &tm) ? (int64_t)timegm(&tm) : 0;
}

/* Only notes why; the verdict stays OpenSSL's. */
static int on_certificate(int ok, X509_STORE_CTX *x)
{
	SSL *ssl = X509_STORE_CTX_get_ex_data(x, SSL_get_ex_data_X509_STORE_CTX_idx());
	struct courier_tls *t = ssl ? SSL_CTX_get_ex_data(SSL_get_SSL_CTX(ssl), tls_index) : NULL;
	const X509 *cert = X509_STORE_CTX_get_current_cert(x);
	int error = X509_STORE_CTX_get_error(x);

	if (ok || !t || !cert)
		return ok;
	t->not_yet = error == X509_V_ERR_CERT_NOT_YET_VALID;
	if (error == X509_V_ERR_CERT_HAS_EXPIRED)
		t->expired_s = unix_seconds(X509_get0_notAfter(cert));
	else if (t->not_yet)
		t->expired_s = unix_seconds(X509_get0_notBefore(cert));
	return ok;
}

static CURLcode on_context(CURL *easy, void *ctx, void *userdata)
{
	struct courier_tls *t = userdata;

	(void)easy;
	t->expired_s = 0;
	if (!t->store)
		return CURLE_OK;
	if (!SSL_CTX_set_ex_data(ctx, tls_index, t))
		return CURLE_OUT_OF_MEMORY;
	SSL_CTX_set1_cert_store(ctx, t->store);
	SSL_CTX_set_verify(ctx, SSL_VERIFY_PEER, on_certificate);
	return CURLE_OK;
}

void tls_attach(struct courier_tls *t, CURL *easy, bool insecure)
{
	curl_easy_setopt(easy, CURLOPT_CAINFO, NULL);
	curl_easy_setopt(easy, CURLOPT_CAPATH, NULL);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYPEER, insecure ? 0L : 1L);
	curl_easy_setopt(easy, CURLOPT_SSL_VERIFYHOST, insecure ? 0L : 2L);
	curl_easy_setopt(easy, CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2);
	if (insecure)
		return;
	curl_easy_setopt(easy, CURLOPT_SSL_CTX_FUNCTION, on_context);
	curl_easy_setopt(easy, CURLOPT_SSL_CTX_DATA, t);
}
