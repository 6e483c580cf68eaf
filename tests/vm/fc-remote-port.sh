# Fibre Channel without hardware: FCoE over two bridges as fabrics, a port of this host and one of the kernel's FC target on
# either, as two canisters have it. The link of one goes down. (One port of this host for both would not do: while the
# kernel recovers from what that target did not answer, it sends nothing by that port.)
. "$BALLAST_SOURCE/tests/vm/guest-lib.sh"
# fc_port NAME N FABRIC: one more port, the Nth; its world wide name ends with NAME
fc_port() {
	ip link add "$1" address "02:00:00:00:00:$1" mtu 2500 type veth peer name "to-$1" mtu 2500
	ip link set "to-$1" master "$3" up
	ip link set "$1" up
	echo "$1" >/sys/bus/fcoe/ctlr_create
	echo vn2vn >"/sys/bus/fcoe/devices/ctlr_$2/mode"
	echo 1 >"/sys/bus/fcoe/devices/ctlr_$2/enabled" || fail "no FC port $1"
}
remote() {
	grep -l "000000$1\$" /sys/class/fc_remote_ports/rport-[23]:*/port_name | xargs -n1 dirname
}
alua_unit 0 SN12345678
for g in 1 2; do
	ip link add fabric$g up type bridge
	host=20:00:02:00:00:00:00:0$g
	tpgt=$target/fc/20:00:02:00:00:00:00:c$g/tpgt_1
	mkdir -p "$tpgt/acls/$host/lun_0"
	alua_lun 0 $g "$tpgt"
	ln -s "$tpgt/lun/lun_0" "$tpgt/acls/$host/lun_0/lun"
done
# the targets first: libfc takes who has none at its first login for no target, for ever
fc_port c1 0 fabric1
fc_port c2 1 fabric2
fc_port 01 2 fabric1
fc_port 02 3 fabric2
wait_for 90 'two disks' sh -c 'test -b /dev/sda && test -b /dev/sdb'
grep . /sys/class/fc_remote_ports/*/port_state /sys/class/fc_host/*/port_state
start_san1 "match: {vendor: LIO-ORG, transport: fc}, canisters: {'0x20000200000000c1': A, '0x20000200000000c2': B}"
wait_for 10 'a path by each remote port' component_has '[.. | objects | select(.kind? == "path" and .array? == "san1" and .state? == "ok") | .name] | sort ==
	["fc:0x2000020000000001:0x20000200000000c1:lun0", "fc:0x2000020000000002:0x20000200000000c2:lun0"]'
wait_for 10 'each leads to its canister' component_has '[.. | objects | select(.kind? == "path" and .array? == "san1") | .enclosure] | sort == ["A", "B"]'

ip link set c2 down
wait_for 60 'the kernel blocks the remote port' grep -qx Blocked "$(remote c2)/port_state"
verdict_is not_redundant 0
wait_for 10 'it is the remote port that is blocked' component_has \
	'.. | objects | select(.kind? == "path" and .state? == "transition" and .raw? == "Blocked" and .enclosure? == "B")'
wait_for 10 'the other path is still asked' component_has '.. | objects | select(.kind? == "path" and .state? == "ok" and .enclosure? == "A" and .age_s < 10)'
ip link set c2 up
wait_for 60 'and back' status_has "$san1 | select(.margin == 1)"

: >"$got"
for r in /sys/class/fc_remote_ports/*; do echo 5 >"$r/dev_loss_tmo"; done
ip link set c2 down
wait_for 90 'the kernel gives the remote port up' grep -qx 'Not Present' "$(remote c2)/port_state"
verdict_is not_redundant 0
wait_for 20 'its path is absent' component_has '.. | objects | select(.kind? == "path" and .state? == "absent" and .enclosure? == "B")'
wait_for 90 'and a finding' received_has '.[] | select(.body.type == "finding.firing" and (.body.data.component | test("c2:lun0$")))'
check_sandbox
