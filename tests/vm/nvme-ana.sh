# Two NVMe/TCP ports as two canisters: one becomes inaccessible, which the kernel sends no event of; then its port goes.
. "$BALLAST_SOURCE/tests/vm/guest-lib.sh"
cd /sys/kernel/config/nvmet || fail 'no nvmet'
truncate -s 64M /tmp/ns.img
loop=$(losetup -f --show /tmp/ns.img)
s=subsystems/nqn.array
mkdir $s $s/namespaces/1
echo 1 >$s/attr_allow_any_host
echo ARRAY01 >$s/attr_serial
echo "$loop" >$s/namespaces/1/device_path
echo 2 >$s/namespaces/1/ana_grpid
for p in 1 2; do
	mkdir ports/$p ports/$p/ana_groups/2
	echo tcp >ports/$p/addr_trtype
	echo ipv4 >ports/$p/addr_adrfam
	echo 127.0.0.1 >ports/$p/addr_traddr
	echo 442$p >ports/$p/addr_trsvcid
done
echo optimized >ports/1/ana_groups/2/ana_state
echo non-optimized >ports/2/ana_groups/2/ana_state
echo 1 >$s/namespaces/1/enable
for p in 1 2; do
	ln -s "$PWD/$s" ports/$p/subsystems/
	nvme connect -t tcp -a 127.0.0.1 -s 442$p -n nqn.array -l 600 -c 2 || fail "connect $p"
done
start_receiver
start_ballast "  - name: san1
    clear: {path: 1s}
    sources:
      - {type: paths, match: {transport: tcp}, canisters: {'127.0.0.1:4421': A, '*:4422': B}, interval: 1s}"
san1='.arrays[] | select(.name == "san1")'
wait_for 40 'two paths, one to spare' status_has "$san1 | select(.margin == 1 and .verdict == \"redundant\")"
wait_for 10 'names' component_has '[.. | objects | select(.kind? == "path") | .name] | sort == ["tcp:nqn.array:127.0.0.1:4421", "tcp:nqn.array:127.0.0.1:4422"]'
wait_for 10 'canister B' component_has '.. | objects | select(.kind? == "path" and .enclosure? == "B" and (.name | test("4422$")))'
echo inaccessible >ports/2/ana_groups/2/ana_state
wait_for 20 'inaccessible is lost' status_has "$san1 | select(.margin == 0 and .verdict == \"not_redundant\")"
wait_for 20 'webhook' received_has \
	'.[] | select(.body.type == "array.verdict" and .body.data.verdict == "not_redundant" and .body.data.margin == 0)'
echo non-optimized >ports/2/ana_groups/2/ana_state
wait_for 30 'and back' status_has "$san1 | select(.margin == 1)"
rm ports/2/subsystems/nqn.array
wait_for 30 'a port without its subsystem is a lost path' component_has \
	'.. | objects | select(.kind? == "path" and .state? == "failed" and (.name | test("4422$")))'
wait_for 20 'the verdict' status_has "$san1 | select(.margin == 0 and .verdict == \"not_redundant\")"
