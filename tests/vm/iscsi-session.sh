# A real iSCSI target behind two portals, as two canisters have it, and open-iscsi: one portal drops its session.
. "$BALLAST_SOURCE/tests/vm/guest-lib.sh"
command -v iscsid >/dev/null || { echo 'no open-iscsi: skipped'; exit 77; }
iqn=iqn.2003-01.org.linux-iscsi.array:vol
portals="$target/iscsi/$iqn"
alua_unit 0 SN12345678
for g in 1 2; do
	mkdir -p "$portals/tpgt_$g/np/127.0.0.$g:3260"
	alua_lun 0 $g "$portals/tpgt_$g"
	echo 0 >"$portals/tpgt_$g/attrib/authentication"
	echo 1 >"$portals/tpgt_$g/attrib/generate_node_acls"
	echo 0 >"$portals/tpgt_$g/attrib/demo_mode_write_protect"
	echo 1 >"$portals/tpgt_$g/enable" || fail "no portal $g"
done
mkdir -p /run/lock
echo 'InitiatorName=iqn.1993-08.org.debian:01:guest' >/etc/iscsi/initiatorname.iscsi
iscsid -f >$run/iscsid.log 2>&1 &
wait_for 20 'both portals' sh -c 'iscsiadm -m discovery -t st -p 127.0.0.1 | grep -q "127.0.0.2:3260,2"'
iscsiadm -m node -L all || fail 'no session'
wait_for 40 'two disks' sh -c 'test -b /dev/sda && test -b /dev/sdb'
grep . /sys/class/iscsi_session/*/state /sys/class/iscsi_connection/*/persistent_address
start_san1 "match: {vendor: LIO-ORG, transport: iscsi}, canisters: {'127.0.0.1:3260': A, '127.0.0.2:3260': B}"
wait_for 10 'a path by each session' component_has '[.. | objects | select(.kind? == "path" and .array? == "san1" and .state? == "ok") | .name] | sort |
	length == 2 and (.[0] | test("^iscsi:.*:127.0.0.1:3260")) and (.[1] | test("^iscsi:.*:127.0.0.2:3260"))'
wait_for 10 'each leads to its canister' component_has '[.. | objects | select(.kind? == "path" and .array? == "san1") | .enclosure] | sort == ["A", "B"]'

began=$(cut -d. -f1 /proc/uptime)
echo 0 >"$portals/tpgt_2/enable"
wait_for 60 'the kernel says that the session failed' grep -lx FAILED /sys/class/iscsi_session/*/state
failed=$(cut -d. -f1 /proc/uptime)
verdict_is not_redundant 0
echo "$((failed - began)) s to the session's end, $(($(cut -d. -f1 /proc/uptime) - failed)) s from there to the receiver"
wait_for 10 'it is the session that failed' component_has \
	'.. | objects | select(.kind? == "path" and .state? == "failed" and .raw? == "FAILED" and .enclosure? == "B")'
wait_for 10 'the other path is still asked' component_has '.. | objects | select(.kind? == "path" and .state? == "ok" and .enclosure? == "A" and .age_s < 10)'

echo 1 >"$portals/tpgt_2/enable"
wait_for 60 'the session is back' sh -c '[ "$(grep -lx LOGGED_IN /sys/class/iscsi_session/*/state | wc -l)" = 2 ]'
wait_for 30 'and the path' status_has "$san1 | select(.margin == 1)"
check_sandbox
