#include "probes/snmp_trap.h"

#include <errno.h>

/* X.690 section 8.1.2 and RFC 1155, RFC 2578: the tags there are in a trap. */
enum {
	TAG_INTEGER = 0x02, TAG_STRING = 0x04, TAG_NULL = 0x05, TAG_OID = 0x06, TAG_SEQUENCE = 0x30,
	TAG_ADDRESS = 0x40, TAG_COUNTER = 0x41, TAG_GAUGE = 0x42, TAG_TICKS = 0x43, TAG_OPAQUE = 0x44,
	TAG_COUNTER64 = 0x46, PDU_TRAP = 0xa4, PDU_INFORM = 0xa6, PDU_TRAP2 = 0xa7
};
enum { GENERIC_ENTERPRISE = 6, ARC_BYTES = 5 };

static const char UPTIME[] = "1.3.6.1.2.1.1.3.0";
static const char TRAP_IDENTITY[] = "1.3.6.1.6.3.1.1.4.1.0";

struct ber {
	const uint8_t *at, *end;
};

/* One tag, length, value; definite lengths of up to 3 bytes. */
static bool take(struct ber *from, unsigned *ret_tag, struct ber *ret)
{
	size_t left = (size_t)(from->end - from->at), n, bytes;

	if (left < 2)
		return false;
	*ret_tag = from->at[0];
	n = from->at[1];
	bytes = n & 0x80 ? n & 0x7f : 0;
	if ((*ret_tag & 0x1f) == 0x1f || (n & 0x80 && !bytes) || bytes > 3 || left < 2 + bytes)
		return false;
	for (size_t i = 0; bytes && i < bytes; i++)
		n = (i ? n << 8 : 0) | from->at[2 + i];
	if (left - 2 - bytes < n)
		return false;
	*ret = (struct ber){from->at + 2 + bytes, from->at + 2 + bytes + n};
	from->at = ret->end;
	return true;
}

static bool take_tag(struct ber *from, unsigned tag, struct ber *ret)
{
	unsigned is;

	return take(from, &is, ret) && is == tag;
}

/* Two's complement for INTEGER, else not negative. */
static bool number(struct ber v, bool is_signed, int64_t *ret)
{
	size_t n = (size_t)(v.end - v.at);
	uint64_t u = is_signed && n && v.at[0] & 0x80 ? UINT64_MAX : 0;

	if (!n || n > 9 || (n == 9 && v.at[0]))
		return false;
	while (v.at < v.end)
		u = u << 8 | *v.at++;
	*ret = (int64_t)u;
	return true;
}

static bool take_number(struct ber *from, int64_t *ret)
{
	struct ber v;

	return take_tag(from, TAG_INTEGER, &v) && number(v, true, ret);
}

static bool take_arc(struct ber *v, uint32_t *ret)
{
	unsigned bytes = 0;

	*ret = 0;
	while (v->at < v->end && bytes++ < ARC_BYTES) {
		*ret = *ret << 7 | (*v->at & 0x7f);
		if (!(*v->at++ & 0x80))
			return true;
	}
	return false;
}

/* X.690 section 8.19: the first two numbers share a byte. */
static bool oid_text(struct ber v, char *text, size_t size)
{
	uint32_t arc, first;

	if (!take_arc(&v, &arc))
		return false;
	first = MIN_OF(arc / 40, 2u);
	format_text(text, size, "%u.%u", first, arc - 40 * first);
	while (v.at < v.end) {
		size_t n = strlen(text);

		if (!take_arc(&v, &arc))
			return false;
		format_text(text + n, size - n, ".%u", arc);
	}
	return true;
}

static bool value_text(unsigned tag, struct ber v, char *text, size_t size)
{
	int64_t n;

	memset(text, 0, size);
	switch (tag) {
	case TAG_STRING:
	case TAG_OPAQUE:
		copy_device_text(text, size, v.at, (size_t)(v.end - v.at));
		return true;
	case TAG_OID:
		return oid_text(v, text, size);
	case TAG_ADDRESS:
		if (v.end - v.at != 4)
			return false;
		format_text(text, size, "%u.%u.%u.%u", v.at[0], v.at[1], v.at[2], v.at[3]);
		return true;
	case TAG_INTEGER:
		if (!number(v, true, &n))
			return false;
		format_text(text, size, "%lld", (long long)n);
		return true;
	case TAG_COUNTER:
	case TAG_GAUGE:
	case TAG_TICKS:
	case TAG_COUNTER64:
		if (!number(v, false, &n))
			return false;
		format_text(text, size, "%llu", (unsigned long long)n);
		return true;
	default:
		return true; /* NULL and what a later standard adds says nothing */
	}
}

/* "….190.0.1" of a v1 trap that was made into a v2 one is "….190.1" of one that always was (RFC 3584). */
static void drop_zero(char *oid)
{
	char *last = strrchr(oid, '.');

	if (last && last - oid > 2 && last[-1] == '0' && last[-2] == '.')
		memmove(last - 2, last, strlen(last) + 1);
}

static bool take_var(struct snmp_trap *t, struct ber *list)
{
	struct trap_var var = {};
	struct ber pair, v;
	unsigned tag;

	if (!take_tag(list, TAG_SEQUENCE, &pair) || !take_tag(&pair, TAG_OID, &v) ||
		!oid_text(v, var.oid, sizeof(var.oid)) || !take(&pair, &tag, &v) ||
		!value_text(tag, v, var.value, sizeof(var.value)))
		return false;
	if (text_equal(var.oid, UPTIME))
		return true;
	if (text_equal(var.oid, TRAP_IDENTITY)) {
		copy_text(t->oid, sizeof(t->oid), var.value);
		drop_zero(t->oid);
	} else if (t->nvars < TRAP_VARS) {
		t->vars[t->nvars++] = var;
	}
	return true;
}

static bool take_vars(struct snmp_trap *t, struct ber *pdu)
{
	struct ber list;

	if (!take_tag(pdu, TAG_SEQUENCE, &list))
		return false;
	while (list.at < list.end)
		if (!take_var(t, &list))
			return false;
	return true;
}

/* enterprise, agent-addr, generic-trap, specific-trap, time-stamp, variable-bindings */
static bool take_trap1(struct snmp_trap *t, struct ber *pdu)
{
	struct ber v;
	int64_t generic, specific;
	size_t n;

	if (!take_tag(pdu, TAG_OID, &v) || !oid_text(v, t->oid, sizeof(t->oid)) ||
		!take_tag(pdu, TAG_ADDRESS, &v) || !take_number(pdu, &generic) || !take_number(pdu, &specific) ||
		!take_tag(pdu, TAG_TICKS, &v))
		return false;
	if (generic != GENERIC_ENTERPRISE) {
		format_text(t->oid, sizeof(t->oid), "1.3.6.1.6.3.1.1.5.%lld", (long long)generic + 1);
		return take_vars(t, pdu);
	}
	n = strlen(t->oid);
	format_text(t->oid + n, sizeof(t->oid) - n, ".%lld", (long long)specific);
	return take_vars(t, pdu);
}

/* request-id, error-status, error-index, variable-bindings */
static bool take_trap2(struct snmp_trap *t, struct ber *pdu)
{
	int64_t skipped;

	for (unsigned i = 0; i < 3; i++)
		if (!take_number(pdu, &skipped))
			return false;
	return take_vars(t, pdu) && t->oid[0];
}

static int parse(struct ber all, struct snmp_trap *t)
{
	struct ber message, v;
	int64_t version;
	unsigned tag;

	if (!take_tag(&all, TAG_SEQUENCE, &message) || !take_number(&message, &version))
		return -EBADMSG;
	t->version = version == 0 ? 1 : version == 1 ? 2 : version == 3 ? 3 : 0; /* RFC 3416, RFC 3412 */
	if (version == 3)
		return -EOPNOTSUPP;
	if (version < 0 || version > 1 || !take_tag(&message, TAG_STRING, &v) || !take(&message, &tag, &v))
		return -EBADMSG;
	if (version == 0 && tag == PDU_TRAP)
		return take_trap1(t, &v) ? 0 : -EBADMSG;
	if (version == 1 && (tag == PDU_TRAP2 || tag == PDU_INFORM))
		return take_trap2(t, &v) ? 0 : -EBADMSG;
	return -EOPNOTSUPP;
}

int snmp_trap_parse(const void *bytes, size_t len, struct snmp_trap *ret)
{
	struct ber all = {bytes, (const uint8_t *)bytes + len};
	unsigned version;
	int r;

	*ret = (struct snmp_trap){};
	if (len > TRAP_BYTES_MAX)
		return -EBADMSG;
	r = parse(all, ret);
	version = ret->version;
	if (r < 0)
		*ret = (struct snmp_trap){.version = version};
	return r;
}

void snmp_trap_text(const struct snmp_trap *t, char *text, size_t size)
{
	copy_text(text, size, "");
	for (unsigned i = 0; i < t->nvars; i++) {
		size_t n = strlen(text);

		if (t->vars[i].value[0])
			format_text(text + n, size - n, "%s%s", n ? "; " : "", t->vars[i].value);
	}
}
