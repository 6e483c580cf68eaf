#!/bin/sh
# ballast-plan: 1
# A sample step: moves nothing. It takes a few seconds, so that there is something to watch.
set -u
verb=$3

say() { printf '{"status":"%s","target":"%s"}\n' "$1" "$BALLAST_TARGET" >&3; }

case $verb in
check)
	say "replica on $BALLAST_TARGET is in sync"
	;;
promote)
	for part in 1 2 3; do
		sleep 1
		say "mailbox group $part of 3 serves from $BALLAST_TARGET"
	done
	;;
verify)
	sleep 1
	say "logged in and read a message on $BALLAST_TARGET"
	;;
*)
	say "nothing to do for $verb"
	;;
esac
exit 0
