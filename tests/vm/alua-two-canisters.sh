# One SCSI unit behind two target port groups, as two canisters have it: one group stops serving, comes back.
. "$BALLAST_SOURCE/tests/vm/guest-lib.sh"
alua_target
start_san1 'match: {vendor: LIO-ORG}, canisters: {tpg1: A, tpg2: B}'
wait_for 10 'canisters from the port groups' component_has '[.. | objects | select(.array? == "san1" and .kind? == "canister" and .state? == "ok")] | length == 2'
wait_for 10 'timed read of the optimized path' component_has '.. | objects | select(.kind? == "path" and .raw? == "active/optimized") | .facts[] | select(.fact == "read_ms")'
wait_for 10 'no read of the other' component_has '.. | objects | select(.kind? == "path" and .raw? == "active/non-optimized") |
	select([.facts[] | select(.fact == "read_ms")] | length == 0)'
grep . /sys/block/sd?/device/access_state
echo 3 >$unit/alua/can2/alua_access_state
verdict_is not_redundant 0
wait_for 20 'it names canister B' status_has '.findings[] | select(.rule == "canister.failed" and (.component | test("B$")))'
echo 1 >$unit/alua/can2/alua_access_state
wait_for 30 'and back' status_has "$san1 | select(.margin == 1)"
