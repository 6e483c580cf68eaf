#!/bin/sh
# ballast-plan: 1
# A sample step: moves nothing. It is done already when asked twice, and says so with exit 10.
set -u
verb=$3

say() { printf '{"status":"%s","target":"%s"}\n' "$1" "$BALLAST_TARGET" >&3; }

case $verb in
check)
	say "front-ends on $BALLAST_TARGET answer"
	;;
promote)
	if [ "${BALLAST_ATTEMPT:-1}" -gt 1 ]; then
		say "front-ends point to $BALLAST_TARGET already"
		exit 10
	fi
	sleep 2
	say "front-ends point to $BALLAST_TARGET"
	;;
verify)
	say "front page delivered by $BALLAST_TARGET"
	;;
*)
	say "nothing to do for $verb"
	;;
esac
exit 0
