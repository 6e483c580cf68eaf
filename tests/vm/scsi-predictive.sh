# A SCSI drive that predicts its own failure; NOT READY is never ok.
. "$BALLAST_SOURCE/tests/vm/guest-lib.sh"
modprobe scsi_debug max_luns=1 num_tgts=1 dev_size_mb=8
wait_for 20 'scsi_debug disk' test -b /dev/sda
keep_busy /dev/sda
start_receiver
start_ballast
wait_for 40 'the drive is read and ok' component_has '.. | objects | select(.kind? == "drive" and .health? == "ok")'
sg_wr_mode -p 0x1c -c 1c,0a,04,06,00,00,00,00,00,00,00,01 /dev/sda || fail 'could not set the TEST bit'
wait_for 40 'finding' status_has '.findings[] | select(.kind == "drive" and (.summary | length > 0))'
wait_for 20 'webhook' received_has '.[] | select(.body.type == "finding.firing" and (.body.data.component | test("drive")))'

# a source that a reload adds finds what was there before it
sed -i 's/^sinks:/  - {name: extra, sources: [{type: paths, interval: 2s, timeout: 5s, match: {vendor: Linux}}]}\n&/' $run/ballast.yaml
kill -HUP $ballast_pid
wait_for 40 'the new source finds the disk' component_has '.. | objects | select(.kind? == "path" and .array? == "extra" and .state? == "ok")'
