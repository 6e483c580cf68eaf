# In the guest: kernel uevent -> webhook bytes (BENCH=hook), or -> first instruction of a step (BENCH=step);
# Ballast and the bare reference in the same run, before and after. Prints lines "bare|ours MICROSECONDS...".
. "$BALLAST_SOURCE/tests/vm/guest-lib.sh"
bench=$BALLAST_BUILD/tests/bench
disks=24
rounds=12
modprobe scsi_debug max_luns=$disks num_tgts=1 dev_size_mb=8 fake_rw=1
wait_for 60 'disks' sh -c "[ \$(ls -d /sys/block/sd* | wc -l) -eq $disks ]"

serial_of() {
	tail -c +5 "$1/device/vpd_pg80" | tr -d ' \0'
}

start_daemon() {
	chmod 600 $run/ballast.yaml
	"$BALLAST_BUILD/agent/ballastd" -c $run/ballast.yaml --control $run/control.sock >$run/log 2>&1 &
	daemon=$!
}

stop_daemon() {
	kill $daemon
	wait $daemon
}

printf 'whsec_%s\n' "$(head -c 32 /dev/urandom | base64 -w0)" >$run/key
chmod 600 $run/key
head='version: 1\nlocal: false\nlisten: ["127.0.0.1:9877"]\nstate_directory: %s\narrays:\n'

# values WHO FILE: one line for who reads our output
values() {
	echo "$1 $(tr '\n' ' ' <"$2")"
}

hook() {
	few=$(ls -d /sys/block/sd* | head -n 12)
	{
		# shellcheck disable=SC2059  # the format is ours
		printf "$head" $state
		for d in $few; do
			printf '  - {name: a-%s, sources: [{type: drives, interval: 10m, timeout: 10s, match: {serial: "%s"}}]}\n' \
				"${d##*/}" "$(serial_of "$d")"
		done
		printf 'sinks:\n  - {name: oncall, type: webhook, url: "http://127.0.0.1:9900/", secret_file: %s/key, min_severity: info}\n' $run
	} >$run/ballast.yaml
	set --
	for d in $few; do
		set -- "$@" "$d/uevent"
	done
	"$bench/bare-event" post "$1" $rounds 9901 >$run/bare || fail 'bare reference'
	"$bench/event-latency" hook 9900 $run/go "$@" >$run/hook &
	waiting=$!
	start_daemon
	wait_for 120 'every drive read once' status_has '[.arrays[].components.drive.ok] | add == 12'
	wait_for 120 'ready' curl -sf http://127.0.0.1:9877/readyz
	sleep 3
	touch $run/go
	wait $waiting || fail 'no webhook for a removed drive'
	stop_daemon
	"$bench/bare-event" post "$1" $rounds 9901 >>$run/bare || fail 'bare reference'
	values bare $run/bare
	values ours $run/hook
}

# two paths an array: the uevent of the second one that goes is all it takes to know that access is lost
step() {
	set -- /sys/block/sd*/uevent
	cp "$bench/first-word" $run/first-word
	printf '#!%s/first-word %s/fifo\n# ballast-plan: 1\n' $run $run >$run/step
	chmod 755 $run/step
	mkfifo $run/fifo
	{
		# shellcheck disable=SC2059
		printf "$head" $state
		n=0
		for d in /sys/block/sd*; do
			n=$((n + 1))
			[ $((n % 2)) -eq 0 ] || { first=$(serial_of "$d"); continue; }
			printf '  - {name: a-%s, expect: {paths: 2}, sources: [{type: paths, interval: 5m, timeout: 5s, match: {serial: "%s"}}, {type: paths, interval: 5m, timeout: 5s, match: {serial: "%s"}}]}\n' \
				$n "$first" "$(serial_of "$d")"
		done
		printf 'plans:\n'
		for n in $(seq 2 2 $disks); do
			printf '  - {name: p-%s, array: a-%s, when: [access_lost], mode: auto, armed: true, hold: 0s, witness: ["127.0.0.1:9877"], steps: [{name: move, run: %s/step, verbs: [promote], timeout: 10s}]}\n' \
				$n $n $run
		done
	} >$run/ballast.yaml
	"$bench/bare-event" spawn "$1" $rounds $run/step $run/fifo >$run/bare || fail 'bare reference'
	"$bench/event-latency" step $run/fifo $run/go "$@" >$run/steps &
	waiting=$!
	start_daemon
	wait_for 120 'every path read once' status_has "[.arrays[].components.path.ok] | add == $disks"
	wait_for 60 'witnesses answer' component_has "[.[] | select(.kind == \"target\" and .raw == \"answers\")] | length == $((disks / 2))"
	wait_for 120 'ready' curl -sf http://127.0.0.1:9877/readyz
	sleep 3
	touch $run/go
	wait $waiting || fail 'no step ran'
	stop_daemon
	"$bench/bare-event" spawn "$1" $rounds $run/step $run/fifo >>$run/bare || fail 'bare reference'
	values bare $run/bare
	values ours $run/steps
}

$BENCH
