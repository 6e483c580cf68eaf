# An enclosure that takes commands and never answers: stuck, nothing of it called ok, the rest goes on.
. "$BALLAST_SOURCE/tests/vm/guest-lib.sh"
printf 'gen 1\n' >$run/enc
fake-scsi.sh enc "$BALLAST_BUILD/tests/vm/fake-scsi" $run/enc || fail 'no TCMU enclosure'
trap 'printf "gen 1\n" >$run/enc' EXIT
wait_for 60 'the enclosure has a node' sh -c 'grep -qx 13 /sys/class/scsi_generic/sg*/device/type'
modprobe -r ses 2>/dev/null # what udev loaded: it must do without /sys/class/enclosure
[ -z "$(ls /sys/class/enclosure 2>/dev/null)" ] || fail 'the driver for enclosures is still there'
start_receiver
start_ballast "  - name: shelf
    sources:
      - {type: enclosure, interval: 2s, timeout: 4s}"
wait_for 60 'two canisters are ok' component_has '[.. | objects | select(.kind? == "canister" and .health? == "ok")] | length == 2'
printf 'gen 1\nhang\n' >$run/enc
wait_for 90 'a hung enclosure is said to be stuck' status_has '.findings[] | select(.array == "shelf" and (.rule | test("stuck")))'
wait_for 20 'webhook for it' received_has \
	'.[] | select(.body.type == "finding.firing" and .body.data.rule == "component.stuck" and .body.data.array == "shelf")'
wait_for 60 'and nothing of it is called ok' component_has \
	'[.. | objects | select(.array? == "shelf" and .health? == "ok")] | length == 0'
wait_for 60 'nor is the array' status_has '.arrays[] | select(.name == "shelf" and .visibility == "blind" and .verdict == "blind")'
wait_for 20 'one finding stands for all that is silent' status_has \
	'[.findings[] | select(.array == "shelf" and .kind != null and (.folded_into? // null) == null)] | length <= 2'
curl -sf -m 3 http://127.0.0.1:9877/healthz >/dev/null || fail 'healthz'
