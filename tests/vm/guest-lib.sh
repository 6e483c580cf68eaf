# For guest scripts: start Ballast and a receiver inside the guest, ask, wait, judge.
# shellcheck shell=sh
set -u
run=/run/bt
state=$run/state
got=$run/got.jsonl
mkdir -p $run $state

fail() {
	echo "FAILED: $*"
	echo "--- status"; curl -s -m 5 http://127.0.0.1:9877/api/v1/status | jq -c '.arrays[]?,.findings[]?' | cut -c1-600
	echo "--- components"; curl -s -m 5 http://127.0.0.1:9877/api/v1/components | cut -c1-2500
	echo "--- received"; tail -n 5 "$got" 2>/dev/null | cut -c1-600
	echo "--- log"; tail -n 40 $run/log
	exit 1
}

centiseconds() {
	cut -d' ' -f1 /proc/uptime | tr -d .
}

# wait_for SECONDS WHAT COMMAND...: until COMMAND succeeds; generous, since a busy host is slow. How long it took is
# said and not judged, for the same reason.
wait_for() {
	limit=$(($1 * 2)) what=$2 since=$(centiseconds)
	shift 2
	until "$@" >/dev/null 2>&1; do
		limit=$((limit - 1))
		[ "$limit" -gt 0 ] || fail "$what"
		sleep 0.5
	done
	took=$(($(centiseconds) - since))
	echo "ok: $what ($((took / 100)).$((took / 10 % 10)) s)"
}

# says PATH FILTER; jq 1.6 calls it a yes when there was no answer at all, unless it must take one
says() {
	curl -s -m 5 "http://127.0.0.1:9877$1" | jq -en "input | ($2)"
}
status_has() {
	says /api/v1/status "$1"
}
component_has() {
	says /api/v1/components "$1"
}
received_has() {
	[ -s "$got" ] && jq -es "$1" "$got"
}
page_has() {
	curl -s -m 5 http://127.0.0.1:9877/ | grep -q -- "$1"
}

start_receiver() {
	python3 "$BALLAST_SOURCE/tests/vm/receive.py" 9900 "$got" >$run/receiver.log 2>&1 &
	wait_for 20 'receiver listens' curl -s -m 2 http://127.0.0.1:9900/
}

# start_ballast EXTRA-SOURCES: one array `local`, polled every two seconds
start_ballast() {
	printf 'whsec_%s\n' "$(head -c 32 /dev/urandom | base64 -w0)" >$run/key
	chmod 600 $run/key
	cat >$run/ballast.yaml <<EOT
version: 1
listen: ["127.0.0.1:9877"]
state_directory: $state
arrays:
  - name: local
    sources:
      - {type: drives, interval: 2s, timeout: 6s}
${1:-}
sinks:
  - {name: oncall, type: webhook, url: "http://127.0.0.1:9900/hook", secret_file: $run/key, min_severity: info}
EOT
	chmod 600 $run/ballast.yaml
	"$BALLAST_BUILD/agent/ballastd" -c $run/ballast.yaml --control $run/control.sock >$run/log 2>&1 &
	ballast_pid=$!
	wait_for 40 'page answers' curl -sf -m 3 http://127.0.0.1:9877/
	wait_for 40 'ready' curl -sf -m 3 http://127.0.0.1:9877/readyz
}

# A drive without I/O is left alone, so keep it busy: read a block of DEVICE every second.
keep_busy() {
	while sleep 1; do
		dd if="$1" of=/dev/null bs=4096 count=1 iflag=direct 2>/dev/null
	done &
}

# the real seccomp lists are on: every role but those that run programs has one
check_sandbox() {
	filtered=$(grep -l '^Seccomp:.*2' /proc/[0-9]*/status 2>/dev/null | wc -l)
	[ "$filtered" -ge 6 ] || fail "only $filtered processes run under a seccomp list"
	uids=$(grep -h '^Uid:' $(grep -l '^Seccomp:.*2' /proc/[0-9]*/status) | cut -f2 | sort -u | wc -l)
	[ "$uids" -ge 5 ] || fail "only $uids uids for $filtered processes"
	echo "ok: $filtered processes under their seccomp lists, $uids uids"
}

target=/sys/kernel/config/target

# alua_unit N SERIAL: one more unit of the kernel's SCSI target, with the port groups can1 (optimized) and can2; $unit is
# its folder afterwards
alua_unit() {
	unit=$target/core/fileio_$1/vol$1
	truncate -s 32M "/tmp/lu$1.img"
	mkdir -p "$unit"
	echo "fd_dev_name=/tmp/lu$1.img,fd_dev_size=33554432" >"$unit/control"
	echo 1 >"$unit/enable"
	echo "$2" >"$unit/wwn/vpd_unit_serial"
	for g in 1 2; do
		mkdir "$unit/alua/can$g"
		echo $((2 * $1 + g)) >"$unit/alua/can$g/tg_pt_gp_id"
		# implicit only: a group that may be set by the host is made optimized again by multipathd
		echo 1 >"$unit/alua/can$g/alua_access_type"
	done
	echo 1 >"$unit/alua/can2/alua_access_state"
}

# alua_lun N GROUP TPGT: the unit made last, as LUN N of a target port in its port group
alua_lun() {
	mkdir "$3/lun/lun_$1"
	ln -s "$unit" "$3/lun/lun_$1/vol"
	echo "can$2" >"$3/lun/lun_$1/alua_tg_pt_gp"
}

# alua_disk N SERIAL: such a unit, by a port of either group on a bus of this host
alua_disk() {
	alua_unit "$1" "$2"
	for g in 1 2; do
		port=$target/loopback/naa.600140500000000$g/tpgt_1
		mkdir -p "$port"
		[ "$1" != 0 ] || echo "naa.600140500000100$g" >"$port/nexus"
		alua_lun "$1" $g "$port"
	done
}

# alua_target: one unit as sda and sdb
alua_target() {
	alua_disk 0 SN12345678
	wait_for 40 'both paths' sh -c 'test -b /dev/sda && test -b /dev/sdb'
}

# nvmet_subsystem: the kernel's NVMe target with one subsystem, nqn.array; the folder afterwards is nvmet's
nvmet_subsystem() {
	cd /sys/kernel/config/nvmet || fail 'no nvmet'
	mkdir subsystems/nqn.array
	echo 1 >subsystems/nqn.array/attr_allow_any_host
	echo ARRAY01 >subsystems/nqn.array/attr_serial
}

# nvmet_namespace N GROUP: one more namespace, in this ANA group
nvmet_namespace() {
	truncate -s 64M "/tmp/ns$1.img"
	mkdir "subsystems/nqn.array/namespaces/$1"
	losetup -f --show "/tmp/ns$1.img" >"subsystems/nqn.array/namespaces/$1/device_path"
	echo "$2" >"subsystems/nqn.array/namespaces/$1/ana_grpid"
	echo 1 >"subsystems/nqn.array/namespaces/$1/enable"
}

# nvmet_ports GROUP...: two ports as two canisters, each with these ANA groups, and a controller of this host by either
nvmet_ports() {
	for p in 1 2; do
		mkdir ports/$p
		for g in "$@"; do
			[ -e "ports/$p/ana_groups/$g" ] || mkdir "ports/$p/ana_groups/$g"
			echo optimized >"ports/$p/ana_groups/$g/ana_state"
		done
		echo tcp >ports/$p/addr_trtype
		echo ipv4 >ports/$p/addr_adrfam
		echo 127.0.0.1 >ports/$p/addr_traddr
		echo 442$p >ports/$p/addr_trsvcid
		ln -s "$PWD/subsystems/nqn.array" ports/$p/subsystems/
		nvme connect -t tcp -a 127.0.0.1 -s 442$p -n nqn.array -l 600 -c 2 || fail "connect $p"
	done
}

san1='.arrays[] | select(.name == "san1")'
# start_san1 PATHS: the receiver, and Ballast with the array san1 whose two paths the source PATHS finds
start_san1() {
	start_receiver
	start_ballast "  - name: san1
    clear: {path: 1s}
    sources:
      - {type: paths, interval: 1s, $1}"
	wait_for 40 'two paths, one to spare' status_has "$san1 | select(.margin == 1 and .verdict == \"redundant\")"
}

verdict_told() {
	received_has ".[] | select(.body.type == \"array.verdict\" and .body.data.array == \"san1\" and
		.body.data.verdict == \"$1\" and .body.data.margin == $2)"
}
# verdict_is VERDICT MARGIN: of san1, on the page's API and at the receiver
verdict_is() {
	wait_for 20 "$1" status_has "$san1 | select(.verdict == \"$1\" and .margin == $2)"
	wait_for 20 "$1 is told" verdict_told "$1" "$2"
}
