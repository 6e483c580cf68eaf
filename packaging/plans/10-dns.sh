#!/bin/sh
# ballast-plan: 1
# A sample step: moves nothing. It shows what a script is given and what it answers.
# argv: plan, step, verb. Status as JSON on descriptor 3. Exit: see plan scripts in ballast.yaml(5).
set -u
verb=$3

say() { printf '{"status":"%s","target":"%s"}\n' "$1" "$BALLAST_TARGET" >&3; }

case $verb in
check)
	# would it work? Ask the target, change nothing.
	say "$BALLAST_TARGET answers for the zone"
	;;
promote)
	# idempotent: a second call finds it done and exits 10
	sleep 1
	say "resolver addresses now point to $BALLAST_TARGET"
	;;
verify)
	# prove it from the outside, as a user would see it
	say "three names resolved through $BALLAST_TARGET"
	;;
*)
	say "nothing to do for $verb"
	;;
esac
exit 0
