# One NVMe subsystem by two controllers: one is pulled. The namespace stays, and no event says that it is alone now.
. "$BALLAST_SOURCE/tests/vm/guest-lib.sh"
wait_for 40 'both controllers' sh -c 'grep -l live /sys/class/nvme/nvme*/state | wc -l | grep -qx 2'
start_receiver
start_ballast "  - name: san1
    expect: {paths: 2}
    clear: {path: 1s}
    sources:
      - {type: paths, match: {serial: CAN1}, interval: 1s}"
san1='.arrays[] | select(.name == "san1")'
wait_for 40 'two paths, one to spare' status_has "$san1 | select(.margin == 1 and .verdict == \"redundant\")"
qmp device_del id=nvs0 >/dev/null
wait_for 60 'the verdict' status_has "$san1 | select(.margin == 0 and .verdict == \"not_redundant\")"
wait_for 20 'webhook' received_has \
	'.[] | select(.body.type == "array.verdict" and .body.data.verdict == "not_redundant" and .body.data.margin == 0)'
wait_for 10 'one path is absent' component_has '[.. | objects | select(.kind? == "path" and .state? == "absent")] | length == 1'
wait_for 10 'the drive is one, and ok' component_has '[.. | objects | select(.kind? == "drive" and .health? == "ok")] | length == 1'
