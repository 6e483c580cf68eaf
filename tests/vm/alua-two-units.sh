# Two SCSI units behind two target port groups: one loses all its paths while the other keeps its own, and is told.
. "$BALLAST_SOURCE/tests/vm/guest-lib.sh"
alua_target
second=$target/core/fileio_1/vol2
truncate -s 32M /tmp/lu2.img
mkdir -p $second
echo fd_dev_name=/tmp/lu2.img,fd_dev_size=33554432 >$second/control
echo 1 >$second/enable
echo SN87654321 >$second/wwn/vpd_unit_serial
for g in 1 2; do
	mkdir $second/alua/can$g
	echo $((g + 2)) >$second/alua/can$g/tg_pt_gp_id
	echo 1 >$second/alua/can$g/alua_access_type
	port=$target/loopback/naa.600140500000000$g/tpgt_1
	mkdir $port/lun/lun_1
	ln -s $second $port/lun/lun_1/vol
	echo can$g >$port/lun/lun_1/alua_tg_pt_gp
done
wait_for 40 'four paths' sh -c 'test -b /dev/sdc && test -b /dev/sdd'
start_receiver
start_ballast "  - name: san1
    clear: {path: 1s}
    sources:
      - {type: paths, match: {vendor: LIO-ORG}, interval: 1s}"
san1='.arrays[] | select(.name == "san1")'
wait_for 40 'one to spare' status_has "$san1 | select(.margin == 1 and .verdict == \"redundant\")"
wait_for 10 'a group for all paths and one for each unit' status_has "$san1 | select([.groups[] | select(.kind == \"paths\") | .members] | sort == [2, 2, 4])"
echo 3 >$second/alua/can1/alua_access_state
wait_for 20 'one path of the second unit' status_has "$san1 | select(.margin == 0 and .verdict == \"not_redundant\")"
echo 3 >$second/alua/can2/alua_access_state
wait_for 20 'the second unit is lost' status_has "$san1 | select(.margin == -1 and .verdict == \"access_lost\")"
wait_for 10 'the first has its two' status_has "$san1.groups[] | select(.name == \"paths\" and .serving == 2)"
wait_for 20 'webhook' received_has '.[] | select(.body.type == "array.verdict" and .body.data.verdict == "access_lost" and
	(.body.data.summary | test("^Unit .*87654321.* of array san1")))'
echo 0 >$second/alua/can1/alua_access_state
echo 0 >$second/alua/can2/alua_access_state
wait_for 30 'and back' status_has "$san1 | select(.margin == 1)"
