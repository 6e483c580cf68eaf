# An NVMe critical warning set while running reaches the receiver and the page; then the drive is pulled.
. "$BALLAST_SOURCE/tests/vm/guest-lib.sh"
start_receiver
start_ballast
wait_for 40 'the simulated drive is read and ok' component_has \
	'.. | objects | select(.serial? == "BALLASTNV0" and .health? == "ok")'
status_has '[.findings[] | select(.severity == "critical")] | length == 0' >/dev/null || fail 'calm before'
check_sandbox
qmp qom-set path=/machine/peripheral/nv0 property=smart_critical_warning value=4 >/dev/null
wait_for 40 'finding in the status' status_has \
	'.findings[] | select(.kind == "drive" and (.severity == "critical" or .severity == "warning"))'
wait_for 20 'webhook, signed' received_has \
	'.[] | select(.body.type == "finding.firing" and (.body.data.component | test("drive")) and .signature)'
wait_for 20 'on the page' page_has 'BALLASTNV0'
qmp device_del id=nv0 >/dev/null
wait_for 60 'removal reaches the receiver' received_has \
	'.[] | select(.body.type == "finding.firing" and .body.data.rule == "drive.removed")'
component_has '.. | objects | select(.serial? == "BALLASTNV0" and .health? == "ok")' >/dev/null && fail 'a pulled drive is called ok'
echo "ok: a pulled drive is not ok"
