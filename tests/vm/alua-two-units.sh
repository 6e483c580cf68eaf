# Two SCSI units behind two target port groups: one loses all its paths while the other keeps its own, and is told.
. "$BALLAST_SOURCE/tests/vm/guest-lib.sh"
alua_target
alua_disk 1 SN87654321
wait_for 40 'four paths' sh -c 'test -b /dev/sdc && test -b /dev/sdd'
start_san1 'match: {vendor: LIO-ORG}'
wait_for 10 'a group for all paths and one for each unit' status_has "$san1 | select([.groups[] | select(.kind == \"paths\") | .members] | sort == [2, 2, 4])"
echo 3 >$unit/alua/can1/alua_access_state
wait_for 20 'one path of the second unit' status_has "$san1 | select(.margin == 0 and .verdict == \"not_redundant\")"
echo 3 >$unit/alua/can2/alua_access_state
verdict_is access_lost -1
wait_for 10 'the first has its two' status_has "$san1.groups[] | select(.name == \"paths\" and .serving == 2)"
wait_for 20 'webhook' received_has '.[] | select(.body.type == "array.verdict" and .body.data.verdict == "access_lost" and
	(.body.data.summary | test("^Unit .*87654321.* of array san1")))'
echo 0 >$unit/alua/can1/alua_access_state
echo 0 >$unit/alua/can2/alua_access_state
wait_for 30 'and back' status_has "$san1 | select(.margin == 1)"
