# libatasmart on a disk it can read; with SMART switched off nothing may be called ok.
. "$BALLAST_SOURCE/tests/vm/guest-lib.sh"
wait_for 20 'ATA disk' test -b /dev/sda
keep_busy /dev/sda
start_receiver
start_ballast
wait_for 40 'the disk is read and ok' component_has \
	'.. | objects | select(.serial? == "SN0001" and .health? == "ok")'
wait_for 20 'temperature decoded' sh -c \
	'curl -s http://127.0.0.1:9877/metrics | grep -E "^ballast_drive_temperature_celsius.* 31$"'
smartctl -s off /dev/sda >/dev/null
wait_for 60 'not ok without SMART' component_has \
	'.. | objects | select(.serial? == "SN0001" and .health? != "ok")'
smartctl -s on /dev/sda >/dev/null
wait_for 60 'ok again' component_has '.. | objects | select(.serial? == "SN0001" and .health? == "ok")'
