# In the guest: kernel uevent -> webhook bytes, and -> first instruction of a step; Ballast and the bare
# reference in the same run. Prints "hook BARE OURS ROUNDS" and "step BARE OURS ROUNDS" in microseconds.
. "$BALLAST_SOURCE/tests/vm/guest-lib.sh"
bench=$BALLAST_BUILD/tests/bench
disks=12
plans=12
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
head='version: 1\nlisten: ["127.0.0.1:9877"]\nstate_directory: %s\narrays:\n'

# values WHAT WHO FILE: one line for who reads our output
values() {
	echo "$1 $2 $(tr '\n' ' ' <"$3")"
}

{
	# shellcheck disable=SC2059  # the format is ours
	printf "$head" $state
	for d in /sys/block/sd*; do
		printf '  - {name: a-%s, sources: [{type: drives, interval: 10m, timeout: 10s, match: {serial: "%s"}}]}\n' \
			"${d##*/}" "$(serial_of "$d")"
	done
	printf 'sinks:\n  - {name: oncall, type: webhook, url: "http://127.0.0.1:9900/", secret_file: %s/key, min_severity: info}\n' $run
} >$run/ballast.yaml
set --
for d in /sys/block/sd*; do
	set -- "$@" "$d/uevent"
done
"$bench/bare-event" post "$1" $rounds 9901 >$run/bare || fail 'bare reference'
"$bench/event-latency" hook 9900 $run/go "$@" >$run/hook &
waiting=$!
start_daemon
wait_for 120 'every drive read once' sh -c \
	"curl -s http://127.0.0.1:9877/api/v1/status | jq -e '[.arrays[].components.drive.ok] | add == $disks'"
sleep 3
touch $run/go
wait $waiting || fail 'no webhook for a removed drive'
stop_daemon
"$bench/bare-event" post "$1" $rounds 9901 >>$run/bare || fail 'bare reference'
values hook bare $run/bare
values hook ours $run/hook
[ -z "${ONLY_HOOK:-}" ] || exit 0

# one array, one plan a disk: its uevent makes the array be asked, which then says both canisters failed
cat >$run/ask <<'EOT'
#!/bin/sh
s=ok
[ ! -e /run/bt/lost-$1 ] || s=failed
echo "{\"kind\":\"canister\",\"id\":\"A\",\"state\":\"$s\",\"raw\":\"$s\"}"
echo "{\"kind\":\"canister\",\"id\":\"B\",\"state\":\"$s\",\"raw\":\"$s\"}"
echo '{"end":true,"count":2}'
EOT
cat >$run/step <<'EOT'
#!/bin/sh
# ballast-plan: 1
echo x >/run/bt/fifo
EOT
cat >$run/first <<'EOT'
#!/bin/sh
eval "echo x >&$1"
EOT
chmod 755 $run/ask $run/step $run/first
mkfifo $run/fifo
rm -f $run/go
udevadm trigger -c add -s block 2>/dev/null || for d in /sys/block/sd*; do echo add >"$d/uevent"; done
few=$(ls -d /sys/block/sd* | head -n $plans)
{
	# shellcheck disable=SC2059
	printf "$head" $state
	for d in $few; do
		printf '  - {name: a-%s, expect: {canisters: 2}, sources: [{type: drives, interval: 10m, timeout: 10s, match: {serial: "%s"}}, {type: exec, command: [%s/ask, %s], interval: 5m, timeout: 5s}]}\n' \
			"${d##*/}" "$(serial_of "$d")" $run "${d##*/}"
	done
	printf 'plans:\n'
	for d in $few; do
		printf '  - {name: p-%s, array: a-%s, when: [access_lost, not_redundant], mode: auto, armed: true, hold: 0s, witness: ["127.0.0.1:9877"], steps: [{name: move, run: %s/step, verbs: [promote], timeout: 10s}]}\n' \
			"${d##*/}" "${d##*/}" $run
	done
} >$run/ballast.yaml
bare=$("$bench/bare-event" spawn "$1" 200 $run/first) || fail 'bare reference'
set --
for d in $few; do
	set -- "$@" "$d/uevent"
done
LOST=$run/lost- "$bench/event-latency" step $run/fifo $run/go "$@" >$run/steps &
waiting=$!
start_daemon
wait_for 120 'every canister read once' sh -c \
	"curl -s http://127.0.0.1:9877/api/v1/status | jq -e '[.arrays[].components.canister.ok] | add == 2 * $plans'"
wait_for 60 'witnesses answer' sh -c \
	"curl -s 'http://127.0.0.1:9877/api/v1/components?kind=target' | grep -c answers"
sleep 3
touch $run/go
wait $waiting || fail 'no step ran'
echo "step $bare $(cat $run/steps)"
stop_daemon
