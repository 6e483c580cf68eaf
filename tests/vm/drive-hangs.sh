# A drive whose commands never return: it becomes stuck, everything else goes on.
. "$BALLAST_SOURCE/tests/vm/guest-lib.sh"
modprobe scsi_debug max_luns=1 num_tgts=1 dev_size_mb=8
printf 'type 0\n' >$run/disk
fake-scsi.sh disk "$BALLAST_BUILD/tests/vm/fake-scsi" $run/disk || fail 'no TCMU disk'
trap 'printf "type 0\n" >$run/disk' EXIT
wait_for 40 'both disks' sh -c 'test -b /dev/sda && test -b /dev/sdb'
keep_busy /dev/sda
keep_busy /dev/sdb
cat >$run/canisters <<'EOT'
#!/bin/sh
echo '{"kind":"canister","id":"A","state":"ok","raw":"online"}'
echo '{"kind":"canister","id":"B","state":"ok","raw":"online"}'
echo '{"end":true,"count":2}'
EOT
chmod 755 $run/canisters
start_receiver
start_ballast "  - name: san1
    sources:
      - {type: exec, command: [$run/canisters], interval: 2s, timeout: 3s}"
wait_for 60 'two drives read' component_has '[.. | objects | select(.kind? == "drive" and .health? == "ok")] | length == 2'
printf 'type 0\nhang\n' >$run/disk
wait_for 90 'the hung drive is unknown and said to be stuck' status_has '.findings[] | select(.rule | test("stuck"))'
wait_for 20 'webhook' received_has '.[] | select(.body.type == "finding.firing" and (.body.data.rule | test("stuck")))'
sleep 8
wait_for 10 'the other drive' component_has '[.. | objects | select(.kind? == "drive" and .health? == "ok")] | length == 1'
wait_for 10 'the canisters' component_has '[.. | objects | select(.kind? == "canister" and .state? == "ok")] | length == 2'
wait_for 10 'canisters are still read' component_has '[.. | objects | select(.kind? == "canister") | .age_s] | max < 10'
curl -sf -m 3 http://127.0.0.1:9877/healthz >/dev/null || fail 'healthz'
echo "ok: everything else went on"
