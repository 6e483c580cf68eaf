# Two NVMe/TCP ports as two canisters: one becomes inaccessible, which the kernel sends no event of; then its port goes.
. "$BALLAST_SOURCE/tests/vm/guest-lib.sh"
nvmet_subsystem
nvmet_namespace 1 2
nvmet_ports 2
echo non-optimized >ports/2/ana_groups/2/ana_state
start_san1 "match: {transport: tcp}, canisters: {'127.0.0.1:4421': A, '*:4422': B}"
wait_for 10 'names' component_has '[.. | objects | select(.kind? == "path") | .name] | sort == ["tcp:nqn.array:127.0.0.1:4421", "tcp:nqn.array:127.0.0.1:4422"]'
wait_for 10 'canister B' component_has '.. | objects | select(.kind? == "path" and .enclosure? == "B" and (.name | test("4422$")))'
echo inaccessible >ports/2/ana_groups/2/ana_state
verdict_is not_redundant 0
echo non-optimized >ports/2/ana_groups/2/ana_state
wait_for 30 'and back' status_has "$san1 | select(.margin == 1)"
rm ports/2/subsystems/nqn.array
wait_for 30 'a port without its subsystem is a lost path' component_has \
	'.. | objects | select(.kind? == "path" and .state? == "failed" and (.name | test("4422$")))'
wait_for 20 'the verdict' status_has "$san1 | select(.margin == 0 and .verdict == \"not_redundant\")"
