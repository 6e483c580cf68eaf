/*
 * One alert in the words of one kind of receiver. Pure: a view and a row in, bytes out. Knows nothing of
 * transport, retries or signatures.
 */
#pragma once
#include "agent/view.h"

/* What a renderer may need besides the model. The texts stay the caller's. */
struct render_input {
	const struct view *view;
	const struct alert_row *alert;
	const char *id;         /* of this message: the same on every attempt */
	const char *token;      /* PagerDuty routing key; a secret */
	const char *from, *to;  /* e-mail: addresses; @to separated by ", " */
	uint32_t repeat_ms;     /* how often what fires is told again; 0 never */
};

/**
 * render_alert() - the body for a sink of @type
 * @ret: NUL-terminated, caller frees
 * @ret_len: without the NUL
 *
 * Return: 0; -ENOMEM; -ENOMSG when this kind of receiver is told nothing for such a message (which then
 * counts as delivered: a heartbeat in a chat, a refused gate on a pager).
 */
must_check int render_alert(enum sink_type type, const struct render_input *in, char **ret, size_t *ret_len);

/** render_content_type() - the Content-Type that goes with it */
const char *render_content_type(enum sink_type type);
