# A raid1 volume of LVM on two disks: a leg dies, the margin goes; a third disk takes its place and it comes back.
. "$BALLAST_SOURCE/tests/vm/guest-lib.sh"
command -v lvcreate >/dev/null || { echo 'no lvm2: skipped'; exit 77; }
# each host has a store of its own; the targets of one would be one disk
modprobe scsi_debug max_luns=1 num_tgts=1 add_host=3 per_host_store=1 dev_size_mb=48
modprobe raid1 && modprobe dm-raid || { echo 'no dm-raid: skipped'; exit 77; }
wait_for 40 'three disks' sh -c 'test -b /dev/sda && test -b /dev/sdb && test -b /dev/sdc'
lvm() {
	cmd=$1
	shift
	"$cmd" --config 'activation{udev_sync=0 udev_rules=0 monitoring=0} devices{use_devicesfile=0} global{use_lvmpolld=0}' "$@"
}
lvm vgcreate vg0 /dev/sda /dev/sdb /dev/sdc && lvm lvcreate -y -Wn --type raid1 -m 1 -L 24M -n data vg0 /dev/sda /dev/sdb ||
	fail 'no volume'
lvm lvcreate -y -Wn -L 4M -n plain vg0 /dev/sdc || fail 'no plain volume'
dmsetup table vg0-data; dmsetup status vg0-data; ls -l /dev/mapper
for d in a b c; do keep_busy /dev/sd$d; done
start_receiver
start_ballast "      - {type: layout, interval: 2s, timeout: 4s}"
wait_for 120 'the volume is ok' component_has '.. | objects | select(.kind? == "pool" and .name == "lvm-vg0-data" and .state == "ok" and .model == "lvm raid1")'
wait_for 60 'its drives are its members' status_has \
	'.arrays[] | select(.name == "local") | .groups[] | select(.kind == "pool" and .name == "lvm-vg0-data" and .need == 1 and .members == 2 and .margin == 1)'
wait_for 10 'only what is redundant is a pool' component_has '[.. | objects | select(.kind? == "pool")] | length == 1'

# writes to the second disk fail, so dm-raid gives that leg up
echo offline >/sys/block/sdb/device/state
wait_for 60 'the leg is dead' sh -c 'dd if=/dev/zero of=/dev/mapper/vg0-data bs=1M count=4 oflag=direct 2>/dev/null; dmsetup status vg0-data | grep -q D'
dmsetup status vg0-data
wait_for 60 'the margin is gone' status_has \
	'.arrays[] | select(.name == "local") | .groups[] | select(.name == "lvm-vg0-data" and .margin == 0)'
wait_for 40 'the volume is degraded' component_has '.. | objects | select(.kind? == "pool" and .state == "degraded" and .raw == "degraded, 1 of 2 missing")'
wait_for 40 'webhook names the volume' received_has \
	'.[] | select(.body.type == "finding.firing" and .body.data.rule == "component.degraded" and .body.data.component == "local/pool/lvm-vg0-data")'

lvm lvconvert -y --repair vg0/data /dev/sdc || fail 'cannot repair it'
dmsetup status vg0-data
wait_for 120 'the third disk carries it' status_has \
	'.arrays[] | select(.name == "local") | .groups[] | select(.name == "lvm-vg0-data" and .serving == 2 and .margin == 1)'
wait_for 60 'the volume is ok again' component_has '.. | objects | select(.kind? == "pool" and .state == "ok")'
check_sandbox
