# An md mirror on two disks: one is failed, the margin goes; a spare takes its place and it comes back.
. "$BALLAST_SOURCE/tests/vm/guest-lib.sh"
command -v mdadm >/dev/null || { echo 'no mdadm: skipped'; exit 77; }
# each host has a store of its own; the targets of one would be one disk
modprobe scsi_debug max_luns=1 num_tgts=1 add_host=3 per_host_store=1 dev_size_mb=24
modprobe raid1
wait_for 40 'three disks' sh -c 'test -b /dev/sda && test -b /dev/sdb && test -b /dev/sdc'
mdadm --create /dev/md0 --run --assume-clean --metadata=1.2 --level=1 --raid-devices=2 /dev/sda /dev/sdb ||
	fail 'no mirror'
for d in a b c; do keep_busy /dev/sd$d; done
start_receiver
start_ballast "      - {type: layout, interval: 2s, timeout: 4s}"
wait_for 60 'the pool is ok' component_has '.. | objects | select(.kind? == "pool" and .name == "md0" and .state == "ok" and .model == "raid1")'
wait_for 60 'its drives are its members' status_has \
	'.arrays[] | select(.name == "local") | .groups[] | select(.kind == "pool" and .name == "md0" and .need == 1 and .members == 2 and .margin == 1)'
wait_for 20 'the host has a margin' status_has '.arrays[] | select(.name == "local" and .verdict == "redundant" and .margin == 1)'

mdadm /dev/md0 --fail /dev/sda || fail 'cannot fail a leg'
wait_for 40 'the margin is gone although every drive is well' status_has \
	'.arrays[] | select(.name == "local" and .margin == 0 and .verdict == "not_redundant")'
wait_for 10 'every drive is ok' component_has '[.. | objects | select(.kind? == "drive" and .health? == "ok")] | length == 3'
wait_for 20 'webhook names the pool' received_has \
	'.[] | select(.body.type == "finding.firing" and .body.data.rule == "component.degraded" and .body.data.component == "local/pool/md0")'
wait_for 20 'webhook says what is left' received_has '.[] | select(.body.data.verdict == "not_redundant" and .body.data.margin == 0)'

mdadm /dev/md0 --remove /dev/sda && mdadm /dev/md0 --add /dev/sdc || fail 'cannot add a spare'
wait_for 90 'the spare carries it' status_has \
	'.arrays[] | select(.name == "local") | .groups[] | select(.name == "md0" and .serving == 2 and .margin == 1)'
wait_for 40 'the pool is ok again' component_has '.. | objects | select(.kind? == "pool" and .state == "ok")'

mdadm --stop /dev/md0 || fail 'cannot stop it'
wait_for 40 'a pool that is gone is absent' component_has '.. | objects | select(.kind? == "pool" and .state == "absent")'
wait_for 40 'and its group lost' status_has '.arrays[] | select(.name == "local") | .groups[] | select(.name == "md0" and .margin == -1)'
"$BALLAST_BUILD/agent/ballastctl" --control $run/control.sock forget local/pool/md0 || fail 'cannot forget it'
wait_for 40 'forgotten with its pool' status_has '.arrays[] | select(.name == "local") | [.groups[] | select(.name == "md0")] | length == 0'
