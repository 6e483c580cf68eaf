#!/usr/bin/env python3
"""The configuration is changed while scripts are at work: what they say stays what they were asked about."""
import signal
import time

from harness import Ballast, main, wait

STATUS = """#!/bin/sh
sleep 1
echo '{"kind":"canister","id":"A","state":"@STATE@"}'
echo '{"kind":"canister","id":"B","state":"@STATE@"}'
echo '{"end":true,"count":2}'
"""
ARRAY = """  - name: @NAME@
    expect: {canisters: 2}
    clear: {canister: 1s, path: 1s}
    sources:
      - {type: exec, command: [@DIR@/@NAME@], interval: 1s, timeout: 20s}
"""


def config(*names):
    return "version: 1\narrays:\n" + "".join(ARRAY.replace("@NAME@", n) for n in names)


def test_other_order_of_arrays():
    b = Ballast(config("good", "bad"), name="reload")
    try:
        for name, state in (("good", "ok"), ("bad", "failed"), ("third", "ok")):
            b.write(name, STATUS.replace("@STATE@", state))
        b.start()
        wait("both are known", lambda: b.verdict("good") == "redundant" and b.verdict("bad") == "access_lost")
        for names in (("bad", "good"), ("third", "good", "bad"), ("good", "bad"), ("bad", "good")):
            b.write("ballast.yaml", config(*names).replace("@DIR@", b.dir), 0o600)
            b.process.send_signal(signal.SIGHUP)
            # a look takes a second: everything that was under way comes in meanwhile
            end = time.monotonic() + 3
            while time.monotonic() < end:
                s = b.status()
                seen = {a["name"]: a["verdict"] for a in s["arrays"]} if s else {}
                assert seen.get("good", "redundant") == "redundant", "the good one has the bad one's answer: %s" % seen
                assert seen.get("bad", "access_lost") == "access_lost", "the bad one has the good one's answer: %s" % seen
                time.sleep(0.05)
        assert not b.findings(rule="source.stuck") and not b.findings(rule="source.failing"), b.findings()
    finally:
        b.cleanup()


main(test_other_order_of_arrays)
