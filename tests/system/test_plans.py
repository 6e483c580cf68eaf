#!/usr/bin/env python3
"""What becomes of a run when who decides or who acts is killed in the middle of a verb, and who may do what."""
import os
import signal

from harness import Ballast, main, wait

STATUS = """#!/bin/sh
while read -r id state; do printf '{"kind":"canister","id":"%s","state":"%s"}\\n' "$id" "$state"; done <@DIR@/canisters
echo '{"end":true,"count":2}'
"""

# The promotion waits for a file, so that the test decides what happens meanwhile.
STEP = """#!/bin/sh
# ballast-plan: 1
echo "$2 $3 $BALLAST_ATTEMPT $BALLAST_FENCED" >>@DIR@/ran
test "$3" = promote || exit 0
echo $$ >@DIR@/pid
while ! test -e @DIR@/go; do sleep 0.05; done
"""

CONFIG = """
version: 1
state_directory: @DIR@/state
arrays:
  - name: san1
    serial: 78N16G4
    expect: {canisters: 2}
    clear: {canister: 1s}
    sources:
      - {type: exec, command: [@DIR@/status], interval: 1s, timeout: 3s}
plans:
  - name: move
    array: san1
    target: standby
    mode: approve
    steps:
      - {name: dns, run: @DIR@/step, verbs: [check, promote, verify], timeout: 5m}
"""


def started():
    b = Ballast(CONFIG, name="plans")
    b.write("status", STATUS.replace("@DIR@", b.dir))
    b.write("step", STEP.replace("@DIR@", b.dir))
    b.write("canisters", "A ok\nB ok\n", 0o644)
    b.start()
    wait("redundant", lambda: b.verdict("san1") == "redundant")
    return b


def state(b):
    return (b.plan("move") or {}).get("state")


def ran(b):
    try:
        with open(os.path.join(b.dir, "ran")) as f:
            return [line.split()[1] for line in f]
    except FileNotFoundError:
        return []


def in_promotion(b):
    b.write("canisters", "A failed\nB failed\n", 0o644)
    wait("asks", lambda: state(b) == "waiting_approval")
    assert not ran(b), "a step ran before anybody approved"
    b.ctl("failover", "approve", b.plan("move")["run"]["id"], check=0)
    wait("promotes", lambda: os.path.exists(os.path.join(b.dir, "pid")))
    with open(os.path.join(b.dir, "pid")) as f:
        return int(f.read())


def gone(pid):
    return not os.path.exists("/proc/%d" % pid)


def kill_role(b, role):
    for pid in b.roles()["ballast-" + role]:
        os.kill(pid, signal.SIGKILL)


def finish(b):
    """A person looks, lets it go on, and it ends."""
    b.write("go", "")
    b.ctl("failover", "resume", b.plan("move")["run"]["id"], check=0)
    wait("done", lambda: state(b) == "done")
    assert ran(b) == ["check", "promote", "promote", "verify"], ran(b)


def test_runner_killed_in_a_promotion():
    b = started()
    try:
        script = in_promotion(b)
        kill_role(b, "runner")
        wait("frozen", lambda: state(b) == "frozen")
        wait("the script ends with its runner", lambda: gone(script))
        assert ran(b) == ["check", "promote"], "an unknown promotion was repeated by itself: %s" % ran(b)
        b.ctl("failover", "run", "move", "--serial", "78N16G4", "--why", "again", check=1)
        finish(b)
    finally:
        b.cleanup()


def test_engine_killed_in_a_promotion():
    b = started()
    try:
        in_promotion(b)
        kill_role(b, "engine")
        wait("frozen", lambda: state(b) == "frozen")
        assert ran(b) == ["check", "promote"], "an unknown promotion was repeated by itself: %s" % ran(b)
        finish(b)
    finally:
        b.cleanup()


def test_abort_takes_effect_after_the_verb():
    b = started()
    try:
        in_promotion(b)
        b.ctl("failover", "abort", b.plan("move")["run"]["id"], check=0)
        wait("goes on with its verb", lambda: state(b) == "promoting")
        b.write("go", "")
        wait("frozen", lambda: state(b) == "frozen")
        assert ran(b) == ["check", "promote"]
        b.ctl("failover", "clear", b.plan("move")["run"]["id"], check=0)
        wait("cleared", lambda: state(b) in ("idle", "requested", "waiting_approval"))
    finally:
        b.cleanup()


def test_by_hand_only_with_the_serial():
    b = started()
    try:
        r = b.ctl("failover", "run", "move", "--serial", "78N16G5", "--why", "drill")
        assert r.returncode != 0 and "serial" in r.stderr, r
        b.write("go", "")
        b.ctl("failover", "run", "move", "--serial", "78N16G4", "--why", "planned work", check=0)
        wait("done", lambda: state(b) == "done")
        assert ran(b) == ["check", "promote", "verify"]
        os.unlink(os.path.join(b.dir, "ran"))
        b.ctl("failover", "clear", b.plan("move")["run"]["id"], check=0)
        b.ctl("failover", "dry-run", "move", check=0)
        wait("only checks", lambda: ran(b) == ["check"])
        wait("a dry run leaves the plan alone", lambda: state(b) == "idle")
    finally:
        b.cleanup()


main(test_runner_killed_in_a_promotion, test_engine_killed_in_a_promotion, test_abort_takes_effect_after_the_verb,
     test_by_hand_only_with_the_serial)
