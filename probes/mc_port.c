/* Host ports of a Dot Hill array. */
#include "probes/mc_parts.h"

#include <errno.h>

/* clang-format off */
/* "show ports", status; a port that nothing is plugged into is no fault of anybody. */
static const struct manage_word port_words[] = {
	{"Up", STATE_OK}, {"Warning", STATE_DEGRADED}, {"Error", STATE_FAILED}, {"Not Present", STATE_ABSENT},
	{"Disconnected", STATE_ABSENT},
};
/* clang-format on */

int mc_ports(json_object *answer, const struct manage_sink *sink)
{
	size_t n;
	json_object *l = mc_list(answer, "port", &n);

	for (size_t i = 0; i < n; i++) {
		json_object *o = json_object_array_get_idx(l, i);
		struct reading r;

		mc_begin(&r, KIND_PORT, o, "durable-id");
		MC_JUDGE(&r, o, "status", port_words);
		/* not applicable: of one that is not connected */
		if (r.state != STATE_ABSENT && !text_equal(manage_text(o, "health"), "N/A") &&
			!text_equal(manage_text(o, "health-numeric"), "4"))
			mc_judge_health(&r, o);
		MC_TAKE(r.model, o, "port-type");
		r.known_only = r.state == STATE_ABSENT;
		mc_tell(&r, "", sink);
	}
	return l ? 0 : -EBADMSG;
}
