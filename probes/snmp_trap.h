/*
 * An SNMP trap -> what it says: v1 (RFC 1157 section 4.1.6) and v2c (RFC 3416 section 4.2.6), BER (X.690)
 * with every length checked. Pure: bytes in, text out; never answers, and looks at no community.
 */
#pragma once
#include "probes/util.h"

enum { TRAP_VARS = 24, TRAP_OID = 80, TRAP_VALUE = 128, TRAP_BYTES_MAX = 16384 };

struct trap_var {
	char oid[TRAP_OID];     /* "1.3.6.1.…", cut */
	char value[TRAP_VALUE]; /* text printable and cut; numbers and addresses as people write them */
};

struct snmp_trap {
	unsigned version; /* 1, 2, 3 as people count them */
	char oid[TRAP_OID]; /* which trap; RFC 3584's ".0" before the last number is left out, so that v1 and v2 agree */
	unsigned nvars;   /* without sysUpTime and snmpTrapOID; more than TRAP_VARS are not kept */
	struct trap_var vars[TRAP_VARS];
};

/**
 * snmp_trap_parse() - one datagram
 *
 * Return: 0; -EOPNOTSUPP for version 3, which needs keys (.version is set), and for what is no trap;
 * -EBADMSG for broken BER: nothing of it counts.
 */
int snmp_trap_parse(const void *bytes, size_t len, struct snmp_trap *ret);

/** snmp_trap_text() - the values behind one another, "; " between them */
void snmp_trap_text(const struct snmp_trap *t, char *text, size_t size);
