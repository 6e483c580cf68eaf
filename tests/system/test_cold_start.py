#!/usr/bin/env python3
"""Everything is killed at once, as by a power cut, and started again from what the disk has."""
import os

from harness import Ballast, Receiver, free_port, main, wait

SCRIPT = """#!/bin/sh
while read -r id state; do
	printf '{"kind":"canister","id":"%s","state":"%s"}\\n' "$id" "$state"
done <@DIR@/canisters
echo '{"end":true,"count":2}'
"""
CONFIG = """
version: 1
state_directory: @DIR@/state
arrays:
  - name: san1
    serial: 78N16G4
    expect: {canisters: 2}
    clear: {canister: 1s, path: 1s}
    sources:
      - {type: exec, command: [@DIR@/status], interval: 1s, timeout: 3s}
sinks:
  - {name: oncall, type: webhook, url: "http://127.0.0.1:@PORT@/hook", secret_file: @DIR@/key, min_severity: info}
"""


def canisters(b, a, other):
    b.write("canisters", "A %s\nB %s\n" % (a, other), 0o644)


def start(port):
    b = Ballast(CONFIG.replace("@PORT@", str(port)), name="cold")
    b.write("key", "whsec_" + "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw" + "\n", 0o600)
    b.write("status", SCRIPT.replace("@DIR@", b.dir))
    canisters(b, "ok", "ok")
    return b.start()


def power_cut(b):
    """The supervisor cannot pass on what it has not been told; its children die with it."""
    b.process.kill()
    b.process.wait()
    wait("all are gone", lambda: not b.roles() or list(b.roles()) == [])


def spooled(b):
    try:
        with open(os.path.join(b.state, "marks.json")) as f:
            return f.read()
    except FileNotFoundError:
        return ""


def test_what_was_not_delivered_is_sent_after_a_cold_start():
    port = free_port()
    b = start(port)
    receiver = None
    try:
        wait("redundant", lambda: b.verdict("san1") == "redundant")
        canisters(b, "ok", "service")
        wait("not redundant", lambda: b.verdict("san1") == "not_redundant")
        finding = wait("a finding", lambda: b.findings(severity="critical"))[0]
        b.ctl("ack", finding["id"], "--why", "case 4711", check=0)
        b.ctl("maintenance", "start", "san1/canister/B", "--for", "2h", "--why", "exchange", check=0)
        wait("the spool", lambda: "case 4711" in spooled(b) and "exchange" in spooled(b) and '"oncall"' in spooled(b))
        power_cut(b)
        receiver = Receiver(port)
        b.start()
        sent = wait("the alert", lambda: receiver.accepted(type="finding.firing", severity="critical"))[0]
        assert sent["data"]["component"] == "san1/canister/B", sent
        first = sent["data"]["id"]
        # once more, now that it is accepted: it must not come again under another id
        wait("it is off the spool", lambda: first.split("_")[-1] not in spooled(b))
        again = [f for f in b.findings(severity="critical") if f["component"] == finding["component"]]
        assert again and again[0]["acknowledged"], "the acknowledgement is lost: %r" % again
        assert again[0]["id"] == finding["id"], "the finding has another number: %r" % again
        wait("maintenance goes on", lambda: [l for l in b.get("/metrics").splitlines()
                                             if l.startswith("ballast_maintenance_active{") and l.endswith(" 1")])
    finally:
        b.cleanup()
        if receiver:
            receiver.stop()


def test_marks_that_are_damaged_are_kept_aside_and_told():
    b = start(free_port())
    try:
        wait("redundant", lambda: b.verdict("san1") == "redundant")
        wait("marks", lambda: spooled(b))
        power_cut(b)
        with open(os.path.join(b.state, "marks.json"), "r+") as f:
            f.truncate(100)
        b.start()
        wait("redundant again", lambda: b.verdict("san1") == "redundant")
        assert "marks" in b.tail(), b.tail()
        assert [f for f in os.listdir(b.state) if f.startswith("marks.json.") and f != "marks.json.new"], os.listdir(b.state)
    finally:
        b.cleanup()


def test_marks_that_are_no_file_do_not_stop_the_start():
    b = start(free_port())
    try:
        wait("marks", lambda: spooled(b))
        power_cut(b)
        os.unlink(os.path.join(b.state, "marks.json"))
        os.mkfifo(os.path.join(b.state, "marks.json"))
        b.start()
        wait("redundant again", lambda: b.verdict("san1") == "redundant")
        assert "not a regular file" in b.tail(), b.tail()
    finally:
        b.cleanup()


if __name__ == "__main__":
    main(test_what_was_not_delivered_is_sent_after_a_cold_start, test_marks_that_are_damaged_are_kept_aside_and_told,
         test_marks_that_are_no_file_do_not_stop_the_start)
