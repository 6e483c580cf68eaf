# Two services processes with one enclosure identifier are its two IOMs: one that leaves the bus is lost.
. "$BALLAST_SOURCE/tests/vm/guest-lib.sh"
printf 'gen 1\nwwn face0010\nreport 0\n' >$run/a
printf 'gen 1\nwwn face0011\nreport 1\n' >$run/b
TB_TPG=a1 fake-scsi.sh a "$BALLAST_BUILD/tests/vm/fake-scsi" $run/a || fail 'no TCMU enclosure'
TB_TPG=a2 fake-scsi.sh b "$BALLAST_BUILD/tests/vm/fake-scsi" $run/b || fail 'no second TCMU enclosure'
wait_for 60 'two nodes' sh -c '[ "$(grep -lx 13 /sys/class/scsi_generic/sg*/device/type | wc -l)" = 2 ]'
start_receiver
start_ballast "  - name: shelf
    sources:
      - {type: enclosure, interval: 2s, timeout: 4s}"
wait_for 60 'two canisters, not four, are ok' component_has '[.. | objects | select(.kind? == "canister" and .health? == "ok")] | length == 2'
wait_for 20 'each by its own process' component_has '[.. | objects | select(.kind? == "canister" and .dev?) | .dev] | unique | length == 2'
wait_for 20 'both count' status_has '.arrays[] | select(.name == "shelf" and .verdict == "redundant" and .margin == 1)'
wait_for 10 'what both see is listed once' component_has '[.. | objects | select(.kind? == "psu")] | length == 2'

printf 'gen 1\nwwn face0010\nreport 0\nel 3 1 3 0 0 0\n' >$run/a
wait_for 40 'what one of them sees worse is believed' component_has '.. | objects | select(.kind? == "fan" and .state? == "degraded")'
printf 'gen 1\nwwn face0010\nreport 0\n' >$run/a
wait_for 90 'and well again' component_has '[.. | objects | select(.kind? == "fan" and .state? == "ok")] | length == 4'

for t in /sys/class/scsi_generic/sg*/device; do
	od -An -v -tx1 "$t/vpd_pg83" | tr -d ' \n' | grep -q face0011 && echo 1 >"$t/delete"
done
wait_for 40 'the IOM behind the node that left is absent' component_has \
	'.. | objects | select(.kind? == "canister" and .state? == "absent" and (.name | test("iom1$")))'
wait_for 20 'one is left' status_has '.arrays[] | select(.name == "shelf" and .verdict == "not_redundant" and .margin == 0)'
wait_for 20 'webhook says which' received_has \
	'.[] | select(.body.type == "finding.firing" and .body.data.rule == "canister.absent" and (.body.data.component | test("iom1$")))'
wait_for 10 'the other one' component_has '.. | objects | select(.kind? == "canister" and .state? == "ok" and (.name | test("iom0$")))'
