# Two namespaces in two ANA groups behind two NVMe/TCP ports: one is inaccessible by both, the other serves. Then one is taken away.
. "$BALLAST_SOURCE/tests/vm/guest-lib.sh"
nvmet_subsystem
nvmet_namespace 1 1
nvmet_namespace 2 2
nvmet_ports 1 2
start_san1 "match: {transport: tcp}, canisters: {'127.0.0.1:4421': A, '127.0.0.1:4422': B}"
second=$(cat /sys/class/nvme/nvme0/nvme0c*n2/wwid)
second=${second##*-}
wait_for 20 'each namespace by each controller' component_has '[.. | objects | select(.kind? == "namespace" and .state? == "ok") | .name] | sort ==
	["tcp:nqn.array:127.0.0.1:4421:ns1", "tcp:nqn.array:127.0.0.1:4421:ns2", "tcp:nqn.array:127.0.0.1:4422:ns1", "tcp:nqn.array:127.0.0.1:4422:ns2"]'
wait_for 10 'a group for both controllers and one for each namespace' status_has "$san1 | select([.groups[] | select(.kind == \"paths\") | .members] | sort == [2, 2, 2])"

echo inaccessible >ports/1/ana_groups/2/ana_state
verdict_is not_redundant 0
echo inaccessible >ports/2/ana_groups/2/ana_state
verdict_is access_lost -1
wait_for 10 'both controllers serve' status_has "$san1.groups[] | select(.name == \"paths\" and .serving == 2)"
wait_for 10 'it is that namespace' received_has ".[] | select(.body.type == \"array.verdict\" and .body.data.verdict == \"access_lost\" and
	(.body.data.summary | test(\"^Unit .*$second of array san1\")))"
echo optimized >ports/1/ana_groups/2/ana_state
echo optimized >ports/2/ana_groups/2/ana_state
wait_for 30 'and back' status_has "$san1 | select(.margin == 1)"

echo 0 >subsystems/nqn.array/namespaces/2/enable
wait_for 30 'no event says that a namespace is no longer there' component_has \
	'[.. | objects | select(.kind? == "namespace" and .state? == "absent" and (.name | test("ns2$")))] | length == 2'
wait_for 10 'the other one is' status_has "$san1 | select([.groups[] | select(.kind == \"paths\" and .serving == 2)] | length == 2)"
