#include "probes/reading.h"

void reading_add(struct reading *r, unsigned fact, double value)
{
	if (r->nfacts < READING_FACTS)
		r->facts[r->nfacts++] = (struct reading_fact){.fact = (uint16_t)fact, .value = value};
}

bool reading_add_named(struct reading *r, const char *name, double value)
{
	unsigned fact = fact_from_name(name);

	if (fact == FACT_NONE) {
		if (r->ncustom == READING_CUSTOM || strlen(name) >= CUSTOM_NAME)
			return false;
		copy_text(r->custom[r->ncustom], CUSTOM_NAME, name);
		fact = FACT_CUSTOM + r->ncustom++;
	}
	if (r->nfacts == READING_FACTS)
		return false;
	reading_add(r, fact, value);
	return true;
}

bool reading_find(const struct reading *r, unsigned fact, double *ret)
{
	for (unsigned i = 0; i < r->nfacts; i++)
		if (r->facts[i].fact == fact) {
			*ret = r->facts[i].value;
			return true;
		}
	return false;
}
