#!/usr/bin/env python3
"""Two canisters driven by a script from fine to lost, ending in a plan that really runs."""
import os

from harness import Ballast, Receiver, main, wait

SCRIPT = """#!/bin/sh
while read -r id state raw; do
	printf '{"kind":"canister","id":"%s","state":"%s","raw":"%s","firmware":"7.8.1.11"}\\n' "$id" "$state" "$raw"
done <@DIR@/canisters
echo '{"end":true,"count":2}'
"""

STEP = """#!/bin/sh
# ballast-plan: 1
echo "$1 $2 $3 $BALLAST_MODE $BALLAST_ARRAY $BALLAST_FENCED $ZONE" >>@DIR@/ran
printf '{"text":"%s %s"}' "$2" "$3" >&3
"""

CONFIG = """
version: 1
state_directory: @DIR@/state
local: false
arrays:
  - name: san1
    serial: 78N16G4
    services: [dns, imap]
    expect: {canisters: 2}
    clear: {canister: 1s, path: 1s}
    sources:
      - {type: exec, command: [@DIR@/status], interval: 1s, timeout: 3s}
sinks:
  - {name: oncall, type: webhook, url: "http://127.0.0.1:@PORT@/hook", secret_file: @DIR@/key, min_severity: info}
plans:
  - name: san1-to-standby
    array: san1
    target: standby
    when: [access_lost, impending_loss]
    mode: approve
    approve_timeout: 5m
    steps:
      - {name: dns, run: @DIR@/step, verbs: [check, fence, fence-status, promote, verify], timeout: 10s, env: {ZONE: example.net}}
      - {name: imap, run: @DIR@/step, verbs: [check, promote, verify], timeout: 10s}
"""


def canisters(b, a, other):
    b.write("canisters", "A %s\nB %s\n" % (a, other), 0o644)


FINE = """#!/bin/sh
echo '{"kind":"canister","id":"A","state":"ok"}'
echo '{"kind":"canister","id":"B","state":"ok"}'
echo '{"end":true,"count":2}'
"""


def started(receiver):
    b = Ballast(CONFIG.replace("@PORT@", str(receiver.port)), name="canisters")
    b.write("key", "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" + "\n", 0o600)
    b.write("status", SCRIPT.replace("@DIR@", b.dir))
    b.write("step", STEP.replace("@DIR@", b.dir))
    canisters(b, "ok online", "ok online")
    return b.start()


def test_from_fine_to_lost_to_moved():
    receiver = Receiver()
    b = started(receiver)
    try:
        wait("redundant", lambda: b.verdict("san1") == "redundant")
        assert b.array("san1")["margin"] == 1 and b.array("san1")["expected"] == 1
        locked = b.status()["self"]["locked_memory"]
        b.ctl("status", check=0 if locked else 1)  # not being locked is the only thing to warn of

        canisters(b, "ok online", "service service")
        wait("not redundant", lambda: b.verdict("san1") == "not_redundant")
        wait("critical alert", lambda: receiver.accepted(type="finding.firing", severity="critical"))
        assert b.array("san1")["margin"] == 0
        assert "canister B" in b.get("/"), "the page does not name the canister"
        b.ctl("status", check=2)
        assert b.plan("san1-to-standby")["state"] == "idle", "one canister must not ask for a failover"

        canisters(b, "failed offline", "service service")
        wait("access lost", lambda: b.verdict("san1") == "access_lost")
        wait("asks people", lambda: receiver.accepted(type="failover.requested"))
        run = wait("waits", lambda: b.plan("san1-to-standby")["state"] == "waiting_approval" and
                   b.plan("san1-to-standby")["run"]["id"])
        assert not os.path.exists(os.path.join(b.dir, "ran")), "a step ran before anybody approved"

        b.ctl("failover", "approve", str(run), check=0)
        wait("done", lambda: b.plan("san1-to-standby")["state"] == "done")
        with open(os.path.join(b.dir, "ran")) as f:
            ran = f.read().splitlines()
        assert [line.split()[1:3] for line in ran] == [
            ["dns", "check"], ["dns", "fence"], ["dns", "fence-status"], ["dns", "promote"], ["dns", "verify"],
            ["imap", "check"], ["imap", "promote"], ["imap", "verify"]], ran
        assert ran[0].endswith("approved san1 no example.net"), ran[0]
        wait("told", lambda: receiver.accepted(type="failover.finished"))

        canisters(b, "ok online", "ok online")
        wait("redundant again", lambda: b.verdict("san1") == "redundant", 60)
        wait("resolved", lambda: receiver.accepted(type="finding.resolved"))
        ids = [g["headers"].get("webhook-id") or g["headers"].get("Webhook-Id") for g in receiver.got]
        assert all(ids) and len(set(ids)) == len(ids), "message ids are not unique"
    finally:
        b.cleanup()
        receiver.stop()


def test_a_script_that_lies_or_dies_is_a_finding():
    receiver = Receiver()
    b = started(receiver)
    try:
        wait("redundant", lambda: b.verdict("san1") == "redundant")
        canisters(b, "ok online", "splendid splendid")
        wait("unknown word", lambda: [f for f in b.findings(array="san1") if f["severity"] != "info"])
        wait("nobody calls it redundant", lambda: b.verdict("san1") == "at_risk")
        canisters(b, "ok online", "ok online")
        wait("redundant again", lambda: b.verdict("san1") == "redundant", 60)
        b.write("status", "#!/bin/sh\nexit 3\n")
        wait("source fails", lambda: [f for f in b.findings() if f["rule"].startswith("source.")])
        wait("no longer redundant", lambda: b.verdict("san1") in ("blind", "at_risk"), 60)
    finally:
        b.cleanup()
        receiver.stop()


def test_an_answer_that_is_not_whole_says_nothing_is_well():
    receiver = Receiver()
    b = started(receiver)
    broken = {"a failure": FINE + "exit 3\n", "a hang": FINE + "exec sleep 1000\n",
              "two words for one": FINE.replace('"end":true,"count":2', '"kind":"canister","id":"A","state":"degraded"}\'\n'
                                                "echo '{\"end\":true,\"count\":3")}
    try:
        for what, script in broken.items():
            b.write("status", FINE)
            wait("redundant before " + what, lambda: b.verdict("san1") == "redundant", 60)
            b.write("status", script)
            wait("the source fails: " + what, lambda: [f for f in b.findings() if f["rule"] == "source.failing"])
            wait("nobody calls it redundant: " + what, lambda: b.verdict("san1") in ("blind", "at_risk"), 60)
        b.write("status", FINE.replace('"B","state":"ok"', '"B","state":"failed"') + "exit 3\n")
        wait("a loss is heard all the same", lambda: [f for f in b.findings(array="san1") if f["rule"] == "canister.failed"])
    finally:
        b.cleanup()
        receiver.stop()


main(test_from_fine_to_lost_to_moved, test_a_script_that_lies_or_dies_is_a_finding,
     test_an_answer_that_is_not_whole_says_nothing_is_well)
