# Two paths, of two units; what is sent into one never comes back: it is given up and unknown, the other is asked on.
. "$BALLAST_SOURCE/tests/vm/guest-lib.sh"
printf 'type 0\n' >$run/one
printf 'type 0\n' >$run/two
TB_TPG=a1 fake-scsi.sh one "$BALLAST_BUILD/tests/vm/fake-scsi" $run/one || fail 'no TCMU disk'
TB_TPG=a2 fake-scsi.sh two "$BALLAST_BUILD/tests/vm/fake-scsi" $run/two || fail 'no second TCMU disk'
trap 'printf "type 0\n" >$run/two' EXIT
wait_for 60 'both disks' sh -c 'test -b /dev/sda && test -b /dev/sdb'
vendor=$(cat /sys/block/sda/device/vendor)
start_receiver
start_ballast "  - name: san1
    clear: {path: 1s}
    sources:
      - {type: paths, match: {vendor: '${vendor%% *}'}, interval: 1s, timeout: 3s}"
san1='.arrays[] | select(.name == "san1")'
wait_for 40 'two paths, one to spare' status_has "$san1 | select(.margin == 1 and .verdict == \"redundant\")"
printf 'type 0\nhang\n' >$run/two
wait_for 60 'the path is given up' status_has '.findings[] | select(.rule == "component.stuck" and .kind == "path")'
wait_for 20 'and is unknown' component_has '[.. | objects | select(.kind? == "path") | .state] | sort == ["ok", "unknown"]'
wait_for 20 'it counts as lost, but is not said to be' status_has "$san1 | select(.margin == 0 and .verdict == \"at_risk\")"
wait_for 20 'webhook' received_has \
	'.[] | select(.body.type == "finding.firing" and .body.data.rule == "component.stuck")'
wait_for 10 'the other path is still asked' component_has '[.. | objects | select(.kind? == "path" and .state? == "ok") | .age_s] | max < 10'
