# In the guest: kernel uevent -> webhook bytes, and -> first instruction of a step; Ballast and the bare
# reference in the same run. Prints "hook BARE OURS ROUNDS" and "step BARE OURS ROUNDS" in microseconds.
. "$BALLAST_SOURCE/tests/vm/guest-lib.sh"
bench=$BALLAST_BUILD/tests/bench
rounds=30
modprobe scsi_debug max_luns=$rounds num_tgts=1 dev_size_mb=8 fake_rw=1
wait_for 60 'disks' sh -c "[ \$(ls -d /sys/block/sd* | wc -l) -eq $rounds ]"

serial_of() {
	tail -c +5 "$1/device/vpd_pg80" | tr -d ' \0'
}

printf 'whsec_%s\n' "$(head -c 32 /dev/urandom | base64 -w0)" >$run/key
chmod 600 $run/key
hook_config() {
	printf 'version: 1\nlisten: ["127.0.0.1:9877"]\nstate_directory: %s\narrays:\n' $state
	for d in /sys/block/sd*; do
		printf '  - {name: a-%s, sources: [{type: drives, interval: 10m, timeout: 10s, match: {serial: "%s"}}]}\n' \
			"${d##*/}" "$(serial_of "$d")"
	done
	printf 'sinks:\n  - {name: oncall, type: webhook, url: "http://127.0.0.1:9900/", secret_file: %s/key, min_severity: info}\n' $run
}
hook_config >$run/ballast.yaml
chmod 600 $run/ballast.yaml

set --
for d in /sys/block/sd*; do
	set -- "$@" "$d/uevent"
done
bare=$("$bench/bare-event" post "$1" 200 9901) || fail 'bare reference'
"$bench/event-latency" hook 9900 $run/go "$@" >$run/hook &
waiting=$!
"$BALLAST_BUILD/agent/ballastd" -c $run/ballast.yaml --control $run/control.sock >$run/log 2>&1 &
wait_for 90 'every drive read once' sh -c \
	"curl -s http://127.0.0.1:9877/api/v1/status | jq -e '[.arrays[].components.drive.ok] | add == $rounds'"
sleep 3
touch $run/go
wait $waiting || fail 'no webhook for a removed drive'
echo "hook $bare $(cat $run/hook)"
