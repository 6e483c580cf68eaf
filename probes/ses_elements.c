/* What the status bytes of an element mean, by its type (SES-4 7.3). */
#include "probes/bytes.h"
#include "probes/ses.h"

#include <stdio.h>

enum { CODE = 0x0f, PREDICTED = 0x40, DISABLED = 0x20, ELEMENT_CODES = 16 };

/* clang-format off */
static const struct code {
	const char *text;
	uint8_t state; /* enum state */
} codes[ELEMENT_CODES] = {
	[0] = {"Unsupported", STATE_UNKNOWN}, [1] = {"OK", STATE_OK}, [2] = {"Critical", STATE_FAILED},
	[3] = {"Noncritical", STATE_DEGRADED}, [4] = {"Unrecoverable", STATE_FAILED},
	[5] = {"Not installed", STATE_ABSENT}, [6] = {"Unknown", STATE_UNKNOWN},
	[7] = {"Not available", STATE_UNKNOWN}, [8] = {"No access allowed", STATE_UNKNOWN},
};

/* How elements are called and shown; a type that is not listed is a sensor named by its number. */
static const struct type {
	uint8_t type, kind;
	const char *word;
} types[] = {
	{SES_DEVICE_SLOT, KIND_SENSOR, "slot"}, {SES_POWER_SUPPLY, KIND_PSU, "psu"}, {SES_COOLING, KIND_FAN, "fan"},
	{SES_TEMPERATURE, KIND_SENSOR, "temperature"}, {0x05, KIND_SENSOR, "door"}, {0x06, KIND_SENSOR, "alarm"},
	{SES_ELECTRONICS, KIND_CANISTER, "iom"}, {0x0a, KIND_BATTERY, "cache"}, {0x0c, KIND_BATTERY, "ups"},
	{SES_ENCLOSURE, KIND_ENCLOSURE, "enclosure"}, {0x0f, KIND_PORT, "transceiver"}, {0x11, KIND_PORT, "serial"},
	{SES_VOLTAGE, KIND_SENSOR, "voltage"}, {SES_CURRENT, KIND_SENSOR, "current"}, {0x14, KIND_PORT, "target"},
	{0x15, KIND_PORT, "initiator"}, {SES_ARRAY_SLOT, KIND_SENSOR, "slot"}, {SES_EXPANDER, KIND_EXPANDER, "expander"},
	{0x19, KIND_PORT, "connector"},
};

/* Bits that say something is wrong although the code may be OK. */
static const struct alarm {
	uint8_t type, byte, mask;
	const char *text;
} alarms[] = {
	{SES_ARRAY_SLOT, 3, 0x40, "fault sensed"}, {SES_DEVICE_SLOT, 3, 0x40, "fault sensed"},
	{SES_POWER_SUPPLY, 3, 0x02, "AC fail"}, {SES_POWER_SUPPLY, 3, 0x01, "DC fail"}, {SES_POWER_SUPPLY, 3, 0x40, "fail"},
	{SES_POWER_SUPPLY, 3, 0x08, "too hot"}, {SES_POWER_SUPPLY, 3, 0x04, "warm"},
	{SES_POWER_SUPPLY, 2, 0x0e, "output out of range"}, {SES_COOLING, 3, 0x40, "fail"},
	{SES_TEMPERATURE, 3, 0x0a, "beyond its limit"}, {SES_TEMPERATURE, 3, 0x05, "near its limit"},
	{SES_ELECTRONICS, 1, 0x40, "fail"}, {SES_EXPANDER, 1, 0x40, "fail"}, {SES_ENCLOSURE, 2, 0x02, "failure indicated"},
	{SES_ENCLOSURE, 2, 0x01, "warning indicated"}, {SES_VOLTAGE, 1, 0x03, "beyond its limit"},
	{SES_VOLTAGE, 1, 0x0c, "near its limit"}, {SES_CURRENT, 1, 0x02, "beyond its limit"},
	{SES_CURRENT, 1, 0x08, "near its limit"}, {0x19, 3, 0x40, "fail"}, {0x06, 3, 0x01, "unrecoverable condition sounding"},
};
/* clang-format on */

const char *ses_status_text(unsigned code)
{
	return code < ELEMENT_CODES && codes[code].text ? codes[code].text : "reserved";
}

enum state ses_element_state(const uint8_t *status)
{
	enum state s = (enum state)codes[status[0] & CODE].state;

	if (s == STATE_OK && status[0] & PREDICTED)
		s = STATE_DEGRADED;
	if ((s == STATE_OK || s == STATE_DEGRADED) && status[0] & DISABLED)
		s = STATE_SERVICE;
	return s;
}

bool ses_is_slot(unsigned type)
{
	return type == SES_DEVICE_SLOT || type == SES_ARRAY_SLOT;
}

bool ses_reports(const struct ses_element *e)
{
	return e->type == SES_ELECTRONICS && !e->overall && e->status[2] & 1;
}

/* SES-4 table 57: 11h to 13h wait for a reset, a power cycle or to be activated. */
bool ses_microcode_pending(unsigned code)
{
	return code >= 0x11 && code <= 0x13;
}

bool ses_microcode_failed(unsigned code)
{
	return code >= 0x80 && code <= 0x85;
}

static const struct type *type_of(unsigned type)
{
	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (types[i].type == type)
			return &types[i];
	return NULL;
}

enum kind ses_element_kind(unsigned type)
{
	const struct type *t = type_of(type);

	return t ? (enum kind)t->kind : KIND_SENSOR;
}

static void put_name(const struct ses *s, const struct ses_element *e, struct reading *r)
{
	const struct type *t = type_of(e->type);
	const char *enclosure = s->name[0] ? s->name : r->dev[0] ? r->dev : "enclosure";

	if (e->type == SES_ENCLOSURE && !e->index)
		copy_text(r->name, sizeof(r->name), enclosure);
	else if (t)
		format_text(r->name, sizeof(r->name), "%s-%s%u", enclosure, t->word, e->index);
	else
		format_text(r->name, sizeof(r->name), "%s-type%02x-%u", enclosure, e->type, e->index);
	for (char *c = r->name; *c; c++)
		if (*c == '/')
			*c = '_';
}

/* Numbers, by type; 0 where the standard keeps a value for "not told". */
static void put_facts(const struct ses_element *e, struct reading *r)
{
	const uint8_t *b = e->status;
	unsigned rpm = ((b[1] & 7u) << 8 | b[2]) * 10;

	switch (e->type) {
	case SES_TEMPERATURE:
		if (b[2])
			reading_add(r, FACT_TEMPERATURE, b[2] - 20.0);
		break;
	case SES_COOLING:
		if (rpm)
			(void)reading_add_named(r, "fan_rpm", rpm);
		break;
	case SES_VOLTAGE:
		(void)reading_add_named(r, "volts", (int16_t)be16(b + 2) / 100.0);
		break;
	case SES_CURRENT:
		(void)reading_add_named(r, "amperes", (int16_t)be16(b + 2) / 100.0);
		break;
	case SES_POWER_SUPPLY:
		reading_add(r, FACT_PSU_INPUT, !(b[3] & 0x02));
		break;
	default:
		break;
	}
}

static const char *alarm_of(const struct ses_element *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(alarms); i++)
		if (alarms[i].type == e->type && e->status[alarms[i].byte] & alarms[i].mask)
			return alarms[i].text;
	return NULL;
}

static void put_state(const struct ses_element *e, struct reading *r)
{
	unsigned code = e->status[0] & CODE;
	enum state s = ses_element_state(e->status);
	bool serves = s == STATE_OK || s == STATE_DEGRADED;
	const char *alarm = serves ? alarm_of(e) : NULL;

	if (alarm)
		s = STATE_DEGRADED;
	r->state = (uint8_t)s;
	/* never installed, or not watched from the start, is no news */
	r->known_only = s == STATE_ABSENT || code == 0;
	format_text(r->raw, sizeof(r->raw), "%s%s%s%s%s", ses_status_text(code), alarm ? ", " : "",
		alarm ? alarm : "", e->status[0] & PREDICTED ? ", failure predicted" : "",
		e->status[0] & DISABLED ? ", disabled" : "");
}

void ses_element_reading(const struct ses *s, unsigned i, struct reading *r)
{
	const struct ses_element *e = &s->elements[i];

	r->kind = (uint8_t)ses_element_kind(e->type);
	put_name(s, e, r);
	put_state(e, r);
	copy_text(r->enclosure, sizeof(r->enclosure), s->name[0] ? s->name : r->dev);
	if (ses_is_slot(e->type))
		r->slot = e->slot >= 0 ? e->slot : (int16_t)e->index;
	if (e->text[0])
		format_text(r->message, sizeof(r->message), "The enclosure calls it '%s'.", e->text);
	if (r->state == STATE_OK || r->state == STATE_DEGRADED || e->type == SES_POWER_SUPPLY)
		put_facts(e, r);
	/* what is not there has no input that could fail */
	if (r->state == STATE_ABSENT || r->state == STATE_UNKNOWN)
		r->nfacts = r->ncustom = 0;
}
