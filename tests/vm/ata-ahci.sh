# libatasmart cannot read this controller's sense data: our own fallback does, or the drive is unknown.
. "$BALLAST_SOURCE/tests/vm/guest-lib.sh"
wait_for 20 'ATA disk' test -b /dev/sda
keep_busy /dev/sda
start_receiver
start_ballast
wait_for 40 'the disk is known' component_has '.. | objects | select(.serial? == "SN0002")'
sleep 6
curl -s http://127.0.0.1:9877/metrics >$run/metrics
if component_has '.. | objects | select(.serial? == "SN0002" and .health? == "ok")' >/dev/null; then
	grep -qE '^ballast_drive_temperature_celsius' $run/metrics || fail 'called ok without a single value read'
	echo "ok: read by the fallback"
else
	wait_for 10 'read, or unknown' component_has '.. | objects | select(.serial? == "SN0002" and .health? == "unknown")'
	echo "ok: shown as unknown"
fi
