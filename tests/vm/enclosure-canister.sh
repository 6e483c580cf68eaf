# An enclosure by SES alone: a canister goes critical, then a power supply.
. "$BALLAST_SOURCE/tests/vm/guest-lib.sh"
printf 'gen 1\nel 3 3 5 0 0 0\n' >$run/enc
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
wait_for 20 'both count' status_has '.arrays[] | select(.name == "shelf" and .verdict == "redundant" and .margin == 1)'
component_has '[.. | objects | select(.kind? == "fan")] | length == 3' >/dev/null || fail 'a fan that was never there is shown'
component_has '.. | objects | select(.kind? == "sensor") | .facts[] | select(.fact == "temperature_celsius" and .value == 32)' >/dev/null ||
	fail 'no temperature'
status_has '[.findings[] | select(.array == "shelf" and .severity != "info")] | length == 0' >/dev/null || fail 'calm before'

printf 'gen 2\nflags 02\nel 3 3 5 0 0 0\nel 7 1 2 0 0 0\n' >$run/enc
wait_for 40 'one canister is lost' status_has '.arrays[] | select(.name == "shelf" and .verdict == "not_redundant" and .margin == 0)'
wait_for 20 'webhook says which' received_has \
	'.[] | select(.body.type == "finding.firing" and .body.data.rule == "canister.failed" and (.body.data.component | test("iom1$")))'
wait_for 20 'webhook says what is left' received_has \
	'.[] | select(.body.data.array == "shelf" and .body.data.verdict == "not_redundant" and .body.data.margin == 0)'

printf 'gen 3\nel 3 3 5 0 0 0\nel 2 0 2 0 0 2\n' >$run/enc
wait_for 40 'a supply fails' status_has '.findings[] | select(.array == "shelf" and .kind == "psu")'
wait_for 20 'webhook for the supply' received_has \
	'.[] | select(.body.type == "finding.firing" and (.body.data.component | test("shelf/psu/")))'
wait_for 40 'both canisters are ok again' component_has '[.. | objects | select(.kind? == "canister" and .health? == "ok")] | length == 2'
