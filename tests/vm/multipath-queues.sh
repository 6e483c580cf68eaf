# A real multipathd over two port groups, told to queue for ever: a finding; both gone, and I/O waits: critical.
. "$BALLAST_SOURCE/tests/vm/guest-lib.sh"
alua_target
modprobe -a dm-multipath dm-service-time
printf 'defaults {\n find_multipaths no\n polling_interval 1\n user_friendly_names yes\n}\noverrides {\n no_path_retry queue\n}\n' >/etc/multipath.conf
LD_LIBRARY_PATH=/lib/multipath multipathd -d -v2 >$run/multipathd.log 2>&1 &
wait_for 40 'a map' test -e /sys/block/dm-0
start_san1 'match: {vendor: LIO-ORG}'
wait_for 20 'the map is ok' component_has '.. | objects | select(.kind? == "map" and .name? == "mpatha" and .state? == "ok")'
wait_for 20 'it queues for ever' status_has '.findings[] | select(.rule == "map.queues-forever" and .severity == "info")'
status_has '.findings[] | select(.rule == "map.io-waits")' >/dev/null && fail 'nothing waits yet'
echo 3 >$unit/alua/can1/alua_access_state
echo 3 >$unit/alua/can2/alua_access_state
verdict_is access_lost -1
wait_for 20 'I/O waits' status_has '.findings[] | select(.rule == "map.io-waits" and .severity == "critical")'
