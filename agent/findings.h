/* From facts to findings to alerts: the engine's middle. */
#pragma once
#include "agent/engine.h"
#include "agent/rules.h"

/** components_update() - states with limits and age, health from tier and cap; true when anything changed */
bool components_update(struct engine *e);
/** findings_update() - evaluate every rule, fire, worsen, clear; fold symptoms; true when anything changed */
bool findings_update(struct engine *e);
/** finding_raise() / finding_lower() - for TEST_SPECIAL rules: condition holds or no longer holds.
 *  @component NONE32 for an array's or Ballast's own; @detail goes into the summary */
void finding_raise(struct engine *e, const char *rule, unsigned array, uint32_t component, const char *detail);
void finding_lower(struct engine *e, const char *rule, unsigned array, uint32_t component);
bool finding_holds(const struct model *m, const char *rule, unsigned array, uint32_t component);
/** incidents_update() - one open incident per array with anything at warning or above; true when changed */
bool incidents_update(struct engine *e);

/* alerts.c */
/** alert_raise() - a message to people; sinks that want it are chosen here. Row's key fields filled by caller */
void alert_raise(struct engine *e, struct alert_row *a);
/** alerts_update() - repeats, escalation, retiring delivered ones; true when anything changed */
bool alerts_update(struct engine *e);
uint64_t alerts_next_ms(const struct engine *e);
void alert_delivery(struct engine *e, const struct delivery *delivery);
/** alert_key() - CONTRACT key: array serial or name + rule + component */
void alert_key(const struct model *m, const struct alert_row *a, char *buf, size_t size);
/** alert_id() - the same on every attempt and after every restart: from epoch and sequence */
void alert_id(const struct alert_row *a, char *buf, size_t size);
