/* Does an address outside answer? It proves that this host can see; it says nothing about the array. */
#pragma once
#include "probes/reading.h"

/* "192.0.2.1", "192.0.2.1:443", "[2001:db8::1]:443", "2001:db8::1": literals only, nothing is resolved. */
struct witness_address {
	char host[64];
	uint16_t port;   /* 0: none given, ICMP echo and TCP 7 are both tried */
};

/** witness_parse() - false for what is not a literal address */
bool witness_parse(const char *text, struct witness_address *ret);

/**
 * witness_ask() - ask one witness, any answer counts: an echo, a connection, a refusal
 * @timeout_ms: for all of it
 *
 * Return: OUTCOME_OK, OUTCOME_TIMEOUT, or OUTCOME_ERROR when this host has no way to send.
 */
enum outcome witness_ask(const struct witness_address *a, uint32_t timeout_ms);
